//! A register that may take the place of the one in force: checked as a whole, and what it changes.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Sentence, both};
use crate::form::{Sheet, with_ends_of_lines_of};
use crate::registrar::{Amendment, Change, Edit, Issued, Refused, Reworded, Rows, Settled};
use crate::wording::Wording;

use super::credential::{self, Digest};
use super::edit::{self, Document};
use super::file::REGISTER;
use super::{Config, Draft, difference, going, rows};

/// A change that is right, and not yet made.
#[derive(Debug)]
pub struct Proposal {
    /// Which file of the folder becomes another,
    pub file: &'static str,
    /// what it says until then,
    pub before: String,
    /// and its new text.
    pub text: String,
    /// The whole configuration with it.
    pub config: Config,
    /// What to tell whoever asked for it.
    pub settled: Settled,
}

/// What `draft` becomes by `change`, compared with what is in force, if anything is.
///
/// # Errors
/// It cannot be done, or the configuration would be wrong.
pub fn propose(
    draft: &Draft,
    in_force: Option<&Config>,
    change: &Change,
) -> Result<Proposal, Refused> {
    let (text, issued) = match change {
        Change::Edits(edits) => edited(draft, edits)?,
        Change::Import(text) => (text.clone(), Vec::new()),
        Change::Rows(rows) => return merged(draft, in_force, rows),
        Change::Amend(amendment) => return amended(draft, in_force, amendment),
        Change::Texts(reworded) => return other_texts(draft, in_force, reworded),
        Change::Reload => (draft.register().to_owned(), Vec::new()),
    };
    let config = draft.resolve(Some(&text)).map_err(|all| Refused::Wrong(all.0))?;
    if let Change::Edits(edits) = change
        && going::concerns(edits)
    {
        let before = draft.resolve(None).map_err(|all| Refused::Wrong(all.0))?;
        going::check(&before, &config, edits)?;
    }
    let goes_by_files = *change == Change::Reload;
    Ok(compared(draft, in_force, (text, config), issued, goes_by_files))
}

/// What is different by it.
fn compared(
    draft: &Draft,
    in_force: Option<&Config>,
    (text, mut config): (String, Config),
    issued: Vec<Issued>,
    goes_by_files: bool,
) -> Proposal {
    let mut notes = in_force.map_or_else(Vec::new, |old| other_profiles(old, &config));
    if let Some(old) = in_force
        && !goes_by_files
        && config.go_by(old)
    {
        // Whoever adopts a device does not mean to put rules in force that somebody is at work on.
        notes.push(both!(
            "规则、预案、房间或文本另有改动，尚未生效：运维人员重新载入后生效",
            "the rules, plans, rooms or texts have changed: `careloop reload` takes them"
        ));
    }
    let changes = difference(in_force, &config);
    if let Some(old) = in_force
        && changes.is_empty()
        && config.book_texts != old.book_texts
    {
        notes.push("rules.toml or plans.toml differ only in what changes no rule".into());
    }
    if changes.is_empty() && text != draft.register() {
        notes.push(both!("没有实质变化", "only comments or layout differ"));
    }
    for home in in_force.iter().flat_map(|c| &c.homes) {
        if !config.homes.iter().any(|h| h.id == home.id) {
            let id = &home.id;
            notes.push(both!(
                "住户 {id} 移出登记：不再接收其设备，未结事件仍须由人结案",
                "home {id} goes: its devices are no longer heard; what is open there stays open until people close it"
            ));
        }
    }
    if config.settings.mqtt.as_ref().is_none() && !issued.is_empty() {
        notes.push(both!(
            "系统没有开启设备登录，密码暂时用不上",
            "gateway.toml has no [mqtt]: nobody can log in with a password yet"
        ));
    }
    let settled = Settled { changes, notes, issued };
    Proposal { file: REGISTER, before: draft.register().to_owned(), text, config, settled }
}

/// Refuses to change one file where the folder says already what is not in force: what was edited by hand and never
/// reloaded is not put in force on this occasion.
fn stands(draft: &Draft, in_force: Option<&Config>) -> Result<(), Refused> {
    let standing = draft.resolve(None).map_err(|all| Refused::Wrong(all.0))?;
    let is_as = |old: &Config| {
        let same = standing.book_texts == old.book_texts && standing.coverage == old.coverage;
        same && difference(Some(old), &standing).is_empty()
    };
    if in_force.is_none_or(is_as) {
        return Ok(());
    }
    Err(Refused::Conflict(both!(
        "配置文件被手工改过，尚未生效：请运维人员重新载入后再试",
        "what the folder says is not what is in force: `careloop reload` takes what was edited by hand, then try again"
    )))
}

