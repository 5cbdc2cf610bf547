//! Where one person is not enough, the ladder goes on until as many have accepted as the plan wants.

use std::sync::Arc;

use careloop::engine::Book;
use careloop::timeline;

use crate::watched::shipped;

const RULES: &str = r#"
[[rule]]
name   = "smoke"
title  = { zh = "z", en = "e" }
level  = "urgent"
group  = "safety"
source = "a test"
[rule.detect]
emergency = { of = ["smoke"] }
[rule.alarm]
plan = "two"
[rule.close]
needs       = ["on-scene", "outcome", "verified"]
again_after = "1h"
"#;

const PLANS: &str = r#"
[[plan]]
name  = "two"
rungs = [
  { tell = ["family", "micro-grid"], after = "0s" },
  { tell = ["grid"],                 after = "60s" },
  { tell = ["community"],            after = "2m", repeat = "60s" },
]
arrive_within  = "5m"
resolve_within = "2h"
verify_within  = "24h"
answers        = 2
"#;

fn told(story: &str) -> String {
    let book = Book::read(("rules.toml", RULES), ("plans.toml", PLANS)).expect("a book");
    let stage = timeline::Stage { book: Arc::new(book), home: shipped().home };
    timeline::play(&stage, story).expect("a story")
}

#[test]
fn until_enough_have_accepted_the_ladder_goes_on() {
    let told = told(
        "2026-01-15\n\
         09:00  kitchen-smoke: smoke true\n\
         09:00:30  smoke accepted by wang\n\
         09:03:30  smoke accepted by zhao\n\
         09:03:40  smoke accepted by li\n\
         09:04  smoke on-scene by zhao\n\
         09:30  smoke resolved assisted by wang\n\
         10:00  smoke verified by li\n",
    );
    expect_test::expect![[r#"
        2026-01-15
        09:00  kitchen-smoke: smoke true
        09:00  > smoke detected: smoke seen by kitchen-smoke
        09:00  > smoke alarmed: tell family, micro-grid
        09:00:30  smoke accepted by wang
        09:01  > smoke escalated, more people are wanted: tell grid
        09:02  > smoke escalated, more people are wanted: tell community
        09:03  > smoke escalated, more people are wanted: tell community
        09:03:30  smoke accepted by zhao
        09:03:30  > smoke joined by zhao
        09:03:40  smoke accepted by li
        09:03:40  > refused: `wang` has it; ask them to hand it over, or to return it
        09:04  smoke on-scene by zhao
        09:30  smoke resolved assisted by wang
        10:00  smoke verified by li
        10:00  > smoke closed: assisted, accepted in 30s, on scene in 4m
    "#]]
    .assert_eq(&told);
}

#[test]
fn who_accepted_and_does_not_arrive_is_missed_all_the_same() {
    let told = told(
        "2026-01-15\n\
         09:00  kitchen-smoke: smoke true\n\
         09:00:30  smoke accepted by wang\n\
         09:06  smoke accepted by zhao\n\
         09:06:10  smoke accepted by li\n\
         09:10  smoke on-scene by zhao\n\
         09:20  smoke resolved safe by zhao\n\
         09:30  smoke verified by wang\n",
    );
    expect_test::expect![[r#"
        2026-01-15
        09:00  kitchen-smoke: smoke true
        09:00  > smoke detected: smoke seen by kitchen-smoke
        09:00  > smoke alarmed: tell family, micro-grid
        09:00:30  smoke accepted by wang
        09:01  > smoke escalated, more people are wanted: tell grid
        09:02  > smoke escalated, more people are wanted: tell community
        09:03  > smoke escalated, more people are wanted: tell community
        09:04  > smoke escalated, more people are wanted: tell community
        09:05  > smoke escalated, more people are wanted: tell community
        09:05:30  > smoke escalated, wang has not arrived: tell community
        09:06  smoke accepted by zhao
        09:06:10  smoke accepted by li
        09:06:10  > smoke joined by li
        09:10  smoke on-scene by zhao
        09:20  smoke resolved safe by zhao
        09:30  smoke verified by wang
        09:30  > smoke closed: safe, accepted in 30s, on scene in 10m
    "#]]
    .assert_eq(&told);
}
