//! Plays a story: feeds an engine what happened, and writes down all that it did.

use std::sync::Arc;

use jiff::civil;
use jiff::tz::TimeZone;

use crate::domain::{
    Binding, Device, DeviceId, Home, Input, PersonId, Place, Role, Sentence, Span, Time,
};
use crate::engine::{Book, Engine};

use super::fold::Fold;
use super::read::{Line, Spoken, read_line};
use super::{effect, is_echo};

/// Where a story takes place.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The rules and plans in force.
    pub book: Arc<Book>,
    /// The home; a `zone` line of the story overrides its zone.
    pub home: Home,
}

/// Plays the story and returns it with what careloop really did. Comments, dates and what happened
/// stay as they are; whatever is not written there did not happen: the comparison is total.
///
/// # Errors
/// The line that was not understood, and why.
pub fn play(stage: &Stage, story: &str) -> Result<String, String> {
    let mut player = Player::new(stage);
    for (n, text) in story.lines().enumerate() {
        let wrong = |why: String| format!("line {}: {why}: `{text}`", n + 1);
        match read_line(text).map_err(wrong)? {
            Line::Effect => {}
            Line::Nothing => player.out.line(text),
            Line::Zone(zone) => {
                player.out.line(text);
                player.out.zone = TimeZone::get(&zone).map_err(|e| wrong(e.to_string()))?;
                player.home.zone = zone;
            }
            Line::Area(homes) => {
                player.out.line(text);
                player.furnish(homes);
                player.home.is_area = true;
            }
            Line::Post => {
                player.out.line(text);
                player.home.is_post = true;
                player.home.ask.clear();
                player.home.responders.retain(|person| person.role != Role::Family);
            }
            Line::Hub(devices) => {
                player.out.line(text);
                player.furnish(devices);
                player.home.id = Home::HUB.parse()?;
            }
            Line::Day(day) => {
                let midnight = Time::of_civil(day.to_datetime(civil::Time::MIN), &player.out.zone);
                if player.moved_in && !player.down {
                    player.wait_until(midnight);
                }
                player.day = day;
                player.last = None;
                player.out.line(&day.to_string());
            }
            Line::Happened(at, spoken) => player.happened(at, &spoken, text).map_err(wrong)?,
        }
    }
    Ok(player.out.finish())
}

struct Player {
    shipped: Arc<Book>,
    book: Arc<Book>,
    home: Home,
    engine: Engine,
    day: civil::Date,
    last: Option<civil::Time>,
    moved_in: bool,
    down: bool,
    out: Fold,
}

impl Player {
    fn new(stage: &Stage) -> Self {
        let zone = TimeZone::get(&stage.home.zone).unwrap_or(TimeZone::UTC);
        // A story tells all that is heard: a device it does not mention is silent, and not gone,
        // unless the story says how long it may be silent.
        let mut home = stage.home.clone();
        home.devices.iter_mut().for_each(|device| device.quiet_after = None);
        Self {
            shipped: Arc::clone(&stage.book),
            book: Arc::clone(&stage.book),
            home,
            engine: Engine::new(Arc::clone(&stage.book)),
            day: civil::date(2026, 1, 15),
            last: None,
            moved_in: false,
            down: false,
            out: Fold::new(zone),
        }
    }

    fn happened(&mut self, at: civil::Time, spoken: &Spoken, text: &str) -> Result<(), String> {
        if self.last.is_some_and(|last| at < last) {
            self.day = self.day.tomorrow().map_err(|e| e.to_string())?;
        }
        self.last = Some(at);
        let now = Time::of_civil(self.day.to_datetime(at), &self.out.zone);
        if !self.moved_in {
            self.moved_in = true;
            self.registered(now);
        }
        if !self.down {
            self.wait_until(now);
        }
        self.down = false;
        self.out.line(text);
        self.follow(now, spoken)
    }

