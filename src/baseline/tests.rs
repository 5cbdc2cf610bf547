use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::form::Sheet;

const LEARNING: &str = r#"
signs       = ["motion", "open"]
keep        = 14
needed      = 7
kind_needed = 4
seen        = "6h"
readings    = 3
around      = "1h"
quantile    = 75
margins     = ["2h", "24h"]
floor       = "1h"
ceiling     = "12h"
"#;

fn settings() -> LearnSettings {
    let sheet = Sheet::new("learning.toml", LEARNING);
    let settings = LearnSettings::read(sheet.form());
    assert_eq!(sheet.problems(), []);
    settings.unwrap()
}

fn amsterdam() -> TimeZone {
    TimeZone::get("Europe/Amsterdam").unwrap()
}

/// `day 0 07:30` of a life that begins on Monday, 2026-03-16; the clocks change in its second week.
fn at(day: i32, clock: &str) -> Time {
    let (hour, minute) = clock.split_once(':').unwrap();
    let begins = jiff::civil::date(2026, 3, 16);
    let date = begins.checked_add(jiff::Span::new().days(day)).unwrap();
    Time::of_civil(date.at(hour.parse().unwrap(), minute.parse().unwrap(), 0, 0), &amsterdam())
}

/// A person who sleeps from 23:00 to 07:00 and moves every half-hour by day.
fn day(baseline: &mut Baseline, n: i32) {
    for hour in 7..=22 {
        for minute in ["00", "30"] {
            baseline.note_sign(at(n, &format!("{hour}:{minute}")), &amsterdam(), &settings());
        }
    }
    baseline.note_sign(at(n, "23:00"), &amsterdam(), &settings());
}

fn days(n: i32) -> Baseline {
    let mut baseline = Baseline::default();
    (0..n).for_each(|n| day(&mut baseline, n));
    baseline.note_sign(at(n, "7:00"), &amsterdam(), &settings());
    baseline
}

fn learn(baseline: &Baseline, day: i32, wanted: &str) -> Result<Learned, Learning> {
    baseline.learn(at(day, "13:00"), &amsterdam(), &settings(), wanted.parse().unwrap())
}

#[test]
fn it_says_for_how_long_it_must_still_learn() {
    assert_eq!(learn(&days(6), 6, "0.25 a week"), Err(Learning { days: 6, needed: 7 }));
    assert!(learn(&days(7), 7, "0.25 a week").is_ok());
}

#[test]
fn the_limit_is_long_for_a_night_and_short_for_an_afternoon() {
    let own = learn(&days(14), 14, "0.25 a week").unwrap();
    let zone = amsterdam();
    let lasts = |day, clock| own.due(at(day, clock), &zone) - at(day, clock);
    assert!(Span::hours(8) < lasts(14, "23:00"), "a usual night: {}", lasts(14, "23:00"));
    assert!(lasts(14, "23:00") < Span::hours(11), "but not for ever: {}", lasts(14, "23:00"));
    assert!(lasts(14, "13:00") < Span::hours(4), "an afternoon: {}", lasts(14, "13:00"));
    assert!(own.expected.false_a_week <= 0.26, "{:?}", own.expected);
    assert_eq!(own.expected.days, 14);
    assert_eq!(own.limit_at(at(14, "15:00"), &zone), lasts(14, "13:00"));
}

#[test]
fn who_wants_to_know_sooner_is_told_of_more_false_alarms() {
    let mut baseline = days(14);
    baseline.note_sign(at(14, "7:00"), &amsterdam(), &settings());
    let slow = learn(&baseline, 14, "9h").unwrap().expected;
    let fast = learn(&baseline, 14, "2h").unwrap().expected;
    assert!(slow.hours_to_detect <= 9.0 && fast.hours_to_detect <= 2.0, "{slow:?} {fast:?}");
    assert!(slow.false_a_week < fast.false_a_week, "{slow:?} {fast:?}");
    let fixed = baseline.expect(Span::hours(4), at(14, "13:00"), &amsterdam(), &settings());
    assert!(5.0 < fixed.false_a_week, "every night: {fixed:?}");
}

#[test]
fn the_limit_is_the_same_until_it_says() {
    let (zone, settings) = (amsterdam(), settings());
    let wanted = Wanted::FalseAWeek(0.25);
    // More days than are kept, so that some are forgotten in between.
    let mut baseline = days(20);
    let now = at(20, "7:00");
    let until = baseline.same_until(now, &zone, &settings);
    assert_eq!(until, at(20, "12:00"));
    let now = until;
    let until = baseline.same_until(now, &zone, &settings);
    assert_eq!(until, at(21, "12:00"));
    let found = baseline.learn(now, &zone, &settings, wanted).unwrap();
    for (day, clock) in [(20, "13:00"), (20, "18:20"), (20, "23:50"), (21, "6:10"), (21, "11:59")] {
        let now = at(day, clock);
        baseline.note_sign(now, &zone, &settings);
        assert_eq!(baseline.learn(now, &zone, &settings, wanted).as_ref(), Ok(&found), "{clock}");
    }
    let later = baseline.learn(until, &zone, &settings, wanted).unwrap();
    assert_ne!(later, found, "an afternoon without a sign");
}

