//! careloop as a client of a broker: nothing that a broker holds for us is lost, whoever dies.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use careloop::device::{Origin, RawMessage};
use careloop::inbox::{Answer, Arrival, Inbox, Letter, Outlet};
use careloop::source::mqtt_client::{self, Link, LinkState, MAX_PACKET, Settings};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

mod mosquitto;
mod scripted;

/// Long enough for a busy machine; a test that passes does not wait for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What should happen soon.
async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

fn settings(port: u16, subscribe: &[&str]) -> Settings {
    Settings {
        name: "home".parse().unwrap(),
        address: format!("127.0.0.1:{port}").parse().unwrap(),
        tls: false,
        ca_file: None,
        user: None,
        password: None,
        client_id: "careloop".parse().unwrap(),
        subscribe: subscribe.iter().map(|topic| (*topic).to_owned()).collect(),
        max_packet: MAX_PACKET,
        will: None,
    }
}

/// Our side: the client, and a loop whose hands are the test's.
struct Side {
    link: Link,
    outlet: Outlet,
    cancel: CancellationToken,
    tasks: JoinSet<()>,
}

impl Side {
    fn start(settings: Settings) -> Self {
        let (inbox, outlet, _catalog) = Inbox::new(Default::default());
        let (link, report) = mqtt_client::link();
        let cancel = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(mqtt_client::run(settings, inbox, report, cancel.clone()));
        Self { link, outlet, cancel, tasks }
    }

    async fn state(&self, what: &str, is: impl FnMut(&LinkState) -> bool) -> LinkState {
        let mut state = self.link.state();
        soon(what, state.wait_for(is)).await.unwrap().clone()
    }

    async fn up(&self) {
        self.state("the connection", |s| matches!(s, LinkState::Up { .. })).await;
    }

    async fn letter(&mut self) -> Letter {
        soon("a message", self.outlet.ordinary.recv()).await.unwrap()
    }

    /// The next message, stored.
    async fn stored(&mut self) -> RawMessage {
        let letter = self.letter().await;
        letter.receipt.send(Answer::Done).unwrap();
        let Arrival::Message { raw, .. } = letter.arrival else { panic!("a message") };
        raw
    }

    /// As if the process had been killed.
    async fn abort(mut self) {
        self.tasks.shutdown().await;
    }
}

fn text(letter: &Letter) -> String {
    let Arrival::Message { raw, .. } = &letter.arrival else { panic!("a message") };
    String::from_utf8(raw.payload.clone()).unwrap()
}

fn topic(raw: &RawMessage) -> &str {
    let Origin::Mqtt(topic) = &raw.origin else { panic!("from MQTT") };
    topic
}
