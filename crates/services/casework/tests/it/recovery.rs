//! A forgotten passphrase: officers together give the key back, and nobody alone.

use std::time::Duration;

use calendar::Clock;
use casework::case::{self, BULLYING};
use casework::member::{self, DeskRole};
use casework::recovery::{self, Forgotten, NewSet};
use casework::{CaseError, Unlocked};
use testkit::on_both_engines;

use crate::town::{PASSPHRASE, Town};

const OFFICERS: [&str; 5] = ["o1", "o2", "o3", "o4", "o5"];
const NEW: &str = "あたらしい 川の 石を 数える";

fn set() -> NewSet<'static> {
    NewSet { desk: BULLYING, officers: &OFFICERS, needed: 3 }
}

/// Makes the set and gives what is printed.
async fn printed(town: &Town) -> Vec<String> {
    town.officers(&OFFICERS).await;
    let printed = recovery::make(town.house(), town.rng().as_mut(), "account:admin", set()).await.expect("made");
    assert!(printed.iter().map(|share| share.officer.as_str()).eq(OFFICERS));
    printed.iter().map(|share| share.share.shown().to_string()).collect()
}

fn some<'a>(shares: &'a [String], which: &[usize]) -> Vec<&'a str> {
    which.iter().map(|i| shares[*i].as_str()).collect()
}

async fn restore(town: &Town, account: &str, shares: &[&str]) -> casework::Result<()> {
    let who = Forgotten { desk: BULLYING, account, login: account, passphrase: NEW };
    recovery::restore(town.house(), town.rng(), "account:admin", who, shares).await
}

async fn rehearse(town: &Town, shares: &[&str]) -> casework::Result<()> {
    recovery::rehearse(town.house(), town.rng().as_mut(), "account:admin", BULLYING, shares).await
}

async fn covered(town: &Town, account: &str) -> bool {
    let mut tx = town.test.db.read().await.expect("read");
    recovery::is_covered(&mut tx, account).await.expect("read")
}

async fn unlocked(town: &Town, account: &str, passphrase: &str) -> casework::Result<Unlocked> {
    let cookie = member::unlock(town.house(), town.rng().as_mut(), account, passphrase).await?;
    member::unlocked(town.house(), account, &cookie).await
}

async fn set_id(town: &Town) -> String {
    let mut tx = town.test.db.read().await.expect("read");
    recovery::set_of(&mut tx, BULLYING).await.expect("read").expect("a set").shares
}

/// The sentence of a refusal of shares.
fn sentence<T: std::fmt::Debug>(outcome: casework::Result<T>) -> String {
    match outcome {
        Err(CaseError::Field { field: "shares", reason }) => reason,
        other => panic!("{other:?}"),
    }
}

