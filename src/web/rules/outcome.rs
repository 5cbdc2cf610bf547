//! What a trial came to, as it is shown: what would be lost first.

use crate::domain::{HomeId, IncidentId, Time};
use crate::engine::Book;
use crate::trial::{Count, Difference, Fate, Found, Turned, losses, rate};

use super::bench::Tried;
use super::names;
use super::proposed::{How, Proposed, change_of};
use crate::web::card::Maker;
use crate::web::lang::{Lang, encode};
use crate::web::{Web, told};

/// Of fewer home-weeks no rate is told.
const RATED_MIN: f64 = 0.5;
/// So many of each kind are shown.
const SHOWN_MAX: usize = 100;

/// What a trial came to.
pub(super) struct Seen {
    pub(super) hints: Vec<String>,
    pub(super) counts: Vec<(String, Vec<(&'static str, String)>)>,
    pub(super) lost: Vec<Row>,
    pub(super) lost_said: String,
    /// Whoever goes on has read this.
    pub(super) lost_known: String,
    /// How many real ones.
    pub(super) real: usize,
    pub(super) lists: Vec<List>,
}

pub(super) struct List {
    pub(super) title: &'static str,
    pub(super) count: usize,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Row {
    pub(super) href: String,
    pub(super) tone: &'static str,
    pub(super) what: String,
    pub(super) more: String,
    pub(super) outcome: String,
}

/// What pages are made of.
pub(super) struct Draft<'d> {
    pub(super) lang: Lang,
    pub(super) web: &'d Web,
    pub(super) maker: &'d Maker<'d>,
    pub(super) book: &'d Book,
}

impl Draft<'_> {
    pub(super) fn turns(&self, proposed: &Proposed) -> Vec<(String, String, String)> {
        let lang = self.lang;
        let source = self.book.source(&proposed.rule).cloned().unwrap_or_default();
        let none = |text: &String| match text.is_empty() {
            true => lang.say("无", "none").to_owned(),
            false => text.clone(),
        };
        if let How::One { home, change } = &proposed.how {
            let said = |change: Option<&crate::domain::Change>| match change {
                None => lang.say("与其他户相同", "as everybody has it").to_owned(),
                Some(change) if change.off => lang.say("不查找", "not looked for").to_owned(),
                Some(change) => change.set.trim().replace('\n', "; "),
            };
            let before = said(change_of(home, &proposed.rule));
            return vec![(home.name.clone(), before, said(change.as_ref()))];
        }
        let turn = |(key, before, after): &(String, String, String)| {
            let side = |text: &String| match key == "alarm.plan" {
                true => self.book.plan_title(text, lang).to_owned(),
                false => none(text),
            };
            (names::of_dial(key, &source, lang).0, side(before), side(after))
        };
        let word = |off: bool| match off {
            true => lang.say("不查找", "not looked for").to_owned(),
            false => lang.say("查找", "looked for").to_owned(),
        };
        let everybody = lang.say("所有住户", "in all homes").to_owned();
        let switch = proposed.switch.map(|off| (everybody, word(!off), word(off)));
        switch.into_iter().chain(proposed.turns.iter().map(turn)).collect()
    }

    pub(super) fn scope(&self, proposed: &Proposed) -> String {
        if let Some(home) = proposed.home() {
            return match self.lang {
                Lang::Zh => format!("只对 {} 启用", home.name),
                Lang::En => format!("It comes in force for {} only", home.name),
            };
        }
        let all = self.web.homes().iter().filter(|home| home.is_ordinary()).count();
        match self.lang {
            Lang::Zh => format!("对此网关的全部 {all} 户启用"),
            Lang::En => format!("It comes in force for all {all} homes of this hub"),
        }
    }

    pub(super) fn seen(&self, tried: &Tried) -> Seen {
        let lang = self.lang;
        let losses = losses(&tried.runs.before, &tried.runs.after, &tried.alarmed);
        let real = losses.iter().filter(|loss| loss.turned == Turned::Real).count();
        let open = losses.len() - real;
        let lost_said = match lang {
            Lang::Zh => format!("会丢失或推迟的真实报警：{real}；尚无结论的：{open}"),
            Lang::En => format!(
                "Alarms that turned out real and would be lost or come later: {real}; not ended yet: {open}"
            ),
        };
        let lost_known = match lang {
            Lang::Zh => format!("我已看过会丢失或推迟的 {real} 起真实报警"),
            Lang::En => {
                format!("I have looked at the real alarms that would be lost or come later: {real}")
            }
        };
        let lost = losses.iter().take(SHOWN_MAX).map(|loss| {
            let how = match loss.later {
                None => lang.say("会丢失", "would be lost").to_owned(),
                Some(by) => format!("{} {}", lang.say("推迟", "later by"), told::span(by, lang)),
            };
            let row = self.row(loss.found, loss.found.alarmed.unwrap_or(loss.found.detected));
            let instead = loss.instead.map(|other| {
                let at = other.alarmed.unwrap_or(other.detected);
                let at = self.maker.clock(at, &other.home);
                let what = self.title(other.rule());
                match lang {
                    Lang::Zh => format!(" · 但“{what}”会在 {at} 报警"),
                    Lang::En => format!(" · but “{what}” would alarm at {at}"),
                }
            });
            Row { more: format!("{how} · {}{}", row.more, instead.unwrap_or_default()), ..row }
        });
        let list = |title: &'static str, fate: Fate| {
            let of = || tried.alarmed.differences.iter().filter(move |d| d.fate == fate);
            let rows = of().take(SHOWN_MAX).filter_map(|d| self.difference(tried, d)).collect();
            List { title, count: of().count(), rows }
        };
        Seen {
            hints: self.hints(tried),
            counts: self.counts(tried),
            lost: lost.collect(),
            lost_said,
            lost_known,
            real,
            lists: vec![
                list(lang.say("会减少", "Would be dropped"), Fate::Disappears),
                list(lang.say("会新增", "Would be added"), Fate::Appears),
                list(lang.say("会移到别的时间", "Would come at another time"), Fate::Moves),
            ],
        }
    }

