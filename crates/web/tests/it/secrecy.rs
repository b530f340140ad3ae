//! Whoever is under secrecy stands nowhere. In a city where persons have records of every kind, every page of
//! both faces, every file, mail, log line and a backup are read for what must not be there.

mod tables;

use std::collections::{BTreeSet, VecDeque};
use std::io::{Cursor, Read, Write};
use std::sync::{Arc, LazyLock, Mutex};

use axum::http::Request;
use city::Lang;
use people::message::{self, Basis, NewMessage, Outcome};
use people::person::{self, NewPerson};
use people::{Channel, address, consent, erasure, household, merge, place};
use store::{Sql, Value};
use testkit::TestDb;
use web::{Face, route_table};

use tables::{COVERED, refer_to_a_person};

use crate::records::Records;
use crate::records::contacts::{Talk, window};
use crate::support::{City, Desk, Page, encode, prefixes, send};

/// Stands in every address, before and after the `@`, so that a masked one is found as well.
const ADDRESS: &str = "himitsu";
/// Stands in every place.
const PLACE: &str = "秘密の丘";
/// Stands in every name and in the label of the household.
const NAME: &str = "しるしの名前";
/// Stands in the telephone number, with and without hyphens.
const PHONE: [&str; 2] = ["987-6501", "9876501"];
const MARKS: [&str; 5] = [ADDRESS, PLACE, NAME, PHONE[0], PHONE[1]];
/// The telephone number for a call back, as it is typed and as it is kept.
const CALLED: [&str; 2] = ["072-987-6501", "0729876501"];

/// Addresses that a reader of persons sees as long as there is no secrecy.
const SEEN: [&str; 7] = [
    "himitsu-1@himitsu-1.example",
    "himitsu-anzen@himitsu-anzen.example",
    "himitsu-modori@himitsu-modori.example",
    "himitsu-torisage@himitsu-torisage.example",
    "himitsu-matome@himitsu-matome.example",
    "himitsu-shitsumon@himitsu-shitsumon.example",
    "himitsu-shokuin@himitsu-shokuin.example",
];
const ERASED: &str = "himitsu-keshita@himitsu-keshita.example";

#[test]
fn every_table_that_refers_to_a_person_is_covered() {
    let covered: BTreeSet<String> = COVERED.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(refer_to_a_person(), covered, "give the persons of this test a row in each, and crawl its pages");
}

/// The log of the process.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

/// One for all tests of the process that want it.
static LOG: LazyLock<Log> = LazyLock::new(Log::begin);

impl Log {
    /// Everything from now on, down to the smallest trace.
    pub(crate) fn kept() -> Log {
        LOG.clone()
    }

    fn begin() -> Log {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("the one place that keeps the log");
        log
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("the log")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The persons of the test.
struct Secret {
    /// Has everything: name, addresses, places, a household, consents, messages of every state.
    main: String,
    /// An address of theirs that is not safe.
    address: String,
    /// Turned out to be the same as the first one.
    merged: String,
    /// Left a question with a mail address.
    asker: String,
    /// Has an account at the desk.
    colleague: String,
    /// Talked with the city and asked for a call back.
    talker: String,
    /// Was erased.
    erased: String,
    /// Lives with the first one and is not under secrecy.
    housemate: String,
    account: String,
    /// Page of the question, with its key.
    question: String,
    /// The conversation of the one who talked.
    talk: Talk,
}

impl Secret {
    fn ids(&self) -> [&String; 6] {
        [&self.main, &self.merged, &self.asker, &self.colleague, &self.talker, &self.erased]
    }
}

/// Makes the persons, one thing after another.
struct Maker<'a> {
    city: &'a City,
}

impl Maker<'_> {
    async fn tx(&self) -> store::Tx {
        self.city.test.db.write().await.expect("write")
    }

    async fn person(&self, name: &str) -> String {
        let (mut tx, mut rng) = (self.tx().await, self.city.test.rng());
        let new = NewPerson { name: Some(name), lang: Lang::Ja };
        let clock = self.city.test.clock.as_ref();
        let id = person::create(&mut tx, clock, &mut rng, "citizen", new).await.expect("a person");
        tx.commit().await.expect("commit");
        id
    }

    async fn address(&self, person: &str, mail: &str) -> String {
        let (mut tx, mut rng) = (self.tx().await, self.city.test.rng());
        let clock = self.city.test.clock.as_ref();
        let id = address::add(&mut tx, clock, &mut rng, "citizen", person, Channel::Mail, mail).await.expect("added");
        address::verify(&mut tx, clock, "citizen", &id).await.expect("verified");
        tx.commit().await.expect("commit");
        id
    }

