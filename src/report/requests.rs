//! Requests and reports as a list: who asked for what, who has it, and whether it is in time.

use serde::Serialize;

use crate::domain::{
    Entry, Happening, Incident, IncidentId, Light, Name, Origin, Outcome, PersonId, Reason, Span,
    Stage, Time, Title,
};

use super::Course;
use super::worklist::instant;

/// Something that somebody asked for, or reported. Times are wall time, in files RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AskedFor {
    /// Its incident.
    pub id: String,
    /// Of which home.
    pub home: String,
    /// What it is about.
    pub rule: Name,
    /// The same, for people.
    pub title: Title,
    /// Where it came from.
    pub from: Option<Origin>,
    /// What it is called there.
    pub code: Option<String>,
    /// In the words of whoever reported it.
    pub text: Option<String>,
    /// When it came.
    #[serde(serialize_with = "instant")]
    pub at: Option<Time>,
    /// How far it has come.
    pub stage: Stage,
    /// Who has it.
    pub holder: Option<PersonId>,
    /// How its present step stands to its limit; red, too, if it was open for longer than its plan gives.
    pub light: Light,
    /// When something happens next if nobody does anything.
    #[serde(serialize_with = "instant")]
    pub due_at: Option<Time>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When.
    #[serde(serialize_with = "instant")]
    pub closed_at: Option<Time>,
    /// How content people were, from 1 to 5.
    pub score: Option<u8>,
}

impl AskedFor {
    /// Of this incident and its story. `now` is hub time, `offset` wall time minus hub time.
    pub fn new(
        (id, incident): (&IncidentId, &Incident),
        entries: &[Entry],
        (now, offset): (Time, Span),
    ) -> Self {
        let course = Course::of(entries, Time(i64::MAX));
        let (mut from, mut code) = (None, None);
        if let Reason::Reported { from: origin, code: known } = &incident.reason {
            (from, code) = (Some(*origin), known.clone());
        }
        let light = match incident.is_open() {
            _ if 0 < course.passed => Light::Red,
            true => incident.light(now),
            false => Light::Green,
        };
        Self {
            id: id.to_string(),
            home: id.home.to_string(),
            rule: incident.rule.clone(),
            title: incident.title.clone(),
            from,
            code,
            text: words(entries),
            at: course.detected,
            stage: incident.stage,
            holder: incident.accepted.as_ref().map(|(by, _)| by.clone()),
            light,
            due_at: incident.due.filter(|_| incident.is_open()).map(|due| due + offset),
            outcome: course.closed.map(|(_, outcome)| outcome),
            closed_at: course.closed.map(|(at, _)| at),
            score: course.score,
        }
    }
}

/// What was said when it came: the first note of the very step in which it began.
fn words(entries: &[Entry]) -> Option<String> {
    let begun = entries.first()?.at;
    let first = entries.iter().take_while(|entry| entry.at == begun);
    let text = |entry: &Entry| {
        let Happening::Noted { text, .. } = &entry.what else { return None };
        Some(text.clone())
    };
    first.filter_map(text).next()
}
