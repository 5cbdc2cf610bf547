//! Why an incident is there, for whoever wants to check it: folded on its page. What the rule looks for
//! and where its numbers come from, its times, who changed it, and what was known.

use askama::Template;

use crate::domain::{Entry, Grounds, Happening, Home, Reason, Sample, Span};
use crate::store::views::Shown;

use super::card::Maker;
use super::lang::Lang;
use super::told;

/// Whose chart it is, where the incident began with another sign and the chart came later.
const CHARTS: [(&str, &str); 1] = [(
    "NEWS2",
    "National Early Warning Score (NEWS) 2. Royal College of Physicians. London: RCP, 2017.",
)];

/// The folded part of the page.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<details id="why"><summary>{{ lang.say("依据", "Why") }}</summary>
{% if let Some(looks_for) = looks_for %}<p>{{ lang.say("规则查找", "The rule looks for") }} <code>{{ looks_for }}</code></p>{% endif %}
{% if !times.is_empty() %}<ul class="times">{% for (what, when) in times %}<li>{{ what }} <strong>{{ when }}</strong></li>{% endfor %}</ul>{% endif %}
{% if let Some(set_by) = set_by %}<p>{{ set_by }}</p>{% endif %}
{% if !samples.is_empty() %}<h3>{{ lang.say("当时所知", "What was known then") }}</h3>
<ul class="facts">{% for sample in samples %}<li class="{% if sample.alive %}normal{% else %}unknown{% endif %}"><span class="what">{{ sample.what }} <strong>{{ sample.value }}</strong><small> {{ sample.device }}</small></span><small>{{ sample.times }}</small></li>{% endfor %}</ul>{% endif %}
{% if let Some(source) = source %}<p class="hint">{{ lang.say("数值来源", "Where the numbers come from") }}: {{ source }}</p>
<p class="hint">{{ lang.say("预设值，不是医疗建议", "presets, not medical advice") }}</p>{% endif %}
{% if is_score %}<p class="hint">{{ lang.say("辅助判断，不是诊断", "supports a decision, no diagnosis") }}</p>{% endif %}
{% if let Some(chart) = chart %}<p class="hint">{{ chart }}</p>{% endif %}
{% if let Some(digest) = digest %}<p class="hint">{{ lang.say("规则版本", "Rule book") }} <code>{{ digest }}</code></p>{% endif %}</details>"#
)]
pub(super) struct Why {
    lang: Lang,
    looks_for: Option<String>,
    times: Vec<(&'static str, String)>,
    set_by: Option<String>,
    samples: Vec<SampleRow>,
    source: Option<String>,
    is_score: bool,
    chart: Option<String>,
    digest: Option<String>,
}

struct SampleRow {
    what: String,
    value: String,
    device: String,
    times: String,
    alive: bool,
}

impl Why {
    /// What its story says of it; `None` where that is nothing: the line was cut away, or is of an
    /// earlier form.
    pub(super) fn of(
        maker: &Maker<'_>,
        shown: &Shown,
        entries: &[Entry],
        home: Option<&Home>,
    ) -> Option<Self> {
        let lang = maker.visitor.lang;
        let grounds = entries.iter().find_map(|entry| grounds(&entry.what));
        let scored = scored(shown, entries);
        if grounds.is_none() && scored.is_none() {
            return None;
        }
        let chart = grounds.and_then(|g| g.chart.clone());
        let known = |title: &str| CHARTS.iter().find(|(name, _)| *name == title);
        let chart = chart.or_else(|| scored.and_then(known).map(|(_, of)| (*of).to_owned()));
        let set_by = grounds.and_then(|g| g.set_by.as_ref()).map(|(by, on)| {
            let by = maker.names.of(by);
            match lang {
                Lang::Zh => format!("{by} 于 {on} 为此户修改"),
                Lang::En => format!("changed for this home by {by} on {on}"),
            }
        });
        let at = |time| maker.clock(time, &shown.id.home);
        Some(Self {
            lang,
            looks_for: grounds.map(|g| g.looks_for.clone()),
            times: grounds.map(|g| times(g, lang, &at(g.since))).unwrap_or_default(),
            set_by,
            samples: grounds
                .map(|g| g.samples.iter().map(|s| sample(s, lang, home, at)).collect())
                .unwrap_or_default(),
            source: grounds.map(|g| g.source.clone()).filter(|source| !source.is_empty()),
            is_score: scored.is_some(),
            chart,
            digest: grounds.map(|g| g.rules.clone()),
        })
    }
}

/// What an incident rests on, if this line says so.
pub(super) fn grounds(what: &Happening) -> Option<&Grounds> {
    if let Happening::Detected { grounds, .. } = what { grounds.as_deref() } else { None }
}

/// The chart by which any sign of it was found.
fn scored<'s>(shown: &'s Shown, entries: &'s [Entry]) -> Option<&'s str> {
    let signs = entries.iter().filter_map(|entry| {
        if let Happening::Raised { reason, .. } | Happening::Evidence { reason } = &entry.what {
            Some(reason)
        } else {
            None
        }
    });
    let mut all = std::iter::once(&shown.incident.reason).chain(signs);
    all.find_map(|reason| {
        if let Reason::Score { table, .. } = reason { Some(table.en.as_str()) } else { None }
    })
}

fn times(grounds: &Grounds, lang: Lang, since: &str) -> Vec<(&'static str, String)> {
    let after = |span: Span| told::span(span, lang);
    let mut times = vec![(lang.say("情况开始于", "the condition began at"), since.to_owned())];
    if Span::ZERO < grounds.hold {
        times.push((lang.say("须持续", "it must hold for"), after(grounds.hold)));
    }
    if let Some(warn) = grounds.warn_after {
        times.push((lang.say("预警于开始后", "warning after"), after(warn)));
    }
    times.push((lang.say("报警于开始后", "alarm after"), after(grounds.alarm_after)));
    times
}

fn sample(
    sample: &Sample,
    lang: Lang,
    home: Option<&Home>,
    at: impl Fn(crate::domain::Time) -> String,
) -> SampleRow {
    let Sample { device, property, value, since, seen, alive } = sample;
    let room = home.and_then(|home| home.device(device)).map(|d| d.room.as_str());
    let room =
        room.filter(|room| !room.is_empty()).map_or(String::new(), |room| format!(" · {room}"));
    let gone = if *alive { "" } else { lang.say(" · 失联", " · was not heard") };
    let (since, seen) = (at(*since), at(*seen));
    let times = match lang {
        Lang::Zh => format!("自 {since}，最近 {seen}{gone}"),
        Lang::En => format!("since {since}, last said {seen}{gone}"),
    };
    SampleRow {
        what: told::property(*property, lang),
        value: told::value(*property, *value, lang),
        device: format!("{device}{room}"),
        times,
        alive: *alive,
    }
}
