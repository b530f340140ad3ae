//! Lists of contacts in the database.

use calendar::Instant;
use store::{Result, Sql, StoreError, Tx, Value, params};

use crate::queue::Listed;

/// What is wanted of the list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Stored codes of sections; `None` for all.
    pub sections: Option<Vec<String>>,
    /// Codes of states; empty for all.
    pub states: Vec<&'static str>,
    /// Only what this account has.
    pub holder: Option<String>,
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only of this topic.
    pub topic: Option<String>,
    /// Only with a day to look again until then.
    pub follow_up_until: Option<calendar::Date>,
    /// Newest first instead of longest waiting first.
    pub newest_first: bool,
    /// Left out before.
    pub offset: i64,
    /// At most.
    pub limit: i64,
}

/// The contacts that are wanted, and how many there are without `limit`.
pub async fn list(tx: &mut Tx, filter: &Filter) -> Result<(Vec<Listed>, i64)> {
    let mut values: Vec<Value> = Vec::new();
    let mut clauses = vec!["c.state <> 'merged'".to_owned()];
    let one = |values: &mut Vec<Value>, value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    if let Some(sections) = &filter.sections {
        let places: Vec<String> = sections.iter().map(|s| one(&mut values, s.into())).collect();
        clauses.push(if places.is_empty() { "1 = 0".into() } else { format!("c.section IN ({})", places.join(", ")) });
    }
    if !filter.states.is_empty() {
        let places: Vec<String> = filter.states.iter().map(|s| one(&mut values, (*s).into())).collect();
        clauses.push(format!("c.state IN ({})", places.join(", ")));
    }
    for (column, value) in [("c.holder", &filter.holder), ("c.channel", &filter.channel), ("c.topic", &filter.topic)] {
        if let Some(value) = value {
            let place = one(&mut values, value.into());
            clauses.push(format!("{column} = {place}"));
        }
    }
    if let Some(day) = filter.follow_up_until {
        let place = one(&mut values, day.into());
        clauses.push(format!("c.follow_up_on IS NOT NULL AND c.follow_up_on <= {place}"));
    }
    let wanted = clauses.join(" AND ");
    let count = Sql::built(format!("SELECT count(*) AS n FROM contact c WHERE {wanted}"));
    let total = tx.row(count, values.clone()).await?.ok_or(StoreError::NotFound)?.get("n")?;
    let order = if filter.newest_first {
        "c.updated_at DESC, c.id DESC"
    } else {
        "CASE WHEN c.waiting_since IS NULL THEN 1 ELSE 0 END, c.waiting_since, c.updated_at, c.id"
    };
    let (limit, offset) = (one(&mut values, filter.limit.into()), one(&mut values, filter.offset.into()));
    let text = format!(
        "SELECT c.id, c.number, c.channel, c.lang, c.state, c.section, c.holder, c.topic, c.waiting_since,
             c.reply_due_at, c.citizen_seen_at, c.updated_at, c.last_seq, c.staff_seen_seq, c.follow_up_on,
             (SELECT m.body FROM contact_message m WHERE m.contact = c.id AND m.author = 'citizen'
              ORDER BY m.seq DESC LIMIT 1) AS words
         FROM contact c WHERE {wanted} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
    );
    Ok((tx.all(Sql::built(text), values).await?, total))
}

/// How many wait in a section longer than since an instant.
pub async fn waiting_before(tx: &mut Tx, section: &str, since: Instant) -> Result<i64> {
    let row = tx
        .row(
            "SELECT count(*) AS n FROM contact WHERE state = 'waiting' AND section = $1 AND waiting_since < $2",
            params![section, since],
        )
        .await?;
    row.ok_or(StoreError::NotFound)?.get("n")
}

/// Contacts of the web that wait although their page was last open before an instant: at most `count` by id, those
/// after one.
pub(crate) async fn gone(tx: &mut Tx, before: Instant, after: &str, count: i64) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT id FROM contact WHERE state = 'waiting' AND channel = 'web' AND citizen_seen_at < $1 AND id > $2
             AND NOT EXISTS (SELECT 1 FROM contact_call_back b WHERE b.contact = contact.id AND b.state = 'asked')
             ORDER BY id LIMIT $3",
            params![before, after, count],
        )
        .await?;
    rows.iter().map(|r| r.get("id")).collect()
}
