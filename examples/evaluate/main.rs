//! Recordings of real homes and people, through careloop's own code. Prints a page of Markdown:
//!
//! ```sh
//! cargo run --release --example evaluate -- FOLDER > tests/evaluation/README.md
//! ```

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::as_conversions,
    reason = "a tool, not the daemon"
)]

mod homes;
mod inactivity;

use std::path::PathBuf;

use careloop::baseline::LearnSettings;
use careloop::form::Sheet;

fn main() {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.expect("name the folder of the recordings");
    let sheet = Sheet::new("learning.toml", include_str!("learning.toml"));
    let settings = LearnSettings::read(sheet.form());
    assert_eq!(sheet.problems(), []);
    let settings = settings.expect("it has no problems");
    for home in homes::Recording::all(&folder) {
        println!("{}", inactivity::section(&home, &home.out, &settings));
    }
}
