//! What one register says and the other does not, in words: `+` new, `~` changed, `-` gone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};

use crate::domain::{
    Binding, Calendar, Consent, Contact, Device, Duty, Grid, Home, Lang, Leave, Name, PersonId,
    Responder, Shift,
};
use crate::engine::{Book, Plan};
use crate::rule::Rule;

use super::{Config, Credential};

/// The lines that lead from `old` to `new`: people, homes with their devices, then rules, plans and
/// rooms. No line: both mean the same.
pub fn difference(old: Option<&Config>, new: &Config) -> Vec<String> {
    let mut lines = Vec::new();
    let people =
        |config: &Config| config.people.iter().map(|p| (p.id.clone(), p.clone())).collect();
    let before: BTreeMap<PersonId, Responder> = old.map(people).unwrap_or_default();
    compare(&mut lines, &before, &people(new), "person", said_of_person);
    let calendar = |config: &Config| {
        let said = Some(config.calendar.clone()).filter(|calendar| !calendar.is_empty());
        said.map(|calendar| ("days", calendar)).into_iter().collect::<BTreeMap<_, _>>()
    };
    let before = old.map(calendar).unwrap_or_default();
    compare(&mut lines, &before, &calendar(new), "calendar", said_of_calendar);
    let grids = |config: &Config| -> BTreeMap<Name, Grid> {
        config.grids.iter().map(|g| (g.id.clone(), g.clone())).collect()
    };
    let before = old.map(grids).unwrap_or_default();
    compare(&mut lines, &before, &grids(new), "grid", said_of_grid);
    let homes = |config: &Config| -> BTreeMap<String, Home> {
        config.homes.iter().map(|h| (h.id.to_string(), (**h).clone())).collect()
    };
    let (before, after) = (old.map(homes).unwrap_or_default(), homes(new));
    compare(&mut lines, &before, &after, "home", said_of_home);
    let devices = |homes: &BTreeMap<String, Home>| -> BTreeMap<String, Device> {
        let all = homes.iter().flat_map(|(home, h)| h.devices.iter().map(move |d| (home, d)));
        all.map(|(home, d)| (format!("{home}/{}", d.id), d.clone())).collect()
    };
    compare(&mut lines, &devices(&before), &devices(&after), "device", said_of_device);
    let passwords = |config: &Config| -> BTreeMap<String, Credential> {
        let all = config.credentials.iter();
        all.map(|c| (format!("{}/{}", c.home, c.device), c.clone())).collect()
    };
    let before = old.map(passwords).unwrap_or_default();
    compare(&mut lines, &before, &passwords(new), "password of", |c: &Credential| {
        vec![("user", c.user()), ("digest", c.digest.to_string())]
    });
    if let Some(old) = old {
        rules(&mut lines, old, new);
    }
    lines
}

/// What else careloop looks for, and whom it tells.
fn rules(lines: &mut Vec<String>, old: &Config, new: &Config) {
    let all = |config: &Config| -> BTreeMap<Name, Rule> {
        config.book.rules.iter().map(|r| (r.name.clone(), (**r).clone())).collect()
    };
    compare(lines, &all(old), &all(new), "rule", said_of_rule);
    compare(lines, &plans(&old.book), &plans(&new.book), "plan", |plan: &Plan| {
        vec![("all", format!("{plan:?}"))]
    });
    let texts = |config: &Config| -> BTreeMap<String, String> { config.wording.all().collect() };
    compare(lines, &texts(old), &texts(new), "text", |text: &String| vec![("says", text.clone())]);
    if old.coverage != new.coverage {
        lines.push("~ rooms: not what they were".to_owned());
    }
}

/// The plans that rules name: no other is climbed by.
fn plans(book: &Book) -> BTreeMap<Name, Plan> {
    let named = book.rules.iter().filter_map(|rule| book.plan(&rule.plan));
    named.map(|plan| (plan.name.clone(), (**plan).clone())).collect()
}

/// What is said of a thing: a word for what it is about, and the text. `digest` and `all` stand for
/// what a reader can make nothing of, and are only compared.
type Said = Vec<(&'static str, String)>;

fn compare<K: Ord + std::fmt::Display, V>(
    lines: &mut Vec<String>,
    old: &BTreeMap<K, V>,
    new: &BTreeMap<K, V>,
    kind: &str,
    said: impl Fn(&V) -> Said,
) {
    let shown = |of: &str, text: &str| if of == "digest" { "new" } else { text }.to_owned();
    for (id, value) in old.iter().filter(|(id, _)| !new.contains_key(id)) {
        lines.push(format!("- {kind} {id}{}", in_short(&said(value))));
    }
    for (id, value) in new {
        let now = said(value);
        let Some(before) = old.get(id).map(&said) else {
            lines.push(format!("+ {kind} {id}{}", in_short(&now)));
            continue;
        };
        let pairs = before.iter().zip(&now).filter(|(a, b)| a != b);
        let words: Vec<String> = pairs
            .filter(|((of, _), _)| *of != "all")
            .map(|((of, a), (_, b))| match (a.is_empty(), b.is_empty()) {
                (true, _) => format!("{of} {}", shown(of, b)),
                (false, true) => format!("no {of}"),
                (false, false) if *of == "digest" => "new".to_owned(),
                (false, false) => format!("{of} {a} → {b}"),
            })
            .collect();
        if !words.is_empty() {
            lines.push(format!("~ {kind} {id}: {}", words.join(", ")));
        } else if before != now {
            lines.push(format!("~ {kind} {id}: not what it was"));
        }
    }
}

fn in_short(said: &Said) -> String {
    let words: Vec<String> = said
        .iter()
        .filter(|(of, text)| !text.is_empty() && !matches!(*of, "digest" | "all"))
        .map(|(of, text)| format!("{of} {text}"))
        .collect();
    if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) }
}

