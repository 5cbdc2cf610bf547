//! A home is forgotten: by the keeper while the hub runs, or while it rests. What is the same in both is said
//! here: when that is refused, and what goes with the home.

use std::path::{Path, PathBuf};

use crate::config::{Config, Draft, Proposal, forget_register_before, propose, write};
use crate::domain::{PersonId, Role};
use crate::inbox::{Answer, Arrival, Forget, Letter};
use crate::registrar::{Change, Edit, Forgotten, Leaving, Refused};
use crate::store::views::Filter;
use crate::store::{Reader, StoreError};

use super::StartError;
use super::open::{self, Core};

/// What people should know of every deletion,
const NOTES: [&str; 3] = [
    "who saw and took away what of it stays on record, without what it was",
    "backups, and what was sent elsewhere, are not touched",
    "a device that still hangs there is a stranger from now on: take it down",
];
/// and of some.
const REMEMBERED: &str =
    "our own MQTT listener remembers the last messages of its devices until the next start";
const HELD: &str = "somebody reads the database: what is left in the log beside it is overwritten when they are \
    done, or at the next start";
const TOO_LARGE: &str = "the file is too large to be written anew while somebody may have to be alarmed: what was \
    deleted was overwritten where it stood; the same command while the hub rests writes the file anew";

/// A deletion that may begin.
pub(super) struct Farewell {
    pub(super) wish: Forget,
    /// The last seal of the record of deeds.
    seal: String,
}

impl Farewell {
    /// Nobody deletes what is still needed, and whoever does it is known.
    pub(super) fn new(
        config: &Config,
        reader: &Reader,
        leaving: &Leaving,
    ) -> Result<Self, Refused> {
        let Leaving { home, by, why, and_remove } = leaving;
        if why.trim().is_empty() {
            return Err(Refused::Conflict("say why it is to be forgotten".into()));
        }
        if !config.people.iter().any(|person| person.id == *by) {
            return Err(Refused::Unknown(format!("`{by}` is nobody of the register").into()));
        }
        if config.homes.iter().any(|known| known.id == *home) && !and_remove {
            return Err(Refused::Conflict(format!(
                "somebody lives in `{home}`: it is in the register; take it out first, or with `--and-remove` \
                 (`and_remove=true`)"
            ).into()));
        }
        let filter =
            Filter { open: Some(true), homes: Some(vec![home.clone()]), ..Filter::default() };
        let open = reader.incidents(&filter).map_err(|e| not_read(&e))?;
        if !open.is_empty() {
            let all: Vec<_> = open.iter().map(|shown| shown.id.to_string()).collect();
            let all = all.join(", ");
            return Err(Refused::Conflict(
                format!("{all} of `{home}` is open: close it first").into(),
            ));
        }
        let (home, by, why) = (home.clone(), by.clone(), why.clone());
        let seal = reader.seal_of_deeds().map_err(|e| not_read(&e))?;
        Ok(Self { wish: Forget { home, people: family(config, leaving), by, why }, seal })
    }

    /// What came of it. `answer`: the writer's.
    pub(super) fn told(
        self,
        answer: Answer,
        store: &Path,
        changes: Vec<String>,
    ) -> Result<Forgotten, Refused> {
        let Forget { home, by, why, .. } = self.wish;
        let deletion = match answer {
            Answer::Forgotten(deletion) => *deletion,
            Answer::Refused(why) => return Err(Refused::Conflict(why.to_string().into())),
            Answer::Unknown(why) => return Err(Refused::Unknown(why.into())),
            Answer::Done | Answer::Looked(_) => return Err(Refused::Stopping),
        };
        let read = || -> Result<_, StoreError> {
            let reader = Reader::open(store)?;
            let is_complete = reader.forgetting()?.iter().all(|f| f.home != home);
            Ok((is_complete, reader.is_rewritten()?, reader.seal_of_deeds()?))
        };
        let (is_complete, is_rewritten, seal) = read().map_err(|e| not_read(&e))?;
        let mut notes = NOTES.map(str::to_owned).to_vec();
        if ["retained", "queued"].iter().any(|table| deletion.rows.contains_key(*table)) {
            notes.push(REMEMBERED.to_owned());
        }
        if !is_complete {
            notes.push(HELD.to_owned());
        } else if !is_rewritten {
            notes.push(TOO_LARGE.to_owned());
        }
        notes.extend(set_aside(store).map(|file| {
            format!("{} was set aside as damaged, and is not touched: delete it", file.display())
        }));
        let deeds = (self.seal, seal);
        Ok(Forgotten { home, by, why, deletion, deeds, is_complete, is_rewritten, changes, notes })
    }
}