    fn follow(&mut self, now: Time, spoken: &Spoken) -> Result<(), String> {
        match spoken {
            Spoken::Restart => {
                let saved =
                    serde_json::to_string(self.engine.state()).map_err(|e| e.to_string())?;
                let state = serde_json::from_str(&saved).map_err(|e| e.to_string())?;
                let resumed = Engine::resume(Arc::clone(&self.book), state);
                if resumed.state() != self.engine.state() {
                    return Err("the resumed state is not the saved one".to_owned());
                }
                self.engine = resumed;
                self.step(now, &Input::Tick);
            }
            Spoken::Down => self.down = true,
            Spoken::Drop(role) => {
                self.home.responders.retain(|r| r.role != *role);
                self.registered(now);
            }
            Spoken::People(people) => {
                people.apply(&mut self.home);
                self.registered(now);
            }
            Spoken::Mounted { device, quiet_after, place } => {
                self.mounted(now, device, *quiet_after, *place);
            }
            Spoken::Removed { device } => {
                self.home.devices.retain(|d| d.id != *device);
                self.registered(now);
            }
            Spoken::Changed(change) => {
                self.book.changed(change).map_err(|all| in_one(&all))?;
                self.home.changes.retain(|c| c.rule != change.rule);
                self.home.changes.push(change.clone());
                self.registered(now);
            }
            Spoken::Ruled { rule, there } => {
                let mut book = (*self.book).clone();
                book.rules.retain(|r| r.name != *rule);
                let back = self.shipped.rules.iter().filter(|r| *there && r.name == *rule);
                book.rules.extend(back.cloned());
                self.book = Arc::new(book);
                self.engine.turn_to(Arc::clone(&self.book));
                self.registered(now);
            }
            Spoken::Tick => self.step(now, &Input::Tick),
            Spoken::Clock(offset) => self.step(now, &Input::Clock { offset: *offset }),
            Spoken::Heard { device, observations, ages, retained } => {
                let (device, mut observations) = (device.clone(), observations.clone());
                for (observation, age) in observations.iter_mut().zip(ages) {
                    let at = age.map(|age| now + self.engine.offset() - age);
                    observation.observed_at = at.or(observation.observed_at);
                }
                self.step(now, &Input::Heard { device, observations, retained: *retained });
            }
            Spoken::Move { key, by, act } => {
                let (incident, by): (u32, PersonId) = (self.number(key)?, by.clone());
                self.step(now, &Input::Move { incident, by, act: act.clone() });
            }
            Spoken::Walk { device, by, act } => {
                let (device, by) = (device.clone(), by.clone());
                self.step(now, &Input::Walk { device, by, act: act.clone() });
            }
            Spoken::Said { by, what } => {
                self.step(now, &Input::Said { by: by.clone(), what: what.clone() });
            }
            Spoken::Delivery { key, k, report } => {
                let incident = self.number(key)?;
                self.step(now, &Input::Delivery { incident, k: *k, report: report.clone() });
            }
        }
        Ok(())
    }

    /// The register says this of the home from now on.
    fn registered(&mut self, now: Time) {
        let home = Arc::new(self.home.clone());
        self.step(now, &Input::Home { home, rules: "story".to_owned() });
    }

    /// These, and nothing else, are its devices.
    fn furnish(&mut self, devices: Vec<DeviceId>) {
        let device = |id: DeviceId| Device::new(id, "", Binding::Direct);
        self.home.devices = devices.into_iter().map(device).collect();
    }

    fn mounted(
        &mut self,
        now: Time,
        id: &DeviceId,
        quiet_after: Option<Span>,
        place: Option<Place>,
    ) {
        if self.home.device(id).is_none() {
            self.home.devices.push(Device::new(id.clone(), "", Binding::Direct));
        }
        if let Some(device) = self.home.devices.iter_mut().find(|d| d.id == *id) {
            device.quiet_after = quiet_after.or(device.quiet_after);
            device.place = place.or(device.place);
        }
        self.registered(now);
    }

    /// Lets time pass: every deadline strictly before `now` fires at its own instant. One that falls
    /// exactly on `now` is handled by that input's own step.
    fn wait_until(&mut self, now: Time) {
        while let Some(wake) = self.engine.wake().filter(|wake| *wake < now) {
            self.step(wake, &Input::Tick);
        }
    }

    fn step(&mut self, now: Time, input: &Input) {
        for done in self.engine.step(now, input) {
            if !is_echo(&done) {
                self.out.effect(now, effect(&done));
            }
        }
        debug_assert_eq!(self.engine.forgotten(), Vec::<u32>::new(), "P3");
    }

    /// The incident of this name: `fall#7`, or `fall` for the latest one.
    fn number(&self, key: &str) -> Result<u32, String> {
        if let Some((_, n)) = key.rsplit_once('#') {
            return n.parse().map_err(|e| format!("`{n}` is not a number: {e}"));
        }
        let open = self.engine.incidents().values().chain(self.engine.closed_lately());
        let named = open.filter(|i| i.key() == key).map(|i| i.n).max();
        named.ok_or_else(|| format!("there is no incident `{key}`"))
    }
}

fn in_one(all: &[Sentence]) -> String {
    all.iter().map(Sentence::en).collect::<Vec<_>>().join("; ")
}
