//! What an engine remembers, and how a loss of it is made up for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::baseline::Baseline;
use crate::domain::{
    Home, Incident, Origin, Presence, Rounds, Silence, Situation, Span, Time, Visit,
};

use super::budget::Budget;
use super::watch::Watch;

/// The form of [`State`] on disk. One that differs is not read, but rebuilt from the journal.
pub const STATE_FORM: u32 = 1;

/// Everything an engine remembers. This is the format of the saved state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct State {
    /// Hub time of the latest input.
    pub(super) now: Time,
    /// Wall time minus hub time.
    pub(super) offset: Span,
    /// Since when the hub has been listening without a break, if there was one.
    #[serde(default)]
    pub(super) listening: Option<Time>,
    pub(super) home: Option<Arc<Home>>,
    /// Digest of the rule book in force.
    pub(super) rules: String,
    pub(super) situation: Situation,
    #[serde(default)]
    pub(super) presence: Presence,
    #[serde(default)]
    pub(super) baseline: Baseline,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) silences: Vec<Silence>,
    /// The latest visit of people who were called, from setting out, and from when they said that they are
    /// there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) visit: Option<Visit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scene: Option<Visit>,
    /// Of warnings, today.
    #[serde(default)]
    pub(super) budget: Budget,
    /// Who saw the resident last.
    #[serde(default)]
    pub(super) rounds: Rounds,
    /// Reports from elsewhere that have come, by their codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) codes: Vec<(Origin, String)>,
    pub(super) watches: Vec<Watch>,
    pub(super) incidents: BTreeMap<u32, Incident>,
    pub(super) last_incident: u32,
    /// What was closed lately, and when in hub time: people may come back to it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) lately: BTreeMap<u32, (Time, Incident)>,
}

impl State {
    /// Digest of the rule book in force.
    pub fn rules(&self) -> &str {
        &self.rules
    }

    /// The home as it is registered.
    pub fn home(&self) -> Option<&Home> {
        self.home.as_deref()
    }

    /// What is left of it when the home is forgotten: what time it is, and that no number is given twice.
    #[must_use]
    pub fn forgotten(&self) -> Self {
        let Self { now, offset, last_incident, .. } = self;
        Self { now: *now, offset: *offset, last_incident: *last_incident, ..Self::default() }
    }

    /// Makes up for a loss. On record, these are `open` and those `closed`, and `last` is the
    /// greatest number: what is open is not forgotten (P3), what is closed stays closed, and no
    /// number is given twice. Returns whether this state had to change.
    pub fn take_up(
        &mut self,
        open: &BTreeMap<u32, Incident>,
        closed: &BTreeSet<u32>,
        last: u32,
    ) -> bool {
        let is_over = |(n, i): (&u32, &Incident)| i.is_open() && closed.contains(n);
        if open.keys().all(|n| self.incidents.contains_key(n))
            && !self.incidents.iter().any(is_over)
            && last <= self.last_incident
        {
            return false;
        }
        self.incidents.retain(|n, _| !closed.contains(n));
        for (n, incident) in open {
            let due = incident.due.or(Some(self.now));
            self.incidents.entry(*n).or_insert_with(|| Incident { due, ..incident.clone() });
        }
        self.last_incident = self.last_incident.max(last);
        // They are laid out anew, and find what they began.
        self.watches.clear();
        true
    }
}
