//! A sealed desk through its pages, with many cases and with a long file: what a consultant waits for, and what memory
//! the program takes for it. Prints, and asserts statuses and bytes, no times.
//!
//! `cargo bench -p madoguchi --bench desk -- [cases] [megabytes]` (5000, 500). Whoever asks shares the machine with the
//! program. `MADOGUCHI_BINARY` names another program than the one that was built with this.

mod city;
mod wire;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::city::Server;
use crate::wire::{Answer, Browser, Noise};

/// Bytes of a megabyte of files.
const MEGABYTE: u64 = 1 << 20;
/// A body that is too long for every form, in megabytes.
const TOO_LONG: u64 = 1_024;
/// How often the list is asked for.
const ROUNDS: usize = 10;
/// What the pages say where a file is too long.
const DESK_REFUSES: &str = "ファイルが大きすぎます。500MBまでにしてください。";
const ROOM_REFUSES: &str = "Too large: pictures up to 20 MB, others up to 500 MB.";

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let number = |place: usize, otherwise: u64| numbers.get(place).copied().unwrap_or(otherwise);
    let (cases, megabytes) = (usize::try_from(number(0, 5_000)).expect("cases"), number(1, 500));
    let binary = std::env::var_os("MADOGUCHI_BINARY");
    let binary = binary.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_madoguchi")), PathBuf::from);
    let folder = std::env::temp_dir().join(format!("madoguchi-desk-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    city::found(&binary, &folder);
    let watch = Instant::now();
    let (last, receipt) = runtime.block_on(city::fill(&folder, cases));
    println!("{cases} cases for two readers written in {:.1} s\n", watch.elapsed().as_secs_f64());
    let lie = || runtime.block_on(city::files(&folder));
    measure(&binary, &folder, (&last, &receipt), megabytes, &lie);
    std::fs::remove_dir_all(&folder).expect("cleaned");
}

fn measure(binary: &Path, folder: &Path, (case, receipt): (&str, &str), megabytes: u64, lie: &dyn Fn() -> usize) {
    let server = Server::of(binary, folder);
    let mut desk = log_in(&server);
    println!("the program after the log-in: {:.0} MB", server.memory().now);
    println!("\n| what | time | processors | page | memory after | most meanwhile |\n|---|---|---|---|---|---|");
    let page = desk.get("/sealed/unlock");
    let fields = [("csrf", &*page.hidden("csrf")), ("next", "/sealed"), ("passphrase", city::PASSPHRASE)];
    timed(&server, "unlock", || desk.post("/sealed/unlock", &fields), 303);
    let first = timed(&server, "the list, first", || desk.get("/sealed"), 200);
    lists(&server, &mut desk);
    timed(&server, "filtered by channel and part", || desk.get("/sealed?tab=signs&channel=phone"), 200);
    timed(&server, "filtered by step", || desk.get("/sealed?tab=open&step=acting"), 200);
    let csrf = first.hidden("csrf");
    let fields = [("csrf", &*csrf), ("tab", "open"), ("q", "東小学校 4")];
    timed(&server, "a search", || desk.post("/sealed", &fields), 200);
    let case_page = format!("/sealed/cases/{case}");
    timed(&server, "a case", || desk.get(&case_page), 200);
    timed(&server, "similar cases", || desk.get(&format!("{case_page}/similar")), 200);
    timed(&server, "agenda", || desk.get("/sealed/agenda"), 200);
    timed(&server, "effect", || desk.get("/sealed/effect"), 200);
    println!("\npaging: {}", paging(&first.body));
    println!("\n| file | time | processors | speed | memory before | most | after |\n|---|---|---|---|---|---|---|");
    whole(&server, &mut desk, &case_page, &csrf, megabytes);
    let before = lie();
    let refused = |what: &str, answer: &Answer, sentence: &str| {
        assert!(answer.status >= 400 || answer.body.contains("files-error"), "{what}: {}", answer.head);
        assert!(answer.body.contains(sentence), "{what}: {} {}", answer.head, answer.body);
        assert_eq!(lie(), before, "{what}: nothing of it stays");
    };
    for (what, announced) in
        [("refused at the desk, no length told", false), ("refused at the desk, length told", true)]
    {
        let (fields, files) = ([("csrf", &*csrf), ("shown", "case")], format!("{case_page}/files"));
        let send = || desk.upload(&files, &fields, ("file", Noise::of(TOO_LONG * MEGABYTE)), announced);
        refused(what, &moved(&server, what, TOO_LONG, send), DESK_REFUSES);
    }
    let mut child = Browser { port: server.public, cookies: Vec::new() };
    let talk = child.post("/en/room", &[("go", "open"), ("receipt", receipt)]);
    let (session, form) = (talk.hidden("session"), talk.hidden("form"));
    let fields = [("session", &*session), ("form", &*form), ("words", ""), ("go", "say")];
    let what = "refused in the room, no length told";
    let send = || child.upload("/en/room", &fields, ("files", Noise::of(TOO_LONG * MEGABYTE)), false);
    refused(what, &moved(&server, what, TOO_LONG, send), ROOM_REFUSES);
}

/// Logs a consultant in as their browser does.
fn log_in(server: &Server) -> Browser {
    let mut desk = Browser { port: server.inside, cookies: Vec::new() };
    let first = desk.post("/login", &[("login", "ijime-1"), ("password", "minamo-demo-2026")]);
    assert_eq!(first.status, 303, "{}", first.body);
    let page = desk.get("/login/code").body;
    let code = page.split("<code class=\"code\">").nth(1).and_then(|rest| rest.split('<').next()).expect("a code");
    let second = desk.post("/login/code", &[("code", code.trim())]);
    assert_eq!(second.status, 303, "{}", second.body);
    desk
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn timed(server: &Server, what: &str, ask: impl FnOnce() -> Answer, status: u16) -> Answer {
    server.forget();
    let (watch, before) = (Instant::now(), server.processor());
    let answer = ask();
    let (took, used) = (watch.elapsed(), server.processor() - before);
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    row(server, what, &format!("{:.0} ms | {used:.2} s", milliseconds(took)), answer.body.len());
    answer
}

fn row(server: &Server, what: &str, took: &str, bytes: usize) {
    let memory = server.memory();
    println!("| {what} | {took} | {} kB | {:.0} MB | {:.0} MB |", bytes / 1_000, memory.now, memory.most);
}

fn lists(server: &Server, desk: &mut Browser) {
    server.forget();
    let (before, mut bytes) = (server.processor(), 0);
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let watch = Instant::now();
            bytes = desk.get("/sealed").body.len();
            watch.elapsed()
        })
        .collect();
    times.sort_unstable();
    let (median, most) = (milliseconds(times[ROUNDS / 2]), milliseconds(times[ROUNDS - 1]));
    let used = (server.processor() - before) / ROUNDS as f64;
    let took = format!("median {median:.0} ms, most {most:.0} ms | {used:.2} s each");
    row(server, &format!("the list, {ROUNDS} times"), &took, bytes);
}

