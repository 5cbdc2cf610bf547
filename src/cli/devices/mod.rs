//! `careloop devices`: one file a subcommand.

mod deeds;
mod draft;
mod identify;
mod list;
mod profiles;
mod report;
mod strange;
mod walk;
mod waiting;

use std::path::Path;

use super::{Failure, load, open, print_json};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// In the order in which a technician needs them.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the devices of the register (what `careloop devices` alone does), and how they are while
    /// the gateway runs
    List(Form),
    /// List devices that speak or are announced and are not in the register, with what they may be
    Waiting(Form),
    /// Say which profiles match what was heard, and why others do not
    Identify(identify::Args),
    /// Begin the profile of a model that nobody has written one for
    Draft(draft::Args),
    #[command(flatten)]
    Deed(deeds::Deed),
    /// Try a device out: says what to do and ticks off what it sees; exit code 0: passed, 1: not
    Walk(walk::Args),
    /// Print the commissioning report of a home: what is mounted and tried out, and what is missing
    Report(report::Args),
    /// List what was not understood, and messages from nobody known; not of devices that wait with their
    /// models
    Strange(Form),
    /// List the device profiles: every model that is known
    Profiles(Form),
}

/// How to print the result.
#[derive(Debug, Clone, Copy, clap::Args)]
struct Form {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let listed = Command::List(Form { json: args.json });
    match args.command.as_ref().unwrap_or(&listed) {
        Command::Deed(deed) => deeds::run(folder, deed),
        Command::List(form) => list::run(folder, form.json),
        Command::Profiles(form) => profiles::run(folder, form.json),
        Command::Report(args) => report::run(folder, args),
        Command::Strange(form) => strange::run(folder, form.json),
        Command::Walk(args) => walk::run(folder, args),
        Command::Waiting(form) => waiting::run(folder, form.json),
        Command::Identify(args) => identify::run(folder, args),
        Command::Draft(args) => draft::run(folder, args),
    }
}
