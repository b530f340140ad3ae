//! A mail server as a child process, and certificates for it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use calendar::{Date, Instant};
use city::Lang;
use mail::mime::{Letter, Sender, write};
use mail::smtp::{Security, Server};
use mail::template::Text;
use serde_json::Value;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A scripted mail server; it ends with the test.
pub(crate) struct MailServer {
    child: Child,
    input: ChildStdin,
    events: Receiver<Value>,
    /// Where it listens.
    pub(crate) port: u16,
}

/// Debian's Python first: its packages are not seen by others.
fn python() -> Command {
    let debian = Path::new("/usr/bin/python3");
    Command::new(if debian.exists() { debian } else { Path::new("python3") })
}

impl MailServer {
    /// Starts one with arguments of `server.py`.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let there = python().args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        assert!(
            there.is_ok_and(|status| status.success()),
            "this test needs a mail server: run ./test, or install the Debian package python3-aiosmtpd"
        );
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/server.py");
        let mut command = python();
        command.arg(script).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the mail server starts");
        let input = child.stdin.take().expect("a pipe");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let (say, events) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
                let _nobody_listens_any_more = say.send(event);
            }
        });
        let mut server = MailServer { child, input, events, port: 0 };
        let port = server.event("listening")["port"].as_u64().expect("a port");
        server.port = u16::try_from(port).expect("a port");
        server
    }

    /// The next event, which must be of this kind.
    #[track_caller]
    pub(crate) fn event(&self, kind: &str) -> Value {
        let event = self.events.recv_timeout(PATIENCE).expect("the mail server says something");
        assert_eq!(event["event"], kind, "{event}");
        event
    }

    /// Nothing more happened.
    #[track_caller]
    pub(crate) fn is_quiet(&self) {
        if let Ok(event) = self.events.try_recv() {
            panic!("{event}");
        }
    }

    /// Lets an answer go that is held.
    pub(crate) fn go(&mut self) {
        writeln!(self.input, "go").expect("the mail server reads");
    }

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

impl Drop for MailServer {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
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
