//! Migrations: one ordered list for both engines.
//!
//! Rolling upgrades: each migration states the oldest binary that still works on a database that
//! has it. A binary refuses a database only if it is older than that; it may run on a database
//! with migrations it does not know.

use calendar::Clock;

use crate::{Db, Engine, FromRow, Result, Row, StoreError, Tx, params, portable};

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Place in the list, rising; a number may be left out.
    pub version: i64,
    /// What it does, in a word.
    pub name: &'static str,
    /// The oldest binary that works on a database with this step.
    pub min_binary: &'static str,
    /// The text, in portable SQL.
    pub sql: &'static str,
}

/// The list.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "store", min_binary: "0.1.0", sql: include_str!("../migrations/0001_store.sql") },
    Migration { version: 2, name: "city", min_binary: "0.1.0", sql: include_str!("../migrations/0002_city.sql") },
    Migration {
        version: 3,
        name: "knowledge",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0003_knowledge.sql"),
    },
    Migration { version: 4, name: "audit", min_binary: "0.1.0", sql: include_str!("../migrations/0004_audit.sql") },
    Migration { version: 5, name: "people", min_binary: "0.1.0", sql: include_str!("../migrations/0005_people.sql") },
    Migration { version: 6, name: "mail", min_binary: "0.1.0", sql: include_str!("../migrations/0006_mail.sql") },
    Migration { version: 7, name: "desk", min_binary: "0.1.0", sql: include_str!("../migrations/0007_desk.sql") },
    Migration { version: 8, name: "board", min_binary: "0.1.0", sql: include_str!("../migrations/0008_board.sql") },
    Migration { version: 9, name: "inquiry", min_binary: "0.1.0", sql: include_str!("../migrations/0009_inquiry.sql") },
    Migration { version: 10, name: "access", min_binary: "0.1.0", sql: include_str!("../migrations/0010_access.sql") },
    Migration {
        version: 11,
        name: "mailbox",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0011_mailbox.sql"),
    },
    Migration {
        version: 12,
        name: "wording",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0012_wording.sql"),
    },
    Migration {
        version: 13,
        name: "thesaurus",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0013_thesaurus.sql"),
    },
    Migration { version: 14, name: "vector", min_binary: "0.1.0", sql: include_str!("../migrations/0014_vector.sql") },
    Migration {
        version: 15,
        name: "contact",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0015_contact.sql"),
    },
    Migration {
        version: 16,
        name: "figures",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0016_figures.sql"),
    },
    Migration {
        version: 17,
        name: "control",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0017_control.sql"),
    },
    Migration {
        version: 18,
        name: "attachment",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0018_attachment.sql"),
    },
    Migration { version: 19, name: "line", min_binary: "0.1.0", sql: include_str!("../migrations/0019_line.sql") },
    Migration {
        version: 20,
        name: "outreach",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0020_outreach.sql"),
    },
    Migration {
        version: 21,
        name: "line_menu",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0021_line_menu.sql"),
    },
    Migration {
        version: 22,
        name: "job_next",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0022_job_next.sql"),
    },
    Migration {
        version: 23,
        name: "casework",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0023_casework.sql"),
    },
    Migration {
        version: 24,
        name: "recovery",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0024_recovery.sql"),
    },
    Migration {
        version: 25,
        name: "case_file",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0025_case_file.sql"),
    },
    Migration {
        version: 26,
        name: "case_partner",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0026_case_partner.sql"),
    },
    Migration {
        version: 27,
        name: "effect_publication",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0027_effect_publication.sql"),
    },
    Migration {
        version: 28,
        name: "report_session",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0028_report_session.sql"),
    },
    Migration {
        version: 29,
        name: "leaflet",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0029_leaflet.sql"),
    },
    Migration {
        version: 30,
        name: "desk_reason",
        min_binary: "0.1.0",
        sql: include_str!("../migrations/0030_desk_reason.sql"),
    },
];

/// This binary's version.
pub const BINARY: &str = env!("CARGO_PKG_VERSION");

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    version BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    min_binary TEXT NOT NULL,
    applied_at BIGINT NOT NULL
);";

/// What a database has and what it lacks.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The newest step in the database; 0 for an empty one.
    pub current: i64,
    /// Steps to apply, in order.
    pub pending: Vec<Migration>,
}

