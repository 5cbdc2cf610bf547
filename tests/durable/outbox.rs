//! P9: a promise is kept until the far side takes it, or a person has answered.

use careloop::domain::{Act, Outcome, Report, Span};
use careloop::inbox::Arrival;
use careloop::store::keep::{Keep, Kept};
use careloop::store::outbox::Promise;
use careloop::store::views::Sent;

use crate::hub::{Hub, attempt, heard, moved};

fn due(hub: &mut Hub) -> Vec<Promise> {
    let wall = hub.now + hub.gateway().offset();
    hub.reader().due(wall, 100).expect("the outbox").0
}

fn sent(hub: &Hub, n: u32) -> Vec<Sent> {
    hub.reader().deliveries(&hub.incident(n).id).expect("deliveries")
}

fn failed() -> Report {
    Report::Failed { why: "busy".to_owned(), last: false }
}

fn alarmed() -> Hub {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("help-button", "help true"));
    hub
}

#[test]
fn what_failed_or_is_unknown_is_tried_again_and_counted() {
    let mut hub = alarmed();
    assert_eq!(due(&mut hub).len(), 2, "the daughter and Wang");
    let again = Some(Span::seconds(5));
    for (tries, report) in [failed(), Report::Unknown { why: "cut".to_owned() }].iter().enumerate()
    {
        hub.handle([attempt(1, 1, report.clone(), again)]);
        let one = sent(&hub, 1).remove(0);
        assert_eq!(usize::try_from(one.attempts), Ok(tries + 1));
        assert!(due(&mut hub).iter().all(|p| p.id.k != 1), "not yet");
        hub.reopen();
        hub.now = hub.now + Span::seconds(5);
        let waiting = due(&mut hub);
        let one = waiting.iter().find(|p| p.id.k == 1).expect("it is due again");
        assert_eq!(usize::try_from(one.attempts), Ok(tries + 1));
    }
    hub.handle([attempt(1, 1, Report::Delivered, None)]);
    assert!(due(&mut hub).iter().all(|p| p.id.k != 1), "it is there");
    assert_eq!((sent(&hub, 1)[0].state.as_str(), sent(&hub, 1)[0].attempts), ("delivered", 3));
}

#[test]
fn an_answer_withdraws_what_waits_and_a_late_report_changes_only_what_is_known() {
    let mut hub = alarmed();
    hub.handle([attempt(1, 1, failed(), Some(Span::seconds(5)))]);
    hub.tell(moved(1, "wang", Act::Accept));
    assert_eq!(due(&mut hub), []);
    let states = |hub: &Hub| -> Vec<String> { sent(hub, 1).into_iter().map(|s| s.state).collect() };
    assert!(states(&hub).iter().all(|s| s == "superseded"));
    hub.handle([attempt(1, 1, failed(), Some(Span::ZERO)), attempt(1, 2, Report::Seen, None)]);
    assert_eq!(states(&hub)[..2], ["superseded", "seen"]);
    hub.now = hub.now + Span::seconds(60);
    assert_eq!(due(&mut hub), [], "nothing comes back");
    assert_eq!(sent(&hub, 1)[0].attempts, 2);
}

#[test]
fn a_far_side_that_is_told_in_vain_does_not_hide_the_next() {
    let mut hub = alarmed();
    let refused = Report::Failed { why: "no such number".to_owned(), last: true };
    hub.handle([attempt(1, 2, refused, None)]);
    let waiting = due(&mut hub);
    let channels: Vec<_> = waiting.iter().map(|p| p.contact.channel.as_str()).collect();
    assert_eq!(channels, ["screen", "radio"], "Wang's second channel, at once");
}

#[test]
fn the_most_urgent_goes_first_and_never_more_than_asked_for() {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("kitchen-leak", "leak true"));
    hub.now = hub.now + Span::seconds(1);
    hub.tell(heard("kitchen-smoke", "smoke true"));
    let levels: Vec<i64> = due(&mut hub).iter().map(|p| p.level).collect();
    assert_eq!(levels, [3, 3, 2, 2]);
    let (first, next) = hub.reader().due(hub.now, 3).expect("the outbox");
    assert_eq!((first.len(), next), (3, None));
    let (none, next) = hub.reader().due(hub.now - Span::hours(1), 3).expect("the outbox");
    assert_eq!((none.len(), next), (0, Some(hub.now - Span::seconds(1))));
}

