//! Filters of the list that a person keeps under a name.

use access::store::saved_view::{self, SavedView};
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use store::{audit, ids};

use super::query::Asked;
use super::{Returned, again};
use crate::errors::Failure;
use crate::staff::fields::StaffForm;
use crate::staff::gate::Staff;

/// The page to which the views belong.
pub(super) const PAGE: &str = "articles";
/// Longest name, in characters.
const MAX_NAME: usize = 40;
/// Most views that a person keeps for the page.
const MOST: usize = 30;

async fn note(staff: &Staff, tx: &mut store::Tx, action: &str, id: &str) -> Result<(), Failure> {
    let actor = staff.who.actor();
    let event = audit::Event { actor: &actor, action, object_kind: "view", object: id, fields: &["name", "query"] };
    Ok(audit::record(tx, staff.app.clock.as_ref(), event).await?)
}

/// Keeps the filters as they are.
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let asked = Asked::read(fields.get("query"));
    let name: String = fields.get("name").chars().filter(|c| !c.is_control()).collect();
    let mut tx = staff.city.db.write().await?;
    let there = saved_view::of_page(&mut tx, &staff.who.account, PAGE).await?;
    let wrong = if name.is_empty() {
        Some("名前を入れてください。あとで選ぶときの目じるしになります。".to_owned())
    } else if name.chars().count() > MAX_NAME {
        Some(format!("名前は{MAX_NAME}文字までです。短くしてください。"))
    } else if there.len() >= MOST {
        Some(format!("残せるのは{MOST}個までです。使わないものを消してください。"))
    } else {
        None
    };
    if let Some(reason) = wrong {
        drop(tx);
        let returned = Returned {
            view: Some(reason),
            values: vec![("name", fields.raw("name").to_owned())],
            ..Returned::default()
        };
        return again(&staff, asked, returned).await;
    }
    let mut entropy = (staff.app.entropy)();
    let id = ids::new_id(staff.app.clock.as_ref(), entropy.as_mut());
    let view = SavedView { id, name, query: asked.query() };
    saved_view::insert(&mut tx, &staff.who.account, PAGE, &view, staff.visit.now).await?;
    note(&staff, &mut tx, "view.add", &view.id).await?;
    tx.commit().await?;
    Ok(Redirect::to(&with_done(&asked, "saved")).into_response())
}

/// Lets a view go.
pub(crate) async fn remove(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    if !saved_view::remove(&mut tx, &staff.who.account, &id).await? {
        return Err(Failure::not_found());
    }
    note(&staff, &mut tx, "view.remove", &id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/articles?done=removed").into_response())
}

/// The list as it was, with a notice.
pub(super) fn with_done(asked: &Asked, done: &str) -> String {
    match asked.query() {
        query if query.is_empty() => format!("/articles?done={done}"),
        query => format!("/articles?{query}&done={done}"),
    }
}
