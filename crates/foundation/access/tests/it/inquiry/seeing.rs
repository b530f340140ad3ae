//! Who sees which inquiries, and how much of them.

use access::inquiry::{self, Filter, Whose};
use access::{AccessError, Role};
use testkit::on_both_engines;

use super::*;

async fn numbers(t: &TestDb, city: &Organisation, who: &Principal, filter: &Filter<'_>) -> Vec<String> {
    let mut tx = t.db.read().await.expect("read");
    let page = inquiry::list(&mut tx, who, city, t.clock.now().jst_date(), filter).await.expect("list");
    assert!(page.total >= page.rows.len() as i64);
    page.rows.into_iter().map(|row| inquiry::short_number(&row.inquiry.number).to_owned()).collect()
}

fn of(whose: Whose) -> Filter<'static> {
    Filter { whose, ..Filter::default() }
}

on_both_engines! {
    async fn lists_show_what_concerns_somebody(t: TestDb) {
        let city = founded(&t).await;
        let both = opened(&t, &city).await;
        let kosodate = ["kosodate".to_owned()];
        acting(&t, &city, &asker(), async |tx, by| inquiry::open(tx, by, new("2026-12-01", &kosodate)).await)
            .await
            .expect("opened");
        let nobody = Principal { account: "x".into(), name: "x".into(), sections: vec![], roles: vec![] };
        let coordinator = holder("c", Role::Coordinator, "kankyo");
        for (who, whose, expected) in [
            (author("gomi"), Whose::ToAnswer, vec!["2026-0001"]),
            (author("kosodate"), Whose::ToAnswer, vec!["2026-0002", "2026-0001"]),
            (author("kankyo"), Whose::ToAnswer, vec![]),
            (asker(), Whose::ToAnswer, vec![]),
            (asker(), Whose::Asked, vec!["2026-0002", "2026-0001"]),
            (author("koho"), Whose::Asked, vec![]),
            (author("gomi"), Whose::All, vec!["2026-0001"]),
            (coordinator.clone(), Whose::All, vec!["2026-0002", "2026-0001"]),
            (coordinator, Whose::Asked, vec![]),
            (nobody, Whose::All, vec![]),
        ] {
            assert_eq!(numbers(&t, &city, &who, &of(whose)).await, expected, "{who:?} {whose:?}");
        }
        answered(&t, &city, &author("gomi"), (&both.id, "gomi", 1), Answer::Text("答え")).await.expect("answered");
        let pending = Filter { pending: true, ..of(Whose::ToAnswer) };
        assert!(numbers(&t, &city, &author("gomi"), &pending).await.is_empty(), "another section's debt is not ours");
        assert_eq!(numbers(&t, &city, &author("kosodate"), &pending).await.len(), 2);
        // From 1 April the successor has what was put to gomi.
        at(&t, "2027-04-01", 10);
        assert_eq!(numbers(&t, &city, &author("kankyo"), &of(Whose::ToAnswer)).await, ["2026-0001"]);
        acting(&t, &city, &asker(), async |tx, by| inquiry::close(tx, by, &both.id).await).await.expect("closed");
        assert_eq!(numbers(&t, &city, &asker(), &of(Whose::Asked)).await, ["2026-0002"]);
        let every = Filter { state: None, ..of(Whose::Asked) };
        assert_eq!(numbers(&t, &city, &asker(), &every).await, ["2026-0002", "2026-0001"], "open ones first");
        assert_eq!(numbers(&t, &city, &asker(), &Filter { limit: 1, offset: 1, ..every }).await, ["2026-0001"]);
        assert!(numbers(&t, &city, &asker(), &Filter { kind: Some("faq-round"), ..of(Whose::Asked) }).await.is_empty());
    }

    async fn a_section_sees_its_own_part_only(t: TestDb) {
        let city = founded(&t).await;
        let both = opened(&t, &city).await;
        answered(&t, &city, &author("gomi"), (&both.id, "gomi", 1), Answer::Text("内緒")).await.expect("answered");
        let mut tx = t.db.read().await.expect("read");
        let mut see = async |who: Principal| inquiry::detail(&mut tx, &who, &city, day(TODAY), "2026-0001").await;
        let own = see(author("kosodate")).await.expect("asked");
        assert!(!own.asks && own.targets.len() == 1 && own.targets[0].section == "kosodate");
        assert!(own.events.iter().all(|e| e.section.as_deref() != Some("gomi")), "{:?}", own.events);
        assert_eq!((own.counts.targets, own.counts.answered), (2, 1), "how far the others are is no secret");
        let all = see(asker()).await.expect("asks");
        assert!(all.asks && all.targets.len() == 2 && all.events.len() == 2);
        assert!(see(holder("c", Role::Coordinator, "kankyo")).await.expect("the whole city").asks);
        assert!(matches!(see(author("kankyo")).await, Err(AccessError::Forbidden)));
        drop(tx);
        let mut tx = t.db.read().await.expect("read");
        let none = inquiry::detail(&mut tx, &asker(), &city, day(TODAY), "2026-9999").await;
        assert!(matches!(none, Err(AccessError::NotFound)));
    }
}
