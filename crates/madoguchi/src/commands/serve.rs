//! `serve`: the faces, the worker, and the watchers of changes.

use std::collections::HashMap;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use knowledge::Library;
use tokio::net::TcpListener;
use tokio::sync::watch;
use web::{App, CityState, Face};

use crate::config::{Config, FaceName, Listen};
use crate::failure::{Code, Failure};
use crate::tls::Tls;
use crate::{house, key, serving};

fn start_log(level: &str) {
    let filter = tracing_subscriber::EnvFilter::new(format!("{level},sqlx=warn"));
    let started = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    if started.is_err() {
        eprintln!("madoguchi: the log was started before");
    }
}

pub(super) async fn serve(config: Config) -> Result<ExitCode, Failure> {
    start_log(&config.log);
    if config.city.is_empty() {
        return Err(Failure::new(Code::Configuration, "the configuration has no [[city]]")
            .hint("make one with `madoguchi demo` or `madoguchi init`"));
    }
    // Whoever reads that it serves may ask it to end at once.
    let end = listen_for_the_end()?;
    // Ports first: a port in use is told before a second is spent on anything else.
    let mut listeners = Vec::new();
    for listen in &config.listen {
        let tls = config.tls_files(listen).map(Tls::open).transpose().map_err(|reason| {
            Failure::new(Code::Configuration, format!("the certificate of {} cannot be used: {reason}", listen.address))
        })?;
        listeners.push((listen, bind(listen.address).await?, tls));
    }
    let public_port = listeners.iter().find(|(l, _, tls)| l.faces.contains(&FaceName::Public) && tls.is_none());
    let public_port = public_port.map(|(_, listener, _)| listener.local_addr().map(|a| a.port())).transpose()?;
    let (stop, stopped) = watch::channel(false);
    let mut hosts = HashMap::new();
    let mut cities = Vec::new();
    let mut background = tokio::task::JoinSet::new();
    let mut workers = tokio::task::JoinSet::new();
    let mut vectors = None;
    // A model that cannot be used stops nothing: articles are told in their own words.
    let writing = match config.writing() {
        None => None,
        Some(Ok(writing)) => Some(writing),
        Some(Err(reason)) => {
            tracing::error!(reason, "there is no language model; answers are the articles' own words");
            None
        }
    };
    let mut readings: HashMap<&str, knowledge::reading::Reading> = HashMap::new();
    for city in &config.city {
        let post = Arc::new(config.post(city)?);
        let db = config.open(city).await?;
        key::require(&db, &config.key_file(city)).await?;
        if !post.is_set_up() {
            tracing::warn!(
                city = city.name,
                "mail is not set up: messages wait; see [city.mail] in madoguchi.default.toml"
            );
        }
        // Cities without words of their own share one dictionary in memory.
        let mut reading = match readings.get(city.words.as_str()) {
            Some(reading) => reading.clone(),
            None => config.reading(city)?,
        };
        // All share what gives vectors, and whether it answers.
        reading.vectors = vectors.get_or_insert_with(|| reading.vectors.clone()).clone();
        readings.insert(&city.words, reading.clone());
        let library = Arc::new(Library::new(reading).keeping(config.index_file(city)));
        let line = match config.line(city, &db, public_port).await? {
            Some((line, task)) => {
                // Whoever asks it to store something waits for it; when all have their answer it may go.
                background.spawn(task);
                Some(line)
            }
            None => {
                tracing::info!(city = city.name, "LINE is not set up; see [city.line] in madoguchi.default.toml");
                None
            }
        };
        let account = line.as_ref().map(|l| l.account.clone());
        let keeping = config.keeping(city)?;
        let state = Arc::new(
            CityState::open(city.name.clone(), db.clone(), library.clone())
                .await?
                .with_writing(writing.clone())
                .with_line(line)
                .with_sealed(keeping.clone()),
        );
        crate::sealed::prepare(&keeping, &db, &state.organisation()).await?;
        background.spawn(state.clone().follow());
        background.spawn(state.gates.clone().follow(db.clone()));
        let entropy = house::entropy();
        background.spawn(contact::golden_run::follow(db.clone(), house::clock(), entropy, library.clone()));
        background.spawn(library.clone().follow(db.clone()));
        background.spawn({
            let (live, db) = (state.live.clone(), db.clone());
            async move { live.follow(&db).await }
        });
        background.spawn(library.clone().follow_vectors(db.clone()));
        background.spawn(house::schedule(db.clone()));
        workers.spawn(state.misses.clone().run(db.clone(), house::clock(), stopped.clone()));
        let worker = house::worker(db, library, post, writing.clone(), &state.house(), account.as_ref(), keeping);
        workers.spawn(worker.run(stopped.clone()));
        for host in &city.hosts {
            hosts.insert(host.to_lowercase(), state.clone());
        }
        cities.push(state.clone());
        let articles = state.library.snapshot().articles.len();
        tracing::info!(city = city.name, articles, "ready");
    }
    let app = App::new(hosts, house::clock(), house::entropy(), config.trusted_proxies.clone(), config.simulators);
    let mut servers = tokio::task::JoinSet::new();
    for (listen, listener, tls) in listeners {
        tell(listen, &listener)?;
        servers.spawn(serving::serve(listener, router(listen, &app), tls, serving::LIMITS, stopped.clone()));
    }
    end.await;
    tracing::info!("stopping");
    stop.send_replace(true);
    app.stop();
    let finish = async {
        while servers.join_next().await.is_some() {}
        while workers.join_next().await.is_some() {}
        // What was asked while the last pages were served.
        for city in &cities {
            if let Err(error) = city.misses.flush(&city.db).await {
                tracing::warn!(%error, city = city.name, "words that found nothing were lost");
            }
        }
    };
    // A connection that a browser keeps open must not keep the process.
    if tokio::time::timeout(std::time::Duration::from_secs(5), finish).await.is_err() {
        tracing::warn!("some connections were cut");
    }
    Ok(ExitCode::SUCCESS)
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let failure = Failure::new(Code::Address, format!("{address} cannot be listened on: {error}"));
        match error.kind() {
            std::io::ErrorKind::AddrInUse => failure.hint(
                "another program uses this port: stop it, or change `address` of [[listen]] in the configuration",
            ),
            std::io::ErrorKind::PermissionDenied => {
                failure.hint("ports below 1024 need a right of their own; use a higher one")
            }
            _ => failure,
        }
    })
}

