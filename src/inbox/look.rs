//! What a look at one home shows: a copy of what its engine knows, made while the loop does nothing else.

use std::sync::Arc;

use crate::baseline::{Learned, Learning, Usual, Wanted};
use crate::domain::{Home, Metric, Presence, Rounds, Silence, Situation, Span, Time};
use crate::engine::Book;
use crate::report::shift::Seen;

/// What a look at one home shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// As registered.
    pub home: Arc<Home>,
    /// By which rules.
    pub book: Arc<Book>,
    /// The digest of its texts.
    pub rules: String,
    /// As known.
    pub situation: Situation,
    /// Hub time.
    pub now: Time,
    /// Wall time minus hub time.
    pub offset: Span,
    /// Since when the hub has been listening without a break, if there was one.
    pub listening: Option<Time>,
    /// Where the resident is.
    pub presence: Presence,
    /// Rules that somebody silenced; it may be over.
    pub silences: Vec<Silence>,
    /// Who saw the resident last, and why somebody should again.
    pub rounds: Rounds,
    /// The home's own limits of inactivity.
    pub limits: Vec<OwnLimit>,
    /// What is usual for the resident, of what anything is known.
    pub habits: Vec<Habit>,
}

/// A limit of inactivity that a rule wants to be learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnLimit {
    /// What it is to keep to.
    pub wanted: Wanted,
    /// So many days are needed.
    pub needed: usize,
    /// As it is today, or how far it has come.
    pub learned: Result<Learned, Learning>,
}

/// What is usual of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Habit {
    /// Which.
    pub metric: Metric,
    /// Of the days that are over; `None`: there are too few.
    pub usual: Option<Usual>,
    /// What the day or the night has come to so far.
    pub today: Option<f64>,
}

impl Look {
    /// The later of the home's own time, which stands still while nothing comes in, and `now`.
    pub fn at(&self, now: Time) -> Time {
        now.max(self.now)
    }

    /// For the hand-over of a shift. `now` is hub time.
    pub fn seen(&self, now: Time) -> Seen<'_> {
        Seen {
            home: &self.home,
            book: &self.book,
            situation: &self.situation,
            presence: &self.presence,
            silences: &self.silences,
            rounds: &self.rounds,
            now: self.at(now),
            offset: self.offset,
            listening: self.listening,
        }
    }

    /// The rules that are silent `now`, in hub time.
    pub fn silent(&self, now: Time) -> impl Iterator<Item = &Silence> {
        let at = self.at(now);
        self.silences.iter().filter(move |silence| at < silence.until)
    }

    /// Whether she sleeps, as far as a bed can tell.
    pub fn is_asleep(&self, now: Time) -> bool {
        self.book.customs.is_some_and(|customs| self.presence.is_asleep(&customs, self.at(now)))
    }

    /// Whether several people were seen not long ago.
    pub fn has_company(&self, now: Time) -> bool {
        self.book.customs.is_some_and(|customs| self.presence.has_company(&customs, self.at(now)))
    }
}
