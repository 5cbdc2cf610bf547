//! A draft is a sound profile, whatever it is drafted from.

use careloop::device::Profile;
use careloop::device::draft::draft;
use careloop::device::identify::Heard;
use proptest::prelude::*;

use crate::{device, file, files, heard};

#[test]
fn every_announcement_of_the_samples_gives_a_sound_draft_or_says_why_none() {
    let mut none = Vec::new();
    let all = files();
    for device in &all {
        match draft(Some(device), &[]) {
            Ok(draft) => {
                let profile = Profile::parse(&draft.name, &draft.text, None).expect(&draft.text);
                assert!(
                    profile.known_by.is_model(&device.vendor, device.model())
                        || device.models.is_empty()
                );
                assert!(profile.source.starts_with("draft from"));
            }
            Err(why) => none.push(format!("{}: {why}", device.key)),
        }
    }
    let none: Vec<&str> = none.iter().map(|n| n.split(':').next().expect("a key")).collect();
    assert!(20 < all.len() && none.len() < 8, "of {} none for {none:#?}", all.len());
    assert!(
        none.iter().all(|key| key.starts_with("home-assistant") || key.starts_with("shelly")),
        "{none:#?}"
    );
}

#[test]
fn a_draft_reads_real_messages_and_says_what_it_read() {
    let door = device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a10003");
    let messages = [
        heard(
            "zigbee2mqtt/aqara_door",
            r#"{"battery":100,"contact":true,"device_temperature":25,"last_seen":"2026-11-22T18:33:50.856Z","linkquality":120,"power_outage_count":110,"trigger_count":0,"voltage":3025}"#,
        ),
        heard("zigbee2mqtt/aqara_door/availability", r#"{"state":"online"}"#),
    ];
    let draft = draft(Some(&door), &messages).expect("it can be drafted");
    assert_eq!(draft.name, "zigbee2mqtt/aqara-MCCGQ11LM");
    assert_eq!(draft.address.as_deref(), Some("aqara_door"));
    for line in [
        "topic = \"zigbee2mqtt/{device}\"",
        "topic = \"zigbee2mqtt/{device}/availability\"",
        "model = [\"MCCGQ11LM\", \"lumi.sensor_magnet.aq2\"]",
        "from = \"captured\"",
        "means = [\"battery 100 %\", \"open false\", \"link_quality 120 lqi\"]",
        "#   voltage at /voltage",
    ] {
        assert!(draft.text.lines().any(|l| l == line), "{line}\n\n{}", draft.text);
    }
}

#[test]
fn without_an_announcement_the_names_of_the_keys_are_all_there_is() {
    let messages = [
        heard(
            "flat3/bedmat-7/data",
            r#"{"bed":"occupied","hr":"61","rr":14,"temp":21.5,"fw":"1.2","sos":0,"nested":{"spo2":97}}"#,
        ),
        heard("flat3/bedmat-7/lwt", "online"),
    ];
    let draft = draft(None, &messages).expect("it can be drafted");
    assert_eq!(draft.address.as_deref(), Some("bedmat-7"));
    let profile = Profile::parse(&draft.name, &draft.text, None).expect(&draft.text);
    let reports: Vec<&str> = profile.properties().iter().map(|p| p.name()).collect();
    assert_eq!(reports, ["help", "in_bed", "heart_rate", "spo2", "temperature"], "{}", draft.text);
    assert!(draft.text.contains("#   fw at /fw: here \"1.2\""), "{}", draft.text);
    assert!(draft.text.contains("#   rr at /rr: here 14"), "not certain enough:\n{}", draft.text);
    let [reads, unread] = [draft.reads, draft.unread].map(|all| all.join("\n"));
    assert!(reads.contains("in_bed at /bed\n") && unread.contains("fw at /fw: here \"1.2\""));
}

#[test]
fn a_name_that_may_mean_something_else_is_doubted_where_one_looks() {
    let message = heard("flat3/pad-7", r#"{"occupied":true,"occupancy":false,"temp":21}"#);
    let draft = draft(None, &[message]).expect("it can be drafted");
    let doubt = "guessed: `occupied` may also be `in_bed`";
    assert!(draft.text.contains(&format!("# {doubt}")), "{}", draft.text);
    assert!(draft.reads.iter().any(|line| line.contains(doubt)), "{:?}", draft.reads);
    let is_bare = |line: &String| line == "temperature at /temp";
    assert!(draft.reads.iter().any(is_bare), "{:?}", draft.reads);
}

#[test]
fn a_unit_that_is_not_ours_is_converted_or_left_to_a_person() {
    let climate = device("homie.txt", "homie homie/bedroom-th");
    let draft = draft(Some(&climate), &[]).expect("it can be drafted");
    assert!(draft.text.contains("add = -32\nmultiply = 5\ndivide = 9"), "{}", draft.text);
    let mut odd = climate;
    odd.exposes.iter_mut().for_each(|e| e.unit = "furlong".to_owned());
    let why = careloop::device::draft::draft(Some(&odd), &[]).expect("`online` has no unit").text;
    assert!(why.contains("announced in `furlong`"), "{why}");
}

#[test]
fn drafts_from_the_messages_of_the_samples_are_sound() {
    for name in ["zigbee2mqtt.txt", "home-assistant.txt", "homie.txt", "shelly.txt"] {
        for message in file(name).1 {
            if let Ok(draft) = draft(None, std::slice::from_ref(&message)) {
                Profile::parse(&draft.name, &draft.text, None).expect(&draft.text);
            }
        }
    }
}

#[test]
fn quotes_and_backslashes_and_control_characters_do_not_break_a_draft() {
    let payload = "{\"temperature\":21,\"a\\\\b'\":\"\\\"'\\n\",\"\\u0007\":1}";
    let message = heard("flat\\7/x\"y'/z", payload);
    let draft = draft(None, &[message]).expect("it can be drafted");
    assert!(draft.text.contains("means = [\"temperature 21 °C\"]"), "{}", draft.text);
    assert!(!draft.text.contains('\u{7}'));
}

proptest! {
    #[test]
    fn whatever_was_heard_a_draft_is_sound_or_there_is_none(
        topic in "[a-z{}+#/\\\\\"' é\u{1}]{0,30}",
        keys in prop::collection::vec("(temperature|contact|smoke|battery|action|fall|[a-z\"'\\\\\n./~#=]{0,12})", 0..6),
        values in prop::collection::vec("(true|false|null|1|0|-7e3|\"on\"|\"OFF\"|\"'\"|\"fall\"|\"sos\"|\\{\"hr\":61\\}|\\[1\\])", 6),
        bare in prop::option::of("[a-zA-Z0-9 \"'\\\\{}\n]{0,12}"),
    ) {
        let body: Vec<String> = keys.iter().zip(&values)
            .map(|(k, v)| format!("{}:{v}", serde_json::Value::String(k.clone()))).collect();
        let payload = bare.unwrap_or_else(|| format!("{{{}}}", body.join(",")));
        for topic in [Some(topic), None] {
            let message = Heard { topic, payload: payload.clone().into_bytes() };
            if let Ok(draft) = draft(None, &[message]) {
                prop_assert!(Profile::parse(&draft.name, &draft.text, None).is_ok(), "{}", draft.text);
            }
        }
    }

    #[test]
    fn whatever_is_announced_a_draft_is_sound_or_there_is_none(
        base in "[a-z/+{} ]{1,12}",
        name in "[a-zA-Z0-9/{}+\"'\\\\ é]{1,16}",
        keys in prop::collection::vec("(temperature|contact|smoke|battery|occupancy|fall|action|[a-z\"'/~]{1,8})", 1..5),
        kind in prop::collection::vec("(binary|numeric|enum|text)", 5),
        on in "(true|false|\"ON\"|1|\"\"|\"a\\\\\"b\"|null)",
        unit in "(%|°C|°F|lx|m|parsec)",
    ) {
        let one = |(key, kind): (&String, &String)| format!(
            r#"{{"type":"{kind}","property":{},"access":1,"unit":"{unit}","value_on":{on},"value_off":"off","values":["none","fall","emergency","single"]}}"#,
            serde_json::Value::String(key.clone()));
        let exposes: Vec<String> = keys.iter().zip(&kind).map(one).collect();
        let list = format!(
            r#"[{{"type":"EndDevice","ieee_address":"0x1","friendly_name":{},"definition":{{"vendor":"V'","model":"M\"1","exposes":[{}]}}}}]"#,
            serde_json::Value::String(name), exposes.join(","));
        let told = careloop::device::discovery::read(&format!("{base}/bridge/devices"), list.as_bytes());
        for device in told.expect("shape").expect(&list).devices {
            if let Ok(draft) = draft(Some(&device), &[]) {
                prop_assert!(Profile::parse(&draft.name, &draft.text, None).is_ok(), "{}", draft.text);
            }
        }
    }
}
