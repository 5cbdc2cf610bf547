//! Reads one `[[rule]]`: its four parts, checked against each other.

use crate::domain::{Group, Level, Name, Needs, Span, Title, both};
use crate::form::Form;

use super::{
    Absence, Count, Deviation, Dwell, Emergency, Expression, Inactivity, Kind, Off, Rate, Reported,
    Rule, Score, Sequence, Supervision, Tables, Threshold, Visit, Warn,
};

impl Rule {
    /// Reads one `[[rule]]`, which may name one of the `tables`.
    /// `is_old`: it was kept with a journal, by a program that did not want all that is wanted now.
    pub fn read(mut form: Form<'_, '_>, tables: &Tables, is_old: bool) -> Option<Self> {
        let name = form.needs::<Name>("name");
        let title = read_title(&mut form);
        let level = form.needs::<Level>("level");
        let (group, source) = if is_old {
            let source = form.may::<String>("source").unwrap_or_default();
            (Some(form.may::<Group>("group").unwrap_or(Group::Safety)), Some(source))
        } else {
            (form.needs::<Group>("group"), form.needs::<String>("source"))
        };
        let matter = form.may::<Name>("matter");
        let off = form.form("off").and_then(Off::read);
        let of_areas = is_of_areas(&mut form);
        let detect = read_detect(&mut form, tables);
        if off.is_some() && detect.as_ref().is_some_and(|d| matches!(d.kind, Kind::Emergency(_))) {
            form.wrong_at("off", both!("紧急类规则不能停用", "an emergency is never off (P6)"));
        }
        let hold = detect.as_ref().map_or(Span::ZERO, |detect| detect.hold);
        let warn = form.form("warn").and_then(read_warn);
        let alarm = form.form("alarm");
        if alarm.is_none() {
            form.wrong("[rule.alarm] is missing: every incident must reach a person".to_owned());
        }
        let alarm = alarm.and_then(|f| read_alarm(f, hold, warn));
        let close = form.form("close");
        if close.is_none() {
            form.wrong("[rule.close] is missing: say what closing needs".to_owned());
        }
        let close = close.and_then(|f| read_close(f, level));
        if let Some(warn) = warn
            && warn.after < hold
        {
            let after = warn.after;
            form.wrong(both!(
                "预警（{after}）早于须持续的时长（{hold}）",
                "warn.after {after} is before detect.for {hold}"
            ));
        }
        form.done();
        let Alarm { after: alarm_after, plan, raise_after } = alarm?;
        let Close { needs, checklist, again_after, reopen_within } = close?;
        let Detect { kind, looks_for, hold, recover } = detect?;
        Some(Self {
            name: name?,
            title: title?,
            level: level?,
            group: group?,
            of_areas,
            source: source?,
            matter,
            kind,
            looks_for,
            hold,
            recover,
            warn,
            alarm_after,
            plan,
            raise_after,
            needs,
            checklist,
            again_after,
            reopen_within,
            off,
            set_by: None,
        })
    }
}

/// `only = "areas"`
fn is_of_areas(form: &mut Form<'_, '_>) -> bool {
    match form.may::<String>("only").as_deref() {
        None => false,
        Some("areas") => true,
        Some(other) => {
            let wrong = format!("`only`: a rule is only for \"areas\", not `{other}`");
            form.wrong_at("only", wrong);
            false
        }
    }
}

pub(crate) fn read_title(form: &mut Form<'_, '_>) -> Option<Title> {
    let Some(mut title) = form.form("title") else {
        form.wrong("`title` is missing: write title = { zh = \"…\", en = \"…\" }".to_owned());
        return None;
    };
    let (zh, en) = (title.needs("zh"), title.needs("en"));
    title.done();
    Some(Title { zh: zh?, en: en? })
}

/// `[rule.detect]`
struct Detect {
    kind: Kind,
    looks_for: String,
    hold: Span,
    recover: Span,
}

/// `[rule.alarm]`
struct Alarm {
    after: Span,
    plan: Name,
    raise_after: Option<Span>,
}

/// `[rule.close]`
struct Close {
    needs: Needs,
    checklist: Option<Name>,
    again_after: Span,
    reopen_within: Span,
}

/// The kinds of rule by the key that stands for each.
const KINDS: [&str; 14] = [
    "emergency",
    "threshold",
    "rate",
    "count",
    "absence",
    "dwell",
    "inactivity",
    "sequence",
    "deviation",
    "score",
    "expression",
    "supervision",
    "visit",
    "reported",
];

fn read_kind(key: &str, form: Form<'_, '_>, tables: &Tables) -> Option<Kind> {
    match key {
        "emergency" => Emergency::read(form).map(Kind::Emergency),
        "threshold" => Threshold::read(form).map(Kind::Threshold),
        "rate" => Rate::read(form).map(Kind::Rate),
        "count" => Count::read(form).map(Kind::Count),
        "absence" => Absence::read(form).map(Kind::Absence),
        "dwell" => Dwell::read(form).map(Kind::Dwell),
        "inactivity" => Inactivity::read(form).map(Kind::Inactivity),
        "sequence" => Sequence::read(form).map(Kind::Sequence),
        "deviation" => Deviation::read(form).map(Kind::Deviation),
        "score" => Score::read(form, tables).map(Kind::Score),
        "expression" => Expression::read(form).map(Kind::Expression),
        "visit" => Visit::read(form).map(Kind::Visit),
        "reported" => Reported::read(form).map(Kind::Reported),
        _ => Supervision::read(form).map(Kind::Supervision),
    }
}

