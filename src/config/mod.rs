//! What people write, read and checked. `Config` does not change afterwards: a reload is a new one.

mod gateway;
mod register;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::device::{Profiles, SHIPPED, profiles_from};
use crate::domain::Home;
use crate::engine::{Book, BookTexts};
use crate::form::Problem;

pub use gateway::{Broker, ChannelKind, ChannelSettings, Client, Http, Mqtt, Settings, Store, Tls};

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
    /// `register.toml`, resolved.
    pub homes: Vec<Arc<Home>>,
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

/// Reads and checks the whole folder.
///
/// # Errors
/// Every problem of every file at once, each with file, line and column.
pub fn load(folder: &Path) -> Result<Config, Problems> {
    let mut problems = Vec::new();
    let mut texts = BTreeMap::new();
    for file in ["gateway.toml", "rules.toml", "plans.toml", "register.toml"] {
        let path = folder.join(file);
        match std::fs::read_to_string(&path) {
            Ok(text) => drop(texts.insert(file, (path.display().to_string(), text))),
            Err(e) => problems.push(Problem {
                file: path.display().to_string(),
                line: 1,
                column: 1,
                message: format!("cannot read it: {e}"),
            }),
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let text = |file| texts.get(file).map_or(("", ""), |(path, text)| (path.as_str(), text));
    let book = Book::read(text("rules.toml"), text("plans.toml"));
    let settings = gateway::read(text("gateway.toml"), folder);
    let channels = settings.as_ref().map(|s| &s.channels);
    let names = channels.map_or_else(|_| None, |c| Some(c.iter().map(|c| &c.name).collect()));
    let (profiles, wrong) = read_profiles(folder);
    let homes = register::read(text("register.toml"), names, &profiles);
    if !wrong.is_empty() {
        let others = [book.err(), settings.err(), homes.err()].into_iter().flatten().flatten();
        return Err(Problems(others.chain(wrong).collect()));
    }
    match (book, settings, homes) {
        (Ok(book), Ok(settings), Ok(homes)) => Ok(Config {
            folder: folder.to_owned(),
            settings,
            book: Arc::new(book),
            book_texts: BookTexts {
                rules: text("rules.toml").1.to_owned(),
                plans: text("plans.toml").1.to_owned(),
            },
            profiles: Arc::new(profiles),
            homes,
        }),
        (book, settings, homes) => Err(Problems(
            [settings.err(), book.err(), homes.err()].into_iter().flatten().flatten().collect(),
        )),
    }
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
