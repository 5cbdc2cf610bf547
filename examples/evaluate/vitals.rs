//! Limits of vital signs against labelled sepsis: how many are found before, and at what price.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use careloop::domain::{
    DeviceId, Group, Home, Observation, Presence, Property, Situation, Span, Time, Value,
};
use careloop::engine::Book;
use careloop::form::Sheet;
use careloop::rule::{Kind, Rule, Score, Verdict, View};
use jiff::tz::TimeZone;

use crate::homes::lines_of_gz;

const FILE: &str = "vitals_hourly.csv.gz";
/// Who lives alone and is watched over is old.
const AGE: f64 = 65.0;
/// The label turns 1 so long before the onset.
const LABEL_LEADS: usize = 6;
/// What was found earlier than this before the onset was about something else.
const WINDOW: usize = 12;
/// The columns that are vital signs.
const COLUMNS: [(usize, Property); 5] = [
    (2, Property::HeartRate),
    (3, Property::Spo2),
    (4, Property::BodyTemperature),
    (5, Property::Systolic),
    (7, Property::RespiratoryRate),
];

/// A patient's stay, hour by hour.
#[derive(Default)]
struct Stay {
    hours: Vec<Vec<Observation>>,
    onset: Option<usize>,
}

/// What a judge came to over all stays.
#[derive(Default)]
struct Tally {
    septic: usize,
    found: usize,
    lead: usize,
    starts: usize,
    well_hours: usize,
}

/// A judge that is tried.
enum Judge<'a> {
    Score(Score),
    Rule(&'a Rule),
}

impl Judge<'_> {
    fn holds(&self, view: &View<'_>) -> bool {
        let verdict = match self {
            Self::Score(score) => score.judge(view).verdict,
            Self::Rule(rule) => rule.kind.judge(view, None).verdict,
        };
        matches!(verdict, Verdict::Holds { .. })
    }
}

/// The section on vital signs, in Markdown; nothing if there is no recording.
pub fn section(folder: &Path, book: &Book) -> Option<String> {
    let path = folder.join(FILE);
    path.exists().then_some(())?;
    let stays = read(&path);
    let septic = stays.iter().filter(|stay| stay.onset.is_some()).count();
    let mut text = format!(
        "{} stays of patients of 65 and above, {septic} with sepsis.\n\n| limit | sepses found within {WINDOW} h before onset | lead, mean h | alarm starts a well patient-day |\n|---|---|---|---|\n",
        stays.len()
    );
    for (name, judge) in judges(book) {
        let mut tally = Tally::default();
        stays.iter().for_each(|stay| tally.add(stay, &judge));
        let Tally { septic, found, lead, starts, well_hours } = tally;
        text += &format!(
            "| {name} | {:.2} | {:.1} | {:.2} |\n",
            found as f64 / septic.max(1) as f64,
            lead as f64 / found.max(1) as f64,
            starts as f64 * 24.0 / well_hours.max(1) as f64
        );
    }
    Some(text)
}

/// NEWS2 by the shipped chart, and the shipped limits of single vital signs.
fn judges(book: &Book) -> Vec<(String, Judge<'_>)> {
    let mut all = Vec::new();
    for points in [5, 7] {
        // The last known value counts, however old. Nobody wrote down consciousness, and oxygen seldom: what is missing counts 0.
        let text = format!("table = \"news2\"\nat_least = {points}\nfresh = \"90d\"\n");
        let sheet = Sheet::new("score", &text);
        let score = Score::read(sheet.form(), &book.scores);
        assert_eq!(sheet.problems(), []);
        let score = score.expect("it has no problems");
        all.push((format!("NEWS2 ≥ {points}"), Judge::Score(score)));
    }
    let single =
        |rule: &&Arc<Rule>| rule.group == Group::Vital && matches!(rule.kind, Kind::Threshold(_));
    let measured = |rule: &&Arc<Rule>| {
        rule.kind.concerns().iter().any(|of| COLUMNS.iter().any(|(_, property)| property == of))
    };
    for rule in book.rules.iter().filter(single).filter(measured) {
        all.push((format!("`{}`: {}", rule.name, rule.looks_for), Judge::Rule(rule)));
    }
    all
}

impl Tally {
    fn add(&mut self, stay: &Stay, judge: &Judge<'_>) {
        let holds = live(stay, judge);
        let Some(onset) = stay.onset else {
            let begins =
                |(n, is): (usize, &bool)| *is && !n.checked_sub(1).is_some_and(|n| holds[n]);
            self.starts += holds.iter().enumerate().filter(|(n, is)| begins((*n, is))).count();
            self.well_hours += holds.len();
            return;
        };
        self.septic += 1;
        let window = onset.saturating_sub(WINDOW)..onset;
        if let Some(first) = window.into_iter().find(|n| holds.get(*n).is_some_and(|is| *is)) {
            self.found += 1;
            self.lead += onset - first;
        }
    }
}

/// Hour by hour, whether the judge holds.
fn live(stay: &Stay, judge: &Judge<'_>) -> Vec<bool> {
    let device: DeviceId = "monitor".parse().expect("a name");
    let home = Home::new("home".parse().expect("a name"), "UTC", Vec::new());
    let (mut situation, presence) = (Situation::default(), Presence::default());
    let mut standing = None;
    let mut holds = Vec::new();
    for (n, said) in stay.hours.iter().enumerate() {
        let now = Time(0) + Span::hours(n as i64 + 1);
        for observation in said {
            situation.note(&device, observation, false, now);
        }
        let zone = TimeZone::UTC;
        let view = View { standing, ..View::new(&home, &situation, &zone, &presence, now) };
        let is = judge.holds(&view);
        standing = is.then(|| standing.unwrap_or(now));
        holds.push(is);
    }
    holds
}

fn read(path: &Path) -> Vec<Stay> {
    let mut stays: BTreeMap<String, Stay> = BTreeMap::new();
    for line in lines_of_gz(path).skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let number = |n: usize| columns.get(n).and_then(|text| text.parse::<f64>().ok());
        if number(9).is_none_or(|age| age < AGE) {
            continue;
        }
        let stay = stays.entry(columns[0].to_owned()).or_default();
        if number(11) == Some(1.0) {
            stay.onset.get_or_insert(stay.hours.len() + LABEL_LEADS);
        }
        let said = COLUMNS.iter().filter_map(|(n, property)| {
            Observation::new(*property, Value::Number(number(*n)?)).ok()
        });
        stay.hours.push(said.collect());
    }
    stays.into_values().collect()
}
