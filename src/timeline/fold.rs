//! Folds what repeats, so that a night in which nobody answers fits on a page.

use jiff::tz::TimeZone;

use crate::domain::{Span, Time};

use super::clock;

/// So many equal lines at an even pace are still written out.
const WRITTEN_OUT: i64 = 3;

/// The text of a story as it grows.
#[derive(Debug)]
pub(super) struct Fold {
    pub(super) zone: TimeZone,
    out: String,
    run: Option<Run>,
}

/// The same line again and again.
#[derive(Debug)]
struct Run {
    text: String,
    first: Time,
    last: Time,
    every: Span,
    more: i64,
}

impl Fold {
    pub(super) const fn new(zone: TimeZone) -> Self {
        Self { zone, out: String::new(), run: None }
    }

    /// Any other line.
    pub(super) fn line(&mut self, text: &str) {
        self.flush();
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// What careloop did.
    pub(super) fn effect(&mut self, now: Time, text: String) {
        if let Some(run) = self.run.as_mut().filter(|run| run.text == text) {
            let every = now - run.last;
            if Span::ZERO < every && (run.more == 0 || run.every == every) {
                (run.last, run.every, run.more) = (now, every, run.more + 1);
                return;
            }
        }
        self.flush();
        self.run = Some(Run { text, first: now, last: now, every: Span::ZERO, more: 0 });
    }

    pub(super) fn finish(mut self) -> String {
        self.flush();
        self.out
    }

    fn flush(&mut self) {
        let Some(Run { text, first, last, every, more }) = self.run.take() else { return };
        let mut write = |at: Time, count: &str| {
            self.out.push_str(&format!("{}  > {text}{count}\n", clock(at, &self.zone)));
        };
        write(first, "");
        if WRITTEN_OUT < more {
            return write(last, &format!(" ({more} more, every {every})"));
        }
        for nth in 1..=more {
            write(first + Span(every.0 * nth), "");
        }
    }
}
