//! *Inactivity*: the person is silent while the sensors are proven alive (P5). A silent sensor is
//! the business of *supervision*; here it makes the verdict unknown, and time during which nobody
//! could have seen a sign of life does not count.

use crate::baseline::{Learned, Wanted};
use crate::domain::observation::Kind;
use crate::domain::time::Window;
use crate::domain::{DeviceId, Fact, Property, Reason, Time, both};
use crate::form::Form;

use super::{Judgement, Verdict, View, own_limit};

/// Numbers that change only when somebody does something.
const METERS: [Property; 2] = [Property::Water, Property::WaterFlow];

/// `inactivity = { of = ["motion", "open"], between = "08:00-22:00" }`, or by the home's own limit:
/// `inactivity = { of = ["motion", "open"], own = "0.25 a week" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Inactivity {
    /// Any change of these is a sign of life.
    pub of: Vec<Property>,
    /// Only counted within this window, in wall time; always, if left out.
    pub between: Option<Window>,
    /// Longer than is usual in this home at this time of the day: the limit that keeps to this.
    pub own: Option<Wanted>,
}

impl Inactivity {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.list::<Property>("of");
        let between = form.may::<Window>("between");
        let is_number = |p: &&Property| matches!(p.kind(), Kind::Number { .. });
        for number in of.iter().filter(is_number).filter(|p| !METERS.contains(p)) {
            form.wrong(format!(
                "inactivity is of flags, presses, `water` and `water_flow`; `{number}` is a number"
            ));
        }
        if of.is_empty() {
            form.wrong("inactivity wants `of = [ … ]`, one property or more".to_owned());
        }
        let own = form.may::<Wanted>("own");
        if own.is_some() && between.is_some() {
            form.wrong(both!(
                "填了 `own` 就不填 `between`",
                "`own` knows the time of the day: leave out `between`"
            ));
        }
        form.done();
        (!of.is_empty()).then_some(Self { of, between, own })
    }

    /// Holds since the last sign of life, or since the window began, or since the sensors could see.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let silent = self.silent(view);
        match self.own {
            Some(wanted) => own_limit::judge(silent, learned(view, wanted), view),
            None => silent,
        }
    }

    fn silent(&self, view: &View<'_>) -> Judgement {
        if view.presence.is_out() {
            // Nobody need be missed at home. How long she may be out is the business of *dwell*.
            return Verdict::Resting.into();
        }
        let place = self.between.map(|w| w.place(view.wall(view.now), view.zone));
        let (mut last, mut live) = (None, false);
        let mut sensors = Sensors::default();
        for (device, fact) in self.of.iter().flat_map(|p| view.situation.facts(*p)) {
            last = last.max(Some(sign_of_life(fact)));
            live |= fact.live;
            sensors.add(view, device);
        }
        last = last.max(view.presence.said_back().filter(|_| last.is_some()));
        let (begin, again) = match place {
            Some(Err(next)) => {
                let seen = view.standing.zip(last).is_some_and(|(standing, last)| standing < last);
                let verdict = if seen { Verdict::Normal } else { Verdict::Resting };
                return Judgement { verdict, again: Some(next - view.offset) };
            }
            Some(Ok((begin, end))) => (Some(begin - view.offset), Some(end - view.offset)),
            None => (None, None),
        };
        let verdict = match (last, sensors.see_since()) {
            (Some(last), Ok(see)) => {
                Verdict::Holds { since: last.max(begin.unwrap_or(last)).max(see), live }
            }
            (None, _) | (_, Err(Blind)) => Verdict::Unknown,
        };
        Judgement { verdict, again }
    }

    /// Names the last sign of life, and the home's own limit.
    pub fn reason(&self, view: &View<'_>, since: Time) -> Reason {
        let own = self
            .own
            .and_then(|wanted| own_limit::reason(self.silent(view), learned(view, wanted), view));
        own.unwrap_or_else(|| Reason::Inactive { since: view.clock(since) })
    }
}

fn learned<'a>(view: &View<'a>, wanted: Wanted) -> Option<&'a Learned> {
    let (_, own) = view.own.iter().find(|(is, _)| *is == wanted)?;
    own.as_ref().ok()
}

/// Nobody can tell.
struct Blind;

/// Whether, and since when, there were eyes to see a sign of life.
#[derive(Default)]
struct Sensors {
    /// A device that must speak regularly is there; only such can be proven alive.
    regular: bool,
    /// One that is alive, and since when, if it was gone before.
    proven: Option<Time>,
    /// One that need not speak regularly, and is not known to be gone.
    taken: bool,
}

impl Sensors {
    fn add(&mut self, view: &View<'_>, device: &DeviceId) {
        let mounted = view.home.device(device);
        let regular = mounted.is_some_and(|d| d.quiet_after.is_some());
        self.regular |= regular;
        if !view.is_alive(device) {
            return;
        }
        if regular {
            let back = view.situation.sight(device).and_then(|s| s.back).unwrap_or(Time(i64::MIN));
            self.proven = Some(self.proven.map_or(back, |other| other.min(back)));
        } else {
            self.taken = true;
        }
    }

    fn see_since(&self) -> Result<Time, Blind> {
        match self.proven {
            Some(since) => Ok(since),
            None if self.taken && !self.regular => Ok(Time(i64::MIN)),
            None => Err(Blind),
        }
    }
}

/// A change is a sign of life, and so is what goes on stirring. A contact that says every hour that the
/// window is open, or a pad that says that the bed is occupied, has seen nobody move.
fn sign_of_life(fact: &Fact) -> Time {
    if fact.is_a_stir() { fact.seen } else { fact.since }
}
