//! The pages by TLS: connections are handed on once their handshake is done, so that nobody who is slow
//! with theirs holds up the others.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::server::TlsStream;

use crate::domain::Span;
use crate::tls::Identity;

/// So many handshakes go on at once; who comes beyond them waits.
const HANDSHAKES_MAX: usize = 256;
/// How long to wait before accepting again what could not be accepted.
const RETRY: Span = Span::seconds(1);

type Connection = (TlsStream<TcpStream>, SocketAddr);

/// Ends with whoever serves from it.
#[derive(Debug)]
pub(super) struct Encrypted {
    address: SocketAddr,
    connections: mpsc::Receiver<Connection>,
    /// Accepts, as long as this is here.
    _accepting: JoinSet<()>,
}

impl Encrypted {
    pub(super) fn new(socket: TcpListener, identity: Identity) -> io::Result<Self> {
        let address = socket.local_addr()?;
        let (done, connections) = mpsc::channel(1);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(socket, identity, done));
        Ok(Self { address, connections, _accepting: accepting })
    }
}

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        match self.connections.recv().await {
            Some(connection) => connection,
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

async fn accept(socket: TcpListener, identity: Identity, done: mpsc::Sender<Connection>) {
    let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    let mut handshakes = JoinSet::new();
    loop {
        while handshakes.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (stream, from) = match socket.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection to the pages");
                sleep(RETRY.to_std()).await;
                continue;
            }
        };
        let (identity, done) = (identity.clone(), done.clone());
        handshakes.spawn(async move {
            let encrypted = identity.greet(stream, from).await;
            drop(place);
            if let Some(stream) = encrypted {
                drop(done.send((stream, from)).await);
            }
        });
    }
}
