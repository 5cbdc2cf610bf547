//! People, calendar, grids and consents of the register: what is read, and how mistakes are named.

use super::{deed, done, draft, refused, with};
use crate::domain::{Lang, Scope};
use crate::registrar::Refused;

/// What is wrong with the shipped register with these lines behind its responders, each as `LINE: why`,
/// where line 1 is the first of `added`.
fn wrong(added: &str) -> Vec<String> {
    let draft = draft();
    let (people, homes) = draft.register().split_once("[[home]]").unwrap();
    let begin = people.lines().count();
    let text = format!("{people}{added}\n[[home]]{homes}");
    let Err(problems) = with(&draft, &text).resolve(None) else { return Vec::new() };
    let said = problems.0.iter().map(|p| format!("{}:{}: {}", p.line - begin, p.column, p.message));
    said.collect()
}

#[test]
fn who_comes_when_and_in_which_language() {
    let draft = draft();
    let text = draft.register().replacen(
        "role = \"grid\"\n",
        "role = \"grid\"\nlanguage = \"en\"\nduty = [\"workdays 08:00-18:00\", \"sat 09:00-12:00\"]\n",
        1,
    );
    let (people, homes) = text.split_once("[[home]]").unwrap();
    let text = format!(
        r#"{people}
[[leave]]
who = "wang"
from = 2026-12-24T18:00:00
to = "2026-12-26 24:00"
why = "by train to the north"
by = "li"
on = 2026-11-20
[[shift]]
who = "li"
from = "2026-12-24 18:00"
to = "2026-12-25 08:00"
instead_of = "zhao"
[[home]]{homes}"#
    );
    let config = with(&draft, &text).resolve(None).unwrap();
    let home = &config.homes[0];
    let rota = |id: &str| &home.responder(&id.parse().unwrap()).unwrap().rota;
    let zhao = home.responder(&"zhao".parse().unwrap()).unwrap();
    assert_eq!((zhao.language, zhao.rota.duty.len()), (Lang::En, 2));
    let leave = &rota("wang").leaves[0];
    assert_eq!(leave.from.to_string(), "2026-12-24T18:00:00");
    assert_eq!(leave.to.to_string(), "2026-12-27T00:00:00");
    let noted = leave.noted.as_ref().unwrap();
    assert_eq!((noted.by.as_str(), noted.on.to_string().as_str()), ("li", "2026-11-20"));
    assert_eq!(rota("li").shifts[0].instead_of.as_ref().unwrap().as_str(), "zhao");
    assert_eq!(rota("zhao").leaves[0].why, "li instead", "a swap is a leave of the other");
    assert!(home.calendar.is_workday("2026-10-10".parse().unwrap()));
    assert!(home.consents_to(Scope::FamilySharing) && !home.consents_to(Scope::RemoteVisit));
    let ended =
        text.replacen("on = \"2026-01-10\"", "on = \"2026-01-10\"\nwithdrawn = \"2026-02-01\"", 2);
    let config = with(&draft, &ended).resolve(None).unwrap();
    assert!(!config.homes[0].consents_to(Scope::FamilySharing), "it is withdrawn");
}

#[test]
fn every_mistake_of_a_rota_is_named_at_its_place() {
    let added = r#"[[leave]]
who = "nobody"
from = "2026-12-24"
to = "2026-12-27 25:00"
[[leave]]
who = "zhao"
from = "2026-12-24 18:00"
to = "2026-12-24 08:00"
why = "ill"
by = "li"
[[shift]]
who = "zhao"
from = "2026-12-24 18:00"
to = "2026-12-25 08:00"
instead_of = "zhao"
[[responder]]
id = "sun"
name = "Sun"
role = "grid"
language = "fr"
duty = ["workdays 08:00-18:00", "werkdays 08:00-18:00"]
contacts = [{ channel = "screen", verified = "yesterday" }]
"#;
    assert_eq!(
        wrong(added),
        [
            "1:1: `why` is missing",
            "2:1: `who`: there is no [[responder]] `nobody`",
            "3:8: `from`: `2026-12-24` is not a day and hour such as `2026-12-24 18:00`",
            "4:6: `to`: `2026-12-27 25:00` is not a day and hour such as `2026-12-24 18:00`",
            "5:1: `on` is missing",
            "5:1: it ends at 2026-12-24T08:00:00, which is not after its beginning at 2026-12-24T18:00:00",
            "11:1: `zhao` cannot stand in for `zhao`",
            "20:12: `language`: there is no language `fr`: one of zh, en",
            "21:33: `duty`: `werkdays 08:00-18:00`: `werkdays` is no day: daily, workdays, restdays, or of mon, tue, wed, thu, fri, sat, sun as in `mon-wed,fri`",
            "22:46: `verified`: `yesterday` is not a date such as `2026-11-20`",
        ]
    );
}

