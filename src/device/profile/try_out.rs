//! Trying a profile on messages whose device nobody knows yet.

use std::collections::BTreeSet;

use super::{Profile, topic};
use crate::device::catalog;
use crate::device::decode::Reading;
use crate::domain::Property;
use crate::form::{Problem, Sheet};

/// What a profile makes of one message.
#[derive(Debug, Default)]
pub(in crate::device) struct Tried {
    /// What would stand for the device, if the topic, or the payload, tells.
    pub(in crate::device) address: Option<String>,
    pub(in crate::device) reading: Reading,
}

impl Profile {
    /// Reads a profile without asking its examples: they are still to be written.
    pub(in crate::device) fn unproven(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let file = format!("devices/{name}.toml");
        let sheet = Sheet::new(&file, text);
        let mut form = sheet.form();
        let profile = Self::read(name, &mut form, None);
        drop(form.forms("example"));
        form.done();
        let problems = sheet.problems();
        let Some(mut profile) = profile.filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        profile.compile(&sheet);
        let problems = sheet.problems();
        if problems.is_empty() { Ok(profile) } else { Err(problems) }
    }

    /// Whether it stands for many models: it is the last one to try.
    pub fn is_generic(&self) -> bool {
        self.model == "any" || self.vendor == "any" || self.name.ends_with("/any")
    }

    /// The patterns of its topics.
    pub(in crate::device) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.topics.iter().map(|(pattern, _)| pattern.as_str())
    }

    /// The property a report tells of, and whether it is this file's own.
    pub(in crate::device) fn report(&self, n: usize) -> Option<(Property, bool)> {
        let report = self.reports.get(n)?;
        report.property().map(|property| (property, report.mark.is_some()))
    }

    /// Under which address a topic is one of this model's; where the payload tells the device, by it.
    pub fn address(&self, topic: &str, payload: Option<&[u8]>) -> Option<String> {
        self.place(topic, payload).and_then(|(_, address)| address)
    }

    /// What this very file reports, without what it has from the profile it is like.
    pub(in crate::device) fn own_properties(&self) -> BTreeSet<Property> {
        self.reports.iter().filter(|r| r.mark.is_some()).filter_map(|r| r.property()).collect()
    }

    /// As [`Self::address`], for a filter whose `+` stands for whatever the model has there.
    pub(in crate::device) fn address_in_filter(&self, filter: &str) -> Option<String> {
        if !filter.contains('+') {
            return self.address(filter, None);
        }
        self.patterns().find_map(|pattern| {
            let own = || pattern.split('/');
            if own().count() != filter.split('/').count() {
                return None;
            }
            let level = |(any, own): (&str, &str)| if any == "+" { own } else { any }.to_owned();
            let topic: Vec<String> = filter.split('/').zip(own()).map(level).collect();
            self.address(&topic.join("/"), None).filter(|address| address != topic::DEVICE)
        })
    }

    /// Whether it is the model's main topic: not a last will's, nor one of a single value.
    pub(in crate::device) fn is_main(&self, topic: &str) -> bool {
        let main = self.mqtt.as_ref().map(|mqtt| &mqtt.topic);
        let own = self.place(topic, None).and_then(|(n, _)| self.topics.get(n));
        own.is_some_and(|(pattern, _)| Some(pattern) == main)
    }

    /// Which of its topics, and the address. An address may have several levels: the longest
    /// pattern says most.
    fn place(&self, topic: &str, payload: Option<&[u8]>) -> Option<(usize, Option<String>)> {
        let mqtt = self.mqtt.as_ref()?;
        let found = |(n, (pattern, _)): (usize, &(String, super::Plan))| {
            if topic::is_shared(pattern) {
                let tells = |p| catalog::address(p, &mqtt.identity).ok();
                return topic::fits(pattern, topic)
                    .then(|| (n, payload.and_then(tells), pattern.len()));
            }
            let address = topic::address(pattern, topic)?;
            Some((n, Some(address.to_owned()), pattern.len()))
        };
        let all = self.topics.iter().enumerate().filter_map(found);
        let (n, address, _) = all.max_by_key(|(n, _, length)| (*length, usize::MAX - n))?;
        Some((n, address))
    }

    /// What it makes of a message on this topic. `None`: it does not speak there.
    pub(in crate::device) fn hear(&self, topic: &str, payload: &[u8]) -> Option<Tried> {
        let (n, address) = self.place(topic, Some(payload))?;
        let (pattern, plan) = self.topics.get(n)?;
        // Of a model whose address is the whole topic, any topic would be one.
        if pattern == topic::DEVICE {
            return None;
        }
        let mut reading = Reading::default();
        self.read_text(plan, payload, &mut reading);
        Some(Tried { address, reading })
    }

    /// What it makes of a message of which only the payload is known: of all its topics the one by
    /// which it says most.
    pub(in crate::device) fn hear_anywhere(&self, payload: &[u8]) -> Reading {
        let read = |plan| {
            let mut reading = Reading::default();
            self.read_text(plan, payload, &mut reading);
            reading
        };
        let all = self.topics.iter().map(|(_, plan)| read(plan));
        let most = |r: &Reading| (r.observations.len(), usize::MAX - r.problems.len());
        let best = all.reduce(|a, b| if most(&a) < most(&b) { b } else { a });
        best.unwrap_or_default()
    }
}
