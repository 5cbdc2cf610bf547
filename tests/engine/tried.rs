//! Test mode: what a device says while it is tried out begins nothing and ends nothing, no other
//! device is muted, and what it still says at the end counts at once.

use std::sync::Arc;

use careloop::domain::{DeviceId, Input, Observation, Span, Step, WalkAct};
use careloop::engine::Effect;
use careloop::timeline;
use proptest::prelude::*;

use crate::config;
use crate::watched::{Watched, heard, shipped};

const TRIED: &str = "kitchen-smoke";

const WORDS: &[&str] = &["smoke true", "smoke false", "help", "press", "smoke true clears"];

fn tried() -> DeviceId {
    TRIED.parse().expect("a name")
}

fn begins(lasts: Span) -> Input {
    // A step that is never seen: the test lasts as long as it may.
    let steps: Vec<Step> = vec!["vibration true".parse().expect("a step")];
    let by = "wu".parse().expect("a name");
    Input::Walk { device: tried(), by, act: WalkAct::Begin { steps, lasts } }
}

/// What devices say: the one that is tried out, or all others.
fn said(by_it: bool) -> impl Strategy<Value = Input> {
    heard().prop_filter_map("of whom it is", move |input| match input {
        Input::Heard { observations, retained, .. } if by_it => {
            Some(Input::Heard { device: tried(), observations, retained })
        }
        Input::Heard { ref device, .. } if device.as_str() != TRIED => Some(input),
        _ => None,
    })
}

fn secs() -> impl Strategy<Value = Span> {
    (0..50_i64).prop_map(Span::seconds)
}

/// All that was decided but the end of the test itself.
fn told(watched: &Watched) -> Vec<String> {
    let others = watched.effects.iter().filter(|e| !matches!(e, Effect::Walked { .. }));
    others.map(timeline::effect).collect()
}

#[test]
fn a_test_begins_nothing_ends_nothing_and_mutes_no_other_device() {
    let shipped = Arc::new(shipped());
    let alarms = std::cell::Cell::new(0);
    let before = prop::collection::vec((secs(), said(false)), 0..6);
    let during = prop::collection::vec((secs(), prop_oneof![said(true), said(false)]), 1..12);
    proptest!(config(256), |(before in before, during in during)| {
        let (mut tested, mut silent) = (Watched::new(&shipped), Watched::new(&shipped));
        for (after, input) in &before {
            for watched in [&mut tested, &mut silent] {
                watched.pass(*after);
                watched.step(input);
            }
        }
        tested.step(&begins(Span::minutes(10)));
        silent.step(&Input::Tick);
        for (after, input) in &during {
            tested.pass(*after);
            silent.pass(*after);
            tested.step(input);
            let by_it = matches!(input, Input::Heard { device, .. } if device.as_str() == TRIED);
            silent.step(if by_it { &Input::Tick } else { input });
            let sight = tested.engine.situation().sight(&tried());
            prop_assert!(sight.is_some_and(|s| s.walk.is_some()), "it is under test all the time");
            prop_assert_eq!(told(&tested), told(&silent));
        }
        alarms.set(alarms.get() + told(&tested).iter().filter(|t| t.contains("alarmed")).count());
    });
    assert!(100 < alarms.get(), "others alarmed meanwhile: {alarms:?}");
}

#[test]
fn what_a_device_still_says_when_its_test_ends_counts_at_once_and_a_press_does_not() {
    let shipped = Arc::new(shipped());
    let said = prop::collection::vec((secs(), prop::sample::select(WORDS)), 1..12);
    let ends = (prop::bool::ANY, 0..20_i64);
    proptest!(config(256), |(said in said, (by_hand, down) in ends)| {
        let mut watched = Watched::new(&shipped);
        watched.step(&begins(Span::hours(9)));
        let begun = watched.now;
        for (after, word) in &said {
            watched.pass(*after);
            let (word, clears) = word.split_once(" clears").map_or((*word, None), |(w, _)| {
                (w, Some(Span::seconds(40)))
            });
            let mut observation: Observation = word.parse().expect("an observation");
            observation.clears_after = clears;
            let observations = vec![observation];
            watched.step(&Input::Heard { device: tried(), observations, retained: false });
            prop_assert!(watched.engine.incidents().is_empty(), "nothing while it is tried out");
        }
        if by_hand {
            let by = "wu".parse().expect("a name");
            watched.step(&Input::Walk { device: tried(), by, act: WalkAct::End });
        } else {
            // Or its time is up, whether the hub runs or not: ten minutes, whatever was asked for.
            watched.now = begun + Span::minutes(10 + down);
            watched.restart();
            watched.step(&Input::Tick);
        }
        let sight = watched.engine.situation().sight(&tried()).expect("it spoke");
        prop_assert!(sight.walk.is_none(), "it has ended");
        let smokes = sight.facts().iter().any(|f| f.property.name() == "smoke" && f.value.is_true());
        let open: Vec<_> = watched.engine.incidents().values().map(|i| i.key()).collect();
        prop_assert_eq!(open, if smokes { vec!["smoke"] } else { vec![] });
    });
}
