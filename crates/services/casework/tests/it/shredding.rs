//! The end of a case: kept for its time, held back by law, then gone from every backup too.

use std::time::Duration;

use casework::entry::{Outcome, What};
use casework::{CaseError, OuterKeys, case, report};
use testkit::on_both_engines;

use crate::town::{KEPT, Town};

async fn closed(town: &Town) -> (casework::report::Reporter, casework::Unlocked) {
    let (_, child) = town.told("おわった話").await;
    let desk = town.unlocked("c1").await;
    let close = What::Closed { outcome: Outcome::Withdrawn, why: "本人の希望".into() };
    town.write(&desk, &child.case, vec![close]).await.expect("closed");
    (child, desk)
}

on_both_engines! {
    async fn a_case_is_shredded_when_its_time_is_over(t: TestDb) {
        let town = Town::found(t).await;
        let (child, desk) = closed(&town).await;
        let (open, _) = case::open(town.house(), town.rng().as_mut(), town.case_of("続く話", casework::entry::By::Account("c1".into()))).await.expect("opened");
        town.test.clock.advance(KEPT - Duration::from_millis(1));
        assert_eq!(case::shred_due(town.house()).await.expect("ran"), 0);
        // A backup of everything but the outer keys, made before.
        let kept = town.number("SELECT count(*) AS n FROM case_record").await;
        town.test.clock.advance(Duration::from_millis(1));
        assert_eq!(case::shred_due(town.house()).await.expect("ran"), 1);
        assert_eq!(case::shred_due(town.house()).await.expect("ran"), 0);
        assert!(matches!(case::view(town.house(), &desk, &child.case).await, Err(CaseError::NotFound)));
        assert!(matches!(report::read(town.house(), &child).await, Err(CaseError::NotFound)));
        assert!(town.outer.get(&child.case).expect("read").is_none());
        assert!(town.number("SELECT count(*) AS n FROM case_record").await < kept);
        assert_eq!(town.number("SELECT count(*) AS n FROM case_receipt").await, 0);
        case::view(town.house(), &desk, &open).await.expect("another case is not touched");
    }

    async fn what_is_held_by_law_is_kept(t: TestDb) {
        let town = Town::found(t).await;
        let (child, desk) = closed(&town).await;
        assert!(case::hold(town.house(), town.rng().as_mut(), &desk, &child.case, true, " ").await.is_err(), "a hold has a reason");
        case::hold(town.house(), town.rng().as_mut(), &desk, &child.case, true, "訴訟のため").await.expect("held");
        town.test.clock.advance(KEPT * 2);
        assert_eq!(case::shred_due(town.house()).await.expect("ran"), 0);
        let desk = town.unlocked("c1").await;
        case::view(town.house(), &desk, &child.case).await.expect("still there");
        case::hold(town.house(), town.rng().as_mut(), &desk, &child.case, false, "訴訟が終わった").await.expect("ended");
        assert_eq!(case::shred_due(town.house()).await.expect("ran"), 1);
    }

    async fn a_case_that_is_opened_again_is_not_shredded(t: TestDb) {
        let town = Town::found(t).await;
        let (child, desk) = closed(&town).await;
        town.write(&desk, &child.case, vec![What::Reopened { why: "また始まった".into() }]).await.expect("opened");
        town.test.clock.advance(KEPT * 2);
        assert_eq!(case::shred_due(town.house()).await.expect("ran"), 0);
    }

    /// An old backup with every row and every key of every member opens nothing once the outer key is gone.
    async fn a_backup_does_not_outlive_the_outer_key(t: TestDb) {
        let town = Town::found(t).await;
        let (child, desk) = closed(&town).await;
        town.outer.destroy(&child.case).expect("destroyed");
        assert!(town.number("SELECT count(*) AS n FROM case_record").await > 0);
        assert!(matches!(case::view(town.house(), &desk, &child.case).await, Err(CaseError::NotFound)));
        // Another key in its place does not help.
        town.outer.keep(&child.case, &vault::OuterKey::generate(town.rng().as_mut())).expect("kept");
        assert!(matches!(case::view(town.house(), &desk, &child.case).await, Err(CaseError::Vault(vault::VaultError::Opaque))));
    }
}
