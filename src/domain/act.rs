//! What people do with an incident, and why it may be refused.

use serde::{Deserialize, Serialize};

use super::desk::Wish;
use super::id::{DeviceId, Name, PersonId};
use super::level::{Found, Level, Outcome, Stage};
use super::said::Origin;
use super::time::Span;

/// A move of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "move", rename_all = "kebab-case")]
pub enum Act {
    /// I take it.
    Accept,
    /// I am on my way.
    EnRoute,
    /// I am there.
    OnScene,
    /// It is over, and this is how it ended.
    Resolve {
        /// How.
        outcome: Outcome,
        /// In the person's own words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// A second person confirms the outcome; the incident closes.
    Verify,
    /// A second person does not: back to whoever resolved it.
    Rework {
        /// What is missing.
        why: String,
    },
    /// Somebody else takes it from me.
    HandOver {
        /// Who.
        to: PersonId,
    },
    /// I cannot: the ladder goes on.
    Return {
        /// Why not.
        why: String,
    },
    /// A word for the record.
    Note {
        /// What.
        text: String,
    },
    /// It is for somebody in particular (派单); the ladder goes on until they take it.
    Assign {
        /// Who.
        to: PersonId,
    },
    /// Somebody who directs should grant this.
    Ask {
        /// What.
        #[serde(flatten)]
        wish: Wish,
        /// Why.
        why: String,
    },
    /// What was asked for is granted.
    Grant,
    /// It is not.
    Deny {
        /// Why.
        why: String,
    },
    /// It belongs to another incident (并案): that one is to be closed.
    Merge {
        /// Its number within the home.
        into: u32,
    },
    /// It was closed too early.
    Reopen {
        /// Why.
        why: String,
    },
    /// The street calls departments (吹哨).
    Whistle {
        /// Who leads.
        lead: PersonId,
        /// Who assists.
        with: Vec<PersonId>,
        /// What for.
        why: String,
    },
    /// A department reports in (报到).
    ReportIn,
    /// A department that assists has done its part.
    Finish {
        /// What it did.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// Somebody who directs presses (督办).
    Supervise {
        /// What about.
        why: String,
    },
    /// A person called the ambulance, the fire brigade, the police. careloop never dials.
    Called {
        /// Which number.
        number: String,
        /// What was said.
        said: String,
    },
    /// An item of a checklist.
    Check {
        /// Which.
        item: Name,
        /// What was found.
        found: Found,
    },
    /// The return visit, and how content people are (回访、评价).
    Review {
        /// From 1, not at all, to 5.
        score: u8,
        /// In their words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
    },
}

impl Act {
    /// What somebody cannot do to an incident, as a verb.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::EnRoute => "be en route to",
            Self::OnScene => "be on scene of",
            Self::Resolve { .. } => "resolve",
            Self::Verify => "verify",
            Self::Rework { .. } => "send back",
            Self::HandOver { .. } => "hand over",
            Self::Return { .. } => "return",
            Self::Note { .. } => "note on",
            Self::Assign { .. } => "assign",
            Self::Ask { wish: Wish::Extend { .. }, .. } => "extend",
            Self::Ask { wish: Wish::Park { .. }, .. } => "park",
            Self::Ask { wish: Wish::Void, .. } => "void",
            Self::Grant => "grant what is asked for in",
            Self::Deny { .. } => "deny what is asked for in",
            Self::Merge { .. } => "merge",
            Self::Reopen { .. } => "reopen",
            Self::Whistle { .. } => "whistle for departments in",
            Self::ReportIn => "report in to",
            Self::Finish { .. } => "finish a part of",
            Self::Supervise { .. } => "supervise",
            Self::Called { .. } => "note a call for",
            Self::Check { .. } => "check an item of",
            Self::Review { .. } => "review",
        }
    }
}

