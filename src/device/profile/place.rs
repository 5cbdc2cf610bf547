//! Where in a message a value stands.

use std::fmt;
use std::str::FromStr;

use super::text::Spot;
use crate::device::pick::Scalar;

/// A place in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A JSON pointer, `/LD2410/Distance/0`; empty for the whole payload.
    Json(String),
    /// In the data of a frame, `u16be[4]` or `u8[2].6`.
    Bytes { layout: Layout, offset: usize, bit: Option<u32> },
    /// In a line of text, `word[2]`, `field[1]`, `after[SPO2=]`, or one bit of a hexadecimal number
    /// there, `after[EXC=].10`.
    Line { spot: Spot, bit: Option<u32> },
}

/// How bytes are a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    U8,
    I8,
    U16Be,
    U16Le,
    I16Be,
    I16Le,
    /// The lower 15 bits are the size; bit 15 set is positive, clear negative.
    Sm16Le,
    U32Be,
    U32Le,
    I32Be,
    I32Le,
    F32Be,
    F32Le,
}

impl Layout {
    const ALL: [(Self, &'static str); 13] = [
        (Self::U8, "u8"),
        (Self::I8, "i8"),
        (Self::U16Be, "u16be"),
        (Self::U16Le, "u16le"),
        (Self::I16Be, "i16be"),
        (Self::I16Le, "i16le"),
        (Self::Sm16Le, "sm16le"),
        (Self::U32Be, "u32be"),
        (Self::U32Le, "u32le"),
        (Self::I32Be, "i32be"),
        (Self::I32Le, "i32le"),
        (Self::F32Be, "f32be"),
        (Self::F32Le, "f32le"),
    ];

    const fn bits(self) -> u32 {
        match self {
            Self::U8 | Self::I8 => 8,
            Self::U16Be | Self::U16Le | Self::I16Be | Self::I16Le | Self::Sm16Le => 16,
            Self::U32Be | Self::U32Le | Self::I32Be | Self::I32Le | Self::F32Be | Self::F32Le => 32,
        }
    }

    fn number(self, bytes: &[u8]) -> Option<f64> {
        let two = || bytes.first_chunk::<2>().copied();
        let four = || bytes.first_chunk::<4>().copied();
        // The shortest decimal that is this f32 is what the device means: 66.64, not 66.63999938964844.
        let short = |n: f32| n.to_string().parse::<f64>().ok();
        match self {
            Self::U8 => bytes.first().map(|byte| f64::from(*byte)),
            Self::I8 => bytes.first().map(|byte| f64::from(i8::from_be_bytes([*byte]))),
            Self::U16Be => two().map(|b| f64::from(u16::from_be_bytes(b))),
            Self::U16Le => two().map(|b| f64::from(u16::from_le_bytes(b))),
            Self::I16Be => two().map(|b| f64::from(i16::from_be_bytes(b))),
            Self::I16Le => two().map(|b| f64::from(i16::from_le_bytes(b))),
            Self::Sm16Le => two().map(|b| {
                let (raw, size) =
                    (u16::from_le_bytes(b), f64::from(u16::from_le_bytes(b) & 0x7FFF));
                if raw & 0x8000 == 0 { 0.0 - size } else { size }
            }),
            Self::U32Be => four().map(|b| f64::from(u32::from_be_bytes(b))),
            Self::U32Le => four().map(|b| f64::from(u32::from_le_bytes(b))),
            Self::I32Be => four().map(|b| f64::from(i32::from_be_bytes(b))),
            Self::I32Le => four().map(|b| f64::from(i32::from_le_bytes(b))),
            Self::F32Be => four().and_then(|b| short(f32::from_be_bytes(b))),
            Self::F32Le => four().and_then(|b| short(f32::from_le_bytes(b))),
        }
    }

    fn is_set(self, bytes: &[u8], bit: u32) -> Option<bool> {
        let count = usize::try_from(self.bits() / 8).unwrap_or(1);
        let little = matches!(
            self,
            Self::U16Le | Self::I16Le | Self::Sm16Le | Self::U32Le | Self::I32Le | Self::F32Le
        );
        let bytes = bytes.get(..count)?;
        let at = usize::try_from(bit / 8).unwrap_or(0);
        let byte = if little { bytes.get(at) } else { bytes.iter().rev().nth(at) };
        byte.map(|byte| byte >> (bit % 8) & 1 == 1)
    }
}

impl Place {
    /// The value of this place in the data of a frame; absent where the data end before it.
    pub(crate) fn of_frame<'m>(&self, data: &[u8]) -> Scalar<'m> {
        let Self::Bytes { layout, offset, bit } = self else { return Scalar::Absent };
        let bytes = data.get(*offset..).unwrap_or_default();
        let value = match bit {
            Some(bit) => layout.is_set(bytes, *bit).map(Scalar::Flag),
            None => layout.number(bytes).map(Scalar::Number),
        };
        value.unwrap_or(Scalar::Absent)
    }

