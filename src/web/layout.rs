//! What every page has around it, and the plain pages that say no.

use std::any::Any;

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};

use crate::domain::Role;

use super::api::Fault;
use super::ask::Trouble;
use super::lang::{Lang, Visitor, lang_cookie};
use super::{People, Web, asset, rights};

/// The outside of a page.
#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<!doctype html>
<html lang="{{ lang.tag() }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ title }} · careloop</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="apple-touch-icon" href="/icon.png">
<link rel="manifest" href="/manifest.json">
<link rel="stylesheet" href="{{ css }}">
{% if refreshes %}<noscript><meta http-equiv="refresh" content="30"></noscript>
{% endif %}{% if is_live %}<script type="module" src="{{ js }}"></script>
{% endif %}</head>
<body{% if !frame.is_empty() %} class="{{ frame }}"{% endif %}>
{% if has_header %}<a class="skip" href="#main">{{ lang.say("跳到内容", "Skip to the content") }}</a>
<header{% if me.is_some() %} class="known"{% endif %}>
<a class="brand" href="/">careloop</a>
{% if !people.is_empty() %}<form class="me" method="post" action="/me">
<input type="hidden" name="back" value="{{ path }}">
<label for="me">{{ lang.say("我是", "I am") }}</label>
<select id="me" name="me" required>
<option value="">{{ lang.say("请选择", "choose") }}…</option>
{% for person in people %}<option value="{{ person.id }}"{% if person.is_me %} selected{% endif %}>{{ person.name }}</option>
{% endfor %}</select>
<button>{{ lang.say("确定", "OK") }}</button>
</form>
{% endif %}{% if let Some(me) = me %}<a class="who" href="/account">{{ me }}</a>
{% endif %}{% if is_live %}<button id="sound" aria-pressed="false" data-word="{{ lang.say("声音", "Sound") }}" data-waits="{{ lang.say("点此出声", "Unmute") }}" hidden>{{ lang.say("声音", "Sound") }}</button>
{% endif %}<a class="lang" href="?lang={{ lang.other().tag() }}" lang="{{ lang.other().tag() }}">{{ lang.say("English", "中文") }}</a>
</header>
{% if !nav.is_empty() %}<nav class="pages">{% for (href, word, is_here) in nav %}<a href="{{ href }}"{% if is_here %} aria-current="page"{% endif %}>{{ word }}</a>{% endfor %}</nav>
{% endif %}{% else %}<p id="silent" class="banner" role="status" hidden>{{ lang.say("没有声音：请碰一下屏幕或按一个键", "No sound: touch the screen or press a key") }}</p>
{% endif %}<p id="broken" class="banner" role="status" hidden>{{ lang.say("未连接：页面可能不是最新的", "Not connected: this may be out of date") }}</p>
<p id="newer" class="banner" role="status" hidden><a href="{{ path }}">{{ lang.say("有新情况：提交后或点此显示", "There is news: it shows once you send the form, or tap here") }}</a></p>
<p id="kept" class="banner" role="status" hidden>{{ lang.say("无网络：您的操作已保留，连上后自动发送", "No connection: your tap is kept, and goes out as soon as there is one") }}</p>
<p id="stale" class="banner refused" role="alert" hidden>{{ lang.say("一小时前的操作没有发送，请先查看现状", "A tap of more than an hour ago was not sent: look how things are") }}</p>
<main id="main">
{{ main|safe }}
</main>
</body>
</html>
"##
)]
struct Sheet<'a> {
    lang: Lang,
    title: &'a str,
    css: &'a str,
    js: &'a str,
    is_live: bool,
    /// Whether a browser without a script loads it again and again.
    refreshes: bool,
    frame: &'static str,
    has_header: bool,
    path: &'a str,
    people: Vec<Person>,
    /// Who is logged in.
    me: Option<&'a str>,
    /// Where they may go: address, word, and whether they are there.
    nav: Vec<Link>,
    main: &'a str,
}

struct Person {
    id: String,
    name: String,
    is_me: bool,
}

/// A page that says one thing.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ sentence }}</h1>
<p><a class="button" href="/">{{ lang.say("事件列表", "All incidents") }}</a></p>"#
)]
struct Plain<'a> {
    lang: Lang,
    sentence: &'a str,
}

/// How a page stands on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// One column, as on a phone, and follows what happens.
    Column,
    /// As wide as the screen where that is wide, and follows what happens.
    Wide,
    /// Nothing but what it shows, to be read from across the room, and follows what happens.
    Wall,
    /// To be read and printed: wide, and stands still.
    Paper,
    /// To be filled in: one column, and stands still under what is written.
    Form,
}

impl Frame {
    /// For the style sheet.
    const fn class(self) -> &'static str {
        match self {
            Self::Column | Self::Form => "",
            Self::Wide => "wide",
            Self::Wall => "wall",
            Self::Paper => "wide paper",
        }
    }
}

/// Paths below it are answered in JSON.
pub(super) fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

/// A page of the site, with its people to choose from, that follows what happens.
pub(super) fn page(
    web: &Web,
    visitor: &Visitor,
    status: StatusCode,
    title: &str,
    main: &impl Template,
) -> Response {
    framed(web, visitor, (status, Frame::Column), title, main)
}

/// The same, in another frame.
pub(super) fn framed(
    web: &Web,
    visitor: &Visitor,
    (status, frame): (StatusCode, Frame),
    title: &str,
    main: &impl Template,
) -> Response {
    let (me, names) = (visitor.me.as_ref(), web.names());
    if web.site.people == People::LogIn {
        let role = me.and_then(|me| web.role(me));
        let who =
            Who { me: me.map(|me| names.of(me)), nav: nav(visitor, role), people: Vec::new() };
        return dressed(visitor, (status, frame), title, main, who);
    }
    let people = names.0.into_iter().map(|(id, name)| {
        let is_me = Some(&id) == me;
        Person { id: id.to_string(), name, is_me }
    });
    let who = Who { me: None, nav: nav(visitor, Some(Role::Technician)), people: people.collect() };
    dressed(visitor, (status, frame), title, main, who)
}

