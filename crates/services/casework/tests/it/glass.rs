//! Break-glass: two officers open one case, and everybody hears of it.

use std::time::Duration;

use calendar::Clock;
use casework::case::{self, BULLYING};
use casework::entry::{By, Party, Role, What};
use casework::glass::{self, OPEN_FOR};
use casework::member::{self, DeskRole};
use casework::{CaseError, Unlocked, report};
use testkit::on_both_engines;
use vault::KeyPair;

use crate::town::{Town, words};

const REASON: &str = "担当の三人が出られず、今夜が心配です";

/// A desk with three officers.
async fn town(test: testkit::TestDb) -> Town {
    let town = Town::found(test).await;
    town.officers(&["o1", "o2", "o3"]).await;
    town
}

async fn ask(town: &Town, first: &Unlocked, case: &str, second: &str) -> casework::Result<String> {
    glass::ask(town.house(), town.rng().as_mut(), first, case, second, REASON).await
}

async fn agree(town: &Town, second: &Unlocked, request: &str) -> casework::Result<String> {
    glass::agree(town.house(), town.rng().as_mut(), second, request).await
}

async fn has_glass(town: &Town) -> bool {
    let mut tx = town.test.db.read().await.expect("read");
    glass::has_glass(&mut tx, BULLYING).await.expect("read")
}

/// Who holds keys of any case.
async fn readers(town: &Town) -> Vec<String> {
    let rows = town.rows("SELECT DISTINCT reader FROM case_grant WHERE reader <> 'x' ORDER BY reader").await;
    let readers: Vec<String> = rows.iter().map(|row| row.get("reader").expect("text")).collect();
    readers.into_iter().filter(|reader| !reader.starts_with("reporter:")).collect()
}

const STAFF: [&str; 3] = ["account:c1", "account:c2", "account:c3"];

fn party(account: Option<&str>, section: Option<&str>) -> What {
    What::Party(Party {
        id: "p".into(),
        role: Role::Accused,
        name: "職員".into(),
        school: String::new(),
        account: account.map(str::to_owned),
        section: section.map(str::to_owned),
    })
}

/// Puts shares in the place of all that are there, as of the second epoch.
async fn put(town: &Town, shares: &[store::Row]) {
    let mut tx = town.test.db.write().await.expect("write");
    tx.execute("DELETE FROM case_glass", store::params![]).await.expect("deleted");
    for row in shares {
        let [ring, officer] = ["ring", "officer"].map(|column| row.get::<String>(column).expect("text"));
        let [sealed, commitment] = ["sealed", "commitment"].map(|column| row.get::<Vec<u8>>(column).expect("bytes"));
        let sql = "INSERT INTO case_glass (ring, epoch, officer, sealed, commitment) VALUES ($1, 2, $2, $3, $4)";
        tx.execute(sql, store::params![ring, officer, sealed, commitment]).await.expect("put");
    }
    tx.commit().await.expect("commit");
}

fn not_found<T: std::fmt::Debug>(outcome: casework::Result<T>) {
    assert!(matches!(outcome, Err(CaseError::NotFound)), "{outcome:?}");
}

fn rule<T: std::fmt::Debug>(outcome: casework::Result<T>) {
    assert!(matches!(outcome, Err(CaseError::Rule(_))), "{outcome:?}");
}

fn no_second<T: std::fmt::Debug>(outcome: casework::Result<T>) {
    assert!(matches!(outcome, Err(CaseError::Field { field: "second", .. })), "{outcome:?}");
}