    fn hints(&self, tried: &Tried) -> Vec<String> {
        let (lang, zone) = (self.lang, self.web.zone());
        let clock = |at: Time| self.maker.clock_in(at, &zone);
        let (from, until) = (clock(tried.from), clock(tried.until));
        // The hub and grids are gone through as well, and are no homes.
        let is_home = |id: &&HomeId| self.web.home(id).is_none_or(|home| home.is_ordinary());
        let homes = tried.whom.homes.iter().filter(is_home).count();
        let of = homes + tried.whom.left_out;
        let weeks = tried.runs.watched.weeks();
        let mut hints = vec![match lang {
            Lang::Zh => format!("{from} 至 {until}，{homes} 户，{weeks:.1} 户周"),
            Lang::En => format!("{from} to {until}, {homes} homes, {weeks:.1} home-weeks"),
        }];
        if homes < of {
            hints.push(match lang {
                Lang::Zh => format!("您负责 {of} 户，只试算了其中 {homes} 户：先取此规则发现最多的"),
                Lang::En => format!("Of the {of} homes that you come to, {homes} were gone through: those first where this rule found most"),
            });
        }
        if tried.runs.cut.is_some() {
            hints.push(match lang {
                Lang::Zh => format!("▲ 记录太多，只看到 {until}；之后的没有试算"),
                Lang::En => format!(
                    "▲ There was too much to go through: nothing after {until} was looked at"
                ),
            });
        }
        if tried.is_mixed {
            hints.push(
                lang.say(
                    "这七天内规则改过：原有的报警是按当时的规则",
                    "The rules were changed within this week: what was is by the rules of then",
                )
                .to_owned(),
            );
        }
        hints.push(lang.say("当时没有人处理的新报警，假定有人按预案办结。", "Where nobody came because nothing was found, made-up people are taken to have come as the plan says.").to_owned());
        hints
    }

    fn counts(&self, tried: &Tried) -> Vec<(String, Vec<(&'static str, String)>)> {
        let (lang, weeks) = (self.lang, tried.runs.watched.weeks());
        let mut all = Count::default();
        let mut rows: Vec<_> = Vec::new();
        for (rule, count) in &tried.alarmed.rules {
            all.before += count.before;
            all.after += count.after;
            all.appear += count.appear;
            all.disappear += count.disappear;
            all.moved += count.moved;
            if 0 < count.appear + count.disappear + count.moved {
                rows.push((self.title(rule), *count));
            }
        }
        rows.push((lang.say("全部", "all").to_owned(), all));
        let cells = |count: Count| {
            // Of less than half a week a rate would say more than is known.
            let cell = |n: u32| match weeks < RATED_MIN {
                true => n.to_string(),
                false => format!("{n} ({:.2})", rate(n, weeks)),
            };
            vec![
                (lang.say("原有", "as it was"), cell(count.before)),
                (lang.say("改后", "with this"), cell(count.after)),
                (lang.say("新增", "added"), cell(count.appear)),
                (lang.say("减少", "dropped"), cell(count.disappear)),
                (lang.say("移时", "moved"), cell(count.moved)),
            ]
        };
        rows.into_iter().map(|(name, count)| (name, cells(count))).collect()
    }

    fn title(&self, rule: &str) -> String {
        let known = self.book.rules.iter().find(|known| known.name.as_str() == rule);
        let title = known.map(|known| self.lang.say(&known.title.zh, &known.title.en));
        title.unwrap_or(rule).to_owned()
    }

    fn difference(&self, tried: &Tried, difference: &Difference) -> Option<Row> {
        let lang = self.lang;
        let (was, is) = difference.pair;
        if let Some(found) = was.and_then(|n| tried.runs.before.get(n)) {
            let row = self.row(found, difference.at);
            return Some(match difference.later {
                None => row,
                Some(by) => {
                    let (word, by) = match by.0 < 0 {
                        true => (lang.say("提前", "earlier by"), crate::domain::Span(-by.0)),
                        false => (lang.say("推迟", "later by"), by),
                    };
                    Row { more: format!("{word} {} · {}", told::span(by, lang), row.more), ..row }
                }
            });
        }
        let found = is.and_then(|n| tried.runs.after.get(n))?;
        Some(Row { href: String::new(), tone: "info", ..self.row(found, difference.at) })
    }

    /// One alarm: what, where, when, and how it ended.
    fn row(&self, found: &Found, at: Time) -> Row {
        let lang = self.lang;
        let home = self.web.home(&found.home);
        let place = home.map_or_else(|| found.home.to_string(), |home| home.name.clone());
        let id = IncidentId { home: found.home.clone(), n: found.n };
        let turned = Turned::of(found.outcome);
        Row {
            href: format!("/incidents/{}", encode(&id.to_string())),
            tone: match turned {
                Turned::Real => "urgent",
                Turned::Unknown => "serious",
                Turned::False | Turned::Nothing => "info",
            },
            what: self.title(found.rule()),
            more: format!(
                "{place} · {} · {}",
                self.maker.clock(at, &found.home),
                told::reason(&found.reason, lang)
            ),
            outcome: match found.outcome {
                None => lang.say("尚未办结", "not ended yet").to_owned(),
                Some(outcome) => told::outcome(outcome, lang).to_owned(),
            },
        }
    }
}
