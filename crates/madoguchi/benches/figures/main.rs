//! The figures of the README, printed by `cargo xtask bench`. Nothing is asserted.
//!
//! Articles are the demo city's, multiplied: each copy has a district in its question and a
//! paragraph of another article in its answer, so that words spread as in a larger city. Questions are the
//! demo's own, cut down as people cut them — the question, its keywords, its first half — and its paraphrases that
//! nothing was learnt from: whole stories, kana, slips.
//!
//! `--quick` measures 2,000 articles only, `--large` also asks 100,000, `--search` leaves out the staff's lists and the
//! audit chains, `--cold-build` adds a release build from nothing.

mod http;
mod staff;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use calendar::{Clock, Date, SystemClock};
use city::Lang;
use knowledge::Library;
use knowledge::eval::percentiles;
use knowledge::import::Incoming;
use rand::{Rng, SeedableRng};
use store::audit::{self, Event};
use store::{Db, HouseKey, OpenMode};

use crate::http::{Connection, Server, encode};

const SEED: u64 = 20_261_123;
const DISTRICTS: [&str; 24] = [
    "中央",
    "東",
    "西",
    "南",
    "北",
    "川上",
    "川下",
    "山手",
    "浜",
    "新町",
    "本町",
    "緑が丘",
    "桜台",
    "若葉",
    "朝日",
    "栄",
    "港",
    "梅園",
    "松原",
    "竹田",
    "花園",
    "泉",
    "春日",
    "宮前",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|a| a == "--quick");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_madoguchi"));
    let work = std::env::temp_dir().join(format!("madoguchi-bench-{}", std::process::id()));
    std::fs::create_dir_all(&work).expect("folder");
    println!("madoguchi {} · {} cores · one run, no averaging", store::migrate::BINARY, cores());
    println!("binary size: {:.1} MB", std::fs::metadata(&binary).expect("binary").len() as f64 / 1e6);
    let demo = demo(&work, &binary);
    println!("{} questions, {} characters in the longest", demo.questions.len(), longest(&demo.questions));
    println!(
        "\n| articles | import | analysis + index | kept for the next start | index from what was kept | question → ranked answer, median | p99 | one core, questions/s | suggestions, median | p99 |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let has = |flag: &str| arguments.iter().any(|a| a == flag);
    let sizes: &[usize] = if quick { &[2_000] } else { &[2_000, 20_000] };
    let mut folders = Vec::new();
    for size in sizes {
        folders.push((*size, runtime.block_on(in_process(*size, &demo, &work))));
    }
    if has("--large") {
        runtime.block_on(in_process(100_000, &demo, &work));
    }
    println!("\n| articles | cold start to first answer | HTTP questions/s | p50 | p99 | resident |");
    println!("|---|---|---|---|---|---|");
    questions_by_http(&binary, demo.articles.len(), &demo.folder, &demo.questions, quick);
    for (size, folder) in &folders {
        questions_by_http(&binary, *size, folder, &demo.questions, quick);
    }
    if !has("--search") {
        for (size, folder) in &folders {
            staff::figures(&binary, *size, folder);
        }
        println!("\n| audit events, SQLite | recorded, each | verified |");
        println!("|---|---|---|");
        runtime.block_on(audit_chains(if quick { 50_000 } else { 1_000_000 }, &work));
    }
    if has("--cold-build") {
        cold_build(&work);
    }
    std::fs::remove_dir_all(&work).expect("cleaned");
}

