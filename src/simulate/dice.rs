//! Chance that can be thrown again: the same seed gives the same throws on every machine.

use crate::domain::Span;

/// A small generator (splitmix64). Good enough for lives, not for secrets.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number from `from` to `to`, both included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let throw = i64::try_from(self.throw() >> 1).unwrap_or(0);
        from + throw.rem_euclid((to - from + 1).max(1))
    }

    /// So many minutes, to the second.
    pub fn minutes(&mut self, from: i64, to: i64) -> Span {
        Span::seconds(self.between(from * 60, to * 60))
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, n: i64) -> bool {
        self.between(1, 100) <= n
    }

    /// A number between two others, to a tenth.
    pub fn number(&mut self, from: i32, to: i32) -> f64 {
        let tenths = self.between(i64::from(from) * 10, i64::from(to) * 10);
        f64::from(i32::try_from(tenths).unwrap_or(from)) / 10.0
    }
}
