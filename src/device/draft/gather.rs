//! What a device tells that is ours, and what a person has to decide.

use std::fmt;

use serde_json::Value;

use super::place::UNKNOWN;
use crate::device::discovery::{Announced, Exposed, clean, step, words};
use crate::device::identify::Heard;
use crate::domain::Property;
use crate::domain::observation::Kind;

/// How many places of messages are looked at, and how deep.
const LEAVES_MAX: usize = 256;
const DEPTH_MAX: usize = 6;
/// Words for true and their opposites.
const PAIRS: &[(&[&str], &[&str])] = &[
    (&["on"], &["off"]),
    (&["true"], &["false"]),
    (&["yes"], &["no"]),
    (&["open", "opened"], &["closed"]),
    (&["detected"], &["clear", "not_detected"]),
    (&["active"], &["inactive"]),
    (&["occupied"], &["unoccupied", "vacant"]),
    (&["online"], &["offline"]),
    (&["wet"], &["dry"]),
    (&["alarm"], &["normal"]),
    (&["1"], &["0"]),
];
/// What a key that has these letters was taken for, and what it may be instead.
const DOUBTFUL: &[(Property, &str, &str)] = &[
    (Property::Presence, "occup", "`in_bed`, or `motion` where it only sees movement"),
    (Property::Motion, "occup", "`in_bed`, or `presence` where it sees who keeps still"),
    (Property::HeartRate, "beat", "the device's own sign of life"),
];

/// One report of the draft.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) label: String,
    pub(super) topic: String,
    pub(super) pointer: String,
    pub(super) property: Property,
    pub(super) values: Vec<(String, bool)>,
    pub(super) is_open: bool,
    pub(super) invert: bool,
    pub(super) is_text: bool,
    /// What a person should check.
    pub(super) note: Option<String>,
    /// Keys of the report and their numbers.
    pub(super) scale: &'static [(&'static str, &'static str)],
}

/// What a person has to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubt {
    pub(super) label: String,
    pub(super) at: String,
    pub(super) why: String,
}

impl Doubt {
    pub(super) fn of(item: &Item, why: &str) -> Self {
        Self { label: item.label.clone(), at: item.pointer.clone(), why: clean(why) }
    }

    fn new(label: &str, at: &str, why: &str) -> Self {
        Self { label: clean(label), at: clean(at), why: clean(why) }
    }
}

impl Item {
    /// What is read and where, in a few words.
    pub(super) fn told(&self) -> String {
        let place = if self.pointer.is_empty() { &self.topic } else { &self.pointer };
        let note = self.note.as_ref().map_or(String::new(), |note| format!("; {note}"));
        format!("{} at {place}{note}", self.property).replace(char::is_control, "")
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, at, why } = self;
        let at = if at.is_empty() { String::new() } else { format!(" at {at}") };
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        f.write_str(&format!("{label}{at}{why}").replace(char::is_control, ""))
    }
}

#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) items: Vec<Item>,
    pub(super) doubts: Vec<Doubt>,
}

/// Announced things first; then what else stands in messages, by the names of the keys.
pub(super) fn gather(announced: Option<&Announced>, heard: &[Heard]) -> Gathered {
    let mut all = Gathered::default();
    let leaves = leaves(heard);
    for exposed in announced.iter().flat_map(|a| &a.exposes) {
        match told(exposed, announced, &leaves) {
            Ok(Some(item)) => all.add(item),
            Ok(None) => all.doubts.push(Doubt::new(&exposed.label, &exposed.pointer, "")),
            Err(why) => all.doubts.push(Doubt::new(&exposed.label, &exposed.pointer, &why)),
        }
    }
    for leaf in &leaves {
        let is_known = announced
            .iter()
            .flat_map(|a| &a.exposes)
            .any(|e| e.pointer == leaf.pointer && (e.topic == leaf.topic || e.topic.is_empty()));
        if is_known {
            continue;
        }
        match guessed(leaf) {
            Ok(items) => items.into_iter().for_each(|item| all.add(item)),
            Err(why) => {
                let doubt = Doubt::new(&leaf.key, &leaf.pointer, &why);
                if !all.doubts.contains(&doubt) {
                    all.doubts.push(doubt);
                }
            }
        }
    }
    all
}

impl Gathered {
    fn add(&mut self, item: Item) {
        let same = |other: &&Item| other.property == item.property;
        if let Some(first) = self.items.iter().find(same) {
            if first != &item {
                let why = format!("`{}` is told at `{}` already", item.property, first.pointer);
                self.doubts.push(Doubt::of(&item, &why));
            }
            return;
        }
        self.items.push(item);
    }
}

/// What is exposed, as a report; nothing, if it is none of our properties.
fn told(
    exposed: &Exposed,
    announced: Option<&Announced>,
    leaves: &[Leaf],
) -> Result<Option<Item>, String> {
    if let Some(why) = &exposed.doubt {
        return Err(why.clone());
    }
    let Some(property) = exposed.property else { return Ok(None) };
    let main = || announced.and_then(|a| a.topics.first()).cloned().unwrap_or_default();
    let topic = if exposed.topic.is_empty() { main() } else { exposed.topic.clone() };
    let seen = leaves.iter().find(|l| l.topic == topic && l.pointer == exposed.pointer);
    let is_text = seen
        .is_some_and(|leaf| matches!(&leaf.value, Value::String(t) if t.parse::<f64>().is_ok()));
    let is_number = matches!(property.kind(), Kind::Number { .. });
    let scale = words::scale(property, &exposed.unit)?;
    let note = format!("announced in {}: hold it against another instrument", exposed.unit);
    Ok(Some(Item {
        label: exposed.label.clone(),
        note: (!scale.is_empty()).then_some(note),
        topic,
        pointer: exposed.pointer.clone(),
        property,
        values: if is_number { Vec::new() } else { exposed.values.clone() },
        is_open: exposed.is_open && !is_number,
        invert: exposed.invert && !is_number && exposed.values.is_empty(),
        is_text: is_number && is_text,
        scale,
    }))
}

