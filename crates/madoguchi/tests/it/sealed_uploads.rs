//! Files of sealed cases that say no length: taken while they are short enough, refused at the limit in constant memory,
//! and nothing of them stays.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use store::params;

use crate::support::http::{Answer, encode, request};
use crate::support::{City, Server, files};

const PASSPHRASE: &str = "みなも まどべ かぜ ひかり";
/// Longest file, in bytes (`vault::file::LONGEST`).
const LONGEST: u64 = 500 << 20;
/// More than any form takes, in bytes.
const TOO_LONG: u64 = 1 << 30;
/// Bytes of a piece.
const PIECE: usize = 256 * 1024;
/// What the system and the network may hold of a body that nobody reads any more, in bytes.
const ON_THE_WAY: u64 = 16 << 20;
/// By how much the program may grow while half a gigabyte comes in, in megabytes.
const GROWTH: u64 = 64;

/// Somebody's browser.
struct Browser {
    address: SocketAddr,
    cookies: Vec<String>,
}

impl Browser {
    fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.ask("POST", path, &body.join("&"))
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let cookies = self.cookies.join("; ");
        let headers = [("Host", "localhost"), ("Cookie", &*cookies), ("Sec-Fetch-Site", "same-origin")];
        let answer = request(self.address, method, path, &headers, body).expect("an answer");
        let set = answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        for cookie in set {
            let (name, _) = cookie.split_once('=').expect("a cookie");
            self.cookies.retain(|kept| kept.split('=').next() != Some(name));
            self.cookies.push(cookie.to_owned());
        }
        answer
    }

    /// Posts a file of zeros without saying how long it is, until it is answered. Gives the answer, how many bytes of the
    /// file went, and the most memory of the program meanwhile, in megabytes.
    fn pour(
        &self,
        server: &Server,
        path: &str,
        fields: &[(&str, &str)],
        (field, length): (&str, u64),
    ) -> (Answer, u64, u64) {
        let mut stream = TcpStream::connect(self.address).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(120))).expect("a limit");
        let kind = "Content-Type: multipart/form-data; boundary=cut\r\nTransfer-Encoding: chunked";
        let own = format!("Host: localhost\r\nCookie: {}\r\nSec-Fetch-Site: same-origin", self.cookies.join("; "));
        write!(stream, "POST {path} HTTP/1.1\r\n{own}\r\n{kind}\r\nConnection: close\r\n\r\n").expect("sent");
        let mut before = String::new();
        for (name, value) in fields {
            let disposition = format!("content-disposition: form-data; name=\"{name}\"");
            before.push_str(&format!("--cut\r\n{disposition}\r\n\r\n{value}\r\n"));
        }
        let disposition = format!("content-disposition: form-data; name=\"{field}\"; filename=\"long.bin\"");
        before.push_str(&format!("--cut\r\n{disposition}\r\n\r\n"));
        chunk(&mut stream, before.as_bytes()).expect("sent");
        let (zeros, mut sent, mut most) = (vec![0; PIECE], 0, 0);
        while sent < length {
            let now = zeros.len().min(usize::try_from(length - sent).unwrap_or(PIECE));
            if chunk(&mut stream, &zeros[..now]).is_err() {
                break;
            }
            sent += now as u64;
            if sent % (16 << 20) == 0 {
                most = most.max(server.resident());
            }
        }
        // Whoever was refused half-way cannot send the end.
        let _refused = chunk(&mut stream, b"\r\n--cut--\r\n").and_then(|()| stream.write_all(b"0\r\n\r\n"));
        let mut bytes = Vec::new();
        let _reset_at_the_end = stream.read_to_end(&mut bytes);
        (read(&bytes), sent, most.max(server.resident()))
    }
}

fn chunk(to: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    write!(to, "{:x}\r\n", bytes.len())?;
    to.write_all(bytes)?;
    to.write_all(b"\r\n")
}

fn read(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

fn hidden(page: &Answer, name: &str) -> String {
    let field = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1);
    field.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no {name}: {}", page.body)).to_owned()
}

