//! What whoever takes over a shift has to wait for: people who are not on duty, decisions, parked incidents,
//! departments on their way.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::domain::{Lang, Role, Span, Time, Wish};
use crate::engine::rota::{covered_until, gaps};

use super::shift::{Heads, Seen, table};
use super::{Case, Cell, Column, Course, Table};

/// So far ahead a gap of the rota is looked for.
const AHEAD: Span = Span::hours(14 * 24);

/// What is waited for. Times are wall time in RFC 3339.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Awaited {
    /// Who is off duty when the shift ends, each once.
    pub off_duty: Vec<OffDuty>,
    /// From when, in the next two weeks, nobody of some rung is on duty.
    pub next_gap: Option<NextGap>,
    /// What somebody who directs has to grant or to refuse.
    pub wishes: Vec<Asked>,
    /// Incidents that wait, on grant.
    pub parked: Vec<Parked>,
    /// Departments that were called and have not reported in.
    pub departments: Vec<Missing>,
}

/// Somebody who is off duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OffDuty {
    /// Who.
    pub who: String,
    /// In what capacity they come.
    pub role: Role,
    /// Until when; none: not within a year.
    pub until: Option<String>,
}

/// A gap of the rota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextGap {
    /// From when.
    pub from: String,
    /// Until when, or the two weeks are over.
    pub to: String,
    /// Whom a rung tells.
    pub roles: Vec<Role>,
    /// Of which homes.
    pub homes: Vec<String>,
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// For which incident.
    pub id: String,
    /// What.
    #[serde(flatten)]
    pub wish: Wish,
    /// Who.
    pub by: String,
    /// Why.
    pub why: String,
    /// Since when.
    pub at: String,
}

/// An incident that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parked {
    /// Which.
    pub id: String,
    /// Until when.
    pub until: String,
}

/// A department that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// For which incident.
    pub id: String,
    /// Which.
    pub who: String,
    /// When it was called.
    pub called: String,
    /// Until when it has to report in; none: the rule book is lost.
    pub report_by: Option<String>,
    /// Whether that is over.
    pub is_late: bool,
}

