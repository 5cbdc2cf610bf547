//! An application of WeCom (企业微信): a message to each person by themselves.

use serde_json::{Value, json};

use super::http::{HttpError, Line};
use super::weixin::{self, Asks, Weixin};
use super::{Notice, Verdict};
use crate::secret::Secret;

/// Where it is, unless the settings say otherwise.
pub const URL: &str = "https://qyapi.weixin.qq.com";

/// A text is no longer, in bytes.
const TEXT_MAX: usize = 2048;
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
    weixin: Weixin,
    agent: i64,
}

impl WecomApp {
    /// # Errors
    /// When the address is none.
    pub fn new(line: Line, account: Account) -> Result<Self, HttpError> {
        let Account { url, corp, key, agent } = account;
        let asks = Asks::wecom(&url, &corp, &key);
        Ok(Self { weixin: Weixin::new(line, url, asks)?, agent })
    }

    /// One attempt.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        if notice.to.is_empty() {
            return Verdict::never("the contact's `to` is empty: whom to tell in WeCom?");
        }
        let body = json!({
            "touser": notice.to,
            "msgtype": "text",
            "agentid": self.agent,
            "text": { "content": notice.text_and_link(TEXT_MAX) },
            "enable_duplicate_check": 1,
            "duplicate_check_interval": REPETITION,
        });
        let answer = match self.weixin.post("/cgi-bin/message/send", &body, notice.at).await {
            Ok(answer) => answer,
            Err(verdict) => return verdict,
        };
        let said = answer.json();
        // Taken, but for whom it does not know, or who may not use the application.
        let lacks = |key| said.get(key).and_then(Value::as_str).is_some_and(|who| !who.is_empty());
        match weixin::code(&said) {
            Some(0) if ["invaliduser", "unlicenseduser"].into_iter().any(lacks) => {
                Verdict::never(answer.why())
            }
            Some(0) => Verdict::Sent,
            // 60020: this address may not; 60111, 81013: no such person.
            Some(_) | None => weixin::refusal(&answer),
        }
    }
}
