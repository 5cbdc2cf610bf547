//! The same life by other rules: what would have been found, and whom that would have been told, beside what
//! was. Two runs are made, and compared incident by incident. Whoever reads a journal or a recording drives it
//! (`gateway::relive`, `careloop replay`); nothing here knows where a run comes from.

mod compare;
mod course;
mod loss;

use std::collections::BTreeMap;

use crate::domain::{Home, HomeId, Span, Time};

pub use compare::{Comparison, Count, Difference, Fate, Found, Ledger, Moment, compare};
pub use course::{Course, Life, Moves, Tuned};
pub use loss::{Loss, Turned, losses};

/// What of the time is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// From here on,
    pub from: Time,
    /// and before this.
    pub until: Time,
}

/// Both runs, to be compared.
#[derive(Debug, Default)]
pub struct Runs {
    /// As it was.
    pub before: Vec<Found>,
    /// By the other rules.
    pub after: Vec<Found>,
    /// What became of people's moves in the second.
    pub moves: Moves,
    /// Made-up people in the run as it was: a recording has no others.
    pub closed_before: Option<u32>,
    /// Whom that is about.
    pub watched: Watched,
    /// By which rule books homes lived within the range, by their digests.
    pub books: std::collections::BTreeSet<String>,
    /// Where it was broken off, if it was.
    pub cut: Option<Time>,
}

/// How long each home was watched, within the range.
#[derive(Debug, Default)]
pub struct Watched(BTreeMap<HomeId, (Time, Time)>);

impl Watched {
    /// Something came of this home.
    pub fn note(&mut self, home: &HomeId, at: Time, range: Range) {
        if home.as_str() == Home::HUB || at < range.from {
            return;
        }
        match self.0.get_mut(home) {
            Some((_, last)) => *last = at,
            None => drop(self.0.insert(home.clone(), (at, at))),
        }
    }

    /// How many homes, and for how long all together.
    pub fn sum(&self) -> (usize, Span) {
        let spans = self.0.values().map(|(first, last)| (*last - *first).0);
        (self.0.len(), Span(spans.sum()))
    }

    /// The same in weeks.
    pub fn weeks(&self) -> f64 {
        let (_, span) = self.sum();
        let seconds = u32::try_from(span.0 / 1000).unwrap_or(u32::MAX);
        f64::from(seconds) / 604_800.0
    }
}

/// So many in a home and week, to three places: more would only look exact.
pub fn rate(n: u32, weeks: f64) -> f64 {
    if weeks <= 0.0 { 0.0 } else { (f64::from(n) / weeks * 1000.0).round() / 1000.0 }
}