    async fn message(&self, person: &str, to: Option<&str>, basis: Basis) -> String {
        let (mut tx, mut rng) = (self.tx().await, self.city.test.rng());
        let new = NewMessage {
            person,
            purpose: "test",
            basis,
            address: to,
            template: "question.answered",
            lang: None,
            fields: &serde_json::json!({ "number": "質問-2026-0001", "path": "/questions" }),
            about: ("question", "q1"),
            dedupe: None,
        };
        let clock = self.city.test.clock.as_ref();
        let id = message::queue(&mut tx, clock, &mut rng, "citizen", new).await.expect("queued").id().to_owned();
        tx.commit().await.expect("commit");
        id
    }

    async fn begin(&self, id: &str) -> message::Begin {
        let (db, clock) = (&self.city.test.db, self.city.test.clock.as_ref());
        message::begin(db, clock, id, "minamo.example").await.expect("begun")
    }

    /// Places, a consent, a household with somebody who is not under secrecy.
    async fn at_home(&self, person: &str, housemate: &str) {
        let (mut tx, mut rng) = (self.tx().await, self.city.test.rng());
        let clock = self.city.test.clock.as_ref();
        for (kind, text) in [(place::Kind::Postal, "秘密の丘九丁目"), (place::Kind::Whereabouts, "秘密の丘避難所")]
        {
            place::add(&mut tx, clock, &mut rng, "citizen", person, kind, text).await.expect("a place");
        }
        consent::give(&mut tx, clock, &mut rng, "citizen", person, "news", "form/1").await.expect("consent");
        let home = household::create(&mut tx, clock, &mut rng, "citizen", Some("しるしの名前の世帯")).await;
        let (home, from) = (home.expect("a household"), "2026-04-01".parse().expect("a day"));
        for member in [person, housemate] {
            household::join(&mut tx, clock, &mut rng, "citizen", &home, member, from).await.expect("joined");
        }
        tx.commit().await.expect("commit");
    }

    /// A question that was left with an address: whose it is, and its page.
    async fn question(&self, mail: &str) -> (String, String) {
        let form =
            [("submission", "0123456789abcdef0123456789abcdef"), ("body", "転入届に印鑑は要りますか"), ("mail", mail)];
        let page = self.city.post("/questions", &form).await.location().trim_end_matches("?new=1").to_owned();
        self.city.work().await;
        let id = self.city.texts("SELECT id AS v FROM question").await.remove(0);
        let mut tx = self.tx().await;
        let person = knowledge::question::person_of(&mut tx, &id).await.expect("read").expect("a person");
        (person, page)
    }

    /// A conversation with everything that can come of one: whose it is, and its addresses. An operator has it.
    async fn talk(&self) -> (String, Talk) {
        let city = self.city;
        let talk = Talk::about(city, "tennyu").await;
        let window = window(city, &city.state.organisation().profile.phone_section);
        let ask = [("phone", CALLED[0]), ("window", window.as_str())];
        let asked = city.post(&format!("{}/call-back", talk.page()), &ask).await;
        assert_eq!(asked.status, 303, "{}", asked.body);
        let operator = city.staff("operator-1").await;
        let at = talk.desk();
        for (step, form) in [
            ("pick-up", vec![]),
            ("reply", vec![("client_id", "client-reply"), ("words", "お電話します。")]),
            ("note", vec![("client_id", "client-note"), ("words", "折り返しを待っている")]),
            ("draft", vec![("kind", "reply"), ("words", "書きかけの返事")]),
            ("transfers", vec![("section", "shimin"), ("summary", "転入届の期限")]),
            ("side-questions", vec![("section", "kankyo"), ("question", "夜でも出せますか")]),
            ("incidents", vec![("kind", "abuse"), ("words", "大声")]),
        ] {
            let done = operator.post(&format!("{at}/{step}"), &form).await;
            assert!(!done.status.is_client_error(), "{step}: {}", done.body);
        }
        talk.send_file(city).await;
        city.post(&format!("{}/typing", talk.page()), &[]).await;
        self.recalled().await;
        contact::figures::refresh(&city.test.db, &city.state.organisation()).await.expect("figures");
        let person = talk.contact(city).await.person.expect("a person");
        self.on_line(&person, &talk.contact(city).await.id).await;
        (person, talk)
    }

