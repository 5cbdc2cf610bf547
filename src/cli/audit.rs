//! `careloop audit verify`

use std::path::Path;

use super::{Failure, open, print_json};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Walk the record from its first entry to its last, and name the first that was changed
    Verify(Args),
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn verify(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (_, reader) = open(folder)?;
    let audit = reader.audit()?;
    if args.json {
        print_json(&audit)?;
    }
    match audit.broken {
        Some(broken) => Err(Failure::Cannot(format!("the record was changed: {broken}"))),
        None if args.json => Ok(()),
        None => {
            line!("{} entries are as they were written; the seal is {}", audit.entries, audit.seal);
            Ok(())
        }
    }
}
