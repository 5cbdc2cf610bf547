//! What one device may say: a flood of one must harm neither the others nor the disk.
//!
//! Every device has a budget for each topic it speaks on. What comes faster is not dropped blindly:
//! it is held back, and what comes meanwhile takes its place, property by property, so that in the
//! end the last value of each is known. What a life may hang on never passes through here (P6).

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Answer, Arrival, Letter};
use crate::device::{Decoded, Origin, Problem, RawMessage};
use crate::domain::Observation;
use crate::store::keep::Keep;

/// So many messages are held back at most, over all devices; one more, and the device that held most
/// is let through. Brokers and bridges send on only while fewer than 20 wait for their answer, our
/// own listener reads while fewer than 64 do: those held back must never make them stop, or a life
/// alarm behind them would be late.
pub const HELD_MAX: usize = 16;
/// Whoever has fewer on their way waits for our answer before they say more. So when nothing more
/// comes for so long, what is held back goes.
const LULL: Duration = Duration::from_millis(50);
/// So many devices and topics have a budget of their own; beyond that, all others share one.
const BUDGETS_MAX: usize = 4096;
/// Budgets that are whole again are looked for this often, once there are too many.
const CLEAR_EVERY: Duration = Duration::from_secs(1);
/// Of what was wrong with messages that are held back, so much is kept.
const PROBLEMS_MAX: usize = 16;

/// How much one device may say on one topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Messages per second in the long run; at least 1. Somewhat more get through when their
    /// sender pauses.
    pub per_second: u32,
    /// Messages at once, after it was quiet for long enough; at least 1.
    pub burst: u32,
}

impl Default for Budget {
    /// The fastest home sensors speak once a second; a gateway that was away sends what it kept.
    fn default() -> Self {
        Self { per_second: 5, burst: 50 }
    }
}

/// A message of an ordinary lane on its way.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) raw: RawMessage,
    pub(super) decoded: Decoded,
    pub(super) keep: Vec<Keep>,
}

/// What becomes of a message.
#[derive(Debug)]
pub(super) enum Offered {
    /// It may go.
    Pass(Message),
    /// It waits, and is answered when it or what took its place is on disk.
    Held(oneshot::Receiver<Answer>),
}

/// All budgets, and what is held back.
#[derive(Debug)]
pub(super) struct Budgets {
    budget: Budget,
    state: Mutex<State>,
    /// Something is held back that was not before.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// When each budget will be whole again.
    whole_at: BTreeMap<String, Instant>,
    /// When those that are whole were last forgotten.
    cleared_at: Option<Instant>,
    held: BTreeMap<String, Held>,
    /// Nobody lets out any more what is held back: nothing is.
    is_over: bool,
}

#[derive(Debug)]
struct Held {
    due: Instant,
    /// When the budget allows one more; it is due no later.
    latest: Instant,
    message: Message,
    waiting: Vec<oneshot::Sender<Answer>>,
    /// Who must know when it is on disk, and sent nothing.
    watching: Vec<oneshot::Sender<Answer>>,
}

impl Budgets {
    pub(super) fn new(budget: Budget) -> Self {
        let budget = Budget { per_second: budget.per_second.max(1), burst: budget.burst.max(1) };
        Self { budget, state: Mutex::default(), changed: Notify::new() }
    }

    /// Takes a message of the ordinary lane.
    pub(super) fn offer(&self, message: Message, now: Instant) -> Offered {
        let key = key(&message.raw, &message.decoded);
        let mut state = self.state();
        if let Some(held) = state.held.get_mut(&key) {
            let (sender, receiver) = oneshot::channel();
            held.message.give_way_to(message);
            held.due = held.latest.min(now + LULL);
            held.waiting.push(sender);
            state.relieve(now);
            self.changed.notify_one();
            return Offered::Held(receiver);
        }
        if state.is_over {
            return Offered::Pass(message);
        }
        let key = state.account(key, now);
        let each = Duration::from_secs(1) / self.budget.per_second;
        let most = each * (self.budget.burst - 1);
        // What was let out early must not be paid for later: nothing waits longer than for one.
        let latest = now + most + each;
        let whole_at = state.whole_at.get(&key).copied().unwrap_or(now).clamp(now, latest);
        state.whole_at.insert(key.clone(), whole_at + each);
        if whole_at <= now + most {
            return Offered::Pass(message);
        }
        let (sender, receiver) = oneshot::channel();
        let latest = whole_at.checked_sub(most).unwrap_or(now);
        let due = latest.min(now + LULL);
        let waiting = vec![sender];
        // Those that share one budget must not take each other's place.
        let place = if key.is_empty() { self::key(&message.raw, &message.decoded) } else { key };
        state.held.insert(place, Held { due, latest, message, waiting, watching: Vec::new() });
        state.relieve(now);
        drop(state);
        self.changed.notify_one();
        Offered::Held(receiver)
    }

    /// A message of the lane of life overtakes what is held back of the same device: what it says
    /// must not be undone by what is older.
    pub(super) fn overtake(&self, raw: &RawMessage, decoded: &Decoded) {
        let Decoded::Known { observations: newer, .. } = decoded else { return };
        let mut state = self.state();
        if state.held.is_empty() {
            return;
        }
        if let Some(held) = state.held.get_mut(&key(raw, decoded)) {
            held.message.forget(newer);
        }
    }

