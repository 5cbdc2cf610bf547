//! Why a rule holds, in a form that can be told in any language.

mod en;
mod zh;

use serde::{Deserialize, Serialize};

use super::id::{DeviceId, Name};
use super::incident::Title;
use super::metric::Metric;
use super::observation::{Property, Value};
use super::place::Place;
use super::said::Origin;
use super::time::Span;

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
        /// How many people a sensor saw in that room, if more than one: less certain, and said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        people: Option<u32>,
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
    /// A number that changes too fast.
    Changed {
        /// By which device.
        device: DeviceId,
        /// Which number.
        property: Property,
        /// By how much; negative if it falls.
        by: Value,
        /// In how long.
        within: Span,
    },
    /// Something happens too often.
    Often {
        /// What.
        property: Property,
        /// Which value.
        value: Option<Value>,
        /// How often.
        times: u32,
        /// In how long.
        within: Span,
    },
    /// Too long in a room, or out of the house.
    Stays {
        /// In which kind of room; `None`: out.
        place: Option<Place>,
        /// Wall time in the home.
        since: String,
    },
    /// Too long in bed.
    InBed {
        /// Wall time in the home.
        since: String,
    },
    /// One thing followed another.
    Followed {
        /// What came first.
        property: Property,
        /// Which value.
        value: Option<Value>,
        /// Wall time in the home.
        at: String,
        /// What followed.
        then: Property,
    },
    /// What should have followed did not.
    NothingSince {
        /// What came first.
        property: Property,
        /// Which value.
        value: Option<Value>,
        /// Wall time in the home.
        at: String,
        /// For how long nothing followed.
        lasts: Span,
    },
    /// Today is not as usual for this person.
    Unusual {
        /// What of.
        metric: Metric,
        /// Today, or the latest day that is over.
        today: f64,
        /// The median of the person's own days.
        usual: f64,
        /// The median distance from it.
        spread: f64,
        /// From so many days.
        days: u32,
    },
    /// Silent for longer than is usual in this home at this time of the day.
    Unusually {
        /// Wall time in the home of the last activity.
        since: String,
        /// The home's own limit.
        limit: Span,
    },
    /// Points by a published chart: support for a decision, and no diagnosis.
    Score {
        /// Which chart.
        table: Title,
        /// The sum of what is known; the least it can be while something is missing.
        total: u32,
        /// Whether nothing is missing.
        complete: bool,
        /// What was not measured, or too long ago.
        missing: Vec<Property>,
        /// What was found, and the points for it.
        parts: Vec<(Property, Value, u32)>,
    },
    /// A condition in the words of the rule book.
    Expression {
        /// As it is written there.
        when: String,
        /// What the properties in it are.
        values: Vec<(Property, Value)>,
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
    /// A device says itself that it is broken.
    Faulty {
        /// Wall time in the home.
        since: String,
    },
    /// A battery is nearly empty.
    Battery {
        /// What is left in per cent, if the device says so.
        left: Option<Value>,
    },
    /// A device is nearly out of reach.
    Weak {
        /// `signal` or `link_quality`.
        property: Property,
        /// As it said last.
        value: Value,
    },
    /// Somebody opened or moved a device.
    Tampered {
        /// Wall time in the home.
        since: String,
    },
    /// A device's own clock is wrong.
    Drift {
        /// How far it is behind the wall clock; negative if it is ahead.
        by: Span,
    },
    /// A device goes and comes.
    Flapping {
        /// How often it went.
        times: u32,
        /// In how long.
        within: Span,
    },
    /// It is time for a visit.
    VisitDue {
        /// The day of the latest one, or on which visits began.
        last: String,
    },
    /// Something happened, after which somebody visits.
    VisitAfter {
        /// What: rules, or words.
        what: Vec<Name>,
    },
    /// Nobody opened, or answered.
    Unanswered {
        /// How often in a row.
        times: u32,
    },
    /// A visitor found something wrong.
    FoundWrong {
        /// Which items of the checklist.
        items: Vec<Name>,
    },
    /// A person said so.
    Reported {
        /// From where.
        from: Origin,
        /// What it is called there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// A device speaks, and tells none of what it used to measure.
    Blind {
        /// Wall time in the home.
        since: String,
    },
}

/// To one decimal, and without it where it is 0.
fn tenth(n: f64) -> f64 {
    (n * 10.0).round() / 10.0
}

fn list(items: impl Iterator<Item = impl ToString>, between: &str) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(between)
}