fn said_of_person(person: &Responder) -> Said {
    let is_usual = person.language == Lang::default();
    let language = if is_usual { "" } else { person.language.tag() };
    vec![
        ("role", person.role.to_string()),
        ("name", person.name.clone()),
        ("contacts", said_of_contacts(&person.contacts)),
        ("language", language.to_owned()),
        ("duty", person.rota.duty.iter().map(Duty::to_string).collect::<Vec<_>>().join("; ")),
        ("shifts", said_of_shifts(&person.rota.shifts)),
        ("leaves", said_of_leaves(&person.rota.leaves)),
        ("all", format!("{:?}", person.rota)),
    ]
}

fn said_of_shifts(shifts: &[Shift]) -> String {
    let one = |s: &Shift| {
        let swap = s.instead_of.as_ref().map_or(String::new(), |who| format!(" instead of {who}"));
        format!("{}{swap}", stretch(s.from, s.to))
    };
    shifts.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn said_of_leaves(leaves: &[Leave]) -> String {
    let one = |l: &Leave| format!("{} ({})", stretch(l.from, l.to), l.why);
    leaves.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn stretch(from: DateTime, to: DateTime) -> String {
    let shown = |at: DateTime| at.strftime("%Y-%m-%d %H:%M").to_string();
    format!("{} to {}", shown(from), shown(to))
}

fn said_of_consents(consents: &[Consent]) -> String {
    let one = |c: &Consent| {
        let end = c.withdrawn.map_or(String::new(), |day| format!(", withdrawn on {day}"));
        format!("{} on {}{end}", c.scope, c.on)
    };
    consents.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn said_of_calendar(calendar: &Calendar) -> Said {
    let days =
        |days: &BTreeSet<Date>| days.iter().map(Date::to_string).collect::<Vec<_>>().join(" ");
    vec![("holidays", days(&calendar.holidays)), ("workdays", days(&calendar.workdays))]
}

fn said_of_grid(grid: &Grid) -> Said {
    let parent = grid.parent.as_ref().map(Name::to_string).unwrap_or_default();
    vec![("kind", grid.kind.to_string()), ("name", grid.name.clone()), ("parent", parent)]
}

fn said_of_contacts(contacts: &[Contact]) -> String {
    let one = |c: &Contact| match &*c.to {
        "" => c.channel.to_string(),
        // The subscription of a browser: whoever has it can send to it.
        to if to.starts_with('{') => format!("{} (a browser)", c.channel),
        to => format!("{} {to}", c.channel),
    };
    let one = |c: &Contact| {
        let day = c.verified.map_or(String::new(), |day| format!(" (verified on {day})"));
        format!("{}{day}", one(c))
    };
    contacts.iter().map(one).collect::<Vec<_>>().join(" + ")
}

fn said_of_home(home: &Home) -> Said {
    let people: Vec<&str> = home.responders.iter().map(|r| r.id.as_str()).collect();
    vec![
        ("name", home.name.clone()),
        ("address", home.address.clone()),
        ("phone", home.phone.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("position", home.position.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("zone", home.zone.clone()),
        ("responders", people.join(" + ")),
        ("ask", said_of_contacts(&home.ask)),
        ("post", if home.is_post { "yes" } else { "" }.to_owned()),
        ("visits", home.visits.as_ref().map(Name::to_string).unwrap_or_default()),
        ("grid", home.grid.as_ref().map(Name::to_string).unwrap_or_default()),
        ("consents", said_of_consents(&home.consents)),
        ("all", format!("{:?}", home.consents)),
    ]
}

fn said_of_rule(rule: &Rule) -> Said {
    let warn = rule.warn.map_or_else(String::new, |warn| warn.after.to_string());
    vec![
        ("level", rule.level.to_string()),
        ("off", rule.off.as_ref().map(|off| off.why.clone()).unwrap_or_default()),
        ("for", rule.hold.to_string()),
        ("warn after", warn),
        ("alarm after", rule.alarm_after.to_string()),
        ("plan", rule.plan.to_string()),
        ("again after", rule.again_after.to_string()),
        ("all", format!("{rule:?}")),
    ]
}

fn said_of_device(device: &Device) -> Said {
    let (mut mqtt, mut serial, mut unit) = (String::new(), String::new(), String::new());
    match &device.binding {
        Binding::Mqtt(address) => mqtt.clone_from(address),
        Binding::Serial(port) => serial.clone_from(port),
        Binding::Modbus { port, unit: at } => {
            (serial, unit) = (port.clone(), at.to_string());
        }
        Binding::Direct => {}
    }
    let text = |value: Option<String>| value.unwrap_or_default();
    vec![
        ("profile", device.profile.clone()),
        ("room", device.room.clone()),
        ("mqtt", mqtt),
        ("base", device.base.clone().unwrap_or_default()),
        ("serial", serial),
        ("unit", unit),
        ("mount", text(device.mount.map(|m| m.to_string()))),
        ("height", text(device.height.map(|cm| format!("{cm} cm")))),
        ("quiet after", text(device.quiet_after.map(|s| s.to_string()))),
    ]
}
