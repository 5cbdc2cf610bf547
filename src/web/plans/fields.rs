//! The fields of a plan: whom a rung tells is ticked, a time is a number and a unit that is chosen, so that nothing can
//! be misspelt. What is left as it is stays as it is written.

use std::collections::BTreeMap;

use askama::Template;

use crate::domain::{Role, Sentence, Span, both};
use crate::engine::plan::ANSWERS_MAX;
use crate::rule::dial::{Dial, Of, Wanted};
use crate::web::lang::Lang;
use crate::web::told;

/// What a time is counted in. Milliseconds are only offered where they stand already.
const UNITS: [(&str, &str, &str); 5] = [
    ("ms", "毫秒", "milliseconds"),
    ("s", "秒", "seconds"),
    ("m", "分钟", "minutes"),
    ("h", "小时", "hours"),
    ("d", "天", "days"),
];
/// Behind the key of a time: the field of its unit.
const UNIT: &str = "unit";
/// Limits that a plan may do without.
const LEFT_OUT: [&str; 3] = ["report_within", "close_within", "answers"];

/// One field, with what it is called.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% match kind %}
{% when Kind::Roles with (roles) %}<fieldset><legend>{{ what }}</legend><input type="hidden" name="{{ key }}" value="">{% for (role, word, is_on) in roles %}<label class="choice"><input type="checkbox" name="{{ key }}.{{ role }}" value="yes"{% if *is_on %} checked{% endif %}><span>{{ word }}</span></label>{% endfor %}</fieldset>
{% when Kind::Time with { number, units } %}<fieldset class="span"><legend>{{ what }}</legend><input type="number" inputmode="numeric" min="0" step="1" name="{{ key }}" value="{{ number }}" autocomplete="off" aria-label="{{ word }}" placeholder="{{ lang.say("无", "none") }}"{% if is_needed %} required{% endif %}><select name="{{ key }}.unit" aria-label="{{ word }} {{ lang.say("单位", "unit") }}">{% for (unit, word, is) in units %}<option value="{{ unit }}"{% if *is %} selected{% endif %}>{{ word }}</option>{% endfor %}</select></fieldset>
{% when Kind::Count with (count) %}<label>{{ what }}<input type="number" inputmode="numeric" min="1" max="{{ ANSWERS_MAX }}" step="1" name="{{ key }}" value="{{ count }}" autocomplete="off" placeholder="1"></label>
{% endmatch %}"#
)]
pub(super) struct Field {
    lang: Lang,
    key: String,
    what: &'static str,
    word: String,
    is_needed: bool,
    kind: Kind,
}

enum Kind {
    /// As it is sent, as it is shown, and whether the rung tells them.
    Roles(Vec<(&'static str, &'static str, bool)>),
    Time {
        number: String,
        units: Vec<(&'static str, &'static str, bool)>,
    },
    Count(String),
}

impl Field {
    /// Of what stands in it now.
    pub(super) fn new(dial: &Dial, wanted: &Wanted, lang: Lang) -> Self {
        let text = wanted.get(&dial.key).unwrap_or(&dial.value);
        let kind = match dial.of {
            Of::Words => {
                let told = roles(text);
                let role = |role: &Role| {
                    (role.name(), lang.say(role.zh(), role.name()), told.contains(role))
                };
                Kind::Roles(Role::ALL.iter().map(role).collect())
            }
            Of::Number => Kind::Count(text.clone()),
            Of::Span | Of::Spans | Of::Text | Of::Plan => {
                let (number, unit) = split(text);
                let offered = UNITS.iter().filter(|(name, ..)| *name != "ms" || unit == "ms");
                let units = offered.map(|(name, zh, en)| (*name, lang.say(zh, en), *name == unit));
                Kind::Time { number, units: units.collect() }
            }
        };
        Self {
            lang,
            key: dial.key.clone(),
            what: what(&dial.key, lang),
            word: word(&dial.key, lang),
            is_needed: is_needed(dial),
            kind,
        }
    }
}

