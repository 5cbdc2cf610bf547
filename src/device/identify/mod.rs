//! Which model is it? Every profile is tried on what is known of a device, and says why it fits or
//! why not; the best first, always in the same order.

mod base;
mod capture;
mod stream;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Profile;
use super::discovery::{Announced, Dialect};
use super::profile::Profiles;
use super::profile::topic::DEVICE;
use crate::domain::{Binding, Property};

use base::Elsewhere;

pub(super) use base::bases;
pub use capture::{Capture, capture};

pub use stream::{Framed, stream};

/// How many profiles that do not fit are named with the reason why.
const NEAR_MAX: usize = 8;
/// How many readings are shown of each profile.
const READS_MAX: usize = 24;

/// A message, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Heard {
    /// By which topic, if it is known.
    pub topic: Option<String>,
    /// What it carried.
    #[serde(serialize_with = "shown")]
    pub payload: Vec<u8>,
}

/// What one profile makes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Guess {
    /// The profile.
    pub profile: String,
    /// What its model is, in a few words.
    pub about: String,
    /// Whether nothing speaks against it and something for it.
    pub fits: bool,
    /// The announcement names the model, or the payload shows it: no look-alike.
    pub is_sure: bool,
    /// It stands for many models; one that knows this model is better.
    pub is_generic: bool,
    /// What its messages would be known by, if that is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
    /// With what its topics begin instead of the profile's own first level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// What speaks for it, one sentence each.
    pub why: Vec<String>,
    /// What speaks against it, one sentence each.
    pub why_not: Vec<String>,
    /// What it reads, in the order of the messages.
    pub reads: Vec<String>,
    /// How sure it is; compared as a whole.
    #[serde(skip)]
    rank: Rank,
}

/// Better is greater: fits, model known, fingerprint, not generic, what it reads of its own, what it
/// reads at all, fewer problems.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    fits: bool,
    is_known: bool,
    is_fingerprint: bool,
    is_specific: bool,
    own: usize,
    read: usize,
    problems: std::cmp::Reverse<usize>,
}

/// Tries every profile on what is announced of a device and was heard of it. Those that fit come
/// first, then the nearest that do not.
pub fn messages(profiles: &Profiles, announced: Option<&Announced>, heard: &[Heard]) -> Vec<Guess> {
    // A first level that is one profile's own is not another's base, unless a bridge says so.
    let own: BTreeSet<&str> = profiles.values().filter_map(|profile| profile.base()).collect();
    let mut bases = bases(announced, heard);
    bases.retain(|base| base.is_told || !own.contains(base.name.as_str()));
    let mut moved: BTreeMap<&str, Vec<Elsewhere>> = BTreeMap::new();
    let mut guesses = Vec::new();
    for profile in profiles.values().filter(|profile| profile.mqtt.is_some()) {
        let here = Trial::new(profile, announced, heard);
        let Some(own) = profile.base().filter(|_| !here.is_here()) else {
            guesses.extend(here.judge());
            continue;
        };
        let elsewhere = moved.entry(own).or_insert_with(|| {
            bases.iter().map(|base| Elsewhere::new(base, own, announced, heard)).collect()
        });
        let mut there = elsewhere.iter().map(|elsewhere| {
            let Elsewhere { base, announced, heard } = elsewhere;
            Trial { base: Some(base), ..Trial::new(profile, announced.as_ref(), heard) }
        });
        guesses.extend(there.find(Trial::is_on_base).unwrap_or(here).judge());
    }
    sorted(guesses)
}

/// Best first; of those that do not fit only the nearest.
fn sorted(mut guesses: Vec<Guess>) -> Vec<Guess> {
    guesses.sort_by(|a, b| b.rank.cmp(&a.rank).then_with(|| a.profile.cmp(&b.profile)));
    let fitting = guesses.iter().filter(|g| g.fits).count();
    guesses.truncate(fitting + NEAR_MAX);
    guesses
}

/// One profile on trial.
struct Trial<'t> {
    profile: &'t Profile,
    announced: Option<&'t Announced>,
    /// What its topics really begin with.
    base: Option<&'t base::Base>,
    addresses: BTreeMap<String, usize>,
    /// Properties read by reports of this very file, and all.
    own: BTreeSet<Property>,
    read: BTreeSet<Property>,
    reads: Vec<String>,
    problems: Vec<String>,
    /// How many messages came by a topic of the model, and by another.
    here: usize,
    elsewhere: Vec<String>,
    fingerprint: Option<Result<(), String>>,
}

