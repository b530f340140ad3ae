//! 原稿 on the staff's face: which there are, and a new one.

pub(crate) mod decide;
pub(crate) mod form;
pub(crate) mod live;
pub(crate) mod merge;
pub(crate) mod one;
pub(crate) mod save;

use access::Action;
use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use knowledge::draft::{self, DraftHead, Opening, State};
use serde::Deserialize;

use super::articles::{Choice, or_untitled, section_choices};
use super::fields::StaffForm;
use super::frame::Frame;
use super::gate::Staff;
use super::shown::Names;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::lists::desk_of;

/// Which tab is open.
#[derive(Deserialize)]
pub(crate) struct Tab {
    #[serde(default)]
    state: String,
}

struct TabView {
    code: &'static str,
    label: &'static str,
    count: usize,
    current: bool,
}

struct Row {
    id: String,
    question: String,
    is_new: bool,
    section: String,
    state: &'static str,
    tone: &'static str,
    by: String,
    at: String,
}

#[derive(Template)]
#[template(path = "staff/drafts/list.html")]
struct DraftsPage {
    frame: Frame,
    tabs: Vec<TabView>,
    rows: Vec<Row>,
    empty: &'static str,
    sections: Vec<Choice>,
}

/// Colour of a state's tag.
pub(crate) fn tone(state: State) -> &'static str {
    match state {
        State::Submitted => "warn",
        State::Returned => "bad",
        State::Published => "ok",
        State::Discarded => "dim",
        State::Writing => "",
    }
}

/// `/drafts`
pub(crate) async fn get(staff: Staff, Query(tab): Query<Tab>) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let frame = staff.frame("articles");
    let mut tx = staff.city.db.read().await?;
    let mut heads = desk.visible(draft::heads(&mut tx).await?);
    let wrote = draft::written_in(&mut tx, &desk).await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    heads.sort_by_key(|d| std::cmp::Reverse(d.updated_at));
    let mine = |d: &DraftHead| {
        d.state == State::Submitted && desk.may(Action::ArticleApprove, &d.section) && !wrote.contains(&d.id)
    };
    let fits = |code: &str, d: &DraftHead| match code {
        "mine" => mine(d),
        code => d.state.code() == code,
    };
    let may_approve = staff.who.may(Action::ArticleApprove);
    let known: Vec<(&'static str, &'static str, &'static str)> = vec![
        (
            "writing",
            "書きかけ",
            "書きかけの原稿はありません。FAQの一覧で記事を開いて「直す」を押すか、新しく書いてください。",
        ),
        ("submitted", "承認待ち", "承認を待っている原稿はありません。"),
        ("returned", "差し戻し", "差し戻された原稿はありません。"),
        ("mine", "自分が承認できるもの", "いま承認できる原稿はありません。出されると、ここに出ます。"),
    ];
    let known: Vec<_> = known.into_iter().filter(|(code, ..)| *code != "mine" || may_approve).collect();
    let waiting = may_approve && heads.iter().any(mine);
    let usual = if waiting { "mine" } else { "writing" };
    let code = known.iter().map(|k| k.0).find(|code| *code == tab.state).unwrap_or(usual);
    let rows = heads.iter().filter(|d| fits(code, d)).map(|d| Row {
        id: d.id.clone(),
        question: or_untitled(&d.question),
        is_new: d.article.is_none(),
        section: frame.section(&d.section),
        state: d.state.name(),
        tone: tone(d.state),
        by: names.of(&d.updated_by),
        at: frame.moment(&d.updated_at),
    });
    show(&DraftsPage {
        rows: rows.collect(),
        empty: known.iter().find(|k| k.0 == code).map_or("", |k| k.2),
        tabs: known
            .iter()
            .map(|(c, label, _)| TabView {
                code: c,
                label,
                count: heads.iter().filter(|d| fits(c, d)).count(),
                current: *c == code,
            })
            .collect(),
        sections: section_choices(&staff, Some(Action::ArticleWrite), staff.who.sections.first().map_or("", |s| s)),
        frame,
    })
}

/// A new article.
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let section = fields.get("section");
    if section.is_empty() {
        return Err(Failure::refused("どの課のFAQかを選んでください。".into()));
    }
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let draft = draft::open(&mut tx, &desk, entropy.as_mut(), Opening::New { section }).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/drafts/{}", draft.id)).into_response())
}
