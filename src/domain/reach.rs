//! How to reach a home without knowing it: a number to dial, a point on the map. Both are kept as they are
//! written, once it is sure that a phone can make a link of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A telephone number, as `tel:` takes it (RFC 3966): `138 1234 0000`, `+86-10-8765-4321`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Latitude and longitude in degrees, as a phone's GPS says them (WGS 84; `geo:` of RFC 5870):
/// `31.2304, 121.4737`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Position(String);

/// Digits of a number: `110` has three; E.164 has at most fifteen.
const DIGITS: std::ops::RangeInclusive<usize> = 3..=15;

impl Phone {
    /// What a phone dials.
    pub fn href(&self) -> String {
        let dialled = self.0.chars().filter(|c| c.is_ascii_digit() || *c == '+');
        format!("tel:{}", dialled.collect::<String>())
    }
}

impl FromStr for Phone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let rest = text.strip_prefix('+').unwrap_or(text);
        let is_digit = |c: &char| c.is_ascii_digit();
        let is_number = rest.chars().all(|c| is_digit(&c) || matches!(c, ' ' | '-'));
        if !is_number || !DIGITS.contains(&rest.chars().filter(is_digit).count()) {
            return Err(format!("`{text}` is not a telephone number such as `138 1234 0000`"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Position {
    /// What a phone opens a map by.
    pub fn href(&self) -> String {
        let point: String = self.0.chars().filter(|c| *c != ' ').collect();
        // Maps that show where one is, and no mark, go by `q`.
        format!("geo:{point}?q={point}")
    }
}

impl FromStr for Position {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | ',' | ' '));
        let point = text.split_once(',').filter(|_| plain);
        let degrees = |part: &str, most: f64| {
            part.trim().parse::<f64>().is_ok_and(|degrees| degrees.abs() <= most)
        };
        if !point.is_some_and(|(north, east)| degrees(north, 90.0) && degrees(east, 180.0)) {
            let such = "latitude and longitude in degrees such as `31.2304, 121.4737`";
            return Err(format!("`{text}` is not {such}"));
        }
        Ok(Self(text.to_owned()))
    }
}

macro_rules! text {
    ($($type:ident)+) => { $(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from($type(text): $type) -> Self {
                text
            }
        }
    )+ };
}

text!(Phone Position);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_made_of_what_a_phone_can_dial_and_find_and_of_nothing_else() {
        let phone = |text: &str| text.parse::<Phone>().map(|phone| phone.href());
        assert_eq!(phone(" 138 1234 0000 ").unwrap(), "tel:13812340000");
        assert_eq!(phone("+86-10-8765-4321").unwrap(), "tel:+861087654321");
        for wrong in ["", "12", "1234567890123456", "138;ext=1", "javascript:1", "１３８"] {
            assert!(phone(wrong).is_err(), "{wrong}");
        }
        let position = |text: &str| text.parse::<Position>().map(|position| position.href());
        assert_eq!(
            position("31.2304, 121.4737").unwrap(),
            "geo:31.2304,121.4737?q=31.2304,121.4737"
        );
        assert!(position("-33.9,-70").is_ok());
        for wrong in
            ["", "31.2304", "121.4737, 31.2304", "31,121,5", "nan,1", "1e1,1", "31.2;u=1,5"]
        {
            assert!(position(wrong).is_err(), "{wrong}");
        }
    }
}
