//! Each thing that can be written into a case, done once and refused once.

use std::time::Duration;

use axum::http::StatusCode;
use casework::entry::{Consent, Wishes};

use super::office::{Office, WORDS, refused, seen, write, written};

const DAY: Duration = Duration::from_secs(86_400);

testkit::on_both_engines! {
    async fn a_case_goes_from_its_first_words_to_its_end(test: TestDb) {
        let office = Office::open(test).await;
        let wishes = Wishes { school_may_know: Consent::Unsaid, ..Wishes::default() };
        let (case, reporter) = office.told_with("もう死にたい。くつをすてられた。", wishes).await;
        let me = office.account("ijime-1").await;
        let desk = office.at_desk("ijime-1").await;
        let page = desk.get(&format!("/sealed/cases/{case}")).await;
        assert!(page.main().contains("危険のしるしがあります"), "{}", page.main());
        assert!(page.main().contains("初動まで") && page.main().contains("初動を記録する"), "{}", page.main());
        // What the rules refuse comes first: each with its sentence, and nothing typed is lost.
        refused(&desk, &case, "closings", &[("outcome", "withdrawn"), ("why", "もうよいと言っている")], "危険のしるし").await;
        refused(&desk, &case, "signs-seen", &[("note", "")], "書いてください").await;
        written(&desk, &case, "signs-seen", &[("note", "母に電話し、今夜はいっしょにいる。")]).await;
        assert!(!desk.get(&format!("/sealed/cases/{case}")).await.main().contains("dangerbox"));
        refused(&desk, &case, "stops", &[("on", "2026-11-23"), ("confirmed", "本人が止まったと言う")], "初動を先に").await;
        refused(&desk, &case, "messages", &[("words", " ")], "書いてください").await;
        written(&desk, &case, "messages", &[("words", "話してくれてありがとう。")]).await;
        assert!(office.talk(&reporter).await.contains("ありがとう"));
        written(&desk, &case, "notes", &[("words", "担任にはまだ言わない。")]).await;
        assert!(!office.talk(&reporter).await.contains("担任"), "a note is the desk's");
        refused(&desk, &case, "first-actions", &[("done", "")], "書いてください").await;
        written(&desk, &case, "first-actions", &[("done", "本人と母に電話した。")]).await;
        written(&desk, &case, "hand-overs", &[("to", me.as_str()), ("note", "受けた人が続ける。"), ("until", "")]).await;
        refused(&desk, &case, "mayor-reports", &[("school", "東小学校"), ("child", "5年の子"), ("situation", "くつを捨てられた")], "重大事態の疑い").await;
        refused(&desk, &case, "suspicions", &[("number", ""), ("why", "死にたいと書いた")], "選んでください").await;
        written(&desk, &case, "suspicions", &[("number", "1"), ("why", "死にたいと書いた")]).await;
        assert!(desk.get(&format!("/sealed/cases/{case}")).await.main().contains("1号の疑い"));
        written(&desk, &case, "mayor-reports", &[("school", "東小学校"), ("child", "5年の子"), ("situation", "くつを捨てられ、死にたいと訴え。")]).await;
        let page = desk.get(&format!("/sealed/cases/{case}/mayor-reports/new")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        // Its form opens, and the report is printed in the guideline's form.
        let page = desk.get(&format!("/sealed/cases/{case}")).await;
        let links = page.main().split("/reports/").skip(1).map(|part| part.split('"').next().expect("an id"));
        let entry = links.filter(|id| !id.starts_with("new")).last().expect("a link");
        let printed = desk.get(&format!("/sealed/cases/{case}/reports/{entry}")).await;
        for part in ["学校名", "5年の子", "死にたいと訴え", "第28条第1項", "1号の疑い"] {
            assert!(printed.main().contains(part), "{part}: {}", printed.main());
        }
        // Nothing reaches the school of whoever did not say yes.
        let referral = [("to", "東小学校"), ("reaches_school", "yes"), ("purpose", "見守りの相談"), ("consent", "本人が電話で「いいよ」と言った"), ("participant", "")];
        refused(&desk, &case, "referrals", &referral, "まだ聞いていません").await;
        written(&desk, &case, "wishes", &[("wanted", "くつを返してほしい"), ("school_may_know", "yes"), ("may_call", "yes")]).await;
        refused(&desk, &case, "referrals", &[("to", "東小学校"), ("reaches_school", "yes"), ("purpose", "見守りの相談"), ("consent", "")], "同意なしには").await;
        written(&desk, &case, "referrals", &referral).await;
        let page = desk.get(&format!("/sealed/cases/{case}")).await;
        let id = page.main().split("/referrals/").find_map(|part| part.split_once("/state").map(|(id, _)| id.to_owned())).expect("an id");
        let noun = format!("referrals/{id}/state");
        let answer = write(&desk, &case, &noun, &[("state", "rejected"), ("reason", "")]).await;
        assert!(answer.status == 422 && answer.main().contains("理由を書いてください"), "{}", answer.main());
        written(&desk, &case, &noun, &[("state", "accepted"), ("reason", "校長が受けた。")]).await;
        let answer = write(&desk, &case, &noun, &[("state", "rejected"), ("reason", "やはり無理")]).await;
        assert!(answer.status == 422 && answer.main().contains("そのようには変えられません"), "{}", answer.main());
        // Judged, stopped, watched, resolved, closed.
        refused(&desk, &case, "judgements", &[("is_bullying", ""), ("why", "本人が苦しいと言う")], "選んでください").await;
        written(&desk, &case, "judgements", &[("is_bullying", "yes"), ("why", "本人が苦しいと言う")]).await;
        refused(&desk, &case, "recurrences", &[("on", "2026-11-23"), ("happened", "またかくされた")], "行為が止まったあと").await;
        refused(&desk, &case, "stops", &[("on", "2027-01-01"), ("confirmed", "本人に聞いた")], "先の日付").await;
        written(&desk, &case, "stops", &[("on", "2026-11-23"), ("confirmed", "本人に聞いた")]).await;
        refused(&desk, &case, "closings", &[("outcome", "resolved"), ("why", "もうよいと言っている")], "解消の確認が要ります").await;
        written(&desk, &case, "recurrences", &[("on", "2026-11-23"), ("happened", "またかくされた")]).await;
        written(&desk, &case, "first-actions", &[("done", "学校に電話した。")]).await;
        written(&desk, &case, "stops", &[("on", "2026-11-23"), ("confirmed", "本人と学校に聞いた")]).await;
        refused(&desk, &case, "first-actions", &[("done", "")], "書いてください").await;
        refused(&desk, &case, "reopenings", &[("why", "まだ終わっていない")], "終結していない").await;
        office.city.test.clock.advance(93 * DAY);
        let desk = office.at_desk("ijime-1").await;
        assert!(desk.get(&format!("/sealed/cases/{case}")).await.main().contains("解消を確かめる"));
        refused(&desk, &case, "resolutions", &[("confirmed", "")], "書いてください").await;
        written(&desk, &case, "resolutions", &[("confirmed", "本人がもうだいじょうぶと言う。")]).await;
        refused(&desk, &case, "closings", &[("outcome", ""), ("why", "見守りが終わった")], "選んでください").await;
        written(&desk, &case, "closings", &[("outcome", "resolved"), ("why", "見守りが終わった")]).await;
        refused(&desk, &case, "actions", &[("done", "さらに電話した")], "終結した事案です").await;
        let page = desk.get("/sealed?tab=closed").await;
        assert!(page.main().contains("終結") && page.main().contains(&case), "{}", page.main());
        written(&desk, &case, "reopenings", &[("why", "母から電話があった")]).await;
    }

    async fn tasks_clocks_holds_and_readers(test: TestDb) {
        let office = Office::open(test).await;
        let (case, _) = office.told(WORDS).await;
        let (one, two) = (office.at_desk("ijime-1").await, office.at_desk("ijime-2").await);
        let other = office.account("ijime-2").await;
        let me = office.account("ijime-1").await;
        refused(&one, &case, "tasks", &[("todo", ""), ("owner", "")], "書いてください").await;
        written(&one, &case, "tasks", &[("todo", "母に折り返す"), ("owner", other.as_str())]).await;
        let page = one.get(&format!("/sealed/cases/{case}")).await;
        let task = page.main().split("/tasks/").find_map(|part| part.split_once("/completion").map(|(id, _)| id.to_owned())).expect("a task");
        written(&one, &case, &format!("tasks/{task}/completion"), &[]).await;
        let again = write(&one, &case, &format!("tasks/{task}/completion"), &[]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused(&one, &case, "pauses", &[("clock", ""), ("reason", "本人が入院している")], "選んでください").await;
        written(&one, &case, "pauses", &[("clock", "judgement"), ("reason", "本人が入院している")]).await;
        assert!(one.get(&format!("/sealed/cases/{case}")).await.main().contains("判定 止めています"));
        refused(&one, &case, "pauses", &[("clock", "judgement"), ("reason", "本人が入院している")], "もう止まっています").await;
        written(&one, &case, "resumptions", &[("clock", "judgement")]).await;
        refused(&one, &case, "resumptions", &[("clock", "judgement")], "止まっていません").await;
        // Kept beyond its time.
        let address = format!("/sealed/cases/{case}/holds");
        assert_eq!(one.post(&address, &[("holds", "yes"), ("reason", "")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(one.post(&address, &[("holds", "yes"), ("reason", "裁判があるため")]).await.status, StatusCode::SEE_OTHER);
        assert!(one.get(&format!("/sealed/cases/{case}")).await.main().contains("保全中"));
        // Readers: whoever answers for a case cannot be taken away, oneself neither.
        let page = one.get(&format!("/sealed/cases/{case}/readers")).await;
        assert!(page.main().contains("相談員 2") && page.main().contains("受け付けた"), "{}", page.main());
        written(&one, &case, "hand-overs", &[("to", other.as_str()), ("note", "お願いします"), ("until", "")]).await;
        let gone = one.post(&format!("/sealed/cases/{case}/readers/{other}/removal"), &[]).await;
        assert!(gone.status == 422 && gone.main().contains("担当です"), "{}", gone.main());
        let own = one.post(&format!("/sealed/cases/{case}/readers/{me}/removal"), &[]).await;
        assert!(own.status == 422 && own.main().contains("自分を外す"), "{}", own.main());
        written(&one, &case, "hand-overs", &[("to", me.as_str()), ("note", "もどします"), ("until", "")]).await;
        assert_eq!(one.post(&format!("/sealed/cases/{case}/readers/{other}/removal"), &[]).await.status, 303);
        assert_eq!(two.get(&format!("/sealed/cases/{case}")).await.status, StatusCode::NOT_FOUND);
        assert!(two.get("/sealed").await.main().contains("読める事案は、まだありません"));
        let wrong = one.post(&format!("/sealed/cases/{case}/readers"), &[("account", "")]).await;
        assert!(wrong.status == 422 && wrong.main().contains("加える人を選んで"), "{}", wrong.main());
        assert_eq!(one.post(&format!("/sealed/cases/{case}/readers"), &[("account", &other)]).await.status, 303);
        assert_eq!(two.get(&format!("/sealed/cases/{case}")).await.status, StatusCode::OK);
        assert_eq!(one.post(&format!("/sealed/cases/{case}/glass-shares"), &[]).await.status, 303);
    }

    async fn a_party_of_the_staff_stands_behind_the_wall(test: TestDb) {
        let office = Office::open(test).await;
        let (case, _) = office.told(WORDS).await;
        let (one, two) = (office.at_desk("ijime-1").await, office.at_desk("ijime-2").await);
        let other = office.account("ijime-2").await;
        let me = office.account("ijime-1").await;
        assert_eq!(two.get(&format!("/sealed/cases/{case}")).await.status, StatusCode::OK);
        refused(&one, &case, "parties", &[("role", "victim"), ("name", ""), ("account", ""), ("section", "")], "名前か").await;
        written(&one, &case, "parties", &[("role", "victim"), ("name", "5年の子"), ("account", ""), ("section", "")]).await;
        // Oneself, or one's own section: somebody else must write that down.
        let own = [("role", "accused"), ("name", "わたしのこと"), ("account", me.as_str()), ("section", "")];
        refused(&one, &case, "parties", &own, "引き継いでから").await;
        let form = [("role", "accused"), ("name", "相談員のひとり"), ("account", other.as_str()), ("section", "")];
        let page = write(&one, &case, "parties", &form).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.main().contains("いまからこの事案を読めません") && page.main().contains("相談員 2"), "{}", page.main());
        for path in ["", "/print", "/readers", "/similar", "/notes/new"] {
            assert_eq!(two.get(&format!("/sealed/cases/{case}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert!(!two.get("/sealed").await.main().contains(&case));
        let back = one.post(&format!("/sealed/cases/{case}/readers"), &[("account", &other)]).await;
        assert!(back.status == 422 && back.main().contains("当事者"), "{}", back.main());
    }

    async fn two_write_at_the_same_time_and_nothing_is_lost(test: TestDb) {
        let office = Office::open(test).await;
        let (case, _) = office.told(WORDS).await;
        let (one, two) = (office.at_desk("ijime-1").await, office.at_desk("ijime-2").await);
        let (version, last) = seen(&one, &case).await;
        written(&two, &case, "first-actions", &[("done", "先に母へ電話した。")]).await;
        let form = [("done", "わたしも電話するところでした。"), ("version", version.as_str()), ("seen", last.as_str())];
        let page = one.post(&format!("/sealed/cases/{case}/first-actions"), &form).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        assert!(page.main().contains("ほかの人が記録しました") && page.main().contains("先に母へ電話した。"), "{}", page.main());
        assert!(page.main().contains("わたしも電話するところでした。</textarea>"), "{}", page.main());
        assert!(!page.main().contains(WORDS), "only what is new");
        let (version, last) = (page.hidden("version"), page.hidden("seen"));
        let form = [("done", "わたしも電話しました。"), ("version", version.as_str()), ("seen", last.as_str())];
        assert_eq!(one.post(&format!("/sealed/cases/{case}/actions"), &form).await.status, StatusCode::SEE_OTHER);
    }
}
