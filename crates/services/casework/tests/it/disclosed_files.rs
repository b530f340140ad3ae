//! Files that are disclosed to somebody from outside: they open that one and nothing else.

use casework::attachment::{self, FolderBlobs};
use casework::case::{self, BULLYING};
use casework::conference::{self, Attendee, Conference, ConferenceKind, Whom};
use casework::entry::{Attached, Consent, Media, Outcome, Shown, What};
use casework::member::{self, DeskRole};
use casework::participant::{self, Invite, Item, PartnerKind};
use casework::report::Reporter;
use casework::{Unlocked, partner};
use testkit::on_both_engines;

use crate::attachments::{content, sent, store, talk_files};
use crate::participants::{not_found, party, refused, wish};
use crate::stolen::{everything, hexed, listed};
use crate::town::{KEPT, Town, invite, item};

const DIARY: &str = "いやだった日。";

/// A file of an entry, under a name.
fn file(entry: &str, name: &str) -> Item {
    Item { from_entry: Some(entry.into()), title: name.into(), words: None }
}

/// A case with a file of the child and one of the desk; p1, who takes part, was given the first.
struct Given {
    town: Town,
    _folder: tempfile::TempDir,
    blobs: FolderBlobs,
    child: Reporter,
    desk: Unlocked,
    /// Entries of the child's file and of the desk's.
    entries: [String; 2],
    participant: String,
    /// Id of what p1 was told.
    told: String,
}

impl Given {
    async fn new(t: testkit::TestDb) -> Given {
        let town = Town::found(t).await;
        town.partners(&["p1", "p2"]).await;
        let (folder, blobs) = store();
        let (_, child) = town.told("日記を送ります").await;
        sent(&town, &blobs, &child, "みずきの日記.txt", DIARY.repeat(9_000).as_bytes()).await.expect("sent");
        let (own, _) = talk_files(&town, &child).await.remove(0);
        let desk = town.unlocked("c1").await;
        let begun = (Shown::Case, "窓口の記録.pdf");
        let begun = attachment::begin(town.house(), town.rng().as_mut(), &blobs, &desk, &child.case, begun).await;
        let mut upload = begun.expect("begun");
        upload.take(b"%PDF-1.7 notes of the meeting").expect("taken");
        let arrived = upload.finish().expect("whole");
        let view = attachment::attach(town.house(), town.rng().as_mut(), &desk, arrived).await.expect("attached");
        let other = view.file.entries.last().expect("an entry").id.clone();
        let participant = town.invited(&desk, &child.case, "p1").await;
        let given = [file(&own, "○○の日記")];
        let view = town.disclosed(&desk, &child.case, &participant, &given).await.expect("disclosed");
        let told = view.file.participants[0].disclosures[0].disclosed.id.clone();
        Given { town, _folder: folder, blobs, child, desk, entries: [own, other], participant, told }
    }

    /// What somebody gets as a partner.
    async fn got(&self, who: &Unlocked, told: &str) -> casework::Result<Attached> {
        partner::file(self.town.house(), who, &self.child.case, told).await
    }

    async fn version(&self) -> i64 {
        self.town.version(&self.desk, &self.child.case).await
    }
}

