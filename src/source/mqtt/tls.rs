//! The certificate of the TLS socket.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::TlsSettings;
use super::listener::ListenError;

/// An acceptor that shows this certificate; TLS 1.2 and 1.3.
///
/// # Errors
/// A file cannot be read, or the two do not belong together.
pub fn acceptor(settings: &TlsSettings) -> Result<TlsAcceptor, ListenError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source: pem::Error| ListenError::Unreadable { path, source: source.into() }
    };
    let certificates = CertificateDer::pem_file_iter(&settings.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable(&settings.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&settings.key).map_err(unreadable(&settings.key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(certificates, key))
        .map_err(|source| ListenError::Certificate {
            path: settings.certificate.clone(),
            source,
        })?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
