//! `register.toml`: homes, devices, people.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::device::{Catalog, Coverage, Profiles};
use crate::domain::{
    Binding, Calendar, Change, Consent, Device, Former, Grid, Home, HomeId, Lang, Name, PersonId,
    Responder, Scope, both,
};
use crate::engine::Book;
use crate::form::{Form, Mark, Problem, Sheet};

use super::credential::Credential;
use super::device;
use super::gateway::Settings;
use super::grid;
use super::people::{self, Day, People, read_contacts};
use super::post;

/// The register, resolved.
#[derive(Debug)]
pub(super) struct Register {
    pub(super) people: Vec<Responder>,
    pub(super) former: Vec<Former>,
    pub(super) calendar: Calendar,
    pub(super) grids: Vec<Grid>,
    pub(super) homes: Vec<Arc<Home>>,
    pub(super) credentials: Vec<Credential>,
}

/// What `gateway.toml` has that the register refers to, or may not take.
#[derive(Debug)]
pub(super) struct Ground<'s> {
    channels: Vec<&'s Name>,
    /// User names of our own MQTT listener.
    users: Vec<&'s str>,
}

/// What a home may refer to.
struct Known<'a> {
    people: &'a [Responder],
    former: &'a [Former],
    channels: Option<&'a [&'a Name]>,
    profiles: &'a Profiles,
    rooms: Option<&'a Coverage>,
    book: Option<&'a Book>,
}

/// What may be there only once on the whole hub, as read so far.
#[derive(Default)]
struct Taken {
    bound: BTreeSet<(Binding, Option<String>)>,
    /// With what their messages begin that concern this device.
    marks: Vec<(String, Mark)>,
    credentials: Vec<(Credential, Mark)>,
}

impl<'s> Ground<'s> {
    pub(super) fn of(settings: &'s Settings) -> Self {
        let clients = settings.mqtt.iter().flat_map(|m| &m.clients);
        Self {
            channels: settings.channels.iter().map(|c| &c.name).collect(),
            users: clients.map(|c| c.user.as_str()).collect(),
        }
    }
}

/// Reads and resolves the register. `ground` is what `gateway.toml` gives, if it could be read.
pub(super) fn read(
    (file, text): (&str, &str),
    ground: Option<&Ground<'_>>,
    profiles: &Profiles,
    rooms: Option<&Coverage>,
    book: Option<&Book>,
) -> Result<Register, Vec<Problem>> {
    let channels = ground.map(|g| &*g.channels);
    let sheet = Sheet::new(file, text);
    let mut form = sheet.form();
    let People { responders: people, former, calendar } = people::read(&sheet, &mut form, channels);
    let grids = grid::read(&sheet, &mut form);
    let mut homes: Vec<Arc<Home>> = Vec::new();
    let mut names: BTreeSet<HomeId> = BTreeSet::new();
    let mut taken = Taken::default();
    for home in form.forms("home") {
        let (mark, grid_mark) = (home.mark(), home.mark_at("grid"));
        let known = Known { people: &people, former: &former, channels, profiles, rooms, book };
        let home = read_home(&sheet, home, &known, &mut taken);
        let Some(home) = home.map(|home| Home { calendar: calendar.clone(), ..home }) else {
            continue;
        };
        grid::check_home(&sheet, &home, &grids, &grid_mark);
        if !names.insert(home.id.clone()) {
            sheet.wrong_at_mark(&mark, format!("home `{}` is there twice", home.id));
        }
        homes.push(Arc::new(home));
    }
    form.done();
    for grid in homes.iter().filter_map(|home| home.grid.as_ref()) {
        if homes.iter().any(|home| home.id.as_str() == grid.as_str()) {
            sheet.form().wrong(format!("grid `{grid}` has the name of a home: give it another"));
        }
    }
    let users = ground.map_or(&[][..], |g| &g.users);
    let credentials = check_users(&sheet, taken.credentials, users);
    if sheet.problems().is_empty() {
        bind_all(&sheet, &homes, profiles, &taken.marks);
    }
    let problems = sheet.problems();
    if problems.is_empty() {
        Ok(Register { people, former, calendar, grids, homes, credentials })
    } else {
        Err(problems)
    }
}

