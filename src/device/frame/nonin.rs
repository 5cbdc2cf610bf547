//! Nonin's data format 2: a packet is 25 times `01` status wave value sum, three packets a second.
//! Only the status of the first has bit 0 set; the values are spread over the packet.

use std::borrow::Cow;

use super::{Content, FrameError, Probe};

/// A packet, in bytes.
pub(super) const LENGTH: usize = 125;

/// Bit 0 of a status: the first of a packet.
const SYNC: u8 = 0x01;

pub(super) fn probe(bytes: &[u8]) -> Probe {
    if LENGTH < bytes.len() {
        return Probe::Wrong(FrameError::Tail);
    }
    for (n, part) in bytes.chunks(5).enumerate() {
        let wanted = if n == 0 { SYNC } else { 0 };
        let status = part.get(1).copied().unwrap_or(0x80 | wanted);
        let is_one = part.first() == Some(&0x01) && status & 0x80 != 0 && status & SYNC == wanted;
        if !is_one {
            // A single pair of bytes is weak evidence; after one whole part something was cut off.
            return if n == 0 { Probe::No } else { Probe::Wrong(FrameError::Truncated) };
        }
        if let &[one, status, wave, value, sum] = part
            && one.wrapping_add(status).wrapping_add(wave).wrapping_add(value) != sum
        {
            return if n == 0 { Probe::No } else { Probe::Wrong(FrameError::Checksum) };
        }
    }
    if bytes.len() < LENGTH { Probe::More } else { Probe::Whole(LENGTH) }
}

/// All bits that any status has set, the heart rate (u16be), the saturation, the model's revision: each
/// bit 7 of a value is no part of it.
pub(super) fn unpack(frame: &[u8]) -> Option<Content<'_>> {
    let column = |at: usize| frame.chunks(5).filter_map(move |part| part.get(at)).copied();
    let status = column(1).fold(0, |all, status| all | status) & !(0x80 | SYNC);
    let mut values = column(3);
    let (high, low) = (values.next()? & 0x03, values.next()? & 0x7F);
    let rate = u16::from(high) << 7 | u16::from(low);
    let [rate_high, rate_low] = rate.to_be_bytes();
    let data = vec![status, rate_high, rate_low, values.next()? & 0x7F, values.next()?];
    Some(Content { selector: 0, data: Cow::Owned(data) })
}
