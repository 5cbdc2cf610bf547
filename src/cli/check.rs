//! `careloop check`

use std::path::Path;

use super::register::in_words;
use super::{Failure, load, print_json};
use crate::clock::Clock;
use crate::config::Config;
use crate::device::Catalog;
use crate::domain::{
    Binding, Change, Device, Home, Name, Place, Property, Responder, Role, Span, Time,
};
use crate::engine::rota::gaps;
use crate::rule::Reach;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let config = load(folder)?;
    let homes: Vec<Home> = config.homes.iter().map(|h| (**h).clone()).collect();
    Catalog::new(&config.profiles, &homes).map_err(|why| Failure::Wrong(why.join("\n")))?;
    let notes = notes(&config, Clock::start(None).wall());
    let devices: usize = homes.iter().map(|h| h.devices.len()).sum();
    if args.json {
        return print_json(&serde_json::json!({
            "homes": homes.len(),
            "devices": devices,
            "rules": config.book.rules.len(),
            "profiles": config.profiles.len(),
            "notes": notes,
        }));
    }
    line!(
        "{} is right: {} homes with {devices} devices, {} rules, {} device profiles",
        folder.display(),
        homes.len(),
        config.book.rules.len(),
        config.profiles.len(),
    );
    for note in notes {
        line!("note: {note}");
    }
    Ok(())
}

/// What is allowed, and probably not meant.
fn notes(config: &Config, now: Time) -> Vec<String> {
    let mut notes = Vec::new();
    // A hub whose devices all log in for themselves begins without any.
    if let Some(mqtt) = &config.settings.mqtt
        && !mqtt.anonymous
        && mqtt.clients.is_empty()
        && config.credentials.is_empty()
    {
        notes.push(
            "nobody may come to [mqtt]: write [[mqtt.client]], anonymous = true on loopback, or adopt a device with --credentials".to_owned(),
        );
    }
    let unproven: Vec<String> = config.people.iter().flat_map(unproven).collect();
    if !unproven.is_empty() {
        let all = unproven.join(", ");
        notes.push(format!(
            "nobody has written down that it reaches them: {all}; try each, and `careloop register verified`"
        ));
    }
    for home in &config.homes {
        let first = gaps(&config.book, home, now, now + Span::hours(24));
        let more = gaps(&config.book, home, now, now + Span::hours(14 * 24)).len();
        if let Some(gap) = first.first() {
            let gap = in_words(home, gap);
            notes.push(format!(
                "home {}: nobody is on duty of {gap}, the first of {more} gaps in 14 days: careloop register rota",
                home.id
            ));
        }
        notes.extend(
            of_home(config, home).into_iter().map(|note| format!("home {}: {note}", home.id)),
        );
    }
    notes.extend(config.book.off().map(|(rule, off)| {
        format!("rule {} is off in all homes, by {} on {} ({})", rule.name, off.by, off.on, off.why)
    }));
    notes
}

/// The ways to reach somebody of which nobody has seen that they do.
fn unproven(person: &Responder) -> impl Iterator<Item = String> {
    let never = person.contacts.iter().filter(|contact| contact.verified.is_none());
    never.map(|contact| format!("{} by {}", person.id, contact.channel))
}

fn of_home(config: &Config, home: &Home) -> Vec<String> {
    let mut notes = Vec::new();
    let roles: Vec<Role> = home.responders.iter().map(|r| r.role).collect();
    let rules = config.book.rules_of(home);
    for rule in &rules {
        let wanted: Vec<Role> =
            config.book.plan(&rule.plan).map(|p| p.roles().collect()).unwrap_or_default();
        if !wanted.iter().any(|w| roles.contains(w)) {
            notes.push(format!("plan {} of rule {} reaches nobody", rule.plan, rule.name));
        }
    }
    for Change { rule, set, off, by, on, why } in &home.changes {
        let what = if *off { "off".to_owned() } else { one_line(set) };
        notes.push(format!("rule {rule} is otherwise, by {by} on {on}: {what} ({why})"));
    }
    if home.is_post {
        let names: Vec<&str> = config.book.about_residents().map(Name::as_str).collect();
        notes.push(format!("nobody lives at a help post; asleep: {}", names.join(", ")));
    }
    // What programs post, no profile says.
    if home.devices.iter().any(|d| d.binding == Binding::Direct) {
        return notes;
    }
    let reach = reach(config, home);
    // For each thing that is not seen here, the rules that sleep for want of it.
    let mut asleep: Vec<(String, Vec<String>)> = Vec::new();
    for rule in rules.iter().filter(|r| !r.kind.is_per_device()) {
        // Every device can be broken, whatever its profile says of it; and of the rota the hub tells.
        let own = [Property::Fault, Property::Cover];
        let is_own = own.iter().any(|property| rule.kind.concerns().contains(property));
        if let Some(why) = rule.kind.lacks(&reach).filter(|_| !is_own) {
            let changed = rule.set_by.as_ref();
            let by =
                changed.map_or(String::new(), |(by, on)| format!(" (changed by {by} on {on})"));
            let name = format!("{}{by}", rule.name);
            match asleep.iter_mut().find(|(other, _)| *other == why) {
                Some((_, names)) => names.push(name),
                None => asleep.push((why, vec![name])),
            }
        }
    }
    notes.extend(asleep.iter().map(|(why, of)| format!("{why}; asleep: {}", of.join(", "))));
    notes.extend(doors(config, home, &reach));
    notes
}

