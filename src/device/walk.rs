//! How each kind of sensor is tried out: what to do, and what must be seen. One table, by property:
//! whatever a model reports, there is a step for it or it cannot be brought about by hand.

use crate::domain::observation::Kind;
use crate::domain::walk::WALK_MAX;
use crate::domain::{Property, Sign, Span, Step, Title, Value};

/// One line of the table.
struct Way {
    of: Property,
    zh: &'static str,
    en: &'static str,
    /// What must be seen; for a number any reading will do.
    sees: bool,
    optional: bool,
    /// How long it may take.
    within: Span,
}

const fn way(of: Property, zh: &'static str, en: &'static str, sees: bool, minutes: i64) -> Way {
    Way { of, zh, en, sees, optional: false, within: Span::minutes(minutes) }
}

const fn may(of: Property, zh: &'static str, en: &'static str, sees: bool, minutes: i64) -> Way {
    Way { optional: true, ..way(of, zh, en, sees, minutes) }
}

/// In the order in which they are done. A smoke, fall or gas flag need not have a step for its end: a
/// test does not pass before such a flag is taken back.
const WAYS: &[Way] = &[
    way(Property::Help, "按下呼救键或拉绳", "press the help button, or pull the cord", true, 2),
    way(Property::Press, "按一下按键", "press the button once", true, 2),
    way(
        Property::Fall,
        "在传感器视野内躺到地上不动（或用厂家的跌倒测试），然后起身",
        "lie down on the floor in its view and keep still (or run the maker's fall test), then get up",
        true,
        6,
    ),
    way(
        Property::Smoke,
        "按住测试键（或用测试烟）",
        "hold its test button (or use test smoke)",
        true,
        4,
    ),
    way(
        Property::Gas,
        "按住测试键（或用测试气）",
        "hold its test button (or use test gas)",
        true,
        4,
    ),
    way(
        Property::CarbonMonoxide,
        "按住测试键（或用测试气）",
        "hold its test button (or use test gas)",
        true,
        4,
    ),
    way(Property::Leak, "用湿布接触探头", "touch the contacts with a wet cloth", true, 2),
    way(Property::Leak, "擦干探头", "dry the contacts", false, 3),
    way(Property::InBed, "躺到床上", "lie down on the bed", true, 3),
    way(Property::InBed, "起身离床", "get up and step away from the bed", false, 4),
    way(Property::Presence, "走进房间", "walk into the room", true, 3),
    may(Property::Presence, "离开房间", "leave the room", false, 2),
    way(Property::Motion, "走进房间", "walk into the room", true, 3),
    may(Property::Motion, "离开房间", "leave the room", false, 2),
    way(Property::Open, "打开", "open it", true, 1),
    way(Property::Open, "关上", "close it", false, 1),
    way(Property::Vibration, "敲一下", "knock at it", true, 2),
    way(Property::HeartRate, "按说明测量脉搏", "have the pulse taken", true, 4),
    way(Property::RespiratoryRate, "按说明测量呼吸", "have the breath taken", true, 4),
    way(Property::Spo2, "夹上手指", "put it on a finger", true, 3),
    way(Property::BodyTemperature, "测量体温", "take the temperature", true, 3),
    way(Property::Systolic, "测量血压", "take the blood pressure", true, 3),
    way(Property::Glucose, "测量血糖", "measure the blood sugar", true, 3),
    way(Property::Weight, "站上去", "step on it", true, 2),
];

/// What only measures is tried out by waiting for a reading.
const READINGS: &[Property] = &[
    Property::Temperature,
    Property::Humidity,
    Property::Illuminance,
    Property::GasLevel,
    Property::CoLevel,
    Property::Water,
    Property::Power,
    Property::Targets,
    Property::Distance,
    Property::Movement,
];

/// No one thing wants so many steps: a profile that does is for whatever may come.
const STEPS_MAX: usize = 12;

/// Whether these are what one model can tell, and not all that anything may.
pub fn is_one_model(properties: &[Property]) -> bool {
    WAYS.iter().filter(|way| properties.contains(&way.of)).count() <= STEPS_MAX
}

