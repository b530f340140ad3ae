//! What can go wrong.

use store::StoreError;
use vault::VaultError;

/// What can go wrong with a sealed case. No variant holds anything of what is sealed.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever has to be told cannot be.
    #[error(transparent)]
    Access(#[from] access::AccessError),
    /// A key does not open what it should, or has no right form.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store of the outer keys.
    #[error("the store of the outer keys: {0}")]
    Outer(String),
    /// The store of the files.
    #[error("the store of the files: {0}")]
    Blobs(String),
    /// A form that cannot be taken; the field and a sentence in Japanese.
    #[error("{field}: {reason}")]
    Field {
        /// Name of the field.
        field: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
    /// It cannot be done now; a sentence in Japanese that says why and what to do.
    #[error("{0}")]
    Rule(String),
    /// Not one of the readers, or on the wall of the case. Told like a case that is not there.
    #[error("not found")]
    NotFound,
    /// The desk is locked, or was idle for too long.
    #[error("locked")]
    Locked,
    /// The passphrase or the receipt does not fit.
    #[error("wrong secret")]
    Wrong,
    /// Somebody else changed the case since it was read.
    #[error("changed meanwhile")]
    Changed,
    /// What was opened cannot be read: written by a newer program, or damaged.
    #[error("an entry of a case cannot be read")]
    Unreadable,
    /// A computation did not come to its end.
    #[error("a computation was cut off: {0}")]
    CutOff(String),
}

/// Result of an operation of this crate.
pub type Result<T, E = CaseError> = std::result::Result<T, E>;

pub(crate) fn field(field: &'static str, reason: impl Into<String>) -> CaseError {
    CaseError::Field { field, reason: reason.into() }
}

pub(crate) fn rule(sentence: impl Into<String>) -> CaseError {
    CaseError::Rule(sentence.into())
}
