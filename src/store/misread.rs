//! What could not be understood of each device of the register, counted by class (P10).

use rusqlite::{Params, params};
use serde::Serialize;

use crate::device::Misread;
use crate::domain::{DeviceId, HomeId, Time};

use super::{Reader, StoreError, Writing, failed, readable};

/// How many counters are remembered; the one that counted longest ago goes first.
pub const COUNTERS_MAX: usize = 20_000;

/// One counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Misreading {
    /// In which home.
    pub home: HomeId,
    /// Which device.
    pub device: DeviceId,
    /// Of what.
    #[serde(serialize_with = "name")]
    pub class: Misread,
    /// How often.
    pub count: u64,
    /// When it was counted last, in wall time.
    pub last_at: Time,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn name<S: serde::Serializer>(class: &Misread, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(class.name())
}

impl Writing<'_> {
    /// Writes one down.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_misread(&self, misread: &Misreading) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO misread VALUES (?1, ?2, ?3, ?4, ?5)";
        let Misreading { home, device, class, count, last_at } = misread;
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        self.tx
            .prepare_cached(sql)
            .and_then(|mut s| {
                s.execute(params![home.as_str(), device.as_str(), class.name(), count, last_at.0])
            })
            .map(drop)
            .map_err(failed("write down what was misread"))
    }

    /// Forgets one.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn forget_misread(
        &self,
        home: &HomeId,
        device: &DeviceId,
        class: Misread,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM misread WHERE home = ?1 AND device = ?2 AND class = ?3";
        self.tx
            .execute(sql, params![home.as_str(), device.as_str(), class.name()])
            .map(drop)
            .map_err(failed("forget what was misread"))
    }
}

impl Reader {
    /// The counters of one home, by device and class.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn misread(&self, home: &HomeId) -> Result<Vec<Misreading>, StoreError> {
        self.misread_where("WHERE home = ?1", [home.as_str()])
    }

    /// The counters of all homes, by home, device and class.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn misread_everywhere(&self) -> Result<Vec<Misreading>, StoreError> {
        self.misread_where("", [])
    }

    fn misread_where(
        &self,
        which: &str,
        params: impl Params,
    ) -> Result<Vec<Misreading>, StoreError> {
        let sql = format!(
            "SELECT home, device, class, count, last_at FROM misread {which}
            ORDER BY home, device, class"
        );
        // A class that this version does not know is another version's to tell of.
        readable(self.db(), &sql, params, |r| {
            Some(Misreading {
                home: r.get::<_, String>(0).ok()?.parse().ok()?,
                device: r.get::<_, String>(1).ok()?.parse().ok()?,
                class: r.get::<_, String>(2).ok()?.parse().ok()?,
                count: u64::try_from(r.get::<_, i64>(3).ok()?).unwrap_or(0),
                last_at: Time(r.get(4).ok()?),
            })
        })
        .map_err(failed("read what was misread"))
    }
}
