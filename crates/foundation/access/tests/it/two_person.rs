//! Changes that need two persons.

use access::two_person::{self, Asked, RESET};
use access::{AccessError, Role, account, sign_in};
use calendar::{Clock, Instant};

use crate::support::{PASSWORD, account as make, enrol, principal};

const TODAY: &str = "2026-11-23";

testkit::on_both_engines! {
    async fn a_lost_device_is_replaced_by_two(test: TestDb) {
        let lost = make(&test, "nakushita", "shimin", &[Role::Author]).await;
        let first = make(&test, "kanri-1", "digital", &[Role::Administrator]).await;
        let second = make(&test, "kanri-2", "digital", &[Role::Administrator]).await;
        enrol(&test, &lost).await;
        let (clock, mut rng) = (test.clock.as_ref(), test.rng());
        let (one, two) = (principal(&test, &first, TODAY).await, principal(&test, &second, TODAY).await);
        let outsider = principal(&test, &lost, TODAY).await;
        let asked =
            Asked { kind: RESET, object_kind: "account", object: &lost, payload: "", reason: "端末をなくした" };
        let mut tx = test.db.write().await.expect("write");
        let id = two_person::ask(&mut tx, clock, &mut rng, &one, asked).await.expect("asked");
        let again = two_person::ask(&mut tx, clock, &mut rng, &one, asked).await;
        assert!(matches!(again, Err(AccessError::Invalid { .. })), "it is being asked for already");
        for who in [&one, &outsider] {
            let refused = two_person::decide(&mut tx, clock, who, &id, true, "").await;
            assert!(matches!(refused, Err(AccessError::Forbidden)), "{refused:?}");
        }
        let change = two_person::decide(&mut tx, clock, &two, &id, true, "本人を確かめた").await.expect("decided");
        account::reset(&mut tx, clock, &one.actor(), &two.actor(), &change.object).await.expect("reset");
        let twice = two_person::decide(&mut tx, clock, &two, &id, true, "").await;
        assert!(matches!(twice, Err(AccessError::Changed)));
        tx.commit().await.expect("commit");
        let client = sign_in::Client { device: None, network: "192.0.2.1", label: "" };
        let outcome =
            sign_in::with_password(&test.db, clock, &mut rng, "nakushita", PASSWORD, client).await.expect("tried");
        assert_eq!(outcome, sign_in::Outcome::Wrong, "the old password is gone");
        enrol(&test, &lost).await;
        test.close().await;
    }
    async fn what_nobody_decides_on_is_void(test: TestDb) {
        let first = make(&test, "kanri-1", "digital", &[Role::Administrator]).await;
        let second = make(&test, "kanri-2", "digital", &[Role::Administrator]).await;
        let (clock, mut rng) = (test.clock.as_ref(), test.rng());
        let (one, two) = (principal(&test, &first, TODAY).await, principal(&test, &second, TODAY).await);
        let asked = Asked { kind: RESET, object_kind: "account", object: &first, payload: "", reason: "理由" };
        let mut tx = test.db.write().await.expect("write");
        let id = two_person::ask(&mut tx, clock, &mut rng, &one, asked).await.expect("asked");
        tx.commit().await.expect("commit");
        test.clock.set(Instant::from_millis(clock.now().millis() + 3 * 24 * 60 * 60 * 1000 + 1));
        let mut tx = test.db.write().await.expect("write");
        assert!(matches!(two_person::decide(&mut tx, clock, &two, &id, true, "").await, Err(AccessError::Changed)));
        assert_eq!(two_person::latest(&mut tx, clock, 10).await.expect("read")[0].state, "expired");
        two_person::ask(&mut tx, clock, &mut rng, &one, asked).await.expect("it can be asked for anew");
        let empty = Asked { reason: "  ", payload: "x", ..asked };
        let refused = two_person::ask(&mut tx, clock, &mut rng, &one, empty).await;
        assert!(matches!(refused, Err(AccessError::Invalid { field: "reason", .. })));
        drop(tx);
        test.close().await;
    }
}
