//! The hand-over of a shift, read from the disk of a hub that was killed.

use std::sync::Arc;

use careloop::domain::{Act, Home, Input, Lang, Origin, Responder, Role, Said, Span, Wish};
use careloop::gateway::Follower;
use careloop::report::{Awaited, Shift};

use crate::hub::{Hub, heard, homes, id, moved};

fn shift(hub: &Hub, lasts: Span) -> Shift {
    let (reader, to) = (hub.reader(), hub.now + Span(1));
    let cases = reader.cases(to - lasts, to, &homes(1)).expect("it can be read");
    let current = (hub.book.1.digest(), Arc::clone(&hub.book.0));
    let looks = Follower::caught_up(&reader, current).expect("it can be followed").looks();
    let seen: Vec<_> = looks.iter().map(|look| look.seen(hub.now)).collect();
    Shift::new(&cases, &seen, false, to - lasts, to)
}

#[test]
fn who_takes_over_reads_what_is_open_silenced_and_in_trouble_from_the_disk_alone() {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("help-button", "help true, battery_low true"));
    hub.tell(moved(1, "wang", Act::Accept));
    let silence =
        Said::Silence { rule: id("cold"), lasts: Span::hours(9), why: "aired".to_owned() };
    hub.tell(Input::Said { by: id("li"), what: silence });
    hub.wait(Span::minutes(5));
    hub.kill();

    let now = shift(&hub, Span::hours(8));
    let open: Vec<_> = now.open.iter().map(|open| (&*open.id, open.is_overdue)).collect();
    assert_eq!(open, [("h1-1", false), ("h1-2", false)], "the call, and the battery");
    assert_eq!(now.open[0].holder.as_deref(), Some("wang"));
    let silenced: Vec<_> = now.silenced.iter().map(|s| (&*s.rule, &*s.by, &*s.why)).collect();
    assert_eq!(silenced, [("cold", "li", "aired")]);
    let low = now.devices.iter().filter(|device| device.what == "battery-low");
    assert_eq!(low.map(|device| &*device.device).collect::<Vec<_>>(), ["help-button"]);
    let accepted = now.happened.iter().filter(|line| line.id == "h1-1").count();
    assert!(3 <= accepted, "{:?}", now.happened);
    let page = now.markdown(Lang::Zh, |_| "…".to_owned());
    assert!(page.contains("## 未结案") && page.contains("网关未运行"), "{page}");

    // Who accepted does not come.
    hub.open();
    hub.wait(Span::minutes(40));
    hub.kill();
    let later = shift(&hub, Span::minutes(1));
    assert!(later.open[0].is_overdue, "nobody is there");
}

#[test]
fn who_takes_over_reads_who_is_off_and_what_waits_for_a_decision_or_a_department() {
    let mut hub = Hub::with_homes(1);
    let mut home: Home = (*homes(1)[0]).clone();
    let department = |who: &str| Responder::new(id(who), who, Role::Department, Vec::new());
    home.responders.extend(["gas-company", "housing"].map(department));
    for person in home.responders.iter_mut().filter(|p| p.role == Role::Grid) {
        person.rota.duty.push("daily 08:00-10:00".parse().expect("a line"));
    }
    let now = hub.now;
    hub.gateway().register(now, &[Arc::new(home)]).expect("they are registered");
    let from = Origin::Family;
    for text in ["the tap drips", "and the heating"] {
        let what = Said::Report { rule: id("request-repair"), from, text: text.into(), code: None };
        hub.tell(Input::Said { by: id("daughter"), what });
    }
    let park = Act::Ask { wish: Wish::Park { lasts: Span::hours(48) }, why: "a part".into() };
    hub.tell(moved(1, "wang", park));
    let asked = shift(&hub, Span::hours(8)).awaited;
    let wishes: Vec<_> = asked.wishes.iter().map(|w| (&*w.id, &*w.by, &*w.why)).collect();
    assert_eq!((wishes, asked.parked.len()), (vec![("h1-1", "wang", "a part")], 0));

    hub.tell(moved(1, "li", Act::Grant));
    let (lead, with) = (id("gas-company"), vec![id("housing")]);
    hub.tell(moved(2, "chen", Act::Whistle { lead, with, why: "the pipe".into() }));
    hub.tell(moved(2, "housing", Act::ReportIn));
    hub.wait(Span::minutes(50));
    let waits = shift(&hub, Span::hours(8)).awaited;
    assert!(waits.wishes.is_empty());
    let parked: Vec<_> = waits.parked.iter().map(|p| &*p.id).collect();
    assert_eq!(parked, ["h1-1"]);
    let missing = |all: &Awaited| -> Vec<(String, bool)> {
        all.departments.iter().map(|m| (m.who.clone(), m.is_late)).collect()
    };
    assert_eq!(missing(&waits), [("gas-company".to_owned(), false)]);
    hub.wait(Span::minutes(20));
    assert_eq!(missing(&shift(&hub, Span::hours(8)).awaited), [("gas-company".to_owned(), true)]);

    // In the afternoon the grid worker is gone until tomorrow, and nobody else has the role.
    let off: Vec<_> = waits.off_duty.iter().map(|off| (&*off.who, off.until.as_deref())).collect();
    assert_eq!(off, [("zhao", Some("2026-01-16T00:00:00.000Z"))]);
    let gap = waits.next_gap.expect("nobody of the grid is there");
    assert_eq!((gap.roles, gap.homes), (vec![Role::Grid], vec!["h1".to_owned()]));
    assert_eq!(gap.to, "2026-01-16T00:00:00.000Z");
}
