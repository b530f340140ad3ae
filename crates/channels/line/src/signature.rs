//! The signature of a webhook: who holds the channel secret made it.
//!
//! `x-line-signature` is the Base64 of HMAC-SHA-256 over the body as it came, keyed with the channel secret
//! (<https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/>). The name of the header may come
//! in any case.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use store::Secret;

/// Name of the header.
pub const HEADER: &str = "x-line-signature";

fn mac(secret: &Secret<String>, body: &[u8]) -> Option<Hmac<Sha256>> {
    // HMAC takes a key of any length, so this is always there.
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.reveal().as_bytes()).ok()?;
    mac.update(body);
    Some(mac)
}

/// The signature of a body.
pub fn sign(secret: &Secret<String>, body: &[u8]) -> String {
    mac(secret, body).map(|m| STANDARD.encode(m.finalize().into_bytes())).unwrap_or_default()
}

/// Whether a signature is the body's. Takes the same time wherever the first difference is.
///
/// An empty secret signs nothing: whoever forgot to set it must not let everybody in.
pub fn verify(secret: &Secret<String>, body: &[u8], signature: &str) -> bool {
    let Ok(given) = STANDARD.decode(signature.trim()) else { return false };
    !secret.reveal().is_empty() && mac(secret, body).is_some_and(|m| m.verify_slice(&given).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.into())
    }

    #[test]
    fn a_known_signature() {
        // RFC 4231 §4.3 (test case 2), in Base64.
        let computed = sign(&secret("Jefe"), b"what do ya want for nothing?");
        let hex: String = STANDARD.decode(&computed).expect("Base64").iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn an_empty_secret_verifies_nothing() {
        let nothing = secret("");
        assert!(!verify(&nothing, b"{}", &sign(&nothing, b"{}")));
    }

    proptest! {
        #[test]
        fn only_the_same_body_and_secret_verify(body: Vec<u8>, key in "[a-f0-9]{32}", at: prop::sample::Index, bit in 0u8..8) {
            let key = secret(&key);
            let signature = sign(&key, &body);
            prop_assert!(verify(&key, &body, &signature));
            prop_assert!(!verify(&secret("other"), &body, &signature));
            let mut longer = body.clone();
            longer.push(0);
            prop_assert!(!verify(&key, &longer, &signature));
            if !body.is_empty() {
                let mut changed = body.clone();
                changed[at.index(body.len())] ^= 1 << bit;
                prop_assert!(!verify(&key, &changed, &signature));
            }
        }

        #[test]
        fn any_header_is_taken(header in ".{0,80}") {
            let passed = verify(&secret("k"), b"{}", &header);
            prop_assert!(!passed);
        }
    }
}
