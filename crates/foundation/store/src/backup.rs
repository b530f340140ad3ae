//! Backup: one engine-neutral file, taken from one consistent state while the city works.
//!
//! Form: gzip over lines of JSON. First a header (format, schema version, tables with their columns
//! and types), then each table's rows as arrays, last a trailer with the number of rows and the SHA-256
//! of everything before it. A file without its trailer is a truncated file.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use calendar::Clock;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::value::Cell;
use crate::{Db, Engine, OpenMode, Result, Sql, StoreError, Tx, Value, migrate, params, schema};

const FORMAT: &str = "madoguchi-backup";
const FORMAT_VERSION: u32 = 1;
/// Longest line that is written and read; one row is never near it.
const MAX_LINE: usize = 64 * 1024 * 1024;
const TOO_LONG: &str = "a line is too long: one row has more than 64 MiB";
const TOO_SHORT: &str = "the file ends too early: it was cut off or the disk was full when it was made";
/// Rows per statement on restore.
const BATCH: usize = 500;
/// From so many bytes of lines on, a statement has enough rows, however few: attachments have 10 MiB each.
const BATCH_BYTES: usize = 16 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    format_version: u32,
    schema_version: i64,
    binary: String,
    made_at: i64,
    tables: BTreeMap<String, Vec<(String, String)>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Table(String),
    Row(Vec<serde_json::Value>),
    End { rows: u64, sha256: String },
}

/// What a backup or restore did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Tables.
    pub tables: usize,
    /// Rows over all tables.
    pub rows: u64,
    /// Step of the schema at which the backup was taken.
    pub schema_version: i64,
}

fn broken(reason: impl std::fmt::Display) -> StoreError {
    StoreError::Backup(reason.to_string())
}

struct Sink<W: Write> {
    out: GzEncoder<W>,
    hash: Sha256,
}

