//! Modbus RTU: what a unit is asked, and what it answers.
//!
//! A reply does not say which registers it carries; only the question does. So the two are kept
//! together: an *exchange* is the eight bytes of a question and all bytes that came after it. It is
//! what the poller hands on, what is kept of a message that was not understood, and what a profile's
//! examples hold.

use std::fmt;
use std::str::FromStr;

use super::decode::Reading;
use super::profile::Profile;
use super::{FrameError, Misread};

/// How many bytes every question has.
pub const QUESTION: usize = 8;
/// What stands around the data of a reply: unit, function, count; checksum.
const AROUND: usize = 5;
/// A reply of this function refuses what was asked.
const REFUSED: u8 = 0x80;

/// Which of a unit's four tables is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Outputs of one bit: function 1.
    Coil,
    /// Inputs of one bit: function 2.
    Discrete,
    /// Registers of 16 bits that can be written: function 3.
    Holding,
    /// Registers of 16 bits: function 4.
    Input,
}

/// One thing to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Poll {
    /// Which table.
    pub function: Function,
    /// The first register or bit, counted from 0 as on the wire.
    pub from: u16,
    /// How many, from 1 to 125 registers or 2000 bits.
    pub count: u16,
}

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Nothing came.
    #[error("nothing was answered")]
    Silence,
    /// What came is no reply to it.
    #[error("{0}")]
    Damaged(FrameError),
    /// The unit answers that it does not have what was asked, or cannot read it now.
    #[error("modbus exception {0}, {text}", text = exception(*.0))]
    Refused(u8),
}

impl ReplyError {
    const fn class(&self) -> Misread {
        match self {
            Self::Silence => Misread::Silence,
            Self::Damaged(why) => Misread::Frame(*why),
            Self::Refused(_) => Misread::Refused,
        }
    }
}

const fn exception(code: u8) -> &'static str {
    match code {
        1 => "it does not know this function",
        2 => "it has no such register",
        3 => "it cannot read so many",
        4 => "it has failed",
        5 | 6 => "it is busy",
        10 | 11 => "the gateway does not reach it",
        _ => "which the standard does not know",
    }
}

impl Function {
    const ALL: [(Self, u8, &'static str); 4] = [
        (Self::Coil, 1, "coil"),
        (Self::Discrete, 2, "discrete"),
        (Self::Holding, 3, "holding"),
        (Self::Input, 4, "input"),
    ];

    fn code(self) -> u8 {
        Self::ALL.iter().find(|(f, _, _)| *f == self).map_or(0, |(_, code, _)| *code)
    }

    /// The most that one question may ask for.
    pub const fn most(self) -> u16 {
        match self {
            Self::Coil | Self::Discrete => 2000,
            Self::Holding | Self::Input => 125,
        }
    }
}

impl Poll {
    /// The question as it goes on the line.
    pub fn question(self, unit: u8) -> [u8; QUESTION] {
        let [from, to] = self.from.to_be_bytes();
        let [high, low] = self.count.to_be_bytes();
        let body = [unit, self.function.code(), from, to, high, low];
        let [first, second] = crc(&body).to_le_bytes();
        let [unit, function, ..] = body;
        [unit, function, from, to, high, low, first, second]
    }

    /// How many bytes of data the reply has.
    fn data(self) -> usize {
        match self.function {
            Function::Coil | Function::Discrete => usize::from(self.count.div_ceil(8)),
            Function::Holding | Function::Input => usize::from(self.count) * 2,
        }
    }

    /// How many bytes the reply has on the line.
    pub fn reply_bytes(self) -> usize {
        self.data() + AROUND
    }

    /// The data of this unit's reply, wherever it stands in what was heard after the question: before
    /// it may be the echo of the question, the late reply of another unit, the noise of a line that
    /// turns round.
    ///
    /// # Errors
    /// Says what came instead.
    pub fn reply(self, unit: u8, heard: &[u8]) -> Result<&[u8], ReplyError> {
        let whole = (0..heard.len()).find_map(|start| self.whole(unit, heard.get(start..)?));
        whole.unwrap_or_else(|| Err(self.wrong(unit, heard)))
    }

