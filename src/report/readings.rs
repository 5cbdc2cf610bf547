//! What was measured over some time: of each sensor the lowest, the middle and the highest, piece by piece.
//! A piece in which nothing was measured is missing: unknown is not normal, and no line leads over it (P5).

use std::collections::BTreeMap;

use crate::domain::observation::Kind;
use crate::domain::walk::{WALK_MAX, WALK_MIN, WalkAct};
use crate::domain::{DeviceId, Input, Observation, Property, Span, Time};

/// What was measured, as the journal tells it row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Readings {
    from: Time,
    to: Time,
    step: Span,
    series: BTreeMap<(Property, DeviceId), Filling>,
    /// Until when somebody tries a device out.
    tested: BTreeMap<DeviceId, Time>,
}

/// What one sensor measured of one property.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Of what.
    pub property: Property,
    /// By what.
    pub device: DeviceId,
    /// In order; pieces in which nothing was measured are not among them.
    pub buckets: Vec<Bucket>,
}

/// What was measured in one piece of the time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Which piece, counted from 0.
    pub n: i64,
    /// When it begins.
    pub at: Time,
    /// The lowest.
    pub low: f64,
    /// The median.
    pub median: f64,
    /// The highest.
    pub high: f64,
    /// From so many readings.
    pub count: usize,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Filling {
    buckets: Vec<Bucket>,
    /// Of the piece that is not over.
    n: i64,
    values: Vec<f64>,
}

impl Readings {
    /// Nothing yet, of the time between these (hub time), `pieces` of the same length.
    pub fn new((from, to): (Time, Time), pieces: i64) -> Self {
        let step = Span((to - from).0 / pieces.max(1)).max(Span(1));
        Self { from, to, step, series: BTreeMap::new(), tested: BTreeMap::new() }
    }

    /// Takes note of a row of the journal; rows come in order.
    pub fn note(&mut self, at: Time, input: &Input) {
        match input {
            Input::Walk { device, act: WalkAct::Begin { lasts, .. }, .. } => {
                let until = at + (*lasts).clamp(WALK_MIN, WALK_MAX);
                self.tested.insert(device.clone(), until);
            }
            Input::Walk { device, act: WalkAct::End, .. } => drop(self.tested.remove(device)),
            // What a broker remembers was measured some other time.
            Input::Heard { device, observations, retained: false } => {
                let is_tested = self.tested.get(device).is_some_and(|until| at < *until);
                if (self.from..self.to).contains(&at) && !is_tested {
                    observations.iter().for_each(|said| self.measure(at, device, said));
                }
            }
            Input::Heard { .. }
            | Input::Tick
            | Input::Move { .. }
            | Input::Delivery { .. }
            | Input::Clock { .. }
            | Input::Home { .. }
            | Input::Said { .. } => {}
        }
    }

    fn measure(&mut self, at: Time, device: &DeviceId, said: &Observation) {
        let Some(value) = said.value.number().filter(|_| is_charted(said.property)) else { return };
        let n = (at - self.from).0 / self.step.0;
        let (from, step) = (self.from, self.step);
        let filling = self.series.entry((said.property, device.clone())).or_default();
        if n != filling.n {
            filling.close(from, step);
            filling.n = n;
        }
        filling.values.push(value);
    }

    /// All that was measured, in the order of the vocabulary.
    pub fn series(self) -> Vec<Series> {
        let Self { from, step, series, .. } = self;
        let all = series.into_iter().map(|((property, device), mut filling)| {
            filling.close(from, step);
            Series { property, device, buckets: filling.buckets }
        });
        all.collect()
    }
}

impl Filling {
    fn close(&mut self, from: Time, step: Span) {
        let mut values = std::mem::take(&mut self.values);
        values.sort_by(f64::total_cmp);
        let (Some(low), Some(high)) = (values.first(), values.last()) else { return };
        let (half, is_odd) = (values.len() / 2, values.len() % 2 == 1);
        let upper = values.get(half).copied().unwrap_or(*high);
        let lower = if is_odd { upper } else { values.get(half - 1).copied().unwrap_or(upper) };
        self.buckets.push(Bucket {
            n: self.n,
            at: from + Span(self.n * step.0),
            low: *low,
            median: f64::midpoint(lower, upper),
            high: *high,
            count: values.len(),
        });
    }
}

/// Whether it is drawn: numbers of the resident's body, and how warm the rooms are.
fn is_charted(property: Property) -> bool {
    let is_number = matches!(property.kind(), Kind::Number { .. });
    is_number && (property.is_vital() || property == Property::Temperature)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn heard(device: &str, said: &str, retained: bool) -> Input {
        let observations = vec![said.parse().unwrap()];
        Input::Heard { device: device.parse().unwrap(), observations, retained }
    }

    /// A day in pieces of an hour: at which minute which device said what.
    fn day(rows: &[(i64, &str, &str)]) -> Vec<Series> {
        let mut readings = Readings::new((Time(0), Time(24 * HOUR)), 24);
        for (minute, device, said) in rows {
            readings.note(Time(minute * 60_000), &heard(device, said, false));
        }
        readings.series()
    }

    #[test]
    fn each_piece_has_its_lowest_middle_and_highest_and_a_silence_is_a_gap() {
        let all = day(&[
            (0, "pad", "heart_rate 60"),
            (10, "pad", "heart_rate 90"),
            (20, "pad", "heart_rate 62"),
            (59, "pad", "heart_rate 64"),
            (180, "pad", "heart_rate 70"),
        ]);
        let [series] = &all[..] else { panic!("{all:?}") };
        let of = |b: &Bucket| (b.n, b.at.0 / HOUR, b.low, b.median, b.high, b.count);
        let buckets: Vec<_> = series.buckets.iter().map(of).collect();
        assert_eq!(buckets, [(0, 0, 60.0, 63.0, 90.0, 4), (3, 3, 70.0, 70.0, 70.0, 1)]);
    }

    #[test]
    fn two_sensors_are_two_series_and_only_numbers_of_the_body_and_rooms_are_drawn() {
        let all = day(&[
            (0, "pad", "heart_rate 60"),
            (1, "watch", "heart_rate 61"),
            (2, "pad", "in_bed true"),
            (3, "door", "battery 90"),
            (4, "hall", "temperature 21"),
        ]);
        let names: Vec<_> = all.iter().map(|s| (s.property.name(), s.device.as_str())).collect();
        assert_eq!(
            names,
            [("heart_rate", "pad"), ("heart_rate", "watch"), ("temperature", "hall")]
        );
    }

    #[test]
    fn what_a_broker_remembers_and_what_is_tried_out_was_not_measured() {
        let mut readings = Readings::new((Time(0), Time(24 * HOUR)), 24);
        readings.note(Time(0), &heard("pad", "heart_rate 60", true));
        let (device, by) = ("pad".parse().unwrap(), "wu".parse().unwrap());
        let act = WalkAct::Begin { steps: Vec::new(), lasts: Span::hours(9) };
        readings.note(Time(0), &Input::Walk { device, by, act });
        readings.note(Time(0) + Span::minutes(9), &heard("pad", "heart_rate 200", false));
        readings.note(Time(0) + Span::minutes(11), &heard("pad", "heart_rate 66", false));
        readings.note(Time(24 * HOUR), &heard("pad", "heart_rate 180", false));
        let all = readings.series();
        let [series] = &all[..] else { panic!("{all:?}") };
        assert_eq!(
            series.buckets.iter().map(|b| (b.low, b.high)).collect::<Vec<_>>(),
            [(66.0, 66.0)]
        );
    }
}
