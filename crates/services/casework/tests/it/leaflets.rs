//! Leaflets: made, counted by day, ended; and who reads cases without being a consultant.

use calendar::Clock;
use casework::case::{self, BULLYING};
use casework::member::{self, DeskRole};
use casework::{CaseError, leaflet, leaver, overview};
use testkit::on_both_engines;

use crate::town::Town;

on_both_engines! {
    async fn arrivals_are_counted_by_school_and_day(test: TestDb) {
        let town = Town::found(test).await;
        let make = async |account: &str, school: &str| {
            leaflet::make(town.house(), town.rng().as_mut(), account, BULLYING, school).await
        };
        let (east, west) = (make("c1", " 東小学校 ").await.expect("made"), make("c2", "西小学校").await.expect("made"));
        assert_eq!(east.school, "東小学校");
        assert_ne!(east.code, west.code);
        assert!(matches!(make("nobody", "南小学校").await, Err(CaseError::NotFound)));
        for school in ["", " ", &"長".repeat(61)] {
            assert!(matches!(make("c1", school).await, Err(CaseError::Field { field: "school", .. })), "{school}");
        }
        let arrived = async |code: &str, day: &str| {
            let mut tx = town.test.db.write().await.expect("write");
            let counted = leaflet::arrived(&mut tx, code, day.parse().expect("a day")).await.expect("counted");
            tx.commit().await.expect("commit");
            counted
        };
        for (code, day) in [(&east.code, "2026-11-29"), (&east.code, "2026-11-29"), (&east.code.to_uppercase(), "2026-11-30"), (&west.code, "2026-11-29")] {
            assert!(arrived(code, day).await);
        }
        for code in ["", "00000000", "'; DROP", &east.code[1..]] {
            assert!(!arrived(code, "2026-11-29").await, "{code}");
        }
        let counts = async || {
            let mut tx = town.test.db.read().await.expect("read");
            let all = leaflet::arrivals(&mut tx, BULLYING).await.expect("read");
            let of = |id: &str| all.iter().filter(|a| a.leaflet == id).map(|a| (a.day.to_string(), a.arrivals)).collect::<Vec<_>>();
            (of(&east.id), of(&west.id))
        };
        let expected = (vec![("2026-11-29".to_owned(), 2), ("2026-11-30".to_owned(), 1)], vec![("2026-11-29".to_owned(), 1)]);
        assert_eq!(counts().await, expected);
        // Ended, it counts no more; what was counted stays.
        assert!(matches!(leaflet::end(town.house(), "nobody", BULLYING, &east.id).await, Err(CaseError::NotFound)));
        leaflet::end(town.house(), "c1", BULLYING, &east.id).await.expect("ended");
        leaflet::end(town.house(), "c1", BULLYING, &east.id).await.expect("twice does no harm");
        assert!(!arrived(&east.code, "2026-12-01").await);
        assert_eq!(counts().await, expected);
        assert_eq!(town.chain("leaflet").await.len(), 3);
    }

    async fn whoever_left_is_found_and_taken_off_the_cases(test: TestDb) {
        let town = Town::found(test).await;
        let (_, first) = town.told("ひとつめ").await;
        let (_, second) = town.told("ふたつめ").await;
        let left = async || {
            let mut tx = town.test.db.read().await.expect("read");
            leaver::readers(&mut tx, BULLYING).await.expect("read")
        };
        assert!(left().await.is_empty());
        let one = town.unlocked("c1").await;
        // In one of the two cases c1 is no reader any more: there only somebody else can take c2 away.
        case::remove_reader(town.house(), town.rng().as_mut(), &town.unlocked("c3").await, &second.case, "c1").await.expect("removed");
        let two = town.unlocked("c2").await;
        let remove = async || leaver::remove(town.house(), town.rng().as_mut(), &one, BULLYING, "c2").await;
        assert!(matches!(remove().await, Err(CaseError::NotFound)), "a consultant stays");
        member::leave(town.house(), "account:admin", BULLYING, "c2", DeskRole::Consultant).await.expect("left");
        let found = left().await;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].account.as_str(), found[0].cases, found[0].by_glass), ("c2", 2, 0));
        case::view(town.house(), &two, &first.case).await.expect("leaving a desk takes no keys away");
        let done = remove().await.expect("done");
        assert_eq!(done.removed, 1);
        assert_eq!(done.left.iter().map(|(case, _)| case.as_str()).collect::<Vec<_>>(), [second.case.as_str()]);
        assert!(matches!(case::view(town.house(), &two, &first.case).await, Err(CaseError::NotFound)));
        assert_eq!(left().await[0].cases, 1);
    }

    async fn a_case_is_found_by_the_beginning_of_its_id(test: TestDb) {
        let town = Town::found(test).await;
        let (_, child) = town.told("たすけて").await;
        let mut tx = town.test.db.read().await.expect("read");
        let find = overview::find(&mut tx, BULLYING, &overview::short(&child.case)).await.expect("read");
        assert_eq!(find.as_deref(), Some(child.case.as_str()));
        for typed in ["", &child.case[..7], "%", "________"] {
            assert_eq!(overview::find(&mut tx, BULLYING, typed).await.expect("read"), None, "{typed}");
        }
        assert_eq!(overview::find(&mut tx, "other", &child.case).await.expect("read"), None);
        let due = overview::due(&mut tx, BULLYING, town.test.clock.now().plus(std::time::Duration::from_secs(2 * 86_400))).await.expect("read");
        assert_eq!(due.len(), 1, "the first action alone is due by then");
        assert_eq!((due[0].sealed_case.as_str(), due[0].accountable.as_deref(), due[0].told.as_str()), (child.case.as_str(), None, "nothing"));
    }
}
