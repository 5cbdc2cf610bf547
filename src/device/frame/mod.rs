//! Framings: where one message ends and the next begins in a stream of bytes that may start in the
//! middle, hold noise, and lose pieces.
//!
//! **A frame is taken at the instant its last byte arrives**, wherever it begins. Bytes before it that
//! looked like the start of a longer frame are then known to be rubbish. So a damaged length field
//! never makes the next frames wait, and how the stream was cut into reads makes no difference.
//!
//! A framing is one file with two functions: `probe`, what the bytes at a possible start are, and
//! `open`, what a whole frame holds. Adding one is that file and its arms in [`Framing`].

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

mod contec;
mod deframer;
mod hilink;
mod json_lines;
mod lines;
mod micradar;
mod micradar_55;
mod nonin;
mod tinyframe;

#[cfg(test)]
mod tests;

pub use deframer::{Deframer, Found};

/// How a device marks its messages on a serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Framing {
    /// `53 59` control command length data sum `54 43`: MicRadar and the Seeed radars made by it.
    MicRadar,
    /// `01` id length type check data check: Seeed MR60BHA2 and MR60FDA2, Hi-Link LD6002.
    TinyFrame,
    /// 9 bytes, bit 7 clear on the first only: Contec oximeters from firmware 4.6.
    Contec,
    /// 5 bytes, bit 7 set on the first only: Contec oximeters of older firmware, and BCI, which Berry
    /// and others speak.
    Contec5,
    /// `F4 F3 F2 F1` … `55 00` `F8 F7 F6 F5`: Hi-Link LD2410.
    Ld2410,
    /// The same ends around 35 bytes: Hi-Link LD2420.
    Ld2420,
    /// `AA FF 03 00`, three targets, `55 CC`: Hi-Link LD2450.
    Ld2450,
    /// `55` length function addresses data CRC: MicRadar's first radars, such as MR24FDB1.
    MicRadar55,
    /// 25 times `01` status wave value sum: Nonin's data format 2.
    Nonin,
    /// One JSON object a line.
    JsonLines,
    /// Lines of text.
    Lines,
}

/// What a whole frame holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content<'f> {
    /// What sort of message it is, `0x8301` for MicRadar's `83/01`; 0 where there is only one sort.
    pub selector: u16,
    /// The data, without what is around it.
    pub data: Cow<'f, [u8]>,
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum FrameError {
    /// Nothing in them begins a frame.
    #[error("the bytes begin no frame")]
    Noise,
    /// The header contradicts its own checksum.
    #[error("the checksum of the header is wrong")]
    Header,
    /// The length is more than any message of this framing has.
    #[error("the length is more than a message can have")]
    Oversize,
    /// The bytes that end a frame are not where the length says.
    #[error("the frame does not end where its length says")]
    Tail,
    /// The data contradict their checksum.
    #[error("the checksum is wrong")]
    Checksum,
    /// The frame stops in the middle.
    #[error("the frame stops in the middle")]
    Truncated,
}

impl FrameError {
    /// Every class, in the order of the counters.
    pub const ALL: [Self; 6] =
        [Self::Noise, Self::Header, Self::Oversize, Self::Tail, Self::Checksum, Self::Truncated];
}

/// What the bytes from a possible start on are, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Probe {
    /// No frame begins here.
    No,
    /// It may become a frame.
    More,
    /// Exactly a frame, of this many bytes without its line end.
    Whole(usize),
    /// As [`Probe::Whole`], but so short and weakly checked that it counts only where nothing longer
    /// is under way: four zeros in the data of another frame can look the same.
    Weak(usize),
    /// It was a frame, and is damaged.
    Wrong(FrameError),
}

impl Framing {
    /// Every framing there is.
    pub const ALL: [Self; 11] = [
        Self::MicRadar,
        Self::TinyFrame,
        Self::Contec,
        Self::Contec5,
        Self::Ld2410,
        Self::Ld2420,
        Self::Ld2450,
        Self::MicRadar55,
        Self::Nonin,
        Self::JsonLines,
        Self::Lines,
    ];

