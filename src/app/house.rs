//! Puts everything together, starts it, and takes it down in the right order.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::channel::{self, Channel, Console, Webhook, sender};
use crate::clock::Clock;
use crate::config::{self, ChannelKind, Config};
use crate::device::Catalog;
use crate::domain::{DeviceId, Home, Name, Role, Span};
use crate::gateway::Gateway;
use crate::health::Health;
use crate::inbox::{Inbox, MOVES};
use crate::metrics::Metrics;
use crate::secret::Secret;
use crate::source::{mqtt, mqtt_client, serial};
use crate::store::{Setback, Store, StoreError};
use crate::web::{self, Site};

use super::announce::{self, Announcer, FarSide};
use super::{Bell, Keeping, MainLoop, hub};

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
    #[error("{error}{}", because(error))]
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
    /// Something in the configuration that only shows when it is used.
    #[error("{0}")]
    Config(String),
    /// A thread could not be started.
    #[error("cannot start the loop: {0}")]
    Thread(std::io::Error),
}

fn because(error: &dyn std::error::Error) -> String {
    error.source().map_or(String::new(), |source| format!(": {source}"))
}

/// careloop, running.
#[derive(Debug)]
pub struct App {
    /// Where our own MQTT listener listens.
    pub mqtt: Vec<SocketAddr>,
    /// Where the pages are.
    pub http: Option<SocketAddr>,
    /// The one way in.
    pub inbox: Inbox,
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

/// The inner works, before sources are let in.
struct Core {
    gateway: Gateway,
    clock: Clock,
    kept: crate::store::keep::Kept,
    setback: Option<Setback>,
    homes: Vec<Arc<Home>>,
}

impl App {
    /// Starts everything. When it returns, all that fell due while it was off has been handled, and
    /// all sources are listened to.
    ///
    /// # Errors
    /// What could not be started, and why. Nothing runs then.
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let lock = lock(&config.settings.store.path)?;
        let Core { gateway, clock, kept, setback, homes } = open(config)?;
        let (metrics, health) = (Metrics::new(), Health::new(clock.clone()));
        let catalog = Arc::new(catalog(config)?);
        let (inbox, outlet, _catalog) = Inbox::new(Arc::clone(&catalog));
        let (changes, _) = broadcast::channel(CHANGES_MAX);
        let bell = Bell { changes: changes.clone(), outbox: Arc::new(Notify::new()) };
        let (trouble, troubles) = mpsc::channel(8);
        let keeping = Keeping {
            observations: config.settings.store.keep_observations,
            incidents: config.settings.store.keep_incidents,
        };
        let main_loop = MainLoop {
            gateway,
            outlet,
            clock: clock.clone(),
            bell: bell.clone(),
            health: health.clone(),
            metrics: metrics.clone(),
            keeping,
            tidy_at: clock.now(),
            trouble,
            in_trouble: false,
        };
        let (stop_world, stop_loop) = (CancellationToken::new(), CancellationToken::new());
        let mut builder = Builder {
            config,
            catalog,
            inbox: inbox.clone(),
            stop: stop_world.clone(),
            world: JoinSet::new(),
            metrics: metrics.clone(),
            links: BTreeMap::new(),
            publisher: None,
            mqtt: Vec::new(),
        };
        builder.listen(kept).await?;
        builder.connect()?;
        let channels = Arc::new(builder.channels()?);
        let store = config.settings.store.path.clone();
        let (_, homes) = watch::channel(Arc::new(homes));
        let site = Site {
            inbox: inbox.clone(),
            store: store.clone(),
            homes,
            changes: changes.clone(),
            clock: clock.clone(),
            health: health.clone(),
            metrics: metrics.clone(),
            token: config.settings.http.as_ref().and_then(|h| h.token.clone()),
        };
        let http = builder.serve(site).await?;
        builder.read_ports();
        let desk = sender::Desk {
            channels,
            store: store.clone(),
            inbox: inbox.clone(),
            clock: clock.clone(),
            bell: bell.outbox.clone(),
            health: health.clone(),
            metrics,
        };
        builder.world.spawn(sender::run(desk, stop_world.clone()));
        let (mut announcers, stop_announcing) = (JoinSet::new(), CancellationToken::new());
        for far in builder.far_sides() {
            let announcer = Announcer::new(far, store.clone());
            announcers.spawn(announcer.run(changes.subscribe(), stop_announcing.clone()));
        }
        let links = std::mem::take(&mut builder.links);
        let watched = hub::Watched { setback, troubles, clock, links };
        builder.world.spawn(hub::run(watched, inbox.clone(), stop_world.clone()));
        let Builder { world, mqtt, .. } = builder;
        let main_loop = start_loop(main_loop, stop_loop.clone())?;
        health.is_ready_now();
        Ok(Self {
            mqtt,
            http,
            inbox,
            changes,
            health,
            announcers,
            stop_announcing,
            world,
            stop_world,
            stop_loop,
            main_loop,
            _lock: lock,
        })
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

/// Takes the data for this process alone.
fn lock(store: &std::path::Path) -> Result<std::fs::File, StartError> {
    let path = store.with_extension("lock");
    let failed = |attempt| {
        let path = path.clone();
        move |source| StartError::Store(StoreError::File { attempt, path, source })
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed("make the folder of"))?;
    }
    let file = std::fs::File::create(&path).map_err(failed("make"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse { path }),
        Err(std::fs::TryLockError::Error(source)) => Err(failed("lock")(source)),
    }
}

/// Opens the store, rebuilds the engines, sets the clock, registers the homes.
fn open(config: &Config) -> Result<Core, StartError> {
    let (store, setback) = Store::open(&config.settings.store.path, Clock::start(None).now())?;
    if let Some(bytes) = config.settings.store.max_size {
        store.limit_size(bytes)?;
    }
    let kept = store.reader().kept()?;
    let mut gateway = Gateway::open(store, Arc::clone(&config.book), &config.book_texts)?;
    let before = gateway.last();
    let clock = Clock::start(before);
    if let Some((_, offset)) = before
        && offset != clock.offset()
    {
        gateway.set_clock(clock.now(), clock.offset())?;
    }
    let mut homes = config.homes.clone();
    homes.push(Arc::new(hub_home(config)?));
    gateway.register(clock.now(), &homes)?;
    Ok(Core { gateway, clock, kept, setback, homes })
}

/// The hub is one more home: its troubles climb the same ladder.
fn hub_home(config: &Config) -> Result<Home, StartError> {
    let mut responders = Vec::new();
    for person in config.homes.iter().flat_map(|h| &h.responders) {
        let wanted = matches!(person.role, Role::Technician | Role::Community | Role::Supervisor);
        if wanted && !responders.contains(person) {
            responders.push(person.clone());
        }
    }
    let device = |id: DeviceId| crate::domain::Device {
        id,
        profile: String::new(),
        room: String::new(),
        binding: crate::domain::Binding::Direct,
        quiet_after: None,
    };
    let mut devices = Vec::new();
    for id in hub::devices(config.settings.brokers.iter().map(|b| &b.name)) {
        devices.push(device(id.map_err(StartError::Config)?));
    }
    Ok(Home {
        id: hub::home().map_err(StartError::Config)?,
        name: "网关 / the hub".to_owned(),
        address: String::new(),
        zone: config.homes.first().map_or_else(|| "UTC".to_owned(), |h| h.zone.clone()),
        devices,
        responders,
        ask: Vec::new(),
    })
}

fn catalog(config: &Config) -> Result<Catalog, StartError> {
    let homes: Vec<Home> = config.homes.iter().map(|h| (**h).clone()).collect();
    Catalog::new(&config.profiles, &homes).map_err(|why| StartError::Config(why.join("\n")))
}

/// What is started piece by piece.
struct Builder<'c> {
    config: &'c Config,
    catalog: Arc<Catalog>,
    inbox: Inbox,
    stop: CancellationToken,
    world: JoinSet<()>,
    metrics: Metrics,
    links: BTreeMap<Name, mqtt_client::Link>,
    publisher: Option<mqtt::Publisher>,
    mqtt: Vec<SocketAddr>,
}

