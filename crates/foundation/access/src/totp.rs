//! The second factor: a code of six digits from the person's device (RFC 6238, SHA-1, 30 seconds).

use ::store::{Entropy, HouseKey, secret};
use calendar::Instant;
use totp_rs::{Builder, Totp};

use crate::Result;

/// How long a code is shown, in milliseconds.
pub const STEP_MILLIS: i64 = 30_000;
/// Bytes of a secret (RFC 4226 §4 recommends 160 bits).
const LENGTH: usize = 20;

/// A new secret.
pub fn new_secret(entropy: Entropy<'_>) -> Vec<u8> {
    let mut bytes = vec![0u8; LENGTH];
    entropy.fill_bytes(&mut bytes);
    bytes
}

fn totp(bytes: &[u8], login: &str, issuer: &str) -> Result<Totp> {
    // Colons separate the parts of the address that the QR code holds.
    let plain = |text: &str| text.replace(':', " ");
    Builder::new()
        .with_secret(bytes.to_vec())
        .with_account_name(plain(login))
        .with_issuer(Some(plain(issuer)))
        .build()
        .map_err(|e| ::store::StoreError::Key(format!("second factor: {e}")).into())
}

/// The address that an authenticator app takes from a QR code.
pub fn address(bytes: &[u8], login: &str, issuer: &str) -> Result<String> {
    totp(bytes, login, issuer)?.to_url().map_err(|e| ::store::StoreError::Key(format!("second factor: {e}")).into())
}

/// The secret as a person types it where no camera is at hand: Base32 in groups of four.
pub fn typed(bytes: &[u8]) -> String {
    let base32 = totp_rs::Secret::from(bytes.to_vec()).to_base32();
    base32.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join(" ")
}

fn seconds(at: Instant) -> u64 {
    u64::try_from(at.millis() / 1000).unwrap_or(0)
}

/// The code of a moment; the demo city shows it, since nobody there has a device.
pub fn code(bytes: &[u8], at: Instant) -> Result<String> {
    Ok(totp(bytes, "-", "-")?.generate(seconds(at)).to_string())
}

/// The step of a typed code: this one, the one before or the one after; `None` if it is wrong. A step that is
/// not after `used` was seen before and opens nothing.
pub fn step_of(bytes: &[u8], typed: &str, at: Instant, used: i64) -> Result<Option<i64>> {
    let digits: String = typed
        .chars()
        .map(|c| char::from_digit((c as u32).wrapping_sub('０' as u32), 10).unwrap_or(c))
        .filter(char::is_ascii_digit)
        .collect();
    let step = totp(bytes, "-", "-")?.check(&digits, seconds(at)).and_then(|s| i64::try_from(s).ok());
    Ok(step.filter(|s| *s > used))
}

fn place(account: &str) -> String {
    format!("account/{account}/totp")
}

/// The secret as it is stored.
pub fn seal(key: &HouseKey, account: &str, bytes: &[u8], entropy: Entropy<'_>) -> Result<Vec<u8>> {
    Ok(secret::seal(&key.derive("totp"), &place(account), bytes, entropy)?)
}

/// The secret from what is stored.
pub fn unseal(key: &HouseKey, account: &str, sealed: &[u8]) -> Result<Vec<u8>> {
    Ok(secret::unseal(&key.derive("totp"), &place(account), sealed)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_standard_hold() {
        // RFC 6238, appendix B, SHA-1; the last six of eight digits.
        let secret = b"12345678901234567890";
        for (second, code_then) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(code(secret, Instant::from_millis(second * 1000)).expect("code"), code_then);
        }
    }

    #[test]
    fn a_code_opens_once_and_not_late() {
        let secret = b"12345678901234567890";
        let at = Instant::from_millis(1_111_111_109_000);
        let step = step_of(secret, " ０８１ 804 ", at, 0).expect("read").expect("right");
        assert_eq!(step_of(secret, "081804", at, step).expect("read"), None, "the same code again");
        let late = Instant::from_millis(at.millis() + 90_000);
        assert_eq!(step_of(secret, "081804", late, 0).expect("read"), None);
        assert_eq!(step_of(secret, "", at, 0).expect("read"), None);
    }
}
