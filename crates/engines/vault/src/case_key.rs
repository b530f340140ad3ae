//! The key of a case in one epoch, and the one more key that lies outside the main backup.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Entropy;
use crate::bytes::parts;
use crate::error::Result;
use crate::hybrid;
use crate::key::{KeyPair, PublicKey, SecretKey};
use crate::secret::Secret32;

const SEALING: &str = "madoguchi vault case key";
const DATA: &str = "madoguchi vault data key";
const DESK: &str = "madoguchi vault desk key";

/// Which case, which epoch of it, and which reader a sealed case key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context<'a> {
    /// Id of the case.
    pub case: &'a str,
    /// Its epoch: counts up when a reader is taken away.
    pub epoch: u32,
    /// Id of the reader: an account, or the reporter of the case.
    pub reader: &'a str,
}

impl Context<'_> {
    fn bytes(&self) -> Vec<u8> {
        parts(SEALING, &[self.case.as_bytes(), &self.epoch.to_be_bytes(), self.reader.as_bytes()])
    }
}

/// 32 random bytes of one case and epoch. It is stored only sealed to each reader. Alone it opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseKey(pub(crate) Secret32);

impl CaseKey {
    /// A new key, for a new case or a new epoch.
    pub fn generate(rng: Entropy<'_>) -> Self {
        CaseKey(Secret32::random(rng))
    }

    /// Seals the key to a reader by HPKE: 81 bytes. A public key of small order is [`crate::VaultError::Form`].
    pub fn seal_to(&self, reader: &PublicKey, context: Context<'_>, rng: Entropy<'_>) -> Result<Vec<u8>> {
        hybrid::seal(reader, SEALING.as_bytes(), &context.bytes(), self.0.bytes(), rng)
    }

    /// Opens what was sealed to this reader; another key, case, epoch or reader is [`crate::VaultError::Opaque`].
    pub fn open_with(reader: &SecretKey, context: Context<'_>, sealed: &[u8]) -> Result<Self> {
        let plain = hybrid::open(reader, SEALING.as_bytes(), &context.bytes(), sealed)?;
        Secret32::from_slice(&plain, "case key").map(CaseKey)
    }

    /// The key under which the records and files of this epoch are sealed: HKDF-SHA256 (RFC 5869) over both keys, so
    /// that without either nothing opens.
    pub fn data_key(&self, outer: &OuterKey, case: &str, epoch: u32) -> DataKey {
        let mut both = Zeroizing::new([0u8; 64]);
        both[..32].copy_from_slice(self.0.bytes());
        both[32..].copy_from_slice(outer.0.bytes());
        let info = parts(DATA, &[case.as_bytes(), &epoch.to_be_bytes()]);
        let mut key = Secret32::zero();
        Hkdf::<Sha256>::new(Some(DATA.as_bytes()), &*both)
            .expand(&info, key.bytes_mut())
            .expect("32 bytes are fewer than 255 hashes");
        DataKey(key)
    }
}

/// One more key of a case, which lies in a key store outside the main backup. When it is destroyed at the end of
/// retention, the case is gone in all old backups too (crypto-shredding).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OuterKey(Secret32);

impl OuterKey {
    /// A new key for a new case.
    pub fn generate(rng: Entropy<'_>) -> Self {
        OuterKey(Secret32::random(rng))
    }

    /// The 32 bytes, for the key store alone.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.0.bytes())
    }

    /// From the key store; any length but 32 is [`crate::VaultError::Form`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Secret32::from_slice(bytes, "outer key").map(OuterKey)
    }

    /// The key pair of a desk whose cases the house keeps, made of a key that lies in the key store under the desk's own
    /// name: HKDF-SHA256 (RFC 5869). The same key always gives the same pair.
    pub fn desk_pair(&self, desk: &str) -> KeyPair {
        let mut secret = Secret32::zero();
        Hkdf::<Sha256>::new(Some(DESK.as_bytes()), self.0.bytes())
            .expand(&parts(DESK, &[desk.as_bytes()]), secret.bytes_mut())
            .expect("32 bytes are fewer than 255 hashes");
        KeyPair::of(secret)
    }
}