/// What a form says of these dials. Written together already, as the form that puts it in force sends it, it is that.
pub(super) fn read(dials: &[Dial], form: &BTreeMap<String, String>) -> Wanted {
    let of = |dial: &Dial| {
        let text = form.get(&dial.key)?.trim();
        let said = match dial.of {
            Of::Words if text.is_empty() => {
                let is_ticked = |role: &&Role| form.contains_key(&format!("{}.{role}", dial.key));
                let ticked = Role::ALL.iter().filter(is_ticked).map(|role| role.name());
                ticked.collect::<Vec<_>>().join(", ")
            }
            Of::Span if !text.is_empty() => {
                let unit = form.get(&format!("{}.{UNIT}", dial.key));
                format!("{text}{}", unit.map(|unit| unit.trim()).unwrap_or_default())
            }
            Of::Words | Of::Span | Of::Number | Of::Spans | Of::Text | Of::Plan => text.to_owned(),
        };
        let said = if is_same(dial.of, &said, &dial.value) { dial.value.clone() } else { said };
        Some((dial.key.clone(), said))
    };
    dials.iter().filter_map(of).collect()
}

/// Whether both mean the same, in whatever order and unit.
fn is_same(of: Of, a: &str, b: &str) -> bool {
    match of {
        Of::Words => {
            let (mut a, mut b) = (roles(a), roles(b));
            for all in [&mut a, &mut b] {
                all.sort_unstable();
                all.dedup();
            }
            a == b && !a.is_empty()
        }
        Of::Span => a.parse::<Span>().is_ok_and(|a| b.parse() == Ok(a)),
        Of::Number | Of::Spans | Of::Text | Of::Plan => a == b,
    }
}

fn roles(text: &str) -> Vec<Role> {
    text.split(',').filter_map(|role| role.trim().parse().ok()).collect()
}

/// A time as a number and its unit: as it is written, where that is one number; else in the largest unit without a rest.
fn split(text: &str) -> (String, &'static str) {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    let written = UNITS.iter().find(|(unit, ..)| *unit == rest);
    if let Some((unit, ..)) = written.filter(|_| !number.is_empty()) {
        return (number.to_owned(), unit);
    }
    if let Ok(Span(ms)) = text.parse() {
        let whole = |(unit, ..): &(&'static str, &str, &str)| {
            let Ok(Span(one)) = format!("1{unit}").parse() else { return None };
            (ms % one == 0).then(|| ((ms / one).to_string(), *unit))
        };
        if let Some(whole) = UNITS.iter().rev().find_map(whole) {
            return whole;
        }
    }
    // What is no time stays as it was sent.
    let sent = UNITS.iter().find_map(|(unit, ..)| Some((text.strip_suffix(unit)?, *unit)));
    let (number, unit) = sent.unwrap_or((text, "m"));
    (number.to_owned(), unit)
}

fn is_needed(dial: &Dial) -> bool {
    !LEFT_OUT.contains(&&*dial.key)
}

/// What cannot be, each in a sentence that names its field. What else a plan must be, whoever reads it says.
pub(super) fn mistakes(dials: &[Dial], wanted: &Wanted) -> Vec<Sentence> {
    let (mut found, mut latest) = (Vec::new(), None);
    let say = |zh: &str, en: &str| Sentence::new(zh, en);
    for dial in dials {
        let text = wanted.get(&dial.key).unwrap_or(&dial.value).trim();
        let is_rung = dial.key.ends_with(".after");
        let wrong = match dial.of {
            Of::Words if text.is_empty() => say("至少选一种人", "tick somebody at least"),
            Of::Words if roles(text).len() != text.split(',').count() => {
                say("请从列出的人中选择", "choose from those that are listed")
            }
            Of::Number if !text.is_empty() && !is_count(text) => {
                both!("须为 1 至 {ANSWERS_MAX} 的整数", "a whole number from 1 to {ANSWERS_MAX}")
            }
            Of::Span if text.is_empty() && is_needed(dial) => say("请填写时长", "say how long"),
            Of::Span if !text.is_empty() => match text.parse::<Span>() {
                Err(_) => say("时长须为整数", "how long is a whole number"),
                Ok(after) if is_rung => {
                    let is_early = latest.replace(after).is_some_and(|before| after <= before);
                    if !is_early {
                        continue;
                    }
                    say("须晚于前一步", "it comes later than the rung before it")
                }
                Ok(span) if span < Span::seconds(1) => say("至少一秒", "a second at least"),
                Ok(_) => continue,
            },
            Of::Words | Of::Number | Of::Span | Of::Spans | Of::Text | Of::Plan => continue,
        };
        found.push(Sentence::each(|lang| {
            format!("{}{}{}", word(&dial.key, lang), lang.say("：", ": "), wrong.say(lang))
        }));
    }
    found
}

