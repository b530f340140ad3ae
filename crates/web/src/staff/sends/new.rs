//! `/sends/new`: a new send.

use access::Action;
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use outreach::sending as sends;

use super::address;
use super::editor::{self, Editor};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::StaffForm;
use crate::staff::form::{Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;

#[derive(Template)]
#[template(path = "staff/sends/new.html")]
struct NewPage {
    frame: Frame,
    editor: Editor,
    has_line: bool,
}

async fn page(staff: &Staff, form: Form) -> Result<NewPage, Failure> {
    let editor = Editor::new(staff, None, form).await?;
    Ok(NewPage { frame: staff.frame("sends"), editor, has_line: staff.city.line.is_some() })
}

/// `/sends/new`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    let own = staff.who.sections.iter().find(|s| staff.who.may_in(Action::SendWrite, s)).cloned();
    let form = Form::new("send").with("section", own.unwrap_or_default());
    show(&page(&staff, form).await?)
}

/// `POST /sends`
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let mut form = Form::sent("send", &fields);
    match editor::typed(&fields) {
        Err(refused) => refused.onto(&mut form)?,
        Ok(draft) => {
            if !draft.section.is_empty() {
                staff.need(Action::SendWrite, &draft.section)?;
            }
            let mut entropy = (staff.app.entropy)();
            let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
            match sends::draft(db, clock, entropy.as_mut(), &staff.who.account, &draft).await {
                Ok(made) => return Ok(Redirect::to(&format!("{}?done=send-saved", address(&made))).into_response()),
                Err(error) => editor::onto(error, &draft, &mut form)?,
            }
        }
    }
    show_wrong(&page(&staff, form).await?)
}

/// `POST /sends/{number}`: what is said or to whom is changed; what was planned no longer holds.
pub(crate) async fn change(
    axum::extract::Path(number): axum::extract::Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let old = super::find_for(&staff, &number, Action::SendWrite).await?;
    let mut form = Form::sent("send", &fields);
    match editor::typed(&fields) {
        Err(refused) => refused.onto(&mut form)?,
        Ok(draft) => {
            if !draft.section.is_empty() {
                staff.need(Action::SendWrite, &draft.section)?;
            }
            let version = fields.get("version").parse().unwrap_or(0);
            let mut entropy = (staff.app.entropy)();
            let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
            match sends::change(db, clock, entropy.as_mut(), &staff.who.account, &old.id, version, &draft).await {
                Ok(made) => {
                    let was_draft = old.state == sends::State::Draft;
                    let done = if was_draft { "send-saved" } else { "send-draft-again" };
                    return Ok(Redirect::to(&format!("{}?done={done}", address(&made))).into_response());
                }
                Err(error) => editor::onto(error, &draft, &mut form)?,
            }
        }
    }
    super::one::show_form(&staff, &number, form).await
}
