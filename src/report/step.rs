//! Whether a step was taken in time.

use serde::Serialize;

use crate::domain::{Span, Time};

use super::{Course, Share};

/// A target, and what was reached.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Promised {
    /// Within how long, in seconds.
    pub within_s: i64,
    /// How many it should be, in per cent.
    pub wanted: f64,
    /// How many it was.
    pub share: Share,
    /// Whether that is enough; none where there was nothing to measure.
    pub is_met: Option<bool>,
}

/// Of each step: within the plan's limit, of those that were taken or are overdue. Left out: steps whose time
/// is not over yet, that were never owed, and those whose rule book is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct OnTime {
    /// From the alarm to the first answer, before the second rung was due.
    pub accept: Share,
    /// From the first answer to the first person on the scene.
    pub arrive: Share,
    /// From the first person on the scene to the outcome that stands.
    pub resolve: Share,
    /// From that to the second person's word, where the rule wants one.
    pub verify: Share,
}

/// From the alarm to the first answer, on the clock that nobody sets where that is known.
pub(super) fn answered_in(course: &Course, alarmed: Time) -> Option<Span> {
    course.measured.0.or_else(|| course.answered.map(|at| at - alarmed))
}

/// From the first answer to somebody there.
pub(super) fn arrived_in(course: &Course) -> Option<Span> {
    let (answered, on_scene) = course.measured;
    let measured = on_scene.zip(answered).map(|(there, answer)| Span(there.0 - answer.0));
    measured.or_else(|| course.on_scene.zip(course.answered).map(|(there, answer)| there - answer))
}

/// One step, begun at `from`: in time, late, or not to be counted. `is_over`: it ended otherwise, and nobody
/// owes it any more.
pub(super) fn count(
    share: &mut Share,
    within: Span,
    from: Time,
    took: Option<Span>,
    is_over: bool,
    now: Time,
) {
    match took {
        // The wall clock was set back: nobody knows.
        Some(took) if took < Span::ZERO => {}
        Some(took) => share.add(took <= within),
        None if !is_over && from + within < now => share.add(false),
        None => {}
    }
}
