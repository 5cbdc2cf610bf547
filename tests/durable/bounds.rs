//! P10: what nobody understands is counted and shown, and never grows without bound.

use careloop::device::{Decoded, Misread, Origin, Problem, RawMessage};
use careloop::domain::{DeviceId, HomeId, Span};
use careloop::inbox::{Answer, Arrival};
use careloop::store::strange::{ORIGINS_MAX, SAMPLE_BYTES_MAX, SAMPLES_MAX, Stranger};

use crate::hub::{Hub, id};

pub fn stranger(topic: &str, payload: &[u8]) -> Arrival {
    message(topic, payload, Decoded::Unknown { why: format!("no device has the topic `{topic}`") })
}

fn message(topic: &str, payload: &[u8], decoded: Decoded) -> Arrival {
    let origin = Origin::Mqtt(topic.to_owned());
    let raw = RawMessage { origin, payload: payload.to_vec(), retained: false };
    Arrival::Message { raw, decoded, keep: Vec::new(), replaced: 0 }
}

fn strangers(hub: &Hub) -> Vec<Stranger> {
    hub.reader().strangers().expect("they can be read")
}

#[test]
fn strangers_are_counted_and_bounded() {
    let mut hub = Hub::with_homes(1);
    for n in 0..ORIGINS_MAX + 100 {
        hub.now = hub.now + Span(1);
        let answers = hub.handle([stranger(&format!("t/{n}"), b"{}")]);
        assert!(matches!(answers[..], [Answer::Unknown(_)]));
    }
    let known = strangers(&hub);
    assert_eq!(known.len(), ORIGINS_MAX);
    assert_eq!(known[0].origin, format!("mqtt t/{}", ORIGINS_MAX + 99), "the latest is kept");
    assert!(known.iter().all(|s| s.origin != "mqtt t/99"), "the oldest is not");
    hub.reopen();
    hub.handle([stranger("one/more", b"")]);
    assert_eq!(strangers(&hub).len(), ORIGINS_MAX, "also after a restart");
}

#[test]
fn only_the_last_few_samples_are_kept_and_only_so_much_of_each() {
    let mut hub = Hub::with_homes(1);
    let long = "流".repeat(100_000);
    for payload in [b"first".as_slice(), b"second", &[0xFF; 5000], b"a\0b", long.as_bytes()] {
        hub.handle([stranger("t", payload)]);
    }
    let known = strangers(&hub);
    let samples: Vec<&str> = known[0].samples.iter().map(|s| s.payload.as_str()).collect();
    assert_eq!((known[0].count, samples.len()), (5, SAMPLES_MAX));
    assert_eq!(samples[0], "ff".repeat(SAMPLE_BYTES_MAX / 2), "not text: as hex");
    assert_eq!(samples[1], "610062");
    assert!(samples[2].len() <= SAMPLE_BYTES_MAX && long.starts_with(samples[2]));

    let why = vec![Problem::new(Misread::NotJson, long.clone()); 1000];
    let (home, device) = (id("h1"), id("bed-pad"));
    let decoded = Decoded::Known { home, device, observations: Vec::new(), problems: why };
    hub.handle([message(&long, b"{}", decoded)]);
    let row = hub.rows("SELECT * FROM strange ORDER BY last_at DESC, length(origin) DESC LIMIT 1");
    assert!(row[0].len() < 16 * 1024, "{} bytes for one origin", row[0].len());
    assert_eq!(
        hub.rows("SELECT count(*) FROM journal WHERE input LIKE '%heard%'"),
        ["[Integer(0)]"],
        "rubbish does not prove that a device is alive"
    );
}

#[test]
fn a_flood_is_counted_without_being_written_every_time_and_nothing_is_lost_in_the_end() {
    let mut hub = Hub::with_homes(1);
    hub.handle((0..1000).map(|_| stranger("t", b"x")));
    assert!(strangers(&hub)[0].count < 20, "not every one is written");
    hub.now = hub.now + Span::seconds(10);
    hub.handle([stranger("t", b"x")]);
    assert_eq!(strangers(&hub)[0].count, 1001);
    hub.handle((0..5).map(|_| stranger("t", b"x")));
    hub.gateway().save().expect("it saves");
    assert_eq!(strangers(&hub)[0].count, 1006);
}

#[test]
fn what_is_misread_is_counted_by_class_and_nothing_is_lost_in_the_end() {
    let mut hub = Hub::with_homes(1);
    let (home, device) = (id::<HomeId>("h1"), id::<DeviceId>("bed-pad"));
    let misread = |class| {
        let problems = vec![Problem::new(class, "so it is")];
        let (home, device, observations) = (home.clone(), device.clone(), Vec::new());
        message("t", b"?", Decoded::Known { home, device, observations, problems })
    };
    let counted = |hub: &Hub| {
        let all = hub.reader().misread(&home).expect("they can be read");
        all.iter().map(|m| format!("{} × {} by {}", m.count, m.class, m.device)).collect::<Vec<_>>()
    };
    hub.handle([misread(Misread::NotJson), misread(Misread::NotJson), misread(Misread::NotText)]);
    assert_eq!(counted(&hub), ["2 × not-json by bed-pad", "1 × not-text by bed-pad"]);
    hub.reopen();
    hub.handle((0..1000).map(|_| misread(Misread::NotText)));
    let writes = hub.reader().misread(&home).expect("they can be read");
    assert!(writes[1].count < 20, "not every one is written");
    hub.gateway().save().expect("it saves");
    assert_eq!(counted(&hub), ["2 × not-json by bed-pad", "1001 × not-text by bed-pad"]);
    assert_eq!(hub.reader().misread(&id("h2")).expect("they can be read"), []);
}
