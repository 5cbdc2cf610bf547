//! Keeps count of messages from nobody we know and of what was not understood (P10).

use std::collections::BTreeMap;

use crate::device::{Origin, RawMessage};
use crate::domain::{Span, Time};
use crate::store::forget::Traces;
use crate::store::strange::{ORIGINS_MAX, SAMPLE_BYTES_MAX, SAMPLES_MAX, Sample, Stranger};
use crate::store::{StoreError, Writing};

use super::batch::Batch;

/// A busy stranger is written down at most this often; it is counted always.
pub(super) const WRITE_EVERY: Span = Span::seconds(10);
/// The first few of each are written down at once.
pub(super) const WRITE_FIRST: u64 = 10;

/// How much of an origin, and of each sentence on what was wrong, is kept, in bytes.
const WORDS_MAX: usize = 256;
/// How many sentences are kept of each message.
const WHY_MAX: usize = 8;

/// All strangers, by origin.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    all: BTreeMap<String, Known>,
}

#[derive(Debug)]
struct Known {
    stranger: Stranger,
    written_at: Time,
    is_written: bool,
}

impl Strangers {
    pub(super) fn new(on_disk: Vec<Stranger>) -> Self {
        let known = |stranger: Stranger| {
            let written_at = stranger.last_at;
            (stranger.origin.clone(), Known { stranger, written_at, is_written: true })
        };
        Self { all: on_disk.into_iter().map(known).collect() }
    }

    /// Writes down whoever was counted since.
    pub(super) fn write_all(&self, writing: &Writing<'_>) -> Result<(), StoreError> {
        let mut unwritten = self.all.values().filter(|known| !known.is_written);
        unwritten.try_for_each(|known| writing.put_stranger(&known.stranger))
    }

    /// That is on disk now.
    pub(super) fn are_written(&mut self) {
        self.all.values_mut().for_each(|known| known.is_written = true);
    }
}

impl Batch<'_> {
    /// Forgets what the devices of a home said that was not understood, before they were registered too.
    pub(super) fn forget_strangers(&mut self, traces: &Traces) -> Result<u64, StoreError> {
        let all = self.strangers.all.values().map(|known| &known.stranger);
        let theirs = all.filter(|stranger| {
            let home = stranger.device.as_ref().and_then(|device| device.split_once('/'));
            home.is_some_and(|(home, _)| home.parse().is_ok_and(|home| traces.is_of(&home)))
                || traces.has_origin(&stranger.origin)
        });
        let theirs: Vec<String> = theirs.map(|stranger| stranger.origin.clone()).collect();
        for origin in &theirs {
            self.strangers.all.remove(origin);
            self.writing.forget_stranger(origin)?;
        }
        Ok(u64::try_from(theirs.len()).unwrap_or(u64::MAX))
    }

    pub(super) fn strange(
        &mut self,
        raw: &RawMessage,
        device: Option<String>,
        why: &[&str],
        times: u64,
    ) -> Result<(), StoreError> {
        let origin = match &raw.origin {
            Origin::Mqtt(topic) => format!("mqtt {topic}"),
            Origin::Serial(port) => format!("serial {port}"),
        };
        let origin = cut(&origin, WORDS_MAX).to_owned();
        let why = why.iter().take(WHY_MAX).map(|why| cut(why, WORDS_MAX).to_owned()).collect();
        let now = self.now + self.offset;
        let all = &mut self.strangers.all;
        if !all.contains_key(&origin) && ORIGINS_MAX <= all.len() {
            let oldest = all.values().map(|k| &k.stranger).min_by_key(|s| s.last_at);
            if let Some(oldest) = oldest.map(|s| s.origin.clone()) {
                all.remove(&oldest);
                self.writing.forget_stranger(&oldest)?;
            }
        }
        let known = all.entry(origin).or_insert_with_key(|origin| Known {
            stranger: Stranger {
                origin: origin.clone(),
                device: None,
                count: 0,
                first_at: now,
                last_at: now,
                samples: Vec::new(),
            },
            written_at: now,
            is_written: false,
        });
        let stranger = &mut known.stranger;
        stranger.count += times;
        self.handled.strange += times;
        stranger.last_at = now;
        stranger.device = device;
        if SAMPLES_MAX <= stranger.samples.len() {
            stranger.samples.remove(0);
        }
        stranger.samples.push(Sample { payload: show(&raw.payload), why });
        known.is_written = stranger.count <= WRITE_FIRST || known.written_at + WRITE_EVERY <= now;
        if known.is_written {
            known.written_at = now;
            self.writing.put_stranger(stranger)?;
        }
        Ok(())
    }
}

fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}

/// As text if it is text, else as hex; cut to what is kept.
fn show(payload: &[u8]) -> String {
    match std::str::from_utf8(payload) {
        Ok(text) if !text.contains('\0') => cut(text, SAMPLE_BYTES_MAX).to_owned(),
        Ok(_) | Err(_) => {
            let end = payload.len().min(SAMPLE_BYTES_MAX / 2);
            data_encoding::HEXLOWER.encode(payload.get(..end).unwrap_or_default())
        }
    }
}
