//! What nobody can understand is counted and shown, and stops nothing (P10).

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::device::Device;
use crate::house::{House, until};
use crate::programs::{LEAK, Line, PRESSED, publish};

/// A device that sends whatever it likes.
const ANY: &str = "\n[[home.device]]\nid = \"any\"\nprofile = \"generic/json\"\nmqtt = \"any\"\n";

/// So many topics below, and the serial port.
const ORIGINS: usize = 7;

/// Topic, payload, and what is said of it.
const RUBBISH: [(&str, &str, &str); 8] = [
    ("zigbee2mqtt/kitchen-leak", "{\"water_leak\":", "JSON"),
    ("zigbee2mqtt/kitchen-smoke", "{\"smoke\":\"yes\"}", "`/smoke`"),
    ("zigbee2mqtt/front-door", "\0\u{1}\u{2}", "JSON"),
    ("careloop/devices/any", "{\"temperature\":NaN}", "JSON"),
    ("careloop/devices/any", "{\"temperature\":1e999}", ""),
    ("careloop/devices/any", "{\"temperature\":500}", "500 cannot be"),
    ("zigbee2mqtt/nobody", LEAK, ""),
    ("careloop/incidents/h1-x/moves", "{}", ""),
];

#[tokio::test]
async fn rubbish_is_counted_and_shown_with_what_is_wrong_and_everything_else_goes_on() {
    let line = Line::new().await;
    let house = House::with(|texts| {
        texts.swap("register.toml", "/dev/careloop/fall-radar", &line.port());
        texts.add("register.toml", ANY);
    });
    let daemon = house.start().await;
    daemon.says("a serial port is open").await;
    for (topic, payload, _) in RUBBISH {
        let mut device = Device::new("rubbish");
        device.connect(daemon.mqtt).await.unwrap();
        device.send(topic, payload).await.unwrap();
        device.settle().await.unwrap();
    }
    // A fall whose checksum is wrong, and one that stops in the middle.
    let wrong = b"\x01\x00\x00\x00\x01\x0e\x02\xf3\x01\xff";
    line.send(&[wrong, b"\x01\x00\x00\x00\x01\x0e"]).await;
    let origins = || house.reader().strangers().unwrap().len();
    until("all are noted", || (ORIGINS <= origins()).then_some(())).await;
    let strange = house.ask_json(&["devices", "strange", "--json"]).await;
    let misread = strange["misread"].as_array().unwrap();
    let strange = strange["strange"].as_array().unwrap();
    let of = |origin: &str| strange.iter().find(|s| s["origin"] == origin).expect(origin);
    for (topic, _, why) in RUBBISH {
        let found = of(&format!("mqtt {topic}"));
        assert!(found["samples"].to_string().contains(why), "{why}: {found}");
    }
    assert_eq!(of("mqtt careloop/devices/any")["count"], 3);
    assert_eq!(of("mqtt zigbee2mqtt/nobody")["device"], Value::Null);
    assert_eq!(of("mqtt zigbee2mqtt/front-door")["device"], "h1/front-door");
    assert!(1 <= of(&format!("serial {}", line.port()))["count"].as_u64().unwrap());
    let counted = |device: &str, class: &str| {
        let is = |m: &&Value| m["device"] == device && m["class"] == class;
        misread.iter().find(is).map_or(0, |m| m["count"].as_u64().unwrap())
    };
    assert_eq!(counted("kitchen-leak", "not-json"), 1);
    assert_eq!(counted("kitchen-smoke", "wrong-shape"), 1);
    assert_eq!((counted("any", "out-of-range"), counted("any", "not-json")), (2, 1));
    assert!(1 <= counted("fall-radar", "frame-checksum"), "{misread:?}");
    assert_eq!(house.incidents(), [], "and it is not believed");
    publish(daemon.mqtt, "zigbee2mqtt/kitchen-leak", LEAK, &[]).await;
    house.incident("leak").await;
    let printed = house.ask(&["devices", "strange"]).await;
    assert!(printed.contains("zigbee2mqtt/nobody"), "{printed}");
}

#[tokio::test]
async fn a_packet_that_would_fill_the_memory_is_refused_and_others_go_on() {
    let house = House::new();
    let daemon = house.start().await;
    let mut lines = Vec::new();
    for n in 0..20_u8 {
        let mut line = TcpStream::connect(("127.0.0.1", daemon.mqtt)).await.unwrap();
        let hello = [b"\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01".as_slice(), &[b'a' + n]].concat();
        line.write_all(&hello).await.unwrap();
        let mut welcome = [0; 4];
        line.read_exact(&mut welcome).await.unwrap();
        // A message of 256 MiB, the most that MQTT can announce, and a beginning of it.
        line.write_all(b"\x30\xff\xff\xff\x7f\0\x01a").await.unwrap();
        let filler = vec![b'x'; 1024 * 1024];
        // The line may be cut while this is written.
        drop(line.write_all(&filler).await);
        lines.push(line);
    }
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    house.incident("help").await;
    for mut line in lines {
        let mut rest = Vec::new();
        let ended = crate::house::soon("it is cut off", line.read_to_end(&mut rest)).await;
        assert!(ended.is_err() || rest.is_empty(), "{rest:?}");
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.id())).unwrap();
    let used = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    let used: u64 = used.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(used < 100 * 1024, "{used} kB");
}
