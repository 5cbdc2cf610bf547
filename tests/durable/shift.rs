//! The hand-over of a shift, read from the disk of a hub that was killed.

use std::sync::Arc;

use careloop::domain::{Act, Input, Lang, Said, Span};
use careloop::gateway::Follower;
use careloop::report::Shift;

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
