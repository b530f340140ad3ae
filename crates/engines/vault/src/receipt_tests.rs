use proptest::prelude::*;

use super::*;
use crate::derivation::Derivations;
use crate::test_support::{changed, rng};

fn fault(text: &str) -> Option<ReceiptFault> {
    match Receipt::parse(text) {
        Ok(_) => None,
        Err(VaultError::Receipt(fault)) => Some(fault),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn the_check_digits_are_those_of_iso_7064_mod_97_10() {
    // The standard's own example: 794 gets 44.
    assert_eq!(98 - remainder(&[7, 9, 4, 0, 0]), 44);
    assert_eq!(remainder(&[7, 9, 4, 4, 4]), 1);
}

#[test]
fn it_is_read_as_people_type_it() {
    let receipt = Receipt::generate(&mut rng(1));
    let shown = receipt.shown();
    assert_eq!(shown.split(' ').map(str::len).collect::<Vec<_>>(), [4; 6]);
    assert!(shown.replace(' ', "").starts_with(&receipt.locator()));
    let wide: String = shown
        .chars()
        .map(|c| c.to_digit(10).map_or('　', |d| char::from_u32('０' as u32 + d).expect("digit")))
        .collect();
    for typed in [
        shown.to_string(),
        shown.replace(' ', ""),
        shown.replace(' ', "-"),
        shown.replace(' ', "ー"),
        shown.replace(' ', "・"),
        shown.replace('0', "〇"),
        shown.replace('0', "○"),
        wide,
        format!("\u{3000}{}\n", *shown),
    ] {
        assert_eq!(Receipt::parse(&typed).expect("reads").0, receipt.0, "{typed}");
    }
}

#[test]
fn it_says_what_is_wrong() {
    let shown = Receipt::generate(&mut rng(2)).shown();
    assert_eq!(fault(""), Some(ReceiptFault::TooShort { digits: 0 }));
    assert_eq!(fault(&shown[..shown.len() - 1]), Some(ReceiptFault::TooShort { digits: 23 }));
    assert_eq!(fault(&format!("{}1", *shown)), Some(ReceiptFault::TooLong));
    assert_eq!(fault(&"1".repeat(100_000)), Some(ReceiptFault::TooLong));
    assert_eq!(fault(&format!("受付{}", *shown)), Some(ReceiptFault::OtherCharacters));
    assert_eq!(fault(&shown.replace(' ', "l")), Some(ReceiptFault::OtherCharacters));
    assert_eq!(format!("{:?}", Receipt::parse(&shown)), "Ok(Receipt(hidden))");
}

#[test]
fn every_wrong_digit_and_every_swap_of_neighbours_is_told() {
    let mut rng = rng(3);
    for _ in 0..20 {
        let receipt = Receipt::generate(&mut rng);
        for place in 0..DIGITS {
            for digit in (0..10).filter(|digit| *digit != receipt.0[place]) {
                let mut typed = receipt.clone();
                typed.0[place] = digit;
                assert_eq!(fault(&typed.shown()), Some(ReceiptFault::CheckDigits));
            }
            if place + 1 < DIGITS && receipt.0[place] != receipt.0[place + 1] {
                let mut typed = receipt.clone();
                typed.0.swap(place, place + 1);
                assert_eq!(fault(&typed.shown()), Some(ReceiptFault::CheckDigits));
            }
        }
    }
}

#[test]
fn check_digits_that_leave_the_same_are_not_taken_for_those_that_are_made() {
    let (mut rng, mut seen) = (rng(10), [false; 3]);
    while seen != [true; 3] {
        let mut digits = *Receipt::generate(&mut rng).0;
        let check = &mut digits[LOCATOR + SECRET..];
        let (which, other) = match check {
            [9, 7] => (0, [0, 0]),
            [9, 8] => (1, [0, 1]),
            [0, 2] => (2, [9, 9]),
            _ => continue,
        };
        check.copy_from_slice(&other);
        assert_eq!(remainder(&digits), 1);
        assert!(!well_formed(&digits), "{other:?}");
        seen[which] = true;
    }
}

/// Gives these numbers, one after the other.
struct Given(Vec<u64>);

impl rand::TryRng for Given {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Self::Error> {
        unreachable!("only long numbers are asked for")
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Self::Error> {
        Ok(self.0.remove(0))
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> std::result::Result<(), Self::Error> {
        unreachable!("only long numbers are asked for")
    }
}

#[test]
fn what_would_favour_small_numbers_is_drawn_again() {
    // 2^64 is 1,844 × 10^16 and some; what lies above that multiple counts for none.
    let top = 1_844 * 10_000_000_000_000_000;
    assert_eq!(below(10_000_000_000_000_000, &mut Given(vec![u64::MAX, top, top - 1, 5])), 9_999_999_999_999_999);
    assert_eq!(below(1_000_000, &mut Given(vec![u64::MAX, 3_000_007])), 7);
}

#[test]
fn digits_are_drawn_evenly() {
    let mut rng = rng(4);
    let mut counts = [[0u32; 10]; LOCATOR + SECRET];
    for _ in 0..10_000 {
        let receipt = Receipt::generate(&mut rng);
        for (place, digit) in receipt.0[..LOCATOR + SECRET].iter().enumerate() {
            counts[place][usize::from(*digit)] += 1;
        }
    }
    // 1,000 of each are expected with a standard deviation of 30.
    assert!(counts.iter().flatten().all(|count| (820..=1180).contains(count)), "{counts:?}");
}

fn locked(seed: u64) -> (Receipt, Locked) {
    let mut rng = rng(seed);
    let receipt = Receipt::generate(&mut rng);
    let locked = lock(&receipt, Cost::for_tests(), &mut rng).expect("locks");
    (receipt, locked)
}

#[test]
fn the_receipt_opens_its_report_and_no_other() {
    let (receipt, locked) = locked(5);
    let secret = unlock(&receipt, &locked).expect("opens");
    assert_eq!(secret.public(), locked.public());
    let typed = Receipt::parse(&receipt.shown()).expect("reads");
    assert_eq!(unlock(&typed, &locked), Ok(secret));
    let (other, other_locked) = self::locked(6);
    assert_eq!(unlock(&other, &locked), Err(VaultError::Opaque));
    assert_eq!(unlock(&receipt, &other_locked), Err(VaultError::Opaque));
    assert_eq!(unlock_nothing(&receipt, Cost::for_tests()), VaultError::Opaque);
    let mut moved = receipt.clone();
    moved.0[0] = (moved.0[0] + 1) % 10;
    assert_eq!(unlock(&moved, &locked), Err(VaultError::Opaque), "another locator with the same secret");
}

#[test]
fn a_locator_that_nobody_has_costs_a_derivation_too() {
    let (receipt, gate) = (Receipt::generate(&mut rng(9)), Derivations::house());
    std::thread::scope(|scope| {
        let trying = gate.run(|| {
            gate.run(|| {
                let trying = scope.spawn(|| unlock_nothing(&receipt, Cost::for_tests()));
                while gate.waiting() == 0 && !trying.is_finished() {
                    std::thread::yield_now();
                }
                assert!(!trying.is_finished(), "both places are taken");
                trying
            })
        });
        assert_eq!(trying.join().expect("ran"), VaultError::Opaque);
    });
}

#[test]
fn no_changed_bit_of_what_is_kept_opens() {
    let (receipt, locked) = locked(7);
    for bytes in changed(&locked.to_bytes()) {
        let Ok(other) = Locked::from_bytes_at_least(&bytes, Cost::for_tests()) else { continue };
        if other.cost.memory_kib() > 4096 {
            continue;
        }
        assert_eq!(unlock(&receipt, &other), Err(VaultError::Opaque));
    }
}

#[test]
fn what_is_kept_is_read_back_and_weak_ones_refused() {
    let (_, locked) = locked(8);
    let bytes = locked.to_bytes();
    assert_eq!(bytes.len(), 159);
    assert_eq!(Locked::from_bytes_at_least(&bytes, Cost::for_tests()).as_ref(), Ok(&locked));
    assert_eq!(Locked::from_bytes(&bytes), Err(VaultError::Cost));
    for length in 0..bytes.len() {
        assert!(Locked::from_bytes_at_least(&bytes[..length], Cost::for_tests()).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parsers_take_anything(text in "\\PC*", digits in "[0-9０-９〇 ー-]{20,40}", mut bytes: Vec<u8>) {
        let _ = (Receipt::parse(&text), Receipt::parse(&digits));
        let _ = Locked::from_bytes(&bytes);
        bytes.insert(0, form::LOCKED);
        let _ = Locked::from_bytes(&bytes);
    }

    #[test]
    fn any_receipt_survives_its_text(seed: u64) {
        let receipt = Receipt::generate(&mut rng(seed));
        prop_assert_eq!(Receipt::parse(&receipt.shown()).expect("reads").0, receipt.0);
    }
}

#[test]
fn the_group_that_was_mistyped_is_among_the_suspects() {
    let mut rng = rng(11);
    let mut told = 0;
    for round in 0..60 {
        let receipt = Receipt::generate(&mut rng);
        let digits: Vec<u8> = receipt.shown().bytes().filter(u8::is_ascii_digit).collect();
        let place = round % DIGITS;
        let mut wrong = digits.clone();
        wrong[place] = b'0' + (digits[place] - b'0' + 1 + (round % 9) as u8) % 10;
        let text = String::from_utf8(wrong).expect("digits");
        let suspects = Receipt::suspects(&text);
        assert!(suspects.contains(&(place / 4 + 1)), "{round}: {suspects:?}");
        told += suspects.len();
        if place + 1 < DIGITS && digits[place] != digits[place + 1] {
            let mut swapped = digits;
            swapped.swap(place, place + 1);
            let text = String::from_utf8(swapped).expect("digits");
            assert!(Receipt::suspects(&text).contains(&(place / 4 + 1)), "{round}");
        }
    }
    assert!(told < 60 * 5, "nearly everything is suspected: {told}");
}

#[test]
fn groups_of_another_length_are_suspects() {
    assert_eq!(Receipt::suspects("1234 567 8901 2345 6789 0123"), [2]);
    assert_eq!(Receipt::suspects("１２３４－５６７８－９０１２３－４５６７－８９０１－２３４５"), [3]);
    for nothing in ["", "12345678", "あ", &"1".repeat(500)] {
        assert_eq!(Receipt::suspects(nothing), Vec::<usize>::new(), "{nothing}");
    }
}
