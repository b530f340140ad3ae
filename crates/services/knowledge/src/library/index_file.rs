//! The file in which a library keeps what it analysed, so that the next start need not do it again.
//!
//! Texts are known by their digest: whatever became of the database meanwhile, what is used belongs to the texts that
//! are there. The file holds words of articles and of wordings, nothing else.

use std::collections::HashMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use search::Kept;

use super::Known;
use crate::reading::{Reading, thesaurus_sum};
use crate::suggest::Suggestible;

/// What is kept beside each document: the digest of its texts, and what is compared with what somebody types.
type Beside = ([u8; 16], Suggestible);

/// What the analysis of a text depends on beside the text.
fn identity(reading: &Reading) -> String {
    format!("{} {} {}", env!("CARGO_PKG_VERSION"), reading.analyzer.identity(), thesaurus_sum())
}

/// What is in the file; nothing if there is none.
pub(super) fn read(file: &Path, reading: &Reading) -> Result<Known, String> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Known::default()),
        Err(error) => return Err(error.to_string()),
    };
    let kept: Kept<Beside> = Kept::read(&bytes, &identity(reading)).map_err(|error| error.to_string())?;
    let before: HashMap<_, _> = kept
        .documents
        .into_iter()
        .map(|((digest, suggestible), document)| (digest, (document, Arc::new(suggestible))))
        .collect();
    Ok(Known { vocabulary: kept.vocabulary, before, latent: Some((kept.latent, 0)), ..Known::default() })
}

/// Writes what is known. The file has its name when it is whole.
pub(super) fn write(file: &Path, reading: &Reading, known: &Known) -> Result<(), String> {
    let Some((latent, _)) = &known.latent else { return Ok(()) };
    let mut documents: Vec<(Beside, _)> =
        known.articles.values().map(|a| ((a.digest, (*a.suggestible).clone()), a.document.clone())).collect();
    documents.sort_unstable_by_key(|((digest, _), _)| *digest);
    let kept = Kept { vocabulary: known.vocabulary.clone(), documents, latent: latent.clone() };
    let bytes = kept.write(&identity(reading)).map_err(|error| error.to_string())?;
    let mut part = file.as_os_str().to_owned();
    // Two processes of one city never write into each other's file.
    part.push(format!(".{}.part", std::process::id()));
    // It holds words of articles that are not shown yet.
    let written = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&part)
        .and_then(|mut part| part.write_all(&bytes))
        .and_then(|()| std::fs::rename(&part, file));
    written.map_err(|error| {
        // A part that was never begun cannot be removed either.
        let _nothing_half_written = std::fs::remove_file(&part);
        error.to_string()
    })
}
