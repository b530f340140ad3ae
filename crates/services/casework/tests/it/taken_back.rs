//! What is called off or taken back, and what stands in the list after somebody from outside answered.

use calendar::{Clock, Date};
use casework::case::{self, BULLYING};
use casework::conference::{self, Attendee, Conference, ConferenceKind, Held, Whom};
use casework::entry::{Consent, What, Wishes};
use casework::participant::{self, PartnerKind};
use casework::recommendation::{self, RecommendationKind, RecommendationState, Recommended};
use casework::report::Reporter;
use casework::{CaseError, partner, report, triage};
use testkit::on_both_engines;

use crate::town::{Town, invite};

fn refused<T: std::fmt::Debug>(outcome: casework::Result<T>) {
    assert!(matches!(outcome, Err(CaseError::Rule(_) | CaseError::Field { .. })), "{outcome:?}");
}

fn recommended(id: &str, participant: Option<&str>, answer_by: Option<Date>) -> What {
    What::Recommended(Recommended {
        id: id.into(),
        kind: RecommendationKind::Request,
        to: "校長".into(),
        participant: participant.map(Into::into),
        words: "席を替えてください".into(),
        answer_by,
    })
}

fn off(id: &str, reason: &str) -> What {
    What::RecommendationOff { id: id.into(), reason: reason.into() }
}

/// A case of which the school may know, and in which it takes part by p1.
async fn with_school(town: &Town) -> (Reporter, String) {
    town.partners(&["p1"]).await;
    let (_, child) = town.told("話").await;
    let desk = town.unlocked("c1").await;
    let wish = What::Wished(Wishes { school_may_know: Consent::Yes, ..Wishes::default() });
    report::say(town.house(), town.rng().as_mut(), &child, wish).await.expect("said");
    let (seen, school) = (town.version(&desk, &child.case).await, invite("p1", PartnerKind::School));
    let (house, mut rng) = (town.house(), town.rng());
    let invited = participant::invite(house, rng.as_mut(), &desk, &child.case, seen, school).await;
    (child, invited.expect("invited").1)
}

