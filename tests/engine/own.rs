//! What no shipped rule says, and a household's own may: a number that falls, a limit below with a deadband, and
//! when a condition that goes on is told again.

use crate::under;

fn rule(name: &str, parts: &str) -> String {
    format!(
        "[[rule]]\nname = \"{name}\"\ntitle = {{ zh = \"z\", en = \"e\" }}\nlevel = \"normal\"\n\
         group = \"vital\"\nsource = \"a test\"\n{parts}"
    )
}

/// What is told of one rule: when, and what.
fn told(rules: &str, story: &str) -> Vec<String> {
    let all = under(rules, &format!("2026-01-15\n{story}"));
    let own = all.lines().filter(|line| line.contains("  > ") && !line.contains("escalated"));
    let short = |line: &str| line.split(": ").next().unwrap_or(line).to_owned();
    own.map(short).filter(|line| !line.contains("repeated")).collect()
}

const ENDS: &str =
    "[rule.alarm]\nplan = \"soon\"\n[rule.close]\nneeds = [\"outcome\"]\nagain_after = \"2h\"\n";

#[test]
fn a_number_may_fall_too_fast() {
    let detect =
        "[rule.detect]\nrate = { of = \"spo2\", falls = 4, within = \"1h\", samples = 3 }\n";
    let rules = rule("dropping", &format!("{detect}{ENDS}"));
    let readings = |values: [u32; 5]| -> String {
        let line = |(n, value)| format!("08:{:02}  band: spo2 {value}\n", n * 12);
        values.into_iter().enumerate().map(line).collect()
    };
    let found = |values| !told(&rules, &readings(values)).is_empty();
    assert!(found([97, 96, 94, 93, 92]));
    assert!(!found([92, 93, 94, 96, 97]), "it rises");
    assert!(!found([97, 97, 97, 96, 96]), "not by so much");
}

#[test]
fn what_is_below_its_limit_is_over_only_beyond_the_deadband() {
    let detect =
        "[rule.detect]\nthreshold = { of = \"spo2\", below = 90, deadband = 2, fresh = \"2h\" }\n";
    let rules = rule("low", &format!("{detect}{ENDS}"));
    let told = told(
        &rules,
        "08:00  band: spo2 90\n\
         08:10  band: spo2 89\n\
         08:20  band: spo2 91\n\
         08:30  band: spo2 92\n\
         08:40  band: spo2 89\n",
    );
    let wanted = [
        "08:10  > low detected",
        "08:10  > low alarmed",
        "08:30  > low condition over",
        "08:40  > low condition back",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn what_people_dealt_with_is_told_again_later_than_what_the_resident_cancelled() {
    let parts = "[rule.detect]\nabsence = { of = \"in_bed\", between = \"00:00-23:59\" }\nfor = \"5m\"\n\
         [rule.warn]\nafter = \"10m\"\nask = \"resident\"\nagain_after = \"30m\"\n\
         [rule.alarm]\nafter = \"20m\"\nplan = \"soon\"\n\
         [rule.close]\nneeds = [\"outcome\"]\nagain_after = \"2h\"\n";
    let rules = rule("up", parts);
    let begin = "08:00  bed-pad: in_bed true\n09:00  bed-pad: in_bed false\n";
    let cancelled = told(&rules, &format!("{begin}09:12  ok-button: press\n12:30  tick\n"));
    assert_eq!(
        cancelled[..5],
        [
            "09:05  > up detected",
            "09:10  > up warned",
            "09:12  > up cancelled by the resident on ok-button",
            "09:12  > up closed",
            "09:47  > up detected",
        ]
    );
    let resolved = told(&rules, &format!("{begin}09:30  up resolved safe by wang\n12:30  tick\n"));
    assert_eq!(
        resolved[..5],
        [
            "09:05  > up detected",
            "09:10  > up warned",
            "09:20  > up alarmed",
            "09:30  > up closed",
            "11:35  > up detected",
        ]
    );
}

#[test]
fn what_must_be_checked_is_checked_where_it_was_merged_into() {
    let list = "[[checklist]]\nname = \"lying\"\nitems = [{ name = \"awake\", title = { zh = \"z\", en = \"e\" } }]\n";
    let calls = |of: &str| {
        format!("[rule.detect]\nemergency = {{ of = [\"{of}\"] }}\n[rule.alarm]\nplan = \"soon\"\n")
    };
    let plain =
        format!("{}[rule.close]\nneeds = [\"outcome\"]\nagain_after = \"2h\"\n", calls("help"));
    let strict = format!(
        "{}[rule.close]\nchecklist = \"lying\"\nneeds = [\"checked\", \"outcome\"]\nagain_after = \"2h\"\n",
        calls("leak")
    );
    let rules = format!("{list}{}{}", rule("call", &plain), rule("water", &strict));
    let told = under(
        &rules,
        "2026-01-15\n\
         09:00  help-button: help\n\
         09:01  kitchen-leak: leak true\n\
         09:02  water merged into 1 by wang\n\
         09:10  call resolved assisted by wang\n\
         09:11  call checked awake fine by wang\n\
         09:12  call resolved assisted by wang\n",
    );
    assert!(told.contains("09:10  > refused: not yet checked: awake"), "{told}");
    assert!(told.contains("09:12  > call closed: assisted"), "{told}");
}
