//! Keeps what is owed and no more: raw observations for a while, incidents and their record longer.

use rusqlite::params;

use crate::domain::Time;

use super::chain::RECORD;
use super::{StoreError, Writing, failed};

impl Writing<'_> {
    /// Removes the journal's rows up to and with `upto`; see the gateway's `fold`. Returns how many.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn cut_journal(&self, upto: i64) -> Result<usize, StoreError> {
        self.tx
            .execute("DELETE FROM journal WHERE seq <= ?1", [upto])
            .map_err(failed("cut the journal"))
    }

    /// Forgets incidents closed before `before` (wall time), their deliveries, and the record up to
    /// the oldest incident that stays.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn forget_incidents(&self, before: Time) -> Result<(), StoreError> {
        let run = |sql: &str| {
            self.tx.execute(sql, params![before.0]).map(drop).map_err(failed("forget incidents"))
        };
        // What was closed then was detected before: that finds it by the index.
        run("DELETE FROM delivery WHERE (home, n) IN (SELECT home, n FROM incident
             WHERE detected_at < ?1 AND closed_at < ?1)")?;
        run("DELETE FROM incident WHERE detected_at < ?1 AND closed_at < ?1")?;
        // The chain is cut from its beginning only, at the first entry that is still wanted.
        let cut: Option<i64> = self
            .tx
            .query_row(
                "SELECT coalesce((SELECT e.id FROM entry e WHERE EXISTS (SELECT 1 FROM incident i
                 WHERE i.home = e.home AND i.n = e.n) ORDER BY e.id LIMIT 1),
                 (SELECT max(id) + 1 FROM entry))",
                [],
                |r| r.get(0),
            )
            .map_err(failed("find what to forget"))?;
        let Some(cut) = cut else { return Ok(()) };
        self.cut_chain(&RECORD, cut)
    }
}
