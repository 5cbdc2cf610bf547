//! The hand-over of a shift: what is open and who has it, what happened since, what is overdue, what is
//! silenced, and which devices are in trouble.

use serde::Serialize;

use crate::domain::{
    Entry, Home, Lang, Level, Link, Presence, Property, Rounds, Silence, Situation, Span, Stage,
    Time, Title,
};

use super::awaited::Awaited;
use super::{Case, Cell, Column, Course, Table, csv, markdown};
use crate::engine::Book;

/// What is known of one home at one instant; times are hub time.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// As registered.
    pub home: &'a Home,
    /// By which rules and plans.
    pub book: &'a Book,
    /// What its devices said.
    pub situation: &'a Situation,
    /// Where the resident is, and whether somebody said that nobody is at home.
    pub presence: &'a Presence,
    /// Rules that somebody silenced; it may be over.
    pub silences: &'a [Silence],
    /// Who saw the resident last, and why somebody should again.
    pub rounds: &'a Rounds,
    /// Now.
    pub now: Time,
    /// Wall time minus hub time.
    pub offset: Span,
    /// Since when the hub has been listening without a break, if there was one.
    pub listening: Option<Time>,
}

/// The hand-over. Times are wall time in RFC 3339.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shift {
    /// From when.
    pub from: String,
    /// Until when.
    pub to: String,
    /// Whether the hub was asked; if not, devices and silences are as it left them when it stopped.
    pub is_live: bool,
    /// What is open when it ends, the most urgent first.
    pub open: Vec<Open>,
    /// What happened, oldest first.
    pub happened: Vec<Line>,
    /// What is waited for: people, decisions, departments.
    #[serde(flatten)]
    pub awaited: Awaited,
    /// Rules that are silenced.
    pub silenced: Vec<Silenced>,
    /// Homes of which somebody said that nobody is there.
    pub away: Vec<Away>,
    /// Devices that do not speak, say that they are in trouble, or are tried out.
    pub devices: Vec<Troubled>,
}

/// An open incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Open {
    /// `h1-7`
    pub id: String,
    /// What people call the home.
    pub place: String,
    /// What it is.
    pub title: Title,
    /// How much hangs on it.
    pub level: Level,
    /// How far it has come.
    pub stage: Stage,
    /// Who has it.
    pub holder: Option<String>,
    /// When it was found.
    pub detected_at: String,
    /// When something is done next if nobody does anything.
    pub due_at: Option<String>,
    /// Whether its next step is owed for longer than the plan gives.
    pub is_overdue: bool,
}

/// A line of somebody's story.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// When.
    pub at: String,
    /// Of which incident.
    pub id: String,
    /// What that is.
    pub title: Title,
    /// The line.
    pub entry: Entry,
}

/// A rule that somebody silenced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Silenced {
    /// In which home.
    pub home: String,
    /// Which.
    pub rule: String,
    /// Who.
    pub by: String,
    /// Why.
    pub why: String,
    /// Until when.
    pub until: String,
}

/// A home of which somebody said that nobody is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Away {
    /// Which.
    pub home: String,
    /// Who.
    pub by: String,
    /// Until when.
    pub until: String,
}

/// A device in trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Troubled {
    /// In which home.
    pub home: String,
    /// Which.
    pub device: String,
    /// Where in the home.
    pub room: String,
    /// Whether a life may hang on it.
    pub is_life: bool,
    /// offline, unknown, battery-low, fault, tamper, under-test
    pub what: &'static str,
    /// Since when, where that is known.
    pub since: Option<String>,
}

impl Shift {
    /// How long one is, if nobody says.
    pub const USUAL: Span = Span::hours(8);

