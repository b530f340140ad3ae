//! An answer that a language model was writing when the process ended as if the power went.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use store::{Db, params};
use testkit::on_both_engines;

use crate::kills::{let_leases_end, until_all_are_done};
use crate::support::http::encode;
use crate::support::{City, Server, dictionary, until};

const QUESTION: &str = "たんすを捨てたい。粗大ごみの申し込みは";
/// Conversations that are begun until one reaches the model: the server looks at the gates when it starts.
const TRIES: u128 = 100;

/// A service that takes questions and never answers; how many it took.
fn silent() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            open.push(stream.expect("a connection"));
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, taken)
}

/// A service that is there again, and only says that it cannot.
fn failing(at: &str) {
    let listener = TcpListener::bind(at).expect("a port");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _whatever_was_asked = stream.read(&mut [0; 65_536]);
            let _nobody_may_listen =
                stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
}

async fn texts(db: &Db, sql: &'static str, contact: &str) -> Vec<String> {
    let mut tx = db.read().await.expect("read");
    let rows = tx.rows(sql, params![contact]).await.expect("rows");
    rows.iter().map(|r| r.get("t").expect("a text")).collect()
}

on_both_engines! {
    empty;

    async fn an_answer_that_was_being_written_comes_once_after_a_kill(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        let (endpoint, taken) = silent();
        let config = std::fs::read_to_string(&city.config).expect("read");
        let with = |endpoint: &str| {
            let model = format!("\n[language_model]\nendpoint = \"{endpoint}\"\nmodel = \"m\"\ntimeout_ms = 60000\n");
            std::fs::write(&city.config, format!("{config}{model}")).expect("written");
        };
        // The bot may answer on a topic whose golden questions it passed.
        city.run(["gate", "run", "--topic", "waste"]).done();
        with(&endpoint);
        let server = Server::of(&city);
        let mut asked = 0;
        until("the model is asked", Duration::from_secs(60), || {
            asked += 1;
            assert!(asked < TRIES, "the topic does not become live");
            let form = format!("submission={asked:032x}&words={}", encode(QUESTION));
            // Everybody comes from a place of their own.
            let from = format!("10.0.{}.{}", asked / 250, asked % 250);
            server.request("POST", "/contacts", &[("x-forwarded-for", &from)], &form).expect("an answer").is(303);
            std::thread::sleep(Duration::from_millis(100));
            (taken.load(Ordering::SeqCst) > 0).then_some(())
        });
        let waiting = "SELECT c.id AS t FROM contact c WHERE c.id <> $1 AND NOT EXISTS
            (SELECT 1 FROM contact_message m WHERE m.contact = c.id AND m.author = 'bot')";
        let contacts = texts(&t.db, waiting, "").await;
        assert!(!contacts.is_empty(), "somebody waits for the model");
        server.kill();

        // Another service, at another place, that fails: the article itself is told.
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        failing(&port.to_string());
        with(&format!("http://{port}/v1"));
        let_leases_end(&t.db).await;
        let server = Server::of(&city);
        until_all_are_done(&t.db).await;
        for contact in &contacts {
            let kinds = texts(&t.db, "SELECT kind AS t FROM contact_message WHERE contact = $1 ORDER BY seq", contact).await;
            assert_eq!(kinds, ["text", "answer"], "answered, and once");
            let events = texts(&t.db, "SELECT kind AS t FROM contact_event WHERE contact = $1 AND kind = 'answered_by_bot'", contact).await;
            assert_eq!(events.len(), 1, "counted once");
            let why = texts(&t.db, "SELECT fell_back AS t FROM answer_record WHERE contact = $1", contact).await;
            assert_eq!(why.len(), 1, "recorded once");
            assert!(why[0].contains("503"), "{why:?}");
        }
        server.kill();
        t.close().await;
    }
}
