//! Reads one line of a story.

use std::str::FromStr;

use jiff::civil;

use crate::domain::walk::WALK_MAX;
use crate::domain::{
    Act, Change, DeviceId, Name, Observation, Outcome, PersonId, Place, Report, Said, Span,
    WalkAct, Wish,
};

use super::people::{self, People};
use super::said;

/// The device of observations that name none; it is in no register and taken at its word.
const NOBODY: &str = "sensor";

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// Empty, or a comment.
    Nothing,
    /// `2026-03-29`
    Day(civil::Date),
    /// `zone Europe/Amsterdam`
    Zone(String),
    /// `area h1, h2, h3`: not a home, but a grid of these.
    Area(Vec<DeviceId>),
    /// `post`: the home is a help post in a public place.
    Post,
    /// `hub store, clock`: not a home, but the hub, with these devices of its own.
    Hub(Vec<DeviceId>),
    /// What careloop did; not read, but compared.
    Effect,
    /// What happened.
    Happened(civil::Time, Spoken),
}

/// What happened, before incidents are looked up by name.
#[derive(Debug, Clone, PartialEq)]
pub enum Spoken {
    /// `bed-pad: in_bed true, battery 90 %`
    Heard {
        /// Which device.
        device: DeviceId,
        /// What it said: `fall true`, `motion true clears 90s`, `help @2026-01-15T02:10:00Z`.
        observations: Vec<Observation>,
        /// `fall true @-12m`: how long ago each was observed, by the sensor's own clock.
        ages: Vec<Option<Span>>,
        /// `bed-pad retained: …`
        retained: bool,
    },
    /// `fall accepted by wang`
    Move {
        /// The incident's name, `fall` or `fall#7`.
        key: String,
        /// Who.
        by: PersonId,
        /// What.
        act: Act,
    },
    /// `fall/2 failed: connection refused`
    Delivery {
        /// The incident's name.
        key: String,
        /// Which delivery.
        k: u32,
        /// What became of it.
        report: Report,
    },
    /// `clock +1h`: the wall clock is now ahead of hub time by this much.
    Clock(Span),
    /// `restart`: the engine is saved, dropped, and resumed.
    Restart,
    /// `down`: the hub loses power; nothing happens until the next line.
    Down,
    /// `tick`, or `up`: the hub looks at the clock.
    Tick,
    /// `drop ROLE`: nobody holds the role any more.
    Drop(crate::domain::Role),
    /// `device bed-pad quiet-after 2h`, `device plug in kitchen`, of a device that is mounted or not.
    Mounted {
        /// Which.
        device: DeviceId,
        /// How long it may be silent, if that is said.
        quiet_after: Option<Span>,
        /// In which kind of room, if that is said.
        place: Option<Place>,
    },
    /// `device bed-pad removed`
    Removed {
        /// Which.
        device: DeviceId,
    },
    /// `change oxygen by li: detect = { threshold = { below = 88 } }`: the rule is otherwise for this
    /// resident from now on.
    Changed(Change),
    /// `walk bed-pad begins by wu for 3m: in_bed true, in_bed false`, `walk bed-pad ends by wu`
    Walk {
        /// Which device.
        device: DeviceId,
        /// Who.
        by: PersonId,
        /// What they do.
        act: WalkAct,
    },
    /// `home away for 8h by daughter`, `silence cold for 8h by wang: window open`
    Said {
        /// Who.
        by: PersonId,
        /// What.
        what: Said,
    },
    /// `duty wang: workdays 08:00-18:00`, and what else the register says of people from now on.
    People(People),
    /// `rule fall removed`, `rule fall restored`: the rule book is turned to one without, or with it.
    Ruled {
        /// Which.
        rule: Name,
        /// Whether it is in the book from now on.
        there: bool,
    },
}

/// Reads one line.
///
/// # Errors
/// A sentence that says what was not understood.
pub fn read_line(text: &str) -> Result<Line, String> {
    let text = text.trim_end();
    if text.trim().is_empty() || text.starts_with('#') {
        return Ok(Line::Nothing);
    }
    if let Some(zone) = text.strip_prefix("zone ") {
        jiff::tz::TimeZone::get(zone).map_err(|e| format!("`{zone}` is not a time zone: {e}"))?;
        return Ok(Line::Zone(zone.to_owned()));
    }
    if text == "post" {
        return Ok(Line::Post);
    }
    let names = |list: &str| -> Result<Vec<_>, String> {
        list.split(", ").map(|name| Ok(name.parse()?)).collect()
    };
    if let Some(homes) = text.strip_prefix("area ") {
        return names(homes).map(Line::Area);
    }
    if let Some(devices) = text.strip_prefix("hub ") {
        return names(devices).map(Line::Hub);
    }
    if let Ok(day) = text.parse::<civil::Date>() {
        return Ok(Line::Day(day));
    }
    let (at, said) = text.split_once(' ').ok_or("a line is a time and what happened")?;
    let at = civil::Time::from_str(at)
        .map_err(|e| format!("`{at}` is not a time of day such as 02:10: {e}"))?;
    let said = said.trim();
    if said.starts_with('>') {
        return Ok(Line::Effect);
    }
    Ok(Line::Happened(at, spoken(said)?))
}

