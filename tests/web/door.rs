//! Who may come in, and what every answer wears.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::json;

use crate::hub::Hub;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn a_form_of_another_site_moves_nothing() {
    let hub = Hub::start();
    hub.call_for_help().await;
    for foreign in [
        [("sec-fetch-site", "cross-site"), FORM],
        [("sec-fetch-site", "same-site"), FORM],
        [("origin", "http://evil.example"), FORM],
        [("origin", "null"), FORM],
    ] {
        for path in ["/incidents/h1-1", "/me", "/api/v1/incidents/h1-1/moves"] {
            let refused = hub.ask("POST", path, &foreign, "move=accept&by=wang&me=wang").await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{foreign:?} {path}");
        }
        let observation =
            json!({"home": "h1", "device": "help-button", "property": "help", "value": true});
        let answer =
            hub.ask("POST", "/api/v1/observations", &foreign, observation.to_string()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let incident = hub.get("/api/v1/incidents/h1-1").await.json();
    assert_eq!((&incident["stage"], &incident["signs"]), (&json!("alarmed"), &json!(1)));
}

#[tokio::test]
async fn a_stranger_s_name_that_points_here_opens_nothing() {
    let hub = Hub::start();
    for (host, status) in [
        ("localhost:8380", StatusCode::OK),
        ("127.0.0.1:8380", StatusCode::OK),
        ("[::1]:8380", StatusCode::OK),
        ("LOCALHOST", StatusCode::OK),
        ("evil.example:8380", StatusCode::MISDIRECTED_REQUEST),
        ("localhost.evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("127.0.0.1.evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("localhost:80@evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("", StatusCode::MISDIRECTED_REQUEST),
    ] {
        for path in ["/", "/api/v1/homes"] {
            let answer = hub.ask("GET", path, &[("host", host)], Body::empty()).await;
            assert_eq!(answer.status, status, "{host} {path}");
        }
    }
}

#[tokio::test]
async fn with_a_token_programs_without_it_are_shown_nothing() {
    let hub = Hub::start_with(Some("s3cret+/="), |_| {});
    let ask = async |path: &str, headers: &[(&str, &str)]| {
        hub.ask("GET", path, headers, Body::empty()).await
    };
    for path in ["/metrics", "/api/v1/homes", "/api/v1/nothing"] {
        for headers in [
            &[][..],
            &[("authorization", "Bearer s3cret")],
            &[("authorization", "Basic s3cret+/=")],
            &[("cookie", "careloop_session=s3cret+/=")],
        ] {
            let answer = ask(path, headers).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {headers:?}");
            assert!(!answer.text.contains("3-2-501"), "{path}");
        }
    }
    for path in ["/readyz", "/healthz", "/app.css", "/app.js"] {
        assert_ne!(ask(path, &[]).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let bearer = ("authorization", "Bearer s3cret+/=");
    assert_eq!(ask("/api/v1/homes", &[bearer, ("host", "hub.lan")]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_wears_the_headers() {
    let hub = Hub::start();
    for (method, path, host) in [
        ("GET", "/", "localhost"),
        ("GET", "/nothing", "localhost"),
        ("PUT", "/", "localhost"),
        ("GET", "/app.js", "localhost"),
        ("GET", "/api/v1/homes", "localhost"),
        ("GET", "/", "evil.example"),
    ] {
        let answer = hub.ask(method, path, &[("host", host)], Body::empty()).await;
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("default-src 'self'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(answer.header(header::REFERRER_POLICY), "same-origin");
        let kept = answer.header(header::CACHE_CONTROL);
        assert_eq!(kept == "no-store", path != "/app.js", "{path}: {kept}");
    }
    let page = hub.get("/").await.text;
    let inline =
        ["<style", " style=", "<script>", " onclick", "javascript:", "http://", "https://"];
    for word in inline {
        assert!(!page.contains(word), "nothing inline and nothing from elsewhere: {word}");
    }
}
