//! The figures of a month, each defined where it stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::domain::grid::Within;
use crate::domain::{Group, Happening, Home, Level, Name, Outcome, Role, Span, Time};

use super::step::{answered_in, arrived_in, count};
use super::{
    Case, Course, DeskWork, Fate, Month, OnTime, Owed, Promised, Requests, Share, Spread, Targets,
    Visits, limit,
};

/// The figures of a month. *Of the month* is an incident that was first found in it, by the clock of its
/// home; it counts with its whole story, also where that goes on into the next month. So a figure may
/// still change until all of them are closed.
///
/// *Visits* and *requests* have figures of their own and count in no other: an incident, and an alarm, is here
/// one of any other group. *Set aside* is what was merged into another, which goes on, or was struck out: people
/// were told of it, but nobody dealt with it as such.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kpi {
    /// Which month.
    pub month: Month,
    /// Only of this grid and what lies in it.
    pub grid: Option<Name>,
    /// As of when, in wall time, RFC 3339.
    pub made_at: String,
    /// Incidents of the month, however they ended.
    pub found: Found,
    /// Those of them that people were alarmed of: the first rung was told. The others ended before, by
    /// themselves or by the resident's press, or have not come so far.
    pub alarms: usize,
    /// Those of the alarms that were set aside. They count in `to_tell`, `escalations`, `repeats` and
    /// `deliveries`, which are about what was told, and in none of the figures of how people dealt with alarms.
    pub set_aside: usize,
    /// From the alarm to when a far side first took a message to a person, by its last word. Left out:
    /// alarms of which nobody is known to have been told.
    pub to_tell: Spread,
    /// From the alarm to the first person who accepted, set out, was there, or said how it ended. Left
    /// out: alarms that nobody has answered, and those set aside.
    pub to_accept: Spread,
    /// From the alarm to the first person on the scene. Left out: alarms where nobody was, and those set
    /// aside.
    pub to_arrive: Spread,
    /// From the alarm to the outcome that stands; where it was taken up again, to the later one. Left out: alarms
    /// without one, and those set aside.
    pub to_resolve: Spread,
    /// From the alarm to the close, the last one. Left out: alarms that are not closed, and those set aside.
    pub to_close: Spread,
    /// Of the alarms of at least the targets' level: answered within so long. Left out: those for which
    /// the time is not over yet, and those set aside.
    pub answered: Vec<Promised>,
    /// Of the same, and where somebody answered: on the scene within so long of the first answer. Left out:
    /// those that ended without anybody there, and those for which the time is not over yet.
    pub arrived: Vec<Promised>,
    /// Of all alarms but those set aside: each step within the limit of its plan. More time that was granted is
    /// not added.
    pub on_time: OnTime,
    /// Of the alarms but those set aside: closed by now. Only people close an alarm.
    pub closed_loop: Share,
    /// Of the alarms that are closed, tests and those set aside left out: those that people called false.
    pub false_alarms: FalseAlarms,
    /// How often an incident of the month that had gone by itself came back as the same.
    pub reopened: usize,
    /// How often a second person did not confirm the outcome of one.
    pub reworked: usize,
    /// How often a rung above the first was told, by the roles it tells. Repeats of the last not among them.
    pub escalations: BTreeMap<String, usize>,
    /// How often the last rung was told again because nobody had answered.
    pub repeats: usize,
    /// What became of the messages about incidents of the month, by channel.
    pub deliveries: BTreeMap<String, Fates>,
    /// Incidents, of whichever month, that had begun and not closed when the month ended, or by now.
    pub open_at_end: usize,
    /// Those of them whose next step was owed for longer than the plan gives.
    pub overdue_at_end: usize,
    /// Visits.
    pub visits: Visits,
    /// What people asked for and reported.
    pub requests: Requests,
    /// What the desk did.
    pub desk: DeskWork,
}

/// How many incidents, and what they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Found {
    /// All.
    pub total: usize,
    /// By the level they came to.
    pub by_level: BTreeMap<Level, usize>,
    /// By the rule that found them.
    pub by_rule: BTreeMap<Name, usize>,
    /// By what they are about.
    pub by_group: BTreeMap<Group, usize>,
    /// By grid. Left out: homes that belong to none.
    pub by_grid: BTreeMap<Name, usize>,
}

