//! The commissioning report of a home: what is mounted, how it is, whether it was tried out, and what
//! is missing. Made of what is registered, known and on record; nothing in it is decided here.

mod markdown;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::domain::Sight;
use crate::domain::{
    Device, DeviceId, Finding, Home, Lang, Link, Property, Situation, Span, Time, Title, Walked,
};

use super::coverage::{Cover, Coverage, Covered, Gap};
use super::profile::{Limits, Profile, Profiles};
use super::walk::is_one_model;

/// What is known of a home at one instant.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What its devices said.
    pub situation: &'a Situation,
    /// Hub time.
    pub now: Time,
    /// Wall time minus hub time.
    pub offset: Span,
    /// Since when the hub has been listening without a break, if there was one.
    pub listening: Option<Time>,
}

/// The report. Times are wall time in RFC 3339.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Commissioning {
    /// Which home.
    pub home: String,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// When the report was made.
    pub made_at: String,
    /// Whether the hub was asked; if not, nothing is said of how the devices are.
    pub is_live: bool,
    /// What is mounted, in the order of the register.
    pub devices: Vec<Mounted>,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// What each room has and lacks: the places of devices in `devices`.
    #[serde(skip)]
    pub rooms: Vec<Covered>,
    /// What was never tried out, or did not pass.
    pub untested: Vec<DeviceId>,
    /// What passed, and is to be tried out again by now.
    pub overdue: Vec<DeviceId>,
    #[serde(skip)]
    zone: TimeZone,
    #[serde(skip)]
    made: Time,
}

/// One device of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mounted {
    /// Its name.
    pub id: DeviceId,
    /// Where it is.
    pub room: String,
    /// How it is fixed.
    pub mount: Option<&'static str>,
    /// How high above the floor, in cm.
    pub height: Option<u32>,
    /// Its profile.
    pub profile: String,
    /// Vendor, model and what it is.
    pub model: String,
    /// Whether a life may hang on it.
    pub is_life: bool,
    /// online, offline, unknown
    pub state: &'static str,
    /// Since when.
    pub since: Option<String>,
    /// When it last spoke.
    pub heard_at: Option<String>,
    /// In per cent.
    pub battery: Option<f64>,
    /// In dBm.
    pub signal: Option<f64>,
    /// 0 to 255.
    pub link_quality: Option<f64>,
    /// When the test that it is under ends at the latest.
    pub testing_until: Option<String>,
    /// What a technician must mind, in both languages.
    pub limits: Vec<Title>,
    /// How its latest test ended.
    pub test: Option<Tested>,
}

/// The latest test of a device.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tested {
    /// How it ended.
    pub finding: Finding,
    /// When.
    pub ended_at: String,
    /// Who made it.
    pub by: String,
    /// What was not seen and had to be.
    pub missing: Vec<String>,
    /// What to mind although it may have passed.
    pub warnings: Vec<Title>,
    #[serde(skip)]
    at: Time,
}

/// What a device can tell: by its profile; or, where it has none or one that is for whatever may come,
/// what it has told so far.
pub fn properties(device: &Device, profiles: &Profiles, sight: Option<&Sight>) -> Vec<Property> {
    let told = || sight.into_iter().flat_map(Sight::facts).map(|fact| fact.property).collect();
    let all = profiles.get(&device.profile).map(|profile| profile.properties());
    all.filter(|all| is_one_model(all)).unwrap_or_else(told)
}

