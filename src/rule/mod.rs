//! Judges. A rule looks at the situation and says whether it holds; it remembers nothing, knows no
//! people and no stages. What follows from a verdict is the ladder's business.

pub mod emergency;
pub mod absence;
pub mod inactivity;
pub mod threshold;
pub mod score;
pub mod expression;
pub mod supervision;

use jiff::tz::TimeZone;

use crate::domain::{
    Device, DeviceId, Home, Level, Name, Needs, Place, Property, Reason, Situation, Span, Time,
    Title,
};
use crate::form::Form;

pub use absence::Absence;
pub use emergency::Emergency;
pub use expression::Expression;
pub use inactivity::Inactivity;
pub use score::{Score, Tables};
pub use supervision::Supervision;
pub use threshold::Threshold;

/// A configured judge with the mission's four parts: detect, warn, alarm, close.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name in stories and files.
    pub name: Name,
    /// What people read.
    pub title: Title,
    /// How much hangs on it.
    pub level: Level,
    /// What it looks for.
    pub kind: Kind,
    /// How long it must hold to be detected.
    pub hold: Span,
    /// The early warning, if the rule has one.
    pub warn: Option<Warn>,
    /// Counted from the beginning of the condition.
    pub alarm_after: Span,
    /// Who is told, in what order.
    pub plan: Name,
    /// What closing wants.
    pub needs: Needs,
    /// Closed while the condition goes on, it may alarm again after this long.
    pub again_after: Span,
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
    /// Something that should be there at this hour is not.
    Absence(Absence),
    /// Nothing moved while the sensors were alive.
    Inactivity(Inactivity),
    /// A number beyond a limit.
    Threshold(Threshold),
    /// Points by a published chart.
    Score(Score),
    /// What no other kind covers.
    Expression(Expression),
    /// A device in trouble; judged for each device by itself.
    Supervision(Supervision),
}

/// As they are written in `[rule.detect]`.
const KINDS: [&str; 7] =
    ["emergency", "absence", "inactivity", "threshold", "score", "expression", "supervision"];

/// What a judge may look at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The home as registered.
    pub home: &'a Home,
    /// What is known of it.
    pub situation: &'a Situation,
    /// Its time zone.
    pub zone: &'a TimeZone,
    /// Hub time.
    pub now: Time,
    /// Wall time minus hub time.
    pub offset: Span,
    /// Since when the judge's own condition has been standing, if it is.
    pub standing: Option<Time>,
    /// Since when the hub has been listening without a break, if there was one.
    pub listening: Option<Time>,
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

impl View<'_> {
    /// An instant of hub time on the wall.
    pub fn wall(&self, at: Time) -> Time {
        at + self.offset
    }

    /// An instant of hub time on the home's wall clock, `02:10`.
    pub fn clock(&self, at: Time) -> String {
        self.wall(at).hour_minute(self.zone)
    }

    /// Whether a device of the register is alive; one that is not registered is taken at its word.
    /// Of one under test nobody can tell: what it says is not about the resident.
    pub fn is_alive(&self, device: &DeviceId) -> bool {
        let is_alive = |d| self.situation.is_alive(d, self.now);
        !self.situation.is_under_test(device) && self.home.device(device).is_none_or(is_alive)
    }
}

impl Kind {
    /// Judges the situation; `device` is given for kinds that watch each device.
    pub fn judge(&self, view: &View<'_>, device: Option<&Device>) -> Judgement {
        match self {
            Self::Emergency(kind) => kind.judge(view),
            Self::Absence(kind) => kind.judge(view),
            Self::Inactivity(kind) => kind.judge(view),
            Self::Threshold(kind) => kind.judge(view),
            Self::Score(kind) => kind.judge(view),
            Self::Expression(kind) => kind.judge(view),
            Self::Supervision(kind) => {
                let device = device.filter(|d| !view.situation.is_under_test(&d.id));
                device.map_or(Verdict::Unknown.into(), |device| kind.judge(view, device))
            }
        }
    }

