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
    /// A cold: days in bed, more often to the toilet, warmer, a faster heart. Nobody must find it.
    Cold,
    /// A night without sleep. Nobody must find it.
    Sleepless,
}

impl Harm {
    /// Every one there is.
    pub const ALL: [Self; 23] = [
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
        Self::Cold,
        Self::Sleepless,
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
            Self::Cold => "cold",
            Self::Sleepless => "sleepless",
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
            Self::Cold => Span::hours(24 * 6),
            Self::Sleepless => Span::hours(24),
            Self::BatteryLow => Span::hours(24 * 21),
        }
    }

    /// Whether it happens to who is asleep at night, or not at all.
    pub(super) const fn is_of_night(self) -> bool {
        matches!(self, Self::NightFall | Self::NightOut | Self::FastHeart)
    }

    /// Whether it happens to her in the midst of what she does.
    pub(super) const fn is_of_day(self) -> bool {
        matches!(self.nature(), Nature::Lies | Nature::Weak) && !self.is_of_night()
    }

    /// What kind of thing it is.
    pub(super) const fn nature(self) -> Nature {
        match self {
            Self::Fall | Self::Collapse | Self::BathroomCollapse | Self::NightFall => Nature::Lies,
            Self::NightOut | Self::NotReturned => Nature::Away,
            Self::Help | Self::Fever | Self::LowOxygen | Self::HighPressure => Nature::Weak,
            Self::FastHeart => Nature::InBed,
            Self::Smoke => Nature::Told(Sense::Smoke),
            Self::Gas => Nature::Told(Sense::Gas),
            Self::CarbonMonoxide => Nature::Told(Sense::CarbonMonoxide),
            Self::Leak => Nature::Told(Sense::Leak),
            Self::TapRunning | Self::StoveOn | Self::ColdRoom | Self::HotRoom => Nature::Flat,
            Self::DeviceLost | Self::BatteryLow => Nature::Device,
            Self::Cold | Self::Sleepless => Nature::Unwell,
        }
    }
}

/// Kinds of mishap, by what becomes of her.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// Lies somewhere, and nothing moves.
    Lies,
    /// Is not at home, and ought to be.
    Away,
    /// Is too weak or too ill to do anything.
    Weak,
    /// Is ill in bed.
    InBed,
    /// Lives on, and a sensor tells of something in the flat.
    Told(Sense),
    /// Lives on, and something in the flat goes on.
    Flat,
    /// Lives on, and a device is in trouble.
    Device,
    /// Lives on, and is not herself.
    Unwell,
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

/// Whatever follows from being a little ill, or from a bad night.
const UNWELL: [&str; 11] = [
    "night-rises",
    "sleep-short",
    "long-in-bed",
    "bathroom-visits",
    "heart-rate-watch",
    "heart-rate-rise",
    "breathing-watch",
    "news2-single",
    "news2-high",
    "fever",
    "no-activity-own",
];

/// What sensors told, or did not, of how a mishap began.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// The radar that should see the fall does.
    pub(super) fall: bool,
    /// Nothing has seen her since the door moved: as far as any sensor can tell, she went out by it.
    pub(super) unseen: bool,
}

/// The rules that are right to find this in this flat, and which of them must.
pub(super) fn paths(flat: &Flat, harm: Harm, place: Option<Place>, told: Told) -> Vec<Path> {
    // Who is out is no longer missed for her silence where a rule says for how long she may be.
    let silence = Sure::Unless("not-returned");
    let sure = |(rule, slack, sees): (&'static str, Span, bool)| {
        let sure = if told.unseen && rule == "no-activity" { silence } else { Sure::Yes };
        sees.then_some(Path { rule, slack, sure })
    };
    let mut paths: Vec<_> =
        who_sees(flat, harm, place, told.fall).into_iter().filter_map(sure).collect();
    if told.unseen && harm.nature() == Nature::Lies {
        paths.push(Path { rule: "not-returned", slack: Span::minutes(8), sure: Sure::Yes });
    }
    let beside: &[&str] = match harm.nature() {
        Nature::Lies => &LIES,
        Nature::Away => {
            paths.push(Path { rule: "no-activity", slack: Span::minutes(8), sure: silence });
            &LIES
        }
        Nature::Weak | Nature::InBed => &ILL,
        Nature::Told(Sense::CarbonMonoxide) => &["co-level"],
        Nature::Told(_) | Nature::Flat => &["leak", "smoke", "water-running"],
        Nature::Unwell => &UNWELL,
        Nature::Device => &["life-device-down", "device-blind", "flapping", "area-silent"],
    };
    for rule in beside {
        if !paths.iter().any(|p| p.rule == *rule) {
            paths.push(Path { rule, slack: Span::ZERO, sure: Sure::No });
        }
    }
    paths
}

