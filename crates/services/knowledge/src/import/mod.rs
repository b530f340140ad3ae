//! Import of articles: files to articles, every error with file, row, column and reason, all or nothing.

mod incoming;
mod preview;
mod table;
mod toml_file;
mod words;
mod xlsx;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use calendar::{Clock, Date};
use city::Organisation;
use store::{Db, Entropy, Tx};

pub use crate::check::{LIMITS, Limits};
pub use incoming::{Incoming, Place};
pub use preview::{PreviewLine, preview};
pub(crate) use table::{COLUMNS as TABLE_COLUMNS, list_cell};

use crate::KnowledgeError;
use crate::check::{self, Found, shown};
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
    /// The same in Japanese, for faults that the desk tells as well.
    #[serde(skip)]
    pub japanese: Option<String>,
}

impl Problem {
    /// What is wrong, in Japanese where there is a sentence for it.
    pub fn sentence(&self) -> &str {
        self.japanese.as_deref().or_else(|| words::japanese(&self.reason)).unwrap_or(&self.reason)
    }
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
        self.push(Problem {
            file: file.into(),
            row,
            column: column.map(Into::into),
            reason: reason.into(),
            japanese: None,
        });
    }

    fn push(&mut self, problem: Problem) {
        if self.list.len() < MAX_PROBLEMS {
            self.list.push(problem);
        } else {
            self.more += 1;
        }
    }

    fn at(&mut self, place: &Place, column: &str, reason: impl Into<String>) {
        self.add(&place.file, place.row, Some(column), reason);
    }

    fn found(&mut self, place: &Place, found: &Found) {
        self.push(Problem {
            file: place.file.to_string(),
            row: place.row,
            column: Some(found.field.code().into()),
            reason: found.english(),
            japanese: Some(found.japanese()),
        });
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

/// Reads a file (`.toml`, `.csv`, `.xlsx`) or all such files of a folder.
pub fn read_path(path: &Path) -> Result<Vec<Incoming>, KnowledgeError> {
    let mut problems = Problems::default();
    let mut incoming = Vec::new();
    for file in files(path)? {
        let size = std::fs::metadata(&file).map_err(|e| unreadable(&file, &e))?.len();
        if size > MAX_FILE {
            problems.add(&name(&file), None, None, format!("the file has {size} bytes; at most {MAX_FILE} are read"));
            continue;
        }
        let bytes = std::fs::read(&file).map_err(|e| unreadable(&file, &e))?;
        read_bytes(&name(&file), &bytes, &mut incoming, &mut problems);
    }
    finish(&name(path), incoming, problems)
}

/// Reads texts that are at hand, such as the demo city's.
pub fn read_toml(files: &[(&str, &str)]) -> Result<Vec<Incoming>, KnowledgeError> {
    let mut problems = Problems::default();
    let mut incoming = Vec::new();
    for (name, text) in files {
        toml_file::read(name, text, &mut incoming, &mut problems);
    }
    finish("import", incoming, problems)
}

/// Reads one file's contents by its name's ending.
pub fn read_file(name: &str, bytes: &[u8]) -> Result<Vec<Incoming>, KnowledgeError> {
    let mut problems = Problems::default();
    let mut incoming = Vec::new();
    read_bytes(name, bytes, &mut incoming, &mut problems);
    finish(name, incoming, problems)
}

fn read_bytes(name: &str, bytes: &[u8], incoming: &mut Vec<Incoming>, problems: &mut Problems) {
    match name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("toml") => match std::str::from_utf8(bytes) {
            Ok(text) => toml_file::read(name, text, incoming, problems),
            Err(error) => {
                let row = table::line_of(bytes, error.valid_up_to());
                problems.add(name, Some(row), None, "is not UTF-8; save it as UTF-8");
            }
        },
        Some("csv") => table::read_csv(name, bytes, incoming, problems),
        Some("xlsx") => xlsx::read(name, bytes, incoming, problems),
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

fn finish(path: &str, incoming: Vec<Incoming>, mut problems: Problems) -> Result<Vec<Incoming>, KnowledgeError> {
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for article in &incoming {
        check::check(&article.code, &article.content, &mut |found| {
            problems.found(&article.place, &found);
        });
        if let Some(place) = seen.insert(&article.code, &article.place) {
            let row = place.row.map_or(String::new(), |r| format!(", row {r}"));
            problems.at(
                &article.place,
                "code",
                format!("{} stands already in {}{row}", shown(&article.code), place.file),
            );
        }
    }
    drop(seen);
    problems.finish()?;
    if incoming.is_empty() {
        return Err(KnowledgeError::File { file: path.into(), reason: "there is no article in it".into() });
    }
    Ok(incoming)
}

/// Checks articles against the city and stores them all or none. With `dry_run` everything is done
/// but the last step. Sections must exist on `today`.
pub async fn store(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    incoming: &[Incoming],
    today: Date,
    dry_run: bool,
) -> Result<Written, KnowledgeError> {
    let organisation = Organisation::load(db).await?;
    let mut tx = db.write().await?;
    let written = store_in(&mut tx, clock, entropy, incoming, &organisation, today).await?;
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
    incoming: &[Incoming],
    organisation: &Organisation,
    today: Date,
) -> Result<Written, KnowledgeError> {
    // Of two imports at once, the second waits here: else both would take the same codes for new.
    crate::store::article::take_turn(tx).await?;
    let mut codes: HashSet<String> = crate::store::article::heads(tx).await?.into_iter().map(|h| h.code).collect();
    codes.extend(incoming.iter().map(|d| d.code.clone()));
    let mut problems = Problems::default();
    for article in incoming {
        check::check_city(&article.content, organisation, today, &codes, &mut |found| {
            problems.found(&article.place, &found);
        });
    }
    problems.finish()?;
    Ok(crate::store::article::write(tx, clock, entropy, incoming).await?)
}
