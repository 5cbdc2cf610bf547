//! What each dialect announces is understood, whatever its first levels are called.

use careloop::device::discovery::{self, Newcomer};
use careloop::device::identify::Heard;

use crate::{device, exposed, file, printed};

#[test]
fn a_bridge_tells_of_its_devices_and_is_none_itself() {
    let (devices, others) = file("zigbee2mqtt.txt");
    let keys: Vec<&str> = devices.keys().map(String::as_str).collect();
    assert_eq!(keys, ["zigbee2mqtt 0x00158d0002a10003", "zigbee2mqtt 0x00158d0002a1000c"]);
    let own = |h: &Heard| h.topic.as_deref().is_some_and(|t| t.ends_with("/availability"));
    assert_eq!(others.iter().filter(|h| own(h)).count(), 2, "a device's own messages");
    let of_itself = |h: &Heard| h.topic.as_deref() == Some("zigbee2mqtt/bridge/state");
    assert_eq!(others.iter().filter(|h| of_itself(h)).count(), 3, "whether the bridge is there");
    assert_eq!(others.len(), 5);
    let door = device("zigbee2mqtt.txt", keys[0]);
    assert_eq!(
        (door.vendor.as_str(), door.model(), door.name.as_str()),
        ("Aqara", "MCCGQ11LM", "aqara_door")
    );
    assert_eq!(door.models, ["MCCGQ11LM", "lumi.sensor_magnet.aq2"]);
    assert_eq!(door.address.as_deref(), Some("aqara_door"));
    assert_eq!(
        door.availability().expect("it has one").topic,
        "zigbee2mqtt/aqara_door/availability"
    );
    assert!(door.has_battery() && door.remarks.is_empty());
    let known: Vec<String> = exposed(&door).into_iter().filter(|e| !e.contains('?')).collect();
    assert_eq!(
        known,
        [
            "zigbee2mqtt/aqara_door/battery → battery in %",
            "zigbee2mqtt/aqara_door/contact → not open",
            "zigbee2mqtt/aqara_door/linkquality → link_quality in lqi",
            "zigbee2mqtt/aqara_door/availability/state → online {online=true offline=false}",
        ]
    );
    let radar = exposed(&device("zigbee2mqtt.txt", keys[1]));
    let fall = "zigbee2mqtt/tuya_fall_radar/fall_down_status → fall {none=false fall=true}";
    assert!(radar.iter().any(|e| e == fall), "{radar:#?}");
}

#[test]
fn a_device_that_is_not_ready_says_so_and_the_base_topic_is_free() {
    let list = r#"[{"type":"Coordinator","ieee_address":"0x1"},
        {"type":"EndDevice","ieee_address":"0x2","friendly_name":"flat 3/door","interviewing":true,"interview_completed":false},
        {"type":"EndDevice","ieee_address":"0x3","friendly_name":"x","interview_completed":true,"supported":false,"model_id":"TS9","manufacturer":"_TZ","definition":null},
        {"type":"EndDevice","ieee_address":"0x4","interview_completed":true,"definition":{"vendor":"V","model":"M","exposes":[
            {"type":"light","features":[{"type":"binary","property":"state","access":7,"value_on":"ON","value_off":"OFF"}]},
            {"type":"composite","property":"in","features":[{"type":"numeric","property":"temperature","access":1,"unit":"°F"}]},
            {"type":"binary","property":"smoke","access":2,"value_on":true},
            {"type":"binary","property":"gas","access":1,"value_on":false,"value_off":true},
            {"type":"enum","property":"action","access":1,"values":["emergency","single"]}]}},
        {"friendly_name":"no address"}, 7]"#;
    let told =
        discovery::read("house/2/bridge/devices", list.as_bytes()).expect("shape").expect("list");
    let said: Vec<_> =
        told.devices.iter().map(|d| (d.topics[0].as_str(), d.remarks.join(";"))).collect();
    assert_eq!(
        said,
        [
            ("house/2/flat 3/door", "the bridge has not finished asking it what it is".to_owned()),
            ("house/2/x", "the bridge does not know the model `TS9`".to_owned()),
            ("house/2/0x4", String::new()),
        ]
    );
    assert_eq!(
        exposed(&told.devices[2])[..5],
        [
            "house/2/0x4/state → ? {ON=true OFF=false}",
            "house/2/0x4/in/temperature → temperature in °F",
            "house/2/0x4/gas → not gas",
            "house/2/0x4/action → help {emergency=true}",
            "house/2/0x4/action → press {single=true}",
        ]
    );
}

