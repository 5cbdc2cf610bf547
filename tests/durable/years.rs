//! What a hub goes through: lives in several homes, people who do the right thing and the wrong,
//! far sides that answer or do not, clocks that are stepped, homes that come and go, new rules.
//! The same happenings can be gone through again, with faults in between.

use std::sync::Arc;

use careloop::domain::{Act, Home, HomeId, Input, Outcome, Report, Span, Time, WalkAct};
use careloop::engine::BookTexts;
use careloop::inbox::Arrival;
use careloop::simulate::{Dice, Life};
use careloop::store::views::Filter;

use crate::hub::{Hub, SHIPPED, START, homes, id, number};

/// One thing that happens to a hub.
#[derive(Debug, Clone)]
pub enum Happening {
    Letters(Vec<Told>),
    Clock(Span),
    Register(Vec<Arc<Home>>),
    /// It is taken down in good order, and started with another rule book.
    NewBook(usize),
    /// It goes on, by another rule book.
    Reload(usize, Vec<Arc<Home>>),
}

/// An arrival that can be told again.
#[derive(Debug, Clone)]
pub enum Told {
    Input(HomeId, Input),
    Attempt(HomeId, u32, u32, Report, Option<Span>),
}

pub type Years = Vec<(Time, Happening)>;

impl Told {
    fn arrival(&self) -> Arrival {
        match self.clone() {
            Self::Input(home, input) => Arrival::Input { home, input },
            Self::Attempt(home, incident, k, report, again_in) => {
                Arrival::Attempt { home, incident, k, report, again_in }
            }
        }
    }
}

fn pick<'a, T>(dice: &mut Dice, all: &'a [T]) -> Option<&'a T> {
    let last = i64::try_from(all.len()).ok()?.checked_sub(1).filter(|last| 0 <= *last)?;
    all.get(usize::try_from(dice.between(0, last)).ok()?)
}

/// Lets one thing happen.
pub fn happen(hub: &mut Hub, at: Time, happening: &Happening) {
    hub.now = at;
    match happening {
        Happening::Letters(told) => drop(hub.handle(told.iter().map(Told::arrival))),
        Happening::Clock(offset) => {
            hub.gateway().set_clock(at, *offset).expect("the clock is set");
        }
        Happening::Register(homes) => {
            hub.gateway().register(at, homes).expect("they are registered");
        }
        Happening::NewBook(nth) => {
            hub.gateway().save().expect("it saves");
            hub.kill();
            let texts = book(*nth);
            hub.book = (Arc::new(texts.read().expect("the book is right")), texts);
            hub.open();
        }
        Happening::Reload(nth, homes) => {
            let texts = book(*nth);
            hub.book = (Arc::new(texts.read().expect("the book is right")), texts);
            hub.reload(homes);
        }
    }
}

/// The shipped rules, and others like them.
fn book(nth: usize) -> BookTexts {
    let BookTexts { rules, plans } = SHIPPED.book_texts.clone();
    match nth {
        0 => BookTexts { rules, plans },
        1 => BookTexts { rules: rules.replace("\"20m\"", "\"12m\""), plans },
        _ => {
            let kept = rules.split("[[rule]]").filter(|r| !r.contains("\"fall\""));
            let rules = kept.collect::<Vec<_>>().join("[[rule]]");
            BookTexts { rules, plans: plans.replace("\"60s\"", "\"90s\"") }
        }
    }
}

/// Goes through something new, and writes down what it was.
pub fn live(hub: &mut Hub, seed: u64, steps: usize) -> Years {
    let mut dice = Dice::new(seed);
    let all = homes(3);
    let mut lives: Vec<_> = all
        .iter()
        .zip(seed..)
        .map(|(home, seed)| {
            (home.id.clone(), Life::new(seed, home, START).with_mishaps(100).peekable())
        })
        .collect();
    let mut years: Years = vec![(START, Happening::Register(vec![Arc::clone(&all[0])]))];
    happen(hub, START, &years[0].1);
    let mut at = START;
    for _ in 0..steps {
        let longest = if dice.percent(30) { 1_800_000 } else { 90_000 };
        at = at + Span(dice.between(0, longest));
        let mut told = Vec::new();
        for (home, life) in &mut lives {
            while let Some((_, input)) = life.next_if(|(then, _)| *then <= at) {
                told.push(Told::Input(home.clone(), input));
            }
        }
        people(hub, &mut dice, &mut told);
        far_sides(hub, &mut dice, &mut told);
        odd(&mut dice, &mut told);
        let happening = match dice.between(0, 99) {
            0..=1 => Happening::Clock(Span(dice.between(-40_000_000, 40_000_000))),
            2..=7 => Happening::Register(registered(&mut dice, &all)),
            8 => Happening::NewBook(usize::try_from(dice.between(0, 2)).expect("0 to 2")),
            9..=10 => {
                let nth = usize::try_from(dice.between(0, 2)).expect("0 to 2");
                Happening::Reload(nth, registered(&mut dice, &all))
            }
            _ => Happening::Letters(told),
        };
        happen(hub, at, &happening);
        years.push((at, happening));
        if let Some((_, Happening::NewBook(_))) = years.last() {
            let again = Happening::Register(registered(&mut dice, &all));
            happen(hub, at, &again);
            years.push((at, again));
        }
    }
    years
}