impl Builder<'_> {
    /// Our own MQTT listener.
    async fn listen(&mut self, kept: crate::store::keep::Kept) -> Result<(), StartError> {
        let Some(settings) = &self.config.settings.mqtt else { return Ok(()) };
        let settings = listener_settings(settings).map_err(StartError::Config)?;
        let listener = mqtt::bind(settings, kept, self.inbox.clone())
            .await
            .map_err(|error| StartError::Mqtt { error })?;
        self.mqtt = listener.addresses().to_vec();
        self.publisher = Some(listener.publisher());
        let (counts, gauge) = (listener.counts(), self.metrics.mqtt_clients.clone());
        let stop = self.stop.clone();
        self.world.spawn(async move {
            let count = async {
                loop {
                    let clients = counts.clients.load(std::sync::atomic::Ordering::Relaxed);
                    gauge.set(i64::try_from(clients).unwrap_or(i64::MAX));
                    tokio::time::sleep(Span::seconds(5).to_std()).await;
                }
            };
            tokio::select! {
                () = listener.run(stop) => {}
                () = count => {}
            }
        });
        Ok(())
    }

    /// Brokers we are a client of.
    fn connect(&mut self) -> Result<(), StartError> {
        let topics = self.catalog.topics();
        for broker in &self.config.settings.brokers {
            let settings = client_settings(broker, &topics).map_err(StartError::Config)?;
            let (link, report) = mqtt_client::link();
            self.links.insert(broker.name.clone(), link);
            let (inbox, stop) = (self.inbox.clone(), self.stop.clone());
            self.world.spawn(mqtt_client::run(settings, inbox, report, stop));
        }
        Ok(())
    }

    /// Ways to tell people.
    fn channels(&self) -> Result<BTreeMap<Name, Channel>, StartError> {
        let mut channels = BTreeMap::new();
        for settings in &self.config.settings.channels {
            let name = &settings.name;
            let channel = match &settings.kind {
                ChannelKind::Console => Channel::Console(Console::new(Box::new(std::io::stdout()))),
                ChannelKind::Mqtt { topic, broker } => {
                    let publish = self.publish(broker.as_ref()).ok_or_else(|| {
                        StartError::Config(format!(
                            "channel `{name}` needs [mqtt] or a [[broker]] in gateway.toml"
                        ))
                    })?;
                    Channel::Mqtt(channel::Mqtt::new(topic.clone(), publish))
                }
                ChannelKind::Webhook { url, secret } => {
                    let settings = channel::webhook::Settings {
                        url: Secret::from(url.clone()),
                        secret: secret.clone(),
                        ca_file: None,
                        within: channel::webhook::WITHIN,
                    };
                    let webhook = Webhook::new(settings).map_err(|e| {
                        StartError::Config(format!("channel `{name}`: {e}{}", because(&e)))
                    })?;
                    Channel::Webhook(webhook)
                }
            };
            channels.insert(name.clone(), channel);
        }
        Ok(channels)
    }

    /// How to publish on a broker, or on our own listener.
    fn publish(&self, broker: Option<&Name>) -> Option<channel::mqtt::Publish> {
        match broker {
            Some(name) => self.links.get(name).map(|link| channel::mqtt::on(link.clone())),
            None => self.publisher.clone().map(channel::mqtt::on_own),
        }
    }

    /// Everybody who hears of incidents by MQTT.
    fn far_sides(&self) -> impl Iterator<Item = FarSide> {
        let own = self.publisher.iter().cloned().map(FarSide::Own);
        own.chain(self.links.values().cloned().map(FarSide::Broker))
    }

    /// API and pages.
    async fn serve(&mut self, site: Site) -> Result<Option<SocketAddr>, StartError> {
        let Some(config::Http { listen, .. }) = &self.config.settings.http else { return Ok(None) };
        let address = *listen;
        let failed = |source| StartError::Http { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let stop = self.stop.clone();
        self.world.spawn(async move {
            if let Err(error) = web::serve(site, listener, stop).await {
                tracing::error!(%error, "the pages have ended");
            }
        });
        Ok(Some(address))
    }

    /// Serial ports of the register.
    fn read_ports(&mut self) {
        for port in self.catalog.ports() {
            let (health, seen) = watch::channel(serial::Health::default());
            let (inbox, stop) = (self.inbox.clone(), self.stop.clone());
            self.world.spawn(hub::watch_port(port.path.clone(), seen));
            self.world.spawn(serial::run(port, inbox, health, stop));
        }
    }
}

