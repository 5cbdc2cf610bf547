//! A resident's page: what is known, what was measured, and who sees it.

use axum::http::StatusCode;
use careloop::domain::{Consent, Home, Scope};
use serde_json::json;

use crate::hub::Hub;

const WANG: &str = "careloop_lang=en; careloop_me=77616e67";
const DAUGHTER: &str = "careloop_lang=en; careloop_me=6461756768746572";

/// The resident agrees to this, and to nothing else.
fn agree(home: &mut Home, scopes: &[Scope]) {
    let (purpose, by) = ("a test".to_owned(), "the resident".to_owned());
    let consent = |scope: &Scope| Consent {
        scope: *scope,
        purpose: purpose.clone(),
        by: by.clone(),
        on: "2026-01-10".parse().unwrap(),
        withdrawn: None,
    };
    home.consents = scopes.iter().map(consent).collect();
}

#[tokio::test]
async fn a_home_says_what_is_known_what_is_open_and_who_comes() {
    let hub = Hub::start_with(None, |home| home.visits = Some("weekly".parse().unwrap()));
    let list = hub.page("/homes", WANG).await.text;
    assert!(list.contains("/homes/h1") && list.contains("whereabouts unknown"), "{list}");
    assert!(list.contains("0 of 8 sensors speak") && list.contains("nothing open"), "{list}");
    hub.observe("bed-pad", "in_bed", json!(true)).await;
    hub.call_for_help().await;
    let silence =
        json!({"say": "silence", "rule": "cold", "for": "8h", "why": "airing", "by": "wang"});
    assert_eq!(hub.post("/api/v1/homes/h1/said", silence).await.status, StatusCode::OK);
    let list = hub.page("/homes", WANG).await.text;
    for word in ["in bed since", "2 of 8 sensors speak", "1 open", "class=\"urgent\""] {
        assert!(list.contains(word), "{word}: {list}");
    }
    let page = hub.page("/homes/h1", WANG).await.text;
    for word in [
        "in bed since",
        "/incidents/h1-1",
        "nobody has it",
        "never heard of",
        "weekly",
        "airing",
        "family-sharing · agreed",
        "女儿 / the daughter",
        "on duty",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
}

#[tokio::test]
async fn family_is_shown_where_she_is_only_where_that_is_agreed_to() {
    for (agreed, shows) in [
        (&[Scope::FamilySharing, Scope::Location][..], true),
        (&[Scope::FamilySharing, Scope::Health][..], false),
        (&[Scope::Location][..], false),
    ] {
        let hub = Hub::start_with(None, |home| agree(home, agreed));
        hub.observe("bed-pad", "in_bed", json!(true)).await;
        for path in ["/homes", "/homes/h1"] {
            let family = hub.page(path, DAUGHTER).await.text;
            assert_eq!(family.contains("at home"), shows, "{agreed:?} {path}: {family}");
            assert!(hub.page(path, WANG).await.text.contains("at home"), "{path}");
            let nobody = hub.page(path, "careloop_lang=en").await.text;
            assert!(!nobody.contains("at home"), "who has not said who they are may be anybody");
        }
    }
}
