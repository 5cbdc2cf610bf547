//! *Supervision*: a device in trouble: gone quiet, in fault, running out of battery, out of reach. A
//! technical matter: judged for each device by itself, and never mixed up with the person's silence (P5).

use std::fmt;
use std::str::FromStr;

use crate::domain::Sight;
use crate::domain::{Device, Home, Property, Reason, Span, Time, Value, both};
use crate::form::Form;

use super::{Judgement, Verdict, View};

/// A number must come back by this much before it counts as mended: a cold night and a warm morning
/// are no change of battery, and an open door is no new place for a radio.
const BACK: f64 = 5.0;
/// Fewer changes than this are no flapping.
const TIMES_MIN: usize = 2;
/// More losses of a device are not remembered.
const TIMES_MAX: usize = 30;

/// `supervision = { of = "quiet" }` or `supervision = { of = "battery", below = 15 }`
#[derive(Debug, Clone, PartialEq)]
pub struct Supervision {
    of: Trouble,
    /// `None`: of every device.
    only: Option<Only>,
}

/// Of which devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    /// Those that a life may hang on.
    Life,
    /// The hub's own: its store, its clock, its brokers.
    Hub,
    /// All but the hub's own.
    Home,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Trouble {
    /// It does not speak.
    Quiet,
    /// It says itself that it is broken.
    Fault,
    /// It does not speak, or says itself that it is broken.
    Down,
    /// A number that is too low: `battery` in %, `signal` in dBm, `link_quality`.
    Low { property: Property, below: f64 },
    /// Somebody opened or moved it.
    Tamper,
    /// Its own clock differs from the wall by more than this.
    Clock { beyond: Span },
    /// It goes and comes.
    Flapping { times: usize, within: Span },
    /// It speaks, and tells none of what it used to measure.
    Blind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Quiet,
    Fault,
    Down,
    Battery,
    Signal,
    LinkQuality,
    Tamper,
    Clock,
    Flapping,
    Blind,
}

impl Word {
    const ALL: [Self; 10] = [
        Self::Quiet,
        Self::Fault,
        Self::Down,
        Self::Battery,
        Self::Signal,
        Self::LinkQuality,
        Self::Tamper,
        Self::Clock,
        Self::Flapping,
        Self::Blind,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Fault => "fault",
            Self::Down => "down",
            Self::Battery => "battery",
            Self::Signal => "signal",
            Self::LinkQuality => "link_quality",
            Self::Tamper => "tamper",
            Self::Clock => "clock",
            Self::Flapping => "flapping",
            Self::Blind => "blind",
        }
    }

    /// The keys it wants beside `of`.
    const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Quiet | Self::Fault | Self::Down | Self::Tamper | Self::Blind => &[],
            Self::Battery | Self::Signal | Self::LinkQuality => &["below"],
            Self::Clock => &["beyond"],
            Self::Flapping => &["times", "within"],
        }
    }
}

impl FromStr for Word {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|word| word.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("supervision is of one of {names}, not `{text}`")
        })
    }
}

impl Only {
    fn is_one(self, view: &View<'_>, device: &Device) -> bool {
        match self {
            Self::Life => device.is_life,
            Self::Hub => view.home.is_hub(),
            Self::Home => !view.home.is_hub(),
        }
    }
}

impl FromStr for Only {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "life" => Ok(Self::Life),
            "hub" => Ok(Self::Hub),
            "home" => Ok(Self::Home),
            other => Err(format!(
                "`only` is \"life\", devices that a life may hang on, \"hub\", its own, or \"home\", \
                 all others; not `{other}`"
            )),
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Supervision {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.needs::<Word>("of");
        let below = form.may::<f64>("below");
        let beyond = form.may::<Span>("beyond");
        let (times, within) = (form.may::<usize>("times"), form.may::<Span>("within"));
        let only = form.may::<Only>("only");
        if times.is_some_and(|times| !(TIMES_MIN..=TIMES_MAX).contains(&times)) {
            form.wrong_at(
                "times",
                both!(
                    "`times` 须为 {TIMES_MIN} 到 {TIMES_MAX}",
                    "`times` is from {TIMES_MIN} to {TIMES_MAX}"
                ),
            );
        }
        let there = [
            ("below", below.is_some()),
            ("beyond", beyond.is_some()),
            ("times", times.is_some()),
            ("within", within.is_some()),
        ];
        for (of, (key, is_there)) in of.iter().flat_map(|of| there.map(|key| (of, key))) {
            match (of.keys().contains(&key), is_there) {
                (true, false) => {
                    form.wrong(both!("`{key}` 须填写", "supervision of {of} wants `{key}`"));
                }
                (false, true) => {
                    form.wrong(both!("`{key}` 不能填", "supervision of {of} has no `{key}`"));
                }
                (true, true) | (false, false) => {}
            }
        }
        form.done();
        let low = |property| below.map(|below| Trouble::Low { property, below });
        let of = match of? {
            Word::Quiet => Some(Trouble::Quiet),
            Word::Fault => Some(Trouble::Fault),
            Word::Down => Some(Trouble::Down),
            Word::Battery => low(Property::Battery),
            Word::Signal => low(Property::Signal),
            Word::LinkQuality => low(Property::LinkQuality),
            Word::Tamper => Some(Trouble::Tamper),
            Word::Clock => beyond.map(|beyond| Trouble::Clock { beyond }),
            Word::Flapping => {
                times.zip(within).map(|(times, within)| Trouble::Flapping { times, within })
            }
            Word::Blind => Some(Trouble::Blind),
        };
        Some(Self { of: of?, only })
    }