fn one_line(set: &str) -> String {
    set.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn properties<'c>(config: &'c Config, device: &Device) -> impl Iterator<Item = Property> + use<'c> {
    config.profiles.get(&device.profile).into_iter().flat_map(|profile| profile.properties())
}

fn reach<'c>(config: &'c Config, home: &Home) -> Reach<'c> {
    let all = home.devices.iter();
    let reports = all.flat_map(|d| properties(config, d).map(|property| (property, d.place)));
    Reach {
        reports: reports.collect(),
        learning: config.book.learning.as_deref(),
        customs: config.book.customs.as_ref(),
    }
}

/// Who goes out is only seen by a door in the hall.
fn doors(config: &Config, home: &Home, reach: &Reach<'_>) -> Option<String> {
    if home.is_post || reach.customs.is_none() || reach.has(Property::Open, Some(Place::Hall)) {
        return None;
    }
    let is_door = |d: &&Device| properties(config, d).any(|property| property == Property::Open);
    let doors: Vec<String> = home
        .devices
        .iter()
        .filter(is_door)
        .map(|d| format!("{} is in `{}`", d.id, d.room))
        .collect();
    (!doors.is_empty()).then(|| {
        format!(
            "no contact is in the hall, so nobody is seen to go out: {}; coverage.toml says which rooms \
             are a hall",
            doors.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn noted(change: impl Fn(&mut Home)) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut config = crate::config::load(&root.join("config")).unwrap();
        for home in &mut config.homes {
            let mut changed = Home::clone(home);
            change(&mut changed);
            *home = Arc::new(changed);
        }
        notes(&config, "2026-11-20T09:00:00+08:00".parse().unwrap())
    }

    fn has(notes: &[String], wanted: &str) -> bool {
        notes.iter().any(|note| note.contains(wanted))
    }

    /// Whether a note says that this rule is asleep, and this of why.
    fn sleeps(notes: &[String], why: &str, rule: &str) -> bool {
        notes
            .iter()
            .filter_map(|note| note.split_once("; asleep: "))
            .any(|(says, rules)| says.contains(why) && rules.split(", ").any(|name| name == rule))
    }

    /// As if it hung there.
    fn hang(home: &mut Home, device: &str, room: &str, place: Place) {
        let found = home.devices.iter_mut().find(|d| d.id.as_str() == device).unwrap();
        (found.room, found.place) = (room.to_owned(), Some(place));
    }

    #[test]
    fn a_rule_sleeps_where_nothing_tells_what_it_looks_for() {
        let notes = noted(|_| {});
        assert!(
            sleeps(&notes, "home h1: nothing in this home reports spo2", "oxygen"),
            "{notes:#?}"
        );
        for awake in
            ["not-returned", "night-out", "no-activity-own", "night-rises", "long-in-bed", "help"]
        {
            assert!(!sleeps(&notes, "", awake), "{awake}: {notes:#?}");
        }
        let notes = noted(|home| home.devices.retain(|d| d.id.as_str() != "bed-pad"));
        assert!(sleeps(&notes, "reports in_bed", "long-in-bed"), "{notes:#?}");
        assert!(sleeps(&notes, "reports in_bed", "night-rises-unusual"), "{notes:#?}");
    }

    #[test]
    fn at_a_help_post_it_is_said_what_sleeps_and_no_family_is_missed() {
        let notes = noted(|home| {
            home.is_post = true;
            home.responders.retain(|person| person.role != Role::Family);
            home.devices.retain(|d| ["help-button", "front-door"].contains(&d.id.as_str()));
        });
        let why = "home h1: nobody lives at a help post";
        for asleep in ["heart-rate", "no-activity", "not-returned", "visit-weekly", "news2-high"] {
            assert!(sleeps(&notes, why, asleep), "{asleep}: {notes:#?}");
        }
        for awake in ["help", "fall", "smoke", "device-quiet"] {
            assert!(!sleeps(&notes, why, awake), "{awake}: {notes:#?}");
        }
        // And once is enough: what nobody there could have is not missed.
        assert!(!sleeps(&notes, "nothing in this home reports", "heart-rate"), "{notes:#?}");
        assert!(!has(&notes, "reaches nobody") && !has(&notes, "seen to go out"), "{notes:#?}");
    }

    #[test]
    fn a_gap_within_a_day_is_named_and_so_is_who_was_never_reached() {
        let notes = noted(|_| {});
        assert!(!has(&notes, "nobody is on duty"), "{notes:#?}");
        let never =
            "nobody has written down that it reaches them: daughter by screen, wang by screen";
        assert!(has(&notes, never), "{notes:#?}");
        let notes = noted(|home| {
            let zhao = home.responders.iter_mut().find(|r| r.id.as_str() == "zhao").unwrap();
            zhao.rota.duty = vec!["workdays 08:00-18:00".parse().unwrap()];
        });
        let gap = "home h1: nobody is on duty of grid from Fri 2026-11-20 18:00 to Sat 2026-11-21 09:00 (plans";
        assert!(has(&notes, gap), "{notes:#?}");
        assert!(has(&notes, "the first of 10 gaps in 14 days"), "{notes:#?}");
    }

    #[test]
    fn a_stay_wants_eyes_there_and_a_way_out_wants_the_door() {
        let motion = |home: &mut Home| {
            home.devices.retain(|d| ["hall-motion", "front-door"].contains(&d.id.as_str()));
        };
        let bare = noted(motion);
        let neither = "reports motion in the bathroom, presence in the bathroom";
        assert!(sleeps(&bare, neither, "bathroom-stay"), "{bare:#?}");
        let only = noted(|home| {
            motion(home);
            home.devices.retain(|d| d.id.as_str() == "hall-motion");
            hang(home, "hall-motion", "bathroom", Place::Bathroom);
        });
        assert!(
            sleeps(
                &only,
                "sees anybody leave the bathroom, in the hall or the bedroom",
                "bathroom-stay"
            ),
            "{only:#?}"
        );
        assert!(sleeps(&only, "reports open in the hall", "not-returned"), "{only:#?}");
        let door = noted(|home| {
            motion(home);
            hang(home, "hall-motion", "bathroom", Place::Bathroom);
        });
        assert!(sleeps(&door, "sees anybody leave", "bathroom-stay"), "a door sees nobody pass");
        let bed = noted(|home| {
            home.devices.retain(|d| ["hall-motion", "bed-pad"].contains(&d.id.as_str()));
            hang(home, "hall-motion", "bathroom", Place::Bathroom);
        });
        assert!(!sleeps(&bed, "", "bathroom-stay"), "{bed:#?}");
        let door = noted(|home| hang(home, "front-door", "balcony", Place::Living));
        assert!(
            has(
                &door,
                "no contact is in the hall, so nobody is seen to go out: front-door is in `balcony`"
            ),
            "{door:#?}"
        );
        assert!(sleeps(&door, "", "night-out") && sleeps(&door, "", "door-open"), "{door:#?}");
    }

    #[test]
    fn what_is_otherwise_for_one_resident_is_named_with_whoever_decided_it() {
        let change = |rule: &str, set: &str, off: bool| Change {
            rule: rule.parse().unwrap(),
            set: set.to_owned(),
            off,
            by: "li".parse().unwrap(),
            on: "2026-11-20".to_owned(),
            why: "as the clinic says".to_owned(),
        };
        let oxygen = "[detect.threshold]\nbelow = 88\n";
        let notes = noted(|home| {
            home.changes = vec![change("oxygen", oxygen, false), change("fever", "", true)];
        });
        assert!(
            has(&notes, "rule fever is otherwise, by li on 2026-11-20: off (as the clinic says)"),
            "{notes:#?}"
        );
        assert!(sleeps(&notes, "", "oxygen (changed by li on 2026-11-20)"), "{notes:#?}");
        assert!(!sleeps(&notes, "", "fever"), "{notes:#?}");
    }

    #[test]
    fn what_programs_post_is_not_foretold() {
        let notes = noted(|home| {
            home.devices.iter_mut().for_each(|d| d.binding = Binding::Direct);
        });
        assert!(!has(&notes, "asleep"), "{notes:#?}");
    }
}
