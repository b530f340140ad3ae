//! The cryptography of sealed cases (いじめ, DV, 人権相談).
//!
//! Everything here is plain computation on bytes: no database, no clock, and randomness is passed in. A service keeps
//! what these functions return and decides who may ask for it. Byte forms, parameters and their reasons, and what this
//! crate does not do: `docs/engines/vault.md`.
//!
//! | Question | Item |
//! |---|---|
//! | Whose key is this? | [`KeyPair`], [`PublicKey`], [`SecretKey`] |
//! | How does a person's key lie in the database? | [`passphrase`] |
//! | How does it stay open during a session? | [`session`] |
//! | Who can read this case, and with what key? | [`CaseKey`], [`OuterKey`], [`DataKey`] |
//! | How does a field or a file of a case lie in the database? | [`record`], [`mod@file`] |
//! | What does an anonymous reporter hold? | [`receipt`], [`work`] |
//! | A passphrase is lost. | [`recovery`] |
//! | Nobody who can read this case is there. | [`glass`] |

mod aead;
mod bytes;
mod case_key;
mod derivation;
mod error;
mod hybrid;
mod key;
mod padding;
mod secret;
mod sharing;

pub mod file;
pub mod glass;
pub mod passphrase;
pub mod receipt;
pub mod record;
pub mod recovery;
pub mod session;
pub mod work;

pub use case_key::{CaseKey, Context, DataKey, OuterKey};
pub use derivation::{Cost, Derivations};
pub use error::{Result, VaultError};
pub use key::{KeyPair, PublicKey, SecretKey};
pub use padding::{file_size, record_size};
pub use zeroize::Zeroizing;

/// A source of randomness that is passed in. It must be cryptographically secure wherever real cases are concerned;
/// only tests may pass a seeded one.
pub type Entropy<'a> = &'a mut (dyn rand::Rng + Send);

/// Secrets have no `Display`, and no bytes of a reader's key can be taken out.
///
/// ```
/// fn shown(key: &vault::PublicKey) -> String { format!("{key}") }
/// ```
/// ```compile_fail,E0277
/// fn shown(key: &vault::SecretKey) -> String { format!("{key}") }
/// ```
/// ```compile_fail,E0277
/// fn shown(key: &vault::CaseKey) -> String { format!("{key}") }
/// ```
/// ```compile_fail,E0277
/// fn shown(receipt: &vault::receipt::Receipt) -> String { format!("{receipt}") }
/// ```
/// ```compile_fail,E0277
/// fn shown(share: &vault::recovery::Share) -> String { format!("{share}") }
/// ```
/// ```compile_fail,E0624
/// fn bytes(key: &vault::SecretKey) -> [u8; 32] { *key.bytes() }
/// ```
mod what_does_not_compile {}

#[cfg(test)]
mod test_support;
