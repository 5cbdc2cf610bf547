//! `careloop requests`: what people asked for and reported, and what came of it.

use std::path::Path;

use jiff::tz::TimeZone;

use super::{Failure, looks, open, print_json};
use crate::clock::Clock;
use crate::domain::{Group, Home, Light, Span, Time};
use crate::report::AskedFor;
use crate::store::views::Filter;

/// The most that are listed.
const MOST: u32 = 500;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only those that are open
    #[arg(long)]
    open: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let is_open = args.open.then_some(true);
    let (group, most) = (Some(Group::Request), Some(MOST));
    let filter = Filter { open: is_open, group, most, ..Filter::default() };
    let (stories, looks) = (reader.stories(&filter)?, looks(&config, &reader)?);
    let wall = Clock::start(None).wall();
    let requests: Vec<AskedFor> = stories
        .iter()
        .map(|(shown, story)| {
            let look = looks.iter().find(|look| look.home.id == shown.id.home);
            let offset = look.map_or(Span::ZERO, |look| look.offset);
            AskedFor::new((&shown.id, &shown.incident), story, (wall - offset, offset))
        })
        .collect();
    if args.json {
        return print_json(&requests);
    }
    if requests.is_empty() {
        line!("no {}requests", if args.open { "open " } else { "" });
    }
    for request in &requests {
        let home = config.homes.iter().find(|home| home.id.as_str() == request.home);
        line!("{}", line(request, home.map(|home| &**home)));
    }
    Ok(())
}

fn line(request: &AskedFor, home: Option<&Home>) -> String {
    let zone = home.and_then(|home| TimeZone::get(&home.zone).ok()).unwrap_or(TimeZone::UTC);
    let day = |at: Time| at.civil(&zone).date();
    let place = home.map_or(request.home.as_str(), |home| &home.name);
    let (id, title) = (&request.id, &request.title.en);
    let mut parts = vec![format!("{id:<8} {:<9} {title}: {place}", request.stage)];
    parts.extend(request.at.map(|at| format!("since {}", day(at))));
    let (from, code) = (request.from.map(|from| from.name()), request.code.as_deref());
    parts.extend(from.map(|from| format!("from {from} {}", code.unwrap_or_default())));
    parts.extend(request.holder.as_ref().map(|by| format!("{by} has it")));
    parts.extend((request.light == Light::Red).then(|| "late".to_owned()));
    let closed = request.closed_at.zip(request.outcome);
    parts.extend(closed.map(|(at, outcome)| format!("{outcome} {}", day(at))));
    parts.extend(request.score.map(|score| format!("rated {score} of 5")));
    parts.extend(request.text.as_ref().map(|text| format!("“{text}”")));
    parts.iter().map(|part| part.trim_end()).collect::<Vec<_>>().join("; ")
}
