//! Time from left to right, as charts and the day draw it.

use jiff::tz::TimeZone;

use crate::domain::{Home, Level, Span, Time};
use crate::store::views::Shown;
use crate::web::card::Maker;
use crate::web::lang::encode;

use super::chart::round;

/// The right end, in units of the drawing.
const RIGHT: f64 = 360.0;

/// Half as wide as a mark is.
const MARK: f64 = 6.0;

/// Time from left to right.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    from: Time,
    to: Time,
    pieces: i64,
    left: f64,
    /// So many hours from one word to the next; from a day on, midnights.
    hours: i64,
    zone: TimeZone,
}

/// An incident, where it began.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) x: f64,
    /// Its level.
    pub(super) tone: &'static str,
    pub(super) at: String,
    pub(super) title: String,
    pub(super) href: String,
}

impl Axis {
    /// Where the drawing begins; to the left of it stand the numbers.
    pub(super) const LEFT: f64 = 36.0;

    /// Between these in hub time, in so many pieces.
    pub(super) fn new(home: &Home, (from, to): (Time, Time), pieces: i64, hours: i64) -> Self {
        let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
        Self { from, to, pieces, left: Self::LEFT, hours, zone }
    }

    /// The same, beginning farther to the right.
    pub(super) fn right_of(self, left: f64) -> Self {
        Self { left, ..self }
    }

    /// Where an instant is drawn.
    pub(super) fn x(&self, at: Time) -> f64 {
        let part = |span: Span| f64::from(i32::try_from(span.0 / 1000).unwrap_or(i32::MAX));
        let whole = part(self.to - self.from).max(1.0);
        round(self.left + (part(at - self.from) / whole).clamp(0.0, 1.0) * (RIGHT - self.left))
    }

    pub(super) fn step(&self) -> Span {
        Span((self.to - self.from).0 / self.pieces.max(1))
    }

    /// When a piece begins.
    pub(super) fn at(&self, n: i64) -> Time {
        self.from + Span(n * self.step().0)
    }

    /// Hours, or days, with a line at each; by the home's wall clock.
    pub(super) fn ticks(&self, maker: &Maker<'_>) -> Vec<(f64, String)> {
        let first = maker.wall(self.from).civil(&self.zone).date();
        let wall =
            |day: jiff::civil::Date, hour: i8| Time::of_civil(day.at(hour, 0, 0, 0), &self.zone);
        let offset = maker.wall(Time(0)) - Time(0);
        let mut ticks = Vec::new();
        for days in 0..=40_i64 {
            let day = first.saturating_add(jiff::Span::new().days(days));
            if self.hours < 24 {
                let hours = (0..24_i8).step_by(usize::try_from(self.hours).unwrap_or(6));
                ticks.extend(hours.map(|hour| (wall(day, hour), format!("{hour:02}"))));
            } else if days % (self.hours / 24).max(1) == 0 {
                ticks.push((wall(day, 0), format!("{:02}-{:02}", day.month(), day.day())));
            }
        }
        let shown = ticks.into_iter().map(|(wall, text)| (wall - offset, text));
        let shown = shown.filter(|(at, _)| self.from <= *at && *at < self.to);
        // A word at the very edge would be cut.
        shown.map(|(at, text)| (self.x(at), text)).filter(|(x, _)| *x < RIGHT - 12.0).collect()
    }

    /// The incidents that began meanwhile, the earliest first.
    pub(super) fn marks(&self, maker: &Maker<'_>, all: &[Shown]) -> Vec<Mark> {
        let began = all.iter().filter(|s| (self.from..self.to).contains(&s.incident.since));
        let mut began: Vec<&Shown> = began.collect();
        began.sort_by_key(|s| s.incident.since);
        let mark = |shown: &Shown| {
            let (incident, lang) = (&shown.incident, maker.visitor.lang);
            let at = maker.clock(maker.wall(incident.since), &shown.id.home);
            Mark {
                // All of it is to be seen, also at the edge.
                x: self.x(incident.since).min(RIGHT - MARK),
                tone: Level::name(incident.level),
                at,
                title: lang.say(&incident.title.zh, &incident.title.en).to_owned(),
                href: format!("/incidents/{}", encode(&shown.id.to_string())),
            }
        };
        began.into_iter().map(mark).collect()
    }
}
