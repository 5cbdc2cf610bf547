//! Short messages as a modem takes and gives them in PDU mode (3GPP TS 23.040), in hexadecimal.

use data_encoding::HEXUPPER_PERMISSIVE as HEX;
use jiff::civil::DateTime;

use crate::domain::{Span, Time};

/// A part of a long message holds so many units of UTF-16; a message by itself three more.
const PART_MAX: usize = 67;
/// A message that is one part.
const SINGLE_MAX: usize = 70;
/// More parts than this are not sent: the rest is cut off.
const PARTS_MAX: usize = 6;
/// For how long the network keeps trying: (0x2F + 1) × 5 minutes, four hours.
const VALID_FOR: u8 = 0x2F;

/// What is handed to the modem for one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Submit {
    /// As the modem wants it.
    pub(super) hex: String,
    /// Its octets without the service centre's.
    pub(super) octets: usize,
}

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Incoming {
    /// Somebody wrote.
    Text {
        /// Their number, as the network says it.
        from: String,
        /// When, by the network's clock.
        at: Option<Time>,
        /// What; letters that are not in ASCII may be wrong.
        text: String,
    },
    /// What became of a message that we sent.
    Status {
        /// Its reference.
        reference: u8,
        /// TP-Status.
        status: u8,
    },
}

/// A text to a number, in one part or more, each with a report wanted. `None`: that is no number.
pub(super) fn submits(number: &str, text: &str, reference: u8) -> Option<Vec<Submit>> {
    let address = address(number)?;
    let units: Vec<u16> = text.encode_utf16().collect();
    let parts = if units.len() <= SINGLE_MAX { vec![units] } else { split(text) };
    let total = u8::try_from(parts.len()).ok()?;
    let one = |(nth, part): (u8, &Vec<u16>)| {
        let mut user: Vec<u8> = Vec::new();
        if 1 < total {
            user.extend([5, 0, 3, reference, total, nth]);
        }
        user.extend(part.iter().flat_map(|unit| unit.to_be_bytes()));
        // SUBMIT, with a validity and a report; a header in front of the text of parts.
        let first = if 1 < total { 0x71 } else { 0x31 };
        let mut pdu = vec![first, 0];
        pdu.extend(&address);
        // Plain; UCS-2.
        pdu.extend([0, 8, VALID_FOR, u8::try_from(user.len()).unwrap_or(u8::MAX)]);
        pdu.extend(user);
        // The service centre of the SIM.
        Submit { hex: format!("00{}", data_encoding::HEXUPPER.encode(&pdu)), octets: pdu.len() }
    };
    Some((1..=total).zip(&parts).map(one).collect())
}

/// In parts that cut no letter in two.
fn split(text: &str) -> Vec<Vec<u16>> {
    let (mut parts, mut part) = (Vec::new(), Vec::new());
    for letter in text.chars() {
        if PART_MAX < part.len() + letter.len_utf16() {
            parts.push(std::mem::take(&mut part));
        }
        part.extend(letter.encode_utf16(&mut [0; 2]).iter());
    }
    parts.push(part);
    parts.truncate(PARTS_MAX);
    parts
}

/// Length, type and digits, two to an octet and swapped.
fn address(number: &str) -> Option<Vec<u8>> {
    let (kind, digits) = match number.strip_prefix('+') {
        Some(digits) => (0x91, digits),
        None => (0x81, number),
    };
    let digits: Vec<u8> = digits.bytes().filter(|b| !matches!(b, b' ' | b'-')).collect();
    let is_number = (3..=20).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let mut all = vec![u8::try_from(digits.len()).ok().filter(|_| is_number)?, kind];
    for pair in digits.chunks(2) {
        let digit = |nth| pair.get(nth).map_or(0xF, |digit: &u8| digit - b'0');
        all.push(digit(1) << 4 | digit(0));
    }
    Some(all)
}

/// What the modem gave us; `None` if it is neither a message nor a report, or is cut off.
pub(super) fn incoming(hex: &str) -> Option<Incoming> {
    let bytes = HEX.decode(hex.trim().as_bytes()).ok()?;
    let mut rest = Octets(&bytes);
    let centre = rest.one()?;
    rest.take(centre.into())?;
    let first = rest.one()?;
    match first & 3 {
        0 => {
            let from = rest.address()?;
            rest.one()?;
            let coding = rest.one()?;
            let at = rest.time()?;
            let length = usize::from(rest.one()?);
            let text = text(rest.0, length, coding, first & 0x40 != 0)?;
            Some(Incoming::Text { from, at, text })
        }
        2 => {
            let reference = rest.one()?;
            rest.address()?;
            rest.take(14)?;
            Some(Incoming::Status { reference, status: rest.one()? })
        }
        _ => None,
    }
}

struct Octets<'o>(&'o [u8]);

impl<'o> Octets<'o> {
    fn one(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn take(&mut self, count: usize) -> Option<&'o [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn address(&mut self) -> Option<String> {
        let (digits, kind) = (usize::from(self.one()?), self.one()?);
        let octets = self.take(digits.div_ceil(2))?;
        if kind & 0x70 == 0x50 {
            // A name; nobody can be known by it.
            return Some(String::new());
        }
        let plus = if kind & 0x70 == 0x10 { "+" } else { "" };
        let nibbles = octets.iter().flat_map(|octet| [octet & 0xF, octet >> 4]);
        let digits = nibbles.take(digits).filter(|n| *n < 10).map(|n| char::from(b'0' + n));
        Some(plus.chars().chain(digits).collect())
    }

