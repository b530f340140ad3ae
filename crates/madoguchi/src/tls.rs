//! TLS of a listener: certificate and key from files, read anew when they change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// How often the files are looked at. Certificates are renewed every few weeks, by night.
const LOOK: Duration = Duration::from_secs(60);

/// Files of a listener's certificate.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    /// Chain, the listener's own certificate first, as PEM.
    pub(crate) certificate: PathBuf,
    /// Private key as PEM.
    pub(crate) key: PathBuf,
}

/// The newest readable certificate of a listener.
#[derive(Clone)]
pub(crate) struct Tls {
    current: watch::Receiver<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the files and goes on looking at them. A sentence says what is wrong with them.
    pub(crate) fn open(files: Files) -> Result<Self, String> {
        let (sender, current) = watch::channel(read(&files)?);
        tokio::spawn(follow(files, sender));
        Ok(Tls { current })
    }

    /// For the next connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.borrow().clone())
    }
}

async fn follow(files: Files, sender: watch::Sender<Arc<ServerConfig>>) {
    let mut seen = changed_at(&files);
    while !sender.is_closed() {
        tokio::time::sleep(LOOK).await;
        let now = changed_at(&files);
        if now == seen {
            continue;
        }
        match read(&files) {
            Ok(config) => {
                seen = now;
                sender.send_replace(config);
                tracing::info!(certificate = %files.certificate.display(), "the new certificate is used");
            }
            // Perhaps only one of both files is written yet: looked at again in a minute.
            Err(reason) => tracing::error!(reason, "the new certificate cannot be used; the one before goes on"),
        }
    }
}

fn changed_at(files: &Files) -> [Option<SystemTime>; 2] {
    [&files.certificate, &files.key].map(|file| std::fs::metadata(file).and_then(|m| m.modified()).ok())
}

/// Certificate and key as rustls takes them; a sentence says what is wrong.
pub(crate) fn read(files: &Files) -> Result<Arc<ServerConfig>, String> {
    let said = |file: &Path, reason: &dyn std::fmt::Display| format!("{}: {reason}", file.display());
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(|found| found.collect::<Result<Vec<_>, _>>())
        .map_err(|error| said(&files.certificate, &error))?;
    if chain.is_empty() {
        return Err(said(&files.certificate, &"no certificate is in it (PEM, BEGIN CERTIFICATE)"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| said(&files.key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| said(&files.key, &format!("does not belong to the certificate, or is of no use: {error}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
