//! What speaks here and is not in the register yet: announced devices and strangers, the topics of one
//! device together, each with the best guesses what it is and the line that adopts it.

mod shared;
mod stem;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::Profile;
use super::discovery::{Announced, Dialect};
use super::identify::{self, Guess, Heard};
use super::profile::{Profiles, topic};
use crate::domain::{Binding, Home, Time};

use shared::Shared;
use stem::{is_bridge, is_will, stem};

/// How many of its last messages are kept of each.
const HEARD_MAX: usize = 48;
/// How many guesses are offered of each.
const GUESSES_MAX: usize = 5;
/// The letters of a key: none that is taken for another.
const LETTERS: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
/// The length of a key, in letters; where two would be the same, [`KEY_LONG`].
const KEY: usize = 5;
const KEY_LONG: usize = 12;

/// Messages of one topic from nobody known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The topic.
    pub topic: String,
    /// The last few, newest last.
    pub payloads: Vec<Vec<u8>>,
    /// How many came.
    pub count: u64,
    /// When the last came, in wall time.
    pub last_at: Time,
}

/// A device that was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// As announced.
    pub device: Announced,
    /// When that was new, in wall time.
    pub last_at: Time,
}

/// One device that waits to be adopted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waiting {
    /// What one types to mean it. It stays the same as long as the device speaks at the same place.
    pub key: String,
    /// What people call it, or the end of its topic.
    pub name: String,
    /// Who makes it; empty if nobody says.
    pub vendor: String,
    /// Its model; empty if nobody says.
    pub model: String,
    /// Who announced it.
    pub announced: Vec<Dialect>,
    /// Where it speaks.
    pub topics: Vec<String>,
    /// How many messages came from it, without its announcements.
    pub count: u64,
    /// When it was last heard or its announcement last changed, in wall time.
    pub last_at: Time,
    /// Its last messages.
    pub heard: Vec<Heard>,
    /// What it may be, best first. None: write a profile, beginning with a draft.
    pub guesses: Vec<Guess>,
    /// What a person should know of it.
    pub remarks: Vec<String>,
    /// The command that adopts it, with what is still to be said in capitals.
    pub adopt: String,
    /// As announced, for a draft.
    #[serde(skip)]
    pub device: Option<Announced>,
}

impl Waiting {
    /// The profile to adopt it with where nobody names one: its model is told, or nothing else fits.
    /// Never a generic one, which would not read what the device is for, and never one of several
    /// look-alikes.
    pub fn profile(&self) -> Option<&str> {
        certain(&self.guesses)
    }

    /// What its messages would be known by, were it of this model: and on which base, if it is not the
    /// model's own. `base`: somebody knows it.
    pub fn binding(
        &self,
        profile: &Profile,
        base: Option<&str>,
    ) -> Option<(Binding, Option<String>)> {
        let mut guesses = self.guesses.iter().filter(|g| g.profile == profile.name);
        let guess = guesses.find(|g| base.is_none_or(|base| g.base.as_deref() == Some(base)));
        if let Some((binding, guess)) = guess.and_then(|g| Some((g.binding.clone()?, g))) {
            return Some((binding, guess.base.clone()));
        }
        let address = |profile: &Profile| {
            let payload = |h: &'_ Heard| profile.address(h.topic.as_ref()?, Some(&h.payload));
            let heard = self.heard.iter().find_map(payload);
            heard.or_else(|| self.topics.iter().find_map(|topic| profile.address(topic, None)))
        };
        let on = |base: &str| {
            let address = address(&profile.on_base(base).ok()?)?;
            Some((Binding::Mqtt(address), Some(base.to_owned())))
        };
        if let Some(base) = base {
            return on(base);
        }
        let here = address(profile).map(|address| (Binding::Mqtt(address), None));
        here.or_else(|| {
            let bases = identify::bases(self.device.as_ref(), &self.heard);
            bases.iter().find_map(|base| on(&base.name))
        })
    }
}

/// Everything that waits, the latest heard first.
pub fn waiting(
    seen: &[Seen],
    told: &[Told],
    homes: &[Arc<Home>],
    profiles: &Profiles,
) -> Vec<Waiting> {
    let mut groups = Groups::default();
    told.iter().for_each(|told| groups.announce(told));
    let shared = Shared::new(profiles);
    seen.iter().for_each(|seen| groups.hear(seen, &shared));
    let registered = registered(homes, profiles);
    let groups: Vec<(String, Group<'_>)> = groups
        .all
        .into_iter()
        .filter(|(own, group)| {
            !registered.contains(own)
                && !group.stems.iter().any(|s| registered.contains(s))
                && (!group.told.is_empty() || group.topics.iter().any(|t| !is_will(t)))
        })
        .collect();
    let keys = keys(groups.iter().map(|(stem, _)| stem.as_str()));
    let home = match homes {
        [one] => one.id.to_string(),
        [] | [_, ..] => "HOME".to_owned(),
    };
    let mut all: Vec<Waiting> = groups
        .into_iter()
        .zip(keys)
        .map(|((stem, group), key)| group.waiting(&stem, key, &home, profiles))
        .collect();
    all.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.key.cmp(&b.key)));
    all
}

