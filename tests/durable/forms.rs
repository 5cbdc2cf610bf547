//! Files that earlier programs wrote: one for each form, in `tests/durable/forms/`. Each must open,
//! recover, replay, and be sound. They are never changed; a new form adds one
//! (`WRITE_FORM=1 cargo test --test durable writes_its_form`).

use std::path::{Path, PathBuf};

use careloop::domain::{Act, Span};
use careloop::inbox::Arrival;
use careloop::store::keep::Keep;
use rusqlite::Connection;

use crate::hub::{Hub, attempt, heard, homes, input, moved};

/// The form that this program writes.
const FORM: u32 = 5;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/durable/forms")
}

/// A hub with rows in every table.
fn lived() -> Hub {
    let mut hub = Hub::with_homes(2);
    hub.handle([
        crate::bounds::stranger("nobody/knows", &[0xFF, 0]),
        input("h2", heard("bed-pad", "temperature 21.7")),
    ]);
    hub.tell(heard("help-button", "help true"));
    let report = careloop::domain::Report::Failed { why: "busy".to_owned(), last: false };
    hub.handle([attempt(1, 1, report, Some(Span::seconds(5)))]);
    hub.tell(heard("kitchen-leak", "leak true"));
    hub.tell(moved(2, "wang", Act::Accept));
    let client = "c".to_owned();
    let message = |n| Keep::Queue {
        client: client.clone(),
        n,
        topic: "t".to_owned(),
        payload: vec![1],
        qos: 1,
        retain: false,
    };
    hub.handle([Arrival::Keep(vec![
        Keep::Retain { topic: "t".to_owned(), payload: vec![0], qos: 1 },
        Keep::Session { client: client.clone(), state: "{}".to_owned() },
        message(1),
        Keep::Taken { client: client.clone(), packet: 1, done: false },
    ])]);
    hub.now = hub.now + Span::minutes(10);
    hub.handle([]);
    let now = hub.now;
    hub.gateway().fold(now - Span::minutes(5)).expect("it folds");
    hub.gateway().save().expect("it saves");
    hub.tell(heard("bed-pad", "in_bed true"));
    hub.handle([Arrival::Deed(crate::deeds::deed("li"))]);
    hub.sql(
        "INSERT INTO announced VALUES ('k', 1, '{}'); INSERT INTO walk VALUES ('h1', 'd', 1, '{}');
         INSERT INTO misread VALUES ('h1', 'd', 'checksum', 3, 1);
         INSERT INTO pass VALUES (x'01', 'session', 'wang', 'a phone', 1, 9000000000000000, 1);
         INSERT INTO password VALUES ('wang', '$argon2id$'); INSERT INTO tap VALUES ('wang 1', 1);",
    );
    hub
}

/// Every row of every table, as statements.
fn dump(hub: &Hub) -> String {
    let db = Connection::open(&hub.path).expect("a connection");
    let names = |sql: &str| -> Vec<String> {
        let mut select = db.prepare(sql).expect(sql);
        let rows = select.query_map([], |r| r.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("names")
    };
    let mut dump = String::new();
    for sql in names("SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid") {
        dump.push_str(&sql);
        dump.push('\n');
    }
    for table in names("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid") {
        let columns = names(&format!("SELECT name FROM pragma_table_info('{table}')"));
        let quoted: Vec<_> = columns.iter().map(|c| format!("quote({c})")).collect();
        let values = format!("SELECT {} FROM {table}", quoted.join(" || ',' || "));
        for row in names(&values) {
            dump.push_str(&format!("INSERT INTO {table} VALUES ({row});\n"));
        }
    }
    dump.push_str(&format!("PRAGMA user_version = {FORM};\n"));
    dump
}

#[test]
fn every_form_has_a_file_that_opens_and_replays() {
    for form in 1..=FORM {
        let told = std::fs::read_to_string(folder().join(format!("{form}.sql"))).expect("a dump");
        let mut hub = Hub::bare();
        hub.kill();
        std::fs::remove_file(&hub.path).expect("it is not there");
        hub.sql(&told);
        let tables = hub.rows("SELECT name FROM sqlite_schema WHERE type = 'table'");
        for table in &tables {
            let name = table.trim_start_matches("[Text(\"").trim_end_matches("\")]");
            assert!(!hub.rows(&format!("SELECT * FROM {name}")).is_empty(), "{name} has rows");
        }
        let disk = hub.disk();
        assert_eq!(hub.open(), None);
        assert_eq!(hub.disk(), disk, "form {form}: nothing is changed");
        assert_eq!(hub.reader().audit().expect("it can be audited").broken, None);
        crate::recovery::is_replayed(&mut hub);
        let (last, _) = hub.gateway().last().expect("it has lived");
        hub.now = last;
        hub.gateway().register(last, &homes(2)).expect("they are there");
        hub.tell(moved(2, "wang", Act::OnScene));
        assert_eq!(hub.gateway().forgotten(), []);
    }
}

#[test]
fn this_program_writes_its_form() {
    let (hub, path) = (lived(), folder().join(format!("{FORM}.sql")));
    if std::env::var_os("WRITE_FORM").is_some() {
        std::fs::create_dir_all(folder()).expect("a folder");
        std::fs::write(&path, dump(&hub)).expect("it is written");
    }
    let schema = |text: &str| -> String {
        let lines = text.lines().take_while(|line| !line.starts_with("INSERT"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let written = std::fs::read_to_string(path).expect("a dump");
    assert_eq!(schema(&written), schema(&dump(&hub)), "a new schema is a new form");
}

/// Makes of every line of the record one that a program of form 3 wrote.
pub fn without_salt(hub: &Hub) {
    let db = Connection::open(&hub.path).expect("a connection");
    let mut select =
        db.prepare("SELECT id, home, n, at, entry FROM entry ORDER BY id").expect("lines");
    let mut rows = select.query([]).expect("lines");
    let mut before = "careloop".to_owned();
    while let Some(row) = rows.next().expect("a line") {
        let (id, n, at): (i64, i64, i64) = (
            row.get(0).expect("a number"),
            row.get(2).expect("a number"),
            row.get(3).expect("a time"),
        );
        let (home, entry): (String, String) =
            (row.get(1).expect("a home"), row.get(4).expect("a text"));
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        for part in [&before, &id.to_string(), &home, &n.to_string(), &at.to_string(), &entry] {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
        before = data_encoding::HEXLOWER.encode(hash.finish().as_ref());
        db.execute("UPDATE entry SET salt = NULL, hash = ?2 WHERE id = ?1", (id, &before))
            .expect("it is sealed");
        db.execute("UPDATE meta SET value = ?1 WHERE key = 'record'", [format!("{id} {before}")])
            .expect("it is marked");
    }
}
