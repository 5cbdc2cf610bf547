//! What is wrong in the register because of a row is said at the row.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::form::{Problem, Sheet};
use crate::registrar::Part;

use super::{ID, Row};

/// A stretch of the register's text, and where what stands in it came from.
struct Origin {
    span: Range<usize>,
    at: usize,
}

/// Takes to `sheet`, the rows' own, what is wrong in the register's new `text` because of them. Gives
/// back what is not their doing.
pub(in crate::config) fn placed(
    problems: Vec<Problem>,
    register: &str,
    text: &str,
    (of, rows, sheet): (Part, &[Row], &Sheet<'_>),
) -> Vec<Problem> {
    let origins = origins(text, of, rows);
    let mut others = Vec::new();
    for problem in problems {
        let found = (problem.file == register)
            .then(|| byte_of(text, &problem))
            .and_then(|byte| origins.iter().find(|o| o.span.contains(&byte)));
        match found {
            Some(origin) => sheet.wrong_at_byte(origin.at, problem.message),
            None => others.push(problem),
        }
    }
    others
}

/// Keys before tables: where a table begins is where its heading is.
fn origins(text: &str, of: Part, rows: &[Row]) -> Vec<Origin> {
    let (document, _) = DeTable::parse_recoverable(text);
    let document = document.into_inner();
    let Some(DeValue::Array(tables)) = document.get(of.key()).map(|list| list.get_ref()) else {
        return Vec::new();
    };
    let by_id: std::collections::BTreeMap<&str, &Row> =
        rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let (mut origins, mut heads) = (Vec::new(), Vec::new());
    for table in tables {
        let DeValue::Table(keys) = table.get_ref() else { continue };
        let id = keys.get(ID).and_then(|id| id.get_ref().as_str());
        let Some(row) = id.and_then(|id| by_id.get(id)) else { continue };
        for (key, value) in keys {
            // What stood there before may not go with what the row says.
            let cell = row.cells.iter().find(|cell| cell.column.key == key.get_ref());
            let at = cell.map_or(row.at, |cell| cell.at);
            origins.extend([key.span(), value.span()].map(|span| Origin { span, at }));
        }
        heads.push(Origin { span: table.span(), at: row.at });
    }
    origins.extend(heads);
    origins
}

fn byte_of(text: &str, problem: &Problem) -> usize {
    let lines = text.split_inclusive('\n');
    let before: usize = lines.clone().take(problem.line - 1).map(str::len).sum();
    let line = lines.clone().nth(problem.line - 1).unwrap_or_default();
    before + line.chars().take(problem.column - 1).map(char::len_utf8).sum::<usize>()
}
