//! What a bridge hands over again after it was away is state, not news; but a call for help is news.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use careloop::device::{Catalog, Origin, SHIPPED, profiles_from};
use careloop::domain::{Binding, Home};
use careloop::inbox::{Answer, Arrival, Inbox, Outlet};
use careloop::source::mqtt::{self, Rights, Settings};
use careloop::store::keep::Kept;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::house::{filters, open_settings, until};
use crate::peer::{Peer, connect_3};

/// What came in: payload, and whether it counts as retained.
type Heard = Arc<Mutex<Vec<(String, bool)>>>;

async fn house() -> (SocketAddr, Heard, JoinSet<()>) {
    let (profiles, _) = profiles_from(SHIPPED.iter().copied());
    let device = json!({
        "id": "thing", "profile": "generic/json", "room": "hall",
        "binding": Binding::Mqtt("thing".to_owned()), "quiet_after": null,
    });
    let home = json!({
        "id": "h1", "name": "h1", "address": "", "zone": "UTC",
        "devices": [device], "responders": [], "ask": [],
    });
    let home: Home = serde_json::from_value(home).unwrap();
    let catalog = Catalog::new(&profiles, &[home]).unwrap();
    let (inbox, Outlet { mut life, mut ordinary }, _) = Inbox::new(Arc::new(catalog));
    // Below `careloop/` a `#` is not enough.
    let rights = Rights { publish: filters(&["careloop/devices/#"]), ..Rights::default() };
    let settings = Settings { anonymous: Some(rights), ..open_settings() };
    let listener = mqtt::bind(settings, Kept::default(), inbox).await.unwrap();
    let (address, heard) = (listener.addresses()[0], Heard::default());
    let (note, mut tasks) = (Arc::clone(&heard), JoinSet::new());
    tasks.spawn(async move {
        loop {
            let letter = tokio::select! {
                Some(letter) = life.recv() => letter,
                Some(letter) = ordinary.recv() => letter,
                else => return,
            };
            if let Arrival::Message { raw, .. } = &letter.arrival
                && matches!(raw.origin, Origin::Mqtt(_))
            {
                let payload = String::from_utf8(raw.payload.clone()).unwrap();
                note.lock().unwrap().push((payload, raw.retained));
            }
            drop(letter.receipt.send(Answer::Done));
        }
    });
    tasks.spawn(listener.run(CancellationToken::new()));
    (address, heard, tasks)
}

/// Connects, as a bridge or not, publishes with the retain flag, and leaves.
async fn tell(address: SocketAddr, is_bridge: bool, payloads: &[&str]) {
    let mut peer = Peer::tcp(address).await;
    let mut hello = connect_3("neighbour", true).bytes();
    hello[8] |= if is_bridge { 0x80 } else { 0 };
    peer.raw(&hello).await;
    assert_eq!(peer.next().await.first, 0x20);
    for (id, payload) in (1..).zip(payloads) {
        peer.publish("careloop/devices/thing", payload, 1, id, true).await;
        assert_eq!(peer.next().await.first, 0x40);
    }
}

async fn heard(heard: &Heard, count: usize) -> Vec<(String, bool)> {
    until("all is heard", || count <= heard.lock().unwrap().len()).await;
    heard.lock().unwrap().split_off(0)
}

const WARM: &str = "{\"temperature\":21}";
const COLD: &str = "{\"temperature\":12}";
const FALL: &str = "{\"fall\":true,\"temperature\":21}";
const PRESS: &str = "{\"press\":true}";

fn news(payload: &str) -> (String, bool) {
    (payload.to_owned(), false)
}

fn state(payload: &str) -> (String, bool) {
    (payload.to_owned(), true)
}

#[tokio::test]
async fn what_a_bridge_hands_over_again_word_for_word_is_state_and_anything_else_is_news() {
    let (address, said, _tasks) = house().await;
    tell(address, true, &[WARM]).await;
    assert_eq!(heard(&said, 1).await, [news(WARM)], "never heard before");
    tell(address, true, &[WARM, COLD, COLD]).await;
    assert_eq!(heard(&said, 3).await, [state(WARM), news(COLD), state(COLD)]);
    tell(address, false, &[COLD]).await;
    assert_eq!(heard(&said, 1).await, [news(COLD)], "a device that says it itself");
    tell(address, true, &[PRESS]).await;
    tell(address, true, &[PRESS]).await;
    let said = heard(&said, 2).await;
    assert_eq!(said, [news(PRESS), state(PRESS)], "an old press must not cancel a new warning");
}

#[tokio::test]
async fn a_call_for_help_is_news_even_if_a_bridge_says_it_again() {
    let (address, said, _tasks) = house().await;
    tell(address, true, &[FALL]).await;
    tell(address, true, &[FALL]).await;
    assert_eq!(heard(&said, 2).await, [news(FALL), news(FALL)]);
}
