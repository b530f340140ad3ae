//! People from outside, what they are told, meetings, the background of a child, money.

use axum::http::StatusCode;
use casework::entry::{Consent, Wishes};
use casework::member::DeskRole;
use casework::partner;

use super::office::{Office, refused, seen, write, written};
use crate::support::{Desk, Page};

/// What stands between two parts of a page.
pub(super) fn between(page: &Page, before: &str, after: &str) -> String {
    let mut parts = page.main().split(before).skip(1);
    let found =
        parts.find_map(|part| part.split_once(after).map(|(found, _)| found.to_owned()).filter(|f| f.len() == 36));
    found.unwrap_or_else(|| panic!("no {before}…{after}: {}", page.main()))
}

pub(super) async fn partner_of(office: &Office) -> String {
    office.join("kyoi", DeskRole::Partner).await;
    office.key("kyoi").await;
    office.account("kyoi").await
}

/// What the partner reads of the case.
async fn read(office: &Office, case: &str) -> String {
    let premises = office.premises().await;
    let account = office.account("kyoi").await;
    let mut entropy = (office.city.test.entropy_source())();
    let open = casework::member::unlock(premises.house(), entropy.as_mut(), &account, super::office::PASSPHRASE).await;
    let who = casework::member::unlocked(premises.house(), &account, &open.expect("open")).await.expect("open");
    format!("{:?}", partner::read(premises.house(), &who, case).await)
}

pub(super) async fn invited(desk: &Desk<'_>, case: &str, account: &str) -> String {
    let form =
        [("account", account), ("kind", "board"), ("purpose", "見守りの相談"), ("consent", "本人が「いいよ」と言った")];
    written(desk, case, "participants", &form).await;
    between(&desk.get(&format!("/sealed/cases/{case}/participants")).await, "/participants/", "/disclosures/new")
}