    /// The same person on LINE: what they chose, a send that they are to get, a slip, keys to pages, a talk.
    async fn on_line(&self, person: &str, contact: &str) {
        use outreach::{Address, Channel, Choices, Pace, Quota, planning, recipient, sending, subscription};
        let (db, clock, mut rng) = (&self.city.test.db, self.city.test.clock.as_ref(), self.city.test.rng());
        let mut tx = self.tx().await;
        let address = Address::new("U-himitsu-no-line");
        let found =
            recipient::learn(&mut tx, clock, &mut rng, Channel::Line, &address, Lang::Ja).await.expect("learnt");
        recipient::link(&mut tx, clock, "citizen", &found.id, Some(person)).await.expect("linked");
        let choices = Choices { topics: BTreeSet::from(["waste".to_owned()]), ..Choices::none(Lang::Ja) };
        subscription::choose(&mut tx, clock, &found.id, &choices).await.expect("chosen");
        let (slip, _) = line_account::link::invite(&mut tx, clock, &mut rng, person, "citizen").await.expect("a slip");
        line_account::link::new_pass(&mut tx, clock, &mut rng, &found.id).await.expect("a key");
        let contact = contact::contact::get(&mut tx, contact).await.expect("read").expect("there");
        contact::link::make(&mut tx, clock, &mut rng, &contact).await.expect("a link");
        for (sql, values) in [
            (
                "INSERT INTO line_link_try (nonce_hash, invitation, recipient, expires_at) VALUES ('x', $1, $2, 1)",
                store::params![&slip.id, &found.id],
            ),
            (
                "INSERT INTO line_talk (contact, recipient, is_current, sent_seq, created_at) VALUES ($1, $2, $3, 0, 1)",
                store::params![&contact.id, &found.id, true],
            ),
            (
                "INSERT INTO line_call (id, contact, recipient, way, state, attempts, first_at, last_at, cost)
                 VALUES ('x', $1, $2, 'push', 'accepted', 1, 1, 1, 1)",
                store::params![&contact.id, &found.id],
            ),
        ] {
            tx.execute(sql, values).await.expect("a row");
        }
        tx.commit().await.expect("commit");
        let draft = sending::Draft {
            channel: Channel::Line,
            title: "収集のお休み".into(),
            texts: sending::Texts { ja: "明日は休みます。".into(), easy: None, en: None },
            topic: "waste".into(),
            districts: Vec::new(),
            section: "kankyo".into(),
            urgent: None,
            starts_at: None,
        };
        let id = sending::draft(db, clock, &mut rng, "author", &draft).await.expect("drafted").id;
        let pace = Pace { per_batch: 500, per_second: 200 };
        planning::plan(db, clock, &mut rng, "author", &id, pace, Quota::default()).await.expect("planned");
    }

    /// What the bot told is called back.
    async fn recalled(&self) {
        let city = self.city;
        let who = crate::board::principal(city, "chosei").await;
        let (mut rng, mut tx, clock) = (city.test.rng(), self.tx().await, city.test.clock.as_ref());
        let organisation = city.state.organisation();
        let desk = contact::staff::Desk { db: &city.test.db, clock, organisation: &organisation, who: &who };
        let typed = contact::recall::Typed {
            article: "tennyu".into(),
            version_from: "1".into(),
            version_to: "1".into(),
            reason: "期限がちがっていた".into(),
            ja: "期限を訂正します。".into(),
            ..Default::default()
        };
        let id = contact::recall::prepare(&mut tx, desk, &mut rng, &|_| true, &typed).await.expect("prepared");
        contact::recall::confirm(&mut tx, desk, &mut rng, &id).await.expect("confirmed");
        tx.commit().await.expect("commit");
    }
}

