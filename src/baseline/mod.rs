//! What is usual for one person in one home, learnt from their own days with statistics that a few odd
//! days do not spoil.
//!
//! It stands below the words, because it is read from a form, and above the rules, which look at it.
//! The engine feeds it; it knows no devices and no rules. All of it is in *wall time*, since a habit
//! follows the clock on the wall; lengths of silence are measured on instants, so that a change of
//! daylight saving neither makes one longer nor cuts it.
//!
//! What must not be learnt from: days with an open life incident, illness, days out of the home, hours
//! in which no sensor could see. While an incident is open its days are in *doubt*: if it turns out to
//! be a false alarm they count after all, else a home with too short a limit would never get a longer one.

mod day;
mod limit;
mod series;
mod settings;
mod statistics;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::{Metric, Span, Time};

use day::{SilentDay, pieces};
pub use limit::{Expected, Learned, Learning};
use series::Series;
pub use settings::{KEEP_MAX, LearnSettings, Wanted};

/// What is usual for one person. Part of the engine's state, bounded in size.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Baseline {
    /// The latest last; the last may not be over.
    days: VecDeque<SilentDay>,
    series: BTreeMap<Metric, Series>,
    /// The day and the night that are not over.
    open: Option<Open>,
    /// The latest sign of life, while somebody is there to give one and sensors are there to see it.
    last: Option<Time>,
    /// Nobody is at home, or nobody can see them.
    #[serde(default)]
    away: bool,
    /// Since when something lasts that is counted in minutes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    lasting: BTreeMap<Metric, Time>,
    /// A life incident is open, or somebody said that the resident is ill.
    #[serde(default)]
    frozen: bool,
    /// Days of which it is not decided yet whether they count.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    doubtful: BTreeSet<Date>,
    /// Days that do not count.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    spoilt: BTreeSet<Date>,
}

/// The day and the night that are not over. A night belongs to the day on which it began, and lasts
/// from noon to noon, so that none is cut in two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    day: Date,
    night: Date,
    /// For how long the resident was seen at home.
    day_seen: Span,
    night_seen: Span,
}

/// What is usual of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// Half of the days are above it.
    pub median: f64,
    /// Half of the days are no farther from the median.
    pub mad: f64,
    /// One day in ten is below.
    pub low: f64,
    /// One day in ten is above.
    pub high: f64,
    /// From so many days.
    pub days: usize,
}

impl Baseline {
    /// Somebody at home gave a sign of life.
    pub fn note_sign(&mut self, wall: Time, zone: &TimeZone, settings: &LearnSettings) {
        if !self.away {
            self.end_silence(wall, zone, settings);
            self.last = Some(wall);
        }
        self.roll(wall, zone, settings);
    }

    /// From `at` on, nobody is at home or nobody can see them; `at` may be some time ago.
    pub fn look_away(&mut self, at: Time, zone: &TimeZone, settings: &LearnSettings) {
        self.end_silence(at, zone, settings);
        (self.last, self.away) = (None, true);
    }

    /// Somebody is at home again, and can be seen.
    pub fn look_again(&mut self, at: Time) {
        if self.away {
            (self.last, self.away) = (Some(at), false);
        }
    }

    /// The hub was off, or its clock was set: what lasts has no known length.
    pub fn lose_track(&mut self) {
        self.last = None;
        for (metric, _) in std::mem::take(&mut self.lasting) {
            if let Some(series) = self.series.get_mut(&metric) {
                series.is_partial();
            }
        }
    }

    /// Once more today, or tonight.
    pub fn count(&mut self, metric: Metric, wall: Time, zone: &TimeZone, settings: &LearnSettings) {
        self.roll(wall, zone, settings);
        self.of(metric).today.count();
    }

    /// Something that is counted in minutes begins or ends: she is in bed, or asleep.
    pub fn lasts(
        &mut self,
        metric: Metric,
        is: bool,
        wall: Time,
        zone: &TimeZone,
        settings: &LearnSettings,
    ) {
        self.roll(wall, zone, settings);
        if is {
            self.lasting.entry(metric).or_insert(wall);
            self.of(metric);
        } else if let Some(since) = self.lasting.remove(&metric) {
            self.of(metric).today.lasts(wall - since);
        }
    }

    /// Something was measured.
    pub fn read(
        &mut self,
        metric: Metric,
        value: f64,
        wall: Time,
        zone: &TimeZone,
        settings: &LearnSettings,
    ) {
        self.roll(wall, zone, settings);
        if value.is_finite() {
            self.of(metric).today.read(value);
        }
    }

