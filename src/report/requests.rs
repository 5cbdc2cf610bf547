//! Requests and reports as a list: who asked for what, who has it, and whether it is in time.

use serde::Serialize;

use crate::domain::{
    Entry, Happening, Incident, IncidentId, Light, Name, Origin, Outcome, PersonId, Reason, Stage,
    Time, Title,
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
    /// How its present step stands to its limit; of a closed one, whether it was open for too long.
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
    /// Of this incident. `now` is hub time, `to_wall` makes wall time of it.
    pub fn new(
        id: &IncidentId,
        incident: &Incident,
        entries: &[Entry],
        now: Time,
        to_wall: impl Fn(Time) -> Time,
    ) -> Self {
        let course = Course::of(entries, Time(i64::MAX));
        let (mut from, mut code) = (None, None);
        if let Reason::Reported { from: origin, code: known } = &incident.reason {
            (from, code) = (Some(*origin), known.clone());
        }
        let light = match incident.is_open() {
            true => incident.light(now),
            false if course.passed == 0 => Light::Green,
            false => Light::Red,
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
            due_at: incident.due.filter(|_| incident.is_open()).map(to_wall),
            outcome: course.closed.map(|(_, outcome)| outcome),
            closed_at: course.closed.map(|(at, _)| at),
            score: course.score,
        }
    }
}

/// What was said when it came: the note of that instant, directly behind the beginning.
fn words(entries: &[Entry]) -> Option<String> {
    let [first, second, ..] = entries else { return None };
    let Happening::Noted { text, .. } = &second.what else { return None };
    (second.at == first.at).then(|| text.clone())
}
