//! Operators on the staff's face: what they do, how many contacts they take, what they are good at.

use axum::http::StatusCode;
use testkit::on_both_engines;

use crate::records::contacts::Talk;
use crate::support::City;

/// The address of the page of an account.
async fn page_of(city: &City, login: &str) -> String {
    let mut tx = city.test.db.read().await.expect("read");
    let found = access::store::account::secrets_of_login(&mut tx, login).await.expect("read");
    format!("/operators/{}", found.expect("the account").id)
}

on_both_engines! {
    async fn a_supervisor_sees_and_sets_their_operators(test: TestDb) {
        let city = City::new(test).await;
        city.test.clock.advance(std::time::Duration::from_secs(86_400));
        let (supervisor, operator) = (city.staff("supervisor").await, city.staff("operator-1").await);
        let page = page_of(&city, "operator-1").await;
        let list = supervisor.get("/operators").await;
        for part in ["オペレーター 1", "離席", "0件</span> / 4件まで", "どれでも", &page] {
            assert!(list.main().contains(part), "{part}: {}", list.main());
        }
        assert!(!list.main().contains("市民課 作成者"), "who is no operator is not there");
        let form = [("most", "２"), ("skill", "lang:en"), ("skill", "topic:waste")];
        assert_eq!(supervisor.post(&page, &form).await.location(), "/operators?done=operator-saved");
        let talk = Talk::begin(&city, "人と話したいです").await;
        operator.post(&format!("{}/pick-up", talk.desk()), &[]).await;
        let list = supervisor.get("/operators").await;
        for part in ["受付可", "1件</span> / 2件まで", "English", "ごみ・環境", "いま受付可は1人です"] {
            assert!(list.main().contains(part), "{part}: {}", list.main());
        }
        // What is wrong is told beside the field, and what was marked stays marked.
        for most in ["0", "21", "たくさん", ""] {
            let wrong = supervisor.post(&page, &[("most", most), ("skill", "topic:tax")]).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{most}");
            assert!(wrong.main().contains("1から20までの数字で入れてください"), "{}", wrong.main());
            assert!(wrong.main().contains("value=\"topic:tax\" checked") && !wrong.main().contains("value=\"topic:waste\" checked"));
            assert!(wrong.main().contains(&format!("name=\"most\" value=\"{most}\"")), "{}", wrong.main());
        }
        let audited = city.texts("SELECT object AS v FROM audit_event WHERE action = 'operator.skills'").await;
        assert_eq!(audited, [page.rsplit('/').next().expect("an id")]);
    }

    async fn nobody_sets_who_is_not_theirs(test: TestDb) {
        let city = City::new(test).await;
        let (manager, supervisor) = (city.staff("shimin-kanri").await, city.staff("supervisor").await);
        let (operator, author) = (page_of(&city, "operator-1").await, page_of(&city, "shimin-sakusei").await);
        assert!(manager.get("/operators").await.main().contains("担当者は、まだいません"));
        for (desk, page) in [(&manager, &operator), (&supervisor, &author), (&supervisor, &"/operators/nobody".to_owned())] {
            assert_eq!(desk.get(page).await.status, StatusCode::FORBIDDEN, "{page}");
            assert_eq!(desk.post(page, &[("most", "1")]).await.status, StatusCode::FORBIDDEN, "{page}");
        }
        assert!(city.texts("SELECT account AS v FROM operator_state").await.is_empty());
    }
}
