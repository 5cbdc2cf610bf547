//! What no edit may do to people: leave a home whose alarms reach nobody, or a hub that nobody administers. Whoever
//! edits the file by hand knows what they do.

use crate::domain::{Home, Lang, PersonId, Role, both};
use crate::engine::rota::left;
use crate::registrar::{Edit, Refused};

use super::Config;

/// Whether edits are of that kind.
pub(super) fn concerns(edits: &[Edit]) -> bool {
    let is_one = |edit: &Edit| {
        let other_role = matches!(edit, Edit::Responder { role: Some(_), .. });
        other_role || matches!(edit, Edit::Release { .. } | Edit::Depart { .. })
    };
    edits.iter().any(is_one)
}

/// Refuses what leads from `old` to `new` by these edits, and may not.
pub(super) fn check(old: &Config, new: &Config, edits: &[Edit]) -> Result<(), Refused> {
    for edit in edits {
        if let Edit::Responder { who, role: Some(role), by: Some(by), .. } = edit
            && who == by
            && role_of(old, who).is_some_and(|is| is != *role)
        {
            return Err(Refused::Conflict(both!(
                "不能改自己的角色：请另一位值班长来改",
                "nobody changes their own role: ask another supervisor to do it"
            )));
        }
        let (Edit::Release { who, by, .. } | Edit::Depart { who, by, .. }) = edit else { continue };
        if who == by {
            return Err(Refused::Conflict(both!(
                "不能把自己移出：请另一位值班长来做",
                "nobody takes themselves off: ask another supervisor to do it"
            )));
        }
        is_told(old, new, who)?;
    }
    // What is the last of them is said of whoever it is.
    let last = administrators(old);
    if !last.is_empty() && administrators(new).is_empty() {
        let who = last.iter().map(|who| who.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Refused::Conflict(both!(
            "{who} 是最后一位值班长：请先让另一人担任值班长",
            "`{who}` is the last supervisor: make somebody else one first"
        )));
    }
    Ok(())
}

fn role_of(config: &Config, who: &PersonId) -> Option<Role> {
    config.people.iter().find(|person| person.id == *who).map(|person| person.role)
}

/// Those who can administer the hub: supervisors who come to a home, and so see one.
fn administrators(config: &Config) -> Vec<&PersonId> {
    let here = config.people.iter().filter(|person| person.role == Role::Supervisor);
    let comes = |who: &PersonId| config.homes.iter().any(|home| home.responder(who).is_some());
    here.map(|person| &person.id).filter(|who| comes(who)).collect()
}

/// Refuses where somebody was told by a plan of a home, and nobody is without them.
fn is_told(old: &Config, new: &Config, who: &PersonId) -> Result<(), Refused> {
    let stays = |home: &Home| {
        let after = new.homes.iter().find(|after| after.id == home.id);
        after.is_none_or(|after| after.responder(who).is_some())
    };
    for home in old.homes.iter().filter(|home| home.responder(who).is_some() && !stays(home)) {
        let silent = left(&old.book, home, who).silent;
        if !silent.is_empty() {
            let plans = |lang| old.book.plan_titles(&silent, lang);
            let (id, name, zh, en) = (&home.id, &home.name, plans(Lang::Zh), plans(Lang::En));
            return Err(Refused::Conflict(both!(
                "住户 {name}（{id}）的预案 {zh} 将无人可通知：请先为此户加人",
                "in home `{id}` ({name}) nobody would be told by the plan {en}: add somebody there first"
            )));
        }
    }
    Ok(())
}
