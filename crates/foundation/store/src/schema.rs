//! The schema as a database has it: read back for the backup and for the test that both engines agree.

use std::collections::BTreeMap;

use crate::{Engine, Result, Tx, params};

/// A column: its type in the words of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Name.
    pub name: String,
    /// TEXT, BIGINT, BOOLEAN, BYTEA or DOUBLE PRECISION.
    pub kind: String,
    /// Whether NULL is refused.
    pub not_null: bool,
    /// Place in the primary key, from 1; 0 if not part of it.
    pub key: i64,
}

/// A table with its columns in order and its unique and other indexes by name.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TableInfo {
    /// Columns in order.
    pub columns: Vec<ColumnInfo>,
    /// Index names.
    pub indexes: Vec<String>,
}

impl TableInfo {
    /// Names of the primary key, in order.
    pub fn primary_key(&self) -> Vec<&str> {
        let mut key: Vec<_> = self.columns.iter().filter(|c| c.key > 0).collect();
        key.sort_by_key(|c| c.key);
        key.into_iter().map(|c| c.name.as_str()).collect()
    }
}

/// All tables of the house.
pub async fn read(tx: &mut Tx) -> Result<BTreeMap<String, TableInfo>> {
    match tx.engine() {
        Engine::Sqlite => read_sqlite(tx).await,
        Engine::Postgres => read_postgres(tx).await,
    }
}

async fn read_sqlite(tx: &mut Tx) -> Result<BTreeMap<String, TableInfo>> {
    let mut tables: BTreeMap<String, TableInfo> = BTreeMap::new();
    let columns = tx
        .rows(
            "SELECT m.name AS tbl, c.name AS col, c.type AS kind, c.\"notnull\" AS nn, c.pk AS pk
             FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_' ORDER BY m.name, c.cid",
            params![],
        )
        .await?;
    for row in columns {
        tables.entry(row.get("tbl")?).or_default().columns.push(ColumnInfo {
            name: row.get("col")?,
            kind: row.get("kind")?,
            not_null: row.get("nn")?,
            key: row.get("pk")?,
        });
    }
    let indexes = tx
        .rows(
            "SELECT tbl_name AS tbl, name AS idx FROM sqlite_master
             WHERE type = 'index' AND sql IS NOT NULL ORDER BY tbl_name, name",
            params![],
        )
        .await?;
    for row in indexes {
        tables.entry(row.get("tbl")?).or_default().indexes.push(row.get("idx")?);
    }
    Ok(tables)
}

async fn read_postgres(tx: &mut Tx) -> Result<BTreeMap<String, TableInfo>> {
    let mut tables: BTreeMap<String, TableInfo> = BTreeMap::new();
    let columns = tx
        .rows(
            "SELECT c.relname AS tbl, a.attname AS col, upper(format_type(a.atttypid, a.atttypmod)) AS kind,
                    a.attnotnull AS nn,
                    COALESCE(array_position(i.indkey::int2[], a.attnum), -1)::int8 AS pk
             FROM pg_class c
             JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
             WHERE c.relkind = 'r' ORDER BY c.relname COLLATE \"C\", a.attnum",
            params![],
        )
        .await?;
    for row in columns {
        let place: i64 = row.get("pk")?;
        tables.entry(row.get("tbl")?).or_default().columns.push(ColumnInfo {
            name: row.get("col")?,
            kind: row.get("kind")?,
            not_null: row.get("nn")?,
            // An int2vector counts from 0.
            key: place + 1,
        });
    }
    let indexes = tx
        .rows(
            "SELECT x.tablename AS tbl, x.indexname AS idx FROM pg_indexes x
             LEFT JOIN pg_constraint k ON k.conname = x.indexname
             WHERE x.schemaname = current_schema() AND k.conname IS NULL
             ORDER BY x.tablename COLLATE \"C\", x.indexname COLLATE \"C\"",
            params![],
        )
        .await?;
    for row in indexes {
        tables.entry(row.get("tbl")?).or_default().indexes.push(row.get("idx")?);
    }
    Ok(tables)
}
