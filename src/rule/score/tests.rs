//! The shipped chart, against the chart written down once more, and what is said while findings are missing.

use jiff::tz::TimeZone;

use crate::domain::{Home, Observation, Presence, Property, Reason, Situation, Span, Time, Value};
use crate::form::Sheet;
use crate::rule::{Judgement, Score, Verdict, View};

use super::{Table, Tables};

const SHIPPED: &str = include_str!("../../../config/rules.toml");

pub(super) fn tables(text: &str) -> (Tables, Vec<String>) {
    let sheet = Sheet::new("rules.toml", text);
    let tables = Tables::read(&mut sheet.form());
    (tables, sheet.problems().iter().map(ToString::to_string).collect())
}

fn news2() -> std::sync::Arc<Table> {
    let (tables, problems) = tables(SHIPPED);
    assert_eq!(problems, Vec::<String>::new());
    tables.find(&"news2".parse().unwrap()).unwrap().unwrap()
}

pub(super) fn rule(text: &str) -> Result<Score, String> {
    let sheet = Sheet::new("rules.toml", text);
    let rule = Score::read(sheet.form(), &tables(SHIPPED).0);
    let problems: Vec<_> = sheet.problems().iter().map(ToString::to_string).collect();
    rule.filter(|_| problems.is_empty()).ok_or_else(|| problems.join("; "))
}

/// Points of the table for one value.
fn given(property: Property, scale: u32, value: Value, oxygen: Option<bool>) -> (u32, u32) {
    let table = news2();
    let part = table.parts(scale).find(|part| part.of == property).unwrap();
    let given = part.given(value, oxygen);
    (given.least, given.most)
}

fn at_minute(n: i64) -> Time {
    Time(0) + Span::minutes(n)
}

/// What was said at which minute, by which device.
fn judged(rule: &Score, said: &[(i64, &str, &str)], now: i64) -> (Judgement, String) {
    let mut situation = Situation::default();
    for (minute, device, what) in said {
        let retained = what.starts_with('~');
        let observation: Observation = what.trim_start_matches('~').parse().unwrap();
        situation.note(&device.parse().unwrap(), &observation, retained, at_minute(*minute));
    }
    let home = Home::new("h".parse().unwrap(), "UTC", Vec::new());
    let (presence, zone) = (Presence::default(), TimeZone::UTC);
    let view = View::new(&home, &situation, &zone, &presence, at_minute(now));
    (rule.judge(&view), rule.reason(&view).en())
}

fn all_of(said: &str) -> Vec<(i64, &str, &str)> {
    said.split(", ").map(|what| (0, "tablet", what)).collect()
}

fn respiration(n: i32) -> u32 {
    if n <= 8 || 25 <= n {
        3
    } else if 21 <= n {
        2
    } else {
        u32::from(n <= 11)
    }
}

fn saturation(n: i32, scale: u32, oxygen: bool) -> u32 {
    if scale == 1 {
        return match n {
            ..=91 => 3,
            92 | 93 => 2,
            94 | 95 => 1,
            96.. => 0,
        };
    }
    match n {
        ..=83 => 3,
        84 | 85 => 2,
        86 | 87 => 1,
        88..=92 => 0,
        _ if !oxygen => 0,
        93 | 94 => 1,
        95 | 96 => 2,
        97.. => 3,
    }
}

fn pressure(n: i32) -> u32 {
    if n >= 220 || n <= 90 {
        3
    } else if n <= 100 {
        2
    } else {
        u32::from(n <= 110)
    }
}

fn pulse(n: i32) -> u32 {
    if n <= 40 || n >= 131 {
        return 3;
    }
    if n >= 111 {
        return 2;
    }
    u32::from(n <= 50 || n >= 91)
}

fn temperature(tenths: i32) -> u32 {
    if tenths <= 350 {
        3
    } else if tenths >= 391 {
        2
    } else {
        u32::from(tenths <= 360 || tenths >= 381)
    }
}

