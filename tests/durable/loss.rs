//! P3 beyond recovery: where states and journal are lost, what is open on record is taken up, and no
//! number is given twice.

use careloop::domain::{Act, Outcome, Span, Stage};
use careloop::inbox::Answer;

use crate::hub::{Hub, heard, homes, moved};

/// All that is known of the homes is gone, but for incidents, record and outbox.
fn forgetful() -> Hub {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("help-button", "help true"));
    hub.tell(heard("kitchen-smoke", "smoke true"));
    hub.tell(moved(1, "wang", Act::OnScene));
    hub.tell(moved(1, "wang", Act::Resolve { outcome: Outcome::Safe, note: String::new() }));
    hub.tell(moved(1, "li", Act::Verify));
    hub.sql("DELETE FROM journal; DELETE FROM saved; DELETE FROM base");
    hub.reopen();
    let now = hub.now;
    hub.gateway().register(now, &homes(1)).expect("they move in");
    hub
}

#[test]
fn what_is_open_on_record_is_taken_up_and_climbs_on() {
    let mut hub = forgetful();
    assert_eq!(hub.gateway().forgotten(), []);
    let rung = hub.incident(2).incident.rung;
    hub.wait(Span::seconds(61));
    assert!(rung < hub.incident(2).incident.rung, "the ladder goes on");
    assert_eq!(hub.tell(moved(2, "wang", Act::OnScene)), Answer::Done);
    assert_eq!(hub.incident(2).incident.stage, Stage::OnScene);
    let (states, disk) = (hub.states(), hub.disk());
    hub.reopen();
    assert_eq!((hub.states(), hub.disk()), (states, disk));
}

#[test]
fn no_number_is_given_twice_and_a_new_alarm_goes_out() {
    let mut hub = forgetful();
    hub.now = hub.now + Span::hours(1);
    hub.tell(heard("help-button", "help true"));
    assert_eq!(hub.incident(1).incident.stage, Stage::Closed, "what is over stays as it was");
    assert_eq!(hub.incident(3).incident.rule.as_str(), "help");
    assert!(!hub.reader().deliveries(&hub.incident(3).id).expect("deliveries").is_empty());
}

#[test]
fn the_same_condition_does_not_begin_what_is_taken_up_a_second_time() {
    let mut hub = forgetful();
    hub.tell(heard("kitchen-smoke", "smoke true"));
    assert_eq!(hub.incidents().len(), 2);
}

#[test]
fn a_state_that_is_behind_the_record_does_not_open_what_is_closed() {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("help-button", "help true"));
    hub.gateway().save().expect("it saves");
    let last = hub.rows("SELECT max(seq) FROM journal").remove(0);
    hub.tell(moved(1, "wang", Act::OnScene));
    hub.tell(moved(1, "wang", Act::Resolve { outcome: Outcome::Safe, note: String::new() }));
    hub.tell(moved(1, "li", Act::Verify));
    let seq: String = last.chars().filter(char::is_ascii_digit).collect();
    hub.sql(&format!("DELETE FROM journal WHERE {seq} < seq"));
    hub.reopen();
    hub.wait(Span::hours(1));
    assert_eq!(hub.incident(1).incident.stage, Stage::Closed);
    hub.now = hub.now + Span::hours(1);
    hub.tell(heard("help-button", "help true"));
    assert_eq!(hub.incidents().len(), 2, "and the button works again");
}

#[test]
fn inputs_after_a_loss_are_not_taken_for_old_ones() {
    let mut hub = Hub::with_homes(1);
    for _ in 0..50 {
        hub.tell(heard("bed-pad", "temperature 21"));
    }
    hub.gateway().save().expect("it saves");
    hub.sql("DELETE FROM journal WHERE 10 < seq");
    hub.reopen();
    hub.tell(heard("help-button", "help true"));
    let states = hub.states();
    hub.sql("UPDATE saved SET form = 99");
    hub.reopen();
    assert_eq!(hub.incidents().len(), 1);
    // The base is from before the loss; what came after it is all there.
    hub.tell(moved(1, "wang", Act::Accept));
    assert_eq!(hub.incident(1).incident.stage, Stage::Accepted);
    assert_eq!(states.len(), 1);
}

#[test]
fn a_gap_in_the_record_is_never_sealed_over() {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("help-button", "help true"));
    hub.sql("DELETE FROM entry WHERE id = (SELECT max(id) FROM entry)");
    hub.reopen();
    hub.tell(moved(1, "wang", Act::Accept));
    assert!(hub.reader().audit().expect("it can be audited").broken.is_some());
}

#[test]
fn an_open_incident_whose_row_is_lost_or_cannot_be_read_is_still_open() {
    for harm in ["DELETE FROM incident", "UPDATE incident SET incident = CAST(x'7bff' AS TEXT)"] {
        let mut hub = Hub::with_homes(1);
        hub.tell(heard("help-button", "help true"));
        let row = hub.rows("SELECT * FROM incident");
        hub.sql(harm);
        hub.reopen();
        assert_eq!(hub.rows("SELECT * FROM incident"), row, "{harm}: it is shown again");
        hub.wait(Span::seconds(61));
        assert_eq!(hub.incident(1).incident.rung, 1, "{harm}: the ladder goes on");
    }
}

#[test]
fn a_delivery_that_cannot_be_read_does_not_hold_up_the_others() {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("help-button", "help true"));
    hub.sql("UPDATE delivery SET line = CAST(x'ff' AS TEXT) WHERE k = 1");
    assert_eq!(hub.reader().due(hub.now, 10).expect("the outbox").0.len(), 1);
}
