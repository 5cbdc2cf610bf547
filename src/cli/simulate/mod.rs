//! `careloop simulate`: whole households, lived through the real engine, and judged.

mod report;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Failure, load};
use crate::domain::{Home, HomeId, Time};
use crate::engine::Book;
use crate::simulate::{Dice, Set, Tally, Terms, furnish, live};

/// In a hundred homes of all sets, so many have the smallest, and so many the usual one.
const SHARES: (i64, i64) = (25, 50);

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

/// Which sets the homes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sets {
    All,
    One(Set),
}

fn sets(text: &str) -> Result<Sets, String> {
    let none = |why: String| format!("{why}, or all");
    if text == "all" { Ok(Sets::All) } else { text.parse().map(Sets::One).map_err(none) }
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let book = load(folder)?.book;
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC);
    let from = Time::of_civil(args.from.to_datetime(jiff::civil::Time::MIN), &zone);
    if args.story {
        let (_, home, terms) = draw(args, from, args.home.unwrap_or(0))?;
        text!("{}", live(&book, &home, &Terms { story: true, ..terms }).story);
        return Ok(());
    }
    let which = args.home.map_or(0..args.homes, |nth| nth..nth.saturating_add(1));
    let tally = simulate(&book, args, from, which)?;
    if args.json {
        return super::print_json(&report::figures(args, &tally));
    }
    report::print(args, &tally, &book);
    Ok(())
}

/// The home of this number: its sensors, its seed.
fn draw(args: &Args, from: Time, nth: u64) -> Result<(Set, Arc<Home>, Terms), Failure> {
    let mut dice = Dice::branch(args.seed, nth);
    let drawn = dice.between(1, 100);
    let set = match args.sets {
        Sets::One(set) => set,
        Sets::All if drawn <= SHARES.0 => Set::Minimal,
        Sets::All if drawn <= SHARES.0 + SHARES.1 => Set::Usual,
        Sets::All => Set::Rich,
    };
    let id: HomeId = format!("sim-{nth}").parse().map_err(Failure::Cannot)?;
    let home = Arc::new(furnish(set, id, &mut dice));
    let (seed, days, mishaps) = (dice.seed(), args.days, args.mishaps);
    Ok((set, home, Terms { seed, from, days, mishaps, story: false }))
}

/// Lives all of them, on as many threads as there are processors. What came of each is added in the
/// order of the homes, whichever was done first.
fn simulate(
    book: &Arc<Book>,
    args: &Args,
    from: Time,
    which: std::ops::Range<u64>,
) -> Result<Tally, Failure> {
    let next = AtomicU64::new(which.start);
    let work = || {
        let mut done = Vec::new();
        loop {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            if !which.contains(&nth) {
                return Ok::<_, Failure>(done);
            }
            let (set, home, terms) = draw(args, from, nth)?;
            let mut tally = Tally::default();
            tally.add(nth, set, &live(book, &home, &terms), book, &terms);
            done.push((nth, tally));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for thread in threads {
            let done = thread.join();
            all.extend(done.map_err(|_panic| Failure::Cannot("a thread ended early".to_owned()))??);
        }
        Ok::<_, Failure>(all)
    })?;
    all.sort_by_key(|(nth, _)| *nth);
    let mut sum = Tally::default();
    all.into_iter().for_each(|(_, tally)| sum.merge(tally));
    Ok(sum)
}
