//! Ways to tell somebody. A channel makes one attempt and returns what the far side says became of
//! it (P9). When to try again, and by which other way, is not its affair.

use serde_json::{Value, json};

use crate::backoff::Backoff;
use crate::domain::{DeliveryId, Group, Level, Report, Span, Time};

pub mod console;
pub mod fill;
pub mod http;
pub mod mail;
pub mod modem;
pub mod mqtt;
pub mod phone;
pub mod push;
pub mod robot;
pub mod sender;
pub mod webhook;
pub mod wechat;
pub mod wecom_app;
pub mod wecom_call;
mod weixin;

pub use console::Console;
pub use mail::Mail;
pub use modem::Modem;
pub use mqtt::Mqtt;
pub use phone::Phone;
pub use push::Push;
pub use robot::Robot;
pub use webhook::Webhook;
pub use wechat::Wechat;
pub use wecom_app::WecomApp;
pub use wecom_call::WecomCall;

/// Between two attempts at one delivery, unless the far side asked for more time.
pub const ATTEMPTS: Backoff = Backoff { first: Span::seconds(1), longest: Span::seconds(60) };

/// How much of what a far side says is kept, in characters.
const SAID_MAX: usize = 200;
/// What stands for what is left out of that.
const LEFT_OUT: &str = "…";

/// One way to tell somebody, as set up in `gateway.toml`.
#[derive(Debug)]
pub enum Channel {
    /// An HTTP request to somebody's own service.
    Webhook(Webhook),
    /// A robot of a chat group, or a push service.
    Robot(Robot),
    /// A text message or a call.
    Phone(Phone),
    /// A message of an application to each person.
    WecomApp(WecomApp),
    /// A call by WeCom.
    WecomCall(WecomCall),
    /// A subscribe message of WeChat.
    Wechat(Wechat),
    /// An e-mail.
    Mail(Mail),
    /// A text message by a modem.
    Modem(Modem),
    /// A message to a browser.
    Push(Push),
    /// A message to somebody's topic.
    Mqtt(Mqtt),
    /// A line of text.
    Console(Console),
}

impl Channel {
    /// One attempt. Takes a bounded time: at most 30 s, or as long as a telephone rings.
    pub async fn tell(&self, notice: &Notice) -> Verdict {
        // An address is for the pages; what a verdict says is for logs and the record.
        self.attempt(notice).await.without(&notice.to)
    }

    async fn attempt(&self, notice: &Notice) -> Verdict {
        match self {
            Self::Webhook(webhook) => webhook.tell(notice).await,
            Self::Robot(robot) => robot.tell(notice).await,
            Self::Phone(phone) => phone.tell(notice).await,
            Self::WecomApp(app) => app.tell(notice).await,
            Self::WecomCall(call) => call.tell(notice).await,
            Self::Wechat(wechat) => wechat.tell(notice).await,
            Self::Mail(mail) => mail.tell(notice).await,
            Self::Modem(modem) => modem.tell(notice).await,
            Self::Push(push) => push.tell(notice).await,
            Self::Mqtt(mqtt) => mqtt.tell(notice).await,
            Self::Console(console) => console.tell(notice),
        }
    }

    /// Whether an attempt may be made again by this way although nobody knows what became of it. A telephone
    /// that has rung is not called a second time for that, nor is a second of few messages spent on it: the
    /// ladder goes on by other ways.
    pub const fn may_repeat(&self) -> bool {
        !matches!(self, Self::Phone(_) | Self::WecomCall(_) | Self::Wechat(_) | Self::Modem(_))
    }

    /// Whether an attempt takes as long as a telephone rings, or a modem sends.
    pub const fn rings(&self) -> bool {
        matches!(self, Self::WecomCall(_) | Self::Modem(_))
    }
}

/// What somebody is to be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Stays the same over all attempts, so that the far side can recognise a repetition.
    pub delivery: DeliveryId,
    /// The contact's address within the channel; may be empty.
    pub to: String,
    /// Everything a far side may show; an object.
    pub body: Value,
    /// One line for a lock screen, without names.
    pub text: String,
    /// Wall time of this attempt.
    pub at: Time,
}

impl Notice {
    /// How much hangs on it: what does not say is taken for urgent.
    pub fn level(&self) -> Level {
        let level = self.body.get("level").and_then(Value::as_str);
        level.and_then(|level| level.parse().ok()).unwrap_or(Level::Urgent)
    }

    /// How much of a budget it may take: by [`Group::weight`].
    pub fn weight(&self) -> Level {
        let group = self.body.get("group").and_then(Value::as_str);
        let group = group.and_then(|group| group.parse::<Group>().ok());
        group.map_or(self.level(), |group| group.weight(self.level()))
    }

    /// Where its page is, if people can get there: the shortest way from a message to a tap.
    pub fn link(&self) -> Option<&str> {
        self.body.get("link").and_then(Value::as_str)
    }

