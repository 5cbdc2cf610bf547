//! `53 59` control command length(u16be) data sum8 `54 43`; the sum is over everything before it.

use std::borrow::Cow;

use super::{Content, FrameError, Probe};

/// The longest data of any documented message is 60 bytes; the rest is room for new ones.
pub(super) const DATA_MAX: usize = 256;

pub(super) fn probe(bytes: &[u8]) -> Probe {
    let wanted = [0x53, 0x59];
    if bytes.iter().zip(wanted).any(|(byte, want)| *byte != want) {
        return Probe::No;
    }
    let Some(&[_, _, _, _, high, low]) = bytes.first_chunk() else { return Probe::More };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if DATA_MAX < length {
        return Probe::Wrong(FrameError::Oversize);
    }
    let whole = length + 9;
    if bytes.len() < whole {
        return Probe::More;
    }
    let Some((body, &[sum, tail @ ..])) = bytes.split_last_chunk::<3>() else { return Probe::More };
    if whole < bytes.len() || tail != [0x54, 0x43] {
        return Probe::Wrong(FrameError::Tail);
    }
    if body.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) != sum {
        return Probe::Wrong(FrameError::Checksum);
    }
    Probe::Whole(whole)
}

pub(super) fn unpack(frame: &[u8]) -> Option<Content<'_>> {
    let (&[_, _, control, command, _, _], rest) = frame.split_first_chunk()?;
    let (data, _end) = rest.split_last_chunk::<3>()?;
    Some(Content { selector: u16::from_be_bytes([control, command]), data: Cow::Borrowed(data) })
}
