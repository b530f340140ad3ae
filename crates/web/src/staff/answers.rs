//! `/answers`: on which topics the bot answers, and why; the switches, the disaster mode, the history.

pub(crate) mod clarification;
pub(crate) mod question;
pub(crate) mod record;
pub(crate) mod topic;

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use city::{Lang, Organisation};
use contact::answer_record::{self, Record};
use contact::control::{self, Act, Change};
use contact::gate::{self, Book, TopicGate, Verdict};
use contact::golden_run;
use contact::staff::Desk;

use super::fields::{Fields, StaffForm};
use super::form::{Form, Refused, show_wrong};
use super::frame::Frame;
use super::gate::Staff;
use super::shown::Names;
use crate::citizen::show;
use crate::errors::Failure;

/// Entries of the history on the page.
const HISTORY: i64 = 30;
/// Answers on the page.
const ANSWERS: i64 = 10;

/// Who acts, for the service.
pub(crate) fn desk_of<'a>(staff: &'a Staff, organisation: &'a Organisation) -> Desk<'a> {
    Desk { db: &staff.city.db, clock: staff.app.clock.as_ref(), organisation, who: &staff.who }
}

/// What a verdict is called, with the colour of its tag.
pub(crate) fn verdict_name(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Passed => ("自動で答える", "ok"),
        Verdict::Untested => ("試験なしで答える", "warn"),
        Verdict::Off => ("止めている", "bad"),
        Verdict::AllOff => ("すべて止めている", "bad"),
        Verdict::NoQuestions => ("試験問題がない", "dim"),
        Verdict::NeverRun => ("試験がまだ", "dim"),
        Verdict::Failed => ("合格点に届かない", "bad"),
        Verdict::Disaster => ("災害対応中は人が答える", "warn"),
    }
}

fn act_name(act: Act) -> &'static str {
    match act {
        Act::TurnedOff => "自動応答を止めた",
        Act::TurnedOn => "自動応答を再開した",
        Act::PassMark => "合格点を変えた",
        Act::Untested => "試験なしで答えるようにした",
        Act::Tested => "試験なしで答えるのをやめた",
        Act::DisasterOn => "災害対応をはじめた",
        Act::DisasterText => "災害のお知らせの文を変えた",
        Act::DisasterOff => "災害対応を終えた",
    }
}

/// Who did something, as colleagues read it.
pub(crate) fn who(names: &Names, actor: &str) -> String {
    match actor.split_once(':') {
        Some(("account", id)) => names.of(id),
        Some(_) => "自動".into(),
        None if actor == "command" => "管理コマンド".into(),
        None => names.of(actor),
    }
}

/// A topic in the list.
pub(crate) struct Row {
    pub(crate) gate: TopicGate,
    pub(crate) name: &'static str,
    pub(crate) state: &'static str,
    pub(crate) tone: &'static str,
    pub(crate) ran_at: String,
}

impl Row {
    pub(crate) fn of(frame: &Frame, gate: TopicGate) -> Row {
        let (state, tone) = verdict_name(gate.verdict);
        let ran_at = gate.last.as_ref().map_or_else(String::new, |run| frame.moment(&run.at));
        Row { name: city::topic(gate.topic).map_or("", |t| t.name(Lang::Ja)), state, tone, ran_at, gate }
    }

    pub(crate) fn is_off(&self) -> bool {
        self.gate.switch.as_ref().is_some_and(|s| s.is_off)
    }
}

struct Entry {
    at: String,
    who: String,
    act: &'static str,
    topic: &'static str,
    reason: String,
    value: Option<i64>,
}

fn entry(frame: &Frame, names: &Names, change: Change) -> Entry {
    let topic = match (change.topic.as_str(), change.act) {
        (control::ALL, Act::DisasterOn | Act::DisasterText | Act::DisasterOff) => "—",
        (control::ALL, _) => "すべて",
        (code, _) => city::topic(code).map_or("—", |t| t.name(Lang::Ja)),
    };
    Entry {
        at: frame.moment(&change.at),
        who: who(names, &change.actor),
        act: act_name(change.act),
        topic,
        reason: change.reason,
        value: change.value,
    }
}

#[derive(Template)]
#[template(path = "staff/answers/home.html")]
struct HomePage {
    frame: Frame,
    tab: &'static str,
    rows: Vec<Row>,
    mark: i64,
    all_off: Option<(String, String)>,
    disaster_since: Option<String>,
    on: Form,
    disaster: Form,
    disaster_end: Form,
    history: Vec<Entry>,
    answers: Vec<(String, Record)>,
}

impl HomePage {
    fn live(&self) -> usize {
        self.rows.iter().filter(|r| r.gate.verdict.is_live()).count()
    }
}

/// The form of the banner: what stands, or what is proposed.
fn banner_form(book: &Book) -> Form {
    let texts = match &book.disaster {
        Some(d) => [d.ja.as_str(), &d.easy, &d.en],
        None => control::BANNER,
    };
    Form::new("disaster").with("ja", texts[0]).with("easy", texts[1]).with("en", texts[2])
}

