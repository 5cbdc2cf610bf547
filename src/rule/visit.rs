//! *Visit*: somebody should see the resident: it is their turn (每周、每月、每季), something happened, or
//! nobody has opened twice. When it is whose turn is counted in days of the home's wall clock.

use jiff::civil::{self, Date};
use jiff::tz::TimeZone;

use crate::domain::time::TimeOfDay;
use crate::domain::{Calendar, Name, Reason, Time, both};
use crate::form::Form;

use super::{Judgement, Verdict, View};

/// `visit = { tier = "weekly", every = 7, at = "09:00", remote = 5 }`, `visit = { after = ["fall"] }`,
/// `visit = { unanswered = 2 }` or `visit = { found = "wrong" }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visit {
    /// It is their turn.
    Due(Due),
    /// An incident of one of these rules was closed, or somebody called for a visit in this word.
    After(Vec<Name>),
    /// So many times in a row nobody opened, or answered.
    Unanswered(u32),
    /// Whoever was there found something wrong.
    Found,
}

/// It is the turn of residents of one tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which residents: `visits` in the register.
    pub tier: Name,
    /// So many days after the latest visit, or before where that is no working day.
    pub every: u16,
    /// At this hour.
    pub at: civil::Time,
    /// Sensors that showed the resident on so many days since count for a visit, but never twice in a row.
    pub remote: Option<u32>,
}

impl Visit {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let tier = form.may::<Name>("tier");
        let after = form.list::<Name>("after");
        let unanswered = form.may::<u32>("unanswered");
        let found = form.may::<String>("found");
        let said = [tier.is_some(), !after.is_empty(), unanswered.is_some(), found.is_some()];
        if said.iter().filter(|is| **is).count() != 1 {
            form.wrong(both!(
                "`unanswered` 须填写",
                "visit is one of `tier`, `after`, `unanswered` and `found`"
            ));
        }
        if unanswered.is_some_and(|times| !(1..=9).contains(&times)) {
            form.wrong(both!("`unanswered` 须为 1 到 9", "`unanswered` is from 1 to 9 times"));
        }
        if found.as_ref().is_some_and(|found| found != "wrong") {
            form.wrong("`found` can be \"wrong\"".to_owned());
        }
        let due = tier.map(|tier| read_due(&mut form, tier));
        form.done();
        match (due, unanswered, found) {
            (Some(due), ..) => due.map(Self::Due),
            (None, Some(times), _) => Some(Self::Unanswered(times)),
            (None, None, Some(_)) => Some(Self::Found),
            (None, None, None) => Some(Self::After(after)),
        }
    }

    /// Holds since the visit fell due, or was called for.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(rounds) = view.rounds else { return Verdict::Unknown.into() };
        let since = match self {
            Self::Due(due) => return due.judge(view),
            Self::After(rules) => {
                let mut calls = rounds.calls.iter().filter(|(why, _)| rules.contains(why));
                calls.next().map(|(_, since)| *since)
            }
            Self::Unanswered(times) => rounds.unanswered_at.filter(|_| *times <= rounds.unanswered),
            Self::Found => rounds.found.as_ref().map(|(_, since)| *since),
        };
        since.map_or(Verdict::Normal, |since| holds(view, since)).into()
    }

    /// Why a visit is wanted.
    pub fn reason(&self, view: &View<'_>) -> Reason {
        let rounds = view.rounds;
        match self {
            Self::Due(_) => {
                let last = rounds.and_then(|r| r.last).unwrap_or(view.wall(view.now));
                Reason::VisitDue { last: last.civil(view.zone).date().to_string() }
            }
            Self::After(rules) => {
                let calls = rounds.into_iter().flat_map(|r| &r.calls);
                let calls = calls.map(|(why, _)| why.clone()).filter(|why| rules.contains(why));
                Reason::VisitAfter { what: calls.collect() }
            }
            Self::Unanswered(_) => {
                Reason::Unanswered { times: rounds.map_or(0, |rounds| rounds.unanswered) }
            }
            Self::Found => {
                let found = rounds.and_then(|rounds| rounds.found.clone());
                Reason::FoundWrong { items: found.map(|(items, _)| items).unwrap_or_default() }
            }
        }
    }

    /// After what somebody should go: rules, and words by which people call for a visit.
    pub fn words(&self) -> &[Name] {
        match self {
            Self::After(all) => all,
            Self::Due(_) | Self::Unanswered(_) | Self::Found => &[],
        }
    }

    /// Whether it begins a visit, and not what a visit led to.
    pub const fn is_a_visit(&self) -> bool {
        matches!(self, Self::Due(_) | Self::After(_))
    }
}

impl Due {
    fn judge(&self, view: &View<'_>) -> Judgement {
        let last = view.rounds.and_then(|rounds| rounds.last);
        let is_theirs = view.home.visits.as_ref() == Some(&self.tier);
        let Some(last) = last.filter(|_| is_theirs) else { return Verdict::Normal.into() };
        let due = self.due(last, &view.home.calendar, view.zone);
        if view.wall(view.now) < due {
            return Judgement { verdict: Verdict::Normal, again: Some(due - view.offset) };
        }
        if view.presence.is_out() {
            // Nobody is visited who is not there; it is their turn when they are back.
            return Verdict::Resting.into();
        }
        holds(view, due).into()
    }

    /// When the next visit is due after one at `last`.
    pub fn due(&self, last: Time, calendar: &Calendar, zone: &TimeZone) -> Time {
        let day = due_day(last.civil(zone).date(), self.every, calendar);
        Time::of_civil(day.to_datetime(self.at), zone)
    }

    /// Whether sensors have shown enough to count for this visit.
    pub fn counts_remotely(&self, view: &View<'_>) -> bool {
        let Some(rounds) = view.rounds else { return false };
        self.remote.is_some_and(|days| days <= rounds.days) && !rounds.was_remote
    }
}

/// So many days later, or the last working day before. The day after the visit is the earliest.
pub fn due_day(last: Date, every: u16, calendar: &Calendar) -> Date {
    let later = |days: i64| last.saturating_add(jiff::Span::new().days(days));
    let mut ahead = i64::from(every);
    while 1 < ahead && !calendar.is_workday(later(ahead)) {
        ahead -= 1;
    }
    later(ahead)
}

fn holds(view: &View<'_>, since: Time) -> Verdict {
    Verdict::Holds { since: since - view.offset, live: true }
}

fn read_due(form: &mut Form<'_, '_>, tier: Name) -> Option<Due> {
    let every = form.needs::<u16>("every");
    let at = form.needs::<TimeOfDay>("at");
    if every.is_some_and(|days| !(1..=400).contains(&days)) {
        form.wrong(both!("`every` 须为 1 到 400 天", "`every` is from 1 to 400 days"));
    }
    let remote = form.may::<u32>("remote");
    if remote.zip(every).is_some_and(|(days, every)| u32::from(every) < days || days == 0) {
        form.wrong(both!(
            "`remote` 须为 1 天以上，不超过 `every`",
            "`remote` is from 1 to as many days as `every`"
        ));
    }
    Some(Due { tier, every: every?, at: at?.0, remote })
}