/// **Invariant:** no two log in by one name. `a.b` of home `c` and `b` of home `c.a` would.
fn check_users(
    sheet: &Sheet<'_>,
    found: Vec<(Credential, Mark)>,
    taken: &[&str],
) -> Vec<Credential> {
    let mut users: BTreeSet<String> = taken.iter().map(|u| (*u).to_owned()).collect();
    let mut credentials = Vec::new();
    for (credential, mark) in found {
        let user = credential.user();
        if !users.insert(user.clone()) {
            let message =
                both!("已有登录名为 {user} 的设备", "somebody else logs in as `{user}` already");
            sheet.wrong_at_mark(&mark, message);
        }
        credentials.push(credential);
    }
    credentials
}

/// Says of every device whose messages could not be told from another's where it stands.
fn bind_all(sheet: &Sheet<'_>, homes: &[Arc<Home>], profiles: &Profiles, marks: &[(String, Mark)]) {
    let homes: Vec<Home> = homes.iter().map(|home| (**home).clone()).collect();
    let Err(problems) = Catalog::new(profiles, &homes) else { return };
    for why in problems {
        match marks.iter().find_map(|(name, mark)| Some((mark, why.strip_prefix(name)?))) {
            Some((mark, why)) => sheet.wrong_at_mark(mark, why.to_owned()),
            None => sheet.form().wrong(why),
        }
    }
}

fn read_home(
    sheet: &Sheet<'_>,
    mut form: Form<'_, '_>,
    known: &Known<'_>,
    taken: &mut Taken,
) -> Option<Home> {
    let id = form.needs::<HomeId>("id");
    let name = form.needs::<String>("name");
    let address = form.may::<String>("address").unwrap_or_default();
    let (phone, position) = (form.may("phone"), form.may("position"));
    let (zone_mark, zone) = (form.mark_at("zone"), form.needs::<String>("zone"));
    if let Some(zone) = &zone
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        let message = format!("`{zone}` is not a time zone such as `Asia/Shanghai`");
        form.wrong_at_mark(&zone_mark, message);
    }
    let responders = read_responders(&mut form, known.people);
    let (post_mark, is_post) = (form.mark_at("post"), form.may::<bool>("post").unwrap_or(false));
    if is_post {
        post::check(&form, &responders, &post_mark);
    }
    let ask = read_contacts(&mut form, "ask", known.channels);
    let devices = read_devices(sheet, &mut form, id.as_ref(), known, taken);
    let changes = read_changes(sheet, &mut form, known);
    if is_post {
        post::check_changes(sheet, &changes, known.book, &post_mark);
    }
    let consents = read_consents(&mut form);
    let grid = form.may::<Name>("grid");
    let (visits_mark, visits) = (form.mark_at("visits"), form.may::<Name>("visits"));
    if let (Some(tier), Some(book)) = (&visits, known.book)
        && !book.tiers().any(|known| known == tier)
    {
        let all: Vec<_> = book.tiers().map(Name::as_str).collect();
        let all = all.join(", ");
        let message = format!("`visits`: no rule visits the tier `{tier}`: one of {all}");
        form.wrong_at_mark(&visits_mark, message);
    }
    form.done();
    let home = Home::new(id?, &zone?, devices);
    Some(Home {
        name: name?,
        address,
        phone,
        position,
        responders,
        ask,
        grid,
        is_post,
        visits,
        changes,
        consents,
        ..home
    })
}

/// Who comes.
fn read_responders(form: &mut Form<'_, '_>, people: &[Responder]) -> Vec<Responder> {
    let responders_mark = form.mark_at("responders");
    let mut responders: Vec<Responder> = Vec::new();
    for who in form.list::<PersonId>("responders") {
        match people.iter().find(|p| p.id == who) {
            Some(person) => responders.push(person.clone()),
            None => {
                let message = format!("there is no [[responder]] `{who}`");
                form.wrong_at_mark(&responders_mark, message);
            }
        }
    }
    if responders.is_empty() {
        form.wrong(both!(
            "每户至少要有一名处置人员",
            "a home has somebody who comes: write responders = [ … ]"
        ));
    }
    responders
}

