//! Versions of articles.

use knowledge::revision::{self, Kind};
use knowledge::{Content, Field, KnowledgeError, import};
use store::params;
use testkit::on_both_engines;

use crate::town::{Town, article, bring_in, file, summary};

on_both_engines! {
    async fn an_import_keeps_every_version(test: TestDb) {
        Town::found(&test).await;
        bring_in(&test, &file(&["a", "b"], "一", "")).await;
        bring_in(&test, &file(&["a"], "二", "valid_to=2027-03-31")).await;
        let mut tx = test.db.read().await.expect("read");
        let a = revision::versions(&mut tx, "a").await.expect("versions");
        let told: Vec<_> = a.iter().map(|v| (v.version, v.kind, v.actor.as_str(), summary(&v.content))).collect();
        assert_eq!(told, [(2, Kind::Import, "import", "二"), (1, Kind::Import, "import", "一")]);
        let public = revision::history(&mut tx, "a").await.expect("history");
        assert_eq!(public[0].changed, [Field::ValidTo, Field::Summary]);
        assert_eq!((public[0].on, public[0].section.as_str()), ("2026-11-23".parse().expect("day"), "kankyo"));
        assert!(public[1].changed.is_empty());
        assert_eq!(summary(&revision::version(&mut tx, "a", 1).await.expect("version").content), "一");
        assert!(matches!(revision::version(&mut tx, "a", 3).await, Err(KnowledgeError::NotFound)));
        assert!(matches!(revision::history(&mut tx, "nowhere").await, Err(KnowledgeError::NotFound)));
        assert_eq!(revision::versions(&mut tx, "b").await.expect("versions").len(), 1);
    }

    async fn an_article_from_before_keeps_what_it_said(test: TestDb) {
        Town::found(&test).await;
        bring_in(&test, &file(&["a", "b"], "一", "")).await;
        let mut tx = test.db.write().await.expect("write");
        tx.execute("DELETE FROM revision", params![]).await.expect("as before the migration");
        tx.commit().await.expect("commit");
        {
            let mut tx = test.db.read().await.expect("read");
            let present = revision::version(&mut tx, "a", 1).await.expect("the present state stands in");
            assert_eq!(summary(&present.content), "一");
            assert_eq!(revision::history(&mut tx, "a").await.expect("history").len(), 1);
        }
        bring_in(&test, &file(&["a", "b", "c"], "二", "")).await;
        let mut tx = test.db.read().await.expect("read");
        for (code, expected) in [("a", vec!["二", "一"]), ("b", vec!["二", "一"]), ("c", vec!["二"])] {
            let versions = revision::versions(&mut tx, code).await.expect("versions");
            let told: Vec<_> = versions.iter().map(|v| summary(&v.content)).collect();
            assert_eq!(told, expected, "{code}");
        }
    }

    async fn a_large_import_has_a_version_for_each_row_and_its_hash_again(test: TestDb) {
        Town::found(&test).await;
        let codes: Vec<String> = (0..2_300).map(|i| format!("faq-{i}")).collect();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        bring_in(&test, &file(&codes, "一", "")).await;
        let incoming = import::read_toml(&[("faq.toml", &file(&codes, "一", ""))]).expect("articles");
        let today = "2026-11-23".parse().expect("day");
        let again = import::store(&test.db, test.clock.as_ref(), &mut test.rng(), &incoming, today, false).await;
        assert_eq!(again.expect("stored").unchanged, 2_300);
        bring_in(&test, &file(&codes, "二", "")).await;
        let mut tx = test.db.read().await.expect("read");
        let row = tx.row("SELECT count(*) AS n FROM revision", params![]).await.expect("row").expect("one");
        assert_eq!(row.get::<i64>("n").expect("n"), 4_600);
        let a = article(&test, "faq-7").await;
        let stored = revision::version(&mut tx, "faq-7", 2).await.expect("version");
        assert_eq!(stored.content, a.content, "what is kept is what is published");
        assert_eq!(stored.content.hash(), hash_with_summary(&incoming[7].content, "二"));
    }
}

fn hash_with_summary(content: &Content, summary: &str) -> String {
    let mut content = content.clone();
    content.texts.get_mut(&city::Lang::Ja).expect("ja").summary = summary.into();
    content.hash()
}