#[test]
fn a_gap_in_the_record_makes_no_limit_longer() {
    let mut gappy = Baseline::default();
    (0..5).for_each(|n| day(&mut gappy, n));
    // Day 5 is missing.
    (6..14).for_each(|n| day(&mut gappy, n));
    gappy.note_sign(at(14, "7:00"), &amsterdam(), &settings());
    let own = learn(&gappy, 14, "0.25 a week").unwrap();
    assert_eq!(own.expected.days, 13);
    assert!(own.due(at(14, "13:00"), &amsterdam()) < at(14, "17:00"));
}

#[test]
fn time_out_of_the_home_is_no_silence() {
    let mut baseline = Baseline::default();
    for n in 0..14 {
        day(&mut baseline, n);
        let (zone, settings) = (amsterdam(), settings());
        baseline.look_away(at(n, "23:10"), &zone, &settings);
        baseline.note_sign(at(n + 1, "2:00"), &zone, &settings);
        baseline.look_again(at(n + 1, "6:50"));
    }
    let night = baseline.days.get(3).unwrap();
    assert_eq!(night.longest(2), None, "01:00");
    assert_eq!(night.longest(13), Some(6), "06:30");
}

#[test]
fn a_false_alarm_counts_and_a_real_one_does_not() {
    let zone = amsterdam();
    for (counts, usable) in [(true, 14), (false, 12)] {
        let mut baseline = Baseline::default();
        for n in 0..14 {
            if n == 8 {
                baseline.freeze(at(n, "12:00"), &zone);
            }
            day(&mut baseline, n);
            if n == 8 {
                let own =
                    baseline.learn(at(9, "13:00"), &zone, &settings(), Wanted::FalseAWeek(0.25));
                assert_eq!(own.unwrap().expected.days, 8, "in doubt");
            }
            if n == 9 {
                baseline.thaw(counts, at(n, "23:10"), &zone);
            }
        }
        baseline.note_sign(at(14, "7:00"), &zone, &settings());
        let own = learn(&baseline, 14, "0.25 a week").unwrap();
        assert_eq!(own.expected.days, usable);
    }
}

#[test]
fn a_silence_over_a_change_of_the_clocks_is_as_long_as_it_was() {
    let mut baseline = Baseline::default();
    // The clocks go forward in the night to Sunday, day 13.
    day(&mut baseline, 12);
    baseline.note_sign(at(13, "7:00"), &amsterdam(), &settings());
    let sunday = baseline.days.back().unwrap();
    assert_eq!(sunday.longest_of_all(), Some(7 * 60));
    assert_eq!(sunday.longest(4), None, "02:00 was skipped");
    assert_eq!(sunday.standing(13), Some(7 * 60));
}

/// Rises once a night, three times in the last; visits the bathroom six times a day.
fn nights(baseline: &mut Baseline, n: i32, last: u32) {
    let (zone, settings) = (amsterdam(), settings());
    for night in 0..n {
        day(baseline, night);
        for visit in 0..6 {
            let when = at(night, &format!("23:0{visit}"));
            baseline.count(Metric::BathroomVisits, when, &zone, &settings);
        }
        baseline.lasts(Metric::MinutesInBed, true, at(night, "23:10"), &zone, &settings);
        for rise in 0..if night + 1 == n { last } else { 1 } {
            let when = at(night + 1, &format!("{}:15", 1 + rise));
            baseline.count(Metric::NightRises, when, &zone, &settings);
        }
        for beat in 0..5 {
            let when = at(night + 1, &format!("3:{beat}5"));
            baseline.read(Metric::HeartRate, 60.0 + f64::from(beat), when, &zone, &settings);
        }
        baseline.lasts(Metric::MinutesInBed, false, at(night + 1, "7:00"), &zone, &settings);
    }
}

#[test]
fn what_is_usual_is_said_of_days_and_of_whole_nights() {
    let mut baseline = Baseline::default();
    nights(&mut baseline, 10, 4);
    let (zone, settings, now) = (amsterdam(), settings(), at(10, "7:30"));
    let usual = |metric| baseline.usual(metric, now, &zone, &settings).unwrap();
    let rises = usual(Metric::NightRises);
    assert_eq!((rises.median, rises.mad), (1.0, 0.0));
    let tonight = baseline.today(Metric::NightRises, now, &zone, &settings);
    assert_eq!(tonight, Some(4.0), "the night is not over before noon");
    assert_eq!(usual(Metric::BathroomVisits).median, 6.0);
    assert_eq!(usual(Metric::MinutesInBed).median, 470.0);
    assert_eq!(usual(Metric::HeartRate).median, 62.0);
    assert_eq!(usual(Metric::LongestSilence).median, 480.0);
    let later = at(10, "12:30");
    baseline.roll(later, &zone, &settings);
    assert_eq!(baseline.today(Metric::NightRises, later, &zone, &settings), Some(0.0));
    assert_eq!(baseline.latest(Metric::NightRises, later, &zone, &settings), Some(4.0));
    assert_eq!(baseline.usual(Metric::Weight, later, &zone, &settings), None);
}

