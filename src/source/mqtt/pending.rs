//! What one client waits for: everything it sent that is on its way to the disk, in order, and what
//! is done once it is there.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::connection::{Connection, End};
use super::routing::Plan;
use super::session::Subscription;
use super::topic::Filter;
use super::wire::Message;
use super::write;
use crate::device::{Origin, RawMessage};
use crate::inbox::{Arrival, Inbox, Receipt};
use crate::store::keep::Keep;

/// How many packets of one client may wait for the disk before its socket is not read any more.
pub const PENDING_MAX: usize = 64;

/// So long after its login a bridge may still be handing over what its broker retains.
const REPLAY: Duration = Duration::from_secs(10);

/// Something that is answered when its turn has come and it is on disk.
#[derive(Debug)]
pub struct Pending {
    pub wait: Wait,
    pub then: Then,
}

/// Whether something is on disk.
#[derive(Debug)]
pub enum Wait {
    For(Receipt),
    Over { stored: bool },
}

/// What is done once something is on disk.
#[derive(Debug)]
pub enum Then {
    /// These bytes go out.
    Say(Vec<u8>),
    /// The client is let in.
    Open(Vec<u8>),
    /// A SUBACK, and then what is retained.
    Replay(Vec<u8>, Vec<(Filter, Subscription)>),
    /// The message goes to its subscribers, and is acknowledged under this identifier.
    Route(Arc<Message>, Plan, Option<u16>),
}

impl Connection<'_> {
    /// Answers what has become due, in order.
    pub(super) fn settle(&mut self) -> Result<(), End> {
        while let Some(first) = self.pending.front_mut() {
            let stored = match &mut first.wait {
                Wait::Over { stored } => *stored,
                Wait::For(receipt) => match receipt.now_or_never() {
                    Some(answer) => answer.is_ok(),
                    None => return Ok(()),
                },
            };
            let Some(Pending { then, .. }) = self.pending.pop_front() else { return Ok(()) };
            // **Invariant:** nothing is acknowledged that is not on disk (P1). Version 3.1.1 has
            // no other word for it than to hang up.
            // Test: `a_message_that_could_not_be_stored_is_not_acknowledged`.
            if !stored {
                self.failed(&then);
                return Err(End::Cut(0x83));
            }
            self.act(then, true);
        }
        Ok(())
    }

    fn failed(&self, then: &Then) {
        self.shared.counts.not_stored.fetch_add(1, Relaxed);
        if let (Then::Route(message, _, Some(id)), Some(seat)) = (then, self.seat)
            && message.qos == 2
        {
            self.shared.router(|router| router.took(seat, *id, false));
        }
    }

    fn act(&mut self, then: Then, answer: bool) {
        match then {
            Then::Say(bytes) => self.out.extend(bytes),
            Then::Open(bytes) => {
                self.out.extend(bytes);
                self.open = true;
            }
            Then::Replay(bytes, subscriptions) => {
                self.out.extend(bytes);
                let Some(seat) = self.seat else { return };
                self.shared.router(|router| {
                    for (filter, wanted) in &subscriptions {
                        router.replay(seat, filter, wanted);
                    }
                });
            }
            Then::Route(message, plan, id) => {
                self.shared.counts.received.fetch_add(1, Relaxed);
                let seat = self.seat;
                self.shared.router(|router| {
                    router.route(seat, &message, &plan);
                    if let (Some(id), Some(seat), 2) = (id, seat, message.qos) {
                        router.took(seat, id, true);
                    }
                });
                if let Some(id) = id.filter(|_| answer) {
                    let kind = if message.qos == 2 { write::PUBREC } else { write::PUBACK };
                    write::acknowledge(&mut self.out, kind, id);
                }
            }
        }
    }

    /// Posts a message; it is routed when it is on disk.
    pub async fn post(&mut self, message: Message, plan: Plan, keep: Vec<Keep>, id: Option<u16>) {
        let replayed = self.is_replay(&message);
        let receipt = post(&self.shared.inbox, &message, replayed, keep).await;
        let then = Then::Route(Arc::new(message), plan, id);
        self.pending.push_back(Pending { wait: Wait::For(receipt), then });
    }

    /// A bridge that has just come back hands over all that its broker retains. What we retain
    /// already, word for word, is then no news: it does not prove that the device is alive.
    fn is_replay(&self, message: &Message) -> bool {
        let is_new = self.bridge && message.retain && Instant::now() < self.joined + REPLAY;
        is_new && self.shared.router(|router| router.retains(message))
    }

    /// An answer that needs nothing stored, in its turn.
    pub fn answer(&mut self, bytes: Vec<u8>) {
        let wait = Wait::Over { stored: true };
        self.pending.push_back(Pending { wait, then: Then::Say(bytes) });
    }

    /// An answer that waits until these changes are stored, if there are any.
    pub async fn answer_after(&mut self, keep: Vec<Keep>, then: Then) {
        let wait = if keep.is_empty() {
            Wait::Over { stored: true }
        } else {
            Wait::For(self.shared.inbox.post(Arrival::Keep(keep)).await)
        };
        self.pending.push_back(Pending { wait, then });
    }

    /// Waits for all that is left. Nobody is there any more to be answered.
    pub(super) async fn settle_all(&mut self) {
        while let Some(Pending { wait, then }) = self.pending.pop_front() {
            let stored = match wait {
                Wait::Over { stored } => stored,
                Wait::For(receipt) => receipt.await.is_ok(),
            };
            match then {
                then @ Then::Route(..) if stored => self.act(then, false),
                then if !stored => self.failed(&then),
                Then::Route(..) | Then::Say(_) | Then::Open(_) | Then::Replay(..) => {}
            }
        }
    }
}

async fn post(inbox: &Inbox, message: &Message, replayed: bool, keep: Vec<Keep>) -> Receipt {
    let origin = Origin::Mqtt(message.topic.clone());
    let payload = message.payload.as_slice().to_vec();
    let mut raw = RawMessage { origin, payload, retained: false };
    // **Invariant:** a call for help is news, whatever it looks like: the bridge may have kept it
    // while it was away (P6). Test: `a_call_for_help_is_news_even_if_a_bridge_says_it_again`.
    raw.retained = replayed && !inbox.calls_for_help(&raw);
    inbox.receive(raw, keep).await
}

/// Resolves when the first of these is on disk, or never will be.
pub async fn first_settled(pending: &mut VecDeque<Pending>) {
    poll_fn(|cx| {
        let Some(first) = pending.front_mut() else { return Poll::Pending };
        if let Wait::For(receipt) = &mut first.wait {
            let Poll::Ready(answer) = Pin::new(receipt).poll(cx) else { return Poll::Pending };
            first.wait = Wait::Over { stored: answer.is_ok() };
        }
        Poll::Ready(())
    })
    .await;
}
