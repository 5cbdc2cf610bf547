//! Edits of what the register says of people: rota, contacts, consents.

use toml_edit::{Array, ArrayOfTables, InlineTable, Item, Table, TableLike, Value};

use crate::domain::Duty;
use crate::registrar::{Edit, Refused, Way};

use super::{Document, find, push_inline, put, put_if};

impl Document {
    /// Does one deed about people.
    pub(super) fn apply_to_people(&mut self, edit: &Edit) -> Result<(), Refused> {
        match edit {
            Edit::Leave { who, from, to, why, by, on } => {
                let mut new = Table::new();
                put(&mut new, "who", who.as_str().into());
                put(&mut new, "from", from.into());
                put(&mut new, "to", to.into());
                put(&mut new, "why", why.into());
                put(&mut new, "by", by.as_str().into());
                put(&mut new, "on", on.to_string().into());
                self.append("leave", new)
            }
            Edit::Shift { who, from, to, instead_of, by, on } => {
                let mut new = Table::new();
                put(&mut new, "who", who.as_str().into());
                put(&mut new, "from", from.into());
                put(&mut new, "to", to.into());
                put_if(&mut new, "instead_of", instead_of.as_ref().map(|who| who.as_str()));
                put(&mut new, "by", by.as_str().into());
                put(&mut new, "on", on.to_string().into());
                self.append("shift", new)
            }
            Edit::Responder { .. } => self.responder(edit),
            Edit::Verified { who, channel, on } => {
                let contacts = self.person(who.as_str())?.get_mut("contacts");
                let mut all = contacts.map(tables_of).unwrap_or_default();
                all.retain(|t| t.get("channel").and_then(Item::as_str) == Some(channel.as_str()));
                if all.is_empty() {
                    let why = format!("responder `{who}` has no contact by `{channel}`");
                    return Err(Refused::Unknown(why));
                }
                for contact in all {
                    put(contact, "verified", on.to_string().into());
                }
                Ok(())
            }
            Edit::Consent { home, scope, purpose, by, on } => {
                let mut new = Table::new();
                put(&mut new, "scope", scope.name().into());
                put(&mut new, "purpose", purpose.into());
                put(&mut new, "by", by.into());
                put(&mut new, "on", on.to_string().into());
                add(self.home(home.as_str())?, "consent", new)
            }
            Edit::Withdraw { home, scope, on } => {
                let consents = self.home(home.as_str())?.get_mut("consent");
                let mut given = consents.map(tables_of).unwrap_or_default();
                given.retain(|t| t.get("scope").and_then(Item::as_str) == Some(scope.name()));
                if given.is_empty() {
                    let why = format!("home `{home}` has given no consent to {scope}");
                    return Err(Refused::Unknown(why));
                }
                given.retain(|t| t.get("withdrawn").is_none());
                // Withdrawn twice is withdrawn.
                for consent in given {
                    put(consent, "withdrawn", on.to_string().into());
                }
                Ok(())
            }
            Edit::Adopt { .. }
            | Edit::Place { .. }
            | Edit::Replace { .. }
            | Edit::Retire { .. }
            | Edit::Credentials { .. } => Ok(()),
        }
    }

    fn responder(&mut self, edit: &Edit) -> Result<(), Refused> {
        let Edit::Responder { who, name, role, language, duty, contacts, homes } = edit else {
            return Ok(());
        };
        if self.person(who.as_str()).is_err() {
            let mut new = Table::new();
            put(&mut new, "id", who.as_str().into());
            self.append("responder", new)?;
        }
        let person = self.person(who.as_str())?;
        put_if(person, "name", name.as_deref());
        put_if(person, "role", role.map(|role| role.name()));
        put_if(person, "language", language.map(|language| language.tag()));
        match duty.as_deref() {
            None => {}
            Some([]) => drop(person.remove("duty")),
            Some(lines) => {
                let lines: Array = lines.iter().map(Duty::to_string).collect();
                put(person, "duty", lines.into());
            }
        }
        if !contacts.is_empty() {
            put_ways(person, "contacts", contacts);
        }
        for home in homes {
            let home = self.home(home.as_str())?;
            let people = home.entry("responders").or_insert(Item::Value(Array::new().into()));
            let Some(people) = people.as_array_mut() else {
                return Err(Refused::Conflict("`responders` is not a list".to_owned()));
            };
            if !people.iter().any(|p| p.as_str() == Some(who.as_str())) {
                people.push(who.as_str());
            }
        }
        Ok(())
    }

    fn person(&mut self, id: &str) -> Result<&mut dyn TableLike, Refused> {
        let people = self.0.get_mut("responder");
        let found = people.and_then(|people| find(people, id));
        found.ok_or_else(|| Refused::Unknown(format!("there is no responder `{id}`")))
    }

    /// Puts a table behind the others of its kind; the same one twice is there once: an answer that was
    /// lost on the way is asked for again.
    fn append(&mut self, key: &'static str, new: Table) -> Result<(), Refused> {
        add(self.0.as_table_mut(), key, new)
    }
}

fn add(to: &mut dyn TableLike, key: &'static str, mut new: Table) -> Result<(), Refused> {
    let list = to.entry(key).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    if tables_of(list).iter().any(|known| super::is_same(&**known, &new)) {
        return Ok(());
    }
    match list {
        Item::ArrayOfTables(list) => {
            new.decor_mut().set_prefix("\n");
            list.push(new);
        }
        Item::Value(Value::Array(list)) => push_inline(list, new.into_inline_table()),
        Item::None | Item::Value(_) | Item::Table(_) => {
            return Err(Refused::Conflict(format!("`{key}` is not a list of tables")));
        }
    }
    Ok(())
}

/// The way that a table says.
pub(super) fn way_of(table: &dyn TableLike) -> Way {
    let text = |key| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
    Way { channel: text("channel"), to: text("to") }
}

/// The tables of a list, written either way.
pub(super) fn tables_of(list: &mut Item) -> Vec<&mut dyn TableLike> {
    match list {
        Item::ArrayOfTables(tables) => tables.iter_mut().map(super::table_like).collect(),
        Item::Value(Value::Array(tables)) => {
            let tables = tables.iter_mut().filter_map(Value::as_inline_table_mut);
            tables.map(super::table_like).collect()
        }
        Item::None | Item::Value(_) | Item::Table(_) => Vec::new(),
    }
}

/// Sets ways to reach somebody. One that was there stays as it was, with the day on which it was tried.
pub(super) fn put_ways(table: &mut dyn TableLike, key: &str, ways: &[Way]) {
    let old: Vec<InlineTable> = match table.get(key) {
        Some(Item::Value(Value::Array(list))) => {
            list.iter().filter_map(Value::as_inline_table).cloned().collect()
        }
        Some(Item::ArrayOfTables(list)) => {
            list.iter().map(|table| table.clone().into_inline_table()).collect()
        }
        Some(Item::None | Item::Value(_) | Item::Table(_)) | None => Vec::new(),
    };
    let mut list = Array::new();
    for way in ways {
        let gap = if list.is_empty() { "" } else { " " };
        list.push_formatted(same_or_new(&old, way).decorated(gap, ""));
    }
    put(table, key, list.into());
}

fn same_or_new(old: &[InlineTable], way: &Way) -> Value {
    let known = old.iter().find(|table| way_of(*table) == *way);
    let mut table = known.cloned().unwrap_or_default();
    if known.is_none() {
        table.insert("channel", way.channel.as_str().into());
        if !way.to.is_empty() {
            table.insert("to", way.to.as_str().into());
        }
    }
    Value::InlineTable(table)
}
