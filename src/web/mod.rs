//! Pages and API. They read through a reader of their own, and change things only by posting to
//! the inbox, like everybody else.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{broadcast, watch};

use crate::clock::Clock;
use crate::domain::{Home, IncidentId};
use crate::health::Health;
use crate::inbox::Inbox;
use crate::metrics::Metrics;

/// What pages and API need. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Site {
    /// The one way in.
    pub inbox: Inbox,
    /// The database file, for readers.
    pub store: PathBuf,
    /// The register as it stands.
    pub homes: watch::Receiver<Arc<Vec<Arc<Home>>>>,
    /// Names every incident that changed, after the change is on disk.
    pub changes: broadcast::Sender<IncidentId>,
    /// For what time it is.
    pub clock: Clock,
    /// For `/healthz` and `/readyz`.
    pub health: Health,
    /// For `/metrics`.
    pub metrics: Metrics,
    /// What programs and pages must show; `None` on loopback.
    pub token: Option<String>,
}

/// Serves until `stop`.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    _site: Site,
    _listener: tokio::net::TcpListener,
    stop: tokio_util::sync::CancellationToken,
) -> std::io::Result<()> {
    stop.cancelled().await;
    Ok(())
}
