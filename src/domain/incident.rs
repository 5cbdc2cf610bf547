//! An incident: one thing that went wrong, from the first sign to the close, and its story.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::{DeviceId, Name, PersonId};
use super::observation::{Kind, Property, Value};
use super::person::Role;
use super::time::{Span, Time};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal: $($variant:ident $en:literal $zh:literal;)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $( #[doc = concat!("`", $en, "` ", $zh)] $variant, )+
        }

        impl $name {
            /// Every one there is, in order.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// As written in files and stories.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $en, )+ }
            }

            /// On Chinese pages.
            pub const fn zh(self) -> &'static str {
                match self { $( Self::$variant => $zh, )+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|w| w.name() == text).ok_or_else(|| {
                    let all: Vec<_> = Self::ALL.iter().map(|w| w.name()).collect();
                    format!("there is no {} `{text}`: one of {}", $what, all.join(", "))
                })
            }
        }
    };
}

words! {
    /// How much hangs on it.
    Level, "level":
    Info    "info"    "提示";
    Normal  "normal"  "一般";
    Serious "serious" "严重";
    Urgent  "urgent"  "紧急";
}

words! {
    /// How far an incident has come. Only people take it beyond [`Stage::Alarmed`] (P4).
    Stage, "stage":
    Detected "detected" "发现";
    Warned   "warned"   "预警";
    Alarmed  "alarmed"  "报警";
    Accepted "accepted" "签收";
    EnRoute  "en-route" "出发";
    OnScene  "on-scene" "到场";
    Resolved "resolved" "办结";
    Closed   "closed"   "结案";
}

words! {
    /// How it ended. The last two are the only ones the engine may give by itself, and only before the alarm.
    Outcome, "outcome":
    Safe       "safe"        "平安";
    Assisted   "assisted"    "已协助";
    Hospital   "hospital"    "送医";
    Died       "died"        "身故";
    Repaired   "repaired"    "已维修";
    NoAccess   "no-access"   "无法入户";
    FalseAlarm "false-alarm" "误报";
    Test       "test"        "测试";
    Cancelled  "cancelled"   "本人取消";
    Cleared    "cleared"     "解除";
}

impl Outcome {
    /// Whether a person may give it.
    pub const fn is_for_people(self) -> bool {
        !matches!(self, Self::Cancelled | Self::Cleared)
    }

    /// Whether it says that nothing was wrong, so that nobody need have been there.
    pub const fn is_no_incident(self) -> bool {
        matches!(self, Self::FalseAlarm | Self::Test)
    }
}

/// Why a rule holds, in a form that can be told in any language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Reason {
    /// A flag was set, a button pressed.
    Seen {
        /// By which device.
        device: DeviceId,
        /// What.
        property: Property,
        /// How long before, by the sensor's own clock, if more than a minute.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        late: Option<Span>,
    },
    /// A flag that should be set is not.
    Absent {
        /// Which flag.
        property: Property,
        /// Wall time in the home, `02:10`.
        since: String,
    },
    /// Nothing moved while the sensors were proven alive.
    Inactive {
        /// Wall time in the home of the last activity.
        since: String,
    },
    /// A number beyond its limit.
    Beyond {
        /// By which device.
        device: DeviceId,
        /// Which number.
        property: Property,
        /// Its value.
        value: Value,
        /// The limit of the rule.
        limit: Value,
        /// Wall time in the home.
        since: String,
    },
    /// A device that ought to speak has not.
    Quiet {
        /// Wall time in the home at which it last spoke; `None` if never.
        since: Option<String>,
    },
    /// A device said, or its broker said of it, that it is gone.
    Offline {
        /// Wall time in the home.
        since: String,
    },
    /// A battery is nearly empty.
    Battery {
        /// What is left in per cent, if the device says so.
        left: Option<Value>,
    },
}

impl Reason {
    /// In English, as in stories.
    pub fn en(&self) -> String {
        match self {
            Self::Seen { device, property, late } => {
                let what = match property.kind() {
                    Kind::Moment => format!("{property} from {device}"),
                    Kind::Flag | Kind::Number { .. } => format!("{property} seen by {device}"),
                };
                late.map_or(what.clone(), |late| format!("{what}, {late} ago by its own clock"))
            }
            Self::Absent { property: Property::InBed, since } => {
                format!("out of bed since {since}")
            }
            Self::Absent { property, since } => format!("no {property} since {since}"),
            Self::Inactive { since } => format!("no activity since {since}"),
            Self::Beyond { device, property, value, limit, since } => {
                let how = if limit < value { "above" } else { "below" };
                format!("{property} {value} {how} {limit} by {device} since {since}")
            }
            Self::Quiet { since: Some(since) } => format!("nothing heard since {since}"),
            Self::Quiet { since: None } => "never heard of".to_owned(),
            Self::Offline { since } => format!("offline since {since}"),
            Self::Battery { left: Some(left) } => format!("battery at {left} %"),
            Self::Battery { left: None } => "battery low".to_owned(),
        }
    }