fn longest(questions: &[String]) -> usize {
    questions.iter().map(|q| q.chars().count()).max().unwrap_or(0)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

struct Demo {
    folder: PathBuf,
    articles: Vec<Incoming>,
    questions: Vec<String>,
}

fn demo(work: &Path, binary: &Path) -> Demo {
    let folder = work.join("demo");
    let made = Command::new(binary).arg("demo").arg(&folder).stdout(Stdio::null()).status().expect("demo");
    assert!(made.success(), "the demo city could not be made");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/minamo/faq");
    let articles = knowledge::import::read_path(&source).expect("articles");
    let mut questions = Vec::new();
    for article in &articles {
        let text = &article.content.texts[&Lang::Ja];
        let half: String = text.question.chars().take(text.question.chars().count() / 2 + 2).collect();
        questions.extend([text.question.clone(), text.keywords.join(" "), half]);
    }
    let paraphrases = source.join("../paraphrases/test.tsv");
    let lines = std::fs::read_to_string(&paraphrases).expect("paraphrases");
    questions
        .extend(lines.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split('\t').nth(3)).map(str::to_owned));
    Demo { folder, articles, questions }
}

fn multiply(demo: &Demo, size: usize) -> Vec<Incoming> {
    let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(SEED);
    let mut pick = |n: usize| rng.next_u32() as usize % n;
    (0..size)
        .map(|i| {
            let mut article = demo.articles[i % demo.articles.len()].clone();
            let copy = i / demo.articles.len();
            if copy > 0 {
                let (a, b) = (DISTRICTS[pick(DISTRICTS.len())], DISTRICTS[pick(DISTRICTS.len())]);
                let other = demo.articles[pick(demo.articles.len())].content.texts[&Lang::Ja].clone();
                article.code = format!("{}-{copy}", article.code);
                article.content.related.clear();
                for text in article.content.texts.values_mut() {
                    text.question = format!("{a}{b}地区：{}", text.question).chars().take(190).collect();
                    text.answer = format!("{}\n\n{}", text.answer, other.summary);
                }
            }
            article
        })
        .collect()
}

async fn in_process(size: usize, demo: &Demo, work: &Path) -> PathBuf {
    let folder = work.join(format!("city-{size}"));
    std::fs::create_dir_all(&folder).expect("folder");
    for entry in std::fs::read_dir(&demo.folder).expect("demo") {
        let from = entry.expect("entry").path();
        std::fs::copy(&from, folder.join(from.file_name().expect("name"))).expect("copied");
    }
    let db = Db::open(&format!("sqlite:{}", folder.join("minamo.db").display()), OpenMode::Existing).await.expect("db");
    let incoming = multiply(demo, size);
    let clock = SystemClock;
    let today = clock.now().jst_date();
    let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(SEED);
    let started = Instant::now();
    knowledge::import::store(&db, &clock, &mut rng, &incoming, today, false).await.expect("imported");
    let import = started.elapsed();
    let beside = Path::new(env!("CARGO_BIN_EXE_madoguchi")).with_file_name(text::dictionary::FILE_NAME);
    let found =
        text::dictionary::places(Some(&beside)).into_iter().find(|p| p.exists()).expect("dictionary: run ./run once");
    let analyzer = Arc::new(text::Analyzer::load(&found, None).expect("dictionary"));
    let reading = knowledge::reading::Reading::shipped(analyzer).expect("model");
    // Beside the database, where the server looks for it too.
    let file = folder.join("minamo.db.index");
    let read = async || {
        let started = Instant::now();
        let library = Arc::new(Library::new(reading.clone()).keeping(file.clone()));
        library.refresh(&db).await.expect("index");
        (library, started.elapsed())
    };
    let (_, index) = read().await;
    let kept = std::fs::metadata(&file).expect("kept").len() as f64 / 1e6;
    let (library, again) = read().await;
    assert_eq!(library.analysed(), 0);
    db.close().await;
    // Warm once, then each question on this one thread.
    for question in demo.questions.iter().take(200) {
        std::hint::black_box(library.ask(question, today, 7));
    }
    let started = Instant::now();
    let mut times: Vec<Duration> = demo
        .questions
        .iter()
        .map(|question| {
            let started = Instant::now();
            std::hint::black_box(library.ask(question, today, 7));
            started.elapsed()
        })
        .collect();
    let rate = times.len() as f64 / started.elapsed().as_secs_f64();
    let [median, _, p99, _] = percentiles(&mut times);
    let [typed, _, typed_99, _] = percentiles(&mut suggestions(&library, &demo.questions, today));
    println!(
        "| {size} | {:.2} s | {:.2} s | {kept:.0} MB | {:.2} s | {median} µs | {p99} µs | {rate:.0} | {typed} µs | {typed_99} µs |",
        import.as_secs_f64(),
        index.as_secs_f64(),
        again.as_secs_f64()
    );
    folder
}

