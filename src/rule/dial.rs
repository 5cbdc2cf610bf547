//! What of a rule or plan people adjust: its numbers, times and limits, each known by the key it stands under
//! (`detect.threshold.above`). They are turned in the text itself, so that comments, order and layout stay; whether
//! the text is right then, whoever reads it says.

use std::collections::BTreeMap;

use toml::{Table, Value};
use toml_edit::{DocumentMut, Item, TableLike};

use crate::domain::{Name, Span};
use crate::form::with_ends_of_lines_of;

/// Texts that are adjusted although they are neither number nor time.
const TEXTS: [&str; 5] = ["between", "night", "at", "own", "when"];

/// What is asked for by key, as people write it. Empty: the key is to go.
pub type Wanted = BTreeMap<String, String>;

/// One thing that people adjust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dial {
    /// Where it stands, `detect.threshold.above`.
    pub key: String,
    /// As people write it; empty, where it is left out.
    pub value: String,
    /// What it is.
    pub of: Of,
}

/// What somebody adjusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// `92`
    Number,
    /// `10m`
    Span,
    /// `5m, 15m`
    Spans,
    /// `22:00-06:00`, or an expression.
    Text,
    /// The name of a plan.
    Plan,
}

/// The dials of a rule, as it is written.
pub fn dials(rule: &Table) -> Vec<Dial> {
    let part = |key: &str| rule.get(key).and_then(Value::as_table);
    let mut all = Vec::new();
    if let Some(detect) = part("detect") {
        let kinds = detect.iter().filter_map(|(key, value)| Some((key, value.as_table()?)));
        for (kind, judge) in kinds {
            let own = judge.iter().filter_map(|(key, value)| dial(&["detect", kind, key], value));
            all.extend(own);
        }
        // An emergency is believed at once.
        if !["emergency", "reported"].iter().any(|kind| detect.contains_key(*kind)) {
            all.extend(["for", "recover"].map(|key| span("detect", key, detect)));
        }
    }
    if let Some(warn) = part("warn") {
        all.extend(["after", "again_after"].map(|key| span("warn", key, warn)));
    }
    if let Some(alarm) = part("alarm") {
        all.push(span("alarm", "after", alarm));
        if alarm.contains_key("raise_after") {
            all.push(span("alarm", "raise_after", alarm));
        }
        all.push(Dial { of: Of::Plan, ..span("alarm", "plan", alarm) });
    }
    if let Some(close) = part("close") {
        all.extend(["again_after", "reopen_within"].map(|key| span("close", key, close)));
    }
    all
}

fn dial(path: &[&str], value: &Value) -> Option<Dial> {
    let of = match value {
        Value::Integer(_) | Value::Float(_) => Of::Number,
        Value::String(text) if text.parse::<Span>().is_ok() => Of::Span,
        Value::String(_) if path.last().is_some_and(|key| TEXTS.contains(key)) => Of::Text,
        Value::Array(items) if !items.is_empty() && items.iter().all(is_span) => Of::Spans,
        Value::String(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Array(_)
        | Value::Table(_) => return None,
    };
    Some(Dial { key: path.join("."), value: written(value), of })
}

fn span(part: &str, key: &str, table: &Table) -> Dial {
    let value = table.get(key).map(written).unwrap_or_default();
    Dial { key: format!("{part}.{key}"), value, of: Of::Span }
}

fn is_span(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<Span>().is_ok())
}

/// A value as people write it in a field: a text without its quotes, a list with commas.
pub fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(", "),
        Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Table(_) => value.to_string(),
    }
}

/// And back. What is no number stays a text: whoever reads it says what was meant.
fn value(of: Of, text: &str) -> Value {
    let text = text.trim();
    match of {
        Of::Number => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(whole), _) => Value::Integer(whole),
            (Err(_), Ok(number)) if number.is_finite() => Value::Float(number),
            (Err(_), Ok(_) | Err(_)) => Value::String(text.to_owned()),
        },
        Of::Spans => {
            let parts =
                text.split([',', '，', '、']).map(str::trim).filter(|part| !part.is_empty());
            Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
        }
        Of::Span | Of::Text | Of::Plan => Value::String(text.to_owned()),
    }
}

/// Those dials that are wanted otherwise, with the value that each is to have; none: it goes.
fn turned<'d>(
    dials: &'d [Dial],
    wanted: &'d Wanted,
) -> impl Iterator<Item = (&'d Dial, Option<Value>)> {
    dials.iter().filter_map(|dial| {
        let text = wanted.get(&dial.key)?.trim();
        let new = value(dial.of, text);
        (written(&new) != dial.value).then(|| (dial, (!text.is_empty()).then_some(new)))
    })
}