/// Who looks at a page, and where they may go.
#[derive(Default)]
struct Who<'a> {
    me: Option<&'a str>,
    nav: Vec<Link>,
    people: Vec<Person>,
}

/// Where people go, in the order of the bar.
const PLACES: [(&str, &str, &str); 7] = [
    ("/", "事件", "Incidents"),
    ("/family", "今天", "Today"),
    ("/homes", "住户", "Homes"),
    ("/visits", "巡访", "Visits"),
    ("/requests", "诉求", "Requests"),
    ("/mount", "安装", "Mounting"),
    ("/people", "人员", "People"),
];

/// Address, word, and whether somebody is there.
pub(super) type Link = (&'static str, &'static str, bool);

/// Who can open one place only needs no bar.
fn nav(visitor: &Visitor, role: Option<Role>) -> Vec<Link> {
    let all = open_to(visitor, role, &PLACES);
    if all.len() < 2 { Vec::new() } else { all }
}

/// Those of these places that this role may open.
pub(super) fn open_to(
    visitor: &Visitor,
    role: Option<Role>,
    places: &[(&'static str, &'static str, &'static str)],
) -> Vec<Link> {
    let is_open = |path: &str| {
        let right = rights::of_route(path);
        // Whoever else opens it is shown the way to the homes.
        (path != "/family" || role == Some(Role::Family))
            && right.zip(role).is_some_and(|(right, role)| right.is_of(role))
    };
    let is_here = |path: &str| {
        visitor.path == path || (path != "/" && visitor.path.starts_with(&format!("{path}/")))
    };
    let open = places.iter().filter(|(path, ..)| is_open(path));
    open.map(|(path, zh, en)| (*path, visitor.lang.say(zh, en), is_here(path))).collect()
}

/// A page that says one thing, and needs nothing to be said.
pub(super) fn plain(visitor: &Visitor, status: StatusCode, sentence: &str) -> Response {
    let main = Plain { lang: visitor.lang, sentence };
    dressed(visitor, (status, Frame::Column), sentence, &main, Who::default())
}

fn dressed(
    visitor: &Visitor,
    (status, frame): (StatusCode, Frame),
    title: &str,
    main: &impl Template,
    Who { me, nav, people }: Who<'_>,
) -> Response {
    let lang = visitor.lang;
    let rendered = main.render().and_then(|main| {
        let (css, js) = (asset::css(), asset::js());
        let is_live =
            !matches!(frame, Frame::Paper | Frame::Form) && (!people.is_empty() || me.is_some());
        let path = &*visitor.path;
        let refreshes = path == "/" || frame == Frame::Wall;
        let (has_header, frame) = (frame != Frame::Wall, frame.class());
        let main = &*main;
        Sheet {
            lang,
            title,
            css,
            js,
            is_live,
            refreshes,
            frame,
            has_header,
            path,
            people,
            me,
            nav,
            main,
        }
        .render()
    });
    let Ok(html) = rendered else { return panicked(Box::new(())) };
    let mut response = (status, Html(html)).into_response();
    if visitor.chose_lang
        && let Ok(cookie) = HeaderValue::from_str(&lang_cookie(lang))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
    response
}

/// What went wrong on our side, on a page.
pub(super) fn trouble(visitor: &Visitor, trouble: &Trouble) -> Response {
    let lang = visitor.lang;
    let (status, zh) = match trouble {
        Trouble::Store(error) => {
            tracing::error!(%error, "a page could not be read");
            (StatusCode::INTERNAL_SERVER_ERROR, "暂时无法读取数据，请稍后再试")
        }
        Trouble::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "网关正在停止，请稍后再试"),
        Trouble::NotStored => (StatusCode::SERVICE_UNAVAILABLE, "未能保存，请再试一次"),
        Trouble::Late => (StatusCode::SERVICE_UNAVAILABLE, "网关没有及时回应，请先查看是否已保存"),
    };
    plain(visitor, status, lang.say(zh, &trouble.to_string()))
}

/// Where there is nothing.
pub(super) fn not_found(visitor: &Visitor) -> Response {
    let sentence = visitor.lang.say("没有这个页面", "There is no such page");
    plain(visitor, StatusCode::NOT_FOUND, sentence)
}

/// For every path that is none.
pub(super) async fn no_such_page(visitor: Visitor, uri: Uri) -> Response {
    let answer = if is_api(uri.path()) {
        Fault::new(StatusCode::NOT_FOUND, format!("there is no `{}`", uri.path())).into_response()
    } else {
        not_found(&visitor)
    };
    std::future::ready(answer).await
}

/// For every path that is one, but not for this.
pub(super) async fn no_such_method(visitor: Visitor, method: Method, uri: Uri) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let answer = if is_api(uri.path()) {
        Fault::new(status, format!("`{}` does not take {method}", uri.path())).into_response()
    } else {
        let sentence = visitor.lang.say("此页面不接受这种请求", "This page does not take that");
        plain(&visitor, status, sentence)
    };
    std::future::ready(answer).await
}

/// For what should not happen: says so in both languages, and nothing else.
pub(super) fn panicked(_what: Box<dyn Any + Send>) -> Response {
    let html = "<!doctype html><meta charset=utf-8><title>careloop</title>\
        <p>网关出错，请再试一次 / Something went wrong in the hub; please try again";
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}
