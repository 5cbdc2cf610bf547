//! The beginning of a profile for a model that nobody has written a file for: from what is announced
//! of it, else guessed by the names of its keys. **A draft is a sound profile**, proven by its own
//! examples; what it does not understand stands in it as a comment.

mod gather;
mod place;
mod sample;
mod write;

use std::collections::BTreeSet;

use serde::Serialize;

use super::decode::Reading;
use super::discovery::{Announced, Dialect};
use super::identify::Heard;
use super::profile::Profile;

use gather::{Doubt, Item};
use place::Place;
use write::Shown;

/// How many messages become examples.
const EXAMPLES_MAX: usize = 8;
/// The longest message that becomes an example, in bytes.
const EXAMPLE_MAX: usize = 16 * 1024;

/// A drafted profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Where it belongs: below `devices/`, without `.toml`.
    pub name: String,
    /// The file.
    pub text: String,
    /// What stands for `{device}` in the register, if it is known.
    pub address: Option<String>,
    /// What it reads and where: `in_bed at /bed`.
    pub reads: Vec<String>,
    /// What of the messages it does not read, and why or what stands there.
    pub unread: Vec<String>,
}

/// Drafts a profile.
///
/// # Errors
/// Nothing in it is one of our properties: a sentence.
pub fn draft(announced: Option<&Announced>, heard: &[Heard]) -> Result<Draft, String> {
    let gathered = gather::gather(announced, heard);
    let mut doubts = gathered.doubts;
    let place = Place::find(announced, &gathered.items, heard);
    let head = Head::new(announced, heard, place.address.as_deref());
    let mut items = Vec::new();
    for item in gathered.items {
        match place.pattern(&item.topic) {
            Some(_) => items.push(item),
            None => {
                let why = format!("`{}` does not hold the device's address", item.topic);
                doubts.push(Doubt::of(&item, &why));
            }
        }
    }
    let (topic, sheet) = (place.main(&items), &head);
    let sheet = write::Sheet { head: sheet, place: &place, topic: &topic };
    let items = sound(&sheet, items, &mut doubts);
    if items.is_empty() {
        return Err(nothing(&doubts));
    }
    let (items, shown) = prove(&sheet, items, heard, &mut doubts)?;
    if items.is_empty() {
        return Err(nothing(&doubts));
    }
    let text = sheet.write(&items, &shown, &doubts);
    Profile::parse(&head.file, &text, None).map_err(|wrong| {
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        format!("no sound draft could be made: {}", wrong.join("; "))
    })?;
    let reads = items.iter().map(Item::told).collect();
    let unread = doubts.iter().map(ToString::to_string).collect();
    Ok(Draft { name: head.file, text, address: place.address, reads, unread })
}

fn nothing(doubts: &[Doubt]) -> String {
    let mut names: Vec<&str> = doubts.iter().map(|doubt| doubt.label.as_str()).collect();
    names.dedup();
    names.truncate(12);
    let told =
        if names.is_empty() { "nothing".to_owned() } else { format!("`{}`", names.join("`, `")) };
    format!("it tells none of our properties for certain, but {told}: write its profile by hand")
}

/// Those that a profile can have, each by itself if not all together.
fn sound(sheet: &write::Sheet<'_>, items: Vec<Item>, doubts: &mut Vec<Doubt>) -> Vec<Item> {
    let is_sound =
        |items: &[Item]| Profile::unproven("draft", &sheet.write(items, &[], &[])).is_ok();
    if items.is_empty() || is_sound(&items) {
        return items;
    }
    let mut kept: Vec<Item> = Vec::new();
    for item in items {
        kept.push(item);
        if !is_sound(&kept)
            && let Some(item) = kept.pop()
        {
            doubts.push(Doubt::of(&item, "a profile cannot have it so"));
        }
    }
    kept
}

