//! `careloop devices strange`

use std::path::Path;

use super::{Failure, open, print_json};

pub(super) fn run(folder: &Path, json: bool) -> Result<(), Failure> {
    let (_, reader) = open(folder)?;
    let strangers = reader.strangers()?;
    if json {
        return print_json(&strangers);
    }
    if strangers.is_empty() {
        line!("every message so far was understood");
    }
    for stranger in strangers {
        let device = stranger.device.unwrap_or_else(|| "nobody known".to_owned());
        line!("{} × {} from {device}, last {}", stranger.count, stranger.origin, stranger.last_at);
        for sample in stranger.samples {
            line!("    {}", sample.payload.replace('\n', " "));
            for why in sample.why {
                line!("      {why}");
            }
        }
    }
    Ok(())
}
