//! The pages that change what is registered, before the real keeper.

use jiff::ToSpan as _;
use jiff::civil::DateTime;

use crate::kept::Kept;

/// So many days from today, at an hour, as a browser sends it.
fn day(n: i64, hour: i8) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
    let now: DateTime = careloop::clock::Clock::start(None).wall().civil(&zone);
    let day = now.date().saturating_add(n.days());
    day.at(hour, 0, 0, 0).strftime("%Y-%m-%dT%H:%M").to_string()
}

fn written(moment: &str) -> String {
    moment.replace('T', " ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leave_shows_the_gap_it_leaves_and_whoever_fills_it_closes_it() {
    let hub = Kept::start().await;
    let (li, ma) = (hub.enter("li").await, hub.enter("ma").await);
    hub.get("/rota", &ma).await.says(&["no gap", "href=\"/rota/li\""]);
    let (from, to) = (day(1, 10), day(2, 10));

    // Li puts in her own leave; the other of the community has an hour on Sundays.
    let leave = [("do", "leave"), ("from", &*from), ("to", &*to), ("why", "a wedding")];
    let page = hub.form("/account/leave", &li, &leave).await;
    page.says(&["Saved, and in force", "a wedding", "Nobody of community is on duty", "3-2-501"]);
    let register = hub.file("register.toml");
    let noted = format!("from = \"{}\"", written(&from));
    assert!(register.contains(&noted) && register.contains("by = \"li\""), "{register}");
    assert!(hub.has_deed(&["person li by li (edited)", "a wedding"]), "{:?}", hub.deeds());

    // The gap leads to the form with its times in it.
    let rota = hub.get("/rota", &ma).await.text;
    let link = format!("/rota?from={from}&#38;to=");
    assert!(rota.contains(&link), "{link}: {rota}");
    let href = rota.split("href=\"").find(|part| part.starts_with(&link)).expect("a link");
    let href = href.split('"').next().expect("an end").replace("&#38;", "&");
    let form = hub.get(href.split('#').next().expect("a path"), &ma).await;
    form.says(&[&format!("name=\"from\" value=\"{from}\"")]);
    let people = form.text.split_once("name=\"who\"").expect("a choice").1;
    let place = |who: &str| people.find(&format!("value=\"{who}\"")).expect("they are there");
    assert!(place("sun") < place("daughter"), "those who are wanted come first");

    // What is refused stays as it was typed.
    let wrong = [("who", "sun"), ("from", &*to), ("to", &*from)];
    let page = hub.form("/rota", &ma, &wrong).await;
    page.is_refused(422, "Nothing was changed");
    assert!(page.text.contains(&format!("name=\"from\" value=\"{to}\"")), "{}", page.text);
    assert!(page.text.contains("value=\"sun\" selected"), "{}", page.text);
    let stranger = [("who", "nobody"), ("from", &*from), ("to", &*to)];
    hub.form("/rota", &ma, &stranger).await.is_refused(400, "nobody who comes to your homes");
    let named = [("by", "li"), ("who", "sun"), ("from", &*from), ("to", &*to)];
    hub.form("/rota", &ma, &named).await.is_refused(400, "Choose who you are first");
    assert_eq!(hub.file("register.toml"), register);

    // Half of it is not enough, and all of it is.
    let half = [("who", "sun"), ("from", &*from), ("to", &*day(2, 2))];
    hub.form("/rota", &ma, &half).await.says(&["Saved, and in force", "No gap is left"]);
    let rota = hub.get("/rota", &ma).await.text;
    assert!(rota.contains(&format!("/rota?from={}&#38;", day(2, 2))), "{rota}");
    let rest = [("who", "sun"), ("from", &*day(2, 2)), ("to", &*to)];
    hub.form("/rota", &ma, &rest).await.says(&["No gap is left"]);
    hub.get("/rota", &ma).await.says(&["no gap"]);
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_sets_hours_ends_leaves_and_swaps_and_nobody_sets_their_own_hours() {
    let hub = Kept::start().await;
    let (li, wang) = (hub.enter("li").await, hub.enter("wang").await);
    let page = hub.form("/rota/li", &li, &[("do", "duty"), ("duty", "workdays 8-18")]).await;
    page.is_refused(400, "is no duty such as");
    assert!(page.text.contains(">workdays 8-18</textarea>"), "{}", page.text);
    let hours = "daily 08:00-20:00\n\ndaily 20:00-23:00";
    let page = hub.form("/rota/li", &li, &[("do", "duty"), ("duty", hours)]).await;
    page.says(&["Saved, and in force", "Nobody of community is on duty"]);
    let duty = "duty = [\"daily 08:00-20:00\", \"daily 20:00-23:00\"]";
    assert!(hub.file("register.toml").contains(duty));
    let own = hub.form("/account/leave", &wang, &[("do", "duty"), ("duty", "")]).await;
    own.is_refused(400, "cannot be done here");
    assert_eq!(hub.form("/rota/li", &wang, &[("do", "duty")]).await.status, 403);
    hub.form("/rota/li", &li, &[("do", "duty"), ("duty", "")]).await.says(&["No gap is left"]);

    let leave = [("do", "leave"), ("from", &*day(-1, 0)), ("to", &*day(3, 0)), ("why", "ill")];
    hub.form("/rota/li", &li, &leave).await.says(&["ill", "Nobody of community"]);
    let early = [("do", "back"), ("at", &*day(5, 0))];
    hub.form("/rota/li", &li, &early).await.is_refused(409, "no leave of `li` runs");
    let back = [("do", "back"), ("at", &*day(0, 0))];
    hub.form("/rota/li", &li, &back).await.says(&["Saved, and in force", "No gap is left"]);
    let swap = [("who", "sun"), ("instead_of", "li"), ("from", &*day(1, 0)), ("to", &*day(1, 8))];
    hub.form("/rota", &li, &swap).await.says(&["instead of li", "No gap is left"]);
    assert!(hub.file("register.toml").contains("instead_of = \"li\""));
    assert_eq!(hub.get("/rota/nobody", &li).await.status, 404);
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_resident_agrees_to_is_written_down_and_ends_at_once_when_it_is_withdrawn() {
    let hub = Kept::start().await;
    let (li, daughter) = (hub.enter("li").await, hub.enter("daughter").await);
    let path = "/homes/h1/consents";
    hub.get("/homes/h1", &li).await.says(&["href=\"/homes/h1/consents\""]);
    assert!(!hub.get("/homes/h1", &daughter).await.text.contains("/consents"));
    let vitals = "Vital signs are not shown to you";
    assert!(!hub.get("/homes/h1", &daughter).await.text.contains(vitals));

    let lacking = [("do", "consent"), ("scope", "location"), ("purpose", "found when lost")];
    let page = hub.form(path, &li, &lacking).await;
    page.is_refused(400, "`giver` is missing");
    assert!(page.text.contains("`on`") || page.text.contains("is not a day"), "{}", page.text);
    assert!(page.text.contains(">found when lost</textarea>"), "{}", page.text);
    let all = [&lacking[..], &[("giver", "her son, guardian"), ("on", "2026-11-02")]].concat();
    hub.form(path, &li, &all).await.says(&["Saved", "location · agreed", "her son, guardian"]);
    let register = hub.file("register.toml");
    assert!(register.contains("scope = \"location\"\npurpose = \"found when lost\""), "{register}");
    assert!(hub.has_deed(&["h1 home by li (edited)", "location"]), "{:?}", hub.deeds());

    let withdrawn = [("do", "withdraw"), ("scope", "family-sharing")];
    hub.form(path, &li, &withdrawn).await.says(&["Saved", "family-sharing · withdrawn"]);
    assert!(hub.get("/homes/h1", &daughter).await.text.contains(vitals), "it ends at once");
    let never = [("do", "withdraw"), ("scope", "remote-visit")];
    hub.form(path, &li, &never).await.is_refused(409, "has given no consent to remote-visit");
    assert_eq!(hub.form(path, &daughter, &withdrawn).await.status, 403);
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_quiet_for_a_while_and_a_home_empty_and_the_engine_says_which() {
    let hub = Kept::start().await;
    let (wang, daughter) = (hub.enter("wang").await, hub.enter("daughter").await);
    let path = "/homes/h1/say";
    let away = [("say", "away"), ("for", "3d")];
    hub.form(path, &daughter, &away).await.says(&["It is on record"]);
    let shown = hub.get(path, &wang).await;
    shown.says(&["away until", "says 女儿"]);
    assert!(!hub.get(path, &daughter).await.text.contains("away until"), "she did not agree to it");
    hub.form(path, &wang, &[("say", "back")]).await.says(&["It is on record"]);
    assert!(!hub.get(path, &wang).await.text.contains("away until"));

    assert!(shown.text.contains("<option value=\"cold\""), "{}", shown.text);
    assert!(!shown.text.contains("<option value=\"fall\""), "serious ones are not offered");
    let quiet = [("say", "silence"), ("rule", "cold"), ("for", "8h"), ("why", "the boiler is out")];
    hub.form(path, &wang, &quiet).await.says(&[
        "It is on record",
        "the boiler is out",
        "value=\"speak\"",
    ]);
    hub.get("/homes/h1", &wang).await.says(&["Silenced", "the boiler is out"]);
    hub.form(path, &wang, &[("say", "speak"), ("rule", "cold")]).await.says(&["It is on record"]);
    let loud = [("say", "silence"), ("rule", "fall"), ("for", "8h"), ("why", "it is loud")];
    let page = hub.form(path, &wang, &loud).await;
    page.is_refused(409, "Nothing was changed");
    assert!(page.text.contains(">it is loud</textarea>"), "{}", page.text);
    let long = [("say", "silence"), ("rule", "cold"), ("for", "90d"), ("why", "x")];
    hub.form(path, &wang, &long).await.is_refused(409, "Nothing was changed");
    let report = [("say", "report"), ("rule", "request-repair"), ("from", "grid")];
    hub.form(path, &wang, &report).await.is_refused(400, "is not said here");
    hub.end().await;
}
