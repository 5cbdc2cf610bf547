//! What can be written and what is refused and where; what is said of known and unknown values.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::domain::{
    Binding, Device, Home, Observation, Place, Presence, Property, Reason, Situation, Span, Time,
    Value,
};
use crate::form::Sheet;
use crate::rule::{Expression, Judgement, Verdict, View};

use super::parse::parse;
use super::tree::Truth;

fn read(text: &str) -> Result<Expression, String> {
    let sheet = Sheet::new("rules.toml", text);
    let rule = Expression::read(sheet.form());
    let problems: Vec<_> = sheet.problems().iter().map(ToString::to_string).collect();
    rule.filter(|_| problems.is_empty()).ok_or_else(|| problems.join("; "))
}

#[test]
fn what_can_be_meant_is_read() {
    for text in [
        "presence",
        "not presence",
        "power > 50 and not presence",
        "power>50W and not presence in kitchen",
        "temperature > 26 °C or humidity >= 80 %",
        "gas_level > 5 %LEL and presence in living",
        "respiratory_rate > 24 /min",
        "respiratory_rate > 24/min",
        "respiratory_rate / 2 > 12",
        "targets == 0 and in_bed",
        "targets > 1 people",
        "systolic - diastolic > 60 mmHg",
        "heart_rate / systolic > 0.9",
        "-temperature > 5 and signal < -90 dBm",
        "not (fall or not (motion and (open)))",
        "not not presence",
        "(power + 2 * 50) / 3 != 70",
        "water_flow > 2 L/min and water < 100 L",
        "temperature in bedroom > temperature in kitchen + 5",
        "not power > 50",
        "press",
    ] {
        assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
    }
}

#[test]
fn what_cannot_be_meant_is_refused_at_its_place() {
    for (text, column, what) in [
        ("", 1, "an expression is missing"),
        ("   ", 1, "an expression is missing"),
        ("power", 1, "`power` is a number in W: compare it, `power > …`"),
        ("presence and power", 14, "`power` is a number in W"),
        ("presence > 3", 1, "`presence` is true or false"),
        ("presence == true", 13, "no `true` is needed"),
        ("presence + 1 > 3", 1, "`presence` is true or false"),
        ("presense", 1, "there is no property `presense`; did you mean `presence`?"),
        ("not heartrate > 5", 5, "did you mean `heart_rate`?"),
        ("power > 50 AND presence", 12, "`AND`: did you mean `and`?"),
        ("power > 50 && presence", 12, "`&&`: did you mean `and`?"),
        ("! presence", 1, "`!`: did you mean `not`?"),
        ("targets = 0", 9, "`=`: did you mean `==`?"),
        ("power <> 3", 7, "`<>`: did you mean `!=`?"),
        ("power ≥ 3", 7, "`≥`: did you mean `>=`?"),
        ("（presence）", 1, "`（`: did you mean `(`?"),
        ("power > 50 kW", 12, "there is no unit `kW` here; `power` is in W"),
        ("26 °F < temperature", 4, "there is no unit `°F` here; write that of the property"),
        ("temperature > 26 %", 15, "`temperature` is in °C, `26 %` in %"),
        ("temperature > humidity", 15, "`temperature` is in °C, `humidity` in %"),
        ("temperature + humidity > 3", 15, "`temperature` is in °C, `humidity` in %"),
        ("heart_rate / systolic > 0.9 bpm", 25, "`heart_rate / systolic` is in (bpm)/(mmHg)"),
        ("spo2 > 200", 8, "`spo2` is from 30 to 100 %: `spo2 > 200` can never be"),
        ("open and spo2 > 100", 17, "can never be"),
        ("spo2 <= 100", 9, "`spo2 <= 100` is always so"),
        ("20 > spo2", 1, "`spo2` is from 30 to 100 %: `20 > spo2` can never be"),
        ("systolic - diastolic > 400", 24, "`systolic - diastolic` is from -160 to 280 mmHg"),
        ("spo2 != 7", 9, "is always so"),
        ("3 > 2", 1, "these are two numbers: `3 > 2` is always so"),
        ("50 < power < 60", 12, "one comparison at a time"),
        ("(power > 50) > 3", 1, "`(power > 50)` is true or false"),
        ("(presence", 1, "this `(` is not closed"),
        ("presence)", 9, "this `)` closes nothing"),
        ("presence motion", 10, "`and` or `or` is missing before `motion`"),
        ("presence and", 13, "something is missing after `and`"),
        ("and presence", 1, "something is missing before `and`"),
        ("power > and", 9, "something is missing before `and`"),
        ("power > > 3", 9, "something is missing before `>`"),
        ("presence in garage", 13, "there is no kind of room `garage`: one of bathroom"),
        ("presence in", 12, "`presence in` wants a kind of room: bathroom"),
        ("presence in 3", 13, "`presence in` wants a kind of room: bathroom"),
        ("power > 50 in kitchen", 12, "`in` cannot stand here"),
        ("power > 5 # watts", 11, "`#` has no meaning here"),
        ("power > .5", 9, "`.` has no meaning here"),
        ("温度 > 5", 1, "there is no property `温度`"),
    ] {
        let slip = parse(text).expect_err(text);
        let found = text.get(..slip.at).unwrap().chars().count() + 1;
        assert!(slip.message.en().contains(what), "{text}: {}", slip.message);
        assert_eq!(found, column, "{text}: {}", slip.message);
    }
    let deep = format!("{}presence{}", "(".repeat(30), ")".repeat(30));
    assert!(parse(&deep).unwrap_err().message.en().contains("nested more than"));
    assert!(parse(&"not ".repeat(1000)).unwrap_err().message.en().contains("write two rules"));
}

