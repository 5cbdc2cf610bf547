//! `careloop devices strange`

use std::path::Path;

use crate::store::misread::Misreading;

use super::{Failure, open, print_json};

pub(super) fn run(folder: &Path, json: bool) -> Result<(), Failure> {
    let (_, reader) = open(folder)?;
    let (strangers, misread) = (reader.strangers()?, reader.misread_everywhere()?);
    if json {
        return print_json(&serde_json::json!({ "strange": strangers, "misread": misread }));
    }
    if strangers.is_empty() && misread.is_empty() {
        line!("every message so far was understood");
    }
    for Misreading { home, device, class, count, last_at } in misread {
        line!("{count} × {class} by {home}/{device}, last {last_at}: {}", class.about());
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
