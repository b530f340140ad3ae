//! Who reads what: every role beside every function that reads, and what each is told.

use casework::case::{self, BULLYING, Why};
use casework::entry::{Party, Role, Shown, What};
use casework::member::{self, DeskRole};
use casework::participant::Item;
use casework::report::Reporter;
use casework::welfare::{self, Background, Child, Matter};
use casework::{CaseError, Unlocked, attachment, glass, partner, report};
use testkit::on_both_engines;

use crate::attachments::{sent, store, talk_files};
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

/// Files of the case: entries of one in the talk and of one at the desk, and the id under which a participant was given
/// the second.
struct Files {
    talk: String,
    desk: String,
    given: String,
}

/// One letter for each function: list, all at once, view, readers, welfare readers, partner's list, partner's view, what
/// waits for an officer; then a file of the talk, one of the desk, one that a participant was given.
async fn row(town: &Town, who: &Unlocked, case: &str, files: &Files) -> String {
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
    row.push(' ');
    row.push(got(attachment::find(house, who, case, &files.talk).await, |_| true));
    row.push(got(attachment::find(house, who, case, &files.desk).await, |_| true));
    row.push(got(partner::file(house, who, case, &files.given).await, |_| true));
    row
}

/// Two files of the case; the one of the desk is given to a participant.
async fn files(town: &Town, desk: &Unlocked, child: &Reporter, participant: &str) -> Files {
    let (_folder, blobs) = store();
    sent(town, &blobs, child, "日記.txt", b"diary").await.expect("sent");
    let (talk, _) = talk_files(town, child).await.remove(0);
    let begun = (Shown::Case, "記録.txt");
    let begun = attachment::begin(town.house(), town.rng().as_mut(), &blobs, desk, &child.case, begun).await;
    let mut upload = begun.expect("begun");
    upload.take(b"notes of the desk").expect("taken");
    let arrived = upload.finish().expect("whole");
    let view = attachment::attach(town.house(), town.rng().as_mut(), desk, arrived).await.expect("attached");
    let own = view.file.entries.last().expect("an entry").id.clone();
    let given = [Item { from_entry: Some(own.clone()), title: "記録".into(), words: None }];
    let view = town.disclosed(desk, &child.case, participant, &given).await.expect("disclosed");
    let known = view.file.participants.iter().find(|known| known.id == participant).expect("takes part");
    Files { talk, desk: own, given: known.disclosures[0].disclosed.id.clone() }
}

on_both_engines! {
    async fn each_role_reads_what_is_theirs(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1", "p2", "p3", "p4", "p5"]).await;
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
        let with_file = town.invited(&desk, case, "p5").await;
        let files = files(&town, &desk, &child, &with_file).await;
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
            ("a reader who holds the background", "c1", "+++++0-0 ++-"),
            ("a consultant who came later", "late", "00---0-0 ---"),
            ("a removed reader", "c2", "00---0-0 ---"),
            ("on the wall", "c3", "00---0-0 ---"),
            ("a participant", "p1", "00---++0 ---"),
            ("a participant who was given a file", "p5", "00---++0 --+"),
            ("a partner who takes no part", "p2", "00---0-0 ---"),
            ("a participant who left", "p3", "00---0-0 ---"),
            ("a participant who is no partner any more", "p4", "00---0-0 ---"),
            ("an officer", "o1", "00---0-0 ---"),
            ("a supervisor", "boss", "00---0-0 ---"),
            ("an administrator with a key", "admin", "00---0-0 ---"),
        ] {
            assert_eq!(row(&town, &town.unlocked(account).await, case, &files).await, expected, "{role}");
        }
        // A reader who does not hold the background reads all but that.
        case::add_reader(town.house(), town.rng().as_mut(), &desk, case, "late").await.expect("added");
        assert_eq!(row(&town, &town.unlocked("late").await, case, &files).await, "++++-0-0 ++-");
        // The reporter reads the talk and nothing else.
        let talk = report::read(town.house(), &child).await.expect("read");
        assert!(talk.entries.iter().all(|placed| placed.entry.what.is_talk()));
        assert_eq!(talk.entries.len(), 2, "their words and their file");
        let by_receipt = async |entry: &str| got(attachment::find_by_reporter(town.house(), &child, entry).await, |_| true);
        assert_eq!([by_receipt(&files.talk).await, by_receipt(&files.desk).await, by_receipt(&files.given).await], ['+', '-', '-']);
        // Another receipt opens none of them.
        let (_, other) = town.told("ほかの話").await;
        let by_other = attachment::find_by_reporter(town.house(), &other, &files.talk).await;
        assert_eq!(got(by_other, |_| true), '-');
    }
}