/// A city in which persons have a record of every kind; nobody is under secrecy yet.
async fn full(city: &City) -> Secret {
    let make = Maker { city };
    let (main, merged) = (make.person(NAME).await, make.person("しるしの名前の二").await);
    let (erased, housemate) = (make.person("しるしの名前の三").await, make.person("同居の人").await);
    make.at_home(&main, &housemate).await;
    let mut of_main = Vec::new();
    for mail in &SEEN[..4] {
        of_main.push(make.address(&main, mail).await);
    }
    let of_merged = make.address(&merged, SEEN[4]).await;
    let of_erased = make.address(&erased, ERASED).await;
    let (asker, question) = make.question(SEEN[5]).await;
    let (talker, talk) = make.talk().await;
    let admin = city.staff("kanri-1").await;
    let mut tx = make.tx().await;
    let account = access::store::account::secrets_of_login(&mut tx, "shimin-sakusei").await;
    let account = account.expect("read").expect("the account").id;
    tx.commit().await.expect("commit");
    admin.post(&format!("/accounts/{account}/mail"), &[("mail", SEEN[6])]).await;
    let found = access::store::account::get(&mut make.tx().await, &account).await.expect("read").expect("there");
    let colleague = found.person.expect("a person");

    // Sent into the mailbox: to each address of the first one, to the others, and what the house itself tells.
    let mut bounced = String::new();
    for (person, to) in of_main.iter().map(|to| (&main, to)).chain([(&merged, &of_merged), (&erased, &of_erased)]) {
        let id = make.message(person, Some(to), Basis::Duty).await;
        if to == &of_main[2] {
            bounced = id;
        }
    }
    let number = question.split('/').nth(2).expect("a number");
    city.answer(&format!("質問-{number}"), "印鑑は要りません。", None).await;
    crate::inquiries::asked(&city.staff("chosei").await).await;
    city.mails().await;

    let (mut tx, mut rng, clock) = (make.tx().await, city.test.rng(), city.test.clock.as_ref());
    let mails = message::mailbox::list(&mut tx, message::Page { before: None, limit: 100 }).await.expect("mails");
    let mail = mails.iter().find(|m| m.message == bounced).expect("the mail");
    assert!(mail::mailbox::bounce(&mut tx, clock, "citizen", &mail.id).await.expect("bounced"));
    address::set_safe(&mut tx, clock, "citizen", &of_main[1], true).await.expect("safe");
    address::withdraw(&mut tx, clock, "citizen", &of_main[3]).await.expect("withdrawn");
    merge::merge(&mut tx, clock, &mut rng, "citizen", &main, &merged).await.expect("merged");
    erasure::erase(&mut tx, clock, "citizen", &erased).await.expect("erased");
    tx.commit().await.expect("commit");

    // In doubt, refused by a server that names the address, held back, and waiting.
    let doubtful = make.message(&main, None, Basis::Duty).await;
    make.begin(&doubtful).await;
    make.begin(&doubtful).await;
    let refused = make.message(&main, Some(&of_main[0]), Basis::Duty).await;
    let message::Begin::Ready(sending) = make.begin(&refused).await else { panic!("an attempt") };
    let said = format!("<{}>: user himitsu-1 unknown", SEEN[0]);
    let mut tx = make.tx().await;
    let outcome = Outcome::Refused { code: Some(550), detail: said };
    message::finish(&mut tx, clock, &mut rng, sending.attempt, outcome).await.expect("finished");
    tx.commit().await.expect("commit");
    make.message(&main, None, Basis::Consent).await;
    let address = of_main.swap_remove(0);
    make.message(&main, Some(&address), Basis::Duty).await;
    Secret { main, address, merged, asker, colleague, talker, erased, housemate, account, question, talk }
}

/// Everything that can be read in a page or file: a book of a spreadsheet is taken apart.
fn readable(page: &Page) -> String {
    if !page.bytes.starts_with(b"PK") {
        return page.body.clone();
    }
    let mut book = zip::ZipArchive::new(Cursor::new(&page.bytes)).expect("a book");
    let mut text = String::new();
    for i in 0..book.len() {
        book.by_index(i).expect("a part").read_to_string(&mut text).expect("text");
    }
    text
}

/// The marks in a text, plain or as part of an address.
fn marks_in(text: &str) -> BTreeSet<&'static str> {
    let lower = text.to_lowercase();
    let is_in = |mark: &str| lower.contains(mark) || (!mark.is_ascii() && text.contains(&encode(mark)));
    MARKS.into_iter().filter(|mark| is_in(mark)).collect()
}

/// Addresses of this face that a page leads to; `here` is the page's own.
fn links(here: &str, page: &str) -> Vec<String> {
    let path = here.split('?').next().unwrap_or_default();
    let hrefs = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let whole = hrefs.filter_map(|href| match href.chars().next()? {
        '/' if !href.starts_with("//") => Some(href.to_owned()),
        '?' => Some(format!("{path}{href}")),
        _ => None,
    });
    whole.map(|href| href.split('#').next().unwrap_or_default().replace("&amp;", "&").replace("&#38;", "&")).collect()
}

