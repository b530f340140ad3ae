//! Figures: a recorded day against an independent computation, refreshed facts against rebuilt ones, and what each
//! event changes.

mod by_hand;
mod city;
mod day;
mod mutation;

use std::collections::BTreeMap;

use contact::figures::figure::FIGURES;
use contact::figures::report::{By, Numbers, Wanted};
use contact::figures::{live, rebuild, refresh, roll_up};
use testkit::on_both_engines;

use self::by_hand::Key;
use self::city::Records;
use self::day::{Dice, recorded};

type Figures = BTreeMap<&'static str, Option<f64>>;

/// Every figure of some numbers.
fn figures(numbers: &Numbers) -> Figures {
    FIGURES.iter().map(|f| (f.code, f.value(numbers))).collect()
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        (None, None) => true,
        _ => false,
    }
}

fn assert_same(reported: &Figures, expected: &Figures, of: &str) {
    assert_eq!(reported.len(), expected.len(), "every figure is computed twice");
    for (code, value) in expected {
        assert!(same(reported[code], *value), "{code} of {of}: {:?}, by hand {value:?}", reported[code]);
    }
}

on_both_engines! {
    async fn a_recorded_day_of_ten_thousand_contacts_is_as_computed_by_hand(t: TestDb) {
        let organisation = city::found(&t).await;
        let records = recorded(&mut Dice(&mut t.rng()), 10_000);
        city::add(&t, &records).await;
        assert_eq!(refresh(&t.db, &organisation).await.expect("facts"), 10_000);
        assert_eq!(refresh(&t.db, &organisation).await.expect("nothing new"), 0);
        for (by, key) in [(By::Day, Key::Day), (By::Section, Key::Section), (By::Topic, Key::Topic), (By::Channel, Key::Channel)] {
            let report = city::report(&t, &organisation, by, &city::wanted()).await;
            let expected = by_hand::compute(&records, key);
            let lines: BTreeMap<_, _> = report.lines.iter().map(|l| (l.code.clone(), figures(&l.numbers))).collect();
            assert_eq!(lines.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{by:?}");
            for (line, expected) in &expected {
                assert_same(&lines[line], expected, &format!("{by:?} {line}"));
            }
            assert_same(&figures(&report.total), &by_hand::compute(&records, Key::All)[""], "all");
        }
        // The same from the facts, where the sums of days are out of date.
        let rolled = city::report(&t, &organisation, By::Topic, &city::wanted()).await;
        city::forget_sums(&t).await;
        assert_eq!(city::report(&t, &organisation, By::Topic, &city::wanted()).await, rolled);
        assert!(roll_up(&t.db, 1).await.expect("sums") == 1);
        assert_eq!(city::report(&t, &organisation, By::Topic, &city::wanted()).await, rolled);
        let all = by_hand::compute(&records, Key::All);
        for (code, value) in &all[""] {
            assert!(value.is_some_and(|v| v > 0.0), "the day has something to measure for {code}: {value:?}");
        }
        // Weeks and months are the same day's numbers; a filter is the line of that value.
        let week = city::report(&t, &organisation, By::Week, &city::wanted()).await;
        assert_eq!(week.lines[0].code, "2026-11-23");
        let month = city::report(&t, &organisation, By::Month, &city::wanted()).await;
        assert_eq!((month.lines.len(), month.lines[0].code.as_str()), (1, "2026-11"));
        assert_eq!(month.total, week.total);
        let own = Wanted { sections: Some(vec!["kankyo".into()]), ..city::wanted() };
        let own = city::report(&t, &organisation, By::Channel, &own).await;
        assert_same(&figures(&own.total), &by_hand::compute(&records, Key::Section)["kankyo"], "kankyo");
        let waste = Wanted { topic: Some("waste".into()), ..city::wanted() };
        let waste = city::report(&t, &organisation, By::Day, &waste).await;
        assert_same(&figures(&waste.total), &by_hand::compute(&records, Key::Topic)["waste"], "waste");
        let nobody = Wanted { sections: Some(Vec::new()), ..city::wanted() };
        assert_eq!(city::report(&t, &organisation, By::Day, &nobody).await.total, Numbers::default());
    }

    async fn refreshed_facts_and_rebuilt_ones_agree(t: TestDb) {
        let organisation = city::found(&t).await;
        let mut records = recorded(&mut Dice(&mut t.rng()), 1_500);
        let contacts = Records { contacts: std::mem::take(&mut records.contacts), ..Records::default() };
        city::add(&t, &contacts).await;
        // The log grows in the order of time, but for contacts whose events become visible half an hour late.
        fn seen(e: &city::Raw) -> i64 {
            e.at + if e.contact.ends_with('7') { 1_800_000 } else { 0 }
        }
        records.events.sort_by_key(|e| (seen(e), e.seq));
        records.presences.sort_by_key(|p| p.at);
        let steps = [4 * 3_600, 10 * 3_600, 12 * 3_600, 14 * 3_600, 20 * 3_600, 80 * 3_600, 1_000 * 3_600];
        for until in steps {
            let until = city::second(until).millis();
            let (events, later): (Vec<_>, Vec<_>) = records.events.drain(..).partition(|e| seen(e) < until);
            let (presences, still) = records.presences.drain(..).partition(|p| p.at < until);
            (records.events, records.presences) = (later, still);
            city::add(&t, &Records { events, presences, ..Records::default() }).await;
            refresh(&t.db, &organisation).await.expect("refreshed");
        }
        assert!(records.events.is_empty() && records.presences.is_empty());
        let refreshed = city::facts(&t).await;
        assert_eq!(refreshed.len(), 1_500);
        assert!(refreshed.iter().any(|f| f.wrap_up_ms > 0) && refreshed.iter().any(|f| f.returned_ms.is_some()));
        city::forget_facts(&t).await;
        assert_eq!(rebuild(&t.db, &organisation).await.expect("rebuilt"), 1_500);
        for (rebuilt, refreshed) in city::facts(&t).await.iter().zip(&refreshed) {
            assert_eq!(rebuilt, refreshed);
        }
        assert_eq!(refresh(&t.db, &organisation).await.expect("nothing is left"), 0);
    }

    async fn the_board_of_an_empty_city_says_that_nobody_waits(t: TestDb) {
        let organisation = city::found(&t).await;
        let mut tx = t.db.read().await.expect("read");
        let now = city::second(36_000);
        let board = live::board(&mut tx, &organisation, now, &live::Whose::default()).await.expect("board");
        assert_eq!((board.waiting(), board.waiting_since(), board.held(), board.late()), (0, None, 0, 0));
        assert_eq!((board.side_questions, board.transfers, board.call_backs), (0, 0, 0));
        assert!(board.there.is_empty() && board.today.lines.is_empty());
    }
}
