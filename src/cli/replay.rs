//! `careloop replay`: the same engine over the journal, a recording, or a story.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{Failure, load, open};
use crate::config::Config;
use crate::domain::{
    DeviceId, Entry, Home, HomeId, Incident, IncidentId, Input, Observation, Property, Time, Value,
};
use crate::engine::{Effect, Engine};
use crate::gateway::Follower;
use crate::store::journal::Row;
use crate::store::states::Saved;
use crate::timeline;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A recording (JSON lines) or a story (.txt); without it, the journal
    file: Option<PathBuf>,
    /// Only this home
    #[arg(long)]
    home: Option<HomeId>,
    /// Print only what the engine does, not what came in
    #[arg(long)]
    effects: bool,
    /// Prove that the journal leads to exactly what is on record
    #[arg(long, conflicts_with = "file")]
    verify: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    match &args.file {
        None => journal(folder, args),
        Some(file) if file.extension().is_some_and(|e| e == "txt") => story(folder, file),
        Some(file) => recording(&load(folder)?, file, args),
    }
}

/// Prints what happens, with the day wherever it changes.
struct Printer {
    zone: TimeZone,
    day: Option<jiff::civil::Date>,
    effects_only: bool,
}

impl Printer {
    fn new(config: &Config, args: &Args) -> Self {
        let zone = config.homes.first().and_then(|h| TimeZone::get(&h.zone).ok());
        Self { zone: zone.unwrap_or(TimeZone::UTC), day: None, effects_only: args.effects }
    }

    fn line(&mut self, at: Time, text: &str) {
        let day = at.civil(&self.zone).date();
        if self.day != Some(day) {
            line!("{day}");
            self.day = Some(day);
        }
        line!("{}  {text}", timeline::clock(at, &self.zone));
    }

    fn step<'a>(
        &mut self,
        at: Time,
        home: &HomeId,
        input: &Input,
        effects: &[Effect],
        incident: impl Fn(u32) -> Option<&'a Incident>,
    ) {
        if !self.effects_only && !matches!(input, Input::Tick) {
            self.line(at, &format!("{home} {}", timeline::input(input, incident)));
        }
        let all = self.effects_only;
        for effect in effects.iter().filter(|e| all || !timeline::is_echo(e)) {
            self.line(at, &format!("> {home} {}", timeline::effect(effect)));
        }
    }
}

fn journal(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let current = (config.book_texts.digest(), Arc::clone(&config.book));
    let mut follower = Follower::new(&reader, current)?;
    for (home, seq, state) in reader.states(Saved::Base)? {
        if let Some(state) = state {
            follower.resume(home, seq, state);
        }
    }
    let mut printer = Printer::new(&config, args);
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
    if args.verify { verify(&reader.record(Time(i64::MIN))?, &replayed) } else { Ok(()) }
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

fn story(folder: &Path, file: &Path) -> Result<(), Failure> {
    let config = load(folder)?;
    let told = read(file)?;
    let Some(home) = config.homes.first() else {
        return Err(Failure::Wrong("register.toml has no [[home]] for the story".to_owned()));
    };
    let stage = timeline::Stage { book: Arc::clone(&config.book), home: (**home).clone() };
    let wrong = |why| Failure::Wrong(format!("{}: {why}", file.display()));
    let played = timeline::play(&stage, &told).map_err(wrong)?;
    text!("{played}");
    Ok(())
}

fn read(file: &Path) -> Result<String, Failure> {
    let cannot = |e| Failure::Cannot(format!("cannot read {}: {e}", file.display()));
    std::fs::read_to_string(file).map_err(cannot)
}

/// One line of a recording.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    at: String,
    home: String,
    device: String,
    property: String,
    value: Value,
}

fn recording(config: &Config, file: &Path, args: &Args) -> Result<(), Failure> {
    let cannot = |e| Failure::Cannot(format!("cannot read {}: {e}", file.display()));
    let lines = std::io::BufReader::new(std::fs::File::open(file).map_err(cannot)?).lines();
    let mut engines: BTreeMap<HomeId, Engine> = BTreeMap::new();
    let mut printer = Printer::new(config, args);
    let mut wrong = 0_u64;
    let mut last = Time(i64::MIN);
    for (n, line) in lines.enumerate() {
        let line = line.map_err(cannot)?;
        if line.trim().is_empty() {
            continue;
        }
        let (at, home, input) = match parse(&line) {
            Ok(parsed) => parsed,
            Err(why) => {
                wrong += 1;
                eprintln!("{}:{}:1: {why}", file.display(), n + 1);
                continue;
            }
        };
        if at < last {
            eprintln!(
                "{}:{}:1: earlier than the line before; taken as {last}",
                file.display(),
                n + 1
            );
        }
        last = last.max(at);
        pass_time(&mut engines, last, &mut printer);
        if args.home.as_ref().is_some_and(|h| *h != home) {
            continue;
        }
        if !engines.contains_key(&home) {
            engines.insert(home.clone(), move_in(config, &home, last)?);
        }
        let Some(engine) = engines.get_mut(&home) else { continue };
        let effects = engine.step(last, &input);
        printer.step(last, &home, &input, &effects, |n| engine.incidents().get(&n));
    }
    if 0 < wrong {
        return Err(Failure::Wrong(format!("{wrong} lines were not understood and left out")));
    }
    Ok(())
}

fn parse(line: &str) -> Result<(Time, HomeId, Input), String> {
    let recorded: Recorded = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let property: Property = recorded.property.parse()?;
    let observation = Observation::new(property, recorded.value)?;
    let device: DeviceId = recorded.device.parse()?;
    let input = Input::Heard { device, observations: vec![observation], retained: false };
    Ok((recorded.at.parse()?, recorded.home.parse()?, input))
}

/// Lets every deadline before `now` fire at its own instant, in order over all homes.
fn pass_time(engines: &mut BTreeMap<HomeId, Engine>, now: Time, printer: &mut Printer) {
    loop {
        let due = engines.iter().filter_map(|(home, e)| Some((e.wake()?, home.clone()))).min();
        let Some((at, home)) = due.filter(|(at, _)| *at < now) else { return };
        let Some(engine) = engines.get_mut(&home) else { return };
        let effects = engine.step(at, &Input::Tick);
        printer.step(at, &home, &Input::Tick, &effects, |n| engine.incidents().get(&n));
    }
}

/// A home of the register; or, for a recording of somebody else's, one like the first of it.
fn move_in(config: &Config, id: &HomeId, now: Time) -> Result<Engine, Failure> {
    let known = config.homes.iter().find(|h| h.id == *id);
    let home = match (known, config.homes.first()) {
        (Some(home), _) => Arc::clone(home),
        (None, Some(like)) => {
            let devices = Vec::new();
            Arc::new(Home { id: id.clone(), name: id.to_string(), devices, ..(**like).clone() })
        }
        (None, None) => return Err(Failure::Wrong("register.toml has no [[home]]".to_owned())),
    };
    let mut engine = Engine::new(Arc::clone(&config.book));
    let rules = config.book_texts.digest();
    engine.step(now, &Input::Home { home, rules });
    Ok(engine)
}
