//! People from outside: they see what was disclosed to them, and nothing else.

use std::time::Duration;

use calendar::{Clock, Date, Instant};
use casework::case::{self, BULLYING};
use casework::entry::{Consent, Party, ReferralState, Role, What, Wishes};
use casework::member::{self, DeskRole};
use casework::participant::{self, Invite, Item, PartnerKind};
use casework::partner::{self, PartnerCase};
use casework::recommendation::{self, RecommendationKind, RecommendationState, Recommended};
use casework::{CaseError, Kind, Unlocked, clock, report};
use testkit::on_both_engines;

use crate::town::{Town, invite, item};

async fn invites(town: &Town, who: &Unlocked, case: &str, invite: Invite<'_>) -> casework::Result<String> {
    let seen = town.version(who, case).await;
    Ok(participant::invite(town.house(), town.rng().as_mut(), who, case, seen, invite).await?.1)
}

async fn read(town: &Town, who: &Unlocked, case: &str) -> casework::Result<PartnerCase> {
    partner::read(town.house(), who, case).await
}

async fn withdraw(town: &Town, who: &Unlocked, case: &str, what: &str, reason: &str) -> casework::Result<case::View> {
    let seen = town.version(who, case).await;
    participant::withdraw(town.house(), town.rng().as_mut(), who, case, seen, (what, reason)).await
}

async fn uninvite(town: &Town, who: &Unlocked, case: &str, id: &str) -> casework::Result<case::View> {
    let seen = town.version(who, case).await;
    participant::uninvite(town.house(), town.rng().as_mut(), who, case, seen, (id, "役目が終わった")).await
}

fn told(seen: &PartnerCase) -> Vec<(&str, &str)> {
    seen.disclosures.iter().map(|told| (told.disclosed.title.as_str(), told.disclosed.words.as_str())).collect()
}

fn note(text: &str) -> What {
    What::Note { words: text.into() }
}

pub(crate) fn wish(school_may_know: Consent) -> What {
    What::Wished(Wishes { school_may_know, ..Wishes::default() })
}

pub(crate) fn party(account: Option<&str>, section: Option<&str>) -> What {
    What::Party(Party {
        id: "p".into(),
        role: Role::Accused,
        name: "職員".into(),
        school: String::new(),
        account: account.map(str::to_owned),
        section: section.map(str::to_owned),
    })
}

fn referred(id: &str, participant: &str) -> What {
    What::Referred {
        id: id.into(),
        to: "こども家庭課".into(),
        reaches_school: false,
        purpose: "訪問の依頼".into(),
        consent: "保護者、電話で".into(),
        participant: Some(participant.into()),
    }
}

fn recommended(id: &str, participant: Option<&str>, answer_by: Option<Date>) -> What {
    What::Recommended(Recommended {
        id: id.into(),
        kind: RecommendationKind::Recommendation,
        to: "東小学校長".into(),
        participant: participant.map(str::to_owned),
        words: "座席を替えること".into(),
        answer_by,
    })
}

pub(crate) fn not_found<T: std::fmt::Debug>(outcome: casework::Result<T>) {
    assert!(matches!(outcome, Err(CaseError::NotFound)), "{outcome:?}");
}

pub(crate) fn refused<T: std::fmt::Debug>(outcome: casework::Result<T>) {
    assert!(matches!(outcome, Err(CaseError::Rule(_) | CaseError::Field { .. })), "{outcome:?}");
}