    /// Why it holds, asked once when an incident begins or gets a further sign.
    pub fn reason(&self, view: &View<'_>, device: Option<&Device>, since: Time) -> Reason {
        match self {
            Self::Emergency(kind) => kind.reason(view),
            Self::Absence(kind) => kind.reason(view, since),
            Self::Inactivity(kind) => kind.reason(view, since),
            Self::Threshold(kind) => kind.reason(view, since),
            Self::Score(kind) => kind.reason(view),
            Self::Expression(kind) => kind.reason(view, since),
            Self::Supervision(kind) => kind.reason(view, device, since),
        }
    }

    /// The properties whose reports may change the verdict.
    pub fn concerns(&self) -> &[Property] {
        match self {
            Self::Emergency(kind) => &kind.of,
            Self::Absence(kind) => std::slice::from_ref(&kind.of),
            Self::Inactivity(kind) => &kind.of,
            Self::Threshold(kind) => std::slice::from_ref(&kind.of),
            Self::Score(kind) => kind.concerns(),
            Self::Expression(kind) => kind.concerns(),
            Self::Supervision(kind) => kind.concerns(),
        }
    }

    /// Whether it could ever hold, if `reports` says what the devices of a home report, and in which kind
    /// of room. Points can come from few findings, so one is enough.
    pub fn could_hold(&self, reports: impl Fn(Property, Option<Place>) -> bool) -> bool {
        match self {
            Self::Expression(kind) => kind.could_hold(reports),
            Self::Emergency(_)
            | Self::Absence(_)
            | Self::Inactivity(_)
            | Self::Threshold(_)
            | Self::Score(_)
            | Self::Supervision(_) => self.concerns().iter().any(|p| reports(*p, None)),
        }
    }

    /// Whether the sensors' account that it is over is only noted from the first sign on. A fall
    /// sensor takes back its word after some seconds while the person still lies there.
    pub const fn latches(&self) -> bool {
        matches!(self, Self::Emergency(_))
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
            | Self::Absence(_)
            | Self::Inactivity(_)
            | Self::Threshold(_)
            | Self::Score(_)
            | Self::Expression(_) => false,
        }
    }

    /// Whether it is judged for each device by itself.
    pub const fn is_per_device(&self) -> bool {
        matches!(self, Self::Supervision(_))
    }
}

impl Rule {
    /// Reads one `[[rule]]`, which may name one of the `tables`.
    pub fn read(mut form: Form<'_, '_>, tables: &Tables) -> Option<Self> {
        let name = form.needs::<Name>("name");
        let title = read_title(&mut form);
        let level = form.needs::<Level>("level");
        let detect = read_detect(&mut form, tables);
        let hold = detect.as_ref().map_or(Span::ZERO, |(_, hold)| *hold);
        let warn = form.form("warn").and_then(read_warn);
        let alarm = form.form("alarm");
        if alarm.is_none() {
            form.wrong("[rule.alarm] is missing: every incident must reach a person".to_owned());
        }
        let alarm = alarm.and_then(|f| read_alarm(f, hold, warn));
        let close = form.form("close");
        if close.is_none() {
            form.wrong("[rule.close] is missing: say what closing needs".to_owned());
        }
        let close = close.and_then(|f| read_close(f, level));
        if let Some(warn) = warn
            && warn.after < hold
        {
            form.wrong(format!("warn.after {} is before detect.for {hold}", warn.after));
        }
        form.done();
        let (alarm_after, plan) = alarm?;
        let (needs, again_after) = close?;
        Some(Self {
            name: name?,
            title: title?,
            level: level?,
            kind: detect?.0,
            hold,
            warn,
            alarm_after,
            plan,
            needs,
            again_after,
        })
    }
}

fn read_title(form: &mut Form<'_, '_>) -> Option<Title> {
    let Some(mut title) = form.form("title") else {
        form.wrong("`title` is missing: write title = { zh = \"…\", en = \"…\" }".to_owned());
        return None;
    };
    let (zh, en) = (title.needs("zh"), title.needs("en"));
    title.done();
    Some(Title { zh: zh?, en: en? })
}

