//! `Db` and `Tx`: the whole surface through which the house speaks to its database.

use std::borrow::Cow;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Column, Connection, Postgres, Row as _, Sqlite, TypeInfo, ValueRef};
use tokio::sync::Mutex;

use crate::value::Cell;
use crate::{FromRow, HouseKey, Result, Row, StoreError, Value, portable};

/// How long a writer waits for another one before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);
/// Pages of the file that the writer keeps in memory, in KiB as SQLite wants it. With its 2 MiB a write to a table of a
/// few hundred thousand rows reads most of its pages anew.
const WRITER_CACHE: &str = "-65536";
/// The same of each reader.
const READER_CACHE: &str = "-16384";
/// Rows that SQLite's thread may be ahead of their reader; with the usual 50 the two wake each other all the time.
const ROWS_AHEAD: usize = 512;
/// PostgreSQL takes 65,535 parameters and SQLite 32,766; a batch stays below both.
const MAX_PARAMS: usize = 30_000;

/// Which engine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one file.
    Sqlite,
    /// A server, several processes.
    Postgres,
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        })
    }
}

/// Whether an absent SQLite file is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The database must be there.
    Existing,
    /// Make it if it is not.
    Create,
}

/// A statement. Text known at compile time converts by itself; text that was put together from
/// parts of the program (never from input) is marked by [`Sql::built`].
#[derive(Clone, Debug)]
pub struct Sql(Cow<'static, str>);

impl Sql {
    /// Marks SQL that the program put together from its own parts. Values always go in as parameters.
    pub fn built(text: String) -> Self {
        Sql(Cow::Owned(text))
    }
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Sql(Cow::Borrowed(text))
    }
}

#[derive(Clone, Debug)]
enum Pools {
    /// One writer, several readers.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        path: Arc<PathBuf>,
        /// Whose turn it is among those who write in the background.
        turn: Arc<Mutex<()>>,
    },
    Postgres(PgPool),
}

/// A database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pools: Pools,
    key: Option<HouseKey>,
    in_background: bool,
}

