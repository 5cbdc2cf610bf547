//! Every profile in `devices/` passes its own examples: adding a model is adding one file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use careloop::device::{Profiles, SHIPPED, profiles_from};

/// Every profile of the folder, by its name.
fn folder() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("devices");
    let (mut files, mut folders) = (BTreeMap::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "toml") {
                let name = path.strip_prefix(&root).unwrap().with_extension("");
                // A model may have a point in its name: only the last `.toml` is cut off.
                let name = name.to_str().unwrap().replace('\\', "/");
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

fn profiles() -> Profiles {
    let files = folder();
    let (profiles, problems) =
        profiles_from(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "\n{}", said.join("\n"));
    profiles
}

#[test]
fn every_profile_of_the_folder_means_what_its_examples_say() {
    let profiles = profiles();
    assert!(14 <= profiles.len(), "only {}", profiles.len());
    for profile in profiles.values() {
        assert!(0 < profile.examples(), "devices/{}.toml has no example", profile.name);
    }
}

#[test]
fn what_is_shipped_inside_the_program_is_the_folder() {
    let folder = folder();
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
