//! `careloop register`, and the way by which every command changes the register: through the gateway
//! while one runs, else in the file itself.

mod deeds;
mod files;
mod forget;
mod rota;
mod trial;

use std::path::Path;

use reqwest::Method;
use serde::Deserialize as _;

pub(super) use rota::in_words;

use super::{Failure, api, print_json, runtime};
use crate::app::{StartError, lock};
use crate::config::{self, Draft, Problems, Settings};
use crate::registrar::{Change, Edit, Issued, Layout, Part, Refused, Settled};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Print register.toml, or write it or rows of its people or homes to a file
    Export(files::Export),
    /// Put another register in the place of register.toml, or merge rows of people or homes into it, and
    /// in force; say what differs
    Import(files::Import),
    /// Have the running gateway take register, rules, plans, rooms, texts and profiles as they are now, edited
    /// by hand; also as `careloop reload`
    Reload(How),
    /// Say who is on duty when, and where nobody of a rung is
    Rota(rota::Args),
    /// Send somebody a trial message with a code; who says it back has had it (`register verified --code`)
    Try(trial::Args),
    /// Delete what is kept of a home whose resident has left, and print what that was: the record keeps its
    /// seals, and says who deleted it and why
    Forget(forget::Args),
    #[command(flatten)]
    Deed(deeds::Deed),
}

/// How to change the register.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct How {
    /// Change nothing: only say what would be different
    #[arg(long)]
    dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(folder: &Path, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Export(export) => files::export(folder, export),
        Command::Import(import) => files::import(folder, import),
        Command::Reload(how) => reload(folder, *how),
        Command::Rota(args) => rota::run(folder, args),
        Command::Try(args) => trial::run(folder, args),
        Command::Forget(args) => forget::run(folder, args),
        Command::Deed(deed) => deeds::run(folder, deed),
    }
}

/// Puts in force what the files say now.
pub(super) fn reload(folder: &Path, how: How) -> Result<(), Failure> {
    settle(folder, &Change::Reload, how).map(drop)
}

/// Changes the register and says what is different. Returns whether anything is now.
pub(super) fn settle(folder: &Path, change: &Change, how: How) -> Result<bool, Failure> {
    let settings = config::settings(folder)?;
    // Held until the file is written: no gateway may start meanwhile.
    let alone = lock_unless_running(&settings)?;
    let settled = match alone {
        Hub::Runs => through_the_gateway(&settings, change, how.dry_run)?,
        Hub::Rests(_lock) => in_the_file(folder, change, how.dry_run)?,
    };
    if how.json {
        print_json(&settled)?;
    } else {
        tell(&settled, how.dry_run);
    }
    Ok(!how.dry_run && !settled.changes.is_empty())
}

/// Whether a gateway runs on these data.
pub(super) enum Hub {
    Runs,
    /// And none can start as long as this is held.
    Rests(Option<std::fs::File>),
}

pub(super) fn lock_unless_running(settings: &Settings) -> Result<Hub, Failure> {
    let path = &settings.store.path;
    if !path.with_extension("lock").exists() {
        // None has ever run here; its folder is its own to make.
        return Ok(Hub::Rests(None));
    }
    match lock(path) {
        Ok(file) => Ok(Hub::Rests(Some(file))),
        Err(StartError::InUse { .. }) => Ok(Hub::Runs),
        // Somebody else's data, most likely those of a gateway that runs.
        Err(_) if settings.http.is_some() => Ok(Hub::Runs),
        Err(error) => Err(Failure::Cannot(error.to_string())),
    }
}

fn through_the_gateway(
    settings: &Settings,
    change: &Change,
    dry_run: bool,
) -> Result<Settled, Failure> {
    let json = "application/json";
    let mut more = String::new();
    let (method, path, body) = match change {
        Change::Edits(edits) => {
            let body = serde_json::to_string(edits).map_err(|e| Failure::Cannot(e.to_string()))?;
            (Method::POST, "register/edits", (json, body))
        }
        Change::Import(text) => (Method::PUT, "register", ("application/toml", text.clone())),
        Change::Rows(rows) => {
            let text = config::text_of_rows(rows).map_err(|e| Problems(vec![e]))?.to_owned();
            let kind = match rows.layout {
                Layout::Csv => "text/csv",
                Layout::Json => json,
            };
            more = format!("&file={}", api::encode(&rows.file));
            let path = match rows.of {
                Part::People => "register/people",
                Part::Homes => "register/homes",
            };
            (Method::POST, path, (kind, text))
        }
        Change::Amend(_) | Change::Texts(_) => {
            let why = "rules, plans and texts are changed on their pages, or by hand and `careloop reload`";
            return Err(Failure::Wrong(why.to_owned()));
        }
        Change::Reload => (Method::POST, "register/reload", (json, String::new())),
    };
    let path = format!("{path}?dry_run={dry_run}{more}&by={}", api::encode(&who()));
    let answer = api::heed(runtime()?.block_on(api::ask(settings, method, &path, body))?)?;
    let not_ours = |e: serde_json::Error| Failure::Cannot(format!("the gateway says `{e}`"));
    let mut said = serde_json::Deserializer::from_str(&answer);
    Settled::deserialize(&mut said).map_err(not_ours)
}

/// Who sits at this machine, as it goes on record.
fn who() -> String {
    let user = ["SUDO_USER", "USER"].iter().find_map(|key| std::env::var(key).ok());
    user.map_or_else(|| "the command line".to_owned(), |user| format!("the command line ({user})"))
}

fn in_the_file(folder: &Path, change: &Change, dry_run: bool) -> Result<Settled, Failure> {
    let is_told = |edit: &Edit| matches!(edit, Edit::Verified { code: Some(_), .. });
    if matches!(change, Change::Edits(edits) if edits.iter().any(is_told)) {
        let why = "no gateway runs, and with the last one the codes that it sent are gone";
        return Err(Failure::Wrong(why.to_owned()));
    }
    let draft = Draft::read(folder)?;
    let in_force = draft.resolve(None).ok();
    let proposal = config::propose(&draft, in_force.as_ref(), change).map_err(refused)?;
    let mut settled = proposal.settled;
    if *change == Change::Reload {
        settled.notes.push("no gateway runs: the next one takes the files as they are".into());
    } else if !dry_run && proposal.text != proposal.before {
        config::write(folder, proposal.file, (&proposal.before, &proposal.text)).map_err(|e| {
            Failure::Cannot(format!("cannot write {}/{}: {e}", folder.display(), proposal.file))
        })?;
    }
    Ok(settled)
}

fn refused(refused: Refused) -> Failure {
    match refused {
        Refused::Wrong(problems) => Failure::Config(Problems(problems)),
        Refused::Unknown(why) | Refused::Conflict(why) => Failure::Wrong(why.into()),
        Refused::NotStored(_) | Refused::Stopping => Failure::Cannot(refused.to_string()),
    }
}

fn tell(settled: &Settled, dry_run: bool) {
    let Settled { changes, notes, issued } = settled;
    for change in changes {
        line!("{change}");
    }
    if changes.is_empty() {
        line!("nothing to change");
    }
    for note in notes {
        line!("note: {note}");
    }
    if dry_run && !changes.is_empty() {
        line!("dry run: nothing was changed");
        return;
    }
    for Issued { user, password } in issued.iter().filter(|_| !dry_run) {
        line!("user {user}");
        line!("password {password}");
        line!("note: it is shown this once; the register keeps only its digest");
    }
}
