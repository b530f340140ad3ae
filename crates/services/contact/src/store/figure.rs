//! The figures' rows in the database.

use std::collections::{BTreeSet, HashMap};

use calendar::Instant;
use store::{Result, Row, Sql, StoreError, Tx, Value, params};

use crate::event::Event;
use crate::figures::fact::Fact;

/// Columns of `contact_fact`, in the order of [`values`].
const COLUMNS: [&str; 49] = [
    "contact",
    "seq",
    "opened_at",
    "day",
    "half_hour",
    "channel",
    "lang",
    "first_section",
    "section",
    "topic",
    "merged",
    "bot_spoke",
    "bot_answered",
    "bot_alone",
    "asked_back",
    "refused",
    "handed_over",
    "queued",
    "answered",
    "abandoned",
    "queued_at",
    "picked_up_at",
    "wait_ms",
    "wait_open_ms",
    "first_reply_ms",
    "handled",
    "finished",
    "talk_ms",
    "hold_ms",
    "wrap_up_ms",
    "ended",
    "resolved_at",
    "resolved_day",
    "resolution_ms",
    "wrap_up",
    "returned_ms",
    "transfers_offered",
    "transfers",
    "transfers_declined",
    "side_questions",
    "explained_again",
    "call_backs_asked",
    "call_backs_kept",
    "call_backs_in_time",
    "call_backs_given_up",
    "rating",
    "incidents",
    "incident_ms",
    "wrong_answers",
];

/// The fields of a fact as they are stored; what is true or false is stored as 1 or 0, so that it can be added up.
fn values(f: &Fact) -> Vec<Value> {
    let flag = i64::from;
    params![
        &f.contact,
        f.seq,
        f.opened_at,
        f.day,
        f.half_hour,
        f.channel.code(),
        &f.lang,
        &f.first_section,
        &f.section,
        f.topic.as_deref(),
        flag(f.merged),
        flag(f.bot_spoke),
        flag(f.bot_answered),
        flag(f.bot_alone),
        flag(f.asked_back),
        flag(f.refused),
        flag(f.handed_over),
        flag(f.queued),
        flag(f.answered),
        flag(f.abandoned),
        f.queued_at,
        f.picked_up_at,
        f.wait_ms,
        f.wait_open_ms,
        f.first_reply_ms,
        flag(f.handled),
        flag(f.finished),
        f.talk_ms,
        f.hold_ms,
        f.wrap_up_ms,
        flag(f.ended),
        f.resolved_at,
        f.resolved_day,
        f.resolution_ms,
        f.wrap_up.as_deref(),
        f.returned_ms,
        f.transfers_offered,
        f.transfers,
        f.transfers_declined,
        f.side_questions,
        f.explained_again,
        f.call_backs_asked,
        f.call_backs_kept,
        f.call_backs_in_time,
        f.call_backs_given_up,
        f.rating,
        f.incidents,
        f.incident_ms,
        f.wrong_answers,
    ]
}

/// `$from, $from+1, …` for so many values.
fn places(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

fn texts(all: &[String]) -> Vec<Value> {
    all.iter().map(Value::from).collect()
}

/// Whoever writes figures goes one after the other, so that two of them never wait for each other crosswise.
pub(crate) async fn lock(tx: &mut Tx) -> Result<()> {
    tx.execute(
        "INSERT INTO figure_state (name, at) VALUES ('writer', 0)
         ON CONFLICT (name) DO UPDATE SET at = figure_state.at + 1",
        params![],
    )
    .await?;
    Ok(())
}

/// Puts facts in the place of those of the same contacts. The sums of their days are out of date then.
pub async fn replace(tx: &mut Tx, facts: &[Fact]) -> Result<()> {
    if facts.is_empty() {
        return Ok(());
    }
    lock(tx).await?;
    let days: BTreeSet<_> = facts.iter().map(|f| f.day).collect();
    for day in days {
        tx.execute(
            "INSERT INTO figure_day (day, version, rolled, limits) VALUES ($1, 1, 0, '')
             ON CONFLICT (day) DO UPDATE SET version = figure_day.version + 1",
            params![day],
        )
        .await?;
    }
    let ids: Vec<String> = facts.iter().map(|f| f.contact.clone()).collect();
    let gone = format!("DELETE FROM contact_fact WHERE contact IN ({})", places(1, ids.len()));
    tx.execute(Sql::built(gone), texts(&ids)).await?;
    let rows: Vec<Vec<Value>> = facts.iter().map(values).collect();
    tx.insert_many("contact_fact", &COLUMNS, rows).await?;
    Ok(())
}

/// The facts of some contacts, by id.
pub async fn of(tx: &mut Tx, contacts: &[String]) -> Result<Vec<Fact>> {
    if contacts.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT {} FROM contact_fact WHERE contact IN ({}) ORDER BY contact",
        COLUMNS.join(", "),
        places(1, contacts.len())
    );
    tx.all(Sql::built(text), texts(contacts)).await
}

