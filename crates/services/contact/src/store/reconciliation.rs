//! Reconciliations in the database.

use calendar::Date;
use store::{Result, Sql, Tx, Value, params};

use crate::figures::reconciliation::{Counted, Kind, Reconciliation};

const COLUMNS: &str = "id, kind, system, day_from, day_to, uploaded_by, uploaded_at";

/// Writes a reconciliation with its lines.
pub(crate) async fn insert(tx: &mut Tx, r: &Reconciliation, lines: &[Counted]) -> Result<()> {
    tx.execute(
        "INSERT INTO reconciliation (id, kind, system, day_from, day_to, uploaded_by, uploaded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![&r.id, r.kind.code(), &r.system, r.day_from, r.day_to, &r.uploaded_by, r.uploaded_at],
    )
    .await?;
    let rows: Vec<Vec<Value>> = lines.iter().map(|l| params![&r.id, l.day, &l.code, l.count]).collect();
    tx.insert_many("reconciliation_line", &["reconciliation", "day", "code", "count"], rows).await?;
    Ok(())
}

/// One reconciliation.
pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Reconciliation>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM reconciliation WHERE id = $1")), params![id]).await
}

/// The newest ones.
pub(crate) async fn newest(tx: &mut Tx, limit: i64) -> Result<Vec<Reconciliation>> {
    let text = format!("SELECT {COLUMNS} FROM reconciliation ORDER BY uploaded_at DESC, id DESC LIMIT $1");
    tx.all(Sql::built(text), params![limit]).await
}

/// What the business system counted.
pub(crate) async fn lines(tx: &mut Tx, id: &str) -> Result<Vec<Counted>> {
    tx.all("SELECT day, code, count FROM reconciliation_line WHERE reconciliation = $1 ORDER BY day, code", params![id])
        .await
}

/// Contacts that were resolved, by day and topic or section; stored codes.
pub(crate) async fn resolved(
    tx: &mut Tx,
    kind: Kind,
    from: Date,
    to: Date,
    sections: Option<&[String]>,
) -> Result<Vec<Counted>> {
    let column = match kind {
        Kind::Topic => "coalesce(topic, '')",
        Kind::Section => "section",
    };
    let mut values: Vec<Value> = params![from, to];
    let within = match sections {
        None => String::new(),
        Some([]) => return Ok(Vec::new()),
        Some(sections) => {
            values.extend(sections.iter().map(Value::from));
            let places: Vec<String> = (3..3 + sections.len()).map(|n| format!("${n}")).collect();
            format!("AND section IN ({})", places.join(", "))
        }
    };
    let text = format!(
        "SELECT resolved_day AS day, {column} AS code, count(*) AS count FROM contact_fact
         WHERE resolved_day >= $1 AND resolved_day <= $2 AND merged = 0 {within}
         GROUP BY resolved_day, {column}"
    );
    tx.all(Sql::built(text), values).await
}
