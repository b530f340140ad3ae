//! Who reads a case: by keys, not by a flag.

use casework::case::{self, BULLYING};
use casework::entry::{Party, Role, What};
use casework::member::{self, DeskRole};
use casework::{CaseError, Unlocked};
use testkit::on_both_engines;
use vault::KeyPair;

use crate::town::{Town, words};

fn note(text: &str) -> What {
    What::Note { words: text.into() }
}

fn party(account: Option<&str>, section: Option<&str>) -> What {
    What::Party(Party {
        id: "p".into(),
        role: Role::Accused,
        name: "職員".into(),
        school: String::new(),
        account: account.map(str::to_owned),
        section: section.map(str::to_owned),
    })
}

fn refused<T: std::fmt::Debug>(outcome: casework::Result<T>) {
    assert!(matches!(outcome, Err(CaseError::NotFound)), "{outcome:?}");
}

on_both_engines! {
    /// Everything that a member could ask of a case of which they are no reader.
    async fn whoever_is_no_reader_finds_nothing(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("ひみつの話").await;
        town.join("c4").await;
        let (house, late) = (town.house(), town.unlocked("c4").await);
        assert_eq!(case::list(house, &late, BULLYING).await.expect("listed").len(), 0);
        refused(case::view(house, &late, &child.case).await);
        refused(case::add(house, town.rng().as_mut(), &late, &child.case, 1, vec![note("x")]).await);
        refused(case::add_reader(house, town.rng().as_mut(), &late, &child.case, "c4").await);
        refused(case::remove_reader(house, town.rng().as_mut(), &late, &child.case, "c1").await);
        refused(case::hold(house, town.rng().as_mut(), &late, &child.case, true, "理由").await);
        // The account of a reader with another key is none either.
        let forged = Unlocked { account: "c1".into(), secret: KeyPair::generate(town.rng().as_mut()).secret, desk: None };
        assert!(case::view(house, &forged, &child.case).await.is_err());
        assert!(case::list(house, &forged, BULLYING).await.is_err());
        refused(case::view(house, &town.unlocked("c1").await, "00000000-0000-4000-8000-000000000000").await);
        // A reader lets them in, and they read from the beginning.
        case::add_reader(house, town.rng().as_mut(), &town.unlocked("c1").await, &child.case, "c4").await.expect("added");
        assert_eq!(words(&case::view(house, &late, &child.case).await.expect("viewed")), ["ひみつの話"]);
        assert!(case::list(house, &late, BULLYING).await.expect("listed")[0].summary.is_some());
    }

    async fn only_consultants_with_a_key_become_readers(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        let add = async |account: &str| case::add_reader(town.house(), town.rng().as_mut(), &desk, &child.case, account).await;
        assert!(matches!(add("stranger").await, Err(CaseError::Rule(_))));
        member::join(town.house(), "account:admin", BULLYING, "keyless", DeskRole::Consultant, "異動のため").await.expect("joined");
        assert!(matches!(add("keyless").await, Err(CaseError::Rule(_))));
        member::join(town.house(), "account:admin", BULLYING, "boss", DeskRole::Supervisor, "異動のため").await.expect("joined");
        assert!(matches!(add("boss").await, Err(CaseError::Rule(_))));
    }

    /// A removed reader reads nothing of what came later, and their old keys open nothing of what was there.
    async fn a_removed_reader_has_lost_it(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("はじめの話").await;
        let (one, two) = (town.unlocked("c1").await, town.unlocked("c2").await);
        town.write(&one, &child.case, vec![note("内部のメモ")]).await.expect("written");
        // The keys that the second one held, as an old backup has them.
        let mut tx = town.test.db.read().await.expect("read");
        let old = tx.rows("SELECT ring, epoch, reader, public_half, sealed FROM case_grant WHERE reader = 'account:c2'", store::params![]).await.expect("rows");
        drop(tx);
        case::remove_reader(town.house(), town.rng().as_mut(), &one, &child.case, "c2").await.expect("removed");
        town.write(&one, &child.case, vec![note("あとのメモ")]).await.expect("written");
        refused(case::view(town.house(), &two, &child.case).await);
        assert_eq!(case::list(town.house(), &two, BULLYING).await.expect("listed").len(), 0);
        // Whoever puts the old keys back opens nothing: all was sealed anew.
        let mut tx = town.test.db.write().await.expect("write");
        for row in &old {
            let (ring, epoch, reader): (String, i64, String) = (row.get("ring").expect("text"), row.get("epoch").expect("number"), row.get("reader").expect("text"));
            let (public, sealed): (Vec<u8>, Vec<u8>) = (row.get("public_half").expect("bytes"), row.get("sealed").expect("bytes"));
            tx.execute("INSERT INTO case_grant (ring, epoch, reader, public_half, sealed) VALUES ($1, $2, $3, $4, $5)", store::params![ring, epoch, reader, public, sealed]).await.expect("put back");
        }
        tx.commit().await.expect("commit");
        let opened = case::view(town.house(), &two, &child.case).await;
        assert!(opened.is_err(), "{opened:?}");
        // The others and the child go on.
        assert_eq!(words(&case::view(town.house(), &one, &child.case).await.expect("viewed")), ["はじめの話", "内部のメモ", "あとのメモ"]);
        assert!(case::list(town.house(), &one, BULLYING).await.expect("listed")[0].summary.is_some());
        assert_eq!(casework::report::read(town.house(), &child).await.expect("read").entries.len(), 1);
    }

    async fn nobody_removes_themself_or_whoever_answers_for_it(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("話").await;
        let one = town.unlocked("c1").await;
        let remove = async |account: &str| case::remove_reader(town.house(), town.rng().as_mut(), &one, &child.case, account).await;
        assert!(matches!(remove("c1").await, Err(CaseError::Rule(_))));
        refused(remove("stranger").await);
        town.write(&one, &child.case, vec![What::HandedOver { to: "c2".into(), note: "お願いします".into(), until: None }]).await.expect("written");
        assert!(matches!(remove("c2").await, Err(CaseError::Rule(_))));
        assert_eq!(case::view(town.house(), &one, &child.case).await.expect("viewed").clear.accountable.as_deref(), Some("c2"));
    }

    /// Whoever is named as a party, or works in a section that is, loses the case at that moment and never gets it back.
    async fn the_wall_stands_against_persons_and_sections(t: TestDb) {
        for (what, walled, stays) in [(party(Some("c2"), None), "c2", "c3"), (party(None, Some("school")), "c3", "c2")] {
            let town = Town::found(testkit::TestDb::on(t.engine()).await).await;
            let (_, child) = town.told("先生のことです").await;
            let one = town.unlocked("c1").await;
            let accused = town.unlocked(walled).await;
            case::view(town.house(), &accused, &child.case).await.expect("read before");
            town.write(&one, &child.case, vec![what, note("そのあと")]).await.expect("written");
            refused(case::view(town.house(), &accused, &child.case).await);
            assert_eq!(case::list(town.house(), &accused, BULLYING).await.expect("listed").len(), 0);
            let again = case::add_reader(town.house(), town.rng().as_mut(), &one, &child.case, walled).await;
            assert!(matches!(again, Err(CaseError::Rule(_))), "{again:?}");
            case::view(town.house(), &town.unlocked(stays).await, &child.case).await.expect("the other one reads on");
            // The wall does not say who stands on it.
            for row in town.rows("SELECT digest FROM case_wall").await {
                let digest: String = row.get("digest").expect("text");
                assert_ne!(digest, store::ids::digest(walled), "it is no digest that could be guessed");
            }
            town.test.close().await;
        }
        t.close().await;
    }

    async fn whoever_writes_themself_down_as_a_party_hands_over_first(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("話").await;
        let one = town.unlocked("c1").await;
        let refused = town.write(&one, &child.case, vec![party(Some("c1"), None)]).await;
        assert!(matches!(refused, Err(CaseError::Rule(_))), "{refused:?}");
        case::view(town.house(), &one, &child.case).await.expect("nothing was stored");
    }

    /// Every view and every change is in the chain of the case, and the chain says nothing of it.
    async fn the_chain_names_who_and_nothing_else(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("ひみつの話").await;
        let one = town.unlocked("c1").await;
        let lists = "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.list' AND actor = 'account:c1'";
        assert_eq!(town.number(lists).await, 0);
        case::list(town.house(), &one, BULLYING).await.expect("listed");
        assert_eq!(town.number(lists).await, 1, "a list shows contents too");
        case::view(town.house(), &one, &child.case).await.expect("viewed");
        town.write(&one, &child.case, vec![note("ひみつのメモ"), What::Suspected { number: casework::entry::Suspicion::First, why: "けが".into() }]).await.expect("written");
        let mut tx = town.test.db.read().await.expect("read");
        let rows = tx.rows("SELECT actor, action, object, fields FROM audit_event WHERE object_kind = 'case' ORDER BY seq", store::params![]).await.expect("rows");
        let told: Vec<String> = rows.iter().map(|r| {
            let [actor, action, fields] = ["actor", "action", "fields"].map(|c| r.get::<String>(c).expect("text"));
            format!("{actor} {action} {fields}")
        }).collect();
        assert_eq!(told, [
            "reporter case.open opened", "account:c1 case.view entries", "account:c1 case.view entries",
            "account:c1 case.write entry", "account:c1 case.write entry",
        ]);
        let report = store::audit::verify(&mut tx, None, |_| {}).await.expect("verified");
        assert!(report.problems.is_empty(), "{report:?}");
    }
}
