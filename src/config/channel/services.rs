//! Services of companies: WeCom, WeChat, and those that send text messages and call.

use std::path::Path;

use crate::channel::fill::Place;
use crate::channel::{phone, wechat, wecom_app, wecom_call};
use crate::form::Form;
use crate::template::Template;

use super::{check, needs_key};

pub(super) fn read_wecom_app(form: &mut Form<'_, '_>, folder: &Path) -> Option<wecom_app::Account> {
    let url = form.may::<String>("url").unwrap_or_else(|| wecom_app::URL.to_owned());
    check(form, Some(&url));
    let (corp, agent) = (form.needs("corp"), form.needs("agent"));
    let key = needs_key(form, "the application's secret", folder);
    Some(wecom_app::Account { url: url.into(), corp: corp?, key: key?, agent: agent? })
}

pub(super) fn read_wecom_call(
    form: &mut Form<'_, '_>,
    folder: &Path,
) -> Option<wecom_call::Account> {
    let url = form.may::<String>("url").unwrap_or_else(|| wecom_app::URL.to_owned());
    check(form, Some(&url));
    let corp = form.needs("corp");
    let key = needs_key(form, "the secret of an application that may call", folder);
    Some(wecom_call::Account { url: url.into(), corp: corp?, key: key? })
}

pub(super) fn read_wechat(form: &mut Form<'_, '_>, folder: &Path) -> Option<wechat::Account> {
    let url = form.may::<String>("url").unwrap_or_else(|| wechat::URL.to_owned());
    check(form, Some(&url));
    let (app, template) = (form.needs("app"), form.needs("template"));
    let key = needs_key(form, "the mini program's secret", folder);
    let read = |text: &str| Template::read(text, &[Place::Case], Place::name);
    let page = if form.has("page") { form.grammar("page", read) } else { read("").ok() };
    let at = form.mark_at("fields");
    let fields = fields(form, "fields", wechat::PLACES);
    if fields.is_empty() || fields.iter().any(|(name, _)| name.is_empty()) {
        let why = "`fields` says what stands in each field of the template, as in `thing1={what}`";
        form.wrong_at_mark(&at, why.to_owned());
    }
    let key = key?;
    Some(wechat::Account {
        url: url.into(),
        app: app?,
        key,
        template: template?,
        page: page?,
        fields,
    })
}

/// `name={place}` each; the name may be left out.
fn fields(
    form: &mut Form<'_, '_>,
    key: &'static str,
    places: &[Place],
) -> Vec<(String, Template<Place>)> {
    let (at, mut all) = (form.mark_at(key), Vec::new());
    for text in form.list::<String>(key) {
        let (name, value) = text.split_once('=').unwrap_or(("", &text));
        match Template::read(value, places, Place::name) {
            Ok(template) => all.push((name.to_owned(), template)),
            Err(slip) => form.wrong_at_mark(&at, format!("`{text}`: {}", slip.message)),
        }
    }
    all
}

pub(super) fn read_phone(
    form: &mut Form<'_, '_>,
    kind: phone::Kind,
    folder: &Path,
) -> Option<phone::Account> {
    let url = form.may::<String>("url").unwrap_or_else(|| kind.url().to_owned());
    check(form, Some(&url));
    let key_id = form.needs::<String>("key_id");
    let key = needs_key(form, "the secret half of the key", folder);
    let app = if kind.is_tencent() { form.needs("app") } else { Some(String::new()) };
    let sign = if kind.calls() { Some(String::new()) } else { form.needs("sign") };
    let shows = kind.calls() && !kind.is_tencent();
    let show = if shows { form.may("show") } else { None };
    let template = form.needs::<String>("template");
    let at = form.mark_at("params");
    let params = fields(form, "params", phone::PLACES);
    for (name, _) in params.iter().filter(|_| !kind.is_tencent()) {
        if name.is_empty() {
            let why = "Aliyun wants a name of the template before each, as in `code={case}`";
            form.wrong_at_mark(&at, why.to_owned());
        }
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
