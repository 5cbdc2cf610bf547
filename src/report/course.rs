//! What the story of an incident comes to: when which step was taken, and what is owed now.

use crate::domain::{Climb, Entry, Happening, Outcome, PersonId, Span, Time};
use crate::engine::Plan;

/// What people owe an incident after the alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owed {
    /// Somebody to take it.
    Answer,
    /// Somebody on the scene.
    Arrival,
    /// An outcome.
    Outcome,
    /// A second person's word.
    Verification,
}

/// How long that may take by the plan. The first is how long the first rung has before the second is told.
pub fn limit(plan: &Plan, owed: Owed) -> Span {
    match owed {
        Owed::Answer if plan.last() == 0 => plan.repeat,
        Owed::Answer => plan.rung(1).after,
        Owed::Arrival => plan.arrive_within,
        Owed::Outcome => plan.resolve_within,
        Owed::Verification => plan.verify_within,
    }
}

/// What a story comes to. Times are wall time, as on record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Course {
    /// When it was first found.
    pub detected: Option<Time>,
    /// When people were first told.
    pub alarmed: Option<Time>,
    /// When somebody took it first: accepted, set out, was there, or said how it ended.
    pub answered: Option<Time>,
    /// When somebody was there first.
    pub on_scene: Option<Time>,
    /// When the outcome was given that stands.
    pub resolved: Option<Time>,
    /// When a second person confirmed it.
    pub verified: Option<Time>,
    /// When it closed, and how.
    pub closed: Option<(Time, Outcome)>,
    /// From alarm to answer and to somebody there, on a clock that nobody sets; known when it is closed.
    pub measured: (Option<Span>, Option<Span>),
    /// How often it came back by itself.
    pub reopened: usize,
    /// How often a second person did not confirm the outcome.
    pub reworked: usize,
    /// What is owed, and since when.
    pub owed: Option<(Owed, Time)>,
    /// Who has it.
    pub holder: Option<PersonId>,
    /// The first answer was an outcome: the engine's own measure begins with the first who took it.
    was_resolved_first: bool,
}

impl Course {
    /// What the entries before `until` come to.
    pub fn of(entries: &[Entry], until: Time) -> Self {
        let mut course = Self::default();
        for entry in entries.iter().filter(|entry| entry.at < until) {
            course.go_on(entry.at, &entry.what);
        }
        course
    }

    /// Whether it has begun and not ended.
    pub const fn is_open(&self) -> bool {
        self.detected.is_some() && self.closed.is_none()
    }

    /// Whether what is owed is owed for longer, at `now`, than the plan gives.
    pub fn is_overdue(&self, plan: Option<&Plan>, now: Time) -> bool {
        let (Some((owed, since)), Some(plan)) = (self.owed, plan) else { return false };
        self.is_open() && since + limit(plan, owed) <= now
    }

    fn go_on(&mut self, at: Time, what: &Happening) {
        if let Happening::Detected { .. } = what {
            self.detected.get_or_insert(at);
        } else if let Happening::Reopened { .. } = what {
            self.reopened += 1;
            self.closed = None;
        } else if let Happening::Alarmed { .. } = what {
            self.alarmed.get_or_insert(at);
            self.owed = Some((Owed::Answer, at));
        } else if let Happening::Closed { outcome, accepted_in, on_scene_in } = what {
            self.closed = Some((at, *outcome));
            self.measured = (accepted_in.filter(|_| !self.was_resolved_first), *on_scene_in);
            self.owed = None;
        } else if let Happening::Escalated { why: Climb::Returned, .. }
        | Happening::Returned { .. } = what
        {
            (self.holder, self.owed) = (None, Some((Owed::Answer, at)));
        } else if let Happening::Escalated { why: Climb::NotArrived { .. }, .. } = what {
            // They are still owed there, since they were; whoever takes it next has their own time.
            self.holder = None;
        } else {
            self.person(at, what);
        }
    }

    fn person(&mut self, at: Time, what: &Happening) {
        if let Happening::Accepted { by } | Happening::EnRoute { by } = what {
            self.answered.get_or_insert(at);
            let has_it = self.holder.as_ref() == Some(by);
            self.holder = Some(by.clone());
            // Who sets out after having accepted does not win time by it.
            if !has_it || self.owed.is_none_or(|(owed, _)| owed != Owed::Arrival) {
                self.owed = Some((Owed::Arrival, at));
            }
        } else if let Happening::OnScene { by } = what {
            self.answered.get_or_insert(at);
            self.on_scene.get_or_insert(at);
            self.holder.get_or_insert(by.clone());
            if self.owed.is_none_or(|(owed, _)| owed != Owed::Outcome) {
                self.owed = Some((Owed::Outcome, at));
            }
        } else if let Happening::HandedOver { to, .. } = what {
            self.holder = Some(to.clone());
            self.owed = Some((Owed::Arrival, at));
        } else if let Happening::Resolved { .. } = what {
            self.was_resolved_first |= self.answered.is_none();
            self.answered.get_or_insert(at);
            self.resolved = Some(at);
            self.owed = Some((Owed::Verification, at));
        } else if let Happening::Verified { .. } = what {
            self.verified = Some(at);
        } else if let Happening::Reworked { .. } = what {
            self.reworked += 1;
            self.resolved = None;
            let owed = match (&self.holder, self.on_scene) {
                (None, _) => Owed::Answer,
                (Some(_), None) => Owed::Arrival,
                (Some(_), Some(_)) => Owed::Outcome,
            };
            self.owed = Some((owed, at));
        }
    }
}
