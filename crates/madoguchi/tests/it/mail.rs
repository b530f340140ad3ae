//! Mails of a served city with a real mail server: kills around each step, delivery reports, the mailbox.

#[path = "../../../channels/mail/tests/it/mail_server.rs"]
mod mail_server;

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use city::Lang;
use mail_server::MailServer;
use people::message::{self, Basis, NewMessage, State};
use people::person::{self, NewPerson};
use people::{Channel, address};
use store::{Db, HouseKey, OpenMode, Tx, params};
use testkit::on_both_engines;

use crate::kills::let_leases_end;
use crate::support::{City, PATIENCE, Said, Server, code, dictionary, until};

const ACTOR: &str = "command-line";

/// Says in the configuration where mails go.
fn with_mail(city: &City, port: u16, more: &str) {
    let text = std::fs::read_to_string(&city.config).expect("a configuration");
    let mail = format!(
        "\n[city.mail]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nfrom_name = \"みなも市の窓口\"\n\
         from_address = \"madoguchi@minamo.example\"\n{more}"
    );
    std::fs::write(&city.config, text + &mail).expect("written");
}

/// The city's database with its key.
async fn open(city: &City, address: &str) -> Db {
    let key = std::fs::read_to_string(city.path("minamo.key")).expect("a key");
    let db = Db::open(address, OpenMode::Existing).await.expect("a database");
    db.with_key(HouseKey::parse(&key).expect("a key"))
}

/// Queues a message to a new person.
async fn queue(db: &Db, to: &str) -> String {
    let clock = calendar::SystemClock;
    let mut rng = testkit::Randomness::new(u64::from(std::process::id())).rng();
    let rng = &mut rng;
    let mut tx = db.write().await.expect("write");
    let new = NewPerson { name: None, lang: Lang::Ja };
    let person = person::create(&mut tx, &clock, rng, ACTOR, new).await.expect("a person");
    let address = address::add(&mut tx, &clock, rng, ACTOR, &person, Channel::Mail, to).await.expect("an address");
    address::verify(&mut tx, &clock, ACTOR, &address).await.expect("verified");
    let fields = serde_json::json!({ "number": "質問-2026-0012", "link": "https://madoguchi.minamo.example/q" });
    let new = NewMessage {
        person: &person,
        purpose: "question.answer",
        basis: Basis::Duty,
        address: None,
        template: "question.answered",
        lang: None,
        fields: &fields,
        about: ("question", "1"),
        dedupe: None,
    };
    let queued = message::queue(&mut tx, &clock, rng, ACTOR, new).await.expect("queued");
    tx.commit().await.expect("commit");
    queued.id().to_owned()
}

async fn entry(db: &Db, id: &str) -> message::Entry {
    message::get(&mut db.read().await.expect("read"), id).await.expect("a message")
}

