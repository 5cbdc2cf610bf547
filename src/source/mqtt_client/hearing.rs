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
        self.leave(&all)?;
        self.join(all.iter().cloned().collect())?;
        let any = !all.is_empty();
        *self.heard = all;
        Ok(any)
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
            let done = self.leave(&all);
            let done = done.and_then(|()| self.join(all.difference(self.heard).cloned().collect()));
            if let Err(why) = done {
                return why;
            }
            *self.heard = all;
        }
    }

    fn all(&self, wanted: &mut watch::Receiver<Vec<String>>) -> BTreeSet<String> {
        let wanted = wanted.borrow_and_update();
        let all = self.settings.subscribe.iter().chain(&*wanted);
        all.filter(|filter| valid_filter(filter)).cloned().collect()
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
