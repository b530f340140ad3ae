//! `serve` with a certificate: over TLS, with a new certificate, and with files that are of no use.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::city::{INSIDE, PUBLIC};
use crate::support::{City, Server, code};

/// Says all of a certificate itself: the system's configuration would make it one of an authority.
const REQUEST: &str = "[req]\ndistinguished_name = name\nx509_extensions = leaf\nprompt = no\n[name]\nCN = localhost\n\
    [leaf]\nbasicConstraints = critical, CA:FALSE\nsubjectAltName = DNS:localhost, DNS:minamo.example\n";

/// Makes a certificate for localhost that signs itself.
fn certificate(city: &City, name: &str) {
    let request = city.write("request.cnf", REQUEST);
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .arg("-config")
        .arg(request)
        .arg("-keyout")
        .arg(city.path(&format!("{name}.key.pem")))
        .arg("-out")
        .arg(city.path(&format!("{name}.pem")))
        .output()
        .expect("openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Gives both listeners a certificate.
fn configure(city: &City, certificate: &str, key: &str) {
    let text = std::fs::read_to_string(&city.config).expect("read");
    let lines = format!("\ntls_certificate = \"{certificate}\"\ntls_key = \"{key}\"\n");
    let hosts = text.replace("\"localhost\"", "\"localhost\", \"minamo.example\"");
    let with = |text: &str, face: &str| text.replace(face, &format!("{face}{lines}"));
    let text = with(&with(&hosts, PUBLIC), INSIDE);
    std::fs::write(&city.config, text).expect("written");
}

/// One request over TLS, trusting one certificate only.
fn get(address: SocketAddr, trusted: &Path, host: &str) -> std::io::Result<String> {
    get_path(address, trusted, host, "/about")
}

fn get_path(address: SocketAddr, trusted: &Path, host: &str, path: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(trusted).expect("a certificate")).expect("taken");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut stream = StreamOwned::new(connection, std::net::TcpStream::connect(address)?);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    Ok(said)
}

#[test]
fn pages_come_over_tls() {
    let city = City::demo();
    certificate(&city, "one");
    certificate(&city, "other");
    configure(&city, "one.pem", "one.key.pem");
    let server = Server::of(&city);
    let page = get(server.public, &city.path("one.pem"), "minamo.example").expect("an answer");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("みなも市"), "{page:.200}");
    assert!(page.to_ascii_lowercase().contains("strict-transport-security: max-age=31536000"), "{page:.800}");
    // Who logs in is not told that the connection is not encrypted.
    let page = get_path(server.staff, &city.path("one.pem"), "minamo.example", "/login").expect("an answer");
    assert!(page.starts_with("HTTP/1.1 200") && !page.contains("暗号化されていません"), "{page:.400}");
    // On one's own machine other programs speak plain HTTP.
    let page = get(server.public, &city.path("one.pem"), "localhost").expect("an answer");
    assert!(!page.to_ascii_lowercase().contains("strict-transport-security"), "{page:.800}");
    // A certificate that is not this one's is not taken for it, and plain HTTP gets no page.
    get(server.public, &city.path("other.pem"), "localhost").expect_err("not trusted");
    let mut plain = std::net::TcpStream::connect(server.public).expect("connected");
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    let mut said = Vec::new();
    // It may be cut off or told that this is no greeting; a page it is not.
    if let Err(error) = plain.read_to_end(&mut said) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    assert!(!String::from_utf8_lossy(&said).contains("HTTP/1.1 200"));
    assert_eq!(server.terminate(), Some(0));
    assert!(city.run(["doctor"]).out.contains("certificate and key belong together"));
}

#[test]
fn files_of_no_use_are_told_before_anything_is_served() {
    let city = City::demo();
    certificate(&city, "one");
    certificate(&city, "other");
    city.write("empty.pem", "");
    configure(&city, "CERTIFICATE", "KEY");
    let text = std::fs::read_to_string(&city.config).expect("read");
    for (certificate, key, said) in [
        ("missing.pem", "one.key.pem", "missing.pem"),
        ("empty.pem", "one.key.pem", "no certificate is in it"),
        ("one.pem", "empty.pem", "empty.pem"),
        ("one.pem", "other.key.pem", "does not belong to the certificate"),
        ("one.key.pem", "one.key.pem", "no certificate is in it"),
    ] {
        let text = text.replace("\"CERTIFICATE\"", &format!("{certificate:?}")).replace("\"KEY\"", &format!("{key:?}"));
        std::fs::write(&city.config, text).expect("written");
        city.run(["serve"]).failed(code::CONFIGURATION, &["the certificate of 127.0.0.1:0 cannot be used", said]);
        let doctor = city.run(["doctor"]);
        assert!(doctor.out.contains("ERROR") && doctor.out.contains(said), "{}", doctor.out);
    }
}
