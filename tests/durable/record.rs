//! The record: a chain that shows every touch, and what is kept of it for how long.

use std::sync::Arc;

use careloop::domain::{Act, Outcome, Span, Stage, Time};
use careloop::inbox::Answer;
use careloop::store::audit::Audit;

use crate::hub::{Hub, heard, homes, moved};

fn audit(hub: &Hub) -> Audit {
    hub.reader().audit().expect("it can be audited")
}

/// One incident from beginning to end.
fn go_through(hub: &mut Hub, n: u32) {
    hub.tell(heard("help-button", "help true"));
    hub.wait(Span::minutes(3));
    hub.tell(moved(n, "wang", Act::Accept));
    hub.tell(moved(n, "wang", Act::OnScene));
    let resolve = Act::Resolve { outcome: Outcome::Assisted, note: "up again".to_owned() };
    hub.tell(moved(n, "wang", resolve));
    hub.tell(moved(n, "li", Act::Verify));
    hub.wait(Span::hours(1));
}

fn lived() -> Hub {
    let mut hub = Hub::bare();
    // Nobody misses a device here: what comes is what is told.
    let mut home = (*homes(1)[0]).clone();
    home.devices.iter_mut().for_each(|device| device.quiet_after = None);
    let now = hub.now;
    hub.gateway().register(now, &[Arc::new(home)]).expect("it moves in");
    (1..=3).for_each(|n| go_through(&mut hub, n));
    hub
}

/// Ways to touch entry `?1`; each changes the record.
const TOUCHES: [&str; 12] = [
    "UPDATE entry SET entry = entry || ' ' WHERE id = ?1",
    "UPDATE entry SET at = at + 1 WHERE id = ?1",
    "UPDATE entry SET n = n + 1 WHERE id = ?1",
    "UPDATE entry SET n = -1 WHERE id = ?1",
    "UPDATE entry SET home = 'h2' WHERE id = ?1",
    "UPDATE entry SET hash = upper(hash) || '0' WHERE id = ?1",
    "UPDATE entry SET id = 1000 + ?1 WHERE id = ?1",
    // Swapped with the one at the other end, seals and all.
    "UPDATE entry SET id = -id WHERE id IN (?1, ?2); UPDATE entry SET id = ?1 + ?2 + id WHERE id < 0",
    "DELETE FROM entry WHERE id = ?1",
    "DELETE FROM entry WHERE ?1 <= id",
    "DELETE FROM entry WHERE id <= ?1",
    "INSERT INTO entry SELECT 1000, home, n, at, entry, hash, salt, digest, forgotten FROM entry WHERE id = ?1;
     UPDATE entry SET id = ?2 + 1 WHERE id = 1000",
];

#[test]
fn every_touch_of_the_record_is_found() {
    let hub = lived();
    let count = audit(&hub).entries;
    assert_eq!(audit(&hub).broken, None);
    assert!(10 < count, "there is something to touch");
    hub.sql("CREATE TABLE sound AS SELECT * FROM entry");
    for touch in TOUCHES {
        for id in 1..=count {
            let other = if touch.contains("-id") { count + 1 - id } else { count };
            if touch.contains("-id") && other == id {
                continue;
            }
            hub.sql(&touch.replace("?1", &id.to_string()).replace("?2", &other.to_string()));
            let found = audit(&hub);
            assert!(found.broken.is_some() && found.entries <= count, "{touch}, entry {id}");
            hub.sql("DELETE FROM entry; INSERT INTO entry SELECT * FROM sound");
        }
    }
    assert_eq!(audit(&hub).broken, None);
}

#[test]
fn a_record_without_its_mark_is_not_sound() {
    let hub = lived();
    hub.sql("DELETE FROM meta WHERE key = 'record'");
    assert!(audit(&hub).broken.is_some());
}

