//! Platforms of cities and of hotlines: each wants its own body and says yes in its own field.

use std::path::Path;

use careloop::channel::fill::Payload;
use careloop::channel::http::Line;
use careloop::channel::webhook::{Account, Code};
use careloop::channel::{Channel, Notice, Verdict, Webhook};
use careloop::domain::Time;
use serde_json::json;

use crate::far_side::{Does, FarSide, Request};

fn shipped(name: &str) -> Payload {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/templates");
    Payload::read(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

async fn tell(body: Payload, code: Code, says: &str) -> (Verdict, Request) {
    let far_side = FarSide::open().await;
    let url = far_side.url().parse().unwrap();
    let token = Some("T0KEN".parse().unwrap());
    let account = Account { url, secret: None, token, body: Some(body), code: Some(code) };
    let line = Line::new(None, std::time::Duration::from_millis(600)).unwrap();
    let channel = Channel::Webhook(Webhook::new(line, account).unwrap());
    let notice = Notice {
        delivery: "h1-7/3".parse().unwrap(),
        to: "370102013006008".to_owned(),
        body: json!({
            "level": "serious", "title": { "zh": "夜间离床\"未归\"" }, "home": { "name": "王家" },
            "since_local": "2026-01-31 02:10", "reason": { "zh": "心率 140" },
        }),
        text: "严重报警，编号 h1-7".to_owned(),
        at: Time(1_700_000_000_000),
    };
    far_side.hears(&channel, &notice, Does::Says(says)).await
}

fn code(at: &str, good: &[&str]) -> Code {
    Code { at: at.to_owned(), good: good.iter().map(|code| (*code).to_owned()).collect() }
}

#[tokio::test]
async fn the_shipped_bodies_are_json_with_a_short_code_and_no_name() {
    let good = code("/code", &["0000"]);
    let says = r#"{"code":"0000","message":null,"data":[]}"#;
    let (verdict, request) = tell(shipped("urban-management.json"), good.clone(), says).await;
    assert_eq!(verdict, Verdict::Delivered);
    assert_eq!(request.headers["authorization"], "Bearer T0KEN");
    let body = request.json();
    let expected = json!({
        "eventCode": "h1-7", "eventType": "居家安全", "condition": "夜间离床\"未归\"", "urgent": 3,
        "source": "物联设备", "gridCode": "370102013006008", "happenTime": "2026-01-31 02:10",
        "eventContent": "严重报警，编号 h1-7", "eventUserAgent": "careloop",
    });
    assert_eq!(body, expected);
    let (_, request) = tell(shipped("12345.json"), good, says).await;
    let body = request.json();
    assert_eq!((&body["orderCode"], &body["urgency"]), (&json!("h1-7/3"), &json!("严重")));
    assert!(!request.body.contains("王家") && !request.body.contains("心率"), "{}", request.body);
}

#[tokio::test]
async fn the_verdict_stands_where_the_settings_say() {
    let body = || Payload::read("{}").unwrap();
    for (at, says, taken) in [
        ("/result/state", r#"{"code":500,"result":{"state":"accepted"}}"#, true),
        ("/result/state", r#"{"code":0,"result":{"state":"rejected"}}"#, false),
        ("/code", r#"{"code":0}"#, true),
        ("/code", r#"{"code":1}"#, false),
        ("/code", r#"{"code":null}"#, false),
        ("/code", r#"{"other":0}"#, false),
        ("/code", "<html>welcome</html>", false),
        ("/success", r#"{"success":true}"#, true),
        ("/success", r#"{"success":false}"#, false),
    ] {
        let good = code(at, &["0", "accepted", "true"]);
        let (verdict, _) = tell(body(), good, says).await;
        assert_eq!(verdict == Verdict::Delivered, taken, "{says}: {verdict:?}");
        assert!(taken || matches!(verdict, Verdict::Failed { last: false, .. }), "{verdict:?}");
    }
}
