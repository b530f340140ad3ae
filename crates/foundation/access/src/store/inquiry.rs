//! Inquiries in the database.

use std::collections::HashMap;

use calendar::{Date, Instant};
use store::{Result, Sql, StoreError, Tx, Value, params};

use crate::inquiry::{DueReminder, EventRow, Inquiry, Item, Outcome, Target};

const INQUIRY: &str = "i.id, i.number, i.kind, i.period, i.title, i.body, i.asked_by, i.section, i.due_on, i.state, i.created_at, i.updated_at";
const TARGET: &str = "inquiry, section, state, counter, answer, answered_by, answered_at, returned_reason, returned_by,
    returned_at, accepted_by, accepted_at, extended_due, extended_reason, reminders, reminded_at, touched_at";
const ITEM: &str = "inquiry, object_kind, object, section, state, result, reference, note, done_by, done_at";

/// Targets that still owe an answer.
const PENDING: &str = "state IN ('waiting', 'draft', 'returned')";

/// Adds an inquiry. Returns `false` if one of the same kind and period is open already.
pub(crate) async fn insert(tx: &mut Tx, i: &Inquiry) -> Result<bool> {
    let written = tx
        .execute(
            "INSERT INTO inquiry (id, number, kind, period, title, body, asked_by, section, due_on, state, created_at,
                                  updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
            params![
                &i.id,
                &i.number,
                &i.kind,
                i.period.as_deref(),
                &i.title,
                &i.body,
                &i.asked_by,
                &i.section,
                i.due_on,
                &i.state,
                i.created_at,
                i.updated_at,
            ],
        )
        .await?;
    Ok(written == 1)
}

/// Adds the sections that are asked.
pub(crate) async fn insert_targets(tx: &mut Tx, inquiry: &str, sections: &[String]) -> Result<()> {
    let columns = ["inquiry", "section", "state", "counter", "answer", "reminders"];
    let rows: Vec<_> = sections.iter().map(|s| params![inquiry, s, "waiting", 1i64, "", 0i64]).collect();
    tx.insert_many("inquiry_target", &columns, rows).await?;
    Ok(())
}

/// Adds the records that are to be gone through: section, kind, id.
pub(crate) async fn insert_items(tx: &mut Tx, inquiry: &str, items: &[(String, &str, &str)]) -> Result<()> {
    let columns = ["inquiry", "section", "object_kind", "object", "state"];
    let rows: Vec<_> =
        items.iter().map(|(section, kind, object)| params![inquiry, section, *kind, *object, "open"]).collect();
    tx.insert_many("inquiry_item", &columns, rows).await?;
    Ok(())
}

/// Holds an open inquiry until the transaction ends; `false` if it is not open.
pub(crate) async fn hold_open(tx: &mut Tx, id: &str) -> Result<bool> {
    let held = tx.execute("UPDATE inquiry SET state = state WHERE id = $1 AND state = 'open'", params![id]).await?;
    Ok(held == 1)
}

/// One inquiry.
pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Inquiry>> {
    tx.optional(Sql::built(format!("SELECT {INQUIRY} FROM inquiry i WHERE i.id = $1")), params![id]).await
}

/// How many answers each section owes in open inquiries, by the code under which it was asked.
pub(crate) async fn owed(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    let rows = tx
        .rows(
            "SELECT t.section AS section, count(*) AS n FROM inquiry_target t JOIN inquiry i ON i.id = t.inquiry
             WHERE i.state = 'open' AND t.state IN ('waiting', 'draft', 'returned')
             GROUP BY t.section ORDER BY t.section",
            params![],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get("section")?, row.get("n")?))).collect()
}

/// The same by its number.
pub(crate) async fn by_number(tx: &mut Tx, number: &str) -> Result<Option<Inquiry>> {
    tx.optional(Sql::built(format!("SELECT {INQUIRY} FROM inquiry i WHERE i.number = $1")), params![number]).await
}

