//! Incidents as they stand, and their record: a chain of entries, each sealed with the one before.

use std::collections::BTreeMap;

use ring::digest::{Context, SHA256};
use rusqlite::{OptionalExtension, params};

use crate::domain::{Entry, HomeId, Incident, Outcome, Span, Stage, Time};

use super::journal::to_text;
use super::{Reader, StoreError, Writing, failed, from_text, parsed, readable};

/// What the first entry is sealed with.
pub(super) const BEGINNING: &str = "careloop";

impl Writing<'_> {
    /// Writes an incident as it stands. `offset` turns hub time into wall time; `outcome` is given
    /// when it closed at `wall`.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_incident(
        &self,
        home: &HomeId,
        incident: &Incident,
        offset: Span,
        closed: Option<(Time, Outcome)>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO incident VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (home, n) DO UPDATE SET level = ?3, stage = ?4, alarmed_at = ?6,
            due_at = ?7, closed_at = CASE ?4 WHEN 'closed' THEN coalesce(?8, closed_at) END,
            outcome = CASE ?4 WHEN 'closed' THEN coalesce(?9, outcome) END, incident = ?10";
        let mut upsert = self.tx.prepare_cached(sql).map_err(failed("prepare an incident"))?;
        let wall = |at: Option<Time>| at.map(|at| (at + offset).0);
        upsert
            .execute(params![
                home.as_str(),
                incident.n,
                level_number(incident),
                Stage::name(incident.stage),
                incident.detected_at.0,
                wall(incident.alarmed),
                wall(incident.due),
                closed.map(|(at, _)| at.0),
                closed.map(|(_, outcome)| outcome.name()),
                to_text("an incident", incident)?,
            ])
            .map(drop)
            .map_err(failed("write an incident"))
    }

    /// Adds a line to an incident's record and seals it.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_entry(&self, home: &HomeId, n: u32, entry: &Entry) -> Result<(), StoreError> {
        let (id, before) = match self.end_of_record()? {
            Some((id, hash)) => (id + 1, hash),
            None => (1, BEGINNING.to_owned()),
        };
        let text = to_text("an entry", entry)?;
        let seal = seal(&before, id, home.as_str(), n.into(), entry.at.0, &text);
        let sql = "INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.tx
            .prepare_cached(sql)
            .and_then(|mut s| s.execute(params![id, home.as_str(), n, entry.at.0, text, seal]))
            .map_err(failed("write the record"))?;
        self.note("record", &format!("{id} {seal}"))
    }

    /// The last entry that was sealed, also where a damaged file has lost it: the audit must find
    /// the gap. Only where even the mark is lost, the last entry that is there.
    fn end_of_record(&self) -> Result<Option<(i64, String)>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            let mut select =
                self.tx.prepare_cached("SELECT value FROM meta WHERE key = 'record'")?;
            let mark: Option<String> = select.query_row([], |r| r.get(0)).optional()?;
            if let Some(mark) = parse_mark(mark.as_deref()) {
                return Ok(Some(mark));
            }
            let sql = "SELECT id, hash FROM entry ORDER BY id DESC LIMIT 1";
            self.tx.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?))).optional()
        };
        read().map_err(failed("read the end of the record"))
    }
}

impl Reader {
    /// For every home that ever had an incident: the open ones, and the greatest number.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn open_incidents(&self) -> Result<BTreeMap<HomeId, OnRecord>, StoreError> {
        let all = || {
            let mut all: BTreeMap<HomeId, OnRecord> = BTreeMap::new();
            let sql = "SELECT home, max(n) FROM incident GROUP BY home";
            for (home, last) in
                readable(self.db(), sql, [], |r| Some((parsed(r, 0)?, r.get(1).ok()?)))?
            {
                all.insert(home, OnRecord { last, open: BTreeMap::new() });
            }
            let sql = "SELECT home, incident FROM incident WHERE closed_at IS NULL";
            for (home, incident) in
                readable(self.db(), sql, [], |r| Some((parsed(r, 0)?, from_text(r, 1)?)))?
            {
                let incident: Incident = incident;
                all.entry(home).or_default().open.insert(incident.n, incident);
            }
            Ok(all)
        };
        all().map_err(failed("read the open incidents"))
    }

    /// Whether an incident is on record, and closed.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn is_closed(&self, home: &HomeId, n: u32) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM incident WHERE home = ?1 AND n = ?2 AND closed_at IS NOT NULL";
        let found = readable(self.db(), sql, params![home.as_str(), n], |_| Some(()));
        Ok(!found.map_err(failed("look for an incident"))?.is_empty())
    }
}

/// What is on record of one home.
#[derive(Debug, Default)]
pub struct OnRecord {
    /// The greatest number of an incident.
    pub last: u32,
    /// What is open.
    pub open: BTreeMap<u32, Incident>,
}

/// Reads `ID HASH`.
pub(super) fn parse_mark(mark: Option<&str>) -> Option<(i64, String)> {
    let (id, hash) = mark?.split_once(' ')?;
    Some((id.parse().ok()?, hash.to_owned()))
}

/// The seal of one entry: SHA-256 over the seal before and every column, as hex.
pub(super) fn seal(before: &str, id: i64, home: &str, n: i64, at: i64, entry: &str) -> String {
    let mut hash = Context::new(&SHA256);
    for part in [before, &id.to_string(), home, &n.to_string(), &at.to_string(), entry] {
        hash.update(part.as_bytes());
        hash.update(&[0]);
    }
    data_encoding::HEXLOWER.encode(hash.finish().as_ref())
}

fn level_number(incident: &Incident) -> i64 {
    let all = crate::domain::Level::ALL;
    let place = all.iter().position(|l| *l == incident.level).unwrap_or(0);
    i64::try_from(place).unwrap_or(0)
}
