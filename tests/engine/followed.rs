//! One thing that follows another within a time: no shipped rule looks for that, a household's own may.

use crate::under;

const RULES: &str = r#"
[[rule]]
name   = "sleepwalk"
title  = { zh = "z", en = "e" }
level  = "info"
group  = "activity"
source = "a test"
[rule.detect]
sequence = { first = "in_bed false", between = "22:00-06:00", then = "open true in hall", within = "10m" }
[rule.alarm]
plan = "watch"
[rule.close]
needs       = ["outcome"]
again_after = "1h"
"#;

#[test]
fn only_what_follows_in_time_and_in_its_hours_is_found() {
    let told = under(
        RULES,
        "2026-01-15\n\
         22:30  bed-pad: in_bed true\n\
         22:30  front-door: open false\n\
         # Too late after it.\n\
         23:00  bed-pad: in_bed false\n\
         23:11  front-door: open true\n\
         23:12  front-door: open false\n\
         23:20  bed-pad: in_bed true\n\
         # Before it, and not after.\n\
         23:30  front-door: open true\n\
         23:31  front-door: open false\n\
         23:32  bed-pad: in_bed false\n\
         23:50  bed-pad: in_bed true\n\
         # In time.\n\
         02:00  bed-pad: in_bed false\n\
         02:10  front-door: open true\n\
         02:11  front-door: open false\n\
         02:20  bed-pad: in_bed true\n\
         # By day.\n\
         12:00  bed-pad: in_bed false\n\
         12:05  front-door: open true\n",
    );
    let found: Vec<&str> = told.lines().filter(|line| line.contains("> sleepwalk")).collect();
    assert_eq!(
        found,
        [
            "02:10  > sleepwalk detected: in_bed false at 02:00, then open",
            "02:10  > sleepwalk alarmed: tell family, micro-grid"
        ],
        "{told}"
    );
}
