//! One line of a rota: `workdays 08:00-18:00`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::calendar::Calendar;
use crate::domain::time::TimeOfDay;
use crate::domain::{Sentence, both};

/// Hours of certain days. Those that cross midnight belong to the day on which they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    days: Days,
    from: Time,
    /// Not after `from`: on the day that follows.
    to: Time,
}

/// On which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// On every day.
    Daily,
    /// On those that are worked.
    Workdays,
    /// On those that are not.
    Restdays,
    /// On these of the week, Monday first, whatever the calendar says.
    Week([bool; 7]),
}

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn place(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or(0)
}

impl Days {
    /// Whether this is one of them.
    pub fn has(self, day: Date, calendar: &Calendar) -> bool {
        match self {
            Self::Daily => true,
            Self::Workdays => calendar.is_workday(day),
            Self::Restdays => !calendar.is_workday(day),
            Self::Week(days) => days.get(place(day.weekday())) == Some(&true),
        }
    }
}

impl Duty {
    /// From when to when it is held, if it begins on this day.
    pub(super) fn on(&self, day: Date, calendar: &Calendar) -> Option<(DateTime, DateTime)> {
        if !self.days.has(day, calendar) {
            return None;
        }
        let last = if self.to <= self.from { day.tomorrow().ok()? } else { day };
        Some((day.to_datetime(self.from), last.to_datetime(self.to)))
    }
}

impl FromStr for Days {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        match text {
            "daily" => return Ok(Self::Daily),
            "workdays" => return Ok(Self::Workdays),
            "restdays" => return Ok(Self::Restdays),
            _ => {}
        }
        let wrong = |part: &str| {
            let names = NAMES.join(", ");
            both!(
                "“{part}”不是日子：写 daily、workdays、restdays，或 {names} 中的，如 mon-wed,fri",
                "`{part}` is no day: daily, workdays, restdays, or of {names} as in `mon-wed,fri`"
            )
        };
        let mut week = [false; 7];
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let day = |name: &str| NAMES.iter().position(|n| *n == name).ok_or_else(|| wrong(part));
            let (first, last) = (day(first)?, day(last)?);
            // `sat-mon` goes around the end of the week.
            let days = (last + 7 - first) % 7;
            for n in first..=first + days {
                if let Some(is) = week.get_mut(n % 7) {
                    *is = true;
                }
            }
        }
        Ok(Self::Week(week))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Daily => f.write_str("daily"),
            Self::Workdays => f.write_str("workdays"),
            Self::Restdays => f.write_str("restdays"),
            Self::Week(week) => {
                let all = NAMES.iter().zip(week).filter(|(_, is)| **is).map(|(name, _)| *name);
                f.write_str(&all.collect::<Vec<_>>().join(","))
            }
        }
    }
}

impl FromStr for Duty {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        let wrong = || {
            both!(
                "“{text}”不是班次，应如 workdays 08:00-18:00 或 mon-wed,fri 20:00-08:00",
                "`{text}` is no duty such as `workdays 08:00-18:00` or `mon-wed,fri 20:00-08:00`"
            )
        };
        let (days, hours) = text.split_once(' ').ok_or_else(wrong)?;
        let days: Days = days.parse()?;
        let (from, to) = hours.trim().split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| text.trim().parse().ok().map(|TimeOfDay(time)| time);
        let end = if to.trim() == "24:00" { Some(Time::midnight()) } else { time(to) };
        let (from, to) = time(from).zip(end).ok_or_else(wrong)?;
        if from == to && from != Time::midnight() {
            // A whole day from then on, or nothing at all: people mean either.
            return Err(both!(
                "“{text}”开始即结束：全天写 00:00-24:00，或分两行写",
                "`{text}` begins when it ends: write `00:00-24:00` for whole days, or two lines"
            ));
        }
        if from == to && hours.trim() != "00:00-24:00" {
            return Err(both!(
                "“{text}”没有长度：全天写 00:00-24:00",
                "`{text}` has no length: a whole day is `00:00-24:00`"
            ));
        }
        Ok(Self { days, from, to })
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from, self.to);
        let end = if to == Time::midnight() { 24 } else { to.hour() };
        write!(
            f,
            "{} {:02}:{:02}-{end:02}:{:02}",
            self.days,
            from.hour(),
            from.minute(),
            to.minute()
        )
    }
}

/// In the journal as people write it.
impl Serialize for Duty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
