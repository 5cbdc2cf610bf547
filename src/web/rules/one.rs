//! `/rules/{name}`: one rule in plain words, a form with the few things that people adjust, what was changed of it
//! lately, and how it is written. `?home=h1`: as it is for one home.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;

use crate::domain::{DeedOnRecord, Home, Name, Span, Time};
use crate::engine::Book;
use crate::rule::Rule;
use crate::rule::dial::{Dial, Of, Wanted};

use super::past::{as_written, before, changes};
use super::proposed::{self, Standing, standing};
use super::{ask, names, off, words};
use crate::web::ask::Trouble;
use crate::web::card::Maker;
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::layout::Frame;
use crate::web::paper::asked;
use crate::web::{Web, layout, told};

/// So many homes are offered to choose from; another is found from its own page.
const HOMES_MAX: usize = 60;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/rules/{name}", get(show).post(ask::try_out))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="{{ back }}">← {{ lang.say("规则", "Rules") }}</a></p>
<h1>{{ title }} <small>{{ name }}</small></h1>
<p class="level {{ level }}"><span class="mark" aria-hidden="true"></span>{{ level_word }}</p>
{% if let Some((place, _)) = home %}<p class="banner">{{ lang.say("仅对此户：", "For this home only: ") }}{{ place }}</p>{% endif %}
{% if let Some(said) = done %}<p class="banner" role="status">{{ said }}</p>{% endif %}
{% if let Some(off) = off %}<p class="banner refused">{{ off }}</p>{% endif %}
{% if !mistakes.is_empty() %}<div class="banner refused" role="alert">{% for mistake in mistakes %}<p>{{ mistake }}</p>{% endfor %}</div>{% endif %}
<p class="reason">{{ lang.say("查找：", "Looks for: ") }}<strong>{{ looks_for }}</strong></p>
<ul class="facts">{% for (what, value) in facts %}<li><span class="what">{{ what }}</span><strong>{{ value }}</strong></li>{% endfor %}</ul>
<p class="hint">{{ lang.say("数值来源", "Where the numbers come from") }}: {{ source }}</p>
<section id="form"><h2>{{ lang.say("改动", "Make it otherwise") }}</h2>
<p class="hint">{{ lang.say("先在最近七天的记录上试算，看清结果后才能启用。", "It is tried out on the record of the last seven days first; only what was tried out can be put in force.") }}</p>
{% if let Some(said) = is_put_back %}<p class="hint">{{ said }}</p>{% endif %}
{% if let Some(why) = stays_on %}<p class="hint">{{ why }}</p>{% endif %}
<form method="post" action="/rules/{{ name }}"><div class="filter dials">
{% if let Some((_, id)) = home %}<input type="hidden" name="home" value="{{ id }}">
{% endif %}
{% if stays_on.is_none() %}<label>{% if home.is_some() %}{{ lang.say("此户", "In this home") }}{% else %}{{ lang.say("所有住户", "In all homes") }}{% endif %}<select name="off"><option value="no">{{ lang.say("查找", "looked for") }}</option><option value="yes"{% if is_off %} selected{% endif %}>{{ lang.say("不查找", "not looked for") }}</option></select></label>{% endif %}
{% for field in fields %}<label>{{ field.word }}{% if !field.unit.is_empty() %} <small>{{ field.unit }}</small>{% endif %}{% if let Some(own) = field.usual %} <small>{{ lang.say("通常 ", "for others ") }}{{ own }}</small>{% endif %}{% if field.choices.is_empty() %}<input name="{{ field.key }}" value="{{ field.value }}" autocomplete="off"{% if field.is_number %} inputmode="decimal"{% endif %}{% if field.is_span %} placeholder="{{ lang.say("无", "none") }}"{% endif %}>{% else %}<select name="{{ field.key }}">{% for choice in field.choices %}<option value="{{ choice.0 }}"{% if choice.0 == field.value %} selected{% endif %}>{{ choice.1 }}</option>{% endfor %}</select>{% endif %}</label>
{% endfor %}</div>
<p class="hint">{{ lang.say("时长写作 30s、10m、2h、3d。", "Times are written 30s, 10m, 2h, 3d.") }}</p>
<button class="main">{{ lang.say("用最近七天试算", "Try it on last week") }}</button>
{% if is_otherwise %}<button name="everybody" value="yes">{{ lang.say("试算：恢复为通用设置", "Try: as everybody has it") }}</button>{% endif %}</form></section>
{% if !others.is_empty() || !homes.is_empty() %}<section><h2>{{ lang.say("只为一户改动", "For one home only") }}</h2>
<ul class="closed">{% for other in others %}<li><a href="{{ other.href }}"><span class="what">{{ other.place }} <code>{{ other.what }}</code><small>{{ other.who }}</small></span></a></li>{% endfor %}</ul>
{% if !homes.is_empty() %}<form method="get" action="/rules/{{ name }}" class="filter"><label>{{ lang.say("住户", "Home") }}<select name="home">{% for (id, place) in homes %}<option value="{{ id }}">{{ place }}</option>{% endfor %}</select></label><button>{{ lang.say("打开", "Open") }}</button></form>{% endif %}</section>{% endif %}
<section><h2>{{ lang.say("最近的改动", "What was changed lately") }}</h2>
{% if history.is_empty() %}<p class="hint">{{ lang.say("没有记录", "Nothing is on record") }}</p>{% endif %}
{% for past in history %}<article class="card"><h3>{{ past.at }} · {{ past.by }}</h3><p>{{ past.why }}</p>
<ul class="facts">{% for (what, before, after) in past.turns %}<li><span class="what">{{ what }}</span><span>{{ before }} → <strong>{{ after }}</strong></span></li>{% endfor %}</ul>
{% if let Some(href) = past.undo %}<a class="button" href="{{ href }}">{{ lang.say("把原先的值放回表单", "Put what it was into the form") }}</a>{% endif %}</article>{% endfor %}</section>
<details><summary>{{ lang.say("书写原文 (TOML)", "As it is written (TOML)") }}</summary><pre>{{ written }}</pre></details>"#
)]
struct Page {
    lang: Lang,
    back: String,
    name: String,
    title: String,
    level: &'static str,
    level_word: &'static str,
    /// What it is called, and its id.
    home: Option<(String, String)>,
    done: Option<&'static str>,
    mistakes: Vec<String>,
    looks_for: String,
    facts: Vec<(&'static str, String)>,
    source: String,
    is_put_back: Option<String>,
    /// It is not looked for now: where, by whom, since when and why.
    off: Option<String>,
    /// Why it cannot be switched off here.
    stays_on: Option<&'static str>,
    is_off: bool,
    /// The home has a change of its own.
    is_otherwise: bool,
    fields: Vec<Field>,
    others: Vec<OtherRow>,
    homes: Vec<(String, String)>,
    history: Vec<Past>,
    written: String,
}

struct Field {
    key: String,
    word: String,
    unit: &'static str,
    value: String,
    /// What everybody has, where that is something else.
    usual: Option<String>,
    /// As it is sent, and as it is shown.
    choices: Vec<(String, String)>,
    is_number: bool,
    is_span: bool,
}

struct OtherRow {
    href: String,
    place: String,
    what: String,
    who: String,
}

struct Past {
    at: String,
    by: String,
    why: String,
    turns: Vec<(String, String, String)>,
    undo: Option<String>,
}

/// What is asked for.
pub(super) struct Wish {
    pub(super) rule: Name,
    pub(super) home: Option<Arc<Home>>,
}

async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Response {
    let rule = path.ok().and_then(|Path(name)| name.parse::<Name>().ok());
    let home = ask::home_of(&web, &visitor, asked(&uri, "home").as_deref());
    let (Some(rule), Ok(home)) = (rule, home) else { return layout::not_found(&visitor) };
    let wish = Wish { rule, home };
    let tried = asked(&uri, "trial").and_then(|id| id.parse().ok());
    let tried = visitor.me.as_ref().zip(tried).and_then(|(me, id)| web.bench.of(me, id));
    let wanted = tried.filter(|trial| trial.proposed.rule == wish.rule);
    let wanted = wanted.map(|trial| trial.proposed.wanted.clone()).unwrap_or_default();
    let typed = Typed {
        off: wanted.get("off").map(|off| off == "yes"),
        wanted,
        undo: asked(&uri, "undo").and_then(|id| id.parse().ok()),
        is_done: asked(&uri, "done").is_some(),
        ..Typed::default()
    };
    page(&web, &visitor, &wish, typed).await
}

/// What is in the form although it is not in force.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) wanted: Wanted,
    pub(super) off: Option<bool>,
    pub(super) mistakes: Vec<String>,
    /// The change on record that is to be put back.
    pub(super) undo: Option<i64>,
    pub(super) is_done: bool,
}

