//! Who gets what, and how: sessions, wills, retained messages, the options of version 5.

use mqtt_protocol_core::mqtt::packet::{
    ContentType, MessageExpiryInterval, Property, ResponseTopic, RetainHandling, SubOpts,
    SubscriptionIdentifier, UserProperty, v3_1_1, v5_0,
};

use crate::house::{House, open_settings, until};
use crate::peer::{Hello, Peer, connect_3, qos};

#[tokio::test]
async fn overlapping_subscriptions_bring_a_message_once_with_the_highest_qos() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", true).await;
    for (filter, level) in [("a/+", 0), ("a/#", 1), ("a/b", 0)] {
        app.subscribe_3(filter, level).await;
    }
    app.publish("a/b", "x", 2, 1, false).await;
    let told = app.next().await;
    let (told, ack) = if told.first == 0x50 {
        (app.told().await, told)
    } else {
        (crate::peer::told_3(&told), app.next().await)
    };
    assert_eq!((told.payload.as_str(), told.qos, ack.first), ("x", 1, 0x50));
    app.nothing().await;
}

#[tokio::test]
async fn a_qos_2_message_goes_out_in_four_steps() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", true).await;
    app.subscribe_3("a", 2).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    pir.publish("a", "x", 2, 1, false).await;
    pir.expect(0x50, &[0, 1]).await;
    let told = app.told().await;
    assert_eq!((told.qos, told.dup), (2, false));
    let id = u8::try_from(told.id).unwrap();
    app.raw(&[0x50, 2, 0, id]).await;
    app.expect(0x62, &[0, id]).await;
    app.raw(&[0x70, 2, 0, id]).await;
    app.nothing().await;
}

#[tokio::test]
async fn what_was_not_acknowledged_comes_again_after_a_reconnect() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", false).await;
    app.subscribe_3("a", 2).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    pir.publish("a", "one", 1, 1, false).await;
    pir.publish("a", "two", 2, 2, false).await;
    let (one, two) = (app.told().await, app.told().await);
    let id = u8::try_from(two.id).unwrap();
    app.raw(&[0x50, 2, 0, id]).await;
    app.expect(0x62, &[0, id]).await;
    drop(app);
    let (mut app, present) = Peer::three(house.address, "app", false).await;
    assert!(present);
    let again = app.told().await;
    assert_eq!((again.payload.as_str(), again.id, again.dup), ("one", one.id, true));
    app.expect(0x62, &[0, id]).await;
}

#[tokio::test]
async fn unsubscribing_ends_it() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", true).await;
    app.subscribe_3("a", 0).await;
    let unsubscribe = v3_1_1::Unsubscribe::builder().packet_id(5).entries(["a"]).unwrap().build();
    app.raw(&unsubscribe.unwrap().to_continuous_buffer()).await;
    app.expect(0xb0, &[0, 5]).await;
    app.publish("a", "x", 1, 1, false).await;
    app.expect(0x40, &[0, 1]).await;
    app.nothing().await;
}

fn with_will<'a>(client: &'a str, topic: &'a str) -> Hello<'a> {
    Hello { will: Some((topic, "offline")), ..connect_3(client, true) }
}

#[tokio::test]
async fn a_will_is_published_and_kept_when_the_client_is_cut_off_but_not_when_it_leaves() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", true).await;
    app.subscribe_3("lwt/#", 1).await;
    for (client, leaves) in [("polite", true), ("dead", false)] {
        let mut peer = Peer::tcp(house.address).await;
        peer.enter(with_will(client, &format!("lwt/{client}"))).await;
        if leaves {
            peer.raw(&[0xe0, 0]).await;
            peer.hung_up().await;
        }
    }
    let told = app.told().await;
    assert_eq!((told.topic.as_str(), told.payload.as_str()), ("lwt/dead", "offline"));
    assert_eq!(house.disk().kept().retained, [("lwt/dead".into(), b"offline".to_vec(), 1)]);
    assert_eq!(house.messages().len(), 1);
}

