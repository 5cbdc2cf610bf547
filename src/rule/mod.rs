//! Judges. A rule looks at the situation and says whether it holds; it remembers nothing, knows no
//! people and no stages. What follows from a verdict is the ladder's business.

mod cue;
mod customs;
mod off;
pub mod dial;
mod reach;
mod read;
mod view;
pub mod emergency;
pub mod threshold;
pub mod rate;
pub mod count;
pub mod absence;
pub mod dwell;
pub mod inactivity;
pub mod own_limit;
pub mod deviation;
pub mod sequence;
pub mod score;
pub mod expression;
pub mod supervision;
pub mod reported;
pub mod visit;

use crate::domain::{
    Device, Group, Level, Name, Needs, Origin, PersonId, Property, Reason, Span, Time, Title,
};

pub use absence::Absence;
pub use count::Count;
pub use cue::Cue;
pub use customs::read_customs;
pub use deviation::Deviation;
pub use dwell::Dwell;
pub use emergency::Emergency;
pub use expression::Expression;
pub use inactivity::Inactivity;
pub use off::{Off, StaysOn};
pub use rate::Rate;
pub use reach::Reach;
pub(crate) use read::read_title;
pub use reported::Reported;
pub use score::{Score, Tables};
pub use sequence::Sequence;
pub use supervision::Supervision;
pub use threshold::Threshold;
pub use view::View;
pub use visit::Visit;

/// A configured judge with the mission's four parts: detect, warn, alarm, close.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name in stories and files.
    pub name: Name,
    /// What people read.
    pub title: Title,
    /// How much hangs on it.
    pub level: Level,
    /// What it is about.
    pub group: Group,
    /// Whether it looks at grids, whose devices are homes, and not at homes.
    pub of_areas: bool,
    /// Where its numbers come from.
    pub source: String,
    /// Rules of one matter find the same thing in different ways: while an incident of the one is
    /// open, what the other finds belongs to it, and raises it.
    pub matter: Option<Name>,
    /// What it looks for.
    pub kind: Kind,
    /// The same, as it is written.
    pub looks_for: String,
    /// How long it must hold to be detected.
    pub hold: Span,
    /// How long it must be over to count as over.
    pub recover: Span,
    /// The early warning, if the rule has one.
    pub warn: Option<Warn>,
    /// Counted from the beginning of the condition.
    pub alarm_after: Span,
    /// Who is told, in what order.
    pub plan: Name,
    /// A further sign that comes this long after people were last told tells them again.
    pub raise_after: Option<Span>,
    /// What closing wants.
    pub needs: Needs,
    /// What whoever comes looks at.
    pub checklist: Option<Name>,
    /// Closed while the condition goes on, it may alarm again after this long.
    pub again_after: Span,
    /// What went away by itself and is back within this long is the same incident.
    pub reopen_within: Span,
    /// Nobody looks for it, in any home.
    pub off: Option<Off>,
    /// Who changed it for this home, and on which day.
    pub set_by: Option<(PersonId, String)>,
}

/// The early warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warn {
    /// Counted from the beginning of the condition.
    pub after: Span,
    /// Whether the home itself asks the resident, who can cancel with a press.
    pub ask: bool,
    /// Cancelled while the condition goes on, it counts anew after this long.
    pub again_after: Span,
}

/// The kinds of rule, one file each.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A flag or moment that calls for help by itself.
    Emergency(Emergency),
    /// A number beyond a limit.
    Threshold(Threshold),
    /// A number that changes too fast.
    Rate(Rate),
    /// Something that happens too often.
    Count(Count),
    /// Something that should be there at this hour is not.
    Absence(Absence),
    /// Too long in one place.
    Dwell(Dwell),
    /// Nothing moved while the sensors were alive.
    Inactivity(Inactivity),
    /// Something happened, and what should have followed did not.
    Sequence(Sequence),
    /// Today is not as usual for this person.
    Deviation(Deviation),
    /// Points by a published chart.
    Score(Score),
    /// What no other kind covers.
    Expression(Expression),
    /// A device in trouble; judged for each device by itself.
    Supervision(Supervision),
    /// Somebody should see the resident.
    Visit(Visit),
    /// A person says so; no sensor ever does.
    Reported(Reported),
}

