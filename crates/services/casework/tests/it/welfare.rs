//! What stands behind it at home: a guarded part of a case.

use casework::case::{self, BULLYING};
use casework::entry::What;
use casework::participant::Item;
use casework::welfare::{self, Background, Child, Matter};
use casework::{CaseError, Unlocked};
use testkit::on_both_engines;

use crate::town::Town;

fn of(child: Child, words: &str) -> Background {
    Background { child, matters: vec![Matter::YoungCarer, Matter::Poverty], words: words.into() }
}

async fn write(town: &Town, who: &Unlocked, case: &str, what: Background) -> casework::Result<case::View> {
    let seen = town.version(who, case).await;
    welfare::write(town.house(), town.rng().as_mut(), who, case, seen, what).await
}

async fn known(town: &Town, account: &str, case: &str) -> Vec<String> {
    let view = case::view(town.house(), &town.unlocked(account).await, case).await.expect("viewed");
    let shown = format!("{view:?}");
    assert_eq!(shown.contains("家のようす"), !view.file.backgrounds.is_empty(), "nothing elsewhere");
    view.file.backgrounds.into_iter().map(|known| known.background.words).collect()
}

fn refused<T: std::fmt::Debug>(outcome: casework::Result<T>) {
    assert!(matches!(outcome, Err(CaseError::Rule(_) | CaseError::Field { .. })), "{outcome:?}");
}

