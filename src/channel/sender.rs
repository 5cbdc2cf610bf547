//! Takes from the outbox what is due, tries it, and reports what became of it. It remembers only
//! what is in flight: everything else is in the outbox, so that a crash loses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::http::escaped;
use super::{ATTEMPTS, Channel, Notice, Verdict};
use crate::backoff::dice;
use crate::clock::Clock;
use crate::domain::{DeliveryId, Name, Span};
use crate::health::Health;
use crate::inbox::{Arrival, Inbox};
use crate::metrics::Metrics;
use crate::store::outbox::{Due, Promise};
use crate::store::{Reader, StoreError};

/// How many attempts run at once.
const IN_FLIGHT_MAX: usize = 32;
/// Of these, how many are kept free for serious and urgent ones.
const KEPT_FREE: usize = 8;
/// From this level on, an attempt may take a place that is kept free (2: serious).
const URGENT: i64 = 2;
/// The outbox is looked into at least this often.
const LOOK_EVERY: Span = Span::seconds(5);

/// How long to wait for the disk to note that something is being sent.
const NOTED_WITHIN: Span = Span::seconds(2);
/// What is said of an attempt in whose midst the hub stopped.
const CUT_OFF: &str = "careloop stopped while it was being sent";

/// How many calls ring at once, beside these: a telephone rings for long, and a message does not wait for it.
const RINGING_MAX: usize = 32;
/// How much of what is due is looked at; more waits for its turn.
const DUE_MAX: u32 = 512;

/// Attempts that run: the task of each, and whether it rings.
type InFlight = BTreeMap<DeliveryId, (tokio::task::Id, bool)>;
/// An attempt that is over.
type Ended = Result<(tokio::task::Id, ()), tokio::task::JoinError>;

/// The places that are taken, by messages and by calls.
struct Places {
    channels: Arc<BTreeMap<Name, Channel>>,
    running: BTreeSet<DeliveryId>,
    messages: usize,
    calls: usize,
}

impl Places {
    fn taken(in_flight: &InFlight, channels: Arc<BTreeMap<Name, Channel>>) -> Self {
        let calls = in_flight.values().filter(|(_, rings)| *rings).count();
        let running = in_flight.keys().cloned().collect();
        Self { channels, running, messages: in_flight.len() - calls, calls }
    }

    /// Takes a place for this one, if there is one for what is so urgent.
    fn take(&mut self, due: &Due) -> bool {
        let (taken, most) = if rings(&self.channels, &due.channel) {
            (&mut self.calls, RINGING_MAX)
        } else {
            (&mut self.messages, IN_FLIGHT_MAX)
        };
        let room = if URGENT <= due.level { most } else { most - KEPT_FREE };
        let is_taken = *taken < room && !self.running.contains(&due.id);
        *taken += usize::from(is_taken);
        is_taken
    }
}

fn rings(channels: &BTreeMap<Name, Channel>, channel: &Name) -> bool {
    channels.get(channel).is_some_and(Channel::rings)
}

/// What the sender needs.
#[derive(Debug, Clone)]
pub struct Desk {
    /// By name, as contacts name them.
    pub channels: Arc<BTreeMap<Name, Channel>>,
    /// The database file.
    pub store: PathBuf,
    /// Where reports go.
    pub inbox: Inbox,
    /// For what time it is.
    pub clock: Clock,
    /// Rung when the outbox has something new.
    pub bell: Arc<Notify>,
    /// Where the sender shows that it moves.
    pub health: Health,
    /// Where attempts are counted.
    pub metrics: Metrics,
    /// Where people find the pages, if that is known: messages say where theirs is.
    pub url: Option<String>,
}

/// Sends until `stop`.
pub async fn run(desk: Desk, stop: CancellationToken) {
    let mut attempts: JoinSet<()> = JoinSet::new();
    let mut in_flight: InFlight = BTreeMap::new();
    let mut reader = None;
    loop {
        let wait = match start_due(&desk, &mut reader, &mut attempts, &mut in_flight).await {
            Ok(wait) => {
                desk.health.sender_moved();
                wait
            }
            Err(error) => {
                tracing::error!(%error, "cannot read the outbox");
                LOOK_EVERY
            }
        };
        // One that ended badly is due again, too.
        let ended = |done: Ended| done.map_or_else(|error| error.id(), |(task, ())| task);
        let mut over = BTreeSet::new();
        tokio::select! {
            () = stop.cancelled() => return,
            () = desk.bell.notified() => {}
            Some(done) = attempts.join_next_with_id() => {
                over.insert(ended(done));
            }
            () = tokio::time::sleep(wait.to_std()) => {}
        }
        // Whatever else has ended meanwhile: one look at the outbox fills all their places.
        while let Some(done) = attempts.try_join_next_with_id() {
            over.insert(ended(done));
        }
        in_flight.retain(|_, (task, _)| !over.contains(task));
    }
}

