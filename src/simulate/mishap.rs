//! Mishaps: what can happen, and which rules are right to find it in a home with these sensors.

use std::fmt;

use crate::domain::{DeviceId, Place, Span, Time};

use super::flat::{Flat, Sense};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// Falls, in the bathroom more often than elsewhere, and cannot get up.
    Fall,
    /// Collapses in a room, and no sensor says so: everything stops.
    Collapse,
    /// Collapses in the bathroom, and no sensor says so.
    BathroomCollapse,
    /// Gets up at night, and does not come back to bed: lies in bathroom or hall.
    NightFall,
    /// Leaves the home at night, confused.
    NightOut,
    /// Does not come back from an outing.
    NotReturned,
    /// Presses the button for help.
    Help,
    /// Smoke.
    Smoke,
    /// Gas.
    Gas,
    /// Carbon monoxide.
    CarbonMonoxide,
    /// Water on the floor.
    Leak,
    /// A tap is left running.
    TapRunning,
    /// The stove is on, and nobody in the kitchen.
    StoveOn,
    /// A high fever, measured.
    Fever,
    /// Too little oxygen, measured.
    LowOxygen,
    /// A blood pressure that is a crisis, measured.
    HighPressure,
    /// The heart races in bed.
    FastHeart,
    /// The heating fails in winter.
    ColdRoom,
    /// A heat wave in summer.
    HotRoom,
    /// A device is silent for days.
    DeviceLost,
    /// A battery runs out.
    BatteryLow,
}

impl Harm {
    /// Every one there is.
    pub const ALL: [Self; 21] = [
        Self::Fall,
        Self::Collapse,
        Self::BathroomCollapse,
        Self::NightFall,
        Self::NightOut,
        Self::NotReturned,
        Self::Help,
        Self::Smoke,
        Self::Gas,
        Self::CarbonMonoxide,
        Self::Leak,
        Self::TapRunning,
        Self::StoveOn,
        Self::Fever,
        Self::LowOxygen,
        Self::HighPressure,
        Self::FastHeart,
        Self::ColdRoom,
        Self::HotRoom,
        Self::DeviceLost,
        Self::BatteryLow,
    ];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fall => "fall",
            Self::Collapse => "collapse",
            Self::BathroomCollapse => "bathroom-collapse",
            Self::NightFall => "night-fall",
            Self::NightOut => "night-out",
            Self::NotReturned => "not-returned",
            Self::Help => "help",
            Self::Smoke => "smoke",
            Self::Gas => "gas",
            Self::CarbonMonoxide => "carbon-monoxide",
            Self::Leak => "leak",
            Self::TapRunning => "tap-running",
            Self::StoveOn => "stove-on",
            Self::Fever => "fever",
            Self::LowOxygen => "low-oxygen",
            Self::HighPressure => "high-pressure",
            Self::FastHeart => "fast-heart",
            Self::ColdRoom => "cold-room",
            Self::HotRoom => "hot-room",
            Self::DeviceLost => "device-lost",
            Self::BatteryLow => "battery-low",
        }
    }

    /// If nobody comes it ends by itself, or is found by chance, after so long. A rule that needs
    /// longer cannot be relied on.
    pub(super) const fn lasts(self) -> Span {
        match self {
            Self::Fall
            | Self::Collapse
            | Self::BathroomCollapse
            | Self::NightFall
            | Self::NightOut
            | Self::NotReturned => Span::hours(26),
            Self::Smoke | Self::Gas | Self::CarbonMonoxide | Self::Leak => Span::hours(1),
            Self::Help | Self::HighPressure | Self::StoveOn => Span::hours(3),
            Self::Fever | Self::LowOxygen | Self::FastHeart | Self::TapRunning => Span::hours(8),
            Self::ColdRoom | Self::HotRoom => Span::hours(40),
            Self::DeviceLost => Span::hours(80),
            Self::BatteryLow => Span::hours(24 * 21),
        }
    }

    /// Whether she cannot help herself: lies there, or is too weak.
    pub(super) const fn is_down(self) -> bool {
        matches!(
            self,
            Self::Fall
                | Self::Collapse
                | Self::BathroomCollapse
                | Self::NightFall
                | Self::Help
                | Self::Fever
                | Self::LowOxygen
                | Self::HighPressure
        )
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Something that must be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mishap {
    /// What.
    pub harm: Harm,
    /// When it begins.
    pub at: Time,
    /// From when a rule counts: a night's fall from leaving the bed.
    pub since: Time,
    /// Where.
    pub place: Option<Place>,
    /// Of a device that is in trouble, which.
    pub device: Option<DeviceId>,
    /// The rules that are right to find it with the sensors of this home.
    pub paths: Vec<Path>,
    /// When help came, or it was over by itself.
    pub end: Option<Time>,
}

/// A rule that is right to find a mishap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// Its name.
    pub rule: &'static str,
    /// How much longer than its own `alarm.after` it may take: until a sensor says so.
    pub slack: Span,
    /// Whether it must.
    pub sure: Sure,
}

/// Whether a rule must find a mishap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// It is right, and nobody relies on it: it learns, or sees only a consequence.
    No,
    /// These sensors see it for certain.
    Yes,
    /// So they do, unless the book has this rule: it then has the say of it.
    Unless(&'static str),
}