async fn page(staff: &Staff, refused: Option<Form>) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let mut tx = staff.city.db.read().await?;
    let book = gate::read(&mut tx).await?;
    let history = control::history(&mut tx, HISTORY).await?;
    let answers = answer_record::newest(&mut tx, ANSWERS).await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let of = |name: &'static str, empty: Form| refused.clone().filter(|f| f.name() == name).unwrap_or(empty);
    let page = HomePage {
        tab: "answers",
        mark: book.mark,
        all_off: book.all_off.as_ref().map(|s| (frame.moment(&s.updated_at), who(&names, &s.updated_by))),
        disaster_since: book.disaster.as_ref().filter(|d| d.is_on).and_then(|d| d.since).map(|at| frame.moment(&at)),
        on: of("on", Form::new("on")),
        disaster: of("disaster", banner_form(&book)),
        disaster_end: of("disaster-end", Form::new("disaster-end")),
        rows: book.topics.into_iter().map(|gate| Row::of(&frame, gate)).collect(),
        history: history.into_iter().map(|c| entry(&frame, &names, c)).collect(),
        answers: answers.into_iter().map(|r| (frame.moment(&r.at), r)).collect(),
        frame,
    };
    if refused.is_some() { show_wrong(&page) } else { show(&page) }
}

/// `/answers`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    page(&staff, None).await
}

/// Where a topic's form leads back.
fn back(topic: &str, done: &str) -> Response {
    let page = if topic == control::ALL { "/answers".to_owned() } else { format!("/answers/topics/{topic}") };
    Redirect::to(&format!("{page}?done={done}")).into_response()
}

/// The page from which a form came, with what is wrong.
async fn again(staff: &Staff, topic: &str, mut form: Form, refused: Refused) -> Result<Response, Failure> {
    refused.onto(&mut form)?;
    if topic == control::ALL { page(staff, Some(form)).await } else { topic::page(staff, topic, Some(form)).await }
}

/// `POST /answers/off`: one click.
pub(crate) async fn off(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.write().await?;
    control::turn_off(&mut tx, desk_of(&staff, &organisation), fields.get("topic")).await?;
    tx.commit().await?;
    staff.city.gates.refresh(&staff.city.db).await?;
    Ok(Redirect::to("/answers?done=answers-off").into_response())
}

/// `POST /answers/on`
pub(crate) async fn on(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let (organisation, topic) = (staff.city.organisation(), fields.get("topic").to_owned());
    let mut tx = staff.city.db.write().await?;
    let done = control::turn_on(&mut tx, desk_of(&staff, &organisation), &topic, fields.get("reason")).await;
    if let Err(refused) = done {
        drop(tx);
        return again(&staff, &topic, Form::sent("on", &fields), refused.into()).await;
    }
    tx.commit().await?;
    staff.city.gates.refresh(&staff.city.db).await?;
    Ok(back(&topic, "answers-on"))
}

/// `POST /answers/runs`: asks the golden questions of a topic, or all.
pub(crate) async fn run(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let topic = fields.get("topic");
    if topic != control::ALL && city::topic(topic).is_none() {
        return Err(Failure::not_found());
    }
    run_now(&staff, Some(topic).filter(|t| *t != control::ALL)).await?;
    Ok(back(topic, "answers-run"))
}

/// Asks the golden questions as the person who is logged in.
pub(super) async fn run_now(staff: &Staff, topic: Option<&str>) -> Result<(), Failure> {
    let (city, clock, mut entropy) = (&staff.city, staff.app.clock.as_ref(), (staff.app.entropy)());
    golden_run::run(&city.db, clock, entropy.as_mut(), &city.library, topic, &staff.who.actor()).await?;
    city.gates.refresh(&city.db).await?;
    Ok(())
}

/// `POST /answers/disaster`: begins it, or changes the text of its banner.
pub(crate) async fn disaster(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.write().await?;
    let texts = ["ja", "easy", "en"].map(|name| fields.get(name));
    if let Err(refused) = control::disaster_on(&mut tx, desk_of(&staff, &organisation), texts).await {
        drop(tx);
        return again(&staff, control::ALL, Form::sent("disaster", &fields), refused.into()).await;
    }
    tx.commit().await?;
    staff.city.gates.refresh(&staff.city.db).await?;
    Ok(back(control::ALL, "disaster-on"))
}

/// `POST /answers/disaster/end`
pub(crate) async fn disaster_end(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.write().await?;
    let done = control::disaster_off(&mut tx, desk_of(&staff, &organisation), fields.get("reason")).await;
    if let Err(refused) = done {
        drop(tx);
        return again(&staff, control::ALL, Form::sent("disaster-end", &fields), refused.into()).await;
    }
    tx.commit().await?;
    staff.city.gates.refresh(&staff.city.db).await?;
    Ok(back(control::ALL, "disaster-off"))
}

/// Whether an article is there.
pub(super) fn knows(staff: &Staff) -> impl Fn(&str) -> bool + Sync + use<> {
    let snapshot = staff.city.library.snapshot();
    move |code| snapshot.by_code(code).is_some()
}

/// What was typed, without the token.
pub(super) fn sent(name: &'static str, fields: &Fields) -> Form {
    Form::sent(name, fields)
}
