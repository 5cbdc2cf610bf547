//! A technician tries out what is mounted, at the command line of the running hub.

use serde_json::Value;

use crate::house::{House, soon};
use crate::programs::{PRESSED, free_port, publish};

const LIES: &str = r#"{"battery_low":false,"contact":false,"linkquality":120}"#;
const GETS_UP: &str = r#"{"battery_low":false,"contact":true,"linkquality":120}"#;

/// A house whose API the command line can find.
fn house() -> House {
    let listen = format!("[http]\nlisten = \"127.0.0.1:{}\"", free_port());
    House::with(|texts| texts.swap("gateway.toml", "[http]\nlisten = \"127.0.0.1:0\"", &listen))
}

/// Waits until the device is under test, or is not.
async fn is_tested(house: &House, device: &str, tested: bool) {
    let look = async {
        loop {
            let all = house.ask_json(&["devices", "list", "--json"]).await;
            let is_it = |d: &&Value| d["id"] == device && d["testing"] == tested;
            if all.as_array().unwrap().iter().any(|d| is_it(&d)) {
                return;
            }
        }
    };
    soon("the test of a device", look).await;
}

#[tokio::test]
async fn a_device_is_tried_out_and_what_it_says_meanwhile_is_no_alarm() {
    let house = house();
    let daemon = house.start().await;
    let port = daemon.mqtt;
    let walk = house.cli(&["devices", "walk", "h1", "bed-pad", "--by", "wu"]);
    let technician = async {
        is_tested(&house, "bed-pad", true).await;
        publish(port, "zigbee2mqtt/bed-pad", LIES, &[]).await;
        publish(port, "zigbee2mqtt/bed-pad", GETS_UP, &[]).await;
    };
    let (walked, ()) = tokio::join!(walk, technician);
    let said = String::from_utf8(walked.stdout).unwrap();
    assert_eq!(walked.status.code(), Some(0), "{said}");
    for part in ["躺到床上", "✓ 1. in_bed true", "✓ 2. in_bed false", "bed-pad passed"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // One that is ended by hand has not passed; and a press meanwhile calls nobody.
    let walk = house.cli(&["devices", "walk", "h1", "ok-button"]);
    let technician = async {
        is_tested(&house, "ok-button", true).await;
        house.ask(&["devices", "walk", "h1", "ok-button", "--end"]).await;
    };
    let (walked, ()) = tokio::join!(walk, technician);
    assert_eq!(walked.status.code(), Some(1));
    let said = String::from_utf8(walked.stderr).unwrap();
    assert!(said.contains("ok-button ended: not seen: press"), "{said}");
    let cellar = house.cli(&["devices", "walk", "h1", "cellar"]).await;
    assert_eq!(cellar.status.code(), Some(2), "{cellar:?}");
    let report = house.ask(&["devices", "report", "h1"]).await;
    assert!(report.contains("### bed-pad") && report.contains("通过 / passed"), "{report}");
    assert!(house.incidents().is_empty());
    house.verify().await;
    // The report of a hub that does not run says that it does not know how things are.
    daemon.kill().await;
    let report = house.ask_json(&["devices", "report", "h1", "--json"]).await;
    assert_eq!(report["is_live"], false);
    assert_eq!(report["devices"][1]["test"]["finding"], "passed", "{report}");
}

#[tokio::test]
async fn a_test_outlives_a_kill_and_no_other_device_is_muted() {
    let house = house();
    let daemon = house.start().await;
    let walk = house.spawn(&["devices", "walk", "h1", "kitchen-smoke"]);
    walk.says("under test until").await;
    is_tested(&house, "kitchen-smoke", true).await;
    daemon.kill().await;
    let daemon = house.start().await;
    let port = daemon.mqtt;
    is_tested(&house, "kitchen-smoke", true).await;
    let status = house.ask(&["status"]).await;
    assert!(status.contains("h1/kitchen-smoke is under test"), "{status}");
    publish(port, "zigbee2mqtt/kitchen-smoke", r#"{"smoke":true,"battery_low":false}"#, &[]).await;
    publish(port, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    house.incident("help").await;
    assert!(house.incidents_of("smoke").is_empty());
    // It still smokes when the test ends: that counts at once.
    house.ask(&["devices", "walk", "h1", "kitchen-smoke", "--end"]).await;
    house.incident("smoke").await;
    house.verify().await;
}

#[tokio::test]
async fn a_house_may_have_its_own_wishes_and_a_mistake_in_them_is_named() {
    let own = "[[want]]\nany_of = [\"weight\"]\ntitle = { zh = \"体重秤\", en = \"scales\" }\nsource = \"us\"\n";
    let house = House::with(|texts| texts.put("coverage.toml", own.to_owned()));
    let report = house.ask_json(&["devices", "report", "h1", "--json"]).await;
    assert_eq!(report["gaps"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["gaps"][0]["text"]["en"], "no scales in the home");
    let wrong = own.replace("weight", "wait");
    let house = House::with(|texts| texts.put("coverage.toml", wrong));
    let check = house.cli(&["check"]).await;
    assert_eq!(check.status.code(), Some(2));
    let said = String::from_utf8(check.stderr).unwrap();
    assert!(said.contains("coverage.toml:2:11") && said.contains("`wait`"), "{said}");
}
