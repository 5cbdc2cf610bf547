use std::path::Path;

use super::*;
use crate::clock::Clock;
use crate::config;
use crate::device::{Decoded, Origin, RawMessage};
use crate::inbox::{Answer, Letter, Outlet};
use crate::registrar::{Edit, Registrar};
use crate::source::mqtt_client;

const TOPIC: &str = "zigbee2mqtt/kitchen-leak";

/// A keeper whose loop is the test's.
struct Kept {
    folder: tempfile::TempDir,
    registrar: Registrar,
    inbox: Inbox,
    outlet: Outlet,
    homes: watch::Receiver<Arc<Vec<Arc<Home>>>>,
    tasks: tokio::task::JoinSet<()>,
}

impl Kept {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        for file in ["gateway.toml", "rules.toml", "plans.toml", "register.toml"] {
            std::fs::copy(shipped.join(file), folder.path().join(file)).unwrap();
        }
        let in_force = Arc::new(config::load(folder.path()).unwrap());
        let catalog = Arc::new(open::catalog(&in_force).unwrap());
        let (inbox, outlet, catalog) = Inbox::new(catalog);
        let (new_homes, homes) = watch::channel(Arc::default());
        let stop = CancellationToken::new();
        let book = watch::Sender::new(Arc::clone(&in_force.book));
        let keeper = Keeper {
            in_force,
            inbox: inbox.clone(),
            catalog,
            shown: Shown {
                homes: new_homes,
                grids: watch::channel(Arc::default()).0,
                coverage: watch::channel(Arc::default()).0,
                book,
                wording: watch::channel(Arc::new(Wording::shipped())).0,
            },
            links: vec![mqtt_client::link().0],
            admission: None,
            ports: Ports::new(inbox.clone(), stop.clone()),
            trials: Trials::new(Arc::default(), Clock::start(None)),
        };
        let (registrar, wishes) = Registrar::new();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(keeper.run(wishes, stop));
        Self { folder, registrar, inbox, outlet, homes, tasks }
    }

    fn change(&mut self, json: &str) -> tokio::task::JoinHandle<Result<Settled, Refused>> {
        let edit: Edit = serde_json::from_str(json).unwrap();
        let registrar = self.registrar.clone();
        tokio::spawn(async move { registrar.change(Change::Edits(vec![edit]), false).await })
    }

    /// How a message of the leak sensor is understood now.
    async fn understood(&mut self) -> bool {
        let origin = Origin::Mqtt(TOPIC.to_owned());
        let payload = br#"{"battery":90}"#.to_vec();
        let raw = RawMessage { origin, payload, retained: false };
        drop(self.inbox.receive(raw, Vec::new()).await);
        let Letter { arrival, .. } = self.outlet.ordinary.recv().await.unwrap();
        matches!(arrival, Arrival::Message { decoded: Decoded::Known { .. }, .. })
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("register.toml")).unwrap()
    }
}

#[tokio::test]
async fn what_the_old_piece_said_is_taken_before_the_new_one_is_registered_and_no_more_after() {
    let mut kept = Kept::start();
    assert!(kept.understood().await);
    let replace = r#"{"do":"replace","home":"h1","device":"kitchen-leak","mqtt":"new"}"#;
    let done = kept.change(replace);
    // First it waits until what came before in the ordinary lane has been taken …
    let Letter { arrival, receipt } = kept.outlet.ordinary.recv().await.unwrap();
    assert!(matches!(arrival, Arrival::Keep(keep) if keep.is_empty()));
    assert!(kept.text().contains("mqtt = \"new\""), "the file comes first");
    assert!(kept.outlet.life.try_recv().is_err());
    assert!(!kept.understood().await, "… and nobody understands the old piece any more");
    receipt.send(Answer::Done).unwrap();
    let Letter { arrival, receipt } = kept.outlet.life.recv().await.unwrap();
    assert!(
        matches!(arrival, Arrival::Register { homes, .. } if homes.len() == 2),
        "the hub's own too"
    );
    assert!(
        !kept.understood().await && !done.is_finished(),
        "nothing is said before it is on disk"
    );
    receipt.send(Answer::Done).unwrap();
    assert!(done.await.unwrap().is_ok() && kept.homes.borrow().len() == 2);
}

#[tokio::test]
async fn what_could_not_be_stored_leaves_everything_as_it_was() {
    let mut kept = Kept::start();
    let before = kept.text();
    let retire = r#"{"do":"retire","home":"h1","device":"kitchen-leak"}"#;
    let done = kept.change(retire);
    let marker = kept.outlet.ordinary.recv().await.unwrap();
    marker.receipt.send(Answer::Done).unwrap();
    drop(kept.outlet.life.recv().await.unwrap());
    assert!(matches!(done.await.unwrap(), Err(Refused::NotStored(_))));
    assert_eq!(kept.text(), before);
    assert!(kept.understood().await && kept.homes.borrow().is_empty());
    // And the next one finds a keeper that knows it.
    let done = kept.change(retire);
    let marker = kept.outlet.ordinary.recv().await.unwrap();
    marker.receipt.send(Answer::Done).unwrap();
    kept.outlet.life.recv().await.unwrap().receipt.send(Answer::Done).unwrap();
    let settled = done.await.unwrap().unwrap();
    assert!(settled.changes[0].starts_with("- device h1/kitchen-leak"));
    kept.tasks.shutdown().await;
}