/// The open inquiry of a kind and period.
pub(crate) async fn open_of_period(tx: &mut Tx, kind: &str, period: &str) -> Result<Option<Inquiry>> {
    tx.optional(
        Sql::built(format!("SELECT {INQUIRY} FROM inquiry i WHERE i.kind = $1 AND i.period = $2 AND i.state = 'open'")),
        params![kind, period],
    )
    .await
}

/// Ends an inquiry.
pub(crate) async fn set_state(tx: &mut Tx, id: &str, state: &str) -> Result<()> {
    tx.execute("UPDATE inquiry SET state = $2 WHERE id = $1", params![id, state]).await?;
    Ok(())
}

/// Adds a step to the history; the inquiry is held by this transaction, so the places have no gaps.
pub(crate) async fn insert_event(tx: &mut Tx, inquiry: &str, event: &EventRow) -> Result<()> {
    let row = tx
        .row("SELECT COALESCE(MAX(seq), 0) AS last FROM inquiry_event WHERE inquiry = $1", params![inquiry])
        .await?
        .ok_or(StoreError::NotFound)?;
    let last: i64 = row.get("last")?;
    tx.execute(
        "INSERT INTO inquiry_event (inquiry, seq, section, kind, account, note, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            inquiry,
            last + 1,
            event.section.as_deref(),
            &event.kind,
            &event.account,
            event.note.as_deref(),
            event.at,
        ],
    )
    .await?;
    tx.execute("UPDATE inquiry SET updated_at = $2 WHERE id = $1", params![inquiry, event.at]).await?;
    Ok(())
}

/// The history, the first step first.
pub(crate) async fn events(tx: &mut Tx, inquiry: &str) -> Result<Vec<EventRow>> {
    tx.all(
        "SELECT section, kind, account, note, at FROM inquiry_event WHERE inquiry = $1 ORDER BY seq",
        params![inquiry],
    )
    .await
}

/// One section's part.
pub(crate) async fn target(tx: &mut Tx, inquiry: &str, section: &str) -> Result<Option<Target>> {
    tx.optional(
        Sql::built(format!("SELECT {TARGET} FROM inquiry_target WHERE inquiry = $1 AND section = $2")),
        params![inquiry, section],
    )
    .await
}

/// The parts of all sections, by code.
pub(crate) async fn targets(tx: &mut Tx, inquiry: &str) -> Result<Vec<Target>> {
    tx.all(
        Sql::built(format!("SELECT {TARGET} FROM inquiry_target WHERE inquiry = $1 ORDER BY section")),
        params![inquiry],
    )
    .await
}

/// The parts of several inquiries.
pub(crate) async fn targets_of(tx: &mut Tx, inquiries: &[&str]) -> Result<HashMap<String, Vec<Target>>> {
    let mut found: HashMap<String, Vec<Target>> = HashMap::new();
    for part in inquiries.chunks(500) {
        let places = (1..=part.len()).map(|i| format!("${i}")).collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT {TARGET} FROM inquiry_target WHERE inquiry IN ({places}) ORDER BY inquiry, section");
        let targets: Vec<Target> = tx.all(Sql::built(sql), part.iter().map(|id| Value::from(*id)).collect()).await?;
        for target in targets {
            found.entry(target.inquiry.clone()).or_default().push(target);
        }
    }
    Ok(found)
}

/// Stores a draft if nobody changed the part since `counter` and it still owes an answer.
pub(crate) async fn save_draft(tx: &mut Tx, t: &Target, counter: i64, text: &str, now: Instant) -> Result<bool> {
    let touched = tx
        .execute(
            Sql::built(format!(
                "UPDATE inquiry_target SET answer = $4, touched_at = $5, counter = counter + 1,
                        state = CASE WHEN state = 'waiting' THEN 'draft' ELSE state END
                 WHERE inquiry = $1 AND section = $2 AND counter = $3 AND {PENDING}"
            )),
            params![&t.inquiry, &t.section, counter, text, now],
        )
        .await?;
    Ok(touched == 1)
}

