//! Reports of a small home.

use super::*;
use crate::device::{SHIPPED, profiles_from};
use crate::domain::Binding;

#[test]
fn a_help_button_is_to_be_tried_out_every_week_and_what_did_not_pass_is_named() {
    let (profiles, _) = profiles_from(SHIPPED.iter().copied());
    let coverage = include_str!("../../../config/coverage.toml");
    let coverage = Coverage::read(("coverage.toml", coverage)).unwrap();
    let device = |id: &str, profile: &str| Device {
        room: "卧室".to_owned(),
        is_life: true,
        ..Device::new(id.parse().unwrap(), profile, Binding::Direct)
    };
    let devices = vec![
        device("button", "zigbee2mqtt/heiman-HS1EB"),
        device("pad", "zigbee2mqtt/owon-SPM915"),
        device("smoke", "zigbee2mqtt/heiman-HS1SA"),
        // Nobody knows what this is: it fills no gap.
        device("board", "generic/json"),
    ];
    let home = Home::new("h1".parse().unwrap(), "Asia/Shanghai", devices);
    let at: Time = "2026-01-15T10:00:00+08:00".parse().unwrap();
    let walked = |finding| Walked {
        by: "wu".parse().unwrap(),
        began_at: at,
        ended_at: at,
        finding,
        steps: vec!["smoke true".parse().unwrap()],
        still: Vec::new(),
        battery: None,
        signal: Some(-97.0),
        link_quality: None,
    };
    let walks: BTreeMap<DeviceId, Walked> = [
        ("button", walked(Finding::Passed)),
        ("pad", walked(Finding::Passed)),
        ("smoke", walked(Finding::Failed)),
    ]
    .into_iter()
    .map(|(id, walked)| (id.parse().unwrap(), walked))
    .collect();
    let made = |days| {
        let made = at + Span::hours(24 * i64::from(days));
        Commissioning::new(&home, &profiles, &coverage, None, &walks, made)
    };
    let named = |ids: &[DeviceId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(named(&made(6).overdue), [""; 0]);
    let late = made(7);
    assert_eq!(named(&late.overdue), ["button"]);
    assert_eq!(named(&late.untested), ["smoke", "board"]);
    let gaps: Vec<&str> = late.gaps.iter().map(|gap| gap.text.en.as_str()).collect();
    assert!(gaps.contains(&"no door sensor in the home"), "{gaps:?}");
    assert!(!gaps.contains(&"no smoke sensor in the home"), "{gaps:?}");
    let told = late.markdown();
    for part in [
        "未通过 / failed, 2026-01-15 10:00, wu; 未见 / not seen: smoke true; 信号弱：-97 dBm",
        "## 到期复测 / To be tried out again\n\n- button\n",
        "网关未运行",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}
