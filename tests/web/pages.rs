//! What people see and tap.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::json;

use crate::hub::Hub;

/// Somebody who reads Chinese and says that they are wang.
const WANG_ZH: &str = "careloop_lang=zh; careloop_me=77616e67";
const LI_EN: &str = "careloop_lang=en; careloop_me=6c69";

#[tokio::test]
async fn a_page_shows_the_incident_and_a_tap_moves_it_to_its_close() {
    let hub = Hub::start();
    let empty = hub.page("/", WANG_ZH).await;
    assert!(empty.text.contains("没有进行中的事件"), "{}", empty.text);
    hub.call_for_help().await;
    let front = hub.page("/", WANG_ZH).await.text;
    for word in [
        "紧急呼救",
        "紧急",
        "3-2-501",
        "报警",
        "无人签收",
        "我来处理",
        "接下来通知：赵 (网格员)，还有 <time data-left=\"",
        "href=\"/incidents/h1-1\"",
    ] {
        assert!(front.contains(word), "{word}: {front}");
    }
    let page = hub.page("/incidents/h1-1", WANG_ZH).await.text;
    for word in [
        "显示地址和进门方式",
        "help-button 报告呼救",
        "呼救",
        "异常",
        "从未收到消息",
        "女儿",
        "待发",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let tap = async |cookie: &str, fields: &str| {
        let moved = hub.form("/incidents/h1-1", cookie, fields).await;
        assert_eq!(moved.status, StatusCode::SEE_OTHER, "{fields}: {}", moved.text);
        moved.header(header::LOCATION).to_owned()
    };
    assert_eq!(tap(WANG_ZH, "move=accept&by=wang&back=list").await, "/");
    assert!(hub.page("/", WANG_ZH).await.text.contains("我已出发"));
    assert_eq!(tap(WANG_ZH, "move=en-route&by=wang").await, "/incidents/h1-1");
    tap(WANG_ZH, "move=on-scene&by=wang").await;
    let page = hub.page("/incidents/h1-1", WANG_ZH).await.text;
    assert!(
        page.contains("送医") && page.contains("转交给") && !page.contains("本人取消"),
        "{page}"
    );
    tap(WANG_ZH, "move=resolve&by=wang&outcome=safe&note=%E5%9C%A8%E7%9D%A1%E8%A7%89").await;
    let page = hub.page("/incidents/h1-1", WANG_ZH).await.text;
    assert!(page.contains("须由另一人核查") && !page.contains("核查通过，结案"), "{page}");
    let page = hub.page("/incidents/h1-1", LI_EN).await.text;
    assert!(
        page.contains("Confirm and close") && page.contains("resolved safe by wang: 在睡觉"),
        "{page}"
    );
    tap(LI_EN, "move=verify&by=li").await;
    let page = hub.page("/incidents/h1-1", LI_EN).await.text;
    assert!(page.contains("closed: safe") && !page.contains("value=\"verify\""), "{page}");
    assert_eq!(tap(LI_EN, "move=review&by=li&score=5&text=kind").await, "/incidents/h1-1");
    let page = hub.page("/incidents/h1-1", LI_EN).await.text;
    assert!(page.contains("reviewed 5 by li: kind"), "{page}");
    let front = hub.page("/", LI_EN).await.text;
    assert!(front.contains("Nothing is open") && front.contains("Recently closed"), "{front}");
}

#[tokio::test]
async fn a_move_that_is_not_made_is_told_on_the_page_and_the_words_are_kept() {
    let hub = Hub::start();
    hub.call_for_help().await;
    hub.form("/incidents/h1-1", WANG_ZH, "move=accept&by=wang").await;
    let refused = hub.form("/incidents/h1-1", "careloop_lang=zh", "move=accept&by=zhao").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("王 (微网格员) 已签收；请对方转交或退回"), "{}", refused.text);
    assert!(refused.text.contains("紧急呼救"), "it is the page of the incident");
    let fields = "move=resolve&by=li&outcome=safe&note=all+is+well";
    let refused = hub.form("/incidents/h1-1", LI_EN, fields).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("nobody has been on scene yet"), "{}", refused.text);
    assert!(refused.text.contains("all is well"), "half-written words are not lost");
    for (fields, said) in [
        ("move=accept", "请先选择您是谁"),
        ("move=resolve&by=wang", "请选择结果"),
        ("move=return&by=wang", "请写明原因"),
        ("move=dance&by=wang", "没有这种操作"),
        ("%%%", "请先选择您是谁"),
    ] {
        let answer = hub.form("/incidents/h1-1", WANG_ZH, fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{fields}");
        assert!(answer.text.contains(said), "{fields}: {}", answer.text);
    }
    let gone = hub.form("/incidents/h1-9", WANG_ZH, "move=accept&by=wang").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_people_and_devices_write_is_text_and_never_markup() {
    let evil = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>";
    let hub = Hub::start_with(None, |home| {
        home.name = format!("home {evil}");
        home.address = format!("address {evil}");
        home.devices.iter_mut().for_each(|d| d.room = format!("room {evil}"));
        home.responders.iter_mut().for_each(|r| r.name = format!("name {evil}"));
    });
    hub.call_for_help().await;
    for body in [
        json!({"move": "accept", "by": "wang"}),
        json!({"move": "note", "by": "wang", "text": format!("note {evil}")}),
        json!({"move": "return", "by": "wang", "why": format!("why {evil}")}),
    ] {
        assert_eq!(hub.make_move(body).await.status, StatusCode::OK);
    }
    let refused =
        format!("move=resolve&by=wang&outcome=safe&note=draft+{evil}").replace("<", "%3C");
    for page in [
        hub.page("/", WANG_ZH).await,
        hub.page("/incidents/h1-1", WANG_ZH).await,
        hub.page("/incidents/h1-1?lang=%3Cscript%3E", LI_EN).await,
        hub.form("/incidents/h1-1", WANG_ZH, &refused).await,
        hub.form("/incidents/h1-1", LI_EN, "move=%3Cscript%3Ealert(1)&by=wang").await,
    ] {
        assert!(page.text.contains("home &#60;script"), "{}", page.text);
        for markup in ["<script>", "<img", "alert('x')"] {
            assert!(!page.text.contains(markup), "{markup}: {}", page.text);
        }
    }
    let page = hub.form("/incidents/h1-1/address", WANG_ZH, "by=wang").await.text;
    for place in ["home", "address", "room", "name", "note", "why"] {
        assert!(page.contains(&format!("{place} &#60;script&#62;")), "{place}: {page}");
    }
}

#[tokio::test]
async fn the_language_is_chosen_once_and_remembered() {
    let hub = Hub::start();
    let accepts = async |tag: &str, path: &str, cookie: &str| {
        let headers = [("accept-language", tag), ("cookie", cookie)];
        hub.ask("GET", path, &headers, Body::empty()).await
    };
    assert!(accepts("zh-CN,zh;q=0.9", "/", "").await.text.contains("<html lang=\"zh\">"));
    assert!(accepts("en-GB", "/", "").await.text.contains("Open incidents"));
    let chosen = accepts("en-GB", "/?lang=zh", "").await;
    assert!(chosen.text.contains("进行中的事件"));
    let cookie = chosen.header(header::SET_COOKIE);
    assert!(cookie.starts_with("careloop_lang=zh;"), "{cookie}");
    let remembered = accepts("en-GB", "/", cookie.split(';').next().unwrap()).await;
    assert!(remembered.text.contains("进行中的事件"));
    assert!(remembered.headers.get(header::SET_COOKIE).is_none(), "it is said once");
}

#[tokio::test]
async fn who_somebody_is_is_chosen_once_and_goes_into_every_form() {
    let hub = Hub::start();
    hub.call_for_help().await;
    let page = hub.page("/incidents/h1-1", "careloop_lang=en").await.text;
    assert!(page.contains("Choose above who you are first") && !page.contains("name=\"move\""));
    let chosen = hub.form("/me", "", "me=wang&back=%2Fincidents%2Fh1-1").await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER);
    assert_eq!(chosen.header(header::LOCATION), "/incidents/h1-1");
    let cookie = chosen.header(header::SET_COOKIE).split(';').next().unwrap();
    let page = hub.page("/incidents/h1-1", cookie).await.text;
    assert!(page.contains("name=\"by\" value=\"wang\"") && page.contains("value=\"accept\""));
    let nobody = hub.form("/me", "", "me=nobody").await;
    assert_eq!(nobody.status, StatusCode::BAD_REQUEST);
    let elsewhere = hub.form("/me", "", "me=wang&back=%2F%2Fevil.example").await;
    assert_eq!(elsewhere.header(header::LOCATION), "/");
}

