//! A run by one rule book all along. Nobody in life moved on what it finds and life did not: made-up
//! people see to that, so that one incident does not swallow all that come after it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::compare::Ledger;
use crate::domain::{
    Act, Change, Home, HomeId, Incident, IncidentId, Input, Name, Outcome, PersonId, Responder,
    Role, Span, Stage, Time,
};
use crate::engine::{Book, Effect, Engine, State};

/// Who comes where nobody did in life; and the second person. They can be told of nothing.
const MADE_UP: [&str; 2] = ["made-up-1", "made-up-2"];

/// The run as it was, as far as it has come.
pub trait Life {
    /// What a home's engine knows.
    fn engine(&self, home: &HomeId) -> Option<&Engine>;
}

/// One home for which one rule is otherwise, or no longer otherwise, all along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tuned {
    /// Which home.
    pub home: HomeId,
    /// Which rule.
    pub rule: Name,
    /// How; `None`: as everybody has it.
    pub change: Option<Change>,
}

/// See the module.
#[derive(Debug)]
pub struct Course {
    book: Arc<Book>,
    digest: String,
    engines: BTreeMap<HomeId, Engine>,
    /// When each engine wants to be woken.
    wakes: BTreeSet<(Time, HomeId)>,
    /// When made-up people look after an incident.
    visits: BTreeSet<(Time, HomeId, u32)>,
    /// The incidents of life, and which of this run are the same.
    same: BTreeMap<IncidentId, u32>,
    taken: BTreeMap<IncidentId, u32>,
    /// What was found.
    pub ledger: Ledger,
    /// What became of people's moves.
    pub moves: Moves,
    people: Vec<Responder>,
    tuned: Option<Tuned>,
}

/// What became of people's moves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Moves {
    /// Of people in life, made on the incident of the same rule and device.
    pub made: u32,
    /// Of people in life, left out: there was no such incident, or it was not that far.
    pub left_out: u32,
    /// Incidents that made-up people have closed.
    pub closed: u32,
}

impl Course {
    /// By this book, whose texts have this digest.
    pub fn new(book: Arc<Book>, digest: String) -> Self {
        let person = |id: &str| {
            let id = id.parse::<PersonId>().ok()?;
            let name = id.to_string();
            Some(Responder::new(id, &name, Role::Supervisor, Vec::new()))
        };
        Self {
            book,
            digest,
            engines: BTreeMap::new(),
            wakes: BTreeSet::new(),
            visits: BTreeSet::new(),
            same: BTreeMap::new(),
            taken: BTreeMap::new(),
            ledger: Ledger::default(),
            moves: Moves::default(),
            people: MADE_UP.into_iter().filter_map(person).collect(),
            tuned: None,
        }
    }

    /// The same, with a rule that is otherwise for one home.
    #[must_use]
    pub fn tuned(self, tuned: Option<Tuned>) -> Self {
        Self { tuned, ..self }
    }

    /// Takes up a home where the journal begins.
    pub fn resume(&mut self, home: &HomeId, state: State) {
        let engine = Engine::resume(Arc::clone(&self.book), state);
        let (now, registered) = (engine.now(), engine.home().cloned());
        for incident in engine.incidents().values().filter(|i| i.is_open()) {
            let id = IncidentId { home: home.clone(), n: incident.n };
            self.same.insert(id.clone(), incident.n);
            self.taken.insert(id, incident.n);
        }
        self.engines.insert(home.clone(), engine);
        if let Some(registered) = registered {
            let rules = self.digest.clone();
            self.take(now, home, &Input::Home { home: registered, rules });
        }
    }

    /// Whether anything came of this home.
    pub fn knows(&self, home: &HomeId) -> bool {
        self.engines.contains_key(home)
    }

    /// One input that is the same in life: whatever is not about an incident.
    pub fn take(&mut self, at: Time, home: &HomeId, input: &Input) {
        match input {
            Input::Home { home: registered, .. } => {
                let mut registered: Home = (**registered).clone();
                registered.responders.extend(self.people.iter().cloned());
                if let Some(tuned) = self.tuned.as_ref().filter(|tuned| tuned.home == *home) {
                    registered.changes.retain(|change| change.rule != tuned.rule);
                    registered.changes.extend(tuned.change.clone());
                }
                let (registered, rules) = (Arc::new(registered), self.digest.clone());
                drop(self.step(at, home, &Input::Home { home: registered, rules }));
            }
            Input::Tick
            | Input::Heard { .. }
            | Input::Move { .. }
            | Input::Delivery { .. }
            | Input::Clock { .. }
            | Input::Said { .. }
            | Input::Walk { .. } => drop(self.step(at, home, input)),
        }
    }

    /// One input of life, which has just been followed there.
    pub fn follow(&mut self, at: Time, home: &HomeId, input: &Input, life: &dyn Life) {
        let here = |n: &u32| incident(life, home, *n);
        match input {
            Input::Move { incident, by, act } => {
                let Some(n) = here(incident).and_then(|i| self.counterpart(home, i)) else {
                    self.moves.left_out += 1;
                    return;
                };
                let (by, act) = (by.clone(), act.clone());
                let effects = self.step(at, home, &Input::Move { incident: n, by, act });
                let is_refused = effects.iter().any(|e| matches!(e, Effect::Refused { .. }));
                let count =
                    if is_refused { &mut self.moves.left_out } else { &mut self.moves.made };
                *count += 1;
            }
            Input::Delivery { incident, k, report } => {
                let Some(n) = here(incident).and_then(|i| self.counterpart(home, i)) else {
                    return;
                };
                let (k, report) = (*k, report.clone());
                drop(self.step(at, home, &Input::Delivery { incident: n, k, report }));
            }
            Input::Tick
            | Input::Heard { .. }
            | Input::Clock { .. }
            | Input::Home { .. }
            | Input::Said { .. }
            | Input::Walk { .. } => self.take(at, home, input),
        }
    }

