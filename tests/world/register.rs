//! The register changes while the hub runs: by the API, by the command line, by hand.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::house::{Daemon, House, Texts, soon, until};
use crate::programs::{LEAK, Line, Mosquitto, PRESSED, free_port, make_move, publish};

/// The shipped household, whose command line finds its hub.
pub fn house(change: impl FnOnce(&mut Texts)) -> House {
    House::with(|texts| {
        let http = format!("[http]\nlisten = \"127.0.0.1:{}\"", free_port());
        texts.swap("gateway.toml", "[http]\nlisten = \"127.0.0.1:0\"", &http);
        change(texts);
    })
}

pub fn register(house: &House) -> String {
    std::fs::read_to_string(house.folder.path().join("config/register.toml")).unwrap()
}

fn write(house: &House, text: &str) {
    std::fs::write(house.folder.path().join("config/register.toml"), text).unwrap();
}

/// Asks the API. Gives the status and the answer.
pub async fn api(daemon: &Daemon, method: &str, path: &str, body: &str) -> (u16, String) {
    let asked = async {
        let mut line = TcpStream::connect(("127.0.0.1", daemon.http)).await.unwrap();
        let head =
            format!("{method} /api/v1/{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close");
        let request = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        line.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    };
    soon("an answer", asked).await
}

fn adopt(device: &str, more: &str) -> String {
    format!(
        r#"{{"do":"adopt","home":"h1","device":"{device}","profile":"zigbee2mqtt/tuya-TS0207","mqtt":"{device}","room":"bathroom"{more}}}"#
    )
}

/// What the hub knows of a device.
async fn known(daemon: &Daemon, device: &str) -> Option<serde_json::Value> {
    let (_, all) = api(daemon, "GET", "devices", "").await;
    let all: Vec<serde_json::Value> = serde_json::from_str(&all).unwrap();
    all.into_iter().find(|d| d["id"] == device)
}

async fn close(house: &House, daemon: &Daemon, rule: &str) {
    let id = house.incident(rule).await.id.to_string();
    for body in [
        r#"{"move":"accept","by":"wang"}"#,
        r#"{"move":"on-scene","by":"wang"}"#,
        r#"{"move":"resolve","outcome":"safe","by":"wang"}"#,
        r#"{"move":"verify","by":"li"}"#,
    ] {
        make_move(daemon.mqtt, &id, body).await;
    }
    let closed = || house.incidents_of(rule).into_iter().find(|s| s.closed_at.is_some());
    until("it is closed", closed).await;
}

#[tokio::test]
async fn a_device_is_adopted_while_the_hub_runs_and_alarms_and_retires() {
    let house = house(|_| ());
    let before = register(&house);
    let daemon = house.start().await;
    let (status, tried) =
        api(&daemon, "POST", "register/edits?dry_run=true", &adopt("bath-leak", "")).await;
    assert_eq!((status, register(&house) == before), (200, true), "{tried}");
    let (status, done) = api(&daemon, "POST", "register/edits", &adopt("bath-leak", "")).await;
    assert_eq!((status, &done), (200, &tried), "a dry run says what will be");
    assert!(done.contains("+ device h1/bath-leak"), "{done}");
    assert!(register(&house).starts_with(&before), "nothing else was touched");
    publish(daemon.mqtt, "zigbee2mqtt/bath-leak", LEAK, &[]).await;
    let leak = house.incident("leak").await;
    assert!(house.lines(&leak.id)[0].contains("bath-leak"));

    let placed = house.ask(&["devices", "place", "h1", "bath-leak", "--room", "kitchen"]).await;
    let next = "now try it out where it hangs: careloop devices walk h1 bath-leak\n";
    assert_eq!(placed, format!("~ device h1/bath-leak: room bathroom → kitchen\n{next}"));
    assert_eq!(known(&daemon, "bath-leak").await.unwrap()["room"], "kitchen");
    assert!(house.ask(&["devices", "retire", "h1", "bath-leak"]).await.starts_with("- device"));
    assert_eq!(register(&house), before, "as if it had never been there");
    assert!(known(&daemon, "bath-leak").await.is_none());
    publish(daemon.mqtt, "zigbee2mqtt/bath-leak", LEAK, &[]).await;
    let strange = house.ask(&["devices", "strange"]).await;
    assert!(strange.contains("zigbee2mqtt/bath-leak"), "{strange}");
    // P3: what its water began stays open until people close it.
    assert!(house.incident("leak").await.closed_at.is_none());
    close(&house, &daemon, "leak").await;
    daemon.kill().await;
    house.start().await;
    house.verify().await;
}