pub(super) async fn page(web: &Web, visitor: &Visitor, wish: &Wish, typed: Typed) -> Response {
    let status = match typed.mistakes.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    match make(web, visitor, wish, typed).await {
        Ok(Some(page)) => {
            let title = page.title.clone();
            layout::framed(web, visitor, (status, Frame::Paper), &title, &page)
        }
        Ok(None) => layout::not_found(visitor),
        Err(trouble) => layout::trouble(visitor, &trouble),
    }
}

async fn make(
    web: &Web,
    visitor: &Visitor,
    wish: &Wish,
    mut typed: Typed,
) -> Result<Option<Page>, Trouble> {
    let lang = visitor.lang;
    let Some(ask::InForce { book, texts, .. }) = web.in_force().await? else { return Ok(None) };
    let home = wish.home.as_deref();
    let rule = book.rules.iter().find(|rule| rule.name == wish.rule);
    let (Some(rule), Some(stands)) = (rule, standing(&book, &wish.rule, home)) else {
        return Ok(None);
    };
    let maker = Maker::new(web, visitor);
    let changes = changes(web, &wish.rule, home).await?;
    let undone = changes.iter().find(|(id, ..)| Some(*id) == typed.undo);
    if let Some((_, _, deed)) = undone {
        (typed.wanted, typed.off) = before(deed, (&book, &wish.rule), home, &stands);
    }
    let is_put_back = undone.map(|(_, at, _)| {
        let at = maker.clock_in(*at, &web.zone());
        match lang {
            Lang::Zh => format!("表单中是 {at} 改动之前的值"),
            Lang::En => format!("The form holds what it was before the change of {at}"),
        }
    });
    let shown = as_it_is(&book, rule, home);
    let draft = Draft { lang, web, maker: &maker, book: &book, wish, stands: &stands };
    Ok(Some(Page {
        lang,
        back: home
            .map_or("/rules".to_owned(), |h| format!("/rules?home={}", encode(h.id.as_str()))),
        name: rule.name.to_string(),
        title: lang.say(&rule.title.zh, &rule.title.en).to_owned(),
        level: shown.level.name(),
        level_word: lang.say(shown.level.zh(), shown.level.name()),
        home: home.map(|home| (home.name.clone(), home.id.to_string())),
        done: typed
            .is_done
            .then(|| lang.say("已启用，并已记录在案", "It is in force, and on record")),
        looks_for: words::looks_for(&shown, &stands.table, lang),
        facts: facts((&shown, book.plan_title(shown.plan.as_str(), lang)), lang),
        source: rule.source.clone(),
        is_put_back,
        off: off::standing(lang, &maker.names, rule, home),
        stays_on: rule.stays_on(home.is_none()).map(|stays| off::why_on(stays, lang)),
        is_off: typed.off.unwrap_or(stands.is_off),
        is_otherwise: home.is_some_and(|home| proposed::change_of(home, &rule.name).is_some()),
        fields: draft.fields(&typed.wanted),
        others: if home.is_some() { Vec::new() } else { draft.others(visitor) },
        homes: if home.is_some() { Vec::new() } else { draft.homes(visitor) },
        history: changes.iter().map(|change| draft.past(change)).collect(),
        written: as_written(&texts.rules, &rule.name),
        mistakes: typed.mistakes,
    }))
}

