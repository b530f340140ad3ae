//! Accounts, assignments and roles by dates.

use access::account::{self, Span};
use access::{AccessError, Action, Role};

use crate::support::{account as make, day, enrol, organisation, principal};

testkit::on_both_engines! {
    async fn a_transfer_ends_the_old_roles_and_begins_on_its_day(test: TestDb) {
        let id = make(&test, "ido", "shimin", &[Role::Author]).await;
        let (clock, mut rng, organisation) = (test.clock.as_ref(), test.rng(), organisation());
        let mut tx = test.db.write().await.expect("write");
        let span = Span { account: &id, section: Some("kankyo"), from: day("2027-04-01"), to: None };
        account::transfer(&mut tx, clock, &mut rng, "account:admin", &organisation, span.clone())
            .await
            .expect("transferred");
        account::give_role(&mut tx, clock, &mut rng, "account:admin", None, Role::Approver, span).await.expect("given");
        tx.commit().await.expect("commit");
        let before = principal(&test, &id, "2027-03-31").await;
        assert!(before.may_in(Action::ArticleWrite, "shimin"));
        assert!(!before.may(Action::ArticleApprove));
        let after = principal(&test, &id, "2027-04-01").await;
        assert!(!after.may(Action::ArticleWrite), "{after:?}");
        assert!(after.may_in(Action::ArticleApprove, "kankyo"));
        assert_eq!(after.sections, ["kankyo"]);
        test.close().await;
    }
    async fn a_role_holds_only_where_one_is_assigned(test: TestDb) {
        let id = make(&test, "kenmu", "shimin", &[]).await;
        let (clock, mut rng, organisation) = (test.clock.as_ref(), test.rng(), organisation());
        let mut tx = test.db.write().await.expect("write");
        let span = Span { account: &id, section: Some("kankyo"), from: day("2026-10-01"), to: Some(day("2026-12-31")) };
        account::give_role(&mut tx, clock, &mut rng, "account:a", None, Role::Author, span.clone()).await.expect("given");
        tx.commit().await.expect("commit");
        assert!(!principal(&test, &id, "2026-11-23").await.may(Action::ArticleWrite), "not assigned there");
        let mut tx = test.db.write().await.expect("write");
        account::assign(&mut tx, clock, &mut rng, "account:a", &organisation, true, span.clone())
            .await
            .expect("concurrent");
        tx.commit().await.expect("commit");
        assert!(principal(&test, &id, "2026-11-23").await.may_in(Action::ArticleWrite, "kankyo"));
        assert!(!principal(&test, &id, "2027-01-01").await.may(Action::ArticleWrite), "the concurrent post ended");
        let mut tx = test.db.write().await.expect("write");
        let second = Span { section: Some("doro"), ..span };
        let refused = account::assign(&mut tx, clock, &mut rng, "account:a", &organisation, false, second).await;
        assert!(
            matches!(refused, Err(AccessError::Invalid { field: "section", .. })),
            "one main post at a time: {refused:?}"
        );
        drop(tx);
        test.close().await;
    }
    async fn dangerous_roles_need_another_person(test: TestDb) {
        let id = make(&test, "kanri", "digital", &[]).await;
        let (clock, mut rng) = (test.clock.as_ref(), test.rng());
        for second in [None, Some("account:a")] {
            let mut tx = test.db.write().await.expect("write");
            let span = Span { account: &id, section: None, from: day("2026-04-01"), to: None };
            let refused =
                account::give_role(&mut tx, clock, &mut rng, "account:a", second, Role::Administrator, span).await;
            assert!(matches!(refused, Err(AccessError::Forbidden)), "{second:?}: {refused:?}");
        }
        test.close().await;
    }
    async fn a_stopped_account_is_nobody(test: TestDb) {
        let id = make(&test, "tomeru", "shimin", &[Role::Author]).await;
        enrol(&test, &id).await;
        let clock = test.clock.as_ref();
        let mut tx = test.db.write().await.expect("write");
        account::update(&mut tx, clock, "account:a", &id, "職員", false).await.expect("stopped");
        tx.commit().await.expect("commit");
        let mut tx = test.db.read().await.expect("read");
        let found = account::principal(&mut tx, &organisation(), &id, day("2026-11-23")).await;
        assert!(matches!(found, Err(AccessError::NotFound)));
        drop(tx);
        let mut tx = test.db.write().await.expect("write");
        let own = account::update(&mut tx, clock, &format!("account:{id}"), &id, "職員", false).await;
        assert!(matches!(own, Err(AccessError::Invalid { .. })), "nobody stops themselves");
        drop(tx);
        test.close().await;
    }
    async fn names_that_cannot_be_taken_are_told(test: TestDb) {
        make(&test, "onaji", "shimin", &[]).await;
        let (clock, mut rng) = (test.clock.as_ref(), test.rng());
        for (login, name) in [("onaji", "職員"), ("Big", "職員"), ("ab", "職員"), ("dare-ka", ""), ("日本語の名", "職員")]
        {
            let mut tx = test.db.write().await.expect("write");
            let refused = account::make(&mut tx, clock, &mut rng, "command-line", login, name, None).await;
            assert!(matches!(refused, Err(AccessError::Invalid { .. })), "{login} {name}: {refused:?}");
        }
        test.close().await;
    }
}
