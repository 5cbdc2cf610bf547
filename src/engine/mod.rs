//! The engine of one home: verdicts and people's moves in, effects out.
//!
//! Pure and total: no clock, no IO, no randomness, no logging, and it cannot fail. Life, recovery,
//! replay, stories and simulation all drive this one function, [`Engine::step`]:
//!
//! ```
//! # use std::sync::Arc;
//! # use careloop::{domain::{Input, Time, Span}, engine::{Book, Engine}};
//! # let rules = ""; let plans = "[[plan]]\nname = \"p\"\nrungs = [{ tell = [\"family\"], after = \"0s\", repeat = \"60s\" }]\narrive_within = \"15m\"\nresolve_within = \"2h\"\nverify_within = \"24h\"\n";
//! # let book = Arc::new(Book::read(("rules.toml", rules), ("plans.toml", plans)).unwrap());
//! # let input = Input::Clock { offset: Span::ZERO }; let now = Time(0);
//! let mut engine = Engine::new(book);
//! let effects = engine.step(now, &input);
//! if let Some(at) = engine.wake() {
//!     engine.step(at, &Input::Tick); // when `at` comes, unless another input comes first
//! }
//! ```

pub mod plan;
pub mod rota;
mod ahead;
mod book;
mod state;
mod begin;
mod budget;
mod checklist;
mod desk;
mod effect;
mod habits;
mod hear;
mod ladder;
mod layout;
mod meaning;
mod moves;
mod raise;
mod rounds;
mod say;
mod walk;
mod watch;
mod whereabouts;
mod whistle;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::baseline::{Baseline, Learned, Learning, Wanted};
use crate::domain::{
    Contact, Device, DeviceId, Entry, Happening, Home, Incident, Input, Name, Observation,
    PersonId, Presence, Property, Responder, Role, Silence, Situation, Span, Stage, Time,
};
use crate::rule::Rule;

pub use ahead::next_told;
pub use book::{Book, BookTexts};
pub use budget::Warnings;
pub use checklist::{Checklist, Item};
pub use effect::{Effect, Purpose, Tell};
pub use plan::Plan;
pub use state::{STATE_FORM, State};

use ladder::Whom;
use layout::Ears;

/// Fired later than this after it fell due, an entry says so.
const LATE: Span = Span::seconds(1);

/// Stepped later than this after it should have been, the hub was not running, and could hear nobody.
const DEAF: Span = Span::minutes(1);

/// One home's engine.
#[derive(Debug, Clone)]
pub struct Engine {
    book: Arc<Book>,
    zone: TimeZone,
    /// The book's rules as they are for this home.
    rules: Vec<Arc<Rule>>,
    /// For each watch, its rule.
    rule_of: Vec<usize>,
    /// For each property by its place in the vocabulary, the watches over the home that it concerns.
    by_property: Vec<Vec<usize>>,
    /// The watches over each device.
    of_device: BTreeMap<DeviceId, Ears>,
    /// The watches that the resident's whereabouts concern.
    by_presence: Vec<usize>,
    /// When to judge which watch although nothing was heard. One look finds the first, however many
    /// rules there are.
    wakes: BTreeSet<(Time, usize)>,
    wake: Option<Time>,
    own: habits::Own,
    /// The instant that is judged: now, or earlier while the engine catches up with what fell due
    /// when nobody stepped it. Only what people are told and given time for counts from now.
    at: Time,
    state: State,
}

impl Engine {
    /// An engine that knows nothing yet; its home comes by [`Input::Home`].
    pub fn new(book: Arc<Book>) -> Self {
        Self::resume(book, State::default())
    }

    /// An engine that goes on where `state` ends.
    pub fn resume(book: Arc<Book>, state: State) -> Self {
        let mut engine = Self {
            book,
            zone: TimeZone::UTC,
            rules: Vec::new(),
            rule_of: Vec::new(),
            by_property: Vec::new(),
            of_device: BTreeMap::new(),
            by_presence: Vec::new(),
            wakes: BTreeSet::new(),
            wake: None,
            own: habits::Own::default(),
            at: state.now,
            state,
        };
        engine.lay_out();
        engine.set_wake();
        engine
    }

    /// Puts another rule book in force. The [`Input::Home`] that names it must follow at once.
    pub fn turn_to(&mut self, book: Arc<Book>) {
        self.book = book;
        self.lay_out();
        self.set_wake();
    }

