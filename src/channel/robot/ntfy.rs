//! ntfy: a message to a topic, which is the contact's address. The key, if there is one, is an access token.

use serde_json::json;

use super::{Account, Post};
use crate::channel::Notice;
use crate::domain::Level;

pub(super) fn post(account: &Account, notice: &Notice) -> Post {
    let (priority, tag) = match notice.level() {
        Level::Info => (2, "information_source"),
        Level::Normal => (3, "warning"),
        Level::Serious => (4, "warning"),
        // Goes on ringing where the phone is set to.
        Level::Urgent => (5, "rotating_light"),
    };
    let mut body = json!({
        "topic": notice.to,
        "message": notice.text,
        "priority": priority,
        "tags": [tag],
    });
    if let (Some(link), Some(fields)) = (notice.link(), body.as_object_mut()) {
        fields.insert("click".to_owned(), json!(link));
    }
    let post = Post::json(account.at("/"), body.to_string());
    match &account.key {
        Some(key) => post.with("authorization", format!("Bearer {}", key.reveal())),
        None => post,
    }
}
