//! A robot of a Feishu group. A signature is made of the time in seconds and the secret as its *key*, over an
//! empty message, and stands in the body with the time; it holds for an hour.

use serde_json::json;

use super::{Account, Meaning, Mention, Post, signature};
use crate::channel::Notice;
use crate::domain::Span;

/// A message is no longer, in bytes; what is around the text is far below a kilobyte.
const TEXT_MAX: usize = 19_000;

pub(super) fn post(account: &Account, notice: &Notice) -> Post {
    let text = notice.text_and_link(TEXT_MAX);
    let text = match Mention::of(&notice.to) {
        // It knows people by ids of its own, and no telephone numbers.
        Mention::Nobody | Mention::Mobile(_) => text.to_owned(),
        Mention::All => format!("{text} <at user_id=\"all\">所有人</at>"),
        Mention::User(id) => format!("{text} <at user_id=\"{id}\"></at>"),
    };
    let mut body = json!({ "msg_type": "text", "content": { "text": text } });
    if let (Some(secret), Some(fields)) = (&account.secret, body.as_object_mut()) {
        let seconds = notice.at.0.div_euclid(1000).to_string();
        let sign = signature(&format!("{seconds}\n{}", secret.reveal()), "");
        fields.insert("timestamp".to_owned(), json!(seconds));
        fields.insert("sign".to_owned(), json!(sign));
    }
    let url = account.at(&format!("/open-apis/bot/v2/hook/{}", account.key()));
    Post::json(url, body.to_string())
}

pub(super) const fn meaning(code: Option<i64>) -> Meaning {
    match code {
        Some(0) => Meaning::Yes,
        // More than 100 in a minute or 5 in a second.
        Some(11232) => Meaning::Later(Some(Span::seconds(60))),
        // 19021: time or signature; 19022: address; 19024: keyword; 9499: the request.
        Some(_) | None => Meaning::Never,
    }
}