#[test]
fn home_assistant_configurations_of_one_device_become_one_device() {
    let bed = device("home-assistant.txt", "home-assistant care-bed-01");
    assert_eq!(
        (bed.vendor.as_str(), bed.model(), bed.name.as_str()),
        ("DIY", "bed-mat", "Bed sensor")
    );
    assert_eq!(
        exposed(&bed),
        [
            "bed/01/state/hr → heart_rate in bpm",
            "bed/01/state/bed → in_bed {1=true 0=false}",
            "bed/01/lwt → online {online=true offline=false}",
        ]
        .map(str::to_owned)
        .into_iter()
        .collect::<Vec<_>>()
    );
    let door = device("home-assistant.txt", "home-assistant zigbee2mqtt_0x00158d0002a10003");
    assert_eq!(door.models, ["MCCGQ11LM", "Door and window sensor"]);
    assert_eq!(
        exposed(&door),
        [
            "zigbee2mqtt/aqara_door/contact → not open",
            "zigbee2mqtt/aqara_door/availability/state → online {online=true offline=false}",
        ]
    );
    let dust = device("home-assistant.txt", "home-assistant 9229FE");
    assert_eq!(
        exposed(&dust),
        [
            "tele/airsensor/SENSOR/PMS5003/CF2.5 → ?".to_owned(),
            "tele/airsensor/LWT → online {Online=true Offline=false}".to_owned(),
        ]
    );
    let sos = device("home-assistant.txt", "home-assistant zigbee2mqtt_0x00158d0002a1000f");
    assert_eq!(exposed(&sos), ["zigbee2mqtt/tuya_sos/action → help {emergency=true}"]);
}

#[test]
fn a_topic_with_wildcards_is_not_read_and_the_device_is_known_all_the_same() {
    let band = device("home-assistant.txt", "home-assistant A09E1A112233");
    assert_eq!((band.vendor.as_str(), band.model()), ("Polar", "H10"));
    assert_eq!(band.topics, ["+/+/BTtoMQTT/A09E1A112233"]);
    let doubt = "its topic `+/+/BTtoMQTT/A09E1A112233` is of many devices";
    assert!(band.exposes.iter().all(|e| e.doubt.as_deref() == Some(doubt)), "{band:#?}");
    let all = r##"{"stat_t":"#","dev":{"ids":["x"]},"dev_cla":"smoke"}"##;
    let told = discovery::read("homeassistant/binary_sensor/x/config", all.as_bytes());
    assert!(told.expect("shape").expect("it is read").devices[0].exposes.is_empty());
}

#[test]
fn tasmota_homie_and_shelly_announce_too() {
    let tasmota = device("tasmota.txt", "tasmota DC4F22BCD8A6");
    assert_eq!((tasmota.model(), tasmota.name.as_str()), ("Sonoff TH", "Tasmota bed"));
    let mut told = exposed(&tasmota);
    told.sort();
    assert_eq!(
        told,
        [
            "tele/tasmota_BCD8A6/LWT → online {Online=true Offline=false}",
            "tele/tasmota_BCD8A6/SENSOR/AM2301/DewPoint → ?",
            "tele/tasmota_BCD8A6/SENSOR/AM2301/Humidity → humidity",
            "tele/tasmota_BCD8A6/SENSOR/AM2301/Temperature → temperature in F",
            "tele/tasmota_BCD8A6/SENSOR/Switch1 → ? {ON=true OFF=false}, in doubt",
        ]
    );
    let climate = device("homie.txt", "homie homie/bedroom-th");
    assert_eq!(climate.name, "Bedroom");
    let mut told = exposed(&climate);
    told.sort();
    assert_eq!(
        told,
        [
            "homie/bedroom-th/$state → online {ready=true lost=false disconnected=false}",
            "homie/bedroom-th/status/battery → battery in %",
            "homie/bedroom-th/status/humidity → humidity in %",
            "homie/bedroom-th/status/temperature → temperature in F",
        ]
    );
    let bed = device("homie.txt", "homie homie/5/bed-node");
    let told = exposed(&bed);
    assert!(told.contains(&"homie/5/bed-node/bed/in-bed → in_bed".to_owned()), "{told:#?}");
    assert!(told.contains(&"homie/5/bed-node/bed/heart-rate → heart_rate in bpm".to_owned()));
    let flood = device("shelly.txt", "shelly shellyflood-445566");
    assert_eq!((flood.model(), flood.address.as_deref()), ("SHWT-1", Some("shellyflood-445566")));
}

#[test]
fn what_a_topic_no_longer_announces_is_withdrawn() {
    let topic = "ha/sensor/node/temp/config";
    let empty = discovery::read(topic, b"").expect("shape").expect("it is read");
    assert_eq!((empty.by.as_str(), empty.devices.len()), (topic, 0));
    let mut newcomer = Newcomer::default();
    let one = r#"{"stat_t":"a/b","dev":{"ids":"d"},"dev_cla":"temperature"}"#;
    let told = discovery::read(topic, one.as_bytes()).expect("shape").expect("it is read");
    assert!(newcomer.note(&told.by, &told.devices[0]));
    assert!(!newcomer.note(&told.by, &told.devices[0]), "said twice it is nothing new");
    newcomer.pieces.remove(topic);
    assert_eq!(newcomer.whole(), None);
}

#[test]
fn what_is_no_announcement_is_left_alone() {
    let text = "zigbee2mqtt/door {\"contact\":true}\nx/config {\"interval\":5}\nx/sensor/y/config {\"interval\":5}\n\
        tele/x/SENSOR {}\nshellies/a/sensor/flood true\nhomie/d/n/p 1\na/bridge/of/sighs x\nx/discovery/bed/config {}\n";
    for heard in printed(text) {
        let topic = heard.topic.expect("it has one");
        assert_eq!(discovery::read(&topic, &heard.payload), None, "{topic}");
    }
}
