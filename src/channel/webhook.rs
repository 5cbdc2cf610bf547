//! A request to somebody's own service, signed.
//!
//! The far side checks `careloop-signature: v1=<hex>` against HMAC-SHA256 of the shared secret over
//! `<careloop-timestamp>.<body>`, refuses old timestamps, and takes what carries a
//! `careloop-delivery` it has seen already for a repetition.

use data_encoding::HEXLOWER;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use ring::hmac;
use serde_json::Value;

use super::fill::Payload;
use super::http::{self, HttpError, Line, Post};
use super::{Notice, Verdict, in_short};
use crate::secret::Secret;

/// Where a webhook posts to, and what.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its address; it may hold a key.
    pub url: Secret,
    /// What we share with the far side; requests are not signed without it.
    pub secret: Option<Secret>,
    /// What the far side lets us in by, as `Authorization: Bearer`.
    pub token: Option<Secret>,
    /// What is posted, as a platform wants it; without it, all that is known in JSON.
    pub body: Option<Payload>,
    /// Where a platform's verdict stands in its answer; without it, where most have it.
    pub code: Option<Code>,
}

/// Where a verdict stands, and what a yes is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// A JSON pointer: `/result/code`.
    pub at: String,
    /// `0`, `0000`, `success`.
    pub good: Vec<String>,
}

/// Posts each notice as JSON.
#[derive(Debug)]
pub struct Webhook {
    line: Line,
    account: Account,
}

impl Webhook {
    /// # Errors
    /// When the address is none.
    pub fn new(line: Line, account: Account) -> Result<Self, HttpError> {
        http::check(&account.url)?;
        Ok(Self { line, account })
    }

    /// One attempt.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        let Account { url, secret, token, body, code } = &self.account;
        let body = match body {
            Some(body) => body.fill(notice),
            None => notice.to_json().to_string(),
        };
        let timestamp = notice.at.0.div_euclid(1000).to_string();
        let delivery = in_ascii(&notice.delivery.to_string());
        let mut post = Post::json(url.clone(), body)
            .with("careloop-delivery", delivery)
            .with("careloop-timestamp", timestamp.clone());
        if let Some(token) = token {
            post = post.with("authorization", format!("Bearer {}", token.reveal()));
        }
        if let Some(secret) = secret {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
            let signed = [timestamp.as_bytes(), b".", &post.body].concat();
            let tag = hmac::sign(&key, &signed);
            post = post.with("careloop-signature", format!("v1={}", HEXLOWER.encode(tag.as_ref())));
        }
        match self.line.post(post, notice.at).await {
            Ok(answer) => {
                let no = match code {
                    Some(code) => code.refusal(&answer.body),
                    None => refusal(&answer.body),
                };
                match no {
                    Some(why) => Verdict::Failed { why, last: false, again_in: answer.again_in },
                    None => Verdict::Delivered,
                }
            }
            Err(verdict) => verdict,
        }
    }
}

impl Code {
    /// What is not a yes in the right place is a no: the wrong service says yes to everything.
    fn refusal(&self, answer: &[u8]) -> Option<String> {
        let said = serde_json::from_slice::<Value>(answer).unwrap_or_default();
        let code = match said.pointer(&self.at) {
            Some(Value::String(code)) => Some(code.clone()),
            Some(code @ (Value::Number(_) | Value::Bool(_))) => Some(code.to_string()),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => None,
        };
        if code.is_some_and(|code| self.good.contains(&code)) {
            return None;
        }
        Some(format!("it answers: {}", in_short(&String::from_utf8_lossy(answer))))
    }
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

/// Names may be Chinese, headers may not.
const NOT_IN_HEADERS: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

fn in_ascii(text: &str) -> String {
    utf8_percent_encode(text, NOT_IN_HEADERS).to_string()
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
    fn a_chinese_home_has_a_header_too() {
        assert_eq!(in_ascii("王家-7/3"), "%E7%8E%8B%E5%AE%B6-7/3");
    }
}
