//! The kept corpus of `fuzz/`, through the same targets, on a stable compiler: what once broke them
//! stays mended.

#![expect(clippy::print_stdout, reason = "whoever sees it fail wants to know on what")]

use std::fs;
use std::path::Path;

#[path = "../fuzz/targets/mod.rs"]
mod targets;

#[test]
fn every_target_survives_its_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, run) in targets::ALL {
        let mut tried = 0;
        for entry in fs::read_dir(corpus.join(name)).expect("it has a corpus") {
            let path = entry.expect("it can be listed").path();
            let bytes = fs::read(&path).expect("it can be read");
            // Its name is the last that is said, should it break the target.
            println!("{}", path.display());
            run(&bytes);
            tried += 1;
        }
        assert!(10 <= tried, "the corpus of `{name}` is gone: {tried} inputs");
    }
}
