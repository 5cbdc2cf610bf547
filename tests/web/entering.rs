//! How people get in, what each role may open, and what stays shut.

use axum::body::Body;
use axum::http::{StatusCode, header};
use careloop::store::Reader;
use serde_json::json;

use crate::hub::{Hub, TOKEN};

/// Somebody of each role, and one who shows nothing.
const PEOPLE: [&str; 9] = ["", "daughter", "wang", "zhao", "li", "chen", "fang", "wu", "ma"];

/// `.`: opens, `>`: leads to the log-in, `x`: refused, `-`: there is no such thing for them, `b`: the form lacks
/// something. In the order of
/// PEOPLE: nobody, family, micro-grid, grid, community, street, department, technician, supervisor.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/icon.png", "........."),
    ("GET", "/icon.svg", "........."),
    ("GET", "/app.css", "........."),
    ("GET", "/log-in", "........."),
    ("GET", "/invite/nothing", "---------"),
    ("GET", "/", ">........"),
    ("GET", "/incidents/h1-1", ">........"),
    ("GET", "/incidents/h2-1", ">--------"),
    ("POST", "/incidents/h1-1/address", "x........"),
    ("GET", "/visits", ">........"),
    ("POST", "/visits", "x--------"),
    ("GET", "/requests", ">........"),
    ("POST", "/requests", "xbbbbbbbb"),
    ("GET", "/family", ">........"),
    ("GET", "/homes", ">........"),
    ("GET", "/homes/h1", ">........"),
    ("GET", "/homes/h1/say", ">........"),
    ("POST", "/homes/h1/say", "xbbbbbbbb"),
    ("GET", "/homes/h2/say", ">-.------"),
    ("GET", "/homes/h1/consents", ">xxx..xx."),
    ("POST", "/homes/h1/consents", "xxxxbbxxb"),
    ("GET", "/homes/h2/consents", ">xxx--xx-"),
    ("GET", "/homes/h2", ">-.------"),
    ("GET", "/homes/hub", ">--------"),
    ("GET", "/account", ">........"),
    ("POST", "/account/password", "x........"),
    ("GET", "/account/leave", ">........"),
    ("POST", "/account/leave", "xbbbbbbbb"),
    ("GET", "/mount", ">xxxxxx.."),
    ("POST", "/scan", "xxxxxxxbb"),
    ("GET", "/mount/h1", ">xxxxxx.."),
    ("GET", "/mount/h1/bed-pad", ">xxxxxx.."),
    ("GET", "/mount/h1/nothing", ">xxxxxx--"),
    ("POST", "/mount/h2/bed-pad", "xxxxxxx--"),
    ("GET", "/wall", ">xxx..xx."),
    ("GET", "/reports", ">xxx..xx."),
    ("GET", "/reports/csv", ">xxx..xx."),
    ("GET", "/reports/markdown", ">xxx..xx."),
    ("GET", "/shift", ">xxx..xx."),
    ("GET", "/shift/csv", ">xxx..xx."),
    ("GET", "/shift/markdown", ">xxx..xx."),
    ("GET", "/rota", ">xxx..xx."),
    ("POST", "/rota", "xxxxbbxxb"),
    ("GET", "/rota/li", ">xxx..xx."),
    ("GET", "/plans", ">xxx..xx."),
    ("GET", "/plans/urgent", ">xxx..xx."),
    ("GET", "/plans/nothing", ">xxx--xx-"),
    ("POST", "/plans/urgent", "xxxxbbxxb"),
    ("POST", "/plans/urgent/force", "xxxxxxxxb"),
    ("GET", "/rules", ">xxx..xx."),
    ("GET", "/rules/oxygen", ">xxx..xx."),
    ("GET", "/rules/oxygen?home=h1", ">xxx..xx."),
    ("GET", "/rules/oxygen?home=h2", ">xxx--xx-"),
    ("GET", "/rules/nothing", ">xxx--xx-"),
    ("POST", "/rules/oxygen", "xxxxbbxxb"),
    ("GET", "/rules/trials/1", ">xxx--xx-"),
    ("POST", "/rules/trials/1/force", "xxxxxxxx-"),
    ("GET", "/people", ">xxxxxxx."),
    ("POST", "/people", "xxxxxxxxb"),
    ("GET", "/people/wang", ">xxxxxxx."),
    ("GET", "/people/nobody", ">xxxxxxx-"),
    ("GET", "/people/wang/going", ">xxxxxxx."),
    ("GET", "/people/nobody/going", ">xxxxxxx-"),
    ("POST", "/people/wang/going", "xxxxxxxxb"),
    ("POST", "/people/wang/trial", "xxxxxxxxb"),
    ("POST", "/people/wang/verified", "xxxxxxxxb"),
    ("POST", "/people/wang/invite", "xxxxxxxx."),
    ("POST", "/people/nobody/invite", "xxxxxxxx-"),
    ("GET", "/settings", ">xxx..xx."),
    ("GET", "/tokens", ">xxxxxxx."),
    ("POST", "/tokens", "xxxxxxxxb"),
    ("POST", "/tokens/nothing/end", "xxxxxxxx-"),
    ("GET", "/texts", ">xxxxxxx."),
    ("GET", "/texts/zh/alarm", ">xxxxxxx."),
    ("GET", "/texts/zh/nothing", ">xxxxxxx-"),
    ("GET", "/metrics", "xxxxxxxxx"),
    ("GET", "/api/v1/homes", "xxxxxxxxx"),
    ("POST", "/api/v1/observations", "xxxxxxxxx"),
    ("GET", "/nothing", ">--------"),
    ("DELETE", "/", "xdddddddd"),
];

