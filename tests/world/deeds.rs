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

#[tokio::test]
async fn a_way_to_reach_somebody_is_verified_by_the_code_that_went_there() {
    let house = house(|_| ());
    let verified = ["register", "verified", "daughter", "screen", "--code"];
    let refused = async |code: &str, why: &str| {
        let done = house.cli(&[&verified[..], &[code]].concat()).await;
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.code() == Some(2) && said.contains(why), "{said}");
    };
    refused("1234", "no gateway runs").await;
    let daemon = house.start().await;
    refused("1234", "no code that counts").await;
    let tried = house.ask(&["register", "try", "daughter"]).await;
    assert!(tried.starts_with("sent, by screen; the code counts for 30m\n"), "{tried}");
    let line = daemon.says("试发消息").await;
    let code: String =
        line.split("验证码 ").nth(1).unwrap().chars().take_while(char::is_ascii_digit).collect();
    assert!(!tried.contains(&code), "who asks for it must hear it from them");
    refused(
        &code.chars().map(|c| if c == '9' { '0' } else { '9' }).collect::<String>(),
        "more tries",
    )
    .await;
    let before = register(&house);
    assert!(!before.contains("verified ="));
    let done = house.ask(&[&verified[..], &[&code, "--on", "2026-11-28"]].concat()).await;
    assert!(done.contains("(verified on 2026-11-28)"), "{done}");
    assert!(register(&house).contains("verified = \"2026-11-28\""));
    refused(&code, "no code that counts").await;
    let changes = house.ask(&["audit", "changes"]).await;
    assert!(
        changes.contains("changed person daughter: the code that was sent there came back"),
        "{changes}"
    );
    assert!(changes.contains("contacts/screen/verified: - → 2026-11-28"), "{changes}");
    house.verify().await;
}
