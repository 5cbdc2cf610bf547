//! Who may log in, and what they may publish and subscribe to.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ring::digest::{SHA256, digest};
use ring::{hmac, rand};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::secret::Secret;

use super::topic::Filter;

/// Failed logins of one address under one name, before it has to wait.
const TRIES_PER_NAME: u32 = 5;
/// Failed logins of one address under any names, before it has to wait.
const TRIES_PER_ADDRESS: u32 = 50;
/// How long it then waits, and how long failures are remembered.
const PENANCE: Duration = Duration::from_secs(60);
/// How many addresses and names are remembered.
const REMEMBERED_MAX: usize = 4096;
/// Our own topics: a wildcard in the first level does not give the right to publish there.
const OWN: &str = "careloop";

/// Somebody who may log in.
#[derive(Debug, Clone)]
pub struct Client {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// What they may do.
    pub rights: Rights,
}

/// A device that logs in for itself. In its rights nothing stands for anything else: its address is
/// filled in, and comes from outside.
#[derive(Debug, Clone)]
pub struct OwnDevice {
    /// The user name.
    pub user: String,
    /// SHA-256 of the password.
    pub digest: [u8; 32],
    /// What it may do.
    pub rights: Rights,
}

/// Topics one may publish and subscribe to. In a filter `%u` stands for the user name and `%c` for
/// the client identifier. `careloop/…` and `$…` can be published to only by naming them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    /// May publish to these.
    pub publish: Vec<Filter>,
    /// May subscribe to these and to whatever is narrower.
    pub subscribe: Vec<Filter>,
}

/// A login that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Wrong name or password.
    Wrong,
    /// No name was given, and one is needed.
    Nameless,
    /// Too many have failed; not even looked at.
    Throttled,
}

/// The rights of one client, placeholders filled in.
#[derive(Debug, Default)]
pub struct Permit {
    publish: Vec<Pattern>,
    subscribe: Vec<Pattern>,
    /// The device it was given to; it may be taken away.
    device: Option<(String, Arc<Entry>)>,
}

/// A device at the door.
#[derive(Debug)]
pub struct Entry {
    /// Of the password's digest.
    tag: hmac::Tag,
    rights: Rights,
}

/// The devices that may log in, by user name.
pub type Devices = Arc<BTreeMap<String, Arc<Entry>>>;

/// Level by level, so that what replaces a placeholder is never taken for a wildcard or a slash.
#[derive(Debug)]
struct Pattern(Vec<Level>);

#[derive(Debug)]
enum Level {
    Is(String),
    Any,
    Rest,
}

/// How many logins failed from an address, under a name and (`None`) under any, and until when that
/// is remembered.
type Failures = BTreeMap<(IpAddr, Option<String>), (u32, Instant)>;

/// The door of the broker.
#[derive(Debug)]
pub struct Access {
    key: hmac::Key,
    known: BTreeMap<String, (hmac::Tag, Rights)>,
    /// These come and go while we run.
    devices: watch::Sender<Devices>,
    anonymous: Option<Rights>,
    failures: Mutex<Failures>,
}

