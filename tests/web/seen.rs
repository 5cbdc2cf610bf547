//! Who sees an address: whoever asks on purpose, and it is on record before they read it.

use axum::http::StatusCode;
use careloop::store::Reader;
use serde_json::json;

use crate::hub::Hub;

const WANG_ZH: &str = "careloop_me=77616e67; careloop_lang=zh";

const SECRET: &str = "under the third pot";

/// What is on record: by whom, because of which incident, and why.
fn deeds(hub: &Hub) -> Vec<(String, Option<u32>, String)> {
    let reader = Reader::open(&hub.site.store).expect("a reader");
    assert_eq!(reader.audit_deeds().expect("it can be audited").broken, None);
    let deeds = reader.deeds(None).expect("deeds").into_iter();
    deeds.map(|(_, deed)| (deed.by, deed.incident, deed.why)).collect()
}

#[tokio::test]
async fn how_to_get_in_is_read_on_purpose_only_and_that_goes_on_record() {
    let hub = Hub::start_with(None, |home| {
        home.address = SECRET.to_owned();
        home.phone = Some("138 1234 0000".parse().expect("a number"));
        home.position = Some("31.2304, 121.4737".parse().expect("a place"));
    });
    hub.call_for_help().await;
    for path in
        ["/", "/incidents/h1-1", "/api/v1/homes", "/api/v1/homes/h1", "/api/v1/incidents/h1-1"]
    {
        let answer = hub.page(path, WANG_ZH).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        for secret in [SECRET, "138 1234", "1381234", "31.2304"] {
            assert!(!answer.text.contains(secret), "{path}: {}", answer.text);
        }
    }
    assert_eq!(deeds(&hub), []);

    let page = "/incidents/h1-1/address";
    let nobody = hub.form(page, WANG_ZH, "by=nobody").await;
    assert_eq!(nobody.status, StatusCode::BAD_REQUEST);
    assert!(!nobody.text.contains(SECRET));
    let called = hub.form(page, WANG_ZH, "by=wang").await;
    assert!(called.status == StatusCode::OK && called.text.contains(SECRET), "{}", called.text);
    for link in ["href=\"tel:13812340000\"", "href=\"geo:31.2304,121.4737?q=31.2304,121.4737\""] {
        assert!(called.text.contains(link), "{link}: {}", called.text);
    }
    let open = ("wang".to_owned(), Some(1), "the incident is open".to_owned());
    assert_eq!(deeds(&hub), std::slice::from_ref(&open));

    // Once it is closed, only for a reason.
    let resolve = json!({"move": "resolve", "by": "wang", "outcome": "false-alarm"});
    assert_eq!(hub.make_move(resolve).await.status, StatusCode::OK);
    assert_eq!(hub.make_move(json!({"move": "verify", "by": "li"})).await.status, StatusCode::OK);
    let closed = hub.form(page, WANG_ZH, "by=wang&why=+").await;
    assert_eq!(closed.status, StatusCode::BAD_REQUEST);
    assert!(!closed.text.contains(SECRET));
    let asked = hub.form(page, WANG_ZH, "by=wang&why=left+my+bag").await;
    assert!(asked.text.contains(SECRET));
    let bag = ("wang".to_owned(), Some(1), "left my bag".to_owned());
    assert_eq!(deeds(&hub), [open, bag]);

    let ask = async |body: serde_json::Value| {
        hub.ask("POST", "/api/v1/homes/h1/address", &[], body.to_string()).await
    };
    let without = ask(json!({"by": "platform", "why": ""})).await;
    assert_eq!(without.status, StatusCode::BAD_REQUEST);
    assert_eq!(deeds(&hub).len(), 2);
    let with = ask(json!({"by": "platform", "why": "an ambulance asks"})).await;
    assert_eq!(with.json()["address"], SECRET);
    assert_eq!(with.json()["phone"], "138 1234 0000");
    assert_eq!(deeds(&hub).len(), 3);
}

#[tokio::test]
async fn a_report_is_given_in_the_form_that_is_asked_for_and_mistakes_are_told_at_once() {
    let hub = Hub::start();
    hub.call_for_help().await;
    let ask = async |path: &str| hub.ask("GET", path, &[], "").await;
    let wrong = ask("/api/v1/reports/month?month=2026-13&format=pdf&nonsense=1").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let fields: Vec<_> = wrong.json()["where"].as_array().expect("places").clone();
    assert_eq!(fields.len(), 3, "{}", wrong.text);
    let month = ask("/api/v1/reports/month?month=2020-01").await;
    assert_eq!(month.json()["found"]["total"], 0);
    let page = ask("/api/v1/reports/month?month=2020-01&format=markdown&lang=en").await;
    assert!(page.text.starts_with("# Report of the month 2020-01\n"), "{}", page.text);
    let shift = ask("/api/v1/reports/shift").await;
    assert_eq!(shift.json()["open"][0]["id"], "h1-1", "{}", shift.text);
    let page = ask("/api/v1/reports/shift?format=markdown").await;
    assert!(page.text.contains("| h1-1 |"), "{}", page.text);
}

#[tokio::test]
async fn incidents_are_taken_out_masked_with_who_took_them_and_on_record_first() {
    let hub = Hub::start_with(None, |home| home.name = "Long Lane 12, flat 5".to_owned());
    hub.call_for_help().await;
    let path = "/api/v1/export/incidents?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
    let ask = async |more: &str| hub.ask("GET", &format!("{path}{more}"), &[], "").await;
    let wrong = ask("&mask=king&by=nobody&format=pdf&nonsense=1").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(wrong.json()["where"].as_array().map(Vec::len), Some(4), "{}", wrong.text);
    for (wrong, field) in [
        ("&mask=grid&by=nobody&why=platform", "by"),
        ("&mask=grid&by=wang&why=+", "why"),
        ("&mask=supervisor&by=wang&why=platform", "mask"),
    ] {
        let answer = ask(wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        assert_eq!(answer.json()["where"][0]["field"], field, "{}", answer.text);
    }
    assert_eq!(deeds(&hub), [], "what is refused is not taken");

    let csv = ask("&mask=grid&by=wang&why=call+13800001234").await;
    assert_eq!(csv.status, StatusCode::OK);
    let (heads, rows) = csv.text.split_once("\r\n").expect("a line of heads");
    assert!(heads.starts_with("incident,home,") && rows.lines().count() == 1, "{}", csv.text);
    assert!(rows.starts_with("h1-1,Long Lane,") && !rows.contains("flat"), "{rows}");
    assert!(rows.contains("wang · ") && rows.contains("call 138****1234"), "{rows}");
    let json = ask("&mask=grid&by=wang&why=platform&format=json").await;
    assert_eq!(json.json()["home"], "Long Lane");
    let deeds = deeds(&hub);
    let whys: Vec<_> = deeds.iter().map(|(by, _, why)| (by.as_str(), why.as_str())).collect();
    assert_eq!(whys, [("wang", "call 13800001234"), ("wang", "platform")]);
}
