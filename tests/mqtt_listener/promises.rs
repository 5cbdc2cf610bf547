//! P1: an acknowledgement means on disk, also across reconnects and restarts.

use careloop::store::keep::Keep;

use crate::house::{House, Mode, open_settings, until};
use crate::peer::Peer;

#[tokio::test]
async fn a_message_is_acknowledged_only_when_it_is_on_disk() {
    let house = House::open(open_settings()).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    house.mode(Mode::Hold);
    pir.publish("a", "1", 1, 1, false).await;
    pir.publish("a", "2", 2, 2, false).await;
    pir.publish("a", "3", 1, 3, false).await;
    until("all three are held", || house.held() == 3).await;
    pir.nothing().await;
    house.release();
    pir.expect(0x40, &[0, 1]).await;
    pir.expect(0x50, &[0, 2]).await;
    pir.expect(0x40, &[0, 3]).await;
    assert_eq!(house.messages().len(), 3);
}

#[tokio::test]
async fn a_message_that_could_not_be_stored_is_not_acknowledged() {
    for level in [1, 2] {
        let house = House::open(open_settings()).await;
        let (mut pir, _) = Peer::three(house.address, "pir", true).await;
        let (mut app, _) = Peer::three(house.address, "app", true).await;
        app.subscribe_3("#", 2).await;
        house.mode(Mode::Fail);
        pir.publish("a", "help", level, 1, false).await;
        pir.hung_up().await;
        app.nothing().await;
        house.mode(Mode::Store);
        let (mut pir, _) = Peer::three(house.address, "pir", true).await;
        pir.publish("a", "help", level, 1, false).await;
        pir.expect(if level == 1 { 0x40 } else { 0x50 }, &[0, 1]).await;
        assert_eq!(app.told().await.payload, "help");
    }
}

#[tokio::test]
async fn subscribers_see_a_message_only_when_it_is_on_disk() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", true).await;
    app.subscribe_3("a", 0).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    house.mode(Mode::Hold);
    pir.publish("a", "1", 0, 0, true).await;
    until("it is held", || house.held() == 1).await;
    app.nothing().await;
    app.raw(&crate::peer::subscribe_bytes("a", 0)).await;
    app.expect(0x90, &[0, 7, 0]).await;
    app.nothing().await;
    house.release();
    assert_eq!(app.told().await.payload, "1");
}

#[tokio::test]
async fn a_message_whose_sender_has_gone_still_reaches_disk_and_subscribers() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", true).await;
    app.subscribe_3("a", 0).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    house.mode(Mode::Hold);
    pir.publish("a", "last words", 0, 0, false).await;
    pir.raw(&[0xe0, 0]).await;
    pir.hung_up().await;
    until("it is held", || house.held() == 1).await;
    house.release();
    assert_eq!(app.told().await.payload, "last words");
}

#[tokio::test]
async fn a_qos_2_message_sent_again_is_posted_once_across_reconnect_and_restart() {
    let house = House::open(open_settings()).await;
    let (mut pir, _) = Peer::three(house.address, "pir", false).await;
    pir.publish("a", "once", 2, 9, false).await;
    pir.expect(0x50, &[0, 9]).await;
    let (mut pir, present) = Peer::three(house.address, "pir", false).await;
    assert!(present);
    pir.publish("a", "once", 2, 9, false).await;
    pir.expect(0x50, &[0, 9]).await;
    let house = House::after(house.kill().await, open_settings()).await;
    let (mut pir, present) = Peer::three(house.address, "pir", false).await;
    assert!(present);
    pir.publish("a", "once", 2, 9, false).await;
    pir.expect(0x50, &[0, 9]).await;
    assert_eq!(house.messages(), [("a".into(), b"once".to_vec())]);

    house.mode(Mode::Hold);
    pir.raw(&[0x62, 2, 0, 9]).await;
    until("the release is held", || house.held() == 1).await;
    pir.nothing().await;
    house.release();
    pir.expect(0x70, &[0, 9]).await;
    let house = House::after(house.kill().await, open_settings()).await;
    let (mut pir, _) = Peer::three(house.address, "pir", false).await;
    pir.publish("a", "another", 2, 9, false).await;
    pir.expect(0x50, &[0, 9]).await;
    assert_eq!(house.messages().len(), 2, "the identifier is free again");
}

#[tokio::test]
async fn a_qos_2_message_still_on_its_way_to_disk_is_not_posted_again_by_the_next_connection() {
    let house = House::open(open_settings()).await;
    let (mut pir, _) = Peer::three(house.address, "pir", false).await;
    house.mode(Mode::Hold);
    pir.publish("a", "once", 2, 9, false).await;
    until("it is held", || house.held() == 1).await;
    let (mut again, _) = Peer::three(house.address, "pir", false).await;
    again.publish("a", "once", 2, 9, false).await;
    again.hung_up().await;
    house.release();
    until("it is stored", || house.messages().len() == 1).await;
    let (mut again, _) = Peer::three(house.address, "pir", false).await;
    again.publish("a", "once", 2, 9, false).await;
    again.expect(0x50, &[0, 9]).await;
    assert_eq!(house.messages().len(), 1);
}

