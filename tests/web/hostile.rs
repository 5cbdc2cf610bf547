//! Whatever somebody or something can write stays text on every page (OWASP: stored and reflected XSS, header
//! injection, path traversal).

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::hub::Hub;
use crate::kept::Kept;

const EVIL: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><b>";
/// What would be left of it where it is not text.
const RAW: [&str; 3] = ["<script>alert", "<img src=x", "\"'><b>"];

#[tokio::test]
async fn what_people_and_registers_write_stays_text_on_every_page() {
    let hub = Hub::start_with(None, |home| {
        home.name = EVIL.to_owned();
        home.address = EVIL.to_owned();
        home.responders.iter_mut().for_each(|person| person.name.push_str(EVIL));
        home.devices.iter_mut().for_each(|device| device.room = EVIL.to_owned());
    });
    hub.call_for_help().await;
    for body in [
        json!({"move": "accept", "by": "wang"}),
        json!({"move": "note", "by": "wang", "text": EVIL}),
        json!({"move": "called", "by": "wang", "number": "120", "said": EVIL}),
        json!({"move": "return", "by": "wang", "why": EVIL}),
        json!({"move": "accept", "by": "wang"}),
    ] {
        let made = hub.make_move(body).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    }
    let report = json!({"say": "report", "by": "wang", "rule": "request-repair", "from": "resident", "text": EVIL});
    assert_eq!(hub.post("/api/v1/homes/h1/said", report).await.status, StatusCode::OK);
    let silence = json!({"say": "silence", "by": "li", "rule": "cold", "for": "1h", "why": EVIL});
    assert_eq!(hub.post("/api/v1/homes/h1/said", silence).await.status, StatusCode::OK);

    let me = format!("careloop_me={}", data_encoding::HEXLOWER.encode(b"wang"));
    for path in [
        "/",
        "/?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/incidents/h1-1",
        "/incidents/h1-2",
        "/homes",
        "/homes/h1",
        "/homes/h1/say",
        "/visits",
        "/requests",
        "/wall",
        "/reports",
        "/shift",
        "/rota",
        "/plans",
        "/rules",
        "/mount",
        "/mount?find=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/mount/h1",
        "/mount/h1/bed-pad",
    ] {
        let page = hub.page(path, &me).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        for raw in RAW {
            assert!(!page.text.contains(raw), "{path} shows `{raw}` as it is");
        }
    }
    // What was refused comes back as a draft, and is text there, too.
    let evil = "text=%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for (path, form) in [
        ("/requests", format!("{evil}&home=h1")),
        ("/incidents/h1-1", format!("move=note&by=nobody&{evil}")),
    ] {
        let refused = hub.form(path, &me, &form).await;
        assert!(refused.status.is_client_error(), "{path}: {}", refused.status);
        assert!(!refused.text.contains("<script>alert"), "{path}");
    }
    let revealed = hub.form("/incidents/h1-1/address", &me, "by=wang").await;
    assert_eq!(revealed.status, StatusCode::OK);
    assert!(revealed.text.contains("&#60;script&#62;") && !revealed.text.contains("<script>alert"));
}

/// Every form of settings: where it goes, what it does, and its fields, of each of which something else is written.
const FORMS: [(&str, &str, &[&str]); 17] = [
    ("/rota", "", &["who", "from", "to", "instead_of"]),
    ("/rota/wang", "leave", &["do", "from", "to", "why"]),
    ("/rota/wang", "back", &["at"]),
    ("/rota/wang", "duty", &["duty"]),
    ("/account/leave", "leave", &["do", "from", "to", "why"]),
    ("/account/leave", "back", &["at"]),
    ("/homes/h1/consents", "consent", &["scope", "purpose", "giver", "on"]),
    ("/homes/h1/consents", "withdraw", &["scope"]),
    ("/people", "", &["id", "name", "role", "language", "home", "channel", "to"]),
    ("/people/wang", "", &["name", "role", "language", "channel-1", "to-1", "home-h1"]),
    ("/people/wang/trial", "", &["channel"]),
    ("/people/wang/verified", "", &["channel", "code"]),
    ("/tokens", "", &["name", "may", "for"]),
    ("/texts/zh/alarm", "look", &["text", "why"]),
    ("/texts/zh/alarm", "force", &["text", "do"]),
    ("/homes/h1/say", "", &["say"]),
    ("/homes/h1/say", "silence", &["rule", "for", "why"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_typed_into_a_form_of_settings_comes_back_as_text() {
    let hub = Kept::start().await;
    let ma = hub.enter("ma").await;
    for (path, act, fields) in FORMS {
        for field in fields {
            let mut sent = vec![("do", act), ("say", act), ("who", "sun"), ("why", "x")];
            sent.retain(|(key, _)| key != field);
            sent.push((field, EVIL));
            let page = hub.form(path, &ma, &sent).await;
            assert_ne!(page.status, 500, "{path} {field}: {}", page.text);
            for raw in RAW {
                assert!(!page.text.contains(raw), "{path} {field} shows `{raw}` as it is");
            }
        }
    }
    // What the keeper takes is text as well, wherever it is shown.
    let leave =
        [("do", "leave"), ("from", "2099-01-01T08:00"), ("to", "2099-01-02T08:00"), ("why", EVIL)];
    hub.form("/account/leave", &ma, &leave).await.says(&["Saved, and in force"]);
    let consent = [
        ("do", "consent"),
        ("scope", "location"),
        ("purpose", EVIL),
        ("giver", EVIL),
        ("on", "2026-11-02"),
    ];
    hub.form("/homes/h1/consents", &ma, &consent).await.says(&["Saved, and in force"]);
    let person = [("name", EVIL), ("role", "supervisor"), ("channel-1", "screen"), ("to-1", EVIL)];
    hub.form("/people/ma", &ma, &person).await.says(&["Saved, and in force"]);
    let text = format!("{EVIL} {{case}}");
    let text = [("do", "force"), ("text", &*text), ("why", EVIL)];
    hub.form("/texts/zh/alarm", &ma, &text).await.says(&["Saved, and in force"]);
    for path in [
        "/rota",
        "/rota/ma",
        "/account/leave",
        "/homes/h1",
        "/homes/h1/consents",
        "/people",
        "/people/ma",
        "/texts",
        "/texts/zh/alarm",
    ] {
        let page = hub.get(path, &ma).await;
        page.says(&["&#60;script&#62;"]);
        for raw in RAW {
            assert!(!page.text.contains(raw), "{path} shows `{raw}` as it is");
        }
    }
    hub.end().await;
}

#[tokio::test]
async fn no_path_and_no_header_leads_out() {
    let hub = Hub::log_in();
    for path in [
        "/../config/register.toml",
        "/%2e%2e/config/register.toml",
        "/incidents/..%2f..%2fconfig%2fregister.toml",
        "/app.css/../../config/gateway.toml",
        "/invite/..%2f..%2f",
        "/log-in?back=%0d%0aset-cookie:%20a=b",
    ] {
        let answer = hub.page(path, "").await;
        assert!(
            !answer.text.contains("[[responder]]") && !answer.text.contains("[http]"),
            "{path}"
        );
        assert_eq!(answer.header(header::SET_COOKIE), "", "{path}");
    }
    let cookie = hub.enter("wang").await;
    for path in ["/?lang=zh%0d%0aset-cookie:%20a=b", "/incidents/h1-1%0d%0ax:%20y"] {
        let answer = hub.page(path, &cookie).await;
        assert!(!answer.headers.contains_key("x"), "{path}");
        assert!(!answer.header(header::SET_COOKIE).contains("a=b"), "{path}");
    }
}
