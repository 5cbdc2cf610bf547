//! People and homes of the register as rows: what they say, and rows merged into it.

use std::collections::BTreeMap;

use toml_edit::{Array, ArrayOfTables, Item, Table, TableLike, Value};

use crate::config::rows::{Column, Holds, Row, Said, columns};
use crate::registrar::{Part, Refused};

use super::people::{put_ways, tables_of, way_of};
use super::{Document, plain, push_inline, put};

impl Document {
    /// What each person or home says in each column; `None`: nothing.
    pub(in crate::config) fn rows(&mut self, of: Part) -> Vec<Vec<Option<Said>>> {
        let tables = self.0.get_mut(of.key()).map(tables_of).unwrap_or_default();
        let row = |table: &mut dyn TableLike| {
            columns(of).iter().map(|column| said(table, column)).collect()
        };
        tables.into_iter().map(row).collect()
    }

    /// Rows of ids that are there change what they say otherwise, and no more; other rows come behind
    /// what is there.
    pub(in crate::config) fn merge(&mut self, of: Part, rows: &[Row]) -> Result<(), Refused> {
        let none = Item::ArrayOfTables(ArrayOfTables::new());
        let list = self.0.entry(of.key()).or_insert(none);
        let mut tables = tables_of(list);
        let id = |table: &dyn TableLike| table.get("id").and_then(Item::as_str).map(str::to_owned);
        let known: BTreeMap<String, usize> =
            tables.iter().enumerate().filter_map(|(n, t)| Some((id(&**t)?, n))).collect();
        let mut new = Vec::new();
        for row in rows {
            match known.get(&row.id).and_then(|n| tables.get_mut(*n)) {
                Some(table) => fill(&mut **table, row),
                None => {
                    let mut table = Table::new();
                    put(&mut table, "id", row.id.as_str().into());
                    fill(&mut table, row);
                    new.push(table);
                }
            }
        }
        for mut table in new {
            match list {
                Item::ArrayOfTables(list) => {
                    table.decor_mut().set_prefix("\n");
                    list.push(table);
                }
                Item::Value(Value::Array(list)) => push_inline(list, table.into_inline_table()),
                Item::None | Item::Value(_) | Item::Table(_) => {
                    let why = format!("`{}` is not a list of tables", of.key());
                    return Err(Refused::Conflict(why.into()));
                }
            }
        }
        Ok(())
    }
}

fn fill(table: &mut dyn TableLike, row: &Row) {
    for cell in &row.cells {
        let key = cell.column.key;
        if said(table, cell.column).is_some_and(|now| cell.is_as(&now)) {
            continue;
        }
        let new: Value = match &cell.said {
            Said::Text(text) => match (cell.column.holds, text.parse::<bool>()) {
                (Holds::Flag, Ok(flag)) => flag.into(),
                _ => text.as_str().into(),
            },
            Said::List(list) => list.iter().map(String::as_str).collect::<Array>().into(),
            Said::Ways(ways) => {
                put_ways(table, key, ways);
                continue;
            }
        };
        put(table, key, new);
    }
}

/// What a table says in a column.
fn said(table: &mut dyn TableLike, column: &Column) -> Option<Said> {
    let item = table.get_mut(column.key)?;
    match column.holds {
        Holds::Text | Holds::Flag => Some(Said::Text(plain(item.as_value()?))),
        Holds::List => Some(Said::List(item.as_array()?.iter().map(plain).collect())),
        Holds::Ways => Some(Said::Ways(tables_of(item).into_iter().map(|t| way_of(t)).collect())),
    }
}
