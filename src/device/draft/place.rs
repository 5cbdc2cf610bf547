//! Which part of its topics is the device's address.

use std::collections::BTreeMap;

use super::gather::Item;
use crate::device::discovery::Announced;
use crate::device::identify::Heard;
use crate::device::profile::topic::DEVICE;
use crate::domain::Property;

/// Where a message is put whose topic nobody told.
pub(super) const UNKNOWN: &str = "its-topic/device";

/// Levels that say what kind of message it is, not whose.
const KINDS: &[&str] = &[
    "tele",
    "stat",
    "state",
    "sensor",
    "sensors",
    "status",
    "events",
    "event",
    "rpc",
    "data",
    "up",
    "lwt",
    "availability",
    "online",
    "value",
    "json",
    "telemetry",
    "attributes",
    "home",
    "device",
    "devices",
    "action",
    "binary_sensor",
    "$state",
    "result",
    "info",
];

/// The address, and how it stands in the topics.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) address: Option<String>,
}

impl Place {
    /// As announced, or the level that looks most like one.
    pub(super) fn find(announced: Option<&Announced>, items: &[Item], heard: &[Heard]) -> Self {
        let topics: Vec<&str> = items
            .iter()
            .map(|item| item.topic.as_str())
            .chain(heard.iter().filter_map(|h| h.topic.as_deref()))
            .filter(|topic| !topic.contains(['+', '#']) && *topic != UNKNOWN)
            .collect();
        let holds = |address: &&String| topics.iter().any(|topic| split(topic, address).is_some());
        if let Some(address) = announced.and_then(|a| a.address.as_ref()).filter(holds) {
            return Self { address: Some(address.clone()) };
        }
        let mut points: BTreeMap<&str, usize> = BTreeMap::new();
        for topic in &topics {
            let levels: Vec<&str> = topic.split('/').collect();
            for (n, level) in levels.iter().enumerate().filter(|(_, level)| !level.is_empty()) {
                *points.entry(level).or_default() += score(level, n, levels.len(), announced);
            }
        }
        let best = points.iter().max_by_key(|(level, points)| (**points, level.len()));
        Self { address: best.map(|(level, _)| (*level).to_owned()) }
    }

    /// The topic with `{device}` for the address. `None`: it does not hold it.
    pub(super) fn pattern(&self, topic: &str) -> Option<String> {
        if topic == UNKNOWN {
            return Some(format!("its-topic/{DEVICE}"));
        }
        let (before, after) = split(topic, self.address.as_ref()?)?;
        let is_plain = |part: &str| !part.contains(['+', '#', '\0', '{', '}']);
        (is_plain(before) && is_plain(after)).then(|| format!("{before}{DEVICE}{after}"))
    }

    /// The pattern of the topic by which most reports come.
    pub(super) fn main(&self, items: &[Item]) -> String {
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for item in items {
            // By a last will alone a model does not speak.
            *count.entry(&item.topic).or_default() +=
                usize::from(item.property != Property::Online);
        }
        let most = count.iter().max_by_key(|(topic, n)| (**n, std::cmp::Reverse(topic.len())));
        let pattern = most.and_then(|(topic, _)| self.pattern(topic));
        pattern.unwrap_or_else(|| format!("its-topic/{DEVICE}"))
    }
}

/// What stands before and after the address, which is whole levels.
fn split<'t>(topic: &'t str, address: &str) -> Option<(&'t str, &'t str)> {
    if address.is_empty() {
        return None;
    }
    topic.match_indices(address).find_map(|(at, _)| {
        let (before, after) = (topic.get(..at)?, topic.get(at + address.len()..)?);
        let starts = before.is_empty() || before.ends_with('/');
        let ends = after.is_empty() || after.starts_with('/');
        (starts && ends).then_some((before, after))
    })
}

fn score(level: &str, n: usize, length: usize, announced: Option<&Announced>) -> usize {
    if KINDS.contains(&level.to_lowercase().as_str()) {
        return 0;
    }
    let is_told = announced.is_some_and(|a| a.name == level || a.key.ends_with(level));
    let has_digit = level.chars().any(|c| c.is_ascii_digit());
    let hex = level.len() >= 6 && level.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
    let is_first = n == 0 && length > 1;
    usize::from(is_told) * 40
        + usize::from(has_digit) * 10
        + usize::from(hex) * 10
        + usize::from(!is_first) * 5
        + 1
}
