//! Who is who, and what comes of what nobody can read.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::device::{SHIPPED, profiles_from};

/// Read once: they are many.
static ALL: LazyLock<Profiles> = LazyLock::new(|| profiles_from(SHIPPED.iter().copied()).0);

fn profiles() -> &'static Profiles {
    &ALL
}

fn home(id: &str, devices: &[(&str, &str, Binding)]) -> Home {
    let device = |(id, profile, binding): &(&str, &str, Binding)| Device {
        room: "hall".to_owned(),
        ..Device::new(id.parse().unwrap(), profile, binding.clone())
    };
    Home::new(id.parse().unwrap(), "Asia/Shanghai", devices.iter().map(device).collect())
}

fn mqtt(address: &str) -> Binding {
    Binding::Mqtt(address.to_owned())
}

fn catalog() -> Catalog {
    let h1 = [
        ("door", "zigbee2mqtt/aqara-MCCGQ11LM", mqtt("living room/door 1")),
        ("radar", "micradar/R60AFD1", Binding::Serial("/dev/radar".to_owned())),
        ("own", "generic/json", mqtt("own")),
        ("replayed", "", Binding::Direct),
    ];
    let h2 = [
        ("door", "zigbee2mqtt/aqara-MCCGQ11LM", mqtt("h2-door")),
        ("board", "generic/r60-json-lines", mqtt("r60-02")),
        ("board-1", "generic/r60-json-lines", mqtt("r60-01")),
    ];
    Catalog::new(profiles(), &[home("h1", &h1), home("h2", &h2)]).unwrap()
}

/// `h1/door: open true; a problem`, or why nobody is known.
fn said(catalog: &Catalog, origin: Origin, payload: &[u8]) -> String {
    let message = RawMessage { origin, payload: payload.to_vec(), retained: false };
    match catalog.decode(&message) {
        Decoded::Unknown { why } => why,
        Decoded::Announced(told) => format!("{} announces {}", told.by, told.devices.len()),
        Decoded::Known { home, device, observations, problems } => {
            let said = observations.iter().map(ToString::to_string);
            let said: Vec<String> = said.chain(problems.iter().map(ToString::to_string)).collect();
            format!("{home}/{device}: {}", said.join("; "))
        }
    }
}

fn published(topic: &str, payload: &str) -> String {
    said(&catalog(), Origin::Mqtt(topic.to_owned()), payload.as_bytes())
}

