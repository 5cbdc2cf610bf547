//! `55` length(u16le) function address address data crc(u16le): MicRadar's first radars at 24 GHz. The
//! length counts everything but the `55`; the check is the CRC-16 of Modbus over everything before.

use std::borrow::Cow;

use super::{Content, FrameError, Probe};

/// The longest data a radar reports are 12 bytes; the rest is room for new ones.
pub(super) const DATA_MAX: usize = 64;

/// Length, function, two addresses, check.
const LENGTH_MIN: usize = 7;

/// What the radar says, asked or of its own accord; other functions are what the host says.
const REPLY: u8 = 0x03;
const REPORT: u8 = 0x04;

pub(super) fn probe(bytes: &[u8]) -> Probe {
    if bytes.first().is_some_and(|first| *first != 0x55) {
        return Probe::No;
    }
    let Some(&[_, low, high, function]) = bytes.first_chunk() else { return Probe::More };
    let length = usize::from(u16::from_le_bytes([low, high]));
    // One byte says little: what cannot be a frame is a byte of something else.
    if !(1..=REPORT).contains(&function) || length < LENGTH_MIN {
        return Probe::No;
    }
    if LENGTH_MIN + DATA_MAX < length {
        return Probe::Wrong(FrameError::Oversize);
    }
    if bytes.len() < length + 1 {
        return Probe::More;
    }
    if length + 1 < bytes.len() {
        return Probe::Wrong(FrameError::Tail);
    }
    let Some((body, check)) = bytes.split_last_chunk() else { return Probe::More };
    if crc(body) != u16::from_le_bytes(*check) {
        return Probe::Wrong(FrameError::Checksum);
    }
    Probe::Whole(length + 1)
}

/// The addresses as selector, 0 for what is not of the radar.
pub(super) fn unpack(frame: &[u8]) -> Option<Content<'_>> {
    let (&[_, _, _, function, one, two], rest) = frame.split_first_chunk()?;
    let (data, _check) = rest.split_last_chunk::<2>()?;
    let is_said = function == REPLY || function == REPORT;
    let selector = if is_said { u16::from_be_bytes([one, two]) } else { 0 };
    Some(Content { selector, data: Cow::Borrowed(data) })
}

fn crc(bytes: &[u8]) -> u16 {
    let turn = |crc: u16| if crc & 1 == 1 { (crc >> 1) ^ 0xA001 } else { crc >> 1 };
    bytes.iter().fold(0xFFFF, |crc, byte| (0..8).fold(crc ^ u16::from(*byte), |crc, _| turn(crc)))
}