/// The text with other values in the `[[list]]` of this name; all else stays as it is written.
///
/// # Errors
/// The text has no such table; or is no TOML.
pub fn adjusted(
    text: &str,
    (list, name): (&str, &Name),
    dials: &[Dial],
    wanted: &Wanted,
) -> Result<String, String> {
    let mut document: DocumentMut =
        text.parse().map_err(|e: toml_edit::TomlError| e.to_string())?;
    let none = || format!("there is no [[{list}]] `{name}`");
    let table = document.get_mut(list).and_then(|list| named(list, name)).ok_or_else(none)?;
    for (Dial { key, .. }, new) in turned(dials, wanted) {
        let (path, last) = key.rsplit_once('.').unwrap_or(("", key));
        let path: Vec<&str> = path.split('.').filter(|part| !part.is_empty()).collect();
        let place = descend(table, &path).ok_or_else(|| format!("`{name}` has no `{key}`"))?;
        match new {
            None => drop(place.remove(last)),
            Some(new) => put(place, last, edited(&new)),
        }
    }
    Ok(with_ends_of_lines_of(text, document.to_string()))
}

/// As it is written in the place of another; a comment behind it stays.
fn put(table: &mut dyn TableLike, key: &str, new: toml_edit::Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => drop(table.insert(key, toml_edit::value(new))),
    }
}

fn edited(value: &Value) -> toml_edit::Value {
    match value {
        Value::Integer(whole) => (*whole).into(),
        Value::Float(number) => (*number).into(),
        Value::Array(items) => items.iter().map(edited).collect::<toml_edit::Array>().into(),
        Value::String(_) | Value::Boolean(_) | Value::Datetime(_) | Value::Table(_) => {
            written(value).into()
        }
    }
}

fn named<'d>(list: &'d mut Item, name: &Name) -> Option<&'d mut dyn TableLike> {
    let is_it = |table: &&mut dyn TableLike| {
        table.get("name").and_then(Item::as_str) == Some(name.as_str())
    };
    tables(list).into_iter().find(is_it)
}

/// The tables of a list, written either way.
fn tables(list: &mut Item) -> Vec<&mut dyn TableLike> {
    match list {
        Item::ArrayOfTables(tables) => tables.iter_mut().map(like).collect(),
        Item::Value(toml_edit::Value::Array(tables)) => {
            let tables = tables.iter_mut().filter_map(toml_edit::Value::as_inline_table_mut);
            tables.map(like).collect()
        }
        Item::None | Item::Value(_) | Item::Table(_) => Vec::new(),
    }
}

fn like(table: &mut impl TableLike) -> &mut dyn TableLike {
    table
}

/// The table at `detect.threshold`, or `rungs.2`.
fn descend<'d>(table: &'d mut dyn TableLike, path: &[&str]) -> Option<&'d mut dyn TableLike> {
    match path {
        [] => Some(table),
        [list, nth, rest @ ..] if nth.parse::<usize>().is_ok() => {
            let all = tables(table.get_mut(list)?);
            descend(all.into_iter().nth(nth.parse().ok()?)?, rest)
        }
        [key, rest @ ..] => descend(table.get_mut(key)?.as_table_like_mut()?, rest),
    }
}

/// What is otherwise for one resident, as lines of TOML: what `standing` says and no dial does, and every dial
/// that is wanted other than the rule has it.
pub fn otherwise(rule: &Table, standing: &Table, wanted: &Wanted) -> String {
    let mut lines = BTreeMap::new();
    gather(&mut lines, "", standing);
    let all = dials(rule);
    lines.retain(|key, _| !all.iter().any(|dial| dial.key == *key));
    for (dial, new) in turned(&all, wanted) {
        // What everybody has cannot be left out for one: a time that goes is no time.
        let new = new.unwrap_or_else(|| Value::String("0s".to_owned()));
        lines.insert(dial.key.clone(), new);
    }
    lines.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
}

