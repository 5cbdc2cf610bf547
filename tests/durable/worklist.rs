//! Whom people have to see, read from the disk of a hub that was killed: the one on whom most hangs first.

use std::sync::Arc;

use careloop::domain::{Home, Input, PersonId, Said, Span, Standing};
use careloop::gateway::Follower;
use careloop::report::Worklist;
use careloop::store::views::Filter;

use crate::hub::{Hub, homes, id, input};

fn lists(hub: &Hub, by: Option<&PersonId>) -> Vec<Worklist> {
    let reader = hub.reader();
    let current = (hub.book.1.digest(), Arc::clone(&hub.book.0));
    let looks = Follower::caught_up(&reader, current).expect("it can be followed").looks();
    let open = Filter { open: Some(true), ..Filter::default() };
    let open = reader.incidents(&open).expect("it can be read");
    let open: Vec<_> = open.into_iter().map(|shown| (shown.id, shown.incident)).collect();
    let seen: Vec<_> = looks.iter().map(|look| look.seen(hub.now)).collect();
    Worklist::all(&seen, &open, by)
}

#[test]
fn overdue_goes_before_called_for_before_due_before_coming_and_what_is_far_is_not_named() {
    let tiers = ["quarterly", "monthly", "weekly", "quarterly"];
    let mut hub = Hub::with_homes(4);
    let wanted = |(home, tier): (Arc<Home>, &str)| {
        let mut home = (*home).clone();
        home.devices.clear();
        home.visits = Some(id(tier));
        Arc::new(home)
    };
    let wanted: Vec<_> = homes(4).into_iter().zip(tiers).map(wanted).collect();
    hub.reload(&wanted);
    hub.wait(Span::hours(20 * 24));
    let call = Said::Visit { why: id("heat-wave") };
    hub.handle([input("h4", Input::Said { by: id("li"), what: call })]);
    hub.wait(Span::minutes(1));
    hub.kill();

    let all = lists(&hub, None);
    let of = |list: &Worklist| -> Vec<(String, Standing)> {
        list.visits.iter().map(|visit| (visit.home.clone(), visit.standing)).collect()
    };
    let expected = [
        ("h3".to_owned(), Standing::Overdue),
        ("h4".to_owned(), Standing::Called),
        ("h2".to_owned(), Standing::Coming),
    ];
    assert_eq!(all.len(), 1, "those nearest to the residents go: {all:?}");
    assert_eq!(all[0].who, Some(id("wang")));
    assert_eq!(of(&all[0]), expected);
    assert_eq!(all[0].visits[0].last, None, "nobody has been there yet");
    assert_eq!(all[0].visits[1].calls, [id("heat-wave")]);
    assert!(!all[0].visits[0].incidents.is_empty(), "what was begun by it is what ends it");
    let nobody = lists(&hub, Some(&id("nobody")));
    assert_eq!((nobody.len(), nobody[0].visits.len()), (1, 0));
    assert_eq!(of(&lists(&hub, Some(&id("li")))[0]), expected);
}
