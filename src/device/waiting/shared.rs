//! Topics that many devices share: whose message is it?

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::stem::RADIO;
use crate::device::identify::Heard;
use crate::device::profile::{Profiles, topic};
use crate::device::{Profile, catalog};

/// The shared topics of all profiles, and how each tells its devices apart.
#[derive(Debug, Default)]
pub(super) struct Shared<'p> {
    /// By pattern and pointers; first those that most models go by.
    all: Vec<(By<'p>, Vec<&'p Profile>)>,
}

/// A pattern, and where the payload tells the device.
type By<'p> = (&'p str, &'p [String]);

impl<'p> Shared<'p> {
    pub(super) fn new(profiles: &'p Profiles) -> Self {
        let mut by: BTreeMap<By<'_>, Vec<&Profile>> = BTreeMap::new();
        for profile in profiles.values() {
            let Some(mqtt) = &profile.mqtt else { continue };
            let shared: BTreeSet<&str> =
                profile.patterns().filter(|p| !p.contains(topic::DEVICE)).collect();
            for pattern in shared {
                by.entry((pattern, &mqtt.identity)).or_default().push(profile);
            }
        }
        let mut all: Vec<_> = by.into_iter().collect();
        all.sort_by_key(|(_, models)| Reverse(models.len()));
        Self { all }
    }

    /// The pattern and the address of whose it is: as the model says that the payload shows, else as
    /// most models do. `None`: the topic is no shared one, or the payload tells nobody.
    pub(super) fn own(&self, topic: &str, payload: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(payload).ok()?;
        let is_shown = |models: &[&Profile]| {
            models.iter().map(|p| &p.known_by).any(|k| k.has_fingerprint() && k.is_in(text).is_ok())
        };
        let own = |pattern: String, pointers: &[String]| {
            let address = catalog::address(payload, pointers).ok()?;
            Some(format!("{pattern}#{address}"))
        };
        let fitting = || self.fitting(topic);
        let shown = fitting().filter(|(_, _, models)| is_shown(models));
        shown.chain(fitting()).find_map(|(pattern, pointers, _)| own(pattern, pointers))
    }

    /// The patterns that a topic fits; those on another base, as they are there, after all others.
    fn fitting(&self, topic: &str) -> impl Iterator<Item = (String, &'p [String], &[&'p Profile])> {
        let here = self.all.iter().filter(move |((pattern, _), _)| topic::fits(pattern, topic));
        let here = here.map(|((pattern, by), models)| ((*pattern).to_owned(), *by, &**models));
        let base = topic.split_once('/').map_or("", |(base, _)| base);
        let moved = self.all.iter().filter_map(move |((pattern, by), models)| {
            let (_, rest) = pattern.split_once('/')?;
            let pattern = format!("{base}/{rest}");
            let may_move = models.iter().any(|model| model.base().is_some());
            (may_move && topic::fits(&pattern, topic)).then_some((pattern, *by, &**models))
        });
        here.chain(moved)
    }
}

/// A radio message put together from its fields, where the whole is no longer known: all devices in
/// reach speak on one topic, and of that only the last few messages are kept.
pub(super) fn radio(own: &str, heard: &BTreeSet<(usize, Heard)>) -> Option<Heard> {
    let (model, _) = own.strip_prefix(RADIO)?.strip_prefix('#')?.split_once('/')?;
    let mut fields = Map::from_iter([("model".to_owned(), Value::from(model))]);
    let mut host = "";
    for (later, heard) in heard {
        let mut levels = heard.topic.as_deref()?.split('/').skip(1);
        let (at, kind) = (levels.next()?, levels.next()?);
        if kind == "events" {
            return None;
        }
        let text = std::str::from_utf8(&heard.payload).ok()?;
        if *later == 0 {
            let plain = |text: &str| text.parse().map_or_else(|_| text.into(), Value::Number);
            fields.insert(levels.last()?.to_owned(), plain(text));
            host = at;
        }
    }
    let topic = RADIO.replace('+', host);
    let payload = Value::Object(fields).to_string().into_bytes();
    (!host.is_empty()).then_some(Heard { topic: Some(topic), payload })
}
