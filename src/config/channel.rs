//! `[[channel]]` of `gateway.toml`: how people are reached.

use std::path::Path;

use crate::channel::robot;
use crate::domain::Name;
use crate::form::Form;
use crate::secret::Secret;

use super::gateway::{Broker, secret};

/// One way to reach people.
#[derive(Debug, Clone)]
pub struct ChannelSettings {
    /// As contacts name it.
    pub name: Name,
    /// What it is.
    pub kind: ChannelKind,
}

/// The kinds of channel.
#[derive(Debug, Clone)]
pub enum ChannelKind {
    /// The terminal careloop runs in.
    Console,
    /// A topic; `{to}` stands for the contact's address. `None` is our own listener.
    Mqtt {
        /// The topic.
        topic: String,
        /// A `[[broker]]`.
        broker: Option<Name>,
    },
    /// A robot of a chat group, or a push service.
    Robot(robot::Kind, robot::Account),
    /// A platform.
    Webhook {
        /// Where to.
        url: String,
        /// Signs every message.
        secret: Option<Secret>,
    },
}

/// Reads one.
pub(super) fn read_channel(
    mut form: Form<'_, '_>,
    folder: &Path,
    brokers: &[Broker],
) -> Option<ChannelSettings> {
    let name = form.needs("name");
    let at = form.mark_at("kind");
    let kind = match form.needs::<String>("kind")?.as_str() {
        "console" => Some(ChannelKind::Console),
        "mqtt" => {
            let broker = form.may::<Name>("broker");
            if let Some(broker) = &broker
                && !brokers.iter().any(|b| b.name == *broker)
            {
                form.wrong(format!("there is no [[broker]] `{broker}`"));
            }
            form.needs("topic").map(|topic| ChannelKind::Mqtt { topic, broker })
        }
        "webhook" => {
            let url = form.needs::<String>("url");
            let secret = secret(&mut form, "secret_file", folder);
            check(&form, url.as_deref());
            url.map(|url| ChannelKind::Webhook { url, secret })
        }
        other => match robot::Kind::ALL.into_iter().find(|kind| kind.name() == other) {
            Some(kind) => {
                let account = read_account(&mut form, kind, folder);
                account.map(|account| ChannelKind::Robot(kind, account))
            }
            None => {
                let robots = robot::Kind::ALL.map(robot::Kind::name).join(", ");
                form.wrong_at_mark(
                    &at,
                    format!("there is no kind `{other}`: one of console, mqtt, webhook, {robots}"),
                );
                None
            }
        },
    };
    form.done();
    Some(ChannelSettings { name: name?, kind: kind? })
}

fn check(form: &Form<'_, '_>, url: Option<&str>) {
    if let Some(url) = url
        && !url.starts_with("https://")
        && !url.starts_with("http://")
    {
        form.wrong(format!("`{url}` is not an address such as `https://…`"));
    }
}

fn read_account(
    form: &mut Form<'_, '_>,
    kind: robot::Kind,
    folder: &Path,
) -> Option<robot::Account> {
    let url = match kind.url() {
        Some(usual) => form.may::<String>("url").or(Some(usual.to_owned())),
        None => form.needs::<String>("url"),
    };
    check(form, url.as_deref());
    if let Some(what) = kind.key().filter(|_| !form.has("key_file")) {
        form.wrong(format!("`key_file` is missing: it names a file with {what}"));
    }
    let key = secret(form, "key_file", folder);
    let secret = if kind.signs() { secret(form, "secret_file", folder) } else { None };
    url.map(|url| robot::Account { url: url.into(), key, secret })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Sheet;

    /// What is read, or what is said to be wrong.
    fn read(text: &str) -> Result<ChannelKind, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), " K1\n").unwrap();
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        let text = format!("name = \"group\"\n{text}");
        let sheet = Sheet::new("gateway.toml", &text);
        let channel = read_channel(sheet.form(), folder.path(), &[]);
        let wrong: Vec<_> = sheet.problems().iter().map(ToString::to_string).collect();
        match channel.filter(|_| wrong.is_empty()) {
            Some(channel) => Ok(channel.kind),
            None => Err(wrong.join("\n").replace(&folder.path().display().to_string(), "DIR")),
        }
    }

    #[test]
    fn a_robot_is_where_its_service_is_and_its_key_is_in_a_file() {
        let Ok(ChannelKind::Robot(kind, account)) =
            read("kind = \"wecom-robot\"\nkey_file = \"key\"")
        else {
            panic!("it is right")
        };
        assert_eq!(
            (kind, account.url.reveal()),
            (robot::Kind::Wecom, "https://qyapi.weixin.qq.com")
        );
        assert_eq!(account.key.unwrap().reveal(), "K1");
        let own = "kind = \"ntfy\"\nurl = \"http://10.0.0.2:8080\"";
        let Ok(ChannelKind::Robot(_, account)) = read(own) else { panic!("it is right") };
        assert_eq!(account.url.reveal(), "http://10.0.0.2:8080");
    }

    #[test]
    fn what_is_missing_is_said_with_what_it_is_called_there() {
        for (text, wrong) in [
            (
                "kind = \"dingtalk-robot\"",
                "gateway.toml:1:1: `key_file` is missing: it names a file with the `access_token` of the \
                 robot's webhook address",
            ),
            ("kind = \"gotify\"\nkey_file = \"key\"", "gateway.toml:1:1: `url` is missing"),
            (
                "kind = \"feishu-robot\"\nkey_file = \"empty\"",
                "gateway.toml:1:1: `key_file`: DIR/empty is empty",
            ),
            (
                "kind = \"bark\"\nurl = \"api.day.app\"",
                "gateway.toml:1:1: `api.day.app` is not an address such as `https://…`",
            ),
            (
                "kind = \"bark\"\nsecret_file = \"key\"",
                "gateway.toml:3:1: there is no key `secret_file` here",
            ),
            (
                "kind = \"wechat\"",
                "gateway.toml:2:1: there is no kind `wechat`: one of console, mqtt, webhook, wecom-robot, \
                 dingtalk-robot, feishu-robot, ntfy, bark, gotify",
            ),
        ] {
            assert_eq!(read(text).unwrap_err(), wrong);
        }
    }
}
