//! The screen on the wall: it follows what happens, and says so when it does not.

use serde_json::json;

use crate::hub::Hub;

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
