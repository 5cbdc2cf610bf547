//! Rows as JSON: a list of objects, each with the register's own keys.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::form::Sheet;
use crate::registrar::{Part, Way};

use super::{Cell, Column, Holds, Said, column};

/// The keys of an object and what stands behind them, as written.
struct Pairs<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row: an object `{ \"id\": … }`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

pub(super) fn write(columns: &[Column], rows: &[Vec<Option<Said>>]) -> String {
    let row = |row: &Vec<Option<Said>>| {
        let pairs = columns.iter().zip(row).filter_map(|(column, said)| {
            Some(format!("{}: {}", json!(column.key), written(column, said.as_ref()?)))
        });
        format!("  {{ {} }}", pairs.collect::<Vec<_>>().join(", "))
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    if rows.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", rows.join(",\n")) }
}

fn written(column: &Column, said: &Said) -> Value {
    match said {
        Said::Text(text) if column.holds == Holds::Flag => json!(text == "true"),
        Said::Text(text) => json!(text),
        Said::List(list) => json!(list),
        Said::Ways(ways) => json!(ways),
    }
}

/// Each row with where it begins.
pub(super) fn read(sheet: &Sheet<'_>, text: &str, of: Part) -> Vec<(usize, Vec<Cell>)> {
    let found = match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(found) => found,
        Err(error) => {
            complain(sheet, 0, text, &error);
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    for row in found {
        let at = offset(text, row);
        let Pairs(pairs) = match serde_json::from_str(row.get()) {
            Ok(pairs) => pairs,
            Err(error) => {
                complain(sheet, at, row.get(), &error);
                continue;
            }
        };
        let mut cells: Vec<Cell> = Vec::new();
        for (key, value) in pairs {
            let at = offset(text, value);
            let Some(column) = column(sheet, of, &key, at) else { continue };
            if cells.iter().any(|cell| cell.column == column) {
                sheet.wrong_at_byte(at, format!("`{key}` is there twice"));
            }
            // `null` says as little as an empty cell.
            match value.get() {
                "null" => {}
                value => cells.extend(cell(sheet, column, value, at)),
            }
        }
        rows.push((at, cells));
    }
    rows
}

fn cell(sheet: &Sheet<'_>, column: &'static Column, value: &str, at: usize) -> Option<Cell> {
    let said = match column.holds {
        Holds::Text => serde_json::from_str(value).map(Said::Text),
        Holds::Flag => serde_json::from_str::<bool>(value).map(|flag| Said::Text(flag.to_string())),
        Holds::List => serde_json::from_str(value).map(Said::List),
        Holds::Ways => serde_json::from_str::<Vec<Way>>(value).map(Said::Ways),
    };
    match said {
        Ok(said) => Some(Cell { column, said, raw: None, at }).filter(|cell| !cell.said.is_empty()),
        Err(error) => {
            let (begin, wanted) = match column.holds {
                Holds::Text => (0, "a text in quotes"),
                Holds::Flag => (0, "true or false"),
                Holds::List => (place(value, &error), "a list of texts, [\"…\"]"),
                Holds::Ways => {
                    (place(value, &error), "a list of ways, [{ \"channel\": …, \"to\": … }]")
                }
            };
            let message = format!("`{}` is {wanted}: {}", column.key, bare(&error));
            sheet.wrong_at_byte(at + begin, message);
            None
        }
    }
}

/// Says what is wrong in a part of the text that begins at `at`.
fn complain(sheet: &Sheet<'_>, at: usize, part: &str, error: &serde_json::Error) {
    let hint = if error.is_data() { "; a list of rows is wanted, [ { … }, … ]" } else { "" };
    sheet.wrong_at_byte(at + place(part, error), format!("{}{hint}", bare(error)));
}

/// Where in `text` a mistake is.
fn place(text: &str, error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let before: usize = lines.map(str::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len())
}

/// What is wrong, without a place that is not the file's.
fn bare(error: &serde_json::Error) -> String {
    let said = error.to_string();
    said.split(" at line ").next().unwrap_or(&said).to_owned()
}

/// Where in the text a part of it stands.
fn offset(text: &str, part: &RawValue) -> usize {
    part.get().as_ptr().addr().saturating_sub(text.as_ptr().addr())
}
