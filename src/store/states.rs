//! Saved states of engines, and the rule books they ran by.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, params};
use serde::de::IgnoredAny;

use crate::domain::HomeId;
use crate::engine::{BookTexts, STATE_FORM, State};

use super::journal::to_text;
use super::{Reader, StoreError, Writing, failed, from_text, parsed, readable};

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

    /// Forgets a noted value.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn forget_note(&self, key: &str) -> Result<(), StoreError> {
        let delete = self.tx.execute("DELETE FROM meta WHERE key = ?1", [key]);
        delete.map(drop).map_err(failed("forget a note"))
    }
}

/// The state of one home that recovery goes on from.
#[derive(Debug)]
pub struct Furthest {
    /// Whose.
    pub home: HomeId,
    /// The journal's row it has come to; 0 if there is none.
    pub seq: i64,
    /// The latest that can be read, be it the base.
    pub state: Option<State>,
    /// A later one was passed over: it is of another form, or damaged.
    pub is_second_choice: bool,
    /// The base cannot be read: what it stood for is no longer in the journal.
    pub is_baseless: bool,
}

impl Reader {
    /// All saved states: home, journal row, state. One of another form, or damaged, is `None`.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn states(&self, which: Saved) -> Result<Vec<(HomeId, i64, Option<State>)>, StoreError> {
        let sql = format!("SELECT home, seq, form, state FROM {} ORDER BY home", which.table());
        readable(self.db(), &sql, [], |row| {
            Some((parsed(row, 0)?, row.get(1).ok()?, state(row, 2)))
        })
        .map_err(failed("read the states"))
    }

    /// One home's base: the journal's row, and the state if it can be read.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn base(&self, home: &HomeId) -> Result<Option<(i64, Option<State>)>, StoreError> {
        let sql = "SELECT seq, form, state FROM base WHERE home = ?1";
        self.db()
            .prepare_cached(sql)
            .and_then(|mut s| {
                s.query_row([home.as_str()], |r| Ok((r.get(0)?, state(r, 1)))).optional()
            })
            .map_err(failed("read a base"))
    }

    /// For every home the latest state that can be read.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn furthest(&self) -> Result<Vec<Furthest>, StoreError> {
        let sql = "SELECT home, seq, form, state, 0 AS is_base FROM saved UNION ALL
            SELECT home, seq, form, state, 1 FROM base ORDER BY home, seq DESC, is_base";
        let mut all: Vec<Furthest> = Vec::new();
        readable(self.db(), sql, [], |row| {
            let (home, is_base): (HomeId, bool) = (parsed(row, 0)?, row.get(4).ok()?);
            if all.last().is_none_or(|f| f.home != home) {
                let (state, is_second_choice, is_baseless) = (None, false, false);
                all.push(Furthest { home, seq: 0, state, is_second_choice, is_baseless });
            }
            let furthest = all.last_mut()?;
            if furthest.state.is_some() {
                // The base need only be sound: it is read where it is needed.
                let is_sound = is_of_this_form(row, 2) && from_text::<IgnoredAny>(row, 3).is_some();
                furthest.is_baseless |= is_base && !is_sound;
                return None::<()>;
            }
            match (state(row, 2), row.get(1).ok()) {
                (Some(state), Some(seq)) => (furthest.seq, furthest.state) = (seq, Some(state)),
                (None, _) | (_, None) => {
                    furthest.is_second_choice = true;
                    furthest.is_baseless |= is_base;
                }
            }
            None
        })
        .map_err(failed("read the states"))?;
        Ok(all)
    }

    /// All rule books that were ever in force, by digest: rules and plans.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn books(&self) -> Result<BTreeMap<String, (String, String)>, StoreError> {
        let sql = "SELECT digest, rules, plans FROM book";
        let book = |row: &Row<'_>| Some((row.get(0).ok()?, (row.get(1).ok()?, row.get(2).ok()?)));
        let books = readable(self.db(), sql, [], book).map_err(failed("read the rule books"))?;
        Ok(books.into_iter().collect())
    }

    /// The texts of the rule book of this digest.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn book_texts(&self, digest: &str) -> Result<Option<BookTexts>, StoreError> {
        let sql = "SELECT rules, plans FROM book WHERE digest = ?1";
        let texts =
            |row: &Row<'_>| Some(BookTexts { rules: row.get(0).ok()?, plans: row.get(1).ok()? });
        let found = readable(self.db(), sql, [digest], texts);
        Ok(found.map_err(failed("read a rule book"))?.pop())
    }

    /// A noted value.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn noted(&self, key: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        let noted = readable(self.db(), sql, [key], |row| row.get(0).ok());
        Ok(noted.map_err(failed("read a note"))?.pop())
    }
}

fn is_of_this_form(row: &Row<'_>, at: usize) -> bool {
    row.get(at).is_ok_and(|form: i64| form == i64::from(STATE_FORM))
}

/// The state in columns `at` (its form) and the next, unless it is of another form or damaged.
fn state(row: &Row<'_>, at: usize) -> Option<State> {
    if is_of_this_form(row, at) { from_text(row, at + 1) } else { None }
}
