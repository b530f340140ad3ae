//! The city's own thesaurus.

use access::Principal;
use calendar::Clock;
use knowledge::KnowledgeError;
use knowledge::thesaurus::{self, LineFault, Typed};
use testkit::{TestDb, on_both_engines};

use crate::library::library;
use crate::town::{Town, audited, bring_in, file, within};

fn typed(term: &str, kind: &str, other: &str) -> Typed {
    Typed { term: term.into(), kind: kind.into(), other: other.into(), note: String::new() }
}

async fn add(test: &TestDb, town: &Town, who: &Principal, typed: &Typed) -> Result<String, KnowledgeError> {
    let (desk, mut rng) = (town.desk(who, test), test.rng());
    within!(test.db, tx => thesaurus::add(&mut tx, &desk, &mut rng, typed).await)
}

async fn words(test: &TestDb) -> Vec<(String, &'static str, String)> {
    let mut tx = test.db.read().await.expect("read");
    let all = thesaurus::all(&mut tx).await.expect("relations");
    all.into_iter().map(|r| (r.relation.term, r.relation.kind.code(), r.relation.other)).collect()
}

/// Field and sentence of what is wrong.
fn problems<T: std::fmt::Debug>(outcome: Result<T, KnowledgeError>) -> Vec<(&'static str, String)> {
    match outcome {
        Err(KnowledgeError::Form(problems)) => problems.into_iter().map(|p| (p.field, p.reason)).collect(),
        other => panic!("{other:?}"),
    }
}

/// Words that stand in no article and no thesaurus, and an article that has the office's word.
const OFFICE: &str = "みなも号";
const PEOPLE: &str = "ぴょんぴょん車";

async fn with_articles(test: &TestDb) -> Town {
    let town = Town::found(test).await;
    bring_in(test, &file(&["a"], "みなも号の時刻表です", &format!("keywords=['{OFFICE}']"))).await;
    bring_in(test, &file(&["b"], "粗大ごみの出し方です", "keywords=['粗大ごみ']")).await;
    town
}