/// Stores an answer under the same conditions.
pub(crate) async fn answer(
    tx: &mut Tx,
    t: &Target,
    counter: i64,
    (state, text): (&str, &str),
    (by, now): (&str, Instant),
) -> Result<bool> {
    let touched = tx
        .execute(
            Sql::built(format!(
                "UPDATE inquiry_target SET state = $4, answer = $5, answered_by = $6, answered_at = $7, touched_at = $7,
                        counter = counter + 1
                 WHERE inquiry = $1 AND section = $2 AND counter = $3 AND {PENDING}"
            )),
            params![&t.inquiry, &t.section, counter, state, text, by, now],
        )
        .await?;
    Ok(touched == 1)
}

/// Gives an answer back.
pub(crate) async fn give_back(
    tx: &mut Tx,
    t: &Target,
    counter: i64,
    reason: &str,
    (by, now): (&str, Instant),
) -> Result<bool> {
    let touched = tx
        .execute(
            "UPDATE inquiry_target SET state = 'returned', returned_reason = $4, returned_by = $5, returned_at = $6,
                    counter = counter + 1
             WHERE inquiry = $1 AND section = $2 AND counter = $3
               AND state IN ('answered', 'not_applicable') AND accepted_at IS NULL",
            params![&t.inquiry, &t.section, counter, reason, by, now],
        )
        .await?;
    Ok(touched == 1)
}

/// Accepts an answer; one that says "does not apply" goes on saying so.
pub(crate) async fn accept(tx: &mut Tx, t: &Target, counter: i64, (by, now): (&str, Instant)) -> Result<bool> {
    let touched = tx
        .execute(
            "UPDATE inquiry_target SET state = CASE WHEN state = 'answered' THEN 'accepted' ELSE state END,
                    accepted_by = $4, accepted_at = $5, counter = counter + 1
             WHERE inquiry = $1 AND section = $2 AND counter = $3
               AND state IN ('answered', 'not_applicable') AND accepted_at IS NULL",
            params![&t.inquiry, &t.section, counter, by, now],
        )
        .await?;
    Ok(touched == 1)
}

/// Gives a section more time. The counter stays, so that whoever is writing there is not disturbed.
pub(crate) async fn extend(tx: &mut Tx, t: &Target, due: Date, reason: &str) -> Result<bool> {
    let touched = tx
        .execute(
            Sql::built(format!(
                "UPDATE inquiry_target SET extended_due = $3, extended_reason = $4
                 WHERE inquiry = $1 AND section = $2 AND {PENDING}"
            )),
            params![&t.inquiry, &t.section, due, reason],
        )
        .await?;
    Ok(touched == 1)
}

/// Marks a section's part as begun.
pub(crate) async fn touch(tx: &mut Tx, inquiry: &str, section: &str, now: Instant) -> Result<bool> {
    let touched = tx
        .execute(
            Sql::built(format!(
                "UPDATE inquiry_target SET touched_at = $3, state = CASE WHEN state = 'waiting' THEN 'draft' ELSE state END
                 WHERE inquiry = $1 AND section = $2 AND {PENDING}"
            )),
            params![inquiry, section, now],
        )
        .await?;
    Ok(touched == 1)
}

/// One item.
pub(crate) async fn item(tx: &mut Tx, inquiry: &str, kind: &str, object: &str) -> Result<Option<Item>> {
    tx.optional(
        Sql::built(format!("SELECT {ITEM} FROM inquiry_item WHERE inquiry = $1 AND object_kind = $2 AND object = $3")),
        params![inquiry, kind, object],
    )
    .await
}

/// The items of a section's part.
pub(crate) async fn items(tx: &mut Tx, inquiry: &str, section: &str) -> Result<Vec<Item>> {
    tx.all(
        Sql::built(format!(
            "SELECT {ITEM} FROM inquiry_item WHERE inquiry = $1 AND section = $2 ORDER BY object_kind, object"
        )),
        params![inquiry, section],
    )
    .await
}

