//! All sessions, all subscriptions, all retained messages. No IO: it is told what happened, and
//! says what has to be remembered. One lock around it is held for microseconds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use mqtt_protocol_core::mqtt::prelude::IntoPayload as _;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::session::{Delivery, Link, Session, State, Subscription, Taken};
use super::topic::{Filter, Tree};
use super::wire::{FOREVER, Message, Version, Will};
use super::{Counts, Settings};
use crate::store::keep::{Keep, Kept};

/// A client of one name may hold this many subscriptions.
const SUBSCRIPTIONS_MAX: usize = 10_000;

/// Which session, and which of its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    key: u64,
    epoch: u64,
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

/// What is settled about a message before it is stored.
#[derive(Debug, Default)]
pub struct Plan {
    queued: Vec<(u64, i64, Delivery)>,
    retain: bool,
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
    sessions: BTreeMap<u64, Session>,
    names: BTreeMap<String, u64>,
    tree: Tree<Subscription>,
    retained: BTreeMap<String, Arc<Message>>,
    /// What has to be written, but holds nothing up.
    later: Vec<Keep>,
    last: u64,
    connected: usize,
    durable: usize,
    limits: Arc<Settings>,
    counts: Arc<Counts>,
}

impl Router {
    /// With all that was kept. Expiries begin anew: nobody knows how long careloop was off.
    pub fn new(kept: Kept, limits: Arc<Settings>, counts: Arc<Counts>, now: Instant) -> Self {
        let mut router = Self {
            sessions: BTreeMap::new(),
            names: BTreeMap::new(),
            tree: Tree::default(),
            retained: BTreeMap::new(),
            later: Vec::new(),
            last: 0,
            connected: 0,
            durable: 0,
            limits,
            counts,
        };
        for (topic, payload, qos) in kept.retained {
            let payload = payload.into_payload();
            let message =
                Message { topic: topic.clone(), payload, qos, retain: true, ..Message::default() };
            router.retained.insert(topic, Arc::new(message));
        }
        for (client, state) in kept.sessions {
            router.restore(client, &state, now);
        }
        for keep in kept.queued {
            let Keep::Queue { client, n, topic, payload, qos, retain } = keep else { continue };
            let payload = payload.into_payload();
            let message = Message { topic, payload, qos, ..Message::default() };
            match router.by_name(&client) {
                Some(session) => session.restore(n, message, qos, retain),
                None => router.later.push(Keep::Unqueue { client, n }),
            }
        }
        for (client, packet) in kept.taken {
            match router.by_name(&client) {
                Some(session) => drop(session.taken.insert(packet, Taken::Stored)),
                None => router.later.push(Keep::Taken { client, packet, done: true }),
            }
        }
        router
    }

    fn restore(&mut self, client: String, state: &str, now: Instant) {
        let State { user, expiry, subscriptions } = match serde_json::from_str(state) {
            Ok(state) => state,
            Err(error) => {
                tracing::warn!(client, %error, "the session of an MQTT client cannot be read; it begins anew");
                self.later.push(Keep::Forget { client });
                return;
            }
        };
        let mut session = Session::new(client, user, expiry);
        session.ends = ends(expiry, now);
        let key = self.add(session);
        for (filter, subscription) in subscriptions {
            if let Ok(filter) = filter.parse() {
                self.put(key, filter, subscription);
            }
        }
    }

    fn by_name(&mut self, client: &str) -> Option<&mut Session> {
        self.sessions.get_mut(self.names.get(client)?)
    }

    fn add(&mut self, session: Session) -> u64 {
        self.last += 1;
        self.durable += usize::from(session.is_durable());
        self.names.insert(session.client.clone(), self.last);
        self.sessions.insert(self.last, session);
        self.last
    }

