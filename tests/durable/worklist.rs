//! Whom somebody has to see, read from the disk of a hub: what hangs most on it first.

use std::sync::Arc;

use careloop::domain::{
    Act, Found, Grid, GridKind, Home, How, Input, Name, Origin, Outcome, PersonId, Said, Span,
    Standing, Time, Wish,
};
use careloop::gateway::Follower;
use careloop::inbox::{Answer, Look};
use careloop::report::{AskedFor, WantedVisit, Whose, worklist};
use careloop::store::views::Filter;

use crate::hub::{Hub, homes, id, input, moved};

/// Which tier each home has.
const TIERS: [Option<&str>; 9] = [
    Some("quarterly"),
    Some("monthly"),
    Some("weekly"),
    Some("weekly"),
    Some("weekly"),
    Some("weekly"),
    Some("weekly"),
    None,
    Some("quarterly"),
];

fn street() -> Hub {
    let mut hub = Hub::bare();
    let tiered = homes(TIERS.len()).into_iter().zip(TIERS).map(|(home, tier)| {
        let mut home = Home::clone(&home);
        // Nothing but visits.
        (home.devices, home.visits) = (Vec::new(), tier.map(id::<Name>));
        Arc::new(home)
    });
    let (now, tiered) = (hub.now, tiered.collect::<Vec<_>>());
    hub.gateway().register(now, &tiered).expect("they move in");
    hub
}

fn looks(hub: &Hub) -> Vec<Look> {
    let current = (hub.book.1.digest(), Arc::clone(&hub.book.0));
    Follower::caught_up(&hub.reader(), current).expect("it can be followed").looks()
}

fn wanted(hub: &Hub) -> Vec<WantedVisit> {
    let open = Filter { open: Some(true), ..Filter::default() };
    let open = hub.reader().incidents(&open).expect("incidents").into_iter();
    let open: Vec<_> = open.map(|shown| (shown.id, shown.incident)).collect();
    worklist(looks(hub).iter().map(|look| look.seen(hub.now)), &open)
}

fn order(list: &[WantedVisit]) -> Vec<(&str, Standing)> {
    list.iter().map(|visit| (&*visit.home, visit.standing)).collect()
}

fn of<'l>(list: &'l [WantedVisit], home: &str) -> &'l WantedVisit {
    list.iter().find(|visit| visit.home == home).expect("it is listed")
}

/// Everybody does as they are told, or the test means nothing.
fn tell(hub: &mut Hub, home: &str, told: Input) {
    assert_eq!(hub.handle([input(home, told)]), [Answer::Done], "{home}");
}

fn end(hub: &mut Hub, home: &str, n: u32, outcome: Outcome) {
    let act = Act::Resolve { outcome, note: String::new() };
    tell(hub, home, moved(n, "wang", act));
}

fn call(hub: &mut Hub, home: &str) {
    let what = Said::Visit { why: id("heat-wave") };
    tell(hub, home, Input::Said { by: id("li"), what });
}

fn until(hub: &mut Hub, at: &str) {
    let at: Time = at.parse().expect("a time");
    hub.wait(at - hub.now);
}

#[test]
fn what_hangs_most_on_it_comes_first() {
    let mut hub = street();
    until(&mut hub, "2026-01-16T10:00:00+08:00");
    call(&mut hub, "h7");
    end(&mut hub, "h7", 1, Outcome::Safe);
    until(&mut hub, "2026-01-22T12:00:00+08:00");
    end(&mut hub, "h5", 1, Outcome::NoAccess);
    tell(
        &mut hub,
        "h4",
        moved(1, "wang", Act::Check { item: id("gas-stove"), found: Found::Wrong }),
    );
    end(&mut hub, "h4", 1, Outcome::Safe);
    end(&mut hub, "h6", 1, Outcome::Safe);
    until(&mut hub, "2026-01-23T13:00:00+08:00");
    end(&mut hub, "h5", 2, Outcome::NoAccess);
    call(&mut hub, "h1");
    hub.wait(Span::minutes(5));
    call(&mut hub, "h2");
    let list = wanted(&hub);
    let expected = [
        ("h5", Standing::Unreachable),
        ("h4", Standing::Finding),
        ("h3", Standing::Overdue),
        // Who is to be seen more often goes before who was called for earlier.
        ("h2", Standing::Called),
        ("h1", Standing::Called),
        ("h7", Standing::Due),
        ("h6", Standing::Coming),
    ];
    assert_eq!(order(&list), expected, "nobody is wanted where there is no tier, nor in 90 days");

    let (behind_the_door, found, forgotten) = (of(&list, "h5"), of(&list, "h4"), of(&list, "h3"));
    assert_eq!((behind_the_door.unanswered, behind_the_door.last), (2, None));
    assert_eq!(found.wrong[0].title.en, "Gas");
    assert_eq!((forgotten.last, forgotten.how), (None, None), "nobody was ever there");
    let open: Vec<_> = forgotten.incidents.iter().map(|open| &*open.id).collect();
    assert_eq!(open, ["h3-1"]);
    assert_eq!(of(&list, "h6").how, Some(How::Met));
    let next = of(&list, "h6").due_at.map(|at| at.to_string());
    assert_eq!(next.as_deref(), Some("2026-01-29T01:00:00.000Z"));
    assert_eq!(of(&list, "h1").calls[0].name.as_str(), "heat-wave");
    assert!(of(&list, "h1").words.contains(&id("festival")), "and nobody calls by a rule's name");
    assert!(!of(&list, "h1").words.contains(&id("fall")));

    // A day later it is late for whom it was due.
    until(&mut hub, "2026-01-24T13:00:00+08:00");
    assert_eq!(of(&wanted(&hub), "h7").standing, Standing::Overdue);
}

