//! 組織改正 from February over 31 March to 1 April.

use city::reorganisation::{self as r, Affected, State, StepAction};
use city::{CityError, SectionChange};
use testkit::{TestDb, on_both_engines};

use crate::support::*;

fn merge(into: &str) -> StepAction {
    StepAction::Merge { into: into.into() }
}

fn split(into: &[&str]) -> StepAction {
    StepAction::Split { into: into.iter().map(|c| (*c).to_owned()).collect() }
}

fn rename(name: &str) -> StepAction {
    StepAction::Rename { name: name.into(), name_easy: name.into(), name_en: "Renamed".into() }
}

async fn opened(t: &TestDb, on: &str) -> String {
    changing(t, async |tx, by| r::open(tx, by, "令和9年度 組織改正", day(on), "").await).await.expect("opened")
}

async fn add(t: &TestDb, id: &str, section: &str, action: StepAction) -> Result<String, CityError> {
    changing(t, async |tx, by| r::add_step(tx, by, id, section, action).await).await
}

async fn counter(t: &TestDb, id: &str) -> i64 {
    let mut tx = t.db.read().await.expect("read");
    r::get(&mut tx, id).await.expect("there").0.counter
}

async fn schedule(t: &TestDb, id: &str) -> Result<(), CityError> {
    let counter = counter(t, id).await;
    changing(t, async |tx, by| r::schedule(tx, by, id, counter).await).await
}

async fn unschedule(t: &TestDb, id: &str) -> Result<(), CityError> {
    changing(t, async |tx, by| r::unschedule(tx, by, id).await).await
}

/// gomi goes to kankyo, which gets another name and place; hoiku and kosodate become mirai; kaigo becomes two.
async fn prepared(t: &TestDb) -> String {
    founded(t).await;
    let id = opened(t, "2027-04-01").await;
    let moved = SectionChange { department: Some("くらし部".into()), ..SectionChange::default() };
    for (section, action) in [
        ("gomi", merge("kankyo")),
        ("kankyo", rename("環境ごみ課")),
        ("kankyo", StepAction::Change(moved)),
        ("mirai", StepAction::Create(complete("こども未来課"))),
        ("chiiki", StepAction::Create(complete("地域包括課"))),
        ("hoken", StepAction::Create(complete("介護保険課"))),
        ("kosodate", merge("mirai")),
        ("hoiku", StepAction::End { successor: "mirai".into() }),
        ("kaigo", split(&["hoken", "chiiki"])),
    ] {
        add(t, &id, section, action).await.unwrap_or_else(|e| panic!("{section}: {e}"));
    }
    id
}

