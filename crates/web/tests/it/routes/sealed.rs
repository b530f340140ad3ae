//! The desk's face: every route with what everybody gets who may come to it.

use axum::http::{Request, StatusCode};
use testkit::TestDb;
use web::{Face, route_table};

use super::staff::is_around;
use crate::sealed::office::{Office, WORDS};
use crate::support::{Desk, post_staff, send};

/// Who comes: somebody without a role at the desk (an administrator of the program), its supervisor, an officer, a
/// consultant who reads the case; all with open desks where they have one.
const WHO: [&str; 4] = ["kanri-1", "ijime-kantoku", "kaifuku-1", "ijime-1"];

/// Method, pattern, what each of them gets; whoever is not logged in is led to the log-in.
type Row = (&'static str, &'static str, [u16; 4]);

/// A page of a case: there for its readers.
const fn of_case(then: u16) -> [u16; 4] {
    [404, 404, 404, then]
}

/// For whoever has a role at the desk.
const fn members(then: u16) -> [u16; 4] {
    [404, then, then, then]
}

/// The rows; what ends an open desk stands last.
const ROWS: &[Row] = &[
    // Whoever only watches the clocks is led to them.
    ("GET", "/sealed", [404, 303, 200, 200]),
    // The form names a school, which stands in no address: it is answered in place.
    ("POST", "/sealed", members(200)),
    ("GET", "/sealed/key", members(303)),
    ("POST", "/sealed/key", members(422)),
    ("GET", "/sealed/unlock", members(303)),
    ("POST", "/sealed/unlock", members(422)),
    ("POST", "/sealed/pulse", members(204)),
    ("GET", "/sealed/passphrase", members(200)),
    ("POST", "/sealed/passphrase", members(422)),
    ("GET", "/sealed/cases/new", of_case(200)),
    ("POST", "/sealed/cases/new", of_case(422)),
    ("GET", "/sealed/hand-overs/new", of_case(200)),
    // Nobody of that name is there.
    ("POST", "/sealed/hand-overs", of_case(422)),
    ("GET", "/sealed/cases/{id}", of_case(200)),
    ("GET", "/sealed/cases/{id}/print", of_case(200)),
    ("GET", "/sealed/cases/{id}/similar", of_case(200)),
    ("GET", "/sealed/cases/{id}/{noun}/new", of_case(200)),
    ("GET", "/sealed/cases/{id}/reports/{entry}", of_case(404)),
    ("GET", "/sealed/cases/{id}/files/{entry}", of_case(404)),
    // Without a file.
    ("POST", "/sealed/cases/{id}/files", [403; 4]),
    ("GET", "/sealed/cases/{id}/readers", of_case(200)),
    ("POST", "/sealed/cases/{id}/readers", of_case(422)),
    ("POST", "/sealed/cases/{id}/readers/{account}/removal", of_case(404)),
    ("POST", "/sealed/cases/{id}/holds", of_case(303)),
    ("POST", "/sealed/cases/{id}/glass-shares", of_case(303)),
    ("POST", "/sealed/cases/{id}/tasks/{task}/completion", of_case(409)),
    ("POST", "/sealed/cases/{id}/referrals/{referral}/state", of_case(404)),
    ("GET", "/sealed/cases/{id}/participants", of_case(200)),
    // Nobody is chosen.
    ("POST", "/sealed/cases/{id}/participants", of_case(422)),
    ("POST", "/sealed/cases/{id}/participants/{participant}/removal", of_case(422)),
    ("GET", "/sealed/cases/{id}/participants/{participant}/disclosures/new", of_case(404)),
    ("POST", "/sealed/cases/{id}/participants/{participant}/drafts", of_case(404)),
    ("POST", "/sealed/cases/{id}/participants/{participant}/disclosures", of_case(404)),
    ("POST", "/sealed/cases/{id}/disclosures/{disclosure}/withdrawal", of_case(422)),
    ("GET", "/sealed/cases/{id}/conferences", of_case(200)),
    ("POST", "/sealed/cases/{id}/conferences", of_case(422)),
    ("GET", "/sealed/cases/{id}/conferences/new", of_case(200)),
    ("POST", "/sealed/cases/{id}/conferences/{conference}", of_case(422)),
    ("GET", "/sealed/cases/{id}/conferences/{conference}/plan", of_case(404)),
    ("GET", "/sealed/cases/{id}/conferences/{conference}/minutes", of_case(404)),
    ("POST", "/sealed/cases/{id}/conferences/{conference}/minutes", of_case(404)),
    ("GET", "/sealed/cases/{id}/supports/{support}/state", of_case(404)),
    ("POST", "/sealed/cases/{id}/supports/{support}/state", of_case(404)),
    ("GET", "/sealed/cases/{id}/backgrounds", of_case(200)),
    ("POST", "/sealed/cases/{id}/backgrounds", of_case(422)),
    ("POST", "/sealed/cases/{id}/backgrounds/{child}/readers", of_case(404)),
    ("POST", "/sealed/cases/{id}/backgrounds/{child}/readers/{account}/removal", of_case(404)),
    // Somebody else wrote since the form was shown.
    ("POST", "/sealed/cases/{id}/recommendations/{recommendation}/answer", of_case(409)),
    ("POST", "/sealed/cases/{id}/recommendations/{recommendation}/withdrawal", of_case(409)),
    ("POST", "/sealed/cases/{id}/conferences/{conference}/cancellation", of_case(404)),
    ("POST", "/sealed/cases/{id}/recommendations", of_case(409)),
    // Of another kind than the form's.
    ("POST", "/sealed/cases/{id}/supports", of_case(422)),
    ("POST", "/sealed/cases/{id}/messages", of_case(409)),
    ("POST", "/sealed/cases/{id}/notes", of_case(409)),
    ("POST", "/sealed/cases/{id}/wishes", of_case(409)),
    ("POST", "/sealed/cases/{id}/parties", of_case(409)),
    ("POST", "/sealed/cases/{id}/signs-seen", of_case(409)),
    ("POST", "/sealed/cases/{id}/suspicions", of_case(409)),
    ("POST", "/sealed/cases/{id}/mayor-reports", of_case(409)),
    ("POST", "/sealed/cases/{id}/first-actions", of_case(409)),
    ("POST", "/sealed/cases/{id}/actions", of_case(409)),
    ("POST", "/sealed/cases/{id}/judgements", of_case(409)),
    ("POST", "/sealed/cases/{id}/stops", of_case(409)),
    ("POST", "/sealed/cases/{id}/recurrences", of_case(409)),
    ("POST", "/sealed/cases/{id}/resolutions", of_case(409)),
    ("POST", "/sealed/cases/{id}/tasks", of_case(409)),
    ("POST", "/sealed/cases/{id}/referrals", of_case(409)),
    ("POST", "/sealed/cases/{id}/hand-overs", of_case(409)),
    ("POST", "/sealed/cases/{id}/pauses", of_case(409)),
    ("POST", "/sealed/cases/{id}/resumptions", of_case(409)),
    ("POST", "/sealed/cases/{id}/closings", of_case(409)),
    ("POST", "/sealed/cases/{id}/reopenings", of_case(409)),
    ("POST", "/sealed/lock", members(303)),
];

