//! Who reads what: every role beside every function that reads, and what each is told.

use casework::case::{self, BULLYING, Why};
use casework::entry::{Party, Role, What};
use casework::member::{self, DeskRole};
use casework::welfare::{self, Background, Child, Matter};
use casework::{CaseError, Unlocked, glass, partner, report};
use testkit::on_both_engines;

use crate::town::{PASSPHRASE, Town, item};

/// What somebody gets: everything, something that says nothing of the case, or "not found".
fn got<T>(outcome: casework::Result<T>, has_content: impl Fn(&T) -> bool) -> char {
    match outcome {
        Ok(found) if has_content(&found) => '+',
        Ok(_) => '0',
        Err(CaseError::NotFound) => '-',
        Err(error) => panic!("{error:?}"),
    }
}

/// One letter for each function: list, all at once, view, readers, welfare readers, partner's list, partner's view, what
/// waits for an officer.
async fn row(town: &Town, who: &Unlocked, case: &str) -> String {
    let house = town.house();
    let mut row = String::new();
    row.push(got(case::list(house, who, BULLYING).await, |listed| !listed.is_empty()));
    row.push(got(case::gather(house, who, BULLYING, Why::Effect).await, |views| !views.is_empty()));
    row.push(got(case::view(house, who, case).await, |_| true));
    row.push(got(case::readers(house, who, case).await, |_| true));
    row.push(got(welfare::readers(house, who, case, Child::Victim).await, |_| true));
    row.push(got(partner::cases(house, who).await, |cases| !cases.is_empty()));
    row.push(got(partner::read(house, who, case).await, |_| true));
    row.push(got(glass::waiting(house, &who.account).await, |waiting| !waiting.is_empty()));
    row
}

on_both_engines! {
    async fn each_role_reads_what_is_theirs(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1", "p2", "p3", "p4"]).await;
        town.officers(&["o1", "o2"]).await;
        for account in ["boss", "admin"] {
            member::make_key(town.house(), town.rng(), account, account, PASSPHRASE).await.expect("a key");
        }
        member::join(town.house(), "account:admin", BULLYING, "boss", DeskRole::Supervisor, "異動のため").await.expect("joined");
        let (_, child) = town.told("ひみつの話").await;
        town.join("late").await;
        let desk = town.unlocked("c1").await;
        let case = child.case.as_str();
        let seen = town.version(&desk, case).await;
        let background = Background { child: Child::Victim, matters: vec![Matter::Abuse], words: "家".into() };
        welfare::write(town.house(), town.rng().as_mut(), &desk, case, seen, background).await.expect("written");
        let in_it = town.invited(&desk, case, "p1").await;
        town.disclosed(&desk, case, &in_it, &[item("題", "開示")]).await.expect("disclosed");
        let gone = town.invited(&desk, case, "p3").await;
        let seen = town.version(&desk, case).await;
        casework::participant::uninvite(town.house(), town.rng().as_mut(), &desk, case, seen, (&gone, "終わり")).await.expect("gone");
        town.invited(&desk, case, "p4").await;
        member::leave(town.house(), "account:admin", BULLYING, "p4", DeskRole::Partner).await.expect("left");
        case::remove_reader(town.house(), town.rng().as_mut(), &desk, case, "c2").await.expect("removed");
        let party = Party { id: "x".into(), role: Role::Accused, name: "職員".into(), school: String::new(), account: Some("c3".into()), section: None };
        // All had their desks open before anything was taken from them.
        town.write(&desk, case, vec![What::Party(party)]).await.expect("written");
        for (role, account, expected) in [
            ("a reader who holds the background", "c1", "+++++0-0"),
            ("a consultant who came later", "late", "00---0-0"),
            ("a removed reader", "c2", "00---0-0"),
            ("on the wall", "c3", "00---0-0"),
            ("a participant", "p1", "00---++0"),
            ("a partner who takes no part", "p2", "00---0-0"),
            ("a participant who left", "p3", "00---0-0"),
            ("a participant who is no partner any more", "p4", "00---0-0"),
            ("an officer", "o1", "00---0-0"),
            ("a supervisor", "boss", "00---0-0"),
            ("an administrator with a key", "admin", "00---0-0"),
        ] {
            assert_eq!(row(&town, &town.unlocked(account).await, case).await, expected, "{role}");
        }
        // A reader who does not hold the background reads all but that.
        case::add_reader(town.house(), town.rng().as_mut(), &desk, case, "late").await.expect("added");
        assert_eq!(row(&town, &town.unlocked("late").await, case).await, "++++-0-0");
        // The reporter reads the talk and nothing else.
        let talk = report::read(town.house(), &child).await.expect("read");
        assert!(talk.entries.iter().all(|placed| placed.entry.what.is_talk()));
        assert_eq!(talk.entries.len(), 1);
    }
}
