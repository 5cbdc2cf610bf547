//! The forms of one incident that few people need: the checklist, what was asked for, departments, and what
//! is still done with an incident that is closed. The engine decides; what would be refused is left out.

use askama::Template;

use crate::domain::{Desk, Found, Home, Incident, PersonId, Responder, Role, Stage, Title, Wish};
use crate::engine::{Book, Item};

use super::ask::Names;
use super::lang::Lang;
use super::told;

/// Everything beside the ordinary moves, as forms that work without a script.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if let Some(wish) = wish %}<p class="banner">{{ wish }}</p>
{% if grants %}<form method="post"><input type="hidden" name="by" value="{{ me }}"><button class="main" name="move" value="grant">{{ lang.say("批准", "Grant it") }}</button></form>{% endif %}
{% if denies %}<form method="post"><input type="hidden" name="by" value="{{ me }}"><label>{{ lang.say("原因", "Why") }}<input class="line" name="why" maxlength="2000" required></label><button name="move" value="deny">{{ lang.say("不批准", "Deny it") }}</button></form>{% endif %}{% endif %}
{% if reports_in %}<form method="post"><input type="hidden" name="by" value="{{ me }}"><button class="main" name="move" value="report-in">{{ lang.say("报到", "Report in") }}</button></form>{% endif %}
{% if finishes %}<form method="post"><input type="hidden" name="by" value="{{ me }}"><label>{{ lang.say("完成情况", "What was done") }}<input class="line" name="note" maxlength="2000"></label><button class="main" name="move" value="finish">{{ lang.say("协办完成", "My part is done") }}</button></form>{% endif %}
{% if !items.is_empty() %}<details id="checklist"{% if is_there %} open{% endif %}><summary>{{ lang.say("检查清单", "Checklist") }} {{ done }}/{{ items.len() }}</summary>
{% for item in items %}{% if let Some(under) = item.under %}<h3>{{ under }}</h3>{% endif %}<form method="post" class="check"><input type="hidden" name="by" value="{{ me }}"><input type="hidden" name="move" value="check"><input type="hidden" name="item" value="{{ item.name }}"><fieldset><legend>{{ item.title }}</legend>
{% for (value, word, is) in item.answers %}<button name="found" value="{{ value }}"{% if is %} class="main" aria-pressed="true"{% endif %}>{{ word }}</button>{% endfor %}</fieldset></form>
{% endfor %}</details>{% endif %}
{% if is_open %}<details id="called"><summary>{{ lang.say("已拨打 120、119、110", "I called 120, 119, 110") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("号码", "Number") }}<input class="line" name="number" inputmode="tel" list="numbers" maxlength="15" required></label><datalist id="numbers"><option value="120"><option value="119"><option value="110"></datalist>
<label>{{ lang.say("对方怎么说", "What was said") }}<input class="line" name="said" maxlength="2000" required></label>
<button name="move" value="called">{{ lang.say("记下", "Note it") }}</button></form></details>{% endif %}
{% if asks %}<details id="ask"><summary>{{ lang.say("申请延期、挂账或作废", "Ask for more time, a wait, or to strike it out") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("申请", "What") }}<select name="wish" required><option value="extend">{{ lang.say("延期", "more time") }}</option><option value="park">{{ lang.say("挂账", "let it wait") }}</option><option value="void">{{ lang.say("作废", "strike it out") }}</option></select></label>
<label>{{ lang.say("多久", "For how long") }}<select name="lasts"><option value="2h">{{ lang.say("2 小时", "2 hours") }}</option><option value="1d">{{ lang.say("1 天", "1 day") }}</option><option value="3d">{{ lang.say("3 天", "3 days") }}</option><option value="7d">{{ lang.say("7 天", "7 days") }}</option><option value="14d">{{ lang.say("14 天", "14 days") }}</option></select></label>
<label>{{ lang.say("原因", "Why") }}<input class="line" name="why" maxlength="2000" required></label>
<button name="move" value="ask">{{ lang.say("提交申请", "Ask") }}</button></form></details>{% endif %}
{% if !assignees.is_empty() %}<details id="assign"><summary>{{ lang.say("派单", "Assign") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("派给", "To") }}<select name="to" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (id, name) in assignees %}<option value="{{ id }}">{{ name }}</option>{% endfor %}</select></label>
<button name="move" value="assign">{{ lang.say("派单", "Assign") }}</button></form></details>{% endif %}
{% if !departments.is_empty() %}<details id="whistle"><summary>{{ lang.say("吹哨", "Call departments") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("主办", "Lead") }}<select name="lead" required>{% for (id, name) in departments %}<option value="{{ id }}">{{ name }}</option>{% endfor %}</select></label>
<fieldset><legend>{{ lang.say("协办", "Assisting") }}</legend>{% for (id, name) in departments %}<label class="choice"><input type="checkbox" name="with" value="{{ id }}"><span>{{ name }}</span></label>{% endfor %}</fieldset>
<label>{{ lang.say("事由", "What for") }}<input class="line" name="why" maxlength="2000" required></label>
<button name="move" value="whistle">{{ lang.say("吹哨", "Call them") }}</button></form></details>{% endif %}
{% if supervises %}<details id="supervise"><summary>{{ lang.say("督办", "Press for it") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}"><label>{{ lang.say("意见", "What about") }}<input class="line" name="why" maxlength="2000" required></label>
<button name="move" value="supervise">{{ lang.say("督办", "Press for it") }}</button></form></details>{% endif %}
{% if reviews %}<details id="review" open><summary>{{ lang.say("回访评价", "Return visit: how content are they?") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}"><fieldset><legend>{{ lang.say("满意程度", "How content") }}</legend>
{% for score in 1..6 %}<label class="choice"><input type="radio" name="score" value="{{ score }}" required><span>{{ score }}</span></label>{% endfor %}</fieldset>
<label>{{ lang.say("原话", "In their words") }}<textarea name="text" rows="2" maxlength="2000"></textarea></label>
<button class="main" name="move" value="review">{{ lang.say("记下", "Note it") }}</button></form></details>
<details id="reopen"><summary>{{ lang.say("重新打开", "Open it again") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}"><label>{{ lang.say("原因", "Why") }}<input class="line" name="why" maxlength="2000" required></label>
<button name="move" value="reopen">{{ lang.say("重新打开", "Open it again") }}</button></form></details>{% endif %}"#
)]
pub(super) struct Forms {
    lang: Lang,
    me: String,
    is_open: bool,
    /// Whether somebody is there: the checklist is what they are for.
    is_there: bool,
    /// What is asked for, and by whom.
    wish: Option<String>,
    grants: bool,
    denies: bool,
    asks: bool,
    supervises: bool,
    reviews: bool,
    reports_in: bool,
    finishes: bool,
    items: Vec<Row>,
    done: usize,
    /// To whom it can be assigned.
    assignees: Vec<(String, String)>,
    /// Who can be whistled for.
    departments: Vec<(String, String)>,
}

/// An item of the checklist.
struct Row {
    name: String,
    title: String,
    /// The heading, where another begins.
    under: Option<String>,
    answers: Vec<(&'static str, &'static str, bool)>,
}

impl Forms {
    /// What `me` can do beside the ordinary moves.
    pub(super) fn new(
        lang: Lang,
        incident: &Incident,
        (home, book): (&Home, Option<&Book>),
        names: &Names,
        me: &PersonId,
    ) -> Self {
        let (stage, desk, is_open) = (incident.stage, &incident.desk, incident.is_open());
        let directs = home.responder(me).is_some_and(|r| r.role.directs());
        let asked_by_me = desk.wish.as_ref().is_some_and(|(asker, _)| asker == me);
        let has_wish = is_open && desk.wish.is_some();
        let under_way = (Stage::Alarmed..Stage::Resolved).contains(&stage);
        let named = |wanted: &dyn Fn(&Responder) -> bool| -> Vec<(String, String)> {
            let all = home.responders.iter().filter(|r| wanted(r));
            all.map(|r| (r.id.to_string(), names.of(&r.id).to_owned())).collect()
        };
        let assigns = directs && stage == Stage::Alarmed;
        let whistles = directs && under_way;
        let list = incident.checklist.as_ref().and_then(|name| book?.checklist(name));
        let items = list.filter(|_| is_open).map(|list| rows(lang, &list.items, desk));
        let summoned = desk.whistle.iter().flat_map(|w| &w.called).find(|s| s.who == *me);
        let leads = desk.whistle.as_ref().and_then(|w| w.lead()) == Some(me);
        Self {
            lang,
            me: me.to_string(),
            is_open,
            is_there: stage == Stage::OnScene,
            wish: desk.wish.as_ref().filter(|_| is_open).map(|wish| asked(lang, wish, names)),
            grants: has_wish && directs && !asked_by_me,
            denies: has_wish && (directs || asked_by_me),
            asks: is_open && stage < Stage::Resolved && desk.wish.is_none(),
            supervises: is_open && directs,
            reviews: !is_open && incident.alarmed.is_some(),
            reports_in: is_open && summoned.is_some_and(|s| !s.here),
            finishes: is_open && !leads && summoned.is_some_and(|s| s.here && !s.done),
            done: desk.checks.iter().filter(|(_, found)| *found != Found::Unseen).count(),
            items: items.unwrap_or_default(),
            assignees: named(&|r| assigns && r.id != *me),
            departments: named(&|r| whistles && r.role == Role::Department),
        }
    }
}

fn asked(lang: Lang, (by, wish): &(PersonId, Wish), names: &Names) -> String {
    let by = names.of(by);
    let (zh, en, lasts) = match wish {
        Wish::Extend { lasts } => ("申请延期", "asks for more time:", Some(lasts)),
        Wish::Park { lasts } => ("申请挂账", "asks to let it wait:", Some(lasts)),
        Wish::Void => ("申请作废", "asks to strike it out", None),
    };
    let lasts = lasts.map_or(String::new(), |lasts| format!(" {}", told::span(*lasts, lang)));
    format!("{by} {}{lasts}", lang.say(zh, en))
}

fn rows(lang: Lang, items: &[Item], desk: &Desk) -> Vec<Row> {
    let mut heading: Option<&Title> = None;
    let words = [
        (Found::Fine, lang.say("正常", "fine")),
        (Found::Wrong, lang.say("异常", "wrong")),
        (Found::Unseen, lang.say("未查", "not seen")),
    ];
    let title = |title: &Title| lang.say(&title.zh, &title.en).to_owned();
    let mut all = Vec::new();
    for item in items {
        let Item { name, under, .. } = item;
        let found = desk.checks.iter().find(|(known, _)| *known == *name).map(|(_, found)| *found);
        let is_new = under.is_some() && heading != under.as_ref();
        heading = under.as_ref();
        all.push(Row {
            name: name.to_string(),
            title: title(&item.title),
            under: under.as_ref().filter(|_| is_new).map(title),
            answers: words.map(|(f, word)| (f.name(), word, found == Some(f))).into(),
        });
    }
    all
}
