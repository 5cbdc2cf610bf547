//! What the router knows when it starts.

use std::collections::BTreeMap;
use std::sync::Arc;

use mqtt_protocol_core::mqtt::prelude::IntoPayload as _;
use tokio::time::Instant;

use super::router::{Router, ends};
use super::session::{Session, State, Taken};
use super::topic::Tree;
use super::wire::Message;
use super::{Counts, Settings};
use crate::store::keep::{Keep, Kept};

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
}
