//! `careloop report month 2026-11`

use std::path::Path;

use super::{Failure, Form, open, print_json};
use crate::clock::Clock;
use crate::domain::Name;
use crate::domain::grid::Within;
use crate::report::{Kpi, Month};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Which month, such as 2026-11
    month: Month,
    /// Only of this grid and what lies in it
    #[arg(long)]
    grid: Option<Name>,
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let Args { month, grid, form } = args;
    let own = config.homes.iter().filter_map(|home| home.grid.as_ref());
    let mut known = config.grids.iter().map(|grid| &grid.id).chain(own);
    if let Some(grid) = grid.as_ref().filter(|grid| !known.any(|known| known == *grid)) {
        return Err(Failure::Wrong(format!("no home of the register is in a grid `{grid}`")));
    }
    let (from, to) = month.widest();
    let cases = reader.cases(from, to, &config.homes)?;
    let (homes, now) = (&config.homes, Clock::start(None).wall());
    let within = grid.as_ref().map(|grid| Within { grid, grids: &config.grids });
    let kpi = Kpi::new(*month, within, &cases, homes, &config.targets, now);
    if form.json {
        return print_json(&kpi);
    }
    if form.csv {
        text!("{}", kpi.csv());
    } else {
        text!("{}", kpi.markdown(form.lang));
    }
    Ok(())
}
