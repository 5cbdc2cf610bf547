//! Why something a device said could not be understood: a class, to be counted by, and a sentence,
//! for whoever looks into it (P10).

use std::fmt;
use std::str::FromStr;

use super::FrameError;

/// A class of what could not be understood. Each calls for another remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Misread {
    /// The bytes on the line are no whole frame: the cable, the baud rate, another model.
    Frame(FrameError),
    /// Not text: another encoding, or another model.
    NotText,
    /// Text, but not JSON.
    NotJson,
    /// A value is of another kind than the profile says, or the whole message is.
    WrongShape,
    /// A code that the profile does not list: mostly a newer firmware.
    UnknownCode,
    /// A value that cannot be: a broken sensor, or the wrong scale.
    OutOfRange,
    /// A time that is none, or cannot be.
    WrongTime,
    /// A value that must be there is not: the frame ends before it.
    Missing,
    /// It is there and speaks, but says by itself that its values cannot be read: encrypted, or decoded
    /// by nobody.
    Blind,
    /// A Modbus unit answers that it does not do what it was asked.
    Refused,
    /// A Modbus unit does not answer.
    Silence,
    /// The device says more than its budget, and the latest was taken for all.
    OverBudget,
}

/// One thing that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What to count it by.
    pub class: Misread,
    /// What was wrong where, in a sentence.
    pub text: String,
}

impl Misread {
    /// Every class.
    pub const ALL: [Self; 17] = [
        Self::Frame(FrameError::Noise),
        Self::Frame(FrameError::Header),
        Self::Frame(FrameError::Oversize),
        Self::Frame(FrameError::Tail),
        Self::Frame(FrameError::Checksum),
        Self::Frame(FrameError::Truncated),
        Self::NotText,
        Self::NotJson,
        Self::WrongShape,
        Self::UnknownCode,
        Self::OutOfRange,
        Self::WrongTime,
        Self::Missing,
        Self::Blind,
        Self::Refused,
        Self::Silence,
        Self::OverBudget,
    ];

    /// Its name in counters, in the store and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frame(FrameError::Noise) => "frame-noise",
            Self::Frame(FrameError::Header) => "frame-header",
            Self::Frame(FrameError::Oversize) => "frame-oversize",
            Self::Frame(FrameError::Tail) => "frame-tail",
            Self::Frame(FrameError::Checksum) => "frame-checksum",
            Self::Frame(FrameError::Truncated) => "frame-truncated",
            Self::NotText => "not-text",
            Self::NotJson => "not-json",
            Self::WrongShape => "wrong-shape",
            Self::UnknownCode => "unknown-code",
            Self::OutOfRange => "out-of-range",
            Self::WrongTime => "wrong-time",
            Self::Missing => "missing",
            Self::Blind => "blind",
            Self::Refused => "refused",
            Self::Silence => "silence",
            Self::OverBudget => "over-budget",
        }
    }

    /// What it means, and what a technician looks at first.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Frame(FrameError::Noise) => {
                "bytes that begin no frame: mostly a wrong baud rate or model"
            }
            Self::Frame(FrameError::Header) => {
                "the header contradicts its own checksum: bytes are lost on the line"
            }
            Self::Frame(FrameError::Oversize) => {
                "the length is more than any message has: bytes are lost on the line"
            }
            Self::Frame(FrameError::Tail) => {
                "the frame does not end where it should: bytes are lost on the line"
            }
            Self::Frame(FrameError::Checksum) => {
                "the checksum is wrong: look at the cable and its shield"
            }
            Self::Frame(FrameError::Truncated) => {
                "the frame stops in the middle: bytes are lost, or the power fails"
            }
            Self::NotText => "the message is not text: another model or encoding than registered",
            Self::NotJson => "the message is not JSON: cut off on its way, or another model",
            Self::WrongShape => "a value is of another kind than the profile says",
            Self::UnknownCode => "a code that the profile does not list: mostly a newer firmware",
            Self::OutOfRange => "a value that cannot be: a broken sensor, or a wrong scale",
            Self::WrongTime => "a time that is none: look at the device's clock",
            Self::Missing => "a value is missing that the profile expects",
            Self::Blind => "it speaks, but its values are encrypted, or nobody decodes them",
            Self::Refused => "the unit has no such registers: another model than registered",
            Self::Silence => "the unit does not answer: its power, its address, the line",
            Self::OverBudget => "it says more than its budget: only the latest was taken",
        }
    }
}

impl Problem {
    /// A problem of this class.
    pub fn new(class: Misread, text: impl Into<String>) -> Self {
        Self { class, text: text.into() }
    }

    /// The same, with where it was found in front.
    pub(super) fn at(self, place: &impl fmt::Display) -> Self {
        Self { class: self.class, text: format!("{place}: {}", self.text) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Misread {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no class of what can be misread");
        Self::ALL.into_iter().find(|class| class.name() == text).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_name_of_its_own_that_reads_back() {
        for class in Misread::ALL {
            assert_eq!(class.name().parse(), Ok(class));
            assert!(!class.about().is_empty());
        }
        for error in FrameError::ALL {
            assert!(Misread::ALL.contains(&Misread::Frame(error)), "{error}");
        }
        assert!("rubbish".parse::<Misread>().is_err());
    }
}
