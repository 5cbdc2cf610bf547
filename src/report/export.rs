//! Incidents as rows to give away, each with who took it, when and why.

use std::sync::Arc;

use serde::Serialize;

use crate::domain::{Deed, Doing, Home, PersonId, Role, Time};

use super::{Case, Course, mask, record};

/// Who takes it, when and why: on every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watermark {
    /// Who.
    pub by: String,
    /// When, in wall time.
    pub at: Time,
    /// Why.
    pub why: String,
}

/// What somebody wants to take out: incidents that were found from `from` on and before `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// From then on, in wall time,
    pub from: Time,
    /// and before then.
    pub to: Time,
    /// For people of which role.
    pub mask: Role,
    /// Who takes it.
    pub by: PersonId,
    /// What for.
    pub why: String,
}

impl Order {
    /// Every reason why it is not given, with the word that is wrong. `role`: of whoever takes it, if they
    /// are of the register.
    pub fn refused(&self, role: Option<Role>) -> Vec<(&'static str, String)> {
        let Self { from, to, mask, by, why } = self;
        let mut all = Vec::new();
        if to <= from {
            all.push(("to", format!("it is after `from`; {to} is not after {from}")));
        }
        match role {
            None => all.push(("by", format!("`{by}` is nobody of the register"))),
            Some(role) if mask::sees_all(*mask) && !mask::sees_all(role) => all.push((
                "mask",
                format!("`{by}` is {role}: only a supervisor takes out what is not masked"),
            )),
            Some(_) => {}
        }
        if why.trim().is_empty() {
            all.push(("why", "it says what for, in words".to_owned()));
        }
        all
    }

    /// How it goes on record, before anything is given.
    pub fn deed(&self) -> Deed {
        let Self { from, to, mask, by, why } = self;
        let of = format!("incidents {from} to {to}, for {mask}");
        let (by, why) = (by.to_string(), why.clone());
        Deed { deed: Doing::Exported, of, home: None, incident: None, by, why }
    }

    /// The rows. `homes`: as registered; `people`: what they are called; `at`: when it is taken.
    pub fn rows<'o>(
        &'o self,
        cases: &'o [Case],
        homes: &'o [Arc<Home>],
        people: impl Fn(&PersonId) -> String + 'o,
        at: Time,
    ) -> impl Iterator<Item = Exported> + 'o {
        let mark = Watermark { by: self.by.to_string(), at, why: self.why.clone() };
        let found = cases.iter().filter(|case| {
            let at = case.incident.detected_at;
            self.from <= at && at < self.to
        });
        found.map(move |case| {
            let home = homes.iter().find(|home| home.id == case.id.home);
            Exported::new(case, home.map(Arc::as_ref), &people, self.mask, &mark)
        })
    }
}

/// One incident of an export. Times are wall time in RFC 3339; what is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    incident: String,
    home: String,
    grid: String,
    address: String,
    rule: String,
    title: String,
    level: &'static str,
    group: &'static str,
    stage: &'static str,
    outcome: &'static str,
    detected_at: String,
    alarmed_at: String,
    answered_at: String,
    on_scene_at: String,
    resolved_at: String,
    closed_at: String,
    /// Whoever has it, or had it last.
    holder: String,
    watermark: String,
}

/// The columns of the CSV form, in order.
const COLUMNS: [&str; 18] = [
    "incident",
    "home",
    "grid",
    "address",
    "rule",
    "title",
    "level",
    "group",
    "stage",
    "outcome",
    "detected_at",
    "alarmed_at",
    "answered_at",
    "on_scene_at",
    "resolved_at",
    "closed_at",
    "holder",
    "watermark",
];

impl Exported {
    /// A row for people of this role. `home`: as registered, if it still is; `people`: what they are called.
    pub fn new(
        case: &Case,
        home: Option<&Home>,
        people: impl Fn(&PersonId) -> String,
        role: Role,
        mark: &Watermark,
    ) -> Self {
        let (incident, course) = (&case.incident, Course::of(&case.entries, Time(i64::MAX)));
        let sees_all = mask::sees_all(role);
        let masked = |text: &str, mask: fn(&str) -> String| {
            if sees_all { text.to_owned() } else { mask(text) }
        };
        let time = |at: Option<Time>| at.map_or(String::new(), |at| at.to_string());
        let holder = incident.accepted.as_ref().map(|(by, _)| people(by)).unwrap_or_default();
        Self {
            incident: case.id.to_string(),
            home: masked(&case.place, mask::address),
            grid: case.grid.as_ref().map_or(String::new(), ToString::to_string),
            address: home.map_or(String::new(), |home| masked(&home.address, mask::address)),
            rule: incident.rule.to_string(),
            title: incident.title.zh.clone(),
            level: incident.level.name(),
            group: incident.group.name(),
            stage: incident.stage.name(),
            outcome: course.closed.map_or("", |(_, outcome)| outcome.name()),
            detected_at: time(course.detected),
            alarmed_at: time(course.alarmed),
            answered_at: time(course.answered),
            on_scene_at: time(course.on_scene),
            resolved_at: time(course.resolved),
            closed_at: time(course.closed.map(|(at, _)| at)),
            holder: masked(&holder, mask::name),
            watermark: mask::phones(&mark.to_string()),
        }
    }

    /// The names of the columns.
    pub fn heads() -> String {
        record(COLUMNS.into_iter())
    }

    /// As a record of a CSV file.
    pub fn csv(&self) -> String {
        let fields = [
            &self.incident,
            &self.home,
            &self.grid,
            &self.address,
            &self.rule,
            &self.title,
            self.level,
            self.group,
            self.stage,
            self.outcome,
            &self.detected_at,
            &self.alarmed_at,
            &self.answered_at,
            &self.on_scene_at,
            &self.resolved_at,
            &self.closed_at,
            &self.holder,
            &self.watermark,
        ];
        record(fields.into_iter())
    }
}

impl std::fmt::Display for Watermark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} · {} · {}", self.by, self.at, self.why)
    }
}
