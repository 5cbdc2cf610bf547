//! Where other rules are tried out on last week's journal: one trial at a time, on a thread of its own with a reader
//! of its own, so that it keeps nothing waiting. What is left of it is in memory: a trial is no promise.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::{HomeId, PersonId, Span, Time};
use crate::engine::Book;
use crate::gateway::{Ask, Passed, relive};
use crate::store::{Reader, StoreError};
use crate::trial::{Comparison, Course, Moment, Range, Runs, compare};

use super::proposed::Proposed;
use super::whom::{Whom, whom};
use crate::web::Web;

/// What *last week* is.
pub(super) const WEEK: Span = Span::hours(7 * 24);
/// A trial is broken off behind so many inputs of its homes, or rows of the journal of whatever home.
pub(super) const INPUTS_MAX: u64 = 2_000_000;
const ROWS_MAX: u64 = 100_000_000;
/// So many trials are remembered, the latest.
const KEPT_MAX: usize = 12;

/// See the module.
#[derive(Debug, Default)]
pub(in crate::web) struct Bench(Mutex<Vec<Trial>>);

/// One trial, under way or over.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    /// No two have the same, also not over a restart.
    pub(super) id: i64,
    /// Who asked; it is shown to nobody else.
    pub(super) by: PersonId,
    pub(super) proposed: Arc<Proposed>,
    pub(super) state: State,
    /// Whether its end was shown.
    is_seen: bool,
}

#[derive(Debug, Clone)]
pub(super) enum State {
    /// How far it has come, in hub time.
    Running(Arc<AtomicI64>),
    Done(Arc<Tried>),
    Failed(String),
}

/// What a trial came to.
#[derive(Debug)]
pub(super) struct Tried {
    /// In wall time.
    pub(super) from: Time,
    pub(super) until: Time,
    pub(super) whom: Whom,
    pub(super) runs: Runs,
    /// When people were told.
    pub(super) alarmed: Comparison,
    /// Homes lived by other rules within the week than those in force now.
    pub(super) is_mixed: bool,
}

/// Why a trial does not begin, or is not put in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Not {
    /// Another one runs.
    Busy,
    /// There is none, or it is somebody else's.
    There,
    /// It has not ended, or its end was never shown.
    Seen,
}

impl Bench {
    fn trials(&self) -> MutexGuard<'_, Vec<Trial>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a trial.
    fn begin(&self, now: Time, by: PersonId, proposed: Arc<Proposed>) -> Result<i64, Not> {
        let mut trials = self.trials();
        if trials.iter().any(|trial| matches!(trial.state, State::Running(_))) {
            return Err(Not::Busy);
        }
        let last = trials.iter().map(|trial| trial.id).max().unwrap_or(0);
        let id = now.0.max(last + 1);
        let surplus = (trials.len() + 1).saturating_sub(KEPT_MAX);
        trials.drain(..surplus);
        let state = State::Running(Arc::new(AtomicI64::new(i64::MIN)));
        trials.push(Trial { id, by, proposed, state, is_seen: false });
        drop(trials);
        Ok(id)
    }

    fn end(&self, id: i64, state: State) {
        if let Some(trial) = self.trials().iter_mut().find(|trial| trial.id == id) {
            trial.state = state;
        }
    }

    /// A trial of theirs.
    pub(super) fn of(&self, by: &PersonId, id: i64) -> Option<Trial> {
        self.trials().iter().find(|trial| trial.id == id && trial.by == *by).cloned()
    }

    /// It is over, and that is being shown.
    pub(super) fn seen(&self, id: i64) {
        if let Some(trial) = self.trials().iter_mut().find(|trial| trial.id == id) {
            trial.is_seen = matches!(trial.state, State::Done(_));
        }
    }

    /// What may be put in force: what they tried out, and saw the end of.
    pub(super) fn to_force(&self, by: &PersonId, id: i64) -> Result<(Trial, Arc<Tried>), Not> {
        let trial = self.of(by, id).ok_or(Not::There)?;
        match &trial.state {
            State::Done(tried) if trial.is_seen => {
                let tried = Arc::clone(tried);
                Ok((trial, tried))
            }
            State::Done(_) | State::Running(_) | State::Failed(_) => Err(Not::Seen),
        }
    }

    /// It is in force, once.
    pub(super) fn used(&self, id: i64) {
        self.trials().retain(|trial| trial.id != id);
    }
}

