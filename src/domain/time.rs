//! Instants and lengths of time, both in whole milliseconds.
//!
//! Two kinds of time must not be mixed up. *Hub time* ([`Time`] in engine and journal) never runs
//! backwards and never jumps: durations are measured on it. *Wall time* is what a clock on the wall
//! shows; the difference is the home's clock offset (see [`crate::domain::Input::Clock`]).
//! On a hub whose clock never stepped the two are equal.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Sentence, both};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(pub i64);

/// A length of time in milliseconds; may be negative as a difference, never when written by people.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(pub i64);

impl Time {
    /// This instant on a wall clock in `zone`.
    pub fn civil(self, zone: &TimeZone) -> civil::DateTime {
        zone.to_datetime(self.timestamp())
    }

    /// The instant as `jiff` knows it; clamped to the years `jiff` can hold.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// The instant at which a clock in `zone` shows `at`. A time skipped by daylight saving is
    /// moved past the gap, a time that occurs twice means the first.
    pub fn of_civil(at: civil::DateTime, zone: &TimeZone) -> Self {
        zone.to_ambiguous_timestamp(at)
            .compatible()
            .map_or(Self(i64::MAX), |t| Self(t.as_millisecond()))
    }

    /// When the day of this instant ends in `zone`.
    pub fn next_midnight(self, zone: &TimeZone) -> Self {
        let tomorrow = self.civil(zone).date().tomorrow();
        tomorrow.map_or(Self(i64::MAX), |day| {
            Self::of_civil(day.to_datetime(civil::Time::midnight()), zone)
        })
    }

    /// Whether at least `span` has passed since then; not if either is unknown.
    pub fn is_after(self, then: Option<Self>, span: Option<Span>) -> bool {
        then.zip(span).is_some_and(|(then, span)| then + span <= self)
    }

    /// `02:10`, as pages and stories show an instant of the same day.
    pub fn hour_minute(self, zone: &TimeZone) -> String {
        let at = self.civil(zone);
        format!("{:02}:{:02}", at.hour(), at.minute())
    }
}

/// RFC 3339 in UTC, to the millisecond: `2026-01-31T02:10:00.000Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

/// Reads RFC 3339, with any offset.
impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_millisecond())).map_err(|e| {
            format!("`{text}` is not an RFC 3339 time such as `2026-01-31T02:10:00Z`: {e}")
        })
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Time {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A number of whole seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n * 1000)
    }

    /// A number of whole minutes.
    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n * 60)
    }

    /// A number of whole hours.
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n * 60)
    }

    /// As people say it in this language.
    pub fn say(self, lang: super::Lang) -> String {
        let en = self.to_string();
        if lang == super::Lang::En {
            return en;
        }
        let zh = en.replace("ms", "毫秒").replace('d', "天").replace('h', "小时");
        zh.replace('m', "分").replace('s', "秒").replace(' ', "")
    }

    /// For timers of the standard library; a negative span is zero.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.0).unwrap_or(0))
    }
}

/// At most the two largest units: `30s`, `12m`, `1h 5m`, `2d 3h`; below a second `250ms`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, i64); 5] =
            [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
        if self.0 < 0 {
            write!(f, "-")?;
        }
        let all = self.0.saturating_abs();
        let first = UNITS.iter().position(|(_, unit)| *unit <= all).unwrap_or(3);
        let Some((name, unit)) = UNITS.get(first) else { return Ok(()) };
        write!(f, "{}{name}", all / unit)?;
        if let Some((next, small)) = UNITS.get(first + 1)
            && *next != "ms"
            && 0 < all % unit / small
        {
            write!(f, " {}{next}", all % unit / small)?;
        }
        Ok(())
    }
}

/// Reads what people write: `30s`, `20m`, `12h`, `1h 30m`, `30d`.
impl FromStr for Span {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        let wrong = || {
            both!(
                "“{text}”不是时长，应如 30s（秒）、20m（分）、12h（小时）、30d（天）",
                "`{text}` is not a length of time such as `30s`, `20m`, `12h` or `30d`"
            )
        };
        let (mut total, mut rest) = (0_i64, text.trim());
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let unit = match unit {
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return Err(wrong()),
            };
            total = number
                .parse::<i64>()
                .ok()
                .and_then(|n| n.checked_mul(unit))
                .and_then(|n| n.checked_add(total))
                .ok_or_else(wrong)?;
            rest = tail.trim_start();
        }
        Ok(Self(total))
    }
}

/// A time of day as people write it, `09:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay(pub civil::Time);

impl FromStr for TimeOfDay {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        let read = civil::Time::strptime("%H:%M", text);
        read.map(Self).map_err(|_no_time| {
            both!("“{text}”不是时刻，应如 09:00", "`{text}` is not a time of day such as 09:00")
        })
    }
}

/// A daily window of wall time, `22:00-06:00`. One that crosses midnight belongs to the day it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    from: civil::Time,
    to: civil::Time,
}

impl Window {
    /// Where in the window `wall` lies: `Ok(start, end)` inside, `Err(next start)` outside.
    ///
    /// Both ends are found on the civil calendar, so that a night of 7 or 9 hours at a change of
    /// daylight saving begins and ends when the wall clock says so.
    pub fn place(&self, wall: Time, zone: &TimeZone) -> Result<(Time, Time), Time> {
        let today = wall.civil(zone).date();
        let start = |day: civil::Date| Time::of_civil(day.to_datetime(self.from), zone);
        let end = |day: civil::Date| {
            let last = if self.to <= self.from { day.tomorrow().unwrap_or(day) } else { day };
            Time::of_civil(last.to_datetime(self.to), zone)
        };
        for day in [today.yesterday().unwrap_or(today), today] {
            if start(day) <= wall && wall < end(day) {
                return Ok((start(day), end(day)));
            }
        }
        let next = start(today);
        Err(if wall < next { next } else { start(today.tomorrow().unwrap_or(today)) })
    }
}

impl FromStr for Window {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        let wrong = || {
            both!(
                "“{text}”不是时段，应如 22:00-06:00",
                "`{text}` is not a daily window such as `22:00-06:00`"
            )
        };
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let time = |t: &str| t.trim().parse().ok().map(|TimeOfDay(time)| time);
        let (from, to) = time(from).zip(time(to)).ok_or_else(wrong)?;
        if from == to {
            return Err(both!("时段“{text}”没有长度", "the window `{text}` has no length"));
        }
        Ok(Self { from, to })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, b) = (self.from, self.to);
        write!(f, "{:02}:{:02}-{:02}:{:02}", a.hour(), a.minute(), b.hour(), b.minute())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_and_print_what_people_write() {
        for text in ["30s", "20m", "12h", "30d", "1h 30m", "250ms", "0s"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for wrong in ["", "20", "m", "20 m", "1y", "-3s", "99999999999999999d"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_night_belongs_to_the_day_it_began_also_when_clocks_change() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let night: Window = "22:00-06:00".parse().unwrap();
        let hours = |inside: &str| {
            let (from, to) = night.place(inside.parse().unwrap(), &zone).unwrap();
            (to - from).0 / 3_600_000
        };
        assert_eq!(hours("2026-01-15T02:00:00+01:00"), 8);
        assert_eq!(hours("2026-03-29T01:30:00+01:00"), 7);
        assert_eq!(hours("2026-10-25T02:30:00+02:00"), 9);
        let noon = "2026-01-15T12:00:00+01:00".parse().unwrap();
        assert_eq!(night.place(noon, &zone), Err("2026-01-15T22:00:00+01:00".parse().unwrap()));
    }
}
