//! The serial ports of the register: opened, closed and opened anew as it changes.

use std::collections::BTreeMap;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::device::Port;
use crate::domain::Span;
use crate::inbox::Inbox;
use crate::source::serial;

use super::hub;

/// What was read of a port is stored by then, or it is left.
const CLOSE_WITHIN: Span = Span::seconds(3);

/// All ports that are read.
#[derive(Debug)]
pub(super) struct Ports {
    inbox: Inbox,
    stop: CancellationToken,
    open: BTreeMap<String, Open>,
}

#[derive(Debug)]
struct Open {
    port: Port,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Ports {
    /// None is read yet; all end with `stop`.
    pub(super) const fn new(inbox: Inbox, stop: CancellationToken) -> Self {
        Self { inbox, stop, open: BTreeMap::new() }
    }

    /// Reads these from now on and no others. A port that is set otherwise is closed first.
    pub(super) async fn turn_to(&mut self, wanted: Vec<Port>) {
        let stays = |open: &Open| wanted.contains(&open.port);
        let paths = self.open.iter().filter(|(_, open)| !stays(open)).map(|(path, _)| path.clone());
        for path in paths.collect::<Vec<_>>() {
            if let Some(open) = self.open.remove(&path) {
                open.close().await;
            }
        }
        for port in wanted {
            if !self.open.contains_key(&port.path) {
                self.open.insert(port.path.clone(), self.read(port));
            }
        }
    }

    /// Waits until all have ended.
    pub(super) async fn end(mut self) {
        for open in std::mem::take(&mut self.open).into_values() {
            open.close().await;
        }
    }

    fn read(&self, port: Port) -> Open {
        let (health, seen) = watch::channel(serial::Health::default());
        let (stop, mut tasks) = (self.stop.child_token(), JoinSet::new());
        tasks.spawn(hub::watch_port(port.path.clone(), seen));
        tasks.spawn(serial::run(port.clone(), self.inbox.clone(), health, stop.clone()));
        Open { port, stop, tasks }
    }
}

impl Open {
    async fn close(mut self) {
        self.stop.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(CLOSE_WITHIN.to_std(), all).await.is_err() {
            tracing::warn!(port = self.port.path, "what a serial port last said is not stored");
        }
    }
}