/// A rule, how much longer than its `alarm.after` it may take, and whether these sensors see it.
fn who_sees(
    flat: &Flat,
    harm: Harm,
    place: Option<Place>,
    told: bool,
) -> Vec<(&'static str, Span, bool)> {
    let (soon, still, slow) = (Span::seconds(90), Span::minutes(8), Span::hours(9));
    let sees = |sense: Sense| place.is_some_and(|place| flat.at(sense, place).is_some());
    let presence = sees(Sense::Radar) || sees(Sense::Fall);
    let bathroom = place == Some(Place::Bathroom) && presence;
    let told = harm == Harm::Fall && told && sees(Sense::Fall);
    match harm {
        Harm::Fall | Harm::Collapse | Harm::BathroomCollapse => vec![
            ("fall", soon, told),
            ("bathroom-stay", still, bathroom),
            ("no-activity", still, true),
        ],
        Harm::NightFall => vec![
            ("night-bed-exit", soon, flat.has(Sense::Bed)),
            ("bathroom-stay", still, bathroom),
            ("no-activity", still, true),
        ],
        Harm::NightOut => vec![
            // One ghost within ten minutes answers `night-out`: it is right, and nobody relies on it.
            ("night-bed-exit", soon, flat.has(Sense::Bed)),
        ],
        Harm::NotReturned => vec![("not-returned", still, flat.has(Sense::Door))],
        Harm::Help => vec![("help", soon, flat.has(Sense::Help))],
        Harm::Smoke => vec![("smoke", soon, flat.has(Sense::Smoke))],
        Harm::Gas => vec![("gas", soon, flat.has(Sense::Gas))],
        Harm::CarbonMonoxide => vec![("carbon-monoxide", soon, flat.has(Sense::CarbonMonoxide))],
        Harm::Leak => vec![("leak", soon, flat.has(Sense::Leak))],
        Harm::TapRunning => vec![("water-running", Span::minutes(12), flat.has(Sense::Meter))],
        Harm::StoveOn => vec![("stove-unattended", Span::minutes(12), flat.has(Sense::Stove))],
        Harm::Fever => vec![("fever", still, flat.has(Sense::Thermometer))],
        Harm::LowOxygen => vec![("oxygen", still, flat.has(Sense::Oximeter))],
        Harm::HighPressure => vec![("blood-pressure-crisis", still, flat.has(Sense::Cuff))],
        Harm::FastHeart => vec![("heart-rate", Span::minutes(21), flat.has(Sense::Pulse))],
        Harm::ColdRoom => vec![
            ("cold", slow, flat.has(Sense::Climate)),
            ("cold-or-hot", slow, flat.has(Sense::Climate)),
        ],
        Harm::HotRoom => vec![
            ("hot", slow, flat.has(Sense::Climate)),
            ("cold-or-hot", slow, flat.has(Sense::Climate)),
        ],
        // Of a device, whoever knows the device says so: see `of_device`.
        Harm::DeviceLost | Harm::BatteryLow | Harm::Cold | Harm::Sleepless => Vec::new(),
    }
}

/// The same of a device: what must find it, and how long after it began the sensor can tell at best.
pub(super) fn of_device(flat: &Flat, harm: Harm, slack: Span) -> Vec<Path> {
    let rule = if harm == Harm::BatteryLow { "battery-low" } else { "device-quiet" };
    let mut paths = paths(flat, harm, None, Told::default());
    paths.push(Path { rule, slack, sure: Sure::Yes });
    paths
}