impl<'t> Trial<'t> {
    fn new(profile: &'t Profile, announced: Option<&'t Announced>, heard: &[Heard]) -> Self {
        let mut trial = Self {
            profile,
            announced,
            base: None,
            addresses: BTreeMap::new(),
            own: BTreeSet::new(),
            read: BTreeSet::new(),
            reads: Vec::new(),
            problems: Vec::new(),
            here: 0,
            elsewhere: Vec::new(),
            fingerprint: None,
        };
        heard.iter().for_each(|heard| trial.hear(heard));
        for topic in announced.iter().flat_map(|a| &a.topics) {
            if let Some(address) = profile.address_in_filter(topic) {
                *trial.addresses.entry(address).or_default() += 1;
            }
        }
        if let Some(own) = announced.and_then(|a| a.address.as_ref()) {
            let main = profile.mqtt.as_ref().map_or("", |mqtt| mqtt.topic.as_str());
            // A bridge's own word for the address counts where the topics are of the same family.
            let first = |t: &str| t.split('/').next().unwrap_or_default().to_owned();
            let topics = announced.iter().flat_map(|a| &a.topics);
            if topics.clone().any(|t| first(t) == first(main)) {
                *trial.addresses.entry(own.clone()).or_default() += 1;
            }
        }
        trial
    }

