use super::*;

const RULES: &str = include_str!("../../../config/rules.toml");

fn rule(name: &str) -> (Name, Table) {
    let rules: Table = RULES.parse().unwrap();
    let all = rules["rule"].as_array().unwrap().iter().filter_map(Value::as_table);
    let found = all.clone().find(|table| table["name"].as_str() == Some(name)).unwrap();
    (name.parse().unwrap(), found.clone())
}

fn wanted(all: &[(&str, &str)]) -> Wanted {
    all.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn every_number_of_a_rule_has_a_dial_and_words_have_none() {
    let shown = |name| {
        let all = dials(&rule(name).1);
        all.iter().map(|d| format!("{} {}", d.key, d.value)).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        shown("heart-rate"),
        "detect.threshold.above 115; detect.threshold.below 45; detect.threshold.deadband 5; \
         detect.threshold.fresh 3m; detect.for 60s; detect.recover 60s; warn.after 60s; \
         warn.again_after 30m; alarm.after 2m; alarm.plan grid; close.again_after 30m; \
         close.reopen_within "
    );
    assert_eq!(
        shown("long-lie"),
        "detect.sequence.after 5m, 15m, 60m; detect.sequence.settles 60s; detect.for ; \
         detect.recover ; alarm.after ; alarm.raise_after 1m; alarm.plan urgent; \
         close.again_after 1h; close.reopen_within "
    );
    assert!(shown("no-activity-own").contains("detect.inactivity.own 0.25 a week"));
    assert!(shown("bathroom-stay").contains("detect.dwell.night 22:00-06:00"));
    assert!(!shown("fall").contains("detect"), "an emergency is believed at once");
}

#[test]
fn only_what_is_turned_is_another_in_the_text() {
    for (name, turns, lines) in [
        (
            "oxygen",
            &[("detect.threshold.below", "90"), ("alarm.after", "2m")][..],
            &[
                "threshold = { of = \"spo2\", below = 90, deadband = 2, fresh = \"3m\" }",
                "after = \"2m\"",
            ][..],
        ),
        (
            "fever",
            &[("detect.threshold.above", "38"), ("detect.for", "")],
            &[
                "threshold = { of = \"body_temperature\", above = 38, deadband = 0.3, fresh = \"12h\" }",
            ],
        ),
        (
            "long-lie",
            &[("detect.sequence.after", "5m，10m")],
            &[
                "sequence = { first = \"fall true\", without = [\"motion true\", \"in_bed true\", \"open true\", \"open false\"], after = [\"5m\", \"10m\"], settles = \"60s\" }",
            ],
        ),
        ("leak", &[("alarm.after", "30s")], &["after = \"30s\""]),
        (
            "fever",
            &[("detect.threshold.above", "warm")],
            &[
                "threshold = { of = \"body_temperature\", above = \"warm\", deadband = 0.3, fresh = \"12h\" }",
            ],
        ),
    ] {
        let (id, table) = rule(name);
        let text = adjusted(RULES, ("rule", &id), &dials(&table), &wanted(turns)).unwrap();
        let new: Vec<&str> = text.lines().filter(|l| !RULES.lines().any(|r| r == *l)).collect();
        let is_there = |line: &&str| new.contains(line) || RULES.contains(*line);
        assert!(lines.iter().all(is_there) && new.len() <= lines.len(), "{name}: {new:?}");
        assert!(text != RULES, "{name}");
    }
}

#[test]
fn a_rung_of_a_plan_is_turned_at_its_place() {
    let text = include_str!("../../../config/plans.toml");
    let plans: Table = text.parse().unwrap();
    let table = plans["plan"][0].as_table().unwrap();
    let turn = wanted(&[
        ("rungs.1.after", "90s"),
        ("rungs.3.tell", "street, supervisor"),
        ("close_within", ""),
    ]);
    let new =
        adjusted(text, ("plan", &"urgent".parse().unwrap()), &plan_dials(table), &turn).unwrap();
    let other: Vec<&str> = new.lines().filter(|l| !text.lines().any(|t| t == *l)).collect();
    assert_eq!(
        other,
        [
            "  { tell = [\"grid\"],                 after = \"90s\" },",
            "  { tell = [\"street\", \"supervisor\"],               after = \"4m\", repeat = \"60s\" },"
        ]
    );
    assert_eq!(text.lines().count() - 1, new.lines().count(), "and one limit is gone");
}

#[test]
fn a_dial_that_stays_leaves_every_byte_and_a_file_from_elsewhere_its_ends_of_lines() {
    let foreign = RULES.replace('\n', "\r\n");
    for text in [RULES, &foreign] {
        for (name, turn, is_same) in [("oxygen", "92", true), ("oxygen", "91", false)] {
            let (id, table) = rule(name);
            let turn = wanted(&[("detect.threshold.below", turn)]);
            let new = adjusted(text, ("rule", &id), &dials(&table), &turn).unwrap();
            assert_eq!(new == text, is_same);
            assert_eq!(new.matches("\r\n").count(), text.matches("\r\n").count());
        }
    }
    let nobody = "nobody".parse().unwrap();
    assert!(adjusted(RULES, ("rule", &nobody), &[], &Wanted::new()).is_err());
}

#[test]
fn for_one_resident_only_what_is_otherwise_is_written_and_what_no_dial_says_is_kept() {
    let (_, table) = rule("oxygen");
    let standing: Table =
        "detect.threshold.below = 88\nlevel = \"urgent\"\nalarm.after = \"9m\"".parse().unwrap();
    let turn = wanted(&[("detect.threshold.below", "87"), ("alarm.after", "3m")]);
    assert_eq!(
        otherwise(&table, &standing, &turn),
        "detect.threshold.below = 87\nlevel = \"urgent\"\n"
    );
    assert_eq!(otherwise(&table, &Table::new(), &wanted(&[("warn.after", "60s")])), "");
}

#[test]
fn a_rule_is_switched_off_in_one_line_and_on_again_without_a_trace() {
    let by = "ma".parse().unwrap();
    let off = Off { by, on: "2026-11-28".parse().unwrap(), why: "it cries \"wolf\"".to_owned() };
    for text in [RULES.to_owned(), RULES.replace('\n', "\r\n")] {
        let cold = "cold".parse().unwrap();
        let switched_off = switched(&text, &cold, Some(&off)).unwrap();
        let new: Vec<&str> =
            switched_off.lines().filter(|line| !text.lines().any(|l| l == *line)).collect();
        let line = "off = { by = \"ma\", on = \"2026-11-28\", why = 'it cries \"wolf\"' }";
        assert_eq!(new, [line]);
        let rules: Table = switched_off.parse().unwrap();
        let all = rules["rule"].as_array().unwrap().iter().filter(|rule| rule.get("off").is_some());
        assert_eq!(all.map(|rule| rule["name"].as_str().unwrap()).collect::<Vec<_>>(), ["cold"]);
        // Said anew it is said once.
        assert_eq!(switched(&switched_off, &cold, Some(&off)).unwrap(), switched_off);
        assert_eq!(switched(&switched_off, &cold, None).unwrap(), text);
    }
}
