//! A small city behind the real router, on a clock that stands still.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode, header};
use calendar::{Clock, Date};
use city::{Lang, Profile};
use http_body_util::BodyExt;
use knowledge::Library;
use knowledge::reading::Reading;
use store::worker::{Registry, Worker};
use testkit::TestDb;
use text::Analyzer;
use tower::ServiceExt;
use web::{App, CityState};

/// One dictionary for all tests of this binary.
static READING: LazyLock<Reading> = LazyLock::new(|| {
    let path = std::env::var_os("MADOGUCHI_DICT")
        .map(PathBuf::from)
        .expect("MADOGUCHI_DICT names the dictionary; ./test sets it");
    let analyzer = Arc::new(Analyzer::load(&path, None).expect("dictionary"));
    Reading::shipped(analyzer).expect("model")
});

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/minamo");

/// The faces behind a log-in, as the default configuration mounts them.
pub(crate) const INSIDE: [web::Face; 3] = [web::Face::Staff, web::Face::Desk, web::Face::Partner];

/// A desk whose cases the house keeps.
pub(crate) fn kurashi() -> casework::Kind {
    casework::Kind {
        desk: "kurashi".into(),
        name: "くらしの相談".into(),
        number: "相談".into(),
        keeper: casework::kind::Keeper::House,
        course: casework::kind::Course::Consultation,
        rules: casework::Kind::consultation_rules(),
    }
}

/// What sealed desks need; derivations cost little here.
fn keeping(test: &TestDb) -> casework::Keeping {
    casework::Keeping {
        outer: Arc::new(casework::outer::Memory::default()),
        blobs: Arc::new(casework::attachment::FolderBlobs::open(&test.folder().join("sealed")).expect("a folder")),
        cost: vault::Cost::for_tests(),
        kept: casework::premises::KEPT,
        kinds: Arc::new(casework::Kinds::new(vec![kurashi()]).expect("kinds")),
    }
}

pub(crate) struct City {
    pub(crate) test: TestDb,
    pub(crate) state: Arc<CityState>,
    pub(crate) public: Router,
    pub(crate) staff: Router,
    app: Arc<App>,
}

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
    /// The body as it came, for files.
    pub(crate) bytes: Vec<u8>,
}

impl Page {
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).expect("a redirect").to_str().expect("text")
    }

    /// The part of the page between `<main` and `</main>`.
    pub(crate) fn main(&self) -> &str {
        let from = self.body.find("<main").expect("main");
        &self.body[from..self.body.find("</main>").expect("end of main")]
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let field = self.body.find(&format!("name=\"{name}\" value=\""));
        let from = field.unwrap_or_else(|| panic!("no {name}: {} {}", self.status, self.body)) + name.len() + 15;
        self.body[from..].split('"').next().expect("value").to_owned()
    }
}

impl City {
    /// The demo city's sections with the articles on moving, registry and waste.
    pub(crate) async fn new(test: TestDb) -> City {
        City::reading(test, READING.clone(), Some(contact::Gates::open()), None).await
    }

    /// The same with an account on LINE.
    pub(crate) async fn with_line(test: TestDb, line: web::Line) -> City {
        City::reading(test, READING.clone(), Some(contact::Gates::open()), Some(line)).await
    }

    /// The same behind its own gates: nobody has asked golden questions yet.
    pub(crate) async fn gated(test: TestDb) -> City {
        City::reading(test, READING.clone(), None, None).await
    }

    /// The same with vectors.
    pub(crate) async fn with_vectors(test: TestDb, embedder: vectors::Embedder) -> City {
        let state = knowledge::VectorState::new(embedder, test.clock.clone());
        let reading = Reading { vectors: Some(Arc::new(state)), ..READING.clone() };
        City::reading(test, reading, Some(contact::Gates::open()), None).await
    }

