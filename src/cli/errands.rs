//! `careloop visits` and `careloop requests`: whom people have to see, and what was asked for.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;

use super::{Failure, api, load, print_json, runtime};
use crate::config::Config;
use crate::domain::{Name, PersonId, lies_in};

#[derive(Debug, clap::Args)]
pub(super) struct Visits {
    /// Only what this person has to do
    #[arg(long)]
    by: Option<PersonId>,
    /// Only homes of this grid, and of those below it
    #[arg(long)]
    grid: Option<Name>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Requests {
    /// Only what is open
    #[arg(long)]
    open: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn visits(folder: &Path, args: &Visits) -> Result<(), Failure> {
    let config = load(folder)?;
    let by = args.by.as_ref().map(|by| format!("?by={by}")).unwrap_or_default();
    let mut lists = ask(&config, &format!("visits{by}"))?;
    if let Some(grid) = &args.grid {
        let is_there = |visit: &Value| {
            let of = visit.get("grid").and_then(Value::as_str).and_then(|g| g.parse::<Name>().ok());
            of.is_some_and(|of| lies_in(&of, grid, &config.grids))
        };
        for list in lists.as_array_mut().into_iter().flatten() {
            let visits = list.get_mut("visits").and_then(Value::as_array_mut);
            visits.into_iter().for_each(|visits| visits.retain(is_there));
        }
    }
    if args.json {
        return print_json(&lists);
    }
    for list in lists.as_array().into_iter().flatten() {
        line!("{}", text(list, "who").unwrap_or("nobody goes there"));
        for visit in list.get("visits").and_then(Value::as_array).into_iter().flatten() {
            let [standing, home, place] =
                ["standing", "home", "place"].map(|key| text(visit, key).unwrap_or_default());
            let since = text(visit, "due_at").unwrap_or("-");
            let last = text(visit, "last").unwrap_or("never");
            line!("  {standing:<12} {home} {place}  since {since}  last {last}");
        }
    }
    Ok(())
}

pub(super) fn requests(folder: &Path, args: &Requests) -> Result<(), Failure> {
    let config = load(folder)?;
    let asked = ask(&config, if args.open { "requests?open=true" } else { "requests" })?;
    if args.json {
        return print_json(&asked);
    }
    for asked in asked.as_array().into_iter().flatten() {
        let [id, rule, stage, light] =
            ["id", "rule", "stage", "light"].map(|key| text(asked, key).unwrap_or_default());
        let holder = text(asked, "holder").unwrap_or("nobody has it");
        let words = text(asked, "text").unwrap_or_default();
        line!("{id}  {rule}  {stage}  {light}  {holder}  {words}");
    }
    Ok(())
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn ask(config: &Config, path: &str) -> Result<Value, Failure> {
    let nothing = ("application/json", String::new());
    let asked = api::ask(&config.settings, Method::GET, path, nothing);
    let answer = api::heed(runtime()?.block_on(asked)?)?;
    serde_json::from_str(&answer)
        .map_err(|e| Failure::Cannot(format!("the gateway's answer is not JSON: {e}")))
}
