//! Pictures and files of a talk.

use axum::body::Body;
use axum::http::{Request, header};
use casework::attachment::{self, MAX_PICTURE};
use casework::entry::{Shown, What};
use testkit::{TestDb, on_both_engines};

use super::{Fields, desk, hidden, opened, premises, press, reported, unlocked, viewed};
use crate::support::{City, Page, answer, parts};

/// The smallest JPEG that there is.
const DOT: &[u8] = &[
    0xff, 0xd8, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x03, 0x02, 0x02, 0x02, 0x02, 0x02, 0x03, 0x02, 0x02, 0x02, 0x03, 0x03,
    0x03, 0x03, 0x04, 0x06, 0x04, 0x04, 0x04, 0x04, 0x04, 0x08, 0x06, 0x06, 0x05, 0x06, 0x09, 0x08, 0x0a, 0x0a, 0x09,
    0x08, 0x09, 0x09, 0x0a, 0x0c, 0x0f, 0x0c, 0x0a, 0x0b, 0x0e, 0x0b, 0x09, 0x09, 0x0d, 0x11, 0x0d, 0x0e, 0x0f, 0x10,
    0x10, 0x11, 0x10, 0x0a, 0x0c, 0x12, 0x13, 0x12, 0x10, 0x13, 0x0f, 0x10, 0x10, 0x10, 0xff, 0xc9, 0x00, 0x0b, 0x08,
    0x00, 0x01, 0x00, 0x01, 0x01, 0x01, 0x11, 0x00, 0xff, 0xcc, 0x00, 0x06, 0x00, 0x10, 0x10, 0x05, 0xff, 0xda, 0x00,
    0x08, 0x01, 0x01, 0x00, 0x00, 0x3f, 0x00, 0xd2, 0xcf, 0x20, 0xff, 0xd9,
];

/// A picture of one dot that says where it was made.
fn jpeg() -> Vec<u8> {
    let comment = b"GPS 34.58 135.62 Camera-Of-A-Child";
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xfe];
    bytes.extend((comment.len() as u16 + 2).to_be_bytes());
    bytes.extend(comment);
    bytes.extend(&DOT[2..]);
    bytes
}

