//! Which topics are of one device, when nothing is known but their shape.

use crate::device::discovery;

/// The last levels that tell of the same device as the topic above them.
const LAST: &[&str] = &[
    "availability",
    "lwt",
    "state",
    "status",
    "online",
    "action",
    "set",
    "get",
    "info",
    "announce",
    "debug",
    "sensor",
    "sensors",
    "result",
    "attributes",
    "telemetry",
    "data",
    "battery",
];
/// The kinds of ESPHome, `<node>/<kind>/<object>/state`.
const KINDS: &[&str] =
    &["binary_sensor", "sensor", "text_sensor", "switch", "light", "button", "number", "select"];

/// Where rtl_433 publishes each message as a whole.
pub(super) const RADIO: &str = "rtl_433/+/events";

/// Whether it is of a bridge, which many devices name besides their own topics.
pub(super) fn is_bridge(stem: &str) -> bool {
    stem.ends_with("/bridge")
}

/// What the topics of one device have in common. `None`: no device's topic, but that of a bridge, of
/// Home Assistant, of the broker or of careloop itself.
pub(super) fn stem(topic: &str) -> Option<String> {
    let levels: Vec<&str> = topic.split('/').collect();
    let join = |n: usize| levels.get(..n).map(|l| l.join("/"));
    let is_bridge = |pair: &[&str]| {
        pair.first() == Some(&"bridge") && pair.get(1).is_some_and(|l| discovery::is_bridges(l))
    };
    // What tells whether a bridge is there is worth watching over.
    if let [base @ .., "bridge", "state"] = levels.as_slice()
        && !base.is_empty()
    {
        return join(levels.len() - 1);
    }
    let is_brokers = levels.first().is_some_and(|l| l.starts_with('$'));
    if is_brokers || levels.windows(2).skip(1).any(is_bridge) {
        return None;
    }
    match levels.as_slice() {
        ["homeassistant" | "cmnd", ..] | ["tasmota", "discovery", ..] => None,
        ["careloop", "devices", _, ..] => Some(topic.to_owned()),
        ["careloop", ..] | ["shellies", "announce" | "command"] => None,
        ["tele" | "stat", own @ .., _] if !own.is_empty() => Some(own.join("/")),
        [own @ .., "tele" | "stat", _] if !own.is_empty() => Some(own.join("/")),
        ["shellies", _, ..] => join(2),
        ["homie", "5", _, ..] => join(3),
        ["homie", _, ..] => join(2),
        ["application", _, "device", _, ..] => join(4),
        [.., "BTtoMQTT", mac] => Some(format!("BTtoMQTT/{mac}")),
        // The same as the message as a whole, which more than one receiver may hear.
        ["rtl_433", _, "devices", model, .., id, _] => Some(format!("{RADIO}#{model}/{id}")),
        ["rtl_433", _, "availability"] => join(2),
        [.., last] if last.ends_with("toMQTT") => None,
        [own @ .., "events", "rpc"] | [own @ .., "status", _] if !own.is_empty() => {
            Some(own.join("/"))
        }
        [own @ .., kind, _, "state"] if !own.is_empty() && KINDS.contains(kind) => {
            Some(own.join("/"))
        }
        [own @ .., last]
            if !own.join("").is_empty() && LAST.contains(&last.to_lowercase().as_str()) =>
        {
            Some(own.join("/"))
        }
        _ => Some(topic.to_owned()),
    }
}

/// Whether a topic tells only whether its device is there: by itself it is no device yet, but a
/// bridge's or a server's last will. Of a radio receiver nothing else tells.
pub(super) fn is_will(topic: &str) -> bool {
    if topic.starts_with("rtl_433/") {
        return false;
    }
    let last = topic.rsplit('/').next().unwrap_or(topic).to_lowercase();
    matches!(last.as_str(), "availability" | "lwt" | "online" | "status" | "$state")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topics_of_one_device_have_one_stem() {
        for (stem_of, topics) in [
            (
                "zigbee2mqtt/living room/door 1",
                &[
                    "zigbee2mqtt/living room/door 1",
                    "zigbee2mqtt/living room/door 1/availability",
                    "zigbee2mqtt/living room/door 1/action",
                ][..],
            ),
            (
                "X_26A908",
                &[
                    "tele/X_26A908/SENSOR",
                    "tele/X_26A908/LWT",
                    "stat/X_26A908/POWER",
                    "X_26A908/tele/STATE",
                ],
            ),
            (
                "shellies/shellyflood-445566",
                &["shellies/shellyflood-445566/sensor/flood", "shellies/shellyflood-445566/online"],
            ),
            (
                "shelly-ht/plus-01",
                &[
                    "shelly-ht/plus-01/events/rpc",
                    "shelly-ht/plus-01/status/devicepower:0",
                    "shelly-ht/plus-01/online",
                ],
            ),
            ("homie/front-door", &["homie/front-door/contact/contact", "homie/front-door/$state"]),
            (
                "BTtoMQTT/AABBCCDDEEFF",
                &["home/gw1/BTtoMQTT/AABBCCDDEEFF", "home/gw2/BTtoMQTT/AABBCCDDEEFF"],
            ),
            (
                "application/7/device/24e1",
                &["application/7/device/24e1/event/up", "application/7/device/24e1/event/join"],
            ),
            (
                "bed-node",
                &[
                    "bed-node/binary_sensor/bed/state",
                    "bed-node/sensor/hr/state",
                    "bed-node/status",
                ],
            ),
            (
                "rtl_433/+/events#Kerui-Security/251297",
                &[
                    "rtl_433/vm/devices/Kerui-Security/251297/state",
                    "rtl_433/attic/devices/Kerui-Security/3/251297/state",
                ],
            ),
            ("rtl_433/vm", &["rtl_433/vm/availability"]),
            ("home/z/bridge", &["home/z/bridge/state"]),
            ("/devices/id_1", &["/devices/id_1/state", "/devices/id_1/status"]),
            ("careloop/devices/own", &["careloop/devices/own"]),
        ] {
            for topic in topics {
                assert_eq!(stem(topic).as_deref(), Some(stem_of), "{topic}");
            }
        }
    }

    #[test]
    fn bridges_and_what_they_tell_of_themselves_are_no_devices() {
        for topic in [
            "zigbee2mqtt/bridge/info",
            "z/bridge/request/permit_join",
            "homeassistant/status",
            "homeassistant/sensor/x/config",
            "$SYS/broker/uptime",
            "careloop/incidents/h1-1/moves",
            "tasmota/discovery/AABBCCDDEEFF/config",
            "home/gw/SYStoMQTT",
            "cmnd/x/POWER",
            "shellies/announce",
        ] {
            assert_eq!(stem(topic), None, "{topic}");
        }
    }
}
