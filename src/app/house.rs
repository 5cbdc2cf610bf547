//! Puts everything together, starts it, and takes it down in the right order.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Notify, broadcast, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::Span;
use crate::health::Health;
use crate::inbox::Inbox;
use crate::metrics::Metrics;
use crate::registrar::{Change, Refused, Registrar, Settled};
use crate::source::mqtt;
use crate::store::StoreError;
use crate::tls::{TlsError, in_full};

use super::doors::Doors;
use super::open::{self, Core};
use super::{Bell, Keeping, MainLoop};

/// How many changes a slow reader may lag behind before it must look at everything anew.
const CHANGES_MAX: usize = 256;
/// How long brokers may take to hear that we go.
const GOODBYE: Span = Span::seconds(1);
/// How long sources and pages may take to end.
const FAREWELL: Span = Span::seconds(3);

/// careloop could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another careloop runs on the same data.
    #[error("another careloop is using {}", path.display())]
    InUse {
        /// The lock file.
        path: PathBuf,
    },
    /// The MQTT listener.
    #[error("{}", in_full(error))]
    Mqtt {
        /// What it said.
        error: mqtt::ListenError,
    },
    /// The HTTP listener.
    #[error("cannot listen for HTTP on {address}: {source}")]
    Http {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The pages by TLS.
    #[error("cannot serve the pages by TLS: {}", in_full(.0))]
    Tls(TlsError),
    /// Something in the configuration that only shows when it is used.
    #[error("{0}")]
    Config(String),
    /// A thread could not be started.
    #[error("cannot start the loop: {0}")]
    Thread(std::io::Error),
}

/// What everybody in the house needs. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Tools {
    pub(super) inbox: Inbox,
    /// The database file, for readers.
    pub(super) store: PathBuf,
    pub(super) clock: Clock,
    pub(super) health: Health,
    pub(super) metrics: Metrics,
    pub(super) bell: Bell,
}

/// careloop, running.
#[derive(Debug)]
pub struct App {
    /// Where our own MQTT listener listens.
    pub mqtt: Vec<SocketAddr>,
    /// Where the pages are.
    pub http: Option<SocketAddr>,
    /// Where they are by TLS.
    pub https: Option<SocketAddr>,
    /// The one way in.
    pub inbox: Inbox,
    /// The way to change the register.
    pub registrar: Registrar,
    /// Names every incident that changed.
    pub changes: broadcast::Sender<crate::domain::IncidentId>,
    /// Whether it makes progress.
    pub health: Health,
    announcers: JoinSet<()>,
    stop_announcing: CancellationToken,
    world: JoinSet<()>,
    stop_world: CancellationToken,
    stop_loop: CancellationToken,
    main_loop: std::thread::JoinHandle<Result<(), StoreError>>,
    _lock: std::fs::File,
}

impl App {
    /// Starts everything. When it returns, all that fell due while it was off has been handled, and
    /// all sources are listened to.
    ///
    /// # Errors
    /// What could not be started, and why. Nothing runs then.
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let lock = open::lock(&config.settings.store.path)?;
        let Core { gateway, clock, kept, setback, homes } = open::open(config)?;
        let catalog = Arc::new(open::catalog(config)?);
        let (inbox, outlet, new_catalog) = Inbox::new(Arc::clone(&catalog));
        let (inbox, porter) = inbox.with_budget(config.settings.budget);
        let (changes, _) = broadcast::channel(CHANGES_MAX);
        let (stop_world, stop_loop) = (CancellationToken::new(), CancellationToken::new());
        let tools = Tools {
            inbox,
            store: config.settings.store.path.clone(),
            health: Health::new(clock.clone()),
            clock,
            metrics: Metrics::new(),
            bell: Bell { changes: changes.clone(), outbox: Arc::new(Notify::new()) },
        };
        let mut doors = Doors::new(config, catalog, &tools, stop_world.clone());
        doors.world.spawn(porter.run(stop_world.clone()));
        doors.listen(kept).await?;
        doors.connect()?;
        doors.open_channels()?;
        let (registrar, wishes) = Registrar::new();
        let shown = doors.serve(homes, registrar.clone()).await?;
        doors.watch_the_rota(&shown);
        doors.watch_certificates();
        doors.keep_register(wishes, new_catalog, shown).await;
        doors.send();
        let (trouble, troubles) = mpsc::channel(8);
        doors.watch_the_hub(setback, troubles);
        let stop_announcing = CancellationToken::new();
        let announcers = doors.announce(&stop_announcing);
        let main_loop = MainLoop::new(gateway, outlet, &tools, Keeping::of(config), trouble);
        let main_loop = start_loop(main_loop, stop_loop.clone())?;
        tools.health.is_ready_now();
        let Doors { world, mqtt, http, https, .. } = doors;
        Ok(Self {
            mqtt,
            http,
            https,
            inbox: tools.inbox,
            registrar,
            changes,
            health: tools.health,
            announcers,
            stop_announcing,
            world,
            stop_world,
            stop_loop,
            main_loop,
            _lock: lock,
        })
    }

    /// Puts in force what the files say now; `gateway.toml` waits for the next start.
    ///
    /// # Errors
    /// Nothing was changed, and why.
    pub async fn reload(&self) -> Result<Settled, Refused> {
        self.registrar.change(Change::Reload, false).await
    }

    /// Whether the loop has ended by itself, which it does only when the store cannot be read.
    pub fn has_failed(&self) -> bool {
        self.main_loop.is_finished()
    }

    /// Ends: first says goodbye, as long as there are connections to say it on; then the sources
    /// and pages end, then the loop, which takes what is already posted and
    /// saves every state.
    ///
    /// # Errors
    /// When the loop ended because of the store.
    pub async fn stop(mut self) -> Result<(), StoreError> {
        self.stop_announcing.cancel();
        let told = async { while self.announcers.join_next().await.is_some() {} };
        if tokio::time::timeout(GOODBYE.to_std(), told).await.is_err() {
            tracing::warn!("a broker did not take that careloop is stopping");
        }
        self.stop_world.cancel();
        let all = async { while self.world.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL.to_std(), all).await.is_err() {
            tracing::warn!("some connections did not end in time and were cut");
        }
        self.world.abort_all();
        self.stop_loop.cancel();
        let ended = tokio::task::spawn_blocking(move || self.main_loop.join()).await;
        match ended {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }
}

fn start_loop(
    main_loop: MainLoop,
    stop: CancellationToken,
) -> Result<std::thread::JoinHandle<Result<(), StoreError>>, StartError> {
    let runtime = tokio::runtime::Handle::current();
    std::thread::Builder::new()
        .name("loop".to_owned())
        .spawn(move || main_loop.run(&runtime, &stop))
        .map_err(StartError::Thread)
}
