//! All sessions, all subscriptions, all retained messages. No IO: it is told what happened, and
//! says what has to be remembered. One lock around it is held for microseconds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::connect::Will;
use super::session::{Link, Session, Subscription, Taken};
use super::topic::{Filter, Tree};
use super::wire::{Broken, FOREVER, Message, Version};
use super::{Counts, Settings};
use crate::store::keep::Keep;

/// A client of one name may hold this many subscriptions.
const SUBSCRIPTIONS_MAX: usize = 10_000;

/// Which session, and which of its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    pub(super) key: u64,
    pub(super) epoch: u64,
}

/// Somebody who may come in.
#[derive(Debug)]
pub struct Guest {
    /// Its identifier.
    pub client: String,
    /// Under which name it logged in.
    pub user: Option<String>,
    /// Begin anew.
    pub clean: bool,
    /// For how many seconds the session outlives the connection.
    pub expiry: u32,
    /// What it speaks.
    pub version: Version,
    /// How many messages it takes unacknowledged.
    pub window: u16,
    /// The longest packet it takes.
    pub max_packet: usize,
    /// For when it is cut off.
    pub will: Option<Will>,
}

/// Somebody who came in.
#[derive(Debug)]
pub struct Joined {
    /// Its seat.
    pub seat: Seat,
    /// Whether there was a session.
    pub present: bool,
    /// Told when there is something to send.
    pub wake: Arc<Notify>,
    /// To be on disk before it is told so.
    pub keep: Vec<Keep>,
    /// The will of the connection it replaces: published first.
    pub former: Option<Message>,
}

/// Somebody who cannot come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoEntry {
    /// The identifier belongs to another user's session.
    NotYours,
    /// There are too many.
    Full,
}

/// What a message with a packet identifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Not seen before.
    New,
    /// Stored before: acknowledge it again.
    Stored,
    /// On its way to the disk; its acknowledgement will come.
    Coming,
    /// An earlier connection is still storing it: ask again later.
    Elsewhere,
}

/// See the module.
#[derive(Debug)]
pub struct Router {
    pub(super) sessions: BTreeMap<u64, Session>,
    pub(super) names: BTreeMap<String, u64>,
    pub(super) tree: Tree<Subscription>,
    pub(super) retained: BTreeMap<String, Arc<Message>>,
    /// What has to be written, but holds nothing up.
    pub(super) later: Vec<Keep>,
    pub(super) last: u64,
    pub(super) connected: usize,
    pub(super) durable: usize,
    pub(super) limits: Arc<Settings>,
    pub(super) counts: Arc<Counts>,
}

impl Router {
    pub(super) fn by_name(&mut self, client: &str) -> Option<&mut Session> {
        self.sessions.get_mut(self.names.get(client)?)
    }

    pub(super) fn add(&mut self, session: Session) -> u64 {
        self.last += 1;
        self.durable += usize::from(session.is_durable());
        self.names.insert(session.client.clone(), self.last);
        self.sessions.insert(self.last, session);
        self.last
    }

    pub(super) fn put(&mut self, key: u64, filter: Filter, subscription: Subscription) -> bool {
        let fresh = self.tree.put(&filter, key, subscription.clone()).is_none();
        if let Some(session) = self.sessions.get_mut(&key) {
            session.subscriptions.insert(filter, subscription);
        }
        fresh
    }

    /// Ends a session. Says whether the store has it.
    fn remove(&mut self, key: u64) -> Option<Session> {
        let session = self.sessions.remove(&key)?;
        self.names.remove(&session.client);
        self.connected -= usize::from(session.link.is_some());
        self.durable -= usize::from(session.is_durable());
        for filter in session.subscriptions.keys() {
            self.tree.take(filter, key);
        }
        if let Some(link) = &session.link {
            link.wake.notify_one();
        }
        Some(session)
    }

