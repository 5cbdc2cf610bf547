//! The hub watches itself: store, clock and brokers are devices of one more home, `hub`.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::{
    DeviceId, Home, HomeId, Input, Name, Observation, Property, Sentence, Span, Time, Value,
};
use crate::engine::Book;
use crate::engine::rota::covered_until;
use crate::inbox::{Arrival, Inbox};
use crate::source::mqtt_client::{Link, LinkState};
use crate::source::serial::Health;
use crate::store::Setback;
use crate::tls::Identity;

/// A wall clock that is not set for longer than this is a fault.
const CLOCK_WITHIN: Span = Span::minutes(10);

/// What is watched.
#[derive(Debug)]
pub struct Watched {
    /// What happened to the store at start.
    pub setback: Option<Setback>,
    /// The loop's troubles with the store, and their end.
    pub troubles: mpsc::Receiver<bool>,
    /// The clock.
    pub clock: Clock,
    /// Brokers by name.
    pub links: BTreeMap<Name, Link>,
}

/// How often the hub looks at the rota, and how often it tells what it saw although that is the same.
const LOOK_EVERY: Span = Span::minutes(1);
const TELL_EVERY: Span = Span::hours(1);
/// So far ahead it looks.
const AHEAD: Span = Span::hours(14 * 24);

/// By what the rota is looked at.
#[derive(Debug)]
pub(super) struct Watching {
    pub(super) homes: watch::Receiver<Arc<Vec<Arc<Home>>>>,
    pub(super) book: watch::Receiver<Arc<Book>>,
    pub(super) clock: Clock,
}

impl Watching {
    /// Until when, in wall time, somebody of every rung of every home is on duty; as far as it looks.
    fn covered_until(&mut self, wall: Time) -> Time {
        let book = Arc::clone(&self.book.borrow_and_update());
        let homes = Arc::clone(&self.homes.borrow_and_update());
        // The hub and the grids have none but people of the homes.
        let own = |home: &&Home| home.is_ordinary();
        covered_until(&book, homes.iter().map(|home| &**home).filter(own), wall, wall + AHEAD)
    }

    /// Another register or rule book, or time. Returns whether it is not only time.
    async fn wait(&mut self) -> bool {
        tokio::select! {
            Ok(()) = self.homes.changed() => true,
            Ok(()) = self.book.changed() => true,
            () = tokio::time::sleep(LOOK_EVERY.to_std()) => false,
        }
    }
}

/// What was told of the rota: until when it is covered, at what hub time, and by which wall clock.
#[derive(Clone, Copy)]
struct Told {
    until: Time,
    at: Time,
    offset: Span,
}

impl Told {
    /// What tells one from another. Beyond what is looked at, and within a gap, one instant is as good as another.
    fn gist(&self) -> (bool, Option<Time>) {
        let wall = self.at + self.offset;
        let is_all = wall + AHEAD <= self.until;
        (is_all, Some(self.until).filter(|until| !is_all && wall < *until))
    }
}

