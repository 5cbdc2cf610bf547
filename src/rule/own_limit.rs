//! *Inactivity* by the home's own limit: longer silent than is usual in this home at this time of the
//! day. It begins where the fixed kind ends: that says since when nobody stirred.

use crate::baseline::Learned;
use crate::domain::{Reason, Time};

use super::{Judgement, Verdict, View};

/// Holds since the silence became longer than is usual, and until somebody stirs: that the limit
/// itself changes at midnight ends nothing. While the home is still learning it rests, and the fixed
/// limits watch.
pub fn judge(silent: Judgement, own: Option<&Learned>, view: &View<'_>) -> Judgement {
    let Verdict::Holds { since: last, live } = silent.verdict else { return silent };
    if let Some(standing) = view.standing.filter(|standing| last <= *standing) {
        return Judgement {
            verdict: Verdict::Holds { since: standing, live },
            again: silent.again,
        };
    }
    let Some(own) = own else {
        return Judgement { verdict: Verdict::Resting, again: silent.again };
    };
    let due = due(own, last, view);
    if due <= view.now {
        return Judgement { verdict: Verdict::Holds { since: due, live }, again: silent.again };
    }
    let again = [silent.again, Some(due)].into_iter().flatten().min();
    Judgement { verdict: Verdict::Normal, again }
}

/// When a silence that began at `last` becomes longer than is usual, on the hub's clock.
fn due(own: &Learned, last: Time, view: &View<'_>) -> Time {
    own.due(view.wall(last), view.zone) - view.offset
}

/// Names the last sign of life, and what the limit was.
pub fn reason(silent: Judgement, own: Option<&Learned>, view: &View<'_>) -> Option<Reason> {
    let Verdict::Holds { since: last, .. } = silent.verdict else { return None };
    let due = due(own?, last, view);
    Some(Reason::Unusually { since: view.clock(last), limit: due - last })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::baseline::{Baseline, LearnSettings, Wanted};
    use crate::domain::{Home, Presence, Situation, Span};

    fn at(hour: i64) -> Time {
        Time(0) + Span::hours(hour)
    }

    /// Sleeps from 23 to 7 and stirs every hour by day, for ten days.
    fn own() -> Learned {
        let settings = LearnSettings::of_a_week();
        let mut baseline = Baseline::default();
        for hour in (0..240).filter(|hour| (7..=23).contains(&(hour % 24))) {
            baseline.note_sign(at(hour), &TimeZone::UTC, &settings);
        }
        let wanted = Wanted::FalseAWeek(0.25);
        baseline.learn(at(252), &TimeZone::UTC, &settings, wanted).unwrap()
    }

    fn judged(own: Option<&Learned>, since: i64, now: i64, standing: Option<i64>) -> Judgement {
        let home = Home::new("h".parse().unwrap(), "UTC", Vec::new());
        let (situation, presence) = (Situation::default(), Presence::default());
        let (standing, zone) = (standing.map(at), TimeZone::UTC);
        let view = View { standing, ..View::new(&home, &situation, &zone, &presence, at(now)) };
        let silent = Verdict::Holds { since: at(since), live: true };
        judge(silent.into(), own, &view)
    }

    #[test]
    fn an_afternoon_in_silence_is_unusual_and_a_night_is_not() {
        let own = own();
        let noon = judged(Some(&own), 252, 253, None);
        let due = noon.again.unwrap();
        assert_eq!(noon.verdict, Verdict::Normal);
        assert!(due < at(256), "{due}");
        let later = judged(Some(&own), 252, 256, None);
        assert_eq!(later.verdict, Verdict::Holds { since: due, live: true });
        assert_eq!(judged(Some(&own), 263, 270, None).verdict, Verdict::Normal, "at six");
    }

    #[test]
    fn it_rests_while_the_home_is_learning_and_goes_on_when_the_limit_changes() {
        assert_eq!(judged(None, 252, 300, None).verdict, Verdict::Resting);
        let standing = judged(None, 252, 300, Some(256));
        assert_eq!(standing.verdict, Verdict::Holds { since: at(256), live: true });
    }
}
