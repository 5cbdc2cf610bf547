//! Incidents as they stand, and their record: a chain of entries, each sealed with the one before.

use std::collections::BTreeMap;

use rusqlite::params;

use crate::domain::{Entry, HomeId, Incident, Outcome, Span, Stage, Time};

use super::chain::RECORD;
use super::journal::to_text;
use super::{Reader, StoreError, Writing, failed, from_text, parsed, readable};

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
        self.append(&RECORD, (home.as_str(), n, entry.at), &to_text("an entry", entry)?)
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

fn level_number(incident: &Incident) -> i64 {
    let all = crate::domain::Level::ALL;
    let place = all.iter().position(|l| *l == incident.level).unwrap_or(0);
    i64::try_from(place).unwrap_or(0)
}
