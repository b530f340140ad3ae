//! A served city and as much of HTTP as the figures need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Server {
    child: Child,
    pub(crate) public: u16,
    pub(crate) staff: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().expect("stopped");
        self.child.wait().expect("ended");
    }
}

impl Server {
    /// Serves the city of a folder; the time is that until its first answer.
    pub(crate) fn of(binary: &Path, folder: &Path) -> (Server, Duration) {
        let config = folder.join("madoguchi.toml");
        let text = std::fs::read_to_string(&config).expect("configuration");
        if !text.contains("[[listen]]") {
            let listen = |face| format!("[[listen]]\naddress = \"127.0.0.1:0\"\nfaces = [\"{face}\"]\n");
            let text = format!("log = \"warn\"\n{text}\n{}{}", listen("public"), listen("staff"));
            std::fs::write(&config, text).expect("configuration");
        }
        let started = Instant::now();
        let mut command = Command::new(binary);
        let mut child =
            command.args(["serve", "--config"]).arg(&config).stdout(Stdio::piped()).spawn().expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("output")).lines();
        let mut port = || {
            let line = lines.next().expect("address").expect("address");
            line.trim_end_matches('/').rsplit(':').next().and_then(|p| p.parse().ok()).expect("port")
        };
        let (public, staff) = (port(), port());
        let server = Server { child, public, staff };
        Connection::open(public).get("/ask?q=%E3%81%94%E3%81%BF");
        (server, started.elapsed())
    }

    /// Memory that is in use, in megabytes.
    pub(crate) fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e3
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// `name=value` of the cookies that are set.
    pub(crate) fn cookies(&self) -> Vec<String> {
        let lines = self.head.lines().filter_map(|l| l.strip_prefix("set-cookie: "));
        lines.filter_map(|l| l.split(';').next()).map(str::to_owned).collect()
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    pub(crate) cookies: String,
}

impl Connection {
    pub(crate) fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
        stream.set_nodelay(true).expect("nodelay");
        let reader = BufReader::new(stream.try_clone().expect("cloned"));
        Connection { stream, reader, cookies: String::new() }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        let answer = self.send("GET", path, "");
        assert_eq!(answer.status(), "200", "{path}");
        answer
    }

    pub(crate) fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.send("POST", path, &body.join("&"))
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let form = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin";
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n{form}\r\n", self.cookies);
        write!(self.stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let from = head.len();
            self.reader.read_line(&mut head).expect("header");
            let line = head[from..].trim();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("length");
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body).expect("body");
        Answer { head, body: String::from_utf8(body).expect("text") }
    }
}

pub(crate) fn encode(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}
