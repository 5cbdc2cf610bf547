//! What people do about it, soon or late, rightly or not; and what the ledger notes of that.

use careloop::domain::{Act, IncidentId, Input, Outcome, PersonId, Span, Wish};
use careloop::inbox::Answer;
use careloop::simulate::Dice;

use crate::hub::input;

use super::ledger::{Ledger, Page};

impl Ledger {
    pub(super) fn plan(&mut self, after: Span, id: &IncidentId, by: &'static str, act: Act) {
        let mut at = self.hub.now + after;
        while self.plans.contains_key(&at) {
            at = at + Span(1);
        }
        self.plans.insert(at, (id.clone(), by, act));
    }

    /// Somebody will do something about it, soon or late, rightly or not.
    pub(super) fn somebody_answers(&mut self, id: &IncidentId) {
        let page = &self.pages[id];
        if 0 < page.taken_up && self.dice.percent(60) {
            // They were there once.
            return;
        }
        if page.is_visit() {
            let all = [Outcome::Safe, Outcome::Safe, Outcome::NoAccess, Outcome::Refused];
            let outcome = *self.dice.one_of(&all).expect("one");
            let done = Act::Resolve { outcome, note: String::new() };
            return self.plan(self.dice.clone().minutes(60, 9 * 24 * 60), id, "wang", done);
        }
        if page.is_request() {
            return self.somebody_sees_to(id);
        }
        if self.dice.percent(8) {
            let ask = Act::Ask { wish: Wish::Void, why: "a rehearsal".to_owned() };
            self.plan(Span::seconds(20), id, "wang", ask);
        }
        let by = *self.dice.one_of(&["wang", "zhao", "li"]).expect("one");
        let soon = Span(self.dice.between(3_000, 90_000));
        let late = self.dice.minutes(2, 12);
        match self.dice.between(0, 9) {
            0..=5 => self.plan(soon, id, by, Act::Accept),
            6 => self.plan(soon, id, by, Act::EnRoute),
            7 => self.plan(late, id, by, Act::Accept),
            8 => self.plan(late, id, by, Act::OnScene),
            _ => {
                let note = "rang her up".to_owned();
                self.plan(soon, id, by, Act::Resolve { outcome: Outcome::FalseAlarm, note });
            }
        }
    }

    /// Somebody asked for something; soon or late it is done, or belongs to what was asked for before.
    pub(super) fn somebody_sees_to(&mut self, id: &IncidentId) {
        let is_open = |(other, page): &(&IncidentId, &Page)| {
            other.home == id.home
                && *other != id
                && page.is_request()
                && page.closed.is_none()
                && page.alarmed.is_some()
        };
        let other = self.pages.iter().find(is_open).map(|(other, _)| other.n);
        match other.filter(|_| self.dice.percent(60)) {
            Some(into) => self.plan(Span::minutes(3), id, "wang", Act::Merge { into }),
            None if self.dice.percent(40) => {
                let wish = Wish::Extend { lasts: Span::hours(48) };
                let ask = Act::Ask { wish, why: "a part".to_owned() };
                self.plan(Span::minutes(9), id, "wang", Act::Accept);
                self.plan(Span::hours(40), id, "wang", ask);
            }
            None => {}
        }
        let done = Act::Resolve { outcome: Outcome::Repaired, note: String::new() };
        let after = self.dice.minutes(30, 6 * 24 * 60);
        self.plan(after, id, "wang", done);
    }

    /// People come back to what is closed.
    pub(super) fn afterwards(&mut self, id: &IncidentId, outcome: Outcome) {
        if outcome == Outcome::Merged || outcome == Outcome::Void {
            return;
        }
        if self.dice.percent(50) {
            let score = u8::try_from(self.dice.between(1, 5)).expect("it is small");
            let review = Act::Review { score, text: String::new() };
            let after = self.dice.minutes(60, 3000);
            self.plan(after, id, "li", review);
        }
        if self.dice.percent(6) {
            let after = self.dice.minutes(60, 3000);
            self.plan(after, id, "zhao", Act::Reopen { why: "too early".to_owned() });
        }
    }

