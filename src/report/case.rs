//! One incident as a report needs it.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::domain::{DeviceId, Entry, Incident, IncidentId, Name, PersonId, Reason, Time};
use crate::engine::Plan;

/// One incident on record, with its story.
#[derive(Debug, Clone)]
pub struct Case {
    /// Which.
    pub id: IncidentId,
    /// What people call its home.
    pub place: String,
    /// As it stands.
    pub incident: Incident,
    /// Its story, oldest first.
    pub entries: Vec<Entry>,
    /// Who was told of it.
    pub sendings: Vec<Sending>,
    /// The grid of its home, or the grid that the home is.
    pub grid: Option<Name>,
    /// By which clock its days and months are told.
    pub zone: TimeZone,
    /// Its plan, as it was in the rule book by which it was found; `None` if that book is lost.
    pub plan: Option<Arc<Plan>>,
}

/// A delivery on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// To whom; `None` is the resident.
    pub to: Option<PersonId>,
    /// By what.
    pub channel: String,
    /// What became of it.
    pub fate: Fate,
    /// When that was last said, in wall time.
    pub said_at: Option<Time>,
}

/// What became of a delivery: what the far side says it is (P9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It has not gone out.
    Waiting,
    /// The far side took it.
    Sent,
    /// It reached the person's device, or they opened it.
    Delivered,
    /// It did not go out.
    Failed,
    /// It may or may not have gone out.
    Unknown,
    /// It was no longer needed: somebody had answered.
    Withdrawn,
}

impl Fate {
    /// As the store calls it.
    pub fn of(state: &str) -> Self {
        match state {
            "queued" => Self::Waiting,
            "sent" => Self::Sent,
            "delivered" | "seen" => Self::Delivered,
            "failed" => Self::Failed,
            "superseded" => Self::Withdrawn,
            // What is not known to have arrived is not counted as if it had.
            _ => Self::Unknown,
        }
    }

    /// Whether the far side has it.
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Sent | Self::Delivered)
    }
}

impl Case {
    /// The one device by whose word it was found. `None` where several were needed, as for silence.
    pub fn device(&self) -> Option<&DeviceId> {
        let incident = &self.incident;
        if incident.device.is_some() {
            return incident.device.as_ref();
        }
        if let Reason::Seen { device, .. }
        | Reason::Beyond { device, .. }
        | Reason::Changed { device, .. } = &incident.reason
        {
            Some(device)
        } else {
            None
        }
    }
}
