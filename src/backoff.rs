//! How long to wait before trying again what just failed.

use ring::rand::{SecureRandom, SystemRandom};

use crate::domain::Span;

/// Doubling delays between a first and a longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The delay after the first failure; positive.
    pub first: Span,
    /// No delay is longer.
    pub longest: Span,
}

impl Backoff {
    /// The delay before attempt `n`, counted from 1. The first attempt does not wait; later ones
    /// wait between half and all of the doubled delay, as `random` falls, so that many homes whose
    /// line came back at the same moment do not all call at the same moment.
    pub fn delay(self, n: u32, random: u64) -> Span {
        let Some(doublings) = n.checked_sub(2) else { return Span::ZERO };
        let doubled = i64::checked_pow(2, doublings).and_then(|f| self.first.0.checked_mul(f));
        let full = doubled.unwrap_or(self.longest.0).min(self.longest.0).max(0);
        let half = full / 2;
        let range = u64::try_from(full - half).unwrap_or(0).saturating_add(1);
        Span(half + i64::try_from(random % range).unwrap_or(0))
    }
}

/// A random number of the operating system. Where there is none, jitter is not worth an error: 0.
pub fn dice() -> u64 {
    let mut bytes = [0; 8];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        return 0;
    }
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BACKOFF: Backoff = Backoff { first: Span::seconds(1), longest: Span::seconds(60) };

    #[test]
    fn the_first_attempt_goes_at_once_and_the_delays_double_up_to_the_longest() {
        let most = |n| (0..5000).map(|random| BACKOFF.delay(n, random).0).max().unwrap();
        assert_eq!(BACKOFF.delay(1, u64::MAX), Span::ZERO);
        assert_eq!([2, 3, 4, 5].map(most), [1000, 2000, 4000, 8000]);
        assert_eq!(BACKOFF.delay(8, 30_000), Span::seconds(60));
        assert_eq!(BACKOFF.delay(u32::MAX, 0), Span::seconds(30));
    }

    #[test]
    fn two_homes_do_not_call_at_the_same_moment() {
        assert_ne!(BACKOFF.delay(9, dice()), BACKOFF.delay(9, dice().wrapping_add(7)));
    }

    proptest! {
        #[test]
        fn a_delay_is_never_negative_and_never_longer_than_the_longest(n: u32, random: u64) {
            let delay = BACKOFF.delay(n, random);
            prop_assert!(Span::ZERO <= delay && delay <= BACKOFF.longest);
        }
    }
}
