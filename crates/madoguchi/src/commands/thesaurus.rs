//! `thesaurus check`: what is wrong with files of word relations, and which words the dictionary does not know.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use knowledge::reading::THESAURUS;
use search::thesaurus::{self, Relation, RelationKind, Side};
use text::Analyzer;

use super::eval::read;
use super::say;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::house;

/// Terms that are printed of each unknown word; `--json` has all of them.
const TERMS: usize = 5;

/// Words that the dictionary does not know, each with the terms in which it stands.
type Unknown = BTreeMap<String, Vec<String>>;

/// Checks files, or the program's own thesaurus.
pub(super) fn check(config: &Config, files: &[PathBuf], json: bool) -> Result<ExitCode, Failure> {
    let own = THESAURUS.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let texts = if files.is_empty() {
        own.to_vec()
    } else {
        files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?
    };
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (relations, faults) = thesaurus::read(&texts);
    let dictionary = Some(config.dictionary.as_str()).filter(|d| !d.is_empty()).map(|d| config.resolve(d));
    // Without a dictionary the rest can be checked all the same.
    let unknown = match house::analyzer(dictionary.as_deref(), None) {
        Ok(analyzer) => Ok(unknown(&analyzer, &relations)),
        Err(failure) => Err(failure.message),
    };
    let counts = RelationKind::ALL.map(|kind| (kind.code(), relations.iter().filter(|r| r.kind == kind).count()));
    let value = serde_json::json!({
        "relations": relations.len(), "kinds": counts.iter().map(|(k, n)| serde_json::json!([k, n])).collect::<Vec<_>>(),
        "faults": faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "unknown": unknown.as_ref().ok(), "no_dictionary": unknown.as_ref().err(),
    });
    let said = say(json, &value, || {
        let counts: Vec<String> = counts.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
        let mut words = format!("{} relations ({})", relations.len(), counts.join(", "));
        for fault in &faults {
            words.push_str(&format!("\n  {fault}"));
        }
        words.push_str(&told(&unknown));
        words
    });
    Ok(if faults.is_empty() { said } else { ExitCode::from(Code::Nothing as u8) })
}

fn unknown(analyzer: &Analyzer, relations: &[Relation]) -> Unknown {
    let mut unknown = Unknown::new();
    for term in relations.iter().flat_map(|r| Side::BOTH.map(|side| side.of(r))) {
        for word in analyzer.unknown(term) {
            let terms = unknown.entry(word).or_default();
            if terms.iter().all(|known| known != term) {
                terms.push(term.to_owned());
            }
        }
    }
    unknown
}

fn told(unknown: &Result<Unknown, String>) -> String {
    let unknown = match unknown {
        Err(reason) => return format!("\nwords were not looked up: {reason}"),
        Ok(unknown) if unknown.is_empty() => return "\nthe dictionary knows all words".into(),
        Ok(unknown) => unknown,
    };
    let mut words = format!("\n{} words that the dictionary does not know; they are no fault:", unknown.len());
    for (word, terms) in unknown {
        let more = if terms.len() > TERMS { format!(" and {} more", terms.len() - TERMS) } else { String::new() };
        let shown: Vec<&str> = terms.iter().take(TERMS).map(String::as_str).collect();
        words.push_str(&format!("\n  {word} in {}{more}", shown.join("、")));
    }
    words
}
