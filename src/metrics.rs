//! What the hub counts of itself, for `/metrics`.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// What was misread, and of whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Whose {
    /// The home's name.
    pub home: String,
    /// The device's name.
    pub device: String,
    /// The class, by name.
    pub class: &'static str,
}

/// All figures. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    /// Letters that are on disk.
    pub letters: Counter,
    /// Observations noted.
    pub observations: Counter,
    /// Messages from nobody we know, or not understood.
    pub strange: Counter,
    /// What could not be understood of each device, by class.
    pub misread: Family<Whose, Counter>,
    /// Batches on disk.
    pub commits: Counter,
    /// Batches that could not be stored.
    pub commit_failures: Counter,
    /// Seconds from the first letter of a batch to its commit.
    pub commit_seconds: Histogram,
    /// Alarms raised.
    pub alarms: Counter,
    /// Incidents closed.
    pub closed: Counter,
    /// Attempts to tell somebody.
    pub attempts: Counter,
    /// Attempts that the far side did not take.
    pub attempts_lost: Counter,
    /// Open incidents without a deadline (P3): must be 0.
    pub forgotten: Gauge,
    /// Wall time minus hub time, in milliseconds.
    pub clock_offset: Gauge,
    /// Clients of our own MQTT listener.
    pub mqtt_clients: Gauge,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("careloop");
        let r = &mut registry;
        let counter = |r: &mut Registry, name: &str, help: &str| {
            let counter = Counter::default();
            r.register(name, help, counter.clone());
            counter
        };
        let gauge = |r: &mut Registry, name: &str, help: &str| {
            let gauge = Gauge::default();
            r.register(name, help, gauge.clone());
            gauge
        };
        // From a quarter of a millisecond to four seconds.
        let commit_seconds = Histogram::new(exponential_buckets(0.000_25, 2.0, 15));
        r.register(
            "commit_seconds",
            "From a batch's first letter to its commit",
            commit_seconds.clone(),
        );
        let misread = Family::default();
        r.register("misread", "What could not be understood of a device", misread.clone());
        Self {
            misread,
            letters: counter(r, "letters", "Letters on disk"),
            observations: counter(r, "observations", "Observations noted"),
            strange: counter(r, "strange", "Messages from nobody known, or not understood"),
            commits: counter(r, "commits", "Batches on disk"),
            commit_failures: counter(r, "commit_failures", "Batches that could not be stored"),
            commit_seconds,
            alarms: counter(r, "alarms", "Alarms raised"),
            closed: counter(r, "incidents_closed", "Incidents closed"),
            attempts: counter(r, "attempts", "Attempts to tell somebody"),
            attempts_lost: counter(r, "attempts_lost", "Attempts the far side did not take"),
            forgotten: gauge(r, "forgotten", "Open incidents without a deadline; must be 0"),
            clock_offset: gauge(r, "clock_offset_ms", "Wall time minus hub time"),
            mqtt_clients: gauge(r, "mqtt_clients", "Clients of the own MQTT listener"),
            registry: Arc::new(registry),
        }
    }

    /// In the text format of Prometheus.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(std::fmt::Error) => String::new(),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
