//! Keeps count of messages from nobody we know and of what was not understood (P10).

use std::collections::BTreeMap;

use crate::device::{Origin, RawMessage};
use crate::domain::{Span, Time};
use crate::store::StoreError;
use crate::store::strange::{ORIGINS_MAX, SAMPLE_BYTES_MAX, SAMPLES_MAX, Sample, Stranger};

use super::Batch;

/// A busy stranger is written down at most this often; it is counted always.
const WRITE_EVERY: Span = Span::seconds(10);
/// The first few of each are written down at once.
const WRITE_FIRST: u64 = 10;

/// All strangers, by origin.
#[derive(Debug)]
pub(super) struct Strangers {
    all: BTreeMap<String, (Stranger, Time)>,
}

impl Strangers {
    pub(super) fn new(known: Vec<Stranger>) -> Self {
        let with_key = |s: Stranger| (s.origin.clone(), (s.clone(), s.last_at));
        Self { all: known.into_iter().map(with_key).collect() }
    }
}

impl Batch<'_> {
    pub(super) fn strange(
        &mut self,
        raw: &RawMessage,
        device: Option<String>,
        why: Vec<String>,
    ) -> Result<(), StoreError> {
        let origin = match &raw.origin {
            Origin::Mqtt(topic) => format!("mqtt {topic}"),
            Origin::Serial(port) => format!("serial {port}"),
        };
        let now = self.now + self.offset;
        let all = &mut self.strangers.all;
        if !all.contains_key(&origin) {
            if ORIGINS_MAX <= all.len() {
                let oldest = all.values().min_by_key(|(s, _)| s.last_at);
                if let Some(oldest) = oldest.map(|(s, _)| s.origin.clone()) {
                    all.remove(&oldest);
                    self.writing.forget_stranger(&oldest)?;
                }
            }
            let new = Stranger {
                origin: origin.clone(),
                device: None,
                count: 0,
                first_at: now,
                last_at: now,
                samples: Vec::new(),
            };
            all.insert(origin.clone(), (new, now));
        }
        let Some((stranger, written)) = all.get_mut(&origin) else { return Ok(()) };
        stranger.count += 1;
        stranger.last_at = now;
        stranger.device = device;
        if SAMPLES_MAX <= stranger.samples.len() {
            stranger.samples.remove(0);
        }
        stranger.samples.push(Sample { payload: show(&raw.payload), why });
        if stranger.count <= WRITE_FIRST || *written + WRITE_EVERY <= now {
            *written = now;
            self.writing.put_stranger(stranger)?;
        }
        Ok(())
    }
}

/// As text if it is text, else as hex; cut to what is kept.
fn show(payload: &[u8]) -> String {
    match std::str::from_utf8(payload) {
        Ok(text) if !text.contains('\0') => {
            let end = text.floor_char_boundary(SAMPLE_BYTES_MAX);
            text.get(..end).unwrap_or_default().to_owned()
        }
        Ok(_) | Err(_) => {
            let end = payload.len().min(SAMPLE_BYTES_MAX / 2);
            data_encoding::HEXLOWER.encode(payload.get(..end).unwrap_or_default())
        }
    }
}