/// How many were called false.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FalseAlarms {
    /// In all.
    pub all: Share,
    /// By rule.
    pub by_rule: BTreeMap<Name, Share>,
    /// By `home/device`. Left out: alarms that rest on the word of several.
    pub by_device: BTreeMap<String, Share>,
}

/// What became of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Fates {
    /// The far side took it, and said no more.
    pub sent: usize,
    /// It arrived, or was opened.
    pub delivered: usize,
    /// It did not go out.
    pub failed: usize,
    /// It may or may not have gone out.
    pub unknown: usize,
    /// It has not gone out yet.
    pub waiting: usize,
    /// It was no longer needed.
    pub withdrawn: usize,
}

impl Kpi {
    /// The figures of a month as of `now`, in wall time. `cases`: every incident that was found before the
    /// month's end and not closed before its beginning; more do no harm. `homes`: the register as it is now.
    pub fn new(
        month: Month,
        within: Option<Within<'_>>,
        cases: &[Case],
        homes: &[Arc<Home>],
        targets: &Targets,
        now: Time,
    ) -> Self {
        let promised = |targets: &[super::Target]| {
            let one = |target: &super::Target| Promised {
                within_s: target.within.0 / 1000,
                wanted: target.percent,
                share: Share::default(),
                is_met: None,
            };
            targets.iter().map(one).collect()
        };
        let is_in = |of: &Option<Name>| within.is_none_or(|within| within.has(of.as_ref()));
        let cases: Vec<&Case> = cases.iter().filter(|case| is_in(&case.grid)).collect();
        let homes: Vec<&Arc<Home>> = homes.iter().filter(|home| is_in(&home.grid)).collect();
        let mut kpi = Self {
            month,
            grid: within.map(|within| within.grid.clone()),
            made_at: now.to_string(),
            found: Found::default(),
            alarms: 0,
            set_aside: 0,
            to_tell: Spread::default(),
            to_accept: Spread::default(),
            to_arrive: Spread::default(),
            to_resolve: Spread::default(),
            to_close: Spread::default(),
            answered: promised(&targets.answer),
            arrived: promised(&targets.arrive),
            on_time: OnTime::default(),
            closed_loop: Share::default(),
            false_alarms: FalseAlarms::default(),
            reopened: 0,
            reworked: 0,
            escalations: BTreeMap::new(),
            repeats: 0,
            deliveries: BTreeMap::new(),
            open_at_end: 0,
            overdue_at_end: 0,
            visits: Visits::new(month, &cases, &homes, now),
            requests: Requests::new(month, &cases, now),
            desk: DeskWork::new(month, &cases, now),
        };
        let is_errand = |case: &Case| matches!(case.incident.group, Group::Visit | Group::Request);
        for case in cases.into_iter().filter(|case| !is_errand(case)) {
            kpi.add(case, targets, now);
        }
        for promised in kpi.answered.iter_mut().chain(&mut kpi.arrived) {
            promised.is_met = promised.share.reaches(promised.wanted);
        }
        kpi
    }

    fn add(&mut self, case: &Case, targets: &Targets, now: Time) {
        let (from, to) = self.month.span(&case.zone);
        let end = to.min(now);
        let then = Course::of(&case.entries, end);
        if then.is_open() {
            self.open_at_end += 1;
            self.overdue_at_end += usize::from(then.is_overdue(case.plan.as_deref(), end));
        }
        let course = Course::of(&case.entries, Time(i64::MAX));
        if !course.detected.is_some_and(|at| from <= at && at < to) {
            return;
        }
        self.found.add(case);
        self.reopened += course.reopened;
        self.reworked += course.reworked;
        self.climbs(case);
        for sending in &case.sendings {
            self.deliveries.entry(sending.channel.clone()).or_default().add(sending.fate);
        }
        let Some(alarmed) = course.alarmed else { return };
        self.alarms += 1;
        self.tell(case, alarmed);
        if course.closed.is_some_and(|(_, outcome)| outcome.is_set_aside()) {
            self.set_aside += 1;
            return;
        }
        self.closed_loop.add(course.closed.is_some());
        self.durations(&course, alarmed);
        if targets.level <= case.incident.level {
            self.promised(&course, alarmed, now);
        }
        self.steps(case, &course, alarmed, now);
        if let Some((_, outcome)) = course.closed.filter(|(_, outcome)| *outcome != Outcome::Test) {
            self.false_alarms.add(case, outcome == Outcome::FalseAlarm);
        }
    }

