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
        on: "2026-01-10".parse().expect("a date"),
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

#[tokio::test]
async fn what_was_measured_is_drawn_and_stands_in_a_table_for_whoever_may_see_it() {
    for (agreed, shows) in [(&[Scope::FamilySharing][..], true), (&[Scope::Location][..], false)] {
        let hub = Hub::start_with(None, |home| agree(home, agreed));
        for rate in [61, 75, 68] {
            hub.observe("bed-pad", "heart_rate", json!(rate)).await;
        }
        hub.call_for_help().await;
        let page = hub.page("/homes/h1", WANG).await.text;
        for word in [
            "heart rate (bpm): 61 to 75, lately 68",
            "class=\"band\"",
            "class=\"median\"",
            "class=\"incident urgent\"",
            "<td>61</td><td>68</td><td>75</td><td>3</td>",
            "href=\"?span=7d&",
        ] {
            assert!(page.contains(word), "{word}: {page}");
        }
        for reach in ["7d", "30d", "1000y"] {
            let page = hub.page(&format!("/homes/h1?span={reach}"), WANG).await.text;
            assert!(page.contains("lately 68"), "{reach}: {page}");
        }
        let family = hub.page("/homes/h1", DAUGHTER).await.text;
        assert_eq!(family.contains("lately 68"), shows, "{agreed:?}: {family}");
        assert_eq!(family.contains("<td>68</td>"), shows, "{agreed:?}: {family}");
        assert_ne!(family.contains("Vital signs are not shown to you"), shows, "{family}");
    }
}

#[tokio::test]
async fn a_day_is_drawn_and_said_in_words_for_whoever_may_see_where_she_was() {
    let hub = Hub::start_with(None, |home| agree(home, &[Scope::FamilySharing]));
    hub.observe("bed-pad", "in_bed", json!(true)).await;
    hub.observe("hall-motion", "motion", json!(true)).await;
    let page = hub.page("/homes/h1", WANG).await.text;
    for word in ["id=\"day\"", "nobody knows", "class=\"blind\"", "class=\"tick\""] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let today = page.split("A day: ").nth(1).and_then(|rest| rest.get(..10)).unwrap().to_owned();
    let before = page.split("&amp;day=").nth(1);
    assert!(before.is_some() || page.contains("&#38;day="), "{page}");
    // Of a day before anything was heard, and of one that is not there, nothing is made up.
    let past = hub.page("/homes/h1?day=2020-02-29", WANG).await.text;
    assert!(past.contains("A day: 2020-02-29"), "{past}");
    assert!(past.contains("00:00–00:00</time><span>nobody knows"), "{past}");
    for wrong in ["2020-02-31", "9999-01-01", "x"] {
        let page = hub.page(&format!("/homes/h1?day={wrong}"), WANG).await.text;
        assert!(page.contains(&format!("A day: {today}")), "{wrong}");
    }
    let family = hub.page("/homes/h1", DAUGHTER).await.text;
    assert!(!family.contains("id=\"day\""), "{family}");
}

#[tokio::test]
async fn family_is_told_that_all_is_well_only_where_somebody_can_see_that_it_is() {
    // Sensors that never spoke are silent: nobody can tell.
    let hub = Hub::start_with(None, |home| agree(home, &[Scope::FamilySharing]));
    let page = hub.page("/family", DAUGHTER).await.text;
    for word in ["Nobody can tell now", "Sensors that say nothing", "bed-pad"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert!(!page.contains("All is well"), "{page}");

    for (agreed, word, shown) in [
        (
            &[Scope::FamilySharing, Scope::Location, Scope::Health][..],
            "All is well",
            &[
                "Last sign of life",
                "In bed last night",
                "Movement today",
                "In the kitchen today",
                "Out today",
            ][..],
        ),
        (&[Scope::FamilySharing], "All is well", &["Last sign of life", "Movement today"]),
        (&[Scope::Location, Scope::Health], "Nobody can tell now", &[]),
    ] {
        // Only what speaks is mounted.
        let hub = Hub::start_with(None, |home| {
            agree(home, agreed);
            home.devices
                .retain(|d| matches!(d.id.as_str(), "bed-pad" | "hall-motion" | "help-button"));
        });
        hub.observe("bed-pad", "in_bed", json!(false)).await;
        hub.observe("hall-motion", "motion", json!(true)).await;
        hub.observe("help-button", "battery", json!(90)).await;
        let page = hub.page("/family", DAUGHTER).await.text;
        assert!(!page.contains("not seen"), "no sensor tells of kitchen or door: {page}");
        assert!(page.contains(word), "{agreed:?}: {page}");
        for fact in [
            "Last sign of life",
            "In bed last night",
            "Movement today",
            "In the kitchen today",
            "Out today",
        ] {
            assert_eq!(page.contains(fact), shown.contains(&fact), "{agreed:?} {fact}: {page}");
        }
        assert_eq!(page.contains("Not agreed to"), agreed.len() < 3, "{agreed:?}: {page}");

        hub.call_for_help().await;
        let page = hub.page("/family", DAUGHTER).await.text;
        assert!(page.contains("Something is wrong") && !page.contains("All is well"), "{page}");
        assert!(page.contains("alarmed · nobody has it"), "{page}");
        hub.make_move(json!({"move": "accept", "by": "wang"})).await;
        let page = hub.page("/family", DAUGHTER).await.text;
        assert!(page.contains("王 (微网格员) · accepted"), "{page}");
    }
}

#[tokio::test]
async fn whoever_is_no_family_is_shown_the_way_to_the_homes() {
    let hub = Hub::log_in();
    let (wang, daughter) = (hub.enter("wang").await, hub.enter("daughter").await);
    let page = hub.page("/family", &wang).await.text;
    assert!(page.contains("href=\"/homes\"") && !page.contains("3-2-501"), "{page}");
    let page = hub.page("/family", &daughter).await.text;
    assert!(page.contains("3-2-501"), "{page}");
    assert!(hub.page("/", &daughter).await.text.contains("href=\"/family\""));
    assert!(!hub.page("/", &wang).await.text.contains("href=\"/family\""));
}
