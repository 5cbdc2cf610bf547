//! The rules that nobody looks for, for everybody or in one home: who decided that, when and why. And why some stay on.

use askama::Template;

use crate::domain::{Home, Name, PersonId, Title};
use crate::engine::Book;
use crate::rule::{Off, Rule, StaysOn};
use crate::web::ask::Names;
use crate::web::lang::{Lang, encode};

use super::proposed::change_of;

/// See the module; nothing where all are looked for.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if !rows.is_empty() %}<section id="off"><h2>{{ lang.say("已关闭的规则", "Rules that are off") }} <span class="count plain">{{ rows.len() }}</span></h2>
<ul class="closed toned">{% for row in rows %}<li class="serious">{% if are_links %}<a href="{{ row.href }}">{% else %}<p class="row">{% endif %}<span class="mark" aria-hidden="true"></span><span class="what">{{ row.title }}<small>{{ row.who }}</small></span><span class="outcome">{{ row.place }}</span>{% if are_links %}</a>{% else %}</p>{% endif %}</li>{% endfor %}</ul></section>{% endif %}"#
)]
pub(in crate::web) struct OffRules {
    lang: Lang,
    are_links: bool,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    title: String,
    /// Who, when and why.
    who: String,
    /// Where nobody looks for it.
    place: String,
}

impl OffRules {
    /// Those of everybody, and of these homes. `are_links`: whoever looks may open the rules.
    pub(in crate::web) fn new<'h>(
        (lang, names): (Lang, &Names),
        book: Option<&Book>,
        homes: impl Iterator<Item = &'h Home>,
        are_links: bool,
    ) -> Self {
        let titled = |title: &Title| lang.say(&title.zh, &title.en).to_owned();
        let who = |by: &PersonId, on: &str, why: &str| format!("{} {on} · {why}", names.of(by));
        let everybody = |(rule, off): (&Rule, &Off)| Row {
            href: format!("/rules/{}", encode(rule.name.as_str())),
            title: titled(&rule.title),
            who: who(&off.by, &off.on.to_string(), &off.why),
            place: lang.say("所有住户", "all homes").to_owned(),
        };
        let mut rows: Vec<Row> = book.into_iter().flat_map(Book::off).map(everybody).collect();
        let known = |name: &Name| book?.rules.iter().find(|rule| rule.name == *name);
        for home in homes {
            rows.extend(home.changes.iter().filter(|change| change.off).map(|change| {
                Row {
                    href: format!(
                        "/rules/{}?home={}",
                        encode(change.rule.as_str()),
                        encode(home.id.as_str())
                    ),
                    title: known(&change.rule)
                        .map_or_else(|| change.rule.to_string(), |rule| titled(&rule.title)),
                    who: who(&change.by, &change.on, &change.why),
                    place: home.name.clone(),
                }
            }));
        }
        Self { lang, are_links, rows }
    }
}

/// Where nobody looks for a rule now, who decided that, when and why.
pub(super) fn standing(
    lang: Lang,
    names: &Names,
    rule: &Rule,
    home: Option<&Home>,
) -> Option<String> {
    let change = home.and_then(|home| change_of(home, &rule.name)).filter(|change| change.off);
    let (place, by, on, why) = match (&rule.off, change) {
        (Some(off), _) => {
            let place = lang.say("对所有住户不查找", "Not looked for in any home");
            (place, &off.by, off.on.to_string(), &off.why)
        }
        (None, Some(change)) => {
            let place = lang.say("此户不查找", "Not looked for in this home");
            (place, &change.by, change.on.clone(), &change.why)
        }
        (None, None) => return None,
    };
    Some(format!("{place} · {} {on} · {why}", names.of(by)))
}

/// Why a rule cannot be switched off, for whoever wants to.
pub(super) fn why_on(stays: StaysOn, lang: Lang) -> &'static str {
    match stays {
        StaysOn::Calls => lang.say(
            "呼救类规则（求助、跌倒、烟雾、燃气等）在任何一户都不能关闭：它一响就可能关系性命。若是误报，请试验、移位或更换那台设备。",
            "A call for help is never switched off, in no home (help, fall, smoke, gas and the like: an emergency is never off). \
             A life may hang on it. If it cries wolf, try out, move or replace the sensor.",
        ),
        StaysOn::Urgent => lang.say(
            "紧急级规则关系性命，不能对所有住户关闭：一户误报，不能让其他户失去保护。可以只对误报的那一户关闭，或改动数值。",
            "A life may hang on an urgent rule, so it is not switched off for everybody: that it cries wolf in one home must not \
             leave the others without it. It can be switched off for that home only, or its numbers made otherwise.",
        ),
    }
}