fn listener_settings(settings: &config::Mqtt) -> Result<mqtt::Settings, String> {
    let filters = |texts: &[String]| -> Result<Vec<mqtt::Filter>, String> {
        texts.iter().map(|t| t.parse().map_err(|e| format!("[mqtt]: {e}"))).collect()
    };
    let all = || filters(&["#".to_owned(), "careloop/#".to_owned()]);
    let mut clients = Vec::new();
    for client in &settings.clients {
        let (publish, subscribe) = (filters(&client.publish)?, filters(&client.subscribe)?);
        clients.push(mqtt::Client {
            user: client.user.clone(),
            password: mqtt::Password::new(client.password.reveal().to_owned()),
            rights: mqtt::Rights { publish, subscribe },
        });
    }
    let anonymous = if settings.anonymous {
        Some(mqtt::Rights { publish: all()?, subscribe: all()? })
    } else {
        None
    };
    Ok(mqtt::Settings {
        listen: vec![settings.listen],
        tls: settings.tls.as_ref().map(|tls| mqtt::TlsSettings {
            listen: vec![tls.listen],
            certificate: tls.certificate.clone(),
            key: tls.key.clone(),
        }),
        anonymous,
        clients,
        max_packet: usize::try_from(settings.max_packet).unwrap_or(usize::MAX),
        max_clients: settings.max_clients,
        max_queued: settings.max_queued,
        max_rate: Some(settings.max_rate),
        ..mqtt::Settings::default()
    })
}

fn client_settings(
    broker: &config::Broker,
    topics: &[String],
) -> Result<mqtt_client::Settings, String> {
    let mut subscribe = topics.to_vec();
    subscribe.extend(broker.subscribe.iter().cloned());
    subscribe.push(MOVES.to_owned());
    subscribe.sort();
    subscribe.dedup();
    Ok(mqtt_client::Settings {
        name: broker.name.clone(),
        address: broker.address.parse()?,
        tls: broker.tls,
        ca_file: broker.ca.clone(),
        user: broker.user.clone(),
        password: broker.password.clone(),
        client_id: format!("careloop-{}", broker.name).parse()?,
        subscribe,
        max_packet: 1024 * 1024,
        will: Some((announce::STATUS.to_owned(), announce::status(false))),
    })
}