    /// In life this incident is closed: what is still open of it here is up to made-up people.
    pub fn closed_in_life(&mut self, at: Time, id: &IncidentId) {
        let n = self.same.get(id).copied();
        let open = |n: &u32| self.incident(&id.home, *n).is_some_and(Incident::is_open);
        if let Some(n) = n.filter(open) {
            let patience = self.patience(&id.home, n);
            self.visits.insert((at + patience, id.home.clone(), n));
        }
    }

    /// Lets everything before `until` happen at its own instant, over all homes.
    pub fn pass_time(&mut self, until: Time, life: Option<&dyn Life>) {
        loop {
            let wake = self.wakes.first().map(|(at, home)| (*at, home.clone(), None));
            let visit = self.visits.first().map(|(at, home, n)| (*at, home.clone(), Some(*n)));
            let next = [wake, visit].into_iter().flatten().min();
            match next.filter(|(at, ..)| *at < until) {
                None => return,
                Some((at, home, None)) => drop(self.step(at, &home, &Input::Tick)),
                Some((at, home, Some(n))) => {
                    self.visits.remove(&(at, home.clone(), n));
                    self.visit(at, &home, n, life);
                }
            }
        }
    }

    /// The hub comes up again: what fell due meanwhile is decided now.
    pub fn wake_up(&mut self, at: Time) {
        let due: Vec<HomeId> =
            self.wakes.iter().take_while(|(due, _)| *due < at).map(|(_, h)| h.clone()).collect();
        for home in due {
            drop(self.step(at, &home, &Input::Tick));
        }
    }

    fn step(&mut self, at: Time, home: &HomeId, input: &Input) -> Vec<Effect> {
        let new = || Engine::new(Arc::clone(&self.book));
        let engine = self.engines.entry(home.clone()).or_insert_with(new);
        if let Some(wake) = engine.wake() {
            self.wakes.remove(&(wake, home.clone()));
        }
        let effects = engine.step(at, input);
        if let Some(wake) = engine.wake() {
            self.wakes.insert((wake, home.clone()));
        }
        self.ledger.note(home, &effects);
        for effect in &effects {
            let Effect::Story { incident: n, entry, .. } = effect else { continue };
            if let crate::domain::Happening::Alarmed { .. } = entry.what {
                let patience = self.patience(home, *n);
                self.visits.insert((at + patience, home.clone(), *n));
            }
        }
        effects
    }

    fn incident(&self, home: &HomeId, n: u32) -> Option<&Incident> {
        self.engines.get(home)?.incidents().get(&n)
    }

    /// How long people may take by the plan, from the alarm to the outcome.
    fn patience(&self, home: &HomeId, n: u32) -> Span {
        let plan = self.incident(home, n).and_then(|i| self.book.plan(&i.plan));
        plan.map_or(Span::ZERO, |plan| Span(plan.arrive_within.0 + plan.resolve_within.0))
    }

    /// The open incident of this run that is the same as one of life: of the same rule and device,
    /// the nearest that is not another's.
    fn counterpart(&mut self, home: &HomeId, life: &Incident) -> Option<u32> {
        let id = IncidentId { home: home.clone(), n: life.n };
        if let Some(n) = self.same.get(&id) {
            return self.incident(home, *n).filter(|i| i.is_open()).map(|i| i.n);
        }
        let of = |n| IncidentId { home: home.clone(), n };
        let all = self.engines.get(home)?.incidents().values();
        let free = |i: &&Incident| i.is_open() && !self.taken.contains_key(&of(i.n));
        let same = all.filter(free).filter(|i| i.key() == life.key());
        let n = same.min_by_key(|i| ((i.detected_at - life.detected_at).0.abs(), i.n))?.n;
        self.taken.insert(of(n), life.n);
        self.same.insert(id, n);
        Some(n)
    }

    /// Made-up people come and close it, unless people in life have it in hand.
    fn visit(&mut self, at: Time, home: &HomeId, n: u32, life: Option<&dyn Life>) {
        let Some(here) = self.incident(home, n).filter(|i| i.is_open()).cloned() else { return };
        if let Some(life) = life {
            let open = life.engine(home).into_iter().flat_map(|e| e.incidents().values());
            let open = open.filter(|i| i.is_open() && i.key() == here.key());
            for theirs in open.cloned().collect::<Vec<_>>() {
                if self.counterpart(home, &theirs) == Some(n) {
                    // `closed_in_life` comes back to it.
                    return;
                }
            }
        }
        let [first, second] = &*self.people else { return };
        let (first, second) = (first.id.clone(), second.id.clone());
        let note = String::new();
        let acts = [
            (&first, Act::OnScene),
            (&first, Act::Resolve { outcome: Outcome::Safe, note }),
            (&second, Act::Verify),
        ];
        for (by, act) in acts {
            let is_over = self.incident(home, n).is_none_or(|i| i.stage == Stage::Closed);
            if !is_over {
                drop(self.step(at, home, &Input::Move { incident: n, by: by.clone(), act }));
            }
        }
        self.moves.closed += 1;
    }
}

/// An incident as it is in life now.
fn incident<'l>(life: &'l dyn Life, home: &HomeId, n: u32) -> Option<&'l Incident> {
    life.engine(home)?.incidents().get(&n)
}
