//! `/account`: who somebody is here, where they are logged in, and their password.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use crate::domain::{Pass, PassDeed, PassKind, Span};
use crate::web::ask::Trouble;
use crate::web::card::coarse;
use crate::web::lang::{Lang, Visitor};
use crate::web::{Web, layout, told};

use super::secrets::refused;
use super::{Fields, LoggedIn, fields, to};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/account", get(show))
        .route("/account/password", post(password))
        .route("/log-out", post(log_out))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/">← {{ lang.say("全部事件", "All incidents") }}</a></p>
<h1>{{ name }} <small>{{ id }}</small></h1>
{% if let Some(said) = said %}<p class="banner{% if is_refused %} refused" role="alert{% else %}" role="status{% endif %}">{{ said }}</p>{% endif %}
<p>{{ role }}</p>
<p><a class="button" href="/account/leave">{{ lang.say("请假", "My leave") }}</a></p>
{% if lets_in %}<p><a class="button" href="/people">{{ lang.say("人员与邀请", "People and invitations") }}</a></p>{% endif %}
<section><h2>{{ lang.say("密码", "Password") }}</h2>
<p class="hint">{{ lang.say("这部设备已经登录，不必有密码。想在别处登录时才需要。", "This phone is logged in, and needs none. It is for logging in elsewhere.") }}</p>
<form method="post" action="/account/password"><input type="hidden" name="username" value="{{ id }}" autocomplete="username">
{% if has_password %}<label>{{ lang.say("现在的密码", "Your password now") }}<input type="password" name="now" autocomplete="current-password" required></label>
{% endif %}<label>{{ lang.say("新密码（至少 8 个字符）", "New password (8 characters or more)") }}<input type="password" name="new" minlength="8" maxlength="128" autocomplete="new-password" required></label>
<button>{{ lang.say("保存", "Save") }}</button></form></section>
<section><h2>{{ lang.say("声音", "Sound") }}</h2>
<p class="hint">{{ lang.say("点上方“声音”后，有新报警时本页面会响，直到有人签收。页面要开着：iPhone 锁屏或切到别的应用后，页面就不响了，其他手机也可能如此。因此夜里请靠电话、短信或通知，不要靠页面。", "With “Sound” above, a page sounds while an alarm waits for somebody. It has to be open: on an iPhone it falls silent when the screen is locked or another app is in front, on other phones it may. So at night be told by call, text message or notification, and not by a page.") }}</p></section>
{% if let Some(key) = push %}<section><h2>{{ lang.say("通知", "Being told") }}</h2>
<p class="hint">{{ lang.say("页面关闭时也在这部手机上通知您；代替之前的那一部。", "You are told on this phone also while no page is open, in the place of the one before.") }}</p>
<form method="post" action="/account/phone"><input type="hidden" name="to"><button id="push" data-key="{{ key }}">{{ lang.say("在这部手机上通知我", "Tell me on this phone") }}</button></form>
<p class="hint unless-pushed">{{ lang.say("这里不能接收通知。iPhone（iOS 16.4 起）只通知主屏幕上的应用：在 Safari 里点“分享”→“添加到主屏幕”，从那个图标打开，在那里登录（先在上面设好密码），再点此按钮。", "Notifications do not arrive here. An iPhone (iOS 16.4 or later) tells apps on the home screen only: in Safari, Share → Add to Home Screen, open it from there, log in there (set a password above first), and press this button.") }}</p>
<p id="no-push" class="banner" role="status" hidden>{{ lang.say("此浏览器不能接收通知，或没有得到允许", "This browser cannot be told, or is not allowed to") }}</p></section>
{% endif %}<section><h2>{{ lang.say("已登录的设备", "Where you are logged in") }}</h2>
<ul class="facts">{% for (browser, seen, is_this) in sessions %}<li><span class="what">{{ browser }}{% if is_this %} <strong>{{ lang.say("本机", "this one") }}</strong>{% endif %}</span><small>{{ seen }}</small></li>{% endfor %}</ul>
<form method="post" action="/log-out"><button name="all" value="no">{{ lang.say("在本机退出", "Log out here") }}</button></form>
{% if sessions.len() > 1 %}<form method="post" action="/log-out"><button name="all" value="others">{{ lang.say("退出其他设备", "Log out everywhere else") }}</button></form>{% endif %}</section>"#
)]
struct Account {
    lang: Lang,
    said: Option<String>,
    is_refused: bool,
    name: String,
    id: String,
    role: String,
    lets_in: bool,
    has_password: bool,
    push: Option<String>,
    sessions: Vec<(String, String, bool)>,
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, me: LoggedIn) -> Response {
    page(&web, &visitor, &me, StatusCode::OK, None).await
}