    async fn reading(test: TestDb, reading: Reading, gates: Option<contact::Gates>, line: Option<web::Line>) -> City {
        let read = |name: &str| std::fs::read_to_string(format!("{DEMO}/{name}")).expect("demo file");
        let (mut rng, clock) = (test.rng(), test.clock.clone());
        let from: Date = "2026-04-01".parse().expect("date");
        let mut tx = test.db.write().await.expect("write");
        let sections = city::sections_from_toml(&read("sections.toml"), "sections.toml", from).expect("sections");
        city::store::insert_sections(&mut tx, clock.as_ref(), &mut rng, &sections).await.expect("sections");
        let closures = city::closures_from_toml(&read("closures.toml"), "closures.toml").expect("closures");
        city::store::insert_closures(&mut tx, clock.as_ref(), &mut rng, &closures).await.expect("closures");
        let profile = Profile::from_toml(&read("city.toml"), "city.toml").expect("profile");
        city::store::save_profile(&mut tx, &profile).await.expect("profile");
        tx.commit().await.expect("commit");
        let files = ["moving", "registry", "waste"].map(|t| (t, read(&format!("faq/{t}.toml"))));
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (*n, t.as_str())).collect();
        let mut drafts = knowledge::import::read_toml(&files).expect("articles");
        let codes: Vec<String> = drafts.iter().map(|d| d.code.clone()).collect();
        for draft in &mut drafts {
            draft.content.related.retain(|r| codes.contains(r));
        }
        let today = clock.now().jst_date();
        knowledge::import::store(&test.db, clock.as_ref(), &mut rng, &drafts, today, false).await.expect("stored");
        let accounts = toml::from_str(&read("accounts.toml")).expect("accounts");
        let organisation = city::Organisation::load(&test.db).await.expect("city");
        let mut tx = test.db.write().await.expect("write");
        access::founding::make_all(&mut tx, clock.as_ref(), &mut rng, &organisation, &accounts, from)
            .await
            .expect("accounts");
        tx.commit().await.expect("commit");
        let index = test.folder().join("index");
        testkit::take_over("index", &index);
        let library = Arc::new(Library::new(reading).keeping(index.clone()));
        // What the bot says stands behind the gates; those have tests of their own.
        let state = CityState::open("minamo".into(), test.db.clone(), library).await.expect("city");
        let state = state.with_line(line).with_sealed(keeping(&test));
        testkit::leave("index", &index);
        let state = Arc::new(match gates {
            Some(gates) => state.with_gates(gates),
            None => state,
        });
        let hosts =
            HashMap::from([("localhost".to_owned(), state.clone()), ("minamo.example".to_owned(), state.clone())]);
        let app = App::new(hosts, clock, test.entropy_source(), Vec::new(), true);
        City { public: web::public_face(&app), staff: web::inside_face(&app, &INSIDE), state, test, app }
    }

    /// A listener with other faces.
    pub(crate) fn inside(&self, faces: &[web::Face]) -> Router {
        web::inside_face(&self.app, faces)
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        send(&self.public, Request::get(path)).await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        self.post_with(path, form, &[("sec-fetch-site", "same-origin")]).await
    }

    pub(crate) async fn post_with(&self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        answer(&self.public, form_request(path, form, headers)).await
    }

    /// Sends a form with files.
    pub(crate) async fn post_files(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Page {
        let request = Request::post(path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
        answer(&self.public, request.body(Body::from(parts(fields, "files", files))).expect("request")).await
    }

    /// What a page of the citizens' face is told while it is open.
    pub(crate) async fn stream(&self, path: &str) -> Stream {
        Stream::of(&self.public, Request::get(path)).await
    }

    /// A page for one and the same address.
    pub(crate) async fn get_from(&self, client: SocketAddr, path: &str) -> Page {
        let mut request = Request::get(path).header("host", "localhost").body(Body::empty()).expect("request");
        request.extensions_mut().insert(ConnectInfo(client));
        answer(&self.public, request).await
    }

    /// The same form from one and the same address.
    pub(crate) async fn post_from(&self, client: SocketAddr, path: &str, form: &[(&str, &str)]) -> Page {
        let mut request = form_request(path, form, &[]);
        request.extensions_mut().insert(ConnectInfo(client));
        answer(&self.public, request).await
    }

    /// Somebody of the staff, logged in.
    pub(crate) async fn staff(&self, login: &str) -> Desk<'_> {
        let mut tx = self.test.db.write().await.expect("write");
        let account = access::store::account::secrets_of_login(&mut tx, login).await.expect("read").expect(login);
        let token = format!("token-of-{login}-{}", testkit::random_word());
        let now = self.test.clock.now();
        let session = access::store::session::Session {
            id: store::ids::digest(&token),
            account: account.id.clone(),
            state: "full".into(),
            client: "Firefox（Linux）".into(),
            started_at: now,
            seen_at: now,
            ends_at: calendar::Instant::from_millis(now.millis() + access::sign_in::LONGEST),
        };
        access::store::session::insert(&mut tx, &session).await.expect("session");
        tx.commit().await.expect("commit");
        let mut desk = Desk { city: self, cookie: format!("__Host-madoguchi-staff={token}"), csrf: String::new() };
        desk.csrf = desk.get("/me").await.hidden("csrf");
        desk
    }

    /// Answers a question by its number as its section does.
    pub(crate) async fn answer(&self, number: &str, text: &str, article: Option<&str>) {
        self.test.clock.advance(std::time::Duration::from_secs(60));
        let mut tx = self.test.db.read().await.expect("read");
        let found = knowledge::question::one(&mut tx, number).await.expect("read").expect("there");
        drop(tx);
        let section = found.section.expect("a section");
        let by = access::Principal {
            account: "a".into(),
            name: "作成者".into(),
            sections: vec![section.clone()],
            roles: vec![(access::Role::Author, Some(section))],
        };
        let new = knowledge::question::NewAnswer { question: &found.id, text, article };
        let (db, clock, mut rng) = (&self.test.db, self.test.clock.as_ref(), self.test.rng());
        let (library, city) = (&self.state.library, self.state.organisation());
        knowledge::question::answer(db, clock, &mut rng, library, &city, &by, new).await.expect("answered");
    }

    /// One text column of a statement.
    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        let mut tx = self.test.db.read().await.expect("read");
        tx.rows(sql, Vec::new()).await.expect("rows").iter().map(|r| r.get("v").expect("text")).collect()
    }

    /// Runs the jobs that are due.
    pub(crate) async fn work(&self) {
        let mut registry = Registry::default();
        let library = self.state.library.clone();
        registry.add(knowledge::question::LANE, knowledge::question::ASSIGN, move |context| {
            knowledge::question::assign(context, library.clone())
        });
        let worker = Worker {
            db: self.test.db.clone(),
            clock: self.test.clock.clone(),
            entropy: self.test.entropy_source(),
            registry,
        };
        worker.drain().await.expect("work");
    }
}