/// The items for a record in inquiries that are open.
pub(crate) async fn items_of_object(tx: &mut Tx, kind: &str, object: &str) -> Result<Vec<Item>> {
    tx.all(
        Sql::built(format!(
            "SELECT {ITEM} FROM inquiry_item WHERE object_kind = $1 AND object = $2
             AND EXISTS (SELECT 1 FROM inquiry i WHERE i.id = inquiry_item.inquiry AND i.state = 'open') ORDER BY inquiry"
        )),
        params![kind, object],
    )
    .await
}

/// Ends an item that is open.
pub(crate) async fn finish_item(
    tx: &mut Tx,
    item: &Item,
    outcome: &Outcome<'_>,
    (by, now): (&str, Instant),
) -> Result<bool> {
    let touched = tx
        .execute(
            "UPDATE inquiry_item SET state = 'done', result = $4, reference = $5, note = $6, done_by = $7, done_at = $8
             WHERE inquiry = $1 AND object_kind = $2 AND object = $3 AND state = 'open'",
            params![
                &item.inquiry,
                &item.object_kind,
                &item.object,
                outcome.result,
                outcome.reference,
                outcome.note,
                by,
                now,
            ],
        )
        .await?;
    Ok(touched == 1)
}

/// Opens an item again.
pub(crate) async fn reopen_item(tx: &mut Tx, item: &Item) -> Result<bool> {
    let none = None::<&str>;
    let touched = tx
        .execute(
            "UPDATE inquiry_item SET state = 'open', result = $4, reference = $4, note = $4, done_by = $4, done_at = $5
             WHERE inquiry = $1 AND object_kind = $2 AND object = $3 AND state = 'done'",
            params![&item.inquiry, &item.object_kind, &item.object, none, None::<i64>],
        )
        .await?;
    Ok(touched == 1)
}

/// Done and all items by section.
pub(crate) async fn item_counts(tx: &mut Tx, inquiry: &str) -> Result<HashMap<String, (i64, i64)>> {
    let rows = tx
        .rows(
            "SELECT section, count(*) FILTER (WHERE state = 'done') AS finished, count(*) AS things
             FROM inquiry_item WHERE inquiry = $1 GROUP BY section",
            params![inquiry],
        )
        .await?;
    rows.iter().map(|r| Ok((r.get("section")?, (r.get("finished")?, r.get("things")?)))).collect()
}

/// Writes down that a section is to be reminded; twice is once.
pub(crate) async fn insert_reminder(tx: &mut Tx, inquiry: &str, section: &str, on: Date, kind: &str) -> Result<bool> {
    let written = tx
        .execute(
            "INSERT INTO inquiry_reminder (inquiry, section, on_day, kind) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            params![inquiry, section, on, kind],
        )
        .await?;
    Ok(written == 1)
}

/// Reminders that were not sent, of sections that still owe an answer, the oldest first.
pub(crate) async fn due_reminders(tx: &mut Tx, today: Date) -> Result<Vec<DueReminder>> {
    tx.all(
        "SELECT r.inquiry, i.number, i.title, r.section, r.on_day, r.kind, COALESCE(t.extended_due, i.due_on) AS due_on
         FROM inquiry_reminder r
         JOIN inquiry i ON i.id = r.inquiry
         JOIN inquiry_target t ON t.inquiry = r.inquiry AND t.section = r.section
         WHERE r.sent_at IS NULL AND r.on_day <= $1 AND i.state = 'open'
           AND t.state IN ('waiting', 'draft', 'returned')
         ORDER BY r.on_day, i.number, r.section",
        params![today],
    )
    .await
}

