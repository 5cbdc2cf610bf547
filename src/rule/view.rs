//! What a judge may look at.

use jiff::tz::TimeZone;

use crate::baseline::{Baseline, LearnSettings, Learned, Learning, Wanted};
use crate::domain::{Customs, DeviceId, Home, Presence, Rounds, Situation, Span, Time, Visit};

/// What a judge may look at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The home as registered.
    pub home: &'a Home,
    /// What is known of it.
    pub situation: &'a Situation,
    /// Its time zone.
    pub zone: &'a TimeZone,
    /// Hub time.
    pub now: Time,
    /// Wall time minus hub time.
    pub offset: Span,
    /// Since when the judge's own condition has been standing, if it is.
    pub standing: Option<Time>,
    /// Since when the hub has been listening without a break, if there was one.
    pub listening: Option<Time>,
    /// Where the resident is.
    pub presence: &'a Presence,
    /// By which customs that is guessed; `None`: not at all.
    pub customs: Option<&'a Customs>,
    /// What is usual for the resident, if that is learnt, and how.
    pub habits: Option<(&'a Baseline, &'a LearnSettings)>,
    /// The home's own limits of inactivity.
    pub own: &'a [(Wanted, Result<Learned, Learning>)],
    /// The latest visit of people who were called.
    pub visit: Option<Visit>,
    /// Who saw the resident last.
    pub rounds: Option<&'a Rounds>,
    /// When people last dealt with what this rule is about.
    pub dealt: Option<Time>,
}

impl<'a> View<'a> {
    /// A view of a home where nothing stands and nothing is learnt, on a hub whose clock is right.
    pub const fn new(
        home: &'a Home,
        situation: &'a Situation,
        zone: &'a TimeZone,
        presence: &'a Presence,
        now: Time,
    ) -> Self {
        Self {
            home,
            situation,
            zone,
            now,
            offset: Span::ZERO,
            standing: None,
            listening: None,
            presence,
            customs: None,
            habits: None,
            own: &[],
            visit: None,
            rounds: None,
            dealt: None,
        }
    }

    /// An instant of hub time on the wall.
    pub fn wall(&self, at: Time) -> Time {
        at + self.offset
    }

    /// An instant of hub time on the home's wall clock, `02:10`.
    pub fn clock(&self, at: Time) -> String {
        self.wall(at).hour_minute(self.zone)
    }

    /// Whether a device of the register is alive; one that is not registered is taken at its word.
    /// Of one under test nobody can tell: what it says is not about the resident.
    pub fn is_alive(&self, device: &DeviceId) -> bool {
        let is_alive = |d| self.situation.is_alive(d, self.now);
        !self.situation.is_under_test(device) && self.home.device(device).is_none_or(is_alive)
    }
}
