//! What pages and commands ask, on a connection of their own that can only read.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row, params};
use serde::Serialize;

use crate::domain::{Entry, Group, HomeId, Incident, IncidentId, Level, Name, Stage, Time};

use super::outbox::{self, Due, Promise, ToldBy};
use super::{StoreError, failed, from_text, parsed, readable};

/// A reading connection. One for each thread that reads.
#[derive(Debug)]
pub struct Reader {
    db: Connection,
}

/// An incident as it stands on disk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// Which.
    pub id: IncidentId,
    /// As the engine left it.
    pub incident: Incident,
    /// When the alarm was raised, in wall time.
    pub alarmed_at: Option<Time>,
    /// The next deadline, in wall time.
    pub due_at: Option<Time>,
    /// When it closed, in wall time.
    pub closed_at: Option<Time>,
    /// How it ended.
    pub outcome: Option<String>,
}

/// A delivery as it stands on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Its number within the incident.
    pub k: u32,
    /// To whom; `None` is the resident.
    pub person: Option<String>,
    /// By what.
    pub channel: String,
    /// queued, sending, sent, delivered, seen, failed, unknown, superseded.
    pub state: String,
    /// How many attempts.
    pub attempts: u32,
    /// When it was promised, in wall time.
    pub at: Time,
    /// What the far side said last, as JSON.
    pub said: Option<String>,
    /// When it said that, in wall time.
    pub said_at: Option<Time>,
}

/// Which incidents to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only open ones, or only closed ones.
    pub open: Option<bool>,
    /// Only of these homes.
    pub homes: Option<Vec<HomeId>>,
    /// At least this level.
    pub level: Option<Level>,
    /// Only what is about this: visits, requests, devices.
    pub group: Option<Group>,
    /// Only detected before this, in wall time; for paging.
    pub before: Option<Time>,
    /// At most so many.
    pub most: Option<u32>,
}

