//! *Inactivity*: the person is silent while the sensors are proven alive (P5). A silent sensor is
//! the business of *supervision*; here it makes the verdict unknown.

use crate::domain::time::Window;
use crate::domain::{Fact, Property, Reason, Time};
use crate::form::Form;

use super::{Judgement, Verdict, View};

/// `inactivity = { of = ["motion", "open"], between = "08:00-22:00" }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inactivity {
    /// Any change of these is a sign of life.
    pub of: Vec<Property>,
    /// Only counted within this window, in wall time; always, if left out.
    pub between: Option<Window>,
}

impl Inactivity {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.list::<Property>("of");
        let between = form.may::<Window>("between");
        if of.is_empty() {
            form.wrong("inactivity wants `of = [ … ]`, one property or more".to_owned());
        }
        form.done();
        (!of.is_empty()).then_some(Self { of, between })
    }

    /// Holds since the last sign of life, or since the window began.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let place = self.between.map(|w| w.place(view.wall(view.now), view.zone));
        let (begin, again) = match place {
            Some(Err(next)) => {
                let again = Some(next - view.offset);
                return Judgement { verdict: Verdict::Normal, again };
            }
            Some(Ok((begin, end))) => (Some(begin - view.offset), Some(end - view.offset)),
            None => (None, None),
        };
        let facts = self.of.iter().flat_map(|p| view.situation.facts(*p));
        let (mut last, mut live, mut alive) = (None, false, false);
        for (device, fact) in facts {
            last = last.max(Some(sign_of_life(fact)));
            live |= fact.live;
            alive |= view.is_alive(device);
        }
        let verdict = match last {
            Some(last) if alive => Verdict::Holds { since: last.max(begin.unwrap_or(last)), live },
            Some(_) | None => Verdict::Unknown,
        };
        Judgement { verdict, again }
    }

    /// Names the last sign of life.
    pub fn reason(&self, view: &View<'_>, since: Time) -> Reason {
        Reason::Inactive { since: view.clock(since) }
    }
}

/// A set flag that is reported again is a sign of life; one that stays unset is not.
fn sign_of_life(fact: &Fact) -> Time {
    if fact.value.is_true() && fact.live { fact.seen } else { fact.since }
}
