//! The sockets of the broker, and its handles for the rest of careloop.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mqtt_protocol_core::mqtt::prelude::IntoPayload as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::access::{Access, OwnDevice};
use super::connection::{self, Shared};
use super::router::Router;
use super::topic::is_name;
use super::wire::Message;
use super::{Counts, Settings};
use crate::inbox::{Arrival, Inbox};
use crate::store::keep::Kept;
use crate::tls::{Identity, TlsError};

/// How often the sessions are looked through for those whose time has come.
const SWEEP: Duration = Duration::from_secs(5);
/// How long to wait before writing again what could not be written, or accepting again.
const RETRY: Duration = Duration::from_secs(1);
/// What is still on its way to the disk at the end is waited for this long.
const FAREWELL: Duration = Duration::from_secs(5);

/// The broker could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else has the port, or the address is not ours.
    #[error("cannot listen for MQTT on `{address}`")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Certificate and key are of no use.
    #[error("cannot listen for MQTT by TLS")]
    Tls(#[from] TlsError),
    /// The system has no random numbers.
    #[error("cannot get random numbers from the system")]
    NoRandom,
}

/// The topic is none: it is empty, too long or has wildcards.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no topic to publish to")]
pub struct BadTopic(String);

/// The broker, its sockets open.
pub struct Listener {
    shared: Arc<Shared>,
    sockets: Vec<(TcpListener, Option<Identity>)>,
    addresses: Vec<SocketAddr>,
}

/// Publishes in careloop's own name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Publisher(Arc<Shared>);

/// Says which devices may log in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Admission(Arc<Shared>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

/// Opens the sockets. Clients are served from [`Listener::run`] on.
///
/// # Errors
/// An address is taken, or TLS cannot be set up.
pub async fn bind(
    mut settings: Settings,
    kept: Kept,
    inbox: Inbox,
) -> Result<Listener, ListenError> {
    let mut sockets = Vec::new();
    for address in &settings.listen {
        sockets.push((open(*address)?, None));
    }
    if let Some(settings) = &settings.tls {
        let identity = Identity::read(&settings.certificate, &settings.key)?;
        for address in &settings.listen {
            sockets.push((open(*address)?, Some(identity.clone())));
        }
    }
    let addresses = sockets.iter().filter_map(|(socket, _)| socket.local_addr().ok()).collect();
    let access = Access::new(std::mem::take(&mut settings.clients), settings.anonymous.take())
        .map_err(|_unspecified| ListenError::NoRandom)?;
    let (settings, counts) = (Arc::new(settings), Arc::new(Counts::default()));
    let router = Router::new(kept, Arc::clone(&settings), Arc::clone(&counts), Instant::now());
    let router = Mutex::new(router);
    let later = Notify::new();
    let shared = Arc::new(Shared { settings, access, inbox, counts, later, router });
    Ok(Listener { shared, sockets, addresses })
}

fn open(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let failed = |source| ListenError::Bind { address, source };
    let socket = std::net::TcpListener::bind(address).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    TcpListener::from_std(socket).map_err(failed)
}

impl Listener {
    /// Where it listens: first those without TLS, in the order of the settings.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What it shows by TLS.
    pub fn identity(&self) -> Option<Identity> {
        self.sockets.iter().find_map(|(_, identity)| identity.clone())
    }

    /// A handle to publish with.
    pub fn publisher(&self) -> Publisher {
        Publisher(Arc::clone(&self.shared))
    }

    /// A handle to say which devices may log in; none may before.
    pub fn admission(&self) -> Admission {
        Admission(Arc::clone(&self.shared))
    }