#[tokio::test]
async fn a_new_connection_takes_the_session_over_and_the_old_will_comes_first() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::three(house.address, "app", true).await;
    app.subscribe_3("lwt", 1).await;
    let mut old = Peer::tcp(house.address).await;
    old.enter(with_will("pir", "lwt")).await;
    let mut new = Peer::tcp(house.address).await;
    new.enter(with_will("pir", "lwt")).await;
    new.publish("lwt", "online", 1, 1, true).await;
    old.hung_up().await;
    assert_eq!(app.told().await.payload, "offline");
    assert_eq!(app.told().await.payload, "online");
    new.expect(0x40, &[0, 1]).await;
    assert_eq!(house.disk().kept().retained, [("lwt".into(), b"online".to_vec(), 1)]);
    assert_eq!(house.counts.clients.load(std::sync::atomic::Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_stop_of_careloop_publishes_no_wills() {
    let house = House::open(open_settings()).await;
    let mut peer = Peer::tcp(house.address).await;
    peer.enter(with_will("pir", "lwt")).await;
    assert_eq!(house.stop().await.messages, []);
    peer.hung_up().await;
}

#[tokio::test]
async fn clients_without_an_identifier_get_one_or_are_refused() {
    let house = House::open(open_settings()).await;
    let (mut a, _) = Peer::three(house.address, "", true).await;
    let (_b, _) = Peer::three(house.address, "", true).await;
    a.nothing().await;
    let mut c = Peer::tcp(house.address).await;
    // The builder knows that this is not allowed.
    c.raw(&[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, 0, 0, 60, 0, 0]).await;
    c.expect(0x20, &[0, 2]).await;
    c.hung_up().await;
    let mut d = Peer::tcp(house.address).await;
    d.raw(&v5_0::Connect::builder().clean_start(true).build().unwrap().to_continuous_buffer())
        .await;
    let (connack, _) = v5_0::Connack::parse(&d.next().await.body).unwrap();
    let given = |p: &Property| matches!(p, Property::AssignedClientIdentifier(id) if id.val().starts_with("careloop-"));
    assert!(connack.props().iter().any(given), "{connack}");
}

#[tokio::test]
async fn the_options_of_a_subscription_are_honoured() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::five(house.address, "app", true, 0).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    pir.publish("a", "kept", 1, 1, true).await;
    pir.expect(0x40, &[0, 1]).await;
    let at_least_once = SubOpts::new().set_qos(qos(1));
    let new_only = at_least_once.set_rh(RetainHandling::SendRetainedIfNotExists);
    assert_eq!(app.subscribe_5("a", new_only).await, 1);
    let told = app.told_5().await;
    assert_eq!((told.payload.as_str(), told.retain), ("kept", true));
    app.raw(&[0x40, 2, 0, 1]).await;
    assert_eq!(app.subscribe_5("a", new_only).await, 1);
    app.nothing().await;
    let never = at_least_once.set_rh(RetainHandling::DoNotSendRetained);
    assert_eq!(app.subscribe_5("#", never.set_nl(true)).await, 1);
    app.nothing().await;
    let own = v5_0::Publish::builder().topic_name("b").unwrap().qos(qos(0)).payload("mine");
    app.raw(&own.build().unwrap().to_continuous_buffer()).await;
    pir.publish("b", "yours", 0, 0, false).await;
    assert_eq!(app.told_5().await.payload, "yours");
    let as_published = SubOpts::new().set_rap(true);
    assert_eq!(app.subscribe_5("c", as_published).await, 0);
    pir.publish("c", "", 0, 0, true).await;
    assert!(app.told_5().await.retain);
    assert_eq!(app.subscribe_5("$share/group/a", SubOpts::new()).await, 0x9e);
}

#[tokio::test]
async fn the_properties_of_a_message_are_passed_on() {
    let house = House::open(open_settings()).await;
    let (mut app, _) = Peer::five(house.address, "app", true, 0).await;
    let entry = mqtt_protocol_core::mqtt::packet::SubEntry::new("a", SubOpts::new()).unwrap();
    let number: Property = SubscriptionIdentifier::new(300).unwrap().into();
    let subscribe = v5_0::Subscribe::builder().packet_id(7).entries(vec![entry]);
    let subscribe = subscribe.props(vec![number.clone()]).build().unwrap();
    app.raw(&subscribe.to_continuous_buffer()).await;
    app.expect(0x90, &[0, 7, 0, 0]).await;
    let passed: Vec<Property> = vec![
        ContentType::new("text/plain").unwrap().into(),
        ResponseTopic::new("reply").unwrap().into(),
        UserProperty::new("k", "v").unwrap().into(),
        UserProperty::new("k", "w").unwrap().into(),
    ];
    let lives: Property = MessageExpiryInterval::new(60).unwrap().into();
    let (mut pir, _) = Peer::five(house.address, "pir", true, 0).await;
    let mut properties = passed.clone();
    properties.push(lives.clone());
    let publish = v5_0::Publish::builder().topic_name("a").unwrap().props(properties);
    pir.raw(&publish.payload("x").build().unwrap().to_continuous_buffer()).await;
    let mut expected = vec![lives, number];
    expected.extend(passed);
    assert_eq!(app.told_5().await.properties, expected);
}

#[tokio::test]
async fn a_session_ends_when_its_time_has_come() {
    let house = House::open(open_settings()).await;
    let (app, present) = Peer::five(house.address, "app", false, 1).await;
    assert!(!present);
    drop(app);
    let (app, present) = Peer::five(house.address, "app", false, 1).await;
    assert!(present);
    drop(app);
    // One second, and up to five until somebody looks.
    until("it is forgotten", || house.disk().kept().sessions.is_empty()).await;
    let (mut app, present) = Peer::five(house.address, "app", false, 100).await;
    assert!(!present);
    // DISCONNECT with an expiry of zero.
    app.raw(&[0xe0, 7, 0, 5, 0x11, 0, 0, 0, 0]).await;
    app.hung_up().await;
    until("it is forgotten", || house.disk().kept().sessions.is_empty()).await;
}

#[tokio::test]
async fn a_client_that_takes_little_at_a_time_gets_all_in_the_end() {
    let house = House::open(open_settings()).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    for n in 1..=200_u16 {
        pir.publish(&format!("a/{n}"), "kept", 1, n, true).await;
        pir.next().await;
    }
    let (mut app, _) = Peer::three(house.address, "app", true).await;
    app.subscribe_3("a/#", 1).await;
    for n in 0..200 {
        let told = app.told().await;
        assert!(told.retain);
        if n < 100 || n % 2 == 0 {
            let [a, b] = told.id.to_be_bytes();
            app.raw(&[0x40, 2, a, b]).await;
        }
    }
    app.nothing().await;
}
