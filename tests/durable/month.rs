//! The figures of a month, against a ledger that is kept by hand: what the engine said as it said it, what
//! people did and when, and what the far sides answered. The ledger never looks at the record, and counts as
//! plainly as can be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use careloop::domain::{
    Act, Happening, Home, HomeId, IncidentId, Input, Level, Outcome, PersonId, Report, Span, Time,
};
use careloop::engine::{Effect, Plan};
use careloop::inbox::{Answer, Arrival};
use careloop::report::{Kpi, Month, Spread};
use careloop::simulate::{Dice, Life};

use crate::hub::{Hub, SHIPPED, heard, homes, id, input};

const MONTH: &str = "2026-02";
const FROM: &str = "2026-01-28T00:00:00+08:00";
const UNTIL: &str = "2026-03-02T12:00:00+08:00";
/// The month in the home's zone, reckoned by hand.
const BEGINS: &str = "2026-01-31T16:00:00Z";
const ENDS: &str = "2026-02-28T16:00:00Z";

/// What devices say in so long comes in at once.
const SLOT: Span = Span::minutes(15);

/// What was seen and done of one incident.
#[derive(Debug, Default)]
struct Page {
    rule: String,
    level: Option<Level>,
    detected: Vec<Time>,
    alarmed: Option<Time>,
    answered: Option<Time>,
    on_scene: Option<Time>,
    resolved: Option<Time>,
    verified: Option<Time>,
    closed: Option<(Time, Outcome)>,
    reopened: usize,
    reworked: usize,
    escalated: BTreeMap<String, usize>,
    repeated: usize,
    /// By number: to whom, by what, the latest word and when, and whether it is to be tried again.
    told: BTreeMap<u32, Message>,
    was_open_at_end: Option<bool>,
}