/// Reads all that can be reached from some addresses; what was found is told by address and mark.
async fn crawl(city: &City, who: Option<&Desk<'_>>, from: &[String]) -> Vec<(String, String, BTreeSet<&'static str>)> {
    let mut seen: BTreeSet<String> = from.iter().cloned().collect();
    let mut waiting: VecDeque<String> = from.iter().cloned().collect();
    let mut found = Vec::new();
    while let Some(address) = waiting.pop_front() {
        let page = match who {
            Some(desk) => desk.get(&address).await,
            None => send(&city.public, Request::get(&address)).await,
        };
        assert!(!page.status.is_server_error(), "{address}: {}", page.status);
        let mut text = readable(&page);
        for (name, value) in &page.headers {
            text.push_str(&format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes())));
        }
        let marks = marks_in(&text);
        if !marks.is_empty() {
            found.push((address.clone(), text.clone(), marks));
        }
        let mut next = links(&address, &page.body);
        next.extend(page.headers.get("location").and_then(|l| l.to_str().ok()).map(str::to_owned));
        for link in next {
            if seen.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
        assert!(seen.len() < 20_000, "the pages do not end: {address}");
    }
    found
}

/// Addresses of every page of the staff that can be asked for, with real records: those of 市民課, and those of
/// the persons.
async fn of_staff(city: &City, secret: &Secret) -> Vec<String> {
    let records = Records::of(city).await;
    let mut all = Vec::new();
    for route in route_table().into_iter().filter(|r| r.face == Face::Staff && r.method == "GET") {
        all.push(records.case("GET", route.path).await.0);
    }
    for id in secret.ids().into_iter().chain([&secret.housemate]) {
        all.push(format!("/people/{id}"));
        all.push(format!("/people/{id}/merge?other={}", secret.housemate));
        all.push(format!("/people/{}/merge?other={id}", secret.housemate));
        all.push(format!("/audit?object={id}"));
        all.push(format!("/audit.csv?object={id}"));
    }
    for id in city.texts("SELECT id AS v FROM message").await {
        all.push(format!("/messages/{id}"));
        all.push(format!("/audit?object={id}"));
    }
    all.extend(
        city.texts("SELECT id AS v FROM simulated_mail").await.iter().map(|id| format!("/simulators/mailbox/{id}")),
    );
    all.push(format!("/accounts/{}", secret.account));
    all.push(format!("/questions/{}", secret.question.split('/').nth(2).expect("a number")));
    all.extend([secret.talk.desk(), format!("{}/suggestions", secret.talk.desk()), "/contacts?state=all".into()]);
    all.push(format!("/audit?object={}", secret.talk.contact(city).await.id));
    all.extend(["/jobs?state=done", "/messages?state=withheld", "/questions?state=all"].map(str::to_owned));
    all
}

/// The same of the citizens' face, with the key of the question.
fn of_citizens(secret: &Secret) -> Vec<String> {
    let mut all = vec![secret.question.clone(), format!("/easy{}", secret.question), format!("/en{}", secret.question)];
    for prefix in prefixes() {
        all.extend(["", "/call-back"].map(|rest| format!("{prefix}{}{rest}", secret.talk.page())));
    }
    for route in route_table().into_iter().filter(|r| r.face == Face::Public && r.method == "GET") {
        let address = route.path.replace("{digest}", "x").replace("{name}", "app.css");
        let code = if address.starts_with("/topics") { "moving" } else { "tennyu" };
        all.push(address.replace("{code}", code));
    }
    all
}

async fn set_secrecy(city: &City, secret: &Secret) {
    let desk = city.staff("kojin").await;
    for id in [&secret.main, &secret.asker, &secret.colleague, &secret.talker] {
        let done = desk.post(&format!("/people/{id}/secrecy"), &[("why", "support")]).await;
        assert_eq!(done.location(), format!("/people/{id}?done=secrecy-set"));
    }
}