/// Damaged files beside the database.
fn set_aside(store: &Path) -> impl Iterator<Item = PathBuf> {
    let name = store.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let files =
        store.parent().and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten();
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    paths.filter(move |path| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        file.starts_with(&format!("{name}.damaged-"))
    })
}

/// Who goes with the home, because they come to nobody else.
fn family(config: &Config, leaving: &Leaving) -> Vec<PersonId> {
    let (mut theirs, others): (Vec<_>, Vec<_>) =
        config.homes.iter().partition(|home| home.id == leaving.home);
    let of_it = theirs.pop().map(|home| home.responders.clone()).unwrap_or_default();
    let is_of_it = |who: &PersonId| others.iter().all(|home| home.responder(who).is_none());
    let family = of_it.iter().filter(|person| person.role == Role::Family && is_of_it(&person.id));
    family.map(|person| person.id.clone()).collect()
}

fn not_read(error: &StoreError) -> Refused {
    Refused::NotStored(error.to_string().into())
}

/// Forgets a home while no hub runs; the caller holds the lock (see [`super::lock`]).
///
/// # Errors
/// The data cannot be opened; or, within, nothing was deleted, and why.
pub fn forget_at_rest(
    folder: &Path,
    leaving: &Leaving,
) -> Result<Result<Forgotten, Refused>, StartError> {
    let (before, farewell, draft) = match begin_at_rest(folder, leaving) {
        Ok(begun) => begun,
        Err(refused) => return Ok(Err(refused)),
    };
    let (config, changes) = match take_out(before, &draft, leaving) {
        Ok(taken_out) => taken_out,
        Err(refused) => return Ok(Err(refused)),
    };
    let Core { mut gateway, clock, .. } = open::open(&config)?;
    let (receipt, _) = tokio::sync::oneshot::channel();
    let letter = Letter { arrival: Arrival::Forget(farewell.wish.clone()), receipt };
    let (_, mut answers) = gateway.handle(clock.now(), &[letter])?;
    gateway.forget_at_rest()?;
    gateway.save()?;
    let answer = answers.pop().unwrap_or(Answer::Done);
    drop(gateway);
    let store = &config.settings.store.path;
    Ok(forget_the_text_before(&config).and_then(|()| farewell.told(answer, store, changes)))
}

fn begin_at_rest(folder: &Path, leaving: &Leaving) -> Result<(Config, Farewell, Draft), Refused> {
    let draft = Draft::read(folder).map_err(|all| Refused::Wrong(all.0))?;
    let before = draft.resolve(None).map_err(|all| Refused::Wrong(all.0))?;
    let path = &before.settings.store.path;
    if !path.exists() {
        return Err(Refused::Unknown(
            format!("there is no database {} yet", path.display()).into(),
        ));
    }
    let reader = Reader::open(path).map_err(|e| not_read(&e))?;
    let farewell = Farewell::new(&before, &reader, leaving)?;
    Ok((before, farewell, draft))
}

/// The configuration without the home, and what is different in it.
fn take_out(
    before: Config,
    draft: &Draft,
    leaving: &Leaving,
) -> Result<(Config, Vec<String>), Refused> {
    if !before.homes.iter().any(|home| home.id == leaving.home) {
        return Ok((before, Vec::new()));
    }
    let change = Change::Edits(vec![Edit::Remove { home: leaving.home.clone() }]);
    let Proposal { file, before: old, text, config, settled } =
        propose(draft, Some(&before), &change)?;
    write(&before.folder, file, (&old, &text))
        .map_err(|e| Refused::NotStored(format!("cannot write register.toml: {e}").into()))?;
    Ok((config, settled.changes.into_iter().map(String::from).collect()))
}

/// The home is in `register.toml.before` too.
pub(super) fn forget_the_text_before(config: &Config) -> Result<(), Refused> {
    forget_register_before(&config.folder).map_err(|e| {
        Refused::NotStored(
            format!("the home is forgotten, but cannot remove register.toml.before: {e}").into(),
        )
    })
}
