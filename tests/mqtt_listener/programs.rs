//! Ordinary programs: the clients of Mosquitto, and rumqttc.

use std::collections::VecDeque;
use std::process::{Output, Stdio};
use std::time::Duration;

use careloop::source::mqtt::{Settings, TlsSettings};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::house::{House, all_rights, client, open_settings, until};

const PATIENCE: Duration = Duration::from_secs(20);
const VERSIONS: [&str; 2] = ["mqttv311", "mqttv5"];

fn command(name: &str, port: u16, version: &str, arguments: &[&str]) -> Command {
    // Else what they say stays with them until there is much of it.
    let mut command = Command::new("stdbuf");
    command
        .args(["-oL", name])
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-V", version])
        .args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

pub async fn publish(port: u16, version: &str, arguments: &[&str]) -> Output {
    let run = command("mosquitto_pub", port, version, arguments).output();
    timeout(PATIENCE, run).await.expect("it ends").expect("mosquitto_pub is installed")
}

pub struct Subscriber {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Messages that came before it said what was waited for.
    early: VecDeque<String>,
}

impl Subscriber {
    /// Subscribed when this returns: `-d` makes it say so.
    pub async fn start(port: u16, version: &str, arguments: &[&str]) -> Self {
        let mut command = command("mosquitto_sub", port, version, arguments);
        let mut child = command.arg("-d").spawn().expect("mosquitto_sub is installed");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut subscriber = Self { child, lines, early: VecDeque::new() };
        subscriber.until(|line| line.starts_with("Subscribed")).await;
        subscriber
    }

    async fn until(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let read = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                if wanted(&line) {
                    return line;
                }
                if line.starts_with('=') {
                    self.early.push_back(line);
                }
            }
            panic!("it ended");
        };
        timeout(PATIENCE, read).await.expect("it is said")
    }

    /// The next message, as `-F` formats it.
    pub async fn message(&mut self) -> String {
        let mut line = match self.early.pop_front() {
            Some(line) => line,
            None => self.until(|line| line.starts_with('=')).await,
        };
        line.split_off(1)
    }
}

#[tokio::test]
async fn mosquitto_publishes_and_subscribes_with_every_version_and_qos() {
    let house = House::open(open_settings()).await;
    let port = house.address.port();
    for version in VERSIONS {
        for qos in ["0", "1", "2"] {
            let topic = format!("home/{version}/{qos}");
            let listen = ["-t", "home/+/#", "-q", qos, "-F", "=%t %q %r %p"];
            let mut subscriber = Subscriber::start(port, version, &listen).await;
            let said = publish(port, version, &["-t", &topic, "-q", qos, "-m", "hello"]).await;
            assert!(said.status.success(), "{said:?}");
            assert_eq!(subscriber.message().await, format!("{topic} {qos} 0 hello"));
        }
    }
    assert_eq!(house.messages().len(), 6);
}

#[tokio::test]
async fn mosquitto_finds_what_is_retained_and_hears_the_will_of_the_killed() {
    let house = House::open(open_settings()).await;
    let port = house.address.port();
    for version in VERSIONS {
        publish(port, version, &["-t", "kept/a", "-q", "1", "-r", "-m", version]).await;
        let listen = ["-t", "#", "-q", "1", "-F", "=%t %r %p"];
        let mut subscriber = Subscriber::start(port, version, &listen).await;
        assert_eq!(subscriber.message().await, format!("kept/a 1 {version}"));
        let will = ["-t", "x", "--will-topic", "lwt", "--will-payload", "dead", "--will-qos", "1"];
        let mut dying = Subscriber::start(port, version, &will).await;
        dying.child.kill().await.unwrap();
        assert_eq!(subscriber.message().await, "lwt 0 dead");
        publish(port, version, &["-t", "kept/a", "-r", "-n"]).await;
        assert_eq!(subscriber.message().await, "kept/a 0 ");
        subscriber.child.kill().await.unwrap();
        until("it is gone", || house.disk().kept().retained.is_empty()).await;
    }
}