async fn page(
    web: &Web,
    visitor: &Visitor,
    me: &LoggedIn,
    status: StatusCode,
    said: Option<String>,
) -> Response {
    let (lang, who, now) = (visitor.lang, me.person.clone(), web.site.clock.now());
    let asked = who.clone();
    let read = web.read(move |reader| Ok((reader.passes(now)?, reader.password(&asked)?)));
    let (passes, password) = match read.await {
        Ok(read) => read,
        Err(trouble) => return layout::trouble(visitor, &trouble),
    };
    let mine = |pass: &&Pass| pass.kind == PassKind::Session && pass.who == who.as_str();
    let session = |pass: &Pass| {
        let ago = told::span(coarse(now - pass.seen), lang);
        let seen = if now - pass.seen < Span::hours(48) {
            lang.say("最近使用过", "used lately").to_owned()
        } else {
            format!("{}{ago}", lang.say("最近使用：", "last used, days or hours ago: "))
        };
        (browser(&pass.about), seen, pass.digest == me.session)
    };
    let role = web.role(&who).map(|role| lang.say(role.zh(), role.name()).to_owned());
    let main = Account {
        lang,
        is_refused: !status.is_success(),
        said,
        name: web.names().of(&who).to_owned(),
        id: who.to_string(),
        role: role.unwrap_or_default(),
        lets_in: web.lets_in(&who),
        has_password: password.is_some(),
        push: web.site.push.as_ref().map(|push| push.key.clone()),
        sessions: passes.iter().filter(mine).map(session).collect(),
    };
    layout::page(web, visitor, status, lang.say("我的账户", "My account"), &main)
}

/// The part of a browser's description that people understand.
fn browser(about: &str) -> String {
    let known = ["iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux"];
    let on = known.into_iter().find(|word| about.contains(word));
    let apps = ["MicroMessenger", "Edg", "Firefox", "Chrome", "Safari"];
    let app = apps.into_iter().find(|word| about.contains(word));
    match (app, on) {
        (Some(app), Some(on)) => format!("{app} · {on}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => about.chars().take(40).collect(),
    }
}

async fn password(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    me: LoggedIn,
    form: Fields,
) -> Response {
    let mut fields = fields(form);
    let new = fields.remove("new").unwrap_or_default();
    let lang = visitor.lang;
    if let Some((zh, en)) = refused(&new, &me.person) {
        let said = Some(lang.say(zh, en).to_owned());
        return page(&web, &visitor, &me, StatusCode::BAD_REQUEST, said).await;
    }
    let shown = fields.remove("now").unwrap_or_default();
    match change(&web, &me, shown, new).await {
        Ok(true) => {
            let said = "密码已保存，其他设备须重新登录";
            let said = lang.say(said, "The password is saved; other phones have to log in again");
            page(&web, &visitor, &me, StatusCode::OK, Some(said.to_owned())).await
        }
        Ok(false) => {
            let said = "现在的密码不对，或尝试次数过多，请稍后再试";
            let said =
                lang.say(said, "Your password now is another one, or there were too many tries");
            page(&web, &visitor, &me, StatusCode::FORBIDDEN, Some(said.to_owned())).await
        }
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

/// A phone that lies about does not give its finder a password: whoever has one must know it.
async fn change(
    web: &Web,
    LoggedIn { person: who, session }: &LoggedIn,
    shown: String,
    new: String,
) -> Result<bool, Trouble> {
    let (asked, now) = (who.clone(), web.site.clock.now());
    let before = web.read(move |reader| reader.password(&asked)).await?;
    if before.is_some() {
        if web.passwords.wait(who.as_str(), now).is_some() {
            return Ok(false);
        }
        let is_right = web.passwords.is_right(shown, before).await?;
        web.passwords.note(who.as_str(), is_right, now);
        if !is_right {
            return Ok(false);
        }
    }
    let hash = Some(web.passwords.hash(new).await?);
    let (kind, but) = (PassKind::Session, Some(*session));
    let others = PassDeed::EndAll { who: who.to_string(), kind, but };
    web.change_passes(vec![PassDeed::Password { who: who.clone(), hash }, others]).await?;
    Ok(true)
}

async fn log_out(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    me: LoggedIn,
    form: Fields,
) -> Response {
    let LoggedIn { person, session } = me;
    let only_others = fields(form).get("all").is_some_and(|all| all == "others");
    let deed = if only_others {
        let (who, kind) = (person.to_string(), PassKind::Session);
        PassDeed::EndAll { who, kind, but: Some(session) }
    } else {
        PassDeed::End(session)
    };
    if let Err(trouble) = web.change_passes(vec![deed]).await {
        return layout::trouble(&visitor, &trouble);
    }
    if only_others {
        return to("/account");
    }
    let gone = web.cookie("", Span::ZERO);
    let mut answer = to("/log-in");
    answer.headers_mut().extend(gone.map(|gone| (header::SET_COOKIE, gone)));
    answer.into_response()
}