impl City {
    /// Runs the jobs of every morning, and brings what waits to be sent into the mailbox; every mail of it.
    pub(crate) async fn mails(&self) -> Vec<Mail> {
        let mut registry = Registry::default();
        registry.add(people::message::MAIL_LANE, people::message::SEND, |context| {
            mail::send(context, Arc::new(mail::Post::Mailbox))
        });
        registry.add(knowledge::daily::LANE, knowledge::daily::DAILY, knowledge::daily::run);
        let (db, clock, entropy) = (self.test.db.clone(), self.test.clock.clone(), self.test.entropy_source());
        Worker { db, clock, entropy, registry }.drain().await.expect("work");
        let mut tx = self.test.db.read().await.expect("read");
        let mails =
            mail::mailbox::list(&mut tx, mail::mailbox::Page { before: None, limit: 100 }).await.expect("mails");
        let read = |m: mail::mailbox::Mail| {
            let to = m.recipient.reveal(people::Viewing::letter()).to_string();
            Mail { to, subject: m.subject, body: m.body }
        };
        mails.into_iter().map(read).collect()
    }
}

/// A mail as the person gets it.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// A browser in which somebody of the staff is logged in.
pub(crate) struct Desk<'a> {
    city: &'a City,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Desk<'_> {
    pub(crate) async fn get(&self, path: &str) -> Page {
        send(&self.city.staff, Request::get(path).header(header::COOKIE, &self.cookie)).await
    }

    /// What a page of the desk is told while it is open.
    pub(crate) async fn stream(&self, path: &str) -> Stream {
        Stream::of(&self.city.staff, Request::get(path).header(header::COOKIE, &self.cookie)).await
    }

    /// Sends a form of one of our pages.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        let mut form = form.to_vec();
        form.push(("csrf", &self.csrf));
        self.post_bare(path, &form).await
    }

    /// Sends a form as a script of our page does.
    pub(crate) async fn post_script(&self, path: &str, form: &[(&str, &str)]) -> Page {
        let mut form = form.to_vec();
        form.push(("csrf", &self.csrf));
        let headers = [("cookie", self.cookie.as_str()), ("x-requested-with", "desk")];
        answer(&self.city.staff, form_request(path, &form, &headers)).await
    }

    /// Sends a form with a file.
    pub(crate) async fn post_file(&self, path: &str, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Page {
        self.post_files(path, fields, "file", &[(name, bytes)]).await
    }

    /// Sends a form with files in a field.
    pub(crate) async fn post_files(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        field: &str,
        files: &[(&str, &[u8])],
    ) -> Page {
        let fields = [fields, &[("csrf", self.csrf.as_str())]].concat();
        let body = parts(&fields, field, files);
        let request = Request::post(path)
            .header(header::HOST, "localhost")
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
        answer(&self.city.staff, request.body(Body::from(body)).expect("request")).await
    }

    /// Sends a form without the session's token.
    pub(crate) async fn post_bare(&self, path: &str, form: &[(&str, &str)]) -> Page {
        let headers = [("cookie", self.cookie.as_str()), ("sec-fetch-site", "same-origin")];
        answer(&self.city.staff, form_request(path, form, &headers)).await
    }
}

