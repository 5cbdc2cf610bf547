//! The profiles that come with the program, so that it works without the `devices/` folder. A folder
//! overrides and adds.

macro_rules! shipped {
    ($($name:literal)*) => {
        &[$( ($name, include_str!(concat!("../../devices/", $name, ".toml"))), )*]
    };
}

/// Name and text of every profile in `devices/`; a test compares the two.
pub const SHIPPED: &[(&str, &str)] = shipped! {
    "contec/CMS50D+"
    "contec/CMS50D-5byte"
    "generic/json"
    "generic/r60-json-lines"
    "micradar/R60ABD1"
    "micradar/R60AFD1"
    "modbus/RS-WS"
    "modbus/calectro-UG-3"
    "modbus/door-contact"
    "modbus/door-contact-input"
    "modbus/evikon-E2648-CH4"
    "modbus/greystone-CMD5B4"
    "modbus/smoke"
    "seeed/MR60BHA2"
    "seeed/MR60FDA2"
    "shelly/SHBTN-1"
    "shelly/SHSM-01"
    "shelly/SHWT-1"
    "tasmota/LD2410"
    "zigbee2mqtt/any"
    "zigbee2mqtt/aqara-MCCGQ11LM"
    "zigbee2mqtt/aqara-RTCGQ11LM"
    "zigbee2mqtt/aqara-SJCGQ11LM"
    "zigbee2mqtt/heiman-HS1CG"
    "zigbee2mqtt/heiman-HS1EB"
    "zigbee2mqtt/heiman-HS1SA"
    "zigbee2mqtt/owon-SPM915"
    "zigbee2mqtt/sonoff-SNZB-01"
    "zigbee2mqtt/tuya-MIR-HE200-TY"
    "zigbee2mqtt/tuya-TS0207"
    "zigbee2mqtt/tuya-TS0601-sos"
    "zigbee2mqtt/tuya-ZY-M100"
};