#[test]
fn what_sensors_showed_is_told_from_a_visit_and_what_waits_is_not_yet_due() {
    let mut hub = street();
    until(&mut hub, "2026-01-22T12:00:00+08:00");
    let mut shown = looks(&hub).into_iter().find(|look| look.home.id == id("h6")).expect("h6");
    shown.rounds.visited(hub.now - Span::hours(24), true);
    let list = worklist([shown.seen(hub.now)], &[]);
    assert_eq!((list[0].standing, list[0].how), (Standing::Coming, Some(How::Remote)));

    assert_eq!(of(&wanted(&hub), "h3").standing, Standing::Due);
    let park = Act::Ask { wish: Wish::Park { lasts: Span::hours(72) }, why: "away".into() };
    tell(&mut hub, "h3", moved(1, "wang", park));
    tell(&mut hub, "h3", moved(1, "li", Act::Grant));
    let list = wanted(&hub);
    let (waits, due) = (of(&list, "h3"), hub.now + Span::hours(72));
    assert_eq!((waits.standing, waits.due_at), (Standing::Coming, Some(due)));
    assert_eq!(list.iter().filter(|visit| visit.standing == Standing::Due).count(), 4);
}

#[test]
fn a_list_is_that_of_who_comes_and_of_the_grids_below_one() {
    let grid = |name: &str, kind, parent: Option<&str>| Grid {
        id: id(name),
        name: name.to_owned(),
        kind,
        parent: parent.map(id::<Name>),
    };
    let tree = [
        grid("street", GridKind::Street, None),
        grid("garden", GridKind::Community, Some("street")),
        grid("north", GridKind::General, Some("garden")),
        grid("lake", GridKind::Community, Some("street")),
    ];
    let mut home = Home::clone(&homes(1)[0]);
    home.grid = Some(id("north"));
    let whose = |by: Option<&str>, grid: Option<&str>| Whose {
        by: by.map(id::<PersonId>),
        grid: grid.map(id::<Name>),
    };
    for (by, grid, is) in [
        (None, None, true),
        (Some("wang"), None, true),
        (Some("nobody"), None, false),
        (None, Some("north"), true),
        (None, Some("street"), true),
        (None, Some("lake"), false),
        (Some("wang"), Some("garden"), true),
        (Some("wang"), Some("lake"), false),
    ] {
        assert_eq!(whose(by, grid).has(&home, &tree), is, "{by:?} {grid:?}");
    }
    assert!(
        !whose(None, Some("street")).has(&home, &[]),
        "without a tree nothing lies in anything"
    );
    let ring = [
        grid("north", GridKind::General, Some("garden")),
        grid("garden", GridKind::Community, Some("north")),
    ];
    assert!(!whose(None, Some("lake")).has(&home, &ring), "and it comes to an end");
    let all = [Arc::new(home)];
    assert_eq!(whose(Some("wang"), Some("garden")).wrong(&all, &tree), []);
    let wrong = whose(Some("nobody"), Some("lake")).wrong(&all, &tree);
    assert_eq!(wrong.iter().map(|(word, _)| *word).collect::<Vec<_>>(), ["by", "grid"]);
}

#[test]
fn a_request_tells_who_asked_in_which_words_and_whether_it_is_late() {
    let mut hub = Hub::with_homes(1);
    let from = Origin::Hotline;
    let report = |code: &str, text: &str| {
        let (code, text) = (Some(code.to_owned()), text.to_owned());
        let what = Said::Report { rule: id("request-repair"), from, text, code };
        Input::Said { by: id("hotline"), what }
    };
    tell(&mut hub, "h1", report("12345-1", "the tap drips"));
    tell(&mut hub, "h1", report("12345-2", ""));
    tell(&mut hub, "h1", moved(1, "wang", Act::Accept));
    hub.wait(Span::minutes(1));
    let note = Act::Note { text: "I called her".to_owned() };
    tell(&mut hub, "h1", moved(2, "wang", note));
    let list = |hub: &Hub| -> Vec<AskedFor> {
        let all = hub.reader().stories(&Filter::default()).expect("stories");
        let one = |(shown, story)| AskedFor::new(shown, story, (hub.now, Span::ZERO));
        let all = all.iter().map(|(shown, story)| one(((&shown.id, &shown.incident), story)));
        all.collect()
    };
    let find = |all: &[AskedFor], id: &str| all.iter().find(|r| r.id == id).expect("it").clone();
    let now = list(&hub);
    let (first, second) = (find(&now, "h1-1"), find(&now, "h1-2"));
    assert_eq!((first.from, first.code.as_deref()), (Some(from), Some("12345-1")));
    assert_eq!(first.text.as_deref(), Some("the tap drips"));
    assert_eq!(second.text, None, "what is noted later is not what was said");
    assert_eq!(first.holder, Some(id("wang")));
    assert_eq!(first.light.name(), "green");

    hub.wait(Span::hours(4 * 24));
    end(&mut hub, "h1", 1, Outcome::Repaired);
    let later = list(&hub);
    assert_eq!(find(&later, "h1-2").light.name(), "red", "three days are over");
    let closed = find(&later, "h1-1");
    assert_eq!((closed.outcome, closed.light.name()), (Some(Outcome::Repaired), "red"));
    assert_eq!(closed.closed_at, Some(hub.now));
    assert_eq!(closed.due_at, None);
    let review = Act::Review { score: 4, text: String::new() };
    tell(&mut hub, "h1", moved(1, "daughter", review));
    assert_eq!(find(&list(&hub), "h1-1").score, Some(4));
}
