//! Break-glass (緊急開封): two named officers together open one case, when none of its readers is there.
//!
//! The key of one case and epoch is split two-of-many, and each share is sealed to one officer. What they open is that
//! case, never the key of a desk or of a reader.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::Entropy;
use crate::bytes::parts;
use crate::case_key::CaseKey;
use crate::error::{Result, VaultError};
use crate::hybrid;
use crate::key::{PublicKey, SecretKey};
use crate::secret::Secret32;
use crate::sharing::{self, Point};

/// How many officers open a case.
pub const NEEDED: u8 = 2;
const DOMAIN: &str = "madoguchi vault glass";
const COMMITMENT: &str = "madoguchi vault glass commitment";

/// Which case and epoch, and which officer a share is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context<'a> {
    /// Id of the case.
    pub case: &'a str,
    /// Epoch of the case key.
    pub epoch: u32,
    /// Id of the officer's account.
    pub officer: &'a str,
}

impl Context<'_> {
    fn bytes(&self) -> Vec<u8> {
        parts(DOMAIN, &[self.case.as_bytes(), &self.epoch.to_be_bytes(), self.officer.as_bytes()])
    }
}

/// An officer who gets a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Officer<'a> {
    /// Id of the account.
    pub id: &'a str,
    /// The officer's public key.
    pub public: &'a PublicKey,
}

/// What the database keeps for one case and epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glass {
    /// HMAC-SHA-256 under the case key, to check what the shares give. It tells nothing of the key.
    pub commitment: [u8; 32],
    /// One sealed share for each officer, in their order.
    pub shares: Vec<SealedShare>,
}

/// A share that only its officer opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedShare {
    /// Id of the officer's account.
    pub officer: String,
    /// 82 bytes by HPKE.
    pub bytes: Vec<u8>,
}

/// A share that an officer has opened. Alone it tells nothing of the case key.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedShare(Point);

impl OpenedShare {
    /// Seals the opened share to a second officer, who may come later: who opens it with an own share opens the case.
    /// The context names the second officer.
    pub fn hand_over(&self, to: &PublicKey, context: Context<'_>, rng: Entropy<'_>) -> Result<Vec<u8>> {
        seal_share(&self.0, to, context, rng)
    }
}

impl fmt::Debug for OpenedShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedShare(hidden)")
    }
}

/// Splits a case key among two to ten officers; any two of them open it. Fewer or more are [`VaultError::Numbers`]; the
/// same account or the same key twice, with which one person would hold two shares, is [`VaultError::Twice`].
pub fn break_into(key: &CaseKey, case: &str, epoch: u32, officers: &[Officer<'_>], rng: Entropy<'_>) -> Result<Glass> {
    for (i, officer) in officers.iter().enumerate() {
        if officers[..i].iter().any(|other| other.id == officer.id || other.public == officer.public) {
            return Err(VaultError::Twice);
        }
    }
    let count = u8::try_from(officers.len()).map_err(|_| VaultError::Numbers)?;
    let points = sharing::split(&key.0, NEEDED, count, rng)?;
    let mut shares = Vec::with_capacity(officers.len());
    for (officer, point) in officers.iter().zip(&points) {
        let bytes = seal_share(point, officer.public, Context { case, epoch, officer: officer.id }, rng)?;
        shares.push(SealedShare { officer: officer.id.into(), bytes });
    }
    Ok(Glass { commitment: commitment(key, case, epoch), shares })
}

/// Opens an officer's share; another key, case, epoch or officer is [`VaultError::Opaque`].
pub fn open_share(officer: &SecretKey, context: Context<'_>, sealed: &[u8]) -> Result<OpenedShare> {
    let plain = hybrid::open(officer, DOMAIN.as_bytes(), &context.bytes(), sealed)?;
    let (number, bytes) = plain.split_first().ok_or(VaultError::Form("share"))?;
    Ok(OpenedShare(Point { number: *number, bytes: Secret32::from_slice(bytes, "share")? }))
}

/// The case key from two or more opened shares, checked against the commitment: shares of another case or epoch, and
/// changed ones, are [`VaultError::Opaque`]. One alone is [`VaultError::TooFew`], one given twice [`VaultError::Twice`].
pub fn combine(shares: &[OpenedShare], case: &str, epoch: u32, expected: &[u8; 32]) -> Result<CaseKey> {
    let key = CaseKey(sharing::combine(shares.iter().map(|share| &share.0), NEEDED)?);
    if bool::from(commitment(&key, case, epoch).ct_eq(expected)) { Ok(key) } else { Err(VaultError::Opaque) }
}

fn seal_share(point: &Point, to: &PublicKey, context: Context<'_>, rng: Entropy<'_>) -> Result<Vec<u8>> {
    let mut plain = zeroize::Zeroizing::new([0u8; 33]);
    plain[0] = point.number;
    plain[1..].copy_from_slice(point.bytes.bytes());
    hybrid::seal(to, DOMAIN.as_bytes(), &context.bytes(), &*plain, rng)
}

fn commitment(key: &CaseKey, case: &str, epoch: u32) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.0.bytes()).expect("HMAC takes keys of any length");
    mac.update(&parts(COMMITMENT, &[case.as_bytes(), &epoch.to_be_bytes()]));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
#[path = "glass_tests.rs"]
mod tests;
