//! A home is forgotten: nothing of it is left in the file, the record stands, and all others live on.

use std::sync::Arc;

use careloop::domain::{Act, Consent, Deletion, Home, Outcome, Refusal, Scope, Span, Time};
use careloop::inbox::{Answer, Arrival, Forget};
use careloop::store::Reader;
use careloop::store::forget::Progress;
use careloop::store::keep::Keep;

use crate::hub::{Hub, heard, homes, id, input, moved};

/// Stands in names, addresses, notes and payloads of the first home, and nowhere else.
const MARK: &str = "Marigold";

fn wish() -> Arrival {
    let (home, by, why) = (id("h1"), id("li"), "she has moved away".to_owned());
    Arrival::Forget(Forget { home, people: Vec::new(), by, why })
}

/// Whose name is told.
fn named(home: &Home) -> Arc<Home> {
    let consents = vec![Consent {
        scope: Scope::Health,
        purpose: format!("so that somebody comes to {MARK}"),
        by: MARK.to_owned(),
        on: "2026-01-10".parse().expect("a day"),
        withdrawn: None,
    }];
    let (name, address) = (format!("Mrs {MARK}"), format!("{MARK} Lane 3"));
    Arc::new(Home { name, address, consents, ..home.clone() })
}

/// One incident of a home from beginning to end.
fn go_through(hub: &mut Hub, home: &str, n: u32, said: &str) {
    hub.handle([input(home, heard("help-button", "help true"))]);
    hub.wait(Span::minutes(3));
    let note = Act::Note { text: format!("{said} is on the floor") };
    let resolve = Act::Resolve { outcome: Outcome::Assisted, note: format!("{said} is up again") };
    let acts = [(Act::Accept, "wang"), (Act::OnScene, "wang"), (note, "wang"), (resolve, "wang")];
    for (act, by) in acts.into_iter().chain([(Act::Verify, "li")]) {
        assert_eq!(hub.handle([input(home, moved(n, by, act))]), [Answer::Done]);
    }
}

/// Two homes live side by side for a while; of the first everything bears the mark.
fn lived() -> Hub {
    let mut hub = Hub::bare();
    let mut both = homes(2);
    for home in &mut both {
        let mut quiet = (**home).clone();
        quiet.devices.iter_mut().for_each(|device| device.quiet_after = None);
        *home = Arc::new(quiet);
    }
    both[0] = named(&both[0]);
    let now = hub.now;
    hub.gateway().register(now, &both).expect("they move in");
    let address = format!("{MARK} Lane 4");
    both[0] = Arc::new(Home { address, ..(*both[0]).clone() });
    hub.gateway().register(now, &both).expect("it is put on record that it was Lane 3");
    for n in 1..=4 {
        for chatter in 0..300 {
            let said = format!("temperature {}", 20 + chatter % 5);
            hub.handle(["h1", "h2"].map(|home| input(home, heard("bed-pad", &said))));
        }
        go_through(&mut hub, "h1", n, MARK);
        go_through(&mut hub, "h2", n, "somebody");
        hub.gateway().save().expect("it saves");
        hub.wait(Span::minutes(20));
    }
    let (topic, payload) = ("zigbee2mqtt/bed-pad".to_owned(), format!("{{\"by\":\"{MARK}\"}}"));
    hub.handle([crate::bounds::stranger(&topic, payload.as_bytes())]);
    hub.handle([Arrival::Keep(vec![Keep::Retain { topic, payload: payload.into(), qos: 1 }])]);
    hub.handle([Arrival::Deed(crate::deeds::deed("wang"))]);
    let half = hub.now - Span::minutes(50);
    hub.gateway().fold(half).expect("it folds");
    hub
}

/// How often the mark stands in the file and in the log beside it.
fn marks(hub: &Hub) -> usize {
    let mut log = hub.path.clone().into_os_string();
    log.push("-wal");
    let files = [hub.path.clone(), log.into()];
    let bytes = files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default());
    bytes.collect::<Vec<_>>().windows(MARK.len()).filter(|part| *part == MARK.as_bytes()).count()
}

fn forget(hub: &mut Hub) -> Deletion {
    match hub.handle([wish()]).pop() {
        Some(Answer::Forgotten(deletion)) => *deletion,
        other => unreachable!("it is forgotten, and not {other:?}"),
    }
}

fn finish(hub: &mut Hub) {
    while hub.gateway().go_on_forgetting().expect("it goes on") == Progress::More {}
    assert!(!hub.gateway().is_forgetting());
}

fn seal(reader: &Reader) -> String {
    let audit = reader.audit().expect("it can be audited");
    assert_eq!(audit.broken, None);
    audit.seal
}

/// What is kept of the second home.
fn of_the_other(hub: &mut Hub) -> Vec<Vec<String>> {
    hub.gateway().save().expect("it saves");
    let tables = ["incident", "delivery", "entry", "journal", "saved", "base"];
    tables.map(|t| hub.rows(&format!("SELECT * FROM {t} WHERE home = 'h2'"))).to_vec()
}

