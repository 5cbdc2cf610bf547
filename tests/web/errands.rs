//! Visits and requests: whom somebody has to see, and what people ask for.

use axum::http::StatusCode;
use careloop::domain::Home;
use serde_json::{Value, json};

use crate::hub::Hub;

const WANG_EN: &str = "careloop_me=77616e67; careloop_lang=en";
const WANG_ZH: &str = "careloop_me=77616e67; careloop_lang=zh";
/// Somebody who has not said who they are.
const NOBODY_EN: &str = "careloop_lang=en";

/// The shipped household, visited every week, in a grid.
fn visited(home: &mut Home) {
    home.visits = Some("weekly".parse().expect("a tier"));
    home.grid = Some("north".parse().expect("a grid"));
}

async fn say(hub: &Hub, said: Value) {
    let said = hub.post("/api/v1/homes/h1/said", said).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.text);
}

#[tokio::test]
async fn a_program_reads_whom_somebody_has_to_see_and_why() {
    let hub = Hub::start_with(None, visited);
    let list = hub.get("/api/v1/visits").await.json();
    let coming = &list[0];
    assert_eq!((&coming["home"], &coming["standing"]), (&json!("h1"), &json!("coming")), "{list}");
    assert_eq!((&coming["last"], &coming["how"]), (&Value::Null, &Value::Null), "nobody was there");

    say(&hub, json!({ "say": "visit", "by": "li", "why": "heat-wave" })).await;
    for path in ["visits", "visits?by=wang", "visits?grid=north", "visits?by=wang&grid=north"] {
        let list = hub.get(&format!("/api/v1/{path}")).await.json();
        assert_eq!(list[0]["standing"], "called", "{path}: {list}");
        assert_eq!(list[0]["calls"][0]["name"], "heat-wave");
        assert_eq!(list[0]["incidents"][0]["id"], "h1-1");
    }
    let moved = json!({ "move": "resolve", "by": "wang", "outcome": "safe" });
    assert_eq!(hub.make_move(moved).await.status, StatusCode::OK);
    let list = hub.get("/api/v1/visits").await.json();
    assert_eq!(
        (&list[0]["standing"], &list[0]["how"]),
        (&json!("coming"), &json!("met")),
        "{list}"
    );
    assert_eq!(list[0]["incidents"], json!([]));

    let wrong = hub.get("/api/v1/visits?by=nobody&grid=south&nonsense=1").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let mut fields: Vec<_> = wrong.json()["where"].as_array().expect("places").clone();
    fields.sort_by_key(|field| field["field"].to_string());
    let fields: Vec<_> = fields.iter().map(|field| field["field"].clone()).collect();
    assert_eq!(fields, ["by", "grid", "nonsense"]);
}

#[tokio::test]
async fn a_program_reads_what_people_asked_for_and_what_came_of_it() {
    let hub = Hub::start();
    hub.call_for_help().await;
    for text in ["the tap drips", "and the heating"] {
        let report = json!({ "say": "report", "by": "daughter", "rule": "request-repair",
            "from": "family", "text": text });
        say(&hub, report).await;
    }
    let moved = json!({ "move": "resolve", "by": "wang", "outcome": "repaired" });
    let done = hub.post("/api/v1/incidents/h1-2/moves", moved).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let all = hub.get("/api/v1/requests").await.json();
    let all: Vec<_> = all.as_array().expect("a list").iter().collect();
    let told: Vec<_> =
        all.iter().map(|r| (&r["id"], &r["text"], &r["stage"], &r["light"])).collect();
    let (open, closed) = (json!("alarmed"), json!("closed"));
    let (third, second) = (json!("h1-3"), json!("h1-2"));
    let (drips, heating, green) =
        (json!("the tap drips"), json!("and the heating"), json!("green"));
    assert_eq!(told, [(&third, &heating, &open, &green), (&second, &drips, &closed, &green)]);
    assert_eq!((&all[0]["from"], &all[1]["outcome"]), (&json!("family"), &json!("repaired")));
    let of = async |path: &str| hub.get(&format!("/api/v1/requests?{path}")).await;
    assert_eq!(of("open=true").await.json().as_array().map(Vec::len), Some(1));
    assert_eq!(of("before=2020-01-01T00:00:00Z").await.json(), json!([]));
    assert_eq!(of("open=maybe").await.json()["where"][0]["field"], "open");
}

#[tokio::test]
async fn a_route_leads_from_who_must_be_seen_to_the_incident_that_does_the_rest() {
    let hub = Hub::start_with(None, visited);
    let front = hub.page("/", WANG_EN).await.text;
    assert!(front.contains("href=\"/visits\"") && front.contains("href=\"/requests\""), "{front}");
    let calm = hub.page("/visits", WANG_EN).await.text;
    assert!(calm.contains("Nobody has to be visited today"), "{calm}");
    assert!(calm.contains("never visited") && calm.contains("due on "), "{calm}");
    assert!(calm.contains("value=\"heat-wave\"") && !calm.contains("/incidents/"), "{calm}");
    let stranger = hub.page("/visits", NOBODY_EN).await.text;
    assert!(!stranger.contains("heat-wave") && !stranger.contains("class=\"chips\""), "{stranger}");

    let without = hub.form("/visits", WANG_EN, "by=wang&home=h1&why=").await;
    assert_eq!(without.status, StatusCode::BAD_REQUEST);
    assert!(without.text.contains("Choose why"));
    let unknown = hub.form("/visits", WANG_EN, "by=wang&home=h1&why=whim").await;
    assert_eq!(unknown.status, StatusCode::CONFLICT);
    assert!(unknown.text.contains("whim"), "{}", unknown.text);
    // The form says nothing else than that somebody should go.
    let form = "by=wang&home=h1&why=heat-wave&say=away&for=3d&back=all";
    let called = hub.form("/visits", WANG_EN, form).await;
    assert_eq!(called.status, StatusCode::SEE_OTHER, "{}", called.text);
    assert_eq!(called.header(axum::http::header::LOCATION), "/visits?show=all");

    let route = hub.page("/visits", WANG_ZH).await.text;
    assert!(route.contains("href=\"/incidents/h1-1\"") && route.contains("需回访"), "{route}");
    assert!(!route.contains("value=\"heat-wave\""), "there is one already: {route}");
    let checklist = hub.page("/incidents/h1-1", WANG_ZH).await.text;
    assert!(checklist.contains("id=\"checklist\""), "{checklist}");
}

