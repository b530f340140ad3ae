//! Published articles: found true, taken off, moved, given new days.

use knowledge::desk::Settings;
use knowledge::draft::{self, ApproveOutcome};
use knowledge::revision::{self, Kind};
use knowledge::{Field, KnowledgeError, feedback, upkeep};
use store::params;
use testkit::on_both_engines;

use crate::town::{Town, article, audited, bring_in, file, within};

fn codes(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|c| (*c).to_owned()).collect()
}

fn refusals<T: std::fmt::Debug>(outcome: Result<T, KnowledgeError>) -> Vec<(String, String)> {
    match outcome {
        Err(KnowledgeError::Bulk(refusals)) => refusals.into_iter().map(|r| (r.code, r.reason)).collect(),
        other => panic!("{other:?}"),
    }
}

on_both_engines! {
    async fn an_article_is_taken_off_today(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "valid_from=2026-11-23")).await;
        let today = "2026-11-23".parse().expect("day");
        let author = town.desk(&town.author, &test);
        let refused = within!(test.db, tx => upkeep::withdraw(&mut tx, &author, "a", "誤り").await);
        assert!(matches!(refused, Err(KnowledgeError::Forbidden)));
        let approver = town.desk(&town.approver, &test);
        let silent = within!(test.db, tx => upkeep::withdraw(&mut tx, &approver, "a", "").await);
        assert!(matches!(silent, Err(KnowledgeError::Form(p)) if p[0].field == "reason"));
        assert_eq!(within!(test.db, tx => upkeep::withdraw(&mut tx, &approver, "a", "誤り").await).expect("off"), 2);
        assert!(!article(&test, "a").await.is_public(today));
        let again = within!(test.db, tx => upkeep::withdraw(&mut tx, &approver, "a", "誤り").await);
        assert!(matches!(again, Err(KnowledgeError::Rule(_))));
        let mut tx = test.db.read().await.expect("read");
        let stored = revision::version(&mut tx, "a", 2).await.expect("version");
        assert_eq!((stored.kind, stored.note.as_deref()), (Kind::Withdraw, Some("誤り")));
        assert_eq!(revision::history(&mut tx, "a").await.expect("history")[0].changed, [Field::ValidFrom, Field::ValidTo]);
        assert_eq!(audited(&mut tx, "article").await[0].1, "article.withdraw");
    }

    async fn articles_are_found_true_together_or_not_at_all(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a", "b"], "一", "")).await;
        bring_in(&test, &file(&["old"], "一", "valid_to=2026-10-31")).await;
        bring_in(&test, &file(&["tax"], "一", "").replace("kankyo", "kokuho")).await;
        let author = town.desk(&town.author, &test);
        let all = codes(&["a", "old", "tax", "none"]);
        let refused = refusals(within!(test.db, tx => upkeep::recheck(&mut tx, &author, &mut test.rng(), &all).await));
        let told: Vec<_> = refused.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(told, ["none", "old", "tax"]);
        assert!(refused[1].1.contains("掲載が終わって") && refused[2].1.contains("権限"), "{refused:?}");
        assert_eq!(article(&test, "a").await.version, 1, "none was changed");
        let done = within!(test.db, tx => upkeep::recheck(&mut tx, &author, &mut test.rng(), &codes(&["a", "b", "a"])).await);
        assert_eq!(done.expect("done").done, 2);
        let again = within!(test.db, tx => upkeep::recheck(&mut tx, &author, &mut test.rng(), &codes(&["a"])).await);
        assert_eq!(again.expect("done").done, 0, "twice on a day is once");
        let a = article(&test, "a").await;
        assert_eq!((a.version, a.content.checked_on), (2, "2026-11-23".parse().expect("day")));
        assert_eq!(a.content.review_due, Some("2027-11-23".parse().expect("day")));
    }

    async fn a_city_may_want_a_second_person(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a", "b"], "一", "")).await;
        let mut tx = test.db.write().await.expect("write");
        for (name, value) in [("knowledge.review_months", "6"), ("knowledge.recheck_second_person", "true")] {
            tx.execute("INSERT INTO setting (name, value) VALUES ($1, $2)", params![name, value]).await.expect("setting");
        }
        let settings = Settings::load(&mut tx).await.expect("settings");
        assert_eq!(settings, Settings { review_months: 6, recheck_second_person: true });
        tx.commit().await.expect("commit");
        let manager = town.desk(&town.manager, &test);
        let outcome = within!(test.db, tx => upkeep::recheck(&mut tx, &manager, &mut test.rng(), &codes(&["a"])).await).expect("asked");
        assert_eq!((outcome.done, outcome.submitted.len()), (0, 1));
        let both = within!(test.db, tx => upkeep::recheck(&mut tx, &manager, &mut test.rng(), &codes(&["a", "b"])).await);
        assert_eq!(refusals(both).len(), 1);
        assert_eq!(within!(test.db, tx => draft::heads(&mut tx).await).expect("heads").len(), 1, "nothing was left behind");
        let own = town.approve(&test, &town.manager, &outcome.submitted[0], 1).await;
        assert!(matches!(own, Err(KnowledgeError::Rule(_))));
        let approved = town.approve(&test, &town.approver, &outcome.submitted[0], 1).await;
        assert!(matches!(approved, Ok(ApproveOutcome::Published(_))), "{approved:?}");
        let mut tx = test.db.read().await.expect("read");
        let history = revision::history(&mut tx, "a").await.expect("history");
        assert_eq!((history[0].kind, &history[0].changed[..]), (Kind::Recheck, &[Field::CheckedOn, Field::ReviewDue][..]));
        drop(tx);
        assert_eq!(article(&test, "a").await.content.review_due, Some("2027-05-23".parse().expect("day")));
    }

    async fn many_articles_get_a_section_and_days(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a", "b"], "一", "")).await;
        bring_in(&test, &file(&["later"], "一", "valid_from=2027-04-01")).await;
        let all = codes(&["a", "b", "later"]);
        let (manager, coordinator) = (town.desk(&town.manager, &test), town.desk(&town.coordinator, &test));
        let refused = within!(test.db, tx => upkeep::change_section(&mut tx, &manager, &all, "kokuho").await);
        assert!(matches!(refused, Err(KnowledgeError::Forbidden)));
        let unknown = within!(test.db, tx => upkeep::change_section(&mut tx, &coordinator, &all, "nowhere").await);
        assert!(matches!(unknown, Err(KnowledgeError::Rule(_))));
        let last = "2027-03-31".parse().expect("day");
        let refused = refusals(within!(test.db, tx => upkeep::set_valid_to(&mut tx, &manager, &all, Some(last)).await));
        assert_eq!(refused.iter().map(|(c, _)| c.as_str()).collect::<Vec<_>>(), ["later"]);
        let two = codes(&["a", "b"]);
        assert_eq!(within!(test.db, tx => upkeep::set_valid_to(&mut tx, &manager, &two, Some(last)).await).expect("set"), 2);
        assert_eq!(within!(test.db, tx => upkeep::set_valid_to(&mut tx, &manager, &two, Some(last)).await).expect("set"), 0);
        let past = "2026-11-22".parse().expect("day");
        for outcome in [
            within!(test.db, tx => upkeep::set_valid_to(&mut tx, &manager, &two, Some(past)).await),
            within!(test.db, tx => upkeep::set_review_due(&mut tx, &manager, &two, past).await),
            within!(test.db, tx => upkeep::set_review_due(&mut tx, &manager, &[], last).await),
        ] {
            assert!(matches!(outcome, Err(KnowledgeError::Rule(_))), "{outcome:?}");
        }
        assert_eq!(within!(test.db, tx => upkeep::set_review_due(&mut tx, &manager, &two, last).await).expect("set"), 2);
        assert_eq!(within!(test.db, tx => upkeep::change_section(&mut tx, &coordinator, &all, "kokuho").await).expect("moved"), 3);
        let a = article(&test, "a").await;
        assert_eq!((a.version, a.content.section.as_str()), (4, "kokuho"));
        let refused = refusals(within!(test.db, tx => upkeep::set_review_due(&mut tx, &manager, &two, last).await));
        assert_eq!(refused.len(), 2, "it is another section's now");
    }

    async fn words_of_citizens_are_summed_up(test: TestDb) {
        Town::found(&test).await;
        bring_in(&test, &file(&["a", "b"], "一", "")).await;
        let a = article(&test, "a").await;
        let mut rng = test.rng();
        let mut tx = test.db.write().await.expect("write");
        for (helped, text) in [(true, None), (false, Some("期限が分からない")), (false, Some("古い"))] {
            let word = feedback::Feedback { article: &a, lang: city::Lang::Ja, query: None, rank: None, helped };
            let id = feedback::record(&mut tx, test.clock.as_ref(), &mut rng, word).await.expect("word");
            if let Some(text) = text {
                feedback::comment(&mut tx, test.clock.as_ref(), &id, text).await.expect("comment");
            }
            test.clock.advance(feedback::LATELY / 3);
        }
        let summary = feedback::summary(&mut tx, test.clock.as_ref(), &a.id, 1).await.expect("summary");
        assert_eq!((summary.tally.yes, summary.tally.no), (1, 2));
        assert_eq!(summary.comments.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(), ["古い"]);
        test.clock.advance(feedback::LATELY / 3);
        let later = feedback::summary(&mut tx, test.clock.as_ref(), &a.id, 9).await.expect("summary");
        assert_eq!((later.tally.yes, later.tally.no, later.comments.len()), (0, 2, 2));
        let counts = feedback::counts(&mut tx, calendar::Instant::from_millis(0)).await.expect("counts");
        assert_eq!(counts.get(&a.id).map(|t| t.no), Some(2));
        assert_eq!(counts.len(), 1);
    }
}
