//! Messages from nobody we know, and messages that could not be understood (P10): counted, the last
//! few kept, and bounded.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use crate::device::waiting::Seen;
use crate::domain::Time;

use super::journal::to_text;
use super::{Reader, StoreError, Writing, failed, from_text, readable};

/// How many origins are remembered; the one heard of longest ago goes first.
pub const ORIGINS_MAX: usize = 500;
/// How many messages are kept of each.
pub const SAMPLES_MAX: usize = 3;
/// How much is kept of each message, in bytes.
pub const SAMPLE_BYTES_MAX: usize = 1024;

/// One origin of such messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stranger {
    /// Topic or port.
    pub origin: String,
    /// `home/device`, if it is a device of the register that was not understood.
    pub device: Option<String>,
    /// How many came.
    pub count: u64,
    /// When the first came, in wall time.
    pub first_at: Time,
    /// When the last came, in wall time.
    pub last_at: Time,
    /// The last few, newest last.
    pub samples: Vec<Sample>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// As text if it is text, else as hex; cut at [`SAMPLE_BYTES_MAX`].
    pub payload: String,
    /// What was wrong where.
    pub why: Vec<String>,
}

impl Stranger {
    /// The messages of nobody known, for the waiting list. `None`: it came from a device of the
    /// register, or not by MQTT.
    pub fn seen(&self) -> Option<Seen> {
        let topic = self.origin.strip_prefix("mqtt ").filter(|_| self.device.is_none())?;
        Some(Seen {
            topic: topic.to_owned(),
            payloads: self.samples.iter().map(|s| s.payload.clone().into_bytes()).collect(),
            count: self.count,
            last_at: self.last_at,
        })
    }
}

impl Writing<'_> {
    /// Writes one down.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_stranger(&self, stranger: &Stranger) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO strange VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let Stranger { origin, device, count, first_at, last_at, samples } = stranger;
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        let samples = to_text("samples", samples)?;
        self.tx
            .prepare_cached(sql)
            .and_then(|mut s| {
                s.execute(params![origin, device, count, first_at.0, last_at.0, samples])
            })
            .map(drop)
            .map_err(failed("write down a strange message"))
    }

    /// Forgets one.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn forget_stranger(&self, origin: &str) -> Result<(), StoreError> {
        self.tx
            .execute("DELETE FROM strange WHERE origin = ?1", [origin])
            .map(drop)
            .map_err(failed("forget a strange message"))
    }
}

impl Reader {
    /// All of them, the latest first.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn strangers(&self) -> Result<Vec<Stranger>, StoreError> {
        let sql = "SELECT origin, device, count, first_at, last_at, samples FROM strange
            ORDER BY last_at DESC";
        readable(self.db(), sql, [], |r| {
            Some(Stranger {
                origin: r.get(0).ok()?,
                device: r.get(1).ok()?,
                count: u64::try_from(r.get::<_, i64>(2).ok()?).unwrap_or(0),
                first_at: Time(r.get(3).ok()?),
                last_at: Time(r.get(4).ok()?),
                samples: from_text(r, 5).unwrap_or_default(),
            })
        })
        .map_err(failed("read the strange messages"))
    }
}
