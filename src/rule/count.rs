//! *Count*: something that happens too often within a while: up four times in a night.

use crate::domain::time::Window;
use crate::domain::{Reason, Span, Time, both};
use crate::form::Form;

use super::{Cue, Judgement, Verdict, View};

/// Fewer are no count, and more are not remembered.
const TIMES: std::ops::RangeInclusive<usize> = 2..=60;

/// `count = { of = "in_bed false", times = 4, within = "9h", between = "22:00-07:00" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// What happens.
    pub of: Cue,
    /// So often.
    pub times: usize,
    /// In so long.
    pub within: Span,
    /// Only what happens within this window counts, and only in the same one.
    pub between: Option<Window>,
}

impl Count {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.needs::<Cue>("of");
        let times = form.needs::<usize>("times");
        let within = form.needs::<Span>("within");
        let between = form.may::<Window>("between");
        if times.is_some_and(|times| !TIMES.contains(&times)) {
            let (least, most) = (TIMES.start(), TIMES.end());
            form.wrong(both!(
                "`times` 须为 {least} 到 {most}",
                "`times` is from {least} to {most}"
            ));
        }
        if within.is_some_and(|within| within < Span::minutes(1)) {
            form.wrong(both!(
                "`within` 至少一分钟",
                "`within` is a minute at least: a window of no length holds nothing"
            ));
        }
        form.done();
        Some(Self { of: of?, times: times?, within: within?, between })
    }

    /// Holds from the time that made it too often until enough of them are long ago.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let window = self.between.map(|w| w.place(view.wall(view.now), view.zone));
        let (begin, end) = match window {
            Some(Err(next)) => {
                return Judgement { verdict: Verdict::Resting, again: Some(next - view.offset) };
            }
            Some(Ok((begin, end))) => (begin - view.offset, Some(end - view.offset)),
            None => (Time(i64::MIN), None),
        };
        let all = self.recent(view, begin);
        let Some(oldest) = all.len().checked_sub(self.times).and_then(|n| all.get(n)) else {
            let seen = self.of.can_be_seen(view);
            let verdict = if seen { Verdict::Normal } else { Verdict::Unknown };
            return Judgement { verdict, again: end };
        };
        let since = all.get(self.times.saturating_sub(1)).copied().unwrap_or(view.now);
        let since = view.standing.unwrap_or(since);
        let again = [Some(*oldest + self.within), end].into_iter().flatten().min();
        Judgement { verdict: Verdict::Holds { since, live: true }, again }
    }

    /// Names how often.
    pub fn reason(&self, view: &View<'_>) -> Reason {
        let begin = match self.between.map(|w| w.place(view.wall(view.now), view.zone)) {
            Some(Ok((begin, _))) => begin - view.offset,
            Some(Err(_)) | None => Time(i64::MIN),
        };
        let times = u32::try_from(self.recent(view, begin).len()).unwrap_or(u32::MAX);
        let value = self.of.sign.value;
        Reason::Often { property: self.of.sign.property, value, times, within: self.within }
    }

    fn recent(&self, view: &View<'_>, begin: Time) -> Vec<Time> {
        let mut all = self.of.beginnings(view);
        all.retain(|at| begin <= *at && view.now < *at + self.within);
        all
    }
}
