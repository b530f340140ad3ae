//! 組織改正: prepared in February, in force on 1 April without anybody pressing a button, because every
//! section is a span of days.
//!
//! Invariants:
//! - what is scheduled stands in the sections themselves; nothing happens on the day;
//! - a section that ends has a successor that exists on the day;
//! - until the day everything can be taken back.
//!
//! Whether an editor may do this, and that two persons agree, is decided by the caller.

mod plan;
mod preview;

use calendar::{Date, Instant};
use serde::{Deserialize, Serialize};
use store::{Tx, changes, ids};

pub use plan::Problem;
pub use preview::{Affected, Change, Preview, preview};

use crate::edit::{day_before, invalid, locked};
use crate::store::{self as section_rows, reorganisation as rows};
use crate::{CHANGE_TOPIC, CityError, Editor, Organisation, SectionChange, day_in_words};

/// Kind of the record in audit events.
const OBJECT: &str = "reorganisation";

/// A reorganisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reorganisation {
    /// Id.
    pub id: String,
    /// Name, such as 令和9年度 組織改正.
    pub name: String,
    /// First day of the new organisation.
    pub takes_effect_on: Date,
    /// As the database has it: `preparing`, `scheduled` or `cancelled`; see [`Reorganisation::state`].
    pub stored_state: String,
    /// Who prepared it, as audit events name them.
    pub made_by: String,
    /// Remark.
    pub note: String,
    /// Goes up with every change; a page hands it back so that nothing is overwritten unseen.
    pub counter: i64,
    /// When it was begun.
    pub created_at: Instant,
    /// When it was changed last.
    pub updated_at: Instant,
}

/// How a reorganisation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 準備中: can be edited, has no effect.
    Preparing,
    /// 予定: takes effect by itself on its day.
    Scheduled,
    /// 施行済み: its day has come.
    InForce,
    /// 取りやめ.
    Cancelled,
}

impl Reorganisation {
    /// How it stands on a day.
    pub fn state(&self, today: Date) -> State {
        match self.stored_state.as_str() {
            "scheduled" if self.takes_effect_on <= today => State::InForce,
            "scheduled" => State::Scheduled,
            "cancelled" => State::Cancelled,
            _ => State::Preparing,
        }
    }
}

/// What a step does to its section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepAction {
    /// 新設: a new section; every field is given (the extension may be left out).
    Create(SectionChange),
    /// 名称変更: the code stays.
    Rename {
        /// Name in Japanese.
        name: String,
        /// Name in plain Japanese.
        name_easy: String,
        /// Name in English.
        name_en: String,
    },
    /// Telephone, place, hours, department.
    Change(SectionChange),
    /// 統合: it ends, another takes over everything.
    Merge {
        /// Code of the other.
        into: String,
    },
    /// 分割: it ends, several take over; a person hands out its articles.
    Split {
        /// Codes; the first answers until a person has chosen.
        into: Vec<String>,
    },
    /// 廃止: it ends; another takes over what is left.
    End {
        /// Code of the other.
        successor: String,
    },
}

impl StepAction {
    /// Its name in the database.
    pub const fn kind(&self) -> &'static str {
        match self {
            StepAction::Create(_) => "create",
            StepAction::Rename { .. } => "rename",
            StepAction::Change(_) => "change",
            StepAction::Merge { .. } => "merge",
            StepAction::Split { .. } => "split",
            StepAction::End { .. } => "end",
        }
    }

    /// Whether the section exists no longer on the day.
    pub const fn ends_section(&self) -> bool {
        matches!(self, StepAction::Merge { .. } | StepAction::Split { .. } | StepAction::End { .. })
    }

    /// Codes of those that take over.
    pub fn successors(&self) -> Vec<String> {
        match self {
            StepAction::Merge { into } => vec![into.clone()],
            StepAction::Split { into } => into.clone(),
            StepAction::End { successor } => vec![successor.clone()],
            _ => Vec::new(),
        }
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Id.
    pub id: String,
    /// Place in the list.
    pub position: i64,
    /// Code of the section.
    pub section: String,
    /// What is done to it.
    pub action: StepAction,
    /// How its span ended before, once scheduled.
    pub previous: Option<Previous>,
}

/// How a span ended before a step gave it another end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Last day, ISO.
    pub valid_to: Option<String>,
    /// Code of the successor.
    pub successor: Option<String>,
}

fn check_head(today: Date, name: &str, day: Date) -> Result<(), CityError> {
    match name.trim().chars().count() {
        0 => return Err(invalid("name", "組織改正の名前を入力してください。")),
        1..=100 => {}
        _ => return Err(invalid("name", "組織改正の名前は100字までで入力してください。")),
    }
    if day <= today {
        return Err(invalid("takes_effect_on", "施行日は明日以降の日にしてください。"));
    }
    Ok(())
}