/// Rules or plans become others, and nothing else does.
fn amended(
    draft: &Draft,
    in_force: Option<&Config>,
    amendment: &Amendment,
) -> Result<Proposal, Refused> {
    let Amendment { of, before, after, .. } = amendment;
    stands(draft, in_force)?;
    if draft.text(of.place()).1 != before {
        let file = of.file();
        return Err(Refused::Conflict(both!(
            "试算之后，规则或预案又有改动：请重新试算",
            "{file} has changed since this was tried out"
        )));
    }
    another(draft, in_force, (of.file(), of.place()), after.clone())
}

/// One text of messages becomes another, and nothing else does.
fn other_texts(
    draft: &Draft,
    in_force: Option<&Config>,
    Reworded { language, key, text, .. }: &Reworded,
) -> Result<Proposal, Refused> {
    stands(draft, in_force)?;
    let (file, n) = Draft::texts_of(*language);
    let before = draft.text(n).1;
    let shipped = || Wording::shipped().written(*language, *key);
    let edited = edit::reword(before, *key, &text.clone().unwrap_or_else(shipped))?;
    let edited = with_ends_of_lines_of(before, edited);
    another(draft, in_force, (file, n), edited)
}

/// A file becomes another, and the register stays.
fn another(
    draft: &Draft,
    in_force: Option<&Config>,
    (file, n): (&'static str, usize),
    text: String,
) -> Result<Proposal, Refused> {
    let config = draft.with(n, &text).resolve(None).map_err(|all| Refused::Wrong(all.0))?;
    let register = (draft.register().to_owned(), config);
    let proposal = compared(draft, in_force, register, Vec::new(), true);
    Ok(Proposal { file, before: draft.text(n).1.to_owned(), text, ..proposal })
}

/// All that is wrong is said at its row, and nothing is taken unless all is right.
fn merged(draft: &Draft, in_force: Option<&Config>, rows: &Rows) -> Result<Proposal, Refused> {
    draft.resolve(None).map_err(|all| Refused::Wrong(all.0))?;
    let written = rows::text_of_rows(rows).map_err(|problem| Refused::Wrong(vec![problem]))?;
    let sheet = Sheet::new(&rows.file, written);
    let read = rows::read(&sheet, written, rows.of, rows.layout);
    let mut document = Document::read(draft.register())?;
    document.merge(rows.of, &read)?;
    let text = with_ends_of_lines_of(draft.register(), document.to_string());
    let found = draft.resolve(Some(&text));
    let mut others = Vec::new();
    let resolved = found.map_err(|all| {
        let register = draft.text(3).0;
        others = rows::placed(all.0, register, &text, (rows.of, &read, &sheet));
    });
    match resolved {
        Ok(config) if sheet.problems().is_empty() => {
            Ok(compared(draft, in_force, (text, config), Vec::new(), false))
        }
        Ok(_) | Err(()) => {
            // A person who is wrong is missed elsewhere: that is said once, where it is wrong.
            let own = sheet.problems();
            Err(Refused::Wrong(if own.is_empty() { others } else { own }))
        }
    }
}

/// The profiles that say something else than those in force.
fn other_profiles(old: &Config, new: &Config) -> Vec<Sentence> {
    // Of a profile everything shows in its debug text, and nothing else compares it as a whole.
    let note = |name: &String| match (old.profiles.get(name), new.profiles.get(name)) {
        (Some(a), Some(b)) if !Arc::ptr_eq(a, b) && format!("{a:?}") != format!("{b:?}") => {
            Some(both!("型号档案 {name} 有改动", "profile {name} is not what it was"))
        }
        (None, Some(_)) => Some(both!("新型号档案 {name}", "profile {name} is new")),
        (Some(_), None) => Some(both!("型号档案 {name} 已移除", "profile {name} is gone")),
        (Some(_), Some(_)) | (None, None) => None,
    };
    let names: BTreeSet<&String> = old.profiles.keys().chain(new.profiles.keys()).collect();
    names.into_iter().filter_map(note).collect()
}

fn edited(draft: &Draft, edits: &[Edit]) -> Result<(String, Vec<Issued>), Refused> {
    // What is wrong in the file is said with its place, before anything is done to it.
    draft.resolve(None).map_err(|all| Refused::Wrong(all.0))?;
    let text = draft.register();
    let (mut document, mut issued) = (Document::read(text)?, Vec::new());
    for edit in edits {
        let mut digest = None;
        if let Some((home, device)) = edit.device().filter(|_| edit.wants_password()) {
            let password = credential::fresh_password().map_err(|_unspecified| {
                Refused::NotStored(both!("系统没有随机数", "the system has no random numbers"))
            })?;
            digest = Some(Digest::of(&password).to_string());
            issued.push(Issued { user: credential::user(home, device), password });
        }
        document.apply(edit, digest.as_deref())?;
    }
    Ok((with_ends_of_lines_of(text, document.to_string()), issued))
}
