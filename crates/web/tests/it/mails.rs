//! What is queued becomes a mail that can be read, with a link that leads where it says.

use testkit::on_both_engines;

use crate::desk_drafts::submitted;
use crate::inquiries::asked;
use crate::support::City;

const TOKEN: &str = "00112233445566778899aabbccddeeff";

/// The path of the link of a mail's text.
fn path<'a>(body: &'a str, origin: &str) -> &'a str {
    let from = body.find(origin).unwrap_or_else(|| panic!("no link to {origin} in {body}")) + origin.len();
    body[from..].split_whitespace().next().expect("a path")
}

on_both_engines! {
    async fn who_left_a_question_is_told_where_the_answer_is(test: TestDb) {
        let city = City::new(test).await;
        let form = [("submission", TOKEN), ("body", "粗大ごみを夜に出せますか"), ("mail", "left@example.jp")];
        city.post("/questions", &form).await;
        city.work().await;
        city.answer("質問-2026-0001", "夜には出せません。", None).await;
        let mails = city.mails().await;
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].to, "left@example.jp");
        let page = city.get(path(&mails[0].body, "http://localhost:8080")).await;
        assert!(page.main().contains("value=\"2026-0001\""), "{}", page.main());
        for told in ["粗大ごみ", "夜"] {
            assert!(!mails[0].body.contains(told) && !mails[0].subject.contains(told), "a mail tells nothing of the matter");
        }
    }

    async fn a_new_inquiry_reaches_its_sections(test: TestDb) {
        let city = City::new(test).await;
        let address = asked(&city.staff("chosei").await).await;
        let mails = city.mails().await;
        let mut to: Vec<&str> = mails.iter().map(|m| m.to.trim_end_matches("@minamo.example")).collect();
        to.sort_unstable();
        assert_eq!(to, ["kankyo-sakusei", "kankyo-shonin", "shimin-kanri", "shimin-sakusei", "shimin-shonin"]);
        let shown = city.staff("shimin-sakusei").await.get(path(&mails[0].body, "http://localhost:8081")).await;
        assert_eq!(path(&mails[0].body, "http://localhost:8081"), address);
        assert!(shown.main().contains("窓口の混みぐあい"));
    }

    async fn a_section_is_told_once_of_an_answer_that_ended_and_of_reviews(test: TestDb) {
        let city = City::new(test).await;
        let mut tx = city.test.db.write().await.expect("write");
        let ended = "UPDATE article SET valid_to = '2026-11-22' WHERE code = 'tennyu'";
        let due = "UPDATE article SET review_due = '2026-11-23' WHERE code = 'tenshutsu'";
        for sql in [ended, due] {
            assert_eq!(tx.execute(sql, Vec::new()).await.expect("changed"), 1, "{sql}");
        }
        knowledge::daily::schedule(&mut tx, city.test.clock.as_ref(), &mut city.test.rng()).await.expect("scheduled");
        tx.commit().await.expect("commit");
        let mails = city.mails().await;
        let to: Vec<&str> = mails.iter().map(|m| m.to.as_str()).collect();
        // Whoever may write there: the author and the manager, each of both matters.
        assert_eq!(mails.len(), 4, "{to:?}");
        assert!(to.iter().all(|to| ["shimin-sakusei@minamo.example", "shimin-kanri@minamo.example"].contains(to)));
        let ended = mails.iter().find(|m| m.body.contains("/articles/tennyu")).expect("the answer that ended");
        let page = city.staff("shimin-sakusei").await.get(path(&ended.body, "http://localhost:8081")).await;
        assert_eq!(page.status, 200);
        city.test.clock.advance(std::time::Duration::from_secs(86_400));
        assert_eq!(city.mails().await.len(), 4, "told once");
    }

    async fn approvers_are_told_of_a_draft_and_its_writer_when_it_comes_back(test: TestDb) {
        let city = City::new(test).await;
        let (author, approver) = (city.staff("shimin-sakusei").await, city.staff("shimin-shonin").await);
        let draft = submitted(&author, "14日のうちに。").await;
        let mails = city.mails().await;
        let mut to: Vec<&str> = mails.iter().map(|m| m.to.trim_end_matches("@minamo.example")).collect();
        to.sort_unstable();
        assert_eq!(to, ["shimin-kanri", "shimin-shonin"], "who may approve there");
        assert_eq!(path(&mails[0].body, "http://localhost:8081"), draft);
        city.test.clock.advance(std::time::Duration::from_secs(60));
        approver.post(&format!("{draft}/return"), &[("remark", "受付時間を足してください。")]).await;
        let mails = city.mails().await;
        assert_eq!((mails.len(), mails[0].to.as_str()), (3, "shimin-sakusei@minamo.example"));
        assert!(!mails[0].body.contains("受付時間"), "the remark is on the page alone");
    }
}
