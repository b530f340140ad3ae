//! `/sends/staff`: whose LINE of the staff gets trials. Somebody puts their own on the list by the number that stands
//! on the page of their choices in LINE: whoever holds the telephone alone can read it.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use line_account::link;
use outreach::recipient::{self, Channel, Recipient, RecipientState};
use store::audit;

use super::{lang_name, need_any};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::answers::who;
use crate::staff::fields::StaffForm;
use crate::staff::form::{Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::shown::Names;

struct Row {
    id: String,
    /// Who put it on the list.
    who: String,
    since: String,
    lang: &'static str,
}

#[derive(Template)]
#[template(path = "staff/sends/testers.html")]
struct TestersPage {
    frame: Frame,
    form: Form,
    rows: Vec<Row>,
    has_line: bool,
}

async fn row(tx: &mut store::Tx, frame: &Frame, names: &Names, found: Recipient) -> Result<Row, Failure> {
    let filter = audit::Filter {
        object_kind: Some("outreach_recipient"),
        object: Some(&found.id),
        action: Some("outreach.staff_test"),
        ..Default::default()
    };
    let last = audit::list(tx, &filter, 1).await?.into_iter().next();
    Ok(Row {
        who: last.as_ref().map_or_else(|| "—".to_owned(), |e| who(names, &e.actor)),
        since: last.as_ref().map_or_else(|| "—".to_owned(), |e| frame.moment(&e.at)),
        lang: lang_name(found.lang),
        id: found.id,
    })
}

async fn page(staff: &Staff, form: Form) -> Result<TestersPage, Failure> {
    let frame = staff.frame("sends");
    let mut tx = staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    let mut rows = Vec::new();
    for found in recipient::staff_test(&mut tx, Channel::Line).await? {
        rows.push(row(&mut tx, &frame, &names, found).await?);
    }
    drop(tx);
    Ok(TestersPage { frame, form, rows, has_line: staff.city.line.is_some() })
}

/// `/sends/staff`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    need_any(&staff)?;
    show(&page(&staff, Form::new("tester")).await?)
}

/// `POST /sends/staff`: one's own LINE is put on the list, or one is taken off it.
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    need_any(&staff)?;
    let (clock, actor) = (staff.app.clock.as_ref(), staff.who.actor());
    let mut tx = staff.city.db.write().await?;
    if let Some(id) = fields.optional("remove") {
        // The list alone: nothing is told or written of other recipients.
        let on_list = recipient::staff_test(&mut tx, Channel::Line).await?.iter().any(|r| r.id == id);
        if !on_list {
            return Err(Failure::not_found());
        }
        recipient::set_staff_test(&mut tx, clock, &actor, id, false).await?;
        tx.commit().await?;
        return Ok(Redirect::to("/sends/staff?done=ended").into_response());
    }
    let found = match fields.optional("key") {
        Some(key) => link::by_pass(&mut tx, clock, key).await?,
        None => None,
    };
    match found {
        Some(found) if found.state == RecipientState::Active => {
            recipient::set_staff_test(&mut tx, clock, &actor, &found.id, true).await?;
            tx.commit().await?;
            Ok(Redirect::to("/sends/staff?done=tester-added").into_response())
        }
        _ => {
            drop(tx);
            let mut form = Form::sent("tester", &fields);
            form.wrong(
                "key",
                "この番号のLINEが見つかりません。番号は1時間で使えなくなります。LINEで「お知らせを選ぶ」を押し直して、新しい番号を入れてください。",
            );
            show_wrong(&page(&staff, form).await?)
        }
    }
}