#[test]
fn a_calendar_that_contradicts_itself_is_refused() {
    let draft = draft();
    for (day, why) in [
        ("2026-10-12", "2026-10-12 is no day of a weekend"),
        ("2026-09-26", "2026-09-26 is a holiday and a workday"),
        ("2026-13-01", "`2026-13-01` is not a date"),
    ] {
        let text = draft
            .register()
            .replace("workdays = [\"2026-01-04\"", &format!("workdays = [\"{day}\""));
        let problems = with(&draft, &text).resolve(None).unwrap_err().to_string();
        assert!(problems.contains(why), "{day}: {problems}");
    }
}

#[test]
fn grids_lie_in_one_another_up_to_one_root() {
    let grid = |id: &str, kind: &str, parent: &str| {
        let parent =
            if parent.is_empty() { String::new() } else { format!("parent = \"{parent}\"\n") };
        format!("[[grid]]\nid = \"{id}\"\nname = \"{id}\"\nkind = \"{kind}\"\n{parent}")
    };
    let tree = [
        grid("s", "street", ""),
        grid("fire", "department", ""),
        grid("c", "community", "s"),
        grid("g", "general", "c"),
        grid("m", "micro", "g"),
        grid("school", "dedicated", "c"),
    ]
    .concat();
    assert_eq!(wrong(&tree), [""; 0]);
    let more = |lines: &str| {
        let first = tree.lines().count();
        let said = wrong(&format!("{tree}{lines}"));
        let relative = said.iter().map(|line| {
            let (n, rest) = line.split_once(':').unwrap();
            format!("{}:{rest}", n.parse::<usize>().unwrap() - first)
        });
        relative.collect::<Vec<_>>()
    };
    assert_eq!(more(&grid("x", "micro", "y")), ["5:1: grid `x`: there is no [[grid]] `y`"]);
    assert_eq!(
        more(&grid("x", "micro", "s")),
        ["5:1: grid `x`: a micro lies in general or community, and `s` is a street"]
    );
    assert_eq!(
        more(&grid("t", "street", "")),
        ["2:1: street `t` lies in nothing, and nor does `s`: one root is wanted, write parent = …"]
    );
    assert_eq!(more(&grid("m", "micro", "g")), ["5:1: grid `m` is there twice"]);
    assert_eq!(
        more(&grid("x", "district", "s")),
        [
            "4:8: `kind`: `district` is no kind of grid: `street`, `department`, `community`, `general`, `micro`, `dedicated`"
        ]
    );
    let circle = [grid("a", "general", "b"), grid("b", "micro", "a")].concat();
    assert_eq!(
        more(&circle),
        ["5:1: grid `a`: it lies in itself, by `b`", "10:1: grid `b`: it lies in itself, by `a`"]
    );
}

#[test]
fn a_home_lies_in_a_grid_of_the_tree_where_there_is_one() {
    let draft = draft();
    let placed = |tree: &str, grid: &str| {
        let (people, homes) = draft.register().split_once("[[home]]\n").unwrap();
        let text = format!("{people}{tree}[[home]]\ngrid = \"{grid}\"\n{homes}");
        with(&draft, &text).resolve(None).err().map(|problems| problems.to_string())
    };
    let tree = "[[grid]]\nid = \"s\"\nname = \"s\"\nkind = \"street\"\n[[grid]]\nid = \"c\"\nname = \"c\"\nkind = \"community\"\nparent = \"s\"\n";
    assert_eq!(placed("", "anything"), None, "a free name, where there is no tree");
    assert_eq!(placed(tree, "c"), None);
    assert!(placed(tree, "d").unwrap().ends_with(":1: `grid`: there is no [[grid]] `d`"));
    assert!(placed(tree, "s").unwrap().contains("`s` is a street"));
}

/// What the deed puts into the register: the lines that were not there.
fn new_lines(before: &str, after: &str) -> Vec<String> {
    let (mut old, mut new) = (before.lines().peekable(), Vec::new());
    for line in after.lines() {
        if old.peek() == Some(&line) {
            old.next();
        } else {
            new.push(line.to_owned());
        }
    }
    new
}

