//! One client's session: what it subscribed to, what waits for it, what it has not acknowledged.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::connect::Will;
use super::topic::Filter;
use super::wire::{Message, Version};
use super::write::{self, Manner};
use super::{Counts, Settings};
use crate::store::keep::Keep;

/// How many messages go out before the first of them is acknowledged.
const WINDOW: u16 = 64;

/// A subscription, as it is also written to the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// At most.
    pub qos: u8,
    /// Not its own messages.
    #[serde(default)]
    pub no_local: bool,
    /// Keep the retain flag as published.
    #[serde(default)]
    pub as_published: bool,
    /// The client's number for it.
    #[serde(default)]
    pub number: Option<u32>,
}

/// What outlives a restart, in the listener's own notation: JSON.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    /// Whose it is.
    pub user: Option<String>,
    /// Seconds after the end of the connection.
    pub expiry: u32,
    /// By filter.
    pub subscriptions: BTreeMap<String, Subscription>,
}

/// The live end of a session.
#[derive(Debug)]
pub struct Link {
    /// Which connection of all there ever were.
    pub epoch: u64,
    /// Told when there is something to send or the link is closed.
    pub wake: Arc<Notify>,
    /// What it speaks.
    pub version: Version,
    /// How many messages it takes unacknowledged.
    pub window: usize,
    /// The longest packet it takes.
    pub max_packet: usize,
    /// For when it is cut off.
    pub will: Option<Will>,
    /// It does not keep up.
    pub too_slow: bool,
}

/// A message for this client that has to be acknowledged.
#[derive(Debug)]
pub struct Waiting {
    message: Arc<Message>,
    qos: u8,
    retain: bool,
    numbers: Vec<u32>,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Unsent,
    Sent,
    /// Its PUBREC has come.
    Released,
}

/// How a message goes to this client.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// 0 to 2.
    pub qos: u8,
    /// With the retain flag.
    pub retain: bool,
    /// The client's numbers of the subscriptions that matched.
    pub numbers: Vec<u32>,
}

/// A QoS 2 message from this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// By this connection, and it is not on disk yet.
    Coming(u64),
    /// It is on disk.
    Stored,
}

/// A client, connected or not.
#[derive(Debug)]
pub struct Session {
    /// Its identifier.
    pub client: String,
    /// Whose it is.
    pub user: Option<String>,
    /// For how many seconds it outlives its connection; above 0 it is in the store.
    pub expiry: u32,
    /// When it ends, if nobody comes.
    pub ends: Option<Instant>,
    /// When its client left; `None`: before the start, or not yet.
    pub left: Option<Instant>,
    /// By filter.
    pub subscriptions: BTreeMap<Filter, Subscription>,
    /// Its connection.
    pub link: Option<Link>,
    /// QoS 2 messages that came from it, by packet identifier, until their PUBREL.
    pub taken: BTreeMap<u16, Taken>,
    /// Retained messages that it is yet to be sent: topic, and how.
    pub replay: VecDeque<(String, Delivery)>,
    waiting: BTreeMap<i64, Waiting>,
    next: i64,
    bytes: usize,
    /// Those of `waiting` that are not in flight, oldest first.
    to_send: VecDeque<i64>,
    in_flight: BTreeMap<u16, i64>,
    fleeting: VecDeque<(Arc<Message>, Delivery)>,
    fleeting_bytes: usize,
}

impl Session {
    /// A new one.
    pub fn new(client: String, user: Option<String>, expiry: u32) -> Self {
        Self {
            client,
            user,
            expiry,
            ends: None,
            left: None,
            subscriptions: BTreeMap::new(),
            link: None,
            taken: BTreeMap::new(),
            replay: VecDeque::new(),
            waiting: BTreeMap::new(),
            next: 1,
            bytes: 0,
            to_send: VecDeque::new(),
            in_flight: BTreeMap::new(),
            fleeting: VecDeque::new(),
            fleeting_bytes: 0,
        }
    }

    /// Whether it is in the store.
    pub const fn is_durable(&self) -> bool {
        self.expiry != 0
    }

    /// The change that writes it to the store.
    pub fn keep(&self) -> Keep {
        let state = State {
            user: self.user.clone(),
            expiry: self.expiry,
            subscriptions: (self.subscriptions.iter())
                .map(|(filter, s)| (filter.as_str().to_owned(), s.clone()))
                .collect(),
        };
        let state = serde_json::to_string(&state).expect("text keys and plain values are JSON");
        Keep::Session { client: self.client.clone(), state }
    }

    /// A number for a message that will wait, and the change that writes it to the store.
    pub fn reserve(&mut self, message: &Message, how: &Delivery) -> (i64, Keep) {
        let n = self.next;
        self.next += 1;
        let keep = Keep::Queue {
            client: self.client.clone(),
            n,
            topic: message.topic.clone(),
            payload: message.payload.as_slice().to_vec(),
            qos: how.qos,
            retain: how.retain,
        };
        (n, keep)
    }

    /// Puts back what the store had; it may have been sent before.
    pub fn restore(&mut self, n: i64, message: Message, qos: u8, retain: bool) {
        self.next = self.next.max(n.saturating_add(1));
        let how = Delivery { qos, retain, numbers: Vec::new() };
        self.insert(n, Arc::new(message), how, Stage::Sent);
    }

    fn insert(&mut self, n: i64, message: Arc<Message>, how: Delivery, stage: Stage) {
        let Delivery { qos, retain, numbers } = how;
        self.bytes += message.weight();
        self.waiting.insert(n, Waiting { message, qos, retain, numbers, stage });
        self.to_send.push_back(n);
    }

