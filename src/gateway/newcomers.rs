//! Keeps what is announced. Bridges announce all they know at every start and every reconnect: what
//! changes nothing writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::device::{Announcement, Newcomer};
use crate::domain::Time;
use crate::store::StoreError;
use crate::store::announced::ANNOUNCED_MAX;
use crate::store::forget::Traces;

use super::batch::Batch;

/// All announced devices, by their keys.
#[derive(Debug, Default)]
pub(super) struct Newcomers {
    all: BTreeMap<String, (Time, Newcomer)>,
    /// Which topic announces which of them.
    by: BTreeMap<String, BTreeSet<String>>,
}

impl Newcomers {
    pub(super) fn new(on_disk: Vec<(String, Time, Newcomer)>) -> Self {
        let mut newcomers = Self::default();
        for (key, last_at, newcomer) in on_disk {
            for by in newcomer.pieces.keys() {
                newcomers.by.entry(by.clone()).or_default().insert(key.clone());
            }
            newcomers.all.insert(key, (last_at, newcomer));
        }
        newcomers
    }

    /// The one whose announcement changed longest ago, where there are as many as there may be.
    fn oldest(&self) -> Option<String> {
        let full = ANNOUNCED_MAX <= self.all.len();
        let oldest = self.all.iter().min_by_key(|(_, (at, _))| *at);
        oldest.filter(|_| full).map(|(key, _)| key.clone())
    }

    fn forget(&mut self, key: &str) {
        let gone = self.all.remove(key);
        for by in gone.iter().flat_map(|(_, newcomer)| newcomer.pieces.keys()) {
            if let Some(keys) = self.by.get_mut(by) {
                keys.remove(key);
                if keys.is_empty() {
                    self.by.remove(by);
                }
            }
        }
    }
}

impl Batch<'_> {
    /// Forgets what announced the devices of a home.
    pub(super) fn forget_newcomers(&mut self, traces: &Traces) -> Result<u64, StoreError> {
        let is_theirs = |newcomer: &Newcomer| {
            serde_json::to_string(newcomer).is_ok_and(|text| traces.is_in(&text))
        };
        let all = self.newcomers.all.iter();
        let theirs = all.filter(|(_, (_, newcomer))| is_theirs(newcomer));
        let theirs: Vec<String> = theirs.map(|(key, _)| key.clone()).collect();
        for key in &theirs {
            self.newcomers.forget(key);
            self.writing.forget_announced(key)?;
        }
        Ok(u64::try_from(theirs.len()).unwrap_or(u64::MAX))
    }

    /// Notes what a topic announces now, and forgets what it no longer does.
    pub(super) fn announce(&mut self, announcement: &Announcement) -> Result<(), StoreError> {
        let Announcement { by, devices } = announcement;
        let now = self.now + self.offset;
        let keys: BTreeSet<&String> = devices.iter().map(|device| &device.key).collect();
        let before = self.newcomers.by.get(by).cloned().unwrap_or_default();
        for key in before.iter().filter(|key| !keys.contains(key)) {
            self.withdraw(by, key, now)?;
        }
        for piece in devices {
            let key = &piece.key;
            if !self.newcomers.all.contains_key(key)
                && let Some(oldest) = self.newcomers.oldest()
            {
                self.newcomers.forget(&oldest);
                self.writing.forget_announced(&oldest)?;
            }
            let newcomers = &mut *self.newcomers;
            let (last_at, newcomer) =
                newcomers.all.entry(key.clone()).or_insert_with(|| (now, Newcomer::default()));
            if newcomer.note(by, piece) {
                *last_at = now;
                newcomers.by.entry(by.clone()).or_default().insert(key.clone());
                self.writing.put_announced(key, now, newcomer)?;
            }
        }
        Ok(())
    }

    /// This topic no longer tells of the device.
    fn withdraw(&mut self, by: &str, key: &str, now: Time) -> Result<(), StoreError> {
        let Some((last_at, newcomer)) = self.newcomers.all.get_mut(key) else { return Ok(()) };
        newcomer.pieces.remove(by);
        if let Some(keys) = self.newcomers.by.get_mut(by) {
            keys.remove(key);
            if keys.is_empty() {
                self.newcomers.by.remove(by);
            }
        }
        if newcomer.pieces.is_empty() {
            self.newcomers.forget(key);
            return self.writing.forget_announced(key);
        }
        *last_at = now;
        self.writing.put_announced(key, now, newcomer)
    }
}
