//! `careloop home`: what is known of a home, and what people say of it.

mod call;
mod show;

use std::path::Path;

use reqwest::Method;
use serde_json::json;

use super::{Failure, api, load, runtime};
use crate::config::Config;
use crate::domain::{HomeId, Name, Origin, PersonId, Span};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    saying: Option<Saying>,
    /// Which home of the register; all, if left out
    home: Option<HomeId>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What somebody says of a home, through the running gateway.
#[derive(Debug, clap::Subcommand)]
enum Saying {
    /// Say that nobody is at home: what looks for silence rests; smoke, falls and calls for help do not
    Away(Away),
    /// Say that somebody is at home again
    Back(Back),
    /// Silence a rule of level info or normal for a while
    Silence(Silence),
    /// Let a silenced rule speak again
    Speak(Speak),
    /// Report what no sensor finds: a request, what somebody saw, an order of the hotline
    Report(Report),
    /// Call for a visit out of turn: of one home, or of all in a grid (a heat wave, a festival)
    Visit(call::Args),
}

#[derive(Debug, clap::Args)]
struct Report {
    /// Which home of the register
    home: HomeId,
    /// What it is about: a rule of kind `reported`, such as request-repair
    rule: Name,
    /// Where it comes from: resident, family, grid or hotline
    #[arg(long)]
    from: Origin,
    /// In their own words
    #[arg(long, default_value = "")]
    text: String,
    /// What it is called there: the same one, come twice, is one
    #[arg(long, default_value = "")]
    code: String,
    /// Who says so
    #[arg(long)]
    by: PersonId,
}

#[derive(Debug, clap::Args)]
struct Away {
    /// Which home of the register
    home: HomeId,
    /// For how long: 8h, 3d; at most 60d
    #[arg(long = "for")]
    lasts: Span,
    /// Who says so, as in the register
    #[arg(long)]
    by: PersonId,
}

#[derive(Debug, clap::Args)]
struct Back {
    /// Which home of the register
    home: HomeId,
    /// Who says so, as in the register
    #[arg(long)]
    by: PersonId,
}

#[derive(Debug, clap::Args)]
struct Silence {
    /// Which home of the register
    home: HomeId,
    /// Which rule
    rule: Name,
    /// For how long: 8h, 3d; at most 14d
    #[arg(long = "for")]
    lasts: Span,
    /// Why
    #[arg(long)]
    why: String,
    /// Who says so, as in the register
    #[arg(long)]
    by: PersonId,
}

#[derive(Debug, clap::Args)]
struct Speak {
    /// Which home of the register
    home: HomeId,
    /// Which rule
    rule: Name,
    /// Who says so, as in the register
    #[arg(long)]
    by: PersonId,
}

pub(super) fn run(folder: &Path, args: Args) -> Result<(), Failure> {
    let Args { saying, home, json } = args;
    match saying {
        None => show::run(folder, home.as_ref(), json),
        Some(saying) => say(folder, &saying),
    }
}

fn say(folder: &Path, saying: &Saying) -> Result<(), Failure> {
    let config = load(folder)?;
    let (home, body) = match saying {
        Saying::Away(Away { home, lasts, by }) => {
            (home, json!({ "say": "away", "for": exactly(*lasts), "by": by }))
        }
        Saying::Back(Back { home, by }) => (home, json!({ "say": "back", "by": by })),
        Saying::Silence(Silence { home, rule, lasts, why, by }) => {
            let lasts = exactly(*lasts);
            (home, json!({ "say": "silence", "rule": rule, "for": lasts, "why": why, "by": by }))
        }
        Saying::Speak(Speak { home, rule, by }) => {
            (home, json!({ "say": "speak", "rule": rule, "by": by }))
        }
        Saying::Report(Report { home, rule, from, text, code, by }) => {
            let said = json!({ "say": "report", "rule": rule, "from": from, "text": text,
                "code": code, "by": by });
            (home, said)
        }
        Saying::Visit(args) => return call::run(&config, args),
    };
    let answer = runtime()?.block_on(post(&config, home, &body))?;
    show::print(&show::read(&answer)?);
    Ok(())
}

/// Says it to the running gateway.
async fn post(config: &Config, home: &HomeId, said: &serde_json::Value) -> Result<String, Failure> {
    let body = ("application/json", said.to_string());
    let path = format!("homes/{home}/said");
    api::heed(api::ask(&config.settings, Method::POST, &path, body).await?)
}

/// To read, a length of time has at most two units; to send, all of them.
fn exactly(lasts: Span) -> String {
    format!("{}ms", lasts.0)
}
