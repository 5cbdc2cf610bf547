//! What a device can tell: a closed vocabulary of properties, each with its unit and physical range.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::sentence::{Sentence, both};
use super::time::{Span, Time};

/// What kind of value a property has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// True or false, and stays so until told otherwise.
    Flag,
    /// Something that happens and is over: a press. Always true.
    Moment,
    /// A number within a physical range, both ends included.
    Number {
        /// The only unit it is kept in.
        unit: &'static str,
        /// The smallest value that can be.
        min: f64,
        /// The largest value that can be.
        max: f64,
    },
}

macro_rules! vocabulary {
    ($( $variant:ident $name:literal $zh:literal $kind:ident $(($unit:literal, $min:literal ..= $max:literal))? $life:ident; )+) => {
        /// What is observed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Property {
            $( #[doc = concat!("`", $name, "` ", $zh)] #[serde(rename = $name)] $variant, )+
        }

        impl Property {
            /// Every property there is, in the order of the vocabulary.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// Its name in files, topics and stories.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// Its name on Chinese pages.
            pub const fn zh(self) -> &'static str {
                match self { $( Self::$variant => $zh, )+ }
            }

            /// Its kind of value, with unit and range.
            pub const fn kind(self) -> Kind {
                match self { $( Self::$variant => vocabulary!(@kind $kind $(($unit, $min, $max))?), )+ }
            }

            /// Whether a life may hang on one single message of it; such messages have their own lane.
            pub const fn is_life(self) -> bool {
                match self { $( Self::$variant => vocabulary!(@life $life), )+ }
            }
        }
    };
    (@kind flag) => { Kind::Flag };
    (@kind moment) => { Kind::Moment };
    (@kind number ($unit:literal, $min:literal, $max:literal)) => {
        Kind::Number { unit: $unit, min: $min, max: $max }
    };
    (@life life) => { true };
    (@life plain) => { false };
}

// `oxygen`: on supplemental oxygen. `lucid`: alert in the sense of ACVPU; false is C, V, P or U (new
// confusion, or answers only to voice, only to pain, or not at all). `water`: the total of a meter.
// `validity`: for how many days a certificate is good from now on; the hub tells it of its own.
// `cover`: for how long from now on somebody of every rung is on duty; the hub tells it of its own rota.
//
// Ranges are what a sensor can physically mean, not what is healthy: limits of health stand in `config/`.
vocabulary! {
    Help            "help"             "呼救"     moment life;
    Press           "press"            "按键"     moment life;
    Fall            "fall"             "跌倒"     flag life;
    Smoke           "smoke"            "烟雾"     flag life;
    Gas             "gas"              "燃气"     flag life;
    CarbonMonoxide  "carbon_monoxide"  "一氧化碳" flag life;
    Leak            "leak"             "水浸"     flag life;
    InBed           "in_bed"           "在床"     flag plain;
    Presence        "presence"         "有人"     flag plain;
    Motion          "motion"           "活动"     flag plain;
    Motionless      "motionless"       "静止"     flag plain;
    Open            "open"             "开门"     flag plain;
    Vibration       "vibration"        "振动"     flag plain;
    HeartRate       "heart_rate"       "心率"     number ("bpm", 20.0 ..= 300.0) plain;
    RespiratoryRate "respiratory_rate" "呼吸"     number ("/min", 1.0 ..= 80.0) plain;
    Spo2            "spo2"             "血氧"     number ("%", 30.0 ..= 100.0) plain;
    BodyTemperature "body_temperature" "体温"     number ("°C", 25.0 ..= 45.0) plain;
    Systolic        "systolic"         "收缩压"   number ("mmHg", 40.0 ..= 300.0) plain;
    Diastolic       "diastolic"        "舒张压"   number ("mmHg", 20.0 ..= 200.0) plain;
    Oxygen          "oxygen"           "吸氧"     flag plain;
    Lucid           "lucid"            "清醒"     flag plain;
    Glucose         "glucose"          "血糖"     number ("mmol/L", 0.5 ..= 50.0) plain;
    Weight          "weight"           "体重"     number ("kg", 1.0 ..= 400.0) plain;
    Targets         "targets"          "人数"     number ("people", 0.0 ..= 20.0) plain;
    Distance        "distance"         "距离"     number ("cm", 0.0 ..= 2000.0) plain;
    Movement        "movement"         "体动"     number ("%", 0.0 ..= 100.0) plain;
    Temperature     "temperature"      "温度"     number ("°C", -50.0 ..= 125.0) plain;
    Humidity        "humidity"         "湿度"     number ("%", 0.0 ..= 100.0) plain;
    Illuminance     "illuminance"      "照度"     number ("lx", 0.0 ..= 200000.0) plain;
    GasLevel        "gas_level"        "燃气浓度" number ("%LEL", 0.0 ..= 100.0) plain;
    CoLevel         "co_level"         "一氧化碳浓度" number ("ppm", 0.0 ..= 10000.0) plain;
    Water           "water"            "用水"     number ("L", 0.0 ..= 100000.0) plain;
    WaterFlow       "water_flow"       "水流量"   number ("L/min", 0.0 ..= 1000.0) plain;
    Power           "power"            "用电"     number ("W", 0.0 ..= 100000.0) plain;
    Battery         "battery"          "电量"     number ("%", 0.0 ..= 100.0) plain;
    BatteryLow      "battery_low"      "低电量"   flag plain;
    Tamper          "tamper"           "防拆"     flag plain;
    Signal          "signal"           "信号"     number ("dBm", -150.0 ..= 20.0) plain;
    LinkQuality     "link_quality"     "链路质量" number ("lqi", 0.0 ..= 255.0) plain;
    Online          "online"           "在线"     flag plain;
    Fault           "fault"            "故障"     flag plain;
    SelfTest        "self_test"        "自检"     moment plain;
    Cover           "cover"            "值班覆盖" number ("h", 0.0 ..= 336.0) plain;
    Validity        "validity"         "有效期"   number ("d", 0.0 ..= 36500.0) plain;
}

