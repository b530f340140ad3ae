//! Audit chains: what was recorded verifies, and each kind of damage is found.

use std::time::Duration;

use store::audit::export::{self, Exported};
use store::audit::{self, Event, Filter, KeyCheck, Kind, Report};
use store::{Db, HouseKey, Sql, StoreError, params};
use testkit::{TestDb, house_key, on_both_engines};

use crate::support::{column, number, soon};

fn event(object: &str) -> Event<'_> {
    Event {
        actor: "account:a1",
        action: "article.publish",
        object_kind: "article",
        object,
        fields: &["question", "answer"],
    }
}

/// Records `count` events in a stream, each at a second of its own.
async fn fill(t: &TestDb, stream: &str, count: usize) {
    let mut tx = t.db.write().await.expect("write");
    for n in 0..count {
        t.clock.advance(Duration::from_secs(1));
        audit::record_in(&mut tx, &t.clock, stream, event(&format!("{stream}-{n}"))).await.expect("recorded");
    }
    tx.commit().await.expect("commit");
}

/// Does what the house never does.
async fn damage(db: &Db, statements: &[&str]) {
    let mut tx = db.write().await.expect("write");
    for statement in statements {
        let touched = tx.execute(Sql::built((*statement).to_owned()), params![]).await.expect(statement);
        assert!(touched > 0, "{statement}");
    }
    tx.commit().await.expect("commit");
}

async fn verify(db: &Db, exported: Option<&Exported>) -> Report {
    audit::verify(&mut db.read().await.expect("read"), exported, |_| {}).await.expect("verified")
}

/// The heads as they are read back from the line of an export.
async fn exported(t: &TestDb) -> Exported {
    let heads = audit::heads(&mut t.db.read().await.expect("read")).await.expect("heads");
    let line = export::to_line(&house_key(), testkit::at_ten(), heads).expect("a line");
    export::read(&house_key(), line.as_bytes()).expect("read")
}

fn found(report: &Report) -> Vec<(&str, i64, Kind)> {
    assert_eq!(report.found, report.problems.len() as u64);
    assert!(report.problems.iter().all(|p| p.sentence.len() > 20));
    report.problems.iter().map(|p| (p.stream.as_str(), p.seq, p.kind)).collect()
}

/// Two streams, then damage in the second, then what is found without and with exported heads.
async fn after(t: TestDb, statements: &[&str], without: &[(i64, Kind)], with: &[(i64, Kind)]) {
    for stream in ["a/00", "b/00", "c/00"] {
        fill(&t, stream, 9).await;
    }
    let heads = exported(&t).await;
    assert_eq!(found(&verify(&t.db, Some(&heads)).await), [], "before");
    damage(&t.db, statements).await;
    let named = |list: &[(i64, Kind)]| list.iter().map(|(seq, kind)| ("b/00", *seq, *kind)).collect::<Vec<_>>();
    assert_eq!(found(&verify(&t.db, None).await), named(without), "{statements:?} without heads");
    let report = verify(&t.db, Some(&heads)).await;
    assert_eq!(found(&report), named(with), "{statements:?} with heads");
    assert_eq!(report.exported_at, Some(testkit::at_ten()));
    t.close().await;
}

/// A forged event for place `seq`.
fn forged(seq: i64) -> String {
    format!(
        "INSERT INTO audit_event (stream, seq, at, actor, action, object_kind, object, fields, mac)
         VALUES ('b/00', {seq}, 5, 'account:x', 'person.read', 'person', 'p', '', 'ab')"
    )
}

/// Moves the events from `first` on by `by` places.
fn shift(first: i64, by: i64) -> [String; 2] {
    [
        format!("UPDATE audit_event SET seq = seq + {} WHERE stream = 'b/00' AND seq >= {first}", 1000 + by),
        "UPDATE audit_event SET seq = seq - 1000 WHERE stream = 'b/00' AND seq > 1000".into(),
    ]
}

