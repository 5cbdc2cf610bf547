//! `/rules`: every rule of the book in force, where its numbers come from, for which homes it is otherwise, and how
//! often it was right lately.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;

use crate::domain::{Group, Home, Name, Span};
use crate::engine::Book;
use crate::report::{Cell, Fired};
use crate::rule::Rule;

use super::ask::home_of;
use super::off::OffRules;
use crate::web::ask::{Names, Trouble};
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::layout::Frame;
use crate::web::paper::asked;
use crate::web::signpost::Signpost;
use crate::web::{Web, layout, told};

/// What *lately* is, in days.
const DAYS: i64 = 30;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/rules", get(rules))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ desk|safe }}
<h1>{{ lang.say("规则", "Rules") }}</h1>
{% if let Some(home) = home %}<p class="banner">{{ lang.say("选择一条规则，只为此户改动：", "Choose the rule that is to be otherwise for this home only: ") }}{{ home }}</p>{% endif %}
<p class="hint">{{ lang.say("次数为最近 30 天、您负责的户；误报率只计已结案的报警。预设值，不是医疗建议。", "Counted in the last 30 days, in the homes that you come to; false alarms are of the alarms that are closed. Presets, not medical advice.") }}</p>
{{ off|safe }}
{% if parts.is_empty() %}<p class="banner">{{ lang.say("暂时读不到", "They cannot be read now") }}</p>{% endif %}
{% for (group, rows) in parts %}<h2 class="part">{{ group }}</h2>
{% for row in rows %}<details class="rule {{ row.level }}" id="{{ row.name }}"><summary><span class="mark" aria-hidden="true"></span><span class="what">{{ row.title }}<small> {{ row.level_word }} · {{ row.name }}</small></span><span class="outcome">{{ row.fired }}</span></summary>
<p>{{ lang.say("查找", "Looks for") }} <code>{{ row.looks_for }}</code></p>
<ul class="facts">{% for (what, value) in row.facts %}<li><span class="what">{{ what }}</span><strong>{{ value }}</strong></li>{% endfor %}</ul>
<p><a class="button" href="{{ row.href }}">{{ lang.say("说明、试算与改动", "In words, try it out, make it otherwise") }}</a></p>
<p><a class="button" href="/plans#{{ row.plan }}">{{ lang.say("预案", "Plan") }} {{ row.plan_title }}</a></p>
<p class="hint">{{ lang.say("数值来源", "Where the numbers come from") }}: {{ row.source }}</p>
{% if !row.changes.is_empty() %}<h3>{{ lang.say("另有设置的户", "Homes for which it is otherwise") }}</h3><ul class="facts">{% for change in row.changes %}<li><span class="what">{{ change.place }} <code>{{ change.what }}</code><small> {{ change.who }}</small></span></li>{% endfor %}</ul>{% endif %}</details>
{% endfor %}{% endfor %}"#
)]
struct Page {
    lang: Lang,
    desk: Signpost,
    off: OffRules,
    /// For which home one is chosen.
    home: Option<String>,
    parts: Vec<(&'static str, Vec<Row>)>,
}

struct Row {
    href: String,
    name: String,
    title: String,
    level: &'static str,
    level_word: &'static str,
    /// `12 · false 3/10`
    fired: String,
    looks_for: String,
    facts: Vec<(&'static str, String)>,
    plan: String,
    plan_title: String,
    source: String,
    changes: Vec<ChangeRow>,
}

struct ChangeRow {
    place: String,
    what: String,
    who: String,
}

async fn rules(State(web): State<Arc<Web>>, visitor: Visitor, uri: Uri) -> Response {
    let home = home_of(&web, &visitor, asked(&uri, "home").as_deref());
    let Ok(home) = home else { return layout::not_found(&visitor) };
    match make(&web, &visitor, home).await {
        Ok(main) => {
            let title = visitor.lang.say("规则", "Rules");
            layout::framed(&web, &visitor, (StatusCode::OK, Frame::Paper), title, &main)
        }
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn make(web: &Web, visitor: &Visitor, home: Option<Arc<Home>>) -> Result<Page, Trouble> {
    let lang = visitor.lang;
    let since = web.site.clock.wall() - Span::hours(24 * DAYS);
    let ended = web.read(move |reader| reader.ended(since)).await?;
    let ended = ended.into_iter().filter(|ended| web.shows_home(visitor, &ended.home));
    let maker = Draft {
        lang,
        home: home.clone(),
        fired: Fired::by_rule(ended),
        homes: web.homes_of(visitor),
        names: web.names(),
    };
    let book = web.book().await;
    let part = |group: &Group| {
        let all = book.iter().flat_map(|book| book.rules.iter().map(move |rule| (book, rule)));
        let rules = all.filter(|(_, rule)| rule.group == *group);
        let rows: Vec<Row> = rules.map(|(book, rule)| maker.row(book, rule)).collect();
        (!rows.is_empty()).then(|| (lang.say(group.zh(), group.name()), rows))
    };
    let parts = Group::ALL.iter().filter_map(part).collect();
    let homes = maker.homes.iter().map(|home| &**home);
    let off = OffRules::new((lang, &maker.names), book.as_deref(), homes, true);
    let home = home.map(|home| home.name.clone());
    Ok(Page { lang, desk: Signpost::new(web, visitor), off, home, parts })
}

/// What rows are made of.
struct Draft {
    lang: Lang,
    home: Option<Arc<Home>>,
    fired: BTreeMap<Name, Fired>,
    homes: Vec<Arc<Home>>,
    names: Names,
}

impl Draft {
    fn row(&self, book: &Book, rule: &Rule) -> Row {
        let lang = self.lang;
        let fired = self.fired.get(&rule.name).copied().unwrap_or_default();
        let of = self.home.as_ref();
        let of = of.map_or(String::new(), |home| format!("?home={}", encode(home.id.as_str())));
        Row {
            href: format!("/rules/{}{of}", encode(rule.name.as_str())),
            name: rule.name.to_string(),
            title: lang.say(&rule.title.zh, &rule.title.en).to_owned(),
            level: rule.level.name(),
            level_word: lang.say(rule.level.zh(), rule.level.name()),
            fired: match (fired.found, fired.false_alarms) {
                _ if rule.off.is_some() => lang.say("▲ 不查找", "▲ not looked for").to_owned(),
                (0, _) => "0".to_owned(),
                (n, share) if share.of == 0 => n.to_string(),
                (n, share) => {
                    let word = lang.say("误报", "false");
                    format!("{n} · {word} {}", Cell::Share(share).say(lang))
                }
            },
            looks_for: rule.looks_for.clone(),
            facts: self.facts(rule, fired),
            plan: rule.plan.to_string(),
            plan_title: book.plan_title(rule.plan.as_str(), lang).to_owned(),
            source: rule.source.clone(),
            changes: self.changes(rule),
        }
    }

    fn facts(&self, rule: &Rule, fired: Fired) -> Vec<(&'static str, String)> {
        let lang = self.lang;
        let mut facts = Vec::new();
        if Span::ZERO < rule.hold {
            let hold = lang.say("须持续", "it must hold for");
            facts.push((hold, told::span(rule.hold, lang)));
        }
        if let Some(warn) = rule.warn {
            let after = told::span(warn.after, lang);
            facts.push((lang.say("预警于开始后", "warning after"), after));
        }
        let after = told::span(rule.alarm_after, lang);
        facts.push((lang.say("报警于开始后", "alarm after"), after));
        facts.extend([
            (lang.say("30 天内发现", "found in 30 days"), fired.found.to_string()),
            (lang.say("其中报警", "of them alarmed"), fired.alarms.to_string()),
            (lang.say("误报", "called false"), Cell::Share(fired.false_alarms).say(lang)),
        ]);
        facts
    }

    fn changes(&self, rule: &Rule) -> Vec<ChangeRow> {
        let lang = self.lang;
        let all = self.homes.iter().flat_map(|home| home.changes.iter().map(move |c| (home, c)));
        let of_rule = all.filter(|(_, change)| change.rule == rule.name);
        let row = |(home, change): (&Arc<Home>, &crate::domain::Change)| ChangeRow {
            place: home.name.clone(),
            what: if change.off {
                lang.say("不查找", "not looked for").to_owned()
            } else {
                change.set.trim().replace('\n', " ")
            },
            who: format!("{} {} · {}", self.names.of(&change.by), change.on, change.why),
        };
        of_rule.map(row).collect()
    }
}
