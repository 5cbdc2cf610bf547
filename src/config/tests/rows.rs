//! People and homes as rows: what goes out comes in again, what comes in changes what it says and no
//! more, and what is wrong is said at its cell.

use proptest::prelude::*;

use super::{draft, with};
use crate::config::{Draft, Proposal, export_rows, propose};
use crate::registrar::{Change, Layout, Part, Refused, Rows};

fn rows(of: Part, layout: Layout, bytes: &[u8]) -> Change {
    let file = match layout {
        Layout::Csv => "rows.csv",
        Layout::Json => "rows.json",
    };
    Change::Rows(Rows { of, layout, file: file.to_owned(), bytes: bytes.to_vec() })
}

fn import(draft: &Draft, change: &Change) -> Result<Proposal, Refused> {
    let in_force = draft.resolve(None).unwrap();
    propose(draft, Some(&in_force), change)
}

fn csv(draft: &Draft, of: Part, text: &str) -> Result<Proposal, Refused> {
    import(draft, &rows(of, Layout::Csv, text.as_bytes()))
}

/// Everything that is wrong, as it is shown.
fn wrong(found: Result<Proposal, Refused>) -> Vec<String> {
    match found {
        Err(Refused::Wrong(problems)) => problems.iter().map(ToString::to_string).collect(),
        Err(refused) => vec![refused.to_string()],
        Ok(proposal) => panic!("nothing is wrong: {:?}", proposal.settled.changes),
    }
}

const BOTH: [Part; 2] = [Part::People, Part::Homes];
const EACH: [Layout; 2] = [Layout::Csv, Layout::Json];

#[test]
fn what_is_written_is_what_the_register_says() {
    let text = draft().register().replacen(
        "role = \"grid\"\n",
        "role = \"grid\"\nduty = [\"workdays 08:00-18:00\", \"sat 09:00-12:00\"]\n",
        1,
    );
    let people = export_rows(&text, Part::People, Layout::Csv).unwrap();
    assert!(people.starts_with("\u{feff}id,name,role,language,duty,contacts\r\n"), "{people}");
    assert!(
        people.contains("\r\nwang,王 (微网格员),micro-grid,,,screen; radio=wang\r\n"),
        "{people}"
    );
    assert!(people.contains(",grid,,workdays 08:00-18:00; sat 09:00-12:00,screen\r\n"), "{people}");
    let homes = export_rows(&text, Part::Homes, Layout::Json).unwrap();
    assert_eq!(
        homes,
        r#"[
  { "id": "h1", "name": "3-2-501", "address": "3 栋 2 单元 501；钥匙在物业 / Building 3, stair 2, flat 501; key at the porter's", "zone": "Asia/Shanghai", "responders": ["daughter","wang","zhao","li","chen","wu"], "ask": [{"channel":"radio","to":"h1"}] }
]
"#
    );
}

#[test]
fn rows_change_what_they_say_and_comments_and_order_stay() {
    let draft = draft();
    let text = draft.register().replacen(
        "name = \"赵 (网格员)\"",
        "# since spring\nname = \"赵 (网格员)\"   # her own word",
        1,
    );
    let text = text.replacen(
        "contacts = [{ channel = \"screen\" }, { channel = \"radio\", to = \"wang\" }]",
        "contacts = [{ channel = \"screen\", verified = \"2026-01-10\" }]",
        1,
    );
    let draft = with(&draft, &text);
    // As a spreadsheet writes it where the comma is a decimal: semicolons, CRLF, a mark, empty lines.
    let sheet = "\u{feff}contacts;id;name;role;language\r\n\
        ;zhao;赵姐;;en\r\n\
        \"radio=wang; screen\";wang;;;\r\n\
        screen;sun;\"孙, \"\"小孙\"\"\";grid;\r\n\
        ;;;;\r\n";
    let done = csv(&draft, Part::People, sheet).unwrap();
    let expected = text
        .replacen("name = \"赵 (网格员)\"   # her own word", "name = \"赵姐\"   # her own word", 1)
        .replacen(
            "role = \"grid\"\ncontacts = [{ channel = \"screen\" }]\n",
            "role = \"grid\"\ncontacts = [{ channel = \"screen\" }]\nlanguage = \"en\"\n",
            1,
        )
        .replacen(
            "contacts = [{ channel = \"screen\", verified = \"2026-01-10\" }]",
            "contacts = [{ channel = \"radio\", to = \"wang\" }, { channel = \"screen\", verified = \"2026-01-10\" }]",
            1,
        )
        .replacen(
            "\n[[home]]",
            "\n[[responder]]\nid = \"sun\"\nname = '孙, \"小孙\"'\nrole = \"grid\"\ncontacts = [{ channel = \"screen\" }]\n\n[[home]]",
            1,
        );
    assert_eq!(done.text, expected);
    assert_eq!(done.settled.changes.len(), 3, "{:?}", done.settled.changes);
    // The same as a list of objects, and once more.
    let list = r#"[{"id":"zhao","name":"赵姐","language":"en","duty":null},
        {"id":"wang","contacts":[{"channel":"radio","to":"wang"},{"channel":"screen"}]},
        {"id":"sun","name":"孙, \"小孙\"","role":"grid","contacts":[{"channel":"screen"}]}]"#;
    let list = rows(Part::People, Layout::Json, list.as_bytes());
    assert_eq!(import(&draft, &list).unwrap().text, expected);
    let again = import(&with(&draft, &expected), &list).unwrap();
    assert_eq!((again.text, again.settled.changes), (expected, Vec::new()));
}

