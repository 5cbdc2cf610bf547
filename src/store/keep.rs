//! What our own MQTT listener must not forget: retained messages, sessions, and what waits for them.

/// One durable change of the listener's memory. It is committed in the same transaction as the
/// message that caused it, before that message is acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// The last message of a topic, for whoever subscribes later. An empty payload removes it.
    Retain {
        /// The topic.
        topic: String,
        /// The message.
        payload: Vec<u8>,
        /// 0 to 2.
        qos: u8,
    },
    /// A session that outlives its connection: its subscriptions as the listener wrote them.
    Session {
        /// The client identifier.
        client: String,
        /// The listener's own notation.
        state: String,
    },
    /// The session is over, with all that waits for it.
    Forget {
        /// The client identifier.
        client: String,
    },
    /// A message waits for a session.
    Queue {
        /// The client identifier.
        client: String,
        /// Counts up within the client.
        n: i64,
        /// The topic.
        topic: String,
        /// The message.
        payload: Vec<u8>,
        /// 1 or 2.
        qos: u8,
        /// Whether it goes out with the retain flag.
        retain: bool,
    },
    /// The client has it.
    Unqueue {
        /// The client identifier.
        client: String,
        /// Which one.
        n: i64,
    },
    /// A QoS 2 message was taken, and its second half has not come yet; or has, when `done`.
    Taken {
        /// The client identifier.
        client: String,
        /// The packet identifier.
        packet: u16,
        /// Whether the exchange is complete.
        done: bool,
    },
}

/// All that was kept, as read at start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Topic, payload, QoS.
    pub retained: Vec<(String, Vec<u8>, u8)>,
    /// Client, state.
    pub sessions: Vec<(String, String)>,
    /// In the order of `(client, n)`; always [`Keep::Queue`].
    pub queued: Vec<Keep>,
    /// Client, packet identifier.
    pub taken: Vec<(String, u16)>,
}
