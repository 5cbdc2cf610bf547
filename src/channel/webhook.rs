//! An HTTP request to somebody's service, signed.
//!
//! The far side checks `careloop-signature: v1=<hex>` against HMAC-SHA256 of the shared secret over
//! `<careloop-timestamp>.<body>`, refuses old timestamps, and takes what carries a
//! `careloop-delivery` it has seen already for a repetition.

use std::path::PathBuf;
use std::time::Duration;

use data_encoding::HEXLOWER;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect, retry};
use ring::hmac;
use serde_json::Value;

use super::{Notice, Verdict, in_short};
use crate::domain::{Span, Time};
use crate::secret::Secret;
use crate::tls::{self, TlsError};

/// How long one attempt may take unless the settings say otherwise.
pub const WITHIN: Duration = Duration::from_secs(10);

/// How long to wait for the line to stand.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// How much of an answer is read, in bytes; a verdict stands at its beginning.
const ANSWER_MAX: usize = 64 * 1024;

/// One far side.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to; a secret, because many services put the key into it.
    pub url: Secret,
    /// What we share with the far side; requests are not signed without it.
    pub secret: Option<Secret>,
    /// A PEM file with authorities to trust besides the public ones.
    pub ca_file: Option<PathBuf>,
    /// How long one attempt may take; see [`WITHIN`].
    pub within: Duration,
}

/// A webhook that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The address; it is not repeated here, as it may hold a key.
    #[error("the webhook's url is not an address such as `https://example.org/hook`")]
    Url,
    /// The certificates.
    #[error("cannot set up the webhook's encryption")]
    Tls(#[from] TlsError),
    /// The client; a fault of ours.
    #[error("cannot set up the webhook's client")]
    Client(#[from] reqwest::Error),
}

/// Posts each notice as JSON.
#[derive(Debug)]
pub struct Webhook {
    client: Client,
    url: Secret,
    secret: Option<Secret>,
}

impl Webhook {
    /// Checks the settings and prepares the client; connects to nothing.
    ///
    /// # Errors
    /// When the address or the file of certificates cannot be used.
    pub fn new(settings: Settings) -> Result<Self, WebhookError> {
        let url = Url::parse(settings.url.reveal()).map_err(|_may_hold_a_key| WebhookError::Url)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(WebhookError::Url);
        }
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client(settings.ca_file.as_deref())?)
            .no_proxy()
            // A redirected POST would arrive as a GET, or at somebody else.
            .redirect(redirect::Policy::none())
            // Attempts are counted by whoever calls us.
            .retry(retry::never())
            // On a line kept open, a request lost with the line has an unknown fate.
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_WITHIN.min(settings.within / 2))
            .timeout(settings.within)
            .user_agent("careloop")
            .build()?;
        Ok(Self { client, url: settings.url, secret: settings.secret })
    }

    /// One attempt.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        let body = notice.to_json().to_string();
        let timestamp = notice.at.0.div_euclid(1000).to_string();
        let mut request = self
            .client
            .post(self.url.reveal())
            .header(CONTENT_TYPE, "application/json")
            .header("careloop-delivery", in_ascii(&notice.delivery.to_string()))
            .header("careloop-timestamp", &timestamp);
        if let Some(secret) = &self.secret {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
            let tag = hmac::sign(&key, format!("{timestamp}.{body}").as_bytes());
            request = request
                .header("careloop-signature", format!("v1={}", HEXLOWER.encode(tag.as_ref())));
        }
        match request.body(body).send().await {
            Ok(response) => judge(response, notice.at).await,
            Err(e) => lost(e),
        }
    }
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