    /// Escalations and repeats.
    fn climbs(&mut self, case: &Case) {
        for entry in &case.entries {
            if let Happening::Escalated { tell, .. } = &entry.what {
                let roles: Vec<&str> = tell.iter().copied().map(Role::name).collect();
                *self.escalations.entry(roles.join("+")).or_default() += 1;
            }
            self.repeats += usize::from(matches!(entry.what, Happening::Repeated { .. }));
        }
    }

    fn tell(&mut self, case: &Case, alarmed: Time) {
        let taken = case.sendings.iter().filter(|s| s.fate.is_taken() && s.to.is_some());
        let first = taken.filter_map(|s| s.said_at).filter(|at| alarmed <= *at).min();
        first.into_iter().for_each(|at| self.to_tell.add(at - alarmed));
    }

    fn durations(&mut self, course: &Course, alarmed: Time) {
        let since = |at: Option<Time>| at.map(|at| at - alarmed);
        let all = [
            (&mut self.to_accept, answered_in(course, alarmed)),
            (&mut self.to_arrive, course.measured.1.or(since(course.on_scene))),
            (&mut self.to_resolve, since(course.resolved)),
            (&mut self.to_close, since(course.closed.map(|(at, _)| at))),
        ];
        for (spread, span) in all {
            span.into_iter().for_each(|span| spread.add(span));
        }
    }

    fn promised(&mut self, course: &Course, alarmed: Time, now: Time) {
        let answer = answered_in(course, alarmed);
        for promised in &mut self.answered {
            let within = Span::seconds(promised.within_s);
            count(&mut promised.share, within, alarmed, answer, course.closed.is_some(), now);
        }
        let Some(answer) = course.answered else { return };
        let is_over = course.closed.is_some() || course.resolved.is_some();
        for promised in &mut self.arrived {
            let within = Span::seconds(promised.within_s);
            count(&mut promised.share, within, answer, arrived_in(course), is_over, now);
        }
    }

    fn steps(&mut self, case: &Case, course: &Course, alarmed: Time, now: Time) {
        let Some(plan) = case.plan.as_deref() else { return };
        let within = |owed| limit(plan, owed);
        let (steps, is_closed) = (&mut self.on_time, course.closed.is_some());
        let took = answered_in(course, alarmed);
        count(&mut steps.accept, within(Owed::Answer), alarmed, took, is_closed, now);
        if let Some(answer) = course.answered {
            let (took, is_over) = (arrived_in(course), is_closed || course.resolved.is_some());
            count(&mut steps.arrive, within(Owed::Arrival), answer, took, is_over, now);
        }
        if let Some(there) = course.on_scene {
            let took = course.resolved.map(|at| at - there);
            count(&mut steps.resolve, within(Owed::Outcome), there, took, is_closed, now);
        }
        if let Some(resolved) = course.resolved.filter(|_| case.incident.needs.verified) {
            let took = course.verified.map(|at| at - resolved);
            count(&mut steps.verify, within(Owed::Verification), resolved, took, is_closed, now);
        }
    }
}

impl Found {
    fn add(&mut self, case: &Case) {
        let incident = &case.incident;
        self.total += 1;
        *self.by_level.entry(incident.level).or_default() += 1;
        *self.by_rule.entry(incident.rule.clone()).or_default() += 1;
        *self.by_group.entry(incident.group).or_default() += 1;
        if let Some(grid) = &case.grid {
            *self.by_grid.entry(grid.clone()).or_default() += 1;
        }
    }
}

impl FalseAlarms {
    fn add(&mut self, case: &Case, is_false: bool) {
        self.all.add(is_false);
        self.by_rule.entry(case.incident.rule.clone()).or_default().add(is_false);
        if let Some(device) = case.device() {
            let device = format!("{}/{device}", case.id.home);
            self.by_device.entry(device).or_default().add(is_false);
        }
    }
}

impl Fates {
    const fn add(&mut self, fate: Fate) {
        match fate {
            Fate::Waiting => self.waiting += 1,
            Fate::Sent => self.sent += 1,
            Fate::Delivered => self.delivered += 1,
            Fate::Failed => self.failed += 1,
            Fate::Unknown => self.unknown += 1,
            Fate::Withdrawn => self.withdrawn += 1,
        }
    }
}
