//! Keeps count of what could not be understood of each device, by class (P10).

use std::collections::BTreeMap;

use crate::device::{Misread, Problem};
use crate::domain::{DeviceId, HomeId, Time};
use crate::store::misread::{COUNTERS_MAX, Misreading};
use crate::store::{StoreError, Writing};

use super::batch::Batch;
use super::strangers::{WRITE_EVERY, WRITE_FIRST};

type Key = (HomeId, DeviceId, Misread);

/// All counters.
#[derive(Debug, Default)]
pub(super) struct Misreads {
    all: BTreeMap<Key, Counter>,
}

#[derive(Debug)]
struct Counter {
    count: u64,
    last_at: Time,
    written_at: Time,
    is_written: bool,
}

impl Misreads {
    pub(super) fn new(on_disk: Vec<Misreading>) -> Self {
        let counter = |m: Misreading| {
            let Misreading { home, device, class, count, last_at } = m;
            let counter = Counter { count, last_at, written_at: last_at, is_written: true };
            ((home, device, class), counter)
        };
        Self { all: on_disk.into_iter().map(counter).collect() }
    }

    /// Writes down whatever was counted since.
    pub(super) fn write_all(&self, writing: &Writing<'_>) -> Result<(), StoreError> {
        let mut unwritten = self.all.iter().filter(|(_, counter)| !counter.is_written);
        unwritten.try_for_each(|(key, counter)| writing.put_misread(&row(key, counter)))
    }

    /// Nothing is counted of this home any more; on disk it is gone.
    pub(super) fn forget(&mut self, home: &HomeId) {
        self.all.retain(|(of, _, _), _| of != home);
    }

    /// That is on disk now.
    pub(super) fn are_written(&mut self) {
        self.all.values_mut().for_each(|counter| counter.is_written = true);
    }
}

impl Batch<'_> {
    /// Counts what was wrong with one message of a device, and how many messages it stands for.
    pub(super) fn misread(
        &mut self,
        home: &HomeId,
        device: &DeviceId,
        problems: &[Problem],
        replaced: u32,
    ) -> Result<(), StoreError> {
        for problem in problems {
            self.count(home, device, problem.class, 1)?;
        }
        if 0 < replaced {
            self.count(home, device, Misread::OverBudget, u64::from(replaced))?;
        }
        Ok(())
    }

    fn count(
        &mut self,
        home: &HomeId,
        device: &DeviceId,
        class: Misread,
        times: u64,
    ) -> Result<(), StoreError> {
        let now = self.now + self.offset;
        let key = (home.clone(), device.clone(), class);
        *self.handled.misread.entry(key.clone()).or_default() += times;
        let all = &mut self.misreads.all;
        if !all.contains_key(&key) && COUNTERS_MAX <= all.len() {
            let oldest = all.iter().min_by_key(|(_, counter)| counter.last_at);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                all.remove(&oldest);
                self.writing.forget_misread(&oldest.0, &oldest.1, oldest.2)?;
            }
        }
        let new = Counter { count: 0, last_at: now, written_at: now, is_written: false };
        let counter = all.entry(key.clone()).or_insert(new);
        counter.count += times;
        counter.last_at = now;
        counter.is_written =
            counter.count <= WRITE_FIRST || counter.written_at + WRITE_EVERY <= now;
        if counter.is_written {
            counter.written_at = now;
            self.writing.put_misread(&row(&key, counter))?;
        }
        Ok(())
    }
}

fn row((home, device, class): &Key, counter: &Counter) -> Misreading {
    Misreading {
        home: home.clone(),
        device: device.clone(),
        class: *class,
        count: counter.count,
        last_at: counter.last_at,
    }
}
