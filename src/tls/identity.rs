//! How we are recognised: certificate and key of our own encrypted sockets. Who renews them writes the same
//! files anew, and the next connection is shown what they say.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::TlsError;
use crate::domain::{Span, Time};

/// A handshake that is not done by then is given up.
const HANDSHAKE_MAX: Span = Span::seconds(10);

/// Certificate and key, as the files say them now. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Identity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    certificate: PathBuf,
    key: PathBuf,
    shown: Mutex<Shown>,
}

#[derive(Debug)]
struct Shown {
    config: Arc<ServerConfig>,
    /// When the first certificate of the chain runs out, in wall time.
    until: Option<Time>,
    /// When both files were written that this was read from, or that were of no use.
    written: Stamps,
}

type Stamps = [Option<SystemTime>; 2];

impl Identity {
    /// Reads both files: PEM, the chain in the one, the key in the other.
    ///
    /// # Errors
    /// A file cannot be read, or the two do not belong together.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let written = stamps(certificate, key);
        let (config, until) = read(certificate, key)?;
        let shown = Mutex::new(Shown { config, until, written });
        Ok(Self(Arc::new(Inner { certificate: certificate.into(), key: key.into(), shown })))
    }

    /// Shakes hands; `None`, where that came to nothing, and it is in the log why.
    pub async fn greet(&self, stream: TcpStream, from: SocketAddr) -> Option<TlsStream<TcpStream>> {
        match timeout(HANDSHAKE_MAX.to_std(), self.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => return Some(stream),
            Ok(Err(error)) => tracing::debug!(%from, %error, "a TLS handshake failed"),
            Err(_elapsed) => tracing::debug!(%from, "a TLS handshake took too long"),
        }
        None
    }

    /// Until when, in wall time, what the next connection is shown is good for; `None` where it does not say so in a
    /// way that can be read.
    pub fn until(&self) -> Option<Time> {
        self.shown(|shown| shown.until)
    }

    /// What the next connection is accepted with.
    fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.shown(|shown| Arc::clone(&shown.config)))
    }

    /// A renewed certificate that is of no use is said in the log, and the one before is shown on.
    fn shown<T>(&self, of: impl FnOnce(&Shown) -> T) -> T {
        let Inner { certificate, key, shown } = &*self.0;
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        let written = stamps(certificate, key);
        if written != shown.written {
            shown.written = written;
            match read(certificate, key) {
                Ok((config, until)) => {
                    tracing::info!(certificate = %certificate.display(), "a new certificate is shown");
                    (shown.config, shown.until) = (config, until);
                }
                Err(error) => {
                    let error = super::in_full(&error);
                    tracing::error!(
                        error,
                        "the new certificate is of no use; the old one is shown"
                    );
                }
            }
        }
        of(&shown)
    }
}

fn stamps(certificate: &Path, key: &Path) -> Stamps {
    [certificate, key].map(|file| std::fs::metadata(file).and_then(|m| m.modified()).ok())
}

/// TLS 1.2 and 1.3; the provider is `ring`. And when the chain runs out.
fn read(certificate: &Path, key: &Path) -> Result<(Arc<ServerConfig>, Option<Time>), TlsError> {
    let unreadable = |file: &Path| {
        let file = file.to_owned();
        move |source| TlsError::Read { file, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable(certificate))?;
    let ends: Option<Vec<Time>> = chain.iter().map(|one| ends(one)).collect();
    let until = ends.and_then(|ends| ends.into_iter().min());
    let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|source| TlsError::Identity { file: certificate.to_owned(), source })?;
    Ok((Arc::new(config), until))
}

fn ends(der: &[u8]) -> Option<Time> {
    let certificate = Certificate::from_der(der).ok()?;
    let until = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    i64::try_from(until.as_millis()).ok().map(Time)
}
