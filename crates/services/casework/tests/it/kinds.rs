//! Kinds of case whose cases the house keeps: the same code as for sealed ones, and whoever has the role reads.

use casework::case::{self, BULLYING, NewCase};
use casework::entry::{By, Channel, Outcome, Party, Role, Speaker, What};
use casework::handover::{self, HandOver};
use casework::kind::{Course, Keeper};
use casework::member::{self, DeskRole};
use casework::participant::{self, PartnerKind};
use casework::welfare::{self, Background, Child, Matter};
use casework::{CaseError, Kind, Kinds, Unlocked, desk_key, partner, readers, report};
use testkit::{TestDb, on_both_engines};

use crate::town::Town;

const DESK: &str = "soudan";

fn kind() -> Kind {
    Kind {
        desk: DESK.into(),
        name: "くらしの相談".into(),
        number: "相談".into(),
        keeper: Keeper::House,
        course: Course::Consultation,
        rules: Kind::consultation_rules(),
    }
}

/// A town with a desk whose cases the house keeps: s1 and s2 work there, who have no key of their own; c3, who is
/// assigned to the section `school`, does too.
async fn town(test: TestDb) -> Town {
    let mut town = Town::found(test).await;
    town.kinds = Kinds::new(vec![kind()]).expect("kinds");
    desk_key::prepare(town.house(), town.rng().as_mut()).await.expect("prepared");
    for account in ["s1", "s2", "c3"] {
        member::join(town.house(), "account:admin", DESK, account, DeskRole::Consultant, "理由").await.expect("joined");
    }
    town
}

async fn entered(town: &Town, account: &str) -> Unlocked {
    desk_key::enter(town.house(), account, DESK).await.expect("entered")
}

fn new(words: &str) -> NewCase<'_> {
    NewCase {
        desk: DESK,
        channel: Channel::Phone,
        speaker: Speaker::Person,
        school: "",
        words,
        wishes: Default::default(),
        signs: Vec::new(),
        by: By::Account("s1".into()),
    }
}

