//! A home is forgotten: while the hub runs, and while it rests.

use crate::house::{House, until};
use crate::programs::{LEAK, make_move, publish};
use crate::register::{house, register};

/// Stands in what is said of the home, and nowhere else.
const MARK: &str = "Marigold";

fn second_home(texts: &mut crate::house::Texts) {
    texts.swap("register.toml", "3-2-501", MARK);
    texts.add(
        "register.toml",
        "\n[[home]]\nid = \"h2\"\nname = \"2\"\nzone = \"Asia/Shanghai\"\nresponders = [\"wang\", \"li\"]\n",
    );
}

fn marks(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["data", "config"] {
        for file in std::fs::read_dir(house.folder.path().join(folder)).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap_or_default();
            if bytes.windows(MARK.len()).any(|part| part == MARK.as_bytes()) {
                found.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found
}

const ARGS: [&str; 7] =
    ["register", "forget", "h1", "--by", "li", "--reason", "moved to her son's"];

#[tokio::test]
async fn a_home_is_forgotten_while_the_hub_runs() {
    let house = house(second_home);
    let daemon = house.start().await;
    publish(daemon.mqtt, "zigbee2mqtt/kitchen-leak", LEAK, &[]).await;
    let id = house.incident("leak").await.id.to_string();

    // Somebody lives there, and somebody must see to the water.
    let refused = async |more: &[&str], why: &str| {
        let done = house.cli(&[&ARGS[..], more].concat()).await;
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.code() == Some(2) && said.contains(why), "{said}");
    };
    refused(&[], "somebody lives in `h1`").await;
    refused(&["--and-remove"], "h1-1 of `h1` is open").await;
    assert!(register(&house).contains("id = \"h1\""));
    for body in [
        r#"{"move":"on-scene","by":"wang"}"#,
        r#"{"move":"resolve","outcome":"safe","note":"Marigold","by":"wang"}"#,
        r#"{"move":"verify","by":"li"}"#,
    ] {
        make_move(daemon.mqtt, &id, body).await;
    }
    until("it is closed", || house.incidents().iter().all(|s| s.closed_at.is_some()).then_some(()))
        .await;
    refused(&["--and-remove", "--by", "nobody"], "cannot be used multiple times").await;
    assert_ne!(marks(&house), [""; 0]);

    let report = house.ask_json(&[&ARGS[..], &["--and-remove", "--json"]].concat()).await;
    assert_eq!(report["is_complete"], true, "{report}");
    assert_eq!(marks(&house), [""; 0], "{report}");
    assert_eq!(report["rows"]["incident"], 1, "{report}");
    assert!(report["tombstones"]["entry"]["lines"].as_u64().unwrap() > 4, "{report}");
    let after = register(&house);
    assert!(!after.contains("id = \"h1\"") && !after.contains("daughter"), "{after}");
    assert!(after.contains("id = \"wang\"") && after.contains("id = \"h2\""), "{after}");
    house.verify().await;
    let said = house.ask(&["replay", "--verify"]).await;
    assert!(said.contains("forgotten, and in no replay: home h1"), "{said}");
    let seal = report["seal"].as_str().unwrap();
    assert!(house.ask(&["audit", "verify"]).await.contains(seal));
    assert!(house.ask(&["audit", "reads"]).await.contains("li forgotten home of h1: moved to"));
    assert_eq!(
        house.ask(&ARGS).await.lines().next().unwrap(),
        "home h1 is forgotten: moved to her son's, says li"
    );
    assert!(daemon.end("-TERM").await.0.success());

    // And while it rests.
    let done = house
        .ask(&["register", "forget", "h2", "--by", "chen", "--reason", "closed", "--and-remove"])
        .await;
    assert!(done.contains("home h2 is forgotten: closed, says chen"), "{done}");
    house.verify().await;
    let daemon = house.start().await;
    house.verify().await;
    assert!(daemon.end("-TERM").await.0.success());
}
