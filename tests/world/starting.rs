//! It starts, or says exactly why it cannot (P11).

use std::io::{Seek, SeekFrom, Write};

use crate::device::Device;
use crate::house::{House, until};
use crate::programs::{PRESSED, make_move, publish};

#[tokio::test]
async fn five_mistakes_in_three_files_are_all_named_with_their_place() {
    let house = House::with(|texts| {
        texts.swap("gateway.toml", "keep_observations = \"30d\"", "keep_observations = \"long\"");
        texts.swap("gateway.toml", "kind = \"console\"", "kind = \"pigeon\"");
        texts.swap("rules.toml", "plan = \"soon\"", "plan = \"sooner\"");
        texts.swap("plans.toml", "tell = [\"technician\"]", "tell = [\"plumber\"]");
        texts.swap("register.toml", "profile = \"zigbee2mqtt/tuya-TS0207\"", "profil = \"x\"");
    });
    for command in ["run", "check"] {
        let done = house.cli(&[command]).await;
        assert_eq!(done.status.code(), Some(2));
        let said = String::from_utf8(done.stderr).unwrap();
        for (file, what) in [
            ("gateway.toml", "`long`"),
            ("gateway.toml", "`pigeon`"),
            ("rules.toml", "`sooner`"),
            ("plans.toml", "`plumber`"),
            ("register.toml", "`profil`"),
        ] {
            let found = said.lines().find(|l| l.contains(file) && l.contains(what));
            let found = found.unwrap_or_else(|| panic!("{file} {what}: {said}"));
            let place = found.split_once(file).unwrap().1;
            let mut numbers = place.split(':').skip(1).map(str::parse::<usize>);
            let (line, column) = (numbers.next().unwrap(), numbers.next().unwrap());
            assert!(column.is_ok(), "{found}");
            // The line itself, or the beginning of the table it stands in.
            let text = std::fs::read_to_string(house.folder.path().join("config").join(file));
            let text = text.unwrap();
            let there = text.lines().skip(line.unwrap() - 1).take(16);
            let word = what.trim_matches('`');
            assert!(there.collect::<String>().contains(word), "{found}");
        }
    }
}

#[tokio::test]
async fn a_database_of_a_newer_careloop_is_left_alone() {
    let house = House::new();
    std::fs::create_dir(house.database().parent().unwrap()).unwrap();
    let db = rusqlite::Connection::open(house.database()).unwrap();
    db.execute_batch("CREATE TABLE later (x); PRAGMA user_version = 99").unwrap();
    drop(db);
    let before = std::fs::read(house.database()).unwrap();
    let (code, said) = house.fail().await;
    assert_eq!(code, 1);
    assert!(said.contains("newer careloop") && said.contains("99"), "{said}");
    assert_eq!(std::fs::read(house.database()).unwrap(), before);
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_is_named() {
    // Not even root may write there.
    let place = "/sys/careloop/careloop.db";
    let house = House::with(|texts| texts.swap("gateway.toml", "data/careloop.db", place));
    let (code, said) = house.fail().await;
    assert_eq!(code, 1);
    assert!(said.contains("/sys/careloop") && said.lines().count() == 1, "{said}");
}

#[tokio::test]
async fn a_port_that_somebody_else_has_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for listener in ["[mqtt]\nlisten = \"127.0.0.1:0\"", "[http]\nlisten = \"127.0.0.1:0\""] {
        let mine = listener.replace("127.0.0.1:0", &address);
        let house = House::with(|texts| texts.swap("gateway.toml", listener, &mine));
        let (code, said) = house.fail().await;
        assert_eq!(code, 1);
        let last = said.lines().last().unwrap();
        assert!(last.contains(&address) && last.contains("in use"), "{said}");
    }
}

#[tokio::test]
async fn a_second_careloop_on_the_same_data_is_refused_and_the_first_goes_on() {
    let house = House::new();
    let daemon = house.start().await;
    let (code, said) = house.fail().await;
    assert_eq!(code, 1);
    assert!(said.contains("another careloop"), "{said}");
    assert!(house.ask(&["status"]).await.starts_with("running"));
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    house.incident("help").await;
    daemon.end("-TERM").await;
    assert!(house.ask(&["status"]).await.starts_with("not running"));
}

#[tokio::test]
async fn whoever_asks_how_the_hub_is_hears_of_every_rule_that_is_off() {
    let named = "name   = \"door-open\"";
    let off = "off = { by = \"li\", on = \"2026-11-28\", why = \"the door is broken\" }";
    let house = House::with(|texts| texts.swap("rules.toml", named, &format!("{named}\n{off}")));
    let daemon = house.start().await;
    let told =
        "rule door-open is not looked for in any home: by li on 2026-11-28 (the door is broken)";
    let status = house.ask(&["status"]).await;
    assert!(status.contains(told), "{status}");
    let status = house.ask_json(&["status", "--json"]).await;
    assert_eq!(status["off"][0]["rule"], "door-open", "{status}");
    let check = house.ask(&["check"]).await;
    assert!(check.contains("note: rule door-open is off in all homes, by li"), "{check}");
    daemon.end("-TERM").await;
}

