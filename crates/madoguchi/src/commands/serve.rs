//! `serve`: the faces, the worker, and the watchers of changes.

use std::collections::HashMap;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::serve::ListenerExt;
use knowledge::Library;
use tokio::net::TcpListener;
use tokio::sync::watch;
use web::{App, CityState};

use crate::config::{Config, FaceName, Listen};
use crate::failure::{Code, Failure};
use crate::{house, key};

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
    // Ports first: a port in use is told before a second is spent on anything else.
    let mut listeners = Vec::new();
    for listen in &config.listen {
        listeners.push((listen, bind(listen.address).await?));
    }
    let (stop, stopped) = watch::channel(false);
    let mut hosts = HashMap::new();
    let mut background = tokio::task::JoinSet::new();
    let mut workers = tokio::task::JoinSet::new();
    let mut analyzers: HashMap<&str, _> = HashMap::new();
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
        let analyzer = match analyzers.get(city.words.as_str()) {
            Some(analyzer) => Arc::clone(analyzer),
            None => config.analyzer(city)?,
        };
        analyzers.insert(&city.words, analyzer.clone());
        let library = Arc::new(Library::new(analyzer));
        let state = Arc::new(CityState::open(city.name.clone(), db.clone(), library.clone()).await?);
        background.spawn(state.clone().follow());
        background.spawn(library.clone().follow(db.clone()));
        workers.spawn(house::worker(db, library, post).run(stopped.clone()));
        for host in &city.hosts {
            hosts.insert(host.to_lowercase(), state.clone());
        }
        let articles = state.library.snapshot().articles.len();
        tracing::info!(city = city.name, articles, "ready");
    }
    let app = App::new(hosts, house::clock(), house::entropy(), config.trusted_proxies.clone());
    let mut servers = tokio::task::JoinSet::new();
    for (listen, listener) in listeners {
        tell(listen, &listener)?;
        let service = router(listen, &app).into_make_service_with_connect_info::<SocketAddr>();
        let mut stopped = stopped.clone();
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "nodelay");
            }
        });
        servers.spawn(async move {
            let until = async move {
                // An error means that the sender is gone, which is a stop as well.
                let _stop_either_way = stopped.wait_for(|stop| *stop).await;
            };
            axum::serve(listener, service).with_graceful_shutdown(until).await
        });
    }
    signal().await;
    tracing::info!("stopping");
    stop.send_replace(true);
    let finish = async {
        while servers.join_next().await.is_some() {}
        while workers.join_next().await.is_some() {}
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
    // A listener with both faces serves the public one at its root; the staff's has its own listener.
    if listen.faces.contains(&FaceName::Public) { web::public_face(app) } else { web::staff_face(app) }
}

fn tell(listen: &Listen, listener: &TcpListener) -> Result<(), Failure> {
    let address = listener.local_addr()?;
    let host = if address.ip().is_unspecified() || address.ip().is_loopback() {
        "localhost".to_owned()
    } else {
        address.ip().to_string()
    };
    let face = if listen.faces.contains(&FaceName::Public) { "citizens " } else { "operation" };
    let line = format!("  {face}  http://{host}:{}/", address.port());
    // Nobody has to read it for the city to be served.
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        tracing::warn!(%error, line, "standard output");
    }
    Ok(())
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM is not heard");
            if let Err(error) = interrupt.await {
                tracing::error!(%error, "no signal is heard");
            }
        }
    }
}