/// To a person or not, by what, the latest word and when, and whether it is to be tried again.
type Message = (bool, String, Option<(&'static str, Time)>, bool);

struct Ledger {
    hub: Hub,
    dice: Dice,
    pages: BTreeMap<IncidentId, Page>,
    plans: BTreeMap<Time, (IncidentId, &'static str, Act)>,
    /// When the outbox is worth a look.
    posted: Option<Time>,
}

/// Four homes with little in them: a month is long.
fn register() -> Vec<Arc<Home>> {
    let devices = ["bed-pad", "help-button", "fall-radar", "kitchen-smoke", "hall-motion"];
    let grids = ["north", "north", "south", ""];
    let home = |(home, grid): (&Arc<Home>, &str)| {
        let mut home = Home { grid: grid.parse().ok(), ..(**home).clone() };
        home.devices.retain(|device| devices.contains(&device.id.as_str()));
        Arc::new(home)
    };
    homes(4).iter().zip(grids).map(home).collect()
}

impl Ledger {
    /// Hands letters to the hub and writes down what it says.
    fn handle(&mut self, arrivals: Vec<Arrival>) -> Vec<Answer> {
        let now = self.hub.now;
        let (handled, answers) = self.hub.try_handle(arrivals).expect("it is stored");
        if handled.posted {
            self.posted = Some(now);
        }
        for (home, effect) in handled.effects {
            let Effect::Story { incident: n, key, entry, tell } = effect else { continue };
            let id = IncidentId { home, n };
            let page = self.pages.entry(id.clone()).or_default();
            page.rule = key.split('@').next().expect("a rule").to_owned();
            for tell in &tell {
                let told = (tell.to.is_some(), tell.contact.channel.to_string(), None, true);
                page.told.insert(tell.k, told);
            }
            let names = |roles: &[careloop::domain::Role]| {
                roles.iter().map(|r| r.name()).collect::<Vec<_>>().join("+")
            };
            if let Happening::Detected { .. } = &entry.what {
                page.detected.push(now);
            } else if let Happening::Reopened { .. } = &entry.what {
                page.reopened += 1;
                page.closed = None;
            } else if let Happening::Raised { level, .. } = &entry.what {
                page.level = page.level.max(Some(*level));
            } else if let Happening::Alarmed { .. } = &entry.what {
                page.alarmed.get_or_insert(now);
                self.somebody_answers(&id);
            } else if let Happening::Escalated { tell, .. } = &entry.what {
                *page.escalated.entry(names(tell)).or_default() += 1;
            } else if let Happening::Repeated { .. } = &entry.what {
                page.repeated += 1;
                // Who set out and never came is found out, and somebody else goes.
                if page.repeated.is_multiple_of(12) {
                    self.somebody_answers(&id);
                }
            } else if let Happening::Closed { outcome, .. } = &entry.what {
                page.closed = Some((now, *outcome));
            }
            if page_is_answered(&entry.what) {
                self.withdraw(&id);
            }
        }
        answers
    }

    /// What has not gone out need not.
    fn withdraw(&mut self, id: &IncidentId) {
        for (_, _, word, again) in self.pages.get_mut(id).expect("a page").told.values_mut() {
            if std::mem::take(again) {
                *word = Some(("withdrawn", self.hub.now));
            }
        }
    }

    fn plan(&mut self, after: Span, id: &IncidentId, by: &'static str, act: Act) {
        let mut at = self.hub.now + after;
        while self.plans.contains_key(&at) {
            at = at + Span(1);
        }
        self.plans.insert(at, (id.clone(), by, act));
    }

    /// Somebody will do something about it, soon or late, rightly or not.
    fn somebody_answers(&mut self, id: &IncidentId) {
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

    /// What was done, and what they do next.
    #[expect(clippy::wildcard_enum_match_arm, reason = "people here make no other moves")]
    fn act(&mut self, id: &IncidentId, by: &'static str, act: &Act) {
        let now = self.hub.now;
        let move_ =
            Input::Move { incident: id.n, by: crate::hub::id::<PersonId>(by), act: act.clone() };
        let answers = self.handle(vec![input(id.home.as_str(), move_)]);
        if answers != [Answer::Done] {
            // Somebody else was there before, or it is over.
            return;
        }
        let page = self.pages.get_mut(id).expect("a page");
        let (mut dice, id) = (self.dice.clone(), id.clone());
        match act {
            Act::Accept | Act::EnRoute => {
                page.answered.get_or_insert(now);
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
                    self.plan(dice.minutes(5, 60), &id, "wang", done);
                }
            }
            Act::Verify => page.verified = Some(now),
            Act::Return { .. } => self.somebody_answers(&id),
            _ => {}
        }
        self.dice = Dice::new(dice.seed());
    }

    /// Far sides take what is due, or do not.
    fn far_sides(&mut self) {
        let now = self.hub.now;
        if self.posted.take_if(|at| *at <= now).is_none() {
            return;
        }
        let (due, next) = self.hub.reader().due(now, 50).expect("the outbox");
        self.posted = next;
        for promise in due {
            let why = "no answer".to_owned();
            let (word, report) = match self.dice.between(1, 9) {
                1..=5 => ("sent", Report::Sent),
                6..=7 => ("delivered", Report::Delivered),
                8 => ("failed", Report::Failed { why, last: self.dice.percent(50) }),
                _ => ("unknown", Report::Unknown { why }),
            };
            let again = matches!(report, Report::Failed { last: false, .. });
            let again_in = again.then(|| Span::seconds(self.dice.between(20, 300)));
            let of = promise.id.incident;
            let page = self.pages.get_mut(&of).expect("a page");
            let told = page.told.get_mut(&promise.id.k).expect("it was promised");
            (told.2, told.3) = (Some((word, now)), again);
            let (home, incident, k) = (of.home, of.n, promise.id.k);
            self.handle(vec![Arrival::Attempt { home, incident, k, report, again_in }]);
        }
    }

    /// Every deadline and every move at its own instant, until then.
    fn go_to(&mut self, until: Time) {
        loop {
            let wake = self.hub.gateway().wake();
            let planned = self.plans.first_key_value().map(|(at, _)| *at);
            let next =
                [wake, planned, self.posted].into_iter().flatten().min().filter(|at| *at <= until);
            let Some(at) = next else { break };
            self.hub.now = self.hub.now.max(at);
            if planned == Some(at) {
                let (_, (id, by, act)) = self.plans.pop_first().expect("it is there");
                self.act(&id, by, &act);
            } else if wake == Some(at) {
                self.handle(Vec::new());
            }
            self.far_sides();
        }
        self.hub.now = until;
    }
}

fn page_is_answered(what: &Happening) -> bool {
    matches!(
        what,
        Happening::Accepted { .. }
            | Happening::EnRoute { .. }
            | Happening::OnScene { .. }
            | Happening::Resolved { .. }
            | Happening::Cancelled { .. }
            | Happening::Closed { .. }
    )
}

fn lived() -> Ledger {
    let (from, until): (Time, Time) = (id(FROM), id(UNTIL));
    let mut hub = Hub::bare();
    hub.now = from;
    let register = register();
    hub.gateway().register(from, &register).expect("they move in");
    let (dice, pages, plans) = (Dice::new(5), BTreeMap::new(), BTreeMap::new());
    let mut ledger = Ledger { hub, dice, pages, plans, posted: None };
    let mut lives: Vec<(HomeId, _)> = register
        .iter()
        .zip(11..)
        .map(|(home, seed)| {
            (home.id.clone(), Life::new(seed, home, from).with_mishaps(60).peekable())
        })
        .collect();
    let month_ends: Time = id(ENDS);
    let mut at = from;
    while at < until {
        at = at + SLOT;
        ledger.go_to(at);
        let mut said = Vec::new();
        for (home, _) in &lives {
            if ledger.dice.permille(8) {
                said.push(input(home.as_str(), heard("help-button", "help true")));
            }
        }
        for (home, life) in &mut lives {
            while let Some((_, input)) = life.next_if(|(then, _)| *then <= at) {
                said.push(Arrival::Input { home: home.clone(), input });
            }
        }
        ledger.handle(said);
        if at < month_ends && month_ends <= at + SLOT {
            ledger.go_to(month_ends - Span(1));
            ledger.note_what_is_open();
        }
    }
    ledger
}

impl Ledger {
    fn plan_of(&self, id: &IncidentId) -> Arc<Plan> {
        let shown = self.hub.reader().incident(id).expect("it can be read").expect("it is there");
        Arc::clone(SHIPPED.book.plan(&shown.incident.plan).expect("a plan"))
    }

    fn note_what_is_open(&mut self) {
        for page in self.pages.values_mut() {
            page.was_open_at_end = Some(!page.detected.is_empty() && page.closed.is_none());
        }
    }

    /// Of the month, with their plans.
    fn of_month(&self) -> Vec<(&IncidentId, &Page, Arc<Plan>)> {
        let (begins, ends): (Time, Time) = (id(BEGINS), id(ENDS));
        let is_in =
            |page: &Page| page.detected.first().is_some_and(|at| begins <= *at && *at < ends);
        let all = self.pages.iter().filter(|(_, page)| is_in(page));
        all.map(|(id, page)| (id, page, self.plan_of(id))).collect()
    }
}

/// The smallest of which at least so many per cent are no greater, found by trying each.
fn percentile(all: &[Span], percent: usize) -> Option<Span> {
    let enough = |span: &&Span| {
        let below = all.iter().filter(|other| *other <= *span).count();
        percent * all.len() <= below * 100
    };
    all.iter().filter(enough).min().copied()
}

fn is_spread(spread: &Spread, all: &[Span], what: &str) {
    assert!(!all.is_empty(), "there is something to measure {what} by");
    assert_eq!(spread.count(), all.len(), "{what}");
    for percent in [50, 90] {
        assert_eq!(spread.percentile(percent), percentile(all, percent), "{what} {percent}");
    }
    assert_eq!(spread.max(), all.iter().max().copied(), "{what}");
    assert_eq!(spread.unmeasured, 0, "{what}");
}

#[test]
fn the_report_of_a_simulated_month_equals_what_was_done_in_it() {
    let ledger = lived();
    let (from, to) = id::<Month>(MONTH).widest();
    let now = ledger.hub.now;
    let cases = ledger.hub.reader().cases(from, to, &register()).expect("it can be read");
    let kpi = Kpi::new(id(MONTH), None, &cases, &SHIPPED.targets, now);

    let all = ledger.of_month();
    assert!(60 < all.len(), "a month of something: {}", all.len());
    assert_eq!(kpi.found.total, all.len());
    let rules: BTreeSet<&str> = all.iter().map(|(_, page, _)| &*page.rule).collect();
    for rule in rules {
        let count = all.iter().filter(|(_, page, _)| page.rule == rule).count();
        assert_eq!(kpi.found.by_rule[&id(rule)], count, "{rule}");
    }
    let level = |page: &Page| {
        let rule = SHIPPED.book.rules.iter().find(|r| r.name.as_str() == page.rule);
        page.level.max(rule.map(|rule| rule.level)).expect("a level")
    };
    for of in Level::ALL {
        let count = all.iter().filter(|(_, page, _)| level(page) == *of).count();
        assert_eq!(kpi.found.by_level.get(of).copied().unwrap_or(0), count, "{of}");
    }
    let of_grid =
        |names: &[&str]| all.iter().filter(|(id, ..)| names.contains(&id.home.as_str())).count();
    assert_eq!(kpi.found.by_grid[&id("north")], of_grid(&["h1", "h2"]));
    assert_eq!(kpi.found.by_grid[&id("south")], of_grid(&["h3"]));
    let north = Kpi::new(id(MONTH), Some(&id("north")), &cases, &SHIPPED.targets, now);
    assert_eq!(north.found.total, of_grid(&["h1", "h2"]));

    assert_eq!(kpi.reopened, all.iter().map(|(_, page, _)| page.reopened).sum::<usize>());
    assert_eq!(kpi.reworked, all.iter().map(|(_, page, _)| page.reworked).sum::<usize>());
    assert!(0 < kpi.reworked);
    assert_eq!(kpi.repeats, all.iter().map(|(_, page, _)| page.repeated).sum::<usize>());
    let mut escalated: BTreeMap<String, usize> = BTreeMap::new();
    for (roles, count) in all.iter().flat_map(|(_, page, _)| &page.escalated) {
        *escalated.entry(roles.clone()).or_default() += count;
    }
    assert_eq!(kpi.escalations, escalated);
    let was_open = ledger.pages.values().filter(|page| page.was_open_at_end == Some(true)).count();
    assert_eq!(kpi.open_at_end, was_open);
    assert!(0 < was_open);

    messages(&kpi, &all);
    let alarms: Vec<_> = all.iter().filter(|(_, page, _)| page.alarmed.is_some()).collect();
    assert_eq!(kpi.alarms, alarms.len());
    assert!(alarms.len() < all.len(), "some end before the alarm");
    times(&kpi, &alarms);
    shares(&kpi, &alarms, now);
}

type Seen<'l> = (&'l IncidentId, &'l Page, Arc<Plan>);

fn messages(kpi: &Kpi, all: &[Seen<'_>]) {
    let told = || all.iter().flat_map(|(_, page, _)| page.told.values());
    let channels: BTreeSet<&String> = told().map(|(_, channel, ..)| channel).collect();
    assert_eq!(kpi.deliveries.keys().collect::<BTreeSet<_>>(), channels);
    for channel in channels {
        let count = |wanted: Option<&str>| {
            let is = |word: &Option<(&str, Time)>| word.map(|(word, _)| word) == wanted;
            told().filter(|(_, of, word, _)| of == channel && is(word)).count()
        };
        let fates = kpi.deliveries[channel];
        assert_eq!(fates.sent, count(Some("sent")), "{channel}");
        assert_eq!(fates.delivered, count(Some("delivered")), "{channel}");
        assert_eq!(fates.failed, count(Some("failed")), "{channel}");
        assert_eq!(fates.unknown, count(Some("unknown")), "{channel}");
        assert_eq!(fates.withdrawn, count(Some("withdrawn")), "{channel}");
        assert_eq!(fates.waiting, count(None), "{channel}");
    }
}

fn times(kpi: &Kpi, alarms: &[&Seen<'_>]) {
    let since = |of: fn(&Page) -> Option<Time>| -> Vec<Span> {
        let took = |page: &Page| Some(of(page)? - page.alarmed?);
        alarms.iter().filter_map(|(_, page, _)| took(page)).collect()
    };
    is_spread(&kpi.to_accept, &since(|page| page.answered), "accept");
    is_spread(&kpi.to_arrive, &since(|page| page.on_scene), "arrive");
    is_spread(&kpi.to_resolve, &since(|page| page.resolved), "resolve");
    is_spread(&kpi.to_close, &since(|page| page.closed.map(|(at, _)| at)), "close");
    let told = |page: &Page| {
        let taken = |told: &&Message| {
            told.0 && told.2.is_some_and(|(word, _)| word == "sent" || word == "delivered")
        };
        let all = page.told.values().filter(taken).filter_map(|told| told.2.map(|(_, at)| at));
        all.filter(|at| page.alarmed.is_some_and(|alarmed| alarmed <= *at)).min()
    };
    let took = |page: &Page| Some(told(page)? - page.alarmed?);
    let all: Vec<Span> = alarms.iter().filter_map(|(_, page, _)| took(page)).collect();
    is_spread(&kpi.to_tell, &all, "tell");
}

/// In time, and late; what is still to come is neither.
fn judged(
    begun: Option<Time>,
    ended: Option<Time>,
    within: Span,
    is_off: bool,
    now: Time,
) -> Option<bool> {
    let begun = begun?;
    match ended {
        Some(ended) => Some(ended - begun <= within),
        None if is_off || now <= begun + within => None,
        None => Some(false),
    }
}

fn shares(kpi: &Kpi, alarms: &[&Seen<'_>], now: Time) {
    let counted = |judge: &dyn Fn(&Page, &Plan) -> Option<bool>| -> (usize, usize) {
        let all: Vec<bool> = alarms.iter().filter_map(|(_, p, plan)| judge(p, plan)).collect();
        (all.iter().filter(|hit| **hit).count(), all.len())
    };
    let is = |share: careloop::report::Share, counted: (usize, usize), what: &str| {
        assert_eq!((share.hits, share.of), counted, "{what}");
        assert!(0 < counted.0 && 0 < counted.1, "{what}: something to count");
    };
    let closed = |page: &Page| page.closed.is_some();
    is(kpi.closed_loop, counted(&|page, _| Some(closed(page))), "closed loop");
    let is_false = |page: &Page| {
        let (_, outcome) = page.closed.filter(|(_, outcome)| *outcome != Outcome::Test)?;
        Some(outcome == Outcome::FalseAlarm)
    };
    is(kpi.false_alarms.all, counted(&|page, _| is_false(page)), "false");
    for (rule, share) in &kpi.false_alarms.by_rule {
        let of = counted(&|page, _| is_false(page).filter(|_| page.rule == rule.as_str()));
        assert_eq!((share.hits, share.of), of, "{rule}");
    }
    let steps = kpi.on_time;
    let accept = |page: &Page, plan: &Plan| {
        judged(page.alarmed, page.answered, plan.rung(1).after, closed(page), now)
    };
    is(steps.accept, counted(&accept), "accept");
    let arrive = |page: &Page, within: Span| {
        let is_off = closed(page) || page.resolved.is_some();
        judged(page.answered, page.on_scene, within, is_off, now)
    };
    is(steps.arrive, counted(&|page, plan| arrive(page, plan.arrive_within)), "arrive");
    let resolve = |page: &Page, plan: &Plan| {
        judged(page.on_scene, page.resolved, plan.resolve_within, closed(page), now)
    };
    is(steps.resolve, counted(&resolve), "resolve");
    let is_measured = |page: &Page| {
        let rule = SHIPPED.book.rules.iter().find(|r| r.name.as_str() == page.rule);
        Some(Level::Serious) <= page.level.max(rule.map(|rule| rule.level))
    };
    for (n, seconds) in [60, 180].into_iter().enumerate() {
        let within = Span::seconds(seconds);
        let judge = |page: &Page, _: &Plan| {
            judged(page.alarmed, page.answered, within, closed(page), now)
                .filter(|_| is_measured(page))
        };
        is(kpi.answered[n].share, counted(&judge), "answered");
    }
    for (n, minutes) in [45, 60].into_iter().enumerate() {
        let judge = |page: &Page, _: &Plan| {
            arrive(page, Span::minutes(minutes)).filter(|_| is_measured(page))
        };
        is(kpi.arrived[n].share, counted(&judge), "arrived");
    }
}
