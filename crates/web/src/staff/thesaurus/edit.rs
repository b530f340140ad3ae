//! One relation: written, tried on questions before it is saved, changed, taken away.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use knowledge::draft::FieldProblem;
use knowledge::thesaurus::{self, CityRelation, Tried, Typed};
use knowledge::{Answer, KnowledgeError, Outcome};
use search::thesaurus::RelationKind;

use crate::citizen::ask::tidy;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::frame::Frame;
use crate::staff::gate::{Staff, encode};
use crate::staff::lists::{Asked, desk_of};
use crate::staff::shown::Names;

/// Questions that are tried at once.
const QUESTIONS: usize = 5;
/// Longest question that is tried, in characters.
const MAX_ASKED: usize = 400;
/// Places that are shown of each answer.
const PLACES: usize = 5;
/// Places that are looked at, so that it can be told from where an article came.
const LOOKED_AT: usize = 20;

/// A kind of relation to choose.
struct Kind {
    code: &'static str,
    name: &'static str,
    meaning: &'static str,
    chosen: bool,
}

/// An article at a place, and how it moved.
struct Place {
    code: String,
    question: String,
    /// Colour of the tag.
    tone: &'static str,
    /// How it moved; empty if it stays.
    moved: String,
}

/// The same place before and after.
struct Line {
    number: usize,
    before: Option<Place>,
    after: Option<Place>,
}

/// What a change does to a question.
struct Shown {
    asked: String,
    before: Outcome,
    after: Outcome,
    lines: Vec<Line>,
    changes: bool,
}

#[derive(Template)]
#[template(path = "staff/thesaurus/edit.html")]
struct EditPage {
    frame: Frame,
    /// Id and who wrote it last, for one that is there.
    there: Option<(String, String)>,
    typed: Typed,
    problems: Vec<FieldProblem>,
    questions: String,
    remarks: Vec<String>,
    /// Whether it was tried what would be without it.
    without: bool,
    tried: Vec<Shown>,
}

impl EditPage {
    fn new(staff: &Staff, there: Option<(String, String)>, typed: Typed, questions: &str) -> EditPage {
        EditPage {
            frame: staff.frame("articles"),
            there,
            typed,
            problems: Vec::new(),
            questions: questions.to_owned(),
            remarks: Vec::new(),
            without: false,
            tried: Vec::new(),
        }
    }

    fn action(&self) -> String {
        self.there.as_ref().map_or_else(|| "/thesaurus".into(), |(id, _)| format!("/thesaurus/{id}"))
    }

    fn kinds(&self) -> Vec<Kind> {
        let kind = |kind: RelationKind| Kind {
            code: kind.code(),
            name: thesaurus::kind_name(kind),
            meaning: thesaurus::kind_meaning(kind),
            chosen: self.typed.kind == kind.code(),
        };
        RelationKind::ALL.map(kind).into()
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|p| p.field == field).map(|p| p.reason.as_str())
    }
}

fn typed(fields: &Fields) -> Typed {
    let value = |name: &str| fields.get(name).to_owned();
    Typed { term: value("term"), kind: value("kind"), other: value("other"), note: value("note") }
}

/// What to ask: what was typed, or the two words themselves.
fn questions(fields: &Fields) -> Vec<String> {
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(|line| tidy(line, MAX_ASKED)).filter(|q| !q.is_empty()).take(QUESTIONS).collect()
    };
    match lines(fields.get("questions")) {
        asked if asked.is_empty() => lines(&format!("{}\n{}", fields.get("other"), fields.get("term"))),
        asked => asked,
    }
}

/// The first places of one of two answers; `there` is where its articles stand in the other.
fn places(own: &Answer, there: &Answer, is_after: bool) -> Vec<Place> {
    let place = |(at, found): (usize, &knowledge::Found)| {
        let code = found.article.code.clone();
        let other = there.found.iter().position(|f| f.article.code == code);
        let (tone, moved) = match (is_after, other) {
            (true, None) => ("ok", "新しく出る".to_owned()),
            (true, Some(from)) if from > at => ("ok", format!("{}番目から上がる", from + 1)),
            (true, Some(from)) if from < at => ("warn", format!("{}番目から下がる", from + 1)),
            (false, None) => ("bad", "出なくなる".to_owned()),
            _ => ("", String::new()),
        };
        Place { question: found.article.text(city::Lang::Ja).0.question.clone(), code, tone, moved }
    };
    own.found.iter().enumerate().take(PLACES).map(place).collect()
}

fn shown(tried: Tried) -> Shown {
    let codes =
        |answer: &Answer| -> Vec<String> { answer.found.iter().take(PLACES).map(|f| f.article.code.clone()).collect() };
    let changes = tried.before.outcome != tried.after.outcome || codes(&tried.before) != codes(&tried.after);
    let mut before = places(&tried.before, &tried.after, false).into_iter();
    let mut after = places(&tried.after, &tried.before, true).into_iter();
    let lines = (1..=before.len().max(after.len()))
        .map(|number| Line { number, before: before.next(), after: after.next() })
        .collect();
    Shown { asked: tried.asked, before: tried.before.outcome, after: tried.after.outcome, lines, changes }
}

