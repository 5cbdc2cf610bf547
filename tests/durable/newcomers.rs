//! Devices that are announced are remembered over a restart, bounded, and a bridge that repeats itself
//! writes nothing.

use careloop::device::{Catalog, Decoded, Origin, RawMessage};
use careloop::domain::Span;
use careloop::inbox::{Answer, Arrival};
use careloop::store::announced::ANNOUNCED_MAX;

use crate::hub::Hub;

fn announces(topic: &str, payload: &str) -> Arrival {
    let origin = Origin::Mqtt(topic.to_owned());
    let raw = RawMessage { origin, payload: payload.into(), retained: true };
    let decoded = Catalog::default().decode(&raw);
    assert!(matches!(decoded, Decoded::Announced(_)), "{decoded:?}");
    Arrival::Message { raw, decoded, keep: Vec::new(), replaced: 0 }
}

fn list(names: &[&str]) -> String {
    let one = |name: &&str| {
        format!(r#"{{"ieee_address":"0x{name}","friendly_name":"{name}","type":"EndDevice"}}"#)
    };
    let all: Vec<String> = names.iter().map(one).collect();
    format!("[{}]", all.join(","))
}

fn component(device: &str, class: &str) -> Arrival {
    let config = format!(
        r#"{{"stat_t":"a/{device}/state","dev_cla":"{class}","dev":{{"ids":["{device}"]}},"val_tpl":"{{{{ value_json.{class} }}}}"}}"#
    );
    announces(&format!("homeassistant/binary_sensor/{device}_{class}/config"), &config)
}

fn names(hub: &Hub) -> Vec<String> {
    let told = hub.reader().announced().expect("they can be read");
    told.into_iter().map(|t| t.device.name).collect()
}

#[test]
fn what_is_announced_is_on_disk_and_found_again_after_a_crash() {
    let mut hub = Hub::with_homes(1);
    let answers = hub.handle([announces("z/bridge/devices", &list(&["a", "b"]))]);
    assert_eq!(answers, [Answer::Done]);
    hub.reopen();
    assert_eq!(names(&hub), ["a", "b"]);
    hub.handle([announces("z/bridge/devices", &list(&["b", "c"]))]);
    assert_eq!(
        names(&hub),
        ["b", "c"],
        "the bridge's list is the whole list, also of what it said before the crash"
    );
    hub.handle([
        announces("other/bridge/devices", &list(&["d"])),
        announces("z/bridge/devices", ""),
    ]);
    assert_eq!(names(&hub), ["d"], "another bridge has its own");
    assert_eq!(hub.rows("SELECT count(*) FROM strange"), ["[Integer(0)]"]);
    assert_eq!(
        hub.rows("SELECT count(*) FROM journal WHERE input LIKE '%heard%'"),
        ["[Integer(0)]"]
    );
}

#[test]
fn one_device_in_many_announcements_is_one_row_and_loses_only_what_is_taken_back() {
    let mut hub = Hub::with_homes(1);
    hub.handle([
        component("bed", "occupancy"),
        component("bed", "smoke"),
        component("door", "door"),
    ]);
    assert_eq!(names(&hub), ["bed", "door"]);
    let exposes = |hub: &Hub| hub.reader().announced().expect("readable")[0].device.exposes.len();
    assert_eq!(exposes(&hub), 2);
    hub.reopen();
    hub.handle([announces("homeassistant/binary_sensor/bed_smoke/config", "")]);
    assert_eq!(exposes(&hub), 1);
    hub.handle([announces("homeassistant/binary_sensor/bed_occupancy/config", "")]);
    assert_eq!(names(&hub), ["door"]);
}

#[test]
fn what_is_announced_again_and_again_is_written_once() {
    let mut hub = Hub::with_homes(1);
    hub.handle([announces("z/bridge/devices", &list(&["a", "b"])), component("bed", "smoke")]);
    let rows = |hub: &Hub| hub.rows("SELECT key, last_at FROM announced ORDER BY key");
    let before = rows(&hub);
    // Whoever writes to the table now makes the commit fail.
    hub.sql(
        "CREATE TRIGGER watch_put BEFORE INSERT ON announced BEGIN SELECT raise(ABORT, 'written'); END;
         CREATE TRIGGER watch_del BEFORE DELETE ON announced BEGIN SELECT raise(ABORT, 'written'); END;",
    );
    for _ in 0..5 {
        hub.now = hub.now + Span::seconds(60);
        hub.handle([announces("z/bridge/devices", &list(&["a", "b"])), component("bed", "smoke")]);
    }
    hub.reopen();
    hub.handle([announces("z/bridge/devices", &list(&["a", "b"])), component("bed", "smoke")]);
    assert_eq!(rows(&hub), before);
    let failed = hub.try_handle([announces("z/bridge/devices", &list(&["a"]))]);
    assert!(failed.is_err(), "the watch is awake");
    hub.sql("DROP TRIGGER watch_put; DROP TRIGGER watch_del;");
    hub.handle([announces("z/bridge/devices", &list(&["a"]))]);
    assert_eq!(names(&hub), ["bed", "a"], "a commit that failed is made up for");
}

#[test]
fn there_are_never_more_than_so_many_and_the_oldest_goes_first() {
    let mut hub = Hub::with_homes(1);
    for n in 0..ANNOUNCED_MAX + 20 {
        hub.now = hub.now + Span(1);
        hub.handle([component(&format!("d{n:04}"), "smoke")]);
    }
    let known = names(&hub);
    assert_eq!(known.len(), ANNOUNCED_MAX);
    assert_eq!(known.first().map(String::as_str), Some("d0020"));
    hub.reopen();
    hub.handle([component("one-more", "smoke")]);
    assert_eq!(names(&hub).len(), ANNOUNCED_MAX, "also after a restart");
}