/// What a judge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Normal,
    /// Nobody can tell (P5). It neither begins an incident nor ends one.
    Unknown,
    /// The rule does not look at this hour. It begins nothing, and ends only what nobody has been
    /// told or asked of yet.
    Resting,
    /// The condition holds.
    Holds {
        /// Since when, in hub time.
        since: Time,
        /// Whether it rests on what devices themselves said, and not on a broker's memory.
        live: bool,
    },
}

/// A verdict, and when to ask again although nothing was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// What the judge says now.
    pub verdict: Verdict,
    /// When it may say something else by the mere passing of time.
    pub again: Option<Time>,
}

impl From<Verdict> for Judgement {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, again: None }
    }
}

impl Rule {
    /// When to alarm, of a condition that has held since then and is detected `now`: the resident
    /// who is asked first has the time to answer, however late it was found.
    pub fn alarm_at(&self, since: Time, now: Time) -> Time {
        let earliest = self.warn.map_or(now, |warn| {
            (since + warn.after).max(now) + Span(self.alarm_after.0 - warn.after.0)
        });
        (since + self.alarm_after).max(earliest)
    }

    /// How long after something began its alarm comes at the latest, if nobody answers before.
    pub fn found_within(&self) -> Span {
        let limit = match &self.kind {
            Kind::Dwell(kind) => kind.longest(),
            Kind::Sequence(kind) => kind.first_step(),
            Kind::Emergency(_)
            | Kind::Threshold(_)
            | Kind::Rate(_)
            | Kind::Count(_)
            | Kind::Absence(_)
            | Kind::Inactivity(_)
            | Kind::Deviation(_)
            | Kind::Score(_)
            | Kind::Expression(_)
            | Kind::Supervision(_)
            | Kind::Visit(_)
            | Kind::Reported(_) => Span::ZERO,
        };
        Span(limit.0 + self.alarm_after.0)
    }
}

impl Rule {
    /// Whether it is about somebody who lives there: how she is, what she does, who visits her. Where
    /// nobody lives it sleeps.
    pub const fn is_about_resident(&self) -> bool {
        match self.group {
            Group::Vital | Group::Activity | Group::Visit => true,
            Group::Safety | Group::Environment | Group::Equipment | Group::Request => {
                self.kind.is_about_resident()
            }
        }
    }
}

impl Kind {
    /// Whether it goes by what one person does or should do.
    const fn is_about_resident(&self) -> bool {
        match self {
            Self::Absence(_)
            | Self::Dwell(_)
            | Self::Inactivity(_)
            | Self::Sequence(_)
            | Self::Deviation(_)
            | Self::Score(_)
            | Self::Visit(_) => true,
            Self::Emergency(_)
            | Self::Threshold(_)
            | Self::Rate(_)
            | Self::Count(_)
            | Self::Expression(_)
            | Self::Supervision(_)
            | Self::Reported(_) => false,
        }
    }

    /// Judges the situation; `device` is given for kinds that watch each device.
    pub fn judge(&self, view: &View<'_>, device: Option<&Device>) -> Judgement {
        match self {
            Self::Emergency(kind) => kind.judge(view),
            Self::Threshold(kind) => kind.judge(view),
            Self::Rate(kind) => kind.judge(view),
            Self::Count(kind) => kind.judge(view),
            Self::Absence(kind) => kind.judge(view),
            Self::Dwell(kind) => kind.judge(view),
            Self::Inactivity(kind) => kind.judge(view),
            Self::Sequence(kind) => kind.judge(view),
            Self::Deviation(kind) => kind.judge(view),
            Self::Score(kind) => kind.judge(view),
            Self::Expression(kind) => kind.judge(view),
            Self::Supervision(kind) => {
                let device = device.filter(|d| !view.situation.is_under_test(&d.id));
                device.map_or(Verdict::Unknown.into(), |device| kind.judge(view, device))
            }
            Self::Visit(kind) => kind.judge(view),
            Self::Reported(_) => Verdict::Unknown.into(),
        }
    }