    /// Takes one input and says what follows. `now` is hub time; one that runs backwards is taken
    /// as standing still.
    ///
    /// What fell due before `now` is decided first, as it would have been at its own time: an input
    /// that comes late to a deadline does not change what the deadline decides (P2, P7).
    pub fn step(&mut self, now: Time, input: &Input) -> Vec<Effect> {
        let now = now.max(self.state.now);
        if self.wake.is_some_and(|wake| wake + DEAF < now) {
            self.state.listening = Some(now);
            self.state.baseline.lose_track();
        }
        self.state.now = now;
        self.find_own_limits();
        self.state.incidents.retain(|_, incident| incident.is_open());
        let mut effects = Vec::new();
        let fx = &mut effects;
        self.run_until(now - Span(1), fx);
        self.at = now;
        match input {
            Input::Tick => {}
            Input::Heard { device, observations, retained } => {
                self.hear(device, observations, *retained, fx);
            }
            Input::Move { incident, by, act } => self.make_move(*incident, by, act, fx),
            Input::Delivery { incident, k, report } => self.reported(*incident, *k, report, fx),
            Input::Clock { offset } => {
                self.state.offset = *offset;
                self.state.baseline.lose_track();
                self.own = habits::Own::default();
                self.find_own_limits();
                self.judge_all(fx);
            }
            Input::Home { home, rules } => self.move_in(home, rules, fx),
            Input::Walk { device, by, act } => self.walk(device, by, act, fx),
            Input::Said { by, what } => self.said(by, what, fx),
        }
        self.set_wake();
        self.run_until(now, fx);
        self.at = now;
        self.note_visit();
        debug_assert!(self.wake.is_none_or(|wake| now < wake), "a tick must make progress");
        effects
    }

    /// Decides what falls due, each at its own instant, in order.
    fn run_until(&mut self, until: Time, fx: &mut Vec<Effect>) {
        while let Some(due) = self.wake.filter(|due| *due <= until) {
            self.at = self.at.max(due);
            for (device, property) in self.state.situation.clear_due(self.at) {
                self.judge_property(&device, property, fx);
            }
            self.pass_presence(fx);
            self.end_walks(fx);
            self.judge_due(fx);
            self.press_overdue(fx);
            self.advance_due(fx);
            self.set_wake();
        }
    }

    /// When to step with [`Input::Tick`] if nothing comes before, in hub time.
    pub const fn wake(&self) -> Option<Time> {
        self.wake
    }

    /// What to save.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What is known.
    pub const fn situation(&self) -> &Situation {
        &self.state.situation
    }

    /// Where the resident is, as far as can be guessed.
    pub const fn presence(&self) -> &Presence {
        &self.state.presence
    }

    /// The rule of this name, as it is for this home.
    fn rule(&self, name: &Name) -> Option<&Arc<Rule>> {
        self.rules.iter().find(|rule| rule.name == *name)
    }

    /// The rule of the watch at this place.
    fn rule_at(&self, ix: usize) -> Option<&Arc<Rule>> {
        self.rules.get(*self.rule_of.get(ix)?)
    }

    /// The rule book in force.
    pub const fn book(&self) -> &Arc<Book> {
        &self.book
    }

    /// What is usual for the resident.
    pub const fn baseline(&self) -> &Baseline {
        &self.state.baseline
    }

    /// The home's own limits of inactivity, as far as they are learnt, one for each wish of a rule.
    pub fn own_limits(&self) -> impl Iterator<Item = (Wanted, &Result<Learned, Learning>)> {
        self.own.limits.iter().map(|(wanted, own)| (*wanted, own))
    }

    /// Rules that somebody silenced for a while.
    pub fn silences(&self) -> &[Silence] {
        &self.state.silences
    }

    /// Whether nothing is heard of the home: all that must speak is gone. Of a grid: whether an
    /// incident of it is open that nobody has resolved.
    pub fn is_silent(&self) -> bool {
        let Some(home) = self.home() else { return false };
        if home.is_area {
            return self.state.incidents.values().any(|i| i.stage < Stage::Resolved);
        }
        let situation = &self.state.situation;
        let has_line = |d: &&Device| situation.fact(&d.id, Property::Online).is_some();
        let must = |d: &&Device| d.quiet_after.is_some() || has_line(d);
        let mut expected = home.devices.iter().filter(must).peekable();
        expected.peek().is_some() && expected.all(|d| !situation.is_alive(d, self.state.now))
    }

    /// Whether nobody lives there.
    fn is_post(&self) -> bool {
        self.home().is_some_and(|home| home.is_post)
    }

    /// The home as registered, once it is.
    pub const fn home(&self) -> Option<&Arc<Home>> {
        self.state.home.as_ref()
    }

    /// Digest of the rule book in force.
    pub fn rules(&self) -> &str {
        &self.state.rules
    }

    /// Hub time of the latest input.
    pub const fn now(&self) -> Time {
        self.state.now
    }

