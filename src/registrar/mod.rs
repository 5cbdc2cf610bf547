//! The way to whoever keeps the register. There is one keeper (see `app`): it alone writes
//! `register.toml` while the hub runs, and it puts in force what the file says.

mod edit;
mod rows;
mod way;

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use crate::domain::{Deletion, HomeId, Lang, Name, PersonId, Sentence, both};
use crate::form::Problem;
use crate::wording::Key;

pub use edit::{Address, Edit};
pub use rows::{Layout, Part, Rows};
pub use way::Way;

/// How many wishes may wait for the keeper.
const WAITING_MAX: usize = 16;

/// What is to become of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The file, edited, one after the other; all or none.
    Edits(Vec<Edit>),
    /// Another text in the place of the file's.
    Import(String),
    /// Rows of people or homes, merged into the file by their ids: what a row leaves out or leaves
    /// empty stays as it is, and nothing goes.
    Rows(Rows),
    /// Other rules or plans, tried out before.
    Amend(Box<Amendment>),
    /// Another text of messages.
    Texts(Box<Reworded>),
    /// What the folder says now, edited by hand: the register, the rules and plans, the rooms, the texts
    /// of messages, and the profiles below `devices/`.
    Reload,
}

/// Another text of rules or plans in the place of the one in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Of which.
    pub of: Amended,
    /// The text it was made from: if that is no longer what is in force, nothing is changed.
    pub before: String,
    /// The text that was tried out.
    pub after: String,
    /// Why, as it goes on record.
    pub why: String,
}

/// Another text of messages in the place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reworded {
    /// In which language.
    pub language: Lang,
    /// Which.
    pub key: Key,
    /// As it is from now on; the one that comes with the program, if none is given.
    pub text: Option<String>,
    /// Why, as it goes on record.
    pub why: String,
}

/// A file that is amended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amended {
    /// `rules.toml`
    Rules,
    /// `plans.toml`
    Plans,
}

impl Amended {
    /// Its name.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Rules => "rules.toml",
            Self::Plans => "plans.toml",
        }
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settled {
    /// What is different now (or would be), one line each: `+` new, `~` changed, `-` gone.
    pub changes: Vec<Sentence>,
    /// What people should know besides.
    pub notes: Vec<Sentence>,
    /// Passwords made on this occasion. They are nowhere else: the file has their digests.
    pub issued: Vec<Issued>,
}

/// What a device logs in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// `home.device`
    pub user: String,
    /// To be shown once.
    pub password: String,
}

/// What was deleted of a home, for whoever wanted that and for whoever wants it proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Which.
    pub home: HomeId,
    /// Who wanted it,
    pub by: PersonId,
    /// and why.
    pub why: String,
    /// What went, and what is left.
    #[serde(flatten)]
    pub deletion: Deletion,
    /// The last seal of the record of deeds before this one, and with it.
    pub deeds: (String, String),
    /// Every byte of it is overwritten. Else that goes on, at the latest at the next start.
    pub is_complete: bool,
    /// The file was written anew. Else what was deleted was overwritten where it stood.
    pub is_rewritten: bool,
    /// What is different in the register now.
    pub changes: Vec<String>,
    /// What people should know besides.
    pub notes: Vec<String>,
}

/// What became of a trial message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// By which channel.
    pub channel: Name,
    /// sent, delivered, or perhaps sent and why nobody knows.
    pub how: Sentence,
    /// How long its code counts.
    pub counts_for: String,
}

/// Which home is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// Which.
    pub home: HomeId,
    /// Who says so, of the register.
    pub by: PersonId,
    /// Why.
    pub why: String,
    /// It is taken out of the register first.
    pub and_remove: bool,
}

/// Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It names what is not there.
    #[error("{0}")]
    Unknown(Sentence),
    /// It does not go with what is there.
    #[error("{0}")]
    Conflict(Sentence),
    /// The configuration would be wrong.
    #[error("the configuration would not be right")]
    Wrong(Vec<Problem>),
    /// The same may succeed later.
    #[error("{0}, and nothing was changed")]
    NotStored(Sentence),
    /// The hub is stopping; or there is no keeper.
    #[error("the register cannot be changed now: the hub is stopping")]
    Stopping,
}

