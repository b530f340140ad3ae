//! `/figures`: the live board, reports with their files, staffing, reconciliation.

use store::params;
use testkit::{TestDb, on_both_engines};

use crate::support::City;

/// Half an hour before the clock of the tests: 9:30 in Japan on 23 November 2026, a holiday.
const OPENED: i64 = 1_795_393_800_000;
const MINUTE: i64 = 60_000;

/// Puts the log of a contact into the database: minutes after [`OPENED`], kind, value.
async fn contact(city: &City, id: &str, section: &str, channel: &str, log: &[(i64, &str, Option<i64>)]) {
    let mut tx = city.test.db.write().await.expect("write");
    let rows: Vec<_> = (1_i64..)
        .zip(log)
        .map(|(seq, (minutes, kind, value))| {
            let at = OPENED + minutes * MINUTE;
            params![format!("{id}-{seq}"), id, seq, at, *kind, "citizen", channel, section, "moving", *value]
        })
        .collect();
    let columns = ["id", "contact", "seq", "at", "kind", "actor", "channel", "section", "topic", "value"];
    tx.insert_many("contact_event", &columns, rows).await.expect("events");
    tx.commit().await.expect("commit");
}

/// Two calls of 市民課 and one chat of 環境事業課.
async fn a_morning(city: &City) {
    let call = [
        (0, "opened", None),
        (0, "hand_over_requested", None),
        (0, "queued", None),
        (0, "picked_up", None),
        (5, "resolved", None),
        (6, "rated", Some(4)),
    ];
    contact(city, "a", "shimin", "phone", &call).await;
    contact(city, "b", "shimin", "phone", &call[..4]).await;
    let left = [(0, "opened", None), (1, "queued", None), (8, "abandoned", None)];
    contact(city, "c", "kankyo", "phone", &left).await;
}

/// Puts a contact that waits into the database as the desk sees it.
async fn waits(city: &City, id: &str, section: &str) {
    let mut tx = city.test.db.write().await.expect("write");
    let columns = [
        "id",
        "number",
        "key_hash",
        "submission",
        "channel",
        "lang",
        "state",
        "section",
        "last_seq",
        "waiting_since",
        "reply_due_at",
        "citizen_seen_seq",
        "staff_seen_seq",
        "created_at",
        "updated_at",
    ];
    let zero = 0_i64;
    let row = params![
        id,
        id,
        "key",
        id,
        "web",
        "ja",
        "waiting",
        section,
        zero,
        OPENED,
        OPENED + MINUTE,
        zero,
        zero,
        OPENED,
        OPENED
    ];
    tx.insert_many("contact", &columns, [row]).await.expect("a contact");
    tx.commit().await.expect("commit");
}