/// All facts after an id, in the order of ids.
pub async fn after(tx: &mut Tx, contact: &str, limit: i64) -> Result<Vec<Fact>> {
    let text = format!("SELECT {} FROM contact_fact WHERE contact > $1 ORDER BY contact LIMIT $2", COLUMNS.join(", "));
    tx.all(Sql::built(text), params![contact, limit]).await
}

/// Contacts with a log, in the order of ids, after one of them.
pub(crate) async fn logged_after(tx: &mut Tx, contact: &str, limit: i64) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT contact FROM contact_event WHERE contact > $1 AND seq = 1 ORDER BY contact LIMIT $2",
            params![contact, limit],
        )
        .await?;
    rows.iter().map(|r| r.get("contact")).collect()
}

/// Contacts whose log has events since an instant that their fact does not have.
pub(crate) async fn grown(tx: &mut Tx, from: Instant) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT g.contact AS contact FROM
                 (SELECT e.contact AS contact, max(e.seq) AS seq FROM contact_event e WHERE e.at >= $1 GROUP BY e.contact) g
             LEFT JOIN contact_fact f ON f.contact = g.contact
             WHERE f.seq IS NULL OR f.seq < g.seq ORDER BY g.contact",
            params![from],
        )
        .await?;
    rows.iter().map(|r| r.get("contact")).collect()
}

/// The logs of some contacts: of each in order.
pub(crate) async fn logs(tx: &mut Tx, contacts: &[String]) -> Result<HashMap<String, Vec<Event>>> {
    let mut found: HashMap<String, Vec<Event>> = HashMap::new();
    if contacts.is_empty() {
        return Ok(found);
    }
    let text = format!(
        "SELECT id, contact, seq, at, kind, actor, channel, section, other_section, account, topic, article,
             article_version, reason, value
         FROM contact_event WHERE contact IN ({}) ORDER BY contact, seq",
        places(1, contacts.len())
    );
    let events: Vec<Event> = tx.all(Sql::built(text), texts(contacts)).await?;
    for event in events {
        found.entry(event.contact.clone()).or_default().push(event);
    }
    Ok(found)
}

/// Language and person of some contacts that are there still.
pub(crate) async fn known(tx: &mut Tx, contacts: &[String]) -> Result<HashMap<String, (String, Option<String>)>> {
    if contacts.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!("SELECT id, lang, person FROM contact WHERE id IN ({})", places(1, contacts.len()));
    let rows = tx.rows(Sql::built(text), texts(contacts)).await?;
    rows.iter().map(|r| Ok((r.get("id")?, (r.get("lang")?, r.get("person")?)))).collect()
}

/// A contact of a person: when it began, and its topic as it was set last.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    pub(crate) contact: String,
    pub(crate) person: String,
    pub(crate) opened_at: Instant,
    pub(crate) topic: Option<String>,
}

