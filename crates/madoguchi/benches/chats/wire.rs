//! As much of HTTP as a browser's page of the contact centre needs, many at once.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A browser: where it asks, and what it says of itself.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) server: SocketAddr,
    /// The address that the proxy in front would name.
    pub(crate) address: String,
    pub(crate) cookies: String,
}

/// A connection that is kept open from one request to the next.
pub(crate) struct Connection {
    browser: Browser,
    stream: BufReader<TcpStream>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Browser {
    async fn connect(&self) -> BufReader<TcpStream> {
        let stream = TcpStream::connect(self.server).await.expect("connected");
        stream.set_nodelay(true).expect("nodelay");
        BufReader::new(stream)
    }

    fn head(&self, method: &str, path: &str) -> String {
        let Browser { address, cookies, .. } = self;
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\nCookie: {cookies}\r\n")
    }

    /// Opens a connection.
    pub(crate) async fn open(&self) -> Connection {
        Connection { browser: self.clone(), stream: self.connect().await }
    }

    /// Opens a stream of events.
    pub(crate) async fn events(&self, path: &str) -> Events {
        let mut stream = self.connect().await;
        let head = format!("{}Accept: text/event-stream\r\n\r\n", self.head("GET", path));
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("answered");
        assert!(line.contains(" 200 "), "{path}: {line}");
        Events { stream, name: String::new() }
    }
}

impl Connection {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let head = format!("{}\r\n", self.browser.head("GET", path));
        self.send(head, path).await
    }

    /// As the desk's script reads parts of its page anew.
    pub(crate) async fn get_parts(&mut self, path: &str) -> Answer {
        let head = format!("{}X-Parts: about talk\r\n\r\n", self.browser.head("GET", path));
        self.send(head, path).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let body = body.join("&");
        let kind =
            "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\nX-Requested-With: x";
        let head = self.browser.head("POST", path);
        self.send(format!("{head}{kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len()), path).await
    }

    async fn send(&mut self, request: String, path: &str) -> Answer {
        self.stream.get_mut().write_all(request.as_bytes()).await.expect("sent");
        let (mut length, mut location, mut status) = (0, String::new(), 0);
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line).await.expect("answered");
            assert!(read > 0, "{path}: the connection ended");
            let line = line.trim_end();
            match line.split_once(": ") {
                None if line.is_empty() => break,
                None => status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("status"),
                Some(("content-length", value)) => length = value.parse().expect("length"),
                Some(("location", value)) => location = value.to_owned(),
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.expect("body");
        let body = String::from_utf8(body).expect("text");
        assert!(status < 400, "{path}: {status} {}", body.chars().take(600).collect::<String>());
        Answer { status, location, body }
    }
}

/// A stream of server-sent events.
pub(crate) struct Events {
    stream: BufReader<TcpStream>,
    name: String,
}

impl Events {
    /// The next event: its name and data; none when the stream ends.
    pub(crate) async fn next(&mut self) -> Option<(String, String)> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            // Lengths of chunks and comments are neither.
            match line.trim_end().split_once(": ") {
                Some(("event", name)) => self.name = name.to_owned(),
                Some(("data", data)) => return Some((std::mem::take(&mut self.name), data.to_owned())),
                _ => {}
            }
        }
    }
}

pub(crate) fn encode(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// The value of a hidden field of a page.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let rest = page.split(&mark).nth(1).unwrap_or_else(|| panic!("the page has a field {name}"));
    rest.split('"').next().expect("value").to_owned()
}
