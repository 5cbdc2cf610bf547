//! `/people/{id}`: who somebody is, how to reach them, and whether that was tried; and somebody new.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::civil::DateTime;

use crate::domain::{Contact, HomeId, Name, PersonId, Responder, Role, Sentence, both};
use crate::registrar::{Change, Edit, Settled, Tried, Way};
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::layout::Frame;
use crate::web::moves::Mistake;
use crate::web::settle::{Labels, Reply, Sent, Typed, refused_in_words};
use crate::web::{Web, layout};

use super::{LoggedIn, people};

/// So many ways to reach somebody have a place in the form; two more are free than they have.
const WAYS_MAX: usize = 12;
const FREE: usize = 2;

/// What the fields of the forms are called.
const LABELS: Labels = &[
    ("id", "编号", "What to call them"),
    ("name", "姓名", "Name"),
    ("role", "角色", "Role"),
    ("language", "消息的语言", "Told in"),
    ("home", "住户", "Home"),
    ("channel", "通道", "Channel"),
    ("to", "号码或账号", "Number or account"),
    ("contacts", "联系方式", "Ways to reach them"),
    ("code", "验证码", "The code"),
];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/people/{id}", get(show).post(change))
        .route("/people/{id}/trial", post(trial))
        .route("/people/{id}/verified", post(verified))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/people">← {{ lang.say("人员与邀请", "People and invitations") }}</a></p>
<h1>{{ name }} <small>{{ id }}</small></h1>
{{ reply|safe }}
<section><h2>{{ lang.say("能否收到消息", "Whether messages reach them") }}</h2>
{% if ways.is_empty() %}<p class="hint">{{ lang.say("没有登记联系方式", "There is no way to reach them") }}</p>{% endif %}
{% for way in ways %}<article class="card {% if way.verified.is_some() %}well{% else %}unwell{% endif %}"><h3><span class="mark" aria-hidden="true"></span>{{ way.channel }} <small>{{ way.shown }}</small></h3>
<p class="hint">{% if let Some(day) = way.verified %}{{ lang.say("已核实：", "reached them on ") }}{{ day }}{% else %}{{ lang.say("没有核实过", "nobody has tried it") }}{% endif %}</p>
<form method="post" action="{{ href }}/trial"><button name="channel" value="{{ way.channel }}">{{ lang.say("试发带验证码的消息", "Send a trial message with a code") }}</button></form>
<details{% if tried == way.channel %} open{% endif %}><summary>{{ lang.say("收到了", "It has arrived") }}</summary>
<form method="post" action="{{ href }}/verified"><label>{{ lang.say("对方说出的验证码", "The code that they say") }}<input name="code" inputmode="numeric" maxlength="8" autocomplete="off" required></label>
<button name="channel" value="{{ way.channel }}">{{ lang.say("核对验证码", "Check the code") }}</button></form>
<form method="post" action="{{ href }}/verified"><button name="channel" value="{{ way.channel }}">{{ lang.say("没有验证码，我亲眼看到已收到", "No code: I saw that it arrives") }}</button></form></details></article>{% endfor %}</section>
<section><h2>{{ lang.say("资料", "Who they are") }}</h2>
<form method="post"><label>{{ lang.say("姓名", "Name") }}<input name="name" maxlength="60" value="{{ typed.at("name") }}" required></label>
<label>{{ lang.say("角色", "Role") }}<select name="role">{% for (value, word) in roles %}<option value="{{ value }}"{% if typed.is("role", value) %} selected{% endif %}>{{ word }}</option>{% endfor %}</select></label>
<label>{{ lang.say("消息的语言", "Told in") }}<select name="language"><option value="zh"{% if typed.is("language", "zh") %} selected{% endif %}>中文</option><option value="en"{% if typed.is("language", "en") %} selected{% endif %}>English</option></select></label>
<h3>{{ lang.say("联系方式，最好的在前；清空一行即去掉", "Ways to reach them, best first; an empty line is none") }}</h3>
{% for row in rows %}<div class="pair"><label>{{ lang.say("通道", "Channel") }} {{ row.n }}<input name="channel-{{ row.n }}" list="channels" maxlength="64" value="{{ row.channel }}" autocapitalize="none" spellcheck="false"></label>
<label>{{ lang.say("号码或账号", "Number or account") }} {{ row.n }}<input name="to-{{ row.n }}" maxlength="400" value="{{ row.to }}"{% if row.is_browser %} placeholder="{{ lang.say("此人的手机浏览器（保留）", "their browser, which stays") }}"{% endif %} autocapitalize="none" spellcheck="false"></label></div>{% endfor %}
<datalist id="channels">{% for channel in channels %}<option value="{{ channel }}">{% endfor %}</datalist>
{% if !others.is_empty() %}<fieldset><legend>{{ lang.say("也负责（已负责：", "Comes to as well (comes to: ") }}{{ homes }})</legend>{% for (id, name, is_on) in others %}<label class="choice"><input type="checkbox" name="home-{{ id }}" value="yes"{% if is_on %} checked{% endif %}><span>{{ name }}</span></label>{% endfor %}</fieldset>{% endif %}
<button class="main">{{ lang.say("保存", "Save") }}</button></form>
<p><a class="button" href="/rota/{{ path }}">{{ lang.say("班次与请假", "Hours and leaves") }}</a> <a class="button" href="{{ href }}/going">{{ lang.say("离开", "They leave") }}</a></p></section>"#
)]
struct Page {
    lang: Lang,
    id: String,
    path: String,
    href: String,
    name: String,
    reply: Reply,
    /// Of which channel the trial message is that somebody may have had.
    tried: String,
    ways: Vec<Reached>,
    roles: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    channels: BTreeSet<String>,
    /// Those that they come to.
    homes: String,
    others: Vec<(String, String, bool)>,
    typed: Typed,
}

