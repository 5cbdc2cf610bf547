//! The people who come: whoever is told accepts, arrives, does what is to be done, and a second person
//! looks at it. Now and then the first to be told does not answer, and the ladder goes on.

use crate::domain::{Act, Happening, Home, Incident, Input, Outcome, PersonId, Role, Span, Time};
use crate::engine::Book;

use super::Dice;

/// So many in a hundred are not answered by whom they were told first.
const UNANSWERED: i64 = 10;

/// What somebody will do, and when.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) at: Time,
    pub(super) input: Input,
}

/// What follows, by people, from a line of an incident's story. `found`: what whoever came found.
pub(super) fn answer(
    what: &Happening,
    incident: &Incident,
    home: &Home,
    book: &Book,
    now: Time,
    found: Outcome,
    dice: &mut Dice,
) -> Option<Answer> {
    let plan = book.plan(&incident.plan)?;
    let of = |roles: &[Role]| home.responders.iter().find(|r| roles.contains(&r.role));
    let first = || of(&plan.rung(0).tell).or(home.responders.first()).map(|r| r.id.clone());
    let (by, act, takes): (PersonId, Act, Span) = if let Happening::Alarmed { .. }
    | Happening::Raised { .. } = what
    {
        let late = dice.share(plan.arrive_within, 2, 30);
        let second = of(&plan.rung(1).tell).filter(|_| dice.percent(UNANSWERED));
        match second {
            Some(second) => (second.id.clone(), Act::Accept, Span(plan.rung(1).after.0 + late.0)),
            None => (first()?, Act::Accept, late),
        }
    } else if let Happening::Accepted { by } = what {
        (by.clone(), Act::OnScene, dice.share(plan.arrive_within, 10, 80))
    } else if let Happening::OnScene { by } = what {
        let note = String::new();
        (by.clone(), Act::Resolve { outcome: found, note }, dice.share(plan.resolve_within, 4, 25))
    } else if let Happening::Resolved { by, .. } = what
        && incident.needs.verified
    {
        let second = home.responders.iter().find(|r| r.id != *by && r.role != Role::Family);
        (second?.id.clone(), Act::Verify, dice.share(plan.verify_within, 1, 60))
    } else {
        return None;
    };
    let takes = takes.max(Span::seconds(5));
    Some(Answer { at: now + takes, input: Input::Move { incident: incident.n, by, act } })
}