impl<W: Write> Sink<W> {
    fn line(&mut self, value: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_vec(value).map_err(broken)?;
        text.push(b'\n');
        if text.len() > MAX_LINE {
            return Err(broken(TOO_LONG));
        }
        self.hash.update(&text);
        self.out.write_all(&text)?;
        Ok(())
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// Writes a backup. `progress` is told the rows written so far.
pub async fn write(db: &Db, clock: &dyn Clock, out: impl Write, mut progress: impl FnMut(u64)) -> Result<Summary> {
    let mut tx = db.read().await?;
    let plan = migrate::plan(&mut tx).await?;
    let tables = schema::read(&mut tx).await?;
    let mut sink = Sink { out: GzEncoder::new(out, Compression::new(6)), hash: Sha256::new() };
    let header = Header {
        format: FORMAT.into(),
        format_version: FORMAT_VERSION,
        schema_version: plan.current,
        binary: migrate::BINARY.into(),
        made_at: clock.now().millis(),
        tables: tables
            .iter()
            .filter(|(name, _)| *name != "schema_migration")
            .map(|(name, info)| (name.clone(), info.columns.iter().map(|c| (c.name.clone(), c.kind.clone())).collect()))
            .collect(),
    };
    sink.line(&header)?;
    let mut rows = 0u64;
    for (table, columns) in &header.tables {
        sink.line(&Line::Table(table.clone()))?;
        let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let order = tables[table].primary_key().join(", ");
        let sql = format!("SELECT {} FROM {table} ORDER BY {order}", names.join(", "));
        tx.for_each(Sql::built(sql), params![], |row| {
            let values = row.cells().iter().zip(columns).map(|(cell, (_, kind))| to_json(cell, kind)).collect();
            sink.line(&Line::Row(values))?;
            rows += 1;
            if rows.is_multiple_of(1000) {
                progress(rows);
            }
            Ok(())
        })
        .await?;
    }
    let sha256 = hex(sink.hash.clone());
    sink.line(&Line::End { rows, sha256 })?;
    sink.out.finish()?.flush()?;
    progress(rows);
    Ok(Summary { tables: header.tables.len(), rows, schema_version: plan.current })
}

fn to_json(cell: &Cell, kind: &str) -> serde_json::Value {
    match cell {
        Cell::Null => serde_json::Value::Null,
        Cell::Text(t) => t.clone().into(),
        Cell::Int(i) if kind == "BOOLEAN" => (*i != 0).into(),
        Cell::Int(i) => (*i).into(),
        Cell::Bool(b) => (*b).into(),
        Cell::Blob(b) => BASE64.encode(b).into(),
        Cell::Real(r) => serde_json::Number::from_f64(*r).map_or(serde_json::Value::Null, Into::into),
    }
}

fn from_json(value: serde_json::Value, kind: &str) -> Result<Value> {
    use serde_json::Value as Json;
    Ok(match (kind, value) {
        ("TEXT", Json::Null) => Value::Text(None),
        ("TEXT", Json::String(s)) => Value::Text(Some(s)),
        ("BIGINT", Json::Null) => Value::Int(None),
        ("BIGINT", Json::Number(n)) => Value::Int(Some(n.as_i64().ok_or_else(|| broken("a number is out of range"))?)),
        ("BOOLEAN", Json::Null) => Value::Bool(None),
        ("BOOLEAN", Json::Bool(b)) => Value::Bool(Some(b)),
        ("BYTEA", Json::Null) => Value::Blob(None),
        ("BYTEA", Json::String(s)) => Value::Blob(Some(BASE64.decode(s).map_err(broken)?)),
        ("DOUBLE PRECISION", Json::Null) => Value::Real(None),
        ("DOUBLE PRECISION", Json::Number(n)) => Value::Real(n.as_f64()),
        (kind, value) => return Err(broken(format!("a {kind} column holds {value}"))),
    })
}

/// Lines of a backup with the running hash.
struct Source<R: Read> {
    input: BufReader<GzDecoder<R>>,
    hash: Sha256,
    /// The hash of everything before the present line.
    before: Sha256,
    buffer: Vec<u8>,
}

fn unreadable(error: std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => broken(TOO_SHORT),
        _ => broken(format!("the file is damaged or not a backup of madoguchi ({error})")),
    }
}

impl<R: Read> Source<R> {
    fn new(input: R) -> Self {
        Source {
            input: BufReader::with_capacity(1 << 16, GzDecoder::new(input)),
            hash: Sha256::new(),
            before: Sha256::new(),
            buffer: Vec::new(),
        }
    }

    fn next<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        self.buffer.clear();
        self.before = self.hash.clone();
        (&mut self.input).take(MAX_LINE as u64).read_until(b'\n', &mut self.buffer).map_err(unreadable)?;
        if self.buffer.last() != Some(&b'\n') {
            return Err(broken(if self.buffer.len() == MAX_LINE { TOO_LONG } else { TOO_SHORT }));
        }
        self.hash.update(&self.buffer);
        serde_json::from_slice(&self.buffer).map_err(|e| broken(format!("a line is not what a backup holds ({e})")))
    }

    /// Reads to the end, where gzip has a check sum of its own; nothing else may stand there.
    fn finish(&mut self) -> Result<()> {
        if self.input.fill_buf().map_err(unreadable)?.is_empty() {
            Ok(())
        } else {
            Err(broken("something follows after the end"))
        }
    }
}

/// Reads a backup into an empty database: all of it or nothing. The schema is brought to the step
/// of the backup first, and to this binary's newest step after the rows are in.
pub async fn restore(
    address: &str,
    clock: &dyn Clock,
    input: impl Read + Send,
    mut progress: impl FnMut(u64),
) -> Result<Summary> {
    let mut source = Source::new(input);
    let header: Header = source.next()?;
    if header.format != FORMAT {
        return Err(broken("this is not a backup of madoguchi"));
    }
    if header.format_version > FORMAT_VERSION || header.schema_version > migrate::MIGRATIONS.len() as i64 {
        return Err(StoreError::TooNew { needed: header.binary, own: migrate::BINARY.into() });
    }
    let was_there = address.strip_prefix("sqlite:").is_none_or(|path| std::path::Path::new(path).exists());
    let db = Db::open(address, OpenMode::Create).await?;
    let outcome = restore_rows(&db, clock, &header, &mut source, &mut progress).await;
    db.close().await;
    if outcome.is_err()
        && !was_there
        && let Some(path) = db.path()
    {
        // The file that this very call made; nothing half-written stays.
        for suffix in ["", "-wal", "-shm"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            match std::fs::remove_file(&name) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
                _ => {}
            }
        }
    }
    outcome
}