/// The rule as it is for the home.
fn as_it_is(book: &Book, rule: &Arc<Rule>, home: Option<&Home>) -> Arc<Rule> {
    let change = home.and_then(|home| proposed::change_of(home, &rule.name));
    let changed = change.filter(|change| !change.off).and_then(|change| book.changed(change).ok());
    changed.flatten().map_or_else(|| Arc::clone(rule), Arc::new)
}

/// The rule in plain words.
fn facts((rule, plan): (&Rule, &str), lang: Lang) -> Vec<(&'static str, String)> {
    let span = |span: Span| match span {
        Span::ZERO => lang.say("立即", "at once").to_owned(),
        span => told::span(span, lang),
    };
    let mut facts = Vec::new();
    if Span::ZERO < rule.hold {
        facts.push((lang.say("须持续", "it must hold for"), told::span(rule.hold, lang)));
    }
    if let Some(warn) = rule.warn {
        let whom = match warn.ask {
            true => lang.say("开始后询问老人", "asks the resident, after it began"),
            false => lang.say("开始后预警", "warns, after it began"),
        };
        facts.push((whom, span(warn.after)));
    }
    facts.push((lang.say("报警于开始后", "alarms, after it began"), span(rule.alarm_after)));
    facts.push((lang.say("按预案", "by the plan"), plan.to_owned()));
    facts
}

