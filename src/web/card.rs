//! One incident as a card: what, where, since when, how far, who has it, what comes next, and the
//! one tap that moves it on.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::domain::{Home, HomeId, Incident, Level, Light, PersonId, Responder, Span, Stage, Time};
use crate::engine::next_told;
use crate::inbox::Look;
use crate::store::views::Shown;

use super::ask::Names;
use super::lang::{Lang, Visitor, encode};
use super::{Web, resident, told};

/// So many of those who are told next are named.
const NAMED_MAX: usize = 2;

/// What a card shows, in words.
pub(super) struct Card {
    pub(super) id: String,
    /// Where its page is.
    pub(super) href: String,
    /// Whether it waits for somebody to take it: a page may sound as long.
    pub(super) calls: bool,
    /// For the style sheet: colour and shape.
    pub(super) level: &'static str,
    pub(super) level_word: &'static str,
    pub(super) title: String,
    /// What people call the home.
    pub(super) place: String,
    pub(super) stage: &'static str,
    /// On the home's wall clock, with the day where it is not today.
    pub(super) since: String,
    /// How long ago that was.
    pub(super) ago: String,
    /// Who has it.
    pub(super) holder: Option<String>,
    /// Whom it was assigned to, as long as nobody has it.
    pub(super) assigned: Option<String>,
    /// How it ended.
    pub(super) outcome: Option<&'static str>,
    pub(super) next: Option<Next>,
    /// The most likely move of whoever looks at it.
    pub(super) tap: Option<Tap>,
    /// Where the resident is, what is silenced, how far the home has learnt.
    pub(super) resident: Option<String>,
    /// Where there is no such move: what its page is for, and whether that is what they must do next.
    pub(super) look: (&'static str, bool),
}

/// The next deadline.
pub(super) struct Next {
    /// What happens then, and to whom.
    pub(super) what: String,
    /// How long until then, in milliseconds from when the page was made; for the script.
    pub(super) left: i64,
    /// The same to read.
    pub(super) clock: String,
    /// How the step stands to its limit: for the colour and shape, and as a word where it is late.
    pub(super) light: &'static str,
    pub(super) late: &'static str,
}

/// A move at one tap.
pub(super) struct Tap {
    /// As in the API.
    pub(super) act: &'static str,
    /// On the button.
    pub(super) word: &'static str,
    /// Who makes it: whoever the page was made for, whatever the cookie says later.
    pub(super) by: String,
}

/// What cards are made with: one look at the clock and the register for a whole page.
pub(super) struct Maker<'w> {
    pub(super) visitor: &'w Visitor,
    pub(super) names: Names,
    homes: Arc<Vec<Arc<Home>>>,
    now: Time,
    offset: Span,
}

impl<'w> Maker<'w> {
    pub(super) fn new(web: &Web, visitor: &'w Visitor) -> Self {
        let (names, homes, clock) = (web.names(), web.homes(), &web.site.clock);
        Self { visitor, names, homes, now: clock.now(), offset: clock.offset() }
    }

    /// The card of one incident.
    pub(super) fn card(&self, shown: &Shown) -> Card {
        let lang = self.visitor.lang;
        let incident = &shown.incident;
        let home = self.home(&shown.id.home);
        let since = incident.since + self.offset;
        let id = shown.id.to_string();
        let holder = incident.accepted.as_ref().map(|(who, _)| self.names.of(who).to_owned());
        let is_open = incident.is_open();
        Card {
            href: format!("/incidents/{}", encode(&id)),
            id,
            level: Level::name(incident.level),
            calls: incident.stage == Stage::Alarmed && incident.accepted.is_none(),
            level_word: lang.say(incident.level.zh(), incident.level.name()),
            title: lang.say(&incident.title.zh, &incident.title.en).to_owned(),
            place: home.map_or_else(|| shown.id.home.to_string(), |h| h.name.clone()),
            stage: told::stage(incident.stage, lang),
            since: self.clock(since, &shown.id.home),
            ago: told::span(coarse(self.now - incident.since), lang),
            holder,
            assigned: incident.desk.assigned.as_ref().filter(|_| is_open).map(|to| self.to(to)),
            outcome: outcome_of(shown).map(|o| told::outcome(o, lang)),
            next: is_open.then(|| self.next(incident)).flatten(),
            tap: home.and_then(|home| self.tap(incident, home)),
            resident: None,
            look: self.look(incident, home.and_then(|home| self.me_in(home))),
        }
    }

