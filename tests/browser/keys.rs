//! Whoever cannot point: everything by the keys, seen where one is, and nowhere lost.

use serde_json::{Value, json};

use crate::driver::Browser;
use crate::hub::Hub;

const TAB: &str = "\u{E004}";
const BACK: &str = "\u{E008}\u{E004}";
const ENTER: &str = "\u{E007}";
const RIGHT: &str = "\u{E014}";

/// What is wrong with where the focus is, and whether that is what is looked for. Remembers it, to see that it moves.
const HERE: &str = "const e = document.activeElement, wrong = [];
    if (!e || e === document.body) { window.was = e; return [[], false, true, '']; }
    const drawn = e.closest('.choice')?.querySelector('span') ?? e;
    const style = getComputedStyle(drawn), r = drawn.getBoundingClientRect();
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) wrong.push('is not outlined');
    const above = Math.floor(r.top) < 0, below = innerHeight < Math.ceil(r.bottom) - 1;
    if (r.bottom < 1 || innerHeight - 1 < r.top) wrong.push('is not on the screen');
    // The others are content with a part, on every page there is.
    const isChromium = navigator.userAgent.includes('Chrome');
    if (isChromium && above !== below && r.height < innerHeight) wrong.push('is not wholly on the screen');
    if (r.right < 1 || innerWidth - 1 < r.left) wrong.push('is beside the screen');
    const on = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
    if (on && !e.contains(on) && !drawn.contains(on) && !on.contains(e)) wrong.push('lies under ' + on.outerHTML.slice(0, 60));
    if (e === window.was) wrong.push('does not let go of the focus');
    window.was = e;
    window.stops = (window.stops ?? 0) + 1;
    return [wrong, !!arguments[0] && e.matches(arguments[0]), e.matches('.skip') && 1 < window.stops, e.outerHTML.slice(0, 120)];";

/// What was scrolled to is there with the next picture.
const DRAWN: &str = "const drawn = arguments[0];
    requestAnimationFrame(() => requestAnimationFrame(() => drawn(true)));";

/// One step by the keys: whether that is it, and whether the page was left, or gone round where nothing is beside it.
async fn step(browser: &Browser, keys: &str, selector: &str) -> (bool, bool) {
    browser.press(keys, keys == BACK).await;
    browser.see_later(DRAWN, json!([])).await;
    let here = browser.see(HERE, json!([selector])).await;
    let [wrong, is_it, is_out, what] = here.as_array().expect("four").as_slice() else {
        panic!("{here}");
    };
    assert_eq!(wrong, &json!([]), "{what}");
    (is_it == &Value::Bool(true), is_out == &Value::Bool(true))
}

/// Goes on by the keys until the focus is there.
async fn reach(browser: &Browser, keys: &str, selector: &str) {
    browser.wait_for(selector).await;
    for _step in 0..200 {
        if step(browser, keys, selector).await.0 {
            return;
        }
    }
    panic!("`{selector}` cannot be reached by the keys");
}

async fn write(browser: &Browser, selector: &str, text: &str) {
    reach(browser, TAB, selector).await;
    browser.press(text, false).await;
}

/// Whether the focus is on this.
const IS_ON: &str = "return document.activeElement.matches(arguments[0]);";

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_night_by_the_keys_alone() {
    let hub = Hub::start().await;
    hub.call_for_help().await;
    let wang = Browser::open().await;
    wang.go(&format!("{}?lang=en", hub.invitation("wang").await)).await;
    reach(&wang, TAB, "main button.main").await;
    wang.press(ENTER, false).await;
    wang.wait_for_page("/account").await;
    write(&wang, "[name=new]", "long enough").await;
    wang.press(ENTER, false).await;
    wang.wait_for("[name=now]").await;
    reach(&wang, TAB, "form[action='/log-out'] button").await;
    wang.press(ENTER, false).await;
    wang.wait_for_page("/log-in").await;
    write(&wang, "[name=who]", "wang").await;
    write(&wang, "[name=password]", "long enough").await;
    wang.press(ENTER, false).await;
    wang.wait_for_page("/").await;

    reach(&wang, TAB, "main .inbox article:first-child h2 a").await;
    wang.press(ENTER, false).await;
    wang.wait_for_page("/incidents/h1-1").await;
    reach(&wang, TAB, "button[value='accept']").await;
    wang.press(" ", false).await;
    wang.wait_for_text("with 王 (微网格员)").await;
    // Not on another button, which a second press would press; the next one is near.
    wang.until(IS_ON, json!(["main h1"]), "the heading to have the focus").await;
    reach(&wang, TAB, "button[value='on-scene']").await;
    wang.press(ENTER, false).await;
    wang.wait_for_text("How did it end?").await;
    reach(&wang, TAB, "[name=outcome]").await;
    wang.press(" ", false).await;
    wang.press(RIGHT, false).await;
    wang.until(IS_ON, json!(["[value=assisted]:checked"]), "the arrow to choose").await;
    reach(&wang, TAB, "button[value='resolve']").await;
    // Back and forth is the same way.
    reach(&wang, BACK, "#resolve textarea").await;
    reach(&wang, TAB, "button[value='resolve']").await;
    wang.press(ENTER, false).await;
    wang.wait_for_text("A second person must confirm it").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_lead_through_every_page_and_out_of_it() {
    let hub = Hub::start().await;
    hub.call_for_help().await;
    let ma = hub.phone_of("ma").await;
    for page in ["/", "/incidents/h1-1", "/homes/h1", "/requests", "/reports"] {
        ma.go(&hub.page(page)).await;
        let mut steps = 0;
        while !step(&ma, TAB, "").await.1 {
            steps += 1;
            assert!(steps < 400, "{page} has no end");
        }
        assert!(4 < steps, "{page} is more than {steps} stops");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_focus_stays_where_it_is_while_the_page_changes_under_it() {
    let hub = Hub::start().await;
    hub.leak().await;
    let ma = hub.phone_of("ma").await;
    ma.go(&hub.page("/")).await;
    ma.wait_for("body:not(.broken)").await;
    let leak = ".inbox h2 a[href='/incidents/h1-1']";
    reach(&ma, TAB, leak).await;
    // What is more urgent takes the first place.
    hub.call_for_help().await;
    ma.wait_for(".inbox article:first-child a[href='/incidents/h1-2']").await;
    ma.until(IS_ON, json!([leak]), "the link to have the focus").await;
    reach(&ma, TAB, "form[action='/incidents/h1-1'] button").await;
    hub.does("wang", "accept", "h1-1").await;
    ma.wait_for_text("with 王 (微网格员)").await;
    // What the button did is done: its card has the focus, and no other button.
    ma.until(IS_ON, json!([leak]), "the card to have the focus").await;

    for here in ["#note summary", "a[href='/'].brand"] {
        ma.go(&hub.page("/incidents/h1-1")).await;
        ma.wait_for("body:not(.broken)").await;
        reach(&ma, TAB, here).await;
        hub.does(if here == "#note summary" { "wang" } else { "zhao" }, "on-scene", "h1-1").await;
        let told = if here == "#note summary" { "on-scene by wang" } else { "on-scene by zhao" };
        ma.wait_for_text(told).await;
        ma.until(IS_ON, json!([here]), "the focus not to be lost").await;
    }
}
