//! How many messages a robot may still send. Services punish whoever exceeds their limits with silence for
//! minutes; some places are kept for what is serious.

use std::collections::VecDeque;

use crate::domain::{Level, Span, Time};

/// One message in so many may only be a serious one, or worse.
const KEPT: usize = 4;

/// What is left.
#[derive(Debug)]
pub(super) struct Budget {
    /// So many messages in so long, if there is a limit.
    limit: Option<(usize, Span)>,
    sent: VecDeque<Time>,
    /// The service wants to hear nothing before then.
    blocked: Option<Time>,
}

impl Budget {
    /// So many messages in so long.
    pub(super) const fn of(most: usize, per: Span) -> Self {
        Self { limit: Some((most, per)), sent: VecDeque::new(), blocked: None }
    }

    /// As many as there are.
    pub(super) const fn none() -> Self {
        Self { limit: None, sent: VecDeque::new(), blocked: None }
    }

    /// Takes a place for one more. An error is how long to wait.
    pub(super) fn take(&mut self, weight: Level, now: Time) -> Result<(), Span> {
        // A clock that was set back makes nobody wait for what is over.
        self.sent.retain(|at| *at <= now);
        if let Some(until) = self.blocked.filter(|until| now < *until) {
            return Err(until - now);
        }
        self.blocked = None;
        let Some((most, per)) = self.limit else { return Ok(()) };
        while self.sent.front().is_some_and(|at| *at + per <= now) {
            self.sent.pop_front();
        }
        let room = if weight < Level::Serious { most - most / KEPT } else { most };
        match self.sent.len().checked_sub(room) {
            None => {
                self.sent.push_back(now);
                Ok(())
            }
            // Until so many have aged that there is room again.
            Some(over) => Err(self.sent.get(over).map_or(per, |at| *at + per - now)),
        }
    }

    /// The service said to wait until then.
    pub(super) fn block(&mut self, until: Time) {
        self.blocked = self.blocked.max(Some(until));
    }
}
