//! A file that somebody from outside is given: picked, named, read once more, received.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use casework::entry::{Consent, Wishes};

use super::office::{Office, write, written};
use super::outside::{between, invited, partner_of};
use crate::support::{Desk, Page, answer, parts};

const CONTENT: &[u8] = b"%PDF-1.7 what was written down";
/// An entry that is not there.
const NOBODY: &str = "3f9a12c0-77aa-4b1c-9d2e-0123456789ab";

async fn put(office: &Office, desk: &Desk<'_>, case: &str, name: &str) {
    let fields = [("csrf", desk.csrf.as_str()), ("shown", "case")];
    let request = Request::post(format!("/sealed/cases/{case}/files"))
        .header(header::HOST, "localhost")
        .header(header::COOKIE, &desk.cookie)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
        .body(Body::from(parts(&fields, "file", &[(name, CONTENT)])));
    let page = answer(&office.city.staff, request.expect("request")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
}

/// Id of the last file on a case's page.
fn entry(page: &Page) -> String {
    let link = page.main().rsplit("/files/").next().and_then(|rest| rest.split('"').next()).expect("a file");
    assert_eq!(link.len(), 36, "{}", page.main());
    link.to_owned()
}

fn is_not_there(page: &Page, what: &str) {
    assert_eq!(page.status, StatusCode::NOT_FOUND, "{what}");
    assert!(!page.bytes.windows(4).any(|bytes| bytes == b"%PDF"), "{what}");
}

testkit::on_both_engines! {
    async fn a_participant_receives_the_file_that_was_picked_under_its_new_name(test: TestDb) {
        let office = Office::open(test).await;
        let account = partner_of(&office).await;
        let yes = Wishes { school_may_know: Consent::Yes, ..Wishes::default() };
        let (case, _) = office.told_with("みどりさんに、くつをかくされました。", yes).await;
        let desk = office.at_desk("ijime-1").await;
        written(&desk, &case, "parties", &[("role", "accused"), ("name", "みどり"), ("account", ""), ("section", "")]).await;
        put(&office, &desk, &case, "みどりとの面談.pdf").await;
        put(&office, &desk, &case, "窓口だけの控え.pdf").await;
        let other = entry(&desk.get(&format!("/sealed/cases/{case}")).await);
        let participant = invited(&desk, &case, &account).await;
        let page = desk.get(&format!("/sealed/cases/{case}/participants/{participant}/disclosures/new")).await;
        assert!(page.main().contains("みどりとの面談.pdf") && page.main().contains("窓口だけの控え.pdf"), "{}", page.main());
        let case_page = desk.get(&format!("/sealed/cases/{case}")).await;
        let ids = case_page.main().split("/files/").skip(1).filter_map(|rest| rest.split('"').next());
        let picked = ids.map(str::to_owned).find(|id| *id != other && id.len() == 36).expect("the first file");

        // Read once more: the name is masked, and somebody must have looked into it.
        let draft = write(&desk, &case, &format!("participants/{participant}/drafts"), &[("entry", &picked)]).await;
        assert_eq!(draft.status, StatusCode::OK, "{}", draft.body);
        assert!(draft.main().contains("value=\"○○との面談.pdf\""), "{}", draft.main());
        assert!(draft.main().contains(&format!("/sealed/cases/{case}/files/{picked}")) && draft.main().contains("そのまま渡ります"));
        let disclosures = format!("participants/{participant}/disclosures");
        let [title, words, is_file, looked] = ["title", "words", "file", "looked"].map(|field| format!("{field}-{picked}"));
        let form = [("entry", picked.as_str()), (&title, "面談の記録"), (&words, "二枚目を見てください"), (&is_file, "1")];
        let page = write(&desk, &case, &disclosures, &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.main().contains("中身を確かめ") && page.main().contains("value=\"面談の記録\""), "{}", page.main());
        assert!(page.main().contains("二枚目を見てください"), "what was typed comes back: {}", page.main());
        let form = [&form[..], &[(looked.as_str(), "1")]].concat();
        let nameless: Vec<_> = form.iter().map(|(name, value)| (*name, if *name == title { "" } else { value })).collect();
        let page = write(&desk, &case, &disclosures, &nameless).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "a file needs a name");
        written(&desk, &case, &disclosures, &form).await;
        let page = desk.get(&format!("/sealed/cases/{case}/participants")).await;
        assert!(page.main().contains("面談の記録.pdf") && page.main().contains("二枚目を見てください"), "{}", page.main());
        let told = between(&page, "/disclosures/", "/withdrawal");

        let partner = office.at_desk("kyoi").await;
        let address = format!("/partner/cases/{case}/files/{told}");
        let page = partner.get(&format!("/partner/cases/{case}")).await;
        assert!(page.main().contains("面談の記録.pdf") && page.main().contains(&address), "{}", page.main());
        assert!(!page.body.contains("みどり") && !page.body.contains("窓口だけの控え"), "{}", page.main());
        let got = partner.get(&address).await;
        assert_eq!((got.status, &got.bytes[..]), (StatusCode::OK, CONTENT));
        assert_eq!(got.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(got.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(got.headers[header::CONTENT_SECURITY_POLICY], "default-src 'none'; sandbox");
        let place = got.headers[header::CONTENT_DISPOSITION].to_str().expect("text");
        let name = format!("UTF-8''{}.pdf", crate::support::encode("面談の記録"));
        assert!(place.starts_with("attachment; ") && place.ends_with(&name), "{place}");

        // Nothing else opens: not another file by its entry, not at the desk's address, not for anybody else.
        for (what, path) in [
            ("an entry", format!("/partner/cases/{case}/files/{picked}")),
            ("another file", format!("/partner/cases/{case}/files/{other}")),
            ("nothing", format!("/partner/cases/{case}/files/{NOBODY}")),
            ("another case", format!("/partner/cases/{NOBODY}/files/{told}")),
            ("the desk's address", format!("/sealed/cases/{case}/files/{picked}")),
        ] {
            is_not_there(&partner.get(&path).await, what);
        }
        for login in ["ijime-1", "kaifuku-1", "ijime-kantoku"] {
            is_not_there(&office.at_desk(login).await.get(&address).await, login);
        }
        is_not_there(&office.city.staff("kanri-1").await.get(&address).await, "kanri-1");
        let locked = office.city.staff("kyoi").await.get(&address).await;
        assert!(locked.status == 303 && locked.location().starts_with("/sealed/unlock"), "{}", locked.status);

        written(&desk, &case, &format!("disclosures/{told}/withdrawal"), &[("reason", "まちがえた")]).await;
        is_not_there(&partner.get(&address).await, "taken back");
        assert!(!partner.get(&format!("/partner/cases/{case}")).await.body.contains("面談の記録"));
    }
}
