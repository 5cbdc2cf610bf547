//! *Inactivity* by the home's own limit: longer silent than is usual in this home at this time of the
//! day. It begins where the fixed kind ends: that says since when nobody stirred.

use crate::baseline::Learned;
use crate::domain::Reason;

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
    let due = own.due(view.wall(last), view.zone) - view.offset;
    if due <= view.now {
        return Judgement { verdict: Verdict::Holds { since: due, live }, again: silent.again };
    }
    let again = [silent.again, Some(due)].into_iter().flatten().min();
    Judgement { verdict: Verdict::Normal, again }
}

/// Names the last sign of life, and what the limit was.
pub fn reason(silent: Judgement, own: Option<&Learned>, view: &View<'_>) -> Option<Reason> {
    let Verdict::Holds { since: last, .. } = silent.verdict else { return None };
    let due = own?.due(view.wall(last), view.zone) - view.offset;
    Some(Reason::Unusually { since: view.clock(last), limit: due - last })
}
