//! A town of such homes: which sensors the home of a number has, and what comes of the life in it.

use std::sync::Arc;

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

    /// Lives one of them, and judges what came of it.
    pub fn live(&self, book: &Arc<Book>, nth: u64) -> Result<Tally, String> {
        let (set, home, terms) = self.home(nth)?;
        let mut tally = Tally::default();
        tally.add(nth, set, &live(book, &home, &terms), book, &terms);
        Ok(tally)
    }
}
