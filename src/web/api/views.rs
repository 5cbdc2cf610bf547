//! What programs read, in forms of their own: they must not change when the engine's memory does.
//! Times are wall time in RFC 3339, lengths of time seconds.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{
    Entry, Home, Incident, Level, Link, Name, Outcome, PersonId, Property, Span, Stage, Time, Title,
};
use crate::inbox::Look;
use crate::store::views::{Sent, Shown};
use crate::timeline;
use crate::web::known::{self, Seen};
use crate::web::told;
use crate::web::{ask::Names, lang::Lang};

use super::resident::{
    ChangeView, ConsentView, HabitView, OwnLimitView, PresenceView, SilenceView,
};
use super::spelling::{Any, Measured};

/// A text in both languages
#[derive(Serialize, ToSchema)]
pub(super) struct Both {
    zh: String,
    en: String,
}

impl Both {
    pub(super) const fn new(zh: String, en: String) -> Self {
        Self { zh, en }
    }
}

impl From<Title> for Both {
    fn from(Title { zh, en }: Title) -> Self {
        Self { zh, en }
    }
}

/// An incident as it stands
#[derive(Serialize, ToSchema)]
pub(super) struct IncidentView {
    /// `h1-7`
    id: String,
    home: String,
    /// The rule that found it.
    rule: String,
    /// For rules that watch each device by itself.
    device: Option<String>,
    title: Both,
    /// info, normal, serious, urgent
    level: &'static str,
    /// detected, warned, alarmed, accepted, en-route, on-scene, resolved, closed
    stage: &'static str,
    is_open: bool,
    /// Why, at first sight.
    reason: Both,
    /// Since when the condition has held.
    #[schema(format = DateTime)]
    since: String,
    #[schema(format = DateTime)]
    detected_at: String,
    #[schema(format = DateTime)]
    alarmed_at: Option<String>,
    /// The next deadline; there is one until it is closed.
    #[schema(format = DateTime)]
    due_at: Option<String>,
    /// When it was over by the sensors' account; only a person ends it.
    #[schema(format = DateTime)]
    over_at: Option<String>,
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    /// How it ended, or how somebody says it did.
    outcome: Option<String>,
    /// Who has it.
    accepted_by: Option<String>,
    /// Whom it was assigned to, until somebody takes it.
    assigned_to: Option<String>,
    /// Who was there first.
    on_scene_by: Option<String>,
    /// Who said how it ended.
    resolved_by: Option<String>,
    /// safety, vital, activity, environment, equipment, visit, request
    group: &'static str,
    /// Until when it waits, if somebody granted that.
    #[schema(format = DateTime)]
    parked_until: Option<String>,
    /// What closing wants beside an outcome: on-scene, checked, verified.
    needs: Vec<&'static str>,
    /// How many signs of the same thing came in.
    signs: u32,
}

/// An incident with its story
#[derive(Serialize, ToSchema)]
pub(super) struct StoryView {
    #[serde(flatten)]
    incident: IncidentView,
    /// Oldest first.
    story: Vec<EntryView>,
    /// Oldest first.
    deliveries: Vec<DeliveryView>,
}

/// A line of a story
#[derive(Serialize, ToSchema)]
pub(super) struct EntryView {
    #[schema(format = DateTime)]
    at: String,
    /// To read.
    text: Both,
    /// The same for programs, as in the record; `happened` names it. Of `detected`, `grounds` are what
    /// it rests on: the digest of the rule book, what the rule looks for and where its numbers come
    /// from, its times (in ms), who changed it for this resident, and what was known.
    #[schema(value_type = Object)]
    entry: Entry,
}

/// A promise to tell somebody
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryView {
    /// Its number within the incident.
    k: u32,
    /// To whom; none is the resident.
    to: Option<String>,
    channel: String,
    /// queued, sending, sent, delivered, seen, failed, unknown, superseded
    state: String,
    attempts: u32,
    /// When it was promised.
    #[schema(format = DateTime)]
    at: String,
    /// What the far side said last.
    #[schema(value_type = Any)]
    said: Option<serde_json::Value>,
}