    fn hear(&mut self, heard: &Heard) {
        let text = std::str::from_utf8(&heard.payload).ok();
        let is_main = heard.topic.as_ref().is_none_or(|topic| self.profile.is_main(topic));
        if self.profile.known_by.has_fingerprint()
            && is_main
            && let Some(text) = text.filter(|t| t.trim_start().starts_with('{'))
            && !matches!(self.fingerprint, Some(Ok(())))
        {
            self.fingerprint = Some(self.profile.known_by.is_in(text));
        }
        let reading = match &heard.topic {
            None => self.profile.hear_anywhere(&heard.payload),
            Some(topic) => match self.profile.hear(topic, &heard.payload) {
                Some(tried) => {
                    // A topic that is all address is everybody's.
                    self.here += usize::from(!(self.is_bare() && is_main));
                    if let Some(address) = tried.address {
                        *self.addresses.entry(address).or_default() += 1;
                    }
                    tried.reading
                }
                None => {
                    if !self.elsewhere.contains(topic) {
                        self.elsewhere.push(topic.clone());
                    }
                    return;
                }
            },
        };
        for report in &reading.reports {
            let Some((property, is_own)) = self.profile.report(*report) else { continue };
            self.read.insert(property);
            if is_own {
                self.own.insert(property);
            }
        }
        let reads = reading.observations.iter().map(ToString::to_string);
        for said in reads {
            if self.reads.len() < READS_MAX && !self.reads.contains(&said) {
                self.reads.push(said);
            }
        }
        for problem in reading.problems.iter().map(ToString::to_string) {
            if self.problems.len() < READS_MAX && !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }

    /// Which model the announcement names, and whether it is this one. `None`: it names none.
    fn model(&self) -> Option<Result<String, String>> {
        let announced = self.announced.filter(|a| !a.models.is_empty())?;
        let known = &self.profile.known_by;
        let is_named = |model: &&String| {
            known.is_model(&announced.vendor, model)
                || known.models.is_empty() && names(self.profile, model)
        };
        if let Some(model) = announced.models.iter().find(is_named) {
            return Some(Ok(format!("`{model}` is announced")));
        }
        if known.models.is_empty() && announced.dialect == Dialect::Tasmota {
            // It names the board; what is wired to it nobody tells.
            return None;
        }
        let other = announced.model();
        let own = known.models.first().unwrap_or(&self.profile.model);
        Some(Err(format!("it is announced as `{other}`, and this is `{own}`")))
    }

    /// Whether it speaks at the topics of the model.
    fn is_here(&self) -> bool {
        self.here > 0 || !self.addresses.is_empty()
    }

    /// Whether it speaks at the topics of the model on another base: a bridge says so, or the model is
    /// told, or the rest of the topic or the message is of no other family.
    fn is_on_base(&self) -> bool {
        let main = self.profile.mqtt.as_ref().map_or("", |mqtt| mqtt.topic.as_str());
        let (own, rest) = main.split_once('/').unwrap_or_default();
        let told = self.base.zip(self.announced).filter(|(base, _)| base.is_told);
        let is_shown =
            matches!(self.model(), Some(Ok(_))) || matches!(self.fingerprint, Some(Ok(())));
        let is_of_family = rest.split('/').any(|level| !matches!(level, DEVICE | "+"))
            || self.read.contains(&Property::LinkQuality);
        self.is_here()
            && (told.is_some_and(|(_, announced)| announced.dialect.name() == own)
                || is_shown
                || is_of_family && !self.read.is_empty())
    }

    /// Whether the main topic has no word of its own: `{device}` alone.
    fn is_bare(&self) -> bool {
        let main = self.profile.mqtt.as_ref().map_or("", |mqtt| mqtt.topic.as_str());
        main.split('/').all(|level| matches!(level, DEVICE | "+"))
    }

    fn judge(self) -> Option<Guess> {
        let (mut why, mut why_not) = (Vec::new(), Vec::new());
        let is_generic = self.profile.is_generic();
        let is_marked = matches!(self.fingerprint, Some(Ok(())));
        let mut is_known = false;
        match self.model() {
            Some(Ok(model)) => {
                is_known = true;
                why.push(model);
            }
            Some(Err(other)) if !is_generic && !is_marked => why_not.push(other),
            Some(Err(_)) | None => {}
        }
        match &self.fingerprint {
            Some(Ok(())) => why.push("the payload shows the model".to_owned()),
            Some(Err(other)) if !is_known => why_not.push(other.clone()),
            Some(Err(_)) | None => {}
        }
        let address = self.addresses.iter().max_by_key(|(address, n)| (**n, address.len()));
        let address = address.map(|(address, _)| address.clone());
        let main = self.profile.mqtt.as_ref().map_or("", |mqtt| mqtt.topic.as_str());
        if self.here == 0 && self.is_bare() && !is_known && !is_marked {
            why_not.push(format!("any topic is `{main}`, and nothing else shows the model"));
        } else if self.here > 0 || address.is_some() {
            let base = self.base.map(|base| format!(", on base `{}`", base.name));
            why.push(format!("it speaks at `{main}`{}", base.unwrap_or_default()));
        } else if let Some(topic) = self.elsewhere.first() {
            why_not.push(format!("`{topic}` is not `{main}`"));
        } else if let Some(topic) = self.announced.and_then(|a| a.topics.first()) {
            why_not.push(format!("`{topic}` is not `{main}`"));
        }
        self.says(is_known, is_generic, &mut why, &mut why_not);
        let fits = why_not.is_empty() && !why.is_empty();
        let is_near = is_known || is_marked || !self.own.is_empty();
        if !fits && !is_near {
            return None;
        }
        let rank = Rank {
            fits,
            is_known,
            is_fingerprint: is_marked,
            is_specific: !is_generic,
            own: self.own.len(),
            read: self.read.len(),
            problems: std::cmp::Reverse(self.problems.len()),
        };
        Some(Guess {
            profile: self.profile.name.clone(),
            about: self.profile.about.clone(),
            fits,
            is_sure: is_known || is_marked,
            is_generic,
            binding: address.map(Binding::Mqtt),
            base: self.base.map(|base| base.name.clone()),
            why,
            why_not,
            reads: self.reads,
            rank,
        })
    }

    /// What the messages say for and against it.
    fn says(
        &self,
        is_known: bool,
        is_generic: bool,
        why: &mut Vec<String>,
        why_not: &mut Vec<String>,
    ) {
        let names =
            |all: &BTreeSet<Property>| all.iter().map(|p| p.name()).collect::<Vec<_>>().join(", ");
        let heard = self.here > 0 || !self.read.is_empty() || !self.problems.is_empty();
        if !self.read.is_empty() {
            why.push(format!("it reads {}", names(&self.read)));
        }
        if heard && self.own.is_empty() && !is_generic && !is_known {
            why_not.push(format!("no message tells {}", names(&self.profile.own_properties())));
        } else if self.read.is_empty() && !is_known {
            // A bridge's list says what a device can tell before it has said anything.
            let tells = self.announced.iter().flat_map(|a| &a.exposes).filter_map(|e| e.property);
            let tells: BTreeSet<Property> =
                tells.filter(|p| self.profile.properties().contains(p)).collect();
            if tells.is_empty() || !is_generic {
                why_not.push("nothing is known that it reads".to_owned());
            } else {
                why.push(format!("it would read {}", names(&tells)));
            }
        }
        if is_generic && self.announced.is_none() && self.read.is_empty() && heard {
            why_not.push("it reads nothing of it".to_owned());
        }
        for problem in self.problems.iter().take(3) {
            // A message that is understood in part still fits.
            let list = if self.read.is_empty() { &mut *why_not } else { &mut *why };
            list.push(format!("not understood: {problem}"));
        }
    }
}

/// Whether a profile that does not say by what it is known has this name.
fn names(profile: &Profile, model: &str) -> bool {
    let is_part = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.'));
        text == model || words.any(|word| word.eq_ignore_ascii_case(model))
    };
    !profile.is_generic() && is_part(&profile.model)
}

/// As text if it is text, else as hex.
pub fn show(payload: &[u8]) -> String {
    match std::str::from_utf8(payload) {
        Ok(text) if !text.contains('\0') => text.to_owned(),
        Ok(_) | Err(_) => data_encoding::HEXLOWER.encode(payload),
    }
}

fn shown<S: serde::Serializer>(payload: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&show(payload))
}
