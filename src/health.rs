//! Whether the loop and the sender both make progress. The watchdog is fed only while they do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::clock::Clock;
use crate::domain::{Span, Time};

/// Whoever has not made progress for longer than this hangs.
pub const HANGS_AFTER: Span = Span::seconds(30);

/// The signs of life of the two that must not stop. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Health {
    clock: Clock,
    beats: Arc<Beats>,
}

#[derive(Debug, Default)]
struct Beats {
    ready: AtomicBool,
    loop_at: AtomicI64,
    sender_at: AtomicI64,
}

impl Health {
    /// Nobody has moved yet.
    pub fn new(clock: Clock) -> Self {
        Self { clock, beats: Arc::default() }
    }

    /// The loop has committed, or looked and found nothing to do.
    pub fn loop_moved(&self) {
        self.beats.loop_at.store(self.clock.now().0, Ordering::Relaxed);
    }

    /// The sender has looked into the outbox.
    pub fn sender_moved(&self) {
        self.beats.sender_at.store(self.clock.now().0, Ordering::Relaxed);
    }

    /// Everything listens.
    pub fn is_ready_now(&self) {
        self.beats.ready.store(true, Ordering::Relaxed);
    }

    /// Whether everything listens, and nobody hangs.
    pub fn is_ready(&self) -> bool {
        self.beats.ready.load(Ordering::Relaxed) && self.hangs().is_none()
    }

    /// Who hangs, if anybody.
    pub fn hangs(&self) -> Option<&'static str> {
        let now = self.clock.now();
        let hangs = |at: &AtomicI64| Time(at.load(Ordering::Relaxed)) + HANGS_AFTER < now;
        if hangs(&self.beats.loop_at) {
            return Some("the loop");
        }
        hangs(&self.beats.sender_at).then_some("the sender")
    }
}