fn spoken(said: &str) -> Result<Spoken, String> {
    match said.split_once(' ') {
        None if said == "restart" => return Ok(Spoken::Restart),
        None if said == "down" => return Ok(Spoken::Down),
        None if said == "tick" || said == "up" => return Ok(Spoken::Tick),
        Some(("clock", by)) => return offset(by).map(Spoken::Clock),
        Some(("drop", role)) => return Ok(Spoken::Drop(role.parse()?)),
        Some(("device", what)) => return mounted(what),
        Some(("rule", what)) => return ruled(what),
        Some(("walk", what)) => return walked(what),
        Some(("change", what)) => return changed(what),
        Some(("home", what)) => return said::home_said(what),
        Some(("silence", what)) => return said::silenced(what),
        Some(("report", what)) => return said::reported(what),
        Some(("visit", what)) => return said::visited(what),
        Some(_) | None => {}
    }
    if let Some(people) = people::read(said)? {
        return Ok(Spoken::People(people));
    }
    if let Some(moved) = a_move(said)? {
        return Ok(moved);
    }
    if let Some(delivered) = a_delivery(said)? {
        return Ok(delivered);
    }
    let (who, facts) = said.split_once(": ").unwrap_or((NOBODY, said));
    let (device, retained) = match who.strip_suffix(" retained") {
        Some(device) => (device, true),
        None => (who.trim_end_matches(':'), false),
    };
    let said_all = if said.ends_with(':') {
        Vec::new()
    } else {
        facts.split(", ").map(an_observation).collect::<Result<Vec<_>, String>>()?
    };
    let device = if said.ends_with(':') { said.trim_end_matches(':') } else { device };
    let (observations, ages) = said_all.into_iter().unzip();
    Ok(Spoken::Heard { device: device.parse()?, observations, ages, retained })
}

/// `fall true`, then `@-12m` or `@2026-01-15T02:10:00Z`, then `clears 90s`.
fn an_observation(text: &str) -> Result<(Observation, Option<Span>), String> {
    let (text, clears) = match text.split_once(" clears ") {
        Some((text, after)) => (text, Some(after.parse()?)),
        None => (text, None),
    };
    let (text, claim) = text.split_once(" @").map_or((text, None), |(text, at)| (text, Some(at)));
    let mut observation: Observation = text.parse()?;
    observation.clears_after = clears;
    let mut age = None;
    match claim.map(|claim| (claim, claim.strip_prefix('-'))) {
        Some((_, Some(ago))) => age = Some(ago.parse()?),
        Some((at, None)) => observation.observed_at = Some(at.parse()?),
        None => {}
    }
    Ok((observation, age))
}

fn mounted(what: &str) -> Result<Spoken, String> {
    let words: Vec<&str> = what.splitn(3, ' ').collect();
    let (device, quiet_after, place) = match *words {
        [device, "removed"] => return Ok(Spoken::Removed { device: device.parse()? }),
        [device, "quiet-after", span] => (device, Some(span.parse()?), None),
        [device, "in", place] => (device, None, Some(place.parse()?)),
        _ => return Err("a device is `removed`, `in` a room, or `quiet-after` a time".to_owned()),
    };
    Ok(Spoken::Mounted { device: device.parse()?, quiet_after, place })
}

fn ruled(what: &str) -> Result<Spoken, String> {
    let there = match what.split_once(' ') {
        Some((rule, "removed")) => (rule, false),
        Some((rule, "restored")) => (rule, true),
        Some(_) | None => return Err("a rule is `removed` or `restored`".to_owned()),
    };
    Ok(Spoken::Ruled { rule: there.0.parse()?, there: there.1 })
}

/// `DEVICE begins by WHO[ for TIME]: steps`, `DEVICE ends by WHO`
fn walked(what: &str) -> Result<Spoken, String> {
    if let Some((device, by)) = what.split_once(" ends by ") {
        let (device, by) = (device.parse()?, by.parse()?);
        return Ok(Spoken::Walk { device, by, act: WalkAct::End });
    }
    let wrong = "a walk is `DEVICE begins by WHO: what must be seen`, or `DEVICE ends by WHO`";
    let (who, steps) = what.split_once(": ").ok_or(wrong)?;
    let (device, by) = who.split_once(" begins by ").ok_or(wrong)?;
    let (by, lasts) = match by.split_once(" for ") {
        Some((by, lasts)) => (by, lasts.parse()?),
        None => (by, WALK_MAX),
    };
    let steps = steps.split(", ").map(str::parse).collect::<Result<_, String>>()?;
    let act = WalkAct::Begin { steps, lasts };
    Ok(Spoken::Walk { device: device.parse()?, by: by.parse()?, act })
}

