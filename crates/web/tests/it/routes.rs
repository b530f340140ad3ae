//! The authorisation table: every route of every face with what each principal gets. A route
//! without a row fails, and so does a row without a route.

use axum::http::{Request, StatusCode};
use testkit::TestDb;
use web::{Access, Face, route_table};

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

/// Who comes to the staff's face, in the order of the table's columns.
const STAFF: [Option<&str>; 9] = [
    None,
    Some("shimin-sakusei"),
    Some("shimin-shonin"),
    Some("shimin-kanri"),
    Some("kankyo-sakusei"),
    Some("chosei"),
    Some("kanri-1"),
    Some("kansa"),
    Some("kojin"),
];

/// Method, pattern, what a stranger, the author, the approver and the manager of 市民課, an author of another
/// section, the coordinator, an administrator, the auditor and the privacy officer get.
type StaffRow = (&'static str, &'static str, [u16; 9]);

/// Everybody who is logged in.
const ALL: [u16; 9] = [303, 200, 200, 200, 200, 200, 200, 200, 200];
/// The same for forms.
const ALL_POST: [u16; 9] = [303, 303, 303, 303, 303, 303, 303, 303, 303];
/// The same answer with and without a log-in.
const OPEN: [u16; 9] = [200; 9];

/// Open to everybody who reads articles.
const READ: [u16; 9] = [303, 200, 200, 200, 200, 200, 403, 403, 403];
/// The same for what is not there.
const READ_404: [u16; 9] = [303, 404, 404, 404, 404, 404, 403, 403, 403];
/// The same for a form in which something is missing.
const READ_422: [u16; 9] = [303, 422, 422, 422, 422, 422, 403, 403, 403];
/// Not there, for those who write.
const WRITE_404: [u16; 9] = [303, 404, 403, 404, 404, 404, 403, 403, 403];
/// Not there, for those who approve.
const APPROVE_404: [u16; 9] = [303, 403, 404, 404, 403, 404, 403, 403, 403];
/// Whoever brings files in.
const FILES: [u16; 9] = [303, 403, 403, 403, 403, 200, 403, 403, 403];

/// FAQ and 原稿. The article is one of 市民課.
const DESK_TABLE: &[StaffRow] = &[
    ("GET", "/articles", READ),
    ("POST", "/articles/bulk", READ_422),
    ("POST", "/articles/views", READ_422),
    ("POST", "/articles/views/{id}/removal", READ_404),
    ("GET", "/articles/import", FILES),
    ("POST", "/articles/import", [303, 403, 403, 403, 403, 422, 403, 403, 403]),
    ("GET", "/articles/export.csv", FILES),
    ("GET", "/articles/export.xlsx", FILES),
    ("GET", "/articles/{code}", READ),
    ("GET", "/articles/{code}/compare", READ),
    ("POST", "/articles/{code}/recheck", [303, 303, 303, 303, 403, 303, 403, 403, 403]),
    ("POST", "/articles/{code}/draft", [303, 303, 403, 303, 403, 303, 403, 403, 403]),
    // The article has a 原稿 by now.
    ("POST", "/articles/{code}/versions/{n}/restoration", [303, 422, 403, 422, 403, 422, 403, 403, 403]),
    // No reason is given.
    ("POST", "/articles/{code}/withdrawal", [303, 403, 422, 422, 403, 422, 403, 403, 403]),
    ("GET", "/drafts", READ),
    ("POST", "/drafts", [303, 422, 403, 422, 422, 422, 403, 403, 403]),
    ("GET", "/drafts/{id}", READ_404),
    ("POST", "/drafts/{id}", WRITE_404),
    ("POST", "/drafts/{id}/submission", WRITE_404),
    ("POST", "/drafts/{id}/preview", WRITE_404),
    ("POST", "/drafts/{id}/presence", READ_404),
    ("POST", "/drafts/{id}/approval", APPROVE_404),
    ("POST", "/drafts/{id}/return", APPROVE_404),
    ("POST", "/drafts/{id}/comment", READ_404),
    ("POST", "/drafts/{id}/recall", WRITE_404),
    ("POST", "/drafts/{id}/discard", WRITE_404),
    ("POST", "/drafts/{id}/undo", WRITE_404),
    ("GET", "/drafts/{id}/rebase", READ_404),
    ("POST", "/drafts/{id}/rebase", WRITE_404),
    ("GET", "/drafts/{id}/rescues/{rescue}", WRITE_404),
    ("POST", "/drafts/{id}/rescues/{rescue}", WRITE_404),
    ("POST", "/drafts/{id}/rescues/{rescue}/removal", WRITE_404),
];

