//! The staff's face: what a log-in costs, and the list of articles with filters.

use std::path::Path;
use std::time::{Duration, Instant};

use knowledge::eval::percentiles;

use crate::http::{Connection, Server, encode};

/// Lists that a person of the staff asks for.
const LISTS: [(&str, &str); 5] = [
    ("the whole city", "section=all"),
    ("one section", "section=kankyo"),
    ("one topic, by question", "section=all&topic=waste&sort=question"),
    ("due for review", "section=all&state=review-due"),
    ("a search", "section=all&q="),
];
const WORDS: &str = "粗大ごみ";
/// How often each list is asked for.
const ROUNDS: usize = 30;
/// How many log in, one after the other.
const LOG_INS: usize = 10;

/// Logs somebody in as their browser does; how long the password took.
fn log_in(server: &Server, login: &str) -> (Connection, Duration) {
    let mut browser = Connection::open(server.staff);
    let started = Instant::now();
    let first = browser.post("/login", &[("login", login), ("password", "minamo-demo-2026")]);
    let took = started.elapsed();
    assert_eq!(first.status(), "303", "{}", first.body);
    browser.cookies = first.cookies().join("; ");
    let page = browser.get("/login/code").body;
    let code = page.split("<code class=\"code\">").nth(1).and_then(|rest| rest.split('<').next()).expect("code");
    let second = browser.post("/login/code", &[("code", code.trim())]);
    assert_eq!(second.status(), "303", "{}", second.body);
    browser.cookies = second.cookies().join("; ");
    (browser, took)
}

/// Prints the figures of a city.
pub(crate) fn figures(binary: &Path, size: usize, folder: &Path) {
    let (server, _) = Server::of(binary, folder);
    let before = server.resident();
    // Each account once: a code is good for one log-in.
    let logins = ["chosei", "shimin-sakusei", "shimin-shonin", "shimin-kanri", "kankyo-sakusei", "kankyo-shonin"];
    let others = ["kanri-1", "kanri-2", "kansa", "kojin"];
    let (mut chosei, took) = log_in(&server, logins[0]);
    let mut times = vec![took];
    times.extend(logins[1..].iter().chain(&others).take(LOG_INS - 1).map(|login| log_in(&server, login).1));
    let [median, _, _, longest] = percentiles(&mut times);
    println!("\n{size} articles: log-in, password checked: median {} ms, longest {} ms", median / 1000, longest / 1000);
    println!("\n| list of {size} articles | median | p99 | page |");
    println!("|---|---|---|---|");
    for (name, query) in LISTS {
        let words = if query.ends_with("q=") { encode(WORDS) } else { String::new() };
        let path = format!("/articles?{query}{words}");
        let mut bytes = 0;
        let mut times: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let started = Instant::now();
                bytes = chosei.get(&path).body.len();
                started.elapsed()
            })
            .collect();
        let [median, _, p99, _] = percentiles(&mut times);
        println!("| {name} | {:.1} ms | {:.1} ms | {} kB |", median as f64 / 1e3, p99 as f64 / 1e3, bytes / 1000);
    }
    println!("\nresident: {before:.0} MB before the first log-in, {:.0} MB after", server.resident());
}
