//! A message for a device of any shipped profile. First two bytes: which device; third: which of its
//! topics; the rest is the payload, or the frame.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use careloop::device::{Catalog, Decoded, Origin, Profiles, RawMessage, SHIPPED, profiles_from};
use careloop::domain::{Binding, Home, Input, Observation};
use serde_json::json;

/// The longest sentence on what was wrong, in bytes: it names every code that is known.
const WHY_MAX: usize = 4096;

/// One device and where its messages come in.
pub struct Desk {
    pub profile: &'static str,
    catalog: Catalog,
    pub origins: Vec<Origin>,
}

/// By a digest of the profile's name, so that a new profile leaves the corpus as it is.
static DESKS: LazyLock<BTreeMap<u16, Desk>> = LazyLock::new(desks);

pub fn run(bytes: &[u8]) {
    let Some((&[high, low, topic], payload)) = bytes.split_first_chunk() else { return };
    let which = u16::from_be_bytes([high, low]);
    let desk = DESKS.range(which..).chain(DESKS.iter()).next();
    let (_, desk) = desk.expect("there are profiles");
    let origin = desk.origins.iter().cycle().nth(usize::from(topic & 0x7f));
    let origin = origin.expect("it has a topic or a port").clone();
    let retained = topic & 0x80 != 0;
    let raw = RawMessage { origin, payload: payload.to_vec(), retained };
    let decoded = desk.catalog.decode(&raw);
    assert_eq!(decoded, desk.catalog.decode(&raw), "{}: decoding has no memory", desk.profile);
    match decoded {
        Decoded::Announced(_) => {}
        Decoded::Unknown { why } => assert!(why.len() <= WHY_MAX, "{}: {why}", desk.profile),
        Decoded::Known { device, observations, problems, .. } => {
            for observation in &observations {
                let again = Observation::new(observation.property, observation.value);
                assert!(again.is_ok(), "{}: {again:?}", desk.profile);
            }
            for problem in &problems {
                let text = problem.to_string();
                assert!(text.len() <= WHY_MAX, "{}: {text}", desk.profile);
            }
            // The journal gives back what was understood, to the last bit.
            let input = Input::Heard { device, observations, retained };
            let row = serde_json::to_string(&input).expect("it can be written");
            let back: Input = serde_json::from_str(&row).expect("it can be read");
            assert_eq!(back, input, "{}", desk.profile);
        }
    }
}

/// Every device that can be made of the shipped profiles, by the digest that chooses it.
pub fn desks() -> BTreeMap<u16, Desk> {
    let (profiles, problems) = profiles_from(SHIPPED.iter().copied());
    assert!(problems.is_empty(), "the shipped profiles are sound");
    let mut desks = BTreeMap::new();
    for (name, text) in SHIPPED {
        let address = address(&profiles, name, text);
        for binding in [Binding::Mqtt(address), Binding::Serial("/dev/port".to_owned())] {
            let Some(desk) = desk(&profiles, name, &binding) else { continue };
            let mut at = digest(name);
            while desks.contains_key(&at) {
                at = at.wrapping_add(1);
            }
            desks.insert(at, desk);
        }
    }
    desks
}

fn desk(profiles: &Profiles, profile: &'static str, binding: &Binding) -> Option<Desk> {
    let catalog = Catalog::new(profiles, &[home(profile, binding)]).ok()?;
    let topics = catalog.topics().into_iter().map(|t| Origin::Mqtt(t.replace('+', "x")));
    let ports = catalog.ports().into_iter().map(|port| Origin::Serial(port.path));
    let origins: Vec<Origin> = topics.chain(ports).collect();
    (!origins.is_empty()).then_some(Desk { profile, catalog, origins })
}

/// A home with one device, from the text of it: what it may say besides is left out.
pub fn home(profile: &str, binding: &Binding) -> Home {
    let device = json!({
        "id": "device", "profile": profile, "room": "hall", "binding": binding,
        "quiet_after": null,
    });
    let home = json!({
        "id": "h1", "name": "h1", "address": "", "zone": "Asia/Shanghai",
        "devices": [device], "responders": [], "ask": [],
    });
    serde_json::from_value(home).expect("that is a home")
}

/// Where the payload tells which device it is: as the first example that does says.
fn address(profiles: &Profiles, name: &str, text: &str) -> String {
    let pointers = profiles.get(name).and_then(|p| p.mqtt.as_ref()).map(|mqtt| &mqtt.identity);
    let pointers = pointers.cloned().unwrap_or_default();
    let of = |payload: &String| {
        let json: serde_json::Value = serde_json::from_str(payload).ok()?;
        let part = |pointer: &String| {
            let value = json.pointer(pointer)?;
            Some(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
        };
        pointers.iter().map(part).collect::<Option<Vec<_>>>()
    };
    let known = payloads(text).iter().find_map(of).filter(|parts| !parts.is_empty());
    known.map_or("device".to_owned(), |parts| parts.join("/"))
}

/// The payloads of a profile's examples.
pub fn payloads(text: &str) -> Vec<String> {
    examples(text).iter().filter_map(|e| Some(e.get("payload")?.as_str()?.to_owned())).collect()
}

/// A profile's examples, as written.
pub fn examples(text: &str) -> Vec<toml::Table> {
    let table: toml::Table = text.parse().unwrap_or_default();
    let all = table.get("example").and_then(|e| e.as_array()).cloned().unwrap_or_default();
    all.into_iter().filter_map(|example| example.as_table().cloned()).collect()
}

fn digest(name: &str) -> u16 {
    name.bytes().fold(0x811c, |all, byte| (all ^ u16::from(byte)).wrapping_mul(0x0193))
}
