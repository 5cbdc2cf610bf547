//! A home's own inactivity limit: for each half-hour of the day, how long a silence may have lasted
//! by then. It follows the idea of the alert line (Cuddihy et al., HealthNet 2007): the limit is long
//! in the morning, when a night's silence ends, and short in the afternoon.
//!
//! `limit(t) = scale · (quantile of the days' longest silences around t + margin)`, within floor and
//! ceiling. The shape is the same for everybody; the one free number, the scale, is chosen so that the
//! home's own days, each judged by the *other* days, would have given as many false alarms as are
//! wanted. So it says by itself what is to be expected of it.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::{Span, Time};

use super::day::{HALF, HALVES, SilentDay, pieces};
use super::{Baseline, KEEP_MAX, LearnSettings, Wanted};

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// Scales are in thousandths.
const ONE: i64 = 1000;
/// No scale is smaller, nor greater: beyond them floor and ceiling speak.
const SCALES: (i64, i64) = (20, 5000);
/// Days that are all alike do not prove that the next one will be: no tail is lighter.
const WEIGHT_MIN: f64 = 0.05;
/// Fewer days say nothing about a time of day at which the resident is seldom at home.
const DAYS_MIN: usize = 3;

/// The learned limit of a home, and what is to be expected of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// In minutes, half-hour by half-hour.
    limits: [i64; HALVES],
    ceiling: Span,
    /// What is to be expected of it.
    pub expected: Expected,
}

/// What is to be expected of a limit, as far as the days tell that it was learnt from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// False alarms a week.
    pub false_a_week: f64,
    /// Hours from a stop at any time at home until the alarm, on average.
    pub hours_to_detect: f64,
    /// How many days were learnt from.
    pub days: usize,
}

/// Not enough days yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Learning {
    /// There are so many.
    pub days: usize,
    /// So many are needed.
    pub needed: usize,
}

impl Baseline {
    /// The learned limit as of `wall`. It takes a moment to find: keep it until [`Self::same_until`], or
    /// until a doubt ends, or the clock or the settings are changed.
    ///
    /// # Errors
    /// While there are not enough days; the fixed limits watch meanwhile.
    pub fn learn(
        &self,
        wall: Time,
        zone: &TimeZone,
        settings: &LearnSettings,
        wanted: Wanted,
    ) -> Result<Learned, Learning> {
        let days = self.learnt_days(wall, zone, settings);
        if days.len() < settings.needed {
            return Err(Learning { days: days.len(), needed: settings.needed });
        }
        let table = Table::new(&days, settings);
        let fits = settings.margins.iter().map(|margin| {
            let fit = Fit { days: &days, table: &table, margin: *margin, settings };
            fit.learn(wanted)
        });
        // Of two as good the one with the smaller margin, which follows the day more closely.
        let best =
            fits.reduce(|best, other| if other.is_better(&best, wanted) { other } else { best });
        best.ok_or(Learning { days: days.len(), needed: settings.needed })
    }

    /// What a fixed limit would come to on the same days, for comparison.
    pub fn expect(
        &self,
        limit: Span,
        wall: Time,
        zone: &TimeZone,
        settings: &LearnSettings,
    ) -> Expected {
        let days = self.learnt_days(wall, zone, settings);
        let limits = [limit.0 / 60_000; HALVES];
        // The shape of a fixed limit is the limit itself, whichever day is left out.
        let criticals = Criticals::new(&days, settings, |_| limits);
        let wrong = criticals.all.iter().filter(|c| 1.0 < **c).count();
        Expected {
            false_a_week: criticals.part(wrong) * 7.0,
            hours_to_detect: hours_to_detect(&days, &limits),
            days: days.len(),
        }
    }

    /// Until when [`Self::learn`] says the same, if no doubt ends before.
    pub fn same_until(&self, wall: Time, zone: &TimeZone, settings: &LearnSettings) -> Time {
        let date = final_before(wall, zone, settings);
        date.tomorrow().map_or(Time(i64::MAX), |next| {
            Time::of_civil(next.to_datetime(jiff::civil::Time::midnight()), zone) + settings.ceiling
        })
    }

    fn learnt_days(
        &self,
        wall: Time,
        zone: &TimeZone,
        settings: &LearnSettings,
    ) -> Vec<&SilentDay> {
        let before = final_before(wall, zone, settings);
        let past: Vec<&SilentDay> = self.days.iter().filter(|d| d.date < before).collect();
        let latest = past.len().saturating_sub(settings.keep.min(KEEP_MAX));
        let counts = |d: &&SilentDay| settings.seen <= d.seen() && self.is_sound(d.date);
        past.into_iter().skip(latest).filter(counts).collect()
    }
}

