//! Saved states of engines, and the rule books they ran by.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use crate::domain::HomeId;
use crate::engine::{STATE_FORM, State};

use super::journal::to_text;
use super::{Reader, StoreError, Writing, failed};

/// Which of the two states of a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// The latest: recovery goes on from here.
    Latest,
    /// Before the oldest row of the journal: a replay begins here.
    Base,
}

impl Saved {
    const fn table(self) -> &'static str {
        match self {
            Self::Latest => "saved",
            Self::Base => "base",
        }
    }
}

impl Writing<'_> {
    /// Saves the state that a home's engine has after the journal's row `seq`.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn save(
        &self,
        which: Saved,
        home: &HomeId,
        seq: i64,
        state: &State,
    ) -> Result<(), StoreError> {
        let table = which.table();
        let sql = format!("INSERT OR REPLACE INTO {table} VALUES (?1, ?2, ?3, ?4)");
        let mut insert = self.tx.prepare_cached(&sql).map_err(failed("prepare a state"))?;
        let text = to_text("a state", state)?;
        insert
            .execute(params![home.as_str(), seq, STATE_FORM, text])
            .map(drop)
            .map_err(failed("save a state"))
    }

    /// Keeps a rule book.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn keep_book(&self, digest: &str, rules: &str, plans: &str) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO book VALUES (?1, ?2, ?3)";
        self.tx.execute(sql, [digest, rules, plans]).map(drop).map_err(failed("keep a rule book"))
    }

    /// Notes a value by name.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn note(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO meta VALUES (?1, ?2)";
        let mut insert = self.tx.prepare_cached(sql).map_err(failed("prepare a note"))?;
        insert.execute([key, value]).map(drop).map_err(failed("note a value"))
    }
}

impl Reader {
    /// All saved states: home, journal row, state. One of another form, or damaged, is `None`.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn states(&self, which: Saved) -> Result<Vec<(HomeId, i64, Option<State>)>, StoreError> {
        let sql = format!("SELECT home, seq, form, state FROM {}", which.table());
        let mut select = self.db().prepare(&sql).map_err(failed("prepare the states"))?;
        let rows = select
            .query_map([], |r| {
                let (home, seq): (String, i64) = (r.get(0)?, r.get(1)?);
                let (form, state): (u32, String) = (r.get(2)?, r.get(3)?);
                Ok((home, seq, form, state))
            })
            .map_err(failed("read the states"))?;
        let mut states = Vec::new();
        for row in rows {
            let (home, seq, form, state) = row.map_err(failed("read the states"))?;
            let state = serde_json::from_str(&state).ok().filter(|_| form == STATE_FORM);
            if let Ok(home) = home.parse() {
                states.push((home, seq, state));
            }
        }
        Ok(states)
    }

    /// All rule books that were ever in force, by digest: rules and plans.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn books(&self) -> Result<BTreeMap<String, (String, String)>, StoreError> {
        let read = || {
            let mut select = self.db().prepare("SELECT digest, rules, plans FROM book")?;
            let rows = select.query_map([], |r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(failed("read the rule books"))
    }

    /// A noted value.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn noted(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.db()
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0))
            .optional()
            .map_err(failed("read a note"))
    }
}
