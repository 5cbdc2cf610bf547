//! `/tokens`: which programs may do what, who let them, and whether they still come; one more, or one no longer.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::{May, Name, Pass, PassDeed, PassKind, PersonId, Span};
use crate::web::ask::Trouble;
use crate::web::card::{Maker, coarse};
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::layout::Frame;
use crate::web::settle::{Labels, Reply, Sent, Typed};
use crate::web::{Web, layout, told};

use super::{LoggedIn, new_secret, to};

/// What has no end of its own ends here, in hub time: a hundred years.
pub(in crate::web) const FOR_EVER: Span = Span::hours(24 * 36_525);
/// Who lets somebody in by the API: whoever has a token that may do all.
pub(in crate::web) const PROGRAM: &str = "program";
/// How a deed begins that gives or ends a token.
const OF: &str = "token ";
/// So many deeds about tokens are looked through for whoever gave one.
const DEEDS_MAX: u32 = 1000;
/// What a form says of a token that has no end: nobody gives one without choosing that.
const EVER: &str = "ever";
/// For how long one can be given.
const SPANS: [(&str, &str, &str); 4] = [
    ("30d", "30 天", "30 days"),
    ("90d", "90 天", "90 days"),
    ("365d", "一年", "a year"),
    (EVER, "不限期", "no end"),
];

/// What the fields of the form are called.
const LABELS: Labels = &[
    ("name", "给哪个程序", "For which program"),
    ("may", "可以做什么", "What it may do"),
    ("for", "有效期", "For how long"),
];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/tokens", get(list).post(add)).route("/tokens/{name}/end", post(end))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/settings">← {{ lang.say("设置", "Settings") }}</a></p>
<h1>{{ lang.say("程序令牌", "Tokens of programs") }}</h1>
{{ reply|safe }}
{% if let Some(token) = token %}<p class="banner">{{ lang.say("只显示这一次，请现在抄下：", "It is shown this once: take it down now.") }}</p>
<p><label>{{ lang.say("令牌", "Token") }}<input readonly value="{{ token }}"></label></p>{% endif %}
{% if rows.is_empty() %}<p class="calm">{{ lang.say("没有程序持有令牌", "No program has one") }}</p>{% endif %}
{% for row in rows %}<article class="card"><h2>{{ row.name }} <small>{{ row.may }}</small></h2>
{% for line in row.lines %}<p class="hint">{{ line }}</p>{% endfor %}
<details><summary>{{ lang.say("作废", "End it") }}</summary><form method="post" action="{{ row.href }}/end">
<p>{{ lang.say("用它的程序立即进不来。", "Whatever shows it is turned away at once.") }}</p>
<button>{{ lang.say("作废", "End it") }}</button></form></details></article>{% endfor %}
<section><h2>{{ lang.say("新令牌", "A new one") }}</h2>
<form method="post" action="/tokens"><label>{{ lang.say("给哪个程序（字母、数字和 -；同名的旧令牌作废）", "For which program (letters, digits and -; an earlier one of this name ends)") }}<input name="name" maxlength="64" value="{{ typed.at("name") }}" required autocapitalize="none" spellcheck="false"></label>
<fieldset><legend>{{ lang.say("可以做什么", "What it may do") }}</legend>{% for (value, word) in rights %}<label class="choice"><input type="radio" name="may" value="{{ value }}"{% if typed.is("may", value) %} checked{% endif %} required><span>{{ word }}</span></label>{% endfor %}</fieldset>
<label>{{ lang.say("有效期", "For how long") }}<select name="for">{% for (value, word) in spans %}<option value="{{ value }}"{% if typed.is("for", value) %} selected{% endif %}>{{ word }}</option>{% endfor %}</select></label>
<p class="hint">{{ lang.say("令牌对全部住户有效，不只是您负责的。", "A token is for all homes of this hub, not only for those that you come to.") }}</p>
<button class="main">{{ lang.say("发放", "Give it") }}</button></form></section>"#
)]
struct Page {
    lang: Lang,
    reply: Reply,
    /// To be shown once.
    token: Option<String>,
    rows: Vec<Row>,
    rights: Vec<(&'static str, &'static str)>,
    spans: Vec<(&'static str, &'static str)>,
    typed: Typed,
}

struct Row {
    name: String,
    may: &'static str,
    href: String,
    lines: Vec<String>,
}

async fn list(State(web): State<Arc<Web>>, visitor: Visitor, _me: LoggedIn) -> Response {
    page(&web, &visitor, (Reply::none(), Typed::default()), None).await
}

