//! P11: it starts, whatever the file has become; and what can be read of it is carried over.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};

use careloop::domain::{Act, Span, Stage};
use careloop::inbox::Arrival;
use careloop::store::keep::Keep;
use careloop::store::{Setback, Store, StoreError};
use proptest::prelude::*;

use crate::hub::{Hub, heard, homes, input, moved};

/// A hub with an open incident, telemetry before and after it, and something kept; all of it in
/// the file itself, and none in the log beside it.
fn lived() -> Hub {
    let mut hub = Hub::with_homes(2);
    let chatter = |n: i32| input("h1", heard("bed-pad", &format!("temperature {}", 20 + n % 5)));
    hub.handle((0..2000).map(chatter));
    hub.tell(heard("help-button", "help true"));
    hub.tell(moved(1, "wang", Act::Accept));
    let retain = Keep::Retain { topic: "t".to_owned(), payload: b"x".to_vec(), qos: 1 };
    hub.handle([Arrival::Keep(vec![retain])]);
    hub.handle((0..2000).map(chatter));
    hub.kill();
    hub.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    hub
}

fn overwrite(hub: &Hub, at: u64, garbage: &[u8]) {
    let mut file = OpenOptions::new().write(true).open(&hub.path).expect("the file");
    file.seek(SeekFrom::Start(at)).expect("the place");
    file.write_all(garbage).expect("it is harmed");
}

fn length(hub: &Hub) -> u64 {
    std::fs::metadata(&hub.path).expect("the file").len()
}

/// It goes on: the homes move in if they must, and a call for help is heard.
fn goes_on(hub: &mut Hub) {
    let now = hub.now;
    hub.gateway().register(now, &homes(2)).expect("they move in");
    hub.tell(heard("kitchen-smoke", "smoke true"));
    assert!(hub.incidents().iter().any(|i| i.incident.rule.as_str() == "smoke"));
    assert_eq!(hub.gateway().forgotten(), []);
    let (states, disk) = (hub.states(), hub.disk());
    assert_eq!(hub.reopen(), None);
    assert_eq!((hub.states(), hub.disk()), (states, disk), "and after the next start as well");
}

fn set_aside(setback: Option<Setback>) {
    let setback = setback.expect("a setback is told");
    assert!(setback.aside.exists(), "what is damaged is kept: {}", setback.aside.display());
}

#[test]
fn a_garbage_header_is_set_aside() {
    let mut hub = lived();
    overwrite(&hub, 0, &[0x55; 4096]);
    set_aside(hub.open());
    goes_on(&mut hub);
}

#[test]
fn an_empty_file_is_a_new_one() {
    let mut hub = lived();
    std::fs::write(&hub.path, "").expect("it is emptied");
    assert_eq!(hub.open(), None);
    goes_on(&mut hub);
}

#[test]
fn a_damaged_page_of_the_journal_costs_only_what_is_on_it() {
    let mut hub = lived();
    // Between the rows before and behind the incident there is nothing else in the file.
    let (size, page) = (4096, length(&hub) / 4096 / 3);
    let before = hub.disk();
    let rows = hub.rows("SELECT seq FROM journal").len();
    overwrite(&hub, page * size, &[0xAA; 4096]);
    set_aside(hub.open());
    assert_eq!(hub.disk(), before, "people lose nothing");
    let left = hub.rows("SELECT seq FROM journal").len();
    assert!(rows - 200 < left && left < rows, "{left} of {rows} rows are left");
    let last = hub.rows("SELECT max(seq) FROM journal");
    assert_eq!(last, [format!("[Integer({rows})]")], "also what is behind it");
    assert_eq!(hub.tell(moved(1, "wang", Act::OnScene)), careloop::inbox::Answer::Done);
    goes_on(&mut hub);
}

#[test]
fn a_truncated_file_is_set_aside() {
    for parts in [1, 3, 7] {
        let mut hub = lived();
        let file = OpenOptions::new().write(true).open(&hub.path).expect("the file");
        file.set_len(length(&hub) * parts / 8).expect("it is cut");
        set_aside(hub.open());
        goes_on(&mut hub);
    }
}

#[test]
fn a_torn_log_costs_only_what_was_never_answered_for_sure() {
    let mut hub = lived();
    hub.open();
    hub.tell(moved(1, "wang", Act::EnRoute));
    let log = hub.path.with_extension("db-wal");
    let mut bytes = Vec::new();
    let read = std::fs::File::open(&log).and_then(|mut f| f.read_to_end(&mut bytes));
    assert!(0 < read.expect("the log is there"));
    // The machine dies: the connection closes nothing.
    let copy = crate::hub::folder();
    let path = copy.path().join("careloop.db");
    std::fs::copy(&hub.path, &path).expect("a copy");
    let half = bytes.len() * 2 / 3;
    bytes[half..].fill(0x5A);
    std::fs::write(path.with_extension("db-wal"), bytes).expect("a torn log");
    hub.kill();
    hub.path = path;
    assert_eq!(hub.open(), None);
    let stage = hub.incident(1).incident.stage;
    assert!(matches!(stage, Stage::Accepted | Stage::EnRoute), "{stage}");
    goes_on(&mut hub);
}

#[test]
fn a_newer_file_is_left_alone() {
    let mut hub = lived();
    hub.sql("PRAGMA user_version = 99");
    hub.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    let before = std::fs::read(&hub.path).expect("the file");
    let refused = Store::open(&hub.path, hub.now);
    assert!(matches!(refused, Err(StoreError::Newer { found: 99, .. })));
    assert!(before == std::fs::read(&hub.path).expect("the file"), "not a byte is changed");
    hub.kill();
}

#[test]
fn a_row_that_cannot_be_read_costs_only_itself() {
    let mut hub = lived();
    hub.sql("UPDATE journal SET input = 'rubbish' WHERE seq = 100; UPDATE saved SET form = 99");
    assert_eq!(hub.open(), None);
    assert_eq!(hub.incident(1).incident.stage, Stage::Accepted);
    let now = hub.now + Span::hours(1);
    assert!(0 < hub.gateway().fold(now).expect("it folds"), "also beyond such a row");
    goes_on(&mut hub);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_starts_whatever_is_damaged(
        places in proptest::collection::vec((0.0..1.0_f64, proptest::collection::vec(any::<u8>(), 1..2000)), 1..4),
        cut in proptest::option::of(0.0..1.0_f64),
    ) {
        let mut hub = lived();
        for (place, garbage) in &places {
            // The header's form may say that the file is a newer one: that is another story.
            let at = 100 + scaled(length(&hub) - 100, *place);
            overwrite(&hub, at, garbage);
        }
        if let Some(cut) = cut {
            let file = OpenOptions::new().write(true).open(&hub.path).expect("the file");
            file.set_len(scaled(length(&hub), cut)).expect("it is cut");
        }
        hub.open();
        let now = hub.now;
        hub.gateway().register(now, &homes(2)).expect("they move in");
        hub.tell(heard("kitchen-smoke", "smoke true"));
        let told = hub.rows("SELECT 1 FROM incident i JOIN delivery d USING (home, n)
            WHERE i.incident LIKE '%\"rule\":\"smoke\"%' AND d.state = 'queued'");
        prop_assert!(!told.is_empty(), "the alarm goes out");
    }
}

fn scaled(length: u64, share: f64) -> u64 {
    let thousandths = (0..1000_u32).find(|n| share * 1000.0 <= f64::from(*n)).unwrap_or(999);
    length * u64::from(thousandths) / 1000
}
