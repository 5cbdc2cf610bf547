//! When the device says that it saw what it tells.

use std::str::FromStr;

use super::place::Place;
use crate::device::pick::Scalar;
use crate::domain::Time;
use crate::form::Form;

/// Before 2020 a clock shows what it started with, not the time.
const SET_SINCE: Time = Time(1_577_836_800_000);

/// Where a message says when it was made: `[time]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claim {
    pub(crate) at: Place,
    unit: Unit,
}

/// What a number counts; a text is RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    Seconds,
    Milliseconds,
}

impl Claim {
    pub(super) fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let at: Option<Place> = form.needs("at");
        if let Some(Place::Bytes { .. } | Place::Line { .. }) = at {
            form.wrong("`at` is a JSON pointer such as `/last_seen`".to_owned());
        }
        let unit = form.may("unit").unwrap_or(Unit::Milliseconds);
        form.done();
        Some(Self { at: at?, unit })
    }

    /// The time claimed, if the clock was ever set.
    pub(crate) fn time(&self, value: &Scalar<'_>) -> Result<Option<Time>, String> {
        let time = match value {
            Scalar::Absent | Scalar::Null => return Ok(None),
            Scalar::Text(text) => text.parse::<Time>()?,
            Scalar::Number(n) => {
                let n = if self.unit == Unit::Seconds { n * 1000.0 } else { *n };
                Time(whole(n).ok_or_else(|| format!("{n} is not a time"))?)
            }
            Scalar::Flag(_) | Scalar::Other(_) => {
                return Err("neither a text nor a number, and so no time".to_owned());
            }
        };
        Ok(Some(time).filter(|time| SET_SINCE <= *time))
    }
}

/// The nearest whole number, within the years a calendar has.
fn whole(n: f64) -> Option<i64> {
    let text = format!("{n:.0}");
    text.parse().ok().filter(|n| (0..253_402_300_800_000_i64).contains(n))
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "s" => Ok(Self::Seconds),
            "ms" => Ok(Self::Milliseconds),
            other => Err(format!("`{other}` is not what times are counted in: `s` or `ms`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_read_in_every_form_and_a_clock_never_set_claims_nothing() {
        let claim = |unit| Claim { at: Place::Json("/t".to_owned()), unit };
        let ms = claim(Unit::Milliseconds);
        let new_year = Some(Time(1_767_225_600_000));
        for text in ["2026-01-01T00:00:00.000Z", "2026-01-01T08:00:00+08:00"] {
            assert_eq!(ms.time(&Scalar::Text(text.into())), Ok(new_year));
        }
        assert_eq!(ms.time(&Scalar::Number(1_767_225_600_000.0)), Ok(new_year));
        assert_eq!(claim(Unit::Seconds).time(&Scalar::Number(1_767_225_600.0)), Ok(new_year));
        assert_eq!(ms.time(&Scalar::Number(1.33)), Ok(None));
        assert_eq!(ms.time(&Scalar::Text("1970-01-01T00:00:12Z".into())), Ok(None));
        for wrong in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            assert!(ms.time(&Scalar::Number(wrong)).is_err(), "{wrong}");
        }
        assert!(ms.time(&Scalar::Text("2024-09-20T22:40:31".into())).is_err());
    }
}