    /// Takes a client in, in place of its former connection. `known` tells whether a user exists.
    ///
    /// # Errors
    /// It is not let in.
    pub fn join(
        &mut self,
        guest: Guest,
        known: impl FnOnce(Option<&str>) -> bool,
        now: Instant,
    ) -> Result<Joined, NoEntry> {
        let before = self.names.get(&guest.client).copied();
        let session = before.and_then(|key| self.sessions.get_mut(&key));
        let online = session.as_ref().is_some_and(|s| s.link.is_some());
        if session.as_ref().is_some_and(|s| s.user != guest.user && known(s.user.as_deref())) {
            return Err(NoEntry::NotYours);
        }
        if self.limits.max_clients <= self.connected && !online {
            return Err(NoEntry::Full);
        }
        if self.limits.max_sessions <= self.sessions.len() && before.is_none() {
            self.evict().ok_or(NoEntry::Full)?;
        }
        let mut former = None;
        let mut over = guest.clean;
        if let Some(session) = before.and_then(|key| self.sessions.get_mut(&key)) {
            over |= session.user != guest.user;
            over |= !session.is_durable() || session.ends.is_some_and(|at| at <= now);
            if let Some(link) = session.unlink() {
                self.connected -= 1;
                link.wake.notify_one();
                former = link.will.filter(|will| !will.delayed).map(|will| will.message);
            }
        }
        let mut keep = self.later_of(&guest.client);
        let gone = before.filter(|_| over).and_then(|key| self.remove(key));
        if gone.is_some_and(|s| s.is_durable()) {
            keep.push(Keep::Forget { client: guest.client.clone() });
        }
        let present = before.is_some() && !over;
        let key = match before.filter(|_| present) {
            Some(key) => key,
            None => self.add(Session::new(guest.client, guest.user, guest.expiry)),
        };
        self.last += 1;
        let epoch = self.last;
        let wake = Arc::new(Notify::new());
        self.connected += 1;
        if let Some(session) = self.sessions.get_mut(&key) {
            self.durable -= usize::from(session.is_durable());
            let changed = session.expiry != guest.expiry;
            session.expiry = guest.expiry;
            self.durable += usize::from(session.is_durable());
            session.ends = None;
            if session.is_durable() && (changed || !present) {
                keep.push(session.keep());
            }
            session.link = Some(Link {
                epoch,
                wake: Arc::clone(&wake),
                version: guest.version,
                window: usize::from(guest.window),
                max_packet: guest.max_packet,
                will: guest.will,
                too_slow: false,
            });
        }
        self.counts.clients.store(u64::try_from(self.connected).unwrap_or(u64::MAX), Relaxed);
        Ok(Joined { seat: Seat { key, epoch }, present, wake, keep, former })
    }

    /// Ends the session whose client has been away for longest.
    fn evict(&mut self) -> Option<()> {
        let away = self.sessions.iter().filter(|(_, s)| s.link.is_none());
        let (key, _) = away.min_by_key(|(_, s)| s.left)?;
        let session = self.remove(*key)?;
        tracing::warn!(client = session.client, "an MQTT session had to make room");
        self.later.push(Keep::Forget { client: session.client });
        Some(())
    }

    /// The session, if this connection is still its own.
    pub(super) fn seated(&mut self, seat: Seat) -> Option<&mut Session> {
        let session = self.sessions.get_mut(&seat.key)?;
        let own = session.link.as_ref().is_some_and(|link| link.epoch == seat.epoch);
        own.then_some(session)
    }

    /// A connection has ended. `quietly`: without its will. Hands back the will if it is due.
    pub fn leave(
        &mut self,
        seat: Seat,
        quietly: bool,
        expiry: Option<u32>,
        now: Instant,
    ) -> Option<Message> {
        let session = self.seated(seat)?;
        let was_durable = session.is_durable();
        // A session that was to end with its connection cannot be made to last at the end.
        session.expiry = expiry.filter(|_| was_durable).unwrap_or(session.expiry);
        let durable = session.is_durable();
        let will = session.unlink().and_then(|link| link.will).filter(|_| !quietly);
        session.ends = ends(session.expiry, now);
        session.left = Some(now);
        let client = session.client.clone();
        self.connected -= 1;
        self.durable -= usize::from(was_durable && !durable);
        self.counts.clients.store(u64::try_from(self.connected).unwrap_or(u64::MAX), Relaxed);
        if !durable {
            self.remove(seat.key);
        }
        if was_durable && !durable {
            self.later.push(Keep::Forget { client });
        }
        will.map(|will| will.message)
    }

    /// Ends the sessions whose time has come.
    pub fn expire(&mut self, now: Instant) {
        let over = |s: &Session| s.link.is_none() && s.ends.is_some_and(|at| at <= now);
        let keys: Vec<u64> =
            self.sessions.iter().filter(|(_, s)| over(s)).map(|(k, _)| *k).collect();
        for key in keys {
            if let Some(session) = self.remove(key) {
                self.later.push(Keep::Forget { client: session.client });
            }
        }
    }

    /// Subscribes. Says whether it is new, or `None`: there are too many.
    pub fn subscribe(&mut self, seat: Seat, filter: Filter, wanted: Subscription) -> Option<bool> {
        let session = self.seated(seat)?;
        let new = !session.subscriptions.contains_key(&filter);
        if new && SUBSCRIPTIONS_MAX <= session.subscriptions.len() {
            return None;
        }
        Some(self.put(seat.key, filter, wanted))
    }

