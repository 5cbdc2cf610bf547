//! `careloop token`: tokens for programs, each with no more rights than it needs.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Failure, api, load, print_json, runtime};
use crate::domain::{May, Name, Span};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Give a program a token, and print it: it is told this once
    Add(Add),
    /// List the programs that have one
    List {
        /// Print the list as JSON
        #[arg(long)]
        json: bool,
    },
    /// End a program's token
    End {
        /// The program's
        name: Name,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// What the program is called here: another token of this name ends
    name: Name,
    /// observe: say what sensors saw; read: see what there is; all: also change it
    #[arg(long, value_name = "RIGHT")]
    may: May,
    /// How long it is good, such as 365d; for ever, if left out
    #[arg(long = "for", value_name = "SPAN")]
    lasts: Option<Span>,
}

pub(super) fn run(folder: &Path, command: &Command) -> Result<(), Failure> {
    let config = load(folder)?;
    let ask = |method, path: &str, body: String| {
        let asked = api::ask(&config.settings, method, path, ("application/json", body));
        api::heed(runtime()?.block_on(asked)?)
    };
    match command {
        Command::Add(Add { name, may, lasts }) => {
            let lasts = lasts.as_ref().map(ToString::to_string);
            let body = json!({ "name": name.as_str(), "may": may.name(), "for": lasts });
            let answer = ask(Method::POST, "tokens", body.to_string())?;
            let said: Value = serde_json::from_str(&answer).unwrap_or_default();
            line!("{}", said.get("token").and_then(Value::as_str).unwrap_or_default());
        }
        Command::List { json } => {
            let said: Value = serde_json::from_str(&ask(Method::GET, "tokens", String::new())?)
                .unwrap_or_default();
            if *json {
                return print_json(&said);
            }
            let text = |token: &Value, key: &str| {
                token.get(key).and_then(Value::as_str).unwrap_or("no end").to_owned()
            };
            for token in said.as_array().into_iter().flatten() {
                let [name, may, since, until] =
                    ["name", "may", "since", "until"].map(|key| text(token, key));
                line!("{name}  may {may}  since {since}  until {until}");
            }
        }
        Command::End { name } => {
            ask(Method::DELETE, &format!("tokens/{name}"), String::new())?;
            line!("the token of {name} opens nothing any more");
        }
    }
    Ok(())
}