impl Refused {
    /// Why, one sentence for each thing that is wrong; where in a file it stands says nothing to whoever fills in a
    /// form.
    pub fn why(&self) -> Vec<Sentence> {
        match self {
            Self::Unknown(why) | Self::Conflict(why) => vec![why.clone()],
            Self::Wrong(problems) => problems.iter().map(|p| p.message.clone()).collect(),
            Self::NotStored(why) => {
                let zh = why.say(Lang::Zh);
                vec![both!("{zh}，什么都没有改", "{self}")]
            }
            Self::Stopping => vec![both!("系统正在停止，现在不能改登记", "{self}")],
        }
    }
}

/// Something for the keeper, and where to send its answer.
#[derive(Debug)]
pub enum Wish {
    /// Change the register.
    Change {
        /// How.
        change: Change,
        /// Only say what would be different.
        dry_run: bool,
        /// Who says so.
        by: String,
        /// Answered when it is on disk and in force.
        answer: oneshot::Sender<Result<Settled, Refused>>,
    },
    /// Forget a home.
    Forget {
        /// Which.
        leaving: Leaving,
        /// Answered when it is on disk.
        answer: oneshot::Sender<Result<Forgotten, Refused>>,
    },
    /// Send somebody a trial message with a code.
    Try {
        /// Whom.
        who: PersonId,
        /// By what; by the first way that nobody has tried.
        channel: Option<Name>,
        /// Answered when it went out.
        answer: oneshot::Sender<Result<Tried, Refused>>,
    },
    /// Give the file's text.
    Text(oneshot::Sender<Result<String, Refused>>),
}

/// The door of the keeper. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registrar {
    wishes: mpsc::Sender<Wish>,
    /// In whose name.
    by: String,
}

impl Registrar {
    /// A door and its other end.
    pub fn new() -> (Self, mpsc::Receiver<Wish>) {
        let (sender, wishes) = mpsc::channel(WAITING_MAX);
        (Self { wishes: sender, by: "the hub".to_owned() }, wishes)
    }

    /// The same door, used by somebody else.
    #[must_use]
    pub fn used_by(&self, by: &str) -> Self {
        Self { wishes: self.wishes.clone(), by: by.to_owned() }
    }

    /// Changes the register. `Ok` means that it is on disk and in force.
    ///
    /// # Errors
    /// Nothing was changed, and why.
    pub async fn change(&self, change: Change, dry_run: bool) -> Result<Settled, Refused> {
        let (answer, settled) = oneshot::channel();
        let by = self.by.clone();
        self.ask(Wish::Change { change, dry_run, by, answer }, settled).await
    }

    /// Deletes what is kept of a home. `Ok` means that it is on record, and done or going on.
    ///
    /// # Errors
    /// Nothing was deleted, and why.
    pub async fn forget(&self, leaving: Leaving) -> Result<Forgotten, Refused> {
        let (answer, forgotten) = oneshot::channel();
        self.ask(Wish::Forget { leaving, answer }, forgotten).await
    }

    /// Sends somebody a trial message with a code.
    ///
    /// # Errors
    /// It did not go out, and why.
    pub async fn try_out(&self, who: PersonId, channel: Option<Name>) -> Result<Tried, Refused> {
        let (answer, tried) = oneshot::channel();
        self.ask(Wish::Try { who, channel, answer }, tried).await
    }

    /// The text of `register.toml`.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn text(&self) -> Result<String, Refused> {
        let (answer, text) = oneshot::channel();
        self.ask(Wish::Text(answer), text).await
    }

    async fn ask<T>(
        &self,
        wish: Wish,
        answer: oneshot::Receiver<Result<T, Refused>>,
    ) -> Result<T, Refused> {
        self.wishes.send(wish).await.map_err(|_closed| Refused::Stopping)?;
        answer.await.map_err(|_closed| Refused::Stopping)?
    }
}
