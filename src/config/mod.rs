//! What people write, read and checked. `Config` does not change afterwards: a reload is a new one.

mod channel;
mod credential;
mod device;
mod difference;
mod edit;
mod file;
mod gateway;
mod going;
mod grid;
mod limits;
mod people;
mod post;
mod proposal;
mod register;
mod rows;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::device::{Coverage, Profiles, SHIPPED, profiles_from};
use crate::domain::{Calendar, Former, Grid, Home, Lang, Responder};
use crate::engine::{Book, BookTexts};
use crate::form::Problem;
use crate::registrar::Amended;
use crate::report::Targets;
use crate::wording::{self, Wording};

pub use channel::{ChannelKind, ChannelSettings};
pub use credential::Credential;
pub use difference::difference;
pub use file::{forget_register_before, put_back, read_register, write};
pub use gateway::{Broker, Client, Http, Mqtt, Settings, Store, Tls};
pub use proposal::{Proposal, propose};
pub use rows::{export_rows, text_of_rows};

/// A complete, checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder it was read from; relative paths in it are meant from here.
    pub folder: PathBuf,
    /// `gateway.toml`.
    pub settings: Settings,
    /// `rules.toml` and `plans.toml`, resolved.
    pub book: Arc<Book>,
    /// The texts of both, to be kept with the journal.
    pub book_texts: BookTexts,
    /// The device profiles: those that come with the program, and those of `devices/`.
    pub profiles: Arc<Profiles>,
    /// `coverage.toml`: what a home should have.
    pub coverage: Arc<Coverage>,
    /// `texts/`: what messages say.
    pub wording: Arc<Wording>,
    /// `report.toml`: what a month is measured against.
    pub targets: Arc<Targets>,
    /// `register.toml`, resolved.
    pub homes: Vec<Arc<Home>>,
    /// The people of `register.toml`, those who belong to no home among them.
    pub people: Vec<Responder>,
    /// Those who have left it.
    pub former: Vec<Former>,
    /// Which days are worked.
    pub calendar: Calendar,
    /// Which grid lies in which.
    pub grids: Vec<Grid>,
    /// The devices of `register.toml` that log in for themselves.
    pub credentials: Vec<Credential>,
}

/// A configuration whose register may still be another.
#[derive(Debug, Clone)]
pub struct Draft {
    folder: PathBuf,
    texts: Vec<(String, String)>,
    profiles: Arc<Profiles>,
    wrong: Vec<Problem>,
}

impl Config {
    /// Goes by the rules of another, speaks as it does, and knows rooms by its words. Returns whether its own differ.
    fn go_by(&mut self, other: &Self) -> bool {
        if self.book_texts == other.book_texts
            && self.coverage == other.coverage
            && self.wording == other.wording
        {
            return false;
        }
        self.wording = Arc::clone(&other.wording);
        self.book = Arc::clone(&other.book);
        self.book_texts = other.book_texts.clone();
        self.coverage = Arc::clone(&other.coverage);
        for home in &mut self.homes {
            for device in &mut Arc::make_mut(home).devices {
                device.place = self.coverage.place(&device.room);
            }
        }
        true
    }
}

/// All that is wrong, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.0.iter().enumerate() {
            let end = if n + 1 < self.0.len() { "\n" } else { "" };
            write!(f, "{problem}{end}")?;
        }
        Ok(())
    }
}

/// The files of a configuration.
const FILES: [&str; 4] = ["gateway.toml", "rules.toml", "plans.toml", "register.toml"];

impl Amended {
    /// Where it stands among [`FILES`].
    const fn place(self) -> usize {
        match self {
            Self::Rules => 1,
            Self::Plans => 2,
        }
    }
}

/// The shipped `config/`: the demo's household.
const SHIPPED_TEXTS: [&str; 4] = [
    include_str!("../../config/gateway.toml"),
    include_str!("../../config/rules.toml"),
    include_str!("../../config/plans.toml"),
    include_str!("../../config/register.toml"),
];

/// Which room wants which sensor, what messages say, what a month is measured against. A folder may have its own, and need not.
const OWN: [(&str, &str); 4] = [
    ("coverage.toml", include_str!("../../config/coverage.toml")),
    wording::FILES[0],
    wording::FILES[1],
    ("report.toml", include_str!("../../config/report.toml")),
];

/// Reads and checks the whole folder.
///
/// # Errors
/// Every problem of every file at once, each with file, line and column.
pub fn load(folder: &Path) -> Result<Config, Problems> {
    Draft::read(folder)?.resolve(None)
}

/// Reads `gateway.toml` alone: enough to ask a hub that runs.
///
/// # Errors
/// Every problem of it.
pub fn settings(folder: &Path) -> Result<Settings, Problems> {
    let name = folder.join("gateway.toml").display().to_string();
    let text = std::fs::read_to_string(&name).map_err(|e| Problems(vec![unread(&name, &e)]))?;
    gateway::read((&name, &text), folder).map_err(Problems)
}

