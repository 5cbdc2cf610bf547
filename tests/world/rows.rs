//! People and homes of the register as rows, by the command line and while the hub runs.

use crate::register::{api, house, register};

#[tokio::test]
async fn rows_of_people_and_homes_go_out_and_come_in() {
    let house = house(|_| ());
    let file = |name: &str| house.folder.path().join(name).to_str().unwrap().to_owned();
    let (people, homes) = (file("people.csv"), file("homes.json"));
    let text = register(&house);
    let daemon = house.start().await;
    house.ask(&["register", "export", &people, "--people"]).await;
    house.ask(&["register", "export", &homes, "--homes"]).await;
    for (file, of) in [(&people, "--people"), (&homes, "--homes")] {
        assert_eq!(house.ask(&["register", "import", file, of]).await, "nothing to change\n");
    }
    assert_eq!(register(&house), text);
    let more = std::fs::read_to_string(&people).unwrap() + "sun,孙,grud,,,screen\r\n";
    std::fs::write(&people, more.replacen("赵", "赵大姐", 1)).unwrap();
    let refused = house.cli(&["register", "import", &people, "--people"]).await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("people.csv:8:7: `role`: there is no role `grud`"), "{said}");
    assert_eq!(register(&house), text, "nothing was taken of it");
    std::fs::write(&people, more.replacen("grud", "grid", 1)).unwrap();
    let done = house.ask(&["register", "import", &people, "--people"]).await;
    assert_eq!(done, "+ person sun: role grid, name 孙, contacts screen\n");
    let new = r#"[{"id":"h2","name":"2","zone":"Asia/Shanghai","responders":["sun"]}]"#;
    std::fs::write(&homes, new).unwrap();
    let tried = house.ask(&["register", "import", &homes, "--homes", "--dry-run"]).await;
    let done = house.ask(&["register", "import", &homes, "--homes"]).await;
    assert_eq!(tried, format!("{done}dry run: nothing was changed\n"));
    let (_, known) = api(&daemon, "GET", "homes", "").await;
    assert!(known.contains("\"h2\""), "{known}");
    // Without a word of what it is, and of what there are no rows.
    assert_eq!(api(&daemon, "POST", "register/homes", new).await.0, 415);
    assert_eq!(api(&daemon, "POST", "register/devices", new).await.0, 404);
    for wrong in [&["register", "import", &people][..], &["register", "export", "--homes"][..]] {
        let refused = house.cli(wrong).await;
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}");
    }
    // With nobody there, a file that cannot be read as rows says the same.
    daemon.end("-TERM").await;
    std::fs::write(&people, b"id,name\r\nsun,\xcb\xef\r\n").unwrap();
    let refused = house.cli(&["register", "import", &people, "--people"]).await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("people.csv:2:5: this is not UTF-8"), "{said}");
}
