//! What the modules of these tests share.

pub(crate) mod binary;
pub(crate) mod city;
pub(crate) mod http;
pub(crate) mod server;
pub(crate) mod table;

use std::io::Write;
use std::time::{Duration, Instant};

pub(crate) use binary::{Said, madoguchi, run};
pub(crate) use city::{City, with_database};
pub(crate) use server::Server;

/// Exit codes; what each means stands in `src/failure.rs`.
pub(crate) mod code {
    pub(crate) const NOTHING: i32 = 1;
    pub(crate) const USAGE: i32 = 2;
    pub(crate) const REFUSED: i32 = 3;
    pub(crate) const CONFIGURATION: i32 = 4;
    pub(crate) const DICTIONARY: i32 = 5;
    pub(crate) const DATABASE: i32 = 6;
    pub(crate) const ADDRESS: i32 = 7;
    pub(crate) const FILE: i32 = 8;
}

/// Longer than anything here takes; what waits for ever fails instead.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// Says something that a person who runs the tests shall see although they pass.
pub(crate) fn tell(words: &str) {
    // Not by eprintln!, which the test runner keeps to itself.
    let _nobody_hears = writeln!(std::io::stderr(), "madoguchi tests: {words}");
}

/// The dictionary; a test that needs it fails with what to do.
pub(crate) fn dictionary() -> std::path::PathBuf {
    match std::env::var_os("MADOGUCHI_DICT") {
        Some(path) if std::path::Path::new(&path).exists() => path.into(),
        _ => panic!(
            "this test needs the Japanese dictionary: run ./test, or \
             export MADOGUCHI_DICT=$(scripts/dictionary target/release/madoguchi)"
        ),
    }
}

/// Asks until there is an answer, but not longer than `limit`. Returns the answer and how long it took.
#[track_caller]
pub(crate) fn until<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> (T, Duration) {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return (answer, started.elapsed());
        }
        assert!(started.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Names of the files of a folder, in order.
pub(crate) fn files(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|e| e.expect("an entry").file_name().into_string().expect("a name")).collect();
    names.sort();
    names
}