testkit::on_both_engines! {
    async fn a_participant_is_told_item_by_item_with_names_masked(test: TestDb) {
        let office = Office::open(test).await;
        let account = partner_of(&office).await;
        let (case, _) = office.told("みどりさんに、くつをかくされました。うちの電話は秘密です。").await;
        let desk = office.at_desk("ijime-1").await;
        let invite = [("account", account.as_str()), ("kind", "board"), ("purpose", "見守りの相談"), ("consent", "本人が「いいよ」と言った")];
        refused(&desk, &case, "participants", &invite, "まだ聞いていません").await;
        written(&desk, &case, "wishes", &[("school_may_know", "yes")]).await;
        refused(&desk, &case, "participants", &[("account", &account), ("kind", "board"), ("purpose", "見守りの相談"), ("consent", "")], "同意なしには").await;
        let participant = invited(&desk, &case, &account).await;
        written(&desk, &case, "parties", &[("role", "accused"), ("name", "みどり"), ("account", ""), ("section", "")]).await;
        assert!(!read(&office, &case).await.contains("くつ"), "nothing is to be seen yet");
        let page = desk.get(&format!("/sealed/cases/{case}/participants/{participant}/disclosures/new")).await;
        assert!(page.main().contains("本人が「いいよ」と言った"), "the consent stands beside it: {}", page.main());
        let entry = between(&page, "name=\"entry\" value=\"", "\"");
        let drafts = format!("participants/{participant}/drafts");
        let page = write(&desk, &case, &drafts, &[]).await;
        assert!(page.status == 422 && page.main().contains("一つ以上えらぶ"), "{}", page.main());
        let page = write(&desk, &case, &drafts, &[("entry", &entry)]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.main().contains("○○に、くつをかくされました"), "{}", page.main());
        assert!(page.main().contains("もとのことば"), "{}", page.main());
        assert!(!read(&office, &case).await.contains("くつ"), "nobody is told by looking");
        let disclosures = format!("participants/{participant}/disclosures");
        let (title, words) = (format!("title-{entry}"), format!("words-{entry}"));
        let page = write(&desk, &case, &disclosures, &[("entry", &entry), (&title, "はじめのことば"), (&words, "")]).await;
        assert!(page.status == 422 && page.main().contains("見せることば"), "{}", page.main());
        written(&desk, &case, &disclosures, &[("entry", &entry), (&title, "はじめのことば"), (&words, "○○に、くつをかくされた。")]).await;
        let told = read(&office, &case).await;
        assert!(told.contains("くつをかくされた。") && !told.contains("みどり") && !told.contains("電話は秘密"), "{told}");
        // Taken back, with a reason.
        let page = desk.get(&format!("/sealed/cases/{case}/participants")).await;
        let disclosure = between(&page, "/disclosures/", "/withdrawal");
        let back = format!("disclosures/{disclosure}/withdrawal");
        let page = write(&desk, &case, &back, &[("reason", "")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.body);
        written(&desk, &case, &back, &[("reason", "あいてを まちがえた")]).await;
        assert!(!read(&office, &case).await.contains("くつをかくされた。"));
        // A referral and a recommendation go to them.
        let referral = [("to", "教育委員会"), ("participant", participant.as_str()), ("reaches_school", "yes"), ("purpose", "休み時間の見守り"), ("consent", "本人が言った")];
        written(&desk, &case, "referrals", &referral).await;
        let said = [("kind", "guidance"), ("participant", participant.as_str()), ("to", "東小学校長"), ("words", "休み時間に見ていること"), ("answer_by", "2026-11-30")];
        written(&desk, &case, "recommendations", &said).await;
        let told = read(&office, &case).await;
        assert!(told.contains("休み時間の見守り") && told.contains("休み時間に見ていること"), "{told}");
        let page = desk.get(&format!("/sealed/cases/{case}")).await;
        let recommendation = between(&page, "/recommendations/", "/answer");
        let answer = format!("recommendations/{recommendation}/answer");
        let page = write(&desk, &case, &answer, &[("words", "")]).await;
        assert!(page.status == 422 && page.main().contains("書いてください"), "{}", page.main());
        written(&desk, &case, &answer, &[("words", "見守りを始めました")]).await;
        assert!(desk.get(&format!("/sealed/cases/{case}")).await.main().contains("見守りを始めました"));
        // Away again.
        let gone = format!("participants/{participant}/removal");
        let page = write(&desk, &case, &gone, &[("reason", "")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.body);
        written(&desk, &case, &gone, &[("reason", "異動した")]).await;
        assert!(read(&office, &case).await.contains("NotFound"));
    }

    async fn a_meeting_is_planned_held_and_judges(test: TestDb) {
        let office = Office::open(test).await;
        let account = partner_of(&office).await;
        let (case, _) = office.told_with("くつをかくされました。", Wishes { school_may_know: Consent::Yes, ..Wishes::default() }).await;
        let desk = office.at_desk("ijime-1").await;
        let me = office.account("ijime-1").await;
        let participant = invited(&desk, &case, &account).await;
        let page = desk.get(&format!("/sealed/cases/{case}/conferences/new")).await;
        let entry = between(&page, &format!("name=\"see-{participant}\" value=\""), "\"");
        let see = format!("see-{participant}");
        let plan = [
            ("kind", "judgement"), ("day", "2026-11-25"), ("time", "13:30"), ("place", "第2会議室"), ("agenda", "判定\nつぎにすること"),
            ("staff", me.as_str()), ("participant", participant.as_str()), (see.as_str(), entry.as_str()), ("others", ""),
        ];
        let without = |name: &str| -> Vec<(&str, &str)> { plan.iter().map(|(n, v)| (*n, if *n == name { "" } else { *v })).collect() };
        for (name, sentence) in [("day", "日付を入れて"), ("time", "時刻を入れて"), ("place", "書いてください"), ("agenda", "議題を一つ以上")] {
            let page = write(&desk, &case, "conferences", &without(name)).await;
            assert!(page.status == 422 && page.main().contains(sentence), "{name}: {}", page.main());
        }
        written(&desk, &case, "conferences", &plan).await;
        let told = read(&office, &case).await;
        assert!(told.contains("第2会議室") && told.contains("くつをかくされました"), "{told}");
        let page = desk.get(&format!("/sealed/cases/{case}/conferences")).await;
        assert!(page.main().contains("13:30") || page.main().contains("13時30分"), "{}", page.main());
        let conference = between(&page, "/conferences/", "/plan");
        let page = desk.get(&format!("/sealed/cases/{case}/conferences/{conference}/plan")).await;
        assert!(page.main().contains("value=\"13:30\"") && page.main().contains("第2会議室"), "{}", page.main());
        let mut changed = plan.to_vec();
        changed[3] = ("place", "第3会議室");
        written(&desk, &case, &format!("conferences/{conference}"), &changed).await;
        assert!(read(&office, &case).await.contains("第3会議室"));
        let minutes = format!("conferences/{conference}/minutes");
        let held = [("minutes", "全員が、いじめであると考えた。"), ("is_bullying", "yes"), ("why", ""), ("decision-0", "席をかえる"), ("owner-0", me.as_str())];
        let page = write(&desk, &case, &minutes, &held).await;
        assert!(page.status == 422 && page.main().contains("判定の理由"), "{}", page.main());
        assert!(page.main().contains("全員が、いじめであると考えた。") && page.main().contains("席をかえる"), "{}", page.main());
        let mut held = held.to_vec();
        held[2] = ("why", "本人が苦しいと言う");
        written(&desk, &case, &minutes, &held).await;
        let page = desk.get(&format!("/sealed/cases/{case}")).await;
        assert!(page.main().contains("いじめと判定") && page.main().contains("席をかえる"), "{}", page.main());
        assert!(!read(&office, &case).await.contains("全員が"), "minutes are the desk's until they are shown");
        let again = write(&desk, &case, &minutes, &held).await;
        assert!(again.status == 422, "{}", again.status);
    }

    async fn a_meeting_is_called_off_and_a_recommendation_taken_back(test: TestDb) {
        let office = Office::open(test).await;
        let wishes = Wishes { school_may_know: Consent::Yes, ..Wishes::default() };
        let (case, _) = office.told_with("くつをかくされました。", wishes).await;
        let desk = office.at_desk("ijime-1").await;
        let me = office.account("ijime-1").await;
        let plan = [
            ("kind", "case"), ("day", "2026-11-25"), ("time", "13:30"), ("place", "第2会議室"), ("agenda", "見守り"),
            ("staff", me.as_str()), ("others", ""),
        ];
        written(&desk, &case, "conferences", &plan).await;
        let list = format!("/sealed/cases/{case}/conferences");
        let conference = between(&desk.get(&list).await, "/conferences/", "/plan");
        let off = format!("conferences/{conference}/cancellation");
        // The form comes back open at its meeting, with the reason asked for.
        let page = write(&desk, &case, &off, &[("reason", " ")]).await;
        assert!(page.status == 422 && page.main().contains("<details open>") && page.main().contains("書いてください"), "{}", page.main());
        written(&desk, &case, &off, &[("reason", "学校の都合がつかない")]).await;
        let page = desk.get(&list).await;
        assert!(page.main().contains("取りやめ</span>") && page.main().contains("学校の都合がつかない"), "{}", page.main());
        assert!(!page.main().contains("会議録を書く") && !page.main().contains("会議を取りやめる"), "{}", page.main());
        let edit = desk.get(&format!("{list}/{conference}/plan")).await;
        assert!(edit.status == 404, "{}", edit.status);
        assert!(!desk.get(&format!("/sealed/cases/{case}")).await.main().contains("これからの会議"));

        let said = [("kind", "request"), ("to", "東小学校長"), ("words", "席を替えてください"), ("answer_by", "2026-12-10")];
        written(&desk, &case, "recommendations", &said).await;
        let page = desk.get(&format!("/sealed/cases/{case}")).await;
        let recommendation = between(&page, "/recommendations/", "/withdrawal");
        let off = format!("recommendations/{recommendation}/withdrawal");
        refused(&desk, &case, &off, &[("reason", "")], "書いてください").await;
        written(&desk, &case, &off, &[("reason", "本人が望まなくなったため")]).await;
        let page = desk.get(&format!("/sealed/cases/{case}")).await;
        assert!(page.main().contains("取り下げた理由: 本人が望まなくなったため"), "{}", page.main());
        assert!(!page.main().contains("回答を記録する"), "nothing is waited for");
        refused(&desk, &case, &off, &[("reason", "もう一度です。")], "取り下げられました").await;
    }

    async fn the_background_is_read_by_whoever_wrote_it(test: TestDb) {
        let office = Office::open(test).await;
        let (case, _) = office.told("くつをかくされました。").await;
        let (one, two) = (office.at_desk("ijime-1").await, office.at_desk("ijime-2").await);
        let other = office.account("ijime-2").await;
        refused(&one, &case, "backgrounds", &[("child", "victim"), ("words", "弟の世話をしている")], "一つ以上えらんで").await;
        written(&one, &case, "backgrounds", &[("child", "victim"), ("matter", "2"), ("words", "弟の世話をしている")]).await;
        let address = format!("/sealed/cases/{case}/backgrounds");
        assert!(one.get(&address).await.main().contains("弟の世話をしている"));
        for path in ["", "/backgrounds", "/print"] {
            let page = two.get(&format!("/sealed/cases/{case}{path}")).await;
            assert!(page.status == 200 && !page.main().contains("弟の世話"), "{path}: {}", page.main());
        }
        let form = [("account", other.as_str())];
        assert_eq!(two.post(&format!("{address}/victim/readers"), &form).await.status, StatusCode::NOT_FOUND);
        assert_eq!(one.post(&format!("{address}/victim/readers"), &form).await.status, StatusCode::SEE_OTHER);
        assert!(two.get(&address).await.main().contains("弟の世話をしている"));
        assert_eq!(one.post(&format!("{address}/victim/readers/{other}/removal"), &[]).await.status, StatusCode::SEE_OTHER);
        assert!(!two.get(&address).await.main().contains("弟の世話"));
    }

    async fn money_is_asked_for_granted_and_paid(test: TestDb) {
        let office = Office::open(test).await;
        let (case, _) = office.told("くつをかくされました。").await;
        let desk = office.at_desk("ijime-1").await;
        refused(&desk, &case, "supports", &[("kind", "lawyer"), ("words", "弁護士に相談する"), ("amount_yen", "たくさん")], "数字だけで").await;
        written(&desk, &case, "supports", &[("kind", "lawyer"), ("words", "弁護士に相談する"), ("amount_yen", "１２０，０００円")]).await;
        let page = desk.get(&format!("/sealed/cases/{case}")).await;
        assert!(page.main().contains("120,000円"), "{}", page.main());
        let support = between(&page, "/supports/", "/state");
        let state = format!("supports/{support}/state");
        assert_eq!(desk.get(&format!("/sealed/cases/{case}/{state}")).await.status, StatusCode::OK);
        refused(&desk, &case, &state, &[("state", "paid"), ("amount_yen", ""), ("reason", "")], "そのようには変えられません").await;
        written(&desk, &case, &state, &[("state", "examining"), ("amount_yen", ""), ("reason", "")]).await;
        refused(&desk, &case, &state, &[("state", "refused"), ("amount_yen", ""), ("reason", "")], "承認しない理由").await;
        refused(&desk, &case, &state, &[("state", "granted"), ("amount_yen", ""), ("reason", "")], "決定した金額").await;
        written(&desk, &case, &state, &[("state", "granted"), ("amount_yen", "100000"), ("reason", "")]).await;
        written(&desk, &case, &state, &[("state", "paid"), ("amount_yen", ""), ("reason", "")]).await;
        let page = desk.get(&format!("/sealed/cases/{case}")).await;
        assert!(page.main().contains("支払済み") && page.main().contains("100,000円"), "{}", page.main());
        let (version, _) = seen(&desk, &case).await;
        assert!(version.parse::<i64>().expect("a number") > 4);
    }
}
