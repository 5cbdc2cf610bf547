//! `careloop devices report HOME`

use std::path::Path;

use reqwest::Method;

use super::{Failure, load, print_json};
use crate::cli::{api, open, runtime, status};
use crate::clock::Clock;
use crate::device::Commissioning;
use crate::domain::HomeId;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which home of the register
    home: HomeId,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let config = load(folder)?;
    if status::is_running(&config) && config.settings.http.is_some() {
        let format = if args.json { "json" } else { "markdown" };
        let path = format!("homes/{}/report?format={format}", args.home);
        let nothing = ("application/json", String::new());
        let asked = api::ask(&config.settings, Method::GET, &path, nothing);
        let report = api::heed(runtime()?.block_on(asked)?)?;
        text!("{}\n", report.trim_end());
        return Ok(());
    }
    // The gateway does not run: what is registered and on record, and nothing of how things are.
    let Some(home) = config.homes.iter().find(|home| home.id == args.home) else {
        return Err(Failure::Wrong(format!("there is no home `{}` in the register", args.home)));
    };
    let walks = if config.settings.store.path.exists() {
        open(folder)?.1.walks(&home.id)?
    } else {
        std::collections::BTreeMap::new()
    };
    let made = Clock::start(None).wall();
    let report = Commissioning::new(home, &config.profiles, &config.coverage, None, &walks, made);
    if args.json {
        return print_json(&report);
    }
    text!("{}", report.markdown());
    Ok(())
}
