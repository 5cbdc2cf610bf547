//! Texts that people write. First byte: what it is a text of; the rest is the text.

use careloop::device::{Catalog, Decoded, Origin, Profile, RawMessage, profiles_from};
use careloop::domain::{Binding, Observation};
use careloop::engine::Book;
use careloop::form::Problem;

use super::payload::{examples, home};

/// What the shipped household goes by: the one file of a pair that is not tried.
const RULES: &str = include_str!("../../config/rules.toml");
const PLANS: &str = include_str!("../../config/plans.toml");

pub fn run(bytes: &[u8]) {
    let Some((which, text)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    match which % 4 {
        1 => problems(text, &Book::read(("text", text), ("plans.toml", PLANS)).err()),
        2 => problems(text, &Book::read(("rules.toml", RULES), ("text", text)).err()),
        _ => profile(text),
    }
}

fn profile(text: &str) {
    let read = Profile::parse("acme/thing", text, None);
    problems(text, &read.as_ref().err().cloned());
    let Ok(profile) = read else { return };
    assert!(!profile.properties().is_empty(), "a sound profile reports something");

    // What an example means by itself, it means on the way that messages take as well.
    let (profiles, problems) = profiles_from([("acme/thing", text)].into_iter());
    assert!(problems.is_empty(), "{problems:?}");
    let Some(mqtt) = profile.mqtt.as_ref().filter(|mqtt| mqtt.identity.is_empty()) else { return };
    let binding = Binding::Mqtt("device".to_owned());
    let Ok(catalog) = Catalog::new(&profiles, &[home("acme/thing", &binding)]) else { return };
    let topic = mqtt.topic.replace("{device}", "device").replace('+', "x");
    for example in examples(text) {
        let Some(payload) = example.get("payload").and_then(|p| p.as_str()) else { continue };
        if example.contains_key("topic") {
            continue;
        }
        let origin = Origin::Mqtt(topic.clone());
        let raw = RawMessage { origin, payload: payload.into(), retained: false };
        let observations = match catalog.decode(&raw) {
            Decoded::Known { observations, .. } => Some(observations),
            Decoded::Unknown { .. } | Decoded::Announced(_) => None,
        };
        let observations = observations.expect("the topic is of the only device there is");
        let means = example.get("means").and_then(|m| m.as_array()).cloned().unwrap_or_default();
        let means: Result<Vec<Observation>, String> =
            means.iter().map(|one| one.as_str().unwrap_or_default().parse()).collect();
        let values = |all: &[Observation]| {
            all.iter().map(|one| (one.property, one.value)).collect::<Vec<_>>()
        };
        assert_eq!(means.map(|all| values(&all)), Ok(values(&observations)), "{payload}");
    }
}

/// Every problem stands somewhere in its file, and says something. The other file of a pair is sound,
/// and may not fit.
fn problems(text: &str, problems: &Option<Vec<Problem>>) {
    let lines = text.split('\n').count();
    for problem in problems.iter().flatten() {
        assert!(1 <= problem.line && 1 <= problem.column, "{problem}");
        let is_other = matches!(problem.file.as_str(), "rules.toml" | "plans.toml");
        assert!(is_other || problem.line <= lines, "{problem}");
        assert!(!problem.message.en().is_empty(), "{problem}");
    }
}
