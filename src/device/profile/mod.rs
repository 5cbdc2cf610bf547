//! A device profile: what a model is, how it speaks, what it means, and real messages that prove it.
//! (Not a LoRaWAN device profile, which is a set of radio parameters.)
//!
//! `devices/README.md` is the guide for those who write them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{Property, Span};
use crate::form::{Form, Problem, Sheet};

pub(super) mod base;
mod claim;
mod code;
mod command;
mod example;
mod known_by;
mod limits;
mod line;
mod messages;
mod modbus;
mod place;
mod plan;
mod report;
mod rights;
mod scale;
mod sound;
mod text;
pub(super) mod topic;
mod try_out;

pub use command::{Command, Deed, Words};
pub use known_by::KnownBy;
pub use limits::Limits;
pub use line::{Line, Parity};
pub use modbus::Modbus;

pub(super) use code::Code;
pub(super) use place::Place;
pub(super) use plan::{Plan, Wired};
pub(super) use report::{Otherwise, Report, Says};
pub(super) use text::Spot;

use example::Example;
use text::Mask;

/// All profiles by name, `zigbee2mqtt/aqara-SJCGQ11LM`.
pub type Profiles = BTreeMap<String, Arc<Profile>>;

/// One model of device.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its path below `devices/`, without `.toml`.
    pub name: String,
    /// Who makes it.
    pub vendor: String,
    /// What they call it.
    pub model: String,
    /// What it is, in a few words.
    pub about: String,
    /// Where the knowledge comes from.
    pub source: String,
    /// A device of this model that says nothing for so long is gone. `None`: it speaks only when
    /// something happens.
    pub quiet_after: Option<Span>,
    /// How it speaks over MQTT, if it does.
    pub mqtt: Option<Mqtt>,
    /// How it speaks on a serial port, if it does.
    pub line: Option<Line>,
    /// How it speaks on a line that several units share, if it does.
    pub modbus: Option<Modbus>,
    /// By what else it is known, beside its messages.
    pub known_by: KnownBy,
    /// Where and how it may be used.
    pub limits: Limits,
    /// What it can be told.
    pub commands: Vec<Command>,
    pub(super) claim: Option<claim::Claim>,
    pub(super) reports: Vec<Report>,
    /// What is read by each topic pattern.
    pub(super) topics: Vec<(String, Plan)>,
    /// What is read in each sort of frame.
    pub(super) frames: BTreeMap<u16, Plan>,
    /// What is read in lines of text that begin so.
    pub(super) lines: Vec<(Mask, Plan)>,
    /// What is read in the reply to each poll of [`Self::modbus`].
    pub(super) polls: Vec<Plan>,
    examples: usize,
}

/// How a model speaks over MQTT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mqtt {
    /// Its main topic, with `{device}` where the address stands.
    pub topic: String,
    /// Other topics by which the same messages may come.
    pub also: Vec<String>,
    /// Where the payload tells the device, for topics that several devices share (those without
    /// `{device}`): JSON pointers, whose values joined by `/` are the address.
    pub identity: Vec<String>,
}

impl Profile {
    /// Reads a profile and tries it against its own examples. `base` is the profile it is `like`.
    ///
    /// # Errors
    /// Everything that is wrong, with line and column: unknown keys and properties, values that the
    /// property cannot have, reports that no example shows, examples that are read otherwise.
    pub fn parse(name: &str, text: &str, base: Option<&Self>) -> Result<Self, Vec<Problem>> {
        let file = format!("devices/{name}.toml");
        let sheet = Sheet::new(&file, text);
        let mut form = sheet.form();
        if let Some(like) = form.may::<String>("like")
            && base.is_none_or(|base| base.name != like)
        {
            // What it would have taken over is missing everywhere: that need not be said as well.
            form.wrong(format!("`like`: there is no sound profile `{like}`"));
            return Err(sheet.problems());
        }
        let profile = Self::read(name, &mut form, base);
        let examples: Vec<Example> =
            form.forms("example").into_iter().filter_map(Example::read).collect();
        form.done();
        let problems = sheet.problems();
        let Some(mut profile) = profile.filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        profile.compile(&sheet);
        profile.examples = examples.len();
        profile.prove(&examples, &sheet);
        let problems = sheet.problems();
        if problems.is_empty() { Ok(profile) } else { Err(problems) }
    }

    /// How many examples prove it.
    pub const fn examples(&self) -> usize {
        self.examples
    }

    /// What it can report, without repetition, in the order of the vocabulary.
    pub fn properties(&self) -> Vec<Property> {
        let all: BTreeSet<Property> = self.reports.iter().filter_map(Report::property).collect();
        all.into_iter().collect()
    }

