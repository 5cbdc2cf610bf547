//! Robots of chat groups, and push services: each wants a message in its own form, and says yes in its own
//! words. None of them tells whether a person has seen it, so a yes means *sent* (P9).

mod bark;
mod budget;
mod dingtalk;
mod feishu;
mod gotify;
mod ntfy;
mod wecom;

use std::sync::{Mutex, PoisonError};

use data_encoding::BASE64;
use ring::hmac;
use serde_json::Value;

use self::budget::Budget;
use super::http::{self, Answer, HttpError, Line, Post};
use super::{Notice, Verdict, in_short};
use crate::domain::Span;
use crate::secret::Secret;

/// A minute as services count it, by when messages arrive: one that was long under way and the next, that is
/// not, come closer together than they left. Within 60 s by our own clock 21 of 20 were once read.
const MINUTE: Span = Span::seconds(62);

/// Whose robot it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A robot of a WeCom (企业微信) group.
    Wecom,
    /// A robot of a DingTalk (钉钉) group.
    Dingtalk,
    /// A robot of a Feishu or Lark (飞书) group.
    Feishu,
    /// A topic of ntfy, on its own server or on ntfy.sh.
    Ntfy,
    /// An iPhone with Bark.
    Bark,
    /// An application of a Gotify server.
    Gotify,
}

impl Kind {
    /// Every one there is.
    pub const ALL: [Self; 6] =
        [Self::Wecom, Self::Dingtalk, Self::Feishu, Self::Ntfy, Self::Bark, Self::Gotify];

    /// Its name in `gateway.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wecom => "wecom-robot",
            Self::Dingtalk => "dingtalk-robot",
            Self::Feishu => "feishu-robot",
            Self::Ntfy => "ntfy",
            Self::Bark => "bark",
            Self::Gotify => "gotify",
        }
    }

    /// Where it is, unless the settings say otherwise. Gotify is always somebody's own.
    pub const fn url(self) -> Option<&'static str> {
        match self {
            Self::Wecom => Some("https://qyapi.weixin.qq.com"),
            Self::Dingtalk => Some("https://oapi.dingtalk.com"),
            Self::Feishu => Some("https://open.feishu.cn"),
            Self::Ntfy => Some("https://ntfy.sh"),
            Self::Bark => Some("https://api.day.app"),
            Self::Gotify => None,
        }
    }

    /// Whether it wants a key; what that is called there.
    pub const fn key(self) -> Option<&'static str> {
        match self {
            Self::Wecom => Some("the `key` of the robot's webhook address"),
            Self::Dingtalk => Some("the `access_token` of the robot's webhook address"),
            Self::Feishu => Some("the last part of the robot's webhook address"),
            Self::Gotify => Some("the token of the application"),
            Self::Ntfy | Self::Bark => None,
        }
    }

    /// Whether its requests can be signed.
    pub const fn signs(self) -> bool {
        matches!(self, Self::Dingtalk | Self::Feishu)
    }
}

/// How a robot is reached.
#[derive(Debug, Clone)]
pub struct Account {
    /// The beginning of its address: of the service itself, of a private one, or of a proxy.
    pub url: Secret,
    /// Which robot it is.
    pub key: Option<Secret>,
    /// What its requests are signed with.
    pub secret: Option<Secret>,
}

impl Account {
    /// An address below the robot's.
    fn at(&self, path: &str) -> Secret {
        http::below(&self.url, path)
    }

    fn key(&self) -> &str {
        self.key.as_ref().map_or("", Secret::reveal)
    }
}

/// One robot.
#[derive(Debug)]
pub struct Robot {
    line: Line,
    kind: Kind,
    account: Account,
    budget: Mutex<Budget>,
}

