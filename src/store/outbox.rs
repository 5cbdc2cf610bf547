//! The outbox: promises to tell somebody. A promise is kept until the far side takes it, or until a
//! person has answered and it is no longer wanted.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::domain::{Contact, DeliveryId, HomeId, IncidentId, Name, PersonId, Report, Span, Time};
use crate::engine::Purpose;

use super::journal::to_text;
use super::{StoreError, Writing, failed, from_text, parsed, readable};

/// One promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Promise {
    /// Which.
    pub id: DeliveryId,
    /// How much hangs on it: 0 info to 3 urgent, by [`crate::domain::Group::weight`]. Greater goes first.
    pub level: i64,
    /// To whom; `None` is the resident.
    pub person: Option<PersonId>,
    /// By what, and where.
    pub contact: Contact,
    /// What for.
    pub purpose: Purpose,
    /// What a far side may show, as JSON.
    pub body: serde_json::Value,
    /// One line for a lock screen: no names, no diagnoses, no addresses.
    pub line: String,
    /// When it was promised, in wall time.
    pub at: Time,
    /// How many attempts were made.
    pub attempts: u32,
    /// One more was begun, and nobody has said what became of it. Of one that is due and not in flight: it
    /// was cut off, and may or may not have gone out.
    pub begun: bool,
}

impl Writing<'_> {
    /// Promises a delivery; the first attempt is due at once. Should there be one of this number, it
    /// gives way: better told twice than not at all.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn post(&self, promise: &Promise) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO delivery (home, n, k, level, person, channel, address, purpose,
            body, line, at, state, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'queued', ?11)";
        let Promise { id, level, person, contact, purpose, body, line, at, .. } = promise;
        self.tx
            .prepare_cached(sql)
            .and_then(|mut s| {
                s.execute(params![
                    id.incident.home.as_str(),
                    id.incident.n,
                    id.k,
                    level,
                    person.as_ref().map(PersonId::as_str),
                    contact.channel.as_str(),
                    contact.to,
                    serde_json::to_string(purpose).unwrap_or_default(),
                    body.to_string(),
                    line,
                    at.0,
                ])
            })
            .map(drop)
            .map_err(failed("promise a delivery"))
    }

    /// Attempts at these are about to begin. Whoever finds them so after a crash knows that they may have
    /// gone out.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn begin(&self, deliveries: &[DeliveryId]) -> Result<(), StoreError> {
        let sql = "UPDATE delivery SET state = 'sending'
            WHERE home = ?1 AND n = ?2 AND k = ?3 AND next_at IS NOT NULL";
        let mut begin = self.tx.prepare_cached(sql).map_err(failed("note what is being sent"))?;
        for DeliveryId { incident, k } in deliveries {
            let key = params![incident.home.as_str(), incident.n, k];
            begin.execute(key).map_err(failed("note what is being sent"))?;
        }
        Ok(())
    }

    /// Notes what became of an attempt; `again_at` is when to try again, in wall time.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn attempted(
        &self,
        home: &HomeId,
        n: u32,
        k: u32,
        report: &Report,
        at: Time,
        again_in: Option<Span>,
    ) -> Result<(), StoreError> {
        let state = match report {
            Report::Sent => "sent",
            Report::Delivered => "delivered",
            Report::Seen => "seen",
            Report::Failed { .. } => "failed",
            Report::Unknown { .. } => "unknown",
        };
        let said = to_text("a report", report)?;
        let sql = "UPDATE delivery SET state = CASE WHEN state = 'superseded' AND ?4 IN ('failed', 'unknown')
            THEN state ELSE ?4 END, attempts = attempts + 1, said = ?5, said_at = ?6,
            next_at = CASE WHEN state = 'superseded' THEN NULL ELSE ?7 END
            WHERE home = ?1 AND n = ?2 AND k = ?3";
        let again_at = again_in.map(|span| (at + span).0);
        self.tx
            .prepare_cached(sql)
            .and_then(|mut s| s.execute(params![home.as_str(), n, k, state, said, at.0, again_at]))
            .map(drop)
            .map_err(failed("note an attempt"))
    }

    /// The wall clock was stepped by so much: what waits, waits neither longer nor shorter (P8).
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn shift_deliveries(&self, by: Span) -> Result<(), StoreError> {
        self.tx
            .execute("UPDATE delivery SET next_at = next_at + ?1 WHERE next_at IS NOT NULL", [by.0])
            .map(drop)
            .map_err(failed("shift the outbox"))
    }

    /// A person has answered: what has not gone out yet need not, but for what the desk tells beside the
    /// ladder, as long as the incident is open.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn supersede(&self, home: &HomeId, n: u32, is_over: bool) -> Result<(), StoreError> {
        let sql = "UPDATE delivery SET state = 'superseded', next_at = NULL
            WHERE home = ?1 AND n = ?2 AND next_at IS NOT NULL
            AND (?3 OR purpose NOT IN ('asked', 'decided', 'whistle'))";
        self.tx
            .prepare_cached(sql)
            .and_then(|mut s| s.execute(params![home.as_str(), n, is_over]))
            .map(drop)
            .map_err(failed("withdraw deliveries"))
    }
}

