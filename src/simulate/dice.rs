//! Chance that can be thrown again: the same seed gives the same throws on every machine.

use crate::domain::{Span, Time};

/// A small generator (splitmix64). Good enough for lives, not for secrets.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of their own for the `n`th of many: what the others throw does not change them.
    pub const fn branch(seed: u64, n: u64) -> Self {
        let mut dice = Self(seed ^ n.wrapping_mul(0xD134_2543_DE82_EF95));
        Self(dice.throw())
    }

    const fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A seed for dice that fall on their own from here.
    pub const fn seed(&mut self) -> u64 {
        self.throw()
    }

    /// A whole number from `from` to `to`, both included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let throw = i64::try_from(self.throw() >> 1).unwrap_or(0);
        from + throw.rem_euclid((to - from + 1).max(1))
    }

    /// A whole number around `middle`, at most `spread` away, and rarely that far.
    pub fn about(&mut self, middle: i64, spread: i64) -> i64 {
        let mut sum = 0;
        for _ in 0..3 {
            sum += self.between(-spread, spread);
        }
        middle + sum / 3
    }

    /// So many minutes, to the second.
    pub fn minutes(&mut self, from: i64, to: i64) -> Span {
        Span::seconds(self.between(from * 60, to * 60))
    }

    /// So many seconds.
    pub fn seconds(&mut self, from: i64, to: i64) -> Span {
        Span::seconds(self.between(from, to))
    }

    /// An instant from `from` on and before `to`, to the second; `from`, if there is none.
    pub fn within(&mut self, from: Time, to: Time) -> Time {
        let seconds = ((to - from).0 / 1000).max(1);
        from + Span::seconds(self.between(0, seconds - 1))
    }

    /// This share of a span, in per cent.
    pub fn share(&mut self, span: Span, from: i64, to: i64) -> Span {
        Span(span.0 / 100 * self.between(from, to))
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, n: i64) -> bool {
        self.between(1, 100) <= n
    }

    /// True so many times in a thousand.
    pub fn permille(&mut self, n: i64) -> bool {
        self.between(1, 1000) <= n
    }

    /// A number between two others, to a tenth.
    pub fn number(&mut self, from: i32, to: i32) -> f64 {
        let tenths = self.between(i64::from(from) * 10, i64::from(to) * 10);
        f64::from(i32::try_from(tenths).unwrap_or(from)) / 10.0
    }

    /// One of these; `None` if there are none.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(all.len()).unwrap_or(0) - 1;
        all.get(usize::try_from(self.between(0, last)).unwrap_or(0))
    }
}