/// Tells for how many days each certificate that we show is good, each hour, and at once when another is shown.
pub(super) async fn watch_certificates(
    certificates: Vec<(&'static str, Identity)>,
    clock: Clock,
    inbox: Inbox,
    stop: CancellationToken,
) {
    let mut told = BTreeMap::new();
    loop {
        // By a clock that was never set every certificate is good for decades.
        for (device, identity) in certificates.iter().filter(|_| clock.is_set()) {
            let (at, until) = (clock.now(), identity.until());
            let is_told =
                |(of, when): &(Option<Time>, Time)| *of == until && at < *when + TELL_EVERY;
            if told.get(device).is_some_and(is_told) {
                continue;
            }
            told.insert(*device, (until, at));
            match until {
                Some(until) => {
                    let days = counted(until - (at + clock.offset()), Span::hours(24));
                    tell(&inbox, device, Property::Validity, days).await;
                }
                None => tracing::warn!(device, "cannot read until when the certificate is good"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY.to_std()) => {}
        }
    }
}

/// Tells for how long the rota has no gap, each hour, and at once when that is otherwise.
pub(super) async fn watch_rota(mut watching: Watching, inbox: Inbox, stop: CancellationToken) {
    let (mut told, mut is_new): (Option<Told>, bool) = (None, true);
    loop {
        let (at, offset) = (watching.clock.now(), watching.clock.offset());
        let wall = at + offset;
        let is_due = told.is_none_or(|told| told.at + TELL_EVERY <= at);
        // With ten thousand homes a look takes a while: only where it may show something else.
        let may_differ = |told: Told| told.offset != offset || told.until <= wall + LOOK_EVERY;
        // By a clock that was never set nobody is on duty, or everybody.
        if watching.clock.is_set() && (is_new || is_due || told.is_some_and(may_differ)) {
            let now = Told { until: watching.covered_until(wall), at, offset };
            if is_due || told.is_some_and(|told| told.gist() != now.gist()) {
                let hours = counted(now.until - wall, Span::hours(1));
                tell(&inbox, "rota", Property::Cover, hours).await;
                told = Some(now);
            }
        }
        is_new = tokio::select! {
            () = stop.cancelled() => return,
            is_new = watching.wait() => is_new,
        };
    }
}

/// The hub's own home.
pub(super) fn home() -> Result<HomeId, Sentence> {
    Home::HUB.parse()
}

/// What is shown to those who come by TLS: to devices, and to browsers.
pub(super) const MQTT_CERTIFICATE: &str = "certificate-mqtt";
pub(super) const PAGES_CERTIFICATE: &str = "certificate-pages";

/// The hub's own devices.
pub(super) fn devices(settings: &Settings) -> impl Iterator<Item = Result<DeviceId, Sentence>> {
    let mqtt = settings.mqtt.as_ref().and_then(|mqtt| mqtt.tls.as_ref());
    let pages = settings.http.as_ref().and_then(|http| http.tls.as_ref());
    let shown = [mqtt.map(|_| MQTT_CERTIFICATE), pages.map(|_| PAGES_CERTIFICATE)];
    let own =
        ["store", "store-file", "clock", "rota"].into_iter().chain(shown.into_iter().flatten());
    let brokers = settings.brokers.iter().map(|broker| format!("broker-{}", broker.name).parse());
    own.map(str::parse).chain(brokers)
}

/// Reports until `stop`.
pub async fn run(watched: Watched, inbox: Inbox, stop: CancellationToken) {
    let Watched { setback, mut troubles, clock, links } = watched;
    let mut watchers = JoinSet::new();
    for (name, link) in links {
        watchers.spawn(watch_link(name, link, inbox.clone()));
    }
    watchers.spawn(watch_clock(clock, inbox.clone()));
    if let Some(Setback { aside, why }) = setback {
        tracing::error!(aside = %aside.display(), why, "the database was damaged and set aside");
        report(&inbox, "store-file", Property::Fault, true).await;
    }
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            trouble = troubles.recv() => match trouble {
                Some(trouble) => report(&inbox, "store", Property::Fault, trouble).await,
                None => return,
            },
        }
    }
}

async fn watch_clock(clock: Clock, inbox: Inbox) {
    tokio::time::sleep(CLOCK_WITHIN.to_std()).await;
    let mut told = false;
    loop {
        if told == clock.is_set() {
            told = !told;
            report(&inbox, "clock", Property::Fault, told).await;
        }
        tokio::time::sleep(Span::minutes(1).to_std()).await;
    }
}

async fn watch_link(name: Name, link: Link, inbox: Inbox) {
    let mut state = link.state();
    let device = format!("broker-{name}");
    loop {
        let up = matches!(*state.borrow_and_update(), LinkState::Up { .. });
        report(&inbox, &device, Property::Online, up).await;
        if state.changed().await.is_err() {
            return;
        }
    }
}

/// Logs when a serial port comes and goes. What it means for the home is the silence of its device.
pub(super) async fn watch_port(port: String, mut health: watch::Receiver<Health>) {
    let mut last = (false, String::new());
    loop {
        let now = {
            let health = health.borrow_and_update();
            (health.is_up, health.why.clone())
        };
        if now != last {
            match &now {
                (true, _) => tracing::info!(port, "a serial port is open"),
                (false, why) if !why.is_empty() => tracing::warn!("{why}"),
                (false, _) => {}
            }
            last = now;
        }
        if health.changed().await.is_err() {
            return;
        }
    }
}

/// How long it is in these units, to the tenth that is full.
fn counted(span: Span, unit: Span) -> Value {
    let units = span.to_std().as_secs_f64() / unit.to_std().as_secs_f64();
    Value::Number((units * 10.0).floor() / 10.0)
}

/// Posts what a device of the hub says. When the store is the trouble it may not be stored: it is
/// in the log then, and on the lamp of the watchdog.
async fn report(inbox: &Inbox, device: &str, property: Property, flag: bool) {
    tell(inbox, device, property, Value::Flag(flag)).await;
}

async fn tell(inbox: &Inbox, device: &str, property: Property, value: Value) {
    let (Ok(home), Ok(device)) = (home(), device.parse::<DeviceId>()) else { return };
    let Ok(observation) = Observation::new(property, value) else { return };
    let observations = vec![observation];
    let input = Input::Heard { device, observations, retained: false };
    let receipt = inbox.post(Arrival::Input { home, input }).await;
    if let Err(error) = receipt.await {
        tracing::warn!(%error, "cannot note what the hub says of itself");
    }
}
