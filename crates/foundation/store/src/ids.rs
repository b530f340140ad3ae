//! Ids and keys, made from a clock and a source of randomness that are passed in.

use calendar::{Clock, Instant};

use crate::Entropy;

/// Crockford's base 32 without I, L, O and U: what people read aloud and type.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new UUIDv7 (RFC 9562 §5.7): sorts by time of making.
pub fn new_id(clock: &dyn Clock, entropy: Entropy<'_>) -> String {
    id_at(clock.now(), entropy)
}

/// A new UUIDv7 for a given instant.
pub fn id_at(now: Instant, entropy: Entropy<'_>) -> String {
    let mut random = [0u8; 10];
    entropy.fill_bytes(&mut random);
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().hyphenated().to_string()
}

/// A new UUIDv4 (RFC 9562 §5.4): tells nothing of when it was made, for what must not tell it.
pub fn opaque_id(entropy: Entropy<'_>) -> String {
    let mut random = [0u8; 16];
    entropy.fill_bytes(&mut random);
    uuid::Builder::from_random_bytes(random).into_uuid().hyphenated().to_string()
}

/// A random key of 80 bits that opens something to an anonymous person, in groups of four:
/// `7G2K-90QX-B4ZM-WE1T`.
pub fn new_key(entropy: Entropy<'_>) -> String {
    let mut bytes = [0u8; 16];
    entropy.fill_bytes(&mut bytes);
    let mut key = String::with_capacity(19);
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 && i % 4 == 0 {
            key.push('-');
        }
        key.push(char::from(ALPHABET[usize::from(byte & 31)]));
    }
    key
}

/// What a person typed as a key, brought to the form of [`new_key`]: upper case, full width
/// folded, I and L read as 1, O as 0, anything else but letters and digits left out.
pub fn tidy_key(typed: &str) -> String {
    let mut plain = String::new();
    for c in typed.chars() {
        let c = match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            c => c,
        };
        match c.to_ascii_uppercase() {
            'I' | 'L' => plain.push('1'),
            'O' => plain.push('0'),
            c if c.is_ascii_alphanumeric() => plain.push(c),
            _ => {}
        }
    }
    let mut key = String::new();
    for (i, c) in plain.chars().enumerate() {
        if i > 0 && i % 4 == 0 {
            key.push('-');
        }
        key.push(c);
    }
    key
}

/// SHA-256 in hexadecimal; keys are stored only so.
pub fn digest(text: &str) -> String {
    use sha2::Digest;
    let mut out = String::with_capacity(64);
    for byte in sha2::Sha256::digest(text.as_bytes()) {
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn ids_sort_by_time() {
        let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(1);
        let a = id_at(Instant::from_millis(1_000), &mut rng);
        let b = id_at(Instant::from_millis(2_000), &mut rng);
        assert!(a < b);
        assert_eq!(a.len(), 36);
        assert_eq!(&a[14..15], "7");
    }

    #[test]
    fn a_key_survives_typing() {
        let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(1);
        let key = new_key(&mut rng);
        assert_eq!(key.len(), 19);
        assert_eq!(tidy_key(&key.to_lowercase().replace('-', " ")), key);
        assert_eq!(tidy_key("ａＢ１o-il"), "AB10-11");
    }
}