/// `RULE by WHO: what is otherwise`, or `RULE by WHO: off`
fn changed(what: &str) -> Result<Spoken, String> {
    let wrong = "a change is `RULE by WHO: what is otherwise`, or `RULE by WHO: off`";
    let (who, set) = what.split_once(": ").ok_or(wrong)?;
    let (rule, by) = who.split_once(" by ").ok_or(wrong)?;
    let off = set == "off";
    let set = if off { String::new() } else { set.to_owned() };
    let (on, why) = ("2026-01-15".to_owned(), "as told".to_owned());
    Ok(Spoken::Changed(Change { rule: rule.parse()?, set, off, by: by.parse()?, on, why }))
}

fn offset(by: &str) -> Result<Span, String> {
    match by.strip_prefix('-') {
        Some(back) => Ok(Span(-back.parse::<Span>()?.0)),
        None => Ok(by.trim_start_matches('+').parse()?),
    }
}

/// `KEY WHAT by PERSON[: words]`
fn a_move(said: &str) -> Result<Option<Spoken>, String> {
    let Some((what, who)) = said.split_once(" by ") else { return Ok(None) };
    let (by, words) = who.split_once(": ").unwrap_or((who, ""));
    let words = words.to_owned();
    let Some((key, what)) = what.split_once(' ') else { return Ok(None) };
    let act = match what.split_once(' ') {
        None if what == "accepted" => Act::Accept,
        None if what == "en-route" => Act::EnRoute,
        None if what == "on-scene" => Act::OnScene,
        None if what == "verified" => Act::Verify,
        None if what == "returned" => Act::Return { why: words },
        None if what == "noted" => Act::Note { text: words },
        None if what == "granted" => Act::Grant,
        None if what == "denied" => Act::Deny { why: words },
        None if what == "reopened" => Act::Reopen { why: words },
        None if what == "reported-in" => Act::ReportIn,
        None if what == "finished" => Act::Finish { note: words },
        None if what == "supervised" => Act::Supervise { why: words },
        Some(("called", number)) => Act::Called { number: number.to_owned(), said: words },
        Some(("reviewed", score)) => {
            let score = score.parse().map_err(|e| format!("`{score}` is not a score: {e}"))?;
            Act::Review { score, text: words }
        }
        Some(("checked", what)) => {
            let (item, found) = what.rsplit_once(' ').ok_or("an item is `checked ITEM FOUND`")?;
            Act::Check { item: item.parse()?, found: found.parse()? }
        }
        Some(("asked", what)) => Act::Ask { wish: wish(what)?, why: words },
        Some(("assigned", to)) => match to.strip_prefix("to ") {
            Some(to) => Act::Assign { to: to.parse()? },
            None => return Ok(None),
        },
        Some(("merged", into)) => match into.strip_prefix("into ") {
            Some(n) => Act::Merge { into: n.parse().map_err(|e| format!("`{n}`: {e}"))? },
            None => return Ok(None),
        },
        Some(("whistled", whom)) => match whom.strip_prefix("for ") {
            Some(whom) => {
                let mut all = whom.split(", ").map(str::parse);
                let lead = all.next().ok_or("a whistle is for somebody")??;
                Act::Whistle { lead, with: all.collect::<Result<_, _>>()?, why: words }
            }
            None => return Ok(None),
        },
        Some(("sent", "back")) => Act::Rework { why: words },
        Some(("resolved", outcome)) => {
            Act::Resolve { outcome: outcome.parse::<Outcome>()?, note: words }
        }
        Some(("handed", to)) => match to.strip_prefix("over to ") {
            Some(to) => Act::HandOver { to: to.parse()? },
            None => return Ok(None),
        },
        Some(_) | None => return Ok(None),
    };
    Ok(Some(Spoken::Move { key: key.to_owned(), by: by.parse()?, act }))
}

/// `to extend 4h`, `to park 7d`, `to void`
fn wish(text: &str) -> Result<Wish, String> {
    match text.strip_prefix("to ").map(|text| text.split_once(' ').unwrap_or((text, ""))) {
        Some(("extend", lasts)) => Ok(Wish::Extend { lasts: lasts.parse()? }),
        Some(("park", lasts)) => Ok(Wish::Park { lasts: lasts.parse()? }),
        Some(("void", "")) => Ok(Wish::Void),
        Some(_) | None => Err("somebody asks to `extend`, to `park` or to `void`".to_owned()),
    }
}

/// `KEY/K failed: why`
fn a_delivery(said: &str) -> Result<Option<Spoken>, String> {
    let Some((which, what)) = said.split_once(' ') else { return Ok(None) };
    let Some((key, k)) = which.rsplit_once('/') else { return Ok(None) };
    let Ok(k) = k.parse::<u32>() else { return Ok(None) };
    let (what, why) = what.split_once(": ").unwrap_or((what, ""));
    let why = why.to_owned();
    let report = match what {
        "sent" => Report::Sent,
        "delivered" => Report::Delivered,
        "seen" => Report::Seen,
        "failed" => Report::Failed { why, last: false },
        "refused" => Report::Failed { why, last: true },
        "unknown" => Report::Unknown { why },
        _ => {
            return Err(format!(
                "a delivery is sent, delivered, seen, failed, refused or unknown, not `{what}`"
            ));
        }
    };
    Ok(Some(Spoken::Delivery { key: key.to_owned(), k, report }))
}
