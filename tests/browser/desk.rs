//! The day of who sits at the desk: lets people in, finds what is open, sends somebody, calls departments, checks
//! what others did, and shuts somebody out.

use serde_json::{Value, json};

use crate::driver::Browser;
use crate::hub::{Hub, with_person};

/// The shipped household and a department.
async fn with_department() -> Hub {
    Hub::start_with(|register| with_person(&register, "fire", "消防救援站", "department")).await
}

/// How many incidents the list shows.
const SHOWN: &str = "return document.querySelectorAll('.inbox article').length === arguments[0];";

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_invited_by_the_desk_stays_in_until_they_are_shut_out() {
    let hub = Hub::start().await;
    let ma = hub.phone_of("ma").await;
    ma.tap(".pages a[href='/people']").await;
    ma.tap("form[action='/people/zhao/invite'] button").await;
    ma.wait_for_text("It works once").await;
    let link = ma.see("return document.querySelector('input[readonly]').value;", json!([])).await;
    let link = link.as_str().expect("a link").to_owned();

    let zhao = Browser::open().await;
    zhao.go(&format!("{link}?lang=en")).await;
    zhao.tap("main button.main").await;
    zhao.wait_for_text("Where you are logged in").await;
    zhao.go(&hub.page("/")).await;
    zhao.wait_for_text("Nothing is open").await;
    // It opens once.
    let another = Browser::open().await;
    another.go(&format!("{link}?lang=en")).await;
    another.wait_for_text("ask for another one").await;
    // And stays open, as a phone that was put into a pocket.
    zhao.go("about:blank").await;
    zhao.go(&hub.page("/")).await;
    zhao.wait_for_text("Nothing is open").await;
    zhao.wait_for("body:not(.broken)").await;

    ma.go(&hub.page("/people")).await;
    ma.tap("article:has(form[action='/people/zhao/invite']) summary").await;
    ma.tap("form[action='/people/zhao/shut-out'] button").await;
    ma.wait_for("article:has(form[action='/people/zhao/invite']):not(:has(details))").await;
    // Nobody touches that phone.
    zhao.wait_for_page("/log-in").await;
    zhao.go(&hub.page("/incidents/h1-1")).await;
    zhao.wait_for_page("/log-in").await;
    // Who was not shut out is still in.
    ma.go(&hub.page("/")).await;
    ma.wait_for_text("Nothing is open").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_sends_somebody_who_sees_it_as_theirs_and_calls_departments() {
    let hub = with_department().await;
    let (ma, wang) = (hub.phone_of("ma").await, hub.phone_of("wang").await);
    wang.go(&hub.page("/?who=me")).await;
    hub.call_for_help().await;
    hub.leak().await;
    ma.go(&hub.page("/")).await;
    ma.until(SHOWN, json!([2]), "both of them").await;
    // What is looked for is found, and what is left out is counted.
    ma.unfold("filter").await;
    ma.write("[name=q]", "leak").await;
    ma.tap(".filter button").await;
    ma.wait_for_text("1 more are open and not shown").await;
    ma.until(SHOWN, json!([1]), "one of them").await;
    ma.tap(".banner.hidden a").await;
    ma.until(SHOWN, json!([2]), "both of them").await;
    wang.until(SHOWN, json!([0]), "none of them").await;

    ma.tap("h2 a[href='/incidents/h1-1']").await;
    ma.unfold("assign").await;
    ma.choose("#assign select", "wang").await;
    ma.tap("#assign button").await;
    ma.wait_for_text("assigned to 王 (微网格员)").await;
    // Among his own, while nobody has it, and it still climbs.
    wang.until(SHOWN, json!([1]), "what he was sent to").await;
    wang.wait_for_text("nobody has it · assigned to you").await;
    wang.tap("main button[value='accept']").await;
    wang.wait_for_text("with 王 (微网格员)").await;
    ma.wait_for_text("with 王 (微网格员)").await;

    ma.unfold("whistle").await;
    ma.write("#whistle [name=why]", "the door is locked").await;
    ma.tap("#whistle button").await;
    ma.wait_for_text("whistle").await;
    let fire = hub.phone_of("fire").await;
    fire.go(&hub.page("/incidents/h1-1")).await;
    fire.wait_for_text("the door is locked").await;
    fire.tap("button[value='report-in']").await;
    // The lead has it from now on.
    ma.wait_for_text("with 消防救援站").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_checks_what_others_did_and_not_what_it_did_itself() {
    let hub = Hub::start().await;
    let ma = hub.phone_of("ma").await;
    hub.call_for_help().await;
    hub.leak().await;
    for (id, who) in [("h1-1", "wang"), ("h1-2", "ma")] {
        for act in ["accept", "on-scene", "resolve"] {
            hub.does(who, act, id).await;
        }
    }
    ma.go(&hub.page("/incidents/h1-2")).await;
    ma.wait_for_text("A second person must confirm it").await;
    let can = "return !!document.querySelector('button[value=verify]');";
    assert_eq!(ma.see(can, json!([])).await, Value::Bool(false), "not by whoever resolved it");
    ma.go(&hub.page("/")).await;
    // The list says what is next for whom.
    ma.wait_for_text("Verify").await;
    ma.tap("a.button.main[href='/incidents/h1-1']").await;
    ma.tap("button[value='verify']").await;
    ma.wait_for_text("closed · assisted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_of_the_shift_the_desk_reads_it_over() {
    let hub = Hub::start().await;
    let ma = hub.phone_of("ma").await;
    hub.call_for_help().await;
    ma.go(&hub.page("/")).await;
    for (page, said) in [
        ("/shift", "Hand-over of the shift"),
        ("/reports", "Reports"),
        ("/rota", "Who is on duty: the next seven days"),
    ] {
        ma.tap(&format!(".desk a[href='{page}']")).await;
        ma.wait_for_page(page).await;
        ma.wait_for_text(said).await;
        if page == "/shift" {
            // What is open goes with the shift.
            ma.wait_for_text("h1-1").await;
        }
        ma.go(&hub.page("/")).await;
    }
}
