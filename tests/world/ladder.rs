//! From the alarm to the close, by people's moves.

use crate::house::{House, until};
use crate::programs::{PRESSED, Subscriber, make_move, publish};

#[tokio::test]
async fn people_take_an_alarm_to_its_close_and_every_listener_sees_each_stage() {
    let house = House::new();
    let daemon = house.start().await;
    let port = daemon.mqtt;
    let mut status = Subscriber::start(port, "careloop/status").await;
    assert!(status.message().await.contains("online"));
    let mut watcher = Subscriber::start(port, "careloop/incidents/+").await;
    publish(port, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    let first = watcher.hears(r#""stage":"alarmed""#).await;
    assert!(first.starts_with("careloop/incidents/h1-1 "), "{first}");
    // Whoever comes later finds it there.
    let mut late = Subscriber::start(port, "careloop/incidents/+").await;
    assert!(late.message().await.starts_with("careloop/incidents/h1-1 1 {"));
    for (body, stage) in [
        (r#"{"move":"accept","by":"wang"}"#, "accepted"),
        (r#"{"move":"en-route","by":"wang"}"#, "en-route"),
        (r#"{"move":"on-scene","by":"wang"}"#, "on-scene"),
        (r#"{"move":"resolve","outcome":"assisted","by":"wang"}"#, "resolved"),
        // The same person cannot; nothing changes.
        (r#"{"move":"verify","by":"wang"}"#, ""),
        (r#"{"move":"verify","by":"li"}"#, "closed"),
    ] {
        make_move(port, "h1-1", body).await;
        if !stage.is_empty() {
            watcher.hears(&format!(r#""stage":"{stage}""#)).await;
        }
    }
    let gone = watcher.message().await;
    assert_eq!(gone, "careloop/incidents/h1-1 0 ", "nothing is retained any more");
    let shown = house.incident("help").await;
    assert_eq!(shown.outcome.as_deref(), Some("assisted"));
    let told = house.lines(&shown.id).join("\n");
    for part in ["accepted by wang", "resolved assisted by wang", "verified by li", "closed"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let printed = house.ask(&["incident", "show", "h1-1"]).await;
    assert!(printed.contains("closed"), "{printed}");
    assert!(house.ask(&["incident", "list"]).await.contains("no open incidents"));
    house.verify().await;
    let end = daemon.end("-TERM");
    let ((status_code, _), said) = tokio::join!(end, status.message());
    assert!(status_code.success());
    assert!(said.contains("offline"), "{said}");
}

#[tokio::test]
async fn the_status_on_somebody_elses_broker_says_offline_when_careloop_is_killed() {
    let broker = crate::programs::Mosquitto::start().await;
    let house = House::with(|texts| texts.add("gateway.toml", &broker.settings()));
    let mut status = Subscriber::start(broker.port, "careloop/status").await;
    let daemon = house.start().await;
    status.hears("online").await;
    daemon.kill().await;
    status.hears("offline").await;
    let daemon = house.start().await;
    status.hears("online").await;
    daemon.end("-TERM").await;
    status.hears("offline").await;
}

#[tokio::test]
async fn an_alarm_nobody_takes_climbs_to_the_last_rung_and_goes_on() {
    let house = House::with(|texts| texts.hurry());
    let daemon = house.start().await;
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    let id = house.incident("help").await.id;
    let repeated = || house.lines(&id).iter().filter(|l| l.starts_with("repeated")).count();
    until("it is repeated", || (2 <= repeated()).then_some(())).await;
    house.verify().await;
}

#[tokio::test]
async fn an_incident_is_moved_to_its_close_from_the_command_line() {
    let house = House::new();
    let daemon = house.start().await;
    // Commands find the running gateway by the configuration, which must name the real port.
    let file = house.folder.path().join("config/gateway.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (before, after) = text.split_once("[http]\nlisten = \"127.0.0.1:0\"").unwrap();
    let http = daemon.http;
    std::fs::write(&file, format!("{before}[http]\nlisten = \"127.0.0.1:{http}\"{after}")).unwrap();
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    house.incident("help").await;
    for arguments in [
        &["accept", "--by", "wang"][..],
        &["hand-over", "--by", "wang", "--to", "zhao"],
        &["on-scene", "--by", "zhao"],
        &["note", "--by", "zhao", "--words", "she is awake"],
        &["resolve", "--by", "zhao", "--outcome", "assisted", "--words", "helped up"],
    ] {
        house.ask(&[&["incident", "move", "h1-1"], arguments].concat()).await;
    }
    for (arguments, why) in [
        (&["verify", "--by", "zhao"][..], "second person"),
        (&["verify", "--by", "li", "--words", "fine"], "takes no words"),
        (&["fly", "--by", "li"], "move"),
    ] {
        let refused = house.cli(&[&["incident", "move", "h1-1"], arguments].concat()).await;
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
    house.ask(&["incident", "move", "h1-1", "verify", "--by", "li"]).await;
    let told = house.ask(&["incident", "show", "h1-1"]).await;
    assert!(told.contains("closed: assisted") && told.contains("helped up"), "{told}");
    house.verify().await;
}
