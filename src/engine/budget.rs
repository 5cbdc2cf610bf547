//! Warnings, the incidents of level `info`, have a budget a day: whoever is told of every battery
//! reads none of it. What is beyond it waits for the digest, and is told in one message. Whatever
//! is worse is never held back (P6).

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::time::TimeOfDay;
use crate::domain::{Happening, Incident, Level, PersonId, Span, Stage, Time};
use crate::form::Form;

use super::{Effect, Engine, Purpose, Tell};

/// `[warnings]` in `rules.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warnings {
    /// So many a day and home are told at once.
    pub a_day: u32,
    /// When the others are, on the home's wall clock.
    pub digest_at: civil::Time,
}

/// How much of it is used up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Budget {
    /// When the day ends, in wall time.
    until: Time,
    told: u32,
    /// When the latest digest was told, in hub time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<Time>,
    /// Who has got it: what else falls due in the same step is in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    got: Vec<PersonId>,
    /// The incidents that are in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    holds: Vec<u32>,
}

/// Whether, and how, a warning is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// At once, like every alarm.
    Now,
    /// Together with the others that waited.
    Digest,
    /// It waits until then, in hub time.
    Waits(Time),
}

impl Turn {
    /// What a delivery is for, if it would be for this otherwise.
    pub(super) const fn purpose(self, otherwise: Purpose) -> Purpose {
        match self {
            Self::Digest => Purpose::Digest,
            Self::Now | Self::Waits(_) => otherwise,
        }
    }
}

impl Warnings {
    /// Reads `[warnings]`.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let a_day = form.needs::<u32>("a_day");
        let digest_at = form.needs::<TimeOfDay>("digest_at");
        form.done();
        Some(Self { a_day: a_day?, digest_at: digest_at?.0 })
    }

    /// The next digest after `wall`.
    fn next(&self, wall: Time, zone: &TimeZone) -> Time {
        let today = wall.civil(zone).date();
        let days = [today, today.tomorrow().unwrap_or(today)];
        let all = days.map(|day| Time::of_civil(day.to_datetime(self.digest_at), zone));
        all.into_iter().find(|at| wall < *at).unwrap_or(wall + Span::hours(24))
    }
}

impl Engine {
    /// Whose turn it is: called before anybody is told of an incident by the ladder.
    pub(super) fn turn_of(&mut self, n: u32) -> Turn {
        let Some(warnings) = self.book.warnings else { return Turn::Now };
        let Some(incident) = self.state.incidents.get_mut(&n) else { return Turn::Now };
        if incident.level != Level::Info {
            return Turn::Now;
        }
        let (now, offset) = (self.at, self.state.offset);
        if incident.waits_until.take().is_some_and(|until| until <= now) {
            // Its ladder begins when people hear of it.
            incident.alarm_at = incident.alarm_at.max(now);
            // What a hub that was down finds due on several mornings is told in one message.
            let (told_at, budget) = (self.state.now, &mut self.state.budget);
            if budget.digest != Some(told_at) {
                budget.digest = Some(told_at);
                (budget.got, budget.holds) = (Vec::new(), Vec::new());
            }
            if !budget.holds.contains(&n) {
                budget.holds.push(n);
            }
            return Turn::Digest;
        }
        let wall = now + offset;
        let budget = &mut self.state.budget;
        if budget.until <= wall {
            budget.until = wall.next_midnight(&self.zone);
            budget.told = 0;
        }
        if budget.told < warnings.a_day {
            budget.told += 1;
            return Turn::Now;
        }
        let until = warnings.next(wall, &self.zone) - offset;
        incident.waits_until = Some(until);
        Turn::Waits(until)
    }

    /// One message a person and digest: who has got it is not told again of what is in it.
    pub(super) fn once_a_digest(&mut self, mut tell: Vec<Tell>) -> Vec<Tell> {
        let got = &mut self.state.budget.got;
        tell.retain(|tell| {
            let is_first = tell.to.as_ref().is_none_or(|to| !got.contains(to));
            if tell.purpose == Purpose::Digest && is_first {
                got.extend(tell.to.clone());
            }
            tell.purpose != Purpose::Digest || is_first
        });
        tell
    }

    /// Warnings that were told in the latest digest, if that is now: those that alarm, and those that
    /// nobody answered.
    pub fn in_digest(&self) -> impl Iterator<Item = &Incident> {
        let is_now = self.state.budget.digest == Some(self.state.now);
        let held = self.state.budget.holds.iter().filter(move |_| is_now);
        held.filter_map(|n| self.state.incidents.get(n))
    }

    /// Holds a warning back until then. `true`: it is; nobody is told now.
    pub(super) fn hold_back(&mut self, n: u32, turn: Turn, fx: &mut Vec<Effect>) -> bool {
        let Turn::Waits(until) = turn else { return false };
        self.set_due(n, Some(until));
        let first = self.state.incidents.get(&n).is_some_and(|i| i.stage <= Stage::Warned);
        if first {
            let until = (until + self.state.offset).hour_minute(&self.zone);
            self.tell_story(n, None, Happening::HeldBack { until }, Vec::new(), fx);
        }
        true
    }
}
