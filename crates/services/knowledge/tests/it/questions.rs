//! Left questions at the desk: answered, handed over, reopened, taken back; and the mail address with them.

use std::sync::Arc;

use access::{Principal, Role};
use calendar::Clock;
use city::{Lang, Organisation};
use knowledge::question::{self, Filter, NewAnswer, NewQuestion, Receipt};
use knowledge::{Invalid, KnowledgeError, Library, WrongMail};
use store::worker::{Registry, Worker};
use testkit::{TestDb, on_both_engines};

use crate::library::founded;

/// A member of a section's staff.
pub(crate) fn author(section: &str) -> Principal {
    Principal {
        account: format!("account-{section}"),
        name: "作成者".into(),
        sections: vec![section.into()],
        roles: vec![(Role::Author, Some(section.into()))],
    }
}

pub(crate) struct Desk {
    pub(crate) test: TestDb,
    pub(crate) library: Arc<Library>,
    pub(crate) organisation: Organisation,
}

impl Desk {
    pub(crate) async fn new(test: TestDb) -> Desk {
        let (library, ..) = founded(&test).await;
        let organisation = Organisation::load(&test.db).await.expect("city");
        Desk { test, library, organisation }
    }

    pub(crate) async fn leave(&self, body: &str, mail: &str) -> Result<Receipt, KnowledgeError> {
        let mut rng = self.test.rng();
        let submission = question::new_submission(&mut rng);
        let new = NewQuestion { submission: &submission, lang: Lang::En, asked: "", body, mail };
        question::leave(&self.test.db, self.test.clock.as_ref(), &mut rng, new).await
    }

    /// Leaves a question and lets it find its section; its receipt and id.
    pub(crate) async fn left(&self, body: &str, mail: &str) -> (Receipt, String) {
        let receipt = self.leave(body, mail).await.expect("left");
        self.test.clock.advance(std::time::Duration::from_secs(1));
        self.work().await;
        let mut tx = self.test.db.read().await.expect("read");
        let id = question::one(&mut tx, &receipt.number).await.expect("read").expect("there").id;
        (receipt, id)
    }

    async fn work(&self) {
        let (mut registry, library) = (Registry::default(), self.library.clone());
        registry.add(question::LANE, question::ASSIGN, move |context| question::assign(context, library.clone()));
        let (clock, entropy) = (self.test.clock.clone(), self.test.entropy_source());
        Worker { db: self.test.db.clone(), clock, entropy, registry }.drain().await.expect("work");
    }

    pub(crate) async fn answer(&self, by: &Principal, new: NewAnswer<'_>) -> Result<(), KnowledgeError> {
        self.test.clock.advance(std::time::Duration::from_secs(1));
        let (db, clock, mut rng) = (&self.test.db, self.test.clock.as_ref(), self.test.rng());
        question::answer(db, clock, &mut rng, &self.library, &self.organisation, by, new).await
    }

    async fn hand_over(&self, by: &Principal, id: &str, section: &str, remark: &str) -> Result<(), KnowledgeError> {
        self.test.clock.advance(std::time::Duration::from_secs(1));
        let (db, clock, mut rng) = (&self.test.db, self.test.clock.as_ref(), self.test.rng());
        question::hand_over(db, clock, &mut rng, &self.organisation, by, id, section, remark).await
    }

    async fn reopen(&self, receipt: &Receipt, words: &str) -> Result<(), KnowledgeError> {
        self.test.clock.advance(std::time::Duration::from_secs(1));
        let (db, clock, mut rng) = (&self.test.db, self.test.clock.as_ref(), self.test.rng());
        question::reopen(db, clock, &mut rng, &receipt.number, &receipt.key, words).await
    }

    /// State, section, and the kinds of all steps.
    async fn state(&self, receipt: &Receipt) -> (String, Option<String>, Vec<String>) {
        let mut tx = self.test.db.read().await.expect("read");
        let (found, events) = question::open(&mut tx, &receipt.number, &receipt.key).await.expect("opens");
        (found.state, found.section, events.into_iter().map(|e| e.kind).collect())
    }

    /// One column of one statement, as text.
    async fn texts(&self, sql: &'static str) -> Vec<String> {
        let mut tx = self.test.db.read().await.expect("read");
        tx.rows(sql, Vec::new()).await.expect("rows").iter().map(|r| r.get("v").expect("text")).collect()
    }
}

fn text<'a>(question: &'a str, text: &'a str) -> NewAnswer<'a> {
    NewAnswer { question, text, article: None }
}

const WASTE: &str = "粗大ごみを夜に出せますか";

