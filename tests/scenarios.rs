//! Every story in `tests/scenarios/` is played with the shipped rules, plans and register. The
//! comparison is total: whatever a story does not tell must not happen.
//!
//! Write what happened, run `UPDATE_EXPECT=1 cargo test --test scenarios`, read what careloop did.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use careloop::config;
use careloop::timeline::{Stage, play};

#[test]
fn every_story_happens_as_it_is_told() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = config::load(&root.join("config")).expect("the shipped config is right");
    let home = shipped.homes.first().expect("the shipped register has a home");
    let stage = Stage { book: Arc::clone(&shipped.book), home: (**home).clone() };
    let folder = root.join("tests/scenarios");
    let mut stories: Vec<_> = std::fs::read_dir(folder)
        .expect("tests/scenarios is there")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    stories.sort();
    assert!(!stories.is_empty(), "there are stories");
    for path in stories {
        let told = std::fs::read_to_string(&path).expect("a story can be read");
        let played = play(&stage, &told).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        expect_test::expect_file![&path].assert_eq(&played);
    }
}

#[test]
fn every_shipped_rule_has_a_story_in_which_it_finds_something() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = config::load(&root.join("config")).expect("the shipped config is right");
    let mut told = BTreeSet::new();
    for entry in std::fs::read_dir(root.join("tests/scenarios")).expect("it is there") {
        let story = std::fs::read_to_string(entry.expect("it can be listed").path());
        for line in story.expect("a story can be read").lines() {
            let Some((_, effect)) = line.split_once("  > ") else { continue };
            let Some((key, _)) = effect.split_once(" detected") else { continue };
            told.insert(key.split('@').next().unwrap_or(key).to_owned());
        }
    }
    let untold = shipped.book.rules.iter().filter(|rule| !told.contains(rule.name.as_str()));
    let untold: Vec<&str> = untold.map(|rule| rule.name.as_str()).collect();
    assert_eq!(untold, Vec::<&str>::new(), "rules without a story");
    assert!(35 <= shipped.book.rules.len());
}