    /// Why it holds, asked once when an incident begins or gets a further sign.
    pub fn reason(&self, view: &View<'_>, device: Option<&Device>, since: Time) -> Reason {
        match self {
            Self::Emergency(kind) => kind.reason(view),
            Self::Threshold(kind) => kind.reason(view, since),
            Self::Rate(kind) => kind.reason(view, since),
            Self::Count(kind) => kind.reason(view),
            Self::Absence(kind) => kind.reason(view, since),
            Self::Dwell(kind) => kind.reason(view, since),
            Self::Inactivity(kind) => kind.reason(view, since),
            Self::Sequence(kind) => kind.reason(view, since),
            Self::Deviation(kind) => kind.reason(view, since),
            Self::Score(kind) => kind.reason(view),
            Self::Expression(kind) => kind.reason(view, since),
            Self::Supervision(kind) => kind.reason(view, device, since),
            Self::Visit(kind) => kind.reason(view),
            Self::Reported(_) => Reason::Reported { from: Origin::Resident, code: None },
        }
    }

    /// The properties whose reports may change the verdict.
    pub fn concerns(&self) -> &[Property] {
        match self {
            Self::Emergency(kind) => &kind.of,
            Self::Threshold(kind) => std::slice::from_ref(&kind.of),
            Self::Rate(kind) => std::slice::from_ref(&kind.of),
            Self::Count(kind) => std::slice::from_ref(&kind.of.sign.property),
            Self::Absence(kind) => std::slice::from_ref(&kind.of),
            Self::Dwell(kind) => kind.concerns(),
            Self::Inactivity(kind) => &kind.of,
            Self::Sequence(kind) => kind.concerns(),
            Self::Deviation(kind) => kind.concerns(),
            Self::Score(kind) => kind.concerns(),
            Self::Expression(kind) => kind.concerns(),
            Self::Supervision(kind) => kind.concerns(),
            Self::Visit(_) | Self::Reported(_) => &[],
        }
    }

    /// Of which properties it wants to know what they were lately, and for how long.
    pub fn traces(&self) -> Vec<(Property, Span)> {
        match self {
            Self::Rate(kind) => vec![(kind.of, kind.within)],
            Self::Count(kind) => vec![(kind.of.sign.property, kind.within)],
            Self::Sequence(kind) => kind.traces(),
            Self::Emergency(_)
            | Self::Threshold(_)
            | Self::Absence(_)
            | Self::Dwell(_)
            | Self::Inactivity(_)
            | Self::Deviation(_)
            | Self::Score(_)
            | Self::Expression(_)
            | Self::Supervision(_)
            | Self::Visit(_)
            | Self::Reported(_) => Vec::new(),
        }
    }

    /// Whether it must be judged anew when the resident's whereabouts change.
    pub const fn follows_presence(&self) -> bool {
        match self {
            Self::Dwell(_) | Self::Inactivity(_) | Self::Deviation(_) | Self::Visit(_) => true,
            Self::Emergency(_)
            | Self::Threshold(_)
            | Self::Rate(_)
            | Self::Count(_)
            | Self::Absence(_)
            | Self::Sequence(_)
            | Self::Score(_)
            | Self::Expression(_)
            | Self::Supervision(_)
            | Self::Reported(_) => false,
        }
    }

    /// Whether it is about being out of the house for too long.
    pub fn is_about_out(&self) -> bool {
        matches!(self, Self::Dwell(kind) if kind.whereabouts == dwell::Where::Out)
    }

    /// Whether it is about her leaving the house.
    pub fn is_about_leaving(&self) -> bool {
        matches!(self, Self::Sequence(kind) if kind.from_home)
    }

    /// Whether the sensors' account that it is over is only noted from the first sign on. A fall
    /// sensor takes back its word after some seconds while the person still lies there.
    pub const fn latches(&self) -> bool {
        matches!(self, Self::Emergency(_) | Self::Reported(_))
    }

    /// Whether a later beginning of the condition means that it was over in between: a sign of life.
    pub const fn starts_over(&self) -> bool {
        matches!(self, Self::Inactivity(_))
    }

    /// Whether it is judged for a device that speaks, whatever it tells.
    pub const fn listens(&self) -> bool {
        match self {
            Self::Supervision(kind) => kind.listens(),
            Self::Emergency(_)
            | Self::Threshold(_)
            | Self::Rate(_)
            | Self::Count(_)
            | Self::Absence(_)
            | Self::Dwell(_)
            | Self::Inactivity(_)
            | Self::Sequence(_)
            | Self::Deviation(_)
            | Self::Score(_)
            | Self::Expression(_)
            | Self::Visit(_)
            | Self::Reported(_) => false,
        }
    }

    /// Whether it is judged for each device by itself.
    pub const fn is_per_device(&self) -> bool {
        matches!(self, Self::Supervision(_))
    }
}