/// Somebody was told of an incident that is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldBy {
    /// Which.
    pub incident: IncidentId,
    /// Who.
    pub person: PersonId,
    /// Where.
    pub address: String,
    /// When it was promised, in wall time.
    pub at: Time,
}

pub(super) fn told_by(db: &Connection, channel: &Name) -> Result<Vec<ToldBy>, StoreError> {
    let sql = "SELECT d.home, d.n, d.person, d.address, d.at FROM delivery d
        JOIN incident i ON i.home = d.home AND i.n = d.n
        WHERE i.closed_at IS NULL AND d.channel = ?1 AND d.person IS NOT NULL
            AND d.state IN ('sent', 'delivered', 'seen', 'unknown')
        ORDER BY i.detected_at DESC, d.at DESC";
    let told = |row: &rusqlite::Row<'_>| {
        Some(ToldBy {
            incident: IncidentId { home: parsed(row, 0)?, n: row.get(1).ok()? },
            person: parsed(row, 2)?,
            address: row.get(3).ok()?,
            at: Time(row.get(4).ok()?),
        })
    };
    readable(db, sql, [channel.as_str()], told).map_err(failed("read whom a channel has told"))
}

/// What is looked at to decide whether a promise is taken now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub id: DeliveryId,
    /// As [`Promise::level`].
    pub level: i64,
    /// By what.
    pub channel: Name,
}

/// Of the first `most` deliveries that are due at `now` in wall time, most urgent first, those that `take`
/// wants, and when the next one is due. The others cost little: they are looked at after every attempt.
pub(super) fn due(
    db: &Connection,
    now: Time,
    most: u32,
    mut take: impl FnMut(&Due) -> bool,
) -> Result<(Vec<Promise>, Option<Time>), StoreError> {
    let sql =
        "SELECT home, n, k, level, person, channel, address, purpose, body, line, at, attempts,
            state = 'sending'
        FROM delivery WHERE next_at <= ?1 ORDER BY level DESC, next_at LIMIT ?2";
    let taken = |row: &rusqlite::Row<'_>| {
        let incident = IncidentId { home: parsed(row, 0)?, n: row.get(1).ok()? };
        let id = DeliveryId { incident, k: row.get(2).ok()? };
        let due = Due { id, level: row.get(3).ok()?, channel: parsed(row, 5)? };
        if take(&due) { promise(row, due) } else { None }
    };
    let due = readable(db, sql, params![now.0, most], taken).map_err(failed("read the outbox"))?;
    let next: Option<i64> = db
        .prepare_cached("SELECT min(next_at) FROM delivery WHERE ?1 < next_at")
        .and_then(|mut s| s.query_row([now.0], |r| r.get(0)))
        .map_err(failed("read the outbox"))?;
    Ok((due, next.map(Time)))
}

fn promise(row: &rusqlite::Row<'_>, due: Due) -> Option<Promise> {
    Some(Promise {
        id: due.id,
        level: due.level,
        person: parsed(row, 4),
        contact: Contact::new(due.channel, row.get(6).ok()?),
        purpose: from_text(row, 7)?,
        body: from_text(row, 8).unwrap_or_default(),
        line: row.get(9).ok()?,
        at: Time(row.get(10).ok()?),
        attempts: row.get(11).ok()?,
        begun: row.get(12).ok()?,
    })
}