    /// In Chinese, as on pages.
    pub fn zh(&self) -> String {
        match self {
            Self::Seen { device, property, late } => {
                let what = format!("{device} 报告{}", property.zh());
                late.map_or(what.clone(), |late| format!("{what}（设备时间 {late} 前）"))
            }
            Self::Absent { property: Property::InBed, since } => format!("{since} 离床未归"),
            Self::Absent { property, since } => format!("{since} 起无{}", property.zh()),
            Self::Inactive { since } => format!("{since} 起无活动"),
            Self::Beyond { device, property, value, limit, since } => {
                let how = if limit < value { "高于" } else { "低于" };
                format!("{device} {}{value}，{how}{limit}，自 {since}", property.zh())
            }
            Self::Quiet { since: Some(since) } => format!("{since} 起无消息"),
            Self::Quiet { since: None } => "从未收到消息".to_owned(),
            Self::Offline { since } => format!("{since} 起离线"),
            Self::Battery { left: Some(left) } => format!("电量 {left} %"),
            Self::Battery { left: None } => "电量低".to_owned(),
        }
    }
}

/// A move of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "move", rename_all = "kebab-case")]
pub enum Act {
    /// I take it.
    Accept,
    /// I am on my way.
    EnRoute,
    /// I am there.
    OnScene,
    /// It is over, and this is how it ended.
    Resolve {
        /// How.
        outcome: Outcome,
        /// In the person's own words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// A second person confirms the outcome; the incident closes.
    Verify,
    /// A second person does not: back to whoever resolved it.
    Rework {
        /// What is missing.
        why: String,
    },
    /// Somebody else takes it from me.
    HandOver {
        /// Who.
        to: PersonId,
    },
    /// I cannot: the ladder goes on.
    Return {
        /// Why not.
        why: String,
    },
    /// A word for the record.
    Note {
        /// What.
        text: String,
    },
}

/// Why a move was not made. The incident is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refused", rename_all = "kebab-case")]
pub enum Refusal {
    /// No such incident in this home.
    #[error("there is no incident {n} in this home")]
    NoIncident {
        /// The number asked for.
        n: u32,
    },
    /// Nobody of that name belongs to this home.
    #[error("`{by}` is not a responder of this home")]
    NoPerson {
        /// The name given.
        by: PersonId,
    },
    /// The move does not fit the stage.
    #[error("cannot {act} an incident that is {stage}")]
    WrongStage {
        /// The move, as a verb.
        act: String,
        /// Where the incident stands.
        stage: Stage,
    },
    /// Somebody else has it.
    #[error("`{by}` has it; ask them to hand it over, or to return it")]
    Taken {
        /// Who.
        by: PersonId,
    },
    /// The rule wants somebody to have been there.
    #[error("nobody has been on scene yet")]
    NotOnScene,
    /// Only the engine gives this outcome.
    #[error("`{outcome}` is not an outcome a person can give")]
    NotForPeople {
        /// The outcome given.
        outcome: Outcome,
    },
    /// The one who resolved it cannot verify it (P4).
    #[error("`{by}` resolved it; a second person must verify")]
    SamePerson {
        /// Who.
        by: PersonId,
    },
}

/// One line of an incident's story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in wall time.
    pub at: Time,
    /// How long after it fell due, if the hub was not running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Span>,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened to an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "happened", rename_all = "kebab-case")]
pub enum Happening {
    /// A rule held for long enough.
    Detected {
        /** Why. */
        reason: Reason,
    },
    /// An early warning; `ask`: the home asked the resident.
    Warned {
        /** Whether the resident was asked. */
        ask: bool,
    },
    /// The first rung was told.
    Alarmed {
        /** Who. */
        tell: Vec<Role>,
    },
    /// The next rung was told.
    Escalated {
        /** Why now. */
        why: Climb,
        /** Who. */
        tell: Vec<Role>,
    },
    /// The last rung was told again.
    Repeated {
        /** Who. */
        tell: Vec<Role>,
    },
    /// A further sign of the same thing.
    Evidence {
        /** Which. */
        reason: Reason,
    },
    /// The condition is over by the sensors' account; the alarm stands.
    ConditionOver,
    /// The condition is back.
    ConditionBack,
    /// A delivery changed.
    Told {
        /** To whom. */
        to: String,
        /** By what. */
        channel: Name,
        /** What became of it. */
        report: super::input::Report,
    },
    /// Somebody takes it.
    Accepted {
        /** Who. */
        by: PersonId,
    },
    /// Somebody is on the way.
    EnRoute {
        /** Who. */
        by: PersonId,
    },
    /// Somebody is there.
    OnScene {
        /** Who. */
        by: PersonId,
    },
    /// Somebody says how it ended.
    Resolved {
        /** Who. */
        by: PersonId,
        /** How. */
        outcome: Outcome,
        /** In their words. */
        note: String,
    },
    /// A second person confirms.
    Verified {
        /** Who. */
        by: PersonId,
    },
    /// A second person does not.
    Reworked {
        /** Who. */
        by: PersonId,
        /** What is missing. */
        why: String,
    },
    /// Given to somebody else.
    HandedOver {
        /** Who gave. */
        by: PersonId,
        /** Who has it now. */
        to: PersonId,
    },
    /// Given back.
    Returned {
        /** Who. */
        by: PersonId,
        /** Why. */
        why: String,
    },
    /// A word for the record.
    Noted {
        /** Who. */
        by: PersonId,
        /** What. */
        text: String,
    },
    /// The resident pressed: all is well.
    Cancelled {
        /** On which device. */
        device: DeviceId,
    },
    /// The end.
    Closed {
        /// How.
        outcome: Outcome,
        /// From alarm to acceptance.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accepted_in: Option<Span>,
        /// From alarm to somebody on scene.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_scene_in: Option<Span>,
    },
}

/// Why a rung is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "climb", rename_all = "kebab-case")]
pub enum Climb {
    /// Nobody accepted in time.
    Unanswered,
    /// No delivery to the rung before can be relied on.
    Undelivered,
    /// Nobody holds the role of the rung before.
    Nobody,
    /// Accepted, and not there in time.
    NotArrived {
        /** Who accepted. */
        by: PersonId,
    },
    /// On scene, and not resolved in time.
    NotResolved {
        /** Who is there. */
        by: PersonId,
    },
    /// Resolved, and not verified in time.
    NotVerified,
    /// Given back.
    Returned,
}

/// A title in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What must be there before an incident can close; an outcome always must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// Somebody was there.
    pub on_scene: bool,
    /// A second person confirmed.
    pub verified: bool,
}

