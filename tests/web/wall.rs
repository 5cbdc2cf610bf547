//! The pages of the duty room: the list that is looked through, and the wall.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use crate::hub::Hub;

const WANG_ZH: &str = "careloop_lang=zh; careloop_me=77616e67";
const LI_EN: &str = "careloop_lang=en; careloop_me=6c69";

/// A call for help that nobody has, smoke that Wang has, and a repair that somebody wants.
async fn three() -> Hub {
    let hub = Hub::start();
    hub.call_for_help().await;
    hub.observe("kitchen-smoke", "smoke", json!(true)).await;
    let wang = json!({"move": "accept", "by": "wang"});
    let moved = hub.post("/api/v1/incidents/h1-2/moves", wang).await;
    assert!(moved.status.is_success(), "{}", moved.text);
    let report = json!({ "say": "report", "by": "daughter", "rule": "request-repair",
        "from": "family", "text": "the tap drips" });
    hub.post("/api/v1/homes/h1/said", report).await;
    hub
}

/// Which of the three are on the page.
async fn listed(hub: &Hub, path: &str, cookie: &str) -> Vec<usize> {
    let page = hub.page(path, cookie).await.text;
    (1..=3).filter(|n| page.contains(&format!("<h2><a href=\"/incidents/h1-{n}\">"))).collect()
}

#[tokio::test]
async fn what_is_looked_for_combines_and_what_it_leaves_out_is_told() {
    let hub = three().await;
    for (path, wanted) in [
        ("/", &[1, 2, 3][..]),
        ("/?who=nobody", &[1, 3]),
        ("/?who=me", &[2]),
        ("/?who=others", &[]),
        ("/?q=HELP", &[1]),
        ("/?q=%E7%83%9F", &[2]),
        ("/?q=3-2-501+h1-3", &[3]),
        ("/?who=nobody&show=alarms", &[1]),
        ("/?who=nobody&show=alarms&q=repair", &[]),
        ("/?overdue=1", &[]),
        ("/?grid=elsewhere", &[]),
        ("/?who=everybody&q=", &[1, 2, 3]),
    ] {
        assert_eq!(listed(&hub, path, WANG_ZH).await, wanted, "{path}");
    }
    assert_eq!(listed(&hub, "/?who=others", LI_EN).await, [2]);
    let page = hub.page("/?who=others&show=alarms", LI_EN).await.text;
    assert!(page.contains("2 more are open and not shown, 2 of them with nobody"), "{page}");
    // A page sounds as long as nobody has an alarm, whatever somebody looks for.
    assert!(page.contains("class=\"banner hidden urgent\" data-calls"), "{page}");
    let page = hub.page("/?who=nobody", LI_EN).await.text;
    assert!(page.contains("href=\"/?show=requests&#38;who=nobody\""), "chips keep it: {page}");
    assert!(!hub.page("/", LI_EN).await.text.contains("not shown"));
}

#[tokio::test]
async fn a_tap_in_the_list_comes_back_to_what_was_looked_at_and_nowhere_else() {
    let hub = three().await;
    let page = hub.page("/?who=nobody&q=help", WANG_ZH).await.text;
    assert!(page.contains("name=\"list\" value=\"who=nobody&#38;q=help\""), "{page}");
    for (move_, list, back) in [
        ("accept", "who%3Dnobody%26q%3Dhelp", "/?who=nobody&q=help"),
        ("en-route", "%2F%2Fevil.example", "/"),
        ("on-scene", "q%3D%2F%2Fevil.example", "/?q=//evil.example"),
        ("note&text=x", "q%3D1%0D%0Ax%3A+y", "/"),
    ] {
        let form = format!("move={move_}&by=wang&back=list&list={list}");
        let moved = hub.form("/incidents/h1-1", WANG_ZH, &form).await;
        assert_eq!(moved.header(header::LOCATION), back, "{}", moved.text);
    }
}

#[tokio::test]
async fn the_wall_shows_alarms_with_who_has_them_and_nothing_to_touch() {
    let hub = three().await;
    let wall = hub.page("/wall", LI_EN).await.text;
    for word in [
        "Call for help",
        "Smoke",
        "3-2-501",
        "王 (微网格员)",
        "nobody has it",
        "data-left=\"",
        "</span>3</strong> open",
        "</span>2</strong> with nobody",
        "</span>0</strong> overdue",
        "sensors silent",
        "NOT CONNECTED since",
        "http-equiv=\"refresh\"",
        "<script type=\"module\"",
    ] {
        assert!(wall.contains(word), "{word}: {wall}");
    }
    let (_, main) = wall.split_once("<main ").expect("a page");
    for touch in ["<button", "<form", "<select", "<a "] {
        assert!(!main.contains(touch), "{touch}: {main}");
    }
    assert!(!wall.contains("Repair"), "what people ask for has its time");
}

#[tokio::test]
async fn what_somebody_is_sent_to_is_among_theirs_until_anybody_takes_it() {
    let hub = Hub::start();
    hub.call_for_help().await;
    let (wang, zhao) =
        ("careloop_me=77616e67; careloop_lang=en", "careloop_me=7a68616f; careloop_lang=en");
    let sent = json!({ "move": "assign", "by": "li", "to": "wang" });
    assert_eq!(hub.make_move(sent).await.status, StatusCode::OK);
    let assigned = async || hub.get("/api/v1/incidents/h1-1").await.json()["assigned_to"].clone();
    assert_eq!(assigned().await, "wang");
    let hers = |text: &str| text.contains("<h2><a href=\"/incidents/h1-1\">");
    let his = hub.page("/?who=me", wang).await.text;
    assert!(hers(&his) && his.contains("assigned to you"), "{his}");
    let others = hub.page("/?who=me", zhao).await.text;
    assert!(!hers(&others), "{others}");
    // Nobody has it all the same, and everybody sees who is sent.
    let nobody = hub.page("/?who=nobody", zhao).await.text;
    assert!(hers(&nobody) && nobody.contains("assigned to 王 (微网格员)"), "{nobody}");

    let taken = json!({ "move": "accept", "by": "zhao" });
    assert_eq!(hub.make_move(taken).await.status, StatusCode::OK);
    assert_eq!(assigned().await, Value::Null);
    assert!(!hers(&hub.page("/?who=me", wang).await.text));
    let back = json!({ "move": "return", "by": "zhao", "why": "cannot" });
    assert_eq!(hub.make_move(back).await.status, StatusCode::OK);
    assert!(!hers(&hub.page("/?who=me", wang).await.text), "it was taken once, and is anybody's");
}
