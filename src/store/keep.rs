//! What our own MQTT listener must not forget: retained messages, sessions, and what waits for them.

use rusqlite::{Row, ToSql};

use super::{Reader, StoreError, Writing, failed, readable};

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

impl Writing<'_> {
    /// Makes one change of the listener's memory durable.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn keep(&self, keep: &Keep) -> Result<(), StoreError> {
        let run = |sql: &str, values: &[&dyn ToSql]| {
            let mut statement = self.tx.prepare_cached(sql)?;
            statement.execute(values).map(drop)
        };
        let done = match keep {
            Keep::Retain { topic, payload, .. } if payload.is_empty() => {
                run("DELETE FROM retained WHERE topic = ?1", &[topic])
            }
            Keep::Retain { topic, payload, qos } => {
                run("INSERT OR REPLACE INTO retained VALUES (?1, ?2, ?3)", &[topic, payload, qos])
            }
            Keep::Session { client, state } => {
                run("INSERT OR REPLACE INTO session VALUES (?1, ?2)", &[client, state])
            }
            Keep::Forget { client } => {
                ["session", "queued", "taken"].iter().try_for_each(|table| {
                    run(&format!("DELETE FROM {table} WHERE client = ?1"), &[client])
                })
            }
            Keep::Queue { client, n, topic, payload, qos, retain } => run(
                "INSERT OR REPLACE INTO queued VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &[client, n, topic, payload, qos, retain],
            ),
            Keep::Unqueue { client, n } => {
                run("DELETE FROM queued WHERE client = ?1 AND n = ?2", &[client, n])
            }
            Keep::Taken { client, packet, done: true } => {
                run("DELETE FROM taken WHERE client = ?1 AND packet = ?2", &[client, packet])
            }
            Keep::Taken { client, packet, done: false } => {
                run("INSERT OR REPLACE INTO taken VALUES (?1, ?2)", &[client, packet])
            }
        };
        done.map_err(failed("keep the listener's memory"))
    }
}

impl Reader {
    /// All that the listener kept.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn kept(&self) -> Result<Kept, StoreError> {
        let read = || -> rusqlite::Result<Kept> {
            let db = self.db();
            let sql = "SELECT client, n, topic, payload, qos, retain FROM queued
                ORDER BY client, n";
            let queued = |r: &Row<'_>| {
                Some(Keep::Queue {
                    client: r.get(0).ok()?,
                    n: r.get(1).ok()?,
                    topic: r.get(2).ok()?,
                    payload: r.get(3).ok()?,
                    qos: r.get(4).ok()?,
                    retain: r.get(5).ok()?,
                })
            };
            Ok(Kept {
                retained: readable(db, "SELECT topic, payload, qos FROM retained", [], |r| {
                    Some((r.get(0).ok()?, r.get(1).ok()?, r.get(2).ok()?))
                })?,
                sessions: readable(db, "SELECT client, state FROM session", [], |r| {
                    Some((r.get(0).ok()?, r.get(1).ok()?))
                })?,
                queued: readable(db, sql, [], queued)?,
                taken: readable(db, "SELECT client, packet FROM taken", [], |r| {
                    Some((r.get(0).ok()?, r.get(1).ok()?))
                })?,
            })
        };
        read().map_err(failed("read the listener's memory"))
    }
}