/// The shipped configuration, as if it stood in `folder`; its register is given to `change` first.
///
/// # Errors
/// Every problem; there is none unless `change` makes one.
pub fn shipped(folder: &Path, change: impl Fn(&str, &str) -> String) -> Result<Config, Problems> {
    let texts = FILES.iter().zip(SHIPPED_TEXTS);
    let mut texts: Vec<_> = texts.map(|(f, text)| ((*f).to_owned(), change(f, text))).collect();
    texts.extend(OWN.map(|(file, text)| (file.to_owned(), text.to_owned())));
    let (profiles, wrong) = profiles_from(SHIPPED.iter().copied());
    Draft { folder: folder.to_owned(), texts, profiles: Arc::new(profiles), wrong }.resolve(None)
}

impl Draft {
    /// Reads the folder and checks nothing but the profiles.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn read(folder: &Path) -> Result<Self, Problems> {
        let (mut problems, mut texts) = (Vec::new(), Vec::new());
        for file in FILES {
            let name = folder.join(file).display().to_string();
            match std::fs::read_to_string(&name) {
                Ok(text) => texts.push((name, text)),
                Err(e) => problems.push(unread(&name, &e)),
            }
        }
        for (file, shipped) in OWN {
            let name = folder.join(file);
            match std::fs::read_to_string(&name) {
                Ok(text) => texts.push((name.display().to_string(), text)),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                    texts.push((file.to_owned(), shipped.to_owned()));
                }
                Err(e) => problems.push(unread(&name.display().to_string(), &e)),
            }
        }
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let (profiles, wrong) = read_profiles(folder);
        Ok(Self { folder: folder.to_owned(), texts, profiles: Arc::new(profiles), wrong })
    }

    /// The text of file number `n` of [`FILES`], and then of [`OWN`], with its name.
    fn text(&self, n: usize) -> (&str, &str) {
        self.texts.get(n).map_or(("", ""), |(file, text)| (file.as_str(), text.as_str()))
    }

    /// The register's text as it stands in the folder.
    pub fn register(&self) -> &str {
        self.text(3).1
    }

    /// The same, with another text of file number `n`.
    fn with(&self, n: usize, text: &str) -> Self {
        let mut draft = self.clone();
        if let Some((_, old)) = draft.texts.get_mut(n) {
            text.clone_into(old);
        }
        draft
    }

    /// The file with the texts of a language, and its number.
    const fn texts_of(language: Lang) -> (&'static str, usize) {
        match language {
            Lang::Zh => (wording::FILES[0].0, 5),
            Lang::En => (wording::FILES[1].0, 6),
        }
    }

    /// Checks everything, with `register` in the place of the register's own text.
    ///
    /// # Errors
    /// Every problem of every file at once, each with file, line and column.
    pub fn resolve(&self, register: Option<&str>) -> Result<Config, Problems> {
        let (gateway, rules, plans) = (self.text(0), self.text(1), self.text(2));
        let own = self.text(3);
        let register = (own.0, register.unwrap_or(own.1));
        let book = Book::read(rules, plans);
        let settings = gateway::read(gateway, &self.folder);
        let ground = settings.as_ref().ok().map(register::Ground::of);
        let coverage = Coverage::read(self.text(4));
        let wording = Wording::read(self.text(5), self.text(6));
        let targets = Targets::read(self.text(7));
        let rooms = coverage.as_ref().ok();
        let ruled = book.as_ref().ok();
        let register = register::read(register, ground.as_ref(), &self.profiles, rooms, ruled);
        let wrong = &self.wrong;
        match (book, settings, register, coverage, wording, targets) {
            (Ok(book), Ok(settings), Ok(register), Ok(coverage), Ok(wording), Ok(targets))
                if wrong.is_empty() =>
            {
                Ok(Config {
                    folder: self.folder.clone(),
                    settings,
                    book: Arc::new(book),
                    book_texts: BookTexts { rules: rules.1.to_owned(), plans: plans.1.to_owned() },
                    profiles: Arc::clone(&self.profiles),
                    coverage: Arc::new(coverage),
                    wording: Arc::new(wording),
                    targets: Arc::new(targets),
                    homes: register.homes,
                    people: register.people,
                    former: register.former,
                    calendar: register.calendar,
                    grids: register.grids,
                    credentials: register.credentials,
                })
            }
            (book, settings, register, coverage, wording, targets) => {
                let own =
                    [settings.err(), book.err(), register.err(), coverage.err(), wording.err()];
                let own = own.into_iter().chain([targets.err()]).flatten().flatten();
                Err(Problems(own.chain(wrong.iter().cloned()).collect()))
            }
        }
    }
}

fn unread(name: &str, error: &std::io::Error) -> Problem {
    let message = format!("cannot read it: {error}");
    Problem { file: name.to_owned(), line: 1, column: 1, message: message.into() }
}

/// The profiles that come with the program, and those of a folder `devices` in or beside the
/// configuration's, which override and add.
fn read_profiles(folder: &Path) -> (Profiles, Vec<Problem>) {
    let mut own: Vec<(String, String)> = Vec::new();
    let beside = folder.parent().unwrap_or(folder);
    for base in [beside.join("devices"), folder.join("devices")] {
        read_folder(&base, &base, &mut own);
    }
    let own = own.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    profiles_from(SHIPPED.iter().copied().chain(own))
}

fn read_folder(base: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            read_folder(base, &path, found);
        } else if path.extension().is_some_and(|e| e == "toml")
            && let (Ok(text), Ok(name)) = (std::fs::read_to_string(&path), path.strip_prefix(base))
        {
            found.push((name.with_extension("").display().to_string(), text));
        }
    }
}