fn registered(dice: &mut Dice, all: &[Arc<Home>]) -> Vec<Arc<Home>> {
    let mut homes = Vec::new();
    for home in all {
        if dice.percent(20) {
            continue;
        }
        let mut home = (**home).clone();
        home.devices.retain(|_| dice.percent(95));
        homes.push(Arc::new(home));
    }
    homes
}

/// People tap, rightly and wrongly.
fn people(hub: &Hub, dice: &mut Dice, told: &mut Vec<Told>) {
    let filter = Filter { open: Some(true), ..Filter::default() };
    for shown in hub.reader().incidents(&filter).expect("incidents") {
        if !dice.percent(25) {
            continue;
        }
        let by = pick(dice, &["daughter", "wang", "zhao", "li", "nobody"]).expect("one");
        let outcome = *pick(dice, Outcome::ALL).expect("one");
        let acts = [
            Act::Accept,
            Act::EnRoute,
            Act::OnScene,
            Act::OnScene,
            Act::Resolve { outcome, note: "\u{0}'\"\n".to_owned() },
            Act::Resolve { outcome: Outcome::Assisted, note: String::new() },
            Act::Verify,
            Act::Verify,
            Act::Rework { why: "why?".to_owned() },
            Act::HandOver { to: id("li") },
            Act::Return { why: String::new() },
            Act::Note { text: "看过".to_owned() },
        ];
        let act = pick(dice, &acts).expect("one").clone();
        let incident = shown.id.n + u32::from(dice.percent(3));
        told.push(Told::Input(shown.id.home, Input::Move { incident, by: id(by), act }));
    }
}

/// Far sides take what is due, or do not.
fn far_sides(hub: &mut Hub, dice: &mut Dice, told: &mut Vec<Told>) {
    let wall = hub.now + hub.gateway().offset();
    let (due, _) = hub.reader().due(wall, 20).expect("the outbox");
    for promise in due {
        let why = "no answer".to_owned();
        let report = match dice.between(0, 9) {
            0..=1 => continue,
            2..=4 => Report::Sent,
            5 => Report::Delivered,
            6 => Report::Failed { why, last: true },
            7..=8 => Report::Failed { why, last: false },
            _ => Report::Unknown { why },
        };
        let again = matches!(report, Report::Failed { last: false, .. } | Report::Unknown { .. });
        let again_in = again.then(|| Span::seconds(dice.between(1, 300)));
        let of = promise.id.incident;
        told.push(Told::Attempt(of.home, of.n, promise.id.k, report, again_in));
    }
}

/// What no life has: numbers with all their digits, and homes and incidents that are not there.
fn odd(dice: &mut Dice, told: &mut Vec<Told>) {
    let digits = dice.between(0, (1 << 52) - 1).cast_unsigned();
    let any = f64::from_bits(1.0_f64.to_bits() | digits);
    let warm = number(any * 20.0, "temperature");
    let device = id("bed-pad");
    let said = Input::Heard { device, observations: vec![warm], retained: dice.percent(20) };
    told.push(Told::Input(id("h1"), said));
    if dice.percent(10) {
        let all = ["bed-pad", "help-button", "kitchen-smoke", "hall-motion", "nothing"];
        let device = id(pick(dice, &all).expect("one"));
        let seen = pick(dice, &["in_bed true", "help", "smoke true", "motion true"]);
        let (steps, lasts) = (vec![id(seen.expect("one"))], Span::seconds(dice.between(0, 900)));
        let act = if dice.percent(20) { WalkAct::End } else { WalkAct::Begin { steps, lasts } };
        told.push(Told::Input(id("h1"), Input::Walk { device, by: id("wu"), act }));
    }
    if dice.percent(5) {
        let report = Report::Unknown { why: String::new() };
        told.push(Told::Input(id("elsewhere"), Input::Tick));
        told.push(Told::Attempt(id("h2"), 77, 1, report, None));
    }
}
