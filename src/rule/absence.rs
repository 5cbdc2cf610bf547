//! *Absence*: a flag that should be set at this hour is not: up at night and not back in bed.
//!
//! It holds only if the flag fell within the window, so that somebody who has not gone to bed yet
//! is not missed. When the window ends the rule rests: what was not asked yet is dropped, but a
//! resident who was asked and has not answered is not forgotten because it is morning.

use crate::domain::time::Window;
use crate::domain::{Property, Reason, Time};
use crate::form::Form;

use super::{Judgement, Verdict, View};

/// `absence = { of = "in_bed", between = "22:00-06:00" }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The flag that should be set.
    pub of: Property,
    /// When it should be, in wall time.
    pub between: Window,
}

impl Absence {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.needs::<Property>("of");
        let between = form.needs::<Window>("between");
        if let Some(of) = of
            && of.kind() != crate::domain::observation::Kind::Flag
        {
            form.wrong(format!("absence is of a flag; `{of}` is none"));
        }
        form.done();
        Some(Self { of: of?, between: between? })
    }

    /// Holds since the last device let the flag fall within the window.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let place = self.between.place(view.wall(view.now), view.zone);
        let again = match place {
            Err(next) => Some(next - view.offset),
            Ok((_, end)) => Some(end - view.offset),
        };
        let mut since = None;
        let mut live = false;
        for (device, fact) in view.situation.facts(self.of) {
            if !view.is_alive(device) {
                continue;
            }
            if fact.value.is_true() {
                return Judgement { verdict: Verdict::Normal, again };
            }
            since = since.max(Some(fact.since));
            live |= fact.live;
        }
        let verdict = match (since, place) {
            (_, Err(_)) => Verdict::Resting,
            (None, _) => Verdict::Unknown,
            (Some(since), Ok((begin, _))) if view.wall(since) < begin => Verdict::Resting,
            (Some(since), Ok(_)) => Verdict::Holds { since, live },
        };
        Judgement { verdict, again }
    }

    /// Names the flag and since when.
    pub fn reason(&self, view: &View<'_>, since: Time) -> Reason {
        Reason::Absent { property: self.of, since: view.clock(since) }
    }
}
