//! What the desk reads and prints: figures, the hand-over, who is on duty, plans and rules.

use axum::http::{StatusCode, header};
use careloop::domain::{Change, Home};
use serde_json::json;

use crate::hub::Hub;

const LI_EN: &str = "careloop_lang=en; careloop_me=6c69";
const LI_ZH: &str = "careloop_lang=zh; careloop_me=6c69";

/// A call for help that was false, and one that nobody has.
async fn two(hub: &Hub) {
    hub.call_for_help().await;
    let resolve = json!({"move": "resolve", "by": "wang", "outcome": "false-alarm"});
    assert_eq!(hub.make_move(resolve).await.status, StatusCode::OK);
    assert_eq!(hub.make_move(json!({"move": "verify", "by": "li"})).await.status, StatusCode::OK);
    hub.observe("kitchen-smoke", "smoke", json!(true)).await;
}

fn month(hub: &Hub, back: i32) -> String {
    use jiff::ToSpan as _;
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
    let now = hub.site.clock.wall().civil(&zone);
    now.first_of_month().saturating_sub(back.months()).strftime("%Y-%m").to_string()
}

#[tokio::test]
async fn the_month_is_shown_against_its_targets_and_taken_away_as_a_file() {
    let hub = Hub::start();
    two(&hub).await;
    let (this, before) = (month(&hub, 0), month(&hub, 1));
    let page = hub.page("/reports", LI_EN).await.text;
    for word in [
        format!("Report of the month {this}"),
        format!("/reports?month={before}"),
        format!("/reports/csv?month={this}"),
        "<strong>100.0 % (1/1)</strong><small> target 97.5 %</small>".to_owned(),
        "<strong>met</strong>".to_owned(),
        "Call for help<small> help</small>".to_owned(),
        "<strong>100.0 % (1/1)</strong></li>".to_owned(),
        format!("{before} 0, {this} 2"),
        "<th scope=\"row\">Smoke</th>".to_owned(),
    ] {
        assert!(page.contains(&word), "{word}: {page}");
    }
    assert!(!page.contains(&format!("/reports?month={}", month(&hub, -1))), "no month to come");
    // A report stands still: nothing fetches it again and again.
    assert!(!page.contains("<script"), "{page}");
    let earlier = hub.page(&format!("/reports?month={before}"), LI_EN).await.text;
    assert!(earlier.contains("nothing to judge") && earlier.contains(&this), "{earlier}");

    let csv = hub.page(&format!("/reports/csv?month={this}"), LI_EN).await;
    assert_eq!(csv.header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    let named = format!("attachment; filename=\"careloop-{this}.csv\"");
    assert_eq!(csv.header(header::CONTENT_DISPOSITION), named);
    assert!(csv.text.contains("overview,alarms,value,2\r\n"), "{}", csv.text);
    let none = hub.page(&format!("/reports/csv?month={this}&grid=elsewhere"), LI_EN).await.text;
    assert!(none.contains("overview,alarms,value,0\r\n"), "{none}");
    let text = hub.page(&format!("/reports/markdown?month={this}"), LI_ZH).await.text;
    assert!(text.starts_with(&format!("# 月度报表 {this}\n")), "{text}");
    let wrong = hub.page("/reports?month=2026-13", LI_EN).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("is not a month such as"), "{}", wrong.text);
}

#[tokio::test]
async fn a_report_is_of_the_homes_somebody_comes_to() {
    let hub = Hub::log_in();
    let report = json!({"say": "report", "by": "wang", "rule": "request-repair", "text": "the lamp", "from": "grid"});
    let said = hub.post("/api/v1/homes/h2/said", report).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.text);
    hub.call_for_help().await;
    let li = format!("careloop_lang=en; {}", hub.enter("li").await);
    let shift = hub.page("/shift", &li).await.text;
    assert!(shift.contains("h1-1") && !shift.contains("h2-1"), "{shift}");
    assert!(!shift.contains("8-1-101"), "{shift}");
    let csv = hub.page("/shift/csv", &li).await.text;
    assert!(csv.contains("h1-1") && !csv.contains("h2-1"), "{csv}");
    let month = hub.page("/reports/csv", &li).await.text;
    assert!(!month.contains("\r\nrequests,request-repair,total,1"), "{month}");
    assert!(hub.page("/reports", &li).await.text.contains("of the 1 homes that you come to"));
    assert!(!hub.page("/rota", &li).await.text.contains("8-1-101"));
    let rules = hub.page("/rules", &li).await.text;
    let count = "request-repair</small></span><span class=\"outcome\">0</span>";
    assert!(rules.contains(count), "{rules}");
}

