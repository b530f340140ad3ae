//! The list of danger signs of a desk.

use casework::CaseError;
use casework::case::{self, BULLYING};
use casework::entry::What;
use casework::triage::{self, Needs, SignRule, standard};
use casework::{Unlocked, report};
use testkit::on_both_engines;

use crate::town::Town;

fn more() -> Vec<SignRule> {
    let mut rules = standard();
    rules.push(SignRule {
        name: "地域のことば".into(),
        needs: Needs::Any,
        words: vec!["しばかれ".into()],
        except: Vec::new(),
        hints_at: None,
        why: "たたかれるという意味で使われます。".into(),
    });
    rules
}

/// Looks once more as whoever opens the case, and reads it: the signs that nobody has seen.
async fn opened(town: &Town, who: &Unlocked, id: &str) -> (usize, usize) {
    let written = triage::look_again(town.house(), town.rng().as_mut(), who, id).await.expect("looked");
    (written, case::view(town.house(), who, id).await.expect("read").file.open_signs)
}

on_both_engines! {
    async fn words_that_came_later_are_looked_at_when_the_case_is_opened(t: TestDb) {
        let town = Town::found(t).await;
        let (_, reporter) = town.told("となりの席の子のことです").await;
        let one = town.unlocked("c1").await;
        assert_eq!(opened(&town, &one, &reporter.case).await, (0, 0));
        let say = async |words: &str| {
            let what = What::Said { words: words.into() };
            report::say(town.house(), town.rng().as_mut(), &reporter, what).await.expect("said");
        };
        say("もう死にたいです").await;
        assert_eq!(opened(&town, &one, &reporter.case).await, (1, 1));
        // Once, however often it is opened; and what was looked at does not come again.
        assert_eq!(opened(&town, &one, &reporter.case).await, (0, 1));
        town.write(&one, &reporter.case, vec![What::SignsSeen { note: "電話した".into() }]).await.expect("seen");
        say("きょうは雨でした").await;
        assert_eq!(opened(&town, &one, &reporter.case).await, (0, 0));
        // The list shows it too.
        say("死にたいと思いました").await;
        assert_eq!(opened(&town, &one, &reporter.case).await, (1, 1));
        let listed = case::list(town.house(), &one, BULLYING).await.expect("listed");
        assert_eq!(listed[0].summary.as_ref().map(|summary| summary.open_signs), Some(1));
        // To whoever is no reader it is not there, news or not.
        say("まだ死にたいです").await;
        let other = town.unlocked("c2").await;
        case::remove_reader(town.house(), town.rng().as_mut(), &one, &reporter.case, "c2").await.expect("removed");
        let refused = triage::look_again(town.house(), town.rng().as_mut(), &other, &reporter.case).await;
        assert!(matches!(refused, Err(CaseError::NotFound)), "{refused:?}");
    }

    async fn a_list_is_changed_in_versions_and_says_by_whom(t: TestDb) {
        let town = Town::found(t).await;
        let house = town.house();
        let list = triage::current(house, BULLYING).await.expect("read");
        assert_eq!((list.version, list.changed_by, &list.rules), (0, None, &standard()));
        assert_eq!(triage::change(house, "c1", BULLYING, 0, &more()).await.expect("changed"), 1);
        let list = triage::current(house, BULLYING).await.expect("read");
        assert_eq!((list.version, list.changed_by.as_deref(), list.changed_at), (1, Some("c1"), Some(house.clock.now())));
        assert_eq!(triage::look(&list.rules, "毎日シバカレルんです").last().map(|(name, _)| name.as_str()), Some("地域のことば"));
        // Whoever saw an older list is told, also when two begin at once.
        assert!(matches!(triage::change(house, "c2", BULLYING, 0, &standard()).await, Err(CaseError::Changed)));
        assert!(matches!(triage::change(house, "c2", BULLYING, 1, &more()).await, Err(CaseError::Rule(_))), "nothing changed");
        assert_eq!(triage::change(house, "c2", BULLYING, 1, &standard()).await.expect("changed"), 2);
        let all: Vec<_> = triage::history(house, BULLYING).await.expect("read").into_iter().map(|l| (l.version, l.changed_by, l.rules.len())).collect();
        let n = standard().len();
        assert_eq!(all, [(2, Some("c2".into()), n), (1, Some("c1".into()), n + 1), (0, None, n)]);
        assert_eq!(town.number("SELECT count(*) AS n FROM audit_event WHERE action = 'desk.signs'").await, 2);
    }

    async fn an_empty_list_and_strangers_are_refused(t: TestDb) {
        let town = Town::found(t).await;
        let empty = triage::change(town.house(), "c1", BULLYING, 0, &[]).await;
        assert!(matches!(empty, Err(CaseError::Field { field: "rules", .. })), "{empty:?}");
        assert!(matches!(triage::change(town.house(), "stranger", BULLYING, 0, &more()).await, Err(CaseError::NotFound)));
        assert!(matches!(triage::change(town.house(), "c1", "dv", 0, &more()).await, Err(CaseError::NotFound)));
        assert_eq!(triage::current(town.house(), BULLYING).await.expect("read").version, 0);
    }
}
