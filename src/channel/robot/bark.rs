//! Bark: a message to an iPhone, whose key is the contact's address. A message with the same id takes the
//! place of the one before, so a repetition does not stand there twice.

use serde_json::json;

use super::{Account, Meaning, Post};
use crate::channel::Notice;
use crate::domain::Level;

pub(super) fn post(account: &Account, notice: &Notice) -> Post {
    let level = match notice.level() {
        Level::Info => "passive",
        Level::Normal => "active",
        Level::Serious => "timeSensitive",
        // Rings although the phone is set to silent.
        Level::Urgent => "critical",
    };
    let mut body = json!({
        "device_key": notice.to,
        "body": notice.text,
        "level": level,
        "group": "careloop",
        "id": notice.delivery.to_string(),
    });
    if let (Level::Urgent, Some(fields)) = (notice.level(), body.as_object_mut()) {
        fields.insert("call".to_owned(), json!("1"));
        fields.insert("volume".to_owned(), json!(10));
    }
    if let (Some(link), Some(fields)) = (notice.link(), body.as_object_mut()) {
        fields.insert("url".to_owned(), json!(link));
    }
    Post::json(account.at("/push"), body.to_string())
}

pub(super) const fn meaning(code: Option<i64>) -> Meaning {
    match code {
        Some(200) => Meaning::Yes,
        Some(500..) => Meaning::Later(None),
        // 400: the key is of no iPhone that it knows.
        Some(_) | None => Meaning::Never,
    }
}