on_both_engines! {
    async fn prepared_in_february_it_takes_effect_on_the_first_of_april(t: TestDb) {
        let id = prepared(&t).await;
        let before = organisation(&t).await;
        assert_eq!(code_on(&before, "gomi", "2027-04-01").as_deref(), Some("gomi"), "nothing is written yet");
        schedule(&t, &id).await.expect("scheduled");
        let state = async |on: &str| {
            morning(&t, on);
            let mut tx = t.db.read().await.expect("read");
            r::get(&mut tx, &id).await.expect("there").0.state(day(on))
        };
        assert_eq!(state("2027-02-15").await, State::Scheduled);
        assert_eq!(state("2027-03-31").await, State::Scheduled);
        assert_eq!(state("2027-04-01").await, State::InForce);
        let now = organisation(&t).await;
        for (code, march, april) in [
            ("gomi", Some("gomi"), Some("kankyo")),
            ("kankyo", Some("kankyo"), Some("kankyo")),
            ("kosodate", Some("kosodate"), Some("mirai")),
            ("hoiku", Some("hoiku"), Some("mirai")),
            ("kaigo", Some("kaigo"), Some("hoken")),
            ("mirai", None, Some("mirai")),
        ] {
            assert_eq!(code_on(&now, code, "2027-03-31").as_deref(), march, "{code}");
            assert_eq!(code_on(&now, code, "2027-04-01").as_deref(), april, "{code}");
            assert_eq!(code_on(&now, code, "2040-01-01").as_deref(), april, "{code}");
        }
        let kankyo = now.section("gomi", day("2027-04-01")).expect("there");
        assert_eq!((kankyo.name.as_str(), kankyo.department.as_str()), ("環境ごみ課", "くらし部"));
        assert_eq!(kankyo.phone, "000-123-4567", "what no step names stays");
        assert_eq!(now.section("kankyo", day("2027-03-31")).expect("there").name, "kankyo課");
        assert_eq!(now.codes_of("mirai", day("2027-04-01")), ["hoiku", "kosodate", "mirai"]);
        assert!(now.needs_choice(day("2027-03-31")).is_empty());
        let choices = now.needs_choice(day("2027-04-01"));
        assert_eq!(choices.len(), 1);
        assert_eq!((choices[0].code.as_str(), choices[0].successors.as_slice()), ("kaigo", &["hoken".to_owned(), "chiiki".into()][..]));
        let names = |on: &str| now.tree(day(on)).iter().map(|d| (d.name.clone(), d.sections.len())).collect::<Vec<_>>();
        assert_eq!(names("2027-03-31"), [("環境部".to_owned(), 2), ("福祉部".to_owned(), 3)]);
        assert_eq!(names("2027-04-01"), [("くらし部".to_owned(), 1), ("新しい部".to_owned(), 3)]);
        assert_eq!(audited(&t, "reorganisation.schedule").await, 1);
    }

    async fn before_its_day_everything_can_be_taken_back(t: TestDb) {
        let id = prepared(&t).await;
        let spans = async || {
            let mut tx = t.db.read().await.expect("read");
            city::store::sections(&mut tx).await.expect("sections")
        };
        let before = spans().await;
        for round in 0..2 {
            schedule(&t, &id).await.expect("scheduled");
            assert_ne!(spans().await, before);
            morning(&t, "2027-03-31");
            unschedule(&t, &id).await.expect("taken back");
            assert_eq!(spans().await, before, "round {round}");
            assert!(organisation(&t).await.needs_choice(day("2028-01-01")).is_empty());
        }
        schedule(&t, &id).await.expect("scheduled");
        morning(&t, "2027-04-01");
        let (field, reason) = refused(unschedule(&t, &id).await);
        assert_eq!(field, "state");
        assert!(reason.contains("2027年4月1日（木）に施行されました"), "{reason}");
    }

    async fn what_rests_on_it_must_go_first(t: TestDb) {
        let id = prepared(&t).await;
        schedule(&t, &id).await.expect("scheduled");
        let next = opened(&t, "2028-04-01").await;
        add(&t, &next, "mirai", merge("hoken")).await.expect("mirai exists by then");
        schedule(&t, &next).await.expect("scheduled");
        let now = organisation(&t).await;
        assert_eq!(code_on(&now, "hoiku", "2028-03-31").as_deref(), Some("mirai"));
        assert_eq!(code_on(&now, "hoiku", "2028-04-01").as_deref(), Some("hoken"), "hoiku, mirai, hoken: a chain");
        assert!(refused(unschedule(&t, &id).await).1.contains("mirai"));
        unschedule(&t, &next).await.expect("the later one first");
        unschedule(&t, &id).await.expect("then this one");
        assert_eq!(code_on(&organisation(&t).await, "hoiku", "2028-04-01").as_deref(), Some("hoiku"));
    }

    async fn wrong_steps_are_told_with_their_field(t: TestDb) {
        founded(&t).await;
        let id = opened(&t, "2027-04-01").await;
        add(&t, &id, "gomi", merge("kankyo")).await.expect("right");
        for (section, action, field, words) in [
            ("nai", rename("x"), "section", "2027年3月31日（水）にありません"),
            ("gomi", merge("hoiku"), "section", "同じ種類の手順"),
            ("gomi", rename("x"), "section", "終わります"),
            ("kankyo", merge("gomi"), "into", "同じ日に終わります"),
            ("kankyo", merge("kankyo"), "into", "同じ課には引き継げません"),
            ("kankyo", StepAction::End { successor: String::new() }, "successor", "引き継ぐ課を選んでください"),
            ("kankyo", merge("mirai"), "into", "先に新設の手順"),
            ("kankyo", split(&["hoiku", "hoiku"]), "into", "二つ以上"),
            ("hoiku", StepAction::Create(complete("x")), "section", "使われたことがあります"),
            ("ごみ", StepAction::Create(complete("x")), "section", "半角"),
            ("atarashii", StepAction::Create(SectionChange { phone: None, ..complete("x") }), "phone", "電話番号"),
            ("kankyo", StepAction::Change(SectionChange::default()), "change", "変えるところ"),
            ("kankyo", rename(" "), "name", "名前が空"),
        ] {
            let (told, reason) = refused(add(&t, &id, section, action.clone()).await);
            assert_eq!(told, field, "{section} {action:?}: {reason}");
            assert!(reason.contains(words), "{section} {action:?}: {reason}");
        }
        let mut tx = t.db.read().await.expect("read");
        assert_eq!(r::get(&mut tx, &id).await.expect("there").1.len(), 1, "nothing wrong was stored");
    }

    async fn a_step_on_which_another_rests_is_missed_when_it_is_gone(t: TestDb) {
        founded(&t).await;
        let id = opened(&t, "2027-04-01").await;
        let create = add(&t, &id, "mirai", StepAction::Create(complete("x"))).await.expect("added");
        let ending = add(&t, &id, "hoiku", merge("mirai")).await.expect("added");
        let counter_now = counter(&t, &id).await;
        changing(&t, async |tx, by| r::remove_step(tx, by, &id, counter_now, &create).await).await.expect("removed");
        assert_eq!(refused(schedule(&t, &id).await).0, "into");
        let stale = changing(&t, async |tx, by| {
            r::edit_step(tx, by, &id, counter_now, (&ending, "hoiku", merge("kosodate"))).await
        });
        assert!(matches!(stale.await, Err(CityError::Changed)));
        let counter_now = counter(&t, &id).await;
        changing(&t, async |tx, by| {
            r::edit_step(tx, by, &id, counter_now, (&ending, "hoiku", merge("kosodate"))).await
        })
        .await
        .expect("edited");
        schedule(&t, &id).await.expect("scheduled");
        assert!(matches!(add(&t, &id, "gomi", merge("kankyo")).await, Err(CityError::Invalid { field: "state", .. })));
        let cancel = changing(&t, async |tx, by| r::cancel(tx, by, &id).await).await;
        assert_eq!(refused(cancel).0, "state");
    }

    async fn two_plans_for_one_day_do_not_write_over_each_other(t: TestDb) {
        founded(&t).await;
        let (one, two) = (opened(&t, "2027-04-01").await, opened(&t, "2027-04-01").await);
        add(&t, &one, "gomi", rename("一")).await.expect("added");
        add(&t, &two, "gomi", rename("二")).await.expect("added, since nothing is written yet");
        let (first, second) = tokio::join!(schedule(&t, &one), schedule(&t, &two));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let (_, reason) = refused(if first.is_ok() { second } else { first });
        assert!(reason.contains("変更が予定されています"), "{reason}");
        assert_eq!(organisation(&t).await.spans("gomi").len(), 2);
    }

    async fn the_preview_shows_both_sides_and_who_is_affected(t: TestDb) {
        let id = prepared(&t).await;
        let mut tx = t.db.read().await.expect("read");
        let (found, steps) = r::get(&mut tx, &id).await.expect("there");
        let counts = |code: &str| Affected { articles: if code == "kaigo" { 12 } else { 0 }, ..Affected::default() };
        let preview = r::preview(&organisation(&t).await, found.takes_effect_on, &steps, counts).expect("preview");
        assert!(preview.problems.is_empty(), "{:?}", preview.problems);
        let codes = |tree: &[city::Department<city::Section>]| {
            let mut codes: Vec<_> = tree.iter().flat_map(|d| &d.sections).map(|s| s.code.clone()).collect();
            codes.sort();
            codes
        };
        assert_eq!(codes(&preview.before), ["gomi", "hoiku", "kaigo", "kankyo", "kosodate"]);
        assert_eq!(codes(&preview.after), ["chiiki", "hoken", "kankyo", "mirai"]);
        let kaigo = preview.changes.iter().find(|c| c.section == "kaigo").expect("there");
        assert!(kaigo.needs_choice && kaigo.after.is_none());
        assert_eq!((kaigo.affected.articles, kaigo.successors.len()), (12, 2));
        drop(tx);
        // What is shown is what comes.
        schedule(&t, &id).await.expect("scheduled");
        let after: Vec<_> = organisation(&t).await.sections_on(day("2027-04-01")).into_iter().cloned().collect();
        let mut shown: Vec<_> = preview.after.into_iter().flat_map(|d| d.sections).collect();
        shown.sort_by(|a, b| a.code.cmp(&b.code));
        assert_eq!(shown, after);
    }

    async fn a_day_that_has_come_cannot_be_planned(t: TestDb) {
        founded(&t).await;
        for wrong in ["2027-02-14", "2027-02-15"] {
            let outcome = changing(&t, async |tx, by| r::open(tx, by, "改正", day(wrong), "").await).await;
            assert_eq!(refused(outcome).0, "takes_effect_on", "{wrong}");
        }
        let id = opened(&t, "2027-02-16").await;
        add(&t, &id, "gomi", rename("ごみ課")).await.expect("added");
        morning(&t, "2027-02-16");
        assert_eq!(refused(schedule(&t, &id).await).0, "takes_effect_on");
        changing(&t, async |tx, by| r::cancel(tx, by, &id).await).await.expect("given up");
        assert_eq!(refused(schedule(&t, &id).await).0, "state");
    }

    /// Pages run on several threads: what they wait for must be able to move.
    async fn futures_move_between_threads(t: TestDb) {
        fn moves<F: Future + Send>(future: F) -> F {
            future
        }
        let id = prepared(&t).await;
        let (mut rng, counter) = (t.rng(), counter(&t, &id).await);
        let mut by = editor(&t, &mut rng);
        let mut tx = t.db.write().await.expect("write");
        moves(r::schedule(&mut tx, &mut by, &id, counter)).await.expect("scheduled");
        moves(r::unschedule(&mut tx, &mut by, &id)).await.expect("taken back in the same transaction");
        drop(moves(r::add_step(&mut tx, &mut by, &id, "gomi", rename("x"))));
        drop(moves(city::change_section(&mut tx, &mut by, "gomi", day("2027-03-01"), &complete("x"))));
    }
}