#[tokio::test]
async fn a_route_is_that_of_who_comes_and_whoever_comes_nowhere_sees_all() {
    let hub = Hub::start_of(None, |home| {
        let mut hers = home.clone();
        visited(&mut hers);
        let mut other = Home { id: "h2".parse().expect("a name"), ..hers.clone() };
        (other.name, other.devices) = ("4-1-101".to_owned(), Vec::new());
        other.responders.retain(|person| person.id.as_str() != "wang");
        vec![hers, other]
    });
    let both = |text: &str| (text.contains("3-2-501"), text.contains("4-1-101"));
    let nobody = "careloop_me=6e6f626f6479; careloop_lang=en";
    for (page, who, is) in [
        ("/visits", WANG_EN, (true, false)),
        ("/visits?show=all", WANG_EN, (true, true)),
        ("/visits", nobody, (true, true)),
        ("/visits", NOBODY_EN, (true, true)),
    ] {
        assert_eq!(both(&hub.page(page, who).await.text), is, "{page} {who}");
    }
    let route = hub.page("/visits", WANG_EN).await.text;
    assert!(route.contains("mine 0") && route.contains("all 0"), "nobody is due today: {route}");
    // Whoever does not come there calls nobody there.
    let all = hub.page("/visits?show=all", WANG_EN).await.text;
    assert!(all.contains("name=\"home\" value=\"h1\""), "{all}");
    assert!(!all.contains("name=\"home\" value=\"h2\""), "{all}");
    let refused = hub.form("/visits", WANG_EN, "by=wang&home=h2&why=festival").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn whoever_logs_in_sees_and_asks_for_their_own_homes_alone() {
    let hub = Hub::log_in();
    let (wang, li) = (hub.enter("wang").await, hub.enter("li").await);
    for home in ["h1", "h2"] {
        let call = format!("home={home}&why=heat-wave");
        let report = format!("home={home}&rule=request-repair&from=grid&text=the+lamp");
        for (page, form) in [("/visits", call), ("/requests", report)] {
            let (hers, theirs) =
                (hub.form(page, &wang, &form).await, hub.form(page, &li, &form).await);
            assert_eq!(hers.status, StatusCode::SEE_OTHER, "{page} {form}");
            let comes_there =
                if home == "h1" { StatusCode::SEE_OTHER } else { StatusCode::NOT_FOUND };
            assert_eq!(theirs.status, comes_there, "{page} {form}");
            let other = hub.form(page, &li, &format!("{form}&by=wang")).await;
            assert!(other.status.is_client_error(), "li does not speak for Wang: {page} {form}");
        }
    }
    for page in ["/visits", "/visits?show=all", "/requests"] {
        assert!(hub.page(page, &wang).await.text.contains("8-1-101"), "{page}");
        let theirs = hub.page(page, &li).await.text;
        assert!(theirs.contains("3-2-501") && !theirs.contains("8-1-101"), "{page}: {theirs}");
    }
}

#[tokio::test]
async fn a_request_is_reported_on_its_page_and_listed_with_what_came_of_it() {
    let hub = Hub::start();
    let nobody = hub.page("/requests", NOBODY_EN).await.text;
    assert!(nobody.contains("Choose above who you are") && !nobody.contains("id=\"report\""));
    let page = hub.page("/requests", WANG_EN).await.text;
    for option in ["request-repair", "reported-water", "hotline", "3-2-501"] {
        assert!(page.contains(option), "{option}: {page}");
    }
    let wrong = "by=wang&home=h1&rule=request-repair&text=the+tap+%3Cdrips%3E";
    let wrong = hub.form("/requests", WANG_ZH, wrong).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("请选择来自哪里"), "{}", wrong.text);
    assert!(wrong.text.contains("<blockquote>the tap &#60;drips&#62;"), "the words are kept");
    let refused = "by=wang&home=h1&rule=fall&from=resident&text=I+fell";
    let refused = hub.form("/requests", WANG_EN, refused).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "a fall is no request");
    let gone = "by=wang&home=h9&rule=request-repair&from=resident&text=x";
    assert_eq!(hub.form("/requests", WANG_EN, gone).await.status, StatusCode::NOT_FOUND);

    let report = "by=wang&home=h1&rule=request-repair&from=resident&text=the+tap+%3Cdrips%3E";
    let done = hub.form("/requests", WANG_EN, report).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = hub.page("/requests", WANG_EN).await.text;
    assert!(page.contains("the tap &#60;drips&#62;") && page.contains("nobody has it"), "{page}");
    let moved = json!({ "move": "resolve", "by": "wang", "outcome": "repaired" });
    assert_eq!(hub.make_move(moved).await.status, StatusCode::OK);
    let review = json!({ "move": "review", "by": "daughter", "score": "5" });
    assert_eq!(hub.make_move(review).await.status, StatusCode::OK);
    let page = hub.page("/requests", WANG_ZH).await.text;
    assert!(page.contains("没有进行中的诉求") && page.contains("· 5/5"), "{page}");
}
