//! How we recognise the far side of an encrypted line, one way for brokers and webhooks; and how it
//! recognises us.

mod identity;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

pub use identity::Identity;

/// A file of certificates that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// It cannot be read, or is not PEM.
    #[error("cannot read `{}`, which TLS needs", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: rustls::pki_types::pem::Error,
    },
    /// It holds no certificate that can be trusted.
    #[error("there is no usable certificate in `{}`", .0.display())]
    None(PathBuf),
    /// Certificate and key are of no use together.
    #[error("cannot show the certificate `{}`", file.display())]
    Identity {
        /// The certificate.
        file: PathBuf,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// The library refuses; a fault of ours.
    #[error("cannot set up TLS")]
    Setup(#[from] rustls::Error),
}

/// Trusts the public authorities, and those of the PEM file `extra` besides. The provider is `ring`
/// and is passed explicitly: without it the first connection would panic.
///
/// # Errors
/// When the file cannot be read or holds no certificate.
pub fn client(extra: Option<&Path>) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = extra {
        let read = |source| TlsError::Read { file: file.to_owned(), source };
        let certificates: Vec<_> = CertificateDer::pem_file_iter(file)
            .map_err(read)?
            .collect::<Result<_, _>>()
            .map_err(read)?;
        let (added, _ignored) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(TlsError::None(file.to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// An error with its causes, for the one sentence that reaches a person.
pub fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.contains(&next_text) {
            text = format!("{text}: {next_text}");
        }
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_named_in_the_error() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ca.pem");
        let wrong = || client(Some(&file)).map(|_| ()).unwrap_err().to_string();
        assert!(wrong().starts_with("cannot read `") && wrong().contains("ca.pem"));
        std::fs::write(&file, "nothing here").unwrap();
        assert!(wrong().starts_with("there is no usable certificate in"), "{}", wrong());
        assert!(client(None).is_ok());
    }
}
