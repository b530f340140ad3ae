//! A small city in February.

use calendar::{Clock, Date, Instant, OfficeHours};
use city::{CityError, Editor, Organisation, Profile, Section, SectionChange};
use rand::rngs::ChaCha8Rng;
use store::Tx;
use testkit::TestDb;

pub(crate) const ADMINISTRATOR: &str = "account:administrator";

pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("date")
}

/// Ten in the morning of a day.
pub(crate) fn morning(t: &TestDb, of: &str) {
    t.clock.set(Instant::from_jst(day(of).at(10, 0, 0, 0)));
}

pub(crate) fn section(code: &str, department: &str) -> Section {
    Section {
        code: code.into(),
        valid_from: day("2026-04-01"),
        valid_to: None,
        successor: None,
        department: department.into(),
        name: format!("{code}課"),
        name_easy: format!("{code}課(か)"),
        name_en: format!("Section {code}"),
        phone: "000-123-4567".into(),
        extension: Some("2001".into()),
        place: "本庁1階".into(),
        place_easy: "1階(かい)".into(),
        place_en: "1st floor".into(),
        duties: "仕事".into(),
        hours: OfficeHours::default(),
        open_in_closures: false,
    }
}

/// Everything that a new section needs.
pub(crate) fn complete(name: &str) -> SectionChange {
    SectionChange {
        department: Some("新しい部".into()),
        name: Some(name.into()),
        name_easy: Some(name.into()),
        name_en: Some("New Section".into()),
        phone: Some("000-123-9999".into()),
        extension: None,
        place: Some("別館".into()),
        place_easy: Some("別館(べっかん)".into()),
        place_en: Some("Annex".into()),
        duties: Some("新しい仕事".into()),
        hours: Some(OfficeHours::default()),
        open_in_closures: None,
    }
}

/// Five sections in two departments, on 15 February 2027.
pub(crate) async fn founded(t: &TestDb) {
    morning(t, "2027-02-15");
    let sections = [
        section("kankyo", "環境部"),
        section("gomi", "環境部"),
        section("kosodate", "福祉部"),
        section("hoiku", "福祉部"),
        section("kaigo", "福祉部"),
    ];
    let profile = Profile::from_toml(include_str!("../../../../../demo/minamo/city.toml"), "city.toml").expect("toml");
    let mut tx = t.db.write().await.expect("write");
    city::store::save_profile(&mut tx, &profile).await.expect("profile");
    city::store::insert_sections(&mut tx, t.clock.as_ref(), &mut t.rng(), &sections).await.expect("sections");
    tx.commit().await.expect("commit");
}

pub(crate) fn editor<'a>(t: &'a TestDb, rng: &'a mut ChaCha8Rng) -> Editor<'a> {
    Editor { actor: ADMINISTRATOR, clock: t.clock.as_ref() as &dyn Clock, entropy: rng }
}

/// Runs a change in a transaction of its own and stores it if it went well.
pub(crate) async fn changing<T>(
    t: &TestDb,
    change: impl AsyncFnOnce(&mut Tx, &mut Editor<'_>) -> Result<T, CityError>,
) -> Result<T, CityError> {
    let mut rng = t.rng();
    let mut by = editor(t, &mut rng);
    let mut tx = t.db.write().await?;
    let outcome = change(&mut tx, &mut by).await?;
    tx.commit().await?;
    Ok(outcome)
}

pub(crate) async fn organisation(t: &TestDb) -> Organisation {
    Organisation::load(&t.db).await.expect("organisation")
}

pub(crate) fn code_on(organisation: &Organisation, code: &str, on: &str) -> Option<String> {
    organisation.section(code, day(on)).map(|s| s.code.clone())
}

/// The field and the sentence of a refusal.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, CityError>) -> (&'static str, String) {
    match outcome {
        Err(CityError::Invalid { field, reason }) => (field, reason),
        other => panic!("it should have been refused, and gave {other:?}"),
    }
}

pub(crate) async fn audited(t: &TestDb, action: &str) -> i64 {
    let mut tx = t.db.read().await.expect("read");
    let row = tx
        .row("SELECT count(*) AS n FROM audit_event WHERE action = $1", store::params![action])
        .await
        .expect("count")
        .expect("row");
    row.get("n").expect("n")
}