on_both_engines! {
    async fn two_officers_open_one_case(t: TestDb) {
        let town = town(t).await;
        assert!(has_glass(&town).await);
        let (_, child) = town.told("たすけて").await;
        let (_, other) = town.told("ほかの話").await;
        town.write(&town.unlocked("c1").await, &child.case, vec![What::Note { words: "内部のメモ".into() }]).await.expect("written");
        let (one, two) = (town.unlocked("o1").await, town.unlocked("o2").await);
        not_found(case::view(town.house(), &one, &child.case).await);
        let request = ask(&town, &one, &child.case, "o2").await.expect("asked");
        not_found(case::view(town.house(), &one, &child.case).await);
        let waiting = glass::waiting(town.house(), "o2").await.expect("read");
        let asked_at = town.test.clock.now();
        assert_eq!(waiting, [glass::Request {
            id: request.clone(), case: child.case.clone(), asked_by: "o1".into(), second: "o2".into(),
            asked_at, until: asked_at.plus(OPEN_FOR), opened_at: None,
        }]);
        assert_eq!(glass::reason(town.house(), &two, &request).await.expect("read").as_str(), REASON);
        town.test.clock.advance(Duration::from_secs(60));
        assert_eq!(agree(&town, &two, &request).await.expect("agreed"), child.case);

        // The first reads this case, from its beginning, and no other; the second reads none.
        let view = case::view(town.house(), &one, &child.case).await.expect("viewed");
        assert_eq!(words(&view)[..2], ["たすけて", "内部のメモ"]);
        not_found(case::view(town.house(), &one, &other.case).await);
        not_found(case::view(town.house(), &two, &child.case).await);
        not_found(case::view(town.house(), &two, &other.case).await);
        assert!(glass::waiting(town.house(), "o2").await.expect("read").is_empty());
        rule(agree(&town, &two, &request).await);
        rule(ask(&town, &one, &child.case, "o2").await);
        assert_eq!(town.number("SELECT count(*) AS n FROM glass_hand").await, 0, "what was left is gone");

        // The desk is told, though the officer has looked: news, and a note with reason, both accounts and the time.
        let desk = town.unlocked("c2").await;
        let listed = case::list(town.house(), &desk, BULLYING).await.expect("listed");
        assert!(listed.iter().find(|l| l.clear.id == child.case).expect("listed").clear.has_news);
        let view = case::view(town.house(), &desk, &child.case).await.expect("viewed");
        let last = view.file.entries.last().expect("an entry");
        assert_eq!((last.entry.at, &last.entry.by), (town.test.clock.now(), &By::Account("o2".into())));
        let note = words(&view).pop().expect("a note");
        let times = [asked_at, town.test.clock.now()].map(|at| at.jst().strftime("%H:%M").to_string());
        for part in [REASON, "o1", "o2", &times[0], &times[1]] {
            assert!(note.contains(part), "{part} is not in {note}");
        }
        assert!(!case::view(town.house(), &desk, &child.case).await.expect("viewed").clear.has_news, "read by the desk");
        assert_eq!(report::read(town.house(), &child).await.expect("read").entries.len(), 1, "the note is the desk's alone");
        assert_eq!(town.chain("case.glass").await, ["account:o1 case.glass-ask o2", "account:o2 case.glass-open o1"]);
        // The desk writes on as before, and with what it saw before.
        town.write(&desk, &child.case, vec![What::FirstAction { done: "電話".into() }]).await.expect("written");
    }

    async fn one_person_is_never_two(t: TestDb) {
        let town = town(t).await;
        let (_, child) = town.told("話").await;
        let (one, two, three) = (town.unlocked("o1").await, town.unlocked("o2").await, town.unlocked("o3").await);
        no_second(ask(&town, &one, &child.case, "o1").await);
        let request = ask(&town, &one, &child.case, "o2").await.expect("asked");
        // Neither the first nor a third one agrees, nor does the second's account with another key.
        not_found(agree(&town, &one, &request).await);
        not_found(agree(&town, &three, &request).await);
        not_found(glass::decline(town.house(), &three, &request).await);
        let forged = Unlocked { account: "o2".into(), secret: KeyPair::generate(town.rng().as_mut()).secret, desk: None };
        assert!(agree(&town, &forged, &request).await.is_err());
        let forged = Unlocked { account: "o1".into(), secret: two.secret.clone(), desk: None };
        assert!(ask(&town, &forged, &child.case, "o2").await.is_err());
        // Not even with the request turned to themself in the database: what was left is sealed to the second.
        let mut tx = town.test.db.write().await.expect("write");
        tx.execute("UPDATE glass_request SET second = 'o1', asked_by = 'o2'", store::params![]).await.expect("turned");
        tx.commit().await.expect("commit");
        assert!(agree(&town, &one, &request).await.is_err());
        assert_eq!(readers(&town).await, STAFF, "refusals leave no trace in keys");
    }

    async fn only_officers_of_the_desk_ask_and_are_asked(t: TestDb) {
        let town = town(t).await;
        let (_, child) = town.told("話").await;
        let one = town.unlocked("o1").await;
        not_found(ask(&town, &town.unlocked("c1").await, &child.case, "o2").await);
        not_found(ask(&town, &one, "00000000-0000-4000-8000-000000000000", "o2").await);
        for second in ["c1", "nobody"] {
            no_second(ask(&town, &one, &child.case, second).await);
        }
        for reason in ["", " \n", &"あ".repeat(glass::MAX_REASON + 1)] {
            let refused = glass::ask(town.house(), town.rng().as_mut(), &one, &child.case, "o2", reason).await;
            assert!(matches!(refused, Err(CaseError::Field { field: "reason", .. })), "{refused:?}");
        }
        // Of another desk.
        member::join(town.house(), "account:admin", "elsewhere", "x1", DeskRole::Officer, "異動のため").await.expect("joined");
        member::make_key(town.house(), town.rng(), "x1", "x1", crate::town::PASSPHRASE).await.expect("a key");
        not_found(ask(&town, &town.unlocked("x1").await, &child.case, "o2").await);
        no_second(ask(&town, &one, &child.case, "x1").await);
        // Who left meanwhile.
        let request = ask(&town, &one, &child.case, "o2").await.expect("asked");
        let two = town.unlocked("o2").await;
        member::leave(town.house(), "account:admin", BULLYING, "o1", DeskRole::Officer).await.expect("left");
        rule(agree(&town, &two, &request).await);
        member::join(town.house(), "account:admin", BULLYING, "o1", DeskRole::Officer, "異動のため").await.expect("joined");
        member::leave(town.house(), "account:admin", BULLYING, "o2", DeskRole::Officer).await.expect("left");
        not_found(agree(&town, &two, &request).await);
        no_second(ask(&town, &one, &child.case, "o2").await);
        assert_eq!(readers(&town).await, STAFF);
        assert_eq!(town.chain("case.glass-open").await.len(), 0);
    }

    async fn a_request_lasts_a_day(t: TestDb) {
        let town = town(t).await;
        let (_, child) = town.told("話").await;
        let one = town.unlocked("o1").await;
        let minutes = |n: u64| Duration::from_secs(n * 60);
        for (after, expected) in [(24 * 60 - 1, true), (24 * 60, false), (24 * 60 + 1, false)] {
            let (case, _) = case::open(town.house(), town.rng().as_mut(), town.case_of("話", By::Account("c1".into()))).await.expect("opened");
            let request = ask(&town, &one, &case, "o2").await.expect("asked");
            town.test.clock.advance(minutes(after));
            let two = town.unlocked("o2").await;
            assert_eq!(glass::waiting(town.house(), "o2").await.expect("read").len(), usize::from(expected), "{after}");
            assert_eq!(glass::reason(town.house(), &two, &request).await.is_ok(), expected, "{after}");
            if expected {
                assert_eq!(glass::sweep(town.house()).await.expect("swept"), 0);
                agree(&town, &two, &request).await.expect("in time");
            } else {
                rule(agree(&town, &two, &request).await);
                assert_eq!(glass::sweep(town.house()).await.expect("swept"), 1, "{after}");
                not_found(agree(&town, &two, &request).await);
                not_found(case::view(town.house(), &one, &case).await);
            }
        }
        assert_eq!(town.number("SELECT count(*) AS n FROM glass_hand").await, 0);
        not_found(case::view(town.house(), &one, &child.case).await);
    }

    async fn a_desk_with_fewer_than_two_officers_has_no_glass(t: TestDb) {
        let town = Town::found(t).await;
        town.officers(&["o1"]).await;
        // An officer without a key is none.
        member::join(town.house(), "account:admin", BULLYING, "o2", DeskRole::Officer, "異動のため").await.expect("joined");
        assert!(!has_glass(&town).await);
        let (_, child) = town.told("話").await;
        assert_eq!(town.number("SELECT count(*) AS n FROM case_glass").await, 0);
        let one = town.unlocked("o1").await;
        rule(ask(&town, &one, &child.case, "o2").await);
        member::make_key(town.house(), town.rng(), "o2", "o2", crate::town::PASSPHRASE).await.expect("a key");
        assert!(has_glass(&town).await);
        rule(ask(&town, &one, &child.case, "o2").await);
        // A reader of the case gives the officers their shares; nobody else can.
        assert!(glass::refresh(town.house(), town.rng().as_mut(), &one, &child.case).await.is_err());
        glass::refresh(town.house(), town.rng().as_mut(), &town.unlocked("c1").await, &child.case).await.expect("split");
        let request = ask(&town, &one, &child.case, "o2").await.expect("asked");
        // Shares that are put anew make what was left worthless.
        glass::refresh(town.house(), town.rng().as_mut(), &town.unlocked("c1").await, &child.case).await.expect("split");
        rule(agree(&town, &town.unlocked("o2").await, &request).await);
        let request = ask(&town, &one, &child.case, "o2").await.expect("asked");
        agree(&town, &town.unlocked("o2").await, &request).await.expect("agreed");
        case::view(town.house(), &one, &child.case).await.expect("viewed");
    }

    /// A renewal makes old shares worthless, gives new ones, and takes the case away from whoever got it by the glass.
    async fn a_renewed_ring_has_new_shares(t: TestDb) {
        let town = town(t).await;
        let (_, child) = town.told("はじめの話").await;
        let (one, two, desk) = (town.unlocked("o1").await, town.unlocked("o2").await, town.unlocked("c1").await);
        let before = ask(&town, &one, &child.case, "o2").await.expect("asked");
        let mut tx = town.test.db.read().await.expect("read");
        let old = tx.rows("SELECT ring, epoch, officer, sealed, commitment FROM case_glass", store::params![]).await.expect("rows");
        drop(tx);
        assert_eq!(old.len(), 6, "two rings, three officers");
        case::remove_reader(town.house(), town.rng().as_mut(), &desk, &child.case, "c2").await.expect("removed");
        rule(agree(&town, &two, &before).await);
        assert_eq!(town.number("SELECT count(*) AS n FROM case_glass WHERE epoch = 1").await, 0);
        // Old shares under the new epoch, as if an old backup were put back, give no key.
        let new = town.rows("SELECT ring, epoch, officer, sealed, commitment FROM case_glass").await;
        put(&town, &old).await;
        assert!(ask(&town, &one, &child.case, "o2").await.is_err());
        put(&town, &new).await;
        // The new shares open it, and the desk takes it back.
        let request = ask(&town, &one, &child.case, "o2").await.expect("asked");
        agree(&town, &two, &request).await.expect("agreed");
        assert_eq!(words(&case::view(town.house(), &one, &child.case).await.expect("viewed"))[0], "はじめの話");
        case::remove_reader(town.house(), town.rng().as_mut(), &desk, &child.case, "o1").await.expect("removed");
        not_found(case::view(town.house(), &one, &child.case).await);
        case::view(town.house(), &desk, &child.case).await.expect("the desk reads on");
    }

    async fn nobody_on_the_wall_asks_or_agrees(t: TestDb) {
        let town = town(t).await;
        let (_, child) = town.told("先生のことです").await;
        let (one, two, three) = (town.unlocked("o1").await, town.unlocked("o2").await, town.unlocked("o3").await);
        let by_walled = ask(&town, &one, &child.case, "o2").await.expect("asked");
        let to_walled = ask(&town, &two, &child.case, "o1").await.expect("asked");
        town.write(&town.unlocked("c1").await, &child.case, vec![party(Some("o1"), None)]).await.expect("written");
        // Their share is gone, and a new key makes the old one worthless.
        assert_eq!(town.number("SELECT count(*) AS n FROM case_glass WHERE officer = 'o1'").await, 0);
        assert_eq!(town.number("SELECT count(*) AS n FROM case_glass WHERE epoch = 2").await, 4);
        not_found(ask(&town, &one, &child.case, "o3").await);
        no_second(ask(&town, &two, &child.case, "o1").await);
        rule(agree(&town, &two, &by_walled).await);
        not_found(agree(&town, &one, &to_walled).await);
        not_found(glass::reason(town.house(), &one, &to_walled).await);
        assert_eq!(readers(&town).await, STAFF);
        // The others still can.
        let request = ask(&town, &two, &child.case, "o3").await.expect("asked");
        agree(&town, &three, &request).await.expect("agreed");
        case::view(town.house(), &two, &child.case).await.expect("viewed");
    }

    /// The wall stands against a section too, and against whoever is walled between asking and agreeing.
    async fn a_walled_section_counts_too(t: TestDb) {
        let town = Town::found(t).await;
        // 相談員三 works at the section `school`, and is an officer too.
        member::join(town.house(), "account:admin", BULLYING, "c3", DeskRole::Officer, "異動のため").await.expect("joined");
        town.officers(&["o1"]).await;
        assert!(has_glass(&town).await);
        let (_, child) = town.told("話").await;
        let one = town.unlocked("o1").await;
        let request = ask(&town, &one, &child.case, "c3").await.expect("asked");
        town.write(&town.unlocked("c1").await, &child.case, vec![party(None, Some("school"))]).await.expect("written");
        not_found(agree(&town, &town.unlocked("c3").await, &request).await);
        rule(ask(&town, &one, &child.case, "c3").await);
        assert_eq!(town.number("SELECT count(*) AS n FROM case_glass").await, 0, "one officer alone has no glass");
    }

    async fn a_declined_request_is_gone_and_a_shredded_case_has_no_glass(t: TestDb) {
        let town = town(t).await;
        let (_, child) = town.told("話").await;
        let (one, two) = (town.unlocked("o1").await, town.unlocked("o2").await);
        let request = ask(&town, &one, &child.case, "o2").await.expect("asked");
        glass::decline(town.house(), &two, &request).await.expect("declined");
        not_found(agree(&town, &two, &request).await);
        assert_eq!(readers(&town).await, STAFF);
        ask(&town, &one, &child.case, "o2").await.expect("asked again");
        let close = What::Closed { outcome: casework::entry::Outcome::Withdrawn, why: "本人の希望".into() };
        town.write(&town.unlocked("c1").await, &child.case, vec![close]).await.expect("closed");
        town.test.clock.advance(crate::town::KEPT);
        assert_eq!(case::shred_due(town.house()).await.expect("ran"), 1);
        for table in ["SELECT count(*) AS n FROM case_glass", "SELECT count(*) AS n FROM glass_request", "SELECT count(*) AS n FROM glass_hand"] {
            assert_eq!(town.number(table).await, 0, "{table}");
        }
        not_found(ask(&town, &one, &child.case, "o2").await);
    }
}
