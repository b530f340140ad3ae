//! `doctor`: what an administrator could have got wrong, and how to mend it.

mod sealed;

use std::path::Path;
use std::process::ExitCode;

use city::Organisation;
use mail::Post;
use mail::smtp::Security;
use serde::Serialize;
use store::audit::{self, KeyCheck};
use store::{Db, HouseKey, OpenMode, migrate};

use super::say;
use crate::config::{CityConfig, Config, FaceName};
use crate::failure::{Code, Failure};
use crate::{house, key, tls};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Warning,
    Error,
}

#[derive(Debug, Serialize)]
struct Finding {
    level: Level,
    about: String,
    what: String,
}

#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    fn add(&mut self, level: Level, about: &str, what: impl Into<String>) {
        self.0.push(Finding { level, about: about.into(), what: what.into() });
    }

    fn failure(&mut self, about: &str, failure: Failure) {
        let hint = failure.hint.map(|h| format!(" → {h}")).unwrap_or_default();
        self.add(Level::Error, about, format!("{}{hint}", failure.message));
    }
}

pub(super) async fn doctor(option: Option<&Path>, connect: bool, json: bool) -> Result<ExitCode, Failure> {
    let mut report = Report::default();
    match Config::load(option) {
        Ok(config) => {
            report.add(Level::Ok, "configuration", crate::config::path(option).display().to_string());
            check(&config, connect, &mut report).await;
        }
        Err(failure) => report.failure("configuration", failure),
    }
    let worst = report.0.iter().map(|f| f.level).fold(Level::Ok, |worst, level| match (worst, level) {
        (Level::Error, _) | (_, Level::Error) => Level::Error,
        (Level::Warning, _) | (_, Level::Warning) => Level::Warning,
        _ => Level::Ok,
    });
    let said = say(json, &report.0, || {
        let lines = report.0.iter().map(|f| {
            let mark = match f.level {
                Level::Ok => "ok     ",
                Level::Warning => "warning",
                Level::Error => "ERROR  ",
            };
            format!("{mark}  {:14} {}", f.about, f.what)
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(if worst == Level::Error { ExitCode::from(Code::Nothing as u8) } else { said })
}

async fn check(config: &Config, connect: bool, report: &mut Report) {
    for listen in &config.listen {
        let address = listen.address;
        let about = "listen";
        if listen.faces.is_empty() {
            report.add(Level::Error, about, format!("{address}: no face is mounted; write faces = [\"public\"]"));
        }
        let files = config.tls_files(listen);
        match files.as_ref().map(tls::read) {
            None => {}
            Some(Ok(_)) => report.add(Level::Ok, about, format!("{address}: certificate and key belong together")),
            Some(Err(reason)) => report.add(Level::Error, about, format!("{address}: {reason}")),
        }
        if !listen.faces.contains(&FaceName::Public) && files.is_none() && !address.ip().is_loopback() {
            let what = format!(
                "{address}: browsers keep the cookies of the faces behind a log-in only over https or on localhost; set tls_certificate and tls_key, or put a proxy with TLS before it"
            );
            report.add(Level::Warning, about, what);
        }
        if listen.faces.contains(&FaceName::Public) && listen.faces.len() > 1 {
            let what = format!("{address}: the citizens' face has a listener of its own; give the others another");
            report.add(Level::Error, about, what);
        }
        match tokio::net::TcpListener::bind(address).await {
            Ok(_) => report.add(Level::Ok, about, format!("{address} is free")),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                report.add(Level::Ok, about, format!("{address} is in use (by this city's server, if it runs)"));
            }
            Err(error) => report.add(Level::Error, about, format!("{address}: {error}")),
        }
    }
    match config.ranking_model() {
        None => {}
        Some(Ok(model)) => report.add(Level::Ok, "ranking_model", model.about),
        Some(Err(reason)) => report.add(Level::Error, "ranking_model", reason),
    }
    check_vectors(config, connect, report).await;
    check_writing(config, connect, report).await;
    if config.city.is_empty() {
        report.add(Level::Error, "city", "the configuration has no [[city]]; make one with `madoguchi init`");
    }
    for city in &config.city {
        match config.analyzer(city) {
            Ok(analyzer) => {
                let words = analyzer.tokens("引っ越しの届け出").len();
                report.add(Level::Ok, "dictionary", format!("reads and cuts ({words} words in a test sentence)"));
            }
            Err(failure) => report.failure("dictionary", failure),
        }
        if let Err(failure) = check_city(config, city, report).await {
            report.failure(&city.name, failure);
        }
        check_mail(config, city, connect, report).await;
        check_line(config, city, connect, report).await;
    }
}

async fn check_city(config: &Config, city: &CityConfig, report: &mut Report) -> Result<(), Failure> {
    let about = city.name.as_str();
    let key = key_file(&config.key_file(city), report, about);
    let mut db = Db::open(&config.database(city), OpenMode::Existing).await?;
    if let Some(key) = key.clone() {
        db = db.with_key(key);
    }
    let mut tx = db.read().await?;
    let plan = migrate::plan(&mut tx).await?;
    if !plan.pending.is_empty() {
        return Err(store::StoreError::Unmigrated(plan.pending.len()).into());
    }
    report.add(Level::Ok, about, format!("{}, schema {}", db.engine(), plan.current));
    let organisation = Organisation::load(&db).await?;
    let today = house::clock().now().jst_date();
    if organisation.section(&organisation.profile.phone_section, today).is_none() {
        let what = format!("phone_section {:?} is no section", organisation.profile.phone_section);
        report.add(Level::Error, about, what);
    }
    let articles = knowledge::store::article::all_articles(&mut tx).await?;
    report.add(Level::Ok, about, format!("{} articles", articles.len()));
    let homeless: Vec<&str> = articles
        .iter()
        .filter(|a| organisation.section(&a.content.section, today).is_none())
        .map(|a| a.code.as_str())
        .collect();
    if !homeless.is_empty() {
        let what = format!("{} article(s) belong to no present section: {}", homeless.len(), homeless.join(", "));
        report.add(Level::Error, about, what);
    }
    let overdue = articles.iter().filter(|a| a.content.review_due.is_some_and(|d| d < today)).count();
    if overdue > 0 {
        report.add(Level::Warning, about, format!("{overdue} article(s) are past their review date"));
    }
    let dead = store::jobs::dead(&mut tx, 1000).await?.len();
    if dead > 0 {
        report.add(Level::Error, about, format!("{dead} job(s) gave up; see the operation page"));
    }
    if key.is_some() {
        match audit::check_key(&mut tx).await? {
            KeyCheck::Right => report.add(Level::Ok, about, "the newest events were recorded with this key"),
            KeyCheck::NoEvents => report.add(Level::Ok, about, "nothing was recorded with a key yet"),
            KeyCheck::Wrong => report.failure(about, key::wrong(&config.key_file(city))),
        }
    }
    sealed::check(config, city, &mut tx, report).await?;
    drop(tx);
    writable(&db, report, about).await;
    db.close().await;
    Ok(())
}

/// Where mails go, and, if asked, whether the server is there.
async fn check_mail(config: &Config, city: &CityConfig, connect: bool, report: &mut Report) {
    let about = "mail";
    let (server, sender) = match config.post(city) {
        Ok(Post::Server { server, sender }) => (server, sender),
        Ok(Post::Mailbox) => {
            return report.add(
                Level::Ok,
                about,
                "goes into the mailbox in the house (simulators = true); nothing is sent",
            );
        }
        Ok(Post::NotSetUp) => {
            return report.add(
                Level::Warning,
                about,
                "is not set up: messages wait; write [city.mail] into the configuration",
            );
        }
        Err(failure) => return report.failure(about, failure),
    };
    let place = format!("{}:{}", server.host, server.port);
    report.add(Level::Ok, about, format!("goes to {place} from {}", sender.address));
    if server.security == Security::None && !["localhost", "127.0.0.1", "::1"].contains(&server.host.as_str()) {
        report.add(
            Level::Warning,
            about,
            format!("goes to {place} without encryption; set security = \"starttls\" or \"tls\""),
        );
    }
    if connect {
        match mail::smtp::greet(&server).await {
            Ok(()) => report.add(Level::Ok, about, format!("{place} answers")),
            Err(reason) => report.add(Level::Error, about, format!("{place}: {reason}")),
        }
    }
}

/// The account on LINE, and, if asked, whether LINE knows it and tells its events to this city.
async fn check_line(config: &Config, city: &CityConfig, connect: bool, report: &mut Report) {
    let about = "line";
    let account = match city.line.as_ref().map(|own| config.account(city, own)) {
        None if config.simulators => {
            return report.add(Level::Ok, about, "is played in the house (simulators = true); nothing is sent");
        }
        None => return report.add(Level::Ok, about, "is not set up; [city.line] of the configuration would"),
        Some(Err(failure)) => return report.failure(about, failure),
        Some(Ok(account)) => account,
    };
    let webhook = format!("{}/line/webhook", account.pages);
    report.add(Level::Ok, about, format!("events are to come to {webhook}"));
    if !connect {
        return;
    }
    match account.client.bot_info().await {
        Ok(info) => report.add(Level::Ok, about, format!("LINE knows the account {}", info.value.basic_id)),
        Err(reason) => return report.add(Level::Error, about, reason.to_string()),
    }
    match account.client.webhook_endpoint().await {
        Ok(set) if set.value.endpoint != webhook => {
            let what =
                format!("LINE sends events to {}, not to {webhook}; change it in LINE's console", set.value.endpoint);
            report.add(Level::Error, about, what);
        }
        Ok(set) if !set.value.active => {
            report.add(Level::Error, about, "LINE sends no events: switch \"Use webhook\" on in LINE's console");
        }
        Ok(_) => report.add(Level::Ok, about, "LINE sends events here"),
        Err(reason) => report.add(Level::Error, about, format!("the webhook: {reason}")),
    }
}

/// What gives vectors: whether it can be used, and, if asked, whether a service answers.
async fn check_vectors(config: &Config, connect: bool, report: &mut Report) {
    let about = "vectors";
    let state = match config.vectors() {
        None => return,
        Some(Err(reason)) => return report.add(Level::Error, about, reason),
        Some(Ok(state)) => state,
    };
    report.add(Level::Ok, about, state.identity());
    let base = config.search.vectors.as_ref().map_or("", |v| v.endpoint.as_str());
    if state.is_remote() {
        let what = format!("what citizens ask is sent to {base}; the page about the service says so");
        report.add(Level::Ok, about, what);
        if let Some(host) = embeddings::in_the_clear(base) {
            let what = format!("what citizens ask goes to {host} without encryption; use https");
            report.add(Level::Warning, about, what);
        }
        if !connect {
            return;
        }
    }
    match state.sample().await {
        Ok(size) => report.add(Level::Ok, about, format!("vectors of {size} numbers")),
        Err(error) => report.add(Level::Error, about, error.to_string()),
    }
}

/// The language model: whether it can be used, and, if asked, whether it answers.
async fn check_writing(config: &Config, connect: bool, report: &mut Report) {
    let about = "language model";
    let writing = match config.writing() {
        None => return,
        Some(Err(reason)) => return report.add(Level::Error, about, reason),
        Some(Ok(writing)) => writing,
    };
    report.add(Level::Ok, about, writing.chat.identity());
    let base = config.language_model.as_ref().map_or("", |m| m.endpoint.as_str());
    if base.is_empty() {
        return;
    }
    report.add(
        Level::Ok,
        about,
        format!("what citizens write is sent to {base}, masked; the page about the service says so"),
    );
    if let Some(host) = model::in_the_clear(base) {
        report.add(Level::Warning, about, format!("what citizens write goes to {host} without encryption; use https"));
    }
    if !connect {
        return;
    }
    let message =
        model::Message { role: model::Role::User, content: "はい、とだけ答えてください。".into() };
    let request = model::Request { messages: vec![message], temperature: 0.0, max_tokens: 16 };
    match writing.chat.complete(&request).await {
        Ok(_) => report.add(Level::Ok, about, "it answers".to_owned()),
        Err(error) => report.add(Level::Error, about, error.to_string()),
    }
}

/// The city's key: there, readable, and for nobody else.
fn key_file(file: &Path, report: &mut Report, about: &str) -> Option<HouseKey> {
    match key::read(file) {
        Ok(Some(key)) => {
            match key::open_to_others(file) {
                Some(warning) => report.add(Level::Warning, about, warning),
                None => report.add(Level::Ok, about, format!("the key {} is there", file.display())),
            }
            Some(key)
        }
        Ok(None) => {
            report.failure(about, key::missing(file));
            None
        }
        Err(failure) => {
            report.failure(about, failure);
            None
        }
    }
}

/// Writes and takes back: shows a full disk or missing rights before a citizen meets them.
async fn writable(db: &Db, report: &mut Report, about: &str) {
    let attempt = async {
        let mut tx = db.write().await?;
        store::changes::bump(&mut tx, "doctor").await?;
        tx.rollback().await
    };
    match attempt.await {
        Ok(()) => report.add(Level::Ok, about, "can be written to"),
        Err(error) => report.failure(about, error.into()),
    }
}
