//! What people do with an incident, and why it may be refused.

use serde::{Deserialize, Serialize};

use super::id::{DeviceId, Name, PersonId};
use super::level::{Level, Outcome, Stage};
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
}