/// Begins to prepare a reorganisation. Returns its id.
///
/// # Errors
///
/// [`CityError::Invalid`] for an empty name or a day that is not in the future.
pub async fn open(
    tx: &mut Tx,
    by: &mut Editor<'_>,
    name: &str,
    takes_effect_on: Date,
    note: &str,
) -> Result<String, CityError> {
    check_head(by.today(), name, takes_effect_on)?;
    let now = by.clock.now();
    let new = Reorganisation {
        id: ids::new_id(by.clock, &mut *by.entropy),
        name: name.trim().to_owned(),
        takes_effect_on,
        stored_state: "preparing".into(),
        made_by: by.actor.to_owned(),
        note: note.trim().to_owned(),
        counter: 1,
        created_at: now,
        updated_at: now,
    };
    rows::insert(tx, &new).await?;
    by.audit(tx, "reorganisation.open", OBJECT, &new.id, &["name", "takes_effect_on", "note"]).await?;
    Ok(new.id)
}

/// A reorganisation with its steps.
pub async fn get(tx: &mut Tx, id: &str) -> Result<(Reorganisation, Vec<Step>), CityError> {
    let found = rows::get(tx, id).await?.ok_or(CityError::NotFound)?;
    let steps = rows::steps(tx, id).await?;
    Ok((found, steps))
}

/// All reorganisations, the latest day first.
pub async fn list(tx: &mut Tx) -> Result<Vec<Reorganisation>, CityError> {
    Ok(rows::all(tx).await?)
}

/// Holds the reorganisation for a change in a state, and reads it.
async fn take(
    tx: &mut Tx,
    by: &mut Editor<'_>,
    id: &str,
    state: &str,
    counter: Option<i64>,
) -> Result<(Reorganisation, Vec<Step>), CityError> {
    if !rows::advance(tx, id, state, counter, by.clock.now()).await? {
        let found = rows::get(tx, id).await?.ok_or(CityError::NotFound)?;
        if found.stored_state == state {
            return Err(CityError::Changed);
        }
        let reason = match found.stored_state.as_str() {
            "preparing" => "この組織改正はまだ予定されていません。",
            "scheduled" => "この組織改正はすでに予定されています。直すときは、先に予定を取り消してください。",
            _ => "この組織改正は取りやめになっています。新しく作ってください。",
        };
        return Err(invalid("state", reason));
    }
    get(tx, id).await
}

/// Changes name, day and note while it is being prepared.
pub async fn edit(
    tx: &mut Tx,
    by: &mut Editor<'_>,
    id: &str,
    counter: i64,
    (name, takes_effect_on, note): (&str, Date, &str),
) -> Result<(), CityError> {
    check_head(by.today(), name, takes_effect_on)?;
    take(tx, by, id, "preparing", Some(counter)).await?;
    rows::update(tx, id, name.trim(), takes_effect_on, note.trim()).await?;
    by.audit(tx, "reorganisation.edit", OBJECT, id, &["name", "takes_effect_on", "note"]).await
}

/// Refuses the first problem that a step has among the others.
async fn refuse_problems(tx: &mut Tx, day: Date, steps: &[Step], only: Option<&str>) -> Result<plan::Plan, CityError> {
    let organisation = Organisation::read(tx).await?;
    let plan = plan::plan(&organisation, day_before(day)?, day, steps);
    match plan.problems.iter().find(|p| only.is_none_or(|id| p.step == id)) {
        Some(problem) => Err(invalid(problem.field, problem.reason.clone())),
        None => Ok(plan),
    }
}

/// Adds a step at the end. Returns its id.
///
/// # Errors
///
/// [`CityError::Invalid`] with the field and a sentence if the step cannot be taken: see [`preview`].
pub async fn add_step(
    tx: &mut Tx,
    by: &mut Editor<'_>,
    id: &str,
    section: &str,
    action: StepAction,
) -> Result<String, CityError> {
    let (found, mut steps) = take(tx, by, id, "preparing", None).await?;
    let position = steps.last().map_or(1, |s| s.position + 1);
    let step_id = ids::new_id(by.clock, &mut *by.entropy);
    let new = Step { id: step_id.clone(), position, section: section.trim().to_owned(), action, previous: None };
    steps.push(new.clone());
    refuse_problems(tx, found.takes_effect_on, &steps, Some(&step_id)).await?;
    rows::insert_step(tx, id, &new).await?;
    by.audit(tx, "reorganisation.step_add", OBJECT, id, &[new.action.kind()]).await?;
    Ok(step_id)
}

/// Puts another section and action into a step.
pub async fn edit_step(
    tx: &mut Tx,
    by: &mut Editor<'_>,
    id: &str,
    counter: i64,
    (step, section, action): (&str, &str, StepAction),
) -> Result<(), CityError> {
    let (found, mut steps) = take(tx, by, id, "preparing", Some(counter)).await?;
    let place = steps.iter_mut().find(|s| s.id == step).ok_or(CityError::NotFound)?;
    section.trim().clone_into(&mut place.section);
    place.action = action;
    let edited = place.clone();
    refuse_problems(tx, found.takes_effect_on, &steps, Some(step)).await?;
    rows::update_step(tx, &edited).await?;
    by.audit(tx, "reorganisation.step_edit", OBJECT, id, &[edited.action.kind()]).await
}

