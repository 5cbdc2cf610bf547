//! A hub as small as can be: the shipped household, a store in a folder of its own, and a loop.

use std::future::pending;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use careloop::clock::Clock;
use careloop::config;
use careloop::device::Catalog;
use careloop::domain::{Home, IncidentId, Responder, Role, Span, Time};
use careloop::gateway::Gateway;
use careloop::health::Health;
use careloop::inbox::{Inbox, Outlet};
use careloop::metrics::Metrics;
use careloop::registrar::{Registrar, Wish};
use careloop::secret::Secret;
use careloop::store::Store;
use careloop::web::{People, Site, router};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

/// What programs show where people log in.
pub const TOKEN: &str = "s3cret+/=";

/// How long before now the homes of a hub that has a past were registered.
const LIVED: Span = Span::hours(6 * 24);

pub struct Hub {
    pub site: Site,
    pub router: Router,
    /// Dropped, the loop ends.
    pub running: JoinSet<()>,
    /// What is asked of the keeper of the register; nobody answers but the test.
    pub wishes: mpsc::Receiver<Wish>,
    _folder: TempDir,
    _homes: watch::Sender<Arc<Vec<Arc<Home>>>>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// Bytes of the body as they were sent.
    pub sent: usize,
}

impl Answer {
    pub async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("it answers to the end");
        let mut body = Vec::new();
        match parts.headers.get(header::CONTENT_ENCODING) {
            Some(_) => GzDecoder::new(&*bytes).read_to_end(&mut body).expect("it is whole"),
            None => (&*bytes).read_to_end(&mut body).expect("it is there"),
        };
        let text = String::from_utf8_lossy(&body).into_owned();
        Self { status: parts.status, headers: parts.headers, text, sent: bytes.len() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect(&self.text)
    }

    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header is text"))
    }
}

impl Hub {
    /// The shipped household.
    pub fn start() -> Self {
        Self::start_with(None, |_| {})
    }

    /// The shipped household, changed a little.
    pub fn start_with(token: Option<&str>, change: impl Fn(&mut Home)) -> Self {
        Self::start_of(token, |home| {
            let mut home = home.clone();
            change(&mut home);
            vec![home]
        })
    }

    /// What is made of the shipped household.
    pub fn start_of(token: Option<&str>, make: impl Fn(&Home) -> Vec<Home>) -> Self {
        Self::open(token, People::Choose, make, None::<fn(&mut Gateway, Time)>)
    }

    /// Where people log in. Beside the shipped home there is `h2`, to which only Wang comes.
    pub fn log_in() -> Self {
        Self::log_in_after(|_, _| {})
    }

    /// The same, after `live` has lived there up to now: it is given the time now.
    pub fn log_in_after(live: impl FnOnce(&mut Gateway, Time)) -> Self {
        let make = |home: &Home| {
            let mut home = home.clone();
            for (name, role) in [("ma", Role::Supervisor), ("fang", Role::Department)] {
                let id = name.parse().expect("a name");
                home.responders.push(Responder::new(id, name, role, Vec::new()));
            }
            let mut other = home.clone();
            other.id = "h2".parse().expect("a name");
            other.name = "8-1-101".to_owned();
            other.responders.retain(|person| person.id.as_str() == "wang");
            other.devices.clear();
            vec![home, other]
        };
        Self::open(Some(TOKEN), People::LogIn, make, Some(live))
    }