/// A home and what is known of it now
#[derive(Serialize, ToSchema)]
pub(super) struct KnownHomeView {
    id: String,
    name: String,
    zone: String,
    /// A help post in a public place: nobody lives there, and `presence` and `habits` say nothing.
    post: bool,
    responders: Vec<String>,
    devices: Vec<DeviceView>,
    presence: PresenceView,
    /// Rules that somebody silenced for a while.
    silences: Vec<SilenceView>,
    /// Rules that are otherwise for this resident.
    changes: Vec<ChangeView>,
    /// What the resident has agreed to, also what was withdrawn.
    consents: Vec<ConsentView>,
    /// What is learnt for rules that go by the home's own limit of inactivity.
    own_limits: Vec<OwnLimitView>,
    /// What is usual for this resident, of what anything is known.
    habits: Vec<HabitView>,
}

/// A device and what it said last
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceView {
    home: String,
    id: String,
    room: String,
    /// Its model.
    profile: String,
    /// Whether it speaks; none if that could not be found out.
    is_alive: Option<bool>,
    /// online, offline, unknown
    state: &'static str,
    /// Since when it is in that state, where that is known.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// What it says counts for nothing while somebody tries it out.
    testing: bool,
    /// When its test ends at the latest.
    #[schema(format = DateTime)]
    testing_until: Option<String>,
    /// In per cent, as it said last.
    battery: Option<f64>,
    /// In dBm, as it said last.
    signal: Option<f64>,
    /// 0 to 255, as it said last.
    link_quality: Option<f64>,
    /// Silent for longer than so many seconds, it counts as gone.
    quiet_after_s: Option<i64>,
    #[schema(format = DateTime)]
    heard_at: Option<String>,
    facts: Vec<FactView>,
}

/// The latest of one property
#[derive(Serialize, ToSchema)]
pub(super) struct FactView {
    property: &'static str,
    /// True, false or a number.
    #[schema(value_type = Measured)]
    value: crate::domain::Value,
    unit: Option<&'static str>,
    /// normal, abnormal, unknown
    state: &'static str,
    /// Since when it has that value.
    #[schema(format = DateTime)]
    since: String,
    /// When it was last reported.
    #[schema(format = DateTime)]
    seen_at: String,
    /// When, by the sensor's own account.
    #[schema(format = DateTime)]
    observed_at: Option<String>,
}

pub(super) fn time(at: Time) -> String {
    at.to_string()
}

impl IncidentView {
    /// `offset` is wall time minus hub time now.
    pub(super) fn new(shown: &Shown, offset: Span) -> Self {
        let incident: &Incident = &shown.incident;
        let who = |who: Option<&PersonId>| who.map(PersonId::to_string);
        let given = incident.resolved.as_ref().map(|(_, o)| Outcome::name(*o).to_owned());
        let needs = incident.needs;
        let needs = [
            ("on-scene", needs.on_scene),
            ("checked", needs.checked),
            ("verified", needs.verified),
        ];
        Self {
            id: shown.id.to_string(),
            home: shown.id.home.to_string(),
            rule: Name::to_string(&incident.rule),
            device: incident.device.as_ref().map(ToString::to_string),
            title: Both { zh: incident.title.zh.clone(), en: incident.title.en.clone() },
            level: Level::name(incident.level),
            stage: Stage::name(incident.stage),
            is_open: incident.is_open(),
            reason: Both { zh: incident.reason.zh(), en: incident.reason.en() },
            since: time(incident.since + offset),
            detected_at: time(incident.detected_at),
            alarmed_at: shown.alarmed_at.map(time),
            due_at: incident.due.filter(|_| incident.is_open()).map(|due| time(due + offset)),
            over_at: incident.over_at.map(time),
            closed_at: shown.closed_at.map(time),
            outcome: shown.outcome.clone().or(given),
            accepted_by: who(incident.accepted.as_ref().map(|(p, _)| p)),
            assigned_to: who(incident.desk.assigned.as_ref()),
            on_scene_by: who(incident.on_scene.as_ref().map(|(p, _)| p)),
            resolved_by: who(incident.resolved.as_ref().map(|(p, _)| p)),
            group: incident.group.name(),
            parked_until: incident.desk.parked.map(|at| time(at + offset)),
            needs: needs.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect(),
            signs: incident.signs,
        }
    }
}