    /// The properties whose reports may change the verdict.
    pub const fn concerns(&self) -> &[Property] {
        match self.of {
            Trouble::Quiet | Trouble::Flapping { .. } => &[Property::Online],
            Trouble::Fault => &[Property::Fault],
            Trouble::Down => &[Property::Online, Property::Fault],
            Trouble::Low { property: Property::Battery, .. } => {
                &[Property::Battery, Property::BatteryLow]
            }
            Trouble::Low { property: Property::Signal, .. } => &[Property::Signal],
            Trouble::Low { .. } => &[Property::LinkQuality],
            Trouble::Tamper => &[Property::Tamper],
            Trouble::Clock { .. } | Trouble::Blind => &[],
        }
    }

    /// Whether any message of the device may change the verdict, whatever it tells.
    pub const fn listens(&self) -> bool {
        match self.of {
            Trouble::Quiet
            | Trouble::Down
            | Trouble::Clock { .. }
            | Trouble::Flapping { .. }
            | Trouble::Blind => true,
            Trouble::Fault | Trouble::Low { .. } | Trouble::Tamper => false,
        }
    }

    /// Judges one device.
    pub fn judge(&self, view: &View<'_>, device: &Device) -> Judgement {
        let Some(sight) = view.situation.sight(&device.id) else { return Verdict::Unknown.into() };
        if self.only.is_some_and(|only| !only.is_one(view, device)) {
            return Verdict::Unknown.into();
        }
        match self.of {
            // The whole grid is silent: that is one incident, and another home's.
            Trouble::Quiet if is_area_silent(view) => Verdict::Unknown.into(),
            Trouble::Quiet => quiet(view, device, sight),
            Trouble::Fault => said(sight, Property::Fault).into(),
            Trouble::Down => down(view, device, sight),
            Trouble::Low { property, below } => low(view, sight, property, below).into(),
            Trouble::Tamper => said(sight, Property::Tamper).into(),
            Trouble::Clock { beyond } => clock(view, sight, beyond).into(),
            Trouble::Flapping { times, within } => flapping(view, sight, times, within),
            Trouble::Blind => blind(view, device, sight).into(),
        }
    }

    /// Names the trouble.
    pub fn reason(&self, view: &View<'_>, device: Option<&Device>, since: Time) -> Reason {
        let sight = device.and_then(|d| view.situation.sight(&d.id));
        let value = |property| sight.and_then(|s| s.fact(property)).map(|f| f.value);
        match self.of {
            Trouble::Low { property: Property::Battery, .. } => {
                Reason::Battery { left: value(Property::Battery) }
            }
            Trouble::Low { property, below } => {
                Reason::Weak { property, value: value(property).unwrap_or(Value::Number(below)) }
            }
            Trouble::Tamper => Reason::Tampered { since: view.clock(since) },
            Trouble::Clock { .. } => {
                Reason::Drift { by: sight.and_then(|s| s.drift).unwrap_or(Span::ZERO) }
            }
            Trouble::Flapping { within, .. } => {
                let lost = sight.map_or(0, |s| recent(s, view.now, within).count());
                Reason::Flapping { times: u32::try_from(lost).unwrap_or(u32::MAX), within }
            }
            Trouble::Blind => Reason::Blind { since: view.clock(since) },
            Trouble::Fault => Reason::Faulty { since: view.clock(since) },
            Trouble::Down if value(Property::Fault).is_some_and(Value::is_true) => {
                Reason::Faulty { since: view.clock(since) }
            }
            Trouble::Quiet | Trouble::Down => {
                if sight.is_some_and(|s| s.offline().is_some()) {
                    return Reason::Offline { since: view.clock(since) };
                }
                let heard = sight.and_then(|s| s.heard);
                Reason::Quiet { since: heard.map(|heard| view.clock(heard)) }
            }
        }
    }
}