on_both_engines! {
    async fn only_whoever_was_let_in_knows_of_it(t: TestDb) {
        let town = Town::found(t).await;
        town.officers(&["o1"]).await;
        let (_, child) = town.told("話").await;
        let (one, two, three) = (town.unlocked("c1").await, town.unlocked("c2").await, town.unlocked("c3").await);
        write(&town, &one, &child.case, of(Child::Victim, "家のようす 一")).await.expect("written");
        write(&town, &one, &child.case, of(Child::Victim, "家のようす 二")).await.expect("written");
        write(&town, &one, &child.case, of(Child::Accused, "家のようす 三")).await.expect("written");
        assert_eq!(town.number("SELECT count(*) AS n FROM case_ring WHERE kind = 'welfare'").await, 2, "one for each child");
        assert_eq!(known(&town, "c1", &child.case).await.len(), 3);
        assert!(known(&town, "c2", &child.case).await.is_empty());
        let letting = async |who: &Unlocked, account: &str| welfare::add_reader(town.house(), town.rng().as_mut(), who, &child.case, Child::Victim, account).await;
        assert!(matches!(letting(&two, "c3").await, Err(CaseError::NotFound)), "whoever does not hold it is not told of it");
        refused(letting(&one, "o1").await);
        town.join("c4").await;
        refused(letting(&one, "c4").await);
        letting(&one, "c2").await.expect("let in");
        assert_eq!(known(&town, "c2", &child.case).await, ["家のようす 一", "家のようす 二"]);
        assert!(known(&town, "c3", &child.case).await.is_empty());
        assert_eq!(welfare::readers(town.house(), &two, &child.case, Child::Victim).await.expect("read"), ["c1", "c2"]);
        assert!(matches!(welfare::readers(town.house(), &two, &child.case, Child::Accused).await, Err(CaseError::NotFound)));
        // A new reader of the case gets it only where the giver says so, and what the giver holds.
        case::add_reader(town.house(), town.rng().as_mut(), &two, &child.case, "c4").await.expect("added");
        assert!(known(&town, "c4", &child.case).await.is_empty());
        town.join("c5").await;
        case::add_reader_with(town.house(), town.rng().as_mut(), &two, &child.case, "c5", true).await.expect("added");
        assert_eq!(known(&town, "c5", &child.case).await.len(), 2);
        // The list tells of it to nobody.
        let listed = case::list(town.house(), &one, BULLYING).await.expect("listed");
        assert!(!format!("{listed:?}").contains("家のようす"));
        // Writing beside it, one who is not let in begins their own.
        write(&town, &three, &child.case, of(Child::Victim, "家のようす 四")).await.expect("written");
        assert_eq!(known(&town, "c3", &child.case).await, ["家のようす 四"]);
        assert_eq!(known(&town, "c1", &child.case).await.len(), 3);
        let told = town.chain("case.").await;
        assert!(told.contains(&"account:c1 case.write welfare".into()) && told.contains(&"account:c2 case.view entries,welfare".into()), "{told:?}");
    }

    async fn what_is_not_whole_or_elsewhere_is_not_written(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("話").await;
        let one = town.unlocked("c1").await;
        for bad in [Background { matters: vec![], ..of(Child::Victim, "家のようす") }, of(Child::Victim, " ")] {
            refused(write(&town, &one, &child.case, bad).await);
        }
        refused(town.write(&one, &child.case, vec![What::Background(of(Child::Victim, "家のようす"))]).await);
        assert_eq!(town.number("SELECT count(*) AS n FROM case_ring WHERE kind = 'welfare'").await, 0);
        let seen = town.version(&one, &child.case).await;
        write(&town, &one, &child.case, of(Child::Victim, "家のようす")).await.expect("written");
        let late = welfare::write(town.house(), town.rng().as_mut(), &one, &child.case, seen, of(Child::Victim, "家のようす")).await;
        assert!(matches!(late, Err(CaseError::Changed)), "{late:?}");
    }

    /// A copy would be read by everybody who reads the case.
    async fn it_is_not_picked_for_a_disclosure(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let one = town.unlocked("c1").await;
        let view = write(&town, &one, &child.case, of(Child::Victim, "家のようす")).await.expect("written");
        let entry = view.file.entries.iter().find(|placed| matches!(placed.entry.what, What::Background(_))).expect("there").id.clone();
        let to = town.invited(&one, &child.case, "p1").await;
        for words in [None, Some("要約".to_owned())] {
            refused(town.disclosed(&one, &child.case, &to, &[Item { from_entry: Some(entry.clone()), title: "家".into(), words }]).await);
        }
    }

    async fn whoever_is_taken_away_loses_it_also_by_one_who_does_not_hold_it(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("話").await;
        let (one, two, three) = (town.unlocked("c1").await, town.unlocked("c2").await, town.unlocked("c3").await);
        write(&town, &one, &child.case, of(Child::Victim, "家のようす")).await.expect("written");
        let removing = async |who: &Unlocked, account: &str| case::remove_reader(town.house(), town.rng().as_mut(), who, &child.case, account).await;
        refused(removing(&three, "c1").await);
        welfare::add_reader(town.house(), town.rng().as_mut(), &one, &child.case, Child::Victim, "c2").await.expect("let in");
        let epoch = "SELECT epoch AS n FROM case_ring WHERE kind = 'welfare'";
        // The one who removes does not hold it: the keys go at once, and the next holder who writes seals it anew.
        removing(&three, "c2").await.expect("removed");
        assert!(matches!(case::view(town.house(), &two, &child.case).await, Err(CaseError::NotFound)));
        assert_eq!(town.number("SELECT count(*) AS n FROM case_grant WHERE reader = 'account:c2'").await, 0);
        assert_eq!(town.number(epoch).await, 1);
        town.write(&three, &child.case, vec![What::Note { words: "x".into() }]).await.expect("written");
        assert_eq!(town.number(epoch).await, 1, "not by one who does not hold it");
        town.write(&one, &child.case, vec![What::Note { words: "x".into() }]).await.expect("written");
        assert_eq!(town.number(epoch).await, 2);
        assert_eq!(known(&town, "c1", &child.case).await, ["家のようす"]);
        // Of those who hold it one can be taken away and go on reading the case.
        welfare::add_reader(town.house(), town.rng().as_mut(), &one, &child.case, Child::Victim, "c3").await.expect("let in");
        refused(welfare::remove_reader(town.house(), town.rng().as_mut(), &one, &child.case, Child::Victim, "c1").await);
        welfare::remove_reader(town.house(), town.rng().as_mut(), &one, &child.case, Child::Victim, "c3").await.expect("removed");
        assert!(known(&town, "c3", &child.case).await.is_empty());
        assert_eq!(town.number(epoch).await, 3);
    }
}
