//! `/answers/topics/{code}`: a topic's questions, what came of them last, and how it is tested.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use contact::control;
use contact::gate;
use contact::golden::{self, GoldenQuestion};
use contact::golden_run::{self, Came, Failed};

use super::{Row, desk_of, who};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::StaffForm;
use crate::staff::form::{Form, Refused, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::shown::{Names, Titles};

/// Runs on the page.
const RUNS: i64 = 10;

/// What the bot did, as colleagues read it.
fn came_name(code: &str) -> &'static str {
    match Came::from_code(code) {
        Some(Came::Answer) => "答えた",
        Some(Came::Choices) => "選んでもらった",
        Some(Came::Refused) => "答えられないと言った",
        Some(Came::Person) => "人につないだ",
        Some(Came::Other) | None => "ほかのことを言った",
    }
}

/// A question with what came of it in the last run.
struct Question {
    golden: GoldenQuestion,
    lang: &'static str,
    failed: Option<(&'static str, Vec<String>)>,
}

struct Past {
    at: String,
    who: String,
    passed: i64,
    total: i64,
    reached: bool,
}

#[derive(Template)]
#[template(path = "staff/answers/topic.html")]
struct TopicPage {
    frame: Frame,
    tab: &'static str,
    row: Row,
    city_mark: i64,
    questions: Vec<Question>,
    titles: Titles,
    /// What failed of questions that were changed or removed since.
    gone: Vec<(Failed, &'static str)>,
    runs: Vec<Past>,
    on: Form,
    test: Form,
    all_off: bool,
}

/// The page; of a form that was refused, what was typed and why.
pub(super) async fn page(staff: &Staff, code: &str, refused: Option<Form>) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let mut tx = staff.city.db.read().await?;
    let book = gate::read(&mut tx).await?;
    let (city_mark, all_off) = (book.mark, book.all_off.is_some());
    let found = book.topics.into_iter().find(|t| t.topic == code).ok_or_else(Failure::not_found)?;
    let mut failed = match &found.last {
        Some(run) => golden_run::failures(&mut tx, &run.id).await?,
        None => Vec::new(),
    };
    let past = golden_run::runs_of(&mut tx, code, RUNS).await?;
    let all = golden::all(&mut tx).await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let mut questions = Vec::new();
    for golden in all.into_iter().filter(|q| q.topic == code) {
        let at = failed.iter().position(|f| f.question == golden.id && f.words == golden.words);
        let failed = at.map(|at| failed.swap_remove(at)).map(|f| (came_name(&f.came), f.came_articles));
        let lang = city::Lang::from_code(&golden.lang).map_or("", crate::staff::articles::lang_name);
        questions.push(Question { golden, lang, failed });
    }
    questions.sort_by_key(|q| q.failed.is_none());
    let mark = found.mark;
    let set = found.switch.clone();
    let test = Form::new("test")
        .with("mark", set.as_ref().and_then(|s| s.pass_mark).map_or_else(String::new, |m| m.to_string()))
        .with("untested", if set.is_some_and(|s| s.untested) { "on" } else { "" });
    let of = |name: &'static str, empty: Form| refused.clone().filter(|f| f.name() == name).unwrap_or(empty);
    let page = TopicPage {
        tab: "answers",
        city_mark,
        all_off,
        gone: failed.into_iter().map(|f| (came_name(&f.came), f)).map(|(name, f)| (f, name)).collect(),
        runs: past
            .into_iter()
            .map(|r| Past {
                at: frame.moment(&r.at),
                who: who(&names, &r.actor),
                reached: r.reaches(mark),
                passed: r.passed,
                total: r.total,
            })
            .collect(),
        on: of("on", Form::new("on")),
        test: of("test", test),
        questions,
        titles: Titles::of_city(staff),
        row: Row::of(&frame, found),
        frame,
    };
    if refused.is_some() { show_wrong(&page) } else { show(&page) }
}

/// `/answers/topics/{code}`
pub(crate) async fn get(staff: Staff, Path(code): Path<String>) -> Result<Response, Failure> {
    page(&staff, &code, None).await
}

/// `POST /answers/topics/{code}/test`: the pass mark, and whether it answers without a test.
pub(crate) async fn post_test(
    Path(code): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.write().await?;
    let how = (fields.get("mark"), fields.has("untested"));
    let done = control::set_test(&mut tx, desk_of(&staff, &organisation), &code, how, fields.get("reason")).await;
    if let Err(refused) = done {
        drop(tx);
        let mut form = super::sent("test", &fields);
        Refused::from(refused).onto(&mut form)?;
        return page(&staff, &code, Some(form)).await;
    }
    tx.commit().await?;
    staff.city.gates.refresh(&staff.city.db).await?;
    Ok(Redirect::to(&format!("/answers/topics/{code}?done=saved")).into_response())
}
