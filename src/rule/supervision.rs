//! *Supervision*: a device in trouble, gone quiet or running out of battery. A technical matter:
//! judged for each device by itself, and never mixed up with the person's silence (P5).

use std::fmt;
use std::str::FromStr;

use crate::domain::{Device, Property, Reason, Time, Value};
use crate::form::Form;

use super::{Judgement, Verdict, View};

/// A battery must come back by this much, in per cent, before it counts as replaced: a cold night
/// and a warm morning are no change of battery.
const BACK: f64 = 5.0;

/// `supervision = { of = "quiet" }` or `supervision = { of = "battery", below = 15 }`
#[derive(Debug, Clone, PartialEq)]
pub struct Supervision {
    of: Trouble,
    /// Per cent; for batteries.
    below: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Quiet,
    Battery,
}

impl FromStr for Trouble {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "quiet" => Ok(Self::Quiet),
            "battery" => Ok(Self::Battery),
            _ => Err(format!("supervision is of quiet or battery, not `{text}`")),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quiet => "quiet",
            Self::Battery => "battery",
        })
    }
}

impl Supervision {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.needs::<Trouble>("of");
        let below = form.may::<f64>("below");
        match (of, below) {
            (Some(Trouble::Battery), None) => {
                form.wrong("supervision of battery wants `below`, in %".to_owned());
            }
            (Some(of @ Trouble::Quiet), Some(_)) => {
                form.wrong(format!(
                    "supervision of {of} has no `below`: the device's profile says how long"
                ));
            }
            (Some(_) | None, _) => {}
        }
        form.done();
        Some(Self { of: of?, below: below.unwrap_or(0.0) })
    }

    /// The properties whose reports may change the verdict.
    pub const fn concerns(&self) -> &[Property] {
        match self.of {
            Trouble::Quiet => &[Property::Online],
            Trouble::Battery => &[Property::Battery, Property::BatteryLow],
        }
    }

    /// Judges one device.
    pub fn judge(&self, view: &View<'_>, device: &Device) -> Judgement {
        match self.of {
            Trouble::Quiet => quiet(view, device),
            Trouble::Battery => self.battery(view, device).into(),
        }
    }

    /// Names the trouble.
    pub fn reason(&self, view: &View<'_>, device: Option<&Device>, since: Time) -> Reason {
        let sight = device.and_then(|d| view.situation.sight(&d.id));
        match self.of {
            Trouble::Battery => Reason::Battery {
                left: sight.and_then(|s| s.fact(Property::Battery)).map(|f| f.value),
            },
            Trouble::Quiet => {
                if sight.is_some_and(|s| s.offline().is_some()) {
                    return Reason::Offline { since: view.clock(since) };
                }
                let heard = sight.and_then(|s| s.heard);
                Reason::Quiet { since: heard.map(|heard| view.clock(heard)) }
            }
        }
    }

    fn battery(&self, view: &View<'_>, device: &Device) -> Verdict {
        let Some(sight) = view.situation.sight(&device.id) else { return Verdict::Unknown };
        let level = sight.fact(Property::Battery);
        let low = sight.fact(Property::BatteryLow);
        let back = if view.standing.is_some() { BACK } else { 0.0 };
        let is_low = level.is_some_and(|f| f.value < Value::Number(self.below + back))
            || low.is_some_and(|f| f.value.is_true());
        let facts = || level.into_iter().chain(low);
        match facts().map(|f| f.since).max() {
            None => Verdict::Unknown,
            Some(_) if !is_low => Verdict::Normal,
            Some(since) => Verdict::Holds {
                since: view.standing.unwrap_or(since),
                live: facts().any(|f| f.live),
            },
        }
    }
}

fn quiet(view: &View<'_>, device: &Device) -> Judgement {
    let Some(sight) = view.situation.sight(&device.id) else { return Verdict::Unknown.into() };
    if let Some(since) = sight.offline() {
        return Verdict::Holds { since, live: true }.into();
    }
    let Some((last, quiet_after)) = sight.heard.or(sight.expected).zip(device.quiet_after) else {
        // Nobody expects it to speak; but it was said to be there, or spoke since it was not.
        let said = sight.fact(Property::Online).is_some();
        return if said { Verdict::Normal } else { Verdict::Unknown }.into();
    };
    // A trouble that stands ends when the device speaks, and not because the hub was deaf meanwhile.
    if let Some(since) = view.standing.filter(|since| last < *since) {
        return Verdict::Holds { since, live: true }.into();
    }
    // While the hub was not running nobody could have been heard.
    let since = view.listening.map_or(last, |listening| listening.max(last)) + quiet_after;
    if since <= view.now {
        return Verdict::Holds { since, live: true }.into();
    }
    Judgement { verdict: Verdict::Normal, again: Some(since) }
}
