//! Golden questions, their runs, the gates that they open, and the records of what was answered.

use std::collections::BTreeMap;
use std::time::Duration;

use calendar::Clock;
use city::Lang;
use contact::control::{self, Act};
use contact::gate::{self, CONTROL_TOPIC, Gates, Verdict};
use contact::golden::{self, Line, Typed};
use contact::golden_run::{self, Run};
use contact::staff::Desk;
use contact::{ContactError, answer_record, citizen};
use store::worker::{Registry, Worker};
use testkit::on_both_engines;

use crate::town::{Town, client};

/// What the bot answers with `tennyu`.
const ASKED: &str = "市外から引っ越してきたとき、どんな手続きが必要ですか";

fn line(topic: &str, words: &str, articles: &[&str]) -> Line {
    Line {
        topic: topic.into(),
        lang: "ja".into(),
        words: words.into(),
        articles: articles.iter().map(|a| (*a).to_owned()).collect(),
        refuse: articles.is_empty(),
    }
}

/// Questions of which the bot answers these.
fn good() -> Vec<Line> {
    vec![
        line("moving", "転入届はいつまでに出せばいいですか", &["tennyu", "hikkoshi-kigen"]),
        line("moving", "火星人の飛行許可証", &[]),
        line("waste", "粗大ごみはどうやって出しますか", &["sodai-gomi-yoyaku"]),
    ]
}

async fn bring_in(town: &Town, lines: &[Line]) {
    let mut tx = town.test.db.write().await.expect("write");
    let (clock, mut rng) = (town.test.clock.as_ref(), town.test.rng());
    golden::bring_in(&mut tx, clock, &mut rng, "import", lines).await.expect("taken in");
    tx.commit().await.expect("commit");
}

async fn asked(town: &Town, topic: Option<&str>) -> Vec<Run> {
    let (db, clock, mut rng) = (&town.test.db, town.test.clock.as_ref(), town.test.rng());
    golden_run::run(db, clock, &mut rng, &town.library, topic, "command").await.expect("run")
}

async fn verdicts(town: &Town) -> BTreeMap<&'static str, Verdict> {
    let mut tx = town.test.db.read().await.expect("read");
    gate::read(&mut tx).await.expect("read").topics.into_iter().map(|t| (t.topic, t.verdict)).collect()
}

