//! A recording of what devices said, made elsewhere: put in order, and what is odd about it said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::{Args, Failure, Printer};
use crate::config::Config;
use crate::device::Coverage;
use crate::domain::{
    Binding, Device, DeviceId, Home, HomeId, Input, Observation, Property, Span, Time, Value,
};
use crate::engine::Engine;
use crate::form::Problem;

/// Of a longer silence of a whole home it is said that nobody knows what was then.
const GAP: Span = Span::hours(24);

/// One line as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    at: String,
    home: String,
    device: String,
    property: String,
    value: serde_json::Value,
    #[serde(default)]
    room: Option<String>,
}

/// One line as it is meant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) at: Time,
    pub(super) home: HomeId,
    device: DeviceId,
    observation: Observation,
    room: Option<String>,
    /// Where in the file.
    nth: usize,
}

/// All lines that were understood, in the order of time.
#[derive(Debug, Default)]
pub(super) struct Recording {
    file: String,
    pub(super) lines: Vec<Line>,
    /// In which room each device is, if it is said.
    rooms: BTreeMap<HomeId, BTreeMap<DeviceId, String>>,
    wrong: Vec<Problem>,
    /// What is odd and was put right, each at the first line of its kind.
    notes: Vec<Problem>,
}

impl Line {
    pub(super) fn input(&self) -> Input {
        let observations = vec![self.observation.clone()];
        Input::Heard { device: self.device.clone(), observations, retained: false }
    }
}

/// Prints what the engine makes of it.
pub(super) fn print(config: &Config, file: &Path, args: &Args) -> Result<(), Failure> {
    let mut printer = Printer::new(config, args)?;
    let recording = Recording::open(config, file)?;
    let mut engines: BTreeMap<HomeId, Engine> = BTreeMap::new();
    let wanted = |line: &&Line| args.home.as_ref().is_none_or(|h| *h == line.home);
    let until = printer.range.until;
    for line in recording.lines.iter().filter(wanted).take_while(|line| line.at < until) {
        pass_time(&mut engines, line.at, &mut printer);
        let home = &line.home;
        if !engines.contains_key(home) {
            let mut engine = Engine::new(Arc::clone(&config.book));
            let (home, rules) = (recording.home(config, home)?, config.book_texts.digest());
            engine.step(line.at, &Input::Home { home, rules });
            engines.insert(line.home.clone(), engine);
        }
        let Some(engine) = engines.get_mut(home) else { continue };
        let input = line.input();
        let effects = engine.step(line.at, &input);
        printer.step(line.at, home, &input, &effects, |n| engine.incidents().get(&n));
    }
    recording.verdict()
}

/// Lets every deadline before `now` fire at its own instant, in order over all homes.
fn pass_time(engines: &mut BTreeMap<HomeId, Engine>, now: Time, printer: &mut Printer) {
    loop {
        let due = engines.iter().filter_map(|(home, e)| Some((e.wake()?, home.clone()))).min();
        let Some((at, home)) = due.filter(|(at, _)| *at < now) else { return };
        let Some(engine) = engines.get_mut(&home) else { return };
        let effects = engine.step(at, &Input::Tick);
        printer.step(at, &home, &Input::Tick, &effects, |n| engine.incidents().get(&n));
    }
}

impl Recording {
    /// Reads a file, and says on standard error what is wrong and what is odd about it.
    pub(super) fn open(config: &Config, file: &Path) -> Result<Self, Failure> {
        let cannot = |e| Failure::Cannot(format!("cannot read {}: {e}", file.display()));
        let bytes = std::fs::read(file).map_err(cannot)?;
        let recording = Self::read(&file.display().to_string(), &bytes, &config.coverage);
        for problem in recording.wrong.iter().chain(&recording.notes) {
            eprintln!("{problem}");
        }
        Ok(recording)
    }

