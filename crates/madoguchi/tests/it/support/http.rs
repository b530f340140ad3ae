//! As much of HTTP/1.1 as the tests need.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Everything above the body.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &'_ str| line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).is_some();
        self.head.lines().find(|line| named(line)).and_then(|line| line.split_once(": ")).map(|(_, value)| value)
    }

    /// The body with each letter of markup written in one way.
    pub(crate) fn text(&self) -> String {
        let ways = [("&#60;", "&lt;"), ("&#62;", "&gt;"), ("&#34;", "&quot;"), ("&#38;", "&amp;"), ("&#x27;", "&#39;")];
        ways.iter().fold(self.body.clone(), |text, (one, other)| text.replace(one, other))
    }

    /// It is a page, and nothing in it runs.
    #[track_caller]
    pub(crate) fn is_page(&self) -> &Self {
        assert!(self.header("content-type").is_some_and(|v| v.starts_with("text/html")), "{}", self.head);
        assert!(self.body.starts_with("<!doctype html>") || self.body.starts_with("<!DOCTYPE html>"), "{}", self.body);
        self.is_harmless()
    }

    /// Nothing in it runs, whatever was asked, but the house's own file for the search field.
    #[track_caller]
    pub(crate) fn is_harmless(&self) -> &Self {
        let own = self.body.find("<script type=\"module\" src=\"/assets/").map(|from| {
            let to = from + self.body[from..].find("</script>").expect("its end");
            (from, to, self.body[from..to].ends_with("/ask.js\">"))
        });
        let rest = match own {
            Some((from, to, true)) => format!("{}{}", &self.body[..from], &self.body[to..]),
            _ => self.body.clone(),
        };
        for active in ["<script", "<img", "<iframe", "javascript:", "\" onerror", "\"onmouseover"] {
            assert!(!rest.to_lowercase().contains(active), "{active} in {}", self.body);
        }
        self
    }

    /// It has this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.body);
        self
    }
}

/// Sends a request as it stands and reads to the end; `None` if nobody answers.
pub(crate) fn send(address: SocketAddr, request: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(10)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
    // A server that refuses a long body may close before it has read it all, and has answered all the same.
    let _refused_half_way = stream.write_all(request);
    let mut bytes = Vec::new();
    let mut part = [0u8; 16 * 1024];
    loop {
        // Whoever sent no HTTP gets an answer on a connection that stays open.
        if let Some(answer) = answer(&bytes, false) {
            return Some(answer);
        }
        match stream.read(&mut part) {
            Ok(0) => return answer(&bytes, true),
            Ok(n) => bytes.extend_from_slice(&part[..n]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(_) => return answer(&bytes, true),
        }
    }
}

/// The answer, if it is whole; at the end of the connection it is as whole as it gets.
fn answer(bytes: &[u8], end: bool) -> Option<Answer> {
    let split = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = &bytes[split + 4..];
    let answer = Answer { status, head, body: String::from_utf8_lossy(body).into_owned() };
    let length: Option<usize> = answer.header("content-length").and_then(|l| l.parse().ok());
    (end || length.is_some_and(|length| body.len() >= length)).then_some(answer)
}

/// A request with a body, as a browser on this machine sends it.
pub(crate) fn request(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Answer> {
    let mut text = format!("{method} {target} HTTP/1.1\r\n");
    if headers.iter().all(|(name, _)| *name != "Host") {
        text.push_str(&format!("Host: localhost:{}\r\n", address.port()));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if method == "POST" {
        text.push_str(&format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            body.len()
        ));
    }
    text.push_str("Connection: close\r\n\r\n");
    text.push_str(body);
    send(address, text.as_bytes())
}

/// A text as it stands in a query or form.
pub(crate) fn encode(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~".contains(b);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
