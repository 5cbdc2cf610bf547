//! What the record comes to: the figures of a month, and the hand-over of a shift. Made of incidents and
//! their stories as they are on record; nothing in it is decided here, and nothing of it is kept.
//!
//! A [`Case`] is one incident with its story, a [`Course`] what that story comes to, and a report a list of
//! [`Table`]s that is printed in three ways.

mod figure;
mod targets;
mod course;
mod case;
mod calendar;
mod step;
mod errand;
mod desk;
mod month;
pub mod mask;
mod export;
mod awaited;
pub mod shift;
mod worklist;
mod requests;
mod trend;
mod fired;
mod readings;
mod day;
mod daily;
mod table;
mod tables;

pub use awaited::{Asked, Awaited, Missing, NextGap, OffDuty, Parked};
pub use calendar::Month;
pub use case::{Case, Fate, Sending};
pub use course::{Course, Owed, Summons, limit};
pub use daily::{Daily, Known, Night, Verdict, Why};
pub use day::{Day, Diary, Door, Stay, Stir, Stretch};
pub use desk::{DeskWork, Satisfaction};
pub use errand::{Requests, RequestsOf, Visits};
pub use export::{Exported, Order, Watermark};
pub use figure::{Share, Spread};
pub use fired::{Ended, Fired};
pub use month::{FalseAlarms, Fates, Found, Kpi};
pub use readings::{Bucket, Readings, Series};
pub use requests::AskedFor;
pub use shift::Shift;
pub use step::{OnTime, Promised};
pub use table::{Cell, Column, Table, csv, markdown, record};
pub use targets::{Target, Targets};
pub use trend::{Bar, Trend, trend, worst};
pub use worklist::{Named, OpenVisit, WantedVisit, Whose, worklist};
