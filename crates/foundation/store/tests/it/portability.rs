//! SQL that the house may use, with the one meaning that it has on both engines.

use store::{FromCell, StoreError, Value, params};
use testkit::{TestDb, on_both_engines};

use crate::support::{column, execute, number};

const ITEM: &str = "CREATE TABLE item (
    id TEXT PRIMARY KEY,
    grp TEXT,
    n BIGINT,
    flag BOOLEAN,
    ratio DOUBLE PRECISION
)";

/// Words in which a human order and that of code points differ.
const WORDS: &[&str] = &[
    "b", "A", "a", "B", "Z", "z", "_", "1", "10", "2", "é", "É", "e", "あ", "ア", "ぁ", "ｱ", "い", "亜", "一", "𠮷",
    "吉", "\u{e000}", "", " ", "ä", "ｚ", "-a", "a-", "aa", "aB", "ab",
];

async fn words(t: &TestDb) {
    t.create(ITEM).await;
    let mut tx = t.db.write().await.expect("write");
    let rows = WORDS.iter().enumerate().map(|(i, word)| params![format!("{i:03}"), *word]);
    tx.insert_many("item", &["id", "grp"], rows).await.expect("words");
    tx.commit().await.expect("commit");
}

/// Five rows in two groups and one without; one number is NULL.
async fn items(t: &TestDb) {
    t.create(ITEM).await;
    let rows = [
        params!["a", "x", 1, true, 0.5],
        params!["b", "x", 2, false, 1.5],
        params!["c", "y", 4, true, 2.5],
        params!["d", "y", None::<i64>, None::<bool>, None::<f64>],
        params!["e", None::<&str>, 8, false, -1.0],
    ];
    let mut tx = t.db.write().await.expect("write");
    tx.insert_many("item", &["id", "grp", "n", "flag", "ratio"], rows).await.expect("items");
    tx.commit().await.expect("commit");
}

/// One column of an answer with parameters.
async fn answer<T: FromCell>(t: &TestDb, sql: &'static str, values: Vec<Value>) -> Vec<T> {
    let mut tx = t.db.read().await.expect("read");
    let rows = tx.rows(sql, values).await.expect("rows");
    rows.iter().map(|row| row.get("v").expect("column")).collect()
}

