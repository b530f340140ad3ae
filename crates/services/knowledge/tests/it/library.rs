//! Asking the demo city.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use calendar::{Clock, Date};
use city::{Lang, Profile};
use knowledge::Library;
use knowledge::import::{self, Incoming};
use knowledge::reading::Reading;
use testkit::{TestDb, on_both_engines};
use text::Analyzer;

pub(crate) static READING: LazyLock<Reading> = LazyLock::new(|| {
    let path = std::env::var_os("MADOGUCHI_DICT").expect("MADOGUCHI_DICT names the dictionary; ./test sets it");
    let analyzer = Arc::new(Analyzer::load(&PathBuf::from(path), None).expect("dictionary"));
    Reading::shipped(analyzer).expect("model")
});

pub(crate) fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../demo/minamo")
}

/// A library that has read the database.
pub(crate) async fn library(test: &TestDb) -> Arc<Library> {
    let library = Arc::new(Library::new(READING.clone()));
    library.refresh(&test.db).await.expect("refreshed");
    library
}

/// The same of a city as it was founded, which begins with what an earlier test analysed of it.
async fn library_of_the_demo(test: &TestDb) -> Arc<Library> {
    let index = test.folder().join("demo.index");
    testkit::take_over("demo.index", &index);
    let library = Arc::new(Library::new(READING.clone()).keeping(index.clone()));
    library.refresh(&test.db).await.expect("refreshed");
    testkit::leave("demo.index", &index);
    library
}

pub(crate) async fn founded(test: &TestDb) -> (Arc<Library>, Vec<Incoming>, Date) {
    let read = |name: &str| std::fs::read_to_string(demo().join(name)).expect("demo file");
    let (mut rng, clock) = (test.rng(), test.clock.clone());
    let from = "2026-04-01".parse().expect("date");
    let mut tx = test.db.write().await.expect("write");
    let sections = city::sections_from_toml(&read("sections.toml"), "sections.toml", from).expect("sections");
    city::store::insert_sections(&mut tx, clock.as_ref(), &mut rng, &sections).await.expect("stored");
    let profile = Profile::from_toml(&read("city.toml"), "city.toml").expect("profile");
    city::store::save_profile(&mut tx, &profile).await.expect("stored");
    tx.commit().await.expect("commit");
    let incoming = import::read_path(&demo().join("faq")).expect("articles");
    let today = clock.now().jst_date();
    import::store(&test.db, clock.as_ref(), &mut rng, &incoming, today, false).await.expect("stored");
    (library_of_the_demo(test).await, incoming, today)
}

