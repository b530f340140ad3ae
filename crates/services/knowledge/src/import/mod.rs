//! Import of articles: files to drafts, every error with file, row, column and reason, all or nothing.

mod draft;
mod table;
mod toml_file;
mod xlsx;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use calendar::{Clock, Date};
use city::Organisation;
use store::{Db, Entropy};

pub use draft::{Draft, LIMITS, Limits};
pub(crate) use table::COLUMNS as TABLE_COLUMNS;

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

/// Collects problems; a file of 100,000 wrong rows does not become 100,000 messages.
#[derive(Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
    more: usize,
}

impl Problems {
    pub(crate) fn add(&mut self, file: &str, row: Option<usize>, column: Option<&str>, reason: impl Into<String>) {
        if self.list.len() < MAX_PROBLEMS {
            self.list.push(Problem {
                file: file.into(),
                row,
                column: column.map(Into::into),
                reason: reason.into(),
            });
        } else {
            self.more += 1;
        }
    }

    fn finish(mut self) -> Result<(), KnowledgeError> {
        if self.list.is_empty() {
            return Ok(());
        }
        if self.more > 0 {
            let file = self.list[0].file.clone();
            self.list.push(Problem { file, row: None, column: None, reason: format!("and {} more errors", self.more) });
        }
        Err(KnowledgeError::Refused(self.list))
    }
}

/// A draft and where it stood.
pub(crate) struct Located {
    pub(crate) draft: Draft,
    pub(crate) file: String,
    pub(crate) row: Option<usize>,
}

/// Reads a file (`.toml`, `.csv`, `.xlsx`) or all such files of a folder.
pub fn read_path(path: &Path) -> Result<Vec<Draft>, KnowledgeError> {
    let mut problems = Problems::default();
    let mut located = Vec::new();
    for file in files(path)? {
        let size = std::fs::metadata(&file).map_err(|e| unreadable(&file, &e))?.len();
        if size > MAX_FILE {
            problems.add(&name(&file), None, None, format!("the file has {size} bytes; at most {MAX_FILE} are read"));
            continue;
        }
        let bytes = std::fs::read(&file).map_err(|e| unreadable(&file, &e))?;
        read_bytes(&name(&file), &bytes, &mut located, &mut problems);
    }
    finish(located, problems)
}

/// Reads texts that are at hand, such as the demo city's.
pub fn read_toml(files: &[(&str, &str)]) -> Result<Vec<Draft>, KnowledgeError> {
    let mut problems = Problems::default();
    let mut located = Vec::new();
    for (name, text) in files {
        toml_file::read(name, text, &mut located, &mut problems);
    }
    finish(located, problems)
}

/// Reads one file's contents by its name's ending.
pub fn read_file(name: &str, bytes: &[u8]) -> Result<Vec<Draft>, KnowledgeError> {
    let mut problems = Problems::default();
    let mut located = Vec::new();
    read_bytes(name, bytes, &mut located, &mut problems);
    finish(located, problems)
}

fn read_bytes(name: &str, bytes: &[u8], located: &mut Vec<Located>, problems: &mut Problems) {
    match name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("toml") => match std::str::from_utf8(bytes) {
            Ok(text) => toml_file::read(name, text, located, problems),
            Err(_) => problems.add(name, None, None, "is not UTF-8; save it as UTF-8"),
        },
        Some("csv") => table::read_csv(name, bytes, located, problems),
        Some("xlsx") => xlsx::read(name, bytes, located, problems),
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
        if matches!(file.extension().and_then(|e| e.to_str()), Some("toml" | "csv" | "xlsx")) {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(KnowledgeError::File { file: name(path), reason: "the folder holds no .toml, .csv or .xlsx file".into() });
    }
    Ok(files)
}

fn finish(located: Vec<Located>, mut problems: Problems) -> Result<Vec<Draft>, KnowledgeError> {
    let mut seen: HashMap<&str, (&str, Option<usize>)> = HashMap::new();
    for item in &located {
        item.draft.check(|column, reason| problems.add(&item.file, item.row, Some(column), reason));
        if let Some((file, row)) = seen.insert(&item.draft.code, (&item.file, item.row)) {
            let place = row.map_or(String::new(), |r| format!(", row {r}"));
            problems.add(&item.file, item.row, Some("code"), format!("{:?} stands already in {file}{place}", item.draft.code));
        }
    }
    drop(seen);
    problems.finish()?;
    if located.is_empty() {
        return Err(KnowledgeError::File { file: "import".into(), reason: "there is no article in it".into() });
    }
    Ok(located.into_iter().map(|l| l.draft).collect())
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
    let mut codes: HashSet<String> = crate::store::article::heads(&mut tx).await?.into_iter().map(|h| h.code).collect();
    codes.extend(drafts.iter().map(|d| d.code.clone()));
    let mut problems = Problems::default();
    for draft in drafts {
        if organisation.section(&draft.section, today).is_none() {
            let reason = format!("{:?} is no section of this city on {today}", draft.section);
            problems.add(&format!("article {}", draft.code), None, Some("section"), reason);
        }
        for related in draft.related.iter().filter(|r| !codes.contains(*r)) {
            let reason = format!("there is no article {related:?}, here or in the database");
            problems.add(&format!("article {}", draft.code), None, Some("related"), reason);
        }
    }
    problems.finish()?;
    let written = crate::store::article::write(&mut tx, clock, entropy, drafts).await?;
    if dry_run {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    Ok(written)
}
