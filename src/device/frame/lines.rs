//! Lines of text, ended by LF or CR LF. A line is text from one control character to the next: what
//! else a port carries, from NULs to the bytes of a wrong baud rate, is noise.

use std::borrow::Cow;

use super::{Content, FrameError, Probe};

/// The longest line, in bytes with its end.
pub(super) const LINE_MAX: usize = 1024;

pub(super) fn probe(bytes: &[u8]) -> Probe {
    let Some((last, before)) = bytes.split_last() else { return Probe::More };
    let line = match (last, before.strip_suffix(b"\r")) {
        (b'\n', line) => line.unwrap_or(before),
        // Only its own LF may follow.
        (b'\r', None) if !before.is_empty() => return Probe::More,
        (_, Some(_)) => return Probe::No,
        (b'\t', None) => return Probe::More,
        (control, None) if control.is_ascii_control() => return Probe::No,
        (_, None) => return Probe::More,
    };
    if line.is_empty() {
        return Probe::No;
    }
    if std::str::from_utf8(line).is_err() {
        return Probe::Wrong(FrameError::Noise);
    }
    Probe::Whole(line.len())
}

/// A line begins after a control character; nowhere in a line does another begin.
pub(super) fn may_begin(before: &[u8]) -> bool {
    before.last().is_none_or(|last| last.is_ascii_control() && *last != b'\t')
}

/// How the line begins, as a number: lines that begin with different words are different sorts where
/// only one of a sort is wanted.
pub(super) fn unpack(line: &[u8]) -> Content<'_> {
    let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b',' | b'=' | b':');
    let word = line.iter().take_while(|byte| !is_end(byte));
    let selector = word.fold(0_u16, |n, byte| n.wrapping_mul(31).wrapping_add(u16::from(*byte)));
    Content { selector, data: Cow::Borrowed(line) }
}
