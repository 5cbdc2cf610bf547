//! What a change of the rota leaves open, said at once.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::domain::{Home, PersonId, Responder, Span, Time};
use crate::engine::rota::{Gap, teams};
use crate::web::Web;
use crate::web::card::Maker;
use crate::web::lang::{Lang, Visitor};

use super::{DAYS, Draft, NAMED_MAX};

/// So many gaps are named.
const TOLD_MAX: usize = 8;
/// A gap beyond this is looked for when it is nearer.
const FAR: Span = Span::hours(60 * 24);

/// From a day and hour to another, as a form says them; what cannot be read, the coming seven days.
pub(super) fn stretch(from: &str, to: &str, zone: &TimeZone, now: Time) -> (Time, Time) {
    let at = |text: &str| Some(Time::of_civil(text.parse::<DateTime>().ok()?, zone));
    let (from, to) = at(from).zip(at(to)).unwrap_or((now, now + Span::hours(24 * DAYS)));
    (from, to.min(from + FAR))
}

/// Where nobody of a rung is on duty between two instants, in the homes of somebody; a line that says so, too,
/// where there is no such place.
pub(super) async fn left(
    web: &Web,
    visitor: &Visitor,
    who: &PersonId,
    (from, to): (Time, Time),
) -> Vec<String> {
    let lang = visitor.lang;
    let Some(book) = web.book().await else {
        let unknown = "预案暂时读不到：不知道是否有空缺";
        return vec![
            lang.say(unknown, "The plans cannot be read now: nobody knows of gaps").into(),
        ];
    };
    let homes = web.homes_of(visitor);
    let theirs = homes.iter().map(|home| &**home).filter(|home| home.responder(who).is_some());
    let draft = Draft::new(&Maker::new(web, visitor), web.zone());
    let found = teams(&book, theirs, from, to);
    let all = found.iter().flat_map(|team| team.gaps.iter().map(move |gap| (&*team.homes, gap)));
    let mut lines: Vec<String> =
        all.map(|(homes, gap)| in_words(&draft, homes, gap)).take(TOLD_MAX + 1).collect();
    if lines.len() == TOLD_MAX + 1 {
        lines.pop();
        lines.push(lang.say("还有更多空缺，见值班表", "There are more: see the rota").to_owned());
    }
    if lines.is_empty() {
        lines.push(lang.say("这段时间没有空缺", "No gap is left in that time").to_owned());
    }
    lines
}

fn in_words(draft: &Draft, homes: &[&Home], gap: &Gap) -> String {
    let lang = draft.lang;
    let roles: Vec<&str> = gap.roles.iter().map(|role| lang.say(role.zh(), role.name())).collect();
    let names: Vec<&str> = homes.iter().take(NAMED_MAX).map(|home| home.name.as_str()).collect();
    let (roles, names) = (roles.join(", "), names.join(", "));
    let held = draft.stretches(&[(gap.from, gap.to)]);
    match lang {
        Lang::Zh => format!("▲ 空缺：{roles} {held}（{names}）"),
        Lang::En => format!("▲ Nobody of {roles} is on duty {held} ({names})"),
    }
}

/// The leave that ends last.
pub(super) fn last_leave(person: &Responder) -> Option<DateTime> {
    person.rota.leaves.iter().map(|leave| leave.to).max()
}
