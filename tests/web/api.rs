//! What programs post and read.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{StatusCode, header};
use careloop::store::views::Reader;
use serde_json::{Value, json};

use crate::hub::Hub;

#[tokio::test]
async fn an_incident_goes_from_the_observation_to_the_close() {
    let hub = Hub::start();
    hub.call_for_help().await;
    let all = hub.get("/api/v1/incidents?open=true&home=h1&level=urgent&limit=5").await.json();
    assert_eq!((all[0]["id"].as_str(), all[0]["stage"].as_str()), (Some("h1-1"), Some("alarmed")));
    assert!(all[0]["due_at"].is_string(), "P3: it has a deadline");
    let outcome = json!({"move": "resolve", "outcome": "assisted", "note": "扶起", "by": "wang"});
    for (body, stage) in [
        (json!({"move": "accept", "by": "wang"}), "accepted"),
        (json!({"move": "en-route", "by": "wang"}), "en-route"),
        (json!({"move": "hand-over", "to": "zhao", "by": "wang"}), "accepted"),
        (json!({"move": "return", "why": "太远", "by": "zhao"}), "alarmed"),
        (json!({"move": "accept", "by": "wang"}), "accepted"),
        (json!({"move": "on-scene", "by": "wang"}), "on-scene"),
        (json!({"move": "note", "text": "门开着", "by": "daughter"}), "on-scene"),
        (outcome.clone(), "resolved"),
        (json!({"move": "rework", "why": "没有拍照", "by": "li"}), "on-scene"),
        (outcome, "resolved"),
        (json!({"move": "verify", "by": "li"}), "closed"),
    ] {
        let made = hub.make_move(body.clone()).await;
        assert_eq!(made.status, StatusCode::OK, "{body}: {}", made.text);
        assert_eq!(made.json()["stage"], stage, "{body}");
    }
    let closed = hub.get("/api/v1/incidents/h1-1").await.json();
    assert_eq!(closed["outcome"], "assisted");
    assert!(closed["closed_at"].is_string() && closed["due_at"].is_null());
    let story = closed["story"].as_array().unwrap();
    assert!(
        story.iter().any(|e| e["text"]["zh"] == "王 (微网格员) 办结：已协助，扶起"),
        "{story:?}"
    );
    assert!(story.iter().any(|e| e["text"]["en"] == "returned by zhao: 太远"));
    assert_eq!(closed["deliveries"][0]["to"], "daughter");
    assert_eq!(hub.get("/api/v1/incidents?open=true").await.json(), json!([]));
    assert_eq!(hub.get("/api/v1/incidents?open=false").await.json()[0]["id"], "h1-1");
    let before = "/api/v1/incidents?before=2020-01-01T00:00:00Z";
    assert_eq!(hub.get(before).await.json(), json!([]));
}

