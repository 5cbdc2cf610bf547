//! Who may come in: the token, the name the hub is called by, and whose page a form came from.
//! And the headers that every answer wears.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use ring::digest::{SHA256, digest};

use crate::secret::Secret;

use super::api::Fault;
use super::lang::{Visitor, cookie, encode};
use super::{Web, layout};

/// Holds what a page shows instead of the token itself.
const KEY: &str = "careloop_key";
/// What anybody may read: nothing of any home is in it.
const OPEN: [&str; 5] = ["/healthz", "/readyz", "/app.css", "/app.js", "/icon.svg"];

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

/// Lets a request in, or answers it at the door.
pub(super) async fn check(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let mut response = match turned_away(&web, &request) {
        Some(answer) => answer,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn turned_away(web: &Web, request: &Request) -> Option<Response> {
    let headers = request.headers();
    match web.site.token.as_ref().map(Secret::reveal) {
        None if !is_own_name(web, headers) => return Some(misdirected(request)),
        Some(_) if OPEN.contains(&request.uri().path()) => return None,
        Some(token) if shows_bearer(headers, token) => return None,
        Some(token) => {
            if let Some(answer) = greeted(request, token) {
                return Some(answer);
            }
            if !cookie(headers, KEY).is_some_and(|shown| same(shown, &key_of(token))) {
                return Some(unauthorized(request));
            }
        }
        None => {}
    }
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    (!is_safe && is_foreign(headers)).then(|| forbidden(request))
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

fn shows_bearer(headers: &HeaderMap, token: &str) -> bool {
    let shown = headers.get(header::AUTHORIZATION).and_then(|h| h.to_str().ok());
    let shown = shown.and_then(|h| h.split_once(' '));
    shown
        .is_some_and(|(how, shown)| how.eq_ignore_ascii_case("bearer") && same(shown.trim(), token))
}

/// `/?token=…`: the browser is given a cookie, and the token leaves the address line.
fn greeted(request: &Request, token: &str) -> Option<Response> {
    let uri = request.uri();
    let is_page = *request.method() == Method::GET && !layout::is_api(uri.path());
    let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    let (_, shown) = query.iter().find(|(k, _)| is_page && k == "token")?;
    if !same(shown, token) {
        return Some(unauthorized(request));
    }
    let cookie =
        format!("{KEY}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict", key_of(token));
    let path = percent_path(uri.path());
    Some(([(header::SET_COOKIE, cookie)], Redirect::to(&path)).into_response())
}

/// A path of ours, and never `//elsewhere`.
fn percent_path(path: &str) -> String {
    let clean = path.trim_start_matches('/').replace('%', "\u{0}");
    format!("/{}", encode(&clean).replace("%00", "%"))
}

/// What stands in the cookie: it opens the pages, and does not tell the token.
fn key_of(token: &str) -> String {
    let text = format!("careloop page {token}");
    data_encoding::HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref())
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

fn misdirected(request: &Request) -> Response {
    say(
        request,
        StatusCode::MISDIRECTED_REQUEST,
        "不以此名称提供服务",
        "the hub is not called by this name",
    )
}

fn forbidden(request: &Request) -> Response {
    say(
        request,
        StatusCode::FORBIDDEN,
        "此请求来自别的网站，已拒绝",
        "this comes from a page of another site",
    )
}

fn unauthorized(request: &Request) -> Response {
    let mut answer = say(
        request,
        StatusCode::UNAUTHORIZED,
        "需要令牌：请使用值班长给您的地址打开",
        "a token is wanted: open the address you were given, which ends in `?token=…`",
    );
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

fn say(request: &Request, status: StatusCode, zh: &'static str, en: &'static str) -> Response {
    if layout::is_api(request.uri().path()) {
        return Fault::new(status, en).into_response();
    }
    let visitor = Visitor::read(request.headers(), request.uri());
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
        assert_ne!(key_of("secret"), key_of("secret2"));
    }

    #[test]
    fn a_redirect_stays_here() {
        assert_eq!(percent_path("//evil.example/"), "/evil.example/");
        assert_eq!(percent_path("/incidents/%E6%B0%B8-1"), "/incidents/%E6%B0%B8-1");
    }
}
