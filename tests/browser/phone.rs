//! What a responder does with a phone: from the message to the tap, with and without a connection, and two at once.

use serde_json::json;

use crate::hub::Hub;

/// What is on the screen without scrolling, by its selector.
const IS_IN_SIGHT: &str = "const r = document.querySelector(arguments[0])?.getBoundingClientRect();
    return !!r && r.top >= 0 && r.bottom <= innerHeight;";

#[tokio::test(flavor = "multi_thread")]
async fn from_the_link_of_a_message_one_tap_accepts() {
    let hub = Hub::start().await;
    hub.call_for_help().await;
    let wang = hub.phone_of("wang").await;
    wang.go(&hub.page("/incidents/h1-1")).await;
    wang.until(IS_IN_SIGHT, json!(["button[value='accept']"]), "the tap in sight").await;
    wang.tap("button[value='accept']").await;
    wang.wait_for_text("with 王 (微网格员)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_tap_at_once_one_has_it_and_the_other_is_told() {
    let hub = Hub::start().await;
    hub.call_for_help().await;
    let (wang, li) = (hub.phone_of("wang").await, hub.phone_of("li").await);
    for phone in [&wang, &li] {
        phone.go(&hub.page("/incidents/h1-1")).await;
        phone.wait_for("button[value='accept']").await;
        // What the other does is not seen while this phone is in a tunnel.
        phone.connect(false).await;
        phone.tap("button[value='accept']").await;
        phone.wait_for("#kept:not([hidden])").await;
    }
    wang.connect(true).await;
    wang.wait_for_text("with 王 (微网格员)").await;
    wang.wait_for("#kept[hidden]").await;
    li.connect(true).await;
    li.wait_for(".banner.refused").await;
    li.wait_for_text("with 王 (微网格员)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_without_a_connection_goes_out_once_when_there_is_one() {
    let hub = Hub::start().await;
    hub.call_for_help().await;
    let wang = hub.phone_of("wang").await;
    wang.go(&hub.page("/incidents/h1-1")).await;
    wang.wait_for("button[value='accept']").await;
    wang.connect(false).await;
    wang.tap("button[value='accept']").await;
    wang.wait_for_text("your tap is kept").await;
    // The page is closed, and opened again.
    wang.connect(true).await;
    wang.go(&hub.page("/")).await;
    wang.wait_for_text("with 王 (微网格员)").await;
    wang.go(&hub.page("/incidents/h1-1")).await;
    wang.wait_for_text("Story").await;
    let count = "return document.querySelector('.story').innerText.split('accepted').length === 2;";
    wang.until(count, json!([]), "one acceptance").await;
    // Where there is no hub, the phone says so.
    let front = hub.page("/");
    drop(hub);
    wang.go_offline(&front).await;
    wang.wait_for_text("No connection").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_everything_goes_by_forms_and_the_language_stays() {
    let hub = Hub::start().await;
    hub.call_for_help().await;
    let wang = hub.phone_of("wang").await;
    wang.scripts(false).await;
    wang.go(&hub.page("/")).await;
    wang.tap("main button[value='accept']").await;
    wang.wait_for_text("I am on my way").await;
    wang.tap("a.lang").await;
    wang.wait_for_text("我已出发").await;
    wang.go(&hub.page("/incidents/h1-1")).await;
    wang.wait_for_text("经过").await;
    wang.tap("button[value='on-scene']").await;
    wang.wait_for_text("办结：结果如何").await;
    wang.tap("input[name='outcome'][value='assisted']").await;
    wang.tap("button[value='resolve']").await;
    wang.wait_for_text("须由另一人核查").await;
}
