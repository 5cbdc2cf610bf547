//! `careloop status`

use std::path::Path;

use super::{Failure, open, print_json};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let figures = reader.figures()?;
    let lock = config.settings.store.path.with_extension("lock");
    let is_running = std::fs::File::open(lock)
        .is_ok_and(|file| matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock)));
    if args.json {
        return print_json(&serde_json::json!({ "running": is_running, "store": figures }));
    }
    line!("{}", if is_running { "running" } else { "not running" });
    line!("{} open incidents", figures.open_incidents);
    line!("{} deliveries on their way", figures.waiting_deliveries);
    line!("{} inputs kept, {} KiB on disk", figures.journal_rows, figures.bytes / 1024);
    Ok(())
}
