//! `[[channel]]` of `gateway.toml`: how people are reached.

use std::path::Path;

use crate::channel::fill::Payload;
use crate::channel::{self, mail, modem, phone, push, robot, wechat, wecom_app, wecom_call};
use crate::domain::Name;
use crate::form::Form;
use crate::secret::Secret;

use super::gateway::{Broker, secret};

mod services;
mod webhook;

use services::{read_phone, read_wechat, read_wecom_app, read_wecom_call};

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
        /// What is published, if not all that is known.
        payload: Option<Payload>,
        /// A `[[broker]]`.
        broker: Option<Name>,
    },
    /// A robot of a chat group, or a push service.
    Robot(robot::Kind, robot::Account),
    /// Text messages or calls.
    Phone(phone::Kind, phone::Account),
    /// An application of WeCom.
    WecomApp(wecom_app::Account),
    /// A call by WeCom.
    WecomCall(wecom_call::Account),
    /// A subscribe message of WeChat.
    Wechat(wechat::Account),
    /// E-mail.
    Mail(mail::Account),
    /// Messages to browsers.
    Push(push::Account),
    /// Text messages by a modem.
    Modem(modem::Account),
    /// A platform.
    Webhook(channel::webhook::Account),
}

/// Kinds that are one thing each.
const OWN: [&str; 9] = [
    "console",
    "mqtt",
    "webhook",
    "wecom-app",
    "wecom-call",
    "wechat",
    "mail",
    "modem",
    "web-push",
];

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
            let payload = form.has("payload").then(|| form.grammar("payload", Payload::read));
            let payload = payload.flatten();
            form.needs("topic").map(|topic| ChannelKind::Mqtt { topic, payload, broker })
        }
        "webhook" => webhook::read(&mut form, folder).map(ChannelKind::Webhook),
        "wecom-app" => read_wecom_app(&mut form, folder).map(ChannelKind::WecomApp),
        "wecom-call" => read_wecom_call(&mut form, folder).map(ChannelKind::WecomCall),
        "wechat" => read_wechat(&mut form, folder).map(ChannelKind::Wechat),
        "web-push" => read_push(&mut form, folder).map(ChannelKind::Push),
        "modem" => read_modem(&mut form).map(ChannelKind::Modem),
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
                    let own = OWN.into_iter();
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

fn read_push(form: &mut Form<'_, '_>, folder: &Path) -> Option<push::Account> {
    let at = form.mark_at("contact");
    let contact = form.needs::<String>("contact");
    let key = needs_key(form, "a key of P-256 in PEM", folder);
    if let Some(contact) = &contact
        && !contact.starts_with("mailto:")
        && !contact.starts_with("https://")
    {
        let why = "`contact` is whom a push service may write to: `mailto:…` or `https://…`";
        form.wrong_at_mark(&at, why.to_owned());
    }
    Some(push::Account { key: key?, contact: contact? })
}

fn read_modem(form: &mut Form<'_, '_>) -> Option<modem::Account> {
    let port = form.needs("port");
    let baud = form.may("baud").unwrap_or(115_200);
    let at = form.mark_at("country");
    let country = form.may::<String>("country").unwrap_or_else(|| "86".to_owned());
    if country.is_empty() || 3 < country.len() || !country.bytes().all(|b| b.is_ascii_digit()) {
        let why = format!("`{country}` is not a country's digits, such as `86`");
        form.wrong_at_mark(&at, why);
    }
    Some(modem::Account { port: port?, baud, country })
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

#[cfg(test)]
mod tests;
