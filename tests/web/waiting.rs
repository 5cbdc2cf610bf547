//! A technician's way from a message of nobody known to the model it may be, over the API.

use axum::http::StatusCode;
use careloop::device::{Origin, RawMessage};
use careloop::inbox::Answer;
use serde_json::{Value, json};

use crate::hub::Hub;

/// As zigbee2mqtt 2.14.1 tells of it, shortened.
const BRIDGE: &str = r#"[{"friendly_name":"Coordinator","ieee_address":"0x00124b00deadbeef","type":"Coordinator"},
    {"definition":{"description":"Door and window sensor","exposes":[
        {"access":1,"name":"contact","property":"contact","type":"binary","value_off":true,"value_on":false},
        {"access":1,"name":"battery","property":"battery","type":"numeric","unit":"%"}],
    "model":"MCCGQ11LM","vendor":"Aqara"},"friendly_name":"new door","ieee_address":"0x00158d0002a10003",
    "interview_completed":true,"model_id":"lumi.sensor_magnet.aq2","supported":true,"type":"EndDevice"}]"#;

async fn send(hub: &Hub, topic: &str, payload: &str) -> Answer {
    let origin = Origin::Mqtt(topic.to_owned());
    let raw = RawMessage { origin, payload: payload.into(), retained: true };
    hub.site.inbox.receive(raw, Vec::new()).await.await.expect("it is stored")
}

async fn waiting(hub: &Hub) -> Vec<Value> {
    let answer = hub.get("/api/v1/devices/waiting").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json().as_array().expect("a list").clone()
}

#[tokio::test]
async fn what_a_bridge_announces_and_nobody_registered_waits_with_its_model() {
    let hub = Hub::start();
    assert!(waiting(&hub).await.is_empty());
    assert_eq!(send(&hub, "zigbee2mqtt/bridge/devices", BRIDGE).await, Answer::Done);
    assert_eq!(send(&hub, "zigbee2mqtt/bridge/info", "{}").await, Answer::Done);
    let heard = send(&hub, "zigbee2mqtt/new door", r#"{"contact":false}"#).await;
    assert!(matches!(heard, Answer::Unknown(_)));
    send(&hub, "zigbee2mqtt/new door/availability", r#"{"state":"online"}"#).await;
    let all = waiting(&hub).await;
    assert_eq!(all.len(), 1, "{all:#?}");
    let door = &all[0];
    assert_eq!((&door["name"], &door["model"]), (&json!("new door"), &json!("MCCGQ11LM")));
    assert_eq!((&door["count"], &door["announced"]), (&json!(2), &json!(["zigbee2mqtt"])));
    let best = &door["guesses"][0];
    assert_eq!(best["profile"], "zigbee2mqtt/aqara-MCCGQ11LM");
    assert_eq!(
        (&best["address"], &best["reads"]),
        (&json!("new door"), &json!(["open true", "online true"]))
    );
    let strange = hub.get("/api/v1/strangers").await.json();
    assert_eq!(strange.as_array().expect("a list").len(), 2, "announcements are not strange");
    let key = door["key"].as_str().expect("it has one");
    let again = hub.post("/api/v1/devices/identify", json!({"of": key})).await.json();
    assert_eq!(again[0], *best);
    let draft = hub.post("/api/v1/devices/draft", json!({"of": key})).await.json();
    assert_eq!(
        (&draft["name"], &draft["address"]),
        (&json!("zigbee2mqtt/aqara-MCCGQ11LM"), &json!("new door"))
    );
    assert!(draft["text"].as_str().expect("a text").contains("property = \"open\""));
    send(&hub, "zigbee2mqtt/bridge/devices", "[]").await;
    assert_eq!(waiting(&hub).await[0]["announced"], json!([]), "the bridge has forgotten it");
}

#[tokio::test]
async fn a_payload_is_identified_and_drafted_without_being_stored() {
    let hub = Hub::start();
    let heard =
        |payload: &str| json!({"messages": [{"topic": "zigbee2mqtt/x", "payload": payload}]});
    let all = hub.post("/api/v1/devices/identify", heard(r#"{"water_leak":true}"#)).await.json();
    let fitting = |g: &&Value| g["fits"] == json!(true);
    let names: Vec<_> = all
        .as_array()
        .expect("a list")
        .iter()
        .filter(fitting)
        .map(|g| g["profile"].clone())
        .collect();
    assert!(names.contains(&json!("zigbee2mqtt/aqara-SJCGQ11LM")), "{names:?}");
    let draft = hub.post("/api/v1/devices/draft", heard(r#"{"water_leak":true}"#)).await;
    assert!(draft.json()["text"].as_str().expect("a text").contains("means = [\"leak true\"]"));
    let nothing = hub.post("/api/v1/devices/draft", heard(r#"{"colour":"red"}"#)).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(waiting(&hub).await.is_empty());
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_is_never_our_error() {
    let hub = Hub::start();
    let many: Vec<_> = (0..201).map(|_| json!({"payload": "x"})).collect();
    for path in ["/api/v1/devices/identify", "/api/v1/devices/draft"] {
        for body in [
            json!({}),
            json!([]),
            json!({"of": "abcde", "messages": [{"payload": "x"}]}),
            json!({"messages": [{"topic": "a"}]}),
            json!({"messages": [{"payload": "x", "colour": "red"}]}),
            json!({"messages": many}),
        ] {
            let answer = hub.post(path, body.clone()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.text);
            assert_eq!(answer.json()["where"][0]["field"], "body");
        }
        let nobody = hub.post(path, json!({"of": "abcde"})).await;
        assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    }
}