/// Gives every report an example: first what was heard, then what is made up. A report that no
/// message shows is taken out.
fn prove(
    sheet: &write::Sheet<'_>,
    items: Vec<Item>,
    heard: &[Heard],
    doubts: &mut Vec<Doubt>,
) -> Result<(Vec<Item>, Vec<Shown>), String> {
    let broken = |_| "no sound draft could be made".to_owned();
    let profile = Profile::unproven("draft", &sheet.write(&items, &[], &[])).map_err(broken)?;
    let (mut shown, mut spoken) = (Vec::<Shown>::new(), BTreeSet::new());
    let mut show =
        |topic: &str, payload: &str, from: &'static str, spoken: &mut BTreeSet<usize>| {
            let Some(tried) = profile.hear(topic, payload.as_bytes()) else { return false };
            let Reading { observations, reports, problems } = tried.reading;
            let is_new = reports.iter().any(|n| !spoken.contains(n));
            let is_heard = from == write::CAPTURED;
            if !is_new && !is_heard || shown.iter().any(|s| s.is(topic, payload)) {
                return false;
            }
            spoken.extend(reports);
            let means = observations.iter().map(ToString::to_string).collect();
            let problems = problems.iter().map(ToString::to_string).collect();
            let (topic, payload) = (topic.to_owned(), payload.to_owned());
            shown.push(Shown { topic, payload, from, means, problems });
            true
        };
    let mut left = EXAMPLES_MAX;
    for heard in heard.iter().filter(|h| h.payload.len() <= EXAMPLE_MAX && !h.payload.is_empty()) {
        let Ok(payload) = std::str::from_utf8(&heard.payload) else { continue };
        let topic = heard.topic.as_deref().unwrap_or(place::UNKNOWN);
        if 0 < left
            && sheet.place.pattern(topic).is_some()
            && show(topic, payload, write::CAPTURED, &mut spoken)
        {
            left -= 1;
        }
    }
    for (topic, payload) in sample::together(&items) {
        show(&topic, &payload, write::MADE, &mut spoken);
    }
    for (n, item) in items.iter().enumerate() {
        if !spoken.contains(&n) {
            show(&item.topic, &sample::alone(item), write::MADE, &mut spoken);
        }
    }
    let (mut kept, mut lost) = (Vec::new(), false);
    for (n, item) in items.into_iter().enumerate() {
        if spoken.contains(&n) {
            kept.push(item);
        } else {
            lost = true;
            doubts.push(Doubt::of(&item, "no message could be made up that shows it"));
        }
    }
    if lost && !kept.is_empty() {
        // Without them the same messages may read otherwise.
        return prove(sheet, kept, heard, doubts);
    }
    Ok((kept, shown))
}

/// What stands above the reports.
#[derive(Debug)]
struct Head {
    file: String,
    vendor: String,
    model: String,
    about: String,
    source: String,
    models: Vec<String>,
}

impl Head {
    fn new(announced: Option<&Announced>, heard: &[Heard], address: Option<&str>) -> Self {
        let topic = heard.iter().find_map(|h| h.topic.as_deref()).unwrap_or("a payload");
        let Some(told) = announced else {
            let source = format!("draft from messages of {}", super::discovery::clean(topic));
            let model = "unknown".to_owned();
            let file = format!("draft/{}", part(address.unwrap_or("unknown")));
            let about = "Drafted from its messages; say here what it is".to_owned();
            return Self {
                file,
                vendor: "unknown".to_owned(),
                model,
                about,
                source,
                models: Vec::new(),
            };
        };
        let or = |text: &str, other: &str| if text.is_empty() { other } else { text }.to_owned();
        let vendor = or(&told.vendor, "unknown");
        let model = or(told.model(), &or(&told.name, "unknown"));
        let file = match told.dialect {
            Dialect::Zigbee2mqtt => {
                format!("zigbee2mqtt/{}-{}", part(&vendor).to_lowercase(), part(&model))
            }
            Dialect::Tasmota => format!("tasmota/{}", part(&model)),
            Dialect::Homie => format!("homie/{}", part(&model)),
            Dialect::HomeAssistant | Dialect::Shelly => {
                format!("{}/{}", part(&vendor).to_lowercase(), part(&model))
            }
        };
        let usual = format!("Drafted from what {} announces; say here what it is", told.dialect);
        let about = or(&told.about, &usual);
        let source = format!("draft from what {} announces of `{}`", told.dialect, told.name);
        Self { file, vendor, model, about, source, models: told.models.clone() }
    }
}

/// A word that can be the name of a file.
fn part(text: &str) -> String {
    let plain = |c: char| {
        let is = c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
        if is { c } else { '-' }
    };
    let all: String = text.chars().map(plain).take(60).collect();
    let bare = all.trim_matches(['-', '.']);
    if bare.is_empty() { "unknown".to_owned() } else { bare.to_owned() }
}
