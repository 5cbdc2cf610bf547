//! The people of `register.toml`, and when they are on duty: responders, calendar, leaves and shifts.

use std::str::FromStr;

use jiff::civil::{self, Date, DateTime, Weekday};

use crate::domain::person::give_shift;
use crate::domain::time::TimeOfDay;
use crate::domain::{
    Calendar, Contact, Duty, Former, Lang, Leave, Name, Noted, PersonId, Responder, Role, Rota,
    Sentence, Shift, both,
};
use crate::form::{Form, Sheet};

/// Who is there, and which days they work.
pub(super) struct People {
    pub(super) responders: Vec<Responder>,
    pub(super) former: Vec<Former>,
    pub(super) calendar: Calendar,
}

/// Whom the register names: first those who are here, then those who have left and signed something.
#[derive(Clone, Copy)]
struct Ids<'p> {
    all: &'p [PersonId],
    here: usize,
}

impl<'p> Ids<'p> {
    fn of_here(self) -> &'p [PersonId] {
        self.all.get(..self.here).unwrap_or(self.all)
    }
}

/// A day, as people write it.
pub(super) struct Day(pub(super) Date);

impl FromStr for Day {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        let day = text.parse().map(Self);
        day.map_err(|_no_date| {
            both!(
                "“{text}”不是日期，应如 2026-11-20",
                "`{text}` is not a date such as `2026-11-20`"
            )
        })
    }
}

/// An instant on the wall clock of the home: `2026-12-24 18:00`.
pub(super) struct Instant(DateTime);

impl Instant {
    /// Whether something that lasts from then to then can end at it.
    pub(super) fn may_end(&self, Self(from): &Self, Self(to): &Self) -> bool {
        *from < self.0 && self.0 <= *to
    }
}

impl FromStr for Instant {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        let wrong = || {
            both!(
                "“{text}”不是日期和时刻，应如 2026-12-24 18:00",
                "`{text}` is not a day and hour such as `2026-12-24 18:00`"
            )
        };
        let (day, hour) = text.split_once([' ', 'T']).ok_or_else(wrong)?;
        let Day(day) = day.parse().map_err(|_no_day: Sentence| wrong())?;
        if hour == "24:00" {
            let next = day.tomorrow().map_err(|_the_last_of_all| wrong())?;
            return Ok(Self(next.to_datetime(civil::Time::midnight())));
        }
        let hour = hour.strip_suffix(":00").filter(|h| h.contains(':')).unwrap_or(hour);
        let TimeOfDay(hour) = hour.parse().map_err(|_no_hour: Sentence| wrong())?;
        Ok(Self(day.to_datetime(hour)))
    }
}

/// Reads all of them, and gives each their shifts and leaves.
pub(super) fn read(
    sheet: &Sheet<'_>,
    form: &mut Form<'_, '_>,
    channels: Option<&[&Name]>,
) -> People {
    let mut responders: Vec<Responder> = Vec::new();
    for responder in form.forms("responder") {
        let mark = responder.mark();
        let Some(responder) = read_responder(responder, channels) else { continue };
        if responders.iter().any(|p| p.id == responder.id) {
            sheet.wrong_at_mark(&mark, format!("responder `{}` is there twice", responder.id));
        }
        responders.push(responder);
    }
    let former = read_former(sheet, form, &responders);
    let mut people: Vec<PersonId> = responders.iter().map(|person| person.id.clone()).collect();
    let here = people.len();
    people.extend(former.iter().map(|former| former.id.clone()));
    let ids = Ids { all: &people, here };
    for form in form.forms("leave") {
        if let Some((who, leave)) = read_leave(form, ids)
            && let Some(person) = responders.iter_mut().find(|p| p.id == who)
        {
            person.rota.leaves.push(leave);
        }
    }
    for form in form.forms("shift") {
        if let Some((who, shift)) = read_shift(form, ids) {
            give_shift(&mut responders, &who, shift);
        }
    }
    let calendar = form.form("calendar").map(read_calendar).unwrap_or_default();
    People { responders, former, calendar }
}

/// `[[former]]`: who has left. Their ids stand in the record, and beneath what they wrote down.
fn read_former(sheet: &Sheet<'_>, form: &mut Form<'_, '_>, people: &[Responder]) -> Vec<Former> {
    let mut all: Vec<Former> = Vec::new();
    for mut form in form.forms("former") {
        let mark = form.mark();
        let (id, name) = (form.needs::<PersonId>("id"), form.needs::<String>("name"));
        form.may::<PersonId>("by");
        form.may::<Day>("on");
        form.done();
        let (Some(id), Some(name)) = (id, name) else { continue };
        if people.iter().any(|p| p.id == id) || all.iter().any(|former| former.id == id) {
            let message =
                format!("`{id}` is there twice: nobody gets the id of somebody who has left");
            sheet.wrong_at_mark(&mark, message);
        }
        all.push(Former { id, name });
    }
    all
}

