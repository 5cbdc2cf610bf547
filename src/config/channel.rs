//! `[[channel]]` of `gateway.toml`: how people are reached.

use std::path::Path;

use crate::channel::{mail, phone, robot, wecom_app};
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
    /// Text messages or calls.
    Phone(phone::Kind, phone::Account),
    /// An application of WeCom.
    WecomApp(wecom_app::Account),
    /// E-mail.
    Mail(mail::Account),
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
        "wecom-app" => read_wecom_app(&mut form, folder).map(ChannelKind::WecomApp),
        "mail" => read_mail(&mut form, folder).map(ChannelKind::Mail),
        other => {
            let robot = robot::Kind::ALL.into_iter().find(|kind| kind.name() == other);
            let phone = phone::Kind::ALL.into_iter().find(|kind| kind.name() == other);
            match (robot, phone) {
                (Some(kind), _) => {
                    read_robot(&mut form, kind, folder).map(|of| ChannelKind::Robot(kind, of))
                }
                (None, Some(kind)) => {
                    read_phone(&mut form, kind, folder).map(|of| ChannelKind::Phone(kind, of))
                }
                (None, None) => {
                    let own = ["console", "mqtt", "webhook", "wecom-app", "mail"].into_iter();
                    let robots = robot::Kind::ALL.into_iter().map(robot::Kind::name);
                    let phones = phone::Kind::ALL.into_iter().map(phone::Kind::name);
                    let all: Vec<_> = own.chain(robots).chain(phones).collect();
                    let message = format!("there is no kind `{other}`: one of {}", all.join(", "));
                    form.wrong_at_mark(&at, message);
                    None
                }
            }
        }
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

/// The secret in the file that `key_file` names, which must be there.
fn needs_key(form: &mut Form<'_, '_>, what: &str, folder: &Path) -> Option<Secret> {
    if !form.has("key_file") {
        form.wrong(format!("`key_file` is missing: it names a file with {what}"));
    }
    secret(form, "key_file", folder)
}

fn read_robot(form: &mut Form<'_, '_>, kind: robot::Kind, folder: &Path) -> Option<robot::Account> {
    let url = match kind.url() {
        Some(usual) => form.may::<String>("url").or(Some(usual.to_owned())),
        None => form.needs::<String>("url"),
    };
    check(form, url.as_deref());
    let key = match kind.key() {
        Some(what) => needs_key(form, what, folder),
        None => secret(form, "key_file", folder),
    };
    let secret = if kind.signs() { secret(form, "secret_file", folder) } else { None };
    url.map(|url| robot::Account { url: url.into(), key, secret })
}

fn read_mail(form: &mut Form<'_, '_>, folder: &Path) -> Option<mail::Account> {
    let server = form.needs::<String>("server");
    let at = form.mark_at("encryption");
    let encryption = form.may("encryption").unwrap_or(mail::Encryption::Tls);
    let near = ["localhost", "127.0.0.1", "::1"];
    let is_far = server.as_ref().is_some_and(|server| !near.contains(&server.as_str()));
    if is_far && encryption == mail::Encryption::None {
        let why = "only a server on this machine is spoken to without encryption";
        form.wrong_at_mark(&at, why.to_owned());
    }
    let port = form.may("port").unwrap_or(encryption.port());
    let user = form.may::<String>("user");
    let password = secret(form, "password_file", folder);
    if user.is_some() != password.is_some() {
        form.wrong("`user` and `password_file` belong together".to_owned());
    }
    let at = form.mark_at("from");
    let from = form.needs::<String>("from").and_then(|from| match from.parse() {
        Ok(from) => Some(from),
        Err(e) => {
            form.wrong_at_mark(&at, format!("`{from}` is no mail address: {e}"));
            None
        }
    });
    let login = user.zip(password);
    Some(mail::Account { server: server?, port, encryption, login, from: from? })
}

fn read_wecom_app(form: &mut Form<'_, '_>, folder: &Path) -> Option<wecom_app::Account> {
    let url = form.may::<String>("url").unwrap_or_else(|| wecom_app::URL.to_owned());
    check(form, Some(&url));
    let (corp, agent) = (form.needs("corp"), form.needs("agent"));
    let key = needs_key(form, "the application's secret", folder);
    Some(wecom_app::Account { url: url.into(), corp: corp?, key: key?, agent: agent? })
}

fn read_phone(form: &mut Form<'_, '_>, kind: phone::Kind, folder: &Path) -> Option<phone::Account> {
    let url = form.may::<String>("url").unwrap_or_else(|| kind.url().to_owned());
    check(form, Some(&url));
    let key_id = form.needs::<String>("key_id");
    let key = needs_key(form, "the secret half of the key", folder);
    let app = if kind.is_tencent() { form.needs("app") } else { Some(String::new()) };
    let sign = if kind.calls() { Some(String::new()) } else { form.needs("sign") };
    let shows = kind.calls() && !kind.is_tencent();
    let show = if shows { form.may("show") } else { None };
    let template = form.needs::<String>("template");
    let (at, mut params) = (form.mark_at("params"), Vec::new());
    for text in form.list::<String>("params") {
        let (name, value) = text.split_once('=').unwrap_or(("", &text));
        if name.is_empty() && !kind.is_tencent() {
            form.wrong_at_mark(
                &at,
                format!("`{text}` wants a name of the template, as in `code={{case}}`"),
            );
        }
        let left = value.replace("{case}", "").replace("{level}", "");
        if left.contains(['{', '}']) {
            let known = "only {case} and {level} go into a text message: no names, no diagnoses";
            form.wrong_at_mark(&at, format!("`{text}`: {known}"));
        }
        params.push((name.to_owned(), value.to_owned()));
    }
    Some(phone::Account {
        url: url.into(),
        key_id: key_id?,
        key: key?,
        app: app?,
        sign: sign?,
        show: show.unwrap_or_default(),
        template: template?,
        params,
    })
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
                "gateway.toml:2:1: there is no kind `wechat`: one of console, mqtt, webhook, wecom-app, mail, \
                 wecom-robot, \
                 dingtalk-robot, feishu-robot, ntfy, bark, gotify, aliyun-sms, aliyun-voice, \
                 tencent-sms, tencent-voice",
            ),
            (
                "kind = \"aliyun-sms\"\nkey_id = \"LTAI\"\nkey_file = \"key\"\nsign = \"社区守护\"\n\
                 template = \"SMS_1\"\nparams = [\"code={name}\", \"{case}\"]",
                "gateway.toml:7:1: `code={name}`: only {case} and {level} go into a text message: no names, \
                 no diagnoses\n\
                 gateway.toml:7:1: `{case}` wants a name of the template, as in `code={case}`",
            ),
            (
                "kind = \"mail\"\nserver = \"mx.example\"\nencryption = \"none\"\nfrom = \"me\"\nuser = \"u\"",
                "gateway.toml:1:1: `user` and `password_file` belong together\n\
                 gateway.toml:4:1: only a server on this machine is spoken to without encryption\n\
                 gateway.toml:5:1: `me` is no mail address: Invalid input",
            ),
            (
                "kind = \"tencent-voice\"\nkey_id = \"AKID\"\ntemplate = \"1\"",
                "gateway.toml:1:1: `app` is missing\n\
                 gateway.toml:1:1: `key_file` is missing: it names a file with the secret half of the key",
            ),
        ] {
            assert_eq!(read(text).unwrap_err(), wrong);
        }
    }
}
