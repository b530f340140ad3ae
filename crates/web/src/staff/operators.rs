//! `/operators`: who answers for the sections that the person supervises — what they do now, how many contacts they
//! have, how many they take at once, what they are good at (担当者の受け持ち).

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use city::{Lang, TOPICS};
use contact::operator::{self, Seen};
use contact::presence::Presence;

use super::articles::lang_name;
use super::contacts::{PRESENCES, desk, named, span};
use super::fields::{Fields, StaffForm};
use super::form::{Form, Refused, show_wrong};
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;

/// An operator on a page.
struct Row {
    account: String,
    name: String,
    sections: String,
    state: &'static str,
    tone: &'static str,
    /// Since when, and how long that is.
    since: Option<(String, String)>,
    held: i64,
    most: i64,
    langs: String,
    topics: String,
}

/// The colour of a state: who takes contacts stands out.
const fn tone(state: Presence) -> &'static str {
    match state {
        Presence::Available => "ok",
        Presence::WrapUp | Presence::Break | Presence::Training => "warn",
        Presence::Away => "dim",
    }
}

/// Names of the skills of a kind: `topic` or `lang`.
fn skill_names(skills: &[String], kind: &str) -> String {
    let codes = skills.iter().filter_map(|s| s.split_once(':')).filter(|(k, _)| *k == kind).map(|(_, code)| code);
    let name = |code: &str| match kind {
        "topic" => city::topic(code).map(|t| t.name(Lang::Ja)),
        _ => Lang::from_code(code).map(lang_name),
    };
    codes.filter_map(name).collect::<Vec<_>>().join("、")
}

fn row(staff: &Staff, frame: &Frame, seen: Seen) -> Row {
    let sections: Vec<String> = seen.sections.iter().map(|s| frame.section(s)).collect();
    let since = seen.since.map(|at| (frame.moment(&at), span(staff.visit.now.millis_since(at))));
    Row {
        sections: sections.join("、"),
        state: named(PRESENCES, seen.state.code()),
        tone: tone(seen.state),
        since,
        held: seen.held,
        most: seen.most,
        langs: skill_names(&seen.skills, "lang"),
        topics: skill_names(&seen.skills, "topic"),
        account: seen.account,
        name: seen.name,
    }
}

#[derive(Template)]
#[template(path = "staff/operators/list.html")]
struct ListPage {
    frame: Frame,
    tab: &'static str,
    rows: Vec<Row>,
    /// How many take contacts now.
    available: usize,
    /// Whether they are of more than one section.
    several: bool,
}

/// `/operators`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.read().await?;
    let all = operator::all(&mut tx, desk(&staff, &organisation)).await?;
    drop(tx);
    let available = all.iter().filter(|o| o.state == Presence::Available).count();
    let rows: Vec<Row> = all.into_iter().map(|o| row(&staff, &frame, o)).collect();
    let several = rows.iter().any(|r| r.sections != rows[0].sections);
    show(&ListPage { frame, tab: "operators", rows, available, several })
}

/// A box to mark.
struct Mark {
    code: String,
    label: &'static str,
    marked: bool,
}

#[derive(Template)]
#[template(path = "staff/operators/one.html")]
struct OnePage {
    frame: Frame,
    tab: &'static str,
    row: Row,
    form: Form,
    langs: Vec<Mark>,
    topics: Vec<Mark>,
}

fn one_page(staff: &Staff, seen: Seen, form: Form, skills: &[String]) -> OnePage {
    let frame = staff.frame("contacts");
    let mark = |code: String, label| Mark { marked: skills.contains(&code), code, label };
    OnePage {
        tab: "operators",
        langs: Lang::ALL.into_iter().map(|l| mark(format!("lang:{}", l.code()), lang_name(l))).collect(),
        topics: TOPICS.iter().map(|t| mark(format!("topic:{}", t.code), t.name(Lang::Ja))).collect(),
        row: row(staff, &frame, seen),
        form,
        frame,
    }
}

/// The operator of an address, if the person supervises them.
async fn seen(staff: &Staff, account: &str) -> Result<Seen, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.read().await?;
    Ok(operator::get(&mut tx, desk(staff, &organisation), account).await?)
}

/// `/operators/{id}`
pub(crate) async fn get_one(staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    let seen = seen(&staff, &id).await?;
    let form = Form::new("operator").with("most", seen.most.to_string());
    let skills = seen.skills.clone();
    show(&one_page(&staff, seen, form, &skills))
}

fn typed_skills(fields: &Fields) -> Vec<String> {
    fields.all("skill").into_iter().map(str::to_owned).collect()
}

/// `POST /operators/{id}`
pub(crate) async fn post_one(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let skills = typed_skills(&fields);
    // What is no number is none that is allowed.
    let most = text::normal::normalise(fields.get("most")).trim().parse().unwrap_or(0);
    match operator::change(desk(&staff, &organisation), &id, most, &skills).await {
        Ok(()) => Ok(Redirect::to("/operators?done=operator-saved").into_response()),
        Err(error) => {
            let mut form = Form::sent("operator", &fields);
            Refused::from(error).onto(&mut form)?;
            show_wrong(&one_page(&staff, seen(&staff, &id).await?, form, &skills))
        }
    }
}
