//! One JSON object a line. What stands before the object on its line, and lines without one, are
//! noise: boards print their boot messages to the same port.

use serde::de::IgnoredAny;

use super::{FrameError, Probe};

/// The longest line, in bytes with its end.
pub(super) const LINE_MAX: usize = 16 * 1024;

pub(super) fn probe(bytes: &[u8]) -> Probe {
    if bytes.first().is_some_and(|first| *first != b'{') {
        return Probe::No;
    }
    let Some((b'\n', line)) = bytes.split_last() else { return Probe::More };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // The line is read only once its end is here, so that many braces cost nothing before.
    if serde_json::from_slice::<IgnoredAny>(line).is_err() {
        return Probe::Wrong(FrameError::Truncated);
    }
    Probe::Whole(line.len())
}

/// A brace after a colon, a comma or a bracket opens an object *within* one: on a line that lost its
/// last byte it must not pass for the whole. Any other brace may be the first of the next line, when
/// this one was cut off.
pub(super) fn may_begin(before: &[u8]) -> bool {
    let last = before.iter().rev().find(|byte| !byte.is_ascii_whitespace());
    !matches!(last, Some(b':' | b',' | b'['))
}
