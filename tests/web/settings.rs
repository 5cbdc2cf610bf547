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
    page.is_refused(400, "“Who gave it” is missing");
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

/// Somebody's platform, which takes one message: its code.
async fn code_of(far_side: tokio::net::TcpListener) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (mut line, _) = far_side.accept().await.expect("careloop comes");
    let (mut read, code) = (Vec::new(), "\"trial\":\"");
    while !String::from_utf8_lossy(&read).contains(code) {
        assert_ne!(line.read_buf(&mut read).await.expect("it can be read"), 0);
    }
    line.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("it listens");
    let text = String::from_utf8_lossy(&read).into_owned();
    text.split_once(code).expect("a code").1.chars().take(4).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_is_taken_in_reached_by_a_trial_message_and_let_in() {
    let far_side = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", far_side.local_addr().expect("its address"));
    let channel = format!(
        "\n[[channel]]\nname = \"platform\"\nkind = \"webhook\"\nurl = \"{url}\"\nsecret_file = \"secret\"\n"
    );
    let hub = Kept::with(|file, text| match file {
        "gateway.toml" => format!("{text}{channel}"),
        _ => text.to_owned(),
    })
    .await;
    let ma = hub.enter("ma").await;
    let mut new = vec![
        ("id", "qian"),
        ("name", "钱 (网格员)"),
        ("role", "grid"),
        ("language", "en"),
        ("home", "h1"),
    ];
    new.extend([("channel", "pigeon"), ("to", "13800000000")]);
    let page = hub.form("/people", &ma, &new).await;
    page.is_refused(422, "pigeon");
    for typed in [
        "value=\"qian\"",
        "value=\"钱 (网格员)\"",
        "value=\"grid\" selected",
        "value=\"13800000000\"",
    ] {
        assert!(page.text.contains(typed), "{typed}: {}", page.text);
    }
    new.retain(|(key, _)| *key != "channel");
    new.push(("channel", "platform"));
    let page = hub.form("/people", &ma, &new).await;
    page.says(&["Saved, and in force", "<small>qian</small>", "nobody has tried it"]);
    let register = hub.file("register.toml");
    let said = "id = \"qian\"\nname = \"钱 (网格员)\"\nrole = \"grid\"\nlanguage = \"en\"\ncontacts = [{ channel = \"platform\", to = \"13800000000\" }]";
    assert!(register.contains(said) && register.contains("\"sun\", \"qian\"]"), "{register}");
    assert!(hub.has_deed(&["person qian by ma (edited)", "role:  -> grid"]), "{:?}", hub.deeds());

    // The same id once more is somebody else's.
    new.retain(|(key, _)| *key != "id");
    new.push(("id", "li"));
    hub.form("/people", &ma, &new).await.is_refused(409, "there is a `li` already");
    assert_eq!(hub.file("register.toml"), register);

    let by = [("channel", "platform")];
    let (page, code) = tokio::join!(hub.form("/people/qian/trial", &ma, &by), code_of(far_side));
    page.says(&["The trial message went out", "Ask them for the code"]);
    let wrong = if code == "0000" { "0001" } else { "0000" };
    let said = |code| [("channel", "platform"), ("code", code)];
    hub.form("/people/qian/verified", &ma, &said(wrong)).await.is_refused(409, "4 more tries");
    hub.form("/people/qian/verified", &ma, &said("")).await.is_refused(409, "3 more tries");
    hub.form("/people/qian/verified", &ma, &said(&code)).await.says(&["Saved", "reached them on"]);
    assert!(hub.has_deed(&["person qian by ma (the code that was sent there came back)"]));
    hub.form("/people/sun/verified", &ma, &[("channel", "screen")]).await.says(&["reached them"]);
    hub.enter("qian").await;
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_somebody_is_changed_and_no_browser_s_subscription_is_shown() {
    let push = r#"{\"endpoint\":\"https://push.example/x\",\"keys\":{\"auth\":\"s3cret\"}}"#;
    let hub = Kept::with(|file, text| match file {
        "register.toml" => {
            let own =
                format!("[{{ channel = \"radio\", to = \"{push}\" }}, {{ channel = \"screen\" }}]");
            text.replacen("[{ channel = \"screen\" }]", &own, 1)
        }
        _ => text.to_owned(),
    })
    .await;
    let ma = hub.enter("ma").await;
    let page = hub.get("/people/daughter", &ma).await;
    page.says(&["their browser", "value=\"radio\"", "value=\"family\" selected"]);
    assert!(!page.text.contains("s3cret"), "{}", page.text);
    // The other order, with a number more; the browser stays what it is.
    let mut all = vec![("name", "Ann"), ("role", "micro-grid"), ("language", "en")];
    all.extend([("channel-1", "screen"), ("channel-2", "radio"), ("to-2", "")]);
    let page = hub.form("/people/daughter", &ma, &all).await;
    page.says(&["Saved, and in force", "role family → micro-grid", "value=\"Ann\""]);
    assert!(!page.text.contains("s3cret"), "{}", page.text);
    let register = hub.file("register.toml");
    let contacts = "contacts = [{ channel = \"screen\" }, { channel = \"radio\", to = ";
    assert!(register.contains("name = \"Ann\"\nrole = \"micro-grid\""), "{register}");
    assert!(register.contains(contacts) && register.contains("s3cret"), "{register}");
    assert!(register.contains("# changed by ma on "), "{register}");
    let none = [("name", "Ann"), ("role", "micro-grid"), ("language", "en")];
    hub.form("/people/daughter", &ma, &none).await.is_refused(400, "leave at least one way");
    let king = [("name", "Ann"), ("role", "king"), ("channel-1", "screen")];
    hub.form("/people/daughter", &ma, &king).await.is_refused(400, "there is no role `king`");
    assert_eq!(hub.file("register.toml"), register);
    hub.end().await;
}

const OLD: &str = "{level}报警，请签收并上门：{what}，{since} 起，编号 {case}";
const NEW: &str = "【{level}】请立即上门：{what}，{since} 起，编号 {case}";

/// What people were told, or are to be, in the order of it.
fn told(hub: &Kept) -> Vec<String> {
    let config = careloop::config::load(&hub.folder.path().join("config")).expect("it is right");
    let db = rusqlite::Connection::open(&config.settings.store.path).expect("it opens");
    let mut all = db.prepare("SELECT line FROM delivery ORDER BY at, n, k").expect("a table");
    let rows = all.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("a line")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_messages_say_is_looked_at_put_in_force_and_taken_back() {
    let hub = Kept::start().await;
    let ma = hub.enter("ma").await;
    let path = "/texts/zh/alarm";
    hub.get("/texts", &ma).await.says(&[
        "紧急报警，请签收并上门：疑似跌倒，02:10 起，编号 h1-7",
        "made up",
        path,
    ]);
    assert_eq!(hub.get("/texts/zh/song", &ma).await.status, 404);

    // Looked at, it is not in force; wrong, it says what `careloop check` says.
    let page = hub.form(path, &ma, &[("do", "look"), ("text", NEW)]).await;
    page.says(&["it is not in force", "【紧急】请立即上门：疑似跌倒，02:10 起，编号 h1-7"]);
    for (text, why) in [
        ("请上门", "{case} is missing: nobody would find the incident"),
        ("{name} {case}", "there is no place `{name}` here"),
        ("{case}\n{what}", "it is one line"),
    ] {
        for act in ["look", "force"] {
            let page = hub.form(path, &ma, &[("do", act), ("text", text), ("why", "x")]).await;
            page.is_refused(422, why);
            assert!(page.text.contains(&format!(">{text}</textarea>")), "{}", page.text);
        }
    }
    let page = hub.form(path, &ma, &[("do", "force"), ("text", NEW)]).await;
    page.is_refused(400, "“Why” is missing");
    assert!(!hub.folder.path().join("config/texts").exists(), "nothing is written");

    let force = [("do", "force"), ("text", NEW), ("why", "the street wants it shorter")];
    let page = hub.form(path, &ma, &force).await;
    page.says(&["Saved, and in force", "~ text zh alarm", "the street wants it shorter", OLD]);
    let shipped = include_str!("../../config/texts/zh.toml");
    assert_eq!(hub.file("texts/zh.toml"), shipped.replace(OLD, NEW), "comments and all else stay");
    let keys = format!("| text: {OLD} -> {NEW}");
    assert!(
        hub.has_deed(&["text zh alarm by ma (the street wants it shorter)", &keys]),
        "{:?}",
        hub.deeds()
    );
    // The next who is told is told in these words.
    hub.program(
        "observations",
        r#"{"home":"h1","device":"help-button","property":"help","value":true}"#,
    )
    .await;
    let lines = told(&hub);
    assert!(lines.iter().any(|line| line.starts_with("【紧急】请立即上门")), "{lines:?}");
    hub.get("/texts", &ma).await.says(&[
        "编号 h1-1",
        "As of the latest incident",
        "not as it came",
    ]);

    // What somebody is at work on by hand is not put in force along with it.
    let file = hub.folder.path().join("config/texts/zh.toml");
    let by_hand = hub.file("texts/zh.toml").replace("回复 1 签收", "回 1 签收");
    std::fs::write(&file, &by_hand).expect("it can be written");
    let back = [("do", "shipped"), ("why", "as it was")];
    hub.form(path, &ma, &back).await.is_refused(409, "careloop reload");
    let reloaded = hub.program("register/reload", "").await.to_string();
    assert!(reloaded.contains("~ text zh reply: says 回复 1 签收 → 回 1 签收"), "{reloaded}");
    hub.form(path, &ma, &back).await.says(&["Saved, and in force", "as it was", NEW]);
    assert_eq!(hub.file("texts/zh.toml"), shipped.replace("回复 1 签收", "回 1 签收"));
    let en = [("do", "force"), ("text", "{case}: go"), ("why", "short")];
    hub.form("/texts/en/heading", &ma, &en).await.says(&["Saved, and in force"]);
    let level = "| text: {level} {case} -> {case}: go";
    assert!(hub.has_deed(&["text en heading by ma (short)", level]), "{:?}", hub.deeds());
    hub.end().await;
}
