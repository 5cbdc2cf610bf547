//! *Sequence*: something happened, and then another thing did, or what should have followed did not:
//! the door opened at night and nobody was seen since; a fall and no rising.

use crate::domain::time::Window;
use crate::domain::{Property, Reason, Span, Time, Whereabouts, both};
use crate::form::Form;

use super::{Cue, Judgement, Reach, Verdict, View};

/// What happened longer ago than this is not waited for any more.
const REMEMBERED: Span = Span::hours(24);

/// What sees people without their doing anything.
const SEES: [Property; 3] = [Property::Motion, Property::Presence, Property::Vibration];

/// `sequence = { first = "open true in hall", without = ["motion true"], after = ["10m"] }`
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// What begins it.
    pub first: Cue,
    /// Only if it began within this window.
    pub between: Option<Window>,
    /// Only if she was not known to be out before, and nobody was on their way to her: whoever enters an
    /// empty home and leaves it is not her.
    pub from_home: bool,
    /// What follows.
    then: Then,
    /// `first`, and all that may follow.
    concerns: Vec<Property>,
}

#[derive(Debug, Clone, PartialEq)]
enum Then {
    /// It holds when this follows so soon.
    Follows { cue: Cue, within: Span },
    /// It holds when none of these followed for so long; each further time is a further sign.
    Nothing {
        of: Vec<Cue>,
        /// What is seen so soon after the beginning belongs to it.
        settles: Span,
        after: Vec<Span>,
    },
}

