//! Whether everybody can use the pages: axe-core finds nothing serious, fingers find every target, and nothing is
//! wider than the phone.

use serde_json::{Value, json};

use crate::driver::Browser;
use crate::hub::Hub;

/// What a supervisor, who sees most, can open.
const PAGES: &[&str] = &[
    "/",
    "/visits",
    "/requests",
    "/incidents/h1-1",
    "/homes",
    "/homes/h1",
    "/homes/h1/say",
    "/homes/h1/consents",
    "/family",
    "/account",
    "/people",
    "/people/wang",
    "/people/wang/going",
    "/mount",
    "/mount/h1",
    "/mount/h1/bed-pad",
    "/?who=others",
    "/wall",
    "/reports",
    "/shift",
    "/rota",
    "/rota/li",
    "/account/leave",
    "/plans",
    "/rules",
    "/settings",
    "/tokens",
    "/plans/urgent",
    "/rules/oxygen",
    "/rules/long-lie",
    "/rules/bathroom-stay?home=h1",
    "/texts",
    "/texts/zh/alarm",
];

/// A centimetre in CSS pixels is 37.8. A link within a sentence, and what is hidden behind its own label, is none.
const SMALL: &str = "const all = [...document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])')];
    const seen = all.filter((e) => e.checkVisibility() && !e.closest('.choice') && !e.closest('p:not(.crumb) :not(.button)'));
    return seen.filter((e) => { const r = e.getBoundingClientRect(); return r.height < 37.8 || r.width < 37.8; })
        .map((e) => e.outerHTML.slice(0, 80) + ' ' + e.getBoundingClientRect().height);";

const TOO_WIDE: &str =
    "return document.documentElement.scrollWidth > document.documentElement.clientWidth;";

const AXE: &str = "const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations
        .filter((v) => ['serious', 'critical'].includes(v.impact))
        .map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120)).join(' | '))), (e) => done([String(e)]));";

/// Everything that is wrong with the page that is open.
async fn complaints(browser: &Browser, axe: &str) -> Vec<Value> {
    let list = |value: Value| value.as_array().cloned().unwrap_or_else(|| vec![value]);
    let mut all = list(browser.see(SMALL, json!([])).await);
    if browser.see(TOO_WIDE, json!([])).await == Value::Bool(true) {
        all.push(json!("it is wider than the screen"));
    }
    browser.see(axe, json!([])).await;
    all.extend(list(browser.see_later(AXE, json!([])).await));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_used_by_everybody() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/axe.min.js");
    let axe = std::fs::read_to_string(&path).expect("axe-core is there (tests/run fetches it)");
    let hub = Hub::start().await;
    hub.call_for_help().await;
    // Something to draw.
    let pulse = json!({"home": "h1", "device": "bed-pad", "property": "heart_rate", "value": 61});
    hub.ask("observations", pulse).await;
    hub.publish("zigbee2mqtt/bath-leak", r#"{"water_leak":false,"battery":97,"linkquality":120}"#);
    let stranger = Browser::open().await;
    let ma = hub.phone_of("ma").await;
    let mut all = Vec::new();
    for lang in ["zh", "en"] {
        for (width, height) in [(360, 640), (1280, 800)] {
            ma.screen(width, height).await;
            stranger.screen(width, height).await;
            stranger.go(&hub.page(&format!("/log-in?lang={lang}"))).await;
            let mut look = vec![("/log-in", complaints(&stranger, &axe).await)];
            for page in PAGES {
                ma.go(&hub.page(&format!("{page}?lang={lang}"))).await;
                // Everything that can be unfolded is.
                let open =
                    "document.querySelectorAll('details').forEach((d) => { d.open = true; });";
                ma.see(open, json!([])).await;
                look.push((page, complaints(&ma, &axe).await));
            }
            for (page, wrong) in look {
                all.extend(wrong.into_iter().map(|w| format!("{page} {lang} {width}: {w}")));
            }
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}
