//! Another broker as a client: Debian's mosquitto, its bridge open in both directions.

use std::process::Stdio;
use std::sync::atomic::Ordering::Relaxed;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::house::{House, open_settings, until};
use crate::programs::{Subscriber, publish};

/// A mosquitto whose only peer is this house.
struct Neighbour {
    _child: Child,
    _folder: TempDir,
    port: u16,
}

impl Neighbour {
    /// Its bridge is up when this returns.
    async fn of(house: &House, version: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nuser root\nconnection house\n\
             address {}\nbridge_protocol_version {version}\ntopic # both 1\n",
            house.address
        );
        let file = folder.path().join("conf");
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new("/usr/sbin/mosquitto");
        command.arg("-c").arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.kill_on_drop(true).spawn().expect("Debian's mosquitto is installed");
        // It is sent what is retained as soon as it has subscribed.
        house.publisher.publish("welcome", b"x".to_vec(), true).unwrap();
        until("the bridge has subscribed", || 0 < house.counts.sent.load(Relaxed)).await;
        Self { _child: child, _folder: folder, port }
    }
}

#[tokio::test]
async fn a_bridge_in_both_directions_says_nothing_twice() {
    for version in ["mqttv311", "mqttv50"] {
        let house = House::open(open_settings()).await;
        let neighbour = Neighbour::of(&house, version).await;
        let (here, there) = (house.address.port(), neighbour.port);
        let listen = ["-t", "home/#", "-q", "1", "-F", "=%t %p"];
        let mut hears_here = Subscriber::start(here, "mqttv311", &listen).await;
        let mut hears_there = Subscriber::start(there, "mqttv311", &listen).await;
        for (port, topic, more) in [
            (there, "home/button", "-d"),
            (there, "home/kept", "-r"),
            // What comes back comes before this.
            (here, "home/door", "-d"),
        ] {
            let said = publish(port, "mqttv311", &["-t", topic, "-m", "x", "-q", "1", more]).await;
            assert!(said.status.success(), "{said:?}");
            assert_eq!(hears_here.message().await, format!("{topic} x"), "{version}");
            assert_eq!(hears_there.message().await, format!("{topic} x"), "{version}");
        }
        let stored = house.messages().into_iter().map(|(topic, _)| topic);
        let stored: Vec<_> = stored.filter(|topic| topic.starts_with("home/")).collect();
        assert_eq!(stored, ["home/button", "home/kept", "home/door"], "{version}");
        let kept = house.disk().kept().retained;
        assert!(kept.iter().any(|(topic, ..)| topic == "home/kept"), "the flag crosses the bridge");
    }
}
