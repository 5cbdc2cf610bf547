//! `careloop incident list|show|move`

use std::path::Path;

use super::{Failure, api, grounds, load, open, print_json, runtime};
use crate::domain::{Group, HomeId, IncidentId, Level};
use crate::store::views::{Filter, Shown};
use crate::timeline;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List incidents, the most urgent first
    List(List),
    /// Show one incident with its story
    Show(Show),
    /// Move an incident on, through the running gateway
    Move(Move),
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Closed ones too
    #[arg(long)]
    all: bool,
    /// Only of this home
    #[arg(long)]
    home: Option<HomeId>,
    /// At least this level: info, normal, serious, urgent
    #[arg(long)]
    level: Option<Level>,
    /// Only what is about this: safety, vital, activity, environment, equipment, visit, request
    #[arg(long)]
    group: Option<Group>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Which, such as h1-7
    id: IncidentId,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Move {
    /// Which, such as h1-7
    id: IncidentId,
    /// accept, en-route, on-scene, resolve, verify, rework, hand-over, return, note, assign, ask, grant, deny,
    /// merge, reopen, whistle, report-in, finish, supervise, called, check or review
    what: String,
    /// Other words of the move, such as wish=park lasts=7d, lead=gas-company, number=120, score=5
    #[arg(value_parser = word)]
    more: Vec<(String, String)>,
    /// Who does it, as in the register
    #[arg(long)]
    by: String,
    /// For resolve: safe, assisted, hospital, died, repaired, no-access, refused, false-alarm or test
    #[arg(long)]
    outcome: Option<String>,
    /// Why, what was said, what was done: in your own words
    #[arg(long, default_value = "")]
    words: String,
    /// For hand-over and assign: who takes it
    #[arg(long)]
    to: Option<String>,
}

/// `lasts=7d`
fn word(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').ok_or("write KEY=VALUE, such as wish=park")?;
    Ok((parts.0.to_owned(), parts.1.to_owned()))
}

pub(super) fn run(folder: &Path, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(folder, args),
        Command::Show(args) => show(folder, &args),
        Command::Move(args) => make_move(folder, &args),
    }
}

fn list(folder: &Path, args: List) -> Result<(), Failure> {
    let (_, reader) = open(folder)?;
    let open = if args.all { None } else { Some(true) };
    let (home, level, group) = (args.home, args.level, args.group);
    let filter =
        Filter { open, homes: home.map(|home| vec![home]), level, group, ..Filter::default() };
    let incidents = reader.incidents(&filter)?;
    if args.json {
        return print_json(&incidents.iter().map(as_json).collect::<Vec<_>>());
    }
    if incidents.is_empty() {
        line!("no {}incidents", if args.all { "" } else { "open " });
    }
    for shown in &incidents {
        line!("{}", line(shown));
    }
    Ok(())
}

/// With the id as it is written everywhere else: `h1-7`.
fn as_json(shown: &Shown) -> serde_json::Value {
    let mut all = serde_json::json!(shown);
    if let Some(fields) = all.as_object_mut() {
        fields.insert("id".to_owned(), shown.id.to_string().into());
    }
    all
}

fn line(shown: &Shown) -> String {
    let incident = &shown.incident;
    let who = incident.accepted.as_ref().map_or(String::new(), |(by, _)| format!(", {by} has it"));
    format!(
        "{:<8} {:<8} {:<9} {} · {}: {}{who}",
        shown.id.to_string(),
        incident.level,
        incident.stage,
        incident.title.en,
        incident.title.zh,
        incident.reason.en(),
    )
}

fn show(folder: &Path, args: &Show) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let Some(shown) = reader.incident(&args.id)? else {
        return Err(Failure::Cannot(format!("there is no incident {}", args.id)));
    };
    let entries = reader.entries(&args.id)?;
    let deliveries = reader.deliveries(&args.id)?;
    if args.json {
        return print_json(&serde_json::json!({
            "incident": as_json(&shown), "story": entries, "deliveries": deliveries,
        }));
    }
    line!("{}", line(&shown));
    let home = config.homes.iter().find(|h| h.id == args.id.home);
    let zone = home.and_then(|h| jiff::tz::TimeZone::get(&h.zone).ok());
    let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
    let mut day = None;
    for entry in entries {
        let date = entry.at.civil(&zone).date();
        if day != Some(date) {
            line!("{date}");
            day = Some(date);
        }
        line!("{}  {}", timeline::clock(entry.at, &zone), timeline::entry_text(&entry));
        for line in grounds::lines(&entry.what, &zone) {
            line!("         {line}");
        }
    }
    for sent in deliveries {
        let to = sent.person.unwrap_or_else(|| "resident".to_owned());
        line!("  {to} by {}: {}, {} attempts", sent.channel, sent.state, sent.attempts);
    }
    Ok(())
}

fn make_move(folder: &Path, args: &Move) -> Result<(), Failure> {
    let config = load(folder)?;
    let mut body = serde_json::json!({ "move": args.what, "by": args.by });
    let words = match args.what.as_str() {
        "resolve" | "finish" => Some("note"),
        "note" | "review" => Some("text"),
        "rework" | "return" | "ask" | "deny" | "reopen" | "whistle" | "supervise" => Some("why"),
        "called" => Some("said"),
        _ => None,
    };
    if words.is_none() && !args.words.is_empty() {
        return Err(Failure::Wrong(format!("`{}` takes no words", args.what)));
    }
    if let Some(fields) = body.as_object_mut() {
        for (key, word) in &args.more {
            fields.insert(key.clone(), word.clone().into());
        }
        if let Some(words) =
            words.filter(|words| !args.words.is_empty() || !fields.contains_key(*words))
        {
            fields.insert(words.to_owned(), args.words.clone().into());
        }
        if let Some(outcome) = &args.outcome {
            fields.insert("outcome".to_owned(), outcome.clone().into());
        }
        if let Some(to) = &args.to {
            fields.insert("to".to_owned(), to.clone().into());
        }
    }
    let path = format!("incidents/{}/moves", args.id);
    let body = ("application/json", body.to_string());
    let asked = api::ask(&config.settings, reqwest::Method::POST, &path, body);
    api::heed(runtime()?.block_on(asked)?)?;
    line!("{} {} by {}", args.id, args.what, args.by);
    Ok(())
}