#[tokio::test]
async fn mosquitto_gets_what_waited_while_it_was_away_and_careloop_restarted() {
    let house = House::open(open_settings()).await;
    let port = house.address.port();
    let session = ["-t", "a", "-q", "2", "-i", "app", "-c", "-F", "=%q %p"];
    let mut subscriber = Subscriber::start(port, "mqttv311", &session).await;
    subscriber.child.kill().await.unwrap();
    for (qos, text) in [("1", "one"), ("2", "two")] {
        let said = publish(port, "mqttv311", &["-t", "a", "-q", qos, "-m", text]).await;
        assert!(said.status.success(), "{said:?}");
    }
    let house = House::after(house.kill().await, open_settings()).await;
    let port = house.address.port();
    let mut subscriber = Subscriber::start(port, "mqttv311", &session).await;
    assert_eq!(subscriber.message().await, "1 one");
    assert_eq!(subscriber.message().await, "2 two");
    until("both are written off", || house.disk().kept().queued.is_empty()).await;
}

#[tokio::test]
async fn mosquitto_is_refused_with_a_wrong_password_and_let_in_with_the_right_one() {
    let clients = vec![client("wang", all_rights())];
    let house = House::open(Settings { anonymous: None, clients, ..open_settings() }).await;
    let port = house.address.port();
    for (version, password, let_in) in
        [("mqttv311", "guess", false), ("mqttv5", "guess", false), ("mqttv311", "wang's", true)]
    {
        let arguments = ["-t", "a", "-m", "x", "-q", "1", "-u", "wang", "-P", password];
        let said = publish(port, version, &arguments).await;
        assert_eq!(said.status.success(), let_in, "{said:?}");
    }
    assert!(!publish(port, "mqttv5", &["-t", "a", "-m", "x"]).await.status.success());
    assert_eq!(house.messages().len(), 1);
}

#[tokio::test]
async fn mosquitto_comes_in_by_tls() {
    let file =
        |name: &str| [env!("CARGO_MANIFEST_DIR"), "tests/mqtt_listener/tls", name].iter().collect();
    let listen = vec!["127.0.0.1:0".parse().unwrap()];
    let (certificate, key) = (file("certificate.pem"), file("key.pem"));
    let tls = TlsSettings { listen, certificate, key };
    let tls_path = tls.certificate.display().to_string();
    let settings = Settings { tls: Some(tls.clone()), ..open_settings() };
    let house = House::open(settings).await;
    let port = house.addresses[1].port();
    let listen = ["-t", "a", "--cafile", &tls_path, "-F", "=%p"];
    let mut subscriber = Subscriber::start(port, "mqttv5", &listen).await;
    let big = "x".repeat(100_000);
    let said =
        publish(port, "mqttv311", &["-t", "a", "-q", "2", "-m", &big, "--cafile", &tls_path]).await;
    assert!(said.status.success(), "{said:?}");
    assert_eq!(subscriber.message().await, big);
    // Without TLS there is nothing to hear on that port.
    assert!(!publish(port, "mqttv311", &["-t", "a", "-m", "x"]).await.status.success());

    let mistaken = TlsSettings { key: tls.certificate.clone(), ..tls };
    let (inbox, _outlet, _) = careloop::inbox::Inbox::new(std::sync::Arc::default());
    let settings = Settings { tls: Some(mistaken), ..Settings::default() };
    let error =
        careloop::source::mqtt::bind(settings, Default::default(), inbox).await.unwrap_err();
    let said = careloop::tls::in_full(&error);
    assert!(said.starts_with("cannot listen for MQTT by TLS: cannot read `"), "{said}");
    assert!(said.contains(&tls_path), "{said}");
}

#[tokio::test]
async fn rumqttc_sends_a_thousand_and_gets_them_back_in_order() {
    let house = House::open(open_settings()).await;
    let mut options = MqttOptions::new("rumqttc", "127.0.0.1", house.address.port());
    options.set_keep_alive(Duration::from_secs(5)).set_clean_session(false);
    let (client, mut events) = AsyncClient::new(options, 10);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        client.subscribe("loop", QoS::ExactlyOnce).await.unwrap();
        for n in 0..1000 {
            let qos = [QoS::AtLeastOnce, QoS::ExactlyOnce][n % 2];
            client.publish("loop", qos, false, n.to_string()).await.unwrap();
        }
    });
    let (mut all, mut next) = (Vec::new(), 0);
    let listen = async {
        while all.len() < 1000 {
            if let Event::Incoming(Packet::Publish(p)) = events.poll().await.unwrap() {
                all.push(String::from_utf8(p.payload.to_vec()).unwrap());
                next += 1;
            }
        }
    };
    timeout(PATIENCE, listen).await.expect("all come");
    let expected: Vec<String> = (0..next).map(|n| n.to_string()).collect();
    assert_eq!(all, expected);
}
