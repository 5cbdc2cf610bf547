//! The one loop: receive a batch or reach the next deadline, hand it to the gateway, tell the world.

mod access;
mod channels;
mod announce;
mod doors;
mod forget;
mod house;
mod hub;
mod keeper;
mod open;
mod ports;

use std::sync::Arc;

use tokio::sync::{Notify, broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{Happening, IncidentId, Span, Time};
use crate::engine::Effect;
use crate::gateway::{Gateway, Handled};
use crate::health::Health;
use crate::inbox::{Answer, Letter, Outlet};
use crate::metrics::{Metrics, Whose};
use crate::store::StoreError;
use crate::store::forget::Progress;
use crate::timeline;

pub use forget::forget_at_rest;
use house::Tools;
pub use house::{App, StartError};
pub use open::lock;

/// How many letters one transaction takes at most: a help call that comes in meanwhile waits for
/// no more than these.
const BATCH_MAX: usize = 1024;
/// The loop looks at the clock at least this often, so that a step or a suspend is noticed.
const LOOK_EVERY: Span = Span::seconds(5);
/// How often old things are looked for.
const TIDY_EVERY: Span = Span::hours(1);
/// While there is much to tidy up, a portion this often, so that nothing waits long for the disk.
const TIDY_AGAIN: Span = Span::seconds(1);
/// What is being forgotten goes a portion this often, and as often as this while somebody reads it.
const FORGET_AGAIN: Span = Span(50);
const FORGET_HELD: Span = Span::seconds(1);
/// How long to wait before a batch that could not be stored is tried again.
const RETRY_AFTER: Span = Span::seconds(1);
/// How often a batch is tried before its letters are given back to whoever can send them again.
const TRIES_MAX: u32 = 3;

/// Who wants to know what is on disk now.
#[derive(Debug, Clone)]
pub struct Bell {
    /// Every incident that changed.
    pub changes: broadcast::Sender<IncidentId>,
    /// The outbox has something new.
    pub outbox: Arc<Notify>,
}

/// How long things are kept.
#[derive(Debug, Clone, Copy)]
pub struct Keeping {
    /// Raw observations.
    pub observations: Span,
    /// Incidents and their record.
    pub incidents: Span,
    /// Who saw, took away or changed what.
    pub audit: Span,
}

/// The one loop. It owns the gateway and runs on a thread of its own, because a commit blocks.
#[derive(Debug)]
pub struct MainLoop {
    gateway: Gateway,
    outlet: Outlet,
    clock: Clock,
    bell: Bell,
    health: Health,
    metrics: Metrics,
    keeping: Keeping,
    tidy_at: Time,
    /// When to go on with what is being forgotten, if anything is.
    forget_at: Time,
    /// A fault of the store, to be told to the hub's own home; and whether it is over.
    trouble: mpsc::Sender<bool>,
    in_trouble: bool,
}

impl Keeping {
    fn of(config: &Config) -> Self {
        let store = &config.settings.store;
        Self {
            observations: store.keep_observations,
            incidents: store.keep_incidents,
            audit: store.keep_audit,
        }
    }
}

impl MainLoop {
    /// A loop that has not begun; `trouble` is where it tells of the store's faults.
    fn new(
        gateway: Gateway,
        outlet: Outlet,
        tools: &Tools,
        keeping: Keeping,
        trouble: mpsc::Sender<bool>,
    ) -> Self {
        let Tools { clock, health, metrics, bell, .. } = tools.clone();
        let (tidy_at, forget_at, in_trouble) = (clock.now(), clock.now(), false);
        Self {
            gateway,
            outlet,
            clock,
            bell,
            health,
            metrics,
            keeping,
            tidy_at,
            forget_at,
            trouble,
            in_trouble,
        }
    }

    /// Runs until `stop`, then takes what has already been posted, and saves every state.
    ///
    /// # Errors
    /// When the store can no longer be read: the process must end and start anew.
    pub fn run(
        mut self,
        runtime: &tokio::runtime::Handle,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        loop {
            let mut letters = Vec::new();
            let go_on = runtime.block_on(self.gather(stop, &mut letters));
            if self.take(runtime, letters) {
                self.health.loop_moved();
            }
            self.tidy();
            self.go_on_forgetting();
            if !go_on {
                self.gateway.save()?;
                return Ok(());
            }
        }
    }

    /// Waits for letters or the next deadline. Life goes first, always. `false`: it is time to end.
    async fn gather(&mut self, stop: &CancellationToken, letters: &mut Vec<Letter>) -> bool {
        let deadline = self.gateway.wake().map_or(LOOK_EVERY.to_std(), |at| self.clock.until(at));
        let wait = deadline.min(LOOK_EVERY.to_std());
        let is_forgetting = self.gateway.is_forgetting();
        let wait = if is_forgetting { wait.min(self.clock.until(self.forget_at)) } else { wait };
        let Outlet { life, ordinary } = &mut self.outlet;
        let mut rest = Vec::new();
        let go_on = tokio::select! {
            biased;
            count = life.recv_many(letters, BATCH_MAX) => count != 0,
            count = ordinary.recv_many(&mut rest, BATCH_MAX) => count != 0,
            () = tokio::time::sleep(wait) => true,
            () = stop.cancelled() => false,
        };
        // What came in meanwhile goes with it, life before the rest.
        letters.extend(std::iter::from_fn(|| life.try_recv().ok()));
        letters.append(&mut rest);
        while letters.len() < BATCH_MAX {
            let Ok(letter) = ordinary.try_recv() else { break };
            letters.push(letter);
        }
        go_on
    }

    /// `false`: it could not be stored, and the letters were given back. Nothing moves then.
    fn take(&mut self, runtime: &tokio::runtime::Handle, letters: Vec<Letter>) -> bool {
        let begun = self.clock.now();
        for attempt in 1..=TRIES_MAX {
            let error = match self.try_take(&letters) {
                Ok(None) => return true,
                Ok(Some((handled, answers))) => {
                    self.count(&handled, begun);
                    self.settle(&handled, letters, answers);
                    return true;
                }
                Err(error) => error,
            };
            tracing::error!(%error, attempt, "cannot store what came in");
            self.metrics.commit_failures.inc();
            self.set_trouble(true);
            if error.is_full() && self.make_room() {
                continue;
            }
            // Within the block: outside of it there is no timer on this thread.
            runtime.block_on(async { tokio::time::sleep(RETRY_AFTER.to_std()).await });
        }
        // The letters are dropped without an answer: nobody acknowledges them, and they come again.
        false
    }

    /// Whether there is more room than before.
    fn make_room(&mut self) -> bool {
        match self.gateway.make_room(self.clock.now()) {
            Ok(0) => {
                tracing::error!("the disk is full, and no observations are left to drop");
                false
            }
            Ok(rows) => {
                tracing::warn!(rows, "the disk is full: the oldest observations were dropped");
                true
            }
            Err(error) => {
                tracing::error!(%error, "the disk is full, and no room can be made");
                false
            }
        }
    }

    /// Stores letters and what has fallen due; `None` if there is neither.
    fn try_take(
        &mut self,
        letters: &[Letter],
    ) -> Result<Option<(Handled, Vec<Answer>)>, StoreError> {
        if let Some(offset) = self.clock.check() {
            tracing::warn!(%offset, "the wall clock was stepped");
        }
        // Compared with what the engines know: a step that could not be stored is told again.
        let offset = self.clock.offset();
        if offset != self.gateway.offset() {
            let handled = self.gateway.set_clock(self.clock.now(), offset)?;
            self.ring(&handled);
        }
        self.metrics.clock_offset.set(self.clock.offset().0);
        let now = self.clock.now();
        if letters.is_empty() && self.gateway.wake().is_none_or(|at| now < at) {
            return Ok(None);
        }
        self.gateway.handle(now, letters).map(Some)
    }

    /// All of it is on disk: now the world may know.
    fn settle(&mut self, handled: &Handled, letters: Vec<Letter>, answers: Vec<Answer>) {
        // The last first: whoever posted several waits for the first of them, and is woken once,
        // with all of its answers there.
        for (letter, answer) in letters.into_iter().zip(answers).rev() {
            // Whoever posted it may have gone; it is on disk all the same.
            drop(letter.receipt.send(answer));
        }
        for (home, effect) in &handled.effects {
            tracing::info!(%home, "> {}", timeline::effect(effect));
        }
        self.ring(handled);
        if self.in_trouble {
            self.set_trouble(false);
        }
    }

    fn ring(&self, handled: &Handled) {
        for incident in &handled.changed {
            // Nobody may be listening.
            drop(self.bell.changes.send(incident.clone()));
        }
        if handled.posted {
            self.bell.outbox.notify_one();
        }
    }

    fn count(&self, handled: &Handled, begun: Time) {
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        self.metrics.letters.inc_by(number(handled.letters));
        self.metrics.observations.inc_by(number(handled.observations));
        self.metrics.strange.inc_by(handled.strange);
        for ((home, device, class), count) in &handled.misread {
            let (home, device) = (home.to_string(), device.to_string());
            let whose = Whose { home, device, class: class.name() };
            self.metrics.misread.get_or_create(&whose).inc_by(*count);
        }
        if 0 < handled.letters {
            self.metrics.commits.inc();
            let took = self.clock.now() - begun;
            self.metrics.commit_seconds.observe(took.to_std().as_secs_f64());
        }
        for (_, effect) in &handled.effects {
            let Effect::Story { entry, .. } = effect else { continue };
            if let Happening::Alarmed { .. } = entry.what {
                self.metrics.alarms.inc();
            }
            if let Happening::Closed { .. } = entry.what {
                self.metrics.closed.inc();
            }
        }
    }

    /// Tells the hub's own home that the store is in trouble, or no longer.
    fn set_trouble(&mut self, trouble: bool) {
        if self.in_trouble != trouble && self.trouble.try_send(trouble).is_ok() {
            self.in_trouble = trouble;
        }
    }

    /// Goes on with what is being forgotten; whatever comes in goes first.
    fn go_on_forgetting(&mut self) {
        let now = self.clock.now();
        if !self.gateway.is_forgetting() || now < self.forget_at {
            return;
        }
        self.forget_at = now
            + match self.gateway.go_on_forgetting() {
                Ok(Progress::More | Progress::Done) => FORGET_AGAIN,
                Ok(Progress::Held) => FORGET_HELD,
                Err(error) => {
                    tracing::error!(%error, "cannot go on forgetting a home");
                    TIDY_EVERY
                }
            };
    }

    /// Drops what is too old, a portion at a time; and looks for forgotten incidents (P3).
    fn tidy(&mut self) {
        let now = self.clock.now();
        if now < self.tidy_at {
            return;
        }
        let forgotten = self.gateway.forgotten();
        self.metrics.forgotten.set(i64::try_from(forgotten.len()).unwrap_or(i64::MAX));
        if !forgotten.is_empty() {
            tracing::error!(?forgotten, "open incidents without a deadline");
        }
        // A wall clock that was stepped years ahead is no reason to forget.
        let wall = self.clock.wall().min(now);
        let done = self.gateway.fold(now - self.keeping.observations).and_then(|folded| {
            if folded == 0 {
                self.gateway.forget(wall - self.keeping.incidents)?;
                self.gateway.forget_deeds(wall - self.keeping.audit)?;
                self.gateway.save()?;
                self.gateway.renew_reserve();
            }
            Ok(folded)
        });
        self.tidy_at = now
            + match done {
                Ok(0) => TIDY_EVERY,
                Ok(_) => TIDY_AGAIN,
                Err(error) => {
                    tracing::error!(%error, "cannot tidy up");
                    TIDY_EVERY
                }
            };
    }
}