/// Days before this one are final: a silence that began on them has ended, or is too long to count.
///
/// **Invariant:** so the limit is the same whenever it is found between two such instants, also by a hub
/// that was restarted in between (P2). Test: `the_limit_is_the_same_until_it_says`.
fn final_before(wall: Time, zone: &TimeZone, settings: &LearnSettings) -> Date {
    (wall - settings.ceiling).civil(zone).date()
}

impl Learned {
    /// Whether it keeps better to what is wanted.
    fn is_better(&self, other: &Self, wanted: Wanted) -> bool {
        let (own, other) = (&self.expected, &other.expected);
        match wanted {
            Wanted::FalseAWeek(_) => own.hours_to_detect < other.hours_to_detect,
            Wanted::Within(_) => own.false_a_week < other.false_a_week,
        }
    }

    /// When a silence since then becomes an alarm; both on the wall.
    pub fn due(&self, since: Time, zone: &TimeZone) -> Time {
        let last = since + self.ceiling;
        for piece in pieces(since, last, zone) {
            let limit = self.limits.get(piece.half).copied().map_or(self.ceiling, Span::minutes);
            let due = piece.from.max(since + limit);
            if due < piece.to {
                return due;
            }
        }
        last
    }

    /// How long a silence may have lasted at that time of the day.
    pub fn limit_at(&self, wall: Time, zone: &TimeZone) -> Span {
        let half = pieces(wall, wall + Span(1), zone).next().map_or(0, |piece| piece.half);
        self.limits.get(half).copied().map_or(self.ceiling, Span::minutes)
    }
}

/// The same days with one of the margins.
struct Fit<'a> {
    days: &'a [&'a SilentDay],
    table: &'a Table,
    margin: Span,
    settings: &'a LearnSettings,
}

impl Fit<'_> {
    fn learn(&self, wanted: Wanted) -> Learned {
        let Self { days, table, margin, settings } = *self;
        let criticals = Criticals::new(days, settings, |n| table.shape(Some(n), margin, settings));
        let shape = table.shape(None, margin, settings);
        let limits = |scale: i64| shape.map(|base| scaled(base, scale, settings));
        let scale = match wanted {
            Wanted::FalseAWeek(times) => criticals.scale(times / 7.0),
            Wanted::Within(span) => {
                let wanted = hours(span.0 / 60_000);
                greatest(|scale| hours_to_detect(days, &limits(scale)) <= wanted)
            }
        };
        let limits = limits(scale);
        let expected = Expected {
            false_a_week: criticals.a_day(scale) * 7.0,
            hours_to_detect: hours_to_detect(days, &limits),
            days: days.len(),
        };
        Learned { limits, ceiling: settings.ceiling, expected }
    }
}

/// For each day and half-hour the longest silence *around* it, in minutes.
struct Table(Vec<[Option<i64>; HALVES]>);

impl Table {
    fn new(days: &[&SilentDay], settings: &LearnSettings) -> Self {
        let around = usize::try_from(settings.around.0 / Span::minutes(HALF).0).unwrap_or(0);
        let row = |day: &&SilentDay| {
            std::array::from_fn(|half| {
                let near = (0..=2 * around).map(|n| (half + HALVES + n - around) % HALVES);
                near.filter_map(|half| day.longest(half)).max()
            })
        };
        Self(days.iter().map(row).collect())
    }

    /// The limit before it is scaled, from all days but one.
    fn shape(&self, but: Option<usize>, margin: Span, settings: &LearnSettings) -> [i64; HALVES] {
        let rows = || self.0.iter().enumerate().filter(|(n, _)| Some(*n) != but);
        let quantiles: [Option<i64>; HALVES] = std::array::from_fn(|half| {
            let mut values: Vec<i64> =
                rows().filter_map(|(_, row)| row.get(half).copied().flatten()).collect();
            values.sort_unstable();
            (DAYS_MIN <= values.len()).then(|| quantile(&values, settings.quantile)).flatten()
        });
        // A time at which she is seldom at home has the longest limit of all.
        let longest = quantiles.iter().flatten().copied().max();
        let longest = longest.unwrap_or(settings.ceiling.0 / 60_000);
        quantiles.map(|q| q.unwrap_or(longest) + margin.0 / 60_000)
    }
}

/// For each silence the scale below which it would have been a false alarm, its day judged by the other
/// days; the greatest first.
struct Criticals {
    all: Vec<f64>,
    days: usize,
    /// What comes before this place is taken as the tail of a distribution.
    tail: usize,
    /// How heavy the tail is (Hill's estimate).
    weight: f64,
}