struct Applied {
    version: i64,
    min_binary: String,
}

impl FromRow for Applied {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Applied { version: row.get("version")?, min_binary: row.get("min_binary")? })
    }
}

fn triple(version: &str) -> [u64; 3] {
    let mut parts = version.split('.').map(|p| p.parse().unwrap_or(0));
    [parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0)]
}

async fn has_ledger(tx: &mut Tx) -> Result<bool> {
    let sql = match tx.engine() {
        Engine::Sqlite => "SELECT 1 AS one FROM sqlite_master WHERE name = 'schema_migration'",
        Engine::Postgres => {
            "SELECT 1 AS one FROM pg_tables WHERE tablename = 'schema_migration' AND schemaname = current_schema()"
        }
    };
    Ok(tx.row(sql, params![]).await?.is_some())
}

/// Reads what is to do. Refuses a database that needs a newer binary.
pub async fn plan(tx: &mut Tx) -> Result<Plan> {
    plan_for(tx, BINARY).await
}

async fn plan_for(tx: &mut Tx, own: &str) -> Result<Plan> {
    let applied: Vec<Applied> = if has_ledger(tx).await? {
        tx.all("SELECT version, min_binary FROM schema_migration ORDER BY version", params![]).await?
    } else {
        Vec::new()
    };
    if let Some(newer) = applied.iter().find(|a| triple(&a.min_binary) > triple(own)) {
        return Err(StoreError::TooNew { needed: newer.min_binary.clone(), own: own.to_owned() });
    }
    let current = applied.last().map_or(0, |a| a.version);
    let pending = MIGRATIONS.iter().filter(|m| applied.iter().all(|a| a.version != m.version)).copied().collect();
    Ok(Plan { current, pending })
}

/// Fails with a sentence unless the database is ready for this binary.
pub async fn require_current(db: &Db) -> Result<()> {
    let mut tx = db.read().await?;
    let plan = plan(&mut tx).await?;
    match plan.pending.len() {
        0 => Ok(()),
        n => Err(StoreError::Unmigrated(n)),
    }
}

/// Applies what is missing, all in one transaction; several processes may call it at once.
/// Returns the steps that were applied.
pub async fn apply(db: &Db, clock: &dyn Clock) -> Result<Vec<Migration>> {
    let mut tx = db.write().await?;
    let done = apply_until(&mut tx, clock, i64::MAX).await?;
    tx.commit().await?;
    Ok(done)
}

/// Applies the steps up to and with `last` in the caller's transaction.
pub async fn apply_until(tx: &mut Tx, clock: &dyn Clock, last: i64) -> Result<Vec<Migration>> {
    if tx.engine() == Engine::Postgres {
        // One migrating process at a time; the number is ours alone, from the word "madoguchi".
        tx.rows("SELECT 1 AS one FROM pg_advisory_xact_lock(7743061)", params![]).await?;
    }
    script(tx, LEDGER).await?;
    let plan = plan(tx).await?;
    let mut done = Vec::new();
    for migration in plan.pending.into_iter().filter(|m| m.version <= last) {
        script(tx, migration.sql).await?;
        tx.execute(
            "INSERT INTO schema_migration (version, name, min_binary, applied_at) VALUES ($1, $2, $3, $4)",
            params![migration.version, migration.name, migration.min_binary, clock.now()],
        )
        .await?;
        done.push(migration);
    }
    Ok(done)
}

async fn script(tx: &mut Tx, sql: &str) -> Result<()> {
    let text = match tx.engine() {
        Engine::Sqlite => portable::ddl_for_sqlite(sql),
        Engine::Postgres => portable::ddl_for_postgres(sql),
    };
    tx.script(&text).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(triple("0.10.0") > triple("0.9.9"));
        assert_eq!(triple("1.2"), [1, 2, 0]);
    }

    #[test]
    fn the_list_has_no_gaps_and_allows_this_binary() {
        for (i, m) in MIGRATIONS.iter().enumerate() {
            assert_eq!(m.version, i as i64 + 1);
            assert!(triple(m.min_binary) <= triple(BINARY), "{}", m.name);
            portable::check(m.sql).expect("portable");
        }
    }
}
