//! What others call what we observe: names of keys, classes of Home Assistant, units.

use crate::domain::Property;
use crate::domain::observation::Kind;

/// What a name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::device) struct Word {
    pub(in crate::device) property: Property,
    /// `contact` is true while the door is closed.
    pub(in crate::device) invert: bool,
}

/// Names of keys beside the properties' own, in lower case without `_`, `-` and blanks.
const KEYS: &[(&str, Property)] = &[
    ("sos", Property::Help),
    ("emergency", Property::Help),
    ("panic", Property::Help),
    ("panicbutton", Property::Help),
    ("helpbutton", Property::Help),
    ("falldetected", Property::Fall),
    ("fallalarm", Property::Fall),
    ("smokedetected", Property::Smoke),
    ("smokealarm", Property::Smoke),
    ("gasdetected", Property::Gas),
    ("gasalarm", Property::Gas),
    ("co", Property::CoLevel),
    ("carbonmonoxidedetected", Property::CarbonMonoxide),
    ("waterleak", Property::Leak),
    ("flood", Property::Leak),
    ("wateralarm", Property::Leak),
    ("bed", Property::InBed),
    ("bedoccupancy", Property::InBed),
    ("bedpresence", Property::InBed),
    ("bedstatus", Property::InBed),
    ("occupancy", Property::Motion),
    ("pir", Property::Motion),
    ("movementdetected", Property::Motion),
    ("moving", Property::Motion),
    ("humanpresence", Property::Presence),
    ("occupied", Property::Presence),
    ("door", Property::Open),
    ("window", Property::Open),
    ("opened", Property::Open),
    ("isopen", Property::Open),
    ("hr", Property::HeartRate),
    ("bpm", Property::HeartRate),
    ("pulse", Property::HeartRate),
    ("pulserate", Property::HeartRate),
    ("heartbeat", Property::HeartRate),
    ("breathingrate", Property::RespiratoryRate),
    ("breathrate", Property::RespiratoryRate),
    ("breathe", Property::RespiratoryRate),
    ("respiration", Property::RespiratoryRate),
    ("oxygensaturation", Property::Spo2),
    ("oxygen", Property::Spo2),
    ("sys", Property::Systolic),
    ("dia", Property::Diastolic),
    ("bloodglucose", Property::Glucose),
    ("targetdistance", Property::Distance),
    ("targetcount", Property::Targets),
    ("personcount", Property::Targets),
    ("temp", Property::Temperature),
    ("tempc", Property::Temperature),
    ("temperaturec", Property::Temperature),
    ("hum", Property::Humidity),
    ("rh", Property::Humidity),
    ("lux", Property::Illuminance),
    ("illuminancelux", Property::Illuminance),
    ("lightlevel", Property::Illuminance),
    ("batt", Property::Battery),
    ("batterylevel", Property::Battery),
    ("batterypercent", Property::Battery),
    ("batterypercentage", Property::Battery),
    ("lowbattery", Property::BatteryLow),
    ("lowbatt", Property::BatteryLow),
    ("rssi", Property::Signal),
    ("linkquality", Property::LinkQuality),
    ("lqi", Property::LinkQuality),
];

/// What a key of a payload means, if its name says so.
pub(in crate::device) fn of_key(key: &str) -> Option<Word> {
    let bare: String =
        key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if bare == "contact" {
        return Some(Word { property: Property::Open, invert: true });
    }
    let own = Property::ALL.iter().find(|p| p.name().replace('_', "") == bare);
    let other = || KEYS.iter().find(|(name, _)| *name == bare).map(|(_, property)| property);
    own.or_else(other).map(|property| Word { property: *property, invert: false })
}

