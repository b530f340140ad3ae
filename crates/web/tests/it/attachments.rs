//! `/contacts/…/attachments`: pictures and files, from both ends.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use contact::attachment::{Attachment, MAX_BYTES, MAX_FILES};
use testkit::{TestDb, on_both_engines};

use crate::records::contacts::Talk;
use crate::support::{City, Page, answer, parts, prefixes, send};

/// A picture of two pixels.
const PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x02\x00\x00\x00\x01\x08\x02\x00\x00\x00{@\xe8\xdd\x00\x00\x00\x0dIDATx\x9cc\xf8\xcf\x00\x04\xff\x01\x07\x00\x01\xff\xe2#\x9eY\x00\x00\x00\x00IEND\xaeB`\x82";
const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";

async fn post(city: &City, talk: &Talk, client: &str, words: &str, files: &[(&str, &[u8])]) -> Page {
    let fields = [("client_id", client), ("words", words)];
    city.post_files(&format!("{}/messages", talk.page()), &fields, files).await
}

/// A body as it stands, with a boundary of its own.
async fn raw(city: &City, talk: &Talk, kind: &str, body: impl Into<Vec<u8>>) -> Page {
    let request = Request::post(format!("{}/messages", talk.page()))
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, kind);
    answer(&city.public, request.body(Body::from(body.into())).expect("request")).await
}

async fn all(city: &City, talk: &Talk) -> Vec<Attachment> {
    let id = talk.contact(city).await.id;
    let mut tx = city.test.db.read().await.expect("read");
    contact::attachment::between(&mut tx, &id, 0, i64::MAX).await.expect("read")
}

/// What stands on every file: nothing runs in it, nobody guesses what it is, no cache between keeps it.
fn is_harmless(page: &Page) {
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(page.headers["cache-control"], "private, no-cache");
    assert_eq!(page.headers["x-robots-tag"], "noindex, nofollow");
    assert_eq!(page.headers["cross-origin-resource-policy"], "same-origin");
}