    /// The reply that begins here, if there is one.
    fn whole(self, unit: u8, bytes: &[u8]) -> Option<Result<&[u8], ReplyError>> {
        let (head, rest) = bytes.split_first_chunk::<3>()?;
        let [from, function, third] = *head;
        if from != unit {
            return None;
        }
        if function == self.function.code() | REFUSED {
            return is_sound(bytes.get(..AROUND)?).then_some(Err(ReplyError::Refused(third)));
        }
        if function != self.function.code() || usize::from(third) != self.data() {
            return None;
        }
        let sound = is_sound(bytes.get(..self.reply_bytes())?);
        sound.then(|| Ok(rest.get(..self.data()).unwrap_or_default()))
    }

    /// What is wrong with what was heard.
    fn wrong(self, unit: u8, heard: &[u8]) -> ReplyError {
        let heard = heard.strip_prefix(&self.question(unit)).unwrap_or(heard);
        let function = self.function.code();
        let (asked, needed) = match heard {
            [] => return ReplyError::Silence,
            [from, f, ..] if *from == unit && *f == function | REFUSED => (true, AROUND),
            [from, f, n, ..] if *from == unit && *f == function => {
                (usize::from(*n) == self.data(), usize::from(*n) + AROUND)
            }
            [from] if *from == unit => (true, AROUND),
            [from, f] if *from == unit && *f == function => (true, AROUND),
            _ => return ReplyError::Damaged(FrameError::Noise),
        };
        ReplyError::Damaged(match heard.get(..needed) {
            None => FrameError::Truncated,
            // It answers, but not this question.
            Some(_) if !asked => FrameError::Tail,
            Some(_) => FrameError::Checksum,
        })
    }
}

/// An exchange, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exchange<'e> {
    pub(super) poll: Poll,
    pub(super) reply: Result<&'e [u8], ReplyError>,
}

impl<'e> Exchange<'e> {
    /// Reads question and reply.
    pub(super) fn read(bytes: &'e [u8]) -> Result<Self, FrameError> {
        let (question, heard) = bytes.split_first_chunk().ok_or(FrameError::Truncated)?;
        let [unit, code, a, b, c, d, _, _] = *question;
        let function = Function::ALL.iter().find(|(_, known, _)| *known == code);
        let function = function.map(|(function, _, _)| *function).ok_or(FrameError::Noise)?;
        if !is_sound(question) {
            return Err(FrameError::Checksum);
        }
        let (from, count) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let poll = Poll { function, from, count };
        if function.most() < count {
            return Err(FrameError::Oversize);
        }
        Ok(Self { poll, reply: poll.reply(unit, heard) })
    }
}

impl Profile {
    /// Reads an exchange with a unit of this model.
    pub(super) fn read_exchange(&self, bytes: &[u8], reading: &mut Reading) {
        let exchange = match Exchange::read(bytes) {
            Ok(exchange) => exchange,
            Err(why) => {
                return reading.misread(Misread::Frame(why), format!("the question: {why}"));
            }
        };
        let poll = exchange.poll;
        let polls = self.modbus.iter().flat_map(|modbus| &modbus.poll).zip(&self.polls);
        let Some((_, plan)) = polls.into_iter().find(|(known, _)| **known == poll) else {
            let text = format!("`{poll}`: this model is not asked so");
            return reading.misread(Misread::WrongShape, text);
        };
        match exchange.reply {
            Ok(data) => self.read_places(plan, data, reading),
            Err(why) => reading.misread(why.class(), format!("`{poll}`: {why}")),
        }
    }
}

/// `holding/0`, as profiles name it.
impl fmt::Display for Poll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.function, self.from)
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(Self::ALL.iter().find(|(function, _, _)| function == self).map_or("", |(_, _, n)| n))
    }
}

impl FromStr for Function {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|(_, _, name)| *name == text);
        known.map(|(function, _, _)| *function).ok_or_else(|| {
            let names = Self::ALL.map(|(_, _, name)| name).join("`, `");
            format!("`{text}` is no function that reads; there are `{names}`")
        })
    }
}

fn is_sound(frame: &[u8]) -> bool {
    frame.split_last_chunk().is_some_and(|(body, sum)| crc(body).to_le_bytes() == *sum)
}

/// CRC-16/MODBUS: polynomial 0x8005 reflected, begun with all ones.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xA001 } else { sum >> 1 }
        })
    })
}

#[cfg(test)]
mod tests;
