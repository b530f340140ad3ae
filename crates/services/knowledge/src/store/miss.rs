//! Words that found nothing, in the database.

use calendar::Date;
use store::{Engine, FromRow, Result, Sql, Tx, Value, params};

/// How often some words found nothing on a day.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Counted {
    /// The day.
    pub day: Date,
    /// Code of the language.
    pub lang: String,
    /// The words.
    pub words: String,
    /// How often.
    pub times: i64,
}

/// Adds counts to those of the same day, language and words; one statement for all.
pub(crate) async fn add(tx: &mut Tx, counted: &[Counted]) -> Result<()> {
    if counted.is_empty() {
        return Ok(());
    }
    let engine = tx.engine();
    let row = |i: usize| match engine {
        Engine::Sqlite => "(?, ?, ?, ?)".to_owned(),
        Engine::Postgres => format!("(${}, ${}, ${}, ${})", 4 * i + 1, 4 * i + 2, 4 * i + 3, 4 * i + 4),
    };
    let rows: Vec<String> = (0..counted.len()).map(row).collect();
    let sql = format!(
        "INSERT INTO miss (day, lang, words, times) VALUES {}
         ON CONFLICT (day, lang, words) DO UPDATE SET times = miss.times + excluded.times",
        rows.join(", ")
    );
    let values: Vec<Value> =
        counted.iter().flat_map(|c| params![c.day, c.lang.as_str(), c.words.as_str(), c.times]).collect();
    tx.execute(Sql::built(sql), values).await?;
    Ok(())
}

/// Counts from a day on, the newest first and at most `limit`.
pub async fn since(tx: &mut Tx, day: Date, limit: i64) -> Result<Vec<Counted>> {
    tx.all(
        "SELECT day, lang, words, times FROM miss WHERE day >= $1 ORDER BY day DESC, times DESC, lang, words LIMIT $2",
        params![day, limit],
    )
    .await
}

/// Removes counts of days before one; returns how many rows.
pub(crate) async fn remove_before(tx: &mut Tx, day: Date) -> Result<u64> {
    tx.execute("DELETE FROM miss WHERE day < $1", params![day]).await
}
