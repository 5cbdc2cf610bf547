//! Who changed or read the register is on record, however it was changed.

use crate::register::{api, house, register};

#[tokio::test]
async fn whoever_changes_or_reads_the_register_is_on_record_with_what_it_was_before() {
    let house = house(|_| ());
    let daemon = house.start().await;
    let place = r#"{"do":"place","home":"h1","device":"kitchen-leak","room":"bath"}"#;
    for (path, status) in [("register/edits?dry_run=true", 200), ("register/edits?by=li", 200)] {
        assert_eq!(api(&daemon, "POST", path, place).await.0, status);
    }
    house.ask(&["devices", "credentials", "h1", "kitchen-leak"]).await;
    let phone =
        r#"{"do":"responder","who":"wang","contacts":[{"channel":"radio","to":"13800001111"}]}"#;
    assert_eq!(api(&daemon, "POST", "register/edits?by=li", phone).await.0, 200);
    let by_hand = register(&house).replace("3-2-501", "3-2-502");
    std::fs::write(house.folder.path().join("config/register.toml"), by_hand).unwrap();
    house.ask(&["reload"]).await;
    let (status, text) = api(&daemon, "GET", "register?by=zhao", "").await;
    assert_eq!((status, text.contains("password_digest")), (200, true));
    assert_eq!(api(&daemon, "GET", "register?who=zhao", "").await.0, 400);

    let changes = house.ask(&["audit", "changes"]).await;
    let lines: Vec<&str> =
        changes.lines().map(|l| l.split_once("Z  ").map_or(l, |(_, l)| l)).collect();
    let at = |text: &str| lines.iter().position(|line| *line == text);
    let placed = at("li changed home of h1: edited").expect(&changes);
    assert_eq!(lines[placed + 2], "  devices/kitchen-leak/room: kitchen → bath", "{changes}");
    let password = lines
        .iter()
        .find(|line| line.contains("passwords/kitchen-leak: - → set ("))
        .expect(&changes);
    let digest = text.split("password_digest = \"sha256:").nth(1).unwrap();
    let digest: String = digest.chars().take(8).collect();
    assert!(!password.contains(&digest), "nothing of the digest: {password}");
    let told = at("li changed person wang: edited").expect(&changes);
    assert!(lines[told + 1..].contains(&"  contacts/radio/to: wang → 13800001111"), "{changes}");
    assert!(lines.contains(&"  name: 3-2-501 → 3-2-502"), "{changes}");
    assert!(changes.contains("changed home of h1: edited by hand, and reloaded"), "{changes}");
    assert!(!changes.contains("zhao"), "reading changes nothing");
    assert!(house.ask(&["audit", "reads"]).await.contains("zhao revealed register: asked for"));
    assert!(daemon.end("-TERM").await.0.success());

    // While the hub rests it is seen at the next start, and once.
    house.ask(&["devices", "place", "h1", "kitchen-leak", "--room", "hall"]).await;
    house.start().await.kill().await;
    house.start().await.kill().await;
    let changes = house.ask(&["audit", "changes"]).await;
    assert_eq!(changes.matches("register.toml changed home of h1: found at the start").count(), 1);
    assert!(changes.contains("  devices/kitchen-leak/room: bath → hall\n"), "{changes}");
    house.verify().await;
}
