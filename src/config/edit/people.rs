//! Edits of what the register says of people: rota, contacts, consents.

use jiff::civil::Date;
use toml_edit::{Array, ArrayOfTables, InlineTable, Item, Table, TableLike, Value};

use crate::config::people::Instant;
use crate::domain::{Duty, PersonId, Role, both};
use crate::registrar::{Edit, Refused, Way};

use super::{Document, find, plain, push_inline, put, put_if};

/// Begins the line above a table that says who changed it.
const CHANGED: &str = "# changed by";

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
            Edit::Back { who, at, by, on } => {
                let says = self.says(by, Some(*on))?;
                self.end_leave(who, at, &says)
            }
            Edit::Verified { .. } => self.verify(edit),
            Edit::Consent { home, scope, purpose, by, on } => {
                let mut new = Table::new();
                put(&mut new, "scope", scope.name().into());
                put(&mut new, "purpose", purpose.into());
                put(&mut new, "by", by.into());
                put(&mut new, "on", on.to_string().into());
                add(self.home(home.as_str())?, "consent", new)
            }
            Edit::Withdraw { home, scope, on, by } => {
                let says = by.as_ref().map(|by| self.says(by, Some(*on))).transpose()?;
                let consents = self.home(home.as_str())?.get_mut("consent");
                let of_it = |t: &dyn TableLike| says_text(t, "scope") == Some(scope.name());
                let given = consents.map_or(0, |consents| {
                    change(consents, of_it, says.as_deref(), |consent| {
                        // Withdrawn twice is withdrawn.
                        if consent.get("withdrawn").is_none() {
                            put(consent, "withdrawn", on.to_string().into());
                        }
                    })
                });
                let zh = scope.zh();
                let none = || {
                    both!(
                        "住户 {home} 没有登记对“{zh}”的同意",
                        "home `{home}` has given no consent to {scope}"
                    )
                };
                (0 < given).then_some(()).ok_or_else(|| Refused::Unknown(none()))
            }
            Edit::Tune { .. } => self.tune(edit),
            Edit::Release { .. } | Edit::Depart { .. } => self.go(edit),
            Edit::Remove { home } => self.remove(home.as_str()),
            Edit::Adopt { .. }
            | Edit::Place { .. }
            | Edit::Replace { .. }
            | Edit::Retire { .. }
            | Edit::Credentials { .. } => Ok(()),
        }
    }

    /// A home goes, with its family where they come to nobody else, and what is said of when they come.
    fn remove(&mut self, home: &str) -> Result<(), Refused> {
        let names = |home: &dyn TableLike| -> Vec<String> {
            let people = home.get("responders").and_then(Item::as_array);
            people.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let theirs = names(self.home(home)?);
        self.take_out("home", |table| super::is_named(table, home));
        let homes = self.0.get_mut("home").map(tables_of).unwrap_or_default();
        let elsewhere: Vec<String> = homes.iter().flat_map(|home| names(&**home)).collect();
        for who in theirs.iter().filter(|who| !elsewhere.contains(who)) {
            let role = self.person(who)?.get("role").and_then(Item::as_str);
            if role != Some(Role::Family.name()) {
                continue;
            }
            let is = |table: &dyn TableLike, key| {
                table.get(key).and_then(Item::as_str) == Some(who.as_str())
            };
            self.take_out("responder", |table| is(table, "id"));
            self.take_out("leave", |table| is(table, "who"));
            self.take_out("shift", |table| is(table, "who") || is(table, "instead_of"));
        }
        Ok(())
    }

    pub(super) fn take_out(&mut self, key: &str, which: impl Fn(&dyn TableLike) -> bool) {
        let list = self.0.get_mut(key);
        let gone = list.map(|list| super::take_out(list, which)).unwrap_or_default();
        gone.iter().for_each(|gone| self.leave_behind(gone));
    }

    fn responder(&mut self, edit: &Edit) -> Result<(), Refused> {
        let Edit::Responder { who, name, role, language, duty, contacts, homes, by, on } = edit
        else {
            return Ok(());
        };
        if self.person(who.as_str()).is_err() {
            self.is_nobodys(who)?;
            let mut new = Table::new();
            put(&mut new, "id", who.as_str().into());
            self.append("responder", new)?;
        }
        let says = by.as_ref().map(|by| self.says(by, *on)).transpose()?;
        let set = |person: &mut dyn TableLike| {
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
        };
        self.change("responder", |t| super::is_named(t, who.as_str()), says.as_deref(), set);
        for home in homes {
            let home = self.home(home.as_str())?;
            let people = home.entry("responders").or_insert(Item::Value(Array::new().into()));
            let Some(people) = people.as_array_mut() else {
                return Err(Refused::Conflict("`responders` is not a list".into()));
            };
            if !people.iter().any(|p| p.as_str() == Some(who.as_str())) {
                people.push(who.as_str());
            }
        }
        Ok(())
    }

    fn verify(&mut self, edit: &Edit) -> Result<(), Refused> {
        let Edit::Verified { who, channel, on, by, .. } = edit else { return Ok(()) };
        let says = by.as_ref().map(|by| self.says(by, Some(*on))).transpose()?;
        let mut is_known = false;
        let set = |person: &mut dyn TableLike| {
            let contacts = person.get_mut("contacts");
            for contact in contacts.map(tables_of).unwrap_or_default() {
                if says_text(contact, "channel") == Some(channel.as_str()) {
                    put(contact, "verified", on.to_string().into());
                    is_known = true;
                }
            }
        };
        self.person(who.as_str())?;
        self.change("responder", |t| super::is_named(t, who.as_str()), says.as_deref(), set);
        let none = || {
            both!(
                "{who} 没有登记 {channel} 这一联系方式",
                "responder `{who}` has no contact by `{channel}`"
            )
        };
        is_known.then_some(()).ok_or_else(|| Refused::Unknown(none()))
    }

    /// Ends what leave of theirs runs.
    fn end_leave(&mut self, who: &PersonId, at: &str, says: &str) -> Result<(), Refused> {
        let now: Instant = at.parse().map_err(Refused::Conflict)?;
        let runs = |table: &dyn TableLike| {
            let of = |key| table.get(key)?.as_value().map(plain)?.parse::<Instant>().ok();
            let of_them = says_text(table, "who") == Some(who.as_str());
            of_them && of("from").zip(of("to")).is_some_and(|(from, to)| now.may_end(&from, &to))
        };
        let set = |leave: &mut dyn TableLike| put(leave, "to", at.into());
        if 0 < self.change("leave", runs, Some(says), set) {
            return Ok(());
        }
        self.person(who.as_str())?;
        Err(Refused::Conflict(both!(
            "{who} 在 {at} 没有请假，无需返岗",
            "no leave of `{who}` runs at {at}: nothing ends"
        )))
    }

    /// Who changed a table, and when, as it stands above it.
    pub(super) fn says(&mut self, by: &PersonId, on: Option<Date>) -> Result<String, Refused> {
        self.person(by.as_str())?;
        let on = on.map_or(String::new(), |on| format!(" on {on}"));
        Ok(format!("{CHANGED} {by}{on}\n"))
    }

    /// Changes tables of a list. Gives how many there are.
    pub(super) fn change(
        &mut self,
        key: &str,
        is_it: impl Fn(&dyn TableLike) -> bool,
        says: Option<&str>,
        set: impl FnMut(&mut dyn TableLike),
    ) -> usize {
        self.0.get_mut(key).map_or(0, |list| change(list, is_it, says, set))
    }

    pub(super) fn person(&mut self, id: &str) -> Result<&mut dyn TableLike, Refused> {
        let people = self.0.get_mut("responder");
        let found = people.and_then(|people| find(people, id));
        let none = || both!("没有编号为 {id} 的人", "there is no responder `{id}`");
        found.ok_or_else(|| Refused::Unknown(none()))
    }

    /// Puts a table behind the others of its kind; the same one twice is there once: an answer that was
    /// lost on the way is asked for again.
    pub(super) fn append(&mut self, key: &'static str, new: Table) -> Result<(), Refused> {
        add(self.0.as_table_mut(), key, new)
    }
}

