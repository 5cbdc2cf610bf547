//! Words: what careloop talks about. Plain values, no behaviour beyond their own consistency.

pub mod time;
pub mod id;
pub mod observation;
pub mod home;
pub mod person;
pub mod incident;
pub mod input;
pub mod situation;

pub use home::{Binding, Device, Home};
pub use id::{DeliveryId, DeviceId, HomeId, IncidentId, Name, PersonId};
pub use incident::{
    Act, Climb, Entry, Happening, Incident, Level, Needs, Outcome, Reason, Refusal, Stage, Title,
    Told,
};
pub use input::{Input, Report};
pub use observation::{Observation, Property, Value};
pub use person::{Contact, Responder, Role};
pub use situation::{Fact, Situation};
pub use time::{Span, Time};