on_both_engines! {
    async fn a_participant_sees_what_was_disclosed_and_nothing_else(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1", "p2"]).await;
        let (_, child) = town.told("体育館のうらで、いつも").await;
        let (_, other) = town.told("ほかの話").await;
        let desk = town.unlocked("c1").await;
        let view = town.write(&desk, &child.case, vec![note("加害児童の家のこと"), note("電話の記録")]).await.expect("written");
        let (one, two) = (town.unlocked("p1").await, town.unlocked("p2").await);
        let (first, second) = (town.invited(&desk, &child.case, "p1").await, town.invited(&desk, &child.case, "p2").await);
        let picked = |words: &str| view.file.entries.iter().find(|e| e.entry.what.text() == Some(words)).expect("there").id.clone();
        let items = [
            Item { from_entry: Some(picked("電話の記録")), title: "電話".into(), words: None },
            Item { from_entry: Some(picked("加害児童の家のこと")), title: "家".into(), words: Some("○○の家のこと".into()) },
        ];
        town.disclosed(&desk, &child.case, &first, &items).await.expect("disclosed");
        let seen = read(&town, &one, &child.case).await.expect("read");
        assert_eq!(told(&seen), [("電話", "電話の記録"), ("家", "○○の家のこと")]);
        assert_eq!((seen.purpose.as_str(), seen.consent.as_str(), seen.kind), ("家庭の支援を考える", "保護者、11月20日、面談で", PartnerKind::Welfare));
        let shown = format!("{seen:?}");
        for secret in ["体育館", "加害児童", "いじめ-", "東小学校"] {
            assert!(!shown.contains(secret), "{secret}");
        }
        // Each has a ring of their own, and none is a reader of the case or of another.
        assert!(told(&read(&town, &two, &child.case).await.expect("read")).is_empty());
        not_found(read(&town, &one, &other.case).await);
        for who in [&one, &two] {
            not_found(case::view(town.house(), who, &child.case).await);
            not_found(case::add(town.house(), town.rng().as_mut(), who, &child.case, view.clear.version, vec![note("x")]).await);
            assert!(case::list(town.house(), who, BULLYING).await.expect("listed").is_empty());
        }
        let listed = partner::cases(town.house(), &one).await.expect("listed");
        assert_eq!(listed.iter().map(|seen| seen.case.as_str()).collect::<Vec<_>>(), [child.case.as_str()]);
        // All of the desk see who was told what, also whoever comes later.
        town.join("c4").await;
        case::add_reader(town.house(), town.rng().as_mut(), &desk, &child.case, "c4").await.expect("added");
        for reader in ["c2", "c4"] {
            let file = case::view(town.house(), &town.unlocked(reader).await, &child.case).await.expect("viewed").file;
            assert_eq!(file.participants.iter().map(|p| (p.account.as_str(), p.disclosures.len())).collect::<Vec<_>>(), [("p1", 2), ("p2", 0)]);
            assert!(file.participants[0].sees(&picked("電話の記録")) && !file.participants[1].sees(&picked("電話の記録")));
            let own = file.entries.iter().filter(|placed| placed.whose.as_deref() == Some(first.as_str())).count();
            assert_eq!(own, 3, "the invitation and two disclosures lie in their ring");
        }
        refused(town.disclosed(&desk, &child.case, &second, &[]).await);
        refused(town.disclosed(&desk, &child.case, "nobody", &[item("題", "ことば")]).await);
        // What was picked must be an entry of this case, and have words.
        let opened = view.file.entries.iter().find(|e| matches!(e.entry.what, What::Opened { .. })).expect("opened").id.clone();
        for from in [opened, "00000000-0000-4000-8000-000000000000".into()] {
            refused(town.disclosed(&desk, &child.case, &second, &[Item { from_entry: Some(from), title: "題".into(), words: None }]).await);
        }
        assert!(told(&read(&town, &two, &child.case).await.expect("read")).is_empty());
    }

    async fn only_partners_with_a_key_and_off_the_wall_take_part(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1", "p2", "p3"]).await;
        town.officers(&["o1"]).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        member::join(town.house(), "account:admin", BULLYING, "keyless", DeskRole::Partner, "異動のため").await.expect("joined");
        member::join(town.house(), "account:admin", BULLYING, "c2", DeskRole::Partner, "異動のため").await.expect("joined");
        town.write(&desk, &child.case, vec![party(Some("p2"), Some("school"))]).await.expect("written");
        // No partner, no key, a reader of the case, on the wall by account and by section, nobody.
        for account in ["o1", "keyless", "c2", "p2", "p3", "stranger"] {
            refused(invites(&town, &desk, &child.case, invite(account, PartnerKind::Police)).await);
        }
        for bad in [
            Invite { consent: " ", ..invite("p1", PartnerKind::Police) },
            Invite { purpose: " ", ..invite("p1", PartnerKind::Police) },
        ] {
            refused(invites(&town, &desk, &child.case, bad).await);
        }
        let rings = "SELECT count(*) AS n FROM case_ring WHERE kind = 'partner'";
        assert_eq!(town.number(rings).await, 0, "nothing of it stays");
        town.invited(&desk, &child.case, "p1").await;
        refused(invites(&town, &desk, &child.case, invite("p1", PartnerKind::Lawyer)).await);
        assert_eq!(town.number(rings).await, 1);
        // Whoever takes part is made no reader, though they may work at the desk too.
        member::join(town.house(), "account:admin", BULLYING, "p1", DeskRole::Consultant, "異動のため").await.expect("joined");
        refused(case::add_reader(town.house(), town.rng().as_mut(), &desk, &child.case, "p1").await);
        let mut tx = town.test.db.read().await.expect("read");
        assert_eq!(participant::candidates(&mut tx, BULLYING).await.expect("read"), ["c2", "p1", "p2", "p3"]);
    }

    async fn nobody_of_the_school_takes_part_without_a_yes(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1", "p2", "p3"]).await;
        let (_, child) = town.told("親にも先生にも言わないで").await;
        let desk = town.unlocked("c1").await;
        let reaching = Invite { reaches_school: true, ..invite("p2", PartnerKind::Other) };
        for said in [None, Some(Consent::No), Some(Consent::Unsaid)] {
            if let Some(said) = said {
                report::say(town.house(), town.rng().as_mut(), &child, wish(said)).await.expect("said");
            }
            for asked in [invite("p1", PartnerKind::School), invite("p1", PartnerKind::BoardOfEducation), reaching] {
                refused(invites(&town, &desk, &child.case, asked).await);
            }
            refused(town.write(&desk, &child.case, vec![recommended("r", None, None)]).await);
        }
        report::say(town.house(), town.rng().as_mut(), &child, wish(Consent::Yes)).await.expect("said");
        let school = invites(&town, &desk, &child.case, invite("p1", PartnerKind::School)).await.expect("invited");
        invites(&town, &desk, &child.case, reaching).await.expect("invited");
        let police = invites(&town, &desk, &child.case, invite("p3", PartnerKind::Police)).await.expect("invited");
        town.disclosed(&desk, &child.case, &school, &[item("題", "学校に話すこと")]).await.expect("disclosed");
        // Taken back, the yes ends what comes next for the school, and for nobody else.
        report::say(town.house(), town.rng().as_mut(), &child, wish(Consent::No)).await.expect("said");
        refused(town.disclosed(&desk, &child.case, &school, &[item("題", "もう一つ")]).await);
        refused(town.write(&desk, &child.case, vec![referred("r", &school)]).await);
        refused(town.write(&desk, &child.case, vec![recommended("s", Some(&school), None)]).await);
        town.disclosed(&desk, &child.case, &police, &[item("題", "警察に話すこと")]).await.expect("disclosed");
        town.write(&desk, &child.case, vec![referred("r", &police)]).await.expect("referred");
    }

    async fn what_is_taken_back_is_gone_from_their_ring(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let (desk, one) = (town.unlocked("c1").await, town.unlocked("p1").await);
        let id = town.invited(&desk, &child.case, "p1").await;
        let view = town.disclosed(&desk, &child.case, &id, &[item("一", "まちがえて見せた"), item("二", "見せてよい")]).await.expect("disclosed");
        let first = view.file.participants[0].disclosures[0].disclosed.id.clone();
        refused(withdraw(&town, &desk, &child.case, &first, " ").await);
        let view = withdraw(&town, &desk, &child.case, &first, "相手を間違えた").await.expect("withdrawn");
        assert_eq!(told(&read(&town, &one, &child.case).await.expect("read")), [("二", "見せてよい")]);
        // The desk still knows what they had seen, and why it is gone.
        let known = view.file.participants[0].disclosures.iter().find(|known| known.disclosed.id == first).expect("known");
        assert_eq!((known.disclosed.words.as_str(), known.withdrawn.as_ref().map(|(_, why)| why.as_str())), ("まちがえて見せた", Some("相手を間違えた")));
        assert_eq!(view.file.entries.iter().filter(|placed| placed.whose.is_some()).count(), 2, "its row is gone");
        refused(withdraw(&town, &desk, &child.case, &first, "もう一度").await);
        let reread = case::view(town.house(), &town.unlocked("c2").await, &child.case).await.expect("viewed");
        assert_eq!(reread.file.participants, view.file.participants);
    }

    /// Whoever leaves reads nothing any more, and the keys that they had open nothing of what was there.
    async fn whoever_leaves_has_lost_it(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let (desk, one) = (town.unlocked("c1").await, town.unlocked("p1").await);
        let id = town.invited(&desk, &child.case, "p1").await;
        town.disclosed(&desk, &child.case, &id, &[item("題", "見せたこと")]).await.expect("disclosed");
        let old = town.rows("SELECT ring, epoch, reader, public_half, sealed FROM case_grant WHERE reader = 'account:p1'").await;
        let view = uninvite(&town, &desk, &child.case, &id).await.expect("gone");
        assert!(view.file.participants[0].left.is_some());
        not_found(read(&town, &one, &child.case).await);
        not_found(partner::say(town.house(), town.rng().as_mut(), &one, &child.case, "まだいます").await);
        assert!(partner::cases(town.house(), &one).await.expect("listed").is_empty());
        refused(town.disclosed(&desk, &child.case, &id, &[item("題", "あとのこと")]).await);
        refused(uninvite(&town, &desk, &child.case, &id).await);
        let mut tx = town.test.db.write().await.expect("write");
        for row in &old {
            let (ring, epoch, reader): (String, i64, String) = (row.get("ring").expect("text"), row.get("epoch").expect("number"), row.get("reader").expect("text"));
            let (public, sealed): (Vec<u8>, Vec<u8>) = (row.get("public_half").expect("bytes"), row.get("sealed").expect("bytes"));
            tx.execute("INSERT INTO case_grant (ring, epoch, reader, public_half, sealed) VALUES ($1, $2, $3, $4, $5)", store::params![ring, epoch, reader, public, sealed]).await.expect("put back");
        }
        tx.commit().await.expect("commit");
        assert!(!old.is_empty());
        let opened = read(&town, &one, &child.case).await;
        assert!(opened.is_err(), "{opened:?}");
        // They may come again, with a new ring.
        town.invited(&desk, &child.case, "p1").await;
        assert_eq!(case::view(town.house(), &desk, &child.case).await.expect("viewed").file.participants.len(), 2);
    }

    async fn a_wall_takes_the_ring_of_a_participant(t: TestDb) {
        for (what, account) in [(party(Some("p1"), None), "p1"), (party(None, Some("school")), "p3")] {
            let town = Town::found(testkit::TestDb::on(t.engine()).await).await;
            town.partners(&["p1", "p3"]).await;
            let (_, child) = town.told("話").await;
            let (desk, walled) = (town.unlocked("c1").await, town.unlocked(account).await);
            town.invited(&desk, &child.case, account).await;
            read(&town, &walled, &child.case).await.expect("read before");
            let view = town.write(&desk, &child.case, vec![what]).await.expect("written");
            assert!(view.file.participants[0].left.is_some());
            not_found(read(&town, &walled, &child.case).await);
            let held = town.rows("SELECT reader FROM case_grant").await;
            assert!(held.iter().all(|row| row.get::<String>("reader").expect("text") != format!("account:{account}")));
            town.test.close().await;
        }
        t.close().await;
    }

    async fn a_removed_reader_loses_the_rings_of_participants(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        town.invited(&desk, &child.case, "p1").await;
        let held = "SELECT count(*) AS n FROM case_grant WHERE reader = 'account:c2'";
        assert_eq!(town.number(held).await, 3);
        case::remove_reader(town.house(), town.rng().as_mut(), &desk, &child.case, "c2").await.expect("removed");
        assert_eq!(town.number(held).await, 0);
        assert_eq!(town.number("SELECT count(*) AS n FROM case_ring WHERE epoch <> 2").await, 0, "each has a new epoch");
        read(&town, &town.unlocked("p1").await, &child.case).await.expect("they read on");
    }

    async fn what_a_participant_says_is_news_and_no_conflict(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let (desk, one) = (town.unlocked("c1").await, town.unlocked("p1").await);
        town.invited(&desk, &child.case, "p1").await;
        let seen = town.version(&desk, &child.case).await;
        let mine = partner::say(town.house(), town.rng().as_mut(), &one, &child.case, " 訪問しました ").await.expect("said");
        assert_eq!(mine.said.iter().map(|said| said.words.as_str()).collect::<Vec<_>>(), ["訪問しました"]);
        refused(partner::say(town.house(), town.rng().as_mut(), &one, &child.case, " ").await);
        let listed = case::list(town.house(), &desk, BULLYING).await.expect("listed");
        assert!(listed[0].clear.has_news);
        let written = case::add(town.house(), town.rng().as_mut(), &desk, &child.case, seen, vec![note("確認")]).await.expect("no conflict");
        assert_eq!(written.file.participants[0].said[0].words, "訪問しました");
        assert!(!case::view(town.house(), &desk, &child.case).await.expect("viewed").clear.has_news);
        // The desk writes nothing in their place, and nothing apart from its steps.
        for what in [What::PartnerSaid { words: "x".into() }, What::Uninvited { id: written.file.participants[0].id.clone(), reason: "x".into() }] {
            refused(town.write(&desk, &child.case, vec![what]).await);
        }
        assert_eq!(town.chain("case.").await.iter().filter(|line| line.contains("p1")).collect::<Vec<_>>(), [
            "account:c1 case.participant-add p1", "account:p1 case.write partner",
        ]);
    }

    async fn a_participant_answers_referrals_to_them(t: TestDb) {
        use ReferralState::{Accepted, Done, InProgress, Rejected, Revoked};
        let town = Town::found(t).await;
        town.partners(&["p1", "p2"]).await;
        let (_, child) = town.told("話").await;
        let (desk, one) = (town.unlocked("c1").await, town.unlocked("p1").await);
        let (first, second) = (town.invited(&desk, &child.case, "p1").await, town.invited(&desk, &child.case, "p2").await);
        town.write(&desk, &child.case, vec![referred("a", &first), referred("b", &first), referred("c", &second)]).await.expect("referred");
        refused(town.write(&desk, &child.case, vec![referred("d", "nobody")]).await);
        let seen = read(&town, &one, &child.case).await.expect("read");
        assert_eq!(seen.referrals.iter().map(|r| (r.id.as_str(), r.purpose.as_str(), r.consent.as_str(), r.state)).collect::<Vec<_>>(), [
            ("a", "訪問の依頼", "保護者、電話で", InProgress), ("b", "訪問の依頼", "保護者、電話で", InProgress),
        ]);
        let moves = async |id: &str, state, reason: &str| {
            partner::move_referral(town.house(), town.rng().as_mut(), &one, &child.case, id, (state, reason)).await
        };
        let by_desk = async |id: &str, state| {
            town.write(&desk, &child.case, vec![What::ReferralMoved { id: id.into(), state, reason: "理由".into() }]).await
        };
        refused(moves("c", Accepted, "").await);
        refused(moves("a", Revoked, "理由").await);
        refused(moves("a", Rejected, " ").await);
        refused(moves("a", Done, "").await);
        for state in [Accepted, Rejected, Done] {
            refused(by_desk("a", state).await);
        }
        moves("a", Accepted, "").await.expect("taken");
        moves("a", Done, "").await.expect("done");
        moves("b", Rejected, "管轄が違う").await.expect("not taken");
        refused(moves("b", Accepted, "").await);
        by_desk("c", Revoked).await.expect("taken back");
        let file = case::view(town.house(), &town.unlocked("c2").await, &child.case).await.expect("viewed").file;
        assert_eq!(file.referrals.iter().map(|r| (r.id.as_str(), r.state, r.reason.as_str())).collect::<Vec<_>>(), [
            ("a", Done, ""), ("b", Rejected, "管轄が違う"), ("c", Revoked, "理由"),
        ]);
        let theirs = read(&town, &town.unlocked("p2").await, &child.case).await.expect("read");
        assert_eq!((theirs.referrals[0].state, theirs.referrals[0].reason.as_str()), (Revoked, "理由"));
    }

    async fn a_recommendation_is_answered_and_its_clock_ends(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let (desk, one) = (town.unlocked("c1").await, town.unlocked("p1").await);
        report::say(town.house(), town.rng().as_mut(), &child, wish(Consent::Yes)).await.expect("said");
        let school = invites(&town, &desk, &child.case, invite("p1", PartnerKind::School)).await.expect("invited");
        let today = town.test.clock.now().jst_date();
        refused(town.write(&desk, &child.case, vec![recommended("z", None, Some(today.yesterday().expect("a day")))]).await);
        let day = Date::constant(2027, 3, 1);
        let end = Instant::from_jst(Date::constant(2027, 3, 2).at(0, 0, 0, 0));
        let view = town.write(&desk, &child.case, vec![recommended("a", Some(&school), Some(day)), recommended("b", None, Some(day)), recommended("c", None, None)]).await.expect("written");
        let due = async || {
            let rows = town.rows("SELECT due_at FROM case_clock").await;
            rows.iter().filter(|row| row.get::<Instant>("due_at").expect("an instant") == end).count()
        };
        assert_eq!(due().await, 2);
        let minute = Duration::from_secs(60);
        let state = |view: &case::View, n: usize, at| view.file.recommendations[n].state_at(at);
        for (at, expected) in [(end.minus(minute), RecommendationState::Open), (end, RecommendationState::Overdue), (end.plus(minute), RecommendationState::Overdue)] {
            assert_eq!(state(&view, 0, at), expected);
            assert_eq!(state(&view, 2, at), RecommendationState::Open, "without a day it is open");
        }
        let answer = async |id: &str, words: &str| partner::answer(town.house(), town.rng().as_mut(), &one, &child.case, id, words).await;
        refused(answer("b", "それは知らない").await);
        refused(answer("a", " ").await);
        assert_eq!(answer("a", "座席を替えました").await.expect("answered").waiting(), 0);
        refused(answer("a", "もう一度").await);
        assert_eq!(due().await, 1, "its clock has ended though the case was not opened");
        let view = town.write(&desk, &child.case, vec![What::RecommendationAnswered { id: "b".into(), words: "文書で回答".into() }]).await.expect("typed in");
        assert_eq!(due().await, 0);
        assert_eq!(state(&view, 0, end), RecommendationState::Answered);
        let kept: Vec<_> = view.file.clocks.iter().filter(|c| c.code == recommendation::CLOCK).map(|c| c.was_kept()).collect();
        assert_eq!(kept, [Some(true), Some(true)]);
        assert_eq!(clock::name(&Kind::bullying(), recommendation::CLOCK), recommendation::CLOCK_NAME);
        refused(town.write(&desk, &child.case, vec![What::RecommendationAnswered { id: "b".into(), words: "二度".into() }]).await);
        refused(town.write(&desk, &child.case, vec![What::ClockPaused { clock: recommendation::CLOCK.into(), reason: "待つ".into() }]).await);
    }

    /// Two consultants at once: the one who did not see the other's change is told, whatever they write.
    async fn nothing_goes_outside_over_anothers_change(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1", "p2"]).await;
        let (_, child) = town.told("話").await;
        let (desk, two) = (town.unlocked("c1").await, town.unlocked("c2").await);
        let id = town.invited(&desk, &child.case, "p1").await;
        let seen = town.version(&desk, &child.case).await;
        town.disclosed(&two, &child.case, &id, &[item("題", "もう見せた")]).await.expect("disclosed");
        let (house, case) = (town.house(), child.case.as_str());
        let changed = |outcome: casework::Result<()>| assert!(matches!(outcome, Err(CaseError::Changed)), "{outcome:?}");
        changed(participant::disclose(house, town.rng().as_mut(), &desk, case, seen, (&id, &[item("題", "二度目")])).await.map(|_| ()));
        changed(participant::invite(house, town.rng().as_mut(), &desk, case, seen, invite("p2", PartnerKind::Police)).await.map(|_| ()));
        changed(participant::uninvite(house, town.rng().as_mut(), &desk, case, seen, (&id, "終わり")).await.map(|_| ()));
        changed(participant::withdraw(house, town.rng().as_mut(), &desk, case, seen, ("x", "理由")).await.map(|_| ()));
    }

    /// At the end nothing more goes outside, and what is outside can be taken back.
    async fn a_closed_case_tells_nothing_more(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let (desk, one) = (town.unlocked("c1").await, town.unlocked("p1").await);
        let id = town.invited(&desk, &child.case, "p1").await;
        let view = town.disclosed(&desk, &child.case, &id, &[item("題", "見せた")]).await.expect("disclosed");
        let closed = What::Closed { outcome: casework::entry::Outcome::Withdrawn, why: "希望".into() };
        town.write(&desk, &child.case, vec![referred("a", &id), closed]).await.expect("closed");
        assert!(!read(&town, &one, &child.case).await.expect("read").is_open);
        refused(town.disclosed(&desk, &child.case, &id, &[item("題", "あとから")]).await);
        refused(partner::move_referral(town.house(), town.rng().as_mut(), &one, &child.case, "a", (ReferralState::Accepted, "")).await);
        partner::say(town.house(), town.rng().as_mut(), &one, &child.case, "終わったのですか").await.expect("words always");
        withdraw(&town, &desk, &child.case, &view.file.participants[0].disclosures[0].disclosed.id, "終わった").await.expect("withdrawn");
        uninvite(&town, &desk, &child.case, &id).await.expect("gone");
    }

    /// Officers who open a case read what its participants were told too, or write nothing in it.
    async fn the_glass_opens_the_rings_of_participants(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1", "p2"]).await;
        town.officers(&["o1", "o2"]).await;
        let (_, child) = town.told("話").await;
        town.officers(&["o3"]).await;
        let desk = town.unlocked("c1").await;
        report::say(town.house(), town.rng().as_mut(), &child, wish(Consent::Yes)).await.expect("said");
        let id = invites(&town, &desk, &child.case, invite("p1", PartnerKind::School)).await.expect("invited");
        let day = Some(Date::constant(2027, 3, 1));
        town.write(&desk, &child.case, vec![recommended("a", Some(&id), day)]).await.expect("written");
        assert_eq!(town.number("SELECT count(*) AS n FROM case_glass WHERE officer = 'o3'").await, 0, "all of a case or nothing");
        let (one, two) = (town.unlocked("o1").await, town.unlocked("o2").await);
        let request = casework::glass::ask(town.house(), town.rng().as_mut(), &one, &child.case, "o2", "だれもいない").await.expect("asked");
        casework::glass::agree(town.house(), town.rng().as_mut(), &two, &request).await.expect("agreed");
        let clocks = "SELECT count(*) AS n FROM case_clock";
        let before = town.number(clocks).await;
        let view = town.write(&one, &child.case, vec![note("読みました")]).await.expect("written");
        assert_eq!((view.file.recommendations.len(), town.number(clocks).await), (1, before));
        // Whoever comes to take part later is known to them too.
        town.invited(&desk, &child.case, "p2").await;
        assert_eq!(case::view(town.house(), &one, &child.case).await.expect("viewed").file.participants.len(), 2);
        // Without one of the rings they would make the case forget it.
        let mut tx = town.test.db.write().await.expect("write");
        let sql = "DELETE FROM case_grant WHERE reader = 'account:o1' AND ring IN (SELECT id FROM case_ring WHERE kind = 'partner')";
        tx.execute(sql, store::params![]).await.expect("deleted");
        tx.commit().await.expect("commit");
        refused(town.write(&one, &child.case, vec![note("もう一つ")]).await);
        refused(case::hold(town.house(), town.rng().as_mut(), &one, &child.case, true, "理由").await);
    }

    /// Whoever holds the ring of a participant alone does nothing that a reader of the case does.
    async fn a_participant_is_no_reader(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        town.officers(&["o1", "o2"]).await;
        let (_, child) = town.told("話").await;
        let (desk, one) = (town.unlocked("c1").await, town.unlocked("p1").await);
        let id = town.invited(&desk, &child.case, "p1").await;
        let (house, case) = (town.house(), child.case.as_str());
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = casework::attachment::FolderBlobs::open(folder.path()).expect("opened");
        let file = (casework::entry::Shown::Case, "x.txt");
        not_found(casework::attachment::begin(house, town.rng().as_mut(), &blobs, &one, case, file).await.map(|_| ()));
        not_found(casework::glass::refresh(house, town.rng().as_mut(), &one, case).await);
        not_found(case::add_reader(house, town.rng().as_mut(), &one, case, "p1").await);
        not_found(case::remove_reader(house, town.rng().as_mut(), &one, case, "c2").await);
        not_found(case::readers(house, &one, case).await);
        not_found(case::hold(house, town.rng().as_mut(), &one, case, true, "理由").await);
        let seen = town.version(&desk, case).await;
        not_found(participant::disclose(house, town.rng().as_mut(), &one, case, seen, (&id, &[item("題", "自分で")])).await);
        not_found(participant::uninvite(house, town.rng().as_mut(), &one, case, seen, (&id, "理由")).await);
    }
}