    /// Wall time minus hub time.
    pub const fn offset(&self) -> Span {
        self.state.offset
    }

    /// Since when the hub has been listening without a break, if there was one.
    pub const fn listening(&self) -> Option<Time> {
        self.state.listening
    }

    /// The home's time zone.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Open incidents by number, and those that the latest step closed.
    pub const fn incidents(&self) -> &BTreeMap<u32, Incident> {
        &self.state.incidents
    }

    /// What was closed lately, and can be taken up again.
    pub fn closed_lately(&self) -> impl Iterator<Item = &Incident> {
        self.state.lately.values().map(|(_, incident)| incident)
    }

    /// Checks P3 on this engine: every open incident has a deadline. Names those that have none.
    pub fn forgotten(&self) -> Vec<u32> {
        let open = self.state.incidents.values().filter(|i| i.is_open());
        open.filter(|i| i.due.is_none()).map(|i| i.n).collect()
    }

    fn move_in(&mut self, home: &Arc<Home>, rules: &str, fx: &mut Vec<Effect>) {
        let before = self.state.home.replace(Arc::clone(home));
        rules.clone_into(&mut self.state.rules);
        for was in before.iter().flat_map(|h| &h.devices) {
            // **Invariant:** what the old piece said last is not taken for the new one, which has
            // not said anything yet. Test: `of_a_device_that_was_replaced_nothing_is_known`.
            if home.device(&was.id).is_none_or(|is| !is.is_same_piece(was)) {
                self.state.situation.forget(&was.id);
                // Nor is its trouble, dealt with or not: its watches are laid out anew, and find
                // what they left open.
                self.state.watches.retain(|w| w.device.as_ref() != Some(&was.id));
            }
        }
        for device in &home.devices {
            self.state.situation.expect(&device.id, self.state.now);
            if home.is_area && self.state.situation.fact(&device.id, Property::Online).is_none() {
                // A home that nobody has heard of yet is not one that fell silent.
                let there = Observation::flag(Property::Online, true);
                self.state.situation.note(&device.id, &there, false, self.state.now);
            }
        }
        self.lay_out();
        self.begin_rounds();
        self.take_back(fx);
        self.judge_all(fx);
    }

    /// Adds a line to an incident's story.
    fn tell_story(
        &self,
        n: u32,
        due: Option<Time>,
        what: Happening,
        tell: Vec<Tell>,
        fx: &mut Vec<Effect>,
    ) {
        let Some(key) = self.state.incidents.get(&n).map(Incident::key) else { return };
        self.tell_story_of(n, key, due, what, tell, fx);
    }

    /// Adds a line to the story of an incident of this name, open or not.
    fn tell_story_of(
        &self,
        n: u32,
        key: String,
        due: Option<Time>,
        what: Happening,
        tell: Vec<Tell>,
        fx: &mut Vec<Effect>,
    ) {
        let late = due.map(|due| self.state.now - due).filter(|late| LATE < *late);
        let entry = Entry { at: self.state.now + self.state.offset, late, what };
        fx.push(Effect::Story { incident: n, key, entry, tell });
    }

    fn set_wake(&mut self) {
        let watches = self.wakes.first().map(|(at, _)| *at);
        let incidents = self.state.incidents.values().flat_map(|i| [i.due, i.desk.overdue_at]);
        let incidents = incidents.flatten();
        let clearing = self.state.situation.next_clearing();
        let tests = self.state.situation.next_test_end();
        let presence = self.customs().and_then(|customs| self.state.presence.next(&customs));
        let others = [watches, clearing, tests, presence].into_iter().flatten();
        self.wake = others.chain(incidents).min();
    }

    /// The people of these roles, in the order of the register.
    fn people<'a>(
        &'a self,
        roles: &'a [Role],
        whom: &'a Whom,
    ) -> impl Iterator<Item = (&'a PersonId, &'a [Contact])> {
        let wall = self.state.now + self.state.offset;
        let home = self.state.home.as_deref();
        let all = home.into_iter().flat_map(|h| h.responders.iter().map(move |r| (h, r)));
        let may = move |home: &Home, r: &Responder| match whom {
            Whom::Anybody => true,
            Whom::OnDuty { and } => {
                and.as_ref() == Some(&r.id) || r.rota.is_on(wall, home.reckoning(&self.zone))
            }
        };
        all.filter(move |(home, r)| roles.contains(&r.role) && may(home, r))
            .map(|(_, r)| (&r.id, &*r.contacts))
    }

    /// The plan an incident is climbed by.
    fn plan(&self, name: &Name) -> Option<Arc<Plan>> {
        self.book.plan(name).map(Arc::clone)
    }
}
