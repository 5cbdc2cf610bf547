//! `/log-in` and `/invite/{code}`.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use crate::domain::{PassDeed, PassKind, PersonId};
use crate::web::ask::Trouble;
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::who::is_here;
use crate::web::{Web, layout, told};

use super::{Fields, digest_of, fields, logs_in, to};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/log-in", get(ask).post(log_in))
        .route("/invite/{code}", get(look).post(accept))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ lang.say("登录", "Log in") }}</h1>
{% if let Some(said) = said %}<p class="banner refused" role="alert">{{ said }}</p>{% endif %}
<form method="post" action="/log-in"><input type="hidden" name="back" value="{{ back }}">
<label>{{ lang.say("用户名", "Your name here") }}<input name="who" value="{{ who }}" autocomplete="username" autocapitalize="none" spellcheck="false" required></label>
<label>{{ lang.say("密码", "Password") }}<input type="password" name="password" autocomplete="current-password" required></label>
<button class="main">{{ lang.say("登录", "Log in") }}</button></form>
<p class="hint">{{ lang.say("没有密码？请向值班长要一个邀请链接或二维码，在这部手机上打开即可。", "No password? Ask your supervisor for an invitation, a link or a code to scan, and open it on this phone.") }}</p>"#
)]
struct LogIn<'a> {
    lang: Lang,
    said: Option<String>,
    who: &'a str,
    back: &'a str,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ lang.say("您好，", "Hello, ") }}{{ name }}</h1>
<p>{{ lang.say("邀请您在这部设备上使用 careloop。此链接只能用一次。", "You are invited to use careloop on this phone. The link works once.") }}</p>
<form method="post"><button class="main">{{ lang.say("是我，在此登录", "It is me: log in here") }}</button></form>"#
)]
struct Invitation<'a> {
    lang: Lang,
    name: &'a str,
}

/// Answers whoever shows nothing: a page leads to the log-in and back, a form says that it was not taken.
pub(in crate::web) fn wanted(head: &Parts) -> Response {
    let visitor = Visitor::read(&head.headers, &head.uri);
    if head.method == Method::GET && head.uri.path() != "/live" {
        let path = head.uri.path();
        let back = if is_here(path) { path } else { "/" };
        return Redirect::to(&format!("/log-in?back={}", encode(back))).into_response();
    }
    let said = "您尚未登录，请重新登录后再试；刚才的操作没有保存";
    let said =
        visitor.lang.say(said, "You are not logged in: nothing was saved. Log in, then try again");
    layout::plain(&visitor, StatusCode::UNAUTHORIZED, said)
}

async fn ask(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Response {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let back = query.iter().find(|(key, _)| key == "back").map_or("/", |(_, back)| back);
    std::future::ready(form(&web, &visitor, StatusCode::OK, None, ("", back))).await
}

fn form(
    web: &Web,
    visitor: &Visitor,
    status: StatusCode,
    said: Option<String>,
    (who, back): (&str, &str),
) -> Response {
    if !logs_in(web) {
        return layout::not_found(visitor);
    }
    let lang = visitor.lang;
    let main = LogIn { lang, said, who, back };
    layout::page(web, visitor, status, lang.say("登录", "Log in"), &main)
}

async fn log_in(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Fields,
) -> Response {
    let fields = fields(form);
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let (who, back) = (field("who").trim(), field("back"));
    let back = if is_here(back) { back } else { "/" };
    let refuse = |status, said: String| self::form(&web, &visitor, status, Some(said), (who, back));
    if !logs_in(&web) {
        return layout::not_found(&visitor);
    }
    let (lang, now) = (visitor.lang, web.site.clock.now());
    if let Some(wait) = web.passwords.wait(who, now) {
        let wait = told::span(wait, lang);
        return refuse(
            StatusCode::TOO_MANY_REQUESTS,
            format!(
                "{}{wait}",
                lang.say("尝试次数过多，请稍后再试：", "Too many tries: wait for ")
            ),
        );
    }
    match is_let_in(&web, who, field("password")).await {
        Ok(Some(who)) => match web.open_session(&who, &headers, Vec::new()).await {
            Ok(Some(cookie)) => ([(header::SET_COOKIE, cookie)], to(back)).into_response(),
            Ok(None) => layout::trouble(&visitor, &Trouble::NotStored),
            Err(trouble) => layout::trouble(&visitor, &trouble),
        },
        Ok(None) => {
            web.passwords.note(who, false, now);
            let said = lang.say("用户名或密码不对", "The name or the password is not right");
            refuse(StatusCode::UNAUTHORIZED, said.to_owned())
        }
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

/// Whoever it is takes the same time, whether there is such a person or not.
async fn is_let_in(web: &Web, who: &str, password: &str) -> Result<Option<PersonId>, Trouble> {
    let person = who.parse::<PersonId>().ok().filter(|who| web.role(who).is_some());
    let hash = match person.clone() {
        Some(person) => web.read(move |reader| reader.password(&person)).await?,
        None => None,
    };
    let password: String = password.chars().take(super::secrets::PASSWORD_MAX).collect();
    let is_right = web.passwords.is_right(password, hash).await?;
    if is_right {
        web.passwords.note(who, true, web.site.clock.now());
    }
    Ok(person.filter(|_| is_right))
}

/// Looking at it uses nothing up: messengers look at links before people do.
async fn look(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    code: Result<Path<String>, PathRejection>,
) -> Response {
    match invited(&web, code).await {
        Ok(Some((who, _))) => {
            let lang = visitor.lang;
            let names = web.names();
            let main = Invitation { lang, name: names.of(&who) };
            layout::page(&web, &visitor, StatusCode::OK, lang.say("邀请", "Invitation"), &main)
        }
        Ok(None) => over(&visitor),
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn accept(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    headers: HeaderMap,
    code: Result<Path<String>, PathRejection>,
) -> Response {
    let opened = match invited(&web, code).await {
        Ok(Some((who, digest))) => {
            web.open_session(&who, &headers, vec![PassDeed::End(digest)]).await
        }
        Ok(None) => return over(&visitor),
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    match opened {
        Ok(Some(cookie)) => ([(header::SET_COOKIE, cookie)], to("/account")).into_response(),
        // Somebody else was faster.
        Ok(None) => over(&visitor),
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn invited(
    web: &Web,
    code: Result<Path<String>, PathRejection>,
) -> Result<Option<(PersonId, crate::domain::Digest)>, Trouble> {
    let Ok(Path(code)) = code else { return Ok(None) };
    let (digest, now) = (digest_of(&code), web.site.clock.now());
    let pass = web.read(move |reader| reader.pass(&digest, now)).await?;
    let pass = pass.filter(|pass| logs_in(web) && pass.kind == PassKind::Invitation);
    let who = pass.and_then(|pass| pass.who.parse::<PersonId>().ok());
    Ok(who.filter(|who| web.role(who).is_some()).map(|who| (who, digest)))
}

fn over(visitor: &Visitor) -> Response {
    let said = "此邀请已使用或已过期，请再要一个";
    let said =
        visitor.lang.say(said, "This invitation was used, or is too old: ask for another one");
    layout::plain(visitor, StatusCode::GONE, said)
}
