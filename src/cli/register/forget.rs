//! `careloop register forget`: what is kept of a home is deleted, and what that was is said.

use std::path::Path;

use reqwest::Method;

use super::super::{Failure, api, print_json, runtime};
use super::{Hub, lock_unless_running, refused};
use crate::app::forget_at_rest;
use crate::config;
use crate::domain::{HomeId, PersonId};
use crate::registrar::{Forgotten, Leaving};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Which home, as in the register, or as it was there
    home: HomeId,
    /// Who says so, as in the register
    #[arg(long)]
    by: PersonId,
    /// Why
    #[arg(long)]
    reason: String,
    /// It is still in the register: take it out first, with its family, where they come to nobody else
    #[arg(long)]
    and_remove: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let Args { home, by, reason, and_remove, json } = args;
    let (home, by, why) = (home.clone(), by.clone(), reason.clone());
    let leaving = Leaving { home, by, why, and_remove: *and_remove };
    let settings = config::settings(folder)?;
    let forgotten = match lock_unless_running(&settings)? {
        Hub::Runs => through_the_gateway(&settings, &leaving)?,
        Hub::Rests(_lock) => forget_at_rest(folder, &leaving)
            .map_err(|e| Failure::Cannot(e.to_string()))?
            .map_err(refused)?,
    };
    if *json {
        return print_json(&forgotten);
    }
    tell(&forgotten);
    Ok(())
}

fn through_the_gateway(
    settings: &config::Settings,
    leaving: &Leaving,
) -> Result<Forgotten, Failure> {
    let Leaving { home, by, why, and_remove } = leaving;
    let query = [("reason", why.as_str()), ("by", by.as_str())];
    let query = query.map(|(key, value)| format!("{key}={}", api::encode(value))).join("&");
    let path = format!("homes/{home}?{query}&and_remove={and_remove}");
    let nothing = ("application/json", String::new());
    let asked = api::ask(settings, Method::DELETE, &path, nothing);
    let answer = api::heed(runtime()?.block_on(asked)?)?;
    serde_json::from_str(&answer).map_err(|e| Failure::Cannot(format!("the gateway says `{e}`")))
}

fn tell(forgotten: &Forgotten) {
    let Forgotten { home, by, why, deletion, deeds, is_complete, is_rewritten, changes, notes } =
        forgotten;
    for change in changes {
        line!("{change}");
    }
    let going_on = if *is_complete { "" } else { ", and is being overwritten" };
    line!("home {home} is forgotten{going_on}: {why}, says {by}");
    line!("deleted:");
    if deletion.rows.is_empty() {
        line!("  nothing was there");
    }
    for (table, rows) in &deletion.rows {
        line!("  {table}: {rows} rows");
    }
    for (table, left) in &deletion.tombstones {
        line!("  {table}: what {} lines said; their seals stay, proof {}", left.lines, left.proof);
    }
    if *is_rewritten {
        line!("  the file was written anew");
    }
    line!("the record of incidents: {}, before and after", deletion.seal);
    line!("the record of deeds: {} before, {} after", deeds.0, deeds.1);
    for note in notes {
        line!("note: {note}");
    }
}
