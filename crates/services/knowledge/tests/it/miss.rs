//! Words that found nothing: counted, masked, forgotten.

use calendar::{Clock, Date};
use city::Lang;
use knowledge::miss::{self, Counted, Misses};
use testkit::{TestDb, on_both_engines};

async fn all(test: &TestDb) -> Vec<Counted> {
    let mut tx = test.db.read().await.expect("read");
    miss::since(&mut tx, Date::constant(2000, 1, 1), 1_000).await.expect("counts")
}

async fn set(test: &TestDb, value: &str) {
    let mut tx = test.db.write().await.expect("write");
    city::store::save_setting(&mut tx, miss::SETTING, value).await.expect("setting");
    tx.commit().await.expect("commit");
}

on_both_engines! {
    async fn the_same_words_on_a_day_are_one_count(test: TestDb) {
        let (misses, today) = (Misses::default(), test.clock.now().jst_date());
        for asked in ["ドッグラン", "ﾄﾞｯｸﾞﾗﾝ", "  ドッグラン "] {
            misses.note(today, Lang::Ja, asked);
        }
        misses.note(today, Lang::En, "dog run");
        misses.note(today, Lang::Ja, "？！");
        assert_eq!(misses.flush(&test.db).await.expect("written"), 2);
        assert_eq!(misses.flush(&test.db).await.expect("nothing left"), 0);
        // Another process, or the same one later.
        let other = Misses::default();
        other.note(today, Lang::Ja, "ドッグラン");
        other.note(Date::constant(2026, 11, 22), Lang::Ja, "ドッグラン");
        other.flush(&test.db).await.expect("written");
        let count = |day: &str, lang: &str, words: &str, times| Counted {
            day: day.parse().expect("date"), lang: lang.into(), words: words.into(), times,
        };
        assert_eq!(all(&test).await, [
            count("2026-11-23", "ja", "ドッグラン", 4),
            count("2026-11-23", "en", "dog run", 1),
            count("2026-11-22", "ja", "ドッグラン", 1),
        ]);
    }

    async fn many_at_once_are_written_at_once(test: TestDb) {
        let (misses, today) = (Misses::default(), test.clock.now().jst_date());
        let mut words = Vec::new();
        for a in "あいうえおかきくけこさしすせそたちつてとなにぬねの".chars() {
            for b in "はひふへほまみむめもやゆよらりるれろ".chars() {
                words.push(format!("{a}{b}"));
            }
        }
        for word in &words {
            misses.note(today, Lang::Easy, word);
        }
        assert_eq!(misses.flush(&test.db).await.expect("written"), words.len());
        assert_eq!(all(&test).await.len(), words.len());
    }

    async fn a_city_that_does_not_want_it_keeps_nothing(test: TestDb) {
        let (misses, today) = (Misses::default(), test.clock.now().jst_date());
        set(&test, "false").await;
        misses.note(today, Lang::Ja, "ドッグラン");
        assert_eq!(misses.flush(&test.db).await.expect("dropped"), 0);
        set(&test, "true").await;
        // Between the setting and the next look at it nothing is counted.
        misses.note(today, Lang::Ja, "ドッグラン");
        misses.flush(&test.db).await.expect("nothing");
        assert_eq!(all(&test).await, []);
        misses.note(today, Lang::Ja, "ドッグラン");
        assert_eq!(misses.flush(&test.db).await.expect("written"), 1);
    }

    async fn counts_are_kept_for_180_days(test: TestDb) {
        let (misses, today) = (Misses::default(), test.clock.now().jst_date());
        for day in ["2026-05-26", "2026-05-27", "2026-11-23"] {
            misses.note(day.parse().expect("date"), Lang::Ja, "ドッグラン");
        }
        misses.flush(&test.db).await.expect("written");
        let mut tx = test.db.write().await.expect("write");
        assert_eq!(miss::sweep(&mut tx, today).await.expect("swept"), 1);
        tx.commit().await.expect("commit");
        let days: Vec<String> = all(&test).await.iter().map(|c| c.day.to_string()).collect();
        assert_eq!(days, ["2026-11-23", "2026-05-27"]);
    }

    async fn what_could_not_be_written_is_written_later(test: TestDb) {
        let (misses, today) = (Misses::default(), test.clock.now().jst_date());
        misses.note(today, Lang::Ja, "ドッグラン");
        let closed = test.again().await;
        closed.close().await;
        misses.flush(&closed).await.expect_err("closed");
        misses.note(today, Lang::Ja, "ドッグラン");
        misses.flush(&test.db).await.expect("written");
        assert_eq!(all(&test).await.iter().map(|c| c.times).collect::<Vec<_>>(), [2]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_written_at_the_end() {
    let test = TestDb::sqlite().await;
    let misses = std::sync::Arc::new(Misses::default());
    misses.note(test.clock.now().jst_date(), Lang::Ja, "ドッグラン");
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let task = tokio::spawn(misses.run(test.db.clone(), test.clock.clone(), stopped));
    stop.send_replace(true);
    task.await.expect("ended");
    assert_eq!(all(&test).await.len(), 1);
}
