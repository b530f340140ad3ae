use proptest::prelude::*;

use super::*;
use crate::case_key::{CaseKey, OuterKey};
use crate::padding::record_size;
use crate::test_support::{changed, rng};

const HERE: Place<'static> = Place { case: "case-1", epoch: 3, record: "record-1", field: "body", version: 7 };

fn key(seed: u64) -> DataKey {
    let mut rng = rng(seed);
    CaseKey::generate(&mut rng).data_key(&OuterKey::generate(&mut rng), "case-1", 3)
}

#[test]
fn no_changed_bit_and_no_shorter_or_longer_value_opens() {
    let key = key(1);
    let sealed = seal(&key, HERE, "先生に話せません".as_bytes(), &mut rng(2)).expect("seals");
    for bytes in changed(&sealed) {
        assert!(matches!(open(&key, HERE, &bytes), Err(VaultError::Opaque | VaultError::Form(_))));
    }
    for length in 0..sealed.len() {
        assert!(open(&key, HERE, &sealed[..length]).is_err());
    }
    assert_eq!(open(&key, HERE, &[&sealed[..], &[0]].concat()), Err(VaultError::Opaque));
}

#[test]
fn it_opens_in_its_place_with_its_key_and_nowhere_else() {
    let key = key(3);
    let sealed = seal(&key, HERE, b"text", &mut rng(4)).expect("seals");
    assert_eq!(open(&key, HERE, &sealed).expect("opens").as_slice(), b"text");
    for other in [
        Place { case: "case-2", ..HERE },
        Place { epoch: 2, ..HERE },
        Place { record: "record-2", ..HERE },
        Place { field: "title", ..HERE },
        Place { version: 6, ..HERE },
        Place { epoch: 7, version: 3, ..HERE },
        Place { record: "record-1b", field: "ody", ..HERE },
        Place { case: "record-1", record: "case-1", ..HERE },
    ] {
        assert_eq!(open(&key, other, &sealed), Err(VaultError::Opaque), "{other:?}");
    }
    assert_eq!(open(&self::key(5), HERE, &sealed), Err(VaultError::Opaque));
}

#[test]
fn the_same_text_is_never_sealed_alike() {
    let (key, mut rng) = (key(6), rng(7));
    let once = seal(&key, HERE, b"text", &mut rng).expect("seals");
    assert_ne!(once, seal(&key, HERE, b"text", &mut rng).expect("seals"));
}

#[test]
fn what_is_too_long_is_said() {
    let text = vec![0; LONGEST + 1];
    assert_eq!(seal(&key(8), HERE, &text, &mut rng(9)), Err(VaultError::TooLong));
    assert!(seal(&key(8), HERE, &text[1..], &mut rng(9)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_text_comes_back(text in prop::collection::vec(any::<u8>(), 0..=200_000), seed: u64) {
        let key = key(seed);
        let sealed = seal(&key, HERE, &text, &mut rng(seed)).expect("seals");
        prop_assert_eq!(sealed.len() as u64, record_size(text.len() as u64));
        let opened = open(&key, HERE, &sealed).expect("opens");
        prop_assert_eq!(opened.as_slice(), text.as_slice());
    }

    #[test]
    fn texts_of_one_bucket_have_one_size(bucket in 0usize..16, a in 0usize..256, b in 0usize..256) {
        // 252 bytes and their length fill the first bucket.
        let length = |within: usize| (bucket * 256 + within).saturating_sub(4);
        let size = |length: usize| seal(&key(1), HERE, &vec![b'x'; length], &mut rng(1)).expect("seals").len();
        let (a, b) = (length(a.max(1)), length(b.max(1)));
        prop_assert_eq!(size(a), size(b));
        prop_assert_ne!(size(a), size(a + 256), "the next bucket is another size");
    }

    #[test]
    fn opening_takes_anything(mut bytes: Vec<u8>) {
        prop_assert!(open(&key(1), HERE, &bytes).is_err());
        bytes.insert(0, form::RECORD);
        prop_assert!(open(&key(1), HERE, &bytes).is_err());
    }
}
