//! The buttons and forms of one incident: what whoever looks at it can do now. The engine decides;
//! this only spares people taps that would be refused.

use askama::Template;

use crate::domain::{Group, Home, Incident, Outcome, PersonId, Stage};

use super::ask::Names;
use super::card::Tap;
use super::lang::Lang;
use super::told;

/// Everything somebody can do, as forms that work without a script.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% for tap in taps %}<form method="post"><input type="hidden" name="by" value="{{ tap.by }}">
<button name="move" value="{{ tap.act }}"{% if loop.first && !has_main_form %} class="main"{% endif %}>{{ tap.word }}</button></form>
{% endfor %}
{% if verify %}<form method="post"><input type="hidden" name="by" value="{{ me }}">
<button class="main" name="move" value="verify">{{ lang.say("核查通过，结案", "Confirm and close") }}</button></form>
<details id="rework"><summary>{{ lang.say("退回返工", "Send back") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("缺什么", "What is missing") }}<textarea name="why" rows="2" maxlength="2000" required></textarea></label>
<button name="move" value="rework">{{ lang.say("退回返工", "Send back") }}</button></form></details>
{% endif %}
{% if !outcomes.is_empty() %}<details id="resolve"{% if resolve_is_open %} open{% endif %}><summary>{% if resolve_is_open %}{{ lang.say("办结：结果如何？", "How did it end?") }}{% else %}{{ lang.say("误报或测试", "False alarm or test") }}{% endif %}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<fieldset><legend>{{ lang.say("结果", "Outcome") }}</legend>
{% for (value, word) in outcomes %}<label class="choice"><input type="radio" name="outcome" value="{{ value }}" required><span>{{ word }}</span></label>
{% endfor %}</fieldset>
<label>{{ lang.say("备注", "Note") }}<textarea name="note" rows="2" maxlength="2000"></textarea></label>
<button{% if has_main_form %} class="main"{% endif %} name="move" value="resolve">{{ lang.say("办结", "Resolve") }}</button></form></details>
{% endif %}
{% if !others.is_empty() %}<details id="hand-over"><summary>{{ lang.say("转交他人", "Hand over") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("转交给", "To") }}<select name="to" required><option value="">{{ lang.say("请选择", "choose") }}…</option>
{% for (id, name) in others %}<option value="{{ id }}">{{ name }}</option>
{% endfor %}</select></label>
<button name="move" value="hand-over">{{ lang.say("转交", "Hand over") }}</button></form></details>
<details id="return"><summary>{{ lang.say("我不能处理，退回", "I cannot: return it") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("原因", "Why") }}<textarea name="why" rows="2" maxlength="2000" required></textarea></label>
<button name="move" value="return">{{ lang.say("退回", "Return") }}</button></form></details>
{% endif %}
<details id="note"><summary>{{ lang.say("添加备注", "Add a note") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("内容", "Text") }}<textarea name="text" rows="2" maxlength="2000" required></textarea></label>
<button name="move" value="note">{{ lang.say("记下", "Note it") }}</button></form></details>"#
)]
pub(super) struct Acts {
    lang: Lang,
    me: String,
    /// Moves at one tap, the most likely first.
    taps: Vec<Tap>,
    verify: bool,
    /// Outcomes that can be given now.
    outcomes: Vec<(&'static str, &'static str)>,
    resolve_is_open: bool,
    /// Whether the form, and no tap, is the most likely move.
    has_main_form: bool,
    /// Whom it can be handed over to; empty when whoever looks does not have it.
    others: Vec<(String, String)>,
}

impl Acts {
    /// What `me` can do with an open incident.
    pub(super) fn new(
        lang: Lang,
        incident: &Incident,
        home: &Home,
        names: &Names,
        me: &PersonId,
    ) -> Self {
        let is_mine = incident.accepted.as_ref().is_some_and(|(who, _)| who == me);
        let resolved_by = incident.resolved.as_ref().map(|(who, _)| who);
        let stage = incident.stage;
        let others = home.responders.iter().map(|r| &r.id).filter(|id| is_mine && *id != me);
        let has_it = matches!(stage, Stage::Accepted | Stage::EnRoute | Stage::OnScene);
        let others = others.filter(|_| has_it);
        let others = others.map(|id| (id.to_string(), names.of(id).to_owned()));
        Self {
            lang,
            me: me.to_string(),
            taps: taps(lang, incident, me, is_mine),
            verify: stage == Stage::Resolved && resolved_by != Some(me),
            outcomes: outcomes(lang, incident),
            resolve_is_open: Stage::Alarmed <= stage && may_end(incident),
            has_main_form: stage == Stage::OnScene,
            others: others.collect(),
        }
    }
}

fn taps(lang: Lang, incident: &Incident, me: &PersonId, is_mine: bool) -> Vec<Tap> {
    let accept = ("accept", lang.say("我来处理", "I take it"));
    let en_route = ("en-route", lang.say("我已出发", "I am on my way"));
    let here = ("on-scene", lang.say("我已到场", "I am here"));
    let is_there = incident.on_scene.as_ref().is_some_and(|(who, _)| who == me);
    let taps = match incident.stage {
        Stage::Alarmed => vec![accept, en_route, here],
        Stage::Accepted if is_mine => vec![en_route, here],
        Stage::Accepted | Stage::EnRoute => vec![here],
        Stage::OnScene if !is_there => vec![here],
        Stage::OnScene | Stage::Detected | Stage::Warned | Stage::Resolved | Stage::Closed => {
            Vec::new()
        }
    };
    taps.into_iter().map(|(act, word)| Tap { act, word, by: me.to_string() }).collect()
}

/// Whether every outcome can be given: somebody was there, or nobody need be.
const fn may_end(incident: &Incident) -> bool {
    incident.on_scene.is_some() || !incident.needs.on_scene
}

fn outcomes(lang: Lang, incident: &Incident) -> Vec<(&'static str, &'static str)> {
    if Stage::Resolved <= incident.stage {
        return Vec::new();
    }
    let any = Stage::Alarmed <= incident.stage && may_end(incident);
    let all = Outcome::ALL.iter().copied().filter(|o| o.is_for_people());
    // Only a visit can be refused.
    let all = all.filter(|o| *o != Outcome::Refused || incident.group == Group::Visit);
    let possible = all.filter(|o| any || o.is_no_incident());
    possible.map(|o| (o.name(), told::outcome(o, lang))).collect()
}