fn read_responder(mut form: Form<'_, '_>, channels: Option<&[&Name]>) -> Option<Responder> {
    let id = form.needs::<PersonId>("id");
    let name = form.needs::<String>("name");
    let role = form.needs::<Role>("role");
    let language = form.may::<Lang>("language").unwrap_or_default();
    let duty = form.list::<Duty>("duty");
    let contacts = read_contacts(&mut form, "contacts", channels);
    if contacts.is_empty() {
        form.wrong(both!(
            "至少要有一种联系方式",
            "a responder who cannot be reached is none: write contacts = [ … ]"
        ));
    }
    form.done();
    let rota = Rota { duty, ..Rota::default() };
    Some(Responder { language, rota, ..Responder::new(id?, &name?, role?, contacts) })
}

pub(super) fn read_contacts(
    form: &mut Form<'_, '_>,
    key: &'static str,
    channels: Option<&[&Name]>,
) -> Vec<Contact> {
    let mut contacts = Vec::new();
    for mut contact in form.forms(key) {
        let channel = contact.needs::<Name>("channel");
        let to = contact.may::<String>("to").unwrap_or_default();
        let verified = contact.may::<Day>("verified").map(|Day(day)| day);
        if let (Some(channel), Some(channels)) = (&channel, channels)
            && !channels.contains(&channel)
        {
            let all: Vec<_> = channels.iter().map(|c| c.as_str()).collect();
            let all = all.join(", ");
            contact.wrong(both!(
                "没有“{channel}”这一通道：可选 {all}",
                "gateway.toml has no channel `{channel}`: one of {all}"
            ));
        }
        contact.done();
        contacts.extend(channel.map(|channel| Contact { channel, to, verified }));
    }
    contacts
}

/// `who`, `from` and `to`, and who wrote that down.
fn read_stretch(
    form: &mut Form<'_, '_>,
    people: Ids<'_>,
) -> Option<(PersonId, DateTime, DateTime, Option<Noted>)> {
    let who = known(form, "who", people.of_here());
    let (from, to) = (form.needs::<Instant>("from"), form.needs::<Instant>("to"));
    let noted = read_noted(form, people);
    let (Instant(from), Instant(to)) = (from?, to?);
    if to <= from {
        let (zh_from, zh_to) = (minute(from), minute(to));
        form.wrong(both!(
            "结束（{zh_to}）不晚于开始（{zh_from}）",
            "it ends at {to}, which is not after its beginning at {from}"
        ));
        return None;
    }
    Some((who?, from, to, noted))
}

fn minute(at: DateTime) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// The id of somebody who is there, behind a key that must be.
fn known(form: &mut Form<'_, '_>, key: &'static str, people: &[PersonId]) -> Option<PersonId> {
    let mark = form.mark_at(key);
    let who = form.needs::<PersonId>(key)?;
    if people.contains(&who) {
        return Some(who);
    }
    let why = both!("`{key}`：没有编号为 {who} 的人", "`{key}`: there is no [[responder]] `{who}`");
    form.wrong_at_mark(&mark, why);
    None
}

/// `by` and `on`: together or not at all.
fn read_noted(form: &mut Form<'_, '_>, people: Ids<'_>) -> Option<Noted> {
    if !form.has("by") && !form.has("on") {
        return None;
    }
    let (by, on) = (known(form, "by", people.all), form.needs::<Day>("on"));
    let Day(on) = on?;
    Some(Noted { by: by?, on })
}

fn read_leave(mut form: Form<'_, '_>, people: Ids<'_>) -> Option<(PersonId, Leave)> {
    let stretch = read_stretch(&mut form, people);
    let why = form.needs::<String>("why");
    form.done();
    let (who, from, to, noted) = stretch?;
    Some((who, Leave { from, to, why: why?, noted }))
}

fn read_shift(mut form: Form<'_, '_>, people: Ids<'_>) -> Option<(PersonId, Shift)> {
    let stretch = read_stretch(&mut form, people);
    let instead_of = match form.has("instead_of") {
        true => known(&mut form, "instead_of", people.of_here()),
        false => None,
    };
    if let (Some((who, ..)), Some(other)) = (&stretch, &instead_of)
        && who == other
    {
        form.wrong(both!("{who} 不能顶替自己", "`{who}` cannot stand in for `{who}`"));
    }
    form.done();
    let (who, from, to, noted) = stretch?;
    Some((who, Shift { from, to, instead_of, noted }))
}

fn read_calendar(mut form: Form<'_, '_>) -> Calendar {
    let mut days = |key| form.list::<Day>(key).into_iter().map(|Day(day)| day).collect();
    let calendar = Calendar { holidays: days("holidays"), workdays: days("workdays") };
    for day in &calendar.workdays {
        if calendar.holidays.contains(day) {
            form.wrong(format!("{day} is a holiday and a workday: one of both"));
        } else if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            form.wrong(format!("`workdays`: {day} is no day of a weekend, and worked anyway"));
        }
    }
    form.done();
    calendar
}
