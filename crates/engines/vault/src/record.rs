//! A field of a record, sealed.

use zeroize::Zeroizing;

use crate::Entropy;
use crate::aead::{self, TAG};
use crate::bytes::{Reader, form, parts};
use crate::case_key::DataKey;
use crate::error::{Result, VaultError};
use crate::padding::padded;

/// Most bytes of one record: 16 MiB. What is longer is a file.
pub const LONGEST: usize = 16 << 20;
const DOMAIN: &str = "madoguchi vault record";
/// Bytes that say how long the text is.
const LENGTH: usize = 4;

/// Where a sealed value belongs. It opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Id of the case.
    pub case: &'a str,
    /// Epoch of the case key.
    pub epoch: u32,
    /// Id of the record.
    pub record: &'a str,
    /// Name of the field.
    pub field: &'a str,
    /// Version of the record: an older text does not open in the place of a newer one.
    pub version: u32,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        parts(
            DOMAIN,
            &[
                &[form::RECORD],
                self.case.as_bytes(),
                &self.epoch.to_be_bytes(),
                self.record.as_bytes(),
                self.field.as_bytes(),
                &self.version.to_be_bytes(),
            ],
        )
    }
}

/// Seals a text: `0x21 ‖ nonce (24) ‖ ciphertext ‖ tag (16)`; inside is `length (4, big endian) ‖ text ‖ zeros`, padded
/// so that the size tells little ([`crate::record_size`]). More than [`LONGEST`] bytes are [`VaultError::TooLong`].
pub fn seal(key: &DataKey, place: Place<'_>, text: &[u8], rng: Entropy<'_>) -> Result<Vec<u8>> {
    if text.len() > LONGEST {
        return Err(VaultError::TooLong);
    }
    let size = padded((LENGTH + text.len()) as u64) as usize;
    let mut plain = Zeroizing::new(Vec::with_capacity(size + TAG));
    plain.extend_from_slice(&(text.len() as u32).to_be_bytes());
    plain.extend_from_slice(text);
    plain.resize(size, 0);
    let mut sealed = vec![form::RECORD];
    aead::seal(key.0.bytes(), &place.bytes(), plain, &mut sealed, rng)?;
    Ok(sealed)
}

/// Opens a sealed text in its place. Another key, another place and changed bytes are [`VaultError::Opaque`]; another
/// leading byte is [`VaultError::Form`].
pub fn open(key: &DataKey, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let mut reader = Reader::new(sealed, "sealed record");
    reader.leading(form::RECORD)?;
    let mut plain = aead::open(key.0.bytes(), &place.bytes(), reader.rest())?;
    let length = plain.first_chunk::<LENGTH>().map(|bytes| u32::from_be_bytes(*bytes) as usize);
    let end = length.ok_or(VaultError::Opaque)?.saturating_add(LENGTH);
    if end > plain.len() {
        return Err(VaultError::Opaque);
    }
    plain.truncate(end);
    plain.drain(..LENGTH);
    Ok(plain)
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