pub(super) fn add(
    to: &mut dyn TableLike,
    key: &'static str,
    mut new: Table,
) -> Result<(), Refused> {
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
            return Err(Refused::Conflict(format!("`{key}` is not a list of tables").into()));
        }
    }
    Ok(())
}

/// Changes the tables of a list that are meant, and has stand above each that is another then who says so.
fn change(
    list: &mut Item,
    is_it: impl Fn(&dyn TableLike) -> bool,
    says: Option<&str>,
    mut set: impl FnMut(&mut dyn TableLike),
) -> usize {
    let mut found = 0;
    match list {
        Item::ArrayOfTables(tables) => {
            for table in tables.iter_mut().filter(|table| is_it(*table)) {
                let was = table.to_string();
                set(table);
                if let Some(says) = says.filter(|_| table.to_string() != was) {
                    sign(table, says);
                }
                found += 1;
            }
        }
        // In one line there is no place for a comment.
        Item::Value(Value::Array(tables)) => {
            let tables = tables.iter_mut().filter_map(Value::as_inline_table_mut);
            for table in tables.filter(|table| is_it(*table)) {
                set(table);
                found += 1;
            }
        }
        Item::None | Item::Value(_) | Item::Table(_) => {}
    }
    found
}

/// In the place of whoever changed it before.
fn sign(table: &mut Table, says: &str) {
    let above = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    let others = above.split_inclusive('\n').filter(|line| !line.starts_with(CHANGED));
    let above: String = others.chain([says]).collect();
    table.decor_mut().set_prefix(above);
}

fn says_text<'t>(table: &'t dyn TableLike, key: &str) -> Option<&'t str> {
    table.get(key).and_then(Item::as_str)
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
