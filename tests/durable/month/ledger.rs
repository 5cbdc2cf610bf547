//! The ledger, and the people who fill it.

use std::collections::BTreeMap;
use std::sync::Arc;

use careloop::domain::{
    Act, Happening, Home, HomeId, IncidentId, Input, Level, Origin, Outcome, Report, Responder,
    Role, Said, Span, Time, Wish,
};
use careloop::engine::{Effect, Plan};
use careloop::inbox::{Answer, Arrival};
use careloop::simulate::{Dice, Life};

use crate::hub::{Hub, SHIPPED, heard, homes, id, input};

pub(super) const MONTH: &str = "2026-02";
pub(super) const FROM: &str = "2026-01-28T00:00:00+08:00";
pub(super) const UNTIL: &str = "2026-03-02T12:00:00+08:00";
/// The month in the home's zone, reckoned by hand.
pub(super) const BEGINS: &str = "2026-01-31T16:00:00Z";
pub(super) const ENDS: &str = "2026-02-28T16:00:00Z";

/// What devices say in so long comes in at once.
pub(super) const SLOT: Span = Span::minutes(15);

/// What was seen and done of one incident.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) rule: String,
    pub(super) level: Option<Level>,
    pub(super) detected: Vec<Time>,
    pub(super) alarmed: Option<Time>,
    pub(super) answered: Option<Time>,
    pub(super) on_scene: Option<Time>,
    pub(super) resolved: Option<Time>,
    pub(super) verified: Option<Time>,
    pub(super) closed: Option<(Time, Outcome)>,
    pub(super) reopened: usize,
    pub(super) reworked: usize,
    pub(super) escalated: BTreeMap<String, usize>,
    pub(super) repeated: usize,
    /// By number: to whom, by what, the latest word and when, and whether it is to be tried again.
    pub(super) told: BTreeMap<u32, Message>,
    pub(super) was_open_at_end: Option<bool>,
    /// Who said how it ended.
    pub(super) resolver: Option<&'static str>,
    pub(super) taken_up: usize,
    pub(super) pressed: usize,
    pub(super) passed: usize,
    pub(super) wish: Option<Wish>,
    pub(super) put_off: Option<Time>,
    /// Which department, called when, and whether it came in time.
    pub(super) called: Vec<(&'static str, Time, Option<bool>)>,
    pub(super) score: Option<u8>,
}

pub(super) const VISITS: [&str; 4] =
    ["visit-weekly", "visit-monthly", "visit-quarterly", "visit-after"];
pub(super) const REQUESTS: [&str; 2] = ["request-repair", "request-help"];
/// By which somebody met the resident, or sensors did.
pub(super) const VALID: [Outcome; 7] = [
    Outcome::Safe,
    Outcome::Assisted,
    Outcome::Hospital,
    Outcome::Died,
    Outcome::Repaired,
    Outcome::Refused,
    Outcome::Remote,
];

impl Page {
    pub(super) fn is_visit(&self) -> bool {
        VISITS.contains(&&*self.rule)
    }

    pub(super) fn is_request(&self) -> bool {
        REQUESTS.contains(&&*self.rule)
    }

    pub(super) fn is_set_aside(&self) -> bool {
        self.closed.is_some_and(|(_, of)| of == Outcome::Merged || of == Outcome::Void)
    }
}

/// To a person or not, by what, the latest word and when, and whether it is to be tried again.
pub(super) type Message = (bool, String, Option<(&'static str, Time)>, bool);

pub(super) struct Ledger {
    pub(super) hub: Hub,
    pub(super) dice: Dice,
    pub(super) pages: BTreeMap<IncidentId, Page>,
    pub(super) plans: BTreeMap<Time, (IncidentId, &'static str, Act)>,
    /// When the outbox is worth a look.
    pub(super) posted: Option<Time>,
}

/// Four homes with little in them: a month is long.
pub(super) fn register() -> Vec<Arc<Home>> {
    let devices = ["bed-pad", "help-button", "fall-radar", "kitchen-smoke", "hall-motion"];
    let grids = [("north", "weekly"), ("north", "monthly"), ("south", "weekly"), ("", "")];
    let home = |(home, (grid, tier)): (&Arc<Home>, (&str, &str))| {
        let (grid, visits) = (grid.parse().ok(), tier.parse().ok());
        let mut home = Home { grid, visits, ..(**home).clone() };
        let department = |who: &str| Responder::new(id(who), who, Role::Department, Vec::new());
        home.responders.extend(["gas-company", "housing"].map(department));
        home.devices.retain(|device| devices.contains(&device.id.as_str()));
        if tier == "monthly" {
            // Nothing that somebody would come to see her for.
            home.devices.retain(|device| ["bed-pad", "hall-motion"].contains(&device.id.as_str()));
        }
        Arc::new(home)
    };
    homes(4).iter().zip(grids).map(home).collect()
}

impl Ledger {
    /// Hands letters to the hub and writes down what it says.
    pub(super) fn handle(&mut self, arrivals: Vec<Arrival>) -> Vec<Answer> {
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
            let names =
                |roles: &[Role]| roles.iter().map(|r| r.name()).collect::<Vec<_>>().join("+");
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
                self.afterwards(&id, *outcome);
            } else if let Happening::Supervised { by, .. } = &entry.what {
                page.passed += usize::from(by.is_none());
            }
            if page_is_answered(&entry.what) {
                self.withdraw(&id);
            }
        }
        answers
    }

    /// What has not gone out need not.
    pub(super) fn withdraw(&mut self, id: &IncidentId) {
        for (_, _, word, again) in self.pages.get_mut(id).expect("a page").told.values_mut() {
            if std::mem::take(again) {
                *word = Some(("withdrawn", self.hub.now));
            }
        }
    }

    /// Far sides take what is due, or do not.
    pub(super) fn far_sides(&mut self) {
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
    pub(super) fn go_to(&mut self, until: Time) {
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

pub(super) fn page_is_answered(what: &Happening) -> bool {
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

pub(super) fn lived() -> Ledger {
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
            if ledger.dice.permille(8) && home.as_str() != "h2" {
                said.push(input(home.as_str(), heard("help-button", "help true")));
            }
            if ledger.dice.permille(6) {
                let rule = id(ledger.dice.one_of(&REQUESTS).expect("one"));
                let (from, text) = (Origin::Family, "the tap drips".to_owned());
                let what = Said::Report { rule, from, text, code: None };
                said.push(input(home.as_str(), Input::Said { by: id("daughter"), what }));
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
    pub(super) fn plan_of(&self, id: &IncidentId) -> Arc<Plan> {
        let shown = self.hub.reader().incident(id).expect("it can be read").expect("it is there");
        Arc::clone(SHIPPED.book.plan(&shown.incident.plan).expect("a plan"))
    }

    pub(super) fn note_what_is_open(&mut self) {
        for page in self.pages.values_mut() {
            page.was_open_at_end = Some(!page.detected.is_empty() && page.closed.is_none());
        }
    }

    /// Of the month, with their plans.
    pub(super) fn of_month(&self) -> Vec<(&IncidentId, &Page, Arc<Plan>)> {
        let (begins, ends): (Time, Time) = (id(BEGINS), id(ENDS));
        let is_in =
            |page: &Page| page.detected.first().is_some_and(|at| begins <= *at && *at < ends);
        let all = self.pages.iter().filter(|(_, page)| is_in(page));
        all.map(|(id, page)| (id, page, self.plan_of(id))).collect()
    }
}