    /// From now on the days are in doubt: a life incident is open, or the resident is ill.
    pub fn freeze(&mut self, wall: Time, zone: &TimeZone) {
        self.frozen = true;
        self.doubt(wall.civil(zone).date());
    }

    /// The doubt is over. `counts`: it was a false alarm, and the days count.
    pub fn thaw(&mut self, counts: bool, wall: Time, zone: &TimeZone) {
        if self.frozen {
            self.doubt(wall.civil(zone).date());
            self.frozen = false;
            let mut days = std::mem::take(&mut self.doubtful);
            if !counts {
                self.spoilt.append(&mut days);
            }
        }
    }

    /// Whether what happens now is in doubt.
    pub const fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Lets a day or a night end whose time is over. Every note does so by itself.
    pub fn roll(&mut self, wall: Time, zone: &TimeZone, settings: &LearnSettings) {
        let at = wall.civil(zone);
        let is_morning = at.hour() < 12;
        let before = at.date().yesterday().unwrap_or(at.date());
        let (day, night) = (at.date(), if is_morning { before } else { at.date() });
        let is_next = |later: Date, date: Date| date.tomorrow().is_ok_and(|next| next == later);
        if self.open.is_some_and(|o| is_next(o.day, day) || is_next(o.night, night)) {
            // A clock was set back a little over midnight or noon: what is over stays over.
            return;
        }
        let Some(open) = self.open.filter(|o| o.day <= day && o.night <= night) else {
            // The first note, or a clock that was set back: nothing is known of this day's beginning.
            let (day_seen, night_seen) = (Span::ZERO, Span::ZERO);
            self.open = Some(Open { day, night, day_seen, night_seen });
            self.days.retain(|d| d.date <= day);
            self.series.iter_mut().for_each(|(metric, series)| series.set_back(*metric, day));
            return;
        };
        if open.night < night {
            self.split_lasting(open.night, zone);
        }
        for (metric, series) in &mut self.series {
            let (was, is, seen) = match metric.is_nightly() {
                true => (open.night, night, open.night_seen),
                false => (open.day, day, open.day_seen),
            };
            if was < is {
                series.close(was, metric.tally(), settings.seen <= seen, settings);
                if was.tomorrow().is_ok_and(|next| next < is) {
                    series.is_partial();
                }
            }
        }
        let seen = |same: bool, seen: Span| if same { seen } else { Span::ZERO };
        self.open = Some(Open {
            day,
            night,
            day_seen: seen(open.day == day, open.day_seen),
            night_seen: seen(open.night == night, open.night_seen),
        });
        if self.frozen {
            self.doubt(day);
        }
    }

    /// What is usual on such a day as that of `wall`: on weekdays and weekends by themselves, where
    /// there are enough of each.
    pub fn usual(
        &self,
        metric: Metric,
        wall: Time,
        zone: &TimeZone,
        settings: &LearnSettings,
    ) -> Option<Usual> {
        let today = day_of(metric, wall, zone);
        let all: Vec<(Date, f64)> = self.counting(metric, today, settings);
        let same: Vec<(Date, f64)> =
            all.iter().filter(|(d, _)| is_weekend(*d) == is_weekend(today)).copied().collect();
        let enough = settings.kind_needed <= same.len()
            && settings.kind_needed <= all.len().saturating_sub(same.len());
        let days = if enough { same } else { all };
        if days.len() < settings.needed.min(settings.kind_needed) {
            return None;
        }
        let values = statistics::sorted(days.iter().map(|(_, value)| *value));
        let median = statistics::quantile(&values, 50)?;
        Some(Usual {
            median,
            mad: statistics::spread(&values, median),
            low: statistics::quantile(&values, 10)?,
            high: statistics::quantile(&values, 90)?,
            days: values.len(),
        })
    }

    /// What the day or the night has come to so far.
    pub fn today(
        &self,
        metric: Metric,
        wall: Time,
        zone: &TimeZone,
        settings: &LearnSettings,
    ) -> Option<f64> {
        let today = day_of(metric, wall, zone);
        if metric == Metric::LongestSilence {
            return self.days.iter().find(|d| d.date == today)?.longest_of_all().map(minutes);
        }
        let open = self.open?;
        let is_open = today == if metric.is_nightly() { open.night } else { open.day };
        let series = self.series.get(&metric).filter(|_| is_open)?;
        series.today.value(settings.readings)
    }

