//! The one way in. Every source posts here and waits for its receipt; a receipt comes when what was
//! posted is on disk (P1). Two lanes: what a life may hang on is always taken first (P6).
//!
//! Of a device that says more than its [`Budget`] only the latest is stored. Then a receipt means:
//! *this, or something newer of the same device and topic, is on disk*. For whoever asks what is
//! true now, that is the same; what was true a moment before is lost, and counted.

mod budget;
mod look;
mod moves;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::device::{Catalog, Decoded, Origin, RawMessage};
use crate::domain::{
    Deed, DeedOnRecord, Deletion, DeliveryId, Home, HomeId, Input, Observation, PassDeed, PersonId,
    Property, Refusal, Report, Span,
};
use crate::engine::{Book, BookTexts};
use crate::store::keep::Keep;
use crate::wording::Wording;

pub use budget::{Budget, HELD_MAX, Porter};
pub use look::{Habit, Look, OwnLimit};
pub use moves::MOVES;

use budget::{Budgets, Message, Offered};

/// How many letters wait in the ordinary lane before sources have to wait.
pub const ORDINARY_MAX: usize = 4096;
/// How many letters wait in the lane of life before sources have to wait.
pub const LIFE_MAX: usize = 1024;

/// Something that came in.
#[derive(Debug)]
pub enum Arrival {
    /// A message and what the catalogue made of it.
    Message {
        /// As received.
        raw: RawMessage,
        /// As understood.
        decoded: Decoded,
        /// What the listener must remember of it, and of those it stands for.
        keep: Vec<Keep>,
        /// How many earlier messages of the same origin it stands for: they were over the budget.
        replaced: u32,
    },
    /// A person's move, a delivery's report, a change of the register.
    Input {
        /// Which home.
        home: HomeId,
        /// What.
        input: Input,
    },
    /// A person's move, by the name that the phone gave the tap: it counts once, however often it comes.
    Tap {
        /// The tap.
        name: String,
        /// Which home.
        home: HomeId,
        /// What.
        input: Input,
    },
    /// Attempts at these are about to begin.
    Sending(Vec<DeliveryId>),
    /// What became of an attempt to tell somebody.
    Attempt {
        /// Which home.
        home: HomeId,
        /// The incident's number within the home.
        incident: u32,
        /// The delivery's number within the incident.
        k: u32,
        /// What the far side says, or the lack of it.
        report: Report,
        /// When the next attempt is due, if there is to be one.
        again_in: Option<Span>,
    },
    /// The register names these homes from now on, and no others, and they go by this rule book. One
    /// commit holds all of it.
    Register {
        /// As resolved.
        homes: Vec<Arc<Home>>,
        /// As read.
        book: Arc<Book>,
        /// What it was read from, to be kept with the journal.
        texts: BookTexts,
        /// What messages say from now on.
        wording: Arc<Wording>,
        /// Who changed what, to be put on record with it.
        deeds: Vec<DeedOnRecord>,
    },
    /// Only something for the listener's memory.
    Keep(Vec<Keep>),
    /// Somebody is about to see or take away something: it goes on record first.
    Deed(Deed),
    /// Somebody gets in, or no more: all of it or nothing.
    Passes(Vec<PassDeed>),
    /// What is kept of a home is to be deleted.
    Forget(Forget),
    /// What is known of a home? Nothing is stored.
    Look(HomeId),
}

/// Which home is to be forgotten, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forget {
    /// Which.
    pub home: HomeId,
    /// People who came to no other home, and went with it.
    pub people: Vec<PersonId>,
    /// Who says so.
    pub by: PersonId,
    /// Why.
    pub why: String,
}

/// An arrival and where to send its receipt.
#[derive(Debug)]
pub struct Letter {
    /// What came in.
    pub arrival: Arrival,
    /// Answered after the commit. Dropped without an answer when the commit failed.
    pub receipt: oneshot::Sender<Answer>,
}

/// What became of an arrival that is now on disk.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is on disk, or what took its place is, and was acted on.
    Done,
    /// A move that was not made; the attempt is on disk.
    Refused(Refusal),
    /// What is known of the home.
    Looked(Box<Look>),
    /// What was deleted of the home, or will be before long.
    Forgotten(Box<Deletion>),
    /// A message or move for a home or device that is not in the register; it was counted.
    Unknown(String),
}

/// Nothing was stored: do not acknowledge, so that it comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it could not be stored")]
pub struct NotStored;

/// Resolves once what was posted is on disk.
#[derive(Debug)]
#[must_use = "an acknowledgement must wait for it"]
pub struct Receipt(oneshot::Receiver<Answer>);

/// The door. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Inbox {
    life: mpsc::Sender<Letter>,
    ordinary: mpsc::Sender<Letter>,
    catalog: watch::Receiver<Arc<Catalog>>,
    /// `None`: everybody may say as much as they like.
    budgets: Option<Arc<Budgets>>,
}

/// The other end of the door, for the one loop.
#[derive(Debug)]
pub struct Outlet {
    /// Taken first.
    pub life: mpsc::Receiver<Letter>,
    /// Taken when the other is empty.
    pub ordinary: mpsc::Receiver<Letter>,
}

