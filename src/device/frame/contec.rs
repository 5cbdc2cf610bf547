//! Contec oximeters. No checksum: only bit 7 tells the first byte from the others.

use std::borrow::Cow;

use super::{Content, FrameError, Probe};

/// Live values: the only type that is always nine bytes; replies to other questions are shorter.
const LIVE: u8 = 0x01;

/// Type, then the eighth bits, then seven bytes whose own bit 7 is always set.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let Some((kind, rest)) = bytes.split_first() else { return Probe::More };
    if 0x80 <= *kind {
        return Probe::No;
    }
    if rest.iter().any(|byte| *byte < 0x80) {
        return if *kind == LIVE { Probe::Wrong(FrameError::Truncated) } else { Probe::No };
    }
    whole(bytes, 9)
}

/// The type as selector; the seven bytes with their eighth bits put back.
pub(super) fn unpack(frame: &[u8]) -> Option<Content<'_>> {
    let (&[kind, eighths], packed) = frame.split_first_chunk()?;
    let data = packed
        .iter()
        .enumerate()
        .map(|(n, byte)| (byte & 0x7F) | ((eighths >> n & 1) << 7))
        .collect();
    Some(Content { selector: u16::from(kind), data: Cow::Owned(data) })
}

/// Status, pulse wave, bar graph with the pulse rate's eighth bit in bit 6, pulse rate, saturation.
pub(super) fn probe_5(bytes: &[u8]) -> Probe {
    let Some((status, rest)) = bytes.split_first() else { return Probe::More };
    if *status < 0x80 {
        return Probe::No;
    }
    if rest.iter().any(|byte| 0x80 <= *byte) {
        return Probe::Wrong(FrameError::Truncated);
    }
    whole(bytes, 5)
}

/// The five bytes, the pulse rate whole and bit 7 of the status cleared.
pub(super) fn unpack_5(frame: &[u8]) -> Option<Content<'_>> {
    let &[status, wave, bar, pulse, saturation] = frame.first_chunk()?;
    let data = vec![status & 0x7F, wave, bar, pulse | ((bar & 0x40) << 1), saturation];
    Some(Content { selector: 0, data: Cow::Owned(data) })
}

const fn whole(bytes: &[u8], length: usize) -> Probe {
    if bytes.len() < length {
        return Probe::More;
    }
    if length < bytes.len() {
        return Probe::Wrong(FrameError::Tail);
    }
    Probe::Whole(length)
}
