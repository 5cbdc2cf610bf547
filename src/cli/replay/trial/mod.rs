//! Two runs side by side: as it was, and by other rules all along.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compare::{Found, Ledger};
use super::course::{Course, Moves};
use super::recording::Recording;
use super::{Args, Failure, Range, journal, report, zone};
use crate::cli::open;
use crate::config::{Config, Problems};
use crate::domain::{Happening, HomeId, IncidentId, Input, Span, Time};
use crate::engine::{Book, BookTexts, Effect};
use crate::gateway::Follower;
use crate::store::Reader;
use crate::store::states::Saved;

/// A deadline that life missed by more than this was not late: the hub was not running.
const DOWN: Span = Span::minutes(1);

/// Both runs, to be compared.
#[derive(Debug, Default)]
pub(super) struct Runs {
    pub(super) before: Vec<Found>,
    pub(super) after: Vec<Found>,
    pub(super) moves: Moves,
    /// Made-up people in the run as it was: a recording has no others.
    pub(super) closed_before: Option<u32>,
    pub(super) watched: Watched,
}

/// How long each home was watched, within the range.
#[derive(Debug, Default)]
pub(super) struct Watched(BTreeMap<HomeId, (Time, Time)>);

impl Watched {
    fn note(&mut self, home: &HomeId, at: Time, range: Range) {
        if home.as_str() == crate::domain::Home::HUB || at < range.from {
            return;
        }
        match self.0.get_mut(home) {
            Some((_, last)) => *last = at,
            None => drop(self.0.insert(home.clone(), (at, at))),
        }
    }

    /// How many homes, and for how long all together.
    pub(super) fn sum(&self) -> (usize, Span) {
        let spans = self.0.values().map(|(first, last)| (*last - *first).0);
        (self.0.len(), Span(spans.sum()))
    }
}

/// The other rules, and where they are from.
pub(super) struct Other {
    pub(super) rules: String,
    pub(super) plans: String,
    book: Arc<Book>,
    digest: String,
}

impl Other {
    /// Reads and checks them. Nothing runs before.
    pub(super) fn read(config: &Config, args: &Args) -> Result<Self, Failure> {
        let own = |name: &str| config.folder.join(name).display().to_string();
        let here =
            |path: PathBuf| super::read(&path).map(|text| (path.display().to_string(), text));
        let folder = args.rules.as_ref().filter(|path| path.is_dir());
        let (rules, texts) = match (&args.rules, folder) {
            (_, Some(folder)) => here(folder.join("rules.toml"))?,
            (Some(file), None) => here(file.clone())?,
            (None, None) => (own("rules.toml"), config.book_texts.rules.clone()),
        };
        let beside = folder.map(|f| f.join("plans.toml")).filter(|f| f.exists());
        let (plans, plan_texts) = match args.plans.clone().or(beside) {
            Some(file) => here(file)?,
            None => (own("plans.toml"), config.book_texts.plans.clone()),
        };
        let book = Book::read((&rules, &texts), (&plans, &plan_texts)).map_err(Problems)?;
        let digest = BookTexts { rules: texts, plans: plan_texts }.digest();
        Ok(Self { rules, plans, book: Arc::new(book), digest })
    }

    fn course(&self) -> Course {
        Course::new(Arc::clone(&self.book), self.digest.clone())
    }
}

/// Over the journal.
pub(super) fn journal(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (config, reader) = open(folder)?;
    let other = Other::read(&config, args)?;
    let zone = zone(&config);
    let range = Range::of(args, &zone)?;
    let runs = relive(&config, &reader, &other, args.home.as_ref(), range)?;
    report::print(&runs, &other, &zone, range, args.json)
}

/// Goes through the journal twice at once.
pub(super) fn relive(
    config: &Config,
    reader: &Reader,
    other: &Other,
    home: Option<&HomeId>,
    range: Range,
) -> Result<Runs, Failure> {
    let mut life = journal::follower(config, reader)?;
    let mut course = other.course();
    for (id, _, state) in reader.states(Saved::Base)? {
        if let Some(state) = state.filter(|_| home.is_none_or(|h| *h == id)) {
            course.resume(&id, state);
        }
    }
    let (mut as_it_was, mut watched) = (Ledger::default(), Watched::default());
    let mut last = Time(i64::MIN);
    reader.journal(0, |row| {
        if range.until <= row.at {
            return Ok(());
        }
        match down_since(&life, last, row.at) {
            None => course.pass_time(row.at, Some(&life)),
            Some(since) => {
                course.pass_time(since, Some(&life));
                course.wake_up(row.at);
            }
        }
        last = row.at;
        let effects = life.follow(&row);
        if home.is_some_and(|h| *h != row.home) {
            return Ok(());
        }
        watched.note(&row.home, row.at, range);
        as_it_was.note(&row.home, &effects);
        course.follow(row.at, &row.home, &row.input, &life);
        for effect in &effects {
            let Effect::Story { incident: n, entry, .. } = effect else { continue };
            if let Happening::Closed { .. } = entry.what {
                let id = IncidentId { home: row.home.clone(), n: *n };
                course.closed_in_life(row.at, &id);
            }
        }
        Ok(())
    })?;
    let (before, after) = (as_it_was.found, course.ledger.found);
    Ok(Runs { before, after, moves: course.moves, closed_before: None, watched })
}

/// Since when the hub was down before `now`, if it was: a deadline of life was missed.
fn down_since(life: &Follower, last: Time, now: Time) -> Option<Time> {
    if now <= last + DOWN {
        return None;
    }
    let wakes = life.engines.values().filter_map(|(engine, _)| engine.wake());
    wakes.min().filter(|wake| *wake + DOWN < now)
}

/// Over a recording.
pub(super) fn recording(config: &Config, file: &Path, args: &Args) -> Result<(), Failure> {
    let other = Other::read(config, args)?;
    let zone = zone(config);
    let range = Range::of(args, &zone)?;
    let recording = Recording::open(config, file)?;
    let own = Other {
        rules: String::new(),
        plans: String::new(),
        book: Arc::clone(&config.book),
        digest: config.book_texts.digest(),
    };
    let runs = relive_recording(config, &recording, [&own, &other], args.home.as_ref(), range)?;
    report::print(&runs, &other, &zone, range, args.json)?;
    recording.verdict()
}

fn relive_recording(
    config: &Config,
    recording: &Recording,
    books: [&Other; 2],
    home: Option<&HomeId>,
    range: Range,
) -> Result<Runs, Failure> {
    let (mut courses, mut watched) = (books.map(Other::course), Watched::default());
    let lines = recording.lines.iter().filter(|line| home.is_none_or(|h| *h == line.home));
    for line in lines.take_while(|line| line.at < range.until) {
        watched.note(&line.home, line.at, range);
        for course in &mut courses {
            course.pass_time(line.at, None);
            if !course.knows(&line.home) {
                let home = recording.home(config, &line.home)?;
                let rules = String::new();
                course.take(line.at, &line.home, &Input::Home { home, rules });
            }
            course.take(line.at, &line.home, &line.input());
        }
    }
    let [before, after] = courses;
    Ok(Runs {
        before: before.ledger.found,
        after: after.ledger.found,
        moves: after.moves,
        closed_before: Some(before.moves.closed),
        watched,
    })
}

#[cfg(test)]
mod tests;
