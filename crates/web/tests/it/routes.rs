//! The authorisation table: every route of every face with what each principal gets. A route
//! without a row fails, and so does a row without a route.

mod partner;
mod sealed;
mod staff;

use axum::http::{Request, StatusCode};
use testkit::TestDb;
use web::{Access, Face, route_table};

use staff::{STAFF, is_around, staff_table};

use crate::records::Records;
use crate::records::contacts::{Talk, window};
use crate::support::{City, post_staff, prefixes, send};

/// Somebody who asks.
#[derive(Clone, Copy, Debug)]
enum Principal {
    /// Knows nothing.
    Stranger,
    /// Holds the key of the question and of the feedback in the addresses.
    Holder,
}

/// Face, method, pattern, what a stranger gets, what a holder gets.
type Row = (Face, &'static str, &'static str, u16, u16);

const TABLE: &[Row] = &[
    (Face::Public, "GET", "/", 200, 200),
    (Face::Public, "GET", "/ask", 200, 200),
    (Face::Public, "GET", "/suggestions", 200, 200),
    (Face::Public, "GET", "/about", 200, 200),
    (Face::Public, "GET", "/bullying/effect", 200, 200),
    // Nothing is published.
    (Face::Public, "GET", "/bullying/effect.csv", 404, 404),
    (Face::Public, "GET", "/topics/{code}", 200, 200),
    (Face::Public, "GET", "/articles/{code}", 200, 200),
    (Face::Public, "GET", "/articles/{code}/history", 200, 200),
    (Face::Public, "POST", "/articles/{code}/feedback", 303, 303),
    (Face::Public, "GET", "/articles/{code}/feedback/{id}", 404, 200),
    (Face::Public, "POST", "/articles/{code}/feedback/{id}", 303, 303),
    (Face::Public, "GET", "/questions", 200, 200),
    (Face::Public, "POST", "/questions", 303, 303),
    (Face::Public, "GET", "/questions/new", 200, 200),
    (Face::Public, "POST", "/questions/lookup", 422, 303),
    (Face::Public, "GET", "/questions/{number}/{key}", 404, 200),
    (Face::Public, "POST", "/questions/{number}/{key}/feedback", 404, 303),
    (Face::Public, "POST", "/questions/{number}/{key}/reopening", 404, 303),
    (Face::Public, "POST", "/questions/{number}/{key}/withdrawal", 404, 303),
    (Face::Public, "GET", "/contacts", 200, 200),
    (Face::Public, "POST", "/contacts", 303, 303),
    (Face::Public, "GET", "/contacts/new", 200, 200),
    (Face::Public, "POST", "/contacts/lookup", 422, 303),
    (Face::Public, "GET", "/contacts/{number}/{key}", 404, 200),
    (Face::Public, "GET", "/contacts/{number}/{key}/stream", 404, 200),
    (Face::Public, "POST", "/contacts/{number}/{key}/messages", 404, 303),
    (Face::Public, "GET", "/contacts/{number}/{key}/attachments/{id}", 404, 200),
    (Face::Public, "POST", "/contacts/{number}/{key}/choice", 404, 303),
    (Face::Public, "POST", "/contacts/{number}/{key}/hand-over", 404, 303),
    (Face::Public, "POST", "/contacts/{number}/{key}/closing", 404, 303),
    (Face::Public, "POST", "/contacts/{number}/{key}/rating", 404, 303),
    (Face::Public, "POST", "/contacts/{number}/{key}/reading", 404, 204),
    (Face::Public, "POST", "/contacts/{number}/{key}/typing", 404, 204),
    (Face::Public, "GET", "/contacts/{number}/{key}/call-back", 404, 200),
    (Face::Public, "POST", "/contacts/{number}/{key}/call-back", 404, 303),
    (Face::Public, "GET", "/room", 200, 200),
    (Face::Public, "POST", "/room", 200, 200),
    (Face::Public, "GET", "/assets/{digest}/{name}", 200, 200),
    (Face::Public, "GET", "/theme/{digest}", 200, 200),
    (Face::Public, "GET", "/opendata/faq.csv", 200, 200),
    (Face::Public, "GET", "/sitemap.xml", 200, 200),
    (Face::Public, "GET", "/robots.txt", 200, 200),
    (Face::Public, "GET", "/line/choices/{key}", 404, 200),
    (Face::Public, "POST", "/line/choices/{key}", 404, 303),
    (Face::Public, "POST", "/line/choices/{key}/unlinking", 404, 303),
    // Without what LINE gave along there is nothing to show.
    (Face::Public, "GET", "/line/link", 404, 404),
    (Face::Public, "GET", "/line/invitations/{code}", 404, 200),
    // Only LINE can sign.
    (Face::Public, "POST", "/line/webhook", 403, 403),
    (Face::Public, "GET", "/simulators/line", 200, 200),
    (Face::Public, "GET", "/simulators/line/link", 404, 404),
    (Face::Public, "POST", "/simulators/line/link", 404, 404),
    (Face::Public, "GET", "/simulators/line/menus/{id}", 404, 404),
    (Face::Public, "GET", "/simulators/line/{user}/talk", 404, 404),
    (Face::Public, "POST", "/simulators/line/{user}", 400, 400),
];