#[tokio::test]
async fn a_move_that_is_not_made_says_why_and_a_tap_sent_twice_is_none() {
    let hub = Hub::start();
    let missing = hub.make_move(json!({"move": "accept", "by": "wang"})).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    hub.call_for_help().await;
    let refused = async |body: Value, why: &str| {
        let answer = hub.make_move(body.clone()).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{body}: {}", answer.text);
        assert_eq!(answer.json()["error"], why);
    };
    let made = async |body: Value| {
        let answer = hub.make_move(body.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{body}: {}", answer.text);
    };
    let safe = |by: &str| json!({"move": "resolve", "outcome": "safe", "by": by});
    let accept = |by: &str| json!({"move": "accept", "by": by});
    refused(accept("nobody"), "`nobody` is not a responder of this home").await;
    refused(safe("wang"), "nobody has been on scene yet").await;
    refused(json!({"move": "verify", "by": "li"}), "cannot verify an incident that is alarmed")
        .await;
    made(accept("wang")).await;
    made(accept("wang")).await;
    let taken = "`wang` has it; ask them to hand it over, or to return it";
    refused(accept("zhao"), taken).await;
    refused(json!({"move": "return", "why": "x", "by": "zhao"}), taken).await;
    made(json!({"move": "on-scene", "by": "wang"})).await;
    let cleared = json!({"move": "resolve", "outcome": "cleared", "by": "wang"});
    refused(cleared, "`cleared` is not an outcome a person can give").await;
    made(safe("wang")).await;
    let same = "`wang` resolved it; a second person must verify";
    refused(json!({"move": "verify", "by": "wang"}), same).await;
    refused(json!({"move": "rework", "why": "x", "by": "wang"}), same).await;
    made(json!({"move": "verify", "by": "li"})).await;
    refused(accept("wang"), "cannot accept an incident that is closed").await;
    for id in ["h1-2", "h9-1", "h1", "-1", "%FF-1", "h1-99999999999"] {
        let answer = hub.post(&format!("/api/v1/incidents/{id}/moves"), accept("wang")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}: {}", answer.text);
        let answer = hub.get(&format!("/api/v1/incidents/{id}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}: {}", answer.text);
    }
}

#[tokio::test]
async fn observations_are_taken_all_or_none_and_every_mistake_is_named() {
    let hub = Hub::start();
    let good = json!({"home": "h1", "device": "bed-pad", "property": "in_bed", "value": true});
    let with = |key: &str, value: Value| {
        let mut item = good.clone();
        item[key] = value;
        item
    };
    let rate = |value: Value| json!({"home": "h1", "device": "bed-pad", "property": "heart_rate", "value": value});
    let many = json!([
        good,
        rate(json!(500)),
        with("property", json!("in_bedd")),
        with("value", json!(1)),
        with("at", json!("yesterday")),
        with("colour", json!("red")),
        with("unit", json!("bpm")),
        rate(json!("70")),
        {},
        7,
        with("device", json!("toaster")),
    ]);
    let refused = hub.post("/api/v1/observations", many).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let fault = refused.json();
    assert_eq!(fault["error"], "10 of 11 observations cannot be taken, so none was");
    let wrong = fault["where"].as_array().unwrap();
    let places: Vec<_> = wrong
        .iter()
        .map(|m| (m["index"].as_u64().unwrap(), m["field"].as_str().unwrap()))
        .collect();
    let expected = [
        (1, "value"),
        (2, "property"),
        (3, "value"),
        (4, "at"),
        (5, "colour"),
        (6, "unit"),
        (7, "value"),
        (8, "home"),
        (8, "device"),
        (8, "property"),
        (9, ""),
        (10, "device"),
    ];
    assert_eq!(places, expected);
    assert_eq!(wrong[0]["error"], "`heart_rate` is from 20 to 300 bpm, 500 cannot be");
    assert_eq!(wrong[6]["error"], "`heart_rate` is a number from 20 to 300 bpm");
    let one_wrong = hub.post("/api/v1/observations", json!([good, rate(json!(10))])).await;
    assert_eq!(one_wrong.status, StatusCode::BAD_REQUEST, "one is enough");
    let device = hub.get("/api/v1/devices").await.json();
    assert!(device.as_array().unwrap().iter().all(|d| d["facts"] == json!([])), "none was taken");

    let unknown = json!([with("home", json!("h9")), with("device", json!("toaster"))]);
    let refused = hub.post("/api/v1/observations", unknown).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(refused.json()["where"][0]["error"], "there is no home `h9`");
    assert_eq!(refused.json()["where"][1]["error"], "there is no device `toaster` in home `h1`");
}

#[tokio::test]
async fn what_was_posted_is_on_disk_and_known_when_the_answer_comes() {
    let hub = Hub::start();
    let rows = || Reader::open(&hub.site.store).unwrap().figures().unwrap().journal_rows;
    let before = rows();
    let one = |property: &str, value: Value, at: &str| json!({"home": "h1", "device": "bed-pad", "property": property, "value": value, "at": at});
    let (t1, t2) = ("2026-01-31T02:10:00Z", "2026-01-31T10:11:00+08:00");
    let posted = json!([
        one("in_bed", json!(true), t1),
        one("heart_rate", json!(64), t1),
        one("heart_rate", json!(66.5), t2),
    ]);
    let stored = hub.post("/api/v1/observations", posted).await;
    assert_eq!((stored.status, stored.json()), (StatusCode::OK, json!({"stored": 3})));
    assert_eq!(rows() - before, 2, "what a device saw at one instant is one input");
    let home = hub.get("/api/v1/homes/h1").await.json();
    let pad = home["devices"].as_array().unwrap().iter().find(|d| d["id"] == "bed-pad").unwrap();
    assert_eq!(pad["is_alive"], true);
    let rate = &pad["facts"][1];
    assert_eq!(
        (&rate["value"], &rate["unit"], &rate["state"]),
        (&json!(66.5), &json!("bpm"), &json!("normal"))
    );
    assert_eq!(rate["observed_at"], "2026-01-31T02:11:00.000Z");
    let other =
        home["devices"].as_array().unwrap().iter().find(|d| d["id"] == "front-door").unwrap();
    assert_eq!(other["is_alive"], false, "nobody has heard of it");
}

#[tokio::test]
async fn nothing_is_confirmed_that_was_not_stored() {
    let mut hub = Hub::start();
    hub.call_for_help().await;
    hub.running.shutdown().await;
    let observed = hub.observe("help-button", "help", json!(true)).await;
    assert_eq!(observed.status, StatusCode::SERVICE_UNAVAILABLE);
    let moved = hub.make_move(json!({"move": "accept", "by": "wang"})).await;
    assert_eq!(moved.status, StatusCode::SERVICE_UNAVAILABLE);
    let form = hub.form("/incidents/h1-1", "careloop_lang=zh", "move=accept&by=wang").await;
    assert_eq!(form.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(form.text.contains("未能保存"), "{}", form.text);
    let page = hub.get("/incidents/h1-1").await;
    assert_eq!(page.status, StatusCode::OK, "what is on disk can still be read");
    assert!(page.text.contains("Nothing is known of the home now"));
}

#[tokio::test]
async fn bad_input_is_never_our_error() {
    let hub = Hub::start();
    hub.call_for_help().await;
    let moves = "/api/v1/incidents/h1-1/moves";
    let (wanted, long) = (StatusCode::BAD_REQUEST, "长".repeat(2001));
    for (path, body, field) in [
        (moves, json!({"move": "dance", "by": "wang"}).to_string(), "move"),
        (moves, json!({"by": "wang"}).to_string(), "move"),
        (moves, json!({"move": "accept"}).to_string(), "by"),
        (moves, json!({"move": "accept", "by": 7}).to_string(), "by"),
        (moves, json!({"move": "accept", "by": "wang", "note": "x"}).to_string(), "note"),
        (moves, json!({"move": "resolve", "by": "wang"}).to_string(), "outcome"),
        (moves, json!({"move": "resolve", "by": "wang", "outcome": "fine"}).to_string(), "outcome"),
        (moves, json!({"move": "return", "by": "wang"}).to_string(), "why"),
        (moves, json!({"move": "note", "by": "wang", "text": long}).to_string(), "text"),
        (moves, "[]".to_owned(), "body"),
        (moves, "{".to_owned(), "body"),
        (moves, String::new(), "body"),
        ("/api/v1/observations", "7".to_owned(), "body"),
        ("/api/v1/observations", "[1e999]".to_owned(), "body"),
        ("/api/v1/observations", "[".repeat(1000), "body"),
    ] {
        let answer = hub.ask("POST", path, &[], body.clone()).await;
        assert_eq!(answer.status, wanted, "{body}: {}", answer.text);
        assert_eq!(answer.json()["where"][0]["field"], field, "{body}: {}", answer.text);
        assert!(answer.json()["error"].is_string());
    }
    for query in ["open=yes", "home=-", "level=high", "before=now", "limit=0", "limit=501", "x=1"] {
        let answer = hub.get(&format!("/api/v1/incidents?{query}")).await;
        assert_eq!(answer.status, wanted, "{query}");
        let field = query.split('=').next().unwrap();
        assert_eq!(answer.json()["where"][0]["field"], field, "{}", answer.text);
    }
    let large = hub.ask("POST", "/api/v1/observations", &[], vec![b' '; 1_048_577]).await;
    assert_eq!(
        (large.status, &*large.json()["where"][0]["field"].to_string()),
        (StatusCode::PAYLOAD_TOO_LARGE, "\"body\"")
    );
    for path in ["/api/v1/homes/h9", "/api/v1/homes/%FF", "/api/v1/nothing", "/api/v2/homes"] {
        let answer = hub.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.json()["error"].is_string(), "{path}");
    }
    let answer = hub.ask("DELETE", "/api/v1/incidents/h1-1", &[], Body::empty()).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.json()["error"].is_string());
}

/// All of the API, in the order of the description.
const ROUTES: [&str; 41] = [
    "post /api/v1/deeds",
    "get /api/v1/devices",
    "post /api/v1/devices/draft",
    "post /api/v1/devices/identify",
    "get /api/v1/devices/waiting",
    "get /api/v1/export/incidents",
    "get /api/v1/homes",
    "get /api/v1/homes/{home}/devices/{device}/walk",
    "post /api/v1/homes/{home}/devices/{device}/walk",
    "post /api/v1/homes/{home}/said",
    "delete /api/v1/homes/{id}",
    "get /api/v1/homes/{id}",
    "post /api/v1/homes/{id}/address",
    "get /api/v1/homes/{id}/report",
    "get /api/v1/incidents",
    "get /api/v1/incidents/{id}",
    "post /api/v1/incidents/{id}/moves",
    "get /api/v1/misread",
    "post /api/v1/observations",
    "get /api/v1/openapi.json",
    "post /api/v1/people/{id}/invitation",
    "delete /api/v1/people/{id}/passes",
    "get /api/v1/register",
    "put /api/v1/register",
    "post /api/v1/register/edits",
    "post /api/v1/register/reload",
    "post /api/v1/register/trials",
    "post /api/v1/register/{part}",
    "get /api/v1/reports/month",
    "get /api/v1/reports/shift",
    "get /api/v1/requests",
    "get /api/v1/responders",
    "get /api/v1/strangers",
    "get /api/v1/tokens",
    "post /api/v1/tokens",
    "delete /api/v1/tokens/{name}",
    "get /api/v1/visits",
    "get /healthz",
    "get /live",
    "get /metrics",
    "get /readyz",
];

#[tokio::test]
async fn the_description_names_every_route_and_every_route_is_described() {
    let hub = Hub::start();
    hub.call_for_help().await;
    let described = hub.get("/api/v1/openapi.json").await.json();
    let (mut named, mut ids) = (Vec::new(), BTreeSet::new());
    for (path, operations) in described["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            named.push(format!("{method} {path}"));
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
            assert!(operation["responses"]["200"].is_object(), "{method} {path}");
            let takes = operation["parameters"]
                .as_array()
                .is_some_and(|p| p.iter().any(|p| p["in"] == "path"));
            assert_eq!(path.contains('{'), takes, "{path}");
            let bodiless = ["get", "delete"].contains(&method.as_str())
                || ["/reload", "/invitation"].iter().any(|end| path.ends_with(end));
            assert_eq!(!bodiless, operation["requestBody"].is_object(), "{path}");
        }
    }
    assert_eq!(named, ROUTES);
    // The register is not JSON, and this hub has nobody who keeps it.
    let is_json = |r: &&&str| r.starts_with("get /api/") && !r.ends_with("/register");
    for route in ROUTES.iter().filter(is_json) {
        let path = route.trim_start_matches("get ").replace("homes/{id}", "homes/h1");
        let path = path.replace("reports/month", "reports/month?month=2026-01");
        let all = "from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
        let taken = format!("export/incidents?{all}&mask=grid&by=wang&why=platform&format=json");
        let path = path.replace("export/incidents", &taken);
        let path = path.replace("{home}/devices/{device}", "h1/devices/bed-pad");
        let answer = hub.get(&path.replace("{id}", "h1-1")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer.json();
    }
    let schemas = &described["components"]["schemas"];
    for (path, name) in
        [("/api/v1/incidents/h1-1", "IncidentView"), ("/api/v1/homes/h1", "KnownHomeView")]
    {
        let properties = schemas[name]["properties"].as_object().unwrap();
        let shown = hub.get(path).await.json();
        for key in properties.keys() {
            assert!(shown.get(key).is_some(), "{path} has no `{key}`");
        }
    }
}

#[tokio::test]
async fn watchdogs_and_meters_get_what_they_understand() {
    let hub = Hub::start();
    let hangs = hub.get("/healthz").await;
    assert_eq!((hangs.status, &*hangs.text), (StatusCode::SERVICE_UNAVAILABLE, "the loop hangs\n"));
    assert_eq!(hub.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    hub.site.health.loop_moved();
    hub.site.health.sender_moved();
    assert_eq!(hub.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(hub.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    hub.site.health.is_ready_now();
    assert_eq!(hub.get("/readyz").await.status, StatusCode::OK);
    let metrics = hub.get("/metrics").await;
    assert!(metrics.header(header::CONTENT_TYPE).starts_with("application/openmetrics-text"));
    assert!(metrics.text.ends_with("# EOF\n"), "{}", metrics.text);
    let people = hub.get("/api/v1/responders").await.json();
    let wang = people.as_array().unwrap().iter().find(|r| r["id"] == "wang").unwrap();
    assert_eq!((&wang["role"], &wang["homes"]), (&json!("micro-grid"), &json!(["h1"])));
    assert_eq!(hub.get("/api/v1/strangers").await.json(), json!([]));
}

/// Found by asking what nobody would: see `tests/fuzz_api.sh`.
#[tokio::test]
async fn what_says_nothing_changes_nothing() {
    let hub = Hub::start();
    for empty in ["", " \n"] {
        let answer = hub.program("PUT", "/api/v1/register", empty).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "a register of nobody: {}", answer.text);
    }
    let deed = json!({"deed": "revealed", "of": "x", "by": "li", "why": "x", "home": "\u{d7}/.."});
    let answer = hub.post("/api/v1/deeds", deed).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    assert_eq!(answer.json()["where"][0]["field"], "home");
    let asked = hub.get("/api/v1/homes/h1/report?form=json").await;
    assert_eq!(asked.status, StatusCode::BAD_REQUEST, "{}", asked.text);
}
