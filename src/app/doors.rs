//! The ways in and out: listener, brokers, serial ports, pages, channels. Each is opened here, and runs
//! beside the loop until the house is closed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::channel::{self, Channel, sender};
use crate::config::{self, Config};
use crate::device::Catalog;
use crate::domain::{Home, Name, Span};
use crate::inbox::MOVES;
use crate::registrar::{Registrar, Wish};
use crate::source::{mqtt, mqtt_client};
use crate::store::Setback;
use crate::store::keep::Kept;
use crate::tls::Identity;
use crate::web::{self, Pushes, Site};

use super::announce::{self, Announcer, FarSide};
use super::channels::Yard;
use super::house::Tools;
use super::keeper::{Keeper, Shown, Trials};
use super::ports::Ports;
use super::{StartError, access, channels, hub};

/// Everything that messages pass through, opened one after the other.
pub(super) struct Doors<'c> {
    config: &'c Config,
    catalog: Arc<Catalog>,
    tools: Tools,
    stop: CancellationToken,
    /// Whatever runs beside the loop.
    pub(super) world: JoinSet<()>,
    links: BTreeMap<Name, mqtt_client::Link>,
    publisher: Option<mqtt::Publisher>,
    admission: Option<mqtt::Admission>,
    /// What we show by TLS, by the hub's device that tells of it.
    certificates: Vec<(&'static str, Identity)>,
    /// The channel by which browsers are told.
    push: Option<Pushes>,
    channels: Arc<BTreeMap<Name, Channel>>,
    /// Where our own MQTT listener listens.
    pub(super) mqtt: Vec<SocketAddr>,
    /// Where API and pages are.
    pub(super) http: Option<SocketAddr>,
    /// Where they are by TLS.
    pub(super) https: Option<SocketAddr>,
}

impl<'c> Doors<'c> {
    /// None is open yet.
    pub(super) fn new(
        config: &'c Config,
        catalog: Arc<Catalog>,
        tools: &Tools,
        stop: CancellationToken,
    ) -> Self {
        Self {
            config,
            catalog,
            tools: tools.clone(),
            stop,
            world: JoinSet::new(),
            links: BTreeMap::new(),
            publisher: None,
            admission: None,
            certificates: Vec::new(),
            push: None,
            channels: Arc::default(),
            mqtt: Vec::new(),
            http: None,
            https: None,
        }
    }

