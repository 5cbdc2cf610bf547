//! A subscribe message of a WeChat mini program (订阅消息). Whoever taps "allow" allows one message: the service
//! counts, and says no when there is none left. So an attempt that may have used one up is not made again.

use serde_json::{Map, Value, json};

use super::fill::{self, Place};
use super::http::{self, HttpError, Line};
use super::weixin::{self, Asks, Weixin};
use super::{Notice, Verdict};
use crate::secret::Secret;
use crate::template::Template;

/// Where it is, unless the settings say otherwise.
pub const URL: &str = "https://api.weixin.qq.com";

/// What may stand in a field of a template.
pub const PLACES: &[Place] = &[Place::Case, Place::Level, Place::What, Place::Since];

/// Which mini program, and which message.
#[derive(Debug, Clone)]
pub struct Account {
    /// Of the service itself, or of a proxy.
    pub url: Secret,
    /// `appid`.
    pub app: String,
    /// `appsecret`.
    pub key: Secret,
    /// The template's id.
    pub template: String,
    /// The page that a tap opens; may be empty.
    pub page: Template<Place>,
    /// The template's fields, and what stands in each.
    pub fields: Vec<(String, Template<Place>)>,
}

/// One message of one mini program.
#[derive(Debug)]
pub struct Wechat {
    weixin: Weixin,
    account: Account,
}

impl Wechat {
    /// # Errors
    /// When the address is none.
    pub fn new(line: Line, account: Account) -> Result<Self, HttpError> {
        // The stable token: it leaves alone the one that the mini program's own server uses.
        let url = http::below(&account.url, "/cgi-bin/stable_token");
        let body = json!({
            "grant_type": "client_credential", "appid": account.app, "secret": account.key.reveal(),
        });
        let asks = Asks::Post(url, body.to_string().into());
        Ok(Self { weixin: Weixin::new(line, account.url.clone(), asks)?, account })
    }

    /// One attempt.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        if notice.to.is_empty() {
            return Verdict::never("the contact's `to` is empty: their openid is wanted");
        }
        let path = "/cgi-bin/message/subscribe/send";
        let answer = match self.weixin.post(path, &self.body(notice), notice.at).await {
            Ok(answer) => answer,
            Err(verdict) => return verdict,
        };
        match weixin::code(&answer.json()) {
            Some(0) => Verdict::Sent,
            Some(43101) => Verdict::never(
                "43101: they have no subscription left, or take none; let them tap \"allow\" in the mini program",
            ),
            // Another message to the same person is on its way.
            Some(43108) => Verdict::later(answer.why()),
            // 40003: no such openid; 40037: the template; 41030: the page; 47003: a field.
            Some(_) | None => weixin::refusal(&answer),
        }
    }

    fn body(&self, notice: &Notice) -> Value {
        let field = |(name, template): &(String, Template<Place>)| {
            let text = template.fill(|place| notice.at_place(place));
            (name.clone(), json!({ "value": fitting(name, &text) }))
        };
        let data: Map<String, Value> = self.account.fields.iter().map(field).collect();
        json!({
            "touser": notice.to,
            "template_id": self.account.template,
            "page": self.account.page.fill(|place| fill::in_address(&notice.at_place(place))),
            "miniprogram_state": "formal",
            "lang": "zh_CN",
            "data": data,
        })
    }
}

/// As much as fits into a field; the service refuses the whole message otherwise.
fn fitting(field: &str, text: &str) -> String {
    let kind = field.trim_end_matches(|c: char| c.is_ascii_digit());
    let most = match kind {
        "phrase" => 5,
        "thing" => 20,
        "character_string" | "number" | "letter" => 32,
        _ => usize::MAX,
    };
    text.chars().take(most).collect()
}