async fn get(hub: &Hub, path: &str, cookie: &str) -> StatusCode {
    hub.page(path, cookie).await.status
}

#[tokio::test]
async fn every_route_opens_for_whom_it_is_and_for_nobody_else() {
    let hub = Hub::log_in();
    hub.call_for_help().await;
    let mut cookies = vec![String::new()];
    for who in PEOPLE.into_iter().skip(1) {
        cookies.push(hub.enter(who).await);
    }
    for (method, path, wanted) in ROUTES.iter().copied() {
        for ((cookie, who), wanted) in cookies.iter().zip(PEOPLE).zip(wanted.chars()) {
            let answer = if method == "POST" {
                hub.form(path, cookie, "new=a+long+password").await
            } else {
                hub.ask(method, path, &[("cookie", cookie)], Body::empty()).await
            };
            let is = match answer.status {
                StatusCode::OK => '.',
                StatusCode::SEE_OTHER => '>',
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => 'x',
                StatusCode::NOT_FOUND | StatusCode::GONE => '-',
                StatusCode::METHOD_NOT_ALLOWED => 'd',
                StatusCode::BAD_REQUEST => 'b',
                _ => '?',
            };
            assert_eq!(is, wanted, "{method} {path} as `{who}`: {}", answer.status);
            if !matches!(is, '.' | 'b') {
                assert!(!answer.text.contains("3-2-501"), "{method} {path} as `{who}`");
            }
        }
    }
}

#[tokio::test]
async fn people_see_the_homes_they_come_to_and_speak_for_nobody_else() {
    let hub = Hub::log_in();
    hub.call_for_help().await;
    let (wang, li) = (hub.enter("wang").await, hub.enter("li").await);
    let away = json!({"say": "report", "by": "wang", "rule": "request-repair", "text": "the lamp", "from": "grid"});
    let said = hub.post("/api/v1/homes/h2/said", away).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.text);
    assert!(hub.page("/", &wang).await.text.contains("/incidents/h2-1"));
    assert_eq!(get(&hub, "/incidents/h2-1", &wang).await, StatusCode::OK);
    let front = hub.page("/", &li).await.text;
    assert!(front.contains("/incidents/h1-1") && !front.contains("h2-1"), "{front}");
    assert_eq!(get(&hub, "/incidents/h2-1", &li).await, StatusCode::NOT_FOUND);
    assert_eq!(hub.form("/incidents/h2-1", &li, "move=accept").await.status, StatusCode::NOT_FOUND);

    // A page that was made for somebody else, on a phone that has changed hands.
    let other = hub.form("/incidents/h1-1", &li, "move=accept&by=wang").await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
    let mine = hub.form("/incidents/h1-1", &li, "move=accept").await;
    assert_eq!(mine.status, StatusCode::SEE_OTHER, "{}", mine.text);
    let page = hub.page("/incidents/h1-1", &wang).await.text;
    assert!(page.contains("李 (社区)"), "{page}");
}

