//! `/reorganisations`: 組織改正, prepared in steps, looked at from both sides of its day, and scheduled by two.

use access::two_person::{self, Asked};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Date;
use city::reorganisation::{self as reorg, Affected, Reorganisation, State, Step};
use city::{Department, Editor, Section};

use super::fields::{Fields, StaffForm};
use super::form::{Choices, Form, Refused, needed_day, show_wrong};
use super::frame::Frame;
use super::gate::Staff;
use super::reorganisation_step::{self as steps, KINDS};
use super::{organisation, section_form};
use crate::citizen::show;
use crate::errors::Failure;

struct Listed {
    id: String,
    name: String,
    day: String,
    state: (&'static str, &'static str),
}

#[derive(Template)]
#[template(path = "staff/admin/reorganisations.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Listed>,
}

/// Class of the tag, and what a state is called.
fn state_tag(state: State) -> (&'static str, &'static str) {
    match state {
        State::Preparing => ("warn", "準備中"),
        State::Scheduled => ("ok", "予定"),
        State::InForce => ("dim", "施行済み"),
        State::Cancelled => ("dim", "取りやめ"),
    }
}

pub(crate) async fn list(staff: Staff) -> Result<Response, Failure> {
    let frame = staff.frame("admin");
    let mut tx = staff.city.db.read().await?;
    let all = reorg::list(&mut tx).await.map_err(knowledge::KnowledgeError::City)?;
    let rows = all
        .into_iter()
        .map(|r| Listed {
            day: frame.day(&r.takes_effect_on),
            state: state_tag(r.state(frame.today)),
            name: r.name,
            id: r.id,
        })
        .collect();
    show(&ListPage { frame, rows })
}

#[derive(Template)]
#[template(path = "staff/admin/reorganisation_new.html")]
struct NewPage {
    frame: Frame,
    form: Form,
}

pub(crate) async fn new(staff: Staff) -> Result<Response, Failure> {
    show(&NewPage { frame: staff.frame("admin"), form: Form::new("new") })
}

async fn make(staff: &Staff, fields: &Fields) -> Result<String, Refused> {
    let day = needed_day(fields, "takes_effect_on")?;
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let actor = staff.who.actor();
    let mut by = Editor { actor: &actor, clock: staff.app.clock.as_ref(), entropy: entropy.as_mut() };
    let id = reorg::open(&mut tx, &mut by, fields.get("name"), day, fields.get("note")).await?;
    tx.commit().await?;
    Ok(id)
}

pub(crate) async fn post_new(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    match make(&staff, &fields).await {
        Ok(id) => Ok(Redirect::to(&format!("/reorganisations/{id}?done=made")).into_response()),
        Err(refused) => {
            let mut form = Form::sent("new", &fields);
            refused.onto(&mut form)?;
            show_wrong(&NewPage { frame: staff.frame("admin"), form })
        }
    }
}

struct StepRow {
    id: String,
    sentence: String,
    problem: Option<String>,
    affected: Affected,
}

struct Side {
    title: String,
    departments: Vec<Department<(String, bool)>>,
}

#[derive(Template)]
#[template(path = "staff/admin/reorganisation.html")]
struct Page {
    frame: Frame,
    id: String,
    name: String,
    day: String,
    note: String,
    counter: i64,
    tag: (&'static str, &'static str),
    preparing: bool,
    scheduled: bool,
    kinds: &'static [(&'static str, &'static str, &'static str)],
    rows: Vec<StepRow>,
    problems: usize,
    sides: Vec<Side>,
    waiting: Option<String>,
    head: Form,
    ask: Form,
}

/// A form that comes back, by its name on the page.
type Back = Option<Form>;

fn side(title: String, departments: &[Department<Section>], marked: &[String]) -> Side {
    let one = |s: &Section| (s.name.clone(), marked.contains(&s.code));
    let departments = departments
        .iter()
        .filter(|d| d.sections.iter().any(|s| marked.contains(&s.code)))
        .map(|d| Department { name: d.name.clone(), sections: d.sections.iter().map(one).collect() })
        .collect();
    Side { title, departments }
}

/// The rows of steps; before the day with what is wrong and both sides of it.
fn look(
    frame: &Frame,
    found: &Reorganisation,
    list: &[Step],
    affected: impl Fn(&str) -> Affected,
) -> Result<(Vec<StepRow>, Vec<Side>), Failure> {
    let words = |step: &Step| steps::sentence(&frame.city, found.takes_effect_on, list, step);
    let row = |step: &Step, problem: Option<String>| StepRow {
        id: step.id.clone(),
        sentence: words(step),
        problem,
        affected: affected(&step.section),
    };
    if found.stored_state != "preparing" {
        return Ok((list.iter().map(|s| row(s, None)).collect(), Vec::new()));
    }
    let preview =
        reorg::preview(&frame.city, found.takes_effect_on, list, &affected).map_err(knowledge::KnowledgeError::City)?;
    let problem = |step: &Step| preview.problems.iter().find(|p| p.step == step.id).map(|p| p.reason.clone());
    let mut marked: Vec<String> = list.iter().map(|s| s.section.clone()).collect();
    marked.extend(list.iter().flat_map(|s| s.action.successors()));
    let day = frame.day(&found.takes_effect_on);
    let sides =
        vec![side("前の日まで".into(), &preview.before, &marked), side(format!("{day}から"), &preview.after, &marked)];
    Ok((list.iter().map(|s| row(s, problem(s))).collect(), sides))
}

