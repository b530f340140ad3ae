//! A city for figures: sections with their hours and raw rows in the database, no dictionary.

use calendar::{Date, Instant};
use city::{Organisation, Profile};
use contact::figures::report::{self, By, Report, Wanted};
use contact::{Channel, EventKind};
use store::{Value, params};
use testkit::TestDb;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../demo/minamo");

/// Tuesday, 24 November 2026.
pub(super) fn the_day() -> Date {
    "2026-11-24".parse().expect("date")
}

/// An instant by seconds after the midnight with which the day begins.
pub(super) fn second(seconds: i64) -> Instant {
    Instant::from_millis(Instant::start_of(the_day()).millis() + seconds * 1_000)
}

/// A raw event as the log holds it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Raw {
    pub(super) contact: String,
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) kind: EventKind,
    pub(super) channel: Channel,
    pub(super) section: String,
    pub(super) account: Option<String>,
    pub(super) topic: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) value: Option<i64>,
}

/// A raw contact.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Person {
    pub(super) contact: String,
    pub(super) lang: &'static str,
    pub(super) person: Option<String>,
}

/// A raw change of presence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Presence {
    pub(super) account: String,
    pub(super) state: &'static str,
    pub(super) at: i64,
}

/// All that was recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Records {
    pub(super) contacts: Vec<Person>,
    pub(super) events: Vec<Raw>,
    pub(super) presences: Vec<Presence>,
}

pub(super) async fn found(test: &TestDb) -> Organisation {
    let read = |name: &str| std::fs::read_to_string(format!("{DEMO}/{name}")).expect("demo file");
    let from: Date = "2026-04-01".parse().expect("date");
    let mut tx = test.db.write().await.expect("write");
    let sections = city::sections_from_toml(&read("sections.toml"), "sections.toml", from).expect("sections");
    city::store::insert_sections(&mut tx, test.clock.as_ref(), &mut test.rng(), &sections).await.expect("sections");
    let profile = Profile::from_toml(&read("city.toml"), "city.toml").expect("profile");
    city::store::save_profile(&mut tx, &profile).await.expect("profile");
    tx.commit().await.expect("commit");
    Organisation::load(&test.db).await.expect("city")
}

fn event(e: &Raw) -> Vec<Value> {
    params![
        format!("{}-{}", e.contact, e.seq),
        &e.contact,
        e.seq,
        e.at,
        e.kind.code(),
        "citizen",
        e.channel.code(),
        &e.section,
        e.account.as_deref(),
        e.topic.as_deref(),
        e.reason.as_deref(),
        e.value
    ]
}

fn contact(p: &Person) -> Vec<Value> {
    let (id, zero) = (&p.contact, 0_i64);
    params![id, id, "key", id, "web", p.lang, "resolved", "kocho", p.person.as_deref(), zero, zero, zero, zero, zero]
}

/// Adds records to the database as they are.
pub(super) async fn add(test: &TestDb, records: &Records) {
    let mut tx = test.db.write().await.expect("write");
    let columns = [
        "id",
        "number",
        "key_hash",
        "submission",
        "channel",
        "lang",
        "state",
        "section",
        "person",
        "last_seq",
        "citizen_seen_seq",
        "staff_seen_seq",
        "created_at",
        "updated_at",
    ];
    tx.insert_many("contact", &columns, records.contacts.iter().map(contact)).await.expect("contacts");
    let columns =
        ["id", "contact", "seq", "at", "kind", "actor", "channel", "section", "account", "topic", "reason", "value"];
    tx.insert_many("contact_event", &columns, records.events.iter().map(event)).await.expect("events");
    let presence = |p: &Presence| params![format!("{}-{}", p.account, p.at), &p.account, p.state, p.at];
    let columns = ["id", "account", "state", "at"];
    tx.insert_many("operator_event", &columns, records.presences.iter().map(presence)).await.expect("presences");
    tx.commit().await.expect("commit");
}

/// Forgets all records and facts.
pub(super) async fn clear(test: &TestDb) {
    let mut tx = test.db.write().await.expect("write");
    for sql in [
        "DELETE FROM contact WHERE id <> ''",
        "DELETE FROM contact_event WHERE id <> ''",
        "DELETE FROM operator_event WHERE id <> ''",
    ] {
        tx.execute(sql, params![]).await.expect("cleared");
    }
    tx.commit().await.expect("commit");
    forget_facts(test).await;
}

/// Forgets all facts.
pub(super) async fn forget_facts(test: &TestDb) {
    let mut tx = test.db.write().await.expect("write");
    for sql in [
        "DELETE FROM contact_fact WHERE contact <> ''",
        "DELETE FROM contact_figure WHERE kind <> ''",
        "DELETE FROM figure_day WHERE day <> ''",
        "DELETE FROM figure_state WHERE name <> ''",
    ] {
        tx.execute(sql, params![]).await.expect("cleared");
    }
    tx.commit().await.expect("commit");
}

/// Makes the sums of all days out of date, and takes them away.
pub(super) async fn forget_sums(test: &TestDb) {
    let mut tx = test.db.write().await.expect("write");
    for sql in ["DELETE FROM contact_figure WHERE kind <> ''", "UPDATE figure_day SET rolled = 0 WHERE day <> ''"] {
        tx.execute(sql, params![]).await.expect("cleared");
    }
    tx.commit().await.expect("commit");
}

/// The whole period of the records.
pub(super) fn wanted() -> Wanted {
    let to = "2026-12-31".parse().expect("date");
    Wanted { from: the_day(), to, sections: None, topic: None, channel: None }
}

pub(super) async fn report(test: &TestDb, organisation: &Organisation, by: By, wanted: &Wanted) -> Report {
    let mut tx = test.db.read().await.expect("read");
    report::report(&mut tx, organisation, the_day(), by, wanted).await.expect("report")
}

/// All facts, by contact.
pub(super) async fn facts(test: &TestDb) -> Vec<contact::figures::Fact> {
    let mut tx = test.db.read().await.expect("read");
    contact::figures::after(&mut tx, "", 1_000_000).await.expect("facts")
}
