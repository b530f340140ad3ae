//! `/sealed/cases/{id}/conferences`: meetings about a case (ケース会議, いじめ判定会議): who comes, what each may see, what
//! came of it. Participants are told of it in words in which names are masked.

use std::time::Duration;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Instant;
use casework::case::{self, View};
use casework::conference::{self, Attendee, Conference, ConferenceKind, Decision, Held, Judgement, Known, Whom};
use casework::{CaseFile, readers};

use super::act::{beside, seen};
use super::bar::Bar;
use super::case::{Header, header};
use super::participants::{changed, masked};
use super::timeline::item;
use super::{Desk, DeskForm};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form, Refused, needed_day, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

/// Decisions that the form has room for.
const DECISIONS: usize = 5;

/// Kinds, by code.
const KINDS: [(&str, ConferenceKind); 2] = [("case", ConferenceKind::Case), ("judgement", ConferenceKind::Judgement)];

/// A conference in words.
struct Row {
    id: String,
    kind: &'static str,
    is_judgement: bool,
    at: String,
    place: String,
    agenda: Vec<String>,
    attendees: Vec<String>,
    changes: usize,
    /// Why it was called off.
    off: String,
    is_ahead: bool,
    minutes: String,
    decisions: Vec<String>,
    /// Whether there is a judgement, and which.
    judged: &'static str,
}

/// Something to be marked.
struct Mark {
    value: String,
    label: String,
    is_marked: bool,
}

/// What a participant may see of the case.
struct MaySee {
    participant: String,
    name: String,
    comes: bool,
    entries: Vec<Mark>,
}

/// What every page here begins with.
struct Base {
    frame: Frame,
    names: Names,
    bar: Bar,
    head: Header,
    rows: Vec<Row>,
}

async fn base(desk: &Desk, view: &View) -> Result<Base, Failure> {
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    let rows = view.file.conferences.iter().map(|known| row(&frame, &names, &view.file, known)).collect();
    let head = header(&frame, &names, &desk.kind, view, desk.staff.visit.now);
    Ok(Base { bar: Bar::at(desk, "cases"), names, head, rows, frame })
}

fn whom(names: &Names, file: &CaseFile, whom: &Whom) -> String {
    match whom {
        Whom::Account(account) => names.of(account),
        Whom::Named(name) => name.clone(),
        Whom::Participant(id) => {
            let known = file.participants.iter().find(|known| known.id == *id);
            known.map(|k| format!("{}（{}）", names.of(&k.account), k.invitation.kind.name())).unwrap_or_default()
        }
    }
}

fn row(frame: &Frame, names: &Names, file: &CaseFile, known: &Known) -> Row {
    let planned = &known.conference;
    let held = known.held.as_ref();
    let decided = |decision: &Decision| match &decision.owner {
        Some(owner) => format!("{}（{}）", decision.words, names.of(owner)),
        None => decision.words.clone(),
    };
    Row {
        id: planned.id.clone(),
        kind: planned.kind.name(),
        is_judgement: planned.kind == ConferenceKind::Judgement,
        at: frame.moment(&planned.starts_at),
        place: planned.place.clone(),
        agenda: planned.agenda.clone(),
        attendees: planned.attendees.iter().map(|attendee| whom(names, file, &attendee.whom)).collect(),
        changes: known.changes,
        off: known.off.as_ref().map(|(_, reason)| reason.clone()).unwrap_or_default(),
        is_ahead: known.is_ahead(),
        minutes: held.map(|(_, held)| held.minutes.clone()).unwrap_or_default(),
        decisions: held.map(|(_, held)| held.decisions.iter().map(decided).collect()).unwrap_or_default(),
        judged: match held.and_then(|(_, held)| held.judgement.as_ref()) {
            Some(judgement) if judgement.is_bullying => "いじめである",
            Some(_) => "いじめではない",
            None => "",
        },
    }
}

#[derive(Template)]
#[template(path = "staff/sealed/conferences.html")]
struct ListPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    rows: Vec<Row>,
    is_closed: bool,
    version: i64,
    /// The form of calling one off, and the id of the one for which it was wrong.
    form: Form,
    wrong: String,
}

/// `/sealed/cases/{id}/conferences`
pub(crate) async fn list(desk: Desk, Path(id): Path<String>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let Base { frame, bar, head, rows, .. } = base(&desk, &view).await?;
    let (version, form) = (view.clear.version, Form::new("off"));
    show(&ListPage { frame, bar, head, rows, is_closed: !view.clear.is_open, version, form, wrong: String::new() })
}

