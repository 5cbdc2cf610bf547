//! `careloop home visit`: somebody calls for visits out of turn, of one home or of a whole grid.

use std::sync::Arc;

use serde_json::json;

use super::{post, show};
use crate::cli::{Failure, runtime};
use crate::config::Config;
use crate::domain::{Home, HomeId, Name, PersonId};
use crate::report::Whose;

#[derive(Debug, clap::Args)]
#[command(allow_missing_positional = true)]
pub(super) struct Args {
    /// Which home of the register
    #[arg(required_unless_present = "grid", conflicts_with = "grid")]
    home: Option<HomeId>,
    /// Why: a word that a rule of kind `visit` knows, such as heat-wave
    why: Name,
    /// Instead of one home: all in this grid, and in grids that lie in it
    #[arg(long)]
    grid: Option<Name>,
    /// Who says so, as in the register
    #[arg(long)]
    by: PersonId,
}

pub(super) fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let said = json!({ "say": "visit", "why": args.why, "by": args.by });
    if let Some(home) = &args.home {
        let answer = runtime()?.block_on(post(config, home, &said))?;
        show::print(&show::read(&answer)?);
        return Ok(());
    }
    let homes = homes_of(config, args)?;
    let (called, refused) = runtime()?.block_on(call(config, &homes, &said));
    line!("called for a visit at {called} of {} homes", homes.len());
    if refused.is_empty() {
        return Ok(());
    }
    Err(Failure::Cannot(refused.join("\n")))
}

/// The homes of the grid.
fn homes_of<'c>(config: &'c Config, args: &Args) -> Result<Vec<&'c Arc<Home>>, Failure> {
    let whose = Whose { by: None, grid: args.grid.clone() };
    let wrong = whose.wrong(&config.homes, &config.grids);
    if let Some((_, why)) = wrong.into_iter().next() {
        return Err(Failure::Wrong(why));
    }
    Ok(config.homes.iter().filter(|home| whose.has(home, &config.grids)).collect())
}

/// Calls at each; who refuses keeps nobody else from being called. Returns how many were called, and why
/// others were not.
async fn call(
    config: &Config,
    homes: &[&Arc<Home>],
    said: &serde_json::Value,
) -> (usize, Vec<String>) {
    let (mut called, mut refused) = (0, Vec::new());
    for home in homes {
        match post(config, &home.id, said).await {
            Ok(_) => called += 1,
            Err(why) => refused.push(format!("{}: {why}", home.id)),
        }
    }
    (called, refused)
}
