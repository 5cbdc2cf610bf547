//! Words: what careloop talks about. Plain values, no behaviour beyond their own consistency.

pub mod time;
pub mod id;
pub mod observation;
pub mod person;
pub mod level;
pub mod place;
pub mod home;
pub mod metric;
pub mod reason;
pub mod act;
pub mod entry;
pub mod incident;
pub mod input;
pub mod situation;
pub mod walk;
pub mod link;

pub use act::{Act, Refusal};
pub use entry::{Climb, Entry, Happening};
pub use home::{Binding, Device, Home, Mount};
pub use id::{DeliveryId, DeviceId, HomeId, IncidentId, Name, PersonId};
pub use incident::{Incident, Needs, Title, Told};
pub use input::{Input, Report};
pub use level::{Level, Outcome, Stage};
pub use link::Link;
pub use metric::{Metric, Tally};
pub use observation::{Observation, Property, Value};
pub use person::{Contact, Responder, Role};
pub use place::Place;
pub use reason::Reason;
pub use situation::{Fact, Sight, Situation};
pub use time::{Span, Time};
pub use walk::{Finding, Sign, Step, Walk, WalkAct, Walked};
