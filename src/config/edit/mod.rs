//! Edits of `register.toml` as a document: comments, order and layout of all else stay as they are.

mod going;
mod people;
mod rows;
mod texts;
mod tune;

use toml_edit::{
    Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value,
};

use crate::domain::both;
use crate::registrar::{Address, Edit, Refused};

pub(super) use texts::reword;

/// The keys that bind a device, and what logs it in.
const BOUND: [&str; 5] = ["mqtt", "base", "serial", "unit", DIGEST];
const DIGEST: &str = "password_digest";

/// A register that is being edited.
#[derive(Debug)]
pub(super) struct Document(DocumentMut);

impl Document {
    /// A text that is right, or was when it was read.
    pub(super) fn read(text: &str) -> Result<Self, Refused> {
        let wrong = |e: toml_edit::TomlError| {
            Refused::Conflict(both!("登记文件有误：{e}", "register.toml: {e}"))
        };
        text.parse().map(Self).map_err(wrong)
    }

    /// Does one deed. `digest` is that of the password made for it.
    pub(super) fn apply(&mut self, edit: &Edit, digest: Option<&str>) -> Result<(), Refused> {
        let Some((home, device)) = edit.device() else { return self.apply_to_people(edit) };
        let (home, device) = (home.as_str(), device.as_str());
        match edit {
            Edit::Adopt { .. } => return self.adopt(edit, digest),
            Edit::Place { room, mount, height, .. } => {
                let table = self.device(home, device)?;
                put_if(table, "room", room.as_deref());
                put_if(table, "mount", mount.map(|m| m.name()));
                put_if(table, "height", height.map(i64::from));
            }
            Edit::Replace { profile, .. } => {
                let address = edit.address();
                if address.is_empty() {
                    let why = "the new piece needs an address: `mqtt` or `serial`";
                    return Err(Refused::Conflict(why.into()));
                }
                let table = self.device(home, device)?;
                put_if(table, "profile", profile.as_deref());
                rebind(table, address);
                put_if(table, DIGEST, digest);
            }
            Edit::Retire { .. } => self.retire(home, device)?,
            Edit::Credentials { .. } => {
                let table = self.device(home, device)?;
                match digest {
                    Some(digest) => put(table, DIGEST, digest.into()),
                    None => drop(table.remove(DIGEST)),
                }
            }
            Edit::Leave { .. }
            | Edit::Back { .. }
            | Edit::Shift { .. }
            | Edit::Responder { .. }
            | Edit::Verified { .. }
            | Edit::Consent { .. }
            | Edit::Withdraw { .. }
            | Edit::Tune { .. }
            | Edit::Release { .. }
            | Edit::Depart { .. }
            | Edit::Remove { .. } => {}
        }
        Ok(())
    }

    fn adopt(&mut self, edit: &Edit, digest: Option<&str>) -> Result<(), Refused> {
        let Edit::Adopt { home, device, profile, room, mount, height, .. } = edit else {
            return Ok(());
        };
        let mut new = Table::new();
        put(&mut new, "id", device.as_str().into());
        put_if(&mut new, "profile", profile.as_deref());
        put_if(&mut new, "room", room.as_deref());
        rebind(&mut new, edit.address());
        put_if(&mut new, "mount", mount.map(|m| m.name()));
        put_if(&mut new, "height", height.map(i64::from));
        put_if(&mut new, DIGEST, digest);
        if let Ok(known) = self.device(home.as_str(), device.as_str()) {
            // An answer that was lost on the way is asked for again.
            if digest.is_none() && is_same(known, &new) {
                return Ok(());
            }
            return Err(Refused::Conflict(both!(
                "住户 {home} 已有设备 {device}：请换一个名称",
                "home `{home}` has a device `{device}` already"
            )));
        }
        let home = self.home(home.as_str())?;
        let devices = home.entry("device").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        match devices {
            Item::ArrayOfTables(list) => {
                new.decor_mut().set_prefix("\n");
                list.push(new);
            }
            Item::Value(Value::Array(list)) => push_inline(list, new.into_inline_table()),
            Item::None | Item::Value(_) | Item::Table(_) => {
                return Err(Refused::Conflict("`device` is not a list of tables".into()));
            }
        }
        Ok(())
    }

    fn retire(&mut self, home: &str, device: &str) -> Result<(), Refused> {
        self.device(home, device)?;
        let devices = self.home(home)?.get_mut("device");
        let gone = devices.map(|all| take_out(all, |t| is_named(t, device))).unwrap_or_default();
        gone.iter().for_each(|gone| self.leave_behind(gone));
        Ok(())
    }

    /// A comment directly above a table goes with it; what stands further up, after a blank line,
    /// is about something else and stays.
    fn leave_behind(&mut self, gone: &Table) {
        let prefix = gone.decor().prefix().and_then(|p| p.as_str()).unwrap_or_default();
        let Some((rest, _own)) = prefix.rsplit_once("\n\n") else { return };
        if !rest.contains('#') {
            return;
        }
        let rest = format!("{rest}\n");
        let after = gone.position().and_then(|at| next_position(self.0.as_table(), at));
        match after.and_then(|at| table_at(self.0.as_table_mut(), at)) {
            Some(next) => {
                let own = next.decor().prefix().and_then(|p| p.as_str()).unwrap_or_default();
                let both = format!("{rest}{own}");
                next.decor_mut().set_prefix(both);
            }
            None => {
                let both = format!("{rest}{}", self.0.trailing().as_str().unwrap_or_default());
                self.0.set_trailing(both);
            }
        }
    }