#[test]
fn a_step_of_the_wall_clock_makes_nobody_wait() {
    let mut hub = alarmed();
    hub.handle([attempt(1, 1, failed(), Some(Span::seconds(5)))]);
    let now = hub.now;
    for offset in [Span::hours(-24), Span::hours(48)] {
        hub.gateway().set_clock(now, offset).expect("the clock is set");
        assert!(due(&mut hub).iter().all(|p| p.id.k != 1), "it is not sooner");
        hub.now = now + Span::seconds(5);
        assert!(due(&mut hub).iter().any(|p| p.id.k == 1), "and not later");
        hub.now = now;
    }
}

#[test]
fn a_home_that_moves_in_after_a_step_of_the_clock_has_the_right_time() {
    let mut hub = Hub::with_homes(1);
    let (now, offset) = (hub.now, Span::hours(7));
    hub.gateway().set_clock(now, offset).expect("the clock is set");
    hub.gateway().register(now, &crate::hub::homes(2)).expect("another home");
    hub.handle([crate::hub::input("h2", heard("help-button", "help true"))]);
    assert_eq!(hub.incidents()[0].alarmed_at, Some(now + offset));
    hub.reopen();
    assert_eq!(hub.gateway().offset(), offset);
}

#[test]
fn a_case_that_is_closed_is_told_to_nobody() {
    let mut hub = alarmed();
    hub.tell(moved(1, "wang", Act::OnScene));
    hub.tell(moved(1, "wang", Act::Resolve { outcome: Outcome::Safe, note: String::new() }));
    hub.now = hub.now + Span::hours(24);
    hub.handle([]);
    assert!(!due(&mut hub).is_empty(), "somebody must verify it");
    hub.tell(moved(1, "li", Act::Verify));
    assert_eq!(due(&mut hub), []);
}

#[test]
fn what_the_listener_keeps_survives() {
    let mut hub = Hub::with_homes(1);
    let text = |text: &str| text.to_owned();
    let queue = |n| Keep::Queue {
        client: text("c"),
        n,
        topic: text("t"),
        payload: vec![0, 255],
        qos: 1,
        retain: true,
    };
    let retain = |topic: &str, payload: &[u8]| Keep::Retain {
        topic: text(topic),
        payload: payload.to_vec(),
        qos: 1,
    };
    let taken = |packet, done| Keep::Taken { client: text("c"), packet, done };
    let session = |client: &str| Keep::Session { client: text(client), state: text("{}") };
    let keep = vec![
        retain("a", b"1"),
        retain("a", b"2"),
        retain("b", b"gone"),
        retain("b", b""),
        session("c"),
        session("d"),
        queue(2),
        queue(1),
        queue(3),
        Keep::Unqueue { client: text("c"), n: 2 },
        taken(7, false),
        taken(8, false),
        taken(8, true),
        Keep::Forget { client: text("d") },
    ];
    hub.handle([Arrival::Keep(keep)]);
    hub.reopen();
    let kept = hub.reader().kept().expect("it can be read");
    assert_eq!(
        kept,
        Kept {
            retained: vec![(text("a"), b"2".to_vec(), 1)],
            sessions: vec![(text("c"), text("{}"))],
            queued: vec![queue(1), queue(3)],
            taken: vec![(text("c"), 7)],
        }
    );
    hub.handle([Arrival::Keep(vec![Keep::Forget { client: text("c") }])]);
    let kept = hub.reader().kept().expect("it can be read");
    assert!(kept.sessions.is_empty() && kept.queued.is_empty() && kept.taken.is_empty());
}

#[test]
fn what_was_begun_and_never_reported_is_known_as_such_after_a_crash() {
    let mut hub = alarmed();
    let begun = |hub: &mut Hub| due(hub).iter().map(|p| (p.id.k, p.begun)).collect::<Vec<_>>();
    assert_eq!(begun(&mut hub), [(1, false), (2, false)]);
    let first = due(&mut hub)[0].id.clone();
    hub.handle([Arrival::Sending(vec![first.clone()])]);
    hub.reopen();
    assert_eq!(begun(&mut hub), [(1, true), (2, false)], "it may have gone out");
    assert_eq!(sent(&hub, 1)[0].state, "sending");
    let cut = Report::Unknown { why: "cut off".to_owned() };
    hub.handle([attempt(1, 1, cut, Some(Span::ZERO))]);
    assert!(due(&mut hub).iter().all(|p| !p.begun), "it is due as one that is unknown");
    // A note that comes after the answer of the far side takes nothing back.
    hub.handle([attempt(1, 1, Report::Delivered, None), Arrival::Sending(vec![first])]);
    assert_eq!(sent(&hub, 1)[0].state, "delivered");
}
