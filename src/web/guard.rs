//! Who may come in: the token of a program, the session of a person, the name the hub is called by, and whose
//! page a form came from.
//! And the headers that every answer wears.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use ring::digest::{SHA256, digest};

use crate::secret::Secret;

use super::api::Fault;
use super::door::Me;
use super::lang::{Visitor, said_to_be};
use super::rights::Right;
use super::{People, Web, door, layout, rights};

/// On every answer. `same-origin` and not `no-referrer`: with the latter a browser sends
/// `Origin: null` with our own forms, and they could not be told from a stranger's.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// A browser that was here by TLS comes by nothing else for a year.
pub(super) async fn only_by_tls<B>(mut response: Response<B>) -> Response<B> {
    let for_a_year = HeaderValue::from_static("max-age=31536000");
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, for_a_year);
    response
}

/// Lets a request in, or answers it at the door.
pub(super) async fn check(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    // The length of a compressed page tells whoever had it fetched whether what they put into the address stands
    // elsewhere on it too.
    if is_foreign(&head.headers) {
        head.headers.remove(header::ACCEPT_ENCODING);
    }
    let mut response = match turned_away(&web, &mut head).await {
        Some(answer) => answer,
        None => next.run(Request::from_parts(head, body)).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn turned_away(web: &Web, head: &mut Parts) -> Option<Response> {
    let pattern = head.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    // The API is for programs. Where there is nothing, there is nothing to hide, but for who is told so.
    let right = match pattern {
        _ if layout::is_api(head.uri.path()) => Some(Right::Program),
        Some(pattern) => rights::of_route(pattern),
        None => Some(Right::Person),
    };
    let answer = match right {
        None => Some(forbidden(head, NOT_FOR_YOU)),
        Some(Right::Anybody) => None,
        Some(Right::Program) => program(web, head).await,
        Some(right @ (Right::Person | Right::Technician | Right::Desk | Right::Supervisor)) => {
            person(web, head, right).await
        }
    };
    let headers = &head.headers;
    let is_foreign = || !is_safe(&head.method) && is_foreign(headers);
    answer.or_else(|| is_foreign().then(|| forbidden(head, FOREIGN)))
}

const fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A program shows a token, the hub's own or one that it was given. On loopback it need not.
async fn program(web: &Web, head: &Parts) -> Option<Response> {
    let headers = &head.headers;
    let own = web.site.token.as_ref().map(Secret::reveal);
    let Some(shown) = bearer(headers) else {
        return match own {
            Some(_) => Some(unauthorized(head)),
            None => (!is_own_name(web, headers)).then(|| misdirected(head)),
        };
    };
    if own.is_some_and(|token| same(shown, token)) {
        return None;
    }
    let has = match door::program(web, shown).await {
        Ok(Some(has)) => has,
        Ok(None) => return Some(unauthorized(head)),
        Err(trouble) => return Some(Fault::from(trouble).into_response()),
    };
    let wants = rights::of_program(is_safe(&head.method), head.uri.path());
    (!rights::covers(has, wants)).then(|| forbidden(head, NOT_FOR_YOU))
}

/// A person is logged in, or, where people choose, says who they are.
async fn person(web: &Web, head: &mut Parts, right: Right) -> Option<Response> {
    let headers = &head.headers;
    let known = match web.site.people {
        People::Choose if !is_own_name(web, headers) => return Some(misdirected(head)),
        People::Choose => {
            let said = said_to_be(headers).map(|person| Me { person, session: None });
            if let Some(said) = said {
                head.extensions.insert(said);
            }
            return None;
        }
        People::LogIn => door::known(web, headers).await,
    };
    match known {
        Ok(Some((me, role))) if right.is_of(role) => {
            head.extensions.insert(me);
            None
        }
        Ok(Some(_)) => Some(forbidden(head, NOT_FOR_YOU)),
        Ok(None) => Some(door::wanted(head)),
        Err(trouble) => {
            let visitor = Visitor::read(&head.headers, &head.uri);
            Some(layout::trouble(&visitor, &trouble))
        }
    }
}

/// A page of somebody else that had its name point at us (DNS rebinding) calls us by that name.
fn is_own_name(web: &Web, headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|h| h.to_str().ok()) else { return false };
    if web.bound.is_some_and(|bound| host == bound.to_string() || host == bound.ip().to_string()) {
        return true;
    }
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        Some(_) | None => (host, "80"),
    };
    let is_port = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
    let names = ["localhost", "127.0.0.1", "[::1]"];
    is_port && names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (how, shown) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    how.eq_ignore_ascii_case("bearer").then(|| shown.trim())
}

/// Compares without telling by the time it takes how much is right.
fn same(shown: &str, wanted: &str) -> bool {
    let (a, b) = (digest(&SHA256, shown.as_bytes()), digest(&SHA256, wanted.as_bytes()));
    a.as_ref().iter().zip(b.as_ref()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// Whether a page of somebody else sent this. Programs send neither header.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|h| h.to_str().unwrap_or_default());
    match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some(site), _) => site != "same-origin" && site != "none",
        (None, None) => false,
        (None, Some(origin)) => {
            let host = text(header::HOST).unwrap_or_default();
            let named = origin.split_once("://").map(|(_, host)| host).unwrap_or_default();
            named.is_empty() || !named.eq_ignore_ascii_case(host)
        }
    }
}

fn misdirected(head: &Parts) -> Response {
    say(
        head,
        StatusCode::MISDIRECTED_REQUEST,
        "不以此名称提供服务",
        "the hub is not called by this name",
    )
}

/// Why not, in both languages.
type Why = (&'static str, &'static str);
const FOREIGN: Why = ("此请求来自别的网站，已拒绝", "this comes from a page of another site");
const NOT_FOR_YOU: Why = ("您无权使用此功能", "this is not for you");

fn forbidden(head: &Parts, (zh, en): Why) -> Response {
    say(head, StatusCode::FORBIDDEN, zh, en)
}

fn unauthorized(head: &Parts) -> Response {
    let mut answer = say(
        head,
        StatusCode::UNAUTHORIZED,
        "需要令牌",
        "a token is wanted: `Authorization: Bearer …`",
    );
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

fn say(head: &Parts, status: StatusCode, zh: &'static str, en: &'static str) -> Response {
    if layout::is_api(head.uri.path()) {
        return Fault::new(status, en).into_response();
    }
    let visitor = Visitor::read(&head.headers, &head.uri);
    layout::plain(&visitor, status, visitor.lang.say(zh, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        all.iter().map(|(k, v)| (HeaderName::from_static(k), v.parse().unwrap())).collect()
    }

    #[test]
    fn a_form_of_another_site_is_foreign_and_a_program_is_not() {
        let foreign = |all: &[(&'static str, &str)]| is_foreign(&headers(all));
        for own in [
            &[("host", "hub:80")][..],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
            &[("host", "hub:8380"), ("origin", "http://hub:8380")],
        ] {
            assert!(!foreign(own), "{own:?}");
        }
        for other in [
            &[("host", "hub"), ("sec-fetch-site", "cross-site")][..],
            &[("host", "hub"), ("sec-fetch-site", "same-site"), ("origin", "http://hub")],
            &[("host", "hub:8380"), ("origin", "http://hub:9000")],
            &[("host", "hub"), ("origin", "null")],
            &[("host", ""), ("origin", "http://")],
        ] {
            assert!(foreign(other), "{other:?}");
        }
    }

    #[test]
    fn a_token_is_compared_as_a_whole() {
        assert!(same("secret", "secret"));
        assert!(!same("secre", "secret") && !same("", "secret") && !same("secret2", "secret"));
    }
}