on_both_engines! {
    async fn what_is_added_is_used_and_what_is_removed_is_not(test: TestDb) {
        let town = with_articles(&test).await;
        let (library, today) = (library(&test).await, test.clock.now().jst_date());
        let first = |asked: &str| library.ask(asked, today, 3).found.first().map(|f| f.article.code.clone());
        assert_eq!(first(PEOPLE), None);
        let same = typed(OFFICE, "same", PEOPLE);
        let id = add(&test, &town, &town.coordinator, &same).await.expect("added");
        assert_eq!(first(PEOPLE), None, "before the library has read it");
        library.refresh(&test.db).await.expect("refreshed");
        assert_eq!(first(PEOPLE), Some("a".into()));
        // Changed, it leads to what it now says.
        let (desk, other) = (town.desk(&town.coordinator, &test), typed("粗大ごみ", "colloquial", PEOPLE));
        within!(test.db, tx => thesaurus::change(&mut tx, &desk, &id, &other).await).expect("changed");
        library.refresh(&test.db).await.expect("refreshed");
        assert_eq!(first(PEOPLE), Some("b".into()));
        let gone = within!(test.db, tx => thesaurus::remove(&mut tx, &desk, &id).await).expect("removed");
        assert_eq!((gone.term.as_str(), gone.other.as_str()), ("粗大ごみ", PEOPLE));
        library.refresh(&test.db).await.expect("refreshed");
        assert_eq!(first(PEOPLE), None);
        let again = within!(test.db, tx => thesaurus::remove(&mut tx, &desk, &id).await);
        assert!(matches!(again, Err(KnowledgeError::NotFound)));
        let nowhere = within!(test.db, tx => thesaurus::change(&mut tx, &desk, &id, &other).await);
        assert!(matches!(nowhere, Err(KnowledgeError::NotFound)));
        let mut tx = test.db.read().await.expect("read");
        let mut told: Vec<String> = audited(&mut tx, "relation").await.into_iter().map(|e| e.1).collect();
        told.sort();
        assert_eq!(told, ["thesaurus.add", "thesaurus.change", "thesaurus.remove"]);
    }

    async fn only_who_looks_after_the_whole_city_changes_it(test: TestDb) {
        let town = Town::found(&test).await;
        for who in [&town.author, &town.approver, &town.manager, &town.stranger] {
            let refused = add(&test, &town, who, &typed(OFFICE, "same", PEOPLE)).await;
            assert!(matches!(refused, Err(KnowledgeError::Forbidden)), "{}", who.account);
            let (desk, mut rng) = (town.desk(who, &test), test.rng());
            let refused = within!(test.db, tx => thesaurus::bring_in(&mut tx, &desk, &mut rng, "a\tsame\tb").await);
            assert!(matches!(refused, Err(KnowledgeError::Forbidden)), "{}", who.account);
        }
        assert_eq!(words(&test).await, []);
    }

    async fn what_is_wrong_is_told_beside_its_field(test: TestDb) {
        let town = Town::found(&test).await;
        let who = &town.coordinator;
        let long = typed(&"あ".repeat(41), "broader", " \u{3000}");
        let fields: Vec<&str> = problems(add(&test, &town, who, &long).await).iter().map(|p| p.0).collect();
        assert_eq!(fields, ["kind", "term", "other"]);
        let id = add(&test, &town, who, &typed(OFFICE, "same", PEOPLE)).await.expect("added");
        for (wrong, field, said) in [
            (typed("ゴミ", "same", "ｺﾞﾐ"), "other", "同じ言葉"),
            (typed("#ごみ", "same", "x"), "term", "「#」で始める"),
            (typed(PEOPLE, "see", OFFICE), "other", "もう市の辞書にあります（みなも号 と ぴょんぴょん車、「同じ意味」）"),
            (typed("赤ちゃん", "same", "乳児"), "other", "もう標準の辞書にあります（乳児 と 赤ちゃん、「くだけた言い方」）"),
            (Typed { note: "あ".repeat(201), ..typed("x", "same", "y") }, "note", "いま201文字"),
        ] {
            let told = problems(add(&test, &town, who, &wrong).await);
            assert!(told.len() == 1 && told[0].0 == field && told[0].1.contains(said), "{wrong:?}: {told:?}");
        }
        // A circle over a relation of the program and one of the city.
        let mut shipped = knowledge::reading::shipped().relations().iter();
        let narrower = shipped.find(|r| r.kind == search::thesaurus::RelationKind::Narrower).expect("one");
        add(&test, &town, who, &typed(&narrower.other, "narrower", PEOPLE)).await.expect("added");
        let told = problems(add(&test, &town, who, &typed(PEOPLE, "narrower", &narrower.term)).await);
        assert!(told[0].0 == "kind" && told[0].1.contains("ひとまわり"), "{told:?}");
        assert!(told[0].1.contains(&format!("{PEOPLE} → ")), "{told:?}");
        // Against itself nothing is compared.
        let desk = town.desk(who, &test);
        let noted = Typed { note: "3号車まで".into(), ..typed(OFFICE, "same", PEOPLE) };
        within!(test.db, tx => thesaurus::change(&mut tx, &desk, &id, &noted).await).expect("changed");
        assert_eq!(words(&test).await.len(), 2);
    }

    async fn a_question_is_tried_before_anything_is_saved(test: TestDb) {
        let town = with_articles(&test).await;
        let id = add(&test, &town, &town.coordinator, &typed("粗大ごみ", "colloquial", PEOPLE)).await.expect("added");
        let (library, today) = (library(&test).await, test.clock.now().jst_date());
        let new = thesaurus::checked(&typed(OFFICE, "same", PEOPLE), &[], None).expect("sound");
        let asked = [PEOPLE.to_owned()];
        let codes = |answer: &knowledge::Answer| -> Vec<String> {
            answer.found.iter().map(|f| f.article.code.clone()).collect()
        };
        let more = thesaurus::tried(&library, None, Some(&new), &asked, today, 5);
        assert_eq!(codes(&more[0].before), ["b"]);
        let mut both = codes(&more[0].after);
        both.sort();
        assert_eq!(both, ["a", "b"]);
        let instead = thesaurus::tried(&library, Some(&id), Some(&new), &asked, today, 5);
        assert_eq!(codes(&instead[0].after), ["a"]);
        let without = thesaurus::tried(&library, Some(&id), None, &asked, today, 5);
        assert_eq!(codes(&without[0].after), Vec::<String>::new());
        assert_eq!(codes(&library.ask(PEOPLE, today, 5)), ["b"], "nothing was changed");
        assert_eq!(words(&test).await.len(), 1);
    }

    async fn a_file_comes_in_whole_or_not_at_all(test: TestDb) {
        let town = Town::found(&test).await;
        add(&test, &town, &town.coordinator, &typed(OFFICE, "same", PEOPLE)).await.expect("added");
        let (desk, mut rng) = (town.desk(&town.coordinator, &test), test.rng());
        let wrong = "# 乗り物\nみなも2号\tsame\tはねる車\n\n赤ちゃん\tsame\t乳児\nみなも3号\tsame\nみなも2号\tsee\tはねる車\n";
        let (_, faults) = within!(test.db, tx => thesaurus::bring_in(&mut tx, &desk, &mut rng, wrong).await).expect("read");
        let lines: Vec<usize> = faults.iter().map(|f| f.line).collect();
        assert_eq!(lines, [4, 5, 6], "{faults:?}");
        assert_eq!(words(&test).await.len(), 1, "nothing was written");
        let mut tx = test.db.read().await.expect("read");
        let out = thesaurus::written(&thesaurus::all(&mut tx).await.expect("relations"));
        drop(tx);
        assert!(out.ends_with("みなも号\tsame\tぴょんぴょん車\n"), "{out}");
        let right = format!("\u{feff}{out}みなも2号\tnarrower\tはねる車\t夏だけ\n");
        let (incoming, faults) = within!(test.db, tx => thesaurus::bring_in(&mut tx, &desk, &mut rng, &right).await).expect("in");
        assert_eq!((incoming.new.len(), incoming.unchanged, faults), (1, 1, Vec::<LineFault>::new()));
        let (again, _) = within!(test.db, tx => thesaurus::bring_in(&mut tx, &desk, &mut rng, &right).await).expect("again");
        assert_eq!((again.new.len(), again.unchanged), (0, 2));
        let mut tx = test.db.read().await.expect("read");
        assert_eq!(thesaurus::all(&mut tx).await.expect("relations").len(), 2);
        let mut told: Vec<String> = audited(&mut tx, "relation").await.into_iter().map(|e| e.1).collect();
        told.sort();
        assert_eq!(told, ["thesaurus.add", "thesaurus.import"]);
    }
}
