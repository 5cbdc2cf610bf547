//! A device on another base: its topics as they would be, had its bridge the profile's own.

use std::collections::BTreeSet;

use super::Heard;
use crate::device::discovery::Announced;
use crate::device::profile::base::moved;

/// What is known of a device, on one base.
#[derive(Debug)]
pub(super) struct Elsewhere {
    pub(super) base: Base,
    pub(super) announced: Option<Announced>,
    pub(super) heard: Vec<Heard>,
}

/// With what the topics of a device may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::device) struct Base {
    pub(in crate::device) name: String,
    /// A bridge said so; else it is only the first level.
    pub(super) is_told: bool,
}

/// The bases that a device may speak on, what is told before what is guessed.
pub(in crate::device) fn bases(announced: Option<&Announced>, heard: &[Heard]) -> Vec<Base> {
    let mut all: Vec<Base> = Vec::new();
    let mut add = |name: &str, is_told| {
        let is_new = all.iter().all(|base| base.name != name);
        if is_new && !name.is_empty() && !name.contains('+') && !name.starts_with('$') {
            all.push(Base { name: name.to_owned(), is_told });
        }
    };
    let topics = || announced.iter().flat_map(|a| &a.topics);
    for address in announced.iter().filter_map(|a| a.address.as_ref()) {
        let above = topics().filter_map(|t| t.strip_suffix(address.as_str())?.strip_suffix('/'));
        above.for_each(|base| add(base, true));
    }
    let heard = heard.iter().filter_map(|heard| heard.topic.as_ref());
    let firsts: BTreeSet<&str> =
        topics().chain(heard).filter_map(|t| Some(t.split_once('/')?.0)).collect();
    firsts.into_iter().for_each(|first| add(first, false));
    all
}

impl Elsewhere {
    /// As if what begins with `base` began with `own`.
    pub(super) fn new(
        base: &Base,
        own: &str,
        announced: Option<&Announced>,
        heard: &[Heard],
    ) -> Self {
        let here = |topic: &String| moved(topic, &base.name, own).unwrap_or_else(|| topic.clone());
        let announced = announced.map(|told| {
            let topics = told.topics.iter().map(here).collect();
            Announced { topics, ..told.clone() }
        });
        let heard = heard.iter().map(|heard| Heard {
            topic: heard.topic.as_ref().map(here),
            payload: heard.payload.clone(),
        });
        Self { base: base.clone(), announced, heard: heard.collect() }
    }
}