on_both_engines! {
    async fn the_board_shows_who_waits_and_what_was_today(test: TestDb) {
        let city = City::new(test).await;
        let (all, own) = (city.staff("chosei").await, city.staff("shimin-kanri").await);
        let empty = all.get("/figures").await;
        assert_eq!(empty.status, 200);
        for words in ["待っている人も、応対中の人もいません", "まだ応対がありません", "市全体"] {
            assert!(empty.main().contains(words), "{words}: {}", empty.main());
        }
        a_morning(&city).await;
        waits(&city, "waits", "kankyo").await;
        let board = all.get("/figures").await;
        for words in ["1人", "30分00秒", "環境事業課", "チャット", "電話", "66.7%", "33.3%"] {
            assert!(board.main().contains(words), "{words}: {}", board.main());
        }
        let part = all.get("/figures/live").await;
        assert!(!part.body.contains("<html") && part.body.contains("66.7%"), "{}", part.body);
        // A manager sees the own section alone.
        let board = own.get("/figures").await;
        assert!(board.main().contains("市民課") && board.main().contains("100.0%"), "{}", board.main());
        assert!(!board.main().contains("環境事業課") && board.main().contains("待っている人も、応対中の人もいません"));
    }

    async fn a_report_is_a_page_and_a_file(test: TestDb) {
        let city = City::new(test).await;
        let (all, own) = (city.staff("chosei").await, city.staff("shimin-kanri").await);
        assert!(all.get("/figures/report").await.main().contains("まだ応対がありません"));
        a_morning(&city).await;
        let page = all.get("/figures/report?from=2026-11-01&to=2026-11-30&by=section").await;
        for words in ["市民課", "環境事業課", "合計", "66.7%", "60秒（受付時間内）までに", "4.00点"] {
            assert!(page.main().contains(words), "{words}: {}", page.main());
        }
        for by in ["day", "week", "month", "topic", "channel"] {
            for view in ["main", "wait", "handling", "bot", "people"] {
                let page = all.get(&format!("/figures/report?by={by}&view={view}")).await;
                assert!(page.status == 200 && page.main().contains("合計"), "{by} {view}: {}", page.main());
            }
        }
        let file = all.get("/figures/report.csv?by=channel").await;
        assert!(file.body.contains("\"応答率（%）\"") && file.body.contains("\"電話\",\"3\",\"3\",\"66.67\""), "{}", file.body);
        let book = all.get("/figures/report.xlsx?by=channel").await;
        assert_eq!(&book.bytes[..2], b"PK");
        let page = own.get("/figures/report?by=section").await;
        assert!(page.main().contains("市民課") && !page.main().contains("環境事業課"), "{}", page.main());
        let file = own.get("/figures/report.csv?by=section").await;
        assert!(!file.body.contains("環境事業課") && file.body.contains("\"合計\",\"2\""), "{}", file.body);
        let other = own.get("/figures/report?section=kankyo").await;
        assert!(other.status == 422 && other.main().contains("数字を見られる課"), "{}", other.main());
        assert_eq!(own.get("/figures/report.csv?section=kankyo").await.status, 422);
        let topic = all.get("/figures/report?topic=none").await;
        assert!(topic.main().contains("まだ応対がありません"));
    }

    async fn counts_of_a_business_system_are_compared(test: TestDb) {
        let city = City::new(test).await;
        let (all, own) = (city.staff("chosei").await, city.staff("shimin-kanri").await);
        a_morning(&city).await;
        assert!(all.get("/figures/reconciliation").await.main().contains("まだ突き合わせがありません"));
        let path = "/figures/reconciliation";
        let system = [("system", "住民記録システム")];
        let file = "date,section,count\n2026-11-23,shimin,1\n2026-11-23,kankyo,2\n".as_bytes();
        let sent = all.post_file(path, &system, "counts.csv", file).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let address = sent.location().to_owned();
        let compared = all.get(&address).await;
        for words in ["住民記録システム", "<td class=\"n\" data-label=\"差\">0件</td>", "-2件", "100.0%", "確かめてください", "合っています"] {
            assert!(compared.main().contains(words), "{words}: {}", compared.main());
        }
        let compared = own.get(&address).await;
        assert!(compared.main().contains("市民課") && !compared.main().contains("環境事業課"), "{}", compared.main());
        let topics = all.post_file(path, &system, "t.csv", b"date,topic,count\n2026-11-23,moving,1\n").await;
        assert_eq!(own.get(topics.location()).await.status, 404, "of the whole city");
        assert_eq!(all.get("/figures/reconciliation/none").await.status, 404);
    }

    async fn a_file_with_a_wrong_line_leaves_nothing(test: TestDb) {
        let city = City::new(test).await;
        let own = city.staff("shimin-kanri").await;
        let path = "/figures/reconciliation";
        let system = [("system", "住民記録システム")];
        let file = "date,section,count\n2026-11-20,shimin,1\n11/21,shimin,2\n2026-11-22,kankyo,2\n".as_bytes();
        let wrong = own.post_file(path, &system, "counts.csv", file).await;
        assert_eq!(wrong.status, 422);
        for words in ["3行目", "「11/21」は日付", "4行目", "見られる課ではありません", "住民記録システム"] {
            assert!(wrong.main().contains(words), "{words}: {}", wrong.main());
        }
        let nameless = own.post_file(path, &[("system", " ")], "c.csv", b"date,section,count\n2026-11-20,shimin,1\n").await;
        assert!(nameless.status == 422 && nameless.main().contains("業務システムの名前を"), "{}", nameless.main());
        let empty = own.post_file(path, &system, "c.csv", b"").await;
        assert!(empty.status == 422 && empty.main().contains("ファイルを選んでください"));
        assert!(city.texts("SELECT id AS v FROM reconciliation").await.is_empty());
        assert!(city.texts("SELECT day AS v FROM reconciliation_line").await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_period_is_told_beside_its_field() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("chosei").await;
    for (query, words) in [
        ("from=2026-11-30&to=2026-11-01", "終わりの日より後"),
        ("from=11/1", "日付ではありません"),
        ("from=2020-01-01&to=2026-11-01", "日までにしてください"),
        ("topic=nothing", "分類を一覧から"),
        ("channel=pigeon", "受けた方法を一覧から"),
    ] {
        let page = desk.get(&format!("/figures/report?{query}")).await;
        assert!(page.status == 422 && page.main().contains(words), "{query}: {}", page.main());
        assert_eq!(desk.get(&format!("/figures/report.csv?{query}")).await.status, 422, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staffing_is_computed_from_what_is_typed_or_was() {
    let city = City::new(TestDb::sqlite().await).await;
    let desk = city.staff("chosei").await;
    assert!(desk.get("/figures/staffing").await.main().contains("まだ計算していません"));
    // 12 calls of 5 minutes in half an hour are 2 erlangs.
    let page = desk.get("/figures/staffing?take=typed&aht=300&loads=9%3A00+12%0A9%3A30+0").await;
    for words in ["9:00〜9:30", "2.00", "<b>4人</b>", "6人", "0人"] {
        assert!(page.main().contains(words), "{words}: {}", page.main());
    }
    for (query, words) in [
        ("take=typed&loads=9:15+3", "1行目「9:15 3」を読めません"),
        ("take=typed&loads=", "30分ごとの件数を書いてください"),
        ("take=typed&loads=9:00+3&aht=0", "平均処理時間は0より長い"),
        ("take=typed&loads=9:00+3&share=100", "約束できません"),
        ("take=typed&loads=9:00+3&within=x", "目標の秒数を数で"),
        ("take=typed&loads=9:00+3&shrinkage=100", "不在率は0%以上"),
        ("take=typed&loads=9:00+99999999", "アーランを超えて"),
    ] {
        let page = desk.get(&format!("/figures/staffing?{query}")).await;
        assert!(page.status == 422 && page.main().contains(words), "{query}: {}", page.main());
    }
    let none = desk.get("/figures/staffing?take=past&weekday=0&weeks=4").await;
    assert!(none.main().contains("応対はありませんでした"), "{}", none.main());
    a_morning(&city).await;
    city.test.clock.advance(std::time::Duration::from_secs(7 * 86_400));
    let desk = city.staff("chosei").await;
    let past = desk.get("/figures/staffing?take=past&weekday=0&weeks=4").await;
    assert!(past.main().contains("9:30 0.8") && past.main().contains("4日"), "three in four weeks: {}", past.main());
    assert!(past.main().contains("value=\"300\""), "the handling time of the only one that ended: {}", past.main());
}