/// All contacts of some persons that are no parts of others.
pub(crate) async fn of_persons(tx: &mut Tx, persons: &[String]) -> Result<Vec<Own>> {
    if persons.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT c.id AS contact, c.person AS person, e.at AS opened_at,
             (SELECT t.topic FROM contact_event t WHERE t.contact = c.id AND t.topic IS NOT NULL
              ORDER BY t.seq DESC LIMIT 1) AS topic
         FROM contact c JOIN contact_event e ON e.contact = c.id AND e.seq = 1
         WHERE c.person IN ({})
             AND NOT EXISTS (SELECT 1 FROM contact_event m WHERE m.contact = c.id AND m.kind = 'merged')
         ORDER BY c.id",
        places(1, persons.len())
    );
    let rows = tx.rows(Sql::built(text), texts(persons)).await?;
    let own = |r: &Row| {
        Ok(Own {
            contact: r.get("contact")?,
            person: r.get("person")?,
            opened_at: r.get("opened_at")?,
            topic: r.get("topic")?,
        })
    };
    rows.iter().map(own).collect()
}

/// A change of an operator's presence.
#[derive(Clone, Debug)]
pub(crate) struct Presence {
    pub(crate) account: String,
    pub(crate) state: String,
    pub(crate) at: Instant,
}

fn presence(r: &Row) -> Result<Presence> {
    Ok(Presence { account: r.get("account")?, state: r.get("state")?, at: r.get("at")? })
}

/// The first two changes of an operator's presence from an instant on.
pub(crate) async fn next_presence(tx: &mut Tx, account: &str, from: Instant) -> Result<Vec<Presence>> {
    let rows = tx
        .rows(
            "SELECT account, state, at FROM operator_event WHERE account = $1 AND at >= $2 ORDER BY at, id LIMIT 2",
            params![account, from],
        )
        .await?;
    rows.iter().map(presence).collect()
}

/// The change of presence before one.
pub(crate) async fn presence_before(tx: &mut Tx, account: &str, at: Instant) -> Result<Option<Presence>> {
    let row = tx
        .row(
            "SELECT account, state, at FROM operator_event WHERE account = $1 AND at < $2 ORDER BY at DESC, id DESC LIMIT 1",
            params![account, at],
        )
        .await?;
    row.as_ref().map(presence).transpose()
}

/// Changes of presence since an instant.
pub(crate) async fn presences_since(tx: &mut Tx, from: Instant) -> Result<Vec<Presence>> {
    let rows =
        tx.rows("SELECT account, state, at FROM operator_event WHERE at >= $1 ORDER BY at, id", params![from]).await?;
    rows.iter().map(presence).collect()
}

/// Contacts that an account resolved between two instants, both included, with their instants, oldest first.
pub(crate) async fn resolved_by(
    tx: &mut Tx,
    account: &str,
    from: Instant,
    to: Instant,
) -> Result<Vec<(String, Instant)>> {
    let rows = tx
        .rows(
            "SELECT contact, at FROM contact_event WHERE at >= $2 AND at <= $3 AND kind = 'resolved' AND account = $1
             ORDER BY at, id",
            params![account, from, to],
        )
        .await?;
    rows.iter().map(|r| Ok((r.get("contact")?, r.get("at")?))).collect()
}

/// The newest instant of both logs.
pub(crate) async fn newest(tx: &mut Tx) -> Result<Option<Instant>> {
    let row = tx
        .row(
            "SELECT max(at) AS at FROM (SELECT max(at) AS at FROM contact_event
             UNION ALL SELECT max(at) AS at FROM operator_event) AS both_logs",
            params![],
        )
        .await?;
    row.ok_or(StoreError::NotFound)?.get("at")
}

/// Up to where the facts are fresh.
pub(crate) async fn state(tx: &mut Tx, name: &str) -> Result<Option<Instant>> {
    tx.row("SELECT at FROM figure_state WHERE name = $1", params![name]).await?.map(|r| r.get("at")).transpose()
}

/// Notes up to where the facts are fresh.
pub(crate) async fn set_state(tx: &mut Tx, name: &str, at: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO figure_state (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        params![name, at],
    )
    .await?;
    Ok(())
}
