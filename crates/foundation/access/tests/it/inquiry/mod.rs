//! 照会 from asking to closing, on both engines.

mod answering;
mod deadlines;
mod opening;
mod reminding;
mod seeing;

use std::sync::Arc;

use access::inquiry::{self, Acting, Answer, Inquiry, NewInquiry, Target};
use access::{AccessError, Principal, Role};
use calendar::{Clock, Closure, Date, Instant, OfficeHours};
use city::{CityClosure, Organisation, Profile, Section};
use store::worker::{Registry, Worker};
use store::{Tx, params};
use testkit::TestDb;

/// Tuesday, 24 November 2026 is today; due dates of these tests are in December.
pub(crate) const TODAY: &str = "2026-11-24";
/// A Tuesday.
pub(crate) const DUE: &str = "2026-12-08";

pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("date")
}

/// Moves the clock to an hour of a day.
pub(crate) fn at(t: &TestDb, on: &str, hour: i8) {
    t.clock.set(Instant::from_jst(day(on).at(hour, 0, 0, 0)));
}

fn section(code: &str, from: &str, to: Option<&str>, successor: Option<&str>) -> Section {
    Section {
        code: code.into(),
        valid_from: day(from),
        valid_to: to.map(day),
        successor: successor.map(str::to_owned),
        department: "部".into(),
        name: format!("{code}課"),
        name_easy: format!("{code}課(か)"),
        name_en: code.into(),
        phone: "000-123-4567".into(),
        extension: None,
        place: "本庁".into(),
        place_easy: "市役所(しやくしょ)".into(),
        place_en: "City Hall".into(),
        duties: "仕事".into(),
        hours: OfficeHours::default(),
        open_in_closures: false,
    }
}

/// A city: koho asks; gomi and kosodate answer; gomi goes to kankyo on 1 April 2027; mukashi ended without anybody.
pub(crate) async fn founded(t: &TestDb) -> Organisation {
    at(t, TODAY, 10);
    let sections = [
        section("koho", "2026-04-01", None, None),
        section("kosodate", "2026-04-01", None, None),
        section("kankyo", "2026-04-01", None, None),
        section("gomi", "2026-04-01", Some("2027-03-31"), Some("kankyo")),
        section("mukashi", "2025-04-01", Some("2026-03-31"), None),
    ];
    let new_year = CityClosure {
        section: None,
        days: Closure { from: day("2026-12-29"), to: day("2027-01-03") },
        reason: "年末年始のため".into(),
        reason_easy: "年末年始(ねんまつねんし)".into(),
        reason_en: "New Year".into(),
    };
    let profile =
        Profile::from_toml(include_str!("../../../../../../demo/minamo/city.toml"), "city.toml").expect("toml");
    let mut tx = t.db.write().await.expect("write");
    city::store::save_profile(&mut tx, &profile).await.expect("profile");
    city::store::insert_sections(&mut tx, t.clock.as_ref(), &mut t.rng(), &sections).await.expect("sections");
    city::store::insert_closures(&mut tx, t.clock.as_ref(), &mut t.rng(), &[new_year]).await.expect("closures");
    tx.commit().await.expect("commit");
    Organisation::load(&t.db).await.expect("organisation")
}

pub(crate) fn holder(account: &str, role: Role, section: &str) -> Principal {
    Principal {
        account: account.into(),
        name: role.name().into(),
        sections: vec![section.into()],
        roles: vec![(role, role.in_section().then(|| section.to_owned()))],
    }
}

pub(crate) fn asker() -> Principal {
    holder("asker", Role::Manager, "koho")
}

pub(crate) fn author(section: &str) -> Principal {
    holder(&format!("author-{section}"), Role::Author, section)
}

/// Runs a change in a transaction of its own and stores it if it went well.
pub(crate) async fn acting<T>(
    t: &TestDb,
    city: &Organisation,
    who: &Principal,
    change: impl AsyncFnOnce(&mut Tx, &mut Acting<'_>) -> Result<T, AccessError>,
) -> Result<T, AccessError> {
    let mut rng = t.rng();
    let clock: &dyn Clock = t.clock.as_ref();
    let mut by = Acting { principal: who, organisation: city, clock, entropy: &mut rng };
    let mut tx = t.db.write().await?;
    let outcome = change(&mut tx, &mut by).await?;
    tx.commit().await?;
    Ok(outcome)
}

pub(crate) fn new<'a>(due: &str, targets: &'a [String]) -> NewInquiry<'a> {
    NewInquiry {
        kind: inquiry::FREE,
        period: None,
        title: "窓口の混雑について",
        body: "混む時間を教えてください。",
        section: "koho",
        due_on: day(due),
        targets,
        items: &[],
    }
}

/// An inquiry to gomi and kosodate, due on [`DUE`].
pub(crate) async fn opened(t: &TestDb, city: &Organisation) -> Inquiry {
    let targets = ["gomi".to_owned(), "kosodate".into()];
    acting(t, city, &asker(), async |tx, by| inquiry::open(tx, by, new(DUE, &targets)).await).await.expect("opened")
}

pub(crate) async fn answered(
    t: &TestDb,
    city: &Organisation,
    who: &Principal,
    (inquiry, section, counter): (&str, &str, i64),
    said: Answer<'_>,
) -> Result<(), AccessError> {
    acting(t, city, who, async |tx, by| inquiry::answer(tx, by, inquiry, section, (counter, said)).await).await
}

pub(crate) async fn target(t: &TestDb, city: &Organisation, of: &Inquiry, section: &str) -> Target {
    let mut tx = t.db.read().await.expect("read");
    let detail = inquiry::detail(&mut tx, &asker(), city, t.clock.now().jst_date(), &of.number).await.expect("detail");
    detail.targets.into_iter().find(|target| target.section == section).expect("asked")
}

/// The field and the sentence of a refusal.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, AccessError>) -> (&'static str, String) {
    match outcome {
        Err(AccessError::Invalid { field, reason }) => (field, reason),
        other => panic!("it should have been refused, and gave {other:?}"),
    }
}

pub(crate) async fn count(t: &TestDb, sql: &'static str) -> i64 {
    let mut tx = t.db.read().await.expect("read");
    tx.row(sql, params![]).await.expect("count").expect("row").get("n").expect("n")
}

pub(crate) fn worker(t: &TestDb) -> Worker {
    let mut registry = Registry::default();
    registry.add(inquiry::LANE, inquiry::REMIND, inquiry::remind_job);
    Worker { db: t.db.clone(), clock: Arc::clone(&t.clock) as Arc<dyn Clock>, entropy: t.entropy_source(), registry }
}