impl Commissioning {
    /// The report of `home` at `made` in wall time. `walks` are the latest tests on record; `known` is
    /// missing where the hub does not run.
    pub fn new(
        home: &Home,
        profiles: &Profiles,
        coverage: &Coverage,
        known: Option<Known<'_>>,
        walks: &BTreeMap<DeviceId, Walked>,
        made: Time,
    ) -> Self {
        let sight = |device: &Device| known.and_then(|k| k.situation.sight(&device.id));
        let mounted = |device: &Device| {
            let profile = profiles.get(&device.profile).map(AsRef::as_ref);
            Mounted::new(device, profile, known, walks.get(&device.id))
        };
        let devices: Vec<Mounted> = home.devices.iter().map(mounted).collect();
        let cover = |device: &'_ Device| {
            let properties = properties(device, profiles, sight(device));
            (device.room.clone(), device.mount, properties)
        };
        let covers: Vec<_> = home.devices.iter().map(cover).collect();
        let covers: Vec<Cover<'_>> = covers
            .iter()
            .map(|(room, mount, p)| Cover { room, mount: *mount, properties: p.clone() })
            .collect();
        // What a flat should have, a post need not.
        let rooms = if home.is_post { Vec::new() } else { coverage.rooms(&covers) };
        let passed = |d: &Mounted| {
            d.test.as_ref().filter(|test| test.finding == Finding::Passed).map(|test| test.at)
        };
        let overdue = |(d, cover): &(&Mounted, &Cover<'_>)| {
            let due = passed(d).zip(coverage.every(&cover.properties));
            due.is_some_and(|(at, every)| at + every <= made)
        };
        let overdue = devices.iter().zip(&covers).filter(overdue).map(|(d, _)| d.id.clone());
        let untested = devices.iter().filter(|d| passed(d).is_none()).map(|d| d.id.clone());
        Self {
            home: home.id.to_string(),
            name: home.name.clone(),
            address: home.address.clone(),
            made_at: made.to_string(),
            is_live: known.is_some(),
            gaps: rooms.iter().flat_map(Covered::gaps).collect(),
            rooms,
            overdue: overdue.collect(),
            untested: untested.collect(),
            devices,
            zone: TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC),
            made,
        }
    }
}

impl Mounted {
    fn new(
        device: &Device,
        profile: Option<&Profile>,
        known: Option<Known<'_>>,
        walked: Option<&Walked>,
    ) -> Self {
        let sight = known.and_then(|k| k.situation.sight(&device.id));
        let wall = |at: Time| known.map(|k| (at + k.offset).to_string());
        let (state, since) =
            known.map_or((Link::Unknown, None), |k| Link::of(device, sight, k.listening, k.now));
        let number = |property| sight.and_then(|s| s.fact(property)).and_then(|f| f.value.number());
        let model = profile.map(|p| format!("{} {}: {}", p.vendor, p.model, p.about));
        let tested = |walked: &Walked| Tested {
            finding: walked.finding,
            ended_at: walked.ended_at.to_string(),
            by: walked.by.to_string(),
            missing: walked.missing(),
            warnings: walked.warnings(),
            at: walked.ended_at,
        };
        Self {
            id: device.id.clone(),
            room: device.room.clone(),
            mount: device.mount.map(|mount| mount.name()),
            height: device.height,
            profile: device.profile.clone(),
            model: model.unwrap_or_else(|| "无型号档案 / no profile".to_owned()),
            is_life: device.is_life,
            state: state.name(),
            since: since.and_then(wall),
            heard_at: sight.and_then(|s| s.heard).and_then(wall),
            battery: number(Property::Battery),
            signal: number(Property::Signal),
            link_quality: number(Property::LinkQuality),
            testing_until: sight.and_then(|s| s.walk.as_ref()).and_then(|w| wall(w.until)),
            limits: profile.map(|p| minds(device, &p.limits)).unwrap_or_default(),
            test: walked.map(tested),
        }
    }
}

/// What a technician must mind of a model, and of this placement.
fn minds(device: &Device, limits: &Limits) -> Vec<Title> {
    let mut minds = Vec::new();
    let mut mind = |zh: String, en: String| minds.push(Title::new(zh, en));
    if limits.one_person {
        mind(
            "仅一人在场时可信".to_owned(),
            "right only while one person is in the room".to_owned(),
        );
    }
    let names: Vec<&str> = limits.mounts.iter().map(|mount| mount.name()).collect();
    if !names.is_empty() && device.mount.is_none() {
        let names = names.join(" / ");
        mind(
            format!("登记中没有安装方式（应为 {names}）"),
            format!("the register does not say how it is fixed ({names} it must be)"),
        );
    }
    if let Some((low, high)) = limits.height.filter(|_| device.height.is_none()) {
        let span =
            if high == u32::MAX { format!("{low} cm +") } else { format!("{low}–{high} cm") };
        mind(
            format!("登记中没有安装高度（应为 {span}）"),
            format!("the register does not say how high it is ({span} it must be)"),
        );
    }
    if let Some(radius) = limits.radius {
        mind(format!("探测半径 {radius} cm"), format!("it sees {radius} cm far"));
    }
    if let Some(note) = &limits.note {
        mind(note.clone(), note.clone());
    }
    for why in limits.refusals(device.mount, device.height) {
        mind(why.say(Lang::Zh).to_owned(), why.say(Lang::En).to_owned());
    }
    minds
}

#[cfg(test)]
mod tests;