/// Why a move was not made. The incident is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refused", rename_all = "kebab-case")]
pub enum Refusal {
    /// No such incident in this home.
    #[error("there is no incident {n} in this home")]
    NoIncident {
        /// The number asked for.
        n: u32,
    },
    /// No such device in this home.
    #[error("there is no device `{device}` in this home")]
    NoDevice {
        /// The name given.
        device: DeviceId,
    },
    /// Nothing that the device reports can be brought about by anybody.
    #[error("nothing of `{device}` can be tried out")]
    NothingToTry {
        /// The device.
        device: DeviceId,
    },
    /// No such rule.
    #[error("there is no rule `{rule}`")]
    NoRule {
        /// The name given.
        rule: Name,
    },
    /// Nothing may hide what is serious (P6).
    #[error("`{rule}` is {level}, and only what is info or normal can be silenced")]
    NotSilent {
        /// The rule.
        rule: Name,
        /// Its level.
        level: Level,
    },
    /// Nobody lives at a help post.
    #[error("a help post has no resident, who could be away, back or visited")]
    NoResident,
    /// Nothing is silent, and nobody away, without an end.
    #[error("that is from 1s to {most}; say it again when it is over")]
    TooLong {
        /// At most so long.
        most: Span,
    },
    /// Nobody of that name belongs to this home.
    #[error("`{by}` is not a responder of this home")]
    NoPerson {
        /// The name given.
        by: PersonId,
    },
    /// The move does not fit the stage.
    #[error("cannot {act} an incident that is {stage}")]
    WrongStage {
        /// The move, as a verb.
        act: String,
        /// Where the incident stands.
        stage: Stage,
    },
    /// Somebody else has it.
    #[error("`{by}` has it; ask them to hand it over, or to return it")]
    Taken {
        /// Who.
        by: PersonId,
    },
    /// The rule wants somebody to have been there.
    #[error("nobody has been on scene yet")]
    NotOnScene,
    /// Only the engine gives this outcome.
    #[error("`{outcome}` is not an outcome a person can give")]
    NotForPeople {
        /// The outcome given.
        outcome: Outcome,
    },
    /// The one who resolved it cannot verify it (P4).
    #[error("`{by}` resolved it; a second person must verify")]
    SamePerson {
        /// Who.
        by: PersonId,
    },
    /// Not everybody directs.
    #[error("`{by}` cannot {act} an incident: that is for community, street or supervisor")]
    NotDirecting {
        /// Who.
        by: PersonId,
        /// The move, as a verb.
        act: String,
    },
    /// Nobody grants what they asked for themselves.
    #[error("`{by}` asked for it; somebody else must decide")]
    OwnWish {
        /// Who.
        by: PersonId,
    },
    /// There is nothing to grant or to deny.
    #[error("nothing is asked for")]
    NothingAsked,
    /// A life may hang on it, and nobody has been there.
    #[error("it is {level}, and nobody has been there: it gets no more time, and does not wait")]
    MustNotWait {
        /// Its level.
        level: Level,
    },
    /// What is worse is not hidden in what is less.
    #[error("incident {into} is {level}: merge it into this one")]
    IntoLess {
        /// The other.
        into: u32,
        /// Its level.
        level: Level,
    },
    /// It is over for too long.
    #[error("it was closed more than {most} ago: open a new one")]
    TooLate {
        /// At most so long.
        most: Span,
    },
    /// Nobody whistled for them.
    #[error("nobody whistled for `{by}`")]
    NotSummoned {
        /// Who.
        by: PersonId,
    },
    /// Only a department is whistled for.
    #[error("`{by}` is no department")]
    NoDepartment {
        /// Who.
        by: PersonId,
    },
    /// The lead closes when those who assist are done.
    #[error("`{by}` has not finished its part")]
    NotFinished {
        /// Who.
        by: PersonId,
    },
    /// The rule wants a look at everything.
    #[error("not yet checked: {items}")]
    NotChecked {
        /// Which.
        items: String,
    },
    /// No such item.
    #[error("`{item}` is not on its checklist")]
    NoItem {
        /// Which.
        item: Name,
    },
    /// Nobody goes for that.
    #[error("no rule calls for a visit after `{why}`")]
    NoCall {
        /// The word given.
        why: Name,
    },
    /// Nobody reports that from there.
    #[error("no rule `{rule}` takes reports from {origin}")]
    NotReported {
        /// The rule named.
        rule: Name,
        /// From where.
        origin: Origin,
    },
    /// What is open needs what is known of the home.
    #[error("incident {n} is open: close it first")]
    StillOpen {
        /// Which.
        n: u32,
    },
    /// Beyond the scale.
    #[error("a score is from 1 to 5, not {score}")]
    NoScore {
        /// What was given.
        score: u8,
    },
}