    fn open(
        token: Option<&str>,
        people: People,
        make: impl Fn(&Home) -> Vec<Home>,
        live: Option<impl FnOnce(&mut Gateway, Time)>,
    ) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let shipped = config::load(&root.join("config")).expect("the shipped config is right");
        let made = shipped.homes.iter().flat_map(|home| make(home));
        let homes: Vec<Arc<Home>> = made.map(Arc::new).collect();
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("careloop.db");
        let clock = Clock::start(None);
        let (store, _) = Store::open(&path, clock.wall()).expect("a new store opens");
        let mut gateway =
            Gateway::open(store, shipped.book, &shipped.book_texts).expect("and is empty");
        let lived = if live.is_some() { LIVED } else { Span::ZERO };
        gateway.register(clock.now() - lived, &homes).expect("homes are stored");
        if let Some(live) = live {
            live(&mut gateway, clock.now());
        }
        let (registrar, wishes) = Registrar::new();
        let registered: Vec<Home> = homes.iter().map(|home| (**home).clone()).collect();
        let catalog = Catalog::new(&shipped.profiles, &registered).expect("it can be bound");
        let (inbox, outlet, _) = Inbox::new(Arc::new(catalog));
        let (_homes, homes) = watch::channel(Arc::new(homes));
        let site = Site {
            inbox,
            store: path,
            homes,
            grids: watch::channel(Arc::new(shipped.grids)).1,
            former: watch::channel(Arc::new(shipped.former)).1,
            coverage: watch::channel(shipped.coverage).1,
            wording: watch::channel(shipped.wording).1,
            targets: shipped.targets,
            registrar,
            changes: broadcast::channel(16).0,
            clock: clock.clone(),
            health: Health::new(clock),
            metrics: Metrics::new(),
            token: token.map(|t| Secret::from(t.to_owned())),
            people,
            push: None,
            url: None,
        };
        let mut running = JoinSet::new();
        running.spawn(run(gateway, outlet, site.clock.clone(), site.changes.clone()));
        Self { router: router(site.clone()), site, running, wishes, _folder: folder, _homes }
    }

    /// Sends a request of a program on this machine; `headers` may overrule.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "localhost:8380");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("the request is right");
        let response = self.router.clone().oneshot(request).await.expect("it always answers");
        Answer::read(response).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], Body::empty()).await
    }

    /// A page in this language.
    pub async fn page(&self, path: &str, cookie: &str) -> Answer {
        self.ask("GET", path, &[("cookie", cookie)], Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.program("POST", path, body.to_string()).await
    }

    /// A program that shows the hub's own token, where there is one.
    pub async fn program(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let bearer = self.site.token.as_ref().map(|token| format!("Bearer {}", token.reveal()));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(bearer.as_ref().map(|bearer| ("authorization", bearer.as_str())));
        self.ask(method, path, &headers, body).await
    }

    /// Invites somebody, who comes in: the cookie of their browser.
    pub async fn enter(&self, who: &str) -> String {
        let link = self.invitation(who).await;
        let answer = self.form(&link, "", "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let cookie = answer.header(header::SET_COOKIE);
        cookie.split(';').next().expect("a cookie").to_owned()
    }

    /// The path of a new invitation for them.
    pub async fn invitation(&self, who: &str) -> String {
        let path = format!("/api/v1/people/{who}/invitation");
        let answer = self.program("POST", &path, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let said = answer.json();
        said.get("link").and_then(Value::as_str).expect("a link").to_owned()
    }

    /// A form as a browser sends it from our own page.
    pub async fn form(&self, path: &str, cookie: &str, fields: &str) -> Answer {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://localhost:8380"),
            ("cookie", cookie),
        ];
        self.ask("POST", path, &headers, fields.to_owned()).await
    }

    pub async fn observe(&self, device: &str, property: &str, value: Value) -> Answer {
        let observation =
            json!({"home": "h1", "device": device, "property": property, "value": value});
        self.post("/api/v1/observations", observation).await
    }

    pub async fn make_move(&self, body: Value) -> Answer {
        self.post("/api/v1/incidents/h1-1/moves", body).await
    }

    /// Somebody pressed the button: `h1-1` is alarmed.
    pub async fn call_for_help(&self) {
        let stored = self.observe("help-button", "help", json!(true)).await;
        assert_eq!(stored.status, StatusCode::OK, "{}", stored.text);
    }
}

async fn run(
    mut gateway: Gateway,
    mut outlet: Outlet,
    clock: Clock,
    changes: broadcast::Sender<IncidentId>,
) {
    loop {
        let wake = gateway.wake();
        let due = async {
            match wake {
                Some(at) => tokio::time::sleep(clock.until(at)).await,
                None => pending().await,
            }
        };
        let letter = tokio::select! {
            biased;
            Some(letter) = outlet.life.recv() => Some(letter),
            Some(letter) = outlet.ordinary.recv() => Some(letter),
            () = due => None,
        };
        let letters: Vec<_> = letter.into_iter().collect();
        let (handled, answers) = gateway.handle(clock.now(), &letters).expect("it is stored");
        for (letter, answer) in letters.into_iter().zip(answers) {
            drop(letter.receipt.send(answer));
        }
        for id in handled.changed {
            drop(changes.send(id));
        }
    }
}
