//! One connection to a broker, from its beginning to its loss.
//!
//! Three jobs run side by side, and none waits for another in a circle:
//! `read` does nothing but poll the network, `take` posts what was read and acknowledges it, `send`
//! takes what the app publishes. `take` and `send` never wait for `read`: there is room for every
//! acknowledgement MQTT can owe at a time, and for all that may be in flight besides.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, StreamExt};
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions,
    Outgoing as Left, Packet, Publish, QoS, SubscribeReasonCode, valid_filter,
};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::hearing::{self, Hearing};
use super::link::{
    ACK_WITHIN, IN_FLIGHT, InFlight, LinkCounts, LinkReport, LinkState, Outgoing, Standing,
};
use super::{Settings, lost};
use crate::device::{Decoded, Origin, RawMessage};
use crate::inbox::{Arrival, Inbox, NotStored};
use crate::tls::in_full;

/// Room for an acknowledgement of every packet identifier there is, and for what we publish: with
/// less, `take` could wait for `read` while `read` waits for `take`.
const REQUESTS: usize = 65_536 + 1024;

/// Messages posted and not yet stored. A message of the life lane can overtake this many ordinary
/// ones when the ordinary lane is full; each may have the size of the limit.
const WINDOW: usize = 64;

/// What is kept of a message that is too large, in bytes: enough to see what it was.
const GLIMPSE: usize = 1024;

/// How long we take leave.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);

/// Seconds until a broker that does not answer counts as not there.
const CONNECT_WITHIN: u64 = 5;

/// A message that waits to be stored.
struct Taken {
    raw: RawMessage,
    /// The size it had, if that was too much.
    too_large: Option<usize>,
    /// What the acknowledgement names; its payload is gone.
    publish: Publish,
}

/// Connects, and returns what ended the connection, in a sentence.
pub(super) async fn run(
    settings: &Settings,
    options: MqttOptions,
    inbox: &Inbox,
    report: &mut LinkReport,
    cancel: &CancellationToken,
) -> String {
    let (client, mut network) = AsyncClient::new(options, REQUESTS);
    network.network_options.set_tcp_nodelay(true);
    network.network_options.set_connection_timeout(CONNECT_WITHIN);
    let connected = tokio::select! {
        connected = AssertUnwindSafe(network.poll()).catch_unwind() => connected,
        () = cancel.cancelled() => return stopped(),
    };
    match connected {
        Ok(Ok(_accepted)) => LinkCounts::add(&report.standing.counts.connections),
        Ok(Err(e)) => return said(&e),
        Err(_panic) => return fault(),
    }

    let (to_take, taken) = mpsc::channel(1);
    let (to_flight, in_flight) = mpsc::channel(IN_FLIGHT);
    let LinkReport { outgoing, wanted, heard, standing } = report;
    let (to_ask, asked) = mpsc::channel(hearing::ASKED_MAX);
    let reader = Reader::new(settings, standing, in_flight, asked, to_take);
    let mut hearing = Hearing::new(settings, &client, to_ask, heard);
    match hearing.begin(wanted) {
        Ok(true) => {}
        Ok(false) => reader.up(),
        Err(why) => return why,
    }
    let mut take = pin!(take(taken, inbox, &client));
    let (why, rest) = {
        let mut read = pin!(AssertUnwindSafe(reader.read(network)).catch_unwind());
        tokio::select! {
            // `read` first: when the line is lost, `take` may end in the same moment.
            biased;
            why = &mut read => (why.unwrap_or_else(|_panic| fault()), true),
            _not_stored = &mut take => (NotStored.to_string(), false),
            why = send(outgoing, &client, &to_flight) => (why, true),
            why = hearing.follow(wanted) => (why, true),
            () = cancel.cancelled() => {
                // Without the goodbye the broker would publish our will.
                if client.try_disconnect().is_ok() {
                    drop(timeout(LEAVE_WITHIN, async { tokio::join!(read, &mut take) }).await);
                }
                (stopped(), false)
            }
        }
    };
    if rest {
        // What was read is taken in: with QoS 0 it would not come again, and what comes by the next
        // connection must not overtake it.
        lost(settings, standing, &why);
        tokio::select! {
            _ended = take => {}
            () = cancel.cancelled() => {}
        }
    }
    why
}

