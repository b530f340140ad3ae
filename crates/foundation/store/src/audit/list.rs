//! Events for people who read what was done: newest first, page by page.

use std::str::FromStr;

use calendar::Instant;

use super::Recorded;
use crate::{Result, Sql, StoreError, Tx, Value};

/// A place in the list of all events; a page goes on behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Instant of the event.
    pub at: Instant,
    /// Its stream.
    pub stream: String,
    /// Its place there.
    pub seq: i64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.at.millis(), self.seq, self.stream)
    }
}

impl FromStr for Cursor {
    type Err = StoreError;

    /// Reads what [`Cursor`] shows, such as the address of a next page. Anything else is `NotFound`.
    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.splitn(3, '.');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (at, seq) = number().zip(number()).ok_or(StoreError::NotFound)?;
        let stream = parts.next().filter(|s| !s.is_empty()).ok_or(StoreError::NotFound)?.to_owned();
        Ok(Cursor { at: Instant::from_millis(at), stream, seq })
    }
}

impl Recorded {
    /// Its place in the list of all events.
    pub fn cursor(&self) -> Cursor {
        Cursor { at: self.at, stream: self.stream.clone(), seq: self.seq }
    }
}

/// Which events are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// Who.
    pub actor: Option<&'a str>,
    /// Kind of the record.
    pub object_kind: Option<&'a str>,
    /// Id of the record.
    pub object: Option<&'a str>,
    /// What was done.
    pub action: Option<&'a str>,
    /// From this instant on.
    pub from: Option<Instant>,
    /// Up to this instant, without it.
    pub to: Option<Instant>,
    /// Only what stands behind this place: the last event of the page before.
    pub before: Option<Cursor>,
}

/// The newest events first, at most `limit`.
pub async fn list(tx: &mut Tx, filter: &Filter<'_>, limit: u32) -> Result<Vec<Recorded>> {
    let mut values: Vec<Value> = Vec::new();
    let mut conditions = Vec::new();
    for (column, wanted) in [
        ("actor", filter.actor),
        ("object_kind", filter.object_kind),
        ("object", filter.object),
        ("action", filter.action),
    ] {
        if let Some(wanted) = wanted {
            values.push(wanted.into());
            conditions.push(format!("{column} = ${}", values.len()));
        }
    }
    for (comparison, wanted) in [(">=", filter.from), ("<", filter.to)] {
        if let Some(wanted) = wanted {
            values.push(wanted.into());
            conditions.push(format!("at {comparison} ${}", values.len()));
        }
    }
    if let Some(Cursor { at, stream, seq }) = &filter.before {
        values.extend([(*at).into(), stream.into(), (*seq).into()]);
        let n = values.len();
        let [at, stream, seq] = [n - 2, n - 1, n];
        // The first part lets the index on `at` be used; the rest is for events of one instant.
        conditions.push(format!(
            "at <= ${at} AND (at < ${at} OR stream < ${stream} OR (stream = ${stream} AND seq < ${seq}))"
        ));
    }
    values.push(limit.into());
    let filtered = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let sql = format!(
        "SELECT stream, seq, at, actor, action, object_kind, object, fields, mac FROM audit_event {filtered}
         ORDER BY at DESC, stream DESC, seq DESC LIMIT ${}",
        values.len()
    );
    tx.all(Sql::built(sql), values).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_shown_and_nothing_else_is() {
        let cursor = Cursor { at: Instant::from_millis(-5), stream: "case/07.x".into(), seq: 12 };
        assert_eq!(cursor.to_string().parse::<Cursor>().expect("read"), cursor);
        for wrong in ["", "1", "1.2", "1.2.", "x.2.s", "1.x.s", "99999999999999999999.1.s"] {
            assert!(wrong.parse::<Cursor>().is_err(), "{wrong}");
        }
    }
}
