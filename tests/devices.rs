//! Every profile in `devices/` passes its own examples: adding a model is adding one file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use careloop::device::{Profiles, SHIPPED, profiles_from, walk};
use careloop::domain::observation::Kind;
use careloop::domain::{Property, Span};
use toml::{Table, Value};

/// Every profile of the folder, by its name.
fn folder() -> io::Result<BTreeMap<String, String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("devices");
    let (mut files, mut folders) = (BTreeMap::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "toml") {
                // A model may have a point in its name: only the last `.toml` is cut off.
                let name = path.strip_prefix(&root).unwrap_or(&path).with_extension("");
                files.insert(name.to_string_lossy().into_owned(), fs::read_to_string(&path)?);
            }
        }
    }
    Ok(files)
}

#[test]
fn every_profile_of_the_folder_means_what_its_examples_say() {
    let files = folder().unwrap();
    let (profiles, problems) =
        profiles_from(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "\n{}", said.join("\n"));
    assert_eq!(profiles.len(), files.len());
    for profile in profiles.values() {
        assert!(0 < profile.examples(), "devices/{}.toml has no example", profile.name);
    }
}

#[test]
fn what_is_shipped_inside_the_program_is_the_folder() {
    let folder = folder().unwrap();
    let shipped: BTreeMap<&str, &str> = SHIPPED.iter().copied().collect();
    let names = |of: Vec<&str>| of.join("\n    ");
    assert_eq!(
        names(folder.keys().map(String::as_str).collect()),
        names(shipped.keys().copied().collect()),
        "write the name of a new profile into src/device/shipped.rs, in the order of the alphabet",
    );
    for (name, text) in &folder {
        assert_eq!(Some(&text.as_str()), shipped.get(name.as_str()), "{name}");
    }
}

#[test]
fn the_example_in_the_guide_is_a_sound_profile() {
    let guide = include_str!("../devices/README.md");
    let text = guide.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let (profiles, problems) = profiles_from([("acme/bed-pad-2", text)].into_iter());
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(profiles["acme/bed-pad-2"].examples(), 3);
}

/// The profiles of the folder, and the tables they are written as.
fn read() -> io::Result<(Profiles, BTreeMap<String, Table>)> {
    let files = folder()?;
    let all = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let (profiles, problems) = profiles_from(all);
    assert!(problems.is_empty(), "{problems:?}");
    let table = |(name, text): (&String, &String)| {
        let table = text.parse::<Table>().map_err(io::Error::other)?;
        Ok((name.clone(), table))
    };
    let tables = files.iter().map(table).collect::<io::Result<_>>()?;
    Ok((profiles, tables))
}

/// The reports of a property, its own or those of the profile it is like.
fn reports<'t>(tables: &'t BTreeMap<String, Table>, name: &str, property: &str) -> Vec<&'t Table> {
    let table = &tables[name];
    let all = table.get("report").and_then(Value::as_array).into_iter().flatten();
    let of_it = |report: &&Table| report.get("property").and_then(Value::as_str) == Some(property);
    let own: Vec<&Table> = all.filter_map(Value::as_table).filter(of_it).collect();
    match table.get("like").and_then(Value::as_str) {
        Some(like) if own.is_empty() => reports(tables, like, property),
        _ => own,
    }
}

/// Whether a report of a flag can also say that it is over.
fn takes_back(report: &Table) -> bool {
    let values = report.get("values").and_then(Value::as_table);
    let otherwise = report.get("otherwise") == Some(&Value::Boolean(false));
    let listed = values.is_some_and(|values| values.values().any(|v| v == &Value::Boolean(false)));
    let is_plain = values.is_none() && report.get("means").is_none();
    is_plain || listed || otherwise
}

/// Whatever may come under the names of the properties themselves: no model.
const NO_MODEL: [&str; 2] = ["generic/json", "generic/lines"];

#[test]
fn whatever_a_life_may_hang_on_is_taken_back_or_ends_by_itself_within_a_walk_test() {
    let (profiles, tables) = read().unwrap();
    let mut looked_at = 0;
    for profile in profiles.values().filter(|p| !NO_MODEL.contains(&p.name.as_str())) {
        let properties = profile.properties();
        let (_, lasts) = walk::steps(&properties);
        let is_life_flag = |p: &&Property| p.is_life() && p.kind() == Kind::Flag;
        for property in properties.iter().filter(is_life_flag) {
            looked_at += 1;
            let reports = reports(&tables, &profile.name, property.name());
            assert!(!reports.is_empty(), "{}: {property}", profile.name);
            let is_taken_back = reports.iter().any(|report| takes_back(report));
            for report in reports {
                let clears = report.get("clears_after").and_then(Value::as_str);
                let clears: Option<Span> = clears.map(|span| span.parse().unwrap());
                let in_time = clears.is_some_and(|span| span.0 + Span::minutes(1).0 <= lasts.0);
                assert!(
                    in_time || (clears.is_none() && is_taken_back),
                    "{}: {property} is never taken back within the {lasts} of its walk test",
                    profile.name
                );
            }
        }
    }
    assert!(50 < looked_at, "{looked_at}");
}