fn is_area_silent(view: &View<'_>) -> bool {
    let mut devices = view.situation.devices();
    let area = devices.find(|(device, _)| device.as_str() == Home::AREA);
    let online = area.and_then(|(_, sight)| sight.fact(Property::Online));
    online.is_some_and(|fact| !fact.value.is_true())
}

fn low(view: &View<'_>, sight: &Sight, property: Property, below: f64) -> Verdict {
    let level = sight.fact(property);
    let flag = (property == Property::Battery).then(|| sight.fact(Property::BatteryLow)).flatten();
    let back = if view.standing.is_some() { BACK } else { 0.0 };
    let is_low = level.is_some_and(|f| f.value < Value::Number(below + back))
        || flag.is_some_and(|f| f.value.is_true());
    let facts = || level.into_iter().chain(flag);
    match facts().map(|f| f.since).max() {
        None => Verdict::Unknown,
        Some(_) if !is_low => Verdict::Normal,
        Some(since) => {
            Verdict::Holds { since: view.standing.unwrap_or(since), live: facts().any(|f| f.live) }
        }
    }
}

/// What the device says of itself by a flag.
fn said(sight: &Sight, property: Property) -> Verdict {
    match sight.fact(property) {
        None => Verdict::Unknown,
        Some(fact) if !fact.value.is_true() => Verdict::Normal,
        Some(fact) => Verdict::Holds { since: fact.since, live: fact.live },
    }
}

/// A message that was long on its way looks like a clock that is behind; the next one tells.
fn clock(view: &View<'_>, sight: &Sight, beyond: Span) -> Verdict {
    match sight.drift {
        None => Verdict::Unknown,
        Some(drift) if -beyond.0 <= drift.0 && drift.0 <= beyond.0 => Verdict::Normal,
        Some(_) => Verdict::Holds { since: view.standing.unwrap_or(view.now), live: true },
    }
}

fn recent(sight: &Sight, now: Time, within: Span) -> impl Iterator<Item = Time> {
    sight.lost.iter().copied().filter(move |at| now < *at + within)
}

fn flapping(view: &View<'_>, sight: &Sight, times: usize, within: Span) -> Judgement {
    let lost: Vec<Time> = recent(sight, view.now, within).collect();
    // The one that must be forgotten for it to be over.
    let Some(nth) = lost.len().checked_sub(times) else { return Verdict::Normal.into() };
    let again = lost.get(nth).map(|at| *at + within);
    let since = lost.get(times.saturating_sub(1)).copied().unwrap_or(view.now);
    let since = view.standing.unwrap_or(since);
    Judgement { verdict: Verdict::Holds { since, live: true }, again }
}

fn blind(view: &View<'_>, device: &Device, sight: &Sight) -> Verdict {
    match sight.mute_since {
        _ if !view.is_alive(&device.id) => Verdict::Unknown,
        None => Verdict::Normal,
        Some(since) => Verdict::Holds { since, live: true },
    }
}

/// Broken and gone at once, it is down since the first of both.
fn down(view: &View<'_>, device: &Device, sight: &Sight) -> Judgement {
    let quiet = quiet(view, device, sight);
    let all = [quiet.verdict, said(sight, Property::Fault)];
    let holds = all.iter().filter_map(|verdict| match verdict {
        Verdict::Holds { since, live } => Some((*since, *live)),
        Verdict::Normal | Verdict::Unknown | Verdict::Resting => None,
    });
    let both = holds.reduce(|a, b| (a.0.min(b.0), a.1 || b.1));
    let Some((since, live)) = both else {
        let is_fine = all.contains(&Verdict::Normal);
        let verdict = if is_fine { Verdict::Normal } else { Verdict::Unknown };
        return Judgement { verdict, again: quiet.again };
    };
    Judgement { verdict: Verdict::Holds { since, live }, again: quiet.again }
}

fn quiet(view: &View<'_>, device: &Device, sight: &Sight) -> Judgement {
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