impl Awaited {
    /// When a shift ends at `to`, in wall time.
    pub(super) fn new(cases: &[Case], seen: &[Seen<'_>], to: Time) -> Self {
        let (mut wishes, mut parked, mut departments) = (Vec::new(), Vec::new(), Vec::new());
        for case in cases {
            let course = Course::of(&case.entries, to);
            if !course.is_open() {
                continue;
            }
            let id = case.id.to_string();
            if let Some(until) = course.parked.filter(|until| to < *until) {
                parked.push(Parked { id: id.clone(), until: until.to_string() });
            }
            let within = case.plan.as_deref().map(|plan| plan.report_within);
            for summons in course.missing() {
                let report_by = within.map(|within| summons.called + within);
                departments.push(Missing {
                    id: id.clone(),
                    who: summons.who.to_string(),
                    called: summons.called.to_string(),
                    report_by: report_by.map(|at| at.to_string()),
                    is_late: report_by.is_some_and(|at| at < to),
                });
            }
            if let Some((by, wish, why, at)) = course.wish {
                wishes.push(Asked { id, wish, by: by.to_string(), why, at: at.to_string() });
            }
        }
        let (off_duty, next_gap) = (off_duty(seen, to), next_gap(seen, to));
        Self { off_duty, next_gap, wishes, parked, departments }
    }

    pub(super) fn tables(&self) -> Vec<Table> {
        let texts = |all: &[&str]| -> Vec<Cell> {
            all.iter().map(|text| Cell::Text((*text).to_owned())).collect()
        };
        let role = |role: Role| Cell::Said(Column::new(role.name(), role.zh(), role.name()));
        let wishes = self.wishes.iter().map(|wish| {
            let mut cells = vec![Cell::Said(said(&wish.wish))];
            cells.extend(texts(&[&wish.by, &wish.why, &wish.at]));
            (Column::same(&wish.id), cells)
        });
        let parked = self.parked.iter().map(|p| (Column::same(&p.id), texts(&[&p.until])));
        let departments = self.departments.iter().map(|missing| {
            let report_by = missing.report_by.as_deref().unwrap_or_default();
            let mut cells = texts(&[&missing.who, &missing.called, report_by]);
            cells.push(Cell::Flag(Some(missing.is_late)));
            (Column::same(&missing.id), cells)
        });
        let off_duty = self.off_duty.iter().map(|off| {
            let until = Cell::Text(off.until.clone().unwrap_or_default());
            (Column::same(&off.who), vec![role(off.role), until])
        });
        let gap = self.next_gap.iter().map(|gap| {
            let zh: Vec<&str> = gap.roles.iter().map(|role| role.zh()).collect();
            let en: Vec<&str> = gap.roles.iter().map(|role| role.name()).collect();
            let roles = Column::new(&en.join("+"), &zh.join("、"), &en.join(", "));
            let cells = vec![
                Cell::Text(gap.to.clone()),
                Cell::Said(roles),
                Cell::Text(gap.homes.join(", ")),
            ];
            (Column::same(&gap.from), cells)
        });
        let incident = Column::new("incident", "编号", "case");
        let (who, from) = (Column::new("who", "人员", "who"), Column::new("from", "自", "from"));
        vec![
            table("wishes", "待批准", "To be granted", &incident, WISHES, wishes.collect()),
            table("parked", "挂账", "Parked", &incident, PARKED, parked.collect()),
            table(
                "departments",
                "未报到部门",
                "Departments not there",
                &incident,
                DEPARTMENTS,
                departments.collect(),
            ),
            table("off-duty", "不在岗人员", "Off duty", &who, OFF_DUTY, off_duty.collect()),
            table(
                "next-gap",
                "两周内首个值班空档",
                "Next gap of the rota, within two weeks",
                &from,
                NEXT_GAP,
                gap.collect(),
            ),
        ]
    }
}

const WISHES: Heads =
    &[("what", "事项", "what"), ("by", "由", "by"), ("why", "原因", "why"), ("at", "时间", "at")];
const PARKED: Heads = &[("until", "至", "until")];
const DEPARTMENTS: Heads = &[
    ("who", "部门", "department"),
    ("called", "吹哨", "called"),
    ("report-by", "报到时限", "to report in by"),
    ("late", "超时", "late"),
];
const OFF_DUTY: Heads = &[("role", "角色", "role"), ("until", "至", "until")];
const NEXT_GAP: Heads =
    &[("to", "至", "until"), ("roles", "角色", "roles"), ("homes", "户", "homes")];

fn said(wish: &Wish) -> Column {
    let lasts = |lasts: &Span, lang: Lang| lasts.say(lang);
    match wish {
        Wish::Extend { lasts: span } => Column {
            key: "extend".to_owned(),
            zh: format!("延期 {}", lasts(span, Lang::Zh)),
            en: format!("{} more", lasts(span, Lang::En)),
        },
        Wish::Park { lasts: span } => Column {
            key: "park".to_owned(),
            zh: format!("挂账 {}", lasts(span, Lang::Zh)),
            en: format!("to wait {}", lasts(span, Lang::En)),
        },
        Wish::Void => Column::new("void", "作废", "to strike it out"),
    }
}

fn zone(seen: &Seen<'_>) -> TimeZone {
    TimeZone::get(&seen.home.zone).unwrap_or(TimeZone::UTC)
}

fn off_duty(seen: &[Seen<'_>], to: Time) -> Vec<OffDuty> {
    let mut off: Vec<OffDuty> = Vec::new();
    for seen in seen {
        let zone = zone(seen);
        let by = seen.home.reckoning(&zone);
        for person in seen.home.responders.iter().filter(|person| !person.rota.is_on(to, by)) {
            let who = person.id.to_string();
            if off.iter().all(|known| known.who != who) {
                let until = person.rota.next_change(to, by).map(|at| at.to_string());
                off.push(OffDuty { who, role: person.role, until });
            }
        }
    }
    off.sort_by(|a, b| (a.role, &a.who).cmp(&(b.role, &b.who)));
    off
}

fn next_gap(seen: &[Seen<'_>], to: Time) -> Option<NextGap> {
    let book = seen.first()?.book;
    let until = to + AHEAD;
    let homes = || seen.iter().map(|seen| seen.home).filter(|home| home.is_ordinary());
    let first = covered_until(book, homes(), to, until);
    let of = |home| gaps(book, home, first, until).into_iter().find(|gap| gap.from <= first);
    let gap = homes().find_map(of).filter(|_| first < until)?;
    // A look at one instant is enough to see which others have it.
    let has = |home: &&crate::domain::Home| {
        gaps(book, home, first, first + Span(1)).iter().any(|other| other.roles == gap.roles)
    };
    let homes = homes().filter(has).map(|home| home.id.to_string()).collect();
    let (from, to) = (gap.from.to_string(), gap.to.to_string());
    Some(NextGap { from, to, roles: gap.roles, homes })
}
