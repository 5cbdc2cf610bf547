//! Taps of people that are on disk, by the names that their phones gave them: a phone that does not know whether
//! one arrived sends it again, and it counts once.

use rusqlite::params;

use crate::domain::{Span, Time};

use super::{StoreError, Writing, failed};

/// No phone keeps a tap longer than this.
const KEPT: Span = Span::hours(24 * 7);

impl Writing<'_> {
    /// Whether the tap of this name was made before.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn has_tap(&self, name: &str) -> Result<bool, StoreError> {
        self.tx
            .prepare_cached("SELECT 1 FROM tap WHERE name = ?1")
            .and_then(|mut select| select.exists([name]))
            .map_err(failed("look for a tap"))
    }

    /// The tap of this name is made, at `now` in hub time.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_tap(&self, name: &str, now: Time) -> Result<(), StoreError> {
        let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
            self.tx.prepare_cached(sql).and_then(|mut s| s.execute(params))
        };
        run("DELETE FROM tap WHERE at < ?1", params![(now - KEPT).0])
            .and_then(|_| run("INSERT OR IGNORE INTO tap VALUES (?1, ?2)", params![name, now.0]))
            .map(drop)
            .map_err(failed("note a tap"))
    }
}