/// Removes a step.
pub async fn remove_step(
    tx: &mut Tx,
    by: &mut Editor<'_>,
    id: &str,
    counter: i64,
    step: &str,
) -> Result<(), CityError> {
    let (_, steps) = take(tx, by, id, "preparing", Some(counter)).await?;
    let gone = steps.iter().find(|s| s.id == step).ok_or(CityError::NotFound)?;
    rows::delete_step(tx, step).await?;
    by.audit(tx, "reorganisation.step_remove", OBJECT, id, &[gone.action.kind()]).await
}

/// Writes the dated sections: from now on it takes effect by itself on its day.
///
/// # Errors
///
/// [`CityError::Changed`] if somebody edited it since `counter`; [`CityError::Invalid`] with the first
/// problem, without steps, or if its day has come meanwhile.
pub async fn schedule(tx: &mut Tx, by: &mut Editor<'_>, id: &str, counter: i64) -> Result<(), CityError> {
    locked(tx).await?;
    let (found, steps) = take(tx, by, id, "preparing", Some(counter)).await?;
    check_head(by.today(), &found.name, found.takes_effect_on)?;
    if steps.is_empty() {
        return Err(invalid("steps", "手順がありません。変わる課を加えてください。"));
    }
    let plan = refuse_problems(tx, found.takes_effect_on, &steps, None).await?;
    let last_day = day_before(found.takes_effect_on)?;
    for end in &plan.ends {
        let successor = end.successor.as_deref();
        section_rows::end_section(tx, &end.code, end.valid_from, Some(last_day), successor).await?;
        rows::keep_previous(tx, &end.step, Some(&end.previous)).await?;
    }
    let begins: Vec<_> = plan.begins.into_values().collect();
    section_rows::insert_sections(tx, by.clock, &mut *by.entropy, &begins).await?;
    for split in &plan.splits {
        rows::insert_split(tx, split).await?;
    }
    rows::set_state(tx, id, "scheduled").await?;
    by.audit(tx, "reorganisation.schedule", OBJECT, id, &["state"]).await
}

/// Takes a scheduled reorganisation back to preparation, before its day.
///
/// # Errors
///
/// [`CityError::Invalid`] from its day on, or if another change that was planned later rests on it.
pub async fn unschedule(tx: &mut Tx, by: &mut Editor<'_>, id: &str) -> Result<(), CityError> {
    let organisation = locked(tx).await?;
    let (found, steps) = take(tx, by, id, "scheduled", None).await?;
    let day = found.takes_effect_on;
    if day <= by.today() {
        let reason = format!(
            "この組織改正は{}に施行されました。取り消せません。もとに戻すには新しい組織改正を作ってください。",
            day_in_words(day)
        );
        return Err(invalid("state", reason));
    }
    let last_day = day_before(day)?;
    for step in &steps {
        refuse_if_built_upon(tx, &organisation, day, step, &steps).await?;
    }
    for step in &steps {
        if step.action.ends_section() {
            rows::delete_split(tx, &step.section, last_day).await?;
        } else {
            rows::delete_span(tx, &step.section, day).await?;
        }
        if let Some(previous) = &step.previous {
            rows::restore_span(tx, &step.section, last_day, previous).await?;
            rows::keep_previous(tx, &step.id, None).await?;
        }
    }
    rows::set_state(tx, id, "preparing").await?;
    changes::bump(tx, CHANGE_TOPIC).await?;
    by.audit(tx, "reorganisation.unschedule", OBJECT, id, &["state"]).await
}

/// What was planned on top of a step must be taken back before it.
async fn refuse_if_built_upon(
    tx: &mut Tx,
    organisation: &Organisation,
    day: Date,
    step: &Step,
    steps: &[Step],
) -> Result<(), CityError> {
    let code = step.section.as_str();
    let blocked = |other: &str| {
        let reason = format!("課「{other}」の、これよりあとの予定を先に取り消してください。");
        Err(invalid("state", reason))
    };
    if step.action.ends_section() {
        return Ok(());
    }
    // Of two steps for one section only the first keeps how it ended before.
    let previous = steps.iter().filter(|s| s.section == code).find_map(|s| s.previous.as_ref());
    let expected = previous.and_then(|p| p.valid_to.clone());
    let own = organisation.own(code, day);
    let as_written = own.is_some_and(|s| s.valid_from == day && s.valid_to.map(|d| d.to_string()) == expected);
    if !as_written || organisation.spans(code).iter().any(|s| s.valid_from > day) {
        return blocked(code);
    }
    if matches!(step.action, StepAction::Create(_)) {
        let heirs = rows::heirs_of(tx, code).await?;
        if let Some(other) = heirs.iter().find(|heir| !steps.iter().any(|s| s.section == **heir)) {
            return blocked(other);
        }
    }
    Ok(())
}

/// Gives up a reorganisation that is being prepared.
pub async fn cancel(tx: &mut Tx, by: &mut Editor<'_>, id: &str) -> Result<(), CityError> {
    take(tx, by, id, "preparing", None).await?;
    rows::set_state(tx, id, "cancelled").await?;
    by.audit(tx, "reorganisation.cancel", OBJECT, id, &["state"]).await
}
