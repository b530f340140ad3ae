//! A desk whose cases the house keeps: the same pages, no passphrase, fewer steps.

use axum::http::StatusCode;
use casework::desk_key;
use casework::member::{self, DeskRole};
use testkit::{TestDb, on_both_engines};

use super::office::{Office, write, written};
use crate::support::{Desk, Page};

const DESK: &str = "kurashi";
const NEW: &str = "/sealed/cases/new?desk=kurashi";
const LIST: &str = "/sealed?desk=kurashi";

/// An office that has this desk too, where kurashi-1 and -2 work; kurashi-2 watches its clocks as well.
async fn office(test: TestDb) -> Office {
    let office = Office::open(test).await;
    let premises = office.premises().await;
    let mut rng = (office.city.test.entropy_source())();
    desk_key::prepare(premises.house(), rng.as_mut()).await.expect("prepared");
    for (login, role) in
        [("kurashi-1", DeskRole::Consultant), ("kurashi-2", DeskRole::Consultant), ("kurashi-2", DeskRole::Supervisor)]
    {
        let account = office.account(login).await;
        member::join(premises.house(), "command-line", DESK, &account, role, "理由").await.expect("joined");
    }
    office
}

async fn begun(desk: &Desk<'_>, words: &str) -> (String, Page) {
    let form = [("channel", "phone"), ("speaker", "person"), ("words", words), ("may_call", "yes")];
    let page = desk.post(NEW, &form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let from = page.body.find("href=\"/sealed/cases/").expect("a case") + 20;
    (page.body[from..].split('"').next().expect("an id").to_owned(), page)
}

on_both_engines! {
    async fn a_call_is_written_down_answered_and_ended_without_a_passphrase(test: TestDb) {
        let office = office(test).await;
        let one = office.city.staff("kurashi-1").await;
        // The menu leads to the desk where somebody works.
        assert_eq!(one.get("/sealed").await.location(), LIST);
        let empty = one.get(LIST).await;
        assert_eq!(empty.status, StatusCode::OK);
        assert!(empty.main().contains("くらしの相談") && !empty.main().contains("子どもからの相談"), "{}", empty.main());
        let form = one.get(NEW).await;
        assert!(form.main().contains("家族") && !form.main().contains("学校"), "{}", form.main());
        let (id, page) = begun(&one, "となりの工事の音がうるさい").await;
        assert!(page.main().contains("相談-2026-0001 を受け付けました"), "{}", page.main());
        assert!(!page.body.contains("24時間子供SOS"));
        let listed = one.get(LIST).await;
        assert!(listed.main().contains("となりの工事の音がうるさい") && listed.main().contains("対応開始まで"), "{}", listed.main());
        // There is nothing to lock.
        assert!(!listed.body.contains("窓口を閉じる"));
        let case = one.get(&format!("/sealed/cases/{id}")).await;
        assert_eq!(case.status, StatusCode::OK, "{}", case.body);
        for absent in ["いじめ", "重大事態", "支援金", "勧告", "背景", "似た事案", "学校"] {
            assert!(!case.main().contains(absent), "{absent}: {}", case.main());
        }
        written(&one, &id, "first-actions", &[("done", "現場を見に行った")]).await;
        written(&one, &id, "referrals", &[("to", "環境事業課"), ("reaches_school", "no"), ("purpose", "騒音の測定"), ("consent", "本人、電話で")]).await;
        let two = office.city.staff("kurashi-2").await;
        written(&two, &id, "messages", &[("words", "工事は夕方までになりました")]).await;
        written(&two, &id, "closings", &[("outcome", "resolved"), ("why", "電話で伝えた")]).await;
        let case = two.get(&format!("/sealed/cases/{id}")).await;
        assert!(case.main().contains("解決した・答えた") && case.main().contains("間に合いました"), "{}", case.main());
        assert_eq!(case.headers["cache-control"], "no-store");
    }

    async fn to_all_others_it_is_not_there(test: TestDb) {
        let office = office(test).await;
        let one = office.city.staff("kurashi-1").await;
        let (id, _) = begun(&one, "ひみつの騒音").await;
        // An administrator has no page at all; who works at the bullying desk has that one, and not this case.
        let admin = office.city.staff("kanri-1").await;
        let bullying = office.at_desk("ijime-1").await;
        assert_eq!(admin.get(&format!("/sealed/cases/{id}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(bullying.get(&format!("/sealed/cases/{id}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(bullying.get(LIST).await.location(), "/sealed", "led to what they read");
        let searched = bullying.post(LIST, &[("q", "騒音")]).await;
        assert!(!searched.main().contains("ひみつの騒音"), "{}", searched.main());
        // Nor does the door of this desk open the other: its cases want a passphrase.
        let (sealed, _) = office.told("ないしょ").await;
        let kept = one.get(&format!("/sealed/cases/{sealed}")).await;
        assert_eq!(kept.location(), format!("/sealed/unlock?next=/sealed/cases/{sealed}"));
        for page in ["/sealed/agenda", "/sealed/effect", "/sealed/agenda?desk=kurashi", "/sealed/effect?desk=kurashi"] {
            let page = one.get(page).await;
            assert!(matches!(page.status, StatusCode::NOT_FOUND | StatusCode::SEE_OTHER), "{}: {}", page.status, page.body);
        }
        assert_eq!(one.post("/sealed/cases/new", &[("channel", "phone"), ("speaker", "child"), ("words", "x")]).await.status, StatusCode::UNPROCESSABLE_ENTITY, "the bullying desk's form is kept until it is unlocked");
    }

    async fn somebody_at_both_desks_changes_between_them(test: TestDb) {
        let office = office(test).await;
        let (premises, account) = (office.premises().await, office.account("ijime-1").await);
        member::join(premises.house(), "command-line", DESK, &account, DeskRole::Consultant, "理由").await.expect("joined");
        let desk = office.at_desk("ijime-1").await;
        for (address, current) in [("/sealed", "いじめの相談"), (LIST, "くらしの相談")] {
            let page = desk.get(address).await;
            assert!(page.body.contains(&format!("aria-current=\"true\">{current}</a>")), "{}", page.body);
        }
        // Locked, one desk is closed and the other is not.
        let desk = office.city.staff("ijime-1").await;
        assert!(desk.get("/sealed").await.location().starts_with("/sealed/unlock"));
        assert_eq!(desk.get(LIST).await.status, StatusCode::OK);
    }

    async fn a_party_of_the_case_reads_it_no_more(test: TestDb) {
        let office = office(test).await;
        let (one, two) = (office.city.staff("kurashi-1").await, office.city.staff("kurashi-2").await);
        let (id, _) = begun(&one, "窓口の人のことで").await;
        let address = format!("/sealed/cases/{id}");
        assert_eq!(two.get(&address).await.status, StatusCode::OK);
        let account = office.account("kurashi-2").await;
        let party = [("role", "accused"), ("name", "窓口の人"), ("account", account.as_str())];
        let page = write(&one, &id, "parties", &party).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.main().contains("くらしの相談 相談員 2"), "it says who reads it no more: {}", page.main());
        assert_eq!(two.get(&address).await.status, StatusCode::NOT_FOUND);
        assert!(!two.get(LIST).await.main().contains("窓口の人のことで"));
        let readers = one.get(&format!("{address}/readers")).await;
        assert!(readers.main().contains("窓口の相談員がみな読みます"), "{}", readers.main());
        assert!(!readers.main().contains("読む人に加える"));
        let added = one.post(&format!("{address}/readers"), &[("account", account.as_str())]).await;
        assert_eq!(added.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn its_supervisor_sees_late_clocks(test: TestDb) {
        let office = office(test).await;
        let one = office.city.staff("kurashi-1").await;
        let (id, _) = begun(&one, "ことばの中身").await;
        office.city.test.clock.advance(std::time::Duration::from_secs(15 * 86_400));
        let two = office.city.staff("kurashi-2").await;
        let page = two.get("/sealed/overdue?desk=kurashi").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.main().contains(&id[..8]) && page.main().contains("くらしの相談"), "{}", page.main());
        assert!(!page.main().contains("ことばの中身"));
        let one = office.city.staff("kurashi-1").await;
        assert_eq!(one.get("/sealed/overdue?desk=kurashi").await.status, StatusCode::NOT_FOUND);
        assert_eq!(two.get("/sealed/overdue").await.status, StatusCode::NOT_FOUND);
    }
}
