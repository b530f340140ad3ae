//! `/jobs`: work in the background, what is stuck, and its repetition.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use store::audit::{self, Event};
use store::jobs::{self, Filter, Listed};

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;

/// Rows of a page.
const ROWS: usize = 50;
/// States in the order of the page's columns.
pub(super) const STATES: [(&str, &str); 6] = [
    ("dead", "止まった"),
    ("running", "実行中"),
    ("ready", "待ち"),
    ("waiting", "ほかの仕事を待っている"),
    ("done", "完了"),
    ("cancelled", "取り消し"),
];

/// What kinds of jobs are called; one that is not here is shown by its code.
const KINDS: &[(&str, &str)] = &[
    ("message.send", "メールを送る"),
    ("question.assign", "質問の担当課を決める"),
    ("knowledge.daily", "毎朝の見直し"),
    ("contact.golden", "自動応答の試験"),
    ("contact.recall", "訂正のお知らせを終える"),
    ("contact.recall_part", "訂正を伝える"),
    ("retention.daily", "残す日数を過ぎた記録を消す"),
    ("inquiry.remind", "照会の期限を知らせる"),
];
/// What lanes are called.
const LANES: &[(&str, &str)] = &[("knowledge", "FAQと質問"), ("access", "照会"), ("mail", "メール")];

struct LaneRow {
    lane: String,
    counts: Vec<(&'static str, i64)>,
}

#[derive(Template)]
#[template(path = "staff/jobs.html")]
struct JobsPage {
    frame: Frame,
    lanes: Vec<LaneRow>,
    states: [(&'static str, &'static str); 6],
    lane: String,
    state: String,
    jobs: Vec<Listed>,
    next: Option<String>,
}

impl JobsPage {
    fn kind_name<'a>(&self, kind: &'a str) -> &'a str {
        KINDS.iter().find(|(code, _)| *code == kind).map_or(kind, |(_, name)| name)
    }

    fn lane_name<'a>(&self, lane: &'a str) -> &'a str {
        LANES.iter().find(|(code, _)| *code == lane).map_or(lane, |(_, name)| name)
    }

    fn state_name(&self, state: &str) -> &'static str {
        STATES.iter().find(|(code, _)| *code == state).map_or("ほか", |(_, name)| name)
    }
}

pub(crate) async fn get(staff: Staff, Query(query): Query<Vec<(String, String)>>) -> Result<Response, Failure> {
    let fields = Fields::from_pairs(query);
    let mut tx = staff.city.db.read().await?;
    let mut lanes: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for lane in jobs::lanes(&mut tx).await? {
        lanes.entry(lane.lane).or_default().insert(lane.state, lane.jobs);
    }
    let filter =
        Filter { lane: fields.optional("lane"), state: fields.optional("state"), before: fields.optional("before") };
    let mut found = jobs::list(&mut tx, filter, ROWS as i64 + 1).await?;
    let next = (found.len() > ROWS).then(|| found[ROWS - 1].id.clone());
    found.truncate(ROWS);
    let lanes = lanes.into_iter().map(|(lane, counts)| LaneRow {
        lane,
        counts: STATES.iter().map(|(code, _)| (*code, counts.get(*code).copied().unwrap_or(0))).collect(),
    });
    show(&JobsPage {
        lanes: lanes.collect(),
        states: STATES,
        lane: fields.get("lane").to_owned(),
        state: fields.get("state").to_owned(),
        jobs: found,
        next,
        frame: staff.frame("admin"),
    })
}

/// Gives a dead letter new attempts.
pub(crate) async fn repeat(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let clock = staff.app.clock.as_ref();
    let mut tx = staff.city.db.write().await?;
    if !jobs::revive(&mut tx, clock, &id).await? {
        return Err(missing(jobs::get(&mut tx, &id).await?.is_some()));
    }
    note(&mut tx, &staff, "job.repeat", &id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/jobs?done=repeated").into_response())
}

/// Stops a job that waits, or asks one that runs to stop.
pub(crate) async fn cancel(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let clock = staff.app.clock.as_ref();
    let mut tx = staff.city.db.write().await?;
    let job = jobs::get(&mut tx, &id).await?.ok_or_else(Failure::not_found)?;
    if !["ready", "running", "waiting"].contains(&job.state.as_str()) {
        return Err(missing(true));
    }
    jobs::cancel(&mut tx, clock, &id).await?;
    note(&mut tx, &staff, "job.cancel", &id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/jobs?done=cancelled").into_response())
}

fn missing(is_there: bool) -> Failure {
    if is_there { Failure::new(axum::http::StatusCode::CONFLICT) } else { Failure::not_found() }
}

async fn note(tx: &mut store::Tx, staff: &Staff, action: &str, id: &str) -> Result<(), Failure> {
    let event = Event { actor: &staff.who.actor(), action, object_kind: "job", object: id, fields: &["state"] };
    Ok(audit::record(tx, staff.app.clock.as_ref(), event).await?)
}
