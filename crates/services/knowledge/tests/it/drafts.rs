//! 原稿: written, approved, published; two people at once.

use std::time::Duration;

use city::Lang;
use knowledge::draft::{self, ApproveOutcome, Changes, Opening, SaveOutcome, State};
use knowledge::revision::{self, Kind};
use knowledge::{ArticleText, Field, KnowledgeError, question};
use testkit::on_both_engines;

use crate::town::{Town, article, audited, bring_in, file, summarised, summary, within};

fn is_rule<T: std::fmt::Debug>(outcome: Result<T, KnowledgeError>, word: &str) {
    match outcome {
        Err(KnowledgeError::Rule(sentence)) => assert!(sentence.contains(word), "{sentence}"),
        other => panic!("{other:?}"),
    }
}

fn version_of(outcome: Result<ApproveOutcome, KnowledgeError>) -> i64 {
    match outcome {
        Ok(ApproveOutcome::Published(published)) => published.version,
        other => panic!("{other:?}"),
    }
}

on_both_engines! {
    async fn a_change_is_written_returned_and_published(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        let (draft, edit) = town.submitted(&test, "a", "二").await;
        assert_eq!((draft.base_version, edit), (1, 2));
        let approver = town.desk(&town.approver, &test);
        let empty = within!(test.db, tx => draft::send_back(&mut tx, &approver, &draft.id, " ").await);
        assert!(matches!(empty, Err(KnowledgeError::Form(p)) if p[0].field == "remark"));
        within!(test.db, tx => draft::send_back(&mut tx, &approver, &draft.id, "期限も書いてください").await).expect("returned");
        is_rule(town.approve(&test, &town.approver, &draft.id, edit).await, "承認待ちではありません");
        let author = town.desk(&town.author, &test);
        within!(test.db, tx => draft::submit(&mut tx, &author, &draft.id, edit).await).expect("again");
        assert_eq!(version_of(town.approve(&test, &town.approver, &draft.id, edit).await), 2);
        let a = article(&test, "a").await;
        assert_eq!((a.version, summary(&a.content)), (2, "二"));
        assert_eq!(a.content.checked_on, "2026-11-23".parse().expect("day"));
        assert_eq!(a.content.review_due, Some("2027-11-23".parse().expect("day")));
        let mut tx = test.db.read().await.expect("read");
        let stored = revision::version(&mut tx, "a", 2).await.expect("version");
        assert_eq!((stored.kind, stored.actor.as_str()), (Kind::Publish, "author"));
        assert_eq!((stored.approved_by.as_deref(), stored.note.as_deref()), (Some("approver"), Some("要約を直した")));
        let steps = draft::events(&mut tx, &author, &draft.id).await.expect("steps");
        let kinds: Vec<_> = steps.iter().map(|e| e.kind.as_str()).collect();
        assert_eq!(kinds, ["made", "submitted", "returned", "submitted", "approved"]);
        assert_eq!(steps[2].remark.as_deref(), Some("期限も書いてください"));
        assert_eq!(draft::get(&mut tx, &author, &draft.id).await.expect("draft").state, State::Published);
        let told = audited(&mut tx, "article").await;
        let expected = ("account:approver".into(), "article.publish".into(), "checked_on,review_due,summary".into());
        assert_eq!(told, [expected]);
        assert!(audited(&mut tx, "draft").await.iter().any(|e| e.1 == "draft.save" && e.2 == "summary,note"));
    }

    async fn nobody_approves_what_they_wrote_and_nobody_in_another_section(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        let (draft, edit) = town.written(&test, "a", "二").await;
        // The manager corrects a word: from then on it is the manager's text too.
        let manager = town.desk(&town.manager, &test);
        let changes = summarised(&draft, "三");
        let saved = within!(test.db, tx => draft::save(&mut tx, &manager, &mut test.rng(), &draft.id, edit, changes).await);
        assert_eq!(saved.expect("saved"), SaveOutcome::Saved { edit: 3 });
        within!(test.db, tx => draft::submit(&mut tx, &manager, &draft.id, 3).await).expect("submitted");
        is_rule(town.approve(&test, &town.manager, &draft.id, 3).await, "自分が書いた");
        for who in [&town.author, &town.stranger] {
            let refused = town.approve(&test, who, &draft.id, 3).await;
            assert!(matches!(refused, Err(KnowledgeError::Forbidden)), "{refused:?}");
        }
        let stranger = town.desk(&town.stranger, &test);
        let mut tx = test.db.read().await.expect("read");
        assert!(matches!(draft::get(&mut tx, &stranger, &draft.id).await, Err(KnowledgeError::Forbidden)));
        assert!(stranger.visible(draft::heads(&mut tx).await.expect("heads")).is_empty());
        assert_eq!(manager.visible(draft::heads(&mut tx).await.expect("heads")).len(), 1);
        drop(tx);
        let opened = within!(test.db, tx => draft::open(&mut tx, &stranger, &mut test.rng(), Opening::Article { code: "a" }).await);
        assert!(matches!(opened, Err(KnowledgeError::Forbidden)));
        let saved = within!(test.db, tx => draft::save(&mut tx, &stranger, &mut test.rng(), &draft.id, 3, summarised(&draft, "x")).await);
        assert!(matches!(saved, Err(KnowledgeError::Forbidden)));
        assert_eq!(version_of(town.approve(&test, &town.approver, &draft.id, 3).await), 2);
    }

    async fn two_sections_agree_when_an_article_moves(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        let (draft, edit) = town.written(&test, "a", "二").await;
        let author = town.desk(&town.author, &test);
        let mut changes = summarised(&draft, "二");
        changes.content.section = "kokuho".into();
        within!(test.db, tx => draft::save(&mut tx, &author, &mut test.rng(), &draft.id, edit, changes).await).expect("saved");
        within!(test.db, tx => draft::submit(&mut tx, &author, &draft.id, 3).await).expect("the writer still may");
        for who in [&town.approver, &town.stranger] {
            let refused = town.approve(&test, who, &draft.id, 3).await;
            assert!(matches!(refused, Err(KnowledgeError::Forbidden)), "{refused:?}");
        }
        assert_eq!(version_of(town.approve(&test, &town.coordinator, &draft.id, 3).await), 2);
        assert_eq!(article(&test, "a").await.content.section, "kokuho");
    }

    async fn remarks_of_two_people_stand_beside_each_other(test: TestDb) {
        let town = Town::found(&test).await;
        let (author, second) = (town.desk(&town.author, &test), town.desk(&town.second, &test));
        let mut rng = test.rng();
        let section = "kankyo";
        let draft = within!(test.db, tx => draft::open(&mut tx, &author, &mut rng, Opening::New { section }).await).expect("draft");
        let sent = |code: &str, note: &str| Changes { code: code.into(), note: note.into(), content: draft.content.clone() };
        let first = sent("a", "電話番号を直した");
        within!(test.db, tx => draft::save(&mut tx, &author, &mut rng, &draft.id, 1, first).await).expect("saved");
        // The other one read the same number and changed nothing but code and remark.
        let other = sent("b", "料金を直した");
        let saved = within!(test.db, tx => draft::save(&mut tx, &second, &mut rng, &draft.id, 1, other).await).expect("saved");
        assert!(matches!(saved, SaveOutcome::Saved { edit: 3 }), "{saved:?}");
        let now = within!(test.db, tx => draft::get(&mut tx, &author, &draft.id).await).expect("draft");
        assert_eq!((now.code.as_str(), now.note.as_str()), ("a", "電話番号を直した\n料金を直した\n記事コードの別の案: b"));
        // The same once more adds nothing.
        let again = sent("b", "料金を直した");
        within!(test.db, tx => draft::save(&mut tx, &second, &mut rng, &draft.id, 1, again).await).expect("saved");
        let now = within!(test.db, tx => draft::get(&mut tx, &author, &draft.id).await).expect("draft");
        assert_eq!((now.edit, now.note.lines().count()), (3, 3));
    }

    async fn two_people_write_in_one_and_nothing_is_lost(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        let (author, second) = (town.desk(&town.author, &test), town.desk(&town.second, &test));
        let mut rng = test.rng();
        let mine = within!(test.db, tx => draft::open(&mut tx, &author, &mut rng, Opening::Article { code: "a" }).await).expect("mine");
        let theirs = within!(test.db, tx => draft::open(&mut tx, &second, &mut rng, Opening::Article { code: "a" }).await).expect("theirs");
        assert_eq!((&mine.id, mine.edit), (&theirs.id, theirs.edit));
        within!(test.db, tx => draft::heartbeat(&mut tx, &second, &mine.id).await).expect("seen");
        let others = within!(test.db, tx => draft::heartbeat(&mut tx, &author, &mine.id).await).expect("others");
        assert_eq!(others.iter().map(|p| p.account.as_str()).collect::<Vec<_>>(), ["second"]);
        test.clock.advance(Duration::from_secs(31));
        assert!(within!(test.db, tx => draft::heartbeat(&mut tx, &author, &mine.id).await).expect("others").is_empty());

        // Both save at once, from two processes.
        let (one, two) = (test.db.clone(), test.again().await);
        let (mut rng_one, mut rng_two) = (test.rng(), test.rng());
        let first = async {
            within!(one, tx => draft::save(&mut tx, &author, &mut rng_one, &mine.id, 1, summarised(&mine, "私の要約")).await)
        };
        let mut changes = summarised(&mine, "別の要約");
        changes.content.texts.get_mut(&Lang::Ja).expect("ja").facts.fee = Some("300円".into());
        let other = async { within!(two, tx => draft::save(&mut tx, &second, &mut rng_two, &mine.id, 1, changes).await) };
        let (first, other) = tokio::join!(first, other);
        let (lost, loser, their_text) = match (first.expect("saved"), other.expect("saved")) {
            (SaveOutcome::Saved { edit: 2 }, lost @ SaveOutcome::Conflict { .. }) => (lost, &second, "私の要約"),
            (lost @ SaveOutcome::Conflict { .. }, SaveOutcome::Saved { edit: 2 }) => (lost, &author, "別の要約"),
            both => panic!("{both:?}"),
        };
        let SaveOutcome::Conflict { theirs, edit: 2, rescue, .. } = lost else { panic!("{lost:?}") };
        assert_eq!(summary(&theirs), their_text);
        let rescues = within!(test.db, tx => draft::rescues(&mut tx, loser, &mine.id).await).expect("rescues");
        assert_eq!(rescues.len(), 1);
        assert_ne!(summary(&rescues[0].content), their_text, "what was typed is kept");
        let stale = within!(test.db, tx => draft::merge_rescue(&mut tx, loser, &rescue, 1, &[]).await);
        assert!(matches!(stale, Err(KnowledgeError::Changed)));
        let merged = within!(test.db, tx => draft::merge_rescue(&mut tx, loser, &rescue, 2, &[(Field::Summary, Lang::Ja)]).await);
        assert_eq!(merged.expect("merged"), SaveOutcome::Saved { edit: 3 });
        let now = within!(test.db, tx => draft::get(&mut tx, loser, &mine.id).await).expect("draft");
        assert_eq!(summary(&now.content), summary(&rescues[0].content));
        assert!(within!(test.db, tx => draft::rescues(&mut tx, loser, &mine.id).await).expect("rescues").is_empty());
        // Sending the same again is no conflict.
        let same = Changes { code: now.code.clone(), content: now.content.clone(), note: now.note.clone() };
        let again = within!(test.db, tx => draft::save(&mut tx, loser, &mut test.rng(), &mine.id, 1, same).await);
        assert_eq!(again.expect("same"), SaveOutcome::Saved { edit: 3 });
    }

    async fn of_two_approvals_at_once_one_publishes(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        let (draft, edit) = town.submitted(&test, "a", "二").await;
        let (one, two) = (test.db.clone(), test.again().await);
        let (approver, manager) = (town.desk(&town.approver, &test), town.desk(&town.manager, &test));
        let (mut rng_one, mut rng_two) = (test.rng(), test.rng());
        let first = async { within!(one, tx => draft::approve(&mut tx, &approver, &mut rng_one, &draft.id, edit).await) };
        let second = async { within!(two, tx => draft::approve(&mut tx, &manager, &mut rng_two, &draft.id, edit).await) };
        let (first, second) = tokio::join!(first, second);
        let published = [&first, &second].into_iter().filter(|o| o.is_ok()).count();
        assert_eq!(published, 1, "{first:?} {second:?}");
        is_rule(if first.is_ok() { second } else { first }, "ほかの人が先に");
        assert_eq!(article(&test, "a").await.version, 2);
    }

    async fn an_article_that_changed_meanwhile_is_not_overwritten(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        let (draft, edit) = town.submitted(&test, "a", "二").await;
        bring_in(&test, &file(&["a"], "一", "valid_to=2027-03-31")).await;
        let outcome = town.approve(&test, &town.approver, &draft.id, edit).await.expect("decided");
        assert_eq!(outcome, ApproveOutcome::Stale { published: 2 });
        let author = town.desk(&town.author, &test);
        let returned = within!(test.db, tx => draft::get(&mut tx, &author, &draft.id).await).expect("draft");
        assert_eq!((returned.state, summary(&returned.content)), (State::Returned, "二"));
        let steps = within!(test.db, tx => draft::events(&mut tx, &author, &draft.id).await).expect("steps");
        assert!(steps.last().expect("step").remark.as_deref().expect("remark").contains("第2版"));
        is_rule(within!(test.db, tx => draft::submit(&mut tx, &author, &draft.id, edit).await), "変わっています");
        let older = within!(test.db, tx => draft::rebase(&mut tx, &author, &draft.id, 1).await);
        assert!(matches!(older, Err(KnowledgeError::Changed)));
        let both = within!(test.db, tx => draft::rebase(&mut tx, &author, &draft.id, 2).await).expect("rebased");
        assert!(both.is_empty(), "{both:?}");
        within!(test.db, tx => draft::submit(&mut tx, &author, &draft.id, edit + 1).await).expect("submitted");
        assert_eq!(version_of(town.approve(&test, &town.approver, &draft.id, edit + 1).await), 3);
        let a = article(&test, "a").await;
        assert_eq!((summary(&a.content), a.content.valid_to), ("二", Some("2027-03-31".parse().expect("day"))));
    }

    async fn what_was_read_is_what_is_approved(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        let (draft, edit) = town.submitted(&test, "a", "二").await;
        let author = town.desk(&town.author, &test);
        let lost = within!(test.db, tx => draft::save(&mut tx, &author, &mut test.rng(), &draft.id, edit, summarised(&draft, "三")).await);
        assert!(matches!(lost, Ok(SaveOutcome::Conflict { .. })), "what waits for approval stands still: {lost:?}");
        within!(test.db, tx => draft::take_back(&mut tx, &author, &draft.id).await).expect("taken back");
        within!(test.db, tx => draft::save(&mut tx, &author, &mut test.rng(), &draft.id, edit, summarised(&draft, "三")).await).expect("saved");
        within!(test.db, tx => draft::submit(&mut tx, &author, &draft.id, edit + 1).await).expect("submitted");
        let old = town.approve(&test, &town.approver, &draft.id, edit).await;
        assert!(matches!(old, Err(KnowledgeError::Changed)), "{old:?}");
        assert_eq!(version_of(town.approve(&test, &town.approver, &draft.id, edit + 1).await), 2);
    }

    async fn a_new_article_answers_those_who_asked(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        let new = question::NewQuestion { submission: "00112233445566778899aabbccddeeff", lang: Lang::Ja, asked: "穴", body: "道に穴があります", mail: "" };
        let receipt = question::leave(&test.db, test.clock.as_ref(), &mut test.rng(), new).await.expect("left");
        let mut tx = test.db.read().await.expect("read");
        let (left, _) = question::open(&mut tx, &receipt.number, &receipt.key).await.expect("question");
        drop(tx);
        let author = town.desk(&town.author, &test);
        let sources = [left.id.clone(), "unknown".to_owned()];
        let opening = Opening::Board { section: "kankyo", question: "道に穴があるときは", keywords: vec!["穴".into(), " ".into()], sources: &sources };
        let draft = within!(test.db, tx => draft::open(&mut tx, &author, &mut test.rng(), opening).await).expect("opened");
        assert!(draft.code.starts_with("q-") && draft.code.len() == 8, "{}", draft.code);
        assert_eq!(draft.content.text(Lang::Ja).0.keywords, ["穴"]);
        // It may be saved with problems, and each is told beside its field.
        let refused = within!(test.db, tx => draft::submit(&mut tx, &author, &draft.id, 1).await);
        let Err(KnowledgeError::Form(problems)) = refused else { panic!("{refused:?}") };
        assert_eq!(problems.iter().map(|p| p.field).collect::<Vec<_>>(), ["topics", "summary", "answer"]);
        assert!(problems.iter().all(|p| p.reason.ends_with('。')));
        let mut content = draft.content.clone();
        content.topics = vec!["waste".into()];
        content.related = vec!["nowhere".into()];
        let text = ArticleText { summary: "お知らせください。".into(), answer: "電話で。".into(), ..content.text(Lang::Ja).0.clone() };
        content.texts.insert(Lang::Ja, text);
        let save = |code: &str, content: &knowledge::Content| Changes { code: code.into(), content: content.clone(), note: String::new() };
        within!(test.db, tx => draft::save(&mut tx, &author, &mut test.rng(), &draft.id, 1, save("a", &content)).await).expect("saved");
        let refused = within!(test.db, tx => draft::submit(&mut tx, &author, &draft.id, 2).await);
        let Err(KnowledgeError::Form(problems)) = refused else { panic!("{refused:?}") };
        assert_eq!(problems.iter().map(|p| p.field).collect::<Vec<_>>(), ["related", "code"]);
        content.related.clear();
        within!(test.db, tx => draft::save(&mut tx, &author, &mut test.rng(), &draft.id, 2, save("michi-ana", &content)).await).expect("saved");
        within!(test.db, tx => draft::submit(&mut tx, &author, &draft.id, 3).await).expect("submitted");
        let Ok(ApproveOutcome::Published(published)) = town.approve(&test, &town.approver, &draft.id, 3).await else { panic!() };
        assert_eq!((published.code.as_str(), published.version, published.questions), ("michi-ana", 1, vec![left.id]));
        assert_eq!(article(&test, "michi-ana").await.id, published.article);
    }

    async fn an_earlier_version_comes_back_by_approval(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "review_due=2026-11-10")).await;
        bring_in(&test, &file(&["a"], "二", "")).await;
        let author = town.desk(&town.author, &test);
        let draft = within!(test.db, tx => draft::open(&mut tx, &author, &mut test.rng(), Opening::Version { code: "a", version: 1 }).await).expect("opened");
        assert_eq!((summary(&draft.content), draft.base_version), ("一", 2));
        assert_eq!(draft.content.review_due, Some("2027-11-23".parse().expect("day")), "a day that has passed moves on");
        let second = within!(test.db, tx => draft::open(&mut tx, &author, &mut test.rng(), Opening::Version { code: "a", version: 1 }).await);
        is_rule(second, "作成中の原稿");
        within!(test.db, tx => draft::submit(&mut tx, &author, &draft.id, 1).await).expect("submitted");
        is_rule(town.approve(&test, &{ let mut both = town.manager.clone(); both.account = "author".into(); both }, &draft.id, 1).await, "自分が書いた");
        assert_eq!(version_of(town.approve(&test, &town.approver, &draft.id, 1).await), 3);
        let mut tx = test.db.read().await.expect("read");
        let history = revision::history(&mut tx, "a").await.expect("history");
        assert_eq!(history.iter().map(|v| v.kind).collect::<Vec<_>>(), [Kind::Restore, Kind::Import, Kind::Import]);
    }

    async fn what_was_thrown_away_comes_back_on_the_same_day(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        let (draft, edit) = town.submitted(&test, "a", "二").await;
        let author = town.desk(&town.author, &test);
        within!(test.db, tx => draft::comment(&mut tx, &author, &draft.id, "やめます").await).expect("said");
        within!(test.db, tx => draft::discard(&mut tx, &author, &draft.id).await).expect("discarded");
        assert!(within!(test.db, tx => draft::heads(&mut tx).await).expect("heads").is_empty());
        is_rule(town.approve(&test, &town.approver, &draft.id, edit).await, "承認待ちではありません");
        within!(test.db, tx => draft::undo_discard(&mut tx, &author, &draft.id).await).expect("undone");
        within!(test.db, tx => draft::discard(&mut tx, &author, &draft.id).await).expect("discarded");
        let (other, _) = town.written(&test, "a", "三").await;
        assert_ne!(other.id, draft.id);
        is_rule(within!(test.db, tx => draft::undo_discard(&mut tx, &author, &draft.id).await), "別の原稿");
        within!(test.db, tx => draft::discard(&mut tx, &author, &other.id).await).expect("discarded");
        test.clock.advance(Duration::from_secs(14 * 3600));
        is_rule(within!(test.db, tx => draft::undo_discard(&mut tx, &author, &draft.id).await), "その日のうち");
    }
}
