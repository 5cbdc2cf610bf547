//! The two kinds of figure: a share of a number, and how lengths of time are spread.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::domain::Span;

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// How many are as they should be, or are what is counted.
    pub hits: usize,
    /// Of how many.
    pub of: usize,
}

impl Share {
    /// Counts one more.
    pub const fn add(&mut self, hit: bool) {
        self.of += 1;
        if hit {
            self.hits += 1;
        }
    }

    /// In per cent; `None` of nothing. Cut off after one decimal and never rounded up, so that what misses
    /// a target is not printed as if it had met it.
    pub fn percent(&self) -> Option<f64> {
        let permille = self.hits.checked_mul(1000)?.checked_div(self.of)?;
        Some(f64::from(u32::try_from(permille).ok()?) / 10.0)
    }

    /// Whether it is at least so many per cent, exactly; `None` of nothing.
    pub fn reaches(&self, percent: f64) -> Option<bool> {
        let (hits, of) = (u32::try_from(self.hits).ok()?, u32::try_from(self.of).ok()?);
        (0 < of).then(|| percent * f64::from(of) <= f64::from(hits) * 100.0)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut share = to.serialize_struct("Share", 3)?;
        share.serialize_field("hits", &self.hits)?;
        share.serialize_field("of", &self.of)?;
        share.serialize_field("percent", &self.percent())?;
        share.end()
    }
}

/// How lengths of time are spread.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spread {
    /// In the order they came; sorted when asked.
    all: Vec<Span>,
    /// Lengths below nothing: the wall clock was set back in between, and nobody knows how long it took.
    pub unmeasured: usize,
}

impl Spread {
    /// One more length of time.
    pub fn add(&mut self, span: Span) {
        if span < Span::ZERO {
            self.unmeasured += 1;
        } else {
            let place = self.all.partition_point(|other| *other <= span);
            self.all.insert(place, span);
        }
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.all.len()
    }

    /// The shortest of them that at least so many per cent do not exceed; `None` of nothing. It is one that
    /// was measured, and not a number between two.
    pub fn percentile(&self, percent: usize) -> Option<Span> {
        let place = self.all.len().checked_mul(percent)?.div_ceil(100);
        self.all.get(place.saturating_sub(1)).copied()
    }

    /// The longest.
    pub fn max(&self) -> Option<Span> {
        self.all.last().copied()
    }
}

impl Serialize for Spread {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let seconds = |span: Option<Span>| span.map(|span| span.0.div_euclid(1000));
        let mut spread = to.serialize_struct("Spread", 5)?;
        spread.serialize_field("count", &self.count())?;
        spread.serialize_field("p50_s", &seconds(self.percentile(50)))?;
        spread.serialize_field("p90_s", &seconds(self.percentile(90)))?;
        spread.serialize_field("max_s", &seconds(self.max()))?;
        spread.serialize_field("unmeasured", &self.unmeasured)?;
        spread.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_misses_its_target_by_a_hair_is_not_printed_as_having_met_it() {
        let share = Share { hits: 9749, of: 10_000 };
        assert_eq!((share.percent(), share.reaches(97.5)), (Some(97.4), Some(false)));
        let share = Share { hits: 39, of: 40 };
        assert_eq!((share.percent(), share.reaches(97.5)), (Some(97.5), Some(true)));
        assert_eq!((Share::default().percent(), Share::default().reaches(0.0)), (None, None));
    }

    #[test]
    fn a_percentile_is_one_of_the_lengths_and_what_the_clock_spoilt_is_none() {
        let mut spread = Spread::default();
        assert_eq!((spread.percentile(50), spread.max()), (None, None));
        for seconds in [40, 10, 30, -5, 20] {
            spread.add(Span::seconds(seconds));
        }
        let is = |percent, seconds| {
            assert_eq!(spread.percentile(percent), Some(Span::seconds(seconds)), "{percent}");
        };
        is(0, 10);
        is(25, 10);
        is(26, 20);
        is(50, 20);
        is(90, 40);
        is(100, 40);
        assert_eq!((spread.count(), spread.unmeasured), (4, 1));
    }
}
