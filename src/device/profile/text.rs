//! Where in a line of text a value stands, and how lines of one sort begin.

use std::fmt;
use std::str::FromStr;

use crate::device::pick::Scalar;

/// A place in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spot {
    /// `word[2]`: the third of the words, which blanks separate.
    Word(usize),
    /// `field[2]`: the third of the fields, which commas separate; an empty one counts too.
    Field(usize),
    /// `after[SPO2=]`: what follows these letters, up to a blank, a comma or a semicolon. They stand at
    /// the beginning of the line or after one of those: `after[open=]` is not in `reopen=true`.
    After(String),
}

/// How a line begins: `mov,`, or `##/##/##`, where `#` is any digit and `?` any character.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mask(String);

impl Spot {
    /// The value of this place in a line, with the `bit` of it if it is a hexadecimal number. A number,
    /// true and false are read as such; a sign behind a number, `97%` or the `89*` of a limit alarm, is
    /// not part of it; dashes say that there is no value.
    pub(crate) fn of_line<'m>(&self, line: &'m str, bit: Option<u32>) -> Scalar<'m> {
        let text = match self {
            Self::Word(n) => line.split_whitespace().nth(*n),
            Self::Field(n) => line.split(',').nth(*n).map(str::trim),
            Self::After(label) => after(line, label),
        };
        match (text, bit) {
            (None, _) => Scalar::Absent,
            (Some(text), None) => value(text),
            (Some(text), Some(bit)) => match u64::from_str_radix(text, 16) {
                Ok(bits) => Scalar::Flag(bits.checked_shr(bit).unwrap_or(0) & 1 == 1),
                Err(_not_hexadecimal) => value(text),
            },
        }
    }

    /// The place of the property of this name, where `*` stands for it.
    pub(crate) fn named(&self, name: &str) -> Option<Self> {
        match self {
            Self::After(label) if label.contains('*') => {
                Some(Self::After(label.replace('*', name)))
            }
            Self::After(_) | Self::Word(_) | Self::Field(_) => None,
        }
    }
}

/// A blank, a comma or a semicolon.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';')
}

fn after<'l>(line: &'l str, label: &str) -> Option<&'l str> {
    let mut found = line.match_indices(label);
    let (at, _) = found
        .find(|(at, _)| line.get(..*at).is_some_and(|b| b.is_empty() || b.ends_with(is_gap)))?;
    line.get(at + label.len()..)?.split(is_gap).next()
}

fn value(text: &str) -> Scalar<'_> {
    if text.chars().all(|c| matches!(c, '-' | '+' | '.' | '%' | '*')) {
        return Scalar::Null;
    }
    match text {
        "true" => return Scalar::Flag(true),
        "false" => return Scalar::Flag(false),
        _ => {}
    }
    let digits = text.trim_end_matches(['%', '*']);
    let is_plain = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    let number = digits.parse::<f64>().ok().filter(|_| is_plain);
    number.map_or(Scalar::Text(text.into()), Scalar::Number)
}

impl Mask {
    pub(crate) fn fits(&self, line: &str) -> bool {
        let mut chars = line.chars();
        self.0.chars().all(|wanted| {
            chars.next().is_some_and(|c| match wanted {
                '#' => c.is_ascii_digit(),
                '?' => true,
                wanted => c == wanted,
            })
        })
    }
}

impl From<&str> for Mask {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(n) => write!(f, "word[{n}]"),
            Self::Field(n) => write!(f, "field[{n}]"),
            Self::After(label) => write!(f, "after[{label}]"),
        }
    }
}

impl FromStr for Spot {
    /// Nothing: the caller says what a place is.
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, rest) = text.split_once('[').ok_or(())?;
        let inner = rest.strip_suffix(']').filter(|inner| !inner.is_empty()).ok_or(())?;
        let number = || inner.parse().ok().filter(|n| *n < 256).ok_or(());
        match name {
            "word" => number().map(Self::Word),
            "field" => number().map(Self::Field),
            "after" => Ok(Self::After(inner.to_owned())),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: &str, line: &'static str) -> Scalar<'static> {
        place.parse::<Spot>().unwrap().of_line(line, None)
    }

    #[test]
    fn a_value_is_found_by_words_fields_and_labels() {
        let masimo = "02/24/18 04:48:53 SPO2=097% BPM=080 PI=04.96% SPCO=--.-% EXC=000800";
        assert_eq!(at("after[SPO2=]", masimo), Scalar::Number(97.0));
        assert_eq!(at("after[BPM=]", masimo), Scalar::Number(80.0));
        assert_eq!(at("after[SPCO=]", masimo), Scalar::Null);
        assert_eq!(at("after[PVI=]", masimo), Scalar::Absent);
        assert_eq!(at("word[2]", "29-Dec-17 07:19:01    79*     66"), Scalar::Number(79.0));
        assert_eq!(at("word[9]", "a b"), Scalar::Absent);
        assert_eq!(at("field[2]", "$DFDMD,1, ,1.817"), Scalar::Null);
        assert_eq!(at("field[3]", "$DFDMD,1, ,1.817"), Scalar::Number(1.817));
        assert_eq!(at("word[0]", "mov, 2 49"), Scalar::Text("mov,".into()));
        assert_eq!(at("after[fall=]", "help=false,fall=true"), Scalar::Flag(true));
    }

    #[test]
    fn a_label_within_a_longer_word_is_not_the_label() {
        assert_eq!(at("after[open=]", "reopen=true"), Scalar::Absent);
        assert_eq!(
            at("after[temperature=]", "body_temperature=37 temperature=21"),
            Scalar::Number(21.0)
        );
    }

    #[test]
    fn only_what_everybody_reads_the_same_way_is_a_number() {
        for text in ["1e5", "0x4C", "inf", "NaN", "76,5%", "7%6", "1-2", "00E000"] {
            let line: &'static str = text;
            assert!(!matches!(at("word[0]", line), Scalar::Number(n) if n != 76.0), "{text}");
        }
        for text in ["---", "--*", "--.-%", "+--", "-"] {
            assert_eq!(at("word[0]", text), Scalar::Null, "{text}");
        }
    }

    #[test]
    fn a_bit_of_a_hexadecimal_text_is_a_flag() {
        let exc: Spot = "after[EXC=]".parse().unwrap();
        assert_eq!(exc.of_line("EXC=000C00", Some(10)), Scalar::Flag(true));
        assert_eq!(exc.of_line("EXC=800", Some(10)), Scalar::Flag(false));
        assert_eq!(exc.of_line("EXC=---", Some(10)), Scalar::Null);
    }

    #[test]
    fn a_mask_tells_lines_by_how_they_begin() {
        let mask = Mask::from("##-???-## ##:");
        assert!(mask.fits("29-Dec-17 07:18:57    89*"));
        assert!(!mask.fits("-Dec-17 07:18:57    89*") && !mask.fits("29-Dec-17"));
        assert!(Mask::from("").fits("anything") && Mask::from("ON").fits("ON"));
    }
}