/// Posts in the order of arrival and acknowledges in the order of arrival, each after its receipt.
/// Ends when there is nothing more to take, or with an error at the first that could not be stored:
/// neither that one nor a later one is acknowledged, and the broker sends them again.
async fn take(
    mut taken: mpsc::Receiver<Taken>,
    inbox: &Inbox,
    client: &AsyncClient,
) -> Result<(), NotStored> {
    let mut posted = FuturesOrdered::new();
    let mut open = true;
    while open || !posted.is_empty() {
        tokio::select! {
            biased;
            Some(stored) = posted.next(), if !posted.is_empty() => {
                let publish = stored?;
                // Fails only when the connection is lost; then the message comes again.
                drop(client.try_ack(&publish));
            }
            next = taken.recv(), if open && posted.len() < WINDOW => match next {
                Some(next) => posted.push_back(post(inbox, next)),
                None => open = false,
            },
        }
    }
    Ok(())
}

async fn post(inbox: &Inbox, taken: Taken) -> Result<Publish, NotStored> {
    let Taken { raw, too_large, publish } = taken;
    let receipt = if let Some(size) = too_large {
        let why = format!("a message of {size} bytes is too large; only its beginning was kept");
        let decoded = Decoded::Unknown { why };
        inbox.post(Arrival::Message { raw, decoded, keep: Vec::new(), replaced: 0 }).await
    } else {
        inbox.receive(raw, Vec::new()).await
    };
    receipt.await?;
    Ok(publish)
}

/// Hands to the broker what the app publishes, and to `read` who waits for the acknowledgement.
/// Returns when the broker does not acknowledge.
async fn send(
    outgoing: &mut mpsc::Receiver<Outgoing>,
    client: &AsyncClient,
    to_flight: &mpsc::Sender<InFlight>,
) -> String {
    let places = Arc::new(Semaphore::new(IN_FLIGHT));
    loop {
        let place = timeout(ACK_WITHIN * 2, Arc::clone(&places).acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            return "it acknowledges nothing of what we publish".to_owned();
        };
        let Some(next) = outgoing.recv().await else { std::future::pending().await };
        if next.claim.send(()).is_err() {
            continue;
        }
        // Before the message itself, so that `read` finds it when the message goes out.
        let waits = InFlight { acknowledged: next.acknowledged, _place: place };
        let queued = to_flight.try_send(waits).is_ok()
            && client.try_publish(next.topic, QoS::AtLeastOnce, next.retain, next.payload).is_ok();
        if !queued {
            return fault();
        }
    }
}

/// The job that polls.
struct Reader<'s> {
    settings: &'s Settings,
    standing: &'s Standing,
    /// What was asked of the network, in that order.
    asked: mpsc::Receiver<Vec<String>>,
    /// Subscriptions that the broker has not answered, by packet identifier.
    unanswered: BTreeMap<u16, Vec<String>>,
    /// Filters that it would not have.
    refused: BTreeSet<String>,
    /// What `send` gave to the network, in that order.
    given: mpsc::Receiver<InFlight>,
    /// What the network sent, by packet identifier.
    in_flight: BTreeMap<u16, InFlight>,
    to_take: mpsc::Sender<Taken>,
}

impl<'s> Reader<'s> {
    fn new(
        settings: &'s Settings,
        standing: &'s Standing,
        given: mpsc::Receiver<InFlight>,
        asked: mpsc::Receiver<Vec<String>>,
        to_take: mpsc::Sender<Taken>,
    ) -> Self {
        let refused = settings.subscribe.iter().filter(|filter| !valid_filter(filter));
        Self {
            settings,
            standing,
            asked,
            unanswered: BTreeMap::new(),
            refused: refused.cloned().collect(),
            given,
            in_flight: BTreeMap::new(),
            to_take,
        }
    }