fn gather(lines: &mut BTreeMap<String, Value>, key: &str, table: &Table) {
    for (name, value) in table {
        let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
        match value {
            Value::Table(below) => gather(lines, &key, below),
            Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Array(_) => drop(lines.insert(key, value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = include_str!("../../config/rules.toml");

    fn rule(name: &str) -> (Name, Table) {
        let rules: Table = RULES.parse().unwrap();
        let all = rules["rule"].as_array().unwrap().iter().filter_map(Value::as_table);
        let found = all.clone().find(|table| table["name"].as_str() == Some(name)).unwrap();
        (name.parse().unwrap(), found.clone())
    }

    fn wanted(all: &[(&str, &str)]) -> Wanted {
        all.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn every_number_of_a_rule_has_a_dial_and_words_have_none() {
        let shown = |name| {
            let all = dials(&rule(name).1);
            all.iter().map(|d| format!("{} {}", d.key, d.value)).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(
            shown("heart-rate"),
            "detect.threshold.above 115; detect.threshold.below 45; detect.threshold.deadband 5; \
             detect.threshold.fresh 3m; detect.for 60s; detect.recover 60s; warn.after 60s; \
             warn.again_after 30m; alarm.after 2m; alarm.plan grid; close.again_after 30m; \
             close.reopen_within "
        );
        assert_eq!(
            shown("long-lie"),
            "detect.sequence.after 5m, 15m, 60m; detect.sequence.settles 60s; detect.for ; \
             detect.recover ; alarm.after ; alarm.raise_after 1m; alarm.plan urgent; \
             close.again_after 1h; close.reopen_within "
        );
        assert!(shown("no-activity-own").contains("detect.inactivity.own 0.25 a week"));
        assert!(shown("bathroom-stay").contains("detect.dwell.night 22:00-06:00"));
        assert!(!shown("fall").contains("detect"), "an emergency is believed at once");
    }

    #[test]
    fn only_what_is_turned_is_another_in_the_text() {
        for (name, turns, lines) in [
            (
                "oxygen",
                &[("detect.threshold.below", "90"), ("alarm.after", "2m")][..],
                &[
                    "threshold = { of = \"spo2\", below = 90, deadband = 2, fresh = \"3m\" }",
                    "after = \"2m\"",
                ][..],
            ),
            (
                "fever",
                &[("detect.threshold.above", "38"), ("detect.for", "")],
                &[
                    "threshold = { of = \"body_temperature\", above = 38, deadband = 0.3, fresh = \"12h\" }",
                ],
            ),
            (
                "long-lie",
                &[("detect.sequence.after", "5m，10m")],
                &[
                    "sequence = { first = \"fall true\", without = [\"motion true\", \"in_bed true\", \"open true\", \"open false\"], after = [\"5m\", \"10m\"], settles = \"60s\" }",
                ],
            ),
            ("leak", &[("alarm.after", "30s")], &["after = \"30s\""]),
            (
                "fever",
                &[("detect.threshold.above", "warm")],
                &[
                    "threshold = { of = \"body_temperature\", above = \"warm\", deadband = 0.3, fresh = \"12h\" }",
                ],
            ),
        ] {
            let (id, table) = rule(name);
            let text = adjusted(RULES, ("rule", &id), &dials(&table), &wanted(turns)).unwrap();
            let new: Vec<&str> = text.lines().filter(|l| !RULES.lines().any(|r| r == *l)).collect();
            let is_there = |line: &&str| new.contains(line) || RULES.contains(*line);
            assert!(lines.iter().all(is_there) && new.len() <= lines.len(), "{name}: {new:?}");
            assert!(text != RULES, "{name}");
        }
    }

    #[test]
    fn a_dial_that_stays_leaves_every_byte_and_a_file_from_elsewhere_its_ends_of_lines() {
        let foreign = RULES.replace('\n', "\r\n");
        for text in [RULES, &foreign] {
            for (name, turn, is_same) in [("oxygen", "92", true), ("oxygen", "91", false)] {
                let (id, table) = rule(name);
                let turn = wanted(&[("detect.threshold.below", turn)]);
                let new = adjusted(text, ("rule", &id), &dials(&table), &turn).unwrap();
                assert_eq!(new == text, is_same);
                assert_eq!(new.matches("\r\n").count(), text.matches("\r\n").count());
            }
        }
        let nobody = "nobody".parse().unwrap();
        assert!(adjusted(RULES, ("rule", &nobody), &[], &Wanted::new()).is_err());
    }

    #[test]
    fn for_one_resident_only_what_is_otherwise_is_written_and_what_no_dial_says_is_kept() {
        let (_, table) = rule("oxygen");
        let standing: Table =
            "detect.threshold.below = 88\nlevel = \"urgent\"\nalarm.after = \"9m\""
                .parse()
                .unwrap();
        let turn = wanted(&[("detect.threshold.below", "87"), ("alarm.after", "3m")]);
        assert_eq!(
            otherwise(&table, &standing, &turn),
            "detect.threshold.below = 87\nlevel = \"urgent\"\n"
        );
        assert_eq!(otherwise(&table, &Table::new(), &wanted(&[("warn.after", "60s")])), "");
    }
}
