//! What is kept of a home is deleted, and what was there is proven: the record keeps its seals.
//!
//! All but the journal's rows goes in one transaction. Those go a portion at a time, because a large one
//! would hold up an alarm; in the end the file is written anew. A mark tells a start how far it came.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;
use serde::{Deserialize, Serialize};

use crate::domain::{Binding, Deed, DeedOnRecord, Deletion, Home, HomeId, Input, PersonId, Time};
use crate::engine::State;

use super::chain::{DEEDS, RECORD};
use super::states::Saved;
use super::{Reader, Store, StoreError, Writing, failed, from_text, readable};

/// How many of the journal's rows are looked through in one transaction.
const ROWS_MAX: i64 = 20_000;
/// Noted, with the home behind it, as long as its deletion is not complete.
const MARK: &str = "forgetting ";
/// Noted as long as the file was not written anew after something was deleted.
const NOT_REWRITTEN: &str = "not-rewritten";
/// How long readers may hold up the one writer, so that what they still see is overwritten.
const READERS_MAX: std::time::Duration = std::time::Duration::from_millis(50);

/// What a home has left behind elsewhere is known by this.
#[derive(Debug, Clone)]
pub struct Traces {
    home: HomeId,
    /// How its devices were bound, as long as the journal reaches back.
    bound: BTreeSet<Binding>,
}

/// A deletion that is on record and not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgetting {
    /// Of which home.
    pub home: HomeId,
    /// The journal is free of it behind this row,
    from: i64,
    /// and is to be up to this one.
    upto: i64,
    /// The file was written anew.
    #[serde(skip)]
    pub is_rewritten: bool,
}

/// How far a deletion has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is more to do.
    More,
    /// Somebody reads what is to be overwritten: again in a moment.
    Held,
    /// Nothing is left.
    Done,
}

impl Traces {
    /// Whether one of its devices speaks there, or it is spoken of there.
    pub fn has_topic(&self, topic: &str) -> bool {
        let own = format!("/{}-", self.home);
        let topic = format!("/{topic}/");
        topic.contains(&own)
            || self.bound.iter().any(|bound| match bound {
                Binding::Mqtt(address) => topic.contains(&format!("/{address}/")),
                Binding::Serial(_) | Binding::Modbus { .. } | Binding::Direct => false,
            })
    }

    /// The same of `mqtt TOPIC` or `serial PORT`.
    pub fn has_origin(&self, origin: &str) -> bool {
        match origin.split_once(' ') {
            Some(("mqtt", topic)) => self.has_topic(topic),
            Some((_, at)) => self.bound.iter().any(|bound| match bound {
                Binding::Serial(port) | Binding::Modbus { port, .. } => port == at,
                Binding::Mqtt(_) | Binding::Direct => false,
            }),
            None => false,
        }
    }

    /// Whether a text of ours, or an announcement, is about it or one of its devices.
    pub fn is_in(&self, text: &str) -> bool {
        let home = &self.home;
        text.contains(&format!("\"{home}-"))
            || text.contains(&format!("\"id\":\"{home}\""))
            || self.bound.iter().any(|bound| match bound {
                Binding::Mqtt(address) => {
                    let parts =
                        [format!("\"{address}\""), format!("/{address}/"), format!("/{address}\"")];
                    parts.iter().any(|part| text.contains(part))
                }
                Binding::Serial(_) | Binding::Modbus { .. } | Binding::Direct => false,
            })
    }

    /// Whether it is the home.
    pub fn is_of(&self, home: &HomeId) -> bool {
        self.home == *home
    }
}