/// `POST /sealed/cases/{id}/conferences/{conference}/cancellation`
pub(crate) async fn cancel(
    Path((id, conference)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let (mut entropy, version) = ((desk.staff.app.entropy)(), seen(&fields).0);
    let what = (conference.as_str(), fields.get("reason"));
    match conference::call_off(desk.house(), entropy.as_mut(), &desk.who, &id, version, what).await {
        Ok(_) => Ok(done(&id)),
        Err(error) => {
            let view = case::view(desk.house(), &desk.who, &id).await?;
            find(&view, &conference)?;
            let mut form = Form::sent("off", &fields);
            changed(beside(error)).onto(&mut form)?;
            let Base { frame, bar, head, rows, .. } = base(&desk, &view).await?;
            let (version, is_closed) = (view.clear.version, !view.clear.is_open);
            show_wrong(&ListPage { frame, bar, head, rows, is_closed, version, form, wrong: conference })
        }
    }
}

#[derive(Template)]
#[template(path = "staff/sealed/conference_plan.html")]
struct PlanPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    form: Form,
    action: String,
    is_new: bool,
    kinds: Choices,
    staff: Vec<Mark>,
    participants: Vec<MaySee>,
    version: i64,
    seen: i64,
}

fn pair(code: &str, words: &str) -> (String, String) {
    (code.to_owned(), words.to_owned())
}

/// Entries that somebody may be shown, in the words in which they would be.
fn entries(frame: &Frame, names: &Names, file: &CaseFile, marked: &[&str]) -> Vec<Mark> {
    let own = file.entries.iter().filter(|placed| placed.whose.is_none());
    own.filter_map(|placed| {
        let words = masked(placed.entry.what.text()?, &file.parties);
        let shown = item(frame, names, file, placed);
        Some(Mark {
            label: format!("{} {}: {words}", shown.kind, shown.at),
            is_marked: marked.contains(&placed.id.as_str()),
            value: placed.id.clone(),
        })
    })
    .collect()
}

async fn plan_page(desk: &Desk, view: &View, conference: Option<&str>, form: Form) -> Result<PlanPage, Failure> {
    let Base { frame, names, bar, head, .. } = base(desk, view).await?;
    let id = &view.clear.id;
    let all = readers::of_case(desk.house(), &desk.who, id).await?;
    let (staff, taking) = (form.all("staff"), form.all("participant"));
    let readers = all.iter().filter(|reader| !reader.is_guest).map(|reader| Mark {
        value: reader.account.clone(),
        label: names.of(&reader.account),
        is_marked: staff.contains(&reader.account.as_str()),
    });
    let participants = view.file.participants.iter().filter(|known| known.left.is_none()).map(|known| MaySee {
        name: format!("{}（{}）", names.of(&known.account), known.invitation.kind.name()),
        comes: taking.contains(&known.id.as_str()),
        entries: entries(&frame, &names, &view.file, &form.all(&format!("see-{}", known.id))),
        participant: known.id.clone(),
    });
    Ok(PlanPage {
        staff: readers.collect(),
        participants: participants.collect(),
        kinds: KINDS.iter().map(|(code, kind)| pair(code, kind.name())).collect(),
        action: match conference {
            Some(conference) => format!("/sealed/cases/{id}/conferences/{conference}"),
            None => format!("/sealed/cases/{id}/conferences"),
        },
        is_new: conference.is_none(),
        version: view.clear.version,
        seen: view.clear.records,
        form,
        head,
        bar,
        frame,
    })
}

/// `/sealed/cases/{id}/conferences/new`
pub(crate) async fn new(desk: Desk, Path(id): Path<String>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let form = Form::new("plan").with("staff", desk.who.account.as_str()).with("time", "10:00");
    show(&plan_page(&desk, &view, None, form).await?)
}