struct Keys {
    number: String,
    key: String,
    /// Of the feedback, or of a file in the conversation.
    id: String,
}

impl Keys {
    /// What the holder was given; a stranger has the same forms with other contents.
    async fn made(city: &City, round: usize) -> Keys {
        let token = format!("{round:032x}");
        let page = city.post("/questions", &[("submission", &token), ("body", "街灯が切れています")]).await;
        let parts: Vec<&str> = page.location().trim_end_matches("?new=1").split('/').collect();
        let (number, key) = (parts[2].to_owned(), parts[3].to_owned());
        let page = city.post("/articles/tennyu/feedback", &[("helped", "no"), ("q", "引っ越し")]).await;
        Keys { number, key, id: page.location().rsplit('/').next().expect("id").to_owned() }
    }

    /// The same for a conversation.
    async fn of_talk(city: &City) -> Keys {
        let talk = Talk::begin(city, "こんにちは").await;
        let id = talk.send_file(city).await;
        Keys { number: talk.number, key: talk.key, id }
    }

    /// The same for the pages that are reached from LINE: `id` is the code of a slip.
    async fn of_line(city: &City) -> Keys {
        Keys { number: String::new(), key: crate::line::pass(city).await, id: crate::line::slip(city).await }
    }

    fn guessed(&self) -> Keys {
        Keys {
            number: self.number.clone(),
            key: "0000-0000-0000-0000".into(),
            id: "01900000-0000-7000-8000-000000000000".into(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_every_principal_as_the_table_says() {
    let city = crate::line::city(TestDb::sqlite().await).await;
    crate::room::desk(&city).await;
    let listed: Vec<_> = route_table().into_iter().filter(|r| r.face == Face::Public).collect();
    for route in &listed {
        let rows = TABLE.iter().filter(|r| (r.0, r.1, r.2) == (route.face, route.method, route.path)).count();
        assert_eq!(rows, 1, "{route:?} must stand in the table once");
    }
    assert_eq!(listed.len(), TABLE.len(), "the table has a row without a route");
    let mut round = 1;
    for (face, method, path, stranger, holder) in TABLE {
        let access =
            listed.iter().find(|r| (r.face, r.method, r.path) == (*face, *method, *path)).expect("route").access;
        if access == Access::Anyone {
            assert_eq!(stranger, holder, "{path}: anyone means anyone");
        }
        let pages = *face == Face::Public
            && !["/assets", "/theme", "/opendata", "/sitemap", "/robots", "/line/webhook", "/simulators"]
                .iter()
                .any(|p| path.starts_with(p));
        let prefixes = if pages { prefixes().to_vec() } else { vec![""] };
        for prefix in prefixes {
            for (principal, expected) in [(Principal::Stranger, stranger), (Principal::Holder, holder)] {
                // Each case has a question of its own, since a withdrawal changes it.
                round += 1;
                let keys = match path {
                    p if p.starts_with("/contacts") => Keys::of_talk(&city).await,
                    p if p.starts_with("/line") => Keys::of_line(&city).await,
                    _ => Keys::made(&city, round).await,
                };
                let keys = match principal {
                    Principal::Holder => keys,
                    Principal::Stranger => keys.guessed(),
                };
                let address = path
                    .replace("/line/invitations/{code}", &format!("/line/invitations/{}", keys.id))
                    .replace("{code}", if path.starts_with("/topics") { "waste" } else { "tennyu" })
                    .replace("{user}", "U00000000000000000000000000000000")
                    .replace("{number}", &keys.number)
                    .replace("{key}", &keys.key)
                    .replace("{id}", &keys.id)
                    .replace("{digest}", "x")
                    .replace("{name}", "app.css");
                let address = format!("{prefix}{address}");
                let got = if *method == "GET" {
                    let router = if *face == Face::Public { &city.public } else { &city.staff };
                    send(router, Request::get(&address)).await
                } else {
                    let token = format!("{:032x}", 1_000_000 + round);
                    let window = window(&city, &city.state.organisation().profile.phone_section);
                    let form = [
                        ("client_id", token.as_str()),
                        ("words", "転入届の持ち物"),
                        ("value", "person"),
                        ("label", "職員と話す"),
                        ("score", "4"),
                        ("seq", "1"),
                        ("phone", "072-123-4567"),
                        ("window", window.as_str()),
                        ("submission", token.as_str()),
                        ("body", "質問です"),
                        ("helped", "yes"),
                        ("comment", "ちがう"),
                        ("number", &keys.number),
                        ("key", &keys.key),
                    ];
                    city.post(&address, &form).await
                };
                let expected = StatusCode::from_u16(*expected).expect("status");
                assert_eq!(got.status, expected, "{principal:?} {method} {address}\n{}", got.body);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_staff_answers_every_role_as_the_table_says() {
    let listed: Vec<_> = route_table().into_iter().filter(|r| r.face == Face::Staff || is_around(r)).collect();
    for route in &listed {
        let rows = staff_table().iter().filter(|r| (r.0, r.1) == (route.method, route.path)).count();
        assert_eq!(rows, 1, "{route:?} must stand in the table once");
    }
    assert_eq!(listed.len(), staff_table().len(), "the table has a row without a route");
    let city = City::new(TestDb::sqlite().await).await;
    let records = Records::of(&city).await;
    let mut wrong = Vec::new();
    for (column, login) in STAFF.into_iter().enumerate() {
        let desk = match login {
            Some(login) => Some(city.staff(login).await),
            None => None,
        };
        for (method, path, expected) in staff_table() {
            let (address, form) = records.case(method, path).await;
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let got = match (&desk, method) {
                (Some(desk), "GET") => desk.get(&address).await,
                (Some(desk), _) => desk.post(&address, &form).await,
                (None, "GET") => send(&city.staff, Request::get(&address)).await,
                (None, _) => post_staff(&city, &address, &form, "").await,
            };
            if got.status.as_u16() != expected[column] {
                wrong.push(format!("{login:?} {method} {path}: {} instead of {}", got.status, expected[column]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_a_session_of_somebody_else() {
    let city = City::new(TestDb::sqlite().await).await;
    let records = Records::of(&city).await;
    let (_, session) = records.session().await;
    let address = format!("/me/sessions/{session}/end");
    let open = async || city.texts("SELECT id AS v FROM session").await.contains(&session);
    for login in ["shimin-shonin", "kankyo-sakusei", "kanri-1"] {
        city.staff(login).await.post(&address, &[]).await;
        assert!(open().await, "{login}");
    }
    city.staff("shimin-sakusei").await.post(&address, &[]).await;
    assert!(!open().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_decides_nothing_about_a_person() {
    let city = City::new(TestDb::sqlite().await).await;
    let records = Records::of(&city).await;
    let privacy = city.staff("kojin").await;
    for path in ["/people/{id}/erasure", "/people/{id}/secrecy/lift"] {
        let (address, form) = records.case("POST", path).await;
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(privacy.post(&address, &form).await.status, StatusCode::SEE_OTHER, "{address}");
    }
    let asked = city.texts("SELECT id AS v FROM two_person_change").await;
    assert_eq!(asked.len(), 2);
    for id in asked {
        let address = format!("/changes/{id}/decide");
        for login in ["kanri-1", "kanri-2", "kojin", "kansa"] {
            let got = city.staff(login).await.post(&address, &[("decision", "approve")]).await;
            assert_eq!(got.status, StatusCode::FORBIDDEN, "{login}: who asked, or has nothing to do with persons");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_the_staff_counts_without_its_token() {
    let city = City::new(TestDb::sqlite().await).await;
    // Between them they may do everything.
    let mut desks = Vec::new();
    for login in ["shimin-kanri", "chosei", "kanri-1", "kansa", "kojin"] {
        desks.push(city.staff(login).await);
    }
    let all = route_table().into_iter().filter(|r| r.face == Face::Staff || is_around(r));
    for route in all.filter(|r| r.method == "POST") {
        if matches!(route.access, Access::Anyone | Access::KeyHolder) {
            continue;
        }
        let address = ["{id}", "{token}", "{code}", "{number}", "{fiscal_year}", "{rescue}", "{lang}", "{plan}"]
            .iter()
            .fold(route.path.replace("{n}", "1"), |path, field| path.replace(field, "x"));
        for desk in &desks {
            for form in [&[][..], &[("csrf", "0000")][..]] {
                let got = desk.post_bare(&address, form).await;
                assert_eq!(got.status, StatusCode::FORBIDDEN, "{address} {form:?}");
            }
        }
    }
    assert_eq!(desks[0].get("/me").await.status, StatusCode::OK, "and nobody was logged out by it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_face_is_not_on_the_public_one() {
    let city = City::new(TestDb::sqlite().await).await;
    for path in ["/metrics", "/health", "/login", "/me", "/articles", "/drafts"] {
        assert_eq!(city.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/ask", "/about", "/topics/waste", "/articles/tennyu/history"] {
        let got = send(&city.staff, Request::get(path)).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
    }
}