#[test]
fn what_is_forgotten_leaves_a_sound_record_and_nothing_open_is_forgotten() {
    let mut hub = lived();
    hub.tell(heard("kitchen-smoke", "smoke true"));
    go_through(&mut hub, 5);
    let before = audit(&hub);
    let open = |hub: &Hub| {
        ["incident", "delivery", "entry"]
            .map(|t| hub.rows(&format!("SELECT * FROM {t} WHERE n = 4")))
    };
    let smoke = open(&hub);
    assert!(smoke.iter().all(|rows| !rows.is_empty()));

    // The second is the oldest that stays.
    let closed = hub.incident(1).closed_at.expect("it is closed");
    hub.gateway().forget(closed + Span(1)).expect("it forgets");
    assert_eq!(audit(&hub).broken, None);
    assert_eq!(hub.incidents().len(), 4);
    for table in ["incident", "delivery", "entry"] {
        assert_eq!(hub.rows(&format!("SELECT * FROM {table} WHERE n = 1")), [""; 0], "{table}");
        assert_ne!(hub.rows(&format!("SELECT * FROM {table} WHERE n = 2")), [""; 0], "{table}");
    }

    // All that is closed goes; what is open stays, however old.
    hub.gateway().forget(Time(i64::MAX)).expect("it forgets");
    let after = audit(&hub);
    assert_eq!((after.broken, after.seal), (None, before.seal));
    assert_eq!(open(&hub), smoke);
    assert_eq!(hub.incidents().len(), 1);

    // And goes on from there, also when nothing is left.
    hub.tell(moved(4, "wang", Act::OnScene));
    hub.tell(moved(4, "wang", Act::Resolve { outcome: Outcome::Safe, note: String::new() }));
    hub.tell(moved(4, "li", Act::Verify));
    hub.gateway().forget(Time(i64::MAX)).expect("it forgets");
    assert_eq!(audit(&hub).entries, 0);
    assert_eq!(audit(&hub).broken, None);
    hub.reopen();
    hub.tell(heard("help-button", "help true"));
    assert_eq!(audit(&hub).broken, None);
    assert_eq!(hub.incidents()[0].id.n, 6, "no number is given twice");
    hub.sql("DELETE FROM entry WHERE id = (SELECT min(id) FROM entry)");
    assert!(audit(&hub).broken.is_some());
}

#[test]
fn an_incident_has_one_row_and_a_deadline_until_it_is_closed() {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("help-button", "help true"));
    let alarmed = hub.incident(1);
    assert_eq!(alarmed.incident.stage, Stage::Alarmed);
    assert_eq!(alarmed.due_at, Some(hub.now + Span::seconds(60)));
    assert_eq!((alarmed.alarmed_at, alarmed.closed_at), (Some(hub.now), None));

    // The wall clock is stepped: the deadline is the same instant by another name.
    let now = hub.now;
    hub.gateway().set_clock(now, Span::hours(-30)).expect("the clock is set");
    assert_eq!(hub.incident(1).due_at, Some(now + Span::hours(-30) + Span::seconds(60)));
    hub.gateway().set_clock(now, Span::ZERO).expect("the clock is set");

    for act in [Act::OnScene, Act::Resolve { outcome: Outcome::Died, note: String::new() }] {
        hub.tell(moved(1, "wang", act));
        assert!(hub.incident(1).due_at.is_some());
    }
    hub.tell(moved(1, "li", Act::Verify));
    let closed = hub.incident(1);
    assert_eq!((closed.due_at, closed.closed_at), (None, Some(hub.now)));
    assert_eq!(closed.outcome.as_deref(), Some("died"));
    assert_eq!(hub.rows("SELECT count(*) FROM incident").len(), 1);
}

/// Whether an incident is open, in the store and, by what a move into it leads to, in the engine.
fn is_open(hub: &mut Hub, n: u32) -> bool {
    hub.reopen();
    let open = 0 < hub.reader().figures().expect("it can be counted").open_incidents;
    let note = Act::Note { text: "still here".to_owned() };
    let answer = hub.tell(moved(n, "wang", note));
    assert_eq!(matches!(answer, Answer::Done), open, "the engine knows the same: {answer:?}");
    open
}

#[test]
fn what_is_taken_up_again_is_open_again_on_disk_too() {
    let mut hub = lived();
    assert!(!is_open(&mut hub, 3));
    hub.tell(moved(3, "daughter", Act::Reopen { why: "she cannot stand".to_owned() }));
    assert!(is_open(&mut hub, 3), "P3: it is not forgotten");
    let outcome = Outcome::Hospital;
    hub.tell(moved(3, "wang", Act::OnScene));
    hub.tell(moved(3, "wang", Act::Resolve { outcome, note: String::new() }));
    hub.tell(moved(3, "li", Act::Verify));
    assert!(!is_open(&mut hub, 3));
}
