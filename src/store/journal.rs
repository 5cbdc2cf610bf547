//! The journal: every input, in order.

use rusqlite::params;

use crate::domain::{HomeId, Input, Time};

use super::{Reader, StoreError, Writing, failed};

/// One row of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its place, counting up without end.
    pub seq: i64,
    /// Hub time.
    pub at: Time,
    /// To whose engine it came.
    pub home: HomeId,
    /// What.
    pub input: Input,
}

impl Writing<'_> {
    /// Adds one input. Returns its place.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn record(&self, now: Time, home: &HomeId, input: &Input) -> Result<i64, StoreError> {
        let text = to_text("an input", input)?;
        let sql = "INSERT INTO journal (at, home, input) VALUES (?1, ?2, ?3)";
        let mut insert = self.tx.prepare_cached(sql).map_err(failed("prepare the journal"))?;
        insert.insert(params![now.0, home.as_str(), text]).map_err(failed("write the journal"))
    }
}

impl Reader {
    /// Reads the journal behind `seq`, in order, one row at a time. The visitor may stop it.
    ///
    /// # Errors
    /// When SQLite cannot, or a row cannot be read.
    pub fn journal(
        &self,
        behind: i64,
        visit: impl FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        read(self.db(), behind, i64::MAX, visit)
    }

    /// The same, up to and with `upto`.
    ///
    /// # Errors
    /// When SQLite cannot, or a row cannot be read.
    pub fn journal_part(
        &self,
        behind: i64,
        upto: i64,
        visit: impl FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        read(self.db(), behind, upto, visit)
    }

    /// The first and last row that are there.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn journal_ends(&self) -> Result<Option<(i64, i64)>, StoreError> {
        let ends: (Option<i64>, Option<i64>) = self
            .db()
            .query_row("SELECT min(seq), max(seq) FROM journal", [], |r| Ok((r.get(0)?, r.get(1)?)))
            .map_err(failed("read the journal's ends"))?;
        Ok(ends.0.zip(ends.1))
    }
}

/// Reads rows behind `after`, up to and with `upto`.
fn read(
    db: &rusqlite::Connection,
    after: i64,
    upto: i64,
    mut visit: impl FnMut(Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let sql = "SELECT seq, at, home, input FROM journal WHERE ?1 < seq AND seq <= ?2 ORDER BY seq";
    let mut select = db.prepare_cached(sql).map_err(failed("prepare the journal"))?;
    let mut rows = select.query(params![after, upto]).map_err(failed("read the journal"))?;
    while let Some(row) = rows.next().map_err(failed("read the journal"))? {
        let seq: i64 = row.get(0).map_err(failed("read the journal"))?;
        let at: i64 = row.get(1).map_err(failed("read the journal"))?;
        let home: String = row.get(2).map_err(failed("read the journal"))?;
        let input =
            row.get_ref(3).and_then(|v| Ok(v.as_str()?)).map_err(failed("read the journal"))?;
        let what = || format!("row {seq} of the journal");
        visit(Row {
            seq,
            at: Time(at),
            home: home.parse().map_err(|why| StoreError::Unreadable { what: what(), why })?,
            input: serde_json::from_str(input)
                .map_err(|e| StoreError::Unreadable { what: what(), why: e.to_string() })?,
        })?;
    }
    Ok(())
}

/// Writes a value of the on-disk format.
pub(super) fn to_text<T: serde::Serialize>(what: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|e| StoreError::Unreadable { what: what.to_owned(), why: e.to_string() })
}
