//! Keeps what is owed and no more: raw observations for a while, incidents and their record longer.

use std::collections::BTreeMap;

use rusqlite::params;

use crate::domain::{Deed, DeedOnRecord, Deletion, Doing, Time};

use super::chain::RECORD;
use super::{StoreError, Writing, failed, readable};

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
    /// the oldest incident that stays. What the record says of them behind that one goes too, and leaves
    /// its seals; that is a deed, done at `at`.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn forget_incidents(&self, before: Time, at: Time) -> Result<(), StoreError> {
        let run = |sql: &str| {
            self.tx.execute(sql, params![before.0]).map(drop).map_err(failed("forget incidents"))
        };
        // What was closed then was detected before: that finds it by the index.
        let gone = "FROM incident WHERE detected_at < ?1 AND closed_at < ?1";
        let which: Vec<(String, u32)> =
            readable(&self.tx, &format!("SELECT home, n {gone}"), [before.0], |row| {
                Some((row.get(0).ok()?, row.get(1).ok()?))
            })
            .map_err(failed("find the incidents to forget"))?;
        run(&format!("DELETE FROM delivery WHERE (home, n) IN (SELECT home, n {gone})"))?;
        run(&format!("DELETE {gone}"))?;
        // The chain is cut from its beginning only, at the first entry that is still wanted, or that says
        // that something was deleted before its time.
        let cut: Option<i64> = self
            .tx
            .query_row(
                "SELECT coalesce((SELECT e.id FROM entry e WHERE ?1 <= at OR EXISTS (SELECT 1 FROM incident i
                 WHERE i.home = e.home AND i.n = e.n) ORDER BY e.id LIMIT 1),
                 (SELECT max(id) + 1 FROM entry))",
                [before.0],
                |r| r.get(0),
            )
            .map_err(failed("find what to forget"))?;
        let Some(cut) = cut else { return Ok(()) };
        self.cut_chain(&RECORD, cut)?;
        self.bury_incidents(&which, before, at)
    }

    fn bury_incidents(
        &self,
        which: &[(String, u32)],
        before: Time,
        at: Time,
    ) -> Result<(), StoreError> {
        if which.is_empty() {
            return Ok(());
        }
        let keys = serde_json::json!(which).to_string();
        let of_them = "(x.home, x.n) IN
            (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?1))";
        let left = self.bury(&RECORD, self.next_deed()?, of_them, [keys])?;
        if left.lines == 0 {
            return Ok(());
        }
        let (_, seal) = self.last_of(&RECORD)?;
        let tombstones = [(RECORD.table.to_owned(), left)].into();
        let deed = Deed {
            deed: Doing::Forgotten,
            of: format!("incidents closed before {before}"),
            home: None,
            incident: None,
            by: "careloop".to_owned(),
            why: "keep_incidents is over".to_owned(),
        };
        let deletion = Some(Deletion { rows: BTreeMap::new(), tombstones, seal });
        self.put_in_full(&DeedOnRecord { deletion, ..deed.into() }, at)
    }
}
