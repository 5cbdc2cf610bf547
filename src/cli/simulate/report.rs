//! What the simulated homes say of the rules: a table by rule, by kind of mishap and by set of sensors.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Args;
use crate::domain::Span;
use crate::engine::Book;
use crate::simulate::{OfRule, Sets, Tally};

/// At most so many misses, and false alarms, are named one by one.
const NAMED: usize = 12;
/// What these figures are, and are not.
const CAVEAT: &str = "These are simulated lives, not real people: they show whether the rules hang together, \
and not how they do in real homes. The presets of the rules are not medical advice.";

#[derive(Debug, Serialize)]
pub(super) struct Figures {
    seed: u64,
    from: String,
    homes: u64,
    days: i64,
    home_weeks: f64,
    in_sight: u64,
    missed: u64,
    false_life_per_home_week: f64,
    false_life_while_out_per_home_week: f64,
    false_equipment_per_home_week: f64,
    forgotten: u64,
    rules: BTreeMap<String, RuleFigures>,
    mishaps: BTreeMap<&'static str, MishapFigures>,
    sets: BTreeMap<&'static str, SetFigures>,
    about: &'static str,
}

#[derive(Debug, Serialize)]
struct RuleFigures {
    right: u64,
    #[serde(rename = "false")]
    wrong: u64,
    false_per_home_week: f64,
    missed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    median_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p90_seconds: Option<i64>,
    counts: &'static str,
}

