//! The journal, as life went, each row by the rule book that was in force.

use std::path::Path;
use std::sync::Arc;

use super::{Args, Failure, Printer};
use crate::cli::open;
use crate::config::Config;
use crate::domain::{Deed, Entry, IncidentId, Time};
use crate::engine::Effect;
use crate::gateway::Follower;
use crate::store::Reader;
use crate::store::journal::Row;
use crate::store::states::Saved;
use crate::timeline;

pub(super) fn print(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let mut follower = follower(&config, &reader)?;
    let mut printer = Printer::new(&config, args)?;
    let mut replayed: Vec<(IncidentId, Entry)> = Vec::new();
    reader.journal(0, |row: Row| {
        let effects = follower.follow(&row);
        for effect in &effects {
            if let Effect::Story { incident, entry, .. } = effect {
                let id = IncidentId { home: row.home.clone(), n: *incident };
                replayed.push((id, entry.clone()));
            }
        }
        let wanted = args.home.as_ref().is_none_or(|h| *h == row.home);
        if wanted && !args.verify {
            let engine = follower.engines.get(&row.home).map(|(engine, _)| engine);
            let incident = |n| engine.and_then(|e| e.incidents().get(&n));
            printer.step(row.at, &row.home, &row.input, &effects, incident);
        }
        Ok(())
    })?;
    if let Some(home) = args.home.as_ref().filter(|h| !follower.engines.contains_key(h)) {
        return Err(Failure::Cannot(format!("the journal knows no home `{home}`")));
    }
    if !args.verify {
        return Ok(());
    }
    verify(&reader.record(Time(i64::MIN))?, &replayed)?;
    forgotten(&reader)
}

/// What is neither on record nor in the journal any more, and so in no replay.
fn forgotten(reader: &Reader) -> Result<(), Failure> {
    for (at, on_record) in reader.deeds_in_full(None)? {
        let Some(deletion) = on_record.deletion else { continue };
        let lines = deletion.tombstones.get("entry").map_or(0, |left| left.lines);
        let Deed { of, home, by, why, .. } = on_record.deed;
        let of = home.map_or(of, |home| format!("home {home}"));
        line!("forgotten, and in no replay: {of}, {lines} entries, by {by} at {at}: {why}");
    }
    Ok(())
}

/// Stands where the journal begins.
fn follower(config: &Config, reader: &Reader) -> Result<Follower, Failure> {
    let current = (config.book_texts.digest(), Arc::clone(&config.book));
    let mut follower = Follower::new(reader, current)?;
    for (home, seq, state) in reader.states(Saved::Base)? {
        if let Some(state) = state {
            follower.resume(home, seq, state);
        }
    }
    Ok(follower)
}

/// The record must end with exactly what the replay did.
fn verify(record: &[(IncidentId, Entry)], replayed: &[(IncidentId, Entry)]) -> Result<(), Failure> {
    let older = record.len().checked_sub(replayed.len());
    let Some(tail) = older.and_then(|from| record.get(from..)) else {
        let (on_record, made) = (record.len(), replayed.len());
        return Err(Failure::Cannot(format!(
            "the replay makes {made} entries, and only {on_record} are on record"
        )));
    };
    for ((id, life), (again, replay)) in tail.iter().zip(replayed) {
        if (id, life) != (again, replay) {
            let (life, replay) = (timeline::entry_text(life), timeline::entry_text(replay));
            return Err(Failure::Cannot(format!(
                "on record: {id} {life}; in the replay: {again} {replay}"
            )));
        }
    }
    line!("{} entries: the replay is what is on record", replayed.len());
    Ok(())
}