on_both_engines! {
    async fn three_of_five_give_the_same_key_back(t: TestDb) {
        let town = Town::found(t).await;
        let shares = printed(&town).await;
        let (_, child) = town.told("わすれないで").await;
        assert!(!covered(&town, "c1").await, "a key from before the set is covered at the next unlocking");
        let none = restore(&town, "c1", &some(&shares, &[0, 1, 2])).await;
        assert!(matches!(none, Err(CaseError::Rule(_))), "{none:?}");
        let cookie = member::unlock(town.house(), town.rng().as_mut(), "c1", PASSPHRASE).await.expect("unlocked");
        assert!(covered(&town, "c1").await);
        let two = sentence(restore(&town, "c1", &some(&shares, &[0, 4])).await);
        assert_eq!(two, "紙が足りません。3枚が要りますが、2枚です。");
        unlocked(&town, "c1", PASSPHRASE).await.expect("nothing was changed");
        member::unlocked(town.house(), "c1", &cookie).await.expect("and no desk was locked");

        // In any order, with an empty line between.
        let [a, b, c] = [4, 0, 2].map(|i| shares[i].as_str());
        restore(&town, "c1", &[a, " ", b, c]).await.expect("restored");
        assert!(matches!(member::unlocked(town.house(), "c1", &cookie).await, Err(CaseError::Locked)));
        assert!(matches!(unlocked(&town, "c1", PASSPHRASE).await, Err(CaseError::Wrong)));
        let back = unlocked(&town, "c1", NEW).await.expect("unlocked");
        case::view(town.house(), &back, &child.case).await.expect("their own key, which opens what it opened");
        assert!(matches!(unlocked(&town, "c2", NEW).await, Err(CaseError::Wrong)), "nobody else's");

        // The member and the desk see it.
        let mut tx = town.test.db.read().await.expect("read");
        let seen = recovery::restorations_of(&mut tx, "c1").await.expect("read");
        assert_eq!(seen, recovery::restorations(&mut tx, BULLYING).await.expect("read"));
        assert_eq!(recovery::restorations_of(&mut tx, "c2").await.expect("read"), []);
        drop(tx);
        assert_eq!((seen.len(), seen[0].account.as_str(), seen[0].by.as_str()), (1, "c1", "account:admin"));
        assert_eq!((seen[0].restored_at, seen[0].officers.as_slice()), (town.test.clock.now(), ["o1", "o3", "o5"].map(String::from).as_slice()));
        let mut chain = town.chain("desk.restore").await;
        chain.sort();
        let failed = format!("account:admin desk.restore-fail {}", set_id(&town).await);
        assert_eq!(chain, ["account:admin desk.restore o1,o3,o5".to_owned(), failed]);
    }

    async fn a_refusal_says_which_share_is_wrong(t: TestDb) {
        let town = Town::found(t).await;
        let shares = printed(&town).await;
        unlocked(&town, "c1", PASSPHRASE).await.expect("unlocked");
        let other = Town::found(testkit::TestDb::on(town.test.engine()).await).await;
        let foreign = recovery_of_another_town(&other).await;
        let [one, two, three] = [0, 1, 2].map(|i| shares[i].as_str());
        let short = &one[..one.len() - 5];
        let changed = format!("{}{}", &one[..one.len() - 1], if one.ends_with('0') { '1' } else { '0' });
        let cases: [(&[&str], &str); 11] = [
            (&[], "紙に書かれた文字を入れてください。"),
            (&["", " "], "紙に書かれた文字を入れてください。"),
            (&[two, short, three], "2枚目：文字が足りません（72文字のうち68文字です）。"),
            (&[&changed, two, three], "1枚目：写しまちがいがあります。もう一度、紙と見比べてください。"),
            (&[one, two, "回復の紙"], "3枚目：回復の紙にはない文字があります。"),
            (&[one, two, one], "1枚目と3枚目は同じ紙です。"),
            (&[one, two, &foreign], "3枚目は、いま使える組の紙ではありません。"),
            // The line of the form is named, also where one before it was left empty.
            (&["", one, "回復の紙"], "3枚目：回復の紙にはない文字があります。"),
            (&[" ", one, &foreign], "3枚目は、いま使える組の紙ではありません。"),
            (&["", one, two, one], "2枚目と4枚目は同じ紙です。"),
            (&[one], "紙が足りません。3枚が要りますが、1枚です。"),
        ];
        for (typed, expected) in cases {
            assert_eq!(sentence(restore(&town, "c1", typed).await), expected);
            assert_eq!(sentence(rehearse(&town, typed).await), expected);
        }
        unlocked(&town, "c1", PASSPHRASE).await.expect("nothing was changed");
        assert_eq!(town.number("SELECT count(*) AS n FROM recovery_use").await, 0);
        other.test.close().await;
        town.test.close().await;
    }

    async fn a_set_is_made_once_by_officers_of_the_desk(t: TestDb) {
        let town = Town::found(t).await;
        let make = async |officers: &[&str], needed: u8| {
            recovery::make(town.house(), town.rng().as_mut(), "account:admin", NewSet { desk: BULLYING, officers, needed }).await
        };
        assert!(matches!(make(&["c1", "c2", "c3"], 2).await, Err(CaseError::Field { field: "officers", .. })), "no officers");
        town.officers(&OFFICERS).await;
        assert!(matches!(make(&["o1", "o1", "o2"], 2).await, Err(CaseError::Field { field: "officers", .. })));
        for needed in [0, 1, 6] {
            assert!(matches!(make(&OFFICERS, needed).await, Err(CaseError::Field { field: "needed", .. })), "{needed}");
        }
        assert!(matches!(make(&["o1"], 1).await, Err(CaseError::Field { field: "needed", .. })));
        assert_eq!(town.number("SELECT count(*) AS n FROM recovery_set").await, 0, "a refusal leaves nothing");
        make(&OFFICERS, 3).await.expect("made");
        assert!(matches!(make(&OFFICERS, 3).await, Err(CaseError::Rule(_))));
        let mut tx = town.test.db.read().await.expect("read");
        let set = recovery::set_of(&mut tx, BULLYING).await.expect("read").expect("a set");
        assert_eq!((set.needed, set.officers), (3, OFFICERS.map(String::from).to_vec()));
        assert!(recovery::set_of(&mut tx, "elsewhere").await.expect("read").is_none());
    }

    async fn whoever_makes_a_key_is_covered_from_the_start(t: TestDb) {
        let town = Town::found(t).await;
        member::join(town.house(), "account:admin", BULLYING, "c4", DeskRole::Consultant, "異動のため").await.expect("joined");
        assert!(!covered(&town, "c4").await, "no set: a forgotten passphrase loses access");
        let shares = printed(&town).await;
        assert!(covered(&town, "c4").await, "the key that they make now will be");
        assert!(!covered(&town, "stranger").await);
        member::make_key(town.house(), town.rng(), "c4", "c4", PASSPHRASE).await.expect("a key");
        assert!(covered(&town, "c4").await);
        restore(&town, "c4", &some(&shares, &[1, 2, 3])).await.expect("restored");
        unlocked(&town, "c4", NEW).await.expect("unlocked");
        // Nobody gives a key back to whoever has left.
        member::leave(town.house(), "account:admin", BULLYING, "c4", DeskRole::Consultant).await.expect("left");
        assert!(!covered(&town, "c4").await);
        assert!(matches!(restore(&town, "c4", &some(&shares, &[1, 2, 3])).await, Err(CaseError::Rule(_))));
        assert_eq!(town.number("SELECT count(*) AS n FROM recovery_escrow WHERE account = 'c4'").await, 0);
    }

    async fn a_passphrase_is_looked_at_before_the_shares_are_used(t: TestDb) {
        let town = Town::found(t).await;
        let shares = printed(&town).await;
        unlocked(&town, "c1", PASSPHRASE).await.expect("unlocked");
        let who = Forgotten { desk: BULLYING, account: "c1", login: "c1", passphrase: "みじかい" };
        let refused = recovery::restore(town.house(), town.rng(), "account:admin", who, &some(&shares, &[0, 1, 2])).await;
        assert!(matches!(refused, Err(CaseError::Field { field: "passphrase", .. })), "{refused:?}");
        // A passphrase that was changed in between is no hindrance: the key is the same.
        member::change_passphrase(town.house(), town.rng(), "c1", "c1", PASSPHRASE, "べつの 朝の 鳥が 歌う").await.expect("changed");
        restore(&town, "c1", &some(&shares, &[0, 1, 2])).await.expect("restored");
        unlocked(&town, "c1", NEW).await.expect("unlocked");
    }

    async fn a_rehearsal_changes_nothing_and_is_kept(t: TestDb) {
        let town = Town::found(t).await;
        let shares = printed(&town).await;
        let last = async || {
            let mut tx = town.test.db.read().await.expect("read");
            recovery::last_rehearsal(&mut tx, BULLYING).await.expect("read")
        };
        assert_eq!(last().await, None);
        sentence(rehearse(&town, &some(&shares, &[0, 1])).await);
        assert_eq!(last().await, None, "what did not work was no rehearsal");
        rehearse(&town, &some(&shares, &[0, 1, 2])).await.expect("they work");
        town.test.clock.advance(Duration::from_secs(60));
        rehearse(&town, &some(&shares, &[4, 3, 2, 1, 0])).await.expect("all of them too");
        let last = last().await.expect("a rehearsal");
        assert_eq!((last.at, last.by.as_str()), (town.test.clock.now(), "account:admin"));
        assert_eq!(last.officers, OFFICERS);
        unlocked(&town, "c1", PASSPHRASE).await.expect("nothing was changed");
        let mut tx = town.test.db.read().await.expect("read");
        assert_eq!(recovery::restorations(&mut tx, BULLYING).await.expect("read"), []);
    }

    /// With the old shares: everybody at once, and the old shares are worth nothing.
    async fn a_set_is_replaced_with_the_old_shares(t: TestDb) {
        let town = Town::found(t).await;
        let old = printed(&town).await;
        unlocked(&town, "c1", PASSPHRASE).await.expect("unlocked");
        let replace = async |shares: &[&str]| recovery::replace(town.house(), town.rng().as_mut(), "account:admin", set(), Some(shares)).await;
        assert_eq!(sentence(replace(&some(&old, &[0, 1])).await), "紙が足りません。3枚が要りますが、2枚です。");
        let new: Vec<String> = replace(&some(&old, &[0, 1, 2])).await.expect("replaced").iter().map(|p| p.share.shown().to_string()).collect();
        assert!(covered(&town, "c1").await, "without unlocking");
        assert!(matches!(restore(&town, "c1", &some(&old, &[0, 1, 2])).await, Err(CaseError::Rule(_))));
        assert!(sentence(rehearse(&town, &some(&old, &[0, 1, 2])).await).starts_with("1枚目は、いま使える組"));
        let mixed = [new[0].as_str(), new[1].as_str(), old[2].as_str()];
        assert!(sentence(restore(&town, "c1", &mixed).await).starts_with("3枚目は、いま使える組"));
        assert!(sentence(replace(&some(&old, &[0, 1, 2])).await).starts_with("1枚目"), "the old ones replace nothing");
        restore(&town, "c1", &some(&new, &[0, 1, 2])).await.expect("restored");
        unlocked(&town, "c1", NEW).await.expect("unlocked");
    }

    /// Without them: each at the next unlocking, and until then the old shares are good.
    async fn a_set_is_replaced_without_the_old_shares(t: TestDb) {
        let town = Town::found(t).await;
        let old = printed(&town).await;
        for account in ["c1", "c2"] {
            unlocked(&town, account, PASSPHRASE).await.expect("unlocked");
        }
        let new = recovery::replace(town.house(), town.rng().as_mut(), "account:admin", set(), None).await.expect("replaced");
        let new: Vec<String> = new.iter().map(|p| p.share.shown().to_string()).collect();
        assert!(matches!(restore(&town, "c1", &some(&new, &[0, 1, 2])).await, Err(CaseError::Rule(_))), "not yet");
        assert!(covered(&town, "c1").await, "by the old set");
        unlocked(&town, "c2", PASSPHRASE).await.expect("unlocked");
        assert!(matches!(restore(&town, "c2", &some(&old, &[0, 1, 2])).await, Err(CaseError::Rule(_))), "gone over");
        restore(&town, "c2", &some(&new, &[0, 1, 2])).await.expect("restored");
        restore(&town, "c1", &some(&old, &[2, 3, 4])).await.expect("restored by the old set");
        unlocked(&town, "c1", NEW).await.expect("and gone over by that");
        assert!(matches!(restore(&town, "c1", &some(&old, &[2, 3, 4])).await, Err(CaseError::Rule(_))));
        restore(&town, "c1", &some(&new, &[2, 3, 4])).await.expect("restored");
    }

    /// An escrow that was moved to another account in the database opens nothing there.
    async fn an_escrow_is_bound_to_its_owner(t: TestDb) {
        let town = Town::found(t).await;
        let shares = printed(&town).await;
        for account in ["c1", "c2"] {
            unlocked(&town, account, PASSPHRASE).await.expect("unlocked");
        }
        let mut tx = town.test.db.write().await.expect("write");
        tx.execute("DELETE FROM recovery_escrow WHERE account = 'c2'", store::params![]).await.expect("deleted");
        tx.execute("UPDATE recovery_escrow SET account = 'c2' WHERE account = 'c1'", store::params![]).await.expect("moved");
        tx.commit().await.expect("commit");
        assert!(restore(&town, "c2", &some(&shares, &[0, 1, 2])).await.is_err());
        unlocked(&town, "c2", PASSPHRASE).await.expect("nothing was changed");
        // Nor does a set with another public half, as if the shares had been changed.
        let mut tx = town.test.db.write().await.expect("write");
        tx.execute("UPDATE recovery_set SET public_half = (SELECT public_half FROM desk_key WHERE account = 'c1')", store::params![]).await.expect("changed");
        tx.commit().await.expect("commit");
        let refused = sentence(rehearse(&town, &some(&shares, &[0, 1, 2])).await);
        assert_eq!(refused, "この紙からは鍵になりません。紙が書きかえられています。");
    }
}

async fn recovery_of_another_town(other: &Town) -> String {
    // Another seed than the first town's, or both would have drawn the same set.
    let mut rng = other.rng();
    rand::Rng::next_u64(rng.as_mut());
    other.officers(&OFFICERS).await;
    let printed = recovery::make(other.house(), rng.as_mut(), "account:admin", set()).await.expect("made");
    printed[0].share.shown().to_string()
}
