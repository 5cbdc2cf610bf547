//! How walk tests ended: the latest of each device.

use std::collections::BTreeMap;

use rusqlite::params;

use crate::domain::{DeviceId, HomeId, Walked};

use super::journal::to_text;
use super::{Reader, StoreError, Writing, failed, from_text, readable};

impl Writing<'_> {
    /// Writes down how the test of a device ended, in place of the one before.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_walk(
        &self,
        home: &HomeId,
        device: &DeviceId,
        result: &Walked,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO walk VALUES (?1, ?2, ?3, ?4)";
        let text = to_text("the result of a walk test", result)?;
        self.tx
            .prepare_cached(sql)
            .and_then(|mut s| {
                s.execute(params![home.as_str(), device.as_str(), result.ended_at.0, text])
            })
            .map(drop)
            .map_err(failed("write down a walk test"))
    }

    /// Forgets how the test of a device ended: it is no longer the same one, or not where it was.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn forget_walk(&self, home: &HomeId, device: &DeviceId) -> Result<(), StoreError> {
        self.tx
            .execute(
                "DELETE FROM walk WHERE home = ?1 AND device = ?2",
                [home.as_str(), device.as_str()],
            )
            .map(drop)
            .map_err(failed("forget a walk test"))
    }
}

impl Reader {
    /// How the latest test of each device of a home ended.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn walks(&self, home: &HomeId) -> Result<BTreeMap<DeviceId, Walked>, StoreError> {
        let sql = "SELECT device, result FROM walk WHERE home = ?1";
        let all = readable(self.db(), sql, [home.as_str()], |r| {
            let device = r.get::<_, String>(0).ok()?.parse().ok()?;
            Some((device, from_text(r, 1)?))
        });
        all.map(|all| all.into_iter().collect()).map_err(failed("read the walk tests"))
    }
}