/// Whatever follows from lying somewhere and from nothing moving any more.
const LIES: [&str; 16] = [
    "fall",
    "fall-suspected",
    "long-lie",
    "help",
    "no-activity",
    "no-activity-own",
    "bathroom-stay",
    "night-bed-exit",
    "long-in-bed",
    "vitals-lost",
    "not-returned",
    "night-out",
    "no-water",
    "night-rises",
    "sleep-short",
    "stove-unattended",
];

/// Whatever follows from being ill.
const ILL: [&str; 16] = [
    "heart-rate",
    "heart-rate-watch",
    "heart-rate-rise",
    "breathing",
    "breathing-watch",
    "vitals-lost",
    "oxygen",
    "fever",
    "blood-pressure-crisis",
    "blood-pressure-high",
    "news2-urgent",
    "news2-high",
    "news2-single",
    "long-in-bed",
    "no-activity",
    "no-activity-own",
];

/// The rules that are right to find this in this flat, and which of them must.
pub(super) fn paths(flat: &Flat, harm: Harm, place: Option<Place>, told: bool) -> Vec<Path> {
    let mut paths = Vec::new();
    let mut sure = |rule: &'static str, slack: Span, if_has: bool| {
        if if_has {
            paths.push(Path { rule, slack, sure: Sure::Yes });
        }
    };
    let soon = Span::seconds(90);
    let bathroom = place == Some(Place::Bathroom);
    let sees = |sense: Sense| place.is_some_and(|place| flat.at(sense, place).is_some());
    let presence = sees(Sense::Radar) || sees(Sense::Fall);
    let still = Span::minutes(8);
    match harm {
        Harm::Fall | Harm::Collapse | Harm::BathroomCollapse => {
            sure("fall", soon, told && sees(Sense::Fall));
            sure("bathroom-stay", still, bathroom && presence);
            sure("no-activity", still, true);
        }
        Harm::NightFall => {
            sure("night-bed-exit", soon, flat.has(Sense::Bed));
            sure("bathroom-stay", still, bathroom && presence);
            sure("no-activity", still, true);
        }
        Harm::NightOut => {
            sure("night-bed-exit", soon, flat.has(Sense::Bed));
            sure("night-out", still, flat.has(Sense::Door));
        }
        Harm::NotReturned => sure("not-returned", still, flat.has(Sense::Door)),
        Harm::Help => sure("help", soon, flat.has(Sense::Help)),
        Harm::Smoke => sure("smoke", soon, flat.has(Sense::Smoke)),
        Harm::Gas => sure("gas", soon, flat.has(Sense::Gas)),
        Harm::CarbonMonoxide => sure("carbon-monoxide", soon, flat.has(Sense::CarbonMonoxide)),
        Harm::Leak => sure("leak", soon, flat.has(Sense::Leak)),
        Harm::TapRunning => sure("water-running", Span::minutes(12), flat.has(Sense::Meter)),
        Harm::StoveOn => sure("stove-unattended", Span::minutes(12), flat.has(Sense::Stove)),
        Harm::Fever => sure("fever", still, flat.has(Sense::Thermometer)),
        Harm::LowOxygen => sure("oxygen", still, flat.has(Sense::Oximeter)),
        Harm::HighPressure => sure("blood-pressure-crisis", still, flat.has(Sense::Cuff)),
        Harm::FastHeart => sure("heart-rate", Span::minutes(21), flat.has(Sense::Pulse)),
        Harm::ColdRoom => {
            sure("cold", Span::hours(9), flat.has(Sense::Climate));
            sure("cold-or-hot", Span::hours(9), flat.has(Sense::Climate));
        }
        Harm::HotRoom => {
            sure("hot", Span::hours(9), flat.has(Sense::Climate));
            sure("cold-or-hot", Span::hours(9), flat.has(Sense::Climate));
        }
        // Of a device, whoever knows the device says so: see `of_device`.
        Harm::DeviceLost | Harm::BatteryLow => {}
    }
    // Who is out is no longer missed for silence where a rule says for how long she may be out.
    if matches!(harm, Harm::NightOut | Harm::NotReturned) {
        let sure = Sure::Unless("not-returned");
        paths.push(Path { rule: "no-activity", slack: still, sure });
    }
    let beside: &[&str] = match harm {
        Harm::Fall
        | Harm::Collapse
        | Harm::BathroomCollapse
        | Harm::NightFall
        | Harm::NightOut
        | Harm::NotReturned => &LIES,
        Harm::Fever | Harm::LowOxygen | Harm::HighPressure | Harm::FastHeart => &ILL,
        Harm::Help => &["no-activity", "no-activity-own", "bathroom-stay"],
        Harm::CarbonMonoxide => &["co-level"],
        Harm::Leak => &["water-running"],
        Harm::TapRunning => &["leak"],
        Harm::StoveOn => &["smoke"],
        Harm::DeviceLost => &["life-device-down", "device-blind", "flapping", "area-silent"],
        Harm::Smoke | Harm::Gas | Harm::ColdRoom | Harm::HotRoom | Harm::BatteryLow => &[],
    };
    for rule in beside {
        if !paths.iter().any(|p| p.rule == *rule) {
            paths.push(Path { rule, slack: Span::ZERO, sure: Sure::No });
        }
    }
    paths
}

/// The same of a device: what must find it, and how long after it began the sensor can tell at best.
pub(super) fn of_device(flat: &Flat, harm: Harm, slack: Span) -> Vec<Path> {
    let rule = if harm == Harm::BatteryLow { "battery-low" } else { "device-quiet" };
    let mut paths = paths(flat, harm, None, false);
    paths.push(Path { rule, slack, sure: Sure::Yes });
    paths
}