    /// The same, where it is known how things stand in its home.
    pub(super) fn card_in(&self, shown: &Shown, look: Option<&Look>) -> Card {
        let mut card = self.card(shown);
        let Some(look) = look else { return card };
        card.resident = Some(resident::line(self, look));
        if let (Some(next), Some(what)) = (&mut card.next, self.ahead(&shown.incident, look)) {
            next.what = what;
        }
        card
    }

    /// Who is told next, by name: whoever looks wonders whether to get up.
    fn ahead(&self, incident: &Incident, look: &Look) -> Option<String> {
        let lang = self.visitor.lang;
        let plan = look.book.plan(&incident.plan)?;
        let (told, again) = next_told(plan, &look.home, incident, look.offset);
        let name = |who: &&Responder| match lang.say(who.role.zh(), who.role.name()) {
            // Some write it into the name.
            role if who.name.contains(role) => who.name.clone(),
            role => format!("{role} {}", who.name),
        };
        let names: Vec<String> = told.iter().take(NAMED_MAX).map(name).collect();
        let rest = told.len().checked_sub(names.len()).filter(|rest| 0 < *rest);
        let names = names.join(lang.say("、", ", "));
        let (zh, en) = if again { ("再次通知", "again") } else { ("接下来通知", "next") };
        let names = match (rest, lang) {
            _ if told.is_empty() => return None,
            (None, _) => names,
            (Some(n), Lang::Zh) => format!("{names}等 {} 人", n + NAMED_MAX),
            (Some(n), Lang::En) => format!("{names} and {n} more"),
        };
        Some(match lang {
            Lang::Zh => format!("{zh}：{names}，还有"),
            Lang::En => format!("{en}: {names} in"),
        })
    }

    /// An instant in wall time on the clock of the home.
    pub(super) fn clock(&self, wall: Time, home: &HomeId) -> String {
        let zone = self.home(home).and_then(|h| TimeZone::get(&h.zone).ok());
        self.clock_in(wall, &zone.unwrap_or(TimeZone::UTC))
    }

    /// An instant in wall time on the clock of a zone.
    pub(super) fn clock_in(&self, wall: Time, zone: &TimeZone) -> String {
        let (at, today) = (wall.civil(zone), (self.now + self.offset).civil(zone));
        let time = wall.hour_minute(zone);
        if at.date() == today.date() {
            return time;
        }
        let year =
            if at.year() == today.year() { String::new() } else { format!("{}-", at.year()) };
        format!("{year}{:02}-{:02} {time}", at.month(), at.day())
    }

    /// Hub time as wall time.
    pub(super) fn wall(&self, hub: Time) -> Time {
        hub + self.offset
    }

    /// Hub time when the page was made.
    pub(super) const fn now(&self) -> Time {
        self.now
    }

    /// Whoever looks, if they may move incidents of this home.
    pub(super) fn me_in(&self, home: &Home) -> Option<&PersonId> {
        self.visitor.me.as_ref().filter(|me| home.responder(me).is_some())
    }

    fn to(&self, to: &PersonId) -> String {
        let lang = self.visitor.lang;
        if self.visitor.me.as_ref() == Some(to) {
            return lang.say("派给您", "assigned to you").to_owned();
        }
        format!("{}{}", lang.say("派给", "assigned to "), self.names.of(to))
    }

    fn home(&self, id: &HomeId) -> Option<&Arc<Home>> {
        self.homes.iter().find(|h| h.id == *id)
    }