const STAFF_TABLE: &[StaffRow] = &[
    ("GET", "/", ALL),
    ("GET", "/login", OPEN),
    ("POST", "/login", [422; 9]),
    ("GET", "/login/code", [303; 9]),
    ("POST", "/login/code", [303; 9]),
    ("GET", "/invitations/{token}", [404; 9]),
    ("POST", "/invitations/{token}", [400; 9]),
    ("GET", "/me", ALL),
    ("POST", "/me/password", [303, 422, 422, 422, 422, 422, 422, 422, 422]),
    ("POST", "/me/sessions/{id}/end", ALL_POST),
    ("GET", "/status", [303, 403, 403, 403, 403, 403, 200, 403, 403]),
    ("GET", "/health", OPEN),
    ("GET", "/metrics", OPEN),
    ("GET", "/assets/{digest}/{name}", OPEN),
    ("GET", "/theme/{digest}", OPEN),
    ("GET", "/jobs", [303, 403, 403, 403, 403, 403, 200, 403, 403]),
    ("POST", "/jobs/{id}/repeat", [303, 403, 403, 403, 403, 403, 404, 403, 403]),
    ("POST", "/jobs/{id}/cancel", [303, 403, 403, 403, 403, 403, 404, 403, 403]),
    ("GET", "/messages", [303, 403, 403, 403, 403, 403, 200, 403, 403]),
    ("GET", "/messages/{id}", [303, 403, 403, 403, 403, 403, 404, 403, 403]),
    ("POST", "/messages/{id}/resend", [303, 403, 403, 403, 403, 403, 404, 403, 403]),
    ("POST", "/messages/{id}/sent", [303, 403, 403, 403, 403, 403, 404, 403, 403]),
    ("POST", "/messages/{id}/cancel", [303, 403, 403, 403, 403, 403, 404, 403, 403]),
    ("GET", "/audit", [303, 403, 403, 403, 403, 403, 403, 200, 403]),
    ("GET", "/audit.csv", [303, 403, 403, 403, 403, 403, 403, 200, 403]),
    ("POST", "/audit/verify", [303, 403, 403, 403, 403, 403, 403, 200, 403]),
    ("GET", "/settings", [303, 403, 403, 403, 403, 403, 200, 403, 403]),
    ("POST", "/settings", [303, 403, 403, 403, 403, 403, 422, 403, 403]),
    ("GET", "/simulators/mailbox", [303, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("GET", "/simulators/mailbox/{id}", [303, 404, 404, 404, 404, 404, 404, 404, 404]),
    ("POST", "/simulators/mailbox/{id}/bounce", [303, 404, 404, 404, 404, 404, 404, 404, 404]),
    ("GET", "/people", [303, 403, 403, 403, 403, 403, 403, 403, 200]),
    ("POST", "/people", [303, 403, 403, 403, 403, 403, 403, 403, 200]),
    ("GET", "/people/{id}", [303, 403, 403, 403, 403, 403, 403, 403, 404]),
    ("GET", "/people/{id}/merge", [303, 403, 403, 403, 403, 403, 403, 403, 404]),
    ("POST", "/people/{id}/merge", [303, 403, 403, 403, 403, 403, 403, 403, 404]),
    ("POST", "/people/{id}/merge/undo", [303, 403, 403, 403, 403, 403, 403, 403, 404]),
    ("POST", "/people/{id}/secrecy", [303, 403, 403, 403, 403, 403, 403, 403, 404]),
    ("POST", "/people/{id}/secrecy/lift", [303, 403, 403, 403, 403, 403, 403, 403, 404]),
    ("POST", "/people/{id}/safe", [303, 403, 403, 403, 403, 403, 403, 403, 404]),
    ("POST", "/people/{id}/withdrawal", [303, 403, 403, 403, 403, 403, 403, 403, 404]),
    ("POST", "/people/{id}/erasure", [303, 403, 403, 403, 403, 403, 403, 403, 404]),
    // The last: whoever is logged out cannot do anything more.
    ("POST", "/logout", ALL_POST),
];

/// The same for a record that is not there.
const READ_NONE: [u16; 9] = [303, 404, 404, 404, 404, 404, 403, 403, 403];
/// Whoever asks other sections, for an inquiry that is not there.
const ASK_NONE: [u16; 9] = [303, 403, 403, 404, 403, 404, 403, 403, 403];

/// Board, questions, inquiries and rounds.
const QUESTION_TABLE: &[StaffRow] = &[
    ("GET", "/board", READ),
    ("GET", "/board/{id}", READ_NONE),
    ("POST", "/board/{id}/draft", [303, 404, 403, 404, 404, 404, 403, 403, 403]),
    ("POST", "/board/{id}/answer", READ_NONE),
    ("POST", "/board/{id}/dismissal", READ_NONE),
    ("POST", "/board/{id}/restoration", READ_NONE),
    ("GET", "/questions", READ),
    ("GET", "/questions/{number}", READ_NONE),
    ("POST", "/questions/{number}/answer", READ_NONE),
    ("POST", "/questions/{number}/hand-over", READ_NONE),
    ("GET", "/inquiries", READ),
    ("GET", "/inquiries/new", [303, 403, 403, 200, 403, 200, 403, 403, 403]),
    ("POST", "/inquiries/new", [303, 403, 403, 422, 403, 422, 403, 403, 403]),
    ("GET", "/inquiries/{number}", READ_NONE),
    ("POST", "/inquiries/{number}/answer", READ_NONE),
    ("POST", "/inquiries/{number}/accept", ASK_NONE),
    ("POST", "/inquiries/{number}/return", ASK_NONE),
    ("POST", "/inquiries/{number}/extend", ASK_NONE),
    ("POST", "/inquiries/{number}/remind", ASK_NONE),
    ("POST", "/inquiries/{number}/close", ASK_NONE),
    ("POST", "/inquiries/{number}/cancel", ASK_NONE),
    ("GET", "/inquiries/{number}/answers.csv", ASK_NONE),
    ("GET", "/rounds", READ),
    ("GET", "/rounds/new", [303, 403, 403, 403, 403, 200, 403, 403, 403]),
    ("POST", "/rounds/new", [303, 403, 403, 403, 403, 422, 403, 403, 403]),
    ("GET", "/rounds/{fiscal_year}", READ_NONE),
    ("GET", "/rounds/{fiscal_year}/progress.csv", ASK_NONE),
    ("POST", "/rounds/{fiscal_year}/answer", READ_NONE),
    ("POST", "/rounds/{fiscal_year}/items/{id}/confirm", READ_NONE),
    ("POST", "/rounds/{fiscal_year}/items/{id}/change", READ_NONE),
    ("POST", "/rounds/{fiscal_year}/items/{id}/end", READ_NONE),
    ("POST", "/rounds/{fiscal_year}/items/{id}/reopen", READ_NONE),
];

/// What administrators alone may do: pages, pages of a record that is not there, forms without their fields.
const fn administrator(then: u16) -> [u16; 9] {
    [303, 403, 403, 403, 403, 403, then, 403, 403]
}

/// What administrators and the auditor may read.
const fn accounts(then: u16) -> [u16; 9] {
    [303, 403, 403, 403, 403, 403, then, then, 403]
}

const ADMINISTRATION: &[StaffRow] = &[
    ("GET", "/admin", ALL),
    ("GET", "/organisation", administrator(200)),
    ("GET", "/organisation/sections.toml", administrator(200)),
    ("GET", "/organisation/{code}", administrator(200)),
    ("POST", "/organisation/{code}", administrator(422)),
    ("GET", "/closures", administrator(200)),
    ("POST", "/closures", administrator(422)),
    ("POST", "/closures/{id}/remove", administrator(404)),
    ("GET", "/reorganisations", administrator(200)),
    ("POST", "/reorganisations", administrator(422)),
    ("GET", "/reorganisations/new", administrator(200)),
    ("GET", "/reorganisations/{id}", administrator(404)),
    ("POST", "/reorganisations/{id}", administrator(404)),
    ("GET", "/reorganisations/{id}/steps/new", administrator(404)),
    ("POST", "/reorganisations/{id}/steps", administrator(404)),
    ("POST", "/reorganisations/{id}/steps/remove", administrator(409)),
    ("POST", "/reorganisations/{id}/schedule", administrator(404)),
    ("POST", "/reorganisations/{id}/unschedule", administrator(404)),
    ("POST", "/reorganisations/{id}/cancel", administrator(404)),
    ("GET", "/accounts", accounts(200)),
    ("POST", "/accounts", administrator(422)),
    ("GET", "/accounts/new", administrator(200)),
    ("GET", "/accounts/{id}", accounts(404)),
    ("POST", "/accounts/{id}", administrator(404)),
    ("POST", "/accounts/{id}/stop", administrator(404)),
    ("POST", "/accounts/{id}/start", administrator(404)),
    ("POST", "/accounts/{id}/invitation", administrator(404)),
    ("POST", "/accounts/{id}/assignments", administrator(404)),
    ("POST", "/accounts/{id}/assignments/end", administrator(404)),
    ("POST", "/accounts/{id}/transfer", administrator(404)),
    ("POST", "/accounts/{id}/roles", administrator(404)),
    ("POST", "/accounts/{id}/roles/end", administrator(404)),
    ("POST", "/accounts/{id}/sessions/end", administrator(404)),
    ("POST", "/accounts/{id}/reset", administrator(404)),
    ("POST", "/accounts/{id}/mail", administrator(404)),
    ("GET", "/changes", [303, 403, 403, 403, 403, 403, 200, 403, 200]),
    ("POST", "/changes/{id}/decide", [303, 403, 403, 403, 403, 403, 422, 403, 422]),
    ("POST", "/changes/{id}/withdraw", [303, 404, 404, 404, 404, 404, 404, 404, 404]),
];

/// All rows of the staff's face; the log-out stands last.
fn staff_table() -> Vec<StaffRow> {
    [DESK_TABLE, QUESTION_TABLE, ADMINISTRATION, STAFF_TABLE].concat()
}

const TABLE: &[Row] = &[
    (Face::Public, "GET", "/", 200, 200),
    (Face::Public, "GET", "/ask", 200, 200),
    (Face::Public, "GET", "/about", 200, 200),
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
    (Face::Public, "GET", "/assets/{digest}/{name}", 200, 200),
    (Face::Public, "GET", "/theme/{digest}", 200, 200),
    (Face::Public, "GET", "/opendata/faq.csv", 200, 200),
    (Face::Public, "GET", "/sitemap.xml", 200, 200),
    (Face::Public, "GET", "/robots.txt", 200, 200),
];

struct Keys {
    number: String,
    key: String,
    feedback: String,
}

impl Keys {
    /// What the holder was given; a stranger has the same forms with other contents.
    async fn made(city: &City, round: usize) -> Keys {
        let token = format!("{round:032x}");
        let page = city.post("/questions", &[("submission", &token), ("body", "街灯が切れています")]).await;
        let parts: Vec<&str> = page.location().trim_end_matches("?new=1").split('/').collect();
        let (number, key) = (parts[2].to_owned(), parts[3].to_owned());
        let page = city.post("/articles/tennyu/feedback", &[("helped", "no"), ("q", "引っ越し")]).await;
        Keys { number, key, feedback: page.location().rsplit('/').next().expect("id").to_owned() }
    }

    fn guessed(&self) -> Keys {
        Keys {
            number: self.number.clone(),
            key: "0000-0000-0000-0000".into(),
            feedback: "01900000-0000-7000-8000-000000000000".into(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_every_principal_as_the_table_says() {
    let city = City::new(TestDb::sqlite().await).await;
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
            && !["/assets", "/theme", "/opendata", "/sitemap", "/robots"].iter().any(|p| path.starts_with(p));
        let prefixes = if pages { prefixes().to_vec() } else { vec![""] };
        for prefix in prefixes {
            for (principal, expected) in [(Principal::Stranger, stranger), (Principal::Holder, holder)] {
                // Each case has a question of its own, since a withdrawal changes it.
                round += 1;
                let keys = Keys::made(&city, round).await;
                let keys = match principal {
                    Principal::Holder => keys,
                    Principal::Stranger => keys.guessed(),
                };
                let address = path
                    .replace("{code}", if path.starts_with("/topics") { "waste" } else { "tennyu" })
                    .replace("{number}", &keys.number)
                    .replace("{key}", &keys.key)
                    .replace("{id}", &keys.feedback)
                    .replace("{digest}", "x")
                    .replace("{name}", "app.css");
                let address = format!("{prefix}{address}");
                let got = if *method == "GET" {
                    let router = if *face == Face::Public { &city.public } else { &city.staff };
                    send(router, Request::get(&address)).await
                } else {
                    let token = format!("{:032x}", 1_000_000 + round);
                    let form = [
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
    let listed: Vec<_> = route_table().into_iter().filter(|r| r.face == Face::Staff).collect();
    for route in &listed {
        let rows = staff_table().iter().filter(|r| (r.0, r.1) == (route.method, route.path)).count();
        assert_eq!(rows, 1, "{route:?} must stand in the table once");
    }
    assert_eq!(listed.len(), staff_table().len(), "the table has a row without a route");
    let city = City::new(TestDb::sqlite().await).await;
    let mut wrong = Vec::new();
    for (column, login) in STAFF.into_iter().enumerate() {
        let desk = match login {
            Some(login) => Some(city.staff(login).await),
            None => None,
        };
        for (method, path, expected) in staff_table() {
            let code = if path.starts_with("/organisation") { "shimin" } else { "tennyu" };
            let address = path
                .replace("{token}", "0000-0000")
                .replace("{id}", "01900000-0000-7000-8000-000000000000")
                .replace("{number}", "2026-9999")
                .replace("{fiscal_year}", "2026")
                .replace("{rescue}", "01900000-0000-7000-8000-000000000001")
                .replace("{code}", code)
                .replace("{n}", "1")
                .replace("{digest}", "x")
                .replace("{name}", "staff.css");
            let got = match (&desk, method) {
                (Some(desk), "GET") => desk.get(&address).await,
                (Some(desk), _) => desk.post(&address, &[]).await,
                (None, "GET") => send(&city.staff, Request::get(&address)).await,
                (None, _) => post_staff(&city, &address, &[], "").await,
            };
            if got.status.as_u16() != expected[column] {
                wrong.push(format!("{login:?} {method} {path}: {} instead of {}", got.status, expected[column]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_the_staff_counts_without_its_token() {
    let city = City::new(TestDb::sqlite().await).await;
    // Between them they may do everything.
    let mut desks = Vec::new();
    for login in ["shimin-kanri", "chosei", "kanri-1", "kansa", "kojin"] {
        desks.push(city.staff(login).await);
    }
    for route in route_table().into_iter().filter(|r| r.face == Face::Staff && r.method == "POST") {
        if matches!(route.access, Access::Anyone | Access::KeyHolder) {
            continue;
        }
        let address = ["{id}", "{token}", "{code}", "{number}", "{fiscal_year}", "{rescue}"]
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
