//! Visits and requests on pages: whom to see, and what was asked for, from the form to the rating.

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::hub::Hub;

#[tokio::test]
async fn a_request_is_made_on_the_page_and_shows_how_it_stands() {
    let hub = Hub::log_in();
    let (wang, li) = (hub.enter("wang").await, hub.enter("li").await);
    for (form, said) in [
        ("home=h1&from=resident", "Choose what it is about"),
        ("home=h1&rule=request-repair", "Choose whom it comes from"),
        ("rule=request-repair&from=resident", "Choose the home"),
        ("home=h1&rule=request-repair&from=resident&by=li", "Choose who you are first"),
    ] {
        let refused = hub.form("/requests", &wang, &format!("{form}&text=the+lamp")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{form}");
        assert!(refused.text.contains(said) && refused.text.contains("the lamp"), "{form}");
    }
    // Not of a home that they do not come to; and the engine has the last word.
    let form = "rule=request-repair&from=resident&text=the+lamp";
    let elsewhere = hub.form("/requests", &li, &format!("home=h2&{form}")).await;
    assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST);
    let nothing = hub.form("/requests", &wang, "home=h1&rule=fall&from=resident").await;
    assert_eq!(nothing.status, StatusCode::CONFLICT, "a fall is not asked for");

    let made = hub.form("/requests", &wang, &format!("home=h1&{form}")).await;
    assert_eq!((made.status, made.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/requests"));
    let page = hub.page("/requests", &li).await.text;
    assert!(page.contains("the lamp") && page.contains("/incidents/h1-1"), "{page}");
    assert!(page.contains("alarmed"), "{page}");
    let listed = hub.program("GET", "/api/v1/requests?open=true", "").await.json();
    let first = &listed[0];
    assert_eq!((&first["text"], &first["from"]), (&json!("the lamp"), &json!("resident")));
    assert_eq!((&first["holder"], &first["light"]), (&json!(null), &json!("green")));
    let wrong = hub.program("GET", "/api/v1/requests?open=perhaps", "").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("`perhaps`"), "{}", wrong.text);
}

#[tokio::test]
async fn who_is_called_for_stands_on_the_list_of_who_goes_and_on_the_desks() {
    let hub = Hub::log_in();
    let said = json!({"say": "visit", "by": "li", "why": "heat-wave"});
    let called = hub.post("/api/v1/homes/h1/said", said).await;
    assert_eq!(called.status, StatusCode::OK, "{}", called.text);
    for (who, wanted) in [("wang", true), ("li", true), ("zhao", true)] {
        let cookie = hub.enter(who).await;
        let page = hub.page("/visits", &cookie).await.text;
        assert_eq!(page.contains("because of: heat-wave"), wanted, "{who}: {page}");
        assert!(page.contains("/incidents/h1-1"), "{page}");
        // Whoever directs others sees whose it is.
        assert_eq!(page.contains("<h2>王 (微网格员)"), who == "li", "{who}: {page}");
    }
    let listed = hub.program("GET", "/api/v1/visits?by=wang", "").await.json();
    assert_eq!(listed[0]["visits"][0]["standing"], json!("called"));
    let grid = hub.program("GET", "/api/v1/visits?grid=nowhere", "").await.json();
    assert_eq!(grid, json!([]));
}