    /// The line, and below it where its page is, in at most so many bytes: what gives way is the line.
    pub fn text_and_link(&self, bytes: usize) -> String {
        match self.link() {
            Some(link) => {
                let room = bytes.saturating_sub(link.len() + 1);
                format!("{}\n{link}", robot::cut(&self.text, room))
            }
            None => robot::cut(&self.text, bytes).to_owned(),
        }
    }

    /// What stands above the line in a mail or a push: how urgent, and which.
    pub fn heading(&self) -> String {
        let heading = self.body.get("heading").and_then(Value::as_str);
        heading.map_or_else(|| self.delivery.incident.to_string(), str::to_owned)
    }

    /// As a far side that reads JSON gets it: the body's own keys, and `delivery`, `to`, `text`, `at`.
    pub fn to_json(&self) -> Value {
        let mut all = serde_json::Map::new();
        if let Value::Object(body) = &self.body {
            all.clone_from(body);
        }
        all.insert("delivery".to_owned(), json!(self.delivery.to_string()));
        all.insert("to".to_owned(), json!(self.to));
        all.insert("text".to_owned(), json!(self.text));
        all.insert("at".to_owned(), json!(self.at.to_string()));
        Value::Object(all)
    }
}

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The far side took it.
    Sent,
    /// The far side did with it what was asked.
    Delivered,
    /// It did not go out.
    Failed {
        /// What the far side said, without addresses or secrets.
        why: String,
        /// It never will; a person has to change something.
        last: bool,
        /// The far side asked for this much patience.
        again_in: Option<Span>,
    },
    /// It may or may not have gone out.
    Unknown {
        /// What happened.
        why: String,
    },
}

impl Verdict {
    /// It did not go out now; the same may go out later.
    pub fn later(why: impl Into<String>) -> Self {
        Self::Failed { why: why.into(), last: false, again_in: None }
    }

    /// It did not go out, and the same never will.
    pub fn never(why: impl Into<String>) -> Self {
        Self::Failed { why: why.into(), last: true, again_in: None }
    }
}

impl Verdict {
    /// The same, which does not repeat this address.
    fn without(self, to: &str) -> Self {
        // One of a letter or two is a part of many words.
        let hide = |why: String| if to.len() < 3 { why } else { why.replace(to, LEFT_OUT) };
        match self {
            Self::Sent | Self::Delivered => self,
            Self::Failed { why, last, again_in } => Self::Failed { why: hide(why), last, again_in },
            Self::Unknown { why } => Self::Unknown { why: hide(why) },
        }
    }
}

impl From<Verdict> for Report {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Sent => Self::Sent,
            Verdict::Delivered => Self::Delivered,
            Verdict::Failed { why, last, again_in: _ } => Self::Failed { why, last },
            Verdict::Unknown { why } => Self::Unknown { why },
        }
    }
}

/// What a far side said, on one line and not too long. Some repeat what they were asked, with keys, signatures and
/// numbers: what looks like one of these is left out.
fn in_short(said: &str) -> String {
    let line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    let (mut shown, mut word) = (String::new(), String::new());
    for c in line.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || "+/=_%-".contains(c) {
            word.push(c);
            continue;
        }
        shown.push_str(if is_opaque(&word) { LEFT_OUT } else { &word });
        word.clear();
        shown.push(c);
    }
    shown.trim_end().chars().take(SAID_MAX).collect()
}

/// A key, a signature or a telephone number, by its looks. Codes of errors are words, or short.
fn is_opaque(word: &str) -> bool {
    let has = |what: fn(char) -> bool| word.contains(what);
    let is_key = 12 <= word.len() && has(|c| c.is_ascii_digit() || "+=%".contains(c));
    let mut runs = word.split(|c: char| !c.is_ascii_digit());
    is_key || runs.any(|digits| 7 <= digits.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_far_side_repeats_of_keys_and_numbers_is_left_out() {
        for (said, shown) in [
            (
                "{\"errcode\":310000,\"errmsg\":\"sign not match\"}",
                "{\"errcode\":310000,\"errmsg\":\"sign not match\"}",
            ),
            ("isv.BUSINESS_LIMIT_CONTROL", "isv.BUSINESS_LIMIT_CONTROL"),
            (
                "LimitExceeded.PhoneNumberThirtySecondLimit",
                "LimitExceeded.PhoneNumberThirtySecondLimit",
            ),
            ("no such number: +8613800000000\n", "no such number: …"),
            ("to sign: POST&%2F&AccessKeyId%3DLTAI4", "to sign: POST&%2F&…"),
            ("key 693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa is none", "key … is none"),
            ("Signature=iK9eW9jtGBT4TttaiEbfCz5U5QFsyS", "…"),
        ] {
            assert_eq!(in_short(said), shown);
        }
        let verdict = Verdict::never("`zhangsan` is unknown").without("zhangsan");
        assert_eq!(verdict, Verdict::never("`…` is unknown"));
    }
}
