//! Conferences: who may see what, and what comes of them. And support that a family asks for.

use calendar::Clock;
use casework::case;
use casework::conference::{self, Attendee, Conference, ConferenceKind, Decision, Held, Judgement, Whom};
use casework::entry::{Consent, What, Wishes};
use casework::participant::{self, PartnerKind};
use casework::partner;
use casework::support::{SupportAsk, SupportKind, SupportMove, SupportState};
use casework::{CaseError, Unlocked, report};
use testkit::on_both_engines;

use crate::town::{Town, invite};

fn attendee(whom: Whom, may_see: &[&str]) -> Attendee {
    Attendee { whom, reaches_school: false, may_see: may_see.iter().map(|id| (*id).to_owned()).collect() }
}

fn meeting(town: &Town, kind: ConferenceKind, attendees: Vec<Attendee>) -> Conference {
    Conference {
        id: String::new(),
        kind,
        starts_at: town.test.clock.now(),
        place: "第二会議室".into(),
        agenda: vec!["これからの見守り".into()],
        attendees,
    }
}

async fn plan(
    town: &Town,
    who: &Unlocked,
    case: &str,
    what: Conference,
    words: &[(String, String)],
) -> casework::Result<(case::View, String)> {
    let seen = town.version(who, case).await;
    conference::plan(town.house(), town.rng().as_mut(), who, case, seen, (what, words)).await
}

async fn hold(town: &Town, who: &Unlocked, case: &str, held: Held, to: &[String]) -> casework::Result<case::View> {
    let seen = town.version(who, case).await;
    conference::hold(town.house(), town.rng().as_mut(), who, case, seen, (held, to)).await
}

fn held(id: &str) -> Held {
    Held { id: id.into(), minutes: "話し合いの記録".into(), decisions: vec![], judgement: None }
}

fn refused<T: std::fmt::Debug>(outcome: casework::Result<T>) {
    assert!(matches!(outcome, Err(CaseError::Rule(_) | CaseError::Field { .. })), "{outcome:?}");
}

