//! `thesaurus check`: what is wrong with files of word relations, and which words the dictionary does not know.

use std::path::PathBuf;
use std::process::ExitCode;

use knowledge::reading::THESAURUS;
use search::thesaurus::{self, RelationKind};

use super::eval::read;
use super::say;
use crate::failure::{Code, Failure};

/// Checks files, or the program's own thesaurus.
pub(super) fn check(files: &[PathBuf], json: bool) -> Result<ExitCode, Failure> {
    let own = THESAURUS.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let texts = if files.is_empty() {
        own.to_vec()
    } else {
        files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?
    };
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (relations, faults) = thesaurus::read(&texts);
    let counts = RelationKind::ALL.map(|kind| (kind.code(), relations.iter().filter(|r| r.kind == kind).count()));
    let value = serde_json::json!({
        "relations": relations.len(), "kinds": counts.iter().map(|(k, n)| serde_json::json!([k, n])).collect::<Vec<_>>(),
        "faults": faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    let said = say(json, &value, || {
        let counts: Vec<String> = counts.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
        let mut words = format!("{} relations ({})", relations.len(), counts.join(", "));
        for fault in &faults {
            words.push_str(&format!("\n  {fault}"));
        }
        words
    });
    Ok(if faults.is_empty() { said } else { ExitCode::from(Code::Nothing as u8) })
}
