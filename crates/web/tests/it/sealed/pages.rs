//! What holds for every page: who gets it, that nobody keeps it, and that nothing of a case stands where it must not.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::http::{Request, StatusCode, header};
use casework::entry::{Consent, Wishes};
use casework::report;
use testkit::TestDb;
use vault::receipt::Receipt;

use super::office::{Office, WORDS, written};
use crate::support::{Page, send};

/// Pages about a case.
const OF_CASE: [&str; 10] = [
    "",
    "/print",
    "/similar",
    "/readers",
    "/notes/new",
    "/messages/new",
    "/parties/new",
    "/referrals/new",
    "/closings/new",
    "/files/00000000-0000-4000-8000-000000000000",
];

testkit::on_both_engines! {
    async fn a_case_is_there_for_its_readers_alone(test: TestDb) {
        let office = Office::open(test).await;
        let (case, _) = office.told(WORDS).await;
        let reader = office.at_desk("ijime-1").await;
        for path in &OF_CASE[..9] {
            let page = reader.get(&format!("/sealed/cases/{case}{path}")).await;
            assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        }
        // Who has a role at the desk and a key, and is no reader: like a case that is not there.
        for login in ["ijime-kantoku", "kaifuku-1"] {
            let desk = office.at_desk(login).await;
            let gone = desk.get("/sealed/cases/00000000-0000-4000-8000-000000000000").await;
            for path in OF_CASE {
                let page = desk.get(&format!("/sealed/cases/{case}{path}")).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{login} {path}");
                let told = |page: &Page| page.main().split("照会番号").next().expect("words").to_owned();
                assert_eq!(told(&page), told(&gone), "{login} {path}");
            }
            let page = desk.post(&format!("/sealed/cases/{case}/notes"), &[("words", "x"), ("version", "1")]).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{login}");
            assert_eq!(desk.get("/sealed/cases/new").await.status, StatusCode::NOT_FOUND, "{login}");
        }
        // Who has none: no page at all, not even that of the lock.
        for login in ["kanri-1", "shimin-sakusei", "kansa", "supervisor"] {
            let desk = office.city.staff(login).await;
            for path in ["/sealed", "/sealed/unlock", "/sealed/key", "/sealed/passphrase", "/sealed/cases/new"] {
                assert_eq!(desk.get(path).await.status, StatusCode::NOT_FOUND, "{login} {path}");
            }
            for path in OF_CASE {
                let page = desk.get(&format!("/sealed/cases/{case}{path}")).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{login} {path}");
            }
            assert!(!desk.get("/me").await.body.contains("href=\"/sealed\""), "{login}");
        }
        let page = send(&office.city.staff, Request::get(format!("/sealed/cases/{case}"))).await;
        assert!(page.location().starts_with("/login"));
    }

    async fn what_somebody_told_is_written_down_and_the_receipt_shown_once(test: TestDb) {
        let office = Office::open(test).await;
        let desk = office.at_desk("ijime-1").await;
        let form = [
            ("channel", "letter"), ("speaker", "parent"), ("school", "東小学校"), ("words", "むすこが しにたい と言います。"),
            ("wanted", "だまって見守ってほしい"), ("school_may_know", "no"), ("may_call", "unsaid"),
        ];
        for (name, sentence) in [("channel", "選んでください"), ("speaker", "選んでください"), ("words", "書いてください")] {
            let without: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, if *n == name { "" } else { *v })).collect();
            let page = desk.post("/sealed/cases/new", &without).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(page.main().contains(sentence) && page.main().contains("だまって見守って"), "{name}: {}", page.main());
        }
        let page = desk.post("/sealed/cases/new", &form).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        assert!(!page.headers.contains_key(header::LOCATION), "a receipt stands in no address");
        assert!(page.main().contains("危険のしるし") && page.main().contains("<svg class=\"qr\""), "{}", page.main());
        let digits = page.main().split("class=\"digits\"").nth(1).expect("the receipt").split("</p>").next().expect("its end");
        let groups: Vec<&str> = digits.split("<span>").skip(1).map(|part| &part[..4]).collect();
        assert_eq!(groups.len(), 6, "{digits}");
        let receipt = Receipt::parse(&groups.join(" ")).expect("a receipt");
        let reporter = report::unlock(office.premises().await.house(), receipt).await.expect("it opens the talk");
        assert!(office.talk(&reporter).await.contains("しにたい"));
        let page = desk.get(&format!("/sealed/cases/{}", reporter.case)).await;
        assert!(page.main().contains("手紙・保護者") && page.main().contains("相談員 1が記入"), "{}", page.main());
        assert!(page.main().contains("wishes bad"), "the school must not know: {}", page.main());
        assert!(!page.main().contains(groups[3]), "the receipt is shown nowhere else");
    }

    async fn the_list_shows_what_is_pressing_first_and_finds_words(test: TestDb) {
        let office = Office::open(test).await;
        let (calm, _) = office.told("となりの席の子がわるくちを言います。").await;
        office.city.test.clock.advance(std::time::Duration::from_secs(25 * 3_600));
        let (second, _) = office.told("くつをかくされました。").await;
        let (danger, _) = office.told("もう消えたい。死にたい。").await;
        let desk = office.at_desk("ijime-1").await;
        let page = desk.get("/sealed").await;
        let place = |id: &str| page.main().find(id).unwrap_or_else(|| panic!("{id}: {}", page.main()));
        assert!(place(&danger) < place(&calm) && place(&calm) < place(&second), "sign, late, in time: {}", page.main());
        assert!(page.main().contains("初動 1時間すぎています") && page.main().contains("初動まで 24時間"), "{}", page.main());
        for (tab, wanted) in [("signs", vec![&danger]), ("overdue", vec![&calm]), ("mine", vec![]), ("unassigned", vec![&calm, &second, &danger]), ("news", vec![&calm, &second, &danger]), ("closed", vec![])] {
            let page = desk.get(&format!("/sealed?tab={tab}")).await;
            for id in [&calm, &second, &danger] {
                assert_eq!(page.main().contains(id.as_str()), wanted.contains(&id), "{tab}: {}", page.main());
            }
        }
        desk.get(&format!("/sealed/cases/{second}")).await;
        assert!(!desk.get("/sealed?tab=news").await.main().contains(&second), "it was read");
        // What is looked for stands in no address.
        let page = desk.post("/sealed", &[("tab", "open"), ("q", "くつ")]).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.main().contains(&second) && !page.main().contains(&calm), "{}", page.main());
        let page = desk.post("/sealed", &[("tab", "open"), ("q", "なにもない")]).await;
        assert!(page.main().contains("見つかりません"), "{}", page.main());
        let page = desk.post("/sealed", &[("tab", "open"), ("q", ""), ("step", "acting"), ("channel", "web")]).await;
        assert_eq!(page.location(), "/sealed?tab=open&step=acting&channel=web");
        let page = desk.get(page.location()).await;
        assert!(page.main().contains("見つかりません"), "{}", page.main());
        written(&desk, &second, "first-actions", &[("done", "電話した。")]).await;
        let page = desk.get("/sealed?tab=open&step=acting").await;
        assert!(page.main().contains(&second) && !page.main().contains(&calm), "{}", page.main());
    }

    async fn similar_cases_are_counted(test: TestDb) {
        let office = Office::open(test).await;
        let desk = office.at_desk("ijime-1").await;
        let (case, _) = office.told("わるくちを言われます。").await;
        let page = desk.get(&format!("/sealed/cases/{case}/similar")).await;
        assert!(page.main().contains("くらべられる事案が、まだありません"), "{}", page.main());
        let (other, _) = office.told("なかまはずれにされます。").await;
        written(&desk, &other, "first-actions", &[("done", "本人に電話した")]).await;
        written(&desk, &other, "actions", &[("done", "席をかえた")]).await;
        written(&desk, &other, "stops", &[("on", "2026-11-23"), ("confirmed", "本人に聞いた")]).await;
        let page = desk.get(&format!("/sealed/cases/{case}/similar")).await;
        assert!(page.main().contains("席をかえた") && page.main().contains("1件"), "{}", page.main());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_only_watches_the_clocks_is_led_to_them() {
    let office = Office::open(TestDb::sqlite().await).await;
    let desk = office.city.staff("ijime-kantoku").await;
    let page = desk.get("/sealed").await;
    assert_eq!(page.location(), "/sealed/overdue");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_the_desk_is_kept() {
    let office = Office::open(TestDb::sqlite().await).await;
    let (case, _) = office.told(WORDS).await;
    let desk = office.at_desk("ijime-1").await;
    let own =
        ["/sealed", "/sealed/unlock", "/sealed/key", "/sealed/passphrase", "/sealed/cases/new", "/sealed/cases/x"];
    let of_case = OF_CASE.iter().map(|path| format!("/sealed/cases/{case}{path}"));
    for path in own.into_iter().map(str::to_owned).chain(of_case) {
        let page = desk.get(&path).await;
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store", "{path} {}", page.status);
        assert_eq!(page.headers.get_all(header::CACHE_CONTROL).iter().count(), 1, "{path}");
    }
    for path in ["/sealed", "/sealed/cases/new", &format!("/sealed/cases/{case}/notes")] {
        let page = desk.post(path, &[("words", "x"), ("q", "x")]).await;
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store", "{path} {}", page.status);
    }
    let locked = office.city.staff("ijime-2").await;
    let page = locked.post(&format!("/sealed/cases/{case}/notes"), &[("words", "x")]).await;
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    let nobody = office.city.staff("kanri-1").await;
    assert_eq!(nobody.get(&format!("/sealed/cases/{case}")).await.headers[header::CACHE_CONTROL], "no-store");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Files below a folder in which some bytes stand.
fn holding(folder: &Path, bytes: &[u8], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            holding(&path, bytes, found);
        } else if std::fs::read(&path).is_ok_and(|held| held.windows(bytes.len()).any(|part| part == bytes)) {
            found.push(path.display().to_string());
        }
    }
}

// On one thread, so that everything is logged to the log of this test.
#[tokio::test]
async fn nothing_of_a_case_stands_in_a_log_or_in_clear() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // With a second one alive, other tests' threads, which log nowhere, do not decide for all what is logged.
    let second = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(std::io::sink).finish());
    let kept = tracing::subscriber::set_default(subscriber);
    let office = Office::open(TestDb::sqlite().await).await;
    let desk = office.at_desk("ijime-1").await;
    let wishes = Wishes { wanted: "ねがいのことば".into(), school_may_know: Consent::Yes, ..Wishes::default() };
    let (case, _) = office.told_with(WORDS, wishes).await;
    let secrets = [
        "ないしょのことば",
        "ねがいのことば",
        "東小学校",
        "返事のことば",
        "メモのことば",
        "さがしたことば",
        super::office::PASSPHRASE,
        "当事者のなまえ",
    ];
    written(&desk, &case, "messages", &[("words", "返事のことば")]).await;
    written(&desk, &case, "notes", &[("words", "メモのことば")]).await;
    written(
        &desk,
        &case,
        "parties",
        &[("role", "victim"), ("name", "当事者のなまえ"), ("account", ""), ("section", "")],
    )
    .await;
    desk.post("/sealed", &[("q", "さがしたことば")]).await;
    desk.post(&format!("/sealed/cases/{case}/actions"), &[("done", "メモのことば"), ("version", "0")]).await;
    desk.post(&format!("/sealed/cases/{case}/closings"), &[("why", "メモのことば"), ("outcome", "x")]).await;
    for path in ["", "/print", "/readers", "/similar"] {
        desk.get(&format!("/sealed/cases/{case}{path}")).await;
    }
    office.city.staff("ijime-2").await.post("/sealed/unlock", &[("passphrase", "ちがう")]).await;
    drop((kept, second));
    let text = String::from_utf8_lossy(&log.0.lock().expect("the log")).into_owned();
    assert!(text.contains("/sealed/cases/{id}"), "the log is there: {} bytes", text.len());
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} stands in the log");
        let mut found = Vec::new();
        holding(office.city.test.folder(), secret.as_bytes(), &mut found);
        assert!(found.is_empty(), "{secret} stands in {found:?}");
    }
}
