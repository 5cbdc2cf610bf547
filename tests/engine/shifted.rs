//! A hub whose clock is wrong, and is told by how much, decides at the same wall time as one whose clock is
//! right: every window, every day, every due date (P8).

use std::sync::Arc;

use careloop::domain::{DeviceId, Input, Span, Time};
use careloop::engine::{Book, Effect, Engine};
use careloop::timeline;
use proptest::prelude::*;

use crate::config;
use crate::watched::{Shipped, begin, heard, shipped};

/// What was decided, each at its wall time.
fn decided(effects: &[Effect]) -> Vec<String> {
    let told = |effect: &Effect| match effect {
        Effect::Story { entry, .. } => format!("{} {}", entry.at, timeline::effect(effect)),
        Effect::Refused { .. } | Effect::Walked { .. } => timeline::effect(effect),
    };
    effects.iter().map(told).collect()
}

/// Lives through `ops` on a hub whose clock is behind by this much.
fn lived(shipped: &Shipped, behind: Span, ops: &[(Span, Input)]) -> Vec<String> {
    let mut engine = Engine::new(Arc::clone(&shipped.book));
    let mut now: Time = begin() - behind;
    let mut home = shipped.home.clone();
    home.visits = "weekly".parse().ok();
    let mut all = engine.step(now, &Input::Clock { offset: behind });
    let moved_in = Input::Home { home: Arc::new(home), rules: "1".to_owned() };
    all.extend(engine.step(now, &moved_in));
    let devices: Vec<DeviceId> = shipped.home.devices.iter().map(|d| d.id.clone()).collect();
    let mut speaks = now;
    for (after, input) in ops {
        let then = now + *after;
        // Meanwhile every device speaks once an hour, and has nothing to say: whoever is silent is the resident.
        loop {
            let wake = engine.wake().filter(|wake| *wake <= then);
            if wake.is_none_or(|wake| speaks < wake) && speaks <= then {
                for device in devices.iter().cloned() {
                    let (observations, retained) = (Vec::new(), false);
                    all.extend(
                        engine.step(speaks, &Input::Heard { device, observations, retained }),
                    );
                }
                speaks = speaks + Span::hours(1);
            } else if let Some(wake) = wake {
                all.extend(engine.step(wake, &Input::Tick));
            } else {
                break;
            }
        }
        now = then;
        all.extend(engine.step(now, input));
    }
    decided(&all)
}

/// Rules that all have hours.
const WINDOWS: &str = r#"
[[rule]]
name   = "silent"
title  = { zh = "z", en = "e" }
level  = "normal"
group  = "activity"
source = "a test"
[rule.detect]
inactivity = { of = ["motion", "press", "open"], between = "08:00-20:00" }
for = "90m"
[rule.alarm]
plan = "soon"
[rule.close]
needs       = ["outcome"]
again_after = "1h"

[[rule]]
name   = "restless"
title  = { zh = "z", en = "e" }
level  = "normal"
group  = "activity"
source = "a test"
[rule.detect]
count = { of = "motion true", times = 2, within = "3h", between = "20:00-09:00" }
[rule.alarm]
plan = "soon"
[rule.close]
needs       = ["outcome"]
again_after = "1h"

[[rule]]
name   = "up"
title  = { zh = "z", en = "e" }
level  = "normal"
group  = "activity"
source = "a test"
[rule.detect]
absence = { of = "in_bed", between = "21:00-07:00" }
for = "20m"
[rule.alarm]
plan = "soon"
[rule.close]
needs       = ["outcome"]
again_after = "1h"
"#;

#[test]
fn so_does_every_rule_that_has_hours() {
    let plans = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/plans.toml"),
    );
    let plans = plans.expect("the plans");
    let book = Book::read(("rules.toml", WINDOWS), ("plans.toml", &plans)).expect("a book");
    let shipped = Shipped { book: Arc::new(book), ..shipped() };
    let said = ["motion true clears 60s", "press", "open true", "in_bed true", "in_bed false"];
    let heard = prop::sample::select(said.to_vec()).prop_map(|said| Input::Heard {
        device: "bed-pad".parse().expect("a name"),
        observations: vec![said.parse().expect("an observation")],
        retained: false,
    });
    let ops = prop::collection::vec(((1..200_i64).prop_map(Span::minutes), heard), 1..60);
    let decided = std::cell::Cell::new(0);
    proptest!(config(96), |(ops in ops, hours in -13..13_i64)| {
        let right = lived(&shipped, Span::ZERO, &ops);
        decided.set(decided.get() + right.len());
        prop_assert_eq!(lived(&shipped, Span::hours(hours), &ops), right);
    });
    assert!(2_000 < decided.get(), "much was decided: {}", decided.get());
}

#[test]
fn a_hub_whose_clock_is_wrong_decides_at_the_same_wall_time() {
    let shipped = shipped();
    let minutes = prop_oneof![4 => 1..30_i64, 3 => 30..400_i64, 1 => 400..3000_i64];
    let op = (minutes.prop_map(Span::minutes), heard());
    let ops = prop::collection::vec(op, 1..60);
    let behind = prop::sample::select(vec![
        Span::hours(3),
        Span::hours(-5),
        Span::hours(-11),
        Span::hours(24 * 20_000),
        Span::minutes(37),
    ]);
    let decided = std::cell::Cell::new(0);
    proptest!(config(40), |(ops in ops, behind in behind)| {
        let right = lived(&shipped, Span::ZERO, &ops);
        decided.set(decided.get() + right.len());
        prop_assert_eq!(lived(&shipped, behind, &ops), right);
    });
    assert!(800 < decided.get(), "much was decided: {}", decided.get());
}
