//! The screen on the wall: it follows what happens, and says so when it does not.

use serde_json::json;

use crate::hub::Hub;
use crate::kind::Kind;

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_follows_what_happens_and_says_when_it_does_not() {
    let hub = Hub::start().await;
    let wall = hub.phone_of("ma").await;
    wall.screen(1920, 1080).await;
    wall.go(&hub.page("/wall")).await;
    wall.wait_for_text("No alarm").await;
    hub.call_for_help().await;
    wall.wait_for_text("Call for help").await;
    // 4 m away nobody reads letters of less than 2 cm, 32 pixels of a 55-inch screen.
    let small = "return [...document.querySelectorAll('.tile :is(h2, .place, .holder, .next)')]
        .every((e) => parseFloat(getComputedStyle(e).fontSize) >= 32);";
    wall.until(small, json!([]), "letters to be read from afar").await;
    let fits = "return document.documentElement.scrollHeight <= innerHeight;";
    wall.until(fits, json!([]), "all of it on the screen").await;
    drop(hub);
    wall.wait_for_text("NOT CONNECTED since").await;
    // What it showed last stays to be read.
    wall.wait_for_text("Call for help").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_looks_for_is_kept_while_the_list_changes() {
    let hub = Hub::start().await;
    let ma = hub.phone_of("ma").await;
    ma.go(&hub.page("/?q=help")).await;
    ma.wait_for_text("Nothing is open").await;
    let write = "const f = document.querySelector('[name=q]'); f.focus(); f.value = 'half';";
    ma.see(write, json!([])).await;
    hub.call_for_help().await;
    ma.wait_for_text("nobody has it").await;
    let kept = "const f = document.querySelector('[name=q]');
        return f.value === 'half' && document.activeElement === f;";
    ma.until(kept, json!([]), "the half-written word").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_to_which_something_happens_all_the_time_is_read_again_all_the_same() {
    if Kind::wanted().leaves_out(&[Kind::Chromium], "way to run a script before the page's") {
        return;
    }
    let hub = Hub::start().await;
    let wang = hub.phone_of("wang").await;
    // As when a quarter is without power: news after news, and never a moment without.
    let flood = "window.EventSource = class extends EventSource {
        constructor(url) {
            super(url);
            setInterval(() => this.dispatchEvent(new MessageEvent('incident', { data: 'h9-1' })), 20);
        } };";
    let script = json!({ "source": flood });
    wang.tell("Page.addScriptToEvaluateOnNewDocument", script).await;
    wang.go(&hub.page("/")).await;
    wang.wait_for_text("Nothing is open").await;
    hub.call_for_help().await;
    wang.wait_for_text("Call for help").await;
}
