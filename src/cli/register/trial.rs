//! `careloop register try`: the running gateway sends somebody a code.

use std::path::Path;

use reqwest::Method;
use serde_json::json;

use super::super::{Failure, api, runtime};
use crate::config;
use crate::domain::{Name, PersonId};
use crate::registrar::Tried;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Whom
    who: PersonId,
    /// By which of their channels; the first that nobody has tried, if left out
    #[arg(long, value_name = "CHANNEL")]
    by: Option<Name>,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let Args { who, by } = args;
    let settings = config::settings(folder)?;
    let body = json!({ "who": who, "channel": by }).to_string();
    let asked = api::ask(&settings, Method::POST, "register/trials", ("application/json", body));
    let answer = api::heed(runtime()?.block_on(asked)?)?;
    let not_ours = |e: serde_json::Error| Failure::Cannot(format!("the gateway says `{e}`"));
    let Tried { channel, how, counts_for } = serde_json::from_str(&answer).map_err(not_ours)?;
    line!("{how}, by {channel}; the code counts for {counts_for}");
    line!("when they say it back: careloop register verified {who} {channel} --code CODE");
    Ok(())
}
