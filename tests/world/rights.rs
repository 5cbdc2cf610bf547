//! What each program in the home may say, as `gateway.toml` gives it.

use crate::house::House;
use crate::programs::{LEAK, Subscriber, publish, publish_file};

const CLIENTS: &str = r#"
[[mqtt.client]]
user = "zigbee2mqtt"
password_file = "password"
publish = ["zigbee2mqtt/#"]
subscribe = ["zigbee2mqtt/#"]

[[mqtt.client]]
user = "phone"
password_file = "password"
publish = ["careloop/incidents/+/moves"]
subscribe = ["careloop/incidents/#"]
"#;

#[tokio::test]
async fn a_phone_moves_an_incident_on_and_a_sensor_cannot() {
    let house = House::with(|texts| {
        texts.swap("gateway.toml", "anonymous = true", "anonymous = false");
        texts.add("gateway.toml", CLIENTS);
        texts.put("password", "word".into());
    });
    let daemon = house.start().await;
    let phone = ["-u", "phone", "-P", "word"];
    let sensor = ["-u", "zigbee2mqtt", "-P", "word", "-i", "z2m"];
    let mut screen = Subscriber::start_as(daemon.mqtt, "careloop/incidents/+", &phone).await;

    publish(daemon.mqtt, "zigbee2mqtt/kitchen-leak", LEAK, &sensor).await;
    let incident = house.incident("leak").await;
    let id = &incident.id;
    screen.hears(&format!("careloop/incidents/{id} 0 ")).await;
    let moves = format!("careloop/incidents/{id}/moves");
    // 3.1.1 has no word for no; the log has.
    publish(daemon.mqtt, &moves, r#"{"move":"accept","by":"wang"}"#, &sensor).await;
    let said = daemon.says("has no right").await;
    assert!(said.contains(&moves) && said.contains("z2m"), "{said}");
    publish(daemon.mqtt, &moves, r#"{"move":"accept","by":"daughter"}"#, &phone).await;
    screen.hears(r#""accepted_by":"daughter""#).await;
    let lines = house.lines(id);
    assert!(!lines.iter().any(|line| line.contains("accepted by wang")), "{lines:?}");

    // Who sends too much hears nothing in 3.1.1 but that it is cut off: the log says why.
    let film = house.folder.path().join("film");
    std::fs::write(&film, vec![b'x'; 2_000_000]).unwrap();
    let _camera = publish_file(daemon.mqtt, "zigbee2mqtt/film", &film, &sensor);
    let said = daemon.says("longer than `max_packet`").await;
    assert!(said.contains("z2m"), "{said}");
}
