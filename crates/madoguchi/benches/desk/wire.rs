//! As much of HTTP as the pages of the desk need, with bodies that fit in no memory.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Bytes of a piece of a file.
pub(crate) const PIECE: usize = 1 << 20;
/// Bytes of a piece of a body without an announced length.
const CHUNK: usize = 64 * 1024;
const BOUNDARY: &str = "a-line-between-parts";

/// Somebody's browser: a port, and what it keeps.
pub(crate) struct Browser {
    pub(crate) port: u16,
    pub(crate) cookies: Vec<String>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let field = self.body.split(&format!("name=\"{name}\" value=\"")).nth(1);
        field.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no {name}: {}", self.body)).to_owned()
    }
}

/// A file of so many bytes that is the same each time and nowhere like itself: a piece of noise with its number.
pub(crate) struct Noise {
    piece: Vec<u8>,
    length: u64,
    at: u64,
}

impl Noise {
    pub(crate) fn of(length: u64) -> Self {
        let mut piece = vec![0; PIECE];
        rand::Rng::fill_bytes(&mut <rand::rngs::ChaCha8Rng as rand::SeedableRng>::seed_from_u64(7), &mut piece);
        Noise { piece, length, at: 0 }
    }

    /// The next piece; empty at the end.
    fn next(&mut self) -> &[u8] {
        let left = usize::try_from(self.length - self.at).unwrap_or(PIECE).min(PIECE);
        self.piece[..8].copy_from_slice(&(self.at / PIECE as u64).to_le_bytes());
        self.at += left as u64;
        &self.piece[..left]
    }
}

impl Browser {
    fn send(&self, head: &str, body: impl FnOnce(&mut TcpStream) -> std::io::Result<()>) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connected");
        stream.set_nodelay(true).expect("nodelay");
        stream.set_read_timeout(Some(Duration::from_secs(600))).expect("patience");
        let cookies = self.cookies.join("; ");
        let own =
            format!("Host: localhost\r\nCookie: {cookies}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n");
        let (first, rest) = head.split_once("\r\n").expect("a line");
        write!(stream, "{first}\r\n{own}{rest}\r\n").expect("sent");
        // Whoever refuses a long body may close before it was read, and has answered all the same.
        let _refused_half_way = body(&mut stream);
        BufReader::new(stream)
    }

    /// Reads an answer to its end and keeps its cookies.
    fn answer(&mut self, mut from: BufReader<TcpStream>) -> Answer {
        let (status, head) = read_head(&mut from);
        let mut body = Vec::new();
        // A connection that was closed on a body half-way may end with a reset.
        let _reset_at_the_end = from.read_to_end(&mut body);
        let set = head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        for cookie in set {
            let (name, _) = cookie.split_once('=').expect("a cookie");
            self.cookies.retain(|kept| kept.split('=').next() != Some(name));
            self.cookies.push(cookie.to_owned());
        }
        Answer { status, head, body: String::from_utf8(body).expect("text") }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        let from = self.send(&format!("GET {path} HTTP/1.1\r\n"), |_| Ok(()));
        let answer = self.answer(from);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer
    }

    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let body = body.join("&");
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let head = format!("POST {path} HTTP/1.1\r\n{kind}\r\nContent-Length: {}\r\n", body.len());
        let from = self.send(&head, |to| to.write_all(body.as_bytes()));
        self.answer(from)
    }

    /// Posts a file behind its fields; `announced` says whether its length is told beforehand.
    pub(crate) fn upload(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        (field, mut file): (&str, Noise),
        announced: bool,
    ) -> Answer {
        let mut before = String::new();
        for (name, value) in fields {
            let disposition = format!("Content-Disposition: form-data; name=\"{name}\"");
            before.push_str(&format!("--{BOUNDARY}\r\n{disposition}\r\n\r\n{value}\r\n"));
        }
        let disposition = format!("Content-Disposition: form-data; name=\"{field}\"; filename=\"noise.bin\"");
        before.push_str(&format!("--{BOUNDARY}\r\n{disposition}\r\nContent-Type: application/octet-stream\r\n\r\n"));
        let after = format!("\r\n--{BOUNDARY}--\r\n");
        let length = match announced {
            true => format!("Content-Length: {}", (before.len() + after.len()) as u64 + file.length),
            false => "Transfer-Encoding: chunked".to_owned(),
        };
        let kind = format!("Content-Type: multipart/form-data; boundary={BOUNDARY}");
        let head = format!("POST {path} HTTP/1.1\r\n{kind}\r\n{length}\r\n");
        let from = self.send(&head, |to| {
            let mut put = |bytes: &[u8]| if announced { to.write_all(bytes) } else { chunk(to, bytes) };
            put(before.as_bytes())?;
            loop {
                let piece = file.next();
                if piece.is_empty() {
                    break;
                }
                for part in piece.chunks(CHUNK) {
                    put(part)?;
                }
            }
            put(after.as_bytes())?;
            if announced { Ok(()) } else { to.write_all(b"0\r\n\r\n") }
        });
        self.answer(from)
    }

    /// Gets a file and compares every byte of it.
    pub(crate) fn download(&mut self, path: &str, mut wanted: Noise) {
        let mut from = self.send(&format!("GET {path} HTTP/1.1\r\n"), |_| Ok(()));
        let (status, head) = read_head(&mut from);
        assert_eq!(status, 200, "{path}");
        assert!(head.contains(&format!("content-length: {}\r\n", wanted.length)), "{head}");
        let mut got = vec![0; PIECE];
        loop {
            let piece = wanted.next();
            if piece.is_empty() {
                break;
            }
            from.read_exact(&mut got[..piece.len()]).expect("a piece");
            assert!(got[..piece.len()] == *piece, "the bytes are those that were sent");
        }
        assert_eq!(from.read(&mut got).expect("the end"), 0, "nothing comes behind");
    }
}

fn chunk(to: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    write!(to, "{:x}\r\n", bytes.len())?;
    to.write_all(bytes)?;
    to.write_all(b"\r\n")
}

fn read_head(from: &mut BufReader<TcpStream>) -> (u16, String) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(from.read_line(&mut head).expect("a header") > 0, "the answer ends in its head: {head}");
    }
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, head)
}

fn encode(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}
