//! The silences of one day, half-hour by half-hour of wall time: what a home's own inactivity limit is
//! learnt from. A day takes a hundred octets, so that ten thousand homes fit into memory.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::{Span, Time};

/// Half-hours of a day.
pub(super) const HALVES: usize = 48;
/// Minutes of one half-hour.
pub(super) const HALF: i64 = 30;
/// Minutes of one step of an octet.
const STEP: i64 = 6;
/// Nobody was at home in that half-hour, or nobody could see them.
const UNSEEN: u8 = u8::MAX;

/// One length of silence for each half-hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Halves([u8; HALVES]);

/// The silences of one day at home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SilentDay {
    /// By the calendar of the home.
    pub(super) date: Date,
    /// The longest silence within the half-hour, counted from where it began.
    longest: Halves,
    /// How long it had been silent when the half-hour ended.
    standing: Halves,
}

/// A part of a silence that lies within one half-hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// When it begins, on the wall.
    pub(super) from: Time,
    /// When it ends.
    pub(super) to: Time,
    /// On which day.
    pub(super) date: Date,
    /// In which half-hour.
    pub(super) half: usize,
    /// Whether the silence lasted to the end of the half-hour.
    ends: bool,
}

/// Cuts a silence into half-hours of the wall clock. A change of daylight saving is never within one.
pub(super) fn pieces(since: Time, until: Time, zone: &TimeZone) -> impl Iterator<Item = Piece> {
    let mut from = since;
    std::iter::from_fn(move || {
        if until <= from {
            return None;
        }
        let at = from.civil(zone);
        let minute = i64::from(at.hour()) * 60 + i64::from(at.minute());
        let into = Span::seconds((minute % HALF) * 60 + i64::from(at.second()));
        let end = from + Span::minutes(HALF) - into - Span(i64::from(at.millisecond()));
        let to = end.min(until);
        let half = usize::try_from(minute / HALF).unwrap_or(0);
        let piece = Piece { from, to, date: at.date(), half, ends: end <= until };
        from = to;
        Some(piece)
    })
}

impl SilentDay {
    /// A day of which nothing was seen yet.
    pub(super) const fn new(date: Date) -> Self {
        Self { date, longest: Halves([UNSEEN; HALVES]), standing: Halves([UNSEEN; HALVES]) }
    }

    /// Takes note of a part of a silence that began at `since`.
    pub(super) fn note(&mut self, piece: &Piece, since: Time) {
        let minutes = (piece.to - since).0 / 60_000;
        self.longest.raise(piece.half, minutes);
        if piece.ends {
            self.standing.set(piece.half, minutes);
        }
    }

    /// The longest silence within the half-hour, in minutes, if the home was seen then.
    pub(super) fn longest(&self, half: usize) -> Option<i64> {
        self.longest.minutes(half)
    }

    /// How long it had been silent when the half-hour ended, in minutes.
    pub(super) fn standing(&self, half: usize) -> Option<i64> {
        self.standing.minutes(half)
    }

    /// The longest silence of the day, in minutes.
    pub(super) fn longest_of_all(&self) -> Option<i64> {
        (0..HALVES).filter_map(|half| self.longest(half)).max()
    }

    /// For how long the resident was seen at home, to half an hour.
    pub(super) fn seen(&self) -> Span {
        let seen = (0..HALVES).filter(|half| self.longest(*half).is_some()).count();
        Span::minutes(HALF * i64::try_from(seen).unwrap_or(0))
    }
}

impl Halves {
    fn minutes(&self, half: usize) -> Option<i64> {
        self.0.get(half).filter(|n| **n != UNSEEN).map(|n| i64::from(*n) * STEP)
    }

    fn set(&mut self, half: usize, minutes: i64) {
        if let Some(n) = self.0.get_mut(half) {
            *n = u8::try_from(minutes / STEP).unwrap_or(UNSEEN).min(UNSEEN - 1);
        }
    }

    fn raise(&mut self, half: usize, minutes: i64) {
        if self.minutes(half).is_none_or(|before| before < minutes) {
            self.set(half, minutes);
        }
    }
}

/// Sixty-four characters: a saved state is read often, and by people rarely.
impl Serialize for Halves {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&data_encoding::BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Halves {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let octets = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes());
        let octets = octets.map_err(serde::de::Error::custom)?;
        let wrong =
            |o: Vec<u8>| serde::de::Error::custom(format!("{} half-hours are not a day", o.len()));
        octets.try_into().map(Self).map_err(wrong)
    }
}
