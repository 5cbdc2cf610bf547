//! One attempt over HTTP: what every channel that posts to somebody's service shares. It says what became
//! of the line; what the service answered is judged by whoever speaks its language.

use std::path::Path;
use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, redirect, retry};
use serde_json::Value;

use super::{Verdict, in_short};
use crate::domain::{Span, Time};
use crate::secret::Secret;
use crate::tls::{self, TlsError};

/// How long one attempt may take unless the settings say otherwise.
pub const WITHIN: Duration = Duration::from_secs(10);

/// How long to wait for the line to stand.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// How much of an answer is read, in bytes; a verdict stands at its beginning.
const ANSWER_MAX: usize = 64 * 1024;

/// A channel over HTTP that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address; it is not repeated here, as it may hold a key.
    #[error("the channel's url is not an address such as `https://example.org/hook`")]
    Url,
    /// The certificates.
    #[error("cannot set up the channel's encryption")]
    Tls(#[from] TlsError),
    /// The client; a fault of ours.
    #[error("cannot set up the channel's client")]
    Client(#[from] reqwest::Error),
}

/// A line to somebody's service.
#[derive(Debug)]
pub struct Line(Client);

/// What is posted.
#[derive(Debug)]
pub struct Post {
    /// Where to; a secret, because many services put the key into it.
    pub url: Secret,
    /// With the type of the body.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Post {
    /// A body in JSON.
    pub fn json(url: Secret, body: String) -> Self {
        Self { url, headers: Vec::new(), body: body.into_bytes() }
            .with("content-type", "application/json".to_owned())
    }

    /// And this header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// What stands in an address or a form as it is (RFC 3986): letters, digits and `-_.~`.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as it may stand in an address or a form.
pub(super) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// An address below this one.
pub(super) fn below(url: &Secret, path: &str) -> Secret {
    format!("{}{path}", url.reveal().trim_end_matches('/')).into()
}

/// What the far side said when it took the request.
#[derive(Debug)]
pub struct Answer {
    /// What it said.
    pub body: Vec<u8>,
    /// It asked for this much patience.
    pub again_in: Option<Span>,
}

impl Answer {
    /// What it said, if it speaks JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// What it said, as the reason of a failure.
    pub(super) fn why(&self) -> String {
        format!("it answers: {}", in_short(&String::from_utf8_lossy(&self.body)))
    }
}

/// Whether this is an address of the web. An error does not repeat it, as it may hold a key.
///
/// # Errors
/// [`HttpError::Url`] if it is none.
pub fn check(url: &Secret) -> Result<(), HttpError> {
    let url = Url::parse(url.reveal()).map_err(|_may_hold_a_key| HttpError::Url)?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if is_web { Ok(()) } else { Err(HttpError::Url) }
}

impl Line {
    /// Prepares the client; connects to nothing. `ca_file`: a PEM file with authorities to trust besides
    /// the public ones. `within`: how long one attempt may take; see [`WITHIN`].
    ///
    /// # Errors
    /// When the file of certificates cannot be used.
    pub fn new(ca_file: Option<&Path>, within: Duration) -> Result<Self, HttpError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client(ca_file)?)
            .no_proxy()
            // A redirected POST would arrive as a GET, or at somebody else.
            .redirect(redirect::Policy::none())
            // Attempts are counted by whoever calls us.
            .retry(retry::never())
            // On a line kept open, a request lost with the line has an unknown fate.
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_WITHIN.min(within / 2))
            .timeout(within)
            .user_agent("careloop")
            .build()?;
        Ok(Self(client))
    }

    /// Posts it. An error is the verdict: the line broke, or the far side refused it as HTTP does.
    pub(super) async fn post(&self, post: Post, now: Time) -> Result<Answer, Verdict> {
        let mut request = self.0.post(post.url.reveal());
        for (name, value) in post.headers {
            request = request.header(name, value);
        }
        answer(request.body(post.body), now).await
    }

    /// Asks for what stands there.
    pub(super) async fn get(&self, url: &Secret, now: Time) -> Result<Answer, Verdict> {
        answer(self.0.get(url.reveal()), now).await
    }
}

async fn answer(request: RequestBuilder, now: Time) -> Result<Answer, Verdict> {
    let mut response = request.send().await.map_err(lost)?;
    let (status, again_in) = (response.status(), again_in(response.headers(), now));
    let answer = read(&mut response).await;
    if status.is_success() {
        // Whether it was a yes stands in what did not come.
        let cut = |e: reqwest::Error| format!("the answer was cut off: {}", e.without_url());
        let body = answer.map_err(|e| Verdict::Unknown { why: cut(e) })?;
        return Ok(Answer { body, again_in });
    }
    let said = answer.map(|a| in_short(&String::from_utf8_lossy(&a))).unwrap_or_default();
    let why = format!("HTTP {}: {said}", status.as_u16());
    Err(Verdict::Failed { why, last: !passes(status), again_in })
}

/// Whether the same may be taken later.
fn passes(status: StatusCode) -> bool {
    let is_busy =
        [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    status.is_server_error() || is_busy.contains(&status)
}

/// The line, not the far side, has spoken.
fn lost(error: reqwest::Error) -> Verdict {
    let (connect, builder, timeout) = (error.is_connect(), error.is_builder(), error.is_timeout());
    let why = tls::in_full(&error.without_url());
    if builder {
        return Verdict::never(format!("the request cannot be made: {why}"));
    }
    if connect {
        return Verdict::later(format!("cannot connect: {why}"));
    }
    if timeout {
        return Verdict::Unknown { why: "no answer in time after it was sent".to_owned() };
    }
    Verdict::Unknown { why: format!("the line was cut after it was sent: {why}") }
}

async fn read(response: &mut Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut answer = Vec::new();
    while let Some(more) = response.chunk().await? {
        answer.extend_from_slice(&more);
        if ANSWER_MAX < answer.len() {
            break;
        }
    }
    Ok(answer)
}

/// `Retry-After`, in seconds or as a date.
fn again_in(headers: &HeaderMap, now: Time) -> Option<Span> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Span::seconds(seconds.into()));
    }
    let date = DateTimeParser::new().parse_timestamp(text).ok()?;
    Some((Time(date.as_millisecond()) - now).max(Span::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_asked_for_in_seconds_or_by_date() {
        let now: Time = "2026-01-31T02:10:00Z".parse().unwrap();
        let asked = |text: &str| {
            let headers = [(RETRY_AFTER, text.parse().unwrap())].into_iter().collect();
            again_in(&headers, now)
        };
        assert_eq!(asked("120"), Some(Span::seconds(120)));
        assert_eq!(asked("Sat, 31 Jan 2026 02:10:30 GMT"), Some(Span::seconds(30)));
        assert_eq!(asked("Sat, 31 Jan 2026 01:00:00 GMT"), Some(Span::ZERO));
        assert_eq!(asked("soon"), None);
    }

    #[test]
    fn a_wrong_address_is_refused_and_not_repeated() {
        for wrong in ["", "example.org", "ftp://key@example.org", "mailto:key@example.org"] {
            let error = check(&wrong.to_owned().into()).unwrap_err().to_string();
            assert!(error.contains("channel's url") && !error.contains("key"), "{error}");
        }
    }
}
