//! What somebody sees who has the database and not the house key.

use people::place::{self, Kind};
use people::{PeopleError, address, household};
use store::{Db, HouseKey, OpenMode, Sql, params, schema};
use testkit::TestDb;

use crate::support::{ACTOR, House};

const NAME: &str = "港町花火子";
const LOCAL: &str = "hanabi-minato";
const PLACE: &str = "水面市港町1丁目2番3号";
const LABEL: &str = "港町の二人";

/// Every text of every row of every table; bytes are read as text as far as they are text.
async fn all_texts(db: &Db) -> Vec<(String, String)> {
    let mut tx = db.read().await.expect("read");
    let mut texts = Vec::new();
    for (table, info) in schema::read(&mut tx).await.expect("schema") {
        for column in info.columns.iter().filter(|c| c.kind == "TEXT") {
            let sql = format!("SELECT {0} AS text FROM {table} WHERE {0} IS NOT NULL", column.name);
            for row in tx.rows(Sql::built(sql), params![]).await.expect("rows") {
                texts.push((format!("{table}.{}", column.name), row.get("text").expect("text")));
            }
        }
        for column in info.columns.iter().filter(|c| c.kind == "BYTEA") {
            let sql = format!("SELECT {0} AS bytes FROM {table} WHERE {0} IS NOT NULL", column.name);
            for row in tx.rows(Sql::built(sql), params![]).await.expect("rows") {
                let bytes: Vec<u8> = row.get("bytes").expect("bytes");
                texts.push((format!("{table}.{}", column.name), String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
    }
    texts
}

async fn full(t: TestDb) -> House {
    let mut h = House::new(t);
    let id = h.person(Some(NAME)).await;
    h.address(&id, &format!("{LOCAL}@example.jp")).await;
    h.agree(&id).await;
    let (mut tx, clock) = (h.tx().await, h.clock());
    place::add(&mut tx, &*clock, &mut h.rng, ACTOR, &id, Kind::Whereabouts, PLACE).await.expect("place");
    household::create(&mut tx, &*clock, &mut h.rng, ACTOR, Some(LABEL)).await.expect("household");
    tx.commit().await.expect("commit");
    let mail = format!("{LOCAL}@example.jp");
    let message = h.queue_with(&id, |m| m.dedupe = Some(&mail)).await.id().to_owned();
    h.in_mailbox(&id, &mail).await;
    let sending = h.ready(&message).await;
    let said = format!("<{mail}>: greylisted, {LOCAL} must wait");
    let outcome = people::message::Outcome::Deferred { code: Some(450), detail: said, retry: None };
    let mut tx = h.tx().await;
    people::message::finish(&mut tx, &*clock, &mut h.rng, sending.attempt, outcome).await.expect("finished");
    tx.commit().await.expect("commit");
    h
}

testkit::on_both_engines! {
    async fn nothing_of_a_person_is_readable_in_any_table(t: TestDb) {
        let h = full(t).await;
        let texts = all_texts(&h.t.db).await;
        for sealed in ["address.value_sealed", "simulated_mail.body_sealed"] {
            assert!(texts.iter().any(|(column, _)| column == sealed), "{sealed}");
        }
        assert!(texts.iter().any(|(column, text)| column == "message_attempt.detail" && text.contains("greylisted")));
        for (column, text) in &texts {
            for secret in [NAME, LOCAL, PLACE, LABEL, "転入届の窓口", "example.jp"] {
                assert!(!text.to_lowercase().contains(secret), "{column} shows {secret}");
            }
        }
    }

    async fn another_house_key_opens_nothing(t: TestDb) {
        let h = full(t).await;
        let other = Db::open(&h.t.address, OpenMode::Existing).await.expect("opened").with_key(HouseKey::new([8; 32]));
        let mut tx = other.read().await.expect("read");
        let id: String = tx.row("SELECT id FROM address", params![]).await.expect("row").expect("one").get("id").expect("id");
        assert!(matches!(address::get(&mut tx, &id).await, Err(PeopleError::Sealed)));
        drop(tx);
        other.close().await;
    }

    async fn a_sealed_value_opens_in_its_own_row_only(t: TestDb) {
        let mut h = full(t).await;
        let id = h.person(None).await;
        let moved = h.address(&id, "other@example.jp").await;
        let mut tx = h.tx().await;
        tx.execute(
            "UPDATE address SET value_sealed = (SELECT value_sealed FROM address WHERE id <> $1) WHERE id = $1",
            params![&moved],
        ).await.expect("moved");
        assert!(matches!(address::get(&mut tx, &moved).await, Err(PeopleError::Sealed)));
    }
}
