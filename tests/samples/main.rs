//! Recorded frames and payloads of real devices, with what they mean, read by the shipped profiles.
//!
//! What malformed payloads do is in `recordings/`. Hundreds more recordings lie beside the project
//! (`../shared/devices`, or where `CARELOOP_SAMPLES` says) and are read if they are there. `known.toml`
//! says which profile reads which, and lists every sample that is read otherwise than whoever recorded
//! it expected, with the reason. A reason that is no longer needed fails as well.

#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, also in what its tests share"
)]

mod expected;
mod read;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use careloop::device::{Profiles, SHIPPED, profiles_from};
use serde::Deserialize;

use expected::Expected;

/// `known.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// By the name of a recording: what reads it.
    reader: BTreeMap<String, Reader>,
    /// Samples read otherwise.
    #[serde(default)]
    otherwise: Vec<Otherwise>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reader {
    /// The profiles that may read it; the first that reads a sample as expected counts.
    #[serde(default)]
    by: Vec<String>,
    /// Why no profile reads it.
    not: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Otherwise {
    recording: String,
    /// Which samples of it, counted from 0.
    samples: Vec<usize>,
    why: String,
}

/// One recording.
#[derive(Debug, Deserialize)]
struct Recording {
    samples: Vec<serde_json::Value>,
}

fn recordings() -> BTreeMap<String, Recording> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = || project.join("../shared/devices");
    let more = std::env::var_os("CARELOOP_SAMPLES").map_or_else(beside, PathBuf::from);
    let mut found = BTreeMap::new();
    for root in [project.join("tests/samples/recordings"), more] {
        for folder in std::fs::read_dir(&root).into_iter().flatten() {
            let folder = folder.expect("an entry").path();
            for file in std::fs::read_dir(folder).into_iter().flatten() {
                let path = file.expect("an entry").path();
                let name = path.strip_prefix(&root).expect("below").with_extension("");
                let text = std::fs::read_to_string(&path).expect("a recording");
                let recording = serde_json::from_str(&text).expect("a recording is JSON");
                found.insert(name.to_string_lossy().into_owned(), recording);
            }
        }
    }
    found
}

/// A frame that came in pieces is read when its last piece is there.
fn whole(samples: &[serde_json::Value]) -> Vec<serde_json::Value> {
    let (mut samples, mut begun) = (samples.to_vec(), String::new());
    for sample in samples.iter_mut().filter(|sample| sample.get("segment").is_some()) {
        begun.push_str(sample["raw_hex"].as_str().unwrap_or_default());
        sample["raw_hex"] = begun.clone().into();
    }
    samples
}

/// What a sample says by the best of its readers; `Err`: how it differs from what is expected.
fn try_one(profiles: &Profiles, reader: &Reader, sample: &serde_json::Value) -> Result<(), String> {
    let expected = Expected::of(sample);
    let mut why = String::new();
    for name in &reader.by {
        let Some(profile) = profiles.get(name) else { return Err(format!("no profile `{name}`")) };
        let said = read::sample(profile, profiles, sample);
        match expected.compare(&said) {
            Ok(()) => return Ok(()),
            Err(differs) => why.push_str(&format!("\n      by {name}: {differs}")),
        }
    }
    Err(why)
}

#[test]
fn every_recorded_sample_is_read_as_expected_or_listed_with_the_reason() {
    let recordings = recordings();
    assert!(!recordings.is_empty(), "some are always there");
    let known: Known = toml::from_str(include_str!("known.toml")).expect("known.toml");
    let (profiles, problems) = profiles_from(SHIPPED.iter().copied());
    assert!(problems.is_empty(), "{problems:?}");
    let (mut wrong, mut read, mut listed) = (String::new(), 0, 0);
    for (name, recording) in &recordings {
        let Some(reader) = known.reader.get(name) else {
            wrong.push_str(&format!("{name}: known.toml names no reader\n"));
            continue;
        };
        if reader.not.is_some() {
            listed += recording.samples.len();
            continue;
        }
        for (n, sample) in whole(&recording.samples).iter().enumerate() {
            let otherwise =
                known.otherwise.iter().find(|o| o.recording == *name && o.samples.contains(&n));
            match (try_one(&profiles, reader, sample), otherwise) {
                (Ok(()), None) => read += 1,
                (Err(_), Some(listing)) => {
                    assert!(!listing.why.is_empty(), "{name}: a reason is wanted");
                    listed += 1;
                }
                (Ok(()), Some(_)) => {
                    wrong.push_str(&format!(
                        "{name} [{n}] is read as expected: no need to list it\n"
                    ));
                }
                (Err(why), None) => wrong.push_str(&format!("{name} [{n}]{why}\n      {sample}\n")),
            }
        }
    }
    println!("{read} samples are read as expected, {listed} are listed with the reason why not");
    assert!(wrong.is_empty(), "\n{wrong}");
}
