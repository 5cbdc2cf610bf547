//! `careloop devices waiting`

use std::path::Path;

use super::{Failure, open, print_json};
use crate::config::Config;
use crate::device::identify::show;
use crate::device::waiting::{Seen, Waiting, waiting};
use crate::domain::Time;
use crate::store::Reader;
use crate::store::strange::Stranger;

/// How much of a payload is printed, in characters.
const SHOWN_MAX: usize = 200;

pub(super) fn run(folder: &Path, json: bool) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let all = list(&config, &reader)?;
    if json {
        return print_json(&all);
    }
    if all.is_empty() {
        line!("no device waits: everything that speaks is in the register");
    }
    for waiting in &all {
        print(waiting);
        if waiting.guesses.iter().all(|guess| guess.is_generic) {
            line!("    no profile knows its model: begin one, then adopt it");
            line!("    {}", draft(&waiting.key));
        }
        line!("    {}", waiting.adopt);
    }
    Ok(())
}

/// The command that begins the profile of a device that waits.
pub(super) fn draft(key: &str) -> String {
    format!("careloop devices draft --of {key} --out devices/VENDOR/MODEL.toml")
}

/// All that wait, as the store stands.
pub(super) fn list(config: &Config, reader: &Reader) -> Result<Vec<Waiting>, Failure> {
    let strangers = reader.strangers()?;
    let seen: Vec<Seen> = strangers.iter().filter_map(Stranger::seen).collect();
    Ok(waiting(&seen, &reader.announced()?, &config.homes, &config.profiles))
}

/// The one that a key means.
pub(super) fn one(config: &Config, reader: &Reader, key: &str) -> Result<Waiting, Failure> {
    let found = list(config, reader)?.into_iter().find(|waiting| waiting.key == key);
    found.ok_or_else(|| {
        Failure::Wrong(format!("nothing waits as `{key}`: see `careloop devices waiting`"))
    })
}

pub(super) fn print(waiting: &Waiting) {
    let Waiting { key, name, vendor, model, count, last_at, .. } = waiting;
    let what = [vendor.as_str(), model].into_iter().filter(|w| !w.is_empty());
    let what = what.collect::<Vec<_>>().join(" ");
    let what = if what.is_empty() { "of a model that nobody names".to_owned() } else { what };
    // A capture does not say when.
    let last = if *last_at == Time(0) { String::new() } else { format!(", last {last_at}") };
    let messages = if *count == 1 { "message" } else { "messages" };
    line!("{key}  {name}, {what}: {count} {messages}{last}");
    for topic in &waiting.topics {
        line!("    at {topic}");
    }
    for heard in waiting.heard.iter().take(3) {
        let payload: String = show(&heard.payload).chars().take(SHOWN_MAX).collect();
        line!("    said {}", payload.replace(char::is_control, " "));
    }
    // Where its model is known, that it may be any says nothing.
    let is_known = waiting.profile().is_some();
    for guess in waiting.guesses.iter().filter(|guess| !is_known || !guess.is_generic) {
        line!("    perhaps {}: {}", guess.profile, guess.why.join("; "));
    }
    for remark in &waiting.remarks {
        line!("    note: {remark}");
    }
}