on_both_engines! {
    async fn a_picture_goes_to_the_desk_and_a_file_comes_back(test: TestDb) {
        let city = City::new(test).await;
        let talk = Talk::begin(&city, "人と話したいです").await;
        let sent = post(&city, &talk, "client-0001", "", &[("現場 \u{202e}%22.png", PNG), ("", b"")]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        assert_eq!(sent.headers["cache-control"], "no-store");
        assert_eq!(post(&city, &talk, "client-0001", "", &[("現場 \u{202e}%22.png", PNG)]).await.status, 303, "once");
        let stored = all(&city, &talk).await;
        assert_eq!(stored.len(), 1);
        let address = format!("{}/attachments/{}", talk.page(), stored[0].id);
        let page = city.get(&talk.page()).await;
        for part in ["enctype=\"multipart/form-data\"", &format!("src=\"{address}\""), "alt=\"写真 現場 _.png\"", "width=\"2\" height=\"1\""] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        let picture = city.get(&address).await;
        assert_eq!((picture.status.as_u16(), picture.bytes.as_slice()), (200, PNG));
        is_harmless(&picture);
        assert_eq!(picture.headers["content-type"], "image/png");
        assert_eq!(
            picture.headers["content-disposition"],
            "inline; filename=\"file.png\"; filename*=UTF-8''%E7%8F%BE%E5%A0%B4%20_.png"
        );
        // Whoever has it is told that it is still the same.
        let tag = picture.headers["etag"].to_str().expect("text").to_owned();
        let again = send(&city.public, Request::get(&address).header("if-none-match", format!("\"x\", {tag}"))).await;
        assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
        is_harmless(&again);

        let desk = city.staff("operator-1").await;
        assert_eq!(desk.post(&format!("{}/pick-up", talk.desk()), &[]).await.status, 303);
        let theirs = format!("{}/attachments/{}", talk.desk(), stored[0].id);
        let page = desk.get(&talk.desk()).await;
        assert!(page.main().contains(&format!("src=\"{theirs}\"")), "{}", page.main());
        let seen = desk.get(&theirs).await;
        assert_eq!((seen.status.as_u16(), seen.bytes.as_slice()), (200, PNG));
        is_harmless(&seen);
        assert!(desk.get("/contacts").await.main().contains("（写真・ファイル）"), "in place of words");
        let other = city.staff("kankyo-sakusei").await;
        assert_eq!(other.get(&theirs).await.status, StatusCode::FORBIDDEN);

        let fields = [("client_id", "client-0002"), ("words", "")];
        let reply = format!("{}/reply", talk.desk());
        let replied = desk.post_files(&reply, &fields, "files", &[("申請書.PDF", PDF)]).await;
        assert_eq!(replied.status, 303, "{}", replied.body);
        let file = all(&city, &talk).await.remove(1);
        let page = city.get(&talk.page()).await;
        let link = format!("href=\"{}/attachments/{}\" download>申請書.PDF</a>", talk.page(), file.id);
        assert!(page.main().contains(&link), "{}", page.main());
        let got = city.get(&format!("{}/attachments/{}", talk.page(), file.id)).await;
        assert_eq!((got.bytes.as_slice(), got.headers["content-type"].to_str().ok()), (PDF, Some("application/pdf")));
        assert!(got.headers["content-disposition"].to_str().expect("text").starts_with("attachment; "));
        is_harmless(&got);
        // The open page is told of it.
        let mut stream = city.stream(&format!("{}/stream?after={}", talk.page(), file.seq - 1)).await;
        let (_, told) = stream.next().await;
        assert!(told["html"].as_str().expect("html").contains("申請書.PDF"), "{told}");

        // What the desk cannot send comes back with the words.
        let fields = [("client_id", "client-0003"), ("words", "ご確認ください。")];
        let wrong = desk.post_files(&reply, &fields, "files", &[("手順.docx", b"PK\x03\x04")]).await;
        assert_eq!(wrong.status, 422);
        for part in ["id=\"files-error\"", "「手順.docx」は受け取れない種類です", ">ご確認ください。</textarea>"] {
            assert!(wrong.main().contains(part), "{part}: {}", wrong.main());
        }
        assert_eq!(all(&city, &talk).await.len(), 2);
    }

    async fn no_other_key_opens_it(test: TestDb) {
        let city = City::new(test).await;
        let (talk, other) = (Talk::begin(&city, "").await, Talk::begin(&city, "").await);
        let id = talk.send_file(&city).await;
        for prefix in prefixes() {
            let own = city.get(&format!("{prefix}{}/attachments/{id}", talk.page())).await;
            assert_eq!(own.bytes, b"memo", "{prefix}");
            for wrong in [
                format!("{}/attachments/{id}", other.page()),
                format!("/contacts/{}/{}/attachments/{id}", talk.number, other.key),
                format!("{}/attachments/{}", talk.page(), "x".repeat(36)),
                format!("{}/attachments/%00", talk.page()),
            ] {
                let got = city.get(&format!("{prefix}{wrong}")).await;
                assert!(matches!(got.status.as_u16(), 400 | 404), "{wrong}: {}", got.status);
                assert!(!got.body.contains("memo"));
            }
        }
        let desk = city.staff("operator-1").await;
        assert_eq!(desk.get(&format!("{}/attachments/{id}", talk.desk())).await.bytes, b"memo");
        let elsewhere = desk.get(&format!("{}/attachments/{id}", other.desk())).await;
        assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
        assert_eq!(send(&city.staff, Request::get(format!("{}/attachments/{id}", talk.desk()))).await.status, 303);
        // After an erasure there is nothing to open, and the page says so.
        let mut tx = city.test.db.write().await.expect("write");
        let contact = talk.contact(&city).await.id;
        let clock = city.test.clock.as_ref();
        contact::retention::erase(&mut tx, clock, &mut city.test.rng(), &contact, "job:x").await.expect("erased");
        tx.commit().await.expect("commit");
        assert_eq!(city.get(&format!("{}/attachments/{id}", talk.page())).await.status, StatusCode::NOT_FOUND);
        assert!(city.get(&talk.page()).await.main().contains("このファイルは消去されました。"));
        assert_eq!(desk.get(&format!("{}/attachments/{id}", talk.desk())).await.status, StatusCode::NOT_FOUND);
        assert!(desk.get(&talk.desk()).await.main().contains("消去されたファイル"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_told_beside_the_field_in_every_language() {
    let city = City::new(TestDb::sqlite().await).await;
    let talk = Talk::begin(&city, "").await;
    let long = vec![b'a'; MAX_BYTES + 1];
    let heic: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0";
    for (n, (name, bytes, sentences)) in [
        (
            "page.png",
            &b"<!doctype html><script>alert(1)</script>"[..],
            ["受け取れない種類", "受(う)け取(と)れない", "do not take"],
        ),
        (
            "zu.svg",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            ["受け取れない種類", "受(う)け取(と)れない", "do not take"],
        ),
        ("a.exe", b"MZ\x90\0\x03", ["受け取れない種類", "受(う)け取(と)れない", "do not take"]),
        ("a.jpg", b"\xff\xd8\xff\xe0", ["こわれているか", "こわれて", "damaged"]),
        ("a.pdf", b"", ["中身がありません", "なにも", "nothing in"]),
        ("a.txt", &long, ["大きすぎます。1つ10MB", "10MBまで", "up to 10 MB"]),
        ("IMG_1.HEIC", heic, ["JPEGにして送って", "JPEGに", "as a JPEG"]),
    ]
    .into_iter()
    .enumerate()
    {
        for (prefix, sentence) in prefixes().into_iter().zip(sentences) {
            let client = format!("client-{n:04}");
            let fields = [("client_id", client.as_str()), ("words", "見てください")];
            let path = format!("{prefix}{}/messages", talk.page());
            let wrong = city.post_files(&path, &fields, &[("ok.txt", b"ok"), (name, bytes)]).await;
            assert_eq!(wrong.status, 422, "{name}: {}", wrong.body);
            let error = wrong.main().split("id=\"files-error\" role=\"alert\">").nth(1).expect("beside the field");
            let error = error.split("</p>").next().expect("an end");
            let plain: String = sentence.split(['(', ')']).step_by(2).collect();
            let shown = error.replace("<rp>(</rp>", "").replace("<rp>)</rp>", "");
            let shown: String =
                shown.split("<rt>").map(|p| p.split_once("</rt>").map_or(p, |(_, rest)| rest)).collect();
            let shown = shown.replace("<ruby>", "").replace("</ruby>", "");
            assert!(shown.contains(&plain) && shown.contains(name), "{plain}: {shown}");
            assert!(wrong.main().contains(">見てください</textarea>"), "the words come back");
        }
    }
    let many: Vec<(&str, &[u8])> = vec![("a.txt", b"a"); MAX_FILES + 1];
    let wrong = post(&city, &talk, "client-0100", "", &many).await;
    assert!(wrong.status == 422 && wrong.main().contains("5つまで"), "{}", wrong.body);
    // The page's script gets a sentence, and which field it is about.
    let path = format!("{}/messages", talk.page());
    let request = Request::post(&path)
        .header(header::HOST, "localhost")
        .header("x-requested-with", "chat")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
    let body = parts(&[("client_id", "client-0101")], "files", &[("a.zip", b"PK\x03\x04")]);
    let told = answer(&city.public, request.body(Body::from(body)).expect("request")).await;
    let told: serde_json::Value = serde_json::from_str(&told.body).expect("JSON");
    assert!(told["file"] == true && told["error"].as_str().expect("a sentence").contains("a.zip"), "{told}");
    assert!(all(&city, &talk).await.is_empty() && talk.contact(&city).await.last_seq == 0, "nothing is half-said");
    // Just as large as a file may be.
    assert_eq!(post(&city, &talk, "client-0102", "", &[("a.txt", &long[1..])]).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_form_stores_nothing() {
    let city = City::new(TestDb::sqlite().await).await;
    let talk = Talk::begin(&city, "").await;
    let whole = parts(&[("client_id", "client-0001"), ("words", "質問")], "files", &[("a.txt", b"a")]);
    let cut = "multipart/form-data; boundary=cut";
    let mut not_text = b"--cut\r\ncontent-disposition: form-data; name=\"words\"\r\n\r\n".to_vec();
    not_text.extend(b"\xff\xfe\r\n--cut--\r\n");
    let many = parts(&[("words", "a"); 100], "files", &[]);
    let long = "a".repeat(100_000);
    for (what, kind, body, status) in [
        ("no boundary", "multipart/form-data", whole.clone(), 400),
        ("another boundary", "multipart/form-data; boundary=other", whole.clone(), 400),
        ("no end", cut, whole[..whole.len() - 12].to_vec(), 400),
        ("cut off in a header", cut, whole[..40].to_vec(), 400),
        ("nothing", cut, Vec::new(), 400),
        ("words that are no text", cut, not_text, 400),
        ("parts without end", cut, many, 413),
        ("words without end", cut, parts(&[("words", long.as_str())], "files", &[]), 413),
        ("a form that is too large", "application/x-www-form-urlencoded", format!("words={long}").into_bytes(), 413),
    ] {
        let refused = raw(&city, &talk, kind, body).await;
        assert_eq!(refused.status.as_u16(), status, "{what}: {}", refused.body);
        assert!(refused.main().contains("<h1"), "{what}: {}", refused.body);
    }
    // More than all files together may have.
    let huge = vec![b'a'; MAX_BYTES];
    let refused = post(&city, &talk, "client-0001", "", &[("a.txt", huge.as_slice()); 6]).await;
    assert_eq!(refused.status, 413, "{}", refused.body);
    // Files that nobody named, in fields that nobody knows, and a file where words belong.
    let nameless = b"--cut\r\ncontent-disposition: form-data; name=\"client_id\"\r\n\r\nclient-0002\r\n--cut\r\n\
        content-disposition: form-data; name=\"files\"\r\n\r\nno name\r\n--cut\r\ncontent-disposition: form-data\r\n\r\n\
        no field\r\n--cut--\r\n";
    assert!(all(&city, &talk).await.is_empty() && talk.contact(&city).await.last_seq == 0);
    let taken = raw(&city, &talk, cut, &nameless[..]).await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    assert_eq!(all(&city, &talk).await[0].name.as_deref(), Some("file.txt"));
    // Other forms of the face stay small.
    let large = parts(&[("words", long.as_str())], "files", &[("a.txt", &huge)]);
    let request = Request::post("/contacts").header(header::HOST, "localhost").header(header::CONTENT_TYPE, cut);
    let refused = answer(&city.public, request.body(Body::from(large)).expect("request")).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_floods_with_files_is_stopped_like_anybody() {
    let city = City::new(TestDb::sqlite().await).await;
    let talk = Talk::begin(&city, "人と話したいです").await;
    let here = SocketAddr::from(([10, 200, 0, 9], 1));
    let mut statuses = Vec::new();
    for n in 0..60 {
        let client = format!("client-{n:04}");
        let body = parts(&[("client_id", &client)], "files", &[("a.txt", client.as_bytes())]);
        let mut request = Request::post(format!("{}/messages", talk.page()))
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
            .body(Body::from(body))
            .expect("request");
        request.extensions_mut().insert(ConnectInfo(here));
        statuses.push(answer(&city.public, request).await.status.as_u16());
    }
    assert!(statuses.contains(&303) && statuses.ends_with(&[429]), "{statuses:?}");
}
