//! An application of WeCom (企业微信): a message to each person by themselves, with a token that holds for
//! two hours.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::http::{self, HttpError, Line, Post, escaped};
use super::{Notice, Verdict, in_short};
use crate::domain::{Span, Time};
use crate::secret::Secret;

/// Where it is, unless the settings say otherwise.
pub const URL: &str = "https://qyapi.weixin.qq.com";

/// A token is not used for longer than it holds, less this.
const MARGIN: Span = Span::minutes(5);
/// The same text to the same person within half an hour is a repetition to the service.
const REPETITION: i64 = 1800;

/// Which application.
#[derive(Debug, Clone)]
pub struct Account {
    /// Of the service itself, of a private one, or of a proxy.
    pub url: Secret,
    /// `corpid`.
    pub corp: String,
    /// `corpsecret`.
    pub key: Secret,
    /// `agentid`.
    pub agent: i64,
}

/// One application.
#[derive(Debug)]
pub struct WecomApp {
    line: Line,
    account: Account,
    /// The token, and until when it is good.
    token: Mutex<Option<(Secret, Time)>>,
}

impl WecomApp {
    /// # Errors
    /// When the address is none.
    pub fn new(line: Line, account: Account) -> Result<Self, HttpError> {
        http::check(&account.url)?;
        Ok(Self { line, account, token: Mutex::new(None) })
    }

    /// One attempt. A token that the service has given up before its time is renewed once.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        if notice.to.is_empty() {
            return Verdict::never("the contact's `to` is empty: whom to tell in WeCom?");
        }
        for _ in 0..2 {
            let token = match self.token(notice.at).await {
                Ok(token) => token,
                Err(verdict) => return verdict,
            };
            match self.send(&token, notice).await {
                Ok(verdict) => return verdict,
                Err(Gone) => self.keep(None),
            }
        }
        Verdict::later("it does not take the token that it has just given")
    }

    async fn token(&self, now: Time) -> Result<Secret, Verdict> {
        let kept = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((token, _)) = kept.filter(|(_, until)| now < *until) {
            return Ok(token);
        }
        let (corp, key) = (escaped(&self.account.corp), escaped(self.account.key.reveal()));
        let url = self.at(&format!("/cgi-bin/gettoken?corpid={corp}&corpsecret={key}"));
        let answer = self.line.get(&url, now).await?;
        let said = answer.json();
        let token = said.get("access_token").and_then(Value::as_str);
        let code = code(&said);
        match token.filter(|_| code == Some(0)) {
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
                    Some(-1 | 45009) => Verdict::later(why),
                    Some(_) | None => Verdict::never(why),
                })
            }
        }
    }

    fn keep(&self, token: Option<(Secret, Time)>) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    async fn send(&self, token: &Secret, notice: &Notice) -> Result<Verdict, Gone> {
        let body = json!({
            "touser": notice.to,
            "msgtype": "text",
            "agentid": self.account.agent,
            "text": { "content": notice.text },
            "enable_duplicate_check": 1,
            "duplicate_check_interval": REPETITION,
        });
        let url = self.at(&format!("/cgi-bin/message/send?access_token={}", token.reveal()));
        let answer = match self.line.post(Post::json(url, body.to_string()), notice.at).await {
            Ok(answer) => answer,
            Err(verdict) => return Ok(verdict),
        };
        let said = answer.json();
        let stranger =
            said.get("invaliduser").and_then(Value::as_str).is_some_and(|u| !u.is_empty());
        Ok(match code(&said) {
            // Taken, but for whom it does not know.
            Some(0) if stranger => Verdict::never(answer.why()),
            Some(0) => Verdict::Sent,
            Some(40001 | 40014 | 42001) => return Err(Gone),
            Some(-1) => Verdict::later(answer.why()),
            Some(45009 | 45033) => Verdict::Failed {
                why: answer.why(),
                last: false,
                again_in: Some(Span::seconds(65)),
            },
            // 60020: this address may not; 60111, 81013: no such person.
            Some(_) | None => Verdict::never(answer.why()),
        })
    }

    fn at(&self, path: &str) -> Secret {
        http::below(&self.account.url, path)
    }
}

/// The token is not good any more.
struct Gone;

fn code(said: &Value) -> Option<i64> {
    said.get("errcode")?.as_i64()
}

fn without_token(mut said: Value) -> Value {
    if let Some(fields) = said.as_object_mut() {
        fields.remove("access_token");
    }
    said
}