    /// The desk's moves, and what people do next.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are in `act`")]
    pub(super) fn desk(&mut self, id: &IncidentId, by: &'static str, act: &Act) {
        let now = self.hub.now;
        let page = self.pages.get_mut(id).expect("a page");
        match act {
            Act::Ask { wish, .. } => {
                page.wish = Some(wish.clone());
                self.plan(Span::minutes(7), id, "li", Act::Grant);
            }
            Act::Grant => {
                if let Some(Wish::Extend { lasts }) = page.wish.take() {
                    page.put_off = page.put_off.max(Some(now + lasts));
                }
            }
            Act::Reopen { .. } => {
                page.taken_up += 1;
                (page.closed, page.resolved, page.verified) = (None, None, None);
                for called in &mut page.called {
                    // Whoever is called from now on is called anew.
                    called.0 = "of old";
                }
            }
            Act::Review { score, .. } => page.score = Some(*score),
            Act::Supervise { .. } => page.pressed += 1,
            Act::Whistle { with, .. } => {
                let all = if with.is_empty() { 1 } else { 2 };
                for who in &["gas-company", "housing"][..all] {
                    match page.called.iter_mut().find(|(known, ..)| known == who) {
                        Some((_, at, None)) => *at = now,
                        Some(_) => {}
                        None => page.called.push((who, now, None)),
                    }
                }
                self.departments_come(id, all == 2);
            }
            Act::ReportIn => {
                let called = page.called.iter_mut().find(|(who, ..)| *who == by).expect("called");
                called.2.get_or_insert(now <= called.1 + Span::hours(1));
                let after = self.dice.minutes(2, 9);
                if by == "housing" {
                    self.plan(after, id, by, Act::Finish { note: String::new() });
                } else {
                    page.answered.get_or_insert(now);
                    self.plan(after, id, by, Act::OnScene);
                }
            }
            Act::Finish { .. } => self.lead_ends(id),
            _ => {}
        }
    }

    /// Some late, and some never; then the lead goes on alone.
    pub(super) fn departments_come(&mut self, id: &IncidentId, both: bool) {
        let after = self.dice.minutes(10, 90);
        self.plan(after, id, "gas-company", Act::ReportIn);
        if both && self.dice.percent(60) {
            let after = self.dice.minutes(10, 90);
            self.plan(after, id, "housing", Act::ReportIn);
        } else if both {
            let (lead, with) = (crate::hub::id("gas-company"), Vec::new());
            let alone = Act::Whistle { lead, with, why: "alone, then".to_owned() };
            self.plan(Span::hours(3), id, "chen", alone);
        } else {
            self.lead_ends(id);
        }
    }

    pub(super) fn lead_ends(&mut self, id: &IncidentId) {
        let done = Act::Resolve { outcome: Outcome::Repaired, note: String::new() };
        let after = self.dice.minutes(100, 200);
        self.plan(after, id, "gas-company", done);
    }

    /// What was done, and what they do next.
    #[expect(clippy::wildcard_enum_match_arm, reason = "people here make no other moves")]
    pub(super) fn act(&mut self, id: &IncidentId, by: &'static str, act: &Act) {
        let now = self.hub.now;
        let move_ =
            Input::Move { incident: id.n, by: crate::hub::id::<PersonId>(by), act: act.clone() };
        let answers = self.handle(vec![input(id.home.as_str(), move_)]);
        if answers != [Answer::Done] {
            // Somebody else was there before, or it is over.
            return;
        }
        self.desk(id, by, act);
        let page = self.pages.get_mut(id).expect("a page");
        let (mut dice, id) = (self.dice.clone(), id.clone());
        match act {
            Act::Accept | Act::EnRoute => {
                page.answered.get_or_insert(now);
                if dice.percent(12) {
                    let with = vec![crate::hub::id("housing")];
                    let lead = crate::hub::id("gas-company");
                    let all = Act::Whistle { lead, with, why: "the pipe".to_owned() };
                    self.plan(dice.minutes(1, 20), &id, "chen", all);
                } else if dice.percent(10) {
                    let press = Act::Supervise { why: "still?".to_owned() };
                    self.plan(dice.minutes(1, 60), &id, "chen", press);
                }
                if dice.percent(8) {
                    self.plan(dice.minutes(1, 9), &id, by, Act::Return { why: "ill".to_owned() });
                } else if !dice.percent(5) {
                    self.plan(dice.minutes(2, 35), &id, by, Act::OnScene);
                }
            }
            Act::OnScene => {
                page.answered.get_or_insert(now);
                page.on_scene.get_or_insert(now);
                let all = [Outcome::Safe, Outcome::Assisted, Outcome::FalseAlarm, Outcome::Test];
                let outcome = *dice.one_of(&all).expect("one");
                let done = Act::Resolve { outcome, note: String::new() };
                self.plan(dice.minutes(3, 200), &id, by, done);
            }
            Act::Resolve { .. } => {
                page.answered.get_or_insert(now);
                // The same word twice is one.
                page.resolved.get_or_insert(now);
                page.resolver = Some(by);
                let act = match dice.between(0, 9) {
                    0..=2 => Act::Rework { why: "what of the key?".to_owned() },
                    _ => Act::Verify,
                };
                let second = if by == "li" { "wang" } else { "li" };
                self.plan(dice.minutes(10, 40 * 60), &id, second, act);
            }
            Act::Rework { .. } => {
                (page.resolved, page.reworked) = (None, page.reworked + 1);
                let done = Act::Resolve { outcome: Outcome::Assisted, note: String::new() };
                // Some forget it.
                if dice.percent(60) {
                    let by = page.resolver.expect("somebody resolved it");
                    self.plan(dice.minutes(5, 60), &id, by, done);
                }
            }
            Act::Verify => page.verified = Some(now),
            Act::Return { .. } => self.somebody_answers(&id),
            _ => {}
        }
        self.dice = Dice::new(dice.seed());
    }
}