async fn add(State(web): State<Arc<Web>>, visitor: Visitor, me: LoggedIn, form: Sent) -> Response {
    let (typed, lang) = (Typed::read(form), visitor.lang);
    let read = typed.words(|words| {
        let (name, may) = (words.parsed::<Name>("name"), words.parsed::<May>("may"));
        let lasts = match words.word("for") {
            EVER => None,
            _ => Some(words.parsed::<Span>("for")?),
        };
        Some((name?, may?, lasts))
    });
    let (name, may, lasts) = match read {
        Ok(read) => read,
        Err(mistakes) => {
            let reply = Reply::mistaken((lang, LABELS), &mistakes);
            return page(&web, &visitor, (reply, typed), None).await;
        }
    };
    match web.give_token(&name, may, lasts, me.person.as_str()).await {
        Ok((_, token)) => {
            let reply = Reply::done(lang.say("已发放", "It is given"), Vec::new());
            page(&web, &visitor, (reply, Typed::default()), Some(token)).await
        }
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn end(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    me: LoggedIn,
    name: Result<Path<String>, PathRejection>,
) -> Response {
    let name = name.ok().and_then(|Path(name)| name.parse::<Name>().ok());
    let Some(name) = name else { return layout::not_found(&visitor) };
    match web.end_token(&name, me.person.as_str()).await {
        Ok(true) => to("/tokens"),
        Ok(false) => layout::not_found(&visitor),
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn page(
    web: &Web,
    visitor: &Visitor,
    (reply, typed): (Reply, Typed),
    token: Option<String>,
) -> Response {
    let (lang, now) = (visitor.lang, web.site.clock.now());
    let read = web.read(move |reader| Ok((reader.passes(now)?, reader.last_deeds(OF, DEEDS_MAX)?)));
    let (passes, deeds) = match read.await {
        Ok(read) => read,
        Err(trouble) => return layout::trouble(visitor, &trouble),
    };
    // The latest first: of each token whoever gave it last.
    let mut givers: BTreeMap<String, String> = BTreeMap::new();
    for (_, on_record) in deeds {
        givers.entry(on_record.deed.of).or_insert(on_record.deed.by);
    }
    let maker = Maker::new(web, visitor);
    let programs = passes.iter().filter(|pass| pass.kind == PassKind::Program);
    let status = reply.status;
    let main = Page {
        lang,
        reply,
        token,
        rows: programs.map(|pass| row(web, &maker, pass, &givers)).collect(),
        rights: May::ALL.iter().map(|may| (may.name(), lang.say(may.zh(), may.name()))).collect(),
        spans: SPANS.iter().map(|(value, zh, en)| (*value, lang.say(zh, en))).collect(),
        typed,
    };
    let title = lang.say("程序令牌", "Tokens");
    layout::framed(web, visitor, (status, Frame::Form), title, &main)
}

fn row(web: &Web, maker: &Maker<'_>, pass: &Pass, givers: &BTreeMap<String, String>) -> Row {
    let lang = maker.visitor.lang;
    let may = pass.about.parse::<May>().ok();
    let by = may.and_then(|may| givers.get(&given(&pass.who, may)));
    let by = by.map(|by| match by.parse::<PersonId>() {
        Ok(id) if by != PROGRAM => maker.names.of(&id).to_owned(),
        Ok(_) | Err(_) => lang.say("命令行或程序", "a command line or program").to_owned(),
    });
    let by = by.unwrap_or_else(|| lang.say("不明", "nobody knows").to_owned());
    let made = maker.clock_in(maker.wall(pass.made), &web.zone());
    let until = maker.clock_in(maker.wall(pass.until), &web.zone());
    let ends = pass.until < pass.made + FOR_EVER;
    let seen = (pass.made < pass.seen).then(|| told::span(coarse(maker.now() - pass.seen), lang));
    let lines = vec![
        match lang {
            Lang::Zh => format!("发放：{by}，{made}"),
            Lang::En => format!("given by {by}, {made}"),
        },
        match (ends, lang) {
            (true, Lang::Zh) => format!("有效至 {until}"),
            (true, Lang::En) => format!("good until {until}"),
            (false, _) => lang.say("不限期", "no end").to_owned(),
        },
        match (seen, lang) {
            (None, _) => lang.say("从未使用", "never used").to_owned(),
            (Some(ago), Lang::Zh) => format!("最近使用（精确到一天）：{ago}前"),
            (Some(ago), Lang::En) => format!("last used, to a day: {ago} ago"),
        },
    ];
    Row {
        name: pass.who.clone(),
        may: may.map_or("", |may| lang.say(may.zh(), may.name())),
        href: format!("/tokens/{}", encode(&pass.who)),
        lines,
    }
}

/// As a deed says it.
fn given(name: &str, may: May) -> String {
    format!("{OF}{name} may {may}")
}

impl Web {
    /// Gives a program a token, in the place of an earlier one of its name; told here only.
    pub(in crate::web) async fn give_token(
        &self,
        name: &Name,
        may: May,
        lasts: Option<Span>,
        by: &str,
    ) -> Result<(Pass, String), Trouble> {
        self.let_in_on_record(by, given(name.as_str(), may)).await?;
        let (secret, now) = (new_secret()?, self.site.clock.now());
        let kind = PassKind::Program;
        let times = (now, now + lasts.unwrap_or(FOR_EVER));
        let pass = super::pass(&secret, kind, name.as_str(), may.name(), times);
        self.change_passes(vec![end_of(name), PassDeed::Give(pass.clone())]).await?;
        Ok((pass, secret))
    }

    /// Ends the token of a program. `false`: it has none.
    pub(in crate::web) async fn end_token(&self, name: &Name, by: &str) -> Result<bool, Trouble> {
        let now = self.site.clock.now();
        let passes = self.read(move |reader| reader.passes(now)).await?;
        let is_it = |pass: &Pass| pass.kind == PassKind::Program && pass.who == name.as_str();
        if !passes.iter().any(is_it) {
            return Ok(false);
        }
        self.let_in_on_record(by, format!("{OF}{name} ended")).await?;
        self.change_passes(vec![end_of(name)]).await?;
        Ok(true)
    }
}

fn end_of(name: &Name) -> PassDeed {
    PassDeed::EndAll { who: name.to_string(), kind: PassKind::Program, but: None }
}