/// The instant of a day and a time of day in the form.
fn starts_at(fields: &Fields) -> Result<Instant, Refused> {
    let day = needed_day(fields, "day")?;
    let time = fields.get("time").split_once(':').and_then(|(hour, minute)| {
        let (hour, minute) = (hour.parse::<u64>().ok()?, minute.parse::<u64>().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 3_600 + minute * 60)
    });
    let time = time.ok_or_else(|| Refused::Field("time", "時刻を入れてください。".into()))?;
    Ok(Instant::start_of(day).plus(Duration::from_secs(time)))
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn planned(fields: &Fields, id: &str) -> Result<Conference, Refused> {
    let kind = KINDS.iter().find(|(code, _)| *code == fields.get("kind")).map(|(_, kind)| *kind);
    let kind = kind.ok_or_else(|| Refused::Field("kind", "選んでください。".into()))?;
    let attendee = |whom, reaches_school, may_see: Vec<&str>| Attendee {
        whom,
        reaches_school,
        may_see: may_see.into_iter().map(str::to_owned).collect(),
    };
    let staff =
        fields.all("staff").into_iter().map(|account| attendee(Whom::Account(account.into()), false, Vec::new()));
    let participants = fields.all("participant").into_iter().map(|participant| {
        attendee(Whom::Participant(participant.into()), false, fields.all(&format!("see-{participant}")))
    });
    let others = lines(fields.raw("others"));
    let others = others.into_iter().map(|name| attendee(Whom::Named(name), fields.has("others_school"), Vec::new()));
    Ok(Conference {
        id: id.to_owned(),
        kind,
        starts_at: starts_at(fields)?,
        place: fields.get("place").into(),
        agenda: lines(fields.raw("agenda")),
        attendees: staff.chain(participants).chain(others).collect(),
    })
}

/// The words in which the entries of a conference are shown outside: with names masked.
fn words(file: &CaseFile, conference: &Conference) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for id in conference.attendees.iter().flat_map(|attendee| &attendee.may_see) {
        let text = file.entries.iter().find(|placed| placed.id == *id).and_then(|placed| placed.entry.what.text());
        if let Some(text) = text
            && !all.iter().any(|(known, _)| known == id)
        {
            all.push((id.clone(), masked(text, &file.parties)));
        }
    }
    all
}

async fn write_plan(desk: &Desk, id: &str, conference: Option<&str>, fields: &Fields) -> Result<(), Refused> {
    let plan = planned(fields, conference.unwrap_or_default())?;
    let view = case::view(desk.house(), &desk.who, id).await?;
    let told = words(&view.file, &plan);
    let (mut entropy, version) = ((desk.staff.app.entropy)(), seen(fields).0);
    let (house, who, what) = (desk.house(), &desk.who, (plan, told.as_slice()));
    let written = match conference {
        Some(_) => conference::change(house, entropy.as_mut(), who, id, version, what).await.map(|_| ()),
        None => conference::plan(house, entropy.as_mut(), who, id, version, what).await.map(|_| ()),
    };
    written.map_err(beside)
}

fn done(id: &str) -> Response {
    Redirect::to(&format!("/sealed/cases/{id}/conferences?done=noted")).into_response()
}

async fn plan(desk: &Desk, id: &str, conference: Option<&str>, fields: &Fields) -> Result<Response, Failure> {
    match write_plan(desk, id, conference, fields).await {
        Ok(()) => Ok(done(id)),
        Err(refused) => {
            let view = case::view(desk.house(), &desk.who, id).await?;
            let mut form = Form::sent("plan", fields);
            changed(refused).onto(&mut form)?;
            show_wrong(&plan_page(desk, &view, conference, form).await?)
        }
    }
}

/// `POST /sealed/cases/{id}/conferences`
pub(crate) async fn post(Path(id): Path<String>, DeskForm(desk, fields): DeskForm) -> Result<Response, Failure> {
    plan(&desk, &id, None, &fields).await
}

fn find<'a>(view: &'a View, conference: &str) -> Result<&'a Known, Failure> {
    let known = view.file.conferences.iter().find(|known| known.conference.id == conference);
    known.ok_or_else(Failure::not_found)
}

/// A plan as its form shows it.
fn as_form(known: &Known) -> Form {
    let planned = &known.conference;
    let code = KINDS.iter().find(|(_, kind)| *kind == planned.kind).map_or("", |(code, _)| code);
    let civil = planned.starts_at.jst();
    let mut form = Form::new("plan")
        .with("kind", code)
        .with("day", planned.starts_at.jst_date().to_string())
        .with("time", format!("{:02}:{:02}", civil.hour(), civil.minute()))
        .with("place", planned.place.as_str())
        .with("agenda", planned.agenda.join("\n"));
    let mut others = Vec::new();
    for attendee in &planned.attendees {
        form = match &attendee.whom {
            Whom::Account(account) => form.with("staff", account.as_str()),
            Whom::Participant(id) => {
                let name = format!("see-{id}");
                let seen = attendee.may_see.iter();
                seen.fold(form.with("participant", id.as_str()), |form, entry| form.with(&name, entry.as_str()))
            }
            Whom::Named(name) => {
                others.push(name.as_str());
                if attendee.reaches_school { form.with("others_school", "on") } else { form }
            }
        };
    }
    form.with("others", others.join("\n"))
}

