//! Changes from a day on.

use calendar::Closure;
use city::{CityClosure, SectionChange, add_closure, change_section, remove_closure, reorganisation as r};
use testkit::on_both_engines;

use crate::support::*;

fn phone(number: &str) -> SectionChange {
    SectionChange { phone: Some(number.into()), ..SectionChange::default() }
}

fn closure(from: &str, to: &str, section: Option<&str>) -> CityClosure {
    CityClosure {
        section: section.map(str::to_owned),
        days: Closure { from: day(from), to: day(to) },
        reason: "停電のため".into(),
        reason_easy: "電気(でんき)が 止(と)まります".into(),
        reason_en: "Power cut".into(),
    }
}

on_both_engines! {
    async fn a_number_changes_on_its_day_and_not_before(t: TestDb) {
        founded(&t).await;
        changing(&t, async |tx, by| change_section(tx, by, "gomi", day("2027-03-01"), &phone("1")).await)
            .await
            .expect("changed");
        let now = organisation(&t).await;
        let at = |on: &str| now.section("gomi", day(on)).expect("there").phone.clone();
        assert_eq!(at("2027-02-28"), "000-123-4567");
        assert_eq!(at("2027-03-01"), "1");
        assert_eq!(at("2030-01-01"), "1");
        // A second change on the same day corrects the first.
        changing(&t, async |tx, by| change_section(tx, by, "gomi", day("2027-03-01"), &phone("2")).await)
            .await
            .expect("changed");
        let now = organisation(&t).await;
        assert_eq!(now.spans("gomi").len(), 2);
        assert_eq!(now.section("gomi", day("2027-03-01")).expect("there").phone, "2");
        assert_eq!(audited(&t, "section.change").await, 2);
    }

    async fn a_number_that_changes_in_march_does_not_come_back_in_april(t: TestDb) {
        founded(&t).await;
        let id = changing(&t, async |tx, by| {
            let id = r::open(tx, by, "改正", day("2027-04-01"), "").await?;
            let moved = SectionChange { place: Some("新庁舎".into()), ..SectionChange::default() };
            r::add_step(tx, by, &id, "gomi", r::StepAction::Change(moved)).await?;
            r::schedule(tx, by, &id, 2).await?;
            Ok(id)
        })
        .await
        .expect("scheduled");
        changing(&t, async |tx, by| change_section(tx, by, "gomi", day("2027-03-01"), &phone("1")).await)
            .await
            .expect("changed");
        let now = organisation(&t).await;
        let april = now.section("gomi", day("2027-04-01")).expect("there");
        assert_eq!((april.phone.as_str(), april.place.as_str()), ("1", "新庁舎"));
        assert_eq!(now.section("gomi", day("2027-03-31")).expect("there").place, "本庁1階");
        // Taking the reorganisation back leaves the change of March as it is.
        changing(&t, async |tx, by| r::unschedule(tx, by, &id).await).await.expect("taken back");
        let now = organisation(&t).await;
        let april = now.section("gomi", day("2027-04-01")).expect("there");
        assert_eq!((april.phone.as_str(), april.place.as_str()), ("1", "本庁1階"));
    }

    async fn the_past_stays_as_it_was(t: TestDb) {
        founded(&t).await;
        let outcome = changing(&t, async |tx, by| change_section(tx, by, "gomi", day("2027-02-14"), &phone("1")).await);
        assert_eq!(refused(outcome.await).0, "from");
        changing(&t, async |tx, by| change_section(tx, by, "gomi", day("2027-02-15"), &phone("1")).await)
            .await
            .expect("today is no past");
        let outcome = changing(&t, async |tx, by| change_section(tx, by, "gomi", day("2027-03-01"), &phone(" ")).await);
        assert_eq!(refused(outcome.await).0, "phone");
        let nothing = SectionChange::default();
        let outcome = changing(&t, async |tx, by| change_section(tx, by, "gomi", day("2027-03-01"), &nothing).await);
        assert_eq!(refused(outcome.await).0, "change");
        let outcome = changing(&t, async |tx, by| change_section(tx, by, "nai", day("2027-03-01"), &phone("1")).await);
        assert!(refused(outcome.await).1.contains("2027年3月1日（月）"));
    }

    async fn closures_come_and_go(t: TestDb) {
        founded(&t).await;
        let new = closure("2027-03-10", "2027-03-11", Some("gomi"));
        changing(&t, async |tx, by| add_closure(tx, by, &new).await).await.expect("added");
        let now = organisation(&t).await;
        let gomi = now.section("gomi", day("2027-03-10")).expect("there");
        assert!(now.closure(gomi, day("2027-03-09")).is_none());
        assert!(now.closure(gomi, day("2027-03-10")).is_some());
        assert!(now.business_calendar().is_business_day(day("2027-03-10")), "only one section is closed");
        for (wrong, field) in [
            (closure("2027-03-11", "2027-03-10", None), "to"),
            (closure("2027-02-13", "2027-02-14", None), "to"),
            (closure("2027-03-10", "2027-03-10", Some("nai")), "section"),
            (CityClosure { reason: " ".into(), ..closure("2027-03-10", "2027-03-10", None) }, "reason"),
        ] {
            let outcome = changing(&t, async |tx, by| add_closure(tx, by, &wrong).await).await;
            assert_eq!(refused(outcome).0, field);
        }
        let mut tx = t.db.read().await.expect("read");
        let all = city::store::closures_with_ids(&mut tx).await.expect("closures");
        drop(tx);
        assert_eq!(all.len(), 1);
        changing(&t, async |tx, by| remove_closure(tx, by, &all[0].0).await).await.expect("removed");
        let again = changing(&t, async |tx, by| remove_closure(tx, by, &all[0].0).await).await;
        assert!(matches!(again, Err(city::CityError::NotFound)));
        assert_eq!((audited(&t, "closure.add").await, audited(&t, "closure.remove").await), (1, 1));
    }
}