/// Each kind of record is there for at least one of the persons.
async fn every_kind_is_there(city: &City, secret: &Secret) {
    let mut tx = city.test.db.read().await.expect("read");
    for (table, of) in COVERED {
        let of = of.replace("{ids}", "$1, $2, $3, $4, $5, $6");
        let ids: Vec<Value> = secret.ids().into_iter().map(|id| Value::from(id.as_str())).collect();
        let sql = Sql::built(format!("SELECT count(*) AS n FROM {table} WHERE {of}"));
        let n: i64 = tx.row(sql, ids).await.expect("read").expect("a row").get("n").expect("a number");
        assert!(n > 0, "nobody has a row in {table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn under_secrecy_nothing_is_found_by_anybody_anywhere() {
    let log = Log::kept();
    let city = City::new(TestDb::sqlite().await).await;
    // Or the room would answer that nobody is there.
    crate::room::desk(&city).await;
    let secret = full(&city).await;
    every_kind_is_there(&city, &secret).await;
    let (staff, citizens) = (of_staff(&city, &secret).await, of_citizens(&secret));

    // The crawl finds what is there to be found.
    let reader = city.staff("kojin").await;
    let before = crawl(&city, Some(&reader), &staff).await;
    for value in SEEN {
        assert!(before.iter().any(|(_, text, _)| text.contains(value)), "a reader should see {value}");
    }
    for name in [NAME, "しるしの名前の世帯", CALLED[1]] {
        assert!(before.iter().any(|(_, text, _)| text.contains(name)), "a reader should see {name}");
    }
    let operator = city.staff("operator-1").await;
    let has_it = crawl(&city, Some(&operator), &[secret.talk.desk()]).await;
    assert!(
        has_it.iter().any(|(at, text, _)| *at == secret.talk.desk() && text.contains(CALLED[1])),
        "who has it calls"
    );
    let administrator = city.staff("kanri-1").await;
    let masked = crawl(&city, Some(&administrator), &[format!("/accounts/{}", secret.account)]).await;
    assert!(masked.iter().any(|(_, text, _)| text.contains("h•••@himitsu-shokuin.example")), "masked for others");

    let (earlier, make) = (city.mails().await.len(), Maker { city: &city });
    for to in [None, Some(secret.address.as_str())] {
        make.message(&secret.main, to, Basis::Duty).await;
    }
    set_secrecy(&city, &secret).await;
    // Of what waits, one mail goes out: to the safe address.
    let mails = city.mails().await;
    assert_eq!(mails.len(), earlier + 1);
    for mail in mails {
        let text = format!("{}\n{}\n{}", mail.to, mail.subject, mail.body);
        assert!(marks_in(&text).is_empty(), "{text}");
    }
    let staff: Vec<String> = staff.into_iter().chain(of_staff(&city, &secret).await).collect();
    let mut wrong = Vec::new();
    let logins = ["shimin-sakusei", "shimin-shonin", "shimin-kanri", "chosei", "kanri-1", "kansa", "kojin"];
    for login in logins.into_iter().chain(["operator-1", "supervisor", "kankyo-sakusei"]) {
        let desk = city.staff(login).await;
        for (address, _, mut marks) in crawl(&city, Some(&desk), &staff).await {
            // A name is not whereabouts: who looks after persons sees it.
            if login == "kojin" {
                marks.remove(NAME);
            }
            if !marks.is_empty() {
                wrong.push(format!("{login} {address}: {marks:?}"));
            }
        }
    }
    for (address, _, marks) in crawl(&city, None, &citizens).await {
        wrong.push(format!("citizens {address}: {marks:?}"));
    }
    // What pages are told while they are open.
    let mut told = operator.stream(&format!("/contacts/stream?contact={}", secret.talk.number)).await;
    let mut heard = vec![told.next().await.1.to_string()];
    let mut stream = city.stream(&format!("{}/stream", secret.talk.page())).await;
    for _ in 0..secret.talk.contact(&city).await.last_seq {
        let (name, data) = stream.next().await;
        heard.push(data.to_string());
        if name == "state" {
            break;
        }
    }
    assert!(heard.len() > 5, "{heard:?}");
    wrong.extend(heard.iter().filter(|data| !marks_in(data).is_empty()).map(|data| format!("a stream: {data}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let said = log.text();
    assert!(said.contains("mail"), "the log is kept");
    assert!(marks_in(&said).is_empty(), "the log tells it");
    let mut file = Vec::new();
    store::backup::write(&city.test.db, city.test.clock.as_ref(), &mut file, |_| {}).await.expect("a backup");
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(file.as_slice()).read_to_end(&mut text).expect("unpacked");
    assert!(String::from_utf8_lossy(&text).contains("転入届に印鑑は要りますか"), "the backup can be read");
    for bytes in [file, text] {
        assert!(marks_in(&String::from_utf8_lossy(&bytes)).is_empty(), "the backup tells it");
    }
}
