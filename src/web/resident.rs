//! One line of a home: where the resident is, which rules are silent, how far it has learnt.

use crate::baseline::Learning;
use crate::domain::{Scope, Time, Whereabouts};
use crate::inbox::Look;

use super::card::Maker;
use super::lang::Lang;

/// `out since 08:00 · silent: cold · learning, 3 of 7 days`
pub(super) fn line(maker: &Maker<'_>, look: &Look) -> String {
    let lang = maker.visitor.lang;
    let now = look.at(maker.now());
    // Family who come are told what she agreed to, here as everywhere.
    let me = maker.visitor.me.as_ref().filter(|me| look.home.responder(me).is_some());
    let is_hidden = me.is_some_and(|me| !look.home.shows_whereabouts_to(me));
    let mut parts = match look.home.is_post {
        true => vec![lang.say("公共求助点", "help post in a public place").to_owned()],
        false if is_hidden => Vec::new(),
        false => vec![whereabouts(maker, look, now)],
    };
    let silent: Vec<&str> = look.silent(now).map(|silence| silence.rule.as_str()).collect();
    if !silent.is_empty() {
        parts.push(format!("{}{}", lang.say("已静默：", "silent: "), silent.join(", ")));
    }
    let agreed = Scope::ALL.iter().copied().filter(|scope| look.home.consents_to(*scope));
    let agreed: Vec<&str> = agreed.map(|scope| lang.say(scope.zh(), scope.name())).collect();
    if !look.home.consents.is_empty() {
        let none = lang.say("无", "nothing");
        let all = if agreed.is_empty() { none.to_owned() } else { agreed.join(", ") };
        parts.push(format!("{}{all}", lang.say("已同意：", "agreed to: ")));
    }
    // All of them are learnt from the same days.
    if let Some(limit) = look.limits.first() {
        parts.push(match (&limit.learned, lang) {
            (Err(Learning { days, needed }), Lang::Zh) => format!("学习习惯中 {days}/{needed} 天"),
            (Err(Learning { days, needed }), Lang::En) => {
                format!("learning, {days} of {needed} days")
            }
            (Ok(learned), Lang::Zh) => format!("已学习 {} 天的习惯", learned.expected.days),
            (Ok(learned), Lang::En) => format!("habits of {} days learnt", learned.expected.days),
        });
    }
    parts.join(" · ")
}

/// `at home, in bed since 22:10, asleep`
pub(super) fn whereabouts(maker: &Maker<'_>, look: &Look, now: Time) -> String {
    let lang = maker.visitor.lang;
    let clock = |at: Time| maker.clock(maker.wall(at), &look.home.id);
    let presence = &look.presence;
    if let Some(away) = presence.away() {
        let (by, until) = (maker.names.of(&away.by), clock(away.until));
        return match lang {
            Lang::Zh => format!("不在家，至 {until}（{by} 告知）"),
            Lang::En => format!("away until {until}, says {by}"),
        };
    }
    let (is, since) = presence.whereabouts();
    let mut line = match (is, lang) {
        (Whereabouts::Unknown, _) => lang.say("是否在家不明", "whereabouts unknown").to_owned(),
        (Whereabouts::Out, Lang::Zh) => format!("{} 起外出", clock(since)),
        (Whereabouts::Out, Lang::En) => format!("out since {}", clock(since)),
        (Whereabouts::Home, _) => lang.say("在家", "at home").to_owned(),
    };
    let bed = presence.in_bed().map(clock);
    let last = presence.place().map(|(place, since)| (place, clock(since)));
    let more = match (bed, last, lang) {
        (Some(since), _, Lang::Zh) => format!("，{since} 起在床"),
        (Some(since), _, Lang::En) => format!(", in bed since {since}"),
        (None, Some((place, since)), Lang::Zh) => format!("，{since} 起在{}", place.zh()),
        (None, Some((place, since)), Lang::En) => format!(", in the {place} since {since}"),
        (None, None, _) => String::new(),
    };
    line.push_str(&more);
    if look.is_asleep(now) {
        line.push_str(lang.say("，睡着", ", asleep"));
    }
    if look.has_company(now) {
        line.push_str(lang.say("，有人陪同", ", with company"));
    }
    line
}