#[derive(Debug, Default)]
struct Groups<'a> {
    all: BTreeMap<String, Group<'a>>,
    /// Which group a stem belongs to.
    of: BTreeMap<String, String>,
    /// Which group announced this very topic.
    topics: BTreeMap<&'a str, String>,
}

#[derive(Debug, Default)]
struct Group<'a> {
    told: Vec<&'a Announced>,
    stems: BTreeSet<String>,
    topics: BTreeSet<String>,
    /// How many of the same topic came after it, and the message.
    heard: BTreeSet<(usize, Heard)>,
    count: u64,
    last_at: Option<Time>,
}

impl<'a> Groups<'a> {
    fn announce(&mut self, told: &'a Told) {
        let device = &told.device;
        let mut topics: Vec<(&String, Option<String>)> =
            device.topics.iter().map(|topic| (topic, stem(topic))).collect();
        let is_own = |(_, stem): &(&String, Option<String>)| {
            stem.as_ref().is_some_and(|stem| !is_bridge(stem))
        };
        if topics.iter().any(is_own) {
            // Whether its bridge is there is no word of the device's own.
            topics.retain(|(_, stem)| stem.as_ref().is_none_or(|stem| !is_bridge(stem)));
        }
        let stems: Vec<String> = topics.iter().filter_map(|(_, stem)| stem.clone()).collect();
        if stems.is_empty() && !topics.is_empty() {
            // A bridge speaks of itself.
            return;
        }
        let known = stems.iter().find_map(|s| self.of.get(s)).cloned();
        let own = known.or_else(|| stems.first().cloned()).unwrap_or_else(|| device.key.clone());
        for stem in &stems {
            self.of.entry(stem.clone()).or_insert_with(|| own.clone());
        }
        for (topic, _) in &topics {
            self.topics.entry(topic).or_insert_with(|| own.clone());
        }
        let group = self.all.entry(own).or_default();
        group.told.push(device);
        group.stems.extend(stems);
        group.topics.extend(topics.iter().map(|(topic, _)| (*topic).clone()));
        group.last_at = group.last_at.max(Some(told.last_at));
    }

    fn hear(&mut self, seen: &Seen, shared: &Shared<'_>) {
        let mut is_shared = false;
        for payload in &seen.payloads {
            if let Some(own) = shared.own(&seen.topic, payload) {
                self.add(&own, seen, std::slice::from_ref(payload), 1);
                is_shared = true;
            }
        }
        if is_shared {
            return;
        }
        let Some(stem) = stem(&seen.topic) else { return };
        let named = || {
            let above = seen.topic.match_indices('/').map(|(at, _)| at).chain([seen.topic.len()]);
            above.rev().find_map(|at| self.topics.get(seen.topic.get(..at)?)).cloned()
        };
        let own = named().or_else(|| self.of.get(&stem).cloned()).unwrap_or_else(|| stem.clone());
        self.add(&own, seen, &seen.payloads, seen.count);
    }

    fn add(&mut self, own: &str, seen: &Seen, payloads: &[Vec<u8>], count: u64) {
        let group = self.all.entry(own.to_owned()).or_default();
        group.topics.insert(seen.topic.clone());
        group.count = group.count.saturating_add(count);
        group.last_at = group.last_at.max(Some(seen.last_at));
        for payload in payloads {
            // An identity that is shared hands over one by one.
            let later = seen.payloads.iter().rev().position(|p| p == payload).unwrap_or(0);
            let heard = Heard { topic: Some(seen.topic.clone()), payload: payload.clone() };
            group.heard.insert((later, heard));
        }
    }
}