/// The relation of an address, with who wrote it last.
async fn one(staff: &Staff, id: &str) -> Result<(CityRelation, (String, String)), Failure> {
    let mut tx = staff.city.db.read().await?;
    let found = thesaurus::all(&mut tx).await?.into_iter().find(|r| r.id == id).ok_or_else(Failure::not_found)?;
    let names = Names::load(&mut tx).await?;
    let by = format!("{} ・ {}", names.of(&found.actor), staff.frame("articles").moment(&found.at));
    Ok((found, (id.to_owned(), by)))
}

/// `/thesaurus/new`; what the address says is filled in.
pub(crate) async fn new(staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    let asked = Fields::from_pairs(pairs);
    show(&EditPage::new(&staff, None, typed(&asked), ""))
}

/// `/thesaurus/{id}`
pub(crate) async fn get(staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    let (found, there) = one(&staff, &id).await?;
    let relation = found.relation;
    let remarks = thesaurus::remarks(&staff.city.library, &relation);
    let typed =
        Typed { term: relation.term, kind: relation.kind.code().into(), other: relation.other, note: relation.note };
    show(&EditPage { remarks, ..EditPage::new(&staff, Some(there), typed, "") })
}

/// `POST /thesaurus`: takes a relation up, or tries it (`act=try`).
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    answer(&staff, &fields, None).await
}

/// `POST /thesaurus/{id}`: writes it anew, tries the change (`act=try`), or tries what would be without it
/// (`act=try-without`).
pub(crate) async fn post_one(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let (_, there) = one(&staff, &id).await?;
    answer(&staff, &fields, Some(there)).await
}

/// What comes of a form.
enum Done {
    /// It was tried.
    Tried(Box<EditPage>),
    /// It was saved; where the list shows it.
    Saved(String),
}

async fn answer(staff: &Staff, fields: &Fields, there: Option<(String, String)>) -> Result<Response, Failure> {
    let done = match (fields.get("act"), &there) {
        ("try-without", Some(there)) => Ok(Done::Tried(Box::new(try_without(staff, fields, there).await))),
        ("try", _) => try_out(staff, fields, there.as_ref()).await.map(|page| Done::Tried(Box::new(page))),
        _ => save(staff, fields, there.as_ref()).await.map(Done::Saved),
    };
    match done {
        Ok(Done::Tried(page)) => show(page.as_ref()),
        Ok(Done::Saved(list)) => Ok(Redirect::to(&list).into_response()),
        Err(KnowledgeError::Form(problems)) => {
            let page = EditPage::new(staff, there, typed(fields), fields.get("questions"));
            let page = EditPage { problems, ..page };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// The questions to try, with what a citizen's question has at hand.
async fn prepared(staff: &Staff, fields: &Fields) -> Vec<String> {
    let asked = questions(fields);
    for question in &asked {
        staff.city.library.prepare(question).await;
    }
    asked
}

async fn try_without(staff: &Staff, fields: &Fields, there: &(String, String)) -> EditPage {
    let (library, today) = (&staff.city.library, staff.visit.today());
    let asked = prepared(staff, fields).await;
    let tried = thesaurus::tried(library, Some(&there.0), None, &asked, today, LOOKED_AT);
    let mut page = EditPage::new(staff, Some(there.clone()), typed(fields), fields.get("questions"));
    (page.without, page.tried) = (true, tried.into_iter().map(shown).collect());
    page
}

async fn try_out(staff: &Staff, fields: &Fields, there: Option<&(String, String)>) -> Result<EditPage, KnowledgeError> {
    let id = there.map(|(id, _)| id.as_str());
    let mut tx = staff.city.db.read().await?;
    let all = thesaurus::all(&mut tx).await?;
    drop(tx);
    let relation = thesaurus::checked(&typed(fields), &all, id)?;
    let (library, today) = (&staff.city.library, staff.visit.today());
    let asked = prepared(staff, fields).await;
    let tried = thesaurus::tried(library, id, Some(&relation), &asked, today, LOOKED_AT);
    let mut page = EditPage::new(staff, there.cloned(), typed(fields), fields.get("questions"));
    page.remarks = thesaurus::remarks(library, &relation);
    page.tried = tried.into_iter().map(shown).collect();
    Ok(page)
}

async fn save(staff: &Staff, fields: &Fields, there: Option<&(String, String)>) -> Result<String, KnowledgeError> {
    let organisation = staff.city.organisation();
    let desk = desk_of(staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    let typed = typed(fields);
    let done = match there {
        Some((id, _)) => {
            thesaurus::change(&mut tx, &desk, id, &typed).await?;
            "relation-changed"
        }
        None => {
            let mut entropy = (staff.app.entropy)();
            thesaurus::add(&mut tx, &desk, entropy.as_mut(), &typed).await?;
            "relation-added"
        }
    };
    tx.commit().await?;
    Ok(format!("/thesaurus?q={}&done={done}", encode(&typed.term)))
}

/// Takes a relation away; the list then offers to put it back.
pub(crate) async fn remove(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.write().await?;
    let gone = thesaurus::remove(&mut tx, &desk_of(&staff, &organisation), &id).await?;
    tx.commit().await?;
    let undo = [("term", &*gone.term), ("kind", gone.kind.code()), ("other", &gone.other), ("note", &gone.note)];
    let undo: String = undo.iter().map(|(name, value)| format!("&undo_{name}={}", encode(value))).collect();
    Ok(Redirect::to(&format!("/thesaurus?done=relation-removed{undo}")).into_response())
}
