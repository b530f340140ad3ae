//! How people put what an article answers.

use calendar::Clock;
use city::Lang;
use knowledge::{KnowledgeError, feedback, wording};
use testkit::{TestDb, on_both_engines};

use crate::library::library;
use crate::town::{Town, article, audited, bring_in, file, within};

/// Somebody found an article with a question.
async fn helped(test: &TestDb, code: &str, query: &str, helped: bool) {
    let article = article(test, code).await;
    let mut tx = test.db.write().await.expect("write");
    let said = feedback::Feedback { article: &article, lang: Lang::Ja, query: Some(query), rank: Some(1), helped };
    feedback::record(&mut tx, test.clock.as_ref(), &mut test.rng(), said).await.expect("said");
    tx.commit().await.expect("commit");
}

on_both_engines! {
    async fn what_helped_is_offered_taken_up_and_finds(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a", "b"], "一", "")).await;
        let today = test.clock.now().jst_date();
        let words = "ソファがぼろぼろ";
        let library = library(&test).await;
        assert!(library.ask(words, today, 3).found.is_empty());
        for (query, did) in [(words, true), (words, true), ("机がじゃま", true), ("ひどい答え", false)] {
            test.clock.advance(std::time::Duration::from_secs(1));
            helped(&test, "a", query, did).await;
        }
        let (author, stranger) = (town.desk(&town.author, &test), town.desk(&town.stranger, &test));
        let a = article(&test, "a").await;
        let heard = within!(test.db, tx => wording::heard(&mut tx, &author, &a, 10).await).expect("heard");
        let heard: Vec<(&str, i64)> = heard.iter().map(|h| (h.text.as_str(), h.times)).collect();
        assert_eq!(heard, [(words, 2), ("机がじゃま", 1)], "only what helped, the most frequent first");
        let foreign = within!(test.db, tx => wording::heard(&mut tx, &stranger, &a, 10).await);
        assert!(matches!(foreign, Err(KnowledgeError::Forbidden)));
        let mut rng = test.rng();
        let foreign = within!(test.db, tx => wording::decide(&mut tx, &stranger, &mut rng, &a, words, true).await);
        assert!(matches!(foreign, Err(KnowledgeError::Forbidden)));
        within!(test.db, tx => wording::decide(&mut tx, &author, &mut rng, &a, words, true).await).expect("taken up");
        within!(test.db, tx => wording::decide(&mut tx, &author, &mut rng, &a, "机がじゃま", false).await).expect("refused");
        let heard = within!(test.db, tx => wording::heard(&mut tx, &author, &a, 10).await).expect("heard");
        assert_eq!(heard, [], "all were decided about");
        library.refresh(&test.db).await.expect("refreshed");
        let answer = library.ask(&format!("{words}なのですが、どうすればいいですか"), today, 3);
        assert_eq!(answer.found.first().map(|f| f.article.code.as_str()), Some("a"));
        assert!(library.ask(words, today, 3).is_sure(), "just so it was asked before");
        assert!(library.ask("机がじゃま", today, 3).found.is_empty());
        // What is taken away no longer finds, and may be offered again.
        let used = within!(test.db, tx => wording::of_article(&mut tx, &a.id).await).expect("used");
        assert_eq!((used.len(), used[0].text.as_str()), (1, words));
        within!(test.db, tx => wording::remove(&mut tx, &author, &a, &used[0].id).await).expect("removed");
        let gone = within!(test.db, tx => wording::remove(&mut tx, &author, &a, &used[0].id).await);
        assert!(matches!(gone, Err(KnowledgeError::NotFound)));
        library.refresh(&test.db).await.expect("refreshed");
        assert!(library.ask(words, today, 3).found.is_empty());
        let mut tx = test.db.read().await.expect("read");
        let told: Vec<String> = audited(&mut tx, "article").await.into_iter().map(|e| e.1).collect();
        for action in ["wording.use", "wording.refuse", "wording.remove"] {
            assert!(told.iter().any(|t| t == action), "{action}: {told:?}");
        }
    }

    async fn nothing_too_much_and_too_long_are_told(test: TestDb) {
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a"], "一", "")).await;
        let author = town.desk(&town.author, &test);
        let (a, mut rng) = (article(&test, "a").await, test.rng());
        for (text, said) in [(" \u{3000}\n", "書いてください"), (&*"あ".repeat(201), "いま201文字")] {
            match within!(test.db, tx => wording::decide(&mut tx, &author, &mut rng, &a, text, true).await) {
                Err(KnowledgeError::Field { field: "text", reason }) => assert!(reason.contains(said), "{reason}"),
                other => panic!("{other:?}"),
            }
        }
        for i in 0..wording::MOST {
            let text = format!("言い方{i}");
            within!(test.db, tx => wording::decide(&mut tx, &author, &mut rng, &a, &text, true).await).expect("taken up");
        }
        let full = within!(test.db, tx => wording::decide(&mut tx, &author, &mut rng, &a, "もう一つ", true).await);
        assert!(matches!(full, Err(KnowledgeError::Field { field: "text", .. })));
        let again = within!(test.db, tx => wording::decide(&mut tx, &author, &mut rng, &a, "言い方3", true).await);
        again.expect("one that is there may be confirmed");
        let unknown = [("nowhere".to_owned(), "x".to_owned())];
        let refused = within!(test.db, tx => wording::bring_in(&mut tx, test.clock.as_ref(), &mut rng, "demo", &unknown).await);
        assert!(matches!(refused, Err(KnowledgeError::NotFound)));
    }
}

on_both_engines! {
    async fn what_citizens_said_is_learnt_from_by_question_and_place(test: TestDb) {
        use knowledge::train::{Set, feedback};
        let town = Town::found(&test).await;
        bring_in(&test, &file(&["a", "b"], "一", "")).await;
        let (author, mut rng) = (town.desk(&town.author, &test), test.rng());
        let a = article(&test, "a").await;
        for words in ["ソファがぼろぼろ", "棚を捨てる"] {
            within!(test.db, tx => wording::decide(&mut tx, &author, &mut rng, &a, words, true).await).expect("taken up");
        }
        // Twice it helped, once only, and once it did not.
        for (code, query, did) in [
            ("a", "ソファがぼろぼろ", true),
            ("a", "ソファが ぼろぼろ", true),
            ("a", "ソファがぼろぼろ", true),
            ("b", "机がじゃま", true),
            ("b", "いすの処分", false),
        ] {
            test.clock.advance(std::time::Duration::from_secs(1));
            helped(&test, code, query, did).await;
        }
        let mut tx = test.db.read().await.expect("read");
        let (articles, wordings, seen) = feedback::read(&mut tx).await.expect("read");
        assert_eq!((articles.len(), seen.len()), (2, 5));
        let said = feedback::Feedback { articles: &articles, wordings: &wordings, seen: &seen, examination: 1.0 };
        let set = Set::fed_back("said", &said);
        let asked: Vec<&str> = set.queries.iter().map(|q| q.query.as_str()).collect();
        assert_eq!(asked, ["ソファがぼろぼろ"]);
        assert_eq!(set.judgements["ソファがぼろぼろ"]["a"], 2);
        let place = set.ids.iter().position(|id| id == "a").expect("a");
        assert_eq!(set.texts[place].fields[search::Field::Asked as usize], ["棚を捨てる"], "no question finds itself");
    }
}
