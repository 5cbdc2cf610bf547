//! What people write, read and checked. `Config` does not change afterwards: a reload is a new one.

mod gateway;
mod register;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::device::{Coverage, Profiles, SHIPPED, profiles_from};
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
    /// `coverage.toml`: what a home should have.
    pub coverage: Arc<Coverage>,
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

/// The files of a configuration.
const FILES: [&str; 4] = ["gateway.toml", "rules.toml", "plans.toml", "register.toml"];

/// The shipped `config/`: the demo's household.
const SHIPPED_TEXTS: [&str; 4] = [
    include_str!("../../config/gateway.toml"),
    include_str!("../../config/rules.toml"),
    include_str!("../../config/plans.toml"),
    include_str!("../../config/register.toml"),
];

/// Which room wants which sensor. A folder may have its own, and need not.
const COVERAGE: (&str, &str) = ("coverage.toml", include_str!("../../config/coverage.toml"));

/// Reads and checks the whole folder.
///
/// # Errors
/// Every problem of every file at once, each with file, line and column.
pub fn load(folder: &Path) -> Result<Config, Problems> {
    let (mut problems, mut texts) = (Vec::new(), Vec::new());
    for file in FILES {
        let name = folder.join(file).display().to_string();
        match std::fs::read_to_string(&name) {
            Ok(text) => texts.push((name, text)),
            Err(e) => {
                let message = format!("cannot read it: {e}");
                problems.push(Problem { file: name, line: 1, column: 1, message });
            }
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let (file, shipped) = COVERAGE;
    let name = folder.join(file);
    texts.push(match std::fs::read_to_string(&name) {
        Ok(text) => (name.display().to_string(), text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => (file.to_owned(), shipped.to_owned()),
        Err(e) => {
            let (file, message) = (name.display().to_string(), format!("cannot read it: {e}"));
            return Err(Problems(vec![Problem { file, line: 1, column: 1, message }]));
        }
    });
    let (profiles, wrong) = read_profiles(folder);
    resolve(folder, &texts, profiles, wrong)
}

/// The shipped configuration, as if it stood in `folder`; its register is given to `change` first.
///
/// # Errors
/// Every problem; there is none unless `change` makes one.
pub fn shipped(folder: &Path, change: impl Fn(&str, &str) -> String) -> Result<Config, Problems> {
    let texts = FILES.iter().zip(SHIPPED_TEXTS);
    let mut texts: Vec<_> = texts.map(|(f, text)| ((*f).to_owned(), change(f, text))).collect();
    texts.push((COVERAGE.0.to_owned(), COVERAGE.1.to_owned()));
    let (profiles, wrong) = profiles_from(SHIPPED.iter().copied());
    resolve(folder, &texts, profiles, wrong)
}

fn resolve(
    folder: &Path,
    texts: &[(String, String)],
    profiles: Profiles,
    wrong: Vec<Problem>,
) -> Result<Config, Problems> {
    let text =
        |n: usize| texts.get(n).map_or(("", ""), |(file, text)| (file.as_str(), text.as_str()));
    let (gateway, rules, plans, register) = (text(0), text(1), text(2), text(3));
    let book = Book::read(rules, plans);
    let settings = gateway::read(gateway, folder);
    let names = |s: &'_ Settings| s.channels.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    let channels = settings.as_ref().ok().map(names);
    let channels: Option<Vec<_>> = channels.as_ref().map(|c| c.iter().collect());
    let homes = register::read(register, channels.as_deref(), &profiles);
    let coverage = Coverage::read(text(4));
    match (book, settings, homes, coverage) {
        (Ok(book), Ok(settings), Ok(homes), Ok(coverage)) if wrong.is_empty() => Ok(Config {
            folder: folder.to_owned(),
            settings,
            book: Arc::new(book),
            book_texts: BookTexts { rules: rules.1.to_owned(), plans: plans.1.to_owned() },
            profiles: Arc::new(profiles),
            coverage: Arc::new(coverage),
            homes,
        }),
        (book, settings, homes, coverage) => {
            let own = [settings.err(), book.err(), homes.err(), coverage.err()];
            let own = own.into_iter().flatten().flatten();
            Err(Problems(own.chain(wrong).collect()))
        }
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