/// A library that keeps what it analyses, with the articles that it had to analyse.
async fn kept(test: &TestDb, file: &Path) -> (Arc<Library>, usize) {
    let library = Arc::new(Library::new(READING.clone()).keeping(file.to_owned()));
    library.refresh(&test.db).await.expect("refreshed");
    let analysed = library.analysed();
    (library, analysed)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_start_analyses_only_what_is_new() {
    let test = TestDb::sqlite().await;
    let (plain, mut incoming, today) = founded(&test).await;
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("minamo.index");
    let all = incoming.len();
    assert_eq!(kept(&test, &file).await.1, all);
    let (again, analysed) = kept(&test, &file).await;
    assert_eq!(analysed, 0);
    for question in ["引っ越した", "いんかんとうろく", "ごみの日を逃した", "火星人の飛行許可証", "住民表"]
    {
        let answers = [&plain, &again].map(|library| {
            let answer = library.ask(question, today, 5);
            let codes: Vec<String> = answer.found.iter().map(|f| f.article.code.clone()).collect();
            (answer.outcome, codes)
        });
        assert_eq!(answers[0], answers[1], "{question}");
        let suggested = [&plain, &again].map(|library| library.suggest(question, Lang::Ja, today, 5));
        assert_eq!(suggested[0], suggested[1], "{question}");
    }
    // One article changes: one is analysed.
    incoming[0].content.texts.get_mut(&Lang::Ja).expect("text").question = "ホバークラフトに乗れますか".into();
    let (mut rng, clock) = (test.rng(), test.clock.clone());
    import::store(&test.db, clock.as_ref(), &mut rng, &incoming, today, false).await.expect("stored");
    let (changed, analysed) = kept(&test, &file).await;
    assert_eq!(analysed, 1);
    assert!(changed.ask("ホバークラフト", today, 3).found.iter().any(|f| f.article.code == incoming[0].code));
    // A file that is damaged, or something else, or of which most is of the past: everything is analysed, and kept.
    let mut bytes = std::fs::read(&file).expect("file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    for damaged in [bytes, b"something else".to_vec(), Vec::new()] {
        std::fs::write(&file, damaged).expect("written");
        assert_eq!(kept(&test, &file).await.1, all);
        assert_eq!(kept(&test, &file).await.1, 0);
    }
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).expect("folder").map(|e| e.expect("entry").file_name()).collect();
    assert_eq!(names, ["minamo.index"], "nothing half-written is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_keeps_nobody_from_asking() {
    let test = TestDb::sqlite().await;
    let (_, incoming, today) = founded(&test).await;
    let (library, analysed) = kept(&test, Path::new("/proc/no/such/folder/minamo.index")).await;
    assert_eq!(analysed, incoming.len());
    assert!(!library.ask("引っ越した", today, 3).found.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_citys_own_name_says_nothing() {
    let test = TestDb::sqlite().await;
    let (library, _, today) = founded(&test).await;
    for (with, without) in
        [("みなも市の粗大ごみの出し方", "粗大ごみの出し方"), ("みなも市役所で住民票をとる", "市役所で住民票をとる")]
    {
        let codes = |asked: &str| -> Vec<String> {
            library.ask(asked, today, 5).found.iter().map(|f| f.article.code.clone()).collect()
        };
        assert_eq!(codes(with), codes(without), "{with}");
    }
    assert!(!library.ask("みなも市", today, 3).found.is_empty(), "the name alone is still looked for");
}

/// The share of questions for which the article itself is the first answer.
fn own_first(library: &Library, incoming: &[Incoming], today: Date, lang: Lang) -> f64 {
    let asked: Vec<(&str, &str)> = incoming
        .iter()
        .filter_map(|d| Some((d.code.as_str(), d.content.texts.get(&lang)?.question.as_str())))
        .collect();
    assert!(!asked.is_empty());
    let right = asked.iter().filter(|(code, question)| {
        library.ask(question, today, 3).found.first().is_some_and(|f| f.article.code == *code)
    });
    right.count() as f64 / asked.len() as f64
}

#[tokio::test(flavor = "multi_thread")]
async fn every_article_is_the_first_answer_to_its_own_question() {
    let test = TestDb::sqlite().await;
    let (library, incoming, today) = founded(&test).await;
    for lang in Lang::ALL {
        let share = own_first(&library, &incoming, today, lang);
        assert!(share >= 0.97, "{lang:?}: {share}");
    }
}

on_both_engines! {
    async fn a_change_makes_a_version_and_nothing_else_does(test: TestDb) {
        let (library, mut incoming, today) = founded(&test).await;
        let (mut rng, clock) = (test.rng(), test.clock.clone());
        let again = import::store(&test.db, clock.as_ref(), &mut rng, &incoming, today, false).await.expect("stored");
        assert_eq!((again.added, again.changed, again.unchanged), (0, 0, incoming.len()));
        let before = library.snapshot().version;
        library.refresh(&test.db).await.expect("refreshed");
        assert_eq!(library.snapshot().version, before);
        incoming[0].content.texts.get_mut(&Lang::Ja).expect("text").question = "ホバークラフトに乗れますか".into();
        let code = incoming[0].code.clone();
        let dry = import::store(&test.db, clock.as_ref(), &mut rng, &incoming, today, true).await.expect("checked");
        assert_eq!(dry.changed, 1);
        library.refresh(&test.db).await.expect("refreshed");
        assert_eq!(library.snapshot().by_code(&code).expect("there").version, 1);
        import::store(&test.db, clock.as_ref(), &mut rng, &incoming, today, false).await.expect("stored");
        library.refresh(&test.db).await.expect("refreshed");
        assert_eq!(library.snapshot().by_code(&code).expect("there").version, 2);
        let answer = library.ask("ホバークラフト", today, 3);
        assert_eq!(answer.found.first().map(|f| f.article.code.clone()), Some(code));
    }
}