#[test]
fn a_device_is_known_by_its_topic_also_with_blanks_and_slashes_in_its_name() {
    for (topic, payload, means) in [
        ("zigbee2mqtt/living room/door 1", r#"{"contact":false}"#, "h1/door: open true"),
        ("zigbee2mqtt/living room/door 1/availability", "offline", "h1/door: online false"),
        ("zigbee2mqtt/h2-door", r#"{"contact":true}"#, "h2/door: open false"),
        ("zigbee2mqtt/h2-door", "", "h2/door: "),
        ("careloop/devices/own", r#"{"fall":true}"#, "h1/own: fall true"),
        (
            "zigbee2mqtt/h2-door/set",
            "{}",
            "no device of the register publishes to `zigbee2mqtt/h2-door/set`",
        ),
    ] {
        assert_eq!(published(topic, payload), means);
    }
}

#[test]
fn where_a_topic_is_shared_the_payload_tells_the_device() {
    for (payload, means) in [
        (r#"{"device_id":"r60-02","fall_alarm":true}"#, "h2/board: fall true"),
        (r#"{"device_id":"r60-01","presence":true}"#, "h2/board-1: presence true"),
        (r#"{"device_id":"r60-09"}"#, "no device of the register is `r60-09` in `R60AFD1/live`"),
        ("{}", "`R60AFD1/live` tells no device: `/device_id` is neither text nor number"),
    ] {
        assert_eq!(published("R60AFD1/live", payload), means);
    }
}

/// A home with one device of this model at `x`, on this base.
fn on_base(profile: &str, base: &str) -> Result<Catalog, String> {
    let mut home = home("h1", &[("x", profile, mqtt("x"))]);
    home.devices[0].base = Some(base.to_owned());
    let wrong = |all: Vec<String>| all.join("; ");
    Catalog::new(profiles(), &[home]).map_err(wrong)
}

#[test]
fn a_base_stands_for_the_first_level_of_every_topic_of_the_model() {
    let catalog = on_base("zigbee2mqtt/aqara-MCCGQ11LM", "home/zigbee").unwrap();
    let at = |topic: &str, payload: &str| {
        said(&catalog, Origin::Mqtt(topic.to_owned()), payload.as_bytes())
    };
    assert_eq!(at("home/zigbee/x", r#"{"contact":false}"#), "h1/x: open true");
    assert_eq!(at("home/zigbee/x/availability", "offline"), "h1/x: online false");
    let nobody = "no device of the register publishes to `zigbee2mqtt/x`";
    assert_eq!(at("zigbee2mqtt/x", "{}"), nobody);
    let profile = profiles()["zigbee2mqtt/aqara-MCCGQ11LM"].on_base("zigbee").unwrap();
    assert!(profile.publishes("x").iter().all(|topic| topic.starts_with("zigbee/x")));
    let siren = profiles().values().find(|p| p.base().is_some() && !p.commands.is_empty());
    let siren = siren.expect("one that can be told something").on_base("b").unwrap();
    assert!(siren.subscribes("x").iter().all(|topic| topic.starts_with("b/x")));
}

#[test]
fn a_base_that_cannot_be_is_refused_and_so_is_one_of_a_model_without() {
    let refused = |profile, base| on_base(profile, base).err().unwrap_or_default();
    for base in ["", "a/", "/a", "a//b", "+", "a/#", "{device}", "$SYS", "careloop", "careloop/x"] {
        let why = refused("zigbee2mqtt/aqara-MCCGQ11LM", base);
        assert!(why.starts_with("device `x` of home `h1`: `base`: "), "{base}: {why}");
    }
    for profile in ["tasmota/any", "shelly/Plus-HT", "esphome/MR60BHA2"] {
        let why = refused(profile, "x");
        assert!(why.ends_with("do not all begin with one word"), "{profile}: {why}");
    }
}

#[test]
fn a_port_belongs_to_one_device() {
    let frame = [0x53, 0x59, 0x83, 0x01, 0, 1, 1, 0x32, 0x54, 0x43];
    let catalog = catalog();
    let at = |path: &str, frame: &[u8]| said(&catalog, Origin::Serial(path.to_owned()), frame);
    assert_eq!(at("/dev/radar", &frame), "h1/radar: fall true");
    assert_eq!(at("/dev/radar", &frame[1..]), "h1/radar: micradar frame: the bytes begin no frame");
    assert_eq!(
        at("/dev/radar", &frame[..5]),
        "h1/radar: micradar frame: the frame stops in the middle"
    );
    assert_eq!(at("/dev/other", &frame), "no device of the register is at port `/dev/other`");
    let ports = catalog.ports();
    assert_eq!(ports.len(), 1);
    let Speech::Frames(line) = &ports[0].speech else { panic!("{ports:?}") };
    assert_eq!((ports[0].path.as_str(), line.baud), ("/dev/radar", 115_200));
}

fn unit(port: &str, unit: u8) -> Binding {
    Binding::Modbus { port: port.to_owned(), unit }
}

#[test]
fn units_that_share_a_line_are_told_apart_and_opened_as_one_port() {
    let devices = [
        ("climate", "modbus/RS-WS", unit("/dev/bus", 1)),
        ("smoke", "modbus/smoke", unit("/dev/bus", 3)),
        ("radar", "micradar/R60AFD1", Binding::Serial("/dev/radar".to_owned())),
    ];
    let catalog = Catalog::new(profiles(), &[home("h1", &devices)]).unwrap();
    let decode = |unit, hex: &str| {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.replace(' ', "").as_bytes());
        said(&catalog, Origin::unit("/dev/bus", unit), &bytes.unwrap())
    };
    for (unit, hex, means) in [
        (
            1,
            "010300000002c40b 0103040292ff9b5a3d",
            "h1/climate: humidity 65.8 %; temperature -10.1 °C",
        ),
        (3, "03030003000175e8 03030200010044", "h1/smoke: smoke true"),
        (3, "03030003000175e8", "h1/smoke: `holding/3`: nothing was answered"),
        (3, "030300040001c429 03030200010044", "h1/smoke: `holding/4`: this model is not asked so"),
        (1, "0103040292ff9b5a3d", "h1/climate: the question: the checksum is wrong"),
        (2, "", "no device of the register is at port `/dev/bus@2`"),
    ] {
        assert_eq!(decode(unit, hex), means, "{hex}");
    }
    let ports = catalog.ports();
    assert_eq!(ports.len(), 2);
    let Speech::Modbus(bus) = &ports[1].speech else { panic!("{ports:?}") };
    assert_eq!((bus.baud, bus.units.keys().copied().collect::<Vec<_>>()), (9600, vec![1, 3]));
}

#[test]
fn a_line_has_one_baud_rate_one_device_a_unit_and_either_frames_or_modbus() {
    let mut texts: BTreeMap<&str, &str> = SHIPPED.iter().copied().collect();
    let slow = texts["modbus/smoke"].replace("every = ", "baud = 4800\nevery = ");
    texts.insert("modbus/slow", &slow);
    let profiles = profiles_from(texts.into_iter()).0;
    let devices = [
        ("a", "modbus/RS-WS", unit("/dev/bus", 1)),
        ("b", "modbus/smoke", unit("/dev/bus", 1)),
        ("c", "modbus/slow", unit("/dev/bus", 2)),
        ("d", "micradar/R60AFD1", Binding::Serial("/dev/bus".to_owned())),
        ("e", "micradar/R60AFD1", unit("/dev/bus", 5)),
        ("f", "modbus/smoke", Binding::Serial("/dev/f".to_owned())),
        ("g", "micradar/R60AFD1", Binding::Serial("/dev/g".to_owned())),
        ("h", "modbus/smoke", unit("/dev/g", 1)),
    ];
    let mut wrong = home("h1", &devices);
    let problems = Catalog::new(&profiles, &[wrong.clone()]).unwrap_err();
    let told: Vec<&str> = problems.iter().map(|p| p.split_once("`: ").unwrap().1).collect();
    assert_eq!(
        told,
        [
            "unit 1 of `/dev/bus` is also device `a` of home `h1`",
            "`modbus/slow` speaks at 4800 baud, parity none, but device `a` of home `h1` on `/dev/bus` \
             at 9600, parity none: all units of a line are set alike",
            "port `/dev/bus` is a Modbus line, of device `a` of home `h1` among others",
            "`micradar/R60AFD1` does not speak Modbus",
            "`modbus/smoke` shares its line with others: say which `unit` it is",
            "port `/dev/g` is no Modbus line: it is of device `g` of home `h1`",
        ]
    );
    wrong.devices.truncate(1);
    wrong.devices[0].quiet_after = Some(Span::seconds(30));
    let problems = Catalog::new(&profiles, &[wrong]).unwrap_err();
    assert_eq!(problems, ["device `a` of home `h1`: a unit is not quiet before 2m"]);
}

#[test]
fn a_client_subscribes_to_exactly_what_the_register_needs_and_to_announcements() {
    let topics = catalog().topics();
    let is_discovery = |t: &&String| discovery::TOPICS.contains(&t.as_str());
    assert_eq!(topics.iter().filter(is_discovery).count(), discovery::TOPICS.len());
    assert_eq!(
        topics.iter().filter(|t| !is_discovery(t)).collect::<Vec<_>>(),
        [
            "R60AFD1/live",
            "careloop/devices/own",
            "zigbee2mqtt/bridge/event",
            "zigbee2mqtt/h2-door",
            "zigbee2mqtt/h2-door/availability",
            "zigbee2mqtt/living room/door 1",
            "zigbee2mqtt/living room/door 1/availability",
        ]
    );
}

#[test]
fn everything_that_does_not_fit_is_told_at_once() {
    let wrong = home(
        "h1",
        &[
            ("a", "nobody/nothing", mqtt("a")),
            ("b", "micradar/R60AFD1", mqtt("b")),
            ("c", "zigbee2mqtt/any", Binding::Serial("/dev/c".to_owned())),
            ("d", "zigbee2mqtt/any", mqtt("d/#")),
            ("e", "zigbee2mqtt/any", mqtt("e")),
            ("f", "zigbee2mqtt/any", mqtt("e")),
            ("g", "micradar/R60AFD1", Binding::Serial("/dev/g".to_owned())),
            ("i", "seeed/MR60FDA2", Binding::Serial("/dev/g".to_owned())),
        ],
    );
    let problems = Catalog::new(profiles(), &[wrong]).unwrap_err();
    assert_eq!(
        problems,
        [
            "device `a` of home `h1`: there is no profile `nobody/nothing`",
            "device `b` of home `h1`: `micradar/R60AFD1` does not speak over MQTT",
            "device `c` of home `h1`: `zigbee2mqtt/any` does not speak on a serial port",
            "device `d` of home `h1`: `d/#` cannot stand in a topic",
            "device `f` of home `h1`: `zigbee2mqtt/e` is also of device `e` of home `h1`",
            "device `i` of home `h1`: port `/dev/g` is also of device `g` of home `h1`",
        ]
    );
}

#[test]
fn bad_input_is_an_outcome_and_the_rest_of_the_message_counts() {
    for (payload, means) in [
        (
            "\u{feff}{\"contact\":false}",
            "h2/door: the payload is not JSON: expected value at line 1 column 1",
        ),
        (
            r#"{"contact":1,"battery":80}"#,
            "h2/door: battery 80 %; `/contact`: 1 is not true or false",
        ),
        (
            r#"{"contact":null,"battery":-1}"#,
            "h2/door: `/battery`: `battery` is from 0 to 100 %, -1 cannot be",
        ),
        (
            r#"{"contact":{"x":[]},"tamper":true}"#,
            "h2/door: tamper true; `/contact`: an object is not true or false",
        ),
    ] {
        assert_eq!(published("zigbee2mqtt/h2-door", payload), means);
    }
    let said =
        said(&catalog(), Origin::Mqtt("zigbee2mqtt/h2-door".to_owned()), b"{\"contact\":\xff}");
    assert!(said.contains("the payload is not text"), "{said}");
    let long = format!(r#"{{"contact":"{}"}}"#, "x".repeat(100_000));
    assert!(published("zigbee2mqtt/h2-door", &long).len() < 200);
}

proptest! {
    #[test]
    fn no_payload_of_any_profile_ever_panics_or_means_what_cannot_be(
        name in proptest::sample::select(SHIPPED.iter().map(|(name, _)| *name).collect::<Vec<_>>()),
        payload in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            r#"\{"(contact|battery|action|fall|presence|LD2410|device_id|object|params|ZbReceived|data|payload)":(-?[0-9]{1,30}(\.[0-9]{1,5})?|"[a-zA-Z0-9.]{0,8}"|null|true|\[\]|\{\})\}"#
                .prop_map(String::into_bytes),
        ],
    ) {
        let profile = &ALL[name];
        let mut reading = Reading::default();
        for (_, plan) in &profile.topics {
            profile.read_text(plan, &payload, &mut reading);
        }
        profile.read_frame(&payload, &mut reading);
        for seen in &reading.observations {
            prop_assert!(crate::domain::Observation::new(seen.property, seen.value).is_ok());
        }
    }
}

#[test]
fn what_is_late_says_since_when() {
    let payload = br#"{"at":"2026-01-31T02:10:00+08:00","help":true}"#.to_vec();
    let origin = Origin::Mqtt("careloop/devices/own".to_owned());
    let decoded = catalog().decode(&RawMessage { origin, payload, retained: false });
    let Decoded::Known { observations, .. } = decoded else { panic!("{decoded:?}") };
    assert_eq!(observations[0].observed_at, Some("2026-01-30T18:10:00Z".parse().unwrap()));
}

#[test]
fn one_device_may_have_topics_of_its_own_and_topics_that_it_shares() {
    let devices = [
        ("button", "shelly/SHBTN-1", mqtt("shellybutton1-A4CF12F45174")),
        ("flood", "shelly/SHWT-1", mqtt("shellyflood-445566")),
        ("door", "rtl_433/visonic-MCT-302", mqtt("Visonic-Powercode/6f4770")),
    ];
    let catalog = Catalog::new(profiles(), &[home("h1", &devices)]).unwrap();
    let at = |topic: &str, payload: &str| {
        said(&catalog, Origin::Mqtt(topic.to_owned()), payload.as_bytes())
    };
    let announced = r#"{"id":"shellyflood-445566","mac":"001122445566"}"#;
    assert_eq!(at("shellies/announce", announced), "h1/flood: online true");
    assert_eq!(at("shellies/shellyflood-445566/sensor/flood", "true"), "h1/flood: leak true");
    let stranger = r#"{"id":"shellyflood-000000","mac":"001122000000"}"#;
    assert!(at("shellies/announce", stranger).contains("announces 1"));
    let radio = r#"{"model":"Visonic-Powercode","id":"6f4770","alarm":1}"#;
    assert_eq!(at("rtl_433/vm/events", radio), "h1/door: open true");
    let field = "rtl_433/vm/devices/Visonic-Powercode/6f4770/alarm";
    assert_eq!(at(field, "0"), "h1/door: open false");
    // Somebody else's sensor of the same model raises nothing here.
    let neighbour = r#"{"model":"Visonic-Powercode","id":"6f4771","alarm":1}"#;
    assert!(at("rtl_433/vm/events", neighbour).contains("no device of the register"));
}

#[test]
fn a_button_behind_a_gateway_is_heard_though_the_gateway_is_a_device_itself() {
    let devices = [
        ("plug", "shelly/Plus-Plug-S", mqtt("shellyplusplugs-4417939341dc")),
        ("button", "shelly/BLU-button", mqtt("shellyplusplugs-4417939341dc/bthomedevice:202")),
    ];
    let catalog = Catalog::new(profiles(), &[home("h1", &devices)]).unwrap();
    let at = |params: &str| {
        let payload = format!(r#"{{"src":"shellyplusplugs-4417939341dc","params":{params}}}"#);
        let topic = "shellyplusplugs-4417939341dc/events/rpc".to_owned();
        said(&catalog, Origin::Mqtt(topic), payload.as_bytes())
    };
    let pressed = r#"{"events":[{"component":"bthomedevice:202","id":202,"event":"single_push"}]}"#;
    assert_eq!(at(pressed), "h1/button: press true");
    assert_eq!(at(&pressed.replace("202", "203")), "h1/plug: ");
    assert_eq!(at(r#"{"switch:0":{"id":0,"apower":3.5}}"#), "h1/plug: power 3.5 W");
}
