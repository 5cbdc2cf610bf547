//! Devices that log in for themselves on our own listener.

use tokio::io::AsyncWriteExt;

use crate::house::until;
use crate::programs::{Subscriber, publish};
use crate::register::{house, register};

/// What `careloop devices … --credentials` prints: user and password.
fn issued(said: &str) -> (String, String) {
    let after = |word: &str| {
        said.lines()
            .find_map(|l| l.strip_prefix(word))
            .unwrap_or_else(|| panic!("{said}"))
            .to_owned()
    };
    (after("user "), after("password "))
}

#[tokio::test]
async fn a_device_speaks_for_itself_alone_and_one_whose_password_was_taken_away_is_cut_off() {
    let house = house(|texts| texts.swap("gateway.toml", "anonymous = true", "anonymous = false"));
    let daemon = house.start().await;
    let adopt = |id: &'static str| {
        let house = &house;
        async move {
            let more = ["--home", "h1", "--as", id, "--mqtt", id, "--profile", "generic/json"];
            let all = [&["devices", "adopt"][..], &more, &["--credentials"]].concat();
            issued(&house.ask(&all).await)
        }
    };
    let (user, password) = adopt("clock").await;
    assert_eq!(user, "h1.clock");
    assert!(24 <= password.len() && !register(&house).contains(&password));
    assert!(register(&house).contains("password_digest = \"sha256:"));
    adopt("scale").await;
    let login = ["-u", &user, "-P", &password, "-i", "clock"];
    publish(daemon.mqtt, "careloop/devices/clock", r#"{"power":1}"#, &login).await;
    until("its word", || house.journal().contains("\"clock\"").then_some(())).await;
    // Acknowledged (3.1.1 has no other word), and not taken.
    for foreign in
        ["careloop/devices/scale", "zigbee2mqtt/help-button", "careloop/incidents/h1-1/moves"]
    {
        publish(daemon.mqtt, foreign, r#"{"power":2,"action":"single"}"#, &login).await;
    }
    daemon.says("has no right").await;
    publish(daemon.mqtt, "careloop/devices/clock", r#"{"power":3}"#, &login).await;
    until("its word", || house.journal().contains("3.0").then_some(())).await;
    assert!(!house.journal().contains("2.0") && house.incidents().is_empty());
    let mut spy = std::process::Command::new("mosquitto_sub");
    let port = daemon.mqtt.to_string();
    spy.args(["-h", "127.0.0.1", "-p", &port, "-t", "#", "-W", "5"]).args(login);
    let spied = tokio::task::spawn_blocking(move || spy.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&spied.stderr).into_owned();
    assert!(said.contains("denied") && spied.stdout.is_empty(), "{spied:?}");

    // In the middle of its talk its password is taken away.
    let mut talk = Talk::start(daemon.mqtt, &login);
    talk.say(r#"{"power":4}"#).await;
    until("its word", || house.journal().contains("4.0").then_some(())).await;
    house.ask(&["devices", "credentials", "h1", "clock", "--revoke"]).await;
    daemon.says("its password is no longer good").await;
    // It tries to come back, and is not let in.
    talk.say(r#"{"power":5}"#).await;
    let refused = daemon.says("an MQTT login failed").await;
    assert!(refused.contains("h1.clock"), "{refused}");
    drop(talk);
    assert!(!house.journal().contains("5.0"));
    // A new one works, for whoever has it.
    let (user, again) = issued(&house.ask(&["devices", "credentials", "h1", "clock"]).await);
    assert_ne!(password, again);
    let login = ["-u", &user, "-P", &again];
    publish(daemon.mqtt, "careloop/devices/clock", r#"{"power":6}"#, &login).await;
    until("its word", || house.journal().contains("6.0").then_some(())).await;
    daemon.kill().await;
    // And after a restart as well.
    let daemon = house.start().await;
    publish(daemon.mqtt, "careloop/devices/clock", r#"{"power":7}"#, &login).await;
    until("its word", || house.journal().contains("7.0").then_some(())).await;
}

/// A device that stays connected.
struct Talk(tokio::process::Child);

impl Talk {
    fn start(port: u16, login: &[&str]) -> Self {
        let child = tokio::process::Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-q", "1", "-l"])
            .args(["-t", "careloop/devices/clock"])
            .args(login)
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("mosquitto_pub is installed");
        Self(child)
    }

    async fn say(&mut self, line: &str) {
        let to = self.0.stdin.as_mut().unwrap();
        to.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        to.flush().await.unwrap();
    }
}

#[tokio::test]
async fn a_siren_hears_its_own_commands_and_no_others() {
    let house = house(|texts| {
        texts.swap("gateway.toml", "anonymous = true", "anonymous = false");
        let client = "\n[[mqtt.client]]\nuser = \"desk\"\npassword_file = \"word\"\npublish = [\"#\"]\nsubscribe = [\"#\"]\n";
        texts.add("gateway.toml", client);
        texts.put("word", "word".to_owned());
    });
    let devices = house.folder.path().join("config/devices/own");
    std::fs::create_dir_all(&devices).unwrap();
    let profile = "vendor = \"Own\"\nmodel = \"Siren\"\nabout = \"A siren\"\nsource = \"ours\"\n[mqtt]\ntopic = \"own/{device}\"\n[[report]]\nat = \"/on\"\nproperty = \"power\"\n[[command]]\ndoes = \"siren\"\ntopic = \"own/{device}/set\"\npayload = \"on\"\n[[example]]\nabout = \"on\"\nfrom = \"constructed\"\npayload = '{\"on\":1}'\nmeans = [\"power 1 W\"]\n";
    std::fs::write(devices.join("siren.toml"), profile).unwrap();
    let daemon = house.start().await;
    let said = house
        .ask(&[
            "devices",
            "adopt",
            "--mqtt",
            "s",
            "--home",
            "h1",
            "--as",
            "siren",
            "--profile",
            "own/siren",
            "--credentials",
        ])
        .await;
    let (user, password) = issued(&said);
    let mut siren =
        Subscriber::start_as(daemon.mqtt, "own/s/set", &["-u", &user, "-P", &password]).await;
    publish(daemon.mqtt, "own/s/set", "on", &["-u", "desk", "-P", "word"]).await;
    assert_eq!(siren.message().await, "own/s/set 0 on");
}
