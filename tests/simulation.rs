//! Simulated households, watched by the shipped rules: what their sensors can see is found in time,
//! people are not called for nothing, and no incident is ever forgotten.
#![expect(clippy::expect_used, reason = "a test says what it rests on")]

use std::path::Path;
use std::sync::Arc;

use careloop::config;
use careloop::domain::Time;
use careloop::engine::Book;
use careloop::simulate::{Harm, Lived, OfSet, Set, Sets, Tally, Terms, Town, live};

const HOMES: u64 = 40;
const DAYS: i64 = 14;

fn shipped() -> Arc<Book> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    config::load(&root.join("config")).expect("the shipped config is right").book
}

/// Homes whose story `careloop simulate --seed … --sets … --days 14 --from 2026-01-15` tells with
/// `--home N --story`.
fn town(seed: u64, set: Set) -> Town {
    let from: Time = "2026-01-15T00:00:00+08:00".parse().expect("a time");
    Town { seed, sets: Sets::One(set), from, days: DAYS, mishaps: 10 }
}

fn simulate(book: &Arc<Book>, seed: u64, homes: u64, set: Set) -> Tally {
    let (town, mut all) = (town(seed, set), Tally::default());
    (0..homes).for_each(|nth| all.merge(town.live(book, nth).expect("a home")));
    all
}

fn misses(tally: &Tally) -> String {
    let miss = |(nth, harm, at): &(u64, Harm, Time)| format!("{harm} in home {nth} at {at}");
    tally.missed.iter().map(miss).collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_is_missed_that_the_sensors_of_a_usual_home_can_see() {
    let book = shipped();
    let tally = simulate(&book, 1, HOMES, Set::Usual);
    assert_eq!(misses(&tally), "");
    assert_eq!(tally.forgotten, 0, "P3: every open incident has a deadline");
    let in_sight: u64 = tally.sets.values().map(|of| of.in_sight).sum();
    assert!(10 < in_sight, "enough happens to be found: {in_sight}");
    let wolves = tally.wolves.iter().map(|(nth, rule, at)| format!("{rule} in {nth} at {at}"));
    let wolves: Vec<_> = wolves.collect();
    let weeks = HOMES * DAYS.unsigned_abs() / 7;
    // Without a rule for who is out, the silence of an empty flat is that of somebody who lies there.
    let knows_out = book.rules.iter().any(|rule| rule.name.as_str() == "not-returned");
    let counts = |of: &OfSet| of.false_life - if knows_out { 0 } else { of.false_out };
    let false_life: u64 = tally.sets.values().map(counts).sum();
    // 0.2 in a home and week.
    assert!(false_life * 5 < weeks, "{false_life} in {weeks} home-weeks:\n{}", wolves.join("\n"));
}

#[test]
fn nor_in_homes_with_fewer_sensors_or_more() {
    let book = shipped();
    for set in [Set::Minimal, Set::Rich] {
        let tally = simulate(&book, 2, HOMES / 4, set);
        assert_eq!(misses(&tally), "", "{set}");
        assert_eq!(tally.forgotten, 0, "{set}: P3");
    }
}

#[test]
fn the_same_seed_lives_the_same_life() {
    let book = shipped();
    let story = |seed: u64| -> Lived {
        let (_, home, terms) = town(seed, Set::Rich).home(0).expect("a home");
        live(&book, &home, &Terms { story: true, days: 5, mishaps: 60, ..terms })
    };
    let once = story(7);
    assert!(!once.story.is_empty());
    assert_eq!(once, story(7));
    assert_ne!(once.story, story(8).story);
}

#[test]
fn what_becomes_of_many_homes_does_not_depend_on_which_others_there_are() {
    let (book, town) = (shipped(), town(3, Set::Usual));
    let last = town.live(&book, 3).expect("a home");
    let mut one_by_one = Tally::default();
    (0..3).for_each(|nth| one_by_one.merge(town.live(&book, nth).expect("a home")));
    one_by_one.merge(last);
    assert_eq!(simulate(&book, 3, 4, Set::Usual), one_by_one);
}