impl StoryView {
    pub(super) fn new(
        incident: IncidentView,
        entries: Vec<Entry>,
        sent: Vec<Sent>,
        names: &Names,
    ) -> Self {
        let line = |entry: Entry| EntryView {
            at: time(entry.at),
            text: Both {
                zh: told::entry(&entry, Lang::Zh, names),
                en: timeline::entry_text(&entry),
            },
            entry,
        };
        let delivery = |sent: Sent| DeliveryView {
            k: sent.k,
            to: sent.person,
            channel: sent.channel,
            state: sent.state,
            attempts: sent.attempts,
            at: time(sent.at),
            said: sent.said.and_then(|said| serde_json::from_str(&said).ok()),
        };
        Self {
            incident,
            story: entries.into_iter().map(line).collect(),
            deliveries: sent.into_iter().map(delivery).collect(),
        }
    }
}

impl KnownHomeView {
    /// `now` is hub time.
    pub(super) fn new(look: &Look, open: &[&Incident], now: Time) -> Self {
        let home = &look.home;
        Self {
            id: home.id.to_string(),
            name: home.name.clone(),
            zone: home.zone.clone(),
            post: home.is_post,
            responders: home.responders.iter().map(|r| r.id.to_string()).collect(),
            devices: DeviceView::all(home, Some(look), open, now),
            presence: PresenceView::new(look, now),
            silences: SilenceView::all(look, now),
            changes: look.home.changes.iter().map(ChangeView::new).collect(),
            consents: look.home.consents.iter().map(ConsentView::new).collect(),
            own_limits: OwnLimitView::all(look, now),
            habits: look.habits.iter().map(HabitView::new).collect(),
        }
    }
}

impl DeviceView {
    /// The devices of one home; without a look only as registered.
    pub(super) fn all(
        home: &Home,
        look: Option<&Look>,
        open: &[&Incident],
        now: Time,
    ) -> Vec<Self> {
        let bare = |device: &crate::domain::Device| Self {
            home: home.id.to_string(),
            id: device.id.to_string(),
            room: device.room.clone(),
            profile: device.profile.clone(),
            is_alive: None,
            state: Link::Unknown.name(),
            since: None,
            testing: false,
            testing_until: None,
            battery: None,
            signal: None,
            link_quality: None,
            quiet_after_s: device.quiet_after.map(|span| span.0 / 1000),
            heard_at: None,
            facts: Vec::new(),
        };
        let Some(look) = look else { return home.devices.iter().map(bare).collect() };
        let wall = |at: Time| time(at + look.offset);
        let number = |seen: &Seen<'_>, property| {
            let fact = seen.facts.iter().find(|(fact, _)| fact.property == property);
            fact.and_then(|(fact, _)| fact.value.number())
        };
        let known = |seen: Seen<'_>| Self {
            is_alive: Some(seen.is_alive),
            state: seen.link.0.name(),
            since: seen.link.1.map(wall),
            testing: seen.tested.is_some(),
            testing_until: seen.tested.map(wall),
            battery: number(&seen, Property::Battery),
            signal: number(&seen, Property::Signal),
            link_quality: number(&seen, Property::LinkQuality),
            heard_at: seen.heard.map(wall),
            facts: seen.facts.iter().map(|(fact, known)| fact_view(fact, *known, look)).collect(),
            ..bare(seen.device)
        };
        known::everything(look, open, now).into_iter().map(known).collect()
    }
}

fn fact_view(fact: &crate::domain::Fact, known: known::Known, look: &Look) -> FactView {
    use crate::domain::observation::Kind;
    let unit = match fact.property.kind() {
        Kind::Number { unit, .. } => Some(unit),
        Kind::Flag | Kind::Moment => None,
    };
    FactView {
        property: fact.property.name(),
        value: fact.value,
        unit,
        state: known.name(),
        since: time(fact.since + look.offset),
        seen_at: time(fact.seen + look.offset),
        observed_at: fact.observed_at.map(time),
    }
}
