//! Which menu is shown when: the one for every day, times, and emergencies. Each change tells LINE by a job that is
//! written in the same transaction.

use calendar::{Clock, Instant};
use store::{Entropy, Tx, ids, jobs};

use super::job::{KIND, LANE};
use super::plan::Kind;
use super::rows::{Menu, Plan, State};
use super::{Editor, MenuError, Problem, note, reason};
use crate::store::menu as rows;

/// Priority of a job that brings an emergency to LINE.
const URGENT: i64 = 10;

/// Writes the jobs that make true at LINE what is planned: one for now, and one for each of the instants `at`.
pub(super) async fn tell_line(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    priority: i64,
    at: &[Instant],
) -> Result<(), MenuError> {
    let now = clock.now();
    rows::wait(tx, now).await?;
    for run_at in std::iter::once(now).chain(at.iter().copied().filter(|at| *at > now)) {
        let job = jobs::NewJob { priority, run_at, ..jobs::NewJob::new(LANE, KIND, "{}", now) };
        jobs::enqueue(tx, clock, entropy, job).await?;
    }
    Ok(())
}

async fn ready(tx: &mut Tx, id: &str) -> Result<Menu, MenuError> {
    let menu = rows::get(tx, id).await?.ok_or(MenuError::NotFound)?;
    match menu.state {
        State::Ready => Ok(menu),
        _ => Err(MenuError::Form(vec![Problem::new(
            "menu",
            "このメニューには、まだ絵がありません。先に絵を作ってください。",
        )])),
    }
}

fn plan(editor: Editor<'_>, entropy: Entropy<'_>, menu: &Menu, kind: Kind) -> Plan {
    let now = editor.now();
    Plan {
        id: ids::new_id(editor.clock, entropy),
        menu: menu.id.clone(),
        kind,
        begins_at: now,
        ends_at: None,
        is_drill: false,
        reason: String::new(),
        made_by: editor.who.actor(),
        made_at: now,
        ended_at: None,
    }
}

/// Makes a menu the one that is shown when nothing else is.
pub async fn set_default(tx: &mut Tx, editor: Editor<'_>, entropy: Entropy<'_>, menu: &str) -> Result<(), MenuError> {
    editor.may()?;
    let menu = ready(tx, menu).await?;
    rows::end_kind(tx, Kind::Default, editor.now()).await?;
    rows::insert_plan(tx, &plan(editor, entropy, &menu, Kind::Default)).await?;
    note(tx, editor, entropy, "default", &menu.id, ("", &["plan"])).await?;
    tell_line(tx, editor.clock, entropy, 0, &[]).await
}

/// Plans a menu for a time. `from`: now where it is not given or is over.
pub async fn schedule(
    tx: &mut Tx,
    editor: Editor<'_>,
    entropy: Entropy<'_>,
    menu: &str,
    (from, until): (Option<Instant>, Instant),
) -> Result<(), MenuError> {
    editor.may()?;
    let menu = ready(tx, menu).await?;
    let begins_at = from.unwrap_or_else(|| editor.now()).max(editor.now());
    if until <= begins_at {
        let sentence = "終わりは、始まりと、いまの時刻より後にしてください。";
        return Err(MenuError::Form(vec![Problem::new("until_day", sentence)]));
    }
    let plan = Plan { begins_at, ends_at: Some(until), ..plan(editor, entropy, &menu, Kind::Scheduled) };
    rows::insert_plan(tx, &plan).await?;
    note(tx, editor, entropy, "schedule", &menu.id, ("", &["plan"])).await?;
    tell_line(tx, editor.clock, entropy, 0, &[begins_at, until]).await
}

/// Takes a plan back that is yet to come, or ends one that holds. An emergency ends by [`calm`].
pub async fn end(tx: &mut Tx, editor: Editor<'_>, entropy: Entropy<'_>, plan: &str) -> Result<(), MenuError> {
    editor.may()?;
    let open = rows::plans(tx, editor.now()).await?;
    let found = open.iter().find(|p| p.id == plan && p.kind != Kind::Emergency).ok_or(MenuError::NotFound)?;
    rows::end_plan(tx, &found.id, editor.now()).await?.ok_or(MenuError::NotFound)?;
    note(tx, editor, entropy, "end", &found.menu, ("", &["plan"])).await?;
    tell_line(tx, editor.clock, entropy, 0, &[]).await
}

/// What is asked for in an emergency.
#[derive(Clone, Copy, Debug)]
pub struct Emergency<'a> {
    /// The menu, one that is kept for emergencies.
    pub menu: &'a str,
    /// Why.
    pub reason: &'a str,
    /// When it ends by itself.
    pub until: Option<Instant>,
    /// Whether it is a drill.
    pub is_drill: bool,
}

/// Looks whether an emergency can begin. Returns its menu and the reason.
pub async fn look(tx: &mut Tx, editor: Editor<'_>, e: Emergency<'_>) -> Result<(Menu, String), MenuError> {
    editor.may()?;
    let wrong = |field, sentence: &str| Err(MenuError::Form(vec![Problem::new(field, sentence)]));
    let menu = match rows::get(tx, e.menu).await? {
        Some(menu) if menu.is_emergency && menu.state == State::Ready => menu,
        _ => return wrong("menu", "どの緊急メニューに切り替えるかを選んでください。"),
    };
    if e.until.is_some_and(|until| until <= editor.now()) {
        return wrong("hours", "自動で戻す時刻は、いまより後にしてください。");
    }
    Ok((menu, reason(e.reason)?))
}

/// Shows the menu of an emergency instead of whatever is planned.
pub async fn emergency(
    tx: &mut Tx,
    editor: Editor<'_>,
    entropy: Entropy<'_>,
    e: Emergency<'_>,
) -> Result<(), MenuError> {
    let (menu, reason) = look(tx, editor, e).await?;
    rows::end_kind(tx, Kind::Emergency, editor.now()).await?;
    let plan = Plan {
        ends_at: e.until,
        is_drill: e.is_drill,
        reason: reason.clone(),
        ..plan(editor, entropy, &menu, Kind::Emergency)
    };
    rows::insert_plan(tx, &plan).await?;
    let act = if e.is_drill { "drill" } else { "emergency" };
    note(tx, editor, entropy, act, &menu.id, (&reason, &["plan"])).await?;
    let until: Vec<Instant> = e.until.into_iter().collect();
    tell_line(tx, editor.clock, entropy, URGENT, &until).await
}

/// Ends an emergency: what is planned for this moment is shown again. Nothing happens where there is none.
pub async fn calm(tx: &mut Tx, editor: Editor<'_>, entropy: Entropy<'_>) -> Result<(), MenuError> {
    editor.may()?;
    let open = rows::plans(tx, editor.now()).await?;
    let Some(on) = open.iter().find(|p| p.kind == Kind::Emergency) else { return Ok(()) };
    rows::end_kind(tx, Kind::Emergency, editor.now()).await?;
    note(tx, editor, entropy, "calm", &on.menu, ("", &["plan"])).await?;
    tell_line(tx, editor.clock, entropy, URGENT, &[]).await
}

/// Tells LINE once more, after it refused.
pub async fn attempt(tx: &mut Tx, editor: Editor<'_>, entropy: Entropy<'_>) -> Result<(), MenuError> {
    editor.may()?;
    note(tx, editor, entropy, "attempt", "", ("", &[])).await?;
    tell_line(tx, editor.clock, entropy, 0, &[]).await
}