/// What to do with a device that reports these, and how long that may take in all; no steps where
/// nothing of it can be brought about by hand.
pub fn steps(properties: &[Property]) -> (Vec<Step>, Span) {
    if !is_one_model(properties) {
        return (vec![any(properties)], WALK_MAX);
    }
    let has = |property: Property| properties.contains(&property);
    let by_button = |of: Property| {
        let tests = matches!(of, Property::Smoke | Property::Gas | Property::CarbonMonoxide);
        (tests && has(Property::SelfTest)).then(|| sign(Property::SelfTest, true))
    };
    let (mut steps, mut lasts) = (Vec::new(), Span::ZERO);
    for way in WAYS.iter().filter(|way| has(way.of)) {
        let any_of = [sign(way.of, way.sees)].into_iter().chain(by_button(way.of)).collect();
        let what = Title::new(way.zh.to_owned(), way.en.to_owned());
        steps.push(Step { what, any_of, optional: way.optional, seen: None });
        lasts = Span(lasts.0 + way.within.0);
    }
    if !steps.is_empty() {
        return (steps, lasts.min(WALK_MAX));
    }
    if has(Property::SelfTest) {
        let what = Title::new("按住测试键".to_owned(), "hold its test button".to_owned());
        let any_of = vec![sign(Property::SelfTest, true)];
        return (vec![Step { what, any_of, optional: false, seen: None }], Span::minutes(4));
    }
    let readings = READINGS.iter().filter(|property| has(**property)).take(1);
    let wait = |property: &Property| {
        let zh = format!("等待读数：{}", property.zh());
        let en = format!("wait for a reading of {}", property.name().replace('_', " "));
        let any_of = vec![sign(*property, true)];
        Step { what: Title::new(zh, en), any_of, optional: false, seen: None }
    };
    (readings.map(wait).collect(), WALK_MAX)
}

/// Nobody knows what it is before it has said anything: whatever shows that it works.
fn any(properties: &[Property]) -> Step {
    let zh = "触发它所检测的情况".to_owned();
    let what = Title::new(zh, "bring about what it is there to tell".to_owned());
    let ways = WAYS.iter().filter(|way| way.sees && properties.contains(&way.of));
    let any_of = ways.map(|way| sign(way.of, true)).collect();
    Step { what, any_of, optional: false, seen: None }
}

fn sign(property: Property, sees: bool) -> Sign {
    let value = match property.kind() {
        Kind::Flag | Kind::Moment => Some(Value::Flag(sees)),
        Kind::Number { .. } => None,
    };
    Sign { property, value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{SHIPPED, profiles_from};

    fn told(properties: &[Property]) -> Vec<String> {
        steps(properties).0.iter().map(Step::to_string).collect()
    }

    #[test]
    fn each_kind_of_sensor_has_its_steps() {
        use Property::*;
        assert_eq!(told(&[Motion, Battery]), ["motion true", "motion false (optional)"]);
        assert_eq!(told(&[Open, Tamper]), ["open true", "open false"]);
        assert_eq!(told(&[Smoke, SelfTest]), ["smoke true or self_test"]);
        assert_eq!(told(&[Smoke]), ["smoke true"]);
        assert_eq!(told(&[HeartRate, Signal]), ["heart_rate any"]);
        assert_eq!(told(&[Temperature, Humidity, Battery]), ["temperature any"]);
        assert_eq!(told(&[Battery, Online]), [""; 0]);
        assert_eq!(told(Property::ALL).len(), 1, "nobody knows what it is");
        // What is written in a story reads back.
        for step in Property::ALL.iter().flat_map(|property| told(&[*property])) {
            assert_eq!(step.parse::<Step>().map(|s| s.to_string()), Ok(step));
        }
    }

    #[test]
    fn whatever_a_life_may_hang_on_can_be_tried_out_and_in_time() {
        for property in Property::ALL.iter().filter(|property| property.is_life()) {
            assert!(!told(&[*property]).is_empty(), "{property}");
        }
        let (profiles, _) = profiles_from(SHIPPED.iter().copied());
        assert!(!profiles.is_empty());
        for profile in profiles.values() {
            let properties = profile.properties();
            let (steps, lasts) = steps(&properties);
            assert!(lasts <= WALK_MAX, "{}: {lasts}", profile.name);
            let is_life = properties.iter().any(|property| property.is_life());
            assert!(!is_life || !steps.is_empty(), "{}", profile.name);
        }
    }
}