/// One value of a message.
#[derive(Debug)]
struct Leaf {
    topic: String,
    pointer: String,
    key: String,
    value: Value,
}

fn leaves(heard: &[Heard]) -> Vec<Leaf> {
    let mut all: Vec<Leaf> = Vec::new();
    for heard in heard.iter().filter(|h| h.payload.len() <= super::EXAMPLE_MAX) {
        let Ok(text) = std::str::from_utf8(&heard.payload) else { continue };
        let topic = heard.topic.clone().unwrap_or_else(|| UNKNOWN.to_owned());
        if text.is_empty() {
            continue;
        }
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        let key = topic.rsplit('/').next().unwrap_or_default().to_owned();
        // `…/sensor/bed/state`: the name stands before the last level.
        let key = match key.as_str() {
            "state" | "value" => topic.rsplit('/').nth(1).unwrap_or_default().to_owned(),
            _ => key,
        };
        walk(&topic, String::new(), &key, &value, 0, &mut all);
    }
    all
}

fn walk(topic: &str, at: String, key: &str, value: &Value, depth: usize, all: &mut Vec<Leaf>) {
    if DEPTH_MAX < depth || LEAVES_MAX <= all.len() {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                walk(topic, format!("{at}{}", step(key)), key, value, depth + 1, all);
            }
        }
        Value::Null | Value::Array(_) => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            if !all.iter().any(|l| l.topic == topic && l.pointer == at) {
                let (topic, key) = (topic.to_owned(), key.to_owned());
                all.push(Leaf { topic, pointer: at, key, value: value.clone() });
            }
        }
    }
}

/// What the name of a key and its value together may be.
fn guessed(leaf: &Leaf) -> Result<Vec<Item>, String> {
    let plain = |property| Item {
        label: clean(&leaf.key),
        topic: leaf.topic.clone(),
        pointer: leaf.pointer.clone(),
        property,
        values: Vec::new(),
        is_open: false,
        invert: false,
        is_text: false,
        note: None,
        scale: &[],
    };
    if let Value::String(word) = &leaf.value {
        let meant = words::of_words(&leaf.key, [word.as_str()].into_iter());
        if !meant.is_empty() {
            let item = |(property, values)| Item {
                values,
                is_open: property != Property::Fall,
                ..plain(property)
            };
            return Ok(meant.into_iter().map(item).collect());
        }
    }
    let Some(word) = words::of_key(&leaf.key) else { return Err(shown(&leaf.value)) };
    let item = Item { note: doubtful(word.property, &leaf.key), ..plain(word.property) };
    let is_number = matches!(word.property.kind(), Kind::Number { .. });
    let item = match &leaf.value {
        Value::Bool(_) if !is_number => Item { invert: word.invert, ..item },
        Value::Number(_) if is_number => item,
        Value::Number(n) if matches!(n.as_u64(), Some(0 | 1)) && !word.invert => {
            Item { values: vec![("1".to_owned(), true), ("0".to_owned(), false)], ..item }
        }
        Value::String(text) if is_number && text.parse::<f64>().is_ok_and(f64::is_finite) => {
            Item { is_text: true, ..item }
        }
        Value::String(text) if !is_number && !word.invert => match pair(text) {
            Some(values) => Item { values, ..item },
            None => return Err(format!("perhaps `{}`: {}", word.property, shown(&leaf.value))),
        },
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {
            return Err(format!("perhaps `{}`: {}", word.property, shown(&leaf.value)));
        }
    };
    Ok(vec![item])
}

/// What else a key of this name may mean, where a wrong guess would be believed.
fn doubtful(property: Property, key: &str) -> Option<String> {
    let bare = key.to_lowercase();
    let is = |(own, part, _): &&(Property, &str, &str)| *own == property && bare.contains(part);
    let (_, _, other) = DOUBTFUL.iter().find(is)?;
    Some(format!("guessed: `{}` may also be {other}", clean(key)))
}

/// A word for true or false and those that go with it, in the same letters.
fn pair(word: &str) -> Option<Vec<(String, bool)>> {
    let lower = word.to_lowercase();
    let is = |all: &[&str]| all.contains(&lower.as_str());
    let (on, off) = PAIRS.iter().find(|(on, off)| is(on) || is(off))?;
    let is_upper = word.chars().any(char::is_alphabetic) && word == word.to_uppercase();
    let is_title = word.chars().next().is_some_and(char::is_uppercase) && !is_upper;
    let form = |w: &str| {
        if is_upper {
            return w.to_uppercase();
        }
        let mut letters = w.chars();
        let first = letters.next().filter(|_| is_title);
        let first = first.map(|c| c.to_uppercase().to_string() + letters.as_str());
        first.unwrap_or_else(|| w.to_owned())
    };
    let (on, off) = (on.iter().map(|w| (form(w), true)), off.iter().map(|w| (form(w), false)));
    Some(on.chain(off).collect())
}

fn shown(value: &Value) -> String {
    format!("here {}", clean(&value.to_string()))
}
