//! What the story of an incident comes to: when which step was taken, and what is owed now.

use crate::domain::{Climb, Entry, Happening, Outcome, PersonId, Span, Time, Wish};
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
        Owed::Answer => plan.accept_within(),
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
    /// From alarm to answer and to somebody there, on a clock that nobody sets; known when it is closed, for
    /// the first time if it was taken up again.
    pub measured: (Option<Span>, Option<Span>),
    /// How often it came back by itself.
    pub reopened: usize,
    /// How often a second person did not confirm the outcome.
    pub reworked: usize,
    /// What is owed, and since when.
    pub owed: Option<(Owed, Time)>,
    /// Who has it.
    pub holder: Option<PersonId>,
    /// How often people took it up again after the close.
    pub taken_up: usize,
    /// How often somebody who directs pressed.
    pub pressed: usize,
    /// How often it was open for longer than its plan wants, all in all.
    pub passed: usize,
    /// How content people were, by their latest word, from 1 to 5.
    pub score: Option<u8>,
    /// Who wants what granted, why and since when, and nobody has decided.
    pub wish: Option<(PersonId, Wish, String, Time)>,
    /// It waits until then, on grant.
    pub parked: Option<Time>,
    /// The latest instant until which it was given time, or let wait.
    pub put_off: Option<Time>,
    /// The departments that were called, in order.
    pub summoned: Vec<Summons>,
    /// The present step was given until then.
    extended: Option<Time>,
    /// Somebody was there since it was last taken up.
    is_there: bool,
    /// Who leads the departments.
    lead: Option<PersonId>,
    /// How many were called before it was last taken up.
    before: usize,
    /// The first answer was an outcome: the engine's own measure begins with the first who took it.
    was_resolved_first: bool,
}