#[test]
fn a_leave_and_a_swap_are_written_with_who_said_so_and_twice_is_once() {
    let draft = draft();
    let leave = deed(
        r#"{"do":"leave","who":"zhao","from":"2026-12-24 18:00","to":"2026-12-27 08:00","why":"ill","by":"li","on":"2026-11-20"}"#,
    );
    let once = done(&draft, std::slice::from_ref(&leave));
    assert_eq!(
        once.settled.changes,
        ["~ person zhao: leaves 2026-12-24 18:00 to 2026-12-27 08:00 (ill)"]
    );
    assert_eq!(
        new_lines(draft.register(), &once.text).join("\n").trim(),
        "[[leave]]\nwho = \"zhao\"\nfrom = \"2026-12-24 18:00\"\nto = \"2026-12-27 08:00\"\nwhy = \"ill\"\nby = \"li\"\non = \"2026-11-20\""
    );
    let after = with(&draft, &once.text);
    assert_eq!(done(&after, &[leave]).settled.changes, [""; 0], "it was there");
    let swap = deed(
        r#"{"do":"shift","who":"li","from":"2026-12-24 18:00","to":"2026-12-25 08:00","instead_of":"zhao","by":"chen","on":"2026-11-20"}"#,
    );
    let swapped = done(&draft, &[swap]);
    assert_eq!(
        swapped.settled.changes,
        [
            "~ person li: shifts 2026-12-24 18:00 to 2026-12-25 08:00 instead of zhao",
            "~ person zhao: leaves 2026-12-24 18:00 to 2026-12-25 08:00 (li instead)"
        ]
    );
}

