//! Tells MQTT clients of incidents: `careloop/incidents/<id>`, retained as long as it is open.
//!
//! Each broker has an announcer of its own, so that one that is away holds nobody else up. It tells
//! everything anew whenever the broker comes back: nobody knows what that one still remembers.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::domain::{IncidentId, Span};
use crate::source::mqtt::Publisher;
use crate::source::mqtt_client::{Link, LinkState};
use crate::store::views::{Filter, Shown};
use crate::store::{Reader, StoreError};

/// Where careloop says whether it is there.
pub const STATUS: &str = "careloop/status";
/// How many closed incidents are taken back when everything is told anew: one may have closed in
/// the moment before a kill, or while the broker was away.
const TAKEN_BACK: u32 = 50;
/// How long to wait before everything is told anew to a broker that did not take it.
const AGAIN_AFTER: Span = Span::seconds(1);

/// Who hears of incidents by MQTT.
#[derive(Debug)]
pub enum FarSide {
    /// Clients of our own listener.
    Own(Publisher),
    /// Clients of a broker that we are a client of.
    Broker(Link),
}

/// Tells one far side.
#[derive(Debug)]
pub struct Announcer {
    far: FarSide,
    store: PathBuf,
    /// Retained there as far as we know.
    told: BTreeSet<IncidentId>,
}

/// What stands at [`STATUS`].
pub fn status(online: bool) -> String {
    json!({ "status": if online { "online" } else { "offline" } }).to_string()
}

/// It was not taken; why is in the log.
struct NotTaken;

impl Announcer {
    /// An announcer that has told nothing yet; it reads what to tell from the database `store`.
    pub const fn new(far: FarSide, store: PathBuf) -> Self {
        Self { far, store, told: BTreeSet::new() }
    }

    /// Announces all open incidents, and then each that changes, until `stop`; then says goodbye.
    pub async fn run(
        mut self,
        mut changes: broadcast::Receiver<IncidentId>,
        stop: CancellationToken,
    ) {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.far.is(true) => {}
            }
            let followed = match self.tell_all().await {
                Ok(()) => self.follow(&mut changes, &stop).await,
                Err(NotTaken) => Err(NotTaken),
            };
            match followed {
                Ok(()) if stop.is_cancelled() => {
                    // One that does not take it has our will.
                    drop(self.publish(STATUS.to_owned(), status(false), true).await);
                    return;
                }
                Ok(()) => {}
                Err(NotTaken) => tokio::time::sleep(AGAIN_AFTER.to_std()).await,
            }
        }
    }

    /// Announces changes until `stop`, or until everything must be told anew.
    async fn follow(
        &mut self,
        changes: &mut broadcast::Receiver<IncidentId>,
        stop: &CancellationToken,
    ) -> Result<(), NotTaken> {
        loop {
            let id = tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                () = self.far.is(false) => return Ok(()),
                id = changes.recv() => id,
            };
            match id {
                Ok(id) => {
                    let shown = self.read(move |r| r.incident(&id)).await.flatten();
                    if let Some(shown) = shown {
                        self.tell(&shown).await?;
                    }
                }
                Err(RecvError::Lagged(_)) => return Ok(()),
                Err(RecvError::Closed) => stop.cancelled().await,
            }
        }
    }

    async fn tell_all(&mut self) -> Result<(), NotTaken> {
        self.publish(STATUS.to_owned(), status(true), true).await?;
        let open = Filter { open: Some(true), most: Some(10_000), ..Filter::default() };
        let closed = Filter { open: Some(false), most: Some(TAKEN_BACK), ..Filter::default() };
        let read = move |r: &Reader| Ok((r.incidents(&open)?, r.incidents(&closed)?));
        let Some((open, closed)) = self.read(read).await else { return Err(NotTaken) };
        let before = std::mem::take(&mut self.told);
        for shown in &open {
            self.tell(shown).await?;
        }
        let closed = closed.into_iter().map(|shown| shown.id);
        for id in before.into_iter().chain(closed).collect::<BTreeSet<_>>() {
            if !self.told.contains(&id) {
                self.publish(topic(&id), String::new(), true).await?;
            }
        }
        Ok(())
    }

    async fn tell(&mut self, shown: &Shown) -> Result<(), NotTaken> {
        let is_open = shown.closed_at.is_none();
        self.publish(topic(&shown.id), body(shown), is_open).await?;
        if is_open {
            self.told.insert(shown.id.clone());
        } else {
            // Whoever subscribes later need not hear of it.
            self.publish(topic(&shown.id), String::new(), true).await?;
            self.told.remove(&shown.id);
        }
        Ok(())
    }

    async fn publish(&self, topic: String, text: String, retain: bool) -> Result<(), NotTaken> {
        let payload = text.into_bytes();
        let done = match &self.far {
            FarSide::Own(own) => {
                own.publish(&topic, payload, retain).map_err(|error| error.to_string())
            }
            FarSide::Broker(link) => {
                link.publish(&topic, payload, retain).await.map_err(|error| error.to_string())
            }
        };
        done.map_err(|why| {
            tracing::warn!("cannot announce: {why}");
            NotTaken
        })
    }

    /// Reads off the async threads. What cannot be read is logged.
    async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Option<T> {
        let store = self.store.clone();
        let read = move || Reader::open(&store).and_then(|reader| ask(&reader));
        match tokio::task::spawn_blocking(read).await {
            Ok(Ok(found)) => Some(found),
            Ok(Err(error)) => {
                tracing::warn!(%error, "cannot read what to announce");
                None
            }
            Err(_) => None,
        }
    }
}

impl FarSide {
    /// Waits until it is there, or is not.
    async fn is(&self, there: bool) {
        let waited = match self {
            Self::Own(_) if there => return,
            Self::Own(_) => None,
            Self::Broker(link) => {
                let is = |state: &LinkState| matches!(state, LinkState::Up { .. });
                link.state().wait_for(|state| is(state) == there).await.ok().map(drop)
            }
        };
        // Our own is always there; a link whose other end has gone does not change any more.
        if waited.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

fn topic(id: &IncidentId) -> String {
    format!("careloop/incidents/{id}")
}

fn body(shown: &Shown) -> String {
    let incident = &shown.incident;
    json!({
        "id": shown.id.to_string(),
        "home": shown.id.home,
        "rule": incident.rule,
        "device": incident.device,
        "title": incident.title,
        "level": incident.level,
        "stage": incident.stage,
        "reason": { "zh": incident.reason.zh(), "en": incident.reason.en() },
        "detected_at": incident.detected_at.to_string(),
        "alarmed_at": shown.alarmed_at.map(|at| at.to_string()),
        "due_at": shown.due_at.map(|at| at.to_string()),
        "closed_at": shown.closed_at.map(|at| at.to_string()),
        "accepted_by": incident.accepted.as_ref().map(|(by, _)| by),
        "outcome": shown.outcome,
    })
    .to_string()
}
