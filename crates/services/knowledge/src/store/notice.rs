//! What sections are to be told about their articles, in the database.

use calendar::{Date, Instant};
use store::{FromRow, Result, Tx, params};

/// Days between which something is noticed, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) first: Date,
    pub(crate) last: Date,
}

/// Notices articles whose last day lies in a span; returns how many are new.
pub(crate) async fn expired(tx: &mut Tx, span: Span, at: Instant) -> Result<u64> {
    tx.execute(
        "INSERT INTO article_notice (article, kind, due, section, found_at)
         SELECT id, 'expired', valid_to, section, CAST($3 AS BIGINT) FROM article
         WHERE valid_to >= $1 AND valid_to <= $2 ON CONFLICT DO NOTHING",
        params![span.first, span.last, at],
    )
    .await
}

/// Notices articles that are shown on a day or later and whose review falls into a span; returns how many are new.
pub(crate) async fn review(tx: &mut Tx, kind: &'static str, span: Span, today: Date, at: Instant) -> Result<u64> {
    tx.execute(
        "INSERT INTO article_notice (article, kind, due, section, found_at)
         SELECT id, CAST($1 AS TEXT), review_due, section, CAST($5 AS BIGINT) FROM article
         WHERE review_due >= $2 AND review_due <= $3 AND (valid_to IS NULL OR valid_to >= $4) ON CONFLICT DO NOTHING",
        params![kind, span.first, span.last, today, at],
    )
    .await
}

/// Notes that a section knows of something already.
pub(crate) async fn known(
    tx: &mut Tx,
    article: &str,
    kind: &'static str,
    due: Date,
    section: &str,
    at: Instant,
) -> Result<()> {
    tx.execute(
        "INSERT INTO article_notice (article, kind, due, section, found_at, told_at) VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (article, kind, due) DO UPDATE SET told_at = excluded.told_at",
        params![article, kind, due, section, at],
    )
    .await?;
    Ok(())
}

/// A notice that nobody was told yet.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Untold {
    pub(crate) article: String,
    pub(crate) code: String,
    pub(crate) question: String,
    pub(crate) kind: String,
    pub(crate) due: Date,
    pub(crate) section: String,
}

/// The notices that nobody was told yet, by section as the article has it now.
pub(crate) async fn untold(tx: &mut Tx) -> Result<Vec<Untold>> {
    tx.all(
        "SELECT n.article, a.code, COALESCE(t.question, '') AS question, n.kind, n.due, a.section
         FROM article_notice n JOIN article a ON a.id = n.article
         LEFT JOIN article_text t ON t.article = a.id AND t.lang = 'ja'
         WHERE n.told_at IS NULL ORDER BY a.section, n.kind, n.due, a.code",
        params![],
    )
    .await
}

/// Notes that a notice was told.
pub(crate) async fn told(tx: &mut Tx, article: &str, kind: &str, due: Date, at: Instant) -> Result<()> {
    tx.execute(
        "UPDATE article_notice SET told_at = $4 WHERE article = $1 AND kind = $2 AND due = $3 AND told_at IS NULL",
        params![article, kind, due, at],
    )
    .await?;
    Ok(())
}

/// Removes notices that were told before an instant and whose day lies before `due`. Returns how many.
pub(crate) async fn sweep(tx: &mut Tx, told_before: Instant, due: Date) -> Result<u64> {
    tx.execute("DELETE FROM article_notice WHERE told_at < $1 AND due < $2", params![told_before, due]).await
}