    fn read(file: &str, bytes: &[u8], coverage: &Coverage) -> Self {
        let mut recording = Self { file: file.to_owned(), ..Self::default() };
        let mut offsets: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (n, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let text = std::str::from_utf8(line).map_err(|e| (e.valid_up_to() + 1, e.to_string()));
            match text.and_then(|text| parse(text.trim_end(), n + 1)) {
                Ok(None) => {}
                Ok(Some((line, offset))) => {
                    let (count, _) = offsets.entry(offset).or_insert((0, n + 1));
                    *count += 1;
                    recording.lines.push(line);
                }
                Err((column, message)) => {
                    let (file, line) = (file.to_owned(), n + 1);
                    recording.wrong.push(Problem { file, line, column, message: message.into() });
                }
            }
        }
        recording.say_offsets(offsets);
        recording.put_in_order();
        recording.leave_out_what_is_there_twice();
        recording.say_gaps();
        recording.note_rooms(coverage);
        recording.notes.sort();
        recording
    }

    fn note(&mut self, line: usize, message: String) {
        self.notes.push(Problem {
            file: self.file.clone(),
            line,
            column: 1,
            message: message.into(),
        });
    }

    /// Each line has its own offset, so that none is misread; whoever made the file may have meant one.
    fn say_offsets(&mut self, offsets: BTreeMap<String, (usize, usize)>) {
        let Some(second) = offsets.values().map(|(_, first)| *first).max() else { return };
        if offsets.len() < 2 {
            return;
        }
        let one = |(offset, (count, first)): (String, (usize, usize))| {
            format!("{offset} ({count} from line {first})")
        };
        let all: Vec<String> = offsets.into_iter().map(one).collect();
        self.note(second, format!("times in {}: each taken as it says", all.join(" and ")));
    }

    /// By time, and within one instant as they are written. Homes need not be in step.
    fn put_in_order(&mut self) {
        let mut latest: BTreeMap<&HomeId, Time> = BTreeMap::new();
        let (mut count, mut first) = (0, 0);
        for line in &self.lines {
            let latest = latest.entry(&line.home).or_insert(line.at);
            if line.at < *latest {
                first = if count == 0 { line.nth } else { first };
                count += 1;
            }
            *latest = line.at.max(*latest);
        }
        self.lines.sort_by_key(|line| line.at);
        if 0 < count {
            self.note(
                first,
                format!("lines out of order from here on, put in their place: {count}"),
            );
        }
    }

    fn leave_out_what_is_there_twice(&mut self) {
        let (mut at, mut seen) = (Time(i64::MIN), BTreeSet::new());
        let mut twice: Vec<usize> = Vec::new();
        self.lines.retain(|line| {
            if at < line.at {
                at = line.at;
                seen.clear();
            }
            let said = line.observation.to_string();
            let is_new = seen.insert((line.home.clone(), line.device.clone(), said));
            if !is_new {
                twice.push(line.nth);
            }
            is_new
        });
        if let Some(first) = twice.iter().min() {
            let count = twice.len();
            self.note(
                *first,
                format!("lines that are there twice from here on, left out: {count}"),
            );
        }
    }

    fn say_gaps(&mut self) {
        let mut last: BTreeMap<&HomeId, Time> = BTreeMap::new();
        let mut gaps: BTreeMap<&HomeId, Vec<(Time, Time, usize)>> = BTreeMap::new();
        for line in &self.lines {
            let before = last.insert(&line.home, line.at);
            if let Some(before) = before.filter(|before| GAP < line.at - *before) {
                gaps.entry(&line.home).or_default().push((before, line.at, line.nth));
            }
        }
        let mut said = Vec::new();
        for (home, gaps) in gaps {
            let all = Span(gaps.iter().map(|(from, to, _)| (*to - *from).0).sum());
            let Some((from, to, nth)) = gaps.first() else { continue };
            said.push((
                *nth,
                format!(
                    "silences of home `{home}` longer than {GAP}: {}, {all} in all, first from \
                     {from} to {to}: what was then is unknown, and the rules take it for silence",
                    gaps.len()
                ),
            ));
        }
        said.into_iter().for_each(|(nth, text)| self.note(nth, text));
    }

    fn note_rooms(&mut self, coverage: &Coverage) {
        let mut said: BTreeMap<String, (usize, String)> = BTreeMap::new();
        for line in &self.lines {
            let of_home = self.rooms.entry(line.home.clone()).or_default();
            let Some(room) = &line.room else {
                continue;
            };
            let known = of_home.entry(line.device.clone()).or_insert_with(|| room.clone());
            if known != room {
                let (home, device) = (&line.home, &line.device);
                let text = format!("`{device}` of home `{home}` is in `{known}` from the first on");
                said.entry(format!("{home}/{device}")).or_insert((line.nth, text));
            }
            if coverage.place(room).is_none() {
                let text = format!("`{room}` is no kind of room that coverage.toml knows");
                said.entry(room.clone()).or_insert((line.nth, text));
            }
        }
        said.into_values().for_each(|(nth, text)| self.note(nth, text));
    }