impl Property {
    /// Whether it is a vital sign, or the like: what a resident may not want to share.
    pub const fn is_vital(self) -> bool {
        matches!(
            self,
            Self::HeartRate
                | Self::RespiratoryRate
                | Self::Spo2
                | Self::BodyTemperature
                | Self::Systolic
                | Self::Diastolic
                | Self::Oxygen
                | Self::Lucid
                | Self::Glucose
                | Self::Weight
        )
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Property {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        Self::ALL.iter().copied().find(|p| p.name() == text).ok_or_else(|| {
            let near =
                Self::ALL.iter().find(|p| p.name().contains(text) || text.contains(p.name()));
            let hint = near.map_or(String::new(), |p| format!("; did you mean `{p}`?"));
            let zh = near.map_or(String::new(), |p| format!("，是“{p}”吗？"));
            both!("没有“{text}”这一属性{zh}", "there is no property `{text}`{hint}")
        })
    }
}

/// What was observed: always finite, always within the property's range (see [`Observation::new`]).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Of a [`Kind::Flag`] or [`Kind::Moment`].
    Flag(bool),
    /// Of a [`Kind::Number`].
    Number(f64),
}

impl Value {
    /// Whether it is a flag that is set.
    pub const fn is_true(self) -> bool {
        matches!(self, Self::Flag(true))
    }

    /// The number, if it is one.
    pub const fn number(self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(n),
            Self::Flag(_) => None,
        }
    }
}

/// `true`, `21.4`: the shortest text that reads back as the same value.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(n) => write!(f, "{n}"),
        }
    }
}

/// One decoded fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// What is observed.
    #[serde(rename = "p")]
    pub property: Property,
    /// What was seen.
    #[serde(rename = "v")]
    pub value: Value,
    /// When, as the sensor claims, in wall time. Decisions use the hub's time; this says how late it is.
    #[serde(rename = "at", default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Time>,
    /// For sensors that never say that it is over: a flag falls back to false after this long.
    #[serde(rename = "clears", default, skip_serializing_if = "Option::is_none")]
    pub clears_after: Option<Span>,
}

impl Observation {
    /// A flag, without more.
    pub const fn flag(property: Property, is: bool) -> Self {
        Self { property, value: Value::Flag(is), observed_at: None, clears_after: None }
    }

    /// An observation whose value fits its property.
    ///
    /// # Errors
    /// Says in a sentence what does not fit: a number for a flag, a flag for a number, not a number,
    /// outside the physical range.
    pub fn new(property: Property, value: Value) -> Result<Self, String> {
        match (property.kind(), value) {
            (Kind::Flag, Value::Flag(_)) | (Kind::Moment, Value::Flag(true)) => {}
            (Kind::Moment, Value::Flag(false)) => {
                return Err(format!("`{property}` happens or not: its only value is true"));
            }
            (Kind::Flag | Kind::Moment, Value::Number(n)) => {
                return Err(format!("`{property}` is true or false, not {n}"));
            }
            (Kind::Number { unit, .. }, Value::Flag(flag)) => {
                return Err(format!("`{property}` is a number in {unit}, not {flag}"));
            }
            (Kind::Number { unit, min, max }, Value::Number(n)) => {
                if !(min..=max).contains(&n) {
                    return Err(format!(
                        "`{property}` is from {min} to {max} {unit}, {n} cannot be"
                    ));
                }
            }
        }
        Ok(Self { property, value, observed_at: None, clears_after: None })
    }
}

/// `in_bed true`, `temperature 21.4 °C`: as in stories and in a profile's examples.
impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.property, self.value)?;
        match self.property.kind() {
            Kind::Number { unit, .. } => write!(f, " {unit}"),
            Kind::Flag | Kind::Moment => Ok(()),
        }
    }
}

/// Reads what `Display` writes; the unit may be left out.
impl FromStr for Observation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (property, rest) = text.split_once(' ').unwrap_or((text, "true"));
        let property: Property = property.parse()?;
        let (value, said) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        if let Kind::Number { unit, .. } = property.kind()
            && !said.is_empty()
            && said.trim() != unit
        {
            return Err(format!("`{property}` is in {unit}, not {said}"));
        }
        let value = match value {
            "true" => Value::Flag(true),
            "false" => Value::Flag(false),
            number => Value::Number(
                number
                    .parse()
                    .map_err(|e| format!("`{number}` is not true, false or a number: {e}"))?,
            ),
        };
        Self::new(property, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_physical_range_becomes_an_observation() {
        for wrong in [
            "spo2 101",
            "spo2 NaN",
            "heart_rate 0",
            "help false",
            "fall 1",
            "spo2 true",
            "temperature inf",
            "colour red",
            "heart_rate 70 kg",
        ] {
            assert!(wrong.parse::<Observation>().is_err(), "{wrong}");
        }
        for right in ["spo2 97 %", "help true", "temperature 21.4 °C", "in_bed false"] {
            assert_eq!(right.parse::<Observation>().unwrap().to_string(), right);
        }
    }
}