/// A form with files in a field, with the boundary `cut`.
pub(crate) fn parts(fields: &[(&str, &str)], field: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (key, value) in fields {
        let part = format!("--cut\r\ncontent-disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for (name, bytes) in files {
        let head = format!("content-disposition: form-data; name=\"{field}\"; filename=\"{name}\"");
        body.extend_from_slice(format!("--cut\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--cut--\r\n");
    body
}

/// A form to the staff's face from a browser with these cookies.
pub(crate) async fn post_staff(city: &City, path: &str, form: &[(&str, &str)], cookies: &str) -> Page {
    let headers = [("cookie", cookies), ("sec-fetch-site", "same-origin")];
    answer(&city.staff, form_request(path, form, &headers)).await
}

fn form_request(path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Request<Body> {
    let body: Vec<String> = form.iter().map(|(k, v)| format!("{k}={}", encode(v))).collect();
    let mut request = Request::post(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.join("&"))).expect("request")
}

pub(crate) async fn send(router: &Router, request: axum::http::request::Builder) -> Page {
    answer(router, request.header(header::HOST, "localhost").body(Body::empty()).expect("request")).await
}

/// Sends a request from an address of its own, so that limits by address count only where a test
/// gives the address itself.
async fn respond(router: &Router, mut request: Request<Body>) -> Response<Body> {
    static NEXT: AtomicU32 = AtomicU32::new(0x0a00_0001);
    if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
        let address = Ipv4Addr::from_bits(NEXT.fetch_add(1, Ordering::Relaxed));
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((address, 40_000))));
    }
    router.clone().oneshot(request).await.expect("infallible")
}

/// The answer with its body; a stream of events has no end, and its body is left unread.
pub(crate) async fn answer(router: &Router, request: Request<Body>) -> Page {
    let (parts, body) = respond(router, request).await.into_parts();
    let is_stream =
        parts.headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/event-stream"));
    let bytes = if is_stream { Vec::new() } else { body.collect().await.expect("body").to_bytes().into() };
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Page { status: parts.status, headers: parts.headers, body, bytes }
}

/// A stream of events that a page listens to.
pub(crate) struct Stream {
    body: Body,
    rest: String,
}

impl Stream {
    async fn of(router: &Router, request: axum::http::request::Builder) -> Stream {
        let request = request.header(header::HOST, "localhost").body(Body::empty()).expect("request");
        let response = respond(router, request).await;
        assert_eq!(response.status(), StatusCode::OK);
        Stream { body: response.into_body(), rest: String::new() }
    }

    /// The next event: its name and its data. One that does not come in a long time is missing.
    pub(crate) async fn next(&mut self) -> (String, serde_json::Value) {
        loop {
            while let Some((event, rest)) = self.rest.split_once("\n\n") {
                let field = |name: &str| {
                    event.lines().filter_map(|l| l.strip_prefix(name)).map(str::trim_start).collect::<String>()
                };
                let (name, data) = (field("event:"), field("data:"));
                self.rest = rest.to_owned();
                // Comments only keep the connection.
                if !name.is_empty() {
                    return (name, serde_json::from_str(&data).expect("JSON"));
                }
            }
            let frame = tokio::time::timeout(std::time::Duration::from_secs(20), self.body.frame()).await;
            let frame = frame.expect("an event").expect("the stream goes on").expect("a frame");
            self.rest.push_str(&String::from_utf8_lossy(frame.data_ref().expect("data")));
        }
    }

    /// The next event with a name; those before are passed over.
    pub(crate) async fn next_of(&mut self, wanted: &str) -> serde_json::Value {
        loop {
            let (name, data) = self.next().await;
            if name == wanted {
                return data;
            }
        }
    }
}

/// Percent-encodes everything.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// Prefixes of all languages.
pub(crate) fn prefixes() -> [&'static str; 3] {
    Lang::ALL.map(Lang::prefix)
}
