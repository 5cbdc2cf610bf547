//! What we ask a broker to hear, and how that changes while it runs.

use std::collections::BTreeSet;

use rumqttc::{AsyncClient, QoS, SubscribeFilter, valid_filter};
use tokio::sync::{mpsc, watch};

use super::Settings;
use super::connection::fault;

/// How many changes may wait for the network. One more, and the connection begins anew.
pub(super) const ASKED_MAX: usize = 16;

/// The job that subscribes.
pub(super) struct Hearing<'c> {
    settings: &'c Settings,
    client: &'c AsyncClient,
    /// Tells `read` what was asked, before it is.
    to_ask: mpsc::Sender<Vec<String>>,
    /// What the broker's session of us may hold.
    heard: &'c mut BTreeSet<String>,
}

impl<'c> Hearing<'c> {
    /// One for this connection.
    pub(super) const fn new(
        settings: &'c Settings,
        client: &'c AsyncClient,
        to_ask: mpsc::Sender<Vec<String>>,
        heard: &'c mut BTreeSet<String>,
    ) -> Self {
        Self { settings, client, to_ask, heard }
    }

    /// Subscribes to everything. On every connection, also when the broker remembers us: it costs
    /// nothing, and a broker that lost its memory says so in a flag that is easy to get wrong.
    /// Retained messages come again. Says whether there is anything to hear.
    pub(super) fn begin(
        &mut self,
        wanted: &mut watch::Receiver<Vec<String>>,
    ) -> Result<bool, String> {
        let all = self.all(wanted);
        self.turn_to(&all, all.clone())?;
        Ok(!all.is_empty())
    }

    /// Does as is wanted, until that cannot be done. What stays is not asked for again: its
    /// retained messages are known.
    pub(super) async fn follow(&mut self, wanted: &mut watch::Receiver<Vec<String>>) -> String {
        loop {
            if wanted.changed().await.is_err() {
                // Nobody is there any more who could want anything.
                std::future::pending::<()>().await;
            }
            let all = self.all(wanted);
            let new = all.iter().filter(|filter| !self.heard.contains(*filter)).cloned().collect();
            if let Err(why) = self.turn_to(&all, new) {
                return why;
            }
        }
    }

    /// In the order of the settings, and those of the register after them.
    fn all(&self, wanted: &mut watch::Receiver<Vec<String>>) -> Vec<String> {
        let wanted = wanted.borrow_and_update();
        let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
        for filter in self.settings.subscribe.iter().chain(&*wanted) {
            if valid_filter(filter) && seen.insert(filter) {
                all.push(filter.clone());
            }
        }
        all
    }

    fn turn_to(&mut self, all: &[String], new: Vec<String>) -> Result<(), String> {
        let all: BTreeSet<String> = all.iter().cloned().collect();
        self.leave(&all)?;
        self.join(new)?;
        *self.heard = all;
        Ok(())
    }

    fn leave(&self, all: &BTreeSet<String>) -> Result<(), String> {
        let gone = self.heard.difference(all);
        let mut left = gone.map(|filter| self.client.try_unsubscribe(filter.clone()));
        if left.all(|left| left.is_ok()) { Ok(()) } else { Err(fault()) }
    }

    fn join(&self, new: Vec<String>) -> Result<(), String> {
        if new.is_empty() {
            return Ok(());
        }
        let filter = |topic: &String| SubscribeFilter::new(topic.clone(), QoS::AtLeastOnce);
        let filters: Vec<SubscribeFilter> = new.iter().map(filter).collect();
        let asked = self.to_ask.try_send(new).is_ok();
        if asked && self.client.try_subscribe_many(filters).is_ok() { Ok(()) } else { Err(fault()) }
    }
}
