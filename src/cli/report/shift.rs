//! `careloop report shift`

use std::collections::BTreeMap;
use std::path::Path;

use super::{Failure, Form, is_running, looks, open, print_json};
use crate::clock::Clock;
use crate::domain::{Entry, PersonId, Time};
use crate::report::Shift;
use crate::web::story_line;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// From when, such as 2026-11-28T06:00:00+08:00; eight hours before its end if left out
    #[arg(long)]
    from: Option<Time>,
    /// Until when; now if left out
    #[arg(long)]
    to: Option<Time>,
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let Args { from, to, form } = args;
    let clock = Clock::start(None);
    let to = to.unwrap_or_else(|| clock.wall());
    let from = from.unwrap_or(to - Shift::USUAL);
    if to <= from {
        return Err(Failure::Wrong(format!(
            "a shift ends after it begins; {to} is not after {from}"
        )));
    }
    let cases = reader.cases(from, to, &config.homes)?;
    let looks = looks(&config, &reader)?;
    let is_live = is_running(&config);
    let seen: Vec<_> = looks
        .iter()
        .map(|look| {
            // Of a hub that does not run, nothing is known since it stopped.
            let now = if is_live { clock.wall() - look.offset } else { look.now };
            look.seen(now)
        })
        .collect();
    let shift = Shift::new(&cases, &seen, is_live, from, to);
    let people: BTreeMap<PersonId, String> =
        config.people.iter().map(|who| (who.id.clone(), who.name.clone())).collect();
    let say = |entry: &Entry| story_line(entry, form.lang, &people);
    if form.json {
        return print_json(&shift);
    }
    if form.csv {
        text!("{}", shift.csv(say));
    } else {
        text!("{}", shift.markdown(form.lang, say));
    }
    Ok(())
}
