//! What the record comes to: the figures of a month, and the hand-over of a shift. Made of incidents and
//! their stories as they are on record; nothing in it is decided here, and nothing of it is kept.
//!
//! A [`Case`] is one incident with its story, a [`Course`] what that story comes to, and a report a list of
//! [`Table`]s that is printed in three ways.

mod figure;
mod targets;
mod course;
mod case;
mod month;
pub mod mask;
mod export;
pub mod shift;
mod table;
mod tables;

pub use case::{Case, Fate, Sending};
pub use course::{Course, Owed, limit};
pub use export::{Exported, Watermark};
pub use figure::{Share, Spread};
pub use month::{FalseAlarms, Fates, Found, Kpi, Month, OnTime, Promised};
pub use shift::Shift;
pub use table::{Cell, Column, Table, csv, markdown, record};
pub use targets::{Target, Targets};
