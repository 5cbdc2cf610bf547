//! The app's end of a broker: is it there, and publish this.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use tokio::time::timeout;

/// How many of our messages may wait for the broker's acknowledgement at a time.
pub(super) const IN_FLIGHT: usize = 32;

/// A message that the connection has not taken by then was not sent, and never will be.
const SEND_WITHIN: Duration = Duration::from_secs(5);

/// A message that the broker has not acknowledged by then has an unknown fate.
pub(super) const ACK_WITHIN: Duration = Duration::from_secs(10);

/// The largest payload we publish, in bytes: far above any notice, below what brokers refuse.
const PAYLOAD_MAX: usize = 256 * 1024;

/// Whether the broker can be reached and hears us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// It is not there, or does not want us.
    Down {
        /// What was attempted on which broker and what came of it.
        why: String,
    },
    /// Connected, and the subscriptions stand.
    Up {
        /// Topic filters that the broker would not have; what they would bring is not heard.
        refused: Vec<String>,
    },
}

/// What passed since start.
#[derive(Debug, Default)]
pub struct LinkCounts {
    /// Times the broker let us in.
    pub connections: AtomicU64,
    /// Messages it handed over, repetitions among them.
    pub received: AtomicU64,
    /// Of these, messages beyond the limit of size.
    pub too_large: AtomicU64,
}

/// A message that the broker has not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// It did not go out and will not; the same may succeed later.
    #[error("could not publish to `{topic}`: {why}")]
    NotSent {
        /// The topic.
        topic: String,
        /// What stood in the way.
        why: String,
    },
    /// It did not go out, and the same never will.
    #[error("cannot publish to `{topic}`: {why}")]
    Never {
        /// The topic.
        topic: String,
        /// What is wrong with it.
        why: String,
    },
    /// It may or may not have reached the broker.
    #[error("do not know whether `{topic}` was published: {why}")]
    Unknown {
        /// The topic.
        topic: String,
        /// What happened.
        why: String,
    },
}

/// How long [`Link::publish`] waits for each of its two steps.
#[derive(Debug, Clone, Copy)]
struct Patience {
    send: Duration,
    acknowledge: Duration,
}

/// The app's end. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Link {
    patience: Patience,
    outgoing: mpsc::Sender<Outgoing>,
    wanted: watch::Sender<Vec<String>>,
    state: watch::Receiver<LinkState>,
    counts: Arc<LinkCounts>,
}

/// The connection's end.
#[derive(Debug)]
pub struct LinkReport {
    pub(super) outgoing: mpsc::Receiver<Outgoing>,
    /// Topic filters beside those of the settings.
    pub(super) wanted: watch::Receiver<Vec<String>>,
    /// What the broker's session of us may hold, over all connections.
    pub(super) heard: BTreeSet<String>,
    pub(super) standing: Standing,
}

/// Where the connection says how it stands.
#[derive(Debug)]
pub(super) struct Standing {
    state: watch::Sender<LinkState>,
    pub(super) counts: Arc<LinkCounts>,
}

/// A message on its way to the connection.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    pub(super) retain: bool,
    /// Taken by the connection before it sends. When that fails the sender has given up, has said
    /// that the message was not sent, and it must not be.
    pub(super) claim: oneshot::Sender<()>,
    /// Told when the broker has acknowledged; dropped when the connection is lost before.
    pub(super) acknowledged: oneshot::Sender<()>,
}

/// A message that was given to the broker. Its place among those in flight is free when this is dropped.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) acknowledged: oneshot::Sender<()>,
    pub(super) _place: OwnedSemaphorePermit,
}

/// Both ends of a link to a broker.
pub fn link() -> (Link, LinkReport) {
    let (send, outgoing) = mpsc::channel(IN_FLIGHT);
    let why = "not connected yet".to_owned();
    let (set, state) = watch::channel(LinkState::Down { why });
    let counts = Arc::new(LinkCounts::default());
    let standing = Standing { state: set, counts: Arc::clone(&counts) };
    let (want, wanted) = watch::channel(Vec::new());
    let report = LinkReport { outgoing, wanted, heard: BTreeSet::new(), standing };
    let patience = Patience { send: SEND_WITHIN, acknowledge: ACK_WITHIN };
    (Link { patience, outgoing: send, wanted: want, state, counts }, report)
}

impl Link {
    /// Hears these topic filters from now on, beside those of the settings, and none that was named
    /// before and is not now. A broker that is away is told when it is back.
    pub fn hear(&self, filters: Vec<String>) {
        self.wanted.send_replace(filters);
    }

    /// Whether the broker can be reached, and every change of that.
    pub fn state(&self) -> watch::Receiver<LinkState> {
        self.state.clone()
    }

    /// What passed since start.
    pub fn counts(&self) -> &LinkCounts {
        &self.counts
    }