on_both_engines! {
    async fn a_whole_case_without_a_passphrase(test: TestDb) {
        let town = town(test).await;
        let (receipt, number) = report::begin(town.house(), town.rng(), new("となりの工事の音")).await.expect("begun");
        assert!(number.starts_with("相談"), "{number}");
        let one = entered(&town, "s1").await;
        let two = entered(&town, "s2").await;
        let listed = case::list(town.house(), &two, DESK).await.expect("listed");
        assert_eq!(listed.len(), 1);
        let summary = listed[0].summary.clone().expect("open");
        assert_eq!((summary.number.as_str(), summary.begins.as_str()), (number.as_str(), "となりの工事の音"));
        let codes: Vec<&str> = summary.clocks.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, ["first_action", "closing"]);
        let id = listed[0].clear.id.clone();
        // The one who called reads and writes with the receipt, as anywhere.
        let reporter = report::unlock(town.house(), receipt).await.expect("opened");
        let said = What::Said { words: "夜もうるさい".into() };
        report::say(town.house(), town.rng().as_mut(), &reporter, said).await.expect("said");
        let talk = vec![What::Said { words: "きょう現場を見ます".into() }, What::FirstAction { done: "現場を見た".into() }];
        town.write(&two, &id, talk).await.expect("written");
        assert_eq!(report::read(town.house(), &reporter).await.expect("read").entries.len(), 3);
        let over = HandOver { from: "s1", to: "s2", note: "現場を見た人へ", until: None };
        let over = handover::hand_over_all(town.house(), town.rng().as_mut(), &one, std::slice::from_ref(&id), over).await;
        assert_eq!(over.expect("handed over").done, std::slice::from_ref(&id));
        let end = What::Closed { outcome: Outcome::Resolved, why: "防音の囲いがついた".into() };
        let view = town.write(&one, &id, vec![end]).await.expect("closed");
        assert!(!view.clear.is_open);
        assert!(view.file.clocks.iter().all(|clock| !clock.is_open()), "{:?}", view.file.clocks);
        let chain = town.chain("case.").await;
        assert!(chain.iter().any(|line| line == "account:s2 case.write entry"), "who wrote stands in the chain: {chain:?}");
    }

    async fn only_who_has_the_role_enters(test: TestDb) {
        let town = town(test).await;
        report::begin(town.house(), town.rng(), new("ことば")).await.expect("begun");
        for account in ["c1", "nobody", "admin"] {
            assert!(matches!(desk_key::enter(town.house(), account, DESK).await, Err(CaseError::NotFound)), "{account}");
        }
        // Nobody enters a desk whose cases are sealed to their readers.
        assert!(matches!(desk_key::enter(town.house(), "c1", BULLYING).await, Err(CaseError::NotFound)));
        // The key of one's own opens nothing of it.
        let own = town.unlocked("c3").await;
        assert!(case::list(town.house(), &own, DESK).await.expect("listed").is_empty());
        let one = entered(&town, "s1").await;
        let id = case::list(town.house(), &one, DESK).await.expect("listed")[0].clear.id.clone();
        assert!(matches!(case::view(town.house(), &own, &id).await, Err(CaseError::NotFound)));
        // Nor does the desk's key open what is sealed.
        town.told("だれにも言えない").await;
        assert!(case::list(town.house(), &one, BULLYING).await.expect("listed").is_empty());
        // Leaving ends it at once.
        member::leave(town.house(), "account:admin", DESK, "s2", DeskRole::Consultant).await.expect("left");
        assert!(matches!(desk_key::enter(town.house(), "s2", DESK).await, Err(CaseError::NotFound)));
    }

    async fn the_wall_holds_here_too(test: TestDb) {
        let town = town(test).await;
        let (receipt, _) = report::begin(town.house(), town.rng(), new("課の対応について")).await.expect("begun");
        let id = report::unlock(town.house(), receipt).await.expect("opened").case;
        let (one, two, three) = (entered(&town, "s1").await, entered(&town, "s2").await, entered(&town, "c3").await);
        case::view(town.house(), &three, &id).await.expect("seen before");
        let party = |account: Option<&str>, section: Option<&str>| {
            What::Party(Party {
                id: format!("{account:?}{section:?}"),
                role: Role::Accused,
                name: "担当".into(),
                school: String::new(),
                account: account.map(Into::into),
                section: section.map(Into::into),
            })
        };
        let refused = town.write(&one, &id, vec![party(Some("s1"), None)]).await.expect_err("oneself").to_string();
        assert!(refused.contains("あなた自身"), "{refused}");
        town.write(&one, &id, vec![party(Some("s2"), None), party(None, Some("school"))]).await.expect("written");
        for walled in [&two, &three] {
            assert!(matches!(case::view(town.house(), walled, &id).await, Err(CaseError::NotFound)));
            assert!(case::list(town.house(), walled, DESK).await.expect("listed").is_empty());
        }
        let left = readers::of_case(town.house(), &one, &id).await.expect("readers");
        assert_eq!(left.iter().map(|reader| reader.account.as_str()).collect::<Vec<_>>(), ["s1"]);
        assert_eq!(case::readers(town.house(), &one, &id).await.expect("readers"), ["s1"]);
        // Nobody on the wall takes it over.
        let refused = town
            .write(&one, &id, vec![What::HandedOver { to: "s2".into(), note: "よろしく".into(), until: None }])
            .await;
        assert!(matches!(refused, Err(CaseError::Field { field: "to", .. })), "{refused:?}");
    }

    async fn what_needs_keys_of_single_readers_is_refused(test: TestDb) {
        let town = town(test).await;
        let (receipt, _) = report::begin(town.house(), town.rng(), new("ことば")).await.expect("begun");
        let id = report::unlock(town.house(), receipt).await.expect("opened").case;
        let one = entered(&town, "s1").await;
        let added = case::add_reader(town.house(), town.rng().as_mut(), &one, &id, "s2").await;
        let removed = case::remove_reader(town.house(), town.rng().as_mut(), &one, &id, "s2").await;
        for refused in [added, removed] {
            assert!(refused.expect_err("refused").to_string().contains("みな読みます"));
        }
        let background =
            Background { child: Child::Victim, matters: vec![Matter::Poverty], words: "家庭のこと".into() };
        let seen = town.version(&one, &id).await;
        let refused = welfare::write(town.house(), town.rng().as_mut(), &one, &id, seen, background).await;
        assert!(refused.expect_err("refused").to_string().contains("読む人をかぎれる窓口"));
        assert_eq!(town.version(&one, &id).await, seen, "nothing was written");
    }

    async fn whoever_reads_here_takes_no_part_from_outside(test: TestDb) {
        let town = town(test).await;
        let (receipt, _) = report::begin(town.house(), town.rng(), new("ことば")).await.expect("begun");
        let id = report::unlock(town.house(), receipt).await.expect("opened").case;
        let one = entered(&town, "s1").await;
        for account in ["c3", "p1"] {
            member::join(town.house(), "account:admin", DESK, account, DeskRole::Partner, "理由").await.expect("joined");
        }
        member::make_key(town.house(), town.rng(), "p1", "p1", crate::town::PASSPHRASE).await.expect("a key");
        let seen = town.version(&one, &id).await;
        let invite = crate::town::invite("c3", PartnerKind::Welfare);
        let refused = participant::invite(town.house(), town.rng().as_mut(), &one, &id, seen, invite).await;
        assert!(matches!(refused, Err(CaseError::Field { field: "account", .. })), "{refused:?}");
        // Somebody from outside, with a key of their own, does, and reads what they are told.
        let part = town.invited(&one, &id, "p1").await;
        town.disclosed(&one, &id, &part, &[crate::town::item("音", "夜の工事")]).await.expect("disclosed");
        let partner = town.unlocked("p1").await;
        let seen = partner::read(town.house(), &partner, &id).await.expect("read");
        assert_eq!(seen.disclosures.len(), 1);
        assert!(matches!(case::view(town.house(), &partner, &id).await, Err(CaseError::NotFound)));
        // The desk's key is not theirs.
        assert!(partner::cases(town.house(), &one).await.expect("read").is_empty());
    }

    async fn a_desk_does_not_change_hands(test: TestDb) {
        let mut town = town(test).await;
        report::begin(town.house(), town.rng(), new("ことば")).await.expect("begun");
        // Again, it changes nothing.
        desk_key::prepare(town.house(), town.rng().as_mut()).await.expect("prepared");
        entered(&town, "s1").await;
        let mut sealed = kind();
        sealed.keeper = Keeper::Readers;
        town.kinds = Kinds::new(vec![sealed]).expect("kinds");
        let refused = desk_key::prepare(town.house(), town.rng().as_mut()).await.expect_err("refused");
        assert!(refused.to_string().contains("kept by the house"), "{refused}");
        // A key that is lost is not made anew beside cases that want the old one.
        town.kinds = Kinds::new(vec![kind()]).expect("kinds");
        town.outer = Default::default();
        let refused = desk_key::prepare(town.house(), town.rng().as_mut()).await.expect_err("refused");
        assert!(refused.to_string().contains("its key is lost"), "{refused}");
    }

    async fn the_database_holds_no_word_of_it(test: TestDb) {
        let town = town(test).await;
        let secret = "むらさきの表札の家の音";
        report::begin(town.house(), town.rng(), new(secret)).await.expect("begun");
        let one = entered(&town, "s1").await;
        assert_eq!(case::list(town.house(), &one, DESK).await.expect("listed").len(), 1);
        for sql in ["SELECT body FROM case_record", "SELECT body FROM case_summary"] {
            let rows = town.rows(sql).await;
            assert!(!rows.is_empty(), "{sql}");
            for row in rows {
                let bytes: Vec<u8> = row.get("body").expect("bytes");
                assert!(!bytes.windows(9).any(|part| secret.as_bytes().windows(9).any(|own| own == part)));
            }
        }
    }
}