on_both_engines! {
    async fn a_conference_is_called_off(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1", "p2"]).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        let first = town.invited(&desk, &child.case, "p1").await;
        town.invited(&desk, &child.case, "p2").await;
        let attendee = |whom| Attendee { whom, reaches_school: false, may_see: Vec::new() };
        let plan = Conference {
            id: String::new(),
            kind: ConferenceKind::Case,
            starts_at: town.test.clock.now(),
            place: "第二会議室".into(),
            agenda: vec!["見守り".into()],
            attendees: vec![attendee(Whom::Participant(first.clone())), attendee(Whom::Account("c2".into()))],
        };
        let seen = town.version(&desk, &child.case).await;
        let (_, id) = conference::plan(town.house(), town.rng().as_mut(), &desk, &child.case, seen, (plan, &[])).await.expect("planned");
        let call_off = async |version: i64, id: &str, reason: &str| {
            conference::call_off(town.house(), town.rng().as_mut(), &desk, &child.case, version, (id, reason)).await
        };
        let seen = town.version(&desk, &child.case).await;
        refused(call_off(seen, &id, " ").await);
        refused(call_off(seen, "nothing", "理由").await);
        assert!(matches!(call_off(seen - 1, &id, "理由").await, Err(CaseError::Changed)));
        let view = call_off(seen, &id, "学校の都合がつかない").await.expect("called off");
        let known = &view.file.conferences[0];
        assert!(!known.is_ahead());
        assert_eq!(known.off.as_ref().map(|(_, reason)| reason.as_str()), Some("学校の都合がつかない"));
        let told = partner::read(town.house(), &town.unlocked("p1").await, &child.case).await.expect("read");
        assert!(told.conferences[0].is_off);
        assert!(!format!("{told:?}").contains("都合"), "why is the desk's own matter");
        assert!(partner::read(town.house(), &town.unlocked("p2").await, &child.case).await.expect("read").conferences.is_empty());
        // Nothing goes on with it.
        refused(call_off(view.clear.version, &id, "もう一度").await);
        let again = known.conference.clone();
        refused(conference::change(town.house(), town.rng().as_mut(), &desk, &child.case, view.clear.version, (again, &[])).await);
        let held = Held { id, minutes: "x".into(), decisions: vec![], judgement: None };
        refused(conference::hold(town.house(), town.rng().as_mut(), &desk, &child.case, view.clear.version, (held, &[])).await);
    }

    async fn what_was_held_is_not_called_off_and_nothing_is_past_its_step(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        let plan = Conference {
            id: String::new(),
            kind: ConferenceKind::Case,
            starts_at: town.test.clock.now(),
            place: "窓口".into(),
            agenda: vec!["話".into()],
            attendees: vec![Attendee { whom: Whom::Account("c1".into()), reaches_school: false, may_see: Vec::new() }],
        };
        let seen = town.version(&desk, &child.case).await;
        let (view, id) = conference::plan(town.house(), town.rng().as_mut(), &desk, &child.case, seen, (plan, &[])).await.expect("planned");
        let held = Held { id: id.clone(), minutes: "話した".into(), decisions: vec![], judgement: None };
        let view = conference::hold(town.house(), town.rng().as_mut(), &desk, &child.case, view.clear.version, (held, &[])).await.expect("held");
        refused(conference::call_off(town.house(), town.rng().as_mut(), &desk, &child.case, view.clear.version, (&id, "理由")).await);
        // Not by the way that writes single entries either.
        refused(town.write(&desk, &child.case, vec![What::ConferenceOff { id, reason: "理由".into() }]).await);
    }

    async fn a_recommendation_is_taken_back(t: TestDb) {
        let town = Town::found(t).await;
        let (child, school) = with_school(&town).await;
        let (desk, one) = (town.unlocked("c1").await, town.unlocked("p1").await);
        let day = Some(Date::constant(2027, 3, 1));
        let clocks = "SELECT count(*) AS n FROM case_clock";
        let before = town.number(clocks).await;
        town.write(&desk, &child.case, vec![recommended("a", Some(&school), day), recommended("b", None, day)]).await.expect("written");
        assert_eq!(town.number(clocks).await, before + 2);
        refused(town.write(&desk, &child.case, vec![off("a", " ")]).await);
        refused(town.write(&desk, &child.case, vec![off("nothing", "理由")]).await);
        let view = town.write(&desk, &child.case, vec![off("a", "本人が望まなくなったため"), off("b", "出し直す")]).await.expect("taken back");
        assert_eq!(town.number(clocks).await, before);
        let now = town.test.clock.now();
        assert!(view.file.recommendations.iter().all(|known| known.state_at(now) == RecommendationState::Off && !known.is_open()));
        assert!(view.file.clocks.iter().filter(|clock| clock.code == recommendation::CLOCK).all(|clock| clock.is_void));
        // Whoever it was said to reads why, and has nothing to answer.
        let theirs = partner::read(town.house(), &one, &child.case).await.expect("read");
        assert_eq!(theirs.recommendations[0].off.as_ref().map(|(_, reason)| reason.as_str()), Some("本人が望まなくなったため"));
        assert_eq!(theirs.waiting(), 0);
        refused(partner::answer(town.house(), town.rng().as_mut(), &one, &child.case, "a", "替えました").await);
        for what in [off("a", "二度"), What::RecommendationAnswered { id: "b".into(), words: "あとから".into() }] {
            refused(town.write(&desk, &child.case, vec![what]).await);
        }
    }

    async fn an_answered_one_stays(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("話").await;
        let desk = town.unlocked("c1").await;
        let wish = What::Wished(Wishes { school_may_know: Consent::Yes, ..Wishes::default() });
        report::say(town.house(), town.rng().as_mut(), &child, wish).await.expect("said");
        let answered = What::RecommendationAnswered { id: "a".into(), words: "替えました".into() };
        town.write(&desk, &child.case, vec![recommended("a", None, None), answered]).await.expect("written");
        refused(town.write(&desk, &child.case, vec![off("a", "理由")]).await);
    }

    /// The participant cannot write the desk's summary; whoever opens the case does.
    async fn the_list_follows_an_answer_when_the_case_is_opened(t: TestDb) {
        let town = Town::found(t).await;
        let (child, school) = with_school(&town).await;
        let (desk, one) = (town.unlocked("c1").await, town.unlocked("p1").await);
        town.write(&desk, &child.case, vec![recommended("a", Some(&school), Some(Date::constant(2027, 3, 1)))]).await.expect("written");
        let waiting = async || {
            let listed = case::list(town.house(), &desk, BULLYING).await.expect("listed");
            let summary = listed[0].summary.clone().expect("open");
            summary.clocks.iter().filter(|(code, _)| code == recommendation::CLOCK).count()
        };
        assert_eq!(waiting().await, 1);
        partner::answer(town.house(), town.rng().as_mut(), &one, &child.case, "a", "替えました").await.expect("answered");
        assert_eq!(waiting().await, 1, "nobody has opened it");
        let seen = town.rows("SELECT version FROM sealed_case").await[0].get::<i64>("version").expect("a version");
        assert_eq!(triage::look_again(town.house(), town.rng().as_mut(), &desk, &child.case).await.expect("looked"), 0);
        assert_eq!(waiting().await, 0);
        // It is nobody's change: a form that was open before can still be sent.
        let view = case::view(town.house(), &desk, &child.case).await.expect("viewed");
        assert_eq!(view.clear.version, seen);
        assert!(!view.clear.has_news);
    }
}
