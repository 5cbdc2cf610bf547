//! `/mount`: the homes of a technician, and what speaks here and is nobody's yet. One form takes it into the register.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use crate::device::waiting::{Waiting, slug};
use crate::domain::{Binding, DeviceId, Home, Mount};
use crate::registrar::{Change, Edit};
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::moves::Mistake;
use crate::web::settle::{Labels, Reply, refused_in_words};
use crate::web::{Web, layout, told};

use super::home_of;

/// So many are shown; what else speaks is found by its name.
const SHOWN_MAX: usize = 30;
/// What is shorter than the end of a serial number is found in a code by accident, in characters.
const OWN_MIN: usize = 6;
/// The rooms that a home has, as technicians call them; any other can be written.
const ROOMS: [(&str, &str); 6] = [
    ("卧室", "bedroom"),
    ("卫生间", "bathroom"),
    ("客厅", "living room"),
    ("厨房", "kitchen"),
    ("门厅", "hall"),
    ("走廊", "corridor"),
];

/// What the fields of the form are called.
const LABELS: Labels = &[
    ("profile", "型号", "Model"),
    ("home", "住户", "Home"),
    ("device", "名称", "What to call it"),
    ("id", "名称", "What to call it"),
    ("room", "房间", "Room"),
    ("mount", "安装方式", "How it is fixed"),
    ("height", "离地高度", "Height above the floor"),
];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/mount", get(list).post(adopt))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ lang.say("安装与检测", "Mounting and trying out") }}</h1>
{% if let Some(said) = said %}<p class="banner refused" role="alert">{{ said }}</p>{% endif %}
<section><h2>{{ lang.say("住户", "Homes") }}</h2>
{% for (href, name, devices) in homes %}<p><a class="button" href="{{ href }}">{{ name }} · {{ devices }}</a></p>{% endfor %}</section>
<section><h2>{{ lang.say("尚未登记的设备", "What speaks and is in no register") }}</h2>
<form method="get" action="/mount"><label>{{ lang.say("按名称、地址或序列号查找", "Find by name, address or serial number") }}<input id="find" type="search" name="find" value="{{ find }}"></label>
<button>{{ lang.say("查找", "Find") }}</button></form>
<p class="scan"><label class="button">{{ lang.say("拍下设备上的二维码", "Photograph the code on it") }}<input id="scan" type="file" accept="image/*" capture="environment"></label></p>
<template id="unread"><p class="banner refused" role="alert">{{ lang.say("没有读出二维码：靠近、对准、避免反光后再拍，或手工输入", "No code could be read: come closer, hold it straight, avoid glare, and try again; or type it") }}</p></template>
{% if waiting.is_empty() %}<p class="calm">{{ lang.say("没有。给设备通电，或让它上报一次；约一分钟内会出现在这里。", "Nothing. Power the device, or have it report; it appears here within about a minute.") }}</p>{% endif %}
{% for device in waiting %}<article class="card"><h3>{{ device.name }} <small>{{ device.key }} · {{ device.ago }}</small></h3>
<p>{{ device.model }}</p>
{% for remark in device.remarks %}<p class="hint">{{ remark }}</p>{% endfor %}
{% if device.profiles.is_empty() %}<p class="hint">{{ lang.say("没有匹配的型号档案：先用 careloop devices draft 写一个。", "No profile fits: begin one with `careloop devices draft`.") }}</p>
{% else %}<details id="adopt-{{ device.key }}"><summary>{{ lang.say("登记", "Adopt") }}</summary><form method="post" action="/mount">
<input type="hidden" name="key" value="{{ device.key }}">
<label>{{ lang.say("型号", "Model") }}<select name="profile">{% for (profile, about) in device.profiles %}<option value="{{ profile }}">{{ profile }} · {{ about }}</option>{% endfor %}</select></label>
<label>{{ lang.say("住户", "Home") }}<select name="home" required>{% if homes.len() > 1 %}<option value="">{{ lang.say("请选择", "choose") }}…</option>{% endif %}{% for (id, name) in choices %}<option value="{{ id }}">{{ name }}</option>{% endfor %}</select></label>
<label>{{ lang.say("名称（字母、数字和 -）", "What to call it (letters, digits and -)") }}<input name="device" value="{{ device.slug }}" maxlength="64" required autocapitalize="none" spellcheck="false"></label>
<label>{{ lang.say("房间", "Room") }}<input name="room" list="rooms" maxlength="60" required></label>
<label>{{ lang.say("安装方式", "How it is fixed") }}<select name="mount"><option value="">{{ lang.say("不必说明", "does not matter") }}</option>{% for (mount, word) in mounts %}<option value="{{ mount }}">{{ word }}</option>{% endfor %}</select></label>
<label>{{ lang.say("离地高度（厘米）", "Height above the floor, in cm") }}<input name="height" inputmode="numeric" pattern="[0-9]*" maxlength="4"></label>
<button class="main">{{ lang.say("登记，然后检测", "Adopt, then try it out") }}</button></form></details>{% endif %}</article>{% endfor %}
<datalist id="rooms">{% for room in rooms %}<option value="{{ room }}">{% endfor %}</datalist></section>"#
)]
struct Page {
    lang: Lang,
    said: Option<String>,
    homes: Vec<(String, String, String)>,
    choices: Vec<(String, String)>,
    find: String,
    waiting: Vec<Row>,
    rooms: Vec<&'static str>,
    mounts: Vec<(&'static str, &'static str)>,
}

