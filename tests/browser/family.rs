//! The day of her daughter, in another city: that all is well, that it is not and who comes, and how it ended.

use serde_json::{Value, json};

use crate::driver::Browser;
use crate::hub::Hub;

/// Everything in the flat speaks, and somebody walks about in it.
async fn wake(hub: &Hub) {
    for (device, property, value) in [
        ("fall-radar", "fall", json!(false)),
        ("bed-pad", "in_bed", json!(false)),
        ("bed-pad", "heart_rate", json!(61)),
        ("help-button", "battery", json!(90)),
        ("ok-button", "battery", json!(90)),
        ("kitchen-leak", "leak", json!(false)),
        ("kitchen-smoke", "smoke", json!(false)),
        ("front-door", "open", json!(false)),
        ("hall-motion", "motion", json!(true)),
    ] {
        hub.sense(device, property, value).await;
    }
}

async fn text(browser: &Browser) -> String {
    let text = browser.see("return document.querySelector('main').innerText;", json!([])).await;
    text.as_str().expect("a page has text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn her_daughter_sees_who_comes_and_how_it_ended_and_never_reloads_the_page() {
    let hub = Hub::start().await;
    wake(&hub).await;
    let daughter = hub.phone_of("daughter").await;
    daughter.go(&hub.page("/family")).await;
    daughter.wait_for_text("All is well").await;
    daughter.wait_for("body:not(.broken)").await;
    daughter.see("window.isTheSame = true;", json!([])).await;

    hub.call_for_help().await;
    daughter.wait_for_text("Something is wrong").await;
    daughter.wait_for_text("alarmed · nobody has it").await;
    hub.does("wang", "accept", "h1-1").await;
    daughter.wait_for_text("王 (微网格员) · accepted").await;
    hub.does("wang", "on-scene", "h1-1").await;
    daughter.wait_for_text("王 (微网格员) · on scene").await;
    hub.does("wang", "resolve", "h1-1").await;
    daughter.wait_for_text("王 (微网格员) · resolved").await;
    hub.does("li", "verify", "h1-1").await;
    daughter.wait_for_text("What ended within 24 hours").await;
    daughter.wait_for_text("assisted").await;
    daughter.wait_for_text("All is well").await;
    let same = daughter.see("return window.isTheSame === true;", json!([])).await;
    assert_eq!(same, Value::Bool(true), "the page was never loaded anew");

    // She agreed that family sees vital signs, and not where she is.
    let day = text(&daughter).await;
    assert!(day.contains("In bed last night"), "{day}");
    assert!(day.contains("Not agreed to, and so not shown: location"), "{day}");
    for hers in ["In the kitchen today", "Out today", "at home"] {
        assert!(!day.contains(hers), "{hers}: {day}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_she_did_not_agree_to_her_daughter_is_not_shown_while_the_alarm_is() {
    let hub = Hub::start_with(|register| {
        register.replace("scope = \"family-sharing\"", "scope = \"remote-visit\"")
    });
    let hub = hub.await;
    wake(&hub).await;
    let daughter = hub.phone_of("daughter").await;
    daughter.go(&hub.page("/family")).await;
    daughter.wait_for_text("Nobody can tell now").await;
    hub.call_for_help().await;
    daughter.wait_for_text("Something is wrong").await;
    let day = text(&daughter).await;
    daughter.tap(".toned a[href='/incidents/h1-1']").await;
    daughter.wait_for_text("Who was told").await;
    let incident = text(&daughter).await;
    for hers in ["Last sign of life", "In bed last night", "at home", "in the living", "61"] {
        assert!(!day.contains(hers), "{hers}: {day}");
        assert!(!incident.contains(hers), "{hers}: {incident}");
    }
}