async fn restore_rows<R: Read + Send>(
    db: &Db,
    clock: &dyn Clock,
    header: &Header,
    source: &mut Source<R>,
    progress: &mut impl FnMut(u64),
) -> Result<Summary> {
    let mut tx = db.write().await?;
    if !schema::read(&mut tx).await?.is_empty() {
        return Err(StoreError::NotEmpty);
    }
    migrate::apply_until(&mut tx, clock, header.schema_version).await?;
    let known = schema::read(&mut tx).await?;
    let mut rows = 0u64;
    let mut table: Option<(&str, &[(String, String)])> = None;
    let mut batch: Vec<Vec<Value>> = Vec::new();
    let mut bytes = 0;
    loop {
        let line: Line = source.next()?;
        if !matches!(line, Line::Row(_)) || batch.len() >= BATCH || bytes >= BATCH_BYTES {
            flush(&mut tx, &known, table, &mut batch).await?;
            bytes = 0;
        }
        bytes += source.buffer.len();
        match line {
            Line::Table(name) => {
                table = Some(
                    header
                        .tables
                        .get_key_value(&name)
                        .map(|(name, columns)| (name.as_str(), columns.as_slice()))
                        .ok_or_else(|| broken(format!("table {name:?} is not in the header")))?,
                );
            }
            Line::Row(values) => {
                let (_, columns) = table.ok_or_else(|| broken("a row stands before its table"))?;
                if values.len() != columns.len() {
                    return Err(broken("a row has another number of columns than its table"));
                }
                batch.push(
                    values.into_iter().zip(columns).map(|(v, (_, kind))| from_json(v, kind)).collect::<Result<_>>()?,
                );
                rows += 1;
                if rows.is_multiple_of(1000) {
                    progress(rows);
                }
            }
            Line::End { rows: expected, sha256 } => {
                if expected != rows || sha256 != hex(source.before.clone()) {
                    return Err(broken("the contents do not match the check sum at the end of the file"));
                }
                source.finish()?;
                break;
            }
        }
    }
    if tx.engine() == Engine::Postgres {
        // It changes no table whose foreign keys are still to be looked at, as a newer step may have to.
        tx.script("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;").await.map_err(misfit)?;
    }
    migrate::apply_until(&mut tx, clock, i64::MAX).await?;
    tx.commit().await.map_err(misfit)?;
    progress(rows);
    Ok(Summary { tables: header.tables.len(), rows, schema_version: header.schema_version })
}

async fn flush(
    tx: &mut Tx,
    known: &BTreeMap<String, schema::TableInfo>,
    table: Option<(&str, &[(String, String)])>,
    batch: &mut Vec<Vec<Value>>,
) -> Result<()> {
    let Some((name, columns)) = table else { return Ok(()) };
    if batch.is_empty() {
        return Ok(());
    }
    // Names come from a file, so only names that the schema itself has go into the statement.
    let info = known.get(name).ok_or_else(|| broken(format!("this version has no table {name:?}")))?;
    let mut names = Vec::with_capacity(columns.len());
    for (column, kind) in columns {
        let own = info.columns.iter().find(|c| c.name == *column && c.kind == *kind);
        names.push(own.ok_or_else(|| broken(format!("table {name:?} has no {kind} column {column:?}")))?.name.as_str());
    }
    tx.insert_many(name, &names, std::mem::take(batch)).await.map_err(misfit)?;
    Ok(())
}

/// What the database says of a row is said of the file that the row came from.
fn misfit(error: StoreError) -> StoreError {
    match error {
        StoreError::Constraint(_) | StoreError::Nul => broken(format!("a row does not fit its table ({error})")),
        other => other,
    }
}