#[test]
fn every_mistake_is_named_at_its_cell_and_nothing_is_taken() {
    let draft = draft();
    let people = "id,name,role,contacts,language\n\
        wang,王,grid,pigeon=3,\n\
        zhao,,grud,,de\n\
        ,孙,grid,screen,\n\
        wang,twice,,,\n\
        sun,孙,,screen,\n\
        qian,钱,grid,screen\n\
        a/b,钱,grid,screen,\n";
    let said = wrong(csv(&draft, Part::People, people));
    assert_eq!(said.len(), 8, "{said:#?}");
    for (place, part) in [
        ("rows.csv:2:13: ", "no channel `pigeon`"),
        ("rows.csv:3:7: `role`: there is no role `grud`", "micro-grid"),
        ("rows.csv:3:13: `language`", "de"),
        ("rows.csv:4:1: `id` is missing", ""),
        ("rows.csv:5:1: `wang` is there twice, first in line 2", ""),
        ("rows.csv:6:1: `role` is missing", ""),
        ("rows.csv:7:1: 4 cells, and the heading has 5", ""),
        ("rows.csv:8:1: `id`", ""),
    ] {
        let found = said.iter().any(|line| line.starts_with(place) && line.contains(part));
        assert!(found, "{place}…{part} is in {said:#?}");
    }
    let homes = "[{\"id\": \"h1\", \"zone\": \"Asia/Nowhere\", \"visits\": \"dayly\"},\n  \
        {\"id\": \"h2\", \"name\": 501, \"responders\": [\"li\", \"nobody\"],\n   \
        \"ask\": [{\"chanel\": \"radio\"}], \"fax\": \"1\"}]";
    let said = wrong(import(&draft, &rows(Part::Homes, Layout::Json, homes.as_bytes())));
    for (place, part) in [
        ("rows.json:1:23: ", "`Asia/Nowhere` is not a time zone"),
        ("rows.json:1:49: `visits`", "weekly"),
        ("rows.json:2:24: `name` is a text in quotes", ""),
        ("rows.json:2:43: ", "there is no [[responder]] `nobody`"),
        ("rows.json:2:3: `name` is missing", ""),
        ("rows.json:2:3: `zone` is missing", ""),
        ("rows.json:3:20: `ask` is a list of ways", "unknown field `chanel`"),
        ("rows.json:3:41: there is no column `fax`; homes have id, name, address, phone", ""),
    ] {
        let found = said.iter().any(|line| line.starts_with(place) && line.contains(part));
        assert!(found, "{place}…{part} is in {said:#?}");
    }
}

#[test]
fn a_file_that_is_no_table_says_what_it_is() {
    let draft = draft();
    let said = |bytes: &[u8]| wrong(import(&draft, &rows(Part::Homes, Layout::Csv, bytes)));
    // 王 as GBK, behind a line that is as good in both.
    let gbk = said(b"id,name\r\nh2,\xcd\xf5\r\n");
    assert!(gbk[0].starts_with("rows.csv:2:4: this is not UTF-8; "), "{gbk:?}");
    assert!(gbk[0].contains("GBK") && gbk[0].contains("CSV UTF-8（逗号分隔）"), "{gbk:?}");
    assert!(said(b"\xff\xfei\0d\0")[0].contains("this is UTF-16"));
    for (text, why) in [
        ("", "rows.csv:1:1: there is no heading"),
        (
            "id,nmae\nh1,x\n",
            "rows.csv:1:4: there is no column `nmae`; homes have id, name, address",
        ),
        ("id,name,name\nh1,x,y\n", "rows.csv:1:9: column `name` is there twice"),
        ("id,name\nh1,\"3-2\nh2,x\n", "rows.csv:2:4: this quote is never closed"),
        ("id,name\nh1,\"3\"-2\n", "rows.csv:2:7: behind a closing quote the cell ends"),
    ] {
        let said = said(text.as_bytes());
        assert!(said.iter().any(|line| line.starts_with(why)), "{why} is in {said:#?}");
    }
    let said =
        |text: &str| wrong(import(&draft, &rows(Part::Homes, Layout::Json, text.as_bytes())));
    assert!(
        said("[{\"id\": \"h1\",\n  }]")[0].starts_with("rows.json:2:3: "),
        "{:?}",
        said("[{\"id\": \"h1\",\n  }]")
    );
    assert!(said("{\"id\": \"h1\"}")[0].contains("a list of rows is wanted"));
    assert!(said("[[]]")[0].contains("rows.json:1:2: "), "{:?}", said("[[]]"));
}