    fn put(&mut self, key: u64, filter: Filter, subscription: Subscription) -> bool {
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
        let full = self.limits.max_clients <= self.connected && !online
            || self.limits.max_sessions <= self.sessions.len() && before.is_none();
        if full {
            return Err(NoEntry::Full);
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
        // What waits to be written goes first, so that nothing written now is undone by it.
        let mut keep = std::mem::take(&mut self.later);
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

    /// The session, if this connection is still its own.
    fn seated(&mut self, seat: Seat) -> Option<&mut Session> {
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
        let keep = session.keep();
        let mut all = std::mem::take(&mut self.later);
        all.push(keep);
        all
    }

    /// The client's identifier, if its session is in the store.
    pub fn durable(&mut self, seat: Seat) -> Option<String> {
        self.seated(seat).filter(|s| s.is_durable()).map(|s| s.client.clone())
    }

    /// Sends what is retained under a filter, as it is when its turn comes.
    pub fn replay(&mut self, seat: Seat, filter: &Filter, wanted: &Subscription) {
        let topics: Vec<(String, u8)> = if filter.is_plain() {
            self.retained
                .get(filter.as_str())
                .map(|m| (m.topic.clone(), m.qos))
                .into_iter()
                .collect()
        } else {
            let stem = filter.stem().to_owned();
            // `a/#` matches `a` too.
            let parent = stem.strip_suffix('/').unwrap_or(&stem).to_owned();
            (self.retained.range(parent.clone()..))
                .take_while(|(topic, _)| topic.starts_with(&parent))
                .filter(|(topic, _)| filter.matches(topic))
                .map(|(topic, message)| (topic.clone(), message.qos))
                .collect()
        };
        let Some(session) = self.seated(seat) else { return };
        for (topic, qos) in topics {
            let numbers = wanted.number.into_iter().collect();
            let how = Delivery { qos: qos.min(wanted.qos), retain: true, numbers };
            session.replay.push_back((topic, how));
        }
        session.wake();
    }

    /// Whom a message goes to, each once, and how.
    fn recipients(&self, from: Option<Seat>, message: &Message) -> Vec<(u64, Delivery)> {
        let mut all: Vec<(u64, Delivery)> = Vec::new();
        self.tree.find(&message.topic, &mut |key, wanted| {
            if wanted.no_local && from.is_some_and(|seat| seat.key == key) {
                return;
            }
            let qos = wanted.qos.min(message.qos);
            let retain = wanted.as_published && message.retain;
            if let Some((_, how)) = all.iter_mut().find(|(k, _)| *k == key) {
                how.qos = how.qos.max(qos);
                how.retain |= retain;
                how.numbers.extend(wanted.number);
            } else {
                all.push((
                    key,
                    Delivery { qos, retain, numbers: wanted.number.into_iter().collect() },
                ));
            }
        });
        all
    }

    /// Before a message is stored: what must be stored with it.
    pub fn plan(&mut self, from: Option<Seat>, message: &Message) -> (Plan, Vec<Keep>) {
        let (mut plan, mut keep) = (Plan::default(), Vec::new());
        if message.retain {
            plan.retain = message.payload.is_empty()
                || self.retained.len() < self.limits.max_retained
                || self.retained.contains_key(&message.topic);
            if plan.retain {
                keep.push(Keep::Retain {
                    topic: message.topic.clone(),
                    payload: message.payload.as_slice().to_vec(),
                    qos: message.qos,
                });
            } else {
                self.counts.dropped.fetch_add(1, Relaxed);
            }
        }
        if message.qos == 0 || self.durable == 0 {
            return (plan, keep);
        }
        for (key, how) in self.recipients(from, message) {
            let Some(session) = self.sessions.get_mut(&key).filter(|s| s.is_durable()) else {
                continue;
            };
            if how.qos != 0 {
                let (n, queue) = session.reserve(message, &how);
                keep.push(queue);
                plan.queued.push((key, n, how));
            }
        }
        (plan, keep)
    }

    /// After a message was stored: it goes to all who want it.
    pub fn route(&mut self, from: Option<Seat>, message: &Arc<Message>, plan: Plan) {
        if plan.retain && message.payload.is_empty() {
            self.retained.remove(&message.topic);
        } else if plan.retain {
            self.retained.insert(message.topic.clone(), Arc::clone(message));
        }
        let recipients = self.recipients(from, message);
        let (limits, counts, later) = (&*self.limits, &*self.counts, &mut self.later);
        let fresh =
            recipients.into_iter().filter(|(key, _)| !plan.queued.iter().any(|q| q.0 == *key));
        let fresh: Vec<_> = fresh.map(|(key, how)| (key, None, how)).collect();
        let queued = plan.queued.iter().map(|(key, n, how)| (*key, Some(*n), how.clone()));
        for (key, n, how) in queued.chain(fresh) {
            if let Some(session) = self.sessions.get_mut(&key) {
                session.deliver(message, how, n, limits, counts, later);
            }
        }
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
    pub fn release(&mut self, seat: Seat, id: u16) -> Option<Keep> {
        let session = self.seated(seat)?;
        session.taken.remove(&id)?;
        let client = session.client.clone();
        session.is_durable().then_some(Keep::Taken { client, packet: id, done: true })
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

    /// Writes what may go out now, until `out` is as long as `room`.
    ///
    /// # Errors
    /// The connection has to end: with the reason for DISCONNECT.
    pub fn drain(
        &mut self,
        seat: Seat,
        out: &mut Vec<u8>,
        room: usize,
        now: Instant,
    ) -> Result<(), u8> {
        let (limits, counts) = (&*self.limits, &*self.counts);
        let session = self.sessions.get_mut(&seat.key).ok_or(0x8e)?;
        let link = session.link.as_ref().filter(|link| link.epoch == seat.epoch).ok_or(0x8e)?;
        if link.too_slow {
            return Err(0x97);
        }
        loop {
            while session.has_room()
                && let Some((topic, how)) = session.replay.pop_front()
            {
                if let Some(message) = self.retained.get(&topic) {
                    session.deliver(message, how, None, limits, counts, &mut self.later);
                }
            }
            let before = out.len();
            session.drain(out, room, now, counts, &mut self.later);
            if out.len() == before || room <= out.len() || session.replay.is_empty() {
                return Ok(());
            }
        }
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

    #[cfg(test)]
    pub fn waiting(&mut self, client: &str) -> usize {
        self.by_name(client).map_or(0, |s| s.waiting())
    }
}

fn ends(expiry: u32, now: Instant) -> Option<Instant> {
    (expiry != FOREVER).then(|| now + Duration::from_secs(u64::from(expiry)))
}
