//! An unlocked secret key during a session.
//!
//! Several processes serve one session. The key lies wrapped in the database; what unwraps it is known to the browser's
//! cookie alone. A stolen database opens no session, and neither does a stolen cookie without it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::Entropy;
use crate::aead;
use crate::bytes::{Reader, form, parts};
use crate::error::{Result, VaultError};
use crate::key::SecretKey;
use crate::secret::Secret32;

const DOMAIN: &str = "madoguchi vault session";

/// 32 random bytes that only a cookie holds. The house never stores or logs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSecret(Secret32);

impl SessionSecret {
    /// A new secret, for a new session.
    pub fn generate(rng: Entropy<'_>) -> Self {
        SessionSecret(Secret32::random(rng))
    }

    /// The value of the cookie: 43 characters of base64url without padding.
    pub fn to_cookie(&self) -> Zeroizing<String> {
        // Of the right size from the start, so that nothing is left behind by growing.
        let mut text = Zeroizing::new(String::with_capacity(44));
        URL_SAFE_NO_PAD.encode_string(self.0.bytes(), &mut text);
        text
    }

    /// From the value of a cookie; anything but what [`SessionSecret::to_cookie`] gives is [`VaultError::Form`].
    pub fn from_cookie(text: &str) -> Result<Self> {
        let wrong = VaultError::Form("session secret");
        if text.len() != 43 {
            return Err(wrong);
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong)?);
        Secret32::from_slice(&bytes, "session secret").map(SessionSecret)
    }
}

/// Wraps an unlocked key for one session of one account: `0x61 ‖ nonce (24) ‖ key (32) ‖ tag (16)`.
pub fn wrap(
    key: &SecretKey,
    secret: &SessionSecret,
    account: &str,
    session: &str,
    rng: Entropy<'_>,
) -> Result<Vec<u8>> {
    let sealed = aead::seal_32(secret.0.bytes(), &bound_to(account, session), key.bytes(), rng)?;
    Ok([&[form::SESSION], &sealed[..]].concat())
}

/// The key; another secret, account or session, and changed bytes, are [`VaultError::Opaque`].
pub fn unwrap(wrapped: &[u8], secret: &SessionSecret, account: &str, session: &str) -> Result<SecretKey> {
    let mut reader = Reader::new(wrapped, "session key");
    reader.leading(form::SESSION)?;
    SecretKey::from_slice(&aead::open(secret.0.bytes(), &bound_to(account, session), reader.rest())?)
}

fn bound_to(account: &str, session: &str) -> Vec<u8> {
    parts(DOMAIN, &[&[form::SESSION], account.as_bytes(), session.as_bytes()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::KeyPair;
    use crate::test_support::{changed, rng};

    #[test]
    fn only_the_cookie_of_the_session_opens() {
        let mut rng = rng(1);
        let key = KeyPair::generate(&mut rng).secret;
        let secret = SessionSecret::generate(&mut rng);
        let wrapped = wrap(&key, &secret, "account-1", "session-1", &mut rng).expect("wraps");
        assert_eq!(wrapped.len(), 73);
        let cookie = SessionSecret::from_cookie(&secret.to_cookie()).expect("reads");
        assert_eq!(unwrap(&wrapped, &cookie, "account-1", "session-1"), Ok(key));
        assert_eq!(unwrap(&wrapped, &secret, "account-2", "session-1"), Err(VaultError::Opaque));
        assert_eq!(unwrap(&wrapped, &secret, "account-1", "session-2"), Err(VaultError::Opaque));
        assert_eq!(unwrap(&wrapped, &secret, "account-1s", "ession-1"), Err(VaultError::Opaque));
        let other = SessionSecret::generate(&mut rng);
        assert_eq!(unwrap(&wrapped, &other, "account-1", "session-1"), Err(VaultError::Opaque));
        for bytes in changed(&wrapped) {
            assert!(unwrap(&bytes, &secret, "account-1", "session-1").is_err());
        }
        assert_eq!(format!("{secret:?}"), "SessionSecret(hidden)");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn parsers_take_anything(text in "\\PC*", cookie in "[A-Za-z0-9_=+/-]{42,44}", mut bytes: Vec<u8>) {
            for text in [&text, &cookie] {
                if let Ok(secret) = SessionSecret::from_cookie(text) { prop_assert_eq!(&*secret.to_cookie(), text); }
            }
            let secret = SessionSecret::generate(&mut rng(2));
            prop_assert!(unwrap(&bytes, &secret, "", "").is_err());
            bytes.insert(0, form::SESSION);
            prop_assert!(unwrap(&bytes, &secret, "", "").is_err());
        }
    }
}