    /// Unsubscribes. Says whether there was such a subscription.
    pub fn unsubscribe(&mut self, seat: Seat, filter: &Filter) -> bool {
        let Some(session) = self.seated(seat) else { return false };
        let was = session.subscriptions.remove(filter).is_some();
        self.tree.take(filter, seat.key);
        was
    }

    /// The change that writes this session to the store, with what has to be written before.
    pub fn keep(&mut self, seat: Seat) -> Vec<Keep> {
        let Some(session) = self.seated(seat).filter(|s| s.is_durable()) else { return Vec::new() };
        let (client, keep) = (session.client.clone(), session.keep());
        let mut all = self.later_of(&client);
        all.push(keep);
        all
    }

    /// The client's identifier, if its session is in the store.
    pub fn durable(&mut self, seat: Seat) -> Option<String> {
        self.seated(seat).filter(|s| s.is_durable()).map(|s| s.client.clone())
    }

    /// A QoS 2 message comes in; if it is new it is noted.
    pub fn take(&mut self, seat: Seat, id: u16) -> Seen {
        let Some(session) = self.seated(seat) else { return Seen::Elsewhere };
        match session.taken.get(&id) {
            None => {
                session.taken.insert(id, Taken::Coming(seat.epoch));
                Seen::New
            }
            Some(Taken::Stored) => Seen::Stored,
            Some(Taken::Coming(epoch)) if *epoch == seat.epoch => Seen::Coming,
            Some(Taken::Coming(_)) => Seen::Elsewhere,
        }
    }

    /// Whether the QoS 2 message was stored; if not, it may come again.
    pub fn took(&mut self, seat: Seat, id: u16, stored: bool) {
        let Some(session) = self.sessions.get_mut(&seat.key) else { return };
        if session.taken.get(&id) != Some(&Taken::Coming(seat.epoch)) {
        } else if stored {
            session.taken.insert(id, Taken::Stored);
        } else {
            session.taken.remove(&id);
        }
    }

    /// PUBREL came: the identifier is free again. Hands back what must be on disk before PUBCOMP.
    ///
    /// # Errors
    /// There was no PUBREC yet.
    pub fn release(&mut self, seat: Seat, id: u16) -> Result<Option<Keep>, Broken> {
        let Some(session) = self.seated(seat) else { return Ok(None) };
        match session.taken.get(&id) {
            None => return Ok(None),
            Some(Taken::Coming(_)) => return Err(Broken::Protocol),
            Some(Taken::Stored) => session.taken.remove(&id),
        };
        let client = session.client.clone();
        Ok(session.is_durable().then_some(Keep::Taken { client, packet: id, done: true }))
    }

    /// PUBACK or PUBCOMP came, or a PUBREC that says no.
    pub fn acknowledged(&mut self, seat: Seat, id: u16) {
        let Some(session) = self.sessions.get_mut(&seat.key) else { return };
        if session.link.as_ref().is_some_and(|link| link.epoch == seat.epoch) {
            session.acknowledged(id, &mut self.later);
        }
    }

    /// PUBREC came.
    pub fn released(&mut self, seat: Seat, id: u16) {
        if let Some(session) = self.seated(seat) {
            session.released(id);
        }
    }

    /// What waits to be written about this client: it goes first, so that what is written now is
    /// not undone by it.
    fn later_of(&mut self, client: &str) -> Vec<Keep> {
        let about = |keep: &mut Keep| match keep {
            Keep::Retain { .. } => false,
            Keep::Session { client: c, .. }
            | Keep::Forget { client: c }
            | Keep::Queue { client: c, .. }
            | Keep::Unqueue { client: c, .. }
            | Keep::Taken { client: c, .. } => c == client,
        };
        self.later.extract_if(.., about).collect()
    }

    /// What has to be written.
    pub fn take_later(&mut self) -> Vec<Keep> {
        std::mem::take(&mut self.later)
    }

    /// Whether there is something to write.
    pub fn has_later(&self) -> bool {
        !self.later.is_empty()
    }

    /// Has this written too.
    pub fn add_later(&mut self, keep: Vec<Keep>) {
        self.later.extend(keep);
    }

    /// Puts back, in front, what could not be written.
    pub fn put_back(&mut self, mut keep: Vec<Keep>) {
        keep.append(&mut self.later);
        self.later = keep;
    }
}

/// When a session ends that has just lost its client.
pub(super) fn ends(expiry: u32, now: Instant) -> Option<Instant> {
    (expiry != FOREVER).then(|| now + Duration::from_secs(u64::from(expiry)))
}