/// Fields of every form.
const FORM: &[(&str, &str)] = &[
    ("version", "-1"),
    ("words", "ことば"),
    ("note", "確かめた"),
    ("why", "理由"),
    ("done", "電話した"),
    ("confirmed", "本人に聞いた"),
    ("happened", "また起きた"),
    ("todo", "折り返す"),
    ("to", "学校"),
    ("purpose", "相談"),
    ("consent", "本人が言った"),
    ("reaches_school", "yes"),
    ("is_bullying", "yes"),
    ("on", "2026-11-23"),
    ("number", "1"),
    ("school", "東小学校"),
    ("child", "5年の子"),
    ("situation", "ようす"),
    ("role", "victim"),
    ("name", "名前"),
    ("account", ""),
    ("clock", "judgement"),
    ("reason", "理由"),
    ("outcome", "withdrawn"),
    ("holds", "yes"),
    ("state", "accepted"),
    ("kind", "guidance"),
    ("passphrase", "ちがう"),
    ("again", "べつの"),
    ("old", "ちがう"),
];

fn address(path: &str, case: &str) -> String {
    let made = path.replace("{id}", case).replace("{noun}", "notes").replace("{child}", "victim");
    let fields = ["{entry}", "{account}", "{task}", "{referral}", "{recommendation}", "{participant}", "{disclosure}"];
    fields
        .iter()
        .chain(&["{conference}", "{support}"])
        .fold(made, |path, field| path.replace(field, "00000000-0000-4000-8000-000000000000"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_desk_answers_everybody_as_the_table_says() {
    let listed: Vec<_> = route_table().into_iter().filter(|r| r.face == Face::Desk && !is_around(r)).collect();
    for route in &listed {
        let rows = ROWS.iter().filter(|r| (r.0, r.1) == (route.method, route.path)).count();
        assert_eq!(rows, 1, "{route:?} must stand in the table once");
    }
    assert_eq!(listed.len(), ROWS.len(), "the table has a row without a route");
    let office = Office::open(TestDb::sqlite().await).await;
    let (case, _) = office.told(WORDS).await;
    let mut desks: Vec<Desk<'_>> = Vec::new();
    for login in WHO {
        let mut desk = office.city.staff(login).await;
        if login != "kanri-1" {
            office.unlock(&mut desk).await;
        }
        desks.push(desk);
    }
    let mut wrong = Vec::new();
    for (method, path, expected) in ROWS {
        let address = address(path, &case);
        let page = match *method {
            "GET" => send(&office.city.staff, Request::get(&address)).await,
            _ => post_staff(&office.city, &address, FORM, "").await,
        };
        assert!(page.status == 303 && page.location().starts_with("/login"), "a stranger at {method} {path}");
        for (desk, expected) in desks.iter().zip(expected) {
            let page = if *method == "GET" { desk.get(&address).await } else { desk.post(&address, FORM).await };
            if page.status != *expected {
                wrong.push(format!("{} {method} {path}: {} instead of {expected}", desk.csrf, page.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_the_desk_counts_without_its_token() {
    let office = Office::open(TestDb::sqlite().await).await;
    let (case, _) = office.told(WORDS).await;
    let desk = office.at_desk("ijime-1").await;
    for (_, path, _) in ROWS.iter().filter(|(method, ..)| *method == "POST") {
        for token in ["", "0000"] {
            let form = [FORM, &[("csrf", token)]].concat();
            let page = desk.post_bare(&address(path, &case), &form).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} {token}");
        }
    }
    assert_eq!(desk.get("/sealed").await.status, StatusCode::OK, "and the desk is still open");
}
