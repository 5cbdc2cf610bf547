//! Recordings of homes: signs of life, and who was out by the labels.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

use careloop::domain::{Span, Time};
use flate2::read::GzDecoder;

/// One recorded home. Its times are wall times; nobody wrote down the zone, so they are taken as UTC.
pub struct Recording {
    pub name: String,
    /// In order.
    pub signs: Vec<Sign>,
    /// When nobody was at home, by the labels.
    pub out: Vec<(Time, Time)>,
}

/// One change of one sensor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sign {
    pub at: Time,
    pub sensor: String,
    pub on: bool,
}

/// What was at home, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Anything changed.
    Sign(Time),
    /// Nobody is at home from now on.
    Out(Time),
    /// Somebody is back.
    Back(Time),
}

impl Life {
    pub const fn at(self) -> Time {
        let (Self::Sign(at) | Self::Out(at) | Self::Back(at)) = self;
        at
    }
}

/// A silence at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    pub since: Time,
    pub until: Time,
}

/// A label this short names the act of leaving, a longer one the absence.
const ACT: Span = Span::minutes(10);
/// Closing the door may be recorded so much after the label of leaving ends.
const DOOR: Span = Span::minutes(2);

impl Recording {
    /// Every home of a folder: `NAME.events.csv.gz` beside `NAME.activities.csv`.
    pub fn all(folder: &Path) -> Vec<Self> {
        let entries = fs::read_dir(folder).expect("the folder can be listed");
        let names = entries.filter_map(|e| {
            let name = e.expect("an entry can be read").file_name().into_string().ok()?;
            name.strip_suffix(".events.csv.gz").map(str::to_owned)
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names.iter().map(|name| Self::read(folder, name)).collect()
    }

    fn read(folder: &Path, name: &str) -> Self {
        let events = lines_of_gz(&folder.join(format!("{name}.events.csv.gz")));
        let sign = |line: String| {
            let mut parts = line.split(',');
            let (at, sensor) = (time(parts.next()?)?, parts.next()?.to_owned());
            Some(Sign { at, sensor, on: parts.next() == Some("ON") })
        };
        let mut signs: Vec<Sign> = events.filter_map(sign).collect();
        signs.sort();
        let labels = fs::read_to_string(folder.join(format!("{name}.activities.csv")));
        let labels = labels.unwrap_or_default();
        let mut out: Vec<(Time, Time)> =
            labels.lines().filter_map(|line| absence(line, &signs)).collect();
        out.sort();
        Self { name: name.to_owned(), signs, out }
    }

    pub fn begins(&self) -> Time {
        self.signs.first().map_or(Time(0), |sign| sign.at)
    }

    pub fn ends(&self) -> Time {
        self.signs.last().map_or(Time(0), |sign| sign.at)
    }

    /// What happened, with absences as given.
    pub fn life(&self, out: &[(Time, Time)]) -> Vec<Life> {
        let mut all: Vec<(Time, u8, Life)> = Vec::new();
        all.extend(self.signs.iter().map(|sign| (sign.at, 1, Life::Sign(sign.at))));
        for (from, to) in out {
            all.push((*from, 0, Life::Out(*from)));
            all.push((*to, 2, Life::Back(*to)));
        }
        all.sort_by_key(|(at, order, _)| (*at, *order));
        all.into_iter().map(|(_, _, life)| life).collect()
    }
}

/// The silences at home in a life.
pub fn silences(life: &[Life]) -> Vec<Silence> {
    let (mut last, mut out) = (None, 0);
    let mut all = Vec::new();
    for one in life {
        let at = one.at();
        if let Some(since) = last.filter(|since| out == 0 && *since < at) {
            all.push(Silence { since, until: at });
        }
        match one {
            Life::Out(_) => out += 1,
            Life::Back(_) => out -= 1,
            Life::Sign(_) => {}
        }
        last = Some(at);
    }
    all
}

/// A labelled absence, `start,end,leave-house`.
fn absence(line: &str, signs: &[Sign]) -> Option<(Time, Time)> {
    let mut parts = line.split(',');
    let (from, to) = (time(parts.next()?)?, time(parts.next()?)?);
    let label = parts.next()?.to_lowercase().replace(['_', ' '], "-");
    let leaves = ["leave", "going-out", "go-out", "leaving"];
    leaves.iter().any(|l| label.starts_with(l)).then_some(())?;
    if ACT <= to - from && label.starts_with("leave") {
        return Some((from, to));
    }
    let after = signs.partition_point(|sign| sign.at <= to + DOOR);
    let (last, next) = (signs.get(after.checked_sub(1)?)?.at, signs.get(after)?.at);
    Some((last, next))
}

pub fn time(text: &str) -> Option<Time> {
    format!("{}Z", text.trim().replace(' ', "T")).parse().ok()
}

/// The lines of a compressed file.
pub fn lines_of_gz(path: &Path) -> impl Iterator<Item = String> + use<> {
    let file = File::open(path).unwrap_or_else(|e| panic!("cannot open {}: {e}", path.display()));
    BufReader::new(GzDecoder::new(file)).lines().map(|line| line.expect("it is text"))
}