    fn read(name: &str, form: &mut Form<'_, '_>, base: Option<&Self>) -> Option<Self> {
        let (vendor, model) = (form.needs("vendor"), form.needs("model"));
        let (about, source) = (form.needs("about"), form.needs("source"));
        let quiet_after = form.may("quiet_after").or_else(|| base.and_then(|b| b.quiet_after));
        let mqtt = form.form("mqtt").map_or_else(|| base.and_then(|b| b.mqtt.clone()), Mqtt::read);
        let line =
            form.form("serial").map_or_else(|| base.and_then(|b| b.line.clone()), Line::read);
        let taken = base.and_then(|b| b.modbus.as_ref());
        let modbus = form.form("modbus").map(|f| Modbus::read(f, taken)).or_else(|| taken.cloned());
        let claim = form
            .form("time")
            .map_or_else(|| base.and_then(|b| b.claim.clone()), claim::Claim::read);
        let known_by = form.form("known_by").map(KnownBy::read).unwrap_or_default();
        let limits = form
            .form("limits")
            .map_or_else(|| base.map(|b| b.limits.clone()).unwrap_or_default(), Limits::read);
        let commands: Vec<Command> = form
            .forms("command")
            .into_iter()
            .filter_map(|f| Command::read(f, mqtt.as_ref(), line.as_ref()))
            .collect();
        if mqtt.is_none() && line.is_none() && modbus.is_none() {
            form.wrong("a model speaks over `[mqtt]`, `[serial]` or `[modbus]`".to_owned());
        }
        if modbus.is_some() && (mqtt.is_some() || line.is_some()) {
            form.wrong("what speaks `[modbus]` has neither `[mqtt]` nor `[serial]`".to_owned());
        }
        let mut reports: Vec<Report> =
            form.forms("report").into_iter().flat_map(Report::read).collect();
        let own: BTreeSet<Property> = reports.iter().filter_map(Report::property).collect();
        let taken = base.iter().flat_map(|base| &base.reports);
        let taken = taken.filter(|report| report.property().is_none_or(|p| !own.contains(&p)));
        reports.extend(taken.map(|report| Report { mark: None, ..report.clone() }));
        if reports.is_empty() {
            form.wrong("a model has at least one `[[report]]`".to_owned());
        }
        Some(Self {
            name: name.to_owned(),
            vendor: vendor?,
            model: model?,
            about: about?,
            source: source?,
            quiet_after,
            mqtt,
            line,
            modbus,
            known_by,
            limits,
            commands,
            claim,
            reports,
            topics: Vec::new(),
            frames: BTreeMap::new(),
            lines: Vec::new(),
            polls: Vec::new(),
            examples: 0,
        })
    }

    /// Every example means what it says, and every report of this file is shown by one.
    fn prove(&self, examples: &[Example], sheet: &Sheet<'_>) {
        let mut shown = BTreeSet::new();
        let mut is_sound = true;
        for example in examples {
            match example.check(self) {
                Ok(reports) => shown.extend(reports),
                Err(why) => {
                    is_sound = false;
                    sheet.wrong_at_mark(&example.mark, why);
                }
            }
        }
        // An example that is wrong may be the one that would have shown the report.
        if !is_sound {
            return;
        }
        for (n, report) in self.reports.iter().enumerate() {
            if let Some(mark) = report.mark.as_ref().filter(|_| !shown.contains(&n)) {
                let (says, at) = (&report.says, &report.at);
                sheet.wrong_at_mark(mark, format!("no example shows `{says}` at {at}"));
            }
        }
    }
}

impl Mqtt {
    fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let topic: Option<String> = form.needs("topic");
        let also = form.list::<String>("also");
        let identity = form.list::<String>("identity");
        if identity.iter().any(|pointer| !pointer.starts_with('/')) {
            form.wrong("`identity` is a list of JSON pointers such as `/id`".to_owned());
        }
        for topic in topic.iter().chain(&also) {
            if let Err(why) = topic::check(topic, !identity.is_empty()) {
                form.wrong(format!("`topic`: {why}"));
            }
        }
        form.done();
        Some(Self { topic: topic?, also, identity })
    }

    /// Whether several devices share a topic by which its messages come, so that none can be kept from
    /// speaking as another. What a bridge says of all of them on a topic of its own does not count.
    pub fn is_shared(&self) -> bool {
        std::iter::once(&self.topic).chain(&self.also).any(|pattern| topic::is_shared(pattern))
    }
}

/// Reads profiles from their names and texts. A broken one is left out, with what is wrong in it; the
/// others work (P11). A name that comes twice counts the second time: a folder overrides what is
/// shipped.
pub fn profiles_from<'t>(
    files: impl Iterator<Item = (&'t str, &'t str)>,
) -> (Profiles, Vec<Problem>) {
    let mut waiting: BTreeMap<&str, &str> = files.collect();
    let (mut profiles, mut problems) = (Profiles::new(), Vec::new());
    // Those that are like another wait until it is read; the last turn tells what nobody provides.
    loop {
        let ready: Vec<(&str, &str)> = waiting
            .iter()
            .filter(|(_, text)| like(text).is_none_or(|base| !waiting.contains_key(base.as_str())))
            .map(|(name, text)| (*name, *text))
            .collect();
        let is_last = ready.is_empty();
        let turn = if is_last { std::mem::take(&mut waiting).into_iter().collect() } else { ready };
        for (name, text) in turn {
            waiting.remove(name);
            let base = like(text).and_then(|base| profiles.get(&base).cloned());
            match Profile::parse(name, text, base.as_deref()) {
                Ok(profile) => drop(profiles.insert(name.to_owned(), Arc::new(profile))),
                Err(wrong) => problems.extend(wrong),
            }
        }
        if waiting.is_empty() {
            return (profiles, problems);
        }
    }
}

fn like(text: &str) -> Option<String> {
    Sheet::new("", text).form().may("like")
}

/// Reads `53 59 80`, with or without blanks.
fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: String = text.split_whitespace().collect();
    data_encoding::HEXLOWER_PERMISSIVE
        .decode(digits.as_bytes())
        .map_err(|e| format!("`{text}` is not hexadecimal: {e}"))
}

#[cfg(test)]
mod tests;
