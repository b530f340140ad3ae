//! Two records that are one person.

use people::address::{self, Channel};
use people::secrecy::{self, Reason, TwoPersons};
use people::{PeopleError, Viewing, consent, merge, message, person};

use crate::support::{ACTOR, House, PURPOSE, to};

const TWO: TwoPersons<'static> = TwoPersons { asked_by: ACTOR, decided_by: "account:other" };

testkit::on_both_engines! {
    async fn everything_moves_and_the_old_id_leads_to_the_new_record(t: TestDb) {
        let mut h = House::new(t);
        let kept = h.person(Some("残る人")).await;
        let gone = h.reachable("minato@example.jp").await;
        let waiting = h.waiting(&gone).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        let id = merge::merge(&mut tx, &*clock, &mut h.rng, ACTOR, &kept, &gone).await.expect("merged");
        tx.commit().await.expect("commit");

        let mut tx = h.tx().await;
        assert_eq!(person::current(&mut tx, &gone).await.expect("current").id, kept);
        assert_eq!(address::find(&mut tx, Channel::Mail, "minato@example.jp").await.expect("found"), std::slice::from_ref(&kept));
        assert!(consent::stands(&mut tx, &kept, PURPOSE).await.expect("asked"));
        assert_eq!(message::get(&mut tx, &waiting).await.expect("entry").person, kept);
        let itself = merge::merge(&mut tx, &*clock, &mut h.rng, ACTOR, &kept, &gone).await;
        assert!(matches!(itself, Err(PeopleError::State)), "already one person");
        tx.rollback().await.expect("rollback");

        assert_eq!(to(&h.ready(&waiting).await), "minato@example.jp");
        assert!(matches!(h.queue(&gone).await, message::Queued::Queued { .. }), "the old id still works");

        let mut tx = h.tx().await;
        merge::undo(&mut tx, &*clock, &id, TWO).await.expect("undone");
        assert_eq!(person::current(&mut tx, &gone).await.expect("current").id, gone);
        assert_eq!(address::find(&mut tx, Channel::Mail, "minato@example.jp").await.expect("found"), std::slice::from_ref(&gone));
        assert!(!consent::stands(&mut tx, &kept, PURPOSE).await.expect("asked"));
        assert_eq!(message::get(&mut tx, &waiting).await.expect("entry").person, gone);
        assert!(matches!(merge::undo(&mut tx, &*clock, &id, TWO).await, Err(PeopleError::State)));
    }

    async fn an_address_of_both_is_as_safe_as_the_less_safe_one(t: TestDb) {
        let mut h = House::new(t);
        let (kept, gone) = (h.reachable("minato@example.jp").await, h.reachable("MINATO@example.jp").await);
        let (mut tx, clock) = (h.tx().await, h.clock());
        let of_kept = address::of_person(&mut tx, &kept).await.expect("addresses")[0].id.clone();
        address::set_safe(&mut tx, &*clock, ACTOR, &of_kept, true).await.expect("safe");
        secrecy::set(&mut tx, &*clock, ACTOR, &gone, Reason::Support).await.expect("set");
        merge::merge(&mut tx, &*clock, &mut h.rng, ACTOR, &kept, &gone).await.expect("merged");
        let found = address::find(&mut tx, Channel::Mail, "minato@example.jp").await.expect("found");
        assert_eq!(found, std::slice::from_ref(&kept));
        assert_eq!(person::get(&mut tx, &kept).await.expect("kept").secrecy.map(|s| s.reason).as_deref(), Some("support"));
        for a in address::of_person(&mut tx, &kept).await.expect("addresses") {
            assert_eq!(a.value.reveal(Viewing::deliver()).text(), None, "only one of the two called it safe");
        }
    }

    async fn undoing_needs_two_and_an_untouched_pair(t: TestDb) {
        let mut h = House::new(t);
        let (a, b, c) = (h.person(None).await, h.person(None).await, h.person(None).await);
        let (mut tx, clock) = (h.tx().await, h.clock());
        let first = merge::merge(&mut tx, &*clock, &mut h.rng, ACTOR, &a, &b).await.expect("merged");
        h.t.clock.advance(std::time::Duration::from_secs(1));
        let second = merge::merge(&mut tx, &*clock, &mut h.rng, ACTOR, &c, &a).await.expect("merged");
        assert_eq!(person::current(&mut tx, &b).await.expect("current").id, c);
        let alone = TwoPersons { asked_by: ACTOR, decided_by: ACTOR };
        assert!(matches!(merge::undo(&mut tx, &*clock, &second, alone).await, Err(PeopleError::SamePerson)));
        assert!(matches!(merge::undo(&mut tx, &*clock, &first, TWO).await, Err(PeopleError::State)));
        merge::undo(&mut tx, &*clock, &second, TWO).await.expect("the last first");
        merge::undo(&mut tx, &*clock, &first, TWO).await.expect("then the one before");
        assert_eq!(person::current(&mut tx, &b).await.expect("current").id, b);
    }
}