impl Writing<'_> {
    /// What this home, of which `kept` is known, has left behind.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn traces(&self, id: &HomeId, kept: Option<&Home>) -> Result<Traces, StoreError> {
        let bindings = |home: &Home| -> Vec<Binding> {
            home.devices.iter().map(|device| device.binding.clone()).collect()
        };
        let mut bound: BTreeSet<Binding> = kept.map(bindings).into_iter().flatten().collect();
        let sql =
            "SELECT input FROM journal WHERE home = ?1 AND json_extract(input, '$.t') = 'home'";
        let told = readable(&self.tx, sql, [id.as_str()], |row| from_text::<Input>(row, 0));
        for input in told.map_err(failed("read what was registered"))? {
            if let Input::Home { home, .. } = input {
                bound.extend(bindings(&home));
            }
        }
        let sql = "SELECT state FROM base WHERE home = ?1";
        let base = readable(&self.tx, sql, [id.as_str()], |row| from_text::<State>(row, 0));
        for state in base.map_err(failed("read a base"))? {
            bound.extend(state.home().map(bindings).into_iter().flatten());
        }
        Ok(Traces { home: id.clone(), bound })
    }

    /// Deletes what is kept of a home in tables of its own. `left`: what its engine goes on with, after the
    /// journal's row `seq`. Returns how many rows went, table by table.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn forget_home(
        &self,
        traces: &Traces,
        seq: i64,
        left: &State,
    ) -> Result<BTreeMap<String, u64>, StoreError> {
        let home = &traces.home;
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let mut rows = BTreeMap::new();
        for table in ["incident", "delivery", "walk", "misread", "saved", "base"] {
            let sql = format!("DELETE FROM {table} WHERE home = ?1");
            let gone = self.tx.execute(&sql, [home.as_str()]);
            rows.insert(table.to_owned(), count(gone.map_err(failed("forget a home"))?));
        }
        for which in [Saved::Latest, Saved::Base] {
            self.save(which, home, seq, left)?;
        }
        let sql = "SELECT count(*) FROM journal WHERE home = ?1 AND seq <= ?2";
        let journal: rusqlite::Result<i64> =
            self.tx.query_row(sql, params![home.as_str(), seq], |r| r.get(0));
        let journal = journal.map_err(failed("count the journal"))?;
        rows.insert("journal".to_owned(), u64::try_from(journal).unwrap_or(0));
        for (table, key) in [("retained", "topic"), ("queued", "client || ' ' || n")] {
            rows.insert(table.to_owned(), count(self.forget_kept(traces, table, key)?));
        }
        let mark = Forgetting { home: home.clone(), from: 0, upto: seq, is_rewritten: false };
        self.note(&format!("{MARK}{home}"), &super::journal::to_text("a mark", &mark)?)?;
        Ok(rows)
    }

    /// The same of the listener's memory; `key` tells one row from another.
    fn forget_kept(&self, traces: &Traces, table: &str, key: &str) -> Result<usize, StoreError> {
        let sql = format!("SELECT {key}, topic, payload FROM {table}");
        let theirs: Vec<String> = readable(&self.tx, &sql, [], |row| {
            let (key, topic): (String, String) = (row.get(0).ok()?, row.get(1).ok()?);
            let payload: Vec<u8> = row.get(2).ok()?;
            let is_theirs =
                traces.has_topic(&topic) || traces.is_in(&String::from_utf8_lossy(&payload));
            is_theirs.then_some(key)
        })
        .map_err(failed("read the listener's memory"))?;
        let sql = format!("DELETE FROM {table} WHERE {key} = ?1");
        for key in &theirs {
            self.tx.execute(&sql, [key]).map_err(failed("forget a home"))?;
        }
        Ok(theirs.len())
    }

    /// Puts the deletion of a home, `rows` of it, on record: what the record says of it goes, and what it was
    /// changed from, and what people were changed from who came to nobody else.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn put_forgotten(
        &self,
        deed: Deed,
        people: &[PersonId],
        rows: BTreeMap<String, u64>,
        at: Time,
    ) -> Result<Deletion, StoreError> {
        let id = self.next_deed()?;
        let home = deed.home.as_ref().map_or("", HomeId::as_str);
        let record = self.bury(&RECORD, id, "x.home = ?1", [home])?;
        let people: Vec<String> = people.iter().map(|who| format!("person {who}")).collect();
        let changes = "json_valid(x.deed) AND json_extract(x.deed, '$.deed') = 'changed'
            AND (x.home = ?1 OR json_extract(x.deed, '$.of') IN (SELECT value FROM json_each(?2)))";
        let people = serde_json::json!(people).to_string();
        let deeds = self.bury(&DEEDS, id, changes, [home, &people])?;
        let tombstones = [(RECORD.table.to_owned(), record), (DEEDS.table.to_owned(), deeds)];
        let tombstones = tombstones.into_iter().filter(|(_, left)| 0 < left.lines).collect();
        let deletion = Deletion { rows, tombstones, seal: self.last_of(&RECORD)?.1 };
        let on_record = DeedOnRecord { deletion: Some(deletion.clone()), ..deed.into() };
        self.put_in_full(&on_record, at)?;
        Ok(deletion)
    }
}

