//! The rule book is another while the hub runs: in force in the commit in which the homes hear of it,
//! or not at all.

use std::sync::Arc;

use careloop::domain::{Span, Stage};
use careloop::engine::BookTexts;

use crate::hub::{Hub, SHIPPED, heard, homes};
use crate::recovery::is_replayed;

const STAY: &str = include_str!("stay.toml");
const DOOR: &str = include_str!("door.toml");

/// From here on the file says this.
fn edit(hub: &mut Hub, rules: &str) {
    let plans = SHIPPED.book_texts.plans.clone();
    let texts = BookTexts { rules: rules.to_owned(), plans };
    hub.book = (Arc::new(texts.read().expect("the book is right")), texts);
}

/// A hub that has been going by `STAY` for six minutes, in which nobody was in bed.
fn hub() -> Hub {
    let mut hub = Hub::bare();
    edit(&mut hub, STAY);
    hub.reload(&homes(2));
    hub.tell(heard("bed-pad", "in_bed false"));
    hub.wait(Span::minutes(6));
    hub
}

fn rules(hub: &Hub) -> Vec<String> {
    hub.incidents().iter().map(|shown| shown.incident.rule.to_string()).collect()
}

#[test]
fn a_new_rule_acts_at_once_and_what_an_old_one_waits_for_goes_on() {
    for reopened in [false, true] {
        let mut hub = hub();
        let begun = hub.now - Span::minutes(6);
        hub.tell(heard("front-door", "open true"));
        assert_eq!(rules(&hub), [""; 0], "nobody asked");
        edit(&mut hub, &format!("{DOOR}{STAY}"));
        hub.reload(&homes(2));
        assert_eq!(rules(&hub), ["door"], "it is open, and somebody asks now");
        if reopened {
            hub.reopen();
        }
        hub.wait(Span::minutes(5));
        assert_eq!(rules(&hub), ["stay", "door"]);
        assert_eq!(hub.incident(2).incident.detected_at, begun + Span::minutes(10));
        // A rule that is gone leaves what it began to people.
        edit(&mut hub, DOOR);
        hub.reload(&homes(1));
        assert_eq!(hub.incident(2).incident.stage, Stage::Alarmed);
        is_replayed(&mut hub);
        hub.reopen();
        is_replayed(&mut hub);
        let digests = hub.rows("SELECT count(*) FROM book");
        assert_eq!(
            digests,
            ["[Integer(4)]"],
            "every book that was in force is kept, and the first"
        );
    }
}

#[test]
fn a_rule_that_is_switched_off_begins_nothing_and_leaves_what_it_began_to_people() {
    let mut hub = hub();
    hub.wait(Span::minutes(5));
    assert_eq!(rules(&hub), ["stay"]);
    let door = DOOR.replace("emergency = { of = [\"open\"] }", "expression = { when = \"open\" }");
    let off = "off = { by = \"ma\", on = \"2026-11-28\", why = \"it cries wolf\" }";
    edit(&mut hub, &format!("{door}{STAY}").replace("source", &format!("{off}\nsource")));
    hub.reload(&homes(2));
    hub.tell(heard("front-door", "open true"));
    hub.tell(heard("bed-pad", "in_bed true"));
    hub.wait(Span::minutes(20));
    assert_eq!(rules(&hub), ["stay"], "the door is open, and nobody asks");
    assert_eq!(hub.incident(1).incident.stage, Stage::Alarmed, "and nothing ends by itself");
    is_replayed(&mut hub);
    hub.reopen();
    // Switched on again it finds what stands.
    edit(&mut hub, &format!("{door}{STAY}"));
    hub.reload(&homes(2));
    assert_eq!(rules(&hub), ["door", "stay"]);
    is_replayed(&mut hub);
}

#[test]
fn a_book_whose_commit_fails_is_not_in_force() {
    for table in ["book", "journal"] {
        let mut hub = hub();
        let sound = (hub.disk(), hub.gateway().wake(), hub.states());
        let old = hub.book.clone();
        edit(&mut hub, &format!("{DOOR}{STAY}"));
        let registered = hub.registered(&homes(2));
        hub.sql(&format!(
            "CREATE TRIGGER fault BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END"
        ));
        assert!(hub.try_handle([registered]).is_err(), "{table}");
        hub.sql("DROP TRIGGER fault");
        assert_eq!((hub.disk(), hub.gateway().wake(), hub.states()), sound, "{table}");
        // Nor is it for a home that comes in afterwards.
        let now = hub.now;
        hub.gateway().register(now, &homes(3)).expect("it moves in");
        hub.tell(heard("front-door", "open true"));
        assert_eq!(rules(&hub), [""; 0], "{table}");
        let new = std::mem::replace(&mut hub.book, old);
        is_replayed(&mut hub);
        hub.book = new;
        hub.reload(&homes(3));
        assert_eq!(rules(&hub), ["door"], "{table}");
        is_replayed(&mut hub);
    }
}
