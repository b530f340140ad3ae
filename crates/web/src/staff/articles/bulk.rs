//! Many articles at once: checked again, given to another section, dates set.

use axum::response::{IntoResponse, Redirect, Response};
use knowledge::{KnowledgeError, upkeep};

use super::query::Asked;
use super::views::with_done;
use super::{Returned, again};
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::gate::Staff;
use crate::staff::lists::desk_of;

/// Does what the button says with the marked articles; the notice to show.
async fn act(staff: &Staff, fields: &Fields, codes: &[String]) -> Result<&'static str, KnowledgeError> {
    let organisation = staff.city.organisation();
    let desk = desk_of(staff, &organisation);
    let day = |name| fields.date(name).map_err(KnowledgeError::Rule);
    let mut tx = staff.city.db.write().await?;
    let mut done = "saved";
    match fields.get("act") {
        "recheck" => {
            let mut entropy = (staff.app.entropy)();
            let outcome = upkeep::recheck(&mut tx, &desk, entropy.as_mut(), codes).await?;
            done = if outcome.submitted.is_empty() { "rechecked" } else { "submitted" };
        }
        "section" => {
            let to = fields
                .optional("to_section")
                .ok_or_else(|| KnowledgeError::Rule("どの課に移すかを選んでください。".into()))?;
            upkeep::change_section(&mut tx, &desk, codes, to).await?;
        }
        "review" => {
            let due =
                day("review_due")?.ok_or_else(|| KnowledgeError::Rule("見直し期限の日付を入れてください。".into()))?;
            upkeep::set_review_due(&mut tx, &desk, codes, due).await?;
        }
        "end" => {
            let last =
                day("valid_to")?.ok_or_else(|| KnowledgeError::Rule("掲載終了日の日付を入れてください。".into()))?;
            upkeep::set_valid_to(&mut tx, &desk, codes, Some(last)).await?;
        }
        "no-end" => {
            upkeep::set_valid_to(&mut tx, &desk, codes, None).await?;
        }
        _ => return Err(KnowledgeError::Rule("行う操作のボタンを押してください。".into())),
    }
    tx.commit().await?;
    Ok(done)
}

/// `POST /articles/bulk`
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let asked = Asked::read(fields.get("query"));
    let codes: Vec<String> = fields.all("code").into_iter().map(str::to_owned).collect();
    let (reason, refused) = match act(&staff, &fields, &codes).await {
        Ok(done) => {
            // The list that follows shows what was done, not what the library held a moment ago.
            staff.city.library.refresh(&staff.city.db).await?;
            return Ok(Redirect::to(&with_done(&asked, done)).into_response());
        }
        Err(KnowledgeError::Rule(reason)) => (reason, Vec::new()),
        Err(KnowledgeError::Bulk(refused)) => {
            (format!("{}件が変えられないため、どれも変えていません。", refused.len()), refused)
        }
        Err(other) => return Err(other.into()),
    };
    let values = ["to_section", "review_due", "valid_to"].map(|name| (name, fields.raw(name).to_owned()));
    let returned =
        Returned { marked: codes, reason: Some(reason), refused, values: values.into(), ..Returned::default() };
    again(&staff, asked, returned).await
}