#[tokio::test]
async fn an_invitation_opens_once_and_no_preview_uses_it_up() {
    let hub = Hub::log_in();
    let link = hub.invitation("wang").await;
    for _preview in 0..3 {
        assert_eq!(get(&hub, &link, "").await, StatusCode::OK);
    }
    // Two phones at once: one gets in.
    let (one, other) = tokio::join!(hub.form(&link, "", ""), hub.form(&link, "", ""));
    let mut both = [one.status.as_u16(), other.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [303, 410]);
    assert_eq!(get(&hub, &link, "").await, StatusCode::GONE);
    // A new one makes an earlier one void; so does shutting somebody out.
    let (first, second) = (hub.invitation("wang").await, hub.invitation("wang").await);
    assert_eq!(get(&hub, &first, "").await, StatusCode::GONE);
    assert_eq!(get(&hub, &second, "").await, StatusCode::OK);
    let cookie = hub.enter("li").await;
    for (who, shut) in [("wang", &second), ("li", &hub.invitation("li").await)] {
        let path = format!("/api/v1/people/{who}/passes");
        let answer = hub.program("DELETE", &path, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(get(&hub, shut, "").await, StatusCode::GONE);
    }
    assert_eq!(get(&hub, "/", &cookie).await, StatusCode::SEE_OTHER);
    // Whichever door it comes by, it is on record who let somebody in and who shut them out.
    let deeds = Reader::open(&hub.site.store).unwrap().deeds(None).unwrap();
    let of: Vec<&str> = deeds.iter().map(|(_, deed)| deed.of.as_str()).collect();
    for wanted in ["invitation for wang", "invitation for li", "wang shut out", "li shut out"] {
        assert!(of.contains(&wanted), "{wanted}: {of:?}");
    }
    let nobody = hub.program("POST", "/api/v1/people/nobody/invitation", Body::empty()).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    assert!(nobody.text.contains("`nobody`"), "{}", nobody.text);
}

#[tokio::test]
async fn a_session_is_new_hidden_from_scripts_and_ends_where_it_is_ended() {
    let hub = Hub::log_in();
    // What somebody else put into the browser is not what opens it afterwards.
    let planted = "careloop_session=planted";
    let link = hub.invitation("wang").await;
    let entered = hub.form(&link, planted, "").await;
    let set = entered.header(header::SET_COOKIE).to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7776000"] {
        assert!(set.contains(part), "{set}");
    }
    assert_eq!(get(&hub, "/", planted).await, StatusCode::SEE_OTHER);
    let one = set.split(';').next().unwrap().to_owned();
    let two = hub.enter("wang").await;
    assert_ne!(one, two);
    for cookie in [&one, &two] {
        assert_eq!(get(&hub, "/", cookie).await, StatusCode::OK);
    }
    // Nobody else's page makes a move, and none ends the session.
    for path in ["/log-out", "/incidents/h1-1", "/account/password"] {
        let foreign = [("cookie", one.as_str()), ("origin", "http://evil.example")];
        let refused = hub.ask("POST", path, &foreign, "all=no").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    let out = hub.form("/log-out", &two, "all=others").await;
    assert_eq!(out.header(header::LOCATION), "/account");
    assert_eq!(get(&hub, "/", &one).await, StatusCode::SEE_OTHER);
    let out = hub.form("/log-out", &two, "all=no").await;
    assert!(out.header(header::SET_COOKIE).contains("Max-Age=0"));
    let page = hub.page("/incidents/h1-1", &two).await;
    assert_eq!(page.header(header::LOCATION), "/log-in?back=/incidents/h1-1");
    let form = hub.form("/incidents/h1-1", &two, "move=accept").await;
    assert_eq!(form.status, StatusCode::UNAUTHORIZED);
    assert!(form.text.contains("nothing was saved"), "{}", form.text);
}

#[tokio::test]
async fn a_password_opens_too_and_guessing_it_takes_ever_longer() {
    let hub = Hub::log_in();
    let cookie = hub.enter("wang").await;
    let other = hub.enter("wang").await;
    for (new, status) in [
        ("short", StatusCode::BAD_REQUEST),
        ("12345678", StatusCode::BAD_REQUEST),
        ("aaaaaaaaaa", StatusCode::BAD_REQUEST),
        ("my-wang-2026", StatusCode::BAD_REQUEST),
        ("right+horse", StatusCode::OK),
    ] {
        let answer = hub.form("/account/password", &cookie, &format!("new={new}")).await;
        assert_eq!(answer.status, status, "{new}: {}", answer.text);
    }
    assert_eq!(get(&hub, "/", &cookie).await, StatusCode::OK);
    assert_eq!(get(&hub, "/", &other).await, StatusCode::SEE_OTHER, "the other phone is out");
    // Whoever finds the phone does not get another password by it.
    for form in ["new=another+one", "new=another+one&now=wrong"] {
        let answer = hub.form("/account/password", &cookie, form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let log_in = async |form: &str| hub.form("/log-in", "", form).await;
    let entered = log_in("who=wang&password=right+horse&back=/incidents/h1-1").await;
    assert_eq!(entered.header(header::LOCATION), "/incidents/h1-1");
    let elsewhere = log_in("who=wang&password=right+horse&back=//evil.example").await;
    assert_eq!(elsewhere.header(header::LOCATION), "/");
    for (who, wrong) in [("wang", 5), ("nobody", 5)] {
        let form = format!("who={who}&password=wrong");
        let mut pages = Vec::new();
        for _ in 0..wrong {
            let answer = log_in(&form).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            pages.push(answer.text.replace(who, "…"));
        }
        assert_eq!(log_in(&form).await.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(pages.iter().all(|page| page.contains("is not right")), "it tells nobody's name");
    }
    let right = log_in("who=wang&password=right+horse").await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "not even the right one, for a while");
    assert_eq!(get(&hub, "/", &cookie).await, StatusCode::OK, "a phone that is in stays in");
}

#[tokio::test]
async fn a_program_may_do_what_its_token_is_for() {
    let hub = Hub::log_in();
    let mut tokens = Vec::new();
    for may in ["observe", "read", "all"] {
        let answer = hub.post("/api/v1/tokens", json!({"name": may, "may": may})).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        tokens.push(answer.json()["token"].as_str().unwrap().to_owned());
    }
    let observation =
        json!({"home": "h1", "device": "help-button", "property": "help", "value": true});
    let ask = async |token: &str, (method, path, body): (&str, &str, &str)| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        hub.ask(method, path, &headers, body.to_owned()).await.status
    };
    let observation = observation.to_string();
    let requests = [
        ("POST", "/api/v1/observations", observation.as_str()),
        ("GET", "/api/v1/incidents", ""),
        ("POST", "/api/v1/incidents/h1-1/moves", r#"{"move":"accept","by":"wang"}"#),
    ];
    let may = [[true, false, false], [false, true, false], [true, true, true]];
    for (token, may) in tokens.iter().zip(may) {
        for (request, may) in requests.into_iter().zip(may) {
            let wanted = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(ask(token, request).await, wanted, "{request:?}");
        }
    }
    let listed = hub.program("GET", "/api/v1/tokens", Body::empty()).await;
    assert!(tokens.iter().all(|token| !listed.text.contains(token)), "told once");
    assert_eq!(listed.json().as_array().unwrap().len(), 3);
    let ended = hub.program("DELETE", "/api/v1/tokens/all", Body::empty()).await;
    assert_eq!(ended.status, StatusCode::OK);
    assert_eq!(ask(&tokens[2], requests[1]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(TOKEN, requests[1]).await, StatusCode::OK);
    let wrong = hub.post("/api/v1/tokens", json!({"name": "x", "may": "everything"})).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("one of observe, read, all"), "{}", wrong.text);
}

#[tokio::test]
async fn a_supervisor_gives_programs_tokens_and_sees_which_of_them_still_come() {
    let hub = Hub::log_in();
    let ma = format!("careloop_lang=en; {}", hub.enter("ma").await);
    let wrong = hub.form("/tokens", &ma, "name=nurse call&may=king&for=30d").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("value=\"nurse call\""), "{}", wrong.text);
    assert!(wrong.text.contains("one of observe, read, all"), "{}", wrong.text);
    let given = hub.form("/tokens", &ma, "name=nurse-call&may=read&for=30d").await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text);
    let token = given.text.split_once("<input readonly value=\"").expect("it is shown").1;
    let token = token.split('"').next().expect("an end").to_owned();
    let list = async || hub.page("/tokens", &ma).await.text;
    let first = list().await;
    assert!(!first.contains(&token), "it is shown once");
    for said in ["given by ma", "good until", "never used", "<small>read</small>"] {
        assert!(first.contains(said), "{said}: {first}");
    }
    let bearer = format!("Bearer {token}");
    let ask = async || {
        let headers = [("authorization", bearer.as_str())];
        hub.ask("GET", "/api/v1/incidents", &headers, "").await.status
    };
    assert_eq!(ask().await, StatusCode::OK);
    let used = list().await;
    assert!(used.contains("last used, to a day: 0s ago"), "{used}");
    // Whoever had one by the API is not said to have had it from her.
    hub.post("/api/v1/tokens", json!({"name": "other", "may": "observe"})).await;
    let other = list().await;
    assert!(other.contains("given by a command line or program") && other.contains("no end"));

    let ended = hub.form("/tokens/nurse-call/end", &ma, "").await;
    assert_eq!(ended.header(header::LOCATION), "/tokens");
    assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
    assert_eq!(hub.form("/tokens/nurse-call/end", &ma, "").await.status, StatusCode::NOT_FOUND);
    let deeds = Reader::open(&hub.site.store).unwrap().last_deeds("token ", 9).unwrap();
    let deeds: Vec<_> =
        deeds.iter().map(|(_, d)| (d.deed.of.as_str(), d.deed.by.as_str())).collect();
    let wanted = [
        ("token nurse-call ended", "ma"),
        ("token other may observe", "program"),
        ("token nurse-call may read", "ma"),
    ];
    assert_eq!(deeds, wanted);
}

#[tokio::test]
async fn family_are_shown_where_she_is_only_where_she_agreed_to_that() {
    let hub = Hub::log_in();
    hub.call_for_help().await;
    let (daughter, wang) = (hub.enter("daughter").await, hub.enter("wang").await);
    for path in ["/", "/incidents/h1-1"] {
        let (hers, his) = (hub.page(path, &daughter).await.text, hub.page(path, &wang).await.text);
        assert!(his.contains("at home, in the living"), "{path}: {his}");
        assert!(
            !hers.contains("at home"),
            "{path}: the shipped resident did not agree to `location`"
        );
    }
}

#[tokio::test]
async fn the_first_page_is_light() {
    let hub = Hub::log_in();
    hub.call_for_help().await;
    for n in 0..20 {
        let said = json!({"say": "report", "by": "wang", "rule": "request-repair", "from": "grid", "text": "lamp", "code": n.to_string()});
        assert!(hub.post("/api/v1/homes/h1/said", said).await.status.is_success());
    }
    let cookie = hub.enter("wang").await;
    let mut bytes = 0;
    for path in ["/", "/app.css", "/app.js", "/icon.png", "/icon.svg", "/manifest.json", "/sw.js"] {
        let headers = [("cookie", &*cookie), ("accept-encoding", "gzip, deflate, br")];
        bytes += hub.ask("GET", path, &headers, Body::empty()).await.sent;
    }
    assert!(bytes < 30_000, "{bytes} bytes");
}

#[tokio::test]
async fn a_page_that_somebody_elses_page_asked_for_tells_nothing_by_its_length() {
    let hub = Hub::log_in();
    hub.call_for_help().await;
    let cookie = hub.enter("wang").await;
    let encoded = async |site: &str| {
        let headers = [("cookie", &*cookie), ("accept-encoding", "gzip"), ("sec-fetch-site", site)];
        let page = hub.ask("GET", "/?find=help", &headers, Body::empty()).await;
        assert!(page.text.contains("3-2-501"), "{}", page.text);
        page.header(header::CONTENT_ENCODING).to_owned()
    };
    assert_eq!((&*encoded("same-origin").await, &*encoded("none").await), ("gzip", "gzip"));
    assert_eq!((&*encoded("cross-site").await, &*encoded("same-site").await), ("", ""));
}