    /// A message for this client; `n` if it is in the store under this number. What has to be
    /// written besides goes to `later`.
    pub fn deliver(
        &mut self,
        message: &Arc<Message>,
        how: Delivery,
        n: Option<i64>,
        limits: &Settings,
        counts: &Counts,
        later: &mut Vec<Keep>,
    ) {
        if how.qos == 0 {
            self.deliver_fleeting(message, how, limits, counts);
            return;
        }
        let n = n.unwrap_or_else(|| {
            let (n, keep) = self.reserve(message, &how);
            if self.is_durable() {
                later.push(keep);
            }
            n
        });
        self.insert(n, Arc::clone(message), how, Stage::Unsent);
        let over =
            |s: &Self| limits.max_queued < s.waiting.len() || limits.max_queued_bytes < s.bytes;
        if over(self)
            && let Some(link) = &mut self.link
        {
            link.too_slow = true;
        }
        while over(self)
            && let Some(oldest) = self.to_send.pop_front()
        {
            counts.dropped.fetch_add(1, Relaxed);
            self.forget(oldest, later);
        }
        self.wake();
    }

    fn deliver_fleeting(
        &mut self,
        message: &Arc<Message>,
        how: Delivery,
        limits: &Settings,
        counts: &Counts,
    ) {
        let weight = message.weight();
        let full = limits.max_queued <= self.fleeting.len()
            || limits.max_queued_bytes < self.fleeting_bytes + weight;
        if full || self.link.is_none() {
            counts.dropped.fetch_add(u64::from(full), Relaxed);
            return;
        }
        self.fleeting_bytes += weight;
        self.fleeting.push_back((Arc::clone(message), how));
        self.wake();
    }

    fn forget(&mut self, n: i64, later: &mut Vec<Keep>) {
        let Some(gone) = self.waiting.remove(&n) else { return };
        self.bytes = self.bytes.saturating_sub(gone.message.weight());
        if self.is_durable() {
            later.push(Keep::Unqueue { client: self.client.clone(), n });
        }
    }

    /// Tells the connection to look.
    pub fn wake(&self) {
        if let Some(link) = &self.link {
            link.wake.notify_one();
        }
    }

    /// The connection is gone: all that is not acknowledged will be sent again, in order.
    pub fn unlink(&mut self) -> Option<Link> {
        self.in_flight.clear();
        self.to_send = self.waiting.keys().copied().collect();
        self.fleeting.clear();
        self.fleeting_bytes = 0;
        self.replay.clear();
        self.link.take()
    }

    /// PUBACK or PUBCOMP came, or a PUBREC that says no.
    pub fn acknowledged(&mut self, id: u16, later: &mut Vec<Keep>) {
        if let Some(n) = self.in_flight.remove(&id) {
            self.forget(n, later);
        }
    }

    /// PUBREC came.
    pub fn released(&mut self, id: u16) {
        let n = self.in_flight.get(&id);
        if let Some(waiting) = n.and_then(|n| self.waiting.get_mut(n)) {
            waiting.stage = Stage::Released;
        }
    }

    /// Writes what may go out now, until `out` is as long as `room`.
    pub fn drain(
        &mut self,
        out: &mut Vec<u8>,
        room: usize,
        now: Instant,
        counts: &Counts,
        later: &mut Vec<Keep>,
    ) {
        let Some(link) = &self.link else { return };
        let (version, max) = (link.version, link.max_packet);
        let window = link.window.min(usize::from(WINDOW));
        while out.len() < room
            && self.in_flight.len() < window
            && let Some(n) = self.to_send.front().copied()
        {
            let id = packet_id(n);
            if self.in_flight.contains_key(&id) {
                break;
            }
            self.to_send.pop_front();
            let Some(waiting) = self.waiting.get_mut(&n) else { continue };
            if waiting.stage == Stage::Released {
                write::acknowledge(out, write::PUBREL, id);
                self.in_flight.insert(id, n);
                continue;
            }
            let manner = Manner {
                qos: waiting.qos,
                id,
                again: waiting.stage == Stage::Sent,
                retain: waiting.retain,
                lives: lives(&waiting.message, now),
                numbers: waiting.numbers.clone(),
            };
            waiting.stage = Stage::Sent;
            if manner.lives != Some(0)
                && write::publish(out, version, &waiting.message, &manner, max)
            {
                self.in_flight.insert(id, n);
                counts.sent.fetch_add(1, Relaxed);
            } else {
                counts.dropped.fetch_add(1, Relaxed);
                self.forget(n, later);
            }
        }
        while out.len() < room
            && let Some((message, how)) = self.fleeting.pop_front()
        {
            self.fleeting_bytes = self.fleeting_bytes.saturating_sub(message.weight());
            let lives = lives(&message, now);
            let Delivery { qos, retain, numbers } = how;
            let manner = Manner { qos, retain, numbers, lives, ..Manner::default() };
            let sent = lives != Some(0) && write::publish(out, version, &message, &manner, max);
            let count = if sent { &counts.sent } else { &counts.dropped };
            count.fetch_add(1, Relaxed);
        }
    }

    /// Whether retained messages may be added to what waits: only little does.
    pub fn has_room(&self, limits: &Settings) -> bool {
        self.to_send.len() + self.fleeting.len() < usize::from(WINDOW)
            && self.bytes + self.fleeting_bytes <= limits.max_queued_bytes / 2
    }
}

/// It follows from the number, so that a message sent again after a restart has the same one, and
/// a client that took it before knows it.
fn packet_id(n: i64) -> u16 {
    u16::try_from(n.rem_euclid(65_535)).unwrap_or_default() + 1
}

/// For how many more seconds a message is worth anything, if that was ever said.
fn lives(message: &Message, now: Instant) -> Option<u32> {
    let left = message.expires?.saturating_duration_since(now);
    Some(u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX))
}