on_both_engines! {
    async fn what_was_recorded_verifies(t: TestDb) {
        assert_eq!(found(&verify(&t.db, None).await), []);
        fill(&t, "a/00", 3).await;
        fill(&t, "b/00", 1200).await;
        let mut tx = t.db.write().await.expect("write");
        audit::record(&mut tx, &t.clock, event("x")).await.expect("recorded");
        tx.commit().await.expect("commit");
        let mut told = Vec::new();
        let mut tx = t.db.read().await.expect("read");
        let report = audit::verify(&mut tx, None, |n| told.push(n)).await.expect("verified");
        assert_eq!((report.streams, report.events, report.found, report.exported_at), (3, 1204, 0, None));
        assert_eq!(told, [1000, 1204]);
        let heads = audit::heads(&mut tx).await.expect("heads");
        let lengths: Vec<_> = heads.iter().map(|h| (h.stream.clone(), h.events)).collect();
        assert_eq!(lengths, [("a/00".into(), 3), (audit::stream_of("article", "x"), 1), ("b/00".into(), 1200)]);
    }

    async fn an_event_given_up_leaves_no_gap(t: TestDb) {
        fill(&t, "a/00", 2).await;
        let mut tx = t.db.write().await.expect("write");
        audit::record_in(&mut tx, &t.clock, "a/00", event("x")).await.expect("recorded");
        drop(tx);
        fill(&t, "a/00", 2).await;
        let report = verify(&t.db, None).await;
        assert_eq!((found(&report), report.events), (vec![], 4));
    }

    async fn a_changed_event_is_found(t: TestDb) {
        let change = "UPDATE audit_event SET actor = 'account:b2' WHERE stream = 'b/00' AND seq = 4";
        after(t, &[change], &[(4, Kind::Changed)], &[(4, Kind::Changed)]).await;
    }

    async fn every_column_of_an_event_is_covered(t: TestDb) {
        fill(&t, "b/00", 3).await;
        for (change, back) in [
            ("at = at + 1", "at = at - 1"),
            ("actor = ''", "actor = 'account:a1'"),
            ("action = 'x'", "action = 'article.publish'"),
            ("object_kind = 'x'", "object_kind = 'article'"),
            ("object = 'x'", "object = 'b/00-1'"),
            ("fields = ''", "fields = 'question,answer'"),
        ] {
            let set = |to: &str| format!("UPDATE audit_event SET {to} WHERE seq = 2");
            damage(&t.db, &[&set(change)]).await;
            assert_eq!(found(&verify(&t.db, None).await), [("b/00", 2, Kind::Changed)], "{change}");
            damage(&t.db, &[&set(back)]).await;
            assert_eq!(found(&verify(&t.db, None).await), [], "{back}");
        }
        t.close().await;
    }

    async fn a_changed_last_event_is_found(t: TestDb) {
        let change = "UPDATE audit_event SET fields = '' WHERE stream = 'b/00' AND seq = 9";
        after(t, &[change], &[(9, Kind::Changed)], &[(9, Kind::Changed)]).await;
    }

    async fn an_inserted_event_is_found(t: TestDb) {
        let [away, back] = shift(4, 1);
        let put_in = [away.as_str(), &back, &forged(4)];
        let expected = [(4, Kind::Inserted), (10, Kind::Head)];
        // The ninth is another one now than that whose head was exported.
        let with_heads = [(4, Kind::Inserted), (9, Kind::Rewritten), (10, Kind::Head)];
        after(t, &put_in, &expected, &with_heads).await;
    }

    async fn an_event_before_the_first_is_found(t: TestDb) {
        after(t, &[&forged(0)], &[(0, Kind::Inserted)], &[(0, Kind::Inserted)]).await;
    }

    async fn an_added_event_is_found(t: TestDb) {
        let add = [&forged(10), "UPDATE audit_stream SET events = 10, head = 'ab' WHERE stream = 'b/00'"];
        after(t, &add, &[(10, Kind::Changed)], &[(10, Kind::Changed)]).await;
    }

    async fn a_removed_event_is_found(t: TestDb) {
        let remove = "DELETE FROM audit_event WHERE stream = 'b/00' AND seq IN (1, 4, 5)";
        let expected = [(1, Kind::Removed), (4, Kind::Removed)];
        after(t, &[remove], &expected, &expected).await;
    }

    async fn a_removed_event_whose_gap_was_closed_is_found(t: TestDb) {
        let [away, back] = shift(5, -1);
        let remove = ["DELETE FROM audit_event WHERE stream = 'b/00' AND seq = 4", &away, &back,
            "UPDATE audit_stream SET events = 8 WHERE stream = 'b/00'"];
        after(t, &remove, &[(4, Kind::Changed)], &[(4, Kind::Changed), (9, Kind::Cut)]).await;
    }

    async fn events_in_another_order_are_found(t: TestDb) {
        let swap = [
            "UPDATE audit_event SET seq = 100 WHERE stream = 'b/00' AND seq = 4",
            "UPDATE audit_event SET seq = 4 WHERE stream = 'b/00' AND seq = 5",
            "UPDATE audit_event SET seq = 5 WHERE stream = 'b/00' AND seq = 100",
        ];
        after(t, &swap, &[(4, Kind::Reordered)], &[(4, Kind::Reordered)]).await;
    }

    async fn a_head_that_does_not_match_is_found(t: TestDb) {
        let change = "UPDATE audit_stream SET head = 'ab' WHERE stream = 'b/00'";
        after(t, &[change], &[(9, Kind::Head)], &[(9, Kind::Head)]).await;
    }

    async fn a_head_that_is_missing_is_found(t: TestDb) {
        let remove = "DELETE FROM audit_stream WHERE stream = 'b/00'";
        after(t, &[remove], &[(9, Kind::HeadMissing)], &[(9, Kind::HeadMissing)]).await;
    }

    async fn events_removed_from_the_end_are_found(t: TestDb) {
        let cut = "DELETE FROM audit_event WHERE stream = 'b/00' AND seq > 7";
        after(t, &[cut], &[(8, Kind::Removed)], &[(8, Kind::Removed), (8, Kind::Cut)]).await;
    }

    async fn a_tail_cut_off_neatly_is_found_with_exported_heads_only(t: TestDb) {
        let cut = [
            "DELETE FROM audit_event WHERE stream = 'b/00' AND seq > 7",
            "UPDATE audit_stream SET events = 7, head = (SELECT mac FROM audit_event WHERE stream = 'b/00' AND seq = 7)
             WHERE stream = 'b/00'",
        ];
        after(t, &cut, &[], &[(8, Kind::Cut)]).await;
    }

    async fn a_stream_removed_neatly_is_found_with_exported_heads_only(t: TestDb) {
        let remove =
            ["DELETE FROM audit_event WHERE stream = 'b/00'", "DELETE FROM audit_stream WHERE stream = 'b/00'"];
        after(t, &remove, &[], &[(1, Kind::StreamMissing)]).await;
    }

    async fn events_removed_without_their_head_are_found(t: TestDb) {
        let remove = "DELETE FROM audit_event WHERE stream = 'b/00'";
        after(t, &[remove], &[(1, Kind::StreamMissing)], &[(1, Kind::StreamMissing)]).await;
    }

    async fn a_tail_recorded_anew_after_a_cut_is_found_with_exported_heads(t: TestDb) {
        fill(&t, "b/00", 9).await;
        let heads = exported(&t).await;
        damage(&t.db, &[
            "DELETE FROM audit_event WHERE seq > 7",
            "UPDATE audit_stream SET events = 7, head = (SELECT mac FROM audit_event WHERE seq = 7)",
        ]).await;
        fill(&t, "b/00", 5).await;
        assert_eq!(found(&verify(&t.db, None).await), []);
        assert_eq!(found(&verify(&t.db, Some(&heads)).await), [("b/00", 9, Kind::Rewritten)]);
        t.close().await;
    }

    async fn an_erased_person_disturbs_no_chain(t: TestDb) {
        t.create("CREATE TABLE somebody (\n    id TEXT PRIMARY KEY,\n    name TEXT NOT NULL\n)").await;
        let mut tx = t.db.write().await.expect("write");
        tx.execute("INSERT INTO somebody (id, name) VALUES ('p1', '申請者')", params![]).await.expect("stored");
        let stored = Event { actor: "citizen", action: "person.add", object_kind: "person", object: "p1", fields: &["name"] };
        audit::record(&mut tx, &t.clock, stored).await.expect("recorded");
        tx.commit().await.expect("commit");
        let heads = exported(&t).await;
        let mut tx = t.db.write().await.expect("write");
        tx.execute("DELETE FROM somebody", params![]).await.expect("erased");
        let erased = Event { actor: "account:a1", action: "person.erase", ..stored };
        audit::record(&mut tx, &t.clock, erased).await.expect("recorded");
        tx.commit().await.expect("commit");
        assert_eq!(found(&verify(&t.db, Some(&heads)).await), []);
        let texts: Vec<String> = column(&t.db, "SELECT actor || action || object || fields AS text FROM audit_event", "text").await;
        assert!(texts.len() == 2 && texts.iter().all(|text| !text.contains("申請者")), "{texts:?}");
        t.close().await;
    }

    async fn writers_at_once_keep_one_chain_whole(t: TestDb) {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..8 {
            // Half of them in another process.
            let db = if writer % 2 == 0 { t.db.clone() } else { t.again().await };
            let clock = t.clock.clone();
            writers.spawn(async move {
                for n in 0..15 {
                    let mut tx = db.write().await.expect("write");
                    let object = format!("{writer}-{n}");
                    audit::record_in(&mut tx, &clock, "a/00", event(&object)).await.expect("recorded");
                    if n % 5 == 4 { tx.rollback().await.expect("given up") } else { tx.commit().await.expect("commit") }
                }
            });
        }
        while let Some(done) = soon("the writers", writers.join_next()).await {
            done.expect("no panic");
        }
        let report = verify(&t.db, None).await;
        assert_eq!((found(&report), report.events), (vec![], 8 * 12));
        assert_eq!(number(&t.db, "SELECT events AS n FROM audit_stream").await, 8 * 12);
        t.close().await;
    }

    async fn another_key_is_told(t: TestDb) {
        let check = async |db: &Db| audit::check_key(&mut db.read().await.expect("read")).await.expect("checked");
        let other = t.again().await.with_key(HouseKey::new([8; 32]));
        assert_eq!((check(&t.db).await, check(&other).await), (KeyCheck::NoEvents, KeyCheck::NoEvents));
        for events in 1..=2 {
            fill(&t, "a/00", 1).await;
            assert_eq!((check(&t.db).await, check(&other).await), (KeyCheck::Right, KeyCheck::Wrong), "{events}");
        }
        fill(&t, "b/00", 30).await;
        // One problem for each stream, not for each event.
        assert_eq!(found(&verify(&other, None).await), [("a/00", 1, Kind::Changed), ("b/00", 1, Kind::Changed)]);
        // One changed event does not make the key wrong.
        damage(&t.db, &["UPDATE audit_event SET fields = '' WHERE stream = 'a/00'"]).await;
        assert_eq!(check(&t.db).await, KeyCheck::Right);
        other.close().await;
        t.close().await;
    }

    async fn without_a_key_nothing_is_recorded_or_verified(t: TestDb) {
        let db = Db::open(&t.address, store::OpenMode::Existing).await.expect("opened");
        let mut tx = db.write().await.expect("write");
        let outcome = audit::record(&mut tx, &t.clock, event("x")).await;
        assert!(matches!(outcome, Err(StoreError::Key(_))), "{outcome:?}");
        let outcome = audit::verify(&mut tx, None, |_| {}).await;
        assert!(matches!(outcome, Err(StoreError::Key(_))), "{outcome:?}");
        drop(tx);
        db.close().await;
        t.close().await;
    }

    async fn events_are_listed_newest_first_and_page_by_page(t: TestDb) {
        fill(&t, "a/00", 3).await;
        // Five at one instant, in two streams.
        let mut tx = t.db.write().await.expect("write");
        for (stream, object) in [("b/00", "o1"), ("a/00", "o2"), ("b/00", "o3"), ("a/00", "o4"), ("b/00", "o5")] {
            let event = Event { actor: "job:mail", action: "person.read", object_kind: "person", object, fields: &[] };
            audit::record_in(&mut tx, &t.clock, stream, event).await.expect("recorded");
        }
        tx.commit().await.expect("commit");
        let mut tx = t.db.read().await.expect("read");
        let all = audit::list(&mut tx, &Filter::default(), 100).await.expect("list");
        let objects: Vec<&str> = all.iter().map(|r| r.object.as_str()).collect();
        assert_eq!(objects, ["o5", "o3", "o1", "o4", "o2", "a/00-2", "a/00-1", "a/00-0"]);
        for size in 1..=9 {
            let (mut paged, mut filter) = (Vec::new(), Filter::default());
            loop {
                let page = audit::list(&mut tx, &filter, size).await.expect("page");
                let Some(last) = page.last() else { break };
                filter.before = Some(last.cursor().to_string().parse().expect("a cursor"));
                paged.extend(page);
            }
            assert_eq!(paged, all, "pages of {size}");
        }
        let count = async |tx: &mut store::Tx, filter: Filter<'_>| {
            audit::list(tx, &filter, 100).await.expect("list").len()
        };
        let at = |n: usize| Some(all[n].at);
        for (filter, expected) in [
            (Filter { actor: Some("job:mail"), ..Filter::default() }, 5),
            (Filter { action: Some("article.publish"), ..Filter::default() }, 3),
            (Filter { object_kind: Some("person"), object: Some("o3"), ..Filter::default() }, 1),
            (Filter { object_kind: Some("article"), object: Some("o3"), ..Filter::default() }, 0),
            (Filter { from: at(6), ..Filter::default() }, 7),
            (Filter { to: at(6), ..Filter::default() }, 1),
            (Filter { from: at(7), to: at(0), actor: Some("account:a1"), ..Filter::default() }, 2),
            (Filter { actor: Some("x' OR '1'='1"), ..Filter::default() }, 0),
            (Filter { actor: Some("job:mail"), before: Some(all[1].cursor()), ..Filter::default() }, 3),
        ] {
            assert_eq!(count(&mut tx, filter.clone()).await, expected, "{filter:?}");
        }
        drop(tx);
        t.close().await;
    }
}