/// Which part of the cases the page shows.
fn paging(page: &str) -> String {
    let shown = page.matches("<li class=").count();
    let said = page.split("class=\"pager\"").nth(1).and_then(|rest| rest.split("class=\"meta\">").nth(1));
    let said = said.and_then(|rest| rest.split('<').next()).unwrap_or("no pager");
    format!("{shown} lines on the page; it says {said}")
}

/// Does something with a long body and prints speed and memory.
fn moved<T>(server: &Server, what: &str, megabytes: u64, act: impl FnOnce() -> T) -> T {
    server.forget();
    let before = server.memory().now;
    let (watch, used) = (Instant::now(), server.processor());
    let done = act();
    let (took, used) = (watch.elapsed().as_secs_f64(), server.processor() - used);
    let (speed, memory) = (megabytes as f64 / took, server.memory());
    let what = format!("{what}, {megabytes} MB");
    println!(
        "| {what} | {took:.1} s | {used:.1} s | {speed:.0} MB/s | {before:.0} MB | {:.0} MB | {:.0} MB |",
        memory.most, memory.now
    );
    done
}

/// A file goes into a case and comes out again, byte for byte.
fn whole(server: &Server, desk: &mut Browser, case_page: &str, csrf: &str, megabytes: u64) {
    let length = megabytes * MEGABYTE;
    let (fields, files) = ([("csrf", csrf), ("shown", "case")], format!("{case_page}/files"));
    let kept = moved(server, "upload", megabytes, || desk.upload(&files, &fields, ("file", Noise::of(length)), true));
    assert_eq!(kept.status, 303, "{}", kept.body);
    let page = desk.get(case_page).body;
    let link = page.split(&format!("href=\"{files}/")).nth(1).and_then(|rest| rest.split('"').next()).expect("a file");
    let path = format!("{files}/{link}");
    moved(server, "download", megabytes, || desk.download(&path, Noise::of(length)));
}