    /// Its name in profiles.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MicRadar => "micradar",
            Self::TinyFrame => "tinyframe",
            Self::Contec => "contec",
            Self::Contec5 => "contec-5",
            Self::Ld2410 => "ld2410",
            Self::Ld2420 => "ld2420",
            Self::Ld2450 => "ld2450",
            Self::MicRadar55 => "micradar-55",
            Self::Nonin => "nonin",
            Self::JsonLines => "json-lines",
            Self::Lines => "lines",
        }
    }

    /// Whether all its reports are of one sort, so that nobody need say which.
    pub const fn is_single(self) -> bool {
        match self {
            Self::Contec5
            | Self::Ld2420
            | Self::Ld2450
            | Self::Nonin
            | Self::JsonLines
            | Self::Lines => true,
            Self::MicRadar | Self::TinyFrame | Self::Contec | Self::Ld2410 | Self::MicRadar55 => {
                false
            }
        }
    }

    /// Whether its frames are lines, without their ends.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::JsonLines | Self::Lines)
    }

    /// Opens one whole frame, as the [`Deframer`] gives it.
    ///
    /// # Errors
    /// Says what is damaged.
    pub fn open(self, frame: &[u8]) -> Result<Content<'_>, FrameError> {
        if self.is_text() {
            return self.unpack(frame).ok_or(FrameError::Truncated);
        }
        match self.probe(frame) {
            Probe::No => Err(FrameError::Noise),
            Probe::More => Err(FrameError::Truncated),
            Probe::Wrong(error) => Err(error),
            Probe::Whole(_) | Probe::Weak(_) => self.unpack(frame).ok_or(FrameError::Truncated),
        }
    }

    fn probe(self, bytes: &[u8]) -> Probe {
        match self {
            Self::MicRadar => micradar::probe(bytes),
            Self::TinyFrame => tinyframe::probe(bytes),
            Self::Contec => contec::probe(bytes),
            Self::Contec5 => contec::probe_5(bytes),
            Self::Ld2410 => hilink::probe_2410(bytes),
            Self::Ld2420 => hilink::probe_2420(bytes),
            Self::Ld2450 => hilink::probe_2450(bytes),
            Self::MicRadar55 => micradar_55::probe(bytes),
            Self::Nonin => nonin::probe(bytes),
            Self::JsonLines => json_lines::probe(bytes),
            Self::Lines => lines::probe(bytes),
        }
    }

    /// Whether a frame may begin after these bytes, which themselves may still become one.
    fn may_begin(self, before: &[u8]) -> bool {
        match self {
            Self::JsonLines => json_lines::may_begin(before),
            Self::Lines => lines::may_begin(before),
            Self::MicRadar
            | Self::TinyFrame
            | Self::Contec
            | Self::Contec5
            | Self::Ld2410
            | Self::Ld2420
            | Self::Ld2450
            | Self::MicRadar55
            | Self::Nonin => true,
        }
    }

    fn unpack(self, frame: &[u8]) -> Option<Content<'_>> {
        match self {
            Self::MicRadar => micradar::unpack(frame),
            Self::TinyFrame => tinyframe::unpack(frame),
            Self::Contec => contec::unpack(frame),
            Self::Contec5 => contec::unpack_5(frame),
            Self::Ld2410 => hilink::unpack_2410(frame),
            Self::Ld2420 => hilink::unpack_2420(frame),
            Self::Ld2450 => hilink::unpack_2450(frame),
            Self::MicRadar55 => micradar_55::unpack(frame),
            Self::Nonin => nonin::unpack(frame),
            Self::Lines => Some(lines::unpack(frame)),
            Self::JsonLines => Some(Content { selector: 0, data: Cow::Borrowed(frame) }),
        }
    }

    /// The longest run of bytes that may still become a frame.
    const fn max(self) -> usize {
        match self {
            Self::MicRadar => micradar::DATA_MAX + 9,
            Self::TinyFrame => tinyframe::DATA_MAX + 9,
            Self::Contec => 9,
            Self::Contec5 => 5,
            // Of the LD2450 the answers to commands are longer than the reports.
            Self::Ld2410 | Self::Ld2420 | Self::Ld2450 => hilink::DATA_MAX + 10,
            Self::MicRadar55 => micradar_55::DATA_MAX + 8,
            Self::Nonin => nonin::LENGTH,
            Self::JsonLines => json_lines::LINE_MAX,
            Self::Lines => lines::LINE_MAX,
        }
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Framing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|f| f.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join("`, `");
            format!("there is no framing `{text}`; there are `{names}`")
        })
    }
}
