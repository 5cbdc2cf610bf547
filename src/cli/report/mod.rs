//! `careloop report`: what the record comes to, read beside a gateway that runs or does not.

mod month;
mod shift;

use std::path::Path;

use super::{Failure, looks, open, print_json, status::is_running};
use crate::domain::Lang;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// The figures of a month: how many incidents, how soon people answered and came, how many alarms were
    /// false, what became of messages
    Month(month::Args),
    /// The hand-over of a shift: what is open and who has it, what happened, what is overdue or silenced, which
    /// devices are in trouble
    Shift(shift::Args),
}

/// In which form.
#[derive(Debug, clap::Args)]
struct Form {
    /// Print JSON
    #[arg(long, group = "form")]
    json: bool,
    /// Print CSV, one figure a line
    #[arg(long, group = "form")]
    csv: bool,
    /// Print Markdown, to read and to print; so it is without a word
    #[arg(long, group = "form")]
    md: bool,
    /// In which language: zh or en
    #[arg(long, default_value = "zh")]
    lang: Lang,
}

pub(super) fn run(folder: &Path, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Month(args) => month::run(folder, args),
        Command::Shift(args) => shift::run(folder, args),
    }
}