    /// Publishes once, with QoS 1. `Ok` means that the broker has acknowledged it.
    ///
    /// # Errors
    /// Says whether the message went out; see [`PublishError`]. Takes at most 15 s.
    pub async fn publish(
        &self,
        topic: &str,
        payload: Vec<u8>,
        retain: bool,
    ) -> Result<(), PublishError> {
        let name = || topic.to_owned();
        check(topic, &payload).map_err(|why| PublishError::Never { topic: name(), why })?;
        let (claim, mut claimed) = oneshot::channel();
        let (acknowledged, answer) = oneshot::channel();
        let letter = Outgoing { topic: name(), payload, retain, claim, acknowledged };
        let taken = async {
            // A link whose other end is gone drops the letter, and with it the claim.
            drop(self.outgoing.send(letter).await);
            (&mut claimed).await.is_ok()
        };
        if !timeout(self.patience.send, taken).await.unwrap_or(false) {
            // From here on nobody can claim it. Somebody may have done so in this very moment.
            claimed.close();
            if claimed.try_recv().is_err() {
                return Err(PublishError::NotSent { topic: name(), why: self.why_not() });
            }
        }
        let why = match timeout(self.patience.acknowledge, answer).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(_lost)) => {
                "the connection was lost before the broker acknowledged it".to_owned()
            }
            Err(_late) => {
                format!("the broker did not acknowledge it in {} s", ACK_WITHIN.as_secs())
            }
        };
        Err(PublishError::Unknown { topic: name(), why })
    }

    fn why_not(&self) -> String {
        match &*self.state.borrow() {
            LinkState::Down { why } => why.clone(),
            LinkState::Up { .. } => "too much is waiting for the broker already".to_owned(),
        }
    }
}

impl Standing {
    /// Says how it stands; false when that is not new.
    pub(super) fn set(&self, new: LinkState) -> bool {
        self.state.send_if_modified(|old| {
            let changed = *old != new;
            *old = new;
            changed
        })
    }
}

impl LinkCounts {
    pub(super) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// What `rumqttc` or the broker would answer with the end of the connection.
fn check(topic: &str, payload: &[u8]) -> Result<(), String> {
    if topic.is_empty() || usize::from(u16::MAX) < topic.len() {
        return Err(format!("a topic has 1 to {} bytes, this one has {}", u16::MAX, topic.len()));
    }
    if topic.contains(['+', '#', '\0']) {
        return Err("`+`, `#` and NUL cannot stand in a topic".to_owned());
    }
    if PAYLOAD_MAX < payload.len() {
        return Err(format!("{} bytes are more than the {PAYLOAD_MAX} allowed", payload.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use super::*;

    fn impatient() -> (Link, LinkReport) {
        let (mut link, report) = link();
        let short = Duration::from_millis(20);
        link.patience = Patience { send: short, acknowledge: short };
        (link, report)
    }

    #[tokio::test]
    async fn what_nobody_takes_is_not_sent_and_cannot_be_sent_afterwards() {
        let (link, mut report) = impatient();
        let error = link.publish("careloop/a", b"1".to_vec(), false).await.unwrap_err();
        let why = "not connected yet".to_owned();
        assert_eq!(error, PublishError::NotSent { topic: "careloop/a".to_owned(), why });
        let left = report.outgoing.recv().await.unwrap();
        assert!(left.claim.send(()).is_err(), "a late connection must not send it");
    }

    #[tokio::test]
    async fn what_was_taken_in_the_last_moment_is_not_called_not_sent() {
        let (link, mut report) = impatient();
        let mut publish = std::pin::pin!(link.publish("a", Vec::new(), false));
        let first = poll_fn(|cx| Poll::Ready(publish.as_mut().poll(cx).is_pending())).await;
        assert!(first, "it waits for the connection");
        let taken = report.outgoing.recv().await.unwrap();
        taken.claim.send(()).unwrap();
        // Both the claim and the end of patience are there when it looks again.
        tokio::time::sleep(link.patience.send * 2).await;
        drop(taken.acknowledged);
        let said = publish.await;
        assert!(matches!(said, Err(PublishError::Unknown { .. })), "{said:?}");
    }

    #[tokio::test]
    async fn a_broker_that_never_acknowledges_leaves_it_unknown() {
        let (link, mut report) = impatient();
        let connection = async {
            let taken = report.outgoing.recv().await.unwrap();
            taken.claim.send(()).unwrap();
            taken.acknowledged
        };
        let (said, _open) = tokio::join!(link.publish("a", Vec::new(), false), connection);
        assert!(matches!(said, Err(PublishError::Unknown { .. })), "{said:?}");
    }

    #[tokio::test]
    async fn a_topic_that_would_break_the_connection_is_refused_at_once() {
        let (link, _report) = link();
        for topic in ["", "tell/#", "a+b", "a\0b"] {
            let said = link.publish(topic, Vec::new(), false).await;
            assert!(matches!(said, Err(PublishError::Never { .. })), "{topic:?}: {said:?}");
        }
        let said = link.publish("a", vec![0; PAYLOAD_MAX + 1], false).await;
        assert!(matches!(said, Err(PublishError::Never { .. })), "{said:?}");
    }
}
