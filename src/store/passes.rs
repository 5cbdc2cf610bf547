//! What lets people and programs in.

use rusqlite::{OptionalExtension as _, params};

use crate::domain::{Digest, Pass, PassDeed, PassKind, PersonId, Time};

use super::{Reader, StoreError, Writing, failed, parsed, readable};

impl Writing<'_> {
    /// Whether this pass is good at `now` in hub time.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn has_pass(&self, digest: &Digest, now: Time) -> Result<bool, StoreError> {
        self.tx
            .prepare_cached("SELECT 1 FROM pass WHERE digest = ?1 AND ?2 < until")
            .and_then(|mut select| select.exists(params![digest, now.0]))
            .map_err(failed("look for a pass"))
    }

    /// Notes a change of what lets people in, at `now` in hub time.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_pass(&self, deed: &PassDeed, now: Time) -> Result<(), StoreError> {
        match deed {
            PassDeed::Give(Pass { digest, kind, who, about, made, until, seen }) => {
                // What is over is of no use to anybody.
                self.run("DELETE FROM pass WHERE until <= ?1", params![now.0])?;
                self.run(
                    "INSERT OR REPLACE INTO pass VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    params![digest, kind.name(), who, about, made.0, until.0, seen.0],
                )
            }
            PassDeed::Seen { digest, at, until } => self.run(
                "UPDATE pass SET seen = ?2, until = max(until, ?3) WHERE digest = ?1",
                params![digest, at.0, until.0],
            ),
            PassDeed::End(digest) => {
                self.run("DELETE FROM pass WHERE digest = ?1", params![digest])
            }
            PassDeed::EndAll { who, kind, but } => self.run(
                "DELETE FROM pass WHERE who = ?1 AND kind = ?2 AND (?3 IS NULL OR digest <> ?3)",
                params![who, kind.name(), but],
            ),
            PassDeed::Password { who, hash: Some(hash) } => {
                let sql = "INSERT OR REPLACE INTO password VALUES (?1, ?2)";
                self.run(sql, params![who.as_str(), hash])
            }
            PassDeed::Password { who, hash: None } => {
                self.run("DELETE FROM password WHERE person = ?1", params![who.as_str()])
            }
        }
    }

    fn run(&self, sql: &str, params: impl rusqlite::Params) -> Result<(), StoreError> {
        let mut change = self.tx.prepare_cached(sql).map_err(failed("note a pass"))?;
        change.execute(params).map(drop).map_err(failed("note a pass"))
    }
}

impl Reader {
    /// The pass with this digest, if it is good at `now` in hub time.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn pass(&self, digest: &Digest, now: Time) -> Result<Option<Pass>, StoreError> {
        let sql = "SELECT digest, kind, who, about, made, until, seen FROM pass
            WHERE digest = ?1 AND ?2 < until";
        let found = readable(self.db(), sql, params![digest, now.0], pass);
        found.map(|mut all| all.pop()).map_err(failed("read a pass"))
    }

    /// Every pass that is good at `now` in hub time, the latest first.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn passes(&self, now: Time) -> Result<Vec<Pass>, StoreError> {
        let sql = "SELECT digest, kind, who, about, made, until, seen FROM pass
            WHERE ?1 < until ORDER BY made DESC, digest";
        readable(self.db(), sql, [now.0], pass).map_err(failed("read the passes"))
    }

    /// The hash of somebody's password, if they have one.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn password(&self, who: &PersonId) -> Result<Option<String>, StoreError> {
        self.db()
            .query_row("SELECT hash FROM password WHERE person = ?1", [who.as_str()], |r| r.get(0))
            .optional()
            .map_err(failed("read a password"))
    }
}

fn pass(row: &rusqlite::Row<'_>) -> Option<Pass> {
    Some(Pass {
        digest: row.get(0).ok()?,
        kind: parsed::<PassKind>(row, 1)?,
        who: row.get(2).ok()?,
        about: row.get(3).ok()?,
        made: Time(row.get(4).ok()?),
        until: Time(row.get(5).ok()?),
        seen: Time(row.get(6).ok()?),
    })
}
