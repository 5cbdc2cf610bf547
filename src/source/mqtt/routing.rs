//! Whom a message goes to, and how it gets there.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio::time::Instant;

use super::router::{Router, Seat};
use super::session::{Delivery, Subscription};
use super::topic::Filter;
use super::wire::Message;
use crate::store::keep::Keep;

/// What is settled about a message before it is stored.
#[derive(Debug, Default)]
pub struct Plan {
    queued: Vec<(u64, i64, Delivery)>,
    retain: bool,
}

impl Router {
    /// Takes back what a session that goes on was subscribed to, and may not be any more. Returns
    /// the change that writes it.
    pub fn withdraw(&mut self, seat: Seat, may: impl Fn(&Filter) -> bool) -> Vec<Keep> {
        let Some(session) = self.sessions.get(&seat.key) else { return Vec::new() };
        let gone = session.subscriptions.keys().filter(|filter| !may(filter));
        let gone: Vec<Filter> = gone.cloned().collect();
        for filter in &gone {
            self.unsubscribe(seat, filter);
        }
        if gone.is_empty() { Vec::new() } else { self.keep(seat) }
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
        // Each topic once, however often it is asked for.
        session.replay.retain(|(topic, _)| !filter.matches(topic));
        for (topic, qos) in topics {
            let numbers = wanted.number.into_iter().collect();
            let how = Delivery { qos: qos.min(wanted.qos), retain: true, numbers };
            session.replay.push_back((topic, how));
        }
        session.wake();
    }

    /// Whether this is, word for word, what is retained already.
    pub fn retains(&self, message: &Message) -> bool {
        let same = |kept: &Arc<Message>| kept.payload.as_slice() == message.payload.as_slice();
        message.retain && self.retained.get(&message.topic).is_some_and(same)
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
    pub fn route(&mut self, from: Option<Seat>, message: &Arc<Message>, plan: &Plan) {
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
            while session.has_room(limits)
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
}
