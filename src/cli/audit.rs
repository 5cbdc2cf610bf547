//! `careloop audit verify|reads|changes`

use std::path::Path;

use super::{Failure, open, print_json};
use crate::domain::{Altered, DeedOnRecord, Doing, HomeId, Time};
use crate::store::audit::Audit;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Walk both records, of incidents and of deeds, from the first entry to the last, and name the first
    /// that was changed
    Verify(Args),
    /// Who saw an address, took something away or changed it, when and why
    Reads(Reads),
    /// What was changed or deleted, by whom, and key by key what it was before and is now
    Changes(Reads),
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Reads {
    /// Only of this home, and what was of several
    #[arg(long)]
    home: Option<HomeId>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Verify(args) => verify(folder, args),
        Command::Reads(args) => reads(folder, args, false),
        Command::Changes(args) => reads(folder, args, true),
    }
}

fn verify(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (_, reader) = open(folder)?;
    let (audit, deeds) = (reader.audit()?, reader.audit_deeds()?);
    if args.json {
        let mut both = serde_json::json!(audit);
        if let Some(fields) = both.as_object_mut() {
            fields.insert("deeds".to_owned(), serde_json::json!(deeds));
        }
        print_json(&both)?;
    }
    if let Some(broken) = audit.broken.as_ref().or(deeds.broken.as_ref()) {
        return Err(Failure::Cannot(format!("the record was changed: {broken}")));
    }
    if !args.json {
        for (what, audit) in [("entries", &audit), ("deeds", &deeds)] {
            let Audit { entries, forgotten, seal, .. } = audit;
            let left = match forgotten {
                0 => String::new(),
                _ => format!(" (what {forgotten} of them said was deleted, and a deed says so)"),
            };
            line!("{entries} {what} are as they were written{left}; the seal is {seal}");
        }
        for forgetting in reader.forgetting()? {
            line!("home {} is being forgotten: the next start completes it", forgetting.home);
        }
    }
    Ok(())
}

fn reads(folder: &Path, args: &Reads, only_changes: bool) -> Result<(), Failure> {
    let (_, reader) = open(folder)?;
    let mut deeds = reader.deeds_in_full(args.home.as_ref())?;
    deeds.retain(|(_, on_record)| {
        !only_changes || matches!(on_record.deed.deed, Doing::Changed | Doing::Forgotten)
    });
    if args.json {
        let one = |(at, deed): &(Time, DeedOnRecord)| {
            let mut one = serde_json::json!(deed);
            if let Some(fields) = one.as_object_mut() {
                fields.insert("at".to_owned(), at.to_string().into());
            }
            one
        };
        return print_json(&deeds.iter().map(one).collect::<Vec<_>>());
    }
    if deeds.is_empty() {
        line!("nothing was seen, taken away or changed");
    }
    for (at, DeedOnRecord { deed, altered, deletion }) in deeds {
        let home = deed.home.map_or(String::new(), |home| format!(" of {home}"));
        let because = deed.incident.map_or(String::new(), |n| format!(" (incident {n})"));
        line!("{at}  {} {} {}{home}{because}: {}", deed.by, deed.deed, deed.of, deed.why);
        if !only_changes {
            continue;
        }
        for Altered { key, before, after } in altered {
            let none = || "-".to_owned();
            line!("  {key}: {} → {}", before.unwrap_or_else(none), after.unwrap_or_else(none));
        }
        for (table, rows) in deletion.iter().flat_map(|deletion| &deletion.rows) {
            line!("  {table}: {rows} rows are gone");
        }
    }
    Ok(())
}
