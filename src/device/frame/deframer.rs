//! Finds frames in a stream.

use super::{FrameError, Framing, Probe};

/// The most possible starts watched at once; the oldest gives way. Only hostile bytes reach it.
const STARTS_MAX: usize = 64;

/// Of a damaged frame at most this many bytes are kept.
const KEPT_MAX: usize = 256;

/// Noise is reported in pieces of at most this many bytes.
const NOISE_MAX: usize = 64;

/// What the stream held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A whole frame: all its bytes but a line's end.
    Frame(Vec<u8>),
    /// Bytes that are none.
    Damage {
        /// Why not.
        why: FrameError,
        /// The bytes, as far as kept.
        bytes: Vec<u8>,
    },
}

/// Takes bytes as they come and gives frames as they complete. Never holds more than one frame's
/// length.
#[derive(Debug)]
pub struct Deframer {
    framing: Framing,
    /// From the earliest byte that may still begin a frame.
    buffer: Vec<u8>,
    /// Where in the buffer a frame may begin, ascending.
    starts: Vec<usize>,
    /// Before this place everything was already reported as damaged.
    reported: usize,
    noise: Vec<u8>,
}

impl Deframer {
    /// At the start of a stream, or somewhere in it.
    pub const fn new(framing: Framing) -> Self {
        Self { framing, buffer: Vec::new(), starts: Vec::new(), reported: 0, noise: Vec::new() }
    }

    /// Takes the next bytes. The result does not depend on how the stream was cut.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Found> {
        let mut found = Vec::new();
        for byte in bytes {
            self.take(*byte, &mut found);
        }
        found
    }

    /// The stream has ended: reports what was under way, and begins anew.
    pub fn end(&mut self) -> Vec<Found> {
        let mut found = Vec::new();
        self.flush_noise(&mut found);
        if !self.starts.is_empty() {
            let first = self.starts.first().copied().unwrap_or(0);
            self.damage(first, FrameError::Truncated, &mut found);
        }
        *self = Self::new(self.framing);
        found
    }

    fn take(&mut self, byte: u8, found: &mut Vec<Found>) {
        if self.framing.may_begin(&self.buffer) {
            self.starts.push(self.buffer.len());
        }
        self.buffer.push(byte);
        let mut open: Vec<usize> = Vec::new();
        for start in std::mem::take(&mut self.starts) {
            let bytes = self.buffer.get(start..).unwrap_or_default();
            match self.framing.probe(bytes) {
                Probe::No => {}
                Probe::More => open.push(start),
                Probe::Whole(length) => return self.give(&open, start, length, found),
                Probe::Weak(length) if open.is_empty() => {
                    return self.give(&open, start, length, found);
                }
                // More likely a piece of what is under way; at worst a message without data is lost.
                Probe::Weak(_) => {}
                Probe::Wrong(why) if open.is_empty() => self.damage(start, why, found),
                // Data of what is under way; should that be damaged, it is reported as a whole.
                Probe::Wrong(_) => {}
            }
        }
        // Bytes before the oldest start are done with, and do not make it long.
        let oldest = open.first().copied().unwrap_or(self.buffer.len());
        if STARTS_MAX < open.len() || self.framing.max() <= self.buffer.len() - oldest {
            self.damage(oldest, FrameError::Oversize, found);
            open.retain(|start| *start != oldest);
        }
        self.starts = open;
        self.forget(found);
    }

    /// A frame is whole. What began before it and is still open was cut off.
    fn give(&mut self, open: &[usize], start: usize, length: usize, found: &mut Vec<Found>) {
        let frame = self.buffer.get(start..start + length).unwrap_or_default().to_vec();
        if let Some(cut) = open.first() {
            self.buffer.truncate(start);
            self.damage(*cut, FrameError::Truncated, found);
        }
        self.starts = vec![start];
        self.forget(found);
        self.flush_noise(found);
        found.push(Found::Frame(frame));
        self.buffer.clear();
        self.starts.clear();
        self.reported = 0;
    }

    /// Reports a damaged frame, once: what looks like a frame inside it is not reported again.
    fn damage(&mut self, start: usize, why: FrameError, found: &mut Vec<Found>) {
        if self.reported <= start {
            let bytes = self.buffer.get(start..).unwrap_or_default();
            let bytes = bytes.iter().copied().take(KEPT_MAX).collect();
            found.push(Found::Damage { why, bytes });
            self.reported = self.buffer.len();
        }
    }

    /// Drops the bytes no frame can begin with; those nobody reported are noise.
    fn forget(&mut self, found: &mut Vec<Found>) {
        let keep = self.starts.first().copied().unwrap_or(self.buffer.len());
        for (n, byte) in self.buffer.drain(..keep).enumerate() {
            if self.reported <= n {
                self.noise.push(byte);
            }
            if NOISE_MAX <= self.noise.len() {
                let bytes = std::mem::take(&mut self.noise);
                found.push(Found::Damage { why: FrameError::Noise, bytes });
            }
        }
        self.reported = self.reported.saturating_sub(keep);
        for start in &mut self.starts {
            *start -= keep;
        }
    }

    fn flush_noise(&mut self, found: &mut Vec<Found>) {
        if !self.noise.is_empty() {
            let bytes = std::mem::take(&mut self.noise);
            found.push(Found::Damage { why: FrameError::Noise, bytes });
        }
    }
}