#[test]
fn a_problem_is_told_with_its_place_in_the_file() {
    for (text, what) in [
        (
            "when = \"power > 50 kW\"\nfresh = \"1m\"",
            "rules.toml:1:20: `when`: there is no unit `kW`",
        ),
        (
            "when = 'open or powr > 5'\nfresh = \"1m\"",
            "rules.toml:1:17: `when`: there is no property `powr`",
        ),
        (
            "when = \"\"\"\nopen and\n  温度 > 5\"\"\"",
            "rules.toml:3:3: `when`: there is no property `温度`",
        ),
        // With escapes in it the value as a whole is meant.
        ("when = \"open\\tor powr > 5\"", "rules.toml:1:8: `when`: there is no property `powr`"),
        ("fresh = \"1m\"", "`when` is missing"),
        ("when = \"power > 5\"", "`fresh` is missing: how old `power` may be"),
        ("when = \"open or press\"", "`fresh` is missing: how old `press` may be"),
        ("when = \"open\"\nfresh = \"1m\"", "flags have no age"),
        ("when = \"open\"\nfrsh = \"1m\"", "did you mean `fresh`?"),
    ] {
        let why = read(text).unwrap_err();
        assert!(why.contains(what), "{text}: {why}");
    }
    assert_eq!(read("when = \"\"\"\nopen\n  and motion\"\"\"").unwrap().when, "open and motion");
}

fn at_second(n: i64) -> Time {
    Time(0) + Span::seconds(n)
}

/// `kitchen-…` and the like are mounted in such a room.
fn judged(when: &str, said: &[(i64, &str, &str)], now: i64) -> (Judgement, Reason) {
    let rule = read(&format!("when = \"{when}\"\nfresh = \"60s\""))
        .or_else(|_| read(&format!("when = \"{when}\"")))
        .unwrap();
    let mut situation = Situation::default();
    let mut devices: Vec<Device> = Vec::new();
    for (second, name, what) in said {
        let (id, at) = (name.parse().unwrap(), at_second(*second));
        let observation: Observation = what.parse().unwrap();
        situation.note(&id, &observation, false, at);
        situation.heard(&id, None, &[observation], Span::ZERO, at);
        if devices.iter().all(|d| d.id != id) {
            let mut device = Device::new(id, "p/q", Binding::Direct);
            device.place = name.split('-').next().and_then(|place| place.parse().ok());
            devices.push(device);
        }
    }
    let home = Home::new("h".parse().unwrap(), "UTC", devices);
    let (presence, zone) = (Presence::default(), TimeZone::UTC);
    let view = View::new(&home, &situation, &zone, &presence, at_second(now));
    (rule.judge(&view), rule.reason(&view, at_second(0)))
}

