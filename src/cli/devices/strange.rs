//! `careloop devices strange`

use std::collections::BTreeSet;
use std::path::Path;

use crate::store::misread::Misreading;
use crate::store::strange::Stranger;

use super::{Failure, open, print_json};

pub(super) fn run(folder: &Path, json: bool) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
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
    // A device that waits with its model known is shown where it can be adopted.
    let waiting = super::waiting::list(&config, &reader)?;
    let known = waiting.iter().filter(|w| !w.announced.is_empty() || w.profile().is_some());
    let topics: BTreeSet<&String> = known.flat_map(|waiting| &waiting.topics).collect();
    let waits =
        |stranger: &Stranger| stranger.seen().is_some_and(|seen| topics.contains(&seen.topic));
    for stranger in strangers.into_iter().filter(|stranger| !waits(stranger)) {
        let device = stranger.device.unwrap_or_else(|| "nobody known".to_owned());
        line!("{} × {} from {device}, last {}", stranger.count, stranger.origin, stranger.last_at);
        for sample in stranger.samples {
            line!("    {}", sample.payload.replace('\n', " "));
            for why in sample.why {
                line!("      {why}");
            }
        }
    }
    match waiting.len() {
        0 => {}
        n => line!("{n} devices wait to be adopted, with what they say: careloop devices waiting"),
    }
    Ok(())
}
