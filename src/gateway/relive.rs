//! Goes through the journal twice at once: as life went, and by other rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Happening, HomeId, IncidentId, Input, Span, Time};
use crate::engine::{Book, Effect, Engine, State};
use crate::store::journal::Row;
use crate::store::states::Saved;
use crate::store::{Reader, StoreError};
use crate::trial::{Course, Ledger, Life, Range, Runs, Watched};

use super::Follower;

/// A deadline that life missed by more than this was not late: the hub was not running.
const DOWN: Span = Span::minutes(1);
/// So many rows are read at once.
const PORTION: u32 = 4096;

/// What is gone through.
#[derive(Debug)]
pub struct Ask {
    /// The rule book in force with the digest of its texts; it stands in for one that is lost.
    pub current: (String, Arc<Book>),
    /// The other rules.
    pub course: Course,
    /// Only these homes; all, if there are none.
    pub homes: Option<BTreeSet<HomeId>>,
    /// What is looked at; all before is gone through.
    pub range: Range,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// In hub time.
    pub at: Time,
    /// Of these, none of other homes.
    pub inputs: u64,
    /// Rows of the journal, of whatever home.
    pub rows: u64,
}

impl Life for Follower {
    fn engine(&self, home: &HomeId) -> Option<&Engine> {
        self.engines.get(home).map(|(engine, _)| engine)
    }
}

/// Makes both runs. After every portion `go_on` says whether there is to be another.
///
/// # Errors
/// When SQLite cannot; or what is read was tidied up meanwhile.
pub fn relive(
    reader: &Reader,
    ask: Ask,
    mut go_on: impl FnMut(Passed) -> bool,
) -> Result<Runs, StoreError> {
    let Ask { current, course, homes, range } = ask;
    let begin = reader.journal_begin()?;
    let life = Follower::new(reader, current)?;
    let mut both = Both {
        life,
        course,
        range,
        last: Time(i64::MIN),
        as_it_was: Ledger::default(),
        watched: Watched::default(),
        books: BTreeSet::new(),
    };
    let named: Option<BTreeSet<&str>> =
        homes.as_ref().map(|homes| homes.iter().map(HomeId::as_str).collect());
    let wanted = |home: &str| named.as_ref().is_none_or(|named| named.contains(home));
    for (home, seq, state) in bases(reader, homes.as_ref())? {
        both.resume(home, seq, state);
    }
    let mut passed = Passed { at: Time(i64::MIN), inputs: 0, rows: 0 };
    let (mut behind, mut cut) = (0, None);
    loop {
        // **Invariant:** what is not in the bases that were read is in the rows that are.
        let first = reader.journal_begin()?;
        if first != begin && first.is_none_or(|first| behind + 1 < first) {
            return Err(tidied());
        }
        let mut is_over = false;
        let last = reader.journal_portion(behind, PORTION, wanted, |at, row| {
            is_over = is_over || range.until <= at;
            if !is_over {
                passed = Passed { at, rows: passed.rows + 1, ..passed };
                passed.inputs += u64::from(row.is_some());
                both.take(at, row.as_ref());
            }
        })?;
        let Some(last) = last.filter(|_| !is_over) else { break };
        behind = last;
        if !go_on(passed) {
            cut = Some(passed.at);
            break;
        }
    }
    Ok(both.runs(cut))
}

fn tidied() -> StoreError {
    let why = "it was tidied up meanwhile: try again".to_owned();
    StoreError::Unreadable { what: "the journal".to_owned(), why }
}

type Base = (HomeId, i64, Option<State>);

fn bases(reader: &Reader, homes: Option<&BTreeSet<HomeId>>) -> Result<Vec<Base>, StoreError> {
    let Some(homes) = homes else { return reader.states(Saved::Base) };
    let of = |home: &HomeId| {
        let base = reader.base(home).transpose()?;
        Some(base.map(|(seq, state)| (home.clone(), seq, state)))
    };
    homes.iter().filter_map(of).collect()
}

/// Two runs, as far as they have come.
struct Both {
    life: Follower,
    course: Course,
    range: Range,
    last: Time,
    as_it_was: Ledger,
    watched: Watched,
    books: BTreeSet<String>,
}

impl Both {
    fn resume(&mut self, home: HomeId, seq: i64, state: Option<State>) {
        let Some(state) = state else { return };
        self.course.resume(&home, state.clone());
        self.books.insert(state.rules().to_owned());
        self.life.resume(home, seq, state);
    }

    /// A row; `None`: one of a home that nobody asked for, by which time passes all the same.
    fn take(&mut self, at: Time, row: Option<&Row>) {
        match down_since(&self.life, self.last, at) {
            None => self.course.pass_time(at, Some(&self.life)),
            Some(since) => {
                self.course.pass_time(since, Some(&self.life));
                self.course.wake_up(at);
            }
        }
        self.last = at;
        let Some(row) = row else { return };
        if let Input::Home { rules, .. } = &row.input {
            if at < self.range.from {
                self.books.clear();
            }
            self.books.insert(rules.clone());
        }
        let effects = self.life.follow(row);
        self.watched.note(&row.home, at, self.range);
        self.as_it_was.note(&row.home, &effects);
        self.course.follow(at, &row.home, &row.input, &self.life);
        for effect in &effects {
            let Effect::Story { incident: n, entry, .. } = effect else { continue };
            if let Happening::Closed { .. } = entry.what {
                let id = IncidentId { home: row.home.clone(), n: *n };
                self.course.closed_in_life(at, &id);
            }
        }
    }

    fn runs(self, cut: Option<Time>) -> Runs {
        Runs {
            before: self.as_it_was.found,
            after: self.course.ledger.found,
            moves: self.course.moves,
            closed_before: None,
            watched: self.watched,
            books: self.books,
            cut,
        }
    }
}

/// Since when the hub was down before `now`, if it was: a deadline of life was missed.
fn down_since(life: &Follower, last: Time, now: Time) -> Option<Time> {
    if now <= last + DOWN {
        return None;
    }
    let wakes = life.engines.values().filter_map(|(engine, _)| engine.wake());
    wakes.min().filter(|wake| *wake + DOWN < now)
}
