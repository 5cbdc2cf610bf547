//! Who is on duty, and when: a weekly rota, what is otherwise for once, and the calendar that says
//! which days are worked.
//!
//! All of it is wall time in the zone of the home. A duty that crosses midnight belongs to the day on
//! which it began, and where clocks change it begins and ends when the wall clock says so. Whoever has
//! no rota is on duty always. A leave goes before everything else: whom it names cannot be counted on.

mod calendar;
mod line;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::id::PersonId;
use super::sentence::{Sentence, both};
use super::time::{Span, Time};

pub use calendar::Calendar;
pub use line::{Days, Duty};

/// How far [`Rota::next_change`] looks ahead. A rota that does not change in that time hardly changes.
const AHEAD_DAYS: i64 = 400;
/// So many days at once.
const CHUNK_DAYS: i64 = 16;

/// When somebody is on duty; nothing in it: always.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rota {
    /// Every week.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duty: Vec<Duty>,
    /// Once, also beyond the rota.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<Shift>,
    /// Once not: holidays, illness, a shift that somebody else has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<Leave>,
}

/// Time of which a responder is on duty beyond the rota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// From then,
    pub from: DateTime,
    /// until then, on the home's wall clock.
    pub to: DateTime,
    /// Whose shift it is otherwise: they are off as long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<PersonId>,
    /// Who wrote it down, and on which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted: Option<Noted>,
}

/// Time of which a responder is off duty, whatever the rota says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// From then,
    pub from: DateTime,
    /// until then, on the home's wall clock.
    pub to: DateTime,
    /// Why.
    pub why: String,
    /// Who wrote it down, and on which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted: Option<Noted>,
}

/// Behind the id of whoever stands in: why the other is off.
const INSTEAD: &str = " instead";

impl Leave {
    /// The time of somebody's shift, who is off because `who` stands in.
    pub fn of_swap(who: &PersonId, from: DateTime, to: DateTime, noted: Option<Noted>) -> Self {
        Self { from, to, why: format!("{who}{INSTEAD}"), noted }
    }

    /// Why, in words: what somebody wrote, or who stands in.
    pub fn told(&self) -> Sentence {
        let other = self.why.strip_suffix(INSTEAD).filter(|who| who.parse::<PersonId>().is_ok());
        let why = &self.why;
        other.map_or_else(|| why.clone().into(), |who| both!("由 {who} 顶替", "{why}"))
    }
}

/// Who put something into the register, and on which day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Who.
    pub by: PersonId,
    /// When.
    pub on: Date,
}

/// By what days and hours duty is reckoned in a home.
#[derive(Debug, Clone, Copy)]
pub struct Reckoning<'r> {
    /// Which days are worked.
    pub calendar: &'r Calendar,
    /// The home's zone.
    pub zone: &'r TimeZone,
}

impl Rota {
    /// Nothing is said: on duty always.
    pub const fn is_empty(&self) -> bool {
        self.duty.is_empty() && self.shifts.is_empty() && self.leaves.is_empty()
    }

    /// Whether they are on duty at `wall`.
    pub fn is_on(&self, wall: Time, by: Reckoning<'_>) -> bool {
        let within = |from, to| by.instant(from) <= wall && wall < by.instant(to);
        if self.leaves.iter().any(|leave| within(leave.from, leave.to)) {
            return false;
        }
        if self.duty.is_empty() || self.shifts.iter().any(|shift| within(shift.from, shift.to)) {
            return true;
        }
        let today = wall.civil(by.zone).date();
        let days = [today.yesterday().ok(), Some(today)];
        let all = self.duty.iter().flat_map(|duty| days.map(|day| (duty, day)));
        let mut held = all.filter_map(|(duty, day)| by.held(duty, day?));
        held.any(|(from, to)| from <= wall && wall < to)
    }

    /// When, after `wall`, they next come on duty or go off; `None`: not within a year.
    pub fn next_change(&self, wall: Time, by: Reckoning<'_>) -> Option<Time> {
        if self.is_empty() {
            return None;
        }
        let is_on = self.is_on(wall, by);
        let day = |n: i64| wall + Span::hours(24 * n);
        let mut starts = (0..AHEAD_DAYS / CHUNK_DAYS).map(|n| n * CHUNK_DAYS);
        starts.find_map(|n| {
            let turns = self.turns(day(n), day(n + CHUNK_DAYS), by);
            turns.into_iter().find(|at| self.is_on(*at, by) != is_on)
        })
    }

    /// The instants after `from`, up to `to`, at which they may come on duty or go off.
    fn turns(&self, from: Time, to: Time, by: Reckoning<'_>) -> BTreeSet<Time> {
        let mut turns = BTreeSet::new();
        let once = self.shifts.iter().map(|s| (s.from, s.to));
        for (begin, end) in once.chain(self.leaves.iter().map(|l| (l.from, l.to))) {
            turns.extend([by.instant(begin), by.instant(end)]);
        }
        let (first, last) = (from.civil(by.zone).date(), to.civil(by.zone).date());
        let mut day = first.yesterday().unwrap_or(first);
        while day <= last {
            let held = self.duty.iter().filter_map(|duty| by.held(duty, day));
            turns.extend(held.flat_map(|(begin, end)| [begin, end]));
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        turns.retain(|at| from < *at && *at <= to);
        turns
    }
}

impl Reckoning<'_> {
    /// When the wall clock shows `at`; a time that it skips is when it skips it. So of a duty that would
    /// begin and end within the skipped hour nothing is left.
    fn instant(&self, at: DateTime) -> Time {
        let there = Time::of_civil(at, self.zone);
        if there.civil(self.zone) == at {
            return there;
        }
        let skips = self.zone.preceding((there + Span(1)).timestamp()).next();
        skips.map_or(there, |skip| Time(skip.timestamp().as_millisecond()))
    }

    /// From when to when a duty is held that begins on this day, if it is one of its days.
    fn held(&self, duty: &Duty, day: Date) -> Option<(Time, Time)> {
        let (from, to) = duty.on(day, self.calendar)?;
        Some((self.instant(from), self.instant(to)))
    }

    /// The stretches between `from` and `to` of which nobody of `rotas` is on duty. Of no people at all,
    /// all of it.
    pub fn uncovered(&self, rotas: &[&Rota], from: Time, to: Time) -> Vec<(Time, Time)> {
        self.stretches(rotas, from, to, |on| on == 0)
    }

    /// The stretches between `from` and `to` of which somebody of `rotas` is on duty.
    pub fn covered(&self, rotas: &[&Rota], from: Time, to: Time) -> Vec<(Time, Time)> {
        self.stretches(rotas, from, to, |on| 0 < on)
    }

    fn stretches(
        &self,
        rotas: &[&Rota],
        from: Time,
        to: Time,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<(Time, Time)> {
        let mut turns: BTreeSet<Time> =
            rotas.iter().flat_map(|rota| rota.turns(from, to, *self)).collect();
        turns.extend([from, to]);
        let mut found: Vec<(Time, Time)> = Vec::new();
        for (begin, end) in turns.iter().zip(turns.iter().skip(1)) {
            let on = rotas.iter().filter(|rota| rota.is_on(*begin, *self)).count();
            match found.last_mut() {
                _ if !wanted(on) => {}
                Some((_, last)) if last == begin => *last = *end,
                Some(_) | None => found.push((*begin, *end)),
            }
        }
        found
    }
}
