//! Says what other rules would have changed.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::Failure;
use super::trial::Other;
use crate::cli::print_json;
use crate::domain::{Span, Time};
use crate::timeline;
use crate::trial::{
    Comparison, Count, Difference, Fate, Moment, Moves, Range, Runs, compare, rate,
};

/// The report as a program reads it.
#[derive(Serialize)]
struct Report<'a> {
    rules: &'a str,
    plans: &'a str,
    homes: usize,
    home_weeks: f64,
    moves: Moves,
    alarmed: Part<'a>,
    detected: Part<'a>,
}

#[derive(Serialize)]
struct Part<'a> {
    differences: &'a [Difference],
    rules: BTreeMap<&'a str, Row>,
}

/// How many of a rule, and how many a home and week.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    count: Count,
    per_home_week: Rates,
}

#[derive(Serialize)]
struct Rates {
    before: f64,
    after: f64,
    appear: f64,
    disappear: f64,
    moved: f64,
}

pub(super) fn print(
    runs: &Runs,
    other: &Other,
    zone: &TimeZone,
    range: Range,
    json: bool,
) -> Result<(), Failure> {
    let of = |moment| compare(&runs.before, &runs.after, moment, (range.from, range.until));
    let (alarmed, detected) = (of(Moment::Alarmed), of(Moment::Detected));
    let (homes, watched) = runs.watched.sum();
    let weeks = runs.watched.weeks();
    if json {
        return print_json(&Report {
            rules: &other.rules,
            plans: &other.plans,
            homes,
            home_weeks: weeks,
            moves: runs.moves,
            alarmed: part(&alarmed, weeks),
            detected: part(&detected, weeks),
        });
    }
    line!("rules {}, plans {}", other.rules, other.plans);
    line!("homes: {homes}, home-weeks: {weeks:.2} ({watched})");
    assumptions(runs);
    list("people told", &alarmed.differences, zone);
    // What people are told of in the same way need not be said twice.
    let is_said = |d: &Difference| {
        alarmed.differences.iter().any(|a| (a.fate, a.later, a.pair) == (d.fate, d.later, d.pair))
    };
    let rest: Vec<_> = detected.differences.iter().filter(|d| !is_said(d)).cloned().collect();
    list("detected, besides", &rest, zone);
    table("people told", &alarmed, weeks);
    table("detected", &detected, weeks);
    Ok(())
}

/// What the second run makes up.
fn assumptions(runs: &Runs) {
    let until = "at the alarm, plus arrive_within and resolve_within of its plan";
    if let Some(before) = runs.closed_before {
        line!(
            "a recording has no people: made-up ones close every incident, {until} \
             ({before} as it was, {} with these rules)",
            runs.moves.closed
        );
        return;
    }
    let Moves { made, left_out, closed } = runs.moves;
    line!(
        "people's moves are made on the incident of the same rule and device: {made}; left out, \
         because there was none that far: {left_out}"
    );
    line!("what nobody closed in life, made-up people close, {until}: {closed}");
}

fn list(what: &str, differences: &[Difference], zone: &TimeZone) {
    line!("");
    if differences.is_empty() {
        return line!("{what}: no difference");
    }
    line!("{what}:");
    let clock = |at: Time| format!("{} {}", at.civil(zone).date(), timeline::clock(at, zone));
    for Difference { fate, home, key, at, later, reason, .. } in differences {
        let how = match (fate, later) {
            (Fate::Appears, _) => "appears".to_owned(),
            (Fate::Disappears, _) => "disappears".to_owned(),
            (Fate::Moves, Some(by)) if by.0 < 0 => format!("{} earlier", Span(-by.0)),
            (Fate::Moves, by) => format!("{} later", by.unwrap_or_default()),
        };
        line!("{}  {home} {key} {how}: {reason}", clock(*at));
    }
}

fn table(what: &str, comparison: &Comparison, weeks: f64) {
    line!("");
    if comparison.rules.is_empty() {
        return line!("{what}: nothing, by neither");
    }
    let width = comparison.rules.keys().map(|rule| rule.len()).chain([what.len(), 5]).max();
    let width = width.unwrap_or_default();
    let heads = ["before", "after", "appear", "disappear", "moved"].map(|h| format!("{h:>14}"));
    line!("{what:<width$}{}   (a home-week)", heads.concat());
    let mut all = Count::default();
    for (rule, count) in &comparison.rules {
        row(rule, width, count, weeks);
        all.before += count.before;
        all.after += count.after;
        all.appear += count.appear;
        all.disappear += count.disappear;
        all.moved += count.moved;
    }
    if 1 < comparison.rules.len() {
        row("all", width, &all, weeks);
    }
}

fn row(rule: &str, width: usize, count: &Count, weeks: f64) {
    let Count { before, after, appear, disappear, moved } = *count;
    let cell = |n: u32| format!("{:>14}", format!("{n} ({:.2})", rate(n, weeks)));
    line!("{rule:<width$}{}", [before, after, appear, disappear, moved].map(cell).concat());
}

fn part(comparison: &Comparison, weeks: f64) -> Part<'_> {
    let row = |count: &Count| {
        let of = |n| rate(n, weeks);
        let per_home_week = Rates {
            before: of(count.before),
            after: of(count.after),
            appear: of(count.appear),
            disappear: of(count.disappear),
            moved: of(count.moved),
        };
        Row { count: *count, per_home_week }
    };
    let rules = comparison.rules.iter().map(|(rule, count)| (rule.as_str(), row(count))).collect();
    Part { differences: &comparison.differences, rules }
}
