//! A month of the calendar, by the clocks of a home.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use crate::domain::{Span, Time};

/// A month of the calendar, `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Date);

impl Month {
    /// The one that a clock in `zone` shows at this instant.
    pub fn of(at: Time, zone: &TimeZone) -> Self {
        Self(at.civil(zone).date().first_of_month())
    }

    /// The one before.
    pub fn before(self) -> Self {
        Self(self.0.checked_sub(1.month()).unwrap_or(self.0))
    }

    /// The one after.
    pub fn after(self) -> Self {
        Self(self.0.checked_add(1.month()).unwrap_or(self.0))
    }

    /// From its first instant to the first of the next, by the clocks of `zone`.
    pub fn span(self, zone: &TimeZone) -> (Time, Time) {
        let at = |date: Date| Time::of_civil(date.at(0, 0, 0, 0), zone);
        (at(self.0), at(self.after().0))
    }

    /// Where it has begun, or not ended, by any clock of the world.
    pub fn widest(self) -> (Time, Time) {
        let (from, to) = self.span(&TimeZone::UTC);
        (from - Span::hours(24), to + Span::hours(24))
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a month such as `2026-11`");
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(wrong());
        }
        let (year, month) = year.parse().ok().zip(month.parse().ok()).ok_or_else(wrong)?;
        Date::new(year, month, 1).map(Self).map_err(|_no_date| wrong())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