#[test]
fn whoever_is_back_ends_the_leave_that_runs_and_no_other() {
    let draft = draft();
    let leave = |from: &str, to: &str| {
        deed(&format!(
            r#"{{"do":"leave","who":"zhao","from":"{from}","to":"{to}","why":"ill","by":"li","on":"2026-11-20"}}"#
        ))
    };
    let first = leave("2026-12-24 18:00", "2026-12-27 08:00");
    let away = done(&draft, &[first, leave("2027-01-02 00:00", "2027-01-03 00:00")]);
    let away = with(&draft, &away.text);
    let back = |at: &str| {
        deed(&format!(r#"{{"do":"back","who":"zhao","at":"{at}","by":"chen","on":"2026-12-25"}}"#))
    };
    let ended = done(&away, &[back("2026-12-25 09:30")]);
    let ran = "\n[[leave]]\nwho = \"zhao\"\nfrom = \"2026-12-24 18:00\"\nto = \"2026-12-27 08:00\"";
    let now = "\n# changed by chen on 2026-12-25\n[[leave]]\nwho = \"zhao\"\nfrom = \"2026-12-24 18:00\"\nto = \"2026-12-25 09:30\"";
    assert!(away.register().contains(ran));
    assert_eq!(ended.text, away.register().replacen(ran, now, 1));
    let after = with(&draft, &ended.text);
    assert_eq!(done(&after, &[back("2026-12-25 09:30")]).settled.changes, [""; 0], "it ended then");
    for at in ["2026-12-25 09:31", "2026-12-24 18:00", "2027-01-01 12:00"] {
        let said = refused(&after, back(at)).to_string();
        assert_eq!(said, format!("no leave of `zhao` runs at {at}: nothing ends"));
    }
}

#[test]
fn who_changed_a_person_stands_above_them_until_somebody_else_does() {
    let draft = draft();
    let named = |name: &str, by: &str| {
        deed(&format!(
            r#"{{"do":"responder","who":"zhao","name":"{name}","by":"{by}","on":"2026-11-28"}}"#
        ))
    };
    let text = draft.register().replacen(
        "[[responder]]\nid = \"zhao\"",
        "# comes by bicycle\n[[responder]]\nid = \"zhao\"",
        1,
    );
    let draft = with(&draft, &text);
    let once = done(&draft, &[named("赵大姐", "li")]);
    let above = "# comes by bicycle\n# changed by li on 2026-11-28\n[[responder]]\nid = \"zhao\"";
    assert!(once.text.contains(above), "{}", once.text);
    let twice = done(&with(&draft, &once.text), &[named("赵大姐", "chen")]);
    assert_eq!(twice.text, once.text, "nothing was changed");
    let verified =
        deed(r#"{"do":"verified","who":"zhao","channel":"screen","by":"chen","on":"2026-11-29"}"#);
    let again = done(&with(&draft, &once.text), &[verified]);
    let above = "# comes by bicycle\n# changed by chen on 2026-11-29\n[[responder]]\nid = \"zhao\"";
    assert!(again.text.contains(above) && !again.text.contains("by li on"), "{}", again.text);
    let withdrawn =
        deed(r#"{"do":"withdraw","home":"h1","scope":"health","by":"li","on":"2026-11-29"}"#);
    let withdrawn = done(&draft, &[withdrawn]).text;
    assert!(
        withdrawn.contains("# changed by li on 2026-11-29\n[[home.consent]]\nscope = \"health\"")
    );
    let said = refused(&draft, named("x", "nobody")).to_string();
    assert_eq!(said, "there is no responder `nobody`");
}

#[test]
fn what_is_wrong_with_a_deed_about_people_is_said_and_nothing_is_written() {
    let draft = draft();
    let wrong = |json: &str| {
        let refused = refused(&draft, deed(json));
        if let Refused::Wrong(problems) = refused {
            return problems[0].message.to_string();
        }
        refused.to_string()
    };
    let leave = |who: &str, from: &str, by: &str| {
        format!(
            r#"{{"do":"leave","who":"{who}","from":"{from}","to":"2026-12-25 08:00","why":"ill","by":"{by}","on":"2026-11-20"}}"#
        )
    };
    assert_eq!(
        wrong(&leave("sun", "2026-12-24 18:00", "li")),
        "`who`: there is no [[responder]] `sun`"
    );
    assert_eq!(
        wrong(&leave("zhao", "2026-12-24 18:00", "sun")),
        "`by`: there is no [[responder]] `sun`"
    );
    assert!(wrong(&leave("zhao", "tomorrow", "li")).contains("`tomorrow` is not a day and hour"));
    assert!(wrong(&leave("zhao", "2026-12-26 18:00", "li")).contains("not after its beginning"));
    assert_eq!(wrong(r#"{"do":"responder","who":"sun","role":"grid"}"#), "`name` is missing");
    assert_eq!(
        wrong(r#"{"do":"verified","who":"li","channel":"radio","on":"2026-11-20"}"#),
        "responder `li` has no contact by `radio`"
    );
    assert_eq!(
        wrong(r#"{"do":"withdraw","home":"h1","scope":"location","on":"2026-11-20"}"#),
        "home `h1` has given no consent to location"
    );
    let bad = serde_json::from_str::<crate::registrar::Edit>(
        r#"{"do":"responder","who":"li","duty":["werkdays 08:00-18:00"]}"#,
    );
    assert!(bad.unwrap_err().to_string().contains("`werkdays` is no day"));
}

#[test]
fn somebody_comes_into_the_register_and_what_they_are_changes() {
    let draft = draft();
    let new = deed(
        r#"{"do":"responder","who":"qian","name":"Qian","role":"grid","duty":["daily 20:00-08:00"],"contacts":[{"channel":"radio","to":"qian"}],"homes":["h1"]}"#,
    );
    let come = done(&draft, &[new]);
    let people = &come.config.homes[0].responders;
    assert_eq!(people.last().unwrap().rota.duty[0].to_string(), "daily 20:00-08:00");
    let after = with(&draft, &come.text);
    let tried = deed(r#"{"do":"verified","who":"qian","channel":"radio","on":"2026-11-20"}"#);
    let other = deed(
        r#"{"do":"responder","who":"qian","language":"en","duty":[],"contacts":[{"channel":"screen"},{"channel":"radio","to":"qian"}]}"#,
    );
    let changed = done(&after, &[tried, other]);
    let qian = changed.config.homes[0].responder(&"qian".parse().unwrap()).unwrap();
    assert!(qian.rota.is_empty() && qian.language == Lang::En);
    let days: Vec<bool> = qian.contacts.iter().map(|c| c.verified.is_some()).collect();
    assert_eq!(days, [false, true], "what was tried stays tried, and what is new was not");
}

#[test]
fn a_consent_is_given_and_withdrawn_and_both_stay_in_the_ledger() {
    let draft = draft();
    let give = deed(
        r#"{"do":"consent","home":"h1","scope":"remote-visit","purpose":"calls","by":"the resident","on":"2026-11-20"}"#,
    );
    let given = done(&draft, &[give]);
    assert!(given.config.homes[0].consents_to(Scope::RemoteVisit));
    let after = with(&draft, &given.text);
    let end = deed(r#"{"do":"withdraw","home":"h1","scope":"remote-visit","on":"2026-11-21"}"#);
    let ended = done(&after, std::slice::from_ref(&end));
    let home = &ended.config.homes[0];
    assert!(!home.consents_to(Scope::RemoteVisit) && home.consents_to(Scope::Health));
    assert_eq!(home.consents.len(), 3);
    let again = done(&with(&draft, &ended.text), &[end]);
    assert_eq!(again.settled.changes, [""; 0], "withdrawn twice is withdrawn");
}