#[derive(Debug, Serialize)]
struct MishapFigures {
    happened: u64,
    in_sight: u64,
    found: u64,
    late: u64,
    over: u64,
    missed: u64,
    found_by: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
struct SetFigures {
    homes: u64,
    false_life_per_home_week: f64,
    in_sight: u64,
    missed: u64,
}

/// As a program reads them.
pub(super) fn figures(args: &Args, tally: &Tally) -> Figures {
    let days = tally.days();
    let life = tally.rules.values().filter(|r| r.life).map(|r| r.wrong).sum();
    let out = tally.sets.values().map(|of| of.false_out).sum();
    let equipment = tally.rules.values().filter(|r| r.equipment).map(|r| r.wrong).sum();
    let rule = |(name, of): (&String, &OfRule)| {
        let seconds = |percent| of.took(percent).map(|Span(took)| took / 1000);
        let figures = RuleFigures {
            right: of.right,
            wrong: of.wrong,
            false_per_home_week: per_week(of.wrong, days),
            missed: of.missed,
            median_seconds: seconds(50),
            p90_seconds: seconds(90),
            counts: counts(of),
        };
        (name.clone(), figures)
    };
    let harms = tally.harms.iter().map(|(harm, of)| {
        let missed = of.in_sight - of.found;
        let (happened, in_sight, found, late) = (of.happened, of.in_sight, of.found, of.late);
        let (over, found_by) = (of.over, of.found_by.clone());
        (harm.name(), MishapFigures { happened, in_sight, found, late, over, missed, found_by })
    });
    let sets = tally.sets.iter().map(|(set, of)| {
        let false_life_per_home_week = per_week(of.false_life, of.days);
        let (homes, in_sight, missed) = (of.homes, of.in_sight, of.missed);
        (set.name(), SetFigures { homes, false_life_per_home_week, in_sight, missed })
    });
    Figures {
        seed: args.seed,
        from: args.from.to_string(),
        homes: tally.sets.values().map(|of| of.homes).sum(),
        days: args.days,
        home_weeks: number(days) / 7.0,
        in_sight: tally.sets.values().map(|of| of.in_sight).sum(),
        missed: tally.sets.values().map(|of| of.missed).sum(),
        false_life_per_home_week: per_week(life, days),
        false_life_while_out_per_home_week: per_week(out, days),
        false_equipment_per_home_week: per_week(equipment, days),
        forgotten: tally.forgotten,
        rules: tally.rules.iter().map(rule).collect(),
        mishaps: harms.collect(),
        sets: sets.collect(),
        about: CAVEAT,
    }
}

/// As people read them.
pub(super) fn print(args: &Args, tally: &Tally, book: &Book) {
    let figures = figures(args, tally);
    let sets = match args.sets {
        Sets::All => "all sets of sensors".to_owned(),
        Sets::One(set) => format!("the {set} set of sensors"),
    };
    let (homes, days, from) = (figures.homes, figures.days, &figures.from);
    line!("{homes} homes with {sets}, {days} days from {from}, seed {}", figures.seed);
    line!("{} inputs, mishaps on {} days in a hundred", tally.inputs, args.mishaps);
    by_rule(&figures, book);
    by_mishap(&figures);
    by_set(&figures);
    name_some(tally);
    let (equipment, life) =
        (figures.false_equipment_per_home_week, figures.false_life_per_home_week);
    line!("");
    line!("{} mishaps in sight, {} missed", figures.in_sight, figures.missed);
    let out = figures.false_life_while_out_per_home_week;
    line!("per home-week: {life:.4} false life alarms, {out:.4} of them while she was out");
    line!("per home-week: {equipment:.4} false alarms of equipment");
    line!("{} open at the end, {} ever without a deadline", tally.open, figures.forgotten);
    line!("{CAVEAT}");
}

fn by_rule(figures: &Figures, book: &Book) {
    let head = ["right", "false", "false/h-week", "missed", "median", "90 %"];
    let [right, wrong, rate, missed, median, late] = head;
    line!("");
    line!(
        "{:<22} {right:>6} {wrong:>6} {rate:>12} {missed:>6} {median:>9} {late:>9}  counts",
        "rule"
    );
    for (name, of) in &figures.rules {
        let took = |s: Option<i64>| s.map_or("-".to_owned(), |s| Span::seconds(s).to_string());
        let (median, late) = (took(of.median_seconds), took(of.p90_seconds));
        let (right, wrong, missed, rate) = (of.right, of.wrong, of.missed, of.false_per_home_week);
        line!(
            "{name:<22} {right:>6} {wrong:>6} {rate:>12.4} {missed:>6} {median:>9} {late:>9}  {}",
            of.counts
        );
    }
    let silent = book.rules.iter().filter(|r| !figures.rules.contains_key(r.name.as_str()));
    let silent: Vec<_> = silent.map(|r| r.name.as_str()).collect();
    if !silent.is_empty() {
        line!("never alarmed: {}", silent.join(", "));
    }
}

fn by_mishap(figures: &Figures) {
    let head = ["happened", "over", "in sight", "found", "late", "missed"];
    let [happened, over, sight, found, late, missed] = head;
    line!("");
    line!(
        "{:<18} {happened:>8} {over:>5} {sight:>8} {found:>6} {late:>6} {missed:>6}  first found by",
        "mishap"
    );
    for (name, of) in &figures.mishaps {
        let mut by: Vec<_> = of.found_by.iter().collect();
        by.sort_by_key(|(rule, n)| (std::cmp::Reverse(**n), (*rule).clone()));
        let by: Vec<_> = by.into_iter().map(|(rule, n)| format!("{rule} {n}")).collect();
        let (happened, sight, found) = (of.happened, of.in_sight, of.found);
        let (late, missed, over, by) = (of.late, of.missed, of.over, by.join(", "));
        line!(
            "{name:<18} {happened:>8} {over:>5} {sight:>8} {found:>6} {late:>6} {missed:>6}  {by}"
        );
    }
}

fn by_set(figures: &Figures) {
    let [homes, sight, missed, rate] = ["homes", "in sight", "missed", "false life/h-week"];
    line!("");
    line!("{:<18} {homes:>8} {sight:>8} {missed:>6} {rate:>18}", "sensors");
    for (name, of) in &figures.sets {
        let (homes, sight, missed) = (of.homes, of.in_sight, of.missed);
        let rate = of.false_life_per_home_week;
        line!("{name:<18} {homes:>8} {sight:>8} {missed:>6} {rate:>18.4}");
    }
}

/// Some of what went wrong, to be looked at with `--home N --story`.
fn name_some(tally: &Tally) {
    if !tally.missed.is_empty() || !tally.wolves.is_empty() {
        line!("");
    }
    for (nth, harm, at) in tally.missed.iter().take(NAMED) {
        line!("missed: {harm} in home {nth} at {at}");
    }
    for (nth, rule, at) in tally.wolves.iter().take(NAMED) {
        line!("false: {rule} in home {nth} at {at}");
    }
}

/// What its false alarms count as.
const fn counts(of: &OfRule) -> &'static str {
    match (of.equipment, of.life) {
        (true, _) => "equipment",
        (false, true) => "life",
        (false, false) => "notice",
    }
}

fn per_week(n: u64, days: u64) -> f64 {
    if days == 0 { 0.0 } else { number(n) * 7.0 / number(days) }
}

fn number(n: u64) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}