/// What happens to a file of this size.
type Damage = fn(&mut std::fs::File, u64);

/// A household with an open incident, which was killed.
async fn house_with_a_past() -> House {
    let house = House::new();
    let daemon = house.start().await;
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    house.incident("help").await;
    daemon.end("-TERM").await;
    house
}

#[tokio::test]
async fn a_damaged_database_is_set_aside_and_the_hub_says_so() {
    let damages: [(&str, Damage); 4] = [
        ("garbage for a header", |file, _| file.write_all(&[0xa5; 100]).unwrap()),
        ("pages overwritten", |file, size| {
            for page in 2..size / 4096 {
                file.seek(SeekFrom::Start(page * 4096)).unwrap();
                file.write_all(&[0x5a; 512]).unwrap();
            }
        }),
        ("cut in the middle", |file, size| file.set_len(size / 2 + 100).unwrap()),
        ("text for a database", |file, _| {
            file.set_len(0).unwrap();
            file.write_all(b"this was a database once\n".repeat(400).as_slice()).unwrap();
        }),
    ];
    for (what, damage) in damages {
        let house = house_with_a_past().await;
        let size = std::fs::metadata(house.database()).unwrap().len();
        let mut file = std::fs::File::options().write(true).open(house.database()).unwrap();
        damage(&mut file, size);
        drop(file);
        let daemon = house.start().await;
        let fault = house.incident("hub-fault").await;
        assert_eq!(fault.id.home.as_str(), "hub", "{what}");
        let folder = std::fs::read_dir(house.database().parent().unwrap()).unwrap();
        let kept = folder
            .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().contains("damaged"));
        assert!(1 <= kept.count(), "{what}");
        publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
        let open = || house.incidents_of("help").into_iter().find(|s| s.alarmed_at.is_some());
        until("help", open).await;
        daemon.end("-TERM").await;
        house.start().await;
    }
}

#[tokio::test]
async fn where_the_journal_is_lost_the_open_alarms_are_not_nor_is_what_comes_after() {
    let house = house_with_a_past().await;
    let db = rusqlite::Connection::open(house.database()).unwrap();
    let page = |name: &str| -> i64 {
        let sql = "SELECT rootpage FROM sqlite_master WHERE name = ?1";
        db.query_row(sql, [name], |row| row.get(0)).unwrap()
    };
    let at = u64::try_from(page("journal") - 1).unwrap() * 4096;
    drop(db);
    let mut file = std::fs::File::options().write(true).open(house.database()).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[0x5a; 4096]).unwrap();
    drop(file);
    let daemon = house.start().await;
    daemon.says("rows carried over").await;
    publish(daemon.mqtt, "zigbee2mqtt/kitchen-leak", crate::programs::LEAK, &[]).await;
    house.incident("leak").await;
    daemon.kill().await;
    let daemon = house.start().await;
    for rule in ["help", "leak"] {
        let id = house.incident(rule).await.id;
        make_move(daemon.mqtt, &id.to_string(), r#"{"move":"accept","by":"wang"}"#).await;
        let accepted = || house.reader().incident(&id).unwrap()?.incident.accepted;
        until("it is accepted", accepted).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_the_oldest_observations_go_and_help_still_alarms() {
    let any = "\n[[home.device]]\nid = \"any\"\nprofile = \"generic/json\"\nmqtt = \"any\"\n";
    let house = House::with(|texts| {
        texts.swap("gateway.toml", "# max_size = \"1GiB\"", "max_size = \"4MiB\"");
        texts.add("register.toml", any);
    });
    let daemon = house.start().await;
    publish(daemon.mqtt, "zigbee2mqtt/kitchen-leak", crate::programs::LEAK, &[]).await;
    let mut device = Device::new("any");
    device.connect(daemon.mqtt).await.unwrap();
    let first = || {
        let figures = house.reader().figures().unwrap();
        house.reader().journal_end().unwrap() - figures.journal_rows + 1
    };
    let reading = r#"{"temperature":21.4,"humidity":40,"illuminance":120,"power":1,"battery":90,
        "distance":120,"movement":3,"heart_rate":70,"respiratory_rate":14,"spo2":97,"water":1,
        "systolic":120,"diastolic":80,"body_temperature":36.5,"targets":1,"gas_level":0}"#;
    // Until it has been full, and several times more.
    let mut cuts = 0;
    let mut last = first();
    while cuts < 3 {
        for _ in 0..200 {
            device.send("careloop/devices/any", reading).await.unwrap();
        }
        device.settle().await.unwrap();
        cuts += i32::from(last < first());
        last = first();
    }
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    house.incident("help").await;
    assert_eq!(house.incidents_of("leak").len(), 1, "what happened is not forgotten");
    make_move(daemon.mqtt, "h1-1", r#"{"move":"accept","by":"wang"}"#).await;
    let size = std::fs::metadata(house.database()).unwrap().len();
    assert!(size <= 4 * 1024 * 1024, "{size}");
    house.verify().await;
}
