//! Pages and API. They read through a reader of their own, and change things only by posting to
//! the inbox, like everybody else.

mod acts;
mod address;
mod api;
mod ask;
mod asset;
mod card;
mod desk;
mod door;
mod encrypted;
mod front;
mod grounds;
mod guard;
mod homes;
mod incident;
mod known;
mod lang;
mod layout;
mod live;
mod mount;
mod moves;
mod requests;
mod paper;
mod plans;
mod reports;
mod resident;
mod rights;
mod rota;
mod rules;
mod said;
mod settings;
mod settle;
mod shift;
mod sieve;
mod signpost;
mod seen;
mod status;
mod texts;
mod together;
mod told;
mod visits;
mod wall;
mod who;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::clock::Clock;
use crate::device::Coverage;
use crate::domain::{Entry, Former, Grid, Home, HomeId, IncidentId, Lang, Name, PersonId, Span};
use crate::health::Health;
use crate::inbox::Inbox;
use crate::metrics::Metrics;
use crate::registrar::Registrar;
use crate::report::Targets;
use crate::secret::Secret;
use crate::tls::Identity;
use crate::wording::Wording;

use encrypted::Encrypted;

/// No request may carry more than this, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;
/// How many requests read from the store at once; each holds a connection to the file.
const READERS_MAX: usize = 8;
/// How long requests under way may take to finish once the hub is to stop.
const FAREWELL: Span = Span::seconds(5);

/// What pages and API need. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Site {
    /// The one way in.
    pub inbox: Inbox,
    /// The database file, for readers.
    pub store: PathBuf,
    /// The register as it stands.
    pub homes: watch::Receiver<Arc<Vec<Arc<Home>>>>,
    /// Which grid lies in which.
    pub grids: watch::Receiver<Arc<Vec<Grid>>>,
    /// Who has left the register.
    pub former: watch::Receiver<Arc<Vec<Former>>>,
    /// What a home should have.
    pub coverage: watch::Receiver<Arc<Coverage>>,
    /// What messages say.
    pub wording: watch::Receiver<Arc<Wording>>,
    /// What a month is measured against.
    pub targets: Arc<Targets>,
    /// The way to change it.
    pub registrar: Registrar,
    /// Names every incident that changed, after the change is on disk.
    pub changes: broadcast::Sender<IncidentId>,
    /// For what time it is.
    pub clock: Clock,
    /// For `/healthz` and `/readyz`.
    pub health: Health,
    /// For `/metrics`.
    pub metrics: Metrics,
    /// What programs must show; `None` on loopback.
    pub token: Option<Secret>,
    /// How pages know who somebody is.
    pub people: People,
    /// How a browser subscribes to being told while no page is open.
    pub push: Option<Pushes>,
    /// Where people find the pages, if that is not where they are: `https://care.example`.
    pub url: Option<String>,
}

/// A channel that tells browsers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushes {
    /// Which.
    pub channel: Name,
    /// What a browser needs to subscribe.
    pub key: String,
}

/// How pages know who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    /// Everybody says who they are: for a demonstration, on loopback only.
    Choose,
    /// By an invitation or a password.
    LogIn,
}

/// What every route shares.
#[derive(Debug)]
struct Web {
    site: Site,
    readers: Semaphore,
    passwords: door::Passwords,
    /// Photos that are read at once.
    scans: Semaphore,
    /// Says that somebody may be logged in no more.
    shut: watch::Sender<()>,
    /// Where other rules are tried out.
    bench: rules::Bench,
    /// The list of these homes, for all who look at it.
    lists: together::Together<Option<Vec<HomeId>>, front::List>,
    /// What is known of these homes.
    looks: together::Together<Vec<HomeId>, ask::Looks>,
    /// Ends the streams that would otherwise never end.
    ending: CancellationToken,
    /// The address it listens on, a legal `Host` beside the names of loopback.
    bound: Option<SocketAddr>,
}

/// A line of an incident's story, in the language; `people`: what colleagues call each other.
pub fn story_line(entry: &Entry, lang: Lang, people: &BTreeMap<PersonId, String>) -> String {
    told::entry(entry, lang, &ask::Names(people.clone()))
}

/// All routes. Without a token it answers only to the names of loopback (see [`serve`]).
pub fn router(site: Site) -> Router {
    build(site, CancellationToken::new(), None)
}

/// Serves until `ending` is cancelled, and by TLS as well where there is a second socket; requests under way
/// are finished within 5 s, streams end at once.
///
/// # Errors
/// When a listener has no address any more, or accepting fails for good.
pub async fn serve(
    site: Site,
    listener: TcpListener,
    tls: Option<(TcpListener, Identity)>,
    ending: CancellationToken,
) -> io::Result<()> {
    let bound = Some(listener.local_addr()?);
    let routes = build(site, ending.clone(), bound);
    let encrypted = async {
        let Some((socket, identity)) = tls else { return Ok(()) };
        let routes = routes.clone().layer(map_response(guard::only_by_tls));
        let routes = routes.into_make_service();
        let serving = axum::serve(Encrypted::new(socket, identity)?, routes);
        serving.with_graceful_shutdown(ending.clone().cancelled_owned()).await
    };
    // A plain router would be copied, route by route, for each connection: 0.1 MB for every phone that looks on.
    let plain = axum::serve(listener, routes.clone().into_make_service())
        .with_graceful_shutdown(ending.clone().cancelled_owned());
    tokio::select! {
        ended = async { tokio::try_join!(plain.into_future(), encrypted) } => ended.map(|_| ()),
        // A client that never finishes its request must not keep the hub from stopping.
        () = async { ending.cancelled().await; tokio::time::sleep(FAREWELL.to_std()).await } => Ok(()),
    }
}

fn build(site: Site, ending: CancellationToken, bound: Option<SocketAddr>) -> Router {
    let web = Arc::new(Web {
        site,
        readers: Semaphore::new(READERS_MAX),
        passwords: door::Passwords::new(),
        scans: Semaphore::new(1),
        shut: watch::Sender::new(()),
        bench: rules::Bench::default(),
        lists: together::Together::new(),
        looks: together::Together::new(),
        ending,
        bound,
    });
    Router::new()
        .merge(front::routes())
        .merge(wall::routes())
        .merge(reports::routes())
        .merge(shift::routes())
        .merge(rota::routes())
        .merge(plans::routes())
        .merge(rules::routes())
        .merge(settings::routes())
        .merge(texts::routes())
        .merge(incident::routes())
        .merge(visits::routes())
        .merge(requests::routes())
        .merge(homes::routes())
        .merge(address::routes())
        .merge(who::routes())
        .merge(door::routes())
        .merge(mount::routes())
        .merge(live::routes())
        .merge(asset::routes())
        .merge(status::routes())
        .merge(api::routes())
        .fallback(layout::no_such_page)
        .method_not_allowed_fallback(layout::no_such_method)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(layout::panicked))
        .layer(from_fn_with_state(Arc::clone(&web), guard::check))
        .with_state(web)
}