#[tokio::test]
async fn a_device_that_waits_is_adopted_by_its_key() {
    let house = house(|_| ());
    let daemon = house.start().await;
    let leak = LEAK.replace("true", "false");
    publish(daemon.mqtt, "zigbee2mqtt/0xa4c1", &leak, &[]).await;
    let waiting = house.ask_json(&["devices", "waiting", "--json"]).await;
    let key = waiting[0]["key"].as_str().unwrap();
    let model = "zigbee2mqtt/tuya-TS0207";
    let all = ["devices", "adopt", key, "--home", "h1", "--as", "bath", "--profile", model];
    assert!(house.ask(&all).await.contains("mqtt 0xa4c1"));
    assert_eq!(house.ask_json(&["devices", "waiting", "--json"]).await, serde_json::json!([]));
    publish(daemon.mqtt, "zigbee2mqtt/0xa4c1", LEAK, &[]).await;
    assert!(house.lines(&house.incident("leak").await.id)[0].contains("bath"));
    // And another takes its place, known by its key as well.
    publish(daemon.mqtt, "zigbee2mqtt/0xb5d2", &leak, &[]).await;
    let waiting = house.ask_json(&["devices", "waiting", "--json"]).await;
    let new = waiting[0]["key"].as_str().unwrap();
    let replaced = house.ask(&["devices", "replace", "h1", "bath", "--with", new]).await;
    assert!(replaced.starts_with("~ device h1/bath: mqtt 0xa4c1 → 0xb5d2\n"), "{replaced}");
    assert!(known(&daemon, "bath").await.unwrap()["is_alive"] == false, "it has not spoken yet");
    let gone = house.cli(&["devices", "adopt", new, "--home", "h1", "--as", "bath-2"]).await;
    assert!(String::from_utf8(gone.stderr).unwrap().contains("nothing waits as"));
}

