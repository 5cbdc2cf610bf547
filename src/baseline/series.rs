//! One metric, day by day.

use std::collections::VecDeque;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::{Metric, Span, Tally};

use super::{KEEP_MAX, LearnSettings};

/// More readings of one day are not kept: every second one is dropped instead.
const READINGS_MAX: usize = 64;

/// What one day has come to so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SoFar {
    /// How often.
    Times(u32),
    /// For how long.
    Lasted(Span),
    /// What was measured.
    Readings(Readings),
}

/// The readings of one day, spread evenly over it, at most [`READINGS_MAX`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Readings {
    kept: Vec<f64>,
    /// One of so many is kept.
    one_in: u32,
    /// So many came since.
    skipped: u32,
}

/// One metric, day by day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Series {
    /// The day that is not over yet, if anything is known of it from its beginning.
    pub(super) today: SoFar,
    /// Whether it began before anybody counted.
    partial: bool,
    /// The days that are over, the latest last.
    past: VecDeque<(Date, f64)>,
}

impl SoFar {
    const fn nothing(tally: Tally) -> Self {
        match tally {
            Tally::Times => Self::Times(0),
            Tally::Minutes => Self::Lasted(Span::ZERO),
            Tally::Median => Self::Readings(Readings { kept: Vec::new(), one_in: 1, skipped: 0 }),
        }
    }

    /// The number of the day so far; a median needs `readings`.
    pub(super) fn value(&self, readings: usize) -> Option<f64> {
        match self {
            Self::Times(times) => Some(f64::from(*times)),
            Self::Lasted(span) => i32::try_from(span.0 / 60_000).ok().map(f64::from),
            Self::Readings(all) => {
                let enough = readings <= all.kept.len();
                let sorted = super::statistics::sorted(all.kept.iter().copied());
                enough.then(|| super::statistics::quantile(&sorted, 50)).flatten()
            }
        }
    }

    /// Once more.
    pub(super) const fn count(&mut self) {
        if let Self::Times(times) = self {
            *times = times.saturating_add(1);
        }
    }

    /// For so much longer.
    pub(super) fn lasts(&mut self, longer: Span) {
        if let Self::Lasted(span) = self {
            *span = Span(span.0.saturating_add(longer.0.max(0)));
        }
    }

    /// So much was measured.
    pub(super) fn read(&mut self, value: f64) {
        let Self::Readings(all) = self else { return };
        all.skipped += 1;
        if all.skipped < all.one_in {
            return;
        }
        all.skipped = 0;
        all.kept.push(value);
        if READINGS_MAX < all.kept.len() {
            let mut odd = false;
            all.kept.retain(|_| {
                odd = !odd;
                odd
            });
            all.one_in = all.one_in.saturating_mul(2);
        }
    }
}

impl Series {
    /// Begins in the middle of a day, which will not count if it is a count.
    pub(super) fn new(tally: Tally) -> Self {
        let partial = tally != Tally::Median;
        Self { today: SoFar::nothing(tally), partial, past: VecDeque::new() }
    }

    /// The day is over. It counts if the resident was `seen` for long enough, or something was
    /// measured.
    pub(super) fn close(&mut self, date: Date, tally: Tally, seen: bool, settings: &LearnSettings) {
        let value = self.today.value(settings.readings);
        let counts = !self.partial && (seen || tally == Tally::Median);
        let is_later = self.past.back().is_none_or(|(last, _)| *last < date);
        if let Some(value) = value.filter(|v| v.is_finite() && counts && is_later) {
            self.past.push_back((date, value));
        }
        while settings.keep.min(KEEP_MAX) < self.past.len() {
            self.past.pop_front();
        }
        (self.today, self.partial) = (SoFar::nothing(tally), false);
    }

    /// The clock was set back to this day: what came later never was.
    pub(super) fn set_back(&mut self, metric: Metric, day: Date) {
        self.past.retain(|(date, _)| *date < day);
        (self.today, self.partial) =
            (SoFar::nothing(metric.tally()), metric.tally() != Tally::Median);
    }

    /// What is not known from the beginning to the end is not a day.
    pub(super) const fn is_partial(&mut self) {
        self.partial = true;
    }

    /// The days that are over, the latest last.
    pub(super) fn past(&self) -> impl Iterator<Item = (Date, f64)> {
        self.past.iter().copied()
    }
}
