//! What is refused, and where it says so.

use super::*;

/// Everything wrong in a profile, without the file's name.
fn wrong(text: &str) -> Vec<String> {
    let problems = Profile::parse("x/y", text, None).map(|p| p.name).unwrap_err();
    problems.iter().map(|p| p.to_string().replace("devices/x/y.toml:", "")).collect()
}

const HEAD: &str = "vendor = \"A\"\nmodel = \"B\"\nabout = \"C\"\nsource = \"D\"\n";
const MQTT: &str = "[mqtt]\ntopic = \"a/{device}\"\n";

fn with(rest: &str) -> String {
    format!("{HEAD}{MQTT}{rest}")
}

fn example(payload: &str, means: &str) -> String {
    format!(
        "[[example]]\nabout = \"it\"\nfrom = \"here\"\npayload = '{payload}'\nmeans = [{means}]\n"
    )
}

#[test]
fn every_mistake_of_a_file_is_told_at_once_with_its_place() {
    let text = format!(
        "{HEAD}colour = 1\n[mqtt]\ntopic = \"a/b\"\n[[report]]\nat = \"water\"\nproperty = \"leek\"\n\
         [[report]]\nat = \"/t\"\nproperty = \"temperature\"\ninvert = true\ndivide = 0\n"
    );
    assert_eq!(
        wrong(&text),
        [
            "5:1: there is no key `colour` here",
            "6:1: `topic`: `a/b`: `{device}` stands in it once",
            "9:6: `at`: `water` is neither a JSON pointer such as `/battery` nor bytes of a frame \
             such as `u8[0]`, `u16be[4]`, `f32le[0]` or `u8[2].6`, nor a place in a line such as \
             `word[2]`, `field[1]` or `after[SPO2=]`",
            "10:12: `property`: there is no property `leek`",
            "11:1: `temperature` is a number: nothing to invert or to clear",
            "11:1: nothing is multiplied or divided by 0",
        ]
    );
}