async fn judge(mut response: Response, now: Time) -> Verdict {
    let status = response.status();
    let again_in = again_in(response.headers(), now);
    let answer = read(&mut response).await;
    if !status.is_success() {
        let said =
            answer.map_or_else(|_| String::new(), |a| in_short(&String::from_utf8_lossy(&a)));
        let why = format!("HTTP {}: {said}", status.as_u16());
        let passes = status.is_server_error()
            || matches!(
                status,
                StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
            );
        return Verdict::Failed { why, last: !passes, again_in };
    }
    match answer {
        // Whether it was a yes stands in what did not come.
        Err(e) => Verdict::Unknown { why: format!("the answer was cut off: {}", e.without_url()) },
        Ok(answer) => match refusal(&answer) {
            Some(why) => Verdict::Failed { why, last: false, again_in },
            None => Verdict::Delivered,
        },
    }
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

/// Many services say "200 OK" to whatever they refuse; the truth stands in the body.
fn refusal(answer: &[u8]) -> Option<String> {
    let Ok(Value::Object(answer)) = serde_json::from_slice(answer) else { return None };
    let says_no = answer.iter().any(|(key, value)| match key.as_str() {
        "errcode" | "code" | "Code" | "StatusCode" => !is_good_code(value),
        "ok" | "success" => *value == false || *value == "false" || *value == 0,
        "error" => !matches!(value, Value::Null | Value::Bool(false)) && *value != "",
        _ => false,
    });
    says_no.then(|| format!("it answers: {}", in_short(&Value::Object(answer).to_string())))
}

/// `0` nearly everywhere, `"0000"` at the grids, `200` at `PushPlus`, `"OK"` at Aliyun.
fn is_good_code(code: &Value) -> bool {
    match code {
        Value::Null => true,
        Value::Number(n) => matches!(n.as_i64(), Some(0 | 200)),
        Value::String(text) => {
            text.eq_ignore_ascii_case("ok")
                || text.eq_ignore_ascii_case("success")
                || text == "200"
                || text.chars().all(|c| c == '0')
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
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

/// Names may be Chinese, headers may not: `%` and two digits for each byte that is not ASCII.
fn in_ascii(text: &str) -> String {
    let byte = |b: u8| {
        if b.is_ascii_graphic() && b != b'%' {
            char::from(b).to_string()
        } else {
            format!("%{b:02X}")
        }
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_200_is_believed_only_when_its_body_does_not_say_no() {
        for yes in [
            "",
            "ok",
            "<html>",
            "[1]",
            "{}",
            r#"{"errcode":0,"errmsg":"ok"}"#,
            r#"{"code":0,"msg":"success","data":{}}"#,
            r#"{"code":"0000","message":null,"data":[]}"#,
            r#"{"code":200,"msg":"请求成功"}"#,
            r#"{"Code":"OK","BizId":"1"}"#,
            r#"{"ok":true}"#,
            r#"{"success":true,"error":null}"#,
            r#"{"error":false}"#,
        ] {
            assert_eq!(refusal(yes.as_bytes()), None, "{yes}");
        }
        for no in [
            r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#,
            r#"{"errcode":-1}"#,
            r#"{"errcode":"310000"}"#,
            r#"{"code":19024,"msg":"keyword"}"#,
            r#"{"code":"1001"}"#,
            r#"{"StatusCode":1}"#,
            r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL"}"#,
            r#"{"ok":false}"#,
            r#"{"success":false}"#,
            r#"{"success":"false"}"#,
            r#"{"error":"no such room"}"#,
            r#"{"error":{"code":1}}"#,
        ] {
            assert!(refusal(no.as_bytes()).is_some(), "{no}");
        }
    }

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
    fn a_chinese_home_has_a_header_too() {
        assert_eq!(in_ascii("王家-7/3"), "%E7%8E%8B%E5%AE%B6-7/3");
    }

    #[test]
    fn a_wrong_address_is_refused_and_not_repeated() {
        for wrong in ["", "example.org", "ftp://key@example.org", "mailto:key@example.org"] {
            let url = wrong.to_owned().into();
            let settings = Settings { url, secret: None, ca_file: None, within: WITHIN };
            let error = Webhook::new(settings).unwrap_err().to_string();
            assert!(error.contains("webhook's url") && !error.contains("key"), "{error}");
        }
    }
}