struct Reached {
    channel: String,
    shown: String,
    verified: Option<String>,
}

struct Row {
    n: usize,
    channel: String,
    to: String,
    is_browser: bool,
}

type Named = Result<Path<String>, PathRejection>;

/// One of theirs, whom a path names.
pub(super) fn of_theirs(web: &Web, visitor: &Visitor, id: Named) -> Option<Responder> {
    let who: PersonId = id.ok()?.0.parse().ok()?;
    web.people_of(visitor).remove(&who)
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, _me: LoggedIn, id: Named) -> Response {
    let shown = of_theirs(&web, &visitor, id);
    let answer = match shown {
        Some(person) => page(&web, &visitor, &person, Reply::none(), None),
        None => layout::not_found(&visitor),
    };
    std::future::ready(answer).await
}

async fn change(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    _me: LoggedIn,
    id: Named,
    form: Sent,
) -> Response {
    let Some(person) = of_theirs(&web, &visitor, id) else { return layout::not_found(&visitor) };
    let typed = Typed::read(form);
    let edit = |by: &PersonId, now: DateTime| {
        let ways = ways(&person, &typed)?;
        let homes = web.homes_of(&visitor).into_iter().map(|home| home.id.clone());
        let homes = homes.filter(|home| typed.is(&format!("home-{home}"), "yes"));
        said(person.id.clone(), &typed, (ways, homes.collect()), by, now)
    };
    let reply = web.edit(&visitor, (LABELS, &typed), edit).await;
    let person = web.people_of(&visitor).remove(&person.id).unwrap_or(person);
    let typed = (!reply.is_done()).then_some(typed);
    page(&web, &visitor, &person, reply, typed)
}

/// Takes somebody into the register; their page shows what is left to do.
pub(super) async fn add(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    me: LoggedIn,
    form: Sent,
) -> Response {
    let (typed, lang) = (Typed::read(form), visitor.lang);
    let now = web.site.clock.wall().civil(&web.zone());
    let read = || {
        let (who, home) =
            typed.words(|w| Some((w.parsed::<PersonId>("id")?, w.parsed::<HomeId>("home")?)))?;
        if !web.homes_of(&visitor).iter().any(|of| of.id == home) {
            let why = both!("您不负责住户 {home}", "`{home}` is no home of yours");
            return Err(vec![Mistake::new("home", why)]);
        }
        let way = Way { channel: typed.at("channel").into(), to: typed.at("to").into() };
        let ways = if way.channel.is_empty() { Vec::new() } else { vec![way] };
        said(who.clone(), &typed, (ways, vec![home]), &me.person, now).map(|edit| (who, edit))
    };
    let (who, edit) = match read() {
        Ok(read) => read,
        Err(mistakes) => {
            let reply = Reply::mistaken((lang, LABELS), &mistakes);
            return people::page(&web, &visitor, reply, typed).await;
        }
    };
    // The same edit changes whoever is there already, of whom a page of somebody new says nothing.
    let registrar = web.site.registrar.used_by(me.person.as_str());
    let edits = Change::Edits(vec![edit]);
    let reply = match registrar.change(edits.clone(), true).await {
        Err(refused) => refused_in_words((lang, LABELS), &refused),
        Ok(Settled { changes, .. }) if !is_new(&changes, &who) => {
            let why = both!("已有编号为 {who} 的人", "there is a `{who}` already");
            Reply::refused(lang, StatusCode::CONFLICT, vec![why.say(lang).to_owned()])
        }
        Ok(_) => web.settle((lang, LABELS), &me.person, edits).await,
    };
    match web.people_of(&visitor).remove(&who).filter(|_| reply.is_done()) {
        Some(person) => page(&web, &visitor, &person, reply, None),
        None => people::page(&web, &visitor, reply, typed).await,
    }
}