impl Sequence {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let first = form.needs::<Cue>("first");
        let between = form.may::<Window>("between");
        let from_home = form.may::<bool>("from_home").unwrap_or(false);
        let then = form.may::<Cue>("then");
        let within = form.may::<Span>("within");
        let without = form.list::<Cue>("without");
        let after = form.list::<Span>("after");
        let settles = form.may::<Span>("settles").unwrap_or(Span::ZERO);
        let then = match (then, within) {
            (Some(cue), Some(within)) if without.is_empty() && after.is_empty() => {
                Some(Then::Follows { cue, within })
            }
            (None, None) if !without.is_empty() && !after.is_empty() => {
                Some(Then::Nothing { of: without, settles, after })
            }
            (Some(_) | None, _) => {
                form.wrong(both!(
                    "`within` 或 `after` 须填写",
                    "sequence wants `then` with `within`, or `without = [ … ]` with `after = [ … ]`"
                ));
                None
            }
        };
        match &then {
            Some(Then::Follows { within, .. }) if *within < Span::seconds(1) => {
                form.wrong(both!("`within` 没有长度", "`within` has no length"));
            }
            Some(Then::Nothing { after, settles, .. }) => {
                let steps = after.iter().zip(after.iter().skip(1));
                if after.first().is_some_and(|first| first <= settles) {
                    form.wrong(both!(
                        "`after` 须长于 `settles`",
                        "`after` must be longer than `settles`"
                    ));
                }
                if steps.into_iter().any(|(a, b)| b <= a) {
                    form.wrong(both!(
                        "`after` 的各个时长须一个比一个长",
                        "each time of `after` is longer than the one before"
                    ));
                }
                if after.last().is_some_and(|last| REMEMBERED <= *last) {
                    form.wrong(both!(
                        "`after` 须短于 {REMEMBERED}",
                        "`after` is shorter than {REMEMBERED}"
                    ));
                }
            }
            Some(Then::Follows { .. }) | None => {}
        }
        form.done();
        let (first, then) = (first?, then?);
        let mut concerns = vec![first.sign.property];
        concerns.extend(then.cues().map(|cue| cue.sign.property));
        concerns.sort_unstable();
        concerns.dedup();
        Some(Self { first, between, from_home, then, concerns })
    }

    /// For how long nothing follows until it holds; none, if something must follow.
    pub fn first_step(&self) -> Span {
        match &self.then {
            Then::Follows { .. } => Span::ZERO,
            Then::Nothing { after, .. } => after.first().copied().unwrap_or(Span::ZERO),
        }
    }

    /// The properties whose reports may change the verdict.
    pub fn concerns(&self) -> &[Property] {
        &self.concerns
    }

    /// Why it could never be seen: it wants its first, and one of what should follow.
    pub fn lacks(&self, reach: &Reach<'_>) -> Option<String> {
        let first = reach.lacks_cue(&self.first);
        first.or_else(|| match &self.then {
            Then::Follows { cue, .. } => reach.lacks_cue(cue),
            Then::Nothing { of, .. } => {
                let eyes = Self::eyes(of).map(|cue| (cue.sign.property, cue.place));
                reach.lacks_all(&eyes.collect::<Vec<_>>())
            }
        })
    }

    /// What could see that something follows. A button, a door or a bed does not see somebody who walks
    /// about: where eyes are among it, there must be eyes.
    fn eyes(of: &[Cue]) -> impl Iterator<Item = &Cue> {
        let any = !of.iter().any(|cue| SEES.contains(&cue.sign.property));
        of.iter().filter(move |cue| any || SEES.contains(&cue.sign.property))
    }

    /// Of which properties it wants to know what they were lately.
    pub fn traces(&self) -> Vec<(Property, Span)> {
        self.concerns.iter().map(|property| (*property, REMEMBERED)).collect()
    }

    /// Holds since what followed, or since nothing had followed for long enough.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        match &self.then {
            Then::Follows { cue, within } => self.follows(view, cue, *within).into(),
            Then::Nothing { of, settles, after } => self.nothing(view, of, *settles, after),
        }
    }

    /// Names what it began with.
    pub fn reason(&self, view: &View<'_>, since: Time) -> Reason {
        let (property, value) = (self.first.sign.property, self.first.sign.value);
        let begun = match &self.then {
            Then::Follows { .. } => self.begun(view).last().copied(),
            Then::Nothing { of, settles, .. } => self.unanswered(view, of, *settles),
        };
        let begun = view.clock(begun.unwrap_or(since));
        match &self.then {
            Then::Follows { cue, .. } => {
                Reason::Followed { property, value, at: begun, then: cue.sign.property }
            }
            Then::Nothing { after, .. } => {
                let first = self.unanswered_since(view);
                let passed = first.map(|first| view.now - first);
                let step = after.iter().rev().find(|step| passed.is_some_and(|p| **step <= p));
                let lasts = step.or(after.first()).copied().unwrap_or(Span::ZERO);
                Reason::NothingSince { property, value, at: begun, lasts }
            }
        }
    }

    /// When it began, each time, within the window.
    fn begun(&self, view: &View<'_>) -> Vec<Time> {
        let mut all = self.first.beginnings(view);
        if let Some(window) = self.between {
            all.retain(|at| window.place(view.wall(*at), view.zone).is_ok());
        }
        if self.from_home {
            let was_out = match view.presence.whereabouts() {
                (Whereabouts::Out, since) => Some(since),
                (Whereabouts::Home | Whereabouts::Unknown, _) => None,
            };
            let away = view.presence.away().is_some();
            let comes = |at: &Time| {
                view.customs.is_some_and(|customs| {
                    view.visit.is_some_and(|visit| visit.covers(*at, customs))
                        || view.presence.came_by(*at, customs)
                })
            };
            all.retain(|at| !away && !comes(at) && was_out.is_none_or(|since| *at <= since));
        }
        all
    }

    fn follows(&self, view: &View<'_>, cue: &Cue, within: Span) -> Verdict {
        let (first, then) = (self.begun(view), cue.beginnings(view));
        let followed = |at: &&Time| first.iter().any(|f| f < *at && **at <= *f + within);
        match then.iter().rev().find(followed) {
            Some(since) => Verdict::Holds { since: *since, live: true },
            None if self.first.can_be_seen(view) && cue.can_be_seen(view) => Verdict::Normal,
            None => Verdict::Unknown,
        }
    }

    fn nothing(&self, view: &View<'_>, of: &[Cue], settles: Span, after: &[Span]) -> Judgement {
        if !Self::eyes(of).any(|cue| cue.can_be_seen(view)) {
            return Verdict::Unknown.into();
        }
        let Some(first) = self.unanswered(view, of, settles) else {
            return Verdict::Normal.into();
        };
        let passed = after.iter().rev().find(|step| first + **step <= view.now);
        let again = after.iter().map(|step| first + *step).find(|at| view.now < *at);
        let verdict = match passed {
            Some(step) => Verdict::Holds { since: first + *step, live: true },
            None => Verdict::Normal,
        };
        Judgement { verdict, again }
    }

    fn unanswered_since(&self, view: &View<'_>) -> Option<Time> {
        match &self.then {
            Then::Nothing { of, settles, .. } => self.unanswered(view, of, *settles),
            Then::Follows { .. } => None,
        }
    }

    /// The first beginning that nothing has followed. A sensor that says the same thing again does
    /// not begin it anew.
    fn unanswered(&self, view: &View<'_>, of: &[Cue], settles: Span) -> Option<Time> {
        // Whoever lies down again at once has lain down; what moved as she got up tells nothing yet.
        let own = |cue: &&Cue| cue.sign.property == self.first.sign.property;
        let last = |cue: &Cue| if cue.goes_on(view) { Some(view.now) } else { cue.last(view) };
        let back = of.iter().filter(own).filter_map(last).max();
        let seen = of.iter().filter(|cue| !own(cue)).filter_map(last).max();
        let is_open = |begun: &Time| {
            back.is_none_or(|back| back <= *begun)
                && seen.is_none_or(|seen| seen <= *begun + settles)
        };
        self.begun(view).into_iter().find(is_open)
    }
}

impl Then {
    fn cues(&self) -> impl Iterator<Item = &Cue> {
        let (one, many): (Option<&Cue>, &[Cue]) = match self {
            Self::Follows { cue, .. } => (Some(cue), &[]),
            Self::Nothing { of, .. } => (None, of),
        };
        one.into_iter().chain(many)
    }
}
