mod people;
mod rows;

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::registrar::{Change, Edit, Refused};

/// The shipped household, read once.
fn draft() -> Draft {
    Draft::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config")).unwrap()
}

/// The same with another register.
fn with(draft: &Draft, register: &str) -> Draft {
    let mut draft = draft.clone();
    register.clone_into(&mut draft.texts[3].1);
    draft
}

fn deed(json: &str) -> Edit {
    serde_json::from_str(json).unwrap()
}

fn adopt(device: &str) -> Edit {
    deed(&format!(
        r#"{{"do":"adopt","home":"h1","device":"{device}","profile":"zigbee2mqtt/tuya-TS0207","mqtt":"a-{device}","room":"kitchen"}}"#
    ))
}

fn done(draft: &Draft, edits: &[Edit]) -> Proposal {
    let in_force = draft.resolve(None).unwrap();
    propose(draft, Some(&in_force), &Change::Edits(edits.to_vec())).unwrap()
}

fn refused(draft: &Draft, edit: Edit) -> Refused {
    let in_force = draft.resolve(None).unwrap();
    propose(draft, Some(&in_force), &Change::Edits(vec![edit])).unwrap_err()
}

#[test]
fn an_adopted_device_stands_after_the_others_and_nothing_else_is_touched() {
    let draft = draft();
    let second = "\n[[home]]\nid = \"h2\"    # beside\nname = \"2\"\nzone = \"Asia/Shanghai\"\nresponders = [\n  \"li\", # first\n  \"wu\",\n]\n# the last word\n";
    let draft = with(&draft, &format!("{}{second}", draft.register()));
    let new = "\n[[home.device]]\nid = \"bath-leak\"\nprofile = \"zigbee2mqtt/tuya-TS0207\"\nroom = \"kitchen\"\nmqtt = \"a-bath-leak\"\n";
    let proposal = done(&draft, &[adopt("bath-leak")]);
    assert_eq!(proposal.text, draft.register().replace(second, &format!("{new}{second}")));
    assert_eq!(
        proposal.settled.changes,
        [
            "+ device h1/bath-leak: profile zigbee2mqtt/tuya-TS0207, room kitchen, mqtt a-bath-leak, quiet after 1d 1h"
        ]
    );
    // The first of a home, and the last of the file.
    let edit = deed(r#"{"do":"adopt","home":"h2","device":"x","room":"hall"}"#);
    let proposal = done(&draft, &[edit]);
    let device = "\n[[home.device]]\nid = \"x\"\nroom = \"hall\"\n";
    let expected = draft.register().replace("# the last word\n", "") + device;
    assert_eq!(proposal.text, expected + "# the last word\n");
}

#[test]
fn the_same_adoption_twice_changes_nothing_and_another_by_that_name_is_refused() {
    let draft = draft();
    let once = with(&draft, &done(&draft, &[adopt("x")]).text);
    let twice = done(&once, &[adopt("x")]);
    assert_eq!((twice.text.as_str(), twice.settled.changes.len()), (once.register(), 0));
    let other = deed(r#"{"do":"adopt","home":"h1","device":"x","room":"hall"}"#);
    assert!(
        matches!(refused(&once, other), Refused::Conflict(why) if why.en().contains("already"))
    );
    let nowhere = deed(r#"{"do":"retire","home":"h9","device":"x"}"#);
    let refused_there = refused(&once, nowhere);
    assert!(matches!(refused_there, Refused::Unknown(why) if why == "there is no home `h9`"));
    let nobody = deed(r#"{"do":"place","home":"h1","device":"y","room":"hall"}"#);
    assert!(matches!(refused(&once, nobody), Refused::Unknown(_)));
}

#[test]
fn a_placement_keeps_the_comment_behind_the_value_and_an_impossible_one_is_refused() {
    let draft = draft();
    let text = draft.register().replace(
        "room = \"hall\"\nmqtt = \"hall-motion\"",
        "room = \"hall\"   # by the coats\nmqtt = \"hall-motion\"",
    );
    let draft = with(&draft, &text);
    let edit = deed(
        r#"{"do":"place","home":"h1","device":"hall-motion","room":"bedroom","mount":"wall"}"#,
    );
    let placed = done(&draft, &[edit]);
    assert!(placed.text.contains("room = \"bedroom\"   # by the coats\n"), "{}", placed.text);
    assert_eq!(
        placed.settled.changes,
        ["~ device h1/hall-motion: room hall → bedroom, mount wall"]
    );
    let edit = deed(
        r#"{"do":"adopt","home":"h1","device":"x","profile":"zigbee2mqtt/tuya-TS0207","mqtt":"kitchen-leak"}"#,
    );
    let Refused::Wrong(problems) = refused(&draft, edit) else { panic!("it is bound twice") };
    let line = placed.text.lines().count() + 2;
    assert!(
        problems.iter().any(|p| p.message.en().contains("already bound") && line <= p.line + 8),
        "{problems:?}"
    );
}

#[test]
fn the_base_of_a_bridge_comes_and_goes_with_the_address() {
    let draft = draft();
    let model = r#""profile":"zigbee2mqtt/tuya-TS0207","mqtt":"kitchen-leak""#;
    let edit =
        deed(&format!(r#"{{"do":"adopt","home":"h1","device":"x",{model},"base":"zigbee_2"}}"#));
    // Another device of the household has this name behind another bridge.
    let adopted = done(&draft, &[edit]);
    assert!(adopted.text.ends_with("mqtt = \"kitchen-leak\"\nbase = \"zigbee_2\"\n"));
    let line = &adopted.settled.changes[0];
    assert!(line.en().contains("mqtt kitchen-leak, base zigbee_2"), "{line}");
    let draft = with(&draft, &adopted.text);
    let other = deed(r#"{"do":"replace","home":"h1","device":"x","mqtt":"y","base":"home/z"}"#);
    let changes = done(&draft, &[other]).settled.changes;
    assert_eq!(changes, ["~ device h1/x: mqtt kitchen-leak → y, base zigbee_2 → home/z"]);
    let back = deed(r#"{"do":"replace","home":"h1","device":"x","mqtt":"y"}"#);
    let replaced = done(&draft, &[back]);
    assert_eq!(replaced.settled.changes, ["~ device h1/x: mqtt kitchen-leak → y, no base"]);
    let alone = deed(r#"{"do":"replace","home":"h1","device":"x","base":"z"}"#);
    assert!(
        matches!(refused(&draft, alone), Refused::Conflict(why) if why.en().contains("address"))
    );
    for (wrong, why) in [
        (r#""mqtt":"y","base":"z/+""#, "stands for something else"),
        (r#""serial":"/dev/x","base":"z""#, "`base` goes with `mqtt`"),
    ] {
        let edit = deed(&format!(r#"{{"do":"replace","home":"h1","device":"x",{wrong}}}"#));
        let Refused::Wrong(problems) = refused(&draft, edit) else { panic!("{wrong}") };
        assert!(
            problems.iter().any(|p| p.message.en().contains(why) && 0 < p.line),
            "{problems:?}"
        );
    }
}

#[test]
fn what_is_said_of_a_retired_device_goes_with_it_and_what_is_said_of_others_stays() {
    let draft = draft();
    let text = draft.register().replace(
        "[[home.device]]\nid = \"kitchen-leak\"",
        "# --- the kitchen ---\n\n# leaks since May\n[[home.device]]\nid = \"kitchen-leak\"",
    );
    let text = text.replace(
        "[[home.device]]\nid = \"front-door\"",
        "# --- the door ---\n\n# creaks\n[[home.device]]\nid = \"front-door\"",
    );
    let retired = ["kitchen-leak", "front-door"].map(|device| Edit::Retire {
        home: "h1".parse().unwrap(),
        device: device.parse().unwrap(),
    });
    let text = done(&with(&draft, &text), &retired).text;
    assert!(!text.contains("leaks since May") && !text.contains("creaks"), "{text}");
    let kitchen = text.split_once("# --- the kitchen ---\n").unwrap().1;
    assert!(kitchen.trim_start().starts_with("[[home.device]]\nid = \"kitchen-smoke\""), "{text}");
    assert!(text.ends_with("# --- the door ---\n"), "{text}");
}

#[test]
fn a_replaced_device_keeps_its_name_and_loses_the_old_address_and_password() {
    let draft = draft();
    let mut edit = adopt("x");
    if let Edit::Adopt { credentials, .. } = &mut edit {
        *credentials = true;
    }
    let first = done(&draft, &[edit]);
    let issued = &first.settled.issued[0];
    assert_eq!(issued.user, "h1.x");
    assert!(24 <= issued.password.len() && !first.text.contains(&issued.password));
    assert_eq!(first.config.credentials[0].digest, credential::Digest::of(&issued.password));
    let draft = with(&draft, &first.text);
    let edit = deed(r#"{"do":"replace","home":"h1","device":"x","mqtt":"new"}"#);
    let second = done(&draft, &[edit]);
    assert!(second.config.credentials.is_empty());
    assert_eq!(
        second.settled.changes,
        ["~ device h1/x: mqtt a-x → new", "- password of h1/x: user h1.x"]
    );
    let nothing = deed(r#"{"do":"replace","home":"h1","device":"x","profile":"generic/json"}"#);
    assert!(matches!(refused(&draft, nothing), Refused::Conflict(_)));
}

#[test]
fn a_list_in_one_line_and_ends_of_lines_of_another_system_stay_what_they_are() {
    let draft = draft();
    let people = draft.register().split_once("[[home]]").unwrap().0;
    let head = "[[home]]\nid = \"h1\"\nname = \"1\"\nzone = \"UTC\"\nresponders = [\"li\"]\n";
    let text =
        format!("{people}{head}device = [{{ id = \"a\" }}, {{ id = \"b\", room = \"x\" }}]\n");
    let edited = done(
        &with(&draft, &text),
        &[adopt("c"), deed(r#"{"do":"retire","home":"h1","device":"b"}"#)],
    )
    .text;
    let last = "device = [{ id = \"a\" }, { id = \"c\", profile = \"zigbee2mqtt/tuya-TS0207\", room = \"kitchen\", mqtt = \"a-c\" }]";
    assert!(edited.trim_end().ends_with(last), "{edited}");
    let foreign = draft.register().replace('\n', "\r\n");
    let edited = done(&with(&draft, &foreign), &[adopt("c")]).text;
    assert_eq!(edited.replace("\r\n", "\n"), done(&draft, &[adopt("c")]).text);
    assert!(!edited.replace("\r\n", "").contains('\n'));
}

#[test]
fn a_password_is_only_for_who_has_a_topic_and_a_name_of_its_own() {
    let draft = draft();
    let digest = credential::Digest::of("x").to_string();
    let wrong = |lines: &str| {
        let text = format!("{}\n[[home.device]]\n{lines}\n", draft.register());
        let all = draft.resolve(Some(&text)).unwrap_err().to_string();
        assert!(all.lines().count() == 1 && !all.contains("hunter2"), "{all}");
        all
    };
    let json = "profile = \"generic/json\"\nmqtt = \"y\"\nid = ";
    assert!(wrong(&format!("{json}\"y\"\npassword_digest = \"hunter2\"")).contains("64 hex"));
    let bound = "id = \"y\"\nprofile = \"seeed/MR60FDA2\"\nserial = \"/dev/y\"";
    assert!(
        wrong(&format!("{bound}\npassword_digest = \"{digest}\"")).contains("goes with `mqtt`")
    );
    let ours = draft.texts[0].1.replace("anonymous = true ", "anonymous = false ")
        + "\n[[mqtt.client]]\nuser = \"h1.y\"\npassword_file = \"Cargo.toml\"\n";
    let mut taken = draft.clone();
    (taken.texts[0].1, taken.folder) = (ours, env!("CARGO_MANIFEST_DIR").into());
    let text = format!(
        "{}\n[[home.device]]\n{json}\"y\"\npassword_digest = \"{digest}\"\n",
        draft.register()
    );
    let all = taken.resolve(Some(&text)).unwrap_err().to_string();
    assert!(all.contains("logs in as `h1.y` already"), "{all}");
}

#[test]
fn two_devices_that_cannot_be_told_apart_are_named_with_their_line() {
    let draft = draft();
    let text = format!(
        "{}\n[[home.device]]\nid = \"y\"\nprofile = \"seeed/MR60FDA2\"\nmqtt = \"y\"\n",
        draft.register()
    );
    let problems = draft.resolve(Some(&text)).unwrap_err().0;
    let line = text.lines().count() - 3;
    assert_eq!((problems.len(), problems[0].line), (1, line), "{problems:?}");
    assert!(problems[0].message.en().contains("does not speak over MQTT"));
}

/// Some deed to a device that may or may not be there.
fn deeds() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    proptest::collection::vec((0..4_u8, 0..5_u8, 0..3_u8), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever is edited: every comment that stands by itself is still there in its order, all other
    /// devices are as they were, and an import of the result changes nothing the second time.
    #[test]
    fn edits_leave_comments_and_order_and_an_import_twice_is_nothing(deeds in deeds()) {
        let draft = SHIPPED_DRAFT.with(Clone::clone);
        let paragraphs = |text: &str| -> Vec<String> {
            text.lines().filter(|l| l.starts_with("# p")).map(str::to_owned).collect()
        };
        let mut n = 0;
        let commented: String = draft.register().split("[[home.device]]").map(|part| {
            n += 1;
            format!("{part}# p{n}\n\n[[home.device]]")
        }).collect();
        let commented = commented.strip_suffix("[[home.device]]").unwrap();
        let before = with(&draft, commented);
        let config = before.resolve(None).unwrap();
        let mut now = before.clone();
        for (what, which, how) in deeds {
            let device = format!("d{which}");
            let room = ["hall", "kitchen", "bath"][usize::from(how)];
            let edit = match what {
                0 | 1 => adopt(&device),
                2 => deed(&format!(r#"{{"do":"place","home":"h1","device":"{device}","room":"{room}"}}"#)),
                _ => Edit::Retire { home: "h1".parse().unwrap(), device: device.parse().unwrap() },
            };
            if let Ok(proposal) = propose(&now, Some(&config), &Change::Edits(vec![edit])) {
                now = with(&now, &proposal.text);
            }
        }
        prop_assert_eq!(paragraphs(now.register()), paragraphs(commented));
        let own = |text: &str| -> Vec<String> {
            let others = text.split("[[home.device]]").filter(|d| !d.starts_with("\nid = \"d"));
            let lines = others.flat_map(str::lines).filter(|l| !l.is_empty() && !l.starts_with("# p"));
            lines.map(str::to_owned).collect()
        };
        prop_assert_eq!(own(now.register()), own(commented));
        let import = Change::Import(now.register().to_owned());
        let first = propose(&before, Some(&config), &import).unwrap();
        prop_assert_eq!(&first.settled.changes, &difference(Some(&config), &now.resolve(None).unwrap()));
        let second = propose(&with(&before, &first.text), Some(&first.config), &import).unwrap();
        prop_assert!(second.settled.changes.is_empty() && second.settled.notes.is_empty());
    }
}

thread_local! {
    static SHIPPED_DRAFT: Draft = draft();
}

#[test]
fn a_folder_may_have_its_own_words() {
    let draft = draft();
    let mut own = draft.clone();
    let text = &mut own.texts[5].1;
    *text = text.replacen("请签收并上门", "请马上去", 1);
    let (shipped, config) = (draft.resolve(None).unwrap(), own.resolve(None).unwrap());
    assert_ne!(config.wording, shipped.wording);
    own.texts[6].1 = "heading = \"{name} {case}\"".to_owned();
    let all = own.resolve(None).unwrap_err().to_string();
    assert!(
        all.contains("texts/en.toml:1:12: `heading`: there is no place `{name}` here"),
        "{all}"
    );
    assert!(all.contains("texts/en.toml:1:1: [line] is missing"), "{all}");
}

#[test]
fn pages_on_the_net_want_a_token_a_name_and_a_certificate_that_can_be_shown() {
    let text = "[store]\npath = \"x.db\"\nkeep_observations = \"30d\"\nkeep_incidents = \"400d\"\n[http]\nlisten = \"127.0.0.1:0\"\npeople = \"choose\"\ntls = { listen = \"0.0.0.0:8443\", certificate = \"cert.pem\", key = \"key.pem\" }\n";
    let read = gateway::read(("gateway.toml", text), std::path::Path::new("/nowhere"));
    let said: Vec<String> = read.unwrap_err().iter().map(ToString::to_string).collect();
    for part in [
        "`tls`: cannot read `/nowhere/cert.pem`, which TLS needs",
        "`token_file` is wanted",
        "`people = \"choose\"` is only allowed",
        "with `tls`, `url` is the https:// address",
    ] {
        assert!(said.iter().any(|line| line.contains(part)), "{part} is in {said:#?}");
    }
}