fn read_detect(form: &mut Form<'_, '_>, tables: &Tables) -> Option<(Kind, Span)> {
    let Some(mut detect) = form.form("detect") else {
        form.wrong("[rule.detect] is missing: say what the rule looks for".to_owned());
        return None;
    };
    let mut kinds = Vec::new();
    let mut found = 0;
    for key in KINDS {
        let Some(inner) = detect.form(key) else { continue };
        found += 1;
        kinds.extend(match key {
            "emergency" => Emergency::read(inner).map(Kind::Emergency),
            "absence" => Absence::read(inner).map(Kind::Absence),
            "inactivity" => Inactivity::read(inner).map(Kind::Inactivity),
            "threshold" => Threshold::read(inner).map(Kind::Threshold),
            "score" => Score::read(inner, tables).map(Kind::Score),
            "expression" => Expression::read(inner).map(Kind::Expression),
            _ => Supervision::read(inner).map(Kind::Supervision),
        });
    }
    if found != 1 {
        detect.wrong(format!("[rule.detect] has one of {}, not {found}", KINDS.join(", ")));
    }
    let hold = detect.may::<Span>("for").unwrap_or(Span::ZERO);
    if hold != Span::ZERO && kinds.last().is_some_and(Kind::latches) {
        // A sensor that takes back its word after some seconds would never be believed.
        detect.wrong("an emergency is believed at once: it has no `for`".to_owned());
    }
    detect.done();
    Some((kinds.pop()?, hold))
}

fn read_warn(mut form: Form<'_, '_>) -> Option<Warn> {
    let after = form.needs::<Span>("after");
    let ask = form.may::<String>("ask");
    if let Some(who) = &ask
        && who != "resident"
    {
        form.wrong(format!("`ask`: the warning can ask the \"resident\", not `{who}`"));
    }
    let again_after = form.may::<Span>("again_after");
    if ask.is_some() && again_after.is_none() {
        form.wrong("`again_after` is missing: when to ask again after a cancel".to_owned());
    }
    if again_after.is_some_and(|span| span < Span::seconds(1)) {
        form.wrong("`again_after` is shorter than a second".to_owned());
    }
    form.done();
    let again_after = again_after.unwrap_or(Span::ZERO);
    Some(Warn { after: after?, ask: ask.is_some(), again_after })
}

fn read_alarm(mut form: Form<'_, '_>, hold: Span, warn: Option<Warn>) -> Option<(Span, Name)> {
    let after = form.may::<Span>("after").unwrap_or(hold);
    let plan = form.needs::<Name>("plan");
    let earliest = warn.map_or(hold, |w| w.after);
    if after < earliest {
        form.wrong(format!("alarm.after {after} is before what comes first, {earliest}"));
    }
    form.done();
    Some((after, plan?))
}

fn read_close(mut form: Form<'_, '_>, level: Option<Level>) -> Option<(Needs, Span)> {
    let needs = form.list::<String>("needs");
    for need in &needs {
        if !["on-scene", "outcome", "verified"].contains(&need.as_str()) {
            form.wrong(format!(
                "`needs`: there is no `{need}`: one of on-scene, outcome, verified"
            ));
        }
    }
    let has = |what: &str| needs.iter().any(|n| n == what);
    if !has("outcome") {
        form.wrong("`needs` lacks \"outcome\": nothing closes without one (P4)".to_owned());
    }
    if level.is_some_and(|l| Level::Serious <= l) && !has("verified") {
        form.wrong(
            "`needs` lacks \"verified\": serious and urgent ones want a second person (P4)"
                .to_owned(),
        );
    }
    let again_after = form.needs::<Span>("again_after");
    if again_after.is_some_and(|span| span < Span::seconds(1)) {
        form.wrong("`again_after` is shorter than a second".to_owned());
    }
    form.done();
    let needs = Needs { on_scene: has("on-scene"), verified: has("verified") };
    Some((needs, again_after?))
}
