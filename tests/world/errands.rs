//! Visits and requests by the command line of a hub that runs.

use crate::house::{House, Texts};
use crate::register;

/// A street of two communities; nobody of the community comes to the second home.
const STREET: &str = r#"
[[grid]]
id = "street"
name = "street"
kind = "street"
[[grid]]
id = "garden"
name = "garden"
kind = "community"
parent = "street"
[[grid]]
id = "lake"
name = "lake"
kind = "community"
parent = "street"
[[grid]]
id = "north"
name = "north"
kind = "general"
parent = "garden"
[[home]]
id = "h2"
name = "3-2-502"
address = "Building 3"
zone = "Asia/Shanghai"
grid = "garden"
visits = "monthly"
responders = ["wang"]
[[home]]
id = "h3"
name = "3-2-503"
address = "Building 3"
zone = "Asia/Shanghai"
grid = "lake"
visits = "monthly"
responders = ["wang", "li"]
[[home]]
id = "h4"
name = "3-2-504"
address = "Building 3"
zone = "Asia/Shanghai"
grid = "garden"
responders = ["wang", "li"]
"#;

fn house() -> House {
    register::house(|texts: &mut Texts| {
        let (before, after) =
            ("name = \"3-2-501\"", "visits = \"weekly\"\ngrid = \"north\"\nname = \"3-2-501\"");
        texts.swap("register.toml", before, after);
        texts.add("register.toml", STREET);
    })
}

#[tokio::test]
async fn a_grid_is_called_and_who_refuses_keeps_nobody_else_from_it() {
    let house = house();
    let daemon = house.start().await;
    let call = ["home", "visit", "heat-wave", "--grid", "garden", "--by", "li"];
    let called = house.cli(&call).await;
    assert_eq!(called.status.code(), Some(1), "{called:?}");
    assert_eq!(String::from_utf8_lossy(&called.stdout), "called for a visit at 2 of 3 homes\n");
    let refused = String::from_utf8_lossy(&called.stderr);
    assert!(refused.starts_with("h2: ") && refused.lines().count() == 1, "{refused}");
    // By one home it goes as before, and a grid is no home.
    house.ask(&["home", "visit", "h3", "festival", "--by", "li"]).await;
    for wrong in [
        &["home", "visit", "festival", "--by", "li"][..],
        &["home", "visit", "h3", "festival", "--grid", "lake", "--by", "li"],
        &["home", "visit", "festival", "--grid", "sea", "--by", "li"],
    ] {
        assert_eq!(house.cli(wrong).await.status.code(), Some(2), "{wrong:?}");
    }

    let list = house.ask_json(&["visits", "--json"]).await;
    let of = |list: &serde_json::Value| -> Vec<(String, String)> {
        let text = |visit: &serde_json::Value, key: &str| visit[key].as_str().unwrap().to_owned();
        let all = list.as_array().unwrap().iter();
        all.map(|visit| (text(visit, "home"), text(visit, "standing"))).collect()
    };
    let called = |home: &str| (home.to_owned(), "called".to_owned());
    // By tier; who has none is seen, too, when somebody called. Nobody called at h2.
    assert_eq!(of(&list), [called("h1"), called("h3"), called("h4")]);
    let garden = house.ask_json(&["visits", "--grid", "garden", "--by", "wang", "--json"]).await;
    assert_eq!(of(&garden), [called("h1"), called("h4")]);
    let said = house.ask(&["visits"]).await;
    assert!(said.contains("h1-1 Visit after something happened alarmed"), "{said}");

    let report = ["home", "report", "h1", "request-repair", "--from", "family", "--by", "daughter"];
    house.ask(&[&report[..], &["--text", "the tap drips"]].concat()).await;
    let said = house.ask(&["requests"]).await;
    assert!(said.contains("from family; “the tap drips”"), "{said}");
    let open = house.ask_json(&["requests", "--open", "--json"]).await;
    assert_eq!(open[0]["id"], "h1-2", "{open}");

    // What is known is on disk, and is read when the hub does not run.
    daemon.kill().await;
    assert_eq!(house.ask_json(&["visits", "--json"]).await, list);
}
