//! Persons, addresses, consent, households and secrecy.

use calendar::{Clock, Date};
use people::address::{self, Channel, State};
use people::place::{self, Kind};
use people::secrecy::{self, Reason, TwoPersons};
use people::{PeopleError, Purpose, Viewing, consent, erasure, household, person};
use store::params;

use crate::support::{ACTOR, House, PURPOSE};

const MAIL: &str = "minato@example.jp";

testkit::on_both_engines! {
    async fn an_address_is_found_however_it_is_typed(t: TestDb) {
        let mut h = House::new(t);
        let one = h.person(None).await;
        let two = h.person(None).await;
        h.address(&one, "Minato@Example.jp").await;
        h.address(&two, "other@example.jp").await;
        let mut tx = h.tx().await;
        for typed in ["minato@example.jp", " MINATO@EXAMPLE.JP", "ｍｉｎａｔｏ＠example.jp"] {
            assert_eq!(address::find(&mut tx, Channel::Mail, typed).await.expect("found"), std::slice::from_ref(&one), "{typed}");
        }
        assert!(address::find(&mut tx, Channel::Mail, "nobody@example.jp").await.expect("found").is_empty());
        assert!(address::find(&mut tx, Channel::Mail, "not an address").await.expect("found").is_empty());
        let stored = address::of_person(&mut tx, &one).await.expect("addresses");
        assert_eq!(stored[0].value.reveal(Viewing::deliver()).to_string(), "Minato@example.jp");
    }

    async fn a_bad_address_is_refused_with_a_sentence(t: TestDb) {
        let mut h = House::new(t);
        let id = h.person(None).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        for typed in ["", "minato", "a@example.jp\r\nBcc: b@example.jp", "a@b@c.jp"] {
            match address::add(&mut tx, &*clock, &mut h.rng, ACTOR, &id, Channel::Mail, typed).await {
                Err(PeopleError::Invalid { field: "mail", reason }) => assert!(!reason.is_empty()),
                other => panic!("{typed:?}: {other:?}"),
            }
        }
        let line = address::add(&mut tx, &*clock, &mut h.rng, ACTOR, &id, Channel::Line, "U123").await;
        assert!(matches!(line, Err(PeopleError::Invalid { field: "channel", .. })));
    }

    async fn an_address_taken_back_must_be_verified_again(t: TestDb) {
        let mut h = House::new(t);
        let id = h.person(None).await;
        let first = h.address(&id, MAIL).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        let again = address::add(&mut tx, &*clock, &mut h.rng, ACTOR, &id, Channel::Mail, MAIL).await.expect("again");
        assert_eq!(again, first);
        assert!(address::get(&mut tx, &first).await.expect("address").verified_at.is_some(), "nothing changed");
        address::withdraw(&mut tx, &*clock, ACTOR, &first).await.expect("withdrawn");
        assert!(address::find(&mut tx, Channel::Mail, MAIL).await.expect("found").is_empty());
        assert!(matches!(address::verify(&mut tx, &*clock, ACTOR, &first).await, Err(PeopleError::State)));
        address::add(&mut tx, &*clock, &mut h.rng, ACTOR, &id, Channel::Mail, MAIL).await.expect("added back");
        let back = address::get(&mut tx, &first).await.expect("address");
        assert_eq!((back.state, back.verified_at), (State::Active, None));
        assert_eq!(back.value.reveal(Viewing::deliver()).to_string(), MAIL);
    }

    async fn consent_stands_until_it_is_taken_back(t: TestDb) {
        let mut h = House::new(t);
        let id = h.person(None).await;
        h.agree(&id).await;
        h.agree(&id).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        assert!(consent::stands(&mut tx, &id, PURPOSE).await.expect("asked"));
        assert!(!consent::stands(&mut tx, &id, "newsletter").await.expect("asked"));
        assert_eq!(consent::of_person(&mut tx, &id).await.expect("list").len(), 1);
        assert!(consent::withdraw(&mut tx, &*clock, ACTOR, &id, PURPOSE).await.expect("withdrawn"));
        assert!(!consent::withdraw(&mut tx, &*clock, ACTOR, &id, PURPOSE).await.expect("twice"));
        assert!(!consent::stands(&mut tx, &id, PURPOSE).await.expect("asked"));
    }

    async fn secrecy_hides_everything_and_lifting_needs_two(t: TestDb) {
        let mut h = House::new(t);
        let id = h.person(Some("港の利用者")).await;
        let safe = h.address(&id, "safe@example.jp").await;
        h.address(&id, MAIL).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        address::set_safe(&mut tx, &*clock, ACTOR, &safe, true).await.expect("safe");
        place::add(&mut tx, &*clock, &mut h.rng, ACTOR, &id, Kind::Postal, "港町1丁目").await.expect("place");
        assert!(secrecy::set(&mut tx, &*clock, ACTOR, &id, Reason::Support).await.expect("set"));
        assert!(!secrecy::set(&mut tx, &*clock, ACTOR, &id, Reason::Request).await.expect("again"));

        for purpose in Purpose::ALL {
            for reads_persons in [true, false] {
                let viewing = Viewing { purpose, reads_persons };
                for a in address::of_person(&mut tx, &id).await.expect("addresses") {
                    let shown = a.value.reveal(viewing).text().is_some();
                    assert_eq!(shown, a.id == safe && purpose == Purpose::Deliver, "{viewing:?}");
                }
                for p in place::of_person(&mut tx, &id).await.expect("places") {
                    assert_eq!(p.text.reveal(viewing).to_string(), "秘匿");
                }
            }
        }

        let alone = TwoPersons { asked_by: ACTOR, decided_by: ACTOR };
        assert!(matches!(secrecy::lift(&mut tx, &*clock, &id, alone).await, Err(PeopleError::SamePerson)));
        let two = TwoPersons { asked_by: ACTOR, decided_by: "account:other" };
        assert!(secrecy::lift(&mut tx, &*clock, &id, two).await.expect("lifted"));
        assert!(person::get(&mut tx, &id).await.expect("person").secrecy.is_none());
        let shown = address::of_person(&mut tx, &id).await.expect("addresses");
        assert!(shown.iter().all(|a| a.value.reveal(Viewing::staff(true)).text().is_some()));
    }

    async fn a_household_does_not_tell_of_a_member_under_secrecy(t: TestDb) {
        let mut h = House::new(t);
        let (one, two) = (h.person(Some("甲")).await, h.person(Some("乙")).await);
        let (mut tx, clock) = (h.tx().await, h.clock());
        let home = household::create(&mut tx, &*clock, &mut h.rng, ACTOR, Some("港町の世帯")).await.expect("household");
        let day = Date::constant(2026, 4, 1);
        for id in [&one, &two, &two] {
            household::join(&mut tx, &*clock, &mut h.rng, ACTOR, &home, id, day).await.expect("joined");
        }
        let today = clock.now().jst_date();
        assert_eq!(household::get(&mut tx, &home, today).await.expect("home").members.len(), 2);
        assert!(household::get(&mut tx, &home, Date::constant(2026, 3, 31)).await.expect("home").members.is_empty());
        assert_eq!(household::of_person(&mut tx, &two, today).await.expect("homes"), std::slice::from_ref(&home));

        secrecy::set(&mut tx, &*clock, ACTOR, &two, Reason::Support).await.expect("set");
        let listed = household::get(&mut tx, &home, today).await.expect("home");
        assert_eq!(listed.members.iter().map(|m| m.person.as_str()).collect::<Vec<_>>(), [one.as_str()]);
        assert!(household::of_person(&mut tx, &two, today).await.expect("homes").is_empty());
        assert!(!format!("{listed:?}").contains("甲"));

        household::leave(&mut tx, &*clock, ACTOR, &home, &one, Date::constant(2026, 10, 31)).await.expect("left");
        assert!(household::get(&mut tx, &home, today).await.expect("home").members.is_empty());
        assert_eq!(household::get(&mut tx, &home, Date::constant(2026, 10, 31)).await.expect("home").members.len(), 1);
        let twice = household::leave(&mut tx, &*clock, ACTOR, &home, &one, today).await;
        assert!(matches!(twice, Err(PeopleError::State)));
    }

    async fn every_change_leaves_an_event_that_says_who(t: TestDb) {
        let mut h = House::new(t);
        let id = h.reachable("minato@example.jp").await;
        h.waiting(&id).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        secrecy::set(&mut tx, &*clock, ACTOR, &id, Reason::Support).await.expect("set");
        let two = TwoPersons { asked_by: "account:asks", decided_by: "account:decides" };
        secrecy::lift(&mut tx, &*clock, &id, two).await.expect("lifted");
        erasure::erase(&mut tx, &*clock, ACTOR, &id).await.expect("erased");
        let rows = tx
            .rows("SELECT action, actor FROM audit_event WHERE object_kind = 'person' ORDER BY stream, seq", params![])
            .await
            .expect("events");
        let events: Vec<(String, String)> =
            rows.iter().map(|r| (r.get("action").expect("action"), r.get("actor").expect("actor"))).collect();
        let expected = [
            ("person.create", ACTOR),
            ("person.address.add", ACTOR),
            ("person.address.verify", ACTOR),
            ("person.consent.give", ACTOR),
            ("person.secrecy.set", ACTOR),
            ("person.secrecy.lift.ask", "account:asks"),
            ("person.secrecy.lift", "account:decides"),
            ("person.erase", ACTOR),
        ];
        assert_eq!(events, expected.map(|(action, actor)| (action.to_owned(), actor.to_owned())));
        let queued = tx
            .rows("SELECT actor FROM audit_event WHERE action = 'message.queue'", params![])
            .await
            .expect("events");
        assert_eq!(queued.len(), 1);
    }

    async fn names_change_and_go(t: TestDb) {
        let mut h = House::new(t);
        let id = h.person(Some(" 港の\n利用者 ")).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        let name = |p: person::Person| p.name.map(|n| n.reveal(Viewing::letter()).to_string());
        assert_eq!(name(person::get(&mut tx, &id).await.expect("person")).as_deref(), Some("港の利用者"));
        person::rename(&mut tx, &*clock, &mut h.rng, ACTOR, &id, Some("別の名")).await.expect("renamed");
        assert_eq!(name(person::get(&mut tx, &id).await.expect("person")).as_deref(), Some("別の名"));
        let blank = person::rename(&mut tx, &*clock, &mut h.rng, ACTOR, &id, Some(" \n ")).await;
        assert!(matches!(blank, Err(PeopleError::Invalid { field: "name", .. })));
        person::rename(&mut tx, &*clock, &mut h.rng, ACTOR, &id, None).await.expect("removed");
        assert_eq!(name(person::get(&mut tx, &id).await.expect("person")), None);
        assert!(matches!(person::get(&mut tx, "nobody").await, Err(PeopleError::NotFound)));
    }
}