    /// The hand-over of what was between `from` and `to`, in wall time. `cases`: every incident that was found
    /// before `to` and not closed before `from`.
    pub fn new(cases: &[Case], seen: &[Seen<'_>], is_live: bool, from: Time, to: Time) -> Self {
        let mut open: Vec<&Case> = cases.iter().filter(|case| is_open(case, to)).collect();
        open.sort_by_key(|case| {
            (std::cmp::Reverse(case.incident.level), case.incident.detected_at)
        });
        let mut happened: Vec<(Time, Line)> = Vec::new();
        for case in cases {
            let lines = case.entries.iter().filter(|entry| from <= entry.at && entry.at < to);
            happened.extend(lines.map(|entry| (entry.at, line(case, entry))));
        }
        happened.sort_by_key(|(at, _)| *at);
        Self {
            from: from.to_string(),
            to: to.to_string(),
            is_live,
            open: open.into_iter().map(|case| Open::new(case, seen, to)).collect(),
            happened: happened.into_iter().map(|(_, line)| line).collect(),
            awaited: Awaited::new(cases, seen, to),
            silenced: seen.iter().flat_map(silenced).collect(),
            away: seen.iter().filter_map(away).collect(),
            devices: seen.iter().flat_map(troubled).collect(),
        }
    }

    /// To read, to print and to paste; `say` tells a line of a story in the language.
    pub fn markdown(&self, lang: Lang, say: impl Fn(&Entry) -> String) -> String {
        let title = lang.say("交接班", "Hand-over of the shift");
        let mut about = vec![format!("{} – {}", self.from, self.to)];
        if !self.is_live {
            about.push(
                lang.say(
                    "网关未运行：设备和静默为其停止时的情况",
                    "The hub does not run: devices and silences are as it left them",
                )
                .to_owned(),
            );
        }
        markdown(title, &about, &self.tables(say), lang)
    }

    /// For programs that read tables.
    pub fn csv(&self, say: impl Fn(&Entry) -> String) -> String {
        csv(&self.tables(say))
    }

    /// All of it; `say` tells a line of a story in the language.
    pub fn tables(&self, say: impl Fn(&Entry) -> String) -> Vec<Table> {
        let open = self.open.iter().map(|open| {
            let cells = vec![
                Cell::Text(open.place.clone()),
                said(&open.title),
                Cell::Said(Column::new(open.level.name(), open.level.zh(), open.level.name())),
                Cell::Said(Column::new(open.stage.name(), open.stage.zh(), open.stage.name())),
                Cell::Text(open.holder.clone().unwrap_or_default()),
                Cell::Text(open.detected_at.clone()),
                Cell::Text(open.due_at.clone().unwrap_or_default()),
                Cell::Flag(Some(open.is_overdue)),
            ];
            (Column::same(&open.id), cells)
        });
        let happened = self.happened.iter().map(|line| {
            let cells = [&line.id, &say(&line.entry)].map(|text| Cell::Text(text.clone()));
            (Column::same(&line.at), cells.to_vec())
        });
        let silenced = self.silenced.iter().map(|s| {
            let cells = [&s.rule, &s.by, &s.why, &s.until].map(|text| Cell::Text(text.clone()));
            (Column::same(&s.home), cells.to_vec())
        });
        let away = self.away.iter().map(|away| {
            let cells = [&away.by, &away.until].map(|text| Cell::Text(text.clone()));
            (Column::same(&away.home), cells.to_vec())
        });
        let devices = self.devices.iter().map(|device| {
            let cells = vec![
                Cell::Text(device.device.clone()),
                Cell::Text(device.room.clone()),
                Cell::Said(word(device.what)),
                Cell::Text(device.since.clone().unwrap_or_default()),
                Cell::Flag(Some(device.is_life)),
            ];
            (Column::same(&device.home), cells)
        });
        let (incident, home) =
            (Column::new("incident", "编号", "case"), Column::new("home", "户", "home"));
        let at = Column::new("at", "时间", "at");
        let mut all = vec![
            table("open", "未结案", "Open", &incident, OPEN, open.collect()),
            table("happened", "本班经过", "What happened", &at, HAPPENED, happened.collect()),
            table(
                "silenced",
                "静默中的规则",
                "Silenced rules",
                &home,
                SILENCED,
                silenced.collect(),
            ),
            table("away", "家中无人", "Nobody at home", &home, AWAY, away.collect()),
            table("devices", "异常设备", "Devices in trouble", &home, DEVICES, devices.collect()),
        ];
        all.splice(1..1, self.awaited.tables());
        all
    }
}

pub(super) type Heads = &'static [(&'static str, &'static str, &'static str)];

const OPEN: Heads = &[
    ("place", "户", "home"),
    ("title", "事件", "what"),
    ("level", "级别", "level"),
    ("stage", "阶段", "stage"),
    ("holder", "处理人", "who has it"),
    ("detected", "发现", "found"),
    ("due", "下一时限", "next deadline"),
    ("overdue", "超时", "overdue"),
];
const HAPPENED: Heads = &[("incident", "编号", "case"), ("what", "经过", "what")];
const SILENCED: Heads = &[
    ("rule", "规则", "rule"),
    ("by", "由", "by"),
    ("why", "原因", "why"),
    ("until", "至", "until"),
];
const AWAY: Heads = &[("by", "由", "by"), ("until", "至", "until")];
const DEVICES: Heads = &[
    ("device", "设备", "device"),
    ("room", "房间", "room"),
    ("what", "情况", "what"),
    ("since", "自", "since"),
    ("life", "生命安全", "life-safety"),
];

