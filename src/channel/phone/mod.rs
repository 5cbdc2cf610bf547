//! Text messages and calls through a telephone company's service. What they say is written in a template that
//! the company has approved beforehand, so only a few short words of ours go into it: the case and how urgent
//! it is. No names, no diagnoses, no addresses.
//!
//! None of these services knows a repetition when it sees one. An attempt whose fate is unknown is therefore
//! not made again by the same way.

mod aliyun;
mod tencent;

use super::fill::Place;
use super::http::{self, HttpError, Line, Post};
use super::{Notice, Verdict};
use crate::domain::Span;
use crate::secret::Secret;
use crate::template::Template;

/// What may be put into a template: variables are short, and hold no names.
pub const PLACES: &[Place] = &[Place::Case, Place::Level];

/// Whose service it is, and whether it writes or calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Aliyun, a text message.
    AliyunSms,
    /// Aliyun, a call.
    AliyunVoice,
    /// Tencent, a text message.
    TencentSms,
    /// Tencent, a call.
    TencentVoice,
}

impl Kind {
    /// Every one there is.
    pub const ALL: [Self; 4] =
        [Self::AliyunSms, Self::AliyunVoice, Self::TencentSms, Self::TencentVoice];

    /// Its name in `gateway.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AliyunSms => "aliyun-sms",
            Self::AliyunVoice => "aliyun-voice",
            Self::TencentSms => "tencent-sms",
            Self::TencentVoice => "tencent-voice",
        }
    }

    /// Where it is, unless the settings say otherwise.
    pub const fn url(self) -> &'static str {
        match self {
            Self::AliyunSms => "https://dysmsapi.aliyuncs.com",
            Self::AliyunVoice => "https://dyvmsapi.aliyuncs.com",
            Self::TencentSms => "https://sms.tencentcloudapi.com",
            Self::TencentVoice => "https://vms.tencentcloudapi.com",
        }
    }

    /// Whether it calls.
    pub const fn calls(self) -> bool {
        matches!(self, Self::AliyunVoice | Self::TencentVoice)
    }

    /// Whether it is Tencent's.
    pub const fn is_tencent(self) -> bool {
        matches!(self, Self::TencentSms | Self::TencentVoice)
    }
}

/// An account with such a service.
#[derive(Debug, Clone)]
pub struct Account {
    /// Of the service itself, or of a proxy.
    pub url: Secret,
    /// The public half of the key: `AccessKeyId`, `SecretId`.
    pub key_id: String,
    /// The secret half.
    pub key: Secret,
    /// The number of the application there; Tencent's.
    pub app: String,
    /// The name that stands at the beginning of a message; of a text message.
    pub sign: String,
    /// The number that a call shows; Aliyun's, and empty for any.
    pub show: String,
    /// The approved template.
    pub template: String,
    /// What is put into it, in order: its name there, and what stands for it.
    pub params: Vec<(String, Template<Place>)>,
}

impl Account {
    /// What is put into the template.
    fn params<'a>(&'a self, notice: &'a Notice) -> impl Iterator<Item = (&'a str, String)> {
        let fill = |text: &Template<Place>| text.fill(|place| notice.at_place(place));
        self.params.iter().map(move |(name, text)| (name.as_str(), fill(text)))
    }
}

/// One account.
#[derive(Debug)]
pub struct Phone {
    line: Line,
    kind: Kind,
    account: Account,
}

impl Phone {
    /// # Errors
    /// When the address is none.
    pub fn new(line: Line, kind: Kind, account: Account) -> Result<Self, HttpError> {
        http::check(&account.url)?;
        Ok(Self { line, kind, account })
    }

    /// One attempt.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        let answer = match self.line.post(self.post(notice), notice.at).await {
            Ok(answer) => answer,
            Err(verdict) => return verdict,
        };
        let said = answer.json();
        let code = if self.kind.is_tencent() { tencent::code(&said) } else { aliyun::code(&said) };
        if code.is_some_and(|code| code.eq_ignore_ascii_case("ok")) {
            return Verdict::Sent;
        }
        let again_in = code.and_then(patience);
        Verdict::Failed { why: answer.why(), last: again_in.is_none(), again_in }
    }

    fn post(&self, notice: &Notice) -> Post {
        if self.kind.is_tencent() {
            tencent::post(self.kind, &self.account, notice)
        } else {
            aliyun::post(self.kind, &self.account, notice)
        }
    }
}

/// How long to wait after this code; `None` if somebody has to change something.
fn patience(code: &str) -> Option<Span> {
    match code {
        // More than the number may get in a minute, or an hour.
        "isv.BUSINESS_LIMIT_CONTROL"
        | "LimitExceeded.PhoneNumberThirtySecondLimit"
        | "LimitExceeded.DeliveryFrequencyLimit" => Some(Span::minutes(1)),
        "LimitExceeded.PhoneNumberOneHourLimit" => Some(Span::hours(1)),
        "isv.DAY_LIMIT_CONTROL"
        | "LimitExceeded.PhoneNumberDailyLimit"
        | "LimitExceeded.PhoneNumberSameContentDailyLimit" => Some(Span::hours(6)),
        "isp.SYSTEM_ERROR" | "Throttling.User" | "InternalError" | "RequestLimitExceeded" => {
            Some(Span::seconds(5))
        }
        _ => None,
    }
}
