//! What a change of rules would have cost: alarms that turned out real and would not have come, or later.

use crate::domain::{Outcome, Span};

use super::{Comparison, Fate, Found};

/// What an alarm turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    /// Somebody saw to it, and nobody called it false.
    Real,
    /// People called it false.
    False,
    /// A test, or taken back: there was nothing to see to.
    Nothing,
    /// Nobody has said yet; or it went on as another incident.
    Unknown,
}

/// A real alarm, or one of which nobody knows, that would not have come as it did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loss<'a> {
    /// As it was.
    pub found: &'a Found,
    /// What it turned out to be.
    pub turned: Turned,
    /// How much later; `None`: not at all.
    pub later: Option<Span>,
    /// What the other rules would have told people of the same home at about that time.
    pub instead: Option<&'a Found>,
}

/// So much earlier or later, an alarm of another rule brings people all the same.
const ABOUT: Span = Span::minutes(30);

impl Turned {
    /// By how people say it ended.
    pub const fn of(outcome: Option<Outcome>) -> Self {
        match outcome {
            Some(Outcome::FalseAlarm) => Self::False,
            Some(Outcome::Test | Outcome::Void | Outcome::Cancelled | Outcome::Cleared) => {
                Self::Nothing
            }
            None | Some(Outcome::Merged) => Self::Unknown,
            Some(
                Outcome::Safe
                | Outcome::Assisted
                | Outcome::Hospital
                | Outcome::Died
                | Outcome::Repaired
                | Outcome::NoAccess
                | Outcome::Refused
                | Outcome::Remote,
            ) => Self::Real,
        }
    }
}

/// The alarms of the run as it was that are real, or may be, and that the other rules would have lost or
/// delayed; `alarmed` compares when people were told.
pub fn losses<'a>(before: &'a [Found], after: &'a [Found], alarmed: &Comparison) -> Vec<Loss<'a>> {
    let new = alarmed.differences.iter().filter(|d| d.fate == Fate::Appears);
    let new: Vec<&Found> = new.filter_map(|d| after.get(d.pair.1?)).collect();
    let instead_of = |found: &Found| {
        let at = found.alarmed?;
        let far = |other: &&Found| other.alarmed.map_or(i64::MAX, |then| (then - at).0.abs());
        let near = new.iter().copied().filter(|other| other.home == found.home);
        near.filter(|other| far(other) <= ABOUT.0).min_by_key(far)
    };
    let loss = |difference: &super::Difference| {
        let found = difference.pair.0.and_then(|n| before.get(n))?;
        let turned = Turned::of(found.outcome);
        let later = match difference.fate {
            Fate::Appears => return None,
            Fate::Disappears => None,
            Fate::Moves => Some(difference.later.filter(|by| Span::ZERO < *by)?),
        };
        let instead = if later.is_none() { instead_of(found) } else { None };
        let is_loss = matches!(turned, Turned::Real | Turned::Unknown);
        is_loss.then_some(Loss { found, turned, later, instead })
    };
    alarmed.differences.iter().filter_map(loss).collect()
}

#[cfg(test)]
mod tests {
    use crate::domain::{Reason, Time};
    use crate::trial::{Moment, compare};

    use super::*;

    /// Told at so many hours.
    fn told(key: &str, hours: i64, outcome: Option<Outcome>) -> Found {
        let at = Time(0) + Span::hours(hours);
        let home = "h1".parse().unwrap();
        let (reason, n) = (Reason::Inactive { since: String::new() }, 1);
        Found { home, key: key.to_owned(), n, reason, detected: at, alarmed: Some(at), outcome }
    }

    #[test]
    fn a_real_alarm_that_goes_or_comes_later_is_a_loss_and_a_false_one_is_none() {
        use Outcome::{Assisted, FalseAlarm, Hospital, Merged, Test};
        let before = [
            told("fall", 0, Some(Hospital)),
            told("leak", 0, Some(FalseAlarm)),
            told("help", 0, Some(Test)),
            told("cold", 0, None),
            told("heat", 0, Some(Assisted)),
            told("smoke", 0, Some(Assisted)),
            told("gas", 0, Some(Merged)),
            told("oxygen", 9, Some(Assisted)),
        ];
        // The heat comes an hour later, the lack of oxygen an hour earlier, smoke as it was, and a breath is new.
        let after = [
            told("heat", 1, None),
            told("smoke", 0, None),
            told("oxygen", 8, None),
            told("breathing", 3, None),
        ];
        let alarmed = compare(&before, &after, Moment::Alarmed, (Time(i64::MIN), Time(i64::MAX)));
        let mut lost: Vec<_> = losses(&before, &after, &alarmed)
            .into_iter()
            .map(|loss| {
                assert_eq!(loss.instead, None);
                (loss.found.key.as_str(), loss.turned, loss.later)
            })
            .collect();
        lost.sort_by_key(|(key, ..)| *key);
        let hour = Some(Span::hours(1));
        assert_eq!(
            lost,
            [
                ("cold", Turned::Unknown, None),
                ("fall", Turned::Real, None),
                ("gas", Turned::Unknown, None),
                ("heat", Turned::Real, hour),
            ]
        );
    }
    #[test]
    fn who_would_have_been_called_by_another_rule_is_said_with_the_loss() {
        let before = [told("oxygen", 0, Some(Outcome::Assisted))];
        let mut near = told("news2", 0, None);
        near.alarmed = Some(Time(0) + Span::minutes(5));
        let mut elsewhere = told("breathing", 0, None);
        elsewhere.home = "h2".parse().unwrap();
        let after = [told("fever", 2, None), elsewhere, near.clone()];
        let alarmed = compare(&before, &after, Moment::Alarmed, (Time(i64::MIN), Time(i64::MAX)));
        let lost = losses(&before, &after, &alarmed);
        assert_eq!(lost.len(), 1);
        assert_eq!(lost[0].instead, Some(&near));
    }
}