/// Marks a section's reminders up to a day as sent. Returns whether there was one.
pub(crate) async fn mark_reminded(tx: &mut Tx, inquiry: &str, section: &str, on: Date, now: Instant) -> Result<bool> {
    let marked = tx
        .execute(
            "UPDATE inquiry_reminder SET sent_at = $4
             WHERE inquiry = $1 AND section = $2 AND on_day <= $3 AND sent_at IS NULL",
            params![inquiry, section, on, now],
        )
        .await?;
    if marked == 0 {
        return Ok(false);
    }
    tx.execute(
        "UPDATE inquiry_target SET reminders = reminders + 1, reminded_at = $3 WHERE inquiry = $1 AND section = $2",
        params![inquiry, section, now],
    )
    .await?;
    Ok(true)
}

/// Conditions of a list that are put together piece by piece.
#[derive(Default)]
pub(crate) struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn places(&mut self, codes: &[&str]) -> String {
        codes.iter().map(|code| self.place(*code)).collect::<Vec<_>>().join(", ")
    }

    /// Inquiries in a state.
    pub(crate) fn state(&mut self, state: &str) {
        let place = self.place(state);
        self.sql.push(format!("i.state = {place}"));
    }

    /// Inquiries of a kind.
    pub(crate) fn kind(&mut self, kind: &str) {
        let place = self.place(kind);
        self.sql.push(format!("i.kind = {place}"));
    }

    /// Inquiries of a period.
    pub(crate) fn period(&mut self, period: &str) {
        let place = self.place(period);
        self.sql.push(format!("i.period = {place}"));
    }

    /// Inquiries that one of the conditions lets through: asked by an account, asked by sections, put to sections.
    pub(crate) fn any_of(&mut self, asked_by: Option<&str>, asking: &[&str], asked: &[&str]) {
        let mut any = Vec::new();
        if let Some(account) = asked_by {
            let place = self.place(account);
            any.push(format!("i.asked_by = {place}"));
        }
        if !asking.is_empty() {
            let places = self.places(asking);
            any.push(format!("i.section IN ({places})"));
        }
        if !asked.is_empty() {
            let places = self.places(asked);
            any.push(format!(
                "EXISTS (SELECT 1 FROM inquiry_target t WHERE t.inquiry = i.id AND t.section IN ({places}))"
            ));
        }
        self.sql.push(if any.is_empty() { "1 = 0".into() } else { format!("({})", any.join(" OR ")) });
    }

    /// Inquiries with a part that still owes an answer; of these sections, and due before a day, if given.
    pub(crate) fn pending(&mut self, sections: Option<&[&str]>, due_before: Option<Date>) {
        let mut sql = "EXISTS (SELECT 1 FROM inquiry_target t WHERE t.inquiry = i.id
                        AND t.state IN ('waiting', 'draft', 'returned')"
            .to_owned();
        if let Some(sections) = sections.filter(|s| !s.is_empty()) {
            let places = self.places(sections);
            sql.push_str(&format!(" AND t.section IN ({places})"));
        }
        if let Some(day) = due_before {
            let place = self.place(day);
            sql.push_str(&format!(" AND COALESCE(t.extended_due, i.due_on) < {place}"));
        }
        sql.push(')');
        self.sql.push(sql);
    }

    fn all(&self) -> String {
        if self.sql.is_empty() { "1 = 1".into() } else { self.sql.join(" AND ") }
    }
}

/// A page of inquiries, those that are due first, and how many there are in all.
pub(crate) async fn list(tx: &mut Tx, on: Conditions, limit: i64, offset: i64) -> Result<(Vec<Inquiry>, i64)> {
    let all = on.all();
    let count = tx
        .row(Sql::built(format!("SELECT count(*) AS n FROM inquiry i WHERE {all}")), on.values.clone())
        .await?
        .ok_or(StoreError::NotFound)?;
    let mut values = on.values;
    values.extend([Value::from(limit), Value::from(offset)]);
    let sql = format!(
        "SELECT {INQUIRY} FROM inquiry i WHERE {all} ORDER BY i.state DESC, i.due_on, i.number LIMIT ${} OFFSET ${}",
        values.len() - 1,
        values.len(),
    );
    Ok((tx.all(Sql::built(sql), values).await?, count.get("n")?))
}
