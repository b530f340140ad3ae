//! 原稿 in the database.

use calendar::{Date, Instant};
use store::{FromRow, Result, Row, Sql, StoreError, Tx, params};

use super::revision::{content, to_json};
use crate::Content;
use crate::draft::{Draft, DraftHead, Event, Present, Rescue, State};
use crate::revision::Kind;

fn unknown(column: &str, value: &str) -> StoreError {
    StoreError::Column { column: column.into(), reason: format!("{value:?} is not known") }
}

fn state(row: &Row) -> Result<State> {
    let code: String = row.get("state")?;
    State::from_code(&code).ok_or_else(|| unknown("state", &code))
}

impl FromRow for Draft {
    fn from_row(row: &Row) -> Result<Self> {
        let purpose: String = row.get("purpose")?;
        Ok(Draft {
            id: row.get("id")?,
            article: row.get("article")?,
            code: row.get("code")?,
            base_version: row.get("base_version")?,
            home: row.get("home")?,
            purpose: Kind::from_code(&purpose).ok_or_else(|| unknown("purpose", &purpose))?,
            content: content(row)?,
            state: state(row)?,
            author: row.get("author")?,
            submitted_by: row.get("submitted_by")?,
            edit: row.get("edit")?,
            note: row.get("note")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            updated_by: row.get("updated_by")?,
            closed_at: row.get("closed_at")?,
        })
    }
}

impl FromRow for DraftHead {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(DraftHead {
            id: row.get("id")?,
            article: row.get("article")?,
            code: row.get("code")?,
            home: row.get("home")?,
            section: row.get("section")?,
            question: row.get("question")?,
            state: state(row)?,
            author: row.get("author")?,
            updated_at: row.get("updated_at")?,
            updated_by: row.get("updated_by")?,
        })
    }
}

impl FromRow for Rescue {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Rescue {
            id: row.get("id")?,
            draft: row.get("draft")?,
            account: row.get("account")?,
            edit: row.get("edit")?,
            content: content(row)?,
            at: row.get("at")?,
        })
    }
}

const COLUMNS: &str =
    "id, article, code, base_version, home, purpose, content, state, author, submitted_by, edit, note,
                       created_at, updated_at, updated_by, closed_at";
/// The Japanese question, so that lists need not read the content.
fn question(content: &Content) -> &str {
    &content.text(city::Lang::Ja).0.question
}

/// Writes a new 原稿; returns whether it was written, which it is not if its article has an open one.
pub(crate) async fn insert(tx: &mut Tx, d: &Draft) -> Result<bool> {
    let written = tx
        .execute(
            "INSERT INTO draft (id, article, code, base_version, home, section, question, purpose, content, state, author,
                                submitted_by, edit, note, created_at, updated_at, updated_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16) ON CONFLICT DO NOTHING",
            params![
                &d.id,
                d.article.as_deref(),
                &d.code,
                d.base_version,
                &d.home,
                &d.content.section,
                question(&d.content),
                d.purpose.code(),
                to_json(&d.content)?,
                d.state.code(),
                &d.author,
                d.submitted_by.as_deref(),
                d.edit,
                &d.note,
                d.created_at,
                &d.updated_by,
            ],
        )
        .await?;
    Ok(written == 1)
}

/// Writes what may change of a 原稿 whose row the caller holds. An open 原稿 of the same article refuses one
/// that is opened again.
pub(crate) async fn update(tx: &mut Tx, d: &Draft) -> Result<()> {
    tx.execute(
        "UPDATE draft SET article = $2, code = $3, base_version = $4, section = $5, question = $6, content = $7, state = $8,
                submitted_by = $9, edit = $10, note = $11, updated_at = $12, updated_by = $13, closed_at = $14
         WHERE id = $1",
        params![
            &d.id,
            d.article.as_deref(),
            &d.code,
            d.base_version,
            &d.content.section,
            question(&d.content),
            to_json(&d.content)?,
            d.state.code(),
            d.submitted_by.as_deref(),
            d.edit,
            &d.note,
            d.updated_at,
            &d.updated_by,
            d.closed_at,
        ],
    )
    .await?;
    Ok(())
}

/// One 原稿.
pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Draft>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM draft WHERE id = $1")), params![id]).await
}