enum Inner {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// A transaction: everything in it is stored by [`Tx::commit`], or nothing. Dropping it rolls back.
///
/// When a statement fails, nothing else can be done in the transaction and it cannot be committed.
/// PostgreSQL does so by itself (and then says nothing at COMMIT); SQLite would go on, or after some
/// errors store each later statement on its own.
pub struct Tx {
    inner: Inner,
    key: Option<HouseKey>,
    spoiled: bool,
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`.
    pub async fn open(address: &str, mode: OpenMode) -> Result<Self> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            return Self::open_sqlite(path, mode).await;
        }
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(address).map_err(|e| StoreError::Address(e.to_string()))?;
            // One connection first: a server that is not there is told at once and by its own error,
            // where the pool would try until its time is up and say that it is busy.
            sqlx::PgConnection::connect_with(&options).await?.close().await?;
            let pool =
                PgPoolOptions::new().max_connections(12).acquire_timeout(BUSY_TIMEOUT).connect_with(options).await?;
            return Ok(Db { pools: Pools::Postgres(pool), key: None, in_background: false });
        }
        Err(StoreError::Address(address.to_owned()))
    }

    async fn open_sqlite(path: &str, mode: OpenMode) -> Result<Self> {
        let path = PathBuf::from(path);
        if mode == OpenMode::Existing && !path.exists() {
            return Err(StoreError::Missing(path.display().to_string()));
        }
        if mode == OpenMode::Create
            && let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty())
        {
            std::fs::create_dir_all(parent)?;
        }
        // FULL, not NORMAL: what a citizen was told is stored survives a power cut.
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(mode == OpenMode::Create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .row_buffer_size(ROWS_AHEAD)
            .foreign_keys(true);
        let writer = sqlite_pool(1, options.clone().pragma("cache_size", WRITER_CACHE)).await?;
        let reading = options.pragma("cache_size", READER_CACHE).pragma("query_only", "1");
        let readers = sqlite_pool(4, reading).await?;
        let pools = Pools::Sqlite { writer, readers, path: Arc::new(path), turn: Arc::default() };
        Ok(Db { pools, key: None, in_background: false })
    }

    /// The same database with the city's key outside it.
    pub fn with_key(self, key: HouseKey) -> Self {
        Db { key: Some(key), ..self }
    }

    /// The same database for work that nobody waits for. SQLite has one writer, and whoever wants it stands in line;
    /// of those who write in the background only one stands there at a time, so that a person waits for one of them
    /// and not for all.
    pub fn in_background(&self) -> Self {
        Db { in_background: true, ..self.clone() }
    }

    /// The city's key; without it nothing can be audited or unsealed.
    pub fn key(&self) -> Result<&HouseKey> {
        self.key.as_ref().ok_or_else(no_key)
    }

    /// The engine behind this database.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// The file of an SQLite database.
    pub fn path(&self) -> Option<&std::path::Path> {
        match &self.pools {
            Pools::Sqlite { path, .. } => Some(path),
            Pools::Postgres(_) => None,
        }
    }

    /// Begins to write. On SQLite this waits for the one writer's place (`BEGIN IMMEDIATE`).
    pub async fn write(&self) -> Result<Tx> {
        let inner = match &self.pools {
            Pools::Sqlite { writer, turn, .. } => {
                let _until_it_writes = match self.in_background {
                    true => Some(tokio::time::timeout(BUSY_TIMEOUT, turn.lock()).await.map_err(|_| busy())?),
                    false => None,
                };
                Inner::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            // A connection whose `read` was given up half way comes back in a transaction that only reads
            // (sqlx rolls back only what has wholly begun), so we say what we want, also if it is the default.
            Pools::Postgres(pool) => {
                Inner::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await?)
            }
        };
        Ok(Tx { inner, key: self.key.clone(), spoiled: false })
    }

    /// Begins to read one consistent state; writing in it fails.
    pub async fn read(&self) -> Result<Tx> {
        let inner = match &self.pools {
            Pools::Sqlite { readers, .. } => Inner::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => {
                Inner::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        };
        Ok(Tx { inner, key: self.key.clone(), spoiled: false })
    }

    /// Closes all connections; on SQLite this folds the write-ahead log into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Others wrote in the background for longer than a writer waits.
fn busy() -> StoreError {
    StoreError::Busy(format!("no turn to write in the background within {} s", BUSY_TIMEOUT.as_secs()))
}

async fn sqlite_pool(connections: u32, options: SqliteConnectOptions) -> Result<SqlitePool> {
    let pool = SqlitePoolOptions::new().max_connections(connections).acquire_timeout(BUSY_TIMEOUT);
    // Whoever switches a new file to the write-ahead log while another process does the same is told
    // at once that it is locked: the busy timeout does not hold there.
    for _ in 0..100 {
        match pool.clone().connect_with(options.clone()).await.map_err(StoreError::from) {
            Err(StoreError::Busy(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
            outcome => return outcome,
        }
    }
    Ok(pool.connect_with(options).await?)
}

fn check_parameters(params: &[Value]) -> Result<()> {
    for value in params {
        match value {
            Value::Text(Some(text)) if text.contains('\0') => return Err(StoreError::Nul),
            Value::Real(Some(real)) if !real.is_finite() => return Err(StoreError::NotFinite),
            _ => {}
        }
    }
    Ok(())
}

/// Binds the values and names the prepared query; written once for both engines.
macro_rules! bound {
    ($engine:ty, $sql:expr, $params:expr) => {{
        let mut query = sqlx::query::<$engine>(AssertSqlSafe($sql.as_str()));
        for value in $params {
            query = match value {
                Value::Text(v) => query.bind(v),
                Value::Int(v) => query.bind(v),
                Value::Bool(v) => query.bind(v),
                Value::Blob(v) => query.bind(v),
                Value::Real(v) => query.bind(v),
            };
        }
        query
    }};
}

fn no_key() -> StoreError {
    StoreError::Key("this city has none; make one with `madoguchi key new`, or set `key_file`".into())
}

impl Tx {
    /// The city's key; without it nothing can be audited or unsealed.
    pub fn key(&self) -> Result<&HouseKey> {
        self.key.as_ref().ok_or_else(no_key)
    }

    /// The engine behind this transaction.
    pub fn engine(&self) -> Engine {
        match self.inner {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement; returns how many rows it touched.
    pub async fn execute(&mut self, sql: impl Into<Sql>, params: Vec<Value>) -> Result<u64> {
        let sql = sql.into();
        self.prepare(&sql, &params)?;
        let touched = match &mut self.inner {
            Inner::Sqlite(tx) => bound!(Sqlite, sql, params).execute(&mut **tx).await.map(|done| done.rows_affected()),
            Inner::Postgres(tx) => {
                bound!(Postgres, sql, params).execute(&mut **tx).await.map(|done| done.rows_affected())
            }
        };
        self.spoiled |= touched.is_err();
        Ok(touched?)
    }

    /// All rows of an answer.
    pub async fn rows(&mut self, sql: impl Into<Sql>, params: Vec<Value>) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        self.for_each(sql, params, |row| {
            rows.push(row);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// Hands over one row after the other without holding them all.
    pub async fn for_each(
        &mut self,
        sql: impl Into<Sql>,
        params: Vec<Value>,
        mut each: impl FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        use futures_util::TryStreamExt;
        let sql = sql.into();
        self.prepare(&sql, &params)?;
        let mut columns = None;
        match &mut self.inner {
            Inner::Sqlite(tx) => {
                let mut stream = bound!(Sqlite, sql, params).fetch(&mut **tx);
                while let Some(row) = stream.try_next().await.inspect_err(|_| self.spoiled = true)? {
                    each(from_sqlite(&row, &mut columns)?)?;
                }
            }
            Inner::Postgres(tx) => {
                let mut stream = bound!(Postgres, sql, params).fetch(&mut **tx);
                while let Some(row) = stream.try_next().await.inspect_err(|_| self.spoiled = true)? {
                    each(from_postgres(&row, &mut columns)?)?;
                }
            }
        }
        Ok(())
    }

    /// All rows as structs.
    pub async fn all<T: FromRow>(&mut self, sql: impl Into<Sql>, params: Vec<Value>) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.for_each(sql, params, |row| {
            found.push(T::from_row(&row)?);
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// The first row as a struct, if there is one.
    pub async fn optional<T: FromRow>(&mut self, sql: impl Into<Sql>, params: Vec<Value>) -> Result<Option<T>> {
        Ok(self.all(sql, params).await?.into_iter().next())
    }

    /// The first row, if there is one.
    pub async fn row(&mut self, sql: impl Into<Sql>, params: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// Inserts many rows with few statements. Every row has one value per column.
    pub async fn insert_many(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: impl IntoIterator<Item = Vec<Value>>,
    ) -> Result<u64> {
        let per_statement = (MAX_PARAMS / columns.len().max(1)).clamp(1, 500);
        let mut inserted = 0;
        let mut batch: Vec<Value> = Vec::new();
        let mut count = 0;
        for row in rows {
            debug_assert_eq!(row.len(), columns.len());
            batch.extend(row);
            count += 1;
            if count == per_statement {
                inserted += self.insert_batch(table, columns, count, std::mem::take(&mut batch)).await?;
                count = 0;
            }
        }
        if count > 0 {
            inserted += self.insert_batch(table, columns, count, batch).await?;
        }
        Ok(inserted)
    }

    async fn insert_batch(&mut self, table: &str, columns: &[&str], rows: usize, values: Vec<Value>) -> Result<u64> {
        let (engine, width) = (self.engine(), columns.len());
        let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..width {
                if column > 0 {
                    sql.push_str(", ");
                }
                // SQLite seeks each `$n` among the names of all others, which takes longer than the rest.
                match engine {
                    Engine::Sqlite => sql.push('?'),
                    Engine::Postgres => sql.push_str(&format!("${}", row * width + column + 1)),
                }
            }
            sql.push(')');
        }
        self.execute(Sql::built(sql), values).await
    }

    /// Runs several statements of a schema change.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        let outcome = match &mut self.inner {
            Inner::Sqlite(tx) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(drop),
            Inner::Postgres(tx) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(drop),
        };
        self.spoiled |= outcome.is_err();
        Ok(outcome?)
    }

    fn prepare(&self, sql: &Sql, params: &[Value]) -> Result<()> {
        // The rules are about our own text, so tests find every breach and production pays nothing.
        if cfg!(debug_assertions) {
            portable::check(sql.as_str())?;
        }
        check_parameters(params)?;
        if self.spoiled { Err(StoreError::Spoiled) } else { Ok(()) }
    }

    /// Stores everything.
    pub async fn commit(self) -> Result<()> {
        if self.spoiled {
            self.rollback().await?;
            return Err(StoreError::Spoiled);
        }
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Gives everything up. Dropping does the same; this one says it.
    pub async fn rollback(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx) => tx.rollback().await?,
            Inner::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

fn names<C: Column>(columns: &[C], cached: &mut Option<Arc<Vec<String>>>) -> Arc<Vec<String>> {
    cached.get_or_insert_with(|| Arc::new(columns.iter().map(|c| c.name().to_owned()).collect())).clone()
}

fn from_sqlite(row: &sqlx::sqlite::SqliteRow, cached: &mut Option<Arc<Vec<String>>>) -> Result<Row> {
    let columns = names(row.columns(), cached);
    let mut cells = Vec::with_capacity(columns.len());
    for index in 0..columns.len() {
        let raw = row.try_get_raw(index)?;
        cells.push(if raw.is_null() {
            Cell::Null
        } else {
            match raw.type_info().name() {
                "TEXT" => Cell::Text(row.try_get_unchecked(index)?),
                "REAL" => Cell::Real(row.try_get_unchecked(index)?),
                "BLOB" => Cell::Blob(row.try_get_unchecked(index)?),
                _ => Cell::Int(row.try_get_unchecked(index)?),
            }
        });
    }
    Ok(Row { columns, cells })
}

fn from_postgres(row: &sqlx::postgres::PgRow, cached: &mut Option<Arc<Vec<String>>>) -> Result<Row> {
    let columns = names(row.columns(), cached);
    let mut cells = Vec::with_capacity(columns.len());
    for index in 0..columns.len() {
        let raw = row.try_get_raw(index)?;
        cells.push(if raw.is_null() {
            Cell::Null
        } else {
            match raw.type_info().name() {
                "TEXT" | "VARCHAR" | "NAME" | "BPCHAR" => Cell::Text(row.try_get_unchecked(index)?),
                "INT8" => Cell::Int(row.try_get::<i64, _>(index)?),
                "INT4" => Cell::Int(row.try_get::<i32, _>(index)?.into()),
                "BOOL" => Cell::Bool(row.try_get(index)?),
                "BYTEA" => Cell::Blob(row.try_get(index)?),
                "FLOAT8" => Cell::Real(row.try_get(index)?),
                other => {
                    return Err(StoreError::Column {
                        column: columns[index].clone(),
                        reason: format!("has type {other}; CAST it to BIGINT, TEXT or DOUBLE PRECISION"),
                    });
                }
            }
        });
    }
    Ok(Row { columns, cells })
}
