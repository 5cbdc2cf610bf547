//! Trying a device out by the API, and the report of a home.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use crate::hub::Hub;

const BED: &str = "/api/v1/homes/h1/devices/bed-pad/walk";

async fn acts(hub: &Hub, path: &str, body: Value) -> Value {
    let answer = hub.post(path, body.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{body}: {}", answer.text);
    answer.json()
}

async fn device(hub: &Hub, id: &str) -> Value {
    let all = hub.get("/api/v1/devices").await.json();
    let all = all.as_array().expect("a list");
    all.iter().find(|d| d["id"] == id).expect("it is in the register").clone()
}

#[tokio::test]
async fn a_device_is_tried_out_and_meanwhile_only_it_is_not_believed() {
    let hub = Hub::start();
    let before = hub.get(BED).await.json();
    assert_eq!((&before["testing"], &before["last"]), (&json!(false), &Value::Null));
    assert_eq!(before["steps"][0]["what"]["zh"], "躺到床上", "what the test would be");
    let begun = acts(&hub, BED, json!({"act": "begin", "by": "wu"})).await;
    assert_eq!((&begun["testing"], &begun["by"]), (&json!(true), &json!("wu")));
    assert!(begun["until"].is_string());
    assert_eq!(begun["steps"][0]["sees"], json!(["in_bed true"]));
    hub.observe("bed-pad", "in_bed", json!(true)).await;
    let seen = hub.get(BED).await.json();
    assert_eq!(seen["steps"][0]["saw"], "in_bed true");
    assert!(seen["steps"][0]["seen_at"].is_string() && seen["steps"][1]["seen_at"].is_null());
    let shown = device(&hub, "bed-pad").await;
    assert_eq!((&shown["testing"], &shown["state"]), (&json!(true), &json!("online")));
    assert!(shown["testing_until"].is_string());
    assert_eq!(shown["facts"][0]["state"], "unknown", "P5: nobody goes by it");
    let front = hub.page("/", "careloop_lang=en").await;
    assert!(front.text.contains("1 under test"), "{}", front.text);
    // Another device is believed as ever.
    hub.call_for_help().await;
    assert_eq!(hub.get("/api/v1/incidents").await.json()[0]["rule"], "help");
    let page = hub.page("/incidents/h1-1", "careloop_lang=en").await;
    assert!(page.text.contains("under test until"), "{}", page.text);
    hub.observe("bed-pad", "in_bed", json!(false)).await;
    let passed = hub.get(BED).await.json();
    assert_eq!((&passed["testing"], &passed["last"]["finding"]), (&json!(false), &json!("passed")));
    assert_eq!(device(&hub, "bed-pad").await["testing"], json!(false));
}

#[tokio::test]
async fn a_test_is_ended_by_hand_and_nonsense_is_refused() {
    let hub = Hub::start();
    acts(&hub, BED, json!({"act": "begin"})).await;
    let ended = acts(&hub, BED, json!({"act": "end"})).await;
    assert_eq!(ended["last"]["finding"], "ended");
    assert_eq!(ended["last"]["missing"], json!(["in_bed true", "in_bed false"]));
    assert_eq!(ended["last"]["by"], "technician");
    acts(&hub, BED, json!({"act": "end"})).await;
    let refused = async |path: &str, body: Value, status: StatusCode, why: &str| {
        let answer = hub.post(path, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert!(answer.text.contains(why), "{body}: {}", answer.text);
    };
    let begin = || json!({"act": "begin"});
    let (bad, gone) = (StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND);
    refused(BED, json!({"act": "dance", "by": 7}), bad, "`by` is a name").await;
    refused(BED, json!({"act": "begin", "who": "wu"}), bad, "there is no `who`").await;
    refused(BED, json!([]), bad, "an object").await;
    refused("/api/v1/homes/h1/devices/cellar/walk", begin(), gone, "no device `cellar`").await;
    refused("/api/v1/homes/h9/devices/bed-pad/walk", begin(), gone, "no home `h9`").await;
    refused("/api/v1/homes/h1/devices/!/walk", begin(), gone, "not a name").await;
    // A device without a profile that has not said anything: what could be tried?
    let hub = Hub::start_with(None, |home| {
        for device in &mut home.devices {
            device.profile.clear();
            device.binding = careloop::domain::Binding::Direct;
        }
    });
    let nothing = hub.post(BED, begin()).await;
    assert_eq!(nothing.status, StatusCode::CONFLICT, "{}", nothing.text);
}

#[tokio::test]
async fn the_report_says_what_is_mounted_what_was_tried_out_and_what_is_missing() {
    let hub = Hub::start();
    hub.observe("bed-pad", "battery", json!(12)).await;
    acts(&hub, BED, json!({"act": "begin", "by": "wu"})).await;
    hub.observe("bed-pad", "in_bed", json!(true)).await;
    hub.observe("bed-pad", "in_bed", json!(false)).await;
    let report = hub.get("/api/v1/homes/h1/report").await.json();
    assert_eq!((&report["home"], &report["is_live"]), (&json!("h1"), &json!(true)));
    let gaps: Vec<&str> = report["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|g| g["text"]["en"].as_str())
        .collect();
    assert!(gaps.contains(&"no gas sensor in the kitchen (wanted where gas is used)"), "{gaps:?}");
    assert!(!gaps.contains(&"no smoke sensor in the kitchen"), "{gaps:?}");
    let all = report["devices"].as_array().unwrap();
    let bed = all.iter().find(|d| d["id"] == "bed-pad").unwrap();
    assert_eq!((&bed["state"], &bed["battery"]), (&json!("online"), &json!(12.0)));
    assert_eq!((&bed["test"]["finding"], &bed["test"]["by"]), (&json!("passed"), &json!("wu")));
    assert_eq!(bed["test"]["warnings"][0]["en"], "battery at 12 %");
    let untested = report["untested"].as_array().unwrap();
    assert!(untested.contains(&json!("kitchen-smoke")) && !untested.contains(&json!("bed-pad")));
    let silent = all.iter().find(|d| d["id"] == "kitchen-smoke").unwrap();
    assert_eq!((&silent["state"], &silent["heard_at"]), (&json!("unknown"), &Value::Null), "P5");
    let page = hub.page("/mount/h1", "careloop_lang=en").await.text;
    let wish = |what: &str, by: &str, word: &str| {
        let by = if by.is_empty() { String::new() } else { format!("<small>{by}</small>") };
        let row = format!("{what}{by}</span><span class=\"outcome\">{word}</span>");
        assert!(page.contains(&row), "{row}: {page}");
    };
    wish("bed or presence sensor", "bed-pad", "there");
    wish("help button or fall sensor", "fall-radar", "unproven");
    wish("water leak sensor", "", "missing");
    let by_query = hub.get("/api/v1/homes/h1/report?format=markdown").await;
    assert!(by_query.header(header::CONTENT_TYPE).starts_with("text/markdown"));
    for part in
        ["缺口 / Gaps", "厨房没有燃气探测器", "passed", "### bed-pad · bedroom", "电量低：12 %"]
    {
        assert!(by_query.text.contains(part), "{part}: {}", by_query.text);
    }
    let accept = [("accept", "text/markdown")];
    let by_header = hub.ask("GET", "/api/v1/homes/h1/report", &accept, Body::empty()).await;
    assert!(by_header.text.starts_with("# 安装交付报告"), "{}", by_header.text);
    let wrong = hub.get("/api/v1/homes/h1/report?format=pdf").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(hub.get("/api/v1/homes/h9/report").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_device_is_online_offline_or_nobody_can_tell() {
    let hub = Hub::start();
    let unknown = device(&hub, "hall-motion").await;
    assert_eq!((&unknown["state"], &unknown["is_alive"]), (&json!("unknown"), &json!(false)));
    hub.observe("hall-motion", "signal", json!(-71)).await;
    let online = device(&hub, "hall-motion").await;
    assert_eq!((&online["state"], &online["signal"]), (&json!("online"), &json!(-71.0)));
    hub.observe("hall-motion", "online", json!(false)).await;
    let offline = device(&hub, "hall-motion").await;
    assert_eq!(offline["state"], "offline");
    assert!(offline["since"].is_string());
}