fn is_count(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|n| (1..=ANSWERS_MAX).contains(&n))
}

/// What of a plan it is, `rungs.1.after`; by itself.
fn what(key: &str, lang: Lang) -> &'static str {
    let (zh, en) = match key.rsplit('.').next().unwrap_or(key) {
        "repeat" => ("无人签收则重复，每隔", "until somebody has it, again every"),
        "tell" => ("通知", "tells"),
        "after" => ("报警后", "after the alarm"),
        "arrive_within" => ("到场，自签收", "on the scene within, from acceptance"),
        "resolve_within" => ("办结，自到场", "an outcome within, from then"),
        "verify_within" => ("核查，自办结", "verified within, from then"),
        "report_within" => ("部门报到", "departments report in within"),
        "close_within" => ("超过即督办", "supervisors hear of it after"),
        "answers" => ("须签收人数", "so many must accept"),
        _ => ("其他", "something else"),
    };
    lang.say(zh, en)
}

/// The number of the rung that it is of, from one.
pub(super) fn rung(key: &str) -> Option<usize> {
    let (nth, _) = key.strip_prefix("rungs.")?.split_once('.')?;
    Some(nth.parse::<usize>().ok()? + 1)
}

/// What of a plan it is, with the rung that it is of.
pub(super) fn word(key: &str, lang: Lang) -> String {
    let what = what(key, lang);
    match (rung(key), lang) {
        (None, _) => what.to_owned(),
        (Some(n), Lang::Zh) => format!("第 {n} 步 {what}"),
        (Some(n), Lang::En) => format!("rung {n}: {what}"),
    }
}

/// What stood in it, for people.
pub(super) fn said(key: &str, text: Option<&str>, lang: Lang) -> String {
    let Some(text) = text else { return lang.say("无", "none").to_owned() };
    match key.rsplit('.').next().unwrap_or(key) {
        "tell" => told::roles(&roles(text), lang),
        _ => text.parse().map_or_else(|_no_time| text.to_owned(), |span| told::span(span, lang)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dial(key: &str, value: &str, of: Of) -> Dial {
        Dial { key: key.to_owned(), value: value.to_owned(), of }
    }

    #[test]
    fn a_time_stands_in_its_field_as_it_is_written_and_comes_back_so() {
        for (text, number, unit) in [
            ("90s", "90", "s"),
            ("24h", "24", "h"),
            ("1h 30m", "90", "m"),
            ("1500ms", "1500", "ms"),
            ("0s", "0", "s"),
            ("-3m", "-3", "m"),
            ("", "", "m"),
        ] {
            assert_eq!(split(text), (number.to_owned(), unit), "{text}");
        }
    }

    #[test]
    fn what_is_left_as_it_is_stays_as_it_is_written() {
        let dials = [
            dial("rungs.0.tell", "grid, family, grid", Of::Words),
            dial("arrive_within", "1h 30m", Of::Span),
            dial("close_within", "", Of::Span),
        ];
        let form = |all: &[(&str, &str)]| {
            all.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
        };
        let same = form(&[
            ("rungs.0.tell", ""),
            ("rungs.0.tell.family", "yes"),
            ("rungs.0.tell.grid", "yes"),
            ("arrive_within", "90"),
            ("arrive_within.unit", "m"),
            ("close_within", ""),
            ("close_within.unit", "d"),
        ]);
        let said = |form: &BTreeMap<String, String>| read(&dials, form);
        assert!(dials.iter().all(|dial| said(&same).get(&dial.key) == Some(&dial.value)));
        let other = form(&[
            ("rungs.0.tell", ""),
            ("rungs.0.tell.street", "yes"),
            ("arrive_within", "2"),
            ("arrive_within.unit", "h"),
        ]);
        let other = said(&other);
        assert_eq!(other.get("rungs.0.tell").map(String::as_str), Some("street"));
        assert_eq!(other.get("arrive_within").map(String::as_str), Some("2h"));
        assert_eq!(other.len(), 2, "of what was not in the form nothing is said");
        assert_eq!(said(&other), other, "and a second time");
    }
}