/// One incident as it stands. What its rule said when it began goes with it, so that a change of
/// the rules leaves running incidents alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number within the home, from 1.
    pub n: u32,
    /// The rule that found it.
    pub rule: Name,
    /// For rules that watch each device by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// What people read.
    pub title: Title,
    /// How much hangs on it.
    pub level: Level,
    /// Who is told, in what order.
    pub plan: Name,
    /// What closing wants.
    pub needs: Needs,
    /// How far it has come.
    pub stage: Stage,
    /// Why, at first sight.
    pub reason: Reason,
    /// Since when the condition has held, in hub time. Warning and alarm count from here.
    pub since: Time,
    /// When it was detected, in wall time.
    pub detected_at: Time,
    /// When to warn, in hub time; gone once warned.
    pub warn_at: Option<(Time, bool)>,
    /// When to alarm, in hub time.
    pub alarm_at: Time,
    /// When the alarm was raised, in hub time.
    pub alarmed: Option<Time>,
    /// The sensors' account that it is over, in wall time.
    pub over_at: Option<Time>,
    /// The next deadline, in hub time. **Invariant (P3):** there is one until the incident is closed.
    pub due: Option<Time>,
    /// Which rung was told last, counted from 0.
    pub rung: usize,
    /// When rung 0 was due, in hub time; earlier than it was told if the ladder was climbed faster.
    pub ladder_from: Time,
    /// Who has it, and since when in hub time.
    pub accepted: Option<(PersonId, Time)>,
    /// When anybody took it first, in hub time.
    pub answered: Option<Time>,
    /// Who was there first, and since when in hub time.
    pub on_scene: Option<(PersonId, Time)>,
    /// Who said how it ended, and how.
    pub resolved: Option<(PersonId, Outcome)>,
    /// How many signs of the same thing came in.
    pub signs: u32,
    /// The latest round of deliveries, on whose fate the ladder depends.
    pub told: Vec<Told>,
    /// How many deliveries were promised so far.
    pub deliveries: u32,
}

/// A delivery, as far as the ladder cares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its number within the incident.
    pub k: u32,
    /// To whom; `None` is the resident.
    pub to: Option<PersonId>,
    /// Which of their contacts, counted from 0.
    pub contact: usize,
    /// On which rung.
    pub rung: usize,
    /// Whether it is known, or feared, not to have arrived.
    pub lost: bool,
}

impl Incident {
    /// The incident's name in stories: the rule, and the device where the rule watches each.
    pub fn key(&self) -> String {
        match &self.device {
            Some(device) => format!("{}@{device}", self.rule),
            None => self.rule.to_string(),
        }
    }

    /// Whether it still needs anybody.
    pub const fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Closed)
    }
}
