//! Charts and rules that are refused when they are read, and why.

use super::tests::{rule, tables};

#[test]
fn a_score_rule_that_says_nothing_is_refused() {
    for (text, what) in [
        (
            "table = \"news\"\nat_least = 5\nfresh = \"1h\"",
            "rules.toml:1:1: there is no [[score]] `news`: one of news2",
        ),
        ("table = \"news2\"\nfresh = \"1h\"", "one of `at_least` and `any_part`"),
        ("table = \"news2\"\nat_least = 5\nany_part = 3\nfresh = \"1h\"", "one of `at_least`"),
        ("table = \"news2\"\nany_part = 3\nbelow = 5\nfresh = \"1h\"", "goes with `at_least`"),
        ("table = \"news2\"\nat_least = 21\nfresh = \"1h\"", "from 1 to 20 points"),
        ("table = \"news2\"\nat_least = 0\nfresh = \"1h\"", "from 1 to 20 points"),
        ("table = \"news2\"\nany_part = 4\nfresh = \"1h\"", "from 1 to 3 points"),
        ("table = \"news2\"\nat_least = 5\nbelow = 5\nfresh = \"1h\"", "above 5 and at most 20"),
        ("table = \"news2\"\nat_least = 5\nbelow = 21\nfresh = \"1h\"", "above 5 and at most 20"),
        ("table = \"news2\"\nat_least = 5\nscale = 3\nfresh = \"1h\"", "no scale 3: one of 1, 2"),
        ("table = \"news2\"\nat_least = 5", "`fresh` is missing"),
    ] {
        let why = rule(text).unwrap_err();
        assert!(why.contains(what), "{text}: {why}");
    }
}

#[test]
fn a_table_that_does_not_add_up_is_refused() {
    const HEAD: &str = "[[score]]\nname = \"s\"\ntitle = { zh = \"z\", en = \"e\" }\n";
    let refused = |rest: &str, what: &str| {
        let (_, problems) = tables(&format!("{HEAD}{rest}"));
        assert!(problems.join("; ").contains(what), "{rest}: {problems:?}");
    };
    let part = |rest: &str, what: &str| {
        refused(&format!("about = \"a\"\nmaximum = 3\n[[score.part]]\n{rest}"), what);
    };
    let spo2 = "of = \"spo2\"\nstep = 1\n";
    let fine = format!("{spo2}bands = [{{ upto = 91, points = 3 }}, {{ points = 0 }}]");
    let (found, problems) =
        tables(&format!("{HEAD}about = \"a\"\nmaximum = 3\n[[score.part]]\n{fine}"));
    assert_eq!(problems, Vec::<String>::new());
    assert!(found.find(&"s".parse().unwrap()).unwrap().is_some());

    refused(&format!("about = \" \"\nmaximum = 3\n[[score.part]]\n{fine}"), "says whose score");
    refused(&format!("maximum = 3\n[[score.part]]\n{fine}"), "`about` is missing");
    refused(&format!("about = \"a\"\nmaximum = 4\n[[score.part]]\n{fine}"), "add up to 3");
    refused("about = \"a\"\nmaximum = 3\n", "a score wants parts");
    part(&format!("{fine}\n[[score.part]]\n{fine}"), "`spo2` has 2 parts in scale 1");
    part(&format!("{fine}\nscale = 0"), "from 1 to 9");
    part(
        &format!(
            "{fine}\nscale = 1\n[[score.part]]\nof = \"lucid\"\nscale = 2\npoints = {{ true = 0, false = 3 }}"
        ),
        "`spo2` has 0 parts in scale 2",
    );
    part(
        &format!("{spo2}bands = [{{ upto = 91, points = 3 }}, {{ upto = 93, points = 0 }}]"),
        "the last band is open",
    );
    part(&format!("{spo2}bands = [{{ points = 3 }}, {{ points = 0 }}]"), "`upto` is missing");
    part(
        &format!(
            "{spo2}bands = [{{ upto = 93, points = 3 }}, {{ upto = 91, points = 1 }}, {{ points = 0 }}]"
        ),
        "91 is not above the band before",
    );
    part(
        &format!("{spo2}bands = [{{ upto = 91.5, points = 3 }}, {{ points = 0 }}]"),
        "no whole number of steps",
    );
    part(
        &format!("{spo2}bands = [{{ upto = 100, points = 3 }}, {{ points = 0 }}]"),
        "no band ends at 100",
    );
    part(&format!("{spo2}bands = [{{ points = 3 }}]"), "two bands or more");
    part(
        &format!("{spo2}bands = [{{ upto = 91, points = 0 }}, {{ points = 0 }}]"),
        "never gives a point",
    );
    part(
        &format!("{spo2}on_air = [{{ upto = 91, points = 3 }}, {{ points = 0 }}]"),
        "both `on_air` and `on_oxygen`",
    );
    part(
        &format!(
            "{spo2}on_air = [{{ upto = 91, points = 3 }}, {{ points = 0 }}]\non_oxygen = [{{ upto = 91, points = 3 }}, {{ points = 0 }}]"
        ),
        "wants a part of `oxygen`",
    );
    part("of = \"spo2\"\nbands = [{ upto = 91, points = 3 }, { points = 0 }]", "`step` is missing");
    part(
        "of = \"spo2\"\nstep = 0\nbands = [{ upto = 91, points = 3 }, { points = 0 }]",
        "at least 0.001",
    );
    part("of = \"help\"\npoints = { true = 3, false = 0 }", "`help` is a moment");
    part("of = \"lucid\"\npoints = { true = 3 }", "`false` is missing");
    part("of = \"lucid\"\nstep = 1\npoints = { true = 3, false = 0 }", "no key `step`");
}
