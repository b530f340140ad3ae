//! The desk: its lock, its cases, two people at once.

use std::time::Duration;

use calendar::{Clock, Date};
use casework::case::{self, BULLYING};
use casework::entry::{By, Outcome, What};
use casework::file::Step;
use casework::member::{self, DeskRole, IDLE};
use casework::{CaseError, clock};
use testkit::on_both_engines;

use crate::town::{PASSPHRASE, Town};

fn done(text: &str) -> What {
    What::FirstAction { done: text.into() }
}

on_both_engines! {
    async fn a_desk_opens_by_its_passphrase_and_locks_itself(t: TestDb) {
        let town = Town::found(t).await;
        let house = town.house();
        let wrong = member::unlock(house, town.rng().as_mut(), "c1", "ちがう 風が 庭を 通る").await;
        assert!(matches!(wrong, Err(CaseError::Wrong)), "{wrong:?}");
        let cookie = member::unlock(house, town.rng().as_mut(), "c1", PASSPHRASE).await.expect("unlocked");
        member::unlocked(house, "c1", &cookie).await.expect("open");
        // A cookie of somebody else, or a changed one, opens nothing.
        assert!(matches!(member::unlocked(house, "c2", &cookie).await, Err(CaseError::Locked)));
        let (id, _) = cookie.split_once('.').expect("two parts");
        for other in [format!("{id}.{}", "A".repeat(43)), id.to_owned(), String::new()] {
            assert!(matches!(member::unlocked(house, "c1", &other).await, Err(CaseError::Locked)), "{other}");
        }
        // As long as somebody works it stays open.
        for _ in 0..3 {
            town.test.clock.advance(IDLE - Duration::from_millis(1));
            member::unlocked(house, "c1", &cookie).await.expect("open");
        }
        town.test.clock.advance(IDLE);
        assert!(matches!(member::unlocked(house, "c1", &cookie).await, Err(CaseError::Locked)));
        assert_eq!(town.number("SELECT count(*) AS n FROM desk_session").await, 0, "its key is gone");
        let cookie = member::unlock(house, town.rng().as_mut(), "c1", PASSPHRASE).await.expect("unlocked");
        member::lock(house, "c1", &cookie).await.expect("locked");
        assert!(matches!(member::unlocked(house, "c1", &cookie).await, Err(CaseError::Locked)));
        assert_eq!(member::lock_idle(house).await.expect("swept"), 0);
    }

    async fn a_look_at_the_lock_prolongs_nothing(t: TestDb) {
        let town = Town::found(t).await;
        let cookie = member::unlock(town.house(), town.rng().as_mut(), "c1", PASSPHRASE).await.expect("unlocked");
        let left = async |account: &str, cookie: &str| {
            let mut tx = town.test.db.read().await.expect("read");
            member::open_for(&mut tx, town.test.clock.now(), account, cookie).await.expect("looked")
        };
        assert_eq!(left("c1", &cookie).await, Some(IDLE));
        town.test.clock.advance(Duration::from_secs(600));
        for _ in 0..2 {
            assert_eq!(left("c1", &cookie).await, Some(IDLE - Duration::from_secs(600)));
        }
        let (id, _) = cookie.split_once('.').expect("two parts");
        for (account, cookie) in [("c2", cookie.as_str()), ("c1", &format!("{id}.{}", "A".repeat(43))), ("c1", id), ("c1", "")] {
            assert_eq!(left(account, cookie).await, None, "{account} {cookie}");
        }
        town.test.clock.advance(Duration::from_secs(300));
        assert_eq!(left("c1", &cookie).await, None, "after that it is locked");
    }

    async fn whoever_joins_comes_with_a_reason(t: TestDb) {
        let town = Town::found(t).await;
        let join = async |account: &str, reason: &str| member::join(town.house(), "account:admin", BULLYING, account, DeskRole::Supervisor, reason).await;
        for wrong in ["", " \n", &"あ".repeat(member::MAX_REASON + 1)] {
            assert!(matches!(join("s1", wrong).await, Err(CaseError::Field { field: "reason", .. })), "{wrong}");
        }
        join("s1", &"あ".repeat(member::MAX_REASON)).await.expect("joined");
        join("s2", " 育児休業の代わり ").await.expect("joined");
        let reason = async |account: &str| {
            let mut tx = town.test.db.read().await.expect("read");
            let all = member::of_desk(&mut tx, BULLYING).await.expect("read");
            all.into_iter().find(|member| member.account == account).expect("a member").reason
        };
        assert_eq!(reason("s2").await, "育児休業の代わり");
        // Whoever is there already stays as they came; whoever comes again comes anew.
        join("s2", "べつの理由").await.expect("joined");
        assert_eq!(reason("s2").await, "育児休業の代わり");
        member::leave(town.house(), "account:admin", BULLYING, "s2", DeskRole::Supervisor).await.expect("left");
        join("s2", "もどった").await.expect("joined");
        assert_eq!(reason("s2").await, "もどった");
        assert!(!format!("{:?}", town.chain("desk.join").await).contains("もどった"), "no contents in the chain");
    }

    async fn a_passphrase_is_changed_and_the_old_one_opens_nothing(t: TestDb) {
        let town = Town::found(t).await;
        let house = town.house();
        let (_, child) = town.told("こまっています").await;
        let cookie = member::unlock(house, town.rng().as_mut(), "c1", PASSPHRASE).await.expect("unlocked");
        let new = "あたらしい 川の 石を 数える";
        for bad in ["みじかい", "c1", "aaaaaaaaaaaaaaaaaaaa"] {
            let refused = member::change_passphrase(house, town.rng(), "c1", "c1", PASSPHRASE, bad).await;
            assert!(matches!(refused, Err(CaseError::Field { field: "passphrase", .. })), "{bad}: {refused:?}");
        }
        let wrong = member::change_passphrase(house, town.rng(), "c1", "c1", "ちがう 風が 庭を 通る", new).await;
        assert!(matches!(wrong, Err(CaseError::Wrong)));
        member::change_passphrase(house, town.rng(), "c1", "c1", PASSPHRASE, new).await.expect("changed");
        assert!(matches!(member::unlocked(house, "c1", &cookie).await, Err(CaseError::Locked)), "open desks are locked");
        assert!(matches!(member::unlock(house, town.rng().as_mut(), "c1", PASSPHRASE).await, Err(CaseError::Wrong)));
        let cookie = member::unlock(house, town.rng().as_mut(), "c1", new).await.expect("unlocked");
        let desk = member::unlocked(house, "c1", &cookie).await.expect("open");
        case::view(house, &desk, &child.case).await.expect("the same key");
        let again = member::make_key(house, town.rng(), "c1", "c1", new).await;
        assert!(matches!(again, Err(CaseError::Rule(_))), "a key is never made over another");
    }

    async fn of_two_who_write_at_once_one_is_told(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("くつがなくなりました").await;
        let (one, two) = (town.unlocked("c1").await, town.unlocked("c2").await);
        let seen = case::view(town.house(), &one, &child.case).await.expect("viewed").clear.version;
        case::add(town.house(), town.rng().as_mut(), &two, &child.case, seen, vec![done("電話")]).await.expect("written");
        let late = case::add(town.house(), town.rng().as_mut(), &one, &child.case, seen, vec![done("電話")]).await;
        assert!(matches!(late, Err(CaseError::Changed)), "{late:?}");
        // What the reporter writes meanwhile is no conflict.
        let seen = case::view(town.house(), &one, &child.case).await.expect("viewed").clear.version;
        casework::report::say(town.house(), town.rng().as_mut(), &child, What::Said { words: "ありがとう".into() }).await.expect("said");
        case::add(town.house(), town.rng().as_mut(), &one, &child.case, seen, vec![What::Note { words: "確認".into() }]).await.expect("written");
    }

    async fn what_may_not_come_next_leaves_nothing(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("たすけて").await;
        let desk = town.unlocked("c1").await;
        let before = town.number("SELECT count(*) AS n FROM case_record").await;
        let resolved = What::Resolved { confirmed: "x".into() };
        let refused = town.write(&desk, &child.case, vec![done("電話"), resolved]).await;
        assert!(matches!(refused, Err(CaseError::Rule(_))), "{refused:?}");
        assert_eq!(town.number("SELECT count(*) AS n FROM case_record").await, before, "all or nothing");
    }

    async fn a_case_goes_its_whole_way(t: TestDb) {
        let town = Town::found(t).await;
        let desk = town.unlocked("c1").await;
        let (case, number) = case::open(town.house(), town.rng().as_mut(), town.case_of("電話で聞いた話", By::Account("c1".into()))).await.expect("opened");
        assert!(number.starts_with("いじめ-2026-"), "{number}");
        let day = 86_400;
        let stopped = What::Stopped { on: Date::constant(2026, 11, 26), confirmed: "本人から".into() };
        town.test.clock.advance(Duration::from_secs(3_600));
        town.write(&desk, &case, vec![done("本人に電話"), What::Judged { is_bullying: true, why: "継続している".into() }]).await.expect("written");
        town.test.clock.advance(Duration::from_secs(3 * day));
        let view = town.write(&desk, &case, vec![stopped]).await.expect("written");
        assert_eq!(view.file.step, Step::Watching);
        assert!(view.file.clocks.iter().filter(|c| c.code != "watch").all(|c| c.was_kept() == Some(true)));
        town.test.clock.advance(Duration::from_secs(95 * day));
        let view = town.write(&desk, &case, vec![
            What::Resolved { confirmed: "面談で確認".into() },
            What::Closed { outcome: Outcome::Resolved, why: "本人に伝えた".into() },
        ]).await.expect("written");
        assert!(!view.clear.is_open && view.clear.retain_until.is_some());
        assert_eq!(town.number("SELECT count(*) AS n FROM case_clock").await, 0, "nothing is due any more");
    }

    async fn a_supervisor_sees_what_is_late_and_nothing_of_what_it_is(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("いやなことを言われる").await;
        let opened = town.test.clock.now();
        let late = async || {
            let mut tx = town.test.db.write().await.expect("write");
            let late = clock::overdue(&mut tx, BULLYING, town.test.clock.now()).await.expect("read");
            let news = clock::take_news(&mut tx, town.test.clock.now()).await.expect("read");
            tx.commit().await.expect("commit");
            (late.len(), news.into_iter().map(|due| due.told).collect::<Vec<_>>())
        };
        assert_eq!(late().await, (0, vec![]));
        for (minutes, expected) in [
            (18 * 60 - 1, (0, vec![])),
            (18 * 60, (0, vec!["reminded".to_owned()])),
            (18 * 60 + 1, (0, vec![])),
            (24 * 60 - 1, (0, vec![])),
            (24 * 60, (1, vec!["overdue".to_owned()])),
            (24 * 60 + 1, (1, vec![])),
        ] {
            town.test.clock.set(opened.plus(Duration::from_secs(minutes * 60)));
            assert_eq!(late().await, expected, "{minutes} minutes");
        }
        let desk = town.unlocked("c1").await;
        let view = town.write(&desk, &child.case, vec![done("電話")]).await.expect("written");
        assert_eq!(view.file.clocks.iter().find(|c| c.code == "first_action").and_then(|c| c.was_kept()), Some(false));
        assert_eq!(late().await.0, 0);
    }
}