    fn home(&mut self, id: &str) -> Result<&mut dyn TableLike, Refused> {
        let homes = self.0.get_mut("home");
        let found = homes.and_then(|homes| find(homes, id));
        found.ok_or_else(|| Refused::Unknown(both!("没有住户 {id}", "there is no home `{id}`")))
    }

    fn device(&mut self, home: &str, id: &str) -> Result<&mut dyn TableLike, Refused> {
        let devices = self.home(home)?.get_mut("device");
        let found = devices.and_then(|devices| find(devices, id));
        let none = || both!("住户 {home} 没有设备 {id}", "home `{home}` has no device `{id}`");
        found.ok_or_else(|| Refused::Unknown(none()))
    }
}

impl std::fmt::Display for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The table of this `id` in a list of tables, written either way.
fn find<'d>(list: &'d mut Item, id: &str) -> Option<&'d mut dyn TableLike> {
    match list {
        Item::ArrayOfTables(tables) => {
            let found = tables.iter_mut().find(|t| is_named(*t, id));
            found.map(table_like)
        }
        Item::Value(Value::Array(tables)) => {
            let mut tables = tables.iter_mut().filter_map(Value::as_inline_table_mut);
            tables.find(|t| is_named(*t, id)).map(table_like)
        }
        Item::None | Item::Value(_) | Item::Table(_) => None,
    }
}

/// Takes tables out of a list, written either way. Gives those that have a place of their own in the text.
fn take_out(list: &mut Item, which: impl Fn(&dyn TableLike) -> bool) -> Vec<Table> {
    let mut gone = Vec::new();
    match list {
        Item::ArrayOfTables(list) => {
            for at in (0..list.len()).rev() {
                if list.get(at).is_some_and(|table| which(table)) {
                    gone.push(list.remove(at));
                }
            }
        }
        Item::Value(Value::Array(list)) => {
            list.retain(|v| v.as_inline_table().is_none_or(|t| !which(t)));
        }
        Item::None | Item::Value(_) | Item::Table(_) => {}
    }
    gone
}

fn table_like(table: &mut impl TableLike) -> &mut dyn TableLike {
    table
}

fn is_named(table: &dyn TableLike, id: &str) -> bool {
    table.get("id").and_then(Item::as_str) == Some(id)
}

/// A value without quotes and what is around it.
fn plain(value: &Value) -> String {
    let bare = || value.clone().decorated("", "").to_string();
    value.as_str().map_or_else(bare, str::to_owned)
}

/// Sets a key; a comment behind its value stays.
fn put(table: &mut dyn TableLike, key: &str, new: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => drop(table.insert(key, value(new))),
    }
}

fn put_if(table: &mut dyn TableLike, key: &str, new: Option<impl Into<Value>>) {
    if let Some(new) = new {
        put(table, key, new.into());
    }
}

/// Binds it so and not otherwise; what logged in the old piece goes with it.
fn rebind(table: &mut dyn TableLike, address: Address<'_>) {
    let Address { mqtt, base, serial, unit } = address;
    for key in BOUND {
        let stays = match key {
            "mqtt" => mqtt.is_some(),
            "base" => base.is_some(),
            "serial" => serial.is_some(),
            "unit" => unit.is_some(),
            _ => false,
        };
        if !stays {
            table.remove(key);
        }
    }
    put_if(table, "mqtt", mqtt);
    put_if(table, "base", base);
    put_if(table, "serial", serial);
    put_if(table, "unit", unit.map(i64::from));
}

/// Whether both say the same of every key, apart from comments and order.
fn is_same(known: &dyn TableLike, new: &Table) -> bool {
    let text = |item: &Item| item.as_value().map(|v| v.clone().decorated("", "").to_string());
    known.len() == new.len()
        && new.iter().all(|(key, item)| known.get(key).is_some_and(|k| text(k) == text(item)))
}

/// Adds to a list in one line or in several, as it is written.
fn push_inline(list: &mut Array, new: InlineTable) {
    let prefix = list.get(0).and_then(|first| first.decor().prefix()?.as_str()).unwrap_or_default();
    let prefix = if list.is_empty() { String::new() } else { prefix.to_owned() };
    let prefix = if prefix.is_empty() && !list.is_empty() { " ".to_owned() } else { prefix };
    list.push_formatted(Value::InlineTable(new).decorated(prefix, ""));
}

/// The place of the first table after this one in the text.
fn next_position(table: &Table, after: isize) -> Option<isize> {
    let own = table.position().filter(|at| after < *at);
    let below = table.iter().flat_map(|(_, item)| tables(item));
    below.filter_map(|table| next_position(table, after)).chain(own).min()
}

fn tables(item: &Item) -> Vec<&Table> {
    match item {
        Item::Table(table) => vec![table],
        Item::ArrayOfTables(list) => list.iter().collect(),
        Item::None | Item::Value(_) => Vec::new(),
    }
}

fn table_at(table: &mut Table, at: isize) -> Option<&mut Table> {
    if table.position() == Some(at) {
        return Some(table);
    }
    table.iter_mut().find_map(|(_, item)| match item {
        Item::Table(table) => table_at(table, at),
        Item::ArrayOfTables(list) => list.iter_mut().find_map(|table| table_at(table, at)),
        Item::None | Item::Value(_) => None,
    })
}
