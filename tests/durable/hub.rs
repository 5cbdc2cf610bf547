//! A hub to try things on: the shipped rules and household, a store in memory-backed storage, and
//! a second connection that can look at, or harm, what is on disk.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use careloop::config::{self, Config};
use careloop::domain::{
    Act, Home, HomeId, IncidentId, Input, Observation, PersonId, Report, Span, Time, Value,
};
use careloop::engine::{Book, BookTexts};
use careloop::gateway::{Gateway, Handled};
use careloop::inbox::{Answer, Arrival, Letter};
use careloop::store::views::{Filter, Shown};
use careloop::store::{Reader, Setback, Store, StoreError};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;

pub static SHIPPED: LazyLock<Config> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    config::load(&root.join("config")).expect("the shipped config is right")
});

/// The beginning of every test, in the afternoon of the shipped home.
pub const START: Time = Time(1_768_460_400_000);

pub struct Hub {
    _folder: tempfile::TempDir,
    pub path: PathBuf,
    pub book: (Arc<Book>, BookTexts),
    pub now: Time,
    gateway: Option<Gateway>,
}

/// A folder on storage that a commit need not wait for, where there is one.
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(parent).expect("a folder")
}

/// So many homes like the shipped one.
pub fn homes(count: usize) -> Vec<Arc<Home>> {
    let like = SHIPPED.homes.first().expect("a home");
    let named = |n: usize| Home { id: id(&format!("h{n}")), ..(**like).clone() };
    (1..=count).map(|n| Arc::new(named(n))).collect()
}

pub fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a name")
}

pub fn heard(device: &str, said: &str) -> Input {
    let observations = said.split(", ").map(id::<Observation>).collect();
    Input::Heard { device: id(device), observations, retained: false }
}

pub fn moved(incident: u32, by: &str, act: Act) -> Input {
    Input::Move { incident, by: id::<PersonId>(by), act }
}

pub fn input(home: &str, input: Input) -> Arrival {
    Arrival::Input { home: id(home), input }
}

pub fn attempt(incident: u32, k: u32, report: Report, again_in: Option<Span>) -> Arrival {
    Arrival::Attempt { home: id("h1"), incident, k, report, again_in }
}

pub fn letters(arrivals: impl IntoIterator<Item = Arrival>) -> Vec<Letter> {
    let letter = |arrival| Letter { arrival, receipt: tokio::sync::oneshot::channel().0 };
    arrivals.into_iter().map(letter).collect()
}

impl Hub {
    /// A hub that knows no home yet.
    pub fn bare() -> Self {
        let folder = folder();
        let path = folder.path().join("careloop.db");
        let book = (Arc::clone(&SHIPPED.book), SHIPPED.book_texts.clone());
        let mut hub = Self { _folder: folder, path, book, now: START, gateway: None };
        hub.open();
        hub
    }

    /// A hub with so many homes.
    pub fn with_homes(count: usize) -> Self {
        let mut hub = Self::bare();
        let now = hub.now;
        hub.gateway().register(now, &homes(count)).expect("they move in");
        hub
    }

    pub fn gateway(&mut self) -> &mut Gateway {
        self.gateway.as_mut().expect("it is open")
    }

    /// Dies without a word.
    pub fn kill(&mut self) {
        self.gateway = None;
    }

    pub fn open(&mut self) -> Option<Setback> {
        let (store, setback) = Store::open(&self.path, self.now).expect("it opens");
        self.take(store);
        setback
    }

    /// Goes on with this store.
    pub fn take(&mut self, store: Store) {
        let book = Arc::clone(&self.book.0);
        self.gateway = Some(Gateway::open(store, book, &self.book.1).expect("it recovers"));
    }

    /// As after `kill -9`.
    pub fn reopen(&mut self) -> Option<Setback> {
        self.kill();
        self.open()
    }

    pub fn try_handle(
        &mut self,
        arrivals: impl IntoIterator<Item = Arrival>,
    ) -> Result<(Handled, Vec<Answer>), StoreError> {
        let now = self.now;
        self.gateway().handle(now, &letters(arrivals))
    }

    pub fn handle(&mut self, arrivals: impl IntoIterator<Item = Arrival>) -> Vec<Answer> {
        self.try_handle(arrivals).expect("it is stored").1
    }

    /// Puts its book in force as it runs.
    pub fn reload(&mut self, homes: &[Arc<Home>]) {
        let registered = self.registered(homes);
        assert_eq!(self.handle([registered]), [Answer::Done]);
    }

    /// These homes, by its book.
    pub fn registered(&self, homes: &[Arc<Home>]) -> Arrival {
        let (book, texts) = self.book.clone();
        let wording = Arc::new(careloop::wording::Wording::shipped());
        Arrival::Register { homes: homes.to_vec(), book, texts, wording, deeds: Vec::new() }
    }

    /// One input to the first home.
    pub fn tell(&mut self, told: Input) -> Answer {
        self.handle([input("h1", told)]).pop().expect("one answer")
    }

    /// Lets time pass, every deadline at its own instant.
    pub fn wait(&mut self, span: Span) {
        let until = self.now + span;
        while let Some(at) = self.gateway().wake().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.handle([]);
        }
        self.now = until;
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.path).expect("a reader")
    }

    pub fn incidents(&self) -> Vec<Shown> {
        self.reader().incidents(&Filter::default()).expect("incidents")
    }

    pub fn incident(&self, n: u32) -> Shown {
        let id = IncidentId { home: id::<HomeId>("h1"), n };
        self.reader().incident(&id).expect("it can be read").expect("it is there")
    }

    /// A second connection, for whoever means harm.
    pub fn sql(&self, sql: &str) {
        let db = Connection::open(&self.path).expect("a connection");
        db.execute_batch(sql).expect(sql);
    }

    /// Every row that a query gives, as text.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        rows(&self.path, sql)
    }

    /// All that people see and are told. Seals are salted, and no two hubs have the same.
    pub fn disk(&self) -> Vec<Vec<String>> {
        let tables = ["incident", "entry", "delivery", "strange", "retained", "session", "meta"];
        let all = |table: &&str| match *table {
            "meta" => self
                .rows("SELECT substr(value, 1, instr(value, ' ')) FROM meta WHERE key = 'record'"),
            "entry" => self.rows("SELECT id, home, n, at, entry FROM entry"),
            table => self.rows(&format!("SELECT * FROM {table}")),
        };
        tables.iter().map(all).collect()
    }

    /// Every engine's state, as saved.
    pub fn states(&mut self) -> Vec<String> {
        self.gateway().save().expect("it saves");
        self.rows("SELECT home, seq, state FROM saved ORDER BY home")
    }
}

pub fn rows(path: &Path, sql: &str) -> Vec<String> {
    let db = Connection::open(path).expect("a connection");
    let mut select = db.prepare(sql).expect(sql);
    let columns = select.column_count();
    let text = |row: &rusqlite::Row<'_>| {
        let cells: Vec<Cell> = (0..columns).map(|n| row.get(n)).collect::<Result<_, _>>()?;
        Ok(format!("{cells:?}"))
    };
    let rows = select.query_map([], text).expect("rows").collect::<Result<_, _>>();
    rows.expect("every row can be read")
}

pub fn number(value: f64, property: &str) -> Observation {
    Observation::new(id(property), Value::Number(value)).expect("it is in range")
}