#[test]
fn it_holds_since_the_latest_of_what_makes_it_hold_and_is_asked_again_when_that_is_stale() {
    let stove = "power > 50 W and not presence in kitchen";
    let verdict = |when: &str, said: &[(i64, &str, &str)], now| judged(when, said, now).0.verdict;
    let holds = |second| Verdict::Holds { since: at_second(second), live: true };
    let on = (10, "kitchen-plug", "power 900");
    let left = (20, "kitchen-radar", "presence false");
    let (judgement, reason) = judged(stove, &[on, left], 30);
    assert_eq!(judgement.verdict, holds(20));
    assert_eq!(judgement.again, Some(at_second(70) + Span(1)));
    assert_eq!(reason.en(), format!("{stove} (power 900, presence false) since 00:00"));
    assert_eq!(reason.zh(), format!("{stove}（用电 900，有人 false），自 00:00"));
    // Nobody can tell: the reading is stale, or nobody looks into the kitchen.
    assert_eq!(verdict(stove, &[on, left], 71), Verdict::Unknown);
    assert_eq!(verdict(stove, &[on], 30), Verdict::Unknown);
    assert_eq!(verdict(stove, &[on, (20, "hall-radar", "presence false")], 30), Verdict::Unknown);
    // But what is known may suffice.
    assert_eq!(verdict(stove, &[(10, "kitchen-plug", "power 3")], 30), Verdict::Normal);
    assert_eq!(verdict(stove, &[(10, "kitchen-radar", "presence true")], 30), Verdict::Normal);
    // A device that is gone tells nothing.
    let gone = (25, "kitchen-radar", "online false");
    assert_eq!(verdict(stove, &[on, left, gone], 30), Verdict::Unknown);
    // One device of several that sees somebody suffices; the latest number counts.
    let two = [(1, "a", "motion true"), (2, "b", "motion false"), (3, "c", "motion true")];
    assert_eq!(verdict("motion", &two, 30), holds(1));
    assert_eq!(verdict("not motion", &two, 30), Verdict::Normal);
    let two = [(1, "a", "temperature 30"), (2, "b", "temperature 20")];
    assert_eq!(verdict("temperature > 26", &two, 30), Verdict::Normal);
    assert_eq!(verdict("temperature < 26", &two, 30), holds(2));
    // A moment is over after a while, and that is known.
    let press = [(1, "a", "press")];
    assert_eq!(verdict("press", &press, 61), holds(1));
    assert_eq!(verdict("press", &press, 62), Verdict::Normal);
    assert_eq!(verdict("press", &[], 62), Verdict::Unknown);
    // Nothing is a number that is not finite.
    let none = [(1, "a", "power 7"), (1, "a", "humidity 0")];
    assert_eq!(verdict("power / humidity > 1", &none, 2), Verdict::Unknown);
}

#[test]
fn whether_it_could_ever_hold_goes_by_what_is_mounted() {
    let could = |when: &str| {
        let text = format!("when = \"{when}\"\nfresh = \"60s\"");
        let rule = read(&text).or_else(|_| read(&format!("when = \"{when}\""))).unwrap();
        rule.could_hold(|property, place| {
            [Property::Power, Property::Motion].contains(&property)
                && place.is_none_or(|place| place == Place::Kitchen)
        })
    };
    for (when, wanted) in [
        ("power > 5 and motion", true),
        ("power > 5 and not presence", false),
        ("power > 5 or presence", true),
        ("not (power > 5 and presence)", true),
        ("not (power > 5 or presence)", false),
        ("motion in kitchen", true),
        ("motion in hall", false),
        ("power / temperature > 2", false),
    ] {
        assert_eq!(could(when), wanted, "{when}");
    }
}

fn truth() -> impl Strategy<Value = Truth> {
    let leaf = (0_usize..3).prop_map(Truth::Is);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            inner.prop_map(|truth| Truth::Not(Box::new(truth))),
            several.clone().prop_map(Truth::All),
            several.prop_map(Truth::Any),
        ]
    })
}

fn known() -> impl Strategy<Value = Vec<Option<Value>>> {
    prop::collection::vec(prop::option::of(any::<bool>().prop_map(Value::Flag)), 3)
}

