//! 32 bytes that nobody sees.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::Entropy;
use crate::error::{Result, VaultError};

/// 32 secret bytes: overwritten with zeros when dropped, compared in constant time, shown by nothing. They lie in a box,
/// so that moving the value does not leave copies behind.
#[derive(Clone)]
pub(crate) struct Secret32(Box<Zeroizing<[u8; 32]>>);

impl Secret32 {
    pub(crate) fn zero() -> Self {
        Secret32(Box::default())
    }

    pub(crate) fn random(rng: Entropy<'_>) -> Self {
        let mut secret = Secret32::zero();
        rng.fill_bytes(secret.bytes_mut());
        secret
    }

    /// From bytes that must be 32; otherwise an error that names the form.
    pub(crate) fn from_slice(bytes: &[u8], form: &'static str) -> Result<Self> {
        let mut secret = Secret32::zero();
        if bytes.len() != 32 {
            return Err(VaultError::Form(form));
        }
        secret.bytes_mut().copy_from_slice(bytes);
        Ok(secret)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }
}

impl PartialEq for Secret32 {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().ct_eq(other.bytes()).into()
    }
}

impl Eq for Secret32 {}

impl fmt::Debug for Secret32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hidden")
    }
}