/// One 原稿, which nobody else changes until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: &str) -> Result<Option<Draft>> {
    tx.execute("UPDATE draft SET edit = edit WHERE id = $1", params![id]).await?;
    get(tx, id).await
}

/// The open 原稿 of an article.
pub(crate) async fn open_of(tx: &mut Tx, article: &str) -> Result<Option<Draft>> {
    tx.optional(
        Sql::built(format!(
            "SELECT {COLUMNS} FROM draft WHERE article = $1 AND state IN ('writing', 'submitted', 'returned')"
        )),
        params![article],
    )
    .await
}

/// All open 原稿, the one that was touched last first.
pub(crate) async fn heads(tx: &mut Tx) -> Result<Vec<DraftHead>> {
    tx.all(
        "SELECT id, article, code, home, section, question, state, author, updated_at, updated_by FROM draft
         WHERE state IN ('writing', 'submitted', 'returned') ORDER BY updated_at DESC, id",
        params![],
    )
    .await
}

/// Whether a code is that of an article, or of another open 原稿 of a new one.
pub(crate) async fn code_is_taken(tx: &mut Tx, code: &str, but: &str) -> Result<bool> {
    let found = tx
        .row(
            "SELECT 1 AS one FROM article WHERE code = $1
             UNION ALL SELECT 1 AS one FROM draft
             WHERE code = $1 AND id <> $2 AND article IS NULL AND state IN ('writing', 'submitted', 'returned')",
            params![code, but],
        )
        .await?;
    Ok(found.is_some())
}

/// Notes that somebody wrote in a 原稿.
pub(crate) async fn add_editor(tx: &mut Tx, draft: &str, account: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO draft_editor (draft, account) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        params![draft, account],
    )
    .await?;
    Ok(())
}

/// Who wrote in a 原稿.
pub(crate) async fn editors(tx: &mut Tx, draft: &str) -> Result<Vec<String>> {
    let rows = tx.rows("SELECT account FROM draft_editor WHERE draft = $1 ORDER BY account", params![draft]).await?;
    rows.iter().map(|r| r.get("account")).collect()
}

/// The 原稿 in which an account wrote.
pub(crate) async fn written_by(tx: &mut Tx, account: &str) -> Result<Vec<String>> {
    let rows = tx.rows("SELECT draft FROM draft_editor WHERE account = $1", params![account]).await?;
    rows.iter().map(|r| r.get("draft")).collect()
}

/// Adds a step. The caller holds the row of the 原稿.
pub(crate) async fn insert_event(
    tx: &mut Tx,
    draft: &str,
    kind: &str,
    account: &str,
    remark: Option<&str>,
    at: Instant,
) -> Result<()> {
    tx.execute(
        "INSERT INTO draft_event (draft, n, kind, account, remark, at)
         SELECT CAST($1 AS TEXT), count(*) + 1, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT)
         FROM draft_event WHERE draft = $1",
        params![draft, kind, account, remark, at],
    )
    .await?;
    Ok(())
}

/// The steps of a 原稿, oldest first.
pub(crate) async fn events(tx: &mut Tx, draft: &str) -> Result<Vec<Event>> {
    tx.all("SELECT n, kind, account, remark, at FROM draft_event WHERE draft = $1 ORDER BY n", params![draft]).await
}

/// Notes that a 原稿 answers left questions. Questions that are not there are passed over.
pub(crate) async fn add_sources(tx: &mut Tx, draft: &str, questions: &[String]) -> Result<()> {
    for question in questions {
        tx.execute(
            "INSERT INTO draft_source (draft, question)
             SELECT CAST($1 AS TEXT), id FROM question WHERE id = $2 ON CONFLICT DO NOTHING",
            params![draft, question],
        )
        .await?;
    }
    Ok(())
}

/// The questions that a 原稿 answers.
pub(crate) async fn sources(tx: &mut Tx, draft: &str) -> Result<Vec<String>> {
    let rows = tx.rows("SELECT question FROM draft_source WHERE draft = $1 ORDER BY question", params![draft]).await?;
    rows.iter().map(|r| r.get("question")).collect()
}

/// A question that waits although an article written for it is shown by now.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Begun {
    pub(crate) question: String,
    pub(crate) article: String,
    pub(crate) section: String,
}

