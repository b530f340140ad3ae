use proptest::prelude::*;

use super::*;
use crate::test_support::rng;

fn set(needed: u8, count: u8, seed: u64) -> (PublicKey, Vec<Share>) {
    create(needed, count, &mut rng(seed)).expect("creates")
}

#[test]
fn officers_give_a_reader_the_key_back() {
    let mut rng = rng(1);
    let (public, shares) = set(3, 5, 2);
    let reader = KeyPair::generate(&mut rng);
    let sealed = escrow(&reader.secret, "account-1", &public, &mut rng).expect("seals");
    let secret = combine(&[shares[4].clone(), shares[0].clone(), shares[2].clone()], &public).expect("combines");
    assert_eq!(unescrow(&secret, "account-1", &sealed), Ok(reader.secret.clone()));
    assert_eq!(unescrow(&secret, "account-2", &sealed), Err(VaultError::Opaque));
    assert_eq!(unescrow(&reader.secret, "account-1", &sealed), Err(VaultError::Opaque));
    assert_eq!(rehearse(&shares, &public), Ok(()));
}

#[test]
fn what_does_not_belong_together_is_said() {
    let (public, shares) = set(2, 3, 3);
    let (other_public, other) = set(2, 3, 4);
    assert_eq!(combine(&[], &public), Err(VaultError::TooFew { needed: 2, given: 0 }));
    assert_eq!(combine(&shares[..1], &public), Err(VaultError::TooFew { needed: 2, given: 1 }));
    assert_eq!(combine(&[shares[0].clone(), other[1].clone()], &public), Err(VaultError::OtherSet));
    assert_eq!(combine(&[shares[0].clone(), shares[0].clone()], &public), Err(VaultError::Twice));
    assert_eq!(combine(&shares, &other_public), Err(VaultError::Opaque));
    assert_eq!(rehearse(&shares[..1], &public), Err(VaultError::TooFew { needed: 2, given: 1 }));
}

#[test]
fn new_shares_of_the_key_do_not_mix_with_the_old() {
    let (public, old) = set(2, 3, 5);
    let secret = combine(&old, &public).expect("combines");
    let new = split(&secret, 2, 4, &mut rng(6)).expect("splits");
    assert_eq!(combine(&new, &public), Ok(secret));
    assert_eq!(combine(&[old[0].clone(), new[1].clone()], &public), Err(VaultError::OtherSet));
}

#[test]
fn a_share_is_read_as_people_type_it() {
    let (_, shares) = set(2, 3, 7);
    let share = &shares[1];
    let shown = share.shown();
    assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [4; 18]);
    assert_eq!(share.set().len(), 8);
    let wide: String = shown.chars().map(|c| char::from_u32(c as u32 + 0xfee0).expect("full width")).collect();
    for typed in [
        shown.to_lowercase(),
        shown.replace('-', " "),
        shown.replace('-', ""),
        shown.replace('0', "O").replace('1', "I"),
        shown.replace('0', "o").replace('1', "l"),
        wide,
    ] {
        assert!(Share::parse(&typed).as_ref() == Ok(share), "{typed}");
    }
    assert_eq!((share.number(), share.needed(), share.count()), (2, 2, 3));
    assert_eq!(shares.iter().filter(|other| other.set() == share.set()).count(), 3);
    assert_eq!(format!("{share:?}"), "Share(2 of 3, hidden)");
}

#[test]
fn what_is_wrong_with_a_share_is_said() {
    let shown = set(2, 3, 8).1[0].shown();
    let fault = |text: &str| Share::parse(text).err();
    assert_eq!(fault(""), Some(VaultError::Share(ShareFault::TooShort { characters: 0 })));
    assert_eq!(fault(&shown[1..]), Some(VaultError::Share(ShareFault::TooShort { characters: 71 })));
    assert_eq!(fault(&format!("{}0", *shown)), Some(VaultError::Share(ShareFault::TooLong)));
    assert_eq!(fault(&"0".repeat(100_000)), Some(VaultError::Share(ShareFault::TooLong)));
    assert_eq!(fault(&format!("{}U", *shown)), Some(VaultError::Share(ShareFault::OtherCharacters)));
}

#[test]
fn every_other_character_is_told() {
    let shown = set(2, 3, 9).1[0].shown();
    for (place, right) in shown.char_indices().filter(|(_, c)| *c != '-') {
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().filter(|other| *other != right) {
            let mut typed = shown.to_string();
            typed.replace_range(place..=place, &other.to_string());
            assert_eq!(Share::parse(&typed).err(), Some(VaultError::Share(ShareFault::Checksum)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_share_survives_its_paper(needed in 2u8..=5, more in 0u8..=5, seed: u64) {
        let (public, shares) = set(needed, needed + more, seed);
        let read: Vec<Share> = shares.iter().map(|share| Share::parse(&share.shown()).expect("reads")).collect();
        prop_assert!(read == shares);
        prop_assert_eq!(rehearse(&read[..needed.into()], &public), Ok(()));
        let too_few = VaultError::TooFew { needed, given: needed - 1 };
        prop_assert_eq!(rehearse(&read[..usize::from(needed) - 1], &public), Err(too_few));
    }

    #[test]
    fn parsers_take_anything(text in "\\PC*", digits in "[0-9A-Za-z -]{60,90}", bytes: Vec<u8>) {
        let _ = (Share::parse(&text), Share::parse(&digits));
        let secret = KeyPair::generate(&mut rng(1)).secret;
        prop_assert!(unescrow(&secret, "account-1", &bytes).is_err());
    }
}
