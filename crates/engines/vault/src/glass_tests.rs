use proptest::prelude::*;

use super::*;
use crate::key::KeyPair;
use crate::test_support::{changed, rng};

const IDS: [&str; 3] = ["officer-1", "officer-2", "officer-3"];

struct Broken {
    key: CaseKey,
    officers: Vec<KeyPair>,
    glass: Glass,
}

fn here(i: usize) -> Context<'static> {
    Context { case: "case-1", epoch: 4, officer: IDS[i] }
}

fn broken(seed: u64) -> Broken {
    let mut rng = rng(seed);
    let key = CaseKey::generate(&mut rng);
    let officers: Vec<KeyPair> = IDS.iter().map(|_| KeyPair::generate(&mut rng)).collect();
    let named: Vec<Officer<'_>> =
        IDS.iter().zip(&officers).map(|(id, pair)| Officer { id, public: &pair.public }).collect();
    let glass = break_into(&key, "case-1", 4, &named, &mut rng).expect("splits");
    Broken { key, officers, glass }
}

fn opened(broken: &Broken, i: usize) -> OpenedShare {
    open_share(&broken.officers[i].secret, here(i), &broken.glass.shares[i].bytes).expect("opens")
}

#[test]
fn any_two_officers_open_the_case() {
    let broken = broken(1);
    for (a, b) in [(0, 1), (2, 0), (1, 2)] {
        let key = combine(&[opened(&broken, a), opened(&broken, b)], "case-1", 4, &broken.glass.commitment);
        assert_eq!(key.as_ref(), Ok(&broken.key));
    }
    let all: Vec<OpenedShare> = (0..3).map(|i| opened(&broken, i)).collect();
    assert_eq!(combine(&all, "case-1", 4, &broken.glass.commitment).as_ref(), Ok(&broken.key));
    assert_eq!(broken.glass.shares[2].officer, "officer-3");
    assert_eq!(broken.glass.shares[2].bytes.len(), 82);
}

#[test]
fn one_officer_opens_nothing() {
    let broken = broken(2);
    let one = opened(&broken, 0);
    let commitment = &broken.glass.commitment;
    assert_eq!(
        combine(std::slice::from_ref(&one), "case-1", 4, commitment),
        Err(VaultError::TooFew { needed: 2, given: 1 })
    );
    assert_eq!(combine(&[one.clone(), one], "case-1", 4, commitment), Err(VaultError::Twice));
    assert_eq!(open_share(&broken.officers[0].secret, here(1), &broken.glass.shares[1].bytes), Err(VaultError::Opaque));
}

#[test]
fn shares_belong_to_one_case_epoch_and_officer() {
    let (broken, other) = (broken(3), self::broken(4));
    let (secret, bytes) = (&broken.officers[0].secret, &broken.glass.shares[0].bytes);
    for context in [
        Context { case: "case-2", ..here(0) },
        Context { epoch: 5, ..here(0) },
        Context { officer: "officer-2", ..here(0) },
    ] {
        assert_eq!(open_share(secret, context, bytes), Err(VaultError::Opaque));
    }
    let commitment = &broken.glass.commitment;
    let both = [opened(&broken, 0), opened(&broken, 1)];
    assert_eq!(combine(&both, "case-2", 4, commitment), Err(VaultError::Opaque));
    assert_eq!(combine(&both, "case-1", 5, commitment), Err(VaultError::Opaque));
    assert_eq!(combine(&[both[0].clone(), opened(&other, 1)], "case-1", 4, commitment), Err(VaultError::Opaque));
    for bytes in changed(bytes) {
        assert!(open_share(secret, here(0), &bytes).is_err());
    }
}

#[test]
fn the_first_officer_can_leave_the_share_to_the_second() {
    let broken = broken(5);
    let second = &broken.officers[1];
    let left = opened(&broken, 0).hand_over(&second.public, here(1), &mut rng(6)).expect("seals");
    let handed = open_share(&second.secret, here(1), &left).expect("opens");
    let key = combine(&[handed, opened(&broken, 1)], "case-1", 4, &broken.glass.commitment);
    assert_eq!(key, Ok(broken.key));
}

#[test]
fn nobody_holds_two_shares() {
    let mut rng = rng(7);
    let key = CaseKey::generate(&mut rng);
    let (a, b) = (KeyPair::generate(&mut rng).public, KeyPair::generate(&mut rng).public);
    let officer = |id, public| Officer { id, public };
    let mut split = |officers: &[Officer<'_>]| break_into(&key, "case-1", 1, officers, &mut rng).map(drop);
    assert_eq!(split(&[officer("1", &a), officer("1", &b)]), Err(VaultError::Twice));
    assert_eq!(split(&[officer("1", &a), officer("2", &a)]), Err(VaultError::Twice));
    assert_eq!(split(&[officer("1", &a)]), Err(VaultError::Numbers));
    assert_eq!(split(&[]), Err(VaultError::Numbers));
    assert_eq!(split(&[officer("1", &a), officer("2", &b)]), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn opening_takes_anything(mut bytes: Vec<u8>) {
        let secret = KeyPair::generate(&mut rng(8)).secret;
        prop_assert!(open_share(&secret, here(0), &bytes).is_err());
        bytes.insert(0, crate::bytes::form::HYBRID);
        prop_assert!(open_share(&secret, here(0), &bytes).is_err());
    }
}