#[tokio::test]
async fn what_is_not_right_is_refused_and_leaves_file_and_hub_as_they_were() {
    let house = house(|_| ());
    let before = register(&house);
    let own = house.folder.path().join("config/devices/own");
    std::fs::create_dir_all(&own).unwrap();
    let profile = "vendor = \"Own\"\nmodel = \"Eye\"\nabout = \"An eye\"\nsource = \"ours\"\n[mqtt]\ntopic = \"own/{device}\"\n[limits]\nmount = [\"ceiling\"]\nheight_min = 220\n[[report]]\nat = \"/on\"\nproperty = \"motion\"\n[[example]]\nabout = \"seen\"\nfrom = \"constructed\"\npayload = '{\"on\":true}'\nmeans = [\"motion true\"]\n";
    std::fs::write(own.join("eye.toml"), profile).unwrap();
    let eye = |more: &str| adopt("x", more).replace("zigbee2mqtt/tuya-TS0207", "own/eye");
    let daemon = house.start().await;
    for (body, status, why) in [
        ("{\"do\":\"fly\"}", 400, "unknown variant"),
        (&adopt("x", r#","rom":"y""#), 400, "rom"),
        (&adopt("kitchen-leak", ""), 409, "already"),
        (&adopt("x", "").replace("h1", "h9"), 404, "no home `h9`"),
        (&adopt("x", "").replace("TS0207", "TS9999"), 422, "register.toml:"),
        (&adopt("x", r#","serial":"/dev/x""#), 422, "not both"),
        (
            &format!("[{},{}]", adopt("x", ""), adopt("x-y", "").replace("tuya-", "")),
            422,
            "profile",
        ),
        (&eye(r#","mount":"worn""#), 422, "`mount`"),
        (&eye(r#","mount":"ceiling","height":120"#), 422, "`height` is 220 cm or more"),
    ] {
        let (got, said) = api(&daemon, "POST", "register/edits", body).await;
        assert!((got, true) == (status, said.contains(why)), "{body}: {got} {said}");
    }
    let (status, said) = api(&daemon, "PUT", "register", "[[home]]\nid = 3\n").await;
    assert!(status == 422 && said.contains("register.toml:1:1"), "{said}");
    assert_eq!(register(&house), before);
    assert!(known(&daemon, "x").await.is_none());
    let refused = house
        .cli(&[
            "devices",
            "adopt",
            "--mqtt",
            "x",
            "--home",
            "h1",
            "--as",
            "x",
            "--profile",
            "no/such",
        ])
        .await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(2) && said.contains("register.toml:"), "{said}");
}

#[tokio::test]
async fn a_register_edited_by_hand_is_taken_on_a_hang_up_and_a_broken_one_is_not() {
    let house = house(|_| ());
    let daemon = house.start().await;
    let right = register(&house);
    write(&house, &right.replace("room = \"kitchen\"", "rom = \"kitchen\""));
    daemon.signal("-HUP");
    daemon.says("stays in force").await;
    assert!(daemon.said().contains("there is no key `rom` here"));
    let reload = house.cli(&["register", "reload"]).await;
    let said = String::from_utf8(reload.stderr).unwrap();
    assert!(reload.status.code() == Some(2) && said.contains("no key `rom`"), "{said}");
    publish(daemon.mqtt, "zigbee2mqtt/kitchen-leak", LEAK, &[]).await;
    house.incident("leak").await;
    let more =
        "\n# by hand\n[[home.device]]\nid = \"pantry\"\nprofile = \"own/button\"\nmqtt = \"b\"\n";
    write(&house, &format!("{right}{more}"));
    // A profile of the household's own comes with it.
    let devices = house.folder.path().join("config/devices/own");
    std::fs::create_dir_all(&devices).unwrap();
    let profile = "vendor = \"Own\"\nmodel = \"Button\"\nabout = \"A button\"\nsource = \"ours\"\n[mqtt]\ntopic = \"own/{device}\"\n[[report]]\nat = \"/on\"\nproperty = \"help\"\n[[example]]\nabout = \"pressed\"\nfrom = \"constructed\"\npayload = '{\"on\":true}'\nmeans = [\"help\"]\n";
    std::fs::write(devices.join("button.toml"), profile).unwrap();
    daemon.signal("-HUP");
    daemon.says("+ device h1/pantry").await;
    publish(daemon.mqtt, "own/b", r#"{"on":true}"#, &[]).await;
    house.incident("help").await;
    assert_eq!(house.ask(&["register", "reload"]).await, "nothing to change\n");
    // Another meaning of the profile comes with it as well.
    let other = profile.replace("help", "press");
    std::fs::write(devices.join("button.toml"), other).unwrap();
    let said = house.ask(&["register", "reload"]).await;
    assert_eq!(said, "nothing to change\nnote: profile own/button is not what it was\n");
    publish(daemon.mqtt, "own/b", r#"{"on":true}"#, &[]).await;
    until("a press", || house.journal().contains("\"press\"").then_some(())).await;
    house.verify().await;
}

#[tokio::test]
async fn an_import_says_what_differs_and_the_second_time_nothing() {
    let house = house(|_| ());
    let daemon = house.start().await;
    let text = house.ask(&["register", "export"]).await;
    assert_eq!(text, register(&house));
    let (_, exported) = api(&daemon, "GET", "register", "").await;
    assert_eq!(exported, text);
    let other = text
        .replace("room = \"hall\"\nmqtt = \"hall-motion\"", "room = \"study\"\nmqtt = \"hall-motion\"")
        .replace("[[home.device]]\nid = \"kitchen-leak\"\nprofile = \"zigbee2mqtt/tuya-TS0207\"\nroom = \"kitchen\"\nmqtt = \"kitchen-leak\"\n\n", "");
    let file = house.folder.path().join("other.toml");
    std::fs::write(&file, &other).unwrap();
    let file = file.to_str().unwrap();
    let tried = house.ask(&["register", "import", file, "--dry-run"]).await;
    assert!(
        tried.contains("- device h1/kitchen-leak") && tried.contains("room hall → study"),
        "{tried}"
    );
    assert_eq!(register(&house), text);
    let done = house.ask(&["register", "import", file]).await;
    assert_eq!(tried, format!("{done}dry run: nothing was changed\n"));
    assert_eq!(register(&house), other);
    let journal = house.journal();
    assert_eq!(house.ask(&["register", "import", file]).await, "nothing to change\n");
    assert_eq!(house.journal(), journal, "nothing was told to anybody");
    // And with nobody there it is the file itself that is changed.
    daemon.end("-TERM").await;
    let adopt = [
        "devices",
        "adopt",
        "--mqtt",
        "x",
        "--home",
        "h1",
        "--as",
        "x",
        "--profile",
        "generic/json",
    ];
    assert!(house.ask(&adopt).await.starts_with("+ device h1/x"));
    assert_eq!(house.ask(&adopt).await, "nothing to change\n");
    assert!(register(&house).starts_with(&other));
    let daemon = house.start().await;
    assert!(known(&daemon, "x").await.is_some());
}

#[tokio::test]
async fn what_is_open_in_a_home_that_leaves_the_register_is_not_forgotten() {
    let house = house(Texts::hurry);
    let daemon = house.start().await;
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    let id = house.incident("help").await.id;
    let people = register(&house).split_once("[[home]]").unwrap().0.to_owned();
    let other = "[[home]]\nid = \"h2\"\nname = \"2\"\nzone = \"UTC\"\nresponders = [\"wu\"]\n";
    let (status, said) = api(&daemon, "PUT", "register", &format!("{people}{other}")).await;
    assert!(status == 200 && said.contains("- home h1") && said.contains("stays open"), "{said}");
    // Its ladder goes on, its people are told, and they close it.
    let told = house.lines(&id).len();
    until("it climbs", || (told < house.lines(&id).len()).then_some(())).await;
    let (_, open) = api(&daemon, "GET", "incidents?open=true", "").await;
    assert!(open.contains(&id.to_string()), "{open}");
    let (status, page) = api(&daemon, "GET", &format!("incidents/{id}"), "").await;
    assert_eq!(status, 200, "{page}");
    close(&house, &daemon, "help").await;
    house.verify().await;
}

#[tokio::test]
async fn a_kill_between_file_and_commit_leaves_the_file_which_wins() {
    let house = house(|_| ());
    let daemon = house.start().await;
    let db = rusqlite::Connection::open(house.database()).unwrap();
    let fault = "CREATE TRIGGER fault BEFORE INSERT ON journal WHEN NEW.input LIKE '%bath-leak%' \
        BEGIN SELECT RAISE(ABORT, 'no'); END";
    db.execute_batch(fault).unwrap();
    // It could not be stored: the file is put back, and the hub goes on as it was.
    let before = register(&house);
    let (status, said) = api(&daemon, "POST", "register/edits", &adopt("bath-leak", "")).await;
    assert!(status == 503 && said.contains("nothing was changed"), "{status} {said}");
    assert_eq!(register(&house), before);
    publish(daemon.mqtt, "zigbee2mqtt/bath-leak", LEAK, &[]).await;
    assert!(house.ask(&["devices", "strange"]).await.contains("bath-leak"));
    publish(daemon.mqtt, "zigbee2mqtt/kitchen-leak", LEAK, &[]).await;
    house.incident("leak").await;
    close(&house, &daemon, "leak").await;

    let cut = async {
        until("the file is written", || register(&house).contains("bath-leak").then_some(())).await;
    };
    let mut line = TcpStream::connect(("127.0.0.1", daemon.http)).await.unwrap();
    let body = adopt("bath-leak", "");
    let request = format!(
        "POST /api/v1/register/edits HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    line.write_all(request.as_bytes()).await.unwrap();
    cut.await;
    daemon.kill().await;
    assert!(!house.journal().contains("bath-leak") && register(&house).contains("bath-leak"));
    db.execute_batch("DROP TRIGGER fault").unwrap();
    drop(db);
    let daemon = house.start().await;
    publish(daemon.mqtt, "zigbee2mqtt/bath-leak", LEAK, &[]).await;
    until("it alarms", || (house.incidents_of("leak").len() == 2).then_some(())).await;
    house.verify().await;
}

#[tokio::test]
async fn topics_of_another_broker_follow_the_register_also_after_its_restart() {
    let mut broker = Mosquitto::start().await;
    let house = house(|texts| texts.add("gateway.toml", &broker.settings()));
    let daemon = house.start().await;
    daemon.says(" connected ").await;
    let (status, said) = api(&daemon, "POST", "register/edits", &adopt("bath-leak", "")).await;
    assert_eq!(status, 200, "{said}");
    // Subscribed soon after; what is retained there is handed over then.
    publish(broker.port, "zigbee2mqtt/bath-leak", LEAK, &["-r"]).await;
    let heard = || {
        house.journal().contains(r#""d":"bath-leak"#)
            || house.journal().contains("\"device\":\"bath-leak\"")
    };
    until("it is heard", || heard().then_some(())).await;
    let connected = daemon.said().matches(" connected ").count();
    broker.restart().await;
    until("it is back", || {
        (connected < daemon.said().matches(" connected ").count()).then_some(())
    })
    .await;
    let count = || house.journal().matches("\"device\":\"bath-leak\"").count();
    let before = count();
    publish(broker.port, "zigbee2mqtt/bath-leak", LEAK, &[]).await;
    until("it is heard again", || (before < count()).then_some(())).await;

    // A stranger's word is kept for the technician: one that is not heard is not.
    house.ask(&["devices", "retire", "h1", "bath-leak"]).await;
    publish(broker.port, "zigbee2mqtt/bath-leak", LEAK, &[]).await;
    publish(broker.port, "zigbee2mqtt/hall-motion", r#"{"occupancy":true}"#, &[]).await;
    until("the hall", || house.journal().contains("hall-motion\",\"o\"").then_some(())).await;
    let strange = house.ask(&["devices", "strange"]).await;
    assert!(!strange.contains("bath-leak"), "nobody listens there any more: {strange}");
}

#[tokio::test]
async fn a_serial_port_is_opened_and_closed_with_its_device() {
    let (first, second) = (Line::new().await, Line::new().await);
    let house = house(|texts| {
        texts.swap("register.toml", "/dev/careloop/fall-radar", &first.port());
    });
    let daemon = house.start().await;
    daemon.says("a serial port is open").await;
    let replaced =
        house.ask(&["devices", "replace", "h1", "fall-radar", "--serial", &second.port()]).await;
    assert!(replaced.contains(&format!("→ {}", second.port())), "{replaced}");
    let fds = || {
        let all = std::fs::read_dir(format!("/proc/{}/fd", daemon.id())).unwrap();
        let links = all.filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok());
        links.filter(|to| to.starts_with("/dev/pts")).collect::<Vec<_>>()
    };
    let only = std::fs::canonicalize(second.port()).unwrap();
    until("the new port", || (fds() == [only.clone()]).then_some(())).await;
    second.send(&[b"\x01\x00\x00\x00\x01\x0e\x02\xf3\x01\xfe"]).await;
    house.incident("fall").await;
    house.ask(&["devices", "retire", "h1", "fall-radar"]).await;
    assert_eq!(fds(), Vec::<std::path::PathBuf>::new());
    house.verify().await;
}