/// Waits until the message is in a state and no job that sends is left to do.
async fn until_settled(db: &Db, id: &str, state: State) {
    let started = std::time::Instant::now();
    loop {
        let now = entry(db, id).await;
        if now.state == state && open_jobs(db).await == 0 {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{now:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn open_jobs(db: &Db) -> i64 {
    let mut tx = db.read().await.expect("read");
    let sql = "SELECT count(*) AS n FROM job WHERE kind = $1 AND state IN ('ready', 'running', 'waiting')";
    tx.row(sql, params![message::SEND]).await.expect("counted").expect("a row").get("n").expect("a number")
}

/// Nobody else can begin or end an attempt of a message until the transaction is over.
async fn hold_message(db: &Db, id: &str) -> Tx {
    let mut tx = db.write().await.expect("write");
    tx.execute("UPDATE message SET attempts = attempts WHERE id = $1", params![id]).await.expect("held");
    tx
}

async fn outcomes(db: &Db, id: &str) -> Vec<String> {
    let tried = message::attempts(&mut db.read().await.expect("read"), id).await.expect("attempts");
    tried.into_iter().map(|a| a.outcome.unwrap_or_else(|| "open".into())).collect()
}

on_both_engines! {
    empty;

    async fn killed_before_it_is_begun_a_message_is_sent_once(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        let mail = MailServer::start(&[]);
        with_mail(&city, mail.port, "");
        let db = open(&city, &t.address).await;
        let id = queue(&db, "dare@example.jp").await;
        let held = hold_message(&db, &id).await;
        let server = Server::of(&city);
        // Time to claim the job where the engine lets it, and to wait for the message.
        tokio::time::sleep(Duration::from_millis(700)).await;
        server.kill();
        held.rollback().await.expect("let go");
        mail.is_quiet();
        assert_eq!(entry(&db, &id).await.state, State::Waiting);
        let_leases_end(&db).await;
        let server = Server::of(&city);
        let read = mail.event("read");
        assert_eq!(read["headers"]["Message-ID"], format!("<{id}@minamo.example>"));
        mail.event("accepted");
        until_settled(&db, &id, State::Sent).await;
        server.kill();
        // Nothing is left that would send it again.
        let server = Server::of(&city);
        tokio::time::sleep(Duration::from_millis(700)).await;
        mail.is_quiet();
        assert_eq!(outcomes(&db, &id).await, ["accepted"]);
        server.kill();
        db.close().await;
        t.close().await;
    }

    async fn killed_while_the_answer_is_awaited_it_is_in_doubt(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        let mut mail = MailServer::start(&[]);
        with_mail(&city, mail.port, "");
        let db = open(&city, &t.address).await;
        let id = queue(&db, "hold@example.jp").await;
        let server = Server::of(&city);
        mail.event("read");
        assert_eq!(entry(&db, &id).await.state, State::Sending);
        server.kill();
        let_leases_end(&db).await;
        let server = Server::of(&city);
        until_settled(&db, &id, State::InDoubt).await;
        // The first went out after all; a second was not sent.
        mail.go();
        mail.event("accepted");
        let_leases_end(&db).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        mail.is_quiet();
        assert_eq!(outcomes(&db, &id).await, ["unknown"]);
        server.kill();
        db.close().await;
        t.close().await;
    }

    async fn killed_after_the_answer_before_it_is_stored_it_is_in_doubt(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        let mut mail = MailServer::start(&[]);
        with_mail(&city, mail.port, "");
        let db = open(&city, &t.address).await;
        let id = queue(&db, "hold@example.jp").await;
        let server = Server::of(&city);
        mail.event("read");
        let held = hold_message(&db, &id).await;
        mail.go();
        mail.event("accepted");
        // Time to read the answer and to wait for the message.
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.kill();
        held.rollback().await.expect("let go");
        assert_eq!(entry(&db, &id).await.state, State::Sending);
        let_leases_end(&db).await;
        let server = Server::of(&city);
        until_settled(&db, &id, State::InDoubt).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        mail.is_quiet();
        assert_eq!(outcomes(&db, &id).await, ["unknown"]);
        server.kill();
        db.close().await;
        t.close().await;
    }

    async fn a_report_from_the_mail_server_marks_its_message(t: TestDb) {
        dictionary();
        let city = City::demo_in(&t.address);
        let db = open(&city, &t.address).await;
        // The demo has the mailbox in the house.
        let id = queue(&db, "dare@example.jp").await;
        let server = Server::of(&city);
        until_settled(&db, &id, State::Sent).await;
        server.kill();
        let mut tx = db.read().await.expect("read");
        let page = ::mail::mailbox::Page { before: None, limit: 10 };
        let kept = ::mail::mailbox::list(&mut tx, page).await.expect("a list");
        assert_eq!(kept.iter().map(|m| m.message.as_str()).collect::<Vec<_>>(), [id.as_str()]);
        drop(tx);
        let report = include_str!("../../../channels/mail/tests/reports/failed.eml");
        let strangers = city.write("stranger.eml", report);
        let said = city.run(["mail", "bounce", "stranger.eml"]);
        said.status_is(code::NOTHING);
        assert!(said.out.contains("no message of this city"), "{}", said.out);
        std::fs::remove_file(strangers).expect("removed");
        let message_id = entry(&db, &id).await.message_id.expect("an id");
        let ours = report.replace("<0192f0c1-7a11@mail.minamo.example>", &message_id);
        city.write("late.eml", ours.replace("Action: failed", "Action: delayed").replace("Status: 5.1.1", "Status: 4.4.1"));
        assert_eq!(city.run(["--json", "mail", "bounce", "late.eml"]).json()["result"], "noted");
        assert_eq!(entry(&db, &id).await.state, State::Sent);
        // As a mail server pipes it.
        let mut command = city.command(["--json", "mail", "bounce"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        child.stdin.take().expect("a pipe").write_all(ours.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("ended");
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!((&value["result"], &value["message"]), (&"bounced".into(), &id.as_str().into()));
        let entry = entry(&db, &id).await;
        assert_eq!((entry.state, entry.last_code.as_deref()), (State::Bounced, Some("5.1.1")));
        assert!(!entry.last_error.expect("what it said").contains('@'));
        db.close().await;
        t.close().await;
    }
}

#[test]
fn what_is_no_report_is_told_with_an_exit_code() {
    let city = City::bare();
    city.write("letter.eml", "From: a@example.jp\nSubject: hello\n\nhello\n");
    city.run(["mail", "bounce", "letter.eml"])
        .failed(code::REFUSED, &["no delivery report", "message/delivery-status"]);
    city.write("noise.eml", [0u8, 255, 13, 10, 45, 45].repeat(1000));
    city.run(["mail", "bounce", "noise.eml"]).failed(code::REFUSED, &["no delivery report"]);
    city.write("long.eml", vec![b'x'; 5 * 1024 * 1024]);
    city.run(["mail", "bounce", "long.eml"]).failed(code::REFUSED, &["longer than 4 MiB"]);
    // Standard input of the tests is empty.
    city.run(["mail", "bounce"]).failed(code::REFUSED, &["no delivery report"]);
    city.run(["mail", "bounce", "none.eml"]).failed(code::FILE, &["none.eml cannot be read"]);
    let report = include_str!("../../../channels/mail/tests/reports/failed.eml");
    city.write("report.eml", report);
    std::fs::remove_file(city.path("minamo.key")).expect("removed");
    city.run(["mail", "bounce", "report.eml"]).failed(code::CONFIGURATION, &["key"]);
}

#[test]
fn the_doctor_says_where_mails_go() {
    dictionary();
    let mail = |said: &Said| {
        let lines = said.out.lines().filter(|line| line.contains("  mail  "));
        lines.map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    let demo = City::demo();
    let said = demo.run(["doctor"]);
    assert!(mail(&said).starts_with("ok ") && mail(&said).contains("mailbox in the house"), "{}", said.out);
    let city = City::bare();
    let said = city.run(["doctor", "--connect"]);
    assert!(mail(&said).starts_with("warning") && mail(&said).contains("is not set up"), "{}", said.out);
    let server = MailServer::start(&[]);
    with_mail(&city, server.port, "");
    let said = city.run(["doctor", "--connect"]);
    assert!(mail(&said).contains(&format!("127.0.0.1:{} answers", server.port)), "{}", said.out);
    let port = server.port;
    server.is_quiet();
    drop(server);
    let (said, _) = until("the mail server is gone", PATIENCE, || {
        let said = city.run(["doctor", "--connect"]);
        (said.status.code() == Some(code::NOTHING)).then_some(said)
    });
    assert!(mail(&said).contains(&format!("ERROR    mail           127.0.0.1:{port}: connect: ")), "{}", said.out);
    let text = std::fs::read_to_string(&city.config).expect("a configuration");
    std::fs::write(&city.config, text.replace("madoguchi@minamo.example", "nobody")).expect("written");
    let said = city.run(["doctor"]);
    said.status_is(code::NOTHING);
    assert!(mail(&said).contains("from_address"), "{}", said.out);
    // It is not served so either.
    city.run(["serve"]).failed(code::CONFIGURATION, &["[city.mail]", "from_address"]);
}
