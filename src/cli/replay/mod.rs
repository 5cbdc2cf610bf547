//! `careloop replay`: the same engine over the journal, a recording, or a story; as it was, or with
//! other rules.

mod journal;
mod recording;
mod report;
mod story;
mod trial;

use std::path::{Path, PathBuf};

use jiff::civil;
use jiff::tz::TimeZone;

use super::{Failure, load};
use crate::config::Config;
use crate::domain::{HomeId, Incident, Input, Time};
use crate::engine::Effect;
use crate::timeline;
use crate::trial::Range;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A recording (JSON lines) or a story (.txt); without it, the journal
    ///
    /// A recording has one observation a line, such as
    /// {"at":"2011-06-15T00:06:32+02:00","home":"h1","device":"pir","property":"motion","value":true}
    /// and may say in which "room" the device is. Lines may be out of order, there twice, and in
    /// several offsets from UTC: all of that is put right, and said on standard error, as are gaps.
    /// Devices that are in no register are taken at their word.
    #[arg(verbatim_doc_comment)]
    file: Option<PathBuf>,
    /// Only this home
    #[arg(long)]
    home: Option<HomeId>,
    /// Print only what the engine does, not what came in
    #[arg(long)]
    effects: bool,
    /// Prove that the journal leads to exactly what is on record
    #[arg(long, conflicts_with_all = ["file", "rules", "plans", "from", "until"])]
    verify: bool,
    /// Say what other rules would change: a rules.toml, or a folder with one and maybe a plans.toml
    #[arg(long, value_name = "FILE-OR-DIR")]
    rules: Option<PathBuf>,
    /// The plans that go with --rules, if not those of its folder or of the configuration
    #[arg(long, value_name = "FILE")]
    plans: Option<PathBuf>,
    /// Only what happens from here on, 2026-01-31 or 2026-01-31T02:10:00Z; all before is gone through
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only what happens before this
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Print what other rules would change as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let is_trial = args.rules.is_some() || args.plans.is_some();
    if args.json && !is_trial {
        return Err(Failure::Wrong("--json goes with --rules or --plans".to_owned()));
    }
    let is_story = args.file.as_ref().filter(|f| f.extension().is_some_and(|e| e == "txt"));
    match (&args.file, is_story) {
        (_, Some(_)) if is_trial => Err(Failure::Wrong(
            "other rules are tried on the journal or a recording; a story is played by the rules of \
             --config"
                .to_owned(),
        )),
        (_, Some(file)) => story::play(folder, file),
        (None, None) if is_trial => trial::journal(folder, args),
        (None, None) => journal::print(folder, args),
        (Some(file), None) if is_trial => trial::recording(&load(folder)?, file, args),
        (Some(file), None) => recording::print(&load(folder)?, file, args),
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let cannot = |e| Failure::Cannot(format!("cannot read {}: {e}", file.display()));
    std::fs::read_to_string(file).map_err(cannot)
}

/// What of the time is looked at, as it was asked for.
fn range(args: &Args, zone: &TimeZone) -> Result<Range, Failure> {
    let read = |text: &Option<String>, otherwise| {
        text.as_ref().map_or(Ok(Time(otherwise)), |text| instant(text, zone))
    };
    let range = Range { from: read(&args.from, i64::MIN)?, until: read(&args.until, i64::MAX)? };
    if range.until <= range.from {
        return Err(Failure::Wrong("--until is not after --from".to_owned()));
    }
    Ok(range)
}

/// An instant as people write it: with its offset, or on the home's wall clock.
fn instant(text: &str, zone: &TimeZone) -> Result<Time, Failure> {
    if let Ok(at) = text.parse::<Time>() {
        return Ok(at);
    }
    let civil = text.parse::<civil::DateTime>();
    civil.map(|at| Time::of_civil(at, zone)).map_err(|_not_one| {
        Failure::Wrong(format!(
            "`{text}` is not a time such as 2026-01-31, 2026-01-31T02:10 or 2026-01-31T02:10:00Z"
        ))
    })
}

/// The wall clock that times are shown on: the first home's.
fn zone(config: &Config) -> TimeZone {
    let zone = config.homes.first().and_then(|h| TimeZone::get(&h.zone).ok());
    zone.unwrap_or(TimeZone::UTC)
}

/// Prints what happens, with the day wherever it changes.
struct Printer {
    zone: TimeZone,
    range: Range,
    day: Option<civil::Date>,
    effects_only: bool,
}

impl Printer {
    fn new(config: &Config, args: &Args) -> Result<Self, Failure> {
        let zone = zone(config);
        let range = range(args, &zone)?;
        Ok(Self { zone, range, day: None, effects_only: args.effects })
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
        if at < self.range.from || self.range.until <= at {
            return;
        }
        if !self.effects_only && !matches!(input, Input::Tick) {
            self.line(at, &format!("{home} {}", timeline::input(input, incident)));
        }
        let all = self.effects_only;
        for effect in effects.iter().filter(|e| all || !timeline::is_echo(e)) {
            self.line(at, &format!("> {home} {}", timeline::effect(effect)));
        }
    }
}
