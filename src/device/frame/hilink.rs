//! Hi-Link radars. Reports and answers to commands share one shape, head length(u16le) data tail;
//! answers (`FD FC FB FA … 04 03 02 01`) are whole frames too, so that they are not taken for noise.
//! There is no checksum: the length, the marks inside and the tail have to agree.

use std::borrow::Cow;

use super::{Content, FrameError, Probe};

/// The longest data of any documented message is 78 bytes; the rest is room for new ones.
pub(super) const DATA_MAX: usize = 128;

/// The frames of the LD2450 have no length: head, three targets of eight bytes, tail.
pub(super) const LENGTH_2450: usize = 30;

/// What the LD2420 reports is always 35 bytes: presence, distance, sixteen gates.
const DATA_2420: usize = 35;

/// The sort of frame that an answer to a command is.
const ANSWER: u16 = 0xFDFC;

const REPORT_HEAD: [u8; 4] = [0xF4, 0xF3, 0xF2, 0xF1];
const REPORT_TAIL: [u8; 4] = [0xF8, 0xF7, 0xF6, 0xF5];
const ANSWER_HEAD: [u8; 4] = [0xFD, 0xFC, 0xFB, 0xFA];
const ANSWER_TAIL: [u8; 4] = [0x04, 0x03, 0x02, 0x01];
const HEAD_2450: [u8; 4] = [0xAA, 0xFF, 0x03, 0x00];
const TAIL_2450: [u8; 2] = [0x55, 0xCC];

/// `F4 F3 F2 F1` length type `AA` … `55` check `F8 F7 F6 F5`; the check is always 0.
pub(super) fn probe_2410(bytes: &[u8]) -> Probe {
    probe(bytes, |data| {
        let (head, tail) = (data.get(1).copied(), data.iter().rev().nth(1).copied());
        head == Some(0xAA) && tail == Some(0x55)
    })
}

/// The type as selector; the data from the state on.
pub(super) fn unpack_2410(frame: &[u8]) -> Option<Content<'_>> {
    let Some(data) = report(frame) else { return Some(answer(frame)) };
    let (&[kind, _], rest) = data.split_first_chunk()?;
    let (rest, _end) = rest.split_last_chunk::<2>()?;
    Some(Content { selector: u16::from(kind), data: Cow::Borrowed(rest) })
}

/// `F4 F3 F2 F1` `23 00` presence distance gates `F8 F7 F6 F5`.
pub(super) fn probe_2420(bytes: &[u8]) -> Probe {
    probe(bytes, |data| data.len() == DATA_2420)
}

pub(super) fn unpack_2420(frame: &[u8]) -> Option<Content<'_>> {
    let Some(data) = report(frame) else { return Some(answer(frame)) };
    Some(Content { selector: 0, data: Cow::Borrowed(data) })
}

/// `AA FF 03 00`, three targets, `55 CC`.
pub(super) fn probe_2450(bytes: &[u8]) -> Probe {
    if is_begun(bytes, ANSWER_HEAD) {
        return probe(bytes, |_| false);
    }
    if !is_begun(bytes, HEAD_2450) {
        return Probe::No;
    }
    match bytes.len() {
        LENGTH_2450 if bytes.ends_with(&TAIL_2450) => Probe::Whole(LENGTH_2450),
        0..LENGTH_2450 => Probe::More,
        _ => Probe::Wrong(FrameError::Tail),
    }
}

/// The three targets of eight bytes, and how many of them there are as one more byte: the radar
/// leaves gaps, and fills the places of missing ones with zeros.
pub(super) fn unpack_2450(frame: &[u8]) -> Option<Content<'_>> {
    if frame.starts_with(&ANSWER_HEAD) {
        return Some(answer(frame));
    }
    let targets = frame.get(HEAD_2450.len()..frame.len().checked_sub(TAIL_2450.len())?)?;
    let is_there = |target: &&[u8]| target.iter().any(|byte| *byte != 0);
    let count = targets.chunks(8).filter(is_there).count();
    let mut data = targets.to_vec();
    data.push(u8::try_from(count).ok()?);
    Some(Content { selector: 0, data: Cow::Owned(data) })
}

/// A report whose data are sound, or an answer.
fn probe(bytes: &[u8], is_sound: impl Fn(&[u8]) -> bool) -> Probe {
    let is_report = is_begun(bytes, REPORT_HEAD);
    if !is_report && !is_begun(bytes, ANSWER_HEAD) {
        return Probe::No;
    }
    let Some(&[_, _, _, _, low, high]) = bytes.first_chunk() else { return Probe::More };
    let length = usize::from(u16::from_le_bytes([low, high]));
    if DATA_MAX < length {
        return Probe::Wrong(FrameError::Oversize);
    }
    let whole = length + 10;
    if bytes.len() < whole {
        return Probe::More;
    }
    let tail = if is_report { REPORT_TAIL } else { ANSWER_TAIL };
    let is_sound = !is_report || report(bytes).is_some_and(is_sound);
    if whole < bytes.len() || !bytes.ends_with(&tail) || !is_sound {
        return Probe::Wrong(FrameError::Tail);
    }
    Probe::Whole(whole)
}

/// Whether these bytes begin like that, as far as they go.
fn is_begun(bytes: &[u8], head: [u8; 4]) -> bool {
    bytes.iter().zip(head).all(|(byte, want)| *byte == want)
}

/// The data of a report.
fn report(frame: &[u8]) -> Option<&[u8]> {
    if !frame.starts_with(&REPORT_HEAD) {
        return None;
    }
    frame.get(6..frame.len().checked_sub(REPORT_TAIL.len())?)
}

const fn answer(frame: &[u8]) -> Content<'_> {
    Content { selector: ANSWER, data: Cow::Borrowed(frame) }
}
