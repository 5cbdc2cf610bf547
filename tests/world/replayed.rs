//! What was, gone through again: with other rules, and from recordings that are not in order.

use std::fmt::Write as _;

use crate::house::{House, Texts};
use crate::programs::{LEAK, PRESSED, make_move, publish};

fn file(house: &House, name: &str, text: &str) -> String {
    let path = house.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn rules(house: &House) -> String {
    std::fs::read_to_string(house.folder.path().join("config/rules.toml")).unwrap()
}

/// The rules without this one.
fn without(rules: &str, name: &str) -> String {
    let quoted = format!("\"{name}\"\n");
    let kept = rules.split("[[rule]]").filter(|rule| !rule.contains(&quoted));
    kept.collect::<Vec<_>>().join("[[rule]]")
}

#[tokio::test]
async fn other_rules_over_the_journal_say_what_would_have_been() {
    let house = House::with(Texts::hurry);
    let daemon = house.start().await;
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    let help = house.incident("help").await.id.to_string();
    publish(daemon.mqtt, "zigbee2mqtt/kitchen-leak", LEAK, &[]).await;
    house.incident("leak").await;
    for body in [
        r#"{"move":"on-scene","by":"wang"}"#,
        r#"{"move":"resolve","outcome":"safe","by":"wang"}"#,
        r#"{"move":"verify","by":"li"}"#,
    ] {
        make_move(daemon.mqtt, &help, body).await;
    }
    let closed = || house.incidents_of("help").into_iter().find(|s| s.closed_at.is_some());
    crate::house::until("it is closed", closed).await;
    daemon.end("-TERM").await;

    let own = rules(&house);
    let same = house.ask(&["replay", "--rules", &file(&house, "same.toml", &own)]).await;
    assert_eq!(same.matches("no difference").count(), 2, "{same}");
    let fewer = file(&house, "fewer.toml", &without(&own, "leak"));
    let said = house.ask(&["replay", "--rules", &fewer]).await;
    assert!(said.contains("h1 leak disappears: leak seen by kitchen-leak"), "{said}");
    assert!(said.contains("the same rule and device: 3; left out"), "{said}");
    let json = house.ask_json(&["replay", "--rules", &fewer, "--json"]).await;
    let leak = &json["alarmed"]["rules"]["leak"];
    assert_eq!((&leak["before"], &leak["disappear"]), (&1.into(), &1.into()), "{json}");
    assert_eq!(json["alarmed"]["differences"][0]["fate"], "disappears");
    let later =
        house.ask_json(&["replay", "--rules", &fewer, "--json", "--from", "2100-01-01"]).await;
    assert_eq!(later["alarmed"]["differences"], serde_json::json!([]));

    // What is wrong is named before anything runs, and the record is as it was.
    let wrong = file(&house, "wrong.toml", &own.replacen("\nlevel", "\nlevle", 1));
    let refused = house.cli(&["replay", "--rules", &wrong]).await;
    let line = own.lines().position(|line| line.starts_with("level")).unwrap() + 1;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(2) && refused.stdout.is_empty(), "{said}");
    assert!(said.contains(&format!("wrong.toml:{line}:1: there is no key `levle` here")), "{said}");
    house.verify().await;
}

/// Two quiet weeks in June of a home that nobody registered.
fn recording() -> String {
    let mut text = String::new();
    let mut say = |at: &str, device: &str, property: &str, value: bool, room: &str| {
        writeln!(
            text,
            r#"{{"at":"{at}","home":"x","device":"{device}","property":"{property}","value":{value},"room":"{room}"}}"#
        )
        .unwrap();
    };
    for day in 1..=14 {
        say(&format!("2011-06-{day:02}T22:30:00+02:00"), "mat", "in_bed", true, "bedroom");
        say(&format!("2011-06-{day:02}T07:59:00+02:00"), "mat", "in_bed", false, "bedroom");
        say(&format!("2011-06-{day:02}T21:00:00+01:00"), "pir", "motion", true, "kitchen");
        for hour in 8..22 {
            say(
                &format!("2011-06-{day:02}T{hour:02}:00:00+02:00"),
                "pir",
                "motion",
                true,
                "kitchen",
            );
            say(
                &format!("2011-06-{day:02}T{hour:02}:01:00+02:00"),
                "pir",
                "motion",
                false,
                "kitchen",
            );
        }
        say(&format!("2011-06-{day:02}T08:00:00+02:00"), "pir", "motion", true, "kitchen");
    }
    // Up at three, seen in the kitchen, and not back.
    say("2011-06-05T03:00:00+02:00", "mat", "in_bed", false, "bedroom");
    say("2011-06-05T03:02:00+02:00", "pir", "motion", true, "kitchen");
    say("2011-06-05T03:03:00+02:00", "pir", "motion", false, "kitchen");
    say("2011-06-17T08:00:00+02:00", "pir", "motion", true, "kitchen");
    text
}

#[tokio::test]
async fn a_recording_is_put_right_and_goes_by_other_rules() {
    let house = House::with(|texts| {
        texts.swap("register.toml", "Asia/Shanghai", "Europe/Amsterdam");
    });
    let recorded = file(&house, "x.jsonl", &recording());
    let played = house.cli(&["replay", &recorded, "--effects"]).await;
    let said = String::from_utf8(played.stderr).unwrap();
    assert!(played.status.success(), "{said}");
    for part in [
        "times in +01:00 (14 from line 3) and +02:00",
        "lines out of order from here on, put in their place",
        "lines that are there twice from here on, left out: ",
        "silences of home `x` longer than 1d: 1,",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let told = String::from_utf8(played.stdout).unwrap();
    assert!(told.contains("> x night-bed-exit alarmed"), "{told}");

    let fewer = file(&house, "fewer.toml", &without(&rules(&house), "night-bed-exit"));
    let compared = house.ask(&["replay", &recorded, "--rules", &fewer]).await;
    assert!(compared.contains("x night-bed-exit disappears: out of bed since 03:00"), "{compared}");
    assert!(compared.contains("a recording has no people"), "{compared}");
    let until = ["replay", &recorded, "--rules", &fewer, "--until", "2011-06-05"];
    assert!(house.ask(&until).await.contains("people told: no difference"));
    let wrong = file(&house, "wrong.jsonl", &recording().replacen("motion", "motoin", 1));
    let refused = house.cli(&["replay", &wrong]).await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(2), "{said}");
    assert!(said.contains("wrong.jsonl:3:") && said.contains("`motoin`"), "{said}");
}