/// Begins a trial on the homes that somebody sees. Returns its number.
pub(super) fn begin(
    web: &Arc<Web>,
    by: PersonId,
    proposed: Proposed,
    (current, next): (Arc<Book>, Arc<Book>),
    homes: Vec<HomeId>,
) -> Result<i64, Not> {
    let (now, offset) = (web.site.clock.now(), web.site.clock.offset());
    let proposed = Arc::new(proposed);
    let id = web.bench.begin(now, by, Arc::clone(&proposed))?;
    let web = Arc::clone(web);
    drop(tokio::spawn(async move {
        let (asked, progress) =
            (Arc::clone(&web), web.bench.trials().iter().find_map(progress_of(id)));
        let all = web.homes().len();
        let trying = tokio::task::spawn_blocking(move || {
            let reader = Reader::open(&asked.site.store)?;
            let range = Range { from: now - WEEK, until: now + Span(1) };
            let whom = whom(&reader, &proposed, homes, all, range.from + offset)?;
            let books = (proposed.digest.clone(), current);
            let course = Course::new(next, proposed.next_digest()).tuned(proposed.tuned());
            let ask = Ask { current: books, course, homes: Some(whom.homes.clone()), range };
            let runs = relive(&reader, ask, |passed| {
                if let Some(progress) = &progress {
                    progress.store(passed.at.0, Ordering::Relaxed);
                }
                !asked.ending.is_cancelled() && is_within(passed)
            })?;
            let from = range.from + offset;
            let until = runs.cut.map_or(now, |cut| cut) + offset;
            let alarmed =
                compare(&runs.before, &runs.after, Moment::Alarmed, (from, until + Span(1)));
            let own = BTreeSet::from([proposed.digest.clone()]);
            let is_mixed = runs.books != own && !runs.books.is_empty();
            Ok::<_, StoreError>(Tried { from, until, whom, runs, alarmed, is_mixed })
        });
        let state = match trying.await {
            Ok(Ok(tried)) => State::Done(Arc::new(tried)),
            Ok(Err(error)) => State::Failed(error.to_string()),
            Err(error) => State::Failed(error.to_string()),
        };
        if let State::Failed(error) = &state {
            tracing::error!(error, "rules could not be tried out");
        }
        web.bench.end(id, state);
    }));
    Ok(id)
}

fn progress_of(id: i64) -> impl Fn(&Trial) -> Option<Arc<AtomicI64>> {
    move |trial| match &trial.state {
        State::Running(progress) if trial.id == id => Some(Arc::clone(progress)),
        State::Running(_) | State::Done(_) | State::Failed(_) => None,
    }
}

const fn is_within(passed: Passed) -> bool {
    passed.inputs < INPUTS_MAX && passed.rows < ROWS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried() -> State {
        State::Done(Arc::new(Tried {
            from: Time(0),
            until: Time(1),
            whom: Whom::default(),
            runs: Runs::default(),
            alarmed: Comparison::default(),
            is_mixed: false,
        }))
    }

    #[test]
    fn only_what_somebody_tried_out_and_saw_can_be_put_in_force_and_once() {
        let (bench, li, ma) = (Bench::default(), "li".parse().unwrap(), "ma".parse().unwrap());
        let proposed = Arc::new(Proposed::nothing("fall"));
        let id = bench.begin(Time(7), ma, Arc::clone(&proposed)).unwrap();
        let ma: PersonId = "ma".parse().unwrap();
        let not = |bench: &Bench, by: &PersonId, id| bench.to_force(by, id).err();
        assert_eq!(not(&bench, &ma, id), Some(Not::Seen));
        bench.seen(id);
        assert_eq!(not(&bench, &ma, id), Some(Not::Seen), "what runs was not seen to its end");
        let busy = bench.begin(Time(7), "li".parse().unwrap(), Arc::clone(&proposed));
        assert_eq!(busy, Err(Not::Busy));
        bench.end(id, tried());
        assert_eq!(not(&bench, &ma, id), Some(Not::Seen), "over, and nobody has looked");
        bench.seen(id);
        assert_eq!(not(&bench, &li, id), Some(Not::There), "somebody else's");
        assert_eq!(not(&bench, &ma, id + 1), Some(Not::There));
        assert!(bench.to_force(&ma, id).is_ok());
        bench.used(id);
        assert_eq!(not(&bench, &ma, id), Some(Not::There), "once");
        let next = bench.begin(Time(7), ma.clone(), Arc::clone(&proposed)).unwrap();
        bench.end(next, State::Failed("x".to_owned()));
        bench.seen(next);
        assert_eq!(not(&bench, &ma, next), Some(Not::Seen));
        for _ in 0..2 * KEPT_MAX {
            let id = bench.begin(Time(7), ma.clone(), Arc::clone(&proposed)).unwrap();
            bench.end(id, tried());
        }
        assert_eq!(bench.trials().len(), KEPT_MAX);
        assert_eq!(not(&bench, &ma, next), Some(Not::There));
    }
}
