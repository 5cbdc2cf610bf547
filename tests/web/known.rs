//! What people say of a home, what is known of its resident, and what an incident rests on.

use axum::http::StatusCode;
use careloop::domain::Change;
use serde_json::{Value, json};

use crate::hub::Hub;

const SAID: &str = "/api/v1/homes/h1/said";

async fn said(hub: &Hub, body: Value) -> Value {
    let answer = hub.post(SAID, body.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{body}: {}", answer.text);
    answer.json()
}

#[tokio::test]
async fn what_people_say_of_a_home_is_stored_and_shown() {
    let hub = Hub::start();
    let known = hub.get("/api/v1/homes/h1").await.json();
    assert_eq!(known["presence"]["is"], "unknown", "P5: nobody has seen anything yet");
    assert!(known["presence"]["since"].is_null() && known["presence"]["away"].is_null());
    assert_eq!((&known["silences"], &known["changes"]), (&json!([]), &json!([])));
    let limit = &known["own_limits"][0];
    assert_eq!((&limit["learnt"], &limit["days"]), (&json!(false), &json!(0)));
    assert!(0 < limit["needed"].as_u64().unwrap() && limit["limits_s"].is_null());
    let away = said(&hub, json!({"say": "away", "for": "3d", "by": "daughter"})).await;
    assert_eq!(away["presence"]["away"]["by"], "daughter");
    assert!(away["presence"]["away"]["until"].is_string());
    let silence =
        json!({"say": "silence", "rule": "cold", "for": "8h", "why": "airing", "by": "wang"});
    let silent = said(&hub, silence).await;
    let first = &silent["silences"][0];
    assert_eq!(
        (&first["rule"], &first["by"], &first["why"]),
        (&json!("cold"), &json!("wang"), &json!("airing"))
    );
    let spoken = said(&hub, json!({"say": "speak", "rule": "cold", "by": "wang"})).await;
    assert_eq!(spoken["silences"], json!([]));
    let back = said(&hub, json!({"say": "back", "by": "daughter"})).await;
    assert_eq!(
        (&back["presence"]["is"], &back["presence"]["away"]),
        (&json!("home"), &Value::Null)
    );
    hub.observe("bed-pad", "in_bed", json!(true)).await;
    let lies = hub.get("/api/v1/homes/h1").await.json();
    assert!(lies["presence"]["in_bed_since"].is_string());
    assert_eq!(
        (&lies["presence"]["room"], &lies["presence"]["asleep"]),
        (&json!("bedroom"), &json!(false))
    );
}

#[tokio::test]
async fn a_help_post_is_shown_as_a_post_and_not_as_somebody_at_home() {
    let hub = Hub::start_with(None, |home| home.is_post = true);
    hub.observe("hall-motion", "motion", json!(true)).await;
    hub.observe("bed-pad", "in_bed", json!(true)).await;
    hub.call_for_help().await;
    for path in ["/", "/incidents/h1-1"] {
        let (zh, en) =
            (hub.page(path, "careloop_lang=zh").await, hub.page(path, "careloop_lang=en").await);
        assert!(zh.text.contains("公共求助点") && !zh.text.contains("在家"), "{}", zh.text);
        assert!(en.text.contains("help post in a public place"), "{}", en.text);
        assert!(!en.text.contains("at home") && !en.text.contains("learning"), "{}", en.text);
    }
    let known = hub.get("/api/v1/homes/h1").await.json();
    assert_eq!((&known["post"], &known["presence"]["is"]), (&json!(true), &json!("unknown")));
    let away = json!({"say": "away", "for": "3d", "by": "li"});
    let answer = hub.post(SAID, away).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
    assert!(answer.text.contains("a help post has no resident"), "{}", answer.text);
}

#[tokio::test]
async fn what_cannot_be_said_names_every_mistake_or_why_it_is_refused() {
    let hub = Hub::start();
    let fields = async |body: Value| {
        let answer = hub.post(SAID, body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.text);
        let all = answer.json()["where"].as_array().unwrap().clone();
        all.iter().map(|m| m["field"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        fields(json!({"say": "silence", "for": "soon", "rule": "-"})).await,
        ["by", "rule", "for", "why"]
    );
    assert_eq!(fields(json!({"say": "shout", "by": "wang"})).await, ["say"]);
    assert_eq!(
        fields(json!({"say": "back", "by": "wang", "for": "3d", "why": 7})).await,
        ["for", "why", "why"]
    );
    assert_eq!(fields(json!({"say": "away", "by": "wang"})).await, ["for"]);
    assert_eq!(fields(json!([])).await, ["body"]);
    let refused = async |body: Value, why: &str| {
        let answer = hub.post(SAID, body.clone()).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{body}: {}", answer.text);
        assert_eq!(answer.json()["error"], why);
    };
    let silence = |rule: &str, lasts: &str| json!({"say": "silence", "rule": rule, "for": lasts, "why": "x", "by": "wang"});
    refused(json!({"say": "back", "by": "nobody"}), "`nobody` is not a responder of this home")
        .await;
    refused(silence("ghosts", "1h"), "there is no rule `ghosts`").await;
    let fall = "`fall` is urgent, and only what is info or normal can be silenced";
    refused(silence("fall", "1h"), fall).await;
    refused(silence("cold", "90d"), "that is from 1s to 14d; say it again when it is over").await;
    refused(
        json!({"say": "away", "for": "0s", "by": "wang"}),
        "that is from 1s to 60d; say it again when it is over",
    )
    .await;
    let gone = hub.post("/api/v1/homes/h9/said", json!({"say": "back", "by": "wang"})).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "{}", gone.text);
    let after = hub.get("/api/v1/homes/h1").await.json();
    assert_eq!((&after["silences"], &after["presence"]["away"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn an_incident_shows_what_it_rests_on_and_who_changed_its_rule() {
    let hub = Hub::start_with(None, |home| {
        home.changes.push(Change {
            rule: "help".parse().unwrap(),
            set: "warn = { after = \"1s\", again_after = \"1m\" }\nalarm = { after = \"1s\" }"
                .to_owned(),
            off: false,
            by: "li".parse().unwrap(),
            on: "2026-11-20".to_owned(),
            why: "<b>slow</b>".to_owned(),
        });
    });
    let changed = &hub.get("/api/v1/homes/h1").await.json()["changes"][0];
    assert_eq!((&changed["rule"], &changed["off"]), (&json!("help"), &json!(false)));
    hub.call_for_help().await;
    // Whoever presses is at home: it is said afterwards.
    said(&hub, json!({"say": "away", "for": "1h", "by": "daughter"})).await;
    let story = hub.get("/api/v1/incidents/h1-1").await.json()["story"].clone();
    let grounds = &story[0]["entry"]["grounds"];
    assert_eq!(grounds["set_by"], json!(["li", "2026-11-20"]));
    let sample = &grounds["samples"][0];
    assert_eq!(
        (&sample["device"], &sample["p"], &sample["alive"]),
        (&json!("help-button"), &json!("help"), &json!(true))
    );
    let zh = hub.page("/incidents/h1-1", "careloop_lang=zh").await.text;
    for word in [
        "<details id=\"why\"><summary>依据",
        "规则查找",
        "emergency = {",
        "李 (社区) 于 2026-11-20 为此户修改",
        "预设值，不是医疗建议",
        "help-button · living room",
        "不在家，至",
        "学习习惯中 0/",
    ] {
        assert!(zh.contains(word), "{word}: {zh}");
    }
    let en = hub.page("/incidents/h1-1", "careloop_lang=en").await.text;
    for word in [
        "<summary>Why",
        "changed for this home by",
        "presets, not medical advice",
        "Where the numbers come from",
        "Rule book",
        "says 女儿",
    ] {
        assert!(en.contains(word), "{word}: {en}");
    }
    assert!(!en.contains("no diagnosis"), "it is no score");
    let front = hub.page("/", "careloop_lang=en").await.text;
    assert!(front.contains("away until") && front.contains("learning, 0 of"), "{front}");
}

#[tokio::test]
async fn a_score_says_whose_chart_it_is_and_that_it_is_no_diagnosis() {
    let hub = Hub::start_with(None, |home| {
        home.changes.push(Change {
            rule: "news2-single".parse().unwrap(),
            set: "[detect]\nfor = \"0s\"\n".to_owned(),
            off: false,
            by: "li".parse().unwrap(),
            on: "2026-11-20".to_owned(),
            why: "a test does not wait".to_owned(),
        });
        // Only the score is of interest here.
        for rule in ["heart-rate", "heart-rate-watch"] {
            let (rule, set) = (rule.parse().unwrap(), String::new());
            let (by, on) = ("li".parse().unwrap(), "2026-11-20".to_owned());
            home.changes.push(Change { rule, set, off: true, by, on, why: "x".to_owned() });
        }
    });
    hub.observe("bed-pad", "heart_rate", json!(35)).await;
    let found = hub.get("/api/v1/incidents").await.json();
    assert_eq!(found[0]["rule"], "news2-single", "{found}");
    let page = hub.page("/incidents/h1-1", "careloop_lang=en").await.text;
    for word in ["supports a decision, no diagnosis", "Royal College of Physicians"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let page = hub.page("/incidents/h1-1", "careloop_lang=zh").await.text;
    assert!(page.contains("辅助判断，不是诊断"), "{page}");
}

#[tokio::test]
async fn who_is_on_duty_now_is_shown_and_until_when() {
    let hub = Hub::start_with(None, |home| {
        let duty = |lines: &[&str]| lines.iter().map(|line| line.parse().unwrap()).collect();
        for person in &mut home.responders {
            person.rota.duty = match person.id.as_str() {
                "wang" => duty(&["daily 00:00-12:00", "daily 12:00-24:00"]),
                "zhao" => duty(&["daily 00:00-12:00"]),
                "li" => duty(&["daily 12:00-24:00"]),
                _ => Vec::new(),
            };
        }
    });
    let people = hub.get("/api/v1/responders").await.json();
    let of = |id: &str| people.as_array().unwrap().iter().find(|r| r["id"] == id).unwrap().clone();
    assert_eq!((&of("wang")["on_duty"], &of("wang")["until"]), (&json!(true), &Value::Null));
    assert_eq!(of("daughter")["duty"], json!([]), "no rota: always");
    let (zhao, li) = (of("zhao"), of("li"));
    assert_ne!(zhao["on_duty"], li["on_duty"], "one has the morning, the other the rest");
    assert!(zhao["until"].is_string() && zhao["until"] == li["until"], "they relieve each other");
    assert_eq!(zhao["duty"], json!(["daily 00:00-12:00"]));
}

#[tokio::test]
async fn family_is_shown_vital_signs_only_where_that_is_agreed_to() {
    for agreed in [true, false] {
        let hub = Hub::start_with(None, |home| {
            if !agreed {
                for consent in &mut home.consents {
                    consent.withdrawn = Some("2026-11-20".parse().unwrap());
                }
            }
        });
        let consents = hub.get("/api/v1/homes/h1").await.json()["consents"].clone();
        assert_eq!(consents[1]["scope"], "family-sharing");
        assert_eq!(consents[1]["withdrawn"].is_null(), agreed);
        hub.observe("bed-pad", "heart_rate", json!(72)).await;
        hub.observe("bed-pad", "in_bed", json!(true)).await;
        hub.call_for_help().await;
        // In hex, as the pages write it.
        let page = async |me: &str| {
            hub.page("/incidents/h1-1", &format!("careloop_lang=en{me}")).await.text
        };
        let family = page("; careloop_me=6461756768746572").await;
        let other = page("; careloop_me=77616e67").await;
        let nobody = page("").await;
        assert!(!nobody.contains("heart rate"), "who has not said who they are may be anybody");
        assert!(other.contains("heart rate <strong>72"), "{other}");
        assert_eq!(family.contains("heart rate <strong>72"), agreed, "{family}");
        assert!(family.contains("in bed"), "where she is, is no vital sign: {family}");
        let front = hub.page("/", "careloop_lang=en").await.text;
        let said = if agreed { "agreed to: health, family-sharing" } else { "agreed to: nothing" };
        assert!(front.contains(said), "{front}");
    }
}
