//! Gotify: a message of an application, by its token, to whoever follows that server.

use serde_json::json;

use super::{Account, Post};
use crate::channel::Notice;
use crate::domain::Level;

pub(super) fn post(account: &Account, notice: &Notice) -> Post {
    // From 4 on a phone makes a sound, from 8 on it shows it over whatever is there.
    let priority = match notice.level() {
        Level::Info => 1,
        Level::Normal => 5,
        Level::Serious => 8,
        Level::Urgent => 10,
    };
    let mut body = json!({ "title": "careloop", "message": notice.text, "priority": priority });
    if let (Some(link), Some(fields)) = (notice.link(), body.as_object_mut()) {
        let click = json!({ "client::notification": { "click": { "url": link } } });
        fields.insert("extras".to_owned(), click);
    }
    let post = Post::json(account.at("/message"), body.to_string());
    post.with("x-gotify-key", account.key().to_owned())
}
