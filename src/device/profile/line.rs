//! How to talk to a model on a serial port.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::place::Place;
use crate::device::Framing;
use crate::device::frame::Content;
use crate::device::pick::Scalar;
use crate::domain::Span;
use crate::form::Form;

/// What a serial port must be set to, and what has to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where messages begin and end.
    pub framing: Framing,
    /// Bits per second.
    pub baud: u32,
    /// The parity bit.
    pub parity: Parity,
    /// Sent when the port opens and every [`Self::ask_every`]: some models speak only when asked.
    pub ask: Vec<Vec<u8>>,
    /// How often to ask; never shorter than 100 ms.
    pub ask_every: Span,
    /// Of one sort of frame, at most one in this time is taken on: an oximeter sends 60 a second.
    pub at_most_every: Option<Span>,
    /// Where each sort of frame says something that is true or false. A frame that says so otherwise
    /// than the last one is always taken on: a fall, or a finger that is gone.
    pub(super) signs: BTreeMap<u16, Vec<Place>>,
}

/// The parity bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parity {
    /// There is none.
    None,
    /// Odd.
    Odd,
    /// Even.
    Even,
}

impl Line {
    pub(super) fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let framing = form.needs("framing");
        let baud = form.may("baud").unwrap_or(115_200);
        let parity = form.may("parity").unwrap_or(Parity::None);
        let mut ask = Vec::new();
        for text in form.list::<String>("ask") {
            match super::hex(&text) {
                Ok(bytes) => ask.push(bytes),
                Err(why) => form.wrong(format!("`ask`: {why}")),
            }
        }
        let ask_every = form.may("ask_every").unwrap_or(Span::seconds(10));
        if ask_every < Span(100) {
            form.wrong("`ask_every` is at least 100ms".to_owned());
        }
        let at_most_every = form.may("at_most_every");
        form.done();
        let signs = BTreeMap::new();
        Some(Self { framing: framing?, baud, parity, ask, ask_every, at_most_every, signs })
    }

    /// What this message says at its signs.
    pub(crate) fn signs(&self, content: &Content<'_>) -> Vec<Option<f64>> {
        let places = self.signs.get(&content.selector).map_or(&[][..], Vec::as_slice);
        let sign = |place: &Place| match place.of_frame(&content.data) {
            Scalar::Flag(flag) => Some(if flag { 1.0 } else { 0.0 }),
            Scalar::Number(n) => Some(n),
            Scalar::Absent | Scalar::Null | Scalar::Text(_) | Scalar::Other(_) => None,
        };
        places.iter().map(sign).collect()
    }
}

impl fmt::Display for Parity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::Odd => "odd",
            Self::Even => "even",
        })
    }
}

impl FromStr for Parity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "odd" => Ok(Self::Odd),
            "even" => Ok(Self::Even),
            other => Err(format!("`{other}` is not a parity: `none`, `odd` or `even`")),
        }
    }
}
