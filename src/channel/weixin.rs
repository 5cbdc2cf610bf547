//! What the two services of Weixin share, WeCom (企业微信) and WeChat (微信): a token that holds for two hours, and
//! a code in the body that says what became of a request.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::http::{self, Answer, HttpError, Line, Post, escaped};
use super::{Verdict, in_short};
use crate::domain::{Span, Time};
use crate::secret::Secret;

/// A token is not used for longer than it holds, less this.
const MARGIN: Span = Span::minutes(5);

/// How a token is asked for.
#[derive(Debug, Clone)]
pub(super) enum Asks {
    /// At an address that holds the secret.
    Get(Secret),
    /// By a body that holds the secret.
    Post(Secret, Secret),
}

impl Asks {
    /// As an application of WeCom does.
    pub(super) fn wecom(url: &Secret, corp: &str, key: &Secret) -> Self {
        let (corp, key) = (escaped(corp), escaped(key.reveal()));
        let path = format!("/cgi-bin/gettoken?corpid={corp}&corpsecret={key}");
        Self::Get(http::below(url, &path))
    }
}

/// A line to the service, with the token that it wants.
#[derive(Debug)]
pub(super) struct Weixin {
    line: Line,
    url: Secret,
    asks: Asks,
    /// The token, and until when it is good.
    token: Mutex<Option<(Secret, Time)>>,
}

impl Weixin {
    /// # Errors
    /// When the address is none.
    pub(super) fn new(line: Line, url: Secret, asks: Asks) -> Result<Self, HttpError> {
        http::check(&url)?;
        Ok(Self { line, url, asks, token: Mutex::new(None) })
    }

    /// Posts it. A token that the service has given up before its time is renewed once.
    pub(super) async fn post(
        &self,
        path: &str,
        body: &Value,
        now: Time,
    ) -> Result<Answer, Verdict> {
        for _ in 0..2 {
            let token = self.token(now).await?;
            let path = format!("{path}?access_token={}", token.reveal());
            let post = Post::json(http::below(&self.url, &path), body.to_string());
            let answer = self.line.post(post, now).await?;
            if !matches!(code(&answer.json()), Some(40001 | 40014 | 42001)) {
                return Ok(answer);
            }
            self.keep(None);
        }
        Err(Verdict::later("it does not take the token that it has just given"))
    }

    async fn token(&self, now: Time) -> Result<Secret, Verdict> {
        let kept = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((token, _)) = kept.filter(|(_, until)| now < *until) {
            return Ok(token);
        }
        let answer = match &self.asks {
            Asks::Get(url) => self.line.get(url, now).await?,
            Asks::Post(url, body) => {
                let post = Post::json(url.clone(), body.reveal().to_owned());
                self.line.post(post, now).await?
            }
        };
        let said = answer.json();
        let token = said.get("access_token").and_then(Value::as_str);
        let code = code(&said);
        match token.filter(|_| matches!(code, Some(0) | None)) {
            Some(token) => {
                let token = Secret::from(token.to_owned());
                let lasts = said.get("expires_in").and_then(Value::as_i64).unwrap_or(0);
                self.keep(Some((token.clone(), now + Span::seconds(lasts) - MARGIN)));
                Ok(token)
            }
            None => {
                let why =
                    format!("it gives no token: {}", in_short(&without_token(said).to_string()));
                Err(match code {
                    Some(-1 | 45009 | 45011) => Verdict::later(why),
                    Some(_) | None => Verdict::never(why),
                })
            }
        }
    }

    fn keep(&self, token: Option<(Secret, Time)>) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

/// What the answer says became of the request; 0 is a yes.
pub(super) fn code(said: &Value) -> Option<i64> {
    said.get("errcode")?.as_i64()
}

/// What a code that is no yes means, wherever it comes from. What is not known here somebody has to change.
pub(super) fn refusal(answer: &Answer) -> Verdict {
    match code(&answer.json()) {
        Some(-1) => Verdict::later(answer.why()),
        // Too often: the minute is over after this long.
        Some(45009 | 45011 | 45033) => {
            Verdict::Failed { why: answer.why(), last: false, again_in: Some(Span::seconds(65)) }
        }
        Some(_) | None => Verdict::never(answer.why()),
    }
}

fn without_token(mut said: Value) -> Value {
    if let Some(fields) = said.as_object_mut() {
        fields.remove("access_token");
    }
    said
}
