//! What is not the same on SQLite and PostgreSQL, refused or rewritten in one place.
//!
//! Column types of the house: TEXT (ids, enums, ISO dates), BIGINT (counts; instants in UTC
//! milliseconds), BOOLEAN, BYTEA, DOUBLE PRECISION.

use crate::{Result, StoreError};

/// Words that one of the engines does not know or understands differently, and what to do instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("now()", "pass the instant as a parameter"),
    ("current_timestamp", "pass the instant as a parameter"),
    (" ilike ", "compare lower(a) with a lowered parameter"),
    (" like ", "LIKE minds case on PostgreSQL only; use = or search in the engine"),
    ("skip locked", "claim with UPDATE … WHERE id IN (SELECT …) RETURNING"),
    ("->>", "store what is asked for in a column of its own"),
    ("alter column", "make a new column and copy"),
    ("insert or ", "use ON CONFLICT"),
    ("autoincrement", "ids are made by the application"),
    ("json_extract", "store what is asked for in a column of its own"),
    ("group_concat", "use string_agg"),
];

/// Result types that differ (NUMERIC on PostgreSQL, REAL or INTEGER on SQLite), so they are cast.
const MUST_BE_CAST: &[&str] = &["sum(", "avg("];

/// Refuses SQL that would not mean the same on both engines.
pub fn check(sql: &str) -> Result<()> {
    let lower = sql.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    for (word, instead) in FORBIDDEN {
        if lower.contains(word) {
            return Err(StoreError::NotPortable(format!("{:?}: {instead}", word.trim())));
        }
    }
    for function in MUST_BE_CAST {
        for (at, _) in lower.match_indices(function) {
            if lower[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            if !lower[..at].ends_with("cast(") {
                return Err(StoreError::NotPortable(format!(
                    "{function}…) has another type on each engine: CAST({function}…) AS BIGINT)"
                )));
            }
        }
    }
    Ok(())
}

/// A column line of our migrations: indentation, name, type, rest.
fn column_line(line: &str) -> Option<(&str, &str, &'static str, &str)> {
    let trimmed = line.trim_start();
    let indent = &line[..line.len() - trimmed.len()];
    if indent.is_empty() {
        return None;
    }
    let (name, rest) = trimmed.split_once(' ')?;
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        return None;
    }
    for kind in ["TEXT", "BIGINT", "BOOLEAN", "BYTEA", "DOUBLE PRECISION"] {
        if let Some(rest) = rest.strip_prefix(kind)
            && !rest.starts_with(|c: char| c.is_alphanumeric())
        {
            return Some((indent, name, kind, rest));
        }
    }
    None
}

/// The schema text for SQLite: its columns would take a value of any type, so each gets a check
/// that makes it as strict as PostgreSQL's.
pub fn ddl_for_sqlite(sql: &str) -> String {
    rewrite(sql, |name, kind, rest| {
        let stored = match kind {
            "TEXT" => format!("typeof({name}) IN ('text', 'null')"),
            "BIGINT" => format!("typeof({name}) IN ('integer', 'null')"),
            "BOOLEAN" => format!("{name} IS NULL OR {name} IN (0, 1)"),
            "BYTEA" => format!("typeof({name}) IN ('blob', 'null')"),
            _ => format!("typeof({name}) IN ('real', 'null')"),
        };
        // By history, SQLite takes NULL for a primary key.
        let never_null = if rest.contains("PRIMARY KEY") { " NOT NULL" } else { "" };
        format!("{kind} CHECK ({stored}){never_null}")
    })
}

/// The schema text for PostgreSQL: texts sort by code point as on SQLite, whatever the database's locale.
pub fn ddl_for_postgres(sql: &str) -> String {
    rewrite(sql, |_, kind, _| if kind == "TEXT" { "TEXT COLLATE \"C\"".into() } else { kind.into() })
}

fn rewrite(sql: &str, column: impl Fn(&str, &str, &str) -> String) -> String {
    let mut out = String::with_capacity(sql.len() * 2);
    for line in sql.lines() {
        match column_line(line) {
            Some((indent, name, kind, rest)) => {
                out.push_str(&format!("{indent}{name} {}{rest}\n", column(name, kind, rest)));
            }
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forbidden_word_is_refused() {
        for (word, _) in FORBIDDEN {
            let sql = format!("SELECT a {} b", word.to_uppercase());
            assert!(check(&sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn sums_must_be_cast() {
        assert!(check("SELECT sum(n) FROM t").is_err());
        assert!(check("SELECT CAST(sum(n) AS BIGINT) AS n FROM t").is_ok());
        assert!(check("SELECT checksum(n) FROM t").is_ok());
    }

    #[test]
    fn ddl_is_rewritten_per_engine() {
        let ddl = "CREATE TABLE t (\n    id TEXT PRIMARY KEY,\n    n BIGINT NOT NULL,\n    texture TEXTURE\n);";
        let sqlite = ddl_for_sqlite(ddl);
        assert!(sqlite.contains("n BIGINT CHECK (typeof(n) IN ('integer', 'null')) NOT NULL"), "{sqlite}");
        assert!(sqlite.contains("id TEXT CHECK (typeof(id) IN ('text', 'null')) NOT NULL PRIMARY KEY"), "{sqlite}");
        assert!(sqlite.contains("texture TEXTURE\n"));
        assert!(ddl_for_postgres(ddl).contains("id TEXT COLLATE \"C\" PRIMARY KEY"));
    }
}
