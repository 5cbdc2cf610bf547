//! Somebody comes to a home no longer, or goes for good.

use toml_edit::{Item, Table, TableLike};

use crate::domain::{PersonId, both};
use crate::registrar::{Edit, Refused};

use super::people::tables_of;
use super::{Document, find, is_named, put};

/// Who was in the register, and is no longer: what they did stays under their id, so that nobody else gets it.
const FORMER: &str = "former";

impl Document {
    /// Takes somebody off a home, or out of the register.
    pub(super) fn go(&mut self, edit: &Edit) -> Result<(), Refused> {
        if let Edit::Release { who, home, by, on } = edit {
            self.person(who.as_str())?;
            self.home(home.as_str())?;
            let says = self.says(by, Some(*on))?;
            let mut is_gone = false;
            let off = |home: &mut dyn TableLike| is_gone = take_off(home, who);
            self.change("home", |t| is_named(t, home.as_str()), Some(&says), off);
            let not = || both!("{who} 不负责住户 {home}", "`{who}` does not come to home `{home}`");
            return is_gone.then_some(()).ok_or_else(|| Refused::Conflict(not()));
        }
        let Edit::Depart { who, by, on } = edit else { return Ok(()) };
        let mut former = Table::new();
        put(&mut former, "id", who.as_str().into());
        let name = self.person(who.as_str())?.get("name").and_then(Item::as_str);
        put(&mut former, "name", name.unwrap_or(who.as_str()).into());
        self.person(by.as_str())?;
        put(&mut former, "by", by.as_str().into());
        put(&mut former, "on", on.to_string().into());
        self.take_away(who);
        self.append(FORMER, former)
    }

    /// Whatever the register says of somebody, and of when they come.
    fn take_away(&mut self, who: &PersonId) {
        for home in self.0.get_mut("home").map(tables_of).unwrap_or_default() {
            take_off(home, who);
        }
        for shift in self.0.get_mut("shift").map(tables_of).unwrap_or_default() {
            if says(shift, "instead_of", who) {
                shift.remove("instead_of");
            }
        }
        for (key, of) in [("responder", "id"), ("leave", "who"), ("shift", "who")] {
            self.take_out(key, |table| says(table, of, who));
        }
    }

    /// An id stands in the record for whoever had it.
    pub(super) fn is_nobodys(&mut self, id: &PersonId) -> Result<(), Refused> {
        let former = self.0.get_mut(FORMER).and_then(|former| find(former, id.as_str()));
        let theirs = || {
            both!(
                "编号 {id} 属于已离开的人，记录中仍以它为名：请换一个编号",
                "`{id}` is the id of somebody who has left, and stands in the record: take another"
            )
        };
        former.map_or(Ok(()), |_| Err(Refused::Conflict(theirs())))
    }
}

fn says(table: &dyn TableLike, key: &str, who: &PersonId) -> bool {
    table.get(key).and_then(Item::as_str) == Some(who.as_str())
}

/// Whether they came there.
fn take_off(home: &mut dyn TableLike, who: &PersonId) -> bool {
    let people = home.get_mut("responders").and_then(Item::as_array_mut);
    let Some(people) = people else { return false };
    let (before, first) = (people.len(), people.get(0).map(|first| first.decor().clone()));
    people.retain(|person| person.as_str() != Some(who.as_str()));
    if let Some((decor, first)) = first.zip(people.get_mut(0)) {
        *first.decor_mut() = decor;
    }
    people.len() < before
}
