//! What the desk adds to an incident: more time, a wait, a whistle for departments.

use serde::{Deserialize, Serialize};

use super::id::{Name, PersonId};
use super::level::Found;
use super::time::{Span, Time};

/// Nobody can put an incident off for longer than this at once.
pub const PARK_MAX: Span = Span::hours(90 * 24);
/// Nobody can be given more than this for a step at once.
pub const EXTEND_MAX: Span = Span::hours(14 * 24);

/// What somebody who directs has to grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "kebab-case")]
pub enum Wish {
    /// More time for the step (延期).
    Extend {
        /// So much from now.
        lasts: Span,
    },
    /// It cannot be settled now, and waits (挂账).
    Park {
        /// For so long.
        lasts: Span,
    },
    /// It should never have been opened (作废).
    Void,
}

/// What the desk did with an incident. Most incidents never come before it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Desk {
    /// What was asked for, by whom, and is neither granted nor refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wish: Option<(PersonId, Wish)>,
    /// Until when it waits, in hub time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<Time>,
    /// Whom it was assigned to (派单), until somebody takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned: Option<PersonId>,
    /// Who comes besides whoever has it, where the plan wants several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<PersonId>,
    /// The departments that were called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whistle: Option<Whistle>,
    /// What somebody who looked found, by item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<(Name, Found)>,
    /// When supervisors hear of it if it is still open, in hub time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_at: Option<Time>,
}

/// The street whistles, departments report in (街道吹哨、部门报到).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whistle {
    /// Who called them.
    pub by: PersonId,
    /// Until when they have to report in, in hub time.
    pub report_by: Time,
    /// When the ladder goes on for want of one, in hub time.
    pub remind_at: Time,
    /// Whoever was called; the first leads.
    pub called: Vec<Summoned>,
}

/// A department that was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summoned {
    /// Who.
    pub who: PersonId,
    /// Whether it has reported in.
    pub here: bool,
    /// Whether it has done its part.
    pub done: bool,
}

impl Desk {
    /// Whether the desk has done nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Whistle {
    /// Who leads.
    pub fn lead(&self) -> Option<&PersonId> {
        self.called.first().map(|s| &s.who)
    }

    /// The first who has not reported in.
    pub fn missing(&self) -> Option<&PersonId> {
        self.called.iter().find(|s| !s.here).map(|s| &s.who)
    }

    /// The first of those who assist that has not done its part.
    pub fn at_work(&self) -> Option<&PersonId> {
        self.called.iter().skip(1).find(|s| !s.done).map(|s| &s.who)
    }
}
