//! `/people`: whom a supervisor takes in, lets in, and shuts out.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use qrcode::QrCode;
use qrcode::render::svg::Color;

use crate::domain::{PassKind, PersonId, Responder};
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::layout::Frame;
use crate::web::settle::{Reply, Typed};
use crate::web::{Web, layout};

use super::{Invited, LoggedIn, person, to};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/people", get(list).post(person::add))
        .route("/people/{id}/invite", post(invite))
        .route("/people/{id}/shut-out", post(shut_out))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/account">← {{ lang.say("我的账户", "My account") }}</a></p>
<h1>{{ lang.say("人员与邀请", "People and invitations") }}</h1>
{{ reply|safe }}
<details{% if reply.is_refused() %} open{% endif %}><summary>{{ lang.say("加一个人", "Somebody new") }}</summary><form method="post" action="/people">
<label>{{ lang.say("编号（字母、数字和 -，以后不变）", "What to call them in the register (letters, digits and -; it stays)") }}<input name="id" maxlength="64" value="{{ typed.at("id") }}" required autocapitalize="none" spellcheck="false"></label>
<label>{{ lang.say("姓名", "Name") }}<input name="name" maxlength="60" value="{{ typed.at("name") }}" required></label>
<label>{{ lang.say("角色", "Role") }}<select name="role" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (value, word) in roles %}<option value="{{ value }}"{% if typed.is("role", value) %} selected{% endif %}>{{ word }}</option>{% endfor %}</select></label>
<label>{{ lang.say("消息的语言", "Told in") }}<select name="language"><option value="zh">中文</option><option value="en"{% if typed.is("language", "en") %} selected{% endif %}>English</option></select></label>
<label>{{ lang.say("住户", "Home") }}<select name="home" required>{% if homes.len() > 1 %}<option value="">{{ lang.say("请选择", "choose") }}…</option>{% endif %}{% for (id, name) in homes %}<option value="{{ id }}"{% if typed.is("home", id) %} selected{% endif %}>{{ name }}</option>{% endfor %}</select></label>
<label>{{ lang.say("通道", "Channel") }}<input name="channel" list="channels" maxlength="64" value="{{ typed.at("channel") }}" autocapitalize="none" spellcheck="false"></label>
<label>{{ lang.say("号码或账号", "Number or account") }}<input name="to" maxlength="400" value="{{ typed.at("to") }}" autocapitalize="none" spellcheck="false"></label>
<datalist id="channels">{% for channel in channels %}<option value="{{ channel }}">{% endfor %}</datalist>
<button class="main">{{ lang.say("加入", "Take them in") }}</button></form></details>
{% for row in rows %}<article class="card">
<h2>{{ row.name }} <small>{{ row.id }} · {{ row.role }}</small></h2>
<p class="hint">{{ row.state }}</p>
<p><a class="button" href="{{ row.href }}">{{ lang.say("资料与联系方式", "Role, and how to reach them") }}</a></p>
<form method="post" action="{{ row.href }}/invite"><button>{{ lang.say("邀请", "Invite") }}</button></form>
{% if row.is_in %}<details><summary>{{ lang.say("停用", "Shut out") }}</summary><form method="post" action="{{ row.href }}/shut-out">
<p>{{ lang.say("此人的所有设备立即退出，密码和邀请作废。", "All their phones are logged out at once; password and invitation are void.") }}</p>
<button>{{ lang.say("停用", "Shut out") }}</button></form></details>{% endif %}
</article>{% endfor %}"#
)]
struct List {
    lang: Lang,
    reply: Reply,
    typed: Typed,
    roles: Vec<(&'static str, &'static str)>,
    homes: Vec<(String, String)>,
    channels: BTreeSet<String>,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    role: &'static str,
    href: String,
    state: String,
    is_in: bool,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/people">← {{ lang.say("人员与邀请", "People and invitations") }}</a></p>
<h1>{{ lang.say("邀请", "Invitation for") }} {{ name }}</h1>
<p>{{ lang.say("请对方用自己的手机扫码，或把链接发给本人。七天内有效，只能用一次。", "Have them scan it with their own phone, or send them the link. It works once, within seven days.") }}</p>
<div class="code">{{ code|safe }}</div>
<p><label>{{ lang.say("链接", "Link") }}<input readonly value="{{ link }}"></label></p>"#
)]
struct Invitation<'a> {
    lang: Lang,
    name: &'a str,
    code: String,
    link: &'a str,
}

