//! What of a rule or plan people adjust: its numbers, times and limits, each known by the key it stands under
//! (`detect.threshold.above`). They are turned in the text itself, so that comments, order and layout stay; whether
//! the text is right then, whoever reads it says.

use std::collections::BTreeMap;

use toml::{Table, Value};
use toml_edit::{DocumentMut, Item, TableLike};

use crate::domain::{Name, Sentence, Span, both};
use crate::form::with_ends_of_lines_of;

use super::Off;

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
    /// `family, micro-grid`
    Words,
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

/// The dials of a plan, as it is written: its rungs, each by its place, and its limits.
pub fn plan_dials(plan: &Table) -> Vec<Dial> {
    let rungs = plan.get("rungs").and_then(Value::as_array);
    let rungs: Vec<&Table> = rungs.into_iter().flatten().filter_map(Value::as_table).collect();
    let mut all = Vec::new();
    for (n, rung) in rungs.iter().enumerate() {
        let own = |key: &str| span(&format!("rungs.{n}"), key, rung);
        all.extend([own("after"), Dial { of: Of::Words, ..own("tell") }]);
        if n + 1 == rungs.len() {
            all.push(own("repeat"));
        }
    }
    let limit = |(key, of): (&str, Of)| {
        let value = plan.get(key).map(written).unwrap_or_default();
        Dial { key: key.to_owned(), value, of }
    };
    let within =
        ["arrive_within", "resolve_within", "verify_within", "report_within", "close_within"];
    all.extend(within.map(|key| limit((key, Of::Span))));
    all.push(limit(("answers", Of::Number)));
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
        Of::Spans | Of::Words => {
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

/// What is written in a dial and is none of what it takes, by its key.
pub fn mistyped(dials: &[Dial], wanted: &Wanted) -> Vec<(String, Sentence)> {
    let wrong = |(dial, new): (&Dial, Option<Value>)| {
        let text = wanted.get(&dial.key)?.trim();
        let why = match (dial.of, new?) {
            (Of::Number, Value::String(_)) => {
                Some(both!("“{text}”不是数字", "`{text}` is not a number"))
            }
            (Of::Span, _) => text.parse::<Span>().err(),
            (Of::Spans, Value::Array(all)) => {
                all.iter().find_map(|one| one.as_str()?.parse::<Span>().err())
            }
            (Of::Number | Of::Spans | Of::Words | Of::Text | Of::Plan, _) => None,
        };
        why.map(|why| (dial.key.clone(), why))
    };
    turned(dials, wanted).filter_map(wrong).collect()
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
) -> Result<String, Sentence> {
    otherwise_in(text, (list, name), |table| {
        for (Dial { key, .. }, new) in turned(dials, wanted) {
            let (path, last) = key.rsplit_once('.').unwrap_or(("", key));
            let path: Vec<&str> = path.split('.').filter(|part| !part.is_empty()).collect();
            let place = descend(table, &path);
            let place = place.ok_or_else(|| Sentence::from(format!("`{name}` has no `{key}`")))?;
            match new {
                None => drop(place.remove(last)),
                Some(new) => put(place, last, edited(&new)),
            }
        }
        Ok(())
    })
}

/// The text with this rule off, or looked for again; all else stays as it is written.
///
/// # Errors
/// The text has no such rule; or is no TOML.
pub fn switched(text: &str, rule: &Name, off: Option<&Off>) -> Result<String, Sentence> {
    otherwise_in(text, ("rule", rule), |table| {
        table.remove("off");
        if let Some(Off { by, on, why }) = off {
            let mut off = toml_edit::InlineTable::new();
            let said = [("by", by.to_string()), ("on", on.to_string()), ("why", why.clone())];
            said.into_iter().for_each(|(key, text)| drop(off.insert(key, text.into())));
            table.insert("off", toml_edit::value(off));
        }
        Ok(())
    })
}

/// The text with the `[[list]]` of this name changed; all else stays as it is written.
fn otherwise_in(
    text: &str,
    (list, name): (&str, &Name),
    change: impl FnOnce(&mut dyn TableLike) -> Result<(), Sentence>,
) -> Result<String, Sentence> {
    let mut document: DocumentMut =
        text.parse().map_err(|e: toml_edit::TomlError| Sentence::from(e.to_string()))?;
    let none = || Sentence::from(format!("there is no [[{list}]] `{name}`"));
    change(document.get_mut(list).and_then(|list| named(list, name)).ok_or_else(none)?)?;
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
mod tests;
