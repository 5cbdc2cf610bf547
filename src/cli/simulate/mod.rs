//! `careloop simulate`: whole households, lived through the real engine, and judged.

mod report;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Failure, load};
use crate::domain::Time;
use crate::engine::Book;
use crate::simulate::{Sets, Tally, Terms, Town, live};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The same seed gives the same output, to the byte
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// How many homes
    #[arg(long, default_value_t = 100, value_name = "H")]
    homes: u64,
    /// How many days in each
    #[arg(long, default_value_t = 30, value_name = "D", value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: i64,
    /// Which sensors they have: usual, minimal, rich, or all for a mixture
    #[arg(long, default_value = "usual", value_name = "SET", value_parser = sets)]
    sets: Sets,
    /// A mishap on so many days in a hundred
    #[arg(long, default_value_t = 10, value_name = "PERCENT", value_parser = clap::value_parser!(i64).range(0..=100))]
    mishaps: i64,
    /// Midnight of this day is where they begin
    #[arg(long, default_value = "2026-01-01", value_name = "DATE")]
    from: jiff::civil::Date,
    /// Only this home, counted from 0
    #[arg(long, value_name = "N")]
    home: Option<u64>,
    /// Print its story instead of figures
    #[arg(long, requires = "home", conflicts_with = "json")]
    story: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn sets(text: &str) -> Result<Sets, String> {
    let none = |why: String| format!("{why}, or all");
    if text == "all" { Ok(Sets::All) } else { text.parse().map(Sets::One).map_err(none) }
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let book = load(folder)?.book;
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC);
    let from = Time::of_civil(args.from.to_datetime(jiff::civil::Time::MIN), &zone);
    let (seed, sets, days, mishaps) = (args.seed, args.sets, args.days, args.mishaps);
    let town = Town { seed, sets, from, days, mishaps };
    if args.story {
        let (_, home, terms) = town.home(args.home.unwrap_or(0)).map_err(Failure::Cannot)?;
        text!("{}", live(&book, &home, &Terms { story: true, ..terms }).story);
        return Ok(());
    }
    let which = args.home.map_or(0..args.homes, |nth| nth..nth.saturating_add(1));
    let tally = live_all(&town, &book, which).map_err(Failure::Cannot)?;
    if args.json {
        return super::print_json(&report::figures(args, &tally));
    }
    report::print(args, &tally, &book);
    Ok(())
}

/// Lives these homes on as many threads as there are processors. What came of each is added in the order of
/// their numbers, whichever was done first.
fn live_all(town: &Town, book: &Arc<Book>, which: Range<u64>) -> Result<Tally, String> {
    let next = AtomicU64::new(which.start);
    let work = || {
        let mut done = Vec::new();
        loop {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            if !which.contains(&nth) {
                return Ok::<_, String>(done);
            }
            done.push((nth, town.live(book, nth)?));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_panic| "a thread ended early".to_owned())??);
        }
        Ok::<_, String>(all)
    })?;
    all.sort_by_key(|(nth, _)| *nth);
    let mut sum = Tally::default();
    all.into_iter().for_each(|(_, tally)| sum.merge(tally));
    Ok(sum)
}
