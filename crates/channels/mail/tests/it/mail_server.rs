//! A scripted mail server as a child process.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

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
        let mut command = python();
        command.args(["-c", include_str!("server.py")]).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
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
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}
