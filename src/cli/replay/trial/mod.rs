//! Two runs side by side: as it was, and by other rules all along.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::recording::Recording;
use super::{Args, Failure, report, zone};
use crate::cli::open;
use crate::config::{Config, Problems};
use crate::domain::{HomeId, Input};
use crate::engine::{Book, BookTexts};
use crate::gateway;
use crate::store::Reader;
use crate::trial::{Course, Range, Runs, Watched};

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
    let range = super::range(args, &zone)?;
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
    let current = (config.book_texts.digest(), Arc::clone(&config.book));
    let homes = home.map(|home| [home.clone()].into());
    let ask = gateway::Ask { current, course: other.course(), homes, range };
    Ok(gateway::relive(reader, ask, |_| true)?)
}

/// Over a recording.
pub(super) fn recording(config: &Config, file: &Path, args: &Args) -> Result<(), Failure> {
    let other = Other::read(config, args)?;
    let zone = zone(config);
    let range = super::range(args, &zone)?;
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
        ..Runs::default()
    })
}

#[cfg(test)]
mod tests;
