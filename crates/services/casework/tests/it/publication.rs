//! What a desk publishes of its effect.

use std::time::Duration;

use calendar::{BusinessCalendar, Clock, Instant};
use casework::case::BULLYING;
use casework::entry::{By, Channel, Entry, Speaker, What};
use casework::publication::{self, Params, Period, Prepared};
use casework::ring::RingKind;
use casework::{CaseError, CaseFile, Kind, Placed};
use testkit::on_both_engines;

use crate::town::Town;

const PARAMS: Params = Params { least: 5, shows_zero: true, rounding: None };

fn case(at: Instant) -> CaseFile {
    let opened = What::Opened {
        number: "いじめ-1".into(),
        channel: Channel::Web,
        speaker: Speaker::Child,
        school: "東小学校".into(),
    };
    let acted = What::FirstAction { done: "電話".into() };
    let placed = [(0, opened), (3_600, acted)].into_iter().zip(1..).map(|((seconds, what), seq)| Placed {
        id: seq.to_string(),
        seq,
        ring: RingKind::Case,
        whose: None,
        entry: Entry { at: at.plus(Duration::from_secs(seconds)), by: By::Reporter, what },
    });
    CaseFile::of(placed.collect(), &Kind::bullying(), &BusinessCalendar::default()).expect("folded").expect("a case")
}

fn release(town: &Town, cases: usize) -> Prepared {
    let now = town.test.clock.now();
    let files: Vec<_> = (0..cases).map(|_| case(now.minus(Duration::from_secs(86_400)))).collect();
    let day = now.minus(Duration::from_secs(86_400)).jst_date();
    publication::prepare(&files, Period { from: day, to: day }, PARAMS, now).expect("prepared")
}

on_both_engines! {
    async fn what_is_published_is_kept_and_checked(t: TestDb) {
        let town = Town::found(t).await;
        let desk = town.unlocked("c1").await;
        let publish = async |cases: usize| {
            publication::publish(town.house(), town.rng().as_mut(), &desk, BULLYING, &release(&town, cases)).await
        };
        let shown = async || {
            let mut tx = town.test.db.read().await.expect("read");
            let now = publication::published(&mut tx, BULLYING).await.expect("read");
            let all = publication::history(&mut tx, BULLYING).await.expect("read");
            (now, all.len())
        };
        let first = publish(20).await.expect("published");
        let (now, _) = shown().await;
        assert_eq!((now[0].id.clone(), now[0].version, now[0].published_by.as_str()), (first.clone(), 1, "c1"));
        assert_eq!(now[0].release, release(&town, 20));
        // One case more would be seen in the difference; the same again, or many more, would not.
        let refused = publish(21).await;
        assert!(matches!(refused, Err(CaseError::Rule(_))), "{refused:?}");
        publish(20).await.expect("published");
        // Withdrawn, it is shown no more, and still known to whoever saw it.
        for id in [&first, &shown().await.0[0].id] {
            publication::withdraw(town.house(), &desk, BULLYING, id).await.expect("withdrawn");
        }
        assert!(matches!(publication::withdraw(town.house(), &desk, BULLYING, &first).await, Err(CaseError::NotFound)));
        let (now, kept) = shown().await;
        assert_eq!((now.len(), kept), (0, 2));
        assert!(matches!(publish(21).await, Err(CaseError::Rule(_))));
        publish(26).await.expect("published");
        assert_eq!(shown().await.0[0].version, 3);
        assert_eq!(town.chain("desk.effect").await.len(), 5);
    }

    async fn only_a_consultant_publishes(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        town.officers(&["o1"]).await;
        let id = publication::publish(town.house(), town.rng().as_mut(), &town.unlocked("c1").await, BULLYING, &release(&town, 20)).await.expect("published");
        for account in ["p1", "o1"] {
            let who = town.unlocked(account).await;
            let tried = publication::publish(town.house(), town.rng().as_mut(), &who, BULLYING, &release(&town, 20)).await;
            assert!(matches!(tried, Err(CaseError::NotFound)), "{tried:?}");
            assert!(matches!(publication::withdraw(town.house(), &who, BULLYING, &id).await, Err(CaseError::NotFound)));
        }
    }

    /// The row holds no count that is hidden, nor why it is.
    async fn what_is_kept_tells_no_small_count(t: TestDb) {
        let town = Town::found(t).await;
        let now = town.test.clock.now();
        let mut files: Vec<_> = (0..20).map(|_| case(now.minus(Duration::from_secs(86_400)))).collect();
        let unacted = CaseFile { entries: files[0].entries[..1].to_vec(), ..files[0].clone() };
        files.extend((0..3).map(|_| unacted.clone()));
        let day = now.minus(Duration::from_secs(86_400)).jst_date();
        let prepared = publication::prepare(&files, Period { from: day, to: day }, PARAMS, now).expect("prepared");
        publication::publish(town.house(), town.rng().as_mut(), &town.unlocked("c1").await, BULLYING, &prepared).await.expect("published");
        let body: String = town.rows("SELECT body FROM effect_publication").await[0].get("body").expect("text");
        assert!(body.contains("hidden") && !body.contains("{\"shown\":3}") && !body.contains("primary") && !body.contains("東小学校"), "{body}");
    }
}
