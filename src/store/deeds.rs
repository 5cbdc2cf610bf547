//! Who saw, took away or changed what.

use rusqlite::params;

use crate::domain::{Deed, DeedOnRecord, HomeId, Time};

use super::chain::DEEDS;
use super::journal::to_text;
use super::{Reader, StoreError, Writing, failed, from_text, readable};

impl Writing<'_> {
    /// Puts a deed on record at `at`, in wall time, and seals it.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_deed(&self, deed: &Deed, at: Time) -> Result<(), StoreError> {
        self.put_in_full(&deed.clone().into(), at)
    }

    /// The same, with what came of it.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_in_full(&self, on_record: &DeedOnRecord, at: Time) -> Result<(), StoreError> {
        let Deed { home, incident, .. } = &on_record.deed;
        let of = (home.as_ref().map_or("", HomeId::as_str), incident.unwrap_or(0), at);
        self.append(&DEEDS, of, &to_text("a deed", on_record)?)
    }

    /// Forgets deeds before `before`, in wall time. One that proves a deletion stays as long as what it
    /// proves, and whatever came after it.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn forget_deeds(&self, before: Time) -> Result<(), StoreError> {
        let sql = "SELECT min(coalesce((SELECT min(id) FROM deed WHERE ?1 <= at), max(id) + 1),
                coalesce((SELECT min(forgotten) FROM entry WHERE forgotten IS NOT NULL), max(id) + 1))
            FROM deed";
        let cut: Option<i64> = self
            .tx
            .query_row(sql, [before.0], |r| r.get(0))
            .map_err(failed("find which deeds to forget"))?;
        let Some(cut) = cut else { return Ok(()) };
        self.cut_chain(&DEEDS, cut)?;
        self.forget_cut_tombstones(cut)
    }
}

impl Reader {
    /// Deeds with when they were done in wall time, oldest first; only of this home, if one is named, and
    /// those of several.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn deeds(&self, home: Option<&HomeId>) -> Result<Vec<(Time, Deed)>, StoreError> {
        let all = self.deeds_in_full(home)?;
        Ok(all.into_iter().map(|(at, on_record)| (at, on_record.deed)).collect())
    }

    /// The same, with what came of them.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn deeds_in_full(
        &self,
        home: Option<&HomeId>,
    ) -> Result<Vec<(Time, DeedOnRecord)>, StoreError> {
        if !self.has_deeds()? {
            return Ok(Vec::new());
        }
        let sql =
            "SELECT at, deed FROM deed WHERE ?1 IS NULL OR home = ?1 OR home = '' ORDER BY id";
        readable(self.db(), sql, params![home.map(HomeId::as_str)], |row| {
            Some((Time(row.get(0).ok()?), from_text(row, 1)?))
        })
        .map_err(failed("read the deeds"))
    }

    /// The deeds with something whose words begin so, with what came of them; the latest first.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn last_deeds(
        &self,
        begins: &str,
        most: u32,
    ) -> Result<Vec<(Time, DeedOnRecord)>, StoreError> {
        if !self.has_deeds()? {
            return Ok(Vec::new());
        }
        // What was forgotten says nothing any more.
        let sql = "SELECT at, deed FROM deed WHERE CASE WHEN json_valid(deed)
            THEN substr(json_extract(deed, '$.of'), 1, length(?1)) = ?1 END
            ORDER BY id DESC LIMIT ?2";
        readable(self.db(), sql, params![begins, most], |row| {
            Some((Time(row.get(0).ok()?), from_text(row, 1)?))
        })
        .map_err(failed("read the latest deeds"))
    }

    /// The latest changes of what is called so, of this home or of what is everybody's: each with its number, the
    /// latest first.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn changes_of(
        &self,
        of: &str,
        home: Option<&HomeId>,
        most: u32,
    ) -> Result<Vec<(i64, Time, DeedOnRecord)>, StoreError> {
        // What was forgotten says nothing any more.
        let sql =
            "SELECT id, at, deed FROM deed WHERE home = ?1 AND CASE WHEN json_valid(deed) THEN
            json_extract(deed, '$.of') = ?2 AND json_extract(deed, '$.deed') = 'changed' END
            ORDER BY id DESC LIMIT ?3";
        let home = home.map_or("", HomeId::as_str);
        readable(self.db(), sql, params![home, of, most], |row| {
            Some((row.get(0).ok()?, Time(row.get(1).ok()?), from_text(row, 2)?))
        })
        .map_err(failed("read the latest changes"))
    }

    /// A file that an earlier program wrote, and no hub has opened since, has none.
    pub(super) fn has_deeds(&self) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'deed'";
        let count: i64 =
            self.db().query_row(sql, [], |r| r.get(0)).map_err(failed("look for the deeds"))?;
        Ok(count == 1)
    }
}