on_both_engines! {
    async fn a_participant_opens_the_file_that_they_were_given_and_no_other(t: TestDb) {
        let given = Given::new(t).await;
        let Given { town, blobs, child, desk, entries, told, .. } = &given;
        let (one, two) = (town.unlocked("p1").await, town.unlocked("p2").await);
        let seen = partner::read(town.house(), &one, &child.case).await.expect("read");
        let shown: Vec<_> = seen.disclosures.iter().map(|told| (told.disclosed.title.as_str(), told.disclosed.words.as_str())).collect();
        assert_eq!(shown, [("○○の日記.txt", "")], "the ending stays");
        let got = given.got(&one, told).await.expect("given");
        assert_eq!((got.name.as_str(), got.media, got.shown), ("○○の日記.txt", Media::Text, Shown::Participant));
        assert_eq!(content(blobs, &got).expect("opened"), DIARY.repeat(9_000).as_bytes());
        assert_eq!(town.chain("case.view").await.last().map(String::as_str), Some("account:p1 case.view partner-file"));
        // Neither the name at the desk nor the other file is known to them.
        let all = format!("{seen:?}");
        for hidden in ["みずき", "窓口の記録"] {
            assert!(!all.contains(hidden), "{hidden}");
        }
        // Words are no file, an entry of the case opens nothing, and another participant has nothing of it.
        let second = town.invited(desk, &child.case, "p2").await;
        let view = town.disclosed(desk, &child.case, &second, &[item("題", "ことば")]).await.expect("disclosed");
        let words = view.file.participants[1].disclosures[0].disclosed.id.clone();
        for (who, what) in [(&one, words.as_str()), (&two, &words), (&two, told), (&one, &entries[0]), (&one, &entries[1]), (&one, ""), (desk, told)] {
            not_found(given.got(who, what).await);
        }
        for entry in entries {
            not_found(attachment::find(town.house(), &one, &child.case, entry).await);
        }
        // The desk sees what was given, and that it may be given under another name to somebody else.
        let view = town.disclosed(desk, &child.case, &second, &[file(&entries[1], "会議の記録.pdf")]).await.expect("disclosed");
        let names: Vec<_> = view.file.participants.iter().flat_map(|p| &p.disclosures).filter_map(|d| d.disclosed.file.as_ref().map(|f| f.name.as_str())).collect();
        assert_eq!(names, ["○○の日記.txt", "会議の記録.pdf"]);
        assert!(view.file.participants[0].sees(&entries[0]) && !view.file.participants[1].sees(&entries[0]));
        // A reader taken away, and all sealed anew: it opens as before.
        case::remove_reader(town.house(), town.rng().as_mut(), desk, &child.case, "c2").await.expect("removed");
        assert_eq!(content(blobs, &given.got(&one, told).await.expect("given")).expect("opened"), DIARY.repeat(9_000).as_bytes());
        // No more bytes lie anywhere for it.
        assert_eq!(town.number("SELECT count(*) AS n FROM case_blob").await, 2);
    }

    async fn what_was_taken_back_is_gone_and_the_desk_has_it_still(t: TestDb) {
        let given = Given::new(t).await;
        let Given { town, blobs, child, desk, entries, participant, told, .. } = &given;
        let one = town.unlocked("p1").await;
        let records = town.number("SELECT count(*) AS n FROM case_record").await;
        let seen = given.version().await;
        let reason = (told.as_str(), "相手をまちがえた");
        let view = participant::withdraw(town.house(), town.rng().as_mut(), desk, &child.case, seen, reason).await.expect("withdrawn");
        not_found(given.got(&one, told).await);
        assert!(partner::read(town.house(), &one, &child.case).await.expect("read").disclosures.is_empty());
        assert_eq!(town.number("SELECT count(*) AS n FROM case_record").await, records, "one entry went, one came");
        assert!(view.file.participants[0].disclosures[0].withdrawn.is_some());
        let found = attachment::find(town.house(), desk, &child.case, &entries[0]).await.expect("found");
        assert_eq!((found.name.as_str(), content(blobs, &found).is_ok()), ("みずきの日記.txt", true));
        // Given once more it has another id, and ends with their taking part.
        let view = town.disclosed(desk, &child.case, participant, &[file(&entries[0], "日記")]).await.expect("disclosed");
        let again = view.file.participants[0].disclosures.iter().find(|d| d.withdrawn.is_none()).expect("there").disclosed.id.clone();
        not_found(given.got(&one, told).await);
        given.got(&one, &again).await.expect("given");
        let seen = given.version().await;
        participant::uninvite(town.house(), town.rng().as_mut(), desk, &child.case, seen, (participant, "終わり")).await.expect("parted");
        not_found(given.got(&one, &again).await);
        assert_eq!(attachment::sweep(town.house(), blobs).await.expect("swept"), 0, "the desk's bytes stay");
    }

    async fn whoever_is_no_partner_any_more_or_stands_on_the_wall_opens_nothing(t: TestDb) {
        let given = Given::new(t).await;
        let Given { town, child, desk, entries, told, .. } = &given;
        let one = town.unlocked("p1").await;
        given.got(&one, told).await.expect("given");
        let second = town.invited(desk, &child.case, "p2").await;
        let view = town.disclosed(desk, &child.case, &second, &[file(&entries[1], "記録.pdf")]).await.expect("disclosed");
        let theirs = view.file.participants[1].disclosures[0].disclosed.id.clone();
        let two = town.unlocked("p2").await;
        given.got(&two, &theirs).await.expect("given");
        member::leave(town.house(), "account:admin", BULLYING, "p1", DeskRole::Partner).await.expect("left");
        not_found(given.got(&one, told).await);
        town.write(desk, &child.case, vec![party(Some("p2"), None)]).await.expect("written");
        not_found(given.got(&two, &theirs).await);
    }

    async fn a_file_goes_out_by_the_same_gates_as_words(t: TestDb) {
        let given = Given::new(t).await;
        let Given { town, child, desk, entries, participant, .. } = &given;
        let (_, other) = town.told("ほかの話").await;
        // Without a name, out of another case, as material of a meeting, where nobody would choose a name.
        refused(town.disclosed(desk, &child.case, participant, &[file(&entries[1], " ")]).await);
        let stranger = town.invited(desk, &other.case, "p2").await;
        refused(town.disclosed(desk, &other.case, &stranger, &[file(&entries[0], "日記")]).await);
        let meeting = Conference {
            id: String::new(),
            kind: ConferenceKind::Case,
            starts_at: calendar::Clock::now(town.test.clock.as_ref()),
            place: "会議室".into(),
            agenda: vec!["議題".into()],
            attendees: vec![Attendee { whom: Whom::Participant(participant.clone()), reaches_school: false, may_see: vec![entries[1].clone()] }],
        };
        let seen = given.version().await;
        refused(conference::plan(town.house(), town.rng().as_mut(), desk, &child.case, seen, (meeting, &[])).await);
        // Somebody of the school gets none once the child does not want it.
        casework::report::say(town.house(), town.rng().as_mut(), child, wish(Consent::Yes)).await.expect("said");
        town.partners(&["p4"]).await;
        let seen = given.version().await;
        let school: Invite<'_> = invite("p4", PartnerKind::School);
        let (_, school) = participant::invite(town.house(), town.rng().as_mut(), desk, &child.case, seen, school).await.expect("invited");
        casework::report::say(town.house(), town.rng().as_mut(), child, wish(Consent::No)).await.expect("said");
        refused(town.disclosed(desk, &child.case, &school, &[file(&entries[0], "日記")]).await);
        // Written straight into the case, nothing is disclosed.
        let what = town.version(desk, &child.case).await;
        let seen = case::view(town.house(), desk, &child.case).await.expect("viewed");
        let copy = seen.file.entries.iter().find(|placed| matches!(placed.entry.what, What::Disclosed(_))).expect("there").entry.what.clone();
        refused(case::add(town.house(), town.rng().as_mut(), desk, &child.case, what, vec![copy]).await);
    }

    async fn with_the_case_the_file_goes_too(t: TestDb) {
        let given = Given::new(t).await;
        let Given { town, blobs, child, desk, told, .. } = &given;
        let one = town.unlocked("p1").await;
        town.write(desk, &child.case, vec![What::Closed { outcome: Outcome::Withdrawn, why: "本人の希望".into() }]).await.expect("closed");
        given.got(&one, told).await.expect("a closed case is read still");
        town.test.clock.advance(KEPT);
        let one = town.unlocked("p1").await;
        assert_eq!(case::shred_due(town.house()).await.expect("ran"), 1);
        not_found(given.got(&one, told).await);
        assert_eq!(attachment::sweep(town.house(), blobs).await.expect("swept"), 2);
    }

    async fn a_stolen_database_names_no_file_that_was_given(t: TestDb) {
        let given = Given::new(t).await;
        let seen = given.town.unlocked("p1").await;
        let file = given.got(&seen, &given.told).await.expect("given");
        let key = file.key.to_bytes();
        let all = everything(&given.town).await;
        assert!(all.contains(&file.blob) && all.len() > 5_000, "{}", all.len());
        for secret in ["○○の日記", "みずき", "窓口の記録"] {
            for form in [secret.to_owned(), hexed(secret), listed(secret)] {
                assert!(!all.contains(&form), "{secret} is in the database");
            }
        }
        let shown = format!("{:?}", &key[..]);
        for form in [store::secret::hex(&key[..]), shown[1..shown.len() - 1].to_owned()] {
            assert!(!all.contains(&form), "the key of a file is in the database");
        }
    }
}
