//! Recovery by several officers together.
//!
//! A recovery key pair is made once; its secret half is split at once and kept nowhere. Each reader's secret key is sealed
//! to the public half ([`escrow`]). When a reader has lost the passphrase, as many officers as are needed bring their
//! shares, and the reader's key is wrapped under a new passphrase.

mod share;

pub use share::{Share, ShareFault};

use crate::Entropy;
use crate::bytes::parts;
use crate::error::{Result, VaultError};
use crate::hybrid;
use crate::key::{KeyPair, PublicKey, SecretKey};
use crate::sharing;

const DOMAIN: &str = "madoguchi vault escrow";

/// Makes a recovery key pair and gives its public half with `count` shares, any `needed` of which give the secret half.
/// Other numbers than 2 ≤ needed ≤ count ≤ 10 are [`VaultError::Numbers`].
pub fn create(needed: u8, count: u8, rng: Entropy<'_>) -> Result<(PublicKey, Vec<Share>)> {
    let pair = KeyPair::generate(rng);
    let shares = split(&pair.secret, needed, count, rng)?;
    Ok((pair.public, shares))
}

/// New shares of the same key: when an officer changes, or a share was lost. The old shares still give the key with each
/// other, though not with the new ones; when a share may be in wrong hands, make a new key and escrow anew.
pub fn split(secret: &SecretKey, needed: u8, count: u8, rng: Entropy<'_>) -> Result<Vec<Share>> {
    let mut set = [0u8; 5];
    rng.fill_bytes(&mut set);
    let points = sharing::split(secret.secret32(), needed, count, rng)?;
    Ok(points.into_iter().map(|point| Share { set, needed, count, point }).collect())
}

/// The secret half from shares, checked against the known public half. Shares of different sets are
/// [`VaultError::OtherSet`], a share given twice [`VaultError::Twice`], too few [`VaultError::TooFew`]; shares that give
/// another key are [`VaultError::Opaque`].
pub fn combine(shares: &[Share], public: &PublicKey) -> Result<SecretKey> {
    let first = shares.first().ok_or(VaultError::TooFew { needed: sharing::FEWEST, given: 0 })?;
    let same = |share: &Share| (share.set, share.needed, share.count) == (first.set, first.needed, first.count);
    if !shares.iter().all(same) {
        return Err(VaultError::OtherSet);
    }
    let secret = sharing::combine(shares.iter().map(|share| &share.point), first.needed)?;
    let secret = SecretKey::from_slice(secret.bytes())?;
    if secret.public() == *public { Ok(secret) } else { Err(VaultError::Opaque) }
}

/// Whether these shares would give the key; the key itself is not handed out. For the yearly rehearsal.
pub fn rehearse(shares: &[Share], public: &PublicKey) -> Result<()> {
    combine(shares, public).map(drop)
}

/// Seals a reader's secret key to the recovery key, bound to the reader's account: 81 bytes.
pub fn escrow(reader: &SecretKey, account: &str, recovery: &PublicKey, rng: Entropy<'_>) -> Result<Vec<u8>> {
    hybrid::seal(recovery, DOMAIN.as_bytes(), &parts(DOMAIN, &[account.as_bytes()]), reader.bytes(), rng)
}

/// Opens what [`escrow`] made; another key or account is [`VaultError::Opaque`].
pub fn unescrow(recovery: &SecretKey, account: &str, sealed: &[u8]) -> Result<SecretKey> {
    let plain = hybrid::open(recovery, DOMAIN.as_bytes(), &parts(DOMAIN, &[account.as_bytes()]), sealed)?;
    SecretKey::from_slice(&plain)
}

#[cfg(test)]
#[path = "recovery_tests.rs"]
mod tests;
