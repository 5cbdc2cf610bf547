//! The profiles that come with the program, so that it works without the `devices/` folder. A folder
//! overrides and adds.

macro_rules! shipped {
    ($($name:literal)*) => {
        &[$( ($name, include_str!(concat!("../../devices/", $name, ".toml"))), )*]
    };
}

/// Name and text of every profile in `devices/`; a test compares the two.
pub const SHIPPED: &[(&str, &str)] = shipped! {
    "berry/BM1000"
    "contec/CMS50D+"
    "contec/CMS50D-5byte"
    "dfrobot/SEN0609"
    "dfrobot/SEN0623"
    "generic/json"
    "generic/lines"
    "generic/r60-json-lines"
    "hilink/LD1115H"
    "hilink/LD2410"
    "hilink/LD2420"
    "hilink/LD2420-lines"
    "hilink/LD2450"
    "hilink/LD6002"
    "hilink/LD6002C"
    "masimo/Rad-8"
    "micradar/R60ABD1"
    "micradar/R60AFD1"
    "nellcor/N-560"
    "nonin/Xpod"
    "nonin/lines"
    "seeed/MR24FDB1"
    "seeed/MR24HPC1"
    "seeed/MR60BHA1"
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