struct Row {
    key: String,
    name: String,
    slug: String,
    model: String,
    ago: String,
    remarks: Vec<String>,
    profiles: Vec<(String, String)>,
}

async fn list(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    query: Query<BTreeMap<String, String>>,
) -> Response {
    let find = query.0.get("find").cloned().unwrap_or_default();
    page(&web, &visitor, (StatusCode::OK, None), find).await
}

async fn page(
    web: &Arc<Web>,
    visitor: &Visitor,
    (status, said): (StatusCode, Option<String>),
    find: String,
) -> Response {
    let asked = Arc::clone(web);
    let waiting = match web.read(move |reader| asked.waiting(reader)).await {
        Ok(waiting) => waiting,
        Err(trouble) => return layout::trouble(visitor, &trouble),
    };
    let (lang, now) = (visitor.lang, web.site.clock.wall());
    let row = |waiting: Waiting| Row {
        slug: slug(&waiting.name),
        name: waiting.name,
        key: waiting.key,
        model: format!("{} {}", waiting.vendor, waiting.model).trim().to_owned(),
        ago: told::span(crate::web::card::coarse(now - waiting.last_at), lang),
        remarks: waiting.remarks,
        profiles: waiting.guesses.into_iter().map(|g| (g.profile, g.about)).collect(),
    };
    // Nothing is put on the walls of the hub itself, or of a grid.
    let homes: Vec<_> =
        web.homes_of(visitor).into_iter().filter(|home| home.is_ordinary()).collect();
    let count = |home: &Home| match (home.devices.len(), lang) {
        (n, Lang::Zh) => format!("{n} 个设备"),
        (1, Lang::En) => "1 device".to_owned(),
        (n, Lang::En) => format!("{n} devices"),
    };
    let link = |home: &Arc<Home>| {
        (format!("/mount/{}", encode(home.id.as_str())), home.name.clone(), count(home))
    };
    let wanted = find.trim().to_lowercase();
    let main = Page {
        lang,
        said,
        homes: homes.iter().map(link).collect(),
        choices: homes.iter().map(|home| (home.id.to_string(), home.name.clone())).collect(),
        waiting: waiting
            .into_iter()
            .filter(|w| is_like(w, &wanted))
            .take(SHOWN_MAX)
            .map(row)
            .collect(),
        find,
        rooms: ROOMS.iter().map(|(zh, en)| lang.say(zh, en)).collect(),
        mounts: Mount::ALL
            .iter()
            .map(|mount| (mount.name(), lang.say(mount.zh(), mount.name())))
            .collect(),
    };
    let title = lang.say("安装与检测", "Mounting and trying out");
    layout::page(web, visitor, status, title, &main)
}

