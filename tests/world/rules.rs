//! Rules, plans and rooms are edited by hand while the hub runs.

use crate::house::until;
use crate::programs::publish;
use crate::register::house;

const DOOR: &str = include_str!("../durable/door.toml");

/// Nobody waits ten minutes for a test.
fn stay() -> String {
    include_str!("../durable/stay.toml").replace("10m", "6s")
}

#[tokio::test]
async fn a_broken_rule_book_changes_nothing_and_a_mended_one_acts_at_once() {
    let house = house(|texts| texts.add("rules.toml", &stay()));
    let file = |name| house.folder.path().join("config").join(name);
    let right = std::fs::read_to_string(file("rules.toml")).unwrap();
    let daemon = house.start().await;
    publish(daemon.mqtt, "zigbee2mqtt/bed-pad", r#"{"contact":true}"#, &[]).await;
    publish(daemon.mqtt, "zigbee2mqtt/front-door", r#"{"contact":false}"#, &[]).await;
    until("the door", || house.journal().contains("\"open\"").then_some(())).await;

    let broken = format!("{right}{}", DOOR.replace("level", "levle"));
    std::fs::write(file("rules.toml"), &broken).unwrap();
    let line = broken.lines().position(|line| line.starts_with("levle")).unwrap() + 1;
    let place = format!("rules.toml:{line}:1: there is no key `levle` here");
    daemon.signal("-HUP");
    daemon.says("what was in force stays in force").await;
    assert!(daemon.said().contains(&place));
    let refused = house.cli(&["reload"]).await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(2) && said.contains(&place), "{said}");

    std::fs::write(file("rules.toml"), format!("{right}{DOOR}")).unwrap();
    let new = "+ rule door: level normal, for 0s, alarm after 0s, plan grid, again after 1h\n";
    let tried = house.ask(&["reload", "--dry-run"]).await;
    assert_eq!(tried, format!("{new}dry run: nothing was changed\n"));
    // Whoever adopts a device meanwhile does not put them in force.
    let model = "zigbee2mqtt/tuya-TS0207";
    let adopt =
        ["devices", "adopt", "--mqtt", "x", "--home", "h1", "--as", "x", "--profile", model];
    let adopted = house.ask(&adopt).await;
    assert!(adopted.contains("`careloop reload` takes them") && !adopted.contains("rule door"));
    assert!(house.incidents_of("door").is_empty());
    assert_eq!(house.ask(&["register", "reload"]).await, new);
    assert!(house.lines(&house.incident("door").await.id)[0].contains("front-door"));
    // What the rule before waits for goes on through all of it.
    house.incident("stay").await;
    house.verify().await;

    let plans = std::fs::read_to_string(file("plans.toml")).unwrap();
    std::fs::write(
        file("plans.toml"),
        plans.replace("resolve_within = \"4h\"", "resolve_within = \"5h\""),
    )
    .unwrap();
    std::fs::write(file("rules.toml"), &right).unwrap();
    daemon.signal("-HUP");
    daemon.says("- rule door, ~ plan grid").await;
    assert_eq!(house.ask(&["reload"]).await, "nothing to change\n");
    std::fs::write(file("rules.toml"), format!("# why\n{right}")).unwrap();
    let said = house.ask(&["reload"]).await;
    assert!(said.contains("only in what changes no rule"), "{said}");
    // Rooms as well: what is not a home's business is no news for its engine.
    let rooms = "[[room]]\nwords = [\"hall\"]\nis = \"kitchen\"\n";
    std::fs::write(file("coverage.toml"), rooms).unwrap();
    let refused = house.cli(&["reload"]).await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("coverage.toml:1:1: `title` is missing"), "{said}");
    let title = "title = { zh = \"z\", en = \"e\" }\n";
    std::fs::write(file("coverage.toml"), format!("{rooms}{title}")).unwrap();
    assert_eq!(house.ask(&["reload"]).await, "~ rooms: not what they were\n");
    let last = house.journal();
    let last = last.lines().rfind(|line| line.contains("\"t\":\"home\"")).unwrap();
    assert!(last.contains("\"room\":\"hall\",\"place\":\"kitchen\""), "{last}");
    house.verify().await;
    daemon.kill().await;
    house.start().await;
    house.verify().await;
}
