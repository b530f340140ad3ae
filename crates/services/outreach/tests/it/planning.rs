//! Plans as the approver sees them, and who may approve.

use city::Lang;
use outreach::sending::{self, Draft, State};
use outreach::subscription::Choices;
use outreach::{OutreachError, Quiet, Quota, approval, planning, recipient};
use testkit::on_both_engines;

use crate::peer::Peer;
use crate::town::{APPROVER, AUTHOR, Town, choosing, waste};

/// Followers: three of waste (one of them in English without quiet hours, one in 北地区), one of tax, one of nothing,
/// one of waste who blocked the account.
async fn followers(town: &Town) {
    town.follower("U1", &choosing(&["waste"], Lang::Ja)).await;
    let english = Choices { quiet: Quiet::NONE, ..choosing(&["waste"], Lang::En) };
    town.follower("U2", &english).await;
    let north = Choices { district: Some("北地区".into()), ..choosing(&["waste"], Lang::Easy) };
    town.follower("U3", &north).await;
    town.follower("U4", &choosing(&["tax"], Lang::Ja)).await;
    town.follower("U5", &Choices::none(Lang::Ja)).await;
    let blocked = town.follower("U6", &choosing(&["waste"], Lang::Ja)).await;
    let mut tx = town.test.db.write().await.expect("write");
    recipient::block(&mut tx, town.test.clock.as_ref(), &blocked).await.expect("blocked");
    tx.commit().await.expect("commit");
}

async fn recipients(town: &Town, draft: Draft) -> i64 {
    let sending = town.draft(&draft).await;
    town.plan(&sending.id, Quota::default()).await.expect("planned").recipients
}