/// What stands on a sticker is some part of where it speaks, of its name or of its model; or, in a code, is around
/// them, as in `Z:00158D0001A2B3C4$I:…`.
fn is_like(waiting: &Waiting, wanted: &str) -> bool {
    let told = [&waiting.key, &waiting.name, &waiting.vendor, &waiting.model];
    let has = |text: &String| text.to_lowercase().contains(wanted);
    let bare = |text: &str| -> String {
        text.to_lowercase()
            .trim_start_matches("0x")
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect()
    };
    let code = bare(wanted);
    let own = waiting.topics.iter().flat_map(|topic| topic.split('/')).map(bare);
    let is_in_code = |own: &String| OWN_MIN <= own.len() && code.contains(own.as_str());
    told.into_iter().chain(&waiting.topics).any(has)
        || own.chain([bare(&waiting.name)]).any(|own| is_in_code(&own))
}

async fn adopt(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let lang = visitor.lang;
    let refuse =
        |said: String| page(&web, &visitor, (StatusCode::BAD_REQUEST, Some(said)), String::new());
    let field = |name: &str| form.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let home = field("home").and_then(|id| home_of(&web, &visitor, id));
    let Some(home) = home else {
        return refuse(lang.say("请选择住户", "Choose the home").to_owned()).await;
    };
    let device = match field("device").unwrap_or_default().parse::<DeviceId>() {
        Ok(device) => device,
        Err(why) => {
            let mistakes = [Mistake::new("device", why)];
            return refuse(Reply::mistaken((lang, LABELS), &mistakes).lines.join("; ")).await;
        }
    };
    let asked = Arc::clone(&web);
    let key = field("key").unwrap_or_default().to_owned();
    let found =
        web.read(move |reader| Ok(asked.waiting(reader)?.into_iter().find(|w| w.key == key)));
    let waiting = match found.await {
        Ok(Some(waiting)) => waiting,
        Ok(None) => {
            let said = "它不再等待登记，可能已被登记";
            return refuse(
                lang.say(said, "It waits no more: somebody may have adopted it").to_owned(),
            )
            .await;
        }
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    let Ok(height) = field("height").map(str::parse).transpose() else {
        let said = lang.say("离地高度须是整数厘米", "The height is a number of centimetres");
        return refuse(said.to_owned()).await;
    };
    let fixed = (field("mount").and_then(|m| m.parse().ok()), height);
    let room = field("room").map(str::to_owned);
    let profile = field("profile").unwrap_or_default();
    let Some(edit) = edit(&web, &waiting, profile, (&home, &device)) else {
        let said = "这个设备说的话不像这个型号";
        return refuse(lang.say(said, "Nothing it said could come from this model").to_owned())
            .await;
    };
    let edit = placed(edit, room, fixed);
    let by = visitor.me.as_ref().map_or("", |me| me.as_str());
    match web.site.registrar.used_by(by).change(Change::Edits(vec![edit]), false).await {
        Ok(_) => {
            let to = format!("/mount/{}/{}", encode(home.id.as_str()), encode(device.as_str()));
            Redirect::to(&to).into_response()
        }
        Err(refused) => refuse(refused_in_words((lang, LABELS), &refused).lines.join("; ")).await,
    }
}

/// As what it comes into the register, if what it said can come from this model.
fn edit(
    web: &Web,
    waiting: &Waiting,
    profile: &str,
    (home, device): (&Home, &DeviceId),
) -> Option<Edit> {
    let catalog = web.site.inbox.catalog();
    let (binding, base) = waiting.binding(catalog.profiles().get(profile)?, None)?;
    let (mqtt, serial, unit) = match binding {
        Binding::Mqtt(address) => (Some(address), None, None),
        Binding::Serial(port) => (None, Some(port), None),
        Binding::Modbus { port, unit } => (None, Some(port), Some(unit)),
        Binding::Direct => return None,
    };
    Some(Edit::Adopt {
        home: home.id.clone(),
        device: device.clone(),
        profile: Some(profile.to_owned()),
        mqtt,
        base,
        serial,
        unit,
        room: None,
        mount: None,
        height: None,
        credentials: false,
    })
}

fn placed(mut edit: Edit, at: Option<String>, fixed: (Option<Mount>, Option<u32>)) -> Edit {
    if let Edit::Adopt { room, mount, height, .. } = &mut edit {
        *room = at;
        (*mount, *height) = fixed;
    }
    edit
}
