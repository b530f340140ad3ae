//! Answers to left questions, and their way from section to section, in the database.

use calendar::Instant;
use store::{FromRow, Result, Sql, StoreError, Tx, Value, params};

use crate::question::{Answer, Filter, Handover, Listed, Listing, Reopening};

/// What is needed to answer a question.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Open {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) lang: String,
    pub(crate) state: String,
    pub(crate) section: Option<String>,
    pub(crate) contact: Option<String>,
    pub(crate) contact_address: Option<String>,
}

impl Open {
    /// Whether it waits for an answer.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "received" | "assigned")
    }
}

/// A question by its id.
pub(crate) async fn open(tx: &mut Tx, id: &str) -> Result<Option<Open>> {
    tx.optional(
        "SELECT id, number, lang, state, section, contact, contact_address FROM question WHERE id = $1",
        params![id],
    )
    .await
}

/// Marks an open question as answered; returns whether it was open.
pub(crate) async fn set_answered(tx: &mut Tx, id: &str, section: &str, at: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE question SET state = 'answered', section = $1, updated_at = $2
             WHERE id = $3 AND state IN ('received', 'assigned')",
            params![section, at, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Gives an open question to a section; returns whether it was open.
pub(crate) async fn set_section(tx: &mut Tx, id: &str, section: &str, at: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE question SET state = 'assigned', section = $1, updated_at = $2
             WHERE id = $3 AND state IN ('received', 'assigned')",
            params![section, at, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Makes an answered question open again.
pub(crate) async fn set_reopened(tx: &mut Tx, id: &str, at: Instant) -> Result<()> {
    tx.execute(
        "UPDATE question SET state = 'assigned', updated_at = $1 WHERE id = $2 AND state = 'answered'",
        params![at, id],
    )
    .await?;
    Ok(())
}

/// A row to write.
pub(crate) struct NewAnswer<'a> {
    pub(crate) id: &'a str,
    pub(crate) question: &'a str,
    pub(crate) body: Option<&'a str>,
    pub(crate) article: Option<&'a str>,
    pub(crate) section: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) at: Instant,
}

/// Writes an answer.
pub(crate) async fn insert(tx: &mut Tx, a: NewAnswer<'_>) -> Result<()> {
    tx.execute(
        "INSERT INTO question_answer (id, question, body, article, section, actor, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![a.id, a.question, a.body, a.article, a.section, a.actor, a.at],
    )
    .await?;
    Ok(())
}

/// The answers to a question, by its id, oldest first.
pub async fn answers(tx: &mut Tx, question: &str) -> Result<Vec<Answer>> {
    tx.all(
        "SELECT id, body, article, section, helped, at FROM question_answer WHERE question = $1 ORDER BY at, id",
        params![question],
    )
    .await
}

/// Marks whether the newest answer helped.
pub(crate) async fn set_helped(tx: &mut Tx, question: &str, helped: bool) -> Result<()> {
    tx.execute(
        "UPDATE question_answer SET helped = $1
         WHERE id = (SELECT id FROM question_answer WHERE question = $2 ORDER BY at DESC, id DESC LIMIT 1)",
        params![helped, question],
    )
    .await?;
    Ok(())
}

/// A row to write.
pub(crate) struct NewHandover<'a> {
    pub(crate) id: &'a str,
    pub(crate) question: &'a str,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) remark: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) at: Instant,
}

/// Writes a step from section to section.
pub(crate) async fn insert_handover(tx: &mut Tx, h: NewHandover<'_>) -> Result<()> {
    tx.execute(
        "INSERT INTO question_handover (id, question, from_section, to_section, remark, actor, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![h.id, h.question, h.from, h.to, h.remark, h.actor, h.at],
    )
    .await?;
    Ok(())
}

/// The way of a question from section to section, by its id, oldest first.
pub async fn handovers(tx: &mut Tx, question: &str) -> Result<Vec<Handover>> {
    tx.all(
        "SELECT from_section, to_section, remark, actor, at FROM question_handover WHERE question = $1 ORDER BY at, id",
        params![question],
    )
    .await
}

/// Writes that a matter is not solved; returns whether it is the first time.
pub(crate) async fn insert_reopening(tx: &mut Tx, question: &str, words: &str, at: Instant) -> Result<bool> {
    let written = tx
        .execute(
            "INSERT INTO question_reopening (question, words, at) VALUES ($1, $2, $3) ON CONFLICT (question) DO NOTHING",
            params![question, words, at],
        )
        .await?;
    Ok(written == 1)
}

/// Whether and how a citizen said that a matter is not solved, by the question's id.
pub async fn reopening(tx: &mut Tx, question: &str) -> Result<Option<Reopening>> {
    tx.optional("SELECT words, at FROM question_reopening WHERE question = $1", params![question]).await
}

const LISTED: &str = "q.id, q.number, q.lang, q.asked, q.body, q.state, q.section, q.created_at, q.updated_at,
    (SELECT count(*) FROM question_handover h WHERE h.question = q.id) AS hops,
    EXISTS (SELECT 1 FROM question_reopening r WHERE r.question = q.id) AS reopened,
    (q.contact IS NOT NULL) AS by_mail";

/// A question by its number, as the staff see it.
pub async fn one(tx: &mut Tx, number: &str) -> Result<Option<Listed>> {
    tx.optional(Sql::built(format!("SELECT {LISTED} FROM question q WHERE q.number = $1")), params![number]).await
}

/// All codes of sections that have or had a question.
pub(crate) async fn sections(tx: &mut Tx) -> Result<Vec<String>> {
    let rows =
        tx.rows("SELECT DISTINCT section FROM question WHERE section IS NOT NULL ORDER BY section", params![]).await?;
    rows.iter().map(|r| r.get("section")).collect()
}

/// Sections as they stand in the table.
pub(crate) struct Codes {
    /// Codes.
    pub(crate) found: Vec<String>,
    /// Whether questions without a section count.
    pub(crate) none: bool,
}

/// A part of the list; `codes` stand for the filter's sections.
pub(crate) async fn list(tx: &mut Tx, codes: Option<&Codes>, filter: &Filter) -> Result<Listing> {
    let mut values: Vec<Value> = Vec::new();
    let mut conditions = vec!["1 = 1".to_owned()];
    let places = |values: &mut Vec<Value>, items: &[String]| {
        let places: Vec<String> = items
            .iter()
            .map(|item| {
                values.push(item.into());
                format!("${}", values.len())
            })
            .collect();
        places.join(", ")
    };
    if let Some(codes) = codes {
        let none = if codes.none { "q.section IS NULL" } else { "1 = 0" };
        conditions.push(if codes.found.is_empty() {
            none.to_owned()
        } else {
            format!("(q.section IN ({}) OR {none})", places(&mut values, &codes.found))
        });
    }
    if !filter.states.is_empty() {
        conditions.push(format!("q.state IN ({})", places(&mut values, &filter.states)));
    }
    if let Some(before) = filter.before {
        values.push(before.into());
        conditions.push(format!("q.created_at < ${}", values.len()));
    }
    let conditions = conditions.join(" AND ");
    let counted = tx
        .row(Sql::built(format!("SELECT count(*) AS n FROM question q WHERE {conditions}")), values.clone())
        .await?
        .ok_or(StoreError::NotFound)?;
    let (limit, offset) = (values.len() + 1, values.len() + 2);
    values.extend(params![filter.limit.clamp(0, 1_000), filter.offset.max(0)]);
    let sql = format!(
        "SELECT {LISTED} FROM question q WHERE {conditions} ORDER BY q.created_at, q.id LIMIT ${limit} OFFSET ${offset}"
    );
    Ok(Listing { questions: tx.all(Sql::built(sql), values).await?, total: counted.get("n")? })
}