async fn send(city: &City, talk: &Page, words: &str, files: &[(&str, &[u8])]) -> Page {
    let mut fields: Fields = hidden(talk, "name=\"files\"");
    fields.push(("words".into(), words.into()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let request = Request::post("/room")
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
    answer(&city.public, request.body(Body::from(parts(&fields, "files", files))).expect("request")).await
}

/// Name, size and content of the files that the reporter sent, as the desk gets them.
async fn received(city: &City) -> Vec<(String, Vec<u8>)> {
    let premises = premises(city).await;
    let mut all = Vec::new();
    for placed in viewed(city).await.file.entries {
        if let What::Attached(file) = placed.entry.what {
            let mut content = Vec::new();
            attachment::open(premises.blobs().as_ref(), &file, &mut content).expect("whole");
            all.push((file.name, content));
        }
    }
    all
}

async fn blobs(city: &City) -> usize {
    premises(city).await.blobs().all().expect("files").len()
}

on_both_engines! {
    async fn a_picture_comes_without_its_place_and_a_file_of_the_desk_goes_out(test: TestDb) {
        let city = City::new(test).await;
        desk(&city).await;
        let digits = reported(&city).await;
        let talk = opened(&city, &digits).await;
        let picture = jpeg();
        let name = "../../<b>\u{202e}写真%22.jpg";
        let sent = send(&city, &talk, "見てください", &[(name, &picture), ("メモ.txt", "日記".as_bytes()), ("", b"")]).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
        assert!(!sent.main().contains("<b>\u{202e}") && sent.main().contains("メモ.txt"), "{}", sent.main());
        let files = received(&city).await;
        assert_eq!(files.len(), 2);
        assert!(!files[0].0.contains('/') && !files[0].0.contains('\u{202e}'), "{}", files[0].0);
        assert!(files[0].1.starts_with(&[0xff, 0xd8]));
        let holds = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|w| w == text);
        assert!(holds(&picture, b"135.62") && !holds(&files[0].1, b"135.62"), "the place is gone");
        assert_eq!(files[1], ("メモ.txt".to_owned(), "日記".as_bytes().to_vec()));
        // The same form once more changes nothing.
        assert_eq!(send(&city, &talk, "見てください", &[("x.txt", b"x")]).await.status, 200);
        assert_eq!((received(&city).await.len(), blobs(&city).await), (2, 2));

        let (place, who, case) = (premises(&city).await, unlocked(&city).await, viewed(&city).await.clear.id);
        let mut rng = (city.test.entropy_source())();
        let blobs = place.blobs().as_ref();
        let content = "返事の紙。".repeat(20_000);
        let mut upload = attachment::begin(place.house(), rng.as_mut(), blobs, &who, &case, (Shown::Talk, "お返事\".txt")).await.expect("begun");
        upload.take(content.as_bytes()).expect("taken");
        attachment::attach(place.house(), rng.as_mut(), &who, upload.finish().expect("whole")).await.expect("attached");
        let talk = press(&city, "", (&talk, "value=\"talk\""), &[("go", "talk")]).await;
        let id = talk.main().split("name=\"file\" value=\"").nth(1).expect("a file").split('"').next().expect("an id").to_owned();
        assert_eq!(talk.main().matches("name=\"file\"").count(), 1, "one's own files are not handed out again");
        let session = talk.hidden("session");
        let got = city.post("/room", &[("session", &session), ("file", &id)]).await;
        assert_eq!((got.status.as_u16(), got.bytes == content.as_bytes()), (200, true));
        assert_eq!(got.headers["cache-control"], "no-store");
        assert_eq!(got.headers["content-type"], "application/octet-stream");
        assert_eq!(got.headers["content-security-policy"], "default-src 'none'; sandbox");
        let place = got.headers["content-disposition"].to_str().expect("text");
        assert!(place.starts_with("attachment; ") && !place.contains('/'), "{place}");
        for (session, file) in [(session.as_str(), "x"), ("x.y.z", id.as_str())] {
            let page = city.post("/room", &[("session", session), ("file", file)]).await;
            assert!(page.status.is_client_error() && !page.body.contains("返事の紙"), "{}", page.status);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_told_beside_the_field_and_nothing_stays() {
    let city = City::new(TestDb::sqlite().await).await;
    desk(&city).await;
    let digits = reported(&city).await;
    let talk = opened(&city, &digits).await;
    let mut large = jpeg();
    large.resize(MAX_PICTURE + 1, 0);
    let heic: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let many: Vec<(&str, &[u8])> = vec![("a.txt", b"a"); 6];
    let first: (&str, &[u8]) = ("ok.txt", b"ok");
    for (what, files) in [
        ("heic", vec![first, ("a.jpg", heic)]),
        ("broken", vec![first, ("a.jpg", &[0xff, 0xd8, 0xff, 0xe0, 0x00])]),
        ("empty", vec![first, ("a.txt", b"")]),
        ("large", vec![first, ("a.jpg", &large)]),
        ("many", many),
    ] {
        let page = send(&city, &talk, "ことば", &files).await;
        assert_eq!(page.status, 422, "{what}: {}", page.body);
        assert!(page.main().contains("id=\"files-error\" role=\"alert\""), "{what}");
        assert!(page.main().contains(">ことば</textarea>"), "{what}: the words come back");
        assert_eq!((received(&city).await.len(), blobs(&city).await), (0, 0), "{what}");
    }
    // Who has no open talk sends nothing, and nobody reads it.
    let fields = [("session", "x"), ("form", "x"), ("go", "say"), ("words", "だれか")];
    let request = Request::post("/room")
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
    let body = parts(&fields, "files", &[("a.txt", b"a")]);
    let page = answer(&city.public, request.body(Body::from(body)).expect("request")).await;
    assert_eq!(page.status, 422);
    // A form that is cut off leaves nothing.
    let mut fields: Fields = hidden(&talk, "name=\"files\"");
    fields.push(("words".into(), "x".into()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let whole = parts(&fields, "files", &[("a.txt", &[b'a'; 200_000])]);
    let request = Request::post("/room")
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
    let page =
        answer(&city.public, request.body(Body::from(whole[..whole.len() - 50_000].to_vec())).expect("request")).await;
    assert_eq!(page.status, 400, "{}", page.body);
    assert_eq!((received(&city).await.len(), blobs(&city).await), (0, 0));
    // Words without a file go the same way.
    assert_eq!(send(&city, &talk, "ことばだけ", &[("", b"")]).await.status, 200);
    assert!(
        viewed(&city)
            .await
            .file
            .entries
            .iter()
            .any(|p| matches!(&p.entry.what, What::Said { words } if words == "ことばだけ"))
    );
}
