//! `careloop visits`: whom somebody has to see, read beside a gateway that runs or does not.

use std::path::Path;

use jiff::tz::TimeZone;

use super::{Failure, looks, open, print_json, status::is_running};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{How, Name, PersonId, Standing, Time};
use crate::report::{Named, OpenVisit, WantedVisit, Whose, worklist};
use crate::store::views::Filter;

/// More open incidents than any hub has.
const MOST: u32 = 10_000;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only of homes that this person comes to
    #[arg(long)]
    by: Option<PersonId>,
    /// Only of homes in this grid, or in grids that lie in it
    #[arg(long)]
    grid: Option<Name>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: Args) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let Args { by, grid, json } = args;
    let whose = Whose { by, grid };
    let wrong = whose.wrong(&config.homes, &config.grids);
    if !wrong.is_empty() {
        let why: Vec<String> = wrong.into_iter().map(|(_, why)| why).collect();
        return Err(Failure::Wrong(why.join("\n")));
    }
    let filter = Filter { open: Some(true), most: Some(MOST), ..Filter::default() };
    let open = reader.incidents(&filter)?.into_iter().map(|shown| (shown.id, shown.incident));
    let open: Vec<_> = open.collect();
    let looks = looks(&config, &reader)?;
    let wall = Clock::start(None).wall();
    // What is due is due by the clock, whether the hub runs or not.
    let seen = looks.iter().filter(|look| whose.has(&look.home, &config.grids));
    let visits = worklist(seen.map(|look| look.seen(wall - look.offset)), &open);
    if json {
        return print_json(&visits);
    }
    if !is_running(&config) {
        line!("the gateway does not run: visits are as they were when it stopped");
    }
    if visits.is_empty() {
        line!("no visit is wanted within 14 days");
    }
    for visit in &visits {
        line!("{}", line(visit, &zone(&config, visit)));
    }
    Ok(())
}

fn zone(config: &Config, visit: &WantedVisit) -> TimeZone {
    let home = config.homes.iter().find(|home| home.id.as_str() == visit.home);
    home.and_then(|home| TimeZone::get(&home.zone).ok()).unwrap_or(TimeZone::UTC)
}

fn line(visit: &WantedVisit, zone: &TimeZone) -> String {
    let day = |at: Time| at.civil(zone).date();
    let of = |all: &[Named]| {
        all.iter().map(|named| named.title.en.as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut parts = vec![format!("{:<11} {}: {}", visit.standing, visit.home, visit.place)];
    parts.extend(visit.tier.as_ref().map(|tier| tier.name.to_string()));
    let word = if visit.standing == Standing::Coming { "on" } else { "since" };
    parts.extend(visit.due_at.map(|at| format!("{word} {}", day(at))));
    parts.push(match (visit.last, visit.how) {
        (Some(last), Some(How::Remote)) => format!("last seen by sensors {}", day(last)),
        (Some(last), Some(How::Met) | None) => format!("last met {}", day(last)),
        (None, _) => "never visited".to_owned(),
    });
    if 0 < visit.unanswered {
        parts.push(format!("nobody opened, {} in a row", visit.unanswered));
    }
    if !visit.calls.is_empty() {
        parts.push(format!("after {}", of(&visit.calls)));
    }
    if !visit.wrong.is_empty() {
        parts.push(format!("found wrong: {}", of(&visit.wrong)));
    }
    if visit.is_out {
        parts.push("out now".to_owned());
    }
    parts.extend(visit.incidents.iter().map(incident));
    parts.join("; ")
}

fn incident(open: &OpenVisit) -> String {
    let OpenVisit { id, title, stage, holder, .. } = open;
    let who = holder.as_ref().map_or(String::new(), |by| format!(", {by} has it"));
    format!("{id} {} {stage}{who}", title.en)
}
