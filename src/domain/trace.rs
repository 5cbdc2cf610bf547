//! Traces: what a property was lately, as far as a rule asks for it. A judge that counts, compares or
//! waits for what follows looks at these; everything else is decided by the latest fact alone.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::observation::{Kind, Property, Value};
use super::time::{Span, Time};

/// More points of one property of one device are not kept: the oldest go.
const POINTS_MAX: usize = 128;
/// Of a number, and of a flag that is said again, no more than so many in the time that is asked for.
const POINTS_IN_TIME: i64 = 64;

/// One property of one device, the latest last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// What.
    pub property: Property,
    points: VecDeque<Point>,
}

/// One report.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// When, in hub time.
    pub at: Time,
    /// What.
    #[serde(rename = "v")]
    pub value: Value,
    /// Whether it was something else before: a flag that is only said again has not changed.
    #[serde(rename = "c")]
    pub is_change: bool,
}

impl Trace {
    /// An empty trace.
    pub const fn new(property: Property) -> Self {
        Self { property, points: VecDeque::new() }
    }

    /// Adds a report, and lets go of those older than `span`. What only repeats itself, and numbers
    /// that come faster than anybody needs them, are thinned out.
    pub fn note(&mut self, value: Value, is_change: bool, span: Span, now: Time) {
        while self.points.front().is_some_and(|p| p.at + span < now) {
            self.points.pop_front();
        }
        let is_number = matches!(self.property.kind(), Kind::Number { .. });
        let apart = Span(span.0 / POINTS_IN_TIME);
        let is_soon = self.points.back().is_some_and(|last| now < last.at + apart);
        if is_soon && (is_number || !is_change) {
            return;
        }
        if self.points.len() == POINTS_MAX {
            self.points.pop_front();
        }
        self.points.push_back(Point { at: now, value, is_change });
    }

    /// All reports, the earliest first.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = &Point> {
        self.points.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(trace: &Trace) -> Vec<i64> {
        trace.points().map(|p| p.at.0 / 1000).collect()
    }

    #[test]
    fn changes_are_all_kept_repetitions_are_thinned_and_the_old_goes() {
        let span = Span::seconds(640);
        let mut trace = Trace::new(Property::Motion);
        for second in 0..100 {
            trace.note(Value::Flag(true), second == 0, span, Time(second * 1000));
        }
        assert_eq!(all(&trace), vec![0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
        trace.note(Value::Flag(false), true, span, Time(100_000));
        trace.note(Value::Flag(true), true, span, Time(101_000));
        assert_eq!(all(&trace).last(), Some(&101));
        trace.note(Value::Flag(false), true, span, Time(720_000));
        assert_eq!(all(&trace), vec![80, 90, 100, 101, 720]);
    }

    #[test]
    fn a_storm_of_changes_fills_no_memory() {
        let mut trace = Trace::new(Property::Open);
        for n in 0..10_000 {
            trace.note(Value::Flag(n % 2 == 0), true, Span::hours(24), Time(n));
        }
        assert_eq!(trace.points().count(), POINTS_MAX);
        assert_eq!(trace.points().next_back().map(|p| p.at), Some(Time(9999)));
    }
}
