//! What can go wrong. No variant holds anything of a secret, nor of the bytes that were given.

use crate::passphrase::Refusal;
use crate::receipt::ReceiptFault;
use crate::recovery::ShareFault;

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, VaultError>;

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It does not open. Whether the key is another one, the bytes were changed, or they belong to another place cannot
    /// be told apart, and is not told.
    #[error("does not open: another key, another place, or changed bytes")]
    Opaque,
    /// The bytes or the text are not of the form they should have; the value names which form.
    #[error("not in the form of a {0}")]
    Form(&'static str),
    /// Longer than what is sealed in one piece ([`crate::record::LONGEST`], [`crate::file::LONGEST`]).
    #[error("too long to be sealed")]
    TooLong,
    /// The stored parameters of a derivation are weaker than the house's, or so heavy that they would stop the server.
    #[error("parameters of the derivation outside the bounds")]
    Cost,
    /// The derivation itself failed, for want of memory.
    #[error("the derivation could not be carried out")]
    Derivation,
    /// The passphrase is not taken.
    #[error("passphrase refused: {0}")]
    Passphrase(Refusal),
    /// The receipt was mistyped.
    #[error("receipt mistyped: {0}")]
    Receipt(ReceiptFault),
    /// The share was mistyped.
    #[error("share mistyped: {0}")]
    Share(ShareFault),
    /// The number of shares or of those needed is not one that is made here.
    #[error("this many shares, or this many of them needed, are not made")]
    Numbers,
    /// The shares come from different sets.
    #[error("shares of different sets")]
    OtherSet,
    /// The same share was given twice, or one person would hold two of them.
    #[error("the same share or holder twice")]
    Twice,
    /// Fewer shares than needed.
    #[error("{given} shares given, {needed} needed")]
    TooFew {
        /// How many are needed.
        needed: u8,
        /// How many were given.
        given: u8,
    },
    /// The proof of work came after its challenge had expired.
    #[error("the challenge has expired")]
    Expired,
    /// The answer does not have the zero bits that were asked for.
    #[error("the answer proves too little work")]
    TooLittleWork,
    /// The file was already refused or failed; nothing more can be read or written with this value.
    #[error("the stream has already failed")]
    Failed,
    /// Reading or writing failed.
    #[error("reading or writing failed: {0}")]
    Io(std::io::ErrorKind),
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        VaultError::Io(error.kind())
    }
}