#[tokio::test]
async fn the_hand_over_tells_people_and_times_as_colleagues_read_them() {
    let hub = Hub::start();
    two(&hub).await;
    let moved = hub.post("/api/v1/incidents/h1-2/moves", json!({"move": "accept", "by": "wang"}));
    assert_eq!(moved.await.status, StatusCode::OK);
    let page = hub.page("/shift", LI_EN).await.text;
    for word in ["Smoke", "3-2-501", "accepted by wang", ">王 (微网格员)</td>", "What happened"]
    {
        assert!(page.contains(word), "{word}: {page}");
    }
    let (_, tables) = page.split_once("<section>").expect("tables");
    assert!(!tables.contains(".000Z<"), "no time of programs: {tables}");
    let earlier = hub.page("/shift?to=2020-01-01T08:00&hours=12", LI_EN).await.text;
    assert!(!earlier.contains("Smoke") && earlier.contains("12 hours"), "{earlier}");
    let wrong = hub.page("/shift?to=yesterday", LI_EN).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_rota_marks_who_is_there_and_where_nobody_is() {
    let hub = Hub::start_with(None, |home: &mut Home| {
        for person in &mut home.responders {
            if person.id.as_str() == "zhao" {
                person.rota.duty = vec!["daily 08:00-18:00".parse().expect("a line")];
            }
        }
    });
    let page = hub.page("/rota", LI_EN).await.text;
    // A day is a thousand wide: from a third of it to three quarters.
    for word in [
        "<rect x=\"333\" width=\"417\"",
        "<rect x=\"6333\" width=\"417\"",
        "always on duty",
        "nobody<small> grid</small>",
        "<rect x=\"750\" width=\"583\"",
        "3-2-501",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let all = Hub::start().page("/rota", LI_EN).await.text;
    assert!(all.contains("no gap") && !all.contains("class=\"week gap\""), "{all}");
}

#[tokio::test]
async fn plans_are_ladders_and_rules_say_where_their_numbers_come_from() {
    let hub = Hub::start_with(None, |home: &mut Home| {
        home.changes = vec![Change {
            rule: "oxygen".parse().expect("a name"),
            set: "detect.threshold.below = 88".to_owned(),
            off: false,
            by: "li".parse().expect("a name"),
            on: "2026-11-20".to_owned(),
            why: "COPD, says the clinic".to_owned(),
        }];
    });
    two(&hub).await;
    let plans = hub.page("/plans", LI_EN).await.text;
    for word in
        ["id=\"urgent\"", "<strong>60 s</strong>", "family, micro-grid", "again every 1m", "15m"]
    {
        assert!(plans.contains(word), "{word}: {plans}");
    }
    let (last, first) = (plans.find("<strong>240 s</strong>"), plans.find("<strong>0 s</strong>"));
    assert!(last.is_some() && last < first, "a ladder stands on its first rung: {plans}");
    let rules = hub.page("/rules", LI_EN).await.text;
    for word in [
        "detect.threshold.below = 88",
        "李 (社区) 2026-11-20 · COPD, says the clinic",
        "1 · false 100.0 % (1/1)",
        "href=\"/plans#urgent\"",
        "Where the numbers come from",
    ] {
        assert!(rules.contains(word), "{word}: {rules}");
    }
    let zh = hub.page("/rules", LI_ZH).await.text;
    assert!(zh.contains("紧急呼救") && zh.contains("误报 100.0 % (1/1)"), "{zh}");
}
