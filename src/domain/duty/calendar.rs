//! Which days are worked.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// Monday to Friday is worked, except on holidays, and so are weekends in exchange (调休).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Calendar {
    /// Public holidays.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub holidays: BTreeSet<Date>,
    /// Days of a weekend that are worked instead.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub workdays: BTreeSet<Date>,
}

impl Calendar {
    /// Nothing is said: every week is like the other.
    pub fn is_empty(&self) -> bool {
        self.holidays.is_empty() && self.workdays.is_empty()
    }

    /// Whether this day is worked.
    pub fn is_workday(&self, day: Date) -> bool {
        let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.workdays.contains(&day) || (!is_weekend && !self.holidays.contains(&day))
    }
}