async fn list(State(web): State<Arc<Web>>, visitor: Visitor, _me: LoggedIn) -> Response {
    page(&web, &visitor, Reply::none(), Typed::default()).await
}

pub(super) async fn page(web: &Web, visitor: &Visitor, reply: Reply, typed: Typed) -> Response {
    let now = web.site.clock.now();
    let passes = match web.read(move |reader| reader.passes(now)).await {
        Ok(passes) => passes,
        Err(trouble) => return layout::trouble(visitor, &trouble),
    };
    let lang = visitor.lang;
    let row = |(id, Responder { name, role, .. }): (PersonId, Responder)| {
        let count = |kind| passes.iter().filter(|p| p.kind == kind && p.who == id.as_str()).count();
        let (phones, invited) = (count(PassKind::Session), count(PassKind::Invitation));
        let mut state = match (phones, lang) {
            (0, _) => lang.say("未登录过", "not logged in anywhere").to_owned(),
            (n, Lang::Zh) => format!("已在 {n} 台设备登录"),
            (n, Lang::En) => format!("logged in on {n}"),
        };
        if 0 < invited {
            state.push_str(lang.say("，有未用的邀请", ", invited"));
        }
        let href = format!("/people/{}", encode(id.as_str()));
        let role = lang.say(role.zh(), role.name());
        Row { id: id.to_string(), name, role, href, state, is_in: 0 < phones + invited }
    };
    let homes = web.homes_of(visitor).into_iter().filter(|home| home.is_ordinary());
    let status = reply.status;
    let main = List {
        lang,
        reply,
        typed,
        roles: person::roles(lang),
        homes: homes.map(|home| (home.id.to_string(), home.name.clone())).collect(),
        channels: person::channels(web),
        rows: web.people_of(visitor).into_iter().map(row).collect(),
    };
    let title = lang.say("人员与邀请", "People and invitations");
    layout::framed(web, visitor, (status, Frame::Form), title, &main)
}

/// One of theirs, whom a path names.
fn colleague(
    web: &Web,
    visitor: &Visitor,
    id: Result<Path<String>, PathRejection>,
) -> Option<PersonId> {
    let who: PersonId = id.ok()?.0.parse().ok()?;
    web.people_of(visitor).contains_key(&who).then_some(who)
}

async fn invite(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    me: LoggedIn,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let Some(who) = colleague(&web, &visitor, id) else { return layout::not_found(&visitor) };
    match web.invite(&who, me.person.as_str()).await {
        Ok(Invited { link, .. }) => {
            let lang = visitor.lang;
            let names = web.names();
            let main = Invitation { lang, name: names.of(&who), code: drawn(&link), link: &link };
            layout::page(&web, &visitor, StatusCode::OK, lang.say("邀请", "Invitation"), &main)
        }
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn shut_out(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    me: LoggedIn,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let Some(who) = colleague(&web, &visitor, id) else { return layout::not_found(&visitor) };
    match web.shut_out(&who, me.person.as_str()).await {
        Ok(()) => to("/people"),
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

/// As a picture that a phone can scan. Its colours do not follow the page's: scanners want dark on light.
fn drawn(link: &str) -> String {
    let code = QrCode::new(link.as_bytes());
    code.map_or_else(
        |_too_long| String::new(),
        |code| {
            let svg = code.render::<Color<'_>>().min_dimensions(240, 240).build();
            // An `?xml` line has no place within a page.
            svg.split_once("?>").map_or(svg.clone(), |(_, svg)| svg.to_owned())
        },
    )
}
