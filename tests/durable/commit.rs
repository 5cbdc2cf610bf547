//! P1: nothing is answered before the commit, and a commit that fails leaves no trace.

use careloop::domain::{Act, Report, Span};
use careloop::inbox::{Answer, Arrival};
use careloop::store::keep::Keep;

use crate::hub::{Hub, attempt, heard, input, moved};

/// A batch that writes every table there is.
fn batch() -> Vec<Arrival> {
    let kept = Keep::Retain { topic: "t".to_owned(), payload: b"x".to_vec(), qos: 1 };
    vec![
        Arrival::Keep(vec![kept]),
        crate::bounds::stranger("nobody/knows", b"rubbish"),
        input("h1", heard("bed-pad", "temperature 21.5")),
        input("h1", moved(1, "wang", Act::Accept)),
        attempt(1, 1, Report::Delivered, None),
        input("h1", heard("kitchen-smoke", "smoke true")),
    ]
}

#[test]
fn a_commit_that_fails_answers_nothing_and_leaves_no_trace() {
    let tables = ["journal", "entry", "delivery", "incident", "retained", "strange"];
    for table in tables {
        for event in ["INSERT", "UPDATE"] {
            let mut hub = Hub::with_homes(2);
            hub.tell(heard("help-button", "help true"));
            hub.now = hub.now + Span::seconds(1);
            let disk = (hub.disk(), hub.rows("SELECT * FROM journal"), hub.gateway().wake());
            let states = hub.states();
            hub.sql(&format!(
                "CREATE TRIGGER no BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END"
            ));
            let is_hit = hub.try_handle(batch()).is_err();
            let written = matches!((table, event), ("incident" | "delivery", _) | (_, "INSERT"));
            assert_eq!(is_hit, written, "{event} {table}");
            if !is_hit {
                continue;
            }
            hub.sql("DROP TRIGGER no");
            let after = (hub.disk(), hub.rows("SELECT * FROM journal"), hub.gateway().wake());
            assert_eq!(disk, after, "{event} {table}: the disk is as it was");
            assert_eq!(states, hub.states(), "{event} {table}: the engines are as they were");
            hub.reopen();
            assert_eq!(states, hub.states(), "{event} {table}: and so they are after a restart");

            let answers = hub.handle(batch());
            assert_eq!(answers.len(), 6, "the same letters are stored now");
            assert_eq!(answers[3], Answer::Done);
            assert_eq!(
                hub.incident(1).incident.accepted.map(|(by, _)| by.to_string()),
                Some("wang".to_owned())
            );
            assert_eq!(hub.reader().strangers().expect("strangers")[0].count, 1, "counted once");
            assert_eq!(hub.incidents().len(), 2);
        }
    }
}

#[test]
fn what_is_answered_survives_whatever_comes() {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("help-button", "help true"));
    let (disk, rows) = (hub.disk(), hub.rows("SELECT * FROM journal"));
    hub.reopen();
    assert_eq!((disk, rows), (hub.disk(), hub.rows("SELECT * FROM journal")));
}

#[test]
fn a_hub_that_cannot_be_rebuilt_does_nothing_until_it_can() {
    let mut hub = Hub::with_homes(1);
    let states = hub.states();
    hub.sql("CREATE TRIGGER no BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no'); END");
    hub.sql("ALTER TABLE saved RENAME TO elsewhere");
    assert!(hub.try_handle([input("h1", heard("help-button", "help true"))]).is_err());
    hub.sql("DROP TRIGGER no");
    let now = hub.now;
    assert!(hub.try_handle([]).is_err(), "the engines have seen what is not on disk");
    assert!(hub.gateway().save().is_err());
    assert!(hub.gateway().fold(now).is_err());
    hub.sql("ALTER TABLE elsewhere RENAME TO saved");
    assert_eq!(states, hub.states());
    hub.tell(heard("help-button", "help true"));
    assert_eq!(hub.incidents().len(), 1);
}

#[test]
fn a_clock_that_could_not_be_told_can_be_told_again() {
    let mut hub = Hub::with_homes(2);
    let (now, offset) = (hub.now, Span::hours(1));
    hub.sql("CREATE TRIGGER no BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no'); END");
    assert!(hub.gateway().set_clock(now, offset).is_err());
    assert_eq!(hub.gateway().offset(), Span::ZERO);
    hub.sql("DROP TRIGGER no");
    hub.gateway().set_clock(now, offset).expect("it is told");
    assert_eq!(hub.gateway().offset(), offset);
    hub.reopen();
    assert_eq!(hub.gateway().last(), Some((now, offset)));
}

#[test]
fn nothing_is_answered_when_everything_but_the_commit_itself_goes_well() {
    let mut hub = Hub::with_homes(1);
    let states = hub.states();
    hub.sql(
        "CREATE TABLE rock (id INTEGER PRIMARY KEY);
         CREATE TABLE straw (id INTEGER REFERENCES rock DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER no AFTER INSERT ON journal BEGIN INSERT INTO straw VALUES (1); END",
    );
    assert!(hub.try_handle([input("h1", heard("help-button", "help true"))]).is_err());
    hub.sql("DROP TRIGGER no");
    assert_eq!((hub.incidents().len(), hub.states()), (0, states));
    hub.tell(heard("help-button", "help true"));
    assert_eq!(hub.incidents().len(), 1);
}