/// Starts what is due, as far as there is room. Returns how long until the next one is.
async fn start_due(
    desk: &Desk,
    reader: &mut Option<Reader>,
    attempts: &mut JoinSet<()>,
    in_flight: &mut InFlight,
) -> Result<Span, StoreError> {
    let (path, now, open) = (desk.store.clone(), desk.clock.wall(), reader.take());
    let mut places = Places::taken(in_flight, Arc::clone(&desk.channels));
    let read = move || {
        let reader = open.map_or_else(|| Reader::open(&path), Ok)?;
        let (due, next) = reader.take_due(now, DUE_MAX, |due| places.take(due))?;
        Ok((reader, due, next))
    };
    let Ok(read) = tokio::task::spawn_blocking(read).await else { return Ok(LOOK_EVERY) };
    let (open, due, next) = read?;
    *reader = Some(open);
    note_begun(desk, &due).await;
    for promise in due {
        let id = promise.id.clone();
        let rings = rings(&desk.channels, &promise.contact.channel);
        in_flight.insert(id, (attempts.spawn(attempt(desk.clone(), promise)).id(), rings));
    }
    Ok(next.map_or(LOOK_EVERY, |at| (at - now).min(LOOK_EVERY)))
}

/// Puts on disk what is about to be sent: should the hub die in the middle, it is then known that it may have
/// gone out (P9). A disk that takes nothing keeps nobody untold for long.
async fn note_begun(desk: &Desk, promises: &[Promise]) {
    let new = promises.iter().filter(|promise| !promise.begun);
    let ids: Vec<DeliveryId> = new.map(|promise| promise.id.clone()).collect();
    if ids.is_empty() {
        return;
    }
    let noted = async { desk.inbox.post(Arrival::Sending(ids)).await.await };
    if !matches!(tokio::time::timeout(NOTED_WITHIN.to_std(), noted).await, Ok(Ok(_))) {
        tracing::warn!("cannot note what is being sent; it is sent all the same");
    }
}

/// One attempt, and its report. Ends when the report is on disk: until then the delivery counts as
/// in flight, and is not tried a second time.
async fn attempt(desk: Desk, promise: Promise) {
    let Promise { id, contact, mut body, line, attempts, begun, .. } = promise;
    if let (Some(url), Some(body)) = (&desk.url, body.as_object_mut()) {
        let link = format!(
            "{}/incidents/{}",
            url.trim_end_matches('/'),
            escaped(&id.incident.to_string())
        );
        body.insert("link".to_owned(), link.into());
    }
    let notice =
        Notice { delivery: id.clone(), to: contact.to, body, text: line, at: desk.clock.wall() };
    let channel = desk.channels.get(&contact.channel);
    let verdict = match channel {
        // Nothing of ours runs that could have begun it: it was cut off.
        _ if begun => Verdict::Unknown { why: CUT_OFF.to_owned() },
        Some(channel) => channel.tell(&notice).await,
        None => Verdict::never(format!("there is no channel `{}`", contact.channel)),
    };
    let may_repeat = channel.is_none_or(Channel::may_repeat);
    let again_in = match again_in(&verdict, may_repeat, attempts) {
        // The time the hub was down was time enough, unless it dies of what it sends.
        Some(_) if begun && attempts == 0 => Some(Span::ZERO),
        again_in => again_in,
    };
    desk.metrics.attempts.inc();
    if !matches!(verdict, Verdict::Sent | Verdict::Delivered) {
        desk.metrics.attempts_lost.inc();
        tracing::warn!(delivery = %id, channel = %contact.channel, ?verdict, "not delivered");
    }
    loop {
        let arrival = Arrival::Attempt {
            home: id.incident.home.clone(),
            incident: id.incident.n,
            k: id.k,
            report: verdict.clone().into(),
            again_in,
        };
        if desk.inbox.post(arrival).await.await.is_ok() || desk.inbox.is_closed() {
            return;
        }
        tokio::time::sleep(Span::seconds(1).to_std()).await;
    }
}

/// When to try again, if at all. `may_repeat`: also if nobody knows what became of the last attempt.
fn again_in(verdict: &Verdict, may_repeat: bool, attempts: u32) -> Option<Span> {
    let own = ATTEMPTS.delay(attempts.saturating_add(2), dice());
    match verdict {
        Verdict::Sent | Verdict::Delivered | Verdict::Failed { last: true, .. } => None,
        Verdict::Failed { again_in, .. } => Some(again_in.map_or(own, |asked| asked.max(own))),
        Verdict::Unknown { .. } => may_repeat.then_some(own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_rung_is_not_rung_again_and_what_was_refused_for_good_is_not_asked_again() {
        let unknown = Verdict::Unknown { why: String::new() };
        assert!(again_in(&unknown, true, 0).is_some());
        assert_eq!(again_in(&unknown, false, 0), None);
        assert_eq!(again_in(&Verdict::Sent, true, 0), None);
        assert_eq!(again_in(&Verdict::never("no"), true, 0), None);
        let patient =
            Verdict::Failed { why: String::new(), last: false, again_in: Some(Span::hours(1)) };
        assert_eq!(again_in(&patient, false, 0), Some(Span::hours(1)));
    }
}