on_both_engines! {
    async fn participants_are_told_what_they_may_see(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1", "p2"]).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        let view = town.write(&desk, &child.case, vec![What::Note { words: "見せる記録".into() }, What::Note { words: "見せない記録".into() }]).await.expect("written");
        let id = |words: &str| view.file.entries.iter().find(|e| e.entry.what.text() == Some(words)).expect("there").id.clone();
        let (shown, secret) = (id("見せる記録"), id("見せない記録"));
        let (first, second) = (town.invited(&desk, &child.case, "p1").await, town.invited(&desk, &child.case, "p2").await);
        let attendees = vec![
            attendee(Whom::Participant(first.clone()), &[&shown]),
            attendee(Whom::Account("c2".into()), &[&secret]),
            attendee(Whom::Named("民生委員".into()), &[]),
        ];
        let masked = [(shown.clone(), "○○の記録".to_owned())];
        let (view, meeting_id) = plan(&town, &desk, &child.case, meeting(&town, ConferenceKind::Case, attendees), &masked).await.expect("planned");
        assert!(view.file.participants[0].sees(&shown) && !view.file.participants[0].sees(&secret));
        let seen = async |account: &str| partner::read(town.house(), &town.unlocked(account).await, &child.case).await.expect("read");
        let one = seen("p1").await;
        assert_eq!(one.disclosures.iter().map(|told| told.disclosed.words.as_str()).collect::<Vec<_>>(), ["○○の記録"]);
        assert_eq!(one.conferences.iter().map(|told| (told.place.as_str(), told.agenda[0].as_str(), told.is_off)).collect::<Vec<_>>(), [("第二会議室", "これからの見守り", false)]);
        for hidden in ["民生委員", "\"c2\"", "見せない"] {
            assert!(!format!("{one:?}").contains(hidden), "{hidden}");
        }
        assert!(seen("p2").await.conferences.is_empty());
        // Planned otherwise, the second comes in the place of the first, who is told; what they saw they keep.
        let mut other = view.file.conferences[0].conference.clone();
        assert_eq!(other.id, meeting_id);
        other.attendees[0] = attendee(Whom::Participant(second.clone()), &[&shown]);
        other.place = "第三会議室".into();
        let version = town.version(&desk, &child.case).await;
        let view = conference::change(town.house(), town.rng().as_mut(), &desk, &child.case, version, (other.clone(), &masked)).await.expect("changed");
        assert_eq!((view.file.conferences.len(), view.file.conferences[0].changes, view.file.conferences[0].conference.place.as_str()), (1, 1, "第三会議室"));
        assert!(seen("p1").await.conferences[0].is_off && seen("p1").await.disclosures.len() == 1);
        assert_eq!((seen("p2").await.conferences[0].place.as_str(), seen("p2").await.disclosures.len()), ("第三会議室", 1));
        // Told again of the same entry, nobody sees it twice.
        let version = town.version(&desk, &child.case).await;
        conference::change(town.house(), town.rng().as_mut(), &desk, &child.case, version, (other, &masked)).await.expect("changed");
        assert_eq!(seen("p2").await.disclosures.len(), 1);
        // Minutes go to those whom the desk ticks, of those who came.
        refused(hold(&town, &desk, &child.case, held(&meeting_id), std::slice::from_ref(&first)).await);
        hold(&town, &desk, &child.case, held(&meeting_id), &[second]).await.expect("held");
        assert_eq!(seen("p2").await.conferences[0].minutes.as_deref(), Some("話し合いの記録"));
        assert_eq!(seen("p1").await.conferences[0].minutes, None);
    }

    async fn minutes_stay_inside_unless_they_are_ticked(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        let to = town.invited(&desk, &child.case, "p1").await;
        let (_, id) = plan(&town, &desk, &child.case, meeting(&town, ConferenceKind::Judgement, vec![attendee(Whom::Participant(to), &[])]), &[]).await.expect("planned");
        let outcome = Held {
            decisions: vec![Decision { words: "面談する".into(), owner: Some("c2".into()) }, Decision { words: "様子を見る".into(), owner: None }],
            judgement: Some(Judgement { is_bullying: true, why: "続いている".into() }),
            ..held(&id)
        };
        let view = hold(&town, &desk, &child.case, outcome.clone(), &[]).await.expect("held");
        assert_eq!(view.file.tasks.iter().map(|task| (task.todo.as_str(), task.owner.as_deref())).collect::<Vec<_>>(), [("面談する", Some("c2"))]);
        assert_eq!(view.file.judged, Some(true));
        assert!(view.file.clocks.iter().any(|clock| clock.code == "judgement" && clock.was_kept() == Some(true)));
        let seen = partner::read(town.house(), &town.unlocked("p1").await, &child.case).await.expect("read");
        assert!(!format!("{seen:?}").contains("話し合い") && !format!("{seen:?}").contains("続いている"));
        refused(hold(&town, &desk, &child.case, outcome, &[]).await);
    }

    async fn a_conference_that_may_not_be_leaves_nothing(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        let before = town.number("SELECT count(*) AS n FROM case_record").await;
        let named = || attendee(Whom::Named("校長".into()), &[]);
        let planning = async |what: Conference| plan(&town, &desk, &child.case, what, &[]).await;
        let case_meeting = |attendees| meeting(&town, ConferenceKind::Case, attendees);
        refused(planning(case_meeting(vec![])).await);
        refused(planning(Conference { agenda: vec![" ".into()], ..case_meeting(vec![named()]) }).await);
        refused(planning(Conference { place: " ".into(), ..case_meeting(vec![named()]) }).await);
        refused(planning(case_meeting(vec![attendee(Whom::Participant("nobody".into()), &[])])).await);
        refused(planning(case_meeting(vec![attendee(Whom::Named("校長".into()), &["no-entry"])])).await);
        // The school comes only with a yes.
        refused(planning(case_meeting(vec![Attendee { reaches_school: true, ..named() }])).await);
        refused(town.write(&desk, &child.case, vec![What::ConferencePlanned(case_meeting(vec![named()]))]).await);
        refused(hold(&town, &desk, &child.case, held("none"), &[]).await);
        assert_eq!(town.number("SELECT count(*) AS n FROM case_record").await, before, "nothing of it stays");
        let (_, id) = planning(case_meeting(vec![named()])).await.expect("planned");
        let judged = Held { judgement: Some(Judgement { is_bullying: true, why: "理由".into() }), ..held(&id) };
        refused(hold(&town, &desk, &child.case, judged, &[]).await);
        refused(hold(&town, &desk, &child.case, Held { decisions: vec![Decision { words: " ".into(), owner: None }], ..held(&id) }, &[]).await);
        refused(hold(&town, &desk, &child.case, Held { minutes: " ".into(), ..held(&id) }, &[]).await);
    }

    /// A yes that is taken back ends what comes next, but not the word that they need not come.
    async fn the_school_is_uninvited_when_the_yes_is_taken_back(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        let wish = |school_may_know| What::Wished(Wishes { school_may_know, ..Wishes::default() });
        report::say(town.house(), town.rng().as_mut(), &child, wish(Consent::Yes)).await.expect("said");
        let version = town.version(&desk, &child.case).await;
        let (_, school) = participant::invite(town.house(), town.rng().as_mut(), &desk, &child.case, version, invite("p1", PartnerKind::School)).await.expect("invited");
        let comes = vec![attendee(Whom::Participant(school.clone()), &[]), attendee(Whom::Account("c2".into()), &[])];
        let (view, id) = plan(&town, &desk, &child.case, meeting(&town, ConferenceKind::Case, comes), &[]).await.expect("planned");
        report::say(town.house(), town.rng().as_mut(), &child, wish(Consent::No)).await.expect("said");
        let mut other = view.file.conferences[0].conference.clone();
        let changing = async |what: Conference| {
            let version = town.version(&desk, &child.case).await;
            conference::change(town.house(), town.rng().as_mut(), &desk, &child.case, version, (what, &[])).await
        };
        refused(changing(other.clone()).await);
        refused(hold(&town, &desk, &child.case, held(&id), &[school]).await);
        other.attendees.remove(0);
        changing(other).await.expect("without them");
        let seen = partner::read(town.house(), &town.unlocked("p1").await, &child.case).await.expect("read");
        assert!(seen.conferences[0].is_off);
    }

    async fn support_goes_its_way(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        let asked = What::SupportAsked(SupportAsk { id: "s".into(), kind: SupportKind::LawyerFee, words: "相談料".into(), amount_yen: Some(33_000) });
        let moved = |state, amount_yen| What::SupportMoved(SupportMove { id: "s".into(), state, reason: String::new(), amount_yen });
        refused(town.write(&desk, &child.case, vec![moved(SupportState::Examining, None)]).await);
        town.write(&desk, &child.case, vec![asked.clone(), moved(SupportState::Examining, None)]).await.expect("written");
        refused(town.write(&desk, &child.case, vec![asked]).await);
        refused(town.write(&desk, &child.case, vec![moved(SupportState::Paid, Some(33_000))]).await);
        refused(town.write(&desk, &child.case, vec![moved(SupportState::Refused, None)]).await);
        let view = town.write(&desk, &child.case, vec![moved(SupportState::Granted, Some(30_000)), moved(SupportState::Paid, None)]).await.expect("written");
        let support = &view.file.supports[0];
        assert_eq!((support.state, support.granted_yen, support.paid_yen), (SupportState::Paid, Some(30_000), Some(30_000)));
    }
}
