//! The durable ring: what is on disk, and what a hub is after anything that can happen to it.
#![expect(clippy::expect_used, reason = "a test says what it rests on")]
#![expect(clippy::indexing_slicing, reason = "a test may fail where it looks")]

mod hub;
mod years;
mod commit;
mod recovery;
mod record;
mod deeds;
mod rules;
mod outbox;
mod past;
mod area;
mod blackout;
mod bounds;
mod damage;
mod loss;
mod month;
mod newcomers;
mod room;
mod forgotten;
mod forms;
mod shift;
mod taps;
mod told;
mod walk;
mod worklist;