/// Gone, sound, and the other as it was.
fn is_forgotten(hub: &mut Hub, seal_before: &str, other: &[Vec<String>]) {
    assert_eq!(marks(hub), 0, "no byte of it is left");
    assert_eq!(seal(&hub.reader()), seal_before, "nothing else of the record was touched");
    assert_eq!(hub.reader().audit_deeds().expect("it can be audited").broken, None);
    assert_eq!(of_the_other(hub), other);
    crate::recovery::is_replayed(hub);
    let left = hub.rows("SELECT * FROM journal WHERE home = 'h1'");
    assert_eq!((left, hub.reader().forgetting().expect("marks")), (Vec::new(), Vec::new()));
}

#[test]
fn no_byte_of_a_home_is_left_and_the_record_stands() {
    let mut hub = lived();
    assert!(100 < marks(&hub), "there is something to delete");
    let (before, other) = (seal(&hub.reader()), of_the_other(&mut hub));
    let count = |table: &str| {
        let all = hub.rows(&format!("SELECT * FROM {table} WHERE home = 'h1'"));
        u64::try_from(all.len()).expect("a number")
    };
    let (lines, journal) = (count("entry"), count("journal"));

    let deletion = forget(&mut hub);
    finish(&mut hub);
    is_forgotten(&mut hub, &before, &other);

    // What was deleted is a deed, with how much it was.
    assert_eq!((deletion.tombstones["entry"].lines, deletion.tombstones["deed"].lines), (lines, 1));
    assert_eq!((deletion.rows["journal"], deletion.rows["incident"]), (journal, 4));
    assert_eq!((deletion.rows["strange"], deletion.rows["retained"]), (1, 1));
    assert_eq!(deletion.seal, before);
    let (_, deed) = hub.reader().deeds_in_full(Some(&id("h1"))).expect("deeds").pop().expect("one");
    assert_eq!((deed.deed.by.as_str(), deed.deletion), ("li", Some(deletion)));
    // Who read its address is still known.
    assert_eq!(hub.reader().deeds(Some(&id("h1"))).expect("deeds")[0].1.by, "wang");

    // And the hub lives on: nobody is known there, and whoever moves in gives no number twice.
    let unknown = Answer::Unknown("there is no home `h1`".to_owned());
    assert_eq!(hub.tell(heard("bed-pad", "in_bed true")), unknown);
    hub.reopen();
    let now = hub.now;
    hub.gateway().register(now, &homes(2)).expect("somebody moves in");
    hub.tell(heard("help-button", "help true"));
    assert_eq!(hub.incident(5).id.n, 5);
    crate::recovery::is_replayed(&mut hub);
    assert_ne!(seal(&hub.reader()), before);
}

