//! The partners' face: every route with what everybody gets who may come to it.

use axum::http::Request;
use casework::member::DeskRole;
use web::{Face, route_table};

use crate::sealed::office::{Office, WORDS};
use crate::support::{Desk, post_staff, send};

/// Who comes, all with open desks where they have one: somebody without a role (an administrator of the program), a
/// consultant who reads the case, an officer, a partner who takes part in no case.
const WHO: [&str; 4] = ["kanri-1", "ijime-1", "kaifuku-1", "kyoi"];

/// Method, pattern, what each of them gets; whoever is not logged in is led to the log-in. What a participant gets stands
/// in `partner.rs`.
const ROWS: &[(&str, &str, [u16; 4])] = &[
    ("GET", "/partner", [404, 404, 404, 200]),
    ("GET", "/partner/cases/{id}", [404; 4]),
    ("GET", "/partner/cases/{id}/files/{file}", [404; 4]),
    ("POST", "/partner/cases/{id}/messages", [404; 4]),
    ("POST", "/partner/cases/{id}/referrals/{referral}/state", [404; 4]),
    ("POST", "/partner/cases/{id}/recommendations/{recommendation}/answer", [404; 4]),
];

/// Fields of every form.
const FORM: &[(&str, &str)] = &[("state", "accepted"), ("reason", "理由"), ("words", "ことば"), ("answer", "回答")];

testkit::on_both_engines! {
    async fn every_route_of_partners_is_for_partners(test: TestDb) {
        let office = Office::open(test).await;
        office.join("kyoi", DeskRole::Partner).await;
        office.key("kyoi").await;
        let (case, _) = office.told(WORDS).await;
        let listed: Vec<_> = route_table().into_iter().filter(|route| route.face == Face::Partner).collect();
        for route in &listed {
            assert!(
                ROWS.iter().any(|row| (row.0, row.1) == (route.method, route.path)),
                "{} {} has no row",
                route.method,
                route.path
            );
        }
        assert_eq!(listed.len(), ROWS.len());
        let mut people: Vec<Desk<'_>> = vec![office.city.staff(WHO[0]).await];
        for login in &WHO[1..] {
            people.push(office.at_desk(login).await);
        }
        for (method, pattern, expected) in ROWS {
            let nobody = "3f9a12c0-77aa-4b1c-9d2e-0123456789ab";
            let mut path = pattern.replace("{id}", &case);
            for part in ["{file}", "{referral}", "{recommendation}"] {
                path = path.replace(part, nobody);
            }
            let page = match *method {
                "GET" => send(&office.city.staff, Request::get(&path)).await,
                _ => post_staff(&office.city, &path, FORM, "").await,
            };
            assert!(page.status == 303 && page.location().starts_with("/login"), "a stranger at {method} {path}");
            for (who, (desk, status)) in WHO.iter().zip(people.iter().zip(expected)) {
                let page = match *method {
                    "GET" => desk.get(&path).await,
                    _ => desk.post(&path, FORM).await,
                };
                assert_eq!(page.status.as_u16(), *status, "{who} {method} {path}: {}", page.body);
                assert!(*status == 200 || !page.body.contains(WORDS), "{who} {method} {path}");
            }
            // Without the token of the session nothing is taken.
            if *method == "POST" {
                assert_eq!(people[3].post_bare(&path, FORM).await.status, 403, "{path}");
            }
        }
    }
}