    /// The counters.
    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.shared.counts)
    }

    /// Serves until told to stop, and then until what clients sent is on disk, or five seconds.
    pub async fn run(self, stop: CancellationToken) {
        let mut tasks = JoinSet::new();
        for (socket, identity) in self.sockets {
            tasks.spawn(accept(Arc::clone(&self.shared), socket, identity, stop.clone()));
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = keep_up(&self.shared) => {}
        }
        while tasks.join_next().await.is_some() {}
        if timeout(FAREWELL, write_later(&self.shared)).await.is_err() {
            tracing::warn!("the memory of the MQTT broker could not be written at the end");
        }
    }

    /// Serves one client over any connection, without TLS.
    pub async fn serve<S>(&self, stream: S, from: IpAddr, stop: &CancellationToken)
    where
        S: AsyncRead + AsyncWrite,
    {
        connection::serve(&self.shared, stream, from, stop).await;
    }

    /// Writes what the broker must remember and what holds nothing up, and ends sessions. Part of
    /// [`run`](Self::run); for those who use [`serve`](Self::serve) alone.
    pub async fn keep_up(&self) {
        keep_up(&self.shared).await;
    }
}

impl Admission {
    /// From now on these devices may log in, and no others; see [`Access::let_in`].
    pub fn let_in(&self, devices: Vec<OwnDevice>) {
        self.0.access.let_in(devices);
    }
}

impl Publisher {
    /// Publishes with QoS 1, at once. A retained message is written to the store soon after; what
    /// it says must be there already. An empty payload removes what is retained.
    ///
    /// # Errors
    /// The topic is none.
    pub fn publish(&self, topic: &str, payload: Vec<u8>, retain: bool) -> Result<(), BadTopic> {
        if !is_name(topic) {
            return Err(BadTopic(topic.to_owned()));
        }
        let message = Message {
            topic: topic.to_owned(),
            payload: payload.into_payload(),
            qos: 1,
            retain,
            ..Message::default()
        };
        self.0.router(|router| {
            let (plan, keep) = router.plan(None, &message);
            router.add_later(keep);
            router.route(None, &Arc::new(message), &plan);
        });
        Ok(())
    }
}

async fn accept(
    shared: Arc<Shared>,
    socket: TcpListener,
    identity: Option<Identity>,
    stop: CancellationToken,
) {
    let mut clients = JoinSet::new();
    // Some have not said yet who they are.
    let most = shared.settings.max_clients.saturating_mul(2);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = clients.join_next(), if !clients.is_empty() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "serving an MQTT client failed");
                }
                continue;
            }
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) if clients.len() < most => {
                let (shared, identity, stop) =
                    (Arc::clone(&shared), identity.clone(), stop.clone());
                clients.spawn(async move { greet(&shared, stream, from, identity, &stop).await });
            }
            Ok((_, from)) => tracing::warn!(%from, "there are too many MQTT connections"),
            Err(error) => {
                tracing::error!(%error, "cannot accept an MQTT connection");
                sleep(RETRY).await;
            }
        }
    }
    drop(socket);
    let all = async { while clients.join_next().await.is_some() {} };
    if timeout(FAREWELL, all).await.is_err() {
        tracing::warn!("some MQTT messages were not stored before the end; they will come again");
    }
}

async fn greet(
    shared: &Shared,
    stream: TcpStream,
    from: SocketAddr,
    identity: Option<Identity>,
    stop: &CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%from, %error, "cannot turn off the delay of a connection");
    }
    let Some(identity) = identity else {
        return connection::serve(shared, stream, from.ip(), stop).await;
    };
    let encrypted = tokio::select! {
        () = stop.cancelled() => return,
        encrypted = identity.greet(stream, from) => encrypted,
    };
    if let Some(stream) = encrypted {
        connection::serve(shared, stream, from.ip(), stop).await;
    }
}

async fn keep_up(shared: &Shared) {
    let mut sweep = interval(SWEEP);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shared.later.notified() => write_later(shared).await,
            _ = sweep.tick() => {
                let now = Instant::now();
                shared.router(|router| router.expire(now));
            }
        }
    }
}

/// One batch at a time: what comes meanwhile makes the next.
async fn write_later(shared: &Shared) {
    loop {
        let keep = shared
            .router
            .lock()
            .map_or_else(|e| e.into_inner().take_later(), |mut r| r.take_later());
        if keep.is_empty() {
            return;
        }
        let receipt = shared.inbox.post(Arrival::Keep(keep.clone())).await;
        if receipt.await.is_ok() {
            continue;
        }
        shared.router(|router| router.put_back(keep));
        sleep(RETRY).await;
    }
}
