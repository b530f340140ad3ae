//! Import of articles: files to drafts, every error with file, row, column and reason, all or nothing.

mod draft;
mod table;
mod toml_file;
mod xlsx;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use calendar::{Clock, Date};
use city::Organisation;
use store::{Db, Entropy, Tx, changes};

pub use draft::{Draft, LIMITS, Limits, Place};
pub(crate) use table::{COLUMNS as TABLE_COLUMNS, list_cell};

use crate::KnowledgeError;
use crate::store::article::Written;

/// Largest file that is read, in bytes.
pub const MAX_FILE: u64 = 200 * 1024 * 1024;
/// Errors that are collected before the rest is only counted.
const MAX_PROBLEMS: usize = 200;

/// One thing that is wrong with an import.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Row of a table counted as a spreadsheet does (the head is row 1), or line of a TOML file.
    pub row: Option<usize>,
    /// Column or key.
    pub column: Option<String>,
    /// What is wrong and what to do.
    pub reason: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Everything that is wrong; a file of 100,000 wrong rows does not become 100,000 messages.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    /// The first ones.
    pub list: Vec<Problem>,
    /// How many there are beyond these.
    pub more: usize,
}

impl Problems {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len() + self.more
    }

    pub(crate) fn add(&mut self, file: &str, row: Option<usize>, column: Option<&str>, reason: impl Into<String>) {
        if self.list.len() < MAX_PROBLEMS {
            self.list.push(Problem { file: file.into(), row, column: column.map(Into::into), reason: reason.into() });
        } else {
            self.more += 1;
        }
    }

    fn at(&mut self, place: &Place, column: &str, reason: impl Into<String>) {
        self.add(&place.file, place.row, Some(column), reason);
    }

    fn finish(self) -> Result<(), KnowledgeError> {
        if self.list.is_empty() { Ok(()) } else { Err(KnowledgeError::Refused(self)) }
    }
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for problem in &self.list {
            writeln!(f, "  {problem}")?;
        }
        if self.more > 0 {
            writeln!(f, "  and {} more", self.more)?;
        }
        Ok(())
    }
}

/// A value for a message: quoted, and not longer than a line.
fn shown(value: &str) -> String {
    match value.char_indices().nth(60) {
        Some((end, _)) => format!("{:?}…", &value[..end]),
        None => format!("{value:?}"),
    }
}

/// Reads a file (`.toml`, `.csv`, `.xlsx`) or all such files of a folder.
pub fn read_path(path: &Path) -> Result<Vec<Draft>, KnowledgeError> {
    let mut problems = Problems::default();
    let mut drafts = Vec::new();
    for file in files(path)? {
        let size = std::fs::metadata(&file).map_err(|e| unreadable(&file, &e))?.len();
        if size > MAX_FILE {
            problems.add(&name(&file), None, None, format!("the file has {size} bytes; at most {MAX_FILE} are read"));
            continue;
        }
        let bytes = std::fs::read(&file).map_err(|e| unreadable(&file, &e))?;
        read_bytes(&name(&file), &bytes, &mut drafts, &mut problems);
    }
    finish(&name(path), drafts, problems)
}

/// Reads texts that are at hand, such as the demo city's.
pub fn read_toml(files: &[(&str, &str)]) -> Result<Vec<Draft>, KnowledgeError> {
    let mut problems = Problems::default();
    let mut drafts = Vec::new();
    for (name, text) in files {
        toml_file::read(name, text, &mut drafts, &mut problems);
    }
    finish("import", drafts, problems)
}

/// Reads one file's contents by its name's ending.
pub fn read_file(name: &str, bytes: &[u8]) -> Result<Vec<Draft>, KnowledgeError> {
    let mut problems = Problems::default();
    let mut drafts = Vec::new();
    read_bytes(name, bytes, &mut drafts, &mut problems);
    finish(name, drafts, problems)
}

fn read_bytes(name: &str, bytes: &[u8], drafts: &mut Vec<Draft>, problems: &mut Problems) {
    match name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("toml") => match std::str::from_utf8(bytes) {
            Ok(text) => toml_file::read(name, text, drafts, problems),
            Err(error) => {
                let row = table::line_of(bytes, error.valid_up_to());
                problems.add(name, Some(row), None, "is not UTF-8; save it as UTF-8");
            }
        },
        Some("csv") => table::read_csv(name, bytes, drafts, problems),
        Some("xlsx") => xlsx::read(name, bytes, drafts, problems),
        _ => problems.add(name, None, None, "is of an unknown kind; .csv, .xlsx and .toml are understood"),
    }
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

fn unreadable(path: &Path, error: &std::io::Error) -> KnowledgeError {
    KnowledgeError::File { file: name(path), reason: format!("cannot be read: {error}") }
}

fn files(path: &Path) -> Result<Vec<PathBuf>, KnowledgeError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|e| unreadable(path, &e))? {
        let file = entry.map_err(|e| unreadable(path, &e))?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        // Spreadsheet programs put a lock file (`~$faq.xlsx`) beside what is open.
        let is_theirs = name.starts_with("~$") || name.starts_with('.');
        if !is_theirs && [".toml", ".csv", ".xlsx"].iter().any(|ending| name.ends_with(ending)) {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(KnowledgeError::File {
            file: name(path),
            reason: "the folder holds no .toml, .csv or .xlsx file".into(),
        });
    }
    Ok(files)
}

fn finish(path: &str, drafts: Vec<Draft>, mut problems: Problems) -> Result<Vec<Draft>, KnowledgeError> {
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for draft in &drafts {
        draft.check(|column, reason| problems.at(&draft.place, column, reason));
        if let Some(place) = seen.insert(&draft.code, &draft.place) {
            let row = place.row.map_or(String::new(), |r| format!(", row {r}"));
            problems.at(&draft.place, "code", format!("{} stands already in {}{row}", shown(&draft.code), place.file));
        }
    }
    drop(seen);
    problems.finish()?;
    if drafts.is_empty() {
        return Err(KnowledgeError::File { file: path.into(), reason: "there is no article in it".into() });
    }
    Ok(drafts)
}

/// Checks drafts against the city and stores them all or none. With `dry_run` everything is done
/// but the last step. Sections must exist on `today`.
pub async fn store(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    drafts: &[Draft],
    today: Date,
    dry_run: bool,
) -> Result<Written, KnowledgeError> {
    let organisation = Organisation::load(db).await?;
    let mut tx = db.write().await?;
    let written = store_in(&mut tx, clock, entropy, drafts, &organisation, today).await?;
    if dry_run {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    Ok(written)
}

/// The same in the caller's transaction.
pub async fn store_in(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    drafts: &[Draft],
    organisation: &Organisation,
    today: Date,
) -> Result<Written, KnowledgeError> {
    // Of two imports at once, the second waits here: else both would take the same codes for new.
    changes::bump(tx, "import").await?;
    let mut codes: HashSet<String> = crate::store::article::heads(tx).await?.into_iter().map(|h| h.code).collect();
    codes.extend(drafts.iter().map(|d| d.code.clone()));
    let mut problems = Problems::default();
    for draft in drafts {
        if organisation.section(&draft.section, today).is_none() {
            let reason = format!("{} is no section of this city on {today}", shown(&draft.section));
            problems.at(&draft.place, "section", reason);
        }
        for related in draft.related.iter().filter(|r| !codes.contains(*r)) {
            let reason = format!("there is no article {}, here or in the database", shown(related));
            problems.at(&draft.place, "related", reason);
        }
    }
    problems.finish()?;
    Ok(crate::store::article::write(tx, clock, entropy, drafts).await?)
}