/// Whether these lines of what differs say that somebody is new.
fn is_new(changes: &[Sentence], who: &PersonId) -> bool {
    changes.iter().any(|line| line.en().starts_with(&format!("+ person {who}:")))
}

async fn trial(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    me: LoggedIn,
    id: Named,
    form: Sent,
) -> Response {
    let Some(person) = of_theirs(&web, &visitor, id) else { return layout::not_found(&visitor) };
    let (typed, lang) = (Typed::read(form), visitor.lang);
    let reply = match typed.words(|words| words.parsed::<Name>("channel")) {
        Err(mistakes) => Reply::mistaken((lang, LABELS), &mistakes),
        Ok(channel) => {
            let registrar = web.site.registrar.used_by(me.person.as_str());
            match registrar.try_out(person.id.clone(), Some(channel)).await {
                Err(refused) => refused_in_words((lang, LABELS), &refused),
                Ok(Tried { channel, how, counts_for }) => {
                    let zh = how.say(Lang::Zh);
                    let line = both!(
                        "{channel}：{zh}。验证码 {counts_for} 内有效：请对方说出，填在下面。",
                        "{channel}: {how}. Ask them for the code, within {counts_for}."
                    );
                    Reply::done(
                        lang.say("试发消息已发出", "The trial message went out"),
                        vec![line.say(lang).to_owned()],
                    )
                }
            }
        }
    };
    page_after(&web, &visitor, &person, reply, typed.at("channel"))
}

async fn verified(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    _me: LoggedIn,
    id: Named,
    form: Sent,
) -> Response {
    let Some(person) = of_theirs(&web, &visitor, id) else { return layout::not_found(&visitor) };
    let typed = Typed::read(form);
    let edit = |by: &PersonId, now: DateTime| {
        let channel = typed.words(|words| words.parsed::<Name>("channel"))?;
        // Without the field a person saw it; a field that is empty is a code that is none.
        let code = typed.0.get("code").map(|code| code.trim().to_owned());
        let (who, on, by) = (person.id.clone(), now.date(), Some(by.clone()));
        Ok(Edit::Verified { who, channel, on, code, by })
    };
    let reply = web.edit(&visitor, (LABELS, &typed), edit).await;
    let person = web.people_of(&visitor).remove(&person.id).unwrap_or(person);
    let tried = if reply.is_done() { "" } else { typed.at("channel") };
    page_after(&web, &visitor, &person, reply, tried)
}

/// What a form says of somebody.
fn said(
    who: PersonId,
    typed: &Typed,
    (contacts, homes): (Vec<Way>, Vec<HomeId>),
    by: &PersonId,
    now: DateTime,
) -> Result<Edit, Vec<Mistake>> {
    let name = typed.words(|words| words.text("name", false))?;
    let (role, language) = (typed.choice("role")?, typed.choice("language")?);
    let (by, on) = (Some(by.clone()), Some(now.date()));
    let (name, duty) = (Some(name), None);
    Ok(Edit::Responder { who, name, role, language, duty, contacts, homes, by, on })
}

/// The ways that a form says, in its order. A browser's own stays as it is where nothing is written beside it.
fn ways(person: &Responder, typed: &Typed) -> Result<Vec<Way>, Vec<Mistake>> {
    let mut ways = Vec::new();
    for n in 1..=WAYS_MAX {
        let channel = typed.at(&format!("channel-{n}")).to_owned();
        let mut to = typed.at(&format!("to-{n}")).to_owned();
        let is_it = |contact: &&Contact| contact.channel.as_str() == channel && is_browser(contact);
        if to.is_empty()
            && let Some(contact) = person.contacts.iter().find(is_it)
        {
            to.clone_from(&contact.to);
        }
        if !channel.is_empty() {
            ways.push(Way { channel, to });
        }
    }
    if ways.is_empty() && !person.contacts.is_empty() {
        let why = both!("至少留一种联系方式", "leave at least one way to reach them");
        return Err(vec![Mistake::new("channel", why)]);
    }
    Ok(ways)
}