fn router(listen: &Listen, app: &Arc<App>) -> Router {
    // A listener that has the public face too serves that alone; `doctor` says so.
    if listen.faces.contains(&FaceName::Public) {
        return web::public_face(app);
    }
    let inside = listen.faces.iter().map(|face| match face {
        FaceName::Public => Face::Public,
        FaceName::Staff => Face::Staff,
        FaceName::Desk => Face::Desk,
        FaceName::Partner => Face::Partner,
    });
    web::inside_face(app, &inside.collect::<Vec<_>>())
}

fn tell(listen: &Listen, listener: &TcpListener) -> Result<(), Failure> {
    let address = listener.local_addr()?;
    let host = if address.ip().is_unspecified() || address.ip().is_loopback() {
        "localhost".to_owned()
    } else {
        address.ip().to_string()
    };
    let face = if listen.faces.contains(&FaceName::Public) { "citizens " } else { "operation" };
    let scheme = if listen.tls_certificate.is_empty() { "http" } else { "https" };
    let line = format!("  {face}  {scheme}://{host}:{}/", address.port());
    // Nobody has to read it for the city to be served.
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        tracing::warn!(%error, line, "standard output");
    }
    Ok(())
}

/// Hears from now on that the process shall end, and waits for it when it is awaited.
fn listen_for_the_end() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = |kind: SignalKind| {
        signal(kind).map_err(|error| Failure::new(Code::File, format!("signals cannot be heard: {error}")))
    };
    let (mut interrupt, mut terminate) = (heard(SignalKind::interrupt())?, heard(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
