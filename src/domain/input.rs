//! Whatever an engine can be told. This is the format of the journal: a field may be added with a
//! default, none may change its meaning.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::home::Home;
use super::id::{DeviceId, PersonId};
use super::observation::Observation;
use super::said::Said;
use super::time::Span;
use super::walk::WalkAct;

/// One thing that came to a home's engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "kebab-case")]
pub enum Input {
    /// Time passed and a deadline was reached.
    Tick,
    /// A device spoke. No observations: it is alive and has nothing to say.
    Heard {
        /// Which device.
        device: DeviceId,
        /// What it said, in the order of its profile.
        #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
        observations: Vec<Observation>,
        /// An old message kept by a broker and handed over again: state, not news.
        #[serde(default, skip_serializing_if = "is_false")]
        retained: bool,
    },
    /// A person moved an incident on.
    Move {
        /// Its number within the home.
        incident: u32,
        /// Who.
        by: PersonId,
        /// What they did.
        act: Act,
    },
    /// The far side, or the lack of it, spoke about a delivery.
    Delivery {
        /// The incident's number within the home.
        incident: u32,
        /// The delivery's number within the incident.
        k: u32,
        /// What became of it.
        report: Report,
    },
    /// The wall clock now differs from hub time by this much.
    Clock {
        /// Wall time minus hub time.
        offset: Span,
    },
    /// The register says this of the home from now on; `rules` names the rule book in force.
    Home {
        /// The home as resolved from the register.
        home: Arc<Home>,
        /// Digest of the rule book, kept in the store.
        rules: String,
    },
    /// Somebody says something of the home.
    Said {
        /// Who.
        by: PersonId,
        /// What.
        what: Said,
    },
    /// Somebody tries out a device.
    Walk {
        /// Which.
        device: DeviceId,
        /// Who.
        by: PersonId,
        /// What they do.
        act: WalkAct,
    },
}

/// What became of a delivery: what the far side says it is (P9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "r", rename_all = "kebab-case")]
pub enum Report {
    /// The far side took it.
    Sent,
    /// It reached the person's device.
    Delivered,
    /// The person opened it.
    Seen,
    /// It did not go out. `last`: it never will, a person has to change something.
    Failed {
        /// What the far side said.
        why: String,
        /// No further attempt is made.
        last: bool,
    },
    /// It may or may not have gone out: the line was cut after sending.
    Unknown {
        /// What happened.
        why: String,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