#[test]
fn the_shipped_chart_is_the_published_one() {
    let table = news2();
    let points = |property: Property, scale: u32, value: f64, oxygen: bool| {
        let part = table.parts(scale).find(|part| part.of == property).unwrap();
        let given = part.given(Value::Number(value), Some(oxygen));
        assert_eq!(given.least, given.most);
        given.most
    };
    for scale in [1, 2] {
        for oxygen in [false, true] {
            let check =
                |property, values: std::ops::RangeInclusive<i32>, wanted: fn(i32) -> u32| {
                    for n in values {
                        assert_eq!(
                            points(property, scale, n.into(), oxygen),
                            wanted(n),
                            "{property} {n}"
                        );
                    }
                };
            check(Property::RespiratoryRate, 1..=80, respiration);
            check(Property::Systolic, 40..=300, pressure);
            check(Property::HeartRate, 20..=300, pulse);
            for n in 30..=100 {
                let wanted = saturation(n, scale, oxygen);
                assert_eq!(points(Property::Spo2, scale, n.into(), oxygen), wanted, "spo2 {n}");
            }
            for tenths in 250..=450 {
                let value = format!("{}.{}", tenths / 10, tenths % 10).parse().unwrap();
                let found = points(Property::BodyTemperature, scale, value, oxygen);
                assert_eq!(found, temperature(tenths), "{value}");
                // As a sensor reckons it, with what floats make of it.
                let reckoned = f64::from(tenths) * 0.1;
                assert_eq!(points(Property::BodyTemperature, scale, reckoned, oxygen), found);
            }
            for (flag, yes, no) in [(Property::Oxygen, 2, 0), (Property::Lucid, 0, 3)] {
                assert_eq!(given(flag, scale, Value::Flag(true), None), (yes, yes));
                assert_eq!(given(flag, scale, Value::Flag(false), None), (no, no));
            }
        }
    }
}

#[test]
fn a_value_between_two_steps_is_rounded_half_upwards_first() {
    for (property, value, points) in [
        (Property::RespiratoryRate, 8.49, 3),
        (Property::RespiratoryRate, 8.5, 1),
        (Property::RespiratoryRate, 11.5, 0),
        (Property::RespiratoryRate, 20.5, 2),
        (Property::Spo2, 91.49, 3),
        (Property::Spo2, 91.5, 2),
        (Property::Spo2, 91.6, 2),
        (Property::Spo2, 95.5, 0),
        (Property::BodyTemperature, 35.04, 3),
        (Property::BodyTemperature, 35.05, 1),
        (Property::BodyTemperature, 38.04, 0),
        (Property::BodyTemperature, 38.05, 1),
        (Property::BodyTemperature, 39.049_999, 2),
        (Property::BodyTemperature, 39.04, 1),
        (Property::HeartRate, 130.5, 3),
        (Property::Systolic, 219.4, 0),
    ] {
        assert_eq!(given(property, 1, Value::Number(value), None).1, points, "{property} {value}");
    }
}

#[test]
fn whole_charts_give_the_published_totals() {
    let at_least = |points: u32, scale: u32| {
        rule(&format!("table = \"news2\"\nat_least = {points}\nscale = {scale}\nfresh = \"12h\""))
            .unwrap()
    };
    let well = "systolic 120, heart_rate 80, lucid true, body_temperature 37, respiratory_rate 20";
    for (scale, said, total) in [
        (1, format!("{well}, spo2 96, oxygen false"), 0),
        (1, format!("{well}, spo2 92, oxygen false"), 2),
        (2, format!("{well}, spo2 92, oxygen false"), 0),
        (2, format!("{well}, spo2 92, oxygen true"), 2),
        (2, format!("{well}, spo2 93, oxygen false"), 0),
        (2, format!("{well}, spo2 93, oxygen true"), 3),
        (2, format!("{well}, spo2 96, oxygen true"), 4),
        (2, format!("{well}, spo2 97, oxygen false"), 0),
        (2, format!("{well}, spo2 97, oxygen true"), 5),
        (
            1,
            "respiratory_rate 25, spo2 91, oxygen true, systolic 90, heart_rate 131, lucid false, \
             body_temperature 39.1"
                .to_owned(),
            19,
        ),
        (
            1,
            "respiratory_rate 8, spo2 91, oxygen true, systolic 90, heart_rate 40, lucid false, \
             body_temperature 35"
                .to_owned(),
            20,
        ),
    ] {
        for points in 1..=20 {
            let (judgement, reason) = judged(&at_least(points, scale), &all_of(&said), 1);
            assert!(reason.starts_with(&format!("NEWS2 {total} (respiratory_rate ")), "{reason}");
            let since = at_minute(0);
            let wanted = if points <= total {
                Verdict::Holds { since, live: true }
            } else {
                Verdict::Normal
            };
            assert_eq!(judgement.verdict, wanted, "{said}: {total}, at least {points}");
            assert_eq!(judgement.again, Some(at_minute(12 * 60) + Span(1)));
        }
    }
}

const URGENT: &str = "table = \"news2\"\nat_least = 7\nfresh = \"12h\"";
const HIGH: &str = "table = \"news2\"\nat_least = 5\nbelow = 7\nfresh = \"12h\"";
const SINGLE: &str = "table = \"news2\"\nany_part = 3\nfresh = \"12h\"";