fn read_detect(form: &mut Form<'_, '_>, tables: &Tables) -> Option<Detect> {
    let Some(mut detect) = form.form("detect") else {
        form.wrong("[rule.detect] is missing: say what the rule looks for".to_owned());
        return None;
    };
    let mut kinds = Vec::new();
    let mut looks_for = Vec::new();
    for key in KINDS {
        let Some(inner) = detect.form(key) else { continue };
        looks_for.push(format!("{key} = {}", inner.source()));
        kinds.extend(read_kind(key, inner, tables));
    }
    if looks_for.len() != 1 {
        let (kinds, found) = (KINDS.join(", "), looks_for.len());
        detect.wrong(format!("[rule.detect] has one of {kinds}, not {found}"));
    }
    let hold = detect.may::<Span>("for").unwrap_or(Span::ZERO);
    let recover = detect.may::<Span>("recover").unwrap_or(Span::ZERO);
    if hold != Span::ZERO && kinds.last().is_some_and(Kind::latches) {
        // A sensor that takes back its word after some seconds would never be believed.
        detect.wrong("an emergency is believed at once: it has no `for`".to_owned());
    }
    detect.done();
    Some(Detect { kind: kinds.pop()?, looks_for: looks_for.pop()?, hold, recover })
}

fn read_warn(mut form: Form<'_, '_>) -> Option<Warn> {
    let after = form.needs::<Span>("after");
    let ask = form.may::<String>("ask");
    if let Some(who) = &ask
        && who != "resident"
    {
        form.wrong(format!("`ask`: the warning can ask the \"resident\", not `{who}`"));
    }
    let again_after = form.may::<Span>("again_after");
    if ask.is_some() && again_after.is_none() {
        form.wrong(both!(
            "`again_after` 没有填写",
            "`again_after` is missing: when to ask again after a cancel"
        ));
    }
    if again_after.is_some_and(|span| span < Span::seconds(1)) {
        form.wrong(both!("`again_after` 短于一秒", "`again_after` is shorter than a second"));
    }
    form.done();
    let again_after = again_after.unwrap_or(Span::ZERO);
    Some(Warn { after: after?, ask: ask.is_some(), again_after })
}

fn read_alarm(mut form: Form<'_, '_>, hold: Span, warn: Option<Warn>) -> Option<Alarm> {
    let after = form.may::<Span>("after").unwrap_or(hold);
    let plan = form.needs::<Name>("plan");
    let earliest = warn.map_or(hold, |w| w.after);
    if after < earliest {
        form.wrong(both!(
            "报警（{after}）早于预警或须持续的时长（{earliest}）",
            "alarm.after {after} is before what comes first, {earliest}"
        ));
    }
    let raise_after = form.may::<Span>("raise_after");
    if raise_after.is_some_and(|span| span < Span::seconds(1)) {
        let why = both!("`raise_after` 短于一秒", "`raise_after` is shorter than a second");
        form.wrong_at("raise_after", why);
    }
    form.done();
    Some(Alarm { after, plan: plan?, raise_after })
}

fn read_close(mut form: Form<'_, '_>, level: Option<Level>) -> Option<Close> {
    let needs = form.list::<String>("needs");
    for need in &needs {
        if !["on-scene", "outcome", "verified", "checked"].contains(&need.as_str()) {
            form.wrong(format!(
                "`needs`: there is no `{need}`: one of on-scene, checked, outcome, verified"
            ));
        }
    }
    let has = |what: &str| needs.iter().any(|n| n == what);
    if !has("outcome") {
        form.wrong("`needs` lacks \"outcome\": nothing closes without one (P4)".to_owned());
    }
    if level.is_some_and(|l| Level::Serious <= l) && !has("verified") {
        form.wrong(
            "`needs` lacks \"verified\": serious and urgent ones want a second person (P4)"
                .to_owned(),
        );
    }
    let again_after = form.needs::<Span>("again_after");
    if again_after.is_some_and(|span| span < Span::seconds(1)) {
        form.wrong(both!("`again_after` 短于一秒", "`again_after` is shorter than a second"));
    }
    let reopen_within = form.may::<Span>("reopen_within").unwrap_or(Span::ZERO);
    let checklist = form.may::<Name>("checklist");
    if has("checked") && checklist.is_none() {
        form.wrong("`needs` has \"checked\": name a `checklist`".to_owned());
    }
    form.done();
    let needs =
        Needs { on_scene: has("on-scene"), verified: has("verified"), checked: has("checked") };
    Some(Close { needs, checklist, again_after: again_after?, reopen_within })
}