    /// Our own MQTT listener.
    pub(super) async fn listen(&mut self, kept: Kept) -> Result<(), StartError> {
        let Some(settings) = &self.config.settings.mqtt else { return Ok(()) };
        let settings = listener_settings(settings).map_err(StartError::Config)?;
        let listener = mqtt::bind(settings, kept, self.tools.inbox.clone())
            .await
            .map_err(|error| StartError::Mqtt { error })?;
        self.mqtt = listener.addresses().to_vec();
        self.certificates.extend(listener.identity().map(|shown| (hub::MQTT_CERTIFICATE, shown)));
        self.publisher = Some(listener.publisher());
        let admission = listener.admission();
        admission.let_in(access::own_devices(self.config));
        self.admission = Some(admission);
        let (counts, gauge) = (listener.counts(), self.tools.metrics.mqtt_clients.clone());
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
    pub(super) fn connect(&mut self) -> Result<(), StartError> {
        let topics = self.catalog.topics();
        for broker in &self.config.settings.brokers {
            let settings = client_settings(broker).map_err(StartError::Config)?;
            let (link, report) = mqtt_client::link();
            link.hear(topics.clone());
            self.links.insert(broker.name.clone(), link);
            let (inbox, stop) = (self.tools.inbox.clone(), self.stop.clone());
            self.world.spawn(mqtt_client::run(settings, inbox, report, stop));
        }
        Ok(())
    }

    /// Tells everybody who hears of incidents by MQTT, until `stop`.
    pub(super) fn announce(&self, stop: &CancellationToken) -> JoinSet<()> {
        let own = self.publisher.iter().cloned().map(FarSide::Own);
        let mut announcers = JoinSet::new();
        for far in own.chain(self.links.values().cloned().map(FarSide::Broker)) {
            let announcer = Announcer::new(far, self.tools.store.clone());
            announcers.spawn(announcer.run(self.tools.bell.changes.subscribe(), stop.clone()));
        }
        announcers
    }

    /// The ways to tell people.
    pub(super) fn open_channels(&mut self) -> Result<(), StartError> {
        let mut channels = BTreeMap::new();
        for settings in &self.config.settings.channels {
            let publish = |broker: Option<&Name>| match broker {
                Some(name) => self.links.get(name).map(|link| channel::mqtt::on(link.clone())),
                None => self.publisher.clone().map(channel::mqtt::on_own),
            };
            let mut yard = Yard { tools: &self.tools, world: &mut self.world, stop: &self.stop };
            let channel = channels::open(settings, publish, &mut yard)?;
            if let Channel::Push(push) = &channel {
                let (channel, key) = (settings.name.clone(), push.public_key());
                self.push = self.push.take().or(Some(Pushes { channel, key }));
            }
            channels.insert(settings.name.clone(), channel);
        }
        self.channels = Arc::new(channels);
        Ok(())
    }

    /// Sends what is in the outbox.
    pub(super) fn send(&mut self) {
        let Tools { inbox, store, clock, health, metrics, bell } = self.tools.clone();
        let (channels, bell) = (Arc::clone(&self.channels), bell.outbox);
        let url = self.config.settings.http.as_ref().and_then(|http| http.url.clone());
        let desk = sender::Desk { channels, store, inbox, clock, bell, health, metrics, url };
        self.world.spawn(sender::run(desk, self.stop.clone()));
    }

    /// Reports the hub's own faults.
    pub(super) fn watch_the_hub(
        &mut self,
        setback: Option<Setback>,
        troubles: mpsc::Receiver<bool>,
    ) {
        let (clock, links) = (self.tools.clock.clone(), self.links.clone());
        let watched = hub::Watched { setback, troubles, clock, links };
        self.world.spawn(hub::run(watched, self.tools.inbox.clone(), self.stop.clone()));
    }

    /// Looks for how long our certificates are good.
    pub(super) fn watch_certificates(&mut self) {
        let (shown, clock) = (std::mem::take(&mut self.certificates), self.tools.clock.clone());
        let watching =
            hub::watch_certificates(shown, clock, self.tools.inbox.clone(), self.stop.clone());
        self.world.spawn(watching);
    }

    /// Looks whether the rota has gaps.
    pub(super) fn watch_the_rota(&mut self, shown: &Shown) {
        let (homes, book) = (shown.homes.subscribe(), shown.book.subscribe());
        let watching = hub::Watching { homes, book, clock: self.tools.clock.clone() };
        self.world.spawn(hub::watch_rota(watching, self.tools.inbox.clone(), self.stop.clone()));
    }

    /// API and pages. Returns where to tell them of another configuration.
    pub(super) async fn serve(
        &mut self,
        homes: Vec<Arc<Home>>,
        registrar: Registrar,
    ) -> Result<Shown, StartError> {
        let (new_homes, homes) = watch::channel(Arc::new(homes));
        let (new_coverage, coverage) = watch::channel(Arc::clone(&self.config.coverage));
        let (new_grids, grids) = watch::channel(Arc::new(self.config.grids.clone()));
        let (new_former, former) = watch::channel(Arc::new(self.config.former.clone()));
        let book = watch::Sender::new(Arc::clone(&self.config.book));
        let (new_wording, wording) = watch::channel(Arc::clone(&self.config.wording));
        let shown = Shown {
            homes: new_homes,
            grids: new_grids,
            former: new_former,
            coverage: new_coverage,
            book,
            wording: new_wording,
        };
        let Some(config::Http { listen, token, people, url, tls }) = &self.config.settings.http
        else {
            return Ok(shown);
        };
        let Tools { inbox, store, clock, health, metrics, bell } = self.tools.clone();
        let (changes, token) = (bell.changes, token.clone());
        let site = Site {
            inbox,
            store,
            homes,
            grids,
            former,
            registrar,
            coverage,
            wording,
            targets: Arc::clone(&self.config.targets),
            changes,
            clock,
            health,
            metrics,
            token,
            people: *people,
            push: self.push.clone(),
            url: url.clone(),
        };
        let address = *listen;
        let failed = |source| StartError::Http { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let encrypted = match tls {
            Some(tls) => Some(encrypted(tls).await?),
            None => None,
        };
        let shown_by_tls =
            encrypted.as_ref().map(|(_, shown)| (hub::PAGES_CERTIFICATE, shown.clone()));
        self.certificates.extend(shown_by_tls);
        let stop = self.stop.clone();
        self.https = encrypted.as_ref().and_then(|(socket, _)| socket.local_addr().ok());
        self.world.spawn(async move {
            if let Err(error) = web::serve(site, listener, encrypted, stop).await {
                tracing::error!(%error, "the pages have ended");
            }
        });
        self.http = Some(address);
        Ok(shown)
    }

    /// Serial ports of the register; and the one who changes all of this when the register changes.
    pub(super) async fn keep_register(
        &mut self,
        wishes: mpsc::Receiver<Wish>,
        catalog: watch::Sender<Arc<Catalog>>,
        shown: Shown,
    ) {
        let inbox = self.tools.inbox.clone();
        let mut ports = Ports::new(inbox.clone(), self.stop.clone());
        ports.turn_to(self.catalog.ports()).await;
        let keeper = Keeper {
            in_force: Arc::new(self.config.clone()),
            inbox,
            catalog,
            shown,
            links: self.links.values().cloned().collect(),
            admission: self.admission.clone(),
            ports,
            trials: Trials::new(Arc::clone(&self.channels), self.tools.clock.clone()),
        };
        self.world.spawn(keeper.run(wishes, self.stop.clone()));
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
            password: client.password.clone(),
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

async fn encrypted(tls: &config::Tls) -> Result<(TcpListener, Identity), StartError> {
    let identity = Identity::read(&tls.certificate, &tls.key).map_err(StartError::Tls)?;
    let address = tls.listen;
    let failed = |source| StartError::Http { address, source };
    Ok((TcpListener::bind(address).await.map_err(failed)?, identity))
}

fn client_settings(broker: &config::Broker) -> Result<mqtt_client::Settings, String> {
    let mut subscribe = broker.subscribe.clone();
    subscribe.push(MOVES.to_owned());
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
