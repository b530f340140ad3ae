use proptest::prelude::*;

use super::*;
use crate::key::KeyPair;
use crate::test_support::{changed, rng};

fn refusal(text: &str, account: &str) -> Option<Refusal> {
    match Passphrase::chosen(text, account) {
        Ok(_) => None,
        Err(VaultError::Passphrase(refusal)) => Some(refusal),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn which_passphrases_are_taken() {
    assert_eq!(refusal("うま でんち ホチキス ただしい", "sodan-01"), None, "four words");
    assert_eq!(refusal("うま　でんち　ただ　しか", "sodan-01"), None, "four words between full-width spaces");
    assert_eq!(refusal("abcdefghijklmnop", "sodan-01"), None, "sixteen characters");
    assert_eq!(refusal("abcdefghijklmno", "sodan-01"), Some(Refusal::TooShort), "fifteen");
    assert_eq!(refusal("うま でんち はな", "sodan-01"), Some(Refusal::TooShort), "three words");
    assert_eq!(refusal("うま うま でんち はな", "sodan-01"), Some(Refusal::TooShort), "three different words");
    assert_eq!(refusal("a b c d e", "sodan-01"), Some(Refusal::TooShort), "letters are no words");
    assert_eq!(refusal("abababababababababab", "sodan-01"), Some(Refusal::Repetitive));
    assert_eq!(refusal("ＳＯＤＡＮ－ＭＡＤＯＧＵＣＨＩ－１", "sodan-madoguchi-1"), Some(Refusal::AccountName));
    assert_eq!(refusal("", ""), Some(Refusal::AccountName));
    assert_eq!(refusal(&"あいうえおか".repeat(33), ""), None);
    assert_eq!(refusal(&"あいうえおか".repeat(34), ""), Some(Refusal::TooLong));
}

fn wrapped(seed: u64) -> (SecretKey, Wrapped) {
    let mut rng = rng(seed);
    let secret = KeyPair::generate(&mut rng).secret;
    let passphrase = Passphrase::typed("がっこう ABC 123 ただしい");
    let wrapped = Wrapped::wrap(&secret, &passphrase, "account-1", Cost::for_tests(), &mut rng).expect("wraps");
    (secret, wrapped)
}

#[test]
fn it_opens_however_the_passphrase_is_typed() {
    let (secret, wrapped) = wrapped(1);
    for typed in
        ["がっこう ABC 123 ただしい", "か\u{3099}っこう ＡＢＣ １２３ ただしい", "がっこう　ABC　123　ただしい"]
    {
        assert_eq!(wrapped.unwrap(&Passphrase::typed(typed), "account-1").as_ref(), Ok(&secret), "{typed}");
    }
}

#[test]
fn another_passphrase_account_or_cost_does_not_open() {
    let (_, wrapped) = wrapped(2);
    let right = Passphrase::typed("がっこう ABC 123 ただしい");
    assert_eq!(wrapped.unwrap(&Passphrase::typed("がっこう ABC 123"), "account-1"), Err(VaultError::Opaque));
    assert_eq!(wrapped.unwrap(&right, "account-2"), Err(VaultError::Opaque));
    let other = Wrapped { cost: Cost::house(), ..wrapped };
    assert_eq!(other.unwrap(&right, "account-1"), Err(VaultError::Opaque));
}

#[test]
fn no_changed_bit_is_taken() {
    let (_, wrapped) = wrapped(3);
    let right = Passphrase::typed("がっこう ABC 123 ただしい");
    for bytes in changed(&wrapped.to_bytes()) {
        // The small bits of the cost are left to the bounds: what passes them must not open.
        let Ok(other) = Wrapped::from_bytes_at_least(&bytes, Cost::for_tests()) else { continue };
        if other.cost().memory_kib() > 4096 {
            continue;
        }
        assert_eq!(other.unwrap(&right, "account-1"), Err(VaultError::Opaque));
    }
}

#[test]
fn stored_bytes_are_read_back_and_weak_ones_refused() {
    let (_, wrapped) = wrapped(4);
    let bytes = wrapped.to_bytes();
    assert_eq!(bytes.len(), 95);
    assert_eq!(Wrapped::from_bytes_at_least(&bytes, Cost::for_tests()).as_ref(), Ok(&wrapped));
    assert_eq!(Wrapped::from_bytes(&bytes), Err(VaultError::Cost));
    assert_eq!(Wrapped::from_bytes_at_least(&bytes[..94], Cost::for_tests()), Err(VaultError::Form("wrapped key")));
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Wrapped::from_bytes_at_least(&longer, Cost::for_tests()), Err(VaultError::Form("wrapped key")));
}

#[test]
fn nothing_is_shown() {
    assert_eq!(format!("{:?}", Passphrase::typed("がっこう")), "Passphrase(hidden)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_parser_takes_anything(mut bytes: Vec<u8>, leading: bool) {
        if leading && !bytes.is_empty() { bytes[0] = form::WRAPPED; }
        if let Ok(wrapped) = Wrapped::from_bytes_at_least(&bytes, Cost::for_tests()) {
            prop_assert_eq!(wrapped.to_bytes(), bytes);
        }
    }

    #[test]
    fn the_parser_takes_bytes_of_the_right_length(bytes in prop::collection::vec(any::<u8>(), 95)) {
        let bytes = [&[form::WRAPPED, 0, 2, 0, 0, 3, 1][..], &bytes[7..]].concat();
        prop_assert_eq!(Wrapped::from_bytes(&bytes).expect("well formed").to_bytes(), bytes);
    }

    #[test]
    fn any_text_is_a_passphrase_or_refused(text in "\\PC*", account in "\\PC*") {
        let _ = Passphrase::chosen(&text, &account);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_passphrase_and_account_open_again(text in "\\PC*", account in "\\PC*", seed: u64) {
        let mut rng = rng(seed);
        let secret = KeyPair::generate(&mut rng).secret;
        let passphrase = Passphrase::typed(&text);
        let wrapped = Wrapped::wrap(&secret, &passphrase, &account, Cost::for_tests(), &mut rng).expect("wraps");
        prop_assert_eq!(wrapped.unwrap(&passphrase, &account), Ok(secret));
    }
}
