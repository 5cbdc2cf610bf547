use std::path::Path;

use super::*;
use crate::clock::Clock;
use crate::config;
use crate::device::{Decoded, Origin, RawMessage};
use crate::inbox::{Answer, Letter, Outlet};
use crate::registrar::{Amended, Amendment, Edit, Registrar};
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
                former: watch::channel(Arc::default()).0,
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
    assert!(settled.changes[0].en().starts_with("- device h1/kitchen-leak"));
    kept.tasks.shutdown().await;
}

/// The rules with another limit of oxygen, tried out by somebody.
fn amendment(before: &str) -> Change {
    let after = before.replacen("below = 92", "below = 90", 1);
    let (before, why) = (before.to_owned(), "the clinic says so".to_owned());
    Change::Amend(Box::new(Amendment { of: Amended::Rules, before, after, why }))
}

#[tokio::test]
async fn rules_that_were_tried_out_are_written_and_who_changed_what_why_goes_with_them() {
    let mut kept = Kept::start();
    let file = kept.folder.path().join("rules.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let registrar = kept.registrar.used_by("ma");
    let change = amendment(&before);
    let done = tokio::spawn(async move { registrar.change(change, false).await });
    let marker = kept.outlet.ordinary.recv().await.unwrap();
    marker.receipt.send(Answer::Done).unwrap();
    let Letter { arrival, receipt } = kept.outlet.life.recv().await.unwrap();
    let Arrival::Register { texts, deeds, .. } = arrival else { panic!("{arrival:?}") };
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, before.replacen("below = 92", "below = 90", 1));
    assert_eq!(texts.rules, written);
    let deed = deeds.iter().find(|d| d.deed.of == "rule oxygen").unwrap();
    assert_eq!((deed.deed.by.as_str(), deed.deed.why.as_str()), ("ma", "the clinic says so"));
    let [altered] = &*deed.altered else { panic!("{:?}", deed.altered) };
    let (was, is) = (altered.before.as_deref(), altered.after.as_deref());
    assert_eq!((&*altered.key, was, is), ("detect/threshold/below", Some("92"), Some("90")));
    receipt.send(Answer::Done).unwrap();
    let settled = done.await.unwrap().unwrap();
    assert_eq!(settled.changes, ["~ rule oxygen: not what it was"]);
    // What was tried out on another text does not count for this one.
    let refused = kept.registrar.change(amendment(&before), false).await.unwrap_err();
    assert!(refused.to_string().contains("rules.toml has changed"), "{refused}");
}

#[tokio::test]
async fn what_was_edited_by_hand_does_not_come_in_force_with_what_was_tried_out() {
    let mut kept = Kept::start();
    let rules = std::fs::read_to_string(kept.folder.path().join("rules.toml")).unwrap();
    let plans = kept.folder.path().join("plans.toml");
    let right = std::fs::read_to_string(&plans).unwrap();
    let others = [
        right.replacen("arrive_within  = \"15m\"", "arrive_within  = \"16m\"", 1),
        right.replacen("\narrive_within", "\narive_within", 1),
    ];
    for (other, why) in others.iter().zip(["careloop reload", "would not be right"]) {
        std::fs::write(&plans, other).unwrap();
        let refused = kept.registrar.change(amendment(&rules), false).await.unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
    }
    std::fs::write(&plans, &right).unwrap();
    // When it cannot be stored the file is as it was.
    let registrar = kept.registrar.clone();
    let change = amendment(&rules);
    let done = tokio::spawn(async move { registrar.change(change, false).await });
    let marker = kept.outlet.ordinary.recv().await.unwrap();
    marker.receipt.send(Answer::Done).unwrap();
    drop(kept.outlet.life.recv().await.unwrap());
    assert!(matches!(done.await.unwrap(), Err(Refused::NotStored(_))));
    assert_eq!(std::fs::read_to_string(kept.folder.path().join("rules.toml")).unwrap(), rules);
    kept.tasks.shutdown().await;
}

#[tokio::test]
async fn a_rule_is_otherwise_for_one_home_until_it_is_as_for_everybody() {
    let mut kept = Kept::start();
    let before = kept.text();
    for (set, off, written) in [
        ("detect.threshold.below = 88\n", false, "detect.threshold.below = 88\nby = \"li\""),
        ("alarm.after = \"2m\"\n", false, "alarm.after = \"2m\"\nby = \"li\""),
        ("", true, "off = true\nby = \"li\""),
        ("", false, ""),
    ] {
        let set = serde_json::to_string(set).unwrap();
        let done = kept.change(&format!(
            r#"{{"do":"tune","home":"h1","rule":"oxygen","set":{set},"off":{off},"by":"li","on":"2026-11-28","why":"COPD"}}"#
        ));
        let marker = kept.outlet.ordinary.recv().await.unwrap();
        marker.receipt.send(Answer::Done).unwrap();
        let Letter { arrival, receipt } = kept.outlet.life.recv().await.unwrap();
        let Arrival::Register { homes, deeds, .. } = arrival else { panic!("{arrival:?}") };
        receipt.send(Answer::Done).unwrap();
        done.await.unwrap().unwrap();
        let deed = deeds.iter().find(|deed| deed.deed.of == "home").unwrap();
        assert_eq!(deed.deed.why, "COPD");
        assert!(deed.altered.iter().all(|altered| altered.key.starts_with("changes/oxygen/")));
        assert!(kept.text().contains(written), "{}", kept.text());
        assert_eq!(
            kept.text().matches("[[home.change]]").count(),
            usize::from(!written.is_empty())
        );
        assert_eq!(homes[0].changes.len(), usize::from(!written.is_empty()));
    }
    assert_eq!(kept.text(), before, "every comment is where it was");
    let wrong = r#"{"do":"tune","home":"h1","rule":"help","off":true,"by":"li","on":"2026-11-28","why":"x"}"#;
    let refused = kept.change(wrong).await.unwrap().unwrap_err();
    let Refused::Wrong(problems) = refused else { panic!("{refused}") };
    assert!(problems[0].message.en().contains("an emergency is never off (P6)"), "{problems:?}");
}
