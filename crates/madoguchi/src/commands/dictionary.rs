//! `dictionary build` and `dictionary where`.

use std::path::Path;
use std::process::ExitCode;

use super::say;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::{house, progress};

pub(super) fn build(from: &Path, to: &Path, json: bool) -> Result<ExitCode, Failure> {
    let spinner = progress::bar("辞書を作っています", None, json);
    let summary = text::dictionary::build(from, to)?;
    spinner.finish_and_clear();
    let value = serde_json::json!({
        "file": to, "entries": summary.entries, "duplicates_left_out": summary.duplicates,
        "own_words": summary.own_words, "bytes": summary.bytes,
    });
    Ok(say(json, &value, || {
        format!(
            "{}: {} entries ({} of our own, {} duplicates left out), {:.1} MB",
            to.display(),
            summary.entries,
            summary.own_words,
            summary.duplicates,
            summary.bytes as f64 / 1e6
        )
    }))
}

pub(super) fn place(config: &Config, json: bool) -> Result<ExitCode, Failure> {
    let configured = Some(config.dictionary.as_str()).filter(|d| !d.is_empty()).map(|d| config.resolve(d));
    let places = text::dictionary::places(configured.as_deref());
    match places.iter().find(|p| p.exists()) {
        Some(found) => {
            text::dictionary::read(found)?;
            Ok(say(json, &serde_json::json!({ "file": found }), || found.display().to_string()))
        }
        None => {
            Err(Failure::new(Code::Dictionary, "the Japanese dictionary was not found").hint(house::dictionary_help()))
        }
    }
}
