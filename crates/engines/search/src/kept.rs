//! What analysis made of texts, in a file: a start reads it and analyses only what is new.
//!
//! File form: a line that names the form, the SHA-256 of what follows, then the body (postcard). A file that is cut
//! off, damaged or of another form is refused; nothing of it is used.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::document::SPACES;
use crate::{Document, Latent, Vocabulary};

/// The first line; the number grows when the form does, or when the same text would be analysed otherwise.
const HEAD: &[u8] = b"madoguchi index 1\n";
/// Length of a SHA-256.
const SUM: usize = 32;

/// What is wrong with a file. It is made anew; nothing is lost but time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeptError {
    /// It does not begin as it should.
    #[error("it is of another version")]
    OtherVersion,
    /// Its check sum does not fit.
    #[error("it is damaged or cut off")]
    Damaged,
    /// It was made with another dictionary or thesaurus.
    #[error("it was made with another dictionary")]
    OtherDictionary,
    /// It cannot be read or written as what it should be.
    #[error("it is not what it should be: {0}")]
    Form(String),
}

/// What is kept of analysed texts. `T` is what the caller keeps beside each document.
#[derive(Debug)]
pub struct Kept<T> {
    /// The terms of the documents.
    pub vocabulary: Arc<Vocabulary>,
    /// Documents, each with what the caller keeps beside it.
    pub documents: Vec<(T, Arc<Document>)>,
    /// What was learnt of the words.
    pub latent: Arc<Latent>,
}

#[derive(Serialize)]
struct Written<'a, T> {
    identity: &'a str,
    terms: [Vec<&'a str>; SPACES],
    documents: Vec<(&'a T, &'a Document)>,
    latent: &'a Latent,
}

#[derive(Deserialize)]
struct Read<T> {
    terms: [Vec<String>; SPACES],
    documents: Vec<(T, Document)>,
    latent: Latent,
}

impl<T: Serialize + DeserializeOwned> Kept<T> {
    /// The file. `identity` names the dictionary with which the texts were analysed.
    pub fn write(&self, identity: &str) -> Result<Vec<u8>, KeptError> {
        let written = Written {
            identity,
            terms: self.vocabulary.terms(),
            documents: self.documents.iter().map(|(beside, document)| (beside, &**document)).collect(),
            latent: &self.latent,
        };
        let body = postcard::to_stdvec(&written).map_err(|error| KeptError::Form(error.to_string()))?;
        let mut file = HEAD.to_vec();
        file.extend(Sha256::digest(&body));
        file.extend(body);
        Ok(file)
    }

    /// Reads a file that was written with the same dictionary.
    pub fn read(file: &[u8], identity: &str) -> Result<Self, KeptError> {
        let rest = file.strip_prefix(HEAD).ok_or(KeptError::OtherVersion)?;
        let (sum, body) = rest.split_at_checked(SUM).ok_or(KeptError::Damaged)?;
        if Sha256::digest(body).as_slice() != sum {
            return Err(KeptError::Damaged);
        }
        let form = |error: postcard::Error| KeptError::Form(error.to_string());
        let (made_with, body) = postcard::take_from_bytes::<String>(body).map_err(form)?;
        if made_with != identity {
            return Err(KeptError::OtherDictionary);
        }
        let read: Read<T> = postcard::from_bytes(body).map_err(form)?;
        Ok(Kept {
            vocabulary: Arc::new(Vocabulary::of_terms(read.terms)),
            documents: read.documents.into_iter().map(|(beside, document)| (beside, Arc::new(document))).collect(),
            latent: Arc::new(read.latent),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_damaged_file_is_used() {
        let kept: Kept<u8> =
            Kept { vocabulary: Arc::default(), documents: Vec::new(), latent: Arc::new(Latent::default()) };
        let file = kept.write("a").expect("written");
        Kept::<u8>::read(&file, "a").expect("read");
        assert_eq!(Kept::<u8>::read(&file, "b").expect_err("refused"), KeptError::OtherDictionary);
        assert_eq!(Kept::<u8>::read(b"", "a").expect_err("refused"), KeptError::OtherVersion);
        for cut in HEAD.len()..file.len() {
            assert_eq!(Kept::<u8>::read(&file[..cut], "a").expect_err("refused"), KeptError::Damaged, "{cut}");
        }
        for place in HEAD.len()..file.len() {
            let mut damaged = file.clone();
            damaged[place] ^= 1;
            assert_eq!(Kept::<u8>::read(&damaged, "a").expect_err("refused"), KeptError::Damaged, "{place}");
        }
    }
}
