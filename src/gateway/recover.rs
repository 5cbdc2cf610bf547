//! Rebuilds the engines: saved state, and the journal since. Folds what is too old to keep.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{HomeId, Input, Span, Time};
use crate::engine::{Book, BookTexts, Engine, State};
use crate::store::journal::Row;
use crate::store::states::Saved;
use crate::store::{Reader, StoreError};

use super::{Gateway, Running};

/// How many rows are folded in one transaction; a larger one would hold up an alarm.
const FOLD_MAX: i64 = 20_000;

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

    /// Takes up a home where a saved state left it.
    pub fn resume(&mut self, home: HomeId, seq: i64, state: State) {
        let book = self.book(state.rules());
        self.engines.insert(home, (Engine::resume(book, state), seq));
    }

    /// Follows one row, unless the home's engine has come beyond it already. Returns the effects.
    pub fn follow(&mut self, row: &Row) -> Vec<crate::engine::Effect> {
        let turned = match &row.input {
            Input::Home { rules, .. } => Some(self.book(rules)),
            _ => None,
        };
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

    fn book(&mut self, digest: &str) -> Arc<Book> {
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

impl Gateway {
    pub(super) fn recover(&mut self) -> Result<(), StoreError> {
        let mut follower = self.follower()?;
        let mut from = None;
        // A latest state that cannot be read gives way to the base, and that to the beginning.
        for which in [Saved::Base, Saved::Latest] {
            for (home, seq, state) in self.store.reader().states(which)? {
                match state {
                    Some(state) => follower.resume(home, seq, state),
                    None => from = Some(0),
                }
            }
        }
        let from = from.or(follower.engines.values().map(|(_, seq)| *seq).min()).unwrap_or(0);
        let mut replayed: BTreeMap<HomeId, u32> = BTreeMap::new();
        self.store.reader().journal(from, |row| {
            follower.follow(&row);
            *replayed.entry(row.home).or_default() += 1;
            Ok(())
        })?;
        let run = |(home, (engine, seq))| {
            let unsaved = replayed.get(&home).copied().unwrap_or(0);
            (home, Running { engine, wake: None, seq, unsaved })
        };
        self.engines = follower.engines.into_iter().map(run).collect();
        self.wakes.clear();
        let homes: Vec<HomeId> = self.engines.keys().cloned().collect();
        homes.iter().for_each(|home| self.set_wake(home));
        let latest = self.engines.values().map(|r| &r.engine).max_by_key(|e| e.now());
        self.last = latest.map(Engine::now);
        self.offset = latest.map_or(Span::ZERO, Engine::offset);
        Ok(())
    }

    /// Folds the journal's rows older than `before` (hub time), at most a portion: steps them
    /// through the engines they belong to, whose states become the base that a replay begins with.
    /// So a replay is exact however much is gone. Returns how many rows went; call again while it
    /// is not 0.
    ///
    /// # Errors
    /// When SQLite cannot; then nothing was folded.
    pub fn fold(&mut self, before: Time) -> Result<usize, StoreError> {
        let Some((first, last)) = self.store.reader().journal_ends()? else { return Ok(0) };
        let mut follower = self.follower()?;
        for (home, seq, state) in self.store.reader().states(Saved::Base)? {
            if let Some(state) = state {
                follower.resume(home, seq, state);
            }
        }
        // The last row always stays: it keeps the numbers counting up.
        let upto = (first + FOLD_MAX - 1).min(last - 1);
        let (mut folded, mut touched, mut done) = (0, BTreeMap::new(), false);
        self.store.reader().journal_part(first - 1, upto, |row| {
            done |= before <= row.at;
            if !done {
                follower.follow(&row);
                folded = row.seq;
                touched.insert(row.home, row.seq);
            }
            Ok(())
        })?;
        if touched.is_empty() {
            return Ok(0);
        }
        let writing = self.store.write()?;
        // First, so that on a full disk the states have the room that the rows leave.
        writing.cut_journal(folded)?;
        // What is not yet saved must not lose the rows it would be rebuilt from.
        for (home, running) in self.engines.iter().filter(|(_, r)| 0 < r.unsaved) {
            writing.save(Saved::Latest, home, running.seq, running.engine.state())?;
        }
        for (home, seq) in &touched {
            if let Some((engine, _)) = follower.engines.get(home) {
                writing.save(Saved::Base, home, *seq, engine.state())?;
            }
        }
        writing.commit()?;
        self.engines.values_mut().for_each(|r| r.unsaved = 0);
        Ok(usize::try_from(folded - first + 1).unwrap_or(0))
    }

    fn follower(&self) -> Result<Follower, StoreError> {
        Follower::new(self.store.reader(), (self.digest.clone(), Arc::clone(&self.book)))
    }
}
