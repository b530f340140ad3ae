//! Settings for the scripted server, certificates, and messages.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use calendar::{Date, Instant};
use city::Lang;
use mail::mime::{Letter, Sender, write};
use mail::smtp::{Security, Server};
use mail::template::Text;

pub(crate) use crate::mail_server::MailServer;

impl MailServer {
    /// How the city reaches it.
    pub(crate) fn settings(&self, security: Security) -> Server {
        Server {
            host: "localhost".into(),
            port: self.port,
            security,
            login: None,
            ca_file: None,
            helo: "madoguchi.test".into(),
            timeout: Duration::from_secs(20),
            last_timeout: Duration::from_secs(20),
        }
    }
}

/// A certificate for localhost and the authority that signed it.
pub(crate) struct Certificates {
    pub(crate) authority: PathBuf,
    pub(crate) certificate: String,
    pub(crate) key: String,
    _folder: tempfile::TempDir,
}

impl Certificates {
    pub(crate) fn make() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(at("leaf.ext"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n").expect("written");
        let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let (ca, ca_key, request, leaf, key) =
            (at("ca.pem"), at("ca.key"), at("leaf.csr"), at("leaf.pem"), at("leaf.key"));
        openssl(&[&["req", "-x509", "-days", "2", "-subj", "/CN=test", "-keyout", &ca_key, "-out", &ca], &new_key[..]]);
        openssl(&[&["req", "-subj", "/CN=localhost", "-keyout", &key, "-out", &request], &new_key[..]]);
        let sign = ["x509", "-req", "-days", "2", "-in", &request, "-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial"];
        openssl(&[&sign[..], &["-extfile", &at("leaf.ext"), "-out", &leaf]]);
        Certificates { authority: ca.into(), certificate: leaf, key, _folder: folder }
    }
}

fn openssl(arguments: &[&[&str]]) {
    let output = Command::new("openssl").args(arguments.concat()).output();
    let output = output.expect("this test needs the Debian package openssl");
    assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
}

/// The city.
pub(crate) fn sender() -> Sender {
    Sender { name: "みなも市の窓口".into(), address: "madoguchi@minamo.example".into() }
}

/// Ten in the morning of 23 November 2026.
pub(crate) fn at_ten() -> Instant {
    Instant::from_jst(Date::constant(2026, 11, 23).at(10, 0, 0, 0))
}

/// A message with a subject and body.
pub(crate) fn letter(to: &str, subject: &str, body: &str) -> Vec<u8> {
    let text = Text { subject: subject.into(), body: body.into(), lang: Lang::Ja };
    let letter = Letter {
        message_id: "0192f0c1@minamo.example",
        at: at_ten(),
        from: &sender(),
        to,
        lang: Lang::Ja,
        text: &text,
    };
    write(&letter).expect("a message")
}
