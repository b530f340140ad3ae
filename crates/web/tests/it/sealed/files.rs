//! Files of a case: they come in pieces, are sealed, and come out as they were.

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use casework::attachment::MAX_BYTES;
use testkit::TestDb;

use super::office::{Office, WORDS};
use crate::support::{Page, answer, parts};

/// Addresses of the files on a case's page.
fn files(page: &Page) -> Vec<String> {
    let links = page.main().split("href=\"").skip(1).map(|part| part.split('"').next().expect("a link"));
    links.filter(|link| link.contains("/files/")).map(str::to_owned).collect()
}

testkit::on_both_engines! {
    async fn a_file_comes_out_as_it_went_in(test: TestDb) {
        let office = Office::open(test).await;
        let (case, reporter) = office.told(WORDS).await;
        let desk = office.at_desk("ijime-1").await;
        let address = format!("/sealed/cases/{case}/files");
        let long: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
        let token = desk.csrf.clone();
        for (shown, name, bytes, kind, place) in [
            ("case", "../../etc/日記\u{202e}gpj.exe", &long[..], "application/octet-stream", "attachment"),
            ("talk", "メモ\".txt", "つぎの金曜に話そう".as_bytes(), "text/plain; charset=utf-8", "inline"),
            ("case", "<script>.pdf", &b"%PDF-1.7 x"[..], "application/pdf", "attachment"),
        ] {
            // The token comes before the file: nothing is taken without it.
            let fields = [("csrf", token.as_str()), ("shown", shown)];
            let body = parts(&fields, "file", &[(&name.replace('"', "%22"), bytes)]);
            let page = send_body(&office, &desk.cookie, &address, Body::from(body), None).await;
            assert_eq!(page.location(), format!("/sealed/cases/{case}?done=file-kept"), "{}", page.body);
            let page = desk.get(&format!("/sealed/cases/{case}")).await;
            let link = files(&page).pop().expect("a link");
            let got = desk.get(&link).await;
            assert_eq!((got.status, got.bytes.len()), (StatusCode::OK, bytes.len()), "{name}");
            assert!(got.bytes == bytes, "{name}");
            assert_eq!(got.headers[header::CONTENT_TYPE], kind, "{name}");
            let disposition = got.headers[header::CONTENT_DISPOSITION].to_str().expect("text");
            assert!(disposition.starts_with(place) && disposition.is_ascii(), "{disposition}");
            for sign in ["/", "..", "\u{202e}", "<", "etc"] {
                let named = disposition.split("UTF-8''").nth(1).expect("a name");
                assert!(!named.contains(sign), "{disposition}");
            }
            assert_eq!(got.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert_eq!(got.headers[header::CACHE_CONTROL], "no-store");
            assert_eq!(got.headers[header::CONTENT_SECURITY_POLICY], "default-src 'none'; sandbox");
            assert_eq!(office.talk(&reporter).await.contains("メモ"), shown == "talk" || name.contains("script"), "{name}");
        }
    }

    async fn a_form_with_a_file_needs_its_token_and_an_open_desk(test: TestDb) {
        let office = Office::open(test).await;
        let (case, _) = office.told(WORDS).await;
        let desk = office.at_desk("ijime-1").await;
        let address = format!("/sealed/cases/{case}/files");
        let token = desk.csrf.clone();
        for fields in [vec![("shown", "case")], vec![("csrf", "0000"), ("shown", "case")], vec![("shown", "case"), ("csrf", token.as_str())]] {
            let body = parts(&fields, "file", &[("a.txt", b"abc")]);
            let page = send_body(&office, &desk.cookie, &address, Body::from(body), None).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{fields:?}");
        }
        let fields = [("csrf", token.as_str()), ("shown", "case")];
        let page = send_body(&office, &desk.cookie, &address, Body::from(parts(&fields, "file", &[])), None).await;
        assert!(page.status == 422 && page.main().contains("ファイルを選んでください"), "{}", page.main());
        let page = send_body(&office, &desk.cookie, &address, Body::from(parts(&fields, "file", &[("a.txt", b"")])), None).await;
        assert!(page.status == 422 && page.main().contains("中身がありません"), "{}", page.main());
        let bare = desk.cookie.split("; ").next().expect("a cookie");
        let body = parts(&fields, "file", &[("a.txt", b"abc")]);
        let page = send_body(&office, bare, &address, Body::from(body), None).await;
        assert!(page.status == 422 && page.main().contains("窓口が閉じています"), "{}", page.main());
        // Somebody who does not read the case gets what a case that is not there gives.
        let other = office.at_desk("kaifuku-1").await;
        let own = [("csrf", other.csrf.as_str()), ("shown", "case")];
        let page = send_body(&office, &other.cookie, &address, Body::from(parts(&own, "file", &[("a.txt", b"abc")])), None).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(files(&desk.get(&format!("/sealed/cases/{case}")).await).is_empty());
        assert_eq!(office.city.texts("SELECT id AS v FROM case_blob").await, Vec::<String>::new(), "no place is left");
    }
}

async fn send_body(office: &Office, cookie: &str, address: &str, body: Body, length: Option<u64>) -> Page {
    let mut request = Request::post(address)
        .header(header::HOST, "localhost")
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
    if let Some(length) = length {
        request = request.header(header::CONTENT_LENGTH, length);
    }
    answer(&office.city.staff, request.body(body).expect("request")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_large_is_told_before_it_is_read() {
    let office = Office::open(TestDb::sqlite().await).await;
    let (case, _) = office.told(WORDS).await;
    let desk = office.at_desk("ijime-1").await;
    let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = read.clone();
    // As much as anybody wants, counted.
    let pieces = futures_util::stream::repeat_with(move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok::<_, std::io::Error>(Bytes::from_static(&[0; 1024]))
    });
    let address = format!("/sealed/cases/{case}/files");
    let page = send_body(&office, &desk.cookie, &address, Body::from_stream(pieces), Some(MAX_BYTES + 1_000_000)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.main().contains("500MBまでにしてください"), "{}", page.main());
    assert_eq!(read.load(std::sync::atomic::Ordering::Relaxed), 0, "nothing of it is read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_breaks_off_leaves_nothing() {
    let office = Office::open(TestDb::sqlite().await).await;
    let (case, _) = office.told(WORDS).await;
    let desk = office.at_desk("ijime-1").await;
    let body = parts(&[("csrf", desk.csrf.as_str()), ("shown", "case")], "file", &[("a.bin", &[7; 300_000])]);
    let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
    let broken = futures_util::stream::iter([Ok(half), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))]);
    let page =
        send_body(&office, &desk.cookie, &format!("/sealed/cases/{case}/files"), Body::from_stream(broken), None).await;
    assert!(page.status.is_client_error(), "{}", page.status);
    assert_eq!(office.city.texts("SELECT id AS v FROM case_blob").await, Vec::<String>::new());
    let sealed = office.city.test.folder().join("sealed");
    assert_eq!(std::fs::read_dir(sealed).expect("a folder").count(), 0);
}