#[test]
fn an_incomplete_chart_has_no_total_and_says_what_is_certain() {
    let holds = Verdict::Holds { since: at_minute(0), live: true };
    let table = [
        // Nothing at all.
        ("press", Verdict::Unknown, Verdict::Unknown, Verdict::Unknown),
        // Four points for certain; five, or a part of three, are possible.
        ("heart_rate 120, spo2 93", Verdict::Unknown, Verdict::Unknown, Verdict::Unknown),
        // One part alone.
        ("respiratory_rate 25", Verdict::Unknown, Verdict::Unknown, holds),
        // At least 6: within the band, as far as anybody knows.
        ("respiratory_rate 25, heart_rate 131", Verdict::Unknown, holds, holds),
        // At least 8: beyond the band, which is not for that rule to say.
        ("respiratory_rate 25, heart_rate 131, oxygen true", holds, Verdict::Resting, holds),
        // What is missing could add 3 at most.
        (
            "respiratory_rate 16, spo2 97, oxygen false, heart_rate 95, lucid true, systolic 130",
            Verdict::Normal,
            Verdict::Normal,
            Verdict::Unknown,
        ),
        // Nobody said whether oxygen is given: it has no part of three.
        (
            "respiratory_rate 21, spo2 95, body_temperature 37, heart_rate 95, lucid true, \
             systolic 130",
            Verdict::Normal,
            Verdict::Unknown,
            Verdict::Normal,
        ),
    ];
    for (said, urgent, high, single) in table {
        let found = [URGENT, HIGH, SINGLE].map(|text| {
            let (judgement, _) = judged(&rule(text).unwrap(), &all_of(said), 1);
            judgement.verdict
        });
        assert_eq!(found, [urgent, high, single], "{said}");
    }
}

#[test]
fn an_incomplete_chart_is_told_as_one() {
    let said = all_of("respiratory_rate 25, heart_rate 120");
    let (_, reason) = judged(&rule(SINGLE).unwrap(), &said, 1);
    assert_eq!(
        reason,
        "NEWS2 incomplete, at least 5 (respiratory_rate 25 = 3, heart_rate 120 = 2), without spo2, \
         oxygen, systolic, lucid, body_temperature"
    );
    let reason = Reason::Score {
        table: news2().title.clone(),
        total: 5,
        complete: false,
        missing: vec![Property::Spo2, Property::Lucid],
        parts: vec![(Property::RespiratoryRate, Value::Number(25.0), 3)],
    };
    assert_eq!(reason.zh(), "NEWS2 评分 不完整，至少 5 分（呼吸 25 = 3 分），缺血氧、清醒");
    let written = serde_json::to_string(&reason).unwrap();
    assert_eq!(serde_json::from_str::<Reason>(&written).unwrap(), reason);
}

#[test]
fn without_knowing_of_oxygen_scale_2_counts_what_is_the_same_on_both() {
    let spo2 = |n: f64, oxygen| given(Property::Spo2, 2, Value::Number(n), oxygen);
    assert_eq!(spo2(83.0, None), (3, 3));
    assert_eq!(spo2(92.0, None), (0, 0));
    assert_eq!(spo2(97.0, None), (0, 3));
    let rule = rule(&format!("{SINGLE}\nscale = 2")).unwrap();
    assert_eq!(judged(&rule, &all_of("spo2 97"), 1).0.verdict, Verdict::Unknown);
    let reason = judged(&rule, &all_of("spo2 97"), 1).1;
    assert!(
        reason.starts_with("NEWS2 incomplete, at least 0 (), without respiratory_rate, oxygen,")
    );
}

#[test]
fn the_latest_fresh_word_of_a_device_itself_counts() {
    let single = rule(SINGLE).unwrap();
    let holds = |minute| Verdict::Holds { since: at_minute(minute), live: true };
    let said = |said: &[(i64, &str, &str)], now| judged(&single, said, now).0;
    let two = [(0, "a", "respiratory_rate 25"), (5, "b", "respiratory_rate 16")];
    assert_eq!(said(&two, 6).verdict, Verdict::Unknown);
    let two = [(0, "b", "respiratory_rate 16"), (5, "a", "respiratory_rate 25")];
    assert_eq!(said(&two, 6).verdict, holds(5));
    // A broker's memory is of no known age.
    assert_eq!(said(&[(0, "a", "~respiratory_rate 25")], 1).verdict, Verdict::Unknown);
    let one = [(0, "a", "respiratory_rate 25")];
    assert_eq!(said(&one, 720).verdict, holds(0));
    assert_eq!(said(&one, 720).again, Some(at_minute(720) + Span(1)));
    let stale = said(&one, 721);
    assert_eq!((stale.verdict, stale.again), (Verdict::Unknown, None));
    // The device that measured went away since: it has measured all the same.
    let gone = [(0, "a", "respiratory_rate 25"), (1, "a", "online false")];
    assert_eq!(said(&gone, 2).verdict, holds(0));
}