/// `/sealed/cases/{id}/conferences/{conference}/plan`
pub(crate) async fn edit(desk: Desk, Path((id, conference)): Path<(String, String)>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let known = find(&view, &conference)?;
    if !known.is_ahead() {
        return Err(Failure::not_found());
    }
    let form = as_form(known);
    show(&plan_page(&desk, &view, Some(&conference), form).await?)
}

/// `POST /sealed/cases/{id}/conferences/{conference}`
pub(crate) async fn post_change(
    Path((id, conference)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    plan(&desk, &id, Some(&conference), &fields).await
}

/// A decision on the form.
struct DecisionRow {
    n: usize,
    words: String,
    owner: String,
}

#[derive(Template)]
#[template(path = "staff/sealed/conference_minutes.html")]
struct MinutesPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    row: Row,
    form: Form,
    decisions: Vec<DecisionRow>,
    owners: Choices,
    yes_no: Choices,
    /// Participants who came and may be shown the minutes.
    participants: Vec<Mark>,
    version: i64,
    seen: i64,
}

async fn minutes_page(desk: &Desk, view: &View, conference: &str, form: Form) -> Result<MinutesPage, Failure> {
    let known = find(view, conference)?;
    let Base { frame, names, bar, head, .. } = base(desk, view).await?;
    let marked = form.all("minutes_to");
    let came = known.conference.attendees.iter().filter_map(|attendee| match &attendee.whom {
        Whom::Participant(id) => Some(Mark {
            label: whom(&names, &view.file, &attendee.whom),
            is_marked: marked.contains(&id.as_str()),
            value: id.clone(),
        }),
        _ => None,
    });
    let decisions = (0..DECISIONS).map(|n| DecisionRow {
        n,
        words: form.value(&format!("decision-{n}")).to_owned(),
        owner: form.value(&format!("owner-{n}")).to_owned(),
    });
    Ok(MinutesPage {
        participants: came.collect(),
        decisions: decisions.collect(),
        owners: super::act::reader_choices(desk, &names, &view.clear.id, "する人を決めない").await?,
        yes_no: vec![pair("", "まだ判定しない"), pair("yes", "いじめである"), pair("no", "いじめではない")],
        row: row(&frame, &names, &view.file, known),
        version: view.clear.version,
        seen: view.clear.records,
        form,
        head,
        bar,
        frame,
    })
}

/// `/sealed/cases/{id}/conferences/{conference}/minutes`
pub(crate) async fn minutes(desk: Desk, Path((id, conference)): Path<(String, String)>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    show(&minutes_page(&desk, &view, &conference, Form::new("minutes")).await?)
}

fn held(conference: &str, fields: &Fields) -> Result<Held, Refused> {
    let decisions = (0..DECISIONS).filter_map(|n| {
        let words = fields.optional(&format!("decision-{n}"))?.to_owned();
        Some(Decision { words, owner: fields.optional(&format!("owner-{n}")).map(str::to_owned) })
    });
    let judgement = match fields.get("is_bullying") {
        "" => None,
        _ if !fields.has("why") => return Err(Refused::Field("why", "判定の理由を書いてください。".into())),
        answer => Some(Judgement { is_bullying: answer == "yes", why: fields.get("why").into() }),
    };
    Ok(Held { id: conference.into(), minutes: fields.get("minutes").into(), decisions: decisions.collect(), judgement })
}

async fn write_minutes(desk: &Desk, id: &str, conference: &str, fields: &Fields) -> Result<(), Refused> {
    let held = held(conference, fields)?;
    let to: Vec<String> = fields.all("minutes_to").into_iter().map(str::to_owned).collect();
    let mut entropy = (desk.staff.app.entropy)();
    let what = (held, to.as_slice());
    let written = conference::hold(desk.house(), entropy.as_mut(), &desk.who, id, seen(fields).0, what).await;
    written.map(|_| ()).map_err(beside)
}

/// `POST /sealed/cases/{id}/conferences/{conference}/minutes`
pub(crate) async fn post_minutes(
    Path((id, conference)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    match write_minutes(&desk, &id, &conference, &fields).await {
        Ok(()) => Ok(done(&id)),
        Err(refused) => {
            let view = case::view(desk.house(), &desk.who, &id).await?;
            let mut form = Form::sent("minutes", &fields);
            changed(refused).onto(&mut form)?;
            show_wrong(&minutes_page(&desk, &view, &conference, form).await?)
        }
    }
}
