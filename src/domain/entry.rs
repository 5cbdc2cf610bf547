//! The story of an incident: its lines, as they go on record.

use serde::{Deserialize, Serialize};

use super::desk::Wish;
use super::grounds::Grounds;
use super::id::{DeviceId, Name, PersonId};
use super::input::Report;
use super::level::{Found, Level, Outcome};
use super::person::Role;
use super::reason::Reason;
use super::time::{Span, Time};

/// One line of an incident's story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in wall time.
    pub at: Time,
    /// How long after it fell due, if the hub was not running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Span>,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened to an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "happened", rename_all = "kebab-case")]
pub enum Happening {
    /// A rule held for long enough.
    Detected {
        /** Why. */
        reason: Reason,
        /** What that rests on. */
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grounds: Option<Box<Grounds>>,
    },
    /// It went away by itself, and is back: the same incident goes on.
    Reopened {
        /** Why. */
        reason: Reason,
    },
    /// A further sign, or a worse one: people are told again.
    Raised {
        /** Which. */
        reason: Reason,
        /** How much hangs on it now. */
        level: Level,
        /** Who. */
        tell: Vec<Role>,
    },
    /// A warning beyond the day's budget: it is told with others.
    HeldBack {
        /** Wall time in the home. */
        until: String,
    },
    /// An early warning; `ask`: the home asked the resident.
    Warned {
        /** Whether the resident was asked. */
        ask: bool,
    },
    /// The first rung was told.
    Alarmed {
        /** Who. */
        tell: Vec<Role>,
    },
    /// The next rung was told.
    Escalated {
        /** Why now. */
        why: Climb,
        /** Who. */
        tell: Vec<Role>,
    },
    /// The last rung was told again.
    Repeated {
        /** Who. */
        tell: Vec<Role>,
    },
    /// A further sign of the same thing.
    Evidence {
        /** Which. */
        reason: Reason,
    },
    /// The condition is over by the sensors' account; the alarm stands.
    ConditionOver,
    /// The condition is back.
    ConditionBack,
    /// A delivery changed.
    Told {
        /** To whom. */
        to: String,
        /** By what. */
        channel: Name,
        /** What became of it. */
        report: Report,
    },
    /// Somebody takes it.
    Accepted {
        /** Who. */
        by: PersonId,
    },
    /// Somebody is on the way.
    EnRoute {
        /** Who. */
        by: PersonId,
    },
    /// Somebody is there.
    OnScene {
        /** Who. */
        by: PersonId,
    },
    /// Somebody says how it ended.
    Resolved {
        /** Who. */
        by: PersonId,
        /** How. */
        outcome: Outcome,
        /** In their words. */
        note: String,
    },
    /// A second person confirms.
    Verified {
        /** Who. */
        by: PersonId,
    },
    /// A second person does not.
    Reworked {
        /** Who. */
        by: PersonId,
        /** What is missing. */
        why: String,
    },
    /// Given to somebody else.
    HandedOver {
        /** Who gave. */
        by: PersonId,
        /** Who has it now. */
        to: PersonId,
    },
    /// Given back.
    Returned {
        /** Who. */
        by: PersonId,
        /** Why. */
        why: String,
    },
    /// A word for the record.
    Noted {
        /** Who. */
        by: PersonId,
        /** What. */
        text: String,
    },
    /// Given to somebody in particular, who has yet to take it.
    Assigned {
        /** Who gave. */
        by: PersonId,
        /** To whom. */
        to: PersonId,
    },
    /// Somebody else comes as well.
    Joined {
        /** Who. */
        by: PersonId,
    },
    /// Somebody who directs should grant this.
    Asked {
        /** Who asks. */
        by: PersonId,
        /** What for. */
        #[serde(flatten)]
        wish: Wish,
        /** Why. */
        why: String,
    },
    /// It is granted.
    Granted {
        /** Who grants. */
        by: PersonId,
        /** What. */
        #[serde(flatten)]
        wish: Wish,
    },
    /// It is not.
    Denied {
        /** Who denies. */
        by: PersonId,
        /** Why. */
        why: String,
    },
    /// It waited, and is due again.
    Unparked,
    /// It goes on within another incident.
    Merged {
        /** Who says so. */
        by: PersonId,
        /** Which. */
        into: u32,
    },
    /// It was closed, and goes on.
    TakenUp {
        /** Who says so. */
        by: PersonId,
        /** Why. */
        why: String,
    },
    /// Departments are called.
    Whistled {
        /** Who calls. */
        by: PersonId,
        /** Who leads. */
        lead: PersonId,
        /** Who assists. */
        with: Vec<PersonId>,
        /** What for. */
        why: String,
    },
    /// A department reports in.
    ReportedIn {
        /** Which. */
        by: PersonId,
        /** By how much it was too late. */
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overdue: Option<Span>,
    },
    /// A department that assists has done its part.
    Finished {
        /** Which. */
        by: PersonId,
        /** What it did. */
        note: String,
    },
    /// It takes too long, or somebody who directs presses: supervisors are told.
    Supervised {
        /** Who; without, the limit of the whole was passed. */
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        /** What about. */
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// A person called for help from outside.
    Called {
        /** Who called. */
        by: PersonId,
        /** Which number. */
        number: String,
        /** What was said. */
        said: String,
    },
    /// An item of the checklist.
    Checked {
        /** Who looked. */
        by: PersonId,
        /** Which. */
        item: Name,
        /** What was found. */
        found: Found,
    },
    /// The return visit.
    Reviewed {
        /** Who was asked. */
        by: PersonId,
        /** From 1 to 5. */
        score: u8,
        /** In their words. */
        text: String,
    },
    /// The resident pressed: all is well.
    Cancelled {
        /** On which device. */
        device: DeviceId,
    },
    /// The end.
    Closed {
        /// How.
        outcome: Outcome,
        /// From alarm to acceptance.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accepted_in: Option<Span>,
        /// From alarm to somebody on scene.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_scene_in: Option<Span>,
    },
}

/// Why a rung is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "climb", rename_all = "kebab-case")]
pub enum Climb {
    /// Nobody accepted in time.
    Unanswered,
    /// No delivery to the rung before can be relied on.
    Undelivered,
    /// Nobody holds a role of the rung before.
    NobodyHolds,
    /// Somebody holds one, and nobody who does is on duty. Older records say so of both.
    #[serde(alias = "nobody")]
    NobodyOnDuty,
    /// Accepted, and not there in time.
    NotArrived {
        /** Who accepted. */
        by: PersonId,
    },
    /// On scene, and not resolved in time.
    NotResolved {
        /** Who is there. */
        by: PersonId,
    },
    /// Resolved, and not verified in time.
    NotVerified,
    /// Given back.
    Returned,
    /// More people are wanted than have accepted.
    TooFew,
    /// Whistled for, and not there in time.
    NotReported {
        /** Who. */
        by: PersonId,
    },
}