    /// A home of the register; or, for a recording of somebody else's, one like the first of it.
    /// Devices that nobody registered are mounted as they speak: taken at their word.
    pub(super) fn home(&self, config: &Config, id: &HomeId) -> Result<Arc<Home>, Failure> {
        let known = config.homes.iter().find(|h| h.id == *id);
        let mut home = match (known, config.homes.first()) {
            (Some(home), _) => (**home).clone(),
            (None, Some(like)) => {
                let devices = Vec::new();
                Home { id: id.clone(), name: id.to_string(), devices, ..(**like).clone() }
            }
            (None, None) => return Err(Failure::Wrong("register.toml has no [[home]]".to_owned())),
        };
        let of_it = self.lines.iter().filter(|line| line.home == *id);
        let heard: BTreeSet<&DeviceId> = of_it.map(|line| &line.device).collect();
        for device in heard {
            if home.device(device).is_some() {
                continue;
            }
            let room = self.rooms.get(id).and_then(|rooms| rooms.get(device)).cloned();
            let room = room.unwrap_or_default();
            let place = config.coverage.place(&room);
            let bare = Device::new(device.clone(), "", Binding::Direct);
            home.devices.push(Device { room, place, ..bare });
        }
        Ok(Arc::new(home))
    }

    /// The exit code: lines that were not understood are not passed over in silence.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        match self.wrong.len() {
            0 => Ok(()),
            n => Err(Failure::Wrong(format!("{n} lines were not understood and left out"))),
        }
    }
}

/// Reads a line, unless it is empty; with its offset from UTC. What is wrong comes with its column.
fn parse(text: &str, nth: usize) -> Result<Option<(Line, String)>, (usize, String)> {
    if text.is_empty() {
        return Ok(None);
    }
    let recorded: Recorded = serde_json::from_str(text).map_err(|e| {
        let said = e.to_string();
        let said = said.split(" at line 1 column").next().unwrap_or_default().to_owned();
        let before = text.get(..e.column().saturating_sub(1)).unwrap_or_default();
        (before.chars().count() + 1, said)
    })?;
    let Recorded { at, home, device, property, value, room } = recorded;
    let wrong = |key: &str| {
        let place = column(text, key);
        move |why: String| (place, why)
    };
    let offset = offset(&at);
    let at = at.parse::<Time>().map_err(wrong("at"))?;
    let home = home.parse::<HomeId>().map_err(|why| wrong("home")(why.into()))?;
    let device = device.parse::<DeviceId>().map_err(|why| wrong("device")(why.into()))?;
    let property = property.parse::<Property>().map_err(|why| wrong("property")(why.into()))?;
    let value = match &value {
        serde_json::Value::Bool(flag) => Some(Value::Flag(*flag)),
        serde_json::Value::Number(number) => number.as_f64().map(Value::Number),
        serde_json::Value::Null
        | serde_json::Value::String(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => None,
    };
    let value = value.ok_or("a value is true, false or a number".to_owned());
    let observation = value.and_then(|value| Observation::new(property, value));
    let observation = observation.map_err(wrong("value"))?;
    Ok(Some((Line { at, home, device, observation, room, nth }, offset)))
}

/// In characters, from 1: where a key stands.
fn column(text: &str, key: &str) -> usize {
    let before = text.split(&format!("\"{key}\"")).next().unwrap_or_default();
    before.chars().count() + 1
}

/// `+02:00`; what stands for UTC is one.
fn offset(at: &str) -> String {
    let from =
        at.rfind(['+', '-']).filter(|from| at.find(['T', 't', ' ']).is_some_and(|t| t < *from));
    match from.and_then(|from| at.get(from..)) {
        None | Some("+00:00" | "-00:00" | "+00" | "-00") => "UTC".to_owned(),
        Some(offset) => offset.to_owned(),
    }
}

#[cfg(test)]
mod tests;
