//! A robot of a WeCom group: <https://developer.work.weixin.qq.com/document/path/99110>, 91770.

use serde_json::json;

use super::{Account, Meaning, Mention, Post};
use crate::channel::Notice;
use crate::domain::Span;

/// A text is no longer, in bytes.
const TEXT_MAX: usize = 2048;

pub(super) fn post(account: &Account, notice: &Notice) -> Post {
    let (mut people, mut mobiles) = (Vec::new(), Vec::new());
    match Mention::of(&notice.to) {
        Mention::Nobody => {}
        Mention::All => people.push("@all"),
        Mention::User(id) => people.push(id),
        Mention::Mobile(mobile) => mobiles.push(mobile),
    }
    let body = json!({
        "msgtype": "text",
        "text": {
            "content": notice.text_and_link(TEXT_MAX),
            "mentioned_list": people,
            "mentioned_mobile_list": mobiles,
        },
    });
    let url = account.at(&format!("/cgi-bin/webhook/send?key={}", account.key()));
    Post::json(url, body.to_string())
}

/// Codes, not messages: WeCom changes its messages without notice.
pub(super) const fn meaning(code: Option<i64>) -> Meaning {
    match code {
        Some(0) => Meaning::Yes,
        // Busy.
        Some(-1) => Meaning::Later(None),
        // More than 20 in a minute: blocked for one.
        Some(45009 | 45033) => Meaning::Later(Some(Span::seconds(65))),
        Some(_) | None => Meaning::Never,
    }
}
