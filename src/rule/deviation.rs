//! *Deviation*: today is not as usual for this person. What is usual comes from the home's own days;
//! until there are enough of them nobody can tell.

use crate::baseline::Usual;
use crate::domain::{Metric, Place, Property, Reason, Span, Tally, Time, both};
use crate::form::Form;

use super::{Judgement, Reach, Verdict, View};

/// `deviation = { of = "night_rises", above = 3, at_least = 4 }`
#[derive(Debug, Clone, PartialEq)]
pub struct Deviation {
    /// What of.
    pub of: Metric,
    /// Holds if it is more than so many MADs above the median of the person's own days.
    pub above: Option<f64>,
    /// Holds if it is more than so many MADs below.
    pub below: Option<f64>,
    /// And at least this, whatever is usual.
    pub at_least: Option<f64>,
    /// And at most this, whatever is usual.
    pub at_most: Option<f64>,
    /// The MAD is taken as no smaller than this: of somebody who gets up once every night it is 0.
    pub spread: f64,
}

impl Deviation {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.needs::<Metric>("of");
        let (above, below) = (form.may::<f64>("above"), form.may::<f64>("below"));
        let (at_least, at_most) = (form.may::<f64>("at_least"), form.may::<f64>("at_most"));
        let spread = form.needs::<f64>("spread");
        if above.is_some() == below.is_some() {
            form.wrong(both!(
                "`above` 和 `below` 须填且只填一个",
                "deviation wants `above` or `below`, in MADs, and not both"
            ));
        }
        if above.or(below).is_some_and(|mads| !(0.5..=20.0).contains(&mads)) {
            form.wrong(both!(
                "`above` 和 `below` 须为 0.5 到 20 倍离差",
                "`above` and `below` are in MADs, from 0.5 to 20"
            ));
        }
        if at_least.is_some() && above.is_none() || at_most.is_some() && below.is_none() {
            form.wrong(both!(
                "`at_least` 须与 `above` 同填，`at_most` 须与 `below` 同填",
                "`at_least` goes with `above`, and `at_most` with `below`"
            ));
        }
        if spread.is_some_and(|spread| !(0.0..=1000.0).contains(&spread) || spread == 0.0) {
            form.wrong(both!(
                "`spread` 须大于 0，不超过 1000",
                "`spread` must be above 0: what is always the same has a MAD of 0"
            ));
        }
        form.done();
        above.or(below)?;
        Some(Self { of: of?, above, below, at_least, at_most, spread: spread? })
    }

    /// The properties whose reports may change the verdict; for the rest the engine asks again.
    pub const fn concerns(&self) -> &'static [Property] {
        match self.of {
            Metric::NightRises | Metric::MinutesInBed | Metric::MinutesAsleep => &[Property::InBed],
            Metric::BathroomVisits => &[Property::Motion, Property::Presence],
            Metric::LongestSilence => &[],
            Metric::HeartRate => &[Property::HeartRate],
            Metric::RespiratoryRate => &[Property::RespiratoryRate],
            Metric::BodyTemperature => &[Property::BodyTemperature],
            Metric::Weight => &[Property::Weight],
            Metric::Systolic => &[Property::Systolic],
        }
    }

    /// Why nothing could ever be usual: the day's own number, and signs of life to tell a day on which
    /// she could be seen.
    pub fn lacks(&self, reach: &Reach<'_>) -> Option<String> {
        let in_bed = || reach.lacks_all(&[(Property::InBed, None)]);
        let own = match self.of {
            Metric::NightRises | Metric::MinutesInBed => reach.lacks_customs().or_else(in_bed),
            Metric::MinutesAsleep => Some("nothing tells sleep from lying awake yet".to_owned()),
            Metric::BathroomVisits => reach.lacks_customs().or_else(|| {
                let eyes = [Property::Motion, Property::Presence];
                reach.lacks_all(&eyes.map(|eye| (eye, Some(Place::Bathroom))))
            }),
            Metric::LongestSilence => None,
            Metric::HeartRate
            | Metric::RespiratoryRate
            | Metric::BodyTemperature
            | Metric::Weight
            | Metric::Systolic => {
                let all = self.concerns().iter().map(|property| (*property, None));
                let own = reach.lacks_all(&all.collect::<Vec<_>>());
                // At rest is in bed.
                own.or_else(|| self.of.is_nightly().then(in_bed).flatten())
            }
        };
        own.or_else(|| reach.lacks_signs())
    }

    /// Holds as soon as today is beyond what is usual, or, where less than usual is meant and the day
    /// must be over to tell, since it was over.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let again = Some(next_roll(view));
        let verdict = match self.compare(view) {
            None => Verdict::Unknown,
            Some((today, usual)) if self.is_beyond(today, &usual) => {
                Verdict::Holds { since: view.standing.unwrap_or(view.now), live: true }
            }
            Some(_) => Verdict::Normal,
        };
        Judgement { verdict, again }
    }

    /// Names what it is, and what is usual.
    pub fn reason(&self, view: &View<'_>, since: Time) -> Reason {
        let Some((today, usual)) = self.compare(view) else {
            return Reason::Inactive { since: view.clock(since) };
        };
        let days = u32::try_from(usual.days).unwrap_or(u32::MAX);
        let (usual, spread) = (usual.median, usual.mad);
        Reason::Unusual { metric: self.of, today, usual, spread, days }
    }

    fn compare(&self, view: &View<'_>) -> Option<(f64, Usual)> {
        let (baseline, settings) = view.habits?;
        let wall = view.wall(view.now);
        let usual = baseline.usual(self.of, wall, view.zone, settings)?;
        let grows = match self.of.tally() {
            Tally::Times | Tally::Minutes => true,
            Tally::Median => false,
        };
        // A count of today may still grow: it can be too many already, but not yet too few.
        let value = if grows && self.below.is_some() {
            baseline.latest(self.of, wall, view.zone, settings)?
        } else {
            baseline.today(self.of, wall, view.zone, settings)?
        };
        Some((value, usual))
    }

    fn is_beyond(&self, today: f64, usual: &Usual) -> bool {
        let mad = usual.mad.max(self.spread);
        let above = self.above.is_some_and(|mads| usual.median + mads * mad < today);
        let below = self.below.is_some_and(|mads| today < usual.median - mads * mad);
        let enough = self.at_least.is_none_or(|least| least <= today)
            && self.at_most.is_none_or(|most| today <= most);
        (above || below) && enough
    }
}