/// A subscription: whoever has it can send to it, so that it is on no page.
fn is_browser(contact: &Contact) -> bool {
    contact.to.starts_with('{')
}

fn page_after(
    web: &Web,
    visitor: &Visitor,
    person: &Responder,
    reply: Reply,
    tried: &str,
) -> Response {
    let page = Page { tried: tried.to_owned(), ..make(web, visitor, person, reply, None) };
    framed(web, visitor, &page)
}

fn page(
    web: &Web,
    visitor: &Visitor,
    person: &Responder,
    reply: Reply,
    typed: Option<Typed>,
) -> Response {
    framed(web, visitor, &make(web, visitor, person, reply, typed))
}

fn framed(web: &Web, visitor: &Visitor, page: &Page) -> Response {
    layout::framed(web, visitor, (page.reply.status, Frame::Form), &page.name, page)
}

/// Where nothing was typed, the form says what is.
fn make(
    web: &Web,
    visitor: &Visitor,
    person: &Responder,
    reply: Reply,
    typed: Option<Typed>,
) -> Page {
    let lang = visitor.lang;
    let all = web.homes_of(visitor);
    let (theirs, others): (Vec<_>, Vec<_>) =
        all.iter().filter(|h| h.is_ordinary()).partition(|h| h.responder(&person.id).is_some());
    let typed = typed.unwrap_or_else(|| as_it_is(person));
    let others = others.into_iter().map(|home| {
        let is_on = typed.is(&format!("home-{}", home.id), "yes");
        (home.id.to_string(), home.name.clone(), is_on)
    });
    let reached = |contact: &Contact| Reached {
        channel: contact.channel.to_string(),
        shown: match is_browser(contact) {
            true => lang.say("此人的手机浏览器", "their browser").to_owned(),
            false => contact.to.clone(),
        },
        verified: contact.verified.map(|day| day.to_string()),
    };
    Page {
        lang,
        id: person.id.to_string(),
        path: encode(person.id.as_str()),
        href: format!("/people/{}", encode(person.id.as_str())),
        name: person.name.clone(),
        reply,
        tried: String::new(),
        ways: person.contacts.iter().map(reached).collect(),
        roles: roles(lang),
        rows: rows(person, &typed),
        channels: channels(web),
        homes: theirs.iter().map(|home| home.name.as_str()).collect::<Vec<_>>().join(", "),
        others: others.collect(),
        typed,
    }
}

fn rows(person: &Responder, typed: &Typed) -> Vec<Row> {
    let shown = (person.contacts.len() + FREE).min(WAYS_MAX);
    let row = |n: usize| {
        let (channel, to) = (format!("channel-{n}"), format!("to-{n}"));
        let (channel, to) = (typed.at(&channel).to_owned(), typed.at(&to).to_owned());
        let is_browser =
            person.contacts.iter().any(|c| is_browser(c) && *c.channel.as_str() == *channel);
        Row { n, channel, to, is_browser }
    };
    (1..=shown).map(row).collect()
}

/// As if somebody had typed what is on record.
fn as_it_is(person: &Responder) -> Typed {
    let mut all = vec![
        ("name".to_owned(), person.name.clone()),
        ("role".to_owned(), person.role.to_string()),
        ("language".to_owned(), person.language.tag().to_owned()),
    ];
    for (n, contact) in (1..).zip(&person.contacts) {
        all.push((format!("channel-{n}"), contact.channel.to_string()));
        if !is_browser(contact) {
            all.push((format!("to-{n}"), contact.to.clone()));
        }
    }
    Typed(all.into_iter().collect())
}

pub(super) fn roles(lang: Lang) -> Vec<(&'static str, &'static str)> {
    Role::ALL.iter().map(|role| (role.name(), lang.say(role.zh(), role.name()))).collect()
}

/// Those by which anybody is told.
pub(super) fn channels(web: &Web) -> BTreeSet<String> {
    let homes = web.homes();
    let contacts = homes.iter().flat_map(|home| &home.responders).flat_map(|p| &p.contacts);
    contacts.map(|contact| contact.channel.to_string()).collect()
}
