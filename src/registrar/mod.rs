//! The way to whoever keeps the register. There is one keeper (see `app`): it alone writes
//! `register.toml` while the hub runs, and it puts in force what the file says.

mod edit;
mod rows;

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use crate::form::Problem;

pub use edit::{Address, Edit, Way};
pub use rows::{Layout, Part, Rows};

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
    /// What the folder says now, edited by hand: the register, the rules and plans, the rooms, and the
    /// profiles below `devices/`.
    Reload,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settled {
    /// What is different now (or would be), one line each: `+` new, `~` changed, `-` gone.
    pub changes: Vec<String>,
    /// What people should know besides.
    pub notes: Vec<String>,
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

/// Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It names what is not there.
    #[error("{0}")]
    Unknown(String),
    /// It does not go with what is there.
    #[error("{0}")]
    Conflict(String),
    /// The configuration would be wrong.
    #[error("the configuration would not be right")]
    Wrong(Vec<Problem>),
    /// The same may succeed later.
    #[error("{0}, and nothing was changed")]
    NotStored(String),
    /// The hub is stopping; or there is no keeper.
    #[error("the register cannot be changed now: the hub is stopping")]
    Stopping,
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
        /// Answered when it is on disk and in force.
        answer: oneshot::Sender<Result<Settled, Refused>>,
    },
    /// Give the file's text.
    Text(oneshot::Sender<Result<String, Refused>>),
}

/// The door of the keeper. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registrar(mpsc::Sender<Wish>);

impl Registrar {
    /// A door and its other end.
    pub fn new() -> (Self, mpsc::Receiver<Wish>) {
        let (sender, wishes) = mpsc::channel(WAITING_MAX);
        (Self(sender), wishes)
    }

    /// Changes the register. `Ok` means that it is on disk and in force.
    ///
    /// # Errors
    /// Nothing was changed, and why.
    pub async fn change(&self, change: Change, dry_run: bool) -> Result<Settled, Refused> {
        let (answer, settled) = oneshot::channel();
        self.ask(Wish::Change { change, dry_run, answer }, settled).await
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
        self.0.send(wish).await.map_err(|_closed| Refused::Stopping)?;
        answer.await.map_err(|_closed| Refused::Stopping)?
    }
}