#[test]
fn what_is_cut_off_has_not_begun_or_is_complete_at_the_next_start() {
    let mut hub = lived();
    let (before, other) = (seal(&hub.reader()), of_the_other(&mut hub));
    let all = ["journal", "entry", "incident", "deed", "meta"];
    let all = all.map(|table| format!("SELECT * FROM {table}"));
    let as_it_was = all.clone().map(|sql| hub.rows(&sql));
    hub.sql(
        "CREATE TRIGGER no BEFORE INSERT ON deed WHEN NEW.deed LIKE '%moved away%'
         BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    assert!(hub.try_handle([wish()]).is_err(), "it cannot be put on record");
    hub.sql("DROP TRIGGER no");
    assert_eq!(all.map(|sql| hub.rows(&sql)), as_it_was, "then nothing is deleted");
    crate::recovery::is_replayed(&mut hub);
    assert_eq!(hub.tell(heard("bed-pad", "temperature 21")), Answer::Done);

    forget(&mut hub);
    // The journal still has it, and a replay does not mind.
    assert_ne!(hub.rows("SELECT * FROM journal WHERE home = 'h1'"), [""; 0]);
    crate::recovery::is_replayed(&mut hub);
    hub.reopen();
    is_forgotten(&mut hub, &before, &other);
}

#[test]
fn whatever_is_open_there_is_closed_first() {
    let mut hub = lived();
    hub.tell(heard("help-button", "help true"));
    assert_eq!(hub.handle([wish()]), [Answer::Refused(Refusal::StillOpen { n: 5 })]);
    assert!(100 < marks(&hub));
    let nobody = Forget { home: id("h9"), people: Vec::new(), by: id("li"), why: String::new() };
    let unknown = Answer::Unknown("there is no home `h9`".to_owned());
    assert_eq!(hub.handle([Arrival::Forget(nobody)]), [unknown]);
}

/// Ways to hide something behind a deletion, or to hide a deletion; each is found. `?1`: a line of the other
/// home, `?2`: one that was deleted.
const TOUCHES: [&str; 10] = [
    "UPDATE entry SET entry = '', salt = NULL, digest = NULL, forgotten = 3 WHERE id = ?1",
    "UPDATE entry SET entry = '', salt = NULL, digest = NULL, forgotten = 0 WHERE id = ?1",
    "UPDATE entry SET entry = '' WHERE id = ?1",
    "UPDATE entry SET digest = upper(digest) WHERE id = ?2",
    "UPDATE entry SET digest = NULL, hash = upper(hash) WHERE id = ?2",
    "UPDATE entry SET forgotten = NULL WHERE id = ?2",
    "UPDATE entry SET forgotten = 1 WHERE id = ?2",
    "UPDATE entry SET at = at + 1 WHERE id = ?2",
    "UPDATE entry SET digest = NULL, n = n + 1 WHERE id = ?2",
    "DELETE FROM entry WHERE id = ?2",
];

#[test]
fn nothing_else_can_be_blanked_in_the_name_of_a_deletion() {
    let mut hub = lived();
    forget(&mut hub);
    finish(&mut hub);
    let find = |sql: &str| -> String {
        let row = hub.rows(sql).pop().expect("a row");
        row.chars().filter(char::is_ascii_digit).collect()
    };
    let other = find("SELECT min(id) FROM entry WHERE home = 'h2'");
    let gone = find("SELECT min(id) + 3 FROM entry WHERE home = 'h1'");
    hub.sql("CREATE TABLE sound AS SELECT * FROM entry");
    let broken = |hub: &Hub| hub.reader().audit().expect("it can be audited").broken;
    for touch in TOUCHES {
        hub.sql(&touch.replace("?1", &other).replace("?2", &gone));
        assert!(broken(&hub).is_some(), "{touch}");
        hub.sql("DELETE FROM entry; INSERT INTO entry SELECT * FROM sound");
        assert_eq!(broken(&hub), None);
    }
    hub.sql("UPDATE deed SET deed = replace(deed, 'deletion', 'delivered') WHERE id = 3");
    assert!(broken(&hub).is_some(), "a deletion that nobody answers for");
}

#[test]
fn lines_of_an_earlier_program_are_proven_by_the_deed_alone() {
    let mut hub = lived();
    let sealed = hub.rows("SELECT id, hash FROM entry");
    // As the program of form 3 wrote them.
    crate::forms::without_salt(&hub);
    assert_ne!(hub.rows("SELECT id, hash FROM entry"), sealed);
    hub.reopen();
    let before = seal(&hub.reader());
    forget(&mut hub);
    finish(&mut hub);
    assert_eq!((marks(&hub), seal(&hub.reader())), (0, before));
    let first = "(SELECT min(id) FROM entry WHERE home = 'h1')";
    hub.sql(&format!("UPDATE entry SET n = n + 1 WHERE id = {first}"));
    assert!(hub.reader().audit().expect("it can be audited").broken.is_some());
}

#[test]
fn what_is_left_of_it_goes_when_its_time_is_over() {
    let mut hub = lived();
    forget(&mut hub);
    finish(&mut hub);
    let second = hub.rows("SELECT at FROM entry WHERE home = 'h1' AND n = 2 LIMIT 1");
    let second: String = second[0].chars().filter(char::is_ascii_digit).collect();
    let tombstones = |hub: &Hub| hub.reader().audit().expect("it can be audited").forgotten;
    let all = tombstones(&hub);
    // The deeds are to be gone altogether, but one proves what is still there.
    hub.gateway().forget_deeds(Time(i64::MAX)).expect("it forgets");
    assert_eq!(hub.reader().audit_deeds().expect("it can be audited").entries, 1);

    let until = Time(second.parse().expect("a time"));
    hub.gateway().forget(until).expect("it forgets");
    seal(&hub.reader());
    let left = tombstones(&hub);
    assert!(0 < left && left < all, "{left} of {all}");
    hub.gateway().forget(Time(i64::MAX)).expect("it forgets");
    seal(&hub.reader());
    assert_eq!(tombstones(&hub), 0);
    hub.gateway().forget_deeds(Time(i64::MAX)).expect("it forgets");
    assert_eq!(hub.reader().audit_deeds().expect("it can be audited").entries, 0);
    assert_eq!(hub.rows("SELECT * FROM meta WHERE key LIKE '%forgotten%'"), [""; 0]);
}

#[test]
fn what_is_over_behind_something_that_is_open_says_nothing_any_more() {
    let mut hub = lived();
    hub.handle([input("h2", heard("kitchen-smoke", "smoke true"))]);
    go_through(&mut hub, "h1", 5, MARK);
    hub.gateway().forget(Time(i64::MAX)).expect("it forgets");
    let said = |n: u32| {
        let sql = format!("SELECT * FROM entry WHERE home = 'h1' AND n = {n} AND entry <> ''");
        hub.rows(&sql).len()
    };
    assert_eq!((said(1), said(5)), (0, 0));
    seal(&hub.reader());
    assert!(0 < hub.reader().audit().expect("it can be audited").forgotten);
    let (_, deed) = hub.reader().deeds_in_full(None).expect("deeds").pop().expect("one");
    assert_eq!(deed.deed.by, "careloop");
    assert_eq!(hub.incidents().len(), 1, "what is open is not forgotten");
}
