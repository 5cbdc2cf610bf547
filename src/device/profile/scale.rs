//! Exact decimals: 214 divided by 10 is 21.4, and 0.29 m are 29 cm, not 28.999999999999996.

use std::str::FromStr;

/// What is done to a number, in this order: add, multiply, divide.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    pub(crate) add: Decimal,
    pub(crate) multiply: Decimal,
    pub(crate) divide: Decimal,
}

/// A number as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: i128,
    /// How many of the digits stand behind the point.
    behind: u32,
}

impl Decimal {
    pub(crate) const ZERO: Self = Self { digits: 0, behind: 0 };
    pub(crate) const ONE: Self = Self { digits: 1, behind: 0 };

    pub(crate) const fn is_zero(self) -> bool {
        self.digits == 0
    }

    fn plus(self, other: Self) -> Option<Self> {
        let behind = self.behind.max(other.behind);
        let digits = |d: Self| d.digits.checked_mul(10_i128.checked_pow(behind - d.behind)?);
        Some(Self { digits: digits(self)?.checked_add(digits(other)?)?, behind })
    }

    fn times(self, other: Self) -> Option<Self> {
        let digits = self.digits.checked_mul(other.digits)?;
        Some(Self { digits, behind: self.behind.checked_add(other.behind)? })
    }

    /// The float nearest to the decimal.
    fn float(self) -> f64 {
        format!("{}e-{}", self.digits, self.behind).parse().unwrap_or(f64::NAN)
    }
}

impl Scale {
    pub(crate) const NONE: Self =
        Self { add: Decimal::ZERO, multiply: Decimal::ONE, divide: Decimal::ONE };

    /// The scaled number. Beyond the digits a sensor can have, to the nearest float.
    pub(crate) fn of(&self, n: f64) -> f64 {
        if *self == Self::NONE {
            return n;
        }
        let exact = n
            .to_string()
            .parse::<Decimal>()
            .ok()
            .and_then(|n| n.plus(self.add))
            .and_then(|n| n.times(self.multiply));
        let scaled =
            exact.map_or_else(|| (n + self.add.float()) * self.multiply.float(), Decimal::float);
        scaled / self.divide.float()
    }
}

impl FromStr for Decimal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a number such as `10` or `0.25`");
        let (whole, behind) = text.split_once('.').unwrap_or((text, ""));
        if !behind.chars().all(|c| c.is_ascii_digit()) || behind.len() > 20 {
            return Err(wrong());
        }
        let digits = format!("{whole}{behind}").parse().ok().ok_or_else(wrong)?;
        Ok(Self { digits, behind: u32::try_from(behind.len()).unwrap_or(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_numbers_are_what_a_person_would_write() {
        let scale = |add: &str, multiply: &str, divide: &str, n| {
            let read = |text: &str| text.parse().unwrap();
            Scale { add: read(add), multiply: read(multiply), divide: read(divide) }.of(n)
        };
        assert_eq!(scale("0", "1", "10", 214.0), 21.4);
        assert_eq!(scale("0", "100", "1", 0.29), 29.0);
        assert_eq!(scale("0", "0.1", "1", 214.0), 21.4);
        assert_eq!(scale("-32", "5", "9", 98.6), 37.0);
        assert_eq!(scale("0", "1", "10", -5.0), -0.5);
        assert!(scale("0", "2", "1", f64::NAN).is_nan());
        assert_eq!(scale("0", "2", "1", 1e300), 2e300);
    }
}
