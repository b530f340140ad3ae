//! Two changes of the same text brought together: another person saved first, or the published article moved on.

use access::Action;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use knowledge::{Field, KnowledgeError, compare, draft, revision};

use super::save::edit_of;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::articles::or_untitled;
use crate::staff::fields::StaffForm;
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::desk_of;
use crate::staff::shown::{Difference, Names, differences, in_words, label};

/// A field that stands differently in both.
struct Choice {
    name: String,
    label: String,
    lang: &'static str,
    theirs: String,
    mine: String,
}

#[derive(Template)]
#[template(path = "staff/drafts/rescue.html")]
struct RescuePage {
    frame: Frame,
    id: String,
    rescue: String,
    edit: i64,
    question: String,
    at: String,
    by: String,
    their_at: String,
    writable: bool,
    choices: Vec<Choice>,
}

/// `/drafts/{id}/rescues/{rescue}`
pub(crate) async fn rescue(staff: Staff, Path((id, rescue)): Path<(String, String)>) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let frame = staff.frame("articles");
    let mut tx = staff.city.db.read().await?;
    let draft = draft::get(&mut tx, &desk, &id).await?;
    let kept = draft::rescues(&mut tx, &desk, &id).await?;
    let kept = kept.into_iter().find(|r| r.id == rescue).ok_or_else(Failure::not_found)?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let choice = |change: compare::FieldChange| {
        let lang = change.lang.unwrap_or(Lang::Ja);
        let value = |content| in_words(&frame, change.field, &change.field.value(content, lang));
        Choice {
            name: format!("take.{}.{}", change.field.code(), lang.code()),
            label: label(change.field, change.lang),
            lang: lang.html(),
            theirs: value(&draft.content),
            mine: value(&kept.content),
        }
    };
    show(&RescuePage {
        question: or_untitled(&draft.content.text(Lang::Ja).0.question),
        choices: compare::compare(&draft.content, &kept.content).into_iter().map(choice).collect(),
        edit: draft.edit,
        at: frame.moment(&kept.at),
        by: names.of(&draft.updated_by),
        their_at: frame.moment(&draft.updated_at),
        writable: draft.state.is_writable(),
        id,
        rescue,
        frame,
    })
}

/// Takes the chosen fields over.
pub(crate) async fn post_rescue(
    Path((id, rescue)): Path<(String, String)>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut chosen = Vec::new();
    for lang in Lang::ALL {
        for field in Field::TEXT.into_iter().chain(Field::SHARED) {
            if fields.get(&format!("take.{}.{}", field.code(), lang.code())) == "mine" {
                chosen.push((field, lang));
            }
        }
    }
    let mut tx = staff.city.db.write().await?;
    draft::get(&mut tx, &desk, &id).await?;
    let edit = edit_of(&fields)?;
    match draft::merge_rescue(&mut tx, &desk, &rescue, edit, &chosen).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/drafts/{id}?done=saved")).into_response())
        }
        // Somebody saved again: both are shown anew.
        Err(KnowledgeError::Changed) => Ok(Redirect::to(&format!("/drafts/{id}/rescues/{rescue}")).into_response()),
        Err(other) => Err(other.into()),
    }
}

/// Lets what could not be saved go.
pub(crate) async fn remove_rescue(
    Path((id, rescue)): Path<(String, String)>,
    StaffForm(staff, _): StaffForm,
) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    draft::discard_rescue(&mut tx, &desk, &rescue).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/drafts/{id}?done=removed")).into_response())
}

#[derive(Template)]
#[template(path = "staff/drafts/rebase.html")]
struct RebasePage {
    frame: Frame,
    id: String,
    question: String,
    base: i64,
    published: i64,
    /// Fields that both changed, each in its own way.
    both: Vec<String>,
    theirs: Vec<Difference>,
    differences: Vec<Difference>,
    may_write: bool,
}

/// `/drafts/{id}/rebase`: what the published article and the 原稿 changed since they were the same.
pub(crate) async fn rebase(staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let frame = staff.frame("articles");
    let mut tx = staff.city.db.read().await?;
    let draft = draft::get(&mut tx, &desk, &id).await?;
    let article = match &draft.article {
        Some(id) => knowledge::store::article::get(&mut tx, id).await?,
        None => None,
    };
    let Some(article) = article.filter(|a| a.version != draft.base_version) else {
        return Ok(Redirect::to(&format!("/drafts/{id}")).into_response());
    };
    let base = revision::version(&mut tx, &article.code, draft.base_version).await?.content;
    drop(tx);
    // The day of the check is set by the approval; nobody wrote it.
    let mut mine = draft.content.clone();
    mine.checked_on = base.checked_on;
    let both = compare::merge(&base, &article.content, &mut mine.clone());
    show(&RebasePage {
        question: or_untitled(&draft.content.text(Lang::Ja).0.question),
        base: draft.base_version,
        published: article.version,
        both: both.into_iter().map(|(f, lang)| label(f, f.in_text().then_some(lang))).collect(),
        theirs: differences(&frame, &base, &article.content),
        differences: differences(&frame, &base, &mine),
        may_write: draft.state.is_writable() && desk.may_with(Action::ArticleWrite, &draft),
        id,
        frame,
    })
}

/// Puts the 原稿 on the version that is published.
pub(crate) async fn post_rebase(
    Path(id): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    draft::get(&mut tx, &desk, &id).await?;
    let published = fields
        .get("published")
        .parse()
        .map_err(|_| Failure::refused("画面が古いため受け取れません。画面を読み込み直してください。".into()))?;
    draft::rebase(&mut tx, &desk, &id, published).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/drafts/{id}?done=imported")).into_response())
}
