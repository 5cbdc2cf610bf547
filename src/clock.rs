//! The only place that asks what time it is.
//!
//! *Hub time* never runs backwards and never jumps while the hub runs: it goes on from the last
//! instant on disk and follows the kernel's boot clock, which also counts while the machine sleeps.
//! The wall clock may lie (P8): it is 1970 after a power cut, is stepped by NTP, is set by hand.
//! How far it is from hub time is the *offset*, and every change of it is an input.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::domain::{Span, Time};

/// A wall clock before this has not been set: 2025-01-01T00:00:00Z, before careloop was.
const PLAUSIBLE: Time = Time(1_735_689_600_000);
/// A wall clock set back by more than this while the hub was off has not been set either.
const BACK_MAX: Span = Span::hours(24);
/// Smaller differences are the kernel's own slow corrections, and are left alone.
const STEP_MIN: Span = Span::seconds(2);

/// The clock. Cheap to clone; all clones are one clock.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Mutex<Line>>);

/// How hub time and wall time hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    /// Hub time when the boot clock showed nothing.
    hub_at_boot: Time,
    offset: Span,
    /// Whether the wall clock was ever believed since the start.
    is_set: bool,
}

/// What the two clocks of the machine show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reading {
    boot: Span,
    wall: Time,
}

impl Clock {
    /// Starts where the disk left off: the greatest hub time there, and the offset then.
    pub fn start(last: Option<(Time, Span)>) -> Self {
        Self(Arc::new(Mutex::new(Line::start(last, read()))))
    }

    /// Hub time now.
    pub fn now(&self) -> Time {
        self.line().hub(read())
    }

    /// Wall time now, as careloop believes it.
    pub fn wall(&self) -> Time {
        let line = self.line();
        line.hub(read()) + line.offset
    }

    /// Wall time minus hub time, as last told to the engines.
    pub fn offset(&self) -> Span {
        self.line().offset
    }

    /// Whether the wall clock can be believed.
    pub fn is_set(&self) -> bool {
        self.line().is_set
    }

    /// Looks whether the wall clock was stepped since. If so, returns the new offset, which the
    /// engines must be told.
    pub fn check(&self) -> Option<Span> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).check(read())
    }

    /// How long until `at` in hub time.
    pub fn until(&self, at: Time) -> Duration {
        (at - self.now()).to_std()
    }

    fn line(&self) -> Line {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn start(last: Option<(Time, Span)>, reading: Reading) -> Self {
        let believed = PLAUSIBLE <= reading.wall
            && last.is_none_or(|(hub, offset)| hub + offset <= reading.wall + BACK_MAX);
        let (hub, offset) = match last {
            None => (reading.wall, Span::ZERO),
            // Nobody knows how long the hub was off: go on where it stopped until the clock is set.
            Some((hub, offset)) if !believed => (hub, offset),
            Some((hub, offset)) => {
                let hub = hub.max(reading.wall - offset);
                (hub, steady(offset, reading.wall - hub))
            }
        };
        Self { hub_at_boot: hub - reading.boot, offset, is_set: believed }
    }

    fn hub(self, reading: Reading) -> Time {
        self.hub_at_boot + reading.boot
    }

    fn check(&mut self, reading: Reading) -> Option<Span> {
        let before = self.offset;
        if !self.is_set {
            if reading.wall < PLAUSIBLE || reading.wall + BACK_MAX < self.hub(reading) + self.offset
            {
                return None;
            }
            // The clock has been set: the time the hub was off is known now, and counts.
            self.is_set = true;
            let off = (reading.wall - self.offset) - self.hub(reading);
            self.hub_at_boot = self.hub_at_boot + off.max(Span::ZERO);
        }
        self.offset = steady(before, reading.wall - self.hub(reading));
        (self.offset != before).then_some(self.offset)
    }
}

/// The offset as it is, unless it has truly changed.
fn steady(before: Span, measured: Span) -> Span {
    if (measured.0 - before.0).abs() < STEP_MIN.0 { before } else { measured }
}

fn read() -> Reading {
    let millis = |id| {
        let at = clock_gettime(id);
        at.tv_sec.saturating_mul(1000).saturating_add(at.tv_nsec / 1_000_000)
    };
    Reading { boot: Span(millis(ClockId::Boottime)), wall: Time(millis(ClockId::Realtime)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_800_000_000_000);
    const HOUR: Span = Span::hours(1);

    fn at(boot: Span, wall: Time) -> Reading {
        Reading { boot, wall }
    }

    #[test]
    fn a_first_start_takes_the_wall_clock_as_hub_time() {
        let line = Line::start(None, at(HOUR, NOW));
        assert_eq!((line.hub(at(HOUR, NOW)), line.offset, line.is_set), (NOW, Span::ZERO, true));
    }

    #[test]
    fn time_goes_on_while_the_hub_is_off() {
        let line = Line::start(Some((NOW, Span::ZERO)), at(Span::ZERO, NOW + HOUR));
        assert_eq!(line.hub(at(Span::ZERO, NOW)), NOW + HOUR);
        assert_eq!(line.offset, Span::ZERO);
    }

    #[test]
    fn a_step_of_the_wall_clock_does_not_move_hub_time() {
        for step in [Span(-HOUR.0), Span::hours(24), HOUR] {
            let mut line = Line::start(None, at(Span::ZERO, NOW));
            let later = at(Span::minutes(1), NOW + Span::minutes(1) + step);
            assert_eq!(line.check(later), Some(step));
            assert_eq!(line.hub(later), NOW + Span::minutes(1));
            assert_eq!(line.check(later), None, "it is told once");
        }
    }

    #[test]
    fn slow_corrections_of_the_kernel_are_no_step() {
        let mut line = Line::start(None, at(Span::ZERO, NOW));
        assert_eq!(line.check(at(HOUR, NOW + HOUR + Span(900))), None);
    }

    #[test]
    fn booting_in_1970_loses_no_time_once_the_clock_is_set() {
        let mut line = Line::start(Some((NOW, Span::ZERO)), at(Span::ZERO, Time(0)));
        assert!(!line.is_set);
        let minute = Span::minutes(1);
        assert_eq!(line.hub(at(minute, Time(60_000))), NOW + minute, "durations go on");
        assert_eq!(line.check(at(minute, Time(60_000))), None);
        let set = at(minute, NOW + HOUR);
        assert_eq!(line.check(set), None, "wall time is what was believed");
        assert_eq!((line.hub(set), line.is_set), (NOW + HOUR, true));
    }

    #[test]
    fn a_clock_set_back_while_off_does_not_turn_hub_time_back() {
        let back = NOW - HOUR;
        let line = Line::start(Some((NOW, Span::ZERO)), at(Span::ZERO, back));
        assert_eq!(line.hub(at(Span::ZERO, back)), NOW);
        assert_eq!(line.offset, Span(-HOUR.0));
    }
}