async fn page(staff: &Staff, id: &str, back: Back) -> Result<Page, Failure> {
    let frame = staff.frame("admin");
    let mut tx = staff.city.db.read().await?;
    let (found, list) = read(&mut tx, id).await?;
    let counts = organisation::counts(staff, &mut tx, &frame.city, frame.today).await?;
    let changes = two_person::latest(&mut tx, staff.app.clock.as_ref(), 500).await?;
    drop(tx);
    let asked = changes.iter().find(|c| c.kind == two_person::REORGANISE && c.object == id && c.state == "asked");
    let waiting = asked.map(|c| frame.moment(&c.asked_at));
    let (rows, sides) = look(&frame, &found, &list, |code| counts.get(code).copied().unwrap_or_default())?;
    let state = found.state(frame.today);
    let (mut head, mut ask) = (
        Form::new("head")
            .with("name", &found.name)
            .with("takes_effect_on", found.takes_effect_on.to_string())
            .with("note", &found.note),
        Form::new("ask"),
    );
    match back {
        Some(form) if form.name() == "head" => head = form,
        Some(form) => ask = form,
        None => {}
    }
    Ok(Page {
        id: found.id,
        day: frame.day(&found.takes_effect_on),
        name: found.name,
        note: found.note,
        counter: found.counter,
        tag: state_tag(state),
        preparing: state == State::Preparing,
        scheduled: state == State::Scheduled,
        kinds: KINDS,
        problems: rows.iter().filter(|r| r.problem.is_some()).count(),
        rows,
        sides,
        waiting,
        head,
        ask,
        frame,
    })
}

async fn read(tx: &mut store::Tx, id: &str) -> Result<(Reorganisation, Vec<Step>), Failure> {
    match reorg::get(tx, id).await {
        Ok(found) => Ok(found),
        Err(error) => Err(match Refused::from(error) {
            Refused::Other(failure) => failure,
            Refused::Field(_, sentence) => Failure::refused(sentence),
        }),
    }
}

pub(crate) async fn get(staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    show(&page(&staff, &id, None).await?)
}

/// What a form of the page does.
enum Do<'a> {
    Edit,
    RemoveStep,
    AddStep(&'a str, city::reorganisation::StepAction),
    Ask,
    Unschedule,
    Cancel,
}

fn counter(fields: &Fields) -> Result<i64, Refused> {
    fields.get("counter").parse().map_err(|_| Refused::Other(Failure::new(axum::http::StatusCode::CONFLICT)))
}

async fn act(staff: &Staff, id: &str, fields: &Fields, what: Do<'_>) -> Result<(), Refused> {
    let mut entropy = (staff.app.entropy)();
    let clock = staff.app.clock.as_ref();
    let mut tx = staff.city.db.write().await?;
    let actor = staff.who.actor();
    if let Do::Ask = what {
        ask(&mut tx, staff, entropy.as_mut(), id, fields).await?;
        tx.commit().await?;
        return Ok(());
    }
    let mut by = Editor { actor: &actor, clock, entropy: entropy.as_mut() };
    match what {
        Do::Edit => {
            let day = needed_day(fields, "takes_effect_on")?;
            let new = (fields.get("name"), day, fields.get("note"));
            reorg::edit(&mut tx, &mut by, id, counter(fields)?, new).await?;
        }
        Do::RemoveStep => reorg::remove_step(&mut tx, &mut by, id, counter(fields)?, fields.get("step")).await?,
        Do::AddStep(section, action) => {
            reorg::add_step(&mut tx, &mut by, id, section, action).await?;
        }
        Do::Unschedule => reorg::unschedule(&mut tx, &mut by, id).await?,
        Do::Cancel => reorg::cancel(&mut tx, &mut by, id).await?,
        Do::Ask => {}
    }
    tx.commit().await?;
    Ok(staff.city.reload().await?)
}