    /// Lets out at once whatever is held back. What is returned tells when it is on disk.
    pub(super) fn hurry(&self, now: Instant) -> Vec<oneshot::Receiver<Answer>> {
        let mut state = self.state();
        let mut stored = Vec::new();
        for held in state.held.values_mut() {
            let (sender, receiver) = oneshot::channel();
            held.due = now;
            held.watching.push(sender);
            stored.push(receiver);
        }
        drop(state);
        self.changed.notify_one();
        stored
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the next of what is held back may go.
    fn due(&self) -> Option<Instant> {
        self.state().held.values().map(|held| held.due).min()
    }

    /// The next that may go now; all may, when it is over.
    fn next(&self, now: Instant) -> Option<Held> {
        let mut state = self.state();
        let is_over = state.is_over;
        let due = state.held.iter().filter(|(_, held)| is_over || held.due <= now);
        let key = due.min_by_key(|(_, held)| held.due).map(|(key, _)| key.clone())?;
        state.held.remove(&key)
    }
}

impl State {
    /// Whose budget this is: its own, or that which all others share, if there are too many.
    fn account(&mut self, key: String, now: Instant) -> String {
        if self.whole_at.len() < BUDGETS_MAX || self.whole_at.contains_key(&key) {
            return key;
        }
        // Not for every message of somebody who makes up topics.
        if self.cleared_at.is_none_or(|at| at + CLEAR_EVERY <= now) {
            self.whole_at.retain(|_, whole_at| now < *whole_at);
            self.cleared_at = Some(now);
        }
        if self.whole_at.len() < BUDGETS_MAX { key } else { String::new() }
    }

    /// Lets the one that holds most go at once, where too many are held back.
    fn relieve(&mut self, now: Instant) {
        let waiting: usize = self.held.values().map(|held| held.waiting.len()).sum();
        if waiting < HELD_MAX {
            return;
        }
        let most = self.held.values_mut().max_by_key(|held| held.waiting.len());
        most.into_iter().for_each(|held| held.due = held.due.min(now));
    }
}

/// Device and topic. What a broker had kept is state, and does not mix with news.
fn key(raw: &RawMessage, decoded: &Decoded) -> String {
    let origin = match &raw.origin {
        Origin::Mqtt(topic) => topic,
        Origin::Serial(port) => port,
    };
    let retained = if raw.retained { "kept" } else { "" };
    match decoded {
        Decoded::Known { home, device, .. } => format!("{home}/{device} {retained} {origin}"),
        Decoded::Unknown { .. } | Decoded::Announced(_) => format!("{retained} {origin}"),
    }
}

impl Message {
    /// The newer takes this one's place; what only this one says still counts.
    fn give_way_to(&mut self, newer: Self) {
        let Self { raw, mut decoded, mut keep } = newer;
        if let (
            Decoded::Known { observations: old, problems: before, .. },
            Decoded::Known { observations, problems, .. },
        ) = (&mut self.decoded, &mut decoded)
        {
            old.retain(|o| observations.iter().all(|newer| newer.property != o.property));
            old.append(observations);
            std::mem::swap(old, observations);
            before.append(problems);
            before.truncate(PROBLEMS_MAX);
            std::mem::swap::<Vec<Problem>>(before, problems);
        }
        self.raw = raw;
        self.decoded = decoded;
        // The listener's memory loses nothing: it is of each message.
        self.keep.append(&mut keep);
    }

    fn forget(&mut self, newer: &[Observation]) {
        if let Decoded::Known { observations, .. } = &mut self.decoded {
            observations.retain(|o| newer.iter().all(|newer| newer.property != o.property));
        }
    }
}

/// Lets out what is held back when its time has come.
#[derive(Debug)]
#[must_use = "what is held back waits for it"]
pub struct Porter {
    pub(super) budgets: Arc<Budgets>,
    pub(super) ordinary: mpsc::Sender<Letter>,
}

impl Porter {
    /// Runs until `stop`; then lets out all that is held back, and nothing is held back any more.
    pub async fn run(self, stop: CancellationToken) {
        let mut answers = FuturesUnordered::new();
        loop {
            let now = Instant::now();
            // One at a time: what is not yet in the lane can still give way to what is newer.
            while let Some(held) = self.budgets.next(now) {
                answers.push(self.let_out(held).await);
            }
            if stop.is_cancelled() && self.end() {
                break;
            }
            // An hour is as good as never: `changed` tells of anything new.
            let due = self.budgets.due().unwrap_or(now + Duration::from_secs(3600));
            let changed = pin!(self.budgets.changed.notified());
            tokio::select! {
                () = sleep_until(due) => {}
                () = changed => {}
                Some(()) = answers.next(), if !answers.is_empty() => {}
                () = stop.cancelled() => {}
            }
        }
        while answers.next().await.is_some() {}
    }

    /// Posts it. What is returned answers all that wait for it, once it is on disk.
    async fn let_out(&self, held: Held) -> impl Future<Output = ()> + use<> {
        let Held { message: Message { raw, decoded, keep }, waiting, watching, .. } = held;
        let replaced = u32::try_from(waiting.len()).unwrap_or(u32::MAX).saturating_sub(1);
        let (receipt, answer) = oneshot::channel();
        let arrival = Arrival::Message { raw, decoded, keep, replaced };
        // When the loop has ended nobody is answered, and nothing is acknowledged.
        drop(self.ordinary.send(Letter { arrival, receipt }).await);
        async move {
            // **Invariant:** whoever gave way is answered no earlier than what took its place is on
            // disk (P1). Without an answer none of them gets one.
            let Ok(answer) = answer.await else { return };
            for one in waiting.into_iter().chain(watching) {
                drop(one.send(answer.clone()));
            }
        }
    }

    /// From now on nothing is held back. Whether nothing is left.
    fn end(&self) -> bool {
        let mut state = self.budgets.state();
        state.is_over = true;
        state.held.is_empty()
    }
}

impl Drop for Porter {
    fn drop(&mut self) {
        // Cut off in the middle: what is held back is not acknowledged, and comes again.
        let mut state = self.budgets.state();
        state.is_over = true;
        state.held.clear();
    }
}
