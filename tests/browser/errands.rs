//! What whoever visits does at the door, and what becomes of what people ask for.

use careloop::domain::Span;
use serde_json::json;

use crate::driver::Browser;
use crate::hub::Hub;

/// A home that is visited every week.
const WEEKLY: fn(String) -> String = |register| {
    let zone = "zone = \"Asia/Shanghai\"\n";
    register.replace(zone, &format!("{zone}visits = \"weekly\"\n"))
};

/// Such a home, whose resident comes back from hospital today: the desk has somebody go there.
async fn with_a_visit(ma_says: &str) -> (Hub, Browser) {
    let hub = Hub::start_with(WEEKLY).await;
    let (ma, wang) = (hub.phone_of("ma").await, hub.phone_of("wang").await);
    wang.go(&hub.page("/visits")).await;
    wang.wait_for_text("Nobody has to be visited today").await;
    wang.wait_for("body:not(.broken)").await;
    ma.go(&hub.page("/visits")).await;
    ma.unfold("coming-h1").await;
    ma.choose("#coming-h1 select", ma_says).await;
    ma.tap("#coming-h1 form button").await;
    // It is on his route by itself.
    wang.wait_for_text("called for").await;
    wang.taps();
    (hub, wang)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_told_in_three_taps_from_the_route() {
    let (hub, wang) = with_a_visit("discharge").await;
    wang.tap("article button[value='on-scene']").await;
    wang.tap("input[name='outcome'][value='safe']").await;
    wang.tap("button[value='resolve']").await;
    wang.wait_for_text("closed · safe").await;
    assert_eq!(wang.taps(), 3);
    // It was another page: back leads to the route, where nothing is left.
    wang.see("history.back();", json!([])).await;
    wang.wait_for_page("/visits").await;
    wang.wait_for_text("Nobody has to be visited today").await;
    wang.unfold("coming-h1").await;
    wang.wait_for_text("(met)").await;
    wang.go(&hub.page("/incidents/h1-1")).await;
    wang.wait_for_text("on-scene by wang").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_falls_due_stands_on_the_route_until_it_was_made() {
    let hub = Hub::start_after(Span::hours(9 * 24), WEEKLY).await;
    let wang = hub.phone_of("wang").await;
    wang.go(&hub.page("/visits")).await;
    wang.wait_for_text("Weekly visit").await;
    wang.taps();
    wang.tap("article button[value='on-scene']").await;
    wang.tap("input[name='outcome'][value='safe']").await;
    wang.tap("button[value='resolve']").await;
    wang.wait_for_text("closed · safe").await;
    assert_eq!(wang.taps(), 3);
    wang.go(&hub.page("/visits")).await;
    wang.wait_for_text("Nobody has to be visited today").await;
    wang.unfold("coming-h1").await;
    wang.wait_for_text("(met)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visit_finds_wrong_is_seen_to() {
    let (hub, wang) = with_a_visit("heat-wave").await;
    wang.tap("article button[value='on-scene']").await;
    wang.tap("form:has([value='gas-stove']) button[value='wrong']").await;
    wang.wait_for("form:has([value='gas-stove']) button[value='wrong'][aria-pressed='true']").await;
    wang.tap("form:has([value='walking']) button[value='fine']").await;
    wang.wait_for_text("Checklist 2/15").await;
    wang.tap("input[name='outcome'][value='assisted']").await;
    wang.tap("button[value='resolve']").await;
    wang.wait_for_text("closed · assisted").await;
    wang.go(&hub.page("/")).await;
    wang.wait_for_text("A visit found something wrong").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_something_sees_what_becomes_of_it_and_says_how_content_they_are() {
    let hub = Hub::start().await;
    let (daughter, wang) = (hub.phone_of("daughter").await, hub.phone_of("wang").await);
    wang.go(&hub.page("/requests")).await;
    daughter.go(&hub.page("/requests")).await;
    daughter.unfold("report").await;
    daughter.choose("#report [name=rule]", "request-repair").await;
    daughter.tap("#report [name=from][value='family']").await;
    daughter.write("#report textarea", "the tap drips").await;
    daughter.tap("#report button.main").await;
    daughter.wait_for_text("nobody has it").await;

    wang.wait_for_text("the tap drips").await;
    wang.tap("article h2 a").await;
    wang.tap("button[value='accept']").await;
    daughter.wait_for_text("with 王 (微网格员)").await;
    wang.tap("button[value='on-scene']").await;
    daughter.wait_for_text("on scene").await;
    // In its own card, however often the page changed meanwhile.
    let words = "return document.querySelectorAll('blockquote').length === 1;";
    daughter.until(words, json!([]), "her words once").await;
    wang.tap("input[name='outcome'][value='repaired']").await;
    wang.tap("button[value='resolve']").await;
    wang.wait_for_text("closed · repaired").await;

    daughter.wait_for_text("No request is open").await;
    daughter.tap(".closed a").await;
    daughter.tap("#review [name=score][value='5']").await;
    daughter.write("#review textarea", "it does not drip").await;
    daughter.tap("button[value='review']").await;
    daughter.wait_for_text("reviewed 5 by daughter").await;
    wang.go(&hub.page("/requests")).await;
    wang.wait_for_text("repaired · 5/5").await;
}