/// A department that was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summons {
    /// Which.
    pub who: PersonId,
    /// When it was last called.
    pub called: Time,
    /// When it reported in, and by how much that was too late.
    pub reported: Option<(Time, Option<Span>)>,
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
        let until = self.extended.unwrap_or(since + limit(plan, owed));
        self.is_open() && until <= now && self.parked.is_none_or(|until| until <= now)
    }

    /// The departments that were called since it was last taken up, and have not reported in.
    pub fn missing(&self) -> impl Iterator<Item = &Summons> {
        self.summoned.iter().skip(self.before).filter(|summons| summons.reported.is_none())
    }

    fn go_on(&mut self, at: Time, what: &Happening) {
        if let Happening::Detected { .. } = what {
            self.detected.get_or_insert(at);
        } else if let Happening::Reopened { .. } = what {
            self.reopened += 1;
            self.closed = None;
        } else if let Happening::Alarmed { .. } = what {
            self.alarmed.get_or_insert(at);
            self.owe(Some(Owed::Answer), at);
        } else if let Happening::Closed { outcome, accepted_in, on_scene_in } = what {
            self.closed = Some((at, *outcome));
            if self.taken_up == 0 {
                self.measured = (accepted_in.filter(|_| !self.was_resolved_first), *on_scene_in);
            }
            self.owe(None, at);
        } else if let Happening::Escalated { why: Climb::Returned, .. }
        | Happening::Returned { .. } = what
        {
            self.holder = None;
            self.owe(Some(Owed::Answer), at);
        } else if let Happening::Escalated { why: Climb::NotArrived { .. }, .. } = what {
            // They are still owed there, since they were; whoever takes it next has their own time.
            self.holder = None;
        } else if !self.desk(at, what) {
            self.person(at, what);
        }
    }

    const fn owe(&mut self, owed: Option<Owed>, at: Time) {
        self.owed = match owed {
            Some(owed) => Some((owed, at)),
            None => None,
        };
        (self.extended, self.parked) = (None, None);
    }

    /// What the desk does. Returns whether it was that.
    fn desk(&mut self, at: Time, what: &Happening) -> bool {
        if let Happening::Asked { by, wish, why } = what {
            self.wish = Some((by.clone(), wish.clone(), why.clone(), at));
        } else if let Happening::Denied { .. } = what {
            self.wish = None;
        } else if let Happening::Granted { wish, .. } = what {
            self.wish = None;
            self.granted(at, wish);
        } else if let Happening::Unparked = what {
            self.owe(self.owed.map(|(owed, _)| owed), at);
        } else if let Happening::TakenUp { .. } = what {
            self.taken_up += 1;
            (self.closed, self.resolved, self.verified) = (None, None, None);
            (self.holder, self.is_there, self.wish, self.lead) = (None, false, None, None);
            self.before = self.summoned.len();
        } else if let Happening::Supervised { by, .. } = what {
            *(if by.is_some() { &mut self.pressed } else { &mut self.passed }) += 1;
        } else if let Happening::Reviewed { score, .. } = what {
            self.score = Some(*score);
        } else if let Happening::Whistled { lead, with, .. } = what {
            self.lead = Some(lead.clone());
            std::iter::once(lead).chain(with).for_each(|who| self.summon(who, at));
        } else if let Happening::ReportedIn { by, overdue } = what {
            let called = self.summoned.iter_mut().skip(self.before).find(|s| s.who == *by);
            if let Some(summons) = called {
                summons.reported.get_or_insert((at, *overdue));
            }
            if self.lead.as_ref() == Some(by) {
                self.answered.get_or_insert(at);
                self.holder = Some(by.clone());
                self.owe(Some(if self.is_there { Owed::Outcome } else { Owed::Arrival }), at);
            }
        } else {
            return false;
        }
        true
    }

    fn granted(&mut self, at: Time, wish: &Wish) {
        let until = match wish {
            Wish::Extend { lasts } => *self.extended.insert(at + *lasts),
            Wish::Park { lasts } => *self.parked.insert(at + *lasts),
            Wish::Void => return,
        };
        self.put_off = self.put_off.max(Some(until));
    }

    fn summon(&mut self, who: &PersonId, at: Time) {
        match self.summoned.iter_mut().skip(self.before).find(|s| s.who == *who) {
            Some(known) if known.reported.is_none() => known.called = at,
            Some(_) => {}
            None => {
                self.summoned.push(Summons { who: who.clone(), called: at, reported: None });
            }
        }
    }

    fn person(&mut self, at: Time, what: &Happening) {
        if let Happening::Accepted { by } | Happening::EnRoute { by } = what {
            self.answered.get_or_insert(at);
            let has_it = self.holder.as_ref() == Some(by);
            self.holder = Some(by.clone());
            // Who sets out after having accepted does not win time by it.
            if !has_it || self.owed.is_none_or(|(owed, _)| owed != Owed::Arrival) {
                self.owe(Some(Owed::Arrival), at);
            }
        } else if let Happening::OnScene { by } = what {
            self.answered.get_or_insert(at);
            self.on_scene.get_or_insert(at);
            self.is_there = true;
            self.holder.get_or_insert(by.clone());
            if self.owed.is_none_or(|(owed, _)| owed != Owed::Outcome) {
                self.owe(Some(Owed::Outcome), at);
            }
        } else if let Happening::HandedOver { to, .. } = what {
            self.holder = Some(to.clone());
            self.owe(Some(Owed::Arrival), at);
        } else if let Happening::Resolved { .. } = what {
            self.was_resolved_first |= self.answered.is_none();
            self.answered.get_or_insert(at);
            self.resolved = Some(at);
            self.owe(Some(Owed::Verification), at);
        } else if let Happening::Verified { .. } = what {
            self.verified = Some(at);
        } else if let Happening::Reworked { .. } = what {
            self.reworked += 1;
            self.resolved = None;
            let owed = match (&self.holder, self.is_there) {
                (None, _) => Owed::Answer,
                (Some(_), false) => Owed::Arrival,
                (Some(_), true) => Owed::Outcome,
            };
            self.owe(Some(owed), at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Span = Span::hours(1);

    fn story(lines: &[(i64, &str)]) -> Vec<Entry> {
        let entry = |(hour, what): &(i64, &str)| {
            let what = serde_json::from_str(what).unwrap();
            Entry { at: Time(hour * HOUR.0), late: None, what }
        };
        lines.iter().map(entry).collect()
    }

    fn course(lines: &[(i64, &str)]) -> Course {
        Course::of(&story(lines), Time(i64::MAX))
    }

    const FOUND: (i64, &str) =
        (0, r#"{"happened":"detected","reason":{"why":"reported","from":"hotline"}}"#);
    const ALARMED: (i64, &str) = (0, r#"{"happened":"alarmed","tell":["grid"]}"#);
    const THERE: (i64, &str) = (1, r#"{"happened":"on-scene","by":"wang"}"#);
    const RESOLVED: (i64, &str) =
        (2, r#"{"happened":"resolved","by":"wang","outcome":"safe","note":""}"#);
    const CLOSED: (i64, &str) =
        (3, r#"{"happened":"closed","outcome":"safe","accepted_in":1,"on_scene_in":2}"#);
    const TAKEN_UP: (i64, &str) = (4, r#"{"happened":"taken-up","by":"li","why":"too early"}"#);

    #[test]
    fn what_is_taken_up_again_has_no_outcome_until_it_has_another() {
        let course = course(&[FOUND, ALARMED, THERE, RESOLVED, CLOSED, TAKEN_UP]);
        assert!(course.is_open());
        assert_eq!((course.resolved, course.verified, course.holder), (None, None, None));
        // Who answered first, and when somebody was there first, stays true.
        assert_eq!(course.measured, (Some(Span(1)), Some(Span(2))));
        assert_eq!((course.on_scene, course.taken_up), (Some(Time(HOUR.0)), 1));
    }

    #[test]
    fn time_that_is_granted_ends_with_the_step_it_was_granted_for() {
        let ask = (
            2,
            r#"{"happened":"asked","by":"wang","wish":"park","lasts":36000000,"why":"a part"}"#,
        );
        let grant = (3, r#"{"happened":"granted","by":"li","wish":"park","lasts":36000000}"#);
        let waits = course(&[FOUND, ALARMED, THERE, ask]);
        assert!(waits.wish.is_some() && waits.parked.is_none());
        let parked = course(&[FOUND, ALARMED, THERE, ask, grant]);
        let until = Some(Time(13 * HOUR.0));
        assert_eq!((&parked.wish, parked.parked, parked.put_off), (&None, until, until));
        let again = (9, r#"{"happened":"unparked"}"#);
        let again = course(&[FOUND, ALARMED, THERE, ask, grant, again]);
        assert_eq!((again.parked, again.owed), (None, Some((Owed::Outcome, Time(9 * HOUR.0)))));
    }
}