impl Reader {
    /// Deletions that are on record and not complete.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn forgetting(&self) -> Result<Vec<Forgetting>, StoreError> {
        let sql = "SELECT value FROM meta WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key";
        readable(self.db(), sql, [MARK], |row| from_text(row, 0))
            .map_err(failed("read what is being forgotten"))
    }
}

impl Reader {
    /// Whether the file was written anew since something was deleted.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn is_rewritten(&self) -> Result<bool, StoreError> {
        Ok(self.noted(NOT_REWRITTEN)?.is_none())
    }

    /// The last seal of the record of deeds.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn seal_of_deeds(&self) -> Result<String, StoreError> {
        let mark = super::chain::parse_mark(self.noted(DEEDS.ends)?.as_deref());
        Ok(mark.map_or_else(|| DEEDS.beginning.to_owned(), |(_, seal)| seal))
    }
}

impl Store {
    /// Goes on with a deletion, by a portion. `rewrite`: the file is written anew in the end.
    ///
    /// # Errors
    /// When SQLite cannot; what was done before is done.
    pub fn go_on_forgetting(
        &mut self,
        forgetting: &mut Forgetting,
        rewrite: bool,
    ) -> Result<Progress, StoreError> {
        let Forgetting { home, from, upto, is_rewritten } = forgetting.clone();
        if from < upto {
            let writing = self.write()?;
            let portion = "SELECT max(seq) FROM
                (SELECT seq FROM journal WHERE ?1 < seq AND seq <= ?2 ORDER BY seq LIMIT ?3)";
            let end: Option<i64> = writing
                .tx
                .query_row(portion, params![from, upto, ROWS_MAX], |r| r.get(0))
                .map_err(failed("look through the journal"))?;
            let end = end.unwrap_or(upto);
            let sql = "DELETE FROM journal WHERE ?1 < seq AND seq <= ?2 AND home = ?3";
            let gone = writing.tx.execute(sql, params![from, end, home.as_str()]);
            gone.map_err(failed("forget a part of the journal"))?;
            let next = Forgetting { from: end, ..forgetting.clone() };
            let text = super::journal::to_text("a mark", &next)?;
            writing.note(&format!("{MARK}{home}"), &text)?;
            writing.commit()?;
            *forgetting = next;
            return Ok(Progress::More);
        }
        if rewrite && !is_rewritten {
            self.db().execute_batch("VACUUM").map_err(failed("write the file anew"))?;
            forgetting.is_rewritten = true;
        }
        if !self.empty_the_log()? {
            return Ok(Progress::Held);
        }
        let writing = self.write()?;
        writing.forget_note(&format!("{MARK}{home}"))?;
        match forgetting.is_rewritten {
            true => writing.forget_note(NOT_REWRITTEN)?,
            false => writing.note(NOT_REWRITTEN, "")?,
        }
        writing.commit()?;
        Ok(Progress::Done)
    }

    /// Moves what is in the log beside the file into it, and empties the log. `false`: somebody reads it.
    fn empty_the_log(&self) -> Result<bool, StoreError> {
        let patience = |time| self.db().busy_timeout(time).map_err(failed("set a time-out"));
        patience(READERS_MAX)?;
        let is_busy = self.number("wal_checkpoint(TRUNCATE)");
        patience(super::PATIENCE)?;
        Ok(is_busy? == 0)
    }

    /// Size of the file, in bytes.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn size(&self) -> Result<u64, StoreError> {
        let bytes = self.number("page_count")?.saturating_mul(self.number("page_size")?);
        Ok(u64::try_from(bytes).unwrap_or(0))
    }
}