/// How long suggestions take for the first one to six characters of each question.
fn suggestions(library: &Library, questions: &[String], today: Date) -> Vec<Duration> {
    let typed = questions.iter().enumerate().map(|(i, question)| question.chars().take(1 + i % 6).collect::<String>());
    let time = |typed: String| {
        let started = Instant::now();
        std::hint::black_box(library.suggest(&typed, Lang::Ja, today, 6));
        started.elapsed()
    };
    typed.map(time).collect()
}

/// Records events through the house's own way, many in each transaction, and walks all chains.
async fn audit_chains(events: usize, work: &Path) {
    const PER_TRANSACTION: usize = 10_000;
    let address = format!("sqlite:{}", work.join("audit.db").display());
    let db = Db::open(&address, OpenMode::Create).await.expect("db").with_key(HouseKey::new([7; 32]));
    store::migrate::apply(&db, &SystemClock).await.expect("schema");
    let started = Instant::now();
    for first in (0..events).step_by(PER_TRANSACTION) {
        let mut tx = db.write().await.expect("write");
        for n in first..events.min(first + PER_TRANSACTION) {
            let object = format!("{n:032x}");
            let event = Event {
                actor: "account:019ab0f0-0000-7000-8000-000000000000",
                action: "article.publish",
                object_kind: "article",
                object: &object,
                fields: &["question", "answer"],
            };
            audit::record(&mut tx, &SystemClock, event).await.expect("recorded");
        }
        tx.commit().await.expect("commit");
    }
    let each = started.elapsed().as_secs_f64() * 1e6 / events as f64;
    let started = Instant::now();
    let report = audit::verify(&mut db.read().await.expect("read"), None, |_| {}).await.expect("verified");
    assert_eq!((report.events, report.found), (events as u64, 0));
    println!("| {events} | {each:.1} µs | {:.2} s |", started.elapsed().as_secs_f64());
    db.close().await;
}

fn questions_by_http(binary: &Path, size: usize, folder: &Path, questions: &[String], quick: bool) {
    let (server, cold) = Server::of(binary, folder);
    let paths: Arc<Vec<String>> = Arc::new(questions.iter().map(|q| format!("/ask?q={}", encode(q))).collect());
    let stop = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicUsize::new(0));
    let seconds = if quick { 2 } else { 8 };
    let clients: Vec<_> = (0..16)
        .map(|_| {
            let (paths, stop, next, port) = (paths.clone(), stop.clone(), next.clone(), server.public);
            std::thread::spawn(move || {
                let mut connection = Connection::open(port);
                let mut times = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let path = &paths[next.fetch_add(1, Ordering::Relaxed) % paths.len()];
                    let started = Instant::now();
                    connection.get(path);
                    times.push(started.elapsed());
                }
                times
            })
        })
        .collect();
    std::thread::sleep(Duration::from_secs(seconds));
    stop.store(true, Ordering::Relaxed);
    let mut times: Vec<Duration> = clients.into_iter().flat_map(|c| c.join().expect("client")).collect();
    let rate = times.len() as f64 / seconds as f64;
    let [median, _, p99, _] = percentiles(&mut times);
    println!(
        "| {size} | {:.2} s | {rate:.0} | {:.1} ms | {:.1} ms | {:.0} MB |",
        cold.as_secs_f64(),
        median as f64 / 1e3,
        p99 as f64 / 1e3,
        server.resident()
    );
}

fn cold_build(work: &Path) {
    let started = Instant::now();
    let built = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--target-dir"])
        .arg(work.join("cold"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .status()
        .expect("cargo");
    assert!(built.success());
    println!("\ncold release build: {:.0} s", started.elapsed().as_secs_f64());
}
