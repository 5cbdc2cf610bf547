//! Devices that were announced, and by whom: bounded, and written only when something is new.

use rusqlite::params;

use crate::device::discovery::Newcomer;
use crate::device::waiting::Told;
use crate::domain::Time;

use super::journal::to_text;
use super::{Reader, StoreError, Writing, failed, from_text, readable};

/// How many announced devices are remembered; the one that changed longest ago goes first.
pub const ANNOUNCED_MAX: usize = 500;

impl Writing<'_> {
    /// Writes one down; `last_at` is wall time.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_announced(
        &self,
        key: &str,
        last_at: Time,
        newcomer: &Newcomer,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO announced VALUES (?1, ?2, ?3)";
        let device = to_text("announced", newcomer)?;
        self.tx
            .prepare_cached(sql)
            .and_then(|mut s| s.execute(params![key, last_at.0, device]))
            .map(drop)
            .map_err(failed("write down an announced device"))
    }

    /// Forgets one.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn forget_announced(&self, key: &str) -> Result<(), StoreError> {
        self.tx
            .execute("DELETE FROM announced WHERE key = ?1", [key])
            .map(drop)
            .map_err(failed("forget an announced device"))
    }
}

impl Reader {
    /// All of them with their keys and when they last changed, in the order of the keys.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn newcomers(&self) -> Result<Vec<(String, Time, Newcomer)>, StoreError> {
        let sql = "SELECT key, last_at, device FROM announced ORDER BY key";
        readable(self.db(), sql, [], |r| {
            Some((r.get(0).ok()?, Time(r.get(1).ok()?), from_text(r, 2)?))
        })
        .map_err(failed("read the announced devices"))
    }

    /// All of them as they are announced, for the waiting list.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn announced(&self) -> Result<Vec<Told>, StoreError> {
        let told = |(_, last_at, newcomer): (String, Time, Newcomer)| {
            Some(Told { device: newcomer.whole()?, last_at })
        };
        Ok(self.newcomers()?.into_iter().filter_map(told).collect())
    }
}
