//! One officer's share, on paper.

use std::fmt;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::bytes::{Reader, form, parts};
use crate::error::{Result, VaultError};
use crate::secret::Secret32;
use crate::sharing::{FEWEST, MOST, Point};

/// Crockford's base 32: no I, L, O, U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Bytes of a share; 360 bits fill 72 digits without a rest.
const BYTES: usize = 45;
/// Digits of a share.
const LENGTH: usize = BYTES * 8 / 5;
/// Bytes of the checksum at the end.
const CHECK: usize = 4;
/// Most characters that are looked at.
const LONGEST: usize = 400;
const DOMAIN: &str = "madoguchi vault share";

/// What is wrong with a share as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareFault {
    /// Fewer than 72 characters.
    #[error("{characters} characters, too few")]
    TooShort {
        /// How many there were.
        characters: usize,
    },
    /// More than 72 characters.
    #[error("too many characters")]
    TooLong,
    /// A character that stands in no share.
    #[error("a character that stands in no share")]
    OtherCharacters,
    /// One or more characters were mistyped.
    #[error("the checksum does not fit")]
    Checksum,
}

/// A share of a recovery key. Cleared when dropped, shown by nothing but [`Share::shown`].
///
/// `0x71 ‖ set (5) ‖ needed (1) ‖ of how many (1) ‖ number (1) ‖ share (32) ‖ checksum (4, SHA-256)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Share {
    pub(super) set: [u8; 5],
    pub(super) needed: u8,
    pub(super) count: u8,
    pub(super) point: Point,
}

impl Share {
    /// The number of this share, from 1.
    pub fn number(&self) -> u8 {
        self.point.number
    }

    /// How many shares are needed.
    pub fn needed(&self) -> u8 {
        self.needed
    }

    /// How many shares the set has.
    pub fn count(&self) -> u8 {
        self.count
    }

    /// The id of the set: 8 characters that all its shares have in common. No secret.
    pub fn set(&self) -> String {
        base32(&self.set).to_string()
    }

    /// 18 groups of four characters, to be printed and handed to the officer.
    pub fn shown(&self) -> Zeroizing<String> {
        let plain = base32(&*self.bytes());
        let mut text = Zeroizing::new(String::with_capacity(LENGTH + LENGTH / 4));
        for (i, c) in plain.chars().enumerate() {
            if i > 0 && i % 4 == 0 {
                text.push('-');
            }
            text.push(c);
        }
        text
    }

    /// Reads a share as people type it: either case, full width, O for 0, I and L for 1, with spaces and hyphens.
    /// Otherwise [`VaultError::Share`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let fault = |fault| Err(VaultError::Share(fault));
        let (mut bytes, mut count, mut held, mut bits) = (Zeroizing::new([0u8; BYTES]), 0usize, 0u32, 0usize);
        let mut filled = 0;
        for (i, c) in text.nfkc().enumerate() {
            if i >= LONGEST {
                return fault(ShareFault::TooLong);
            }
            if c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | 'ー') {
                continue;
            }
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let Some(value) = DIGITS.iter().position(|digit| char::from(*digit) == c) else {
                return fault(ShareFault::OtherCharacters);
            };
            count += 1;
            held = (held << 5 | value as u32) & 0xfff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                if let Some(place) = bytes.get_mut(filled) {
                    *place = (held >> bits) as u8;
                }
                filled += 1;
            }
        }
        if count < LENGTH {
            return fault(ShareFault::TooShort { characters: count });
        }
        if count > LENGTH {
            return fault(ShareFault::TooLong);
        }
        Share::from_bytes(&bytes)
    }

    fn bytes(&self) -> Zeroizing<[u8; BYTES]> {
        let mut bytes = Zeroizing::new([0u8; BYTES]);
        bytes[0] = form::SHARE;
        bytes[1..6].copy_from_slice(&self.set);
        bytes[6..9].copy_from_slice(&[self.needed, self.count, self.point.number]);
        bytes[9..41].copy_from_slice(self.point.bytes.bytes());
        let check = checksum(&bytes[..BYTES - CHECK]);
        bytes[BYTES - CHECK..].copy_from_slice(&check);
        bytes
    }

    fn from_bytes(bytes: &[u8; BYTES]) -> Result<Self> {
        let (content, check) = bytes.split_at(BYTES - CHECK);
        if checksum(content) != check {
            return Err(VaultError::Share(ShareFault::Checksum));
        }
        let mut reader = Reader::new(content, "share");
        reader.leading(form::SHARE)?;
        let (set, needed, count, number) = (reader.array()?, reader.byte()?, reader.byte()?, reader.byte()?);
        let sound = (FEWEST..=count).contains(&needed) && count <= MOST && (1..=count).contains(&number);
        if !sound {
            return Err(VaultError::Form("share"));
        }
        Ok(Share { set, needed, count, point: Point { number, bytes: Secret32::from_slice(reader.rest(), "share")? } })
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({} of {}, hidden)", self.point.number, self.count)
    }
}

/// The first bytes of SHA-256: against slips of the pen, not against anyone.
fn checksum(content: &[u8]) -> [u8; CHECK] {
    let digest: [u8; 32] = Sha256::digest(Zeroizing::new(parts(DOMAIN, &[content]))).into();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// Base 32 of bytes whose bits are a multiple of five.
fn base32(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 8 / 5));
    let (mut held, mut bits) = (0u32, 0);
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(DIGITS[(held >> bits & 31) as usize]));
        }
    }
    text
}