/// A consultant with an open desk, the token of their forms, the id of a case, and its receipt.
fn case(server: &Server) -> (Browser, String, String, String) {
    let mut desk = Browser { address: server.staff, cookies: Vec::new() };
    desk.post("/login", &[("login", "ijime-1"), ("password", "minamo-demo-2026")]).is(303);
    let page = desk.ask("GET", "/login/code", "");
    let code = page.is(200).body.split("<code class=\"code\">").nth(1).and_then(|rest| rest.split('<').next());
    let code = code.expect("a code").trim().to_owned();
    desk.post("/login/code", &[("code", &code)]).is(303);
    let csrf = hidden(desk.ask("GET", "/sealed/unlock", "").is(200), "csrf");
    desk.post("/sealed/unlock", &[("csrf", &csrf), ("passphrase", PASSPHRASE)]).is(303);
    let told = [("csrf", &*csrf), ("channel", "phone"), ("speaker", "child"), ("words", "くつをかくされた")];
    let page = desk.post("/sealed/cases/new", &told);
    let text = &page.is(200).body;
    let id = text.split("href=\"/sealed/cases/").find_map(|rest| rest.split('"').next().filter(|id| id.len() == 36));
    let digits = text.split("<p class=\"digits\"").nth(1).and_then(|rest| rest.split_once('>')).expect("digits").1;
    let digits = digits.split("</p>").next().expect("digits").replace("<span>", "").replace("</span>", "");
    let id = id.unwrap_or_else(|| panic!("no case: {text}")).to_owned();
    (desk, csrf, id, digits)
}

/// Nothing lies in the folder of files, and no place is kept for anything.
fn nothing_stays(city: &City, what: &str) {
    assert_eq!(files(&city.path("minamo.sealed-files")), [""; 0], "{what}");
    let places: i64 = city.with_database(async |db| {
        let mut tx = db.read().await.expect("read");
        let row = tx.row("SELECT count(*) AS n FROM case_blob", params![]).await.expect("rows").expect("a row");
        row.get("n").expect("a number")
    });
    assert_eq!(places, 0, "{what}");
}

#[test]
fn a_file_that_says_no_length_is_refused_at_the_limit() {
    let city = City::demo();
    let server = Server::of(&city);
    let (mut desk, csrf, id, digits) = case(&server);
    let mut child = Browser { address: server.public, cookies: Vec::new() };
    let talk = child.post("/en/room", &[("go", "open"), ("receipt", &digits)]);
    let (session, form) = (hidden(talk.is(200), "session"), hidden(&talk, "form"));
    let at_desk = format!("/sealed/cases/{id}/files");
    let by_child = [("session", &*session), ("form", &*form), ("words", "look"), ("go", "say")];
    let by_desk = [("csrf", &*csrf), ("shown", "case")];
    for (what, from, path, fields, field, sentence) in [
        ("at the desk", &desk, &*at_desk, &by_desk[..], "file", "500MBまでにしてください"),
        ("in the room", &child, "/en/room", &by_child[..], "files", "others up to 500 MB"),
    ] {
        let before = server.resident();
        let (answer, sent, most) = from.pour(&server, path, fields, (field, TOO_LONG));
        answer.is(422);
        assert!(answer.body.contains(sentence), "{what}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        assert!((LONGEST..LONGEST + ON_THE_WAY).contains(&sent), "{what}: refused after {sent} bytes");
        assert!(most < before + GROWTH, "{what}: {before} MB before, {most} MB meanwhile");
        nothing_stays(&city, what);
    }
    let page = desk.ask("GET", &format!("/sealed/cases/{id}"), "");
    assert!(!page.is(200).body.contains("long.bin"), "no entry tells of it");
    // What is short enough is taken, length or not.
    let (answer, ..) = desk.pour(&server, &at_desk, &by_desk, ("file", 3_000_000));
    answer.is(303);
    let (answer, ..) = child.pour(&server, "/en/room", &by_child, ("files", 3_000_000));
    answer.is(200);
    let page = desk.ask("GET", &format!("/sealed/cases/{id}"), "");
    assert_eq!(page.is(200).body.matches("long.bin").count(), 2, "{}", page.body);
    assert_eq!(files(&city.path("minamo.sealed-files")).len(), 2);
}