    /// Returns when the connection is lost.
    async fn read(mut self, mut network: EventLoop) -> String {
        loop {
            match network.poll().await {
                Ok(event) => self.take_note(event).await,
                Err(e) => {
                    // What was read in one go with the end of the line.
                    for event in std::mem::take(&mut network.state.events) {
                        self.take_note(event).await;
                    }
                    return said(&e);
                }
            }
        }
    }

    async fn take_note(&mut self, event: Event) {
        if let Event::Incoming(Packet::Publish(publish)) = event {
            let taken = self.message(publish);
            // Fails only when `take` has ended, and the connection with it.
            drop(self.to_take.send(taken).await);
        } else if let Event::Outgoing(Left::Publish(id)) = event {
            if let Ok(given) = self.given.try_recv() {
                self.in_flight.insert(id, given);
            }
        } else if let Event::Incoming(Packet::PubAck(ack)) = event {
            let sent = self.in_flight.remove(&ack.pkid);
            if sent.is_some_and(|sent| sent.acknowledged.send(()).is_err()) {
                debug!(broker = %self.settings.name, "acknowledged after nobody waited any more");
            }
        } else if let Event::Outgoing(Left::Subscribe(id)) = event {
            if let Ok(filters) = self.asked.try_recv() {
                self.unanswered.insert(id, filters);
            }
        } else if let Event::Incoming(Packet::SubAck(answer)) = event {
            let granted = answer.return_codes.iter().map(|c| *c != SubscribeReasonCode::Failure);
            let asked = self.unanswered.remove(&answer.pkid).unwrap_or_default();
            for (filter, granted) in asked.into_iter().zip(granted) {
                if granted {
                    self.refused.remove(&filter);
                } else {
                    self.refused.insert(filter);
                }
            }
            self.up();
        }
    }

    fn message(&self, mut publish: Publish) -> Taken {
        let payload = std::mem::take(&mut publish.payload);
        let counts = &self.standing.counts;
        LinkCounts::add(&counts.received);
        let size = payload.len();
        let too_large = (self.settings.max_packet < size).then_some(size);
        if too_large.is_some() {
            LinkCounts::add(&counts.too_large);
            let (broker, topic, limit) =
                (&self.settings.name, &publish.topic, self.settings.max_packet);
            error!(%broker, topic, size, limit, "a message is too large; it was cut off and counted");
        }
        let end = if too_large.is_some() { size.min(GLIMPSE) } else { size };
        let raw = RawMessage {
            origin: Origin::Mqtt(publish.topic.clone()),
            payload: payload.slice(..end).to_vec(),
            retained: publish.retain,
        };
        Taken { raw, too_large, publish }
    }

    fn up(&self) {
        let refused: Vec<String> = self.refused.iter().cloned().collect();
        let (broker, address) = (&self.settings.name, &self.settings.address);
        if !refused.is_empty() {
            warn!(%broker, ?refused, "the broker does not let us hear these topics");
        }
        if self.standing.set(LinkState::Up { refused }) {
            info!(%broker, %address, "connected");
        }
    }
}

fn stopped() -> String {
    "careloop is stopping".to_owned()
}

pub(super) fn fault() -> String {
    "a fault of our own ended the connection".to_owned()
}

/// What ended the connection, as far as a person can do something about it.
fn said(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
        ) => "it refuses our user or password".to_owned(),
        ConnectionError::ConnectionRefused(code) => format!("it refuses us: {code:?}"),
        ConnectionError::NetworkTimeout => format!("it did not answer in {CONNECT_WITHIN} s"),
        ConnectionError::Io(e) => format!("cannot reach it: {e}"),
        ConnectionError::Tls(e) => format!("no encrypted line to it: {}", in_full(e)),
        ConnectionError::MqttState(_)
        | ConnectionError::FlushTimeout
        | ConnectionError::NotConnAck(_)
        | ConnectionError::RequestsDone => format!("the connection was lost: {}", in_full(error)),
    }
}