on_both_engines! {
    async fn a_section_answers_once_and_only_its_own(test: TestDb) {
        let desk = Desk::new(test).await;
        let (receipt, id) = desk.left(WASTE, "").await;
        let (state, section, _) = desk.state(&receipt).await;
        let section = section.expect("a section");
        assert_eq!(state, "assigned");
        let other = desk.answer(&author("toshokan"), text(&id, "はい")).await;
        assert!(matches!(other, Err(KnowledgeError::Forbidden)), "{other:?}");
        let empty = desk.answer(&author(&section), text(&id, " \n ")).await;
        assert!(matches!(empty, Err(KnowledgeError::Field { field: "text", .. })), "{empty:?}");
        let unknown = NewAnswer { question: &id, text: "", article: Some("no-such-article") };
        let unknown = desk.answer(&author(&section), unknown).await;
        assert!(matches!(unknown, Err(KnowledgeError::Field { field: "article", .. })), "{unknown:?}");
        let gone = desk.answer(&author(&section), text("no-such-question", "はい")).await;
        assert!(matches!(gone, Err(KnowledgeError::NotFound)), "{gone:?}");
        desk.answer(&author(&section), text(&id, "夜は出せません。")).await.expect("answered");
        assert_eq!(desk.state(&receipt).await, ("answered".into(), Some(section.clone()), ["received", "assigned", "answered"].map(String::from).to_vec()));
        let again = desk.answer(&author(&section), text(&id, "もう一度")).await;
        assert!(matches!(again, Err(KnowledgeError::Changed)), "{again:?}");
        let mut tx = desk.test.db.read().await.expect("read");
        let answers = question::answers(&mut tx, &id).await.expect("answers");
        assert_eq!(answers.len(), 1);
        assert_eq!((answers[0].body.as_deref(), answers[0].section.as_str()), (Some("夜は出せません。"), section.as_str()));
        drop(tx);
        let audited = desk.texts("SELECT action || ' ' || fields AS v FROM audit_event WHERE object_kind = 'question'").await;
        assert_eq!(audited, ["question.answer state,section,answer"]);
        assert!(desk.texts("SELECT id AS v FROM message").await.is_empty(), "nobody left an address");
    }

    async fn a_question_goes_from_section_to_section(test: TestDb) {
        let desk = Desk::new(test).await;
        let (receipt, id) = desk.left(WASTE, "").await;
        let from = desk.state(&receipt).await.1.expect("a section");
        for (section, remark, field) in [("toshokan", " ", "remark"), ("no-such", "理由", "section"), (from.as_str(), "理由", "section")] {
            let refused = desk.hand_over(&author(&from), &id, section, remark).await;
            assert!(matches!(&refused, Err(KnowledgeError::Field { field: f, .. }) if *f == field), "{refused:?}");
        }
        desk.hand_over(&author(&from), &id, "toshokan", "図書館の本の話です").await.expect("handed over");
        let back = desk.hand_over(&author(&from), &id, &from, "やはり").await;
        assert!(matches!(back, Err(KnowledgeError::Forbidden)), "it is no longer theirs: {back:?}");
        desk.hand_over(&author("toshokan"), &id, &from, "ごみの話です").await.expect("handed over");
        let mut tx = desk.test.db.read().await.expect("read");
        let listed = question::one(&mut tx, &receipt.number).await.expect("read").expect("there");
        assert_eq!((listed.hops, listed.section.as_deref()), (2, Some(from.as_str())));
        let way: Vec<String> = question::handovers(&mut tx, &id).await.expect("way").into_iter().map(|h| h.to_section).collect();
        assert_eq!(way, ["toshokan", &from]);
    }

    async fn lists_are_by_section_state_and_age(test: TestDb) {
        let desk = Desk::new(test).await;
        let (first, id) = desk.left(WASTE, "").await;
        desk.test.clock.advance(std::time::Duration::from_secs(3600));
        let noon = desk.test.clock.now();
        let (_second, _) = desk.left(WASTE, "").await;
        let waste = desk.state(&first).await.1.expect("a section");
        desk.answer(&author(&waste), text(&id, "はい")).await.expect("answered");
        let today = noon.jst_date();
        let mut tx = desk.test.db.read().await.expect("read");
        let numbers = async |tx: &mut store::Tx, filter: Filter| {
            let found = question::list(tx, &desk.organisation, today, &filter).await.expect("list");
            (found.total, found.questions.into_iter().map(|q| q.number).collect::<Vec<_>>())
        };
        let all = Filter { limit: 10, ..Filter::default() };
        let (one, two) = ("質問-2026-0001".to_owned(), "質問-2026-0002".to_owned());
        assert_eq!(numbers(&mut tx, all.clone()).await, (2, vec![one.clone(), two.clone()]));
        assert_eq!(numbers(&mut tx, Filter { limit: 1, offset: 1, ..all.clone() }).await, (2, vec![two.clone()]));
        let of = |sections: &[&str]| Some(sections.iter().map(|s| (*s).to_owned()).collect());
        assert_eq!(numbers(&mut tx, Filter { sections: of(&[&waste]), ..all.clone() }).await.0, 2);
        assert_eq!(numbers(&mut tx, Filter { sections: of(&["toshokan"]), ..all.clone() }).await.0, 0);
        assert_eq!(numbers(&mut tx, Filter { sections: of(&[]), ..all.clone() }).await.0, 0);
        assert_eq!(numbers(&mut tx, Filter { states: vec!["assigned".into()], ..all.clone() }).await, (1, vec![two]));
        assert_eq!(numbers(&mut tx, Filter { before: Some(noon), ..all }).await, (1, vec![one]));
    }

    async fn a_published_article_answers_the_questions_it_was_written_for(test: TestDb) {
        let desk = Desk::new(test).await;
        let (open, one) = desk.left(WASTE, "left@example.jp").await;
        let (closed, two) = desk.left("粗大ごみは何時に出しますか", "").await;
        question::withdraw(&desk.test.db, desk.test.clock.as_ref(), &mut desk.test.rng(), &closed.number, &closed.key).await.expect("withdrawn");
        let ids = [one.clone(), two, "no-such-question".into()];
        let (clock, mut rng) = (desk.test.clock.as_ref(), desk.test.rng());
        for commit in [false, true] {
            let mut tx = desk.test.db.write().await.expect("write");
            let numbers = question::answered_by_article(&mut tx, clock, &mut rng, &ids, "sodai-gomi-yoyaku", "kankyo", "account:a").await.expect("answered");
            assert_eq!(numbers, std::slice::from_ref(&open.number));
            if commit { tx.commit().await.expect("commit") } else { tx.rollback().await.expect("rollback") }
            let expected = if commit { "answered" } else { "assigned" };
            assert_eq!(desk.state(&open).await.0, expected);
            assert_eq!(desk.texts("SELECT id AS v FROM message").await.len(), usize::from(commit));
        }
        let mut tx = desk.test.db.read().await.expect("read");
        let answers = question::answers(&mut tx, &one).await.expect("answers");
        assert_eq!((answers[0].article.as_deref(), answers[0].body.as_deref()), (Some("sodai-gomi-yoyaku"), None));
    }

    async fn a_citizen_says_once_that_it_is_not_solved(test: TestDb) {
        let desk = Desk::new(test).await;
        let (receipt, id) = desk.left(WASTE, "").await;
        let section = desk.state(&receipt).await.1.expect("a section");
        let early = desk.reopen(&receipt, "まだです").await;
        assert!(matches!(early, Err(KnowledgeError::Changed)), "{early:?}");
        desk.answer(&author(&section), text(&id, "夜は出せません。")).await.expect("answered");
        let empty = desk.reopen(&receipt, " ").await;
        assert!(matches!(empty, Err(KnowledgeError::Invalid(Invalid::Empty))), "{empty:?}");
        desk.reopen(&receipt, "夜しか時間がありません").await.expect("reopened");
        let (state, at, steps) = desk.state(&receipt).await;
        assert_eq!((state.as_str(), at.as_deref()), ("assigned", Some(section.as_str())));
        assert_eq!(steps, ["received", "assigned", "answered", "assigned"]);
        desk.answer(&author(&section), text(&id, "戸別収集があります。")).await.expect("answered again");
        let second = desk.reopen(&receipt, "まだです").await;
        assert!(matches!(second, Err(KnowledgeError::Changed)), "{second:?}");
        question::helped(&desk.test.db, &receipt.number, &receipt.key).await.expect("helped");
        let mut tx = desk.test.db.read().await.expect("read");
        let helped: Vec<_> = question::answers(&mut tx, &id).await.expect("answers").iter().map(|a| a.helped).collect();
        assert_eq!(helped, [Some(false), Some(true)]);
        assert!(question::one(&mut tx, &receipt.number).await.expect("read").expect("there").reopened);
    }

    async fn the_answer_goes_out_by_mail_and_the_address_stays_sealed(test: TestDb) {
        let desk = Desk::new(test).await;
        let wrong = desk.leave("質問", "left＠example").await;
        assert!(matches!(wrong, Err(KnowledgeError::Invalid(Invalid::Mail(WrongMail::Domain)))), "{wrong:?}");
        assert!(desk.texts("SELECT id AS v FROM person").await.is_empty(), "nothing of a refused form is kept");
        let (receipt, id) = desk.left(WASTE, " left@Example.JP ").await;
        let section = desk.state(&receipt).await.1.expect("a section");
        desk.answer(&author(&section), text(&id, "夜は出せません。")).await.expect("answered");
        let queued = desk.texts("SELECT template || ' ' || lang || ' ' || state || ' ' || about_id AS v FROM message").await;
        assert_eq!(queued, [format!("question.answered en waiting {id}")]);
        for sql in ["SELECT payload AS v FROM job", "SELECT value_sealed AS v FROM address", "SELECT fields_sealed AS v FROM message", "SELECT body || asked AS v FROM question"] {
            assert!(desk.texts(sql).await.iter().all(|v| !v.contains("left@")), "{sql}");
        }
        let mut tx = desk.test.db.read().await.expect("read");
        assert!(question::one(&mut tx, &receipt.number).await.expect("read").expect("there").by_mail);
    }

    async fn taking_a_question_back_removes_words_and_address(test: TestDb) {
        let desk = Desk::new(test).await;
        let (receipt, id) = desk.left(WASTE, "left@example.jp").await;
        let section = desk.state(&receipt).await.1.expect("a section");
        desk.hand_over(&author(&section), &id, "toshokan", "申し送り").await.expect("handed over");
        desk.answer(&author("toshokan"), text(&id, "夜は出せません。")).await.expect("answered");
        desk.reopen(&receipt, "夜しか時間がありません").await.expect("reopened");
        let person = desk.texts("SELECT contact AS v FROM question").await.remove(0);
        question::withdraw(&desk.test.db, desk.test.clock.as_ref(), &mut desk.test.rng(), &receipt.number, &receipt.key).await.expect("withdrawn");
        let mut tx = desk.test.db.read().await.expect("read");
        let erased = people::person::get(&mut tx, &person).await.expect("an id remains").erased_at;
        assert_eq!(erased, Some(desk.test.clock.now()));
        assert!(!question::one(&mut tx, &receipt.number).await.expect("read").expect("there").by_mail);
        drop(tx);
        for kept in ["SELECT value_sealed AS v FROM address", "SELECT id AS v FROM consent", "SELECT fields_sealed AS v FROM message WHERE fields_sealed IS NOT NULL"] {
            assert!(desk.texts(kept).await.is_empty(), "{kept}");
        }
        assert_eq!(desk.texts("SELECT body || asked AS v FROM question").await, [""]);
        assert_eq!(desk.texts("SELECT COALESCE(body, '') AS v FROM question_answer").await, [""]);
        assert_eq!(desk.texts("SELECT remark AS v FROM question_handover").await, [""]);
        assert_eq!(desk.texts("SELECT words AS v FROM question_reopening").await, [""]);
        assert_eq!(desk.state(&receipt).await.0, "withdrawn");
    }

    async fn a_person_whom_the_city_knows_otherwise_is_not_erased_with_a_question(test: TestDb) {
        let desk = Desk::new(test).await;
        let (receipt, _) = desk.left(WASTE, "left@example.jp").await;
        let (other, other_id) = desk.left("印鑑登録をしたい", "left@example.jp").await;
        let contacts = desk.texts("SELECT contact AS v FROM question ORDER BY number").await;
        assert_ne!(contacts[0], contacts[1], "the same address proves nothing");
        let (clock, mut rng) = (desk.test.clock.as_ref(), desk.test.rng());
        let mut tx = desk.test.db.write().await.expect("write");
        people::merge::merge(&mut tx, clock, &mut rng, "account:p", &contacts[1], &contacts[0]).await.expect("merged");
        tx.commit().await.expect("commit");
        for (withdrawn, stands) in [(&receipt, true), (&other, false)] {
            question::withdraw(&desk.test.db, clock, &mut rng, &withdrawn.number, &withdrawn.key).await.expect("withdrawn");
            let mut tx = desk.test.db.read().await.expect("read");
            let purpose = question::consent_purpose(&other_id);
            assert_eq!(people::consent::stands(&mut tx, &contacts[1], &purpose).await.expect("consent"), stands);
            assert_eq!(people::person::get(&mut tx, &contacts[1]).await.expect("there").erased_at.is_none(), stands);
        }
    }
}
