//! Simulated lives, watched by the shipped rules: every mishap is found in time, nothing else is, and
//! people who answer bring every incident to its end.
#![expect(clippy::expect_used, reason = "a test says what it rests on")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use careloop::config::{self, Config};
use careloop::domain::{Act, Happening, Input, Outcome, Span, Time};
use careloop::engine::{Effect, Engine};
use careloop::simulate::{Dice, Life, Mishap};
use careloop::timeline;

const DAYS: i64 = 7;

fn shipped() -> Config {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    config::load(&root.join("config")).expect("the shipped config is right")
}

/// What came of a life.
struct Lived {
    mishaps: Vec<Mishap>,
    alarms: Vec<(Time, String)>,
    open: usize,
    story: String,
}

fn live(config: &Config, seed: u64) -> Lived {
    let home = config.homes.first().expect("a home");
    let from: Time = "2026-01-15T00:00:00+08:00".parse().expect("a time");
    let until = from + Span::hours(24 * DAYS);
    let mut engine = Engine::new(Arc::clone(&config.book));
    let mut lived =
        Lived { mishaps: Vec::new(), alarms: Vec::new(), open: 0, story: String::new() };
    let mut moves: BTreeMap<(Time, u32, usize), Input> = BTreeMap::new();
    let mut dice = Dice::new(seed);
    let mut life = Life::new(seed, home, from).with_vitals();
    let move_in = Input::Home { home: Arc::clone(home), rules: "shipped".to_owned() };
    let mut next = Some((from, move_in));
    while let Some((at, input)) = next.take().or_else(|| life.next()).filter(|(at, _)| *at < until)
    {
        let mut due = vec![(at, input)];
        loop {
            let a_move = moves.first_key_value().map(|((at, _, _), _)| *at);
            let first = [a_move, engine.wake()].into_iter().flatten().min().filter(|t| *t < at);
            let (now, input) = match first {
                Some(now) if a_move == Some(now) => {
                    (now, moves.pop_first().expect("it is there").1)
                }
                Some(now) => (now, Input::Tick),
                None => match due.pop() {
                    Some(last) => last,
                    None => break,
                },
            };
            for done in engine.step(now, &input) {
                answer(&mut dice, now, &done, &mut moves);
                lived.story.push_str(&format!("{now} {}\n", timeline::effect(&done)));
                if let Effect::Story { key, entry, .. } = &done
                    && matches!(entry.what, Happening::Alarmed { .. })
                {
                    lived.alarms.push((now, key.clone()));
                }
            }
            assert_eq!(engine.forgotten(), Vec::<u32>::new(), "P3, seed {seed}");
            if at <= now {
                break;
            }
        }
    }
    lived.mishaps = life.mishaps().iter().copied().filter(|m| m.by < until).collect();
    lived.open = engine.incidents().values().filter(|i| i.is_open()).count();
    lived
}

/// Whoever is told comes, does what is to be done, and a second person looks at it.
fn answer(
    dice: &mut Dice,
    now: Time,
    done: &Effect,
    moves: &mut BTreeMap<(Time, u32, usize), Input>,
) {
    let Effect::Story { incident, entry, .. } = done else { return };
    if !matches!(entry.what, Happening::Alarmed { .. }) {
        return;
    }
    let n = *incident;
    let mut at = now;
    let acts = [
        ("wang", Act::Accept, 0, 6),
        ("wang", Act::OnScene, 1, 14),
        ("wang", Act::Resolve { outcome: Outcome::Assisted, note: String::new() }, 5, 15),
        ("li", Act::Verify, 0, 300),
    ];
    for (nth, (by, act, from, to)) in acts.into_iter().enumerate() {
        at = at + dice.minutes(from, to);
        let by = by.parse().expect("a name");
        moves.insert((at, n, nth), Input::Move { incident: n, by, act });
    }
}

#[test]
fn every_mishap_is_found_in_time_and_nothing_else_is() {
    let config = shipped();
    let mut kinds = BTreeMap::new();
    for seed in 0..20 {
        let lived = live(&config, seed);
        let found = |m: &Mishap| {
            let in_time = |(at, _): &(Time, String)| m.at <= *at && *at <= m.by;
            let by_rule = |key: &str| key.split('@').next() == Some(m.rule);
            lived.alarms.iter().any(|a| in_time(a) && by_rule(&a.1))
        };
        for mishap in &lived.mishaps {
            assert!(found(mishap), "seed {seed} missed {mishap:?}\n{}", lived.story);
            *kinds.entry(mishap.rule).or_insert(0) += 1;
        }
        let (alarms, mishaps) = (lived.alarms.len(), lived.mishaps.len());
        assert_eq!(alarms, mishaps, "seed {seed} cried wolf\n{}", lived.story);
        assert!(lived.open <= 2, "seed {seed} left {} open\n{}", lived.open, lived.story);
    }
    assert_eq!(kinds.len(), 6, "every kind of mishap came up: {kinds:?}");
}

#[test]
fn the_same_seed_lives_the_same_life() {
    let config = shipped();
    assert_eq!(live(&config, 7).story, live(&config, 7).story);
    assert_ne!(live(&config, 7).story, live(&config, 8).story);
}