/// The key of records and files of one case and epoch. It is never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataKey(pub(crate) Secret32);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::VaultError;
    use crate::key::KeyPair;
    use crate::test_support::{changed, rng};

    const HERE: Context<'static> = Context { case: "case-1", epoch: 1, reader: "reader-1" };

    #[test]
    fn each_reader_opens_it_and_nobody_else() {
        let mut rng = rng(1);
        let (a, b) = (KeyPair::generate(&mut rng), KeyPair::generate(&mut rng));
        let key = CaseKey::generate(&mut rng);
        let sealed = key.seal_to(&a.public, HERE, &mut rng).expect("seals");
        assert_eq!(sealed.len(), 81);
        assert_eq!(CaseKey::open_with(&a.secret, HERE, &sealed).as_ref(), Ok(&key));
        assert_eq!(CaseKey::open_with(&b.secret, HERE, &sealed), Err(VaultError::Opaque));
        for other in [
            Context { case: "case-2", ..HERE },
            Context { epoch: 2, ..HERE },
            Context { reader: "reader-2", ..HERE },
            Context { case: "case-1r", reader: "eader-1", ..HERE },
        ] {
            assert_eq!(CaseKey::open_with(&a.secret, other, &sealed), Err(VaultError::Opaque), "{other:?}");
        }
        for bytes in changed(&sealed) {
            // The highest bit of the encapsulated key is masked (RFC 7748 §5), but HPKE hashes it, so it counts too.
            assert!(CaseKey::open_with(&a.secret, HERE, &bytes).is_err());
        }
    }

    #[test]
    fn a_data_key_wants_both_keys_and_its_place() {
        let mut rng = rng(2);
        let (key, outer) = (CaseKey::generate(&mut rng), OuterKey::generate(&mut rng));
        let data = key.data_key(&outer, "case-1", 1);
        assert_eq!(data, key.data_key(&outer, "case-1", 1));
        assert_ne!(data, CaseKey::generate(&mut rng).data_key(&outer, "case-1", 1));
        assert_ne!(data, key.data_key(&OuterKey::generate(&mut rng), "case-1", 1));
        assert_ne!(data, key.data_key(&outer, "case-1", 2));
        assert_ne!(data, key.data_key(&outer, "case-2", 1));
        // The two keys do not stand for each other.
        assert_ne!(data, CaseKey(outer.0.clone()).data_key(&OuterKey(key.0.clone()), "case-1", 1));
    }

    #[test]
    fn a_desk_has_a_pair_of_its_own_that_is_always_the_same() {
        let mut rng = rng(5);
        let outer = OuterKey::generate(&mut rng);
        let pair = outer.desk_pair("soudan");
        assert_eq!(pair, outer.desk_pair("soudan"));
        assert_eq!(pair.public, pair.secret.public());
        assert_ne!(pair, outer.desk_pair("kurashi"));
        assert_ne!(pair, OuterKey::generate(&mut rng).desk_pair("soudan"));
        assert_ne!(pair.secret.bytes(), &*outer.to_bytes(), "the key that lies in the store is not the secret itself");
        let sealed = CaseKey(outer.0.clone()).seal_to(&pair.public, HERE, &mut rng).expect("sealed");
        assert!(CaseKey::open_with(&pair.secret, HERE, &sealed).is_ok());
    }

    #[test]
    fn an_outer_key_survives_its_store() {
        let outer = OuterKey::generate(&mut rng(3));
        assert_eq!(OuterKey::from_bytes(&*outer.to_bytes()).as_ref(), Ok(&outer));
        assert_eq!(OuterKey::from_bytes(&[0; 31]), Err(VaultError::Form("outer key")));
        assert_eq!(format!("{outer:?}"), "OuterKey(hidden)");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn opening_takes_anything(mut bytes: Vec<u8>) {
            let reader = KeyPair::generate(&mut rng(4)).secret;
            prop_assert!(CaseKey::open_with(&reader, HERE, &bytes).is_err());
            bytes.insert(0, crate::bytes::form::HYBRID);
            prop_assert!(CaseKey::open_with(&reader, HERE, &bytes).is_err());
        }
    }
}
