//! Follows the journal: recovery and replay are the same walk.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{HomeId, Input};
use crate::engine::{Book, BookTexts, Effect, Engine, State};
use crate::inbox::Look;
use crate::store::journal::Row;
use crate::store::{Reader, StoreError};

use super::look::look;
use super::saving::SAVED_UPTO;

/// Follows the journal as life did, each row with the rule book that was in force.
#[derive(Debug)]
pub struct Follower {
    /// In force now; stands in for one that is lost or no longer readable.
    current: (String, Arc<Book>),
    texts: BTreeMap<String, (String, String)>,
    read: BTreeMap<String, Arc<Book>>,
    /// The engines as far as they were followed, and the row each has come to.
    pub engines: BTreeMap<HomeId, (Engine, i64)>,
}

impl Follower {
    /// A follower that knows the rule books of the store, and no home yet.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn new(store: &Reader, current: (String, Arc<Book>)) -> Result<Self, StoreError> {
        let (texts, read) = (store.books()?, BTreeMap::new());
        Ok(Self { current, texts, read, engines: BTreeMap::new() })
    }

    /// A follower that has come to where the hub is, or was when it stopped: saved states, and the journal
    /// since. What of the disk cannot be read it passes over, as a start does.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn caught_up(store: &Reader, current: (String, Arc<Book>)) -> Result<Self, StoreError> {
        let mut follower = Self::new(store, current)?;
        let noted = store.noted(SAVED_UPTO)?;
        let mut from = noted.and_then(|seq| seq.parse::<i64>().ok()).unwrap_or(0);
        for furthest in store.furthest()? {
            if furthest.is_second_choice {
                from = 0;
            }
            if let Some(state) = furthest.state {
                follower.resume(furthest.home, furthest.seq, state);
            }
        }
        store.journal(from, |row| {
            follower.follow(&row);
            Ok(())
        })?;
        Ok(follower)
    }

    /// What is known of every home that was registered.
    pub fn looks(&self) -> Vec<Look> {
        self.engines.values().filter_map(|(engine, _)| look(engine)).collect()
    }

    /// Takes up a home where a saved state left it.
    pub fn resume(&mut self, home: HomeId, seq: i64, state: State) {
        let book = self.book(state.rules());
        self.engines.insert(home, (Engine::resume(book, state), seq));
    }

    /// Follows one row, unless the home's engine has come beyond it already. Returns the effects.
    pub fn follow(&mut self, row: &Row) -> Vec<Effect> {
        let turned =
            if let Input::Home { rules, .. } = &row.input { Some(self.book(rules)) } else { None };
        if !self.engines.contains_key(&row.home) {
            let engine = Engine::new(Arc::clone(&self.current.1));
            self.engines.insert(row.home.clone(), (engine, 0));
        }
        let Some((engine, seq)) = self.engines.get_mut(&row.home) else { return Vec::new() };
        if row.seq <= *seq {
            return Vec::new();
        }
        *seq = row.seq;
        if let Some(book) = turned {
            engine.turn_to(book);
        }
        engine.step(row.at, &row.input)
    }

    /// The rule book of this digest.
    pub(super) fn book(&mut self, digest: &str) -> Arc<Book> {
        if digest == self.current.0 {
            return Arc::clone(&self.current.1);
        }
        if let Some(book) = self.read.get(digest) {
            return Arc::clone(book);
        }
        let texts = self.texts.get(digest).cloned();
        let book = texts.and_then(|(rules, plans)| BookTexts { rules, plans }.read().ok());
        let book = book.map_or_else(|| Arc::clone(&self.current.1), Arc::new);
        self.read.insert(digest.to_owned(), Arc::clone(&book));
        book
    }
}
