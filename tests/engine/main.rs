//! Properties of the engine: whatever comes, in whatever order, the promises hold. Cases are drawn
//! with a fixed seed, so that a run is the same everywhere.
#![expect(
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test says what it rests on, and looks at what it is about"
)]

mod answers;
mod desk;
mod doubt;
mod followed;
mod shifted;
mod tried;
mod visits;
mod duty;
mod faults;
mod own;
mod replaced;
mod watched;

use std::path::Path;
use std::sync::Arc;

use careloop::domain::{Happening, Input, Span};
use careloop::engine::{Book, Effect};
use careloop::timeline;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use watched::{Watched, begin, heard, ops, shipped, span, walk};

/// `SEED=8 cargo test --test engine` draws other cases.
fn config(cases: u32) -> ProptestConfig {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// What was decided: all but the pace of the ladder.
fn decisions(effects: &[Effect]) -> Vec<String> {
    let decided = |effect: &&Effect| match effect {
        Effect::Story { entry, .. } => matches!(
            entry.what,
            Happening::Detected { .. }
                | Happening::Warned { .. }
                | Happening::Alarmed { .. }
                | Happening::Cancelled { .. }
                | Happening::ConditionOver
                | Happening::ConditionBack
                | Happening::Evidence { .. }
                | Happening::Raised { .. }
                | Happening::Closed { .. }
        ),
        Effect::Refused { .. } => false,
        Effect::Walked { .. } => true,
    };
    let timeless = |effect: &Effect| match effect {
        Effect::Story { incident, key, entry, .. } => {
            let mut entry = entry.clone();
            entry.late = None;
            // Whoever hears of it late hears of all of it in one breath.
            if let Happening::Raised { reason, .. } = entry.what {
                entry.what = Happening::Evidence { reason };
            }
            format!("{key}#{incident} {}", timeline::entry_text(&entry))
        }
        Effect::Refused { .. } => String::new(),
        Effect::Walked { .. } => timeline::effect(effect),
    };
    effects.iter().filter(decided).map(timeless).collect()
}

#[test]
fn whatever_comes_no_incident_is_forgotten_and_only_people_end_an_alarm() {
    let shipped = Arc::new(shipped());
    let ended = std::cell::Cell::new(0);
    let desk = std::cell::Cell::new([0; 4]);
    proptest!(config(256), |(ops in ops())| {
        let mut watched = Watched::new(&shipped);
        for op in &ops {
            watched.live(op);
        }
        ended.set(ended.get() + watched.ends.values().filter(|e| e.alarmed && e.verified).count());
        for (nth, was) in watched.desk.iter().enumerate() {
            let mut counts = desk.get();
            counts[nth] += was;
            desk.set(counts);
        }
        // Then nothing comes for hours: ticks go on, each later than the one before.
        watched.pass(Span::hours(5));
    });
    assert!(20 < ended.get(), "alarms were brought to their end by people: {ended:?}");
    let all = desk.get().iter().all(|count| 0 < *count);
    assert!(
        all,
        "some were struck out, merged, taken up again, and departments reported in: {desk:?}"
    );
}

#[test]
fn the_same_inputs_have_the_same_effects_and_a_restart_anywhere_changes_nothing() {
    let shipped = Arc::new(shipped());
    proptest!(config(100), |(ops in ops())| {
        let (mut one, mut other) = (Watched::new(&shipped), Watched::new(&shipped));
        let mut restarted = Watched::new(&shipped);
        for op in &ops {
            one.live(op);
            other.live(op);
            restarted.pass(op.after);
            restarted.restart();
            restarted.happens(&op.what);
            restarted.restart();
        }
        prop_assert_eq!(&one.effects, &other.effects, "P2");
        prop_assert_eq!(one.saved(), other.saved(), "P2");
        prop_assert_eq!(one.told(), restarted.told(), "P7");
        prop_assert_eq!(&one.effects, &restarted.effects, "P7");
        prop_assert_eq!(one.saved(), restarted.saved(), "P7");
    });
}

#[test]
fn ticks_that_nothing_is_due_at_change_nothing() {
    let shipped = Arc::new(shipped());
    proptest!(config(100), |(ops in ops(), cut in 2..9_i64)| {
        let (mut punctual, mut restless) = (Watched::new(&shipped), Watched::new(&shipped));
        for op in &ops {
            punctual.live(op);
            for _ in 0..cut {
                restless.pass(Span(op.after.0 / cut));
                restless.step(&Input::Tick);
            }
            restless.pass(Span(op.after.0 % cut));
            restless.happens(&op.what);
        }
        prop_assert_eq!(punctual.told(), restless.told());
        prop_assert_eq!(&punctual.effects, &restless.effects);
    });
}

#[test]
fn a_hub_that_sleeps_through_its_deadlines_decides_the_same_late() {
    let mut shipped = shipped();
    // Of warnings the budget counts when people are told, and that is later.
    Arc::make_mut(&mut shipped.book).warnings = None;
    let shipped = Arc::new(shipped);
    // Devices at their own pace; whether they are silent is not judged while the hub is.
    let said = heard().prop_filter("the hub is deaf meanwhile", |input| {
        !matches!(input, Input::Heard { observations, .. }
            if observations.iter().any(|o| o.property.name() == "online"))
    });
    let said = prop_oneof![8 => said, 1 => walk()];
    let ops = prop::collection::vec((span(), said), 1..40);
    proptest!(config(256), |(ops in ops)| {
        let (mut awake, mut asleep) = (Watched::new(&shipped), Watched::new(&shipped));
        let mut home = shipped.home.clone();
        for device in &mut home.devices {
            device.quiet_after = None;
        }
        let move_in = Input::Home { home: Arc::new(home), rules: String::new() };
        awake.step(&move_in);
        asleep.step(&move_in);
        for (after, input) in ops {
            // What falls due in the very instant of an input comes after it, for both.
            awake.pass(Span((after.0 - 1).max(0)));
            awake.now = asleep.now + after;
            awake.step(&input);
            asleep.now = asleep.now + after;
            asleep.step(&input);
        }
        prop_assert_eq!(decisions(&awake.effects), decisions(&asleep.effects), "P7");
    });
}

#[test]
fn a_refused_move_leaves_everything_as_it_was() {
    let shipped = Arc::new(shipped());
    let refusals = std::cell::Cell::new(0);
    proptest!(config(100), |(ops in ops())| {
        let mut watched = Watched::new(&shipped);
        for op in &ops {
            watched.pass(op.after);
            watched.step(&Input::Tick);
            let before = watched.saved();
            let count = watched.effects.len();
            watched.happens(&op.what);
            if let Some(Effect::Refused { .. }) = watched.effects.get(count) {
                prop_assert_eq!(before, watched.saved());
            }
        }
        let refused = |e: &&Effect| matches!(e, Effect::Refused { .. });
        refusals.set(refusals.get() + watched.effects.iter().filter(refused).count());
    });
    assert!(100 < refusals.get(), "moves were refused: {refusals:?}");
}

#[test]
fn a_clock_that_steps_moves_no_timer() {
    let shipped = Arc::new(shipped());
    let offsets = prop::collection::vec((0..60_i64, -30_000..30_000_i64), 0..6);
    proptest!(config(100), |(offsets in offsets)| {
        let mut watched = Watched::new(&shipped);
        let fall = Input::Heard {
            device: "fall-radar".parse().expect("a name"),
            observations: vec!["fall true".parse().expect("an observation")],
            retained: false,
        };
        watched.step(&fall);
        let mut passed = Span::ZERO;
        for (after, hours) in offsets {
            let after = Span::seconds(after);
            passed = Span(passed.0 + after.0);
            watched.pass(after);
            watched.step(&Input::Clock { offset: Span::hours(hours) });
        }
        watched.pass(Span::minutes(10));
        let alarmed = watched.engine.incidents().values().find_map(|i| i.alarmed);
        prop_assert_eq!(alarmed, Some(begin() + Span::seconds(30)), "P8");
    });
}

/// Plays a story in the shipped home under rules of its own.
fn under(rules: &str, story: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let plans = std::fs::read_to_string(root.join("config/plans.toml")).expect("the plans");
    let book = Book::read(("rules.toml", rules), ("plans.toml", &plans)).expect("a book");
    let stage = timeline::Stage { book: Arc::new(book), home: shipped().home };
    let lines = timeline::play(&stage, story).expect("a story");
    lines.lines().map(|line| format!("{line}\n")).collect()
}

#[test]
fn who_was_asked_is_not_forgotten_when_the_window_of_a_rule_ends() {
    let rules = r#"
[[rule]]
name  = "day"
title = { zh = "z", en = "e" }
level = "serious"
group = "safety"
source = "a test"
[rule.detect]
inactivity = { of = ["motion"], between = "08:00-22:00" }
for = "3h"
[rule.warn]
after = "3h"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "4h"
plan = "grid"
[rule.close]
needs = ["outcome", "verified"]
again_after = "4h"
"#;
    let told = under(
        rules,
        "08:30  sensor: motion true clears 60s\n\
         11:00  sensor: motion true clears 60s\n\
         13:30  sensor: motion true clears 60s\n\
         16:00  sensor: motion true clears 60s\n\
         18:30  sensor: motion true clears 60s\n\
         22:10  sensor: motion true clears 60s\n\
         2026-01-16\n\
         08:30  sensor: motion true clears 60s\n\
         11:00  sensor: motion true clears 60s\n\
         13:30  sensor: motion true clears 60s\n\
         16:00  sensor: motion true clears 60s\n\
         18:30  sensor: motion true clears 60s\n\
         22:31  tick\n",
    );
    expect_test::expect![[r#"
        08:30  sensor: motion true clears 60s
        11:00  sensor: motion true clears 60s
        13:30  sensor: motion true clears 60s
        16:00  sensor: motion true clears 60s
        18:30  sensor: motion true clears 60s
        21:31  > day detected: no activity since 18:31
        21:31  > day warned: ask resident
        22:10  sensor: motion true clears 60s
        22:10  > day closed: cleared
        2026-01-16
        08:30  sensor: motion true clears 60s
        11:00  sensor: motion true clears 60s
        13:30  sensor: motion true clears 60s
        16:00  sensor: motion true clears 60s
        18:30  sensor: motion true clears 60s
        21:31  > day detected: no activity since 18:31
        21:31  > day warned: ask resident
        22:31  tick
        22:31  > day alarmed: tell family, micro-grid
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_press_answers_only_where_the_home_asked() {
    let rules = r#"
[[rule]]
name  = "unasked"
title = { zh = "z", en = "e" }
level = "normal"
group = "safety"
source = "a test"
[rule.detect]
threshold = { of = "temperature", below = 16, fresh = "3h" }
[rule.warn]
after = "1m"
[rule.alarm]
after = "10m"
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "4h"
"#;
    let story = "10:00  sensor: temperature 12\n10:05  ok-button: press\n10:11  tick\n";
    expect_test::expect![[r#"
        10:00  sensor: temperature 12
        10:00  > unasked detected: temperature 12 below 16 by sensor since 10:00
        10:01  > unasked warned
        10:05  ok-button: press
        10:10  > unasked alarmed: tell family, micro-grid
        10:11  tick
    "#]]
    .assert_eq(&under(rules, story));
}