impl Inbox {
    /// A door, its other end, and where to put a new catalogue when the register changes.
    pub fn new(catalog: Arc<Catalog>) -> (Self, Outlet, watch::Sender<Arc<Catalog>>) {
        let (life, life_out) = mpsc::channel(LIFE_MAX);
        let (ordinary, ordinary_out) = mpsc::channel(ORDINARY_MAX);
        let (change, catalog) = watch::channel(catalog);
        let outlet = Outlet { life: life_out, ordinary: ordinary_out };
        (Self { life, ordinary, catalog, budgets: None }, outlet, change)
    }

    /// The same door, where every device has this budget for each of its topics. Serial ports have
    /// none: a port is one device, and as fast as its line; profiles thin it out (`at_most_every`).
    pub fn with_budget(self, budget: Budget) -> (Self, Porter) {
        let budgets = Arc::new(Budgets::new(budget));
        let porter = Porter { budgets: Arc::clone(&budgets), ordinary: self.ordinary.clone() };
        (Self { budgets: Some(budgets), ..self }, porter)
    }

    /// Posts a message of a sensor, with what the listener must remember of it. Waits while the
    /// lane is full: the source stops reading, and nothing is dropped.
    pub async fn receive(&self, raw: RawMessage, keep: Vec<Keep>) -> Receipt {
        let decoded = match moves::read(&raw) {
            None => Arc::clone(&self.catalog.borrow()).decode(&raw),
            Some(Ok((home, input))) => return self.post(Arrival::Input { home, input }).await,
            Some(Err(why)) => Decoded::Unknown { why },
        };
        let is_life = is_life_message(&decoded);
        let message = Message { raw, decoded, keep };
        let message = match (&self.budgets, &message.raw.origin) {
            (None, _) | (Some(_), Origin::Serial(_)) => message,
            // **Invariant:** nothing holds back what a life may hang on (P6).
            // Test: `what_a_life_may_hang_on_is_never_held_back`.
            (Some(budgets), Origin::Mqtt(_)) if is_life => {
                budgets.overtake(&message.raw, &message.decoded);
                message
            }
            (Some(budgets), Origin::Mqtt(_)) => match budgets.offer(message, Instant::now()) {
                Offered::Pass(message) => message,
                Offered::Held(receipt) => return Receipt(receipt),
            },
        };
        let Message { raw, decoded, keep } = message;
        self.post(Arrival::Message { raw, decoded, keep, replaced: 0 }).await
    }

    /// Whether a life may hang on what this message says: a fall, a call for help, smoke. A press is
    /// none: it says that all is well.
    pub fn calls_for_help(&self, raw: &RawMessage) -> bool {
        let calls = |o: &Observation| {
            o.property.is_life() && o.property != Property::Press && o.value.is_true()
        };
        match Arc::clone(&self.catalog.borrow()).decode(raw) {
            Decoded::Known { observations, .. } => observations.iter().any(calls),
            Decoded::Unknown { .. } | Decoded::Announced(_) => false,
        }
    }

    /// Waits until whatever was posted before in the ordinary lane, or is held back by a budget, has
    /// been taken.
    ///
    /// # Errors
    /// Nothing can be stored now.
    pub async fn pass(&self) -> Result<(), NotStored> {
        for stored in self.budgets.iter().flat_map(|budgets| budgets.hurry(Instant::now())) {
            stored.await.map_err(|_closed| NotStored)?;
        }
        self.post(Arrival::Keep(Vec::new())).await.await.map(drop)
    }

    /// Who is who at this moment, and the profiles there are.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.borrow())
    }

    /// Whether nobody takes letters any more.
    pub fn is_closed(&self) -> bool {
        self.life.is_closed()
    }

    /// Posts anything. Waits while the lane is full.
    pub async fn post(&self, arrival: Arrival) -> Receipt {
        let (sender, receipt) = oneshot::channel();
        let lane = if is_life(&arrival) { &self.life } else { &self.ordinary };
        // When the loop has ended the letter is dropped and so is the sender of its receipt: the
        // receipt then says `NotStored`.
        drop(lane.send(Letter { arrival, receipt: sender }).await);
        Receipt(receipt)
    }
}

impl Future for Receipt {
    type Output = Result<Answer, NotStored>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(|_closed| NotStored)
    }
}

/// Lanes go by property, not by value, so that messages of one property keep their order.
fn is_life(arrival: &Arrival) -> bool {
    match arrival {
        Arrival::Message { decoded, .. } => is_life_message(decoded),
        Arrival::Input { input: Input::Heard { observations, .. }, .. } => any_life(observations),
        Arrival::Input { .. }
        | Arrival::Tap { .. }
        | Arrival::Sending(_)
        | Arrival::Attempt { .. }
        | Arrival::Register { .. } => true,
        Arrival::Keep(_)
        | Arrival::Deed(_)
        | Arrival::Passes(_)
        | Arrival::Forget(_)
        | Arrival::Look(_) => false,
    }
}

fn is_life_message(decoded: &Decoded) -> bool {
    match decoded {
        Decoded::Known { observations, .. } => any_life(observations),
        Decoded::Unknown { .. } | Decoded::Announced(_) => false,
    }
}

fn any_life(observations: &[Observation]) -> bool {
    observations.iter().any(|o| o.property.is_life())
}

#[cfg(test)]
mod tests;