pub(super) fn table(
    key: &str,
    zh: &str,
    en: &str,
    of: &Column,
    heads: Heads,
    rows: Vec<(Column, Vec<Cell>)>,
) -> Table {
    let columns = heads.iter().map(|(key, zh, en)| Column::new(key, zh, en)).collect();
    Table { title: Column::new(key, zh, en), of: of.clone(), columns, rows }
}

fn said(title: &Title) -> Cell {
    Cell::Said(Column::new(&title.en, &title.zh, &title.en))
}

fn word(what: &str) -> Column {
    let (zh, en) = match what {
        "offline" => ("离线", "offline"),
        "battery-low" => ("低电量", "battery low"),
        "fault" => ("故障", "fault"),
        "tamper" => ("防拆", "tampered with"),
        "under-test" => ("测试中", "under test"),
        _ => ("不明", "not known"),
    };
    Column::new(what, zh, en)
}

fn is_open(case: &Case, to: Time) -> bool {
    Course::of(&case.entries, to).is_open()
}

fn line(case: &Case, entry: &Entry) -> Line {
    let title = case.incident.title.clone();
    Line { at: entry.at.to_string(), id: case.id.to_string(), title, entry: entry.clone() }
}

impl Open {
    fn new(case: &Case, seen: &[Seen<'_>], to: Time) -> Self {
        let (incident, course) = (&case.incident, Course::of(&case.entries, to));
        let offset = seen.iter().find(|seen| seen.home.id == case.id.home).map(|seen| seen.offset);
        let holder = incident.accepted.as_ref().map(|(by, _)| by.to_string());
        Self {
            id: case.id.to_string(),
            place: case.place.clone(),
            title: incident.title.clone(),
            level: incident.level,
            stage: incident.stage,
            holder,
            detected_at: incident.detected_at.to_string(),
            due_at: incident.due.map(|due| (due + offset.unwrap_or(Span::ZERO)).to_string()),
            is_overdue: course.is_overdue(case.plan.as_deref(), to),
        }
    }
}

fn silenced(seen: &Seen<'_>) -> Vec<Silenced> {
    let counts = seen.silences.iter().filter(|silence| seen.now < silence.until);
    let one = |silence: &Silence| Silenced {
        home: seen.home.id.to_string(),
        rule: silence.rule.to_string(),
        by: silence.by.to_string(),
        why: silence.why.clone(),
        until: (silence.until + seen.offset).to_string(),
    };
    counts.map(one).collect()
}

fn away(seen: &Seen<'_>) -> Option<Away> {
    let away = seen.presence.away().filter(|away| seen.now < away.until)?;
    let until = (away.until + seen.offset).to_string();
    Some(Away { home: seen.home.id.to_string(), by: away.by.to_string(), until })
}

fn troubled(seen: &Seen<'_>) -> Vec<Troubled> {
    let mut all = Vec::new();
    for device in &seen.home.devices {
        let sight = seen.situation.sight(&device.id);
        let mut add = |what, since: Option<Time>| {
            all.push(Troubled {
                home: seen.home.id.to_string(),
                device: device.id.to_string(),
                room: device.room.clone(),
                is_life: device.is_life,
                what,
                since: since.map(|at| (at + seen.offset).to_string()),
            });
        };
        match Link::of(device, sight, seen.listening, seen.now) {
            (Link::Offline, since) => add("offline", since),
            // Of what nobody expects to speak it says nothing that nothing is known.
            (Link::Unknown, since) if device.quiet_after.is_some() => add("unknown", since),
            (Link::Online | Link::Unknown, _) => {}
        }
        let says = [
            (Property::BatteryLow, "battery-low"),
            (Property::Fault, "fault"),
            (Property::Tamper, "tamper"),
        ];
        for (property, what) in says {
            let fact = seen.situation.fact(&device.id, property);
            if let Some(fact) = fact.filter(|fact| fact.value.is_true()) {
                add(what, Some(fact.since));
            }
        }
        if seen.situation.is_under_test(&device.id) {
            add("under-test", None);
        }
    }
    all
}
