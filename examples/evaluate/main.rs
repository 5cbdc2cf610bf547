//! Recordings of real homes and people, through careloop's own code. Prints a page of Markdown:
//!
//! ```sh
//! cargo run --release --example evaluate -- FOLDER > tests/evaluation/README.md
//! ```

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a tool that reads what it knows, not the daemon"
)]

mod homes;
mod whole;
mod inactivity;
mod page;
mod vitals;
mod water;
mod whereabouts;

use std::path::PathBuf;
use std::sync::Arc;

use careloop::engine::Book;

fn main() {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.expect("name the folder of the recordings");
    let rules = ("rules.toml", include_str!("../../config/rules.toml"));
    let plans = ("plans.toml", include_str!("../../config/plans.toml"));
    let book = Book::read(rules, plans).expect("the shipped rules are right");
    print!("{}", page::page(&folder, &Arc::new(book)));
}