    /// What the latest day or night came to that is over, if that is not long ago.
    pub fn latest(
        &self,
        metric: Metric,
        wall: Time,
        zone: &TimeZone,
        settings: &LearnSettings,
    ) -> Option<f64> {
        let today = day_of(metric, wall, zone);
        let (date, value) = self.counting(metric, today, settings).pop()?;
        (date.tomorrow().ok()? == today).then_some(value)
    }

    /// The days that are over and count, before `today`.
    fn counting(&self, metric: Metric, today: Date, settings: &LearnSettings) -> Vec<(Date, f64)> {
        let ends = |date: Date| if metric.is_nightly() { date.tomorrow().ok() } else { Some(date) };
        let counts = |date: Date| {
            date < today
                && self.is_sound(date)
                && ends(date).is_some_and(|next| self.is_sound(next))
        };
        if metric == Metric::LongestSilence {
            let days = self.days.iter().filter(|d| settings.seen <= d.seen() && counts(d.date));
            return days.filter_map(|d| Some((d.date, minutes(d.longest_of_all()?)))).collect();
        }
        let series = self.series.get(&metric).into_iter();
        series.flat_map(Series::past).filter(|(date, _)| counts(*date)).collect()
    }

    fn is_sound(&self, date: Date) -> bool {
        !self.doubtful.contains(&date) && !self.spoilt.contains(&date)
    }

    /// A silence ends, or is lost sight of. One longer than the fixed limit is somebody else's business:
    /// it alarmed, or it is a gap in the record, and it must not make the learned limit longer.
    fn end_silence(&mut self, at: Time, zone: &TimeZone, settings: &LearnSettings) {
        let Some(since) = self.last.filter(|since| at - *since <= settings.ceiling) else { return };
        for piece in pieces(since, at, zone) {
            let length = piece.to - piece.from;
            if let Some(open) = &mut self.open {
                if piece.date == open.day {
                    open.day_seen = Span(open.day_seen.0 + length.0);
                }
                if night_of(piece.from, zone) == open.night {
                    open.night_seen = Span(open.night_seen.0 + length.0);
                }
            }
            self.day(piece.date, settings).note(&piece, since);
        }
    }

    /// The record of a day; the last but a few may still be written in.
    fn day(&mut self, date: Date, settings: &LearnSettings) -> &mut SilentDay {
        let at = self.days.iter().rposition(|d| d.date <= date).map_or(0, |before| before + 1);
        let at =
            match at.checked_sub(1).filter(|at| self.days.get(*at).is_some_and(|d| d.date == date))
            {
                Some(at) => at,
                None => {
                    self.days.insert(at, SilentDay::new(date));
                    // Today is not one of those that are kept, nor is yesterday before it is final.
                    let too_many = self.days.len().saturating_sub(settings.keep.min(KEEP_MAX) + 2);
                    let drop = too_many.min(at);
                    self.days.drain(..drop);
                    at - drop
                }
            };
        self.days.get_mut(at).expect("it was found or put there")
    }

    fn of(&mut self, metric: Metric) -> &mut Series {
        self.series.entry(metric).or_insert_with(|| Series::new(metric.tally()))
    }

    fn doubt(&mut self, date: Date) {
        self.doubtful.insert(date);
        while 2 * KEEP_MAX < self.doubtful.len() {
            self.doubtful.pop_first();
        }
        while 2 * KEEP_MAX < self.spoilt.len() {
            self.spoilt.pop_first();
        }
    }

    /// What lasts over the end of a night belongs to both.
    fn split_lasting(&mut self, night: Date, zone: &TimeZone) {
        let Ok(next) = night.tomorrow() else { return };
        let noon = Time::of_civil(next.at(12, 0, 0, 0), zone);
        for (metric, since) in self.lasting.iter_mut().filter(|(_, since)| **since < noon) {
            if let Some(series) = self.series.get_mut(metric) {
                series.today.lasts(noon - *since);
            }
            *since = noon;
        }
    }
}

/// The day, or the night, that `wall` belongs to.
fn day_of(metric: Metric, wall: Time, zone: &TimeZone) -> Date {
    if metric.is_nightly() { night_of(wall, zone) } else { wall.civil(zone).date() }
}

/// The day on which the night began.
fn night_of(wall: Time, zone: &TimeZone) -> Date {
    let at = wall.civil(zone);
    if at.hour() < 12 { at.date().yesterday().unwrap_or(at.date()) } else { at.date() }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn minutes(n: i64) -> f64 {
    i32::try_from(n).map_or(0.0, f64::from)
}
