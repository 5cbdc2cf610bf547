//! Rows as CSV (RFC 4180), as spreadsheets read and write it. A reader of our own, because whoever
//! reads what is wrong wants the place of the cell, and because a quote that is never closed is a
//! mistake and not a very long cell.

use crate::form::Sheet;
use crate::registrar::{Part, Way};
use crate::report::record;

use super::{Cell, Column, Holds, Said, column};

/// Tells spreadsheets that it is UTF-8.
const BOM: &str = "\u{feff}";
/// Between the parts of one cell; twice, it is itself.
const BETWEEN: char = ';';

/// A cell as it stands there.
struct Field {
    text: String,
    at: usize,
}

pub(super) fn write(columns: &[Column], rows: &[Vec<Option<Said>>]) -> String {
    let mut out = format!("{BOM}{}", record(columns.iter().map(|column| column.key)));
    for row in rows {
        let cells: Vec<String> =
            row.iter().map(|said| said.as_ref().map(written).unwrap_or_default()).collect();
        out.push_str(&record(cells.iter().map(String::as_str)));
    }
    out
}

pub(super) fn written(said: &Said) -> String {
    let joined = |parts: Vec<String>| {
        let parts: Vec<String> = parts.iter().map(|part| part.replace(';', ";;")).collect();
        parts.join("; ")
    };
    match said {
        Said::Text(text) => text.clone(),
        Said::List(list) => joined(list.clone()),
        Said::Ways(ways) => joined(ways.iter().map(Way::to_string).collect()),
    }
}

/// Each row with where it begins. Of a heading with mistakes nothing is read.
pub(super) fn read(sheet: &Sheet<'_>, text: &str, of: Part) -> Vec<(usize, Vec<Cell>)> {
    let mut records = records(sheet, text).into_iter();
    let Some(heads) = records.next() else {
        sheet.wrong_at_byte(0, "there is no heading: the first line names the columns".to_owned());
        return Vec::new();
    };
    let mut columns: Vec<&'static Column> = Vec::new();
    for Field { text, at } in &heads {
        let Some(column) = column(sheet, of, text.trim(), *at) else { continue };
        if columns.contains(&column) {
            sheet.wrong_at_byte(*at, format!("column `{}` is there twice", column.key));
        }
        columns.push(column);
    }
    if !sheet.problems().is_empty() {
        return Vec::new();
    }
    let mut rows = Vec::new();
    for fields in records {
        let Some(at) = fields.first().map(|field| field.at) else { continue };
        if fields.len() != columns.len() {
            let (found, wanted) = (fields.len(), columns.len());
            let message = format!("{found} cells, and the heading has {wanted}");
            sheet.wrong_at_byte(at, message);
            continue;
        }
        let cells = columns.iter().zip(&fields).filter_map(|(column, field)| {
            let raw = unmarked(&field.text);
            let (said, raw) = (said(column, raw.trim()), Some(raw.to_owned()));
            Some(Cell { column, said, raw, at: field.at }).filter(|cell| !cell.said.is_empty())
        });
        let cells: Vec<Cell> = cells.collect();
        // A spreadsheet writes the empty lines below a table too.
        if !cells.is_empty() {
            rows.push((at, cells));
        }
    }
    rows
}

fn said(column: &Column, text: &str) -> Said {
    match column.holds {
        Holds::Text | Holds::Flag => Said::Text(text.to_owned()),
        Holds::List => Said::List(parts(text)),
        Holds::Ways => Said::Ways(parts(text).iter().map(|part| Way::of(part)).collect()),
    }
}

/// `a; b`, where `;;` is a semicolon.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == BETWEEN && chars.next_if_eq(&BETWEEN).is_none() {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let parts = parts.iter().map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

/// Without the mark that [`record`] puts before what a spreadsheet would take for a formula.
pub(super) fn unmarked(text: &str) -> &str {
    let bare = text.strip_prefix('\'');
    bare.filter(|bare| bare.starts_with(['=', '+', '-', '@', '\t', '\r'])).unwrap_or(text)
}

/// What stands between the cells: what the heading has most of.
fn separator(text: &str) -> char {
    let heading = text.split(['\r', '\n']).next().unwrap_or_default();
    let count = |c: char| heading.matches(c).count();
    // Of as many the first: a heading of one column has none.
    [';', '\t', ','].into_iter().max_by_key(|c| count(*c)).unwrap_or(',')
}

/// The records that are not empty lines.
fn records(sheet: &Sheet<'_>, text: &str) -> Vec<Vec<Field>> {
    let separator = separator(text);
    let (mut records, mut fields) = (Vec::new(), Vec::new());
    let mut rest = text;
    while !rest.is_empty() {
        let at = text.len() - rest.len();
        let (field, behind) = match rest.strip_prefix('"') {
            None => {
                let end = rest.find([separator, '\r', '\n']).unwrap_or(rest.len());
                let (field, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (field.to_owned(), behind)
            }
            Some(quoted) => {
                let Some((field, behind)) = unquoted(quoted) else {
                    sheet.wrong_at_byte(at, "this quote is never closed".to_owned());
                    return records;
                };
                let end = behind.find([separator, '\r', '\n']).unwrap_or(behind.len());
                let (beyond, after) = behind.split_at_checked(end).unwrap_or((behind, ""));
                if !beyond.trim().is_empty() {
                    let at = text.len() - behind.len();
                    let message =
                        "behind a closing quote the cell ends: a quote within one is written twice";
                    sheet.wrong_at_byte(at, message.to_owned());
                }
                (field, after)
            }
        };
        fields.push(Field { text: field, at });
        if let Some(next) = behind.strip_prefix(separator) {
            rest = next;
            if next.is_empty() {
                fields.push(Field { text: String::new(), at: text.len() });
            }
            if !next.is_empty() {
                continue;
            }
        } else {
            let end = behind.strip_prefix("\r\n").or(behind.strip_prefix(['\r', '\n']));
            rest = end.unwrap_or_default();
        }
        end_record(&mut records, &mut fields);
    }
    records
}

fn end_record(records: &mut Vec<Vec<Field>>, fields: &mut Vec<Field>) {
    let fields = std::mem::take(fields);
    let is_blank = fields.len() == 1 && fields.iter().all(|field| field.text.trim().is_empty());
    if !is_blank {
        records.push(fields);
    }
}

/// A quoted cell without its opening quote, and what is behind its closing one.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let (mut field, mut rest) = (String::new(), quoted);
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Some((field, after)),
        }
    }
}
