//! Golden questions and their runs in the database.

use store::{Result, Sql, Tx, params};

use crate::golden::GoldenQuestion;
use crate::golden_run::{Failed, Run};

const COLUMNS: &str = "id, topic, lang, words, articles, updated_by, updated_at";
const RUN: &str = "r.id, r.topic, r.at, r.actor, r.index_version, r.ranking_model, r.language_model, r.passed, r.total";

/// All, by topic and words.
pub async fn all(tx: &mut Tx) -> Result<Vec<GoldenQuestion>> {
    let text = format!("SELECT {COLUMNS} FROM golden_question ORDER BY topic, lang, words");
    tx.all(Sql::built(text), params![]).await
}

/// One of them.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<GoldenQuestion>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM golden_question WHERE id = $1")), params![id]).await
}

/// The id of the one with these words.
pub(crate) async fn with_words(tx: &mut Tx, lang: &str, words: &str) -> Result<Option<String>> {
    let row = tx.row("SELECT id FROM golden_question WHERE words = $1 AND lang = $2", params![words, lang]).await?;
    row.map(|r| r.get("id")).transpose()
}

/// Writes one.
pub(crate) async fn put(tx: &mut Tx, q: &GoldenQuestion) -> Result<()> {
    tx.execute(
        "INSERT INTO golden_question (id, topic, lang, words, articles, updated_by, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET topic = excluded.topic, lang = excluded.lang, words = excluded.words,
             articles = excluded.articles, updated_by = excluded.updated_by, updated_at = excluded.updated_at",
        params![&q.id, &q.topic, &q.lang, &q.words, q.articles.join(" "), &q.updated_by, q.updated_at],
    )
    .await?;
    Ok(())
}

/// Removes one.
pub(crate) async fn remove(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM golden_question WHERE id = $1", params![id]).await?;
    Ok(())
}

/// How many there are of each topic.
pub(crate) async fn counts(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    let rows = tx.rows("SELECT topic, count(*) AS n FROM golden_question GROUP BY topic", params![]).await?;
    rows.iter().map(|r| Ok((r.get("topic")?, r.get("n")?))).collect()
}

/// Writes a run as the last one of its topic, with what failed in it. The transaction has marked the control as
/// changed before, so that runs of a topic get one order.
pub(crate) async fn insert_run(tx: &mut Tx, run: &Run, failed: &[Failed]) -> Result<()> {
    tx.execute(
        "INSERT INTO golden_run (id, topic, seq, at, actor, index_version, ranking_model, language_model, passed, total)
         VALUES ($1, $2, (SELECT coalesce(max(p.seq), 0) + 1 FROM golden_run p WHERE p.topic = $2), $3, $4, $5, $6, $7, $8, $9)",
        params![
            &run.id,
            &run.topic,
            run.at,
            &run.actor,
            run.index_version,
            &run.ranking_model,
            &run.language_model,
            run.passed,
            run.total
        ],
    )
    .await?;
    for f in failed {
        tx.execute(
            "INSERT INTO golden_failure (run, question, words, expected, came, came_articles)
             VALUES ($1, $2, $3, $4, $5, $6)",
            params![&run.id, &f.question, &f.words, f.expected.join(" "), &f.came, f.came_articles.join(" ")],
        )
        .await?;
    }
    Ok(())
}

/// The last run of each topic.
pub async fn last_runs(tx: &mut Tx) -> Result<Vec<Run>> {
    let text = format!(
        "SELECT {RUN} FROM golden_run r
         WHERE r.seq = (SELECT max(n.seq) FROM golden_run n WHERE n.topic = r.topic) ORDER BY r.topic"
    );
    tx.all(Sql::built(text), params![]).await
}

/// The runs of a topic, the newest first.
pub async fn runs_of(tx: &mut Tx, topic: &str, limit: i64) -> Result<Vec<Run>> {
    let text = format!("SELECT {RUN} FROM golden_run r WHERE r.topic = $1 ORDER BY r.seq DESC LIMIT $2");
    tx.all(Sql::built(text), params![topic, limit]).await
}

/// What failed in a run.
pub async fn failures(tx: &mut Tx, run: &str) -> Result<Vec<Failed>> {
    tx.all(
        "SELECT question, words, expected, came, came_articles FROM golden_failure WHERE run = $1 ORDER BY words, question",
        params![run],
    )
    .await
}