/// The next noon or midnight on the wall: then a night or a day ends.
fn next_roll(view: &View<'_>) -> Time {
    let wall = view.wall(view.now);
    let at = wall.civil(view.zone);
    let next = if at.hour() < 12 {
        at.date().at(12, 0, 0, 0)
    } else {
        at.date().tomorrow().unwrap_or(at.date()).at(0, 0, 0, 0)
    };
    Time::of_civil(next, view.zone).max(wall + Span::minutes(1)) - view.offset
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::baseline::{Baseline, LearnSettings};
    use crate::domain::{Home, Presence, Situation};
    use crate::form::Sheet;

    fn rule(text: &str) -> Result<Deviation, String> {
        let sheet = Sheet::new("rules.toml", text);
        let rule = Deviation::read(sheet.form());
        let problems: Vec<_> = sheet.problems().iter().map(ToString::to_string).collect();
        rule.filter(|_| problems.is_empty()).ok_or_else(|| problems.join("; "))
    }

    /// Hour `n` of a life.
    fn at(n: i64) -> Time {
        Time(0) + Span::hours(n)
    }

    /// Weighs herself every morning at eight, and gets up once every night, the latter `last` times in
    /// the last night, which began on day `days`.
    fn lived(days: i64, last: i64) -> Baseline {
        let (zone, settings) = (TimeZone::UTC, LearnSettings::of_a_week());
        let mut baseline = Baseline::default();
        for hour in 0..=24 * days + 36 {
            baseline.note_sign(at(hour), &zone, &settings);
            let (day, hour_of_day) = (hour / 24, hour % 24);
            if hour_of_day == 8 {
                baseline.read(Metric::Weight, 60.0, at(hour), &zone, &settings);
            }
            if hour_of_day == 3 {
                for _ in 0..if day == days + 1 { last } else { 1 } {
                    baseline.count(Metric::NightRises, at(hour), &zone, &settings);
                }
            }
            if day == days + 1 && hour_of_day == 4 {
                break;
            }
        }
        baseline
    }

    fn judged(rule: &Deviation, baseline: &Baseline, now: Time) -> (Judgement, String) {
        let home = Home::new("h".parse().unwrap(), "UTC", Vec::new());
        let (situation, presence) = (Situation::default(), Presence::default());
        let (zone, settings) = (TimeZone::UTC, LearnSettings::of_a_week());
        let habits = Some((baseline, &settings));
        let view = View { habits, ..View::new(&home, &situation, &zone, &presence, now) };
        (rule.judge(&view), rule.reason(&view, now).en())
    }

    #[test]
    fn a_night_unlike_the_others_is_said_at_once() {
        let rule = rule("of = \"night_rises\"\nabove = 3\nat_least = 4\nspread = 0.5").unwrap();
        let now = at(24 * 11 + 4);
        for (rises, holds) in [(1, false), (3, false), (4, true)] {
            let (judgement, reason) = judged(&rule, &lived(10, rises), now);
            let expected =
                if holds { Verdict::Holds { since: now, live: true } } else { Verdict::Normal };
            assert_eq!(judgement.verdict, expected, "{reason}");
            assert_eq!(judgement.again, Some(at(24 * 11 + 12)), "the night ends at noon");
            assert_eq!(reason, format!("night rises: {rises}, usually 1 ± 0 (10 days)"));
        }
    }

    #[test]
    fn while_little_is_known_nobody_can_tell() {
        let rule = rule("of = \"night_rises\"\nabove = 3\nspread = 0.5").unwrap();
        let (judgement, _) = judged(&rule, &lived(5, 9), at(24 * 6 + 4));
        assert_eq!(judgement.verdict, Verdict::Unknown);
    }

    #[test]
    fn too_few_is_said_when_the_night_is_over() {
        let rule = rule("of = \"night_rises\"\nbelow = 1\nspread = 0.5").unwrap();
        let mut baseline = lived(10, 0);
        assert_eq!(judged(&rule, &baseline, at(24 * 11 + 4)).0.verdict, Verdict::Normal);
        for hour in 5..=12 {
            let now = at(24 * 11 + hour);
            baseline.note_sign(now, &TimeZone::UTC, &LearnSettings::of_a_week());
        }
        let now = at(24 * 11 + 12);
        let holds = Verdict::Holds { since: now, live: true };
        assert_eq!(judged(&rule, &baseline, now).0.verdict, holds);
    }

    #[test]
    fn what_could_never_be_told_is_refused() {
        for wrong in [
            "of = \"night_rises\"\nspread = 1",
            "of = \"night_rises\"\nabove = 3\nbelow = 3\nspread = 1",
            "of = \"night_rises\"\nabove = 3\nspread = 0",
            "of = \"night_rises\"\nabove = 3\nat_most = 3\nspread = 1",
            "of = \"steps\"\nabove = 3\nspread = 1",
        ] {
            assert!(rule(wrong).is_err(), "{wrong}");
        }
    }
}
