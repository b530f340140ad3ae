//! Drafts, answers, returns.

use access::inquiry::{self, Outcome};
use access::{AccessError, Role};
use testkit::on_both_engines;

use super::*;

const TEXT: Answer<'_> = Answer::Text("月曜の朝です。");

on_both_engines! {
    async fn answered_returned_answered_accepted(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        let gomi = author("gomi");
        let save = async |counter: i64, text: &str| {
            acting(&t, &city, &gomi, async |tx, by| {
                inquiry::save_answer_draft(tx, by, &of.id, "gomi", (counter, text)).await
            })
            .await
        };
        assert_eq!(save(1, "月").await.expect("saved"), 2);
        assert_eq!(target(&t, &city, &of, "gomi").await.state, "draft");
        answered(&t, &city, &gomi, (&of.id, "gomi", 2), TEXT).await.expect("answered");
        assert_eq!(refused(save(3, "まだ").await).0, "state");
        let back = async |counter: i64, reason: &str| {
            acting(&t, &city, &asker(), async |tx, by| {
                inquiry::return_with_reason(tx, by, &of.id, "gomi", (counter, reason)).await
            })
            .await
        };
        assert_eq!(refused(back(3, " ").await).0, "reason");
        back(3, "時間も書いてください。").await.expect("returned");
        assert_eq!(refused(back(4, "もう一度").await).0, "state");
        let now = target(&t, &city, &of, "gomi").await;
        assert_eq!((now.state.as_str(), now.returned_reason.as_deref()), ("returned", Some("時間も書いてください。")));
        assert_eq!(now.answer, "月曜の朝です。", "what was written is still there");
        assert_eq!(save(4, "月曜の9時").await.expect("saved"), 5);
        assert_eq!(target(&t, &city, &of, "gomi").await.state, "returned", "a returned one stays in sight");
        answered(&t, &city, &gomi, (&of.id, "gomi", 5), Answer::Text("月曜の9時です。")).await.expect("answered");
        let accept = async |counter| {
            acting(&t, &city, &asker(), async |tx, by| inquiry::accept(tx, by, &of.id, "gomi", counter).await).await
        };
        assert!(matches!(accept(5).await, Err(AccessError::Changed)), "not the answer that was read");
        accept(6).await.expect("accepted");
        assert_eq!(refused(accept(7).await).0, "state");
        assert_eq!(target(&t, &city, &of, "gomi").await.state, "accepted");
        let mut tx = t.db.read().await.expect("read");
        let detail = inquiry::detail(&mut tx, &asker(), &city, day(TODAY), &of.number).await.expect("detail");
        let kinds: Vec<_> = detail.events.iter().map(|e| e.kind.as_str()).collect();
        assert_eq!(kinds, ["opened", "answered", "returned", "answered", "accepted"]);
        assert_eq!((detail.counts.accepted, detail.counts.waiting, detail.counts.replied()), (1, 1, 1));
    }

    async fn it_does_not_apply_with_a_reason(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        let gomi = author("gomi");
        let say = async |said| answered(&t, &city, &gomi, (&of.id, "gomi", 1), said).await;
        assert_eq!(refused(say(Answer::NotApplicable(" ")).await).0, "answer");
        assert_eq!(refused(say(Answer::Text(" ")).await).0, "answer");
        say(Answer::NotApplicable("窓口がありません。")).await.expect("answered");
        acting(&t, &city, &asker(), async |tx, by| inquiry::accept(tx, by, &of.id, "gomi", 2).await)
            .await
            .expect("accepted");
        let now = target(&t, &city, &of, "gomi").await;
        assert_eq!((now.state.as_str(), now.accepted_by.as_deref()), ("not_applicable", Some("asker")));
    }

    async fn of_two_who_answer_at_once_one_is_told(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        let (one, two) = (author("gomi"), holder("approver", Role::Approver, "gomi"));
        let (a, b) = tokio::join!(
            answered(&t, &city, &one, (&of.id, "gomi", 1), Answer::Text("一")),
            answered(&t, &city, &two, (&of.id, "gomi", 1), Answer::Text("二")),
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let kept = if a.is_ok() { "一" } else { "二" };
        assert!(matches!(if a.is_ok() { b } else { a }, Err(AccessError::Changed)));
        assert_eq!(target(&t, &city, &of, "gomi").await.answer, kept);
        assert_eq!(count(&t, "SELECT count(*) AS n FROM inquiry_event WHERE kind = 'answered'").await, 1);
    }

    async fn of_two_drafts_the_second_does_not_overwrite(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        let gomi = author("gomi");
        let save = async |text: &str| {
            acting(&t, &city, &gomi, async |tx, by| {
                inquiry::save_answer_draft(tx, by, &of.id, "gomi", (1, text)).await
            })
            .await
        };
        save("先").await.expect("saved");
        assert!(matches!(save("後").await, Err(AccessError::Changed)));
        assert_eq!(target(&t, &city, &of, "gomi").await.answer, "先");
    }

    async fn only_the_section_itself_answers_and_only_who_asked_decides(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        for who in [author("kosodate"), asker(), holder("c", Role::Coordinator, "gomi"), author("kankyo")] {
            let outcome = answered(&t, &city, &who, (&of.id, "gomi", 1), TEXT).await;
            assert!(matches!(outcome, Err(AccessError::Forbidden)), "{who:?}: {outcome:?}");
        }
        let unknown = answered(&t, &city, &author("kankyo"), (&of.id, "kankyo", 1), TEXT).await;
        assert!(matches!(unknown, Err(AccessError::NotFound)), "was not asked: {unknown:?}");
        answered(&t, &city, &author("gomi"), (&of.id, "gomi", 1), TEXT).await.expect("answered");
        for who in [author("gomi"), holder("m", Role::Manager, "gomi"), author("koho")] {
            let outcomes = [
                acting(&t, &city, &who, async |tx, by| inquiry::accept(tx, by, &of.id, "gomi", 2).await).await,
                acting(&t, &city, &who, async |tx, by| {
                    inquiry::return_with_reason(tx, by, &of.id, "gomi", (2, "理由")).await
                })
                .await,
                acting(&t, &city, &who, async |tx, by| inquiry::close(tx, by, &of.id).await).await,
                acting(&t, &city, &who, async |tx, by| inquiry::cancel(tx, by, &of.id, "理由").await).await,
            ];
            assert!(outcomes.iter().all(|o| matches!(o, Err(AccessError::Forbidden))), "{who:?}: {outcomes:?}");
        }
    }

    async fn the_successor_answers_from_the_first_of_april(t: TestDb) {
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        at(&t, "2027-03-31", 23);
        let early = answered(&t, &city, &author("kankyo"), (&of.id, "gomi", 1), TEXT).await;
        assert!(matches!(early, Err(AccessError::Forbidden)));
        at(&t, "2027-04-01", 0);
        let late = answered(&t, &city, &author("gomi"), (&of.id, "gomi", 1), TEXT).await;
        assert!(matches!(late, Err(AccessError::Forbidden)));
        answered(&t, &city, &author("kankyo"), (&of.id, "gomi", 1), TEXT).await.expect("answered");
        let mut tx = t.db.read().await.expect("read");
        let (sections, _) = inquiry::progress(&mut tx, &city, day("2027-04-01"), &of.id).await.expect("progress");
        let gomi = sections.iter().find(|s| s.section == "gomi").expect("asked");
        assert_eq!((gomi.answers_as.as_deref(), gomi.state.as_str()), (Some("kankyo"), "answered"));
    }

    async fn nothing_goes_on_after_the_end(t: TestDb) {
        let city = founded(&t).await;
        for how in ["closed", "cancelled"] {
            let of = opened(&t, &city).await;
            acting(&t, &city, &asker(), async |tx, by| match how {
                "closed" => inquiry::close(tx, by, &of.id).await,
                _ => inquiry::cancel(tx, by, &of.id, "別の方法で調べました。").await,
            })
            .await
            .expect(how);
            assert_eq!(refused(answered(&t, &city, &author("gomi"), (&of.id, "gomi", 1), TEXT).await).0, "state");
            let again = acting(&t, &city, &asker(), async |tx, by| inquiry::close(tx, by, &of.id).await).await;
            assert_eq!(refused(again).0, "state");
        }
    }

    async fn a_section_answers_when_its_items_are_done(t: TestDb) {
        let city = founded(&t).await;
        let targets = ["gomi".to_owned(), "kosodate".into()];
        let items = [("gomi".to_owned(), "article", "a1"), ("gomi".into(), "article", "a2"), ("kosodate".into(), "article", "a3")];
        let of = acting(&t, &city, &asker(), async |tx, by| {
            inquiry::open(tx, by, NewInquiry { items: &items, ..new(DUE, &targets) }).await
        })
        .await
        .expect("opened");
        let gomi = author("gomi");
        let done = Outcome { result: "confirmed", reference: None, note: None };
        let finish = async |who: &Principal, object: &str| {
            acting(&t, &city, who, async |tx, by| {
                inquiry::finish_item(tx, by, &of.id, ("article", object), done).await
            })
            .await
        };
        let say = async || answered(&t, &city, &gomi, (&of.id, "gomi", 1), Answer::Text("")).await;
        assert!(matches!(finish(&gomi, "a3").await, Err(AccessError::Forbidden)), "another section's");
        assert!(matches!(finish(&gomi, "a9").await, Err(AccessError::NotFound)));
        finish(&gomi, "a1").await.expect("done");
        assert!(matches!(finish(&gomi, "a1").await, Err(AccessError::Changed)), "done already");
        let (field, reason) = refused(say().await);
        assert!(field == "items" && reason.contains("1件"), "{reason}");
        finish(&gomi, "a2").await.expect("done");
        acting(&t, &city, &gomi, async |tx, by| inquiry::reopen_item(tx, by, &of.id, ("article", "a1")).await)
            .await
            .expect("opened again");
        assert_eq!(refused(say().await).0, "items");
        finish(&gomi, "a1").await.expect("done");
        say().await.expect("the items are the answer");
        let reopen = acting(&t, &city, &gomi, async |tx, by| {
            inquiry::reopen_item(tx, by, &of.id, ("article", "a1")).await
        });
        assert_eq!(refused(reopen.await).0, "state");
        let mut tx = t.db.read().await.expect("read");
        let (sections, counts) = inquiry::progress(&mut tx, &city, day(TODAY), &of.id).await.expect("progress");
        let numbers: Vec<_> = sections.iter().map(|s| (s.section.as_str(), s.done, s.total)).collect();
        assert_eq!(numbers, [("gomi", 2, 2), ("kosodate", 0, 1)]);
        assert_eq!((counts.answered, counts.waiting), (1, 1));
    }

    /// Pages run on several threads: what they wait for must be able to move.
    async fn futures_move_between_threads(t: TestDb) {
        fn moves<F: Future + Send>(future: F) -> F {
            future
        }
        let city = founded(&t).await;
        let of = opened(&t, &city).await;
        let (mut rng, who) = (t.rng(), author("gomi"));
        let clock: &dyn Clock = t.clock.as_ref();
        let mut by = Acting { principal: &who, organisation: &city, clock, entropy: &mut rng };
        let mut tx = t.db.write().await.expect("write");
        moves(inquiry::answer(&mut tx, &mut by, &of.id, "gomi", (1, TEXT))).await.expect("answered");
        drop(moves(inquiry::open(&mut tx, &mut by, new(DUE, &[]))));
        drop(moves(inquiry::remind_now(&mut tx, &mut by, "", &[])));
    }
}
