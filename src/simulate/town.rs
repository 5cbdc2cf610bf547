//! A town of such homes: which sensors the home of a number has, and all of them lived and judged.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::{Home, Time};
use crate::engine::Book;

use super::{Dice, Set, Tally, Terms, furnish, live};

/// In a hundred homes of all sets, so many have the smallest, and so many the usual one.
const SHARES: (i64, i64) = (25, 50);

/// Which sets the homes of a town have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sets {
    /// A mixture.
    All,
    /// All homes have this one.
    One(Set),
}

/// Homes that are drawn from one seed, each by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Town {
    /// The same seed gives the same town.
    pub seed: u64,
    /// Which sensors its homes have.
    pub sets: Sets,
    /// Where their lives begin.
    pub from: Time,
    /// And after how many days they end.
    pub days: i64,
    /// A mishap on so many days in a hundred.
    pub mishaps: i64,
}

impl Town {
    /// The home of this number, and the life in it. Fails where its number makes no name.
    pub fn home(&self, nth: u64) -> Result<(Set, Arc<Home>, Terms), String> {
        let mut dice = Dice::branch(self.seed, nth);
        let drawn = dice.between(1, 100);
        let set = match self.sets {
            Sets::One(set) => set,
            Sets::All if drawn <= SHARES.0 => Set::Minimal,
            Sets::All if drawn <= SHARES.0 + SHARES.1 => Set::Usual,
            Sets::All => Set::Rich,
        };
        let home = Arc::new(furnish(set, format!("sim-{nth}").parse()?, &mut dice));
        let (seed, from, days, mishaps) = (dice.seed(), self.from, self.days, self.mishaps);
        Ok((set, home, Terms { seed, from, days, mishaps, story: false }))
    }

    /// Lives these homes on as many threads as there are processors. What came of each is added in the
    /// order of their numbers, whichever was done first.
    pub fn live(&self, book: &Arc<Book>, which: Range<u64>) -> Result<Tally, String> {
        let next = AtomicU64::new(which.start);
        let work = || {
            let mut done = Vec::new();
            loop {
                let nth = next.fetch_add(1, Ordering::Relaxed);
                if !which.contains(&nth) {
                    return Ok::<_, String>(done);
                }
                let (set, home, terms) = self.home(nth)?;
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
                all.extend(thread.join().map_err(|_panic| "a thread ended early".to_owned())??);
            }
            Ok::<_, String>(all)
        })?;
        all.sort_by_key(|(nth, _)| *nth);
        let mut sum = Tally::default();
        all.into_iter().for_each(|(_, tally)| sum.merge(tally));
        Ok(sum)
    }
}