    fn next(&self, incident: &Incident) -> Option<Next> {
        let due = incident.due?;
        let lang = self.visitor.lang;
        let is_warning = incident.warn_at.is_some_and(|(at, _)| at <= due);
        let what = match incident.stage {
            Stage::Detected if is_warning => lang.say("距预警", "a warning in"),
            Stage::Detected | Stage::Warned => lang.say("距报警", "the alarm in"),
            Stage::Alarmed => lang.say("无人签收则升级", "others are told in"),
            Stage::Accepted | Stage::EnRoute => lang.say("应到场", "should be there in"),
            Stage::OnScene => lang.say("应办结", "an outcome is due in"),
            Stage::Resolved => lang.say("应核查", "to be verified in"),
            Stage::Closed => return None,
        };
        let left = (due - self.now).0.max(0);
        let parked = incident.desk.parked.map(|_| lang.say("挂账至", "it waits for"));
        let light = incident.light(self.now);
        let late = match light {
            Light::Green => "",
            Light::Yellow => lang.say("临期", "nearly late"),
            Light::Red => lang.say("超时", "late"),
        };
        let (what, light) = (parked.unwrap_or(what).to_owned(), light.name());
        Some(Next { what, left, clock: countdown(Span(left), lang), light, late })
    }

    fn look(&self, incident: &Incident, me: Option<&PersonId>) -> (&'static str, bool) {
        let lang = self.visitor.lang;
        let is_me = |who: Option<&PersonId>| who.is_some() && who == me;
        let accepted = incident.accepted.as_ref().map(|(who, _)| who);
        let resolved = incident.resolved.as_ref().map(|(who, _)| who);
        match incident.stage {
            Stage::OnScene if is_me(accepted) => (lang.say("填写结果", "Say how it ended"), true),
            Stage::Resolved if me.is_some() && !is_me(resolved) => {
                (lang.say("核查", "Verify"), true)
            }
            Stage::Detected
            | Stage::Warned
            | Stage::Alarmed
            | Stage::Accepted
            | Stage::EnRoute
            | Stage::OnScene
            | Stage::Resolved
            | Stage::Closed => (lang.say("查看", "Look"), false),
        }
    }

    fn tap(&self, incident: &Incident, home: &Home) -> Option<Tap> {
        let (lang, me) = (self.visitor.lang, self.me_in(home)?);
        let is_mine = incident.accepted.as_ref().is_some_and(|(who, _)| who == me);
        let (act, word) = match incident.stage {
            Stage::Alarmed => ("accept", lang.say("我来处理", "I take it")),
            Stage::Accepted if is_mine => ("en-route", lang.say("我已出发", "I am on my way")),
            Stage::EnRoute if is_mine => ("on-scene", lang.say("我已到场", "I am here")),
            Stage::Detected
            | Stage::Warned
            | Stage::Accepted
            | Stage::EnRoute
            | Stage::OnScene
            | Stage::Resolved
            | Stage::Closed => return None,
        };
        Some(Tap { act, word, by: me.to_string() })
    }
}

/// How a closed incident ended, or how somebody says it did.
fn outcome_of(shown: &Shown) -> Option<crate::domain::Outcome> {
    let closed = shown.outcome.as_ref().and_then(|o| o.parse().ok());
    closed.or_else(|| shown.incident.resolved.as_ref().map(|(_, outcome)| *outcome))
}

/// Whole minutes once it is a minute: the page does not tick them.
pub(super) fn coarse(span: Span) -> Span {
    let span = span.max(Span::ZERO);
    if span < Span::minutes(1) {
        return Span(span.0 / 1000 * 1000);
    }
    Span(span.0 / 60_000 * 60_000)
}

/// `0:42`, `1:05:00`; from a day on, `2d 3h`. The script writes the same.
pub(super) fn countdown(left: Span, lang: Lang) -> String {
    if Span::hours(24) <= left {
        return told::span(left, lang);
    }
    let seconds = left.0 / 1000;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h == 0 { format!("{m}:{s:02}") } else { format!("{h}:{m:02}:{s:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_reads_like_a_clock() {
        let of = |span| countdown(span, Lang::En);
        assert_eq!(of(Span(42_900)), "0:42");
        assert_eq!(of(Span::minutes(65)), "1:05:00");
        assert_eq!(of(Span::hours(51)), "2d 3h");
        assert_eq!(countdown(Span::hours(51), Lang::Zh), "2天3小时");
    }
}