on_both_engines! {
    async fn a_plan_tells_its_figures_and_is_kept(t: TestDb) {
        let town = Town::found(t);
        followers(&town).await;
        let sending = town.draft(&waste()).await;
        assert_eq!((sending.number.as_str(), sending.state), ("配信-2026-0001", State::Draft));
        let quota = Quota { limit: Some(100), used: 90, reserve: 5, bound: 0 };
        let plan = town.plan(&sending.id, quota).await.expect("planned");
        // Whoever reads plain Japanese gets the Japanese text, since there is no other.
        assert_eq!((plan.recipients, plan.batches, plan.later, plan.cost), (3, 2, 0, 3));
        assert_eq!(plan.by_lang, [(Lang::Ja, 2), (Lang::En, 1)]);
        let mut tx = town.test.db.read().await.expect("read");
        assert_eq!(planning::of(&mut tx, &sending.id).await.expect("read"), Some(plan.clone()));
        drop(tx);
        assert_eq!(town.sending(&sending.id).await.state, State::Planned);
        // Once more: the same again, not twice as many.
        assert_eq!(town.plan(&sending.id, quota).await.expect("planned"), plan);
    }

    async fn nobody_gets_what_they_did_not_choose(t: TestDb) {
        let town = Town::found(t);
        followers(&town).await;
        let urgent = |topic: &str| Draft { topic: topic.into(), urgent: Some("避難".into()), ..waste() };
        assert_eq!(recipients(&town, waste()).await, 3);
        assert_eq!(recipients(&town, Draft { topic: "tax".into(), ..waste() }).await, 1);
        assert_eq!(recipients(&town, Draft { districts: vec!["北地区".into()], ..waste() }).await, 1);
        assert_eq!(recipients(&town, urgent("waste")).await, 3, "urgent alone reaches no more");
        assert_eq!(recipients(&town, urgent("disaster")).await, 5, "all who can be reached");
        let mut north = urgent("disaster");
        north.districts = vec!["北地区".into()];
        assert_eq!(recipients(&town, north.clone()).await, 5, "whoever said no district is told of each");
        north.districts = vec!["南地区".into()];
        assert_eq!(recipients(&town, north).await, 4, "and who said one is not told of others");
        let declined = Choices { declines_urgent: true, ..Choices::none(Lang::Ja) };
        town.follower("U5", &declined).await;
        assert_eq!(recipients(&town, urgent("disaster")).await, 4, "who declined it does not get it");
        let sending = town.draft(&Draft { topic: "disaster".into(), ..waste() }).await;
        let nobody = town.plan(&sending.id, Quota::default()).await;
        assert!(matches!(nobody, Err(OutreachError::Rule(_))), "{nobody:?}");
    }

    async fn over_quota_is_refused_and_other_sends_count(t: TestDb) {
        let town = Town::found(t);
        followers(&town).await;
        town.tester().await;
        let quota = Quota { limit: Some(10), used: 4, reserve: 2, bound: 0 };
        let first = town.draft(&waste()).await;
        town.plan(&first.id, quota).await.expect("planned");
        town.try_out(&first.id, Peer::of(&town).as_ref()).await;
        town.approve(APPROVER, &first.id).await.expect("approved");
        let second = town.draft(&waste()).await;
        let refused = town.plan(&second.id, quota).await.expect_err("3 of 10 - 4 - 2 - 3").to_string();
        assert!(refused.contains("3通ですが") && refused.contains("残り1通"), "{refused}");
        assert_eq!(town.sending(&second.id).await.state, State::Draft);
        town.plan(&second.id, Quota { used: 2, ..quota }).await.expect("3 of 10 - 2 - 2 - 3");
    }

    async fn another_person_approves_what_was_tried_out(t: TestDb) {
        let town = Town::found(t);
        followers(&town).await;
        let (db, clock) = (&town.test.db, town.test.clock.as_ref());
        let sending = town.draft(&waste()).await;
        let id = sending.id.as_str();
        assert!(town.approve(APPROVER, id).await.is_err(), "not planned");
        town.plan(id, Quota::default()).await.expect("planned");
        assert!(town.approve(APPROVER, id).await.is_err(), "not tried out");
        let none = approval::test(db, clock, &mut town.test.rng(), Peer::of(&town).as_ref(), AUTHOR, id).await;
        assert!(matches!(none, Err(OutreachError::Rule(_))), "nobody to try it with");
        town.tester().await;
        town.try_out(id, Peer::of(&town).as_ref()).await;
        assert!(matches!(town.approve(AUTHOR, id).await, Err(OutreachError::Rule(_))), "the author");
        // Somebody corrects it: a draft again, to be tried out again, and neither of the two may approve it.
        let other = Draft { title: "年末のごみ".into(), ..waste() };
        let changed = sending::change(db, clock, &mut town.test.rng(), "editor", id, 1, &other).await.expect("changed");
        assert_eq!((changed.state, changed.version), (State::Draft, 2));
        let late = sending::change(db, clock, &mut town.test.rng(), AUTHOR, id, 1, &other).await;
        assert!(matches!(late, Err(OutreachError::Changed)));
        town.plan(id, Quota::default()).await.expect("planned");
        assert!(town.approve(APPROVER, id).await.is_err(), "the old text was tried out");
        town.try_out(id, Peer::of(&town).as_ref()).await;
        assert!(town.approve(AUTHOR, id).await.is_err() && town.approve("editor", id).await.is_err());
        let seen = town.sending(id).await;
        town.plan(id, Quota::default()).await.expect("planned anew meanwhile");
        let stale = approval::approve(db, clock, &mut town.test.rng(), APPROVER, &seen).await;
        assert!(matches!(stale, Err(OutreachError::Changed)));
        town.approve(APPROVER, id).await.expect("approved");
        assert_eq!(town.sending(id).await.approver.as_deref(), Some(APPROVER));
        approval::give_back(db, clock, &mut town.test.rng(), APPROVER, id, "日付").await.expect("given back");
        let back = town.sending(id).await;
        assert_eq!((back.state, back.approver), (State::Draft, None));
    }
}
