//! `careloop export incidents`: rows to give away. That they were taken is on record before the first is
//! printed.

use std::path::Path;

use reqwest::Method;

use super::register::{Hub, lock_unless_running};
use super::{Failure, api, open, runtime};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{Deed, PersonId, Role, Time};
use crate::report::{Exported, Order};
use crate::store::Store;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Incidents that were found in a time, as CSV or JSON lines, masked for whom they are for
    Incidents(Incidents),
}

#[derive(Debug, clap::Args)]
pub(super) struct Incidents {
    /// Found from then on, such as 2026-11-01T00:00:00+08:00
    #[arg(long)]
    from: Time,
    /// And before then
    #[arg(long)]
    to: Time,
    /// For people of this role: all but a supervisor are given names as 张*, numbers as 138****0000 and
    /// addresses up to the block
    #[arg(long, value_name = "ROLE")]
    mask: Role,
    /// Who takes it out, as in the register
    #[arg(long)]
    by: PersonId,
    /// What for
    #[arg(long)]
    why: String,
    /// Print JSON, one object a line, instead of CSV
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, command: &Command) -> Result<(), Failure> {
    let Command::Incidents(args) = command;
    let (config, reader) = open(folder)?;
    let Incidents { from, to, mask, by, why, json } = args;
    let order = Order { from: *from, to: *to, mask: *mask, by: by.clone(), why: why.clone() };
    let who = config.people.iter().find(|person| person.id == *by);
    let refused = order.refused(who.map(|person| person.role));
    if !refused.is_empty() {
        let all = refused.iter().map(|(field, why)| format!("--{field}: {why}"));
        return Err(Failure::Wrong(all.collect::<Vec<_>>().join("\n")));
    }
    let cases = reader.cases(*from, *to, &config.homes)?;
    let at = Clock::start(None).wall();
    put_on_record(&config, &order.deed())?;
    let name = |id: &PersonId| {
        let person = config.people.iter().find(|person| person.id == *id);
        person.map_or_else(|| id.to_string(), |person| person.name.clone())
    };
    if !json {
        text!("{}", Exported::heads());
    }
    for row in order.rows(&cases, &config.homes, name, at) {
        if *json {
            let text = serde_json::to_string(&row).map_err(|e| Failure::Cannot(e.to_string()))?;
            line!("{text}");
        } else {
            text!("{}", row.csv());
        }
    }
    Ok(())
}

/// Through the gateway while one runs: there is one writer.
fn put_on_record(config: &Config, deed: &Deed) -> Result<(), Failure> {
    match lock_unless_running(&config.settings)? {
        Hub::Runs => {
            let body = serde_json::to_string(deed).map_err(|e| Failure::Cannot(e.to_string()))?;
            let asked =
                api::ask(&config.settings, Method::POST, "deeds", ("application/json", body));
            api::heed(runtime()?.block_on(asked)?).map(drop)
        }
        Hub::Rests(_lock) => {
            let now = Clock::start(None).wall();
            let (mut store, _) = Store::open(&config.settings.store.path, now)?;
            let writing = store.write()?;
            writing.put_deed(deed, now)?;
            Ok(writing.commit()?)
        }
    }
}
