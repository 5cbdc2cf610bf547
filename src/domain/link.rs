//! Whether a device can be heard: online, offline, or nobody can tell (P5).

use super::home::Device;
use super::observation::{Observation, Property};
use super::sight::Sight;
use super::time::{Span, Time};

/// Heard so lately, a device that nobody expects to speak is taken for online.
const LATELY: Span = Span::hours(24);
/// So many losses of a device are remembered.
const LOSSES_MAX: usize = 32;

/// Whether a device can be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// It speaks, or somebody said that it is there.
    Online,
    /// It or its broker said that it is gone, or it was silent for longer than it may be.
    Offline,
    /// Nobody can tell: it was never heard of, the hub was not running, or nobody expects it to speak.
    Unknown,
}

impl Link {
    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Unknown => "unknown",
        }
    }

    /// Of one device at `now`, and since when, where that is known. `listening`: since when the hub
    /// has been listening without a break; all in hub time.
    pub fn of(
        device: &Device,
        sight: Option<&Sight>,
        listening: Option<Time>,
        now: Time,
    ) -> (Self, Option<Time>) {
        let Some(sight) = sight else { return (Self::Unknown, None) };
        if let Some(since) = sight.offline() {
            return (Self::Offline, Some(since));
        }
        let said = sight.fact(Property::Online).filter(|fact| fact.value.is_true());
        let up = || sight.back.max(said.map(|fact| fact.since));
        let Some(heard) = sight.heard else {
            // A broker's word alone: it is there, and has said nothing since.
            let is_new = said.filter(|_| device.quiet_after.is_none());
            return is_new
                .map_or((Self::Unknown, sight.expected), |f| (Self::Online, Some(f.since)));
        };
        let gone = |quiet: Span| heard + quiet <= now;
        match device.quiet_after {
            Some(quiet) if !gone(quiet) => (Self::Online, up()),
            // While the hub was not running nobody could have been heard.
            Some(quiet) if listening.is_some_and(|l| heard < l && now < l + quiet) => {
                (Self::Unknown, Some(heard))
            }
            Some(quiet) => (Self::Offline, Some(heard + quiet)),
            None if said.is_some() || !gone(LATELY) => (Self::Online, up()),
            None => (Self::Unknown, Some(heard)),
        }
    }
}

impl Sight {
    /// Takes note that it went away.
    pub(super) fn is_lost(&mut self, now: Time) {
        let old = (self.lost.len() + 1).saturating_sub(LOSSES_MAX);
        self.lost.drain(..old);
        self.lost.push(now);
    }

    /// Takes note of how it spoke: by which clock, and whether it had anything to tell. `offset` is
    /// wall time minus hub time.
    pub(super) fn spoke(&mut self, said: &[Observation], offset: Span, now: Time) {
        if let Some(claim) = said.iter().filter_map(|o| o.observed_at).max() {
            self.drift = Some(now + offset - claim);
        }
        if said.iter().any(|o| !is_upkeep(o.property)) {
            self.mute_since = None;
        } else if self.facts().iter().any(|fact| is_regular(fact.property)) {
            self.mute_since.get_or_insert(now);
        }
    }
}

/// What a device says of itself and not of the home.
const fn is_upkeep(property: Property) -> bool {
    matches!(
        property,
        Property::Online
            | Property::Battery
            | Property::BatteryLow
            | Property::Signal
            | Property::LinkQuality
            | Property::Tamper
            | Property::Fault
            | Property::SelfTest
    )
}

/// What a device that once told it goes on telling, whether anybody is there or not.
const fn is_regular(property: Property) -> bool {
    matches!(
        property,
        Property::Temperature
            | Property::Humidity
            | Property::Illuminance
            | Property::GasLevel
            | Property::CoLevel
            | Property::Water
            | Property::Power
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Binding, DeviceId, Situation};

    fn device(quiet_after: Option<Span>) -> Device {
        Device { quiet_after, ..Device::new("d".parse().unwrap(), "", Binding::Direct) }
    }

    const HOUR: Span = Span::hours(1);

    fn at(minutes: i64) -> Time {
        Time(0) + Span::minutes(minutes)
    }

    fn link(
        situation: &Situation,
        quiet: Option<Span>,
        heard_since: i64,
        now: i64,
    ) -> (Link, Option<Time>) {
        let (device, listening) = (device(quiet), Some(at(heard_since)));
        Link::of(&device, situation.sight(&device.id), listening, at(now))
    }

    #[test]
    fn silence_is_offline_only_where_somebody_listened_and_expected_a_word() {
        let (mut situation, id): (_, DeviceId) = (Situation::default(), "d".parse().unwrap());
        assert_eq!(link(&situation, Some(HOUR), 0, 5), (Link::Unknown, None));
        situation.expect(&id, at(0));
        assert_eq!(
            link(&situation, Some(HOUR), 0, 500),
            (Link::Unknown, Some(at(0))),
            "never heard"
        );
        situation.heard(&id, Some(HOUR), &[], Span::ZERO, at(10));
        assert_eq!(link(&situation, Some(HOUR), 0, 69), (Link::Online, None));
        assert_eq!(link(&situation, Some(HOUR), 0, 70), (Link::Offline, Some(at(70))));
        // The hub was down from 20 to 600: whoever is silent since may have spoken meanwhile.
        assert_eq!(link(&situation, Some(HOUR), 600, 630), (Link::Unknown, Some(at(10))));
        assert_eq!(link(&situation, Some(HOUR), 600, 660), (Link::Offline, Some(at(70))));
        // Nobody expects a word of it: heard lately it is there, and later nobody can tell.
        assert_eq!(link(&situation, None, 0, 69).0, Link::Online);
        assert_eq!(link(&situation, None, 0, 3000), (Link::Unknown, Some(at(10))));
    }

    #[test]
    fn what_a_broker_says_of_it_counts_until_it_speaks_itself() {
        let (mut situation, id): (_, DeviceId) = (Situation::default(), "d".parse().unwrap());
        let says = |online: &str| online.parse::<Observation>().unwrap();
        situation.note(&id, &says("online true"), false, at(1));
        assert_eq!(link(&situation, None, 0, 5000), (Link::Online, Some(at(1))));
        situation.note(&id, &says("online false"), false, at(2));
        assert_eq!(link(&situation, None, 0, 3), (Link::Offline, Some(at(2))));
        situation.heard(&id, None, &[], Span::ZERO, at(4));
        assert_eq!(link(&situation, None, 0, 5).0, Link::Online);
    }
}
