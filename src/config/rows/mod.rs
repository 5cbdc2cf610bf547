//! People or homes of the register as rows, for spreadsheets and programs. The columns are keys of
//! `register.toml`, so what is right and wrong in a row is what is right and wrong in the register.

mod csv;
mod json;
mod place;

use std::collections::BTreeMap;

use crate::form::{Problem, Sheet};
use crate::registrar::{Layout, Part, Refused, Rows, Way};

use super::edit::Document;

pub(super) use place::placed;

/// A key of the register that rows have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) key: &'static str,
    pub(super) holds: Holds,
}

/// What stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    /// `true` or `false`, as a text.
    Flag,
    List,
    Ways,
}

/// What a cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Text(String),
    List(Vec<String>),
    Ways(Vec<Way>),
}

/// A cell that says something, and where it begins in its file.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) column: &'static Column,
    pub(super) said: Said,
    /// Its text in a CSV file.
    raw: Option<String>,
    at: usize,
}

/// What a file says of one person or home, in the order of the columns; and where it begins.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) cells: Vec<Cell>,
    at: usize,
}

const ID: &str = "id";

const PEOPLE: &[Column] = &[
    Column::new(ID, Holds::Text),
    Column::new("name", Holds::Text),
    Column::new("role", Holds::Text),
    Column::new("language", Holds::Text),
    Column::new("duty", Holds::List),
    Column::new("contacts", Holds::Ways),
];

const HOMES: &[Column] = &[
    Column::new(ID, Holds::Text),
    Column::new("name", Holds::Text),
    Column::new("address", Holds::Text),
    Column::new("phone", Holds::Text),
    Column::new("position", Holds::Text),
    Column::new("zone", Holds::Text),
    Column::new("post", Holds::Flag),
    Column::new("grid", Holds::Text),
    Column::new("visits", Holds::Text),
    Column::new("responders", Holds::List),
    Column::new("ask", Holds::Ways),
];

impl Column {
    const fn new(key: &'static str, holds: Holds) -> Self {
        Self { key, holds }
    }
}

/// The columns of a list, in the order in which they are written.
pub(super) const fn columns(of: Part) -> &'static [Column] {
    match of {
        Part::People => PEOPLE,
        Part::Homes => HOMES,
    }
}

/// The rows of a register's text.
///
/// # Errors
/// The text is no register.
pub fn export_rows(text: &str, of: Part, layout: Layout) -> Result<String, Refused> {
    let rows = Document::read(text)?.rows(of);
    Ok(match layout {
        Layout::Csv => csv::write(columns(of), &rows),
        Layout::Json => json::write(columns(of), &rows),
    })
}

/// The text of a file; a mark of byte order in front of it is nobody's.
///
/// # Errors
/// It is not UTF-8, and where.
pub fn text_of_rows(rows: &Rows) -> Result<&str, Problem> {
    let bytes = rows.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&rows.bytes);
    let wrong = |before: &str, message: &str| {
        let sheet = Sheet::new(&rows.file, before);
        sheet.wrong_at_byte(before.len(), message.to_owned());
        sheet.problems().into_iter().next()
    };
    let found = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => wrong("", UTF_16),
        bytes => match std::str::from_utf8(bytes) {
            Ok(text) => return Ok(text),
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                wrong(std::str::from_utf8(before).unwrap_or_default(), GBK)
            }
        },
    };
    let file = rows.file.clone();
    Err(found.unwrap_or(Problem { file, line: 1, column: 1, message: GBK.into() }))
}

const GBK: &str = "this is not UTF-8; Chinese spreadsheets write GBK as `CSV`: save it as `CSV UTF-8 (comma delimited)`, CSV UTF-8（逗号分隔）, and import that";
const UTF_16: &str = "this is UTF-16, as spreadsheets write `Unicode text`: save it as `CSV UTF-8 (comma delimited)`, CSV UTF-8（逗号分隔）, and import that";

/// Reads the rows; what is wrong goes to `sheet`, and what can be read is read.
pub(super) fn read(sheet: &Sheet<'_>, text: &str, of: Part, layout: Layout) -> Vec<Row> {
    let found = match layout {
        Layout::Csv => csv::read(sheet, text, of),
        Layout::Json => json::read(sheet, text, of),
    };
    let (mut rows, mut known) = (Vec::<Row>::new(), BTreeMap::<String, usize>::new());
    for (at, mut cells) in found {
        let is_id = |cell: &Cell| cell.column.key == ID;
        let id = cells.iter().position(is_id).map(|id| cells.remove(id));
        let Some(Cell { said: Said::Text(id), at: id_at, .. }) = id else {
            sheet.wrong_at_byte(at, "`id` is missing: it says whom the row is about".to_owned());
            continue;
        };
        if let Some(first) = known.insert(id.clone(), at) {
            let line = text.get(..first).unwrap_or_default().matches('\n').count() + 1;
            sheet.wrong_at_byte(id_at, format!("`{id}` is there twice, first in line {line}"));
            continue;
        }
        let order = |cell: &Cell| columns(of).iter().position(|c| c == cell.column);
        cells.sort_by_key(order);
        rows.push(Row { id, cells, at });
    }
    rows
}

/// The column of this name.
fn column(sheet: &Sheet<'_>, of: Part, name: &str, at: usize) -> Option<&'static Column> {
    let found = columns(of).iter().find(|column| column.key == name);
    if found.is_none() {
        let all: Vec<&str> = columns(of).iter().map(|column| column.key).collect();
        let message = format!("there is no column `{name}`; {of} have {}", all.join(", "));
        sheet.wrong_at_byte(at, message);
    }
    found
}

impl Cell {
    /// Whether it says what is there `now`: a cell that is as it was exported, or is but for spaces at an
    /// edge.
    pub(super) fn is_as(&self, now: &Said) -> bool {
        let is_exported = |raw: &String| csv::unmarked(&csv::written(now)) == raw;
        self.raw.as_ref().is_some_and(is_exported) || self.said.plain() == now.plain()
    }
}

impl Said {
    fn plain(&self) -> Vec<String> {
        let lines: Vec<String> = match self {
            Self::Text(text) => vec![text.clone()],
            Self::List(list) => list.clone(),
            Self::Ways(ways) => {
                ways.iter().map(|way| Way::of(&way.to_string()).to_string()).collect()
            }
        };
        let lines = lines.iter().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    }

    /// Whether nothing is said.
    fn is_empty(&self) -> bool {
        self.plain().is_empty()
    }
}