/// Asks the second person; what they approve is what stands now, not what it may become.
async fn ask(
    tx: &mut store::Tx,
    staff: &Staff,
    entropy: store::Entropy<'_>,
    id: &str,
    fields: &Fields,
) -> Result<(), Refused> {
    let (found, list) = reorg::get(tx, id).await?;
    if found.stored_state != "preparing" {
        return Err(Refused::Field("reason", "準備中の組織改正だけ、予定にできます。".into()));
    }
    if list.is_empty() {
        return Err(Refused::Field("reason", "手順がありません。先に、変わる課を加えてください。".into()));
    }
    let affected = |_: &str| Affected::default();
    let preview = reorg::preview(&staff.city.organisation(), found.takes_effect_on, &list, affected)?;
    if let Some(problem) = preview.problems.first() {
        return Err(Refused::Field("reason", format!("直すところがあります。{}", problem.reason)));
    }
    let payload = found.counter.to_string();
    let asked = Asked {
        kind: two_person::REORGANISE,
        object_kind: "reorganisation",
        object: id,
        payload: &payload,
        reason: fields.get("reason"),
    };
    two_person::ask(tx, staff.app.clock.as_ref(), entropy, &staff.who, asked).await?;
    Ok(())
}

async fn posted(
    staff: &Staff,
    id: &str,
    fields: &Fields,
    what: Do<'_>,
    (form, done): (&'static str, &str),
) -> Result<Response, Failure> {
    match act(staff, id, fields, what).await {
        Ok(()) => Ok(Redirect::to(&format!("/reorganisations/{id}?done={done}")).into_response()),
        Err(refused) => {
            let mut back = Form::sent(form, fields);
            refused.onto(&mut back)?;
            show_wrong(&page(staff, id, Some(back)).await?)
        }
    }
}

pub(crate) async fn post(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Edit, ("head", "saved")).await
}

pub(crate) async fn remove_step(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::RemoveStep, ("ask", "removed")).await
}

pub(crate) async fn schedule(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Ask, ("ask", "asked")).await
}

pub(crate) async fn unschedule(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Unschedule, ("ask", "cancelled")).await
}

pub(crate) async fn cancel(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Cancel, ("ask", "cancelled")).await
}

#[derive(Template)]
#[template(path = "staff/admin/reorganisation_step.html")]
struct StepPage {
    frame: Frame,
    id: String,
    name: String,
    kind: &'static str,
    title: &'static str,
    explained: &'static str,
    /// Sections that stand on the day before.
    sections: Choices,
    /// Sections that may take over.
    heirs: Choices,
    /// Name of the section that a change is about.
    chosen: String,
    form: Form,
}

async fn step_page(staff: &Staff, id: &str, form: Form) -> Result<StepPage, Failure> {
    let frame = staff.frame("admin");
    let mut tx = staff.city.db.read().await?;
    let (found, list) = read(&mut tx, id).await?;
    drop(tx);
    let (kind, title, explained) =
        *KINDS.iter().find(|(kind, ..)| *kind == form.value("kind")).ok_or_else(Failure::not_found)?;
    let before = found.takes_effect_on.yesterday().unwrap_or(found.takes_effect_on);
    let mut heirs = organisation::choices(&frame.city, found.takes_effect_on, "選んでください");
    heirs.extend(list.iter().filter_map(|step| match &step.action {
        reorg::StepAction::Create(new) => {
            Some((step.section.clone(), format!("{}（新設）", new.name.as_deref().unwrap_or(&step.section))))
        }
        _ => None,
    }));
    let sections = organisation::choices(&frame.city, before, "選んでください");
    let chosen = frame.city.own(form.value("section"), before).map_or_else(String::new, |s| s.name.clone());
    Ok(StepPage { id: found.id, name: found.name, kind, title, explained, sections, heirs, chosen, form, frame })
}

/// The section as it stands before the day of a reorganisation.
async fn standing(staff: &Staff, id: &str, code: &str) -> Result<Option<Section>, Failure> {
    let mut tx = staff.city.db.read().await?;
    let (found, _) = read(&mut tx, id).await?;
    let before: Date = found.takes_effect_on.yesterday().unwrap_or(found.takes_effect_on);
    Ok(staff.city.organisation().own(code, before).cloned())
}

pub(crate) async fn new_step(
    staff: Staff,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let fields = Fields::from_pairs(pairs);
    let (kind, code) = (fields.get("kind"), fields.get("section"));
    let mut form = Form::new("step").with("kind", if kind.is_empty() { "create" } else { kind }).with("section", code);
    match (kind, standing(&staff, &id, code).await?) {
        ("rename" | "change", Some(section)) => form = section_form::filled(form, &section),
        ("create" | "", _) => form = section_form::blank(form),
        _ => {}
    }
    show(&step_page(&staff, &id, form).await?)
}

async fn add(staff: &Staff, id: &str, fields: &Fields) -> Result<(), Refused> {
    let before = standing(staff, id, fields.get("section")).await?;
    let action = steps::read(fields, before.as_ref())?;
    act(staff, id, fields, Do::AddStep(fields.get("section"), action)).await
}

pub(crate) async fn post_step(
    Path(id): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    match add(&staff, &id, &fields).await {
        Ok(()) => Ok(Redirect::to(&format!("/reorganisations/{id}?done=saved")).into_response()),
        Err(refused) => {
            let mut form = Form::sent("step", &fields);
            refused.onto(&mut form)?;
            show_wrong(&step_page(&staff, &id, form).await?)
        }
    }
}
