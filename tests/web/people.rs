//! Who is taken off a home, or out of the register, and by whom; who administers the hub; and whom a filter of the
//! rota shows.

use serde_json::json;

use crate::kept::Kept;

const SAVED: &str = "Saved, and in force";

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_leaves_open_is_said_before_they_go_and_what_they_did_stays_theirs() {
    let hub = Kept::start().await;
    let (li, ma) = (hub.enter("li").await, hub.enter("ma").await);
    let pressed = json!({"home": "h1", "device": "help-button", "property": "help", "value": true});
    hub.program("observations", &pressed.to_string()).await;
    assert_eq!(hub.form("/incidents/h1-1", &li, &[("move", "accept")]).await.status, 303);
    let leave = [
        ("do", "leave"),
        ("from", "2036-12-24T18:00"),
        ("to", "2036-12-25T18:00"),
        ("why", "a wedding"),
    ];
    hub.form("/rota/sun", &li, &leave).await.says(&[SAVED]);

    hub.get("/people/li", &ma).await.says(&["href=\"/people/li/going\""]);
    let going = hub.get("/people/li/going", &ma).await;
    going.says(&[
        "3-2-501",
        "they have it; others are told when they go: ",
        "href=\"/incidents/h1-1\"",
        "Out of the register",
    ]);
    assert!(!going.text.contains("no community"), "sun is of the community, too: {}", going.text);
    let zhao = hub.get("/people/zhao/going", &ma).await;
    zhao.says(&["no grid comes here any more (plans"]);
    assert!(!zhao.text.contains("they have it"), "{}", zhao.text);
    assert_eq!(hub.get("/people/zhao/going", &li).await.status, 403);
    assert_eq!(hub.form("/people/zhao/going", &li, &[("home", "h1")]).await.status, 403);

    // Off the home: out of its list, and nowhere else.
    let off = [("home", "h1")];
    hub.form("/people/zhao/going", &ma, &off).await.says(&[SAVED, "~ home h1: responders"]);
    let register = hub.file("register.toml");
    let people = "responders = [\"daughter\", \"wang\", \"li\", \"chen\", \"wu\", \"ma\", \"sun\"]";
    assert!(register.contains(people) && register.contains("id = \"zhao\""), "{register}");
    assert!(register.contains("# changed by ma on "), "{register}");
    assert_eq!(hub.get("/people/zhao/going", &ma).await.status, 404, "they come to none of hers");
    hub.form("/people/li/going", &ma, &[("home", "h9")]).await.is_refused(404, "");

    // Out of the register: their phone is logged out, and their name stays with what they did.
    let gone = hub.form("/people/li/going", &ma, &[("do", "depart")]).await;
    gone.says(&[SAVED, "- person li", "People and invitations"]);
    let register = hub.file("register.toml");
    assert!(
        register.contains("[[former]]\nid = \"li\"\nname = \"李 (社区)\"\nby = \"ma\""),
        "{register}"
    );
    assert!(register.contains("by = \"li\""), "the leave that she wrote down stands: {register}");
    let people = "responders = [\"daughter\", \"wang\", \"chen\", \"wu\", \"ma\", \"sun\"]";
    assert!(register.contains(people), "{register}");
    assert_eq!(hub.get("/account", &li).await.status, 303, "she has to log in, and cannot");
    assert!(hub.has_deed(&["li shut out by ma"]), "{:?}", hub.deeds());
    let zh = ma.replace("_lang=en", "_lang=zh");
    hub.get("/incidents/h1-1", &zh).await.says(&["李 (社区)"]);
    let again =
        [("id", "li"), ("name", "李"), ("role", "grid"), ("home", "h1"), ("channel", "screen")];
    let refused = hub.form("/people", &ma, &again).await;
    refused.is_refused(409, "the id of somebody who has left");

    // The last whom a plan tells stays until there is another.
    hub.form("/people/sun/going", &ma, &off).await.says(&[SAVED]);
    hub.get("/people/wu/going", &ma).await.says(&["nobody would be told by the plan Repair"]);
    let before = hub.file("register.toml");
    for form in [("home", "h1"), ("do", "depart")] {
        let refused = hub.form("/people/wu/going", &ma, &[form]).await;
        refused.is_refused(409, "in home `h1` (3-2-501) nobody would be told by the plan Repair");
    }
    assert_eq!(hub.file("register.toml"), before);
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_their_own_role_and_the_last_who_administers_stays_one() {
    let hub = Kept::start().await;
    let ma = hub.enter("ma").await;
    let role = |role| [("name", "马"), ("role", role), ("language", "zh"), ("channel-1", "screen")];
    let own = hub.form("/people/ma", &ma, &role("community")).await;
    own.is_refused(409, "nobody changes their own role: ask another supervisor");
    hub.form("/people/ma", &ma, &role("supervisor")).await.says(&[SAVED, "name"]);
    for form in [("home", "h1"), ("do", "depart")] {
        hub.form("/people/ma/going", &ma, &[form])
            .await
            .is_refused(409, "nobody takes themselves off");
    }
    // By another's hand the last cannot go either.
    let edit = async |deed: serde_json::Value| hub.ask("register/edits", &deed.to_string()).await;
    let last = "`ma` is the last supervisor";
    let on = "2026-11-28";
    edit(json!({"do": "responder", "who": "ma", "role": "grid"})).await.is_refused(409, last);
    let deed = json!({"do": "release", "who": "ma", "home": "h1", "by": "li", "on": on});
    edit(deed).await.is_refused(409, last);
    let deed = json!({"do": "depart", "who": "ma", "by": "li", "on": on});
    edit(deed.clone()).await.is_refused(409, last);
    // Once there is another, they may.
    let sun = [("name", "孙"), ("role", "supervisor"), ("language", "zh"), ("channel-1", "screen")];
    hub.form("/people/sun", &ma, &sun).await.says(&[SAVED]);
    assert_eq!(edit(deed).await.status, 200);
    assert_eq!(hub.get("/people", &ma).await.status, 303, "her phone is logged out");
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_of_the_rota_shows_the_homes_of_all_that_lies_in_it() {
    let grid = |id: &str, kind: &str, parent: &str| {
        let parent =
            if parent.is_empty() { String::new() } else { format!("parent = \"{parent}\"\n") };
        format!("\n[[grid]]\nid = \"{id}\"\nname = \"{id} 名\"\nkind = \"{kind}\"\n{parent}")
    };
    let tree =
        grid("s1", "street", "") + &grid("c1", "community", "s1") + &grid("c2", "community", "s1");
    let tree = tree + &grid("g1", "general", "c1");
    let hub = Kept::with(|file, text| match file {
        "register.toml" => text.replace("[[home]]\n", "[[home]]\ngrid = \"g1\"\n") + &tree,
        _ => text.to_owned(),
    })
    .await;
    let ma = hub.enter("ma").await;
    for grid in ["g1", "c1", "s1"] {
        let page = hub.get(&format!("/rota?grid={grid}"), &ma).await;
        page.says(&["href=\"/rota/zhao\"", &format!("value=\"{grid}\" selected>{grid} 名")]);
    }
    let other = hub.get("/rota?grid=c2", &ma).await.text;
    assert!(!other.contains("href=\"/rota/zhao\"") && !other.contains("c2 名"), "{other}");
    hub.end().await;
}
