//! A home is forgotten: its engine keeps the time and its last number, and what is on disk of it goes.

use crate::domain::{Deed, Doing, HomeId, Refusal};
use crate::engine::Engine;
use crate::inbox::{Answer, Forget};
use crate::store::StoreError;
use crate::store::forget::Progress;

use super::batch::{Batch, no_home};
use super::{Gateway, Running};

/// So large a file is written anew while the hub runs, in bytes: for so long nobody is alarmed. What was
/// deleted of a larger one is overwritten where it stood.
const REWRITE_MAX: u64 = 64 * 1024 * 1024;

impl Batch<'_> {
    /// Deletes what is kept of a home but for the journal's rows, which go by and by.
    pub(super) fn forget(&mut self, wish: &Forget) -> Result<Answer, StoreError> {
        let Forget { home, people, by, why } = wish;
        let Some(running) = self.engines.get(home) else { return Ok(no_home(home)) };
        if let Some(open) = running.engine.incidents().values().find(|i| i.is_open()) {
            return Ok(Answer::Refused(Refusal::StillOpen { n: open.n }));
        }
        let kept = running.engine.home().cloned();
        if kept.as_ref().is_some_and(|home| !home.is_ordinary()) {
            return Ok(Answer::Unknown(format!("in `{home}` nobody lives")));
        }
        let traces = self.writing.traces(home, kept.as_deref())?;
        let left = running.engine.state().forgotten();
        let mut rows = self.writing.forget_home(&traces, *self.seq, &left)?;
        rows.insert("strange".to_owned(), self.forget_strangers(&traces)?);
        rows.insert("announced".to_owned(), self.forget_newcomers(&traces)?);
        self.misreads.forget(home);
        rows.retain(|_, count| 0 < *count);
        self.let_go(
            home,
            Running::new(Engine::resume(self.in_force.book.clone(), left), *self.seq),
        );
        let (of, home, by) = ("home".to_owned(), Some(home.clone()), by.to_string());
        let deed = Deed { deed: Doing::Forgotten, of, home, incident: None, by, why: why.clone() };
        let deletion = self.writing.put_forgotten(deed, people, rows, self.now + self.offset)?;
        self.forgets = true;
        Ok(Answer::Forgotten(Box::new(deletion)))
    }

    /// Puts an engine that is on disk in the place of the home's.
    fn let_go(&mut self, home: &HomeId, empty: Running) {
        let wake = self.engines.get(home).and_then(|running| running.wake);
        if let Some(first) = self.engines.get(home).and_then(|running| running.unsaved) {
            self.unsaved.remove(&(first, home.clone()));
        }
        // What it is woken by goes when the batch is on disk.
        self.engines.insert(home.clone(), Running { wake, ..empty });
        self.touched.insert(home.clone());
    }
}

impl Gateway {
    /// Whether a deletion is on record and not complete.
    pub const fn is_forgetting(&self) -> bool {
        !self.forgetting.is_empty()
    }

    /// Goes on with what is being forgotten, by a portion.
    ///
    /// # Errors
    /// When SQLite cannot; what was done before is done.
    pub fn go_on_forgetting(&mut self) -> Result<Progress, StoreError> {
        let rewrite = self.store.size()? <= REWRITE_MAX;
        self.forget_a_portion(rewrite)
    }

    /// Forgets to the end, as long as that takes: nobody waits for this hub. `false`: somebody reads what is
    /// to be overwritten, and the next start goes on.
    ///
    /// # Errors
    /// When SQLite cannot; what was done before is done.
    pub fn forget_at_rest(&mut self) -> Result<bool, StoreError> {
        loop {
            match self.forget_a_portion(true)? {
                Progress::More => {}
                Progress::Held => return Ok(false),
                Progress::Done => return Ok(true),
            }
        }
    }

    fn forget_a_portion(&mut self, rewrite: bool) -> Result<Progress, StoreError> {
        let Some(forgetting) = self.forgetting.first_mut() else { return Ok(Progress::Done) };
        let progress = self.store.go_on_forgetting(forgetting, rewrite)?;
        if progress == Progress::Done {
            self.forgetting.remove(0);
        }
        Ok(if self.is_forgetting() && progress == Progress::Done {
            Progress::More
        } else {
            progress
        })
    }

    /// A start completes what a kill has cut off.
    pub(super) fn complete(&mut self) -> Result<(), StoreError> {
        self.forgetting = self.store.reader().forgetting()?;
        while self.is_forgetting() && self.go_on_forgetting()? == Progress::More {}
        Ok(())
    }
}

/// Whether nothing is known of it but that it was there.
pub(super) fn is_forgotten(engine: &Engine) -> bool {
    engine.home().is_none()
}