/// Acts as the coordinator does, and commits.
macro_rules! acts {
    ($town:ident, $who:ident, |$tx:ident, $desk:ident| $act:expr) => {{
        let mut tx = $town.test.db.write().await.expect("write");
        let ($tx, $desk): (&mut store::Tx, Desk<'_>) = (&mut tx, $town.desk(&$who));
        let done = $act.await;
        if done.is_ok() {
            tx.commit().await.expect("commit");
        }
        done
    }};
}

on_both_engines! {
    async fn a_topic_is_live_while_its_questions_pass(t: TestDb) {
        let town = Town::found(t).await;
        let gates = Gates::load(&town.test.db).await.expect("gates");
        assert!(!gates.is_live("moving"), "nothing was asked yet");
        bring_in(&town, &good()).await;
        assert_eq!(verdicts(&town).await["moving"], Verdict::NeverRun);
        let runs = asked(&town, None).await;
        let told: Vec<(&str, i64, i64)> = runs.iter().map(|r| (r.topic.as_str(), r.passed, r.total)).collect();
        assert_eq!(told, [("moving", 2, 2), ("waste", 1, 1)]);
        assert_eq!((runs[0].index_version, runs[0].ranking_model.len()), (town.library.snapshot().version, 64));
        assert_eq!(runs[0].language_model, "none");
        assert!(!gates.is_live("moving"), "this process has not heard of it yet");
        gates.refresh(&town.test.db).await.expect("read");
        assert!(gates.is_live("moving") && gates.is_live("waste") && !gates.is_live("registry"));

        // What is expected and does not come closes the topic, and what came is kept.
        bring_in(&town, &[line("moving", "住民票の写しがほしい", &["tennyu"]), line("moving", "転入届の持ち物は何ですか", &[])]).await;
        let again = asked(&town, Some("moving")).await;
        assert_eq!((again.len(), again[0].passed, again[0].total), (1, 2, 4));
        let mut tx = town.test.db.read().await.expect("read");
        let failed = golden_run::failures(&mut tx, &again[0].id).await.expect("read");
        drop(tx);
        assert_eq!(failed.len(), 2);
        let wrong = failed.iter().find(|f| f.expected == ["tennyu"]).expect("the first");
        assert!(wrong.came_articles.iter().any(|a| a.starts_with("juminhyo")), "{wrong:?}");
        assert!(failed.iter().any(|f| f.expected.is_empty() && f.came != "refused"));
        gates.refresh(&town.test.db).await.expect("read");
        assert!(!gates.is_live("moving") && gates.is_live("waste"));
        let mut tx = town.test.db.read().await.expect("read");
        assert_eq!(golden_run::runs_of(&mut tx, "moving", 10).await.expect("runs").len(), 2);
        assert_eq!(golden_run::last_runs(&mut tx).await.expect("runs").len(), 2);
    }

    async fn a_topic_without_questions_answers_only_if_the_city_says_so(t: TestDb) {
        let town = Town::found(t).await;
        let coordinator = town.coordinator();
        assert_eq!(verdicts(&town).await["registry"], Verdict::NoQuestions);
        let silent = acts!(town, coordinator, |tx, desk| control::set_test(tx, desk, "registry", ("", true), " "));
        assert!(matches!(silent, Err(ContactError::Field { field: "reason", .. })), "{silent:?}");
        acts!(town, coordinator, |tx, desk| control::set_test(tx, desk, "registry", ("", true), "試験はこれから作る")).expect("set");
        assert_eq!(verdicts(&town).await["registry"], Verdict::Untested);
        let gates = Gates::load(&town.test.db).await.expect("gates");
        assert!(gates.is_live("registry") && gates.may_use_model() && gates.disaster().is_none());
        // In disaster mode only verified answers are given.
        acts!(town, coordinator, |tx, desk| control::disaster_on(tx, desk, control::BANNER)).expect("on");
        gates.refresh(&town.test.db).await.expect("read");
        assert!(!gates.is_live("registry") && !gates.may_use_model());
        assert_eq!(gates.disaster().expect("on").text(Lang::En), control::BANNER[2]);
        let off = acts!(town, coordinator, |tx, desk| control::disaster_off(tx, desk, ""));
        assert!(matches!(off, Err(ContactError::Field { field: "reason", .. })));
        acts!(town, coordinator, |tx, desk| control::disaster_off(tx, desk, "おさまった")).expect("off");
        assert_eq!(verdicts(&town).await["registry"], Verdict::Untested);
        let empty = acts!(town, coordinator, |tx, desk| control::disaster_on(tx, desk, ["あ", " ", "a"]));
        assert!(matches!(empty, Err(ContactError::Field { field: "easy", .. })));
    }

    async fn whoever_turns_off_says_nothing_and_whoever_turns_on_says_why(t: TestDb) {
        let town = Town::found(t).await;
        let (coordinator, operator) = (town.coordinator(), town.operator.clone());
        bring_in(&town, &good()).await;
        asked(&town, None).await;
        let refused = acts!(town, operator, |tx, desk| control::turn_off(tx, desk, "moving"));
        assert!(matches!(refused, Err(ContactError::Forbidden)));
        let unknown = acts!(town, coordinator, |tx, desk| control::turn_off(tx, desk, "moon"));
        assert!(matches!(unknown, Err(ContactError::NotFound)));
        for _ in 0..2 {
            acts!(town, coordinator, |tx, desk| control::turn_off(tx, desk, "moving")).expect("off");
        }
        assert_eq!((verdicts(&town).await["moving"], verdicts(&town).await["waste"]), (Verdict::Off, Verdict::Passed));
        acts!(town, coordinator, |tx, desk| control::turn_off(tx, desk, control::ALL)).expect("off");
        assert_eq!(verdicts(&town).await["waste"], Verdict::AllOff);
        let silent = acts!(town, coordinator, |tx, desk| control::turn_on(tx, desk, control::ALL, "\n"));
        assert!(matches!(silent, Err(ContactError::Field { field: "reason", .. })));
        acts!(town, coordinator, |tx, desk| control::turn_on(tx, desk, control::ALL, "直した")).expect("on");
        assert_eq!((verdicts(&town).await["moving"], verdicts(&town).await["waste"]), (Verdict::Off, Verdict::Passed));
        acts!(town, coordinator, |tx, desk| control::turn_on(tx, desk, "moving", "直した")).expect("on");
        // A mark of its own that the run does not reach any more.
        bring_in(&town, &[line("waste", "住民票の写しがほしい", &["gomi-no-hi"])]).await;
        asked(&town, Some("waste")).await;
        assert_eq!(verdicts(&town).await["waste"], Verdict::Failed);
        for wrong in ["49", "101", "たかい"] {
            let refused = acts!(town, coordinator, |tx, desk| control::set_test(tx, desk, "waste", (wrong, false), "様子を見る"));
            assert!(matches!(refused, Err(ContactError::Field { field: "mark", .. })), "{wrong}");
        }
        acts!(town, coordinator, |tx, desk| control::set_test(tx, desk, "waste", ("５０", false), "様子を見る")).expect("set");
        assert_eq!(verdicts(&town).await["waste"], Verdict::Passed);
        let mut tx = town.test.db.read().await.expect("read");
        let history = control::history(&mut tx, 20).await.expect("history");
        let acts: Vec<(Act, &str)> = history.iter().rev().map(|c| (c.act, c.topic.as_str())).collect();
        let wanted = [(Act::TurnedOff, "moving"), (Act::TurnedOff, ""), (Act::TurnedOn, ""), (Act::TurnedOn, "moving"), (Act::PassMark, "waste")];
        assert_eq!(acts, wanted);
        assert_eq!((history[0].reason.as_str(), history[0].value), ("様子を見る", Some(50)));
        let rows = tx.rows("SELECT action FROM audit_event WHERE object_kind = 'answers'", Vec::new()).await.expect("audit");
        assert_eq!(rows.len(), 5);
    }

    async fn questions_are_kept_by_the_staff(t: TestDb) {
        let town = Town::found(t).await;
        let (coordinator, operator) = (town.coordinator(), town.operator.clone());
        let library = town.library.snapshot();
        let knows = |code: &str| library.by_code(code).is_some();
        let typed = Typed { topic: "moving".into(), lang: "ja".into(), words: "よその町から来た".into(), articles: "tennyu".into(), refuse: false };
        let mut rng = town.test.rng();
        let refused = acts!(town, operator, |tx, desk| golden::write(tx, desk, &mut rng, &knows, None, &typed));
        assert!(matches!(refused, Err(ContactError::Forbidden)));
        let id = acts!(town, coordinator, |tx, desk| golden::write(tx, desk, &mut rng, &knows, None, &typed)).expect("written");
        let twice = acts!(town, coordinator, |tx, desk| golden::write(tx, desk, &mut rng, &knows, None, &typed));
        assert!(matches!(twice, Err(ContactError::Field { field: "words", .. })));
        let other = Typed { articles: String::new(), refuse: true, ..typed.clone() };
        let same = acts!(town, coordinator, |tx, desk| golden::write(tx, desk, &mut rng, &knows, Some(&id), &other)).expect("changed");
        assert_eq!(same, id);
        let mut tx = town.test.db.read().await.expect("read");
        let all = golden::all(&mut tx).await.expect("read");
        assert!(all.len() == 1 && all[0].must_refuse());
        drop(tx);
        acts!(town, coordinator, |tx, desk| golden::remove(tx, desk, &id)).expect("removed");
        let gone = acts!(town, coordinator, |tx, desk| golden::remove(tx, desk, &id));
        assert!(matches!(gone, Err(ContactError::NotFound)));
        assert_eq!(verdicts(&town).await["moving"], Verdict::NoQuestions);
    }

    async fn after_articles_changed_one_job_runs_them_all(t: TestDb) {
        let town = Town::found(t).await;
        bring_in(&town, &good()).await;
        let (db, clock) = (town.test.db.clone(), town.test.clock.clone());
        let library = town.library.clone();
        let mut registry = Registry::default();
        registry.add(golden_run::LANE, golden_run::RUN, move |c| golden_run::handle(c, library.clone()));
        let worker = Worker { db: db.clone(), clock: clock.clone(), entropy: town.test.entropy_source(), registry };
        let version = town.library.snapshot().version;
        let behind = async |version: i64| {
            let mut tx = db.read().await.expect("read");
            golden_run::behind(&mut tx, version, town.library.ranking_model()).await.expect("read").len()
        };
        assert_eq!(behind(version).await, 2, "they never ran");
        let follow = golden_run::follow(db.clone(), clock.clone(), town.test.entropy_source(), town.library.clone());
        let follow = tokio::spawn(follow);
        let waiting = async |wanted: usize| {
            loop {
                let mut tx = db.read().await.expect("read");
                let jobs = tx.rows("SELECT id FROM job WHERE kind = 'contact.golden' AND state = 'ready'", Vec::new()).await.expect("jobs");
                drop(tx);
                if jobs.len() == wanted {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        waiting(1).await;
        assert_eq!(worker.drain().await.expect("work"), 0, "not before the delay is over");
        clock.advance(golden_run::DELAY);
        assert_eq!(worker.drain().await.expect("work"), 1);
        assert_eq!(behind(version).await, 0);
        // Two changes, one job.
        for _ in 0..2 {
            let mut tx = db.write().await.expect("write");
            store::changes::bump(&mut tx, knowledge::CHANGE_TOPIC).await.expect("bumped");
            tx.commit().await.expect("commit");
            waiting(1).await;
        }
        assert_eq!(behind(version + 2).await, 2);
        clock.advance(golden_run::DELAY);
        assert_eq!(worker.drain().await.expect("work"), 1);
        assert_eq!(behind(version + 2).await, 0, "it was read again before it was asked");
        follow.abort();
    }

    async fn every_answer_of_the_bot_is_on_record(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin(&format!("{ASKED} 090-1234-5678")).await;
        town.say(&receipt.id, 1, "いくらですか？").await;
        town.say(&receipt.id, 2, "火星人の飛行許可証").await;
        let mut tx = town.test.db.read().await.expect("read");
        let records = answer_record::newest(&mut tx, 10).await.expect("read");
        let messages = contact::message::since(&mut tx, &receipt.id, 0, 100).await.expect("read");
        let answers: Vec<_> = messages.iter().filter(|m| m.content.answer.is_some()).collect();
        assert_eq!((records.len(), answers.len()), (2, 2), "a refusal is no answer");
        for message in answers {
            let told = message.content.answer.as_ref().expect("an answer");
            let record = answer_record::of_message(&mut tx, &message.id).await.expect("read").expect("a record");
            let cited = record.cited().expect("articles");
            assert_eq!((cited.len(), cited[0].article.as_str(), cited[0].version), (1, told.article.as_str(), told.version));
            assert_eq!((record.by_model, record.model.as_str(), record.checked.as_str()), (false, "none", "{}"));
            assert_eq!(record.index_version, town.library.snapshot().version);
            assert_eq!(record.ranking_model, town.library.ranking_model());
            assert!(!record.question.contains("1234"), "{}", record.question);
            assert_eq!(answer_record::get(&mut tx, &record.id).await.expect("read").as_ref(), Some(&record));
        }
        let rows = tx.rows("SELECT article FROM answer_article", Vec::new()).await.expect("rows");
        assert_eq!(rows.len(), 2);
    }

    async fn in_a_disaster_calling_back_comes_first(t: TestDb) {
        let town = Town::found(t).await;
        let coordinator = town.coordinator();
        let receipt = town.begin("火星人の飛行許可証").await;
        assert_eq!(town.last(&receipt.id).await.content.choices[0].value, "person");
        acts!(town, coordinator, |tx, desk| control::disaster_on(tx, desk, control::BANNER)).expect("on");
        town.say(&receipt.id, 1, "火星人の飛行許可証").await;
        let values: Vec<String> = town.last(&receipt.id).await.content.choices.into_iter().map(|c| c.value).collect();
        assert_eq!(values, ["call-back", "person", "leave"]);
    }

    async fn a_closed_gate_hands_over_to_people(t: TestDb) {
        let town = Town::found(t).await;
        let gates = Gates::load(&town.test.db).await.expect("gates");
        let is_live = |topic: &str| gates.is_live(topic);
        let window = citizen::Window { is_live: &is_live, ..town.window() };
        let mut rng = town.test.rng();
        let begun = citizen::begin(window, &mut rng, &"2".repeat(32), Lang::Ja, "転入届はいつまで").await.expect("begun");
        assert_eq!(town.last(&begun.id).await.content.told.as_deref(), Some("topic-closed"));
        bring_in(&town, &good()).await;
        asked(&town, None).await;
        gates.refresh(&town.test.db).await.expect("read");
        citizen::say(window, &mut rng, &begun.id, &client(1), ASKED).await.expect("said");
        assert!(town.last(&begun.id).await.content.answer.is_some());
        let versions = store::changes::versions(&town.test.db).await.expect("versions");
        assert!(versions[CONTROL_TOPIC] > 0 && town.test.clock.now().millis() > 0);
    }
}