#[test]
fn a_help_post_comes_in_as_a_row_and_has_nobody_who_lives_there() {
    let draft = draft();
    let sheet = "id,name,address,zone,post,responders\n\
        p1,中心广场,东北角立柱,Asia/Shanghai,true,zhao; li\nh1,,,,,\n";
    let done = csv(&draft, Part::Homes, sheet).unwrap();
    assert!(done.text.ends_with(
        "\n[[home]]\nid = \"p1\"\nname = \"中心广场\"\naddress = \"东北角立柱\"\nzone = \"Asia/Shanghai\"\npost = true\nresponders = [\"zhao\", \"li\"]\n"
    ), "{}", done.text);
    assert!(done.config.homes.iter().any(|home| home.id.as_str() == "p1" && home.is_post));
    assert!(done.settled.changes[0].en().contains("post yes"), "{:?}", done.settled.changes);
    let after = with(&draft, &done.text);
    for layout in EACH {
        let out = export_rows(&done.text, Part::Homes, layout).unwrap();
        assert_eq!(
            import(&after, &rows(Part::Homes, layout, out.as_bytes())).unwrap().text,
            done.text
        );
    }
    let said = wrong(csv(&draft, Part::Homes, "id,post,visits\nh1,true,weekly\n"));
    for part in [
        "rows.csv:2:9: `visits`: nobody lives at a post",
        "rows.csv:2:1: `ask`: nobody lives at a post",
        "rows.csv:2:1: `consent`: nobody lives at a post",
        "rows.csv:2:4: `post`: nobody lives at a post, and `daughter` is family",
    ] {
        assert!(said.iter().any(|line| line.starts_with(part)), "{part} is in {said:#?}");
    }
    let said = wrong(csv(&draft, Part::Homes, "id,post\nh1,maybe\n"));
    assert!(said[0].starts_with("rows.csv:2:4: `post`: `maybe`"), "{said:?}");
    let change = "[[home.change]]\nrule = \"oxygen\"\noff = true\nby = \"li\"\non = \"2026-11-20\"\nwhy = \"x\"\n";
    let post = with(&draft, &format!("{}\n{change}", done.text)).resolve(None).unwrap_err();
    assert!(post.to_string().contains("`post`: rule `oxygen`, which is changed, sleeps"), "{post}");
}

#[test]
fn a_community_of_3000_homes_comes_in_one_go() {
    let mut sheet = "id,name,zone,address,responders\n".to_owned();
    for n in 0..3000 {
        sheet.push_str(&format!("n{n},{n} 号,Asia/Shanghai,\"幸福路 {n} 号, 3 楼\",zhao; li\n"));
    }
    let draft = draft();
    let done = csv(&draft, Part::Homes, &sheet).unwrap();
    assert_eq!((done.config.homes.len(), done.settled.changes.len()), (3001, 3000));
    assert!(done.text.starts_with(draft.register()), "what was there stands there as it stood");
    let out = export_rows(&done.text, Part::Homes, Layout::Csv).unwrap();
    assert_eq!(out.lines().count(), 3002);
}

/// What people write into a cell, and what spreadsheets, CSV, JSON and TOML each take for a sign.
fn words() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ ,;=+@'\"\\\\\t\r\n#a-c王\u{feff}-]{0,8}").unwrap()
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn export_then_import_changes_nothing(
        names in prop::collection::vec((words(), words()), 1..4),
        address in words(),
        is_foreign: bool,
    ) {
        let draft = draft();
        let (people, homes) = draft.register().split_once("[[home]]").unwrap();
        let mut text = people.to_owned();
        for (n, (name, to)) in names.iter().enumerate() {
            let (name, to) = (quoted(name), quoted(to));
            text.push_str(&format!(
                "[[responder]]  # {n}\nname = {name}\nid = \"p{n}\"\nrole = \"grid\"\n\
                 contacts = [\n  {{ to = {to}, channel = \"screen\" }}, # first\n  {{ channel = \"radio\" }}]\n\n"
            ));
        }
        text.push_str("[[home]]");
        text.push_str(&homes.replacen("zone", "# where\nzone", 1));
        text = text.replacen("address = \"3 栋", &format!("address = {} # was \"3 栋", quoted(&address)), 1);
        if is_foreign {
            text = text.replace('\n', "\r\n");
        }
        let draft = with(&draft, &text);
        for (of, layout) in BOTH.into_iter().flat_map(|of| EACH.map(|layout| (of, layout))) {
            let out = export_rows(&text, of, layout).unwrap();
            let done = import(&draft, &rows(of, layout, out.as_bytes())).map_err(|e| TestCaseError::fail(format!("{e:?}")))?;
            prop_assert_eq!(&done.text, &text, "{} {:?}: {}", of, layout, out);
            prop_assert!(done.settled.changes.is_empty());
        }
    }
}