impl Criticals {
    fn new(
        days: &[&SilentDay],
        settings: &LearnSettings,
        shape: impl Fn(usize) -> [i64; HALVES],
    ) -> Self {
        let floor = settings.floor.0 / 60_000;
        let mut all: Vec<f64> = Vec::new();
        // How long the silence under way had been standing, and on which day it ended so.
        let mut standing: Option<(i64, Date)> = None;
        for (n, day) in days.iter().enumerate() {
            let shape = shape(n);
            standing = standing.filter(|(_, date)| date.tomorrow().is_ok_and(|d| d == day.date));
            for (half, base) in shape.iter().enumerate() {
                let longest = day.longest(half);
                if let Some(longest) = longest.filter(|longest| floor < *longest) {
                    let scale = number(longest) / number((*base).max(1));
                    match all.last_mut().filter(|_| standing.is_some_and(|(s, _)| s <= longest)) {
                        Some(same) => *same = same.max(scale),
                        None => all.push(scale),
                    }
                }
                let goes_on = |s: &i64| floor < *s && longest.is_some_and(|longest| longest <= *s);
                standing = day.standing(half).filter(goes_on).map(|s| (s, day.date));
            }
        }
        all.sort_by(|a, b| b.total_cmp(a));
        let tail = (1..days.len()).find(|k| days.len() <= k * k).unwrap_or(1);
        let begins = all.get(tail).copied().unwrap_or(1.0);
        let beyond = all.iter().take(tail).map(|c| (c / begins).ln());
        let weight = (beyond.sum::<f64>() / count(tail)).max(WEIGHT_MIN);
        Self { all, days: days.len(), tail, weight }
    }

    /// `k` silences as so many a day, unbiased for few days.
    fn part(&self, k: usize) -> f64 {
        count(k) / count(self.days + 1)
    }

    fn begins(&self) -> f64 {
        self.all.get(self.tail).copied().unwrap_or(1.0)
    }

    /// The smallest scale with at most so many false alarms a day.
    fn scale(&self, a_day: f64) -> i64 {
        let scale = if self.part(self.tail) <= a_day {
            let place = (0..self.all.len()).rev().find(|k| self.part(*k) <= a_day);
            place.and_then(|k| self.all.get(k)).copied().unwrap_or(1.0)
        } else {
            self.begins() * (self.weight * (self.part(self.tail) / a_day).ln()).exp()
        };
        greatest(|n| number(n) <= scale * number(ONE)) + 1
    }

    /// How many false alarms a day are to be expected at a scale.
    fn a_day(&self, scale: i64) -> f64 {
        let scale = number(scale) / number(ONE);
        if scale < self.begins() {
            return self.part(self.all.iter().filter(|c| scale < **c).count());
        }
        self.part(self.tail) * (-(scale / self.begins()).ln() / self.weight).exp()
    }
}

/// Somebody who stops moving at the end of any half-hour at home: hours until the alarm, on average.
fn hours_to_detect(days: &[&SilentDay], limits: &[i64; HALVES]) -> f64 {
    let (mut total, mut times) = (0, 0);
    for day in days {
        for (half, end) in (0..HALVES).zip((HALF..).step_by(usize::try_from(HALF).unwrap_or(1))) {
            let Some(standing) = day.standing(half) else { continue };
            total += (due_after((end - standing).rem_euclid(DAY), limits) - standing).max(0);
            times += 1;
        }
    }
    if times == 0 { 0.0 } else { hours(total) / number(times) }
}

/// How long a silence lasts that began at this minute of the day, until it becomes an alarm.
fn due_after(start: i64, limits: &[i64; HALVES]) -> i64 {
    let begins = usize::try_from(start / HALF).unwrap_or(0);
    let later = (start / HALF * HALF - start..).step_by(usize::try_from(HALF).unwrap_or(1));
    for (limit, from) in limits.iter().cycle().skip(begins).zip(later).take(2 * HALVES) {
        let due = from.max(*limit);
        if due < from + HALF {
            return due;
        }
    }
    DAY
}

fn scaled(base: i64, scale: i64, settings: &LearnSettings) -> i64 {
    (base * scale / ONE).clamp(settings.floor.0 / 60_000, settings.ceiling.0 / 60_000)
}

/// The greatest scale for which `holds`, which holds up to some scale; the smallest there is if none.
fn greatest(holds: impl Fn(i64) -> bool) -> i64 {
    let (mut low, mut high) = SCALES;
    while low < high {
        let middle = low + (high - low + 1) / 2;
        if holds(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

fn quantile(sorted: &[i64], percent: u16) -> Option<i64> {
    let last = sorted.len().checked_sub(1)?;
    let place = last * usize::from(percent.min(100));
    let low = *sorted.get(place / 100)?;
    let high = *sorted.get(place / 100 + 1).unwrap_or(&low);
    Some(low + (high - low) * i64::try_from(place % 100).unwrap_or(0) / 100)
}

fn hours(minutes: i64) -> f64 {
    number(minutes) / 60.0
}

fn number(n: i64) -> f64 {
    i32::try_from(n).map_or(f64::MAX, f64::from)
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}
