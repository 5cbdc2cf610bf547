//! Visits and requests: errands that people run in days, and no alarms. No other figure counts them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::domain::{Group, Home, HomeId, Name, Outcome, Span, Time};
use crate::engine::Plan;

use super::step::count;
use super::{Case, Course, Month, Satisfaction, Share};

/// Visits. *Valid* is one by which somebody met the resident: outcome safe, assisted, hospital, died,
/// repaired, refused; or remote, where enough sensors had shown the resident.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Visits {
    /// Residents with at least one valid visit that was closed in the month, of those who have a tier by
    /// the register as it is now. Visits to a home that has left the register, or has no tier, count in the
    /// figures below and not here.
    pub rate: Share,
    /// The same by tier. A quarterly one need not reach a hundred per cent.
    pub by_tier: BTreeMap<Name, Share>,
    /// Those of the residents visited whom only sensors showed: nobody was there in the month.
    pub remote_only: usize,
    /// Visits of the month, however they ended.
    pub total: usize,
    /// Those that are closed, by outcome.
    pub by_outcome: BTreeMap<Outcome, usize>,
    /// Of the visits of the month: closed before they were overdue, of those closed validly or overdue.
    /// Overdue is one that is open for longer than `close_within` of its plan, counted from the first word to
    /// people; where the plan names none, until its last rung is due. Time that was granted, and a wait, are
    /// added. Left out: not yet overdue, no-access in time (the next visit is the answer to it), merged,
    /// void, called false or a test, and those whose rule book is lost.
    pub on_time: Share,
    /// Open when the month ended, or by now, of whichever month.
    pub open_at_end: usize,
}

/// Requests of the month, and what came of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Requests {
    /// All.
    pub all: RequestsOf,
    /// By the rule that took them.
    pub by_rule: BTreeMap<Name, RequestsOf>,
    /// Open when the month ended, or by now, of whichever month.
    pub open_at_end: usize,
}

/// Some of the requests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RequestsOf {
    /// How many, however they ended.
    pub total: usize,
    /// Merged into another or struck out: they count in none of the figures below.
    pub set_aside: usize,
    /// Closed before they were overdue (see [`Visits::on_time`]), of those closed or overdue.
    pub on_time: Share,
    /// How content people were.
    pub satisfaction: Satisfaction,
}

impl Visits {
    /// Of these cases and homes.
    pub(super) fn new(month: Month, cases: &[&Case], homes: &[&Arc<Home>], now: Time) -> Self {
        let mut visits = Self::default();
        // Whether somebody was there, of the residents visited.
        let mut visited: BTreeMap<&HomeId, bool> = BTreeMap::new();
        for case in cases.iter().filter(|case| case.incident.group == Group::Visit) {
            let (from, to) = month.span(&case.zone);
            let course = Course::of(&case.entries, Time(i64::MAX));
            visits.open_at_end += usize::from(Course::of(&case.entries, to.min(now)).is_open());
            if let Some((at, outcome)) = course.closed
                && (from..to).contains(&at)
                && outcome.met_resident() == Some(true)
            {
                *visited.entry(&case.id.home).or_default() |= outcome != Outcome::Remote;
            }
            if !course.detected.is_some_and(|at| (from..to).contains(&at)) {
                continue;
            }
            visits.total += 1;
            if let Some((_, outcome)) = course.closed {
                *visits.by_outcome.entry(outcome).or_default() += 1;
            }
            let is_met = |outcome: Outcome| outcome.met_resident() == Some(true);
            let is_off = |outcome: Outcome| outcome.is_set_aside() || outcome.is_no_incident();
            if !course.closed.is_some_and(|(_, outcome)| is_off(outcome)) {
                let is_hit = course.closed.is_some_and(|(_, outcome)| is_met(outcome));
                in_time(&mut visits.on_time, case, &course, is_hit, now);
            }
        }
        for home in homes {
            let Some(tier) = &home.visits else { continue };
            let was = visited.get(&home.id);
            visits.rate.add(was.is_some());
            visits.by_tier.entry(tier.clone()).or_default().add(was.is_some());
            visits.remote_only += usize::from(was == Some(&false));
        }
        visits
    }
}

impl Requests {
    /// Of these cases.
    pub(super) fn new(month: Month, cases: &[&Case], now: Time) -> Self {
        let mut requests = Self::default();
        for case in cases.iter().filter(|case| case.incident.group == Group::Request) {
            let (from, to) = month.span(&case.zone);
            let course = Course::of(&case.entries, Time(i64::MAX));
            requests.open_at_end += usize::from(Course::of(&case.entries, to.min(now)).is_open());
            if course.detected.is_some_and(|at| (from..to).contains(&at)) {
                requests.all.add(case, &course, now);
                let of_rule = requests.by_rule.entry(case.incident.rule.clone()).or_default();
                of_rule.add(case, &course, now);
            }
        }
        requests
    }
}

impl RequestsOf {
    fn add(&mut self, case: &Case, course: &Course, now: Time) {
        self.total += 1;
        if course.closed.is_some_and(|(_, outcome)| outcome.is_set_aside()) {
            self.set_aside += 1;
            return;
        }
        in_time(&mut self.on_time, case, course, true, now);
        self.satisfaction.add(course.score);
    }
}

/// Counts an errand: closed before it was overdue, or overdue. `is_hit`: its close counts, if in time.
fn in_time(share: &mut Share, case: &Case, course: &Course, is_hit: bool, now: Time) {
    let closed = course.closed.map(|(at, _)| at);
    let (Some(begun), Some(plan)) = (course.alarmed, case.plan.as_deref()) else {
        // Sensors had shown enough, so that nobody was told.
        if closed.is_some() && is_hit && course.alarmed.is_none() {
            share.add(true);
        }
        return;
    };
    let put_off = course.put_off.map_or(Span::ZERO, |until| until - begun);
    let (within, took) = (overdue_after(plan).max(put_off), closed.map(|at| at - begun));
    if !is_hit && took.is_some_and(|took| took <= within) {
        return;
    }
    count(share, within, begun, took, false, now);
}

/// For how long it may be open, all in all.
fn overdue_after(plan: &Plan) -> Span {
    plan.close_within.unwrap_or_else(|| plan.rung(plan.last()).after)
}
