//! HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305: short secrets sealed to a
//! public key, as `0x31 ‖ encapsulated key (32) ‖ ciphertext ‖ tag (16)`.

use std::convert::Infallible;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal_with_rng};
use zeroize::Zeroizing;

use crate::Entropy;
use crate::bytes::{Reader, form};
use crate::error::{Result, VaultError};
use crate::key::{PublicKey, SecretKey};

/// RFC 9180 §7.1: KEM 0x0020.
pub(crate) type DhKem = hpke::kem::X25519HkdfSha256;

/// Bytes that sealing adds.
#[cfg(test)]
pub(crate) const OVERHEAD: usize = 1 + 32 + 16;

/// Carries the caller's word that its randomness is fit for keys to a crate that asks for it in a type.
pub(crate) struct Sure<'a>(pub(crate) Entropy<'a>);

impl TryRng for Sure<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> std::result::Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)
    }
}

impl TryCryptoRng for Sure<'_> {}

pub(crate) fn private_of(secret: &SecretKey) -> <DhKem as Kem>::PrivateKey {
    <DhKem as Kem>::PrivateKey::from_bytes(secret.bytes()).expect("32 bytes are always a key of X25519")
}

/// Seals to a public key. A public key of small order, which would give everyone the same secret, is
/// [`VaultError::Form`].
pub(crate) fn seal(to: &PublicKey, info: &[u8], bound_to: &[u8], plain: &[u8], rng: Entropy<'_>) -> Result<Vec<u8>> {
    let wrong = |_| VaultError::Form("public key");
    let to = <DhKem as Kem>::PublicKey::from_bytes(to.bytes()).map_err(wrong)?;
    let (encapsulated, sealed) = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, DhKem>(
        &OpModeS::Base,
        &to,
        info,
        plain,
        bound_to,
        &mut Sure(rng),
    )
    .map_err(wrong)?;
    Ok([&[form::HYBRID], &*encapsulated.to_bytes(), &sealed].concat())
}

/// Opens what [`seal`] made for the public half of this key with the same `info` and `bound_to`.
pub(crate) fn open(with: &SecretKey, info: &[u8], bound_to: &[u8], bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let mut reader = Reader::new(bytes, "sealed key");
    reader.leading(form::HYBRID)?;
    let encapsulated =
        <DhKem as Kem>::EncappedKey::from_bytes(&reader.array::<32>()?).map_err(|_| VaultError::Form("sealed key"))?;
    let plain = single_shot_open::<ChaCha20Poly1305, HkdfSha256, DhKem>(
        &OpModeR::Base,
        &private_of(with),
        &encapsulated,
        info,
        reader.rest(),
        bound_to,
    )
    .map_err(|_| VaultError::Opaque)?;
    Ok(Zeroizing::new(plain))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::key::KeyPair;
    use crate::test_support::{from_hex, rng};

    /// Gives these bytes, once.
    struct Given(Vec<u8>);

    impl TryRng for Given {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
            unreachable!("only bytes are asked for")
        }

        fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
            unreachable!("only bytes are asked for")
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> std::result::Result<(), Infallible> {
            bytes.copy_from_slice(&self.0.drain(..bytes.len()).collect::<Vec<u8>>());
            Ok(())
        }
    }

    #[test]
    fn it_is_the_suite_of_rfc_9180_appendix_a_2_1() {
        let info = from_hex("4f6465206f6e2061204772656369616e2055726e");
        let recipient =
            SecretKey::from_slice(&from_hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"))
                .expect("32 bytes");
        assert_eq!(recipient.public().to_hex(), "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
        let plain = from_hex("4265617574792069732074727574682c20747275746820626561757479");
        let bound_to = from_hex("436f756e742d30");
        // The first byte is ours.
        let expected = from_hex(concat!(
            "31",
            "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"
        ));
        let opened = open(&recipient, &info, &bound_to, &expected).expect("opens");
        assert_eq!(*opened, plain);
        // The ephemeral key follows from this input in the appendix, so sealing gives the very bytes too.
        let mut ephemeral = Given(from_hex("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b"));
        let sealed = seal(&recipient.public(), &info, &bound_to, &plain, &mut ephemeral).expect("seals");
        assert_eq!(sealed, expected);
    }

    #[test]
    fn another_key_purpose_or_place_does_not_open() {
        let mut rng = rng(3);
        let (a, b) = (KeyPair::generate(&mut rng), KeyPair::generate(&mut rng));
        let sealed = seal(&a.public, b"purpose", b"place", b"secret", &mut rng).expect("seals");
        assert_eq!(sealed.len(), b"secret".len() + OVERHEAD);
        assert_eq!(open(&a.secret, b"purpose", b"place", &sealed).expect("opens").as_slice(), b"secret");
        assert_eq!(open(&b.secret, b"purpose", b"place", &sealed), Err(VaultError::Opaque));
        assert_eq!(open(&a.secret, b"purpos", b"place", &sealed), Err(VaultError::Opaque));
        assert_eq!(open(&a.secret, b"purpose", b"plac", &sealed), Err(VaultError::Opaque));
    }

    #[test]
    fn a_public_key_of_small_order_is_refused() {
        for order in [[0u8; 32], {
            let mut one = [0u8; 32];
            one[0] = 1;
            one
        }] {
            let key = PublicKey::from_bytes(&order).expect("32 bytes");
            assert_eq!(seal(&key, b"", b"", b"x", &mut rng(4)), Err(VaultError::Form("public key")));
        }
    }
}
