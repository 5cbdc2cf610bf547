//! What a responder does with a phone: from the message to the tap, with and without a connection, and two at once.

use serde_json::json;

use crate::driver::Browser;
use crate::hub::Hub;
use crate::kind::Kind;

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
        phone.connect(false);
        phone.tap("button[value='accept']").await;
        phone.wait_for("#kept:not([hidden])").await;
    }
    wang.connect(true);
    wang.wait_for_text("with 王 (微网格员)").await;
    wang.wait_for("#kept[hidden]").await;
    li.connect(true);
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
    wang.connect(false);
    wang.tap("button[value='accept']").await;
    wang.wait_for_text("your tap is kept").await;
    // The page is closed, and opened again.
    wang.connect(true);
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
    if Kind::wanted().leaves_out(&[Kind::Chromium, Kind::Firefox], "switch for scripts") {
        return;
    }
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

/// What a script of the test's does before the page's own do, as an older browser would.
async fn older(phone: &Browser, script: &str) {
    phone.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_some_years_accepts_as_well() {
    if Kind::wanted().leaves_out(&[Kind::Chromium], "way to run a script before the page's") {
        return;
    }
    let hub = Hub::start().await;
    let wang = hub.phone_of("wang").await;
    // iOS 15.4, as far as what was used once.
    let lacks =
        "delete AbortSignal.timeout; delete AbortSignal.any; delete Element.prototype.ariaDisabled;
        delete HTMLFormElement.prototype.requestSubmit; delete Element.prototype.checkVisibility;
        window.FormData = class extends FormData { constructor(form) { super(form); } };";
    older(&wang, lacks).await;
    wang.go(&hub.page("/")).await;
    wang.wait_for("body:not(.broken)").await;
    hub.call_for_help().await;
    wang.tap("main button[value='accept']").await;
    wang.wait_for_text("with 王 (微网格员)").await;
    wang.wait_for("#kept[hidden]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_browser_gave_up_listening_listens_again_and_is_not_loaded_anew() {
    if Kind::wanted().leaves_out(&[Kind::Chromium], "way to run a script before the page's") {
        return;
    }
    let hub = Hub::start().await;
    let wang = hub.phone_of("wang").await;
    let gives_up = "let tries = 0; window.EventSource = class extends EventSource {
        constructor(url) { super(tries++ ? url : '/nowhere'); } };";
    older(&wang, gives_up).await;
    wang.go(&hub.page("/")).await;
    wang.see("window.isTheSame = true;", json!([])).await;
    wang.wait_for("body.broken").await;
    wang.wait_for("body:not(.broken)").await;
    hub.call_for_help().await;
    wang.wait_for_text("Call for help").await;
    let same = wang.see("return window.isTheSame === true;", json!([])).await;
    assert_eq!(same, json!(true), "the page was never loaded anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_may_not_sound_yet_says_so() {
    if Kind::wanted().leaves_out(&[Kind::Chromium, Kind::WebKit], "sound without a loudspeaker") {
        return;
    }
    let hub = Hub::start().await;
    let wang = hub.phone_of("wang").await;
    wang.tap("#sound").await;
    wang.wait_for("#sound[aria-pressed='true']:not(.waits)").await;
    // Another page has not been touched.
    wang.go("about:blank").await;
    wang.go(&hub.page("/")).await;
    wang.wait_for("#sound.waits").await;
    wang.wait_for_text("Unmute").await;
    let fits = "return document.documentElement.scrollWidth <= innerWidth;";
    wang.until(fits, json!([]), "the header to be no wider than the phone").await;
    wang.tap("#sound").await;
    wang.wait_for("#sound[aria-pressed='true']:not(.waits)").await;
    wang.tap("#sound").await;
    wang.wait_for("#sound[aria-pressed='false']:not(.waits)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_is_being_pressed_stays_where_it_is() {
    let hub = Hub::start().await;
    hub.leak().await;
    let wang = hub.phone_of("wang").await;
    wang.go(&hub.page("/")).await;
    wang.wait_for("main button[value='accept']").await;
    // The page is on its way when the finger comes down, and the finger is cold.
    let press = "const [done] = arguments, real = fetch;
        window.fetch = async (...what) => {
          const answer = await real(...what);
          const button = document.querySelector('main button[value=accept]');
          button.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
          setTimeout(() => done(button.isConnected), 1500);
          return answer;
        };
        document.dispatchEvent(new Event('visibilitychange'));";
    assert_eq!(wang.see_later(press, json!([])).await, json!(true));
}