on_both_engines! {
    async fn texts_sort_by_code_point(t: TestDb) {
        words(&t).await;
        let mut sorted = WORDS.to_vec();
        sorted.sort_unstable();
        assert_eq!(answer::<String>(&t, "SELECT grp AS v FROM item ORDER BY grp", params![]).await, sorted);
        sorted.reverse();
        assert_eq!(answer::<String>(&t, "SELECT grp AS v FROM item ORDER BY grp DESC", params![]).await, sorted);
    }

    async fn texts_compare_by_code_point(t: TestDb) {
        words(&t).await;
        for bound in WORDS {
            let mut below: Vec<_> = WORDS.iter().filter(|w| *w < bound).copied().collect();
            below.sort_unstable();
            let found: Vec<String> =
                answer(&t, "SELECT grp AS v FROM item WHERE grp < $1 ORDER BY grp", params![*bound]).await;
            assert_eq!(found, below, "below {bound:?}");
        }
        let extremes: Vec<String> = answer(&t, "SELECT min(grp) || max(grp) AS v FROM item", params![]).await;
        assert_eq!(extremes, ["𠮷"]);
    }

    /// Equal means the same code points: case, width and composition matter.
    async fn texts_are_equal_only_when_the_same(t: TestDb) {
        words(&t).await;
        for word in WORDS {
            let found: Vec<String> = answer(&t, "SELECT grp AS v FROM item WHERE grp = $1", params![*word]).await;
            assert_eq!(found, [*word]);
        }
        let composed: Vec<String> = answer(&t, "SELECT grp AS v FROM item WHERE grp = $1", params!["e\u{301}"]).await;
        assert!(composed.is_empty());
    }

    async fn lower_minds_only_ascii(t: TestDb) {
        words(&t).await;
        let lowered: Vec<String> =
            answer(&t, "SELECT lower(grp) AS v FROM item WHERE grp IN ('A', 'É', 'Z') ORDER BY id", params![]).await;
        assert_eq!(lowered, ["a", "z", "É"]);
    }

    async fn length_and_substr_count_characters(t: TestDb) {
        let found: Vec<i64> = answer(&t, "SELECT length($1) AS v", params!["𠮷a窓"]).await;
        assert_eq!(found, [3]);
        let found: Vec<String> = answer(&t, "SELECT substr($1, 1, 2) AS v", params!["𠮷a窓"]).await;
        assert_eq!(found, ["𠮷a"]);
    }

    async fn nulls_go_where_they_are_sent(t: TestDb) {
        items(&t).await;
        let order = |v: Vec<String>| v.concat();
        for (sql, expected) in [
            ("SELECT id AS v FROM item ORDER BY n NULLS FIRST, id", "dabce"),
            ("SELECT id AS v FROM item ORDER BY n NULLS LAST, id", "abced"),
            ("SELECT id AS v FROM item ORDER BY n DESC NULLS FIRST, id", "decba"),
            ("SELECT id AS v FROM item ORDER BY n DESC NULLS LAST, id", "ecbad"),
            ("SELECT id AS v FROM item ORDER BY grp NULLS FIRST, id", "eabcd"),
        ] {
            assert_eq!(order(answer(&t, sql, params![]).await), expected, "{sql}");
        }
    }

    async fn counts_sums_and_averages(t: TestDb) {
        items(&t).await;
        let mut tx = t.db.read().await.expect("read");
        let row = tx
            .row(
                "SELECT count(*) AS rows, count(n) AS numbers, count(DISTINCT grp) AS groups, max(n) AS most,
                        CAST(sum(n) AS BIGINT) AS total, CAST(avg(n) AS DOUBLE PRECISION) AS mean,
                        CAST(sum(ratio) AS DOUBLE PRECISION) AS real_total
                 FROM item",
                params![],
            )
            .await
            .expect("query")
            .expect("row");
        assert_eq!(row.get::<i64>("rows").expect("rows"), 5);
        assert_eq!(row.get::<i64>("numbers").expect("numbers"), 4);
        assert_eq!(row.get::<i64>("groups").expect("groups"), 2);
        assert_eq!(row.get::<i64>("most").expect("most"), 8);
        assert_eq!(row.get::<i64>("total").expect("total"), 15);
        assert_eq!(row.get::<f64>("mean").expect("mean"), 3.75);
        assert_eq!(row.get::<f64>("real_total").expect("real_total"), 3.5);
    }

    async fn sums_of_nothing_are_null(t: TestDb) {
        t.create(ITEM).await;
        let sum: Vec<Option<i64>> = answer(&t, "SELECT CAST(sum(n) AS BIGINT) AS v FROM item", params![]).await;
        assert_eq!(sum, [None]);
        let sum: Vec<i64> = answer(&t, "SELECT COALESCE(CAST(sum(n) AS BIGINT), 0) AS v FROM item", params![]).await;
        assert_eq!(sum, [0]);
    }

    async fn case_gives_one_type(t: TestDb) {
        items(&t).await;
        let sql = "SELECT CASE WHEN n > 3 THEN 1 ELSE 0 END AS v FROM item ORDER BY id";
        assert_eq!(answer::<i64>(&t, sql, params![]).await, [0, 0, 1, 0, 1]);
        let sql = "SELECT CASE WHEN n > 3 THEN 'big' WHEN n IS NULL THEN NULL ELSE 'small' END AS v FROM item ORDER BY id";
        let words: Vec<Option<String>> = answer(&t, sql, params![]).await;
        assert_eq!(words, [Some("small"), Some("small"), Some("big"), None, Some("big")].map(|w| w.map(String::from)));
        let sql = "SELECT CASE WHEN n > 3 THEN TRUE ELSE FALSE END AS v FROM item ORDER BY id";
        assert_eq!(answer::<bool>(&t, sql, params![]).await, [false, false, true, false, true]);
    }

    async fn booleans_are_conditions_and_answers(t: TestDb) {
        items(&t).await;
        assert_eq!(answer::<String>(&t, "SELECT id AS v FROM item WHERE flag ORDER BY id", params![]).await, ["a", "c"]);
        assert_eq!(answer::<String>(&t, "SELECT id AS v FROM item WHERE NOT flag ORDER BY id", params![]).await, ["b", "e"]);
        assert_eq!(
            answer::<String>(&t, "SELECT id AS v FROM item WHERE flag = $1 ORDER BY id", params![true]).await,
            ["a", "c"]
        );
        assert_eq!(answer::<bool>(&t, "SELECT n > 1 AS v FROM item WHERE n IS NOT NULL ORDER BY id", params![]).await, [
            false, true, true, true
        ]);
        assert_eq!(answer::<bool>(&t, "SELECT EXISTS (SELECT 1 FROM item WHERE n = $1) AS v", params![4]).await, [true]);
    }

    async fn null_is_not_distinct_from_null(t: TestDb) {
        items(&t).await;
        for (group, expected) in [(None, vec!["e"]), (Some("x"), vec!["a", "b"]), (Some("z"), vec![])] {
            let sql = "SELECT id AS v FROM item WHERE grp IS NOT DISTINCT FROM $1 ORDER BY id";
            assert_eq!(answer::<String>(&t, sql, params![group]).await, expected, "{group:?}");
        }
        let sql = "SELECT id AS v FROM item WHERE grp IS DISTINCT FROM $1 ORDER BY id";
        assert_eq!(answer::<String>(&t, sql, params!["x"]).await, ["c", "d", "e"]);
    }

    async fn pages_by_row_value_show_every_row_once(t: TestDb) {
        t.create(ITEM).await;
        let mut tx = t.db.write().await.expect("write");
        // Three rows for each number, so that pages of four end within equal numbers.
        let rows = (0..30i64).map(|i| params![format!("{:02}", (i * 7) % 30), i / 3]);
        tx.insert_many("item", &["id", "n"], rows).await.expect("rows");
        let mut seen: Vec<(i64, String)> = Vec::new();
        let (mut n, mut id) = (i64::MAX, String::new());
        loop {
            let page = tx
                .rows(
                    "SELECT n, id FROM item WHERE (n, id) < ($1, $2) ORDER BY n DESC, id DESC LIMIT $3",
                    params![n, &id, 4],
                )
                .await
                .expect("page");
            let Some(last) = page.last() else { break };
            (n, id) = (last.get("n").expect("n"), last.get("id").expect("id"));
            seen.extend(page.iter().map(|r| (r.get("n").expect("n"), r.get("id").expect("id"))));
        }
        assert_eq!(seen.len(), 30);
        assert!(seen.is_sorted_by(|a, b| a > b), "{seen:?}");
    }

    async fn limit_and_offset_are_parameters(t: TestDb) {
        items(&t).await;
        let sql = "SELECT id AS v FROM item ORDER BY id LIMIT $1 OFFSET $2";
        assert_eq!(answer::<String>(&t, sql, params![2, 1]).await, ["b", "c"]);
    }

    async fn window_functions(t: TestDb) {
        items(&t).await;
        let sql = "SELECT row_number() OVER (PARTITION BY grp ORDER BY id DESC) AS v FROM item
                   WHERE grp IS NOT NULL ORDER BY id";
        assert_eq!(answer::<i64>(&t, sql, params![]).await, [2, 1, 2, 1]);
        let sql = "SELECT id AS v FROM (SELECT id, rank() OVER (ORDER BY n DESC NULLS LAST) AS place FROM item) ranked
                   WHERE place <= $1 ORDER BY place";
        assert_eq!(answer::<String>(&t, sql, params![2]).await, ["e", "c"]);
        let sql = "SELECT CAST(sum(n) OVER (ORDER BY id) AS BIGINT) AS v FROM item ORDER BY id";
        assert_eq!(answer::<i64>(&t, sql, params![]).await, [1, 3, 7, 7, 15]);
    }

    async fn filtered_aggregates(t: TestDb) {
        items(&t).await;
        let sql = "SELECT count(*) FILTER (WHERE flag) AS v FROM item GROUP BY grp ORDER BY grp NULLS LAST";
        assert_eq!(answer::<i64>(&t, sql, params![]).await, [1, 1, 0]);
    }

    async fn string_agg_joins_in_order(t: TestDb) {
        items(&t).await;
        let sql = "SELECT string_agg(id, '、' ORDER BY id DESC) AS v FROM item GROUP BY grp ORDER BY grp NULLS LAST";
        assert_eq!(answer::<String>(&t, sql, params![]).await, ["b、a", "d、c", "e"]);
        let sql = "SELECT string_agg(grp, ',' ORDER BY id) AS v FROM item";
        assert_eq!(answer::<String>(&t, sql, params![]).await, ["x,x,y,y"]);
    }

    async fn common_tables_may_recurse(t: TestDb) {
        let sql = "WITH RECURSIVE step (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM step WHERE n < $2)
                   SELECT n AS v FROM step ORDER BY n";
        assert_eq!(answer::<i64>(&t, sql, params![3, 6]).await, [3, 4, 5, 6]);
    }

    async fn integer_division_cuts_towards_zero(t: TestDb) {
        assert_eq!(answer::<i64>(&t, "SELECT $1 / $2 AS v", params![-7, 2]).await, [-3]);
        assert_eq!(answer::<i64>(&t, "SELECT $1 % $2 AS v", params![-7, 2]).await, [-1]);
    }

    async fn text_with_null_is_null(t: TestDb) {
        assert_eq!(answer::<Option<String>>(&t, "SELECT $1 || $2 AS v", params!["a", None::<&str>]).await, [None]);
    }

    async fn an_upsert_returns_what_is_there_now(t: TestDb) {
        t.create(ITEM).await;
        let mut tx = t.db.write().await.expect("write");
        for expected in [5, 10, 15] {
            let row = tx
                .row(
                    "INSERT INTO item (id, n) VALUES ($1, $2)
                     ON CONFLICT (id) DO UPDATE SET n = item.n + excluded.n RETURNING id, n",
                    params!["a", 5],
                )
                .await
                .expect("upsert")
                .expect("row");
            assert_eq!(row.get::<i64>("n").expect("n"), expected);
        }
    }

    async fn update_and_delete_tell_what_they_touched(t: TestDb) {
        items(&t).await;
        let mut tx = t.db.write().await.expect("write");
        assert_eq!(tx.execute("UPDATE item SET n = 0 WHERE grp = $1", params!["x"]).await.expect("update"), 2);
        assert_eq!(tx.execute("UPDATE item SET n = 0 WHERE grp = $1", params!["z"]).await.expect("update"), 0);
        let gone = tx.rows("DELETE FROM item WHERE grp = $1 RETURNING id", params!["y"]).await.expect("delete");
        assert_eq!(gone.len(), 2);
    }

    async fn a_partial_unique_index_minds_only_its_part(t: TestDb) {
        t.create(ITEM).await;
        execute(&t.db, "CREATE UNIQUE INDEX item_grp ON item (grp) WHERE flag", params![]).await.expect("index");
        let insert = |id: &'static str, flag: bool| {
            let db = t.db.clone();
            async move {
                execute(
                    &db,
                    "INSERT INTO item (id, grp, flag) VALUES ($1, 'x', $2) ON CONFLICT DO NOTHING",
                    params![id, flag],
                )
                .await
                .expect("insert")
            }
        };
        assert_eq!(insert("a", true).await, 1);
        assert_eq!(insert("b", true).await, 0, "the part holds one already");
        assert_eq!(insert("c", false).await, 1, "outside of the part");
        execute(&t.db, "UPDATE item SET flag = $1 WHERE id = 'a'", params![false]).await.expect("update");
        assert_eq!(insert("d", true).await, 1, "the part is free again");
        assert_eq!(column::<String>(&t.db, "SELECT id FROM item ORDER BY id", "id").await, ["a", "c", "d"]);
    }

    #[cfg(debug_assertions)]
    async fn forbidden_sql_is_refused_before_it_runs(t: TestDb) {
        items(&t).await;
        let mut tx = t.db.write().await.expect("write");
        for sql in [
            "DELETE FROM item WHERE id LIKE 'a'",
            "DELETE FROM item WHERE now() IS NULL",
            "INSERT OR REPLACE INTO item (id) VALUES ('a')",
            "SELECT sum(n) AS n FROM item",
            "SELECT id FROM item FOR UPDATE\n    SKIP\tLOCKED",
        ] {
            for outcome in [tx.execute(sql, params![]).await.map(|_| ()), tx.rows(sql, params![]).await.map(|_| ())] {
                assert!(matches!(outcome, Err(StoreError::NotPortable(_))), "{sql}: {outcome:?}");
            }
        }
        tx.commit().await.expect("nothing of it reached the database");
        assert_eq!(number(&t.db, "SELECT count(*) AS n FROM item").await, 5);
    }
}