    /// Year to second and the zone in quarters of an hour. The inner `None`: that is no time.
    fn time(&mut self) -> Option<Option<Time>> {
        let octets: &[u8; 7] = self.take(7)?.try_into().ok()?;
        let [year, month, day, hour, minute, second, zone] =
            octets.map(|o| i16::from(o & 0xF) * 10 + i16::from(o >> 4));
        let part = |n: i16| i8::try_from(n).ok();
        let civil = || {
            DateTime::new(
                2000 + year,
                part(month)?,
                part(day)?,
                part(hour)?,
                part(minute)?,
                part(second)?,
                0,
            )
            .ok()
        };
        // The sign is the fourth bit of what is the first digit.
        let quarters = if 80 <= zone { -(zone - 80) } else { zone };
        Some(civil().map(|at| {
            let utc = jiff::tz::TimeZone::UTC;
            Time::of_civil(at, &utc) - Span::minutes(i64::from(quarters) * 15)
        }))
    }
}

fn text(user: &[u8], length: usize, coding: u8, has_header: bool) -> Option<String> {
    let header = if has_header { usize::from(*user.first()?) + 1 } else { 0 };
    match coding >> 2 & 3 {
        0 => {
            let all = septets(user, length);
            // The text begins at the next whole letter behind the header.
            let text = all.get((header * 8).div_ceil(7)..)?;
            Some(text.iter().map(|letter| char::from(*letter)).collect())
        }
        2 => {
            let text = user.get(header..length)?;
            let unit = |pair: &[u8]| Some(u16::from_be_bytes(pair.try_into().ok()?));
            let units: Vec<u16> = text.chunks(2).filter_map(unit).collect();
            Some(String::from_utf16_lossy(&units))
        }
        _ => Some(String::from_utf8_lossy(user.get(header..length)?).into_owned()),
    }
}

/// Letters of seven bits, packed. Digits and the letters of English are where ASCII has them.
fn septets(packed: &[u8], count: usize) -> Vec<u8> {
    let (mut all, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for octet in packed {
        bits |= u32::from(*octet) << held;
        held += 8;
        while 7 <= held {
            all.push(bits.to_le_bytes().first().map_or(0, |low| low & 0x7F));
            bits >>= 7;
            held -= 7;
        }
    }
    all.truncate(count);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_part_or_several_that_cut_no_letter() {
        // Worked out by hand from TS 23.040.
        let one = submits("+8613800000000", "紧急1", 7).unwrap();
        assert_eq!(
            one,
            [Submit { hex: "0031000D91683108000000F000082F067D2760250031".to_owned(), octets: 21 }]
        );
        assert_eq!(submits("10086", "1", 7).unwrap()[0].hex, "00310005810180F600082F020031");
        let long = format!("{}😀{}", "长".repeat(66), "文".repeat(10));
        let parts = submits("13800000000", &long, 7).unwrap();
        assert_eq!(parts.len(), 2);
        let header = |part: &Submit| part.hex.contains("0500030702");
        assert!(parts.iter().all(header), "{parts:?}");
        assert!(parts[1].hex.contains("050003070202D83DDE00"), "the pair stays together");
        assert_eq!(submits("13800000000", &"长".repeat(70), 7).unwrap().len(), 1);
        assert_eq!(submits("13800000000", &"长".repeat(9000), 7).unwrap().len(), PARTS_MAX);
        for no_number in ["", "12", "wang", "1380000x", "+"] {
            assert_eq!(submits(no_number, "1", 7), None, "{no_number}");
        }
    }

    #[test]
    fn what_people_and_networks_write_is_read() {
        // Seven bits: "1" from +8613800000000 on 2026-01-31 at 10:10:00 +08:00.
        let text = "0891683108200505F0040D91683108000000F00000621013010100230131";
        let at = Some("2026-01-31T02:10:00Z".parse().unwrap());
        let from = "+8613800000000".to_owned();
        assert_eq!(
            incoming(text),
            Some(Incoming::Text { from: from.clone(), at, text: "1".to_owned() })
        );
        // UCS-2: "好".
        let text =
            "0891683108200505F0040D91683108000000F0000862101301010023025 97D".replace(' ', "");
        assert_eq!(incoming(&text), Some(Incoming::Text { from, at, text: "好".to_owned() }));
        // Packed: "hello" is E8329BFD06.
        assert_eq!(septets(&[0xE8, 0x32, 0x9B, 0xFD, 0x06], 5), b"hello");
        let report = "0006070D91683108000000F0621013010100236210130101102300";
        assert_eq!(incoming(report), Some(Incoming::Status { reference: 7, status: 0 }));
        for cut in 0..text.len() {
            incoming(text.get(..cut).unwrap());
        }
        assert_eq!(incoming("zz"), None);
        assert_eq!(incoming(""), None);
    }
}