impl Access {
    /// A door for these. Passwords are kept as keyed digests, the key living only in this process.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new(
        clients: Vec<Client>,
        anonymous: Option<Rights>,
    ) -> Result<Self, ring::error::Unspecified> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &rand::SystemRandom::new())?;
        let known = clients
            .into_iter()
            .map(|c| (c.user, (hmac::sign(&key, c.password.reveal().as_bytes()), c.rights)))
            .collect();
        let devices = watch::Sender::default();
        Ok(Self { key, known, devices, anonymous, failures: Mutex::default() })
    }

    /// From now on these devices may log in, and no others. Whoever is in by a password that is no
    /// longer good, or with rights that are no longer the same, is cut off.
    pub fn let_in(&self, devices: Vec<OwnDevice>) {
        let entry = |device: OwnDevice| {
            let tag = hmac::sign(&self.key, &device.digest);
            (device.user, Arc::new(Entry { tag, rights: device.rights }))
        };
        let new: BTreeMap<String, Arc<Entry>> = devices.into_iter().map(entry).collect();
        let old = self.devices.send_replace(Arc::new(new.clone()));
        // A new password has not been guessed at yet.
        let tag = |of: &BTreeMap<String, Arc<Entry>>, user: &str| {
            of.get(user).map(|entry| entry.tag.as_ref().to_vec())
        };
        let is_new = |user: &str| tag(&new, user).is_some() && tag(&new, user) != tag(&old, user);
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|(_, name), _| !name.as_deref().is_some_and(is_new));
    }

    /// Tells of every change of the devices.
    pub fn devices(&self) -> watch::Receiver<Devices> {
        self.devices.subscribe()
    }

    /// Whether what was permitted still is.
    pub fn stands(&self, permit: &Permit) -> bool {
        let Some((user, given)) = &permit.device else { return true };
        self.devices
            .borrow()
            .get(user)
            .is_some_and(|now| now.tag.as_ref() == given.tag.as_ref() && now.rights == given.rights)
    }

    /// Whether somebody of this name may still log in.
    pub fn knows(&self, user: Option<&str>) -> bool {
        let has = |user| self.known.contains_key(user) || self.devices.borrow().contains_key(user);
        user.map_or(self.anonymous.is_some(), has)
    }

    /// Lets a client in, or not.
    ///
    /// # Errors
    /// Why not.
    pub fn login(
        &self,
        user: Option<&str>,
        password: Option<&[u8]>,
        client: &str,
        from: IpAddr,
        now: Instant,
    ) -> Result<Permit, Denied> {
        let device = user.and_then(|user| self.devices.borrow().get(user).cloned());
        // Where nobody has a name, one that is given means nothing: some devices cannot do without.
        let means =
            |_: &&str| device.is_some() || self.anonymous.is_none() || !self.known.is_empty();
        let Some(user) = user.filter(means) else {
            let rights = self.anonymous.as_ref().ok_or(Denied::Nameless)?;
            return Ok(Permit::new(rights, "", client));
        };
        if self.is_throttled(user, from, now) {
            return Err(Denied::Throttled);
        }
        let given = password.unwrap_or_default();
        if let Some(entry) = device {
            let given = digest(&SHA256, given);
            return match hmac::verify(&self.key, given.as_ref(), entry.tag.as_ref()) {
                Ok(()) => Ok(Permit::of_device(user, entry)),
                Err(_unlike) => Err(self.failed(user, from, now)),
            };
        }
        match self.known.get(user) {
            // `hmac::verify` takes the same time wherever the two differ.
            Some((tag, rights)) if hmac::verify(&self.key, given, tag.as_ref()).is_ok() => {
                Ok(Permit::new(rights, user, client))
            }
            Some(_) => Err(self.failed(user, from, now)),
            None => {
                // As much work as for a known name.
                let _tag = hmac::sign(&self.key, given);
                Err(self.failed(user, from, now))
            }
        }
    }

    fn is_throttled(&self, user: &str, from: IpAddr, now: Instant) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        [(Some(user.to_owned()), TRIES_PER_NAME), (None, TRIES_PER_ADDRESS)].into_iter().any(
            |(name, tries)| {
                failures.get(&(from, name)).is_some_and(|(n, until)| tries <= *n && now < *until)
            },
        )
    }

    fn failed(&self, user: &str, from: IpAddr, now: Instant) -> Denied {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if REMEMBERED_MAX <= failures.len() {
            failures.retain(|_, (_, until)| now < *until);
        }
        for name in [Some(user.to_owned()), None] {
            let known = failures.contains_key(&(from, name.clone()));
            // When even the fresh ones are too many, one address tries many names: it is the
            // count of the address that stops it.
            if known || name.is_none() || failures.len() < REMEMBERED_MAX {
                let (n, until) = failures.entry((from, name)).or_insert((0, now));
                *n = if *until <= now { 1 } else { n.saturating_add(1) };
                *until = now + PENANCE;
            }
        }
        Denied::Wrong
    }
}

impl Permit {
    fn new(rights: &Rights, user: &str, client: &str) -> Self {
        let fill = |filters: &[Filter]| {
            filters.iter().map(|filter| Pattern::new(filter, user, client)).collect()
        };
        Self { publish: fill(&rights.publish), subscribe: fill(&rights.subscribe), device: None }
    }

    fn of_device(user: &str, entry: Arc<Entry>) -> Self {
        let fill = |filters: &[Filter]| filters.iter().map(Pattern::as_it_is).collect();
        let Rights { publish, subscribe } = &entry.rights;
        let (publish, subscribe) = (fill(publish), fill(subscribe));
        Self { publish, subscribe, device: Some((user.to_owned(), entry)) }
    }

    /// Whether a message may be published to this name.
    pub fn publish(&self, topic: &str) -> bool {
        let first = topic.split('/').next().unwrap_or_default();
        let named = first == OWN || first.starts_with('$');
        self.publish.iter().any(|p| p.covers(topic) && (!named || p.names_its_first_level()))
    }

    /// Whether all that matches this filter may be read.
    pub fn subscribe(&self, filter: &Filter) -> bool {
        self.subscribe.iter().any(|p| p.covers(filter.as_str()))
    }
}

impl Pattern {
    fn new(filter: &Filter, user: &str, client: &str) -> Self {
        Self::filled(filter, |text| {
            // In one pass, so that a `%c` within a user name stays what it is.
            let parts = text.split("%u").map(|part| part.replace("%c", client));
            parts.collect::<Vec<_>>().join(user)
        })
    }

    fn as_it_is(filter: &Filter) -> Self {
        Self::filled(filter, str::to_owned)
    }

    fn filled(filter: &Filter, fill: impl Fn(&str) -> String) -> Self {
        let level = |text: &str| match text {
            "+" => Level::Any,
            "#" => Level::Rest,
            text => Level::Is(fill(text)),
        };
        Self(filter.as_str().split('/').map(level).collect())
    }

    /// Whether each name that matches `narrower`, a filter or a name, matches this.
    fn covers(&self, narrower: &str) -> bool {
        let mut levels = narrower.split('/');
        for level in &self.0 {
            match (level, levels.next()) {
                (Level::Rest, _) => return true,
                (Level::Any, Some(other)) if other != "#" => {}
                // A name that holds `+`, `#` or `/` after filling in covers nothing.
                (Level::Is(text), Some(other)) if text == other && other != "+" && other != "#" => {
                }
                _ => return false,
            }
        }
        levels.next().is_none()
    }

    fn names_its_first_level(&self) -> bool {
        matches!(self.0.first(), Some(Level::Is(_)))
    }
}

#[cfg(test)]
mod tests;
