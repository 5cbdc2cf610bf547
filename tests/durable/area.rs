//! Many homes of one grid that fall silent together are one incident, and not one for each device.

use std::sync::Arc;

use careloop::domain::{Act, Binding, Device, Home, Outcome, Span};
use careloop::inbox::Answer;

use crate::hub::{Hub, heard, homes, id, input, moved};
use crate::recovery::is_replayed;

/// Four homes of one grid, each with one bridge that must speak, and the grid itself.
fn grid() -> Hub {
    let bridge = |home: &Arc<Home>| {
        let bridge = Device::new(id("bridge"), "", Binding::Direct);
        let devices = vec![Device { quiet_after: Some(Span::hours(3)), ..bridge }];
        Arc::new(Home { devices, grid: Some(id("g")), ..(**home).clone() })
    };
    let mut all: Vec<Arc<Home>> = homes(4).iter().map(bridge).collect();
    let names = all.iter().map(|h| Device::new(id(h.id.as_str()), "", Binding::Direct));
    let area = Home::new(id("g"), "Asia/Shanghai", names.collect());
    let people = all[0].responders.clone();
    all.push(Arc::new(Home { is_area: true, responders: people, ..area }));
    let mut hub = Hub::bare();
    let now = hub.now;
    hub.gateway().register(now, &all).expect("they move in");
    say(&mut hub, "h1 h2 h3 h4", true);
    hub
}

fn say(hub: &mut Hub, who: &str, online: bool) {
    for home in who.split(' ') {
        let told = heard("bridge", &format!("online {online}"));
        assert_eq!(hub.handle([input(home, told)]), [Answer::Done]);
        if online {
            hub.handle([input(home, heard("bridge", "link_quality 90"))]);
        }
    }
}

/// The open incidents by name, with their homes.
fn open(hub: &Hub) -> Vec<String> {
    let mut all: Vec<String> = hub
        .incidents()
        .iter()
        .filter(|s| s.incident.is_open())
        .map(|s| format!("{} {}", s.id.home, s.incident.rule))
        .collect();
    all.sort();
    all
}

#[test]
fn homes_that_fall_silent_together_are_one_incident() {
    let mut hub = grid();
    say(&mut hub, "h1 h2 h3", false);
    assert_eq!(open(&hub), ["g area-silent"]);
    hub.wait(Span::minutes(30));
    assert_eq!(open(&hub), ["g area-silent"], "no device is missed by itself meanwhile");
    // Killed in the middle of it, the hub still knows that the homes were told.
    hub.reopen();
    hub.wait(Span::minutes(5));
    assert_eq!(open(&hub), ["g area-silent"]);
    say(&mut hub, "h1 h2", true);
    let resolve = Act::Resolve { outcome: Outcome::Repaired, note: String::new() };
    hub.handle([input("g", moved(1, "wu", resolve))]);
    hub.handle([input("g", moved(1, "li", Act::Verify))]);
    hub.wait(Span::minutes(10));
    assert_eq!(open(&hub), ["h3 device-quiet"], "what is still silent is missed again");
    is_replayed(&mut hub);
}

#[test]
fn homes_that_fall_silent_one_by_one_are_each_their_own() {
    let mut hub = grid();
    for home in ["h1", "h2", "h3"] {
        say(&mut hub, home, false);
        hub.wait(Span::minutes(20));
    }
    assert_eq!(open(&hub), ["h1 device-quiet", "h2 device-quiet", "h3 device-quiet"]);
    is_replayed(&mut hub);
}
