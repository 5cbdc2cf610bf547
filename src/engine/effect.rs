//! What a step asks the world to do and to remember.

use serde::{Deserialize, Serialize};

use crate::domain::{Contact, DeviceId, Entry, PersonId, Refusal, Walked};

/// What a step asks the world to do and to remember.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A line of an incident's story, and whom to tell of it.
    Story {
        /// The incident's number within the home.
        incident: u32,
        /// The incident's name in stories.
        key: String,
        /// The line.
        entry: Entry,
        /// Deliveries promised with it.
        tell: Vec<Tell>,
    },
    /// A move was not made, or a test did not begin.
    Refused {
        /// The incident that the move named.
        incident: Option<u32>,
        /// Why.
        why: Refusal,
    },
    /// The test of a device ended.
    Walked {
        /// Which.
        device: DeviceId,
        /// How.
        result: Box<Walked>,
    },
}

/// A promise to tell somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tell {
    /// Its number within the incident, from 1.
    pub k: u32,
    /// To whom; `None` is the resident.
    pub to: Option<PersonId>,
    /// By what, and where.
    pub contact: Contact,
    /// What for.
    pub purpose: Purpose,
}

/// What a delivery is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The resident is asked whether all is well.
    Ask,
    /// Somebody must come.
    Alarm,
    /// Somebody must come, and others have not answered.
    Escalation,
    /// Nobody has answered yet.
    Repeat,
    /// Somebody has it, and a limit was missed.
    Overdue,
    /// Somebody else handed it over.
    HandOver,
    /// A further sign of the same thing, or a worse one.
    Raised,
    /// What was held back, told together.
    Digest,
    /// Somebody asks for more time, a wait, or to strike it out.
    Asked,
    /// What they asked for was decided, or what they wait for is done.
    Decided,
    /// A department is called.
    Whistle,
}
