//! Tells MQTT clients of incidents: `careloop/incidents/<id>`, retained as long as it is open.

use std::path::PathBuf;

use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::domain::IncidentId;
use crate::source::{mqtt::Publisher, mqtt_client::Link};
use crate::store::views::{Filter, Shown};
use crate::store::{Reader, StoreError};

/// Where careloop says whether it is there.
pub const STATUS: &str = "careloop/status";

/// Everybody who hears of incidents by MQTT.
#[derive(Debug)]
pub struct FarSides {
    /// Our own listener.
    pub own: Option<Publisher>,
    /// Brokers we are a client of.
    pub links: Vec<Link>,
}

/// What stands at [`STATUS`].
pub fn status(online: bool) -> String {
    json!({ "status": if online { "online" } else { "offline" } }).to_string()
}

/// Announces all open incidents, and then each that changes.
pub async fn run(
    store: PathBuf,
    mut changes: broadcast::Receiver<IncidentId>,
    far: FarSides,
    stop: CancellationToken,
) {
    far.publish(STATUS.to_owned(), status(true), true).await;
    let mut all_anew = true;
    loop {
        if std::mem::take(&mut all_anew) {
            let open = Filter { open: Some(true), most: Some(10_000), ..Filter::default() };
            for shown in read(&store, move |r| r.incidents(&open)).await.unwrap_or_default() {
                far.announce(&shown).await;
            }
        }
        let id = tokio::select! {
            () = stop.cancelled() => break,
            id = changes.recv() => id,
        };
        match id {
            Ok(id) => {
                let shown = read(&store, move |r| r.incident(&id)).await.flatten();
                if let Some(shown) = shown {
                    far.announce(&shown).await;
                }
            }
            Err(RecvError::Lagged(_)) => all_anew = true,
            Err(RecvError::Closed) => break,
        }
    }
    far.publish(STATUS.to_owned(), status(false), true).await;
}

impl FarSides {
    async fn announce(&self, shown: &Shown) {
        let topic = format!("careloop/incidents/{}", shown.id);
        let incident = &shown.incident;
        let body = json!({
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
        });
        let is_open = shown.closed_at.is_none();
        self.publish(topic.clone(), body.to_string(), is_open).await;
        if !is_open {
            // Whoever subscribes later need not hear of it.
            self.publish(topic, String::new(), true).await;
        }
    }

    async fn publish(&self, topic: String, payload: String, retain: bool) {
        if let Some(own) = &self.own
            && let Err(error) = own.publish(&topic, payload.clone().into_bytes(), retain)
        {
            tracing::warn!(%error, "cannot announce");
        }
        for link in &self.links {
            if let Err(error) = link.publish(&topic, payload.clone().into_bytes(), retain).await {
                tracing::warn!(%error, "cannot announce");
            }
        }
    }
}

/// Reads off the async threads. What cannot be read is logged, and comes again with the next change.
async fn read<T: Send + 'static>(
    store: &std::path::Path,
    ask: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
) -> Option<T> {
    let store = store.to_owned();
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