/// Open questions whose article was approved for a first day that has come. An article that answered a
/// question once is not given to it again: whoever asked said that it did not help.
pub(crate) async fn begun(tx: &mut Tx, today: Date) -> Result<Vec<Begun>> {
    tx.all(
        "SELECT s.question AS question, a.code AS article, a.section AS section
         FROM draft_source s JOIN draft d ON d.id = s.draft JOIN article a ON a.id = d.article
         JOIN question q ON q.id = s.question
         WHERE d.state = 'published' AND q.state IN ('received', 'assigned') AND a.valid_from IS NOT NULL
           AND a.valid_from <= $1 AND (a.valid_to IS NULL OR a.valid_to >= $1)
           AND NOT EXISTS (SELECT 1 FROM question_answer g WHERE g.question = s.question AND g.article = a.code)
         ORDER BY s.question, d.closed_at",
        params![today],
    )
    .await
}

/// The open 原稿 of each question that one answers; the older one where there are two.
pub(crate) async fn of_questions(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let rows = tx
        .rows(
            "SELECT s.question AS question, s.draft AS draft FROM draft_source s JOIN draft d ON d.id = s.draft
             WHERE d.state IN ('writing', 'submitted', 'returned') ORDER BY d.created_at DESC, d.id DESC",
            params![],
        )
        .await?;
    rows.iter().map(|r| Ok((r.get("question")?, r.get("draft")?))).collect()
}

/// Keeps what could not be saved.
pub(crate) async fn insert_rescue(tx: &mut Tx, r: &Rescue) -> Result<()> {
    tx.execute(
        "INSERT INTO draft_rescue (id, draft, account, edit, content, at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![&r.id, &r.draft, &r.account, r.edit, to_json(&r.content)?, r.at],
    )
    .await?;
    Ok(())
}

const RESCUE: &str = "SELECT id, draft, account, edit, content, at FROM draft_rescue";

/// What could not be saved of an account's, newest first.
pub(crate) async fn rescues(tx: &mut Tx, draft: &str, account: &str) -> Result<Vec<Rescue>> {
    tx.all(
        Sql::built(format!("{RESCUE} WHERE draft = $1 AND account = $2 ORDER BY at DESC, id DESC")),
        params![draft, account],
    )
    .await
}

/// One of them.
pub(crate) async fn rescue(tx: &mut Tx, id: &str, account: &str) -> Result<Option<Rescue>> {
    tx.optional(Sql::built(format!("{RESCUE} WHERE id = $1 AND account = $2")), params![id, account]).await
}

/// Takes one away; returns whether it was there.
pub(crate) async fn delete_rescue(tx: &mut Tx, id: &str, account: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM draft_rescue WHERE id = $1 AND account = $2", params![id, account]).await? == 1)
}

/// Notes that somebody has a 原稿 open.
pub(crate) async fn seen(tx: &mut Tx, draft: &str, account: &str, at: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO draft_presence (draft, account, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (draft, account) DO UPDATE SET seen_at = excluded.seen_at",
        params![draft, account, at],
    )
    .await?;
    Ok(())
}

/// Notes that somebody closed it.
pub(crate) async fn gone(tx: &mut Tx, draft: &str, account: &str) -> Result<()> {
    tx.execute("DELETE FROM draft_presence WHERE draft = $1 AND account = $2", params![draft, account]).await?;
    Ok(())
}

/// Who had it open since an instant.
pub(crate) async fn present(tx: &mut Tx, draft: &str, since: Instant) -> Result<Vec<Present>> {
    tx.all(
        "SELECT account, seen_at FROM draft_presence WHERE draft = $1 AND seen_at >= $2 ORDER BY account",
        params![draft, since],
    )
    .await
}

/// Forgets who had a 原稿 open before an instant.
pub(crate) async fn sweep_presence(tx: &mut Tx, before: Instant) -> Result<u64> {
    tx.execute("DELETE FROM draft_presence WHERE seen_at < $1", params![before]).await
}

/// Forgets what could not be saved in 原稿 that were closed before an instant.
pub(crate) async fn sweep_rescues(tx: &mut Tx, before: Instant) -> Result<u64> {
    tx.execute("DELETE FROM draft_rescue WHERE draft IN (SELECT id FROM draft WHERE closed_at < $1)", params![before])
        .await
}
