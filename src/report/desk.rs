//! What the desk did in a month: incidents taken up again, departments called, those who direct pressing.

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::domain::{Span, Time};

use super::{Case, Course, Month, Share};

/// What the desk did with incidents of the month of every kind: alarms, visits and requests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DeskWork {
    /// How often one that was closed was taken up again by a person.
    pub taken_up: usize,
    /// How often somebody who directs pressed (督办).
    pub pressed: usize,
    /// How often one was open for longer than `close_within` of its plan, so that supervisors were told.
    pub passed: usize,
    /// Departments that reported in by their limit, of those called that have, or have not and should. One
    /// that is called again before it has counts once, from the latest call. Left out: those whose time is
    /// not over, whose incident ended before, and those whose rule book is lost and who have not come.
    pub reported_in: Share,
    /// How content people were with incidents of every kind.
    pub satisfaction: Satisfaction,
}

/// How content people were, by the latest return visit to each incident, from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Satisfaction {
    /// How many were content, 4 and 5, of all who were asked.
    pub content: Share,
    /// All they said, added up.
    sum: usize,
}

impl Satisfaction {
    /// What somebody said, if they were asked.
    pub(super) fn add(&mut self, score: Option<u8>) {
        if let Some(score) = score {
            self.content.add(4 <= score);
            self.sum += usize::from(score);
        }
    }

    /// The mean, cut off after two decimals; `None` if nobody was asked.
    pub fn mean(&self) -> Option<f64> {
        let hundredths = (self.sum * 100).checked_div(self.content.of)?;
        Some(f64::from(u32::try_from(hundredths).ok()?) / 100.0)
    }
}

impl Serialize for Satisfaction {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut said = to.serialize_struct("Satisfaction", 2)?;
        said.serialize_field("mean", &self.mean())?;
        said.serialize_field("content", &self.content)?;
        said.end()
    }
}

impl DeskWork {
    /// Of these cases.
    pub(super) fn new(month: Month, cases: &[&Case], now: Time) -> Self {
        let mut desk = Self::default();
        for case in cases {
            let (from, to) = month.span(&case.zone);
            let course = Course::of(&case.entries, Time(i64::MAX));
            if !course.detected.is_some_and(|at| (from..to).contains(&at)) {
                continue;
            }
            desk.taken_up += course.taken_up;
            desk.pressed += course.pressed;
            desk.passed += course.passed;
            desk.satisfaction.add(course.score);
            let within: Option<Span> = case.plan.as_deref().map(|plan| plan.report_within);
            let end = course.closed.map_or(now, |(at, _)| at);
            for summons in &course.summoned {
                match (summons.reported, within) {
                    (Some((_, overdue)), _) => desk.reported_in.add(overdue.is_none()),
                    (None, Some(within)) if summons.called + within < end => {
                        desk.reported_in.add(false);
                    }
                    (None, _) => {}
                }
            }
        }
        desk
    }
}