impl Robot {
    /// # Errors
    /// When the address is none.
    pub fn new(line: Line, kind: Kind, account: Account) -> Result<Self, HttpError> {
        http::check(&account.url)?;
        let budget = match kind {
            // A robot that is blocked is silent for everybody: better to be told by the budget.
            Kind::Wecom | Kind::Dingtalk => Budget::of(20, MINUTE),
            Kind::Feishu => Budget::of(100, MINUTE),
            Kind::Ntfy | Kind::Bark | Kind::Gotify => Budget::none(),
        };
        Ok(Self { line, kind, account, budget: Mutex::new(budget) })
    }

    /// One attempt.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        let (weight, now) = (notice.weight(), notice.at);
        if let Err(wait) = self.with_budget(|budget| budget.take(weight, now)) {
            let why = "its messages of this minute are used up".to_owned();
            return Verdict::Failed { why, last: false, again_in: Some(wait) };
        }
        let verdict = match self.line.post(self.post(notice), now).await {
            Ok(answer) => self.judge(&answer),
            Err(verdict) => verdict,
        };
        if let Verdict::Failed { again_in: Some(wait), .. } = &verdict {
            self.with_budget(|budget| budget.block(now + *wait));
        }
        verdict
    }

    fn with_budget<T>(&self, act: impl FnOnce(&mut Budget) -> T) -> T {
        act(&mut self.budget.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn post(&self, notice: &Notice) -> Post {
        match self.kind {
            Kind::Wecom => wecom::post(&self.account, notice),
            Kind::Dingtalk => dingtalk::post(&self.account, notice),
            Kind::Feishu => feishu::post(&self.account, notice),
            Kind::Ntfy => ntfy::post(&self.account, notice),
            Kind::Bark => bark::post(&self.account, notice),
            Kind::Gotify => gotify::post(&self.account, notice),
        }
    }

    /// What the answer to a request means that HTTP has nothing against.
    fn judge(&self, answer: &Answer) -> Verdict {
        let Ok(said) = serde_json::from_slice::<Value>(&answer.body) else {
            let said = in_short(&String::from_utf8_lossy(&answer.body));
            // A page of a proxy, or of the wrong service: nothing says that it was taken.
            return Verdict::never(format!(
                "it does not answer as {} does: {said}",
                self.kind.name()
            ));
        };
        let code = |key: &str| said.get(key).and_then(Value::as_i64);
        let meant = match self.kind {
            Kind::Wecom => wecom::meaning(code("errcode")),
            Kind::Dingtalk => dingtalk::meaning(code("errcode")),
            Kind::Feishu => feishu::meaning(code("code").or(code("StatusCode"))),
            Kind::Bark => bark::meaning(code("code")),
            Kind::Ntfy | Kind::Gotify => said.get("id").map_or(Meaning::Never, |_| Meaning::Yes),
        };
        let why = || format!("it answers: {}", in_short(&said.to_string()));
        match meant {
            Meaning::Yes => Verdict::Sent,
            Meaning::Never => Verdict::never(why()),
            Meaning::Later(again_in) => {
                let again_in = again_in.or(answer.again_in);
                Verdict::Failed { why: why(), last: false, again_in }
            }
        }
    }
}

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Yes,
    /// The same may be taken later, after so long if that is known.
    Later(Option<Span>),
    /// Somebody has to change something.
    Never,
}

/// What signs a robot's request: the key differs, the rest does not.
fn signature(key: &str, message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    BASE64.encode(hmac::sign(&key, message.as_bytes()).as_ref())
}

/// Whom a message in a group is for: a contact's address there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mention<'a> {
    Nobody,
    All,
    Mobile(&'a str),
    User(&'a str),
}

impl<'a> Mention<'a> {
    fn of(to: &'a str) -> Self {
        match to {
            "" => Self::Nobody,
            "@all" => Self::All,
            mobile if mobile.bytes().all(|b| b.is_ascii_digit() || b == b'+') => {
                Self::Mobile(mobile)
            }
            user => Self::User(user),
        }
    }
}

/// As much of a text as fits into so many bytes, in whole characters.
pub(super) fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
mod tests;