#[test]
fn weekends_are_told_apart_once_there_are_enough() {
    let (zone, settings) = (amsterdam(), settings());
    let mut baseline = Baseline::default();
    for n in 0..14 {
        for _ in 0..if n % 7 < 5 { 3 } else { 8 } {
            baseline.count(Metric::BathroomVisits, at(n, "9:00"), &zone, &settings);
        }
        day(&mut baseline, n);
    }
    let usual = |day| baseline.usual(Metric::BathroomVisits, at(day, "10:00"), &zone, &settings);
    assert_eq!(usual(14).unwrap().median, 3.0, "a Monday");
    assert_eq!(usual(19).unwrap().days, 12, "too few weekends: all days together");
    let generous = LearnSettings { kind_needed: 3, ..settings };
    let saturday = baseline.usual(Metric::BathroomVisits, at(19, "10:00"), &zone, &generous);
    assert_eq!(saturday.unwrap().median, 8.0);
}

#[test]
fn what_is_written_is_read_and_what_cannot_be_is_refused() {
    for text in ["0.25 a week", "6h"] {
        assert_eq!(text.parse::<Wanted>().unwrap().to_string(), text);
    }
    for wrong in ["often", "0 a week", "a week", "-1 a week"] {
        assert!(wrong.parse::<Wanted>().is_err(), "{wrong}");
    }
    let wrong = LEARNING.replace("\"motion\"", "\"weight\"").replace("\"1h\"", "\"7h\"");
    let sheet = Sheet::new("learning.toml", &wrong);
    LearnSettings::read(sheet.form());
    assert_eq!(sheet.problems().len(), 2, "{:?}", sheet.problems());
}

/// Anything that the engine may say.
#[derive(Debug, Clone)]
enum Said {
    Sign,
    Away,
    Again,
    Lost,
    Rise,
    Bed(bool),
    Beat(f64),
    Freeze,
    Thaw(bool),
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        8 => Just(Said::Sign),
        1 => Just(Said::Away),
        1 => Just(Said::Again),
        1 => Just(Said::Lost),
        2 => Just(Said::Rise),
        2 => any::<bool>().prop_map(Said::Bed),
        2 => any::<f64>().prop_map(Said::Beat),
        1 => Just(Said::Freeze),
        1 => any::<bool>().prop_map(Said::Thaw),
    ]
}

fn tell(baseline: &mut Baseline, said: &Said, now: Time) {
    let (zone, settings) = (amsterdam(), settings());
    match said {
        Said::Sign => baseline.note_sign(now, &zone, &settings),
        Said::Away => baseline.look_away(now, &zone, &settings),
        Said::Again => baseline.look_again(now),
        Said::Lost => baseline.lose_track(),
        Said::Rise => baseline.count(Metric::NightRises, now, &zone, &settings),
        Said::Bed(lies) => {
            baseline.lasts(Metric::MinutesInBed, *lies, now, &zone, &settings);
        }
        Said::Beat(value) => baseline.read(Metric::HeartRate, *value, now, &zone, &settings),
        Said::Freeze => baseline.freeze(now, &zone),
        Said::Thaw(counts) => baseline.thaw(*counts, now, &zone),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever it is told, in whatever order and at whatever time: it stays small, what is saved is
    /// what is read, and it goes on from there as it would have.
    #[test]
    fn it_stays_small_and_goes_on_where_it_was(
        lived in prop::collection::vec((said(), -30_i64..400), 1..300),
        leap in 0_usize..300,
    ) {
        let mut now = at(0, "8:00");
        let mut baseline = Baseline::default();
        for (n, (said, minutes)) in lived.iter().enumerate() {
            // Now and then the clock is set by a month, or back to the beginning of time.
            let leaps = if n == leap { Span::hours(24 * 31) } else { Span::ZERO };
            now = now + Span::minutes(*minutes) + leaps;
            if n == leap + 20 {
                now = Time(0);
            }
            tell(&mut baseline, said, now);
            if n % 50 == 0 {
                let text = serde_json::to_string(&baseline).unwrap();
                let mut read: Baseline = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(&read, &baseline);
                tell(&mut read, said, now);
                tell(&mut baseline, said, now);
                prop_assert_eq!(&read, &baseline);
            }
        }
        let size = serde_json::to_string(&baseline).unwrap().len();
        prop_assert!(size < 8_000, "{} octets", size);
        let own = baseline.learn(now, &amsterdam(), &settings(), Wanted::FalseAWeek(0.25));
        if let Ok(own) = own {
            let due = own.due(now, &amsterdam());
            prop_assert!(now + Span::hours(1) <= due && due <= now + Span::hours(12));
        }
    }
}