#[test]
fn a_profile_that_contradicts_its_example_is_refused_at_the_example() {
    let report = "[[report]]\nat = \"/contact\"\nproperty = \"open\"\n";
    let text = with(&format!("{report}{}", example(r#"{"contact":true}"#, "\"open false\"")));
    assert_eq!(wrong(&text), ["10:1: `it` means `open false`, but the profile reads `open true`"]);
    assert!(Profile::parse("x", &text.replace("\"open false\"", "\"open true\""), None).is_ok());
}

#[test]
fn a_report_no_example_shows_is_refused_for_it_may_never_match() {
    let report = "[[report]]\nat = \"/leek\"\nproperty = \"leak\"\n";
    let text = with(&format!("{report}{}", example(r#"{"leak":true}"#, "")));
    assert_eq!(wrong(&text), ["7:1: no example shows `leak` at `/leek`"]);
}

#[test]
fn a_problem_that_no_example_expects_is_refused() {
    let report = "[[report]]\nat = \"/b\"\nproperty = \"battery\"\n";
    let text = with(&format!(
        "{report}{}{}",
        example(r#"{"b":5}"#, "\"battery 5\""),
        example(r#"{"b":101}"#, "")
    ));
    assert_eq!(wrong(&text), ["15:1: `it`: `/b`: `battery` is from 0 to 100 %, 101 cannot be"]);
    let expected = format!("{text}problem = \"101 cannot be\"\n");
    assert!(Profile::parse("x", &expected, None).is_ok());
}

#[test]
fn what_a_property_cannot_be_is_refused_before_any_message_comes() {
    for (report, why) in [
        ("at = \"/a\"\nproperty = \"spo2\"\nvalues = { low = 20 }", "20 cannot be"),
        (
            "at = \"/a\"\nproperty = \"fall\"\nvalues = { yes = 1 }",
            "`fall` is true or false, not 1",
        ),
        ("at = \"/a\"\nproperty = \"fall\"\ndivide = 10", "`fall` is not a number: use `values`"),
        ("at = \"/a\"\nproperty = \"help\"\nclears_after = \"1s\"", "nothing clears"),
        ("at = \"/a\"\nproperty = \"fall\"\notherwise = true", "`otherwise` goes with `values`"),
        ("at = \"u8[0]\"\nproperty = \"battery\"", "`[serial]` has none"),
        ("at = \"/a\"\nproperty = \"fall\"\nunless = { \"u8[0]\" = 1 }", "not of one message"),
        ("at = \"u8[0].8\"\nproperty = \"fall\"", "u8 has no bit 8"),
        ("at = \"/a\"\nproperty = \"fall\"\ntopic = \"a/#\"", "`{device}` stands in it once"),
    ] {
        let text = with(&format!("[[report]]\n{report}\n"));
        assert!(wrong(&text).iter().any(|said| said.contains(why)), "{report}: {:?}", wrong(&text));
    }
}

#[test]
fn a_model_like_another_takes_over_all_but_what_it_reports_itself() {
    let base = with(&format!(
        "[[report]]\nat = \"/b\"\nproperty = \"battery\"\n[[report]]\nat = \"/t\"\nproperty = \
         \"tamper\"\n{}",
        example(r#"{"b":5,"t":false}"#, "\"battery 5\", \"tamper false\"")
    ));
    let own = format!(
        "like = \"v/base\"\n{HEAD}[[report]]\nat = \"/b\"\nproperty = \"battery\"\nmultiply = 100\n{}",
        example(r#"{"b":0.29,"t":true}"#, "\"battery 29 %\", \"tamper true\"")
    );
    let files = [("v/a", own.as_str()), ("v/base", base.as_str())];
    let (profiles, problems) = profiles_from(files.into_iter());
    assert_eq!(problems, []);
    assert_eq!(profiles.keys().collect::<Vec<_>>(), ["v/a", "v/base"]);
}

#[test]
fn a_broken_profile_is_left_out_with_those_that_are_like_it_and_the_others_work() {
    let sound = with(&format!(
        "[[report]]\nat = \"/b\"\nproperty = \"battery\"\n{}",
        example(r#"{"b":5}"#, "\"battery 5\"")
    ));
    let like = |name: &str| format!("like = \"{name}\"\n{sound}");
    let (on_broken, circle_a, circle_b) = (like("broken"), like("circle-b"), like("circle-a"));
    let files = [
        ("broken", "vendor = "),
        ("on-broken", on_broken.as_str()),
        ("circle-a", circle_a.as_str()),
        ("circle-b", circle_b.as_str()),
        ("sound", sound.as_str()),
    ];
    let (profiles, problems) = profiles_from(files.into_iter());
    assert_eq!(profiles.keys().collect::<Vec<_>>(), ["sound"]);
    for name in ["broken", "on-broken", "circle-a", "circle-b"] {
        assert!(problems.iter().any(|p| p.file == format!("devices/{name}.toml")), "{name}");
    }
}

/// A profile of a device that prints lines, with one report and one line.
fn prints(report: &str, line: &str, means: &str) -> String {
    let example = example(line, means);
    format!("{HEAD}[serial]\nframing = \"lines\"\n[[report]]\n{report}\n{example}")
}

#[test]
fn lines_are_told_apart_by_how_they_begin_and_others_are_passed_over() {
    let report = "frame = \"mov,\"\nat = \"word[2]\"\nproperty = \"distance\"";
    let sound = prints(report, "mov, 2 49", "\"distance 49\"");
    let echo = example("th1 is 120", "");
    let short = format!("{}problem = \"the line ends before it\"\n", example("mov, 2", ""));
    let text = format!("{sound}{echo}{short}");
    assert!(Profile::parse("x/y", &text, None).is_ok(), "{:?}", Profile::parse("x/y", &text, None));
}

#[test]
fn a_place_in_a_line_goes_with_lines_alone() {
    let report = "at = \"word[1]\"\nproperty = \"battery\"\nwhen = { \"u8[0]\" = 1 }";
    let mixed = wrong(&prints(report, "b 5", "\"battery 5\""));
    assert_eq!(mixed, ["7:1: `u8[0]` and `word[1]` are not of one message"]);
    let framed = prints("at = \"word[1]\"\nproperty = \"battery\"", "b 5", "\"battery 5\"");
    let framed = wrong(&framed.replace("\"lines\"", "\"json-lines\""));
    assert!(framed.contains(&"7:1: `word[1]` is in no line: `framing` is not `lines`".to_owned()));
    let bytes = prints("at = \"u8[1]\"\nproperty = \"battery\"", "b 5", "\"battery 5\"");
    assert!(wrong(&bytes)[0].contains("`u8[1]` is in no frame"));
}

#[test]
fn a_sort_of_frame_is_hexadecimal() {
    let text = prints("frame = \"mov\"\nat = \"u8[0]\"\nproperty = \"battery\"", "", "");
    let wrong = wrong(&text.replace("\"lines\"", "\"micradar\""));
    assert_eq!(wrong[0], "7:1: `frame`: `mov` is not a sort of frame such as `83/01` or `0E02`");
    let wrong = self::wrong(&text.replace("\"lines\"", "\"nonin\""));
    assert_eq!(wrong[0], "7:1: `frame`: those of `nonin` are all of one sort");
}

#[test]
fn a_folder_overrides_what_is_shipped() {
    let text = with(&format!(
        "[[report]]\nat = \"/b\"\nproperty = \"battery\"\n{}",
        example(r#"{"b":5}"#, "\"battery 5\"")
    ));
    let mine = text.replace("model = \"B\"", "model = \"mine\"");
    let (profiles, _) = profiles_from([("a/b", text.as_str()), ("a/b", mine.as_str())].into_iter());
    assert_eq!(profiles["a/b"].model, "mine");
}

#[test]
fn what_can_never_be_is_refused_at_its_line() {
    for (report, why) in [
        (
            "property = \"leak\"\nat = \"/l\"\nvalues = { a = true }\nnone = [\"a\"]",
            "`a` says already",
        ),
        ("property = \"leak\"\nat = \"/l\"\nwhen = { \"/t\" = [] }", "`/t` lists no value"),
        (
            "property = \"leak\"\nat = \"/l\"\nwhen = { \"/t\" = 1 }\nunless = { \"/t\" = [1, 2] }",
            "`when` and `unless` at `/t` leave nothing",
        ),
        (
            "property = \"leak\"\nat = \"/l\"\nwhen = { \"/l\" = 1 }\nvalues = { 1 = true, 2 = false }",
            "`2` is shut out by `when`",
        ),
        ("property = \"leak\"\nat = \"/l\"\nwithout = [\"/l\"]", "`/l` is wanted and"),
        ("property = \"leak\"\nat = \"/l\"\nwhen = { \"/a/*/c\" = 1 }", "not of the same `*`"),
        ("property = \"leak\"\nat = \"/a/*/b/*/c\"", "one `*` is enough"),
        ("property = \"leak\"\nat = \"/l\"\ntopic = \"$SYS/{device}\"", "belongs to the broker"),
        (
            "property = \"leak\"\nat = \"/l\"\nmeans = true\nvalues = { 1 = true }",
            "`means` says it",
        ),
        ("property = \"leak\"\nat = \"/l\"\nmeans = \"wet\"", "`wet` is neither"),
        ("property = \"spo2\"\nat = \"/l\"\nmeans = 20", "20 cannot be"),
        ("problem = \"blind\"\nat = \"/l\"\nvalues = { 1 = true }", "a `problem` has no value"),
        ("problem = \"blind\"\nat = \"/l\"\nproperty = \"leak\"", "not of both"),
    ] {
        let text = with(&format!("[[report]]\n{report}\n"));
        let said = wrong(&text);
        assert!(
            said.iter().any(|said| said.starts_with("7:1: ") && said.contains(why)),
            "{said:?}"
        );
    }
    let bits = "[[report]]\nframe = \"84/01\"\nat = \"u8[0].1\"\nproperty = \"in_bed\"\nvalues = { 1 = true }\n\
                [[report]]\nframe = \"84/01\"\nat = \"u8[0]\"\nproperty = \"fall\"\nvalues = { on = true }\n";
    let said = wrong(&format!("{HEAD}[serial]\nframing = \"micradar\"\n{bits}"));
    assert_eq!(said[..2], ["7:1: `u8[0].1` is never `1`", "12:1: `u8[0]` is never `on`"]);
}

#[test]
fn a_report_that_says_twice_what_another_says_is_refused() {
    let leak = "[[report]]\nat = \"/l\"\nproperty = \"leak\"\n";
    let shown = example(r#"{"l":true}"#, "\"leak true\"");
    assert!(
        wrong(&with(&format!("{leak}{leak}{shown}")))[0]
            .starts_with("10:1: `leak` at `/l` is reported twice")
    );
    // Behind another gate it says something else.
    let gated = format!("{leak}{leak}when = {{ \"/t\" = 1 }}\n");
    let shown = example(r#"{"l":true,"t":1}"#, "\"leak true\", \"leak true\"");
    assert!(Profile::parse("x", &with(&format!("{gated}{shown}")), None).is_ok());
}

#[test]
fn each_member_of_a_list_speaks_behind_its_own_gates() {
    let report = "[[report]]\nat = \"/e/*/v\"\nproperty = \"press\"\nvalues = { push = true }\n\
                  otherwise = \"nothing\"\nwhen = { \"/e/*/c\" = \"input:0\", \"/m\" = 1 }\n";
    let list = |m: u8, members: &str| format!(r#"{{"m":{m},"e":[{members}]}}"#);
    let (mine, other) = (r#"{"c":"input:0","v":"push"}"#, r#"{"c":"input:1","v":"push"}"#);
    let shown = [
        example(&list(1, &format!("{other},{mine},{mine}")), "\"press true\", \"press true\""),
        example(&list(1, other), "").replace("it", "of another"),
        example(&list(0, mine), "").replace("it", "not now"),
        example(&list(1, r#"{"c":"input:0"},{"v":"push"},3,[]"#), "").replace("it", "halves"),
    ];
    let parsed = Profile::parse("x", &with(&format!("{report}{}", shown.concat())), None);
    assert!(parsed.is_ok(), "{:?}", parsed.unwrap_err());
}

#[test]
fn a_device_that_lives_and_says_nothing_readable_is_a_problem_of_its_own() {
    let blind =
        "[[report]]\nat = \"/data\"\nproblem = \"nobody decodes it\"\nwithout = [\"/object\"]\n";
    let open = "[[report]]\nat = \"/object/open\"\nproperty = \"open\"\n";
    let shown = [
        example(r#"{"data":"AQ","object":{"open":true}}"#, "\"open true\"").replace("it", "seen"),
        example(r#"{"data":"AQ","object":null}"#, ""),
    ];
    let text = with(&format!("{open}{blind}{}", shown.concat()));
    let said = wrong(&text);
    assert_eq!(said, ["19:1: `it`: `/data`: nobody decodes it: \"AQ\""]);
    let expected = format!("{text}problem = \"nobody decodes it\"\n");
    assert!(Profile::parse("x", &expected, None).is_ok());
}

#[test]
fn on_a_shared_topic_every_example_tells_its_device() {
    let head = format!("{HEAD}[mqtt]\ntopic = \"all/x\"\nidentity = [\"/id\"]\n");
    let report = "[[report]]\nat = \"/l\"\nproperty = \"leak\"\n[[report]]\ntopic = \"all/{device}/l\"\nat = \
                  \"\"\nproperty = \"leak\"\n";
    let own = "[[example]]\nabout = \"own\"\nfrom = \"here\"\ntopic = \"all/7/l\"\npayload = 'true'\nmeans = \
               [\"leak true\"]\n";
    let shown = |payload| format!("{head}{report}{own}{}", example(payload, "\"leak true\""));
    assert!(wrong(&shown(r#"{"l":true}"#))[0].contains("`/id` does not tell the device"));
    assert!(Profile::parse("x", &shown(r#"{"id":7,"l":true}"#), None).is_ok());
}
