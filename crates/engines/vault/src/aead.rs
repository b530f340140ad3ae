//! XChaCha20-Poly1305 with a random nonce: `nonce (24) ‖ ciphertext ‖ tag (16)`.
//!
//! The nonce is long enough to be drawn at random: after 2^64 values under one key, two alike are still as rare as 2^-64.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::Entropy;
use crate::error::{Result, VaultError};

/// Bytes of the nonce.
pub(crate) const NONCE: usize = 24;
/// Bytes of the tag.
pub(crate) const TAG: usize = 16;

/// Appends nonce, ciphertext and tag to `out`. `plain` should have room for the tag, and is encrypted in its place.
pub(crate) fn seal(
    key: &[u8; 32],
    bound_to: &[u8],
    mut plain: Zeroizing<Vec<u8>>,
    out: &mut Vec<u8>,
    rng: Entropy<'_>,
) -> Result<()> {
    let mut nonce = [0u8; NONCE];
    rng.fill_bytes(&mut nonce);
    XChaCha20Poly1305::new(key.into())
        .encrypt_in_place(&XNonce::from(nonce), bound_to, &mut *plain)
        .map_err(|_| VaultError::TooLong)?;
    out.reserve_exact(NONCE + plain.len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&plain);
    Ok(())
}

/// Opens nonce, ciphertext and tag.
pub(crate) fn open(key: &[u8; 32], bound_to: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(VaultError::Opaque)?;
    let mut plain = Zeroizing::new(sealed.to_vec());
    XChaCha20Poly1305::new(key.into())
        .decrypt_in_place(&XNonce::from(*nonce), bound_to, &mut *plain)
        .map_err(|_| VaultError::Opaque)?;
    Ok(plain)
}

/// Seals 32 bytes: always 72 bytes.
pub(crate) fn seal_32(
    key: &[u8; 32],
    bound_to: &[u8],
    plain: &[u8; 32],
    rng: Entropy<'_>,
) -> Result<[u8; NONCE + 32 + TAG]> {
    let mut buffer = Zeroizing::new(Vec::with_capacity(32 + TAG));
    buffer.extend_from_slice(plain);
    let mut out = Vec::new();
    seal(key, bound_to, buffer, &mut out, rng)?;
    out.try_into().map_err(|_| VaultError::Form("wrapped key"))
}