/// What rows are made of.
struct Draft<'d> {
    lang: Lang,
    web: &'d Web,
    maker: &'d Maker<'d>,
    book: &'d Book,
    wish: &'d Wish,
    stands: &'d Standing,
}

impl Draft<'_> {
    fn fields(&self, wanted: &Wanted) -> Vec<Field> {
        let plans = self.book.plans().iter();
        let plans: Vec<_> =
            plans.map(|p| (p.name.to_string(), p.title(self.lang).to_owned())).collect();
        let usual = self.book.source(&self.wish.rule).map(crate::rule::dial::dials);
        let usual = usual.unwrap_or_default();
        let field = |dial: &Dial| {
            let (word, unit) = names::of_dial(&dial.key, &self.stands.table, self.lang);
            let everybody = usual.iter().find(|usual| usual.key == dial.key);
            let everybody = everybody.filter(|usual| usual.value != dial.value);
            Field {
                key: dial.key.clone(),
                word,
                unit,
                value: wanted.get(&dial.key).unwrap_or(&dial.value).clone(),
                usual: everybody.map(|usual| usual.value.clone()),
                choices: if dial.of == Of::Plan { plans.clone() } else { Vec::new() },
                is_number: dial.of == Of::Number,
                is_span: dial.of == Of::Span,
            }
        };
        self.stands.dials.iter().map(field).collect()
    }

    fn others(&self, visitor: &Visitor) -> Vec<OtherRow> {
        let lang = self.lang;
        let row = |home: &Arc<Home>| {
            let change = proposed::change_of(home, &self.wish.rule)?;
            let off = lang.say("不查找", "not looked for");
            Some(OtherRow {
                href: self.href(home),
                place: home.name.clone(),
                what: match change.off {
                    true => off.to_owned(),
                    false => change.set.trim().replace('\n', " "),
                },
                who: format!("{} {} · {}", self.maker.names.of(&change.by), change.on, change.why),
            })
        };
        self.web.homes_of(visitor).iter().filter_map(row).collect()
    }

    fn homes(&self, visitor: &Visitor) -> Vec<(String, String)> {
        let homes = self.web.homes_of(visitor);
        let homes = homes.iter().filter(|home| home.is_ordinary()).take(HOMES_MAX);
        homes.map(|home| (home.id.to_string(), home.name.clone())).collect()
    }

    fn href(&self, home: &Home) -> String {
        let rule = encode(self.wish.rule.as_str());
        format!("/rules/{rule}?home={}", encode(home.id.as_str()))
    }

    fn can_be_put_back(&self, deed: &DeedOnRecord) -> bool {
        let of = (self.book, &self.wish.rule);
        let (wanted, off) = before(deed, of, self.wish.home.as_deref(), self.stands);
        !wanted.is_empty() || off.is_some()
    }

    fn past(&self, (id, at, deed): &(i64, Time, DeedOnRecord)) -> Past {
        let lang = self.lang;
        let none = || lang.say("无", "none").to_owned();
        let own = format!("changes/{}/", self.wish.rule);
        let turn = |altered: &crate::domain::Altered| {
            let key = altered.key.trim_start_matches(&own).replace('/', ".");
            let (word, _) = names::of_dial(&key, &self.stands.table, lang);
            let text = |side: &Option<String>| match side {
                Some(plan) if key == "alarm.plan" => self.book.plan_title(plan, lang).to_owned(),
                side => side.clone().unwrap_or_else(none),
            };
            (word, text(&altered.before), text(&altered.after))
        };
        let rule = encode(self.wish.rule.as_str());
        let home = self.wish.home.as_ref();
        let home = home.map_or(String::new(), |h| format!("&home={}", encode(h.id.as_str())));
        Past {
            at: self.maker.clock_in(*at, &self.web.zone()),
            by: self.maker.names.of_deed(&deed.deed.by),
            why: deed.deed.why.clone(),
            turns: deed.altered.iter().map(turn).collect(),
            undo: self.can_be_put_back(deed).then(|| format!("/rules/{rule}?undo={id}{home}#form")),
        }
    }
}