/// What a class of Home Assistant means; `is_flag` for a `binary_sensor`.
pub(super) fn of_class(class: &str, is_flag: bool) -> Option<Property> {
    let property = match (class, is_flag) {
        ("door" | "window" | "garage_door" | "opening", true) => Property::Open,
        ("motion" | "moving", true) => Property::Motion,
        ("occupancy" | "presence", true) => Property::Presence,
        ("smoke", true) => Property::Smoke,
        ("gas", true) => Property::Gas,
        ("carbon_monoxide", true) => Property::CarbonMonoxide,
        ("moisture", true) => Property::Leak,
        ("vibration", true) => Property::Vibration,
        ("tamper", true) => Property::Tamper,
        ("battery", true) => Property::BatteryLow,
        ("problem", true) => Property::Fault,
        ("connectivity", true) => Property::Online,
        ("temperature", false) => Property::Temperature,
        ("humidity", false) => Property::Humidity,
        ("illuminance", false) => Property::Illuminance,
        ("battery", false) => Property::Battery,
        ("signal_strength", false) => Property::Signal,
        ("power", false) => Property::Power,
        ("distance", false) => Property::Distance,
        ("carbon_monoxide", false) => Property::CoLevel,
        ("weight", false) => Property::Weight,
        ("blood_glucose_concentration", false) => Property::Glucose,
        _ => return None,
    };
    Some(property)
}

/// What the words of an enumeration mean: a button's actions, the states of a fall.
pub(in crate::device) fn of_words<'w>(
    name: &str,
    words: impl Iterator<Item = &'w str>,
) -> Vec<(Property, Vec<(String, bool)>)> {
    let words: Vec<&str> = words.collect();
    if name.contains("fall") {
        let is_none = |w: &str| matches!(w, "none" | "normal" | "no_fall" | "clear" | "idle");
        let mean = |w: &&str| {
            let is = matches!(*w, "fall" | "fall_alarm" | "fallen" | "fall_detected");
            (is || is_none(w)).then(|| ((*w).to_owned(), is))
        };
        let values: Vec<_> = words.iter().filter_map(mean).collect();
        let tells = values.iter().any(|(_, is)| *is);
        return tells.then_some((Property::Fall, values)).into_iter().collect();
    }
    if name != "action" && !name.contains("button") && !name.contains("click") {
        return Vec::new();
    }
    let is_help = |w: &str| {
        let w = w.to_lowercase();
        ["emergency", "sos", "panic", "help"].iter().any(|h| w.contains(h))
    };
    let is_press = |w: &str| {
        matches!(w, "single" | "double" | "triple" | "hold" | "long" | "press" | "on" | "toggle")
    };
    let chosen = |is: &dyn Fn(&str) -> bool| -> Vec<(String, bool)> {
        words.iter().filter(|w| is(w)).map(|w| ((*w).to_owned(), true)).collect()
    };
    let help = (Property::Help, chosen(&is_help));
    let press = (Property::Press, chosen(&|w| is_press(w) && !is_help(w)));
    [help, press].into_iter().filter(|(_, values)| !values.is_empty()).collect()
}

/// What is done to a number in this unit to have it in ours: keys of a report and their numbers.
///
/// # Errors
/// Nobody knows the unit: a sentence.
pub(in crate::device) fn scale(
    property: Property,
    unit: &str,
) -> Result<&'static [(&'static str, &'static str)], String> {
    let Kind::Number { unit: own, .. } = property.kind() else { return Ok(&[]) };
    let unit = unit.trim();
    let lower = unit.to_lowercase().replace(['°', 'º'], "");
    let is_own = unit.is_empty() || lower == own.to_lowercase().replace('°', "");
    match (own, lower.as_str()) {
        _ if is_own => Ok(&[]),
        ("°C", "celsius" | "degc") | ("lx", "lux") | ("bpm", "beats/min") => Ok(&[]),
        ("/min", "bpm" | "rpm" | "breaths/min" | "brpm" | "times/min") => Ok(&[]),
        ("people", _) | ("lqi", _) => Ok(&[]),
        ("°C", "f" | "fahrenheit") => Ok(&[("add", "-32"), ("multiply", "5"), ("divide", "9")]),
        ("cm", "m") => Ok(&[("multiply", "100")]),
        ("cm", "mm") => Ok(&[("divide", "10")]),
        ("W", "kw") => Ok(&[("multiply", "1000")]),
        ("kg", "g") => Ok(&[("divide", "1000")]),
        ("kg", "lb" | "lbs") => Ok(&[("multiply", "0.45359237")]),
        ("L", "m³" | "m3") => Ok(&[("multiply", "1000")]),
        ("mmol/L", "mg/dl") => Ok(&[("divide", "18.016")]),
        _ => Err(format!("it is in {own} here and announced in `{unit}`")),
    }
}
