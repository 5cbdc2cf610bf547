//! Every profile in `devices/` passes its own examples: adding a model is adding one file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use careloop::device::{SHIPPED, profiles_from};

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