fn read_devices(
    sheet: &Sheet<'_>,
    form: &mut Form<'_, '_>,
    home: Option<&HomeId>,
    known: &Known<'_>,
    taken: &mut Taken,
) -> Vec<Device> {
    let mut devices: Vec<Device> = Vec::new();
    for device in form.forms("device") {
        let mark = device.mark();
        let Some((device, digest)) = device::read(device, known.profiles, known.rooms) else {
            continue;
        };
        if device.id.as_str() == Home::AREA {
            let area = Home::AREA;
            let message = both!(
                "{area} 是保留的名称，请换一个",
                "`{area}` is how a home hears of its grid: another name"
            );
            sheet.wrong_at_mark(&mark, message);
        }
        if devices.iter().any(|d| d.id == device.id) {
            let id = &device.id;
            sheet.wrong_at_mark(&mark, both!("已有设备 {id}", "device `{id}` is there twice"));
        }
        let bound = (device.binding.clone(), device.base.clone());
        if device.binding != Binding::Direct && !taken.bound.insert(bound) {
            let id = &device.id;
            let message =
                both!("{id}：该地址已有另一设备", "`{id}`: another device is already bound there");
            sheet.wrong_at_mark(&mark, message);
        }
        if let Some(home) = home {
            let id = device.id.clone();
            let credential = |digest| Credential { home: HomeId::clone(home), device: id, digest };
            taken.credentials.extend(digest.map(|d| (credential(d), mark.clone())));
            taken.marks.push((format!("device `{}` of home `{home}`: ", device.id), mark));
        }
        devices.push(device);
    }
    devices
}

/// `[[home.consent]]`: what the resident has agreed to.
fn read_consents(form: &mut Form<'_, '_>) -> Vec<Consent> {
    let mut consents = Vec::new();
    for mut form in form.forms("consent") {
        let (scope, purpose) = (form.needs::<Scope>("scope"), form.needs::<String>("purpose"));
        let (by, on) = (form.needs::<String>("by"), form.needs::<Day>("on"));
        let withdrawn = form.may::<Day>("withdrawn").map(|Day(day)| day);
        if let (Some(Day(on)), Some(end)) = (&on, withdrawn)
            && end < *on
        {
            let why = both!(
                "{end} 撤回，早于同意的日期 {on}",
                "withdrawn on {end}, before it was given on {on}"
            );
            form.wrong_at("withdrawn", why);
        }
        form.done();
        let (Some(scope), Some(purpose), Some(by), Some(Day(on))) = (scope, purpose, by, on) else {
            continue;
        };
        consents.push(Consent { scope, purpose, by, on, withdrawn });
    }
    consents
}

/// `[[home.change]]`: rules that are otherwise for this resident. Each is tried out on the rule book.
fn read_changes(sheet: &Sheet<'_>, form: &mut Form<'_, '_>, known: &Known<'_>) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for mut change in form.forms("change") {
        let mark = change.mark();
        let rule = change.needs::<Name>("rule");
        let (by, why) = (change.needs::<PersonId>("by"), change.needs::<String>("why"));
        let on = change.needs::<String>("on");
        let off = change.may::<bool>("off").unwrap_or(false);
        let keys = ["level", "detect", "warn", "alarm", "close"];
        let set: toml::Table =
            keys.iter().filter_map(|key| Some(((*key).to_owned(), change.any(key)?))).collect();
        let is_known = |by: &PersonId| {
            let former = known.former.iter().map(|former| &former.id);
            known.people.iter().map(|person| &person.id).chain(former).any(|id| id == by)
        };
        if let Some(by) = by.as_ref().filter(|by| !is_known(by)) {
            change.wrong(format!("`by`: there is no [[responder]] `{by}`"));
        }
        if let Some(on) = on.as_ref().filter(|on| on.parse::<jiff::civil::Date>().is_err()) {
            change.wrong(format!("`on`: `{on}` is not a date such as 2026-11-20"));
        }
        if off != set.is_empty() {
            let all = keys.join(", ");
            change.wrong(format!("a change says what is otherwise, {all}; or off = true"));
        }
        change.done();
        let (Some(rule), Some(by), Some(on), Some(why)) = (rule, by, on, why) else { continue };
        let change = Change { rule, set: set.to_string(), off, by, on, why };
        for message in known.book.iter().filter_map(|book| book.changed(&change).err()).flatten() {
            let (rule, zh) = (&change.rule, message.say(Lang::Zh));
            sheet.wrong_at_mark(&mark, both!("规则 {rule}：{zh}", "rule `{rule}`: {message}"));
        }
        if changes.iter().any(|other| other.rule == change.rule) {
            sheet.wrong_at_mark(&mark, format!("rule `{}` is changed twice", change.rule));
        }
        changes.push(change);
    }
    changes
}