impl Group<'_> {
    /// The last message of every topic before the last but one of any.
    fn heard(&self) -> Vec<Heard> {
        let latest = self.heard.iter().take(HEARD_MAX);
        let mut all: Vec<_> =
            latest.map(|(later, heard)| (&heard.topic, std::cmp::Reverse(later), heard)).collect();
        all.sort();
        all.into_iter().map(|(.., heard)| heard.clone()).collect()
    }

    fn waiting(self, own: &str, key: String, home: &str, profiles: &Profiles) -> Waiting {
        let mut heard = self.heard();
        heard.extend(shared::radio(own, &self.heard));
        let mut told = self.told;
        // What knows most exactly what a device tells speaks first.
        told.sort_by_key(|device| device.dialect);
        let mut device = told.first().map(|first| (*first).clone());
        if let Some(device) = &mut device {
            for other in told.iter().skip(1) {
                device.models.extend(other.models.iter().cloned());
                if device.vendor.is_empty() {
                    device.vendor.clone_from(&other.vendor);
                }
                if device.exposes.is_empty() {
                    device.exposes.clone_from(&other.exposes);
                }
            }
        }
        let guesses = identify::messages(profiles, device.as_ref(), &heard);
        let but = guesses.iter().filter(|guess| guess.is_sure && !guess.fits);
        let but: Vec<String> = but
            .map(|near| format!("{} is its model, but {}", near.profile, near.why_not.join("; ")))
            .collect();
        let guesses: Vec<Guess> =
            guesses.into_iter().filter(|guess| guess.fits).take(GUESSES_MAX).collect();
        let of = |f: fn(&Announced) -> &str| device.as_ref().map_or("", f).to_owned();
        let last =
            own.rsplit_once('#').or_else(|| own.rsplit_once('/')).map_or(own, |(_, last)| last);
        let last = last.to_owned();
        let name = Some(of(|d| &d.name)).filter(|name| !name.is_empty()).unwrap_or(last);
        let mut remarks = device.as_ref().map(|d| d.remarks.clone()).unwrap_or_default();
        if certain(&guesses).is_none() {
            remarks.extend(but);
        }
        let doubts = device.iter().flat_map(|d| &d.exposes);
        remarks.extend(doubts.filter_map(|e| Some(format!("{}: {}", e.label, e.doubt.as_ref()?))));
        let profile = certain(&guesses).unwrap_or("PROFILE");
        let id = slug(&name);
        let base = guesses.first().and_then(|guess| guess.base.as_deref()).filter(|b| is_plain(b));
        let base = base.map_or(String::new(), |base| format!(" --base {base}"));
        let adopt = format!(
            "careloop devices adopt {key} --home {home} --room ROOM --as {id} --profile {profile}{base}"
        );
        Waiting {
            key,
            name,
            vendor: of(|d| &d.vendor),
            model: of(Announced::model),
            announced: told.iter().map(|device| device.dialect).collect(),
            topics: self.topics.into_iter().collect(),
            count: self.count,
            last_at: self.last_at.unwrap_or(Time(0)),
            heard,
            guesses,
            remarks,
            adopt,
            device,
        }
    }
}

fn certain(guesses: &[Guess]) -> Option<&str> {
    let best = guesses.first().filter(|best| !best.is_generic)?;
    (best.is_sure || guesses.len() == 1).then_some(best.profile.as_str())
}

/// Whether it can stand in a command as it is. The key tells the base as well.
fn is_plain(base: &str) -> bool {
    base.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
}

/// Where the devices of the register speak.
fn registered(homes: &[Arc<Home>], profiles: &Profiles) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for device in homes.iter().flat_map(|home| &home.devices) {
        let Binding::Mqtt(address) = &device.binding else { continue };
        let Some(profile) = Profile::of(profiles, device) else { continue };
        for pattern in profile.patterns() {
            if pattern.contains(topic::DEVICE) {
                let topic = pattern.replace(topic::DEVICE, address);
                all.extend(stem(&topic));
                all.insert(topic);
            } else {
                all.insert(format!("{pattern}#{address}"));
            }
        }
    }
    all
}

/// A key for each, long where a short one would mean two.
fn keys<'s>(stems: impl Iterator<Item = &'s str> + Clone) -> Vec<String> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for stem in stems.clone() {
        *count.entry(key(stem, KEY)).or_default() += 1;
    }
    let one = |stem: &str| {
        let short = key(stem, KEY);
        if count.get(&short) == Some(&1) { short } else { key(stem, KEY_LONG) }
    };
    stems.map(one).collect()
}

/// The first letters of a hash (FNV-1a, 64 bits), each of five bits.
fn key(stem: &str, letters: usize) -> String {
    let hash = stem.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let letter = |n: usize| {
        let at = u32::try_from(n * 5).ok().and_then(|by| hash.checked_shr(by)).unwrap_or(0) & 31;
        LETTERS.get(usize::try_from(at).unwrap_or(0)).map_or('2', |byte| char::from(*byte))
    };
    (0..letters).map(letter).collect()
}

/// A name that can stand in the register.
pub fn slug(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let all: String = name.chars().map(plain).collect();
    let parts: Vec<&str> = all.split('-').filter(|part| !part.is_empty()).collect();
    let short: String = parts.join("-").chars().take(32).collect();
    let short = short.trim_matches('-').to_owned();
    if short.is_empty() { "device".to_owned() } else { short }
}
