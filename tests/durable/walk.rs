//! A test of a device is on disk like everything else: it outlives a kill, ends by itself at its own
//! time though the hub was down, and its result is kept, the latest of each device.

use std::sync::Arc;

use careloop::domain::{DeviceId, Finding, HomeId, Input, Span, WalkAct, Walked};

use crate::hub::{Hub, heard, homes, id};
use crate::recovery::is_replayed;

fn begins(device: &str, steps: &[&str]) -> Input {
    let steps = steps.iter().map(|step| id(step)).collect();
    let act = WalkAct::Begin { steps, lasts: Span::minutes(10) };
    Input::Walk { device: id(device), by: id("wu"), act }
}

fn result(hub: &Hub, device: &str) -> Option<Walked> {
    let home: HomeId = id("h1");
    hub.reader().walks(&home).expect("the walks").remove(&id::<DeviceId>(device))
}

#[test]
fn a_test_outlives_a_kill_and_its_result_is_kept() {
    let mut hub = Hub::with_homes(1);
    hub.tell(begins("bed-pad", &["in_bed true", "in_bed false"]));
    hub.wait(Span::minutes(1));
    hub.tell(heard("bed-pad", "in_bed true, battery 90"));
    hub.reopen();
    assert_eq!(result(&hub, "bed-pad"), None, "it is under way");
    hub.wait(Span::minutes(1));
    hub.tell(heard("bed-pad", "in_bed false"));
    let passed = result(&hub, "bed-pad").expect("it is on record");
    assert_eq!((passed.finding, passed.by.as_str()), (Finding::Passed, "wu"));
    assert_eq!(passed.battery, Some(90.0));
    assert_eq!(passed.ended_at - passed.began_at, Span::minutes(2));
    assert!(passed.steps.iter().all(|step| step.seen.is_some()));
    // The next test takes its place.
    hub.tell(begins("bed-pad", &["in_bed true"]));
    hub.wait(Span::minutes(11));
    let failed = result(&hub, "bed-pad").expect("it is on record");
    assert_eq!(failed.finding, Finding::Failed);
    assert_eq!(failed.missing(), ["in_bed true"]);
    assert_eq!(hub.rows("SELECT * FROM walk").len(), 1);
    is_replayed(&mut hub);
}

#[test]
fn a_hub_that_is_down_when_a_test_ends_ends_it_at_its_time_and_smoke_that_is_still_there_alarms() {
    let mut hub = Hub::with_homes(1);
    hub.tell(begins("kitchen-smoke", &["smoke true"]));
    let begun = hub.now + hub.gateway().offset();
    hub.tell(heard("kitchen-smoke", "smoke true"));
    hub.tell(heard("help-button", "battery 80"));
    assert!(hub.incidents().is_empty(), "it is only a test");
    hub.kill();
    hub.now = hub.now + Span::hours(5);
    hub.open();
    hub.handle([]);
    let failed = result(&hub, "kitchen-smoke").expect("it is on record");
    assert_eq!(failed.finding, Finding::Failed);
    assert_eq!(failed.ended_at - begun, Span::minutes(10), "at its own time");
    assert_eq!(failed.missing(), ["smoke false"]);
    let smoke = hub.incidents().pop().expect("it alarms");
    assert_eq!(smoke.incident.rule.as_str(), "smoke");
    is_replayed(&mut hub);
}

#[test]
fn a_device_that_is_placed_anew_must_be_tried_out_anew() {
    let mut hub = Hub::with_homes(1);
    for device in ["bed-pad", "hall-motion"] {
        hub.tell(begins(device, &["vibration true"]));
        hub.tell(heard(device, "vibration true"));
        assert!(result(&hub, device).is_some());
    }
    let mut home = (*homes(1)[0]).clone();
    let bed = home.devices.iter_mut().find(|d| d.id.as_str() == "bed-pad").expect("a pad");
    bed.room = "living room".to_owned();
    let now = hub.now;
    hub.gateway().register(now, &[Arc::new(home)]).expect("it is registered");
    assert_eq!(result(&hub, "bed-pad"), None);
    assert!(result(&hub, "hall-motion").is_some(), "this one stays where it was");
}