    /// The value of this place in a line of text.
    pub(crate) fn of_line<'m>(&self, line: &'m str) -> Scalar<'m> {
        let Self::Line { spot, bit } = self else { return Scalar::Absent };
        spot.of_line(line, *bit)
    }

    /// The place of the property of this name, where `*` stands for it.
    pub(crate) fn named(&self, name: &str) -> Option<Self> {
        match self {
            Self::Json(at) if at.contains('*') => Some(Self::Json(at.replace('*', name))),
            Self::Line { spot, bit } => spot.named(name).map(|spot| Self::Line { spot, bit: *bit }),
            Self::Json(_) | Self::Bytes { .. } => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(pointer) if pointer.is_empty() => write!(f, "the payload"),
            Self::Json(pointer) => write!(f, "`{pointer}`"),
            Self::Bytes { layout, offset, bit } => {
                let name = Layout::ALL.iter().find(|(l, _)| l == layout).map_or("", |(_, n)| n);
                write!(f, "`{name}[{offset}]")?;
                bit.map_or(Ok(()), |bit| write!(f, ".{bit}"))?;
                write!(f, "`")
            }
            Self::Line { spot, bit } => {
                write!(f, "`{spot}")?;
                bit.map_or(Ok(()), |bit| write!(f, ".{bit}"))?;
                write!(f, "`")
            }
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.starts_with('/') {
            return Ok(Self::Json(text.to_owned()));
        }
        let wrong = || {
            format!(
                "`{text}` is neither a JSON pointer such as `/battery` nor bytes of a frame such as \
                 `u8[0]`, `u16be[4]`, `f32le[0]` or `u8[2].6`, nor a place in a line such as \
                 `word[2]`, `field[1]` or `after[SPO2=]`"
            )
        };
        if let Some(place) = line_place(text) {
            return Ok(place);
        }
        let (name, rest) = text.split_once('[').ok_or_else(wrong)?;
        let (offset, rest) = rest.split_once(']').ok_or_else(wrong)?;
        let (layout, _) = Layout::ALL.into_iter().find(|(_, n)| *n == name).ok_or_else(wrong)?;
        let offset = offset.parse().ok().filter(|n| *n < 1024).ok_or_else(wrong)?;
        let bit = match rest.strip_prefix('.') {
            None if rest.is_empty() => None,
            None => return Err(wrong()),
            Some(bit) => {
                let bit = bit.parse().ok().ok_or_else(wrong)?;
                if layout.bits() <= bit {
                    return Err(format!("`{text}`: {name} has no bit {bit}"));
                }
                Some(bit)
            }
        };
        Ok(Self::Bytes { layout, offset, bit })
    }
}

/// `after[EXC=]` or, of a hexadecimal number there, `after[EXC=].10`.
fn line_place(text: &str) -> Option<Place> {
    if let Ok(spot) = text.parse() {
        return Some(Place::Line { spot, bit: None });
    }
    let (spot, bit) = text.rsplit_once('.')?;
    let bit = bit.parse().ok().filter(|bit| *bit < 64)?;
    Some(Place::Line { spot: spot.parse().ok()?, bit: Some(bit) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_whose_sign_bit_is_inverted_is_read_as_its_maker_means_it() {
        let at = |place: &str, data: &[u8]| place.parse::<Place>().unwrap().of_frame(data);
        // The worked example of the LD2450's protocol: x -782 mm, y 1713 mm.
        let target = [0x0E, 0x03, 0xB1, 0x86];
        assert_eq!(at("sm16le[0]", &target), Scalar::Number(-782.0));
        assert_eq!(at("sm16le[2]", &target), Scalar::Number(1713.0));
        assert_eq!(at("sm16le[0]", &[0, 0]), Scalar::Number(0.0));
        assert_eq!(at("sm16le[2].15", &target), Scalar::Flag(true));
        assert_eq!(at("sm16le[3]", &target), Scalar::Absent);
    }

    #[test]
    fn every_place_reads_back_as_it_is_written() {
        for text in ["u8[0]", "u8[2].6", "sm16le[4]", "word[2]", "field[0]", "after[EXC=].10"] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), format!("`{text}`"));
        }
        for wrong in ["word[]", "word[x]", "field[300]", "after[]", "word[1].64", "words[1]"] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }
}