#[tokio::test]
async fn what_waits_for_a_session_survives_a_kill_and_comes_in_order() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", false).await;
    app.subscribe_3("a/#", 2).await;
    drop(app);
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    for (n, level) in [(1, 1), (2, 2), (3, 1)] {
        pir.publish("a/x", &n.to_string(), level, n, false).await;
        pir.next().await;
    }
    pir.publish("a/x", "qos 0 does not wait", 0, 0, false).await;
    pir.nothing().await;
    let house = House::after(house.kill().await, open_settings()).await;
    let (mut app, present) = Peer::three(house.address, "app", false).await;
    assert!(present);
    let mut ids = Vec::new();
    for (n, level) in [("1", 1), ("2", 2), ("3", 1)] {
        let told = app.told().await;
        assert_eq!((told.payload.as_str(), told.qos, told.retain), (n, level, false));
        ids.push(told.id);
    }
    // Only the first is acknowledged; after another kill the two others come, as the same.
    app.raw(&[0x40, 2, 0, u8::try_from(ids[0]).unwrap()]).await;
    until("the first is written off", || house.disk().kept().queued.len() == 2).await;
    let house = House::after(house.kill().await, open_settings()).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    for (n, text) in [(1, "3a"), (2, "3b")] {
        pir.publish("a/x", text, 1, n, false).await;
        pir.next().await;
    }
    assert_eq!(house.disk().kept().queued.len(), 4, "numbers are not used twice");
    let (mut app, _) = Peer::three(house.address, "app", false).await;
    let second = app.told().await;
    assert_eq!((second.payload.as_str(), second.id, second.dup), ("2", ids[1], true));
    let id = u8::try_from(second.id).unwrap();
    for text in ["3", "3a", "3b"] {
        assert_eq!(app.told().await.payload, text);
    }
    app.raw(&[0x50, 2, 0, id]).await;
    app.expect(0x62, &[0, id]).await;
    app.raw(&[0x70, 2, 0, id]).await;
    until("the second is written off", || house.disk().kept().queued.len() == 3).await;
    // The subscription itself has survived too.
    pir.publish("a/y", "4", 1, 1, false).await;
    assert_eq!(app.told().await.payload, "4");
}

#[tokio::test]
async fn a_subscription_of_a_lasting_session_is_confirmed_when_it_is_on_disk() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", false).await;
    house.mode(Mode::Hold);
    app.raw(&crate::peer::subscribe_bytes("a", 1)).await;
    until("it is held", || house.held() == 1).await;
    app.nothing().await;
    house.release();
    app.expect(0x90, &[0, 7, 1]).await;
}

#[tokio::test]
async fn a_clean_start_forgets_on_disk_too() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", false).await;
    app.subscribe_3("a", 1).await;
    drop(app);
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    pir.publish("a", "1", 1, 1, false).await;
    pir.expect(0x40, &[0, 1]).await;
    let (_app, present) = Peer::three(house.address, "app", true).await;
    assert!(!present);
    let kept = house.disk().kept();
    assert!(kept.sessions.is_empty() && kept.queued.is_empty(), "{kept:?}");
    let house = House::after(house.kill().await, open_settings()).await;
    let (_, present) = Peer::three(house.address, "app", false).await;
    assert!(!present);
}

#[tokio::test]
async fn retained_messages_survive_a_restart_and_an_empty_one_removes() {
    let house = House::open(open_settings()).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    pir.publish("a/1", "on", 1, 1, true).await;
    pir.publish("a/2", "off", 1, 2, true).await;
    pir.publish("a/1", "", 1, 3, true).await;
    house.publisher.publish("careloop/incidents/7", b"{}".to_vec(), true).unwrap();
    for id in 1..=3 {
        pir.expect(0x40, &[0, id]).await;
    }
    until("our own is written", || house.disk().kept().retained.len() == 2).await;
    let house = House::after(house.stop().await, open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", true).await;
    app.subscribe_3("#", 1).await;
    let told = app.told().await;
    assert_eq!((told.topic.as_str(), told.payload.as_str(), told.retain), ("a/2", "off", true));
    assert_eq!(app.told().await.topic, "careloop/incidents/7");
    app.nothing().await;
    assert!(house.publisher.publish("a/#", Vec::new(), false).is_err());
}

#[tokio::test]
async fn a_session_that_cannot_be_read_is_set_aside_and_the_others_are_used() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", false).await;
    app.subscribe_3("a", 1).await;
    let mut disk = house.kill().await;
    disk.keep(Keep::Session { client: "torn".into(), state: "{\"user".into() });
    let house = House::after(disk, open_settings()).await;
    let (_app, present) = Peer::three(house.address, "app", false).await;
    assert!(present);
    let (_torn, present) = Peer::three(house.address, "torn", true).await;
    assert!(!present);
    until("it is forgotten", || house.disk().kept().sessions.len() == 1).await;
}
