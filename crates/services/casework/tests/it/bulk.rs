//! Many cases opened at once are what they are one by one.

use casework::case::{self, BULLYING, Why};
use casework::entry::{By, Party, Role, What};
use casework::member::{self, DeskRole};
use casework::participant::Item;
use casework::{CaseError, CaseFile, House, Kind, Kinds, Unlocked, readers};
use testkit::on_both_engines;

use crate::town::{PASSPHRASE, Town, item};

fn note(text: &str) -> What {
    What::Note { words: text.into() }
}

async fn ids(town: &Town) -> Vec<String> {
    let rows = town.rows("SELECT id FROM sealed_case WHERE desk = 'bullying' ORDER BY id").await;
    rows.iter().map(|row| row.get("id").expect("text")).collect()
}

/// What somebody finds case by case.
async fn one_by_one(town: &Town, house: House<'_>, who: &Unlocked) -> Vec<(String, CaseFile)> {
    let mut found = Vec::new();
    for id in ids(town).await {
        match case::view(house, who, &id).await {
            Ok(view) => found.push((id, view.file)),
            Err(CaseError::NotFound) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    found
}

/// Both ways of opening many, against one by one; which cases they are.
async fn alike(town: &Town, house: House<'_>, who: &Unlocked) -> Vec<String> {
    let single = one_by_one(town, house, who).await;
    let files = readers::files(house, who, BULLYING).await.expect("read");
    assert_eq!(files, single.iter().map(|(_, file)| file.clone()).collect::<Vec<_>>(), "{}", who.account);
    let views = case::gather(house, who, BULLYING, Why::Effect).await.expect("gathered");
    let views: Vec<(String, CaseFile)> = views.into_iter().map(|view| (view.clear.id, view.file)).collect();
    assert_eq!(views, single, "{}", who.account);
    single.into_iter().map(|(id, _)| id).collect()
}

async fn execute(town: &Town, sql: &'static str, values: Vec<store::Value>) {
    let mut tx = town.test.db.write().await.expect("write");
    tx.execute(sql, values).await.expect("executed");
    tx.commit().await.expect("commit");
}

on_both_engines! {
    async fn many_at_once_are_the_same_as_one_by_one(t: TestDb) {
        let town = Town::found(t).await;
        town.partners(&["p1"]).await;
        let (one, two, three) = (town.unlocked("c1").await, town.unlocked("c2").await, town.unlocked("c3").await);
        assert!(alike(&town, town.house(), &one).await.is_empty(), "nothing is there");
        let mut cases = Vec::new();
        for words in ["一", "二", "三", "四", "五", "六", "七"] {
            let (_, reporter) = town.told(words).await;
            town.write(&one, &reporter.case, vec![note("内部のメモ"), What::FirstAction { done: "電話した".into() }]).await.expect("written");
            cases.push(reporter.case);
        }
        let [plain, with_partner, without_two, renewed, walled, lost, shredded] = <[String; 7]>::try_from(cases).expect("seven");
        let (id, _) = case::open(town.house(), town.rng().as_mut(), town.case_of("電話で", By::Account("c2".into()))).await.expect("opened");
        let everything = alike(&town, town.house(), &two).await;
        assert!(everything.len() == 8 && everything.contains(&id));
        // A ring of a participant, with what they were told.
        let participant = town.invited(&one, &with_partner, "p1").await;
        let told: &[Item] = &[item("会う日", "月曜日に会います")];
        town.disclosed(&one, &with_partner, &participant, told).await.expect("disclosed");
        case::remove_reader(town.house(), town.rng().as_mut(), &one, &without_two, "c2").await.expect("removed");
        // A new epoch, for those who stay.
        case::remove_reader(town.house(), town.rng().as_mut(), &one, &renewed, "c3").await.expect("removed");
        town.write(&one, &renewed, vec![note("あとのメモ")]).await.expect("written");
        let party = Party { id: "p".into(), role: Role::School, name: "学校".into(), school: String::new(), account: None, section: Some("school".into()) };
        town.write(&one, &walled, vec![What::Party(party)]).await.expect("written");
        // The key that the second one had before a new epoch, and not the new one, as in an old backup.
        let mut tx = town.test.db.read().await.expect("read");
        let sql = "SELECT g.ring, g.epoch, g.public_half, g.sealed FROM case_grant g JOIN case_ring r ON r.id = g.ring WHERE g.reader = 'account:c2' AND r.sealed_case = $1";
        let old = tx.rows(sql, store::params![&lost]).await.expect("rows");
        drop(tx);
        case::remove_reader(town.house(), town.rng().as_mut(), &one, &lost, "c3").await.expect("removed");
        for row in &old {
            let (ring, epoch): (String, i64) = (row.get("ring").expect("text"), row.get("epoch").expect("number"));
            let (public, sealed): (Vec<u8>, Vec<u8>) = (row.get("public_half").expect("bytes"), row.get("sealed").expect("bytes"));
            execute(&town, "DELETE FROM case_grant WHERE ring = $1 AND reader = 'account:c2'", store::params![&ring]).await;
            execute(&town, "INSERT INTO case_grant (ring, epoch, reader, public_half, sealed) VALUES ($1, $2, 'account:c2', $3, $4)", store::params![ring, epoch, public, sealed]).await;
        }
        casework::OuterKeys::destroy(&town.outer, &shredded).expect("destroyed");

        let own = alike(&town, town.house(), &one).await;
        assert!(own.len() == 7 && !own.contains(&shredded));
        let own = alike(&town, town.house(), &two).await;
        assert_eq!(own.len(), 5, "{own:?}");
        for (case, is_there) in [(&plain, true), (&with_partner, true), (&renewed, true), (&walled, true), (&without_two, false), (&lost, false)] {
            assert_eq!(own.contains(case), is_there);
        }
        let own = alike(&town, town.house(), &three).await;
        assert!(!own.contains(&walled) && !own.contains(&renewed) && own.contains(&without_two));
        assert!(alike(&town, town.house(), &town.unlocked("p1").await).await.is_empty(), "a participant is no reader");

        // Whoever comes to a section that stands on the wall holds their keys still, and is no reader from that day on.
        let house = House { sections: &|account| if account == "c2" { vec!["school".into()] } else { Vec::new() }, ..town.house() };
        let own = alike(&town, house, &two).await;
        assert!(own.len() == 4 && !own.contains(&walled), "{own:?}");
    }

    async fn cases_of_another_desk_stay_there(t: TestDb) {
        let mut town = Town::found(t).await;
        town.kinds = Kinds::new(vec![Kind { desk: "elsewhere".into(), ..Kind::bullying() }]).expect("kinds");
        town.told("ここの話").await;
        member::join(town.house(), "account:admin", "elsewhere", "c1", DeskRole::Consultant, "ふたつの窓口").await.expect("joined");
        let one = town.unlocked("c1").await;
        case::open(town.house(), town.rng().as_mut(), case::NewCase { desk: "elsewhere", ..town.case_of("よその話", By::Account("c1".into())) }).await.expect("opened");
        assert_eq!(alike(&town, town.house(), &one).await.len(), 1);
        assert_eq!(readers::files(town.house(), &one, "elsewhere").await.expect("read").len(), 1);
        // Somebody with another key opens nothing at all.
        member::make_key(town.house(), town.rng(), "forger", "forger", PASSPHRASE).await.expect("a key");
        let forged = Unlocked { account: "c1".into(), ..town.unlocked("forger").await };
        assert!(readers::files(town.house(), &forged, BULLYING).await.is_err());
        assert!(case::gather(town.house(), &forged, BULLYING, Why::Agenda).await.is_err());
        assert_eq!(town.chain("desk.compare").await.len(), 3, "written before anything is opened");
    }
}
