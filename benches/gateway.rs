//! How fast the one writer is, and how soon it is back: `cargo bench --bench gateway [FOLDER…]`.
//!
//! Batches of 500 letters, each a message of a known device with three observations, to 1, 100 and
//! 10,000 homes; then a kill, and the time from opening the file until every engine is ready. Each
//! folder is measured; without any, memory-backed storage and the build's own folder.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench says what it rests on")]
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use careloop::config::{self, Config};
use careloop::device::{Decoded, Origin, RawMessage};
use careloop::domain::{Home, HomeId, Observation, Property, Span, Time, Value};
use careloop::gateway::{Follower, Gateway};
use careloop::inbox::{Arrival, Letter};
use careloop::store::{Reader, Store};

const START: Time = Time(1_768_460_400_000);
const BATCH: usize = 500;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = config::load(&root.join("config")).expect("the shipped config is right");
    let named: Vec<PathBuf> =
        std::env::args().skip(1).filter(|a| !a.starts_with('-')).map(PathBuf::from).collect();
    let usual = [PathBuf::from("/dev/shm"), PathBuf::from(env!("CARGO_TARGET_TMPDIR"))];
    let folders = if named.is_empty() { usual.to_vec() } else { named };
    println!(
        "{:>7} {:>9} {:>11} {:>9} {:>9}  on",
        "homes", "letters", "letters/s", "ready ms", "MB"
    );
    if let Some(folder) = folders.iter().find(|folder| folder.is_dir()) {
        replayed(&config, folder);
    }
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for (homes, letters) in [(1, 500_000), (100, 500_000), (10_000, 500_000)] {
            measure(&config, folder, homes, letters);
        }
    }
}

/// A month of one busy home: how long its journal takes to be replayed.
fn replayed(config: &Config, folder: &Path) {
    const OBSERVATIONS: usize = 500_000;
    let home = Arc::clone(config.homes.first().expect("a home"));
    let homes = [home];
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let path = folder.path().join("careloop.db");
    let (store, _) = Store::open(&path, START).expect("it opens");
    let gateway = Gateway::open(store, Arc::clone(&config.book), &config.book_texts);
    let mut gateway = gateway.expect("it opens");
    gateway.register(START, &homes).expect("they move in");
    let apart = Span(Span::hours(24 * 30).0 / i64::try_from(OBSERVATIONS / 3).unwrap_or(1));
    let mut now = START;
    for nth in 0..OBSERVATIONS / 3 / 100 {
        let batch: Vec<Letter> = (0..100).map(|n| letter(&homes, nth * 100 + n)).collect();
        now = now + Span(apart.0 * 100);
        gateway.handle(now, &batch).expect("it is stored");
    }
    drop(gateway);
    let reader = Reader::open(&path).expect("it opens");
    let book = (config.book_texts.digest(), Arc::clone(&config.book));
    let mut follower = Follower::new(&reader, book).expect("it can be followed");
    let begun = Instant::now();
    let mut rows = 0_u64;
    let follow = |row| {
        follower.follow(&row);
        rows += 1;
        Ok(())
    };
    reader.journal(0, follow).expect("it is read");
    println!(
        "{OBSERVATIONS} observations of 30 days replayed in {:?} ({rows} rows)",
        begun.elapsed()
    );
}

fn measure(config: &Config, folder: &Path, count: usize, letters: usize) {
    let like = config.homes.first().expect("a home");
    let name = |n: usize| format!("h{n}").parse::<HomeId>().expect("a name");
    let homes: Vec<Arc<Home>> =
        (0..count).map(|n| Arc::new(Home { id: name(n), ..(**like).clone() })).collect();
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let path = folder.path().join("careloop.db");
    let open = || {
        let (store, _) = Store::open(&path, START).expect("it opens");
        Gateway::open(store, Arc::clone(&config.book), &config.book_texts).expect("it recovers")
    };
    let mut gateway = open();
    gateway.register(START, &homes).expect("they move in");
    let batches: Vec<Vec<Letter>> = (0..letters / BATCH)
        .map(|nth| (0..BATCH).map(|n| letter(&homes, nth * BATCH + n)).collect())
        .collect();
    let begun = Instant::now();
    let mut now = START;
    for batch in &batches {
        now = now + Span::seconds(1);
        gateway.handle(now, batch).expect("it is stored");
    }
    let took = begun.elapsed();
    drop(gateway);
    let begun = Instant::now();
    let gateway = open();
    let ready = begun.elapsed();
    assert!(gateway.last().is_some_and(|(last, _)| last == now), "all of it is there");
    let bytes = std::fs::metadata(&path).map_or(0, |m| m.len());
    let per_second = f64::from(u32::try_from(letters).unwrap_or(u32::MAX)) / took.as_secs_f64();
    println!(
        "{count:>7} {letters:>9} {per_second:>11.0} {:>9} {:>9}  {}",
        ready.as_millis(),
        bytes / 1_000_000,
        folder.path().parent().unwrap_or(folder.path()).display()
    );
}

/// The bed pad says what it says every minute.
fn letter(homes: &[Arc<Home>], n: usize) -> Letter {
    let home = homes.get(n % homes.len()).expect("a home").id.clone();
    let tenth = |range: usize| f64::from(u32::try_from(n % range).unwrap_or(0)) / 10.0;
    let said = |property, value| Observation::new(property, Value::Number(value)).expect("a value");
    let observations = vec![
        said(Property::HeartRate, 60.0 + tenth(200)),
        said(Property::RespiratoryRate, 12.0 + tenth(50)),
        said(Property::Temperature, 20.0 + tenth(30)),
    ];
    let (device, problems) = ("bed-pad".parse().expect("a name"), Vec::new());
    let decoded = Decoded::Known { home, device, observations, problems };
    let origin = Origin::Mqtt("zigbee2mqtt/bed-pad".to_owned());
    let raw = RawMessage { origin, payload: br#"{"heart_rate":60}"#.to_vec(), retained: false };
    let arrival = Arrival::Message { raw, decoded, keep: Vec::new(), replaced: 0 };
    Letter { arrival, receipt: tokio::sync::oneshot::channel().0 }
}
