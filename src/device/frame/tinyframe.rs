//! `01` id(u16be) length(u16be) type(u16be) header-check data data-check. A check is the complement
//! of all bytes xored; without data there is no data check.

use std::borrow::Cow;

use super::{Content, FrameError, Probe};

/// The longest message is a point cloud of a few hundred bytes.
pub(super) const DATA_MAX: usize = 1024;

pub(super) fn probe(bytes: &[u8]) -> Probe {
    if bytes.first().is_some_and(|first| *first != 0x01) {
        return Probe::No;
    }
    let Some((header, rest)) = bytes.split_first_chunk::<8>() else { return Probe::More };
    let [fields @ .., check] = header;
    if complement(fields) != *check {
        return Probe::Wrong(FrameError::Header);
    }
    let [_, _, _, high, low, ..] = *header;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if DATA_MAX < length {
        return Probe::Wrong(FrameError::Oversize);
    }
    if length == 0 {
        return if rest.is_empty() { Probe::Weak(8) } else { Probe::No };
    }
    let Some((check, data)) = rest.split_last() else { return Probe::More };
    if data.len() < length {
        return Probe::More;
    }
    if length < data.len() {
        return Probe::Wrong(FrameError::Tail);
    }
    if complement(data) != *check {
        return Probe::Wrong(FrameError::Checksum);
    }
    Probe::Whole(length + 9)
}

pub(super) fn unpack(frame: &[u8]) -> Option<Content<'_>> {
    let (&[_, _, _, _, _, high, low, _], rest) = frame.split_first_chunk()?;
    let data = rest.split_last().map_or(rest, |(_check, data)| data);
    Some(Content { selector: u16::from_be_bytes([high, low]), data: Cow::Borrowed(data) })
}

fn complement(bytes: &[u8]) -> u8 {
    !bytes.iter().fold(0, |all, byte| all ^ byte)
}
