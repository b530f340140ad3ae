//! Hand-over, vacations, and reading many cases at once.

use std::time::Duration;

use calendar::Clock;
use casework::case::{self, BULLYING, Why};
use casework::entry::{By, What};
use casework::handover::{self, HandOver};
use casework::{CaseError, clock};
use testkit::on_both_engines;

use crate::town::Town;

const DAY: Duration = Duration::from_secs(86_400);

fn to(account: &str) -> HandOver<'_> {
    HandOver { from: "c1", to: account, note: "続きをお願いします", until: None }
}

on_both_engines! {
    async fn cases_go_over_and_those_that_cannot_are_told(t: TestDb) {
        let town = Town::found(t).await;
        let (one, two) = (town.unlocked("c1").await, town.unlocked("c2").await);
        let mut ids = Vec::new();
        for words in ["一", "二", "三"] {
            ids.push(case::open(town.house(), town.rng().as_mut(), town.case_of(words, By::Account("c1".into()))).await.expect("opened").0);
        }
        // Of the second, the other is no reader any more; of the third, it is closed.
        case::remove_reader(town.house(), town.rng().as_mut(), &one, &ids[1], "c2").await.expect("removed");
        town.write(&one, &ids[2], vec![What::Closed { outcome: casework::entry::Outcome::Withdrawn, why: "希望".into() }]).await.expect("closed");
        let listed = case::list(town.house(), &one, BULLYING).await.expect("listed");
        let mut mine: Vec<_> = handover::cases_of(&listed, "c1").iter().map(|line| line.clear.id.clone()).collect();
        mine.sort();
        let mut open = ids[..2].to_vec();
        open.sort();
        assert_eq!(mine, open);
        let asked = [ids.clone(), vec!["00000000-0000-4000-8000-000000000000".into()]].concat();
        let outcome = handover::hand_over_all(town.house(), town.rng().as_mut(), &one, &asked, to("c2")).await.expect("handed over");
        assert_eq!(outcome.done, [ids[0].clone()]);
        assert_eq!(outcome.refused.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), asked[1..]);
        assert!(outcome.refused.iter().all(|(_, why)| why.ends_with('。')));
        let listed = case::list(town.house(), &two, BULLYING).await.expect("listed");
        assert_eq!(handover::cases_of(&listed, "c2").iter().map(|line| line.clear.id.as_str()).collect::<Vec<_>>(), [ids[0].as_str()]);
    }

    async fn a_deputy_answers_until_their_last_day(t: TestDb) {
        let town = Town::found(t).await;
        let one = town.unlocked("c1").await;
        let (id, _) = case::open(town.house(), town.rng().as_mut(), town.case_of("話", By::Account("c1".into()))).await.expect("opened");
        let today = town.test.clock.now().jst_date();
        let last = town.test.clock.now().plus(DAY * 3).jst_date();
        for (wrong, at) in [
            (HandOver { until: Some(today.yesterday().expect("a day")), ..to("c2") }, "until"),
            (HandOver { note: " ", ..to("c2") }, "note"),
            (to("c1"), "to"),
        ] {
            let refused = handover::hand_over_all(town.house(), town.rng().as_mut(), &one, std::slice::from_ref(&id), wrong).await;
            assert!(matches!(refused, Err(CaseError::Field { field, .. }) if field == at), "{refused:?}");
        }
        handover::hand_over_all(town.house(), town.rng().as_mut(), &one, std::slice::from_ref(&id), HandOver { until: Some(last), ..to("c2") }).await.expect("handed over");
        let accountable = async || case::view(town.house(), &town.unlocked("c1").await, &id).await.expect("viewed").clear.accountable;
        assert_eq!(accountable().await.as_deref(), Some("c2"));
        let listed = case::list(town.house(), &one, BULLYING).await.expect("listed");
        assert_eq!(listed[0].summary.as_ref().and_then(|summary| summary.deputy_until), Some(last));
        // Neither of them can be taken away meanwhile: one answers now, one will again.
        let three = town.unlocked("c3").await;
        for account in ["c1", "c2"] {
            let refused = case::remove_reader(town.house(), town.rng().as_mut(), &three, &id, account).await;
            assert!(matches!(refused, Err(CaseError::Rule(_))), "{refused:?}");
        }
        town.test.clock.advance(DAY * 3);
        assert_eq!(accountable().await.as_deref(), Some("c2"), "on the last day too");
        town.test.clock.advance(DAY);
        assert_eq!(town.number("SELECT count(*) AS n FROM sealed_case WHERE accountable = 'c2'").await, 1, "until somebody looks");
        assert_eq!(accountable().await.as_deref(), Some("c1"));
        assert_eq!(town.number("SELECT count(*) AS n FROM sealed_case WHERE accountable = 'c1'").await, 1);
    }

    /// Whoever shows a list and waits does not take a case out of the hands of somebody who took it over meanwhile.
    async fn what_somebody_took_over_meanwhile_stays_with_them(t: TestDb) {
        let town = Town::found(t).await;
        let (one, three) = (town.unlocked("c1").await, town.unlocked("c3").await);
        let (id, _) = case::open(town.house(), town.rng().as_mut(), town.case_of("話", By::Account("c1".into()))).await.expect("opened");
        let ids = [id.clone()];
        let taken = handover::hand_over_all(town.house(), town.rng().as_mut(), &three, &ids, to("c3")).await.expect("taken over");
        assert_eq!(taken.done, ids);
        let late = handover::hand_over_all(town.house(), town.rng().as_mut(), &one, &ids, to("c2")).await.expect("told");
        assert_eq!(late.refused, [(id, "この事案の担当は、もうほかの人にかわっています。".to_owned())]);
    }

    async fn many_are_read_for_a_purpose_and_news_stay_news(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let (_, gone) = town.told("もう読めない話").await;
        let (one, two) = (town.unlocked("c1").await, town.unlocked("c2").await);
        case::remove_reader(town.house(), town.rng().as_mut(), &one, &gone.case, "c2").await.expect("removed");
        let views = case::gather(town.house(), &two, BULLYING, Why::Agenda).await.expect("gathered");
        assert_eq!(views.iter().map(|view| view.clear.id.as_str()).collect::<Vec<_>>(), [child.case.as_str()]);
        assert_eq!(town.chain("case.view").await, ["account:c2 case.view agenda"]);
        let listed = case::list(town.house(), &two, BULLYING).await.expect("listed");
        assert!(listed[0].clear.has_news);
        town.invited(&one, &child.case, "p1").await;
        assert!(case::gather(town.house(), &town.unlocked("p1").await, BULLYING, Why::Effect).await.expect("gathered").is_empty());
    }

    async fn a_supervisor_is_told_whose_case_it_is(t: TestDb) {
        let town = Town::found(t).await;
        let (id, _) = case::open(town.house(), town.rng().as_mut(), town.case_of("ひみつの話", By::Account("c1".into()))).await.expect("opened");
        town.test.clock.advance(DAY);
        let mut tx = town.test.db.write().await.expect("write");
        let before = clock::overdue(&mut tx, BULLYING, town.test.clock.now()).await.expect("read");
        clock::take_news(&mut tx, town.test.clock.now()).await.expect("told");
        let after = clock::overdue(&mut tx, BULLYING, town.test.clock.now()).await.expect("read");
        tx.commit().await.expect("commit");
        let line = &before[0];
        assert_eq!((line.sealed_case.as_str(), line.accountable.as_deref(), line.told.as_str()), (id.as_str(), Some("c1"), "nothing"));
        assert_eq!((line.short().len(), after[0].told.as_str(), before.len()), (8, "overdue", 1));
        assert!(id.starts_with(line.short()) && !format!("{before:?}").contains("話"));
    }
}