#[tokio::test]
async fn pages_that_say_no_are_plain_and_in_the_language() {
    let hub = Hub::start();
    for (method, path, status, zh, en) in [
        ("GET", "/nothing", 404, "没有这个页面", "There is no such page"),
        ("GET", "/incidents/h1-9", 404, "没有这个页面", "There is no such page"),
        ("GET", "/incidents/%FF", 404, "没有这个页面", "There is no such page"),
        ("DELETE", "/", 405, "不接受", "does not take that"),
    ] {
        for (lang, word) in [("zh", zh), ("en", en)] {
            let cookie = format!("careloop_lang={lang}");
            let headers = [("cookie", &*cookie), ("sec-fetch-site", "same-origin")];
            let answer = hub.ask(method, path, &headers, Body::empty()).await;
            assert_eq!(answer.status.as_u16(), status, "{path}");
            assert!(answer.text.contains(word), "{path}: {}", answer.text);
        }
    }
    std::fs::remove_file(&hub.site.store).unwrap();
    let broken = hub.page("/", "careloop_lang=zh").await;
    assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(broken.text.contains("暂时无法读取数据") && !broken.text.contains("sqlite"));
}

#[tokio::test]
async fn what_people_ask_for_stands_below_alarms_and_can_be_looked_at_alone() {
    let hub = Hub::start();
    let report = serde_json::json!({ "say": "report", "by": "daughter", "rule": "request-repair",
        "from": "family", "text": "the tap drips" });
    let said = hub.post("/api/v1/homes/h1/said", report).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.text);
    assert!(!hub.page("/", LI_EN).await.text.contains("class=\"chips\""), "one part is everything");
    hub.call_for_help().await;
    let all = hub.page("/", LI_EN).await.text;
    let (help, repair) = (all.find("/incidents/h1-2"), all.find("Repair"));
    assert!(help.is_some() && help < repair, "{all}");
    let requests = hub.page("/?show=requests", LI_EN).await.text;
    assert!(requests.contains("Repair") && !requests.contains("/incidents/h1-2"), "{requests}");
    let alarms = hub.page("/?show=alarms", LI_EN).await.text;
    assert!(!alarms.contains("Repair") && alarms.contains("/incidents/h1-2"), "{alarms}");
    let listed = hub.get("/api/v1/incidents?group=request").await.text;
    assert!(listed.contains("h1-1") && !listed.contains("h1-2"), "{listed}");
    let page = hub.page("/incidents/h1-1", LI_EN).await.text;
    assert!(page.contains("the tap drips"), "{page}");
}