impl Reader {
    /// Opens the file for reading.
    ///
    /// # Errors
    /// When it is not there, or not a database.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(failed("open the database"))?;
        db.busy_timeout(std::time::Duration::from_secs(5)).map_err(failed("set a time-out"))?;
        Ok(Self { db })
    }

    /// From now on sees everything as it stands at the first reading, whatever is written meanwhile:
    /// for those who compare one thing with another. The file cannot be tidied while it lasts.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn hold_still(&self) -> Result<(), StoreError> {
        self.db.execute_batch("BEGIN").map_err(failed("begin to read"))
    }

    /// The writer's own connection also reads.
    pub(super) const fn of(db: Connection) -> Self {
        Self { db }
    }

    pub(super) const fn db(&self) -> &Connection {
        &self.db
    }

    pub(super) const fn db_mut(&mut self) -> &mut Connection {
        &mut self.db
    }

    /// Incidents, the most urgent and latest first.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn incidents(&self, filter: &Filter) -> Result<Vec<Shown>, StoreError> {
        let sql = "SELECT home, n, incident, alarmed_at, due_at, closed_at, outcome FROM incident
            WHERE (?1 IS NULL OR (closed_at IS NULL) = ?1) AND (?2 IS NULL OR home IN (SELECT value FROM json_each(?2)))
            AND (?3 IS NULL OR ?3 <= level) AND (?4 IS NULL OR detected_at < ?4)
            AND (?6 IS NULL OR coalesce(json_extract(incident, '$.group'), 'safety') = ?6)
            ORDER BY closed_at IS NOT NULL, CASE WHEN closed_at IS NULL THEN level ELSE 0 END DESC,
            detected_at DESC LIMIT ?5";
        let level = filter.level.and_then(|l| Level::ALL.iter().position(|x| *x == l));
        let level = level.and_then(|l| i64::try_from(l).ok());
        let homes = filter.homes.as_ref().map(|homes| serde_json::json!(homes).to_string());
        let group = filter.group.map(Group::name);
        let (before, most) = (filter.before.map(|t| t.0), filter.most.unwrap_or(200));
        readable(&self.db, sql, params![filter.open, homes, level, before, most, group], shown)
            .map_err(failed("read incidents"))
    }

    /// The same, each with its story.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn stories(&self, filter: &Filter) -> Result<Vec<(Shown, Vec<Entry>)>, StoreError> {
        let told = |shown: Shown| {
            let story = self.entries(&shown.id)?;
            Ok((shown, story))
        };
        self.incidents(filter)?.into_iter().map(told).collect()
    }

    /// One incident.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn incident(&self, id: &IncidentId) -> Result<Option<Shown>, StoreError> {
        let sql = "SELECT home, n, incident, alarmed_at, due_at, closed_at, outcome FROM incident
            WHERE home = ?1 AND n = ?2";
        let found = readable(&self.db, sql, params![id.home.as_str(), id.n], shown);
        Ok(found.map_err(failed("read an incident"))?.pop())
    }

    /// An incident's story, oldest first.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn entries(&self, id: &IncidentId) -> Result<Vec<Entry>, StoreError> {
        // Of a line that was deleted nothing is left but its seal.
        let sql = "SELECT entry FROM entry WHERE home = ?1 AND n = ?2 AND entry <> '' ORDER BY id";
        let mut select = self.db.prepare_cached(sql).map_err(failed("prepare a story"))?;
        let rows = select
            .query_map(params![id.home.as_str(), id.n], |r| r.get::<_, String>(0))
            .map_err(failed("read a story"))?;
        let mut entries = Vec::new();
        for text in rows {
            let text = text.map_err(failed("read a story"))?;
            let entry = serde_json::from_str(&text);
            entries.push(entry.map_err(|e| StoreError::Unreadable {
                what: format!("an entry of {id}"),
                why: e.to_string(),
            })?);
        }
        Ok(entries)
    }

    /// All entries of all incidents in the order they were sealed, from the first that was sealed
    /// at or after `from` in wall time.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn record(&self, from: Time) -> Result<Vec<(IncidentId, Entry)>, StoreError> {
        let sql = "SELECT home, n, entry FROM entry WHERE ?1 <= at ORDER BY id";
        readable(&self.db, sql, [from.0], |row| {
            let id = IncidentId { home: parsed(row, 0)?, n: row.get(1).ok()? };
            Some((id, from_text(row, 2)?))
        })
        .map_err(failed("read the record"))
    }

    /// An incident's deliveries, oldest first.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn deliveries(&self, id: &IncidentId) -> Result<Vec<Sent>, StoreError> {
        let sql = "SELECT k, person, channel, state, attempts, at, said, said_at FROM delivery
            WHERE home = ?1 AND n = ?2 ORDER BY k";
        let mut select = self.db.prepare_cached(sql).map_err(failed("prepare deliveries"))?;
        let rows = select
            .query_map(params![id.home.as_str(), id.n], |r| {
                Ok(Sent {
                    k: r.get(0)?,
                    person: r.get(1)?,
                    channel: r.get(2)?,
                    state: r.get(3)?,
                    attempts: r.get(4)?,
                    at: Time(r.get(5)?),
                    said: r.get(6)?,
                    said_at: r.get::<_, Option<i64>>(7)?.map(Time),
                })
            })
            .map_err(failed("read deliveries"))?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed("read deliveries"))
    }

    /// The deliveries that are due, most urgent first, and when the next one is.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn due(&self, now: Time, most: u32) -> Result<(Vec<Promise>, Option<Time>), StoreError> {
        outbox::due(&self.db, now, most, |_| true)
    }

    /// As [`Reader::due`], but only those that `take` wants; for the sender.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn take_due(
        &self,
        now: Time,
        most: u32,
        take: impl FnMut(&Due) -> bool,
    ) -> Result<(Vec<Promise>, Option<Time>), StoreError> {
        outbox::due(&self.db, now, most, take)
    }

    /// Who was told of what is still open by this channel, the newest first.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn told_by(&self, channel: &Name) -> Result<Vec<ToldBy>, StoreError> {
        outbox::told_by(&self.db, channel)
    }

    /// Figures for the status page: journal rows, open incidents, waiting deliveries, bytes.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn figures(&self) -> Result<Figures, StoreError> {
        let one = |sql: &str| {
            self.db.query_row(sql, [], |r| r.get::<_, i64>(0)).map_err(failed("read the figures"))
        };
        Ok(Figures {
            journal_rows: one("SELECT coalesce(max(seq) - min(seq) + 1, 0) FROM journal")?,
            open_incidents: one("SELECT count(*) FROM incident WHERE closed_at IS NULL")?,
            waiting_deliveries: one("SELECT count(*) FROM delivery WHERE next_at IS NOT NULL")?,
            bytes: one("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")?,
        })
    }
}

/// The store in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Inputs kept.
    pub journal_rows: i64,
    /// Incidents that need somebody.
    pub open_incidents: i64,
    /// Deliveries that have not gone out.
    pub waiting_deliveries: i64,
    /// Size of the file.
    pub bytes: i64,
}

impl Shown {
    /// How far it has come.
    pub const fn stage(&self) -> Stage {
        self.incident.stage
    }
}

pub(super) fn shown(row: &Row<'_>) -> Option<Shown> {
    let time = |at| Some(row.get::<_, Option<i64>>(at).ok()?.map(Time));
    Some(Shown {
        id: IncidentId { home: parsed(row, 0)?, n: row.get(1).ok()? },
        incident: from_text(row, 2)?,
        alarmed_at: time(3)?,
        due_at: time(4)?,
        closed_at: time(5)?,
        outcome: row.get(6).ok()?,
    })
}