/// Models that a life may hang on, and that nobody misses when they fall silent.
const UNSUPERVISED: &[(&str, &str)] = &[
    ("esphome/MR60FDA2", "its last will"),
    ("shelly/Plus-i4", "its last will"),
    ("shelly/SHGS-1", "its last will"),
    ("kati/watch", "its interval is not documented"),
    ("rtl_433/bresser-leakage", "its interval is not documented"),
    ("rtl_433/fineoffset-WH55", "its interval is not documented"),
    ("vayyar/care", "its interval is not documented"),
    ("rtl_433/DY-SQ100B", "it speaks only when something happens"),
    ("rtl_433/chuango-leak", "it speaks only when something happens"),
    ("rtl_433/chuango-smoke", "it speaks only when something happens"),
    ("rtl_433/chuango-sos", "it speaks only when something happens"),
    ("rtl_433/generic-remote-sos", "it speaks only when something happens"),
    ("rtl_433/govee-H5054", "months pass between its reports"),
    ("rtl_433/kerui-leak", "it speaks only when something happens"),
    ("rtl_433/kidde-smoke", "it speaks only when something happens"),
    ("rtl_433/simplisafe-panic", "it speaks only when something happens"),
    ("rtl_433/siterwell-GS558", "it speaks only when something happens"),
    ("rtl_433/x10-KR15A", "it speaks only when something happens"),
    ("scuiot/drug", "it speaks only when something happens"),
    ("shelly/BLU-button", "it speaks only when pressed"),
    ("shelly/SHBTN-1", "it speaks only when pressed"),
    ("theengs/shelly-SBBT-002C", "it speaks only when pressed, unless set otherwise"),
    ("theengs/shelly-SBBT-004CEU", "it speaks only when pressed, unless set otherwise"),
];

#[test]
fn whatever_a_life_may_hang_on_is_missed_when_it_falls_silent_or_its_note_says_that_it_is_not() {
    let (profiles, _) = read().unwrap();
    let listed: BTreeMap<&str, &str> = UNSUPERVISED.iter().copied().collect();
    for profile in profiles.values().filter(|p| !NO_MODEL.contains(&p.name.as_str())) {
        let properties = profile.properties();
        let is_life = properties.iter().any(|property| property.is_life());
        match (is_life && profile.quiet_after.is_none(), listed.get(profile.name.as_str())) {
            (false, None) => {}
            (true, Some(&"its last will")) => {
                assert!(properties.contains(&Property::Online), "{}", profile.name);
            }
            (true, Some(_)) => {
                assert!(profile.limits.note.is_some(), "{}: who would know?", profile.name);
            }
            (true, None) => panic!("{}: no `quiet_after`, and no reason here", profile.name),
            (false, Some(_)) => panic!("{}: no need to list it", profile.name),
        }
    }
    assert!(listed.keys().all(|name| profiles.contains_key(*name)), "a name is wrong");
}

#[test]
fn a_call_for_help_is_no_plain_press_and_a_plain_press_no_call_for_help() {
    // A press cancels a warning: whoever is on the floor and presses must not send the helpers away.
    let (profiles, _) = read().unwrap();
    for profile in profiles.values().filter(|p| !NO_MODEL.contains(&p.name.as_str())) {
        let properties = profile.properties();
        let (help, press) = (Property::Help, Property::Press);
        let both = properties.contains(&help) && properties.contains(&press);
        assert!(!both, "{}: one device, one meaning", profile.name);
        if profile.about.to_lowercase().contains("emergency") {
            assert!(properties.contains(&help), "{}", profile.name);
        }
        if profile.about.to_lowercase().contains("button") && properties.contains(&help) {
            let told = ["emergency", "call for help"];
            assert!(
                told.iter().any(|t| profile.about.to_lowercase().contains(t)),
                "{}",
                profile.name
            );
        }
    }
}

/// Radio sensors that say the same whatever they are: a person must choose by the name on the device.
const LOOK_ALIKE: [&str; 4] =
    ["Chuango-Security", "Honeywell-Security", "Kerui-Security", "SimpliSafe-Sensor"];

#[test]
fn no_two_profiles_are_known_by_the_same() {
    let (profiles, tables) = read().unwrap();
    let is_alike = |one: &[String], other: &[String]| {
        one.is_empty() || other.is_empty() || one.iter().any(|vendor| other.contains(vendor))
    };
    let prints = |name: &str| tables[name].get("known_by").and_then(|k| k.get("payload"));
    for (one, other) in profiles.values().flat_map(|one| {
        profiles.values().filter(|other| one.name < other.name).map(move |other| (one, other))
    }) {
        let (a, b) = (&one.known_by, &other.known_by);
        let shared = a.models.iter().filter(|model| b.models.contains(model));
        let shared = shared.filter(|model| !LOOK_ALIKE.contains(&model.as_str()));
        for model in shared {
            let (one, other) = (&one.name, &other.name);
            assert!(!is_alike(&a.vendors, &b.vendors), "{one} and {other} are both {model}");
        }
        if let (Some(print), Some(same)) = (prints(&one.name), prints(&other.name)) {
            let listed = LOOK_ALIKE.iter().any(|model| print.to_string().contains(model));
            assert!(listed || print != same, "{} and {} show the same", one.name, other.name);
        }
    }
}

#[test]
fn every_profile_says_where_its_knowledge_comes_from() {
    let (profiles, tables) = read().unwrap();
    for profile in profiles.values() {
        let said = [&profile.vendor, &profile.model, &profile.about, &profile.source];
        assert!(said.iter().all(|text| 1 < text.trim().len()), "{}: {said:?}", profile.name);
        let examples = tables[&profile.name]["example"].as_array().unwrap();
        let from = examples.iter().map(|example| example["from"].as_str().unwrap_or_default());
        assert!(from.clone().all(|from| 4 < from.len()), "{}: {from:?}", profile.name);
        let note = profile.limits.note.as_deref().unwrap_or("None.");
        let is_sentence = !note.starts_with(char::is_lowercase) && note.ends_with('.');
        assert!(is_sentence, "{}: {note}", profile.name);
    }
}
