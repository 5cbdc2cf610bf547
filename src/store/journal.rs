//! The journal: every input, in order.

use rusqlite::params;

use crate::domain::{HomeId, Input, Time};

use super::{Reader, StoreError, Writing, failed, from_text, parsed, readable};

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
    /// Adds one input at its place, behind all others.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn record(
        &self,
        seq: i64,
        now: Time,
        home: &HomeId,
        input: &Input,
    ) -> Result<(), StoreError> {
        let text = to_text("an input", input)?;
        let sql = "INSERT INTO journal VALUES (?1, ?2, ?3, ?4)";
        let mut insert = self.tx.prepare_cached(sql).map_err(failed("prepare the journal"))?;
        insert
            .execute(params![seq, now.0, home.as_str(), text])
            .map(drop)
            .map_err(failed("write the journal"))
    }
}

impl Reader {
    /// Reads the journal behind `seq`, in order, one row at a time. Returns how many rows were
    /// passed over because they cannot be read: one damaged row must not keep careloop from
    /// starting (P11).
    ///
    /// # Errors
    /// When SQLite cannot, or the visitor.
    pub fn journal(
        &self,
        behind: i64,
        visit: impl FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<u64, StoreError> {
        self.journal_part(behind, i64::MAX, visit)
    }

    /// The same, up to and with `upto`.
    ///
    /// # Errors
    /// When SQLite cannot, or the visitor.
    pub fn journal_part(
        &self,
        behind: i64,
        upto: i64,
        mut visit: impl FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<u64, StoreError> {
        let sql =
            "SELECT seq, at, home, input FROM journal WHERE ?1 < seq AND seq <= ?2 ORDER BY seq";
        let mut select = self.db().prepare_cached(sql).map_err(failed("prepare the journal"))?;
        let mut rows = select.query(params![behind, upto]).map_err(failed("read the journal"))?;
        let mut passed_over = 0;
        while let Some(row) = rows.next().map_err(failed("read the journal"))? {
            match parse(row) {
                Some(row) => visit(row)?,
                None => passed_over += 1,
            }
        }
        Ok(passed_over)
    }

    /// At most `most` rows of the journal behind `seq`, in order: `visit` gets the instant of each, and the row
    /// where it is of a home that is `wanted` and can be read. Returns the last that was read; nothing, behind the
    /// end. What is read by portions keeps nobody from tidying the file up.
    ///
    /// # Errors
    /// When SQLite cannot, or the visitor.
    pub fn journal_portion(
        &self,
        behind: i64,
        most: u32,
        wanted: impl Fn(&str) -> bool,
        mut visit: impl FnMut(Time, Option<Row>),
    ) -> Result<Option<i64>, StoreError> {
        let mut read = || -> rusqlite::Result<_> {
            let sql =
                "SELECT seq, at, home, input FROM journal WHERE ?1 < seq ORDER BY seq LIMIT ?2";
            let mut select = self.db().prepare_cached(sql)?;
            let mut rows = select.query(params![behind, most])?;
            let mut last = None;
            while let Some(row) = rows.next()? {
                last = Some(row.get(0)?);
                let is_wanted = row.get_ref(2)?.as_str().is_ok_and(&wanted);
                visit(Time(row.get(1)?), if is_wanted { parse(row) } else { None });
            }
            Ok(last)
        };
        read().map_err(failed("read a portion of the journal"))
    }

    /// The first row that is there; `None` if there is none. What was before it is in the bases.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn journal_begin(&self) -> Result<Option<i64>, StoreError> {
        self.db()
            .query_row("SELECT min(seq) FROM journal", [], |r| r.get(0))
            .map_err(failed("read the journal's beginning"))
    }

    /// The journal between two instants of hub time, `to` excluded, as far as it is about one home: `visit`
    /// gets the instant of every row, and what it says where it is that home's and can be read. Of more than
    /// `most` rows only the latest are read. Returns the instant of the first that was.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn journal_of(
        &self,
        home: &HomeId,
        (from, to): (Time, Time),
        most: i64,
        mut visit: impl FnMut(Time, Option<Input>),
    ) -> Result<Option<Time>, StoreError> {
        let mut read = || -> rusqlite::Result<_> {
            let (first, end) = (self.first_at(from)?, self.first_at(to)?);
            let first = first.max(end.saturating_sub(most));
            let sql = "SELECT at, CASE WHEN home = ?3 THEN input END FROM journal
                WHERE ?1 <= seq AND seq < ?2 ORDER BY seq";
            let mut select = self.db().prepare_cached(sql)?;
            let mut rows = select.query(params![first, end, home.as_str()])?;
            let mut begins = None;
            while let Some(row) = rows.next()? {
                let at = Time(row.get(0)?);
                begins.get_or_insert(at);
                visit(at, from_text(row, 1));
            }
            Ok(begins)
        };
        read().map_err(failed("read the journal of a home"))
    }

    /// The first row that is not from before `at`. Hub time never runs backwards, so that halving finds it.
    fn first_at(&self, at: Time) -> rusqlite::Result<i64> {
        let end = |sql: &str| self.db().query_row(sql, [], |row| row.get::<_, i64>(0));
        let mut low = end("SELECT coalesce(min(seq), 1) FROM journal")?;
        let mut high = end("SELECT coalesce(max(seq), 0) + 1 FROM journal")?;
        let sql = "SELECT seq, at FROM journal WHERE ?1 <= seq ORDER BY seq LIMIT 1";
        let mut select = self.db().prepare_cached(sql)?;
        while low < high {
            let middle = low + (high - low) / 2;
            let (seq, is): (i64, i64) =
                select.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if is < at.0 { low = seq + 1 } else { high = middle }
        }
        Ok(low)
    }

    /// The last row that is there; 0 before the first.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn journal_end(&self) -> Result<i64, StoreError> {
        self.db()
            .query_row("SELECT coalesce(max(seq), 0) FROM journal", [], |r| r.get(0))
            .map_err(failed("read the journal's end"))
    }

    /// The oldest rows, at most so many, that are from before `before` in hub time and not the
    /// very last: up to which row they go, and whose they are.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn journal_before(
        &self,
        before: Time,
        most: i64,
    ) -> Result<Option<(i64, Vec<HomeId>)>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            let sql = "SELECT max(seq) FROM (SELECT seq, at FROM journal ORDER BY seq LIMIT ?2)
                WHERE at < ?1 AND seq < (SELECT max(seq) FROM journal)";
            let upto: Option<i64> = self.db().query_row(sql, [before.0, most], |r| r.get(0))?;
            let Some(upto) = upto else { return Ok(None) };
            let sql = "SELECT DISTINCT home FROM journal WHERE seq <= ?1";
            Ok(Some((upto, readable(self.db(), sql, [upto], |row| parsed(row, 0))?)))
        };
        read().map_err(failed("find the oldest of the journal"))
    }
}

fn parse(row: &rusqlite::Row<'_>) -> Option<Row> {
    let (seq, at) = (row.get(0).ok()?, Time(row.get(1).ok()?));
    Some(Row { seq, at, home: parsed(row, 2)?, input: from_text(row, 3)? })
}

/// Writes a value of the on-disk format.
pub(super) fn to_text<T: serde::Serialize>(what: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|e| StoreError::Unreadable { what: what.to_owned(), why: e.to_string() })
}