fn not(truth: Truth) -> Truth {
    Truth::Not(Box::new(truth))
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        drop(parse(&text));
    }

    #[test]
    fn nor_does_a_text_of_its_own_words(words in prop::collection::vec(
        prop::sample::select(vec![
            "and", "or", "not", "in", "power", "presence", "spo2", "kitchen", "(", ")", "<", ">=",
            "==", "=", "+", "-", "*", "/", "50", "3.5", "W", "°C", "/min", "é", "press",
        ]),
        0..60,
    ), close in any::<bool>()) {
        let text = words.join(if close { "" } else { " " });
        if let Err(slip) = parse(&text) {
            prop_assert!(text.is_char_boundary(slip.at), "{text}: {}", slip.at);
        }
    }

    #[test]
    fn kleene_s_laws_hold(a in truth(), b in truth(), c in truth(), values in known()) {
        let says = |truth: Truth| truth.of(&values);
        let (all, any) = (Truth::All, Truth::Any);
        prop_assert_eq!(says(not(not(a.clone()))), says(a.clone()));
        prop_assert_eq!(
            says(not(all(vec![a.clone(), b.clone()]))),
            says(any(vec![not(a.clone()), not(b.clone())]))
        );
        prop_assert_eq!(says(all(vec![a.clone(), b.clone()])), says(all(vec![b.clone(), a.clone()])));
        prop_assert_eq!(
            says(all(vec![a.clone(), any(vec![b.clone(), c.clone()])])),
            says(any(vec![all(vec![a.clone(), b.clone()]), all(vec![a.clone(), c])]))
        );
        prop_assert_eq!(says(any(vec![a.clone(), all(vec![a.clone(), b])])), says(a));
    }

    // What was decided while something was unknown is not overturned when it becomes known.
    #[test]
    fn to_know_more_changes_no_answer(a in truth(), values in known(), fill in prop::collection::vec(any::<bool>(), 3)) {
        if let Some(before) = a.of(&values) {
            let filled: Vec<_> = values
                .iter()
                .zip(&fill)
                .map(|(value, fill)| value.or(Some(Value::Flag(*fill))))
                .collect();
            prop_assert_eq!(a.of(&filled), Some(before));
        }
        // And what it could not become, it does not become.
        let is_known: Vec<bool> = values.iter().map(Option::is_some).collect();
        if let Some(now) = a.of(&values) {
            prop_assert!(a.could(now, &is_known));
        }
    }
}

#[test]
fn every_comparison_and_every_sum_says_what_it_says_in_school() {
    let says = |when: &str, battery: &str, second: &str| {
        let said = [(0, "plug", battery), (0, "other", second)];
        judged(when, &said, 1).0.verdict != Verdict::Normal
    };
    for (when, below, equal, above) in [
        ("battery < 5", true, false, false),
        ("battery <= 5", true, true, false),
        ("battery > 5", false, false, true),
        ("battery >= 5", false, true, true),
        ("battery == 5", false, true, false),
        ("battery != 5", true, false, true),
    ] {
        let said =
            ["battery 4", "battery 5", "battery 6"].map(|battery| says(when, battery, "press"));
        assert_eq!(said, [below, equal, above], "{when}");
    }
    for (when, is) in [
        ("battery + humidity == 8", true),
        ("battery + humidity == 12", false),
        ("battery - humidity == 4", true),
        ("battery * humidity == 12", true),
        ("battery * humidity == 3", false),
        ("battery / humidity == 3", true),
        ("2 + battery * 2 == 14", true),
        ("(2 + battery) * 2 == 16", true),
    ] {
        assert_eq!(says(when, "battery 6", "humidity 2"), is, "{when}");
    }
}

#[test]
fn what_is_always_so_or_never_is_refused_and_what_may_be_is_not() {
    let read = |when: &str| read(&format!("when = \"{when}\"\nfresh = \"60s\""));
    for when in [
        "spo2 > 100",
        "spo2 >= 0",
        "spo2 / spo2 == 1 or 1 == 1",
        "spo2 == 101",
        "spo2 != 101",
        "2 == 2",
        "2 != 2",
        "2 < 1",
        "battery + 101 > spo2",
    ] {
        assert!(read(when).is_err(), "{when}");
    }
    for when in [
        "spo2 >= 100",
        "spo2 == 100",
        "spo2 != 100",
        // What may be divided by nothing may be anything.
        "spo2 / battery > 1000000",
        "battery - battery == 0",
        "spo2 * 2 > 199",
        "battery * battery > 9999",
    ] {
        assert_eq!(read(when).map(drop), Ok(()), "{when}");
    }
}
