//! A rule that cries wolf is switched off: seen to the end first, with a reason, and never unnoticed.

use axum::http::StatusCode;
use careloop::registrar::{Amended, Change, Settled};

use crate::hub::Hub;
use crate::kept::{Kept, Page};
use crate::rules::{forced, live, over, refused, try_out};

const RULES: &str = include_str!("../../config/rules.toml");

#[tokio::test]
async fn what_nobody_would_hear_of_is_said_before_a_rule_is_switched_off() {
    let mut hub = Hub::log_in_after(live);
    let ma = format!("careloop_lang=en; {}", hub.enter("ma").await);
    let path = try_out(&hub, "/rules/oxygen", &ma, "off=yes").await;
    let page = over(&hub, &path, &ma).await.text;
    for word in [
        "<span class=\"what\">in all homes</span><span>looked for → <strong>not looked for</strong>",
        "While it is off nobody hears of it, whatever happens",
        "Alarms that turned out real and would be lost or come later: 2; not ended yet: 1",
        "<td data-head=\"with this\">0",
        "It comes in force for all 2 homes of this hub",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let (lost, counts) = (page.find("would be lost ·"), page.find("Alarms of last week"));
    assert!(lost.is_some() && lost < counts, "what is lost stands first");

    let force = format!("{path}/force");
    for form in ["lost=2&why=", "why=it+cries+wolf"] {
        let not = refused(&mut hub, &force, &ma, form).await;
        assert_eq!(not.status, StatusCode::BAD_REQUEST, "{form}");
    }
    let form = "lost=2&why=it+cries+%22wolf%22";
    let (answer, change, by) = forced(&mut hub, (&force, &ma, form), Ok(Settled::default())).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let Change::Amend(amendment) = change else { panic!("{change:?}") };
    assert_eq!((amendment.of, by.as_str()), (Amended::Rules, "ma"));
    assert_eq!(amendment.why, "it cries \"wolf\"");
    let new: Vec<&str> =
        amendment.after.lines().filter(|line| !RULES.lines().any(|old| old == *line)).collect();
    let [off] = &*new else { panic!("{new:?}") };
    assert!(off.starts_with("off = { by = \"ma\", on = \"20") && off.contains("cries"), "{off}");
    assert_eq!(amendment.after.lines().count(), RULES.lines().count() + 1);
}

#[tokio::test]
async fn what_a_life_hangs_on_stays_on_and_the_page_says_why() {
    let hub = Hub::log_in();
    let ma = format!("careloop_lang=en; {}", hub.enter("ma").await);
    let zh = ma.replace("careloop_lang=en", "careloop_lang=zh");
    for (rule, home, en, words) in [
        ("help", "", "never switched off, in no home", "在任何一户都不能关闭"),
        ("help", "home=h1&", "never switched off, in no home", "在任何一户都不能关闭"),
        ("smoke", "home=h1&", "never switched off, in no home", "在任何一户都不能关闭"),
        ("fall", "", "never switched off, in no home", "在任何一户都不能关闭"),
        ("gas", "", "never switched off, in no home", "在任何一户都不能关闭"),
        ("long-lie", "", "switched off for that home only", "不能对所有住户关闭"),
    ] {
        let path = format!("/rules/{rule}");
        let not = hub.form(&path, &ma, &format!("{home}off=yes")).await;
        assert_eq!(not.status, StatusCode::BAD_REQUEST, "{rule}");
        assert!(not.text.contains(en), "{rule}: {}", not.text);
        let shown = hub.page(&format!("{path}?{home}"), &zh).await.text;
        assert!(shown.contains(words) && !shown.contains("name=\"off\""), "{rule}: {shown}");
    }
    // In one home a long lie may be off, and is tried out like anything else.
    try_out(&hub, "/rules/long-lie", &ma, "home=h1&off=yes").await;
}

/// A trial of a hub that runs, once it is over; it begins at this form.
async fn tried(hub: &Kept, who: &str, rule: &str, fields: &[(&str, &str)]) -> (String, Page) {
    let (begun, path) = hub.sent_on(&format!("/rules/{rule}"), who, fields).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let mut page = hub.get(&path, who).await;
    for _ in 0..100_000 {
        if !page.text.contains("Going through the record") {
            break;
        }
        page = hub.get(&path, who).await;
    }
    (path, page)
}

#[tokio::test]
async fn a_rule_that_is_off_stands_there_as_off_until_it_is_switched_on_again() {
    let hub = Kept::start().await;
    let ma = hub.enter("ma").await;
    hub.get("/", &ma).await.says(&["hub ready"]);
    for (rule, fields, why) in [
        ("oxygen", &[("off", "yes")][..], "it cries wolf"),
        ("door-open", &[("home", "h1"), ("off", "yes")], "she airs the hall"),
    ] {
        let (path, page) = tried(&hub, &ma, rule, fields).await;
        page.says(&["<strong>not looked for</strong>", "Put it in force"]);
        let forced = hub.form(&format!("{path}/force"), &ma, &[("why", why)]).await;
        assert_eq!(forced.status, 303, "{}", forced.text);
    }
    assert!(hub.has_deed(&["rule oxygen by ma (it cries wolf)", "off/why:  -> it cries wolf"]));
    let today = hub.file("rules.toml");
    let today = today.split("off = { by = \"ma\", on = \"").nth(1).expect("it is written");
    let today = today.get(..10).expect("a day").to_owned();
    let everybody = format!("Low blood oxygen<small>马 (值班长) {today} · it cries wolf</small>");
    let own = format!("Door left open<small>马 (值班长) {today} · she airs the hall</small>");
    for page in ["/rules", "/homes/h1"] {
        hub.get(page, &ma).await.says(&["Rules that are off", &everybody, &own, "all homes"]);
    }
    hub.get("/rules", &ma).await.says(&["▲ not looked for"]);
    hub.get("/", &ma).await.says(&["hub ready · rules that are off: 2"]);
    let zh = ma.replace("careloop_lang=en", "careloop_lang=zh");
    hub.get("/", &zh).await.says(&["网关正常 · 2 条规则已关闭"]);
    hub.get("/rules/oxygen", &zh).await.says(&[
        "对所有住户不查找 · 马 (值班长)",
        "<span class=\"what\">不查找，原因</span><span>无 → <strong>it cries wolf</strong>",
    ]);

    // Back the way it went: what it was is put into the form, tried out, and in force.
    let page = hub.get("/rules/oxygen", &ma).await.text;
    let undo = page
        .split("href=\"")
        .find_map(|rest| rest.split('"').next().filter(|link| link.contains("?undo=")));
    let form = hub.get(undo.expect("a way back"), &ma).await;
    form.says(&["<option value=\"no\">looked for</option><option value=\"yes\">not looked for"]);
    let (path, _) = tried(&hub, &ma, "oxygen", &[("off", "no")]).await;
    let forced = hub.form(&format!("{path}/force"), &ma, &[("why", "a new sensor")]).await;
    assert_eq!(forced.status, 303, "{}", forced.text);
    assert_eq!(hub.file("rules.toml"), RULES, "every byte is as it was");
    hub.get("/", &ma).await.says(&["rules that are off: 1"]);
    hub.end().await;
}
