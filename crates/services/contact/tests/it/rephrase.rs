//! A language model puts answers into citizens' words: one that tells the truth, one that lies, none any more.

use std::sync::Arc;

use access::Role;
use city::Lang;
use contact::citizen::{self, Window};
use contact::rephrase::{self, Writing};
use contact::{EventKind, MessageKind, answer_record, control};
use model::{Chat, Echo, Lie, Lying, Pending, Request};
use store::worker::{Registry, Worker};
use testkit::on_both_engines;

use crate::town::{Town, principal};

/// A model that does not answer.
struct Silent;

impl Chat for Silent {
    fn identity(&self) -> String {
        "silent".into()
    }

    fn complete<'a>(&'a self, _: &'a Request) -> Pending<'a> {
        Box::pin(async { Err(model::ModelError::Status(503)) })
    }
}

/// A model that always says the same.
struct Says(&'static str);

impl Chat for Says {
    fn identity(&self) -> String {
        "says".into()
    }

    fn complete<'a>(&'a self, _: &'a Request) -> Pending<'a> {
        let reply =
            model::Reply { text: self.0.into(), tokens_in: None, tokens_out: None, finish: model::Finish::Stop };
        Box::pin(async move { Ok(reply) })
    }
}

fn writing(chat: impl Chat + 'static) -> Option<Arc<Writing>> {
    Some(Arc::new(Writing { chat: Arc::new(chat), judge: None }))
}

/// Runs what waits.
async fn work(town: &Town, writing: Option<Arc<Writing>>) {
    let mut registry = Registry::default();
    for lane in rephrase::LANES {
        let (library, writing) = (town.library.clone(), writing.clone());
        registry.add(lane, lane, move |context| rephrase::handle(context, library.clone(), writing.clone()));
    }
    let (clock, entropy) = (town.test.clock.clone(), town.test.entropy_source());
    Worker { db: town.test.db.clone(), clock, entropy, registry }.drain().await.expect("work");
}

/// All topics are live without a test.
async fn live(town: &Town) {
    let coordinator = principal("coordinator", Role::Coordinator, None);
    let mut tx = town.test.db.write().await.expect("write");
    for topic in ["moving", "registry", "waste"] {
        control::set_test(&mut tx, town.desk(&coordinator), topic, ("", true), "試験").await.expect("set");
    }
    tx.commit().await.expect("commit");
}

async fn asked(town: &Town) -> (String, String) {
    let question = town.library.snapshot().by_code("tennyu").expect("there").text(Lang::Ja).0.question.clone();
    let window = Window { writes: true, ..town.window() };
    let mut rng = town.test.rng();
    let submission = knowledge::question::new_submission(&mut rng);
    let receipt = citizen::begin(window, &mut rng, &submission, Lang::Ja, &question).await.expect("begun");
    (receipt.id, question)
}

on_both_engines! {
    async fn a_message_and_its_answer_to_come_are_one_transaction(t: TestDb) {
        let town = Town::found(t).await;
        live(&town).await;
        let (id, _) = asked(&town).await;
        assert_eq!(town.messages(&id).await.len(), 1, "the citizen's words; the answer is a job");
        work(&town, writing(Echo)).await;
        let said = town.last(&id).await;
        assert_eq!(said.kind, MessageKind::Answer);
        let told = said.content.answer.expect("an answer");
        assert!(told.by_model, "{:?}", said.body);
        let mut tx = town.test.db.read().await.expect("read");
        let record = answer_record::of_message(&mut tx, &said.id).await.expect("read").expect("recorded");
        assert!(record.by_model && record.model == Echo.identity() && record.fell_back.is_none());
        assert_eq!(record.cited().expect("cited")[0].article, "tennyu");
        drop(tx);
        work(&town, writing(Echo)).await;
        assert_eq!(town.messages(&id).await.len(), 2, "answered once");
    }

    async fn a_lie_is_not_told(t: TestDb) {
        let town = Town::found(t).await;
        live(&town).await;
        for (i, lie) in Lie::ALL.into_iter().enumerate() {
            let (id, _) = asked(&town).await;
            let article = town.library.snapshot().by_code("tennyu").expect("there").clone();
            let today = calendar::Clock::now(town.test.clock.as_ref()).jst_date();
            let own = rephrase::source(&article, &town.organisation, Lang::Ja, today);
            let source = model::Source { articles: vec![own] };
            work(&town, writing(Lying::new(lie, i as u64, source))).await;
            let said = town.last(&id).await;
            let told = said.content.answer.clone().expect("an answer");
            let own = town.library.snapshot().by_code("tennyu").expect("there").text(Lang::Ja).0.summary.clone();
            let mut tx = town.test.db.read().await.expect("read");
            let record = answer_record::of_message(&mut tx, &said.id).await.expect("read").expect("recorded");
            drop(tx);
            // What is told is the article, or words that passed the check; facts are the article's in any case.
            assert_eq!(told.by_model, record.fell_back.is_none(), "{lie:?}");
            if record.fell_back.is_some() {
                assert_eq!(said.body.as_deref(), Some(own.as_str()), "{lie:?}");
            }
            let facts = town.library.snapshot().by_code("tennyu").expect("there").text(Lang::Ja).0.facts.clone();
            assert_eq!(told.facts.iter().find(|f| f.kind == "fee").map(|f| f.items.join("")), facts.fee, "{lie:?}");
        }
    }

    async fn without_an_answer_of_the_model_the_article_is_told(t: TestDb) {
        let town = Town::found(t).await;
        live(&town).await;
        for model in [writing(Silent), None] {
            let (id, _) = asked(&town).await;
            work(&town, model).await;
            let said = town.last(&id).await;
            assert_eq!(said.kind, MessageKind::Answer);
            assert!(!said.content.answer.expect("an answer").by_model);
        }
    }

    async fn a_topic_that_was_closed_in_between_is_for_a_person(t: TestDb) {
        let town = Town::found(t).await;
        let (id, _) = asked(&town).await;
        work(&town, writing(Echo)).await;
        assert_eq!(town.last(&id).await.content.told.as_deref(), Some("topic-closed"));
        assert!(town.events(&id).await.contains(&EventKind::TopicClosed));
    }

    async fn a_question_back_is_put_by_the_model_and_its_choices_by_the_city(t: TestDb) {
        let town = Town::found(t).await;
        live(&town).await;
        let without = town.begin("証明書がほしい").await;
        let own = town.last(&without.id).await;
        assert_eq!((own.kind, own.content.told.as_deref()), (MessageKind::Choices, Some("which")));
        let ask = async |model| {
            let window = Window { writes: true, ..town.window() };
            let mut rng = town.test.rng();
            let submission = knowledge::question::new_submission(&mut rng);
            let receipt = citizen::begin(window, &mut rng, &submission, Lang::Ja, "証明書がほしい").await.expect("begun");
            assert_eq!(town.messages(&receipt.id).await.len(), 1, "the question back is a job");
            work(&town, model).await;
            let said = town.last(&receipt.id).await;
            assert_eq!(said.content.choices, own.content.choices);
            let mut tx = town.test.db.read().await.expect("read");
            let record = answer_record::of_message(&mut tx, &said.id).await.expect("read").expect("recorded");
            assert!(record.cited().expect("articles").is_empty(), "nobody was told an article");
            (receipt, said, record)
        };
        let (receipt, said, record) = ask(writing(Echo)).await;
        assert!(said.content.told.is_none() && said.body.is_some_and(|b| !b.is_empty()));
        assert_eq!((record.by_model, record.prompt_version.as_str()), (true, model::ASK_BACK_VERSION));
        // What is chosen then is answered as always.
        let chosen = own.content.choices[0].clone();
        let (mut rng, window) = (town.test.rng(), town.window());
        citizen::choose(window, &mut rng, &receipt.id, "client-0001", &chosen.value, &chosen.label).await.expect("chosen");
        assert_eq!(town.last(&receipt.id).await.kind, MessageKind::Answer);
        // A model that answers instead of asking, one that is silent, none any more: the city asks.
        for model in [writing(Says("手数料は999円です。")), writing(Silent), None] {
            let (_, said, record) = ask(model).await;
            assert_eq!((said.content.told.as_deref(), said.body.unwrap_or_default().as_str()), (Some("which"), ""));
            assert!(!record.by_model);
        }
    }

    async fn whoever_took_a_person_meanwhile_gets_no_answer_of_the_bot(t: TestDb) {
        let town = Town::found(t).await;
        live(&town).await;
        let (id, _) = asked(&town).await;
        citizen::want_person(town.window(), &mut town.test.rng(), &id).await.expect("wanted");
        let before = town.messages(&id).await.len();
        work(&town, writing(Echo)).await;
        assert_eq!(town.messages(&id).await.len(), before);
    }
}
