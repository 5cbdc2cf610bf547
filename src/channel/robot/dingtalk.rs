//! A robot of a DingTalk group. Where it is set to *sign*, the time in milliseconds and a signature stand in
//! the address and hold for an hour.

use serde_json::json;

use super::{Account, Meaning, Mention, Post, signature};
use crate::channel::Notice;
use crate::channel::http::escaped;
use crate::domain::Span;

/// A message is no longer, in bytes; what is around the text is far below a kilobyte.
const TEXT_MAX: usize = 19_000;

pub(super) fn post(account: &Account, notice: &Notice) -> Post {
    let (mut mobiles, mut people) = (Vec::new(), Vec::new());
    let mention = Mention::of(&notice.to);
    match mention {
        Mention::Nobody | Mention::All => {}
        Mention::User(id) => people.push(id),
        Mention::Mobile(mobile) => mobiles.push(mobile),
    }
    // Whoever is not named in the text as well is not called.
    let named = mobiles.iter().chain(&people).map(|who| format!(" @{who}")).collect::<String>();
    let body = json!({
        "msgtype": "text",
        "text": { "content": format!("{}{named}", notice.text_and_link(TEXT_MAX)) },
        "at": {
            "atMobiles": mobiles,
            "atUserIds": people,
            "isAtAll": mention == Mention::All,
        },
    });
    let mut path = format!("/robot/send?access_token={}", account.key());
    if let Some(secret) = &account.secret {
        let millis = notice.at.0;
        let sign = signature(secret.reveal(), &format!("{millis}\n{}", secret.reveal()));
        path.push_str(&format!("&timestamp={millis}&sign={}", escaped(&sign)));
    }
    Post::json(account.at(&path), body.to_string())
}

pub(super) const fn meaning(code: Option<i64>) -> Meaning {
    match code {
        Some(0) => Meaning::Yes,
        // More than 20 in a minute: silent for ten.
        Some(130_101) => Meaning::Later(Some(Span::minutes(10))),
        // The service is busy.
        Some(-1) => Meaning::Later(None),
        // 310000: the signature, a keyword or the address it came from.
        Some(_) | None => Meaning::Never,
    }
}
