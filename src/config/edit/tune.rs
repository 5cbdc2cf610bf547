//! `[[home.change]]`: a rule that is otherwise for one resident.

use toml_edit::{DocumentMut, Item, Table, TableLike};

use crate::registrar::{Edit, Refused};

use super::people::add;
use super::{Document, put, take_out};

impl Document {
    /// A home has one change of each rule; the new one takes the place of the old.
    pub(super) fn tune(&mut self, edit: &Edit) -> Result<(), Refused> {
        let Edit::Tune { home, rule, set, off, .. } = edit else { return Ok(()) };
        let is_it =
            |table: &dyn TableLike| table.get("rule").and_then(Item::as_str) == Some(rule.as_str());
        let is_gone = set.trim().is_empty() && !off;
        let home = self.home(home.as_str())?;
        if let Some(Item::ArrayOfTables(list)) = home.get_mut("change")
            && let Some(table) = list.iter_mut().find(|table| !is_gone && is_it(*table))
        {
            // What is written above it stays.
            table.clear();
            return fill(table, edit);
        }
        if let Some(list) = home.get_mut("change") {
            drop(take_out(list, is_it));
        }
        if is_gone {
            return Ok(());
        }
        let mut new = Table::new();
        fill(&mut new, edit)?;
        add(home, "change", new)
    }
}

fn fill(table: &mut Table, edit: &Edit) -> Result<(), Refused> {
    let Edit::Tune { rule, set, off, by, on, why, .. } = edit else { return Ok(()) };
    put(table, "rule", rule.as_str().into());
    if *off {
        put(table, "off", true.into());
    } else {
        let wrong =
            |e: toml_edit::TomlError| Refused::Conflict(format!("`set`: {}", e.message()).into());
        let set: DocumentMut = set.parse().map_err(wrong)?;
        for (key, item) in set.iter() {
            table.insert(key, item.clone());
        }
    }
    put(table, "by", by.as_str().into());
    put(table, "on", on.to_string().into());
    put(table, "why", why.into());
    Ok(())
}
